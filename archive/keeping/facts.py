"""Does every row of legal weight say what it said when the application wrote it?

Each table is read beside the last line of the witness on each of its rows, both as streams in the
order of their numbers.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone
from django.utils.text import capfirst

from law import french
from meetings.models import Meeting
from members import witness
from members.witness import FOUND, Witness, Witnessed

Told = tuple[str, str]  # where, what

# The clocks of two servers, or of one that was set again, may differ by as much.
CLOCKS = timedelta(minutes=5)


def faults(model: type[Witnessed]) -> Iterator[Told]:
    """Rows of this table that were changed, added or erased behind the application's back."""
    rows = witness.told(model, model._base_manager.order_by("pk"))
    told = _by_row(model)
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
            if not lines[-1].is_gone:
                what = f"elle a été effacée de la base ; {_since(lines[-1])}."
                yield place(model, lines[-1]), what
            for what in _rewritten(model, lines):
                yield place(model, lines[-1]), what
            lines = next(told, None)
        else:
            if what := _altered(model, row[1], lines[-1]):
                yield _where(model, row[0]), what
            for what in _rewritten(model, lines):
                yield _where(model, row[0]), what
            row, lines = next(rows, None), next(told, None)


def _by_row(model: type[Witnessed]) -> Iterator[list[Witness]]:
    """The lines on each row in the order of the tree, by the number of the row."""
    lines = Witness.objects.filter(table=model._meta.label_lower).order_by("row", "pk")
    for _, of_row in groupby(lines.iterator(chunk_size=500), key=lambda line: line.row):
        yield sorted(of_row, key=lambda line: (line.batch is None, line.batch, line.pk))


def _rewritten(model: type[Witnessed], lines: list[Witness]) -> Iterator[str]:
    """What these lines on one row tell that the application never does to such a row."""
    leaves = {line.leaf for line in lines}
    if len(leaves) < len(lines):
        yield "un même constat s’y trouve deux fois."
    for before, line in pairwise(lines):
        if line.pk < before.pk or line.at < before.at - CLOCKS:
            yield f"ses constats ont été renumérotés : celui du {_said(line.at)} est le dernier."
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
                if before.batch and before.batch != line.batch and (names or line.is_gone):
                    what = fields(model, names) if names else "effacée"
                    is_there = model._base_manager.filter(pk=line.row).exists()
                    where = _where(model, line.row) if is_there else place(model, before)
                    yield line.batch or 0, where, what


def _may_become(model: type[Witnessed], name: str, line: Witness) -> bool:
    """Whether the application writes this column again, or loosens it from what it erased."""
    is_none = witness.same_mark(line.marks[name], witness.mark(name, None))
    return name in witness.later(model) or (is_none and name in witness.loosened(model))


def changed(before: Witness, after: Witness) -> list[str]:
    """The columns that one line says otherwise than the one before; what one alone knows of was
    added, or taken away, by a migration."""
    both = before.marks.keys() & after.marks.keys()
    return sorted(n for n in both if not witness.same_mark(before.marks[n], after.marks[n]))


def _altered(model: type[Witnessed], said: dict[str, Any], line: Witness) -> str:
    if line.is_gone:
        return f"elle est revenue, que l’application avait effacée ; {_since(line)}."
    if line.tells(said):
        return ""
    names = [
        name
        for name, value in said.items()
        if not witness.same_mark(line.marks.get(name, ""), witness.mark(name, value))
    ]
    if not names:
        return f"son constat a été récrit ; {_since(line)}."
    verb = "n’est plus ce qui a été écrit" if len(names) == 1 else "ne sont plus ce qui a été écrit"
    return f"{fields(model, names)} {verb} ; {_since(line)}."


def fields(model: type[Witnessed], names: Iterable[str]) -> str:
    """These columns, as people call them."""
    named = {field.attname: str(field.verbose_name) for field in model._meta.concrete_fields}
    return french.join([f"« {named.get(name, name)} »" for name in names])


def _since(line: Witness) -> str:
    return f"dernier constat le {_said(line.at)}"


def _said(at: datetime) -> str:
    return f"{timezone.localtime(at):%d/%m/%Y à %H:%M:%S}"


def _where(model: type[Witnessed], pk: int) -> str:
    """A row that is there: what it is, its number, and its sitting."""
    row = model._base_manager.get(pk=pk)
    try:
        named, found = str(row), _sitting(row)
    except (ObjectDoesNotExist, AttributeError, TypeError, ValueError):
        named, found = "", None  # what it leaned on is gone, or makes no sense
    rank = "".join(f", {_words(model, name)} {getattr(row, name)}" for name in model.told_by)
    said = f"{capfirst(model._meta.verbose_name)} n° {pk}{rank}"
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
    meeting = Meeting.objects.filter(pk=line.place.get("seance")).first()
    return f"{said}, séance {meeting} (n° {meeting.pk})" if meeting else said


def _words(model: type[Witnessed], name: str) -> str:
    return str(model._meta.get_field(name).verbose_name)


def _sitting(row: Witnessed) -> Meeting | None:
    found: Any = row
    for name in filter(None, witness.road_to_sitting(type(row)).split("__")):
        found = getattr(found, name)
    return found if isinstance(found, Meeting) and found is not row else None
