"""Whoever is to sign is told by mail, once of each paper, then each week until she says stop."""

import re
from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archive.desk import calls
from archive.models import SigningCall
from convening import notices, sending
from convening.models import Notice
from members.models import Body, Mandate, User
from registry.follow_ups import actions as follow_ups
from registry.models import FollowUp
from registry.reviews import actions as reviews
from registry.signatures import actions as signatures
from tests import held
from tests.cast import change, make_person, make_role
from tests.held import AT, sign

pytestmark = pytest.mark.django_db

LATER = AT + calls.TOGETHER
WEEK = timedelta(days=7)


def mailed() -> Counter:
    rows = Notice.objects.filter(once__startswith="a-signer-").order_by("pk")
    return Counter(row.email for row in rows)


ALICE, BRUNO = "alice@brume.example", "bruno@brume.example"


def test_who_presided_and_who_kept_the_sitting_are_told_once(minutes, accounts):
    assert calls.run_due(LATER - timedelta(minutes=1)) == 0  # others may be prepared meanwhile
    assert calls.run_due(LATER) == 2
    assert calls.run_due(LATER) == calls.run_due(LATER + timedelta(days=6)) == 0
    assert mailed() == {ALICE: 1, BRUNO: 1}


def test_a_paper_prepared_later_is_told_in_its_turn_and_what_is_signed_no_more(
    minutes, accounts, cast
):
    calls.run_due(LATER)
    issued = held.issue_acts(minutes.meeting, by=cast.secretariat, at=AT)
    signatures.prepare_batch(issued, by=cast.secretariat, at=LATER)
    calls.run_due(LATER + calls.TOGETHER)
    assert mailed() == {ALICE: 2, BRUNO: 2}
    told = Notice.objects.filter(email=ALICE).latest("pk")
    assert told.subject == "3 documents attendent votre signature"
    sign(minutes, "president", accounts[0])
    for document in issued:
        sign(document, "president", accounts[0])
    calls.run_due(LATER + calls.TOGETHER + WEEK)
    assert mailed() == {ALICE: 2, BRUNO: 3}


def test_a_reminder_leaves_each_week_until_its_link_stops_it(minutes, accounts, client, cast):
    calls.run_due(LATER)
    assert calls.run_due(LATER + WEEK) == 2
    told = Notice.objects.filter(email=ALICE).latest("pk")
    assert told.subject == "Rappel\u00a0: 1 document attend votre signature"
    token = calls.links.drawn(told.page, told.seed)
    address = reverse("archive:stop_calls", args=[token])
    page = client.get(address)  # to look at it stops nothing: mail programs look
    assert page.status_code == 200 and "Arrêter les rappels" in page.text
    assert "le prochain le " in page.text  # and which day that is
    call = calls.find(token)
    assert calls.next_on(call, at=LATER + WEEK) == timezone.localdate(LATER + 2 * WEEK)
    assert calls.run_due(LATER + 2 * WEEK) == 2
    # One click of a mail program, which knows none of our cookies.
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(address, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer["Referrer-Policy"]) == (302, "no-referrer")
    assert calls.run_due(LATER + 3 * WEEK) == 1
    # A new paper is still told, once.
    issued = held.issue_acts(minutes.meeting, by=cast.secretariat, at=AT)
    signatures.prepare_batch(issued, by=cast.secretariat, at=AT)
    assert calls.run_due(LATER + 3 * WEEK) == 2
    assert calls.run_due(LATER + 4 * WEEK) == 1
    client.post(address, {"reprendre": "1"})
    assert calls.run_due(LATER + 5 * WEEK) == 2


def test_an_unknown_link_stops_nothing(client, minutes, accounts):
    assert client.post(reverse("archive:stop_calls", args=["inconnu"])).status_code == 404


UNABLE = {
    "sans compte": lambda cast: type(cast.alice).objects.filter(pk=cast.alice.pk).update(user=None),
    "compte fermé": lambda cast: User.objects.filter(email=ALICE).update(is_active=False),
    "mandat fini": lambda cast: Mandate.objects.filter(person=cast.alice).update(
        end_on=held.JUNE, end_reason=Mandate.EndReason.TERM
    ),
}


@pytest.mark.parametrize("lose", UNABLE.values(), ids=UNABLE)
def test_who_cannot_sign_is_not_told(lose, minutes, cast):
    lose(cast)
    calls.run_due(LATER)
    assert mailed() == {BRUNO: 1}


# --- To be carried out ------------------------------------------------------------------------


@pytest.fixture
def note(minutes, accounts, cast):
    """`note(who)`: something that follows from the budget, noted when the minutes were made; both
    read the sitting."""
    for user in accounts[:2]:
        make_role(user, cast.organisation, "delegue")

    def note(who: str, what: str = "Publier l’avis") -> FollowUp:
        item = minutes.meeting.items.get(title="Budget")
        row = FollowUp(item=item, what=what, who=who, due_on=SOON, made_at=AT)
        return follow_ups.note(row, by=cast.secretariat)

    return note


SOON = held.JUNE + timedelta(days=21)


def test_who_is_to_carry_out_is_told_once_then_each_week_until_it_is_done(
    minutes, accounts, note, cast, client
):
    for place, user in (("president", accounts[0]), ("secretaire-1", accounts[1])):
        sign(minutes, place, user)
    row = note("Mme Alice ARNAUD")
    assert calls.run_due(LATER - timedelta(minutes=1)) == 0
    assert calls.run_due(LATER) == 1
    assert calls.run_due(LATER) == 0
    told = Notice.objects.get(once__startswith="a-signer-")
    assert (told.email, told.subject) == (ALICE, "1 suite à donner vous attend")
    assert "Publier l’avis, au plus tard le 30\u00a0juin 2026" in told.body
    assert reverse("archive:to_do") in told.body
    assert reverse("registry:to_sign") not in told.body
    assert calls.run_due(LATER + WEEK) == 1
    token = calls.links.drawn(told.page, told.seed)
    client.post(reverse("archive:stop_calls", args=[token]))
    assert calls.run_due(LATER + 2 * WEEK) == 0
    note("Alice ARNAUD", what="Signer le bail")  # a new one is told, stopped or not
    assert calls.run_due(LATER + 2 * WEEK) == 1
    client.post(reverse("archive:stop_calls", args=[token]), {"reprendre": "1"})
    for each in FollowUp.objects.all():
        follow_ups.settle(each, outcome="fait", on=SOON, reason="", by=cast.secretariat)
    assert row.pk and calls.run_due(LATER + 3 * WEEK) == 0


def test_what_is_to_sign_and_to_carry_out_is_one_mail(minutes, accounts, note):
    note("M. Bruno BESSON")
    calls.run_due(LATER)
    assert mailed() == {ALICE: 1, BRUNO: 1}
    told = Notice.objects.get(email=BRUNO, once__startswith="a-signer-")
    assert told.subject == "1 document attend votre signature, 1 suite à donner vous attend"


def test_a_service_or_a_name_that_two_bear_is_told_nothing(minutes, accounts, note, cast):
    note("Le service finances")
    make_person(cast.organisation, "Alice", "Arnaud", "Mme")
    note("Mme Alice ARNAUD")
    calls.run_due(LATER)
    told = Notice.objects.filter(once__startswith="a-signer-")
    assert {each.subject for each in told} == {"1 document attend votre signature"}


def test_it_awaits_her_on_her_first_page(minutes, accounts, note, client_of):
    note("Mme Alice ARNAUD")
    for who, awaits in ((accounts[0], True), (accounts[1], False)):
        page = client_of(who).get(reverse("convening:desk"))
        assert ("Publier l’avis" in page.text) is awaits


def test_a_mail_says_late_as_the_pages_do(minutes, accounts):
    """« Au plus tard le 14 juillet » was still said in August."""
    calls.run_due(LATER)
    calls.run_due(LATER + 8 * WEEK)
    told = Notice.objects.filter(email=ALICE).latest("pk")
    assert "Signer le procès-verbal, en retard depuis le 14\u00a0juillet 2026" in told.body


# --- Relancer ---------------------------------------------------------------------------------


def recall(cast, person, at: datetime) -> bool:
    return calls.recall(person, Body.objects.all(), by=cast.secretariat, at=at)


def test_the_secretariat_reminds_at_once_and_once_a_day(minutes, accounts, cast):
    assert recall(cast, cast.alice, LATER) is True
    assert recall(cast, cast.alice, LATER + timedelta(hours=23)) is False
    assert recall(cast, cast.alice, LATER + timedelta(days=1)) is True
    told = Notice.objects.filter(email=ALICE).latest("pk")
    assert (mailed(), told.written_by) == ({ALICE: 2}, cast.secretariat)
    assert told.subject == "Rappel\u00a0: 1 document attend votre signature"
    assert recall(cast, cast.claire, LATER) is False  # nothing awaits her


def test_who_stopped_the_reminders_is_not_reminded_by_hand_either(minutes, accounts, cast):
    calls.run_due(LATER)
    calls.stop(SigningCall.objects.get(person=cast.alice), at=LATER)
    assert recall(cast, cast.alice, LATER + WEEK) is False


@pytest.mark.parametrize("lose", UNABLE.values(), ids=UNABLE)
def test_who_cannot_sign_is_not_reminded(lose, minutes, cast):
    lose(cast)
    cast.alice.refresh_from_db()
    assert recall(cast, cast.alice, LATER) is False


def test_who_is_to_read_a_draft_is_reminded_where_her_link_is_made_again(june, cast, secretary):
    change(cast.alice, email=ALICE)
    reviews.ask(june, readers=[(cast.alice, "présidente")], by=cast.secretariat, at=AT)
    at = AT + timedelta(days=2)
    assert recall(cast, cast.alice, at) is False  # her link asks for the password of who makes it
    change(june.reviews.get(), expires_at=timezone.now() + timedelta(days=9))
    page = secretary.get(reverse("archive:to_do")).text
    links = re.findall(r'<a class="btn[^"]*" href="([^"]*)"[^>]*>[^R]*Relancer', page)
    assert links == [reverse("registry:reviews", args=[june.pk])]


def test_whoever_was_asked_today_is_not_to_be_reminded_of_it_today(
    minutes, accounts, cast, secretary, time_machine
):
    """« demandé le 29 nov. », said « Relancer » on the 29th."""
    url, told = reverse("archive:recall", args=[cast.alice.pk]), []
    for at in (AT, AT + timedelta(days=1)):
        time_machine.move_to(at)
        told.append(url in secretary.get(reverse("archive:to_do")).text)
    assert told == [False, True]


def test_the_page_offers_to_remind_whom_a_mail_reaches(minutes, accounts, cast, secretary):
    url = reverse("archive:recall", args=[cast.alice.pk])
    page = secretary.get(reverse("archive:to_do"))
    assert url in page.text
    told = secretary.post(url, follow=True)
    assert "Un rappel part vers Alice ARNAUD" in told.text
    assert url not in told.text and "Dernier rappel le" in told.text
    assert "Rien n’est parti vers Alice ARNAUD" in secretary.post(url, follow=True).text
    assert mailed() == {ALICE: 1}


def test_the_first_mail_reminds_of_nothing(minutes, accounts, cast):
    """« Dernier rappel le 29 nov. » stood there seconds after it was asked for the first time."""

    def told() -> datetime | None:
        return calls.recalls([cast.alice.pk], at=AT)[cast.alice.pk].told_at

    calls.run_due(AT + timedelta(hours=1))
    assert mailed()[ALICE] == 1 and told() is None
    calls.run_due(AT + timedelta(days=8))
    assert told() is not None


@pytest.mark.parametrize("is_made", [False, True])
def test_a_reminder_that_stays_here_reminded_nobody(
    minutes, accounts, cast, secretary, settings, is_made
):
    """« Dernier rappel le 29 nov. », of a mail that waited in the box of what leaves nowhere."""
    settings.EMAIL_BACKEND = "convening.outbox.OutboxBackend"
    told = secretary.post(reverse("archive:recall", args=[cast.alice.pk]), follow=True)
    assert "Rappel préparé, non envoyé\u00a0: Alice ARNAUD." in told.text
    if is_made:  # by the sender, which keeps it
        Notice.objects.update(state=Notice.State.KEPT)
    page = secretary.get(reverse("archive:to_do")).text
    assert "Dernier rappel préparé le" in page and ", non envoyé" in page
    assert "Un rappel part" not in told.text and "Dernier rappel le" not in page


def test_killed_between_two_mails_nobody_gets_the_same_twice(minutes, accounts, monkeypatch):
    queue, asked = notices.queue, []

    def dies_at_the_second(*args, **kwargs):
        asked.append(kwargs["email"])
        queue(*args, **kwargs)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return True

    with monkeypatch.context() as patched:
        patched.setattr(notices, "queue", dies_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            calls.run_due(LATER)
    assert sum(mailed().values()) == 1
    assert calls.run_due(LATER) == 1
    assert mailed() == {ALICE: 1, BRUNO: 1}


def test_the_mail_leads_to_the_list_and_holds_nothing_that_signs(
    minutes, accounts, settings, client
):
    settings.SITE_URL = "https://brume.example"
    with sending.Sender(clock=lambda: LATER) as sender:
        sender.run()
    assert sorted(address for each in mail.outbox for address in each.to) == [ALICE, BRUNO]
    (source,) = (each.message() for each in mail.outbox if each.to == [ALICE])
    text = source.get_body(("plain",)).get_content()
    told = "Signer le procès-verbal, au plus tard le 14\u00a0juillet 2026 (Comité syndical du 9"
    assert told in text
    found = re.findall(r"https://brume\.example(/\S*)", text)
    call = SigningCall.objects.get(person__user__email=ALICE)
    stop = reverse(calls.STOP, args=[calls.links.drawn(calls.STOP, call.seed)])
    assert found == [reverse("registry:to_sign"), stop]
    assert source["List-Unsubscribe"].strip() == f"<https://brume.example{stop}>"
    assert source["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    answer = client.get(found[0])
    assert answer.status_code == 302 and answer.url.startswith("/connexion/")


def test_what_cannot_be_prepared_keeps_no_mail_from_leaving(minutes, accounts, monkeypatch):
    def breaks(at: datetime) -> None:
        raise RuntimeError

    monkeypatch.setattr(sending, "ROUNDS", [breaks, calls.look])
    with sending.Sender(clock=lambda: LATER) as sender:
        sender.run()
        assert len(mail.outbox) == 2
        cache.clear()
        sender.run()
    assert len(mail.outbox) == 2
