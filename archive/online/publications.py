"""Putting a document online for everybody: once, in full, in a file that never changes.

What is published is the file as it was signed, or a version of it whose sensitive passages were
left out when it was compiled (never painted over). The law wants it free and lasting, with its
author and the day it came (art. L2131-1, R2131-1, L2121-15 et L2121-25 du CGCT).
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Count, Max, prefetch_related_objects
from django.utils import timezone

from archive import fulltext
from archive.models import Publication, PublicationQuerySet
from archive.online import public_copy
from documents.models import IssuedDocument, draw_code
from law import deadlines, findings, french, sentences
from law.findings import Finding
from meetings.actions import ledger
from meetings.models import Meeting
from members.models import Organisation, User
from registry.signatures import reading


def publish(document: IssuedDocument, *, by: User | None, at: datetime) -> Publication:
    """Put a document online under its code, and keep the bytes that the public downloads.

    Raises `Refused` for a version that was superseded, for minutes that no sitting has adopted,
    and for what is online already; then nothing was written.
    """
    with _publishing(document.meeting) as made:
        return _put_online(document, made, by=by, at=at)


def publish_acts(meeting: Meeting, *, by: User | None, at: datetime) -> tuple[Publication, ...]:
    """Put the list and every extract of a sitting online at once; returns those just put there.

    All of it or nothing. Done again, it does nothing more; what somebody withdrew stays away.
    """
    with _publishing(meeting) as made:
        for document in acts_to_publish(meeting):
            _put_online(document, made, by=by, at=at)
        return tuple(made)


@contextmanager
def _publishing(meeting: Meeting) -> Iterator[list[Publication]]:
    """Put papers of one sitting online under its lock; what fails leaves no file behind."""
    made: list[Publication] = []
    try:
        with transaction.atomic():
            ledger.lock(meeting)
            yield made
    except BaseException:
        for publication in made:
            if publication.file.name and publication.file._committed:
                publication.file.storage.delete(publication.file.name)
        raise


def _put_online(
    document: IssuedDocument, made: list[Publication], *, by: User | None, at: datetime
) -> Publication:
    findings.refuse(objections(document))
    publication = Publication(document=document, published_by=by, published_at=at)
    made.append(publication)
    earlier = document.publications.first()
    publication.code = earlier.code if earlier else document.code or _free_code()
    publication.first_version = first_version(document)
    publication.title, publication.author = _told(document)
    publication.stems = f" {fulltext.stems(publication.title)} "
    content, publication.is_redacted = public_copy.of(document)
    publication.sha256 = hashlib.sha256(content).hexdigest()
    name = document.file_name.removesuffix(".pdf")
    publication.file = ContentFile(content, f"{name}-{publication.sha256[:12]}.pdf")
    publication.save()
    return publication


@transaction.atomic
def withdraw(
    publication: Publication, *, reason: str, by: User | None, at: datetime
) -> Publication:
    """Take a document off the public pages, and say why; its address says that it was withdrawn.

    Withdrawn already, it keeps its first reason. Raises `Refused` without a reason.
    """
    ledger.lock(publication.document.meeting)
    publication.refresh_from_db(fields=Publication.WITHDRAWAL)
    if publication.withdrawn_at is not None:
        return publication
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= 300:
        raise findings.Refused(
            [
                Finding(
                    code="motif_manquant",
                    message="Dites en une phrase pourquoi ce document est retiré."
                    if not reason
                    else "Le motif tient en 300 caractères.",
                    remedy="Par exemple : une adresse personnelle y figurait.",
                    field="reason",
                )
            ]
        )
    publication.withdrawn_at, publication.withdrawn_by, publication.reason = at, by, reason
    publication.save(update_fields=Publication.WITHDRAWAL)
    return publication


def acts_to_publish(meeting: Meeting) -> list[IssuedDocument]:
    """The list and the extracts in force of a sitting that nobody put online yet."""
    return [
        document
        for document in in_force(meeting)
        if not document.is_minutes and not document.publications.all()
    ]


def in_force(meeting: Meeting) -> list[IssuedDocument]:
    """The papers of a sitting in force, with their signatures and publications."""
    found = reading.in_force(meeting)
    prefetch_related_objects(found, "publications__published_by", "publications__withdrawn_by")
    return found


def objections(document: IssuedDocument) -> tuple[Finding, ...]:
    """Why this document cannot be put online now; empty when it can."""
    found = []
    if not document.is_current:
        found.append(
            Finding(
                code="version_remplacee",
                message="Cette version a été remplacée : elle ne se publie plus.",
                remedy="Publiez la version en vigueur.",
            )
        )
    if document.kind == IssuedDocument.Kind.MINUTES and not hasattr(document, "adoption"):
        found.append(
            Finding(
                code="pv_non_arrete",
                message="Ce procès-verbal n’est pas arrêté : il se publie dans la semaine qui suit "
                "la séance qui l’arrête, et pas avant.",
                article="art. L2121-15 du CGCT",
                remedy="Constatez son adoption par la séance suivante.",
            )
        )
    if any(row.withdrawn_at is None for row in document.publications.all()):
        found.append(Finding(code="deja_publie", message="Ce document est déjà en ligne."))
    return tuple(found)


def first_version(document: IssuedDocument) -> IssuedDocument:
    """The version that this one descends from."""
    while document.supersedes is not None:
        document = document.supersedes
    return document


def _free_code() -> str:
    """A code for a document that was issued before codes were printed."""
    while True:
        code = draw_code()
        if not (
            IssuedDocument.objects.filter(code=code).exists()
            or Publication.objects.filter(code=code).exists()
        ):
            return code


def _told(document: IssuedDocument) -> tuple[str, str]:
    """How the document is called, and its author: first name, surname, capacity."""
    paper = document.paper
    if document.kind == IssuedDocument.Kind.LIST:
        signers = reading.signers(document.meeting).listed
        authors = [
            f"{each.member.name}, {sentences.office(each.member)}".removesuffix(", ")
            for each in signers
        ]
    else:
        authors = [
            f"{each.name}, {each.office.removeprefix('Le ').removeprefix('La ')}"
            for each in paper.signatories
            if each.name
        ]
    title = document.title or paper.name
    return title[:300], french.join(authors)[:600] or paper.issuer.name


# --- What the public reads --------------------------------------------------------------------


def search(found: PublicationQuerySet, words: str) -> PublicationQuerySet:
    """Those whose title holds every word, accents or not, whole or its beginning."""
    for root in fulltext.wanted(words):
        found = found.filter(stems__contains=f" {root}")
    return found


def online(organisation: Organisation | None = None) -> PublicationQuerySet:
    """What the public pages list, in force and not withdrawn: the latest sitting first; of each its
    minutes, its list, then its deliberations by number."""
    found = Publication.objects.online().in_force()
    if organisation is not None:
        found = found.filter(document__meeting__body__organisation=organisation)
    return (
        found.select_related("document__meeting__body__organisation")
        .defer("document__content")
        .order_by(
            "-document__meeting__held_on", "document__meeting", "-document__kind", "title", "pk"
        )
    )


def find(code: str) -> Publication | None:
    """What was published under this code, the last word on it: it may be withdrawn."""
    return (
        Publication.objects.filter(code=code)
        .select_related("document__meeting__body__organisation", "document__supersedes")
        .defer("document__content")
        .order_by("-pk")
        .first()
    )


def replaced_by(publication: Publication) -> Publication | None:
    """The latest version online of the same document, when it is not this one."""
    return (
        Publication.objects.online()
        .filter(
            first_version=publication.first_version_id,
            document__version__gt=publication.document.version,
        )
        .select_related("document")
        .order_by("-document__version")
        .first()
    )


def state(organisation: Organisation | None = None) -> tuple[int, int]:
    """What changes whenever a public page may have changed: one query."""
    found = Publication.objects.all()
    if organisation is not None:
        found = found.filter(document__meeting__body__organisation=organisation)
    told = found.aggregate(last=Max("pk"), withdrawn=Count("withdrawn_at"))
    return told["last"] or 0, told["withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a document stands on its way to the public: what the page of the secretariat shows."""

    publication: Publication | None
    signed: int
    withdrawn: tuple[Publication, ...]
    objections: tuple[Finding, ...]
    due_on: date | None
    article: str
    online_until: date | None


def standing(document: IssuedDocument) -> Standing:
    """Where this document stands, with its legal dates."""
    rows = sorted(document.publications.all(), key=lambda row: -row.pk)
    current = next((row for row in rows if row.withdrawn_at is None), None)
    due_on, article = due(document)
    return Standing(
        publication=current,
        signed=reading.given(document),
        withdrawn=tuple(row for row in rows if row.withdrawn_at is not None),
        objections=() if current else objections(document),
        due_on=due_on,
        article=article,
        online_until=deadlines.online_until(
            timezone.localdate(current.published_at), document.meeting.regime
        )
        if current
        else None,
    )


def due(document: IssuedDocument) -> tuple[date | None, str]:
    """The last day to put this document online and the article; `None` while nothing obliges."""
    meeting = document.meeting
    if document.kind == IssuedDocument.Kind.MINUTES:
        adoption = getattr(document, "adoption", None)
        due_on = adoption and deadlines.minutes_due(adoption.adopted_on, meeting.regime)
        return due_on, "art. L2121-15 du CGCT"
    if document.kind == IssuedDocument.Kind.LIST:
        return deadlines.list_due(meeting.held_on, meeting.regime), "art. L2121-25 du CGCT"
    return None, "art. L2131-1 du CGCT"
