"""Putting a document online for everybody: once, in full, in a file that never changes.

What is published is the file as it was signed, or a version of it whose sensitive passages were
left out when it was compiled (never painted over). The law wants it free and lasting, with its
author and the day it came (art. L2131-1, R2131-1, L2121-15 et L2121-25 du CGCT).
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from archive.models import Publication, PublicationQuerySet
from documents import actions as issuing
from documents import compile, papers, render
from documents.models import IssuedDocument, draw_code
from law import deadlines, findings, french
from law.findings import Finding
from meetings import actions as sittings
from members.models import Organisation, User
from registry import public_version, reading


def publish(document: IssuedDocument, *, by: User | None, at: datetime) -> Publication:
    """Put a document online under its code, and keep the bytes that the public downloads.

    Raises `Refused` for a version that was superseded, for minutes that no sitting has adopted,
    and for what is online already; then nothing was written.
    """
    publication = Publication(document=document, published_by=by, published_at=at)
    try:
        with transaction.atomic():
            sittings.lock(document.meeting)
            findings.refuse(objections(document))
            earlier = document.publications.first()
            publication.code = earlier.code if earlier else document.code or _free_code()
            publication.first_version = first_version(document)
            publication.title, publication.author = _told(document)
            content, publication.is_redacted = public_file(document)
            publication.sha256 = hashlib.sha256(content).hexdigest()
            name = document.file_name.removesuffix(".pdf")
            publication.file = ContentFile(content, f"{name}-{publication.sha256[:12]}.pdf")
            publication.save()
            return publication
    except BaseException:
        if publication.file.name and publication.file._committed:
            publication.file.storage.delete(publication.file.name)
        raise


@transaction.atomic
def withdraw(
    publication: Publication, *, reason: str, by: User | None, at: datetime
) -> Publication:
    """Take a document off the public pages, and say why; its address says that it was withdrawn.

    Withdrawn already, it keeps its first reason. Raises `Refused` without a reason.
    """
    sittings.lock(publication.document.meeting)
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
    if document.publications.online().exists():
        found.append(Finding(code="deja_publie", message="Ce document est déjà en ligne."))
    return tuple(found)


def public_file(document: IssuedDocument) -> tuple[bytes, bool]:
    """The bytes that go online, and whether passages were left out of them.

    Left out when the page is laid out again, not painted over: neither the text of the file nor
    its data hold them. Raises `Refused` when the sitting no longer says what was issued.
    """
    signed, _ = reading.current_file(document)
    if document.kind != IssuedDocument.Kind.MINUTES:
        return signed, False
    draft = compile.compile_minutes(document.meeting)
    public = public_version.public_minutes(document.meeting)
    if public.without_edition == draft.without_edition:
        return signed, False
    if issuing.has_changed(document, draft):
        raise findings.Refused(
            [
                Finding(
                    code="texte_change",
                    message="Des passages sont à masquer, mais le texte de la séance n’est plus "
                    "celui qui a été établi.",
                    remedy="Remettez-le comme il était, ou établissez une version qui le corrige.",
                )
            ]
        )
    paper = document.paper
    redacted = replace(
        public,
        watermark="",
        version=paper.version,
        edition=" ".join(filter(None, (paper.edition, PUBLIC_EDITION))),
        verification=paper.verification,
    )
    return render.render_pdf(redacted), True


PUBLIC_EDITION = (
    "Version mise en ligne : les passages que la loi protège n’y figurent pas. L’original signé "
    "est conservé."
)


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
    paper = papers.from_json(document.content)
    signatories = [each for each in getattr(paper, "signatories", ()) if each.name]
    authors = [
        f"{each.name}, {each.office.removeprefix('Le ').removeprefix('La ')}"
        for each in signatories
    ]
    return paper.name[:300], french.join(authors)[:600] or paper.issuer.name


# --- What the public reads --------------------------------------------------------------------


def online(organisation: Organisation | None = None) -> PublicationQuerySet:
    """What the public pages list, the latest sitting first: in force and not withdrawn."""
    found = Publication.objects.online().in_force()
    if organisation is not None:
        found = found.filter(document__meeting__body__organisation=organisation)
    return (
        found.select_related("document__meeting__body__organisation")
        .defer("document__content")
        .order_by("-document__meeting__held_on", "-published_at", "-pk")
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
    withdrawn: tuple[Publication, ...]
    objections: tuple[Finding, ...]
    due_on: date | None
    article: str
    online_until: date | None


def standing(document: IssuedDocument) -> Standing:
    """Where this document stands, with its legal dates."""
    rows = list(document.publications.order_by("-pk"))
    current = next((row for row in rows if row.withdrawn_at is None), None)
    due_on, article = due(document)
    return Standing(
        publication=current,
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
    if document.kind == LIST:
        return deadlines.list_due(meeting.held_on, meeting.regime), "art. L2121-25 du CGCT"
    return None, "art. L2131-1 du CGCT"


LIST = papers.DeliberationList.kind
