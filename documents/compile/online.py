"""Certificates of publicity: what was online or posted is known on the floor above, and comes here
as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from documents import papers
from documents.compile.sending import moment
from documents.compile.shared import (
    cleaned,
    frame,
    in_groups,
    office_of,
    place_and_date,
    prepared,
    signatory,
)
from law import french
from law.french import NBSP
from meetings import composition as membership
from meetings import reading
from meetings.models import Meeting

_DOTS = "." * 60
_HANDED = "Remis (en main propre, par lettre recommandée, par voie électronique)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Online:
    """What is known of a paper that was online: what it is called, where and since when, its hash,
    how long it has to stay (`stay`, in words), and how often it was read back there. `seen` is when
    it was first read as it had been put there."""

    title: str
    code: str
    address: str
    sha256: str
    since: datetime
    stay: str
    first: datetime
    last: datetime
    readings: int
    same: int
    seen: datetime | None
    incidents: Sequence[tuple[str, str]] = ()
    unread: int = 0  # days of which nothing was read
    is_scarce: bool = False  # which are most of them
    down: Sequence[tuple[str, str]] = ()  # for how long it was not read as it should, and how
    is_redacted: bool = False
    annexes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What is known of a paper that was posted: where it stayed, from which day to which, and
    whether it is still there as far as anybody said (`lasts`); or handed over, to `whom`."""

    title: str
    code: str
    manner: str
    on: date
    until: date | None
    who: str
    article: str
    handed: str = ""  # how, of what was handed over
    where: str = ""
    lasts: bool = False
    noun: str = "affichage"
    whom: str = ""  # nobody but who is concerned and the judge reads this paper


def compile_publication_certificate(
    meeting: Meeting, told: Online, *, at: datetime
) -> papers.PublicityCertificate:
    """That a paper was online for its time, as its address was read back; the chair signs it.
    Raises `ValueError` of what was never read as it had been put there."""
    if told.seen is None:
        raise ValueError(told.code)
    many = told.readings > 1
    days = french.count(told.unread, "jour")
    joined = french.count(told.annexes, "annexe")
    redacted = " (version occultée, art. L312-1-2 du CRPA)" if told.is_redacted else ""
    facts = [
        ("Mis en ligne le", moment(told.since)),
        ("À y rester", told.stay),
        ("Adresse", told.address),
        ("Empreinte SHA-256", in_groups(told.sha256)),
        ("Relevés", f"du {moment(told.first)} au {moment(told.last)}"),
        *((label, f"{span} environ, d’un relevé à l’autre") for label, span in told.down),
        *([("Sans relevé", f"{days}, dont ce certificat ne dit rien")] if told.unread else []),
        *([("À part", f"{joined}, sans relevé ni certificat")] if told.annexes else []),
    ]
    return _certificate(
        meeting,
        "Certificat de publication, sur quelques relevés"
        if told.is_scarce
        else "Certificat de publication",
        f"certificat-publication-{told.code.lower()}",
        at=at,
        title=told.title,
        statement=f"certifie que «{NBSP}{told.title}{NBSP}»{redacted} a été constaté en ligne pour "
        f"la première fois le {french.long_date(timezone.localdate(told.seen))}, et que son "
        "adresse publique, relue "
        f"{french.count(told.readings, 'fois', 'fois')} jusqu’au "
        f"{french.long_date(timezone.localdate(told.last))}, "
        + (
            "en a donné chaque fois le fichier même"
            if told.same == told.readings
            else f"en a donné {french.count(told.same, 'fois', 'fois')} le fichier même"
        ),
        facts=facts,
        figures=(
            papers.Figure(label="relevés" if many else "relevé", value=told.readings),
            papers.Figure(label="conformes" if told.same > 1 else "conforme", value=told.same),
        ),
        incidents=tuple(papers.Incident(when=when, what=what) for when, what in told.incidents),
    )


def compile_posting_certificate(
    meeting: Meeting, told: Posted, *, at: datetime
) -> papers.PublicityCertificate:
    """That a paper was posted, or handed over, as somebody noted it; the chair signs it. That it
    was handed over is proved by a receipt, or by the original that was kept (art. R2122-7): there
    is room for both."""
    is_notified = told.noun == "notification"
    day = french.long_date(told.on)
    until = f" au {french.long_date(told.until)}" if told.until else ""
    if told.lasts:
        known = f"est {told.manner} depuis le {day}"
    elif until:
        known = f"a été {told.manner} du {day}{until}"
    else:
        known = f"a été {told.manner} le {day}"
    if is_notified and told.whom:
        known += f" à {told.whom}"
    facts = [
        ("À", (told.whom or _DOTS) if is_notified else ""),
        ("Comment", f"{told.manner}{f', {told.where}' if told.where else ''}"),
        ("Par", told.who),
        ("Depuis le" if told.lasts else "Du" if until else "Le", f"{day}{until}"),
        *(_proofs(told) if is_notified else ()),
        ("Code", told.code),
        ("Règle", told.article),
    ]
    return _certificate(
        meeting,
        f"Certificat {french.contract('de', told.noun)}",
        f"certificat-{told.noun}-{told.code.lower()}",
        at=at,
        title=told.title,
        statement=f"certifie que «{NBSP}{told.title}{NBSP}» {known}",
        facts=[(label, text) for label, text in facts if text],
    )


def _proofs(told: Posted) -> tuple[tuple[str, str], ...]:
    """How it was handed over, and the room of what proves it."""
    if told.handed:
        return (("Remis", told.handed), ("Récépissé ou avis, daté et signé", _DOTS))
    return ((_HANDED, _DOTS), ("Récépissé, daté et signé", _DOTS))


def _certificate(
    meeting: Meeting,
    name: str,
    slug: str,
    *,
    at: datetime,
    title: str,
    statement: str,
    facts: Sequence[tuple[str, str]],
    figures: tuple[papers.Figure, ...] = (),
    incidents: tuple[papers.Incident, ...] = (),
) -> papers.PublicityCertificate:
    fresh = prepared(meeting, enclosures=False)
    body, made_on = fresh.body, timezone.localdate(at)
    composition = membership.of(body, made_on).composition  # who presides on the day that signs
    words = reading.words(fresh)
    signs = signatory(composition, words)
    presiding = (office_of(each, words) for each in composition.titulars if each.is_president)
    quality = next(presiding, words.chair)
    return cleaned(
        papers.PublicityCertificate(
            **frame(fresh, name, slug),
            made_on=made_on,
            title=name,
            subtitle=title,
            statement=french.nbsp(
                french.sentence(f"{signs.name or _DOTS}, {quality}, {statement}")
            ),
            facts=tuple(papers.Fact(label=label, text=french.nbsp(text)) for label, text in facts),
            figures=figures,
            incidents=incidents,
            done_at=place_and_date(body.organisation, made_on),
            signatory=signs,
        )
    )
