"""The seed: the procès-verbal of the Bureau of 16 November 2016, and how to hold that sitting.

`cases/seed.txt` is what must be printed: the facts and the set formulas of the real paper, its
free paragraphs replaced by others of the same shape. Nothing in it was computed by the product.
"""

import re
import subprocess
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from documents import papers
from law import ballots
from meetings.actions import attendance, conduct, decisions, items, preparing, texts
from meetings.models import AgendaItem, Meeting
from members.models import Body, Mandate, Role, User
from tests import cast as make

# The paper lacks the comma before its participle.
TEXT = (Path(__file__).parent / "cases/seed.txt").read_text().replace(" légalement", ", légalement")
HELD_ON = date(2016, 11, 16)
SEATS = {
    "Amiens Métropole": [
        ("Mme", "Florence", "Rodinger"),
        ("M.", "Ernest", "Candela"),
        ("M.", "Jean-Christophe", "Loric"),
    ],
    "Département de la Somme": [
        ("M.", "Philippe", "Varlet"),
        ("M.", "Stéphane", "Decayeux"),
        ("M.", "Olivier", "Jarde"),
    ],
    "Communautés de communes": [
        ("M.", "Philippe", "Cocq"),
        ("M.", "James", "Hecquet"),
        ("M.", "Jean-Claude", "Leclabart"),
    ],
}
EXCUSED = ["florence-rodinger", "jean-christophe-loric", "stephane-decayeux", "olivier-jarde"]


# --- What the paper says ----------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """A bullet of the seed: its title, its first paragraph, then what hangs under it."""

    title: str
    lead: str
    rest: tuple[tuple[str, str], ...]  # ("p" or "li", text)

    @property
    def html(self) -> str:
        """As the editor writes it."""
        told, is_in_list = [f"<p>{self.lead}</p>"], False
        for kind, text in self.rest:
            if (kind == "li") is not is_in_list:
                told.append("<ul>" if kind == "li" else "</ul>")
            is_in_list = kind == "li"
            told.append(f"<li><p>{text}</p></li>" if is_in_list else f"<p>{text}</p>")
        return "".join([*told, "</ul>" if is_in_list else ""])


def _points() -> tuple[str, tuple[Point, ...]]:
    """The title of section I and its five items."""
    title, section = TEXT.split("\nI – ", 1)[1].split("\n", 1)
    found: list[list[str]] = []
    for line in section.split("La séance est levée", 1)[0].splitlines():
        if line.startswith("- ") and " – " in line and not line.startswith("- de "):
            found.append([line[2:]])
        elif line.strip():
            found[-1].append(line.strip())
    return title, tuple(_point(lines) for lines in found)


def _point(lines: list[str]) -> Point:
    title, lead = lines[0].split(" – ", 1)
    rest = tuple(("li", line[2:]) if line.startswith("- ") else ("p", line) for line in lines[1:])
    return Point(title.strip(), lead.strip(), rest)


SECTION, POINTS = _points()


def folded(text: str) -> str:
    """Apostrophes, spaces and marks of lists made one: what typography may change."""
    text = re.sub(r"</?i>|\*+", "", text.replace("’", "'"))
    return " ".join(re.sub(r"(?m)^\s*[-–•·]\s+", "", text).split())


def check_printed(pdf: bytes, paper: papers.MinutesDocument, directory: Path) -> None:
    """Every sentence of the seed is in the PDF, in its order; heads and page numbers aside."""
    path = directory / "seed.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)  # noqa: S603, S607
    head = re.escape(paper.running_head.replace("\u00a0", " "))
    text = told.stdout.replace("\u00a0", " ")
    text = re.sub(rf"\d+ ?/ ?\d+\s*\f(?:\s*{head}\s+{re.escape(paper.issuer.name)})?", "\n", text)
    text, place = folded(text), 0
    for sentence in re.split(r"(?<=[.;:]) ", folded(TEXT)):
        assert sentence in text[place:], sentence
        place = text.index(sentence, place) + len(sentence)


# --- The sitting ------------------------------------------------------------------------------


def make_bureau(slug: str = "somme-numerique") -> tuple[Body, User]:
    """The Bureau as it sat that day, with its sitting of July, and who keeps its papers."""
    organisation = make.make_organisation("Somme Numérique", slug=slug)
    bureau = make.make_body(
        organisation,
        "Bureau",
        kind=Body.Kind.BUREAU,
        layout=Body.Layout.SHORT,
        numbering=Body.Numbering.ROMAN_BULLETS,
    )
    make.make_rule_book(bureau, sittings_public=False, share_with_councillors=False)
    for position, (name, people) in enumerate(SEATS.items()):
        college = make.make_constituency(bureau, name, position=position, seats=3)
        for rank, (civility, first, last) in enumerate(people, start=1):
            make.make_mandate(
                bureau,
                make.make_person(organisation, first, last, civility),
                constituency=college,
                office=Mandate.Office.CHAIR if last == "Varlet" else Mandate.Office.MEMBER,
                position=rank,
                start_on=date(2014, 9, 1),
            )
    by = make.make_account(f"secretariat@{slug}.example")
    make.make_role(by, organisation, Role.Kind.SECRETARIAT)
    preparing.create_meeting(body=bureau, held_on=date(2016, 7, 4), starts_at=time(17, 30), by=by)
    return bureau, by


def convene(bureau: Body, by: User) -> Meeting:
    """The sitting, its agenda written, nothing told yet."""
    meeting = preparing.create_meeting(
        body=bureau,
        held_on=HELD_ON,
        starts_at=time(17, 30),
        convened_on=date(2016, 10, 27),
        place="dans ses locaux",
        by=by,
    )
    section = items.add_item(meeting, title=SECTION, kind=AgendaItem.Kind.SECTION, by=by)
    for point in POINTS:
        kind = AgendaItem.Kind.INFORMATION
        items.add_item(meeting, title=point.title, kind=kind, parent=section, by=by)
    return meeting


def enter(meeting: Meeting, by: User) -> None:
    """What was said and decided, as the pages of a sitting enter it afterwards."""
    standings = dict.fromkeys(EXCUSED, "excuse")
    for member in meeting.basis.composition.titulars:
        standings.setdefault(member.key, "present")
    attendance.set_roll(meeting, standings=standings, by=by)
    conduct.set_conduct(
        meeting,
        chair="philippe-varlet",
        clerks=["philippe-cocq"],
        opened_at=datetime.combine(HELD_ON, time(17, 30)),
        closed_at=datetime.combine(HELD_ON, time(18, 30)),
        by=by,
    )
    approval, _, *written = [node.item for node in meeting.agenda.nodes]
    decisions.hold_ballot(meeting, ballot=ballots.Ballot(item=approval.key), by=by)
    for item, point in zip(written, POINTS, strict=True):
        texts.save_text(item, text=point.html, version=0, by=by)
