"""A sitting as its pages and papers read it: words of the body, columns of the roll, decisions.

Nothing here queries beyond what the sitting has already loaded, and nothing decides: the law
answers, this puts the answers side by side.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from operator import attrgetter

from law import (
    assembly,
    ballots,
    deadlines,
    elections,
    french,
    holidays,
    quorum,
    sentences,
    sitting,
    voting,
    wording,
)
from law.checks import items
from law.findings import Finding, Severity
from law.regime import article_of, cited
from meetings import leaving
from meetings.agenda import BULLET, Node
from meetings.models import AgendaItem, Meeting
from members.models import Body

# --- Words ------------------------------------------------------------------------------------


def words(meeting: Meeting) -> sentences.BodyWords:
    """How the body of this sitting speaks of itself."""
    return replace(words_of(meeting.body), by_statutes=meeting.regime.by_statutes)


def words_of(body: Body) -> sentences.BodyWords:
    """How a body speaks of itself, and of who heads it."""
    chair, deputy = body.organisation.titles
    return sentences.BodyWords(
        designation=body.designation,
        gender=body.gender,
        member_noun=body.member_noun,
        organisation=body.organisation.designation,
        chair=chair,
        deputy=deputy,
    )


def telling(meeting: Meeting) -> wording.Telling:
    """How the events of this sitting are told on its pages and its console."""
    nodes = list(meeting.agenda.nodes)

    def decided(seq: int) -> str:
        found = grounds(meeting, seq)
        return found.decision.sentence if found else ""

    return wording.Telling(
        day=meeting.held_on,
        composition=meeting.basis.composition,
        numbers={n.item.key: n.number for n in nodes if n.number not in ("", BULLET)},
        titles={node.item.key: node.item.title for node in nodes},
        words=words(meeting),
        ledger={event.seq: event for event in meeting.ledger},
        decided=decided,
    )


def subject(item: AgendaItem) -> sentences.Subject:
    """What a vote on this item adopts or rejects: a deliberation only where it makes one."""
    match item.kind:
        case AgendaItem.Kind.APPROVAL if item.approves is not None:
            noun = "réunion" if "réunion" in item.title.casefold() else "séance"
            return sentences.minutes_of(*(each.held_on for each in item.approved), noun=noun)
        case AgendaItem.Kind.URGENCY:
            return sentences.URGENCY
        case kind if kind in AgendaItem.DELIBERATED and item.may_make_an_act:
            return sentences.DELIBERATION
    return sentences.PROPOSAL


def unestablished(item: AgendaItem) -> Iterator[Finding]:
    """The earlier minutes put to the vote under an item that nobody established yet: what would be
    adopted may still change (art. L2121-15)."""
    for earlier in item.approved if item.kind == AgendaItem.Kind.APPROVAL else ():
        if earlier.stage not in (Meeting.Stage.CLOSED, Meeting.Stage.ISSUED):
            yield Finding(
                code="seance_non_levee",
                message=f"La séance du {french.long_date(earlier.held_on)}, "
                f"{french.clock(earlier.starts_at)}, n’est pas levée ici\u00a0: elle n’a pas de "
                "procès-verbal à arrêter.",
                article=cited(item.meeting.regime, "art. L2121-15 du CGCT"),
                remedy="Choisissez la séance à la page « Modifier » du point, ou reportez-le.",
                severity=Severity.WARNING,
            )
        elif earlier.stage != Meeting.Stage.ISSUED:
            yield Finding(
                code="pv_non_etabli",
                message="Le procès-verbal de la séance du "
                f"{french.long_date(earlier.held_on)} n’est pas encore établi ici\u00a0: ce vote "
                "porterait sur un texte qui peut encore changer.",
                article=cited(item.meeting.regime, "art. L2121-15 du CGCT"),
                remedy="Établissez-le avant le vote\u00a0; établi après, il se dira établi après "
                "la séance qui l’arrêta.",
                severity=Severity.WARNING,
            )


# --- Convocation ------------------------------------------------------------------------------


def notice_given(meeting: Meeting) -> deadlines.Notice | None:
    """The notice of the convocation as the last it was handed over to had it, who had the shortest;
    by the day it is dated while nothing of it left. `None` while it has no date."""
    if meeting.convened_on is None:
        return None
    on = leaving.left_on(meeting) or meeting.convened_on
    return meeting.notice_of(on, urgent=bool(meeting.outline.docket.urgent))


def doubts(found: deadlines.Notice) -> tuple[Finding, ...]:
    """The faults of a convocation already sent: to be known, they stop nothing any more."""
    return tuple(replace(fault, severity=Severity.WARNING) for fault in found.findings)


# A sitting begins when its members are there: how late it may be before one wonders.
_LATE = timedelta(hours=1)


def discord(meeting: Meeting) -> Iterator[Finding]:
    """Where the day and the hour of the convocation, which titles print, and those of the ledger,
    which the opening formula prints, do not agree."""
    opened_at = meeting.sitting.at_end.opened_at
    if opened_at is None:
        return
    opened_at, planned = sitting.to_the_minute(opened_at), meeting.scheduled_for
    told = f"ouverte le {french.long_date(opened_at)}, à {french.clock(opened_at)}"
    if meeting.hour is None:
        code = "autre_jour" if opened_at.date() != planned.date() else ""
    elif opened_at.date() != planned.date():
        code = "autre_jour"
    elif opened_at < planned:
        code = "avant_l_heure"
    else:
        code = "apres_l_heure" if opened_at - planned > _LATE else ""
    if not code:
        return
    hour = f", à {french.clock(planned)}" if meeting.hour is not None else ""
    yield Finding(
        code=code,
        message=french.nbsp(
            f"La séance est {told} ; elle est convoquée pour le {french.long_date(planned)}{hour}."
        ),
        article=article_of(meeting.regime, "notice_clear_days"),
        remedy=_REMEDIES[code],
        severity=Severity.WARNING,
    )


def too_early(meeting: Meeting, at: datetime, *, opening: bool = False) -> Iterator[Finding]:
    """That it is not the day of this sitting yet, nor its hour where it is opened."""
    planned = meeting.scheduled_for
    is_due = sitting.to_the_minute(at) >= planned or (
        at.date() >= planned.date() and (meeting.hour is None or not opening)
    )
    if is_due:
        return
    hour = f", à {french.clock(planned)}" if meeting.hour is not None else ""
    called = "convoquée" if leaving.left_on(meeting) else "prévue"
    yield Finding(
        code="seance_a_venir",
        message=french.nbsp(
            f"Cette séance est {called} pour le {french.long_date(planned)}{hour} : nous sommes le "
            f"{french.long_date(at)}, à {french.clock(at)}."
        ),
        article=article_of(meeting.regime, "notice_clear_days"),
        remedy=french.nbsp(
            "Tenue avant le jour et l’heure annoncés, elle expose ses décisions à "
            "l’annulation\u00a0: vérifiez que c’est la bonne séance."
        ),
        severity=Severity.WARNING,
    )


def unconvened(meeting: Meeting, at: datetime) -> Iterator[Finding]:
    """That nobody was convened, as far as is known here: what was established and stayed here
    convenes nobody."""
    is_typed_later = at.date() != meeting.held_on  # of which little is known, often
    if leaving.left_on(meeting) is not None or (is_typed_later and not meeting.is_convened):
        return
    message = "Aucune convocation de cette séance n’est notée ici."
    remedy = "Si elle est partie d’ailleurs, notez-en le jour"
    otherwise = "déplacez la séance, et convoquez."
    if meeting.was_opened:
        otherwise = "tenez-en une autre, convoquée dans son délai ou en urgence."
    if meeting.is_convened:
        message = "La convocation est établie, et rien n’en est parti vers personne."
        remedy = "Si elle a été remise, dites-le à la page de l’envoi"
    yield Finding(
        code="ouverture_sans_convocation",
        message=message,
        article=article_of(meeting.regime, "notice_clear_days"),
        remedy=f"{remedy}\u00a0; sinon, ce que décide une assemblée non convoquée peut être "
        f"annulé\u00a0: {otherwise}",
        severity=Severity.WARNING,
    )


_REMEDIES = {
    "autre_jour": "Si elle s’est bien tenue ce jour-là, que la convocation n’annonçait pas, ce "
    "qu’elle a décidé peut être annulé\u00a0: convoquez de nouveau. Sinon, enregistrez de nouveau "
    "son heure d’ouverture à la page des présences\u00a0: elle prend le jour de la séance.",
    "avant_l_heure": "Corrigez l’heure sur la page des présences ; si des membres convoqués pour "
    "plus tard ont manqué des votes, ceux-ci sont à reprendre.",
    "apres_l_heure": "Corrigez l’heure sur la page des présences, ou dites au procès-verbal ce qui "
    "a retardé la séance.",
}


def convener(meeting: Meeting) -> assembly.Member | str:
    """Who convenes it, and signs: who presides the body; else the first of the vice-presidents
    (art. L2122-17, but where statutes decide); else whom the rules name, by what he is."""
    titulars = meeting.basis.composition.titulars
    for member in titulars:
        if member.is_president:
            return member
    deputies = [each for each in titulars if each.office == "vice-president" and each.office_rank]
    if deputies and not meeting.regime.by_statutes:
        return min(deputies, key=attrgetter("office_rank"))
    return meeting.regime.convened_by_fallback or meeting.regime.convened_by


# --- Quorum -----------------------------------------------------------------------------------


def quorum_at_opening(meeting: Meeting) -> quorum.Quorum:
    """The quorum of the roll call."""
    return meeting.quorum_of(meeting.sitting.at_opening)


def since_opening(meeting: Meeting) -> str:
    """What the movements made of the quorum of the roll call: « Depuis 18 h 10 : 5 présents sur 6,
    quorum atteint. »; "" while it is still that one. Who withdraws for an item alone is told there.
    """
    state = replace(meeting.sitting.at_end, recused={}, item="")
    first, last = meeting.sitting.at_opening, meeting.quorum_of(state)
    at_opening = quorum_at_opening(meeting)
    figures = attrgetter("present", "in_office", "votes_present", "votes_in_office")
    if not first.room or figures(last) == figures(at_opening):
        return ""
    moved = [event for event in meeting.sitting.events if wording.is_movement(event)]
    hours = [event.at for event in moved if isinstance(event, _GOES) and event.at]
    since = f"depuis {french.clock(max(hours))}" if hours else "ensuite"
    unit = "voix" if last.basis == "voix" else "présent"
    reached = "" if last.second_call else f", quorum {'' if last.reached else 'non '}atteint"
    counted = f"{french.count(last.present, unit)} sur {last.in_office}"
    if last.basis == "tetes_et_voix":
        counted += f" et {last.votes_present} voix sur {last.votes_in_office}"
    told = f"{since}\u00a0: {counted}{reached}"
    return french.nbsp(french.sentence(told))


_GOES = sitting.Arrived | sitting.Left | sitting.SeatTaken


def until(meeting: Meeting) -> dict[str, str]:
    """Beside the name of whoever came or went in the course of the sitting, until when or since
    when he was there: « jusqu’à 18 h 10 », « part avant le point 3 »."""
    moved = [each for each in meeting.sitting.events if wording.is_movement(each)]
    moved = [each for each in moved if isinstance(each, sitting.Arrived | sitting.Left)]
    notes, found = telling(meeting).notes(moved), {}
    for key, told in notes.items():
        own = [each for each in moved if each.member == key]
        if len(own) == 1 and isinstance(own[0], sitting.Left) and own[0].at:
            found[key] = french.nbsp(f" jusqu’à {french.clock(own[0].at)}")
        else:
            found[key] = ", " + french.nbsp(" ; ".join(told))
    return found


def quorum_at(meeting: Meeting, item: AgendaItem) -> quorum.Quorum:
    """The quorum when the item is put to discussion (art. L2121-17)."""
    return meeting.quorum_of(state_at(meeting, item))


def when_verified(meeting: Meeting, item: AgendaItem) -> str:
    """When the quorum of an item was verified, and who was there at its last vote if that has
    changed since: "À l’appel de ce point, à 18 heures 32"."""
    story = meeting.sitting
    seqs = [
        event.seq
        for event in story.events
        if event.seq in story.put_before and sitting.own_item(event) == item.key
    ]
    if not seqs:
        return ""
    return french.capitalise(sentences.verified(story.verified_by[seqs[-1]]))


def at_vote(meeting: Meeting, item: AgendaItem) -> str:
    """Who was there at the last vote on an item, where it is not who was there when its quorum
    was verified: "Au vote : 30 présents, 1 représenté, 31 votants."; "" otherwise."""
    story = meeting.sitting
    seqs = [event.seq for event in _held(story) if sitting.anchor(event) == item.key]
    if not seqs:
        return ""
    state, put = story.at_ballot[seqs[-1]], story.put_before[seqs[-1]]
    if items.who_is_there(state) == items.who_is_there(put):
        return ""
    present, represented = len(state.attending), len(state.living_proxies)
    told = [
        french.count(present, "présent"),
        french.count(represented, "représenté"),
        french.count(len(state.voices), "votant"),
    ]
    lost = "" if meeting.quorum_of(state).reached else " ; le quorum n’y est plus"
    return french.sentence(f"au vote : {', '.join(told)}{lost}")


def state_at(meeting: Meeting, item: AgendaItem) -> sitting.State:
    """The sitting when this item is put to discussion; sections take the last state known."""
    return meeting.sitting.at_item.get(item.key, meeting.sitting.at_end)


# --- The roll ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One person of the roll. `pointed` is what the secretary said: present, excuse or absent;
    nothing of anybody, before she pointed somebody.

    `standing` is what the law makes of it (represented, replaced…); `note` says by whom, and
    the hours that differ from the sitting's.
    """

    member: assembly.Member
    pointed: str
    standing: sitting.Standing
    office: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One constituency of the roll, its vacant seats counted."""

    name: str
    rows: tuple[Row, ...]
    vacancies: int = 0

    @property
    def community(self) -> str:
        """The one that all of them sit for: said once, above their names; "" when they are of
        several."""
        names = {row.member.community for row in self.rows}
        return names.pop() if len(names) == 1 else ""

    @property
    def titulars(self) -> int:
        """Members in office of this constituency; everybody where nobody deliberates."""
        return _titulars(self.rows) or len(self.rows)

    @property
    def present(self) -> int:
        """Seats occupied at the roll call, by their titular or a substitute."""
        occupied = (sitting.Standing.PRESENT, sitting.Standing.REPLACED)
        is_deliberative = any(row.member.deliberates for row in self.rows)
        return sum(
            1
            for row in self.rows
            if row.standing in occupied
            and (row.member.capacity is assembly.Capacity.TITULAR or not is_deliberative)
        )


def unpointed(columns: Iterable[Column]) -> list[str]:
    """The titulars whom « Tous présents » points: neither present nor excused yet."""
    rows = (row for column in columns for row in column.rows)
    return [
        row.member.key
        for row in rows
        if row.pointed in {"", "absent"} and row.member.capacity is assembly.Capacity.TITULAR
    ]


def is_called(meeting: Meeting) -> bool:
    """Whether the roll is over: the sitting was held with its quorum."""
    return bool(meeting.sitting.at_end.closed_at) and quorum_at_opening(meeting).reached


def roll_over(meeting: Meeting) -> Iterator[Finding]:
    """That nobody is pointed by the whole any more: once its papers are established, or it was held
    with its quorum."""
    why = ""
    if meeting.stage == Meeting.Stage.ISSUED:
        why = "Le procès-verbal de cette séance est établi"
    elif is_called(meeting):
        why = "L’appel de cette séance est fait, et elle est levée"
    if why:
        yield Finding(
            code="appel_fini",
            message=french.nbsp(f"{why} : personne n’y est plus pointé en bloc."),
            remedy="Qui fut oublié se pointe seul, à sa ligne.",
        )


def roll(meeting: Meeting, *, is_begun: bool = False) -> tuple[Column, ...]:
    """The roll by constituency; members of none, and consultative ones, close it.

    `is_begun`: it is being called, though nothing is written yet of those who are absent.
    """
    state, spoken = meeting.sitting.at_opening, words(meeting)
    composition = meeting.sitting.offices_at(state)
    notes = telling(meeting).notes(meeting.sitting.events)
    pointed = _pointed(meeting)
    otherwise = "absent" if pointed or is_begun else ""
    columns: dict[str, list[Row]] = {college.name: [] for college in composition.constituencies}
    for member in composition.members:
        name = composition.heading_of(member)
        row = Row(
            member=member,
            pointed=pointed.get(member.key, otherwise),
            standing=state.standing(member.key),
            office=sentences.office(member, spoken),
            note=french.nbsp(" ; ".join(notes.get(member.key, ()))),
        )
        columns.setdefault(name, []).append(row)
    seats = {college.name: college.seats for college in composition.constituencies}
    return tuple(
        Column(
            name=name,
            rows=tuple(_under_titulars(rows, state.seats)),
            vacancies=max(0, seats.get(name, 0) - _titulars(rows)),
        )
        for name, rows in columns.items()
    )


def _under_titulars(rows: Sequence[Row], seats: Mapping[str, str]) -> Iterator[Row]:
    """Each substitute under whom she sits for, or was named for; last, those of nobody."""
    titulars = [row for row in rows if row.member.capacity is not assembly.Capacity.SUBSTITUTE]
    known = {row.member.key for row in titulars}
    under: dict[str, list[Row]] = {}
    for row in rows:
        if row.member.capacity is assembly.Capacity.SUBSTITUTE:
            whose = seats.get(row.member.key) or row.member.replaces
            under.setdefault(whose if whose in known else "", []).append(row)
    for row in titulars:
        yield row
        yield from under.get(row.member.key, ())
    yield from under.get("", ())


def _titulars(rows: Sequence[Row]) -> int:
    return sum(1 for row in rows if row.member.capacity is assembly.Capacity.TITULAR)


def _pointed(meeting: Meeting) -> dict[str, str]:
    """Member key → what was pointed: whoever came at any moment was present."""
    pointed: dict[str, str] = {}
    for event in meeting.sitting.events:
        if isinstance(event, sitting.Arrived):
            pointed[event.member] = "present"
        elif isinstance(event, sitting.Excused):
            pointed.setdefault(event.member, "excuse")
    return pointed


# --- Movements --------------------------------------------------------------------------------


def movements(meeting: Meeting) -> list[dict]:
    """What moved, beyond the roll: late arrivals, departures, proxies, withdrawals…"""
    now = telling(meeting)
    moved = [event for event in meeting.sitting.events if wording.is_movement(event)]
    left = _left(meeting) if any(isinstance(event, _GOES) for event in moved) else {}
    stays = ("", False)
    return [
        {
            "seq": event.seq,
            "title": wording.title(event),
            "summary": now.line(event),
            "at": event.at,
            "place": now.point(sitting.anchor(event) or ""),
            "left": left.get(event.seq, stays)[0],
            "is_lost": left.get(event.seq, stays)[1],
        }
        for event in moved
    ]


def _left(meeting: Meeting) -> dict[int, tuple[str, bool]]:
    """By event of the course of the sitting after which more or fewer are there, how many are
    (« 16 présents », « 15 présents, quorum perdu »), and whether it lost the quorum."""
    found: dict[int, tuple[str, bool]] = {}

    def of(state: sitting.State) -> quorum.Quorum:
        return meeting.quorum_of(replace(state, recused={}, item=""))

    def observe(event: sitting.Event, state: sitting.State) -> None:
        if not isinstance(event, _GOES) or not sitting.is_in_its_course(event):
            return
        was, now = of(state), of(sitting.apply(state, event))
        if was.present != now.present:
            unit = "voix" if now.basis == "voix" else "présent"
            told, turns = french.count(now.present, unit), was.reached != now.reached
            is_lost = turns and was.reached and not now.second_call
            if turns and not now.second_call:
                told += ", quorum perdu" if is_lost else ", quorum atteint"
            found[event.seq] = french.nbsp(told), is_lost

    story = meeting.sitting
    sitting.tell(story.composition, story.told, story.printed, story.layout, observe=observe)
    return found


# --- Decisions --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One ballot or election on an item, as recorded and as it will print."""

    seq: int
    sentence: str
    because: str
    names: str = ""  # the end of the sentence: who cast which vote, when that is told
    stated: str = ""  # what the assembly said, in the words of the source, beside ours

    @property
    def count(self) -> str:
        """The sentence without who cast which vote: what was decided, by how many voices."""
        return self.sentence.removesuffix(self.names).rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a decision rests on: the count, who could vote, the lines of the ledger used."""

    node: Node
    state: sitting.State
    decision: Decision
    outcome: ballots.Outcome | None
    result: elections.Result | None
    used: tuple[sitting.Event, ...]


def decide(
    meeting: Meeting, about: sentences.Subject, ballot: ballots.Ballot, state: sitting.State
) -> tuple[ballots.Outcome, str]:
    """What this ballot decides and the sentence that says it, recorded or not; see `subject`."""
    outcome, *told = _told(meeting, about, ballot, state)
    return outcome, " ".join(filter(None, told))


def _told(
    meeting: Meeting, about: sentences.Subject, ballot: ballots.Ballot, state: sitting.State
) -> tuple[ballots.Outcome, str, str]:
    """The same, who cast which vote apart."""
    outcome = voting.of(ballot, state, meeting.regime)
    composition, voices = state.composition, state.voices
    counted = sentences.ballot(outcome, ballot, composition, subject=about, voices=voices)
    names = [
        french.sentence(f"{label} : {french.join(names)}")
        for label, names in sentences.named_votes(outcome, composition, voices, meeting.regime)
    ]
    return outcome, counted, " ".join(names)


def _decision(
    meeting: Meeting, item: AgendaItem, event: sitting.Event, story: sitting.Sitting
) -> Decision:
    """What was decided, worded once for as long as nothing that it rests on changes: two hundred
    votes of names are half of the time of a page."""
    state, told = story.at_ballot[event.seq], meeting.told
    if isinstance(event, sitting.ElectionHeld):
        result = elections.decide(event.election, state.composition)
        election = sitting.ranked(event.election, state)
        said = sentences.election(election, result, state.composition, words(meeting))
        return Decision(
            seq=event.seq,
            sentence=" ".join(said),
            because=f"({cited(meeting.regime, result.article)})",
            stated=event.election.stated,
        )
    about = subject(item)

    def worded() -> Decision:
        outcome, counted, names = _told(meeting, about, event.ballot, state)
        return Decision(
            seq=event.seq,
            sentence=" ".join(filter(None, (counted, names))),
            names=names,
            because=outcome.because,
            stated=event.ballot.stated,
        )

    rests_on = event, state, meeting.regime, about
    return told.made(event.seq, rests_on, worded) if told else worded()


def _held(story: sitting.Sitting) -> Iterator[sitting.Event]:
    """Ballots and elections, in the order of the sitting."""
    return (
        event
        for event in story.events
        if isinstance(event, sitting.BallotHeld | sitting.ElectionHeld)
    )


def grounds(meeting: Meeting, seq: int) -> "Grounds | None":
    """Why the ballot or election of that line decided what it did; `None` for another line."""
    event = next((event for event in _held(meeting.sitting) if event.seq == seq), None)
    if event is None or sitting.anchor(event) not in meeting.agenda:
        return None
    node = meeting.agenda[sitting.anchor(event)]
    state = meeting.sitting.at_ballot[seq]
    is_ballot = isinstance(event, sitting.BallotHeld)
    return Grounds(
        node=node,
        state=state,
        decision=_decision(meeting, node.item, event, meeting.sitting),
        outcome=voting.of(event.ballot, state, meeting.regime) if is_ballot else None,
        result=None if is_ballot else elections.decide(event.election, state.composition),
        used=tuple(
            told
            for told in meeting.sitting.events
            if told.seq == seq or sitting.anchor(told) in (None, node.item.key)
        ),
    )


def decisions(meeting: Meeting, item: AgendaItem) -> tuple[Decision, ...]:
    """The ballots and elections held on an item, in order."""
    return tuple(
        _decision(meeting, item, event, meeting.sitting)
        for event in _held(meeting.sitting)
        if sitting.anchor(event) == item.key
    )


def late_budgets(meeting: Meeting) -> dict[str, Finding]:
    """By the key of its item, that a budget or accounts are voted past the last day that the law
    sets, by an assembly."""
    if not meeting.body.is_assembly:
        return {}
    kinds = (AgendaItem.Kind.BUDGET, AgendaItem.Kind.ACCOUNTS)
    found = {}
    for item in (node.item for node in meeting.agenda.nodes if node.item.kind in kinds):
        of_accounts = item.kind == AgendaItem.Kind.ACCOUNTS
        term = deadlines.term_of(
            item.title, meeting.held_on, meeting.regime, of_accounts=of_accounts
        )
        if term is not None and (late := deadlines.late_budget(term, meeting.held_on)):
            found[item.key] = late
    return found


def usual_election(item: AgendaItem) -> dict[str, object]:
    """What the form of an election begins with: what the code asks of it, or nothing."""
    asked = item.asked_election
    if asked is None:
        return {}
    return {
        "title": asked.title,
        "method": asked.method.value,
        "seats": asked.seats,
        "substitutes": asked.substitutes,
    }


def as_typed(election: elections.Election, composition: assembly.Composition) -> dict[str, object]:
    """An election as its form wants it back: one is told again whole, with one round more."""
    names = {each.key: each.name for each in election.candidates if each.name}
    titles = {each.key: each.title for each in election.lists}
    born = {each.key: each.born_on for each in election.candidates if each.born_on}

    def name(key: str) -> str:
        known = composition.by_key.get(key)
        told = names.get(key) or titles.get(key) or (known.name if known else key)
        return f"{told} ({born[key]:%d/%m/%Y})" if key in born else told

    voted = {key for each in election.rounds for key in each.votes}
    lists = [f"{each.title} : {', '.join(map(name, each.candidates))}" for each in election.lists]
    stand = [name(each.key) for each in election.candidates if each.key not in voted]
    typed: dict[str, object] = {
        "title": election.title,
        "method": election.method.value,
        "secrecy": election.secrecy.value,
        "opposed": "" if election.opposed is None else election.opposed,
        "seats": election.seats,
        "substitutes": election.substitutes,
        "lists": "\n".join(lists or stand),
        "tellers": list(election.tellers),
    }
    for number, each in enumerate(election.rounds, start=1):
        typed |= {
            f"round_{number}": "\n".join(f"{name(k)} : {n}" for k, n in each.votes.items()),
            f"blank_{number}": each.blank or "",
            f"null_{number}": each.null or "",
            f"voters_{number}": each.voters or "",
        }
    return typed


def unfinished(meeting: Meeting, item: str) -> elections.Election | None:
    """The election on this item of which another round is due, as long as the sitting lasts."""
    if meeting.sitting.at_end.closed_at is not None:
        return None
    composition = meeting.basis.composition
    held = reversed(meeting.sitting.elections(item))
    return next((each for each in held if elections.awaits_round(each, composition)), None)


def plain_ballot(meeting: Meeting, item: str) -> ballots.Ballot:
    """A show of hands without any exception, at the majority that is usual for the item."""
    is_accounts = item in meeting.outline.docket.accounts
    majority = ballots.ACCOUNTS if is_accounts else ballots.ordinary_majority(meeting.regime)
    return ballots.Ballot(item=item, majority=majority)


def fate_sentence(meeting: Meeting, item: AgendaItem) -> str:
    """What became of the item besides its ballots, "" when nothing was noted."""
    if noted := meeting.sitting.fate(item.key):
        return sentences.fate(noted, words(meeting))
    return sentences.put_off() if item.key in put_off(meeting) else ""


def put_off(meeting: Meeting) -> tuple[str, ...]:
    """The items that a sitting closed for want of quorum leaves to another day: those that it did
    not come to, and the last one that was called, if it wanted a decision that it did not get."""
    story = meeting.sitting
    if not any(event.for_want_of_quorum for event in story.of_kind(sitting.Closed)):
        return ()
    heard = {sitting.own_item(event) for event in story.events}
    reached = max((rank for rank, key in enumerate(story.agenda, 1) if key in heard), default=0)
    decided = {sitting.own_item(event) for event in story.events if isinstance(event, DECISIONS)}
    nodes = {each.item.key: each.item for each in meeting.agenda.nodes if not each.item.is_section}
    last = [
        key
        for key in story.agenda[:reached][-1:]
        if key in nodes and nodes[key].kind in AgendaItem.VOTED and key not in decided
    ]
    return (*last, *(key for key in story.agenda[reached:] if key in nodes))


DECISIONS = (sitting.BallotHeld, sitting.ElectionHeld, sitting.FateNoted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An item of the agenda with what was decided."""

    node: Node
    decisions: tuple[Decision, ...]
    fate: str
    awaits_round: bool = False  # its election is not over
    is_put_off: bool = False  # for want of quorum: `fate` says so, and nobody decided it

    @property
    def is_decided(self) -> bool:
        """Whether the assembly decided what becomes of it."""
        is_told = self.fate and not self.is_put_off
        return bool(is_told or (self.decisions and not self.awaits_round))

    @property
    def awaits_a_vote(self) -> bool:
        """Whether a show of hands would decide it: an election needs its candidates."""
        return self.awaits and self.node.item.kind not in AgendaItem.ELECTIONS

    @property
    def awaits(self) -> bool:
        """Whether the kind of the item calls for a decision that nobody recorded yet."""
        kinds = AgendaItem.VOTED - {AgendaItem.Kind.URGENCY, AgendaItem.Kind.EXAMINATION}
        return self.node.item.kind in kinds and not (self.is_decided or self.is_put_off)


def lines(meeting: Meeting) -> Iterator[Line]:
    """The whole agenda in printed order, told in one pass."""
    held: dict[str, list[Decision]] = {}
    items = {node.item.key: node.item for node in meeting.agenda.nodes}
    for event in _held(meeting.sitting):
        item = items.get(sitting.anchor(event) or "")
        if item is not None:
            held.setdefault(item.key, []).append(_decision(meeting, item, event, meeting.sitting))
    left = put_off(meeting)
    for node in meeting.agenda.nodes:
        noted = meeting.sitting.fate(node.item.key)
        is_put_off = noted is None and node.item.key in left
        told = sentences.fate(noted, words(meeting)) if noted else ""
        yield Line(
            node=node,
            decisions=tuple(held.get(node.item.key, ())),
            fate=sentences.put_off() if is_put_off else told,
            is_put_off=is_put_off,
            awaits_round=unfinished(meeting, node.item.key) is not None,
        )


def standing(member: assembly.Member, state: sitting.State) -> str:
    """Where a member stands, agreed: "représentée", "présent, en déport"."""
    told = sentences.standing(member, state.standing(member.key))
    return f"{told}, en déport" if member.key in state.recused else told


# --- What a correction would change -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An item that a correction would alter: what is said of it now, what would be said."""

    node: Node | None
    before: str
    after: str


def changes(meeting: Meeting, event: sitting.Event) -> tuple[Change, ...]:
    """Each item whose quorum, voters or result would change if `event` were told now."""
    told = [*meeting.ledger, replace(event, seq=len(meeting.ledger) + 1)]
    basis = meeting.basis
    then = sitting.replay(basis.composition, told, meeting.agenda.keys)
    found = []
    if _told_of_roll(meeting, then) != _told_of_roll(meeting, meeting.sitting):
        found.append(
            Change(
                node=None,
                before=_told_of_roll(meeting, meeting.sitting),
                after=_told_of_roll(meeting, then),
            )
        )
    for node in meeting.agenda.nodes:
        if node.item.is_section:
            continue
        before = _told_of(meeting, meeting.sitting, node.item)
        after = _told_of(meeting, then, node.item)
        if before != after:
            found.append(Change(node=node, before=before, after=after))
    return tuple(found)


def _told_of_roll(meeting: Meeting, story: sitting.Sitting) -> str:
    return str(meeting.quorum_of(story.at_opening))


def _told_of(meeting: Meeting, story: sitting.Sitting, item: AgendaItem) -> str:
    """Quorum, voters and results of an item in one paragraph, to compare two stories."""
    state = story.at_item.get(item.key, story.at_end)
    voters = french.count(len(state.voices), "votant")
    told = [f"{meeting.quorum_of(state)} ; {voters}."]
    told += [
        _decision(meeting, item, event, story).sentence
        for event in _held(story)
        if sitting.anchor(event) == item.key
    ]
    return " ".join(told)


# --- While it sits ----------------------------------------------------------------------------


def under_way(meeting: Meeting) -> str:
    """« Séance en cours, point 4 sur 5 » while the assembly sits; "" before and after."""
    story = meeting.sitting
    state = story.at_end
    if state.opened_at is None or state.closed_at is not None:
        return ""
    opened = [event.item for event in story.of_kind(sitting.ItemOpened)]
    keys = meeting.agenda.keys
    told = "Séance en cours"
    if opened and opened[-1] in keys:
        state = story.after_item.get(opened[-1], state)
        told += f", point {keys.index(opened[-1]) + 1} sur {len(keys)}"
    if state.suspended:
        told = told.replace("en cours", "suspendue")
    return french.nbsp(told)


# --- What remains to be done ------------------------------------------------------------------


def remaining(meeting: Meeting, lines: Sequence[Line]) -> Iterator[tuple[str, str, str]]:
    """What the ledger of a sitting that has come still lacks: what, the name of its page, and the
    place on it."""
    state = meeting.sitting.at_end
    if not lines:
        yield "Écrire l’ordre du jour", "meetings:agenda", "id_title"
    if not state.room:
        yield "Pointer les présents", "meetings:attendance", "appel"
    if not state.chair:
        yield "Dire qui préside", "meetings:attendance", "id_chair"
    if state.opened_at is None:
        yield "Dire à quelle heure la séance s’ouvre", "meetings:attendance", "id_opened_at"
    if not state.clerks:
        yield "Nommer le secrétaire de séance", "meetings:attendance", "id_clerk"
    if awaiting := [line.node.item for line in lines if line.awaits]:
        count = french.count(len(awaiting), "point attend", "points attendent")
        yield f"{count} une décision", "meetings:agenda", f"point-{awaiting[0].key}"
    if state.room and state.closed_at is None:
        yield "Dire à quelle heure la séance est levée", "meetings:attendance", "id_closed_at"


def last_day_to_convene(meeting: Meeting) -> date:
    """The last day on which its convocation may leave (art. L2121-11, L2121-12, L2121-17)."""
    return meeting.notice_of(None).latest_dispatch


def doubts_of_its_day(meeting: Meeting, *, on: date) -> Iterator[Finding]:
    """What makes one wonder whether this is the day that was meant, of a sitting to be convened."""
    if meeting.is_convened or meeting.held_on <= on:
        return
    day = french.long_date(meeting.held_on, weekday=True)
    feast = holidays.name_of(meeting.held_on)
    if feast or meeting.held_on.weekday() == _SUNDAY:
        yield Finding(
            code="jour_chome",
            message=f"La séance est prévue le {day}{f' ({feast})' if feast else ''}.",
            remedy="Si c’est voulu, rien ne l’interdit\u00a0; sinon, corrigez la date.",
            severity=Severity.WARNING,
        )
    if meeting.held_on > deadlines.add_months(on, 12):
        yield Finding(
            code="jour_lointain",
            message=f"La séance est prévue le {day}, dans plus d’un an.",
            remedy="Relisez l’année.",
            severity=Severity.WARNING,
        )
    last = last_day_to_convene(meeting)
    if on > last:
        notice = meeting.notice_of(None)
        yield Finding(
            code="delai_passe",
            message=f"Il est trop tard pour convoquer à la séance du {day}\u00a0: il fallait le "
            f"faire au plus tard le {french.long_date(last)}.",
            article=notice.article,
            remedy="Donnez-lui une date plus lointaine, à partir du "
            f"{french.long_date(deadlines.earliest_sitting(on, notice.required))}, ou convoquez en "
            "urgence en disant pourquoi.",
            severity=Severity.WARNING,
        )


_SUNDAY = 6
