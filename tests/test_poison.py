"""Whatever is typed in an address or sent to a form, the site answers in words, never by a 500.

Every address of tests/test_access.py, with poison for each parameter that the code reads and for
each field that its page shows; as who may do most there.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.conftest import begin_afresh
from tests.test_access import SCENES
from tests.test_unsent import addresses

pytestmark = [pytest.mark.database, pytest.mark.proof]

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
FIRST = settings.BASE_DIR
READ = re.compile(r"""\b(?:GET|POST)(?:\.get|\.getlist)?[\[(]\s*["']([\w-]+)["']""")


def parameters() -> list[str]:
    """Every parameter that a view reads by its name, and those of the forms of addresses."""
    found = {"q", "page", "annee", "instance", "nature", "code", "le", "next", "jour", "etat"}
    for room in ("accounts", "members", "meetings", "documents", "convening", "live"):
        for path in (FIRST / room).rglob("*.py"):
            found |= set(READ.findall(path.read_text()))
    for room in ("registry", "archive"):
        for path in (FIRST / room).rglob("*.py"):
            found |= set(READ.findall(path.read_text()))
    return sorted(found - {"csrfmiddlewaretoken"})


class Fields(HTMLParser):
    """Name → value of every field of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag in ("input", "select", "textarea", "button") and told.get("name"):
            self.found.setdefault(told["name"], told.get("value") or "")


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


def wrong_shots(cookies, line, address: str, fields: dict[str, str]) -> Iterator[str]:
    """Each poison in every parameter at once; then in each field alone, turn by turn, for the
    first wrong field of a form hides the others."""
    asked = dict.fromkeys(parameters())
    shots = [
        ("get", what, dict.fromkeys(asked, poison))
        for what, poison in POISONS.items()
        if line.method == "get" and len(poison) < 9000
    ]
    shots += [
        ("post", f"{name}: {what}", fields | {name: POISONS[what]})
        for rank, name in enumerate(fields)
        for what in [*POISONS][rank % 5 :: 5]
    ]
    shots += [
        ("post", what, dict.fromkeys(fields, each)) for what, each in POISONS.items() if fields
    ]
    for method, what, data in shots:
        status, _ = shot(cookies, method, address, data)
        if status >= 500:
            yield f"{method} {line.name}: {what}: {status}"


@pytest.mark.parametrize("lines", SCENES.values(), ids=lambda lines: lines[0].name)
def test_no_poison_makes_it_fail(cast, client_of, lines):
    wrong, seen = [], set()
    kwargs = lines[0].kwargs(cast)
    for line in sorted(lines, key=lambda line: line.method):
        address = reverse(line.name, kwargs=kwargs)
        cookies = client_of(getattr(cast, who_may(line))).cookies
        _, page = shot(cookies, "get", address, {})
        fields = Fields(page).found
        for name in line.data(cast):
            fields.setdefault(name, str(line.data(cast)[name]))
        posts = any(each.name == line.name and each.method == "post" for each in lines)
        fields = dict(list(fields.items())[:40]) if posts and line.name not in seen else {}
        seen.add(line.name)
        wrong += wrong_shots(cookies, line, address, fields)
    assert wrong == []


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
