"""After the dispatch: sent again, come back, handed over on paper."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import letters
from convening import sending, tokens
from convening.actions import inviting
from convening.dispatch import journey
from convening.models import Convocation, Posted, Recipient
from law import deadlines, findings, french
from law.addresses import lowered
from law.findings import Finding
from law.regime import article_of
from meetings import journal
from meetings.actions import ledger
from meetings.models import Meeting
from members import addresses
from members.models import User
from trail.models import Act
from trail.recording import note


@transaction.atomic
def resend(
    recipient: Recipient, *, by: User, at: datetime, email: str = "", keep: bool = False
) -> Recipient:
    """Send the same convocation again, to the same address or to another; the first row stays.

    `keep` writes the other address on the file of the person. The link sent to a wrong address
    opens nothing any more. An address that is not on the file is told to the trail. One that may
    have arrived leaves to the same address under the same identifier, by the same row. Refused
    while the first is still on its way.
    """
    convocation = recipient.convocation
    meeting = ledger.lock(convocation.meeting)
    recipient = _newest(recipient)
    email = email.strip() or recipient.email
    _check_address(email)
    if not recipient.is_settled:
        raise findings.refusal(
            "deja_en_route",
            "Ce courriel est encore en cours d’envoi.",
            remedy="Attendez la réponse du serveur.",
        )
    if meeting.stage == Meeting.Stage.CANCELLED and convocation.kind != Convocation.Kind.CANCELLED:
        raise findings.refusal("seance_annulee", "Cette séance est annulée.")
    is_other = lowered(email) != lowered(recipient.email)
    if recipient.state == Posted.State.DOUBTFUL and not is_other:
        again = _once_more(recipient, meeting, by=by, at=at)
    else:
        again = _again(recipient, channel=Recipient.Channel.MAIL, email=email, by=by, at=at)
        again.save()
    if is_other and recipient.email:
        # Whoever has the wrong address may have received the link: it must open nothing.
        if recipient.mandate is None:
            Recipient.objects.filter(pk=recipient.pk).update(nonce="", token_hash="")
        else:
            inviting.make_invitation(meeting, recipient.mandate, email=email, at=at)
    is_elsewhere = goes_elsewhere(recipient, email)
    if is_elsewhere:
        note(
            Act.SENT,
            f"convocation {french.contract('de', recipient.name)} renvoyée à {email}, qui n’est "
            f"pas l’adresse de sa fiche{', et y est notée' if keep else ''}, {meeting}",
            by=by,
            organisation=meeting.organisation,
        )
    if keep and is_elsewhere and recipient.mandate is not None:
        person: Any = recipient.mandate.person
        person.email = email
        person._history_user, person._change_reason = by, "renvoi de la convocation"
        person.save(update_fields=["email"])
    Convocation.objects.filter(pk=convocation.pk).update(
        stage=Convocation.Stage.SENDING, finished_at=None
    )
    ledger.touch(meeting)
    transaction.on_commit(sending.wake)
    return again


def _once_more(recipient: Recipient, meeting: Meeting, *, by: User, at: datetime) -> Recipient:
    """What may have arrived leaves again as it was, so that most mail programs show it once."""
    recipient.state, recipient.not_before = Posted.State.QUEUED, at
    recipient.is_uncertain = True
    recipient.save(update_fields=["state", "not_before", "is_uncertain"])
    words = (
        f"convocation peut-être remise, renvoyée sous le même identifiant\u00a0: {recipient.name}"
    )
    journal.note(meeting, "mail-doubted", words, by=by)
    return recipient


def goes_elsewhere(recipient: Recipient, email: str) -> bool:
    """Whether this address, that of the last sending unless one is given, is not the one on the
    file of whom it goes to; of a community, not the one it went to."""
    last = journey.chain(recipient)[-1]
    known = last.mandate.person.email if last.mandate is not None else last.email
    return lowered(email.strip() or last.email) != lowered(known)


def _again(recipient: Recipient, *, by: User, at: datetime, **changed: object) -> Recipient:
    """The same convocation to the same person once more, not saved: a row of its own."""
    names = ("convocation", "why", "mandate", "community", "name", "email", "postal_address")
    row = Recipient(
        **{name: getattr(recipient, name) for name in names} | changed,
        resend_of=recipient,
        message_id=letters.new_message_id(),
        queued_at=at,
        queued_by=by,
        not_before=at,
    )
    tokens.give_dossier(row)
    return row


def _newest(recipient: Recipient) -> Recipient:
    """The row that counts: one that was sent again is followed to its last sending."""
    found = Recipient.objects.select_for_update(of=("self",)).get(pk=recipient.pk)
    while (later := Recipient.objects.filter(resend_of=found).first()) is not None:
        found = later
    return found


def _check_address(email: str) -> None:
    try:
        addresses.validate(email)
    except ValidationError as error:
        told = " ".join(error.messages)
        raise findings.refusal("adresse_impossible", told, field="email") from error


@transaction.atomic
def note_bounce(recipient: Recipient, *, reason: str, by: User | None, at: datetime) -> None:
    """The mail came back: the server had taken it, the mailbox did not. Nobody says it where the
    server that gave it up does (`convening.bounces`): what may have arrived is then known too."""
    meeting = ledger.lock(recipient.convocation.meeting)
    row = Recipient.objects.select_for_update(of=("self",)).get(pk=recipient.pk)
    taken = (Posted.State.SENT,) if by else (Posted.State.SENT, Posted.State.DOUBTFUL)
    if row.state not in taken:
        raise findings.refusal("pas_remis", "Seul un courriel remis au serveur peut revenir.")
    row.state, row.bounced_at = Posted.State.BOUNCED, at
    row.bounce_reason = reason.strip()[:300]
    row.save(update_fields=["state", "bounced_at", "bounce_reason"])
    told = "Courriel revenu noté" if by else "Courriel revenu, d’après le serveur"
    journal.note(meeting, "mail-bounced", f"{told}\u00a0: {row.name}", by=by)
    ledger.touch(meeting)


@transaction.atomic
def hand_over(recipients: Sequence[Recipient], *, on: date, by: User, at: datetime) -> int:
    """Paper letters were posted, or handed over, on a day; so were mails that were kept here, from
    another mailbox or in person; and what may have arrived did; how many.

    That day counts for their notice, whatever the day of the mails. It is the word of `by`, told
    as such; what a server answered stays. Said again, the trail keeps the day that it replaces.
    Refused in the future, and before the day on which any of them was prepared.
    """
    if not recipients:
        return 0
    convocation = recipients[0].convocation
    meeting = ledger.lock(convocation.meeting)
    if on > deadlines.day_of(at):
        raise findings.refusal("jour_a_venir", "Ce jour n’est pas encore venu.", field="on")
    noon = timezone.make_aware(datetime.combine(on, time(12)))
    asked = Recipient.objects.filter(
        pk__in=[each.pk for each in recipients],
        convocation=convocation,
        state__in=_DECLARABLE,
        resent_as=None,
    ).select_related("queued_by", "declared_by")
    rows = [row for row in asked.order_by("pk") if not (row.is_declared and row.sent_at == noon)]
    findings.refuse(_unprepared(meeting, rows, on))
    for after in set(_DECLARABLE.values()):
        which = [row.pk for row in rows if _DECLARABLE[row.state] == after]
        Recipient.objects.filter(pk__in=which).update(
            state=after, sent_at=noon, declared_by=by, declared_at=at
        )
    _tell_declared(meeting, rows, on=on, by=by)
    ledger.touch(meeting)
    return len(rows)


_NAMED = 3  # of whom a sentence tells the names


def _unprepared(meeting: Meeting, rows: Sequence[Recipient], on: date) -> Iterator[Finding]:
    """That some of these were not prepared yet on that day: whoever came in since the dispatch was
    handed nothing before he was convened."""
    early = [row for row in rows if on < timezone.localdate(row.queued_at)]
    if not early:
        return
    names = [row.name for row in early[:_NAMED]]
    if len(early) > _NAMED:
        names.append(french.count(len(early) - _NAMED, "autre"))
    ready = french.long_date(max(timezone.localdate(row.queued_at) for row in early))
    yield Finding(
        code="avant_envoi",
        message=french.nbsp(
            f"Le {french.long_date(on)}, la convocation {french.contract('de', french.join(names))}"
            f" n’était pas préparée\u00a0: elle l’a été le {ready}."
        ),
        article=article_of(meeting.regime, "notice_clear_days"),
        remedy="Notez-en la remise à part, à son jour\u00a0: le délai en court.",
        field="on",
    )


# What somebody may say that he handed over, and what it is from then on.
_DECLARABLE: dict[str, str] = {
    Posted.State.PRINTED: Posted.State.DELIVERED,
    Posted.State.DELIVERED: Posted.State.DELIVERED,
    Posted.State.KEPT: Posted.State.ELSEWHERE,
    Posted.State.DOUBTFUL: Posted.State.ELSEWHERE,
    Posted.State.ELSEWHERE: Posted.State.ELSEWHERE,
}


def _tell_declared(meeting: Meeting, rows: Sequence[Recipient], *, on: date, by: User) -> None:
    """One line of the sitting and of the trail; of a day that replaces another, one for each
    recipient: nothing else keeps the first."""
    anew = [row for row in rows if not row.is_declared]
    lines = []
    if anew:
        told = french.count(len(anew), "convocation notée remise", "convocations notées remises")
        lines.append(f"{told} le {french.long_date(on)}")
    for row in rows:
        if row.is_declared and row.sent_at is not None:
            before = french.long_date(timezone.localdate(row.sent_at))
            lines.append(
                f"remise à {row.name} notée le {french.long_date(on)}, et non plus le {before} "
                f"({row.declared})"
            )
    for line in lines:
        journal.note(meeting, "handed-over", line, by=by)
        note(Act.SENT, f"{line}, {meeting}", by=by, organisation=meeting.organisation)


@transaction.atomic
def take_back_handing(recipients: Sequence[Recipient], *, by: User, at: datetime) -> int:
    """What somebody told that he handed over was not: each is to be handed over as before; how
    many.

    Nothing is struck out: the sitting and the trail keep that it was told, when and by whom, and
    that this was wrong; the row itself says so, and the certificate with it.
    """
    if not recipients:
        return 0
    convocation = recipients[0].convocation
    meeting = ledger.lock(convocation.meeting)
    asked = Recipient.objects.select_for_update(of=("self",)).filter(
        pk__in=[each.pk for each in recipients],
        convocation=convocation,
        state__in=(Posted.State.DELIVERED, Posted.State.ELSEWHERE),
        resent_as=None,
    )
    rows = list(asked.select_related("queued_by", "declared_by").order_by("pk"))
    for row in rows:
        on = french.long_date(timezone.localdate(row.sent_at))
        line = f"remise à {row.name}, notée le {on} ({row.declared}), n’a pas eu lieu"
        journal.note(meeting, "handing-denied", line, by=by)
        note(Act.SENT, f"{line}, {meeting}", by=by, organisation=meeting.organisation)
        error = f"{_DENIED}{on}"
        Recipient.objects.filter(pk=row.pk).update(
            state=_before(row),
            reply=f"{row.reply} ; {error}" if row.reply else error,
            **{"sent_at": None, "declared_by": None, "declared_at": None},
        )
    ledger.touch(meeting)
    return len(rows)


_DENIED = "notée remise par erreur le "


def _before(row: Recipient) -> Posted.State:
    """What it was before somebody told that he handed it over."""
    if row.channel == Recipient.Channel.PAPER:
        return Posted.State.PRINTED
    answered = row.reply.partition(_DENIED)[0].removesuffix(" ; ")
    return Posted.State.KEPT if sending.stayed_here(answered) else Posted.State.DOUBTFUL


@transaction.atomic
def print_instead(recipient: Recipient, *, by: User, at: datetime) -> Recipient:
    """Send a letter where mail does not arrive; a row of its own. Its link may be read by whoever
    prints it: the trail names whose it is.
    """
    convocation = recipient.convocation
    meeting = ledger.lock(convocation.meeting)
    recipient = _newest(recipient)
    if recipient.channel == Recipient.Channel.PAPER or not recipient.is_settled:
        raise findings.refusal(
            "deja_en_route", "Ce courriel est encore en cours d’envoi, ou la lettre existe déjà."
        )
    letter = _again(
        recipient,
        channel=Recipient.Channel.PAPER,
        state=Posted.State.PRINTED,
        postal_address=recipient.mandate.person.address if recipient.mandate else "",
        by=by,
        at=at,
    )
    letter.save()
    what = "lettre à la place du courriel"
    if letter.has_link:
        what += ", avec le lien personnel"
    words = f"{what}\u00a0: {recipient.name}, {meeting}"
    note(Act.SENT, words, by=by, organisation=meeting.organisation)
    ledger.touch(meeting)
    return letter
