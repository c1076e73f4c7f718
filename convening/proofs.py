"""The papers of a dispatch: the certificate that proves it, letters and labels for paper."""

from collections.abc import Sequence
from datetime import datetime

from convening import tokens
from convening.actions import inviting
from convening.dispatch import journey
from convening.models import Convocation, Posted, Recipient
from documents import compile, papers
from documents.compile import Dispatched


def certificate(convocation: Convocation, *, at: datetime) -> papers.Paper:
    """What was sent, to whom, when, and what the servers answered, as known at this moment."""
    rows = list(journey.filtered(convocation, ""))
    return compile.compile_dispatch_certificate(
        convocation.meeting,
        convocation.summons,
        [_line(each) for each in journey.journeys(convocation, rows)],
        dossier_sha256=convocation.sha256,
        dossier_size=convocation.size,
        dossier_pages=convocation.pages,
        dispatched_at=convocation.dispatched_at,
        finished_at=convocation.finished_at,
        at=at,
    )


def _line(found: journey.Journey) -> Dispatched:
    row = found.recipient
    on_paper = row.channel == Recipient.Channel.PAPER
    notes = []
    if row.resend_of_id:
        notes.append("nouvel envoi")
    if row.is_uncertain:
        notes.append("peut-être remis deux fois, sous le même identifiant")
    way, state = journey.certified(row)
    is_kept = row.state == Recipient.State.KEPT
    if is_kept or (row.state == Recipient.State.PRINTED and row.reply):
        notes.append(row.reply)
    return Dispatched(
        name=row.name,
        capacity=row.capacity.partition(" (")[0],
        channel=way,
        address=row.postal_address if on_paper else row.email,
        state=state,
        reply="" if on_paper or is_kept or row.is_declared else row.reply,
        sent_at=row.sent_at,
        declared=row.declared,
        bounced_at=row.bounced_at,
        bounce_reason=row.bounce_reason,
        opened_at=found.opened_at,
        answered_at=found.answered_at,
        note=" ; ".join(notes),
    )


def on_paper(convocation: Convocation) -> Sequence[Recipient]:
    """Who gets a letter: what was printed and handed over since included."""
    return list(
        convocation.recipients.filter(
            channel=Recipient.Channel.PAPER,
            state__in=(Posted.State.PRINTED, Posted.State.DELIVERED),
        ).select_related("mandate__person")
    )


def letters(
    convocation: Convocation, rows: Sequence[Recipient], *, at: datetime
) -> papers.LettersDocument:
    """A letter for each, with his personal link and its code to scan."""
    return compile.compile_letters(
        convocation.meeting,
        convocation.summons,
        [_addressee(convocation, row, at=at) for row in rows],
        pages=convocation.pages,
    )


def labels(convocation: Convocation, rows: Sequence[Recipient]) -> papers.LabelsDocument:
    """Their addresses, to stick on envelopes."""
    return compile.compile_labels(
        convocation.meeting,
        [papers.Addressee(name=row.name, address=_lines(row)) for row in rows],
    )


def _addressee(convocation: Convocation, row: Recipient, *, at: datetime) -> papers.Addressee:
    link = ""
    if row.mandate is not None and row.has_link:
        _, raw = inviting.invitation_of(convocation.meeting, row.mandate, email="", at=at)
        link = convocation.letter["site"] + tokens.path_of(raw)
    return papers.Addressee(name=row.name, address=_lines(row), link=link)


def _lines(row: Recipient) -> tuple[str, ...]:
    return tuple(line.strip() for line in row.postal_address.splitlines() if line.strip())
