"""Verbs with legal effect on who composes the bodies.

Each runs in one transaction, raises `Refused` with every objection, and writes who did it in
the history of the rows (`by`). Correcting a typo is no verb: that is a form.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from law import french
from law.findings import Finding, refusal, refuse
from members import files
from members.days import ONE_DAY
from members.models import Body, Community, Mandate, PaperStyle, Person, User
from members.sheets.files import Sheet
from members.sheets.plan import plan as planned


def save(row: Any, *, by: User | None, why: str) -> None:
    """Save a row that keeps a history, with the author and the reason in it."""
    row._history_user = by
    row._change_reason = why[:100]
    row.save()


def _of(person: Person) -> str:
    """« de Farid FAURE », « d’Elsa EVRARD »."""
    return french.elide("de", str(person))


@transaction.atomic
def end_mandates(
    mandates: Iterable[Mandate], *, on: date, reason: str, by: User | None
) -> tuple[Mandate, ...]:
    """End these mandates, all of them or none; `on` is their last day."""
    found = Mandate.objects.filter(pk__in=[mandate.pk for mandate in mandates])
    ended = tuple(found.select_related("person").select_for_update(of=("self",)))
    refuse(against_end(ended, on, reason))
    for mandate in ended:
        mandate.end_on, mandate.end_reason = on, reason
        save(mandate, by=by, why=f"fin du mandat : {mandate.get_end_reason_display()}")
    return ended


def against_end(mandates: Iterable[Mandate], on: date, reason: str) -> Iterable[Finding]:
    """Why these mandates cannot end that day, for that reason."""
    for mandate in mandates:
        if mandate.end_on:
            yield Finding(
                code="mandat_deja_fini",
                message=f"Le mandat {_of(mandate.person)} a déjà pris fin le "
                f"{french.long_date(mandate.end_on)}.",
            )
        if on < mandate.start_on:
            yield Finding(
                code="fin_avant_debut",
                message=f"Le mandat {_of(mandate.person)} n’a commencé que le "
                f"{french.long_date(mandate.start_on)}.",
                field="on",
            )
    if reason not in Mandate.EndReason.values:
        yield Finding(
            code="motif_inconnu", message="Dites pourquoi le mandat prend fin.", field="reason"
        )


@transaction.atomic
def merge(
    communities: Iterable[Community], *, successor: Community, on: date, by: User | None
) -> tuple[Mandate, ...]:
    """Communities disappear into another on this day (the EPCI mergers of 2017), all or none.

    The successor is recorded, and every mandate that runs for them ends the day before with
    that reason, one already bound to end later included. The mandates that the successor
    gives are new ones: its assembly names them. Returns the mandates that ended.
    """
    found = Community.objects.filter(pk__in=[community.pk for community in communities])
    merged = tuple(found.select_for_update(of=("self",)))
    refuse(each for community in merged for each in _against_merger(community, successor, on))
    ended: list[Mandate] = []
    for community in merged:
        running = community.mandates.in_office(on).exclude(start_on=on).select_related("person")
        community.dissolved_on, community.successor = on, successor
        save(community, by=by, why=f"fusion : {successor} lui succède")
        for mandate in running.select_for_update(of=("self",)):
            mandate.end_on, mandate.end_reason = on - ONE_DAY, Mandate.EndReason.MERGER
            save(mandate, by=by, why=f"fusion de {community}")
            ended.append(mandate)
    return tuple(ended)


def _against_merger(community: Community, successor: Community, on: date) -> Iterable[Finding]:
    if successor == community:
        yield Finding(
            code="succede_a_elle_meme",
            message="Une collectivité ne se succède pas à elle-même.",
            field="successor",
        )
    if successor.organisation_id != community.organisation_id:
        yield Finding(
            code="successeur_etranger",
            message=f"{successor} n’est pas membre de la même organisation.",
            field="successor",
        )
    if successor.dissolved_on and successor.dissolved_on <= on:
        yield Finding(
            code="successeur_disparu",
            message=f"{successor} n’existe plus depuis le "
            f"{french.long_date(successor.dissolved_on)}.",
            field="successor",
        )
    if community.dissolved_on:
        yield Finding(
            code="collectivite_deja_disparue",
            message=f"{community} n’existe plus depuis le "
            f"{french.long_date(community.dissolved_on)}.",
        )
    if community.founded_on and on <= community.founded_on:
        yield Finding(
            code="disparait_avant_d_exister",
            message=f"{community} n’est membre que depuis le "
            f"{french.long_date(community.founded_on)}.",
            field="on",
        )
    for mandate in community.mandates.filter(start_on__gte=on).select_related("person"):
        yield Finding(
            code="mandat_posterieur",
            message=f"Le mandat {_of(mandate.person)} pour {community} commence le "
            f"{french.long_date(mandate.start_on)}, quand elle n’existe plus.",
            remedy="Corrigez d’abord ce mandat.",
            field="on",
        )


@transaction.atomic
def note_births(born: Mapping[Person, date | None], *, by: User) -> None:
    """Write when these persons were born (art. L2122-7 and L2122-8: the eldest); what was frozen
    by a sitting stays until its composition is taken again."""
    for person, day in born.items():
        person.born_on = day
        save(person, by=by, why="dates de naissance")


@transaction.atomic
def import_mandates(
    body: Body, sheet: Sheet, *, by: User | None, file_name: str, seen: str = ""
) -> int:
    """Write what a sheet says, all of it or nothing; returns how many lines changed.

    Mandates that end come before those that begin, so that a person may change seats in one
    file. `seen` is the fingerprint of the plan that was shown: raises `Refused` when the sheet
    would do something else by now, `IntegrityError` when somebody writes a mandate meanwhile.
    """
    Body.objects.select_for_update().get(pk=body.pk)  # one import at a time
    plan = planned(body, sheet)
    if seen and plan.fingerprint != seen:
        raise refusal(
            "donnees_changees",
            "Les mandats ont changé depuis l’aperçu ; rien n’a été écrit.",
            remedy="Voici ce que le fichier ferait maintenant.",
        )
    refuse(plan.findings)
    written = len(plan.changed)  # counted before: a line just written is no longer to be created
    why = f"import de {file_name}"
    for person in plan.persons:
        save(person, by=by, why=why)
    for mandate in plan.mandates:
        # Assigned again, now that what was new has a number.
        mandate.person = mandate.person
        mandate.replaces = mandate.replaces
        save(mandate, by=by, why=why)
    return written


@files.all_or_nothing()
def keep_paper_style(style: PaperStyle, *, version: int, by: User) -> PaperStyle:
    """Set how the papers of a body look and speak from now on.

    `version` is the one that the editor started from. Raises `Refused` when somebody else wrote
    since.
    """
    Body.objects.select_for_update().get(pk=style.body_id)
    current = PaperStyle.objects.filter(body=style.body_id).first()
    if current is not None and current.version != version:
        last = current.history.select_related("history_user").first()
        who = (last and last.history_user) or "Quelqu’un"
        raise refusal(
            "style_change",
            french.nbsp(
                f"{who} a enregistré d’autres réglages pendant que vous faisiez les vôtres."
            ),
            remedy="Comparez, puis enregistrez de nouveau pour garder les vôtres.",
        )
    style.version = version + 1
    save(style, by=by, why="papiers")
    return style
