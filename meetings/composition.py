"""From the mandates of the day to the composition a sitting freezes."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from itertools import chain

from django.db.models import Q
from django.utils.text import slugify

from law import assembly, regime, sitting
from members.models import Body, Mandate, Person


def of(body: Body, on: date) -> sitting.Composed:
    """Who makes up a body on the day of a sitting, and under which rules.

    A body without a rule book lives by the preset of its organisation's legal form. Of what is
    decided alone, only those who may decide so are kept: who presides the assembly, who stands in.
    """
    is_alone, body = body.assembly_id is not None, body.composer
    mandates = list(
        body.mandates.in_office(on)
        .filter(~Q(office=Mandate.Office.MEMBER) if is_alone else Q())
        .in_roll_order()
        .select_related("person", "constituency", "community", "replaces")
    )
    keys = _keys(mandates)
    # A titular who changed office has another mandate: his substitute still stands for the man.
    titulars = {
        mandate.person_id: keys[mandate.pk]
        for mandate in mandates
        if mandate.capacity == mandate.Capacity.TITULAR
    }
    book = body.rule_book(on)
    members = tuple(
        assembly.Member(
            key=keys[mandate.pk],
            civility=mandate.person.civility,
            first_name=mandate.person.first_name,
            last_name=mandate.person.last_name,
            capacity=assembly.Capacity(mandate.capacity),
            constituency=mandate.constituency.name if mandate.constituency else "",
            community=mandate.community.name if mandate.community else "",
            office="" if mandate.office == mandate.Office.MEMBER else mandate.office,
            office_rank=mandate.office_rank or 0,
            weight=mandate.weight,
            replaces=titulars.get(mandate.replaces.person_id, "") if mandate.replaces else "",
            born_on=mandate.person.born_on,
            mandate=mandate.pk,
        )
        for mandate in mandates
    )
    # Seats of which nothing is known on that day are those that are filled: none is vacant.
    filled = Counter(m.constituency for m in members if m.capacity is assembly.Capacity.TITULAR)
    return sitting.Composed(
        composition=assembly.Composition(
            constituencies=tuple(
                assembly.Constituency(
                    name=college.name, seats=college.seats_on(on) or filled[college.name]
                )
                for college in ([] if is_alone else body.constituencies.all())
            ),
            members=members,
        ),
        regime=book.regime
        if book
        else regime.usual(body.organisation.legal_form, of_assembly=body.is_assembly),
    )


def key_of(
    composition: assembly.Composition, person: Person, mandates: Collection[int] | None = None
) -> str:
    """The key of this person in a sitting, "" for who has none; an imported sitting knows his
    name, not his mandate. `mandates` are his, when they are known already."""
    if mandates is None:
        mandates = set(person.mandates.values_list("pk", flat=True))
    by_mandate = (member.key for member in composition.members if member.mandate in mandates)
    by_name = (
        member.key
        for member in composition.members
        if member.mandate is None
        and (member.first_name, member.last_name) == (person.first_name, person.last_name)
    )
    return next(chain(by_mandate, by_name), "")


def plain_key(person: Person) -> str:
    """The key of whoever shares her name with nobody there."""
    return slugify(str(person))[:40] or "membre"


def _keys(mandates: Iterable[Mandate]) -> dict[int, str]:
    """A readable key for each mandate; homonyms are told apart by a number."""
    keys: dict[int, str] = {}
    seen: Counter[str] = Counter()
    for mandate in mandates:
        base = plain_key(mandate.person)
        seen[base] += 1
        keys[mandate.pk] = base if seen[base] == 1 else f"{base}-{seen[base]}"
    return keys
