"""What is missing to convene, each with its article; and the legal calendar, day by day."""

from datetime import UTC, date, datetime, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from convening.actions import drafting
from convening.dispatch import checklist, timing
from convening.models import Convocation
from law.findings import Severity
from meetings.actions import items, preparing
from meetings.models import AgendaItem, Brief, Meeting
from members.models import Mandate, RuleBook
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


def test_a_sitting_that_lacks_nothing(cast):
    assert refusals(ready(cast)) == set()


def test_an_empty_agenda(cast):
    meeting = ready(cast)
    AgendaItem.objects.all().delete()
    assert refusals(meeting) == {"ordre_du_jour_vide"}
    assert found(meeting)["ordre_du_jour_vide"].article == "art. L2121-10 du CGCT"


def test_a_section_alone_is_no_agenda(cast):
    meeting = ready(cast)
    AgendaItem.objects.all().delete()
    items.add_item(meeting, title="Finances", kind="section", by=cast.secretariat)
    assert refusals(meeting) == {"ordre_du_jour_vide"}


def test_nowhere(cast):
    meeting = ready(cast)
    meeting.place = " "
    meeting.save()
    assert refusals(meeting) == {"lieu_manquant"}


def test_a_deliberation_without_its_note(cast):
    meeting = ready(cast)
    Brief.objects.filter(item__title="Tarifs 2027").delete()
    missing = found(meeting)["note_manquante"]
    assert missing.severity is Severity.REFUSAL
    assert "Tarifs 2027" in missing.message
    assert "Budget primitif" not in missing.message


def test_where_the_rules_ask_for_no_note(cast):
    meeting = ready(cast)
    Brief.objects.all().delete()
    book = RuleBook.objects.get(body=cast.comite)
    book.values |= {"note_required": False}
    book.save()
    assert refusals(meeting) == set()


def test_a_joined_report_stands_for_a_note_and_is_looked_at(cast):
    meeting = ready(cast)
    Brief.objects.filter(item__title="Tarifs 2027").delete()
    item = meeting.items.get(title="Tarifs 2027")
    item.attachments.create(
        title="Rapport",
        filename="r.pdf",
        file="pieces/r",
        media_type="application/pdf",
        size=1,
        sha256="a" * 64,
    )
    assert refusals(meeting) == set()
    assert "Tarifs 2027" in found(meeting)["note_en_piece"].message


def test_a_draft_is_welcome_and_not_due(cast):
    meeting = ready(cast)
    assert found(meeting)["projet_manquant"].severity is Severity.WARNING
    Brief.objects.update(articles="Le budget est adopté.")
    assert "projet_manquant" not in found(meeting)


def test_nobody_in_office(cast):
    meeting = ready(cast)
    Mandate.objects.filter(body=cast.comite).update(end_on=date(2026, 6, 1), end_reason="terme")
    assert "sans_membres" in refusals(meeting)


def test_nobody_in_the_chair(cast):
    meeting = ready(cast)
    Mandate.objects.filter(office="president").update(office="membre")
    assert found(meeting)["sans_president"].severity is Severity.WARNING


def test_minutes_to_approve_that_are_not_issued(cast):
    preparing.create_meeting(
        body=cast.comite, held_on=date(2026, 5, 12), starts_at=time(18), by=cast.secretariat
    )
    meeting = ready(cast)
    assert "12 mai 2026" in found(meeting)["pv_non_etabli"].message


def test_what_is_in_order_is_said_too(cast):
    topics = {each.title: each for each in checklist.topics(ready(cast))}
    assert topics["Ordre du jour"].state == "fait"
    assert topics["Ordre du jour"].said == "4 points"
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
    meeting.held_on = held_on
    meeting.save()
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


def test_one_day_late_only_urgency_remains(cast):
    shown = calendar(cast, at=datetime(2026, 6, 4, 8, tzinfo=UTC))
    assert (shown.is_late, shown.is_too_late) == (True, False)
    assert roles(shown)[date(2026, 6, 7)] == "dernier jour, en urgence"
    assert roles(shown)[date(2026, 6, 8)] == "4e jour franc"


def test_the_eve_is_too_late_for_anything(cast):
    shown = calendar(cast, at=datetime(2026, 6, 8, 8, tzinfo=UTC))
    assert shown.is_too_late


def test_a_late_evening_in_paris_is_still_that_day(cast):
    """The 3rd at 23 h 30 in Paris is the last moment, though it is the 3rd in London too."""
    assert not calendar(cast, at=datetime(2026, 6, 3, 21, 30, tzinfo=UTC)).is_late
    assert timing.days(
        Convocation(meeting=fresh(Meeting.objects.get())),
        at=datetime(2026, 6, 3, 22, 30, tzinfo=UTC),
    ).is_late


def test_holidays_are_marked_and_counted(cast):
    shown = calendar(cast, held_on=date(2026, 5, 26), at=datetime(2026, 5, 18, 8, tzinfo=UTC))
    assert shown.last_day == date(2026, 5, 20)
    monday = next(c for week in shown.weeks for c in week if c.on == date(2026, 5, 25))
    assert (monday.holiday, monday.label) == ("lundi de Pentecôte", "5e jour franc")


def test_a_sitting_far_away_shows_its_last_weeks(cast):
    shown = calendar(cast, held_on=date(2026, 12, 15), at=NOW)
    assert len(shown.weeks) <= 9
    assert shown.last_day in roles(shown)


def test_a_second_call_has_three_days_and_no_urgency(cast):
    meeting = ready(cast)
    again = preparing.create_meeting(
        body=cast.comite,
        held_on=date(2026, 6, 14),
        starts_at=time(18),
        by=cast.secretariat,
        second_call_of=meeting,
    )
    shown = timing.days(Convocation(meeting=fresh(again)), at=NOW)
    assert (shown.last_day, shown.last_urgent_day) == (date(2026, 6, 10), None)
