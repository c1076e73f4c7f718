"""Every URL × every role × the same role elsewhere × a stranger × nobody.

`TABLE` has one line for each URL name and method; who is not in `allowed` is refused. How he is
refused depends on what he may know:

    anonymous                          302 to the sign-in page
    a role, but not the right one      403
    the same role in another organisation, or no role at all:
        the URL shows an object        404, as if it did not exist
        it does not                    its own organisation's page, or 403 without a role

`test_every_url_is_in_the_table` fails until a new URL has its line here. Lines of other rooms
are added by `tests/<room>/urls.py` modules in `EXTENSIONS`, so that each room keeps its own.

Who asks each of them is in tests/test_addresses.py, which walks every scene once.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from guides import places
from members import links
from members.models import Role
from tests.cast import Cast
from tests.conftest import begin_afresh
from trail.models import Act, Entry

pytestmark = pytest.mark.django_db

SECRETARIAT, DELEGATE, ADMINISTRATION = "secretariat", "delegate", "administration"
EVERY_ROLE = (SECRETARIAT, DELEGATE, ADMINISTRATION)
CLERKS = (SECRETARIAT, ADMINISTRATION)
AUDITOR = "auditor"
# What whoever has any role opens, an auditor too, who finds there nothing but what is public.
COMMON = {
    "home",
    "archive:search",
    "archive:suggest",
    "archive:to_do",
    "registry:to_sign",
    "documents:mine",
    "meetings:list",
    "members:bodies",
    "members:composition",
    "members:rules",
    "members:switch_organisation",
}
EVERYBODY = (
    *EVERY_ROLE,
    AUDITOR,
    "other_secretariat",
    "other_delegate",
    "other_administration",
    "stranger",
    "anonymous",
)
LOGIN = "/connexion/"
ROLES = tuple(Role.Kind.values)  # as SECOND_FACTOR_ROLES names them


@dataclass(frozen=True, kw_only=True)
class Line:
    """One URL name and method: who may, and what he then gets.

    `of_an_object`: the URL names something of one organisation, unknown to the others.
    `of_oneself`: the URL names something of one account, unknown to everybody else.
    `public`: nobody is refused, signed in or not.
    """

    name: str
    method: str = "get"
    kwargs: Callable[[Cast], dict] = field(default=lambda cast: {})
    data: Callable[[Cast], dict] = field(default=lambda cast: {})
    allowed: Iterable[str] = EVERY_ROLE
    of_an_object: bool = False
    of_oneself: bool = False
    public: bool = False
    success: tuple[int, ...] = (200,)

    @property
    def needs_proof(self) -> bool:
        """Whether the password is asked again before this."""
        return getattr(VIEWS[self.name], "needs_proof", False)

    def admits(self, who: str) -> bool:
        """Whether this person gets what the address gives, of his own organisation elsewhere."""
        if self.public or who in self.allowed or (who == AUDITOR and self.name in COMMON):
            return True
        is_elsewhere = who.startswith("other_") and who.removeprefix("other_") in self.allowed
        return is_elsewhere and not (self.of_oneself or self.of_an_object)

    def expected(self, who: str) -> tuple[int, ...]:
        """The status codes this person may get."""
        if self.admits(who):
            return self.success
        if who == "anonymous":
            return (302,)
        if self.of_oneself:
            return (404,)
        if who == AUDITOR:
            return (403, 404)
        if who in EVERY_ROLE:
            return (403,)
        return (404,) if self.of_an_object else (403,)


def _views(patterns: Iterable, namespace: str = "") -> Iterable[tuple[str, Callable]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _views(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{namespace}{pattern.name}", pattern.callback


VIEWS = dict(_views(get_resolver().url_patterns))


def comite(cast: Cast) -> dict:
    return {"pk": cast.comite.pk}


def a_seat(cast: Cast) -> dict:
    """Of somebody who has an account."""
    return {"pk": cast.seat(cast.claire).pk}


def a_community(cast: Cast) -> dict:
    return {"pk": cast.agglo.pk}


TABLE = [
    Line(name="members:mandate", kwargs=a_seat, allowed=CLERKS, of_an_object=True),
    Line(
        name="members:mandate",
        method="post",
        kwargs=a_seat,
        allowed=CLERKS,
        of_an_object=True,
        success=(422,),
    ),
    Line(
        name="members:switch_organisation",
        method="post",
        data=lambda cast: {"organisation": cast.organisation.pk},
        of_an_object=True,
        success=(302,),
    ),
    Line(name="members:alive", public=True),
    Line(name="members:ready", public=True),
    *(
        Line(name=f"members:{name}", public=True)
        for name in ("accessibility", "scheme", "legal", "personal_data", "contact", "site_map")
    ),
    Line(name="guides:index", public=True),
    Line(name="guides:guide", public=True, kwargs=lambda cast: {"name": "secretariat"}),
    Line(name="demo:tour", allowed=(SECRETARIAT,)),
    Line(name="demo:step", allowed=(SECRETARIAT,), success=(204,)),
    *(
        Line(name=f"demo:{name}", method="post", allowed=(SECRETARIAT,), success=(302,))
        for name in ("start", "day", "leave")
    ),
    Line(name="members:bodies"),
    Line(name="accounts:organisation", allowed=(ADMINISTRATION,)),
    Line(
        name="accounts:organisation",
        method="post",
        allowed=(ADMINISTRATION,),
        data=lambda cast: {"legal_form": "smo", "name": "Val de Brume"},
        success=(302,),
    ),
    Line(name="members:communities", allowed=(ADMINISTRATION,)),
    Line(
        name="members:communities",
        method="post",
        allowed=(ADMINISTRATION,),
        data=lambda cast: {"liste": "Commune d’Ailly"},
    ),
    Line(
        name="accounts:confirm_communities",
        method="post",
        allowed=(ADMINISTRATION,),
        data=lambda cast: {"liste": "Commune d’Ailly"},
        success=(302,),
    ),
    Line(name="accounts:community", kwargs=a_community, allowed=CLERKS, of_an_object=True),
    Line(
        name="accounts:community",
        method="post",
        kwargs=a_community,
        allowed=CLERKS,
        of_an_object=True,
        data=lambda cast: {"contact": "mairie@agglo.example"},
        success=(302,),
    ),
    Line(name="accounts:new_body", allowed=(ADMINISTRATION,)),
    Line(
        name="accounts:new_body",
        method="post",
        allowed=(ADMINISTRATION,),
        data=lambda cast: {"kind": "conseil", "preset": "smo"},
        success=(302,),
    ),
    Line(name="accounts:to_invite", allowed=(ADMINISTRATION,)),
    Line(name="members:composition", kwargs=comite, of_an_object=True),
    Line(name="accounts:births", kwargs=comite, allowed=CLERKS, of_an_object=True),
    Line(
        name="accounts:births",
        method="post",
        kwargs=comite,
        allowed=CLERKS,
        of_an_object=True,
        success=(302,),
        data=lambda cast: {f"ne-{cast.alice.pk}": "1950-01-01"},
    ),
    Line(name="members:rules", kwargs=comite, of_an_object=True),
    Line(name="members:import", kwargs=comite, allowed=CLERKS, of_an_object=True),
    Line(
        name="members:import",
        method="post",
        kwargs=comite,
        allowed=CLERKS,
        of_an_object=True,
        success=(422,),
    ),
    Line(
        name="members:template",
        kwargs=lambda cast: comite(cast) | {"extension": "csv"},
        allowed=CLERKS,
        of_an_object=True,
    ),
    Line(
        name="members:export",
        kwargs=lambda cast: comite(cast) | {"extension": "csv"},
        allowed=CLERKS,
        of_an_object=True,
    ),
]

# Modules with a TABLE of their own.
EXTENSIONS = [
    "tests.accounts.urls",
    "tests.meetings.urls",
    "tests.documents.urls",
    "tests.registry.urls",
    "tests.convening.urls",
    "tests.live.urls",
    "tests.transmission.urls",
    "tests.archive.urls",
    "tests.opendata.urls",
]
for extension in EXTENSIONS:
    TABLE += import_module(extension).TABLE


SCENES: dict[Callable, list[Line]] = {}  # what is shown, and every line that shows it
for line in TABLE:
    SCENES.setdefault(line.kwargs, []).append(line)


def visited(line: Line, kwargs: dict, cookies, cast: Cast):
    """What this line answers to a browser with these cookies; what it did is undone."""
    begin_afresh()
    with transaction.atomic():
        client = Client()
        client.cookies.update(cookies)
        response = getattr(client, line.method)(reverse(line.name, kwargs=kwargs), line.data(cast))
        if response.streaming:
            list(response)  # a file that is served stays open until it is read
        transaction.set_rollback(True)
    return response


OF_A_SUPERVISOR = {"archive:state", "archive:measures"}


def faults(line: Line, who: str, response: HttpResponse) -> list[str]:
    """What is wrong in what he was answered: another status, or kept where it must not be."""
    told = []
    status, expected = response.status_code, line.expected(who)
    kept = response.get("Cache-Control")
    if kept != "private, no-store" and not (line.public and "public" in kept):
        told.append(f"{line.method} {line.name}, {who}: kept by whoever: {kept}")
    if line.name in OF_A_SUPERVISOR and who == "anonymous":  # a program, that signs in by no page
        expected = (401,)
    is_asked = who != "anonymous" or line.public or status == 401 or response.url.startswith(LOGIN)
    if status not in expected or not is_asked:
        told.append(f"{line.method} {line.name}, {who}: {status} instead of {expected}")
    is_page = not response.streaming and b'<main id="contenu"' in response.content
    tags = re.findall(rb"</?form\b", response.content) if is_page else []
    if any(one == two == b"<form" for one, two in pairwise(tags)):
        told.append(
            f"{line.method} {line.name}, {who}: a form in a form, whose button does nothing"
        )
    if is_page and line.name not in places.EVERYWHERE:
        # An error tells of no page: it leads to the guides, whichever.
        is_its_own = status in line.success and status not in (403, 404)
        way = rb'href="/aide/' + (rb'\w+/#[^"]' if is_its_own else rb"")
        if line.name in places.NO_PAGE and is_its_own:
            told.append(f"{line.method} {line.name}, {who}: a page after all")
        elif not re.search(way, response.content):
            told.append(f"{line.method} {line.name}, {who}: no way to the guides")
    return told


def refused(line: Line, kwargs: dict, browsers: dict, weaker: dict, cast: Cast) -> list[str]:
    """What is wrong when somebody asks who may not.

    Each visit is undone before the next, so that all of them find the same scene. Whoever may is
    refused too in a session that was ended from another (to the sign-in page), and where his role
    asks for a second factor that he has not (led to enrol one); whatever signs or publishes, in a
    session whose proof has grown old.
    """
    wrong = []
    for who in EVERYBODY:
        if not line.admits(who):
            wrong += faults(line, who, visited(line, kwargs, browsers[who], cast))
    if line.public or not line.allowed:  # of superusers, who hold no role
        return wrong
    who = next(iter(line.allowed))
    for state in ("ended", "missing"):
        with override_settings(SECOND_FACTOR_ROLES=ROLES if state == "missing" else []):
            response = visited(line, kwargs, weaker[state, who], cast)
        # Who has a factor that this session did not show signs in again.
        to = LOGIN if state == "ended" else (reverse("accounts:enrol"), LOGIN)
        free = state == "missing" and getattr(VIEWS[line.name], "open_without_factor", False)
        led = response.status_code == 302 and response.url.startswith(to)
        if led == free:
            wrong.append(f"{line.method} {line.name}: {state}, {response.status_code}")
    if line.method == "post" and line.needs_proof:
        response = visited(line, kwargs, weaker["old", who], cast)
        said = response.content.decode()
        if response.status_code != 403 or "Confirmez que c’est vous" not in said:
            wrong.append(f"{line.name}: acts without a second proof")
    return wrong


def served(line: Line, kwargs: dict, browsers: dict, cast: Cast) -> list[str]:
    """What is wrong when somebody asks who may."""
    wrong = []
    for who in EVERYBODY:
        if line.admits(who):
            wrong += faults(line, who, visited(line, kwargs, browsers[who], cast))
    return wrong


def test_every_url_is_in_the_table():
    """The administration has its own table, in tests/members/test_admin.py."""
    names = {name for name in VIEWS if not name.startswith("admin:")}
    assert names - {line.name for line in TABLE} == set()


def test_what_signs_or_publishes_asks_for_a_second_proof():
    """And tests/test_addresses.py tries each of them with a session left open."""
    assert {line.name for line in TABLE if line.needs_proof} == {
        *("registry:prepare", "registry:sign", "registry:upload_signed", "registry:upload_sheet"),
        *("registry:sign_acts", "registry:prepare_acts", "registry:confirm_deposit"),
        *("registry:to_sign", "registry:link", "registry:unlink", "archive:write_offices"),
        *("registry:bind_key", "registry:accept_key", "registry:revoke_key"),
        "registry:demonstrate_key",
        *("accounts:add_application", "accounts:add_passkey", "accounts:new_codes"),
        *("accounts:remove_factor", "accounts:address", "accounts:link", "accounts:change"),
        *("accounts:confirm_invitation", "accounts:close", "accounts:confirm_import"),
        "accounts:hand_over",
        *("accounts:organisation", "accounts:confirm_communities", "accounts:community"),
        *("accounts:new_body", "accounts:births"),
        *("accounts:succeed", "accounts:undo_succession", "accounts:reach", "accounts:role"),
        "accounts:invite_again",
        *("archive:publish_sitting", "archive:publication", "archive:withdraw"),
        *("archive:replace_masked", "archive:person_file", "archive:my_file", "archive:let_go"),
        *("archive:certify", "archive:certify_posting", "archive:certify_sitting"),
        *("transmission:prepare", "transmission:prepare_act", "transmission:cancel"),
        *("transmission:reply", "transmission:decide", "transmission:identity"),
        *("transmission:operator", "transmission:answers", "transmission:deposited"),
        *("transmission:noted", "transmission:take_back"),
        *("transmission:send_to_sign", "transmission:send_all_to_sign"),
        "transmission:withdraw_folder",
        *("opendata:api_keys", "opendata:revoke_api_key", "registry:new_delegation"),
        *("archive:post", "archive:open_registers", "archive:take_act", "archive:issue_act_again"),
        *("convening:print_instead", "convening:outbox_empty", "registry:reviews"),
        *("live:make_screen", "live:make_tablet", "live:make_tablets"),
    }


def test_a_file_taken_by_a_personal_link_is_told_of_the_organisation_whose_it_is(cast, client):
    """Told of nobody, no auditor read it where there are two organisations."""
    told = set()
    for kwargs_of, lines in SCENES.items():
        public = [line for line in lines if line.public and line.method == "get"]
        with transaction.atomic():
            kwargs = kwargs_of(cast) if public else {}
            for line in public if links.SECRET in kwargs else ():
                before = set(Entry.objects.values_list("pk", flat=True))
                client.get(reverse(line.name, kwargs=kwargs))
                new = Entry.objects.filter(act=Act.DOWNLOAD).exclude(pk__in=before)
                told |= {(line.name, entry.organisation) for entry in new}
            transaction.set_rollback(True)
    assert told == {
        ("convening:invitation_proxy", cast.organisation.pk),
        ("convening:sent_file", cast.organisation.pk),
        ("registry:review_pdf", cast.organisation.pk),
    }


def test_a_window_that_asks_says_that_the_password_will_be():
    """« Faire signer ces documents ? » was agreed to, then a password asked, untold."""
    forms = [
        (page.name, form)
        for page in sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
        for form in re.findall(r"<form\b[^\n]*data-confirm=[^\n]*", page.read_text())
    ]
    guarded = [
        (name, form)
        for name, form in forms
        if (found := re.search(r"action=\"\{% url '([\w:]+)'", form))
        and getattr(VIEWS.get(found[1]), "needs_proof", False)
    ]
    assert len(guarded) > 10
    assert [name for name, form in guarded if "{% proof_asked %}" not in form] == []
