"""What was decided by delegation: of which the assembly was told, and of which it was not."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape

from django.db.models import Q, QuerySet

from documents.compile import the
from documents.models import IssuedDocument
from law import french
from law.regime import accounted_by
from meetings import reading as sittings
from meetings import richtext
from meetings.models import AgendaItem, Meeting
from members.models import Body
from registry.acts.reading import done_to
from registry.alone.reading import signed_by
from registry.models import Accounted, Deliberation, LoneAct, Ruling
from registry.signatures import reading as signatures

ASSEMBLIES = frozenset({Body.Kind.COMITE, Body.Kind.COUNCIL})
_UNTOLD_YET = (Meeting.Stage.PREPARED, Meeting.Stage.OPEN)
TITLE = "Compte rendu des décisions prises par délégation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One of them; `key` names it in a form, `remark` says what became of it since."""

    key: str
    number: str
    on: date
    author: str
    object: str
    row: Deliberation | Ruling
    remark: str = ""
    amount: str = ""  # before tax, of what says one

    @property
    def is_act(self) -> bool:
        """Whether it was taken here, and has a page."""
        return isinstance(self.row, Deliberation)


def _untold(path: str = "accounted") -> Q:
    """Told nowhere, or by a sitting that was called off."""
    cancelled = {f"{path}__item__meeting__stage": Meeting.Stage.CANCELLED}
    return Q(**{path: None}) | Q(**cancelled)


def _unsigned() -> QuerySet[IssuedDocument]:
    """The acts taken alone that nobody signed yet: nothing is decided, so nothing is told."""
    alone = IssuedDocument.objects.current().filter(meeting__kind=Meeting.Kind.ACT)
    return signatures.unsigned(alone).values("meeting")


def of_bodies(assembly: Body) -> QuerySet[Deliberation]:
    """What the other bodies of its organisation decided, delegated to them or not: of those who
    decide alone, by its own delegations only."""
    its_own = Q(body__assembly=None) | Q(body__assembly=assembly)
    return (
        Deliberation.objects.filter(its_own, body__organisation=assembly.organisation_id)
        .exclude(body=assembly)
        .exclude(meeting__in=_unsigned())
        .select_related("item__meeting__body", "meeting__body", "body__organisation")
        .select_related("meeting__alone")
        .prefetch_related("linked_from__source__meeting")
        .order_by("meeting__held_on", "rank")
    )


def untold(assembly: Body, *, on: date) -> tuple[Decision, ...]:
    """What was decided by delegation until that day, and is still to be told: three queries."""
    rulings, acts = _rulings_and_acts(assembly, on)
    found = [
        *(_act(each) for each in acts if each.item.settled_effect == _BY_DELEGATION),
        *(_ruling(each) for each in rulings.select_related("body__organisation")),
    ]
    return tuple(sorted(found, key=lambda each: (each.on, each.key)))


def collegial(decisions: Iterable[Decision]) -> str:
    """The bodies that took some of these in their own sittings, in words (« Bureau »): by a
    delegation of the assembly that is not noted here, where those given to a person are."""
    acts = (each for each in decisions if isinstance(each.row, Deliberation))
    found = {each.author: None for each in acts if not each.row.meeting.is_alone}
    return french.join(sorted(found))


def untold_days(assemblies: Mapping[int, Body], *, on: date) -> dict[int, list[date]]:
    """By assembly (its number), the day of each decision that it is still to be told, until that
    day: a query for those of the presidency, and one for each assembly."""
    found: dict[int, list[date]] = defaultdict(list)
    rulings = Ruling.objects.filter(_untold(), body__in=assemblies, decided_on__lte=on)
    for body, decided_on in rulings.order_by().values_list("body", "decided_on"):
        found[body].append(decided_on)
    for body, assembly in assemblies.items():
        _, acts = _rulings_and_acts(assembly, on)
        found[body] += [
            each.meeting.held_on
            for each in acts.prefetch_related(None)
            if each.item.settled_effect == _BY_DELEGATION
        ]
    return found


_BY_DELEGATION = AgendaItem.Effect.DELEGATION


def _rulings_and_acts(assembly: Body, on: date) -> tuple[QuerySet[Ruling], QuerySet[Deliberation]]:
    """Those of the presidency, those of the other bodies, some of which decide nothing for it."""
    maybe = Q(item__effect__in=("", _BY_DELEGATION))
    return (
        Ruling.objects.filter(_untold(), body=assembly, decided_on__lte=on),
        of_bodies(assembly).filter(_untold(), maybe, meeting__held_on__lte=on),
    )


def told(assembly: Body) -> QuerySet[Accounted]:
    """What it was told, by a sitting that is over or elsewhere, the latest first."""
    return _accounted(assembly).exclude(item__meeting__stage__in=_UNTOLD_YET)


def announced(assembly: Body) -> QuerySet[Accounted]:
    """What a sitting that is not over has on its agenda to tell, the latest first."""
    return _accounted(assembly).filter(item__meeting__stage__in=_UNTOLD_YET)


def _accounted(assembly: Body) -> QuerySet[Accounted]:
    return (
        Accounted.objects.filter(body=assembly)
        .exclude(item__meeting__stage=Meeting.Stage.CANCELLED)
        .select_related("item__meeting", "deliberation__item__meeting", "ruling", "noted_by")
        .order_by("-pk")
    )


def of_item(item: AgendaItem) -> tuple[Decision, ...]:
    """What this item tells."""
    rows = item.accounted.select_related(
        "deliberation__item", "deliberation__meeting__alone", "deliberation__body"
    ).select_related("ruling__body__organisation")
    found = [_act(row.deliberation) if row.deliberation else _ruling(row.ruling) for row in rows]
    return tuple(sorted(found, key=lambda each: (each.on, each.key)))


def telling(meetings: Iterable[Meeting]) -> dict[int, AgendaItem]:
    """By sitting (its number), the item of its agenda that gives an account; one query."""
    rows = AgendaItem.objects.filter(meeting__in=meetings, accounted__isnull=False)
    return {item.meeting_id: item for item in rows.select_related("meeting").order_by("-pk")}


def _act(row: Deliberation) -> Decision:
    return Decision(
        key=f"d{row.pk}",
        number=row.label,
        on=row.meeting.held_on,
        author=signed_by(row),
        object=row.item.title,
        row=row,
        remark=french.join(done_to(row)),
        amount=_amount(row.meeting),
    )


def _amount(meeting: Meeting) -> str:
    alone: LoneAct | None = getattr(meeting, "alone", None)
    return french.euros(alone.amount) if alone and alone.amount is not None else ""


def _ruling(row: Ruling) -> Decision:
    chair, _ = row.body.organisation.titles
    return Decision(
        key=f"r{row.pk}",
        number=row.number,
        on=row.decided_on,
        author="Maire" if chair == "maire" else "Présidence",
        object=row.object,
        row=row,
    )


def held_sittings(*assemblies: Body | int) -> QuerySet[Meeting]:
    """Those they held: at each, it was to be told."""
    over = (Meeting.Stage.CLOSED, Meeting.Stage.ISSUED)
    return Meeting.objects.filter(body__in=assemblies, stage__in=over)


def coming_sittings(assemblies: Iterable[Body | int], *, on: date) -> QuerySet[Meeting]:
    """Those of that day or after it at which an account may be given, the next one first."""
    found = Meeting.objects.upcoming(on).filter(body__in=assemblies)
    return found.exclude(stage=Meeting.Stage.CANCELLED).order_by("held_on", "starts_at")


def next_sitting(assembly: Body, *, on: date) -> Meeting | None:
    """The first of them."""
    return coming_sittings([assembly], on=on).select_related("body__organisation").first()


def next_number(assembly: Body, *, on: date) -> str:
    """The number that a decision of the president most likely takes: the one after the last."""
    last = assembly.rulings.filter(decided_on__year=on.year).order_by("-pk").first()
    head, _, rank = (last.number if last else f"{on.year}-D0").rpartition("D")
    return f"{head}D{int(rank) + 1:0{len(rank) or 1}}" if rank.isdecimal() else ""


# --- In words ---------------------------------------------------------------------------------


def composed(meeting: Meeting, decisions: Iterable[Decision]) -> str:
    """The account as the minutes print it: who gives it, by which article, and the table."""
    words, composition = sittings.words(meeting), meeting.basis.composition
    chair = next((each for each in composition.titulars if each.is_president), None)
    who = the(words.chair, chair) if chair else f"Le {words.chair}"
    article = accounted_by(meeting.regime)
    told = (
        f"{who} rend compte {french.contract('à', words.designation)} des décisions prises par "
        f"délégation ({article}) :"
    )
    decisions = tuple(decisions)
    # A column that nothing fills is not printed.
    has_amounts = any(each.amount for each in decisions)
    rows = [
        (
            each.number,
            french.long_date(each.on),
            each.author,
            _object(each),
            *([each.amount or "–"] if has_amounts else []),
        )
        for each in decisions
    ]
    heads = ("Numéro", "Date", "Par", "Objet", *(["Montant hors taxes"] if has_amounts else []))
    table = richtext.table(heads, rows)
    return f"<p>{escape(french.nbsp(told))}</p>{table}"


def _object(decision: Decision) -> str:
    return f"{decision.object} ({decision.remark})" if decision.remark else decision.object
