"""Whom an organisation is made of, written the first time: itself, its members, its bodies.

Lists are pasted, one line each; whatever is wrong is said of every line at once, and a list goes in
whole or not at all.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from law import french, regime, sirens
from law.findings import refusal, refuse
from members.actions import save
from members.models import (
    Body,
    Community,
    Constituency,
    LegalForm,
    Organisation,
    RuleBook,
    User,
    folded,
)

MAX_LINES = 1_000
MAX_CHARACTERS = 100_000

# --- Lists ------------------------------------------------------------------------------------


def rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of a pasted list with their number, cut at what its first line is cut at; empty
    ones are passed over. Raises `Refused` when there are too many."""
    given = text.splitlines()
    if len(text) > MAX_CHARACTERS or len(given) > 2 * MAX_LINES:
        raise refusal(
            "liste_trop_longue",
            f"Cette liste a plus de {MAX_LINES} lignes.",
            remedy="Donnez-la en plusieurs fois.",
        )
    first = next((each for each in given if each.strip()), "")
    # A comma is of many names: « Moreuil, Ailly et environs ».
    delimiter = max(";\t", key=first.count)
    for number, each in enumerate(given, 1):
        try:
            cells = next(csv.reader([each], delimiter=delimiter, skipinitialspace=True), [])
        except csv.Error:
            cells = [each]
        if any(cell.strip() for cell in cells):
            yield number, [" ".join(cell.split()) for cell in cells]


def as_text(lines: Iterable[tuple[int, list]]) -> str:
    """The lines of a file as one would have pasted them."""
    told = ([re.sub(r"[;\s]+", " ", str(cell)).strip() for cell in cells] for _, cells in lines)
    return "\n".join(" ; ".join(cells).rstrip(" ;") for cells in told if any(cells))


# --- The organisation ---------------------------------------------------------------------------

# What papers call it, where nobody says otherwise.
_DESIGNATIONS = {
    LegalForm.OPEN: "le syndicat mixte {}",
    LegalForm.CLOSED: "le syndicat mixte {}",
    LegalForm.COMMUNE: "la commune {}",
}


def designation_of(name: str, legal_form: str) -> str:
    """How acts would name it: « le syndicat mixte Somme Numérique », « la commune de Brume »."""
    first = folded(name).split(" ")[0] if name else ""
    if first in ("communaute", "metropole", "commune", "ville"):
        return f"la {name[0].lower()}{name[1:]}"
    if first == "syndicat":
        return f"le {name[0].lower()}{name[1:]}"
    said = french.contract("de", name) if legal_form == LegalForm.COMMUNE else name
    return _DESIGNATIONS.get(LegalForm(legal_form), "{}").format(said)


@transaction.atomic
def found(organisation: Organisation, *, by: User) -> Organisation:
    """Write a new organisation, under an identifier of its own."""
    if not organisation.designation:
        organisation.designation = designation_of(organisation.name, organisation.legal_form)
    organisation.slug = _free_slug(organisation.name, Organisation.objects.all())
    save(organisation, by=by, why="premiers pas")
    return organisation


@transaction.atomic
def correct(organisation: Organisation, *, by: User) -> None:
    """Write what an organisation is from now on; no rule that is written changes with it."""
    save(organisation, by=by, why="page de l’organisation")


def _free_slug(name: str, among) -> str:
    wanted = slugify(name)[:40] or "sans-nom"
    taken = set(among.filter(slug__startswith=wanted).values_list("slug", flat=True))
    numbers = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
    return next(each for each in (wanted, *numbers) if each not in taken)


# --- Its members --------------------------------------------------------------------------------

_KINDS = {
    **{folded(label): value for value, label in Community.Kind.choices},
    **{value: value for value in Community.Kind.values},
    "agglomeration": "ca",
    "ville": "commune",
}
# How names of each kind begin, or what they hold.
_NAMED = (
    (r"communaute de communes\b|cc\b", Community.Kind.CC),
    (r"communaute d agglomeration\b|ca\b|.*\bagglo(meration)?\b", Community.Kind.CA),
    (r"communaute urbaine\b|cu\b", Community.Kind.CU),
    (r".*\bmetropole\b", Community.Kind.METROPOLE),
    (r"(conseil )?departement(al)?\b", Community.Kind.DEPARTEMENT),
    (r"(conseil )?region(al)?\b", Community.Kind.REGION),
    (r"syndicat\b|si(v[ou]m|vu|aep)?\b", Community.Kind.SYNDICAT),
    (r"commune (de|d|du|des)\b|ville (de|d|du|des)\b", Community.Kind.COMMUNE),
)


@dataclass(slots=True, kw_only=True)
class CommunityLine:
    """A member to write, and why it cannot be."""

    number: int
    community: Community
    is_assumed: bool = False  # neither the line nor the name says of what kind it is
    faults: list[str] = field(default_factory=list)


def communities(
    text: str, organisation: Organisation, *, usual: str = Community.Kind.COMMUNE
) -> list[CommunityLine]:
    """Each line of « nom ; nature ; SIREN ; associé » as a member, with all its faults. `usual` is
    the kind of those that say none and whose name tells none. Raises `Refused`."""
    here = organisation.communities.lasting(timezone.localdate()).values_list("name", flat=True)
    registered, seen = {folded(name) for name in here}, {}
    lines = []
    for number, cells in rows(text):
        name, kind, siren, associated, *more = [*cells, "", "", "", ""]
        if not lines and folded(name) in ("nom", "collectivite", "collectivites", "membre"):
            continue
        siren = siren.replace(" ", "")
        told = _KINDS.get(folded(kind), "") if kind else _kind_told_by(name)
        line = CommunityLine(
            number=number,
            community=Community(
                organisation=organisation,
                name=name,
                kind=told or ("" if kind else usual),
                siren=siren,
                is_associated=folded(associated) in ("associe", "membre associe", "oui"),
            ),
            is_assumed=not told and not kind,
        )
        line.faults += _faults(line.community, said=kind)
        if any(more) or (associated and not line.community.is_associated):
            line.faults.append("après le SIREN ne vient que « associé »")
        if folded(name) in registered:
            line.faults.append("cette collectivité est déjà enregistrée")
        elif name and folded(name) in seen:
            line.faults.append(f"cette collectivité est déjà à la ligne {seen[folded(name)]}")
        seen.setdefault(folded(name), number)
        lines.append(line)
    if not lines:
        raise refusal(
            "liste_vide", "Cette liste est vide.", remedy="Écrivez une collectivité par ligne."
        )
    return lines


def _kind_told_by(name: str) -> str:
    return next((kind for start, kind in _NAMED if re.match(start, folded(name))), "")


def _faults(community: Community, *, said: str) -> Iterator[str]:
    if not community.name:
        yield "le nom manque"
    elif len(community.name) > 200 or not community.name.isprintable():
        yield "ce nom ne s’écrit pas"
    if not community.kind:
        yield f"«\u00a0{said[:80]}\u00a0» n’est pas une nature"
    if community.siren and (fault := sirens.fault_of_siren(community.siren)):
        yield fault[0].lower() + fault[1:].rstrip(".")


@transaction.atomic
def join(organisation: Organisation, lines: Iterable[CommunityLine], *, by: User) -> int:
    """Write these members, all of them or none: raises `Refused` when a line has a fault."""
    lines = tuple(lines)
    if any(line.faults for line in lines):
        raise refusal("liste_fautive", "Une ligne de cette liste a un défaut : rien n’est écrit.")
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    for line in lines:
        save(line.community, by=by, why="liste de collectivités")
    return len(lines)


# --- Its bodies ---------------------------------------------------------------------------------

# For each kind: what it is usually called, and its members.
USUAL = {
    Body.Kind.COMITE: ("Comité syndical", "délégués"),
    Body.Kind.BUREAU: ("Bureau", "membres"),
    Body.Kind.COMMISSION: ("Commission", "membres"),
    Body.Kind.COUNCIL: ("Conseil", "conseillers"),
}


def colleges(text: str) -> list[Constituency]:
    """The colleges of « nom ; sièges » lines. Raises `Refused` with every fault."""
    found, faults, seen = [], [], set()
    for number, cells in rows(text):
        name, seats, *more = [*cells, "", ""]
        wrong = []
        if not name or len(name) > 200:
            wrong.append("le nom manque ou ne s’écrit pas")
        if not re.fullmatch(r"[0-9]{1,4}", seats):
            wrong.append("donnez le nombre de sièges après un point-virgule")
        if any(more):
            wrong.append("plus de deux colonnes : nom ; sièges")
        if folded(name) in seen:
            wrong.append("ce collège est déjà dans la liste")
        seen.add(folded(name))
        faults += [f"Ligne {number} : {why}." for why in wrong]
        if not wrong:
            found.append(Constituency(name=name, seats=int(seats), position=len(found) + 1))
    refuse(refusal("colleges", fault, field="colleges").findings[0] for fault in faults)
    return found


@transaction.atomic
def make_body(body: Body, colleges: Iterable[Constituency], *, preset: str, by: User) -> Body:
    """Write a new body, its colleges, and the rules of this model, by which it lives until somebody
    writes others."""
    organisation = Organisation.objects.select_for_update().get(pk=body.organisation_id)
    if organisation.bodies.filter(name__iexact=body.name).exists():
        raise refusal("instance_connue", "Une instance porte déjà ce nom.", field="name")
    feminine = body.kind == Body.Kind.COMMISSION or folded(body.name).startswith("assemblee")
    body.gender = Body.Gender.FEMININE if feminine else Body.Gender.MASCULINE
    if not body.designation:
        elided = french.elides(body.name)
        body.designation = (
            f"l’{body.name}" if elided else f"{'la' if feminine else 'le'} {body.name}"
        )
    body.member_noun = USUAL[Body.Kind(body.kind)][1]
    body.slug = _free_slug(body.name, organisation.bodies.all())
    body.position = organisation.bodies.count() + 1
    save(body, by=by, why="premiers pas")
    for college in colleges:
        college.body = body
        save(college, by=by, why="premiers pas")
    book = RuleBook(body=body, preset=preset)
    book.values = regime.to_values(book.usual)
    save(book, by=by, why="premiers pas")
    return body
