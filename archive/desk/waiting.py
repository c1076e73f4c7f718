"""What awaits whom: each step between a sitting and what everybody reads of it, with its date."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from typing import Any

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from archive.models import Publication
from archive.online import publications
from convening.dispatch import sent
from documents.models import IssuedDocument, IssuedDocumentQuerySet
from law import deadlines, french
from law.regime import accounted_by, article_of, cited
from meetings.models import AgendaItem, Meeting
from meetings.reading import last_day_to_convene
from members.models import Body
from registry.acts import reading
from registry.delegations import reading as delegations
from registry.follow_ups import reading as follow_ups
from registry.models import Deposit, FollowUp, Remark, Review
from registry.signatures import reading as signatures


class Stage(StrEnum):
    """What a sitting goes through, in order; the value is what one does then."""

    PREPARE = "préparer"
    CONVENE = "convoquer"
    HOLD = "tenir"
    WRITE = "rédiger"
    ADOPT = "faire arrêter"
    SIGN = "signer"
    PUBLISH = "publier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to do: what, about which sitting, at which stage of it, by whom (the number of the
    person, when it is one that a mail reaches), before when (art. given), and where; of what
    somebody else is awaited for, since when and how (« demandé »)."""

    what: str
    meeting: Meeting
    stage: Stage
    whose: str
    url: str
    due_on: date | None = None
    article: str = ""
    of_minutes: bool = False  # rather than of the list and the extracts
    since: date | None = None
    how: str = "demandé"  # that day
    person: int | None = None

    def is_late(self, on: date) -> bool:
        """Whether its date was before this day; never without a date."""
        return self.due_on is not None and self.due_on < on


SECRETARIAT = "le secrétariat"


def tasks(bodies: QuerySet[Body], *, on: date) -> list[Task]:
    """What awaits somebody in these bodies, the most urgent first; flat number of queries, but
    for the ledgers of the sittings that still wait for something.

    Those held before the law asked for any of this are left in peace.
    """
    held = _held(bodies, on=on)
    known = _Around(held, bodies)
    found = [task for meeting in held for task in _of(meeting, known)]
    found += _to_convene(Meeting.objects.filter(body__in=bodies), on=on)
    found += _to_publish(IssuedDocument.objects.filter(meeting__body__in=bodies))
    found += _to_mend(IssuedDocument.objects.filter(meeting__body__in=bodies))
    found += _to_account(bodies, on=on)
    found += _to_carry_out(bodies)
    found.sort(key=lambda task: (task.due_on or date.max, task.meeting.held_on, task.what))
    return found


def tasks_of(meeting: Meeting, *, on: date) -> list[Task]:
    """What awaits somebody of this sitting, in the order in which one thing leads to the next: its
    list and extracts, which the law wants within the week, then its minutes.

    Of one held before the law asked for any of this, its minutes alone.
    """
    match meeting.stage:
        case Meeting.Stage.CANCELLED:
            return []
        case Meeting.Stage.PREPARED if meeting.held_on > on and not meeting.ledger:
            is_done = meeting.is_convened and not sent.is_unhanded(meeting)
            return [] if is_done else [_convening(meeting)]
        case Meeting.Stage.PREPARED | Meeting.Stage.OPEN:
            return [_unfinished(meeting)]
    prefetch_related_objects([meeting], *_read_with(on))
    known = _Around([meeting], Body.objects.filter(pk=meeting.body_id))
    found = list(_of(meeting, known))
    if meeting.held_on < deadlines.PUBLICITY_SINCE:
        # That the next sitting adopts them is of this law: theirs set no day.
        return [
            replace(task, due_on=None)
            for task in found
            if task.of_minutes and not meeting.papers_in_force
        ]
    if meeting.papers_in_force:
        found += _to_publish(IssuedDocument.objects.filter(meeting=meeting))
        found += _to_mend(IssuedDocument.objects.filter(meeting=meeting))
    order = list(Stage)
    found.sort(key=lambda task: (task.of_minutes, order.index(task.stage)))
    return found


def _read_with(on: date) -> tuple[Prefetch, ...]:
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


def _held(bodies: QuerySet[Body], *, on: date) -> list[Meeting]:
    return list(
        Meeting.objects.filter(
            # In the morning of a sitting nothing of it is late.
            Q(held_on__lt=on) | Q(held_on=on, stage__in=_STARTED),
            body__in=bodies,
            held_on__gte=deadlines.PUBLICITY_SINCE,
        )
        .exclude(stage=Meeting.Stage.CANCELLED)
        .exclude(pk__in=_done(bodies))
        .select_related("body__organisation")
        .prefetch_related(*_read_with(on))
        .order_by("held_on", "pk")
    )


def _done(bodies: QuerySet[Body]) -> set[int]:
    """The sittings whose list and minutes are online, minutes and extracts signed by everybody:
    their ledgers are not read again."""
    here = IssuedDocument.objects.current().filter(meeting__body__in=bodies)
    online = here.filter(publications__in=Publication.objects.online())
    unsigned = signatures.unsigned(here.exclude(kind=IssuedDocument.Kind.LIST))
    return set(
        online.filter(
            kind=IssuedDocument.Kind.MINUTES,
            meeting__in=online.filter(kind=IssuedDocument.Kind.LIST).values("meeting"),
        )
        .exclude(meeting__in=unsigned.values("meeting"))
        .values_list("meeting", flat=True)
    )


def _to_convene(meetings: QuerySet[Meeting], *, on: date) -> Iterator[Task]:
    """The sittings to come whose convocation has not left, established or not."""
    meetings = meetings.select_related("body__organisation", "second_call_of")
    yield from map(_convening, meetings.to_convene(on))
    yield from map(_convening, sent.unhanded(meetings, on=on))


def _convening(meeting: Meeting) -> Task:
    return Task(
        what="Remettre la convocation" if meeting.is_convened else "Convoquer la séance",
        meeting=meeting,
        stage=Stage.CONVENE,
        whose=SECRETARIAT,
        url=reverse("convening:prepare", args=[meeting.pk]),
        due_on=last_day_to_convene(meeting),
        article=meeting.notice_of(None).article,
    )


def _to_account(bodies: QuerySet[Body], *, on: date) -> Iterator[Task]:
    """What was decided by delegation, to be told to the next sitting of each assembly."""
    for assembly in bodies.filter(kind__in=delegations.ASSEMBLIES).select_related("organisation"):
        meeting = delegations.next_sitting(assembly, on=on)
        untold = delegations.untold(assembly, on=meeting.held_on) if meeting else ()
        if meeting is not None and meeting.is_planned and untold:
            count = french.count(len(untold), "décision prise", "décisions prises")
            yield Task(
                what=f"Rendre compte de {count} par délégation",
                meeting=meeting,
                stage=Stage.PREPARE,
                whose=SECRETARIAT,
                url=reverse("registry:account", args=[meeting.pk]),
                due_on=meeting.held_on,
                article=accounted_by(meeting.regime),
            )


def _to_carry_out(bodies: QuerySet[Body]) -> Iterator[Task]:
    """What was decided and somebody is still to do."""
    pending = FollowUp.objects.pending().filter(item__meeting__body__in=bodies)
    rows = list(pending.select_related("item__meeting__body__organisation"))
    bearers = follow_ups.bearers(rows)
    for row in rows:
        yield Task(
            what=row.what,
            meeting=row.item.meeting,
            stage=Stage.PUBLISH,
            whose=row.who,
            url=reverse("registry:follow_up", args=[row.pk]),
            due_on=row.due_on,
            since=timezone.localdate(row.made_at),
            how="noté",
            person=bearers.get(row.pk),
        )


_STARTED = (Meeting.Stage.OPEN, Meeting.Stage.CLOSED, Meeting.Stage.ISSUED)


@dataclass
class _Around:
    """What is known of the other sittings: which adopt minutes, and which follows; read when it is
    asked for."""

    held: Sequence[Meeting]
    bodies: QuerySet[Body]

    @cached_property
    def following(self) -> Mapping[int, list[date]]:
        """By body, the days of its sittings after the first of these; one without quorum, called
        again, adopts nothing."""
        first = min(meeting.held_on for meeting in self.held)
        rows = (
            Meeting.objects.filter(body__in=self.bodies, held_on__gt=first, second_calls=None)
            .exclude(stage=Meeting.Stage.CANCELLED)
            .order_by("held_on")
        )
        found: dict[int, list[date]] = defaultdict(list)
        for body, held_on in rows.values_list("body", "held_on"):
            found[body].append(held_on)
        return found

    @cached_property
    def approving(self) -> Mapping[int, list[tuple[Meeting, AgendaItem]]]:
        """By sitting, the items that put its minutes to the vote, while no adoption is noted."""
        meetings = {meeting.pk: meeting for meeting in self.held}
        items = AgendaItem.objects.filter(
            Q(approves__in=meetings) | Q(also_approves__in=meetings),
            kind=AgendaItem.Kind.APPROVAL,
            meeting__stage__in=_STARTED,
            adoptions=None,
        ).distinct()
        items = items.select_related("approves", "meeting__body__organisation")
        found: dict[int, list[tuple[Meeting, AgendaItem]]] = defaultdict(list)
        for item in items.prefetch_related("also_approves"):
            for approved in item.approved:
                later = meetings.get(item.meeting_id, item.meeting)
                found[approved.pk].append((later, item))
        return found

    def next_sitting(self, meeting: Meeting) -> date | None:
        """The sitting of the same body that follows it, held or planned."""
        later = (day for day in self.following.get(meeting.body_id, ()) if day > meeting.held_on)
        return next(later, None)

    def adopted_by(self, meeting: Meeting) -> Meeting | None:
        """The sitting whose vote adopted the minutes of this one, while nobody noted it."""
        for later, item in self.approving.get(meeting.pk, ()):
            if any(each.is_adopted and each.item.pk == item.pk for each in reading.decided(later)):
                return later
        return None


def _of(meeting: Meeting, known: _Around) -> Iterator[Task]:
    if meeting.stage in (Meeting.Stage.PREPARED, Meeting.Stage.OPEN):
        yield _unfinished(meeting)
        return
    papers = {kind: [] for kind in IssuedDocument.Kind.values}
    for document in meeting.papers_in_force:
        document.meeting = meeting
        papers[document.kind].append(document)
    if not papers[IssuedDocument.Kind.LIST] and any(
        each.is_listed for each in reading.decided(meeting)
    ):
        yield Task(
            what="Établir la liste des délibérations et les extraits",
            meeting=meeting,
            stage=Stage.WRITE,
            whose=SECRETARIAT,
            url=reverse("registry:acts", args=[meeting.pk]),
            due_on=deadlines.list_due(meeting.held_on, meeting.regime),
            article=article_of(meeting.regime, "list_days"),
        )
    yield from _of_extracts(meeting, papers[IssuedDocument.Kind.EXTRACT])
    minutes = next(iter(papers[IssuedDocument.Kind.MINUTES]), None)
    if minutes is None:
        yield from _of_draft(meeting, known)
    else:
        yield from _of_minutes(meeting, minutes, known)


def _unfinished(meeting: Meeting) -> Task:
    return Task(
        what="Terminer la saisie de la séance",
        meeting=meeting,
        stage=Stage.HOLD,
        whose=SECRETARIAT,
        url=meeting.get_absolute_url(),
    )


def _of_draft(meeting: Meeting, known: _Around) -> Iterator[Task]:
    """Minutes are ready when the next sitting begins: it adopts them first (art. L2121-15)."""
    for review in meeting.open_reviews:
        yield Task(
            what="Relire le projet de procès-verbal",
            meeting=meeting,
            stage=Stage.WRITE,
            of_minutes=True,
            whose=str(review.person),
            url=reverse("registry:reviews", args=[meeting.pk]),
            due_on=timezone.localdate(review.expires_at),
            since=timezone.localdate(review.asked_at),
            person=review.person_id,
        )
    if meeting.open_remarks:
        remarks = french.count(len(meeting.open_remarks), "remarque")
        yield Task(
            what=f"Régler {remarks} sur le projet de procès-verbal",
            meeting=meeting,
            stage=Stage.WRITE,
            of_minutes=True,
            whose=SECRETARIAT,
            url=reverse("registry:reviews", args=[meeting.pk]),
            due_on=known.next_sitting(meeting),
        )
    yield Task(
        what="Rédiger et établir le procès-verbal",
        meeting=meeting,
        stage=Stage.WRITE,
        of_minutes=True,
        whose=SECRETARIAT,
        url=reverse("registry:write", args=[meeting.pk]),
        due_on=known.next_sitting(meeting),
        article=article_of(meeting.regime, "minutes_mentions_required"),
    )


def _of_minutes(meeting: Meeting, minutes: IssuedDocument, known: _Around) -> Iterator[Task]:
    if not hasattr(minutes, "adoption"):
        yield _adopting(meeting, minutes, known)
        return
    yield from _of_signatures(
        meeting,
        [minutes],
        "le procès-verbal",
        of_minutes=True,
        url=reverse("registry:signatures", args=[minutes.pk]),
        due_on=signatures.due_on(minutes),
        article=article_of(meeting.regime, "minutes_mentions_required"),
    )


def _adopting(meeting: Meeting, minutes: IssuedDocument, known: _Around) -> Task:
    later = known.adopted_by(meeting)
    if later is None:
        return Task(
            what="Faire arrêter le procès-verbal par la séance suivante",
            meeting=meeting,
            stage=Stage.ADOPT,
            of_minutes=True,
            whose="l’assemblée",
            url=minutes.get_absolute_url(),
            due_on=known.next_sitting(meeting),
            article=article_of(meeting.regime, "minutes_mentions_required"),
            since=timezone.localdate(minutes.issued_at),
            how="établi",
        )
    return Task(
        what="Constater l’adoption du procès-verbal",
        meeting=meeting,
        stage=Stage.ADOPT,
        of_minutes=True,
        whose=SECRETARIAT,
        url=reverse("registry:acts", args=[later.pk]),
        due_on=deadlines.minutes_due(later.held_on, meeting.regime),
        article=article_of(meeting.regime, "minutes_mentions_required"),
    )


def _of_extracts(meeting: Meeting, extracts: Sequence[IssuedDocument]) -> Iterator[Task]:
    """The register is signed by whoever presided and by the secretary of the sitting."""
    yield from _of_signatures(
        meeting,
        extracts,
        french.count(len(extracts), "délibération"),
        url=reverse("registry:acts", args=[meeting.pk]),
        article=cited(meeting.regime, "art. L2121-23 du CGCT"),
    )


def _of_signatures(
    meeting: Meeting, documents: Sequence[IssuedDocument], told: str, **values: Any
) -> Iterator[Task]:
    """What is signed is prepared first; then each signer is awaited."""
    values |= {"stage": Stage.SIGN}
    if any(not document.signatures.all() for document in documents):
        yield Task(
            what=f"Préparer {told} à la signature", meeting=meeting, whose=SECRETARIAT, **values
        )
    elif documents:
        known, handed = signatures.signers(meeting), signatures.handed(documents)
        moved = [document for document in documents if signatures.moved(document, known)]
        if moved:
            what = f"Établir une version\u00a0: le registre nomme d’autres signataires pour {told}"
            yield Task(what=what, meeting=meeting, whose=SECRETARIAT, **values)
        awaited = {
            str(place.person or place.label): (place, handed.get((document.pk, place.name)))
            for document in documents
            if document not in moved
            for place in signatures.missing(document, known)
        }
        since = min(step.signed_at for each in documents for step in each.signatures.all())
        for whose, (place, deposit) in awaited.items():
            if deposit is None:
                yield Task(
                    what=f"Signer {told}",
                    meeting=meeting,
                    whose=whose,
                    since=timezone.localdate(since),
                    person=place.person.pk if place.person else None,
                    **values,
                )
            else:
                yield _confirming(meeting, deposit, whose, values)


def _confirming(meeting: Meeting, deposit: Deposit, whose: str, values: dict[str, Any]) -> Task:
    """Somebody else than whoever handed it in; the page says who may."""
    url = reverse("registry:deposit", args=[deposit.document_id, deposit.pk])
    return Task(
        what=f"Confirmer la signature déposée {french.contract('de', whose)}",
        meeting=meeting,
        whose=SECRETARIAT,
        **values | {"url": url},
    )


# --- To publish -------------------------------------------------------------------------------


def _to_publish(documents: QuerySet[IssuedDocument]) -> Iterator[Task]:
    """Of each sitting, its list and extracts in one act, and its minutes once adopted; what
    somebody took off on purpose is not asked for again."""
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
        fallen = reading.fallen(meeting, acts)
        acts = [document for document in acts if document not in fallen]
        if acts:
            # The list has a legal date, extracts have none: what has one comes first.
            first = min(acts, key=lambda each: each.kind != IssuedDocument.Kind.LIST)
            yield _publishing(meeting, _told(acts), first, "publish_sitting", meeting.pk)


def _to_mend(documents: IssuedDocumentQuerySet) -> Iterator[Task]:
    """What is online and contradicted by a sitting that changed since: a new version says so, or
    the public pages lose it."""
    found = publications.contradicted(documents)
    for meeting, papers in groupby(found, key=lambda document: document.meeting):
        told = list(papers)
        page = "write" if all(each.is_minutes for each in told) else "acts"
        count = french.count(len(told), "document")
        yield Task(
            what=f"Mettre à jour {count} en ligne, que la séance contredit",
            meeting=meeting,
            stage=Stage.WRITE,
            of_minutes=page == "write",
            whose=SECRETARIAT,
            url=reverse(f"registry:{page}", args=[meeting.pk]),
        )


def _publishing(meeting: Meeting, told: str, document: IssuedDocument, page: str, pk: int) -> Task:
    due_on, article = publications.due(document)
    return Task(
        what=f"Publier {told}",
        meeting=meeting,
        stage=Stage.PUBLISH,
        of_minutes=document.is_minutes,
        whose=SECRETARIAT,
        url=reverse(f"archive:{page}", args=[pk]),
        due_on=due_on,
        article=article,
    )


def _told(acts: Sequence[IssuedDocument]) -> str:
    """What of a list and extracts is to be put online: "la liste et 6 délibérations"."""
    extracts = [each for each in acts if each.kind == IssuedDocument.Kind.EXTRACT]
    listed = ["la liste des délibérations"] if len(extracts) < len(acts) else []
    counted = [french.count(len(extracts), "délibération")] if extracts else []
    return " et ".join([*listed, *counted])
