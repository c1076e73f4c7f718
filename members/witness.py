"""The witness of facts (`témoin`): what each row of legal weight said, written with the row itself.

Whatever the application writes in a `Witnessed` table leaves here one more line, in the same
transaction: which row, when, and the hash of what it says. A row that says something else than its
last line was changed by somebody who went round the application; `archive.keeping.facts` tells
which and where. The lines are only ever added to. They are the leaves of a Merkle tree whose root
is stamped by an outside authority (`archive.keeping.anchors`): who writes all of them again is
betrayed by what he does not hold. Each carries a seal: who holds the database alone adds none.
See docs/decisions/0016.

Every field is of legal weight unless its model says why not in `unwitnessed`.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache, reduce
from operator import and_, or_
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import post_delete, pre_delete
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from members import seals

_AT_ONCE = 500  # rows read and written at once
WHOLE = "members.witness"  # as a line of the witness names the lines that an anchor covers
TABLES = "tables"  # in the place of such a line: those of legal weight by then
FOUND = "reprise"  # in the place of a line: an update found what it tells, and judged it not
_ENDS = ("members.organisation", "members.historicalorganisation")  # of every road

# The number of a row, what it says field by field, and where it is.
Told = tuple[int, dict[str, Any], dict[str, Any]]


class Witness(models.Model):
    """One line: what a row said from this moment on (`constat`).

    `leaf` is the hash of its `text`, and `marks` a hash a field, by which the field that
    changed is named; both are empty of a row that the application erased. `salt` was drawn for its
    text: a proof tells anybody the leaf beside its own, and nobody may find by guessing what that
    one says. Lines older than salts have none. `place` says in clear
    where it was (its sitting, its rank), for when the row itself is gone. `seal` tells that the
    application wrote the line (`members.seals`). `batch` is the number of the anchor that covers
    it first, `None` until there is one.
    """

    table = models.CharField("table", max_length=60)
    row = models.BigIntegerField("ligne")
    at = models.DateTimeField("le")
    salt = models.CharField("sel", max_length=32, blank=True)
    leaf = models.CharField("empreinte", max_length=64)
    marks = models.JSONField("empreintes des champs", default=dict)
    place = models.JSONField("où", default=dict)
    is_gone = models.BooleanField("effacée", default=False)
    seal = models.CharField("sceau", max_length=72, blank=True)
    batch = models.PositiveIntegerField("ancrage", null=True, blank=True)

    class Meta:
        verbose_name = "constat"
        # That of the tree. No anchor holds the numbers, but for their order inside a batch: who
        # has the database numbers the lines of a row as he likes.
        ordering = [models.F("batch").asc(nulls_last=True), "pk"]
        indexes = [
            models.Index(fields=["table", "row", "id"], name="witness_of_a_row"),
            models.Index(fields=["batch", "id"], name="witness_in_the_tree"),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.row}"

    @classmethod
    def of(cls, facts: dict[str, Any] | None, **where: Any) -> "Witness":
        """A new line that tells these facts (`None`: erased), salted and sealed."""
        line = cls(salt=secrets.token_hex(16), **where)
        line.leaf = leaf(line.text(facts))
        return line.sealed()

    def text(self, facts: dict[str, Any] | None) -> str:
        """What its leaf hashes when it tells these facts: canonical JSON that says which row,
        since when, and what."""
        said = {"table": self.table, "row": self.row, "at": plain(self.at), "facts": facts}
        return canonical(said | ({"salt": self.salt} if self.salt else {}))

    def tells(self, facts: dict[str, Any] | None) -> bool:
        """Whether it is these facts that it tells."""
        return self.leaf == leaf(self.text(facts))

    def whole(self) -> str:
        """All that it says, in canonical JSON: what its seal covers."""
        said = [self.table, self.row, plain(self.at), self.leaf]
        return canonical([*said, self.marks, self.place, self.is_gone])

    def sealed(self) -> "Witness":
        """Itself, under the seal of the application."""
        self.seal = seals.seal(self.whole())
        return self


class WitnessedQuerySet(models.QuerySet):
    """Rows that many at once change no more silently than one by one."""

    def update(self, **kwargs: Any) -> int:
        """As Django does; what was of legal weight is witnessed."""
        if not touches(self.model, kwargs):
            return super().update(**kwargs)
        with transaction.atomic(savepoint=False):
            rows = list(self.order_by().values_list("pk", flat=True))
            # No other row is changed, should one fit only since.
            changed = super(WitnessedQuerySet, self.filter(pk__in=rows)).update(**kwargs)
            note(self.model, rows)
        return changed

    update.alters_data = True

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """As Django does; each new row is witnessed."""
        with transaction.atomic(savepoint=False):
            last = 0
            if ignores := kwargs.get("ignore_conflicts", False):  # then nobody tells the numbers
                last = self.model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0
            made = super().bulk_create(objs, *args, **kwargs)
            if self.model.told_as_built:
                _note_built(self.model, made)
            elif ignores:
                new = self.model._base_manager.filter(pk__gt=last)
                note(self.model, new.values_list("pk", flat=True))
            else:
                note(self.model, [each.pk for each in made])
        return made


class Witnessed(models.Model):
    """A row of legal weight: whatever the application writes of it is witnessed.

    `unwitnessed` says of each field that has no such weight why. `LATER` names the others that the
    application writes again: of what is not there a second value is a fault, and so is an erasure
    unless the row `is_erasable`; what keeps a history may change and go. One that `is_never_played`
    is of weight whatever it hangs from: nobody who learns makes any. `told_by` names those
    that tell it among others once it is gone. `LETS_GO` names what may be emptied for ever, in the
    row and in each version of it: how to reach somebody who sits no more. What the application
    builds many at once is read
    again as the database holds it, unless it is `told_as_built`: plain values, that no database
    changes.
    """

    unwitnessed: dict[str, str] = {}
    LATER: frozenset[str] = frozenset()
    LETS_GO: frozenset[str] = frozenset()
    is_erasable = False
    is_never_played = False
    told_by: tuple[str, ...] = ()
    told_as_built = False

    objects = WitnessedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Django does; what was of legal weight is witnessed."""
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)
            names = kwargs.get("update_fields")
            if names is None or touches(type(self), names):
                note(type(self), [self.pk])


def watched() -> list[type[Witnessed]]:
    """Every model of legal weight, those of their history too, by name."""
    found = (model for model in apps.get_models() if issubclass(model, Witnessed))
    return sorted(found, key=lambda model: model._meta.label_lower)


@cache
def legal_fields(model: type[Witnessed]) -> tuple[str, ...]:
    """The columns of legal weight, all but its number and those it leaves out, by name; of a
    model as a migration knows it, those that it had by then."""
    left_out = apps.get_model(model._meta.label).unwitnessed
    return tuple(
        sorted(
            field.attname
            for field in model._meta.concrete_fields
            if not field.primary_key and field.name not in left_out
        )
    )


@cache
def _names(model: type[Witnessed]) -> frozenset[str]:
    columns = set(legal_fields(model))
    named = {field.name for field in model._meta.concrete_fields if field.attname in columns}
    return frozenset(columns | named)


@cache
def later(model: type[Witnessed]) -> frozenset[str]:
    """The columns that the application writes again: all of what keeps a history."""
    if keeps_history(model):
        return frozenset(legal_fields(model))
    return frozenset(model._meta.get_field(name).attname for name in model.LATER)


def keeps_history(model: type[Witnessed]) -> bool:
    """Whether each value that it had stays beside it, with who wrote it."""
    return hasattr(model._meta, "simple_history_manager_attribute")


@cache
def loosened(model: type[Witnessed]) -> frozenset[str]:
    """The columns that become empty when what they lead to is erased."""
    return frozenset(
        field.attname
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.SET_NULL
    )


@cache
def let_go(model: type[Witnessed]) -> frozenset[str]:
    """The columns that become empty when what they say of somebody is let go: those of a version
    are those of the row that it tells."""
    return getattr(model, "instance_type", model).LETS_GO


def nothing(model: type[models.Model], name: str) -> Any:
    """What this column says when it says nothing."""
    return None if model._meta.get_field(name).null else ""


def touches(model: type[Witnessed], names: Iterable[str]) -> bool:
    """Whether to write these fields is to write something of legal weight."""
    return not _names(model).isdisjoint(names)


# --- What is written --------------------------------------------------------------------------


def note(model: type[Witnessed], rows: Iterable[int]) -> None:
    """Add what these rows say now, as the database holds it; in the transaction that wrote them.

    A migration that rewrites rows of legal weight calls it too, with the model that it was given.
    """
    _note(model, rows, {})


def _note(model: type[Witnessed], rows: Iterable[int], how: dict[str, str]) -> None:
    numbers, where = list(rows), _where(model)
    for start in range(0, len(numbers), _AT_ONCE):
        lines = _told(model, _read(model, numbers[start : start + _AT_ONCE]), where)
        _add(model, ((row, said, place | how) for row, said, place in lines))


def _read(model: type[Witnessed], numbers: Sequence[int]) -> Iterable[Sequence[Any]]:
    """What the database holds of these rows, as Django would read it."""
    question, sql, params = _asked(model, len(numbers))
    with connection.cursor() as cursor:
        cursor.execute(sql, (*params, *numbers))
        return question.results_iter([cursor.fetchall()])


@lru_cache(maxsize=1_000)
def _asked(model: type[Witnessed], count: int) -> tuple[SQLCompiler, str, Sequence[Any]]:
    """What is asked of so many rows that were written, compiled, and what is given before their
    numbers: to write this query again at each writing cost ten times as much as to ask it."""
    rows = lasting(model, model._base_manager.order_by("pk")).filter(pk__in=range(count))
    lines = rows.values_list("pk", *legal_fields(model), *_where(model).values())
    # Not one connection: Django's name for that of whoever asks.
    question = lines.query.get_compiler(connection=connection)
    sql, params = question.as_sql()
    return question, sql, params[:-count]


def _note_built(model: type[Witnessed], rows: Iterable[Witnessed]) -> None:
    columns, where = legal_fields(model), _where(model)
    # One road, mostly read already: where it leads to what is fleeting no other leads elsewhere.
    road = road_to_organisation(model, "is_fleeting").split("__")
    rows = [row for row in rows if not reduce(getattr, road, row)]
    _add(
        model,
        (
            (
                row.pk,
                {name: plain(getattr(row, name)) for name in columns},
                {name: plain(getattr(row, column)) for name, column in where.items()},
            )
            for row in rows
        ),
    )


# Who is told of what is written, before its line is added, and of what is erased; in the same
# transaction. A room above, that keeps something it read.
HEARERS: list[Callable[[type[Witnessed], Sequence[Told]], None]] = []
HEARERS_OF_ERASURES: list[Callable[[Witnessed], None]] = []


def _add(model: type[Witnessed], rows: Iterable[Told]) -> None:
    at, rows = timezone.now(), list(rows)
    for hear in HEARERS:
        hear(model, rows)
    Witness.objects.bulk_create(
        Witness.of(
            said,
            table=model._meta.label_lower,
            row=row,
            at=at,
            marks={name: mark(name, value) for name, value in said.items()},
            place=place,
        )
        for row, said, place in rows
    )


def add(
    table: str,
    row: int,
    facts: dict[str, Any],
    *,
    at: datetime,
    where: dict[str, Any] | None = None,
    batch: int | None = None,
) -> None:
    """Witness facts that are no row of a `Witnessed` table."""
    Witness.of(facts, table=table, row=row, at=at, place=where or {}, batch=batch).save()


def told(
    model: type[Witnessed],
    rows: models.QuerySet,
    *,
    where: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Told]:
    """Of each row its number, what it says field by field, and what is asked of `where` it is;
    read as a stream. Who does not trust the rows asks nothing that leads out of their table: a
    row that leans on nothing would not be read at all."""
    lines = rows.values_list("pk", *legal_fields(model), *where.values())
    yield from _told(model, lines.iterator(chunk_size=_AT_ONCE), where)


def _told(
    model: type[Witnessed], lines: Iterable[Sequence[Any]], where: Mapping[str, str]
) -> Iterator[Told]:
    columns = legal_fields(model)
    for pk, *values in lines:
        said = dict(zip(columns, map(plain, values), strict=False))
        known = map(plain, values[len(columns) :])
        yield pk, said, dict(zip(where, known, strict=True))


def _where(model: type[Witnessed]) -> dict[str, str]:
    if not issubclass(model, Witnessed):
        return {}  # as a migration knows it
    road = road_to_sitting(model)
    return {name: name for name in model.told_by} | ({"seance": f"{road}_id"} if road else {})


def is_since(row: Witnessed, other: Witnessed, columns: Iterable[str]) -> bool:
    """Whether a row says in these columns what it said when the other was first written."""
    told = Witness.objects.filter(table=row._meta.label_lower, row=row.pk)
    first = Witness.objects.filter(table=other._meta.label_lower, row=other.pk).first()
    if first is None:
        return True  # both are older than the witness
    before = models.Q(batch__lt=first.batch) if first.batch else models.Q(batch__isnull=False)
    then = told.filter(before | models.Q(batch=first.batch, pk__lt=first.pk)).last()
    now = told.last()
    if then is None or now is None:
        return True
    return all(same_mark(then.marks.get(n, ""), now.marks.get(n, "")) for n in columns)


def leaf(said: str) -> str:
    """The hash of a leaf of the tree, apart from that of a node (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + said.encode()).hexdigest()


def mark(name: str, value: Any) -> str:
    """Enough to tell which field changed, and for nobody to find another value that has it."""
    return hashlib.sha256(canonical([name, value]).encode()).hexdigest()[:32]


def same_mark(before: str, after: str) -> bool:
    """Whether two marks are of one value: those of the first versions are shorter, and none is
    ever shorter than the one before."""
    return len(before) <= len(after) and after.startswith(before) and before != ""


@cache
def road_to_sitting(model: type[models.Model], length: int = 3) -> str:
    """The shortest way from a row to its sitting, as a lookup; "" where there is none."""
    links = [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is not model
    ]
    for field in links:
        if field.related_model._meta.label_lower == "meetings.meeting":
            return field.name
    if length == 1 or not issubclass(model, Witnessed):
        return ""
    further = ((each.name, road_to_sitting(each.related_model, length - 1)) for each in links)
    roads = (f"{name}__{road}" for name, road in further if road)
    return min(roads, key=lambda road: road.count("__"), default="")


@cache
def road_to_organisation(model: type[models.Model], asked: str) -> str:
    """The lookup that asks this of the organisation of a row, by the shortest road that always
    leads there, else the shortest; "" where there is none."""
    for may_be_empty in (False, True):
        roads = [(model, "")]
        seen = {model}
        for here, road in roads:
            if here._meta.label_lower in _ENDS:
                return f"{road}{asked}"
            for field in here._meta.concrete_fields:
                further = isinstance(field, models.ForeignKey) and field.related_model
                if further and further not in seen and (may_be_empty or not field.null):
                    seen.add(further)
                    roads.append((further, f"{road}{field.name}__"))
    return ""


@cache
def _roads(model: type[models.Model]) -> tuple[tuple[str, str], ...]:
    """Each way out of a row that ends at an organisation: by which column ("" of an organisation
    itself), and the lookup that asks whether that organisation is fleeting."""
    if model._meta.label_lower in _ENDS:
        return (("", "is_fleeting"),)
    links = [f for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey)]
    further = ((each, road_to_organisation(each.related_model, "is_fleeting")) for each in links)
    return tuple((each.attname, f"{each.name}__{road}") for each, road in further if road)


def lasting(model: type[models.Model], rows: models.QuerySet) -> models.QuerySet:
    """Those of these rows that are of some weight: not those of an organisation that one account
    plays to learn, which nothing ever leans on.

    A row is of no weight when every road out of it leads to what is fleeting: one that leans on
    a real row by any column acts on it. A version is of some when the witness knew what it tells.
    """
    light = _light(model)
    return rows if light is None else rows.filter(~models.Exists(light))


@cache
def _light(model: type[models.Model]) -> models.QuerySet | None:
    """The row asked about, where it is of no weight: built once, every write asks it."""
    if getattr(model, "is_never_played", False) or not (roads := _roads(model)):
        return None
    leads = [models.Q(**{road: True}) for _, road in roads]
    empty = [models.Q(**{column: None}) if column else models.Q() for column, _ in roads]
    nowhere_else = reduce(and_, (a | b if b else a for a, b in zip(leads, empty, strict=True)))
    light = model._base_manager.filter(reduce(or_, leads), nowhere_else, pk=models.OuterRef("pk"))
    if tells := getattr(model, "instance_type", None):
        number = models.OuterRef(tells._meta.pk.attname)
        known = Witness.objects.filter(table=tells._meta.label_lower, row=number)
        light = light.filter(~models.Exists(known))
    return light


def canonical(value: Any) -> str:
    """JSON with one way to write each value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def plain(value: Any) -> Any:
    """A value as JSON writes it, the same on every database."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, Decimal):  # however many zeros a base gives it back with
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date | time) else value


# --- What is erased ---------------------------------------------------------------------------
# Django erases in cascade, and loosens what pointed there, without asking any model: its signals
# alone tell of it.


def watch_erasures() -> None:
    """Have what is erased witnessed, and what is loosened by it (`SET_NULL`)."""
    for model in apps.get_models():
        if issubclass(model, Witnessed):
            post_delete.connect(_note_gone, sender=model, dispatch_uid="witness")
        if _loosened_with(model):
            pre_delete.connect(_remember_loosened, sender=model, dispatch_uid="witness_before")
            post_delete.connect(_note_loosened, sender=model, dispatch_uid="witness_after")


def _note_gone(sender: type[Witnessed], instance: Witnessed, **kwargs: Any) -> None:
    table, at = sender._meta.label_lower, timezone.now()
    for hear in HEARERS_OF_ERASURES:
        hear(instance)
    if not Witness.objects.filter(table=table, row=instance.pk).exists():
        return  # it was of no weight
    Witness.of(None, table=table, row=instance.pk, at=at, is_gone=True).save()


@cache
def _loosened_with(model: type[models.Model]) -> Sequence[models.ForeignKey]:
    return [
        relation.field
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created
        and not relation.concrete
        and getattr(relation, "on_delete", None) is models.SET_NULL
        and issubclass(relation.related_model, Witnessed)
    ]


def _remember_loosened(sender: type[models.Model], instance: Any, **kwargs: Any) -> None:
    instance.loosened = [
        (field.model, list(rows.values_list("pk", flat=True)))
        for field in _loosened_with(sender)
        if (rows := field.model._base_manager.filter(**{field.name: instance.pk}))
    ]


def _note_loosened(sender: type[models.Model], instance: Any, **kwargs: Any) -> None:
    for model, rows in instance.loosened:
        note(model, rows)


# --- What was there before --------------------------------------------------------------------


def take_up(plan: Sequence[tuple[Any, bool]] = (), **kwargs: Any) -> None:
    """Witness the rows of a table that became of legal weight, or was given a field that is.

    Once migrations have brought every table up to date (`post_migrate`). What the last anchor
    knew to be of weight, and has no line, was never written by the application: it is left as it
    is, for `verify` to tell; so is a row known to the witness that says otherwise. Each line that
    is added says that it was found so (`FOUND`): who hides what this leans on while an update
    goes by, and puts it back, is told by `verify` all the same.
    """
    if not plan or any(is_backwards for _, is_backwards in plan):
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    whole = Witness.objects.filter(table=WHOLE).last()
    for model in watched():
        table = model._meta.label_lower
        known = Witness.objects.filter(table=table)
        with transaction.atomic():
            if known.exists():
                _note(model, _lacking(model, known), {FOUND: "colonnes"})
            elif whole is None or not knew(whole, table):
                rows = model._base_manager.order_by("pk").values_list("pk", flat=True)
                _note(model, rows, {FOUND: "ligne"})


def knew(whole: Witness, table: str) -> bool:
    """Whether this table was of legal weight at the anchor that this line tells of; one older than
    these lists knew all that there were."""
    return table in whole.place.get(TABLES, [table])


def _lacking(model: type[Witnessed], known: models.QuerySet) -> Iterator[int]:
    """The rows of which the last line does not know every field, and that say what it knows."""
    fields, there = set(legal_fields(model)), known.filter(is_gone=False)
    last = there.last()
    if last is None or fields <= last.marks.keys():
        return
    marks = dict(there.values_list("row", "marks"))
    for row, said, _ in told(model, model._base_manager.order_by("pk")):
        kept = marks.get(row)
        if kept is None or fields <= kept.keys():
            continue
        if all(same_mark(kept[name], mark(name, said[name])) for name in kept if name in said):
            yield row
