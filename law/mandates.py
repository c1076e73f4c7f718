"""What a sitting changes of the mandates of its body: who was elected to its executive or to the
bureau, which offices that ends, whose mandate ended (art. L2122-10, L2122-15, L5211-2, L5211-10 du
CGCT).

The ledger says it, and the mandates do not follow by themselves: whoever keeps them is told until
they say the same, or until somebody answers that there is nothing to change.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from law import elections
from law.assembly import Capacity, Member
from law.elections import Secrecy
from law.sitting import ElectionHeld, Ending, Sitting, Vacated

EXECUTIVE = ("president", "vice-president")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one member: her mandate ended (`ending`), or her office is this one from that
    day on; "" when she has none any more. Whom the sitting elected to the executive or to the
    bureau sits there (`in_bureau`; art. L5211-10)."""

    member: Member
    office: str = ""
    rank: int = 0
    ending: Ending | None = None
    in_bureau: bool = False


def changed_by(story: Sitting) -> tuple[Change, ...]:
    """What this sitting changed, in the order of its roll: ends first, then offices."""
    ends = {event.member: event.ending for event in story.of_kind(Vacated)}
    gone = {key: why for key, why in ends.items() if key in story.at_end.vacant}
    members = story.composition.members
    left = [Change(member=each, ending=gone[each.key]) for each in members if each.key in gone]
    return (*left, *_offices(story, frozenset(gone)))


def _offices(story: Sitting, gone: frozenset[str]) -> Iterator[Change]:
    end = story.at_end
    elected = {end.elected_president, *end.elected_vices} - {""}
    others = frozenset(_other_members(story))
    if not (elected or others):
        return
    ranks, before = _ranks(story), story.composition
    for after in story.offices_at(end).members:
        if after.capacity is not Capacity.TITULAR or after.key in gone:
            continue
        held = before[after.key]
        if after.key in elected:
            rank = after.office_rank or ranks.get(after.key, 0)
            yield Change(member=held, office=after.office, rank=rank, in_bureau=True)
        elif after.key in others:
            rank = after.office_rank
            yield Change(member=held, office=after.office, rank=rank, in_bureau=True)
        elif held.office in EXECUTIVE and after.office != held.office:
            yield Change(member=held)


def _other_members(story: Sitting) -> Iterator[str]:
    """Whom it elected to the bureau without an office."""
    for event in story.of_kind(ElectionHeld):
        told, at = event.election, story.at_ballot.get(event.seq)
        if told.secrecy is Secrecy.IMPOSED and _OF_BUREAU.search(told.title) and at is not None:
            yield from elections.decide(told, at.composition).elected


_OF_BUREAU = re.compile(r"\bmembres?\s(?:du|au)\sbureau\b(?!\sd)", re.IGNORECASE)


def _ranks(story: Sitting) -> dict[str, int]:
    """By key, the rank that the title of its election gives: « 2e vice-président »."""
    found = {}
    for event in story.of_kind(ElectionHeld):
        told, at = event.election, story.at_ballot.get(event.seq)
        if told.secrecy is not Secrecy.IMPOSED or elections.office_of(told) != "vice-president":
            continue
        rank = _rank(told.title)
        if at is not None and rank:
            for place, key in enumerate(elections.decide(told, at.composition).elected):
                found[key] = rank + place
    return found


def _rank(title: str) -> int:
    if number := re.match(r"\s*(\d{1,2})\s*(?:ers?|re|nde?|es?|èmes?)\b", title, re.IGNORECASE):
        return int(number[1])
    words = ("premi", "deuxi", "troisi", "quatri", "cinqui", "sixi", "septi", "huiti", "neuvi")
    head = title.strip().casefold()
    return next((rank for rank, word in enumerate(words, start=1) if head.startswith(word)), 0)
