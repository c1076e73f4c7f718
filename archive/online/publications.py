"""What is online, what may be, and what the public reads of it.

What is published is the file as it was signed, or a version of it whose sensitive passages were
left out when it was compiled (never painted over). The law wants it free and lasting, with its
author and the day it came (art. L2131-1, R2131-1, L2121-15 et L2121-25 du CGCT).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import groupby
from operator import or_

from django.db.models import (
    Count,
    Exists,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    prefetch_related_objects,
)
from django.utils import timezone

from archive.models import Posting, Publication, PublicationQuerySet, PublishedAnnex
from archive.online import clock, standing
from documents.models import IssuedDocument, IssuedDocumentQuerySet
from law import acts as law
from law import deadlines, french
from law.findings import Finding
from law.french import NBSP
from law.regime import article_of, cited
from meetings import public as protection
from meetings.models import DebateRevision, Deed, Meeting, SittingEvent
from members.models import Organisation
from registry.acts import reading as acts
from registry.alone import reading as lone
from registry.models import Deliberation, DeliberationLink, SignatureStep, adoption_of
from registry.signatures import reading
from transmission import reading as prefecture
from transmission.models import ActSheet, Transmission


def acts_to_publish(
    meeting: Meeting, issued: Sequence[IssuedDocument] | None = None
) -> list[IssuedDocument]:
    """The list and the extracts in force of a sitting that nobody put online yet, and that say what
    the ledger says; not what is notified to somebody (art. L2131-1, II), which goes online only if
    somebody wants that paper there. `issued`: what is in force, where it was read."""
    if prefecture.is_notified(meeting):
        return []
    found = in_force(meeting) if issued is None else issued
    waiting = [each for each in found if not (each.is_minutes or each.publications.all())]
    gone = _gone(meeting, waiting)
    reading.read_declines(waiting)
    return [each for each in waiting if each.pk not in gone and not reading.declines(each)]


def in_force(meeting: Meeting) -> list[IssuedDocument]:
    """The papers of a sitting in force, with their signatures and publications."""
    found = reading.in_force(meeting)
    prefetch_related_objects(found, "publications__published_by", "publications__withdrawn_by")
    return found


def objections(meeting: Meeting, documents: Sequence[IssuedDocument]) -> tuple[Finding, ...]:
    """Why these documents of a sitting cannot be put online now; empty when they can."""
    gone = _gone(meeting, documents)
    return tuple(
        found for document in documents for found in _objections(document, gone.get(document.pk))
    )


def _gone(meeting: Meeting, documents: Sequence[IssuedDocument]) -> Mapping[int, Finding]:
    """By paper, why what it bears is nothing to publish: no act any more, or one withdrawn."""
    undone = standing.withdrawn_among(meeting, documents)
    return {each.pk: _WITHDRAWN for each in undone} | dict(acts.objections(meeting, documents))


_WITHDRAWN = Finding(
    code="acte_retire",
    message="Un acte postérieur, exécutoire, le retire\u00a0: il est réputé n’avoir jamais existé.",
    remedy="Il n’y a plus rien à publier\u00a0; il se signe tout de même au registre.",
)


def _objections(document: IssuedDocument, gone: Finding | None) -> tuple[Finding, ...]:
    found = []
    if document.meeting.organisation.is_played:
        found.append(
            Finding(
                code="repetition",
                message="Cette assemblée est fictive : rien ne s’en publie.",
                remedy="Publiez les documents d’une vraie séance.",
            )
        )
    if not document.is_current:
        found.append(
            Finding(
                code="version_remplacee",
                message="Cette version a été remplacée : elle ne se publie plus.",
                remedy="Publiez la version en vigueur.",
            )
        )
    if document.is_current and gone:
        found.append(gone)
    if not_yet := lone.unsigned(document):
        found.append(not_yet)
    is_minutes = document.kind == IssuedDocument.Kind.MINUTES
    if is_minutes and adoption_of(document) is None:
        found.append(_unadopted(document))
    if any(row.withdrawn_at is None for row in document.publications.all()):
        found.append(Finding(code="deja_publie", message="Ce document est déjà en ligne."))
    return tuple(found)


def _unadopted(document: IssuedDocument) -> Finding:
    """That minutes are not adopted, or are no more."""
    article = article_of(document.meeting.regime, "minutes_days")
    if hasattr(document, "adoption"):
        return Finding(
            code="pv_non_arrete",
            message="Le vote qui arrêtait ce procès-verbal a été annulé\u00a0: il ne se publie "
            "pas.",
            article=article,
            remedy="Notez le vote de la séance qui l’arrête, s’il a été repris\u00a0; s’il est en "
            "ligne, ôtez-le des pages publiques.",
        )
    return Finding(
        code="pv_non_arrete",
        message="Ce procès-verbal n’est pas arrêté\u00a0: il se publie dans la semaine qui suit la "
        "séance qui l’arrête, et pas avant.",
        article=article,
        remedy="Constatez son adoption par la séance suivante.",
    )


# --- What the public reads --------------------------------------------------------------------


def online(organisation: Organisation | None = None) -> PublicationQuerySet:
    """What the public pages list, in force and not withdrawn: the latest sitting first; of each its
    minutes, its list, then its deliberations by number."""
    found = Publication.objects.lasting().online().in_force()
    if organisation is not None:
        found = found.filter(document__meeting__body__organisation=organisation)
    return (
        found.select_related("document__meeting__body__organisation")
        .defer("document__content")
        .order_by(
            "-document__meeting__held_on", "document__meeting", "-document__kind", "title", "pk"
        )
    )


def beside(publication: Publication) -> list[Publication]:
    """What else of the same sitting the public reads; nothing of an act that is of none."""
    if publication.document.meeting.is_alone:
        return []
    found = online(publication.document.meeting.organisation)
    return list(found.filter(document__meeting=publication.document.meeting_id))


def by_number(found: Sequence[Publication]) -> Mapping[str, Publication]:
    """Of these, of one sitting, each deliberation by its number as papers print it."""
    extracts = {
        each.document.subject: each
        for each in found
        if each.document.kind == IssuedDocument.Kind.EXTRACT
    }
    if not extracts:
        return {}
    meeting = next(iter(extracts.values())).document.meeting_id
    numbered = Deliberation.objects.filter(meeting=meeting, item__key__in=extracts)
    keys = numbered.values_list("label", "item__key")
    return {label: extracts[key] for label, key in keys}


def numbers_gone(meeting: Meeting) -> frozenset[str]:
    """The deliberations of a sitting that were taken off the public pages, in any version, by their
    numbers as papers print them."""
    rows = Publication.objects.filter(
        document__meeting=meeting,
        document__kind=IssuedDocument.Kind.EXTRACT,
        withdrawn_at__isnull=False,
    )
    numbered = meeting.deliberations.filter(item__key__in=rows.values("document__subject"))
    return frozenset(numbered.values_list("label", flat=True))


def find(code: str) -> Publication | None:
    """What was published under this code, the last word on it: it may be withdrawn."""
    return (
        Publication.objects.lasting()
        .filter(code=code)
        .select_related(
            "document__meeting__body__organisation",
            "document__supersedes",
            "document__superseded_by",
        )
        .defer("document__content", "document__superseded_by__content")
        .order_by("-pk")
        .first()
    )


def object_of(publication: Publication) -> str:
    """What an act is about, as its page tells it once it is online no more; "" of what is no act,
    and of one that is about one person, of whom it would say what the law protects."""
    document = publication.document
    _, _, told = publication.title.partition(f"{NBSP}: ")
    if not document.subject:
        return ""
    state = standing.of(document)
    if state is not None and state.is_individual:
        return ""
    return protection.words(document.meeting, told)


def object_once_online(publication: Publication) -> str:
    """The same of what was taken off; "" where whoever did it said that nobody is told it."""
    return "" if publication.hides_object else object_of(publication)


def still_saying(told: str, meeting: Meeting) -> list[Publication]:
    """What is online of this sitting and says these words, the object of what was taken off: its
    list, its minutes."""
    words = " ".join(told.split())  # papers set spaces that do not break
    online = Publication.objects.online().filter(document__meeting=meeting)
    return [
        each
        for each in online.prefetch_related("public_texts")
        if words and any(words in " ".join(row.text.split()) for row in each.public_texts.all())
    ]


def gone_between(publication: Publication) -> date | None:
    """The day it was taken off before it went online again; `None` of what never was."""
    earlier = Publication.objects.filter(code=publication.code, pk__lt=publication.pk)
    at = earlier.order_by("-pk").values_list("withdrawn_at", flat=True).first()
    return timezone.localdate(at) if at else None


def replaced_by(publication: Publication, versions: Sequence[Publication]) -> Publication | None:
    """The latest of these `versions` of the same document that is online, when it is not this
    one."""
    online = (each for each in reversed(versions) if each.withdrawn_at is None)
    latest = next(online, publication)
    return latest if latest.document.version > publication.document.version else None


def versions(publication: Publication) -> list[Publication]:
    """Each version of the same document that is or was online, the first one first: of each the
    last word."""
    found = (
        Publication.objects.filter(first_version=publication.first_version_id)
        .select_related("document")
        .defer("document__content")
        .order_by("document__version", "pk")
    )
    return list({each.document_id: each for each in found}.values())


def contradicted(documents: IssuedDocumentQuerySet) -> Iterator[IssuedDocument]:
    """Of these papers, those in force that are online and that their sitting, of which something
    was told or changed since, now contradicts. One query as long as nothing was."""
    events = SittingEvent.objects.filter(
        meeting=OuterRef("meeting"), recorded_at__gt=OuterRef("issued_at")
    )
    deeds = Deed.objects.filter(meeting=OuterRef("meeting"), at__gt=OuterRef("issued_at"))
    words = DebateRevision.objects.filter(
        item__meeting=OuterRef("meeting"), saved_at__gt=OuterRef("issued_at")
    )
    suspected = (
        documents.current()
        .filter(Exists(events) | Exists(deeds) | Exists(words))
        .filter(Exists(Publication.objects.online().filter(document=OuterRef("pk"))))
        .select_related("meeting__body__organisation")
        .order_by("meeting__held_on", "meeting", "pk")
    )
    for meeting, issued in groupby(suspected, key=lambda each: each.meeting):
        yield from acts.contradicted(meeting, list(issued), on=timezone.localdate())


def taken_off(documents: IssuedDocumentQuerySet) -> Iterator[IssuedDocument]:
    """Of these papers, the extracts in force that were taken off the public pages before their time
    was over, and that are there no more; not what is notified to somebody (art. L2131-1, II)."""
    rows = (
        documents.current()
        .filter(
            kind=IssuedDocument.Kind.EXTRACT,
            publications__isnull=False,
            meeting__kind=Meeting.Kind.SITTING,
        )
        .exclude(Exists(Publication.objects.online().filter(document=OuterRef("pk"))))
        .exclude(
            Exists(
                Deliberation.objects.filter(
                    Q(act_sheet__is_individual=True)
                    | Q(act_sheet__nature=ActSheet.Nature.INDIVIDUAL),
                    meeting=OuterRef("meeting"),
                    item__key=OuterRef("subject"),
                )
            )
        )
        .select_related("meeting__body__organisation")
        .prefetch_related("publications")
        .defer("content")
        .order_by("meeting__held_on", "meeting", "pk")
        .distinct()
    )
    for document in rows:
        last = max(document.publications.all(), key=lambda row: row.pk)
        last.document = document
        if clock.was_taken_off_early(last):
            yield document


def links(document: IssuedDocument) -> tuple[str, ...]:
    """What a published extract does to earlier deliberations, and what later ones did to it."""
    if document.kind != IssuedDocument.Kind.EXTRACT:
        return ()
    found = document.meeting.deliberations.filter(item__key=document.subject)
    # Most are linked to nothing, which one query says.
    some = DeliberationLink.objects.filter(Q(source=OuterRef("pk")) | Q(target=OuterRef("pk")))
    linked = found.filter(Exists(some)).prefetch_related(
        "links__target", "linked_from__source__meeting"
    )
    told = [words for each in linked for words in _told_of(each)]
    return tuple(protection.words(document.meeting, words) for words in told)


def _told_of(act: Deliberation) -> Iterator[str]:
    """Of an act that does not bind yet, it does nothing to others."""
    waiting = standing.pending(act)
    if any(link.stands for link in act.links.all()) and not standing.is_executory(act):
        yield from (f"est {each}" for each in acts.done_to(act, but=waiting))
    else:
        yield from acts.links_of(act, but=waiting)


def linked(document: IssuedDocument) -> list[Publication]:
    """Where the acts are read that this extract undoes or changes, or that do it to this one: those
    that `links` tells, and nothing that does not bind yet. A flat number of queries."""
    with_links = document.meeting.deliberations.prefetch_related(
        "links__target__item", "linked_from__source__meeting", "linked_from__source__item"
    )
    act = with_links.get(item__key=document.subject)
    others = []
    if standing.is_executory(act):
        others += [link.target for link in act.links.all() if link.target and link.stands]
    waiting = standing.pending(act)
    others += [
        link.source
        for link in act.linked_from.all()
        if link.stands and link.source_id not in waiting
    ]
    if not others:
        return []
    theirs = [Q(document__meeting=o.meeting_id, document__subject=o.item.key) for o in others]
    papers = Publication.objects.online().filter(reduce(or_, theirs)).order_by("pk")
    last = {
        (each.document.meeting_id, each.document.subject): each
        for each in papers.select_related("document__meeting__body")
    }
    return list(last.values())


def undone(found: Sequence[Publication]) -> Mapping[int, str]:
    """By publication, what later acts did to the one that it bears, and that a version which is not
    online replaced it, where they did: two queries for a list, and some for each act that is told
    of."""
    papers = {
        (each.document.meeting_id, each.document.subject): each
        for each in found
        if each.document.kind == IssuedDocument.Kind.EXTRACT
    }
    told = defaultdict(list)
    for act, words in _done_to({each.document.meeting_id for each in found}):
        if publication := papers.get((act.meeting_id, act.item.key)):
            told[publication.pk].append(protection.words(publication.document.meeting, words))
    later = IssuedDocument.objects.filter(supersedes__in=[each.document_id for each in found])
    versions = dict(later.values_list("supersedes", "version"))
    for each in found:
        if version := versions.get(each.document_id):
            replaced = french.agree("remplacé", feminine=each.document.is_feminine)
            told[each.pk].append(f"{replaced} par la version {version}, qui n’est pas en ligne")
    return {pk: f"{NBSP}; ".join(words) for pk, words in told.items()}


def undone_of(meeting: Meeting) -> Mapping[str, str]:
    """The same of every act of a sitting, by its number as papers print it: whether it is online,
    taken off or never was, what became of it is told."""
    return {act.label: protection.words(meeting, words) for act, words in _done_to({meeting.pk})}


def _done_to(meetings: Collection[int]) -> Iterator[tuple[Deliberation, str]]:
    """The acts of these sittings to which a later one, which binds, did something, and what."""
    linked = DeliberationLink.objects.filter(undone_at=None).values("target")
    reached = Deliberation.objects.filter(pk__in=linked, meeting__in=meetings)
    for act in reached.select_related("item", "body").prefetch_related(
        "linked_from__source__meeting"
    ):
        if words := acts.done_to(act, but=standing.pending(act)):
            yield act, french.join(words)


def unsigned(found: Sequence[Publication]) -> frozenset[int]:
    """Those of these that still lack a signature: one query."""
    papers = IssuedDocument.objects.filter(pk__in=[each.document_id for each in found])
    numbers = set(reading.unsigned(papers).values_list("pk", flat=True))
    return frozenset(each.pk for each in found if each.document_id in numbers)


def needs_no_signature(document: IssuedDocument) -> bool:
    """Whether no text wants this paper signed: where it lacks a signature, it is said with it."""
    is_list = document.kind == IssuedDocument.Kind.LIST
    return is_list and document.meeting.organisation.legal_form in law.LISTS_UNSIGNED


def corrected_for(document: IssuedDocument) -> str:
    """Why this version was made, as the public reads it; "" of a first one."""
    if not document.reason:
        return ""
    return protection.words(document.meeting, document.reason)


def is_fallen(document: IssuedDocument) -> bool:
    """Whether what this extract bears is no act any more: its vote was corrected, its item put
    off."""
    return document.is_current and bool(acts.fallen(document.meeting, [document]))


def state(organisation: Organisation | None = None) -> tuple[float, ...]:
    """What changes whenever a public page may have changed: one query. The ledger of a sitting that
    is over counts: a correction takes their worth from papers; that of one being held does not, for
    nobody outside may count what is written there."""
    found = Publication.objects.all()
    if organisation is not None:
        found = found.filter(document__meeting__body__organisation=organisation)
    links = DeliberationLink.objects.order_by("-pk")
    undone = links.exclude(undone_at=None).order_by("-undone_at")
    held = Meeting.every.filter(stage__in=(Meeting.Stage.CLOSED, Meeting.Stage.ISSUED))
    over = held.order_by().values(all=Value(1)).annotate(total=Sum("stamp"))
    # django-simple-history gives its manager to the class without saying its type.
    looks = Organisation.history.order_by("-history_id")  # type: ignore[attr-defined]
    told = found.aggregate(
        last=Max("pk"),
        withdrawn=Count("withdrawn_at"),
        annexed=Max(Subquery(PublishedAnnex.objects.order_by("-pk").values("pk")[:1])),
        linked=Max(Subquery(links.values("pk")[:1])),
        unlinked=Max(Subquery(undone.values("undone_at")[:1])),
        corrected=Max(Subquery(over.values("total"))),
        shown=Max(Subquery(looks.values("history_id")[:1])),
        **{
            name: Max(Subquery(rows.exclude(**{at: None}).order_by(f"-{at}").values(at)[:1]))
            for name, (rows, at) in _STATES_OF_ACTS.items()
        },
    )
    days = ("unlinked", *_STATES_OF_ACTS)
    return (
        told["last"] or 0,
        told["withdrawn"],
        told["annexed"] or 0,
        told["linked"] or 0,
        told["corrected"] or 0,
        told["shown"] or 0,
        *(told[name].timestamp() if told[name] else 0 for name in days),
    )


# What the worth of what is online is read from, each with when it was last written.
_STATES_OF_ACTS = {
    "posted": (Posting.objects.all(), "noted_at"),
    "unposted": (Posting.objects.all(), "undone_at"),
    "answered": (Transmission.objects.all(), "settled_at"),
    "confirmed": (ActSheet.objects.all(), "confirmed_at"),
    "signed": (SignatureStep.objects.all(), "signed_at"),
    "issued": (IssuedDocument.objects.all(), "issued_at"),  # in the place of what is online
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a document stands on its way to the public: what the page of the secretariat shows."""

    publication: Publication | None
    signed: int
    withdrawn: tuple[Publication, ...]
    objections: tuple[Finding, ...]
    due_on: date | None
    article: str
    stay: str  # for how long it has to stay online, and by which article
    is_outgrown: bool  # somebody signed since it was put online: the public reads the file of then


def standings(
    meeting: Meeting, documents: Sequence[IssuedDocument]
) -> Iterator[tuple[IssuedDocument, Standing]]:
    """Each of these documents of a sitting, with where it stands and its legal dates."""
    waiting = [
        each
        for each in documents
        if all(row.withdrawn_at is not None for row in each.publications.all())
    ]
    gone = _gone(meeting, waiting)
    for document in documents:
        yield document, _standing(document, gone.get(document.pk))


def _standing(document: IssuedDocument, gone: Finding | None) -> Standing:
    rows = sorted(document.publications.all(), key=lambda row: -row.pk)
    current = next((row for row in rows if row.withdrawn_at is None), None)
    due_on, article = due(document)
    return Standing(
        publication=current,
        signed=reading.given(document),
        withdrawn=tuple(row for row in rows if row.withdrawn_at is not None),
        is_outgrown=current is not None
        and any(
            step.role in SignatureStep.BY_PEOPLE and step.signed_at > current.published_at
            for step in document.signatures.all()
        ),
        objections=() if current else _objections(document, gone),
        due_on=due_on,
        article=article,
        stay=clock.stay(current) if current else "",
    )


def first_days(meeting: Meeting) -> dict[str, date]:
    """By kind of paper of this sitting, the day on which the first of that kind came online,
    whichever version it was of; one query."""
    rows = Publication.objects.filter(document__meeting=meeting).order_by()
    told = rows.values_list("document__kind").annotate(first=Min("published_at"))
    return {kind: timezone.localdate(first) for kind, first in told}


def due(document: IssuedDocument) -> tuple[date | None, str]:
    """The last day to put this document online and the article; `None` while nothing obliges."""
    meeting = document.meeting
    if document.kind == IssuedDocument.Kind.MINUTES:
        adoption = adoption_of(document)
        due_on = adoption and deadlines.minutes_due(adoption.adopted_on, meeting.regime)
        return due_on, article_of(meeting.regime, "minutes_days")
    if document.kind == IssuedDocument.Kind.LIST:
        due_on = deadlines.list_due(meeting.held_on, meeting.regime)
        return due_on, article_of(meeting.regime, "list_days")
    return None, cited(meeting.regime, "art. L2131-1 du CGCT")
