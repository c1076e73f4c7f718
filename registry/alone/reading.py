"""What is decided alone, as its pages and the register read it."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from documents import compile, papers
from documents.models import IssuedDocument
from law import delegations, findings, french, sitting
from law.acts import Nature
from law.delegations import Kind
from law.findings import Finding
from law.regime import cited, delegated_by
from meetings import composition
from meetings.actions import texts
from meetings.models import LONE_ITEM, Brief, Meeting
from members.models import Body, Mandate, Organisation
from registry.acts import reading as register
from registry.models import (
    Delegation,
    Deliberation,
    DeliberationLink,
    LoneAct,
    SignatureStep,
)
from registry.signatures import reading as signatures

ITEM = LONE_ITEM
OFFICES = (Mandate.Office.CHAIR, Mandate.Office.VICE_CHAIR)
# What is known of the deliberations that give delegations, by the numbers of these: rooms above,
# which know when an act binds, say it (`archive.apps`).
SOURCES: list[Callable[[Iterable[Delegation]], Mapping[int, delegations.Source]]] = []
_UNDOES = (DeliberationLink.Kind.WITHDRAWS, *register.ENDS)


def weighed(rows: Iterable[Delegation]) -> dict[int, delegations.Delegation]:
    """By their numbers, delegations as the law judges them: with what is known of the deliberations
    that give them."""
    rows = list(rows)
    known: dict[int, delegations.Source] = {}
    for told in SOURCES:
        known |= told(rows)
    return {row.pk: replace(row.as_value, known=known.get(row.pk)) for row in rows}


def _weighed(row: Delegation) -> delegations.Delegation:
    return weighed([row])[row.pk]


def assembly_of(organisation: Organisation) -> Body | None:
    """The assembly whose presidency decides alone; `None` before there is one."""
    kinds = (Body.Kind.COMITE, Body.Kind.COUNCIL)
    found = organisation.bodies.filter(kind__in=kinds, is_active=True)
    return found.select_related("organisation").order_by("position", "pk").first()


def acts_of(organisation: Organisation) -> QuerySet[Meeting]:
    """What was decided alone there, or is being written, the latest first."""
    return (
        Meeting.every.filter(kind=Meeting.Kind.ACT, body__organisation=organisation)
        .select_related("body__organisation", "alone__author__person", "alone__author__body")
        .prefetch_related("items")
    )


def officers(assembly: Body, on: date) -> QuerySet[Mandate]:
    """Who may decide alone that day: whoever presides the assembly, then who stands in."""
    found = assembly.mandates.in_office(on).filter(office__in=OFFICES)
    in_order = found.order_by("office", "office_rank", "pk")  # "president" comes first
    return in_order.select_related("person", "body__organisation")


def granting(row: Delegation) -> delegations.Granting:
    """A delegation that is about to be noted, as the law judges it."""
    names = ("kind", "mandate_id", "granted_on", "source", "subjects")
    same = row.body.delegations.filter(**{name: getattr(row, name) for name in names})
    act = row.deliberation
    return delegations.Granting(
        act=french.nbsp(f"{act.label} «\u00a0{act.item.title}\u00a0»") if act else "",
        words="\n".join([act.item.title, *register.articles_of(act)]) if act else "",
        undone=_gone(act) if act else "",
        kind=Kind(row.kind),
        office=row.mandate.office,
        source=row.source,
        subjects=row.matters,
        is_known=same.filter(ended_on=None).exists(),
        shared=tuple(_shared(row)),
    )


def _gone(act: Deliberation) -> str:
    """Why it is no act: who takes a power from one that was withdrawn waits for no publication."""
    if not act.stands:
        return "annulée\u00a0: son vote a été corrigé"
    return next(iter(register.done_to(act, only={DeliberationLink.Kind.WITHDRAWS})), "")


def _shared(row: Delegation) -> Iterable[tuple[str, str]]:
    """Those of its subjects that somebody else has too, and who: what the presidency may do itself
    it entrusts, and keeps."""
    others = standing_delegations(row.body, Kind(row.kind), on=row.granted_on)
    wanted = {each.casefold(): each for each in row.matters}
    for other in others:
        if other.mandate_id == row.mandate_id:
            continue
        for each in other.matters:
            if each.casefold() in wanted:
                yield wanted[each.casefold()], str(other.mandate.person)


_RELATED = ("mandate__person", "mandate__body__organisation", "deliberation")


def ended_delegations(assembly: Body, *, on: date) -> list[Delegation]:
    """Those of which it was said that they are over, the latest first: that end may be an error;
    and those of which a later act undid the deliberation."""
    undone = Q(deliberation__in=_undone())
    found = assembly.delegations.filter(Q(ended_on__lt=on) | undone).select_related(*_RELATED)
    return [row for row in _known(found) if row.as_known.ends_before(on)]


def standing_delegations(assembly: Body, kind: Kind | None = None, *, on: date) -> list[Delegation]:
    """Those that are not over that day, the latest first; of one kind, when it is said."""
    found = assembly.delegations.filter(
        Q(ended_on=None) | Q(ended_on__gte=on),
        Q(mandate__end_on=None) | Q(mandate__end_on__gte=on),
    )
    if kind is not None:
        found = found.filter(kind=kind.value)
    rows = _known(found.select_related(*_RELATED))
    return [row for row in rows if not row.as_known.ends_before(on)]


def _known(rows: Iterable[Delegation]) -> list[Delegation]:
    rows = list(rows)
    values = weighed(rows)
    for row in rows:
        row.as_known = values[row.pk]
    return rows


def _undone() -> QuerySet[DeliberationLink]:
    """The deliberations that a later act is said to undo."""
    links = DeliberationLink.objects.filter(kind__in=_UNDOES, undone_at=None)
    return links.exclude(target=None).values("target")


def nature_of(deliberation: Deliberation) -> Nature:
    """What an act is to the prefecture until its secretariat says otherwise."""
    if not deliberation.meeting.is_alone:
        return Nature.DELIBERATION
    taken = deliberation.meeting.sitting.taken
    return taken.nature if taken else Nature.OTHER


def is_notified(meeting: Meeting) -> bool:
    """Whether it is an individual act: notified to whom it is about, and not published unless
    somebody wants it so (art. L2131-1, II)."""
    if not meeting.is_alone:
        return False
    taken = meeting.sitting.taken
    return taken is not None and not delegations.is_published(taken.nature)


def signed_by(deliberation: Deliberation) -> str:
    """In which office it was decided: "Président", "1re vice-présidente"; the body of what was
    deliberated."""
    taken = deliberation.meeting.sitting.taken if deliberation.meeting.is_alone else None
    if taken is None:
        return deliberation.body.name
    author = deliberation.meeting.basis.composition.someone(taken.author)
    chair, deputy = deliberation.body.organisation.titles
    return french.capitalise(author.agreed(chair if author.is_president else deputy))


def unsigned(document: IssuedDocument) -> Finding | None:
    """That nobody signed yet what one person decides: until then it is no act (art. L212-1 of the
    CRPA). `None` of what an assembly decided, which its vote made."""
    meeting = document.meeting
    if not meeting.is_alone or signatures.is_signed(document):
        return None
    return Finding(
        code="acte_sans_signature",
        message="Cet acte n’est pas signé : il n’en est pas encore un.",
        article=cited(meeting.regime, "art. L212-1 du CRPA"),
        remedy="Faites-le signer d’abord.",
    )


# --- About to be taken ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An act about to be taken: what the law is asked, and the line that would tell it."""

    taking: delegations.Taking
    event: sitting.ActTaken


def ready(meeting: Meeting, *, on: date) -> Ready:
    """How this act would be taken today (`on`), as its draft stands."""
    related = "author__person", "delegation__mandate", "delegation__deliberation"
    alone = LoneAct.objects.select_related(*related).get(meeting=meeting)
    kind = Kind(meeting.body.kind)
    delegation = _as_noted_again(alone)
    members = meeting.basis.composition
    author = composition.key_of(members, alone.author.person, {alone.author_id})
    brief = Brief.objects.filter(item__meeting=meeting).first()
    ahead = list(_ahead(alone)) if alone.stands_in else []
    keys = (composition.key_of(members, each.person, {each.pk}) for each in ahead)
    taking = delegations.Taking(
        kind=kind,
        nature=Nature(alone.nature),
        office=members[author].office if author else "",
        on=meeting.held_on,
        today=on,
        has_articles=bool(brief and brief.has_draft),
        delegation=_weighed(delegation) if delegation else None,
        is_its_holder=delegation is None or _may_use(alone, delegation),
        subject=alone.subject,
        concerns=alone.concerns,
        has_recitals=bool(brief and texts.brief_parts(brief)["recitals"].strip()),
        left_on=alone.author.end_on,
        stands_in=alone.stands_in,
        ahead=tuple(str(each.person) for each in ahead),
        amount=alone.amount,
        latest_on=_latest(meeting),
        title=meeting.agenda[ITEM].item.title,
    )
    uses = delegation if delegation and taking.wants_a_delegation else None
    return Ready(
        taking=taking,
        event=sitting.ActTaken(
            item=ITEM,
            author=author,
            on=meeting.held_on,
            nature=taking.nature,
            source=uses.source if uses else "",
            delegated_on=uses.granted_on if uses else None,
            subject=alone.subject if uses else "",
            stands_in=alone.stands_in,
            also_prevented=tuple(filter(None, keys)),
        ),
    )


def _latest(meeting: Meeting) -> date | None:
    """The day of the latest act that its register has that year."""
    known = Deliberation.objects.filter(body=meeting.body_id, year=meeting.held_on.year)
    found = known.exclude(meeting=meeting).aggregate(latest=Max("meeting__held_on"))
    latest: date | None = found["latest"]
    return latest


def _may_use(alone: LoneAct, delegation: Delegation) -> bool:
    """Whether it was given to its author, or to whoever he stands in for."""
    is_of_the_chair = delegation.mandate.office == Mandate.Office.CHAIR
    return delegation.mandate_id == alone.author_id or (alone.stands_in and is_of_the_chair)


def _ahead(alone: LoneAct) -> Iterable[Mandate]:
    """Who stands in before the author of an act, that day."""
    for each in officers(alone.meeting.body.assembly, alone.meeting.held_on):
        if each.pk == alone.author_id:
            return
        if each.office == Mandate.Office.VICE_CHAIR:
            yield each


def objections(meeting: Meeting, *, on: date) -> tuple[Finding, ...]:
    """What keeps it from being taken, then what deserves a look."""
    taking = ready(meeting, on=on).taking
    return (
        *_ended_source(meeting),
        *delegations.objections(taking, meeting.regime),
        *delegations.doubts(taking, meeting.regime),
    )


def _ended_source(meeting: Meeting) -> Iterable[Finding]:
    """That the deliberation that delegates is no act any more: its vote was corrected."""
    delegation = meeting.alone.delegation
    source = delegation.deliberation if delegation else None
    if source is not None and not source.stands:
        yield Finding(
            code="delegation_sans_acte",
            message=f"La délibération {source.label}, qui délègue, n’est plus un acte.",
            article=delegated_by(meeting.regime),
            remedy="Choisissez la délégation qui la remplace.",
            field="delegation",
        )


def unsignable(document: IssuedDocument, *, on: date) -> Finding | None:
    """Why an act taken alone is not signed electronically that day: its author has no power left,
    or it was entered as signed by hand."""
    meeting = document.meeting
    if not meeting.is_alone:
        return None
    alone: LoneAct = meeting.alone
    found = used(alone)
    act = meeting.deliberations.first()
    return delegations.unsignable(
        Kind(meeting.body.kind),
        _weighed(found) if found else None,
        meeting.regime,
        left_on=alone.author.end_on,
        on=on,
        dated_on=meeting.held_on,
        established_on=timezone.localdate(act.numbered_at) if act else None,
    )


def used(alone: LoneAct) -> Delegation | None:
    """The delegation by which an act was taken; `None` of what was taken by powers of his own."""
    taken = alone.meeting.sitting.taken
    return _as_noted_again(alone) if taken is not None and taken.source else None


def _as_noted_again(alone: LoneAct) -> Delegation | None:
    """The delegation of an act; where it is said to be over, the same one, by the same act and for
    the same subject, that was noted once more since with a later end or none."""
    row = alone.delegation
    if row is None or row.ended_on is None:
        return row
    names = ("body_id", "kind", "mandate_id", "granted_on", "deliberation_id", "source")
    again = Delegation.objects.filter(
        Q(ended_on=None) | Q(ended_on__gt=row.ended_on),
        pk__gt=row.pk,
        **{name: getattr(row, name) for name in names},
    ).select_related("mandate__person", "deliberation")
    found = again.order_by(F("ended_on").desc(nulls_first=True))
    return next((each for each in found if alone.subject in each.matters), row)


def outlived(alone: LoneAct) -> Finding | None:
    """That its delegation was over when this act was taken, or signed."""
    found, meeting = used(alone), alone.meeting
    if found is None:
        return None
    by_people = Q(role__in=SignatureStep.BY_PEOPLE) & ~Q(manner=SignatureStep.Manner.HAND)
    steps = SignatureStep.objects.filter(by_people, document__meeting=meeting)
    first = steps.order_by("signed_at").values_list("signed_at", flat=True).first()
    return delegations.outlived(
        Kind(meeting.body.kind),
        _weighed(found),
        meeting.regime,
        on=meeting.held_on,
        signed_on=timezone.localdate(first) if first else None,
    )


def all_outlived(assemblies: Iterable[Body]) -> list[tuple[LoneAct, Finding]]:
    """The acts taken in the name of these assemblies once their delegation was over, and that no
    later one withdrew: one query, and some for each."""
    by_people = Q(role__in=SignatureStep.BY_PEOPLE) & ~Q(manner=SignatureStep.Manner.HAND)
    steps = SignatureStep.objects.filter(by_people, document__meeting=OuterRef("meeting"))
    told = LoneAct.objects.filter(delegation__body__in=assemblies).annotate(
        first=Subquery(steps.order_by("signed_at").values("signed_at")[:1])
    )
    late = Q()
    for end in ("delegation__ended_on", "delegation__mandate__end_on"):
        # A day is before each hour of it: the law judges what may be.
        late |= Q(**{f"{end}__lt": F("meeting__held_on")}) | Q(**{f"{end}__lt": F("first")})
    late |= Q(delegation__deliberation__in=_undone())
    related = "meeting__body__organisation", "meeting__body__assembly", "delegation__mandate"
    found = []
    for alone in told.filter(late).select_related(*related).order_by("meeting__held_on", "pk"):
        act = alone.meeting.deliberations.prefetch_related("linked_from__source__meeting").first()
        if act and not register.withdrawn_by(act) and (finding := outlived(alone)):
            found.append((alone, finding))
    return found


def reached(row: Delegation, *, ended_on: date) -> list[Meeting]:
    """The acts taken by this delegation that its end on that day would leave without it: taken or
    signed after, or not signed yet."""
    row = copy(row)
    row.ended_on = ended_on
    found = []
    acts = LoneAct.objects.filter(delegation=row, meeting__deliberations__isnull=False)
    for alone in acts.select_related("meeting__body__organisation").order_by("meeting__held_on"):
        alone.delegation = row
        if used(alone) and (outlived(alone) or signed(alone.meeting) is None):
            found.append(alone.meeting)
    return found


def preview(meeting: Meeting, *, on: date) -> papers.DeliberationExtract:
    """The paper as it would be, « projet » across it."""
    event = ready(meeting, on=on).event
    return compile.compile_lone_act(meeting, event)


def signed(meeting: Meeting) -> Finding | None:
    """That somebody signed it: its words are those that he signed."""
    if not any(signatures.given(each) for each in signatures.in_force(meeting)):
        return None
    return Finding(
        code="acte_signe",
        message="Cet acte est signé : ses mots ne changent plus.",
        remedy="Prenez-en un autre, qui le rectifie, le modifie ou l’abroge.",
    )


def refuse_taken(meeting: Meeting) -> None:
    """Raises `Refused` for an act that was taken: it is not prepared any more."""
    if meeting.ledger:
        raise findings.refusal(
            "acte_pris",
            "Cet acte est pris\u00a0: qui l’a pris, sa date et sa délégation ne changent plus.",
            remedy="Corrigez ses mots, puis établissez-en une version\u00a0; pour le défaire, "
            "prenez-en un autre.",
        )
