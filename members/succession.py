"""A mandate that ends, and whoever comes after: planned, shown in sentences, written, undone.

One act for what were five: the mandate ends; the same seat, for the same college and community, is
another's from the day after; whoever sits in the place of the former sits in that of the new one;
the other mandates of the former end, pass on or stay; and the address by which the successor is
invited is noted. An office passes to nobody: assemblies elect to it.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import F, ProtectedError

from law import french
from law.findings import Finding, Refused, refusal, refuse
from members import seats
from members.actions import against_end, save
from members.days import ONE_DAY
from members.models import Body, Mandate, Person, folded

_MARK = "succession nº\u00a0"  # begins why its lines of history were written
ENDS, PASSES, STAYS = "finit", "passe", "demeure"  # what becomes of the former's other mandates


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody asks: `on` is the last day; no successor leaves the seat empty. `others` says
    of each other mandate of the former what becomes of it."""

    mandate: Mandate
    on: date
    reason: str
    successor: Person | None = None
    is_namesake: bool = False  # a new person, though another has her name
    others: dict[int, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Plan:
    """What would be written, in the order in which to write it, and what is told of it."""

    ended: list[Mandate] = field(default_factory=list)
    begun: list[Mandate] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """Differs as soon as the same form would do something else."""
        numbers = [mandate.pk for mandate in self.ended]
        return hashlib.sha256(repr((numbers, self.told, self.warned)).encode()).hexdigest()


def unfilled(mandates: Iterable[Mandate]) -> list[Mandate]:
    """Of these, in one body, those that end and whose seat nobody takes afterwards. No query when
    no end is noted, one when nobody comes later, three at most."""
    ending = sorted((each for each in mandates if each.end_on), key=lambda each: each.end_on)
    taken = _takers(ending)
    return [each for each in ending if each.pk not in taken]


def taker_of(mandate: Mandate) -> Mandate | None:
    """Who takes its seat once it has ended, if anybody does."""
    if not mandate.end_on:
        return None
    # All that end with it, so that a seat taken is counted once.
    ending = mandate.body.mandates.filter(end_on__gte=mandate.end_on).select_related("body")
    return _takers(ending.order_by("end_on", "pk")).get(mandate.pk)


def may_be_followed(mandate: Mandate) -> bool:
    """Whether somebody may be given its seat: it runs still, or it ends and leaves it empty."""
    return taker_of(mandate) is None


def _takers(ending: Iterable[Mandate]) -> dict[int, Mandate]:
    """By its number, who takes the seat of each of these, in order of their ends: whoever was given
    it by one act, or holds it again; then whoever begins later in that college, in that capacity,
    those of its community first. Who was given the seat of another takes none of these."""
    ending = list(ending)
    if not ending:
        return {}
    later = ending[0].body.mandates.filter(start_on__gt=ending[0].end_on)
    free = list(later.select_related("person").order_by("start_on", "pk"))
    given, found = _given(free), {}

    def closeness(row: Mandate, each: Mandate) -> int:
        if row.start_on <= each.end_on or row.capacity != each.capacity:
            return _NOT_AT_ALL
        if row.person_id == each.person_id:
            return 0
        if row.pk in given:
            number, body, person = given[row.pk]
            at_once = each.pk == number or (body != each.body_id and person == each.person_id)
            return 0 if at_once else _NOT_AT_ALL
        if row.constituency_id != each.constituency_id:
            return _NOT_AT_ALL
        return 1 if row.community_id == each.community_id else 2

    for near in range(_NOT_AT_ALL):
        for each in ending:
            if each.pk in found:
                continue
            row = next((row for row in free if closeness(row, each) == near), None)
            if row is not None:
                free.remove(row)
                found[each.pk] = row
    return found


_NOT_AT_ALL = 3  # how far is who takes another seat


def _given(rows: list[Mandate]) -> dict[int, tuple[int, int, int]]:
    """Of those of these that one act began, by their numbers: the mandate that it ended, with its
    body and whoever held it."""
    if not rows:
        return {}
    lines = Mandate.history.filter(
        history_type="+",
        id__in=[row.pk for row in rows],
        history_change_reason__startswith=_MARK,
    )
    ended = {
        pk: int(why.removeprefix(_MARK).partition("\u00a0:")[0])
        for pk, why in lines.values_list("id", "history_change_reason")
    }
    if not ended:
        return {}
    asked = Mandate.objects.filter(pk__in=ended.values())
    held = {row[0]: row for row in asked.values_list("pk", "body", "person")}
    return {pk: held[number] for pk, number in ended.items() if number in held}


def others_of(mandate: Mandate) -> list[Mandate]:
    """The other running or coming mandates of the same person; of one that has ended, none: they
    were settled with it."""
    if mandate.end_on:
        return []
    rows = mandate.person.mandates.filter(end_on=None).exclude(pk=mandate.pk)
    return list(rows.select_related("body__organisation", "constituency", "community", "person"))


def plan(asked: Asked) -> Plan:
    """What would be done, and why it cannot be. Writes nothing."""
    found = Plan()
    others = others_of(asked.mandate)
    _hand_over(found, asked, asked.mandate, to=asked.successor)
    for other in others:
        match asked.others.get(other.pk, ENDS):
            case "finit":
                _hand_over(found, asked, other, to=None)
            case "passe":
                _hand_over(found, asked, other, to=asked.successor)
            case _:
                found.told.append(f"{_seat(other)}\u00a0: {asked.mandate.person} le garde.")
    found.findings += _against(found, asked)
    return found


def _hand_over(found: Plan, asked: Asked, mandate: Mandate, *, to: Person | None) -> None:
    """This mandate ends; the same begins for `to`, without its office."""
    start, former = asked.on + ONE_DAY, mandate.person
    substitutes = _substitutes(mandate, asked.on)
    seat, last = _seat(mandate), french.long_date(asked.on)
    if not mandate.end_on:
        _end(found, mandate, asked.on, asked.reason)
        found.told.append(
            f"{seat}\u00a0: {former} siège jusqu’au {last} ({mandate.get_end_reason_display()})."
        )
    if mandate.office != Mandate.Office.MEMBER:
        found.warned.append(
            f"{french.capitalise(mandate.office_title)} ({mandate.body})\u00a0: la fonction ne "
            f"passe à personne, l’assemblée élit."
        )
    if to is None:
        if mandate.capacity == Mandate.Capacity.TITULAR:
            found.told.append(f"{seat}\u00a0: le siège est ensuite à pourvoir.")
        for each in substitutes:
            found.warned.append(
                f"{each.person} reste {each.agreed_capacity} {_of(former)}, qui ne siège plus."
            )
        return
    _leave_what_he_held(found, to, mandate.body, asked.on)
    heir = _copy(mandate, person=to, start_on=start, replaces=mandate.replaces)
    found.begun.append(heir)
    new = "" if to.pk else ", personne nouvelle,"
    found.told.append(f"{seat}\u00a0: {to}{new} siège à partir du {french.long_date(start)}.")
    for each in substitutes:
        if each.person == to:
            continue  # he sits himself from now on
        _end(found, each, asked.on, Mandate.EndReason.OFFICE)
        found.begun.append(_copy(each, person=each.person, start_on=start, replaces=heir))
        found.told.append(
            f"{each.person}, {each.agreed_capacity} {_of(former)}, devient "
            f"{each.agreed_capacity} {_of(to)}."
        )


def _substitutes(mandate: Mandate, on: date) -> list[Mandate]:
    """Who may sit in his place, by whichever of his mandates they were told to."""
    rows = mandate.body.mandates.in_office(on).filter(
        capacity=Mandate.Capacity.SUBSTITUTE, replaces__person=mandate.person, end_on=None
    )
    return list(rows.select_related("person", "community", "constituency", "body__organisation"))


def _leave_what_he_held(found: Plan, person: Person, body: Body, on: date) -> None:
    """Nobody holds two mandates in a body: a substitute who becomes titular is one no more."""
    if person.pk is None:
        return
    rows = body.mandates.in_office(on).filter(person=person, end_on=None)
    for held in rows.exclude(capacity=Mandate.Capacity.TITULAR).select_related("person"):
        _end(found, held, on, Mandate.EndReason.OFFICE)
        found.told.append(
            f"{person} n’est plus {held.agreed_capacity}\u00a0: ce mandat finit le "
            f"{french.long_date(on)}."
        )


def _end(found: Plan, mandate: Mandate, on: date, reason: str) -> None:
    found.findings += against_end([mandate], on, reason)
    mandate.end_on, mandate.end_reason = on, reason
    found.ended.append(mandate)


def _copy(mandate: Mandate, **changed) -> Mandate:
    kept = ("body", "capacity", "constituency", "community", "position", "weight")
    return Mandate(**{name: getattr(mandate, name) for name in kept} | changed)


def continued(mandate: Mandate, **changed) -> Mandate:
    """The same person in the same seat, until the same day, with what changes; not yet written."""
    kept = ("person", "replaces", "end_on", "end_reason")
    return _copy(mandate, **{name: getattr(mandate, name) for name in kept} | changed)


def why(mandate: Mandate) -> str:
    """The reason of each line that ends this mandate for another: it finds them again."""
    return f"{_mark(mandate)} {mandate.person}"


def _seat(mandate: Mandate) -> str:
    """« Comité syndical »; of whoever is no titular, « Comité syndical, suppléante »: whose seat it
    is stands above."""
    if mandate.capacity == Mandate.Capacity.TITULAR:
        return str(mandate.body)
    return f"{mandate.body}, {mandate.agreed_capacity}"


def _of(person: Person) -> str:
    return french.elide("de", str(person))


def _against(found: Plan, asked: Asked) -> Iterator[Finding]:
    """What stands in the way once those that end have ended."""
    to = asked.successor
    if to is not None and to == asked.mandate.person:
        yield Finding(
            code="se_succede",
            message="On ne se succède pas à soi-même.",
            remedy="Choisissez quelqu’un d’autre, ou laissez le siège à pourvoir.",
            field="successor",
        )
        return
    if to is not None and to.pk is None and not asked.is_namesake:
        same = (folded(to.last_name), folded(to.first_name))
        for person in asked.mandate.body.organisation.persons.filter(sort_name=" / ".join(same)):
            yield Finding(
                code="homonyme",
                message=f"{person}\u00a0: ce nom est déjà enregistré. Est-ce elle\u00a0?",
                remedy="Choisissez-la parmi les personnes connues, ou dites que c’est un homonyme.",
                field="is_namesake",
            )
            return
    ended = {mandate.pk: mandate for mandate in found.ended}
    for mandate in found.begun:
        rows = mandate.body.mandates.select_related("person")
        others = [ended.get(row.pk, row) for row in rows]
        for messages in mandate.faults(others).values():
            for message in messages:
                yield Finding(code="mandat_impossible", message=message)
        # Whoever runs still leaves as many as there were: a seat left empty may be another's.
        if asked.mandate.pk not in ended and (why := seats.against(mandate, others)):
            yield Finding(code="siege_pourvu", message=why, field="on")


@transaction.atomic
def succeed(asked: Asked, *, by, seen: str = "") -> Plan:
    """Do all of it, or raise `Refused` and do nothing. `seen` is the fingerprint of the plan that
    was shown."""
    bodies = {asked.mandate.body_id, *(other.body_id for other in others_of(asked.mandate))}
    list(Body.objects.select_for_update().filter(pk__in=sorted(bodies)))
    # Read before the lock: another may have written since.
    now = Mandate.objects.select_related("body").get(pk=asked.mandate.pk)
    if (there := taker_of(now)) is not None:
        raise refusal("deja_pourvu", taken(there))
    if now.end_on != asked.mandate.end_on:
        raise _changed()
    done = plan(asked)
    refuse(done.findings)
    if seen and seen != done.fingerprint:
        raise _changed()
    told = why(asked.mandate)
    if asked.successor is not None and asked.successor.pk is None:
        save(asked.successor, by=by, why=told)
    for mandate in done.ended:
        save(mandate, by=by, why=told)
    for mandate in done.begun:
        # Assigned again, now that what was new has a number.
        mandate.person, mandate.replaces = mandate.person, mandate.replaces
        save(mandate, by=by, why=told)
    return done


def taken(by: Mandate) -> str:
    """Why a seat is not given: somebody has it."""
    return (
        f"Ce siège est déjà pourvu par {by.person}, à partir du "
        f"{french.long_date(by.start_on)}. Rien n’est écrit."
    )


def _changed() -> Refused:
    return refusal(
        "donnees_changees",
        "Les mandats ont changé depuis l’aperçu\u00a0; rien n’a été écrit.",
        remedy="Voici ce qui se passerait maintenant.",
    )


# --- Undone -------------------------------------------------------------------------------------


def _mark(mandate: Mandate) -> str:
    """By which its lines of history are found again."""
    return f"{_MARK}{mandate.pk}\u00a0:"


def _lines(mandate: Mandate) -> list:
    marked = Mandate.history.filter(history_change_reason__startswith=_mark(mandate))
    return list(marked.order_by("-history_date", "-history_id"))


def may_be_undone(mandate: Mandate) -> bool:
    """Whether this mandate ended so, and nothing that was written then has changed since."""
    return bool(mandate.end_on) and bool(lines := _lines(mandate)) and not _changed_since(lines)


def successor_of(mandate: Mandate) -> Mandate | None:
    """Who was given its seat by one act."""
    began = [line.id for line in _lines(mandate) if line.history_type == "+"]
    # The substitutes of the former have a new mandate too, beside whoever comes after.
    following = Mandate.objects.filter(body=mandate.body_id, capacity=mandate.capacity)
    return following.filter(pk__in=began).select_related("person").first()


def gives_back(mandate: Mandate) -> bool:
    """Whether undoing has it run again: it was not yet ended when its seat was given."""
    return any(line.history_type == "~" and line.id == mandate.pk for line in _lines(mandate))


def _changed_since(lines: Iterable) -> bool:
    """A line that is not the last of its row; what the undoing itself wrote counts."""
    for line in lines:
        last = Mandate.history.filter(id=line.id).order_by("-history_date", "-history_id").first()
        if last.history_id != line.history_id:
            return True
    return False


@transaction.atomic
def undo(mandate: Mandate, *, by) -> None:
    """As before: what began is erased, what ended runs again as it did. The person stays, and
    whoever was invited. Raises `Refused` once something changed since, or leans on it."""
    Body.objects.select_for_update().get(pk=mandate.body_id)
    lines = _lines(mandate)
    if not lines or _changed_since(lines):
        raise refusal(
            "plus_a_defaire",
            "Ces mandats ont changé depuis\u00a0: cet acte ne se défait plus d’un geste.",
            remedy="Corrigez-les un par un, à leur page d’administration.",
        )
    begun = [line.id for line in lines if line.history_type == "+"]
    rows = Mandate.objects.select_related("person", "body__organisation")
    why = f"défait\u00a0: {_mark(mandate)}"
    try:
        # Whoever sits in somebody's place leaves first.
        for row in rows.filter(pk__in=begun).order_by(F("replaces").desc(nulls_last=True)):
            row._history_user, row._change_reason = by, why
            row.delete()
    except ProtectedError as error:
        raise refusal(
            "mandat_invoque",
            "Une séance s’appuie déjà sur le nouveau mandat\u00a0: convocation, réponse ou vote.",
            remedy="Mettez fin à ce mandat plutôt que de l’effacer.",
        ) from error
    for line in lines:
        if line.history_type == "~":
            row, before = rows.get(pk=line.id), line.prev_record
            row.end_on, row.end_reason = before.end_on, before.end_reason
            save(row, by=by, why=why)
