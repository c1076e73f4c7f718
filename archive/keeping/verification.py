"""What can be said of a file that somebody brings: is it ours, which version, who signed it.

Only the bytes given are read; nothing is fetched, not even from an address found inside them.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from threading import BoundedSemaphore
from typing import IO

from django.db.models import QuerySet
from django.utils import timezone

from archive.models import Certificate, Given
from archive.online import publications, stamped
from documents import compile
from documents.models import IssuedDocument
from law import french
from law.findings import refusal
from law.french import NBSP
from meetings.models import Meeting
from registry.acts.reading import adoption_told
from registry.models import SignatureStep
from registry.signatures import keys, pades, strangers
from registry.signatures import reading as signatures
from registry.signatures.pades import Report
from registry.volume import reading as register

AT_ONCE = 2  # files judged at a time by this process: anybody may ask, and it takes all of a core
WAIT = 1.0  # seconds in the queue
_turns = BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """One's turn to have a file judged. Raises `Refused` when too many are before."""
    if not _turns.acquire(timeout=WAIT):
        raise refusal(
            "verifications_en_cours",
            "D’autres fichiers sont en cours de vérification.",
            remedy="Déposez le vôtre de nouveau dans une minute.",
        )
    try:
        yield
    finally:
        _turns.release()


class Origin(StrEnum):
    """Where a file comes from, as far as its bytes tell."""

    ISSUED = "etabli"  # byte for byte a document issued here
    SIGNED = "signe"  # byte for byte a document issued here, with signatures given here
    PUBLIC = "public"  # byte for byte what was put online: passages the law protects left out
    CERTIFIED = "certificat"  # byte for byte a certificate that was issued here
    COPY = "copie"  # byte for byte a copy of one of these, drawn here with the state of its act
    BOUND = "registre"  # byte for byte a volume of the register that was handed here
    FOREIGN = "inconnu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the verification page says of a file."""

    origin: Origin
    sha256: str
    document: IssuedDocument | None
    sentences: tuple[str, ...]
    reports: tuple[Report, ...]
    source: str = ""  # of a copy, the hash of the file that it is of
    is_changed: bool = False  # what it shows is not what was given to sign, though it is kept here

    @property
    def is_ours(self) -> bool:
        """Whether it is, byte for byte, something that was made here."""
        return self.origin is not Origin.FOREIGN

    @property
    def title(self) -> str:
        """What it is called: by who knows its public edition alone, as that one says."""
        if self.document is not None and self.origin in (Origin.PUBLIC, Origin.COPY):
            known = self.document.publications.filter(sha256=self.source or self.sha256).first()
            return str(known or self.document)
        return str(self.document or "")

    @property
    def is_in_force(self) -> bool:
        """Whether it is ours and nothing has replaced it."""
        return self.document is not None and self.document.is_current

    @property
    def is_certificate(self) -> bool:
        """Whether it certifies that another paper was online, or posted."""
        return self.origin is Origin.CERTIFIED

    @property
    def is_copy(self) -> bool:
        """Whether it is a copy that tells the state of an act on one day."""
        return self.origin is Origin.COPY

    @property
    def is_bound(self) -> bool:
        """Whether it is a volume of the register: what it holds goes on growing, or is whole."""
        return self.origin is Origin.BOUND


def judge(content: bytes) -> Verdict:
    """Everything that can be said of this file. Raises `Refused` when it is no PDF, or asks for
    more than one of ours to be read."""
    digest = hashlib.sha256(content).hexdigest()
    if (volume := _given(digest, kind=Given.Kind.VOLUME)) is not None:
        return Verdict(
            origin=Origin.BOUND,
            sha256=digest,
            document=None,
            sentences=tuple(map(french.sentence, _said_of_volume(volume))),
            reports=(),
        )
    if (certificate := _certificate(digest)) is not None:
        found = pades.read(content, keys.trust())
        return Verdict(
            origin=Origin.CERTIFIED,
            sha256=digest,
            document=None,
            sentences=tuple(map(french.sentence, _said_of_certificate(certificate))),
            reports=signatures.attributed(certificate.document, found),
        )
    related = IssuedDocument.objects.filter(meeting__in=Meeting.every.lasting()).select_related(
        "meeting__body__organisation", "superseded_by", "adoption__item__meeting"
    )
    origin, document = _found(related, digest)
    if document is None and (copied := stamped.origin(content)) is not None:
        _, document = _found(related, copied.source)
        if document is not None:
            return Verdict(
                origin=Origin.COPY,
                sha256=digest,
                document=document,
                sentences=tuple(map(french.sentence, _said_of_copy(document, copied))),
                reports=(),
                source=copied.source,
            )
    if document is None:
        reports = strangers.read(content, keys.trust())
    else:
        reports = signatures.attributed(document, pades.read(content, keys.trust()))
    is_changed = origin is Origin.SIGNED and signatures.is_changed(document, content)
    said = _said(document, reports, digest, is_changed=is_changed)
    return Verdict(
        origin=origin,
        sha256=digest,
        document=document,
        sentences=tuple(map(french.sentence, said)),
        reports=reports,
        is_changed=is_changed,
    )


def _found(related: QuerySet[IssuedDocument], digest: str) -> tuple[Origin, IssuedDocument | None]:
    """The document that has these bytes, and as what."""
    for origin, column in (
        (Origin.ISSUED, "pdf_sha256"),
        (Origin.SIGNED, "signatures__sha256"),
        (Origin.PUBLIC, "publications__sha256"),
    ):
        if (document := related.filter(**{column: digest}).first()) is not None:
            return origin, document
    return Origin.FOREIGN, None


def _said_of_copy(document: IssuedDocument, copied: stamped.Copied) -> list[str]:
    on, meeting = french.long_date(copied.on), document.meeting
    row = document.publications.filter(sha256=copied.source, is_redacted=True).first()
    of = "de la version mise en ligne, où des passages sont masqués" if row else "de l’original"
    return [
        f"ce fichier est, octet pour octet, une copie {of}, faite ici le {on} au nom de "
        f"{meeting.organisation}, avec l’état que l’acte avait ce jour-là",
        "une copie ne porte pas les signatures, et son état a pu changer depuis\u00a0: le numéro "
        "qu’elle porte mène à l’acte, qui seul fait foi",
        *_said_of_publication(document, "", it="l’acte"),
        *_said_of_act(document),
    ]


def _said(
    document: IssuedDocument | None,
    reports: tuple[Report, ...],
    digest: str,
    *,
    is_changed: bool,
) -> list[str]:
    if document is None:
        return _said_of_stranger(reports)
    meeting = document.meeting
    what = "commence par" if is_changed else "est, octet pour octet,"
    established = (
        f"un document établi par {meeting.organisation} le "
        f"{french.long_date(timezone.localdate(document.issued_at))}"
    )
    copy = document.publications.filter(sha256=digest, is_redacted=True).first()
    if copy is not None:  # made the day it went online, long after what it is a copy of
        made_on = french.long_date(timezone.localdate(copy.published_at))
        established = f"la copie mise en ligne le {made_on} d’{established}"
    said = [f"ce fichier {what} {established}"]
    if not document.is_current:
        later = document.superseded_by
        said.append(
            f"il a été remplacé le {french.long_date(timezone.localdate(later.issued_at))} par la "
            f"version {later.version} : {publications.corrected_for(later)}"
        )
    said += _said_of_publication(document, digest)
    if told := adoption_told(document):
        said.append(f"adoption{NBSP}: {told}")
    said += _said_of_act(document)
    said += _said_of_signatures(document, reports, digest)
    return said


def _said_of_act(document: IssuedDocument) -> list[str]:
    """What became of the deliberation that an extract in force bears: an authentic paper may tell
    of what stands no more."""
    if not document.is_current:
        return []
    said = [f"cette délibération {words}" for words in publications.links(document)]
    if publications.is_fallen(document):
        said.append(
            "ce que cet extrait porte n’est plus un acte\u00a0: depuis, son vote a été corrigé ou "
            "son point retiré"
        )
    return said


def _given(digest: str, **kind: str) -> Given | None:
    """What was handed here under these bytes, the last time."""
    return (
        Given.objects.filter(sha256=digest, meeting__in=Meeting.every.lasting(), **kind)
        .select_related("meeting__body__organisation", "document__meeting__body")
        .first()
    )


def _certificate(digest: str) -> Certificate | None:
    """The certificate that has these bytes."""
    return (
        Certificate.objects.filter(sha256=digest, document__meeting__in=Meeting.every.lasting())
        .select_related("publication", "posting", "document__meeting__body__organisation")
        .first()
    )


def _said_of_certificate(certificate: Certificate) -> list[str]:
    issued_on = french.long_date(timezone.localdate(certificate.issued_at))
    organisation = certificate.document.meeting.organisation
    which = f"certificat {french.contract('de', certificate.proves)}"
    said = [
        f"ce fichier est, octet pour octet, le {which} que {organisation} a établi le {issued_on}"
    ]
    if certificate.publication and certificate.publication.withdrawn_at:
        gone_on = french.long_date(timezone.localdate(certificate.publication.withdrawn_at))
        said.append(f"ce qu’il certifie a été retiré des pages publiques le {gone_on}")
    if certificate.posting and certificate.posting.undone_at:
        said.append("l’affichage qu’il certifie a été annulé")
    if not certificate.is_sealed:
        said.append("il ne porte pas de cachet")
    return said


def _said_of_volume(given: Given) -> list[str]:
    body, year = given.meeting.body, given.meeting.held_on.year
    handed_on, kept = timezone.localdate(given.at), compile.kept_in(body)
    said = [
        f"ce fichier est, octet pour octet, le volume du registre des {kept.noun}s "
        f"{kept.of_whom} pour l’année {year}, que "
        f"{body.organisation} a remis le {french.long_date(handed_on)}",
        "il ne porte pas de signature : chaque extrait qu’il relie a son fichier, et se vérifie "
        "par le code imprimé à sa fin",
    ]
    found = register.standing(register.of_year(body, year))
    if found.last_day > handed_on:
        said.append(
            f"le registre de l’année a changé depuis, le {french.long_date(found.last_day)} : ce "
            "volume n’est pas le dernier"
        )
    elif register.is_provisional(found):
        said.append(
            f"ce volume est provisoire : l’année {year} n’est pas finie, ou il lui manque une "
            "séance ou un extrait"
        )
    return said


def _said_of_publication(document: IssuedDocument, digest: str, *, it: str = "il") -> list[str]:
    row = document.publications.order_by("-pk").first()
    if row is None:
        return []
    if row.withdrawn_at is not None:
        withdrawn_on = french.long_date(timezone.localdate(row.withdrawn_at))
        return [f"{it} a été retiré de la publication le {withdrawn_on}"]
    online_on = french.long_date(timezone.localdate(row.published_at))
    said = [f"{it} est en ligne depuis le {online_on}"]
    if row.sha256 == digest and row.is_redacted:
        said.append("cet exemplaire est celui du public : des passages n’y figurent pas")
    return said


def _said_of_signatures(
    document: IssuedDocument, reports: tuple[Report, ...], digest: str
) -> list[str]:
    steps = list(document.signatures.all())
    by_hand = [step.signer for step in steps if step.manner == SignatureStep.Manner.HAND]
    said = []
    if steps and steps[-1].sha256 != digest:
        more = "qui porte davantage de signatures" if reports else "signé"
        said.append(f"il existe un exemplaire {more}")
    if by_hand:
        said.append(f"signé à la main par {french.join(by_hand)}, sur une feuille conservée")
    if not reports and not by_hand:
        said.append("cet exemplaire ne porte pas de signature")
    return said


def _said_of_stranger(reports: tuple[Report, ...]) -> list[str]:
    said = [
        "ce fichier n’est pas, octet pour octet, un document établi ici : il a été modifié, "
        "réenregistré, imprimé en PDF, ou il vient d’ailleurs",
        # Known by a mark of this server since the night of 29 November 2026.
        "si c’est la copie d’un acte avec son état («\u00a0Copie du … de l’original\u00a0», en "
        "tête), elle n’est pas telle qu’elle a été donnée ici, ou l’a été avant qu’on les "
        "reconnaisse\u00a0: le numéro qu’elle porte mène à l’acte, qui seul fait foi",
    ]
    if any(report.is_sound for report in reports):
        said.append("il porte des signatures intactes, mais ce que l’on a signé ne vient pas d’ici")
    return said


# --- A ZIP ------------------------------------------------------------------------------------


def is_zip(file: IO[bytes]) -> bool:
    """Whether a file is a ZIP at all, by its first bytes."""
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    return head == b"PK\x03\x04"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipVerdict:
    """What the page says of a ZIP: what was handed here under these bytes, or nothing."""

    sha256: str
    given: Given | None
    sentences: tuple[str, ...]

    @property
    def is_ours(self) -> bool:
        """Whether it is, byte for byte, a ZIP that was handed here."""
        return self.given is not None


def judge_zip(file: IO[bytes]) -> ZipVerdict:
    """Everything that can be said of a ZIP. It is not opened: what is only coherent proves
    nothing, and whoever makes a ZIP can make it coherent."""
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    given = _given(digest)
    return ZipVerdict(
        sha256=digest, given=given, sentences=tuple(map(french.sentence, _said_of_zip(given)))
    )


def _said_of_zip(given: Given | None) -> list[str]:
    if given is None:
        return [
            "ce ZIP n’est pas, octet pour octet, un fichier remis ici : il a été refait, complété, "
            "ou il vient d’ailleurs",
            "ce qu’il dit de lui-même n’a pas été lu : déposez un à un les PDF qu’il contient, la "
            "page dira lesquels sont d’ici",
        ]
    meeting = given.meeting
    said = [
        f"ce ZIP est, octet pour octet, celui que {meeting.organisation} a remis le "
        f"{french.long_date(timezone.localdate(given.at))} : {given}",
    ]
    document = given.document
    if document is not None:
        said.append("il se vérifie aussi sans nous, par le vérificateur qu’il contient")
        if not document.is_current:
            said.append("l’acte qu’il prouve a été remplacé depuis par une version nouvelle")
        if told := adoption_told(document):
            said.append(f"adoption{NBSP}: {told}")
        said += _said_of_act(document)
    return said
