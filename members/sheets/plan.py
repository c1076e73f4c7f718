"""What a sheet would do to the mandates of a body, line by line; nothing is written here.

A line is one mandate. It is recognised by its `identifiant`, otherwise by the person and the
first day. An empty cell leaves a person as he is, and empties what is said of the mandate.
"""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils import timezone

from law import french
from law.addresses import lowered
from law.findings import Finding, refusal
from members import front
from members.models import Body, Community, Constituency, Mandate, Person, folded
from members.seats import Excess, excesses, in_office
from members.sheets.columns import (
    COLUMNS,
    MANDATE_COLUMNS,
    PERSON_COLUMNS,
    REPLACES,
    REQUIRED_CELLS,
    BadCell,
    Column,
    tidy,
)
from members.sheets.files import Row, Sheet


class Status(TextChoices):
    """What becomes of a line."""

    CREATE = "creer", "à créer"
    CHANGE = "modifier", "à modifier"
    SAME = "inchange", "inchangé"
    REFUSED = "refuser", "refusé"


@dataclass(kw_only=True)
class Line:
    """What becomes of a line of the file; `faults` are (place, message) pairs, `address` the one
    of before and that of after, where links of the person would go elsewhere."""

    number: int
    who: str = ""
    person: Person | None = None
    mandate: Mandate | None = None
    changes: list[str] = field(default_factory=list)
    address: tuple[str, str] | None = None
    faults: list[tuple[str, str]] = field(default_factory=list)
    wrong: set[str] = field(default_factory=set)  # the columns at fault

    @property
    def status(self) -> Status:
        """What becomes of it, as far as one knows."""
        if self.faults:
            return Status.REFUSED
        if self.mandate is not None and self.mandate.pk is None:
            return Status.CREATE
        return Status.CHANGE if self.changes else Status.SAME


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything an import would write, in the order in which to write it."""

    lines: list[Line]
    persons: list[Person]
    mandates: list[Mandate]
    every: list[Mandate] = field(default_factory=list)  # those of the body once it is written
    excesses: list[Excess] = field(default_factory=list)  # what the file takes beyond the seats
    has_colleges: bool = True

    @property
    def changed(self) -> list[Line]:
        """The lines that would write something."""
        return [line for line in self.lines if line.status in (Status.CREATE, Status.CHANGE)]

    @property
    def readdressed(self) -> list[Line]:
        """The lines that send the links of somebody to another address."""
        return [line for line in self.lines if line.address]

    @property
    def refused(self) -> list[Line]:
        """The lines for which the whole file is refused."""
        return [line for line in self.lines if line.status is Status.REFUSED]

    @property
    def day(self) -> date:
        """The first on which all that the file begins has begun, today at the earliest: what is
        counted, in every college, is who sits that day."""
        lines = [line for line in self.lines if line.status is not Status.REFUSED]
        begun = [line.mandate.start_on for line in lines if line.mandate.start_on]
        return max([timezone.localdate(), *begun])

    @property
    def by_college(self) -> list[tuple[str, list[Line]]]:
        """The lines under the college in which they sit, those at fault first of all: each heading
        says how many titulars it would have on `day`, of how many seats, and how many substitutes.
        """
        groups: dict[Constituency | None, list[Line]] = {}
        for line in self.lines:
            if line.status is not Status.REFUSED:
                groups.setdefault(line.mandate.constituency, []).append(line)
        left = {id(line.mandate) for line in self.refused}
        every = [each for each in self.every if each.pk or id(each) not in left]
        colleges = sorted((c for c in groups if c), key=lambda c: (c.position, c.name))
        found = [("À corriger", self.refused)] if self.refused else []
        for college in (*colleges, *([None] if None in groups else [])):
            lines = groups[college]
            name = college.name if college else ("Sans collège" if self.has_colleges else "Membres")
            found.append((f"{name}\u00a0: {_who_sits(every, self.day, college)}", lines))
        return found

    @property
    def counts(self) -> list[tuple[Status, int]]:
        """How many lines become what."""
        statuses = [line.status for line in self.lines]
        return [(status, statuses.count(status)) for status in Status]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding a fault, each with its line and its cell."""
        return tuple(
            Finding(code="ligne_refusee", message=f"Ligne {line.number}, {place} : {message}")
            for line in self.refused
            for place, message in line.faults
        )

    @property
    def fingerprint(self) -> str:
        """Differs as soon as the same file would do something else."""
        lines = [[line.number, line.status, line.who, line.changes] for line in self.lines]
        beyond = [[str(each.college), each.titulars, each.seats] for each in self.excesses]
        return hashlib.sha256(json.dumps([lines, beyond]).encode()).hexdigest()


def _who_sits(every: list[Mandate], day: date, college: Constituency | None) -> str:
    """Of a college, on that day."""
    number = college.pk if college else None
    capacities = [each.capacity for each in in_office(every, day) if each.constituency_id == number]
    titulars = capacities.count(Mandate.Capacity.TITULAR)
    told = french.count(titulars, "titulaire")
    if college and (seats := college.seats_on(day)):
        told += f" pour {french.count(seats, 'siège')}"
    for capacity, noun in (
        (Mandate.Capacity.SUBSTITUTE, "suppléant"),
        (Mandate.Capacity.CONSULTATIVE, "voix consultative"),
    ):
        if number := capacities.count(capacity):
            told += f", {french.count(number, noun)}"
    return told


class _Unclear(Exception):
    """Whose mandate a line speaks of cannot be told: which cell, and why."""


def plan(body: Body, sheet: Sheet) -> Plan:
    """Line by line what the sheet would do to the mandates of this body. Writes nothing; raises
    `Refused` when it lacks a column without which nothing can be told."""
    if sheet.missing:
        names = french.join([french.nbsp(f"« {header} »") for header in sheet.missing])
        raise refusal(
            "colonnes_manquantes",
            f"Aucune colonne de ce fichier ne se nomme {names}.",
            remedy="Dites laquelle de ses colonnes l’est.",
        )
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
        # By `id`, since what is new has no number yet.
        self.told: dict[int, dict[str, tuple[Any, int]]] = defaultdict(dict)
        self.line_of: dict[int, int] = {}
        self.changed_persons: dict[int, Person] = {}
        self.changed_mandates: dict[int, Mandate] = {}

    def plan(self) -> Plan:
        lines = [self.line(row) for row in self.sheet.rows]
        titulars = defaultdict(list)
        for mandate in self.mandates:
            if mandate.capacity == Mandate.Capacity.TITULAR and mandate.start_on:
                titulars[folded(str(mandate.person))].append(mandate)
        for row, line in zip(self.sheet.rows, lines, strict=True):
            if line.mandate is not None and "replaces" not in line.wrong:
                self.say_whom_it_replaces(row, line, titulars)
        neighbours = self.neighbours()
        for line in lines:
            if line.mandate is not None and line.status is not Status.SAME:
                beside = neighbours[id(line.person)] + neighbours[None]
                self.judge(line, list({id(mandate): mandate for mandate in beside}.values()))
        dated = [mandate for mandate in self.mandates if mandate.start_on]
        return Plan(
            lines=lines,
            persons=list(self.changed_persons.values()),
            mandates=sorted(self.changed_mandates.values(), key=_order_of_writing),
            every=dated,
            has_colleges=bool(self.constituencies),
            excesses=excesses(
                [mandate for mandate in dated if id(mandate) in self.changed_mandates],
                dated,
                self.constituencies.values(),
            ),
        )

    # What a line is about

    def line(self, row: Row) -> Line:
        """Recognise the person and the mandate of a row, and note what it changes; whatever is
        wrong in any of its cells is told at once."""
        cells = row.cells
        line = Line(
            number=row.number, who=f"{cells.get('first_name', '')} {cells['last_name']}".strip()
        )
        for key, message in row.faults:
            if key in row.cells:
                self.fault(line, key, message)
        values = self.values(row, line)
        if not all(values.get(key) for key in REQUIRED_CELLS):  # nobody knows whose it is
            self.apply_to_mandate(line, values, Mandate(body=self.body))
            return line
        try:
            mandate = self.known_mandate(row, values)
            if mandate is None:
                mandate = Mandate(body=self.body, person=self.person(line, values))
                self.mandates.append(mandate)
                name = _name_key(values.get("first_name", ""), values["last_name"])
                self.by_start[name, values["start_on"]].append(mandate)
            elif where := self.line_of.get(id(mandate)):
                raise _Unclear("start_on", f"ce mandat est déjà à la ligne {where}.")
        except _Unclear as unclear:
            self.fault(line, *unclear.args)
            self.apply_to_mandate(line, values, Mandate(body=self.body))
            return line
        self.line_of[id(mandate)] = row.number
        line.mandate, line.person = mandate, mandate.person
        self.apply_to_person(line, values)
        self.apply_to_mandate(line, values, mandate)
        line.who = str(line.person)
        return line

    def values(self, row: Row, line: Line) -> dict[str, Any]:
        """What the cells mean, by column; those that mean nothing become faults."""
        values = {}
        for key, text in row.cells.items():
            if fault := front.fault_of(text, is_long=COLUMNS[key].is_long):
                self.fault(line, key, fault)
                text = " ".join(text.split())
            try:
                values[key] = COLUMNS[key].read(text)
            except BadCell as bad:
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
                raise _Unclear(
                    "id",
                    f"le mandat {identifier} n’existe pas dans cette instance ; laissez la "
                    f"cellule vide pour un nouveau mandat.",
                )
            if name != _name_of(mandate.person):
                whose = french.elide("de", str(mandate.person))
                raise _Unclear(
                    "last_name",
                    f"ce mandat est celui {whose} ; pour le remplacer, donnez une fin à ce "
                    f"mandat et ajoutez une ligne sans identifiant.",
                )
            return mandate
        found = self.by_start[name, values["start_on"]]
        if len(found) > 1:
            found = [mandate for mandate in found if _is_the_same(mandate.person, values)]
        return found[0] if len(found) == 1 else None

    def person(self, line: Line, values: dict[str, Any]) -> Person:
        """The person of a new mandate: known by name, or new."""
        name = _name_key(values.get("first_name", ""), values["last_name"])
        found = self.namesakes[name]
        if len(found) > 1:
            found = [person for person in found if _is_the_same(person, values)]
        if len(found) == 1:
            return found[0]
        if self.namesakes[name]:
            raise _Unclear(
                "last_name",
                f"{len(self.namesakes[name])} personnes portent ce nom ; donnez la date de "
                f"naissance ou l’adresse électronique qui les distingue.",
            )
        if not values.get("civility") and "civility" not in line.wrong:
            self.fault(line, "civility", "cette personne est nouvelle : écrivez « M. » ou « Mme ».")
        person = Person(organisation=self.body.organisation, civility=values.get("civility") or "")
        person.last_name = _in_running_case(values["last_name"])
        person.first_name = _in_running_case(values["first_name"])
        self.namesakes[name].append(person)
        return person

    # What a line changes

    def apply_to_person(self, line: Line, values: dict[str, Any]) -> None:
        """Give the person what the row says; two rows may not say two things."""
        person = line.person
        told = self.told[id(person)]
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
                if column.key == "email" and lowered(before) != lowered(value):
                    line.address = (before, value)
            self.changed_persons[id(person)] = person

    def apply_to_mandate(self, line: Line, values: dict[str, Any], mandate: Mandate) -> None:
        """Give the mandate what the row says; one of nobody is thrown away, its faults told."""
        for column in MANDATE_COLUMNS:
            key = column.key
            if key not in values or key == "replaces":
                continue
            before, value = getattr(mandate, key), values[key]
            try:
                if key == "constituency":
                    value = self.constituency(value)
                elif key == "community":
                    value = self.community(value, before, values.get("start_on"))
                elif value is None and key in ("capacity", "office", "position", "weight"):
                    continue
            except BadCell as bad:
                self.fault(line, key, str(bad))
                continue
            if before != value:
                setattr(mandate, key, value)
                if line.mandate is mandate:
                    self.note(line, column, before, value)
        is_new = mandate.pk is None and mandate.capacity != Mandate.Capacity.CONSULTATIVE
        if is_new and mandate.constituency is None:
            mandate.constituency = self.only_college
        if mandate.pk is None and line.mandate is mandate:
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
            self.note(line, REPLACES, before, after)

    @property
    def only_college(self) -> Constituency | None:
        """Where whoever deliberates sits, in a body that has one college alone."""
        found = list(self.constituencies.values())
        return found[0] if len(found) == 1 else None

    def constituency(self, name: str) -> Constituency | None:
        if not name:
            return None
        if found := self.constituencies.get(folded(name)):
            return found
        known = ", ".join(f"« {c.name} »" for c in self.constituencies.values())
        raise BadCell(
            f"ce collège n’existe pas dans cette instance"
            f"{f' ; elle a {known}' if known else ', qui n’en a aucun'}."
        )

    def community(self, name: str, before: Community | None, on: date | None) -> Community | None:
        """By name; among several of one name, the one the mandate has, or the one of that day."""
        if not name:
            return None
        if before and folded(before.name) == folded(name):
            return before
        found = self.communities[folded(name)]
        if len(found) > 1 and on:
            found = [
                c
                for c in found
                if (c.founded_on is None or c.founded_on <= on)
                and (c.dissolved_on is None or c.dissolved_on > on)
            ]
        if len(found) == 1:
            return found[0]
        if found:
            raise BadCell("plusieurs collectivités portent ce nom à cette date.")
        known = [key for key, rows in self.communities.items() if rows]
        near = get_close_matches(folded(name), known, n=1, cutoff=0.8)
        meant = f" Vouliez-vous dire «\u00a0{self.communities[near[0]][0]}\u00a0» ?" if near else ""
        raise BadCell(
            "cette collectivité n’est pas enregistrée ; donnez-la d’abord, aux premiers pas."
            + french.nbsp(meant)
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
                self.tell(line, error.message_dict)
        self.tell(line, line.mandate.faults(neighbours))

    def tell(self, line: Line, faults: dict[str, list[str]]) -> None:
        """What the models object to in cells that could be read."""
        told = {key: messages for key, messages in faults.items() if key not in line.wrong}
        for key, messages in told.items():
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
        header = COLUMNS[key].header if key in COLUMNS else key
        place = f"colonne {letter} « {header} »" if letter else f"« {header} »"
        line.faults.append((place, message))
        line.wrong.add(key)


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
    return bool(email) and lowered(email) == lowered(person.email)


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


def _change(column: Column, before: Any, after: Any) -> str:
    if column.choices:
        labels = dict(column.choices.choices)
        before, after = labels.get(before, before), labels.get(after, after)
    return f"{column.header} : {_shown(before)} → {_shown(after)}"


_COMMON = {"ce", "cet", "cette", "la", "le", "les", "un", "une", "seul", "seule", "on", "dites"}
_COMMON |= {"donnez", "assurez-vous", "saisissez"}


def _uncapitalised(message: str) -> str:
    """A sentence that follows « colonne C : »; names keep their capital."""
    first = message.split(" ", 1)[0].lower()
    return message[0].lower() + message[1:] if first in _COMMON else message
