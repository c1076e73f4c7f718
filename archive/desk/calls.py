"""Whoever is to sign, or to carry out a decision, is told by mail: once of each paper and of each
follow-up, then each week of what still waits; at once when the secretariat asks (`recall`).

The hand that sends mails asks (`look`). What is told is what the first page of the person says
(`mine`); her mail and the mark that it was made are one transaction, so that a server killed
between two mails sends nobody the same one twice. Its link leads to the page where one signs in:
nothing in a mail signs.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone

from archive.desk import mine
from archive.models import SigningCall
from convening import mails, notices, outbox, sending
from convening.models import Notice
from law import french
from law.french import NBSP
from meetings.models import Meeting
from members import links
from members.models import Body, Mandate, Organisation, Person, User
from registry.follow_ups import reading as follow_ups
from registry.models import FollowUp
from registry.signatures import reading as signatures
from registry.signatures.reading import ToSign

STOP = "archive:stop_calls"  # what the link of a mail opens
EVERY = timedelta(days=7)
TOGETHER = timedelta(minutes=15)  # what is prepared in one go makes one mail
AGAIN = timedelta(days=1)  # before somebody is told again because another asks
PAUSE = timedelta(minutes=10)  # between two looks, whoever looks
_LOOKED = "archive.calls"
_REMINDER = "Rappel"


def look(at: datetime) -> None:
    """Queue what is due, unless somebody looked a moment ago."""
    if cache.add(_LOOKED, 1, timeout=PAUSE.total_seconds()):
        run_due(at)


@dataclass
class _Waiting:
    """What waits for one person."""

    papers: list[ToSign] = field(default_factory=list)
    rows: list[FollowUp] = field(default_factory=list)

    @property
    def meeting(self) -> Meeting:
        """The sitting of which the first of them is."""
        return self.papers[0].document.meeting if self.papers else self.rows[0].item.meeting

    @property
    def told(self) -> str:
        """ "2 documents attendent votre signature, 1 suite à donner vous attend"."""
        papers, rows = len(self.papers), len(self.rows)
        return ", ".join(
            french.count(count, *words)
            for count, *words in (
                (
                    papers,
                    "document attend votre signature",
                    "documents attendent votre signature",
                ),
                (rows, "suite à donner vous attend", "suites à donner vous attendent"),
            )
            if count
        )


def run_due(at: datetime) -> int:
    """Queue the mails to whoever has something to sign or to carry out that she was not told of,
    or was told of a week ago; how many that made."""
    bodies = Body.objects.filter(organisation__in=Organisation.objects.real())
    return sum(
        _call(person, waiting, at=at)
        for person, waiting in _waiting(bodies, since=at - TOGETHER, at=at).items()
    )


def _waiting(bodies: QuerySet[Body], *, since: datetime, at: datetime) -> dict[Person, _Waiting]:
    """What waits in these bodies since that moment, by person: those who hold an account and are
    still in office, who can sign, and read what they are to do. Nobody is pressed to sign what
    another refuses."""
    found: dict[Person, _Waiting] = defaultdict(_Waiting)
    for each in signatures.awaited_in(bodies):
        prepared_at = min(step.signed_at for step in each.document.signatures.all())
        if prepared_at <= since and not each.declines:
            found[each.person].papers.append(each)
    for person in _carriers(bodies):
        for row in follow_ups.carried_by(person):
            if row.made_at <= since:
                found[person].rows.append(row)
    running = Mandate.objects.in_office(timezone.localdate(at)).filter(
        person__in=found, person__user__is_active=True
    )
    able = set(running.values_list("person", flat=True))
    return {person: waiting for person, waiting in found.items() if person.pk in able}


def _carriers(bodies: QuerySet[Body]) -> Iterator[Person]:
    """Those whom something that waits may name."""
    pending = FollowUp.objects.pending().filter(item__meeting__body__in=bodies)
    names: dict[int, set[str]] = defaultdict(set)
    for where, who in pending.values_list("item__meeting__body__organisation", "who"):
        names[where].add(who)
    persons = Person.objects.filter(organisation__in=names, user__is_active=True)
    for person in persons.select_related("user", "organisation"):
        if names[person.organisation_id] & set(follow_ups.named(person)):
            yield person


# --- At once, by a gesture ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """Whether somebody who is awaited may be reminded by mail, and when she last was; a mail
    that `stayed` here told her nothing."""

    may: bool
    told_at: datetime | None
    stayed: bool
    has_stopped: bool


def recalls(persons: Iterable[int], *, at: datetime) -> Mapping[int, Recall]:
    """By number, those of these persons whom a mail reaches; one query."""
    running = Mandate.objects.in_office(timezone.localdate(at)).filter(person=OuterRef("pk"))
    last = Concat(
        Value("a-signer-"), "pk", Value("-"), "signing_call__rank", output_field=CharField()
    )
    stays = {Notice.State.KEPT} | ({Notice.State.QUEUED} if outbox.is_kept() else set())
    kept = Notice.objects.filter(once=OuterRef("last"), state__in=stays)
    rows = Person.objects.filter(pk__in=persons).select_related("user", "signing_call")
    # The first mail of what is to be signed reminds of nothing, unless somebody asked for it.
    again = Q(subject__startswith=_REMINDER) | Q(written_by__isnull=False)
    reminding = Notice.objects.filter(again, once=OuterRef("last"))
    rows = rows.annotate(sits=Exists(running), last=last)
    rows = rows.annotate(stayed=Exists(kept), is_reminded=Exists(reminding))
    return {person.pk: _recall(person, at) for person in rows}


def _recall(person: Person, at: datetime) -> Recall:
    call = getattr(person, "signing_call", None)
    told_at = call.mailed_at if call else None
    has_account = person.user is not None and person.user.is_active and person.sits
    has_stopped = call is not None and call.stopped_at is not None
    is_fresh = told_at is not None and at - told_at < AGAIN
    return Recall(
        may=has_account and not (has_stopped or is_fresh),
        told_at=told_at if person.is_reminded else None,
        stayed=person.stayed,
        has_stopped=has_stopped,
    )


@transaction.atomic
def recall(person: Person, bodies: QuerySet[Body], *, by: User, at: datetime) -> bool:
    """Remind somebody at once of what she has to sign and to carry out in these bodies; whether a
    mail leaves: none to who asked for no reminder, nor twice in a day."""
    leaves = recalls([person.pk], at=at)[person.pk].may and any(
        _call(each, waiting, at=at, by=by)
        for each, waiting in _waiting(bodies, since=at, at=at).items()
        if each == person
    )
    transaction.on_commit(sending.wake)
    return leaves


@transaction.atomic
def _call(person: Person, waiting: _Waiting, *, at: datetime, by: User | None = None) -> bool:
    """Tell her, by herself or because somebody asks (`by`)."""
    seed = links.new()
    call, _ = SigningCall.objects.select_for_update(of=("self",)).get_or_create(
        person=person,
        defaults={"seed": seed, "token_hash": links.hash_of(links.drawn(STOP, seed))},
    )
    awaited = [each.document.pk for each in waiting.papers]
    rows = [row.pk for row in waiting.rows]
    is_new = not (set(awaited) <= set(call.told) and set(rows) <= set(call.told_follow_ups))
    after = AGAIN if by else EVERY
    is_reminder = call.stopped_at is None and (
        call.mailed_at is not None and at - call.mailed_at >= after
    )
    if not (is_new or is_reminder):
        return False
    call.rank, call.told, call.told_follow_ups, call.mailed_at = call.rank + 1, awaited, rows, at
    call.save(update_fields=["rank", "told", "told_follow_ups", "mailed_at"])
    notices.queue(
        waiting.meeting,
        to=person,
        email=person.user.email if person.user else "",
        reason=f"a-signer-{person.pk}-{call.rank}",
        subject=f"{'' if is_new else f'{_REMINDER}{NBSP}: '}{waiting.told}",
        body=_body(person, waiting, site=mails.site_of(waiting.meeting), on=timezone.localdate(at)),
        by=by,
        at=at,
        page=STOP,
        seed=call.seed,
    )
    return True


def _body(person: Person, waiting: _Waiting, *, site: str, on: date) -> str:
    lines = []
    for task in (
        *mine.signing([each.document for each in waiting.papers]),
        *mine.carrying_out(waiting.rows),
    ):
        due = f", {_due(task.due_on, on)}" if task.due_on else ""
        lines.append(f"{task.what}{due} ({notices.of_sitting(task.meeting)})")
    doors = [("lire et signer", "registry:to_sign")] if waiting.papers else []
    doors += [("voir ce qui vous attend", "archive:to_do")] if waiting.rows else []
    return "\n\n".join(
        (
            person.greeting,
            f"{waiting.told}.",
            "\n".join(lines),
            *(f"Connectez-vous pour {what}\u00a0:\n{site}{reverse(page)}" for what, page in doors),
            "Un rappel part chaque semaine tant qu’il en reste. Pour ne plus en recevoir\u00a0:\n"
            + notices.LINK,
            f"Le secrétariat\n{person.organisation}",
        )
    )


def _due(due_on: date, on: date) -> str:
    """As the pages say it."""
    said = "en retard depuis le" if due_on < on else "au plus tard le"
    return f"{said} {french.long_date(due_on)}"


def next_on(call: SigningCall, *, at: datetime) -> date | None:
    """The day of the next reminder, should something wait then: a week after the last mail; `None`
    of whom nothing was told yet."""
    if call.mailed_at is None:
        return None
    return timezone.localdate(max(call.mailed_at + EVERY, at))


def find(raw: str) -> SigningCall | None:
    """Whose reminders this link stops."""
    return links.find(SigningCall.objects.select_related("person__organisation"), raw)


@transaction.atomic
def stop(call: SigningCall, *, at: datetime) -> None:
    """Send no reminder any more; what is new is still told, once."""
    call = SigningCall.objects.select_for_update(of=("self",)).get(pk=call.pk)
    if call.stopped_at is None:
        call.stopped_at = at
        call.save(update_fields=["stopped_at"])


@transaction.atomic
def resume(call: SigningCall) -> None:
    """Send the reminders again."""
    call = SigningCall.objects.select_for_update(of=("self",)).get(pk=call.pk)
    call.stopped_at = None
    call.save(update_fields=["stopped_at"])
