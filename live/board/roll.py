"""The roll: a cell for each person, with the letters of what she may do now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from convening.answers import Position, Respondent
from law import assembly, ballots, french, sentences, sitting
from live.board.moment import Moment, Stage
from live.board.names import cut, fold, marks, other_names
from meetings import reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One cell of the roll. `last` and `others` are what a typed name is compared with.

    `shown` and `rest` are the family name cut after the letters that suffice to find her.
    `seat` is the seat whose vote this name commands now, "" when she has none.
    """

    key: str
    shown: str
    rest: str
    first: str
    last: str
    others: str
    name: str
    standing: str
    note: str
    carries: str
    acts: str
    seat: str
    choice: str
    office: str
    label: str
    is_latent: bool  # not worth a line until somebody looks for her
    capacity: str
    prefers: str = ""  # whom a named substitute stands for, to whom a titular said he gives proxy


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A constituency of the roll."""

    name: str
    count: str
    vacancies: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """Everybody, by constituency."""

    columns: tuple[Column, ...]
    size: str  # how many cells must fit: few, some, many, crowd
    is_voting: bool


_SIZES = (("few", 12), ("some", 36), ("many", 90))  # cells of the roll


_CHOICES = {
    "pour": "pour",
    "contre": "contre",
    "abstention": "s’abstient",
    "ne_prend_pas_part": "ne prend pas part",
    "": "",
}


def of(moment: Moment) -> Roll:
    """Everybody, by constituency; those who were not spoken of are found by their name."""
    members = moment.story.offices_at(moment.state).members
    folded = {member.key: fold(member.last_name) for member in members}
    if moment.poll is not None:
        named = {key for key in folded if _seat(moment, key)}
        sought = {key: name for key, name in folded.items() if key in named}
    else:
        sought = folded
    there = {key: name for key, name in sought.items() if not _is_latent(moment, key)}
    letters = marks(sought) | marks(there)
    left = _left(moment)
    columns: dict[str, list[Person]] = {c.name: [] for c in moment.composition.constituencies}
    for member in members:
        name = moment.composition.heading_of(member)
        person = _person(moment, member, letters.get(member.key, 0), left)
        columns.setdefault(name, []).append(person)
    cells = sum(not person.is_latent for people in columns.values() for person in people)
    return Roll(
        columns=tuple(_column(moment, name, people) for name, people in columns.items() if people),
        size=next((name for name, most in _SIZES if cells <= most), "crowd"),
        is_voting=moment.poll is not None and not moment.poll.is_secret,
    )


def _column(moment: Moment, name: str, people: Sequence[Person]) -> Column:
    composition = moment.composition
    titulars = [m for m in composition.titulars if composition.heading_of(m) == name]
    seats = {c.name: c.seats for c in moment.composition.constituencies}
    occupied = sum(member.key in moment.state.occupants for member in titulars)
    vacant = max(0, seats.get(name, 0) - len(titulars))
    return Column(
        name=name if len(name) < 60 else f"{name[:58]}…",
        count=f"{occupied} sur {len(titulars)}" if titulars else "",
        vacancies=french.count(vacant, "siège vacant", "sièges vacants") if vacant else "",
        people=tuple(people),
    )


def _left(moment: Moment) -> dict[str, datetime | None]:
    """Member → when she last left, for those who were there."""
    left: dict[str, datetime | None] = {}
    for event in moment.story.events:
        if isinstance(event, sitting.Left):
            left[event.member] = event.at
    return {key: at for key, at in left.items() if key not in moment.state.room}


def _seat(moment: Moment, key: str) -> str:
    """The seat whose vote this person's name commands: the one she sits in, or her own that
    another carries; "" when nobody votes under her name."""
    taken = moment.state.seats.get(key, "")
    if taken in moment.voters and moment.voters[taken].caster == key:
        return taken
    if key not in moment.voters:
        return ""
    caster = moment.voters[key].caster
    # A substitute sits in the seat: it is hers to name, not the titular's.
    return key if caster == key or moment.voters[key].by_proxy else ""


def _person(moment: Moment, member: assembly.Member, letters: int, left: Mapping) -> Person:
    key, state = member.key, moment.state
    standing = state.standing(key).value
    if key in state.recused:
        standing = "deport"
    elif key in left and standing == sitting.Standing.ABSENT:
        standing = "parti"
    seat = _seat(moment, key)
    choice = moment.choices.get(seat, "") if seat else ""
    if seat and moment.poll and not moment.poll.awaits_each and not choice:
        choice = ballots.Choice.FOR.value
    note, carries = _note(moment, member, left), _carries(moment, key)
    shown, rest = cut(member.last_name.upper(), letters)
    is_substitute = member.capacity is assembly.Capacity.SUBSTITUTE
    told = [reading.standing(member, state), note, carries]
    if moment.poll is not None:
        told.append(_CHOICES.get(choice, "") if seat else "ne vote pas")
    office = sentences.office(member, moment.words)
    return Person(
        key=key,
        shown=shown,
        rest=rest,
        first=f"{member.first_name} ({member.apart})" if member.apart else member.first_name,
        last=fold(member.last_name),
        others=" ".join(other_names(member.last_name, member.first_name)),
        name=member.name,
        standing=standing,
        note=note,
        carries=carries,
        acts=" ".join(_acts(moment, member, seat)),
        seat=seat,
        choice=choice,
        office=office or ("suppléant" if is_substitute else ""),
        label=f"{sentences.named(member)}{f', {office}' if office else ''}, "
        + ", ".join(filter(None, told)),
        is_latent=_is_latent(moment, key),
        capacity=member.capacity.value,
        prefers=member.replaces or (moment.answers.holder_of(key) if moment.answers else ""),
    )


def _is_latent(moment: Moment, key: str) -> bool:
    """A substitute of whom nothing was said takes no line until somebody looks for her."""
    state = moment.state
    return key in moment.composition.substitutes and not (
        key in state.room or key in state.seats or key in state.excused
    )


def _note(moment: Moment, member: assembly.Member, left: Mapping) -> str:
    """What the margin says of one person: hours, substitute, proxy given."""
    key, state = member.key, moment.state
    told = []
    if key in left:
        at = left[key]
        told.append(f"parti{_e(member)} à {french.clock(at)}" if at else f"parti{_e(member)}")
    elif key in state.remote:
        told.append("à distance")
    if key in state.vacant:
        told.append("hors fonction")
    occupant = state.occupants.get(key, "")
    if occupant and occupant != key:
        told.append(f"suppléé{_e(member)} par {moment.short(occupant)}")
    if key in state.seats:
        told.append(f"siège pour {moment.short(state.seats[key])}")
    if key in state.proxies:
        asleep = "" if key in state.living_proxies else ", sans effet"
        told.append(f"pouvoir à {moment.short(state.proxies[key].holder)}{asleep}")
    is_pointed = key in state.room or key in state.excused
    if moment.answers and not told and not is_pointed:
        told += _answered(moment, moment.answers.lines[key])
    return french.nbsp(" ; ".join(told))


def _answered(moment: Moment, said: Respondent) -> Iterable[str]:
    """What somebody who is not pointed yet answered to the convocation."""
    by = moment.short(said.by.key) if said.by else ""
    stands_for = moment.short(said.stands_for.key) if said.stands_for else ""
    words = {
        Position.COMING: "vient",
        Position.REMOTE: "vient à distance",
        Position.SEATED: f"siège pour {stands_for}",
        Position.REPLACED: f"suppléé{_e(said.member)} par {by}",
        Position.REPRESENTED: f"pouvoir à {by}",
        Position.EXCUSED: "ne vient pas",
    }.get(said.position)
    if words:
        yield f"répondu : {words}"


def _carries(moment: Moment, key: str) -> str:
    givers = [g for g, holder in moment.state.living_proxies.items() if holder == key]
    return f"porte {french.join(moment.short(giver) for giver in givers)}" if givers else ""


def _acts(moment: Moment, member: assembly.Member, seat: str) -> Iterable[str]:
    """The gestures that may be made on this person now, the likeliest first."""
    key, state = member.key, moment.state
    if moment.is_closed:
        return
    if moment.poll is not None:
        if seat and not moment.poll.is_secret:
            yield from ("against", "abstain", "aside", "for")
        return
    may_vote = bool(seat) and moment.may_open_poll
    is_there = key in state.room
    if may_vote:
        yield from ("against", "abstain", "aside")
    if not is_there:
        yield "arrive"
        if moment.meeting.may_be_remote:
            yield "remote"
        if key not in state.excused:
            yield "excuse"
    if member.capacity is assembly.Capacity.TITULAR and moment.meeting.regime.proxies_allowed:
        yield "revoke_proxy" if key in state.proxies else "give_proxy"
    if (
        member.capacity is assembly.Capacity.SUBSTITUTE
        and moment.meeting.regime.substitutes != "aucun"
    ):
        yield "return_seat" if key in state.seats else "take_seat"
    if key in state.recused:
        yield "come_back"
    elif is_there and member.deliberates and moment.node is not None:
        yield "recuse"
    if is_there and moment.stage is Stage.PREPARED:
        yield "absent"
        if key not in state.excused:
            yield "excuse"
    elif is_there:
        yield from ("leave", "quit")
    if member.deliberates and moment.is_going_on:
        yield "change_mandate"


def _e(member: assembly.Member) -> str:
    return "e" if member.civility == "Mme" else ""
