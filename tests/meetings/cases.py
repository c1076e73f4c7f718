"""Real minutes, translated into sitting files with fictional names.

The facts of the real minutes were transcribed by hand and lie beside the repository
(`../shared/reference/cases`); they are read by the tests and never copied here. Each person gets
a made-up name, the same through the whole case; the civility is kept. Where a paper is silent,
the file is too. What had to be assumed to make a sitting of an excerpt is said where it is done.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from law import assembly, ballots, codec, elections, regime, sitting
from law.assembly import Capacity
from law.ballots import Choice, Mode
from law.sitting import Fate, Ground

DIRECTORY = Path(__file__).resolve().parents[3] / "shared/reference/cases"

Facts = dict[str, Any]

# --- Fictional names --------------------------------------------------------------------------

WOMEN = "Adèle Blanche Clarisse Diane Estelle Flavie Ghislaine Honorine Irène Joséphine".split()
MEN = "Anselme Barnabé Célestin Donatien Edgar Firmin Gaspard Hector Isidore Jules".split()
EITHER = "Alix Camille Claude Dominique Eden Lou Maxence Sacha Yaël Swann".split()
FIRST_HALF = "Bel Clair Haut Mont Val Roche Vert Noir Grand Pré".split()
SECOND_HALF = "bois champ court croix fontaine lande rive tour val ville".split()


def surname(rank: int) -> str:
    return FIRST_HALF[rank % 10] + SECOND_HALF[(rank // 10 + rank) % 10]


def first_name(rank: int, civility: str) -> str:
    return {"Mme": WOMEN, "M.": MEN}.get(civility, EITHER)[(rank * 7 + rank // 10) % 10]


CIVILITIES = {"Madame": "Mme", "Mme": "Mme", "Monsieur": "M.", "M.": "M.", "Mr": "M."}


def bare(text: str) -> str:
    """Letters only, no accent, no capital: how the papers spell one name in several ways."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(
        re.findall(r"[a-z]+", "".join(c for c in split if not unicodedata.combining(c)))
    )


@dataclass(frozen=True)
class Name:
    """A name of the paper: capitals are the surname, whichever end they are at."""

    firsts: list[str]
    lasts: list[str]

    @classmethod
    def of(cls, written: str) -> "Name":
        words = written.replace("- ", "-").split()
        lasts = [word for word in words if word.isupper() and len(word) > 1]
        firsts = [word for word in words if word not in lasts]
        return cls(bare(" ".join(firsts)).split(), bare(" ".join(lasts)).split())

    def is_exactly(self, words: list[str]) -> bool:
        return sorted(words) == sorted([*self.firsts, *self.lasts])

    def may_be(self, words: list[str]) -> bool:
        """« J-L Gély » is Jean-Louis GELY, « TANGUY » anybody called Tanguy."""
        count = len(words) - len(self.lasts)
        initials = words[:count] if count >= 0 else ["?"]
        return words[count:] == self.lasts and all(
            first.startswith(given) for first, given in zip(self.firsts, initials, strict=False)
        )


@dataclass
class Cast:
    """Who is who: the names of the paper on one side, the keys of the file on the other."""

    people: list[assembly.Member] = field(default_factory=list)
    names: list["Name"] = field(default_factory=list)  # of the paper, in the same order

    def add(self, name: str, civility: str = "", **extra: Any) -> assembly.Member:
        rank = len(self.people)
        has_surname = len(name.split()) > 1
        first = first_name(rank, civility)
        last = surname(rank) if has_surname else ""
        member = assembly.Member(
            key=bare(f"{first} {last}").replace(" ", "-") + ("" if has_surname else f"-{rank}"),
            civility=civility,
            first_name=first,
            last_name=last,
            **extra,
        )
        self.people.append(member)
        self.names.append(Name.of(name))
        return member

    def change(self, key: str, **values: Any) -> None:
        rank = next(i for i, each in enumerate(self.people) if each.key == key)
        self.people[rank] = replace(self.people[rank], **values)

    def find(self, written: str) -> str:
        """The key of somebody as the paper writes him: whole, by surname, or by initials."""
        wanted = re.sub(r"^(M\.|Mme|Madame|Monsieur)\s", "", written.strip())
        pairs = list(zip(self.people, self.names, strict=True))
        found = [each for each, name in pairs if name.is_exactly(bare(wanted).split())]
        found = found or [each for each, name in pairs if name.may_be(bare(wanted).split())]
        assert len(found) == 1, f"{written!r} names {len(found)} members of this paper"
        return found[0].key


# --- The translation --------------------------------------------------------------------------


@dataclass
class Case:
    """A paper being translated; `document` is the file, `facts` what the paper says."""

    number: str
    facts: Facts
    cast: Cast = field(default_factory=Cast)
    items: list[dict[str, Any]] = field(default_factory=list)  # flat, `parent` by key
    events: list[sitting.Event] = field(default_factory=list)
    key_of_item: dict[int, str] = field(default_factory=dict)  # rank in the facts → key
    rules: regime.Regime = regime.PRESETS["commune"]
    legal_form: str = "commune"
    meeting: dict[str, Any] = field(default_factory=dict)
    references: list[dict[str, Any]] = field(default_factory=list)
    document: dict[str, Any] = field(default_factory=dict)

    @property
    def computes_numbers(self) -> bool:
        """The seed numbers its sections and bullets as our bodies do; elsewhere we copy."""
        return self.number == "01"

    @property
    def held_on(self) -> date:
        return date.fromisoformat(self.facts["meeting"]["date"])

    def at(self, clock: str | None) -> datetime | None:
        if not clock or not re.fullmatch(r"\d\d:\d\d", clock):
            return None
        return datetime.combine(self.held_on, time.fromisoformat(clock))

    def tell(self, event: sitting.Event) -> None:
        self.events.append(replace(event, seq=len(self.events) + 1))

    def item(self, number: str) -> str:
        """The key of the item that the paper numbers so."""
        for rank, each in enumerate(self.facts["agenda"]):
            if each["number"] == number:
                return self.key_of_item[rank]
        raise KeyError(number)


CASES: dict[str, "Story"] = {}


@dataclass(frozen=True)
class Story:
    """What one case adds to the common translation, at its place in the telling."""

    why: str
    legal_form: str = "commune"
    rules: dict[str, Any] = field(default_factory=dict)
    before_roll: Callable[[Case], None] = lambda case: None
    after_roll: Callable[[Case], None] = lambda case: None
    before_closing: Callable[[Case], None] = lambda case: None
    closes_for_want_of_quorum: bool = False


def available() -> bool:
    return DIRECTORY.is_dir()


@cache
def read_facts(number: str) -> Facts:
    if not available():
        pytest.skip("les procès-verbaux réels ne sont pas à côté du dépôt (../shared)")
    (path,) = DIRECTORY.glob(f"{number}-*.json")
    return json.loads(path.read_text())


def translate(number: str) -> Case:
    """The sitting file of this case."""
    story = CASES[number]
    facts = deepcopy(read_facts(number))
    case = Case(number=number, facts=facts, legal_form=story.legal_form)
    case.rules = replace(regime.PRESETS[story.legal_form], **story.rules)
    _people(case)
    story.before_roll(case)
    _agenda(case)
    _roll(case)
    story.after_roll(case)
    _conduct(case)
    _movements(case)
    _decisions(case)
    story.before_closing(case)
    _closing(case, for_want_of_quorum=story.closes_for_want_of_quorum)
    _write(case)
    return case


def _people(case: Case) -> None:
    """Everybody of the list, with his column; « A > B » is a college and a place in it."""
    for each in case.facts["members"]:
        seat = each.get("seat") or ""
        is_substitute = "suppl" in seat
        case.cast.add(
            each["name"],
            CIVILITIES.get(each["civility"] or "", ""),
            capacity=Capacity.SUBSTITUTE if is_substitute else Capacity.TITULAR,
            constituency=(each["constituency"] or "").strip(),
            weight=each.get("votes") or 1,
        )
    if president := case.facts["president"]:
        if not any(name.is_exactly(bare(president).split()) for name in case.cast.names):
            # Beyond the end of an excerpt.
            case.cast.add(president)
            case.facts["members"].append(
                {**dict.fromkeys(case.facts["members"][0]), "name": president, "status": "present"}
            )
        case.cast.change(case.cast.find(president), office="president")


KINDS = {
    "approbation": "approbation",
    "section": "section",
    "élection": "election",
    "information": "information",
    "questions diverses": "divers",
    "examen": "examen",
}


def _agenda(case: Case) -> None:
    section: tuple[str, str] | None = None
    for rank, each in enumerate(case.facts["agenda"]):
        kind = next(
            (k for word, k in KINDS.items() if each["kind"].startswith(word)), "deliberation"
        )
        number = each["number"] or ""
        item = {
            "key": f"p{rank + 1}",
            "kind": kind,
            "title": each.get("title_full") or each["title"],
        }
        item["title"] = item["title"][:500]
        if number and len(number) <= 20 and not case.computes_numbers:
            item["label"] = number
        if each["rapporteur"]:
            item["rapporteur"] = case.cast.find(each["rapporteur"])
        if kind == "approbation" and (earlier := _date_in(each["title"])):
            item["approves"] = {"held_on": earlier.isoformat(), "starts_at": "18:00"}
            case.references.append(item["approves"])
        inside = section and re.match(rf"{re.escape(section[1])}\W", number)
        item["parent"] = section[0] if section and inside else None
        if kind == "section":
            section = item["key"], number
        case.items.append(item)
        case.key_of_item[rank] = item["key"]


MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()
)


def _date_in(title: str) -> date | None:
    found = re.search(rf"(\d+)(?:er)? ({'|'.join(MONTHS)}) (\d{{4}})", title)
    return date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1])) if found else None


def _roll(case: Case) -> None:
    """The attendance table; whoever came later arrives among the movements."""
    for member, each in zip(case.cast.people, case.facts["members"], strict=False):
        if each["status"] == "present" and not each["arrived"]:
            case.tell(sitting.Arrived(member=member.key, remote=case.rules.remote_allowed))
        elif each["status"].startswith("excused"):
            case.tell(sitting.Excused(member=member.key))
        if each["status"] == "represented" and each["proxy_to"]:
            case.tell(sitting.ProxyGiven(giver=member.key, holder=case.cast.find(each["proxy_to"])))


def _conduct(case: Case) -> None:
    facts = case.facts
    chair = case.cast.find(facts["president"]) if facts["president"] else ""
    case.tell(sitting.Opened(chair=chair, at=case.at(facts["meeting"]["time"])))
    if facts["secretary"]:
        case.tell(sitting.ClerksNamed(clerks=(case.cast.find(facts["secretary"]),)))


# --- Movements as the papers tell them --------------------------------------------------------

_ONE_ITEM = ("one item", "for the item", "le temps de", "ne prennent pas", "ne participent pas")


def _movements(case: Case) -> None:
    """« A, B sortent ; C (+ proxy D) entre »: each in its place, before an item.

    Somebody who leaves the room for one item has withdrawn from it: see `_decisions`.
    """
    for each in case.facts["movements"]:
        before = _before(case, each.get("before_item") or "")
        whole = f"{each['who']} {each['what']}"
        if any(word in f"{whole} {each.get('effect') or ''}" for word in _ONE_ITEM):
            # One paper says in one line that two come back and five stand aside.
            each = {**each, "who": each["who"].split("entrent")[0] + "entrent"}
            if "entrent" not in whole:
                continue
        for segment in each["who"].split("; ") if not each["what"] else [whole]:
            _tell_movement(case, segment, before, case.at(each.get("time")))


def _before(case: Case, written: str) -> str | None:
    if not written:
        return None
    number = re.sub(r"^during item ", "", written)
    return case.item(number)


def _tell_movement(case: Case, segment: str, before: str | None, at: datetime | None) -> None:
    spoken = re.sub(r"\((\+|\+ ?)proxy[^)]*\)", "", segment)
    holders = [
        holder
        for inside in re.findall(r"\((?:procuration )?à ([^)]*)\)", spoken)
        for holder in inside.split(" / ")
    ]
    spoken = re.sub(r"\([^)]*\)", "", spoken)
    verb = re.search(r"\b(sort|sortent|quitte|quittent|entre|entrent|arrivée|départ)\b", spoken)
    assert verb, f"no movement in {segment!r}"
    people = [
        case.cast.find(name)
        for name in re.split(r",| / |;|\bet\b", spoken[: verb.start()])
        if name.strip()
    ]
    goes = verb.group() in ("sort", "sortent", "quitte", "quittent", "départ")
    for rank, key in enumerate(people):
        if goes:
            definitive = "définitivement" in spoken
            case.tell(sitting.Left(member=key, at=at, before=before, definitive=definitive))
            if holders:
                holder = case.cast.find(holders[rank])
                case.tell(sitting.ProxyGiven(giver=key, holder=holder, at=at, before=before))
        else:
            case.tell(sitting.Arrived(member=key, at=at, before=before))


# --- Votes ------------------------------------------------------------------------------------


def _decisions(case: Case) -> None:
    for rank, each in enumerate(case.facts["agenda"]):
        item = case.key_of_item[rank]
        _withdrawals(case, item, each)
        for vote in each["votes"]:
            case.tell(sitting.BallotHeld(ballot=ballot_of(case, item, vote)))
        if "reporté" in f"{each['kind']} {each['result_as_stated'] or ''}" and not each["votes"]:
            note = each["result_as_stated"] or ""
            case.tell(sitting.FateNoted(item=item, fate=Fate.POSTPONED, note=note[:200]))


def _withdrawals(case: Case, item: str, facts: Facts) -> None:
    told = set()
    for vote in facts["votes"]:
        for each in vote["not_voting"]:
            key, reason = case.cast.find(each["name"]), each["reason"] or ""
            if key in told:
                continue
            told.add(key)
            ground = Ground.OTHER
            if "administrateur" in reason:
                ground = Ground.OUTSIDE_BODY
            elif "concerns him" in reason:
                ground = Ground.PERSONAL
            case.tell(sitting.Recused(member=key, item=item, ground=ground))


def ballot_of(case: Case, item: str, vote: Facts) -> ballots.Ballot:
    """A vote as one types it: by its exceptions, named or not; by name when everybody is."""
    named = {
        choice: [case.cast.find(name) for name in vote.get(f"{key}_names") or ()]
        for key, choice in (
            ("for", Choice.FOR),
            ("against", Choice.AGAINST),
            ("abstain", Choice.ABSTAIN),
        )
    }
    choices = {key: choice for choice, keys in named.items() for key in keys}
    is_public = bool(named[Choice.FOR])
    default = Choice.FOR
    if vote["for"] == 0 and vote["against"]:
        default = Choice.AGAINST
    counts = {}
    for key, choice in (("against", Choice.AGAINST), ("abstain", Choice.ABSTAIN)):
        unnamed = (vote[key] or 0) - len(named[choice])
        if unnamed and choice is not default and not is_public:
            counts[choice] = unnamed
    return ballots.Ballot(
        item=item,
        question=vote["question"] or "",
        mode=Mode.PUBLIC if is_public else Mode.ORDINARY,
        default=default,
        choices=choices,
        counts=counts,
        stated=stated(vote),
    )


def stated(vote: Facts) -> str:
    """The result in the words of the paper, and its figures when it gives any."""
    figures = [
        f"{vote[key]} {word}"
        for key, word in (("for", "pour"), ("against", "contre"), ("abstain", "abstentions"))
        if vote[key]
    ]
    return " – ".join(filter(None, [vote["stated"], ", ".join(figures)]))


def _closing(case: Case, *, for_want_of_quorum: bool) -> None:
    facts = case.facts
    if facts["closing_time"] or for_want_of_quorum:
        case.tell(
            sitting.Closed(at=case.at(facts["closing_time"]), for_want_of_quorum=for_want_of_quorum)
        )


# --- The file ---------------------------------------------------------------------------------


def _write(case: Case) -> None:
    facts = case.facts
    seats: dict[str, int] = {}
    for member in case.cast.people:
        if member.constituency:
            is_titular = member.capacity is Capacity.TITULAR
            seats[member.constituency] = seats.get(member.constituency, 0) + is_titular
    composed = sitting.Composed(
        composition=assembly.Composition(
            constituencies=tuple(
                assembly.Constituency(name=name, seats=count) for name, count in seats.items()
            ),
            members=tuple(case.cast.people),
        ),
        regime=case.rules,
    )
    is_council = case.legal_form == "commune"
    communities = dict.fromkeys(m.community for m in case.cast.people if m.community)
    case.document = {
        "format": "somme_gov/seance",
        "version": 1,
        "organisation": {
            "name": f"Cas {case.number}",
            "slug": f"cas-{case.number}",
            "designation": "la commune" if is_council else "le syndicat mixte",
            "legal_form": case.legal_form,
            "communities": [{"name": name, "kind": "commune"} for name in communities],
        },
        "body": {
            "name": "Conseil" if is_council else "Comité syndical",
            "slug": "assemblee",
            "kind": "conseil" if is_council else "comite",
            "designation": "le conseil" if is_council else "le comité syndical",
            "gender": "m",
            "member_noun": "conseillers" if is_council else "délégués",
            "numbering": "romain-puces" if case.computes_numbers else "aucun",
        },
        "meeting": {
            "held_on": facts["meeting"]["date"],
            # The tables want an hour; five papers give none, and their opening says none.
            "starts_at": facts["meeting"]["time"] or "18:00",
            "place": (facts["meeting"]["place"] or "")[:200],
            **({"convened_on": facts["convocation_date"]} if facts["convocation_date"] else {}),
            **case.meeting,
        },
        "agenda": list(_tree(case, None)),
        "ledger": [_line(event) for event in [composed, *case.events]],
    }
    if case.references:
        case.document["references"] = case.references


def _line(event: sitting.Event) -> dict[str, Any]:
    kind, payload = codec.dump(event)
    return {"kind": kind, **payload}


def _tree(case: Case, parent: str | None) -> Iterator[dict[str, Any]]:
    for item in case.items:
        if item["parent"] == parent:
            written = {key: value for key, value in item.items() if key != "parent"}
            if children := list(_tree(case, item["key"])):
                written["children"] = children
            yield written


# --- What each case has of its own ------------------------------------------------------------


def _void_proxies(case: Case) -> None:
    """Two absent members gave their proxy to a third, absent too: told, and without effect."""
    (holder,) = (
        member.key
        for member, each in zip(case.cast.people, case.facts["members"], strict=True)
        if "named as proxy holder" in (each["note"] or "")
    )
    for member, each in zip(case.cast.people, case.facts["members"], strict=True):
        if (each["note"] or "").startswith("gave a proxy"):
            case.tell(sitting.ProxyGiven(giver=member.key, holder=holder))


def _list_election(case: Case) -> None:
    """One list won the seats of delegates, then those of substitutes; a polling board of five."""
    for rank, each in enumerate(case.facts["agenda"]):
        delegates, substitutes = each["elections"]
        named = [case.cast.find(name) for told in each["elections"] for name in told["elected"]]
        tellers = re.findall(r"[A-Z]{3,}", each["note"].split(";")[0])
        case.tell(
            sitting.ElectionHeld(
                election=elections.Election(
                    item=case.key_of_item[rank],
                    title="délégué",
                    method=elections.Method.HIGHEST_AVERAGE,
                    secrecy=elections.Secrecy.IMPOSED,
                    seats=len(delegates["elected"]),
                    substitutes=len(substitutes["elected"]),
                    candidates=tuple(elections.Candidate(key=key) for key in named),
                    lists=(elections.List(key="liste", candidates=tuple(named)),),
                    rounds=(elections.Round(votes={"liste": delegates["candidates"][0]["votes"]}),),
                    tellers=tuple(case.cast.find(name) for name in tellers),
                    stated=each["result_as_stated"],
                )
            )
        )


def _one_candidate(case: Case) -> None:
    """The paper gives the voters and not the votes of the only candidate: all of them."""
    for rank, each in enumerate(case.facts["agenda"]):
        for told in each["elections"]:
            (candidate,) = told["candidates"]
            key = case.cast.find(candidate["name"])
            case.tell(
                sitting.ElectionHeld(
                    election=elections.Election(
                        item=case.key_of_item[rank],
                        title="premier adjoint",
                        candidates=(elections.Candidate(key=key),),
                        rounds=(elections.Round(votes={key: told["expressed"]}),),
                    )
                )
            )


def _chair_stands_aside(case: Case) -> None:
    """The mayor leaves the room for the sale that concerns him; the rapporteur presides."""
    facts = next(
        each for each in case.facts["agenda"] if each["votes"] and each["votes"][0]["not_voting"]
    )
    item = case.key_of_item[case.facts["agenda"].index(facts)]
    case.tell(sitting.ChairTaken(member=case.cast.find(facts["rapporteur"]), item=item))


def _asterisks(case: Case) -> None:
    """One of the four lines of an item was put off, another had no vote."""
    item = case.item("III")
    case.tell(sitting.FateNoted(item=item, fate=Fate.NO_VOTE, note="un choix reporté"))


def _between_items(case: Case) -> None:
    """Hours, and no item nor opening hour: the counts say before which items it was."""
    for each, number in zip(case.facts["movements"], ("1", "2"), strict=True):
        each["before_item"] = number


def _montpellier_people(case: Case) -> None:
    """Four proxies have no holder in the paper: each is given to somebody who never moves."""
    moving = bare(" ".join(each["who"] for each in case.facts["movements"]))
    steady = [
        each["name"]
        for each in case.facts["members"]
        if each["status"] == "present" and bare(each["name"]).split()[-1] not in moving
    ]
    for each in case.facts["members"]:
        if each["status"] == "represented" and not each["proxy_to"]:
            each["proxy_to"] = steady.pop()


def _montpellier_order(case: Case) -> None:
    """Printed by number; the paper tells them in the order of discussion."""
    discussed = tuple(item["key"] for item in case.items)
    case.items.sort(key=lambda item: int(item.get("label") or 0))
    case.tell(sitting.OrderSet(items=discussed))


def _second_call(case: Case) -> None:
    """The first sitting, six days before, had no quorum; those who resigned no longer sit."""
    kept = [
        rank for rank, each in enumerate(case.facts["members"]) if each["seat"] != "démissionnaire"
    ]
    case.facts["members"] = [case.facts["members"][rank] for rank in kept]
    case.cast.people = [case.cast.people[rank] for rank in kept]
    case.cast.names = [case.cast.names[rank] for rank in kept]
    first = {"held_on": case.facts["previous_meeting_without_quorum"], "starts_at": "18:30"}
    case.meeting["second_call_of"] = first
    case.references.append(first)


def _named_substitutes(case: Case) -> None:
    """« suppléant X », « remplaçante de Y », or a second name in the column: who sits for whom."""
    for member, each in list(zip(case.cast.people, case.facts["members"], strict=True)):
        note = each["note"] or ""
        # Communes and communities stand in the column of the colleges here.
        case.cast.change(member.key, community=member.constituency, constituency="")
        sits_for = re.search(r"(?:suppléant|remplaçante de|sits for) (.+)", note)
        if each["seat"] and (name := sits_for):
            case.cast.change(member.key, replaces=case.cast.find(name.group(1)))
        elif name := re.search(r"X then « ([^»]+) »", note):
            case.cast.add(
                name.group(1),
                capacity=Capacity.SUBSTITUTE,
                community=member.constituency,
                replaces=member.key,
            )


def _take_seats(case: Case) -> None:
    there = {e.member for e in case.events if isinstance(e, sitting.Arrived)}
    for member in case.cast.people:
        if member.replaces:
            if member.key not in there:
                case.tell(sitting.Arrived(member=member.key))
            case.tell(sitting.SeatTaken(substitute=member.key, titular=member.replaces))


def _fill(case: Case, *, weight: int = 1) -> None:
    """Members in office whom an excerpt does not list: absent, under made-up names."""
    titulars = [m for m in case.cast.people if m.capacity is Capacity.TITULAR]
    for rank in range(case.facts["quorum"]["in_office"] - len(titulars)):
        case.cast.add(f"Membre Absent{rank}", weight=weight)


def _weights(case: Case) -> None:
    """27 delegates and 36 votes: two votes for one of the two givers, and for those not listed."""
    giver = next(e for e in case.facts["members"] if e["status"] == "represented")
    case.cast.change(case.cast.find(giver["name"]), weight=2)
    _fill(case, weight=2)


def _by_deliberation(case: Case) -> None:
    """Six deliberations, and who was there at each by number only: the last listed came late."""
    _named_substitutes(case)
    _fill(case)
    case.facts["agenda"] = [
        {
            "number": number,
            "title": f"Délibération {number}",
            "kind": "deliberation",
            "rapporteur": None,
            "votes": [],
            "elections": [],
            "result_as_stated": None,
        }
        for group in case.facts["per_deliberation"]
        for number in group["ids"]
    ]
    late = [
        each for each in case.facts["members"] if each["status"] == "present" and not each["seat"]
    ]
    late = [
        each
        for each in late
        if each["name"] not in (case.facts["president"], case.facts["secretary"])
    ]
    for each, number in zip(late[-3:], ("2019_C14", "2019_C14", "2019_C18"), strict=True):
        each["arrived"] = number
        case.facts["movements"].append(
            {"who": each["name"], "what": "arrivée", "before_item": number, "time": None}
        )


def _votes_by_deliberation(case: Case) -> None:
    for rank in range(len(case.facts["agenda"])):
        case.tell(sitting.BallotHeld(ballot=ballots.Ballot(item=case.key_of_item[rank])))


BEYOND = "Ailleurs"  # first name of those whom an excerpt names without listing them


def _colleges(case: Case) -> None:
    """Holders stand in a second list, matched by order; two of them are beyond the excerpt."""
    waiting: dict[str, list[str]] = {}
    for each in case.facts["members"]:
        if "matched by order" in (each["note"] or ""):
            college = each["constituency"]
            holders = waiting.setdefault(college, each["note"].split(": ")[1].split(", "))
            each["proxy_to"] = holders.pop(0)
    listed = [" ".join(name.lasts) for name in case.cast.names]
    for each in case.facts["members"]:
        holder = (each["proxy_to"] or "").split(" ")[0]
        if holder and bare(holder) not in listed:
            case.cast.add(f"{BEYOND} {holder}")
    stand_in = next(m for m in case.cast.people if m.capacity is Capacity.SUBSTITUTE)
    absent = case.cast.add("Titulaire Absent")
    case.cast.change(stand_in.key, replaces=absent.key)
    _fill(case)


def _others_are_there(case: Case) -> None:
    for member, name in zip(case.cast.people, case.cast.names, strict=True):
        if name.firsts == [bare(BEYOND)]:
            case.tell(sitting.Arrived(member=member.key))
    _take_seats(case)


def _then(*steps: Callable[[Case], None]) -> Callable[[Case], None]:
    def all_of_them(case: Case) -> None:
        for step in steps:
            step(case)

    return all_of_them


SMO = {"legal_form": "smo"}
TWO_PROXIES = {"proxies_per_holder": 2}
CASES |= {
    "01": Story("le Bureau de la semence : présents et excusés, avis sans vote", **SMO),
    "02": Story("le quorum se perd et la séance est levée", closes_for_want_of_quorum=True),
    "05": Story(
        "quorum du tiers, deux pouvoirs par porteur, pouvoirs sans effet",
        rules={"quorum_fraction": Fraction(1, 3), "quorum_strict": False, **TWO_PROXIES},
        after_roll=_void_proxies,
    ),
    "06": Story("élection de liste à la plus forte moyenne", before_closing=_list_election),
    "10": Story("deux arrivées pendant le premier point"),
    "11": Story("un seul point, sans numéro"),
    "13": Story("arrivées au point 5, élection", before_closing=_one_candidate),
    "14": Story("retraits des intéressés pour un point"),
    "17": Story("le maire se retire en portant un pouvoir", before_closing=_chair_stands_aside),
    "18": Story(
        "vingt-quatre mouvements, points discutés dans un autre ordre",
        before_roll=_montpellier_people,
        after_roll=_montpellier_order,
    ),
    "25": Story("prénoms seuls, pas de président ni de secrétaire", before_closing=_asterisks),
    "27": Story("une arrivée et un départ", before_roll=_between_items),
    "34": Story("seconde convocation, sans condition de quorum", before_roll=_second_call, **SMO),
    "36": Story(
        "suppléances",
        before_roll=_named_substitutes,
        after_roll=_take_seats,
        **SMO,
    ),
    "43": Story(
        "trente-deux présents de vingt communes, deux suppléants",
        before_roll=_named_substitutes,
        after_roll=_take_seats,
        **SMO,
    ),
    "51": Story(
        "voix pondérées, double quorum, à distance",
        rules={
            "weighted_votes": True,
            "remote_allowed": True,
            "quorum_counts_remote": True,
            "quorum_basis": "tetes_et_voix",
        },
        before_roll=_weights,
        **SMO,
    ),
    "53": Story(
        "présents redits à chaque délibération",
        before_roll=_by_deliberation,
        after_roll=_take_seats,
        before_closing=_votes_by_deliberation,
        **SMO,
    ),
    "55": Story(
        "collèges, pouvoirs d’un collège à l’autre",
        rules={"proxies_per_holder": 2},
        before_roll=_colleges,
        after_roll=_others_are_there,
        **SMO,
    ),
    "59": Story("vote nominatif, rejet, unanimité contre"),
}
