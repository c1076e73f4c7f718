"""Does every row of legal weight say what it said when the application wrote it?

Each table is read beside the last line of the witness on each of its rows, both as streams in the
order of their numbers.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, groupby, pairwise
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.text import capfirst

from archive.keeping import legible
from law import french
from meetings.models import Meeting
from members import witness
from members.witness import FOUND, Witness, Witnessed

Told = tuple[str, str]  # where, what

# The clocks of two servers, or of one that was set again, may differ by as much.
CLOCKS = timedelta(minutes=5)


def faults(model: type[Witnessed]) -> Iterator[Told]:
    """Rows of this table that were changed, added or erased behind the application's back."""
    rows, told = _rows(model), _by_row(model)
    row, lines = next(rows, None), next(told, None)
    while row is not None or lines is not None:
        if lines is None or (row is not None and row[0] < lines[-1].row):
            if witness.lasting(model, model._base_manager.filter(pk=row[0])).exists():
                yield (
                    _where(model, row[0]),
                    "cette ligne de la base n’a jamais été écrite par l’application.",
                )
            row = next(rows, None)
        elif row is None or lines[-1].row < row[0]:
            found = chain(_erased(lines[-1]), _rewritten(model, lines, None))
            yield from _at(model, lines[-1], place, found)
            lines = next(told, None)
        else:
            found = chain(_altered(model, row[1], lines), _rewritten(model, lines, row[1]))
            yield from _at(model, lines[-1], lambda model, line: _where(model, line.row), found)
            row, lines = next(rows, None), next(told, None)


def _at(
    model: type[Witnessed],
    line: Witness,
    where: Callable[[type[Witnessed], Witness], str],
    found: Iterator[str],
) -> Iterator[Told]:
    """What is found of the row of this line, and where; also what keeps us from finding it."""
    unread = (f"{capfirst(model._meta.verbose_name)} n° {line.row}", legible.UNREAD)
    return legible.survived(((where(model, line), what) for what in found), unread)


def ill_written(model: type[models.Model]) -> Iterator[Told]:
    """Cells that are read as if nothing were, and are found otherwise when one asks for them."""
    for pk, names in legible.ill_written(model):
        verb = "n’est pas écrit" if len(names) == 1 else "ne sont pas écrits"
        yield _where(model, pk), f"{fields(model, names)} {verb} comme l’application l’écrit."


def _rows(model: type[Witnessed]) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Each row by its number, with what it says; `None` of one that cannot be read."""
    rows = model._base_manager.order_by("pk")
    for row in legible.each(rows, partial(witness.told, model)):
        yield (row.pk, None) if isinstance(row, legible.Unread) else row[:2]


def _by_row(model: type[Witnessed]) -> Iterator[list[Witness]]:
    """The lines on each row in the order of the tree, by the number of the row."""
    lines = Witness.objects.filter(table=model._meta.label_lower).order_by("row", "pk")
    found = legible.each(lines, lambda rows: rows.iterator(chunk_size=500))
    read = (line for line in found if not isinstance(line, legible.Unread))  # told with the lines
    for _, of_row in groupby(read, key=lambda line: line.row):
        yield sorted(of_row, key=lambda line: (line.batch is None, line.batch, line.pk))


def _rewritten(
    model: type[Witnessed], lines: list[Witness], said: dict[str, Any] | None
) -> Iterator[str]:
    """What these lines on one row tell that the application never does to such a row."""
    leaves = {line.leaf for line in lines}
    if len(leaves) < len(lines):
        yield "un même constat s’y trouve deux fois."
    today = {name: witness.mark(name, value) for name, value in (said or {}).items()}
    for rank, (before, line) in enumerate(pairwise(lines), 1):
        then = [each.marks for each in lines[rank:] if not each.is_gone]
        silent = _silent(model, before, line)
        if silent := [name for name in silent if _hides(model, name, before, then, today)]:
            yield f"son constat du {_said(line.at)} ne dit rien de {fields(model, silent)}."
        if line.pk < before.pk or line.at < before.at - CLOCKS:
            yield f"ses constats ont été renumérotés : celui du {_said(line.at)} est le dernier."
        if line.is_gone and not (model.is_erasable or witness.keeps_history(model)):
            yield f"elle a été effacée le {_said(line.at)}, ce que l’application ne fait jamais."
        elif before.is_gone:
            yield f"elle est revenue le {_said(line.at)}, que l’application avait effacée."
        elif FOUND in line.place and (names := changed(before, line)):
            verb = "n’était plus ce" if len(names) == 1 else "n’étaient plus ce"
            yield (
                f"{fields(model, names)} {verb} qui avait été écrit quand une mise à jour l’a "
                f"constaté, le {_said(line.at)}."
            )
        elif names := [n for n in changed(before, line) if not _may_become(model, n, line)]:
            verb = "a été récrit" if len(names) == 1 else "ont été récrits"
            yield (
                f"{fields(model, names)} {verb} le {_said(line.at)}, ce que l’application ne fait "
                f"jamais."
            )


def rewritings() -> Iterator[tuple[int, str, str]]:
    """What the application wrote again of rows that an anchor held already: the anchor that covers
    it (0 before there is one), which row, and what of it. No fault: for somebody to look at."""
    for model in witness.watched():
        for told in _by_row(model):
            for before, line in pairwise(told):
                names = changed(before, line)
                names += _silent(model, before, line)
                if before.batch and before.batch != line.batch and (names or line.is_gone):
                    what = fields(model, names) if names else "effacée"
                    is_there = model._base_manager.filter(pk=line.row).exists()
                    where = _where(model, line.row) if is_there else place(model, before)
                    yield line.batch or 0, where, what


def _silent(model: type[Witnessed], before: Witness, line: Witness) -> list[str]:
    """The columns of today that the line before knew, and this one does not: it tells of the whole
    row by its leaf, and would let nobody see which of it changed."""
    if line.is_gone:
        return []
    known = before.marks.keys() & set(witness.legal_fields(model))
    return sorted(known - line.marks.keys())


def _hides(
    model: type[Witnessed],
    name: str,
    before: Witness,
    then: list[dict[str, str]],
    today: dict[str, str],
) -> bool:
    """Whether a column that a line does not know was not, when it is next told, what the line
    before said: the code of before an upgrade, that still serves while it goes by, writes lines
    that do not know it, and leaves the column as it is. What a later line says otherwise of what
    the application writes again, it wrote."""
    told = next((marks[name] for marks in then if name in marks), None)
    if told is not None and name in witness.later(model):
        return False
    return not witness.same_mark(before.marks[name], told or today.get(name, ""))


def _may_become(model: type[Witnessed], name: str, line: Witness) -> bool:
    """Whether the application writes this column again, loosens it from what it erased, or let go
    of what it said of somebody."""
    if name in witness.later(model):
        return True
    goes = name in witness.loosened(model) | witness.let_go(model)
    said = witness.mark(name, witness.nothing(model, name)) if goes else ""
    return goes and witness.same_mark(line.marks[name], said)


def changed(before: Witness, after: Witness) -> list[str]:
    """The columns that one line says otherwise than the one before; what one alone knows of was
    added, or taken away, by a migration."""
    both = before.marks.keys() & after.marks.keys()
    return sorted(n for n in both if not witness.same_mark(before.marks[n], after.marks[n]))


def _erased(line: Witness) -> Iterator[str]:
    if not line.is_gone:
        yield f"elle a été effacée de la base ; {_since(line)}."


def _altered(
    model: type[Witnessed], said: dict[str, Any] | None, lines: list[Witness]
) -> Iterator[str]:
    """What a row says otherwise than its last line; `None` when it cannot be read."""
    line = lines[-1]
    if said is None:
        yield legible.UNREAD
        return
    if line.is_gone:
        yield f"elle est revenue, que l’application avait effacée ; {_since(line)}."
        return
    unsaid = said.keys() - line.marks.keys()
    unsaid = {name for name in unsaid if _is_as_before(model, name, said[name], lines)}
    said = {name: value for name, value in said.items() if name not in unsaid}
    names = [  # who has the key writes a leaf that tells the row, beside marks of another
        name
        for name, value in said.items()
        if not witness.same_mark(line.marks.get(name, ""), witness.mark(name, value))
    ]
    if not names and line.tells(said):
        return
    if not names:
        yield f"son constat a été récrit ; {_since(line)}."
        return
    verb = "n’est plus ce qui a été écrit" if len(names) == 1 else "ne sont plus ce qui a été écrit"
    yield f"{fields(model, names)} {verb} ; {_since(line)}."


def _is_as_before(model: type[Witnessed], name: str, value: Any, lines: list[Witness]) -> bool:
    """Whether a column that the last line does not know says what a line before told of it or, of
    one that none told, what the database gives: the code of before an upgrade, while it still
    serves, writes rows without it."""
    said = witness.mark(name, value)
    for each in reversed(lines):
        if name in each.marks:
            return witness.same_mark(each.marks[name], said)
    field = next(each for each in model._meta.concrete_fields if each.attname == name)
    if not field.has_db_default():
        return field.null and value is None
    given = getattr(field.db_default, "value", field.db_default)  # no other expression is here
    return not hasattr(given, "resolve_expression") and witness.same_mark(
        witness.mark(name, witness.plain(given)), said
    )


def fields(model: type[models.Model], names: Iterable[str]) -> str:
    """These columns, as people call them."""
    named = {field.attname: str(field.verbose_name) for field in model._meta.concrete_fields}
    return french.join([f"« {named.get(name, name)} »" for name in names])


def _since(line: Witness) -> str:
    return f"dernier constat le {_said(line.at)}"


def _said(at: datetime) -> str:
    return f"{timezone.localtime(at):%d/%m/%Y à %H:%M:%S}"


def _where(model: type[models.Model], pk: int) -> str:
    """A row that is there: what it is, its number, and its sitting."""
    said = f"{capfirst(model._meta.verbose_name)} n° {pk}"
    told_by = getattr(model, "told_by", ())
    try:
        row = model._base_manager.get(pk=pk)
        said += "".join(f", {_words(model, name)} {getattr(row, name)}" for name in told_by)
        named, found = str(row), _sitting(row)
    except Exception:
        named, found = "", None  # what it leaned on is gone, or makes no sense
    told = f"{said} « {named[:120]} »" if named else said
    return f"{told}, séance {found} (n° {found.pk})" if found else told


def place(model: type[Witnessed], line: Witness) -> str:
    """A row that is gone: what it was, and the sitting where it was."""
    rank = "".join(
        f", {_words(model, name)} {line.place[name]}"
        for name in model.told_by
        if name in line.place
    )
    said = f"{capfirst(model._meta.verbose_name)} n° {line.row}{rank}"
    meeting = Meeting.every.filter(pk=line.place.get("seance")).first()
    return f"{said}, séance {meeting} (n° {meeting.pk})" if meeting else said


def _words(model: type[models.Model], name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)


def _sitting(row: models.Model) -> Meeting | None:
    found: Any = row
    for name in filter(None, witness.road_to_sitting(type(row)).split("__")):
        found = getattr(found, name)
    return found if isinstance(found, Meeting) and found is not row else None
