"""One organisation leaves an installation and arrives in another: whole, proved, and quiet."""

import hashlib
import io
import json
import shutil
import zipfile
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.models import ForeignKey
from django.test import Client
from django.utils import timezone

from archive import actions as publishing
from archive.keeping import anchors, backup
from archive.keeping.moving import arriving, carried
from archive.models import Alert, Arrival
from convening import sending
from convening.models import Notice, Reminder
from live.models import Poll
from meetings.actions import preparing
from meetings.models import Meeting, SittingEvent
from members import witness
from members.models import Organisation, Person, Role, User
from registry.acts import actions as acts
from registry.models import Deliberation
from tests.archive.test_backup import machine  # noqa: F401 a process with its own base
from tests.cast import make_account, make_body, make_organisation
from tests.held import AT, JUNE, hold
from trail.models import Entry

pytestmark = pytest.mark.django_db(transaction=True)

PUBLIC = (
    "/actes/val-de-brume/",
    "/actes/val-de-brume/sitemap.xml",
    "/actes/val-de-brume/donnees/",
    "/actes/val-de-brume/donnees/catalogue.jsonld",
    "/actes/val-de-brume/seances/",
    "/actes/val-de-brume/flux.atom",
    "/actes/val-de-brume/donnees/deliberations-2026.csv",
    "/oparl/1.1/body/val-de-brume/",
    "/oparl/1.1/body/val-de-brume/papers/",
)


def test_every_table_goes_or_says_why_it_stays():
    """A model of which nobody thought is carried; one that no road leads home says why not."""
    every = {model._meta.label_lower for model in apps.get_models(include_auto_created=True)}
    assert every >= set(carried.LEFT), "de ce qui n’est plus"
    lost = [model for model in carried.carried() if not carried.leads_home(model)]
    assert not lost, (
        "aucune route sûre ne mène d’ici à une organisation : dites pourquoi elle reste"
    )
    for model in carried.carried():
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey):
                to = field.related_model
                assert to in carried.carried() or to is User, f"{field} mène à ce qui ne part pas"


def test_every_column_of_json_says_whether_it_holds_numbers():
    names = set(carried.json_columns())
    inside = {name for name in carried.INSIDE if name != "convening.notice.once"}
    assert names == inside | carried.PLAIN


# --- From one to another ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def made():
    """What left, once somebody asked for it."""
    return {}


def tables() -> dict[str, list[dict]]:
    """Every row of what goes, as it stands."""
    return {
        model._meta.label_lower: list(
            model._base_manager.order_by("pk").values(*(f.attname for f in carried.columns(model)))
        )
        for model in carried.carried()
    }


def pages() -> dict[str, bytes]:
    """What the public reads, byte for byte."""
    found, browser = {}, Client()
    acts = [row.get_absolute_url() for row in publishing.Publication.objects.order_by("pk")]
    assert acts
    for path in (*PUBLIC, *acts, *(f"{each}fichier/" for each in acts)):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        found[path] = b"".join(answer) if answer.streaming else answer.content
    return found


def told(words: str) -> str:
    return words.replace("\xa0", " ").replace("\u202f", " ")


def left(request, made, tmp_path, name: str, scene) -> tuple[bytes, dict]:
    """What `scene` left, written once for the file: a new machine, empty, is what remains."""
    if name not in made:
        scene()
        before = {"tables": tables(), "pages": pages(), "trail": Entry.objects.count()}
        call_command("export_organisation", "200000016", tmp_path / "org.zip", stdout=io.StringIO())
        made[name] = (tmp_path / "org.zip").read_bytes(), before
        call_command("flush", interactive=False, verbosity=0)
    return made[name]


@pytest.fixture
def gone(made, request, settings, tmp_path):
    """Signed and published minutes, mails that waited, an alert: exported; then a new machine."""

    def scene():
        minutes, cast = map(request.getfixturevalue, ("signed", "cast"))
        acts.number(minutes.meeting, by=cast.secretariat, at=AT)
        publishing.publish(minutes, by=cast.secretariat, at=timezone.now())
        for state, once in (("attente", "relance-3-4"), ("remise", "b"), ("remis", "c")):
            if state != "remise":
                posted = {"meeting": minutes.meeting, "message_id": f"<{once}>", "once": once}
                Notice.objects.create(state=state, email="a@brume.example", **posted)
        Reminder.objects.create(meeting=minutes.meeting, due_at=timezone.now())
        seen = timezone.now()
        Alert.objects.create(
            organisation=cast.organisation,
            email="lectrice@brume.example",
            seed="s",
            token_hash="t",
            told_until=seen,
            confirmed_at=seen,
        )
        assert Organisation.objects.count() == 2

    content, before = left(request, made, tmp_path, "gone", scene)
    path = tmp_path / "org.zip"
    path.write_bytes(content)
    settings.MEDIA_ROOT = tmp_path / "ailleurs"
    settings.MEDIA_ROOT.mkdir()
    return path, before


@pytest.fixture
def neighbour(gone):
    """Somebody who lives there already, whose numbers are those that would arrive; and the account
    of somebody who is in both."""
    other = make_organisation("Haute-Lande", siren="200000024")
    body = make_body(other, "Bureau")
    account = make_account("secretariat@brume.example", first_name="Celle", last_name="d’ici")
    Role.objects.create(user=account, organisation=other, kind="secretariat")
    day = AT.date()
    for _ in range(3):
        day = day.replace(day=day.day + 1)
        preparing.create_meeting(body=body, held_on=day, starts_at=AT.time(), by=account)
    return other


def arrive(path, **options) -> str:
    out = io.StringIO()
    call_command("import_organisation", path, stdout=out, **options)
    return told(out.getvalue())


@pytest.mark.database
def test_it_arrives_whole_verifies_and_its_pages_are_the_same_bytes(gone):
    path, before = gone
    said = arrive(path)
    assert "Tout est comme au premier jour" in said and "D’autres vivent ici" not in said
    assert "horodaté le" in said and "mot de passe" in said
    after = tables()
    organisation = Organisation.objects.get()
    for label in before["tables"]:
        own = carried.of(apps.get_model(label), organisation.pk).count()
        assert own == len(after[label]), label
    ledger = "meetings.sittingevent"
    # Seals are made again when the accounts that wrote have other numbers here, and then alone;
    # the chain is whole, and who wrote each line is who wrote it there.
    was = before["tables"][ledger]
    have = [(row["recorded_by_id"], row["sha256"]) for row in after[ledger]]
    had = [(row["recorded_by_id"], row["sha256"]) for row in was]
    assert (have == had) == ({by for by, _ in have} == {by for by, _ in had})
    assert len(set(zip((by for by, _ in had), (by for by, _ in have), strict=True))) == 1
    for line, then in pairwise(after[ledger]):
        assert then["seq"] == 1 or then["previous_hash"] == line["sha256"]
    remade = {"sha256", "previous_hash", "recorded_by_id"}
    told_of = [each for each in after[ledger][0] if each not in remade]
    assert [[row[each] for each in told_of] for row in after[ledger]] == [
        [row[each] for each in told_of] for row in was
    ]
    assert pages() == before["pages"]


@pytest.mark.database
def test_numbers_go_on_and_who_had_to_sign_signs(gone):
    arrive(gone[0])
    last = Deliberation.objects.order_by("number").last()
    organisation = Organisation.objects.get()
    secretary = User.objects.get(email="secretariat@brume.example")
    here = SimpleNamespace(comite=organisation.bodies.get(slug="comite"), secretariat=secretary)
    meeting = hold(here, JUNE + timedelta(days=60), adopted=("Un emprunt",))
    (new,) = acts.number(meeting, by=secretary, at=timezone.now())
    assert new.number == last.number + 1 and new.meeting_id > last.meeting_id
    call_command("verify", stdout=io.StringIO())


@pytest.mark.database
def test_beside_others_its_numbers_are_raised_and_all_is_proved(gone, neighbour):
    path, before = gone
    said = arrive(path)
    assert "Tout est comme au premier jour" in said
    arrival = Arrival.objects.get()
    # On PostgreSQL what a base counted before goes on counting: above it, whatever it is.
    shift = arrival.shift
    assert shift > 0 and shift % carried.ROUND == 0 and arrival.stamped_at
    assert f"la séance n° 12 est la n° {shift + 12}" in said
    organisation = Organisation.objects.get(slug="val-de-brume")
    was = {row["id"]: row for row in before["tables"]["members.mandate"]}
    now = carried.of(apps.get_model("members.mandate"), organisation.pk)
    theirs = {
        number for number, row in was.items() if row["body_id"] + shift in _bodies(organisation)
    }
    assert {row.pk - shift for row in now} == theirs
    composed = SittingEvent.objects.filter(meeting__body__organisation=organisation).first()
    seats = {each["mandate"] for each in composed.payload["composition"]["members"]}
    assert seats <= {row.pk for row in now}
    # Its ledgers go on: nobody of the neighbour's is counted there.
    assert all(
        each.told is not None for each in Meeting.objects.filter(body__organisation=organisation)
    )
    assert Notice.objects.filter(once=f"relance-{shift + 3}-{shift + 4}").exists()
    assert neighbour.persons.count() == 0
    was, now = before["pages"], pages()
    raised = {
        b"seance-%d" % row: b"seance-%d" % (row - shift)
        for row in Meeting.objects.filter(body__organisation=organisation).values_list(
            "pk", flat=True
        )
    }
    for high, low in raised.items():
        now = {each: body.replace(high, low) for each, body in now.items()}
    assert now == was


def _bodies(organisation) -> set[int]:
    return set(organisation.bodies.values_list("pk", flat=True))


def test_an_account_that_is_there_already_is_hers_and_no_other_right_comes(gone, neighbour):
    secretary = User.objects.get(email="secretariat@brume.example")
    said = arrive(gone[0])
    assert "comptes qui étaient déjà ici, à la même adresse : secretariat@brume.example" in said
    secretary.refresh_from_db()
    assert str(secretary) == "Celle d’ici"
    kinds = Role.objects.filter(user=secretary).values_list("organisation__slug", "kind")
    assert Counter(kinds) == {("haute-lande", "secretariat"): 1, ("val-de-brume", "secretariat"): 1}
    assert not User.objects.exclude(pk=secretary.pk).filter(is_superuser=True).exists()
    assert not any(each.has_usable_password() for each in User.objects.exclude(pk=secretary.pk))


def test_nothing_leaves_that_waited(gone):
    arrive(gone[0])
    rows = {row.once: row for row in Notice.objects.filter(once__in=("relance-3-4", "c"))}
    assert (rows["relance-3-4"].state, rows["c"].state) == ("garde", "remis")
    assert "changé d’installation" in rows["relance-3-4"].reply
    assert not Reminder.objects.filter(done_at=None).exists()
    call_command("send_mails", once=True, stdout=io.StringIO())
    assert not mail.outbox
    assert not sending.count_held(timezone.now())


def test_its_trail_goes_on_at_its_hours(gone):
    arrive(gone[0])
    organisation = Organisation.objects.get()
    lines = Entry.objects.filter(organisation=organisation.pk).order_by("position")
    assert lines.filter(act="publication").exists()
    assert lines.last().what.startswith("organisation reçue")
    accounts = set(lines.exclude(account=None).values_list("account", flat=True))
    assert accounts <= set(User.objects.values_list("pk", flat=True))


def test_no_secret_leaves(gone):
    with zipfile.ZipFile(gone[0]) as archive:
        rows = archive.read("rows.jsonl") + archive.read("accounts.jsonl")
    for word in (b"password", b"is_superuser", b"device_hash", b"live.", b"apikey", b"session"):
        assert word not in rows
    assert b"rive.example" not in rows  # of the other organisation that lived there


def test_the_proof_that_it_brought_is_kept_and_its_change_is_told(gone):
    arrive(gone[0])
    arrival = Arrival.objects.get()
    with open(arrival.file.path, "ab") as file:
        file.write(b"x")
    err = io.StringIO()
    with pytest.raises(CommandError):
        call_command("verify", stdout=io.StringIO(), stderr=err)
    assert "celui qui fut gardé à son arrivée" in err.getvalue()


# --- Refused ----------------------------------------------------------------------------------


def rewritten(path, change) -> None:
    """The file with its parts changed by somebody who makes the manifest agree."""
    with zipfile.ZipFile(path) as archive:
        parts = {each.filename: archive.read(each) for each in archive.infolist()}
    change(parts)
    manifest = json.loads(parts.pop("manifest.json"))
    manifest["sha256"] = {name: hashlib.sha256(said).hexdigest() for name, said in parts.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, said in parts.items():
            archive.writestr(name, said)
        archive.writestr("manifest.json", json.dumps(manifest))


def in_row(label: str, **values):
    def change(parts):
        lines = [json.loads(line) for line in parts["rows.jsonl"].splitlines()]
        row = next(said for each, said in lines if each == label)
        row |= values
        parts["rows.jsonl"] = "\n".join(json.dumps(each) for each in lines).encode()

    return change


def twice(label: str):
    def change(parts):
        lines = [json.loads(line) for line in parts["rows.jsonl"].splitlines()]
        said = next(said for each, said in lines if each == label)
        lines.append([label, said | {"id": 987654}])
        parts["rows.jsonl"] = "\n".join(json.dumps(each) for each in lines).encode()

    return change


def of_witness(do):
    def change(parts):
        parts["witness.jsonl"] = b"\n".join(do(parts["witness.jsonl"].splitlines()))

    return change


def of_manifest(**values):
    def change(parts):
        parts["manifest.json"] = json.dumps(json.loads(parts["manifest.json"]) | values).encode()

    return change


def without_file(parts):
    del parts[next(name for name in parts if name.startswith("files/documents"))]


def another_leaf(lines):
    at = next(rank for rank, line in enumerate(lines) if b'"line"' in line)
    said = json.loads(lines[at])
    said["line"][4] = "0" * 64
    return [*lines[:at], json.dumps(said).encode(), *lines[at + 1 :]]


def another_owner(parts):
    parts["accounts.jsonl"] = parts["accounts.jsonl"].replace(b"secretariat@brume", b"intrus@brume")


AT_DEPARTURE = "pas ce qui fut constaté au départ"
ALTERED = {
    "une ligne changée": (in_row("members.person", first_name="Zoé"), AT_DEPARTURE),
    "un vote changé": (in_row("meetings.ballot", votes_for=99), AT_DEPARTURE),
    "une ligne de plus": (twice("members.role"), AT_DEPARTURE),
    "un compte à un autre": (another_owner, AT_DEPARTURE),
    "un constat changé": (of_witness(another_leaf), "ne sont pas ceux de l’ancrage"),
    "aucun constat": (of_witness(lambda lines: []), AT_DEPARTURE),
    "aucun ancrage": (
        of_witness(lambda lines: [each for each in lines if b'"anchor"' not in each]),
        "sous aucun ancrage",
    ),
    "un fichier de moins": (without_file, "dont ses lignes parlent"),
    "une autre version": (of_manifest(migrations={}), "une autre version"),
    "une sauvegarde": (of_manifest(kind="sauvegarde"), "n’est pas celui d’une organisation"),
}


# What goes as far as the rows, and is taken back whole; the others are refused before.
OF_A_BASE = {"une ligne changée", "une ligne de plus"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(*each, id=name, marks=[pytest.mark.database] * (name in OF_A_BASE))
        for name, each in ALTERED.items()
    ],
)
def test_what_was_altered_is_refused_and_nothing_is_written(gone, settings, change, why):
    path, _ = gone
    rewritten(path, change)
    with pytest.raises(CommandError) as refused:
        arrive(path)
    assert why in told(str(refused.value))
    assert not Organisation.objects.exists() and not User.objects.exists()
    assert not [each for each in settings.MEDIA_ROOT.rglob("*") if each.is_file()]


def by_hand(model, **values) -> None:
    """The first row of this table, changed by who goes round the application."""
    row = model._base_manager.order_by("pk").first()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
        for name, value in values.items():
            cursor.execute(
                f"UPDATE {model._meta.db_table} SET {name} = %s WHERE id = %s",  # noqa: S608
                [value, row.pk],
            )
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = origin")


@pytest.mark.parametrize(
    ("model", "values"),
    [(Person, {"first_name": "Zoé"}), (SittingEvent, {"kind": "closed"})],
    ids=["une fiche", "le registre"],
)
def test_what_was_altered_there_before_it_left_is_refused_here(
    signed, cast, settings, tmp_path, model, values
):
    by_hand(model, **values)
    path = tmp_path / "org.zip"
    call_command("export_organisation", "val-de-brume", path, stdout=io.StringIO())
    call_command("flush", interactive=False, verbosity=0)
    settings.MEDIA_ROOT = tmp_path / "ailleurs"
    with pytest.raises(CommandError, match="pas ce qui fut constaté"):
        arrive(path)
    assert not Organisation.objects.exists()


def test_who_is_there_already_is_not_received_twice(gone):
    arrive(gone[0])
    with pytest.raises(CommandError, match="est déjà ici"):
        arrive(gone[0])


def test_a_damaged_file_and_a_missing_one_are_told(gone, tmp_path):
    path, _ = gone
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(CommandError, match="abîmé"):
        arrive(path)
    with pytest.raises(CommandError, match="ne se lit pas"):
        arrive(tmp_path / "rien.zip")


def test_what_is_being_done_or_is_not_whole_does_not_leave(signed, cast, tmp_path):
    path = tmp_path / "org.zip"

    def refused(why: str) -> None:
        with pytest.raises(CommandError, match=why):
            call_command("export_organisation", "val-de-brume", path)
        assert not list(tmp_path.glob("org.zip*"))

    poll = Poll.objects.create(
        meeting=signed.meeting, items=["a"], mode="ordinaire", opened_by=cast.secretariat
    )
    refused("un scrutin est ouvert")
    poll.delete()
    kept = signed.pdf.path
    shutil.move(kept, f"{kept}.ôté")
    refused("manque")
    shutil.move(f"{kept}.ôté", kept)
    with open(kept, "ab") as file:
        file.write(b" ")
    refused("a changé")
    with pytest.raises(CommandError, match="n’est le nom d’aucune"):
        call_command("export_organisation", "rien", path)


@pytest.mark.database
def test_a_row_of_each_table_comes_back_as_it_was(scene, cast, settings, tmp_path):
    """Numbers aside, in columns and in texts."""
    for model in carried.carried():
        for field in carried.files_of(model):  # those of the fixture have no true hash
            for row in model._base_manager.exclude(**{field.name: ""}):
                _hash_truly(row, field.name)
    path = tmp_path / "org.zip"
    before = {
        model: list(carried.of(model, cast.organisation.pk).values(*_names(model)))
        for model in carried.carried()
    }
    call_command("export_organisation", "val-de-brume", path, stdout=io.StringIO())
    accounts = dict(User.objects.values_list("pk", "email"))
    call_command("flush", interactive=False, verbosity=0)
    settings.MEDIA_ROOT = tmp_path / "ailleurs"
    make_body(make_organisation("Haute-Lande", siren="200000024"), "Bureau")
    arriving.arrive(path, at=timezone.now())
    here = dict(User.objects.values_list("email", "pk"))
    back = {there: here[email] for there, email in accounts.items() if email in here}
    to, whose = carried.Renumber(carried.ROUND, back, {}), Organisation.objects.last().pk
    # What waited is set aside; links are drawn by another key, chains made over other numbers.
    quiet = {
        *("state", "reply", "is_uncertain", "taken_by", "lease_until", "done_at", "is_active"),
        *("told_until", "token_hash", "previous_hash", "sha256"),
    }
    full = set()
    for model, rows in before.items():
        now = list(carried.of(model, whose).values(*_names(model)))
        if model is Arrival:
            continue
        for was, row in zip(rows, now, strict=True):
            full.add(model)
            want = to.row(model, was)
            for name in set(_names(model)) - quiet:
                assert want[name] == row[name], (model, name)
    assert len(full) > 45, "la scène n’a plus de ligne dans chaque table"


def _names(model) -> list[str]:
    return [each.attname for each in carried.columns(model)]


def _hash_truly(row, name: str) -> None:
    model = type(row)
    kept = {"pdf": "pdf_sha256", "proxy_form": "proxy_sha256"}.get(name, "sha256")
    if name == "scan" or kept not in _names(model):
        return
    with getattr(row, name).open() as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if getattr(row, kept) != digest:
        models.QuerySet(model).filter(pk=row.pk).update(**{kept: digest})
        witness.note(model, [row.pk])


@pytest.mark.database
@pytest.mark.proof
def test_it_goes_from_sqlite_to_whatever_is_here(gone, machine, tmp_path, settings):  # noqa: F811
    """Received by another machine, which has SQLite, and exported there: received here."""
    path, before = gone
    done = machine("manage.py", "import_organisation", str(path))
    assert "Tout est comme au premier jour" in done.stdout, done.stderr
    again = tmp_path / "again.zip"
    left = machine("manage.py", "export_organisation", "val-de-brume", str(again))
    assert left.returncode == 0, left.stderr
    assert "Tout est comme au premier jour" in arrive(again)
    assert pages() == before["pages"]
    # Both arrivals are told, and what proved it the first time came along.
    assert Arrival.objects.count() == 2
    anchors.anchor(at=timezone.now())
    assert backup.write(tmp_path / "tout.zip", at=timezone.now()).lost == ()
