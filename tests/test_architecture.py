"""The stairs: imports only go down.

`archive → registry → live → convening → documents → meetings → members → law`, each arrow
reading "may import"; `demo` fills all of them and `somme_gov` stands above; nobody imports
either. The law, and the papers made of it, know nothing but the standard library.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = (
    "law",
    "members",
    "meetings",
    "documents",
    "convening",
    "live",
    "registry",
    "archive",
)  # from the ground up
ABOVE = ("demo", "somme_gov")  # may import every floor
OURS = {*FLOORS, *ABOVE, "bench", "tests"}


def imported(source: str, package: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import, wherever it hides; relative ones made absolute."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            yield node.lineno, ".".join((*base, *filter(None, [node.module])))


def climbs(path: str, source: str) -> list[str]:
    """What the file at `path` (from the root) imports and may not, as sentences."""
    floor, *_ = package = Path(path).parent.parts
    pure = floor == "law" or path.startswith("documents/papers/")
    if pure:
        allowed = {"law"}
    elif floor in FLOORS:
        allowed = set(FLOORS[: FLOORS.index(floor) + 1])
    else:
        allowed = {*FLOORS, floor}
    found = []
    for line, name in imported(source, tuple(package)):
        top = name.partition(".")[0]
        if pure and name.startswith("documents.papers"):
            continue
        foreign = top not in OURS and top not in sys.stdlib_module_names
        if (top in OURS and top not in allowed) or (pure and foreign):
            found.append(f"{path}:{line} imports {name}")
    return found


def sources() -> list[Path]:
    return sorted(path for top in (*FLOORS, *ABOVE) for path in (ROOT / top).rglob("*.py"))


def test_imports_only_go_down():
    found = []
    for path in sources():
        found += climbs(path.relative_to(ROOT).as_posix(), path.read_text())
    assert found == []


def test_every_floor_is_walked():
    walked = {path.relative_to(ROOT).parts[0] for path in sources()}
    assert walked == {*FLOORS, *ABOVE}


@pytest.mark.parametrize(
    ("path", "source", "culprit"),
    [
        pytest.param("members/models.py", "import documents.models", "documents.models", id="up"),
        pytest.param("meetings/views.py", "from documents import actions", "documents", id="from"),
        pytest.param("members/x.py", "def f():\n  import meetings", "meetings", id="in a function"),
        pytest.param(
            "members/x.py",
            "if TYPE_CHECKING:\n  from meetings.models import Meeting",
            "meetings.models",
            id="for types only",
        ),
        pytest.param("law/quorum.py", "import django", "django", id="law is no Django app"),
        pytest.param("law/quorum.py", "from members import models", "members", id="law is lowest"),
        pytest.param(
            "documents/papers/minutes.py", "import weasyprint", "weasyprint", id="pure papers"
        ),
        pytest.param(
            "documents/papers/minutes.py",
            "from documents import models",
            "documents",
            id="papers know no table",
        ),
        pytest.param("documents/views.py", "import demo", "demo", id="demo is above"),
        pytest.param("law/x.py", "import somme_gov.settings", "somme_gov.settings", id="settings"),
        pytest.param("meetings/x.py", "from tests import cast", "tests", id="tests stay outside"),
        pytest.param("demo/x.py", "import somme_gov", "somme_gov", id="even for demo"),
    ],
)
def test_a_planted_climb_is_caught(path, source, culprit):
    line = source.count("\n") + 1
    assert climbs(path, source) == [f"{path}:{line} imports {culprit}"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        pytest.param(
            "documents/compile/minutes.py", "from meetings.models import Meeting", id="down"
        ),
        pytest.param("meetings/actions.py", "from law import quorum", id="two steps down"),
        pytest.param("meetings/views.py", "from . import actions", id="on the same floor"),
        pytest.param("members/admin.py", "import django, openpyxl", id="third parties"),
        pytest.param("law/x.py", "import dataclasses\nfrom law import findings", id="law"),
        pytest.param(
            "documents/papers/minutes.py", "import json\nfrom law import french", id="papers"
        ),
        pytest.param("demo/story.py", "import documents.actions, members.models", id="demo"),
    ],
)
def test_a_step_down_is_no_climb(path, source):
    assert climbs(path, source) == []
