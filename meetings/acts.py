"""What a sitting decided of each item, or somebody alone, and which of it stands as an act.

The one answer for the numbers, the list, the extracts, the closing checklist and the public pages.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from law import amending, elections, french, sentences, sitting
from law.sitting import Fate
from meetings.agenda import RESERVED, Node
from meetings.models import AgendaItem, Brief, Meeting

# What leaves nothing to examine, and what leaves no act of what was examined.
_UNSEEN = frozenset({Fate.WITHDRAWN, Fate.POSTPONED})
_GONE = _UNSEEN | {Fate.ADJOURNED}
_PUT_OFF = {Fate.ADJOURNED: "ajournée", Fate.NO_VOTE: "sans vote"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An item that was examined, its last word, and whether that stands as an act.

    A draft that was rejected or adjourned was examined and is listed (art. L2121-25 du CGCT), but
    it is no act and takes no number; what a bureau prepares or hears is neither. To reject a budget
    or accounts is an act all the same: the prefect receives it, who acts upon it (art. L1612-2,
    L1612-12).
    """

    node: Node
    seq: int
    word: str  # what became of it: "adoptée", "rejetée"…
    is_adopted: bool
    is_rejected: bool  # by a vote on it, that is the last word
    needs_text: bool  # a vote adopts what only the articles say

    @property
    def item(self) -> AgendaItem:
        """The item of the agenda, without its place in it."""
        return self.node.item

    @property
    def is_listed(self) -> bool:
        """Whether it is one of the deliberations examined, adopted or not."""
        return self.item.may_make_an_act

    @property
    def takes_note(self) -> bool:
        """Whether the assembly was only told of it: that decides nothing."""
        return self.word == _SAID[Fate.TOOK_NOTE]

    @property
    def is_act(self) -> bool:
        """Whether it takes a number, an extract and a place among what is published."""
        stands = self.is_adopted or (self.is_rejected and self.item.kind in RESERVED)
        return stands and self.item.may_make_an_act


def decided(meeting: Meeting) -> tuple[Decided, ...]:
    """What the assembly examined, in the order of the sitting, with the last word of each item."""
    told: dict[str, list[sitting.Event]] = {}
    for event in meeting.sitting.events:
        if isinstance(event, _WORDS) and (key := sitting.own_item(event)):
            told.setdefault(key, []).append(event)
    nodes = {node.item.key: node for node in meeting.agenda.nodes}
    return tuple(
        found
        for key in meeting.sitting.agenda
        if key in nodes and (found := _of(meeting, nodes[key], told.get(key, []))) is not None
    )


def amended(meeting: Meeting) -> dict[str, str]:
    """By the key of its item, what amends an act and that its articles do not say, as far as words
    tell: what was corrected before the vote that adopts it, or the amendments voted apart."""
    acts = {each.item.key: each for each in decided(meeting) if each.is_act and each.needs_text}
    told: dict[str, list[str]] = {}
    for event in meeting.sitting.of_kind(sitting.BallotHeld):
        ballot, act = event.ballot, acts.get(event.ballot.item)
        if act is None or not meeting.outcomes[event.seq].adopted:
            continue
        if event.seq == act.seq and ballot.amended:
            told[ballot.item] = [ballot.amended]
        elif amending.amends(ballot.question):
            told.setdefault(ballot.item, []).append(ballot.question)
    if not told:
        return {}
    briefs = Brief.objects.filter(item__meeting=meeting, item__key__in=told).select_related("item")
    articles = {
        each.item.key: [" ".join((said.text, *said.parts)) for said in each.draft.articles]
        for each in briefs
        if each.has_draft
    }
    return {
        key: french.join(left)
        for key, said in told.items()
        if key in articles
        and (left := [each for each in said if not amending.is_carried(each, articles[key])])
    }


_VOTES = (sitting.BallotHeld, sitting.ElectionHeld)
_WORDS = (*_VOTES, sitting.FateNoted, sitting.ItemOpened, sitting.ActTaken)


def _of(meeting: Meeting, node: Node, told: Sequence[sitting.Event]) -> Decided | None:
    words = list(_since_last_call(told))
    if not words:
        return None
    put_off = [each for each in words if isinstance(each, sitting.FateNoted) and each.fate in _GONE]
    last = [*words, *put_off][-1]  # until it is called again, whichever was told first
    adopted, word = _by_votes(meeting, [each for each in words if isinstance(each, _VOTES)])
    needs_text = node.item.kind not in _SELF_EVIDENT
    is_rejected = isinstance(last, sitting.BallotHeld) and not adopted
    match last:
        case sitting.FateNoted(fate=fate) if fate in _UNSEEN:
            return None
        case sitting.FateNoted(fate=fate) if fate in _PUT_OFF:
            adopted, word = False, _PUT_OFF[fate]
        case sitting.FateNoted(fate=fate):
            # An opinion, favourable or not, and what the assembly takes note of, say it all.
            adopted, word, needs_text = True, _SAID[fate], False
        case sitting.ElectionHeld():
            needs_text = False
        case sitting.ActTaken():
            adopted, word = True, "pris seul"
    return Decided(
        node=node,
        seq=last.seq,
        word=word,
        is_adopted=adopted,
        is_rejected=is_rejected,
        needs_text=adopted and needs_text,
    )


# Their title says what their vote adopts.
_SELF_EVIDENT = frozenset({AgendaItem.Kind.APPROVAL, AgendaItem.Kind.URGENCY})
_SAID = {
    Fate.TOOK_NOTE: "prend acte",
    Fate.FAVOURABLE: "avis favorable",
    Fate.UNFAVOURABLE: "avis défavorable",
}


def _since_last_call(told: Sequence[sitting.Event]) -> Iterator[sitting.Event]:
    """What was decided since the item was last called, or before if nothing was decided since."""
    called = max((e.seq for e in told if isinstance(e, sitting.ItemOpened)), default=0)
    words = [each for each in told if not isinstance(each, sitting.ItemOpened)]
    since = [each for each in words if each.seq > called]
    yield from since or words


def _by_votes(meeting: Meeting, held: Sequence[sitting.Event]) -> tuple[bool, str]:
    """Whether its votes make one act: the last vote on the whole of it says so; votes on parts of
    it, when there is no other, as soon as one is adopted; elections, as soon as one is elected.
    With the word for it."""
    results: dict[tuple[str, ...], bool] = {}
    refused = ""
    for event in held:
        match event:
            case sitting.BallotHeld(ballot=ballot):
                outcome = meeting.outcomes[event.seq]
                results["ballot", ballot.question] = outcome.adopted
                if not outcome.adopted:
                    refused = sentences.verdict(outcome)
            case sitting.ElectionHeld(election=election):
                composition = meeting.sitting.at_ballot[event.seq].composition
                result = elections.decide(election, composition)
                results["election", election.key, election.title] = bool(result.elected)
    if held and isinstance(held[-1], sitting.ElectionHeld):
        is_elected = any(won for (kind, *_), won in results.items() if kind == "election")
        return is_elected, "élection faite" if is_elected else "personne n’est élu"
    is_adopted = results.get(("ballot", ""), any(results.values()))
    return is_adopted, "adoptée" if is_adopted else refused
