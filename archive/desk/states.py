"""How far each act of a sitting is, at one glance: the furthest thing that is known of it, and what
led there, which the page of its deliberations tells line by line."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from archive.online import standing
from documents.models import IssuedDocument
from law import french
from meetings.models import Meeting
from registry.signatures import reading as signatures
from transmission import reading as prefecture
from transmission.models import Transmission


@dataclass(frozen=True, slots=True, kw_only=True)
class ActFact:
    """Something that was done of an act, or that it waits for; the page that tells it whole."""

    told: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActState:
    """How far an act is (`reached`), whether it binds, waits or was refused, and what led there."""

    reached: str
    steps: tuple[ActFact, ...]
    binds: bool = False
    waits: bool = False
    is_refused: bool = False
    is_unasked: bool = False  # its secretariat has not handed it to be signed


def of_acts(meeting: Meeting, extracts: Iterable[IssuedDocument]) -> Mapping[int, ActState]:
    """By extract in force, whose signatures were fetched: a flat number of queries, as `standing`
    asks them, and one for what left for the prefecture."""
    found = list(extracts)
    if not found:
        return {}
    signatures.read_declines(found)
    told = standing.of_sitting(meeting, found)
    last = prefecture.last_sendings(meeting).values()
    sent = {each.sheet.deliberation.item.key: each for each in last}
    leaves = prefecture.transmits(meeting.organisation)
    return {
        document.pk: _judged(document, told[document.pk], sent.get(document.subject), leaves)
        for document in found
    }


def _judged(
    document: IssuedDocument, told: standing.Standing, sent: Transmission | None, leaves: bool
) -> ActState:
    meeting, force = document.meeting, told.force
    if sent and told.received_on is None and sent.is_received and sent.document_id != document.pk:
        sent = None  # of a version that enacts something else
    # What its stamp is asked for is said where the sending is followed.
    where = reverse("transmission:act", args=[sent.sheet.deliberation_id]) if sent else ""
    steps = tuple(_steps(document, told, sent, where))
    if force.gone or told.ended:
        return ActState(reached=french.capitalise(force.gone or told.ended), steps=steps)
    if sent and sent.state == Transmission.State.REFUSED:
        return ActState(reached="Refusée par la préfecture", steps=steps, is_refused=True)
    if force.since is not None:
        since = french.short_day(force.since, year=meeting.held_on.year)
        return ActState(
            reached=f"Exécutoire le {since}",
            steps=steps,
            binds=not force.unsigned,
            waits=bool(force.unsigned),
        )
    if not signatures.is_signed(document):
        if not document.signatures.all():
            return ActState(
                reached="Signature à demander", steps=steps, waits=True, is_unasked=True
            )
        if declines := signatures.declines(document):
            names = french.join(str(each.person) for each in declines)
            verb = "ne signe pas" if len(declines) == 1 else "ne signent pas"
            return ActState(reached=f"{names} {verb}", steps=steps, is_refused=True)
        owed = document.signatories - signatures.given(document)
        return ActState(
            reached=f"Attend {french.count(owed, 'signature')}",
            steps=steps,
            waits=True,
        )
    if leaves and told.received_on is None and not told.exempt:
        is_away = sent is not None and sent.state == Transmission.State.SENT
        return ActState(
            reached="Reçu attendu" if is_away else "À transmettre", steps=steps, waits=True
        )
    if told.is_wish and told.published_on is not None:
        return ActState(reached="Vœu, sans effet juridique", steps=steps)
    return ActState(reached="Pas encore exécutoire", steps=steps, waits=True)


def _steps(
    document: IssuedDocument, told: standing.Standing, sent: Transmission | None, where: str
) -> Iterator[ActFact]:
    year = document.meeting.held_on.year

    def on(day: date) -> str:
        return french.short_day(day, year=year)

    if given := signatures.given(document):
        yield ActFact(told=f"signée {given}/{document.signatories}")
    if told.received_on:
        yield ActFact(told=f"reçue le {on(told.received_on)}", url=where)
    elif sent is not None:
        left = f" le {on(timezone.localdate(sent.sent_at))}" if sent.sent_at else ""
        yield ActFact(told=f"{sent.get_state_display()}{left}", url=where)
    elif told.exempt:
        yield ActFact(told="non soumise à transmission")
    if told.taken_off_on:
        yield ActFact(told=f"retirée des pages publiques le {on(told.taken_off_on)}")
    elif told.published_on:
        yield ActFact(told=f"en ligne le {on(told.published_on)}")
    if told.posted_on:
        yield ActFact(told=f"affichée le {on(told.posted_on)}")
    if told.notified_on:
        yield ActFact(told=f"notifiée le {on(told.notified_on)}")
    for each in told.coming:
        yield ActFact(told=f"{each} n’est pas encore exécutoire")
