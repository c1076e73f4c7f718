"""Whatever is typed in an address or sent to a form, the site answers in words, never by a 500.

Every address of tests/test_access.py, with poison for each parameter that the code reads and for
each field that its page shows; as who may do most there (tests/test_addresses.py walks them). What
is tried is a sample that turns from address to address, and from one database to the other: all of
it, everywhere, takes a quarter of an hour. On PostgreSQL are given those that a base may take
otherwise than another; what is a date, an hour or a choice is judged before any base is asked.
"""

import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser

import pytest
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from members.clicks import ONCE
from tests.conftest import begin_afresh
from tests.meetings import files
from tests.test_access import TABLE, VIEWS
from tests.test_unsent import addresses

pytestmark = pytest.mark.proof

POISONS = {
    "zéro": "\x00",
    "un zéro au milieu": "a\x00b",
    "deux lignes": "a\r\nBcc: x@y.example",
    "dix-neuf chiffres": "9" * 19,
    "cinq mille chiffres": "9" * 5000,
    "négatif": "-1",
    "exposant": "1e400",
    "pas un nombre": "nan",
    "à rebours": "a\u202egpj.exe",
    "hors du plan": "\U0010ffff",
    "chiffres arabes": "\u0661\u0662",
    "exposant écrit": "²",
    "guillemets": "'\"><script>",
    "gabarit": "{{ 7|add:7 }}{% now %}%s%(x)s",
    "chemin": "../../etc/passwd",
    "une date impossible": "2026-02-31",
    "l’an zéro": "0000-00-00",
    "l’an dix mille": "99999-01-01",
    "une heure impossible": "25:61",
    "très long": "a" * 70_000,
    "json profond": "[" * 3000,
}
# What each kind of field is tried with, beside what every field of the form is given at once.
BY_KIND = {
    "number": ("dix-neuf chiffres", "exposant", "exposant écrit", "pas un nombre"),
    "date": ("une date impossible", "l’an zéro", "l’an dix mille"),
    "time": ("une heure impossible", "dix-neuf chiffres"),
    "choice": ("dix-neuf chiffres", "zéro", "chiffres arabes", "hors du plan"),
    "hidden": ("json profond", "dix-neuf chiffres", "zéro", "négatif"),
    "text": ("zéro", "deux lignes", "à rebours", "très long", "gabarit", "cinq mille chiffres"),
}
KINDS = {"select": "choice", "radio": "choice", "checkbox": "choice", "submit": "choice"}
KINDS |= {each: each for each in BY_KIND}
# Text that a base does not hold, or sorts by itself; numbers, days and lengths beyond it.
OF_A_BASE = {
    *("zéro", "un zéro au milieu", "hors du plan", "à rebours", "chiffres arabes", "guillemets"),
    *("dix-neuf chiffres", "cinq mille chiffres", "négatif", "exposant", "très long"),
    *("l’an zéro", "l’an dix mille"),
}
# Of an address, each parameter with another poison every time.
TURNS = (0, 2) if connection.vendor == "sqlite" else (1,)
ROUNDS = 4
READ = re.compile(r"""\b(?:GET|POST)(?:\.get|\.getlist)?[\[(]\s*["']([\w-]+)["']""")
MOST = 40  # fields of one form
RANKS = {name: rank for rank, name in enumerate(sorted({line.name for line in TABLE}))}
ROOMS = (
    *("accounts", "members", "meetings", "documents", "convening", "live", "registry"),
    *("transmission", "archive"),
)


def all_forms() -> Iterator[type[forms.BaseForm]]:
    """Every form that is declared."""
    waiting = [forms.BaseForm]
    while waiting:
        yield (form := waiting.pop())
        waiting += form.__subclasses__()


def of_files(form: type[forms.BaseForm]) -> Iterator[str]:
    """The fields of a form that take a file."""
    fields = getattr(form, "base_fields", {})
    return (name for name, field in fields.items() if isinstance(field, forms.FileField))


@cache
def parameters() -> list[str]:
    """Every parameter that a view reads by its name, and every field that a form declares."""
    found = {"q", "page", "annee", "instance", "nature", "code", "le", "next", "jour", "etat"}
    for path in (path for room in ROOMS for path in (settings.BASE_DIR / room).rglob("*.py")):
        found |= set(READ.findall(path.read_text()))
    for form in all_forms():
        found |= getattr(form, "base_fields", {}).keys()
    # What is done once is answered again: see members.clicks.
    return sorted(found - {"csrfmiddlewaretoken", ONCE})


class Fields(HTMLParser):
    """Name → kind and value of every field of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, tuple[str, str]] = {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag in ("input", "select", "textarea", "button") and told.get("name"):
            kind = KINDS.get(told.get("type") or tag, "text")
            self.found.setdefault(told["name"], (kind, told.get("value") or ""))


def who_may(line) -> str:
    return next(iter(line.allowed), "secretariat") if not line.public else "secretariat"


def shot(cookies, method: str, address: str, data: dict) -> tuple[int, str]:
    begin_afresh()
    with transaction.atomic():
        client = Client(raise_request_exception=False)
        client.cookies.update(cookies)
        response = getattr(client, method)(address, data)
        if response.streaming:
            list(response)
        transaction.set_rollback(True)
    page = response.text if "html" in response.get("Content-Type", "") else ""
    return response.status_code, page


def given(poisons: Iterable[str]) -> list[str]:
    """Those of them that this database is given."""
    is_all = connection.vendor == "sqlite"
    return [what for what in poisons if is_all or what in OF_A_BASE]


IN_AN_ADDRESS = [
    what for what in given(POISONS) if "\x00" not in POISONS[what] and len(POISONS[what]) < 9000
]


def mixed(names: Iterable[str], poisons: list[str], turn: int) -> dict[str, str]:
    """Each of these names with another poison; from turn to turn each meets all of them."""
    return {
        name: POISONS[poisons[(rank * 3 + turn) % len(poisons)]] for rank, name in enumerate(names)
    }


def shots(line, rank: int, fields: dict[str, tuple[str, str]]) -> Iterator[tuple[str, str, dict]]:
    """Method, words and data. An address: all that views read, mixed. A form: all its fields with
    one poison, then each alone with one of its kind, for the first wrong field hides the others.
    """
    here = 0 if connection.vendor == "sqlite" else 1
    turns = [rank * ROUNDS + each for each in TURNS]
    if line.method == "get":
        for turn in turns:
            yield "get", f"mélange {turn}", mixed(parameters(), IN_AN_ADDRESS, turn)
        return
    yield from (
        ("post", f"mélange {turn}", mixed(parameters(), given(POISONS), turn)) for turn in turns
    )
    sound = {name: value for name, (_, value) in fields.items()}
    for what in given(POISONS)[(rank * 2 + here) % 4 :: 4] if fields else ():
        yield "post", what, dict.fromkeys(fields, POISONS[what])
    for place, (name, (kind, _)) in enumerate(fields.items()):
        known = given(BY_KIND[kind])
        what = known[(place + rank + here) % len(known)]
        yield "post", f"{name}: {what}", sound | {name: POISONS[what]}


def poisoned(line, kwargs: dict, browsers: dict, cast) -> list[str]:
    """What fails of an address, shown in its scene; whoever may do most there asks."""
    address, cookies = reverse(line.name, kwargs=kwargs), browsers[who_may(line)]
    fields, wrong = {}, []
    if line.method == "post":
        _, page = shot(cookies, "get", address, {})
        fields = Fields(page).found
        for name, value in line.data(cast).items():
            fields.setdefault(name, ("text", str(value)))
        fields = dict([*fields.items()][:MOST])
    for method, what, data in shots(line, RANKS[line.name], fields):
        status, _ = shot(cookies, method, address, data)
        if status >= 500:
            wrong.append(f"{method} {line.name}, poisoned: {what}: {status}")
    return wrong


@pytest.mark.database
@pytest.mark.parametrize("number", ["0", "2147483648", "9" * 19, "9" * 400])
def test_no_number_in_an_address_makes_it_fail(cast, client_of, number):
    client = client_of(cast.secretariat)
    client.raise_request_exception = False
    told = "1234567"
    made = {"pk": told, "key": "p1", "token": "x", "piece": told, "seq": told, "code": "K7QF3M2X"}
    made |= {"slug": "x", "other": told, "mandate": told, "extension": "csv", "member": "x"}
    wrong = [
        address
        for address in addresses({name: [value] for name, value in made.items()})
        if told in address and client.get(address.replace(told, number)).status_code >= 500
    ]
    assert wrong == []


# --- Files ------------------------------------------------------------------------------------

# Made when they are asked for: whoever only reads the tests waits for none.
HOSTILE = {
    "vide.csv": lambda: b"",
    "un octet.xlsx": lambda: b"\x00",
    "du bruit.p12": lambda: bytes(range(256)) * 40,
    "coupé.pdf": lambda: files.pdf(3)[:400],
    "qui se déplie.pdf": lambda: files.pdf_bomb(400),
    "sans points.png": lambda: files.hollow_picture(),
    "coupé.jpg": lambda: files.picture("JPEG", (900, 900))[:3000],
    "immense.png": lambda: files.picture(size=(9000, 9000)),
    "un SVG.png": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
    "coupé.docx": lambda: files.office("docx")[:-30],
    "qui n’en est pas.docx": lambda: files.office("docx", ("word/document.xml", b"<a><b></a>")),
    "qui n’en est pas.xlsx": lambda: files.office("xlsx", ("xl/workbook.xml", b"<a>" * 9999)),
    "bombe.xlsx": lambda: files.zip_bomb(),
    "bombe qui ment.docx": lambda: files.lying(files.zip_bomb()),
    "vide.pem": lambda: b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----",
    "coupé.cer": lambda: b"\x30\x82\xff\xff\x02\x01\x03",
    "sans fond.cer": lambda: b"\x30\x80" * 4000,
    "moitié de caractère.csv": lambda: "é".encode("utf-16") + b"\xd8",
}
NAMES = ("file", "files", "fichier", "document", "scan", "logo")


@cache
def hostile(what: str) -> bytes:
    return HOSTILE[what]()


def reads_files(line) -> bool:
    return "FILES" in inspect.getsource(sys.modules[VIEWS[line.name].__module__])


TAKERS = [line for line in TABLE if line.method == "post" and reads_files(line)]


@pytest.fixture
def looked(monkeypatch) -> list[str]:
    """The addresses that looked at the files that they were sent."""
    read, looked = WSGIRequest.FILES.fget, []

    def watched(request):
        looked.append(request.path)
        return read(request)

    monkeypatch.setattr(WSGIRequest, "FILES", property(watched))
    return looked


@pytest.mark.parametrize("line", TAKERS, ids=lambda line: line.name)
def test_no_file_makes_it_fail(cast, client_of, line, looked):
    assert {field for form in all_forms() for field in of_files(form)} <= set(NAMES)
    kwargs, wrong = line.kwargs(cast), []
    cookies = client_of(getattr(cast, who_may(line))).cookies
    # A file is judged before any row is written: SQLite alone. Each address is given two thirds.
    for what in [each for rank, each in enumerate(HOSTILE) if (RANKS[line.name] + rank) % 3]:
        data = line.data(cast) | {name: SimpleUploadedFile(what, hostile(what)) for name in NAMES}
        status, _ = shot(cookies, "post", reverse(line.name, kwargs=kwargs), data)
        if status >= 500:
            wrong.append(f"{line.name}: {what}: {status}")
        if not looked:  # what it does as long as it knows of no file, it does for every other too
            break
    assert wrong == []
