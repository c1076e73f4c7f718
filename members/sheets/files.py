"""A sheet of mandates as a file: written in CSV or XLSX, read back whatever it was."""

import csv
import io
import math
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from django.core.files.base import File
from django.utils import timezone

from law.findings import Refused, refusal
from members import archives
from members.models import Body
from members.sheets.columns import (
    COLUMNS,
    IDENTIFIER,
    PERSON_COLUMNS,
    READABLE,
    REQUIRED_COLUMNS,
    WHOLE_NAME,
    BadCell,
    Column,
    named,
    parted,
    tidy,
)

MAX_BYTES = 10 * 1024 * 1024
# Office files hold text, which shrinks ten or twenty times.
BUDGET = archives.Budget(files=2_000, unpacked=64 << 20, ratio=60, free=8 << 20)
MAX_MARKS = 400_000  # tags in a sheet: two thousand lines of fifty cells
MAX_MARKS_ELSEWHERE = 60_000
MAX_HEADER = 20_000  # characters of the line that names the columns
MAX_LINES = 2000
MAX_COLUMNS = 500
MOST_TO_MAP = 40  # columns that somebody would tell one by one
MAX_ROWS_SCANNED = 20_000
NAMES = {"first_name", "last_name"}

# --- Writing --------------------------------------------------------------------------------


def export(body: Body) -> Iterator[list[str | int | date | None]]:
    """The header, then one line for every mandate the body ever had, in the order of the roll."""
    yield [column.header for column in COLUMNS.values()]
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
    return workbook({"Mandats": lines})


def workbook(sheets: Mapping[str, Iterable[list]], *, title: str = "", author: str = "") -> bytes:
    """A workbook of these sheets, by their names, each begun by its header: dates are dates, texts
    never formulas. `title` and `author` are its properties, not those of the library."""
    import openpyxl  # as wherever it is used: few days see a workbook
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook(write_only=True)
    book.properties.title, book.properties.creator = title or None, author or None
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for number, line in enumerate(lines):
            if not number:  # widths are written before the rows
                for column in range(1, len(line) + 1):
                    sheet.column_dimensions[get_column_letter(column)].width = 18
            sheet.append([_typed(sheet, value) for value in line])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


_EPOCH = date(1900, 3, 1)  # what spreadsheets believe of earlier days differs


def _typed(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet)
    if isinstance(value, date) and value < _EPOCH:
        value = value.isoformat()
    if isinstance(value, str):
        text = tidy(value)
        cell.value = f"'{text}" if _GUARDED.match(text) else text
        cell.data_type = "s"
    else:
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "DD/MM/YYYY"
    return cell


# --- A file to fill in --------------------------------------------------------------------------

TO_FILL = tuple(column for column in COLUMNS.values() if column is not IDENTIFIER)


def template_csv(body: Body) -> bytes:
    """The names of the columns, and nothing under them."""
    return to_csv([[column.header for column in TO_FILL]])


def template_xlsx(body: Body) -> bytes:
    """The same in a workbook, where what may be chosen is chosen: civility, capacity, and the
    colleges and members of this organisation."""
    import openpyxl
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = openpyxl.Workbook()
    book.properties.creator = body.organisation.name
    sheet, lists = book.active, book.create_sheet("Listes")
    sheet.title, sheet.freeze_panes = "Mandats", "A2"
    sheet.append([column.header for column in TO_FILL])
    today = timezone.localdate()
    choices = {
        "civility": ["M.", "Mme"],
        "constituency": list(body.constituencies.values_list("name", flat=True)),
        "community": [str(each) for each in body.organisation.communities.lasting(today)],
        **{column.key: list(column.choices.labels) for column in TO_FILL if column.choices},
    }
    for number, column in enumerate(TO_FILL, 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = 18
        if not (offered := choices.get(column.key)):
            continue
        at = get_column_letter(number)
        for line, each in enumerate([column.header, *offered], 1):
            cell = lists[f"{at}{line}"]
            cell.value, cell.data_type = tidy(str(each)), "s"
        rule = DataValidation(
            type="list",
            formula1=f"Listes!${at}$2:${at}${len(offered) + 1}",
            allow_blank=True,
            showErrorMessage=False,  # another word is judged by the import, which says why
        )
        sheet.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{MAX_LINES}")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


# --- Reading --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the file: its number there, its cells by column key, what could not be read;
    `others` are the cells of the columns we do not know, by letter."""

    number: int
    cells: dict[str, str]
    faults: tuple[tuple[str, str], ...] = ()
    others: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a file says. `letters` tells where each column stood; `others` names the unknown ones,
    by letter."""

    rows: tuple[Row, ...]
    letters: dict[str, str]
    others: dict[str, str] = field(default_factory=dict)

    @property
    def ignored(self) -> tuple[str, ...]:
        """The headers of the columns that are left aside."""
        return tuple(self.others.values())

    @property
    def may_be_mapped(self) -> bool:
        """Whether it has columns that somebody may tell one by one."""
        return 0 < len(self.others) <= MOST_TO_MAP

    @property
    def missing(self) -> tuple[str, ...]:
        """The headers without which nothing can be told: of a file whose columns have names of
        their own, until somebody says which is which."""
        return tuple(COLUMNS[key].header for key in REQUIRED_COLUMNS if key not in self.letters)

    @property
    def says_since(self) -> bool:
        """Whether it tells when mandates begin."""
        return "start_on" in self.letters

    @property
    def free(self) -> tuple[Column, ...]:
        """The columns that we know and that the file does not name."""
        taken = {*self.letters, *([WHOLE_NAME.key] if NAMES & {*self.letters} else [])}
        return tuple(column for key, column in READABLE.items() if key not in taken)

    def mapped(self, known: Mapping[str, str]) -> "Sheet":
        """The same, these letters read as these columns. Raises `Refused` for two of one name."""
        known = {letter: key for letter, key in known.items() if letter in self.others and key}
        told = [*self.letters, *known.values()]
        if WHOLE_NAME.key in told:
            told += NAMES
        for key in known.values():
            if key not in READABLE or told.count(key) > 1:
                header = READABLE[key].header if key in READABLE else key
                raise _refuse("colonne_double", f"Deux colonnes seraient « {header} ».")
        return Sheet(
            rows=tuple(
                Row(
                    number=row.number,
                    cells=row.cells | {key: row.others.get(at, "") for at, key in known.items()},
                    faults=tuple((known.get(at, at), why) for at, why in row.faults),
                    others={at: cell for at, cell in row.others.items() if at not in known},
                )
                for row in self.rows
            ),
            letters=self.letters | {key: letter for letter, key in known.items()},
            others={at: header for at, header in self.others.items() if at not in known},
        )._with_names_parted()

    def _with_names_parted(self) -> "Sheet":
        """The same, where one column holds name and first name: each read in its own, and the
        civility if it is there and no column says it."""
        if WHOLE_NAME.key not in self.letters:
            return self
        letters = {key: at for key, at in self.letters.items() if key != WHOLE_NAME.key}
        letters |= dict.fromkeys(sorted(NAMES), self.letters[WHOLE_NAME.key])
        return replace(self, letters=letters, rows=tuple(map(_name_parted, self.rows)))

    @property
    def _has_whole_names(self) -> bool:
        letter = self.letters.get("last_name")
        return bool(letter) and letter == self.letters.get("first_name")

    def since(self, day: str) -> "Sheet":
        """The same, every mandate beginning that day, of a file that says none."""
        rows = tuple(replace(row, cells=row.cells | {"start_on": day}) for row in self.rows)
        return replace(self, rows=rows, letters=self.letters | {"start_on": ""})

    def corrected(
        self, told: Mapping[tuple[int, str], str], *, without: Collection[int] = ()
    ) -> "Sheet":
        """The same, these cells (line, column) written anew, and these lines left out. Raises
        `Refused` when no line is left."""
        rows = []
        for row in self.rows:
            mended = {key: text for (number, key), text in told.items() if number == row.number}
            faults = tuple((key, why) for key, why in row.faults if key not in mended)
            row = replace(row, cells=row.cells | mended, faults=faults)
            if "last_name" in mended and self._has_whole_names:
                cells = row.cells | {WHOLE_NAME.key: mended["last_name"]}
                row = _name_parted(replace(row, cells=cells))
            rows.append(row)
        letters = dict.fromkeys((key for _, key in told), "") | self.letters
        kept = tuple(row for row in rows if row.number not in without)
        if not kept:
            raise _refuse("aucune_ligne", "Aucune ligne ne reste à importer.")
        return replace(self, rows=kept, letters=letters)

    def to_json(self) -> dict:
        """As it travels, signed, between the preview and its confirmation."""
        return {
            "rows": [[row.number, row.cells, row.faults, row.others] for row in self.rows],
            "letters": self.letters,
            "others": self.others,
        }

    @classmethod
    def from_json(cls, stored: dict) -> "Sheet":
        """The sheet that `to_json` stored."""
        return cls(
            rows=tuple(
                Row(number=number, cells=cells, faults=tuple(map(tuple, faults)), others=others)
                for number, cells, faults, others in stored["rows"]
            ),
            letters=stored["letters"],
            others=stored["others"],
        )


def _name_parted(row: Row) -> Row:
    whole = row.cells[WHOLE_NAME.key]
    cells = {key: cell for key, cell in row.cells.items() if key != WHOLE_NAME.key}
    faults = tuple(("last_name" if key == WHOLE_NAME.key else key, why) for key, why in row.faults)
    civility = first_name = last_name = ""
    try:
        if whole:
            civility, first_name, last_name = parted(whole)
    except BadCell as bad:
        faults, last_name = (*faults, ("last_name", str(bad))), whole
    cells |= {"first_name": first_name, "last_name": last_name}
    if civility and not cells.get("civility"):
        cells["civility"] = civility
    return replace(row, cells=cells, faults=faults)


class _Unreadable(str):
    """What to say of a cell that holds no plain value."""

    __slots__ = ()


def _refuse(code: str, message: str, remedy: str = "") -> Refused:
    return refusal(code, message, remedy=remedy, field="file")


def read(upload: File) -> Sheet:
    """The sheet in this file, told by its content, never by its name. Raises `Refused`."""
    return _sheet(lines(upload))


def lines(upload: File) -> Iterator[tuple[int, list[Any]]]:
    """The lines of the table in this file, with their number. Raises `Refused`."""
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
        return _xlsx_lines(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refuse(
            "ancien_classeur",
            "Ce fichier est un classeur d’un ancien format (.xls) ou protégé par un mot de passe.",
            "Enregistrez-le en .xlsx sans mot de passe, ou en CSV.",
        )
    return _csv_lines(decoded(content))


def decoded(content: bytes) -> str:
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
    first = next((line for line in text.splitlines() if line.strip()), "")[:MAX_HEADER]

    def known(delimiter: str) -> int:
        return sum(named(name.strip(' "')) is not None for name in first.split(delimiter))

    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=known))
    number = 1
    for _ in range(MAX_ROWS_SCANNED):
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
    import openpyxl
    from openpyxl.cell.read_only import EMPTY_CELL

    unreadable = _refuse(
        "classeur_illisible",
        "Ce fichier est une archive ZIP, ou un classeur abîmé : aucun tableau ne s’y lit.",
        "Ouvrez-le dans votre tableur, puis enregistrez-le en XLSX ou en CSV.",
    )
    try:
        with archives.opened(content, BUDGET) as archive:
            _bound_parts(archive)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        lines = book.worksheets[0].iter_rows(max_row=MAX_ROWS_SCANNED, max_col=MAX_COLUMNS)
        for number, row in enumerate(lines, 1):
            yield number, ["" if cell is EMPTY_CELL else _plain(cell) for cell in row]
    except Refused:
        raise
    except archives.Excessive as error:
        raise _refuse(
            "classeur_demesure",
            "Ce classeur contient bien plus que la liste des membres d’une instance.",
            "Copiez les lignes utiles dans un nouveau classeur, ou enregistrez la feuille en CSV.",
        ) from error
    except Exception as error:
        # A damaged archive fails in as many ways as it has parts; none of them is our fault.
        raise unreadable from error


def _bound_parts(archive: zipfile.ZipFile) -> None:
    """Before anything parses them: a cell takes four bytes, and some thousands of times as much
    time as to count it."""
    marks = 0
    for name in archive.namelist():
        if not name.endswith((".xml", ".rels", ".vml")):
            continue
        most = MAX_MARKS if name.startswith("xl/worksheets/") else MAX_MARKS_ELSEWHERE
        with archive.open(name) as part:
            found = 0
            while block := part.read(archives.CHUNK):
                found += block.count(b"<")
                if b"<!DOCTYPE" in block or b"<!ENTITY" in block:
                    raise archives.Damaged
        marks += found
        if found > most or marks > MAX_MARKS + MAX_MARKS_ELSEWHERE:
            raise archives.Excessive


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
    from openpyxl.utils import column_index_from_string, get_column_letter

    filled = ((number, cells) for number, cells in lines if any(cells))
    _, names = next(filled, (1, []))
    keys = [named(name) for name in names]
    if NAMES & {*keys}:  # a whole name beside says nothing more
        keys = [None if key == WHOLE_NAME.key else key for key in keys]
    letters = {key: get_column_letter(i) for i, key in enumerate(keys, 1) if key}
    others = {
        get_column_letter(i): str(name)
        for i, (name, key) in enumerate(zip(names, keys, strict=True), 1)
        if name and not key
    }
    _check_headers(names, keys)
    rows = []
    for number, cells in filled:
        if len(rows) == MAX_LINES:
            raise _refuse(
                "trop_de_lignes",
                f"Ce fichier a plus de {MAX_LINES} lignes.",
                "Coupez-le en plusieurs fichiers.",
            )
        known = dict.fromkeys(letters, "")
        known |= {key: cell for key, cell in zip(keys, cells, strict=False) if key}
        if not any(known.values()) and letters:
            continue
        unknown = {at: cells[column_index_from_string(at) - 1 :][:1] for at in others}
        beside = {at: cell for at, found in unknown.items() for cell in found if cell}
        told = (known | beside).items()
        faults = {key: str(cell) for key, cell in told if isinstance(cell, _Unreadable)}
        rows.append(
            Row(
                number=number,
                cells={key: "" if key in faults else cell for key, cell in known.items()},
                faults=tuple(faults.items()),
                others={at: cell for at, cell in beside.items() if at not in faults},
            )
        )
    if not rows:
        raise _refuse("aucune_ligne", "Ce fichier n’a que des titres de colonnes, aucune ligne.")
    return Sheet(rows=tuple(rows), letters=letters, others=others)._with_names_parted()


def _check_headers(names: list[Any], keys: list[str | None]) -> None:
    said = {*keys, *(NAMES if WHOLE_NAME.key in keys else ())}
    missing = [COLUMNS[key].header for key in REQUIRED_COLUMNS if key not in said]
    unnamed = NAMES - said  # a day is told for all
    unknown = sum(bool(name) and not key for name, key in zip(names, keys, strict=True))
    needed = 1 if unnamed == NAMES and len(names) > 1 else len(missing)  # one may hold both names
    if unnamed and not needed <= unknown <= MOST_TO_MAP:  # otherwise somebody says which is which
        read_as = ", ".join(f"« {name} »" for name in names[:8] if name) or "rien"
        more = f"… ({len(names)} colonnes)" if len(names) > 8 else ""
        wanted = " et ".join(f"« {header} »" for header in missing)
        raise _refuse(
            "colonnes_manquantes",
            f"La première ligne doit nommer les colonnes ; il y manque {wanted}. "
            f"On y lit : {read_as}{more}.",
            "Partez du modèle\u00a0: il a toutes les colonnes.",
        )
    for key in filter(None, keys):
        if keys.count(key) > 1:
            raise _refuse(
                "colonne_double", f"La colonne « {READABLE[key].header} » est là plusieurs fois."
            )
