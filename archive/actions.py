"""Verbs of the archive: putting a document online once and in full, in a file that never changes;
taking it off with a reason; a secret address for somebody's diary."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from archive import fulltext
from archive.desk import diary
from archive.keeping import anchors, proofs
from archive.keeping.offline import verifier
from archive.models import Given, Publication, TaskFeed
from archive.online import public_copy, publications
from documents.models import IssuedDocument, draw_code
from law import findings, french, sentences
from meetings import public as protection
from meetings import reading as sittings
from meetings.actions import ledger
from meetings.models import Meeting
from members import files, links, serving
from members.models import Organisation, User
from registry.signatures import reading
from trail.models import Act
from trail.recording import note


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
        for document in publications.acts_to_publish(meeting):
            _put_online(document, made, by=by, at=at)
        return tuple(made)


@contextmanager
def _publishing(meeting: Meeting) -> Iterator[list[Publication]]:
    """Put papers of one sitting online under its lock; what fails leaves no file behind. Raises
    `Refused` where another machine serves the base: the public reads there."""
    serving.refuse_held()
    with files.all_or_nothing():
        ledger.lock(meeting)
        yield []


def _put_online(
    document: IssuedDocument, made: list[Publication], *, by: User | None, at: datetime
) -> Publication:
    findings.refuse(publications.objections(document))
    publication = Publication(document=document, published_by=by, published_at=at)
    earlier = document.publications.first()
    publication.code = earlier.code if earlier else document.code or _free_code()
    publication.first_version = _first_version(document)
    publication.title, publication.author = _told(document)
    publication.stems = f" {fulltext.stems(publication.title)} "
    content, publication.is_redacted = public_copy.of(document)
    publication.sha256 = hashlib.sha256(content).hexdigest()
    name = f"{document.file_name.removesuffix('.pdf')}-{publication.sha256[:12]}.pdf"
    publication.file.save(name, ContentFile(content), save=False)
    made.append(publication)
    publication.save()
    _tell("mise en ligne", publication, by=by)
    return publication


@transaction.atomic
def withdraw(
    publication: Publication, *, reason: str, by: User | None, at: datetime
) -> Publication:
    """Take a document off the public pages, and say why; its address says that it was withdrawn.

    Withdrawn already, it keeps its first reason. Raises `Refused` without a reason.
    """
    ledger.lock(publication.document.meeting)
    publication.refresh_from_db(fields=Publication.LATER)
    if publication.withdrawn_at is not None:
        return publication
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= 300:
        raise findings.refusal(
            "motif_manquant",
            "Le motif tient en 300 caractères."
            if reason
            else "Dites en une phrase pourquoi ce document est retiré.",
            remedy="Par exemple : une adresse personnelle y figurait.",
            field="reason",
        )
    publication.withdrawn_at, publication.withdrawn_by, publication.reason = at, by, reason
    publication.save(update_fields=Publication.LATER)
    _tell(f"retrait ({reason})", publication, by=by)
    return publication


def _tell(done: str, publication: Publication, *, by: User | None) -> None:
    owner = publication.document.meeting.organisation
    note(Act.PUBLICATION, f"{done} : {publication}, {publication.code}", by=by, organisation=owner)


def _first_version(document: IssuedDocument) -> IssuedDocument:
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
        words = sittings.words(document.meeting)
        authors = [
            f"{each.member.name}, {sentences.office(each.member, words)}".removesuffix(", ")
            for each in signers
        ]
    else:
        authors = [
            f"{each.name}, {each.office.removeprefix('Le ').removeprefix('La ')}"
            for each in paper.signatories
            if each.name
        ]
    title = protection.words(document.meeting, document.title or paper.name, document.subject)
    return title[:300], french.join(authors)[:600] or paper.issuer.name


# --- What is handed over -------------------------------------------------------------------------


def give(
    content: bytes, *, kind: str, meeting: Meeting, by: User | None, at: datetime, **more: Any
) -> Given:
    """Remember a file that is handed to somebody, so that it is known again."""
    digest = hashlib.sha256(content).hexdigest()
    return Given.objects.create(kind=kind, meeting=meeting, sha256=digest, by=by, at=at, **more)


def prove(subject: IssuedDocument | Publication, *, by: User | None, at: datetime) -> bytes:
    """The proof file of an act, or of what is online: the one that was made, as long as it would
    say the same and is kept as it was, otherwise a new one, time-stamped and sealed.

    Raises `Refused` when nothing can time-stamp it, or when what is kept was changed.
    """
    is_public = isinstance(subject, Publication)
    document = subject.document if isinstance(subject, Publication) else subject
    kind = Given.Kind.PUBLIC_PROOF if is_public else Given.Kind.PROOF
    made = Given.objects.filter(kind=kind, document=document, meeting=document.meeting)
    last = made.first()
    if (
        isinstance(subject, Publication)
        and last
        and anchors.is_proved(subject, by=last.at)
        and not document.meeting.events.filter(recorded_at__gt=last.at).exists()
    ):
        # Anybody asks: what is published does not change, unless the sitting was corrected.
        kept = last.content()
        if kept is not None and not verifier.verify(kept).broken:
            return kept
    proof = (
        proofs.of_publication(subject)
        if isinstance(subject, Publication)
        else proofs.of_act(subject)
    )
    for same in made.filter(said=proof.said):
        if (kept := same.content()) is not None:
            return kept
    content = proof.packed(at=at)
    file = ContentFile(content, f"{proofs.name_of(document)[:-4]}-{proof.said[:12]}.zip")
    with files.all_or_nothing():
        give(
            content,
            kind=kind,
            meeting=document.meeting,
            by=by,
            at=at,
            document=document,
            said=proof.said,
            file=file,
        )
    return content


# --- The diary of who works there -------------------------------------------------------------


def make_feed(organisation: Organisation, *, by: User, at: datetime) -> TaskFeed:
    """A new secret address of one's own; the one before follows nothing any more."""
    feed = TaskFeed(user=by, organisation=organisation, made_at=at)
    feed.token_hash = links.hash_of(diary.feed_token(feed))
    made, _ = TaskFeed.objects.update_or_create(
        user=by,
        organisation=organisation,
        defaults={"made_at": at, "token_hash": feed.token_hash},
    )
    return made


def drop_feed(organisation: Organisation, *, by: User) -> None:
    """Close one's own secret address."""
    TaskFeed.objects.filter(user=by, organisation=organisation).delete()
