"""What makes a decision stand: its number, its extract, the adoption of minutes. Each act is added
once."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from convening import notices, sending
from documents import actions as issuing
from documents.actions import Wanted
from documents.models import IssuedDocument
from law import acts as law
from law import elections, findings, labels, sitting, undoing
from law.delegations import Kind
from law.findings import Finding
from law.regime import article_of, cited
from meetings.actions import ledger
from meetings.acts import decided
from meetings.models import AgendaItem, Meeting
from members.models import Body, User
from registry.acts import reading
from registry.alone import reading as lone
from registry.models import (
    Adoption,
    Deliberation,
    DeliberationLink,
)
from trail.models import Act
from trail.recording import note


@transaction.atomic
def ask_for_articles(
    meeting: Meeting, bare: Sequence[IssuedDocument], *, by: User, at: datetime, site: str
) -> None:
    """Tell the secretariat, by mail and on the page of the deliberations, that whoever signs waits
    for what these decide; once of each paper in force."""
    titles = "\n".join(f"- {document}" for document in bare)
    where = f"{site.rstrip('/')}{reverse('registry:acts', args=[meeting.pk])}"
    notices.tell_secretariat(
        meeting,
        reason=f"{reading.ARTICLES}-{meeting.pk}-{bare[-1].pk}",
        subject="Avant de signer\u00a0: des délibérations sans articles",
        body=f"{by.get_full_name() or by} ne signe pas encore, {notices.of_sitting(meeting)}, "
        f"faute d’articles qui disent ce qui est décidé\u00a0:\n{titles}\n\n"
        f"Écrivez-les, puis établissez de nouveau ces délibérations\u00a0:\n{where}",
        by=by,
        at=at,
        site=site,
    )
    transaction.on_commit(sending.wake)


@transaction.atomic
def number(meeting: Meeting, *, by: User | None, at: datetime) -> tuple[Deliberation, ...]:
    """Give its number to each act of a closed sitting, in order; returns those just given.

    Called again it numbers only what a correction added: a number is given once and never
    again, even when what bore it was voided (art. R2121-9 du CGCT). Raises `Refused` while the
    sitting is open.
    """
    ledger.lock(meeting)
    if not meeting.sitting.is_over:
        raise findings.refusal(
            "seance_ouverte",
            "La séance n’est pas levée : ses délibérations ne se numérotent pas encore.",
            article="art. R2121-9 du CGCT",
            remedy="Levez la séance, puis numérotez.",
        )
    # Sittings of the same body on two screens: the numbers of the year are drawn one by one.
    body = Body.objects.select_for_update(of=("self",)).get(pk=meeting.body_id)
    year = meeting.held_on.year
    next_number = reading.next_number(body.deliberations, year=year)
    rank = max(meeting.deliberations.values_list("rank", flat=True), default=0)
    given = []
    for each in reading.awaiting_number(meeting):
        rank += 1
        printed = labels.label(
            body.deliberation_format, held_on=meeting.held_on, rank=rank, number=next_number
        )
        given.append(
            Deliberation(
                meeting=meeting,
                item=each.item,
                body=body,
                year=year,
                number=next_number,
                rank=rank,
                label=printed,
                safe_label=labels.safe(printed),
                numbered_by=by,
                numbered_at=at,
            )
        )
        next_number += 1
    _refuse_taken(body, given)
    for deliberation in given:
        deliberation.save()
    if given:
        ledger.touch(meeting)
    return tuple(given)


def _refuse_taken(body: Body, given: list[Deliberation]) -> None:
    """A format that was changed during the year may print a number that exists already."""
    labels_given = [each.label for each in given]
    safe = [each.safe_label for each in given]
    taken = body.deliberations.filter(label__in=labels_given) | body.deliberations.filter(
        safe_label__in=safe
    )
    if (other := taken.first()) is not None:
        raise findings.refusal(
            "numero_pris",
            f"Le numéro {other.label} est déjà celui de « {other.item.title} ».",
            remedy="Changez la forme des numéros de l’instance, dans l’administration.",
        )


@transaction.atomic
def link(
    deliberation: Deliberation,
    *,
    kind: str,
    target: Deliberation | None = None,
    target_text: str = "",
    ground: str = "",
    passage: str | None = None,
    illegality: str | None = None,
    verified: bool = True,
    by: User | None,
) -> DeliberationLink:
    """Say that a deliberation modifies, repeals, replaces or withdraws an earlier one; past four
    months, by which case (`undoing.Ground`), that the journal keeps; and where its text says so
    (`passage`; `None`: nobody is asked), wanted once it is signed, and found there; how what it
    withdraws is illegal (`illegality`; `None`: nobody is asked). The public reads none of it before
    it binds (`archive.online.standing.pending`).

    The target is one of the same organisation, or named in words when it is not held here.
    Raises `Refused` when it is itself, a later one, or missing; when it is to be signed by one
    person who did not, and so undoes itself; when four months are over and no case is said; and,
    until somebody `verified` it, when it undoes what was of another author or another power, or
    has no article that does. What takes note undoes nothing, and nothing undoes the election of the
    executive; who is designated otherwise is replaced by a new designation.
    """
    target_text = target_text.strip()
    faults = []
    if (target is None) == (not target_text):
        faults.append(("cible", "Choisissez une délibération, ou nommez l’acte en clair."))
    if target is not None and target.pk == deliberation.pk:
        faults.append(("cible", "Une délibération ne se modifie pas elle-même."))
    elif target is not None and (
        target.body.organisation_id != deliberation.body.organisation_id
        or target.place > deliberation.place
    ):
        faults.append(("cible", "Seule une délibération antérieure peut être visée."))
    findings.refuse(Finding(code=code, message=message, field="target") for code, message in faults)
    way, nature = undoing.Way(kind), lone.nature_of(target) if target else None
    decided_on, on = target.meeting.held_on if target else None, deliberation.meeting.held_on
    found = [_never_signed(target) if target else None]
    is_elected = target is not None and target.item.kind in AgendaItem.ELECTIONS
    if not is_elected:  # who is designated is replaced at any time, or never but by the judge
        found.append(undoing.objection(way, nature, decided_on=decided_on, on=on, ground=ground))
    found.append(_powerless(deliberation, target))
    if target is not None and is_elected:
        forms = _of_other_forms(way, deliberation, target)
        found.append(None if verified and forms and forms.field == "verified" else forms)
    elif illegality is not None:
        found.append(
            undoing.not_illegal(
                way,
                nature,
                decided_on=decided_on,
                on=on,
                illegality=illegality,
                ground=ground,
            )
        )
    if passage is not None:
        articles = reading.articles_of(deliberation)
        found.append(_unquoted(deliberation, passage))
        found.append(undoing.misquoted(passage, articles))
        if not (verified or articles):
            found.append(undoing.no_words(deliberation.label))
    if target is not None and not verified:
        found.append(_of_another_power(deliberation, target))
        found += _undone_already(deliberation, way, target)
    findings.refuse(filter(None, found))
    same = {"kind": kind, "target": target, "target_text": target_text}
    known = deliberation.links.filter(undone_at=None, **same).first()
    if known is not None:
        return known
    made = DeliberationLink.objects.create(source=deliberation, linked_by=by, **same)
    is_case = ground in list(undoing.Ground) and undoing.Ground(ground).lets(way)
    case = f"\u00a0; {undoing.Ground(ground).words}" if is_case else ""
    if (told := " ".join((illegality or "").split())) and way in undoing.UNDOING:
        case += f"\u00a0; illégal\u00a0: «\u00a0{told}\u00a0»"
    _tell_link(made, f"dit\u00a0: {made}{case}{_quoting(passage)}", by=by)
    return made


def _of_another_power(source: Deliberation, target: Deliberation) -> Finding | None:
    if source.meeting.is_alone and target.meeting.is_alone:
        return undoing.other_power(Kind(source.body.kind), Kind(target.body.kind))
    if source.body_id == target.body_id:
        return None
    is_delegated = source.meeting.is_alone or source.body.kind == Body.Kind.BUREAU
    return undoing.other_author(str(source.body), str(target.body), is_delegated=is_delegated)


def _undone_already(
    source: Deliberation, way: undoing.Way, target: Deliberation
) -> Iterator[Finding]:
    """That others end it already; not by one that is withdrawn itself."""
    links = target.linked_from.exclude(source=source).select_related("source__meeting")
    for each in links:
        if each.stands and not reading.withdrawn_by(each.source):
            found = undoing.already(way, undoing.Way(each.kind), each.source.dated)
            if found is not None:
                yield found


def _powerless(source: Deliberation, target: Deliberation | None) -> Finding | None:
    """That the one undoes nothing, or that nothing undoes the other."""
    told = [each for each in decided(source.meeting) if each.item.pk == source.item_id]
    regime = source.meeting.regime
    return undoing.no_power(
        takes_note=any(each.takes_note for each in told),
        is_executive=target is not None and _elects_the_executive(target),
        article="" if regime.by_statutes else law.electoral(regime),
    )


def _elects_the_executive(act: Deliberation) -> bool:
    """Whether it elects to an office of the assembly itself, whatever its item is said to be."""
    if act.item.kind == AgendaItem.Kind.EXECUTIVE:
        return True
    held = (each.election for each in act.meeting.sitting.of_kind(sitting.ElectionHeld))
    return any(
        each.item == act.item.key
        and each.secrecy is elections.Secrecy.IMPOSED
        and elections.office_of(each)
        for each in held
    )


def _of_other_forms(way: undoing.Way, source: Deliberation, target: Deliberation) -> Finding | None:
    if _elects_the_executive(target):
        return None  # said by `_powerless`
    return undoing.other_forms(
        way,
        is_designation=source.item.kind == AgendaItem.Kind.ELECTION,
        article=cited(source.meeting.regime, "art. L2121-33 du CGCT"),
    )


def _unquoted(deliberation: Deliberation, passage: str) -> Finding | None:
    """That an act is signed, whose effect is about to change, and nobody says where its text says
    so: a link is what an act does, and adds nothing to it."""
    if passage.strip() or not reading.is_worded(deliberation):
        return None
    return Finding(
        code="lien_sans_passage",
        message=f"{deliberation.label} a son texte signé\u00a0: dites ce que son texte en dit, "
        "et à quel article. Un lien ne change pas ce qu’un acte décide.",
        remedy="Si son texte n’en dit rien, prenez un autre acte.",
        field="passage",
    )


def _quoting(passage: str | None) -> str:
    told = " ".join((passage or "").split())[:200]
    return f"\u00a0; son texte\u00a0: «\u00a0{told}\u00a0»" if told else ""


def _never_signed(target: Deliberation) -> Finding | None:
    """That what one person was to sign never was: there is nothing to undo."""
    papers = target.meeting.documents.current()
    if not any(lone.unsigned(each) for each in papers):
        return None
    return Finding(
        code="acte_vise_sans_signature",
        message=f"{target.label} n’est pas signé\u00a0: sans effet, il n’y a rien à en défaire.",
        article=cited(target.meeting.regime, "art. L212-1 du CRPA"),
        remedy="Laissez-le sans signature, ou, s’il est signé à la main, confirmez d’abord sa "
        "feuille.",
        field="target",
    )


@transaction.atomic
def unlink(
    made: DeliberationLink, *, by: User, at: datetime, passage: str | None = None
) -> DeliberationLink:
    """Take back what was told of a deliberation by mistake; done twice, changes nothing. Raises
    `Refused` once a paper of either sitting was issued since; and, of what is signed, until
    one says what its text says instead (`passage`; `None`: nobody is asked)."""
    row = DeliberationLink.objects.select_for_update(of=("self",)).get(pk=made.pk)
    if row.stands:
        if reading.is_final(row):
            raise findings.refusal(
                "lien_suivi",
                "Un papier de ces séances a été établi depuis\u00a0: ce lien ne se retire plus.",
                remedy="Une nouvelle délibération dit ce qu’il en est.",
            )
        if passage is not None:
            findings.refuse(filter(None, [_unquoted(row.source, passage)]))
        row.settle(undone_at=at, undone_by=by)
        _tell_link(row, f"retiré, dit par erreur\u00a0: {row}{_quoting(passage)}", by=by)
    return row


def _tell_link(made: DeliberationLink, words: str, *, by: User | None) -> None:
    """It changes what the public reads of an act."""
    owner = made.source.meeting.organisation
    acts = "actes" if made.source.meeting.is_alone else "délibérations"
    note(Act.PUBLICATION, f"lien entre {acts} {words}", by=by, organisation=owner)


# --- Extracts and list ------------------------------------------------------------------------


def issue_acts(
    meeting: Meeting,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    bare: Collection[str] = (),
    rectified: Collection[str] = (),
) -> tuple[IssuedDocument, ...]:
    """Number what has no number, then freeze the extract of each deliberation and the list.

    Returns those in force, the extracts in the order of the sitting and the list at the end. All
    of it or nothing; the same acts are issued once. Those that changed become a new version,
    which needs a `reason`. Raises `Refused` while the sitting is open, when nothing was decided,
    for characters that cannot be printed, for a vote whose operative text nobody wrote unless the
    key of its item is among the `bare`, and for one whose operative text changed since it was
    issued, unless somebody says of it that it only told the vote wrong (`rectified`) and no adopted
    minutes belie him.
    """
    with issuing.issuing(meeting, by=by, at=at, reason=reason) as press:
        number(meeting, by=by, at=at)
        wanted = reading.acts_to_issue(meeting, on=timezone.localdate(at), bare=bare)
        rewritten = _rewritten(meeting, wanted, rectified)
        told = {each.document.subject for each in rewritten}
        issued = press.freeze(
            *(
                replace(each, because=reading.RECTIFIES) if each.subject in told else each
                for each in wanted
            )
        )
        if press.written:
            ledger.touch(meeting)
        return issued


def _rewritten(
    meeting: Meeting, wanted: Sequence[Wanted], rectified: Collection[str]
) -> tuple[reading.Rewritten, ...]:
    """What is issued as a rectification. Raises `Refused` for what is none."""
    found = tuple(reading.rewritten(wanted, list(meeting.documents.current())))
    findings.refuse(
        each.objection
        for each in found
        if each.minutes is not None or each.document.subject not in rectified
    )
    return found


# --- Adoption ---------------------------------------------------------------------------------


@transaction.atomic
def record_adoptions(
    meeting: Meeting,
    *,
    by: User | None,
    at: datetime,
    only: int | None = None,
    carrying: Collection[int] = (),
) -> tuple[Adoption, ...]:
    """Note which minutes the votes of this sitting adopted, or `only` the document of this number;
    returns those just noted.

    The version adopted is the one in force: corrections asked at the sitting are issued first,
    as a new version. Raises `Refused` when minutes were adopted that were never issued, or whose
    corrections were written and not issued, asked by the vote and not written, or issued after a
    vote that had asked none, unless somebody says that these documents are `carrying` them.
    """
    ledger.lock(meeting)
    noted = []
    objections = []
    for approval in reading.approvals(meeting):
        if only is not None and (approval.minutes is None or approval.minutes.pk != only):
            continue
        if approval.minutes is None:
            objections.append(
                Finding(
                    code="pv_non_etabli",
                    message=f"« {approval.item.title} » a été adopté, mais ce procès-verbal n’est "
                    "pas établi ici.",
                    article=article_of(meeting.regime, "minutes_mentions_required"),
                    remedy="Établissez-le, puis constatez son adoption.",
                )
            )
        elif _is_noted(approval.item, approval.minutes):
            continue
        elif approval.is_corrected:
            objections.append(
                Finding(
                    code="pv_corrige",
                    message=f"« {approval.item.title} » : le texte a changé depuis sa version "
                    f"{approval.minutes.version}.",
                    article=article_of(meeting.regime, "minutes_mentions_required"),
                    remedy="Si la séance a demandé ces corrections, établissez la version "
                    "suivante, puis constatez son adoption.",
                )
            )
        elif approval.is_of_after and approval.minutes.pk not in carrying:
            objections.append(
                Finding(
                    code="pv_d_apres_le_vote",
                    message=f"«\u00a0{approval.item.title}\u00a0»\u00a0: la version "
                    f"{approval.minutes.version} est établie après ce vote, qui n’a rien fait "
                    "corriger.",
                    article=article_of(meeting.regime, "minutes_mentions_required"),
                    remedy="Dites que la séance a demandé ce qui a changé\u00a0; sinon, faites "
                    "approuver cette version par une séance suivante.",
                )
            )
        elif approval.lacks_what_was_asked and approval.minutes.pk not in carrying:
            objections.append(
                Finding(
                    code="pv_a_corriger",
                    message=f"« {approval.item.title} » a été adopté corrigé\u00a0: "
                    f"« {approval.asked} »\u00a0; la version {approval.minutes.version} est "
                    "d’avant ce vote.",
                    article=article_of(meeting.regime, "minutes_mentions_required"),
                    remedy="Écrivez ces corrections et établissez la version suivante, ou dites "
                    "que celle-ci les porte déjà.",
                )
            )
        else:
            noted.append(
                Adoption(
                    document=approval.minutes,
                    item=approval.item,
                    seq=approval.seq,
                    adopted_on=approval.adopted_on,
                    noted_by=by,
                    noted_at=at,
                )
            )
    findings.refuse(objections)
    for adoption in noted:
        adoption.save()
    return tuple(noted)


def _is_noted(item: AgendaItem, minutes: IssuedDocument) -> bool:
    """A vote adopts one version, once; a later correction waits for the vote of a later sitting."""
    same = Q(item=item, document__meeting=minutes.meeting_id)
    return Adoption.objects.filter(same | Q(document=minutes)).exists()
