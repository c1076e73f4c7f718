"""From the sittings of a period to what says who came."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from operator import attrgetter

from documents import papers
from documents.compile.shared import cleaned, issuer_of
from law import french
from meetings import year

_SITTINGS = 14  # columns of a sheet


def compile_attendance_year(found: year.Account, *, on: date) -> papers.AttendanceYearDocument:
    """The account of who came, in the tables of its page, then sitting by sitting in letters."""
    body, span = found.body, french.period(found.begins, found.ends)
    short, apart = len(found.without_quorum), [*found.unnamed, *found.unfinished]
    facts = {
        "Séances": f"{len(found.columns)}{f', dont {short} sans quorum' if short else ''}",
        "Instance": body.name,
        "Calculé le": french.long_date(on),
    }
    days = french.join([french.long_date(each.held_on) for each in apart])
    left_out = (
        f" {french.count(len(apart), 'séance')} n’y est pas, qui ne dit pas qui était là ou n’est "
        f"pas levée\u00a0: {days}."
        if apart
        else ""
    )
    if found.cancelled:
        days = french.join([french.long_date(each.held_on) for each in found.cancelled])
        called_off = french.count(len(found.cancelled), "séance annulée", "séances annulées")
        verb = "comptent" if len(found.cancelled) > 1 else "compte"
        left_out += f" {called_off} n’y {verb} pas\u00a0: {days}."
    name = "État des présences"
    return cleaned(
        papers.AttendanceYearDocument(
            held_on=found.ends,
            made_on=on,
            name=f"{name}, {body.name}, {span}",
            running_head=f"{body.name} · {span}",
            file_name=f"presences-{body.slug}-{found.begins.isoformat()}-{found.ends.isoformat()}",
            issuer=issuer_of(body),
            title=name,
            subtitle=f"{body.name} – {span}",
            facts=tuple(papers.Fact(label=label, text=text) for label, text in facts.items()),
            tables=(
                *(_table(each) for each in year.tables(found)),
                *(_table(each, letters=True) for each in year.grids(found, columns=_SITTINGS)),
            ),
            notice=f"{_FROM_LEDGERS}{left_out}",
        )
    )


_FROM_LEDGERS = (
    "État calculé d’après le registre des séances levées. Il dit qui est venu, et ne juge personne."
)


def _table(found: year.Table, *, letters: bool = False) -> papers.CountedTable:
    return papers.CountedTable(
        title=found.title,
        note=found.note,
        of=found.of,
        heads=found.heads,
        groups=tuple(
            papers.CountedGroup(name=name, lines=tuple(_lines(rows)))
            for name, rows in groupby(found.rows, key=attrgetter("group"))
        ),
        is_of_letters=letters,
    )


def _lines(rows: Iterable[year.Row]) -> Iterable[papers.CountedLine]:
    for row in rows:
        yield papers.CountedLine(name=row.name, cells=tuple(map(str, row.cells)))
