"""The delegate's desk: what is coming, what was attended, the calendar, the profile."""

from datetime import date, timedelta

import icalendar
import pytest
from django.db import transaction
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts import actions as accounts
from convening.models import Answer, CalendarFeed, Recipient
from law import sitting
from meetings.actions import ledger, preparing
from meetings.models import Meeting
from members.models import Person, Role
from tests.cast import PASSWORD, end, make_account, make_mandate, make_role
from tests.convening.desk import opened_and_closed
from tests.convening.sent import NOW, Sent
from tests.costs import queries
from tests.words import text, unsaid


@pytest.fixture
def claire(sent, client_of):
    return client_of(sent.cast.delegate)


DESK, PROFILE = reverse("convening:desk"), reverse("convening:profile")


def held(sent: Sent, on: date, *events: sitting.Event) -> Meeting:
    """A sitting that was held that day, everything else left out."""
    by, when = sent.cast.secretariat, {"held_on": on, "starts_at": sent.meeting.starts_at}
    meeting = preparing.create_meeting(body=sent.cast.comite, **when, by=by)
    return opened_and_closed(meeting, *events, by=by)


# --- What is coming ---------------------------------------------------------------------------


def test_what_is_coming_with_one_touch_to_answer(sent, claire):
    when = {"held_on": sent.meeting.held_on, "starts_at": sent.meeting.starts_at}
    preparing.create_meeting(body=sent.cast.bureau, **when, by=None)  # where she does not sit
    page = claire.get(DESK)
    assert len(page.context["coming"]) == 1
    when = 'Mardi<span class="visually-hidden"> 8 décembre 2026</span> à 19 h'
    assert unsaid(text(page), when, "Je viens") == []
    address = reverse("convening:sitting_answer", args=[sent.meeting.pk])
    claire.post(address, {"word": "present"})
    assert "Vous venez." in text(claire.get(DESK))
    Meeting.objects.update(convened_on=None)
    shown = text(claire.get(DESK))
    assert "La convocation n’est pas encore partie." in shown and "Je viens" not in shown
    # The page of the sitting asked « Serez-vous là ? » of what the first page said had not left.
    asked = text(claire.get(reverse("convening:sitting", args=[sent.meeting.pk])))
    assert "Vous venez." in asked  # what was answered stays
    Answer.objects.update(lapsed_at=NOW)
    asked = text(claire.get(reverse("convening:sitting", args=[sent.meeting.pk])))
    assert "La convocation n’est pas encore partie" in asked
    assert "Serez-vous là" not in asked and "Je viens" not in asked


@pytest.mark.usefixtures("own_directory")
def test_a_convocation_of_which_no_day_is_noted_is_answered_by_who_has_it(
    cast, convened, client_of, time_machine
):
    """« La convocation n’est pas encore remise » alone stood there, then beside « Vous venez »."""
    Recipient.objects.update(state=Recipient.State.KEPT, sent_at=None)
    time_machine.move_to(convened.dispatched_at)
    claire, pk = client_of(cast.delegate), convened.meeting_id
    there = reverse("convening:sitting", args=[pk])
    shown = claire.get(DESK).text
    told = ("La convocation n’est pas encore remise", f'href="{there}">Répondre, si vous l’avez')
    assert unsaid(shown, *told, "Je viens") == ["Je viens"]
    claire.post(reverse("convening:sitting_answer", args=[pk]), {"word": "present"})
    shown, told = claire.get(DESK).text, ("Vous venez.", "Changer de réponse", "pas encore remise")
    assert unsaid(shown, *told) == ["pas encore remise"]


def test_a_sitting_that_is_open_offers_no_page_that_answers_no_more(sent, claire, settings):
    """« Suppléant, pouvoir, question » led to a page that was closed, and « Une question ? »
    stood there without a form."""
    page = reverse("convening:sitting", args=[sent.meeting.pk])
    asks = "Suppléant, pouvoir, question"
    assert asks in text(claire.get(DESK)) and "Une question ?" in text(claire.get(page))
    Meeting.objects.filter(pk=sent.meeting.pk).update(stage=Meeting.Stage.OPEN)
    assert asks not in text(claire.get(DESK))
    shown = text(claire.get(page))
    assert "Une question ?" not in shown and 'id="questions"' not in shown
    settings.ABOUT = settings.ABOUT | {"email": "seances@brume.example"}
    assert unsaid(text(claire.get(page)), "Le secrétariat", "mailto:seances@brume.example") == []


def test_what_was_said_in_words(sent, claire):
    replaced, carried = "Mme Gaëlle GARNIER", "M. Denis DUVAL"
    given, lent = "claire excuse +gaelle", "claire excuse >denis"
    for said, words in (
        ([given], f"{replaced} est sollicitée pour siéger à votre place."),
        ([given, "gaelle present"], f"{replaced} siège à votre place."),
        ([given, "gaelle excuse"], f"et {replaced} non plus."),
        ([lent], f"{carried} porte votre pouvoir."),
        ([lent, "denis excuse"], f"{carried} ne pourra pas porter votre pouvoir."),
        (["alice excuse >claire"], "Vous portez le pouvoir de Mme Alice ARNAUD."),
    ):
        with transaction.atomic():
            sent.hears(*said)
            assert words in text(claire.get(DESK))
            transaction.set_rollback(True)


def test_the_desk_costs_the_same_with_more_sittings(sent, claire):
    def plan(*days: int) -> None:
        usual = {"starts_at": sent.meeting.starts_at, "convened_on": date(2026, 12, 1)}
        for day in days:
            coming = {"held_on": date(2026, 12, day), "by": sent.cast.secretariat}
            preparing.create_meeting(body=sent.cast.comite, **coming, **usual)

    held(sent, date(2026, 10, 6))
    sent.hears("claire excuse +gaelle")
    plan(14)
    claire.get(DESK)  # files what each sitting waits for
    first = queries(lambda: claire.get(DESK))
    for month, day in ((6, 9), (7, 7), (9, 8)):
        held(sent, date(2026, month, day))
    plan(15, 16)
    claire.get(DESK)
    assert queries(lambda: claire.get(DESK)) == first <= 40


def test_an_account_that_is_nobody_is_told_whom_to_ask(sent, client_of):
    user = make_account("inconnu@brume.example")
    make_role(user, sent.cast.organisation, Role.Kind.DELEGATE)
    assert "relié à aucune fiche" in text(client_of(user).get(DESK))
    assert client_of(user).get(PROFILE).status_code == 302


def test_an_account_that_was_invited_is_asked_who_it_is_where_it_comes_in(sent, client_of):
    """An invitation asks its holder to agree to be that person: he is led there, not to somebody
    else."""
    cast = sent.cast
    made = make_account("bruno.besson@brume.example")
    make_role(made, cast.organisation, Role.Kind.DELEGATE)
    request = RequestFactory().get("/")
    accounts.ask_link(cast.bruno, made, by=cast.administration, request=request, at=timezone.now())
    bruno = client_of(made)
    page = text(bruno.get(DESK))
    assert "Êtes-vous Bruno BESSON" in page
    where = reverse("accounts:link", args=[cast.bruno.link_requests.get().pk])
    assert f'href="{where}"' in page
    bruno.post(where, {"accord": "oui"})
    assert "M. Bruno BESSON" in text(bruno.get(DESK))


def test_it_is_where_a_delegate_comes_in_and_nobody_else(sent, client):
    for user, where in ((sent.cast.delegate, DESK), (sent.cast.secretariat, reverse("home"))):
        user.set_password(PASSWORD)
        user.save()
        data = {"username": user.email, "password": PASSWORD}
        came = client.post(reverse("accounts:login"), data, follow=True)
        assert came.request["PATH_INFO"] == where
        page = client.get(reverse("home"), follow=True).content.decode()
        assert (f'href="{DESK}"' in page) is (where == DESK)  # in the menu
        client.logout()


# --- What was attended ------------------------------------------------------------------------

CLAIRE, GAELLE = "claire-caron", "gaelle-garnier"
CAME, STOOD_IN = sitting.Arrived(member=CLAIRE), sitting.Arrived(member=GAELLE)
SEATED = sitting.SeatTaken(substitute=GAELLE, titular=CLAIRE)
CARRIED = sitting.ProxyGiven(giver="elsa-evrard", holder=CLAIRE)
ATTENDED = {
    "Présente": [CAME],
    "Absente": [],
    "Excusée": [sitting.Excused(member=CLAIRE)],
    "Remplacée par Gaëlle GARNIER": [STOOD_IN, SEATED],
    "Représentée par Alice ARNAUD": [sitting.ProxyGiven(giver=CLAIRE, holder="alice-arnaud")],
    "Pouvoir reçu : Elsa EVRARD": [CAME, CARRIED],
}


@pytest.mark.parametrize(("words", "events"), ATTENDED.items(), ids=ATTENDED)
def test_past_attendance_as_the_ledger_tells_it(sent, claire, events, words):
    held(sent, date(2026, 10, 6), *events)
    assert words in text(claire.get(reverse("convening:attendance")))


def test_a_late_arrival_an_early_departure_and_proxies_given_and_received(sent, claire):
    meeting = held(sent, date(2026, 10, 6), CARRIED)
    at = meeting.scheduled_for
    came = sitting.Arrived(member=CLAIRE, at=at + timedelta(minutes=10))
    left = sitting.Left(member=CLAIRE, at=at + timedelta(minutes=40))
    ledger.record(meeting, came, left, by=sent.cast.secretariat)
    shown = text(claire.get(reverse("convening:attendance")))
    assert "Présente à partir de 19 h 10 jusqu’à 19 h 40" in shown
    sent.hears("claire excuse >denis")
    desk = text(claire.get(DESK))
    for told in ("M. Denis DUVAL porte votre pouvoir.", "Pouvoir reçu : Elsa EVRARD"):
        assert told in desk


@pytest.mark.parametrize(
    ("stage", "is_coming"),
    [(Meeting.Stage.OPEN, True), (Meeting.Stage.CLOSED, False), (Meeting.Stage.ISSUED, False)],
)
def test_a_sitting_that_is_over_is_not_to_come_on_the_evening_of_its_day(
    sent, claire, stage, is_coming
):
    """« Levée », said the page of a sitting that it announced."""
    Meeting.objects.update(stage=stage, held_on=timezone.localdate())
    assert bool(claire.get(DESK).context["coming"]) is is_coming


# --- The calendar -----------------------------------------------------------------------------


@pytest.fixture
def feed(sent, claire) -> str:
    """The path of the secret address of Claire's calendar."""
    claire.post(reverse("convening:make_feed"))
    page = claire.get(PROFILE)
    return page.context["address"].removeprefix("http://testserver")


def entries(response) -> list[icalendar.Event]:
    return icalendar.Calendar.from_ical(response.content).walk("VEVENT")


def test_a_diary_follows_the_sittings_without_an_account(sent, feed, claire, client):
    assert CalendarFeed.objects.get().token_hash not in feed  # the address is kept nowhere
    assert feed in claire.get(PROFILE).content.decode()  # and shown to its owner
    response = client.get(feed)
    assert response["Content-Type"].startswith("text/calendar")
    assert "no-store" in response["Cache-Control"]
    (entry,) = entries(response)
    assert entry["summary"] == "Comité syndical – Val de Brume"
    assert entry.start.isoformat() == "2026-12-08T19:00:00+01:00"
    Meeting.objects.update(stage=Meeting.Stage.CANCELLED)
    (entry,) = entries(client.get(feed))
    assert entry["status"] == "CANCELLED"


def test_the_address_is_replaced_and_closed(feed, claire, client, time_machine):
    time_machine.shift(60)
    claire.post(reverse("convening:make_feed"))
    assert client.get(feed).status_code == 404
    new = claire.get(PROFILE).context["address"]
    assert client.get(new).status_code == 200
    claire.post(reverse("convening:drop_feed"))
    assert client.get(new).status_code == 404


def test_a_guessed_address_follows_nothing_and_who_no_longer_sits_nothing_new(sent, feed, client):
    for token in ("x", "a" * 48, "漢字", "%2e%2e"):
        assert client.get(f"/calendrier/{token}.ics").status_code == 404
    end(sent.mandate("claire"), NOW.date())
    assert entries(client.get(feed)) == []


# --- The profile ------------------------------------------------------------------------------

GOOD = {"email": "claire@ailleurs.example", "phone": "03 22 00 00 09", "address": "1 rue Haute"}


def test_he_says_how_to_reach_him_and_the_change_is_kept_beside_his_mandates(sent, claire):
    data = GOOD | {"wants_paper": "on"}
    make_mandate(sent.cast.bureau, sent.cast.claire)
    # Nothing else can be changed.
    more = {"last_name": "Autre", "user": "", "civility": "M."}
    shown = text(claire.post(PROFILE, data | more, follow=True))
    person = Person.objects.get(pk=sent.cast.claire.pk)
    assert (person.email, person.wants_paper) == ("claire@ailleurs.example", True)
    assert (person.last_name, person.user) == ("Caron", sent.cast.delegate)
    changed = "Adresse électronique, téléphone, adresse postale, veut ses convocations"
    assert unsaid(shown, changed, "par Claire Caron", "Bureau", "Comité syndical") == []
    before = person.history.count()
    claire.post(PROFILE, data)  # the same again leaves no trace
    assert person.history.count() == before


def test_what_cannot_be_is_said_beside_the_field(sent, claire):
    on_paper = "Une convocation sur papier demande une adresse postale."
    for data, words in (
        ({"email": "pas une adresse"}, "adresse"),
        ({"address": "", "wants_paper": "on"}, on_paper),
        ({"email": ""}, "Donnez une adresse électronique"),
        ({"phone": "0" * 100}, "30 caractères"),
        ({"address": "a\x00b"}, "un caractère qui ne s’écrit pas"),
    ):
        response = claire.post(PROFILE, GOOD | data)
        assert response.status_code == 422 and words in text(response)
    assert Person.objects.get(pk=sent.cast.claire.pk).email == sent.cast.delegate.email
