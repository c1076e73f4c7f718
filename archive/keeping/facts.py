"""Does every row of legal weight say what it said when the application wrote it?

Each table is read beside the last line of the witness on each of its rows, both as streams in the
order of their numbers.
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone
from django.utils.text import capfirst

from law import french
from meetings.models import Meeting
from members import witness
from members.witness import Witness, Witnessed

Told = tuple[str, str]  # where, what


def faults(model: type[Witnessed]) -> Iterator[Told]:
    """Rows of this table that were changed, added or erased behind the application's back."""
    rows = witness.told(model, model._base_manager.order_by("pk"))
    lines = _last_lines(model)
    row, line = next(rows, None), next(lines, None)
    while row is not None or line is not None:
        if line is None or (row is not None and row[0] < line.row):
            yield (
                _where(model, row[0]),
                "cette ligne de la base n’a jamais été écrite par l’application.",
            )
            row = next(rows, None)
        elif row is None or line.row < row[0]:
            if not line.is_gone:
                yield _place(model, line), f"elle a été effacée de la base ; {_since(line)}."
            line = next(lines, None)
        else:
            if what := _altered(model, row[1], line):
                yield _where(model, row[0]), what
            row, line = next(rows, None), next(lines, None)


def _last_lines(model: type[Witnessed]) -> Iterator[Witness]:
    """The last line on each row, by the number of the row."""
    seen = None
    lines = Witness.objects.filter(table=model._meta.label_lower).order_by("row", "-pk")
    for line in lines.iterator(chunk_size=500):
        if line.row != seen:
            seen = line.row
            yield line


def _altered(model: type[Witnessed], said: dict[str, Any], line: Witness) -> str:
    if line.is_gone:
        return f"elle est revenue, que l’application avait effacée ; {_since(line)}."
    text = witness.text(model, line.row, line.at, said)
    if witness.leaf(text) == line.leaf:
        return ""
    names = [
        name for name, value in said.items() if witness.mark(name, value) != line.marks.get(name)
    ]
    if not names:
        return f"son constat a été récrit ; {_since(line)}."
    fields = {field.attname: field for field in model._meta.concrete_fields}
    words = [f"« {fields[name].verbose_name} »" for name in names]
    verb = "n’est plus ce qui a été écrit" if len(words) == 1 else "ne sont plus ce qui a été écrit"
    return f"{french.join(words)} {verb} ; {_since(line)}."


def _since(line: Witness) -> str:
    return f"dernier constat le {timezone.localtime(line.at):%d/%m/%Y à %H:%M:%S}"


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


def _place(model: type[Witnessed], line: Witness) -> str:
    """A row that is gone: what it was, and the sitting where it was."""
    rank = "".join(
        f", {_words(model, name)} {value}" for name, value in line.place.items() if name != "seance"
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
