"""A document that is signed elsewhere: in a parapheur, which gives back a file.

What is sent are the very bytes that are signed next. What comes back is kept before it is looked
at; then it is cut where each signature ends, and each is taken by the way of those that are handed
in (`actions.accept_brought`): with a key that is bound to its signer it counts, with a certificate
of his name a second person is asked. What cannot be taken so is never taken: the reason is kept,
and the document waits as before. See docs/decisions/0034-le-parapheur.md.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.core.files.base import ContentFile

from documents.models import IssuedDocument
from law import findings, french
from law.findings import Finding, Refused
from meetings.actions import ledger
from members import files
from members.models import User
from registry.models import Deposit, Folder
from registry.signatures import actions, certificates, keys, pades, reading, strangers
from trail.models import Act
from trail.recording import note

_State = Folder.State


def send(document: IssuedDocument, *, service: str, by: User, at: datetime) -> Folder:
    """Have this document signed in the parapheur of this name, by all whom it waits for.

    From now on nobody signs it in another way. Raises `Refused` for what is not to be signed as it
    is, is not prepared, waits for nobody who is known, or waits for a second person.
    """
    with _held(document):
        actions.refuse_unsignable(document)
        findings.refuse(actions.faults_of_author(document, at=at))
        _, digest = reading.sound_file(document)
        places = [each.name for each in reading.missing(document) if each.person is not None]
        findings.refuse((*_objections(document, places), *_declined(document)))
        folder = Folder(
            document=document,
            service=service,
            reference=f"{document.pk}-{uuid4().hex[:16]}",
            places=places,
            sha256=digest,
            sent_by=by,
            sent_at=at,
        )
        folder.save()
        _tell(f"confié au parapheur ({service})", folder, by=by)
    return folder


def _declined(document: IssuedDocument) -> Iterator[Finding]:
    for each in document.declines.filter(ended_at=None).select_related("person"):
        yield Finding(
            code="ne_signe_pas",
            message=f"{each.person} ne signe pas ce document\u00a0: {each.reason}",
            remedy="Établissez une version corrigée, ou redemandez-lui sa signature.",
        )


def _objections(document: IssuedDocument, places: list[str]) -> Iterator[Finding]:
    if not document.signatures.exists():
        yield Finding(
            code="signature_non_preparee",
            message="Les places de signature ne sont pas encore préparées.",
            remedy="Préparez d’abord le document à la signature.",
        )
    elif not places:
        yield Finding(
            code="rien_a_signer", message="Ce document n’attend la signature de personne de connu."
        )
    if document.folders.under_way().exists():
        yield Finding(
            code="deja_au_parapheur",
            message="Ce document est déjà confié au parapheur.",
            remedy="Suivez-le, ou retirez-le d’abord.",
        )
    if document.deposits.filter(settled_at=None).exists():
        yield Finding(
            code="depot_en_attente",
            message="Une signature déposée n’est pas encore confirmée.",
            remedy="Confirmez-la, ou écartez-la, avant d’envoyer le document ailleurs.",
        )


def withdraw(folder: Folder, *, reason: str, by: User | None, at: datetime) -> None:
    """Nothing that comes back of it is taken any more: the document is signed in another way, or by
    a new folder. Raises `Refused` once it came back."""
    with _held(folder.document, folder):
        if folder.state not in (_State.TO_SEND, _State.AWAY):
            raise findings.refusal(
                "deja_revenu",
                f"Ce dossier n’est plus au parapheur\u00a0: {folder.get_state_display()}.",
                remedy="Rechargez la page.",
            )
        _settle(folder, _State.WITHDRAWN, reason, by=by, at=at)


# --- On its way -------------------------------------------------------------------------------


def begins(folder: Folder) -> bool:
    """Whether it may leave: nobody withdrew it, and what is signed next is still what was sent."""
    folder.refresh_from_db(fields=Folder.LATER)
    is_same = reading.current_file(folder.document)[1] == folder.sha256
    return folder.state == _State.TO_SEND and folder.document.is_current and is_same


def name(folder: Folder, remote: str) -> None:
    """The parapheur has it, under this name. Told again, it says the same."""
    with _held(folder.document, folder):
        if folder.remote_id != remote:
            folder.settle(remote_id=remote)


def left(folder: Folder, *, at: datetime) -> None:
    """It goes round there."""
    with _held(folder.document, folder):
        if folder.state == _State.TO_SEND:
            folder.settle(state=_State.AWAY, left_at=at)
            _tell(f"parti au parapheur sous le numéro {folder.remote_id}", folder, by=None)


def refuse(folder: Folder, words: str, *, at: datetime) -> None:
    """Somebody there does not sign, or the parapheur does not take it: in these words."""
    with _held(folder.document, folder):
        if folder.state in (_State.TO_SEND, _State.AWAY):
            _settle(folder, _State.REFUSED, words or "Sans motif.", by=None, at=at)


def bring_back(folder: Folder, content: bytes, *, at: datetime) -> None:
    """Keep what the parapheur gave back, whatever it is."""
    with files.all_or_nothing(), _held(folder.document, folder):
        if folder.state == _State.AWAY:
            digest = hashlib.sha256(content).hexdigest()
            kept = ContentFile(content, f"{folder.reference}-{digest[:12]}.pdf")
            folder.settle(state=_State.BACK, file=kept, file_sha256=digest, back_at=at)
            _tell("revenu du parapheur", folder, by=None)


# --- Taken back -------------------------------------------------------------------------------


def take(folder: Folder, *, at: datetime, site: str = "") -> bool:
    """Take the signatures of what came back, in their order; whether nothing is left to be done of
    it. Until a second person has looked at one, those that follow wait."""
    folder.refresh_from_db(fields=Folder.LATER)
    document = folder.document
    if folder.state != _State.BACK:
        return True
    try:
        while True:
            if document.deposits.filter(settled_at=None).exists():
                return False
            new = _next(folder)
            if new is None:
                break
            actions.accept_brought(
                folder, place=new.place, field=new.field, content=new.content, at=at, site=site
            )
    except Refused as refused:
        with _held(document, folder):
            said = " ".join(each.message for each in refused.findings)
            _settle(folder, _State.UNFIT, said, by=None, at=at)
        return True
    with _held(document, folder):
        _settle(folder, _State.TAKEN, "", by=None, at=at)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _New:
    """One more signature: at which place, in which field, and the file that ends with it."""

    place: str
    field: str
    content: bytes


def _next(folder: Folder) -> _New | None:
    """The first signature of what came back that is not taken yet; `None` when all are. Raises
    `Refused` for what is not what was sent, signed by who is expected."""
    document = folder.document
    if not document.is_current:
        raise findings.refusal(
            "version_remplacee",
            "Une version nouvelle du document l’a remplacé pendant qu’il était au parapheur.",
        )
    content = files.content(folder.file, folder.file_sha256)
    before, _ = reading.sound_file(document)
    if content == before and folder.file_sha256 != folder.sha256:
        return None
    if not content.startswith(before):
        raise findings.refusal(
            "autre_fichier",
            "Le fichier revenu du parapheur n’est pas celui qui y est parti, signé\u00a0: ses "
            "premiers octets diffèrent.",
        )
    findings.refuse(keys.faults_of_roots())
    known = pades.signed(before)
    reports = strangers.read(content, keys.trust(), since=before)
    new = [each for each in reports if each.field not in known]
    if not new:
        raise findings.refusal("sans_signature", "Le fichier est revenu sans signature.")
    if not new[-1].covers_all:  # of what goes on after them, not even the first is taken
        raise findings.refusal(
            "ajout_apres_signature",
            "Quelque chose a été ajouté au fichier après sa dernière signature.",
        )
    first, is_last = new[0], len(new) == 1
    cut = content if is_last else content[: first.ends_at]
    place = _place_of(folder, first, waiting=pades.unsigned(before))
    _refuse_set_aside(document, cut)
    return _New(place=place, field=first.field, content=cut)


def _place_of(folder: Folder, report: pades.Report, *, waiting: Iterable[str]) -> str:
    """At which of the places that were sent this signature is: that of its field or, in a field
    that the parapheur made, that of the person whose key or whose name it bears."""
    missing = [each for each in reading.missing(folder.document) if each.name in folder.places]
    if report.field in waiting:
        if any(each.name == report.field for each in missing):
            return report.field
    else:
        key = keys.bound(report.fingerprint)
        for place in missing:
            if place.person is None:
                continue
            if key is not None and key.person_id == place.person.pk:
                return place.name
            if key is None and certificates.from_der(report.certificate).is_of(place.person):
                return place.name
    expected = french.join([place.label for place in missing]) or "personne"
    raise findings.refusal(
        "autre_signataire",
        f"Le fichier revenu est signé par «\u00a0{report.signer}\u00a0», que ce document "
        f"n’attend pas. Attendu\u00a0: {expected}.",
    )


def _refuse_set_aside(document: IssuedDocument, content: bytes) -> None:
    """What a second person did not recognise is not handed in again."""
    digest = hashlib.sha256(content).hexdigest()
    aside = document.deposits.filter(sha256=digest, is_accepted=False)
    if found := aside.filter(manner=Deposit.Manner.PARAPHEUR).first():
        raise findings.refusal("depot_ecarte", f"Signature écartée\u00a0: {found.settled_reason}")


# --- One folder -------------------------------------------------------------------------------


@contextmanager
def _held(document: IssuedDocument, folder: Folder | None = None) -> Iterator[None]:
    """Under the lock of the sitting, while something is written of it."""
    with files.all_or_nothing():
        ledger.lock(document.meeting)
        if folder is not None:
            folder.refresh_from_db(fields=Folder.LATER)
        yield


def _settle(folder: Folder, state: str, reason: str, *, by: User | None, at: datetime) -> None:
    words = french.nbsp(" ".join(reason.split()))[:1000]
    folder.settle(state=state, reason=words, settled_by=by, settled_at=at)
    said = _State(state).label
    _tell(f"dossier de parapheur {said}{f' ({words[:200]})' if words else ''}", folder, by=by)


def _tell(done: str, folder: Folder, *, by: User | None) -> None:
    meeting = folder.document.meeting
    told = f"{done}, {folder.document}, {meeting}"
    note(Act.SIGNATURE, told, by=by, organisation=meeting.organisation)
