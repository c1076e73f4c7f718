"""An invented sitting with everything that rarely happens, and never all at once.

A second call, an election in two rounds, a secret ballot, a tie and the casting vote, `huis clos`,
a suspension, a proxy, a substitute, a late arrival: each paper says it, in the same words as a
page, as a PDF and as a file to be finished by hand, and the PDF is one for archives.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from documents import compile, papers, render
from law import ballots, elections, sitting
from law.elections import Candidate, Election, Round
from meetings.actions import decisions, items, ledger
from meetings.models import Meeting
from members.models import Body
from tests.documents.ink import check_archive, text_of
from tests.documents.test_word import check_same_words
from tests.held import at, prepare, sit

pytestmark = pytest.mark.django_db
TITLES = ("Élection du 1er vice-président", "Budget", "Protection fonctionnelle", "Vœu")


@pytest.fixture
def everything(cast) -> Meeting:
    by = cast.secretariat
    meeting = prepare(
        cast,
        place="à l’hôtel d’agglomération",
        convened_on=date(2026, 6, 3),
        second_call_of=prepare(cast, held_on=date(2026, 6, 2)),
    )
    election, budget, closed, wish = (
        items.add_item(
            meeting,
            title=title,
            kind="election" if title.startswith("Élection") else "deliberation",
            text=f"<p>Le rapporteur présente : {title}.</p>",
            by=by,
        ).key
        for title in TITLES
    )
    sit(
        meeting,
        by=by,
        excused=["claire-caron", "elsa-evrard", "farid-faure"],
        also=["gaelle-garnier"],
        hours=None,
    )
    choice = ballots.Choice
    ledger.record(
        meeting,
        sitting.SeatTaken(substitute="gaelle-garnier", titular="claire-caron"),
        sitting.ProxyGiven(giver="elsa-evrard", holder="denis-duval"),
        sitting.Arrived(member="farid-faure", at=at("19:20"), before=election),
        sitting.DoorsClosed(requesters=3, votes_for=5, at=at("19:50"), before=closed),
        sitting.DoorsOpened(at=at("20:05"), before=wish),
        sitting.Suspended(at=at("20:10"), before=wish),
        sitting.Resumed(at=at("20:20"), before=wish),
        by=by,
    )
    decisions.hold_election(
        meeting,
        election=Election(
            item=election,
            title="1er vice-président",
            candidates=(Candidate(key="denis-duval"), Candidate(key="bruno-besson")),
            rounds=(
                Round(votes={"denis-duval": 2, "bruno-besson": 2}, blank=2),
                Round(votes={"denis-duval": 4, "bruno-besson": 1}, blank=1),
            ),
            secrecy=elections.Secrecy.SECRET,
        ),
        by=by,
    )
    half = ("alice-arnaud", "bruno-besson", "claire-caron")
    others = ("denis-duval", "elsa-evrard", "farid-faure")
    for ballot in (
        ballots.Ballot(
            item=budget,
            mode=ballots.Mode.PUBLIC,
            choices=dict.fromkeys(half, choice.FOR) | dict.fromkeys(others, choice.AGAINST),
        ),
        ballots.Ballot(
            item=closed,
            mode=ballots.Mode.SECRET,
            counts={choice.FOR: 3, choice.AGAINST: 2, choice.BLANK: 1},
        ),
        ballots.Ballot(item=wish),
    ):
        decisions.hold_ballot(meeting, ballot=ballot, by=by)
    ledger.record(meeting, sitting.Closed(at=at("20:45")), by=by)
    return meeting


def issued_of(meeting: Meeting) -> Iterator[papers.Paper]:
    """Everything that is printed of it."""
    for layout in Body.Layout.values:
        meeting.body.layout = layout
        meeting.body.save()
        yield compile.compile_minutes(meeting)
    yield compile.compile_deliberation_list(meeting)
    yield from compile.compile_extracts(meeting)
    yield compile.compile_summons(meeting, sent_on=date(2026, 6, 3))
    yield compile.compile_attendance_sheet(meeting)
    yield compile.compile_voting_sheets(meeting)
    yield compile.compile_name_plates(meeting)


@pytest.mark.proof
def test_every_paper_is_one_for_archives_and_says_the_same_in_the_three_outputs(everything):
    kinds = set()
    for paper in issued_of(everything):
        check_same_words(paper)
        check_archive(paper)
        kinds.add(paper.kind)
    assert len(kinds) == 7


@pytest.mark.parametrize("layout", Body.Layout.values)
def test_the_minutes_tell_all_of_it(everything, layout, tmp_path):
    everything.body.layout = layout
    everything.body.save()
    # Without the mark of a draft, whose letters a reader copies among those of the lines.
    paper = replace(compile.compile_minutes(everything), watermark="")
    text = text_of(render.render_pdf(paper), tmp_path)
    text = text.replace("\u00a0", " ").replace(" h ", "h").lower()
    text = " ".join(text.split())
    for told in (
        "quorum n’ayant pas été atteint",
        "huis clos",
        "suspendue à 20h10",
        "prépondérante",
        "scrutin secret",
        "personne n’obtient la majorité absolue",
        "2e tour : 6 votants, 1 bulletin blanc",
        "m. denis duval est proclamé élu 1er vice-président",
        "gaëlle garnier",
        "farid faure arrive à 19h20",
        "levée à 20h45",
    ):
        assert told in text, told
