"""A list of people to invite: read, and judged line by line, before anything is written.

One line each: name; address; role. Whatever is wrong is said of every line at once; a list goes in
whole or not at all.
"""

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.http import QueryDict

from accounts import elsewhere
from law.addresses import lowered
from law.findings import Refused, refusal
from members import addresses
from members.asked import row_number
from members.models import Organisation, Person, Role, User, folded

MAX_LINES = 500
MAX_CHARACTERS = 100_000
FIELDS = ("nom", "adresse", "role")
MAX_CORRECTED = 50  # lines that a page lets one correct; the others come after those
# What people write for each role, as a dictionary files it.
_ROLES = {
    **{folded(kind.label): kind for kind in Role.Kind},
    **{folded(kind.value): kind for kind in Role.Kind},
    **dict.fromkeys(("deleguee", "elu", "elue", "membre"), Role.Kind.DELEGATE),
    **dict.fromkeys(("secretaire",), Role.Kind.SECRETARIAT),
    **dict.fromkeys(("administrateur", "administratrice"), Role.Kind.ADMINISTRATION),
}
_DELEGATE = Role.Kind.DELEGATE.label
_CIVILITIES = ("m", "mme", "monsieur", "madame")


@dataclass(slots=True, kw_only=True)
class Line:
    """One person to invite, and why she cannot be."""

    number: int  # in what was given, from 1
    name: str
    email: str
    kind: Role.Kind | None
    person: Person | None = None  # whom the account is to be linked to, once that is agreed
    # What is wrong, by the field where it is mended.
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    is_elsewhere: bool = False  # the address has an account in another organisation

    @property
    def faults(self) -> list[str]:
        return [fault for faults in self.wrong.values() for fault in faults]

    @property
    def fields(self) -> list[tuple[str, str, str, list[str]]]:
        """What a page asks again of a line that is wrong: name, label, value, faults."""
        kind = self.kind.value if self.kind else ""
        told = [("nom", "Nom", self.name), ("adresse", "Adresse", self.email)]
        return [(*each, self.wrong.get(each[0], [])) for each in (*told, ("role", "Rôle", kind))]

    @property
    def names(self) -> tuple[str, str]:
        """First and last name: those of the person; otherwise what is in capitals is the last."""
        if self.person is not None:
            return self.person.first_name, self.person.last_name
        words = self.name.split()
        if folded(words[0]) in _CIVILITIES:
            words = words[1:] or words
        capitals = [word for word in words if len(word) > 1 and word.isupper()]
        if not capitals or len(capitals) == len(words):
            return " ".join(words[:1]), " ".join(words[1:])
        return " ".join(word for word in words if word not in capitals), " ".join(capitals)


def ticked(data: QueryDict, organisation: Organisation) -> str:
    """The list as one would have pasted it: the delegates that were ticked, each at the address
    that stands beside her, then the lines that were typed."""
    numbers = [row_number(each) for each in data.getlist("personne")]
    chosen = organisation.persons.filter(pk__in=[each for each in numbers if each])
    lines = [
        f"{person} ; {' '.join(data.get(f'adresse-{person.pk}', '').split())} ; {_DELEGATE}"
        for person in chosen.order_by("sort_name", "pk")
    ]
    return "\n".join([*lines, data.get("liste", "")])


def corrected(data: QueryDict) -> str:
    """The list that was shown, its lines put right as they were asked again, or left out."""
    given = data.get("liste", "")
    if len(given) > MAX_CHARACTERS:  # refused as it is read
        return given
    asked = {int(each) for each in data.getlist("ligne")[:MAX_CORRECTED] if row_number(each)}
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\n")
    for number, cells in _rows(given):
        if number in asked and f"sans-{number}" in data:
            cells = []
        elif number in asked:
            cells = [" ".join(data.get(f"{each}-{number}", "").split()) for each in FIELDS]
        writer.writerow(cells)
    return written.getvalue()


def plan(text: str, organisation: Organisation, *, user: User) -> list[Line]:
    """Every line of this list, with all its faults as this user may know them. Raises `Refused`
    when it is no list."""
    lines = list(_read(text))
    if not lines:
        raise refusal(
            "liste_vide",
            "Cette liste est vide.",
            remedy="Une ligne par personne : nom ; adresse ; rôle.",
        )
    found = {*_known([line.email for line in lines])}
    unseen = elsewhere.of(found, user)
    persons = _persons(organisation)
    seen_address: dict[str, int] = {}
    seen_person: dict[int, int] = {}
    for line in lines:
        if line.email in unseen:
            line.is_elsewhere = True
            line.wrong["adresse"].append(elsewhere.TAKEN)
        elif line.email in found:
            line.wrong["adresse"].append(
                "cette adresse a déjà un compte : donnez-lui le rôle dans Administration, Rôles"
            )
        _once(line, "adresse", seen_address, line.email, "cette adresse est déjà")
        if line.kind == Role.Kind.DELEGATE and line.name:
            _link(line, persons)
            if line.person is not None:
                _once(line, "nom", seen_person, line.person.pk, "cette personne est déjà")
    return lines


def fingerprint(lines: list[Line]) -> str:
    """Of what this plan would do: the same as long as nothing that it leans on has changed."""
    told = [
        (line.name, line.email, line.kind, line.person and line.person.pk, line.faults)
        for line in lines
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


# --- Reading ----------------------------------------------------------------------------------


def _read(text: str) -> Iterator[Line]:
    if len(text) > MAX_CHARACTERS or text.count("\n") > 4 * MAX_LINES:
        raise _too_long()
    count = 0
    for number, cells in _rows(text):
        cells = [" ".join(cell.split()) for cell in cells]
        if not any(cells) or (count == 0 and _is_a_header(cells)):
            continue
        count += 1
        if count > MAX_LINES:
            raise _too_long()
        name, email, role, *more = [*cells, "", "", ""]
        email = lowered(email)
        kind = _ROLES.get(folded(role))
        line = Line(number=number, name=name, email=email, kind=kind)
        if any(more):
            line.wrong["nom"].append("plus de trois colonnes : nom ; adresse ; rôle")
        if not name or len(name) > 150 or not name.isprintable():
            line.wrong["nom"].append("ce nom ne s’écrit pas" if name else "le nom manque")
        if faults := _faults_of_address(email):
            line.wrong["adresse"] += faults
        if line.kind is None:
            said = f"« {role[:80]} » n’est pas un rôle" if role else "le rôle manque"
            known = ", ".join(kind.label for kind in Role.Kind)
            line.wrong["role"].append(f"{said} ({known})")
        yield line


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Cut at what the first line is cut at."""
    given = text.splitlines()
    first = next((each for each in given if each.strip()), "")
    delimiter = max(";\t,", key=lambda mark: len(_cells(first, mark)))
    for number, each in enumerate(given, 1):  # a name on two lines is two faults, not one
        yield number, _cells(each, delimiter)


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [line]


def _is_a_header(cells: list[str]) -> bool:
    return not any("@" in cell for cell in cells) and "role" in map(folded, cells)


def _faults_of_address(email: str) -> list[str]:
    if not email:
        return ["l’adresse manque"]
    try:
        addresses.validate(email)
    except ValidationError as fault:
        if fault.code == "look_alike":
            return fault.messages
    else:
        if len(email) <= 254 and email.isprintable():
            return []
    return [f"«\u00a0{email[:80]}\u00a0» n’est pas une adresse"]


def _too_long() -> Refused:
    return refusal(
        "liste_trop_longue",
        f"Cette liste a plus de {MAX_LINES} lignes.",
        remedy="Donnez-la en plusieurs fois.",
    )


# --- Judging ----------------------------------------------------------------------------------


def _known(addresses: list[str]) -> Iterator[str]:
    """Those that have an account, wherever."""
    yield from User.objects.filter(email__in=addresses).values_list("email", flat=True)


def _persons(organisation: Organisation) -> dict[str, list[Person]]:
    """The persons of the organisation by their names, in both orders."""
    found: dict[str, list[Person]] = defaultdict(list)
    for person in organisation.persons.all():
        first, last = folded(person.first_name), folded(person.last_name)
        for key in {f"{first} {last}".strip(), f"{last} {first}".strip()}:
            found[key].append(person)
    return found


def _link(line: Line, persons: dict[str, list[Person]]) -> None:
    """Find the person that a delegate is; without one she would read nothing."""
    words = folded(line.name).split()
    if words[:1] and words[0] in _CIVILITIES:
        words = words[1:]
    found = persons.get(" ".join(words), [])
    if not found:
        line.wrong["nom"].append(
            "aucune personne de ce nom dans l’organisation : créez sa fiche d’abord"
        )
    elif len(found) > 1:
        line.wrong["nom"].append(
            f"{len(found)} personnes portent ce nom : ouvrez ce compte à la main, fiche choisie"
        )
    elif found[0].user_id is not None:
        line.wrong["nom"].append("cette personne a déjà un compte")
    else:
        line.person = found[0]


def _once(line: Line, where: str, seen: dict, key: object, words: str) -> None:
    if key and key in seen:
        line.wrong[where].append(f"{words} à la ligne {seen[key]}")
    elif key:
        seen[key] = line.number
