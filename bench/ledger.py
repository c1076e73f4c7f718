"""Measures the replay of a sitting, and what one more event costs: pure law, no database."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

from law import assembly, ballots, sitting
from law.ballots import Choice
from law.checks import judgement
from law.regime import PRESETS

MEMBERS, ITEMS = 300, 100
OPENED = datetime(2026, 6, 9, 18)


def composition(members: int = MEMBERS) -> assembly.Composition:
    return assembly.Composition(
        constituencies=(assembly.Constituency(name="Communes", seats=members),),
        members=tuple(
            assembly.Member(
                key=f"m{rank}",
                civility="Mme" if rank % 2 else "M.",
                first_name="Prénom",
                last_name=f"Nom {rank}",
                constituency="Communes",
            )
            for rank in range(members)
        ),
    )


def story(size: int) -> Iterator[sitting.Event]:
    """An opening, everybody's arrival, then votes and comings and goings up to `size` events."""
    yield sitting.Opened(seq=1, chair="m0", at=OPENED)
    for rank in range(MEMBERS):
        yield sitting.Arrived(seq=rank + 2, member=f"m{rank}")
    for seq in range(MEMBERS + 2, size + 1):
        number = seq - MEMBERS - 2
        item = f"p{number * ITEMS // (size - MEMBERS)}"
        member = f"m{1 + number // 2 % (MEMBERS - 1)}"
        if number % 17 == 0:
            ballot = ballots.Ballot(item=item, question=f"q{seq}", choices={member: Choice.AGAINST})
            yield sitting.BallotHeld(seq=seq, ballot=ballot)
        elif number % 2:
            yield sitting.Arrived(seq=seq, member=member, before=item)
        else:
            at = OPENED + timedelta(minutes=number // 10)
            yield sitting.Left(seq=seq, member=member, before=item, at=at)


def replays(
    *, sizes: tuple[int, ...] = (500, 1000, 2000), times: int = 15
) -> list[tuple[int, float]]:
    """For each number of events, the median seconds of a replay."""
    body, agenda = composition(), tuple(f"p{rank}" for rank in range(ITEMS))
    found = []
    for size in sizes:
        events = tuple(story(size))
        found.append((size, timed(lambda e=events: sitting.replay(body, e, agenda), times)))
    return found


def timed(act: Callable[[], object], times: int) -> float:
    """The median seconds."""
    runs = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        runs.append(time.perf_counter() - began)
    return median(runs)


# --- One more event ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Next:
    """What telling this costs: from what is known, and from the first line again."""

    what: str
    size: str
    continued: float
    whole: float

    @property
    def ratio(self) -> float:
        return self.whole / self.continued


def live(members: int, items: int) -> Iterator[sitting.Event]:
    """A sitting told as it is held: a roll call, then each item called, left, voted by name."""
    people = [f"m{rank}" for rank in range(members)]
    yield from (sitting.Arrived(member=key) for key in people)
    yield sitting.Opened(chair="m0", at=OPENED)
    for rank in range(items):
        at = OPENED + timedelta(seconds=60 * rank + 7)
        yield sitting.ItemOpened(item=f"p{rank}", at=at)
        yield sitting.BallotHeld(ballot=by_name(f"p{rank}", people), at=at)
    yield sitting.ItemOpened(item=f"p{items}", at=at + timedelta(seconds=60))


def by_name(item: str, people: list[str]) -> ballots.Ballot:
    choices = {
        key: Choice.AGAINST if rank % 9 == 0 else Choice.FOR for rank, key in enumerate(people)
    }
    return ballots.Ballot(item=item, mode=ballots.Mode.PUBLIC, choices=choices)


def nexts(
    *, sizes: tuple[tuple[int, int], ...] = ((60, 40), (150, 200)), times: int = 15
) -> list[Next]:
    """One more movement, one more vote, one undone: what the law alone takes to judge each."""
    return [each for size in sizes for each in _nexts(*size, times)]


def _nexts(members: int, items: int, times: int) -> Iterator[Next]:
    agenda = tuple(f"p{rank}" for rank in range(items + 1))
    told = tuple(replace(event, seq=seq) for seq, event in enumerate(live(members, items), 1))
    rules = {"composition": composition(members), "agenda": agenda, "regime": PRESETS["smo"]}
    *_, last = told
    known = judgement.judge(told[:-1], **rules).after([last])[1]
    at = OPENED + timedelta(hours=5)
    vote = by_name(agenda[-1], [f"m{rank}" for rank in range(members)])

    def measured(what: str, event: sitting.Event) -> Next:
        whole = (*told, replace(event, seq=len(told) + 1))
        return Next(
            what,
            f"{members} × {items}",
            continued=timed(lambda: known.after([event]), times),
            whole=timed(lambda: judgement.judge(whole, **rules), times),
        )

    yield measured("un départ", sitting.Left(member="m7", at=at))
    yield measured("un vote nominal", sitting.BallotHeld(ballot=vote, at=at))
    yield measured("le dernier vote annulé", sitting.Voided(target=last.seq - 1))
