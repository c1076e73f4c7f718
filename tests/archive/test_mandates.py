"""What a sitting changed of the mandates is asked of the secretariat until the mandates say it."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from archive.desk import stages, waiting
from convening.dispatch import checklist
from law import elections, sitting
from law.elections import Secrecy
from law.findings import Refused
from meetings import mandates
from meetings.actions import attendance, decisions, ledger
from meetings.models import Meeting
from members import offices
from members.models import Body, Mandate
from tests import held
from tests.cast import end, make_constituency
from tests.held import JULY, JUNE
from tests.words import text

pytestmark = pytest.mark.django_db
TASK = "Mettre les mandats à jour"
SOON = JUNE + timedelta(days=3)


@pytest.fixture
def secretary(client_of, cast):
    return client_of(cast.secretariat)


def elects(key, title, votes=6):
    """All the papers are for this person."""

    def told(item):
        return elections.Election(
            item=item,
            key=title,
            title=title,
            secrecy=Secrecy.IMPOSED,
            candidates=(elections.Candidate(key=key),),
            rounds=(elections.Round(votes={key: votes}, voters=votes),),
        )

    return told


def closed(cast, *told, leaves=(), on=JUNE, chair="alice-arnaud"):
    """A sitting of that day where these elections were held and these members left."""
    meeting = held.prepare(cast, "Installation", held_on=on)
    held.sit(meeting, by=cast.secretariat, chair=chair, clerks=["denis-duval"], hours=None)
    (item,) = (node.item.key for node in meeting.agenda.nodes if node.item.title == "Installation")
    for each in told:
        decisions.hold_election(meeting, election=each(item), by=cast.secretariat)
    for key, ending in dict(leaves).items():
        event = sitting.Vacated(member=key, ending=sitting.Ending(ending))
        attendance.tell(meeting, event, by=cast.secretariat)
    ledger.record(
        meeting, sitting.Closed(at=meeting.scheduled_for + timedelta(hours=2)), by=cast.secretariat
    )
    return Meeting.objects.get(pk=meeting.pk)


def asked(cast, on=SOON):
    bodies = Body.objects.filter(organisation=cast.organisation)
    return [task for task in waiting.tasks(bodies, on=on) if task.what == TASK]


def said(meeting, on=SOON):
    return [(str(each.mandate.body), each.said) for each in mandates.of(meeting, on=on)]


def test_a_president_elected_is_asked_of_the_mandates_then_written_in_one_act(cast, secretary):
    meeting = closed(cast, elects("claire-caron", "présidente"))
    (task,) = asked(cast)
    page = text(secretary.get(task.url))
    assert "Claire CARON est élue présidente" in page
    assert "Alice ARNAUD n’est plus présidente" in page
    assert ("Bureau", "Alice ARNAUD n’est plus présidente") in said(meeting)
    answer = secretary.post(reverse("archive:write_offices", args=[meeting.pk]))
    assert answer.status_code == 302
    chair = cast.comite.mandates.in_office(JUNE).get(office="president")
    assert (chair.person, chair.start_on) == (cast.claire, JUNE)
    # An open syndicate, whose statutes say nothing of it here: its vice-presidents stay.
    assert cast.comite.mandates.in_office(SOON).filter(office="vice-president").count() == 2
    assert cast.bureau.mandates.in_office(SOON).get(office="president").person == cast.claire
    assert asked(cast) == [] and said(meeting) == []


def test_the_next_sitting_is_told_and_no_chair_is_said_missing(cast):
    end(cast.comite.mandates.get(office="president"), date(2026, 6, 1))
    closed(cast, elects("bruno-besson", "président", votes=5), chair="bruno-besson")
    following = held.prepare(cast, "Budget", held_on=JULY)
    found = {each.code: each for each in checklist.checklist(following)}
    assert "Bruno BESSON est élu président" in found["mandats_en_retard"].message
    assert "sans_president" not in found
    on_its_day = {each.code for each in stages.of(following, on=JULY).doubts}
    before_it = {each.code for each in stages.of(following, on=SOON).doubts}
    assert "mandats_en_retard" in on_its_day - before_it


def test_who_left_is_led_to_the_page_that_ends_the_mandate_filled_in(cast, secretary):
    meeting = closed(cast, leaves={"farid-faure": "demission"})
    (task,) = asked(cast)
    page = secretary.get(task.url)
    url = f"{reverse('members:mandate', args=[cast.comite.mandates.get(person=cast.farid).pk])}"
    assert f'href="{url}?le=2026-06-09&amp;motif=demission#suite"' in page.content.decode()
    form = secretary.get(f"{url}?le=2026-06-09&motif=demission").context["form"]
    assert (str(form["on"].value()), form["reason"].value()) == ("2026-06-09", "demission")
    end(cast.comite.mandates.get(person=cast.farid), JUNE)
    assert asked(cast) == [] and said(meeting) == []


def test_it_goes_when_somebody_answers_that_nothing_is_to_change(cast, secretary):
    meeting = closed(cast, leaves={"farid-faure": "demission"})
    url = reverse("archive:leave_mandates", args=[meeting.pk])
    assert secretary.post(url, {"why": " "}).status_code == 422
    assert asked(cast)
    secretary.post(url, {"why": "Le préfet n’a pas accepté la démission."})
    assert asked(cast) == []
    told = meeting.deeds.get(verb=mandates.LEFT)
    assert (told.by, told.words.partition("\u00a0: ")[2]) == (
        cast.secretariat,
        "Le préfet n’a pas accepté la démission.",
    )


CASES = {
    "la présidente réélue garde sa fonction": ([elects("alice-arnaud", "présidente")], 0),
    "un vice-président de plus": ([elects("elsa-evrard", "3e vice-présidente")], 1),
}


@pytest.mark.parametrize(("told", "offices"), CASES.values(), ids=CASES.keys())
def test_what_the_mandates_say_already_is_asked_of_nobody(cast, told, offices):
    found = {each.mandate.person for each in mandates.of(closed(cast, *told), on=SOON)}
    assert cast.alice not in found
    assert (cast.elsa in found) == bool(offices)


def test_a_later_sitting_speaks_for_an_earlier_one_and_history_is_left_alone(cast):
    first = closed(cast, elects("claire-caron", "présidente"))
    closed(cast, elects("bruno-besson", "président"), on=JULY)
    later = JULY + timedelta(days=1)
    assert ("Comité syndical", "Claire CARON est élue présidente") not in said(first, on=later)
    assert asked(cast, on=JULY + timedelta(days=500)) == []


def test_mandates_that_changed_meanwhile_are_not_written_over(cast):
    row = cast.comite.mandates.get(person=cast.claire)
    given = offices.Given(mandate=row, office="president", rank=0, on=JUNE)
    end(Mandate.objects.get(pk=row.pk), JULY)
    with pytest.raises(Refused):
        offices.give([given], by=cast.secretariat)
    assert not cast.comite.mandates.filter(person=cast.claire, office="president").exists()


def test_who_is_elected_to_the_bureau_is_given_her_seat_there(cast, secretary):
    college = make_constituency(cast.bureau, "Bureau", seats=5)
    told = elects("claire-caron", "présidente"), elects("farid-faure", "membre du Bureau")
    meeting = closed(cast, *told)
    assert ("Bureau", "Claire CARON est élue présidente") in said(meeting)
    assert ("Bureau", "Farid FAURE est élu membre du Bureau") in said(meeting)
    assert not any(who.startswith("Farid") for body, who in said(meeting) if body != "Bureau")
    url = reverse("archive:write_offices", args=[meeting.pk])
    assert secretary.post(url).status_code == 302
    chair = cast.bureau.mandates.get(office="president", end_on=None)
    assert (chair.person, chair.start_on, chair.community) == (cast.claire, JUNE, cast.agglo)
    seat = cast.bureau.mandates.get(person=cast.farid)
    assert (seat.office, seat.start_on, seat.community) == ("membre", JUNE, cast.etangs)
    assert seat.constituency == college  # where every seat of it is counted
    assert said(meeting) == [] and asked(cast) == []
    end(seat, JULY)  # what came later is not asked again
    assert said(meeting, on=JULY + timedelta(days=9)) == []


def test_a_seat_of_the_bureau_given_meanwhile_is_not_given_twice(cast):
    closed_one = closed(cast, elects("farid-faure", "membre du Bureau"))
    (found,) = mandates.of(closed_one, on=SOON)
    given = offices.Given(mandate=found.mandate, office="", rank=0, on=JUNE)
    Mandate.objects.create(body=cast.bureau, person=cast.farid, start_on=JULY)
    with pytest.raises(Refused):
        offices.give([given], by=cast.secretariat)


def test_without_one_bureau_nobody_is_seated_in_one(cast):
    meeting = closed(cast, elects("farid-faure", "membre du Bureau"))
    Body.objects.filter(pk=cast.bureau.pk).update(is_active=False)
    assert said(meeting) == []


def test_of_a_sitting_kept_before_its_day_what_is_written_is_asked_no_more(cast, secretary):
    """Its offices run from that day, and today the mandates of before run still."""
    meeting = closed(cast, elects("claire-caron", "présidente"))
    eve = JUNE - timedelta(days=3)
    assert said(meeting, on=eve)
    given = [
        offices.Given(
            mandate=each.mandate, office=each.change.office, rank=each.change.rank, on=JUNE
        )
        for each in mandates.of(meeting, on=eve)
    ]
    offices.give(given, by=cast.secretariat)
    assert said(meeting, on=eve) == [] and asked(cast, on=eve) == []
