"""What must hold everywhere at once: tables, templates, verbs, words, the lock.

Each test reads the whole tree and answers with the list of what does not conform, so that one
run names every place to mend.
"""

import ast
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.template.loader import get_template
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests import processes
from tests.once import once

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
APPS = (
    *("members", "guides", "accounts", "meetings", "documents", "registry", "convening", "live"),
    "transmission",
    "archive",
    "opendata",
)
CODE = ("law", *APPS, "demo", "somme_gov")


def sources(*tops: str) -> Iterator[tuple[str, str]]:
    """Path from the root and text of every Python file we wrote, migrations left out."""
    for top in tops:
        for path in sorted((ROOT / top).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text()


def pages() -> list[Path]:
    return sorted(TEMPLATES.rglob("*.html"))


def named(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def test_each_decision_has_its_own_number():
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")]
    assert sorted(numbers) == sorted(set(numbers))


# --- Tables ---------------------------------------------------------------------------------

# A row that goes with another, or lets go of it, and why. Everything else is PROTECT: what was
# told, voted or issued never disappears because something it leans on is deleted. An account, a
# body or a sitting that the record leans on is deleted by nobody, whatever this table says.
GOES_WITH = {
    "members.Role.user": "what an account may do goes with the account",
    "members.Role.organisation": "and with the organisation in which it may do it",
    "members.Person.user": "a person stays, only without an account",
    "members.PaperStyle.body": "how the papers of a body look, while none was issued",
    "meetings.AgendaItem.meeting": "an agenda goes with a sitting whose ledger is still empty",
    "meetings.AgendaItem.parent": "a section goes with what it holds, under the same condition",
    "meetings.DebateRevision.item": "earlier texts of an item that was never discussed",
    "meetings.AlsoApproved.agendaitem": "the other minutes that such an item put to the vote",
    "meetings.AlsoApproved.meeting": "the same, of a sitting that has no minutes",
    "meetings.Brief.item": "what was written to prepare an item that was never discussed",
    "meetings.Attachment.item": "a file joined to an item that was never discussed",
    "archive.AnnexChoice.attachment": "what was chosen of a file that was never sent",
    "meetings.Passage.meeting": "what was to be masked of a sitting that was never held",
    "meetings.Passage.item": "the same of an item that was never discussed",
    "registry.LoneAct.meeting": "what is prepared of an act that nobody has taken yet",
    "registry.Accounted.item": "what an item would have told, when it is taken out before it is",
    "meetings.RecurringItem.body": "a habit of a body, not a fact",
    "meetings.Undo.meeting": "what may be taken back of an agenda, for an hour",
    "meetings.Undo.by": "the same",
    "meetings.Deed.meeting": "what was done to a sitting outlives it, told of its body",
    "archive.PublicText.publication": "what a public file says, read from it and made anew",
    "archive.Alert.organisation": "whom an organisation told of what it publishes",
    "archive.FiledSheet.meeting": "what a sitting waits for, read from its facts and made anew",
    "meetings.Vote.ballot": "a reading of the ledger, rewritten with its ballot",
    "convening.Convocation.meeting": "a draft; one that left holds recipients, who do not go",
    "convening.Invitation.meeting": "the links of a sitting that nobody was convened to",
    "convening.Reminder.meeting": "hours at which nobody was reminded of it yet",
    "convening.OutboxMail.organisation": "what a site without a mail server kept to be looked at",
    "convening.CalendarFeed.person": "an address followed by one person",
    "live.Equipment.meeting": "what is switched on in the room, not what happens there",
    "live.Press.meeting": "requests already answered; what they did is in the ledger",
    "live.Poll.meeting": "a poll is asked of a sitting whose ledger is begun, which stays",
    "live.VotingRight.poll": "who may still vote in an open poll",
    "live.Screen.meeting": "a link that opens a screen",
    "live.Tablet.meeting": "a link that opens a tablet",
    "registry.Phrase.body": "a habit of a body, not a fact",
    "accounts.Session.account": "a browser in which it is signed in",
    "accounts.Factor.account": "what proves an account that is no more",
    "accounts.RecoveryCode.account": "the same",
    "accounts.ExternalIdentity.account": "the same",
    "accounts.IdentityChange.account": "what was asked of it",
    "accounts.LinkRequest.account": "a person asked to be linked to it",
    "accounts.LinkRequest.person": "the same",
    "archive.Entry.document": "the index of the search, which is made again at will",
    "archive.Entry.item": "the same",
    "archive.Entry.body": "the same",
    "archive.SigningCall.person": "how far one person was told",
    "archive.TaskFeed.user": "an address followed by one account",
    "archive.TaskFeed.organisation": "the same",
    "opendata.Reading.publication": "what was read in a published file, and is read again at will",
}


def relations() -> Iterator[tuple[str, models.ForeignKey]]:
    """Every relation between our tables; those that keep a history let everything go."""
    for label in APPS:
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.local_fields:
                if isinstance(field, models.ForeignKey) and not hasattr(model, "history_type"):
                    yield f"{model._meta.label}.{field.name}", field


def test_what_the_record_leans_on_is_protected():
    loose = {name for name, field in relations() if field.remote_field.on_delete != models.PROTECT}
    assert loose == GOES_WITH.keys()


def test_verbose_names_are_lower_case():
    """Django capitalises where a sentence begins; acronyms keep their capitals."""
    wrong = []
    for label in APPS:
        for model in apps.get_app_config(label).get_models():
            names = {
                model._meta.label: model._meta.verbose_name,
                f"{model._meta.label} (plural)": model._meta.verbose_name_plural,
            }
            for field in model._meta.local_fields:
                names[f"{model._meta.label}.{field.name}"] = field.verbose_name
            for place, name in names.items():
                first = str(name).split()[0]
                # "ID" is Django's; history tables take their title from the library.
                if first[0].isupper() and not first.isupper():
                    wrong.append(f"{place}: {name}")
    assert wrong == []


def test_no_order_joins_a_table_for_nothing():
    """Ordered by what a row points to, Django orders by whatever that one is ordered by, and so on:
    the items of one sitting were read with their sitting, its body and its organisation."""
    followed = [
        f"{model._meta.label}: {name}"
        for label in APPS
        for model in apps.get_app_config(label).get_models()
        for name in model._meta.ordering
        if isinstance(name, str)
        and any(field.is_relation and field.name == name.strip("-") for field in model._meta.fields)
    ]
    assert followed == []


def unique(model: type[models.Model]) -> Iterator[set[str]]:
    """The sets of columns that no two rows share."""
    meta = model._meta
    told = [{field.name} for field in meta.concrete_fields if field.unique]
    told += [set(names) for names in meta.unique_together]
    told += [
        set(each.fields)
        for each in meta.constraints
        if isinstance(each, models.UniqueConstraint) and each.condition is None
    ]
    for names in told:
        yield {meta.get_field(name).attname for name in names}


def ordered(model: type[models.Model]) -> Iterator[str]:
    """The columns that a model is ordered by."""
    for each in model._meta.ordering:
        name = (each if isinstance(each, str) else each.expression.name).lstrip("-")
        yield model._meta.pk.attname if name == "pk" else name


def test_every_order_ends_in_something_unique():
    """Of two rows that are equal, PostgreSQL gives either first."""
    loose = [
        model._meta.label
        for label in ("trail", *APPS)
        for model in apps.get_app_config(label).get_models()
        if model._meta.ordering and not any(each <= {*ordered(model)} for each in unique(model))
    ]
    assert loose == []


@pytest.mark.django_db
def test_migrations_tell_the_models():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_migration_that_a_database_applied_is_gone():
    """A base of 0.1.0 or later goes on: what it applied is here, under its name or a newer one."""
    applied = set((ROOT / "tests/migrations.txt").read_text().split())
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    here = {*known} | {old for each in known.values() for old in each.replaces}
    assert applied - {".".join(each) for each in here} == set()


# --- Templates ------------------------------------------------------------------------------

# Django asks for these by name.
ASKED_BY_DJANGO = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}


def test_no_template_is_unused():
    quoted: set[str] = set(ASKED_BY_DJANGO)
    name = re.compile(r"""["']([\w/.-]+\.(?:html|txt|css|svg))["']""")
    for _, text in sources(*CODE):
        quoted |= set(name.findall(text))
    for path in TEMPLATES.rglob("*.*"):
        quoted |= set(name.findall(path.read_text()))
    unused = {named(path) for path in pages()} - quoted
    # Those that replace a template of Django's, or of a library's, keep its name.
    assert {
        name for name in unused if not name.startswith(("admin/", "django/", "simple_history/"))
    } == set()


@pytest.mark.parametrize("path", pages(), ids=named)
def test_template_is_well_formed(path):
    get_template(named(path))


INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)[^>]*>", re.I),
    "a javascript: link": re.compile(r"javascript:", re.I),
    "something from another site": re.compile(
        r"""<(?!a\s)[^>]*\s(?:src|href)=["'](?:https?:)?//""", re.I
    ),
}


def inlined(text: str) -> list[str]:
    return [what for what, pattern in INLINE.items() if pattern.search(text)]


def test_nothing_is_inlined():
    """The Content-Security-Policy would silently drop it."""
    found = {named(path): inlined(path.read_text()) for path in pages()}
    for path in pages():
        if not named(path).startswith("papers/") and "<style" in path.read_text():
            found[named(path)].append("a style element")
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('<p class="x" style="color: red">', "a style attribute"),
        ('<button type="button" onclick="go()">', "an event attribute"),
        ("<script>go()</script>", "an inline script"),
        ('<script nonce="x">go()</script>', "an inline script"),
        ('<a href="javascript:go()">', "a javascript: link"),
        ('<script src="https://cdn.example/x.js"></script>', "something from another site"),
    ],
)
def test_a_planted_inline_is_caught(text, fault):
    assert inlined(text) == [fault]


# Those of readers, who are given no cookie: the link of a mail, or a question mailed, is the guard.
WITHOUT_TOKEN = {"archive/alert.html", "archive/alert_ask.html"}


def test_forms_that_post_carry_the_token():
    form = re.compile(r"<form\b[^>]*\bmethod=[\"']?post\b.*?</form>", re.I | re.S)
    bare = {
        named(path)
        for path in pages()
        for found in form.findall(path.read_text())
        if "csrf_token" not in found and "{% crispy" not in found
    }
    assert bare == WITHOUT_TOKEN


# --- Words ----------------------------------------------------------------------------------

STRAIGHT_APOSTROPHE = re.compile(r"(?<![\w.])(?:\w*[ldjmnstcqu])'(?=[aeiouyhàâéèêîôœ])", re.I)
LOOSE_PUNCTUATION = re.compile(r"\w [:;!?»](?=\s|$)|« ")  # a plain space where none may break


def words_of(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of what a template lets people read."""
    hidden = re.compile(
        r"{#.*?#}|{% comment.*?endcomment %}|{%.*?%}|{{.*?}}|<!--.*?-->|<style.*?</style>|<[^>]*>",
        re.S,
    )
    shown = hidden.sub(lambda found: "\n" * found[0].count("\n") or "\x00", text)
    yield from enumerate(shown.splitlines(), start=1)


def untypographic(text: str) -> bool:
    return bool(STRAIGHT_APOSTROPHE.search(text) or LOOSE_PUNCTUATION.search(text))


def test_templates_are_set_as_french_is():
    wrong = [
        f"{named(path)}:{line}: {text.strip()}"
        for path in pages()
        for line, text in words_of(path.read_text())
        if untypographic(text)
    ]
    assert wrong == []


@once
def spoken(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of the strings of a module that are sentences: neither docstrings nor keys."""
    tree = ast.parse(source)
    silent = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in silent
        ):
            yield node.lineno, node.value


# What binds an open syndicate too, or is never told to one; the rest goes through `cited`, or is
# the article of a rule (`article_of`).
BINDS_ALL = re.compile(r"du patrimoine|L1111-6|L5211-40-2|L1612-12|L5721-|L311-|L312-1|L5211-10")
SOURCE = re.compile(r"art\. L\d")


def quoted_as_they_stand(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of the articles of the code that are told whatever the legal form."""
    tree = ast.parse(source)
    asked = {
        part.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) in ("cited", "source")
        for part in ast.walk(node)
        if isinstance(part, ast.Constant)
    }
    for line, text in spoken(source):
        if SOURCE.search(text) and not BINDS_ALL.search(text) and text not in asked:
            yield line, text


def test_an_open_syndicate_is_quoted_its_statutes_everywhere():
    """Above the law, which does it itself: see tests/law/test_annulment.py."""
    told = [
        f"{path}:{line}: {text}"
        for path, source in sources("live", "meetings", "convening", "documents", "registry")
        for line, text in quoted_as_they_stand(source)
    ]
    assert told == []
    pages_ = [
        f"{named(path)}:{line}"
        for path in pages()
        for line, text in words_of(path.read_text())
        if SOURCE.search(text) and not BINDS_ALL.search(text)
    ]
    assert pages_ == []


def test_messages_are_set_as_french_is():
    """The law is left out: its sentences are joined first, then set by `french.nbsp`."""
    wrong = [
        f"{path}:{line}: {text!r}"
        for path, source in sources(*APPS, "demo", "somme_gov")
        for line, text in spoken(source)
        if untypographic(text)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("l'ordre du jour", True),
        ("l’ordre du jour", False),
        ("Quorum : atteint", True),
        ("Quorum\u00a0: atteint", False),
        ("« oui\u00a0»", True),
        ("«\u00a0oui\u00a0»", False),
        ("17:30", False),
    ],
)
def test_typography_is_seen(text, wrong):
    assert untypographic(text) is wrong


# --- Verbs ----------------------------------------------------------------------------------


# Writers that no account signs, and why. Every other takes who acts as keyword-only `by=`.
BY_NOBODY = {
    "accounts/admin/users.py:delete_queryset": "Django writes in its log who deleted",
    "accounts/admin/roles.py:delete_queryset": "the same",
    "archive/online/finding.py:hear": "follows from what was put online or withdrawn, which is",
    "archive/online/finding.py:catch_up": "a migration, from files that are there",
    "archive/online/alerts.py:ask": "a reader without account",
    "archive/online/alerts.py:choose": "whoever holds the link of his mail",
    "archive/online/alerts.py:confirm": "the same",
    "archive/online/alerts.py:end": "the same",
    "archive/online/alerts.py:run_due": "the hand that sends mails",
    "accounts/letters.py:forget": "a reader who wants no more mail",
    "archive/desk/calls.py:stop": "whoever holds the link of her mail",
    "archive/desk/calls.py:resume": "the same",
    "members/files.py:all_or_nothing": "the transaction of whoever opens it",
    "members/files.py:forget": "a file of an act that failed, or of what somebody removes",
    "members/files.py:sweep": "what the same left to the night",
    "transmission/actions/keeping.py:held": "the same",
    "members/admin/past.py:changeform_view": "the same, of whoever fills in the form",
    "members/admin/past.py:history_form_view": "the same, of whoever returns to a state",
    "members/admin/deleting.py:delete_view": "Django writes in its log who deleted",
    "members/admin/deleting.py:delete_selected": "the same",
    "members/admin/bodies.py:save_related": "whoever fills in the form, which keeps its history",
    "accounts/admin/users.py:get_deleted_objects": "nobody: what it tries is taken back",
    "accounts/actions.py:confirm_address": "whoever follows the link of the mail",
    "accounts/factors.py:add_application": "an account, for itself",
    "accounts/factors.py:add_passkey": "the same",
    "accounts/factors.py:code_is_right": "whoever enters, by its account",
    "accounts/factors.py:new_codes": "an account, for itself",
    "accounts/factors.py:passkey_is_right": "whoever enters, by its account",
    "accounts/factors.py:spend_code": "the same",
    "accounts/identities.py:identify": "whoever enters, by its account",
    "accounts/letters.py:queue": "whoever asks, signed in or not",
    "accounts/sessions.py:end_all": "follows from what was changed, which is signed",
    "accounts/throttle.py:give_back": "whoever is at the door",
    "accounts/throttle.py:forget": "the same",
    "accounts/views.py:end_session": "an account, for itself",
    "accounts/views.py:form_valid": "an account, which chooses its password",
    "members/ranks.py:settle": "the order of rows that somebody moved, or took one from",
    "meetings/actions/joining.py:discard": "the files of what somebody removes",
    "meetings/actions/joining.py:join": "the row says who added it",
    "meetings/actions/items.py:take_out": "what somebody removes, or takes back",
    "meetings/actions/undoing.py:drop": "what is not taken back any more",
    "meetings/actions/ledger.py:tell_tables": "a reading of the ledger, whose lines are signed",
    "live/screen_views.py:act": "an arrival on a tablet: who holds a link is nobody’s account",
    "live/screen_views.py:cast": "a vote on a tablet, by the person whose link it is",
    "convening/desk.py:make_feed": "a person, for himself",
    "convening/desk.py:drop_feed": "the same",
    "convening/tokens.py:note_opened": "whoever follows the link of a recipient",
    "convening/sending.py:finish": "the sender, when the last mail left",
    "convening/sending.py:reconcile": "the sender, of those that died",
    "members/leading.py:leads": "a process of the server, for itself",
    "convening/management/commands/take_over.py:handle": "whoever keeps the machine, who is told",
    "convening/sending.py:set_aside": "the same",
    "members/serving.py:hold": "the command that restores",
    "members/serving.py:claim": "the hand that sends mails, or anchors",
    "members/serving.py:serve": "whoever keeps the machine, by a command",
    "convening/outbox.py:keep": "the sender, when the mail leaves",
    "convening/actions/inviting.py:invite": "follows from what is sent, which is signed",
    "live/rehearsal.py:assemble": "an assembly that does not exist",
    "live/actions/polls.py:note": "whoever pressed the button, or his tablet",
    "convening/actions/asking.py:ask": "a delegate, by his mandate",
    "convening/actions/inviting.py:make_invitation": "follows from what is sent, which is signed",
    "convening/actions/inviting.py:revoke": "follows from what replaces them, or from who left",
    "convening/actions/inviting.py:invitation_of": "the sender, when the mail leaves",
    "meetings/actions/ledger.py:hold": "what is held is written by who holds it",
    "live/actions/held.py:hold": "the same",
    "live/actions/equipping.py:open_tablet": "a delegate, by his link",
    "live/actions/polls.py:choose": "whoever pressed the button, which is kept with it",
    "live/actions/polls.py:everyone_for": "the same",
    "live/actions/polls.py:give_up": "the same",
    "live/actions/tablets.py:cast": "a delegate, by his tablet; nobody, in a secret poll",
    "live/actions/tablets.py:put_in_urn": "nobody: the ballot is secret",
    "live/actions/urn.py:seal": "the same",
    "archive/desk/filed.py:hear": "whoever writes what it hears of; it is read anew, and no more",
    "archive/desk/filed.py:hear_gone": "the same",
    "archive/desk/filed.py:stamp": "the same",
    "archive/desk/search.py:catch_up": "reads again what was issued, which is signed",
    "members/witness.py:save": "whoever writes the row, which says who",
    "members/witness.py:update": "the same",
    "members/witness.py:bulk_create": "the same",
    "members/witness.py:add": "the clock, of what others wrote",
    "members/witness.py:take_up": "the installation of a version",
    "transmission/operators/carrying.py:enlist": "the clock, of what somebody prepared",
    "transmission/models.py:told": "the clock, of what an operator answered",
    "registry/signatures/elsewhere.py:bring_back": "the clock, of what a parapheur gave back",
    "archive/keeping/deposit_views.py:archive_service": "whoever edits, whom the trail names",
    "opendata/api/keys.py:find": "whoever shows the key",
    "opendata/readings.py:follow": "the clock, of what acts elsewhere did since",
    "accounts/management/commands/first_account.py:handle": "whoever keeps the machine",
    "transmission/operators/letters.py:fetch": "the clock, of what a prefecture wrote",
    "archive/online/clock.py:read_back": "the clock, of what anybody reads",
    "archive/keeping/anchors.py:take": "the clock, over what others wrote",
    "archive/personal/passing.py:pass_by": "the age of what goes, which nobody keeps",
    "archive/keeping/trails.py:trim": "the age of what goes; who asked is in the trail",
    "archive/keeping/moving/leaving.py:leave": "a command, whose name the trail has",
    "archive/keeping/moving/arriving.py:receive": "a command, whose name the trail has",
    "archive/keeping/safeguarding.py:make": "the clock, or the command, of this machine",
    "archive/keeping/safeguarding.py:drill": "the clock, or the command, of this machine",
}

# What opens a transaction, or holds the sitting for the length of an act.
OPENS = re.compile(r"\batomic\b|\ball_or_nothing\b|\.holds$|^holds$|\.hold\(")
MAKES = {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}


def changes_rows(node: ast.AST) -> bool:
    """Whether this calls what writes rows; a file is saved, and a cache emptied, by name, and a
    dictionary updated with another."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    named = {keyword.arg for keyword in node.keywords}
    match node.func.attr:
        case "save" | "delete":
            own = ast.unparse(node.func.value) == "super()"
            return not own and not node.args and named <= {"update_fields"}
        case "update":
            return not node.args and bool(named)
        case called:
            return called in MAKES


@dataclass(frozen=True, slots=True)
class Verb:
    """A function, whether it writes or opens a transaction, takes who acts, and uses it."""

    name: str
    writes: bool
    signed: bool
    reads_by: bool


@once
def verbs(source: str) -> Iterator[Verb]:
    """Every function of a module, methods included, in the order they are written."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            opened = [*node.decorator_list]
            opened += [
                i.context_expr for w in ast.walk(node) if isinstance(w, ast.With) for i in w.items
            ]
            named = (n for part in node.body for n in ast.walk(part) if isinstance(n, ast.Name))
            yield Verb(
                node.name,
                writes=any(OPENS.search(ast.unparse(each)) for each in opened)
                or any(map(changes_rows, ast.walk(node))),
                signed="by" in {argument.arg for argument in node.args.kwonlyargs},
                reads_by=any(name.id == "by" for name in named),
            )


def unsigned(source: str) -> list[str]:
    """Public writers that do not take who acts."""
    return [
        verb.name
        for verb in verbs(source)
        if verb.writes and not verb.signed and not verb.name.startswith("_")
    ]


def test_every_writer_knows_who_acts():
    """Wherever it lives: a page that writes by itself has no author to give, and is found too."""
    found = {f"{path}:{name}" for path, source in sources(*APPS) for name in unsigned(source)}
    assert found == BY_NOBODY.keys()


def test_who_acts_is_told_to_somebody():
    """A function that takes `by` records it, or hands it to one that does."""
    forgotten = [
        f"{path}:{verb.name}"
        for path, source in sources(*APPS)
        for verb in verbs(source)
        if verb.signed and not verb.reads_by
    ]
    assert forgotten == []


def test_a_writer_without_author_is_caught():
    source = "@transaction.atomic\ndef convene(meeting, by): ...\n"
    assert unsigned(source) == ["convene"]
    assert unsigned(source.replace("meeting, by", "meeting, *, by")) == []
    assert unsigned("def convene(meeting):\n with atomic(): ...") == ["convene"]
    for written in ("row.save()", "rows.filter(a=1).update(b=2)", "Row.objects.create(a=1)"):
        assert unsigned(f"def convene(meeting): {written}") == ["convene"]
    for other in ("book.save(file)", "words.update(more)", "super().save()", "cache.delete(key)"):
        assert unsigned(f"def convene(meeting): {other}") == []
    (verb,) = verbs("def convene(meeting, *, by): meeting.save()")
    assert verb.signed and not verb.reads_by


# --- The tree -------------------------------------------------------------------------------


# What .gitignore leaves out, and git itself.
NOT_OURS = {".git", ".venv", "var", "__pycache__", "test-results", ".hypothesis"}


def tree() -> Iterator[Path]:
    for top in sorted(ROOT.iterdir()):
        if top.name in NOT_OURS or top.name.endswith("_cache"):
            continue
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and not NOT_OURS & set(path.relative_to(ROOT).parts):
                yield path


def test_nothing_is_left_for_later():
    marks = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    left = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tree()
        if path.suffix in {".py", ".html", ".css", ".js", ".md", ".toml", ".txt", ""}
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if marks.search(line)
    ]
    assert left == []


def test_nothing_of_a_third_party_is_committed():
    """Fonts, Bootstrap, htmx come from the packages of requirements.txt."""
    foreign = re.compile(r"\.min\.|\.map$|\.(?:ttf|otf|woff2?)$|(?:^|/)(?:vendor|node_modules)/")
    names = [path.relative_to(ROOT).as_posix() for path in tree()]
    assert [name for name in names if foreign.search(name)] == []


# --- The lock -------------------------------------------------------------------------------


def pinned(name: str) -> dict[str, str]:
    """Package → version of a requirements file and of those it includes."""
    found: dict[str, str] = {}
    for line in (ROOT / name).read_text().splitlines():
        line = line.partition(" #")[0].strip()
        if line.startswith("-r "):
            found |= pinned(line.removeprefix("-r "))
        elif line and not line.startswith("#"):
            requirement = Requirement(line)
            (specifier,) = requirement.specifier
            assert specifier.operator == "==", line
            found[canonicalize_name(requirement.name)] = specifier.version
    return found


def test_every_package_is_pinned():
    """What the pinned packages bring along is pinned too, so two installs are the same."""
    lock = pinned("requirements-dev.txt")
    missing = set()
    for name in lock:
        for line in importlib.metadata.requires(name) or []:
            requirement = Requirement(line)
            wanted = not requirement.marker or requirement.marker.evaluate({"extra": ""})
            if wanted and canonicalize_name(requirement.name) not in lock:
                missing.add(f"{name} needs {requirement}")
    assert missing == set()


def test_a_folder_of_data_is_made_or_told_in_french(tmp_path):
    (tmp_path / "fichier").touch()
    for place, told in (("a/b", ""), ("fichier/b", "ne peut pas être créé")):
        done = subprocess.run(
            [sys.executable, "-c", "import somme_gov.settings"],
            env=processes.environment(DATA_DIR=str(tmp_path / place)),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode == 0, told in done.stderr) == (not told, True)
        assert "During handling" not in done.stderr
    assert (tmp_path / "a/b").is_dir()


# Somebody or a body whose name may begin with a vowel, or with an article.
_WHOSE = re.compile(
    r"\b[dD]e \{\{ [^}|]*"
    r"(person|giver|holder|\.name|replaces|organisation|account|designation)\b[^|}]*\}\}"
)


def test_no_page_says_de_before_a_name_that_may_begin_with_a_vowel():
    """« d’Inès », « du syndicat mixte »: the filter `of` says it; a civility never elides."""
    found = [
        (path.name, each[0])
        for path in (ROOT / "templates").rglob("*.*")
        for each in _WHOSE.finditer(path.read_text())
        if "civility" not in each[0]
    ]
    assert found == []


def test_psycopg_3_stays_out():
    """Django would silently prefer it to psycopg2."""
    assert "psycopg" not in pinned("requirements-dev.txt")


FOLDED = re.compile(r"\w*(?:mail|address|domain)\w*(?:\([^)]*\))*[^\s=,]*\.(?:lower|casefold)\(\)")


def test_addresses_are_folded_in_one_way():
    """`law.addresses.lowered`: whatever folds more takes the box of somebody else for one’s own."""
    found = [
        (name, line.strip())
        for name, text in sources(*CODE)
        for line in text.splitlines()
        if FOLDED.search(line)
    ]
    assert found == []


READ_BACK = re.compile(
    r"\.(?:what|said|told|label|verb|in_wait)"
    r"(?:\.(?:startswith|endswith|r?partition|remove\w+)\(| [!=]= | (?:not )?in )"
)


def test_no_fact_is_read_back_out_of_the_words_that_tell_it():
    """What a task is, its deed says (`archive.desk.tasks`); of a stage, its state."""
    found = [
        (name, line.strip())
        for name, text in sources("archive")
        for line in text.splitlines()
        if READ_BACK.search(line)
    ]
    assert found == []


def test_whoever_types_an_address_is_asked_for_a_plain_one():
    """`members.addresses`; but to sign in, where what looks like an address is nobody’s, and where
    `clean_email` asks it."""
    found = {name for name, source in sources(*CODE) if re.search(r"\bforms\.EmailField\(", source)}
    assert found == {"accounts/forms.py"}


def test_each_variable_of_the_environment_has_its_line_in_the_guide():
    read = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "somme_gov/settings.py").read_text())
    guide = (ROOT / "docs/exploitation.md").read_text()
    assert [name for name in read if f"| `{name}` |" not in guide] == []
