"""`verify` sees who writes a row and its witness: each table × each way of doing it.

Who has the database alone makes no seal. Who has `SECRET_KEY` as well makes one, and is betrayed
by what the application never does, and by what the anchors hold.
"""

import io
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import models
from django.utils import timezone

from archive.keeping import anchors, heads, lines
from archive.models import Anchor
from convening.models import Answer, Notice
from law.findings import Refused
from members import seals, witness
from members.models import Person
from members.witness import Witness, Witnessed
from tests.archive.test_facts import in_the_back, other, told, written

pytestmark = [pytest.mark.django_db, pytest.mark.proof]

NOW = timezone.now


@pytest.fixture
def anchored(scene, settings, tmp_path):
    """A row of each table, all in one anchor."""
    settings.ANCHOR_FILE = tmp_path / "ailleurs.jsonl"
    anchors.anchor(at=NOW())
    return scene


def betrayed(model: type[Witnessed]) -> list[str]:
    """What is told of the lines, and of the rows of this table."""
    return [f"{where} : {what}" for where, what in lines.faults()] + told(model)


@pytest.mark.database
def test_of_what_nobody_touched_nothing_is_told(anchored):
    assert list(lines.faults()) == list(heads.faults()) == []


# --- Who has the database -----------------------------------------------------------------------


def forged(model: type[Witnessed], row: int, **said: Any) -> Witness:
    """The line that would make a row true, all but its seal: that of the line before is taken."""
    before = Witness.objects.filter(table=model._meta.label_lower).last()
    line = Witness(table=before.table, row=row, place=before.place, seal=before.seal)
    for name, value in {"at": NOW(), **said}.items():
        setattr(line, name, value)
    facts_ = None
    if not line.is_gone:
        ((_, facts_, _),) = witness.told(model, model._base_manager.filter(pk=row).order_by())
        line.marks = {name: witness.mark(name, value) for name, value in facts_.items()}
    line.leaf = witness.leaf(line.text(facts_))
    return line


def edit(cursor: Any, model: type[Witnessed], row: models.Model) -> int:
    name = witness.legal_fields(model)[0]
    field = next(each for each in model._meta.concrete_fields if each.attname == name)
    written(model, cursor, row.pk, field, other(field, field.value_from_object(row)))
    return row.pk


def erase(cursor: Any, model: type[Witnessed], row: models.Model) -> int:
    key = model._meta.pk.column
    cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE "{key}" = %s', [row.pk])
    return row.pk


def add(cursor: Any, model: type[Witnessed], row: models.Model) -> int:
    """One under another number."""
    table, key = model._meta.db_table, model._meta.pk.column
    cursor.execute(f'UPDATE "{table}" SET "{key}" = "{key}" + 5000 WHERE "{key}" = %s', [row.pk])
    return row.pk + 5000


ATTACKS = {
    "modifiée, constat ajouté": (edit, {}),
    "modifiée, constat daté d’hier": (edit, {"at": NOW() - timedelta(days=1)}),
    "modifiée, constat daté de demain": (edit, {"at": NOW() + timedelta(days=1)}),
    "modifiée, constat dans l’ancrage": (edit, {"batch": 1}),
    "modifiée, constat dans un ancrage à venir": (edit, {"batch": 9}),
    "effacée, constat ajouté": (erase, {"is_gone": True, "marks": {}}),
    "ajoutée, constat ajouté": (add, {}),
}
# What each attack leaves is as the base writes it; what is said of its hour is not.
OF_A_BASE = {"modifiée, constat ajouté", "effacée, constat ajouté", "ajoutée, constat ajouté"}


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        pytest.param(*each, id=name, marks=[pytest.mark.database] * (name in OF_A_BASE))
        for name, each in ATTACKS.items()
    ],
)
def test_who_has_the_database_writes_no_line(anchored, attack, said):
    """One scene for all the tables: what an attack wrote is taken back before the next."""
    silent = []
    for model in witness.watched():
        row = model._base_manager.order_by("pk").last()
        with in_the_back(model) as cursor:
            pk = attack(cursor, model, row)
            forged(model, pk, **said).save()
            found = [f"{where} : {what}" for where, what in lines.faults()]
        named = f"{model._meta.verbose_name} n° {pk}".lower()
        if not any(named in each.lower() and "son sceau est faux" in each for each in found):
            silent.append(f"{model._meta.label_lower}: {found}")
    assert silent == []


SEALS = {
    "aucun": lambda line: "",
    "d’une autre clé": lambda line: seals._under("another key", line.whole()),
    "d’une autre clé, sous le nom de la nôtre": lambda line: (
        seals.names()[0] + seals._under("another key", line.whole())[8:]
    ),
    "d’un autre constat": lambda line: Witness.objects.last().seal,
}


@pytest.mark.parametrize("seal", SEALS.values(), ids=SEALS)
def test_a_seal_that_is_not_ours_is_false(anchored, seal):
    with in_the_back(Person) as cursor:
        line = forged(Person, edit(cursor, Person, Person.objects.last()))
        line.seal = seal(line)
        line.save()
        assert told(Person) == []  # the row and its line agree
        ((_, what),) = lines.faults()
    assert "son sceau est faux" in what


COLUMNS = {
    "table": "members.body",
    "row": 987_654,
    "at": NOW() - timedelta(minutes=1),
    "leaf": "0" * 64,
    "marks": {},
    "place": {"seance": 1},
    "is_gone": True,
}


@pytest.mark.database
@pytest.mark.parametrize(("name", "value"), COLUMNS.items(), ids=COLUMNS)
def test_a_line_changed_in_any_column_is_told(anchored, name, value):
    """Though its leaf, which the tree holds, is as it was."""
    line = Witness.objects.filter(table="members.person").first()
    with in_the_back(Witness):
        Witness.objects.filter(pk=line.pk).update(**{name: value})
        assert "son sceau est faux" in "".join(what for _, what in lines.faults())


def test_every_seal_taken_away_is_told(anchored):
    """As if this server held another key: then nothing would be judged."""
    with in_the_back(Person) as cursor:
        forged(Person, edit(cursor, Person, Person.objects.last())).save()
        Witness.objects.update(seal="")
        ((where, what),) = lines.faults()
    assert "ancrage n° 1" in where and "ne disent plus ce qu’ils disaient" in what


def test_a_true_line_of_before_written_again_is_told(anchored):
    person = Person.objects.last()
    before, field = person.phone, Person._meta.get_field("phone")
    kept = Witness.objects.filter(table="members.person", row=person.pk).last()
    person.phone = "03 22 00 00 00"
    person.save()
    with in_the_back(Person) as cursor:
        written(Person, cursor, person.pk, field, before)
        kept.pk = kept.batch = None
        kept.save()
        assert list(lines.faults()) == []  # its seal is good
        (fault,) = told(Person)
    assert "un même constat s’y trouve deux fois" in fault


@pytest.fixture
def anchored_twice(anchored) -> Person:
    """Somebody whose telephone changed between two anchors; before it was « avant »."""
    person = Person.objects.last()
    for number in ("avant", "après"):
        person.phone = number
        person.save()
        anchors.anchor(at=NOW())
    return person


@pytest.mark.database
def test_no_number_of_a_line_puts_a_row_back(anchored_twice):
    """The tree holds the order of the lines inside an anchor, and no number: all those of the last
    one, before the others."""
    person, field = anchored_twice, Person._meta.get_field("phone")
    with in_the_back(Person) as cursor:
        written(Person, cursor, person.pk, field, "avant")
        cursor.execute("UPDATE members_witness SET id = id - 10000000 WHERE batch = 3")
        assert list(heads.faults()) == []
        found = "\n".join(told(Person))
        assert "renumérotés" in found
        assert "«\u00a0téléphone\u00a0» n’est plus ce qui a été écrit" in found
        with pytest.raises(Refused):
            anchors.path_of(person)
        assert not anchors.is_proved(person, by=Anchor.objects.get(number=2).at)
    assert told(Person) == []


@pytest.mark.database
def test_no_hour_of_a_row_goes_backwards(anchored_twice):
    """What no anchor holds yet could be numbered otherwise."""
    person = anchored_twice
    later = forged(Person, person.pk, at=NOW() + timedelta(minutes=20)).sealed()
    later.save()
    person.save()
    (fault,) = told(Person)
    assert "renumérotés" in fault


# --- Who has the key as well --------------------------------------------------------------------


@pytest.mark.database
def test_what_is_never_written_again_nor_erased_is_told(anchored):
    """Each column that the application writes once, sealed as the application would."""
    silent = [silence for model in witness.watched() for silence in unseen(model)]
    assert silent == []


def unseen(model: type[Witnessed]) -> Iterator[str]:
    row = model._base_manager.order_by("pk").last()
    fields = {field.attname: field for field in model._meta.concrete_fields}
    for name in set(witness.legal_fields(model)) - witness.later(model):
        field = fields[name]
        value = field.value_from_object(row)
        value = str(value) if isinstance(field, models.FileField) else value
        with in_the_back(model) as cursor:
            written(model, cursor, row.pk, field, other(field, value))
            forged(model, row.pk).sealed().save()
            found = told(model)
        words = f"« {field.verbose_name} » a été récrit le "
        if not any(words in each.replace("\u00a0", " ") for each in found):
            yield f"{model._meta.label_lower}.{name}: {found}"
    with in_the_back(model) as cursor:
        erase(cursor, model, row)
        witness._note_gone(sender=model, instance=row)
        found = told(model)
    may_go = model.is_erasable or witness.keeps_history(model)
    if any("ce que l’application ne fait jamais" in each for each in found) is may_go:
        yield f"{model._meta.label_lower} erased: {found}"


FALSE_MARKS = {
    "tue": lambda mark, before: None,
    "celle d’avant": lambda mark, before: before,
    "celle d’avant, allongée": lambda mark, before: before + mark,
    "vide": lambda mark, before: "",
}


@pytest.mark.parametrize("say", FALSE_MARKS.values(), ids=FALSE_MARKS)
@pytest.mark.parametrize("is_hidden", [False, True], ids=["dernier", "suivi d’un vrai"])
def test_no_mark_hides_what_is_written_again(anchored, say, is_hidden):
    """The leaf tells the row as it is now; the marks say nothing of what changed in it."""
    quiet = []
    for model in witness.watched():
        row = model._base_manager.order_by("pk").last()
        if not (names := set(witness.legal_fields(model)) - witness.later(model)):
            continue
        name = min(names)
        field = next(each for each in model._meta.concrete_fields if each.attname == name)
        value = field.value_from_object(row)
        value = str(value) if isinstance(field, models.FileField) else value
        before = Witness.objects.filter(table=model._meta.label_lower, row=row.pk).last()
        with in_the_back(model) as cursor:
            written(model, cursor, row.pk, field, other(field, value))
            line = forged(model, row.pk)
            line.marks[name] = say(line.marks[name], before.marks[name])
            line.marks = {n: mark for n, mark in line.marks.items() if mark is not None}
            line.sealed().save()
            if is_hidden:
                forged(model, row.pk).sealed().save()
            if not any(f"«\u00a0{field.verbose_name}\u00a0»" in each for each in told(model)):
                quiet.append(f"{model._meta.label_lower}.{name}: {told(model)}")
    assert quiet == []


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        pytest.param(8, 32, False, id="d’une ancienne version à celle-ci"),
        pytest.param(32, 8, True, id="raccourcie, pour qu’une autre valeur l’ait"),
        pytest.param(32, 0, True, id="vide"),
    ],
)
def test_the_mark_of_a_column_is_never_shortened(anchored, before, after, is_told):
    answer = Answer.objects.last()
    line = Witness.objects.filter(table="convening.answer", row=answer.pk).last()
    line.marks = {name: mark[:before] for name, mark in line.marks.items()}
    Witness.objects.filter(pk=line.pk).update(marks=line.marks)
    again = forged(Answer, answer.pk)
    again.marks = {name: mark[:after] for name, mark in again.marks.items()}
    again.sealed().save()
    assert any("récrit" in each for each in told(Answer)) is is_told


OUT_OF_TIME = {
    "daté d’avant l’ancrage": ({"at": NOW() - timedelta(days=1)}, "ne le tenait pas"),
    "daté de demain": ({"at": NOW() + timedelta(days=1)}, "à venir"),
    "d’un ancrage qui n’existe pas": ({"batch": 9}, "qui n’existe pas"),
}


@pytest.mark.parametrize(("said", "what"), OUT_OF_TIME.values(), ids=OUT_OF_TIME)
def test_a_line_out_of_its_time_is_told(anchored, said, what):
    with in_the_back(Person) as cursor:
        forged(Person, edit(cursor, Person, Person.objects.last()), **said).sealed().save()
        assert all("renumérotés" in each for each in told(Person))  # the row and its line agree
        ((_, found),) = lines.faults()
    assert what in found


@pytest.mark.parametrize(("name", "value"), COLUMNS.items(), ids=COLUMNS)
def test_an_anchored_line_changed_and_sealed_again_is_told(anchored, name, value):
    line = Witness.objects.filter(table="members.person").first()
    setattr(line, name, value)
    with in_the_back(Witness):
        line.sealed().save()
        assert "ne disent plus ce qu’ils disaient" in "".join(what for _, what in lines.faults())


# --- What may change ----------------------------------------------------------------------------


def test_what_the_application_wrote_again_is_named_anchor_by_anchor(anchored):
    def said() -> list[str]:
        out = io.StringIO()
        with suppress(CommandError):  # the scene has rows without files
            call_command("verify", verbosity=2, stdout=out, stderr=io.StringIO())
        return out.getvalue().replace("\u00a0", " ").splitlines()

    assert said() == []
    person = Person.objects.last()
    person.phone = "03 22 00 00 00"
    person.save()
    person.save()  # nothing new
    Notice.objects.all().delete()
    named = f"  Personne n° {person.pk} « {person} » : « téléphone »"
    assert said()[0] == "Récrit par l’application depuis le dernier ancrage : 2."
    assert named in said() and any("Message n° " in line and "effacée" in line for line in said())
    anchors.anchor(at=NOW())
    assert said()[0] == "Récrit par l’application jusqu’à l’ancrage n° 2 : 2."


# --- The key changes ----------------------------------------------------------------------------


def test_a_key_that_was_lost_is_said_and_what_follows_is_judged(anchored, settings):
    count, former = Witness.objects.count(), settings.SECRET_KEY
    assert lines.unjudged() == 0
    settings.SECRET_KEY = "another one"
    assert list(lines.faults()) == []
    assert lines.unjudged() == count
    Person.objects.last().save()
    anchors.anchor(at=NOW())
    assert list(lines.faults()) == []
    with in_the_back(Person) as cursor:  # from there on, the former key is nobody's
        line = forged(Person, edit(cursor, Person, Person.objects.last()))
        line.seal = seals._under(former, line.whole())
        line.save()
        assert [what for _, what in lines.faults() if "son sceau est faux" in what]
        settings.SECRET_KEY_FALLBACKS = [former]
        assert list(lines.faults()) == []
    assert lines.unjudged() == 0
