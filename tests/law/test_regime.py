"""Règlement d'une instance : valeurs légales, saisies fausses, statuts.

Sources: art. L2121-11, L2121-12, L5211-1, L5211-11, L5711-1, L5721-1 of the CGCT.
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path

import pytest

from law import codec, regime
from law.findings import Refused
from law.french import NBSP
from law.regime import PRESETS, RULES
from law.sitting import Composed
from tests.law.story import COMITE


def plain(found: object) -> str:
    """A finding, or a part of it, with ordinary spaces only."""
    return str(found).replace(NBSP, " ")


@pytest.mark.parametrize(("preset", "key", "value"), [
    pytest.param("commune_moins_3500", "notice_clear_days", 3, id="trois jours (L2121-11)"),
    pytest.param("commune", "notice_clear_days", 5, id="cinq jours dès 3 500 hab. (L2121-12)"),
    pytest.param("epci", "notice_clear_days", 5, id="cinq jours en EPCI (L5211-1)"),
    pytest.param("commune_moins_3500", "note_required", False, id="sans note de synthèse"),
    pytest.param("smf", "note_required", True, id="note de synthèse en syndicat fermé"),
    pytest.param("commune", "closed_doors_requesters", 3, id="huis clos : trois (L2121-18)"),
    pytest.param("epci", "closed_doors_requesters", 5, id="huis clos : cinq (L5211-11)"),
    pytest.param("epci", "quorum_fraction", Fraction(1, 2), id="quorum : la moitié (L2121-17)"),
    pytest.param("epci", "quorum_strict", True, id="quorum : plus de la moitié"),
    pytest.param("smo", "quorum_counts_proxies", False, id="pouvoirs jamais au quorum"),
    pytest.param("smo", "remote_allowed", False, id="visioconférence : seulement par statuts"),
    pytest.param("smf", "remote_allowed", True, id="visioconférence (L5211-11-1)"),
    pytest.param("smo", "statutes_majority_fraction", Fraction(2, 3),
        id="statuts : 2/3 (L5721-2-1)"),
    pytest.param("smo", "statutes_majority_base", "membres_composant", id="des membres composant"),
    pytest.param("epci", "proxies_per_holder", 1, id="un pouvoir par porteur (L2121-20)"),
    pytest.param("epci", "proxy_sittings", 3, id="trois séances (L2121-20)"),
    pytest.param("epci", "teletransmission", "obligatoire", id="télétransmission (L5211-3)"),
    pytest.param("smf", "teletransmission", "facultative", id="télétransmission facultative"),
    pytest.param("epci", "code_by_default", True, id="le code vaut, hors d’un syndicat ouvert"),
    pytest.param("smf", "oral_questions_clear_days", 0, id="questions orales : le règlement dit"),
    pytest.param("smf", "oral_questions_minutes", 0, id="leur temps : le règlement le dit"),
])  # fmt: skip
def test_legal_values(preset, key, value):
    assert getattr(PRESETS[preset], key) == value


@pytest.mark.parametrize(("form", "article"), [
    ("commune", "art. L2122-23 du CGCT"),
    ("commune_moins_3500", "art. L2122-23 du CGCT"),
    ("epci", "art. L5211-10 du CGCT"),
    ("smf", "art. L5211-10 du CGCT, par renvoi de l’art. L5711-1 du CGCT"),
    ("smo", "statuts"),
])  # fmt: skip
def test_what_was_delegated_is_accounted_for_by_the_legal_form(form, article):
    assert regime.accounted_by(PRESETS[form]) == article


@pytest.mark.parametrize(("form", "article"), [
    pytest.param("smo", "art. L5721-1 du CGCT", id="syndicat mixte ouvert"),
    pytest.param("smf", "art. L5711-1 du CGCT", id="syndicat mixte fermé"),
    pytest.param("epci", "art. L5212-1 du CGCT", id="syndicat de communes"),
])  # fmt: skip
def test_the_article_that_makes_each_form(form, article):
    assert regime.MADE_BY[form] == article


@pytest.mark.parametrize(("form", "key", "value", "told"), [
    pytest.param("smf", "request_days", 90, "quand la loi fixe au plus 30.", id="au plus"),
    pytest.param("smf", "remote_in_person_per_semester", 0, "quand la loi fixe au moins 1.",
        id="au moins"),
    pytest.param("smf", "closed_doors_requesters", 8, "quand la loi fixe 5.", id="égal"),
    pytest.param("smf", "quorum_strict", False, "quand la loi fixe oui.", id="oui ou non"),
])  # fmt: skip
def test_what_the_law_fixes_is_told_with_its_bound(form, key, value, told):
    (found,) = regime.unlawful(replace(PRESETS[form], **{key: value}), form)
    assert plain(found.message).endswith(told)
    assert plain(found.remedy) == (
        "Seuls les statuts d’un syndicat mixte ouvert peuvent en décider autrement ; ou, pour un "
        "temps, une loi : citez-la sous « loi d’exception »."
    )


def test_what_no_statutes_decide_leaves_no_way_out():
    (found,) = regime.unlawful(replace(PRESETS["smo"], acts_publicity="affichage"), "smo")
    assert found.code == "regle_contraire_a_la_loi"
    assert plain(found) == (
        "Publicité des actes : affichage, quand la loi fixe publication électronique. "
        "(art. L5721-4 du CGCT) Les statuts ne peuvent pas en décider autrement."
    )


def test_every_preset_has_a_label_and_survives_json():
    assert [key for key, _ in regime.PRESET_LABELS] == list(PRESETS)
    for preset in PRESETS.values():
        assert regime.from_values(regime.to_values(preset)) == preset


def test_what_older_rule_books_say_besides_is_forgotten():
    older = {"act_numbering": "seance_et_annee", "act_number_format": "AAAA-NNN"}
    assert regime.from_values(regime.to_values(PRESETS["smo"]) | older) == PRESETS["smo"]


ROOT = Path(__file__).parents[2]
# Where every rule is kept and shown, whatever becomes of it.
KEEPS = (
    "law/regime.py",
    "members/rules.py",
    "members/admin/rule_books.py",
    "meetings/sitting_file.py",
)


def test_a_rule_is_applied_or_said_to_be_indicative():
    """Read by the code in `something.regime`, or marked: on the rules page and in docs/droit.md."""
    read = {
        node.attr
        for room in "law members meetings documents convening live registry archive".split()
        for path in (ROOT / room).rglob("*.py")
        if path.relative_to(ROOT).as_posix() not in KEEPS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and getattr(node.value, "attr", getattr(node.value, "id", "")) == "regime"
    }
    indicative = [key for key, rule in RULES.items() if rule.is_indicative]
    assert {*RULES} - read - {"derogation", "form"} == {*indicative}  # cited by `article_of`
    page = (ROOT / "docs/droit.md").read_text()
    told = page.partition("## Règles indicatives")[2].partition("\n## ")[0]
    assert re.findall(r"^- `(\w+)`", told, re.MULTILINE) == indicative


BOOK = Path(__file__).with_name("rules.txt")


def book() -> str:
    """Every rule as the settings page says it, then what each legal form has, and by what law."""
    return "\n".join(line for rule in RULES.values() for line in told(rule))


def told(rule: regime.Rule) -> Iterator[str]:
    bounds = f", de {rule.minimum} à {rule.maximum}" if rule.kind == "entier" else ""
    kept = " ; indicative" if rule.is_indicative else ""
    older = "" if rule.absent is None else f" ; avant elle : {rule.absent!r}"
    yield f"{rule.key} – {rule.label} ({rule.kind}{bounds}{kept}{older})"
    yield f"    {rule.help}"
    if rule.choices:
        yield f"    {', '.join(f'{value} : {label}' for value, label in rule.choices)}"
    for form, label in regime.PRESET_LABELS:
        value = regime.in_words(rule, getattr(PRESETS[form], rule.key))
        yield f"    {label} : {value} [{regime.source(rule.key, form)}]"
    yield ""


def test_the_rules_are_told_in_these_words():
    """An elected member reads them, and whoever writes a rule book starts from them: a word, a
    figure, an article changes on purpose only. To write the file anew:
    `python -m tests.law.test_regime`."""
    assert book() == BOOK.read_text()


def test_every_rule_describes_itself_in_french():
    for each in fields(regime.Regime):
        rule = RULES[each.name]
        assert rule.label
        assert rule.help
        assert each.metadata["label"] == rule.label
        assert (rule.kind == "choix") == bool(rule.choices)
        assert (rule.kind == "entier") == (rule.minimum is not None)
    assert regime.to_values(PRESETS["smo"]).keys() == RULES.keys()


FRACTION = "une fraction est attendue, comme « 2/3 », « 60 % » ou « deux tiers »"
UNSAID = "cette fraction ne se dit pas en lettres : écrivez-la comme « 1/3 » ou « 33,33 % »"
BETWEEN = "la fraction doit être plus grande que 0 et ne pas dépasser 1"


@pytest.mark.parametrize(("key", "value", "objection"), [
    pytest.param("quorum_fraction", "0/1", BETWEEN, id="une fraction nulle"),
    pytest.param("quorum_fraction", "3/2", BETWEEN, id="plus que la totalité"),
    pytest.param("quorum_fraction", "-1/2", BETWEEN, id="une fraction négative"),
    pytest.param("quorum_fraction", "1/0", FRACTION, id="une division par zéro"),
    pytest.param("quorum_fraction", "la plupart", FRACTION, id="une part que rien ne mesure"),
    pytest.param("quorum_fraction", 0.5, FRACTION, id="un nombre à virgule"),
    pytest.param("quorum_fraction", "1e999999999", FRACTION, id="une puissance sans fin"),
    pytest.param("quorum_fraction", "1/2 %", FRACTION, id="une fraction de pour cent"),
    pytest.param("quorum_fraction", "120 %", BETWEEN, id="plus de cent pour cent"),
    pytest.param("quorum_fraction", True, FRACTION, id="oui au lieu d’une fraction"),
    pytest.param("quorum_fraction", None, FRACTION, id="une fraction vide"),
    pytest.param("quorum_fraction", "1" * 500, FRACTION, id="une fraction sans fin"),
    pytest.param("quorum_fraction", "1/99999999999999999", UNSAID, id="une part que rien ne dit"),
    pytest.param("secret_ballot_fraction", "33,3333 %", UNSAID, id="au millionième près"),
    pytest.param("quorum_fraction", f"1/{'0' * 18}2", FRACTION, id="vingt et un caractères"),
    pytest.param("notice_clear_days", -1, "le nombre doit être compris entre 0 et 60",
        id="un délai négatif"),
    pytest.param("notice_clear_days", 61, "le nombre doit être compris entre 0 et 60",
        id="un délai de deux mois"),
    pytest.param("notice_clear_days", "5", "un nombre entier est attendu",
        id="un nombre en texte"),
    pytest.param("notice_clear_days", True, "un nombre entier est attendu",
        id="oui au lieu d’un nombre"),
    pytest.param("urgent_clear_days", 0, "le nombre doit être compris entre 1 et 60",
        id="urgence sans aucun jour franc"),
    pytest.param("proxies_allowed", "oui", "répondez par oui ou non", id="oui en texte"),
    pytest.param("quorum_basis", "cheveux", "choisissez parmi tetes, voix, tetes_et_voix",
        id="un choix inconnu"),
    pytest.param("quorum_basis", ["tetes"], "choisissez parmi tetes, voix, tetes_et_voix",
        id="une liste au lieu d’un choix"),
    pytest.param("convened_by", 3, "un texte est attendu", id="un nombre au lieu d’un texte"),
    pytest.param("convened_by", "x" * 251, "le texte dépasse 250 caractères",
        id="un texte trop long"),
])  # fmt: skip
def test_a_wrong_value_is_refused_beside_its_field(key, value, objection):
    with pytest.raises(Refused) as refusal:
        regime.from_values(regime.to_values(PRESETS["smo"]) | {key: value})
    (finding,) = refusal.value.findings
    assert (finding.code, finding.field) == ("regle_invalide", key)
    assert finding.article == RULES[key].article
    label = RULES[key].label
    assert plain(finding.message) == f"{label[0].upper()}{label[1:]} : {objection}."


@pytest.mark.parametrize(("key", "value", "read"), [
    pytest.param("quorum_fraction", "1 / 3", Fraction(1, 3), id="des blancs"),
    pytest.param("quorum_fraction", f"1/{'0' * 17}2", Fraction(1, 2), id="vingt caractères"),
    pytest.param("quorum_fraction", Fraction(1, 4), Fraction(1, 4), id="une fraction"),
    pytest.param("quorum_fraction", "la moitié", Fraction(1, 2), id="comme on le dit"),
    pytest.param("quorum_fraction", "Trois\u00a0quarts", Fraction(3, 4), id="sans article"),
    pytest.param("quorum_fraction", "un tiers", Fraction(1, 3), id="avec un"),
    pytest.param("quorum_fraction", "60\u202f%", Fraction(3, 5), id="pour cent"),
    pytest.param("quorum_fraction", "66,6 %", Fraction(333, 500), id="pour cent à virgule"),
    pytest.param("secret_ballot_fraction", "1/999999", Fraction(1, 999_999), id="la plus petite"),
    pytest.param("secret_ballot_fraction", 1, 1, id="la totalité"),
    pytest.param("notice_clear_days", 60, 60, id="soixante jours"),
    pytest.param("urgent_clear_days", 1, 1, id="un jour"),
    pytest.param("convened_by", "x" * 250, "x" * 250, id="un texte tout juste"),
])  # fmt: skip
def test_what_is_at_the_bound_is_taken(key, value, read):
    values = regime.to_values(replace(PRESETS["smo"], notice_clear_days=30))
    assert getattr(regime.from_values(values | {key: value}), key) == read


@pytest.mark.parametrize(("changes", "field", "told"), [
    pytest.param({"urgent_clear_days": 6}, "urgent_clear_days",
        "!urgence_plus_longue Délai de convocation en urgence : l’urgence ne peut pas allonger le "
        "délai ordinaire. (art. L2121-12 du CGCT)", id="l’urgence plus longue que le délai"),
    pytest.param({"notice_clear_days": 0, "urgent_clear_days": 2}, "urgent_clear_days",
        "!urgence_plus_longue Délai de convocation en urgence : l’urgence ne peut pas allonger le "
        "délai ordinaire. (art. L2121-12 du CGCT)", id="plus longue qu’un jour, sans délai"),
    pytest.param({"quorum_fraction": "1"}, "quorum_strict",
        "!quorum_hors_d_atteinte Le quorum doit être dépassé : on ne peut pas dépasser la totalité "
        "des membres. (art. L2121-17 du CGCT)", id="plus que la totalité des membres"),
])  # fmt: skip
def test_rules_that_contradict_each_other_are_refused(changes, field, told):
    with pytest.raises(Refused) as refusal:
        regime.from_values(regime.to_values(PRESETS["epci"]) | changes)
    (finding,) = refusal.value.findings
    assert finding.field == field
    assert f"!{finding.code} {plain(finding)}" == told


@pytest.mark.parametrize("changes", [
    pytest.param({"urgent_clear_days": 5}, id="aussi longue que le délai"),
    pytest.param({"notice_clear_days": 0}, id="un jour, quand il n’y a pas de délai"),
    pytest.param({"quorum_fraction": "1", "quorum_strict": False}, id="la totalité des membres"),
])  # fmt: skip
def test_rules_that_agree_are_taken(changes):
    assert regime.from_values(regime.to_values(PRESETS["epci"]) | changes)


def test_every_fault_is_told_at_once():
    values = regime.to_values(PRESETS["smo"]) | {"notice_clear_days": None, "couleur": "bleu"}
    del values["casting_vote"]
    with pytest.raises(Refused) as refusal:
        regime.from_values(values)
    assert {(finding.code, finding.field) for finding in refusal.value.findings} == {
        ("regle_invalide", "notice_clear_days"),
        ("regle_manquante", "casting_vote"),
        ("regle_inconnue", "couleur"),
    }


def test_the_rule_books_that_sittings_keep_are_still_read():
    """One as it was stored in November 2026: a rule added since says what it is deemed to have
    had (`absent`), a rule retired since is in `RETIRED`."""
    stored = json.loads(Path(__file__).with_name("rule_book_2026_11.json").read_text())
    read = regime.to_values(regime.from_values(stored))
    assert {key: read[key] for key in stored.keys() - regime.RETIRED} == {
        key: stored[key] for key in stored.keys() - regime.RETIRED
    }


def test_a_rule_book_older_than_a_rule_is_deemed_to_have_had_its_value(monkeypatch):
    """Planted: casting_vote as if it had been added today, with what held before."""
    older = regime.to_values(PRESETS["smo"])
    del older["casting_vote"]
    monkeypatch.setitem(RULES, "casting_vote", replace(RULES["casting_vote"], absent=False))
    assert regime.from_values(older) == replace(PRESETS["smo"], casting_vote=False)
    assert regime.from_values(older | {"casting_vote": True}) == PRESETS["smo"]
    kind, payload = codec.dump(Composed(composition=COMITE, regime=PRESETS["smo"]))
    composed = codec.load(kind, 1, payload | {"regime": older})
    assert composed.regime == replace(PRESETS["smo"], casting_vote=False)


def test_no_value_stands_for_a_rule_that_every_rule_book_has():
    older = regime.to_values(PRESETS["smo"])
    del older["casting_vote"]
    with pytest.raises(Refused) as refusal:
        regime.from_values(older | {"couleur": "bleu"})
    assert [plain(finding.message) for finding in refusal.value.findings] == [
        "Voix prépondérante du président : cette règle manque.",
        "Règle inconnue : « couleur ».",
    ]


@pytest.mark.parametrize(("kinds", "preset"), [
    pytest.param(["metropole", "departement", "cc"], "smo", id="avec le Département : ouvert"),
    pytest.param(["metropole", "cc", "cc"], "smf", id="sans le Département : fermé (L5711-1)"),
    pytest.param(["commune", "cc"], "smf", id="communes et EPCI : fermé"),
    pytest.param(["commune", "commune"], "epci", id="communes : un EPCI"),
    pytest.param(["commune", "ca"], "smf", id="une communauté d’agglomération : fermé"),
    pytest.param(["commune", "cu"], "smf", id="une communauté urbaine : fermé"),
    pytest.param(["commune", "syndicat"], "smf", id="un autre syndicat : fermé"),
    pytest.param(["cc", "region"], "smo", id="une région : ouvert"),
    pytest.param(["cc", "autre"], "smo", id="une chambre de commerce : ouvert"),
    pytest.param([], "smo", id="rien de connu : les statuts"),
])  # fmt: skip
def test_preset_proposed_from_the_members(kinds, preset):
    assert regime.propose(kinds) == preset


def test_departures_tell_what_the_statutes_changed():
    own = replace(PRESETS["smo"], notice_clear_days=7)
    assert regime.departures(own, PRESETS["smo"]) == (("notice_clear_days", 7, 5),)
    assert regime.departures(PRESETS["smf"], PRESETS["smf"]) == ()


@pytest.mark.parametrize("form", PRESETS)
def test_only_an_assembly_sits_in_public_when_nobody_says_otherwise(form):
    """Art. L2121-18 and L5211-40-2 speak of neither bureau nor commission."""
    assembly, bureau = (regime.usual(form, of_assembly=each) for each in (True, False))
    assert assembly == PRESETS[form]
    assert (bureau.sittings_public, bureau.share_with_councillors) == (False, False)
    apart = {key for key, _, _ in regime.departures(bureau, assembly)}
    assert apart <= {"sittings_public", "share_with_councillors"}


@pytest.mark.parametrize(("rules", "source"), [
    pytest.param(PRESETS["epci"], "art. L2121-17 du CGCT", id="EPCI : le code"),
    pytest.param(PRESETS["smo"], "statuts", id="syndicat ouvert : les statuts"),
    pytest.param(replace(PRESETS["epci"], quorum_fraction=Fraction(1, 3)), "statuts",
        id="un quorum que le code ne connaît pas"),
    pytest.param(replace(PRESETS["commune"], quorum_fraction=Fraction(1, 3)),
        "règlement intérieur", id="une commune n’a pas de statuts"),
    pytest.param(replace(PRESETS["epci"], quorum_fraction=Fraction(1, 3), derogation="loi X"),
        "loi X", id="une loi d’exception"),
])  # fmt: skip
def test_source_of_a_rule(rules, source):
    assert regime.article_of(rules, "quorum_fraction") == source


# fmt: off
SOURCES = (
    # key, commune under 3,500, commune, EPCI and closed syndicate, open syndicate
    ("notice_clear_days", "L2121-11", "L2121-12", "L2121-12", "statuts"),
    ("urgent_clear_days", "L2121-11", "L2121-12", "L2121-12", "statuts"),
    ("urgency_vote", "L2121-11", "L2121-12", "L2121-12", "statuts"),
    ("note_required", "L2121-12", "L2121-12", "L2121-12", "statuts"),
    ("convened_by_fallback", "L2122-17", "L2122-17", "L5211-9", "statuts"),
    ("minimum_frequency", "L2121-7", "L2121-7", "L5211-11", "statuts"),
    ("quorum_counts_remote", "L2121-17", "L2121-17", "L5211-11-1", "statuts"),
    ("substitutes", "L2121-20", "L2121-20", "L5212-7", "statuts"),
    ("by_statutes", "L5721-2", "L5721-2", "L5721-2", "L5721-2"),
    ("closed_doors_requesters", "L2121-18", "L2121-18", "L5211-11", "statuts"),
    ("remote_allowed", "L2121-7", "L2121-7", "L5211-11-1", "statuts"),
    ("statutes_majority_fraction", "", "", "L5211-20", "L5721-2-1"),
    ("statutes_majority_base", "", "", "L5211-20", "L5721-2-1"),
    ("executive_by_list", "L2122-7-2", "L2122-7-2", "L2122-7", "statuts"),
    ("vice_chair_fraction", "L2122-2", "L2122-2", "L5211-10", "statuts"),
    ("vice_chair_cap", "L2122-2", "L2122-2", "L5211-10", "statuts"),
    ("teletransmission", "L2131-1", "L2131-1", "L5211-3", "statuts"),
    ("acts_publicity", "L2131-1", "L2131-1", "L2131-1", "L5721-4"),
    ("acts_online_months", "R2131-1", "R2131-1", "R2131-1", "R3131-2"),
)
# fmt: on
FORMS = (("commune_moins_3500",), ("commune",), ("epci", "smf"), ("smo",))


@pytest.mark.parametrize("row", SOURCES, ids=lambda row: row[0])
def test_each_legal_form_has_its_article(row):
    key, *told = row
    for forms, article in zip(FORMS, told, strict=True):
        for form in forms:
            source = regime.article_of(PRESETS[form], key)
            expected = f"art. {article} du CGCT" if article and article != "statuts" else article
            assert source == (expected or "règlement intérieur"), form


def test_no_article_makes_a_consultative_voice():
    """Art. L5211-49-1 makes committees; only statutes give a voice that does not count."""
    assert {regime.source("consultative_members", form) for form in PRESETS} == {""}


def test_no_rule_of_a_commune_quotes_what_is_said_of_syndicates():
    """But votes of several voices, which only statutes give, and what its legal form is."""
    apart = {"by_statutes", "form", "weighted_votes"}
    for form in ("commune", "commune_moins_3500"):
        told = {key: regime.source(key, form) for key in RULES.keys() - apart}
        assert [key for key, article in told.items() if re.search(r"L5\d\d\d", article)] == []


def test_an_article_quoted_by_itself_is_that_of_the_legal_form():
    told = {form: regime.cited(PRESETS[form], "art. L5211-11 du CGCT") for form in PRESETS}
    assert told == {
        "commune_moins_3500": "art. L2121-18 du CGCT",
        "commune": "art. L2121-18 du CGCT",
        "epci": "art. L5211-11 du CGCT",
        "smf": "art. L5211-11 du CGCT",
        "smo": "statuts",
    }
    remote = regime.cited(PRESETS["commune"], "art. L5211-11-1 du CGCT")
    assert remote == "art. L2121-7 du CGCT"
    assert regime.cited(PRESETS["commune"], "art. L2121-17 du CGCT") == "art. L2121-17 du CGCT"


@pytest.mark.parametrize(("article", "own"), [
    pytest.param("art. L2131-11 du CGCT", "art. L3132-5 du CGCT", id="l’intéressé"),
    pytest.param("art. L2131-11", "art. L3132-5", id="l’intéressé, en peu de mots"),
    pytest.param("art. L2131-1 du CGCT", "art. L3131-1 du CGCT", id="les actes exécutoires"),
    pytest.param("art. R2131-1 du CGCT", "art. R3131-2 du CGCT", id="la mise en ligne"),
    pytest.param("art. L1111-6 du CGCT", "art. L1111-6 du CGCT", id="tous les syndicats"),
    pytest.param("art. L1612-12 du CGCT", "art. L1612-12 du CGCT", id="les comptes"),
    pytest.param("art. L5721-2 du CGCT", "art. L5721-2 du CGCT", id="ce qui est dit d’eux"),
])  # fmt: skip
def test_an_open_syndicate_follows_the_control_of_the_departements(article, own):
    """Art. L5721-4 sends it to title III of book I of part three of the code."""
    assert regime.cited(PRESETS["smo"], article) == own
    assert regime.cited(PRESETS["smf"], article) == article


def test_the_statutes_are_quoted_where_they_depart_from_what_the_code_says_of_them():
    own = replace(PRESETS["smo"], statutes_majority_fraction=Fraction(3, 4))
    keys = ("statutes_majority_fraction", "statutes_majority_base")
    assert regime.article_of(own, *keys) == "statuts"
    assert regime.article_of(PRESETS["smo"], *keys) == "art. L5721-2-1 du CGCT"


def test_a_closed_syndicate_that_takes_the_rule_of_an_open_one_takes_it_from_its_statutes():
    own = replace(PRESETS["smf"], statutes_majority_base="membres_composant")
    assert regime.article_of(own, "statutes_majority_base") == "statuts"
    assert regime.article_of(PRESETS["smo"], "alsace_moselle") == "art. L3134-13 du code du travail"


if __name__ == "__main__":
    BOOK.write_text(book())
