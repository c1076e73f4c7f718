"""Issuing a paper: the act after which it is never edited again."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from documents import compile, papers, render
from documents.models import IssuedDocument, draw_code
from law import elections, findings, french, sitting, style
from law.checks import review as law_review
from law.findings import Finding, Severity
from law.regime import article_of, cited
from meetings import acts, leaving, reading
from meetings.actions import ledger
from meetings.models import AgendaItem, Meeting
from members import files, proving
from members.models import User
from trail.models import Act
from trail.recording import note


def issue_minutes(
    meeting: Meeting, *, by: User | None, at: datetime, reason: str = ""
) -> IssuedDocument:
    """Freeze the minutes as they stand, as a PDF and its data, and mark the sitting as issued.

    The same minutes are issued once: a second click returns the version that exists. Minutes
    that changed become a new version, which supersedes the last and needs a `reason`. Raises
    `Refused` with everything that is missing; then nothing was written.
    """
    with issuing(meeting, by=by, at=at, reason=reason) as press:
        draft = compile.compile_minutes(meeting)
        (issued,) = press.freeze(
            Wanted(
                kind=IssuedDocument.Kind.MINUTES,
                paper=draft,
                review=lambda: review(meeting, draft),
            )
        )
        if press.written and meeting.stage != Meeting.Stage.ISSUED:
            meeting.stage = Meeting.Stage.ISSUED
            meeting.save(update_fields=["stage"])
            ledger.touch(meeting)
        return issued


# --- Freezing ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A paper to freeze: of which kind, about which item, called how in lists.

    `review` says what forbids it; by default, characters that cannot be printed. `keeping` gives it
    what the document in force keeps whatever is told since, if anything. `because` says before the
    reason of a later version what that version is.
    """

    kind: str
    paper: papers.Issuable
    subject: str = ""
    title: str = ""
    review: Callable[[], Iterable[Finding]] | None = None
    keeping: Callable[[IssuedDocument, papers.Issuable], papers.Issuable] | None = None
    because: str = ""

    def replaces(self, current: IssuedDocument) -> bool:
        """Whether it says something else than the document in force, which it would replace."""
        if not has_changed(current, self.paper):
            return False
        return self.keeping is None or has_changed(current, self.keeping(current, self.paper))

    def objections(self) -> Iterable[Finding]:
        """What forbids to freeze it, or deserves a look."""
        return self.review() if self.review else render.unprintable(self.paper)


@contextmanager
def issuing(
    meeting: Meeting, *, by: User | None, at: datetime, reason: str = ""
) -> Iterator["Printer"]:
    """Freeze papers of one sitting, all of them or none, under its lock; what fails leaves no
    file behind."""
    press = Printer(meeting=meeting, by=by, at=at, reason=reason.strip())
    with files.all_or_nothing():
        ledger.lock(meeting)
        yield press


@dataclass(slots=True, kw_only=True)
class Printer:
    """Freezes papers in the transaction of `issuing`; `written` are the new documents."""

    meeting: Meeting
    by: User | None
    at: datetime
    reason: str
    written: list[IssuedDocument] = field(default_factory=list)

    def freeze(self, *wanted: Wanted) -> tuple[IssuedDocument, ...]:
        """The document of each paper: the one in force when it says the same, otherwise a new
        version. Raises `Refused` with what is wrong in any of them, before the first is drawn."""
        in_force = {(d.kind, d.subject): d for d in self.meeting.documents.current()}
        found = [(each, in_force.get((each.kind, each.subject))) for each in wanted]
        changed = [
            (each, current) for each, current in found if current is None or each.replaces(current)
        ]
        objections = [finding for each, _ in changed for finding in each.objections()]
        replaced = [current for _, current in changed if current is not None]
        if replaced and not self.reason:
            objections.append(_reason_missing(replaced))
        findings.refuse(objections)
        if replaced:
            proving.demand("remplacer ce qui est établi")
        for each, current in changed:
            in_force[each.kind, each.subject] = self._frozen(each, current)
        return tuple(in_force[each.kind, each.subject] for each in wanted)

    def _frozen(self, wanted: Wanted, current: IssuedDocument | None) -> IssuedDocument:
        version = current.version + 1 if current else 1
        reason = f"{wanted.because}{self.reason}" if current else ""
        paper = wanted.paper.as_issued(
            version=version,
            edition=_edition(current, reason) if current else "",
            verification=verification(
                code := draw_code(), version=version, issued_on=timezone.localdate(self.at)
            ),
        )
        content = papers.to_json(paper)
        pdf = render.render_pdf(paper)
        digest = hashlib.sha256(pdf).hexdigest()
        issued = IssuedDocument(
            meeting=self.meeting,
            kind=wanted.kind,
            subject=wanted.subject,
            title=wanted.title[:300],
            version=version,
            schema=paper.schema,
            content=content,
            sha256=papers.sha256(paper),
            pdf=ContentFile(pdf, f"{paper.file_name}-v{version}-{digest[:12]}.pdf"),
            pdf_sha256=digest,
            pages=render.page_count(pdf),
            signatories=len(paper.signatories),
            code=code,
            reason=reason,
            supersedes=current,
            issued_by=self.by,
            issued_at=self.at,
        )
        self.written.append(issued)
        issued.save()
        owner = self.meeting.organisation
        note(Act.ISSUED, f"{issued}, {self.meeting}", by=self.by, organisation=owner)
        return issued


def _reason_missing(replaced: Sequence[IssuedDocument]) -> Finding:
    first, *others = replaced
    return Finding(
        code="motif_manquant",
        message=f"La version {first.version} est déjà établie."
        if not others
        else f"{len(replaced)} documents déjà établis ont changé.",
        remedy="Dites en une phrase ce que la nouvelle version corrige.",
        field="reason",
    )


def current_minutes(meeting: Meeting) -> IssuedDocument | None:
    """The minutes in force of this sitting, `None` before they are issued."""
    return IssuedDocument.objects.filter(meeting=meeting).minutes().current().first()


def has_changed(issued: IssuedDocument, draft: papers.Issuable) -> bool:
    """Whether the sitting says something else now than what was issued."""
    kept = issued.paper
    return bool(kept.beside(draft).without_edition != draft.beside(kept).without_edition)


def verification(
    code: str, *, version: int | None = None, issued_on: date | None = None
) -> papers.Verification:
    """What is printed at the foot of a paper so that anybody may learn what it is."""
    # A paper is printed for years: without SITE_URL it can only name the machine at hand.
    site = (settings.SITE_URL or "http://127.0.0.1:8000").rstrip("/")
    address = f"{site}{reverse('archive:code', args=[code])}"
    picture = compile.picture_of(address)
    return papers.Verification(
        code=code, address=address, picture=picture, version=version, issued_on=issued_on
    )


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
    missing, doubts = _missing(meeting, draft), _doubts(meeting)
    return (*missing, *render.unprintable(draft), *_blanks(draft), *doubts)


def _blanks(draft: papers.MinutesDocument) -> Iterator[Finding]:
    """The formulas of the body that want what nobody noted."""
    for each in draft.reworded or ():
        printed = getattr(draft, each.field)
        if style.BLANK in printed:
            yield Finding(
                code="formule_incomplete",
                message=f"Une formule de l’instance laisse un blanc : « {printed} »",
                remedy="Notez ce qui manque dans la séance, ou changez la formule à l’onglet "
                "« Papiers » de l’instance.",
                severity=Severity.WARNING,
            )


def _missing(meeting: Meeting, draft: papers.MinutesDocument) -> Iterator[Finding]:
    """The compulsory contents of art. L2121-15 that are empty."""
    state = meeting.sitting.at_end
    # A sitting that never had its quorum is opened, counted and closed: it may have no clerk.
    is_void = state.opened_at is not None and not draft.quorum.reached
    may_be_void = {"sans_secretaire", "sans_ordre_du_jour"} if is_void else set()
    for is_absent, code, message, remedy in (
        (
            state.opened_at is None,
            "sans_ouverture",
            "L’heure d’ouverture n’est pas notée.",
            "Notez-la sur la page des présences.",
        ),
        (
            not state.chair,
            "sans_president",
            "Qui préside la séance n’est pas noté.",
            "Choisissez le président sur la page des présences.",
        ),
        (
            not any(line.standing == "present" for each in draft.roll for line in each.lines),
            "sans_presents",
            "Personne n’est noté présent.",
            "Faites l’appel sur la page des présences.",
        ),
        (
            not state.clerks,
            "sans_secretaire",
            "Aucun secrétaire de séance n’est désigné : il signe le procès-verbal.",
            "Désignez-le sur la page des présences.",
        ),
        (
            state.closed_at is None,
            "sans_levee",
            "La séance n’est pas levée.",
            "Notez l’heure de levée sur la page des présences.",
        ),
        (
            not any(not item.is_section for item in draft.all_items),
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
                severity=Severity.WARNING if code in may_be_void else Severity.REFUSAL,
            )


def _of_ties(meeting: Meeting) -> Iterator[Finding]:
    """Minutes do not print that an age is missing: who is elected must be known first, unless the
    paper that is typed says it in its own words."""
    for event in meeting.sitting.of_kind(sitting.ElectionHeld):
        election = event.election
        if elections.decide(election, meeting.basis.composition).ties and not election.stated:
            yield Finding(
                code="egalite_sans_age",
                message=french.nbsp(
                    f"L’élection « {election.title} » se règle à l’âge, et une date de naissance "
                    "manque : on ne sait pas qui est élu."
                ),
                article=cited(meeting.regime, elections.NOMINATION),
                remedy="Notez de nouveau le tour avec les dates de naissance, ou complétez-les à "
                "la composition de l’instance puis reprenez-la à la page des présences.",
            )


def _of_approvals(meeting: Meeting) -> Iterator[Finding]:
    """Earlier minutes put to the vote twice, or minutes of which nothing says which they are."""
    for each in acts.decided(meeting):
        item = each.item
        if item.kind != AgendaItem.Kind.APPROVAL:
            continue
        article = cited(meeting.regime, "art. L2121-15 du CGCT")
        if item.approves is None:
            yield Finding(
                code="approbation_sans_seance",
                message=french.nbsp(
                    f"« {item.title} » ne dit pas à l’application de quelle séance est le "
                    "procès-verbal."
                ),
                article=article,
                remedy="Choisissez la séance à la page « Modifier » du point.",
                severity=Severity.WARNING,
            )
        yield from reading.unestablished(item)
        for earlier in item.approved:
            others = [
                other.meeting
                for other in earlier.approvals
                if other.pk != item.pk and other.meeting.stage != Meeting.Stage.CANCELLED
            ]
            for other in others:
                yield Finding(
                    code="approbation_en_double",
                    message=french.nbsp(
                        f"Le procès-verbal du {french.long_date(earlier.held_on)} est aussi soumis "
                        f"à la séance du {french.long_date(other.held_on)}."
                    ),
                    article=article,
                    remedy="Retirez l’un des deux points, sauf si le premier vote l’a refusé.",
                    severity=Severity.WARNING,
                )


def _doubts(meeting: Meeting) -> Iterator[Finding]:
    """What the law would have one look at before signing."""
    already = {"sans_ouverture", "sans_president", "sans_secretaire", "sans_levee"}
    if meeting.convened_on is not None and leaving.convened_on(meeting) is None:
        yield Finding(
            code="convocation_non_remise",
            message="La convocation a été établie ici, et rien n’en est parti avant la séance"
            "\N{NO-BREAK SPACE}: ce papier ne dit pas quel jour l’assemblée a été convoquée.",
            article=article_of(meeting.regime, "notice_clear_days"),
            remedy="Si elle est partie autrement, notez à la page de l’envoi les lettres remises, "
            "et le jour.",
            severity=Severity.WARNING,
        )
    if (notice := reading.notice_given(meeting)) is not None:
        yield from reading.doubts(notice)
    yield from reading.discord(meeting)
    voted = {each.item.key for each in acts.decided(meeting)}
    for key, late in reading.late_budgets(meeting).items():
        if key in voted:
            yield late
    judged = ledger.judgement(meeting, meeting.outline, live=False)
    for finding in law_review.of(judged, meeting.agenda.titles):
        if finding.code not in already:
            yield finding
    for each in acts.decided(meeting):
        is_voted = each.seq in meeting.sitting.at_ballot
        # Of any other business the law has said it: nothing is decided there.
        is_other = each.item.kind in (
            AgendaItem.Kind.MISCELLANEOUS,
            AgendaItem.Kind.ORAL_QUESTION,
        )
        is_heard = each.item.settled_effect == AgendaItem.Effect.INFORMATION
        if is_voted and is_heard and not is_other:
            yield Finding(
                code="vote_sans_acte",
                message=f"« {each.item.title} » a été voté, et ce point est pour information : il "
                "n’aura ni numéro ni extrait.",
                article=cited(meeting.regime, "art. L2121-29 du CGCT"),
                remedy="Si l’assemblée a décidé, donnez-lui la portée d’une délibération.",
                severity=Severity.WARNING,
            )
    yield from _of_approvals(meeting)
    yield from _of_ties(meeting)
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
