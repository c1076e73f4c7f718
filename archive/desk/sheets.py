"""What one sitting waits for, by its own facts: each step from its convocation to what everybody
reads of it, with its date.

Next to nothing here leans on another sitting (`Sheet.leans`), so that a sheet stays true until
something of its own is written (`filed` keeps it). What the others say, which adopts its minutes
and which follows, is left open: `waiting` puts it in.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any, cast

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from archive.desk.tasks import Deed, Task
from archive.models import Publication
from archive.online import lingering, publications, standing
from convening.dispatch import addressees, sent
from convening.models import Convocation, Posted
from documents.models import IssuedDocument
from documents.papers import DeliberationExtract
from law import deadlines, french
from law.acts import Deadline
from law.regime import article_of, cited
from meetings.models import AgendaItem, Meeting
from meetings.reading import last_day_to_convene
from registry.acts import reading
from registry.models import Decline, Deposit, Remark, Review, SignatureStep
from registry.signatures import reading as signatures
from transmission import reading as prefecture
from transmission.models import Operator, Transmission


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a sitting waits for (`tasks`), whose minutes its votes adopted while nobody noted it
    (`adopts`), who signs which of its papers now (`to_sign`: a document, a person), those of them
    whose act has no article (`doubtful`), and those, online, that it contradicts.

    True `until` the end of that day, whatever is written; one that `leans` on another sitting is
    of the moment alone.
    """

    tasks: tuple[Task, ...] = ()
    adopts: tuple[int, ...] = ()
    to_sign: tuple[tuple[int, int], ...] = ()
    doubtful: tuple[int, ...] = ()
    contradicted: tuple[int, ...] = ()
    until: date | None = None
    leans: bool = False


def of(meetings: Collection[int], *, on: date) -> dict[int, Sheet]:
    """The sheets of these sittings, read anew: a flat number of queries, but for the ledgers of
    those that wait for something.

    Those held before the law asked for any of this are left in peace.
    """
    asked = Meeting.objects.filter(pk__in=meetings)
    papers = IssuedDocument.objects.filter(meeting__in=meetings)
    contradicted = list(publications.contradicted(papers))
    found = [
        *(task for meeting in _held(asked, on=on) for task in of_one(meeting)),
        *_to_convene(asked, on=on),
        *to_publish(papers),
        *to_publish_again(papers),
        *to_mend(contradicted),
        *to_replace(lingering.among(meetings)),
        *to_transmit(papers),
    ]
    tasks, to_sign = defaultdict(list), defaultdict(list)
    for task in found:
        tasks[task.meeting.pk].append(task)
    awaited = [*signatures.awaited_among(papers)]
    for each in awaited:
        to_sign[each.document.meeting_id].append((each.document.pk, each.person.pk))
    doubtful = defaultdict(list)
    for paper, _ in reading.bearing_nothing(dict.fromkeys(each.document for each in awaited)):
        doubtful[paper.meeting_id].append(paper.pk)
    adopts = adopting(AgendaItem.objects.filter(meeting__in=meetings))
    withdrawing = standing.awaiting_withdrawal(meetings)
    rows = asked.values_list("pk", "held_on", "second_call_of")
    return {
        pk: Sheet(
            tasks=tuple(tasks[pk]),
            adopts=tuple(adopts.get(pk, ())),
            to_sign=tuple(to_sign[pk]),
            doubtful=tuple(doubtful[pk]),
            contradicted=tuple(each.pk for each in contradicted if each.meeting_id == pk),
            until=_until(held_on, tasks[pk], on),
            leans=(first is not None and held_on > on) or pk in withdrawing,
        )
        for pk, held_on, first in rows
    }


def _until(held_on: date, tasks: Iterable[Task], on: date) -> date | None:
    """The last day on which nothing but a new fact changes what a sitting waits for: the eve of
    its own, its own, then the last on which a link of review opens."""
    if held_on >= on:
        return max(on, held_on - timedelta(days=1))
    reviews = [task.due_on for task in tasks if task.is_review and task.due_on]
    return min(reviews, default=None)


def adopting(items: QuerySet[AgendaItem]) -> dict[int, list[int]]:
    """By sitting, those whose minutes these of its items put to the vote and adopted, while no
    adoption is noted."""
    asked = items.filter(
        kind=AgendaItem.Kind.APPROVAL, meeting__stage__in=_STARTED, adoptions=None
    ).select_related("approves", "meeting__body__organisation")
    found: dict[int, list[int]] = {}
    for item in asked.prefetch_related("also_approves"):
        if any(
            each.is_adopted and each.item.pk == item.pk for each in reading.decided(item.meeting)
        ):
            found.setdefault(item.meeting_id, []).extend(each.pk for each in item.approved)
    return found


def read_with(on: date) -> tuple[Prefetch, ...]:
    """What is read with the sittings themselves."""
    reviews = Review.objects.filter(answered_at=None, revoked_at=None, expires_at__date__gte=on)
    documents = (
        IssuedDocument.objects.current().select_related("adoption").prefetch_related("signatures")
    )
    remarks = Remark.objects.filter(settled_at=None)
    return (
        Prefetch("documents", queryset=documents, to_attr="papers_in_force"),
        Prefetch("reviews", queryset=reviews.select_related("person"), to_attr="open_reviews"),
        Prefetch("remarks", queryset=remarks, to_attr="open_remarks"),
    )


def _held(meetings: QuerySet[Meeting], *, on: date) -> list[Meeting]:
    return list(
        meetings.filter(
            # In the morning of a sitting nothing of it is late.
            Q(held_on__lt=on) | Q(held_on=on, stage__in=_STARTED),
            held_on__gte=deadlines.PUBLICITY_SINCE,
        )
        .exclude(stage=Meeting.Stage.CANCELLED)
        .exclude(pk__in=_done(meetings))
        .select_related("body__organisation")
        .prefetch_related(*read_with(on))
        .order_by("held_on", "pk")
    )


def _done(meetings: QuerySet[Meeting]) -> set[int]:
    """The sittings whose list and minutes are online, minutes, extracts and whatever list was
    handed to sign signed by everybody: their ledgers are not read again."""
    here = IssuedDocument.objects.current().filter(meeting__in=meetings)
    online = here.filter(publications__in=Publication.objects.online())
    handed = Q(pk__in=SignatureStep.objects.values("document"))
    unsigned = signatures.unsigned(here.exclude(~handed, kind=IssuedDocument.Kind.LIST))
    return set(
        online.filter(
            kind=IssuedDocument.Kind.MINUTES,
            meeting__in=online.filter(kind=IssuedDocument.Kind.LIST).values("meeting"),
        )
        .exclude(meeting__in=unsigned.values("meeting"))
        .values_list("meeting", flat=True)
    )


def _to_convene(meetings: QuerySet[Meeting], *, on: date) -> Iterator[Task]:
    """The sittings to come, or of the day, whose convocation has not left, and those, held or not,
    of whose nobody said yet that it was handed over."""
    meetings = meetings.select_related("body__organisation", "second_call_of")
    yield from map(convening, meetings.to_convene(on))
    changing = list(sent.moves_in_hand(meetings.upcoming(on)))
    yield from map(announcing_move, changing)
    meetings = meetings.exclude(pk__in=[each.meeting_id for each in changing])
    unhanded = sent.unhanded(meetings)
    yield from map(convening, unhanded)
    for meeting, count in addressees.with_newcomers(meetings, on=on):
        if meeting not in unhanded:
            yield convening_newcomers(meeting, count)
    coming = meetings.filter(stage=Meeting.Stage.PREPARED, held_on__gte=on)
    for meeting, count in sent.left_behind(coming):
        yield handing_over(meeting, count)
    for meeting in coming.filter(sent_on__isnull=False, held_on__gt=on):
        if task := rectifying(meeting):
            yield task
    for convocation, count in sent.unheard(meetings.filter(held_on__gte=on)):
        if convocation.meeting not in unhanded:
            yield handing_change(convocation, count)
    for convocation, lost in sent.undelivered(coming):
        if convocation.meeting not in unhanded:
            yield from delivering(convocation, lost)


def delivering(convocation: Convocation, lost: Counter[str]) -> Iterator[Task]:
    """To reach those to whom a mail did not arrive, or may not have, or did not leave yet."""
    told = (
        (Posted.State.DOUBTFUL, Deed.ASK_IF_ARRIVED, " est arrivée", " sont arrivées"),
        (Posted.State.REFUSED, Deed.SEND_AGAIN, "", ""),
        (Posted.State.BOUNCED, Deed.HAND_OTHERWISE, " revenue", " revenues"),
        (Posted.State.QUEUED, Deed.HAVE_LEAVE, "", ""),
    )
    for state, deed, one, several in told:
        if count := lost[state]:
            yield replace(
                convening(convocation.meeting),
                deed=deed,
                of=f"{french.count(count, 'convocation')}{one if count == 1 else several}",
                moved_at="",
                url=reverse("convening:ledger", args=[convocation.pk]),
            )


def convening_newcomers(meeting: Meeting, count: int) -> Task:
    """To convene those who came in since its convocation left."""
    told = french.count(count, "membre arrivé", "membres arrivés")
    return replace(convening(meeting), deed=Deed.CONVENE_NEWCOMERS, of=told, moved_at="")


def handing_over(meeting: Meeting, count: int) -> Task:
    """To hand over to these members what the others have."""
    told = french.count(count, "membre")
    return replace(convening(meeting), deed=Deed.HAND_TO_THE_REST, of=told, moved_at="")


def handing_change(convocation: Convocation, count: int) -> Task:
    """To hand over to these members what changed since they were convened: what they learn anew
    with the notice of a convocation, that the sitting is off at any time before it."""
    meeting = convocation.meeting
    is_off = convocation.kind == Convocation.Kind.CANCELLED
    is_new = bool(convocation.letter.get("changed")) and not is_off
    return Deed.HAND_CHANGE.task(
        meeting,
        f"{convocation.called} à {french.count(count, 'membre')}",
        url=f"{reverse('convening:ledger', args=[convocation.pk])}#remettre",
        due_on=last_day_to_convene(meeting) if is_new else meeting.held_on,
        article=meeting.notice_of(None).article if is_new else "",
    )


def announcing_move(draft: Convocation) -> Task:
    """To send, or to give up, the change of day, hour or place that was prepared."""
    meeting = draft.meeting
    last = meeting.notice_of(None, on=draft.held_on).latest_dispatch
    where = draft.place
    if draft.held_on != meeting.held_on:
        where = f"le {french.short_day(draft.held_on, year=meeting.held_on.year)}"
    elif draft.starts_at != meeting.starts_at:
        where = french.clock(draft.starts_at)
    told = f"{draft.called}, {where}"
    return Deed.ANNOUNCE_MOVE.task(meeting, told, due_on=min(last, meeting.held_on))


def rectifying(meeting: Meeting) -> Task | None:
    """To tell the members that its agenda changed since it was sent: what they learn anew is told
    with the notice of a convocation, what is taken off at any time before it sits."""
    changed, removed = sent.changed_lines(meeting), sent.removed_lines(meeting)
    if not (changed or removed):
        return None
    found = replace(convening(meeting), deed=Deed.RECTIFY, moved_at="")
    return found if changed else replace(found, due_on=meeting.held_on, article="")


def convening(meeting: Meeting) -> Task:
    """To convene it, or to hand over the convocation that was established; once it is opened, to
    say when that was done, for its minutes tell it."""
    deed, of = Deed.CONVENE, ""
    move = f"{reverse('meetings:edit', args=[meeting.pk])}#id_held_on"
    too_late_on = last = last_day_to_convene(meeting)
    if meeting.is_convened:
        deed, of = Deed.HAND_OVER, sent.what_is_handed(meeting)
        move = reverse("convening:move", args=[meeting.pk])
        if sent.is_urgent(meeting):
            urgent = meeting.notice_of(last + timedelta(days=1), urgent=True)
            too_late_on = urgent.latest_dispatch if urgent.regular else last
    if meeting.was_opened:
        deed, of, move = Deed.TELL_HANDED, "", ""
    return deed.task(
        meeting,
        of,
        due_on=last,
        article=meeting.notice_of(None).article,
        moved_at=move,
        too_late_on=too_late_on,
    )


_STARTED = (Meeting.Stage.OPEN, Meeting.Stage.CLOSED, Meeting.Stage.ISSUED)


def of_one(meeting: Meeting) -> Iterator[Task]:
    """What a sitting that was held, read with `read_with`, waits for until it is published."""
    if meeting.stage in (Meeting.Stage.PREPARED, Meeting.Stage.OPEN):
        yield unfinished(meeting)
        return
    papers = {kind: [] for kind in IssuedDocument.Kind.values}
    for document in meeting.papers_in_force:
        document.meeting = meeting
        papers[document.kind].append(document)
    if not papers[IssuedDocument.Kind.LIST] and any(
        each.is_listed for each in reading.decided(meeting)
    ):
        yield Deed.ESTABLISH_ACTS.task(
            meeting,
            due_on=deadlines.list_due(meeting.held_on, meeting.regime),
            article=article_of(meeting.regime, "list_days"),
        )
    yield from _of_acts(
        meeting, papers[IssuedDocument.Kind.EXTRACT], papers[IssuedDocument.Kind.LIST]
    )
    minutes = next(iter(papers[IssuedDocument.Kind.MINUTES]), None)
    if minutes is None:
        yield from _of_draft(meeting)
    else:
        yield from _of_minutes(meeting, minutes)


def unfinished(meeting: Meeting) -> Task:
    """To close it."""
    return Deed.FINISH.task(meeting)


def _of_draft(meeting: Meeting) -> Iterator[Task]:
    """Minutes are ready when the next sitting begins: it adopts them first (art. L2121-15)."""
    for review in meeting.open_reviews:
        yield Deed.READ.task(
            meeting,
            of_minutes=True,
            awaits=str(review.person),
            due_on=timezone.localdate(review.expires_at),
            since=timezone.localdate(review.asked_at),
            person=review.person_id,
            until_next=True,  # it is read before it is established
        )
    if meeting.open_remarks:
        remarks = french.count(len(meeting.open_remarks), "remarque")
        yield Deed.SETTLE.task(meeting, remarks, of_minutes=True, until_next=True)
    yield Deed.ESTABLISH.task(
        meeting,
        of_minutes=True,
        until_next=True,
        article=article_of(meeting.regime, "minutes_mentions_required"),
    )


def _of_minutes(meeting: Meeting, minutes: IssuedDocument) -> Iterator[Task]:
    if not hasattr(minutes, "adoption"):
        yield _adopting(meeting, minutes)
        return
    yield from _of_signatures(
        meeting,
        [minutes],
        of_minutes=True,
        url=reverse("registry:signatures", args=[minutes.pk]),
        due_on=signatures.due_on(minutes),
        article=article_of(meeting.regime, "minutes_mentions_required"),
    )


def _adopting(meeting: Meeting, minutes: IssuedDocument) -> Task:
    return Deed.ADOPT.task(
        meeting,
        of_minutes=True,
        awaits="l’assemblée",
        url=minutes.get_absolute_url(),
        until_next=True,
        minutes_days=meeting.regime.minutes_days,
        article=article_of(meeting.regime, "minutes_mentions_required"),
        since=timezone.localdate(minutes.issued_at),
        how="établi",
    )


def _of_acts(
    meeting: Meeting, extracts: Sequence[IssuedDocument], lists: Sequence[IssuedDocument]
) -> Iterator[Task]:
    """The register is signed by whoever presided and by the secretary of the sitting; the list, in
    the same go, by whoever chairs the body. What was handed to sign and says nothing of what is
    decided waits for its articles, not for a signature."""
    values: dict[str, Any] = {"article": cited(meeting.regime, "art. L2121-23 du CGCT")}
    bare = _bare(meeting, extracts)
    if bare:
        unwritten = {each.item.key for each in reading.without_text(meeting)}
        to_write = [each for each in bare if each.subject in unwritten]
        deed = Deed.WRITE_ARTICLES if to_write else Deed.ESTABLISH_AGAIN
        told = french.count(len(to_write or bare), "délibération")
        why = _not_executory(meeting, to_write or bare)
        yield deed.task(meeting, told, why=why, **values)
        signatures.read_declines(bare)
        for each in bare:
            for decline in signatures.declines(each):
                yield answering(each, decline, why=_not_executory(meeting, [each]), **values)
    sound = [each for each in extracts if each not in bare]
    unasked = [each for each in sound if not each.signatures.all()]
    why = _not_executory(meeting, unasked)
    yield from _of_signatures(meeting, sound, beside=lists, why=why, **values)


def _not_executory(meeting: Meeting, extracts: Sequence[IssuedDocument]) -> str:
    """« non exécutoires », of those of these that bind nobody yet, though they may: what was
    received and put online binds before it is signed. "" of none."""
    if not extracts or not prefecture.transmits(meeting.organisation):
        return ""
    told = standing.of_sitting(meeting, extracts, is_weighed=False).values()
    waits = sum(not (each.binds or each.is_wish or each.force.gone) for each in told)
    return french.agree("non exécutoire", plural=waits > 1) if waits else ""


def _bare(meeting: Meeting, extracts: Iterable[IssuedDocument]) -> list[IssuedDocument]:
    """Those that were handed to sign, that nobody signed, and no article of which says what their
    vote adopts; whoever signed one took it as it is."""
    handed = [
        each
        for each in extracts
        if each.signatures.all()
        and not meeting.is_alone
        and not signatures.given(each)
        and not cast("DeliberationExtract", each.paper).text.articles
    ]
    if not handed:
        return []
    wanting = {
        each.item.key for each in reading.decided(meeting) if each.is_act and each.needs_text
    }
    return [each for each in handed if each.subject in wanting]


def _of_signatures(
    meeting: Meeting,
    documents: Sequence[IssuedDocument],
    *,
    beside: Sequence[IssuedDocument] = (),
    **values: Any,
) -> Iterator[Task]:
    """What is signed is prepared first; then each signer is awaited. Who does not sign, and what
    names other signers, are answered for without waiting for the rest. What goes `beside` is
    counted with the rest, as the pages where one signs count it; alone it is not asked for, and is
    awaited once it was handed to sign."""
    why = values.pop("why", "")
    together = [*beside, *documents]
    prepared = [document for document in together if document.signatures.all()]
    awaited: dict[str, dict[IssuedDocument, signatures.Place]] = defaultdict(dict)
    if prepared:
        known, handed = signatures.signers(meeting), signatures.handed(prepared)
        signatures.read_declines(prepared)
        moved = [document for document in prepared if signatures.moved(document, known)]
        if moved:
            yield Deed.CHANGE_SIGNERS.task(meeting, reading.in_words(moved), **values)
        for document in prepared:
            if document in moved:
                continue
            places = signatures.missing(document, known)
            declines = [place.decline for place in places if place.decline is not None]
            for decline in declines:
                yield answering(document, decline, **values)
            # The others are not pressed to sign what is to be corrected, or asked for again.
            for place in places:
                is_handed = (document.pk, place.name) in handed
                if is_handed or not declines:
                    awaited[place.who][document] = place
    if any(not document.signatures.all() for document in documents):
        told = reading.in_words(each for each in together if not each.signatures.all())
        yield Deed.HAVE_SIGNED.task(meeting, told, why=why, **values)
    elif prepared:
        away = signatures.elsewhere(prepared)
        since = min(step.signed_at for each in prepared for step in each.signatures.all())
        for whose, asked in awaited.items():
            keys = [(document.pk, place.name) for document, place in asked.items()]
            if deposits := [handed[key] for key in keys if key in handed]:
                yield _confirming(meeting, deposits[-1], whose, values)
            else:
                person = next(iter(asked.values())).person
                where = " au parapheur" if all(each.pk in away for each in asked) else ""
                yield Deed.SIGN.task(
                    meeting,
                    f"{reading.in_words(asked)}{where}",
                    awaits=whose,
                    since=timezone.localdate(since),
                    person=person.pk if person else None,
                    **values,
                )


def answering(document: IssuedDocument, decline: Decline, **values: Any) -> Task:
    """To write again what somebody does not sign, or to ask her again; she says why."""
    reason = french.sentence(decline.reason)
    return Deed.ANSWER_SIGNER.task(
        document.meeting,
        str(document),
        asked=f"{decline.person} ne signe pas\u00a0: {reason}",
        **values | {"url": reverse("registry:signatures", args=[document.pk])},
    )


def _confirming(meeting: Meeting, deposit: Deposit, whose: str, values: dict[str, Any]) -> Task:
    """Somebody else than whoever handed it in; the page says who may."""
    url = reverse("registry:deposit", args=[deposit.document_id, deposit.pk])
    return Deed.CONFIRM.task(meeting, french.contract("de", whose), **values | {"url": url})


# --- To publish -------------------------------------------------------------------------------


def to_publish(documents: QuerySet[IssuedDocument]) -> Iterator[Task]:
    """Of each sitting, its list and extracts in one act, and its minutes once adopted; a list
    or minutes that somebody took off on purpose are not asked for again."""
    documents = (
        documents.current()
        .filter(meeting__held_on__gte=deadlines.PUBLICITY_SINCE, publications=None)
        .exclude(kind=IssuedDocument.Kind.MINUTES, adoption=None)
        .select_related("meeting__body__organisation", "adoption")
        .defer("content")
        .order_by("meeting__held_on", "meeting")
    )
    for meeting, waited in groupby(documents, key=lambda document: document.meeting):
        acts = []
        for document in waited:
            if document.is_minutes:
                yield _publishing(meeting, "le procès-verbal", document, "publication", document.pk)
            else:
                acts.append(document)
        gone = standing.gone(meeting, acts)
        acts = [document for document in acts if document not in gone]
        if acts:
            # The list has a legal date, extracts have none: what has one comes first.
            first = min(acts, key=lambda each: each.kind != IssuedDocument.Kind.LIST)
            yield _publishing(meeting, reading.in_words(acts), first, "publish_sitting", meeting.pk)


def to_publish_again(documents: QuerySet[IssuedDocument]) -> Iterator[Task]:
    """Of each sitting, its acts that were taken off before their time was over: the law wants them
    online, or replaced."""
    for meeting, found in groupby(publications.taken_off(documents), key=lambda each: each.meeting):
        acts = list(found)
        gone = standing.gone(meeting, acts)
        acts = [each for each in acts if each not in gone]
        if acts:
            page = (
                ("publication", acts[0].pk) if len(acts) == 1 else ("publish_sitting", meeting.pk)
            )
            told = french.count(len(acts), "délibération retirée", "délibérations retirées")
            yield _publishing(meeting, f"de nouveau ou remplacer {told}", acts[0], *page)


def to_mend(found: Iterable[IssuedDocument]) -> Iterator[Task]:
    """Of what is online and contradicted by a sitting that changed since: a new version says so, or
    the public pages lose it."""
    for meeting, papers in groupby(found, key=lambda document: document.meeting):
        told = list(papers)
        of_minutes = all(each.is_minutes for each in told)
        deed = Deed.MEND_MINUTES if of_minutes else Deed.MEND_ACTS
        yield deed.task(meeting, french.count(len(told), "document"), of_minutes=of_minutes)


def to_replace(found: Iterable[Publication]) -> Iterator[Task]:
    """Of what is online with words that were masked since: it is taken off, and put there again
    without them."""
    for meeting, rows in groupby(found, key=lambda each: each.document.meeting):
        told = list(rows)
        yield Deed.REPLACE.task(
            meeting,
            french.count(len(told), "document"),
            of_minutes=all(each.document.is_minutes for each in told),
        )


# --- To transmit ------------------------------------------------------------------------------


def to_transmit(documents: QuerySet[IssuedDocument]) -> Iterator[Task]:
    """Of each sitting, its signed acts that the prefecture has not: what is to leave, and what left
    and it is to acknowledge. What it refused is told of act by act."""
    documents = (
        prefecture.unreceived(documents.current())
        .filter(meeting__held_on__gte=deadlines.PUBLICITY_SINCE)
        .select_related("meeting__body__organisation")
        .defer("content")
        .order_by("meeting__held_on", "meeting")
    )
    for meeting, waited in groupby(documents, key=lambda document: document.meeting):
        acts = [each for each in waited if each.state != Transmission.State.REFUSED]
        gone = standing.gone(meeting, acts)
        acts = [each for each in acts if each not in gone]
        left = [each for each in acts if _left(each)]
        if kept := [each for each in acts if not _left(each)]:
            told = french.count(len(kept), "acte")
            due = [
                prefecture.due(meeting, each.nature, each.signed_at, item_kind=each.item_kind)
                for each in kept
            ]
            why = f"non exécutoire{'s' if len(kept) > 1 else ''}"
            values = {"article": _sent_by(meeting), "why": why} | dated(due)
            yield Deed.TRANSMIT.task(meeting, told, **values)
        if left:
            told = f"de {french.count(len(left), 'acte')}"
            first = min(each.sent_at or each.prepared_at for each in left)
            how = "envoyé" if all(each.sent_at for each in left) else "confié à l’opérateur"
            yield Deed.ACKNOWLEDGE.task(
                meeting,
                told,
                awaits="la préfecture",
                article=_sent_by(meeting),
                since=timezone.localdate(first),
                how=how,
            )


def _left(act: Any) -> bool:
    """Whether it was sent, or an operator takes it of itself."""
    is_prepared = act.state == Transmission.State.PREPARED
    return act.state == Transmission.State.SENT or (
        is_prepared and act.connector in Operator.CARRYING
    )


def dated(due: Iterable[Deadline | None]) -> dict[str, Any]:
    """The day and the article of a task: those of the nearest of these, where there is one."""
    known = [each for each in due if each is not None]
    first = min(known, key=lambda each: each.on, default=None)
    return {"due_on": first.on, "article": first.article} if first else {}


def _sent_by(meeting: Meeting) -> str:
    return cited(meeting.regime, "art. L2131-1 du CGCT")


def _publishing(meeting: Meeting, told: str, document: IssuedDocument, page: str, pk: int) -> Task:
    due_on, article = publications.due(document)
    return Deed.PUBLISH.task(
        meeting,
        told,
        of_minutes=document.is_minutes,
        url=reverse(f"archive:{page}", args=[pk]),
        due_on=due_on,
        article=article,
    )
