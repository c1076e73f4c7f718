"""What is missing to convene, each with its article; and the legal calendar, day by day."""

from datetime import UTC, date, datetime, time

import pytest
from django.db import transaction

from convening.dispatch import checklist, timing
from convening.models import Convocation
from documents.compile import compile_summons
from law import sitting
from law.findings import Severity
from meetings.actions import items, ledger, preparing
from meetings.models import Brief, Meeting
from members.models import Mandate
from tests.cast import change, change_rules
from tests.convening import desk
from tests.convening.desk import HELD_ON, NOW, fresh
from tests.costs import queries
from tests.words import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_directory")]


def ready(cast) -> Meeting:
    desk.give_addresses(cast)
    return desk.prepared(cast)


def found(meeting: Meeting) -> dict:
    return {each.code: each for each in checklist.checklist(fresh(meeting))}


def refusals(meeting: Meeting) -> set[str]:
    return {c for c, each in found(meeting).items() if each.severity is Severity.REFUSAL}


# --- What is missing --------------------------------------------------------------------------


def a_report(meeting: Meeting) -> None:
    """Instead of the note of an item."""
    file = {"title": "Rapport", "filename": "r.pdf", "file": "pieces/r", "size": 1}
    item = meeting.items.get(title="Tarifs 2027")
    item.attachments.create(**file, media_type="application/pdf", sha256="a" * 64)


def without_minutes(meeting: Meeting) -> None:
    before = {"held_on": date(2026, 5, 12), "starts_at": time(18)}
    approved = preparing.create_meeting(body=meeting.body, **before, by=None)
    meeting.items.filter(title="Budget primitif").update(approves=approved)


def approval_alone(meeting: Meeting) -> None:
    meeting.items.update(kind="approbation")


def nobody(meeting: Meeting) -> None:
    Mandate.objects.filter(body=meeting.body).update(end_on=date(2026, 6, 1), end_reason="terme")


def a_budget(meeting: Meeting) -> None:
    meeting.items.filter(title="Budget primitif").update(kind="budget")


def at_a_distance(meeting: Meeting) -> None:
    change_rules(
        meeting.body,
        remote_allowed=True,
        remote_forbidden_matters="budget",
        remote_in_person_per_semester=1,
    )
    Meeting.objects.filter(pk=meeting.pk).update(in_one_place=False)


def already(meeting: Meeting, on: date) -> Meeting:
    """Another sitting of the body, which may be held at a distance."""
    other = preparing.create_meeting(body=meeting.body, held_on=on, starts_at=time(18), by=None)
    change(other, in_one_place=False)
    return other


def without_note(meeting: Meeting) -> None:
    Brief.objects.filter(item__title="Tarifs 2027").delete()


def a_late_question(meeting: Meeting) -> None:
    change_rules(meeting.body, oral_questions_clear_days=3)
    question = items.add_item(meeting, title="Le parking", kind="question", by=None)
    assert question.late_by is None
    change(question, received_on=date(2026, 6, 5))
    assert not [each for each in checklist.checklist(fresh(meeting)) if "parking" in str(each)]
    change(question, received_on=date(2026, 6, 6))


def a_section(meeting: Meeting) -> None:
    items.add_item(meeting, title="Finances", kind="section", by=None)


EMPTY, NOTE = "ordre_du_jour_vide", "note_manquante"
# What is done, what it refuses, what else it tells, in which words.
LACKING = (
    ([lambda m: m.items.all().delete()], EMPTY, EMPTY, "statuts"),
    ([lambda m: m.items.all().delete(), a_section], EMPTY, "", ""),
    ([lambda m: Meeting.objects.update(place=" ")], "lieu_manquant", "", ""),
    ([lambda m: Meeting.objects.update(is_hour_unknown=True)], "heure_manquante", "", ""),
    ([without_note], NOTE, NOTE, ": « Tarifs 2027 »"),
    ([without_note, lambda m: change_rules(m.body, note_required=False)], "", "", ""),
    ([without_note, a_report], "", "note_en_piece", "Tarifs 2027"),
    ([nobody], "sans_membres", "", ""),
    ([lambda m: Mandate.objects.update(office="membre")], "", "sans_president", "préside"),
    ([without_minutes], "", "pv_non_etabli", "12 mai 2026"),
    ([approval_alone], "", "ordre_du_jour_seul", "que l’approbation"),
    ([], "", "nature_probable", "« Budget primitif » semble être le vote du budget"),
    ([a_late_question], "", "question_tardive", "« Le parking » est arrivée le 6 juin 2026, après "
        "le 5 juin 2026"),
    ([a_budget, at_a_distance], "", "exclu_a_distance", ": « Budget primitif »"),
    # Nobody met in one place, neither last semester nor in this one, which ends.
    ([at_a_distance, lambda m: already(m, date(2025, 10, 7))], "", "semestre_a_distance",
        "au second semestre 2025"),
    ([at_a_distance], "", "semestre_a_distance", "au premier semestre 2026"),
)  # fmt: skip


@pytest.mark.parametrize("doings", [
    pytest.param([], id="les règles ne l’admettent pas"),
    pytest.param([at_a_distance, lambda m: Meeting.objects.update(in_one_place=True)],
        id="cette séance se tient en un seul lieu"),
])  # fmt: skip
def test_a_sitting_in_one_place_decides_everything(cast, doings):
    meeting = ready(cast)
    for do in (a_budget, *doings):
        do(meeting)
    assert {"exclu_a_distance", "semestre_a_distance"}.isdisjoint(found(meeting))


def test_a_semester_needs_one_sitting_in_one_place(cast):
    """Art. L5211-11-1: announced so, or held without anybody at a distance."""
    meeting = ready(cast)
    at_a_distance(meeting)
    before = already(meeting, date(2026, 5, 12))
    assert "semestre_a_distance" in found(meeting)
    held = desk.opened_and_closed(fresh(before), by=cast.secretariat)
    assert "semestre_a_distance" not in found(meeting)
    elsa = sitting.Arrived(member="elsa-evrard", remote=True, at=held.scheduled_for)
    ledger.record(held, elsa, by=cast.secretariat)
    assert "semestre_a_distance" in found(meeting)
    change(already(meeting, date(2026, 5, 5)), in_one_place=True)
    assert "semestre_a_distance" not in found(meeting)
    change(meeting, held_on=date(2026, 3, 10))  # more of the semester is to come
    assert list(timing.semesters_without_a_place(fresh(meeting))) == []


def test_what_is_missing(cast):
    meeting = ready(cast)
    assert refusals(meeting) == set()
    assert found(meeting)["projet_manquant"].severity is Severity.WARNING  # welcome, not due
    Brief.objects.update(articles="Le budget est adopté.")
    assert "projet_manquant" not in found(meeting)
    for doings, refused, told, words in LACKING:
        with transaction.atomic():
            for do in doings:
                do(meeting)
            assert refusals(meeting) == set(filter(None, [refused])), words
            if told:
                finding = found(meeting)[told]
                assert words in f"{finding} {finding.article}".replace("\u00a0", " ")
            transaction.set_rollback(True)


def convened_by(meeting) -> tuple:
    """As the page says it, then as the paper is signed."""
    page = {topic.title: topic for topic in checklist.topics(fresh(meeting))}["Convoquée par"]
    paper = compile_summons(fresh(meeting), sent_on=date(2026, 6, 1)).signatory
    return page, (paper.office.replace("\u00a0", " "), paper.name)


def test_nobody_presides_whoever_the_page_says_convenes_signs(cast):
    meeting = ready(cast)
    change_rules(meeting.body, convened_by_fallback="le doyen d’âge")
    Mandate.objects.update(office="membre", office_rank=None)
    page, signs = convened_by(meeting)
    assert page.said == "le doyen d’âge"
    assert "signée par le doyen d’âge." in str(page.findings[0])
    assert signs == ("Le doyen d’âge", "")


def test_a_vacant_presidency_is_held_by_the_first_vice_president(cast):
    """Art. L2122-17; statutes say it themselves."""
    meeting = ready(cast)
    change_rules(meeting.body, convened_by_fallback="le doyen d’âge")
    Mandate.objects.filter(office="president").update(office="membre")
    assert convened_by(meeting)[1] == ("Le doyen d’âge", "")
    change_rules(meeting.body, by_statutes=False)
    page, signs = convened_by(meeting)
    assert page.findings[0].article.startswith("art. L2122-17")
    assert signs == ("Le 1er vice-président", "Bruno BESSON")


def test_a_budget_asks_for_the_debate_that_a_sitting_before_held(cast):
    """Art. L2312-1: not the same evening, and none for what only corrects a budget."""
    meeting, code = ready(cast), "orientation_budgetaire"
    assert code not in found(meeting)
    a_budget(meeting)
    items.add_item(meeting, title="Débat d’orientation budgétaire", by=None)
    assert code in found(meeting)
    debated(meeting, sitting.Fate.TOOK_NOTE)
    assert code not in found(meeting)
    (said,) = [each.said for each in checklist.topics(fresh(meeting)) if "Débat" in each.title]
    assert said == "12 mai 2026"
    change(meeting, held_on=date(2026, 7, 22))
    assert code in found(meeting)
    meeting.items.filter(kind="budget").update(title="Budget supplémentaire")
    assert code not in found(meeting)


def test_a_budget_that_comes_too_late_is_said_before_it_is_convened(cast, secretary):
    meeting = ready(cast)
    a_budget(meeting)
    item = meeting.items.get(kind="budget")
    change(item, title="Budget primitif 2026")
    assert "budget_hors_delai" in found(meeting)
    assert "au plus tard le 30 avril 2026" in text(secretary.get(item.get_absolute_url()))
    change(item, title="Budget primitif 2027")
    assert "budget_hors_delai" not in found(meeting)


def debated(meeting: Meeting, *fates: str, title="Rapport d’orientations budgétaires", day=12):
    """At another sitting, a month before and over."""
    before = already(meeting, date(2026, 5, day))
    key = items.add_item(before, title=title, kind="debat", by=None).key
    told = [sitting.FateNoted(item=key, fate=fate) for fate in fates]
    return desk.opened_and_closed(before, *told, by=None)


def test_a_debate_that_no_sitting_held_is_none(cast):
    """Told by what a sitting that is over decided, not by an agenda."""
    meeting, code = ready(cast), "orientation_budgetaire"
    a_budget(meeting)
    coming = already(meeting, date(2026, 5, 13))
    items.add_item(coming, title="Débat d’orientation budgétaire", kind="debat", by=None)
    assert code in found(meeting)
    debated(meeting, day=14)
    debated(meeting, sitting.Fate.WITHDRAWN, day=18)
    debated(meeting, sitting.Fate.ADJOURNED, day=19)
    title = "Report du débat d’orientation budgétaire"
    debated(meeting, sitting.Fate.TOOK_NOTE, title=title, day=20)
    assert code in found(meeting)


def test_where_no_debate_is_due_nothing_is_said_of_it(cast):
    meeting = ready(cast)
    a_budget(meeting)
    for form, told in (("commune_moins_3500", 0), ("commune", 1)):
        change(meeting.body.rule_books.get(), preset=form)
        titles = [each.title for each in checklist.topics(fresh(meeting))]
        assert titles.count("Débat d’orientation budgétaire") == told


def test_what_is_in_order_is_said_too(cast):
    meeting = ready(cast)
    meeting.items.filter(title="Budget primitif").update(kind="budget")
    topics = {each.title: each for each in checklist.topics(fresh(meeting))}
    assert topics["Ordre du jour"].state == "fait"
    assert topics["Copies aux collectivités"].state == "avertissement"
    for title, said in (
        ("Ordre du jour", "4 points"),
        ("Notes de synthèse", "3 notes pour 3 délibérations"),
        ("Destinataires", "6 titulaires et 1 suppléant"),
        ("Sur papier", "1 lettre à imprimer\u00a0: M. Farid FAURE"),
    ):
        assert topics[title].said == said


def test_the_checklist_asks_as_many_queries_for_many(cast):
    meeting = ready(cast)

    def asked() -> int:
        one = fresh(meeting)
        return queries(lambda: checklist.topics(one))

    few = asked()
    desk.crowd(cast, 30)
    for rank in range(20):
        items.add_item(meeting, title=f"Point {rank}", by=cast.secretariat)
    assert asked() == few <= 12


def test_a_sitting_begun_or_cancelled_convenes_nobody(draft):
    draft.meeting.stage = Meeting.Stage.CANCELLED
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
    assert (shown.last_urgent_day, shown.is_late) == (date(2026, 6, 7), False)
    clear = ["1er jour franc", *(f"{rank}e jour franc" for rank in range(2, 6))]
    told = ["envoi possible", "envoi possible", "dernier jour pour envoyer", *clear, "séance"]
    assert roles(shown) == {date(2026, 6, day): role for day, role in enumerate(told, start=1)}
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
