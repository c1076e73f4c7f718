"""How a document is signed: its places and its seal, then each signature, step by step."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db.models import Q
from django.utils import timezone

from accounts import deciding
from documents.models import IssuedDocument
from law import findings, french
from law.findings import Finding
from law.regime import article_of
from meetings.actions import ledger
from members import files
from members.models import Mandate, Person, Role, User
from registry import seconds
from registry.alone import reading as alone
from registry.models import (
    Decline,
    Deposit,
    Folder,
    SignatureStep,
    SigningKey,
    adoption_of,
    signature_folder,
)
from registry.signatures import certificates, keys, letters, pades, reading, strangers
from trail.models import Act
from trail.recording import note


def prepare_signing(document: IssuedDocument, *, by: User | None, at: datetime) -> SignatureStep:
    """Make the places of the signatures, then certify with the seal if there is one.

    Returns the last step; called again, changes nothing. Raises `Refused` for a version that was
    superseded, for minutes that no sitting has adopted yet, for what prints other signers than the
    ledger tells today, or when the seal cannot sign.
    """
    with _signing(document) as signing_now:
        if signing_now.steps:
            return signing_now.steps[-1]
        refuse_unsignable(document)
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
        seal = keys.of_seal(document.meeting.organisation, at=at)
        if seal.key is None:
            return step
        findings.refuse(seal.faults)
        content, _ = reading.current_file(document)
        return signing_now.sign(
            content, place=SEAL_PLACE, role=SignatureStep.Role.SEAL, key=seal.key, by=by, at=at
        )


SEAL_PLACE = "cachet"


def sign_on_server(
    document: IssuedDocument, *, place: str, seen: str, by: User, at: datetime
) -> SignatureStep:
    """Sign with the key that was bound to whoever signs at this place, and that the server holds.

    `seen` is the SHA-256 that the signer was shown: what he signs is what he saw. Only he signs
    for himself (`by`). Raises `Refused` when the file moved on, the place is taken, he left
    office, has no key or one that cannot sign (`keys.faults`).
    """
    with _signing(document) as signing_now:
        wanted = _wanted(document, place, at=at)
        if wanted.step is not None:
            return wanted.step
        content, digest = reading.sound_file(document)
        faults = [
            *_faults_of_signer(wanted, by),
            *_being_looked_at(document),
            *faults_of_author(document, at=at),
        ]
        if seen != digest:
            faults.append(_MOVED_ON)
        findings.refuse(faults)
        organisation, choice = document.meeting.organisation, keys.Choice()
        if wanted.person is not None:
            choice = keys.of_person(wanted.person, organisation, by=by, at=at)
        if choice.key is None:
            raise findings.Refused([_NO_KEY])
        findings.refuse(choice.faults)
        return signing_now.sign(
            content, place=place, role=wanted.role, key=choice.key, by=by, at=at
        )


def accept_signed(
    document: IssuedDocument,
    *,
    place: str,
    content: bytes,
    by: User,
    at: datetime,
    site: str = "",
) -> SignatureStep | Deposit:
    """Take a file that the signer signed on his own machine.

    It must begin with the very bytes that are signed next and add nothing but one signature at
    this place, intact and vouched for by an authority that is believed. With a key bound to the
    signer it counts at once; with a certificate of his name that no act binds, a second person
    must look at it first, and the signer is told by mail (`site`: what addresses begin with).
    Raises `Refused` and says which of these fails. The file is read before anybody is kept waiting:
    it may take as long as a stranger’s.
    """

    return _accept(
        document,
        content,
        place=place,
        field=place,
        faults=lambda wanted: (*_faults_of_signer(wanted, by), *_being_looked_at(document)),
        account=by,
        manner=Deposit.Manner.OWN,
        by=by,
        at=at,
        site=site,
    )


def accept_brought(
    folder: Folder, *, place: str, field: str, content: bytes, at: datetime, site: str = ""
) -> SignatureStep | Deposit:
    """As `accept_signed`, of a file that a parapheur gave back, whose new signature is in this
    field: nobody is at the keyboard for himself there, and whoever sent the folder hands it in.
    What the parapheur says of who signed is not believed: the certificate says it."""
    document = folder.document
    signer = next((each.person for each in reading.places(document) if each.name == place), None)
    return _accept(
        document,
        content,
        place=place,
        field=field,
        faults=lambda wanted: _being_looked_at(document, but=folder),
        account=signer.user if signer is not None else None,
        manner=Deposit.Manner.PARAPHEUR,
        by=folder.sent_by,
        at=at,
        site=site,
    )


def _accept(
    document: IssuedDocument,
    content: bytes,
    *,
    place: str,
    field: str,
    faults: Callable[[reading.Place], Iterable[Finding]],
    account: User | None,
    manner: Deposit.Manner,
    by: User,
    at: datetime,
    site: str,
) -> SignatureStep | Deposit:
    """A file that was signed out of sight, with the signature of `account` in this field."""

    def awaited() -> reading.Place:
        wanted = _wanted(document, place, at=at)
        if wanted.step is None:
            findings.refuse((*faults(wanted), *faults_of_author(document, at=at)))
        return wanted

    if (given := awaited().step) is not None:
        return given
    before, digest = reading.sound_file(document)
    report = _new_signature(before, content, field)
    with _signing(document) as signing_now:
        wanted = awaited()
        if wanted.step is not None:
            return wanted.step
        _refuse_moved_on(document, digest)
        key = keys.bound(report.fingerprint)
        findings.refuse(_faults_of_certificate(report, key, wanted, account, at=at))
        if key is None:
            return signing_now.deposit(
                content, "pdf", wanted, manner=manner, report=report, by=by, at=at, site=site
            )
        return signing_now.add_own(content, report, wanted, manner=manner, key=key, by=by, at=at)


def deposit_handwritten(
    document: IssuedDocument,
    *,
    place: str,
    scan: ContentFile,
    by: User,
    at: datetime,
    site: str = "",
) -> SignatureStep | Deposit:
    """Keep the scan of the sheet that somebody signed by hand; it counts once a second person has
    looked at it, and the signer is told by mail. The file that is signed does not change. Raises
    `Refused`."""
    with _signing(document) as signing_now:
        wanted = _wanted(document, place, at=at)
        if wanted.step is not None:
            return wanted.step
        content, suffix = scan.read(), str(scan.name).rpartition(".")[2]
        findings.refuse(
            (
                *_already_deposited(document, place),
                *_elsewhere(document),
                *_of_another(document, content),
            )
        )
        return signing_now.deposit(
            content, suffix, wanted, manner=Deposit.Manner.HAND, by=by, at=at, site=site
        )


def confirm(deposit: Deposit, *, by: User, at: datetime, site: str = "") -> SignatureStep:
    """Say that this deposit is the signature of who is expected: it counts from now on, and he is
    told by mail.

    Whoever deposited it never says so himself, nor by an account that he opened or that opened
    his. Raises `Refused` for him, for a deposit that was set aside, and when it no longer follows
    the file, which is read before anybody is kept waiting.
    """

    def awaited() -> tuple[Deposit, reading.Place]:
        row = _deposit_now(deposit)
        wanted = _wanted(row.document, row.place, at=row.deposited_at)
        if wanted.step is None or wanted.step.deposit_id != row.pk:
            findings.refuse((*_faults_of_deposit(row, wanted), *faults_of_second(row, by)))
        return row, wanted

    row, wanted = awaited()
    if wanted.step is not None:
        return wanted.step
    content = files.content(row.file, row.sha256)
    before, digest = reading.current_file(row.document)
    report = None if row.is_by_hand else _new_signature(before, content, row.field)
    with _signing(deposit.document) as signing_now:
        row, wanted = awaited()
        if wanted.step is not None:
            return wanted.step
        row.settle(is_accepted=True, settled_by=by, settled_at=at)
        letters.tell(row, label=wanted.label, by=by, at=at, site=site)
        if report is None:
            return signing_now.add_scan(content, row, wanted, by=by, at=at)
        _refuse_moved_on(row.document, digest)
        key = keys.bound(report.fingerprint)
        account = row.deposited_by
        if row.manner == Deposit.Manner.PARAPHEUR:
            account = row.person.user if row.person is not None else None
        findings.refuse(_faults_of_certificate(report, key, wanted, account, at=row.deposited_at))
        return signing_now.add_own(
            content, report, wanted, manner=row.manner, key=key, deposit=row, by=by, at=at
        )


def set_aside(deposit: Deposit, *, reason: str, by: User, at: datetime) -> Deposit:
    """Say that this deposit does not count, and why; whoever deposited it may as well. Raises
    `Refused` without a reason, or once it counts."""
    with _signing(deposit.document):
        deposit = _deposit_now(deposit)
        if deposit.is_accepted:
            raise findings.Refused([_SETTLED])
        if not reason.strip() or "\0" in reason:  # which no base keeps
            raise findings.Refused([_NO_REASON])
        if deposit.settled_at is None:
            deposit.settle(
                is_accepted=False, settled_by=by, settled_at=at, settled_reason=reason.strip()
            )
            told = (
                f"dépôt écarté ({deposit.settled_reason})\u00a0: {deposit.person or deposit.place}"
            )
            _tell(told, deposit.document, by=by)
        return deposit


def decline(
    document: IssuedDocument, *, place: str, reason: str, by: User, at: datetime, site: str = ""
) -> Decline:
    """Say that one does not sign this document, and why: nobody is held to sign what is not true.
    It waits for her no more, and the secretariat is told by mail. Raises `Refused` without a
    reason, for somebody else, and for what she could not sign either."""
    with _signing(document):
        wanted = _wanted(document, place, at=at)
        standing = document.declines.filter(place=place, ended_at=None).first()
        if standing is not None and standing.reason == reason.strip():
            return standing
        faults = [
            *([_DECLINED] if standing else ()),
            *([_SIGNED] if wanted.step else ()),
            *_faults_of_signer(wanted, by),
            *_elsewhere(document),
            *_already_deposited(document, place),
        ]
        if not reason.strip() or "\0" in reason:  # which no base keeps
            faults.append(_NO_REASON)
        findings.refuse(faults)
        made = Decline(
            document=document,
            place=place,
            person=wanted.person,
            reason=reason.strip(),
            declined_by=by,
            declined_at=at,
        )
        made.save()
        letters.tell_declined(made, by=by, at=at, site=site)
        _tell(f"ne signe pas\u00a0: {made.person} ({made.reason})", document, by=by)
    return made


def end_decline(decline: Decline, *, by: User, at: datetime, site: str = "") -> Decline:
    """Have the document wait for her again: she takes it back, or somebody asks her again, which a
    mail tells her. Called again, changes nothing."""
    with _signing(decline.document):
        row = Decline.objects.select_related("document", "person__user").get(pk=decline.pk)
        if row.ended_at is None:
            row.settle(ended_at=at, ended_by=by)
            is_hers = row.person.user_id == by.pk
            if not is_hers:
                letters.tell_asked_again(row, by=by, at=at, site=site)
            told = "refus de signer repris" if is_hers else "signature redemandée"
            _tell(f"{told}\u00a0: {row.person}", row.document, by=by)
    return row


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
        if step.place:
            self._end_others(step, by=by, at=at)
        key = f", clé {step.key.fingerprint}" if step.key else ""
        first = f", déposée par {step.deposit.deposited_by.email}" if step.deposit else ""
        _tell(f"{step}, {step.get_manner_display()}{key}{first}", self.document, by=by)
        return step

    def _end_others(self, step: SignatureStep, *, by: User | None, at: datetime) -> None:
        """A place is signed once: what else was handed in for it, or said of it, is of no use."""
        for other in self.document.deposits.filter(place=step.place, settled_at=None):
            said = "Signée autrement entre-temps."
            other.settle(is_accepted=False, settled_by=by, settled_at=at, settled_reason=said)
        self._end_declines(step.place, by=by, at=at)

    def _end_declines(self, place: str, *, by: User | None, at: datetime) -> None:
        for declined in self.document.declines.filter(place=place, ended_at=None):
            declined.settle(ended_at=at, ended_by=by)

    def add_own(
        self,
        content: bytes,
        report: pades.Report,
        wanted: reading.Place,
        *,
        manner: str,
        key: SigningKey | None,
        by: User,
        at: datetime,
        deposit: Deposit | None = None,
    ) -> SignatureStep:
        """A file that the signer signed out of sight, with a key that is his or a certificate that
        a second person recognised."""
        return self.add(
            role=wanted.role,
            manner=SignatureStep.Manner(manner),
            content=content,
            place=wanted.name,
            person=wanted.person,
            signer=report.signer or str(wanted.person),
            certificate=_certificate(report),
            key=key,
            deposit=deposit,
            level=pades.Level.STAMPED if report.is_hour_proved else pades.Level.BASIC,
            is_development=report.judgement is pades.Judgement.DEVELOPMENT,
            by=by,
            at=at,
        )

    def add_scan(
        self, scan: bytes, deposit: Deposit, wanted: reading.Place, *, by: User, at: datetime
    ) -> SignatureStep:
        """A sheet signed by hand, beside the file, which does not change."""
        content, _ = reading.current_file(self.document)
        return self.add(
            role=wanted.role,
            manner=SignatureStep.Manner.HAND,
            content=content,
            place=wanted.name,
            person=wanted.person,
            signer=str(wanted.person or ""),
            scan=ContentFile(scan, str(deposit.file.name).rpartition("/")[2]),
            deposit=deposit,
            by=by,
            at=at,
        )

    def deposit(
        self,
        content: bytes,
        suffix: str,
        wanted: reading.Place,
        *,
        manner: Deposit.Manner,
        by: User,
        at: datetime,
        site: str,
        report: pades.Report | None = None,
    ) -> Deposit:
        """Keep what was handed in until a second person looks at it; tell who signs there. She said
        before that she does not sign? She did since."""
        made = Deposit(
            document=self.document,
            place=wanted.name,
            person=wanted.person,
            manner=manner,
            file=ContentFile(content, f"feuille-{uuid4().hex}.{suffix}"),
            sha256=hashlib.sha256(content).hexdigest(),
            certificate=_certificate(report) if report else {},
            deposited_by=by,
            deposited_at=at,
        )
        made.save()
        self._end_declines(wanted.name, by=by, at=at)
        told = letters.tell(made, label=wanted.label, by=by, at=at, site=site)
        whom = letters.told(told)
        what = f"{wanted.label}, {made.get_manner_display()}"
        _tell(f"déposée, à confirmer\u00a0: {what} ({whom})", self.document, by=by)
        return made

    def sign(
        self,
        content: bytes,
        *,
        place: str,
        role: str,
        key: SigningKey,
        by: User | None,
        at: datetime,
    ) -> SignatureStep:
        """Sign on the server; the first signature of all certifies the document."""
        clock, trust = keys.clock(), keys.trust()
        signed = pades.sign(
            content,
            place,
            keys.identity(key),
            certify=not pades.signed(content),
            reason=_reason(self.document, SignatureStep.Role(role)),
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
            person=key.person,
            signer=report.signer,
            certificate=_certificate(report),
            key=key,
            level=pades.level_with(clock, trust),
            is_development=report.judgement is pades.Judgement.DEVELOPMENT,
            by=by,
            at=at,
        )


@contextmanager
def _signing(document: IssuedDocument) -> Iterator[_Signing]:
    """Sign under the lock of the sitting; what fails leaves no file behind."""
    now = _Signing(document, [])
    with files.all_or_nothing():
        ledger.lock(document.meeting)
        now.steps = list(document.signatures.order_by("order"))
        _sweep(document, now.steps)
        yield now


def _sweep(document: IssuedDocument, steps: Iterable[SignatureStep]) -> None:
    """Remove the signed files that a server left when it died before their rows were written.

    Under the lock of the sitting nobody else is writing one.
    """
    known = {file.name for step in steps for file in (step.file, step.scan)}
    there = files.place().walk(signature_folder(document.pk))
    files.forget([each.name for each in there if each.name not in known])


def _tell(done: str, document: IssuedDocument, *, by: User | None) -> None:
    """In the transaction of the act."""
    meeting = document.meeting
    note(Act.SIGNATURE, f"{done}, {document}, {meeting}", by=by, organisation=meeting.organisation)


def _certificate(report: pades.Report) -> dict[str, str]:
    """Whose certificate it was, as the step keeps it."""
    return {
        "subject": report.signer,
        "issuer": report.issuer,
        "serial": report.serial,
        "sha256": report.fingerprint,
        "field": report.field,
    }


def refuse_unsignable(document: IssuedDocument) -> None:
    """That a version was superseded, is not adopted, or prints other signers than the ledger tells
    today. Raises `Refused`."""
    objections = []
    if not document.is_current:
        objections.append(
            Finding(
                code="version_remplacee",
                message="Cette version a été remplacée : elle ne se signe plus.",
                remedy="Signez la version en vigueur.",
            )
        )
    findings.refuse(filter(None, [*objections, _unadopted(document), reading.unsignable(document)]))


def _unadopted(document: IssuedDocument) -> Finding | None:
    """That minutes are not adopted, or are no more."""
    if document.kind != IssuedDocument.Kind.MINUTES or adoption_of(document) is not None:
        return None
    is_annulled = hasattr(document, "adoption")
    return Finding(
        code="pv_non_arrete",
        message="Le vote qui arrêtait ce procès-verbal a été annulé : il ne se signe plus."
        if is_annulled
        else "Ce procès-verbal n’est pas encore arrêté : il se signe ensuite.",
        article=article_of(document.meeting.regime, "minutes_mentions_required"),
        remedy="Notez le vote de la séance qui l’arrête, s’il a été repris."
        if is_annulled
        else "Constatez son adoption par la séance suivante.",
    )


def _wanted(document: IssuedDocument, place: str, *, at: datetime) -> reading.Place:
    """The place to sign, whose signer is still in office and still who the document prints; of
    minutes, while they are adopted. Raises `Refused`."""
    if not document.signatures.exists():
        raise findings.refusal(
            "signature_non_preparee",
            "Les places de signature ne sont pas encore préparées.",
            remedy="Préparez d’abord le document à la signature.",
        )
    wanted = next((each for each in reading.places(document) if each.name == place), None)
    if wanted is None:
        raise findings.refusal("place_inconnue", "Ce document n’attend pas cette signature.")
    if not wanted.is_signed:
        changed = (
            _unadopted(document),
            reading.unsignable(document),
            reading.reassigned(document, place),
        )
        findings.refuse(filter(None, changed))
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


def _refuse_moved_on(document: IssuedDocument, digest: str) -> None:
    """Raises `Refused` when another file than that one is signed next by now."""
    if reading.current_file(document)[1] != digest:
        raise findings.Refused([_MOVED_ON])


def _faults_of_signer(wanted: reading.Place, by: User) -> Iterator[Finding]:
    """Nobody signs for somebody else."""
    if wanted.person is None or wanted.person.user_id != by.pk:
        yield Finding(
            code="autre_signataire",
            message=f"Cette place est celle d’une autre personne ({wanted.label}).",
            remedy="Le signataire se connecte avec son compte, ou signe à la main.",
        )


def faults_of_author(document: IssuedDocument, *, at: datetime) -> Iterator[Finding]:
    """Why its author does not sign it electronically: a sheet signed by hand bears its own day,
    which whoever confirms it reads."""
    found = alone.unsignable(document, on=timezone.localdate(at))
    if found is not None:
        yield found


# Why each signs, as the readers of the file show it.
_REASONS = {
    SignatureStep.Role.SEAL: "Cachet de la collectivité",
    SignatureStep.Role.PRESIDENT: "Présidence de la séance",
    SignatureStep.Role.CLERK: "Secrétariat de la séance",
}


def _reason(document: IssuedDocument, role: SignatureStep.Role) -> str:
    """Why this place signs; nobody presides what somebody decides alone."""
    if role is SignatureStep.Role.PRESIDENT and document.meeting.is_alone:
        return "Auteur de l’acte"
    return _REASONS[role]


_MOVED_ON = Finding(
    code="fichier_change",
    message="Le document a reçu une signature depuis que vous l’avez ouvert.",
    remedy="Rechargez la page : son empreinte est nouvelle.",
)
_NO_KEY = Finding(
    code="sans_cle",
    message="Le serveur ne tient pas de clé de signature qui vous soit rattachée.",
    remedy="Signez sur votre poste avec votre certificat, ou à la main.",
)
_NO_REASON = Finding(code="sans_motif", message="Dites pourquoi, en une phrase.", field="reason")
_SIGNED = Finding(code="deja_signee", message="Cette place est déjà signée.")
_DECLINED = Finding(
    code="deja_refusee",
    message="Un refus de signer est déjà dit à cette place, pour une autre raison.",
    remedy="Pour en dire une autre, reprenez-le d’abord.",
)
_SETTLED = Finding(
    code="deja_reconnue", message="Cette signature a été reconnue\u00a0: elle ne se retire pas."
)


def _being_looked_at(document: IssuedDocument, *, but: Folder | None = None) -> Iterator[Finding]:
    """Nobody signs while a signed file waits, or is to come back from elsewhere than this folder:
    one of both would have to be made again."""
    yield from _elsewhere(document, but=but)
    for waiting in document.deposits.filter(settled_at=None).exclude(manner=Deposit.Manner.HAND):
        yield Finding(
            code="depot_en_attente",
            message=f"La signature déposée par {waiting.person} n’est pas encore confirmée\u00a0: "
            "la suivante doit s’ajouter à la sienne.",
            remedy="Le secrétariat la confirme ou l’écarte d’abord.",
        )


def _elsewhere(document: IssuedDocument, *, but: Folder | None = None) -> Iterator[Finding]:
    others = document.folders.under_way()
    for folder in others.exclude(pk=but.pk) if but else others:
        since = french.long_date(timezone.localdate(folder.sent_at))
        yield Finding(
            code="au_parapheur",
            message=f"Ce document est confié au parapheur ({folder.service}) depuis le {since}. "
            "La signature suivante s’ajoute à celles qui en reviendront.",
            remedy="Attendez qu’il revienne, ou retirez-le du parapheur.",
        )


def _already_deposited(document: IssuedDocument, place: str) -> Iterator[Finding]:
    if document.deposits.filter(place=place, settled_at=None).exists():
        yield Finding(
            code="deja_deposee",
            message="Une signature est déjà déposée à cette place, et attend d’être confirmée.",
            remedy="Confirmez-la, ou écartez-la.",
            field="scan",
        )


# Where one of our papers says which document it is of: no scanner writes that.
_CODE = re.compile(rb"<dc:identifier>[^<]*/v/(\w+)/</dc:identifier>")


def _of_another(document: IssuedDocument, content: bytes) -> Iterator[Finding]:
    """Whether this scan is that of another document, or our own file that nobody has signed: what
    can be known of it without looking."""
    same = Deposit.objects.filter(
        sha256=hashlib.sha256(content).hexdigest(), manner=Deposit.Manner.HAND
    )
    other = same.exclude(document=document).exclude(is_accepted=False).first()
    if other is not None:
        yield _not_its_sheet(other.document)
    elif found := _CODE.search(content):
        code = found[1].decode()
        named = IssuedDocument.objects.filter(code=code).first()
        if code != document.code:
            yield _not_its_sheet(named)
        elif content.count(b"%%EOF") == 1:  # who writes on a PDF adds to its end
            yield Finding(
                code="feuille_vierge",
                message="C’est la feuille que l’application imprime, où personne n’a signé.",
                remedy="Faites-la signer, puis déposez-la numérisée.",
                field="scan",
            )


def _not_its_sheet(other: IssuedDocument | None) -> Finding:
    of = f"celle d’un autre document ({other.heading})" if other else "celle d’un autre document"
    return Finding(
        code="feuille_d_un_autre",
        message=f"Cette feuille est {of}.",
        remedy="Choisissez la feuille de celui-ci.",
        field="scan",
    )


def _deposit_now(deposit: Deposit) -> Deposit:
    """The deposit as the database has it, under the lock of its sitting."""
    return Deposit.objects.select_related("document", "person__user", "deposited_by").get(
        pk=deposit.pk
    )


def _faults_of_deposit(deposit: Deposit, wanted: reading.Place) -> Iterator[Finding]:
    if wanted.step is not None:
        yield _SIGNED
    elif deposit.settled_at is not None:
        yield Finding(
            code="depot_ecarte",
            message=f"Ce dépôt a été écarté\u00a0: {deposit.settled_reason}",
            remedy="Déposez la signature de nouveau.",
        )


def has_second(document: IssuedDocument, by: User) -> bool:
    """Whether an account of the secretariat or of the administration might recognise the sheet that
    this one deposits; the signer, who may too, is not asked here."""
    kinds = (Role.Kind.SECRETARIAT, Role.Kind.ADMINISTRATION)
    held = Role.objects.filter(organisation=document.meeting.organisation, kind__in=kinds)
    may = Q(pk__in=held.values("user")) | Q(is_superuser=True)
    others = User.objects.filter(may, is_active=True).exclude(pk=by.pk)
    return any(deciding.stand_apart(each, by) for each in others)


def faults_of_second(deposit: Deposit, by: User) -> Iterator[Finding]:
    """Why this account is not the second person who recognises this deposit."""
    return seconds.faults(
        by,
        deposit.deposited_by,
        did="déposé cette signature",
        remedy="Un compte du secrétariat ou de l’administration tenu par quelqu’un d’autre la "
        "confirme ou, pour une feuille signée à la main, le signataire lui-même.",
    )


def _faults_of_certificate(
    report: pades.Report,
    key: SigningKey | None,
    wanted: reading.Place,
    account: User | None,
    *,
    at: datetime,
) -> Iterator[Finding]:
    """A certificate is this signer’s by an act that binds it to his account, or at least by the
    name it bears."""
    person = wanted.person
    if key is None:
        certificate = certificates.from_der(report.certificate)
        if person is None or not certificate.is_of(person):
            yield Finding(
                code="autre_nom",
                message=f"Ce certificat est au nom de «\u00a0{certificate.name}\u00a0»\u00a0; "
                f"la signature attendue est celle {french.contract('de', str(person))}.",
                remedy="Si ce certificat est bien le vôtre, demandez à l’administration de vous "
                "le rattacher (page «\u00a0Mes clés\u00a0»).",
                field="file",
            )
    elif person is None or (key.person_id, key.organisation_id) != (
        person.pk,
        person.organisation_id,
    ):
        yield Finding(
            code="cle_d_un_autre",
            message="Ce certificat n’est pas le vôtre\u00a0: il est rattaché à un autre titulaire.",
            remedy="Signez avec votre propre certificat.",
            field="file",
        )
    elif key.revoked_from is not None and key.is_revoked(timezone.localdate(at)):
        since = french.long_date(key.revoked_from)
        yield Finding(
            code="cle_revoquee",
            message=f"Ce certificat est révoqué ici depuis le {since}.",
            remedy="Signez avec une clé qui vaut encore, ou à la main.",
            field="file",
        )
    elif account is None or key.account_id != account.pk:
        yield Finding(
            code="compte_change",
            message="Votre compte n’est plus celui auquel ce certificat a été rattaché.",
            remedy="L’administration le révoque et le rattache de nouveau.",
            field="file",
        )
    elif keys.is_suspended(key):
        yield Finding(
            code="compte_repris", message=keys.SUSPENDED, remedy=keys.REBIND, field="file"
        )


def _new_signature(before: bytes, content: bytes, field: str) -> pades.Report:
    """What the one signature added to these bytes, in this field, is worth. Raises `Refused`."""
    if not content.startswith(before):
        raise findings.refusal(
            "autre_fichier",
            "Ce fichier n’est pas celui qui vous a été remis, signé : ses premiers "
            "octets diffèrent.",
            remedy="Signez le fichier téléchargé sans l’imprimer ni l’enregistrer sous une "
            "autre forme.",
            field="file",
        )
    findings.refuse(keys.faults_of_roots())
    known = pades.signed(before)
    reports = strangers.read(content, keys.trust(), since=before)
    new = [each for each in reports if each.field not in known]
    if [each.field for each in new] != [field]:
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
    if report.locks_out:
        raise findings.refusal(
            "signature_qui_ferme",
            "Cette signature interdit à d’autres de signer après elle, et d’autres doivent encore "
            "le faire.",
            remedy="Signez de nouveau sans «\u00a0verrouiller le document\u00a0» ni le certifier.",
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
