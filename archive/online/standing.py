"""The legal state of an act: since when it binds and by which rule, until when it is contested.

It is computed from what was put online, posted or notified, and from what the prefecture
acknowledged (`law.acts`): nobody types it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from archive.models import Posting, Publication
from documents.models import IssuedDocument
from law import acts as law
from law import french
from law.acts import Deadline, Force, Nature
from meetings.models import Meeting
from registry.acts import reading as register
from transmission import reading as prefecture
from transmission.models import ActSheet, Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an act stands before the law: what made it known and received, since when it binds
    (`force`), the last day of an appeal and of the prefect's own (`déféré`), each with its article.
    """

    force: Force
    published_on: date | None = None
    posted_on: date | None = None
    notified_on: date | None = None
    received_on: date | None = None
    appeal: Deadline | None = None
    control: Deadline | None = None

    @property
    def binds(self) -> bool:
        """Whether it binds now."""
        return self.force.since is not None

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What is printed of it, each under its label."""
        days = (
            ("Reçu par la préfecture", self.received_on),
            ("Mis en ligne", self.published_on),
            ("Affiché en urgence", self.posted_on),
            ("Notifié", self.notified_on),
        )
        told = [(label, f"le {french.long_date(on)}") for label, on in days if on]
        told.append(("État", str(self.force)))
        for label, due in (("Recours", self.appeal), ("Déféré", self.control)):
            if due is not None:
                told.append((label, f"jusqu’au {french.long_date(due.on)} ({due.article})"))
        return tuple(told)

    @property
    def stamp(self) -> tuple[str, ...]:
        """The same in lines, as a copy bears it at its head."""
        return tuple(f"{label}\u00a0: {text}" for label, text in self.facts)


def of(document: IssuedDocument) -> Standing | None:
    """The state of the act that this extract bears; `None` of what is no act."""
    return of_sitting(document.meeting, [document]).get(document.pk)


def of_sitting(meeting: Meeting, documents: Iterable[IssuedDocument]) -> Mapping[int, Standing]:
    """By document, the state of each act of one sitting: a flat number of queries."""
    extracts = [each for each in documents if each.kind == IssuedDocument.Kind.EXTRACT]
    if not extracts:
        return {}
    keys = [each.pk for each in extracts]
    published = _first_days(keys)
    received = prefecture.received(extracts)
    sheets = {
        sheet.deliberation.item.key: sheet
        for sheet in ActSheet.objects.filter(deliberation__meeting=meeting).select_related(
            "deliberation__item"
        )
    }
    posted: dict[tuple[int, str], date] = {}
    for row in Posting.objects.standing().filter(document__in=keys).order_by("-on"):
        posted[row.document_id, row.manner] = row.on
    answered = dict(
        Exchange.objects.filter(kind=Exchange.Kind.REPLY_RECEIPT, transmission__document__in=keys)
        .order_by("dated_on")
        .values_list("transmission__document", "dated_on")
    )
    gone = {each.pk for each in register.fallen(meeting, extracts)}
    return {
        document.pk: _judged(
            meeting,
            sheets.get(document.subject),
            published_on=published.get(document.pk),
            received_on=received.get(document.pk),
            posted_on=posted.get((document.pk, Posting.Manner.URGENT)),
            notified_on=posted.get((document.pk, Posting.Manner.NOTIFIED)),
            answered_on=answered.get(document.pk),
            is_gone=document.pk in gone,
        )
        for document in extracts
    }


def _first_days(documents: Iterable[int]) -> Mapping[int, date]:
    """By document, the day on which it was first put online: taken off since, it was known."""
    rows = Publication.objects.filter(document__in=documents).order_by("-published_at")
    return {
        document: timezone.localdate(at)
        for document, at in rows.values_list("document", "published_at")
    }


def _judged(
    meeting: Meeting,
    sheet: ActSheet | None,
    *,
    published_on: date | None,
    received_on: date | None,
    posted_on: date | None,
    notified_on: date | None,
    answered_on: date | None,
    is_gone: bool,
) -> Standing:
    nature = Nature(sheet.nature) if sheet else Nature.DELIBERATION
    force = law.force(
        meeting.regime,
        nature=nature,
        published_on=published_on,
        received_on=received_on,
        notified_on=notified_on,
        posted_on=posted_on,
        is_transmissible=sheet is None or sheet.is_transmissible,
        is_gone=is_gone,
    )
    known_on = notified_on if nature is Nature.INDIVIDUAL else published_on
    return Standing(
        force=force,
        published_on=published_on,
        posted_on=posted_on,
        notified_on=notified_on,
        received_on=received_on,
        appeal=law.appeal(known_on) if known_on and not is_gone else None,
        control=law.control(meeting.regime, received_on, answered_on=answered_on)
        if received_on and not is_gone
        else None,
    )
