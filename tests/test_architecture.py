"""The stairs: imports only go down, in the order of a sitting's life.

`IMPORTS` is the plan, room by room, exact: an arrow more or less is a decision, and is written
here first. Climbs that no import shows are seen too: a lower room that follows a relation
backwards (`meeting.convocations` within `meetings/`), or reaches by a name in a string. The law,
and the papers made of it, know nothing but the standard library.
"""

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from django.apps import apps

from tests.once import once

ROOT = Path(__file__).resolve().parent.parent
# Each room and those it imports, from the ground up.
IMPORTS = {
    "law": set(),
    "trail": set(),
    "members": {"law", "trail"},
    "guides": {"law", "members"},
    "accounts": {"law", "trail", "members"},
    "meetings": {"law", "trail", "members"},
    "documents": {"law", "trail", "members", "meetings"},
    "convening": {"law", "trail", "members", "accounts", "meetings", "documents"},
    "live": {"law", "trail", "members", "accounts", "meetings", "convening"},
    "registry": {"law", "trail", "members", "accounts", "meetings", "documents", "convening"},
    "transmission": {
        "law",
        "trail",
        "members",
        "accounts",
        "meetings",
        "documents",
        "convening",
        "registry",
    },
    "archive": {
        "law",
        "trail",
        "members",
        "accounts",
        "meetings",
        "documents",
        "convening",
        "live",
        "registry",
        "transmission",
    },
    "opendata": {
        "law",
        "trail",
        "members",
        "accounts",
        "meetings",
        "documents",
        "registry",
        "transmission",
        "archive",
    },
    "demo": {
        *("law", "members", "meetings", "documents", "convening", "live", "registry"),
        *("transmission", "archive"),
    },
    "somme_gov": {
        "members",
        "accounts",
        "meetings",
        "documents",
        "convening",
        "live",
        "transmission",
        "archive",
    },
}
FLOORS = tuple(IMPORTS)
OURS = {*FLOORS, "bench", "tests"}


@once
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
    pure = floor == "law" or path.startswith(("documents/papers/", "transmission/ctes/"))
    allowed = {floor, "law"} if pure else {floor, *IMPORTS[floor]}
    # What reads XML of strangers leans on the one library that reads it safely.
    known = {*sys.stdlib_module_names, *(["lxml"] if floor == "transmission" else [])}
    found = []
    for line, name in imported(source, tuple(package)):
        top = name.partition(".")[0]
        here = {"documents": "documents.papers", "transmission": "transmission.ctes"}.get(floor, "")
        if pure and top == floor and not name.startswith(here):
            found.append(f"{path}:{line} imports {name}")
        foreign = top not in OURS and top not in known
        if (top in OURS and top not in allowed) or (pure and foreign):
            found.append(f"{path}:{line} imports {name}")
    return found


def sources() -> list[Path]:
    return sorted(path for top in FLOORS for path in (ROOT / top).rglob("*.py"))


def test_imports_only_go_down():
    found = []
    for path in sources():
        found += climbs(path.relative_to(ROOT).as_posix(), path.read_text())
    assert found == []


def test_what_is_read_at_its_first_use_is_at_the_head_of_nothing():
    """Or a server starts as slowly as before, and nothing says so."""
    texts = {path.relative_to(ROOT).as_posix(): path.read_text() for path in sources()}
    lately = re.compile(r'Lately\("(\w+)')
    named = {name for text in texts.values() for name in lately.findall(text)}
    found = []
    for path, text in texts.items():
        head = imported(text, Path(path).parent.parts)
        found += [f"{path}:{line}" for line, name in head if name.partition(".")[0] in named]
    assert len(named) > 5 and found == []


def test_the_plan_is_exact_and_has_no_circle():
    drawn: dict[str, set[str]] = {room: set() for room in FLOORS}
    for path in sources():
        room, *_ = package = path.relative_to(ROOT).parent.parts
        names = {name.partition(".")[0] for _, name in imported(path.read_text(), tuple(package))}
        drawn[room] |= names & set(FLOORS) - {room}
    assert drawn == IMPORTS
    above: set[str] = set()
    for room, below in IMPORTS.items():
        assert below <= above, f"{room} climbs"
        above.add(room)


def circle(sources: dict[str, str]) -> list[str]:
    """Modules (path → text) that import one another in a ring; none when they follow."""
    names = {
        ".".join(Path(path).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sources
    }
    graph: dict[str, set[str]] = {}
    for name, path in names.items():
        graph[name] = set()
        for node in ast.walk(ast.parse(sources[path])):
            if isinstance(node, ast.ImportFrom) and node.module:
                whole = {f"{node.module}.{alias.name}" for alias in node.names} & names.keys()
                graph[name] |= whole or {node.module} & names.keys()
            elif isinstance(node, ast.Import):
                graph[name] |= {alias.name for alias in node.names} & names.keys()
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


@pytest.mark.parametrize("room", FLOORS)
def test_no_room_has_a_circle_of_its_own(room):
    paths = [path.relative_to(ROOT) for path in sources()]
    texts = {path.as_posix(): (ROOT / path).read_text() for path in paths if path.parts[0] == room}
    assert circle(texts) == []


def test_a_planted_circle_is_caught():
    rooms = {"law/a.py": "from law import b", "law/b.py": "from law.c import C"}
    assert circle(rooms | {"law/c.py": "import re"}) == []
    for back in ("import law.a", "from law import a", "def f():\n  from law.a import A"):
        assert set(circle(rooms | {"law/c.py": back})) == {"law.a", "law.b", "law.c"}


# --- Climbs that no import shows --------------------------------------------------------------

# Where a string is the name of a relation.
BY_NAME = {"getattr", "hasattr", "prefetch_related", "select_related", "values", "values_list"}
BY_NAME |= {"order_by", "Prefetch", "F", "Count", "Exists", "attrgetter"}


def backwards(room: str) -> dict[str, str]:
    """Names that lead from the rows of lower rooms and this one to rows of rooms above."""
    height = FLOORS.index(room)
    found = {}
    lower = (model for model in apps.get_models() if model._meta.app_label in FLOORS[: height + 1])
    for model in lower:
        for field in model._meta.related_objects:
            upper = field.related_model._meta.app_label
            if upper in FLOORS and FLOORS.index(upper) > height:
                for name in (field.get_accessor_name(), field.field.related_query_name()):
                    found[name] = upper
    return found


def reaches(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of every attribute, lookup keyword and relation named in a string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            said = [word.arg for word in node.keywords if word.arg and "__" in word.arg]
            if name in BY_NAME:
                said += [
                    given.value
                    for given in node.args
                    if isinstance(given, ast.Constant) and isinstance(given.value, str)
                ]
            yield from ((node.lineno, word) for each in said for word in each.split("__"))


def climbs_backwards(room: str, sources: dict[str, str]) -> list[str]:
    """What leads up by its name; a room that wants such a name for itself finds another."""
    names = backwards(room)
    return [
        f"{path}:{line} reaches {name}"
        for path, source in sources.items()
        for line, name in reaches(ast.parse(source))
        if name in names
    ]


@pytest.mark.parametrize("room", FLOORS[1:-2])
def test_no_room_reaches_up_by_a_relation(room):
    files = {
        path.relative_to(ROOT).as_posix(): path.read_text()
        for path in sources()
        if path.relative_to(ROOT).parts[0] == room and "migrations" not in path.parts
    }
    assert climbs_backwards(room, files) == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("meeting.convocations.all()", "convocations"),
        ('getattr(meeting, "convocations")', "convocations"),
        ('Meeting.objects.prefetch_related("convocations__recipients")', "convocations"),
        ("Meeting.objects.filter(convocations__sent_on=None)", "convocations"),
        ("class Own:\n  convocations = ()\nmeeting.convocations", "convocations"),
    ],
)
def test_a_planted_reach_is_caught(source, name):
    assert climbs_backwards("meetings", {"meetings/x.py": source}) == [
        f"meetings/x.py:{1 + source.count(chr(10))} reaches {name}"
    ]
    assert climbs_backwards("convening", {"convening/x.py": source}) == []


@pytest.mark.parametrize(
    ("path", "source", "culprit"),
    [
        pytest.param("members/models.py", "import documents.models", "documents.models", id="up"),
        pytest.param("meetings/forms.py", "from documents import actions", "documents", id="from"),
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
        pytest.param("transmission/ctes/answers.py", "import django", "django", id="pure messages"),
        pytest.param(
            "transmission/ctes/answers.py",
            "from transmission import models",
            "transmission",
            id="messages know no table",
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
        pytest.param("meetings/actions/ledger.py", "from law import quorum", id="two steps down"),
        pytest.param("meetings/views/lists.py", "from . import shared", id="on the same floor"),
        pytest.param("members/admin/x.py", "import django, openpyxl", id="third parties"),
        pytest.param("law/x.py", "import dataclasses\nfrom law import findings", id="law"),
        pytest.param(
            "documents/papers/minutes.py", "import json\nfrom law import french", id="papers"
        ),
        pytest.param("demo/year.py", "import documents.actions, members.models", id="demo"),
        pytest.param(
            "transmission/ctes/answers.py",
            "from lxml import etree\nfrom transmission.ctes import markup",
            id="messages",
        ),
    ],
)
def test_a_step_down_is_no_climb(path, source):
    assert climbs(path, source) == []
