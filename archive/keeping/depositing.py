"""A deposit in an electronic archive: a sitting, or one of its acts, in one ZIP with its manifest.

What goes there is what the whole file of a sitting holds (`bundles.entries`), sorted in units, and
what is online in the place of papers from which passages were left out. Whatever the public may not
read says so: its file bears the delay that protects private life, from its own day (Code du
patrimoine, art. L213-2, I, 3°); what is not finished bears no day yet (art. L311-2 of the CRPA);
the rest is free at once (art. L213-1). Nothing is destroyed here: that wants a visa (art.
L212-2), and no screen does it.
"""

import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
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
from law.acts import Nature
from law.delegations import Kind
from law.findings import refusal
from law.secrecy import Ground
from meetings import public as protection
from meetings.models import Attachment, Meeting
from members import files
from registry.models import Deliberation, adoption_of
from registry.signatures import reading as signatures
from transmission.models import Transmission

MOST = 2 * 1024**3  # bytes of a pack: beyond, act by act
# Why a file is not for everybody yet: by what a page calls it, in words.
REASONS = {
    "masque": "passages masqués, ou dits à huis clos",
    "individuel": "acte individuel",
    "piece": "pièce dont la publication n’est pas décidée",
    "dossier": "dossier envoyé aux membres, avec ses pièces",
    "donnees": "données de la séance",
    "personnes": "adresses et réponses de personnes, données de la séance",
}
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
_GROUPS_ALONE = {
    "documents": "L’acte, dans chacune de ses versions",
    "pieces": "Pièces jointes à l’acte",
    "": "Données de l’acte",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A file of a deposit, before it is read: what it is, why it is `private` and which secret that
    is (`ground`), why it is not finished (`unfinished`); "" of what is neither, free at once."""

    entry: bundles.Entry
    private: str
    unfinished: str
    ground: Ground = Ground.PRIVATE

    @property
    def free_on(self) -> date | None:
        """The day on which one that is private is free: so many years after its own; `None` while
        it is not finished."""
        if self.unfinished or not self.private:
            return None
        day = timezone.localdate(self.entry.at) if self.entry.at else timezone.localdate()
        try:
            return day.replace(year=day.year + self.ground)
        except ValueError:  # the 29th of February
            return day.replace(year=day.year + self.ground, month=3, day=1)


@dataclass(frozen=True, kw_only=True)
class Deposit:
    """What is deposited: a sitting or, of it, one act; and which secret whoever deposits it said
    each of the `REASONS` to be: private life, where he said nothing."""

    meeting: Meeting
    act: Deliberation | None = None
    grounds: Mapping[str, Ground] = field(default_factory=dict)

    @cached_property
    def files(self) -> tuple[Told, ...]:
        """Each file, in its order."""
        hidden = _Hidden(self.meeting)
        found = [*bundles.entries(self.meeting), *_online(self.meeting)]
        if self.act is not None:
            found = [each for each in found if each.item == self.act.item.key]
        return tuple(
            Told(
                entry=each,
                private=REASONS.get(reason := hidden.reason(each), ""),
                unfinished=hidden.unfinished(each),
                ground=self.grounds.get(reason, Ground.PRIVATE),
            )
            for each in found
        )

    @property
    def groups(self) -> list[tuple[str, list[Told]]]:
        """The same by what they are, as the units of the manifest are called."""
        titles = _GROUPS | _GROUPS_ALONE if self.meeting.is_alone else _GROUPS
        found: dict[str, list[Told]] = {}
        for told in self.files:
            found.setdefault(_folder(told), []).append(told)
        return [(titles[folder], found[folder]) for folder in titles if folder in found]

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Those that keep something of it, as a page asks which secret each is."""
        told = {each.private for each in self.files}
        return [(name, words) for name, words in REASONS.items() if words in told]

    @cached_property
    def only_act(self) -> Deliberation | None:
        """The act that it is of, when it is of one alone."""
        if self.act is None and self.meeting.is_alone:
            return self.meeting.deliberations.select_related("item").first()
        return self.act

    @property
    def noun(self) -> str:
        """What this act is: "Décision"."""
        if not self.meeting.is_alone:
            return "Délibération"
        return french.capitalise(Kind(self.meeting.body.kind).noun)

    @property
    def is_of_a_person(self) -> bool:
        """Whether its very title may name whom it is about."""
        return _is_of_a_person(self.meeting)

    @property
    def title(self) -> str:
        """What it is, on a screen and at the head of its manifest."""
        day = french.long_date(self.meeting.held_on)
        act = self.only_act
        if act is None:
            return french.nbsp(f"{self.meeting.body}, séance du {day}")
        head = f"{self.noun} nº {act.label} du {day}"
        if self.is_of_a_person:
            return french.nbsp(head)
        told = protection.words(self.meeting, act.item.title)
        return french.nbsp(f"{head}\u00a0: {told}")


def _folder(told: Told) -> str:
    """The first folder in which it is, "" of what is in none."""
    return told.entry.name.rpartition("/")[0].partition("/")[0]


def _is_of_a_person(meeting: Meeting) -> bool:
    """An order or a decision that is notified to somebody."""
    return meeting.is_alone and meeting.alone.nature == Nature.INDIVIDUAL


class _Hidden:
    """Why a file of a sitting is not for everybody yet."""

    def __init__(self, meeting: Meeting) -> None:
        self.is_of_a_person = _is_of_a_person(meeting)
        self.is_protected = protection.may_be_protected(meeting) or self.is_of_a_person
        online = Publication.objects.filter(document__meeting=meeting, is_redacted=False)
        self.online = set(online.values_list("document", flat=True))
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
        """The name of one of the `REASONS`; "" of what is free at once."""
        source = entry.source
        if isinstance(source, IssuedDocument):
            return "" if _is_online(entry) else self._of_paper(source.pk)
        if isinstance(source, Transmission):
            return self._of_paper(source.document_id)
        if isinstance(source, Attachment):
            return "" if source.pk in self.public else "piece"
        if entry.name.endswith("/dossier.pdf"):
            return "dossier"
        if entry.name.endswith("transmissions.json"):
            return "donnees" if self.is_protected else ""
        return "personnes"

    def unfinished(self, entry: bundles.Entry) -> str:
        """Why a paper is not finished, as the law wants it before anybody reads it (art. L311-2 of
        the CRPA): "" of what is, and of what was online as it is."""
        paper = entry.source
        if not isinstance(paper, IssuedDocument) or _is_online(entry) or paper.pk in self.online:
            return ""
        if paper.is_minutes and adoption_of(paper) is None:
            return "procès-verbal qui n’est pas arrêté dans cette version"
        if not paper.is_minutes and not paper.is_current:
            return "version remplacée, que personne n’a publiée"
        if paper.meeting.is_alone and not signatures.is_signed(paper):
            return "acte que personne n’a signé"
        return ""

    def _of_paper(self, pk: int) -> str:
        if self.is_of_a_person and pk not in self.online:
            return "individuel"
        return "masque" if pk in self.papers else ""


def _is_online(entry: bundles.Entry) -> bool:
    return entry.name.startswith("en-ligne/")


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
        delays=service.codes,
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
    public = _public(deposit)
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
            groups.setdefault(_folder(told), []).append(piece)
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


def _public(deposit: Deposit) -> Callable[[str], str]:
    """How the manifest, which everybody reads, says the words of a file and its name."""
    masks = protection.Masks(deposit.meeting).of(None).text
    if not deposit.is_of_a_person:
        return masks
    papers = IssuedDocument.objects.filter(meeting=deposit.meeting)
    files = Attachment.objects.filter(item__meeting=deposit.meeting)
    named = {each.heading: deposit.title for each in papers}
    named |= {each.file_name.removesuffix(".pdf"): "acte" for each in papers}
    named |= {each.title: "pièce" for each in files} | {each.filename: "pièce" for each in files}
    named |= {each.title: "acte individuel" for each in deposit.meeting.items.all()}

    def said(text: str) -> str:
        for words in sorted(named, key=len, reverse=True):
            text = text.replace(words, named[words])
        return masks(text)

    return said


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
        years=told.ground if told.private else 0,
        is_unfinished=bool(told.unfinished),
    )


def _root(deposit: Deposit, groups: dict[str, list[seda.Piece]]) -> seda.Unit:
    meeting, act = deposit.meeting, deposit.only_act
    titles = _GROUPS | _GROUPS_ALONE if meeting.is_alone else _GROUPS
    units = [
        seda.Unit(title=title, pieces=tuple(groups.get(folder, ())))
        for folder, title in titles.items()
    ]
    said = (
        f"{meeting.organisation}. Conservation définitive. Communicable de plein droit (art. "
        "L213-1 du Code du patrimoine), sauf les fichiers qui portent le délai de "
        f"{_delays(deposit)}, compté de la date de chacun, et ceux dont la règle n’a pas de "
        "date\u00a0: inachevés (art. L311-2 du CRPA)."
    )
    root = seda.Unit(title=deposit.title, description=french.nbsp(said), units=seda.plain(units))
    sheet = getattr(act, "act_sheet", None)
    if act is None:
        return root
    last = Transmission.objects.filter(sheet=sheet).first() if sheet else None
    words = tuple(filter(None, (deposit.noun, sheet.matter if sheet else "")))
    return replace(root, keywords=words, identifier=last.identifier if last else "")


def _delays(deposit: Deposit) -> str:
    """ "50 ans de la vie privée (art. L213-2, I, 3°)"."""
    grounds = {each.ground for each in deposit.files if each.private} or {Ground.PRIVATE}
    if grounds == {Ground.PRIVATE}:
        return "50 ans de la vie privée (art. L213-2, I, 3°)"
    ranks = french.join(each.rank for each in sorted(grounds))
    return f"{french.join(map(str, sorted(grounds)))} ans (art. L213-2, I, {ranks})"


def chosen(
    meeting: Meeting,
    deliberations: Iterable[Deliberation],
    wanted: str,
    grounds: Mapping[str, Ground],
) -> Deposit | None:
    """The deposit of this act, or of the whole sitting (""); `None` for what is not of it."""
    if not wanted:
        return Deposit(meeting=meeting, grounds=grounds)
    found = (each for each in deliberations if str(each.pk) == wanted)
    act = next(found, None)
    return Deposit(meeting=meeting, act=act, grounds=grounds) if act is not None else None
