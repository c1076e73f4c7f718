"""The pages of the secretariat: what they show, what they refuse, what they keep when refused."""

import csv
import io
import re
from datetime import date, timedelta
from email import message_from_string
from urllib.parse import urlparse

import openpyxl
import pytest
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts import letters
from accounts.models import Letter
from convening import outbox, sending, tokens
from convening.actions import drafting, following
from convening.dispatch import addressees, journey
from convening.forms import HandOverForm
from convening.models import Convocation, Invitation, OutboxMail, Posted, Recipient
from documents import actions as documents
from documents import compile
from law import deadlines, french
from law.findings import Refused
from meetings.actions import items, preparing
from meetings.models import Brief, Meeting
from members import links
from members.models import Role
from tests import post
from tests.cast import change, end, make_mandate, make_person
from tests.convening import desk, dispatched
from tests.costs import queries
from tests.words import text, unsaid
from trail.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directory")]

State = Posted.State


def path(name: str, *args) -> str:
    return reverse(f"convening:{name}", args=args)


def show(client, name: str, *args, **asked) -> str:
    """What this page says."""
    return text(client.get(path(name, *args), asked))


@pytest.fixture
def convocation(cast) -> Convocation:
    """Handed to everybody but Farid, who gets a letter."""
    return dispatched.dispatched(cast)


def seen(convocation: Convocation) -> dict[str, str]:
    """What the form of the hand-over carries now."""
    return {"seen": HandOverForm(rows=journey.to_hand_over(convocation)).seen}


def carried(answer) -> dict[str, str]:
    """What the form of this page carries, to be sent as it was shown."""
    return {"seen": re.search(r'name="seen" value="([^"]*)"', answer.text)[1]}


def seen_of_day(convocation: Convocation) -> dict[str, str]:
    """What the form that corrects a day carries now."""
    return {"seen": HandOverForm(rows=journey.handed_over(convocation)).seen}


# --- From an empty sitting to the dispatch ----------------------------------------------------


def test_an_empty_sitting_says_all_that_is_missing_and_a_year_nobody_lives_in_breaks_none(
    cast, secretary
):
    when = {"held_on": timezone.localdate() + timedelta(days=20), "starts_at": desk.time(18)}
    meeting = preparing.create_meeting(body=cast.comite, **when, by=cast.secretariat)
    page = show(secretary, "prepare", meeting.pk)
    told = ("L’ordre du jour est vide.", "Le lieu de la séance n’est pas indiqué.")
    lack = ("Aucune adresse où convoquer, ni postale", "dernier jour pour envoyer", "jours francs")
    assert unsaid(page, *told, *lack) == []
    assert "Convoquer…" not in page
    for day in (date(9999, 12, 31), date(1, 1, 1)):
        change(meeting, held_on=day)
        assert secretary.get(path("prepare", meeting.pk)).status_code == 200
    assert not Convocation.objects.exists()  # to look makes nothing


def test_the_draft_is_previewed_kept_and_sent_once_on_one_confirmation(cast, secretary, settings):
    meeting = dispatched.soon(cast)
    assert secretary.get(path("draft_dossier", meeting.pk)).content.startswith(b"%PDF")
    page = secretary.get(path("draft_mail", meeting.pk))
    assert "Budget primitif" in text(page)
    assert f'nonce="{page.wsgi_request.csp_nonce}"' in page.content.decode()
    settings.EMAIL_BACKEND, backend = "convening.outbox.OutboxBackend", settings.EMAIL_BACKEND
    to_all = text(secretary.get(path("draft_mail", meeting.pk)))
    wanted = ("Budget primitif", "en retour de ce message", "Madame, Monsieur")
    assert unsaid(to_all, *wanted, "Répondre et lire le dossier") == ["Répondre et lire le dossier"]
    assert "Le message à tous, à envoyer de votre messagerie" in show(
        secretary, "prepare", meeting.pk
    )
    settings.EMAIL_BACKEND = backend
    assert not Convocation.objects.exists() and not Invitation.objects.exists()
    data = {"message": "À bientôt.", "urgent_reason": ""}
    kept = secretary.post(path("prepare", meeting.pk), data)
    assert kept.url == path("prepare", meeting.pk)
    assert Convocation.objects.get().message == "À bientôt."
    asked = secretary.post(path("prepare", meeting.pk), data | {"send": "1"})
    assert asked.url == path("send", meeting.pk)
    shown = secretary.get(asked.url)
    page, agreed = text(shown), {"confirmed": "1"} | carried(shown)
    assert "9 jours francs, 5 requis" in page and "Envoyer à 7 destinataires" in page
    assert Convocation.objects.get().stage == Convocation.Stage.DRAFT
    assert secretary.post(asked.url).status_code == 200  # not confirmed: asked again
    sent, again = (secretary.post(asked.url, agreed) for _ in range(2))
    convocation = Convocation.objects.get()
    assert (sent.url, again.status_code) == (path("ledger", convocation.pk), 302)
    assert Recipient.objects.count() == 7
    assert convocation.letter["site"] == "http://testserver"
    page = text(secretary.get(sent.url))
    assert "0 courriel remis sur 6" in page  # the worker has not come yet
    assert convocation.sha256 in page


def _another_day(cast, meeting):
    change(meeting, held_on=meeting.held_on + timedelta(days=7), place="en mairie")


def _another_agenda(cast, meeting):
    change(meeting.items.get(title="Tarifs 2027"), title="Tarifs 2028")


def _another_note(cast, meeting):
    change(Brief.objects.filter(item__meeting=meeting).first(), note="<p>Autre chose.</p>")


def _another_address(cast, meeting):
    change(cast.alice, email="alice@autre.example")


def _other_words(cast, meeting):
    draft = drafting.prepare(meeting, by=cast.secretariat)
    drafting.edit(draft, by=cast.secretariat, message="Apportez le budget.")


@pytest.mark.parametrize(
    ("happens", "told"),
    [
        (_another_day, "la date, le lieu"),
        (_another_agenda, "l’ordre du jour"),
        (_another_address, "les destinataires"),
        (_another_note, "les notes et les pièces"),
        (_other_words, "les mots de la convocation"),
    ],
)
def test_what_a_colleague_changed_meanwhile_does_not_leave_unseen(cast, secretary, happens, told):
    """« Convoquer maintenant ? » showed the 12th and room A, and the 19th and room B left."""
    meeting = dispatched.soon(cast)
    shown = {page: secretary.get(path(page, meeting.pk)) for page in ("prepare", "send")}
    happens(cast, meeting)
    answer = secretary.post(path("send", meeting.pk), {"confirmed": "1"} | carried(shown["send"]))
    said = ("À vérifier", f"ceci a changé : {told}.", "Rien n’est parti.")
    assert answer.status_code == 409 and unsaid(text(answer), *said) == []
    assert not Recipient.objects.exists()
    assert Meeting.objects.get(pk=meeting.pk).convened_on is None
    if happens not in (_other_words, _another_note):  # the first page has them typed, or unread
        asked = {"send": "1", "confirmed": "1", "message": "À bientôt."}
        answer = secretary.post(path("prepare", meeting.pk), asked | carried(shown["prepare"]))
        assert answer.status_code == 409 and told in text(answer)
        assert not Recipient.objects.exists()
    # What is shown now leaves, and what carries nothing does not.
    assert secretary.post(path("send", meeting.pk), {"confirmed": "1"}).status_code == 409
    assert not Recipient.objects.exists()
    agreed = {"confirmed": "1"} | carried(answer)
    assert secretary.post(path("send", meeting.pk), agreed).status_code == 302
    assert Recipient.objects.count() == 7


def test_the_first_page_sends_what_it_showed_and_the_words_typed_there(cast, secretary):
    meeting = dispatched.soon(cast)
    there = path("prepare", meeting.pk)
    asked = {"send": "1", "confirmed": "1", "message": "À bientôt."} | carried(secretary.get(there))
    assert secretary.post(there, asked).status_code == 302
    assert Convocation.objects.get().message == "À bientôt." and Recipient.objects.count() == 7


def test_others_than_the_newcomers_that_were_shown_are_not_convened(cast, convocation, secretary):
    change(convocation.meeting, sent_on=timezone.localdate(), convened_on=timezone.localdate())
    there = path("prepare", convocation.meeting_id)
    shown, before = carried(secretary.get(there)), Recipient.objects.count()
    zoe = make_person(cast.organisation, "Zoé", "ZELLER", email="zoe@brume.example")
    make_mandate(cast.comite, zoe, start_on=timezone.localdate())
    newcomers = path("newcomers", convocation.meeting_id)
    answer = secretary.post(newcomers, shown, follow=True)
    assert "les destinataires" in text(answer) and Recipient.objects.count() == before
    assert secretary.post(newcomers, carried(answer)).status_code == 302
    assert Recipient.objects.filter(mandate__person=zoe).count() == 1


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(cast, secretary):
    meeting = dispatched.soon(cast)
    data = {"message": "x" * 6000, "requested_by": "Elsa EVRARD", "urgent_reason": "漢字 <b>"}
    answer = secretary.post(path("prepare", meeting.pk), data)
    assert answer.status_code == 422
    kept = ("x" * 6000, "漢字 &lt;b&gt;", "Dites quand la demande est arrivée.")
    assert unsaid(text(answer), *kept) == []
    for value in ("2026-02-30", "0000-00-00", "demain", "9" * 5000):
        data = {"requested_on": value}
        assert secretary.post(path("prepare", meeting.pk), data).status_code == 422
    assert not Convocation.objects.exists()


def test_a_late_sitting_cannot_be_sent_without_a_reason(cast, secretary):
    meeting = dispatched.soon(cast)
    change(meeting, held_on=timezone.localdate() + timedelta(days=4))
    late = ("Le délai ordinaire est passé", "Pour convoquer en urgence, donnez-en le motif.")
    assert unsaid(show(secretary, "prepare", meeting.pk), *late) == []
    assert secretary.post(path("send", meeting.pk), {"confirmed": "1"}).status_code == 409
    assert Meeting.objects.get(pk=meeting.pk).convened_on is None
    secretary.post(path("prepare", meeting.pk), {"urgent_reason": "Une crue."})
    shown = secretary.get(path("send", meeting.pk))
    assert "En urgence" in text(shown)
    secretary.post(path("send", meeting.pk), {"confirmed": "1"} | carried(shown))
    assert Meeting.objects.get(pk=meeting.pk).items.filter(kind="urgence").exists()


# --- Later changes ----------------------------------------------------------------------------


def test_a_convened_sitting_neither_moves_by_its_form_nor_is_deleted_a_mere_draft_is(
    cast, convocation, secretary
):
    meeting = convocation.meeting
    url = reverse("meetings:edit", args=[meeting.pk])
    assert path("move", meeting.pk) in secretary.get(url).content.decode()
    secretary.post(url, {"held_on": "2030-01-01", "starts_at": "09:00", "place": "ailleurs"})
    after = Meeting.objects.get(pk=meeting.pk)
    assert (after.held_on, after.place) == (meeting.held_on, "dans ses locaux")
    answer = secretary.post(reverse("meetings:delete", args=[meeting.pk]))
    assert answer.status_code == 409 and "Annulez-la" in text(answer)
    other = desk.prepared(cast, held_on=meeting.held_on + timedelta(days=7))
    drafting.prepare(other, by=cast.secretariat)
    assert secretary.post(reverse("meetings:delete", args=[other.pk])).status_code == 302
    assert not Meeting.objects.filter(pk=other.pk).exists()


def test_moving_asks_then_shows_before_and_after(convocation, secretary):
    meeting = convocation.meeting
    there = meeting.held_on + timedelta(days=7)
    data = {"held_on": there.isoformat(), "starts_at": "09:30", "place": "en mairie"}
    assert secretary.post(path("move", meeting.pk), data).status_code == 422
    answer = secretary.post(path("move", meeting.pk), data | {"reason": "Travaux."})
    assert answer.url == path("prepare", meeting.pk)
    page = text(secretary.get(answer.url))
    assert "Jusqu’ici" in page and "en mairie" in page
    assert "en mairie" in show(secretary, "draft_mail", meeting.pk).lower()
    assert Meeting.objects.get(pk=meeting.pk).place == "dans ses locaux"
    secretary.post(path("drop", meeting.pk))
    assert not Convocation.objects.filter(stage="brouillon").exists()


def test_an_item_added_after_is_announced_on_the_page(cast, convocation, secretary):
    meeting = convocation.meeting
    items.add_item(meeting, title="Subvention", by=cast.secretariat)
    page = show(secretary, "prepare", meeting.pk)
    assert "L’ordre du jour a changé depuis l’envoi" in page
    secretary.post(path("rectify", meeting.pk))
    page = show(secretary, "prepare", meeting.pk)
    assert "Convocation rectificative à envoyer" in page and "Subvention" in page


def test_cancelling_says_how_many_will_be_told(cast, convocation, secretary):
    """Whoever was convened and sits no more is told, and counted; the reason stays on its page."""
    meeting = convocation.meeting
    end(cast.seat(cast.bruno), meeting.held_on - timedelta(days=1))
    count = len(addressees.of(meeting)) + 1
    assert f"{count} destinataires seront prévenus" in show(secretary, "cancel", meeting.pk)
    assert secretary.post(path("cancel", meeting.pk), {"reason": "Tempête."}).status_code == 302
    assert meeting.convocations.get(kind=Convocation.Kind.CANCELLED).recipients.count() == count
    assert (
        "Motif\u00a0: Tempête. Elle ne se convoque"
        in secretary.get(meeting.get_absolute_url()).text
    )
    assert Meeting.objects.get(pk=meeting.pk).stage == Meeting.Stage.CANCELLED
    assert "annulation de la séance" in show(secretary, "prepare", meeting.pk).lower()


def test_a_second_call_proposes_the_first_lawful_day(cast, secretary):
    meeting = dispatched.lacking_quorum(cast)
    page = show(secretary, "prepare", meeting.pk)
    assert "Aucune convocation n’est partie d’ici" in page and "Seconde convocation…" in page
    earliest = timezone.localdate() + timedelta(days=4)
    page = secretary.get(path("second_call", meeting.pk)).content.decode()
    assert f'value="{earliest:%d/%m/%Y}"' in page
    data = {"held_on": earliest.isoformat(), "starts_at": "18:00", "place": "en mairie"}
    answer = secretary.post(path("second_call", meeting.pk), data)
    again = Meeting.objects.get(second_call_of=meeting)
    assert answer.url == path("prepare", again.pk)


# --- The ledger -------------------------------------------------------------------------------


def test_the_ledger_filters(convocation, secretary):
    for chosen, names in {
        "": {"ARNAUD", "BESSON", "FAURE"},
        "remis": {"ARNAUD", "BESSON"},
        "papier": {"FAURE"},
        "attente": set(),
        "probleme": set(),
        "n’importe quoi": {"ARNAUD", "BESSON", "FAURE"},
    }.items():
        page = show(secretary, "ledger", convocation.pk, etat=chosen)
        assert {name for name in ("ARNAUD", "BESSON", "FAURE") if name in page} == names, chosen


def test_a_long_ledger_is_cut_counted_and_searched(cast, convocation, secretary):
    """A whole assembly is never unfolded: each state says how many, a name finds its row."""
    assert 'type="search"' not in show(secretary, "ledger", convocation.pk)
    like = {"convocation": convocation, "why": "membre", "channel": "courriel", "state": "refuse"}
    Recipient.objects.bulk_create(
        Recipient(name=f"Mme Élu {n}", email=f"m{n}@x", message_id=f"<{n}@x>", **like)
        for n in range(40)
    )
    page = show(secretary, "ledger", convocation.pk)
    assert page.count('<tr class="goes">') == 25 and "page 1 sur 2" in page
    assert 'À reprendre <span class="quiet">40</span>' in page
    assert 'Tous <span class="quiet">43</span>' in page and "En attente" not in page
    found = show(secretary, "ledger", convocation.pk, etat="probleme", q="elu 39")
    assert found.count('<tr class="goes">') == 1 and "Mme Élu 39" in found


def test_the_ledger_asks_no_more_queries_for_more_rows(cast, convocation, secretary):

    def asked() -> int:
        return queries(lambda: show(secretary, "ledger", convocation.pk))

    few = asked()
    desk.crowd(cast, 40)
    like = {"convocation": convocation, "why": "membre", "channel": "courriel"}
    Recipient.objects.bulk_create(
        Recipient(mandate=each, name="Membre", email="m@x", message_id=f"<{each.pk}@x>", **like)
        for each in cast.comite.mandates.filter(person__first_name="Membre")
    )
    assert asked() <= few + 1  # the polling of the bar begins


def test_what_left_too_late_is_told_in_the_summary(convocation, secretary):
    assert "Hors délai" not in show(secretary, "ledger", convocation.pk)
    late = convocation.recipients.filter(email="alice@brume.example")
    late.update(sent_at=timezone.now() + timedelta(days=9))
    told = show(secretary, "ledger", convocation.pk)
    assert "Hors délai</strong> pour 1 membre" in told


def test_the_bar_is_asked_again_until_everything_left(convocation, secretary):
    over = secretary.get(path("progress", convocation.pk))
    assert over["HX-Refresh"] == "true" and "hx-get" not in over.content.decode()
    late = {"state": State.QUEUED, "reply": "451 <plus tard>"}
    Recipient.objects.filter(email="alice@brume.example").update(**late)
    going = secretary.get(path("progress", convocation.pk))
    assert "HX-Refresh" not in going and "hx-get" in going.content.decode()
    assert "451 &lt;plus tard&gt;" in going.content.decode()


def test_the_papers_of_a_dispatch(convocation, secretary):
    for name in ("certificate", "letters", "labels", "dossier"):
        answer = secretary.get(path(name, convocation.pk))
        assert answer.content.startswith(b"%PDF"), name
        assert answer["X-Content-Type-Options"] == "nosniff"
    # What proves that it left is a step from the convocation of the sitting, once something did.
    page, proof = path("prepare", convocation.meeting_id), path("certificate", convocation.pk)
    assert f'href="{proof}"' in secretary.get(page).text
    left = dict(convocation.recipients.values_list("pk", "state"))
    convocation.recipients.update(state=State.KEPT)
    assert f'href="{proof}"' not in secretary.get(page).text
    for pk, state in left.items():
        convocation.recipients.filter(pk=pk).update(state=state)
    Recipient.objects.filter(email="alice@brume.example").update(name="=1+1", reply="@x")
    content = secretary.get(path("ledger_csv", convocation.pk)).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content), delimiter=";"))
    states = [row["État"] for row in rows]
    assert states == ["remis au serveur", "remis au serveur", "à remettre sur papier"]
    assert rows[0]["Nom"] == "'=1+1"  # a text, never a formula
    assert rows[2]["Adresse"] == "3 rue des Saules 80000 Brume"
    Recipient.objects.filter(channel="papier").delete()
    assert secretary.get(path("letters", convocation.pk)).status_code == 404


def test_letters_handed_over_together_or_one_by_one(convocation, secretary):
    letter = convocation.recipients.get(channel="papier")
    today = timezone.localdate().isoformat()
    nobody = {"on": today, "recipient": ["0", "x", "9" * 40]}
    wrong = [({"on": "2000-01-01"}, 422), ({"on": "demain"}, 422), ({}, 422), (nobody, 302)]
    for data, status in wrong:
        answer = secretary.post(path("hand_over", convocation.pk), data | seen(convocation))
        assert answer.status_code == status
        letter.refresh_from_db()
        assert letter.state == State.PRINTED
    secretary.post(path("hand_over", convocation.pk), {"on": today} | seen(convocation))
    letter.refresh_from_db()
    assert letter.state == State.DELIVERED
    # Nothing that is noted is no success.
    asked = {"on": today, "recipient": [letter.pk]}
    answer = secretary.post(path("hand_over", convocation.pk), asked, follow=True)
    assert unsaid(text(answer), "Rien n’a changé", "0 remise") == ["0 remise"]


def test_nobody_is_handed_what_was_not_prepared_for_him_yet(convocation, secretary, by):
    """A newcomer of the 29th was noted convened on the 20th, a day before his mandate, by a form
    that had shown the eight others."""
    rows, today = convocation.recipients, timezone.now()
    before = today - timedelta(days=9)
    rows.update(queued_at=before, state=State.KEPT, sent_at=None)
    change(convocation, sent_on=timezone.localdate(before))
    shown = seen(convocation)
    newcomer = rows.last()
    Recipient.objects.filter(pk=newcomer.pk).update(queued_at=today)
    there, on = path("hand_over", convocation.pk), timezone.localdate(before)
    told = {"on": on.isoformat(), "reached": "tous"}
    answer = secretary.post(there, told | shown)
    said = f"la convocation {french.contract('de', newcomer.name)} n’était pas préparée"
    assert answer.status_code == 422 and said in text(answer)
    with pytest.raises(Refused, match="n’était pas préparée"):
        following.hand_over([newcomer], on=on, by=by, at=today)
    assert not rows.exclude(state=State.KEPT).exists()
    but = told | shown | {"reached": "sauf", "missed": [newcomer.pk]}
    assert secretary.post(there, but).status_code == 302
    assert [row.pk for row in journey.to_hand_over(convocation)] == [newcomer.pk]


def test_a_form_speaks_of_those_whom_it_showed(convocation, secretary, by):
    """Left open, it noted and corrected those who came since."""
    rows, today = convocation.recipients, timezone.localdate()
    rows.update(state=State.KEPT, sent_at=None, reply="", channel="courriel")
    newcomer = rows.last()
    there, told = path("hand_over", convocation.pk), {"on": today.isoformat(), "reached": "tous"}
    Recipient.objects.filter(pk=newcomer.pk).update(state=State.QUEUED)
    shown = seen(convocation)
    Recipient.objects.filter(pk=newcomer.pk).update(state=State.KEPT)
    for carried in (shown, {}):
        answer = secretary.post(there, told | carried)
        said = ("La liste a changé", newcomer.name, "Rien n’est noté")
        assert answer.status_code == 422 and unsaid(text(answer), *said) == []
    assert not rows.exclude(state=State.KEPT).exists()
    # The page that says so shows the list as it is now.
    assert f'name="seen" value="{seen(convocation)["seen"]}"' in answer.text
    following.hand_over(list(rows.exclude(pk=newcomer.pk)), on=today, by=by, at=timezone.now())
    wrong = {"day": today.isoformat(), "what": "non"} | seen_of_day(convocation)
    following.hand_over([newcomer], on=today, by=by, at=timezone.now())
    answer = secretary.post(path("correct", convocation.pk), wrong)
    assert answer.status_code == 422 and unsaid(text(answer), *said) == []
    assert not rows.exclude(state=State.ELSEWHERE).exists()
    wrong |= seen_of_day(convocation)
    assert secretary.post(path("correct", convocation.pk), wrong).status_code == 302
    assert not rows.exclude(state=State.KEPT).exists()
    # What another window noted meanwhile is no more of it.
    shown = seen(convocation)
    following.hand_over([newcomer], on=today, by=by, at=timezone.now())
    answer = secretary.post(there, told | shown)
    assert answer.status_code == 422 and "n’y est plus" in text(answer)


def test_the_trail_says_of_no_copy_that_it_has_a_personal_link(convocation, secretary, cast):
    convocation.recipients.update(state=State.KEPT, sent_at=None)
    copy = Recipient.objects.create(
        convocation=convocation, why="copie", name="Mairie de Brume", channel="courriel",
        email="mairie@brume.example", state=State.KEPT, message_id="<copie>",
    )  # fmt: skip
    secretary.get(path("mail_merge", convocation.pk))
    secretary.post(path("print_instead", copy.pk))
    told = [what for what in Entry.objects.values_list("what", flat=True) if copy.name in what]
    assert len(told) == 2 and not any("lien personnel" in what for what in told)


def test_a_hand_over_is_corrected_for_all_or_for_one(convocation, secretary):
    letter = convocation.recipients.get(channel="papier")
    today = timezone.localdate().isoformat()
    secretary.post(path("hand_over", convocation.pk), {"on": today} | seen(convocation))
    there = path("correct", convocation.pk)
    assert "Corriger la remise du" in show(secretary, "ledger", convocation.pk)
    assert "Corriger la remise" in show(secretary, "recipient", letter.pk)
    for key, value in (("day", today), ("recipient", letter.pk)):
        said = {key: value} | seen_of_day(convocation)
        assert secretary.post(there, said).status_code == 422  # what is wrong?
        told = text(secretary.post(there, said | {"what": "jour"}))
        assert "Donnez le jour de la remise." in told
        assert secretary.post(there, said | {"what": "non"}).status_code == 302
        letter.refresh_from_db()
        assert (letter.state, letter.sent_at) == (State.PRINTED, None)
        secretary.post(path("hand_over", convocation.pk), {"on": today} | seen(convocation))
    assert secretary.post(there, {"day": "demain", "what": "non"}).status_code == 302
    letter.refresh_from_db()
    assert letter.state == State.DELIVERED


def test_handing_over_says_how_many_letters_and_mails_and_leaves_out_who_sits_no_more(
    convocation, secretary
):
    """« Noter 114 remises » told neither, and counted whoever had resigned."""
    alice, bruno = convocation.recipients.filter(channel="courriel")
    Recipient.objects.filter(pk__in=[alice.pk, bruno.pk]).update(state=State.KEPT, sent_at=None)
    page = show(secretary, "ledger", convocation.pk)
    assert "1 lettre et 2 courriels. Ce jour est votre parole" in page
    end(bruno.mandate, timezone.localdate())
    page = show(secretary, "ledger", convocation.pk)
    assert "1 lettre et 1 courriel. Ce jour est votre parole" in page
    told = {"on": timezone.localdate().isoformat(), "reached": "tous"}
    secretary.post(path("hand_over", convocation.pk), told | seen(convocation))
    states = dict(convocation.recipients.values_list("pk", "state"))
    assert (states[alice.pk], states[bruno.pk]) == (State.ELSEWHERE, State.KEPT)
    assert not journey.progress(convocation).to_hand_over
    Convocation.objects.update(kind=Convocation.Kind.CANCELLED)  # he is told that it is off
    convocation.refresh_from_db()
    assert journey.progress(convocation).handing_over == "1 courriel"


def test_one_recipient_from_the_bounce_to_the_new_sending(convocation, secretary):
    row = convocation.recipients.get(email="alice@brume.example")
    secretary.post(path("bounce", row.pk), {"reason": "<b>Boîte pleine</b>"})
    assert "&lt;b&gt;Boîte pleine&lt;/b&gt;" in show(secretary, "recipient", row.pk)
    wrong = secretary.post(path("resend", row.pk), {"email": "pas une adresse"})
    assert wrong.status_code == 422 and "pas une adresse" in text(wrong)
    strange = {"email": "al\u0131ce@autre.example", "keep": "on"}
    wrong = secretary.post(path("resend", row.pk), strange)
    assert wrong.status_code == 422 and "qui n’est pas une lettre simple" in text(wrong)
    row.mandate.person.refresh_from_db()
    assert row.mandate.person.email == "alice@brume.example"
    assert not Recipient.objects.filter(resend_of=row).exists()
    sent = secretary.post(path("resend", row.pk), {"email": "alice@autre.example", "keep": "on"})
    again = Recipient.objects.get(resend_of=row)
    assert sent.url == path("recipient", again.pk)
    page = text(secretary.get(sent.url))
    # What was done stays, and the first row still opens the same page, on the last sending.
    assert "alice@brume.example" in page and "alice@autre.example" in page
    assert "alice@autre.example" in show(secretary, "recipient", row.pk)
    # A letter instead; asked for twice, it is said on the page and nothing is made.
    row = convocation.recipients.get(email="bruno@brume.example")
    for _ in range(2):
        assert secretary.post(path("print_instead", row.pk)).status_code == 302
    assert Recipient.objects.get(resend_of=row).channel == "papier"
    assert Recipient.objects.filter(channel="papier").count() == 2


def test_what_does_not_exist_is_not_found(cast, secretary):
    for pk in (0, 999_999, 2**62):
        for name in ("prepare", "send", "ledger", "progress", "recipient", "outbox_mail"):
            assert secretary.get(path(name, pk)).status_code == 404, (name, pk)


def test_a_dossier_opens_without_an_account_and_is_told_to_nobody(cast, client):
    row = dispatched.recipient(cast)
    page = client.get(path("sent_dossier", tokens.dossier_of(row)))
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"] and "noindex" in page["X-Robots-Tag"]
    row.refresh_from_db()
    assert row.opened_at is not None
    file = client.get(path("sent_file", tokens.dossier_of(row), 0))
    assert file.content.startswith(b"%PDF")
    assert client.get(path("sent_file", tokens.dossier_of(row), 2)).status_code == 404
    dead = client.get(path("sent_dossier", "x" * 43))
    assert dead.status_code == 404 and "Ce lien n’ouvre plus rien" in text(dead)


def test_the_outbox_shows_what_left_and_its_links_work(
    cast, secretary, settings, client, client_of
):
    admin = client_of(cast.administration)
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    meeting = dispatched.soon(cast)
    assert "Convoquer…" in show(secretary, "prepare", meeting.pk)
    asked = show(secretary, "send", meeting.pk)
    told = ("6, à envoyer de votre messagerie", "aucun courriel ne partira", "court du jour de la")
    assert unsaid(asked, *told) == [] and asked.count("Établir la convocation") == 1
    assert "Envoyer à" not in asked
    agreed = {"confirmed": "1"} | carried(secretary.get(path("send", meeting.pk)))
    secretary.post(path("send", meeting.pk), agreed)
    queued = show(secretary, "outbox")  # before anybody wrote them
    assert unsaid(queued, "6 courriels de plus à garder", "La boîte est vide") == [
        "La boîte est vide"
    ]
    assert "de plus à garder" not in show(client_of(cast.other_administration), "outbox")
    queued = show(secretary, "ledger", meeting.convocations.get().pk)
    # Nothing left nor is about to: true from the first second, and no part of it is offered.
    told = ("Établie le", "0 courriel gardé ici sur 6", "Ensuite : remettre les convocations")
    assert unsaid(queued, *told) == []
    told = ("Envoi lancé", "Envoyée le", "Remettre", "remise le")
    assert unsaid(queued, *told) == [*told]
    page = text(secretary.get(meeting.get_absolute_url()))
    assert "Remettre la convocation" in page and "Convoquée le" not in page
    with sending.Sender() as sender:
        assert sender.run() == 6
    # Nothing left: the ledger neither says that it did nor counts a delay from it.
    told = show(secretary, "ledger", meeting.convocations.get().pk)
    assert (
        unsaid(told, "6 courriels, de votre messagerie", "ne court pas encore, rien n’est parti")
        == []
    )
    rows, day = Recipient.objects.exclude(channel="papier"), timezone.now()
    rows.update(state=Recipient.State.ELSEWHERE, sent_at=day)
    handed = show(secretary, "prepare", meeting.pk)
    assert unsaid(handed, "Établie", f"Remise le {french.long_date(timezone.localdate(day))}") == []
    # What was sent once is shown at once; its day is changed from the menu, and answers come next.
    letters = Recipient.objects.filter(channel="papier")
    letters.update(state=Recipient.State.DELIVERED, sent_at=day)
    told = ("Preuve", "Changer la date</a>", "Annuler la séance</a>", "Suivre les réponses <svg")
    assert unsaid(show(secretary, "prepare", meeting.pk), *told) == []
    letters.update(state=Recipient.State.PRINTED, sent_at=None)
    assert "Suivre les réponses <svg" not in show(secretary, "prepare", meeting.pk)
    # The delay is that of the day it was handed over, not of the one it was made on.
    held_on = timezone.localdate(day) + timedelta(days=7)
    Convocation.objects.filter(pk=meeting.convocations.get().pk).update(held_on=held_on)
    rows.update(sent_at=day + timedelta(days=3))
    ledger = show(secretary, "ledger", meeting.convocations.get().pk)
    assert unsaid(ledger, "3 jours francs avant la séance, 5 requis", "envoyée le") == [
        "envoyée le"
    ]
    rows.update(state=Recipient.State.KEPT, sent_at=None)
    kept = show(secretary, "outbox")
    assert "rien ne part d’ici" in kept and "émonstration" not in kept
    # Nor does the sitting say that it is convened: it leads to what remains.
    rest = f'href="{path("ledger", meeting.convocations.get().pk)}#remettre"'
    page = text(secretary.get(meeting.get_absolute_url()))
    assert unsaid(page, "Remettre la convocation", f'btn-primary" {rest}>Remettre') == []
    assert unsaid(page, "Convoquée le", "fait, le", "jours francs, ") == [
        "Convoquée le", "fait, le", "jours francs, "
    ]  # fmt: skip
    rest = f'href="{path("prepare", meeting.pk)}"'
    assert f"{rest}>Remettre la convocation" in show(secretary, "board", meeting.pk)
    page = show(secretary, "outbox", q="alice")
    assert "alice@brume.example" in page and "bruno@brume.example" not in page
    mail = OutboxMail.objects.get(recipient="alice@brume.example")
    page = secretary.get(path("outbox_mail", mail.pk)).content.decode()
    assert "convocation-comite" in page
    (link,) = {w for w in page.split('"') if w.startswith("http://testserver/invitation/")}
    assert client.get(urlparse(link).path).status_code == 200
    # Each reading of a personal link is told; the administration, who notes no answer, sees none.
    assert "lien personnel : alice@brume.example" in Entry.objects.order_by("pk").last().what
    for name in ("outbox_mail", "outbox_html", "outbox_source"):
        seen = admin.get(path(name, mail.pk))
        whole = seen.content.decode()
        if name == "outbox_source":
            parts = message_from_string(whole).walk()
            coded = (part.get_payload(decode=True) or b"" for part in parts)
            whole += b"".join(coded).decode(errors="replace").replace("\r\n ", "")
        assert seen.status_code == 200 and "/invitation/…" in whole
        assert urlparse(link).path.split("/")[2] not in whole
    (event,) = (each for each in mail.attachments if each["name"] == "seance.ics")
    assert admin.get(path("outbox_file", mail.pk, event["sha256"])).status_code == 403
    html = secretary.get(path("outbox_html", mail.pk))
    assert '<base target="_top">' in html.content.decode()
    assert "multipart/mixed" in secretary.get(path("outbox_source", mail.pk)).content.decode()
    for each in mail.attachments:
        file = secretary.get(path("outbox_file", mail.pk, each["sha256"]))
        assert len(b"".join(file)) == each["size"]
    assert secretary.get(path("outbox_file", mail.pk, "d" * 64)).status_code == 404
    secretary.post(path("outbox_empty"))
    assert OutboxMail.objects.count() == 6  # not confirmed
    secretary.post(path("outbox_empty"), {"confirmed": "1"})
    assert "La boîte est vide" in text(secretary.get(path("outbox")))


def test_without_a_server_one_message_reaches_all_and_bears_nobody_s_link(
    convocation, secretary, cast
):
    """A hundred mails were opened one by one, to be copied by hand into a mail program."""
    mails = convocation.recipients.filter(channel="courriel")
    mails.update(state=State.KEPT, sent_at=None)
    page = show(secretary, "ledger", convocation.pk)
    pasted = "alice@brume.example; bruno@brume.example"
    told = (f">{pasted}</textarea>", "Copier les 2 adresses", "Imprimer la lettre")
    assert unsaid(page, *told, "Convocation : Comité syndical du", "/mes-seances/") == []
    tokens_of = [tokens.dossier_path(row) for row in mails]
    assert "/invitation/" not in page and not any(each in page for each in tokens_of)
    # Whoever wants the personal links has them in a table: each is told, as each letter is.
    answer = secretary.get(path("mail_merge", convocation.pk))
    header, *rows = openpyxl.load_workbook(io.BytesIO(answer.content)).active.values
    assert header[1:3] == ("Nom", "Adresse") and len(rows) == 2
    links = [dict(zip(header, row, strict=True))["Lien personnel"] for row in rows]
    assert len(set(links)) == 2 and all("/invitation/" in link for link in links)
    assert Entry.objects.filter(what__startswith="publipostage, avec le lien").count() == 2
    mails.update(state=State.ELSEWHERE, sent_at=timezone.now())
    assert secretary.get(path("mail_merge", convocation.pk)).status_code == 404


def test_whoever_notes_a_hand_over_says_who_was_not_reached(convocation, secretary):
    """« Noter 114 remises » was one press after nothing."""
    convocation.recipients.filter(channel="courriel").update(state=State.KEPT, sent_at=None)
    rows = {row.name.split()[-1]: row for row in convocation.recipients.all()}
    everybody = [str(row.pk) for row in rows.values()]
    day = {"on": timezone.localdate().isoformat()} | seen(convocation)
    for told in ({}, {"reached": "sauf"}, {"reached": "sauf", "missed": everybody}):
        answer = secretary.post(path("hand_over", convocation.pk), day | told)
        assert answer.status_code == 422 and "invalid-feedback" in answer.text
        assert journey.progress(convocation).to_hand_over == 3
    missed = next(row for row in rows.values() if row.channel == "papier")
    told = day | {"reached": "sauf", "missed": [str(missed.pk)]}
    assert secretary.post(path("hand_over", convocation.pk), told).status_code == 302
    assert [row.pk for row in journey.to_hand_over(convocation)] == [missed.pk]


def test_once_all_is_handed_over_the_page_says_it_once(convocation, secretary, settings):
    """« Aucun serveur » stayed above what was done, « déclaré par » came at each name, and an
    address was cut in a word."""
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    convocation.recipients.filter(channel="courriel").update(state=State.KEPT, sent_at=None)
    day = {"on": timezone.localdate().isoformat(), "reached": "tous"} | seen(convocation)
    before = show(secretary, "ledger", convocation.pk)
    assert "alice@<wbr>brume.<wbr>example" in before
    assert secretary.post(path("hand_over", convocation.pk), day).status_code == 302
    page = show(secretary, "ledger", convocation.pk)
    assert page.count("déclaré par") == 1 and "Aucun serveur" not in page
    assert "destinataires, un par un</summary>" in page
    later = timezone.now() + timedelta(hours=1)
    convocation.recipients.filter(channel="papier").update(declared_at=later)
    # Each his own; a second word took both off the proof.
    page = show(secretary, "ledger", convocation.pk)
    assert page.count("déclaré par") == 3 + 2
    assert page.partition("<dt>Remise</dt>")[2].count("déclaré par") == 2


def test_while_one_lacks_it_the_delay_is_said_of_the_others_and_the_letter_handed_is_handed(
    convocation, secretary, settings
):
    """« 8 jours francs », of somebody who had nothing; « 114 remises », and « Remis 110 »."""
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    change(convocation.meeting, sent_on=convocation.sent_on, convened_on=convocation.sent_on)
    convocation.recipients.filter(channel="courriel").update(state=State.KEPT, sent_at=None)
    last = convocation.recipients.filter(channel="courriel").last()
    noted = {"reached": "sauf", "missed": [str(last.pk)]} | seen(convocation)
    day = {"on": timezone.localdate().isoformat()}
    assert secretary.post(path("hand_over", convocation.pk), day | noted).status_code == 302
    page = show(secretary, "ledger", convocation.pk)
    assert unsaid(page, "sauf pour 1 destinataire", "à l’adresse de cette personne") == []
    assert "copie cachée" not in page
    answer = secretary.post(path("hand_over", convocation.pk), day | seen(convocation))
    assert answer.status_code == 302
    page = show(secretary, "ledger", convocation.pk)
    assert "sauf pour" not in page and journey.shares(convocation)["remis"] == 3


@pytest.mark.parametrize(
    ("states", "is_convened"),
    [
        ((State.SENT, State.PRINTED), True),
        ((State.QUEUED, State.PRINTED), True),
        ((State.BOUNCED, State.PRINTED), True),
        ((State.KEPT, State.DELIVERED), True),
        ((State.ELSEWHERE, State.PRINTED), True),
        ((State.KEPT, State.PRINTED), False),
        ((State.REFUSED, State.PRINTED), False),
    ],
)
def test_a_sitting_is_said_to_be_convened_once_something_may_have_left(
    convocation, client_of, cast, states, is_convened
):
    by_mail, on_paper = states
    meeting = convocation.meeting
    change(meeting, convened_on=timezone.localdate())
    rows = convocation.recipients
    rows.filter(channel="courriel").update(state=by_mail)
    rows.filter(channel="papier").update(state=on_paper)
    page = text(client_of(cast.delegate).get(meeting.get_absolute_url()))
    assert ("Convoquée le" in page) is is_convened
    assert ("établie, non remise" in page) is not is_convened
    # Nor do minutes print that the assembly was convened on a day on which nothing left.
    meeting = Meeting.objects.get(pk=meeting.pk)
    draft = compile.compile_minutes(meeting)
    assert ("légalement convoqué le" in draft.opening) is is_convened
    doubts = {each.code for each in documents.review(meeting, draft)}
    assert ("convocation_non_remise" in doubts) is not is_convened


def test_a_second_call_lifts_the_quorum_by_the_day_on_which_it_was_handed_over(convocation, cast):
    meeting, at = convocation.meeting, timezone.now()
    first = preparing.create_meeting(
        body=meeting.body,
        held_on=timezone.localdate() - timedelta(days=1),
        starts_at=meeting.starts_at,
        by=cast.secretariat,
    )
    held_on = timezone.localdate() + timedelta(days=9)
    change(meeting, second_call_of=first, convened_on=timezone.localdate(), held_on=held_on)
    rows = convocation.recipients.filter(channel="papier")
    for days, lifts in ((2, True), (8, False)):
        rows.update(state="ailleurs", sent_at=at + timedelta(days=days))
        assert Meeting.objects.get(pk=meeting.pk).lifts_quorum is lifts, days


def test_minutes_tell_the_day_on_which_the_first_of_a_convocation_was_handed_over(
    convocation, cast, client_of
):
    meeting, today = convocation.meeting, timezone.localdate()
    change(meeting, convened_on=today)
    convocation.recipients.filter(channel="courriel").update(state=State.KEPT, sent_at=None)
    letters = list(convocation.recipients.filter(channel="papier"))
    later = timezone.now() + timedelta(days=2)
    following.hand_over(letters, on=later.date(), by=cast.secretariat, at=later)
    told = french.day_in_words if later.year == meeting.held_on.year else french.date_in_words
    meeting = Meeting.objects.get(pk=meeting.pk)
    opening = compile.compile_minutes(meeting).opening
    assert f"légalement convoqué le {told(later.date())}," in opening
    # Nor does its page count the delay from the day on which it was only made.
    page = text(client_of(cast.secretariat).get(meeting.get_absolute_url()))
    days = french.count(deadlines.clear_days_between(later.date(), meeting.held_on), "jour franc")
    assert f"Convoquée le</dt><dd>{french.long_date(later.date())}" in page
    assert f"<summary>{days}, " in page
    change(meeting, held_on=later.date() - timedelta(days=1))  # too late: it convened nobody
    opening = compile.compile_minutes(Meeting.objects.get(pk=meeting.pk)).opening
    assert "légalement" not in opening


def test_links_to_passwords_are_for_nobody_else(cast, secretary, client_of, rf, settings):
    """Whoever reads the mail that opens an account could take it: its secret is not kept."""

    def mail(recipient: str) -> str:
        words = {"subject": "Mot de passe oublié", "source": "Subject: x\r\n\r\nlien"}
        return path("outbox_mail", OutboxMail.objects.create(recipient=recipient, **words).pk)

    letters.queue(Letter.Kind.RESET, cast.delegate.email, request=rf.get("/"))
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    assert post.letters_leave(timezone.now()) == 1
    told = outbox.words(OutboxMail.objects.get(recipient=cast.delegate.email), "plain")
    assert re.search("http://testserver/mot-de-passe/choisir/[^/]+/…/\n", told)
    kept = mail(cast.administration.email)
    assert "Mot de passe" not in text(secretary.get(path("outbox")))
    assert secretary.get(kept).status_code == 404
    admin = client_of(cast.administration)
    assert admin.get(kept).status_code == 200
    assert admin.get(mail("inconnue@ailleurs.example")).status_code == 404
    Role.objects.filter(user=cast.administration).delete()  # who has left reads no more of them
    left = OutboxMail.objects.last()
    for name in ("outbox_mail", "outbox_source"):
        assert admin.get(path(name, left.pk)).status_code == 404
    change(cast.secretariat, is_superuser=True)
    assert admin.get(mail(cast.secretariat.email)).status_code == 404


def test_the_link_of_a_reader_is_kept_for_nobody(settings):
    """Whoever read it there said « bon à établir » in the name of the president."""
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    drawn = links.drawn("registry:review", "graine")
    words = f"Lisez : http://testserver{reverse('registry:review', args=[drawn])}"
    EmailMessage("Relecture", words, to=["alice@brume.example"]).send()
    (mail,) = OutboxMail.objects.all()
    assert drawn not in mail.source
    assert "/relecture/…/" in outbox.words(mail, "plain")


def test_the_reason_of_a_sitting_called_off_before_it_was_convened_is_kept(cast, secretary):
    meeting = desk.prepared(cast)
    assert secretary.post(path("cancel", meeting.pk), {"reason": "Doublon"}).status_code == 302
    assert (
        "Motif\u00a0: Doublon. Elle ne se convoque"
        in secretary.get(meeting.get_absolute_url()).text
    )
