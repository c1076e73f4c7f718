"""Papers written by hand, and sittings built by the real verbs."""

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import pytest
from django.utils import timezone

from law import ballots, sitting
from meetings.actions import decisions, items, ledger, preparing
from meetings.models import Meeting
from tests.held import sit

HELD_ON = date(2026, 6, 9)
ISSUED_AT = timezone.make_aware(datetime(2026, 6, 15, 9, 30))


def at(clock: str) -> datetime:
    """The wall clock of the sitting: at("18:36")."""
    return datetime.combine(HELD_ON, time.fromisoformat(clock))


def prepare(cast, *titles, body=None, held_on=HELD_ON, clock="19:00", **more) -> Meeting:
    """A sitting of the Comité of that day, or of another `body`, a deliberation for each title."""
    by = cast.secretariat
    meeting = preparing.create_meeting(
        body=body or cast.comite,
        held_on=held_on,
        starts_at=time.fromisoformat(clock),
        by=by,
        **more,
    )
    for title in titles:
        items.add_item(meeting, title=title, by=by)
    return meeting


def printed(document) -> bytes:
    """The PDF of an issued document, as it is kept."""
    with document.pdf.open("rb") as file:
        return file.read()


@pytest.fixture
def check_golden(pytestconfig) -> Callable[[Path, str], None]:
    """`check_golden(path, text)`: the text is the one that is kept there; `--golden` keeps it."""

    def check(path: Path, text: str) -> None:
        if pytestconfig.getoption("--golden"):
            path.write_text(text)
        assert text == path.read_text(), "si c’est voulu : pytest tests/documents --golden"

    return check


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    """Each test has its own place for files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def bureau(cast) -> Meeting:
    """The Bureau of 9 June 2026, held and closed: Alice chairs, Bruno keeps the minutes,
    Denis is excused; one section with one item on its agenda."""
    meeting = prepare(
        cast,
        body=cast.bureau,
        clock="17:30",
        place="dans ses locaux",
        convened_on=date(2026, 5, 28),
    )
    section = items.add_item(
        meeting, kind="section", title="Examen de l'ordre du jour", by=cast.secretariat
    )
    items.add_item(
        meeting,
        kind="information",
        title="Tarifs de l’archivage",
        parent=section,
        text="<p>le Bureau examine les tarifs :</p><ul><li>un ;</li><li>deux.</li></ul>",
        by=cast.secretariat,
    )
    sit(meeting, by=cast.secretariat, excused=["denis-duval"], hours=1)
    return meeting


@pytest.fixture
def comite(cast) -> Meeting:
    """The Comité of the same day, whole: proxy, substitute, late arrival, public and secret
    ballots, a withdrawal, a suspension."""
    by = cast.secretariat
    meeting = prepare(cast, place="à l’hôtel d’agglomération", convened_on=date(2026, 6, 1))
    keys = [
        items.add_item(
            meeting, title=title, text=f"<p>Le rapporteur présente : {title}.</p>", by=by
        ).key
        for title in ("Budget", "Convention", "Tarifs", "Vœu")
    ]
    budget, convention, tariffs, wish = keys
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
        sitting.Arrived(member="farid-faure", at=at("19:40"), before=convention),
        sitting.Recused(member="bruno-besson", item=tariffs),
        sitting.Suspended(at=at("20:10"), before=wish),
        sitting.Resumed(at=at("20:20"), before=wish),
        by=by,
    )
    for ballot in (
        ballots.Ballot(item=budget),
        ballots.Ballot(
            item=convention,
            mode=ballots.Mode.PUBLIC,
            choices={
                "alice-arnaud": choice.FOR,
                "bruno-besson": choice.FOR,
                "claire-caron": choice.AGAINST,
                "denis-duval": choice.FOR,
                "elsa-evrard": choice.FOR,
                "farid-faure": choice.ABSTAIN,
            },
        ),
        ballots.Ballot(
            item=tariffs,
            mode=ballots.Mode.SECRET,
            counts={choice.FOR: 3, choice.AGAINST: 1, choice.BLANK: 1},
        ),
    ):
        decisions.hold_ballot(meeting, ballot=ballot, by=by)
    decisions.note_fate(meeting, item=wish, fate="ajourne", by=by)
    ledger.record(meeting, sitting.Closed(at=at("20:45")), by=by)
    return meeting
