"""What is kept from the prefect: by a case of the law, never by a word alone."""

import pytest

from law import exemptions
from law.exemptions import Case
from law.regime import PRESETS

SMF, SMO = PRESETS["smf"], PRESETS["smo"]

# nature, matter, why → what is refused, what is doubted
CASES = {
    "budget, dit taux de promotion": ("2", "7.1", Case.CAREERS, ["budget_transmis"], []),
    "document budgétaire": ("5", "7.10", "urgence", ["budget_transmis"], []),
    "sous-matière du budget": ("1", "7.1.2", "dispensé", ["budget_transmis"], []),
    "7.10 n’est pas 7.1": ("6", "7.10", Case.INTERNAL, [], []),
    "réglementaire, dit dispensé": ("2", "6.4", "dispensé", ["reglementaire_transmis"], []),
    "réglementaire, dit interne": ("2", "5.4", Case.INTERNAL, ["reglementaire_transmis"], []),
    "police de la circulation": ("2", "6.1", Case.TRAFFIC, [], []),
    "une autre police": ("3", "6.1", Case.UNLISTED, ["police_transmise"], []),
    "tarif de stationnement": ("1", "7.10", Case.ROADS, [], []),
    "tarif de voirie, au budget": ("1", "7.1", Case.ROADS, [], ["tarif_a_verifier"]),
    "taux de promotion": ("1", "4.1", Case.CAREERS, [], []),
    "délibération dite de droit privé": ("1", "3.2", Case.PRIVATE, ["dispense_impropre"], []),
    "délibération, un motif libre": ("1", "9.4", "un vœu", [], ["deliberation_transmise"]),
    "autre acte, un motif libre": ("6", "9.1", "dispensé", [], ["motif_libre"]),
    "petit marché": ("4", "1.1", Case.CONTRACT, [], ["seuil_a_verifier"]),
    "marché dit de droit privé": ("4", "1.1", Case.PRIVATE, [], ["seuil_a_verifier"]),
    "nomination, ou sanction": ("3", "4.1", Case.UNLISTED, [], ["nomination_a_verifier"]),
    "règlement de salle, dit circulation": ("2", "9.1", Case.TRAFFIC, [], ["police_hors_matiere"]),
    "contractuel": ("3", "4.2", Case.UNLISTED, [], ["contractuel_a_verifier"]),
    "saisonnier": ("3", "4.2", Case.TEMPORARY, [], []),
    "sans matière": ("1", "", Case.ROADS, [], []),
    "nature inconnue": ("", "", Case.ROADS, ["dispense_impropre"], []),
}


@pytest.mark.parametrize("name", CASES)
def test_an_act_is_kept_back_only_where_the_law_lets_it(name):
    nature, matter, why, refused, doubted = CASES[name]
    reason = why.reason(SMO) if isinstance(why, Case) else why
    told = {"nature": nature, "matter": matter, "reason": reason, "regime": SMO}
    assert [each.code for each in exemptions.objections(**told)] == refused
    assert [each.code for each in exemptions.doubts(**told)] == doubted
    told.pop("regime")
    assert exemptions.is_sent(**told) is bool(refused)


@pytest.mark.parametrize("case", Case)
@pytest.mark.parametrize("regime", [SMF, SMO], ids=["fermé", "ouvert"])
def test_a_case_is_read_back_from_what_the_sheet_keeps_with_its_article(case, regime):
    reason = case.reason(regime)
    assert Case.of(reason) is case and len(reason) <= 300
    article = "L3131-" if regime is SMO else "L2131-"
    assert (article in reason) is (case is not Case.OTHER)


def test_the_word_of_an_object_belies_a_case():
    """Art. L2131-2, I, 5°: what hires or dismisses is sent, whatever its matter is said to be."""
    told = {"nature": "3", "matter": "9.1", "reason": Case.UNLISTED.reason(SMO), "regime": SMO}
    asked = {
        words: [each.code for each in exemptions.doubts(**told, object=words)]
        for words in ("Nomination de Mme Roux", "Autorisation d’absence de Mme Roux")
    }
    assert list(asked.values()) == [["nomination_a_verifier"], []]


def test_words_of_before_are_another_case_and_no_reason_sends():
    assert Case.of("Tarifs de voirie (art. L2131-2)") is Case.OTHER
    assert exemptions.is_sent(nature="1", matter="", reason="")
