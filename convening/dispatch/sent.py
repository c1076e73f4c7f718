"""What was sent last of a sitting, and what changed since."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from convening import outbox
from convening.models import Convocation, Posted, Recipient
from documents import compile, papers
from meetings.models import Meeting, MeetingQuerySet

_UNHANDED = {Posted.State.KEPT, Posted.State.PRINTED, Posted.State.REFUSED}
_REACHED = {Posted.State.SENT, Posted.State.DELIVERED, Posted.State.ELSEWHERE}
_HANDED = _REACHED | {Posted.State.BOUNCED}
_MAYBE = {Posted.State.DOUBTFUL}
_LOST = {Posted.State.REFUSED, Posted.State.BOUNCED, Posted.State.DOUBTFUL}
_ON_THE_WAY = {Posted.State.QUEUED, Posted.State.HANDING}
_TO_HAND = {Posted.State.KEPT, Posted.State.PRINTED}


def _unhanded() -> set[str]:
    """The states of what was handed to nobody, nor is about to be: without a server of mails, what
    waits is about to be kept here."""
    return _UNHANDED | _ON_THE_WAY if outbox.is_kept() else _UNHANDED


def _to_hand() -> set[str]:
    """The states of what somebody is to hand over."""
    return _TO_HAND | _ON_THE_WAY if outbox.is_kept() else _TO_HAND


def _leaving() -> set[str]:
    """The states of what is on its way."""
    return _ON_THE_WAY - _unhanded()


def last_sent(meeting: Meeting) -> Convocation | None:
    """What was dispatched last for this sitting, whatever it was."""
    return meeting.convocations.exclude(stage=Convocation.Stage.DRAFT).order_by("-number").first()


def _last_word(rows: QuerySet[Recipient]) -> QuerySet[Recipient]:
    """Those of these that no later move of their sitting replaces: who had its former day, hour or
    place is still to be told."""
    later = Convocation.objects.filter(
        meeting=OuterRef("convocation__meeting"),
        kind=Convocation.Kind.MOVED,
        number__gt=OuterRef("convocation__number"),
    )
    return rows.exclude(Exists(later.exclude(stage=Convocation.Stage.DRAFT)))


def moved_from(meetings: Iterable[Meeting]) -> dict[int, date]:
    """By sitting that what was dispatched moved to another day, the one it was on just before; one
    query, none of no sitting."""
    asked = [each.pk for each in meetings]
    told = Convocation.objects.filter(meeting__in=asked).exclude(stage=Convocation.Stage.DRAFT)
    rows = told.order_by("number").values_list("meeting", "held_on") if asked else ()
    last: dict[int, date] = {}
    found = {}
    for meeting, on in rows:
        if on is not None and last.setdefault(meeting, on) != on:
            found[meeting], last[meeting] = last[meeting], on
    return found


def moves_in_hand(meetings: QuerySet[Meeting]) -> QuerySet[Convocation]:
    """The changes of day, hour or place of these sittings that are prepared, and told to nobody."""
    drafts = Convocation.objects.filter(stage=Convocation.Stage.DRAFT, meeting__in=meetings)
    found = drafts.filter(kind=Convocation.Kind.MOVED)
    return found.select_related("meeting__body__organisation", "meeting__second_call_of")


def what_is_handed(meeting: Meeting) -> str:
    """What convenes its members now: « la convocation », « la nouvelle date »."""
    told = meeting.convocations.exclude(stage=Convocation.Stage.DRAFT)
    told = told.filter(kind__in=(Convocation.Kind.SUMMONS, Convocation.Kind.MOVED))
    last = told.order_by("-number").first()
    return last.called if last else "la convocation"


def not_handed(what: str) -> str:
    """« convocation non remise », of what nobody was handed: « la convocation »."""
    article, _, named = what.partition(" ")
    return f"{named} non {'remis' if article == 'le' else 'remise'}"


def is_urgent(meeting: Meeting) -> bool:
    """Whether what was dispatched last gives the reason of an urgency."""
    last = last_sent(meeting)
    return last is not None and bool(last.urgent_reason.strip())


QUIETLY = "Séance annulée avant d’être convoquée\N{NO-BREAK SPACE}: "


def why_called_off(meeting: Meeting) -> str:
    """Why a sitting that is called off was, "" when nobody said so here."""
    last = last_sent(meeting)
    if last is not None:
        return last.reason.strip() if last.kind == Convocation.Kind.CANCELLED else ""
    deed = meeting.deeds.filter(verb="cancelled", words__startswith=QUIETLY).first()
    return deed.words.removeprefix(QUIETLY) if deed else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many of the members who still sit its convocation, or the move that replaces it, was
    handed over to; `is_leaving`, some
    of it is on its way to others; `is_none`, nothing of it left nor is about to: mails kept for
    want of a server, letters still to be posted, which are theirs `to_hand` over."""

    handed: int
    of: int
    is_leaving: bool
    is_none: bool
    to_hand: int

    @property
    def left_behind(self) -> int:
        """To how many members somebody is still to hand over what others have already."""
        return 0 if self.is_none else self.to_hand


def reach(meeting: Meeting) -> Reach | None:
    """How far the convocation that was established here went, `None` of one that was not; one query
    at most."""
    if meeting.sent_on is None:
        return None
    rows = _last_word(_to_members(meeting)).order_by()
    rows = rows.exclude(mandate__end_on__lt=meeting.held_on)
    known: dict[Hashable, set[str]] = {}
    for mandate, name, state in rows.values_list("mandate", "name", "state"):
        known.setdefault(mandate or name, set()).add(state)
    waiting = [states for states in known.values() if states.isdisjoint(_REACHED)]
    return Reach(
        handed=len(known) - len(waiting),
        of=len(known),
        is_leaving=not all(states.isdisjoint(_leaving()) for states in waiting),
        is_none=bool(known) and all(states <= _unhanded() for states in known.values()),
        to_hand=sum(not states.isdisjoint(_to_hand()) for states in waiting),
    )


def is_unhanded(meeting: Meeting) -> bool:
    """Whether its convocation was established here and nothing of it was handed over to a member,
    nor is about to be; one query at most."""
    found = reach(meeting)
    return found is not None and found.is_none


def reached(meeting: Meeting) -> frozenset[int]:
    """The persons whom something of the convocation established here reached, or may have; one
    query."""
    rows = Recipient.objects.filter(
        convocation__meeting=meeting, mandate__isnull=False, state__in=_REACHED | _MAYBE
    )
    rows = _last_word(rows)
    return frozenset(rows.order_by().values_list("mandate__person", flat=True))


def left_behind(meetings: MeetingQuerySet) -> list[tuple[Meeting, int]]:
    """Those of these sittings whose convocation some have and others still wait for somebody to
    hand over, and how many do; one query to find which may be, then one for each."""
    rows = Recipient.objects.filter(convocation__meeting=OuterRef("pk"), why=Recipient.Why.MEMBER)
    rows = _last_word(rows)
    found = meetings.filter(
        Exists(rows.filter(state__in=_to_hand(), resent_as=None)), sent_on__isnull=False
    )
    told = ((meeting, reach(meeting)) for meeting in found)
    return [(meeting, known.left_behind) for meeting, known in told if known and known.left_behind]


def unhanded(meetings: MeetingQuerySet) -> list[Meeting]:
    """Those of these sittings of which `is_unhanded` is true and whose minutes, which say on which
    day the assembly was convened, are not issued; one query."""
    rows = Recipient.objects.filter(convocation__meeting=OuterRef("pk"), why=Recipient.Why.MEMBER)
    return _without_any(meetings, _last_word(rows))


def never_handed(meetings: MeetingQuerySet) -> list[Meeting]:
    """The same, but for those that some were convened to before they moved: who was may answer."""
    rows = Recipient.objects.filter(convocation__meeting=OuterRef("pk"), why=Recipient.Why.MEMBER)
    return _without_any(meetings, rows)


def _without_any(meetings: MeetingQuerySet, rows: QuerySet[Recipient]) -> list[Meeting]:
    rows = rows.exclude(mandate__end_on__lt=OuterRef("held_on"))
    over = (Meeting.Stage.CANCELLED, Meeting.Stage.ISSUED)
    asked = meetings.filter(sent_on__isnull=False).exclude(stage__in=over)
    return list(asked.filter(Exists(rows), ~Exists(rows.exclude(state__in=_unhanded()))))


def undelivered(meetings: QuerySet[Meeting]) -> list[tuple[Convocation, Counter[str]]]:
    """What was sent of these sittings and reached nobody, or may not have: how many by state, of
    what was sent last; of what waits, what a server did not take. One query, and one if any."""
    rows = Recipient.objects.filter(convocation__meeting__in=meetings, resent_as=None)
    rows = _last_word(rows).order_by()
    asked = Q(state__in=_LOST) | Q(state=Posted.State.QUEUED) & ~Q(reply="")
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for convocation, state in rows.filter(asked).values_list("convocation", "state"):
        found[convocation][state] += 1
    told = Convocation.objects.filter(pk__in=found) if found else Convocation.objects.none()
    told = told.select_related("meeting__body__organisation", "meeting__second_call_of")
    return [(each, found[each.pk]) for each in told]


def unheard(meetings: QuerySet[Meeting]) -> list[tuple[Convocation, int]]:
    """What was dispatched to these sittings once some were convened, a rectification or that it is
    off, and somebody is still to hand over, and to how many members; one query, and one if any."""
    earlier = Recipient.objects.filter(
        convocation__meeting=OuterRef("convocation__meeting"),
        convocation__number__lt=OuterRef("convocation__number"),
        state__in=_HANDED | _MAYBE,
    )
    rows = Recipient.objects.filter(
        Exists(earlier),
        convocation__meeting__in=meetings,
        convocation__kind__in=(Convocation.Kind.RECTIFYING, Convocation.Kind.CANCELLED),
        why=Recipient.Why.MEMBER,
        state__in=_to_hand(),
        resent_as=None,
    )
    found = Counter(_last_word(rows).order_by().values_list("convocation", flat=True))
    told = Convocation.objects.filter(pk__in=found) if found else Convocation.objects.none()
    told = told.select_related("meeting__body__organisation", "meeting__second_call_of")
    return [(each, found[each.pk]) for each in told.order_by("meeting", "-number")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """The days on which a convocation was handed over to the members: to the first of them, to the
    last, who had the shortest notice; `without`, how many nobody says it was handed over to."""

    first: date
    last: date
    without: int


def handed(meeting: Meeting) -> Handed | None:
    """When its convocation was handed over to its members; a copy convenes nobody. `None` while
    nothing is known of any of them; one query.

    A member has the first day that reached him: that of a mail which came back only when nothing
    else was handed over to him. Whoever came into office after the dispatch is left aside: nobody
    could convene him with the others.
    """
    rows = _of_its_day(meeting).order_by().exclude(mandate__start_on__gt=meeting.convened_on)
    days: dict[Hashable, date | None] = {}
    back: dict[Hashable, date] = {}
    for mandate, name, state, at in rows.values_list("mandate", "name", "state", "sent_at"):
        who = mandate or name
        known = days.setdefault(who, None)
        if state not in _HANDED or at is None:
            continue
        on = timezone.localdate(at)
        if state == Posted.State.BOUNCED:
            back[who] = max(on, back.get(who, on))
        else:
            days[who] = min(on, known or on)
    had = [on for who in days if (on := days[who] or back.get(who)) is not None]
    return Handed(first=min(had), last=max(had), without=len(days) - len(had)) if had else None


def _to_members(meeting: Meeting) -> QuerySet[Recipient]:
    return Recipient.objects.filter(convocation__meeting=meeting, why=Recipient.Why.MEMBER)


def _of_its_day(meeting: Meeting) -> QuerySet[Recipient]:
    """What convened them to its day: a move to another one does so anew."""
    rows = _to_members(meeting).filter(convocation__sent_on=meeting.convened_on)
    later = Convocation.objects.filter(
        meeting=meeting, kind=Convocation.Kind.MOVED, number__gt=OuterRef("convocation__number")
    ).exclude(stage=Convocation.Stage.DRAFT)
    return rows.exclude(Exists(later.exclude(held_on=OuterRef("convocation__held_on"))))


def left_on(meeting: Meeting) -> date | None:
    """The day on which its convocation left for the last member it was handed over to, so that
    nobody had a shorter notice; that of the dispatch while it is on its way, the one told when it
    left from elsewhere. `None` while nothing left; two queries at most."""
    if meeting.sent_on is None or meeting.convened_on is None:
        return meeting.convened_on
    if found := handed(meeting):
        return found.last
    rows = _of_its_day(meeting)
    if (states := set(rows.order_by().values_list("state", flat=True))) and states <= _unhanded():
        return None
    return meeting.convened_on


def reached_on(convocation: Convocation) -> date | None:
    """The day on which this dispatch left for the last member it was handed over to; its own while
    it is on its way, `None` while nothing of it left nor is about to; one query."""
    rows = convocation.recipients.filter(why=Recipient.Why.MEMBER).order_by()
    told = list(rows.values_list("state", "sent_at"))
    if days := [timezone.localdate(at) for state, at in told if state in _HANDED and at]:
        return max(days)
    states = {state for state, _ in told}
    return None if states and states <= _unhanded() else convocation.sent_on


def last_paper(meeting: Meeting) -> papers.SummonsDocument | None:
    """The convocation as it was last sent, `None` before the first."""
    told = last_sent(meeting)
    return told.summons if told else None


def changed_lines(meeting: Meeting) -> tuple[papers.AgendaLine, ...]:
    """What the last convocation did not announce, or not as it stands now; each says which. Read
    once of a sitting: the whole convocation is compiled to know it."""
    if "changed" not in meeting.known:
        meeting.known["changed"] = _changed_lines(meeting)
    return meeting.known["changed"]


def _changed_lines(meeting: Meeting) -> tuple[papers.AgendaLine, ...]:
    before = last_paper(meeting)
    if before is None:
        return ()
    now = compile.compile_summons(
        meeting, kind=Convocation.Kind.RECTIFYING, sent_on=before.sent_on, before=before
    )
    return tuple(line for line in now.lines if line.mark)


def removed_lines(meeting: Meeting) -> tuple[papers.AgendaLine, ...]:
    """What the last convocation announced and the agenda holds no more."""
    before = last_paper(meeting)
    return tuple(line for line in before.lines if line.key not in meeting.agenda) if before else ()
