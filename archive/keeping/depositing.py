"""A deposit in an electronic archive: a sitting, or one of its acts, in one ZIP with its manifest.

What goes there is what the whole file of a sitting holds (`bundles.entries`), sorted in units, and
what is online in the place of papers from which passages were left out. Whatever the public may not
read says so: its file bears the delay that protects private life (Code du patrimoine, art. L213-2,
I, 3°), the rest is free at once (art. L213-1). Nothing is destroyed here: that wants a visa (art.
L212-2), and no screen does it.
"""

import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import PurePosixPath
from typing import IO

from django.utils import timezone

from archive.keeping import bundles, seda
from archive.models import AnnexChoice, ArchiveService, Publication
from archive.online import preview
from documents.models import IssuedDocument
from law import french
from law.findings import refusal
from meetings import public as protection
from meetings.models import Attachment, Meeting
from members import files
from registry.models import Deliberation
from transmission.models import Transmission

MOST = 2 * 1024**3  # bytes of a pack: beyond, act by act
PRIVATE_YEARS = 50
# By the end of a name: what it is, and its number in PRONOM where one is sure.
_FORMATS = {
    "pdf": ("application/pdf", ""),
    "json": ("application/json", "fmt/817"),
    "xml": ("application/xml", "fmt/101"),
    "gz": ("application/gzip", "x-fmt/266"),
    "zip": ("application/zip", "x-fmt/263"),
    "png": ("image/png", ""),
    "jpg": ("image/jpeg", ""),
    "jpeg": ("image/jpeg", ""),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ""),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ""),
}
_GROUPS = {
    "documents": "Procès-verbal, liste et délibérations",
    "en-ligne": "Ce que le public lit en ligne",
    "pieces": "Pièces jointes à l’ordre du jour",
    "convocations": "Convocations",
    "prefecture": "Contrôle de légalité",
    "": "Données de la séance",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A file of a deposit, before it is read: what it is, and why it is not free at once."""

    entry: bundles.Entry
    reason: str

    @property
    def is_private(self) -> bool:
        """Whether it waits for its delay."""
        return bool(self.reason)


@dataclass(frozen=True, kw_only=True)
class Deposit:
    """What is deposited: a sitting or, of it, one act."""

    meeting: Meeting
    act: Deliberation | None = None

    @cached_property
    def files(self) -> tuple[Told, ...]:
        """Each file, in its order."""
        hidden = _Hidden(self.meeting)
        found = [*bundles.entries(self.meeting), *_online(self.meeting)]
        if self.act is not None:
            found = [each for each in found if each.item == self.act.item.key]
        return tuple(Told(entry=each, reason=hidden.reason(each)) for each in found)

    @property
    def title(self) -> str:
        """What it is, on a screen and at the head of its manifest."""
        day = french.long_date(self.meeting.held_on)
        if self.act is None:
            return french.nbsp(f"{self.meeting.body}, séance du {day}")
        told = protection.words(self.meeting, self.act.item.title)
        return french.nbsp(f"Délibération nº {self.act.label} du {day}\u00a0: {told}")

    @property
    def free_on(self) -> date:
        """The day on which what is private is free: so many years after the sitting."""
        held_on = self.meeting.held_on
        try:
            return held_on.replace(year=held_on.year + PRIVATE_YEARS)
        except ValueError:  # the 29th of February
            return held_on.replace(year=held_on.year + PRIVATE_YEARS, month=3, day=1)


class _Hidden:
    """Why a file of a sitting is not for everybody yet."""

    def __init__(self, meeting: Meeting) -> None:
        self.is_protected = protection.may_be_protected(meeting)
        self.papers: set[int] = set()
        if self.is_protected:
            # Of the versions that nothing supersedes it is known; the others said it too, maybe.
            found = preview.of(meeting)
            shown = {document.pk for document, _ in found.papers}
            free = {each.pk for each, _ in found.papers if not found.changes(each)}
            issued = IssuedDocument.objects.filter(meeting=meeting).values_list("pk", flat=True)
            self.papers = {pk for pk in issued if pk not in shown} | (shown - free)
        public = AnnexChoice.objects.filter(
            attachment__item__meeting=meeting, is_public=True, file=""
        )
        self.public = set(public.values_list("attachment", flat=True))

    def reason(self, entry: bundles.Entry) -> str:
        source = entry.source
        if isinstance(source, IssuedDocument):
            if entry.name.startswith("en-ligne/"):
                return ""
            return self._of_paper(source.pk)
        if isinstance(source, Transmission):
            return self._of_paper(source.document_id)
        if isinstance(source, Attachment):
            return "" if source.pk in self.public else "pièce dont la publication n’est pas décidée"
        if entry.name.endswith("/dossier.pdf"):
            return "dossier envoyé aux membres, avec ses pièces"
        if entry.name.endswith("transmissions.json"):
            return "données de la séance" if self.is_protected else ""
        return "adresses et réponses de personnes, données de la séance"

    def _of_paper(self, pk: int) -> str:
        return "passages masqués, ou dits à huis clos" if pk in self.papers else ""


def _online(meeting: Meeting) -> Iterator[bundles.Entry]:
    """What is online in the place of a paper: that from which passages were left out."""
    rows = Publication.objects.filter(document__meeting=meeting, is_redacted=True)
    for row in rows.filter(withdrawn_at=None).select_related("document").order_by("pk"):
        yield bundles.Entry(
            name=f"en-ligne/{row.code}-{row.document.file_name}",
            read=_kept(row),
            what=f"{row.document.heading}, copie en ligne sans ce que la loi protège",
            at=row.published_at,
            source=row.document,
            item=row.document.subject,
        )


def _kept(row: Publication) -> Callable[[], bytes]:
    return lambda: files.content(row.file, row.sha256)


# --- The pack ---------------------------------------------------------------------------------


def rules(service: ArchiveService) -> seda.Rules:
    """What was agreed with the archive of this organisation."""
    return seda.Rules(
        version=service.version,
        agency=service.agency,
        agreement=service.agreement,
        profile=service.profile,
        sender=service.sender,
        producer=service.producer,
        free=service.free,
        private=service.private,
        retention=service.retention,
        algorithm=service.algorithm,
    )


def pack(deposit: Deposit, service: ArchiveService, *, at: datetime) -> IO[bytes]:
    """The ZIP of a deposit, in a file that goes with whoever reads it: its files, one by one, under
    `content/`, then `manifest.xml`. Raises `Refused` for one that is larger than `MOST`."""
    out = tempfile.TemporaryFile()  # noqa: SIM115 whoever is served closes it
    try:
        _write(out, deposit, rules(service), at=at)
        out.seek(0)
    except BaseException:
        out.close()
        raise
    return out


def _write(out: IO[bytes], deposit: Deposit, agreed: seda.Rules, *, at: datetime) -> None:
    meeting, act = deposit.meeting, deposit.act
    public = protection.Masks(meeting).of(None).text
    groups: dict[str, list[seda.Piece]] = {}
    total = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for told in deposit.files:
            content = told.entry.read()
            total += len(content)
            if total > MOST:
                raise refusal(
                    "versement_trop_gros",
                    f"Ce versement dépasse {MOST // 1024**3} Go.",
                    remedy="Versez la séance acte par acte.",
                )
            piece = _piece(told, content, agreed, public=public, at=at)
            archive.writestr(piece.path, content)
            folder = told.entry.name.rpartition("/")[0].partition("/")[0]
            groups.setdefault(folder, []).append(piece)
        identifier = f"{meeting.organisation.slug}-{at:%Y%m%d%H%M%S}-{meeting.pk}"
        if act is not None:
            identifier += f"-{act.safe_label}"
        written = seda.manifest(
            _root(deposit, groups),
            agreed,
            identifier=identifier,
            first=meeting.convened_on or meeting.held_on,
            last=meeting.held_on,
            at=timezone.localtime(at),
        )
        archive.writestr("manifest.xml", written)


def _piece(
    told: Told,
    content: bytes,
    agreed: seda.Rules,
    *,
    public: Callable[[str], str],
    at: datetime,
) -> seda.Piece:
    """A file as the manifest tells it: everybody reads that one, which says nothing masked."""
    entry = told.entry
    name = entry.name
    suffix = PurePosixPath(entry.name).suffix.lstrip(".").lower()
    media, known = _FORMATS.get(suffix, ("application/octet-stream", ""))
    hashed = hashlib.sha512 if agreed.algorithm == "SHA-512" else hashlib.sha256
    if public(name) != name:
        row = entry.source.pk if entry.source else 0
        name = f"{name.partition('/')[0]}/{row}-{hashed(content).hexdigest()[:8]}.{suffix}"
    return seda.Piece(
        path=f"content/{name}",
        title=french.sentence(public(entry.what)).rstrip("."),
        digest=hashed(content).hexdigest(),
        size=len(content),
        media=media,
        format=known,
        since=timezone.localtime(entry.at or at),
        is_private=told.is_private,
    )


def _root(deposit: Deposit, groups: dict[str, list[seda.Piece]]) -> seda.Unit:
    units = [
        seda.Unit(title=title, pieces=tuple(groups.get(folder, ())))
        for folder, title in _GROUPS.items()
    ]
    meeting, act = deposit.meeting, deposit.act
    until = french.long_date(deposit.free_on)
    said = (
        f"{meeting.organisation}. Conservation définitive. Communicable de plein droit (art. "
        "L213-1 du Code du patrimoine), sauf les fichiers qui portent le délai de "
        f"{PRIVATE_YEARS} ans de la vie privée (art. L213-2, I, 3°), communicables le {until}."
    )
    root = seda.Unit(title=deposit.title, description=french.nbsp(said), units=seda.plain(units))
    sheet = getattr(act, "act_sheet", None)
    if act is None:
        return root
    last = Transmission.objects.filter(sheet=sheet).first() if sheet else None
    words = tuple(filter(None, ("Délibération", sheet.matter if sheet else "")))
    return replace(root, keywords=words, identifier=last.identifier if last else "")


def chosen(meeting: Meeting, deliberations: Iterable[Deliberation], wanted: str) -> Deposit | None:
    """The deposit of this act, or of the whole sitting (""); `None` for what is not of it."""
    if not wanted:
        return Deposit(meeting=meeting)
    found = (each for each in deliberations if str(each.pk) == wanted)
    act = next(found, None)
    return Deposit(meeting=meeting, act=act) if act is not None else None
