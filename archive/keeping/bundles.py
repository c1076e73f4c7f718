"""A sitting in one ZIP: what delegates keep, or the whole file with its proofs.

`manifest.json` names each entry with its SHA-256, for whoever unpacks it. It vouches for nothing:
the verification page knows a ZIP by its bytes (`archive.models.Given`).
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models.fields.files import FieldFile

from meetings import sitting_file
from meetings.models import Attachment, Meeting
from members import files
from registry.signatures import reading as signatures

MANIFEST = "manifest.json"
LEDGER = "registre.json"
FORMAT = "somme_gov/seance/1"

Entry = tuple[str, Callable[[], bytes]]


def of_delegate(meeting: Meeting, *, at: datetime) -> bytes:
    """What whoever reads this sitting may keep: its papers, signed when they are, and the files
    joined to its items."""
    return _packed(meeting, [*_papers(meeting, bare=False), *_attachments(meeting)], at=at)


def whole(meeting: Meeting, *, at: datetime) -> bytes:
    """The file of the sitting for its archives: papers, data, ledger, dispatches with their
    proof, files. Nothing of what a delegate answered on the telephone is left out."""
    entries = [
        *_papers(meeting),
        *_attachments(meeting),
        ("seance.json", lambda: sitting_file.dump(sitting_file.export(meeting)).encode()),
        (LEDGER, lambda: _json(ledger(meeting))),
        *_dispatches(meeting),
        ("reponses.json", lambda: _json(_answers(meeting))),
    ]
    return _packed(meeting, entries, at=at)


def _packed(meeting: Meeting, entries: list[Entry], *, at: datetime) -> bytes:
    out = io.BytesIO()
    hashes = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, read in entries:
            content = read()
            hashes[name] = hashlib.sha256(content).hexdigest()
            archive.writestr(name, content)
        archive.writestr(
            MANIFEST,
            _json(
                {
                    "format": FORMAT,
                    "organisation": str(meeting.organisation),
                    "instance": str(meeting.body),
                    "seance": meeting.held_on.isoformat(),
                    "fait_le": at.isoformat(),
                    "sha256": hashes,
                }
            ),
        )
    return out.getvalue()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str).encode()


def _stored(file: FieldFile, sha256: str) -> Callable[[], bytes]:
    return partial(files.content, file, sha256)


def _papers(meeting: Meeting, *, bare: bool = True) -> Iterator[Entry]:
    """Each version that was issued, in its last file, named after who did sign it; also `bare`, as
    it was before anybody signed."""
    issued = meeting.documents.order_by("kind", "subject", "version")
    for document in issued.prefetch_related("signatures__deposit"):
        steps = sorted(document.signatures.all(), key=lambda step: step.order)
        name = document.file_name.removesuffix(".pdf")
        if bare or not steps:
            issued_file = _stored(document.pdf, document.pdf_sha256)
            yield f"documents/{document.file_name}", issued_file
        if steps:
            signed = _stored(steps[-1].file, steps[-1].sha256)
            yield f"documents/{signatures.signed_name(document)}", signed
        for step in steps:
            if step.scan:
                suffix = step.scan.name.rpartition(".")[2]
                sha256 = step.deposit.sha256 if step.deposit else ""
                yield f"documents/feuille-{step.place}-{name}.{suffix}", _stored(step.scan, sha256)


def _attachments(meeting: Meeting) -> Iterator[Entry]:
    keys = [node.item.key for node in meeting.agenda.nodes]  # as much as its reader is given
    found = Attachment.objects.filter(item__meeting=meeting, item__key__in=keys)
    for attachment in found.order_by("pk"):
        content = _stored(attachment.file, attachment.sha256)
        yield f"pieces/{attachment.pk}-{attachment.filename}", content


def ledger(meeting: Meeting) -> list[dict[str, Any]]:
    """Every line of the ledger with what its hash covers: enough to follow the chain anywhere."""
    return [
        {
            "seq": event.seq,
            "kind": event.kind,
            "payload": event.payload,
            "recorded_at": event.recorded_at.isoformat(),
            "recorded_by": str(event.recorded_by_id or ""),
            "previous_hash": event.previous_hash,
            "sha256": event.sha256,
        }
        for event in meeting.events.order_by("seq")
    ]


def _dispatches(meeting: Meeting) -> Iterator[Entry]:
    """Each convocation that left, and who received it by which road with which reply."""
    for convocation in meeting.convocations.exclude(sha256="").order_by("number"):
        folder = f"convocations/{convocation.number}-{convocation.kind}"
        yield f"{folder}/dossier.pdf", _stored(convocation.dossier, convocation.sha256)
        yield f"{folder}/envois.json", _proof(convocation)


def _proof(convocation: Any) -> Callable[[], bytes]:
    def read() -> bytes:
        return _json(
            {
                "nature": convocation.get_kind_display(),
                "lancee_le": convocation.dispatched_at,
                "sha256": convocation.sha256,
                "destinataires": [
                    {
                        "nom": recipient.name,
                        "titre": recipient.capacity,
                        "voie": recipient.get_channel_display(),
                        "adresse": recipient.email or recipient.postal_address,
                        "etat": recipient.get_state_display(),
                        "message": recipient.message_id,
                        "reponse_du_serveur": recipient.reply,
                        "remis_le": recipient.sent_at,
                    }
                    for recipient in convocation.recipients.select_related(
                        "mandate__person"
                    ).order_by("pk")
                ],
            }
        )

    return read


def _answers(meeting: Meeting) -> list[dict[str, Any]]:
    answers = meeting.answers.select_related(
        "mandate__person", "substitute__person", "holder__person"
    )
    return [
        {
            "de": str(answer.mandate.person),
            "reponse": answer.get_word_display(),
            "supplee_par": str(answer.substitute.person) if answer.substitute else "",
            "pouvoir_a": str(answer.holder.person) if answer.holder else "",
            "comment": answer.get_via_display(),
            "le": answer.answered_at,
        }
        for answer in answers.order_by("pk")
    ]
