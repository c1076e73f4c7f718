"""From a sitting to its minutes: what is told, where, and in how many queries."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from documents import render, word
from documents.compile import (
    compile_attendance_sheet,
    compile_deliberation_list,
    compile_extract,
    compile_extracts,
    compile_minutes,
    compile_name_plates,
    compile_summons,
    compile_voting_sheets,
    said,
)
from law import ballots, elections, sitting
from law.french import NBSP
from meetings.actions import attendance, decisions, items, ledger
from meetings.forms import ElectionForm
from meetings.models import Brief
from members.models import Body, PaperStyle
from tests.cast import change, make_mandate, make_person
from tests.documents.ink import plain, told_by_docx
from tests.held import EVERYBODY, at, prepare, sit

JULY = date(2026, 7, 9)


def told(steps) -> list[str]:
    return [plain(step.text) for step in steps]


def lines(document) -> dict[str, tuple[str, str]]:
    return {
        plain(line.name): (line.standing, plain(line.remark))
        for college in document.roll
        for line in college.lines
    }


def test_short_minutes_state_the_formal_sentences_and_keep_the_tree(bureau):
    document = compile_minutes(bureau)
    assert plain(document.opening) == (
        "L’an deux mille vingt-six, le neuf juin à 17h30, le BUREAU du syndicat mixte Val de Brume"
        ", légalement convoqué le vingt-huit mai, s’est réuni dans ses locaux, sous la présidence"
        " d’Alice ARNAUD ;"
    )
    assert plain("".join(run.text for run in document.roll_heading)) == (
        "Membres du BUREAU présents et excusés :"
    )
    assert plain(document.quorum.sentence) == (
        "Le quorum est atteint avec 2 membres présents, le Bureau peut donc valablement délibérer."
    )
    assert plain(document.clerks) == "Monsieur Bruno BESSON est désigné secrétaire de séance."
    assert plain(document.closing) == "La séance est levée à 18h30."
    assert [(s.office, s.name) for s in document.signatories] == [
        ("La présidente", "Alice ARNAUD"),
        ("Le secrétaire de séance", "Bruno BESSON"),
    ]
    assert document.name == "Procès-verbal du Bureau du 9 juin 2026"
    assert document.file_name == "pv-bureau-2026-06-09"
    assert document.watermark == "projet"
    (section,) = compile_minutes(bureau).items
    assert section.heading == "I – Examen de l’ordre du jour"
    (item,) = section.children
    assert item.is_bulleted
    assert plain(item.run_in) == "le Bureau examine les tarifs :"
    assert plain(item.rest) == "<ul><li>un ;</li><li>deux.</li></ul>"


def test_roll_and_figures_say_who_sits_who_votes_for_whom_and_when(comite):
    assert lines(compile_minutes(comite)) == {
        "Mme Alice ARNAUD": ("present", "présente"),
        "M. Bruno BESSON": ("present", "présent"),
        "Mme Claire CARON": ("supplee", "suppléée par Mme Gaëlle GARNIER"),
        "M. Farid FAURE": ("present", "arrivé à 19 h 40"),
        "M. Denis DUVAL": ("present", "présent"),
        "Mme Elsa EVRARD": ("represente", "représentée, pouvoir à M. Denis DUVAL"),
    }
    figures = {figure.label: figure.value for figure in compile_minutes(comite).figures}
    assert figures == {  # Farid came after it, and voted
        "membres en exercice": 6,
        "présents à l’ouverture": 4,
        "représenté à l’ouverture": 1,
        "votants à l’ouverture": 5,
    }


def test_the_roll_by_standing_and_with_weights_where_the_body_wants_it(cast, comite):
    PaperStyle.objects.create(body=cast.comite, roll_by="presence", tells_articles=False)
    roll = compile_minutes(comite).printed_roll
    assert [(each.name, [plain(line.name) for line in each.lines]) for each in roll] == [
        (
            "Titulaires présents",
            ["Mme Alice ARNAUD", "M. Bruno BESSON", "M. Farid FAURE", "M. Denis DUVAL"],
        ),
        ("Suppléants présents", ["Mme Gaëlle GARNIER"]),
        ("Représentés", ["Mme Elsa EVRARD"]),
        ("Suppléés", ["Mme Claire CARON"]),
    ]
    assert plain(roll[1].lines[0].remark) == "dans le siège de Mme Claire CARON"
    write(comite.items.first(), articles="Le budget est adopté")
    (vote,) = compile_minutes(comite).items[0].after
    assert vote.articles is None
    change(cast.seat(cast.alice), weight=12)
    meeting = prepare(cast, held_on=JULY)
    attendance.set_roll(meeting, standings={"alice-arnaud": "present"}, by=cast.secretariat)
    assert lines(compile_minutes(meeting))["Mme Alice ARNAUD"] == ("present", "présente, 12 voix")


def test_movements_and_fates_stand_where_they_happened(comite):
    budget, convention, tariffs, wish = compile_minutes(comite).items
    assert told(budget.before) == []
    assert told(convention.before) == [
        "M. Farid FAURE arrive à 19 h 40, avant l’examen du point 2.",
        "Le quorum reste atteint avec 5 délégués présents.",
    ]
    assert told(tariffs.opening) == [
        "M. Bruno BESSON, intéressé à l’affaire, ne prend part ni au débat ni au vote "
        "(art. L3132-5 du CGCT)."
    ]
    assert told(wish.before) == [
        "La séance est suspendue à 20 h 10.",
        "La séance reprend à 20 h 20.",
    ]
    (step,) = compile_minutes(comite).items[3].after
    assert (step.kind, plain(step.text)) == ("sort", "L’examen de ce point est ajourné.")


def test_ballots_name_everybody_apart_or_nobody(comite):
    (step,) = compile_minutes(comite).items[1].after
    assert plain(step.text) == (
        "Au scrutin public, la délibération est adoptée à la majorité des suffrages exprimés : "
        "4 voix pour, 1 contre et 1 abstention."
    )
    assert [(plain(group.label), plain(group.line)) for group in step.groups] == [
        (
            "Ont voté pour (4)",
            "Mme Alice ARNAUD, M. Bruno BESSON, M. Denis DUVAL, "
            "Mme Elsa EVRARD (pouvoir à M. Denis DUVAL)",
        ),
        ("A voté contre (1)", "Mme Gaëlle GARNIER"),
        ("S’est abstenu (1)", "M. Farid FAURE"),
    ]
    assert (step.count.mode, step.count.for_, step.count.against) == ("public", 4, 1)
    (step,) = compile_minutes(comite).items[2].after
    assert step.groups == ()
    assert plain(step.text) == (
        "Au scrutin secret (5 votants, 1 bulletin blanc, 4 suffrages exprimés), la délibération "
        "est adoptée à la majorité des suffrages exprimés : 3 voix pour et 1 contre."
    )


def write(item, **parts) -> None:
    """What was said, and what was drafted, without the objections of the verbs."""
    if "text" in parts:
        change(item, text=parts["text"])
    if "voted_lines" in parts:
        change(item, voted_lines=parts["voted_lines"])
    if "articles" in parts:
        Brief.objects.update_or_create(item=item, defaults={"articles": parts["articles"]})


def test_what_was_drafted_stands_under_the_vote_that_takes_it(cast, comite):
    taken, _, _, adjourned = comite.items.all()
    for item in (taken, adjourned):
        write(item, articles="Le budget est adopté\nLe président est chargé de l’exécuter")
    (vote,) = compile_minutes(comite).items[0].after
    assert plain(vote.decides) == "Après en avoir délibéré, le Comité syndical décide :"
    assert [(plain(each.label), each.text) for each in vote.articles] == [
        ("Article 1er", "Le budget est adopté."),
        ("Article 2", "Le président est chargé de l’exécuter."),
    ]
    (fate,) = compile_minutes(comite).items[3].after
    assert fate.articles is None
    write(taken, articles="APPROUVE le budget\nautorise le président à l’exécuter")
    (vote,) = compile_minutes(comite).items[0].after
    assert plain(vote.decides) == "Après en avoir délibéré, le Comité syndical :"
    assert [(each.label, each.text) for each in vote.articles] == [
        ("–", "APPROUVE le budget."),
        ("–", "Autorise le président à l’exécuter."),
    ]
    extract = compile_extract(comite, taken.key)
    assert extract.text.decides == "Après en avoir délibéré,"
    assert [step.articles for step in extract.decisions] == [None]


def test_no_paper_gives_an_hour_that_nobody_knows(cast):
    """The tables want one: 19 h 07 is the hour of this sitting that nobody knows."""
    by = cast.secretariat
    meeting = prepare(cast, "Un", "Deux", clock="19:07", place="dans ses locaux")
    change(meeting, is_hour_unknown=True)
    attendance.set_roll(meeting, standings=dict.fromkeys(EVERYBODY, "present"), by=by)
    ledger.record(meeting, sitting.Opened(chair=EVERYBODY[0]), by=by)
    for key in meeting.agenda.keys:
        decisions.hold_ballot(meeting, ballot=ballots.Ballot(item=key), by=by)
    day = meeting.held_on
    for paper in (
        compile_minutes(meeting),
        compile_deliberation_list(meeting),
        *compile_extracts(meeting),
        compile_summons(meeting, sent_on=day),
        compile_attendance_sheet(meeting),
        compile_voting_sheets(meeting),
        compile_name_plates(meeting),
    ):
        assert not re.search(r"19\W*h?\W*07", str(paper).replace(r"\xa0", " ")), paper.name


@pytest.mark.parametrize(("effect", "said"), [
    ("", "La délibération est adoptée à l’unanimité."),
    ("procedure", "La proposition est adoptée à l’unanimité."),
    ("preparatoire", "La proposition est adoptée à l’unanimité."),
])  # fmt: skip
def test_what_makes_no_act_is_not_called_a_deliberation(comite, effect, said):
    """It is neither numbered nor listed: « deux sujets ajoutés à l’ordre du jour »."""
    taken = comite.items.all()[0]
    change(taken, effect=effect)
    vote = compile_minutes(comite).items[0].after[-1]
    assert plain(vote.text) == said


QUESTIONS = ("La chorale", "Le club", "Le musée")


@pytest.fixture
def subsidies(cast):
    """Three subsidies voted one after the other on one item, what was said around each."""
    meeting = prepare(cast, "Subventions")
    (key,) = meeting.agenda.keys
    sit(meeting, by=cast.secretariat)
    choices = (ballots.Choice.AGAINST, ballots.Choice.ABSTAIN, ballots.Choice.NOT_VOTING)
    for question, choice in zip(QUESTIONS, choices, strict=True):
        ballot = ballots.Ballot(
            item=key, key=question, question=question, choices={"elsa-evrard": choice}
        )
        ledger.record(meeting, sitting.BallotHeld(ballot=ballot), by=cast.secretariat)
    return meeting


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("<p>A</p>", ["A", "vote"]),
        ("<p>A</p><p>[vote]</p><p>B</p>", ["A", "vote", "B"]),
        ("<p>A</p><p>[Vote]</p>", ["A", "vote"]),
        ("<p>A</p><p><strong>[vote]</strong></p><p>B</p>", ["A", "vote", "B"]),
        ("<p>[vote]</p><p>B</p><p>[vote]</p><p>C</p>", ["", "vote", "B", "vote", "vote", "C"]),
        ("<p>[vote]</p><p>[vote]</p>" * 2 + "<p>C</p>", ["", "vote", "vote", "vote", "C"]),
        ("<p>Le mot [vote] dans une phrase.</p>", ["Le mot [vote] dans une phrase.", "vote"]),
    ],
)
def test_what_was_said_after_a_vote_stands_after_it(subsidies, text, order):
    write(subsidies.items.get(), text=text)
    (item,) = compile_minutes(subsidies).items
    steps = [re.sub("<[^>]+>", "", step.html or step.kind) for step in item.after]
    assert [re.sub("<[^>]+>", "", item.html), *steps] == order


def test_questions_voted_in_a_row_are_a_table(subsidies):
    (item,) = compile_minutes(subsidies).items
    (step,) = item.after
    assert plain(step.text) == "Sont mises aux voix, l’une après l’autre :"
    assert [(e.question, e.result, e.for_, e.against, e.abstentions) for e in step.lines] == [
        ("La chorale", "adoptée", 5, 1, 0),
        ("Le club", "adoptée", 5, 0, 1),
        ("Le musée", "adoptée à l’unanimité", 5, 0, 0),
    ]
    assert [plain(line) for line in step.more] == [
        "Sur « Le musée » : Mme Elsa EVRARD ne prend pas part au vote."
    ]
    write(subsidies.items.get(), text="<p>[vote]</p><p>[vote]</p><p>Puis</p>")
    (item,) = compile_minutes(subsidies).items
    assert [bool(step.lines) for step in item.after] == [False, False, False, False]


ASKED = """Association | Demandé | Proposé
La chorale | 1 000 € | 800 €
Le musée | 500 €
Le cirque | 9 €"""


def test_a_table_of_what_is_asked_takes_the_result_of_each_question(subsidies):
    write(subsidies.items.get(), voted_lines=ASKED)
    (item,) = compile_minutes(subsidies).items
    (step,) = item.after
    assert (step.first_column, step.more_columns) == ("Association", ("Demandé", "Proposé"))
    assert [(e.question, [plain(c) for c in e.cells], e.result, e.for_) for e in step.lines] == [
        ("La chorale", ["1 000 €", "800 €"], "adoptée", 5),
        ("Le club", ["", ""], "adoptée", 5),
        ("Le musée", ["500 €", ""], "adoptée à l’unanimité", 5),
        ("Le cirque", ["9 €", ""], "non mise aux voix", None),
    ]


def test_one_vote_decides_the_lines_of_a_table_that_no_question_is_about(cast, comite):
    budget = comite.items.get(title="Budget")
    write(budget, voted_lines=ASKED.replace(" | ", "\t"))
    point = compile_minutes(comite).items[0]
    (step,) = point.after
    assert not step.tells_results and not step.tells_figures
    assert [line.question for line in step.lines] == ["La chorale", "Le musée", "Le cirque"]
    assert compile_extract(comite, budget.key).decisions[0].lines == step.lines


def test_a_paper_that_names_nobody_is_cited_and_nothing_is_counted_of_it(cast):
    meeting = prepare(cast, held_on=JULY)
    change(meeting, stated_presence="20 présents, 4 pouvoirs, 24 votants.")
    item = meeting.items.first() or items.add_item(meeting, title="Un", by=cast.secretariat)
    for moment in (sitting.Opened(), sitting.ItemOpened(item=item.key)):
        ledger.record(meeting, moment, by=cast.secretariat)
    told = ballots.Ballot(item=item.key, is_counted=False, stated="à la majorité")
    ledger.record(meeting, sitting.BallotHeld(ballot=told), by=cast.secretariat)
    cited = "Présences, dans les termes du papier : « 20 présents, 4 pouvoirs, 24 votants »."
    paper, extract = compile_minutes(meeting), compile_extract(meeting, item.key)
    assert plain(paper.quorum.sentence) == plain(extract.quorum) == cited
    assert paper.figures == extract.figures == paper.roll == paper.roll_heading == ()
    assert extract.presence == ()
    # Who is known to have been there is named, and nobody is said to be absent.
    attendance.set_roll(meeting, standings={"alice-arnaud": "present"}, by=cast.secretariat)
    (college, *_) = compile_minutes(meeting).roll
    assert [plain(line.name) for line in college.lines] == ["Mme Alice ARNAUD"]
    (present,) = compile_extract(meeting, item.key).presence
    assert present.names == ("Mme\u00a0Alice ARNAUD",)


@pytest.mark.parametrize("layout", Body.Layout.values)
def test_a_proxy_whose_holder_the_paper_does_not_name_votes_and_invents_nobody(cast, layout):
    change(cast.comite, layout=layout)
    meeting, by = prepare(cast, "Budget"), cast.secretariat
    absent = ("elsa-evrard", "farid-faure")
    sit(meeting, by=by, excused=absent)
    given = [sitting.ProxyGiven(giver=giver) for giver in absent]
    warned = ledger.record(meeting, *given, by=by)  # two of them are not too many for nobody
    assert [each.code for each in warned] == ["pouvoir_sans_porteur"] * 2
    (key,) = meeting.agenda.keys
    public = dict.fromkeys((*EVERYBODY,), ballots.Choice.FOR)
    ballot = ballots.Ballot(item=key, mode=ballots.Mode.PUBLIC, choices=public)
    decisions.hold_ballot(meeting, ballot=ballot, by=by)
    paper, extract = compile_minutes(meeting), compile_extract(meeting, key)
    for each in (paper, extract):
        figures = {figure.label: figure.value for figure in each.figures}
        assert (figures["représentés"], figures["votants"]) == (2, 6)
        text = plain(render.render_html(each))
        assert text.count("(pouvoir à un membre non nommé)") >= 2
        assert not re.search(r"pouvoir (à|de)\s*[,;.)<]", text)
    assert "pouvoir à un membre non nommé" in str(
        [line.note for c in paper.roll for line in c.lines]
    )


def test_who_attends_what_was_added_and_an_hour_that_nobody_knows(cast):
    meeting = prepare(cast, "Un", "Deux", "Trois")
    change(
        meeting,
        is_hour_unknown=True,
        attending="Mme Zoé Zébu, directrice ;\nM. Max Motte, trésorier",
    )
    _, added, renamed = meeting.items.all()
    change(added, was_added=True)
    change(renamed, announced="Trente")
    document = compile_minutes(meeting)
    assert plain(document.attending) == (
        "Assistent également à la séance : Mme Zoé Zébu, directrice ; M. Max Motte, trésorier."
    )
    assert [item.note and plain(item.note) for item in document.items] == [
        None,
        "point ajouté à l’ordre du jour après la convocation",
        "intitulé modifié ; la convocation portait « Trente »",
    ]
    assert plain(document.opening).startswith(
        "L’an deux mille vingt-six, le neuf juin, le Comité syndical"
    )
    summons = compile_summons(meeting, sent_on=date(2026, 5, 28))
    assert summons.hour == ""


def test_a_question_names_who_asks_it(cast):
    meeting = prepare(cast)
    asker = {"kind": "question", "rapporteur": "elsa-evrard"}
    items.add_item(meeting, title="Le parking", **asker, by=cast.secretariat)
    (line,) = compile_summons(meeting, sent_on=date(2026, 6, 1)).lines
    (point,) = compile_minutes(meeting).items
    assert plain(line.rapporteur) == plain(point.rapporteur) == "Question de Mme Elsa EVRARD"


def test_election_is_told_round_by_round(cast, comite):
    item = items.add_item(comite, title="Élection", kind="election", by=cast.secretariat)
    election = elections.Election(
        item=item.key,
        title="président",
        candidates=(
            elections.Candidate(key="alice-arnaud"),
            elections.Candidate(key="denis-duval"),
        ),
        rounds=(elections.Round(votes={"alice-arnaud": 4, "denis-duval": 1}, blank=1),),
    )
    decisions.hold_election(comite, election=election, by=cast.secretariat)
    (step,) = compile_minutes(comite).items[-1].after
    assert (step.kind, step.is_decision, step.count) == ("election", True, None)
    assert plain(step.text) == "Il est procédé au scrutin secret à l’élection du président."
    assert plain(step.more[-1]) == "Mme Alice ARNAUD est proclamée élue présidente."


def test_a_sitting_of_which_nothing_is_told_approves_earlier_minutes_first(cast, bureau):
    next_one = prepare(cast, body=cast.bureau, held_on=JULY)
    paper = compile_minutes(next_one)
    (approval,) = paper.items
    # Not voted yet, it keeps its title: no sentence says which minutes it is about.
    assert (paper.approvals, approval.kind) == ((), "approbation")
    assert approval.number == ""
    document = compile_minutes(prepare(cast))
    assert (document.clerks, document.closing, document.signatories) == ("", "", ())
    assert document.items == ()


def test_minutes_approved_of_no_sitting_that_is_here_keep_their_title_and_their_place(cast):
    """Those of a paper register: no sentence says which, so that the title alone does."""
    meeting = prepare(cast, "Tarifs", body=cast.bureau)
    title = "Approbation du procès-verbal du 3 mars 2015"
    item = items.add_item(meeting, kind="approbation", title=title, by=cast.secretariat)
    sit(meeting, by=cast.secretariat)
    decisions.hold_ballot(meeting, ballot=ballots.Ballot(item=item.key), by=cast.secretariat)
    paper = compile_minutes(meeting)
    assert paper.approvals == ()
    assert [plain(each.title) for each in paper.items] == [*("Tarifs", title)]
    items.move_item(item, parent=None, position=0, by=cast.secretariat)
    meeting.forget()
    assert [plain(each.title) for each in compile_minutes(meeting).items] == [title, "Tarifs"]


def test_two_members_of_one_name_are_told_apart_on_the_roll_and_in_the_votes(cast):
    """Of one community: who sits and who stands in for another is what tells them."""
    twin = make_person(cast.organisation, "Bruno", "Besson", civility="M.")
    make_mandate(cast.comite, twin, capacity="suppleant", community=cast.seat(cast.bruno).community)
    meeting = prepare(cast, "Tarifs")
    sit(meeting, by=cast.secretariat, also=["bruno-besson-2"])
    choices = dict.fromkeys(EVERYBODY, ballots.Choice.FOR)
    public = ballots.Ballot(item="p1", mode=ballots.Mode.PUBLIC, choices=choices)
    decisions.hold_ballot(meeting, ballot=public, by=cast.secretariat)
    paper = compile_minutes(meeting)
    names = [plain(line.name) for college in paper.roll for line in college.lines]
    assert "M. Bruno BESSON (titulaire)" in names and "M. Bruno BESSON (suppléant)" in names
    (group,) = paper.items[0].after[0].groups
    assert "M. Bruno BESSON (titulaire)" in map(plain, group.names)
    form = ElectionForm({"lists": "Bruno Besson"}, state=meeting.sitting.at_end, item="p1")
    assert "BESSON (titulaire) ou Bruno BESSON (suppléant)" in plain(str(form.errors["lists"]))


def test_quorum_lost_leaves_the_rest_for_another_day(cast):
    meeting = prepare(cast, "Un", "Deux", "Trois")
    keys = meeting.agenda.keys
    everybody = [member.key for member in meeting.basis.composition.titulars]
    attendance.set_roll(
        meeting, standings=dict.fromkeys(everybody[:4], "present"), by=cast.secretariat
    )
    ledger.record(
        meeting,
        sitting.Opened(at=at("19:00"), chair="alice-arnaud"),
        sitting.FateNoted(item=keys[0], fate=sitting.Fate.TOOK_NOTE),
        sitting.Left(member=everybody[3], at=at("20:00"), before=keys[1]),
        sitting.Closed(at=at("20:05"), for_want_of_quorum=True),
        by=cast.secretariat,
    )
    change(meeting, second_call_on=date(2026, 6, 16))
    document = compile_minutes(meeting)
    assert told(document.closing_steps) == [
        "Le quorum n’étant plus réuni, le Comité syndical ne peut plus valablement délibérer ; "
        "les points 2 et 3 sont reportés à une séance ultérieure.",
        "Le Comité syndical sera à nouveau convoqué pour le mardi 16 juin 2026, comme l’annonçait "
        "sa convocation.",
    ]
    assert [item.before for item in document.items if item.number == "3"] == [()]


def test_the_quorum_is_said_whole_when_it_changes_and_short_when_it_does_not(cast):
    meeting = prepare(cast, "Un", "Deux", "Trois")
    _, two, three = meeting.agenda.keys
    everybody = [member.key for member in meeting.basis.composition.titulars]
    attendance.set_roll(
        meeting, standings=dict.fromkeys(everybody[:4], "present"), by=cast.secretariat
    )
    ledger.record(
        meeting,
        sitting.Opened(at=at("19:00"), chair="alice-arnaud"),
        sitting.Left(member=everybody[3], at=at("20:00"), before=two),
        sitting.FateNoted(item=two, fate=sitting.Fate.POSTPONED),
        sitting.FateNoted(item=three, fate=sitting.Fate.POSTPONED),
        by=cast.secretariat,
    )
    one, two, three = (told(item.before) for item in compile_minutes(meeting).items)
    assert one == []
    assert two[-1].startswith("Le quorum n’est pas atteint : 3 délégués présents pour 4 requis")
    assert three == ["Le quorum n’est toujours pas atteint."]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("<p>l'avis</p>", "<p>l’avis</p>"),
        ('<p>dit "oui", 15" et a"b"</p>', '<p>dit «\u00a0oui\u00a0», 15" et a"b"</p>'),
        ("<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"),
        ('<p onclick="x()">a</p>', "<p>a</p>"),
        ('<p>a<img src="file:///etc/passwd">b</p>', "<p>ab</p>"),
        ('<a href="javascript:x">lien</a>', "lien"),
        ("<style>p{}</style><p>x</p>", "<p>x</p>"),
        ("<p>A &amp; B &lt;C&gt;</p>", "<p>A &amp; B &lt;C&gt;</p>"),
        ('<td colspan="2" style="x">', ""),
        ("  ", ""),
    ],
)
def test_what_was_said_is_sanitised_once(typed, printed):
    assert said(typed) == printed


def test_texts_are_made_fit_for_print(cast, bureau):
    item = bureau.items.get(title="Tarifs de l’archivage")
    item.title = "Re\u0301union\u202e \u200b18\u202fh\u00ad"
    item.save()
    (section,) = compile_minutes(bureau).items
    assert section.children[0].title == f"Réunion 18{NBSP}h"


def test_queries_do_not_grow_with_the_sitting(cast, bureau, comite, django_assert_num_queries):
    for title in range(40):
        items.add_item(comite, title=f"Point {title}", kind="information", by=cast.secretariat)
    empty = prepare(cast, body=cast.bureau, held_on=JULY)
    attendance.set_roll(empty, standings={"alice-arnaud": "present"}, by=cast.secretariat)
    for meeting in (empty, bureau, comite):
        with django_assert_num_queries(4):
            compile_minutes(meeting)


def test_the_same_sitting_is_the_same_minutes_whatever_their_version(comite):
    assert compile_minutes(comite) == compile_minutes(comite)
    document = compile_minutes(comite)
    assert replace(document, version=2, edition="x").without_edition == document.without_edition


@pytest.mark.parametrize("layout", Body.Layout.values)
def test_every_paper_says_of_a_result_what_is_known(cast, layout):
    """A vote told without figures: its words on the minutes, the extract and the list; never
    unanimity, which nobody stated."""
    change(cast.comite, layout=layout)
    meeting = sit(prepare(cast, "Budget"), by=cast.secretariat)
    (key,) = meeting.agenda.keys
    ballot = ballots.Ballot(item=key, is_counted=False, stated="à la majorité")
    decisions.hold_ballot(meeting, ballot=ballot, by=cast.secretariat)
    paper, extract = compile_minutes(meeting), compile_extract(meeting, key)
    (step,) = [step for step in paper.items[0].after if step.kind == "vote"]
    assert (plain(step.text), step.count) == ("La délibération est adoptée à la majorité.", None)
    assert told(extract.decisions) == ["La délibération est adoptée à la majorité."]
    (line,) = compile_deliberation_list(meeting).lines
    assert plain(line.decision) == "Adoptée à la majorité"
    for each in (paper, extract):
        assert "unanimité" not in render.render_html(each)
        assert "unanimité" not in str(told_by_docx(word.render_docx(each)))


@pytest.mark.parametrize("layout", Body.Layout.values)
def test_earlier_minutes_each_have_their_sentence(cast, layout):
    """Two of them by one vote, with a correction; put off without a vote, by their title."""
    by = cast.secretariat
    change(cast.comite, layout=layout)
    june, july = prepare(cast), prepare(cast, held_on=JULY)
    june.items.all().delete()
    july.items.all().delete()
    september = prepare(cast, held_on=date(2026, 9, 10))
    september.items.all().delete()
    for title, also in (("Procès-verbaux", [july]), ("Procès-verbal de juillet", [])):
        items.add_item(
            september,
            kind="approbation",
            title=title,
            approves=june if also else july,
            also_approves=also,
            by=by,
        )
    september.forget()
    sit(september, by=by)
    both, put_off = september.agenda.keys
    ballot = ballots.Ballot(item=both, amended="page 2, lire « douze »")
    decisions.hold_ballot(september, ballot=ballot, by=by)
    decisions.note_fate(september, item=put_off, fate="reporte", by=by)
    paper = compile_minutes(september)
    text = " ".join(re.sub(r"<[^>]*>", " ", plain(render.render_html(paper))).split())
    assert (
        "Les procès-verbaux des séances du 9 juin et du 9 juillet 2026 sont adoptés à "
        "l’unanimité. Ils sont corrigés comme suit : page 2, lire « douze »." in text
    )
    assert text.index("Procès-verbal de juillet") < text.index("est reporté à une séance")


def test_a_proxy_of_a_substitute_who_sits_later_takes_effect_then(cast):
    meeting = prepare(cast, "Un", "Deux")
    pointed = dict.fromkeys(
        ("alice-arnaud", "bruno-besson", "claire-caron", "denis-duval"), "present"
    )
    sitting_in = {"gaelle-garnier": "present", "farid-faure": "present", "elsa-evrard": "excuse"}
    attendance.set_roll(meeting, standings=pointed | sitting_in, by=cast.secretariat)
    where = {"at": at("19:40"), "before": meeting.agenda.keys[1]}
    ledger.record(
        meeting,
        sitting.ProxyGiven(giver="elsa-evrard", holder="gaelle-garnier"),
        sitting.Opened(at=at("19:00"), chair="alice-arnaud"),
        sitting.Left(member="claire-caron", **where),
        sitting.SeatTaken(substitute="gaelle-garnier", titular="claire-caron", **where),
        by=cast.secretariat,
    )
    document = compile_minutes(meeting)
    (steps,) = [told(item.before) for item in document.items if item.number == "2"]
    said_of_it = " ".join(steps)
    assert "prend effet" in said_of_it
    assert "reprend effet" not in said_of_it
    remark = next(remark for name, (_, remark) in lines(document).items() if "EVRARD" in name)
    assert remark.endswith("sans effet à l’ouverture")
    assert "Suppléants ayant siégé en cours de séance" in [each.name for each in document.roll]


def test_a_proxy_is_said_without_effect_where_the_substitute_of_its_giver_sits(cast):
    meeting = prepare(cast, "Un")
    pointed = dict.fromkeys(("alice-arnaud", "bruno-besson", "denis-duval"), "present")
    pointed |= {"gaelle-garnier": "present", "claire-caron": "excuse"}
    attendance.set_roll(meeting, standings=pointed, by=cast.secretariat)
    ledger.record(
        meeting,
        sitting.SeatTaken(substitute="gaelle-garnier", titular="claire-caron"),
        sitting.ProxyGiven(giver="claire-caron", holder="bruno-besson"),
        sitting.Opened(at=at("19:00"), chair="alice-arnaud"),
        by=cast.secretariat,
    )
    found = lines(compile_minutes(meeting)).items()
    (remark,) = [remark for name, (_, remark) in found if "CARON" in name]
    assert remark.endswith("BESSON sans effet")


def test_an_item_that_a_second_call_does_not_dispense_says_its_quorum_whole(cast):
    """Nothing has said before that it was reached: it does not « reste »."""
    first = prepare(cast, held_on=date(2026, 6, 2))
    again = prepare(cast, "Un", "Deux", held_on=date(2026, 6, 16), second_call_of=first)
    change(again, convened_on=date(2026, 6, 10))
    again.forget()
    present = dict.fromkeys(EVERYBODY[:4], "present")
    attendance.set_roll(again, standings=present, by=cast.secretariat)
    ledger.record(again, sitting.Opened(chair=EVERYBODY[0]), by=cast.secretariat)
    for key in again.agenda.keys:
        decisions.hold_ballot(again, ballot=ballots.Ballot(item=key), by=cast.secretariat)
    page = plain(re.sub("<[^>]+>", "", render.render_html(compile_minutes(again))))
    assert "délibère valablement sans condition de quorum" in page
    assert "Le quorum est atteint avec 4 délégués présents, le Comité syndical peut donc" in page
    assert "reste atteint" not in page


def test_who_comes_after_midnight_comes_on_the_next_day(cast):
    meeting = prepare(cast, "Un", "Deux", clock="21:00")
    present = dict.fromkeys(EVERYBODY[:4], "present")
    attendance.set_roll(meeting, standings=present, by=cast.secretariat)
    morning = at("08:50") + timedelta(days=1)
    ledger.record(
        meeting,
        sitting.Opened(chair=EVERYBODY[0], at=at("21:00")),
        sitting.Left(member=EVERYBODY[3], at=at("23:45"), before=meeting.agenda.keys[1]),
        sitting.Arrived(member=EVERYBODY[4], at=morning, before=meeting.agenda.keys[1]),
        by=cast.secretariat,
    )
    remarks = lines(compile_minutes(meeting))
    assert remarks["M. Denis DUVAL"][1].endswith("parti à 23 h 45")
    assert remarks["Mme Elsa EVRARD"][1].endswith("arrivée le 10 juin 2026 à 8 h 50")


@pytest.mark.parametrize(("convened_on", "is_free"), [
    (date(2026, 6, 12), True), (date(2026, 6, 13), False),
])  # fmt: skip
def test_a_second_call_that_came_late_does_not_say_that_it_needs_no_quorum(
    cast, convened_on, is_free
):
    first = prepare(cast)
    again = prepare(cast, "Un", held_on=date(2026, 6, 16), second_call_of=first)
    change(again, convened_on=convened_on)
    again.forget()
    attendance.set_roll(again, standings={"alice-arnaud": "present"}, by=cast.secretariat)
    document = compile_minutes(again)
    free = [text for text in document.preamble if "sans condition de quorum" in text]
    assert bool(free) is is_free
    assert ("n’est pas atteint" in plain(document.quorum.sentence)) is not is_free
