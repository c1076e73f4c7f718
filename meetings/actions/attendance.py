"""Who came, and when; the composition told again."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from law import assembly, findings, french, quorum, sitting
from law.findings import Finding, Severity
from meetings import composition, reading
from meetings.actions import ledger
from meetings.models import Meeting
from members.models import Mandate, User


def _is_movement_of(event: sitting.Event, member: str) -> bool:
    return (
        isinstance(event, sitting.Arrived | sitting.Left | sitting.Excused)
        and event.member == member
    )


@ledger.holds
def set_roll(
    meeting: Meeting, *, standings: Mapping[str, str], by: User | None
) -> tuple[Finding, ...]:
    """Point the roll: member key → "present", "excuse" or "absent".

    Whoever is already so is left alone, arrival hours included.
    """
    standing = sitting.standing_events(meeting.ledger)
    story: list[sitting.Event] = []
    for member, wanted in standings.items():
        told = [event for event in standing if _is_movement_of(event, member)]
        if _as_pointed(told) == wanted:
            continue
        story += [sitting.Voided(target=event.seq, reason="remplacé") for event in told]
        if wanted == sitting.Standing.PRESENT:
            story.append(sitting.Arrived(member=member))
        elif wanted == sitting.Standing.EXCUSED:
            story.append(sitting.Excused(member=member))
    return ledger.record(meeting, *story, by=by)


@ledger.holds
def point_all(
    meeting: Meeting, *, besides: Collection[str] = (), by: User | None
) -> tuple[Finding, ...]:
    """Point present each titular who is neither present nor excused, but these, as long as the roll
    is being called: refused once it is over, where who was forgotten is pointed alone."""
    findings.refuse(reading.roll_over(meeting))
    waited = (key for key in reading.unpointed(reading.roll(meeting)) if key not in besides)
    standings = dict.fromkeys(waited, str(sitting.Standing.PRESENT))
    return set_roll(meeting, standings=standings, by=by)


def _as_pointed(told: list[sitting.Event]) -> str:
    if any(isinstance(event, sitting.Arrived) for event in told):
        return sitting.Standing.PRESENT
    if any(isinstance(event, sitting.Excused) for event in told):
        return sitting.Standing.EXCUSED
    return sitting.Standing.ABSENT


@ledger.holds
def arrive(
    meeting: Meeting, arrival: sitting.Arrived, *, by: User | None, live: bool = False
) -> tuple[Finding, ...]:
    """Somebody comes in at an hour or a point. Told afterwards, a presence pointed for the whole
    sitting yields; live, or after a departure, the arrival replaces nothing."""

    def is_plain_presence(event: sitting.Event) -> bool:
        return (
            isinstance(event, sitting.Arrived | sitting.Excused)
            and event.member == arrival.member
            and event.at is None
            and event.before is None
        )

    has_left = any(
        isinstance(event, sitting.Left) and event.member == arrival.member
        for event in sitting.standing_events(meeting.ledger)
    )
    story: list[sitting.Event] = (
        [] if live or has_left else ledger.replacing(meeting, is_plain_presence)
    )
    return ledger.record(meeting, *story, arrival, by=by, live=live)


@ledger.holds
def tell(meeting: Meeting, event: sitting.Event, *, by: User | None) -> tuple[Finding, ...]:
    """A movement told afterwards, each in its own way. Refused too is what would be counted, or
    printed, as if it had been admitted."""
    match event:
        case sitting.Arrived():
            found = arrive(meeting, event, by=by)
        case sitting.Installed():
            found = install(meeting, event, by=by)
        case _:
            found = ledger.record(meeting, event, by=by)
    findings.refuse(
        replace(each, remedy=_NEVER_TOLD[each.code] or each.remedy, severity=Severity.REFUSAL)
        for each in found
        if each.code in _NEVER_TOLD
    )
    return found


# With what to do instead, where the law does not say it already.
_NEVER_TOLD = {
    "huis_clos_refuse": "Corrigez ce nombre, ou notez plutôt «\u00a0Un huis clos refusé\u00a0».",
    "distance_non_admise": "",
}


@ledger.holds
def install(
    meeting: Meeting, installed: sitting.Installed, *, by: User | None, live: bool = False
) -> tuple[Finding, ...]:
    """Somebody takes office during the sitting, who held no seat until then: refused for a titular
    whose mandate ran already, which what comes before would no longer count (art. L5211-8)."""
    story = meeting.sitting
    ended = any(event.member == installed.member for event in story.of_kind(sitting.Vacated))
    since = None if ended else _in_office_since(meeting, installed.member)
    if since is not None:
        member = meeting.basis.composition[installed.member]
        raise findings.refusal(
            "deja_en_fonction",
            f"{member.name} siège déjà\u00a0: son mandat court depuis le "
            f"{french.long_date(since)}.",
            remedy="Rien n’est à noter\u00a0: une installation est celle de qui entre en fonction "
            "à cette séance. Si c’est le cas, corrigez d’abord le début de son mandat.",
            field="member",
        )
    return ledger.record(meeting, installed, by=by, live=live)


def _in_office_since(meeting: Meeting, key: str) -> date | None:
    """Since when a titular has held his seat, if he did before the day of the sitting."""
    composition = meeting.basis.composition
    mandate = composition[key].mandate if key in composition else None
    if mandate is None:
        return None  # an imported sitting knows his name only
    eve = meeting.held_on - timedelta(days=1)
    earlier = meeting.body.mandates.in_office(eve).filter(
        person__mandates=mandate, capacity=Mandate.Capacity.TITULAR
    )
    return earlier.values_list("start_on", flat=True).first()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomposed:
    """What taking up the composition of today would change: who comes in, who goes out, who sits
    otherwise; the quorum and the vacant seats before and after; whether the rules are others;
    what the law says of it, the votes counted anew, and why it would be refused."""

    coming: tuple[assembly.Member, ...]
    leaving: tuple[assembly.Member, ...]
    altered: tuple[assembly.Member, ...]
    before: quorum.Quorum
    after: quorum.Quorum
    vacant_before: int
    vacant_after: int
    has_other_rules: bool
    findings: tuple[Finding, ...]

    @property
    def is_refused(self) -> bool:
        """Whether it would be."""
        return any(each.severity is Severity.REFUSAL for each in self.findings)


def foresee_recomposed(meeting: Meeting) -> Recomposed | None:
    """What `recompose` would do; `None` when that is nothing. Nothing is told."""
    today, basis = composition.of(meeting.body, meeting.held_on), meeting.basis
    if not meeting.ledger or (today.composition, today.regime) == (basis.composition, basis.regime):
        return None
    was, now = basis.composition.by_key, today.composition.by_key
    found = tuple(_spoken_of(meeting, today))
    then = meeting.sitting
    if not found:  # nobody is judged of whom the story still speaks
        found, then = ledger.foresee_whole(meeting, today)
    opening = then.at_opening
    dispensed = meeting.outline.docket.dispenses(opening.item)
    return Recomposed(
        coming=tuple(member for key, member in now.items() if key not in was),
        leaving=tuple(member for key, member in was.items() if key not in now),
        altered=tuple(
            member
            for key, member in now.items()
            if key in was and replace(member, mandate=was[key].mandate) != was[key]
        ),
        before=meeting.quorum_of(meeting.sitting.at_opening),
        after=quorum.of(opening, today.regime, second_call=dispensed),
        vacant_before=basis.composition.vacancies,
        vacant_after=today.composition.vacancies,
        has_other_rules=today.regime != basis.regime,
        findings=found,
    )


@ledger.holds
def recompose(meeting: Meeting, *, by: User | None) -> tuple[Finding, ...]:
    """Tell the composition again, as the mandates and the rule book stand now.

    Refused when the ledger speaks of somebody who is no longer in it.
    """
    today = composition.of(meeting.body, meeting.held_on)
    if not meeting.ledger:
        return ()
    findings.refuse(_spoken_of(meeting, today))
    return ledger.record(meeting, today, by=by)


def _spoken_of(meeting: Meeting, today: sitting.Composed) -> Iterator[Finding]:
    """Those who would go out and of whom the ledger speaks."""
    told = {key for e in sitting.standing_events(meeting.ledger) for key in _members_of(e)}
    for member in meeting.basis.composition.members:
        if member.key in told and member.key not in today.composition:
            yield Finding(
                code="composition",
                message=f"Le registre parle {french.contract('de', member.name)}, qui "
                f"n’est plus dans la composition.",
                remedy="Annulez d’abord ce qui a été noté à son sujet.",
            )


def _members_of(event: sitting.Event) -> set[str]:
    """The keys of the people an event names."""
    names = ("member", "chair", "substitute", "titular", "giver", "holder")
    keys = {getattr(event, name, "") for name in names}
    keys |= {*getattr(event, "clerks", ()), *getattr(event, "members", ())}
    if isinstance(event, sitting.BallotHeld):
        keys |= set(event.ballot.choices)
    if isinstance(event, sitting.ElectionHeld):
        keys |= set(event.election.tellers)
    return keys - {""}
