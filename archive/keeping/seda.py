"""The manifest of a deposit in an electronic archive (SEDA 2.1, 2.2, 2.3): values in, XML out.

The elements are those that the three versions share, in the order that their schemas want. See
docs/decisions/0035-verser.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from unicodedata import category

from lxml import etree

_SPACE = "fr:gouv:culture:archivesdefrance:seda:v{}"
VERSIONS = ("2.1", "2.2", "2.3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What was agreed with the archive: to whom, from whom, under which rules of its own.

    `free` is its code of what is communicable at once, `delays` those of what is not, by its years;
    `retention` is that of appraisal.
    """

    version: str
    agency: str
    agreement: str
    profile: str
    sender: str
    producer: str
    free: str
    delays: Mapping[int, str]
    retention: str
    algorithm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A file of a deposit: where it is in the pack, what it is, its hash, its size, its moment.

    One that is not free at once waits for so many `years` from its day; or is unfinished, and
    nobody knows from when: a rule without its day restrains, say the schemas.
    """

    path: str
    title: str
    digest: str
    size: int
    media: str
    format: str
    since: datetime
    years: int = 0
    is_unfinished: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A group of files that go together, or of such groups (`unité d’archives`)."""

    title: str
    description: str = ""
    keywords: tuple[str, ...] = ()
    identifier: str = ""
    pieces: tuple[Piece, ...] = ()
    units: tuple["Unit", ...] = ()

    @property
    def everything(self) -> Iterator[Piece]:
        """Every file that it holds."""
        yield from self.pieces
        for unit in self.units:
            yield from unit.everything


def manifest(
    root: Unit, rules: Rules, *, identifier: str, first: date, last: date, at: datetime
) -> bytes:
    """The whole manifest. `first` and `last` are the days that the deposit is about; what is free
    is from the last."""
    return _Writer(rules, last).written(root, identifier, first, at)


class _Writer:
    def __init__(self, rules: Rules, since: date) -> None:
        self.rules, self.since = rules, since
        self.space = _SPACE.format(rules.version)
        self.units = 0
        self.names: dict[str, str] = {}

    def written(self, root: Unit, identifier: str, first: date, at: datetime) -> bytes:
        rules = self.rules
        transfer = etree.Element(f"{{{self.space}}}ArchiveTransfer", nsmap={None: self.space})
        self._add(transfer, "Comment", root.title)
        self._add(transfer, "Date", at.isoformat(timespec="seconds"))
        self._add(transfer, "MessageIdentifier", identifier)
        if rules.agreement:
            self._add(transfer, "ArchivalAgreement", rules.agreement)
        self._add(transfer, "CodeListVersions")
        package = self._add(transfer, "DataObjectPackage")
        for rank, piece in enumerate(root.everything, start=1):
            self.names[piece.path] = f"G{rank}"
            self._object(package, piece, rank)
        described = self._add(package, "DescriptiveMetadata")
        self._unit(described, root, first)
        managed = self._add(package, "ManagementMetadata")
        if rules.profile:
            self._add(managed, "ArchivalProfile", rules.profile)
        self._add(managed, "LegalStatus", "Public Archive")
        self._add(managed, "OriginatingAgencyIdentifier", rules.producer)
        self._add(managed, "SubmissionAgencyIdentifier", rules.sender)
        self._access(managed, rules.free, self.since)
        for name, who in (("ArchivalAgency", rules.agency), ("TransferringAgency", rules.sender)):
            self._add(self._add(transfer, name), "Identifier", who)
        return etree.tostring(transfer, xml_declaration=True, encoding="UTF-8", pretty_print=True)

    def _object(self, package: etree._Element, piece: Piece, rank: int) -> None:
        group = self._add(package, "DataObjectGroup", id=f"G{rank}")
        found = self._add(group, "BinaryDataObject", id=f"B{rank}")
        self._add(found, "DataObjectVersion", "BinaryMaster_1")
        self._add(found, "Uri", piece.path)
        self._add(found, "MessageDigest", piece.digest, algorithm=self.rules.algorithm)
        self._add(found, "Size", str(piece.size))
        kind = self._add(found, "FormatIdentification")
        self._add(kind, "MimeType", piece.media)
        if piece.format:
            self._add(kind, "FormatId", piece.format)
        known = self._add(found, "FileInfo")
        self._add(known, "Filename", piece.path.rpartition("/")[2])
        self._add(known, "LastModified", piece.since.isoformat(timespec="seconds"))

    def _unit(self, above: etree._Element, unit: Unit, first: date | None = None) -> None:
        made = self._made(above)
        if first is not None:  # what holds all the rest: it is kept for ever
            managed = self._add(made, "Management")
            rule = self._add(managed, "AppraisalRule")
            self._add(rule, "Rule", self.rules.retention)
            self._add(rule, "StartDate", self.since.isoformat())
            self._add(rule, "FinalAction", "Keep")
        content = self._content(made, "RecordGrp", unit.title)
        if unit.identifier:
            self._add(content, "OriginatingSystemId", unit.identifier)
        if unit.description:
            self._add(content, "Description", unit.description)
        for word in unit.keywords:
            keyword = self._add(content, "Keyword")
            self._add(keyword, "KeywordContent", word)
            self._add(keyword, "KeywordType", "subject")
        if first is not None:
            agency = self._add(content, "OriginatingAgency")
            self._add(agency, "Identifier", self.rules.producer)
            self._add(content, "StartDate", first.isoformat())
            self._add(content, "EndDate", self.since.isoformat())
        for each in unit.units:
            self._unit(made, each)
        for piece in unit.pieces:
            self._piece(made, piece)

    def _piece(self, above: etree._Element, piece: Piece) -> None:
        made = self._made(above)
        if piece.years or piece.is_unfinished:
            code = self.rules.delays[piece.years] if piece.years else self.rules.free
            start = None if piece.is_unfinished else piece.since.date()
            self._access(self._add(made, "Management"), code, start)
        self._content(made, "Item", piece.title)
        held = self._add(made, "DataObjectReference")
        self._add(held, "DataObjectGroupReferenceId", self.names[piece.path])

    def _made(self, above: etree._Element) -> etree._Element:
        self.units += 1
        return self._add(above, "ArchiveUnit", id=f"U{self.units}")

    def _content(self, unit: etree._Element, level: str, title: str) -> etree._Element:
        content = self._add(unit, "Content")
        self._add(content, "DescriptionLevel", level)
        self._add(content, "Title", title)
        return content

    def _access(self, managed: etree._Element, code: str, start: date | None) -> None:
        rule = self._add(managed, "AccessRule")
        self._add(rule, "Rule", code)
        if start is not None:
            self._add(rule, "StartDate", start.isoformat())

    def _add(
        self, above: etree._Element, name: str, text: str = "", **attributes: str
    ) -> etree._Element:
        made = etree.SubElement(above, f"{{{self.space}}}{name}", attributes)
        if text:
            # What a keyboard may have left and XML has no letter for.
            made.text = "".join(c for c in text if category(c)[0] != "C" or c in "\n\t")
        return made


def plain(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Those of these units that hold anything."""
    return tuple(unit for unit in units if unit.pieces or unit.units)
