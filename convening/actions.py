"""What the secretariat does to convene: prepare, dispatch, then rectify, move, cancel, send again.

A dispatch is one act: numbers, paper, dossier, recipients and links are frozen together or not at
all. The mails leave afterwards (convening/sending.py); what they say was frozen with the rest.
"""

import copy
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from convening import answers, calendar, mails, reading, reminders, sending, tokens
from convening.models import Convocation, Posted, Recipient
from documents import compile, dossier, papers
from law import deadlines, findings
from law.findings import Finding, Refused
from law.regime import article_of
from meetings import reading as meeting_reading
from meetings.actions import carrying, items, ledger, preparing
from meetings.agenda import BULLET
from meetings.models import AgendaItem, Attachment, Meeting
from members.models import User

# --- Preparing --------------------------------------------------------------------------------


@transaction.atomic
def prepare(meeting: Meeting, *, by: User, kind: str = Convocation.Kind.SUMMONS) -> Convocation:
    """The draft of what will be sent; the one that exists, or a new one.

    Refused where it makes no sense: a second first convocation, a change to a sitting that nobody
    was convened to. A draft of another kind gives way.
    """
    ledger.lock(meeting)
    findings.refuse(_of_kind(meeting, kind))
    draft = meeting.convocations.filter(stage=Convocation.Stage.DRAFT).first()
    if draft is not None and draft.kind == kind:
        draft.meeting = meeting
        return draft
    if draft is not None:
        draft.delete()
    last = meeting.convocations.aggregate(last=Max("number"))["last"] or 0
    return Convocation.objects.create(meeting=meeting, number=last + 1, kind=kind)


def _of_kind(meeting: Meeting, kind: str) -> Iterable[Finding]:
    sent = reading.last_sent(meeting)
    if kind == Convocation.Kind.SUMMONS and sent is not None:
        yield Finding(
            code="deja_convoquee",
            message="Cette séance est déjà convoquée.",
            remedy="Complétez-la par une convocation rectificative, déplacez-la ou annulez-la.",
        )
    if kind in (Convocation.Kind.RECTIFYING, Convocation.Kind.MOVED) and sent is None:
        yield Finding(
            code="pas_encore_convoquee",
            message="Cette séance n’est pas encore convoquée.",
            remedy="Modifiez-la directement.",
        )


@transaction.atomic
def edit(convocation: Convocation, *, by: User, **values: Any) -> None:
    """Write what the draft says besides the agenda: message, urgency, who asked for it.

    An urgency that would shorten the notice puts the vote on it first on the agenda; taken back,
    the vote goes too.
    """
    meeting = ledger.lock(convocation.meeting)
    _still_a_draft(convocation)
    for name, value in values.items():
        setattr(convocation, name, value)
    convocation.save(update_fields=list(values))
    _put_urgency_first(convocation, at=timezone.now(), by=by)
    ledger.touch(meeting)


@transaction.atomic
def drop(convocation: Convocation, *, by: User) -> None:
    """Give up a draft; what it would have said was said to nobody."""
    meeting = ledger.lock(convocation.meeting)
    _still_a_draft(convocation)
    convocation.delete()
    ledger.touch(meeting)


def _still_a_draft(convocation: Convocation) -> None:
    stage = Convocation.objects.select_for_update(of=("self",)).get(pk=convocation.pk).stage
    if stage != Convocation.Stage.DRAFT:
        raise Refused([Finding(code="deja_envoyee", message="Cette convocation est déjà partie.")])


def _put_urgency_first(convocation: Convocation, *, at: datetime, by: User) -> None:
    """Have the assembly vote on the urgency before anything else (art. L2121-12)."""
    if reading.is_absurd(convocation):
        return
    meeting = convocation.meeting
    votes = list(meeting.items.filter(kind=AgendaItem.Kind.URGENCY))
    needed = reading.notice(convocation, at=at).needs_urgency_vote
    if needed and not votes:
        items.add_item(meeting, kind=AgendaItem.Kind.URGENCY, title="Décision sur l’urgence", by=by)
    elif votes and not needed and convocation.kind == Convocation.Kind.SUMMONS:
        for item in votes:
            item.meeting = meeting
            items.remove_item(item, by=by)


# --- Dispatching ------------------------------------------------------------------------------


def dispatch(
    convocation: Convocation, *, by: User, at: datetime, site: str = ""
) -> tuple[Finding, ...]:
    """Send. Freezes everything, makes the recipients and their links; the mails then leave by
    themselves. Returns the warnings; raises `Refused` with every objection, and then nothing
    was sent.

    `site` is the address that the links begin with, unless the settings name one. Not to be
    called inside a transaction: should anything fail, no file is left behind.
    """
    written: list[str] = []
    try:
        with transaction.atomic():
            warnings = _ready(convocation, by=by, at=at)
        # Laid out before the lock is taken: a dossier takes seconds, and another assembly may be
        # voting meanwhile. What changes the sitting itself must be laid out after the change.
        is_early = convocation.kind in (Convocation.Kind.SUMMONS, Convocation.Kind.RECTIFYING)
        sealed = _seal(convocation, at=at) if is_early else None
        with transaction.atomic():
            _dispatch(convocation, sealed, by=by, at=at, site=site, written=written)
            transaction.on_commit(sending.wake)
    except BaseException:
        for name in written:
            default_storage.delete(name)
        raise
    return warnings


def _ready(convocation: Convocation, *, by: User, at: datetime) -> tuple[Finding, ...]:
    """Ask the law, and have the agenda open with the vote on the urgency where it must."""
    ledger.lock(convocation.meeting)
    _still_a_draft(convocation)
    warnings = findings.refuse(reading.objections(convocation, at=at))
    _put_urgency_first(convocation, at=at, by=by)
    return warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealed:
    """What is about to leave, and the stamp of the sitting that it was made from."""

    stamp: int
    summons: papers.SummonsDocument
    bound: dossier.Dossier


def _seal(convocation: Convocation, *, at: datetime, bare: bool = False) -> _Sealed:
    """The paper and the dossier, as the sitting stands; `bare`: the paper alone."""
    meeting = convocation.meeting
    stamp = Meeting.objects.values_list("stamp", flat=True).get(pk=meeting.pk)
    summons = summons_of(convocation, on=deadlines.day_of(at), before=reading.last_paper(meeting))
    return _Sealed(stamp=stamp, summons=summons, bound=bind(meeting, summons, bare=bare))


_bound: dict[tuple[str, bool], dossier.Dossier] = {}


def bind(
    meeting: Meeting, summons: papers.SummonsDocument, *, bare: bool = False
) -> dossier.Dossier:
    """The dossier that goes with this paper; laid out once for the preview and the dispatch.

    The paper holds the digest of every note and file, so that its hash tells whether the dossier
    would be another.
    """
    key = (papers.sha256(summons), bare)
    found = _bound.get(key)
    if found is None:
        found = dossier.build_dossier(meeting, summons, only=() if bare else None)
        _bound.clear()  # one is enough, and may weigh fifty megabytes
        _bound[key] = found
    return found


def _dispatch(
    convocation: Convocation,
    sealed: _Sealed | None,
    *,
    by: User,
    at: datetime,
    site: str,
    written: list[str],
) -> None:
    meeting = ledger.lock(convocation.meeting)
    _still_a_draft(convocation)
    if sealed is not None and sealed.stamp != meeting.stamp:
        raise Refused(
            [
                Finding(
                    code="seance_changee",
                    message="La séance a changé pendant que le dossier se préparait.",
                    remedy="Vérifiez-la, puis envoyez de nouveau.",
                )
            ]
        )
    on, before = deadlines.day_of(at), reading.last_sent(meeting)
    notice = reading.notice(convocation, at=at)
    restarts = reading.restarts_the_notice(convocation)
    _apply(convocation, meeting, restarts=restarts, on=on)
    if sealed is None:
        # Another hour or another place the same day: there is nothing new to read.
        is_bare = convocation.kind == Convocation.Kind.MOVED and not restarts
        sealed = _seal(convocation, at=at, bare=is_bare)
    _freeze_numbers(meeting)
    convocation.held_on, convocation.starts_at = meeting.held_on, meeting.starts_at
    convocation.place = meeting.place
    if not notice.urgent:
        # Invoked and not needed: the ordinary notice was given, nobody has to vote on it.
        convocation.urgent_reason = ""
    convocation.paper = json.loads(papers.to_json(sealed.summons))
    convocation.sha256, convocation.pages = sealed.bound.sha256, sealed.bound.pages
    convocation.size = sealed.bound.size
    convocation.dossier.save(
        f"{sealed.bound.sha256[:40]}.pdf", ContentFile(sealed.bound.pdf), save=False
    )
    written.append(str(convocation.dossier.name))
    convocation.calendar_sequence = convocation.number - 1
    convocation.sent_on, convocation.dispatched_at = on, at
    convocation.dispatched_by, convocation.stage = by, Convocation.Stage.SENDING
    files = [_set_apart(convocation, each, written=written) for each in sealed.bound.joined]
    convocation.letter = _letter(
        convocation, sealed.summons, notice=notice, files=files, before=before, site=site
    )
    convocation.save()
    _make_recipients(convocation, by=by, at=at)
    sending.finish(at=at)
    if convocation.kind == Convocation.Kind.MOVED and restarts:
        answers.lapse(meeting, at=at)
    if convocation.kind in (Convocation.Kind.SUMMONS, Convocation.Kind.MOVED):
        reminders.plan(meeting, at=at)
    ledger.touch(meeting)
    meeting.forget()


def _apply(convocation: Convocation, meeting: Meeting, *, restarts: bool, on: date) -> None:
    """What the dispatch changes to the sitting itself."""
    changed: dict[str, object]
    match convocation.kind:
        case Convocation.Kind.SUMMONS:
            changed = {"convened_on": on}
        case Convocation.Kind.MOVED:
            changed = {
                "held_on": convocation.held_on,
                "starts_at": convocation.starts_at,
                "place": convocation.place,
            }
            if restarts:
                # Another day is another convocation: its own day of dispatch counts.
                changed["convened_on"] = on
        case Convocation.Kind.CANCELLED:
            changed = {"stage": Meeting.Stage.CANCELLED}
        case _:
            return
    for name, value in changed.items():
        setattr(meeting, name, value)
    meeting.save(update_fields=list(changed))
    meeting.forget()
    if convocation.kind == Convocation.Kind.MOVED:
        tokens.extend(meeting)


def _freeze_numbers(meeting: Meeting) -> None:
    """The numbers that go out are those that stay: every one can find the printed item."""
    frozen = []
    for node in meeting.agenda.nodes:
        if node.number not in ("", BULLET) and not node.item.label:
            node.item.label = node.number
            frozen.append(node.item)
    AgendaItem.objects.bulk_update(frozen, ["label"])
    meeting.forget()


def summons_of(
    convocation: Convocation, *, on: date, before: papers.SummonsDocument | None = None
) -> papers.SummonsDocument:
    """The paper of this dispatch, as the sitting stands now."""
    return compile.compile_summons(
        convocation.meeting,
        kind=convocation.kind,
        number=convocation.number,
        sent_on=on,
        urgent_reason=convocation.urgent_reason,
        requested_by=convocation.requested_by,
        requested_on=convocation.requested_on,
        message=_told(convocation),
        before=before,
    )


def _told(convocation: Convocation) -> str:
    """The reason first, then the message."""
    return "\n\n".join(filter(None, (convocation.reason.strip(), convocation.message.strip())))


def preview(
    convocation: Convocation, *, at: datetime, site: str
) -> tuple[papers.SummonsDocument, Recipient | None]:
    """The paper as it would leave now, and the mail of the first recipient, not saved.

    A sitting that would be moved is moved for the time of the look.
    """
    meeting = convocation.meeting
    with transaction.atomic():
        notice = reading.notice(convocation, at=at)
        before = reading.last_sent(meeting)
        kept = (meeting.held_on, meeting.starts_at, meeting.place, meeting.convened_on)
        if convocation.kind == Convocation.Kind.MOVED:
            _apply(convocation, meeting, restarts=False, on=deadlines.day_of(at))
        summons = summons_of(
            convocation, on=deadlines.day_of(at), before=before.summons if before else None
        )
        going = [e for e in reading.addressees(meeting) if e.channel == Recipient.Channel.MAIL]
        shown = copy.copy(convocation)
        shown.held_on, shown.starts_at, shown.place = (
            meeting.held_on,
            meeting.starts_at,
            meeting.place,
        )
        shown.dispatched_at = at
        shown.letter = _letter(shown, summons, notice=notice, files=(), before=before, site=site)
        meeting.held_on, meeting.starts_at, meeting.place, meeting.convened_on = kept
        meeting.forget()
        if convocation.kind == Convocation.Kind.MOVED:
            transaction.set_rollback(True)
    if not going:
        return summons, None
    return summons, _recipient(shown, going[0], by=None, at=at)


def _letter(
    convocation: Convocation,
    summons: papers.SummonsDocument,
    *,
    notice: deadlines.Notice,
    files: Sequence[dict[str, Any]],
    before: Convocation | None,
    site: str,
) -> dict[str, Any]:
    """What the mails of this dispatch say, whenever they leave."""
    meeting = convocation.meeting
    organisation = meeting.body.organisation
    first, signatory = meeting.second_call_of, summons.signatory
    changed = [line.key for line in summons.lines if line.mark]
    weight = convocation.size + sum(each["size"] for each in files)
    return {
        "site": (settings.SITE_URL or site).rstrip("/"),
        "uid": calendar.uid(meeting.pk, organisation.slug),
        "organisation": organisation.name,
        "organisation_pk": organisation.pk,
        "body": meeting.body.name,
        "invitation": summons.invitation,
        "place": summons.place_of_sitting,
        "signatory": [signatory.name, signatory.office] if signatory else [],
        "agenda": [
            {
                "key": node.item.key,
                "number": "" if node.number == BULLET else node.number,
                "title": node.item.title,
                "depth": node.depth,
                "is_section": node.item.is_section,
                "is_new": node.item.key in changed,
            }
            for node in meeting.agenda.nodes
        ],
        "changed": changed,
        "changes": list(summons.changes),
        "grounds": list(summons.grounds),
        "message": convocation.message.strip(),
        "reason": convocation.reason.strip(),
        "is_urgent": notice.urgent,
        "notice": str(notice),
        "second_call_of": first.held_on.isoformat() if first else "",
        "before": mails.when(before) if before else "",
        "remote": meeting.regime.remote_allowed,
        "files": list(files),
        "attached": weight <= settings.MAIL_ATTACHED_MAX_BYTES,
        "reply_to": convocation.dispatched_by.email if convocation.dispatched_by else "",
    }


def _set_apart(convocation: Convocation, file: Attachment, *, written: list[str]) -> dict[str, Any]:
    """A file that the dossier cannot hold, copied beside it: what was sent must stay."""
    extension = file.filename.rpartition(".")[2].lower()
    with file.file.open("rb") as content:
        name = default_storage.save(
            f"convocations/{convocation.meeting_id}/{file.sha256[:40]}.{extension}", content
        )
    written.append(name)
    return {
        "title": file.title,
        "name": file.filename,
        "path": name,
        "size": file.size,
        "type": file.media_type,
        "sha256": file.sha256,
    }


# --- Recipients -------------------------------------------------------------------------------


def _make_recipients(convocation: Convocation, *, by: User, at: datetime) -> None:
    meeting = convocation.meeting
    going = list(reading.addressees(meeting))
    if convocation.kind == Convocation.Kind.CANCELLED:
        going += _convened_before(meeting, going)
    rows = [_recipient(convocation, each, by=by, at=at) for each in going]
    Recipient.objects.bulk_create(rows)
    if convocation.kind != Convocation.Kind.CANCELLED:
        tokens.invite(meeting, [each.mandate for each in going if each.mandate], at=at)


def _convened_before(
    meeting: Meeting, going: Sequence[reading.Addressee]
) -> list[reading.Addressee]:
    """Whoever was convened and sits no more must know that there is no sitting."""
    known = {each.mandate.pk for each in going if each.mandate}
    told = (
        Recipient.objects.filter(convocation__meeting=meeting, mandate__isnull=False)
        .exclude(mandate__in=known)
        .select_related("mandate__person")
        .order_by("mandate", "-pk")
    )
    return [
        reading.Addressee(
            why=Recipient.Why(each.why),
            name=each.name,
            channel=Recipient.Channel(each.channel),
            email=each.email,
            postal_address=each.postal_address,
            mandate=each.mandate,
        )
        for each in {row.mandate_id: row for row in told}.values()
    ]


def _recipient(
    convocation: Convocation, going: reading.Addressee, *, by: User | None, at: datetime
) -> Recipient:
    on_paper = going.channel == Recipient.Channel.PAPER
    row = Recipient(
        convocation=convocation,
        why=going.why,
        mandate=going.mandate,
        community=going.community,
        name=going.name,
        channel=going.channel,
        email=going.email,
        postal_address=going.postal_address,
        state=Posted.State.PRINTED if on_paper else Posted.State.QUEUED,
        message_id=mails.new_message_id(),
        queued_at=at,
        queued_by=by,
        not_before=at,
    )
    tokens.give_dossier(row)
    return row


@transaction.atomic
def resend(
    recipient: Recipient, *, by: User, at: datetime, email: str = "", keep: bool = False
) -> Recipient:
    """Send the same convocation again, to the same address or to another; the first row stays.

    `keep` writes the other address on the file of the person. The link sent to a wrong address
    opens nothing any more. Refused while the first is still on its way.
    """
    convocation = recipient.convocation
    meeting = ledger.lock(convocation.meeting)
    recipient = _newest(recipient)
    email = email.strip() or recipient.email
    _check_address(email)
    if not recipient.is_settled:
        raise Refused(
            [
                Finding(
                    code="deja_en_route",
                    message="Ce courriel est encore en cours d’envoi.",
                    remedy="Attendez la réponse du serveur.",
                )
            ]
        )
    if meeting.stage == Meeting.Stage.CANCELLED and convocation.kind != Convocation.Kind.CANCELLED:
        raise Refused([Finding(code="seance_annulee", message="Cette séance est annulée.")])
    again = Recipient(
        convocation=convocation,
        why=recipient.why,
        mandate=recipient.mandate,
        community=recipient.community,
        name=recipient.name,
        channel=Recipient.Channel.MAIL,
        email=email,
        postal_address=recipient.postal_address,
        resend_of=recipient,
        message_id=mails.new_message_id(),
        queued_at=at,
        queued_by=by,
        not_before=at,
    )
    tokens.give_dossier(again)
    again.save()
    is_other = email.lower() != recipient.email.lower()
    if is_other and recipient.email:
        # Whoever has the wrong address may have received the link: it must open nothing.
        Recipient.objects.filter(pk=recipient.pk).update(nonce="", token_hash="")
        if recipient.mandate is not None:
            tokens.make_invitation(meeting, recipient.mandate, at=at)
    if keep and is_other and recipient.mandate is not None:
        person = recipient.mandate.person
        person.email = email
        person.save(update_fields=["email"])
    Convocation.objects.filter(pk=convocation.pk).update(
        stage=Convocation.Stage.SENDING, finished_at=None
    )
    ledger.touch(meeting)
    transaction.on_commit(sending.wake)
    return again


def _newest(recipient: Recipient) -> Recipient:
    """The row that counts: one that was sent again is followed to its last sending."""
    found = Recipient.objects.select_for_update(of=("self",)).get(pk=recipient.pk)
    while (later := Recipient.objects.filter(resend_of=found).first()) is not None:
        found = later
    return found


def _check_address(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused(
            [
                Finding(
                    code="adresse_impossible",
                    message="Cette adresse électronique n’est pas valable.",
                    field="email",
                )
            ]
        ) from error


@transaction.atomic
def note_bounce(recipient: Recipient, *, reason: str, by: User, at: datetime) -> None:
    """The mail came back: the server had taken it, the mailbox did not."""
    meeting = ledger.lock(recipient.convocation.meeting)
    row = Recipient.objects.select_for_update(of=("self",)).get(pk=recipient.pk)
    if row.state != Posted.State.SENT:
        raise Refused(
            [
                Finding(
                    code="pas_remis",
                    message="Seul un courriel remis au serveur peut revenir.",
                )
            ]
        )
    row.state, row.bounced_at = Posted.State.BOUNCED, at
    row.bounce_reason = reason.strip()[:300]
    row.save(update_fields=["state", "bounced_at", "bounce_reason"])
    ledger.touch(meeting)


@transaction.atomic
def hand_over(recipients: Sequence[Recipient], *, on: date, by: User, at: datetime) -> int:
    """Paper letters were posted, or handed over, on a day; how many.

    That day counts for their notice, whatever the day of the mails. Refused in the future and
    before the dispatch.
    """
    if not recipients:
        return 0
    convocation = recipients[0].convocation
    meeting = ledger.lock(convocation.meeting)
    sent_on = convocation.sent_on
    if on > deadlines.day_of(at):
        raise Refused(
            [Finding(code="jour_a_venir", message="Ce jour n’est pas encore venu.", field="on")]
        )
    if sent_on is not None and on < sent_on:
        raise Refused(
            [
                Finding(
                    code="avant_envoi",
                    message="Une lettre ne part pas avant la convocation elle-même.",
                    field="on",
                )
            ]
        )
    noon = timezone.make_aware(datetime.combine(on, time(12)))
    rows = Recipient.objects.filter(
        pk__in=[each.pk for each in recipients],
        convocation=convocation,
        state__in=(Posted.State.PRINTED, Posted.State.DELIVERED),
    )
    count = rows.update(state=Posted.State.DELIVERED, sent_at=noon, reply="", queued_by=by)
    ledger.touch(meeting)
    return count


@transaction.atomic
def print_instead(recipient: Recipient, *, by: User, at: datetime) -> Recipient:
    """Send a letter where mail does not arrive; a row of its own."""
    convocation = recipient.convocation
    meeting = ledger.lock(convocation.meeting)
    recipient = _newest(recipient)
    if recipient.channel == Recipient.Channel.PAPER or not recipient.is_settled:
        raise Refused(
            [
                Finding(
                    code="deja_en_route",
                    message="Ce courriel est encore en cours d’envoi, ou la lettre existe déjà.",
                )
            ]
        )
    letter = Recipient(
        convocation=convocation,
        why=recipient.why,
        mandate=recipient.mandate,
        community=recipient.community,
        name=recipient.name,
        channel=Recipient.Channel.PAPER,
        email=recipient.email,
        postal_address=recipient.mandate.person.address if recipient.mandate else "",
        state=Posted.State.PRINTED,
        resend_of=recipient,
        message_id=mails.new_message_id(),
        queued_at=at,
        queued_by=by,
        not_before=at,
    )
    tokens.give_dossier(letter)
    letter.save()
    ledger.touch(meeting)
    return letter


# --- Later changes ----------------------------------------------------------------------------


def rectify(meeting: Meeting, *, by: User) -> Convocation:
    """The draft of a rectifying convocation: what was added or changed since the last one.

    The items it announces have a notice of their own, which `dispatch` asks of the law.
    """
    return prepare(meeting, by=by, kind=Convocation.Kind.RECTIFYING)


@transaction.atomic
def move_meeting(
    meeting: Meeting,
    *,
    held_on: date,
    starts_at: time,
    place: str,
    reason: str,
    by: User,
    urgent_reason: str = "",
    message: str = "",
) -> Convocation:
    """The draft that moves a convened sitting; the sitting itself moves when it is dispatched."""
    ledger.lock(meeting)
    if (held_on, starts_at, place.strip()) == (meeting.held_on, meeting.starts_at, meeting.place):
        raise Refused(
            [Finding(code="rien_ne_change", message="La date, l’heure et le lieu sont les mêmes.")]
        )
    others = Meeting.objects.filter(body=meeting.body_id, held_on=held_on, starts_at=starts_at)
    if others.exclude(pk=meeting.pk).exists():
        raise Refused(
            [
                Finding(
                    code="une_autre_seance",
                    message="Cette instance a déjà une séance à cette date et heure.",
                    field="held_on",
                )
            ]
        )
    draft = prepare(meeting, by=by, kind=Convocation.Kind.MOVED)
    draft.held_on, draft.starts_at, draft.place = held_on, starts_at, place.strip()
    draft.reason, draft.urgent_reason, draft.message = reason, urgent_reason, message
    draft.save()
    return draft


def cancel_meeting(
    meeting: Meeting, *, reason: str, by: User, at: datetime, site: str = "", message: str = ""
) -> Convocation | None:
    """Call a sitting off. Whoever was convened is told at once; `None` when nobody was."""
    if not reason.strip():
        raise Refused([Finding(code="motif_manquant", message="Dites pourquoi.", field="reason")])
    if reading.last_sent(meeting) is None:
        _cancel_quietly(meeting, by=by)
        return None
    draft = prepare(meeting, by=by, kind=Convocation.Kind.CANCELLED)
    edit(draft, reason=reason.strip(), message=message.strip(), by=by)
    try:
        dispatch(draft, by=by, at=at, site=site)
    except Refused:
        drop(draft, by=by)
        raise
    return draft


@transaction.atomic
def _cancel_quietly(meeting: Meeting, *, by: User) -> None:
    """Nobody was convened: nobody need be told."""
    ledger.lock(meeting)
    if meeting.ledger:
        raise Refused(
            [
                Finding(
                    code="seance_commencee",
                    message="Le registre de cette séance est commencé : elle ne s’annule plus.",
                    remedy="Levez-la, faute de quorum s’il manque.",
                )
            ]
        )
    meeting.convocations.filter(stage=Convocation.Stage.DRAFT).delete()
    meeting.stage = Meeting.Stage.CANCELLED
    meeting.save(update_fields=["stage"])
    ledger.touch(meeting)


@transaction.atomic
def second_call(
    meeting: Meeting, *, held_on: date, starts_at: time, place: str, by: User
) -> Meeting:
    """A new sitting on the same items, after the quorum was missing (art. L2121-17).

    It is prepared, not sent. What the first sitting did decide is left out: only what it could
    not discuss is called again.
    """
    ledger.lock(meeting)
    findings.refuse(_of_second_call(meeting, held_on))
    again = preparing.create_meeting(
        body=meeting.body,
        held_on=held_on,
        starts_at=starts_at,
        place=place.strip(),
        by=by,
        second_call_of=meeting,
    )
    # A second call holds the items of the first and no other, the approval of minutes included.
    for item in again.items.all():
        item.meeting = again
        items.remove_item(item, by=by)
    _copy_undecided(meeting, again, by=by)
    return again


def _of_second_call(meeting: Meeting, held_on: date) -> Iterator[Finding]:
    if not reading.lacked_quorum(meeting):
        yield Finding(
            code="quorum_non_manque",
            message="Le quorum n’a pas manqué à cette séance, ou elle n’est pas levée.",
            article=article_of(meeting.regime, "reconvene_clear_days"),
            remedy="Une seconde convocation suit une séance levée faute de quorum.",
        )
    if held_on <= meeting.held_on:
        yield Finding(
            code="avant_la_premiere",
            message="La seconde séance suit la première.",
            field="held_on",
        )
    if meeting.second_calls.exclude(stage=Meeting.Stage.CANCELLED).exists():
        yield Finding(
            code="deja_reconvoquee",
            message="Une seconde convocation de cette séance existe déjà.",
        )


def _copy_undecided(first: Meeting, again: Meeting, *, by: User) -> None:
    """What the first sitting could not decide, with its number, its file and its attachments."""
    kept = {
        line.node.item.key
        for line in meeting_reading.lines(first)
        if not line.is_decided and not line.node.item.is_section
    }
    copies: dict[int | None, AgendaItem] = {}
    for node in first.agenda.nodes:
        item = node.item
        if not any(each.item.key in kept for each in node.walk()):
            continue
        copies[item.pk] = copy = items.add_item(
            again,
            key=item.key,
            kind=item.kind,
            title=item.title,
            label=item.label,
            rapporteur=item.rapporteur,
            approves=item.approves,
            parent=copies.get(item.parent_id),
            by=by,
        )
        carrying.share_file(item, to=copy, by=by)
