"""What awaits one person: to sign, to answer, to read and remark, to adopt, to carry out.

Her first page, her "À faire" and her mails (`calls`) ask here; what awaits everybody is in
`waiting`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone

from archive.desk import alone, filed, waiting
from archive.desk.sheets import Sheet
from archive.desk.tasks import Deed, Stage
from convening import desk
from convening.models import Notice
from documents.models import IssuedDocument
from law import french
from meetings.models import AgendaItem, Meeting
from members import links
from members.models import Body, Mandate, Organisation, Person, User
from registry.acts import reading as acts
from registry.follow_ups import reading as follow_ups
from registry.models import Decline, FollowUp, Review
from registry.reviews import reading as reviews
from registry.signatures import reading as signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """Something that one person is to do: what, about which sitting, where ("" when nothing but a
    link that she received leads there), and by when."""

    what: str
    meeting: Meeting
    url: str
    due_on: date | None = None
    asked_on: date | None = None  # when she had the secretariat write first what it decides
    is_answer: bool = False  # whether one comes to a sitting: her sittings ask it themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """What awaits one person: the papers to sign, then the rest, the most urgent first."""

    to_sign: tuple[IssuedDocument, ...] = ()
    calls: tuple[Awaited, ...] = ()
    days: Mapping[tuple[int, bool], date] = field(default_factory=dict)  # of these papers
    doubtful: frozenset[int] = frozenset()  # those whose act has no article: not ticked beforehand
    asked: Mapping[int, date] = field(default_factory=dict)  # by sitting, when she asked for them
    alone: int = 0  # how many of these calls are to sign what she decided alone

    @property
    def count(self) -> int:
        """How many papers await her signature."""
        return len(self.to_sign) + self.alone

    @property
    def sound(self) -> int:
        """How many of them she signs at once."""
        return self.count - sum(each.pk in self.doubtful for each in self.to_sign)

    @property
    def signing(self) -> tuple[Awaited, ...]:
        """The papers to sign, sitting by sitting."""
        found = signing(self.to_sign, self.days, self.doubtful)
        sound = {each.meeting_id for each in self.to_sign if each.pk not in self.doubtful}
        return tuple(
            each
            if each.meeting.pk in sound or each.meeting.pk not in self.asked
            else replace(
                each,
                what=self._left(each.meeting),
                asked_on=self.asked[each.meeting.pk],
            )
            for each in found
        )

    def _left(self, meeting: Meeting) -> str:
        papers = (each for each in self.to_sign if each.meeting_id == meeting.pk)
        return f"{acts.in_words(papers)} à signer"

    @property
    def only_signing(self) -> Awaited | None:
        """All that she signs, when it is of one sitting."""
        signing = self.signing
        return signing[0] if len(signing) == 1 and not self.alone else None

    @property
    def lines(self) -> tuple[Awaited, ...]:
        """Everything but what one button does whole, sitting by sitting, the most urgent first."""
        only = self.only_signing
        rest = self.calls if only and not only.asked_on else (*self.signing, *self.calls)
        first = {task.meeting: order for order, task in reversed([*enumerate(rest)])}
        return tuple(sorted(rest, key=lambda task: first[task.meeting]))


def of(user: User, organisation: Organisation | None, *, at: datetime) -> Mine:
    """What awaits the person who has this account; a flat number of queries, but for the sittings
    of which something was written since their sheets were filed."""
    person = desk.person_of(user, organisation)
    if person is None:
        return Mine()
    coming = [each for each in desk.coming(person, at=at) if each.may_answer]
    taken, sheets = tuple(_to_sign_alone(person)), _sheets(person, at=at)
    doubtful = _doubtful(sheets)
    calls = (
        *_to_answer(person, coming),
        *_to_read(person, at=at),
        *_to_adopt(coming),
        *carrying_out(follow_ups.carried_by(person)),
        *taken,
    )
    return Mine(
        alone=len(taken),
        to_sign=tuple(_to_sign(person, sheets)),
        days=_to_publish(sheets),
        doubtful=doubtful,
        asked=_asked(sheets) if doubtful else {},
        calls=tuple(sorted(calls, key=lambda call: call.due_on or date.max)),
    )


_Sheets = Sequence[tuple[Meeting, Sheet]]
_Days = Mapping[tuple[int, bool], date]  # by sitting, of its minutes or of its list and extracts


def _sheets(person: Person, *, at: datetime) -> _Sheets:
    bodies = Body.objects.filter(mandates__person=person).select_related("organisation").distinct()
    return filed.read(list(bodies), on=timezone.localdate(at))


def _to_publish(sheets: _Sheets) -> _Days:
    """When the secretariat is to put online what is signed: it is late of both at once."""
    return {
        (meeting.pk, task.of_minutes): task.due_on
        for meeting, sheet in sheets
        for task in sheet.tasks
        if task.stage is Stage.PUBLISH and task.due_on
    }


def _doubtful(sheets: _Sheets) -> frozenset[int]:
    return frozenset(pk for _, sheet in sheets for pk in sheet.doubtful)


def _asked(sheets: _Sheets) -> Mapping[int, date]:
    wanting = [meeting.pk for meeting, sheet in sheets if sheet.doubtful]
    rows = Notice.objects.filter(meeting__in=wanting, once__startswith=f"{acts.ARTICLES}-")
    return {
        meeting: timezone.localdate(at)
        for meeting, at in rows.order_by("pk").values_list("meeting", "queued_at")
    }


def _to_sign(person: Person, sheets: _Sheets) -> Iterator[IssuedDocument]:
    """Not what another refuses to sign: nobody is asked for it before that is answered."""
    if hers := _awaiting(person, sheets):
        refused = Decline.objects.filter(ended_at=None).values("document")
        papers = IssuedDocument.objects.filter(pk__in=hers).exclude(pk__in=refused).defer("content")
        yield from papers.select_related("meeting__body__organisation", "adoption").order_by(
            "meeting__held_on", "meeting", "pk"
        )


def _awaiting(person: Person, sheets: _Sheets) -> list[int]:
    return [pk for _, sheet in sheets for pk, who in sheet.to_sign if who == person.pk]


def _to_sign_alone(person: Person) -> Iterator[Awaited]:
    """What this person decided alone, and has not signed."""
    for line in alone.to_sign(person):
        yield Awaited(
            what=Deed.SIGN.told(line.itself),
            meeting=line.meeting,
            url=next(step.url for step in line.steps if step.state is alone.Wait.SIGN),
            due_on=line.meeting.held_on,
        )


def signing_of(
    user: User, organisation: Organisation | None, meeting: Meeting, *, at: datetime
) -> Awaited | None:
    """What this person has to sign of this sitting; `None` of nothing."""
    person = desk.person_of(user, organisation)
    if person is None:
        return None
    found = [(meeting, sheet) for sheet in filed.of([meeting.pk], on=timezone.localdate(at))]
    papers = list(_to_sign(person, found))
    return next(signing(papers, _to_publish(found), _doubtful(found)), None)


def signs(person: Person, *, at: datetime) -> bool:
    """Whether a paper waits for her signature, or for her to read it."""
    return (
        bool(_awaiting(person, _sheets(person, at=at)))
        or any(True for _ in _to_sign_alone(person))
        or any(True for _ in _to_read(person, at=at))
    )


def signing(
    papers: Sequence[IssuedDocument],
    days: _Days | None = None,
    doubtful: Collection[int] = (),
) -> Iterator[Awaited]:
    """Papers to sign as things to do, sitting by sitting; `days`, when each is to be online;
    `doubtful`, those that are read before anybody signs them."""
    by_sitting: dict[Meeting, list[IssuedDocument]] = defaultdict(list)
    for document in papers:
        by_sitting[document.meeting].append(document)
    for meeting, documents in by_sitting.items():
        # What she signs at once is dated; what waits for its articles is not late by her.
        sound = [each for each in documents if each.pk not in doubtful]
        known = {(meeting.pk, each.is_minutes) for each in sound} & (days or {}).keys()
        due = [*filter(None, map(signatures.due_on, sound)), *((days or {})[k] for k in known)]
        yield Awaited(
            what=acts.to_sign_in_words(documents, doubtful),
            meeting=meeting,
            url=reverse("registry:sign_acts", args=[meeting.pk]),
            due_on=min(due, default=None),
        )


def carrying_out(rows: Iterable[FollowUp]) -> Iterator[Awaited]:
    """What was decided and this person is to do."""
    for row in rows:
        meeting = row.item.meeting
        yield Awaited(
            what=row.what,
            meeting=meeting,
            url=reverse("registry:follow_ups", args=[meeting.body_id]),
            due_on=row.due_on,
        )


def _to_answer(person: Person, coming: Sequence[desk.Coming]) -> Iterator[Awaited]:
    """Who has a seat says whether he comes; a substitute, once somebody sends him."""
    seated = Mandate.objects.filter(
        person=person, body__in={each.meeting.body_id for each in coming}
    ).exclude(capacity=Mandate.Capacity.SUBSTITUTE)
    bodies = set(seated.values_list("body", flat=True))
    for each in coming:
        if each.answer is not None or not (each.asked_by or each.meeting.body_id in bodies):
            continue
        what = "Dire si vous venez"
        if each.asked_by:
            whom = french.join([f"{asking.civility} {asking}".strip() for asking in each.asked_by])
            what = f"Dire si vous siégez à la place {french.contract('de', whom)}"
        yield Awaited(
            what=french.nbsp(what),
            meeting=each.meeting,
            url=reverse("convening:sitting", args=[each.meeting.pk]),
            due_on=each.meeting.held_on,
            is_answer=True,
        )


def _to_read(person: Person, *, at: datetime) -> Iterator[Awaited]:
    """The drafts that she was asked to read, by the link that her mail took her: it is drawn again
    for her alone."""
    living = Review.objects.filter(answered_at=None, revoked_at=None, expires_at__gt=at)
    asked = list(living.filter(person=person).select_related("meeting__body__organisation"))
    mails = Notice.objects.filter(once__in=map(reviews.mailing, asked)).in_bulk(field_name="once")
    next_days = waiting.next_days([review.meeting for review in asked], approving=True)
    for review in asked:
        mail = mails.get(reviews.mailing(review))
        raw = links.drawn(reviews.PAGE, mail.seed, kept=review.token_hash) if mail else ""
        is_hers = links.hash_of(raw) == review.token_hash
        yield Awaited(
            what=Deed.READ.told(),
            meeting=review.meeting,
            url=reverse(reviews.PAGE, args=[raw]) if is_hers else "",
            due_on=min(
                filter(
                    None, (timezone.localdate(review.expires_at), next_days.get(review.meeting_id))
                )
            ),
        )


def _to_adopt(coming: Sequence[desk.Coming]) -> Iterator[Awaited]:
    """The minutes that a sitting to come puts to the vote, once they are issued."""
    meetings = {each.meeting.pk: each.meeting for each in coming}
    items = (
        AgendaItem.objects.filter(meeting__in=meetings, kind=AgendaItem.Kind.APPROVAL)
        .select_related("approves")
        .prefetch_related("also_approves")
    )
    approving = {approved.pk: item.meeting_id for item in items for approved in item.approved}
    minutes = (
        IssuedDocument.objects.current()
        .minutes()
        .filter(adoption=None, meeting__in=approving)
        .select_related("meeting__body__organisation")
        .defer("content")
    )
    for document in minutes:
        adopting = meetings[approving[document.meeting_id]]
        yield Awaited(
            what="Lire le procès-verbal que la prochaine séance arrêtera",
            meeting=document.meeting,
            url=document.get_absolute_url(),
            due_on=adopting.held_on,
        )
