"""Numbers of deliberations: in the order of the sitting, once, and never twice."""

from datetime import date
from threading import Thread

import pytest
from django.db import connection

from law.findings import Refused
from meetings.actions import decisions, ledger
from registry.acts import actions, reading
from registry.models import Deliberation, Final
from tests.held import AT

pytestmark = pytest.mark.django_db

JUNE, JULY = date(2026, 6, 9), date(2026, 7, 7)


def number(meeting, cast):
    return [each.label for each in actions.number(meeting, by=cast.secretariat, at=AT)]


def test_acts_are_numbered_in_the_order_of_the_sitting(cast, hold):
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"))
    assert number(meeting, cast) == ["2026-06-09/01", "2026-06-09/02"]
    assert [d.item.title for d in meeting.deliberations.order_by("rank")] == ["Budget", "Tarifs"]
    assert [d.safe_label for d in meeting.deliberations.order_by("rank")] == [
        "2026_06_09_01",
        "2026_06_09_02",
    ]


def test_a_rejected_draft_was_decided_and_takes_no_number(cast, hold):
    meeting = hold(JUNE, adopted=("Budget",), rejected=("Emprunt",))
    assert number(meeting, cast) == ["2026-06-09/01"]
    assert [(d.item.title, d.is_act) for d in reading.decided(meeting)] == [
        ("Budget", True),
        ("Emprunt", False),
    ]


def test_numbering_again_gives_nothing(cast, hold):
    meeting = hold(JUNE, adopted=("Budget",))
    number(meeting, cast)
    assert number(meeting, cast) == []
    assert Deliberation.objects.count() == 1


def test_the_number_of_the_year_runs_from_sitting_to_sitting(cast, hold):
    cast.comite.deliberation_format = "C{annee}_{numero:03}"
    cast.comite.save()
    first = number(hold(JUNE, adopted=("Budget", "Tarifs")), cast)
    second = number(hold(JULY, adopted=("Emprunt",), approves=False), cast)
    assert first + second == ["C2026_001", "C2026_002", "C2026_003"]


def test_the_year_begins_again_at_one(cast, hold):
    cast.comite.deliberation_format = "C{annee}_{numero:03}"
    cast.comite.save()
    number(hold(JUNE, adopted=("Budget",)), cast)
    later = hold(date(2027, 1, 12), adopted=("Voeux",), approves=False)
    assert number(later, cast) == ["C2027_001"]


def test_what_was_voided_keeps_its_number_and_it_is_never_given_again(cast, hold):
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"))
    number(meeting, cast)
    seq = next(each.seq for each in reading.decided(meeting) if each.item.title == "Tarifs")
    ledger.void(meeting, seq=seq, reason="erreur", by=cast.secretariat)
    later = hold(JULY, adopted=("Emprunt",), approves=False)
    number(later, cast)
    assert list(Deliberation.objects.order_by("number").values_list("number", flat=True)) == [
        1,
        2,
        3,
    ]


def test_a_correction_is_numbered_after_the_others(cast, hold):
    meeting = hold(JUNE, adopted=("Budget",), rejected=("Emprunt",))
    number(meeting, cast)
    (emprunt,) = [d for d in reading.decided(meeting) if not d.is_act]
    from law import ballots

    decisions.hold_ballot(
        meeting,
        ballot=ballots.Ballot(item=emprunt.item.key),
        by=cast.secretariat,
        replacing=emprunt.seq,
    )
    assert number(meeting, cast) == ["2026-06-09/02"]


def test_an_open_sitting_is_not_numbered(cast, hold):
    meeting = hold(JUNE, adopted=("Budget",), hours=None)
    with pytest.raises(Refused, match="n’est pas levée"):
        number(meeting, cast)


def test_a_format_changed_in_the_year_never_gives_a_number_twice(cast, hold):
    cast.comite.deliberation_format = "{annee}/{numero}"
    cast.comite.save()
    number(hold(JUNE, adopted=("Budget",)), cast)
    cast.comite.deliberation_format = "{annee}-{mois}-{jour}/{rang}"
    cast.comite.save()
    assert number(hold(JULY, adopted=("Emprunt",), approves=False), cast) == ["2026-07-07/1"]


def test_a_number_is_final(cast, hold):
    meeting = hold(JUNE, adopted=("Budget",))
    number(meeting, cast)
    deliberation = meeting.deliberations.get()
    for attempt in (
        lambda: deliberation.save(),
        lambda: deliberation.delete(),
        lambda: Deliberation.objects.update(number=9),
        lambda: Deliberation.objects.all().delete(),
        lambda: Deliberation.objects.bulk_update([deliberation], ["number"]),
    ):
        with pytest.raises(Final):
            attempt()


@pytest.mark.django_db(transaction=True)
def test_two_secretaries_number_two_sittings_at_once(cast, hold):
    cast.comite.deliberation_format = "C{annee}_{numero:03}"
    cast.comite.save()
    meetings = [
        hold(JUNE, adopted=("A", "B", "C")),
        hold(JULY, adopted=("D", "E", "F"), approves=False),
    ]

    def run(meeting):
        try:
            actions.number(meeting, by=cast.secretariat, at=AT)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[each]) for each in meetings for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = sorted(Deliberation.objects.values_list("number", flat=True))
    assert numbers == [1, 2, 3, 4, 5, 6]


# --- Links ------------------------------------------------------------------------------------


def test_a_later_deliberation_modifies_an_earlier_one(cast, hold):
    old = hold(JUNE, adopted=("Tarifs",))
    new = hold(JULY, adopted=("Tarifs modifiés",), approves=False)
    number(old, cast)
    number(new, cast)
    actions.link(new.deliberations.get(), kind="modifie", target=old.deliberations.get(), by=None)
    actions.link(new.deliberations.get(), kind="modifie", target=old.deliberations.get(), by=None)
    assert reading.links_of(new.deliberations.get()) == ("modifie 2026-06-09/01",)
    assert reading.links_of(old.deliberations.get()) == ("modifiée par 2026-07-07/01",)


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(lambda old, new: {"target": new}, id="une délibération postérieure"),
        pytest.param(lambda old, new: {"target": old}, id="elle-même"),
        pytest.param(lambda old, new: {}, id="aucune cible"),
        pytest.param(
            lambda old, new: {"target": new, "target_text": "arrêté de 1998"}, id="deux cibles"
        ),
    ],
)
def test_a_link_that_makes_no_sense_is_refused(cast, hold, target):
    old = hold(JUNE, adopted=("Tarifs",))
    new = hold(JULY, adopted=("Budget",), approves=False)
    number(old, cast)
    number(new, cast)
    one, other = old.deliberations.get(), new.deliberations.get()
    with pytest.raises(Refused):
        actions.link(one, kind="abroge", **target(one, other), by=None)


def test_an_act_that_is_not_here_is_named_in_words(cast, hold):
    meeting = hold(JUNE, adopted=("Tarifs",))
    number(meeting, cast)
    actions.link(
        meeting.deliberations.get(), kind="abroge", target_text="délibération de 1998", by=None
    )
    assert reading.links_of(meeting.deliberations.get()) == ("abroge délibération de 1998",)
