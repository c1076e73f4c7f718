"""Mandates in a sheet, CSV or XLSX: written for a spreadsheet, read back, compared, planned.

    export(body)        → lines of cells; `to_csv`, `to_xlsx` put them in a file
    read(upload)        → a `Sheet` of plain texts, whatever the file was; raises `Refused`
    plan(body, sheet)   → a `Plan`: line by line what would be created, changed or refused

Nothing here writes: `actions.import_mandates` does, from a plan. What `export` writes, `read`
and `plan` find unchanged, to the letter.

A line is one mandate. It is recognised by its `identifiant`, otherwise by the person and the
first day. An empty cell leaves a person as he is, and empties what is said of the mandate.
"""

import csv
import hashlib
import io
import json
import math
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

import openpyxl
from django.core.exceptions import ValidationError
from django.core.files.base import File
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

from law import french
from law.findings import Finding, Refused
from members.models import Body, Community, Constituency, Mandate, Person, folded

MAX_BYTES = 10 * 1024 * 1024
MAX_UNZIPPED = 100 * 1024 * 1024
MAX_LINES = 2000
MAX_COLUMNS = 500
MAX_ROWS_SCANNED = 20_000

# --- Columns --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column we know: `key` is the field, `header` what we write, `aliases` what we also read."""

    key: str
    header: str
    aliases: tuple[str, ...] = ()


PERSON_COLUMNS = (
    Column(key="civility", header="civilité", aliases=("civ", "titre")),
    Column(key="first_name", header="prénom", aliases=("prenoms",)),
    Column(key="last_name", header="nom", aliases=("nom de famille",)),
    Column(key="email", header="adresse électronique", aliases=("mail", "email", "courriel")),
    Column(key="phone", header="téléphone", aliases=("tel", "portable", "mobile")),
    Column(key="address", header="adresse postale", aliases=("adresse",)),
    Column(key="born_on", header="date de naissance", aliases=("naissance", "ne le", "nee le")),
)
MANDATE_COLUMNS = (
    Column(key="capacity", header="qualité"),
    Column(key="constituency", header="collège"),
    Column(key="community", header="collectivité", aliases=("collectivite representee",)),
    Column(key="replaces", header="suppléant de", aliases=("supplee", "titulaire supplee")),
    Column(key="office", header="fonction"),
    Column(key="office_rank", header="rang"),
    Column(key="position", header="ordre d’appel", aliases=("ordre",)),
    Column(key="weight", header="voix", aliases=("nombre de voix", "poids")),
    Column(key="start_on", header="depuis le", aliases=("debut", "debut du mandat", "du")),
    Column(key="end_on", header="jusqu’au", aliases=("fin", "fin du mandat", "au")),
    Column(key="end_reason", header="motif de fin", aliases=("motif",)),
)
IDENTIFIER = Column(key="id", header="identifiant", aliases=("id", "n", "numero"))
COLUMNS = (IDENTIFIER, *PERSON_COLUMNS, *MANDATE_COLUMNS)
HEADERS = {column.key: column.header for column in COLUMNS}
REQUIRED_COLUMNS = ("last_name", "first_name", "start_on")
REQUIRED_CELLS = ("last_name", "start_on")

_BY_NAME = {
    folded(name): column.key for column in COLUMNS for name in (column.header, *column.aliases)
}


def tidy(text: str) -> str:
    """The text as both sides compare it: no control character, one kind of line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    return ILLEGAL_CHARACTERS_RE.sub("", text).strip()


# --- Writing --------------------------------------------------------------------------------


def export(body: Body) -> Iterator[list[str | int | date | None]]:
    """The header, then one line for every mandate the body ever had, in the order of the roll."""
    yield [column.header for column in COLUMNS]
    mandates = body.mandates.in_roll_order().select_related(
        "person", "constituency", "community", "replaces__person"
    )
    for mandate in mandates:
        person = mandate.person
        yield [
            mandate.pk,
            *(getattr(person, column.key) for column in PERSON_COLUMNS),
            mandate.get_capacity_display(),
            mandate.constituency.name if mandate.constituency else "",
            mandate.community.name if mandate.community else "",
            str(mandate.replaces.person) if mandate.replaces else "",
            mandate.get_office_display(),
            mandate.office_rank,
            mandate.position,
            mandate.weight,
            mandate.start_on,
            mandate.end_on,
            mandate.get_end_reason_display(),
        ]


# A spreadsheet would compute a text that begins so. An apostrophe before it keeps it a text;
# reading takes one off, hence a text that already looks guarded gets one more.
_COMPUTED = re.compile(r"'*[=+\-@]")
_GUARDED = re.compile(r"'+[=+\-@]")


def _guard(text: str) -> str:
    return f"'{text}" if _COMPUTED.match(text) else text


def _unguard(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text


def to_csv(lines: Iterable[list]) -> bytes:
    """UTF-8 with its mark and semicolons: what a French spreadsheet opens without a question."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";")
    for line in lines:
        writer.writerow([_as_text(cell, guard=_guard) for cell in line])
    return stream.getvalue().encode("utf-8-sig")


def _as_text(cell: Any, *, guard) -> str:
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}" if cell.year >= 1000 else cell.isoformat()
    return guard(tidy(cell)) if isinstance(cell, str) else "" if cell is None else str(cell)


def to_xlsx(lines: Iterable[list]) -> bytes:
    """A workbook of one sheet, dates being dates and texts never formulas."""
    epoch = date(1900, 3, 1)  # what spreadsheets believe of earlier days differs
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Mandats")
    sheet.freeze_panes = "A2"
    for number in range(1, len(COLUMNS) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 18
    for line in lines:
        cells = []
        for value in line:
            cell = WriteOnlyCell(sheet)
            if isinstance(value, date) and value < epoch:
                value = value.isoformat()
            if isinstance(value, str):
                text = tidy(value)
                cell.value = f"'{text}" if _GUARDED.match(text) else text
                cell.data_type = "s"
            else:
                cell.value = value
                if isinstance(value, date):
                    cell.number_format = "DD/MM/YYYY"
            cells.append(cell)
        sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


# --- Reading --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the file: its number there, its cells by column key, what could not be read."""

    number: int
    cells: dict[str, str]
    faults: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a file says. `letters` tells where each column stood; `ignored` are the unknown ones."""

    rows: tuple[Row, ...]
    letters: dict[str, str]
    ignored: tuple[str, ...] = ()

    def to_json(self) -> dict:
        return {
            "rows": [[row.number, row.cells, row.faults] for row in self.rows],
            "letters": self.letters,
            "ignored": self.ignored,
        }

    @classmethod
    def from_json(cls, stored: dict) -> "Sheet":
        return cls(
            rows=tuple(
                Row(number=number, cells=cells, faults=tuple(map(tuple, faults)))
                for number, cells, faults in stored["rows"]
            ),
            letters=stored["letters"],
            ignored=tuple(stored["ignored"]),
        )


class _Unreadable(str):
    """What to say of a cell that holds no plain value."""

    __slots__ = ()


def _refuse(code: str, message: str, remedy: str = "") -> Refused:
    return Refused([Finding(code=code, message=message, remedy=remedy, field="file")])


def read(upload: File) -> Sheet:
    """The sheet in this file, told by its content, never by its name. Raises `Refused`."""
    if upload.size > MAX_BYTES:
        size = math.ceil(upload.size / 1024 / 1024)
        raise _refuse(
            "fichier_trop_lourd",
            f"Ce fichier pèse {size} Mo ; la limite est de 10 Mo.",
            "Enlevez les images et les feuilles inutiles.",
        )
    content = upload.read()
    if not content.strip():
        raise _refuse("fichier_vide", "Ce fichier est vide.")
    if content.startswith(b"PK"):
        return _sheet(_xlsx_lines(content))
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refuse(
            "ancien_classeur",
            "Ce fichier est un classeur d’un ancien format (.xls) ou protégé par un mot de passe.",
            "Enregistrez-le en .xlsx sans mot de passe, ou en CSV.",
        )
    text = _decoded(content)
    return _sheet(_csv_lines(text))


def _decoded(content: bytes) -> str:
    """The text of a CSV: UTF-8, UTF-16 with its mark, otherwise the Windows code page."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    controls = sum(content.count(bytes([code])) for code in (*range(9), *range(14, 32)))
    if b"\0" in content or controls:
        raise _refuse(
            "pas_un_tableau",
            "Ce fichier n’est ni un CSV ni un classeur XLSX.",
            "Dans votre tableur : Enregistrer sous, puis CSV ou XLSX.",
        )
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _csv_lines(text: str) -> Iterator[tuple[int, list[Any]]]:
    """Lines with their number, cut at the separator that finds the most known columns."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def known(delimiter: str) -> int:
        names = next(csv.reader([first], delimiter=delimiter), [])
        return sum(folded(name) in _BY_NAME for name in names)

    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=known))
    number = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _refuse(
                "csv_illisible",
                f"La ligne {number} ne se lit pas : un guillemet n’est pas refermé, ou une "
                f"cellule est démesurée.",
            ) from error
        if cells is None:
            return
        yield number, [_unguard(tidy(cell)) for cell in cells[:MAX_COLUMNS]]
        number = reader.line_num + 1


def _xlsx_lines(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    """Lines of the first sheet of a workbook, with their number."""
    unreadable = _refuse(
        "classeur_illisible",
        "Ce fichier est une archive ZIP, ou un classeur abîmé : aucun tableau ne s’y lit.",
        "Ouvrez-le dans votre tableur, puis enregistrez-le en XLSX ou en CSV.",
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNZIPPED:
                raise _refuse("classeur_demesure", "Ce classeur, une fois ouvert, dépasse 100 Mo.")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        lines = book.worksheets[0].iter_rows(max_row=MAX_ROWS_SCANNED, max_col=MAX_COLUMNS)
        yield from ((number, [_plain(cell) for cell in row]) for number, row in enumerate(lines, 1))
    except Refused:
        raise
    except Exception as error:
        # A damaged archive fails in as many ways as it has parts; none of them is our fault.
        raise unreadable from error


def _plain(cell) -> str | _Unreadable:
    """The value of a cell as text: dates in ISO, whole numbers without a point."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return _Unreadable("la cellule contient une formule ; collez plutôt sa valeur.")
    if cell.data_type == "e":
        return _Unreadable(f"la cellule contient une erreur ({value}).")
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str):
        return _unguard(tidy(value))
    if isinstance(value, time):
        return _Unreadable("la cellule contient une heure.")
    return str(value)


def _sheet(lines: Iterator[tuple[int, list[Any]]]) -> Sheet:
    """The lines under their headers; empty ones are passed over."""
    filled = ((number, cells) for number, cells in lines if any(cells))
    _, names = next(filled, (1, []))
    keys: list[str | None] = [
        _BY_NAME.get(folded(name)) if isinstance(name, str) else None for name in names
    ]
    _check_headers(names, keys)
    letters = {key: get_column_letter(i) for i, key in enumerate(keys, 1) if key}
    rows = []
    for number, cells in filled:
        if len(rows) == MAX_LINES:
            raise _refuse(
                "trop_de_lignes",
                f"Ce fichier a plus de {MAX_LINES} lignes.",
                "Coupez-le en plusieurs fichiers.",
            )
        named = {key: cell for key, cell in zip(keys, cells, strict=False) if key}
        if not any(named.values()):
            continue
        faults = tuple(
            (key, str(cell)) for key, cell in named.items() if isinstance(cell, _Unreadable)
        )
        texts = {
            key: "" if isinstance(named.get(key, ""), _Unreadable) else named.get(key, "")
            for key in letters
        }
        rows.append(Row(number=number, cells=texts, faults=faults))
    if not rows:
        raise _refuse("aucune_ligne", "Ce fichier n’a que des titres de colonnes, aucune ligne.")
    ignored = tuple(str(name) for name, key in zip(names, keys, strict=True) if name and not key)
    return Sheet(rows=tuple(rows), letters=letters, ignored=ignored)


def _check_headers(names: list[Any], keys: list[str | None]) -> None:
    missing = [HEADERS[key] for key in REQUIRED_COLUMNS if key not in keys]
    if missing:
        read_as = ", ".join(f"« {name} »" for name in names[:8] if name) or "rien"
        more = f"… ({len(names)} colonnes)" if len(names) > 8 else ""
        wanted = " et ".join(f"« {header} »" for header in missing)
        raise _refuse(
            "colonnes_manquantes",
            f"La première ligne doit nommer les colonnes ; il y manque {wanted}. "
            f"On y lit : {read_as}{more}.",
            "Partez d’un export : il a toutes les colonnes.",
        )
    for key in set(filter(None, keys)):
        if keys.count(key) > 1:
            raise _refuse("colonne_double", f"La colonne « {HEADERS[key]} » est là plusieurs fois.")


# --- Planning -------------------------------------------------------------------------------


class Status(StrEnum):
    CREATE = "creer"
    CHANGE = "modifier"
    SAME = "inchange"
    REFUSED = "refuser"


STATUS_LABELS = {
    Status.CREATE: "à créer",
    Status.CHANGE: "à modifier",
    Status.SAME: "inchangé",
    Status.REFUSED: "refusé",
}


@dataclass(kw_only=True)
class Line:
    """What becomes of a line of the file; `faults` are (place, message) pairs."""

    number: int
    who: str = ""
    person: Person | None = None
    mandate: Mandate | None = None
    changes: list[str] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def status(self) -> Status:
        if self.faults:
            return Status.REFUSED
        if self.mandate is not None and self.mandate.pk is None:
            return Status.CREATE
        return Status.CHANGE if self.changes else Status.SAME

    @property
    def status_label(self) -> str:
        return STATUS_LABELS[self.status]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything an import would write, in the order in which to write it."""

    lines: list[Line]
    persons: list[Person]
    mandates: list[Mandate]

    @property
    def changed(self) -> list[Line]:
        return [line for line in self.lines if line.status in (Status.CREATE, Status.CHANGE)]

    @property
    def refused(self) -> list[Line]:
        return [line for line in self.lines if line.status is Status.REFUSED]

    @property
    def counts(self) -> list[tuple[Status, str, int]]:
        statuses = [line.status for line in self.lines]
        return [(status, label, statuses.count(status)) for status, label in STATUS_LABELS.items()]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(
            Finding(code="ligne_refusee", message=f"Ligne {line.number}, {place} : {message}")
            for line in self.refused
            for place, message in line.faults
        )

    @property
    def fingerprint(self) -> str:
        """Differs as soon as the same file would do something else."""
        told = [[line.number, line.status, line.who, line.changes] for line in self.lines]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


class _BadCell(Exception):
    """A cell whose text means nothing here."""


def plan(body: Body, sheet: Sheet) -> Plan:
    """Line by line what the sheet would do to the mandates of this body. Writes nothing."""
    return _Planner(body, sheet).plan()


class _Planner:
    """One reading of a sheet beside the database: five queries, then everything in memory."""

    def __init__(self, body: Body, sheet: Sheet) -> None:
        self.body = body
        self.sheet = sheet
        self.mandates: list[Mandate] = list(
            body.mandates.select_related("person", "constituency", "community", "replaces__person")
        )
        self.by_id = {str(mandate.pk): mandate for mandate in self.mandates}
        self.by_start: dict[tuple[str, date], list[Mandate]] = defaultdict(list)
        persons: dict[int, Person] = {}
        for mandate in self.mandates:  # one object a row, so that a change is seen everywhere
            mandate.person = persons.setdefault(mandate.person_id, mandate.person)
            if mandate.replaces:
                mandate.replaces = self.by_id.get(str(mandate.replaces_id), mandate.replaces)
            self.by_start[_name_of(mandate.person), mandate.start_on].append(mandate)
        self.namesakes: dict[str, list[Person]] = defaultdict(list)
        for person in body.organisation.persons.all():
            person = persons.setdefault(person.pk, person)
            self.namesakes[_name_of(person)].append(person)
        self.constituencies = {folded(c.name): c for c in body.constituencies.all()}
        self.communities: dict[str, list[Community]] = defaultdict(list)
        for community in body.organisation.communities.all():
            self.communities[folded(community.name)].append(community)
        self.told: dict[int, tuple[Person, dict[str, tuple[Any, int]]]] = {}
        self.line_of: dict[int, int] = {}
        self.changed_persons: dict[int, Person] = {}  # by `id`: what is new has no number
        self.changed_mandates: dict[int, Mandate] = {}

    def plan(self) -> Plan:
        lines = [self.line(row) for row in self.sheet.rows]
        titulars = defaultdict(list)
        for mandate in self.mandates:
            if mandate.capacity == Mandate.Capacity.TITULAR and mandate.start_on:
                titulars[folded(str(mandate.person))].append(mandate)
        for row, line in zip(self.sheet.rows, lines, strict=True):
            if line.mandate is not None and not line.faults:
                self.say_whom_it_replaces(row, line, titulars)
        neighbours = self.neighbours()
        for line in lines:
            if line.mandate is not None and line.status in (Status.CREATE, Status.CHANGE):
                beside = neighbours[id(line.person)] + neighbours[None]
                self.judge(line, list({id(mandate): mandate for mandate in beside}.values()))
        return Plan(
            lines=lines,
            persons=list(self.changed_persons.values()),
            mandates=sorted(self.changed_mandates.values(), key=_order_of_writing),
        )

    # What a line is about

    def line(self, row: Row) -> Line:
        """Recognise the person and the mandate of a row, and note what it changes."""
        cells = row.cells
        line = Line(
            number=row.number, who=f"{cells.get('first_name', '')} {cells['last_name']}".strip()
        )
        for key, message in row.faults:
            self.fault(line, key, message)
        values = self.values(row, line)
        if line.faults:
            return line
        try:
            mandate = self.known_mandate(row, values)
        except _BadCell as bad:
            self.fault(line, *bad.args)
            return line
        if mandate is None:
            person = self.person(line, values)
            if person is None:
                return line
            mandate = Mandate(body=self.body, person=person)
            self.mandates.append(mandate)
        elif id(mandate) in self.line_of:
            self.fault(
                line, "start_on", f"ce mandat est déjà à la ligne {self.line_of[id(mandate)]}."
            )
            return line
        self.line_of[id(mandate)] = row.number
        line.mandate, line.person = mandate, mandate.person
        self.apply_to_person(line, values)
        self.apply_to_mandate(line, values)
        line.who = str(line.person)
        return line

    def values(self, row: Row, line: Line) -> dict[str, Any]:
        """What the cells mean, by column; those that mean nothing become faults."""
        values = {}
        for key, text in row.cells.items():
            try:
                values[key] = _READERS[key](text)
            except _BadCell as bad:
                self.fault(line, key, str(bad))
        for key in REQUIRED_CELLS:
            if not row.cells[key] and key not in dict(row.faults):
                self.fault(line, key, "cette cellule ne peut pas être vide.")
        return values

    def known_mandate(self, row: Row, values: dict[str, Any]) -> Mandate | None:
        """The mandate the row speaks of, `None` when it would be a new one."""
        name = _name_key(values.get("first_name", ""), values["last_name"])
        if identifier := row.cells.get("id"):
            mandate = self.by_id.get(identifier)
            if mandate is None:
                raise _BadCell(
                    "id",
                    f"le mandat {identifier} n’existe pas dans cette instance ; laissez la "
                    f"cellule vide pour un nouveau mandat.",
                )
            if name != _name_of(mandate.person):
                whose = french.elide("de", str(mandate.person))
                raise _BadCell(
                    "last_name",
                    f"ce mandat est celui {whose} ; pour le remplacer, donnez une fin à ce "
                    f"mandat et ajoutez une ligne sans identifiant.",
                )
            return mandate
        found = self.by_start[name, values["start_on"]]
        if len(found) > 1:
            found = [mandate for mandate in found if _is_the_same(mandate.person, values)]
        return found[0] if len(found) == 1 else None

    def person(self, line: Line, values: dict[str, Any]) -> Person | None:
        """The person of a new mandate: known by name, or new; `None` when one cannot tell."""
        name = _name_key(values.get("first_name", ""), values["last_name"])
        found = self.namesakes[name]
        if len(found) > 1:
            found = [person for person in found if _is_the_same(person, values)]
        if len(found) == 1:
            return found[0]
        if self.namesakes[name]:
            self.fault(
                line,
                "last_name",
                f"{len(self.namesakes[name])} personnes portent ce nom ; donnez la date de "
                f"naissance ou l’adresse électronique qui les distingue.",
            )
            return None
        if not values.get("civility"):
            self.fault(line, "civility", "cette personne est nouvelle : écrivez « M. » ou « Mme ».")
            return None
        person = Person(organisation=self.body.organisation, civility=values["civility"])
        person.last_name = _in_running_case(values["last_name"])
        person.first_name = _in_running_case(values["first_name"])
        self.namesakes[name].append(person)
        return person

    # What a line changes

    def apply_to_person(self, line: Line, values: dict[str, Any]) -> None:
        """Give the person what the row says; two rows may not say two things."""
        person = line.person
        _, told = self.told.setdefault(id(person), (person, {}))
        if person.pk is None:
            self.changed_persons[id(person)] = person
        for column in PERSON_COLUMNS:
            value = values.get(column.key)
            if not value:
                continue
            said, where = told.setdefault(column.key, (value, line.number))
            if said != value:
                whom = french.elide("de", str(person))
                self.fault(line, column.key, f"la ligne {where} dit autre chose {whom}.")
            before = getattr(person, column.key)
            if _says_the_same(column.key, before, value):
                continue
            setattr(person, column.key, value)
            if person.pk:
                line.changes.append(_change(column, before, value))
            self.changed_persons[id(person)] = person

    def apply_to_mandate(self, line: Line, values: dict[str, Any]) -> None:
        mandate = line.mandate
        for column in MANDATE_COLUMNS:
            key = column.key
            if key not in values or key == "replaces":
                continue
            before, value = getattr(mandate, key), values[key]
            try:
                if key == "constituency":
                    value = self.constituency(value)
                elif key == "community":
                    value = self.community(value, before, values["start_on"])
                elif value is None and key in ("capacity", "office", "position", "weight"):
                    continue
            except _BadCell as bad:
                self.fault(line, key, str(bad))
                continue
            if before != value:
                setattr(mandate, key, value)
                self.note(line, column, before, value)
        if mandate.pk is None:
            self.changed_mandates[id(mandate)] = mandate

    def note(self, line: Line, column: Column, before: Any, after: Any) -> None:
        """Remember that the mandate of this line changes."""
        if line.mandate.pk:
            line.changes.append(_change(column, before, after))
        self.changed_mandates[id(line.mandate)] = line.mandate

    def say_whom_it_replaces(
        self, row: Row, line: Line, titulars: dict[str, list[Mandate]]
    ) -> None:
        """Once every mandate is known: the titular may be on a later line."""
        if "replaces" not in row.cells:
            return
        mandate, wanted = line.mandate, folded(row.cells["replaces"])
        before = mandate.replaces
        if wanted == (folded(str(before.person)) if before else ""):
            return
        found = [
            titular
            for titular in titulars[wanted]
            if mandate.start_on and titular.shares_a_day_with(mandate)
        ]
        if wanted and not found:
            self.fault(
                line,
                "replaces",
                f"aucun titulaire de cette instance ne s’appelle « {row.cells['replaces']} » "
                f"pendant ce mandat.",
            )
        elif len({id(other.person) for other in found}) > 1:
            self.fault(line, "replaces", "plusieurs titulaires portent ce nom.")
        else:
            after = found[-1] if found else None
            mandate.replaces = after
            self.note(line, MANDATE_COLUMNS[3], before, after)

    def constituency(self, name: str) -> Constituency | None:
        if not name:
            return None
        if found := self.constituencies.get(folded(name)):
            return found
        known = ", ".join(f"« {c.name} »" for c in self.constituencies.values())
        raise _BadCell(
            f"ce collège n’existe pas dans cette instance"
            f"{f' ; elle a {known}' if known else ', qui n’en a aucun'}."
        )

    def community(self, name: str, before: Community | None, on: date) -> Community | None:
        """By name; among several of one name, the one the mandate has, or the one of that day."""
        if not name:
            return None
        if before and folded(before.name) == folded(name):
            return before
        found = self.communities[folded(name)]
        if len(found) > 1:
            found = [
                c
                for c in found
                if (c.founded_on is None or c.founded_on <= on)
                and (c.dissolved_on is None or c.dissolved_on > on)
            ]
        if len(found) == 1:
            return found[0]
        raise _BadCell(
            "cette collectivité n’est pas enregistrée ; créez-la d’abord dans l’administration."
            if not found
            else "plusieurs collectivités portent ce nom à cette date."
        )

    # What is wrong with it

    def judge(self, line: Line, neighbours: list[Mandate]) -> None:
        """Ask the models what they object to, everything in the file being done."""
        if line.person is None or line.mandate is None:
            return
        rows: list[tuple[Person | Mandate, list[str]]] = [
            (line.person, ["organisation", "user", "sort_name"]),
            (line.mandate, ["body", "person", "constituency", "community", "replaces"]),
        ]
        for row, exclude in rows:
            try:
                row.clean_fields(exclude=exclude)
            except ValidationError as error:
                for key, messages in error.message_dict.items():
                    for message in messages:
                        self.fault(line, key, _uncapitalised(message))
        if line.faults:
            return
        for key, messages in line.mandate.faults(neighbours).items():
            for message in messages:
                self.fault(line, key, _uncapitalised(message))

    def neighbours(self) -> dict[int | None, list[Mandate]]:
        """Mandates that may stand in the way, as the file leaves them: by person (`id`), and
        under `None` those of the présidents."""
        found: dict[int | None, list[Mandate]] = defaultdict(list)
        for mandate in self.mandates:
            if mandate.start_on:
                found[id(mandate.person)].append(mandate)
                if mandate.office == Mandate.Office.CHAIR:
                    found[None].append(mandate)
        return found

    def fault(self, line: Line, key: str, message: str) -> None:
        letter = self.sheet.letters.get(key)
        header = HEADERS.get(key, key)
        place = f"colonne {letter} « {header} »" if letter else f"« {header} »"
        line.faults.append((place, message))


def _order_of_writing(mandate: Mandate) -> tuple[bool, bool, bool]:
    """First what ends, then what begins; a substitute after the titular he is given."""
    waits = mandate.replaces is not None and mandate.replaces.pk is None
    return (waits, mandate.pk is not None and mandate.end_on is None, mandate.pk is None)


def _name_key(first_name: str, last_name: str) -> str:
    return f"{folded(last_name)} / {folded(first_name)}"


def _name_of(person: Person) -> str:
    return _name_key(person.first_name, person.last_name)


def _in_running_case(name: str) -> str:
    """Many write family names in capitals; papers put them back where they want them."""
    return french.title_name(name) if name.isupper() else name


def _is_the_same(person: Person, values: dict[str, Any]) -> bool:
    """Whether what tells namesakes apart, birthday or e-mail, is given and agrees."""
    born_on, email = values.get("born_on"), values.get("email")
    if born_on and person.born_on:
        return born_on == person.born_on
    return bool(email) and email.casefold() == person.email.casefold()


def _says_the_same(key: str, before: Any, after: Any) -> bool:
    """Whether a cell only repeats what is known; the case of a name is not worth a change."""
    if not isinstance(before, str):
        return before == after
    if key in ("first_name", "last_name"):
        return tidy(before).casefold() == after.casefold()
    return tidy(before) == after


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "(vide)"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, Mandate):
        return str(value.person)
    return str(value)


_CHOICES = {
    "capacity": Mandate.Capacity,
    "office": Mandate.Office,
    "end_reason": Mandate.EndReason,
}


def _change(column: Column, before: Any, after: Any) -> str:
    if choices := _CHOICES.get(column.key):
        labels = dict(choices.choices)
        before, after = labels.get(before, before), labels.get(after, after)
    return f"{column.header} : {_shown(before)} → {_shown(after)}"


_COMMON = {"ce", "cet", "cette", "la", "le", "les", "un", "une", "seul", "seule", "on", "dites"}
_COMMON |= {"donnez", "assurez-vous", "saisissez"}


def _uncapitalised(message: str) -> str:
    """A sentence that follows « colonne C : »; names keep their capital."""
    first = message.split(" ", 1)[0].lower()
    return message[0].lower() + message[1:] if first in _COMMON else message


# --- Cells ----------------------------------------------------------------------------------


def _text(cell: str) -> str:
    return cell


def _day(cell: str) -> date | None:
    """« 01/02/2017 », « 1/2/2017 » or « 2017-02-01 »; nothing else, so that nothing is guessed."""
    if not cell:
        return None
    for pattern, names in (
        (r"(\d{1,2})/(\d{1,2})/(\d{4})", (3, 2, 1)),
        (r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?", (1, 2, 3)),
    ):
        if match := re.fullmatch(pattern, cell):
            try:
                return date(*(int(match[name]) for name in names))
            except ValueError:
                raise _BadCell(f"le jour « {cell} » n’existe pas.") from None
    raise _BadCell(f"« {cell} » n’est pas une date ; écrivez 01/02/2017 ou 2017-02-01.")


def _number(cell: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"\d{1,4}", cell):
        raise _BadCell(f"« {cell} » n’est pas un nombre entier.")
    return int(cell)


def _civility(cell: str) -> str:
    known = {
        **dict.fromkeys(("m", "mr", "monsieur"), Person.Civility.MR),
        **dict.fromkeys(("mme", "madame"), Person.Civility.MRS),
        "": "",
    }
    try:
        return str(known[folded(cell)])
    except KeyError:
        raise _BadCell(f"« {cell} » : écrivez « M. » ou « Mme ».") from None


def _choice(choices, *, empty: str | None):
    """A reader for the value of an enumeration, by its value, its label or a shortened label."""
    known = {}
    for value, label in choices.choices:
        for name in (value, label, label.split("·")[0], label.replace("·", "")):
            known[folded(name)] = value

    def read_choice(cell: str) -> str | None:
        if not cell:
            return empty
        # « suppléante », « président(e) », « vice-présidente » say the same
        plain = folded(re.sub(r"\(e\)|·e", "", cell))
        found = known.get(folded(cell)) or known.get(plain) or known.get(plain.removesuffix("e"))
        if found is None:
            labels = ", ".join(f"« {label} »" for label in choices.labels)
            raise _BadCell(f"« {cell} » n’est pas connu ; écrivez {labels}.")
        return str(found)

    return read_choice


_READERS = {
    "id": _text,
    "civility": _civility,
    "first_name": _text,
    "last_name": _text,
    "email": _text,
    "phone": _text,
    "address": _text,
    "born_on": _day,
    "capacity": _choice(Mandate.Capacity, empty=None),
    "constituency": _text,
    "community": _text,
    "replaces": _text,
    "office": _choice(Mandate.Office, empty=None),
    "office_rank": _number,
    "position": _number,
    "weight": _number,
    "start_on": _day,
    "end_on": _day,
    "end_reason": _choice(Mandate.EndReason, empty=""),
}
