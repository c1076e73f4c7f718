"""The acts: extracts of the register and the list, from the ledger alone."""

from dataclasses import replace

import pytest

from documents import papers
from documents.compile import (
    compile_deliberation_list,
    compile_extract,
    compile_extracts,
)
from law import ballots, sitting
from meetings.actions import attendance, decisions, items, ledger
from meetings.models import Brief, Meeting
from members.models import PaperStyle
from tests.cast import change
from tests.documents.ink import plain
from tests.held import JULY, prepare


def key_of(meeting, title: str) -> str:
    return meeting.items.get(title=title).key


def presence(extract: papers.DeliberationExtract) -> dict[str, str]:
    return {group.label: plain(group.line) for group in extract.presence}


# --- The extract ------------------------------------------------------------------------------


@pytest.fixture
def convention(comite):
    """The point voted by public ballot, with a draft written before the sitting."""
    item = comite.items.get(title="Convention")
    item.rapporteur = "denis-duval"
    item.save()
    Brief.objects.create(
        item=item, visas="la loi", recitals="l’intérêt", articles="La convention est approuvée"
    )
    return item


def test_extract_holds_the_act_and_the_vote(comite, convention):
    numbers = {convention.key: "2026-06-09/02"}
    extract = {each.key: each for each in compile_extracts(comite, numbers=numbers)}[convention.key]
    assert plain(extract.number) == "Délibération n° 2026-06-09/02"
    assert extract.object == "Convention"
    assert extract.opening.startswith("L’an deux mille vingt-six, le neuf juin à 19")
    assert extract.text.visas == ("Vu la loi,",)
    assert extract.text.recitals == ("Considérant l’intérêt,",)
    assert plain(extract.text.heard) == "Entendu le rapport de M. Denis DUVAL, 2e vice-président,"
    assert plain(extract.text.decides) == "Après en avoir délibéré, décide :"
    assert [article.text for article in extract.text.articles] == ["La convention est approuvée."]
    assert extract.report == ""
    (vote,) = extract.decisions
    assert plain(vote.text) == (
        "Au scrutin public, la délibération est adoptée à la majorité des suffrages exprimés : "
        "4 voix pour, 1 contre et 1 abstention."
    )
    assert [plain(group.label) for group in vote.groups] == [
        "Ont voté pour (4)",
        "A voté contre (1)",
        "S’est abstenu (1)",
    ]
    assert [(s.office, s.name) for s in extract.signatories] == [
        ("La présidente", "Alice ARNAUD"),
        ("Le secrétaire de séance", "Bruno BESSON"),
    ]


def test_an_election_is_not_said_contested_within_two_months(comite, convention):
    """Art. R119 of the electoral code: before 18 h on the fifth day."""
    issued = compile_extract(comite, convention.key)
    assert "deux mois" in plain(issued.appeal)
    # It names its court once the department is known; what was issued before says the same thing.
    change(comite.body.organisation, department="080")
    named = compile_extract(Meeting.objects.get(pk=comite.pk), convention.key)
    assert "devant le tribunal administratif d’Amiens dans les deux mois" in plain(named.appeal)
    before = replace(issued, appeal=issued.appeal.partition(",")[0] + ".")
    assert before.without_edition == issued.without_edition == named.without_edition
    convention.kind = "election"
    convention.save()
    elected = compile_extract(Meeting.objects.get(pk=comite.pk), convention.key)
    assert plain(elected.appeal) == (
        "L’élection se conteste devant le tribunal administratif d’Amiens ; aucun texte n’en fixe "
        "le délai, et le plus sûr est celui des communes, au plus "
        "tard à 18 heures le cinquième jour qui suit le vote (art. R119 du code électoral, faute "
        "de texte pour un syndicat mixte ouvert)."
    )
    # What was issued when nothing was said of it is not to be issued again.
    assert replace(elected, appeal="").without_edition == elected.without_edition
    convention.title = "Vœu pour la gare"
    convention.save()
    assert not compile_extract(Meeting.objects.get(pk=comite.pk), convention.key).appeal


def test_presence_is_that_of_the_item(comite):
    """Farid arrives between the first point and the second."""
    before, after = (compile_extract(comite, key_of(comite, t)) for t in ("Budget", "Convention"))
    assert presence(before) == {
        "Présents": "Mme Alice ARNAUD, M. Bruno BESSON, M. Denis DUVAL",
        "Suppléés": "Mme Claire CARON (suppléée par Mme Gaëlle GARNIER)",
        "Représentés": "Mme Elsa EVRARD (pouvoir à M. Denis DUVAL)",
        "Excusés": "M. Farid FAURE",
    }
    assert presence(after)["Présents"].endswith("M. Farid FAURE, M. Denis DUVAL")
    assert "Excusés" not in presence(after)
    assert [(figure.label, figure.value) for figure in after.figures] == [
        ("membres en exercice", 6),
        ("présents", 5),
        ("représenté", 1),
        ("votants", 6),
    ]


def test_presence_goes_by_standing_and_weighs_votes_as_the_minutes_do(cast, comite):
    PaperStyle.objects.create(body=cast.comite, roll_by="presence")
    told = presence(compile_extract(comite, key_of(comite, "Budget")))
    assert list(told) == [
        *("Titulaires présents", "Suppléants présents", "Représentés", "Suppléés", "Excusés")
    ]
    assert told["Suppléants présents"] == "Mme Gaëlle GARNIER (pour Mme Claire CARON)"
    change(cast.seat(cast.alice), weight=12)
    meeting = prepare(cast, held_on=JULY)
    item = items.add_item(meeting, title="Emprunt", by=cast.secretariat)
    attendance.set_roll(meeting, standings={"alice-arnaud": "present"}, by=cast.secretariat)
    extract = compile_extract(meeting, item.key)
    assert "Mme Alice ARNAUD (12 voix)" in presence(extract)["Titulaires présents"]
    assert ("voix", 12) in [(figure.label, figure.value) for figure in extract.figures]


def test_extract_tells_the_moment_of_its_item_and_its_draft_or_what_was_said(comite):
    extract = compile_extract(comite, key_of(comite, "Tarifs"))
    assert [plain(step.text) for step in extract.before] == [
        "M. Bruno BESSON, intéressé à l’affaire, ne prend part ni au débat ni au vote "
        "(art. L3132-5 du CGCT)."
    ]
    assert extract.decisions[0].groups == ()  # a secret ballot names nobody
    extract = compile_extract(comite, key_of(comite, "Budget"))
    assert plain(extract.report) == "<p>Le rapporteur présente : Budget.</p>"
    assert extract.text.articles == ()
    assert plain(extract.text.decides) == "Après en avoir délibéré, se prononce comme suit :"


def test_what_makes_it_binding_is_left_in_dots(comite, convention):
    blank = compile_extract(comite, convention.key)
    assert [(plain(fact.label), set(fact.text)) for fact in blank.enforceability] == [
        ("Reçue au contrôle de légalité le", {"."}),
        ("Mise en ligne le", {"."}),
        ("Certifiée exécutoire le", {"."}),
    ]


def test_an_extract_for_each_deliberation_voted(comite):
    extracts = compile_extracts(comite, numbers={key_of(comite, "Budget"): "7"})
    assert [(extract.object, plain(extract.number)) for extract in extracts] == [
        ("Budget", "Délibération n° 7"),
        ("Convention", ""),
        ("Tarifs", ""),
    ]  # the wish was adjourned: nothing to extract


# --- The list ---------------------------------------------------------------------------------


def test_list_holds_every_deliberation_examined(cast, comite):
    by = cast.secretariat
    refused = items.add_item(comite, title="Emprunt", by=by)
    taken_out = items.add_item(comite, title="Retiré", by=by)
    items.add_item(comite, title="Jamais vu", by=by)
    decisions.hold_ballot(
        comite,
        ballot=ballots.Ballot(
            item=refused.key,
            mode=ballots.Mode.SECRET,
            counts={ballots.Choice.FOR: 1, ballots.Choice.AGAINST: 5},
        ),
        by=by,
    )
    decisions.note_fate(comite, item=taken_out.key, fate="retire", by=by)
    paper = compile_deliberation_list(comite, numbers={key_of(comite, "Budget"): "2026-07"})
    assert [
        (line.rank, line.number, line.object, plain(line.decision)) for line in paper.lines
    ] == [
        (1, "2026-07", "Budget", "Adoptée à l’unanimité"),
        (
            2,
            "",
            "Convention",
            "Adoptée à la majorité des suffrages exprimés : 4 voix pour, 1 contre et 1 abstention",
        ),
        (3, "", "Tarifs", "Adoptée à la majorité des suffrages exprimés : 3 voix pour et 1 contre"),
        (4, "", "Vœu", "L’examen de ce point est ajourné"),
        (5, "", "Emprunt", "Rejetée (1 voix pour et 5 contre)"),
    ]
    assert plain(paper.statement).startswith("5 délibérations examinées au cours de la séance du")
    assert plain(paper.notice) == (
        "Liste à afficher au siège et à mettre en ligne au plus tard le 16 juin 2026 (statuts)."
    )
    assert paper.done_at == "Brume, le 9 juin 2026"


def test_a_sitting_that_examined_nothing_says_so(bureau):
    paper = compile_deliberation_list(bureau)
    assert paper.lines == ()
    assert paper.statement.startswith("Aucune délibération n’a été examinée")


def test_an_amendment_is_told_before_the_text(cast, comite):
    by = cast.secretariat
    item = items.add_item(comite, title="Règlement", by=by)
    for question, counts in (("un article de plus", (1, 5)), ("", (6, 0))):
        ledger.record(
            comite,
            sitting.BallotHeld(
                ballot=ballots.Ballot(
                    item=item.key,
                    question=question,
                    mode=ballots.Mode.SECRET,
                    counts={ballots.Choice.FOR: counts[0], ballots.Choice.AGAINST: counts[1]},
                )
            ),
            by=by,
        )
    decision = compile_deliberation_list(comite).lines[-1].decision
    assert plain(decision) == (
        "Proposition « un article de plus » rejetée (1 voix pour et 5 contre). Adoptée à "
        "l’unanimité"
    )


def test_queries_do_not_grow_with_the_sitting(cast, comite, django_assert_num_queries):
    for rank in range(20):
        items.add_item(comite, title=f"Point {rank}", by=cast.secretariat)
    with django_assert_num_queries(5):
        compile_extracts(comite)
    with django_assert_num_queries(5):
        compile_deliberation_list(comite)
