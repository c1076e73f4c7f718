"""Measures the replay of a sitting: pure law, no database."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median

from law import ballots, sitting
from law.ballots import Choice

MEMBERS, ITEMS = 300, 100
OPENED = datetime(2026, 6, 9, 18)


def composition() -> sitting.Composition:
    return sitting.Composition(
        constituencies=(sitting.Constituency(name="Communes", seats=MEMBERS),),
        members=tuple(
            sitting.Member(
                key=f"m{rank}",
                civility="Mme" if rank % 2 else "M.",
                first_name="Prénom",
                last_name=f"Nom {rank}",
                constituency="Communes",
            )
            for rank in range(MEMBERS)
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
        runs = []
        for _ in range(times):
            began = time.perf_counter()
            sitting.replay(body, events, agenda)
            runs.append(time.perf_counter() - began)
        found.append((size, median(runs)))
    return found
