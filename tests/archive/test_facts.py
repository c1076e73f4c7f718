"""`verify` sees every edit: each table × (row erased, row added, each legal field changed).

The attacker writes SQL, past the guards of the database: triggers, constraints, foreign keys.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils import timezone

from archive.keeping import anchors, facts, integrity, lines
from archive.models import Publication
from archive.online import publications
from convening.models import Notice, Question
from documents.models import IssuedDocument
from law import codec
from meetings.models import (
    AlsoApproved,
    Attachment,
    Ballot,
    Deed,
    Meeting,
    SittingEvent,
    Vote,
)
from members import witness
from members.models import Mandate, Organisation, Person
from members.witness import Witness
from registry.models import Deliberation, DeliberationLink, Review, SigningKey
from registry.signatures import keys
from tests import held
from tests.archive.weight import LEGAL, NOT_LEGAL
from tests.cast import change, make_account
from tests.test_architecture import FLOORS, ROOT, sources

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def is_history(model: type[models.Model]) -> bool:
    return model._meta.model_name.startswith("historical")


# --- What is decided --------------------------------------------------------------------------


def test_each_field_of_each_model_is_legal_or_is_not_because():
    ours = [model for model in apps.get_models() if model._meta.app_label in FLOORS]
    decided = {model._meta.label_lower for model in ours if not is_history(model)}
    assert decided == LEGAL.keys() | NOT_LEGAL.keys()
    assert not LEGAL.keys() & NOT_LEGAL.keys()
    for model in ours:
        label = model._meta.label_lower
        if label in NOT_LEGAL:
            assert not issubclass(model, witness.Witnessed), label
            continue
        fields = {field.name for field in model._meta.concrete_fields if not field.primary_key}
        told = {model._meta.get_field(name).name for name in _names(model)}
        if is_history(model):
            assert told == fields, label
        else:
            assert told == set(LEGAL[label].split()), label
            assert told | model.unwitnessed.keys() == fields, label
        assert all(model.unwitnessed.values())


def _names(model: type[witness.Witnessed]) -> list[str]:
    by_column = {field.attname: field.name for field in model._meta.concrete_fields}
    return [by_column[column] for column in witness.legal_fields(model)]


# What writes rows and tells no model of it, nor the witness.
ROUND = re.compile(
    r"\bmodels\.Model\.save\(|\bsave_base\(|_raw_delete\(|_base_manager\.[^\n]*\b(update|delete)\("
)


def test_nobody_writes_round_the_witness():
    """What a table without legal weight is written by is not looked at."""
    found = {
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if "migrations" not in path.parts and ROUND.search(path.read_text())
    }
    assert found == {"members/fleeting.py"}  # what the witness never knew
    for model in witness.watched():  # many at once are written by a query that tells
        assert issubclass(type(model._default_manager.all()), witness.WitnessedQuerySet), model
    assert ROUND.search("models.Model.save(self)")
    assert ROUND.search("Meeting._base_manager.filter(pk=1).update(a=1)")


def said_last(person: Person, name: str) -> str:
    return Witness.objects.filter(table="members.person", row=person.pk).last().marks[name]


def test_what_is_witnessed_is_what_the_base_holds_whoever_changed_it(cast):
    """The question is compiled once for so many rows, and asked of the base at each writing."""
    people = [cast.alice, cast.bruno, cast.claire]
    for count in (1, 3, 2, 3, 1):
        asked = Person.objects.filter(pk__in=[each.pk for each in people[:count]])
        asked.update(last_name=Concat("last_name", Value("s")))
        for each in asked:
            assert said_last(each, "last_name") == witness.mark("last_name", each.last_name)
    assert Person.objects.get(pk=cast.bruno.pk).last_name == "Bessonsss"
    assert told(Person) == []
    with in_the_back(Person) as cursor:
        written(Person, cursor, cast.alice.pk, Person._meta.get_field("first_name"), "Zoé")
        assert "«\u00a0prénom\u00a0» n’est plus ce qui a été écrit" in "".join(told(Person))
        change(cast.alice, last_name="Autre")  # she was read before
        assert said_last(cast.alice, "first_name") == witness.mark("first_name", "Zoé")


# --- The scene: a row of each -----------------------------------------------------------------


def told(model: type[witness.Witnessed]) -> list[str]:
    return [f"{where} : {what}" for where, what in facts.faults(model)]


def ledgers() -> list[str]:
    return [str(fault) for fault in integrity._ledgers(integrity.Walk())]


def test_of_what_nobody_touched_nothing_is_told(scene):
    for model in witness.watched():
        assert model._base_manager.exists(), model
        assert told(model) == []


# --- The attacks ------------------------------------------------------------------------------


@contextmanager
def in_the_back(model: type[models.Model]) -> Iterator[Any]:
    """A cursor of who owns the database; what he does is taken back."""
    table = model._meta.db_table
    with transaction.atomic():
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table waits for a check
                cursor.execute("SET LOCAL session_replication_role = replica")
                guards = "SELECT conname FROM pg_constraint WHERE contype IN ('c', 'x') "
                cursor.execute(guards + "AND conrelid = %s::regclass", [table])
                for (name,) in cursor.fetchall():
                    cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
            else:
                cursor.execute("PRAGMA ignore_check_constraints = 1")
                guards = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
                cursor.execute(guards, [table])
                for (name,) in cursor.fetchall():
                    cursor.execute(f'DROP TRIGGER "{name}"')
            yield cursor
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = 0")
        transaction.set_rollback(True)


def other(field: models.Field, value: Any) -> Any:
    """Something else that the column takes."""
    match field:
        case models.ForeignKey():
            return 987_654_321 if value is None else value + 987_000_000
        case models.BooleanField():
            return not value
        case models.IntegerField():
            return 7 if value is None else value + 1
        case models.DecimalField():
            return str((value or Decimal(0)) + 1)
        case models.DateTimeField():
            moment = value or timezone.make_aware(datetime(2026, 1, 1))
            return connection.ops.adapt_datetimefield_value(moment + timedelta(microseconds=1))
        case models.DateField():
            return (value or date(2026, 1, 1)) + timedelta(days=1)
        case models.TimeField():
            return "03:33:00" if value != time(3, 33) else "04:44:00"
        case models.JSONField():
            return json.dumps({"autre": True} if value != {"autre": True} else [])
    text = str(value or "")
    return text + "x" if not field.max_length or len(text) < field.max_length else "y" + text[1:]


def written(model: type[models.Model], cursor: Any, pk: int, field: models.Field, value: Any):
    table, key = model._meta.db_table, model._meta.pk.column
    sql = f'UPDATE "{table}" SET "{field.column}" = %s WHERE "{key}" = %s'
    cursor.execute(sql, [value, pk])
    assert cursor.rowcount == 1


@pytest.mark.proof
def test_each_edit_is_told(scene):
    """One scene for all the tables: what an attack wrote is taken back before the next."""
    silent = [silence for model in witness.watched() for silence in unseen(model, scene)]
    assert silent == []


def unseen(model: type[witness.Witnessed], scene: IssuedDocument) -> Iterator[str]:
    """The edits of this table that are not told as they should be."""
    table, key = model._meta.db_table, model._meta.pk.column
    row = model._base_manager.order_by("pk").last()
    named = f"{model._meta.verbose_name.lower()} n° {row.pk}"
    for name in _names(model):
        field = model._meta.get_field(name)
        value = field.value_from_object(row)
        value = str(value) if isinstance(field, models.FileField) else value
        with in_the_back(model) as cursor:
            written(model, cursor, row.pk, field, other(field, value))
            found = told(model)
        words = f"«\u00a0{field.verbose_name}\u00a0» n’est plus ce qui a été écrit"
        if len(found) != 1 or named not in found[0].lower() or words not in found[0]:
            yield f"{table}.{name} changed: {found}"
    with in_the_back(model) as cursor:
        cursor.execute(f'DELETE FROM "{table}" WHERE "{key}" = %s', [row.pk])
        found = told(model)
    where = f"séance {scene.meeting.body}" if witness.road_to_sitting(model) else ""
    if len(found) != 1 or not all(w in found[0] for w in (where, "elle a été effacée")):
        yield f"{table} erased: {found}"
    with in_the_back(model) as cursor:  # a row under another number: one erased, and one added
        sql = f'UPDATE "{table}" SET "{key}" = "{key}" + 5000 WHERE "{key}" = %s'
        cursor.execute(sql, [row.pk])
        found = told(model)
    if not found or f"n° {row.pk + 5000}" not in found[-1] or "jamais été écrite" not in found[-1]:
        yield f"{table} added: {found}"
    if told(model):
        yield f"{table} is not as it was"


def test_a_line_of_the_ledger_is_told_although_its_chain_was_made_again(scene):
    meeting = scene.meeting
    last = meeting.events.order_by("seq").last()
    with in_the_back(SittingEvent) as cursor:
        cursor.execute("DELETE FROM meetings_sittingevent WHERE id = %s", [last.pk])
        said = "\n".join(told(SittingEvent))
        assert f"rang {last.seq}, séance {meeting} (n° {meeting.pk})" in said
    lines = list(meeting.events.order_by("seq"))
    with in_the_back(SittingEvent) as cursor:
        previous = ""
        for line in lines:
            if line.seq == 2:
                line.recorded_at += timedelta(hours=1)
            at, by = line.recorded_at, str(line.recorded_by_id or "")
            said = codec.chain(previous, line.seq, line.kind, line.payload, at.isoformat(), by)
            cursor.execute(
                "UPDATE meetings_sittingevent SET recorded_at = %s, previous_hash = %s, "
                "sha256 = %s WHERE id = %s",
                [connection.ops.adapt_datetimefield_value(at), previous, said, line.pk],
            )
            previous = said
        assert ledgers() == []  # the chain alone sees nothing
        found = told(SittingEvent)
    assert "«\u00a0enregistré le\u00a0»" in found[0] and "rang 2" in found[0]
    assert len(found) == len(lines) - 1


def test_a_document_is_told_although_its_hash_was_made_again(scene):
    content = scene.content.replace("Budget", "Budgets")
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    with in_the_back(IssuedDocument) as cursor:
        cursor.execute(
            "UPDATE documents_issueddocument SET content = %s, sha256 = %s WHERE id = %s",
            [content, sha256, scene.pk],
        )
        (fault,) = told(IssuedDocument)
        assert not [f for f in integrity._documents(integrity.Walk()) if "contenu" in str(f)]
    assert "«\u00a0contenu\u00a0» et «\u00a0empreinte du contenu\u00a0» ne sont plus" in fault
    assert f"code de vérification {scene.code}" in fault


def slipped(row: models.Model, **said: Any) -> models.Model:
    """The same row again under another number, otherwise said, past the witness."""
    copy = type(row)._base_manager.get(pk=row.pk)
    for name, value in ({"pk": row.pk + 5000} | said).items():
        setattr(copy, name, value)
    models.Model.save_base(copy, raw=True, force_insert=True)
    return copy


@pytest.fixture
def played(scene):
    """What nobody looks at: a sitting of an organisation that says it is played, with an act."""
    meeting, act = scene.meeting, Deliberation.objects.last()
    own = slipped(meeting.organisation, slug="zzz", is_fleeting=True)
    body = slipped(meeting.body, organisation=own, slug="zzz")
    there = slipped(meeting, body=body)
    item = slipped(act.item, meeting=there, parent=None)
    person = slipped(Person.objects.last(), organisation=own, user=None)
    found = slipped(act, meeting=there, item=item, body=body)
    assert [fault for model in witness.watched() for fault in told(model)] == []
    return SimpleNamespace(organisation=own, body=body, item=item, person=person, act=found)


# Rows whose shortest road leads to what is played, and that lean on what is real by another.
LEANING = {
    "un acte joué qui en retire un vrai": lambda played: slipped(
        DeliberationLink.objects.last(),
        source=played.act,
        target=Deliberation.objects.first(),
        target_text="",
    ),
    "un numéro d’une séance vraie": lambda played: slipped(
        Deliberation.objects.exclude(pk=played.act.pk).last(),
        pk=9000,
        body=played.body,
        item=slipped(played.item, key="zy", position=99),
        number=99,
        rank=99,
        safe_label="99",
    ),
    "une relecture d’une séance vraie": lambda played: slipped(
        Review.objects.last(), person=played.person, token_hash="d"
    ),
    "un geste d’une séance vraie": lambda played: slipped(Deed.objects.last(), body=played.body),
    "un point joué qui approuve une séance vraie": lambda played: slipped(
        played.item, key="zz", approves=AlsoApproved.objects.get().meeting
    ),
    "un mandat d’une personne vraie": lambda played: slipped(
        Mandate.objects.filter(replaces=None).last(),
        body=played.body,
        constituency=None,
        community=None,
    ),
    "une version d’une organisation vraie": lambda played: slipped(
        Organisation.history.last(),
        history_id=9000,
        id=Meeting.objects.exclude(body=played.body).last().organisation.pk,
        is_fleeting=True,
    ),
    "un cachet joué": lambda played: slipped(
        SigningKey.objects.filter(person=None).last(),
        organisation=played.organisation,
        fingerprint="f" * 64,
    ),
    "une publication jouée": lambda played: slipped(
        Publication.objects.last(),
        document=(
            own := slipped(IssuedDocument.objects.last(), meeting=played.item.meeting, code="z")
        ),
        code="z",
        first_version=own,
    ),
    "une ligne qui ne tient à rien": lambda played: slipped(
        Person.objects.last(), pk=9900, organisation_id=987_654
    ),
}


@pytest.mark.parametrize("forge", LEANING.values(), ids=LEANING)
def test_what_leans_on_what_is_real_is_of_weight_whatever_it_hangs_from(played, forge):
    with in_the_back(Person):
        row = forge(played)
        found = told(type(row))
    assert len(found) == 1 and "jamais été écrite par l’application" in found[0]


def test_nothing_played_is_believed_of_who_asks(played):
    """Neither a seal, nor the address of an act: the page of whoever verifies would say them."""
    real, own = (
        Publication.objects.get(),
        slipped(IssuedDocument.objects.last(), meeting=played.item.meeting, code="z"),
    )
    key = SigningKey.objects.filter(person=None).last()
    with in_the_back(Publication) as cursor:
        cursor.execute("DROP INDEX one_publication_per_code")
        slipped(real, document=own, first_version=own)
        slipped(key, organisation=played.organisation, fingerprint="f" * 64)
        assert publications.find(real.code) == real
        assert list(publications.online()) == [real]
        assert "f" * 64 not in [each.fingerprint for each in SigningKey.objects.seals_in_use()]
        assert keys.bound("f" * 64) is None


def test_what_is_real_and_called_played_is_told(scene):
    """As soon as it is called so, and what is then done there is not witnessed."""
    here = scene.meeting.organisation
    with in_the_back(Organisation) as cursor:
        field = Organisation._meta.get_field("is_fleeting")
        written(Organisation, cursor, here.pk, field, True)
        (fault,) = told(Organisation)
        assert "«\u00a0éphémère\u00a0» n’est plus ce qui a été écrit" in fault
        Person.objects.filter(organisation=here).update(phone="03 22 00 00 00")
        assert told(Person) != []


def test_what_the_application_erases_or_loosens_is_no_fault(scene, cast):
    person = cast.comite.mandates.last().person
    person.user = make_account("quelqu-un@test.example")
    person.save()
    person.user.delete()  # `SET_NULL`
    given_up = held.prepare(cast, "Tarifs", held_on=date(2027, 1, 5))
    Deed.objects.create(body=cast.comite, meeting=given_up, verb="creer", words="…")
    given_up.delete()
    Notice.objects.all().delete()
    Attachment.objects.all().delete()
    AlsoApproved.objects.get().agendaitem.also_approves.clear()
    assert [fault for model in witness.watched() for fault in told(model)] == []
    gone = Witness.objects.filter(is_gone=True)
    assert {"meetings.alsoapproved", "meetings.attachment", "meetings.agendaitem"} <= {
        line.table for line in gone
    }
    # Brought back by somebody, it is told.
    link = gone.filter(table="meetings.alsoapproved").first()
    with in_the_back(AlsoApproved) as cursor:
        cursor.execute(
            "INSERT INTO meetings_agendaitem_also_approves (id, agendaitem_id, meeting_id) "
            "VALUES (%s, %s, %s)",
            [link.row, scene.meeting.items.first().pk, scene.meeting_id],
        )
        (fault,) = told(AlsoApproved)
    assert "elle est revenue" in fault


@pytest.mark.parametrize("model", [Ballot, Vote])
def test_what_is_read_of_the_ledger_is_compared_with_it(cast, model):
    """Each column, a row erased and one under another number."""
    held.whole(cast)
    row, table = model.objects.order_by("pk").last(), model._meta.db_table
    assert ledgers() == []
    for field in model._meta.concrete_fields:
        if not field.primary_key:
            with in_the_back(model) as cursor:
                written(model, cursor, row.pk, field, other(field, field.value_from_object(row)))
                assert "registre de la séance" in "".join(ledgers()), field.name
    with in_the_back(model) as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [row.pk])
        assert "registre de la séance" in "".join(ledgers())


def test_a_witness_rewritten_by_itself_is_told(scene):
    line = Witness.objects.filter(table="archive.publication").last()
    with in_the_back(Publication) as cursor:
        cursor.execute("UPDATE members_witness SET leaf = %s WHERE id = %s", ["0" * 64, line.pk])
        (fault,) = told(Publication)
    assert "son constat a été récrit" in fault


# --- What cannot be read, or not as it was written --------------------------------------------

# SQLite alone takes these: what PostgreSQL takes it keeps in one way.
ONE_VALUE = {
    "un chiffre d’une autre écriture": ("members.mandate", "start_on", "'２' || substr({}, 2)"),
    "une date d’un seul chiffre": ("members.mandate", "start_on", "'2014-4-9'"),
    "une heure d’un autre fuseau": ("archive.publication", "published_at", "{} || '+00:00'"),
    "une heure séparée d’un T": ("archive.publication", "published_at", "replace({}, ' ', 'T')"),
    "une heure sans secondes": ("meetings.meeting", "starts_at", "substr({}, 1, 5)"),
    "un booléen qui vaut deux": ("members.organisation", "is_fleeting", "2"),
    "deux fois la même clé": ("members.rulebook", "values", '\'{{"a": 1, "a": 1}}\''),
}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="ce que SQLite seul accepte")
@pytest.mark.parametrize(("label", "name", "cell"), ONE_VALUE.values(), ids=ONE_VALUE)
def test_a_value_written_otherwise_is_told_though_it_reads_the_same(scene, label, name, cell):
    model = apps.get_model(label)
    column = f'"{name}"'
    with in_the_back(model) as cursor:
        row = model._base_manager.order_by("pk").last()
        sql = f'UPDATE "{model._meta.db_table}" SET {column} = {cell.format(column)} WHERE id = %s'
        cursor.execute(sql, [row.pk])
        ((where, what),) = facts.ill_written(model)
    assert f"n° {row.pk}" in where and "comme l’application l’écrit" in what


def test_what_the_application_writes_is_written_as_it_writes(scene):
    assert [told for model in apps.get_models() for told in facts.ill_written(model)] == []


UNREADABLE = {
    "des octets": ("members.person", "phone", "x'C3'"),
    "un texte qui n’en est pas un": ("members.person", "phone", "CAST(x'C3' AS TEXT)"),
    "un JSON qui n’en est pas": ("members.rulebook", "values", "'{'"),
    "un jour qui n’existe pas": ("members.mandate", "start_on", "'2026-13-45'"),
    "une heure qui n’existe pas": ("archive.publication", "published_at", "'x'"),
    "un ancrage sans têtes": ("archive.anchor", "heads", "'x'"),
    "un constat sans marques": ("members.witness", "marks", "'{'"),
    "un constat dont les marques sont une liste": ("members.witness", "marks", "'[1]'"),
    "un constat d’aucune heure": ("members.witness", "at", "'x'"),
    "une empreinte d’octets": ("members.witness", "leaf", "x'C3'"),
    "une ligne du registre": ("meetings.sittingevent", "payload", "'[1]'"),
    "un document": ("documents.issueddocument", "content", "'[]'"),
    "un fichier d’ailleurs": ("registry.signaturestep", "file", "'/etc/passwd'"),
    "un nom de fichier qui n’en est pas un": ("registry.signaturestep", "file", "'a' || char(0)"),
    "une heure du journal": ("trail.entry", "at", "'x'"),
}
UNREADABLE_ON_POSTGRESQL = {
    "un jour sans fin": ("members.mandate", "start_on", "'infinity'"),
    "une heure sans fin": ("archive.publication", "published_at", "'infinity'"),
    "un constat dont les marques sont une liste": ("members.witness", "marks", "'[1]'"),
    "un document": ("documents.issueddocument", "content", "'[]'"),
    "un fichier d’ailleurs": ("registry.signaturestep", "file", "'/etc/passwd'"),
}
CELLS = UNREADABLE if connection.vendor == "sqlite" else UNREADABLE_ON_POSTGRESQL


@pytest.mark.parametrize(("label", "name", "cell"), CELLS.values(), ids=CELLS)
def test_what_cannot_be_read_is_told_and_what_comes_after_too(scene, label, name, cell):
    """Another false row of the same table, and one of each other look."""
    model = apps.get_model(label)
    anchors.take(at=timezone.now())
    table, last = model._meta.db_table, model._base_manager.order_by("pk").values("pk")[:1].get()
    with in_the_back(model) as cursor:
        cursor.execute(f'UPDATE "{table}" SET "{name}" = {cell} WHERE id = %s', [last["pk"]])
        cursor.execute("UPDATE members_organisation SET name = 'Faux'")
        cursor.execute("UPDATE convening_answer SET via = 'faux'")
        cursor.execute("UPDATE documents_issueddocument SET pdf_sha256 = 'faux'")
        found = [str(fault) for fault in integrity.faults()]
    words = ("Organisation n°", "Réponse n°", "le PDF n’est plus")
    assert [word for word in words if not any(word in each for each in found)] == []
    assert any(f"n° {last['pk']}" in each for each in found), found


# --- A base that was there before -------------------------------------------------------------


def migrated() -> None:
    """What follows a migration that was applied."""
    witness.take_up(plan=[(None, False)])


def test_a_base_older_than_the_witness_is_taken_up_once(scene):
    Witness.objects.all().delete()
    assert told(Publication) != []
    witness.take_up()  # no migration was applied: nothing is taken for granted
    assert told(Publication) != []
    migrated()
    assert [fault for model in witness.watched() for fault in told(model)] == []
    Witness.objects.filter(table="members.person").last().delete()
    migrated()  # the others are known: it is told, not taken up
    assert "jamais été écrite" in told(Person)[0]


def test_a_field_that_becomes_legal_is_taken_up_beside_what_nobody_touched(scene):
    """As when a migration adds it: the lines before it say nothing of it."""
    known = Witness.objects.filter(table="convening.question")
    row = Question.objects.get()
    Question.objects.create(meeting=row.meeting, mandate=row.mandate, text="Où ?")
    for line in known:
        del line.marks["reply"]
        line.save()
    with in_the_back(Question) as cursor:
        cursor.execute("UPDATE convening_question SET text = 'Non' WHERE id = %s", [row.pk])
        migrated()
        assert known.all().count() == 3  # the one that was touched is left, to be told
        (fault,) = told(Question)
        assert f"n° {row.pk}" in fault and "«\u00a0question\u00a0»" in fault
    migrated()
    assert known.all().count() == 4
    assert told(Question) == []


def as_the_code_of_before_writes(row: Publication) -> None:
    """Its line knows nothing of a column that came since."""
    ((pk, said, _),) = witness.told(Publication, Publication.objects.filter(pk=row.pk))
    del said["hides_object"]
    marks = {name: witness.mark(name, value) for name, value in said.items()}
    Witness.of(
        said, table="archive.publication", row=pk, at=timezone.now(), marks=marks, place={}
    ).save()


def test_what_the_code_of_before_writes_while_an_upgrade_goes_by_is_no_fault(scene):
    """`make service-proof` saw it: fifteen acts that the host of before put online were told."""
    row, known = Publication.objects.first(), Witness.objects.filter(table="archive.publication")
    hidden = "UPDATE archive_publication SET hides_object = %s WHERE id = %s"
    written = list(known.filter(row=row.pk))
    for among in ([], written):  # put online by it; then written again by it
        known.filter(row=row.pk).delete()
        Witness.objects.bulk_create(among)
        as_the_code_of_before_writes(row)
        assert told(Publication) == []
        with in_the_back(Publication) as cursor:
            cursor.execute(hidden, [True, row.pk])
            assert "«\u00a0objet tu\u00a0»" in "".join(told(Publication))
            cursor.execute(hidden, [False, row.pk])
    with in_the_back(Publication) as cursor:
        cursor.execute(hidden, [True, row.pk])
        witness.note(Publication, [row.pk])  # by the code of today
        assert told(Publication) == []
        as_the_code_of_before_writes(row)
        assert told(Publication) == []
        cursor.execute(hidden, [False, row.pk])
        assert "ne dit rien de «\u00a0objet tu\u00a0»" in "".join(told(Publication))


def unseen_table(scene: IssuedDocument) -> Any:
    """A forged row of a table that never had one, and that an anchor knew to be of weight."""
    link = DeliberationLink.objects.get()
    Witness.objects.filter(table="registry.deliberationlink").delete()
    anchors.take(at=timezone.now())
    return link


def test_what_a_table_that_had_no_row_holds_is_not_taken_for_true(scene):
    unseen_table(scene)
    (before,) = told(DeliberationLink)
    assert "jamais été écrite" in before
    migrated()
    assert told(DeliberationLink) == [before]
    assert list(lines.faults()) == []


def hide(table: str) -> list[Witness]:
    hidden = list(Witness.objects.filter(table=table))
    Witness.objects.filter(table=table).delete()
    return hidden


def test_who_hides_the_anchors_while_an_update_goes_by_is_told(scene):
    unseen_table(scene)
    hidden = hide(witness.WHOLE)
    migrated()
    Witness.objects.bulk_create(hidden)
    assert told(DeliberationLink) == []
    for _ in range(2):
        ((where, what),) = lines.faults()
        assert "délibération" in where and "une mise à jour l’a trouvée là" in what
        anchors.take(at=timezone.now())  # it will always be told


def test_who_hides_the_marks_of_a_row_while_an_update_goes_by_is_told(scene):
    """Of a column that the application writes again: its line before is put back."""
    anchors.take(at=timezone.now())
    person = Person.objects.last()
    with in_the_back(Person) as cursor:
        written(Person, cursor, person.pk, Person._meta.get_field("phone"), "666")
        kept = list(Witness.objects.filter(table="members.person"))
        Witness.objects.filter(table="members.person").update(marks={})
        migrated()
        Witness.objects.bulk_update(kept, ["marks"])
        found = told(Person)
    assert "«\u00a0téléphone\u00a0» n’était plus ce qui avait été écrit" in "".join(found)


def test_a_table_that_becomes_of_weight_is_taken_up(scene, monkeypatch):
    """One that the last anchor did not know."""
    others = [model for model in witness.watched() if model is not DeliberationLink]
    hide("registry.deliberationlink")
    with monkeypatch.context() as before:
        before.setattr(witness, "watched", lambda: others)
        anchors.take(at=timezone.now())
    migrated()
    anchors.take(at=timezone.now())
    assert told(DeliberationLink) == [] and list(lines.faults()) == []
