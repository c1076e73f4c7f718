"""Issuing a paper: the act after which it is never edited again."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from documents import compile, papers, render
from documents.models import IssuedDocument, draw_code
from law import checks, findings, french
from law.findings import Finding, Severity
from law.regime import article_of
from meetings import actions as sittings
from meetings import reading
from meetings.models import Meeting
from members.models import User


def issue_minutes(
    meeting: Meeting, *, by: User | None, at: datetime, reason: str = ""
) -> IssuedDocument:
    """Freeze the minutes as they stand, as a PDF and its data, and mark the sitting as issued.

    The same minutes are issued once: a second click returns the version that exists. Minutes
    that changed become a new version, which supersedes the last and needs a `reason`. Raises
    `Refused` with everything that is missing; then nothing was written.
    """
    written: list[IssuedDocument] = []
    try:
        with transaction.atomic():
            return _issue(meeting, by=by, at=at, reason=reason.strip(), written=written)
    except BaseException:
        for document in written:
            if document.pdf.name:
                document.pdf.storage.delete(document.pdf.name)
        raise


def _issue(
    meeting: Meeting,
    *,
    by: User | None,
    at: datetime,
    reason: str,
    written: list[IssuedDocument],
) -> IssuedDocument:
    sittings.lock(meeting)
    draft = compile.compile_minutes(meeting)
    current = current_minutes(meeting)
    if current is not None and not has_changed(current, draft):
        return current
    objections = list(review(meeting, draft))
    if current is not None and not reason:
        objections.append(
            Finding(
                code="motif_manquant",
                message=f"La version {current.version} est déjà établie.",
                remedy="Dites en une phrase ce que la nouvelle version corrige.",
                field="reason",
            )
        )
    findings.refuse(objections)
    document = replace(
        draft,
        watermark="",
        version=current.version + 1 if current else 1,
        edition=_edition(current, reason) if current else "",
        verification=verification(code := draw_code()),
    )
    content = papers.to_json(document)
    pdf = render.render_pdf(document)
    digest = hashlib.sha256(pdf).hexdigest()
    issued = IssuedDocument(
        meeting=meeting,
        version=document.version,
        schema=document.schema,
        content=content,
        sha256=papers.sha256(document),
        pdf=ContentFile(pdf, f"{document.file_name}-v{document.version}-{digest[:12]}.pdf"),
        pdf_sha256=digest,
        pages=render.page_count(pdf),
        code=code,
        reason=reason if current else "",
        supersedes=current,
        issued_by=by,
        issued_at=at,
    )
    written.append(issued)
    issued.save()
    if meeting.stage != Meeting.Stage.ISSUED:
        meeting.stage = Meeting.Stage.ISSUED
        meeting.save(update_fields=["stage"])
        sittings.touch(meeting)
    return issued


def current_minutes(meeting: Meeting) -> IssuedDocument | None:
    """The minutes in force of this sitting, `None` before they are issued."""
    return IssuedDocument.objects.filter(meeting=meeting).minutes().current().first()


def has_changed(issued: IssuedDocument, draft: papers.MinutesDocument) -> bool:
    """Whether the sitting says something else now than what was issued."""
    return issued.paper.without_edition != draft.without_edition


def verification(code: str) -> papers.Verification:
    """What is printed at the foot of a paper so that anybody may learn what it is."""
    # A paper is printed for years: without SITE_URL it can only name the machine at hand.
    site = (settings.SITE_URL or "http://127.0.0.1:8000").rstrip("/")
    address = f"{site}{reverse('archive:code', args=[code])}"
    return papers.Verification(code=code, address=address, picture=compile.picture_of(address))


def _edition(current: IssuedDocument, reason: str) -> str:
    """What a later version prints of itself: which one it replaces, and why."""
    issued_on = french.long_date(timezone.localdate(current.issued_at))
    number = current.version
    return french.sentence(
        f"Version {number + 1}, qui annule et remplace la version {number} établie le {issued_on}"
        f" : {reason}"
    )


# --- What is missing --------------------------------------------------------------------------


def review(meeting: Meeting, draft: papers.MinutesDocument) -> tuple[Finding, ...]:
    """What minutes must hold and do not (refusals), and what deserves a look (warnings)."""
    return (*_missing(meeting, draft), *render.unprintable(draft), *_doubts(meeting))


def _missing(meeting: Meeting, draft: papers.MinutesDocument) -> Iterator[Finding]:
    """The compulsory contents of art. L2121-15 that are empty."""
    state = meeting.sitting.at_end
    # A sitting that never had its quorum is opened, counted and closed: it may have no clerk.
    is_void = state.opened_at is not None and not draft.quorum.reached
    for is_absent, severity, code, message, remedy in (
        (
            state.opened_at is None,
            Severity.REFUSAL,
            "sans_ouverture",
            "L’heure d’ouverture n’est pas notée.",
            "Notez-la sur la page des présences.",
        ),
        (
            not state.chair,
            Severity.REFUSAL,
            "sans_president",
            "Qui préside la séance n’est pas noté.",
            "Choisissez le président sur la page des présences.",
        ),
        (
            not any(line.standing == "present" for each in draft.roll for line in each.lines),
            Severity.REFUSAL,
            "sans_presents",
            "Personne n’est noté présent.",
            "Faites l’appel sur la page des présences.",
        ),
        (
            not state.clerks,
            Severity.WARNING if is_void else Severity.REFUSAL,
            "sans_secretaire",
            "Aucun secrétaire de séance n’est désigné : il signe le procès-verbal.",
            "Désignez-le sur la page des présences.",
        ),
        (
            state.closed_at is None,
            Severity.REFUSAL,
            "sans_levee",
            "La séance n’est pas levée.",
            "Notez l’heure de levée sur la page des présences.",
        ),
        (
            not any(not item.is_section for item in draft.all_items),
            Severity.WARNING if is_void else Severity.REFUSAL,
            "sans_ordre_du_jour",
            "L’ordre du jour est vide.",
            "Écrivez les points examinés.",
        ),
    ):
        if is_absent:
            yield Finding(
                code=code,
                message=french.nbsp(message),
                article=article_of(meeting.regime, "minutes_mentions_required"),
                remedy=remedy,
                severity=severity,
            )


def _doubts(meeting: Meeting) -> Iterator[Finding]:
    """What the law would have one look at before signing."""
    already = {"sans_ouverture", "sans_president", "sans_secretaire", "sans_levee"}
    second_call = meeting.second_call_of_id is not None
    for finding in checks.review(
        meeting.sitting,
        meeting.regime,
        second_call=second_call,
        titles=meeting.agenda.titles,
    ):
        if finding.code not in already:
            yield finding
    first = meeting.second_call_of
    if first is not None:
        yield from checks.beyond_first_call(
            meeting.sitting,
            meeting.regime,
            titles=meeting.agenda.titles,
            first=first.agenda.titles.values(),
        )
    organisation = meeting.body.organisation
    if organisation.logo and not compile.issuer(organisation).logo:
        yield Finding(
            code="logo_illisible",
            message="Le logo de l’organisation ne peut pas être lu : il ne sera pas imprimé.",
            severity=Severity.WARNING,
        )
    for line in reading.lines(meeting):
        if line.awaits:
            number = f"{line.node.number} " if line.node.number not in ("", "•") else ""
            yield Finding(
                code="sans_decision",
                message=french.nbsp(
                    f"Le point {number}« {line.node.item.title} » n’a ni vote ni suite."
                ),
                article=article_of(meeting.regime, "minutes_mentions_required"),
                severity=Severity.WARNING,
            )
