"""Answering every absence of a large assembly: the law alone, no database."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from law import proxies, regime
from law.assembly import Capacity, Composition, Constituency, Member

SEATS = 120
COLLEGES = 3
TIMES = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    what: str
    size: str
    seconds: float


def assembly(seats: int = SEATS) -> Composition:
    """So many titulars, one substitute for two of them, in three constituencies."""

    def member(kind: str, rank: int, **extra: object) -> Member:
        return Member(
            key=f"{kind}-{rank}",
            civility="Mme" if rank % 2 else "M.",
            first_name=kind.capitalize(),
            last_name=f"Numéro {rank}",
            constituency=f"Collège {rank % COLLEGES + 1}",
            community=f"Communauté {rank // 4}",
            **extra,  # type: ignore[arg-type] # the fields of a member
        )

    titulars = [member("titulaire", rank) for rank in range(seats)]
    substitutes = [
        member("suppleant", rank, capacity=Capacity.SUBSTITUTE) for rank in range(0, seats, 2)
    ]
    return Composition(
        constituencies=tuple(
            Constituency(name=f"Collège {rank + 1}", seats=seats // COLLEGES)
            for rank in range(COLLEGES)
        ),
        members=(*titulars, *substitutes),
    )


def measures() -> list[Measure]:
    """The whole plan, the forecast, and what the page of one absent member lists."""
    composition, rules = assembly(), regime.PRESETS["epci"]
    keys = [titular.key for titular in composition.titulars]
    told = {"prevented": frozenset(keys[::2]), "coming": frozenset(keys[1::4])}
    size = f"{SEATS} sièges, {len(told['prevented'])} absents"

    def timed(act: Callable[[], object]) -> float:
        act()
        runs = []
        for _ in range(TIMES):
            began = time.perf_counter()
            act()
            runs.append(time.perf_counter() - began)
        return median(runs)

    acts: dict[str, Callable[[], object]] = {
        "répondre à toutes les absences": lambda: proxies.propose(composition, rules, **told),
        "prévoir le quorum": lambda: proxies.forecast(composition, rules, **told),
        "ce qui s’offre à un absent": lambda: proxies.options(keys[0], composition, rules, **told),
    }
    return [Measure(what=what, size=size, seconds=timed(act)) for what, act in acts.items()]
