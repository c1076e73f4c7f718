"""Is everything kept as it was? Every fact, ledger, issued document, signature and file.

Nothing is trusted but the bytes: hashes are computed again, chains followed, signatures read. What
a row says is compared with the witness (`facts`), the witness with what was anchored (`heads`).
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.db.models import Model, QuerySet
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from django.utils.text import capfirst

from archive.keeping import facts, heads, legible, structure
from archive.models import (
    Anchor,
    AnnexChoice,
    Arrival,
    Certificate,
    Given,
    Publication,
    PublishedAnnex,
)
from convening.models import Answer, Convocation
from documents import papers
from documents.models import IssuedDocument
from law.findings import Refused
from meetings.management.commands import verify_ledger
from meetings.models import Attachment, Ballot, Meeting, Undo, Vote
from members import files, witness
from members.witness import Witness
from registry.models import Deposit, Folder, SignatureStep
from registry.signatures import keys, pades, reading
from trail import chain
from trail.models import Entry, Trimming
from transmission.models import Classification, Exchange

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is not as it was: where, and what is wrong, in French."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where} : {self.what}"


@dataclass(slots=True)
class Walk:
    """What was looked at so far; `files` are the names that rows speak of."""

    anchors: Path | None = None  # a file of anchors held elsewhere
    facts: int = 0
    ledgers: int = 0
    documents: int = 0
    signatures: int = 0
    files: set[str] = field(default_factory=set)
    orphans: int = 0  # faults that only tell of a file too many


def faults(walk: Walk | None = None) -> Iterator[Fault]:
    """Everything that is wrong, room by room; nothing is changed."""
    walk = walk or Walk()
    for name, look in _LOOKS.items():
        yield from _on(look(walk), name)


def _on(found: Iterator[Fault], where: str) -> Iterator[Fault]:
    return legible.survived(found, Fault(where=where, what=legible.UNREAD))


def _each(rows: QuerySet[Row], look: Callable[[Row], Iterator[Fault]]) -> Iterator[Fault]:
    """What is wrong with each of these rows, one of which may stop nobody from reading the next."""
    for row in legible.each(rows, lambda rows: rows.iterator(chunk_size=20)):
        where = f"{capfirst(rows.model._meta.verbose_name)} n° {row.pk}"
        if isinstance(row, legible.Unread):
            yield Fault(where=where, what=legible.UNREAD)
        else:
            yield from _on(look(row), where)


# Not witnessed, and believed all the same.
_BELIEVED = (Witness, Anchor, Entry, Trimming, Ballot, Vote)


def _facts(walk: Walk) -> Iterator[Fault]:
    for model in witness.watched():
        walk.facts += model._base_manager.count()
        found = (Fault(where=where, what=what) for where, what in facts.faults(model))
        yield from _on(found, str(model._meta.verbose_name_plural))
    for model in (*witness.watched(), *_BELIEVED):
        for where, what in facts.ill_written(model):
            yield Fault(where=where, what=what)


def _structure(walk: Walk) -> Iterator[Fault]:
    for where, what in structure.faults():
        yield Fault(where=where, what=what)


def _anchors(walk: Walk) -> Iterator[Fault]:
    for where, what in heads.faults(walk.anchors):
        yield Fault(where=where, what=what)


def _ledgers(walk: Walk) -> Iterator[Fault]:
    def look(meeting: Meeting) -> Iterator[Fault]:
        walk.ledgers += not meeting.body.organisation.is_fleeting  # looked at, of no weight
        where = f"registre de la séance {meeting} (n° {meeting.pk})"
        yield from map(_sayer(where), verify_ledger.faults(meeting))

    yield from _each(Meeting.every.select_related("body__organisation").order_by("pk"), look)


def _documents(walk: Walk) -> Iterator[Fault]:
    def look(document: IssuedDocument) -> Iterator[Fault]:
        walk.documents += 1
        say = _sayer(f"{document} (document n° {document.pk})")
        yield from _altered(
            walk,
            say,
            document.pdf,
            document.pdf_sha256,
            "le PDF n’est plus celui qui a été établi.",
        )
        if hashlib.sha256(document.content.encode()).hexdigest() != document.sha256:
            yield say("son contenu n’est plus celui qui a été établi.")
        else:
            try:
                papers.from_json(document.content)
            except Refused as refusal:
                yield say(f"son contenu ne se lit plus ({refusal}).")

    yield from _each(IssuedDocument.objects.select_related("meeting__body").order_by("pk"), look)


def _signatures(walk: Walk) -> Iterator[Fault]:
    trust = keys.trust()
    for path in keys.unread():
        yield Fault(where="Autorités", what=f"{path} ne se lit pas.")
    before: dict[int, bytes] = {}  # what the last step of a document left

    def look(step: SignatureStep) -> Iterator[Fault]:
        walk.signatures += 1
        say = _sayer(f"{step.document}, {step}")
        content, missing = _bytes(walk, step.file)
        if missing:
            yield say(missing)
            return
        if hashlib.sha256(content).hexdigest() != step.sha256:
            yield say("le fichier signé n’est plus celui qui a été enregistré.")
        if step.document_id not in before:
            issued, _ = _bytes(walk, step.document.pdf)
            if not content.startswith(issued):
                yield say("le fichier ne commence pas par celui qui a été établi.")
        elif not content.startswith(before[step.document_id]):
            yield say("le fichier ne commence pas par celui de la signature précédente.")
        if step.manner in SignatureStep.MADE_ELSEWHERE:
            yield from _changed(before.get(step.document_id, b""), content, say)
        before.clear()
        before[step.document_id] = content
        if step.scan:
            scan, missing = _bytes(walk, step.scan)
            if missing:
                yield say(missing)
            elif step.deposit and hashlib.sha256(scan).hexdigest() != step.deposit.sha256:
                yield say("la feuille n’est pas celle qui a été confirmée.")
        if step.manner != SignatureStep.Manner.HAND and step.place:
            yield from _signed(step, content, trust, say)

    steps = SignatureStep.objects.select_related("document__meeting__body", "deposit")
    yield from _each(steps.order_by("document", "order"), look)


def _changed(before: bytes, content: bytes, say: Callable[[str], Fault]) -> Iterator[Fault]:
    """What somebody added beside the signature made on another machine."""
    try:
        pades.refuse_changes(before, content)
    except Refused:
        yield say(
            "le fichier ne montre plus ce qui a été donné à signer\u00a0: autre chose qu’une "
            "signature y a été ajouté."
        )


def _signed(
    step: SignatureStep, content: bytes, trust: pades.Trust, say: Callable[[str], Fault]
) -> Iterator[Fault]:
    """Whether the file bears the signature that this step tells, by the key of who is named."""
    try:
        reports = reading.attributed(step.document, pades.read(content, trust, only=step.field))
    except Refused as refusal:
        yield say(str(refusal))
        return
    if not reports:
        yield say("le fichier ne porte aucune signature à cette place.")
    for report in reports:
        if not report.is_sound:
            yield say(report.said)


def _deposits(walk: Walk) -> Iterator[Fault]:
    """What was handed in, recognised or not."""
    said = "le fichier déposé n’est plus celui qui a été remis."

    def look(deposit: Deposit) -> Iterator[Fault]:
        say = _sayer(f"signature déposée n° {deposit.pk} ({deposit})")
        yield from _altered(walk, say, deposit.file, deposit.sha256, said)

    deposits = Deposit.objects.select_related("document__meeting__body", "person")
    yield from _each(deposits.order_by("pk"), look)


def _folders(walk: Walk) -> Iterator[Fault]:
    """What came back from a parapheur, taken or not."""
    said = "le fichier revenu du parapheur n’est plus celui qui a été gardé."

    def look(folder: Folder) -> Iterator[Fault]:
        say = _sayer(f"dossier de parapheur {folder.reference} ({folder.document})")
        yield from _altered(walk, say, folder.file, folder.file_sha256, said)

    folders = Folder.objects.exclude(file="").select_related("document__meeting__body")
    yield from _each(folders.order_by("pk"), look)


def _publications(walk: Walk) -> Iterator[Fault]:
    said = "le fichier n’est plus celui qui a été mis en ligne."

    def look(publication: Publication) -> Iterator[Fault]:
        say = _sayer(f"publication {publication.code} ({publication})")
        yield from _altered(walk, say, publication.file, publication.sha256, said)

    def look_at(annex: PublishedAnnex) -> Iterator[Fault]:
        say = _sayer(f"{annex} (publication {annex.publication.code})")
        yield from _altered(walk, say, annex.file, annex.sha256, said)

    yield from _each(Publication.objects.select_related("document").order_by("pk"), look)
    yield from _each(PublishedAnnex.objects.select_related("publication").order_by("pk"), look_at)


def _arrivals(walk: Walk) -> Iterator[Fault]:
    """What proved an organisation where it came from."""
    said = "le fichier n’est plus celui qui fut gardé à son arrivée."

    def look(arrival: Arrival) -> Iterator[Fault]:
        say = _sayer(f"{arrival} (arrivée n°\u00a0{arrival.pk})")
        yield from _altered(walk, say, arrival.file, arrival.sha256, said)

    yield from _each(Arrival.objects.select_related("organisation").order_by("pk"), look)


def _certificates(walk: Walk) -> Iterator[Fault]:
    said = "le fichier n’est plus le certificat qui a été établi."

    def look(certificate: Certificate) -> Iterator[Fault]:
        say = _sayer(f"{certificate} (certificat n°\u00a0{certificate.pk})")
        yield from _altered(walk, say, certificate.file, certificate.sha256, said)

    kept = Certificate.objects.select_related("document__meeting__body")
    yield from _each(kept.order_by("pk"), look)


def _given(walk: Walk) -> Iterator[Fault]:
    """The proof files that are kept to be handed again."""
    said = "le fichier n’est plus celui qui a été remis."

    def look(given: Given) -> Iterator[Fault]:
        say = _sayer(f"{given} (remise n°\u00a0{given.pk})")
        yield from _altered(walk, say, given.file, given.sha256, said)

    kept = Given.objects.exclude(file="").select_related("document", "meeting__body")
    yield from _each(kept.order_by("pk"), look)


def _dispatches(walk: Walk) -> Iterator[Fault]:
    def look(convocation: Convocation) -> Iterator[Fault]:
        said = "le dossier n’est plus celui qui a été envoyé."
        say = _sayer(f"{convocation} de la séance {convocation.meeting}")
        yield from _altered(walk, say, convocation.dossier, convocation.sha256, said)
        for each in convocation.letter.get("files", []):
            content, missing = _bytes_of(walk, each["path"])
            if missing or hashlib.sha256(content).hexdigest() != each["sha256"]:
                told = missing or "ce fichier n’est plus celui qui a été envoyé."
                yield say(f"« {each['title']} » : {told}")

    sent = Convocation.objects.exclude(sha256="").select_related("meeting__body")
    yield from _each(sent.order_by("pk"), look)


def _proxies(walk: Walk) -> Iterator[Fault]:
    """The signed proxies that members handed in."""
    said = "le pouvoir n’est plus celui qui a été remis."

    def look(answer: Answer) -> Iterator[Fault]:
        say = _sayer(f"pouvoir signé de {answer} (réponse n° {answer.pk})")
        yield from _altered(walk, say, answer.proxy_form, answer.proxy_sha256, said)

    answers = Answer.objects.exclude(proxy_form="").select_related("mandate__person")
    yield from _each(answers.order_by("pk"), look)


def _attachments(walk: Walk) -> Iterator[Fault]:
    # Those of points taken out stay while that may be undone.
    for kept in Undo.objects.values_list("files", flat=True):
        walk.files.update(kept)
    said = "le fichier n’est plus celui qui a été joint."

    def look(attachment: Attachment) -> Iterator[Fault]:
        say = _sayer(f"pièce « {attachment} » de la séance {attachment.item.meeting}")
        yield from _altered(walk, say, attachment.file, attachment.sha256, said)

    def look_at(choice: AnnexChoice) -> Iterator[Fault]:
        say = _sayer(f"ce que le public lit de la pièce «\u00a0{choice.attachment}\u00a0»")
        yield from _altered(walk, say, choice.file, choice.sha256, said)

    joined = Attachment.objects.select_related("item__meeting__body")
    yield from _each(joined.order_by("pk"), look)
    stand_ins = AnnexChoice.objects.exclude(file="").select_related("attachment")
    yield from _each(stand_ins.order_by("pk"), look_at)


def _transmissions(walk: Walk) -> Iterator[Fault]:
    """What left for the prefecture and what came from it."""
    said = "le fichier n’est plus celui qui est parti, ou venu."

    def look(exchange: Exchange) -> Iterator[Fault]:
        say = _sayer(f"{exchange} (échange n°\u00a0{exchange.pk})")
        yield from _altered(walk, say, exchange.file, exchange.sha256, said)

    def look_at(row: Classification) -> Iterator[Fault]:
        say = _sayer(f"{row} ({row.organisation})")
        yield from _altered(walk, say, row.file, row.sha256, said)

    yield from _each(Exchange.objects.select_related("transmission").order_by("pk"), look)
    yield from _each(Classification.objects.select_related("organisation").order_by("pk"), look_at)


# Folders whose files belong to rows; a logo is changed freely and is no record.
_KEPT = (
    "documents",
    "signatures",
    "depots",
    "publications",
    "convocations",
    "pouvoirs",
    "pieces",
    "preuves",
    "certificats",
    "arrivees",
    "transmissions",
)


# Younger, a file may be of an act that is not written yet, or of one written since rows were read.
YOUNG = files.LONGEST_WRITE


def orphans(walk: Walk, *, older: timedelta = YOUNG) -> Iterator[str]:
    """Files that no row speaks of, once all the others were looked at: left by a server that died
    between the file and its row."""
    before = time.time() - older.total_seconds()
    for folder in _KEPT:
        for each in files.place().walk(folder):
            if each.name not in walk.files and each.at < before:
                yield each.name


def _orphans(walk: Walk) -> Iterator[Fault]:
    for name in orphans(walk):
        walk.orphans += 1
        yield Fault(
            where=name,
            what="aucun document ne parle de ce fichier : il peut être effacé.",
        )


def _left_behind(walk: Walk) -> Iterator[Fault]:
    """What a server that was killed was writing; a file that is written now is younger."""
    since = (timezone.now() - files.LONGEST_WRITE).timestamp()
    for name in files.place().left_behind(before=since):
        yield Fault(
            where=name,
            what="une écriture coupée (serveur tué) l’a laissé : il peut être effacé.",
        )


def _trail(walk: Walk) -> Iterator[Fault]:
    for what in chain.faults():
        yield Fault(where="journal", what=what)


# By what each looks at, should it be kept from going on.
_LOOKS: dict[str, Callable[[Walk], Iterator[Fault]]] = {
    "faits": _facts,
    "structure de la base": _structure,
    "ancrages": _anchors,
    "registres": _ledgers,
    "documents": _documents,
    "signatures": _signatures,
    "signatures déposées": _deposits,
    "dossiers de parapheur": _folders,
    "publications": _publications,
    "certificats": _certificates,
    "arrivées": _arrivals,
    "remises": _given,
    "envois": _dispatches,
    "pouvoirs signés": _proxies,
    "pièces jointes": _attachments,
    "transmissions": _transmissions,
    "journal": _trail,
    "fichiers": _orphans,
    "écritures coupées": _left_behind,
}


def _sayer(where: str) -> Callable[[str], Fault]:
    return lambda what: Fault(where=where, what=what)


def _altered(
    walk: Walk, say: Callable[[str], Fault], file: FieldFile, sha256: str, said: str
) -> Iterator[Fault]:
    """What is wrong with a file that was kept with its hash."""
    content, missing = _bytes(walk, file)
    if missing:
        yield say(missing)
    elif hashlib.sha256(content).hexdigest() != sha256:
        yield say(said)


def _bytes(walk: Walk, file: FieldFile) -> tuple[bytes, str]:
    """The content of a file, and what is wrong when it cannot be read."""
    if not file.name:
        return b"", "son fichier manque."
    return _bytes_of(walk, file.name)


def _bytes_of(walk: Walk, name: str) -> tuple[bytes, str]:
    walk.files.add(name)
    try:
        with default_storage.open(name) as opened:
            return opened.read(), ""
    except (OSError, SuspiciousFileOperation, ValueError):  # not there, or no name of ours
        return b"", f"son fichier {name} est introuvable."
