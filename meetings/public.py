"""A sitting as anybody may read it: without the passages marked sensitive in what was said, those
that somebody masked in any text, nor what was told behind closed doors (`huis clos`), in whichever
field it was written.

What no paper is given, no paper can hold: papers for the public are compiled from this sitting,
and not cleaned afterwards. Decisions stay, with their figures and who was elected.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain

from django.db.models import Q

from law import ballots, elections, masking, sitting
from law.assembly import Composition
from law.masking import LEFT_OUT, Mask, folded
from meetings import memory, richtext
from meetings.models import Meeting

BEHIND_CLOSED_DOORS = (
    "<p><em>Ce point a été examiné à huis clos : la teneur des débats n’est pas publiée.</em></p>"
)


def may_be_protected(meeting: Meeting) -> bool:
    """Whether anything of it was ever kept from the public, even in words changed since."""
    marked = f'class="{richtext.SENSITIVE}"'
    return (
        any(isinstance(event, sitting.DoorsClosed) for event in meeting.ledger)
        or meeting.passages.masked().exists()
        or meeting.items.filter(
            Q(text__contains=marked) | Q(revisions__text__contains=marked)
        ).exists()
    )


def redact(meeting: Meeting) -> None:
    """Leave out of a sitting just read, in memory alone, what the public may not know."""
    items, _ = _behind_closed_doors(meeting)
    for node in meeting.agenda.nodes:
        if node.item.key in items:
            node.item.text = BEHIND_CLOSED_DOORS if node.item.text else ""
            node.item.voted_lines = ""
        elif richtext.SENSITIVE in node.item.text:
            node.item.text = richtext.public(node.item.text)
    masks = Masks(meeting)
    public, told, agenda = dict(lines(meeting)), meeting.told, meeting.agenda
    if masks:
        _mask(meeting, masks)
        known = (public.get(event.seq, event) for event in meeting.ledger)
        public |= masks.changed(known, meeting.basis.composition)
    if told is not None and public:
        events = [public.get(event.seq, event) for event in told.ledger]
        meeting.take_up(memory.Told(events, told.sha256, told.times))
        meeting.agenda = agenda


def lines(meeting: Meeting) -> Mapping[int, sitting.Event]:
    """By rank, the lines told behind closed doors as the public may read them."""
    if not any(isinstance(event, sitting.DoorsClosed) for event in meeting.ledger):
        return {}
    items, told = _behind_closed_doors(meeting)
    composition, questions = meeting.basis.composition, _questions(meeting)
    return {
        event.seq: _public(event, composition, questions)
        for event in meeting.sitting.events
        if event.seq in told or sitting.own_item(event) in items
    }


# --- What somebody masked ---------------------------------------------------------------------


class Masks:
    """What is masked of a sitting: in the whole of it, and besides in each of its items. What is
    told of no item in particular, and may then tell of any, is read without all of it."""

    def __init__(self, meeting: Meeting) -> None:
        rows = meeting.passages.values_list("item__key", "text", "is_masked")
        found: dict[str | None, list[str]] = {}
        for key, text, is_masked in rows:
            if is_masked:
                found.setdefault(key, []).append(text)
        self.whole = Mask(found.get(None, ()))
        self.everything = Mask(chain.from_iterable(found.values()))
        self._by_item = {
            key: Mask([*texts, *self.whole.passages]) for key, texts in found.items() if key
        }
        left = (text for key, text, is_masked in rows if not (key or is_masked))
        self._left = {folded(masking.full_name(text)) for text in left}
        self._meeting = meeting

    def __bool__(self) -> bool:
        return bool(self.everything)

    def of(self, item: str | None) -> Mask:
        """What is masked in this item; all of it in what is told of none."""
        return self._by_item.get(item, self.whole) if item else self.everything

    def kept_from(self, item: str) -> Mask:
        """What no reader may find in the parts that tell this item ("": none): what is masked there
        and, of the other items, the names of two words or more, unless somebody left them in the
        sitting. Who sits may be named anywhere: the house prints it."""
        own = self._by_item[item].passages if item in self._by_item else ()
        named = filter(None, map(masking.full_name, self.everything.passages))
        wanted = {*own, *(each for each in named if folded(each) not in self._left)}
        members = [each.titled for each in self._meeting.basis.composition.members]
        found = (each for each in wanted if not any(map(Mask([each]).finds, members)))
        return Mask([*self.whole.passages, *found])

    def changed(
        self, events: Iterator[sitting.Event], composition: Composition
    ) -> dict[int, sitting.Event]:
        """By rank, those of these lines in whose free words something is masked."""
        told = ((event, _masked(event, self, composition)) for event in events)
        return {event.seq: masked for event, masked in told if masked != event}


# Plain words of an item, of what is sent about it, and of the sitting itself; then those in HTML.
_OF_ITEM = ("title", "label", "announced", "voted_lines", "accounts_of")
_OF_BRIEF = ("visas", "recitals", "articles")
_OF_MEETING = ("attending", "stated_presence", "place")


def _mask(meeting: Meeting, masks: Masks) -> None:
    for name in _OF_MEETING:
        setattr(meeting, name, masks.whole.text(getattr(meeting, name)))
    for node in meeting.agenda.nodes:
        item, mask = node.item, masks.of(node.item.key)
        for name in _OF_ITEM:
            setattr(item, name, mask.text(getattr(item, name)))
        node.number = mask.text(node.number) if item.label else node.number
        item.text = mask.html(item.text)
        if item.rapporteur not in meeting.basis.composition:
            item.rapporteur = mask.text(item.rapporteur)
        if (brief := getattr(item, "brief", None)) is not None:
            brief.note = mask.html(brief.note)
            for name in _OF_BRIEF:
                setattr(brief, name, mask.text(getattr(brief, name)))


def _masked(event: sitting.Event, masks: Masks, composition: Composition) -> sitting.Event:
    """A line whose free words are masked; a key, a figure, the name of a member stay."""
    mask = masks.of(sitting.own_item(event))
    match event:
        case sitting.Suspended(reason=reason):
            return replace(event, reason=mask.text(reason))
        case sitting.FateNoted(note=note):
            return replace(event, note=mask.text(note))
        case sitting.ActTaken(source=source, subject=subject):
            return replace(event, source=mask.text(source), subject=mask.text(subject))
        case sitting.BallotHeld(ballot=ballot):
            return replace(event, ballot=_masked_ballot(ballot, mask))
        case sitting.ElectionHeld(election=election):
            return replace(event, election=_masked_election(election, mask, composition))
    return event


def _masked_ballot(ballot: ballots.Ballot, mask: Mask) -> ballots.Ballot:
    return replace(
        ballot,
        question=mask.text(ballot.question),
        reason=mask.text(ballot.reason),
        stated=mask.text(ballot.stated),
        amended=mask.text(ballot.amended),
    )


def _masked_election(
    election: elections.Election, mask: Mask, composition: Composition
) -> elections.Election:
    """An outsider is called by the name that stood, or by his key: either may be masked."""
    known = {each.key: each for each in election.candidates}
    stood = dict.fromkeys(
        (
            *known,
            *(key for each in election.lists for key in each.candidates),
            *(key for each in election.rounds for key in each.votes),
        )
    )
    of_lists = {each.key for each in election.lists}
    hidden = {
        key
        for key in stood
        if key not in composition and key not in of_lists
        if mask.finds(known[key].name if key in known and known[key].name else key)
    }
    candidates = [
        replace(each, name=LEFT_OUT) if each.key in hidden else each for each in election.candidates
    ]
    candidates += [
        elections.Candidate(key=key, name=LEFT_OUT) for key in stood if key in hidden - known.keys()
    ]
    return replace(
        election,
        title=mask.text(election.title),
        stated=mask.text(election.stated),
        candidates=tuple(candidates),
        lists=tuple(replace(each, title=mask.text(each.title)) for each in election.lists),
    )


def words(meeting: Meeting, text: str, item: str = "") -> str:
    """Some words about a sitting, or one of its items, as the public reads them: why a version was
    made, the title of an act."""
    return Masks(meeting).of(item).text(text)


# --- What was told behind closed doors ----------------------------------------------------------

_DECISIONS = (sitting.BallotHeld, sitting.ElectionHeld, sitting.FateNoted)


def kept_from_it(meeting: Meeting) -> frozenset[str]:
    """The items of which the public reads no debate: discussed behind closed doors, even in part,
    and those of which a passage is marked sensitive."""
    closed: frozenset[str] = frozenset()
    if any(isinstance(event, sitting.DoorsClosed) for event in meeting.ledger):
        closed, _ = _behind_closed_doors(meeting)
    marked = (n.item.key for n in meeting.agenda.nodes if richtext.SENSITIVE in n.item.text)
    return closed | frozenset(marked)


def _behind_closed_doors(meeting: Meeting) -> tuple[frozenset[str], frozenset[int]]:
    """The items that were discussed, even in part, behind closed doors, and the lines that tell
    what happened there."""
    found = {key for key, state in meeting.sitting.at_item.items() if state.doors_closed}
    told: set[int] = set()
    during: dict[str, list[sitting.Event]] = {}

    def note(event: sitting.Event, state: sitting.State) -> None:
        if state.doors_closed:
            told.add(event.seq)
        if state.item and event.before is None:
            during.setdefault(state.item, []).append(event)

    sitting.replay(meeting.basis.composition, meeting.ledger, meeting.agenda.keys, observe=note)
    for key, events in during.items():
        # Doors closed once an item is decided are closed for the next one.
        decided = [rank for rank, event in enumerate(events) if isinstance(event, _DECISIONS)]
        until = decided[-1] if decided else len(events)
        if any(isinstance(event, sitting.DoorsClosed) for event in events[:until]):
            found.add(key)
            told |= {event.seq for event in events}
    return frozenset(found), frozenset(told)


def _questions(meeting: Meeting) -> Mapping[tuple[str, str], str]:
    """What stands for each question put behind closed doors: which it was, and no more."""
    found: dict[tuple[str, str], str] = {}
    ranks: dict[str, int] = {}
    for event in meeting.sitting.of_kind(sitting.BallotHeld):
        key = event.ballot.item, event.ballot.question
        if event.ballot.question and key not in found:
            ranks[key[0]] = ranks.get(key[0], 0) + 1
            found[key] = f"question n° {ranks[key[0]]}"
    return found


def _public(
    event: sitting.Event, composition: Composition, questions: Mapping[tuple[str, str], str]
) -> sitting.Event:
    """A line told behind closed doors, with the names and figures of decisions and no other
    word."""
    match event:
        case sitting.Suspended():
            return replace(event, reason="")
        case sitting.FateNoted():
            return replace(event, note="")
        case sitting.BallotHeld(ballot=ballot):
            question = questions.get((ballot.item, ballot.question), "")
            return replace(
                event, ballot=replace(ballot, question=question, amended="", reason="", stated="")
            )
        case sitting.ElectionHeld(election=election):
            return replace(event, election=_public_election(election, composition))
    return event


def _public_election(election: elections.Election, composition: Composition) -> elections.Election:
    """An election with its figures and whom it elected: who else stood is not told."""
    result = elections.decide(election, composition)
    known = {each.key: each for each in election.candidates}
    stood = dict.fromkeys(
        (
            *known,
            *(key for each in election.lists for key in each.candidates),
            *(key for each in election.rounds for key in each.votes),
        )
    )
    lists = {each.key: f"liste-{rank}" for rank, each in enumerate(election.lists, 1)}
    kept = {*result.elected, *result.substitutes}
    names = {
        key: key if key in kept else f"candidature-{rank}"
        for rank, key in enumerate((key for key in stood if key not in lists), 1)
    }

    def candidate(key: str) -> elections.Candidate:
        given = known.get(key, elections.Candidate(key=key))
        if key in kept:
            return given
        born_on = given.born_on or (composition[key].born_on if key in composition else None)
        name = f"candidature n° {names[key].rpartition('-')[2]}"
        return elections.Candidate(key=names[key], name=name, born_on=born_on)

    return replace(
        election,
        stated="",
        tellers=tuple(key for key in election.tellers if key in composition),
        candidates=tuple(candidate(key) for key in names if key in known or key not in kept),
        lists=tuple(
            elections.List(
                key=lists[each.key],
                title=lists[each.key].replace("-", " n° "),
                candidates=tuple(names[key] for key in each.candidates),
            )
            for each in election.lists
        ),
        rounds=tuple(
            replace(
                each,
                votes={lists.get(key) or names[key]: count for key, count in each.votes.items()},
            )
            for each in election.rounds
        ),
    )
