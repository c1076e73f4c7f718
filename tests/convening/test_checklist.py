"""What is missing to convene, each with its article; and the legal calendar, day by day."""

from datetime import UTC, date, datetime, time

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from convening.actions import drafting
from convening.dispatch import checklist, timing
from convening.models import Convocation
from law.findings import Severity
from meetings.actions import items, preparing
from meetings.models import AgendaItem, Brief, Meeting
from members.models import Mandate, RuleBook
from tests.cast import change
from tests.convening import desk
from tests.convening.desk import HELD_ON, NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directory")]


def ready(cast) -> Meeting:
    desk.give_addresses(cast)
    return desk.prepared(cast)


def found(meeting: Meeting) -> dict:
    return {each.code: each for each in checklist.checklist(fresh(meeting))}


def fresh(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_related("body__organisation").get(pk=meeting.pk)


def refusals(meeting: Meeting) -> set[str]:
    return {c for c, each in found(meeting).items() if each.severity is Severity.REFUSAL}


# --- What is missing --------------------------------------------------------------------------


def without_agenda(meeting: Meeting) -> None:
    AgendaItem.objects.all().delete()


def a_section_alone(meeting: Meeting) -> None:
    without_agenda(meeting)
    items.add_item(meeting, title="Finances", kind="section", by=None)


def nowhere(meeting: Meeting) -> None:
    Meeting.objects.update(place=" ")


def without_note(meeting: Meeting) -> None:
    Brief.objects.filter(item__title="Tarifs 2027").delete()


def where_no_note_is_due(meeting: Meeting) -> None:
    without_note(meeting)
    book = RuleBook.objects.get(body=meeting.body)
    book.values |= {"note_required": False}
    book.save()


def a_report_instead(meeting: Meeting) -> None:
    without_note(meeting)
    file = {"title": "Rapport", "filename": "r.pdf", "file": "pieces/r", "size": 1}
    item = meeting.items.get(title="Tarifs 2027")
    item.attachments.create(**file, media_type="application/pdf", sha256="a" * 64)


def nobody_in_office(meeting: Meeting) -> None:
    Mandate.objects.filter(body=meeting.body).update(end_on=date(2026, 6, 1), end_reason="terme")


def nobody_in_the_chair(meeting: Meeting) -> None:
    Mandate.objects.filter(office="president").update(office="membre")


def minutes_not_issued(meeting: Meeting) -> None:
    before = {"held_on": date(2026, 5, 12), "starts_at": time(18)}
    approved = preparing.create_meeting(body=meeting.body, **before, by=None)
    meeting.items.filter(title="Budget primitif").update(approves=approved)


def test_what_is_missing(cast):
    meeting = ready(cast)
    assert refusals(meeting) == set()
    assert found(meeting)["projet_manquant"].severity is Severity.WARNING  # welcome, not due
    Brief.objects.update(articles="Le budget est adopté.")
    assert "projet_manquant" not in found(meeting)
    # What is done, what it refuses, what else it tells, in which words.
    for lacking, refused, told, words in (
        (without_agenda, "ordre_du_jour_vide", "ordre_du_jour_vide", "art. L2121-10 du CGCT"),
        (a_section_alone, "ordre_du_jour_vide", "", ""),
        (nowhere, "lieu_manquant", "", ""),
        (without_note, "note_manquante", "note_manquante", ": « Tarifs 2027 »"),
        (where_no_note_is_due, "", "", ""),
        (a_report_instead, "", "note_en_piece", "Tarifs 2027"),
        (nobody_in_office, "sans_membres", "", ""),
        (nobody_in_the_chair, "", "sans_president", "préside"),
        (minutes_not_issued, "", "pv_non_etabli", "12 mai 2026"),
    ):
        with transaction.atomic():
            lacking(meeting)
            assert refusals(meeting) == set(filter(None, [refused])), lacking
            if told:
                finding = found(meeting)[told]
                assert words in f"{finding} {finding.article}".replace("\u00a0", " ")
            transaction.set_rollback(True)


def test_what_is_in_order_is_said_too(cast):
    topics = {each.title: each for each in checklist.topics(ready(cast))}
    assert (topics["Ordre du jour"].state, topics["Ordre du jour"].said) == ("fait", "4 points")
    assert topics["Notes de synthèse"].said == "3 notes pour 3 délibérations"
    assert topics["Destinataires"].said == "6 titulaires et 1 suppléant"
    assert topics["Sur papier"].said == "1 lettre à imprimer"
    assert topics["Copies aux collectivités"].state == "avertissement"


def test_the_checklist_asks_as_many_queries_for_many(cast):
    meeting = ready(cast)

    def asked() -> int:
        one = fresh(meeting)
        with CaptureQueriesContext(connection) as queries:
            checklist.topics(one)
        return len(queries)

    few = asked()
    desk.crowd(cast, 30)
    for rank in range(20):
        items.add_item(meeting, title=f"Point {rank}", by=cast.secretariat)
    assert asked() == few <= 12


def test_a_sitting_begun_or_cancelled_convenes_nobody(cast):
    meeting = ready(cast)
    draft = drafting.prepare(meeting, by=cast.secretariat)
    meeting.stage = Meeting.Stage.CANCELLED
    assert "seance_annulee" in {each.code for each in checklist.objections(draft, at=NOW)}


# --- The calendar -----------------------------------------------------------------------------


def calendar(cast, *, at: datetime, held_on: date = HELD_ON, **values) -> timing.Days:
    meeting = ready(cast)
    change(meeting, held_on=held_on)
    return timing.days(Convocation(meeting=fresh(meeting), **values), at=at)


def roles(found: timing.Days) -> dict[date, str]:
    return {cell.on: cell.label for week in found.weeks for cell in week if cell.role}


def test_every_day_from_today_to_the_sitting(cast):
    shown = calendar(cast, at=NOW)
    assert (shown.last_day, shown.days_left) == (date(2026, 6, 3), 2)
    assert shown.last_urgent_day == date(2026, 6, 7)
    assert not shown.is_late
    assert roles(shown) == {
        date(2026, 6, 1): "envoi possible",
        date(2026, 6, 2): "envoi possible",
        date(2026, 6, 3): "dernier jour pour envoyer",
        date(2026, 6, 4): "1er jour franc",
        date(2026, 6, 5): "2e jour franc",
        date(2026, 6, 6): "3e jour franc",
        date(2026, 6, 7): "4e jour franc",
        date(2026, 6, 8): "5e jour franc",
        date(2026, 6, 9): "séance",
    }
    assert all(len(week) == 7 for week in shown.weeks)
    assert [cell.on for week in shown.weeks for cell in week if cell.is_today] == [date(2026, 6, 1)]


def test_one_day_late_only_urgency_remains_and_on_the_eve_nothing(cast):
    shown = calendar(cast, at=datetime(2026, 6, 4, 8, tzinfo=UTC))
    assert (shown.is_late, shown.is_too_late) == (True, False)
    assert roles(shown)[date(2026, 6, 7)] == "dernier jour, en urgence"
    assert roles(shown)[date(2026, 6, 8)] == "4e jour franc"
    convocation = Convocation(meeting=fresh(Meeting.objects.get()))
    assert timing.days(convocation, at=datetime(2026, 6, 8, 8, tzinfo=UTC)).is_too_late
    # The 3rd at 23 h 30 in Paris is the last moment, though it is the 3rd in London too.
    for hour, is_late in ((21, False), (22, True)):
        late = datetime(2026, 6, 3, hour, 30, tzinfo=UTC)
        assert timing.days(convocation, at=late).is_late is is_late


def test_holidays_are_marked_and_counted_and_a_far_sitting_shows_its_last_weeks(cast):
    shown = calendar(cast, held_on=date(2026, 5, 26), at=datetime(2026, 5, 18, 8, tzinfo=UTC))
    assert shown.last_day == date(2026, 5, 20)
    monday = next(c for week in shown.weeks for c in week if c.on == date(2026, 5, 25))
    assert (monday.holiday, monday.label) == ("lundi de Pentecôte", "5e jour franc")
    shown = calendar(cast, held_on=date(2026, 12, 15), at=NOW)
    assert len(shown.weeks) <= 9 and shown.last_day in roles(shown)


def test_a_second_call_has_three_days_and_no_urgency(cast):
    where = {"body": cast.comite, "held_on": date(2026, 6, 14), "starts_at": time(18)}
    again = preparing.create_meeting(**where, by=cast.secretariat, second_call_of=ready(cast))
    shown = timing.days(Convocation(meeting=fresh(again)), at=NOW)
    assert (shown.last_day, shown.last_urgent_day) == (date(2026, 6, 10), None)
