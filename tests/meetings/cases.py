"""Real minutes as sitting files: what the papers say, in our words and under invented names.

Each file of `tests/cases` holds the facts of one paper, counted by hand: who was there and who
held whose proxy, who came and went, what each vote gave. Dates, counts and set formulas are those
of the paper; but for the seed's, its people are invented, of the same shape (homonyms, compound
names, particles, accents), and the titles rewritten. Where a paper is silent, the file is too;
what had to be assumed to make a sitting of an excerpt is said at the head of the file.

    present = "Mme Anne Belbois (Escrives), M. Jean Clairchamp pour Luc Valrive"    attendance
    represented = "M. Luc Valrive > Anne Belbois"                                  and the holder
    { n = "3", title = "…", all = 15 }        the item numbered 3: fifteen votes, all of them for
    votes = [{ for = 8, against = ["anne-belbois"], cast = 9 }]      counts, or the keys of people
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from law import assembly, ballots, codec, regime, sitting
from law.assembly import Capacity
from law.ballots import Choice, Mode
from meetings import sitting_file

DIRECTORY = Path(__file__).parent.parent / "cases"
NUMBERS = sorted(path.stem for path in DIRECTORY.glob("*.toml"))
STANDINGS = ("present", "late", "represented", "excused", "absent")

Facts = dict[str, Any]


@cache
def facts_of(number: str) -> Facts:
    return tomllib.loads((DIRECTORY / f"{number}.toml").read_text())


@dataclass
class Case:
    """A paper and the sitting it tells; `document` is the file that the product reads."""

    number: str
    facts: Facts
    people: list[assembly.Member] = field(default_factory=list)
    standings: dict[str, str] = field(default_factory=dict)  # by key, of those the paper counts
    roll: list[sitting.Event] = field(default_factory=list)
    events: list[sitting.Event] = field(default_factory=list)
    items: list[Facts] = field(default_factory=list)  # flat, in the order of the file

    @property
    def held_on(self) -> date:
        return date.fromisoformat(self.facts["held_on"])

    @property
    def rules(self) -> regime.Regime:
        preset = regime.PRESETS[self.facts.get("form", "commune")]
        return regime.from_values(regime.to_values(preset) | self.facts.get("rules", {}))

    def at(self, clock: str | None) -> datetime | None:
        return datetime.combine(self.held_on, time.fromisoformat(clock)) if clock else None

    @property
    def document(self) -> Facts:
        return _document(self)

    def item(self, number: str) -> str:
        """The key of the item that the paper numbers so."""
        (key,) = (item["key"] for item in self.items if item.get("n") == number)
        return key

    def votes(self, item: Facts) -> list[Facts]:
        """The votes on an item; `all` is the count of those who voted, all of them for."""
        written = item.get("votes", [{"all": item["all"]}] if "all" in item else [])
        return [self._in_full(vote) for vote in written]

    def _in_full(self, vote: Facts) -> Facts:
        if "all" in vote:
            everybody = {"for": vote["all"], "against": 0, "abstain": 0, "cast": vote["all"]}
            vote = vote | everybody | {"unanimous": True}
        usual = self.facts.get("formula", "") if vote.get("unanimous") else ""
        return {"stated": usual} | vote


def read(number: str) -> Case:
    """The case of this number, told from its file."""
    case = Case(number, facts_of(number))
    for group in case.facts["members"]:
        for standing in STANDINGS:
            for written in filter(None, re.split(r",\s+", group.get(standing, ""))):
                _sit(case, group, standing, written)
        for rank in range(group.get("unknown", 0)):  # in office, and not in the excerpt
            letters = "abcdefghij"[rank // 10] + "abcdefghij"[rank % 10]
            _sit(case, group, "absent", f"Membre Absent{letters}")
    # A proxy needs its holder, a seat its titular: whoever comes first.
    case.roll.sort(key=lambda event: not isinstance(event, sitting.Arrived | sitting.Excused))
    case.items = [
        {"key": slugify(each.get("n", "")) or f"p{rank}"} | each
        for rank, each in enumerate(case.facts.get("agenda", ()), start=1)
    ]
    case.events = list(case.roll)
    told = [codec.load(row.pop("kind"), 0, row) for row in _rows(case)]
    case.events += [event for event in told if isinstance(event, sitting.OrderSet)]
    case.events += _conduct(case)
    case.events += [event for event in told if not isinstance(event, sitting.OrderSet)]
    for item in case.items:
        case.events += _decisions(case, item)
    if case.facts.get("closed_at"):
        at, is_lost = case.at(case.facts["closed_at"]), case.facts.get("for_want_of_quorum", False)
        case.events.append(sitting.Closed(at=at, for_want_of_quorum=is_lost))
    return case


_WRITTEN = re.compile(
    r"(?:(?P<civility>Mme|M\.) )?(?P<first>\S+)(?: (?P<last>[^(>]+?))?"
    r"(?: \((?P<community>[^)]+)\))?(?: > (?P<holder>.+?))?(?: pour (?P<replaces>.+))?"
)


def _sit(case: Case, group: Facts, standing: str, written: str) -> None:
    """One person of the attendance: « Mme Anne Belbois > Luc Valrive »."""
    told = {key: value or "" for key, value in _WRITTEN.fullmatch(written).groupdict().items()}
    first, key = told["first"].replace("_", " "), _key(f"{told['first']} {told['last']}")
    is_substitute = told["replaces"] or group.get("substitutes")
    member = assembly.Member(
        key=key,
        civility=told["civility"],
        first_name=first,
        last_name=told["last"],
        capacity=Capacity.SUBSTITUTE if is_substitute else Capacity.TITULAR,
        constituency=group.get("college", ""),
        community=told["community"],
        office="president" if key == case.facts.get("chair") else "",
        weight=group.get("weight", 1),
        replaces=_key(told["replaces"]),
    )
    case.people.append(member)
    if not group.get("beyond"):
        case.standings[key] = standing
    if standing == "present":
        case.roll.append(sitting.Arrived(member=key, remote=case.facts.get("remote", False)))
    if standing == "excused":
        case.roll.append(sitting.Excused(member=key))
    if told["holder"]:
        case.roll.append(sitting.ProxyGiven(giver=key, holder=_key(told["holder"])))
    if member.replaces:
        case.roll.append(sitting.SeatTaken(substitute=key, titular=member.replaces))


def _key(name: str) -> str:
    return slugify(name.replace("_", " "))


def _rows(case: Case) -> Iterator[Facts]:
    """The other lines of the ledger; `members` is a line for each of them."""
    for row in case.facts.get("told", ()):
        row = dict(row)
        if "at" in row:
            row["at"] = f"{case.held_on}T{row['at']}"
        for member in row.pop("members", [None]):
            yield dict(row) if member is None else row | {"member": member}


def _conduct(case: Case) -> Iterable[sitting.Event]:
    yield sitting.Opened(chair=case.facts.get("chair", ""), at=case.at(case.facts.get("at")))
    if clerk := case.facts.get("clerk"):
        yield sitting.ClerksNamed(clerks=(clerk,))


# --- What was decided -------------------------------------------------------------------------


def _decisions(case: Case, item: Facts) -> Iterable[sitting.Event]:
    key = item["key"]
    if aside := item.get("aside"):
        for member in aside["who"]:
            yield sitting.Recused(member=member, item=key, ground=sitting.Ground(aside["ground"]))
    for vote in case.votes(item):
        yield sitting.BallotHeld(ballot=_ballot(key, vote))
    if "fate" in item:
        fate, note = item["fate"]
        yield sitting.FateNoted(item=key, fate=sitting.Fate(fate), note=note)
    if "election" in item:
        payload = {"election": {"item": key} | item["election"]}
        yield codec.load("election_held", 0, payload)
    if "chair" in item:
        yield sitting.ChairTaken(member=item["chair"], item=key)


CHOICES = {"for": Choice.FOR, "against": Choice.AGAINST, "abstain": Choice.ABSTAIN}


def _ballot(item: str, vote: Facts) -> ballots.Ballot:
    """A vote as one types it: by its exceptions, named or not; by name when everybody is."""
    given = {choice: vote.get(word) for word, choice in CHOICES.items()}
    named = {choice: told for choice, told in given.items() if isinstance(told, list)}
    default = Choice.AGAINST if given[Choice.FOR] == 0 and given[Choice.AGAINST] else Choice.FOR
    return ballots.Ballot(
        item=item,
        question=vote.get("question", ""),
        mode=Mode.PUBLIC if Choice.FOR in named else Mode.ORDINARY,
        default=default,
        choices={key: choice for choice, keys in named.items() for key in keys},
        counts={
            choice: told
            for choice, told in given.items()
            if told and choice not in (*named, default, Choice.FOR)
        },
        stated=stated(vote),
        is_counted=is_told(vote),
    )


def is_told(vote: Facts) -> bool:
    """Whether the paper says what a vote gave: some only say who could vote."""
    return bool(vote["stated"] or vote.get("unanimous")) or any(
        vote.get(choice) is not None for choice in CHOICES
    )


def count(told: int | list[str] | None) -> int | None:
    """How many voices a vote says, which names them or not."""
    return len(told) if isinstance(told, list) else told


def stated(vote: Facts) -> str:
    """The result in the words of the paper, and its figures when it gives any."""
    words = {"for": "pour", "against": "contre", "abstain": "abstentions"}
    figures = [f"{count(vote[key])} {word}" for key, word in words.items() if vote.get(key)]
    return " – ".join(filter(None, [vote["stated"], ", ".join(figures)]))


# --- The file ---------------------------------------------------------------------------------


_ORGANISATIONS = {
    "commune": "la commune",
    "epci": "le syndicat intercommunal",
    "smo": "le syndicat mixte",
}


def _document(case: Case) -> Facts:
    facts = case.facts
    form = facts.get("form", "commune")
    is_council = form == "commune"
    titulars = [m for m in case.people if m.capacity is Capacity.TITULAR and m.constituency]
    seats = [member.constituency for member in titulars]
    composed = sitting.Composed(
        composition=assembly.Composition(
            constituencies=tuple(
                assembly.Constituency(name=name, seats=seats.count(name))
                for name in dict.fromkeys(m.constituency for m in case.people if m.constituency)
            ),
            members=tuple(case.people),
        ),
        regime=case.rules,
    )
    # The tables want an hour; five papers give none, and their opening says none.
    meeting = {"held_on": facts["held_on"], "starts_at": facts.get("at", "18:00")}
    meeting |= {key: facts[key] for key in ("place", "convened_on") if key in facts}
    approved = [item["approves"] for item in case.items if "approves" in item]
    references = [{"held_on": day, "starts_at": "18:00"} for day in approved]
    if "first_call_on" in facts:
        references.append({"held_on": facts["first_call_on"], "starts_at": "18:30"})
        meeting["second_call_of"] = references[-1]
    communities = dict.fromkeys(m.community for m in case.people if m.community)
    return {
        "format": "somme_gov/seance",
        "version": 1,
        "organisation": {
            "name": f"Cas {case.number}",
            "slug": f"cas-{case.number}",
            "designation": _ORGANISATIONS[form],
            "legal_form": form,
            "communities": [{"name": name, "kind": "commune"} for name in communities],
        },
        "body": {
            "name": "Conseil municipal" if is_council else "Comité syndical",
            "slug": "assemblee",
            "kind": "conseil" if is_council else "comite",
            "designation": "le conseil municipal" if is_council else "le comité syndical",
            "gender": "m",
            "member_noun": "conseillers" if is_council else "délégués",
            # The seed numbers its sections and bullets as our bodies do; the others' are copied.
            "numbering": "romain-puces" if case.number == "01" else "aucun",
        },
        "meeting": meeting,
        "agenda": [_written(case, item) for item in case.items if "under" not in item],
        "ledger": [_line(event) for event in [composed, *case.events]],
    } | ({"references": references} if references else {})


def _line(event: sitting.Event) -> Facts:
    kind, payload = codec.dump(event)
    return {"kind": kind, **sitting_file._counted(kind, payload, is_counted=True)}


def _written(case: Case, item: Facts) -> Facts:
    written = {"key": item["key"], "kind": item.get("kind", "deliberation"), "title": item["title"]}
    if "n" in item:
        written["label"] = item["n"]
    written |= {key: item[key] for key in ("rapporteur", "effect") if key in item}
    if "approves" in item:
        written["approves"] = {"held_on": item["approves"], "starts_at": "18:00"}
    if below := [each for each in case.items if each.get("under") == item["key"]]:
        written["children"] = [_written(case, each) for each in below]
    return written
