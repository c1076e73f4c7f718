"""A sitting in one ZIP: what delegates keep, or the whole file with its proofs.

`LISEZMOI.txt` says in French what each entry and each key is (`leaflet`), `suivi.json` what came of
the sitting and of its papers (`outcome`), `manifest.json` names each entry with its SHA-256. None
of them vouches for anything: the verification page knows a ZIP by its bytes
(`archive.models.Given`). Each entry bears the moment since which it is what it is.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models.fields.files import FieldFile
from django.utils import timezone

from archive.keeping import leaflet, outcome
from documents.models import IssuedDocument
from law import french
from meetings import sitting_file
from meetings.models import Attachment, Meeting
from members import files
from registry.signatures import reading as signatures
from transmission.models import Transmission

README, MANIFEST = "LISEZMOI.txt", "manifest.json"
LEDGER, OUTCOME = "registre.json", "suivi.json"
FORMAT = "somme_gov/seance/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file of the ZIP: how its bytes are read, what it is in French, since when; at the moment
    of the ZIP itself when that is when it was written. `source` is the row that it is of, `item`
    the key of the item when it tells of one."""

    name: str
    read: Callable[[], bytes]
    what: str
    at: datetime | None = None
    source: IssuedDocument | Attachment | Transmission | None = None
    item: str = ""


def of_delegate(meeting: Meeting, *, at: datetime) -> bytes:
    """What whoever reads this sitting may keep: its papers, signed when they are, and the files
    joined to its items."""
    return _packed(meeting, [*_papers(meeting, bare=False), *_attachments(meeting)], at=at)


def whole(meeting: Meeting, *, at: datetime) -> bytes:
    """The file of the sitting for its archives, in one ZIP."""
    return _packed(meeting, entries(meeting), at=at)


def entries(meeting: Meeting) -> list[Entry]:
    """All that is kept of a sitting: papers, data, ledger, dispatches with their proof, files.
    Nothing of what a delegate answered on the telephone is left out."""
    data = sitting_file.dump(sitting_file.export(meeting)).encode()
    last = meeting.events.order_by("seq").last()
    subject = "l’acte" if meeting.is_alone else "la séance"
    return [
        *_papers(meeting),
        *_attachments(meeting),
        Entry(
            name=OUTCOME,
            read=lambda: _json(outcome.of(meeting)),
            what=f"l’état {french.contract('de', subject)}, de ses papiers et de ses suites",
        ),
        Entry(
            name="seance.json",
            read=lambda: data,
            what=f"les données {french.contract('de', subject)}, pour un autre logiciel",
        ),
        Entry(
            name=LEDGER,
            read=lambda: _json(ledger(meeting)),
            what=f"le registre de {subject}, ligne à ligne, avec ses empreintes",
            at=last.recorded_at if last else None,
        ),
        *_dispatches(meeting),
        *_transmissions(meeting),
        Entry(
            name="reponses.json",
            read=lambda: _json(_answers(meeting)),
            what="les réponses des membres à la convocation",
        ),
    ]


def _packed(meeting: Meeting, entries: Iterable[Entry], *, at: datetime) -> bytes:
    entries = list(entries)
    told = [(each.name, each.what) for each in entries]
    readme = leaflet.of(meeting, told, at=at).encode()
    out = io.BytesIO()
    hashes = {}
    with zipfile.ZipFile(out, "w") as archive:

        def add(name: str, content: bytes, since: datetime) -> None:
            # ZIP knows neither zones nor years before 1980; nothing here is so old.
            moment = timezone.localtime(since).timetuple()[:6]
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
            hashes[name] = hashlib.sha256(content).hexdigest()

        add(README, readme, at)
        for each in entries:
            add(each.name, each.read(), each.at or at)
        manifest = {
            "format": FORMAT,
            "organisation": str(meeting.organisation),
            "instance": str(meeting.body),
            "seance": meeting.held_on.isoformat(),
            "etat": meeting.get_stage_display(),
            "annulation": outcome.cancellation(meeting),
            "fait_le": at.isoformat(),
            "sha256": dict(hashes),
        }
        add(MANIFEST, _json(manifest), at)
    return out.getvalue()


def _transmissions(meeting: Meeting) -> Iterator[Entry]:
    """What the prefecture was told of each act, and what it answered: nothing before."""
    sendings = Transmission.objects.filter(document__meeting=meeting).order_by("pk")
    sendings = sendings.select_related("sheet__deliberation", "document", "replaces")
    told, rank = [], 0
    for sent in sendings.prefetch_related("exchanges"):
        kept = []
        for each in sent.exchanges.all():
            rank += 1
            name = f"prefecture/{sent.identifier}/{rank:03}-{each.name}"
            kept.append(
                {
                    "nature": each.get_kind_display(),
                    "sens": "parti" if each.is_outgoing else "venu",
                    "le": each.at,
                    "fichier": name,
                    "sha256": each.sha256,
                    "date": each.dated_on,
                    "dit": each.words,
                }
            )
            yield Entry(
                name=name,
                read=_stored(each.file, each.sha256),
                what=f"{each.get_kind_display()}, {sent.sheet.deliberation.label}",
                at=each.at,
                source=sent,
                item=sent.document.subject,
            )
        sheet = sent.sheet
        told.append(
            {
                "acte": sheet.deliberation.label,
                "identifiant": sent.identifier,
                "remplace": sent.replaces.identifier if sent.replaces else "",
                "version": sent.document.version,
                "matiere": sheet.matter,
                "objet": sheet.object,
                "voie": sent.connector,
                "etat": sent.get_state_display(),
                "preparee_le": sent.prepared_at,
                "envoyee_le": sent.sent_at,
                "recue_le": sent.received_on,
                "motif": sent.detail,
                "echanges": kept,
            }
        )
    if told:
        yield Entry(
            name="prefecture/transmissions.json",
            read=lambda: _json(told),
            what="les transmissions au contrôle de légalité, et les réponses de la préfecture",
        )


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str).encode()


def _stored(file: FieldFile, sha256: str) -> Callable[[], bytes]:
    return partial(files.content, file, sha256)


def _named(document: IssuedDocument, name: str) -> str:
    """Beside its later versions the first one says that it is the first."""
    if document.version > 1 or document.is_current:
        return f"documents/{name}"
    stem = document.file_name.removesuffix(".pdf")
    return f"documents/{name.replace(stem, f'{stem}-v1', 1)}"


def _papers(meeting: Meeting, *, bare: bool = True) -> Iterator[Entry]:
    """Each version that was issued, in its last file, named after who did sign it; also `bare`, as
    it was before anybody signed."""
    for document in outcome.issued(meeting):
        steps = sorted(document.signatures.all(), key=lambda step: step.order)
        stem = document.file_name.removesuffix(".pdf")
        told = f"{document.heading}, {outcome.in_words(document)}"
        if bare or not steps:
            yield Entry(
                name=_named(document, document.file_name),
                read=_stored(document.pdf, document.pdf_sha256),
                what=f"{told}\N{NO-BREAK SPACE}; tel qu’il a été établi" if steps else told,
                at=document.issued_at,
                source=document,
                item=document.subject,
            )
        if steps:
            yield Entry(
                name=_named(document, signatures.signed_name(document)),
                read=_stored(steps[-1].file, steps[-1].sha256),
                what=f"{told}\N{NO-BREAK SPACE}; {_so_far(document)}",
                at=steps[-1].signed_at,
                source=document,
                item=document.subject,
            )
        for step in steps:
            if step.scan:
                suffix = step.scan.name.rpartition(".")[2]
                sha256 = step.deposit.sha256 if step.deposit else ""
                yield Entry(
                    name=_named(document, f"feuille-{step.place}-{stem}.{suffix}"),
                    read=_stored(step.scan, sha256),
                    what=f"la feuille que {step.signer} a signée à la main",
                    at=step.signed_at,
                    source=document,
                    item=document.subject,
                )


def _so_far(document: IssuedDocument) -> str:
    if not signatures.given(document):
        return "ses places de signature préparées, personne n’a signé"
    given = (
        "toutes les signatures" if signatures.is_signed(document) else "une partie des signatures"
    )
    return f"avec {given}"


def _attachments(meeting: Meeting) -> Iterator[Entry]:
    keys = [node.item.key for node in meeting.agenda.nodes]  # as much as its reader is given
    found = Attachment.objects.filter(item__meeting=meeting, item__key__in=keys)
    for attachment in found.select_related("item").order_by("item__position", "pk"):
        yield Entry(
            name=f"pieces/{attachment.pk}-{attachment.filename}",
            read=_stored(attachment.file, attachment.sha256),
            what=f"pièce « {attachment.title} », jointe au point « {attachment.item.title} »",
            at=attachment.added_at,
            source=attachment,
            item=attachment.item.key,
        )


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
        what = f"{convocation}, du {french.long_date(convocation.sent_on)}"
        yield Entry(
            name=f"{folder}/dossier.pdf",
            read=_stored(convocation.dossier, convocation.sha256),
            what=f"{what}\N{NO-BREAK SPACE}: ce qui a été envoyé",
            at=convocation.dispatched_at,
        )
        yield Entry(
            name=f"{folder}/envois.json",
            read=_proof(convocation),
            what=f"{what}\N{NO-BREAK SPACE}: à qui, par quelle voie, avec quelle réponse",
        )


def _proof(convocation: Any) -> Callable[[], bytes]:
    def read() -> bytes:
        return _json(
            {
                "nature": convocation.get_kind_display(),
                "motif": convocation.reason,
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
                        "remis_le": timezone.localdate(recipient.sent_at)
                        if recipient.sent_at and recipient.is_declared
                        else recipient.sent_at,
                        "declare": recipient.declared,
                    }
                    for recipient in convocation.recipients.select_related(
                        "mandate__person", "queued_by", "declared_by"
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
