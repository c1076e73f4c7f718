"""A sitting in one ZIP: what delegates keep, or the whole file with its proofs.

`manifest.json` names each entry with its SHA-256, so that the verification page can say of a
ZIP, years later and on any machine, whether something in it was touched.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from django.db.models.fields.files import FieldFile

from law import codec
from law.findings import Refused, refusal
from meetings import sitting_file
from meetings.models import Attachment, Meeting
from members import archives
from registry.signatures import reading as signatures

MANIFEST = "manifest.json"
LEDGER = "registre.json"
FORMAT = "somme_gov/seance/1"
# Scans and PDF files hardly shrink: a ZIP that unpacks to twelve times its size holds no sitting.
BUDGET = archives.Budget(files=5_000, unpacked=1 << 30, ratio=12, free=24 << 20)
MOST_PARSED = 2 << 20  # bytes of a manifest or a ledger

Entry = tuple[str, Callable[[], bytes]]


def of_delegate(meeting: Meeting, *, at: datetime) -> bytes:
    """What whoever reads this sitting may keep: its papers, signed when they are, and the files
    joined to its items."""
    return _packed(meeting, [*_papers(meeting), *_attachments(meeting)], at=at)


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


def _stored(file: FieldFile) -> Callable[[], bytes]:
    def read() -> bytes:
        with file.open("rb") as opened:
            return opened.read()

    return read


def _papers(meeting: Meeting) -> Iterator[Entry]:
    """Each version that was issued, and the last file of each that was prepared to be signed,
    named after who did sign it."""
    issued = meeting.documents.order_by("kind", "subject", "version")
    for document in issued.prefetch_related("signatures"):
        yield f"documents/{document.file_name}", _stored(document.pdf)
        steps = sorted(document.signatures.all(), key=lambda step: step.order)
        name = document.file_name.removesuffix(".pdf")
        if steps:
            yield f"documents/{signatures.signed_name(document)}", _stored(steps[-1].file)
        for step in steps:
            if step.scan:
                suffix = step.scan.name.rpartition(".")[2]
                yield f"documents/feuille-{step.place}-{name}.{suffix}", _stored(step.scan)


def _attachments(meeting: Meeting) -> Iterator[Entry]:
    keys = [node.item.key for node in meeting.agenda.nodes]  # as much as its reader is given
    found = Attachment.objects.filter(item__meeting=meeting, item__key__in=keys)
    for attachment in found.order_by("pk"):
        yield f"pieces/{attachment.pk}-{attachment.filename}", _stored(attachment.file)


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
        yield f"{folder}/dossier.pdf", _stored(convocation.dossier)
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


# --- Reading one again ------------------------------------------------------------------------


def is_bundle(file: IO[bytes]) -> bool:
    """Whether a file is a ZIP at all, by its first bytes."""
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    return head == b"PK\x03\x04"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a ZIP says of itself: whose sitting, of which day, and each file with its SHA-256."""

    organisation: str
    body: str
    held_on: date
    sha256: Mapping[str, str]

    @classmethod
    def of(cls, content: bytes) -> "Manifest":
        """Raises `ValueError`, `KeyError` or `TypeError` when it does not say that."""
        told = json.loads(content)
        if told["format"] != FORMAT:
            raise _refused("Ce ZIP a été fait par une autre version.")
        hashes = told["sha256"]
        if not all(isinstance(each, str) for pair in hashes.items() for each in pair):
            raise TypeError
        return cls(
            organisation=_words(told["organisation"]),
            body=_words(told["instance"]),
            held_on=date.fromisoformat(told["seance"]),
            sha256=hashes,
        )


def _words(text: str) -> str:
    if len(text) > 300 or not text.isprintable():
        raise ValueError
    return text


class Entries(Mapping[str, bytes]):
    """The files of a ZIP, each unpacked when it is asked for, and never two at once."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = [name for name in archive.namelist() if name != MANIFEST]

    def __getitem__(self, name: str) -> bytes:
        return self.archive.read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@contextmanager
def opened(content: IO[bytes] | bytes) -> Iterator[tuple[Manifest, Entries]]:
    """The manifest and the files of a ZIP made here, each as its hash says, for a block.

    Raises `Refused` for a ZIP that is not one of ours, holds more than a sitting, or was touched:
    then every file that differs is named.
    """
    try:
        with archives.opened(content, BUDGET) as archive:
            manifest = Manifest.of(_text(archive, MANIFEST))
            faults = sorted(_touched(archive, manifest))
            if faults:
                raise _refused(
                    "Des fichiers de ce ZIP ne sont plus ceux qui y ont été mis : "
                    f"{', '.join(each.encode(errors='replace').decode() for each in faults[:8])}."
                )
            yield manifest, Entries(archive)
    except archives.Excessive as error:
        raise _refused("Ce ZIP contient plus que ce qu’une séance peut contenir.") from error
    except (archives.Damaged, AttributeError, TypeError) as error:
        raise _refused("Ce ZIP n’a pas été fait ici, ou il est abîmé.") from error


def _text(archive: zipfile.ZipFile, name: str) -> bytes:
    """A file that is parsed whole: text takes twenty times its size once it is read."""
    if archive.getinfo(name).file_size > MOST_PARSED:
        raise archives.Excessive
    return archive.read(name)


def _touched(archive: zipfile.ZipFile, manifest: Manifest) -> Iterator[str]:
    found = set(archive.namelist()) - {MANIFEST}
    yield from manifest.sha256.keys() - found
    for name in found:
        with archive.open(name) as entry:
            digest = hashlib.file_digest(entry, "sha256").hexdigest()
        if digest != manifest.sha256.get(name):
            yield name


def told_ledger(entries: Entries) -> list[dict[str, Any]]:
    """The lines of the ledger that a whole file holds; [] when it holds none."""
    if LEDGER not in entries.names:
        return []
    lines: list[dict[str, Any]] = json.loads(_text(entries.archive, LEDGER))
    return lines


def chain_fault(lines: list[dict[str, Any]]) -> str:
    """Where the chain of a ledger breaks, "" when it holds."""
    previous = ""
    if not isinstance(lines, list) or not all(isinstance(each, dict) for each in lines):
        raise archives.Damaged
    for rank, line in enumerate(lines, 1):
        expected = codec.chain(
            previous,
            line["seq"],
            line["kind"],
            line["payload"],
            line["recorded_at"],
            line["recorded_by"],
        )
        if line["seq"] != rank or line["previous_hash"] != previous or line["sha256"] != expected:
            return f"le registre a été modifié à la ligne {rank}"
        previous = line["sha256"]
    return ""


def _refused(message: str) -> Refused:
    return refusal("zip", message, remedy="Déposez le fichier tel qu’il a été reçu.")
