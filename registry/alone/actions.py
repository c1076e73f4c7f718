"""Writing what somebody decides alone, taking it; noting and ending a delegation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from documents import actions as issuing
from documents.models import IssuedDocument
from law import delegations, findings, french
from law.delegations import QUESTIONS, Kind
from law.findings import Finding, Severity
from law.regime import delegated_by
from meetings import composition, journal
from meetings.actions import items, ledger, preparing, texts
from meetings.models import Meeting
from members import faults
from members.models import Body, Mandate, User
from registry.acts import actions as acts
from registry.acts import reading as register
from registry.alone import reading
from registry.models import Delegation, Deliberation, DeliberationLink, LoneAct
from trail import recording as trail
from trail.models import Act

# How the registers are called, and number what they hold; whoever keeps the rules may change it.
_REGISTERS = {
    Kind.DECISION: ("Décisions", "le registre des décisions", "D{annee}-{numero:03}"),
    Kind.ORDER: ("Arrêtés", "le registre des arrêtés", "A{annee}-{numero:03}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the secretariat says of an act that somebody takes alone; visas, recitals and articles
    one a line, without the word that begins them."""

    title: str
    author: Mandate
    held_on: date
    nature: str
    delegation: Delegation | None = None
    subject: str = ""
    stands_in: bool = False
    amount: Decimal | None = None
    concerns: str = ""
    visas: str = ""
    recitals: str = ""
    articles: str = ""


@transaction.atomic
def open_registers(assembly: Body, *, by: User) -> None:
    """Open the registers of what is decided alone in the name of this assembly, and of its
    presidency; those that are open stay as they are."""
    Body.objects.select_for_update(of=("self",)).get(pk=assembly.pk)
    known = set(assembly.registers.values_list("kind", flat=True))
    title = assembly.organisation.titles[0]
    # Who presides changes, and is a woman or a man: a register outlives them.
    head = "la présidence" if title == "président" else f"le {title}"
    for kind, (name, designation, pattern) in _REGISTERS.items():
        if kind.value in known:
            continue
        Body.objects.create(
            organisation=assembly.organisation,
            assembly=assembly,
            kind=kind.value,
            name=f"{name} {french.contract('de', head)}",
            slug=f"{kind.value}-{assembly.slug}"[:50],
            designation=f"{designation} {french.contract('de', head)}",
            member_noun="membres",
            position=assembly.position + 50,
            numbering=Body.Numbering.NONE,
            deliberation_format=pattern,
            is_active=False,  # it never meets
        )
        journal.note(assembly, "register-opened", f"Registre ouvert\u00a0: {name}", by=by)


def _register_of(assembly: Body, kind: Kind) -> Body:
    found = assembly.registers.filter(kind=kind.value).select_related("organisation").first()
    if found is None:
        raise findings.refusal(
            "registre_a_ouvrir",
            "Les registres des décisions et des arrêtés ne sont pas ouverts.",
            remedy="Ouvrez-les, une fois, à la page «\u00a0Décisions et arrêtés\u00a0».",
        )
    return found


@transaction.atomic
def draft(assembly: Body, kind: Kind, told: Told, *, by: User, at: datetime) -> Meeting:
    """Begin an act: nothing is decided yet. Raises `Refused` for what cannot be kept."""
    body = _register_of(assembly, kind)
    meeting = Meeting(
        kind=Meeting.Kind.ACT,
        body=body,
        held_on=told.held_on,
        starts_at=_free_time(body, told.held_on),
        is_hour_unknown=True,
        in_one_place=True,
        created_by=by,
    )
    faults.check(meeting)
    meeting.save()
    trail.note(Act.CREATED, str(meeting), by=by, organisation=meeting.organisation)
    items.add_item(meeting, title=told.title, key=reading.ITEM, by=by)
    _keep(meeting, LoneAct(meeting=meeting), told, base="", by=by)
    return meeting


def _free_time(body: Body, on: date) -> time:
    """What orders the acts of one day: no paper gives it."""
    taken = set(Meeting.every.filter(body=body, held_on=on).values_list("starts_at", flat=True))
    moment = datetime.combine(on, time())
    while moment.time() in taken:
        moment += timedelta(seconds=1)
    return moment.time()


@transaction.atomic
def rewrite(meeting: Meeting, told: Told, *, base: str, by: User) -> Meeting:
    """Change an act; once it is taken, its words alone, until somebody signs it. `base` is the
    `texts.brief_base` that the page showed. Raises `Refused`, also when somebody else wrote the
    same meanwhile."""
    ledger.lock(meeting)
    findings.refuse(filter(None, [reading.signed(meeting)]))
    if not meeting.ledger and meeting.held_on != told.held_on:
        meeting.held_on = told.held_on
        meeting.starts_at = _free_time(meeting.body, told.held_on)
        meeting.save(update_fields=["held_on", "starts_at"])
    item = meeting.agenda[reading.ITEM].item
    item.meeting = meeting
    if item.title != (title := told.title.strip()):
        item.title = title
        faults.check(item)
        item.save(update_fields=["title"])
        journal.note(meeting, "item-renamed", f"Intitulé\u00a0: «\u00a0{title}\u00a0»", by=by)
        ledger.touch(meeting)
    _keep(meeting, meeting.alone, told, base=base, by=by)
    return meeting


def _keep(meeting: Meeting, row: LoneAct, told: Told, *, base: str, by: User) -> None:
    if not meeting.ledger:
        row.author, row.nature = told.author, told.nature
        row.delegation, row.subject = told.delegation, told.subject
        row.stands_in, row.amount = told.stands_in, told.amount
        row.concerns = " ".join(told.concerns.split())
        faults.check(row)
        row.save()
    item = meeting.items.get(key=reading.ITEM)
    item.meeting = meeting
    parts = texts.brief_parts(texts.brief_of(item))
    wanted = parts | {"visas": told.visas, "recitals": told.recitals, "articles": told.articles}
    try:
        texts.save_brief(item, parts=wanted, base=base or texts.brief_base(parts), by=by)
    except texts.BriefConflict as clash:
        raise findings.refusal(
            "ecrit_ailleurs",
            "Quelqu’un d’autre a écrit cet acte depuis que cette page est ouverte.",
            remedy="Gardez vos mots de côté, rechargez la page, puis remettez-les.",
        ) from clash


def drop(meeting: Meeting, *, by: User) -> None:
    """Remove a draft. Raises `Refused` once the act is taken."""
    reading.refuse_taken(meeting)
    preparing.delete_meeting(meeting, by=by)


def take(
    meeting: Meeting,
    *,
    by: User,
    at: datetime,
    answered: Mapping[str, str] | None = None,
) -> IssuedDocument:
    """Have it taken: its ledger tells by whom, by which delegation and on which day; it takes its
    number, and its paper is frozen to be signed. All of it or nothing; done again, it is what was
    taken. `answered`: the questions (`delegations.QUESTIONS`) to which somebody said yes, each with
    what he wrote of it; whoever asks nobody has no answer. Raises `Refused` with everything that
    forbids it."""
    with issuing.issuing(meeting, by=by, at=at):
        if not meeting.ledger:
            today = timezone.localdate(at)
            found, answered = reading.objections(meeting, on=today), answered or {}
            findings.refuse(found)
            findings.refuse(delegations.unanswered(found, answered))
            for each in found:
                if each.code in QUESTIONS:
                    _keep_answer(meeting, each, answered[each.code], by=by)
            ledger.record(meeting, reading.ready(meeting, on=today).event, by=by)
        (issued,) = acts.issue_acts(meeting, by=by, at=at)
        return issued


def _keep_answer(meeting: Meeting, asked: Finding, why: str, *, by: User) -> None:
    """What somebody answered for, and what he wrote of it: on the page of the act, in the trail."""
    why = " ".join(why.split())[:150]
    said = f"{QUESTIONS[asked.code].answer}{f' ({why})' if why else ''}. Il était demandé\u00a0: "
    said += f"{asked.message}{f' ({asked.article})' if asked.article else ''}"
    journal.note(meeting, "act-answered", said, by=by)
    title = meeting.agenda[reading.ITEM].item.title
    what = f"réponse en établissant «\u00a0{title[:120]}\u00a0»\u00a0: {said}"
    trail.note(Act.ISSUED, what, by=by, organisation=meeting.organisation)


def issue_again(meeting: Meeting, *, reason: str, by: User, at: datetime) -> IssuedDocument:
    """Freeze the words as they are now, in a version that says why it replaces the last one. Raises
    `Refused` once somebody signed it."""
    findings.refuse(filter(None, [reading.signed(meeting)]))
    (issued,) = acts.issue_acts(meeting, by=by, at=at, reason=reason)
    return issued


def tell(
    meeting: Meeting,
    *,
    kind: str,
    target: Deliberation | None = None,
    target_text: str = "",
    ground: str = "",
    passage: str | None = None,
    illegality: str | None = None,
    verified: bool = True,
    by: User,
) -> DeliberationLink:
    """Say what this act does to an earlier one: modify, repeal, replace or withdraw it. Raises
    `Refused` of one that nobody signed, and for an act that it cannot reach."""
    for issued in meeting.documents.current():
        findings.refuse(filter(None, [reading.unsigned(issued)]))
    return acts.link(
        meeting.deliberations.get(),
        kind=kind,
        target=target,
        target_text=target_text,
        ground=ground,
        passage=passage,
        illegality=illegality,
        verified=verified,
        by=by,
    )


def has_changed(meeting: Meeting) -> bool:
    """Whether its words are other than those of the version in force."""
    issued = meeting.documents.current().first()
    on = timezone.localdate()
    return issued is not None and bool(register.to_issue(meeting, [issued], on=on).changed)


# --- Delegations ------------------------------------------------------------------------------


@transaction.atomic
def note_delegation(row: Delegation, *, by: User, verified: bool = False) -> Delegation:
    """Enter a delegation in the list of those by which one decides alone. Raises `Refused` for one
    that names no act, no subject, or a holder who was not in office on its day; for what nobody
    delegates to himself, and what is noted already; and, until somebody `verified` it, for an act
    or subjects that deserve a look."""
    row.recorded_by = by
    row.subjects = "\n".join(row.matters)
    if row.deliberation is not None:
        row.granted_on = row.deliberation.meeting.held_on
        row.source = row.source or (
            f"la délibération n° {row.deliberation.label} du "
            f"{french.long_date(row.granted_on)} portant délégation"
        )
    if not row.source.strip():
        raise findings.refusal(
            "sans_source",
            "Dites par quel acte cette délégation est donnée\u00a0: un visa le cite.",
            remedy="Choisissez la délibération, ou écrivez l’acte en clair.",
            field="source",
        )
    if row.granted_on is not None and row.mandate_id is not None:
        mandate = row.mandate
        if not (
            mandate.start_on <= row.granted_on
            and (mandate.end_on is None or row.granted_on <= mandate.end_on)
        ):
            raise findings.refusal(
                "hors_mandat",
                f"{mandate.person} n’était pas en fonction le {french.long_date(row.granted_on)}.",
                remedy="Choisissez qui l’était, ou le jour de l’acte.",
                field="mandate",
            )
    if row.mandate_id is not None and row.granted_on is not None:
        regime = composition.of(row.body, row.granted_on).regime
        granting = reading.granting(row)
        findings.refuse(delegations.objections_to(granting, regime))
        findings.refuse(delegations.known_already(reading.weighed([row])[row.pk], regime))
        if not verified:
            asked = delegations.doubts_of(granting, regime)
            findings.refuse(
                replace(each, severity=Severity.REFUSAL, field="verified") for each in asked
            )
    faults.check(row)
    row.save()
    _tell_delegation(row, "delegation-noted", f"Délégation notée\u00a0: {row}", by=by)
    return row


def _tell_delegation(row: Delegation, verb: str, words: str, *, by: User) -> None:
    journal.note(row.body, verb, words, by=by)
    trail.note(Act.RULES, words, by=by, organisation=row.body.organisation)


@transaction.atomic
def settle_delegation(
    row: Delegation,
    *,
    by: User,
    enforceable_on: date | None = None,
    ended_on: date | None = None,
    knowing: bool = False,
    has_no_end: bool = False,
    reason: str = "",
) -> Delegation:
    """Say since when a delegation binds, once; and that it was over after a day. Its end is said
    again, or taken back (`has_no_end`), for a `reason` that the journal keeps. Raises `Refused` for
    a day before it was given, for an end that changes without a reason, and, unless whoever says it
    is `knowing`, for one that leaves acts without it."""
    was, reason = row.ended_on, " ".join(reason.split())
    corrected = was if has_no_end or ended_on not in (None, was) else None
    if corrected is not None and not reason:
        raise findings.refusal(
            "fin_sans_motif",
            f"La fin de cette délégation, dite du {french.long_date(corrected)}, ne change pas "
            "sans un mot qui dise pourquoi.",
            remedy="Écrivez-le\u00a0: le journal le garde, avec l’une et l’autre date.",
            field="reason",
        )
    if enforceable_on is not None and row.enforceable_on is None:
        row.enforceable_on = enforceable_on
        regime = composition.of(row.body, enforceable_on).regime
        findings.refuse(delegations.known_already(reading.weighed([row])[row.pk], regime))
    if ended_on is not None or has_no_end:
        row.ended_on = ended_on
    faults.check(row)
    if ended_on is not None and not knowing and (met := reading.reached(row, ended_on=ended_on)):
        raise findings.refusal(
            "actes_atteints",
            french.count(len(met), "acte est pris", "actes sont pris")
            + " par cette délégation, et signés après ce jour, ou pas encore.",
            article=delegated_by(composition.of(row.body, ended_on).regime),
            remedy="Regardez lesquels, puis confirmez.",
            field="ended_on",
        )
    row.save(update_fields=["enforceable_on", "ended_on"])
    for alone in row.lone_acts.select_related("meeting"):  # what is told of them follows
        ledger.touch(alone.meeting)
    if corrected is not None:
        now = f"le {french.long_date(row.ended_on)}" if row.ended_on else "aucune"
        words = f"Fin de délégation corrigée\u00a0: dite le {french.long_date(corrected)}, "
        words += f"désormais {now}. Motif\u00a0: {reason}. {french.capitalise(str(row))}"
    else:
        done, on = ("terminée", ended_on) if ended_on else ("exécutoire", enforceable_on)
        since = f", {french.long_date(on)}" if on else ""
        words = f"Délégation {done}{since}\u00a0: {row}"
    _tell_delegation(row, "delegation-settled", words, by=by)
    return row
