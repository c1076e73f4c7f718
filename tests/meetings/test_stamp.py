"""A screen knows by one number whether the sitting moved: everything that writes makes it grow."""

import pytest

from law import ballots, sitting
from law.findings import Refused
from meetings.actions import attendance, decisions, items, ledger, preparing, texts
from meetings.models import Meeting
from tests.cast import change
from tests.words import refused

pytestmark = pytest.mark.database


def stamp(meeting: Meeting) -> int:
    return Meeting.objects.values_list("stamp", flat=True).get(pk=meeting.pk)


def budget(meeting: Meeting):
    return meeting.agenda["p1"].item


WRITINGS = {
    "une arrivée": lambda m, by: ledger.record(m, sitting.Arrived(member="gaelle-garnier"), by=by),
    "un événement annulé": lambda m, by: ledger.void(m, seq=8, reason="erreur", by=by),
    "un appel": lambda m, by: attendance.set_roll(m, standings={"elsa-evrard": "absent"}, by=by),
    "un vote": lambda m, by: decisions.hold_ballot(m, ballot=ballots.Ballot(item="p1"), by=by),
    "un point ajouté": lambda m, by: items.add_item(m, title="Vœu", by=by),
    "un point retiré": lambda m, by: items.remove_item(budget(m), by=by),
    "un point déplacé": lambda m, by: items.move_item(budget(m), parent=None, position=0, by=by),
    "un point renommé": lambda m, by: preparing.change(budget(m), fields=["title"], by=by),
    "une séance déplacée": lambda m, by: preparing.change(m, fields=["place"], by=by),
    "un texte": lambda m, by: texts.save_text(budget(m), text="<p>Dit.</p>", version=0, by=by),
}


@pytest.mark.parametrize("writing", WRITINGS.values(), ids=WRITINGS.keys())
def test_what_writes_makes_the_stamp_grow_by_one(held, writing, by):
    before = stamp(held)
    writing(held, by)
    assert stamp(held) == before + 1


def test_a_row_read_before_knows_the_new_stamp_and_never_takes_it_back(held, by):
    ours, old = Meeting.objects.get(pk=held.pk), Meeting.objects.get(pk=held.pk)
    items.add_item(held, title="Vœu", by=by)
    ledger.record(ours, sitting.Left(member="elsa-evrard"), by=by)
    assert ours.stamp == stamp(held)
    change(old, place="en mairie")
    assert ours.stamp == stamp(held)
    assert Meeting.objects.get(pk=held.pk).place == "en mairie"


def test_the_forms_make_it_grow_too_and_what_is_refused_or_changes_nothing_leaves_it(
    held, by, secretary
):
    texts.save_text(budget(held), text="<p>Dit.</p>", version=0, by=by)
    before = stamp(held)
    texts.save_text(budget(held), text="<p>Dit.</p>", version=1, by=by)
    with pytest.raises(Refused):
        ledger.record(held, sitting.Arrived(member="elsa-evrard"), by=by)
    assert stamp(held) == before
    where = {"held_on": "2026-06-09", "starts_at": "19:00", "place": "en mairie"}
    item = {"kind": "debat", "title": "Orientations"}
    for path, data in (("modifier/", where), ("points/p1/modifier/", item)):
        assert secretary.post(f"/seances/{held.pk}/{path}", data).status_code == 302
    assert stamp(held) == before + 2


def test_live_refuses_what_a_past_sitting_may_have_done(held, by):
    for member in ("bruno-besson", "claire-caron", "denis-duval", "elsa-evrard"):
        ledger.record(held, sitting.Left(member=member, before="p1"), by=by)
    vote = sitting.BallotHeld(ballot=ballots.Ballot(item="p1"))
    with refused("quorum"):
        ledger.record(held, vote, by=by, live=True)
    assert "quorum" in [f.code for f in ledger.record(held, vote, by=by)]
