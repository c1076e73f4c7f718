"""Sending a convocation: one act, frozen as a whole or not at all.

Numbers, paper, dossier, recipients and links are frozen together. The mails leave afterwards
(convening/sending.py); what they say was frozen with the rest.
"""

import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Model, QuerySet

from accounts import letters
from convening import sending, tokens
from convening.actions import drafting, inviting, reminding
from convening.dispatch import addressees, checklist, letter, sent, shown, timing
from convening.dispatch.addressees import Addressee
from convening.models import Convocation, Posted, Recipient
from documents import compile, dossier, papers
from law import deadlines, findings, french
from law.findings import Finding
from meetings.actions import ledger, undoing
from meetings.agenda import BULLET
from meetings.models import AgendaItem, AlsoApproved, Attachment, Brief, Meeting, SittingEvent
from members import files
from members.models import User
from members.witness import Witnessed
from trail.models import Act
from trail.recording import note

LOOKED_AT = timedelta(minutes=15)  # between the preview and the dispatch

_Content = list[list[tuple[Any, ...]]]


def dispatch(
    convocation: Convocation, *, by: User, at: datetime, site: str = "", seen: str | None = None
) -> tuple[Finding, ...]:
    """Send. Freezes everything, makes the recipients and their links; the mails then leave by
    themselves. Returns the warnings; raises `Refused` with every objection, and then nothing
    was sent.

    `site` is the address that the links begin with, unless the settings name one. What a page
    showed (`seen`) leaves as it was shown, or not at all. Not to be called inside a transaction:
    should anything fail, no file is left behind.
    """
    warnings, content = _ready(convocation, by=by, at=at, seen=seen)
    # Laid out before the lock is taken: a dossier takes seconds, and another assembly may be
    # voting meanwhile.
    restarts = timing.restarts_the_notice(convocation)
    notice = timing.notice(convocation, at=at)
    # Another hour or another place the same day: there is nothing new to read.
    is_bare = convocation.kind == Convocation.Kind.MOVED and not restarts
    sealed = _seal(convocation, at=at, bare=is_bare)
    with files.all_or_nothing():
        _still_as(convocation, content)
        _dispatch(convocation, sealed, notice=notice, restarts=restarts, by=by, at=at, site=site)
        transaction.on_commit(sending.wake)
    return warnings


def _ready(
    convocation: Convocation, *, by: User, at: datetime, seen: str | None
) -> tuple[tuple[Finding, ...], _Content]:
    """Ask the law while others write, and have the agenda open with the vote on the urgency where
    it must; with the warnings, what the sitting said then."""
    meeting = convocation.meeting
    with transaction.atomic():
        ledger.lock(meeting)
        content = _content_of(convocation)
        drafting.still_a_draft(convocation)
    if seen is not None:
        meeting.refresh_from_db(fields=["held_on", "starts_at", "place"])
        meeting.forget()
        findings.refuse(shown.objections(convocation, seen))
    warnings = findings.refuse(checklist.objections(convocation, at=at))
    with transaction.atomic():
        _still_as(convocation, content)
        drafting.put_urgency_first(convocation, at=at, by=by)
        # What changes from here on is not in what is laid out.
        content = _content_of(convocation)
    return warnings, content


def _content_of(convocation: Convocation) -> _Content:
    """What the rows say that a dispatch is laid out from. Whoever answers, asks or is answered, and
    a mail that comes back, have the screens told, and change nothing of it."""
    meeting = convocation.meeting.pk
    rows: tuple[QuerySet[Any], ...] = (
        Convocation.objects.filter(pk=convocation.pk),
        Meeting.every.filter(pk=meeting),
        SittingEvent.objects.filter(meeting=meeting),
        AgendaItem.objects.filter(meeting=meeting),
        AlsoApproved.objects.filter(agendaitem__meeting=meeting),
        Brief.objects.filter(item__meeting=meeting),
        Attachment.objects.filter(item__meeting=meeting),
    )
    return [list(each.order_by("pk").values_list(*_telling(each.model))) for each in rows]


def _telling(model: type[Witnessed]) -> list[str]:
    """Its columns of weight: the stamp of a sitting has none."""
    fields = model._meta.concrete_fields
    return [field.attname for field in fields if field.name not in model.unwitnessed]


def _still_as(convocation: Convocation, content: _Content) -> None:
    """Keep the sitting for oneself; raise `Refused` when the draft left, or it changed since."""
    ledger.lock(convocation.meeting)
    drafting.still_a_draft(convocation)
    if content != _content_of(convocation):
        raise findings.refusal(
            "seance_changee",
            "La séance a changé pendant que le dossier se préparait.",
            remedy="Vérifiez-la, puis envoyez de nouveau.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealed:
    """What is about to leave."""

    summons: papers.SummonsDocument
    bound: dossier.Dossier


def _seal(convocation: Convocation, *, at: datetime, bare: bool = False) -> _Sealed:
    """The paper and the dossier, as the sitting stands; `bare`: the paper alone."""
    summons = _summons(convocation, at=at)
    return _Sealed(summons=summons, bound=bind(convocation, summons, at=at, bare=bare))


def _summons(convocation: Convocation, *, at: datetime) -> papers.SummonsDocument:
    on, before = deadlines.day_of(at), sent.last_paper(convocation.meeting)
    return letter.summons_of(_as_left(convocation, on=on), on=on, before=before)


def _as_left(convocation: Convocation, *, on: date) -> Convocation:
    """The same, of the sitting as the dispatch leaves it, nowhere but here: one that is moved is
    read on its new day. The base is only read."""
    if convocation.kind not in (Convocation.Kind.MOVED, Convocation.Kind.CANCELLED):
        return convocation
    left = copy.copy(convocation)
    left.meeting = compile.prepared(convocation.meeting)
    left.meeting._state.adding = True  # taken as it is by all that makes a paper of it
    restarts = timing.restarts_the_notice(convocation)
    _set(left.meeting, _changed(convocation, restarts=restarts, on=on))
    if _announces(convocation, left.meeting, on=on):
        for item in left.meeting.items.all():
            _set(item, _ANNOUNCED)
    return left


def bind(
    convocation: Convocation,
    summons: papers.SummonsDocument,
    *,
    at: datetime,
    bare: bool = False,
) -> dossier.Dossier:
    """The dossier that goes with this paper; laid out once for the preview and the dispatch.

    The paper holds the digest of every note and file, so that its hash tells whether the dossier
    would be another. One is kept for a sitting, on disk, for as long as one looks at it.
    """
    meeting = convocation.meeting
    key, wanted = _kept_as(meeting), (papers.sha256(summons), bare)
    kept: tuple[tuple[str, bool], dossier.Dossier] | None = cache.get(key)
    if kept is None or kept[0] != wanted:
        left = _as_left(convocation, on=deadlines.day_of(at)).meeting
        gathered = dossier.gather(left, summons, only=() if bare else None)
        kept = wanted, gathered.laid_out()
        cache.set(key, kept, timeout=LOOKED_AT.total_seconds())
    return kept[1]


def _kept_as(meeting: Meeting) -> str:
    return f"convening.dossier.{meeting.pk}"


def _dispatch(
    convocation: Convocation,
    sealed: _Sealed,
    *,
    notice: deadlines.Notice,
    restarts: bool,
    by: User,
    at: datetime,
    site: str,
) -> None:
    meeting = convocation.meeting
    on, before = deadlines.day_of(at), sent.last_sent(meeting)
    _apply(convocation, meeting, restarts=restarts, on=on)
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
    convocation.calendar_sequence = convocation.number - 1
    convocation.sent_on, convocation.dispatched_at = on, at
    convocation.dispatched_by, convocation.stage = by, Convocation.Stage.SENDING
    joined = [_set_apart(convocation, each) for each in sealed.bound.joined]
    convocation.letter = letter.words(
        convocation, sealed.summons, notice=notice, files=joined, before=before, site=site
    )
    convocation.save()
    _make_recipients(convocation, by=by, at=at)
    note(Act.SENT, f"{convocation}, {meeting}", by=by, organisation=meeting.organisation)
    sending.finish(at=at)
    if convocation.kind == Convocation.Kind.MOVED and restarts:
        # Held on another day: everybody is asked again.
        meeting.answers.current().update(lapsed_at=at)
    if convocation.kind in (Convocation.Kind.SUMMONS, Convocation.Kind.MOVED):
        reminding.plan(meeting, by=by, at=at)
    ledger.touch(meeting)
    meeting.forget()
    cache.delete(_kept_as(meeting))


def _apply(convocation: Convocation, meeting: Meeting, *, restarts: bool, on: date) -> None:
    """What the dispatch changes to the sitting itself."""
    changed = _changed(convocation, restarts=restarts, on=on)
    _set(meeting, changed)
    meeting.save(update_fields=list(changed))
    undoing.drop(meeting.undos.all())  # what leaves is not taken back
    if _announces(convocation, meeting, on=on):
        meeting.items.update(**_ANNOUNCED)
    meeting.forget()
    if convocation.kind == Convocation.Kind.MOVED:
        meeting.invitations.filter(revoked_at=None).update(expires_at=tokens.expiry(meeting))


def _changed(convocation: Convocation, *, restarts: bool, on: date) -> dict[str, object]:
    changed: dict[str, object] = {"sent_on": on}
    match convocation.kind:
        case Convocation.Kind.SUMMONS:
            changed["convened_on"] = on
        case Convocation.Kind.MOVED:
            changed |= {
                "held_on": convocation.held_on,
                "starts_at": convocation.starts_at,
                "place": convocation.place,
            }
            if restarts:
                # Another day is another convocation: its own day of dispatch counts.
                changed["convened_on"] = on
        case Convocation.Kind.CANCELLED:
            changed["stage"] = Meeting.Stage.CANCELLED
    return changed


def _set(row: Model, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


_ANNOUNCED: dict[str, object] = {"was_added": False, "announced": ""}


def _announces(convocation: Convocation, meeting: Meeting, *, on: date) -> bool:
    """Whether it announces every item in time, as it is called now."""
    match convocation.kind:
        case Convocation.Kind.CANCELLED:
            return False
        case Convocation.Kind.SUMMONS:
            return True
    return meeting.notice_of(on).regular


def _freeze_numbers(meeting: Meeting) -> None:
    """The numbers that go out are those that stay: every one can find the printed item."""
    frozen = []
    for node in meeting.agenda.nodes:
        if node.number not in ("", BULLET) and not node.item.label:
            node.item.label = node.number
            frozen.append(node.item)
    AgendaItem.objects.bulk_update(frozen, ["label"])
    meeting.forget()


def _set_apart(convocation: Convocation, file: Attachment) -> dict[str, Any]:
    """A file that the dossier cannot hold, copied beside it: what was sent must stay."""
    extension = file.filename.rpartition(".")[2].lower()
    with files.opened(file.file, file.sha256) as content:
        name = default_storage.save(
            f"convocations/{convocation.meeting_id}/{file.sha256[:40]}.{extension}", content
        )
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
    is_off = convocation.kind == Convocation.Kind.CANCELLED
    going = addressees.of_whom_it_is_off(meeting) if is_off else addressees.of(meeting)
    rows = [_recipient(convocation, each, by=by, at=at) for each in going]
    Recipient.objects.bulk_create(rows)
    if not is_off:
        _invite(meeting, going, at=at)


@transaction.atomic
def convene_newcomers(
    meeting: Meeting, *, by: User, at: datetime, seen: str | None = None
) -> tuple[Addressee, ...]:
    """Send whoever came in since the dispatch what the others received, as it was frozen: the
    convocation that holds, and what completed it. Says to whom; to nobody, does nothing. Refused
    for others than those whom a page showed (`seen`)."""
    meeting = ledger.lock(meeting)
    going = addressees.newcomers(meeting)
    if not going:
        return ()
    if seen is not None:
        shown.same(going, seen)
    sent_since = meeting.convocations.exclude(stage=Convocation.Stage.DRAFT).filter(
        sent_on__gte=meeting.convened_on or meeting.sent_on
    )
    for convocation in sent_since.order_by("number"):
        rows = [_recipient(convocation, each, by=by, at=at) for each in going]
        Recipient.objects.bulk_create(rows)
    sent_since.update(stage=Convocation.Stage.SENDING, finished_at=None)
    _invite(meeting, going, at=at)
    names = french.join([each.name for each in going])
    words = f"convocation envoyée après les autres\N{NO-BREAK SPACE}: {names}, {meeting}"
    note(Act.SENT, words[:500], by=by, organisation=meeting.organisation)
    sending.finish(at=at)
    ledger.touch(meeting)
    transaction.on_commit(sending.wake)
    return going


def _invite(meeting: Meeting, going: Iterable[Addressee], *, at: datetime) -> None:
    by_mail = Recipient.Channel.MAIL
    asked = [
        (each.mandate, each.email if each.channel == by_mail else "")
        for each in going
        if each.mandate
    ]
    inviting.invite(meeting, asked, at=at)


def _recipient(
    convocation: Convocation, going: Addressee, *, by: User | None, at: datetime
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
        message_id=letters.new_message_id(),
        queued_at=at,
        queued_by=by,
        not_before=at,
    )
    tokens.give_dossier(row)
    return row


# --- Before it leaves -------------------------------------------------------------------------


def preview(
    convocation: Convocation, *, at: datetime, site: str
) -> tuple[papers.SummonsDocument, list[Recipient]]:
    """The paper as it would leave now, and those it would go to by mail, not saved."""
    before = sent.last_sent(convocation.meeting)
    notice, on = timing.notice(convocation, at=at), deadlines.day_of(at)
    left, shown = _as_left(convocation, on=on), copy.copy(convocation)
    summons = letter.summons_of(left, on=on, before=before.summons if before else None)
    told = left.meeting
    going = [e for e in addressees.of(told) if e.channel == Recipient.Channel.MAIL]
    shown.held_on, shown.starts_at, shown.place = told.held_on, told.starts_at, told.place
    shown.dispatched_at = at
    shown.letter = letter.words(left, summons, notice=notice, files=(), before=before, site=site)
    return summons, [_recipient(shown, each, by=None, at=at) for each in going]
