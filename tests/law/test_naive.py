"""La loi comptée deux fois : la nôtre, et une seconde, naïve, sur de simples listes.

Random sittings, all lawful line by line, and random elections; the figures must be equal.
"""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from random import Random

import pytest

from law import elections, quorum, sitting, voting
from law.assembly import Capacity, Composition, Member
from law.ballots import ACCOUNTS, Ballot, Base, Choice, Majority, Mode
from law.elections import Candidate, Election, List, Method, Round
from law.sitting import (
    Arrived,
    BallotHeld,
    BallotRequested,
    ChairTaken,
    CollegeSet,
    Ground,
    ItemOpened,
    Left,
    Opened,
    ProxyGiven,
    ProxyRevoked,
    Recused,
    SeatReturned,
    SeatTaken,
)
from tests.law import naive
from tests.law.story import EPCI, told

SEEDS = [range(500), pytest.param(range(500, 5_000), marks=pytest.mark.proof)]
CAPACITIES = {
    naive.TITULAR: Capacity.TITULAR,
    naive.SUBSTITUTE: Capacity.SUBSTITUTE,
    naive.ADVISER: Capacity.CONSULTATIVE,
}
GROUNDS = {
    "interest": Ground.PERSONAL,
    "outside": Ground.OUTSIDE_BODY,
    "accounts": Ground.ACCOUNTS,
    "other": Ground.OTHER,
}
CHOICES = {
    "for": Choice.FOR,
    "against": Choice.AGAINST,
    "abstains": Choice.ABSTAIN,
    "refuses": Choice.NOT_VOTING,
}
MAJORITIES = {
    "ordinary": Majority(),
    "accounts": ACCOUNTS,
    "two thirds of the members": Majority(
        fraction=Fraction(2, 3), base=Base.COMPOSING, strict=False
    ),
}


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 the same sitting each time


def some(random: Random, names, most: int = 3) -> list[str]:
    names = sorted(names)
    return random.sample(names, min(len(names), random.randint(0, most)))


class Sitting:
    """A random sitting: what happens in it is possible, whatever it is worth."""

    def __init__(self, seed: int, *, partial: bool) -> None:
        random = self.random = chance(seed)
        self.partial = partial
        weighted = random.random() < 0.3
        self.members = [
            {
                "name": f"t{rank}",
                "kind": naive.TITULAR,
                "weight": random.randint(1, 4) if weighted else 1,
                "president": rank == 0,
            }
            for rank in range(random.randint(3, 9))
        ]
        self.titulars = [person["name"] for person in self.members]
        self.substitutes = [f"s{rank}" for rank in range(random.randint(0, 3))]
        self.members += [
            {"name": name, "kind": naive.SUBSTITUTE, "weight": 1, "president": False}
            for name in self.substitutes
        ]
        self.members.append({"name": "c0", "kind": naive.ADVISER, "weight": 1, "president": False})
        self.everybody = [person["name"] for person in self.members]
        self.rules = {"far counts": random.random() < 0.5, "proxies each": random.choice([1, 1, 2])}
        self.room: set[str] = set()
        self.seats: dict[str, str] = {}
        self.proxies: dict[str, str] = {}
        self.lines: list[tuple] = []
        for name in self.everybody:
            if random.random() < 0.6:
                self.come(name)
        self.tell("chair", random.choice(sorted(self.room & set(self.titulars)) or ["t0"]))
        for rank in range(random.randint(1, 4)):
            self.item(f"p{rank}")

    def tell(self, *line) -> None:
        self.lines.append(line)

    def come(self, name: str) -> None:
        self.room.add(name)
        self.tell("in", name, self.random.random() < 0.2)

    def occupied(self) -> set[str]:
        return self.room | {seat for sub, seat in self.seats.items() if sub in self.room}

    def move(self) -> None:
        """Somebody comes, goes, sits for another, gives a proxy or takes it back."""
        random = self.random
        name = random.choice(self.everybody)
        what = random.randint(0, 5)
        if what <= 1 and name not in self.room:
            self.come(name)
        elif what <= 2 and name in self.room:
            self.room.remove(name)
            self.tell("out", name)
        elif what == 3 and name in self.substitutes:
            if name in self.seats:
                del self.seats[name]
                self.tell("rise", name)
            else:
                free = sorted(set(self.titulars) - set(self.seats.values()))
                if free:
                    self.seats[name] = random.choice(free)
                    self.tell("sit", name, self.seats[name])
        elif what >= 4 and name in self.titulars:
            if name in self.proxies:
                del self.proxies[name]
                self.tell("revoke", name)
            else:
                self.hand_proxy(name)

    def hand_proxy(self, giver: str) -> None:
        holder = self.random.choice([*self.titulars, *self.substitutes])
        asleep = self.occupied()
        carried = [g for g, h in self.proxies.items() if h == holder and g not in asleep]
        crossed = self.proxies.get(holder) == giver
        if giver != holder and not crossed and len(carried) < self.rules["proxies each"]:
            self.proxies[giver] = holder
            self.tell("proxy", giver, holder)

    def item(self, key: str) -> None:
        random = self.random
        for _ in range(random.randint(0, 5)):
            self.move()
        self.tell("item", key)
        absent = sorted(set(self.titulars) - self.occupied())
        withdrawing = sorted(self.room - {"c0"}) + absent
        for name in some(random, withdrawing, random.choice([0, 0, 2])):
            self.tell("aside", name, random.choice(sorted(GROUNDS)))
        if self.partial and random.random() < 0.5:
            self.tell("only", some(random, self.titulars, 4) or ["t0"])
        for mode in ("public", "secret"):
            if random.random() < 0.4:
                self.tell("ask", mode, some(random, self.everybody, 4))
        if random.random() < 0.2 and self.room & set(self.titulars):
            self.tell("chair of the item", random.choice(sorted(self.room & set(self.titulars))))
        self.tell("discuss")
        for _ in range(random.choice([0, 0, 0, 2])):
            self.move()
        mode = random.choice(["ordinary", "ordinary", "public", "secret"])
        choice = [*CHOICES, *["for", "against"] * 3]
        others = "refuses" if mode == "public" else random.choice([*CHOICES, "for", "against"])
        named = {name: random.choice(choice) for name in some(random, self.titulars, 9)}
        counts = {"for": random.randint(0, 2), "against": random.randint(0, 2)}
        self.tell(
            "vote",
            {
                "mode": mode,
                "others": others,
                "named": {} if mode == "secret" else named,
                "counts": counts if mode == "secret" else {},
                "majority": random.choice([*MAJORITIES, "ordinary", "ordinary"]),
            },
        )

    def events(self) -> list[sitting.Event]:
        """The same sitting as a ledger."""
        ledger: list[sitting.Event] = []
        item = ""
        for verb, *rest in self.lines:
            match verb, rest:
                case "in", [name, far]:
                    ledger.append(Arrived(member=name, remote=far))
                case "out", [name]:
                    ledger.append(Left(member=name))
                case "sit", [substitute, titular]:
                    ledger.append(SeatTaken(substitute=substitute, titular=titular))
                case "rise", [substitute]:
                    ledger.append(SeatReturned(substitute=substitute))
                case "proxy", [giver, holder]:
                    ledger.append(ProxyGiven(giver=giver, holder=holder))
                case "revoke", [giver]:
                    ledger.append(ProxyRevoked(giver=giver))
                case "chair", [name]:
                    ledger.append(Opened(chair=name))
                case "item", [item]:
                    ledger.append(ItemOpened(item=item))
                case "aside", [name, ground]:
                    ledger.append(Recused(member=name, item=item, ground=GROUNDS[ground]))
                case "only", [names]:
                    ledger.append(CollegeSet(item=item, members=tuple(names)))
                case "ask", [mode, names]:
                    ledger.append(BallotRequested(item=item, mode=Mode(mode), members=tuple(names)))
                case "chair of the item", [name]:
                    ledger.append(ChairTaken(member=name, item=item))
                case "vote", [ballot]:
                    ledger.append(BallotHeld(ballot=self.ballot(item, ballot)))
        return list(told(*ledger))

    def ballot(self, item: str, ballot: dict) -> Ballot:
        """Those who are not named vote `others`, in a secret ballot too few papers are found."""
        mode = {"ordinary": Mode.ORDINARY, "public": Mode.PUBLIC, "secret": Mode.SECRET}
        return Ballot(
            item=item,
            mode=mode[ballot["mode"]],
            default=CHOICES[ballot["others"]],
            choices={name: CHOICES[said] for name, said in ballot["named"].items()},
            counts={CHOICES[said]: n for said, n in ballot["counts"].items()},
            majority=MAJORITIES[ballot["majority"]],
        )

    @property
    def composition(self) -> Composition:
        return Composition(
            members=tuple(
                Member(
                    key=person["name"],
                    civility="",
                    first_name=person["name"],
                    last_name="",
                    capacity=CAPACITIES[person["kind"]],
                    weight=person["weight"],
                    office="president" if person["president"] else "",
                )
                for person in self.members
            )
        )


def differences(seed: int, *, partial: bool):
    """Where the two implementations part: (what, sitting, item, naive, ours)."""
    made = Sitting(seed, partial=partial)
    rules = replace(
        EPCI,
        quorum_counts_remote=made.rules["far counts"],
        proxies_per_holder=made.rules["proxies each"],
    )
    items = [line[1] for line in made.lines if line[0] == "item"]
    story = sitting.replay(made.composition, made.events(), items)
    found = iter(naive.follow(made.members, made.lines, made.rules))
    for event in story.of_kind(BallotHeld):
        item = event.ballot.item
        at_item, at_vote = story.at_item[item], story.at_ballot[event.seq]
        first, second = next(found), next(found)
        counted = quorum.of(at_item, rules)
        mode = voting.imposed_mode(at_item, rules)
        pairs = [
            ("quorum", first["quorum"], (counted.in_office, counted.present, counted.required)),
            ("mode", first["mode"], mode.value if mode else ""),
        ]
        if second["votes"] is not None:
            voices = sorted((v.seat, v.caster, v.weight, v.by_proxy) for v in at_vote.voices)
            pairs += [
                ("votes", second["votes"], voices),
                ("doors", second["doors"], voting.closed_doors_majority(at_vote)),
                (
                    "adopted",
                    second["adopted"],
                    voting.of(event.ballot, at_vote, rules).adopted,
                ),
            ]
        yield from (
            (what, seed, item, theirs, ours) for what, theirs, ours in pairs if theirs != ours
        )


@pytest.mark.parametrize("seeds", SEEDS)
def test_sittings_are_counted_the_same_twice(seeds):
    assert [each for seed in seeds for each in differences(seed, partial=False)] == []


@pytest.mark.parametrize("seeds", SEEDS)
def test_items_that_concern_some_members_are_counted_the_same_twice(seeds):
    """Art. L5212-16: the president takes part in every vote, whoever chairs."""
    assert [each for seed in seeds for each in differences(seed, partial=True)] == []


# --- Elections --------------------------------------------------------------------------------

METHODS = {"remainder": Method.LARGEST_REMAINDER, "average": Method.HIGHEST_AVERAGE}


def lists(random: Random) -> tuple[str, dict[str, int], dict[str, list[date | None]], int, int]:
    """Lists that are often level, whose candidates are often of unknown or equal age."""
    seats, substitutes = random.randint(1, 7), random.choice([0, 0, 2, 3])
    few = random.choice([3, 12, 40])
    votes = {f"l{rank}": random.randint(0, few) for rank in range(random.randint(1, 5))}
    days = [date(1940 + year, 1, 1) for year in range(random.choice([4, 60]))]
    known = random.random() < 0.7
    born = {
        name: [
            random.choice(days) if known or random.random() < 0.6 else None
            for _ in range(seats + substitutes)
        ]
        for name in votes
    }
    return random.choice(sorted(METHODS)), votes, born, seats, substitutes


def parted(seed: int):
    """Where the two implementations part on an election of lists."""
    method, votes, born, seats, substitutes = lists(chance(seed))
    election = Election(
        item="p1",
        method=METHODS[method],
        seats=seats,
        substitutes=substitutes,
        candidates=tuple(
            Candidate(key=f"{name}-{rank}", born_on=day)
            for name, days in born.items()
            for rank, day in enumerate(days)
        ),
        lists=tuple(
            List(key=name, candidates=tuple(f"{name}-{rank}" for rank in range(len(days))))
            for name, days in born.items()
        ),
        rounds=(Round(votes=votes),),
    )
    won, is_level = naive.share_out(votes, seats, method, born)
    rest = {name: days[won.get(name, 0) :] for name, days in born.items()}
    # While the members are not known, nor are those who follow them.
    spare, spare_is_level = naive.share_out(votes, 0 if is_level else substitutes, method, rest)
    names = [f"{name}-{rank}" for name in votes for rank in range(won.get(name, 0))]
    following = [
        f"{name}-{won.get(name, 0) + rank}" for name in votes for rank in range(spare.get(name, 0))
    ]
    result = elections.decide(election)
    ours = (result.elected, result.substitutes, bool(result.ties))
    theirs = (tuple(names), tuple(following), is_level or spare_is_level)
    if ours != theirs:
        yield method, votes, seats, substitutes, theirs, ours


@pytest.mark.parametrize("seeds", SEEDS)
def test_seats_are_shared_out_the_same_twice(seeds):
    assert [each for seed in seeds for each in parted(seed)] == []


def by_name(seed: int):
    """Where the two implementations part on the election of one person."""
    random = chance(seed)
    names = [f"c{rank}" for rank in range(random.randint(1, 4))]
    days = [date(1940 + year, 1, 1) for year in range(random.choice([3, 60]))]
    born = {name: random.choice([*days, None]) for name in names}
    rounds = [{name: random.randint(0, 4) for name in names} for _ in range(random.randint(1, 3))]
    winner, number = naive.elected(rounds, born)
    election = Election(
        item="p1",
        candidates=tuple(Candidate(key=name, born_on=born[name]) for name in names),
        rounds=tuple(Round(votes=votes) for votes in rounds),
    )
    result = elections.decide(election)
    theirs = ((winner,) if winner else (), winner is None)
    ours = (result.elected, bool(result.ties))
    if theirs != ours or (winner and len(result.counts) != number):
        yield rounds, born, theirs, ours


@pytest.mark.parametrize("seeds", SEEDS)
def test_one_person_is_elected_the_same_twice(seeds):
    assert [each for seed in seeds for each in by_name(seed)] == []
