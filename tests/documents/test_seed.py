"""The real minutes of 16 November 2016, entered in our tables, come out word for word.

The text is not ours to keep: it is read where it lies, and the tests are skipped without it.
"""

import os
import re
import subprocess
from dataclasses import replace
from datetime import date, datetime, time
from html import escape
from pathlib import Path

import pytest

from documents import actions, papers, render
from documents.compile import compile_minutes
from law import ballots
from meetings.actions import attendance, conduct, decisions, items, preparing
from tests import cast as people
from tests.documents.conftest import ISSUED_AT

SEED = (
    Path(os.environ.get("SHARED_DIR", Path(__file__).parents[3] / "shared"))
    / "reference/seed/pv-bureau-2016-11-16.txt"
)
pytestmark = [
    pytest.mark.skipif(not SEED.exists(), reason=f"{SEED} n’est pas sur cette machine"),
    pytest.mark.django_db,
]

COLLEGES = {
    "Amiens Métropole": ("Florence RODINGER", "Ernest CANDELA", "Jean-Christophe LORIC"),
    "Département de la Somme": ("Philippe VARLET", "Stéphane DECAYEUX", "Olivier JARDE"),
    "Communautés de communes": ("Philippe COCQ", "James HECQUET", "Jean-Claude LECLABART"),
}
EXCUSED = ("Florence RODINGER", "Jean-Christophe LORIC", "Stéphane DECAYEUX", "Olivier JARDE")


def folded(text: str) -> str:
    """Apostrophes, spaces and marks of lists made one: what typography may change."""
    text = re.sub(r"</?i>|\*+", "", text.replace("’", "'").replace("\u00a0", " "))
    return " ".join(re.sub(r"(?m)^\s*[-–•·]\s+", "", text).split())


@pytest.fixture(scope="module")
def seed() -> str:
    return SEED.read_text()


@pytest.fixture
def meeting(seed):
    organisation = people.make_organisation(
        "Somme Numérique", designation="le syndicat mixte Somme Numérique"
    )
    bureau = people.make_body(
        organisation,
        "Bureau",
        kind="bureau",
        layout="synthetique",
        numbering="romain-puces",
        member_noun="délégués",
    )
    people.make_rule_book(bureau)
    standings = {}
    for position, (name, members) in enumerate(COLLEGES.items()):
        college = people.make_constituency(bureau, name, position=position, seats=3)
        for rank, member in enumerate(members, start=1):
            first, last = member.rsplit(" ", 1)
            person = people.make_person(
                organisation, first, last.title(), "Mme" if first == "Florence" else "M."
            )
            people.make_mandate(
                bureau,
                person,
                constituency=college,
                position=rank,
                office="president" if member == "Philippe VARLET" else "membre",
                start_on=date(2015, 5, 1),
            )
            key = str(person).lower().replace(" ", "-").replace("é", "e")
            standings[key] = "excuse" if member in EXCUSED else "present"
    preparing.create_meeting(body=bureau, held_on=date(2016, 7, 4), starts_at=time(17, 30), by=None)
    meeting = preparing.create_meeting(
        body=bureau,
        held_on=date(2016, 11, 16),
        starts_at=time(17, 30),
        place="dans ses locaux",
        convened_on=date(2016, 10, 27),
        by=None,
    )
    title, points = items_of(seed)
    section = items.add_item(meeting, kind="section", title=title, by=None)
    for item_title, text in points:
        items.add_item(
            meeting, kind="information", title=item_title, text=text, parent=section, by=None
        )
    attendance.set_roll(meeting, standings=standings, by=None)
    conduct.set_conduct(
        meeting,
        chair="philippe-varlet",
        clerks=["philippe-cocq"],
        opened_at=datetime(2016, 11, 16, 17, 30),
        closed_at=datetime(2016, 11, 16, 18, 30),
        by=None,
    )
    approval = meeting.items.get(kind="approbation")
    decisions.hold_ballot(meeting, ballot=ballots.Ballot(item=approval.key), by=None)
    return meeting


def items_of(seed: str) -> tuple[str, list[tuple[str, str]]]:
    """The agenda as a secretary types it: titles, and what was said as paragraphs and lists."""
    lines = [line for line in seed.splitlines() if line.strip()]
    start = next(n for n, line in enumerate(lines) if line.startswith("I – "))
    end = next(n for n, line in enumerate(lines) if line.startswith("La séance est levée"))
    items: list[tuple[str, str]] = []
    for line in lines[start + 1 : end]:
        words = escape(line.strip().removeprefix("- "), quote=False)
        if line.startswith("- ") and " – " in line:
            title, said = line.removeprefix("- ").split(" – ", 1)
            items.append((title, f"<p>{escape(said, quote=False)}</p>"))
            continue
        title, said = items[-1]
        block = f"<ul><li>{words}</li></ul>" if "- " in line[:3] else f"<p>{words}</p>"
        items[-1] = (title, (said + block).replace("</ul><ul>", ""))
    return lines[start].removeprefix("I – "), items


def printed(pdf: bytes, paper: papers.MinutesDocument, tmp_path: Path) -> str:
    """The text of the PDF without its running heads and page numbers."""
    path = tmp_path / "seed.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True)  # noqa: S603, S607
    head = re.escape(paper.running_head.replace("\u00a0", " "))
    text = told.stdout.replace("\u00a0", " ")
    text = re.sub(rf"\d+ ?/ ?\d+\s*\f(?:\s*{head}\s+{re.escape(paper.issuer.name)})?", "\n", text)
    return folded(text)


FORMAL = (
    "Procès-verbal synthétique",
    "L'an deux mille seize, le seize novembre à 17h30, le BUREAU du syndicat mixte Somme Numérique "
    "légalement convoqué le vingt-sept octobre, s'est réuni dans ses locaux, sous la présidence de "
    "Philippe VARLET ;",
    "Membres du BUREAU présents et excusés :",
    "Amiens Métropole",
    "Département de la Somme",
    "Communautés de communes",
    *(name for names in COLLEGES.values() for name in names),
    "Le quorum est atteint avec 5 délégués présents, le Bureau peut donc valablement délibérer.",
    "Monsieur Philippe COCQ est désigné secrétaire de séance.",
    "Le procès-verbal de la réunion du 4 juillet 2016 est adopté à l'unanimité.",
    "I – EXAMEN DE L'ORDRE DU JOUR DU COMITE SYNDICAL",
    "La séance est levée à 18h30.",
)


def test_formulas_are_those_of_the_seed(seed):
    """If this fails it is the list above that is wrong, not the application."""
    for sentence in FORMAL:
        assert sentence in folded(seed)


def test_pdf_holds_every_formal_sentence_in_order(meeting, tmp_path):
    document = actions.issue_minutes(meeting, by=None, at=ISSUED_AT)
    with document.pdf.open("rb") as file:
        text = printed(file.read(), document.paper, tmp_path)
    place = 0
    for sentence in FORMAL:
        assert sentence in text[place:], sentence
        place = text.index(sentence, place) + len(sentence)


def test_pdf_holds_every_sentence_of_the_seed_in_order(meeting, seed, tmp_path):
    paper = compile_minutes(meeting)
    text = printed(render.render_pdf(replace(paper, watermark="")), paper, tmp_path)
    body = folded(seed[seed.index("Le quorum est atteint") :])
    place = 0
    for sentence in re.split(r"(?<=[.;:]) ", body):
        assert sentence in text[place:], sentence
        place = text.index(sentence, place) + len(sentence)


def test_present_are_bold_and_excused_italic(meeting):
    page = render.render_html(compile_minutes(meeting))
    roll = page.split("<tbody>")[1].split("</tbody>")[0]
    shown = re.findall(r'<span class="(\w+)">((?:(?!</p>).)*)</p>', roll)
    assert [(style, re.sub(r"<[^>]*>", "", name)) for style, name in shown] == [
        ("excused" if name in EXCUSED else "present", name)
        for names in COLLEGES.values()
        for name in names
    ]


def test_nothing_was_typed_that_is_counted(meeting):
    """One more present: the sentence follows."""
    attendance.set_roll(meeting, standings={"olivier-jarde": "present"}, by=None)
    assert "6 délégués présents" in compile_minutes(meeting).quorum.sentence
