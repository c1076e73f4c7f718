"""What a sitting waits for, filed: the same as read anew, whatever is written."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from random import Random

import pytest
from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from archive import actions as publishing
from archive.desk import filed, sheets, waiting
from archive.models import FiledSheet, Publication
from convening.models import Convocation, Recipient
from documents import actions as documents
from documents.models import IssuedDocument
from law import sitting
from law.findings import Refused
from meetings.actions import ledger, preparing
from meetings.models import AgendaItem, Meeting
from members.models import Body, Mandate, RuleBook, User
from registry.acts import actions as acts
from registry.models import Decline, Deliberation, Deposit, Remark, Review
from registry.reviews import actions as reviews
from registry.signatures import actions as signatures
from tests import held
from tests.cast import Cast, change, change_rules, end, make_mandate, make_person
from tests.costs import queries
from tests.held import AT, JULY, JUNE

pytestmark = pytest.mark.django_db


def told(on: date = JULY) -> list:
    return waiting.tasks(Body.objects.all(), on=on)


def disagreements(on: date) -> list[int]:
    """The sittings that are held to say what they do not."""
    return filed.mend(on=on)


# --- By random stories ------------------------------------------------------------------------

CAUGHT = (Refused, LookupError, ValueError, IntegrityError, ObjectDoesNotExist)
Verb = Callable[[Cast, Random], object]


def a_meeting(chance: Random, **where) -> Meeting:
    return chance.choice(list(Meeting.objects.filter(**where).order_by("pk")))


def a_paper(chance: Random, **where) -> IssuedDocument:
    found = IssuedDocument.objects.current().filter(**where).order_by("pk")
    return chance.choice(list(found))


def _hold(cast: Cast, chance: Random) -> object:
    last = Meeting.objects.latest("held_on").held_on
    return held.hold(cast, last + timedelta(days=chance.choice((7, 14))), adopted=("Budget",))


def _plan(cast: Cast, chance: Random) -> object:
    day = Meeting.objects.latest("held_on").held_on + timedelta(days=chance.choice((3, 40)))
    return held.prepare(cast, "Tarifs", held_on=day)


def _convene(cast: Cast, chance: Random) -> object:
    meeting = a_meeting(chance, stage="preparee")
    change(meeting, convened_on=JUNE, sent_on=JUNE)
    number = meeting.convocations.count() + 1
    sent = Convocation.objects.create(meeting=meeting, number=number, stage="envoyee", sent_on=JUNE)
    return Recipient.objects.create(
        convocation=sent, why="membre", name="Alice", channel="courriel",
        state=Recipient.State.KEPT, message_id=f"{sent.pk}",
    )  # fmt: skip


def _hand_over(cast: Cast, chance: Random) -> object:
    state = chance.choice((Recipient.State.SENT, Recipient.State.KEPT))
    return Recipient.objects.update(state=state, sent_at=AT)


def _move(cast: Cast, chance: Random) -> object:
    meeting = a_meeting(chance, stage="preparee")
    return change(meeting, held_on=meeting.held_on + timedelta(days=chance.choice((1, 9))))


def _cancel(cast: Cast, chance: Random) -> object:
    return change(a_meeting(chance, stage="preparee"), stage=Meeting.Stage.CANCELLED)


def _write(cast: Cast, chance: Random) -> object:
    return held.write(cast, a_meeting(chance, stage="levee"), text=f"<p>{chance.random()}</p>")


def _put_off(cast: Cast, chance: Random) -> object:
    meeting = a_meeting(chance, events__kind="closed")
    item = meeting.items.get(title="Budget")
    fate = sitting.FateNoted(item=item.key, fate=sitting.Fate.POSTPONED)
    return ledger.record(meeting, fate, by=cast.secretariat)


def _issue_acts(cast: Cast, chance: Random) -> object:
    return held.issue_acts(a_meeting(chance, stage="levee"), by=cast.secretariat, reason="corrigé")


def _issue_minutes(cast: Cast, chance: Random) -> object:
    meeting = a_meeting(chance, events__kind="closed")
    return documents.issue_minutes(meeting, by=cast.secretariat, at=AT, reason="corrigé")


def _adopt(cast: Cast, chance: Random) -> object:
    return acts.record_adoptions(
        a_meeting(chance, events__kind="closed"), by=cast.secretariat, at=AT
    )


def _prepare(cast: Cast, chance: Random) -> object:
    return signatures.prepare_signing(a_paper(chance), by=cast.secretariat, at=AT)


def _sign(cast: Cast, chance: Random) -> object:
    place, who = chance.choice((("president", "alice"), ("secretaire-1", "bruno")))
    user = User.objects.get(email=f"{who}@brume.example")
    return held.sign(a_paper(chance, signatures__isnull=False), place, user)


def _decline(cast: Cast, chance: Random) -> object:
    place, who = chance.choice((("president", "alice"), ("secretaire-1", "bruno")))
    user = User.objects.get(email=f"{who}@brume.example")
    paper = a_paper(chance, signatures__isnull=False)
    return signatures.decline(paper, place=place, reason="Faux", by=user, at=AT)


def _ask_again(cast: Cast, chance: Random) -> object:
    declined = chance.choice(list(Decline.objects.filter(ended_at=None)))
    return signatures.end_decline(declined, by=cast.secretariat, at=AT)


def _hand_in(cast: Cast, chance: Random) -> object:
    scan = ContentFile(b"%PDF-1.4", "feuille.pdf")
    return signatures.deposit_handwritten(
        a_paper(chance), place="secretaire-1", scan=scan, by=cast.secretariat, at=AT
    )


def _settle_deposit(cast: Cast, chance: Random) -> object:
    handed = chance.choice(list(Deposit.objects.filter(settled_at=None)))
    return signatures.confirm(handed, by=cast.administration, at=AT)


def _publish(cast: Cast, chance: Random) -> object:
    return publishing.publish(a_paper(chance), by=cast.secretariat, at=AT)


def _withdraw(cast: Cast, chance: Random) -> object:
    online = chance.choice(list(Publication.objects.online()))
    return publishing.withdraw(online, reason="une adresse", by=cast.secretariat, at=AT)


def _ask(cast: Cast, chance: Random) -> object:
    readers = [(chance.choice((cast.alice, cast.bruno)), "secrétaire")]
    at = AT - timedelta(days=chance.choice((0, 12)))
    return reviews.ask(
        a_meeting(chance, events__kind="closed"), readers=readers, by=cast.secretariat, at=at
    )


def _agree(cast: Cast, chance: Random) -> object:
    review = chance.choice(list(Review.objects.filter(answered_at=None, revoked_at=None)))
    return reviews.agree(by=review, seen="a" * 64, at=AT)


def _remark(cast: Cast, chance: Random) -> object:
    meeting = a_meeting(chance, events__kind="closed")
    return meeting.remarks.create(text="Un mot manque.", made_by="Alice")


def _settle_remark(cast: Cast, chance: Random) -> object:
    remark = chance.choice(list(Remark.objects.filter(settled_at=None)))
    return change(remark, settled_at=AT, answer="Ajouté.")


def _approve_otherwise(cast: Cast, chance: Random) -> object:
    item = chance.choice(list(AgendaItem.objects.filter(kind="approbation")))
    return item.also_approves.set([a_meeting(chance, events__kind="closed")])


def _link(cast: Cast, chance: Random) -> object:
    found = list(Deliberation.objects.order_by("pk"))
    source, target = chance.choice(found), chance.choice(found)
    return source.links.create(kind="retire", target=target, linked_by=cast.secretariat)


def _rename(cast: Cast, chance: Random) -> object:
    person = chance.choice((cast.alice, cast.bruno))
    return change(person, last_name=chance.choice(("Arnaud", "Besson", "Durand")))


def _hand_on(cast: Cast, chance: Random) -> object:
    """Somebody else holds the mandate by which one signed."""
    person = chance.choice((cast.alice, cast.bruno, make_person(cast.organisation, "Zoé", "Zola")))
    return Mandate.objects.filter(pk=cast.seat(cast.bruno).pk).update(person=person)


def _change_rules(cast: Cast, chance: Random) -> object:
    return change_rules(cast.comite, notice_clear_days=chance.choice((5, 8)))


def _drop(cast: Cast, chance: Random) -> object:
    return preparing.delete_meeting(a_meeting(chance, stage="preparee"), by=cast.secretariat)


VERBS: tuple[Verb, ...] = (
    *(_hold, _plan, _convene, _hand_over, _move, _cancel, _write, _put_off, _issue_acts),
    *(_issue_minutes, _adopt, _prepare, _sign, _hand_in, _settle_deposit, _publish, _withdraw),
    *(_ask, _agree, _remark, _settle_remark, _approve_otherwise, _link, _rename, _hand_on),
    *(_change_rules, _drop, _decline, _ask_again),
)


@pytest.mark.proof
@pytest.mark.database
@pytest.mark.parametrize("seed", (0, 1) if connection.vendor == "sqlite" else (5,))
def test_whatever_is_done_what_is_filed_is_what_is_read_anew(seed, cast, accounts, hold, media):
    held.give_keys(cast)
    held.hold(cast, JUNE, adopted=("Budget",))
    chance = Random(seed)  # noqa: S311 the same story each time
    day, done = JULY, set()
    for _ in range(45):
        verb = chance.choice(VERBS)
        try:
            with transaction.atomic():
                verb(cast, chance)
        except CAUGHT:
            continue
        done.add(verb.__name__)
        assert disagreements(day) == [], verb.__name__
        told(day)  # what is not true any more is read anew, and filed
        assert FiledSheet.objects.exclude(of="").exists()
        assert disagreements(day) == [], verb.__name__
        day += timedelta(days=chance.choice((0, 0, 1, 6)))
    assert len(done) >= 12, done


# --- What it leans on -------------------------------------------------------------------------

WATCHED = (*filed.TOLD_TO_SCREENS, *filed.ROADS, *filed.WIDE)


def test_whatever_a_sheet_reads_is_watched(scene, cast, hold):
    """A table that it reads and that nobody hears of would make it say what was."""
    RuleBook.objects.filter(values={}).delete()
    later = hold(date(2026, 9, 8), adopted=("Budget", "Tarifs"))
    held.issue_acts(later, by=cast.secretariat)
    publishing.publish_acts(later, by=cast.secretariat, at=AT)
    item = later.items.get(title="Tarifs")
    ledger.record(
        later, sitting.FateNoted(item=item.key, fate=sitting.Fate.POSTPONED), by=cast.secretariat
    )
    held.prepare(cast, "Voirie", held_on=date(2026, 12, 1))
    pks = list(Meeting.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as captured:
        found = sheets.of(pks, on=date(2026, 10, 1))
    assert {task.what.split()[0] for sheet in found.values() for task in sheet.tasks} >= {
        "Mettre", "Rédiger", "Convoquer", "Faire",
    }  # fmt: skip
    read = {
        table
        for query in captured
        for table in re.findall(r'(?:FROM|JOIN) "(\w+?)"', query["sql"].replace("(", " "))
    }
    watched = {apps.get_model(each)._meta.db_table for each in WATCHED}
    # Whose account a person has is read with her; who may sign by it is asked when she does.
    assert read - watched <= {"members_user"}


def test_what_is_written_is_stamped_in_its_own_transaction(cast, june):
    told()
    sheet = FiledSheet.objects.get(pk=june.pk)
    assert sheet.of == sheet.stamp
    with transaction.atomic():
        june.remarks.create(text="Un mot manque.", made_by="Alice")
        assert FiledSheet.objects.get(pk=june.pk).stamp != sheet.stamp
        transaction.set_rollback(True)
    assert FiledSheet.objects.get(pk=june.pk).stamp == sheet.stamp


def test_a_sitting_that_is_moved_or_called_off_says_so_at_once(cast):
    meeting = held.prepare(cast, "Budget", held_on=date(2026, 9, 15))
    (before,) = told()
    assert told() == [before] and FiledSheet.objects.get(pk=meeting.pk).says
    change(meeting, held_on=date(2026, 9, 22))
    (after,) = told()
    assert after.due_on == before.due_on + timedelta(days=7)
    change(meeting, stage=Meeting.Stage.CANCELLED)
    assert told() == []


def test_what_was_read_before_somebody_wrote_is_not_filed(cast, june, monkeypatch):
    """He who reads began first, and ends last."""
    told()
    june.remarks.create(text="Un mot manque.", made_by="Alice")
    read = sheets.of

    def slow(meetings, *, on):
        found = read(meetings, on=on)
        june.remarks.create(text="Un autre.", made_by="Bruno")
        return found

    with monkeypatch.context() as patched:
        patched.setattr(sheets, "of", slow)
        told()
    sheet = FiledSheet.objects.get(pk=june.pk)
    assert sheet.of != sheet.stamp
    assert any("2 remarques" in task.what for task in told())


def test_another_version_of_the_code_reads_anew(cast, june, monkeypatch):
    told()
    FiledSheet.objects.update(says={})
    assert told() == []
    with monkeypatch.context() as patched:
        patched.setattr(filed, "CODE", "autre")
        assert told() != []


def test_what_somebody_wrote_round_the_application_is_found_and_mended(cast, june):
    before = told()
    FiledSheet.objects.filter(pk=june.pk).update(says={})
    assert told() == []
    assert filed.mend(on=JULY) == [june.pk]
    assert told() == before
    assert filed.mend(on=JULY) == []


@pytest.mark.parametrize("what", ["withdrawn", "adopted"])
def test_what_another_sitting_says_is_never_read_of_the_file(cast, hold, what):
    """Its vote is annulled: what it withdrew or adopted changes, and nothing of its own is written
    there."""
    june = hold(JUNE, adopted=("Tarifs",))
    held.issue_acts(june, by=cast.secretariat)
    documents.issue_minutes(june, by=cast.secretariat, at=AT)
    july = hold(JULY, adopted=("Budget",))
    (new,) = acts.number(july, by=cast.secretariat, at=AT)
    acts.record_adoptions(july, by=cast.secretariat, at=AT)
    acts.link(new, kind="retire", target=june.deliberations.get(), by=cast.secretariat)
    on = JULY + timedelta(days=3)
    awaiting = filed.of([june.pk], on=on)
    held.issue_acts(july, by=cast.secretariat)
    held.bind(july, by=cast.secretariat)
    before = filed.of([june.pk], on=on)
    assert before == filed.of([june.pk], on=on) == [*sheets.of([june.pk], on=on).values()]
    assert [each.tasks for each in awaiting] != [each.tasks for each in before]
    item = new.item if what == "withdrawn" else july.items.exclude(approves=None).get()
    votes = july.events.filter(kind="ballot_held")
    (vote,) = (each for each in votes if each.payload["ballot"]["item"] == item.key)
    ledger.void(july, seq=vote.seq, reason="compté deux fois", by=cast.secretariat)
    after = [*sheets.of([june.pk], on=on).values()]
    assert [each.tasks for each in filed.of([june.pk], on=on)] == [each.tasks for each in after]
    assert [each.tasks for each in before] != [each.tasks for each in after]


def test_nothing_is_filed_of_what_is_played(cast, june):
    change(cast.organisation, is_fleeting=True)
    FiledSheet.objects.all().delete()
    assert told() != []
    assert not FiledSheet.objects.exclude(of="").exists()


def test_an_address_changes_no_sheet_and_a_name_does(cast, june):
    told()
    stamps = dict(FiledSheet.objects.values_list("pk", "stamp"))
    change(cast.alice, phone="0322000001")
    assert dict(FiledSheet.objects.values_list("pk", "stamp")) == stamps
    change(cast.alice, last_name="Arnault")
    assert FiledSheet.objects.get(pk=june.pk).stamp != stamps[june.pk]


def test_once_filed_the_number_of_sittings_costs_no_query(cast, hold):
    def sitting_on(day: date) -> None:
        held.issue_acts(hold(day, adopted=("Budget",), approves=False), by=cast.secretariat)

    def count() -> int:
        told(date(2026, 12, 31))
        return queries(lambda: told(date(2026, 12, 31)))

    sitting_on(JUNE)
    before = count()
    for rank in range(4):
        sitting_on(JUNE + timedelta(days=14 * (rank + 1)))
    assert count() == before
    assert timezone.localdate(AT) == date(2026, 6, 15)
    end(cast.seat(cast.claire), JULY)
    make_mandate(cast.comite, make_person(cast.organisation, "Yves", "Yon"), start_on=JULY)
    assert count() == before
