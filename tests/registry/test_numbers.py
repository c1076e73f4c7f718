"""Numbers of deliberations: in the order of the sitting, once, and never twice."""

from datetime import date
from threading import Thread

import pytest
from django.db import connection

from law import ballots
from law.findings import Refused
from meetings.actions import decisions, ledger
from registry.acts import actions, reading
from registry.models import Deliberation, Final
from tests.held import AT, JULY, JUNE

pytestmark = pytest.mark.django_db


def number(meeting, cast):
    return [each.label for each in actions.number(meeting, by=cast.secretariat, at=AT)]


def print_as(cast, form):
    cast.comite.deliberation_format = form
    cast.comite.save()


def test_acts_are_numbered_once_in_the_order_of_the_sitting_what_was_rejected_never(cast, hold):
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"), rejected=("Emprunt",))
    assert number(meeting, cast) == ["2026-06-09/01", "2026-06-09/02"]
    numbered = meeting.deliberations.order_by("rank")
    assert [(each.item.title, each.safe_label) for each in numbered] == [
        ("Budget", "2026_06_09_01"),
        ("Tarifs", "2026_06_09_02"),
    ]
    assert [(each.item.title, each.is_act) for each in reading.decided(meeting)] == [
        ("Budget", True),
        ("Tarifs", True),
        ("Emprunt", False),
    ]
    assert number(meeting, cast) == []
    # Corrected, the vote made an act: it comes after the others.
    emprunt = reading.decided(meeting)[-1]
    ballot = ballots.Ballot(item=emprunt.item.key)
    decisions.hold_ballot(meeting, ballot=ballot, by=cast.secretariat, replacing=emprunt.seq)
    assert number(meeting, cast) == ["2026-06-09/03"]


def test_the_number_of_the_year_runs_from_sitting_to_sitting_and_begins_again(cast, hold):
    print_as(cast, "C{annee}_{numero:03}")
    assert number(hold(JUNE, adopted=("Budget", "Tarifs")), cast) == ["C2026_001", "C2026_002"]
    july = hold(JULY, adopted=("Emprunt",), approves=False)
    assert number(july, cast) == ["C2026_003"]
    january = hold(date(2027, 1, 12), adopted=("Voeux",), approves=False)
    assert number(january, cast) == ["C2027_001"]


def test_what_was_voided_keeps_its_number_and_it_is_never_given_again(cast, hold):
    meeting = hold(JUNE, adopted=("Budget", "Tarifs"))
    number(meeting, cast)
    seq = next(each.seq for each in reading.decided(meeting) if each.item.title == "Tarifs")
    ledger.void(meeting, seq=seq, reason="erreur", by=cast.secretariat)
    number(hold(JULY, adopted=("Emprunt",), approves=False), cast)
    numbers = Deliberation.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3]


def test_an_open_sitting_is_not_numbered(cast, hold):
    with pytest.raises(Refused, match="n’est pas levée"):
        number(hold(JUNE, adopted=("Budget",), hours=None), cast)


def test_a_format_changed_in_the_year_never_gives_a_number_twice(cast, hold):
    print_as(cast, "{annee}/{numero}")
    number(hold(JUNE, adopted=("Budget",)), cast)
    print_as(cast, "{annee}-{mois}-{jour}/{rang}")
    july = hold(JULY, adopted=("Emprunt",), approves=False)
    assert number(july, cast) == ["2026-07-07/1"]


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
    print_as(cast, "C{annee}_{numero:03}")
    meetings = [
        hold(JUNE, adopted=("A", "B", "C")),
        hold(JULY, adopted=("D", "E", "F"), approves=False),
    ]

    def run(meeting):
        try:
            number(meeting, cast)
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


def test_a_later_deliberation_modifies_an_earlier_one_and_no_link_is_absurd(cast, hold):
    june, july = hold(JUNE, adopted=("Tarifs",)), hold(JULY, adopted=("Budget",), approves=False)
    (old,), (new,) = (actions.number(each, by=cast.secretariat, at=AT) for each in (june, july))
    for _ in range(2):
        actions.link(new, kind="modifie", target=old, by=cast.secretariat)
    assert reading.links_of(new) == ("modifie 2026-06-09/01",)
    assert reading.links_of(old) == ("modifiée par 2026-07-07/01",)
    for absurd in (
        {"target": new},  # later
        {"target": old},  # itself
        {},
        {"target": new, "target_text": "arrêté de 1998"},  # two at once
    ):
        with pytest.raises(Refused):
            actions.link(old, kind="abroge", **absurd, by=cast.secretariat)
    # An act that is not here is named in words.
    made = actions.link(old, kind="abroge", target_text="délibération de 1998", by=cast.secretariat)
    assert made.linked_by == cast.secretariat
    assert reading.links_of(old) == (
        "abroge délibération de 1998",
        "modifiée par 2026-07-07/01",
    )
