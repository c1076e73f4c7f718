"""Pointing the roll: one click per person, the quorum follows, a second click changes nothing."""

import pytest

from law.findings import Refused
from meetings import reading
from meetings.actions import attendance
from meetings.models import Meeting, SittingEvent

KEYS = ("alice-arnaud", "bruno-besson", "denis-duval")


def test_the_first_click_freezes_the_composition(bureau, by):
    attendance.set_roll(bureau, standings={"alice-arnaud": "present"}, by=by)
    kinds = list(bureau.events.values_list("kind", flat=True))
    assert kinds == ["composed", "arrived"]


def test_the_quorum_follows_the_roll(bureau, by):
    attendance.set_roll(bureau, standings={KEYS[0]: "present"}, by=by)
    assert not reading.quorum_at_opening(bureau).reached
    attendance.set_roll(bureau, standings={KEYS[1]: "present"}, by=by)
    quorum = reading.quorum_at_opening(bureau)
    assert (quorum.present, quorum.in_office, quorum.required) == (2, 3, 2)
    assert quorum.reached


def test_a_second_click_on_the_same_state_changes_nothing(bureau, by):
    attendance.set_roll(bureau, standings={KEYS[0]: "excuse"}, by=by)
    attendance.set_roll(bureau, standings={KEYS[0]: "excuse"}, by=by)
    assert bureau.events.count() == 2


def test_a_change_of_mind_voids_and_never_erases(bureau, by):
    for standing in ("present", "excuse", "absent", "present"):
        attendance.set_roll(bureau, standings={KEYS[0]: standing}, by=by)
    kinds = list(bureau.events.values_list("kind", flat=True))
    assert kinds == [
        "composed",
        "arrived",
        "voided",
        "excused",
        "voided",
        "arrived",
    ]
    assert KEYS[0] in bureau.sitting.at_opening.room


def test_everybody_at_once_is_one_act(bureau, by):
    attendance.set_roll(bureau, standings=dict.fromkeys(KEYS, "present"), by=by)
    assert reading.quorum_at_opening(bureau).present == 3


def test_somebody_outside_the_composition_is_refused_and_nothing_is_written(bureau, by):
    with pytest.raises(Refused) as refusal:
        attendance.set_roll(bureau, standings={KEYS[0]: "present", "inconnu": "present"}, by=by)
    assert "inconnu" in str(refusal.value)
    assert not SittingEvent.objects.exists()


def test_a_later_change_of_mandate_does_not_touch_the_sitting(bureau, cast, by):
    attendance.set_roll(bureau, standings={KEYS[0]: "present"}, by=by)
    seat = cast.seat(cast.denis, cast.bureau)
    seat.end_on, seat.end_reason = seat.start_on, "demission"
    seat.save()
    again = Meeting.objects.get(pk=bureau.pk)
    assert reading.quorum_at_opening(again).in_office == 3
    attendance.recompose(again, by=by)
    assert reading.quorum_at_opening(again).in_office == 2


def test_the_composition_is_not_taken_up_again_without_somebody_the_ledger_names(bureau, cast, by):
    attendance.set_roll(bureau, standings={"denis-duval": "present"}, by=by)
    seat = cast.seat(cast.denis, cast.bureau)
    seat.end_on, seat.end_reason = seat.start_on, "demission"
    seat.save()
    with pytest.raises(Refused, match="Denis DUVAL"):
        attendance.recompose(bureau, by=by)


def test_the_page_answers_a_click_with_the_changed_part(bureau, secretary):
    url = f"/seances/{bureau.pk}/appel/"
    answer = secretary.post(
        url, {"member": KEYS[0], "standing": "present"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Alice ARNAUD" in answer.text
    assert secretary.post(url, {"member": KEYS[0], "standing": "present"}).status_code == 302


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({}, id="rien"),
        pytest.param({"member": KEYS[0]}, id="sans état"),
        pytest.param({"member": KEYS[0], "standing": "mort"}, id="état inconnu"),
        pytest.param({"member": "<script>", "standing": "present"}, id="personne inconnue"),
    ],
)
def test_nonsense_is_told_in_french(bureau, data, secretary):
    answer = secretary.post(f"/seances/{bureau.pk}/appel/", data)
    assert answer.status_code == 422
    assert "n’est pas dans la composition" in answer.text
    assert not bureau.events.exists()
