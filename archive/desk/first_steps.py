"""What an organisation writes before its first sitting, step by step: done, next, or to come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts import standing
from law import french
from meetings.models import Meeting
from members.models import Body, LegalForm, Mandate, Organisation, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStep:
    """One step: `told` says where it stands, `verb` and `url` what to do, `whose` who may."""

    title: str
    told: str
    is_done: bool
    url: str
    verb: str
    act: str = ""  # the same with how many, as a list of chores says it
    left: str = ""  # what one that is done still lacks, and a sitting can be held without
    whose: frozenset[str] = frozenset({Role.Kind.ADMINISTRATION})


def of(organisation: Organisation, *, on: date) -> list[FirstStep]:
    """The six steps in order; a flat number of queries."""
    return list(_steps(organisation, on))


def following(steps: list[FirstStep]) -> FirstStep | None:
    """The first that is not done; `None` once all are."""
    return next((step for step in steps if not step.is_done), None)


def _steps(organisation: Organisation, on: date) -> Iterator[FirstStep]:
    digits = organisation.known_siren
    siren = "\u00a0".join(filter(None, (digits[:3], digits[3:6], digits[6:])))
    yield FirstStep(
        title="L’organisation",
        told=f"{organisation}, {organisation.get_legal_form_display()}, "
        + (f"SIREN {siren}" if siren else "sans SIREN"),
        is_done=True,
        left="" if siren else "reste son SIREN",
        url=reverse("accounts:organisation"),
        verb="Corriger" if siren else "Donner son SIREN",
    )
    members = organisation.communities.lasting(timezone.localdate()).count()
    has_none = organisation.legal_form == LegalForm.COMMUNE
    yield FirstStep(
        title="Les collectivités membres",
        told="Sans objet pour une commune"
        if has_none
        else french.count(members, "collectivité")
        if members
        else "Collez leur liste, ou donnez un fichier",
        is_done=bool(members) or has_none,
        url=reverse("members:communities"),
        verb="Donner les collectivités" if not members else "En ajouter",
    )
    # Whoever is to sit counts: an assembly is written before the day it is installed.
    lasting = Q(end_on=None) | Q(end_on__gte=on)
    sitting = Mandate.objects.filter(lasting, body=OuterRef("pk"))
    bodies = list(
        organisation.bodies.filter(is_active=True)
        .annotate(has_members=Exists(sitting))
        .order_by("position", "name")
    )
    yield FirstStep(
        title="Les instances, leurs collèges et leurs sièges",
        told=french.join([body.name for body in bodies])
        if bodies
        else "Le comité, le bureau, les commissions",
        is_done=bool(bodies),
        url=reverse("accounts:new_body"),
        verb="Créer une instance" if not bodies else "En créer une autre",
    )
    yield _delegates(bodies)
    yield _accounts(organisation, on)
    sittings = Meeting.objects.filter(body__organisation=organisation).exists()
    yield FirstStep(
        title="La première séance",
        told="Une séance est créée" if sittings else "Sa composition vient des mandats",
        is_done=sittings,
        url=reverse("meetings:create"),
        verb="Créer la première séance" if not sittings else "Nouvelle séance",
        whose=frozenset({Role.Kind.SECRETARIAT}),
    )


def _delegates(bodies: list[Body]) -> FirstStep:
    """A bureau is elected by the assembly in its first sitting: till then nobody sits in it."""
    empty = [body for body in bodies if not body.has_members]
    elected = [body for body in empty if body.kind == Body.Kind.BUREAU]
    if len(elected) < len(bodies):
        empty = [body for body in empty if body not in elected]
    wanted = (empty or bodies)[:1]
    if not bodies:
        told = "Une fois l’instance créée"
    elif empty:
        told = f"Personne ne siège encore\u00a0: {french.join([body.name for body in empty])}"
    elif elected:
        told = f"L’assemblée élit\u00a0: {french.join([body.name for body in elected])}"
    else:
        told = "Chaque instance a ses membres"
    return FirstStep(
        title="Les délégués et leurs suppléants",
        told=told,
        is_done=bool(bodies) and not empty,
        url=reverse("members:import", args=[wanted[0].pk])
        if wanted
        else reverse("accounts:new_body"),
        verb=f"Importer\u00a0: {empty[0]}" if empty else "Importer des délégués",
        whose=frozenset({Role.Kind.ADMINISTRATION, Role.Kind.SECRETARIAT}),
    )


def _accounts(organisation: Organisation, on: date) -> FirstStep:
    """Done when whoever can be invited was; who has no address is told, and holds nothing up."""
    persons = list(standing.sitting(organisation, on=on))
    now = timezone.now()
    to_invite = len(standing.to_invite(persons, at=now))
    mute = sum(not each.email and standing.of(each, at=now).is_none for each in persons)
    told = (
        [french.count(to_invite, "personne à inviter", "personnes à inviter")] if to_invite else []
    )
    if mute:
        told.append(f"{mute} sans adresse électronique")
    return FirstStep(
        title="Les comptes",
        act=f"Inviter {french.count(to_invite, 'personne')}" if to_invite else "",
        told=", ".join(told) or ("Chacun est invité" if persons else "Pour qui siège"),
        is_done=bool(persons) and not to_invite,
        url=reverse("accounts:to_invite"),
        verb="Inviter qui siège",
    )
