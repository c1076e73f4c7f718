"""What makes a decision stand: its number, its adoption, its signatures. Each act is added once."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from documents import actions as issuing
from documents.models import IssuedDocument
from law import findings, labels, sitting
from law.findings import Finding
from meetings.actions import ledger
from meetings.models import Meeting
from members.models import Body, Mandate, Person, User
from registry import authority, keys, reading, signing
from registry.models import (
    Adoption,
    Deliberation,
    DeliberationLink,
    SignatureStep,
    signature_folder,
)

# --- Numbers ----------------------------------------------------------------------------------


@transaction.atomic
def number(meeting: Meeting, *, by: User | None, at: datetime) -> tuple[Deliberation, ...]:
    """Give its number to each act of a closed sitting, in order; returns those just given.

    Called again it numbers only what a correction added: a number is given once and never
    again, even when what bore it was voided (art. R2121-9 du CGCT). Raises `Refused` while the
    sitting is open.
    """
    ledger.lock(meeting)
    if not any(meeting.sitting.of_kind(sitting.Closed)):
        raise findings.Refused(
            [
                Finding(
                    code="seance_ouverte",
                    message="La séance n’est pas levée : ses délibérations ne se numérotent pas "
                    "encore.",
                    article="art. R2121-9 du CGCT",
                    remedy="Levez la séance, puis numérotez.",
                )
            ]
        )
    # Sittings of the same body on two screens: the numbers of the year are drawn one by one.
    body = Body.objects.select_for_update(of=("self",)).get(pk=meeting.body_id)
    year = meeting.held_on.year
    next_number = reading.next_number(body.deliberations, year=year)
    rank = max(meeting.deliberations.values_list("rank", flat=True), default=0)
    given = []
    for each in reading.awaiting_number(meeting):
        rank += 1
        printed = labels.label(
            body.deliberation_format, held_on=meeting.held_on, rank=rank, number=next_number
        )
        given.append(
            Deliberation(
                meeting=meeting,
                item=each.item,
                body=body,
                year=year,
                number=next_number,
                rank=rank,
                label=printed,
                safe_label=labels.safe(printed),
                numbered_by=by,
                numbered_at=at,
            )
        )
        next_number += 1
    _refuse_taken(body, given)
    for deliberation in given:
        deliberation.save()
    if given:
        ledger.touch(meeting)
    return tuple(given)


def _refuse_taken(body: Body, given: list[Deliberation]) -> None:
    """A format that was changed during the year may print a number that exists already."""
    labels_given = [each.label for each in given]
    safe = [each.safe_label for each in given]
    taken = body.deliberations.filter(label__in=labels_given) | body.deliberations.filter(
        safe_label__in=safe
    )
    if (other := taken.first()) is not None:
        raise findings.Refused(
            [
                Finding(
                    code="numero_pris",
                    message=f"Le numéro {other.label} est déjà celui de « {other.item.title} ».",
                    remedy="Changez la forme des numéros de l’instance, dans l’administration.",
                )
            ]
        )


@transaction.atomic
def link(
    deliberation: Deliberation,
    *,
    kind: str,
    target: Deliberation | None = None,
    target_text: str = "",
    by: User | None,
) -> DeliberationLink:
    """Say that a deliberation modifies, repeals or replaces an earlier one.

    The target is one of the same organisation, or named in words when it is not held here.
    Raises `Refused` when it is itself, a later one, or missing.
    """
    target_text = target_text.strip()
    faults = []
    if (target is None) == (not target_text):
        faults.append(("cible", "Choisissez une délibération, ou nommez l’acte en clair."))
    if target is not None and target.pk == deliberation.pk:
        faults.append(("cible", "Une délibération ne se modifie pas elle-même."))
    elif target is not None and (
        target.body.organisation_id != deliberation.body.organisation_id
        or target.meeting.held_on > deliberation.meeting.held_on
    ):
        faults.append(("cible", "Seule une délibération antérieure peut être visée."))
    findings.refuse(Finding(code=code, message=message, field="target") for code, message in faults)
    known = deliberation.links.filter(kind=kind, target=target, target_text=target_text).first()
    return known or DeliberationLink.objects.create(
        source=deliberation, kind=kind, target=target, target_text=target_text, linked_by=by
    )


# --- Extracts and list ------------------------------------------------------------------------


def issue_acts(
    meeting: Meeting, *, by: User | None, at: datetime, reason: str = ""
) -> tuple[IssuedDocument, ...]:
    """Number what has no number, then freeze the extract of each deliberation and the list.

    Returns those in force, the extracts in the order of the sitting and the list at the end. All
    of it or nothing; the same acts are issued once. Those that changed become a new version,
    which needs a `reason`. Raises `Refused` while the sitting is open, when nothing was decided,
    or for characters that cannot be printed.
    """
    with issuing.issuing(meeting, by=by, at=at, reason=reason) as press:
        number(meeting, by=by, at=at)
        issued = press.freeze(*reading.acts_to_issue(meeting, on=timezone.localdate(at)))
        if press.written:
            ledger.touch(meeting)
        return issued


# --- Adoption ---------------------------------------------------------------------------------


@transaction.atomic
def record_adoptions(meeting: Meeting, *, by: User | None, at: datetime) -> tuple[Adoption, ...]:
    """Note which minutes the votes of this sitting adopted; returns those just noted.

    The version adopted is the one in force: corrections asked at the sitting are issued first,
    as a new version. Raises `Refused` when minutes were adopted that were never issued, or whose
    corrections were written and not issued.
    """
    ledger.lock(meeting)
    noted = []
    objections = []
    for approval in reading.approvals(meeting):
        if approval.minutes is None:
            objections.append(
                Finding(
                    code="pv_non_etabli",
                    message=f"« {approval.item.title} » a été adopté, mais ce procès-verbal n’est "
                    "pas établi ici.",
                    article="art. L2121-15 du CGCT",
                    remedy="Établissez-le, puis constatez son adoption.",
                )
            )
        elif _is_noted(approval):
            continue
        elif approval.is_corrected:
            objections.append(
                Finding(
                    code="pv_corrige",
                    message=f"« {approval.item.title} » : le texte a changé depuis sa version "
                    f"{approval.minutes.version}.",
                    article="art. L2121-15 du CGCT",
                    remedy="Établissez la version corrigée, puis constatez son adoption.",
                )
            )
        else:
            noted.append(
                Adoption(
                    document=approval.minutes,
                    item=approval.item,
                    seq=approval.seq,
                    adopted_on=approval.adopted_on,
                    noted_by=by,
                    noted_at=at,
                )
            )
    findings.refuse(objections)
    for adoption in noted:
        adoption.save()
    return tuple(noted)


def _is_noted(approval: reading.Approval) -> bool:
    """A vote adopts one version, once; a later correction waits for the vote of a later sitting."""
    return Adoption.objects.filter(Q(item=approval.item) | Q(document=approval.minutes)).exists()


# --- Signatures -------------------------------------------------------------------------------


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
            signing.Field(name=SEAL_PLACE, label="Cachet de la collectivité"),
            *(
                signing.Field(name=place.name, label=place.label)
                for place in reading.places(document)
            ),
        ]
        content, _ = reading.current_file(document)
        step = signing_now.add(
            role=SignatureStep.Role.PLACES,
            manner=SignatureStep.Manner.SERVER,
            content=signing.prepare(content, wanted),
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
            certificate={
                "subject": report.signer,
                "issuer": report.issuer,
                "serial": report.serial,
            },
            level=signing.Level.STAMPED if report.is_hour_proved else signing.Level.BASIC,
            is_development=report.judgement is signing.Judgement.DEVELOPMENT,
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
        signed = signing.sign(
            content,
            place,
            identity,
            certify=not signing.signed(content),
            reason=SignatureStep.Role(role).label,
            location=self.document.meeting.organisation.name,
            timestamper=clock,
            trust=trust,
        )
        report = signing.read_new(signed, place, trust)
        return self.add(
            role=role,
            manner=SignatureStep.Manner.SERVER,
            content=signed,
            place=place,
            person=person,
            signer=report.signer,
            certificate=_certificate(report),
            level=signing.level_with(clock, trust),
            is_development=report.judgement is signing.Judgement.DEVELOPMENT,
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


def _certificate(report: signing.Report) -> dict[str, str]:
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
                article="art. L2121-15 du CGCT",
                remedy="Constatez son adoption par la séance suivante.",
            )
        )
    findings.refuse(objections)


def _wanted(document: IssuedDocument, place: str, *, at: datetime) -> reading.Place:
    """The place to sign, whose signer is still in office. Raises `Refused`."""
    if not document.signatures.exists():
        raise findings.Refused(
            [
                Finding(
                    code="signature_non_preparee",
                    message="Les places de signature ne sont pas encore préparées.",
                    remedy="Préparez d’abord le document à la signature.",
                )
            ]
        )
    wanted = next((each for each in reading.places(document) if each.name == place), None)
    if wanted is None:
        raise findings.Refused(
            [Finding(code="place_inconnue", message="Ce document n’attend pas cette signature.")]
        )
    if wanted.person is not None and not _in_office(wanted.person, document, at=at):
        raise findings.Refused(
            [
                Finding(
                    code="plus_en_fonction",
                    message=f"{wanted.person} n’est plus en fonction : sa signature n’est plus "
                    "recevable.",
                    remedy="Notez-en la cause au dossier ; les autres signatures suffisent.",
                )
            ]
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


def _new_signature(before: bytes, content: bytes, place: str) -> signing.Report:
    """What the one signature added to these bytes is worth. Raises `Refused`."""
    if not content.startswith(before):
        raise findings.Refused(
            [
                Finding(
                    code="autre_fichier",
                    message="Ce fichier n’est pas celui qui vous a été remis, signé : ses premiers "
                    "octets diffèrent.",
                    remedy="Signez le fichier téléchargé sans l’imprimer ni l’enregistrer sous une "
                    "autre forme.",
                    field="file",
                )
            ]
        )
    known = signing.signed(before)
    new = [each for each in signing.read(content, keys.trust()) if each.field not in known]
    if [each.field for each in new] != [place]:
        raise findings.Refused(
            [
                Finding(
                    code="pas_une_signature",
                    message="Ce fichier ne porte pas une signature, et une seule, à votre place.",
                    remedy="Signez dans le champ prévu à votre nom, sans autre ajout.",
                    field="file",
                )
            ]
        )
    (report,) = new
    if report.judgement not in (signing.Judgement.VALID, signing.Judgement.DEVELOPMENT):
        raise findings.Refused(
            [
                Finding(
                    code="signature_non_recevable",
                    message=report.said,
                    remedy="Vérifiez votre certificat, ou signez à la main.",
                    field="file",
                )
            ]
        )
    if not report.covers_all or report.later_changes:
        raise findings.Refused(
            [
                Finding(
                    code="ajout_apres_signature",
                    message="Quelque chose a été ajouté au fichier après la signature.",
                    remedy="Déposez le fichier tel que votre logiciel de signature l’a rendu.",
                    field="file",
                )
            ]
        )
    return report
