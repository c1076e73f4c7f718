"""Pointing the roll: one click per person, the quorum follows, a second click changes nothing."""

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from convening.models import Recipient
from law import ballots, sitting
from law.findings import Refused
from law.french import NBSP
from meetings import reading
from meetings.actions import attendance, decisions, ledger, preparing
from meetings.models import Meeting, SittingEvent
from tests.cast import change, change_rules, end
from tests.convening import desk
from tests.held import prepare, sit
from tests.words import text, unsaid

ALICE, BRUNO, DENIS = "alice-arnaud", "bruno-besson", "denis-duval"


def point(meeting, by, standing, *members):
    attendance.set_roll(meeting, standings=dict.fromkeys(members, standing), by=by)


def kinds(meeting) -> list[str]:
    return list(meeting.events.values_list("kind", flat=True))


def test_the_first_click_freezes_the_composition_and_the_quorum_follows(bureau, by):
    with pytest.raises(Refused, match="inconnu"):
        point(bureau, by, "present", ALICE, "inconnu")
    assert not SittingEvent.objects.exists()
    point(bureau, by, "present", ALICE)
    assert kinds(bureau) == ["composed", "arrived"]
    assert not reading.quorum_at_opening(bureau).reached
    point(bureau, by, "present", BRUNO)
    quorum = reading.quorum_at_opening(bureau)
    assert (quorum.present, quorum.in_office, quorum.required) == (2, 3, 2)
    assert quorum.reached
    point(bureau, by, "present", ALICE, BRUNO, DENIS)  # everybody at once is one act
    assert reading.quorum_at_opening(bureau).present == 3


def test_a_change_of_mind_voids_and_never_erases(bureau, by):
    for standing in ("present", "present", "excuse", "absent", "present"):
        point(bureau, by, standing, ALICE)
    assert kinds(bureau) == ["composed", "arrived", "voided", "excused", "voided", "arrived"]
    assert ALICE in bureau.sitting.at_opening.room


def test_nobody_is_said_absent_before_somebody_was_pointed(bureau, secretary, by):
    page, click = f"/seances/{bureau.pk}/presences/", f"/seances/{bureau.pk}/appel/"
    assert " checked" not in secretary.get(page).text
    told = {"member": ALICE, "standing": "absent"}
    answer = secretary.post(click, told, headers={"HX-Request": "true"})
    assert answer.text.count(" checked") == 3  # the roll is being called
    assert not bureau.events.exists() and " checked" not in secretary.get(page).text
    point(bureau, by, "present", ALICE)
    assert secretary.get(page).text.count(" checked") == 3


def test_a_later_change_of_mandate_touches_the_sitting_when_it_is_taken_up(bureau, cast, by):
    point(bureau, by, "present", ALICE)
    seat = cast.seat(cast.denis, cast.bureau)
    end(seat, seat.start_on)
    again = Meeting.objects.get(pk=bureau.pk)
    assert reading.quorum_at_opening(again).in_office == 3
    point(again, by, "present", DENIS)  # still in the composition that the ledger froze
    with pytest.raises(Refused, match="Denis DUVAL"):
        attendance.recompose(again, by=by)
    assert attendance.foresee_recomposed(again).is_refused
    point(again, by, "absent", DENIS)
    foreseen = attendance.foresee_recomposed(again)
    assert ([m.name for m in foreseen.leaving], foreseen.coming) == (["Denis DUVAL"], ())
    assert (foreseen.before.in_office, foreseen.after.in_office) == (3, 2)
    attendance.recompose(again, by=by)
    assert reading.quorum_at_opening(again).in_office == 2
    assert attendance.foresee_recomposed(again) is None


def test_what_another_composition_would_change_is_shown_before_it_is_taken_up(
    held, cast, secretary, by
):
    """Of a held sitting, one click made thirty-two vacant seats of two."""
    decisions.hold_ballot(held, ballot=ballots.Ballot(item="p1"), by=by)
    url = f"/seances/{held.pk}/composition/reprendre/"
    assert secretary.get(url).status_code == 302  # nothing would change
    change(cast.seat(cast.elsa), weight=3)
    before = held.events.count()
    page = text(secretary.get(url))
    told = ("Siègent autrement", "Mme Elsa EVRARD", "personne", "est recompté", "8 voix pour")
    assert unsaid(page, *told) == []
    assert held.events.count() == before
    assert secretary.post(url).status_code == 302 and held.events.count() > before


def test_a_click_changes_its_part_of_the_page_and_nonsense_is_told_in_french(bureau, secretary):
    for data in (
        {},
        {"member": ALICE},
        {"member": ALICE, "standing": "mort"},
        {"member": "<script>", "standing": "present"},
    ):
        answer = secretary.post(f"/seances/{bureau.pk}/appel/", data)
        assert answer.status_code == 422 and "n’est pas dans la composition" in answer.text
    assert not bureau.events.exists()
    # The page answers a click with the changed part.
    url, data = f"/seances/{bureau.pk}/appel/", {"member": ALICE, "standing": "present"}
    answer = secretary.post(url, data, headers={"HX-Request": "true"})
    assert (answer.status_code, "<html" in answer.text) == (200, False)
    assert "Alice ARNAUD" in answer.text
    assert secretary.post(url, data).status_code == 302


def test_a_roll_before_the_day_tells_too_that_nobody_was_convened(cast, secretary, time_machine):
    time_machine.move_to(desk.NOW)
    meeting = desk.convened(cast).meeting
    Recipient.objects.update(state=Recipient.State.KEPT)
    everybody = {"member": "tous", "standing": "present"}
    answer = secretary.post(f"/seances/{meeting.pk}/appel/", everybody)
    assert [each.code for each in answer.context["findings"]] == ["seance_a_venir"]
    assert "Pointer avant l’heure" in answer.text
    # One press answers one question.
    answer = secretary.post(f"/seances/{meeting.pk}/appel/", answer.context["asked"])
    assert [each.code for each in answer.context["findings"]] == ["ouverture_sans_convocation"]
    assert "Pointer sans convocation" in answer.text
    assert (
        secretary.post(f"/seances/{meeting.pk}/appel/", answer.context["asked"]).status_code == 302
    )
    assert "L’appel n’est pas fait" in answer.text


def test_a_roll_before_the_day_is_asked_first(cast, secretary, by):
    """« Tous présents » on the sitting of next month, and the hours of what was not held."""
    day = date.today() + timedelta(days=18)
    later = preparing.create_meeting(body=cast.comite, held_on=day, starts_at=time(19), by=by)
    everybody = {"member": "tous", "standing": "present"}
    answer = secretary.post(f"/seances/{later.pk}/appel/", everybody)
    assert answer.status_code == 409 and "Pointer avant l’heure" in answer.text
    assert [each.code for each in answer.context["findings"]] == ["seance_a_venir"]
    assert not later.events.exists()
    assert (
        secretary.post(
            f"/seances/{later.pk}/appel/", everybody | {"sure": "seance_a_venir"}
        ).status_code
        == 302
    )
    assert len(Meeting.objects.get(pk=later.pk).sitting.at_opening.room) == 6
    told = {"chair": ALICE, "opened_at": "19:00"}
    answer = secretary.post(f"/seances/{later.pk}/conduite/", told)
    assert (
        answer.status_code == 422 and "à venir" in answer.context["conduct"].errors["opened_at"][0]
    )


def test_once_everybody_is_pointed_or_the_sitting_held_the_roll_is_over(held, secretary, by):
    """« Tous présents » stayed, and did and said nothing; so did what one does at the roll."""
    url, button, sentence = f"/seances/{held.pk}/presences/", 'id="tous-presents"', "est dit absent"
    page = secretary.get(url).text
    assert button not in page and sentence in page
    told = {"member": "tous", "standing": "present"}
    answer = secretary.post(f"/seances/{held.pk}/appel/", told, headers={"HX-Request": "true"})
    assert "Chacun est déjà pointé." in answer.text
    attendance.set_roll(held, standings={DENIS: "absent"}, by=by)
    assert button in secretary.get(url).text
    ledger.record(held, sitting.Closed(at=held.scheduled_for + timedelta(hours=1)), by=by)
    page = secretary.get(url).text
    assert button not in page and sentence not in page


def test_of_whom_left_in_its_course_the_quorum_says_the_moment(held, secretary, by):
    """« 6 présents, 6 voix », and of whom left before the deliberation « présent, 1 »."""
    left = held.scheduled_for.replace(hour=19, minute=10)
    ledger.record(held, sitting.Left(member=DENIS, at=left), by=by)
    ledger.record(held, sitting.Closed(at=held.scheduled_for + timedelta(hours=1)), by=by)
    since = "Depuis 19 h 10 : 5 présents sur 6, quorum atteint."
    for page in ("", "presences/", "quorum/"):
        shown = text(secretary.get(f"/seances/{held.pk}/{page}"))
        told = (
            ["À l’ouverture, quorum 6 sur 6"]
            if page == "quorum/"
            else ["Quorum atteint à l’ouverture", "6 titulaires présents"]
        )
        assert unsaid(shown, *told, since) == [], page
    assert unsaid(shown, "présent jusqu’à 19 h 10", "6 voix à l’ouverture") == []


def test_where_votes_make_the_other_half_of_the_quorum_they_are_told_too(cast, by):
    change_rules(cast.comite, quorum_basis="tetes_et_voix", weighted_votes=True)
    meeting = sit(prepare(cast), by=by, hours=None)
    left = meeting.scheduled_for + timedelta(minutes=10)
    ledger.record(meeting, sitting.Left(member=DENIS, at=left), by=by)
    told = reading.since_opening(meeting).replace(NBSP, " ")
    assert told == "Depuis 19 h 10 : 5 présents sur 6 et 5 voix sur 6, quorum atteint."


def test_a_movement_of_a_sitting_that_is_over_is_undone_only_by_who_corrects(held, secretary, by):
    url, left = f"/seances/{held.pk}/presences/", held.scheduled_for.replace(hour=19, minute=10)
    ledger.record(held, sitting.Left(member=DENIS, at=left), by=by)
    undo = reverse("meetings:void", args=[held.pk, held.events.last().seq])
    assert undo in secretary.get(url).text
    ledger.record(held, sitting.Closed(at=held.scheduled_for + timedelta(hours=1)), by=by)
    assert unsaid(text(secretary.get(url)), "19 h 10") == []
    assert undo not in secretary.get(url).text
    assert undo in secretary.get(f"{url}?corriger=1").text


def test_of_a_sitting_that_is_over_what_was_noted_is_read_and_correcting_is_a_step_away(
    held, cast, secretary, by
):
    url, radio = f"/seances/{held.pk}/presences/", 'type="radio"'
    attendance.set_roll(held, standings={DENIS: "excuse"}, by=by)
    assert radio in secretary.get(url).text
    ledger.record(held, sitting.Closed(at=held.scheduled_for + timedelta(hours=1)), by=by)
    page = secretary.get(url).text
    assert radio not in page and 'href="?corriger=1"' in page and ">excusé</p>" in page
    assert radio in secretary.get(f"{url}?corriger=1").text
    told, roll = {"member": DENIS, "standing": "present"}, f"/seances/{held.pk}/appel/"
    assert secretary.post(roll, told).url == f"{url}?corriger=1"  # one goes on
    assert radio in secretary.post(roll, told, headers={"HX-Request": "true"}).text
    assert ">excusé</p>" not in secretary.get(url).text
    # Nor is it offered the composition of another day, but to whoever corrects.
    seat = cast.seat(cast.denis, held.body)
    end(seat, seat.start_on)
    offered = "Reprendre la composition actuelle"
    assert offered not in secretary.get(url).text
    assert offered in secretary.get(f"{url}?corriger=1").text


def _closed(held, by) -> None:
    ledger.record(held, sitting.Closed(at=held.scheduled_for + timedelta(hours=1)), by=by)


def _established(held, by) -> None:
    change(held, stage=Meeting.Stage.ISSUED)


@pytest.mark.parametrize("ends", [_closed, _established])
def test_once_it_is_over_nobody_is_pointed_by_the_whole(held, secretary, by, ends):
    """The page offered no such button, and the address changed the votes of an established
    sitting, all at once."""
    url, button = f"/seances/{held.pk}/presences/", 'id="tous-presents"'
    attendance.set_roll(held, standings={DENIS: "absent"}, by=by)
    assert button in secretary.get(url).text
    ends(held, by)
    assert button not in secretary.get(url).text
    before, told = held.events.count(), {"member": "tous", "standing": "present"}
    answer = secretary.post(f"/seances/{held.pk}/appel/", told)
    assert answer.status_code == 409 and "plus pointé en bloc" in text(answer)
    assert held.events.count() == before
    told = {"member": "tous", "standing": "excuse"}
    assert secretary.post(f"/seances/{held.pk}/appel/", told).status_code == 422
    with pytest.raises(Refused, match="pointé en bloc"):
        attendance.point_all(Meeting.objects.get(pk=held.pk), by=by)


def test_an_hour_that_opens_a_sitting_to_which_nobody_was_convened_is_asked_first(
    cast, secretary, by, time_machine
):
    """The console asked, and the page of the presences opened it in silence."""
    day = date(2026, 6, 9)
    time_machine.move_to(timezone.make_aware(datetime.combine(day, time(20))), tick=False)
    meeting = preparing.create_meeting(body=cast.comite, held_on=day, starts_at=time(19), by=by)
    attendance.set_roll(meeting, standings={ALICE: "present"}, by=by)
    told = {"chair": ALICE, "opened_at": "19:00"}
    answer = secretary.post(f"/seances/{meeting.pk}/conduite/", told)
    assert answer.status_code == 409 and "Ouvrir sans convocation" in answer.text
    assert not Meeting.objects.get(pk=meeting.pk).was_opened
    answer = secretary.post(f"/seances/{meeting.pk}/conduite/", told | {"open_anyway": "1"})
    assert answer.status_code == 302 and Meeting.objects.get(pk=meeting.pk).was_opened
