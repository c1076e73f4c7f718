"""Until when an act is undone, and by which case afterwards: the table is the rule."""

from datetime import date

import pytest

from law import undoing
from law.acts import Nature
from law.delegations import Kind
from law.undoing import Ground, Way, objection, other_power

TAKEN = date(2026, 7, 10)
LAST, LATE = date(2026, 11, 10), date(2026, 11, 11)
OTHER, RULE, INDIVIDUAL = Nature.OTHER, Nature.RULE, Nature.INDIVIDUAL

# What is done, to what, on which day, by which case; whether it is asked still.
CASES = [
    pytest.param(Way.WITHDRAWS, OTHER, LAST, "", False, id="retirer, le dernier jour"),
    pytest.param(Way.WITHDRAWS, OTHER, LATE, "", True, id="retirer, le lendemain"),
    pytest.param(Way.WITHDRAWS, RULE, LATE, "", True, id="retirer un règlement"),
    pytest.param(Way.WITHDRAWS, OTHER, LATE, Ground.FRAUD, False, id="obtenu par fraude"),
    pytest.param(Way.WITHDRAWS, INDIVIDUAL, LATE, Ground.SANCTION, False, id="une sanction"),
    pytest.param(Way.WITHDRAWS, INDIVIDUAL, LATE, Ground.REQUEST, False, id="on le demande"),
    pytest.param(Way.WITHDRAWS, OTHER, LATE, Ground.NO_RIGHTS, True, id="retirer, sans droits"),
    pytest.param(Way.WITHDRAWS, OTHER, LATE, "parce que", True, id="un cas que la loi n’a pas"),
    pytest.param(Way.REPEALS, INDIVIDUAL, LAST, "", False, id="abroger, le dernier jour"),
    pytest.param(Way.REPEALS, INDIVIDUAL, LATE, "", True, id="abroger un acte individuel"),
    pytest.param(Way.REPLACES, Nature.DELIBERATION, LATE, "", True, id="remplacer"),
    pytest.param(Way.REPEALS, OTHER, LATE, Ground.NO_RIGHTS, False, id="il ne crée pas de droits"),
    pytest.param(Way.REPEALS, INDIVIDUAL, LATE, Ground.SANCTION, True, id="abroger une sanction"),
    pytest.param(Way.REPEALS, RULE, LATE, "", False, id="abroger un règlement"),
    pytest.param(Way.MODIFIES, INDIVIDUAL, LATE, "", False, id="modifier"),
]


@pytest.mark.parametrize(("way", "nature", "on", "ground", "is_asked"), CASES)
def test_four_months_are_counted(way, nature, on, ground, is_asked):
    found = objection(way, nature, decided_on=TAKEN, on=on, ground=ground)
    assert (found is not None) is is_asked
    assert found is None or ("L242-1" in found.article and found.field == "ground")


def test_what_is_withdrawn_and_is_not_held_here_is_asked():
    asked = [objection(way, None, decided_on=None, on=LATE, ground="") for way in Way]
    assert [each is not None for each in asked] == [way is Way.WITHDRAWS for way in Way]


@pytest.mark.parametrize(("way", "nature", "illegality", "ground", "code"), [
    (Way.WITHDRAWS, OTHER, "", "", "sans_illegalite"),
    (Way.WITHDRAWS, OTHER, "", Ground.NO_RIGHTS, "sans_illegalite"),
    (Way.WITHDRAWS, OTHER, "sans quorum", "", ""),
    (Way.REPEALS, Nature.DELIBERATION, "", "", "droits_crees"),
    (Way.REPLACES, INDIVIDUAL, "", "", "droits_crees"),
    (Way.REPEALS, Nature.DELIBERATION, "", Ground.NO_RIGHTS, ""),
    (Way.REPEALS, Nature.DELIBERATION, "sans quorum", "", ""),
    (Way.REPEALS, Nature.DELIBERATION, "", Ground.SANCTION, "droits_crees"),
    (Way.REPEALS, RULE, "", "", ""),
    (Way.MODIFIES, INDIVIDUAL, "", "", ""),
    (Way.RECTIFIES, INDIVIDUAL, "", "", ""),
])  # fmt: skip
def test_within_four_months_what_may_create_rights_is_ended_for_a_reason(
    way, nature, illegality, ground, code
):
    """Art. L242-1: a subsidy was repealed within them, and nothing was asked."""
    told = {"decided_on": TAKEN, "on": LAST, "illegality": illegality, "ground": ground}
    found = undoing.not_illegal(way, nature, **told)
    assert (found.code if found else "") == code
    # Past them, its case is asked beside.
    assert undoing.not_illegal(way, nature, **(told | {"on": LATE})) is None


def test_what_is_withdrawn_is_undone_no_more_and_what_is_repealed_is_withdrawn_still():
    left = {(way, done) for way in Way for done in Way if undoing.already(way, done, "A-1") is None}
    going_on = (Way.MODIFIES, Way.RECTIFIES)
    assert left == {(way, done) for way in Way for done in going_on} | {
        (Way.WITHDRAWS, Way.REPEALS),
        (Way.WITHDRAWS, Way.REPLACES),
    }


def test_what_undoes_an_act_is_of_the_power_that_took_it():
    asked = {(by, of): other_power(by, of) for by in Kind for of in Kind}
    assert {each for each, found in asked.items() if found} == {
        (Kind.DECISION, Kind.ORDER),
        (Kind.ORDER, Kind.DECISION),
    }
    assert asked[Kind.ORDER, Kind.DECISION].message.startswith("Cet arrêté est pris par un pouvoir")


def test_nothing_undoes_an_election_and_what_takes_note_undoes_nothing():
    assert undoing.no_power(takes_note=False, is_executive=False, article="") is None
    election = undoing.no_power(takes_note=True, is_executive=True, article="R119")
    note = undoing.no_power(takes_note=True, is_executive=False, article="")
    assert election and note
    assert (election.code, note.code) == ("election_visee", "prend_acte")


@pytest.mark.parametrize(
    ("way", "is_designation", "code"),
    [
        pytest.param(Way.REPLACES, True, None, id="une nouvelle désignation la remplace"),
        pytest.param(Way.REPEALS, True, None, id="ou l’abroge"),
        pytest.param(Way.REPLACES, False, "designation_autrement", id="une délibération : demandé"),
        pytest.param(Way.RECTIFIES, False, None, id="une erreur matérielle se rectifie"),
        pytest.param(Way.WITHDRAWS, True, "designation_retiree", id="elle ne se retire pas"),
    ],
)
def test_who_is_designated_is_replaced_in_the_same_forms(way, is_designation, code):
    """Art. L2121-33: at any time, by a new designation."""
    found = undoing.other_forms(way, is_designation=is_designation, article="L2121-33")
    assert (found.code if found else None) == code


@pytest.mark.parametrize(("passage", "is_there"), [
    ("article 2", True),
    ("Article 1er : le tarif est abrogé", True),
    ("art. 3", False),
    ("article 28", False),
    ("article 2 : le bail est retiré", False),
    ("« Le bail est signé. »", True),
])  # fmt: skip
def test_what_is_said_of_a_text_is_in_it(passage, is_there):
    articles = ("Le tarif est abrogé.", "Le bail est signé.")
    assert (undoing.misquoted(passage, articles) is None) is is_there
    assert undoing.misquoted(passage, ()) is None
