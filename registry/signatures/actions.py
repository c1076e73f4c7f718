"""How a document is signed: its places and its seal, then each signature, step by step."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from documents.models import IssuedDocument
from law import findings
from law.findings import Finding
from law.regime import article_of
from meetings.actions import ledger
from members.models import Mandate, Person, User
from registry.models import (
    SignatureStep,
    signature_folder,
)
from registry.signatures import authority, keys, pades, reading


def prepare_signing(document: IssuedDocument, *, by: User | None, at: datetime) -> SignatureStep:
    """Make the places of the signatures, then certify with the seal if there is one.

    Returns the last step; called again, changes nothing. Raises `Refused` for a version that was
    superseded, or for minutes that no sitting has adopted yet.
    """
    with _signing(document) as signing_now:
        if signing_now.steps:
            return signing_now.steps[-1]
        _refuse_unsignable(document)
        wanted = [
            pades.Field(name=SEAL_PLACE, label="Cachet de la collectivité"),
            *(
                pades.Field(name=place.name, label=place.label)
                for place in reading.places(document)
            ),
        ]
        content, _ = reading.current_file(document)
        step = signing_now.add(
            role=SignatureStep.Role.PLACES,
            manner=SignatureStep.Manner.SERVER,
            content=pades.prepare(content, wanted),
            signer=str(by or ""),
            by=by,
            at=at,
        )
        seal = keys.of_seal(document.meeting.organisation)
        if seal is None:
            return step
        content, _ = reading.current_file(document)
        return signing_now.sign(
            content,
            place=SEAL_PLACE,
            role=SignatureStep.Role.SEAL,
            identity=seal,
            by=by,
            at=at,
        )


SEAL_PLACE = "cachet"


def sign_on_server(
    document: IssuedDocument, *, place: str, seen: str, by: User, at: datetime
) -> SignatureStep:
    """Sign with the certificate that the server holds for whoever signs at this place.

    `seen` is the SHA-256 that the signer was shown: what he signs is what he saw. Only he signs
    for himself (`by`). Raises `Refused` when the file moved on, the place is taken, he left
    office or has no certificate.
    """
    with _signing(document) as signing_now:
        wanted = _wanted(document, place, at=at)
        if wanted.step is not None:
            return wanted.step
        content, digest = reading.current_file(document)
        faults = list(_faults_of_signer(wanted, by))
        if seen != digest:
            faults.append(_MOVED_ON)
        findings.refuse(faults)
        identity = keys.of_person(wanted.person) if wanted.person else None
        if identity is None:
            raise findings.Refused([_NO_CERTIFICATE])
        return signing_now.sign(
            content,
            place=place,
            role=wanted.role,
            identity=identity,
            person=wanted.person,
            by=by,
            at=at,
        )


def accept_signed(
    document: IssuedDocument, *, place: str, content: bytes, by: User, at: datetime
) -> SignatureStep:
    """Take a file that the signer signed on his own machine.

    It must begin with the very bytes that are signed next and add nothing but one signature at
    this place, intact and vouched for by an authority that is believed. Raises `Refused` and
    says which of these fails.
    """
    with _signing(document) as signing_now:
        wanted = _wanted(document, place, at=at)
        if wanted.step is not None:
            return wanted.step
        findings.refuse(_faults_of_signer(wanted, by))
        before, _ = reading.current_file(document)
        report = _new_signature(before, content, place)
        return signing_now.add(
            role=wanted.role,
            manner=SignatureStep.Manner.OWN,
            content=content,
            place=place,
            person=wanted.person,
            signer=report.signer or str(wanted.person),
            certificate=_certificate(report),
            level=pades.Level.STAMPED if report.is_hour_proved else pades.Level.BASIC,
            is_development=report.judgement is pades.Judgement.DEVELOPMENT,
            by=by,
            at=at,
        )


def record_handwritten(
    document: IssuedDocument, *, place: str, scan: ContentFile, by: User, at: datetime
) -> SignatureStep:
    """Keep the scan of the signature sheet that somebody signed by hand; the file is unchanged."""
    with _signing(document) as signing_now:
        wanted = _wanted(document, place, at=at)
        if wanted.step is not None:
            return wanted.step
        content, _ = reading.current_file(document)
        return signing_now.add(
            role=wanted.role,
            manner=SignatureStep.Manner.HAND,
            content=content,
            place=place,
            person=wanted.person,
            signer=str(wanted.person or ""),
            scan=scan,
            by=by,
            at=at,
        )


# --- Many at once -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What became of documents taken one after the other: those done, those refused and why."""

    done: tuple[IssuedDocument, ...]
    refused: tuple[tuple[IssuedDocument, findings.Refused], ...]


def prepare_batch(documents: Iterable[IssuedDocument], *, by: User | None, at: datetime) -> Batch:
    """Prepare each document for its signatures; those that are prepared stay as they are."""
    return _one_by_one(
        (document, partial(prepare_signing, document, by=by, at=at)) for document in documents
    )


def sign_batch(wanted: Iterable[reading.ToSign], *, by: User, at: datetime) -> Batch:
    """Sign each document with the certificate that the server holds for its signer.

    Each is signed in a transaction of its own: killed half-way, every document is either whole
    and unsigned or whole and signed, and called again it goes on where it stopped. A document
    that cannot be signed stops none of the others.
    """
    return _one_by_one(
        (
            each.document,
            partial(
                sign_on_server, each.document, place=each.place, seen=each.digest, by=by, at=at
            ),
        )
        for each in wanted
    )


def _one_by_one(
    steps: Iterable[tuple[IssuedDocument, Callable[[], SignatureStep]]],
) -> Batch:
    done, refused = [], []
    for document, act in steps:
        try:
            act()
        except findings.Refused as refusal:
            refused.append((document, refusal))
        else:
            done.append(document)
    return Batch(done=tuple(done), refused=tuple(refused))


# --- One document being signed ----------------------------------------------------------------


@dataclass(slots=True)
class _Signing:
    """One document being signed: its steps so far, and those that this transaction adds."""

    document: IssuedDocument
    steps: list[SignatureStep]
    added: list[SignatureStep] = field(default_factory=list)

    def add(self, *, content: bytes, by: User | None, at: datetime, **values: Any) -> SignatureStep:
        order = len(self.steps) + len(self.added) + 1
        digest = hashlib.sha256(content).hexdigest()
        step = SignatureStep(
            document=self.document,
            order=order,
            file=ContentFile(content, f"{self.document.pk}-{order}-{digest[:12]}.pdf"),
            sha256=digest,
            recorded_by=by,
            signed_at=at,
            **values,
        )
        self.added.append(step)
        step.save()
        return step

    def sign(
        self,
        content: bytes,
        *,
        place: str,
        role: str,
        identity: authority.Identity,
        by: User | None,
        at: datetime,
        person: Person | None = None,
    ) -> SignatureStep:
        """Sign on the server; the first signature of all certifies the document."""
        clock, trust = keys.clock(), keys.trust()
        signed = pades.sign(
            content,
            place,
            identity,
            certify=not pades.signed(content),
            reason=_REASONS[SignatureStep.Role(role)],
            location=self.document.meeting.organisation.name,
            timestamper=clock,
            trust=trust,
        )
        report = pades.read_new(signed, place, trust)
        return self.add(
            role=role,
            manner=SignatureStep.Manner.SERVER,
            content=signed,
            place=place,
            person=person,
            signer=report.signer,
            certificate=_certificate(report),
            level=pades.level_with(clock, trust),
            is_development=report.judgement is pades.Judgement.DEVELOPMENT,
            by=by,
            at=at,
        )


@contextmanager
def _signing(document: IssuedDocument) -> Iterator[_Signing]:
    """Sign under the lock of the sitting; what fails leaves no file behind."""
    now = _Signing(document, [])
    try:
        with transaction.atomic():
            ledger.lock(document.meeting)
            now.steps = list(document.signatures.order_by("order"))
            _sweep(document, now.steps)
            yield now
    except BaseException:
        for step in now.added:
            for file in (step.file, step.scan):
                if file.name:
                    file.storage.delete(file.name)
        raise


def _sweep(document: IssuedDocument, steps: Iterable[SignatureStep]) -> None:
    """Remove the signed files that a server left when it died before their rows were written.

    Under the lock of the sitting nobody else is writing one.
    """
    storage = SignatureStep._meta.get_field("file").storage
    folder = signature_folder(document.pk)
    if not storage.exists(folder):
        return
    known = {file.name for step in steps for file in (step.file, step.scan)}
    for name in storage.listdir(folder)[1]:
        if f"{folder}/{name}" not in known:
            storage.delete(f"{folder}/{name}")


def _certificate(report: pades.Report) -> dict[str, str]:
    """Whose certificate it was, as the step keeps it."""
    return {"subject": report.signer, "issuer": report.issuer, "serial": report.serial}


def _refuse_unsignable(document: IssuedDocument) -> None:
    objections = []
    if not document.is_current:
        objections.append(
            Finding(
                code="version_remplacee",
                message="Cette version a été remplacée : elle ne se signe plus.",
                remedy="Signez la version en vigueur.",
            )
        )
    if document.kind == IssuedDocument.Kind.MINUTES and not hasattr(document, "adoption"):
        objections.append(
            Finding(
                code="pv_non_arrete",
                message="Ce procès-verbal n’est pas encore arrêté : il se signe ensuite.",
                article=article_of(document.meeting.regime, "minutes_mentions_required"),
                remedy="Constatez son adoption par la séance suivante.",
            )
        )
    findings.refuse(objections)


def _wanted(document: IssuedDocument, place: str, *, at: datetime) -> reading.Place:
    """The place to sign, whose signer is still in office. Raises `Refused`."""
    if not document.signatures.exists():
        raise findings.refusal(
            "signature_non_preparee",
            "Les places de signature ne sont pas encore préparées.",
            remedy="Préparez d’abord le document à la signature.",
        )
    wanted = next((each for each in reading.places(document) if each.name == place), None)
    if wanted is None:
        raise findings.refusal("place_inconnue", "Ce document n’attend pas cette signature.")
    if wanted.person is not None and not _in_office(wanted.person, document, at=at):
        raise findings.refusal(
            "plus_en_fonction",
            f"{wanted.person} n’est plus en fonction : sa signature n’est plus recevable.",
            remedy="Notez-en la cause au dossier ; les autres signatures suffisent.",
        )
    return wanted


def _in_office(person: Person, document: IssuedDocument, *, at: datetime) -> bool:
    on = timezone.localdate(at)
    organisation = document.meeting.organisation
    return (
        Mandate.objects.in_office(on)
        .filter(person=person, body__organisation=organisation)
        .exists()
    )


def _faults_of_signer(wanted: reading.Place, by: User) -> Iterator[Finding]:
    """Nobody signs for somebody else."""
    if wanted.person is None or wanted.person.user_id != by.pk:
        yield Finding(
            code="autre_signataire",
            message=f"Cette place est celle d’une autre personne ({wanted.label}).",
            remedy="Le signataire se connecte avec son compte, ou signe à la main.",
        )


# Why each signs, as the readers of the file show it.
_REASONS = {
    SignatureStep.Role.SEAL: "Cachet de la collectivité",
    SignatureStep.Role.PRESIDENT: "Présidence de la séance",
    SignatureStep.Role.CLERK: "Secrétariat de la séance",
}
_MOVED_ON = Finding(
    code="fichier_change",
    message="Le document a reçu une signature depuis que vous l’avez ouvert.",
    remedy="Rechargez la page : son empreinte est nouvelle.",
)
_NO_CERTIFICATE = Finding(
    code="sans_certificat",
    message="Le serveur ne tient pas de certificat à ce nom.",
    remedy="Signez sur votre poste avec votre certificat, ou à la main.",
)


def _new_signature(before: bytes, content: bytes, place: str) -> pades.Report:
    """What the one signature added to these bytes is worth. Raises `Refused`."""
    if not content.startswith(before):
        raise findings.refusal(
            "autre_fichier",
            "Ce fichier n’est pas celui qui vous a été remis, signé : ses premiers "
            "octets diffèrent.",
            remedy="Signez le fichier téléchargé sans l’imprimer ni l’enregistrer sous une "
            "autre forme.",
            field="file",
        )
    known = pades.signed(before)
    new = [each for each in pades.read(content, keys.trust()) if each.field not in known]
    if [each.field for each in new] != [place]:
        raise findings.refusal(
            "pas_une_signature",
            "Ce fichier ne porte pas une signature, et une seule, à votre place.",
            remedy="Signez dans le champ prévu à votre nom, sans autre ajout.",
            field="file",
        )
    (report,) = new
    if report.judgement not in (pades.Judgement.VALID, pades.Judgement.DEVELOPMENT):
        raise findings.refusal(
            "signature_non_recevable",
            report.said,
            remedy="Vérifiez votre certificat, ou signez à la main.",
            field="file",
        )
    if not report.covers_all or report.later_changes:
        raise findings.refusal(
            "ajout_apres_signature",
            "Quelque chose a été ajouté au fichier après la signature.",
            remedy="Déposez le fichier tel que votre logiciel de signature l’a rendu.",
            field="file",
        )
    return report
