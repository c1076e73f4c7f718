"""Les deux tables du droit, de l’article à la fonction et de la règle à son état, disent vrai."""

import importlib
import re
from pathlib import Path

import pytest

import law
from law import ballots, elections, quorum, regime, sitting
from law.checks import judgement, review  # noqa: F401 - they bring every judge and every look
from law.checks.reader import JUDGES
from law.wording import WORDINGS

ROOT = Path(__file__).parents[2]
CODE = "\n".join(path.read_text() for path in (ROOT / "law/checks").glob("*.py"))
# Classes that the page names without their module.
CLASSES = {
    name: each
    for module in (sitting, quorum, ballots, elections, regime)
    for name, each in vars(module).items()
    if isinstance(each, type) and each.__module__ == module.__name__
}


def is_there(holder: object, names: list[str]) -> bool:
    """Whether the path leads somewhere: an attribute, or the field of a dataclass."""
    for rank, name in enumerate(names):
        if name in getattr(holder, "__dataclass_fields__", {}):
            return rank == len(names) - 1
        if not hasattr(holder, name):
            return False
        holder = getattr(holder, name)
    return True


def in_the_law(path: str) -> bool:
    module, *names = path.split(".")
    try:
        return is_there(importlib.import_module(f"law.{module}"), names)
    except ModuleNotFoundError:
        return module in CLASSES and is_there(CLASSES[module], names)


TABLE = (law.__doc__ or "").partition("    ----")[2].partition("\n\n")[0]
NAMED = [path for line in TABLE.splitlines()[1:] for path in line[61:].split(", ")]


def test_the_table_of_the_law_is_read_whole():
    assert len(NAMED) > 40
    assert all(re.fullmatch(r"[a-z]+(\.\w+)+", path) for path in NAMED)


@pytest.mark.parametrize("path", sorted(set(NAMED)))
def test_what_the_table_of_the_law_names_exists(path):
    assert in_the_law(path)


PAGE = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in (ROOT / "docs/droit.md").read_text().replace("| | ", "| – | ").splitlines()
    if re.match(r"\| \d", line)
]
# How many rules each section of the law has (docs/droit.md), all of them on the page.
RULES = {1: 10, 2: 13, 3: 13, 4: 10, 5: 5, 6: 13, 7: 5, 8: 10, 9: 8, 10: 6, 11: 4}


def test_every_kind_of_event_has_one_judge_and_one_wording():
    """What cancels is judged before the story is told: it is no part of it."""
    told = set(sitting.EVENTS)
    assert set(JUDGES) == told - {sitting.Voided}
    assert len({*JUDGES.values()}) == len(JUDGES)
    assert set(WORDINGS) == told
    assert len({type(each) for each in WORDINGS.values()}) == len(told)
    assert len({each.title for each in WORDINGS.values()}) == len(told)


def test_every_rule_is_on_the_page():
    told = {number for number, *_ in PAGE}
    assert {f"{part}.{rank}" for part, last in RULES.items() for rank in range(1, last + 1)} <= told


ROOMS = (
    "members",
    "meetings",
    "documents",
    "registry",
    "convening",
    "live",
    "transmission",
    "archive",
)
ABOVE = (*ROOMS, "templates")
CALLED = {
    room: "\n".join(
        file.read_text()
        for suffix in ("py", "html")
        for file in (ROOT / room).rglob(f"*.{suffix}")
        if "migrations" not in file.parts and file != ROOT / "law/__init__.py"
    )
    for room in ("law", *ABOVE)
}


def is_called(function: str, *rooms: str) -> bool:
    return any(re.search(rf"(?<!def )\b{function}\b", CALLED[room]) for room in rooms)


@pytest.mark.parametrize("row", PAGE, ids=lambda row: f"{row[0]} {row[2][:40]}")
def test_the_state_of_a_line_is_that_of_the_code(row):
    """« écrite »: nobody calls it yet; « réglée »: indicative; « appliquée »: called, not so."""
    _, _, _, where, state = row
    named = [
        path for path in re.findall(r"`([\w.]+)`", where) if path.partition(".")[0] != "checks"
    ]
    rules = [path for path in named if path in regime.RULES]
    of_law = [path.split(".")[-1] for path in named if "." in path and in_the_law(path)]
    if state.startswith("écrite"):
        assert of_law and not any(is_called(each, *ABOVE) for each in of_law)
    elif state.startswith("réglée"):
        assert rules and all(regime.RULES[rule].is_indicative for rule in rules)
    elif state.startswith("appliquée"):
        assert not any(regime.RULES[rule].is_indicative for rule in rules)
        assert all(is_called(each, *CALLED) for each in of_law)


@pytest.mark.parametrize("row", PAGE, ids=lambda row: f"{row[0]} {row[2][:40]}")
def test_a_line_of_the_page_is_true(row):
    _, _, _, where, state = row
    assert re.match(r"(appliquée|écrite|réglée|absente|en partie)\b", state)
    if not state.startswith(("appliquée", "écrite")):
        assert re.search(r"[:;,] ", state), "what is not covered has its reason"
    for path, codes in re.findall(r"`([\w.]+)`(?: \(((?:`\w+`(?:, )?)+)\))?", where):
        if path == "checks":
            assert all(f'"{code}"' in CODE or is_imposed(code) for code in quoted(codes)), codes
        elif path.partition(".")[0] in ROOMS:
            assert is_in_the_source(path)
        elif "." in path:
            assert in_the_law(path)
        else:
            assert path in regime.RULES, path


def quoted(codes: str) -> list[str]:
    return re.findall(r"\w+", codes)


def is_imposed(code: str) -> bool:
    """The two codes that are made of the ballot asked for."""
    return code in ("secret_demande", "public_demande") and '"{imposed.value}_demande"' in CODE


def is_in_the_source(path: str) -> bool:
    """Read, not imported: the law knows nothing of the rooms above it."""
    where, names = ROOT, path.split(".")
    while names and (where / names[0]).is_dir():
        where /= names.pop(0)
    files = [*where.glob("*.py")]
    if names and (where / f"{names[0]}.py").exists():
        files = [where / f"{names.pop(0)}.py"]
    source = "\n".join(file.read_text() for file in files)
    return bool(source) and all(
        re.search(rf"^(?:def|class) {name}\b", source, re.MULTILINE) for name in names
    )
