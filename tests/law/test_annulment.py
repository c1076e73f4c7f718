"""Les nullités : ce qu'un juge annule, et quand on le dit.

Each row tells a sitting in a few events; its last event is what a judge would annul it for. It
says what the law answers then (live), when the same sitting is typed afterwards, and in the
review before its papers are established: "!code" refuses, "?code" warns, "" asks nothing, except
afterwards, where it says that what is told live is not told then.
What can never have happened is refused afterwards too, and the review has nothing to find; what a
past paper may tell is recorded with a warning, which the review repeats.

`matters` says what the agenda knows of an item and its title does not: see MATTERS.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from law import deadlines, regime
from law.assembly import Capacity, Composition
from law.ballots import ACCOUNTS, Ballot, Choice, Majority, Mode, statutes_majority
from law.checks import guard, judgement, review
from law.docket import Docket
from law.elections import Candidate, Election, List, Method, Round, Secrecy
from law.findings import Finding, Severity
from law.sitting import (
    Arrived,
    BallotHeld,
    BallotRequested,
    ChairTaken,
    ClerksNamed,
    Closed,
    CollegeSet,
    Composed,
    DoorsClosed,
    DoorsKeptOpen,
    ElectionHeld,
    Ending,
    Event,
    Fate,
    FateNoted,
    Ground,
    ItemOpened,
    Left,
    Opened,
    ProxyGiven,
    ProxyRevoked,
    Recused,
    Resumed,
    SeatReturned,
    SeatTaken,
    Suspended,
    Vacated,
    Voided,
)
from tests.law.story import (
    AGENDA,
    COMITE,
    EPCI,
    RULES,
    SMF,
    SMO,
    TITULARS,
    at,
    member,
    opening,
    there,
)

# Matter → the field of the docket.
MATTERS = {
    "urgence": "urgent",
    "comptes": "accounts",
    "executif": "executive",
    "nomination": "nominations",
    "ajoute": "added",
    "exclu_a_distance": "in_person",
    "exclu_a_distance_peut_etre": "perhaps_in_person",
    "divers": "miscellaneous",
    "acte": "acts",
    "commun": "common",
}


@dataclass(frozen=True, repr=False)
class Row:
    ground: str
    article: str
    story: tuple[Event, ...] | Callable[[], tuple[Event, ...]]
    live: str
    after: str
    review: str
    facts: dict = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.ground

    @property
    def events(self) -> tuple[Event, ...]:
        """The story on the clock: a minute from one line to the next, once the sitting opened."""
        lines = self.story() if callable(self.story) else self.story
        clock, told = None, []
        for seq, event in enumerate(lines, start=1):
            if isinstance(event, Opened):
                clock = event.at
            elif clock is not None:
                clock = event.at or clock + timedelta(minutes=1)
                event = replace(event, at=clock)
            told.append(replace(event, seq=seq))
        return tuple(told)


def row(ground, article, story, live, after, review="", **facts) -> Row:
    return Row(ground, article, story, live, after, review, facts)


def said(row: Row, *, retrospective: bool) -> tuple[list[tuple[Finding, ...]], object]:
    """What the law answers to each line, and the story judged in the end."""
    facts = {"composition": COMITE, "agenda": AGENDA, "regime": RULES, **row.facts}
    matters = {"urgence": facts.pop("urgent", ())}
    for item, kinds in facts.pop("matters", {}).items():
        matters |= {kind: {item, *matters.get(kind, ())} for kind in kinds}
    new = matters.pop("hors_premiere_convocation", ())
    reconvened = {*facts["agenda"]} - {*new} if facts.pop("second_call", False) else None
    docket = Docket(
        kept_by=facts.pop("kept_by", ()),
        reconvened=reconvened if reconvened is None else frozenset(reconvened),
        **{MATTERS[kind]: frozenset(items) for kind, items in matters.items()},
    )
    judged = judgement.judge((), retrospective=retrospective, docket=docket, **facts)
    answers = []
    for event in row.events:
        found, judged = judged.after([event])
        answers.append(found)
    return answers, judged


def marks(found) -> list[str]:
    return [("!" if f.severity is Severity.REFUSAL else "?") + f.code for f in found]


def asked(*places: str):
    """One case for each row that says something of one of these places."""
    cases = [
        pytest.param(each, id=each.ground)
        for each in ROWS
        if any(getattr(each, place) for place in places)
    ]
    return pytest.mark.parametrize("row", cases)


# --- Stories ----------------------------------------------------------------------------------


def put(item: str = "p1") -> ItemOpened:
    return ItemOpened(item=item)


def vote(item: str = "p1", **ballot) -> BallotHeld:
    return BallotHeld(ballot=Ballot(item=item, **ballot))


def secret(item: str = "p1", for_: int = 6, **ballot) -> BallotHeld:
    return vote(item, mode=Mode.SECRET, counts={Choice.FOR: for_}, **ballot)


def public(*keys: str, item: str = "p1", **ballot) -> BallotHeld:
    return vote(item, mode=Mode.PUBLIC, choices=dict.fromkeys(keys, Choice.FOR), **ballot)


def elect(item: str = "p1", votes: int = 4, **election) -> ElectionHeld:
    """Bruno is elected a member of a commission, at the first round, by so many papers."""
    usual = {
        "title": "membre de la commission",
        "candidates": (Candidate(key="bruno"),),
        "rounds": (Round(votes={"bruno": votes}, voters=votes),),
    }
    return ElectionHeld(election=Election(item=item, **{**usual, **election}))


def proxy(giver: str, holder: str, **extra) -> ProxyGiven:
    return ProxyGiven(giver=giver, holder=holder, **extra)


def out(member: str) -> Left:
    return Left(member=member)


def come(member: str, **extra) -> Arrived:
    return Arrived(member=member, **extra)


def chosen(member: str) -> ChairTaken:
    """The assembly elects who presides the accounts (art. L2121-14)."""
    return ChairTaken(member=member, item="p1", elected=True)


def recused(member: str, ground: Ground = Ground.PERSONAL, item: str = "p1") -> Recused:
    return Recused(member=member, item=item, ground=ground)


def chaired(*keys: str, by: str = "alice", clerk: str = "bruno") -> tuple[Event, ...]:
    return (*there(*keys), Opened(chair=by, at=at("17:30")), ClerksNamed(clerks=(clerk,)))


def but(**rules):
    return replace(RULES, **rules)


def heavy(**weights: int) -> Composition:
    """The comité, where some delegates carry several votes."""
    members = (replace(m, weight=weights.get(m.key, m.weight)) for m in COMITE.members)
    return replace(COMITE, members=tuple(members))


def aged(**years: int) -> Composition:
    """The comité, whose members were born in these years, in 1960 when nothing is said."""
    members = (
        replace(m, born_on=date(year, 5, 1) if (year := years.get(m.key, 1960)) else None)
        for m in COMITE.members
    )
    return replace(COMITE, members=tuple(members))


def without(composition: Composition, *keys: str) -> Composition:
    """The same seats, and nobody in theirs."""
    return replace(composition, members=tuple(m for m in composition.members if m.key not in keys))


def and_zoe(capacity: Capacity) -> Composition:
    """The comité, and one more who hears it."""
    return replace(COMITE, members=(*COMITE.members, member("zoe", capacity=capacity)))


def women(composition: Composition) -> Composition:
    """The same people, and each is a woman."""
    members = (replace(member, civility="Mme") for member in composition.members)
    return replace(composition, members=tuple(members))


def president(key: str, item: str = "p1", blank: int = 1) -> ElectionHeld:
    """This member is elected president of the body, by five papers; one is blank."""
    return elect(
        item,
        5,
        title="président",
        secrecy=Secrecy.IMPOSED,
        candidates=(Candidate(key=key),),
        rounds=(Round(votes={key: 5}, voters=5 + blank, blank=blank),),
    )


def vice_president(key: str) -> ElectionHeld:
    """This member is elected first vice-president, by everybody."""
    return elect(
        title="1er vice-président",
        secrecy=Secrecy.IMPOSED,
        candidates=(Candidate(key=key),),
        rounds=(Round(votes={key: 6}, voters=6),),
    )


SIX = opening(*TITULARS)
FOUR = opening("alice", "bruno", "claire", "denis")
THREE = opening("alice", "bruno", "claire")
FAR = (*there("alice", "bruno", "claire", "farid"), come("denis", remote=True), *SIX[-2:])
PRESENT_FAR = ("alice", "bruno", "claire", "farid", "denis")
# Elsa gives her proxy to Bruno and comes; Farid, who thinks Bruno is free, gives him his and goes;
# then Elsa goes out.
WOKEN = (
    *there("alice", "bruno", "claire", "denis", "farid"),
    proxy("elsa", "bruno"),
    Opened(chair="alice", at=at("17:30")),
    ClerksNamed(clerks=("bruno",)),
    come("elsa"),
    out("farid"),
    proxy("farid", "bruno"),
    out("elsa"),
    put(),
)
# The same by a substitute, who gives the seat back.
WOKEN_BY_A_SEAT = (
    *there("alice", "bruno", "denis", "farid"),
    proxy("claire", "bruno"),
    come("gaelle"),
    SeatTaken(substitute="gaelle", titular="claire"),
    Opened(chair="alice", at=at("17:30")),
    ClerksNamed(clerks=("bruno",)),
    proxy("elsa", "bruno"),
    SeatReturned(substitute="gaelle"),
    put(),
)
# Gaelle sits for Claire, whom she replaces.
SEATED = (
    *chaired("alice", "bruno", "denis", "elsa", "farid", "gaelle"),
    SeatTaken(substitute="gaelle", titular="claire"),
)
PRESIDENT = {"title": "président", "candidates": (Candidate(key="alice"),)}
FOR_ALICE = (Round(votes={"alice": 6}, voters=6),)
NOBODY_IN_OFFICE = replace(
    COMITE, members=tuple(replace(m, office="", office_rank=0) for m in COMITE.members)
)
VACANT = replace(
    COMITE,
    members=tuple(replace(m, office="") if m.is_president else m for m in COMITE.members),
)
REFUSED = (put(), vote(choices=dict.fromkeys(TITULARS, Choice.AGAINST)), put("p2"))
LATE = at("23:00") + timedelta(hours=10)

SILENT = replace(SMO, code_by_default=False)
IN_VOTES = replace(SMO, weighted_votes=True, statutes_majority_base="voix_composant")

# fmt: off
ROWS = (
    # Quorum
    row("quorum : la moitié des membres n’est pas la majorité", "L2121-17",
        (*THREE, put(), vote()), "!quorum", "?quorum", "?quorum"),
    row("quorum : atteint à l’ouverture, perdu avant le point", "L2121-17",
        (*FOUR, put(), vote(), out("denis"), put("p2"), vote("p2")),
        "!quorum", "?quorum", "?quorum"),
    row("quorum : perdu entre la mise en discussion et le vote", "L2121-17",
        (*FOUR, put(), out("denis"), vote()), "?quorum_perdu", "?quorum_perdu", "?quorum_perdu"),
    row("huis clos : dit refusé quand les voix suffisent", "L5211-11",
        (*FOUR, DoorsKeptOpen(requesters=3, votes_for=4)),
        "!huis_clos_decide", "?huis_clos_decide", "?huis_clos_decide"),
    row("quorum : revérifié à la reprise, puis perdu avant le vote", "L2121-17",
        (*SIX, put(), out("elsa"), out("farid"), Suspended(), Resumed(), out("denis"), vote()),
        "?quorum_perdu", "?quorum_perdu", "?quorum_perdu"),
    row("quorum : perdu à la reprise", "L2121-17",
        (*FOUR, put(), Suspended(), out("denis"), Resumed(), vote()),
        "!quorum", "?quorum", "?quorum"),
    row("quorum : les pouvoirs n’y comptent pas", "L2121-17",
        (*THREE[:3], proxy("farid", "alice"), proxy("elsa", "bruno"), *THREE[3:], put(), vote()),
        "!quorum", "?quorum", "?quorum"),
    row("quorum : la voix consultative n’y compte pas", "L2121-17",
        (*chaired("alice", "bruno", "claire", "hugo"), put(), vote()),
        "!quorum", "?quorum", "?quorum"),
    row("quorum : le suppléant qui écoute n’y compte pas", "L2121-17",
        (*chaired("alice", "bruno", "claire", "gaelle"), put(), vote()),
        "!quorum", "?quorum", "?quorum"),
    row("quorum : un suppléant arrivé sans prendre le siège n’y compte pas", "L2121-17",
        (*chaired("alice", "bruno", "denis", "gaelle"), put(), vote()),
        "!quorum", "?quorum", "?quorum"),
    row("quorum : présent à distance que les règles ne comptent pas", "L5211-11-1",
        (*there("alice", "bruno", "claire"), come("denis", remote=True), *SIX[-2:], put(),
            public("alice", "bruno", "claire", "denis")), "!quorum", "?quorum", "?quorum",
        regime=but(quorum_counts_remote=False)),
    row("quorum : l’intéressé n’est pas compté présent", "L2131-11",
        (*FOUR, put(), recused("denis"), vote()), "!quorum", "?quorum", "?quorum"),
    row("quorum : deux représentants à l’extérieur sortis de l’effectif et des présents",
        "L1111-6",
        (*FOUR, put(), recused("denis", Ground.OUTSIDE_BODY), recused("claire",
            Ground.OUTSIDE_BODY), vote()), "!quorum", "?quorum", "?quorum"),
    row("quorum : la présidente sortie au vote de ses comptes n’est pas présente", "L2121-14",
        (*FOUR, put(), recused("alice", Ground.ACCOUNTS), ChairTaken(member="bruno", item="p1"),
            vote(majority=ACCOUNTS)), "!quorum", "?quorum", "?quorum"),
    row("quorum : en voix, selon les statuts, les têtes ne suffisent pas", "statuts",
        (*FOUR, put(), vote()), "!quorum", "?quorum", "?quorum",
        composition=heavy(farid=4, elsa=4), regime=replace(SMO, quorum_basis="voix")),
    row("quorum : sur les seuls délégués concernés, un sur deux", "L5212-16",
        (*FOUR, put(), CollegeSet(item="p1", members=("denis", "elsa")), vote()),
        "!quorum", "?quorum", "?quorum", regime=but(quorum_of_restricted_items="interesses")),
    row("quorum : de la question posée en cours de point", "L2121-17",
        (*THREE, put(), vote(question="amendement")), "!quorum", "?quorum", "?quorum"),
    row("quorum : d’une élection", "L2121-17", (*THREE, put(), elect(votes=3)),
        "!quorum", "?quorum", "?quorum"),
    row("quorum : d’une nomination sans vote", "L2121-17",
        (*THREE, put(), elect(method=Method.UNOPPOSED, rounds=())),
        "!quorum", "?quorum", "?quorum"),
    row("quorum : du vote sur l’urgence", "L2121-17", (*THREE, put(), vote()),
        "!quorum", "?quorum", "?quorum", urgent={"p1"}),
    row("quorum : du vote du huis clos", "L2121-17", (*THREE, DoorsClosed(votes_for=3)),
        "!quorum", "?quorum", "?quorum"),
    row("quorum : d’un avis rendu sans scrutin", "L2121-17",
        (*THREE, put(), FateNoted(item="p1", fate=Fate.FAVOURABLE)),
        "!quorum", "?quorum", "?quorum"),
    row("quorum : à la reprise, le lendemain matin, d’une séance suspendue", "L2121-17",
        (*FOUR, put(), Suspended(at=at("23:00")), out("denis"), Resumed(at=LATE), vote()),
        "!quorum", "?quorum", "?quorum"),
    row("quorum : une démission en fin de séance ne valide pas ce qui précède", "L2121-17",
        (*THREE, put(), vote(), Vacated(member="denis"), Vacated(member="elsa")),
        "", "", "?quorum"),
    row("seconde convocation : un point absent de la première", "L2121-17",
        (*THREE, put("p2"), vote("p2")), "!hors_premier_ordre_du_jour",
        "?hors_premier_ordre_du_jour", "?hors_premier_ordre_du_jour", second_call=True,
        matters={"p2": {"hors_premiere_convocation"}}),
    row("seconde convocation : élire sur un point absent de la première", "L2121-17",
        (*THREE, put("p2"), elect("p2", votes=3)), "!hors_premier_ordre_du_jour",
        "?hors_premier_ordre_du_jour", "?hors_premier_ordre_du_jour", second_call=True,
        matters={"p2": {"hors_premiere_convocation"}}),

    # La présidence
    row("présidence : voter quand la présidente est sortie", "L2121-14",
        (*SIX, put(), out("alice"), vote()), "!president_absent", "?president_absent",
        "?president_absent"),
    row("présidence : présider un point dont on s’est retiré", "L2131-11",
        (*SIX, put(), recused("alice"), vote()), "!president_retire", "?president_retire",
        "?president_retire"),
    row("présidence : élire quand la présidente est sortie", "L2121-14",
        (*SIX, put(), out("alice"), elect()), "!president_absent", "?president_absent",
        "?president_absent"),
    row("présidence : élire sous qui s’est retiré", "L2131-11",
        (*SIX, put(), recused("alice"), elect()), "!president_retire", "?president_retire",
        "?president_retire"),
    row("présidence : voter sans que personne préside", "L2121-14",
        (*chaired(*TITULARS, by=""), put(), vote()), "!sans_president", "?sans_president",
        "?sans_president"),
    row("présidence : huis clos voté quand la présidente est sortie", "L2121-14",
        (*SIX, out("alice"), DoorsClosed(votes_for=5)), "!president_absent", "?president_absent",
        "?president_absent"),
    row("présidence : prise par un absent", "L2121-14",
        (*FOUR, put(), ChairTaken(member="elsa", item="p1")), "!preside_absent",
        "?preside_absent"),
    row("présidence : par une voix consultative", "L2121-14",
        (*chaired(*TITULARS, "hugo"), put(), ChairTaken(member="hugo", item="p1")),
        "!preside_sans_voix", "!preside_sans_voix"),
    row("présidence : par un suppléant", "L5211-9",
        (*chaired("alice", "bruno", "denis", "elsa", "gaelle"),
            SeatTaken(substitute="gaelle", titular="claire"), ChairTaken(member="gaelle"),
            put(), vote()), "", "", "?preside_suppleant"),

    # Les comptes
    row("scrutin : une majorité de rien", "L2121-20",
        (*SIX, put(), vote(majority=Majority(fraction=Fraction(0)))), "!majorite_invalide",
        "!majorite_invalide"),
    row("moment : voter deux fois la même question", "L2121-20",
        (*SIX, put(), vote(question="ligne 3"), vote(question="ligne 3")), "!deja_vote",
        "!deja_vote"),
    row("comptes : la présidente préside et vote", "L2121-14",
        (*SIX, put(), vote(majority=ACCOUNTS)), "!comptes_presides", "?comptes_presides",
        "?comptes_presides"),
    row("comptes : présidés par un vice-président que rien ne dit élu", "L2121-14",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS), ChairTaken(member="bruno", item="p1"),
            vote(majority=ACCOUNTS)), "?comptes_presidence_non_elue",
        "?comptes_presidence_non_elue", "?comptes_presidence_non_elue",
        matters={"p1": {"comptes"}}),
    row("comptes : la présidente cède le fauteuil et vote", "L2121-14",
        (*SIX, put(), ChairTaken(member="bruno", item="p1"), vote(majority=ACCOUNTS)),
        "!comptes_votes", "?comptes_votes", "?comptes_votes"),
    row("comptes : la présidente sort et vote par procuration", "L2121-14",
        (*SIX, put(), out("alice"), proxy("alice", "bruno"),
            ChairTaken(member="bruno", item="p1"), vote(majority=ACCOUNTS)),
        "!comptes_votes", "?comptes_votes", "?comptes_votes"),
    row("comptes : la présidente vote pour qui lui a donné pouvoir", "L2121-14",
        (*SIX, put(), out("elsa"), proxy("elsa", "alice"), ChairTaken(member="bruno", item="p1"),
            vote(majority=ACCOUNTS)),
        "!comptes_votes", "?comptes_votes", "?comptes_votes"),
    row("comptes : votés au scrutin public avec sa voix", "L2121-14",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS), ChairTaken(member="bruno", item="p1"),
            public(*TITULARS, majority=ACCOUNTS)), "!sans_voix", "!sans_voix"),
    row("comptes : reconnus à la nature du point, non à la majorité choisie", "L2121-14",
        (*SIX, put(), vote()), "!comptes_presides", "?comptes_presides", "?comptes_presides",
        matters={"p1": {"comptes"}}),
    row("comptes : la majorité des comptes pour une autre délibération", "L1612-12",
        (*SIX, put(), vote(majority=ACCOUNTS)), "!majorite_des_comptes",
        "?majorite_des_comptes", "?majorite_des_comptes",
        matters={"p2": {"comptes"}}),

    # Les pouvoirs
    row("pouvoirs : deux au même porteur", "L2121-20",
        (*THREE, proxy("elsa", "bruno"), proxy("farid", "bruno")),
        "!porteur_charge", "!porteur_charge"),
    row("pouvoirs : celui qui dormait se réveille, trois voix", "L2121-20",
        (*WOKEN, vote()), "!porteur_charge", "?porteur_charge", "?porteur_charge"),
    row("pouvoirs : trois voix à une élection", "L2121-20",
        (*WOKEN, elect(votes=6)), "!porteur_charge", "?porteur_charge", "?porteur_charge"),
    row("pouvoirs : le siège rendu par le suppléant en réveille un second", "L2121-20",
        (*WOKEN_BY_A_SEAT, vote()), "!porteur_charge", "?porteur_charge", "?porteur_charge"),
    row("pouvoirs : trois voix après la mise en discussion", "L2121-20",
        (*WOKEN[:-2], put(), WOKEN[-2], vote()), "!porteur_charge", "?porteur_charge",
        "?porteur_charge", agenda=("p1",)),
    row("pouvoirs : trois voix au huis clos", "L2121-20",
        (*WOKEN[:-1], DoorsClosed(votes_for=6)), "!porteur_charge", "?porteur_charge",
        "?porteur_charge"),
    row("pouvoirs : en croix", "L2121-20",
        (*FOUR, proxy("elsa", "farid"), proxy("farid", "elsa")),
        "!pouvoirs_croises", "!pouvoirs_croises"),
    row("pouvoirs : à une voix consultative", "L2121-20",
        (*FOUR, proxy("elsa", "hugo")), "!porteur_sans_voix", "!porteur_sans_voix"),
    row("pouvoirs : d’une voix consultative", "L2121-20",
        (*FOUR, proxy("hugo", "bruno")), "!mandant_sans_voix", "!mandant_sans_voix"),
    row("pouvoirs : d’un suppléant", "L2121-20",
        (*FOUR, proxy("gaelle", "bruno")), "!mandant_suppleant", "!mandant_suppleant"),
    row("pouvoirs : à soi-même", "L2121-20",
        (*FOUR, proxy("elsa", "elsa")), "!pouvoir_a_soi_meme", "!pouvoir_a_soi_meme"),
    row("pouvoirs : deux du même auteur", "L2121-20",
        (*FOUR, proxy("elsa", "bruno"), proxy("elsa", "claire")),
        "!pouvoir_deja_donne", "!pouvoir_deja_donne"),
    row("pouvoirs : à une quatrième séance consécutive", "L2121-20",
        (*FOUR, proxy("elsa", "bruno", nth=4)), "!pouvoir_perime", "!pouvoir_perime"),
    row("pouvoirs : que les statuts n’admettent pas", "statuts",
        (*FOUR, proxy("elsa", "bruno")), "!pouvoirs_non_admis", "!pouvoirs_non_admis",
        regime=replace(SMO, proxies_allowed=False)),
    row("pouvoirs : le suppléant est là, les règles le font passer avant", "rép. min. n° 49337",
        (*chaired("alice", "bruno", "denis", "elsa", "gaelle"), proxy("claire", "bruno")),
        "!suppleant_disponible", "!suppleant_disponible",
        regime=but(substitute_first="bloquer")),
    row("pouvoirs : le suppléant arrive après, et le pouvoir vote encore", "rép. min. n° 49337",
        (*chaired("alice", "bruno", "denis", "elsa"), proxy("claire", "bruno"), come("gaelle"),
            put(), vote()), "!suppleant_disponible", "?suppleant_disponible",
        "?suppleant_disponible",
        regime=but(substitute_first="bloquer")),
    row("pouvoirs : à un suppléant qui n’occupe aucun siège", "L2121-20",
        (*chaired("alice", "bruno", "claire", "denis", "gaelle"), proxy("elsa", "gaelle")),
        "?porteur_sans_siege", "?porteur_sans_siege", "?porteur_sans_siege"),
    row("pouvoirs : le papier ne dit pas qui le porte", "L2121-20",
        (*FOUR, proxy("elsa", "")),
        "!pouvoir_sans_porteur", "?pouvoir_sans_porteur", "?pouvoir_sans_porteur"),
    row("pouvoirs : d’un suppléant, à qui l’on ne sait", "L2121-20",
        (*FOUR, proxy("gaelle", "")), "!mandant_suppleant", "!mandant_suppleant"),
    row("pouvoirs : révoqué, puis voté", "L2121-20",
        (*FOUR, proxy("elsa", "bruno"), ProxyRevoked(giver="elsa"), put(),
            vote(choices={"elsa": Choice.AGAINST})), "!sans_voix", "!sans_voix"),
    row("pouvoirs : voté après le départ du porteur", "L2121-20",
        (*chaired("alice", "bruno", "claire", "denis", "farid"), proxy("elsa", "bruno"),
            out("bruno"), put(), vote(choices={"elsa": Choice.AGAINST})),
        "!sans_voix", "!sans_voix"),
    row("pouvoirs : le porteur intéressé vote pour son mandant", "L2131-11",
        (*chaired("alice", "bruno", "claire", "denis", "farid"), proxy("elsa", "bruno"), put(),
            recused("bruno"), vote(choices={"elsa": Choice.AGAINST})),
        "!sans_voix", "!sans_voix"),
    row("pouvoirs : l’intéressée vote par procuration", "L2131-11",
        (*FOUR, proxy("elsa", "bruno"), put(), recused("elsa"),
            vote(choices={"elsa": Choice.AGAINST})), "!sans_voix", "!sans_voix"),

    # Les suppléants
    row("suppléants : à la place d’un titulaire qu’il ne remplace pas", "L5212-7",
        (*chaired("alice", "bruno", "claire", "gaelle"),
            SeatTaken(substitute="gaelle", titular="elsa")),
        "!siege_d_un_autre", "!siege_d_un_autre"),
    row("suppléants : quand les règles n’en prévoient pas", "L5212-7",
        (*chaired("alice", "bruno", "denis", "gaelle"),
            SeatTaken(substitute="gaelle", titular="claire")),
        "!sans_suppleants", "!sans_suppleants", regime=but(substitutes="aucun")),
    row("suppléants : il vote alors que le titulaire est là", "L5212-7",
        (*chaired(*TITULARS, "gaelle"), put(), vote(choices={"gaelle": Choice.AGAINST})),
        "!sans_voix", "!sans_voix"),

    # La convocation, vue en séance
    row("urgence : un autre point voté d’abord", "L2121-12",
        (*SIX, put("p2"), vote("p2")), "!urgence_non_decidee", "?urgence_non_decidee",
        "?urgence_non_decidee", urgent={"p1"}),
    row("urgence : refusée, la séance continue", "L2121-12",
        (*SIX, *REFUSED, vote("p2")), "!urgence_refusee", "?urgence_refusee",
        "?urgence_refusee", urgent={"p1"}),
    row("urgence : une élection tenue d’abord", "L2121-12",
        (*SIX, put("p2"), elect("p2")), "!urgence_non_decidee", "?urgence_non_decidee",
        "?urgence_non_decidee", urgent={"p1"}),
    row("urgence : un avis rendu d’abord", "L2121-12",
        (*SIX, put("p2"), FateNoted(item="p2", fate=Fate.FAVOURABLE)), "!urgence_non_decidee",
        "?urgence_non_decidee", "?urgence_non_decidee", urgent={"p1"}),
    row("ordre du jour : un point inconnu", "L2121-10",
        (*SIX, vote("p9")), "!point_inconnu", "!point_inconnu"),
    row("ordre du jour : un point ajouté après la convocation", "L2121-10",
        (*SIX, put("p3"), vote("p3")), "!point_ajoute", "?point_ajoute", "?point_ajoute",
        matters={"p3": {"ajoute"}}),
    row("ordre du jour : ajouté, même de l’accord de tous", "L2121-10",
        (*SIX, put("p3"), vote("p3", question="ajout du point à l’ordre du jour")),
        "!point_ajoute", "?point_ajoute", "?point_ajoute", matters={"p3": {"ajoute"}}),
    row("ordre du jour : élire sur un point ajouté", "L2121-10",
        (*SIX, put("p3"), elect("p3")), "!point_ajoute", "?point_ajoute", "?point_ajoute",
        matters={"p3": {"ajoute"}}),
    row("ordre du jour : délibérer en « questions diverses »", "L2121-10",
        (*SIX, put("p3"), vote("p3")), "?divers_vote", "?divers_vote", "?divers_vote",
        matters={"p3": {"divers"}}),

    # Le moment du vote
    row("moment : un point qui n’a pas été mis en discussion", "L2121-17",
        (*SIX, vote()), "!point_non_ouvert", ""),
    row("moment : annuler la mise en discussion d’un point voté", "L2121-17",
        (*SIX, put(), vote(), Voided(target=9)), "!consequence_point_non_ouvert", ""),
    row("moment : une élection qui n’a pas été mise en discussion", "L2121-17",
        (*SIX, elect()), "!point_non_ouvert", ""),
    row("moment : revenir voter un point quand les présents ont changé", "L2121-17",
        (*SIX, put(), put("p2"), out("elsa"), vote()), "!votants_changes", ""),
    row("moment : la séance est suspendue", "L2121-16",
        (*SIX, put(), Suspended(), vote()), "!seance_suspendue", "!seance_suspendue"),
    row("moment : élire, la séance suspendue", "L2121-16",
        (*SIX, put(), Suspended(), elect()), "!seance_suspendue", "!seance_suspendue"),
    row("moment : décider le huis clos, la séance suspendue", "L2121-16",
        (*SIX, put(), Suspended(), DoorsClosed(votes_for=6)), "!seance_suspendue",
        "!seance_suspendue"),
    row("moment : après la levée", "L2121-16",
        (*SIX, put(), Closed(), vote()), "!apres_levee", "!apres_levee"),
    row("moment : avant l’ouverture", "L2121-14",
        (*there(*TITULARS), vote()), "!seance_non_ouverte", "!seance_non_ouverte"),
    row("moment : voter deux fois le même point", "L2121-20",
        (*SIX, put(), vote(), vote()), "!deja_vote", "!deja_vote"),
    row("moment : élire deux fois au même siège", "L2121-21",
        (*SIX, put(), elect(), elect()), "!deja_vote", "!deja_vote"),
    row("moment : élire sur un point déjà voté", "L2121-20",
        (*SIX, put(), vote(), elect()), "!deja_vote", "!deja_vote"),
    row("moment : voter un point retiré de l’ordre du jour", "L2121-10",
        (*SIX, put(), FateNoted(item="p1", fate=Fate.WITHDRAWN), vote()),
        "?vote_apres_retrait", "?vote_apres_retrait", "?vote_apres_retrait"),
    row("moment : élire sur un point retiré de l’ordre du jour", "L2121-10",
        (*SIX, put(), FateNoted(item="p1", fate=Fate.WITHDRAWN), elect()),
        "?vote_apres_retrait", "?vote_apres_retrait", "?vote_apres_retrait"),
    row("moment : reporter un point déjà voté", "L2121-10",
        (*SIX, put(), vote(), FateNoted(item="p1", fate=Fate.POSTPONED)),
        "?retire_apres_vote", "?retire_apres_vote", "?retire_apres_vote"),
    row("moment : se retirer une fois le point voté", "L2131-11",
        (*SIX, put(), vote(), recused("elsa")), "!apres_le_vote", ""),
    row("moment : dire une fois le point voté qui il concernait", "L5212-16",
        (*SIX, put(), vote(), CollegeSet(item="p1", members=("elsa",))), "!apres_le_vote", ""),
    row("moment : changer de présidence une fois le point voté", "L2121-20",
        (*SIX, put(), vote(choices=dict.fromkeys(("alice", "claire", "elsa"), Choice.AGAINST)),
            ChairTaken(member="bruno", item="p1")), "!apres_le_vote", ""),

    # Les scrutins
    row("scrutin : secret sans que le tiers l’ait demandé", "L2121-21",
        (*SIX, put(), secret()), "!secret_sans_demande", "?secret_sans_demande",
        "?secret_sans_demande"),
    row("scrutin : secret demandé par un seul des six", "L2121-21",
        (*SIX, put(), BallotRequested(item="p1", mode=Mode.SECRET, members=("elsa",)), secret()),
        "!secret_sans_demande", "?secret_sans_demande", "?secret_sans_demande"),
    row("scrutin : la demande de trop peu de membres", "L2121-21",
        (*SIX, put(), BallotRequested(item="p1", mode=Mode.SECRET, members=("elsa",))),
        "?demandeurs_insuffisants", "?demandeurs_insuffisants"),
    row("scrutin : les pouvoirs ne demandent rien", "L2121-21",
        (*FOUR, proxy("elsa", "bruno"), put(),
            BallotRequested(item="p1", mode=Mode.SECRET, members=("bruno", "elsa"))),
        "?demandeur_absent", "?demandeur_absent"),
    row("scrutin : public demandé, ordinaire tenu", "L2121-21",
        (*SIX, put(), BallotRequested(item="p1", mode=Mode.PUBLIC, members=("elsa", "farid")),
            vote()), "!public_demande", "?public_demande", "?public_demande"),
    row("scrutin : secret demandé, ordinaire tenu", "L2121-21",
        (*SIX, put(), BallotRequested(item="p1", mode=Mode.SECRET, members=("elsa", "farid")),
            vote()), "!secret_demande", "?secret_demande", "?secret_demande"),
    row("scrutin : public et secret demandés, public tenu", "L2121-21",
        (*SIX, put(), BallotRequested(item="p1", mode=Mode.PUBLIC, members=("alice", "bruno")),
            BallotRequested(item="p1", mode=Mode.SECRET, members=("elsa", "farid")),
            public(*TITULARS)), "!secret_demande", "?secret_demande", "?secret_demande"),
    row("scrutin : une nomination votée à main levée", "L2121-21",
        (*SIX, put("p2"), vote("p2")), "!nomination_sans_secret", "?nomination_sans_secret",
        "?nomination_sans_secret", matters={"p2": {"nomination"}}),
    row("scrutin : secret, et des noms", "L2121-21",
        (*SIX, put(), secret(for_=5, choices={"elsa": Choice.AGAINST})),
        "!secret_nominatif", "!secret_nominatif"),
    row("scrutin : public, et des voix sans nom", "L2121-21",
        (*SIX, put(), public(*TITULARS[:4], counts={Choice.AGAINST: 2})),
        "!public_anonyme", "!public_anonyme"),
    row("scrutin : public, des votes manquent", "L2121-21",
        (*SIX, put(), public(*TITULARS[:4])), "?public_incomplet", "?public_incomplet",
        "?public_incomplet"),
    row("scrutin : une absente vote", "L2121-20",
        (*FOUR, put(), vote(choices={"elsa": Choice.FOR})), "!sans_voix", "!sans_voix"),
    row("scrutin : l’intéressée vote", "L2131-11",
        (*SIX, put(), recused("elsa"), vote(choices={"elsa": Choice.FOR})),
        "!sans_voix", "!sans_voix"),
    row("scrutin : l’intérêt appris après, le vote nommé demeure", "L2131-11",
        (*SIX, put(), vote(choices={"elsa": Choice.AGAINST}), recused("elsa")),
        "!consequence_sans_voix", "!consequence_sans_voix"),
    row("scrutin : une voix consultative vote", "L5211-49-1",
        (*chaired(*TITULARS, "hugo"), put(), vote(choices={"hugo": Choice.FOR})),
        "!sans_voix", "!sans_voix"),
    row("scrutin : un inconnu vote", "L2121-20",
        (*SIX, put(), vote(choices={"zoe": Choice.FOR})), "!sans_voix", "!sans_voix"),
    row("scrutin : un délégué que le point ne concerne pas vote", "L5212-16",
        (*SIX, put(), CollegeSet(item="p1", members=("denis", "elsa")),
            vote(choices={"farid": Choice.FOR})), "!sans_voix", "!sans_voix"),
    row("scrutin : le budget voté par les seuls délégués concernés", "L5212-16",
        (*SIX, put(), CollegeSet(item="p1", members=("denis", "elsa")),
            recused("alice", Ground.ACCOUNTS), ChairTaken(member="bruno", item="p1"),
            vote(majority=ACCOUNTS)), "?interet_commun", "?interet_commun", "?interet_commun"),
    row("scrutin : plus de voix que de votants", "L2121-20",
        (*SIX, put(), secret(for_=8)), "!trop_de_voix", "!trop_de_voix"),
    row("pouvoirs : quatre sans porteur, deux membres pour les porter", "L2121-20",
        (*there("alice", "bruno"), *(proxy(key, "") for key in TITULARS[2:]), *SIX[-2:], put(),
            vote()), "", "?porteurs_manquants", "?porteurs_manquants", second_call=True),
    row("pouvoirs : un porteur en a deux, à côté d’un pouvoir sans porteur", "L2121-20",
        (*there("alice", "bruno", "denis", "farid"), proxy("claire", ""), *WOKEN[5:], vote()),
        "", "?porteur_charge", "?porteur_charge"),
    row("pouvoirs : deux sans porteur, quand un seul membre en porterait un", "L2121-20",
        (*there("alice", "bruno"), proxy("claire", "bruno"), proxy("denis", ""),
            proxy("elsa", ""), *SIX[-2:], put(), vote()), "", "?porteurs_manquants",
        "?porteurs_manquants", second_call=True),
    row("pouvoirs : un sans porteur, quand chacun porte déjà le sien", "L2121-20",
        (*there("alice", "bruno"), proxy("claire", "bruno"), proxy("denis", "alice"),
            proxy("elsa", ""), *SIX[-2:], put(), vote()), "", "?porteurs_manquants",
        "?porteurs_manquants", second_call=True),
    row("scrutin : personne ne peut voter", "L2121-20",
        (*SIX, put(), *(recused(key) for key in TITULARS), vote()),
        "!personne_ne_vote", "!personne_ne_vote"),
    row("scrutin : des voix pondérées dans un syndicat fermé", "L5721-2",
        (*SIX, Composed(composition=heavy(alice=2), regime=SMF)), "?voix_ponderees",
        "?voix_ponderees", "?voix_ponderees", regime=SMF),
    row("scrutin : une majorité que nul texte ne fonde", "L2121-20",
        (*SIX, put(), vote(majority=Majority(fraction=Fraction(1, 3), strict=False, article=""))),
        "!majorite_sans_texte", "?majorite_sans_texte", "?majorite_sans_texte"),

    # À distance
    row("à distance : scrutin ordinaire", "L5211-11-1", (*FAR, put(), vote()),
        "!distance_scrutin_public", "?distance_scrutin_public", "?distance_scrutin_public"),
    row("à distance : scrutin secret", "L5211-11-1", (*FAR, put(), secret(for_=5)),
        "!distance_scrutin_public", "?distance_scrutin_public", "?distance_scrutin_public"),
    row("à distance : élection au scrutin secret", "L5211-11-1", (*FAR, put(), elect()),
        "!distance_scrutin_public", "?distance_scrutin_public", "?distance_scrutin_public"),
    row("à distance : le secret demandé, le public tenu", "L5211-11-1",
        (*FAR, put(), BallotRequested(item="p1", mode=Mode.SECRET, members=("alice", "bruno")),
            public(*PRESENT_FAR)), "!secret_demande", "?secret_demande", "?secret_demande"),
    row("à distance : une nomination, peut-être de celles qu’il exclut", "L5211-11-1",
        (*FAR, put(), elect(secrecy=Secrecy.WAIVED, opposed=0)), "?exclu_a_distance_peut_etre",
        "?exclu_a_distance_peut_etre", "?exclu_a_distance_peut_etre",
        matters={"p1": {"nomination", "exclu_a_distance_peut_etre"}}),
    row("à distance : une matière qui l’exclut", "L5211-11-1", (*FAR, put(), public(*PRESENT_FAR)),
        "!exclu_a_distance", "?exclu_a_distance", "?exclu_a_distance",
        matters={"p1": {"exclu_a_distance"}}),
    row("à distance : quand rien ne l’admet", "L5211-11-1", FAR[:5], "!distance_non_admise",
        "?distance_non_admise", "?distance_non_admise",
        regime=but(remote_allowed=False)),
    row("à distance : les statuts ne le prévoient pas", "statuts", FAR[:5],
        "!distance_non_admise", "?distance_non_admise", "?distance_non_admise", regime=SMO),

    # Les élections
    row("élection : plus de bulletins que de voix", "L2121-21", (*SIX, put(), elect(votes=7)),
        "!trop_de_votants", "!trop_de_votants"),
    row("élection : le candidat retiré du point a pourtant voté", "L2131-11",
        (*SIX, put(), recused("bruno"), elect(votes=6)), "!trop_de_votants", "!trop_de_votants"),
    row("élection : le président, seul candidat, élu sans vote", "L2122-7",
        (*SIX, put(), elect(**PRESIDENT, method=Method.UNOPPOSED, secrecy=Secrecy.IMPOSED,
            rounds=())), "!vote_obligatoire", "!vote_obligatoire"),
    row("élection : le président, le secret levé", "L2122-7",
        (*SIX, put(), elect(**PRESIDENT, secrecy=Secrecy.WAIVED, rounds=FOR_ALICE)),
        "!secret_impose", "?secret_impose", "?secret_impose", matters={"p1": {"executif"}}),
    row("élection : le président voté à main levée", "L2122-7",
        (*SIX, put(), vote()), "!secret_impose", "?secret_impose", "?secret_impose",
        matters={"p1": {"executif"}}),
    row("élection : un point d’une autre nature élirait le président", "L2122-7",
        (*SIX, put(), president("bruno")), "?executif_hors_nature", "?executif_hors_nature",
        "?executif_hors_nature"),
    row("statuts muets : le président voté à main levée", "CE, 18 octobre 2018",
        (*SIX, put(), vote()), "?secret_impose", "?secret_impose", "?secret_impose", regime=SILENT,
        matters={"p1": {"executif"}}),
    row("statuts muets : une nomination à main levée", "CE, 18 octobre 2018",
        (*SIX, put(), vote()), "?nomination_sans_secret", "?nomination_sans_secret",
        "?nomination_sans_secret", regime=SILENT, matters={"p1": {"nomination"}}),
    row("statuts muets : le secret levé sans unanimité", "CE, 18 octobre 2018",
        (*SIX, put(), elect(secrecy=Secrecy.WAIVED, opposed=1)),
        "?secret_non_leve", "?secret_non_leve", "?secret_non_leve", regime=SILENT),
    row("statuts muets : la présidente préside et vote ses comptes", "CE, 18 octobre 2018",
        (*SIX, put(), vote(majority=ACCOUNTS)), "?comptes_presides", "?comptes_presides",
        "?comptes_presides", regime=SILENT, matters={"p1": {"comptes"}}),
    row("des statuts renvoient au code : une nomination à main levée", "statuts",
        (*SIX, put(), vote()), "!nomination_sans_secret", "?nomination_sans_secret",
        "?nomination_sans_secret", regime=SMO, matters={"p1": {"nomination"}}),
    row("secrétariat : un agent, dans un syndicat ouvert", "statuts",
        (*SIX[:-1], ClerksNamed(clerks=("zoe",))), "!secretaire_etranger", "!secretaire_etranger",
        regime=SMO),
    row("élection : le secret levé sans unanimité", "L2121-21",
        (*SIX, put(), elect(secrecy=Secrecy.WAIVED, opposed=1)),
        "!secret_non_leve", "?secret_non_leve", "?secret_non_leve"),
    row("élection : le secret levé sans vote qui le lève", "L2121-21",
        (*SIX, put(), elect(secrecy=Secrecy.WAIVED)), "?levee_sans_vote",
        "?levee_sans_vote", "?levee_sans_vote"),
    row("élection : le président n’est pas membre de l’assemblée", "L2122-7",
        (*SIX, put(), elect(title="président", secrecy=Secrecy.IMPOSED,
            candidates=(Candidate(key="zoe", name="Zoé Z."),),
            rounds=(Round(votes={"zoe": 6}, voters=6),))),
        "!candidat_etranger", "?candidat_etranger", "?candidat_etranger",
        matters={"p1": {"executif"}}),
    row("élection : un suppléant élu président", "L2122-7",
        (*SIX, put(), elect(title="président", secrecy=Secrecy.IMPOSED,
            candidates=(Candidate(key="gaelle"),), rounds=(Round(votes={"gaelle": 6}, voters=6),))),
        "!candidat_etranger", "?candidat_etranger", "?candidat_etranger",
        matters={"p1": {"executif"}}),
    row("élection : un quatrième tour", "L2121-21",
        (*SIX, put(), elect(rounds=(Round(votes={"bruno": 3, "elsa": 3}, voters=6),) * 4)),
        "!trop_de_tours", "!trop_de_tours"),
    row("élection : un tour de trop, la majorité absolue était acquise", "L2121-21",
        (*SIX, put(), elect(rounds=(Round(votes={"bruno": 4, "elsa": 2}, voters=6),
            Round(votes={"bruno": 2, "elsa": 4}, voters=6)))),
        "!tour_inutile", "!tour_inutile"),
    row("élection : arrêtée au premier tour sans majorité absolue", "L2121-21",
        (*SIX, put(), elect(rounds=(Round(votes={"bruno": 3, "elsa": 2, "farid": 1}, voters=6),))),
        "?siege_non_pourvu", "?siege_non_pourvu", "?siege_non_pourvu"),
    row("élection : plus de candidats que de sièges, et pas de vote", "L2121-21",
        (*SIX, put(), elect(method=Method.UNOPPOSED, rounds=(),
            candidates=(Candidate(key="bruno"), Candidate(key="elsa")))),
        "!candidatures_multiples", "!candidatures_multiples"),
    row("élection : deux tours à la proportionnelle", "L2121-22",
        (*SIX, put(), elect(method=Method.LARGEST_REMAINDER, candidates=(),
            lists=(List(key="x", candidates=("bruno",)),),
            rounds=(Round(votes={"x": 6}, voters=6),) * 2)),
        "!trop_de_tours", "!trop_de_tours"),
    row("élection : un candidat sur deux listes", "L2121-21",
        (*SIX, put(), elect(method=Method.HIGHEST_AVERAGE, candidates=(),
            lists=(List(key="x", candidates=("bruno",)), List(key="y", candidates=("bruno",))),
            rounds=(Round(votes={"x": 4, "y": 2}, voters=6),))),
        "!candidat_sur_deux_listes", "!candidat_sur_deux_listes"),
    row("élection : le bulletin dépouillé par un inconnu", "L2121-21",
        (*SIX, put(), elect(tellers=("zoe",))), "!personne_inconnue", "!personne_inconnue"),
    row("élection : l’exécutif élu par une partie des délégués", "L5212-16",
        (*SIX, put(), CollegeSet(item="p1", members=("denis", "elsa", "bruno")),
            elect(**PRESIDENT, secrecy=Secrecy.IMPOSED,
                rounds=(Round(votes={"alice": 4}, voters=4),))),
        "?interet_commun", "?interet_commun", "?interet_commun"),

    # Huis clos et secrétariat
    row("huis clos : demandé par trop peu de membres", "L5211-11",
        (*SIX, DoorsClosed(requesters=2, votes_for=6)), "!huis_clos_peu_demande",
        "?huis_clos_peu_demande", "?huis_clos_peu_demande"),
    row("huis clos : sans la majorité des présents et représentés", "L5211-11",
        (*SIX, DoorsClosed(requesters=5, votes_for=3)), "!huis_clos_refuse", "?huis_clos_refuse",
        "?huis_clos_refuse"),
    row("huis clos : décidé par le président, sans vote", "L5211-11",
        (*SIX, DoorsClosed()), "?huis_clos_sans_vote", "?huis_clos_sans_vote",
        "?huis_clos_sans_vote"),
    row("huis clos : plus de voix que de membres", "L5211-11",
        (*SIX, DoorsClosed(requesters=5, votes_for=7)), "!trop_de_voix", "!trop_de_voix"),
    row("secrétariat : un agent", "L2121-15",
        (*SIX[:-1], ClerksNamed(clerks=("zoe",))), "!secretaire_etranger",
        "!secretaire_etranger"),
    row("secrétariat : personne", "L2121-15", (*SIX[:-1], put(), vote()),
        "", "", "?sans_secretaire"),
    row("secrétariat : la présidente", "L2121-15", (*SIX[:-1], ClerksNamed(clerks=("alice",))),
        "?president_secretaire", "?president_secretaire", "?president_secretaire"),
    row("secrétariat : qui le tient prend la présidence de la séance", "L2121-15",
        (*SIX, out("alice"), ChairTaken(member="bruno")),
        "?president_secretaire", "?president_secretaire", "?president_secretaire"),
    row("secrétariat : une absente", "L2121-15", (*FOUR[:-1], ClerksNamed(clerks=("elsa",))),
        "?secretaire_absent", "?secretaire_absent", "?secretaire_absent"),
    # Trouvé par un juriste, le 27 novembre 2026
    row("levée : faute de quorum, quand il est atteint", "L2121-17",
        (*SIX, Closed(for_want_of_quorum=True)), "!quorum_atteint", "?quorum_atteint",
        "?quorum_atteint"),
    row("scrutin : un demandeur sorti, la demande demeure", "L2121-21",
        (*SIX, put(), BallotRequested(item="p1", mode=Mode.SECRET, members=("elsa", "denis")),
            out("elsa"), vote()), "!secret_demande", "?secret_demande", "?secret_demande"),
    row("scrutin : secret, au seul motif que le président le veut", "L2121-21",
        (*SIX, put(), secret(reason="à la demande du président")), "?secret_sans_demande",
        "?secret_sans_demande", "?secret_sans_demande"),
    row("scrutin : le secret demandé, l’élection tenue le secret levé", "L2121-21",
        (*SIX, put(), BallotRequested(item="p1", mode=Mode.SECRET, members=("elsa", "denis")),
            elect(secrecy=Secrecy.WAIVED, opposed=0)), "!secret_demande", "?secret_demande",
        "?secret_demande"),
    row("scrutin : le secret demandé, un avis rendu", "L2121-21",
        (*SIX, put(), BallotRequested(item="p1", mode=Mode.SECRET, members=("elsa", "denis")),
            FateNoted(item="p1", fate=Fate.FAVOURABLE)), "!secret_demande", "?secret_demande",
        "?secret_demande"),
    row("exécutif : deux vice-présidents sur une liste", "L2122-7",
        (*SIX, put(), elect(title="vice-président", method=Method.MAJORITY_LIST, seats=2,
            secrecy=Secrecy.IMPOSED, lists=(List(key="a", candidates=("bruno", "denis")),),
            candidates=(), rounds=(Round(votes={"a": 6}),))), "!executif_un_par_un",
        "?executif_un_par_un", "?executif_un_par_un", regime=SMF, matters={"p1": {"executif"}}),
    row("exécutif : la voix consultative qu’on élit sans candidature", "L2122-7",
        (*SIX, put(), elect(title="président", secrecy=Secrecy.IMPOSED, candidates=(),
            rounds=(Round(votes={"hugo": 4, "alice": 2}),))), "!candidat_etranger",
        "?candidat_etranger", "?candidat_etranger", matters={"p1": {"executif"}}),
    row("exécutif : une candidature unique prend effet sans vote", "L2122-7",
        (*SIX, put(), elect(title="président", method=Method.UNOPPOSED, rounds=())),
        "!secret_impose", "?secret_impose", "?secret_impose", matters={"p1": {"executif"}}),
    row("exécutif : élu pour ou contre, au scrutin secret", "L2122-7",
        (*SIX, put(), secret()), "!election_sans_candidats", "?election_sans_candidats",
        "?election_sans_candidats", matters={"p1": {"executif"}}),
    row("quorum : prendre acte quand il manque", "L2121-17",
        (*THREE, put(), FateNoted(item="p1", fate=Fate.TOOK_NOTE)), "!quorum", "?quorum",
        "?quorum", matters={"p1": {"acte"}}),
    row("urgence : prendre acte d’abord", "L2121-12",
        (*SIX, put("p2"), FateNoted(item="p2", fate=Fate.TOOK_NOTE)), "!urgence_non_decidee",
        "?urgence_non_decidee", "?urgence_non_decidee", urgent={"p1"}, matters={"p2": {"acte"}}),
    row("ordre du jour : prendre acte d’un point ajouté", "L2121-10",
        (*SIX, put("p3"), FateNoted(item="p3", fate=Fate.TOOK_NOTE)), "!point_ajoute",
        "?point_ajoute", "?point_ajoute", matters={"p3": {"ajoute", "acte"}}),
    row("présidence : prendre acte quand la présidente est sortie", "L2121-14",
        (*SIX, put(), out("alice"), FateNoted(item="p1", fate=Fate.TOOK_NOTE)),
        "!president_absent", "?president_absent", "?president_absent", matters={"p1": {"acte"}}),
    row("exécutif : l’ancienne présidente vote un point qui ne la concerne pas", "L5212-16",
        (*SIX, ClerksNamed(clerks=("claire",)), put(), president("bruno"),
            ChairTaken(member="bruno"), put("p2"), CollegeSet(item="p2", members=("denis", "elsa")),
            public("denis", "elsa", "alice", item="p2")), "!sans_voix", "!sans_voix"),
    row("exécutif : un autre que le président élu en séance préside la suite", "L2122-17",
        (*SIX, put(), president("bruno"), put("p2"), vote("p2")), "?presidence_hors_rang",
        "?presidence_hors_rang", "?presidence_hors_rang"),
    row("exécutif : le vice-président d’avant l’élection préside sous celui d’après", "L2122-10",
        (*SIX, put(), president("alice"), elect(votes=5, title="1er vice-président",
            secrecy=Secrecy.IMPOSED, candidates=(Candidate(key="denis"),),
            rounds=(Round(votes={"denis": 5}),)), put("p2"), recused("alice", item="p2"),
            ChairTaken(member="bruno", item="p2"), vote("p2")), "?presidence_hors_rang",
        "?presidence_hors_rang", "?presidence_hors_rang"),
    row("statuts : les deux tiers des voix, et la moitié des membres", "L5721-2-1",
        (*SIX, put(), vote(choices=dict.fromkeys(("denis", "elsa", "farid"), Choice.AGAINST),
            majority=statutes_majority(SMO))), "?statuts_tetes_ou_voix",
        "?statuts_tetes_ou_voix", "?statuts_tetes_ou_voix", regime=SMO,
        composition=heavy(alice=3, bruno=3, claire=3)),
    row("statuts : les deux tiers des voix, et personne n’est nommé", "L5721-2-1",
        (*SIX, put(), vote(counts={Choice.AGAINST: 3}, majority=statutes_majority(SMO))),
        "?statuts_tetes_ou_voix", "?statuts_tetes_ou_voix", "?statuts_tetes_ou_voix", regime=SMO,
        composition=heavy(alice=3, bruno=3, claire=3)),
    row("statuts : les deux tiers des membres, et non de leurs voix", "L5721-2-1",
        (*SIX, put(), vote(choices=dict.fromkeys(("alice", "bruno"), Choice.AGAINST),
            majority=statutes_majority(SMO))), "?statuts_tetes_ou_voix",
        "?statuts_tetes_ou_voix", "?statuts_tetes_ou_voix", regime=SMO,
        composition=heavy(alice=3, bruno=3, claire=3)),
    row("comptes : présidés par le président élu en séance", "L2121-14",
        (*SIX, put(), president("bruno"), ChairTaken(member="bruno"), put("p2"),
            vote("p2", majority=ACCOUNTS)), "?comptes_de_qui", "?comptes_de_qui",
        "?comptes_de_qui", composition=NOBODY_IN_OFFICE, matters={"p2": {"comptes"}}),
    row("comptes : la présidence vacante, un vice-président préside sans élection", "L2121-14",
        (*chaired(*TITULARS, by="bruno", clerk="denis"), put(), vote(majority=ACCOUNTS)),
        "?comptes_presidence_non_elue", "?comptes_presidence_non_elue",
        "?comptes_presidence_non_elue", composition=VACANT, matters={"p1": {"comptes"}}),
    row("comptes : la présidence vacante, rien ne dit qui les a tenus", "L2121-14",
        (*chaired(*TITULARS, by="bruno", clerk="denis"), put(), chosen("bruno"),
            vote(majority=ACCOUNTS)),
        "?comptes_de_qui", "?comptes_de_qui", "?comptes_de_qui", composition=VACANT,
        matters={"p1": {"comptes"}}),
    row("comptes de qui ne siège plus : un vice-président préside sans élection", "L2121-14",
        (*chaired(*TITULARS, by="bruno", clerk="denis"), put(), vote(majority=ACCOUNTS)),
        "?comptes_presidence_non_elue", "?comptes_presidence_non_elue",
        "?comptes_presidence_non_elue", composition=VACANT, matters={"p1": {"comptes"}},
        kept_by=(("p1", ""),)),
    row("comptes : l’ancienne présidente vote les siens après l’élection", "L2121-14",
        (*SIX, put(), president("bruno"), ChairTaken(member="bruno"), put("p2"),
            vote("p2", majority=ACCOUNTS)), "!comptes_votes", "?comptes_votes",
        "?comptes_votes", matters={"p2": {"comptes"}}),
    row("exécutif : l’élection du président n’est pas présidée par l’aînée", "L2122-8",
        (*SIX, put(), ChairTaken(member="bruno", item="p1"), president("bruno")),
        "?aine_ne_preside_pas", "?aine_ne_preside_pas", "?aine_ne_preside_pas",
        composition=aged(elsa=1950), matters={"p1": {"executif"}}),
    row("exécutif : nul ne sait si qui préside est l’aîné", "L2122-8",
        (*SIX, put(), president("bruno")), "?age_inconnu", "?age_inconnu", "?age_inconnu",
        composition=aged(alice=1950, elsa=0), matters={"p1": {"executif"}}),
    row("exécutif : l’âge de qui préside n’est pas connu", "L2122-8",
        (*SIX, put(), president("bruno")), "?age_inconnu", "?age_inconnu", "?age_inconnu",
        composition=aged(alice=0)),
    row("exécutif : voté à main levée sous forme de question", "L2122-7",
        (*SIX, put(), vote(question="Bruno B. président")), "?question_sur_une_election",
        "?question_sur_une_election", "?question_sur_une_election", matters={"p1": {"executif"}}),
    row("exécutif : voté pour ou contre, au secret, sous forme de question", "L2122-7",
        (*SIX, put(), secret(question="Bruno B. président")), "?question_sur_une_election",
        "?question_sur_une_election", "?question_sur_une_election", matters={"p1": {"executif"}}),
    row("nomination : votée à main levée sous forme de question", "L2121-21",
        (*SIX, put(), vote(question="Bruno B. à la CAO")), "?question_sur_une_election",
        "?question_sur_une_election", "?question_sur_une_election",
        matters={"p1": {"nomination"}}),
    row("scrutin : public demandé, une question votée à main levée", "L2121-21",
        (*SIX, put(), BallotRequested(item="p1", mode=Mode.PUBLIC, members=("elsa", "farid")),
            vote(question="amendement")), "?public_demande", "?public_demande", "?public_demande"),
    row("scrutin : public demandé, le secret tenu", "L2121-21",
        (*SIX, put(), BallotRequested(item="p1", mode=Mode.PUBLIC, members=("elsa", "farid")),
            secret(reason="nomination")), "?public_demande", "?public_demande",
        "?public_demande"),
    row("scrutin : un seul des quatre présents demande le public", "L2121-21",
        (*FOUR, put(), BallotRequested(item="p1", mode=Mode.PUBLIC, members=("denis",)), vote()),
        "!public_demande", "?public_demande", "?public_demande"),
    row("à distance : le public demandé, l’ordinaire tenu", "L5211-11-1",
        (*FAR, put(), BallotRequested(item="p1", mode=Mode.PUBLIC, members=("alice", "bruno")),
            vote()), "!public_demande", "?public_demande", "?public_demande"),
    row("scrutin : le public demandé, par la part que veulent les statuts", "statuts",
        (*SIX, put(), BallotRequested(item="p1", mode=Mode.PUBLIC, members=("elsa",)), vote()),
        "!public_demande", "?public_demande", "?public_demande",
        regime=but(public_ballot_fraction=Fraction(1, 6))),
    row("scrutin : une affaire commune à tous, connue à la nature du point", "L5212-16",
        (*SIX, put(), CollegeSet(item="p1", members=("denis", "elsa")), vote()),
        "?interet_commun", "?interet_commun", "?interet_commun", matters={"p1": {"commun"}}),
    row("scrutin : sans décompte, en séance", "L2121-20",
        (*SIX, put(), vote(is_counted=False)), "!sans_decompte", ""),
    row("scrutin : une majorité des deux tiers, que personne n’a comptée", "L2121-20",
        (*SIX, put(), vote(is_counted=False, majority=Majority(fraction=Fraction(2, 3),
            label="majorité des 2/3", article="statuts"))), "", "?majorite_sans_decompte",
        "?majorite_sans_decompte"),
    row("scrutin : sans décompte, et des voix", "L2121-20",
        (*SIX, put(), vote(is_counted=False, counts={Choice.AGAINST: 1})),
        "!sans_decompte_chiffre", "!sans_decompte_chiffre"),
    row("scrutin : sans décompte, et des noms", "L2121-20",
        (*SIX, put(), vote(is_counted=False, choices={"elsa": Choice.AGAINST})),
        "!sans_decompte_chiffre", "!sans_decompte_chiffre"),
    row("scrutin : secret, sans décompte", "L2121-20",
        (*SIX, put(), vote(is_counted=False, mode=Mode.SECRET)),
        "!sans_decompte_chiffre", "!sans_decompte_chiffre"),
    row("urgence : deux à décider, aucune ne l’est", "L2121-12",
        (*SIX, put("p3"), vote("p3")), "!urgence_non_decidee", "?urgence_non_decidee",
        "?urgence_non_decidee", urgent={"p1", "p2"}),
    row("pouvoirs : ceux que quatre absents ont donnés à deux porteurs", "L2121-20",
        (*SIX, proxy("elsa", "bruno"), proxy("farid", "bruno"), proxy("claire", "alice"),
            proxy("denis", "alice"), out("elsa"), out("farid"), out("claire"), out("denis"),
            put(), vote()), "!porteur_charge", "?porteur_charge", "?porteur_charge"),
    row("pouvoirs : un suppléant arrive, qui remplacerait l’un ou l’autre", "rép. min. n° 49337",
        (*chaired("bruno", "denis", "elsa", "farid", by="bruno", clerk="denis"),
            proxy("alice", "bruno"), proxy("claire", "denis"), come("gaelle"), put(), vote()),
        "?suppleant_disponible", "?suppleant_disponible", "?suppleant_disponible",
        regime=but(substitutes="collectivite")),
    row("moment : annuler un retrait une fois le point voté", "L2131-11",
        (*SIX, put(), recused("elsa"), vote(), Voided(target=10)), "!apres_le_vote", ""),
    row("moment : se retirer, le point voté et aussitôt rappelé", "L2131-11",
        (*SIX, put(), vote(), put(), recused("elsa")), "!apres_le_vote", ""),
    row("présidence : un membre sans fonction, la présidente étant là", "L2122-17",
        (*chaired(*TITULARS, by="farid"), put(), vote()), "?presidence_hors_rang",
        "?presidence_hors_rang", "?presidence_hors_rang"),
    row("présidence : le second vice-président, le premier étant là", "L2122-17",
        (*SIX, put(), recused("alice"), ChairTaken(member="denis", item="p1"), vote()),
        "?presidence_hors_rang", "?presidence_hors_rang", "?presidence_hors_rang"),
    row("présidence : la présidente a démissionné en séance", "L2122-17",
        (*SIX, put(), Vacated(member="alice"), vote()), "!president_hors_fonction",
        "?president_hors_fonction", "?president_hors_fonction"),
    row("comptes : l’ancien président, resté délégué, vote les siens", "L2121-14",
        (*SIX, put(), vote(majority=ACCOUNTS)), "!comptes_votes", "?comptes_votes",
        "?comptes_votes", matters={"p1": {"comptes"}}, kept_by=(("p1", "bruno"),)),
    row("comptes : à la majorité ordinaire", "L1612-12",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS), ChairTaken(member="bruno", item="p1"),
            vote()), "?comptes_majorite_ordinaire", "?comptes_majorite_ordinaire",
        "?comptes_majorite_ordinaire", matters={"p1": {"comptes"}}),
    row("pouvoirs : écrit après la séance", "L2121-20",
        (*FOUR, proxy("elsa", "bruno", written_on=date(2026, 6, 15))), "!pouvoir_posterieur",
        "!pouvoir_posterieur"),
    row("suppléants : nommé lui-même, et non le siège pour lequel il vote", "L5212-7",
        (*SEATED, put(), vote(choices={"gaelle": Choice.AGAINST})), "!sans_voix", "!sans_voix"),
    row("scrutin : moins que zéro voix", "L2121-20",
        (*SIX, put(), vote(counts={Choice.FOR: 7, Choice.ABSTAIN: -1})), "!voix_negatives",
        "!voix_negatives"),
    row("scrutin : secret, sans son résultat", "L2121-20",
        (*SIX, put(), secret(for_=0)), "!secret_sans_resultat", "!secret_sans_resultat"),
    row("scrutin : des totaux qui laissent une voix de côté", "L2121-20",
        (*SIX, put(), vote(counts={Choice.FOR: 4, Choice.AGAINST: 1})), "!compte_faux",
        "!compte_faux"),
    row("scrutin : des totaux qui ajoutent une voix à ceux qui sont nommés", "L2121-20",
        (*SIX, put(), vote(choices={"elsa": Choice.AGAINST}, counts={Choice.FOR: 6})),
        "!compte_faux", "!compte_faux"),
    row("scrutin : plus de voix contre que de voix", "L2121-20",
        (*SIX, put(), vote(counts={Choice.AGAINST: 7})), "!trop_de_voix", "!trop_de_voix"),
    row("scrutin : des voix contre et des noms, plus que de voix", "L2121-20",
        (*SIX, put(), vote(choices={"elsa": Choice.AGAINST}, counts={Choice.ABSTAIN: 6})),
        "!trop_de_voix", "!trop_de_voix"),
    row("exécutif : une femme est l’aînée, et un autre préside", "L2122-8",
        (*SIX, put(), president("bruno")), "?aine_ne_preside_pas", "?aine_ne_preside_pas",
        "?aine_ne_preside_pas", composition=women(aged(elsa=1950)),
        matters={"p1": {"executif"}}),
    row("exécutif : le suppléant qui préside a un âge, aucun titulaire", "L2122-8",
        (*SEATED, ChairTaken(member="gaelle"), put(), president("bruno")), "?age_inconnu",
        "?age_inconnu", "?age_inconnu", composition=aged(**dict.fromkeys(TITULARS, 0)),
        matters={"p1": {"executif"}}),
    row("exécutif : chacun a un âge, hormis le suppléant qui préside", "L2122-8",
        (*SEATED, ChairTaken(member="gaelle"), put(), president("bruno")), "?age_inconnu",
        "?age_inconnu", "?age_inconnu", composition=aged(gaelle=0),
        matters={"p1": {"executif"}}),
    row("exécutif : deux vice-présidents d’un coup, sans liste", "L2122-7",
        (*SIX, put(), elect(title="vice-président", seats=2, secrecy=Secrecy.IMPOSED,
            candidates=(Candidate(key="bruno"), Candidate(key="denis")),
            rounds=(Round(votes={"bruno": 6, "denis": 6}, voters=6),))), "!executif_un_par_un",
        "?executif_un_par_un", "?executif_un_par_un", matters={"p1": {"executif"}}),
    row("exécutif : une liste d’un seul nom", "L2122-7",
        (*SIX, put(), elect(title="vice-président", method=Method.MAJORITY_LIST, candidates=(),
            secrecy=Secrecy.IMPOSED, lists=(List(key="a", candidates=("bruno",)),),
            rounds=(Round(votes={"a": 6}, voters=6),))), "!executif_un_par_un",
        "?executif_un_par_un", "?executif_un_par_un", matters={"p1": {"executif"}}),
    row("exécutif : un suppléant sur la liste, que les règles admettent", "L2122-7",
        (*SIX, put(), elect(title="vice-président", method=Method.MAJORITY_LIST, candidates=(),
            secrecy=Secrecy.IMPOSED, lists=(List(key="a", candidates=("gaelle",)),),
            rounds=(Round(votes={"a": 6}, voters=6),))), "!candidat_etranger",
        "?candidat_etranger", "?candidat_etranger", matters={"p1": {"executif"}},
        regime=but(executive_by_list=True)),
    row("exécutif : deux qui ne sont pas titulaires, candidats et battus", "L2122-7",
        (*SIX, put(), elect(title="président", secrecy=Secrecy.IMPOSED,
            candidates=tuple(Candidate(key=key) for key in ("alice", "gaelle", "hugo")),
            rounds=(Round(votes={"alice": 6}, voters=6),))), "!candidat_etranger",
        "?candidat_etranger", "?candidat_etranger", matters={"p1": {"executif"}}),
    row("exécutif : sous un autre que l’aînée, le secret n’étant pas dit", "L2122-8",
        (*SIX, put(), elect(**PRESIDENT, rounds=FOR_ALICE)), "?aine_ne_preside_pas",
        "?aine_ne_preside_pas", "?aine_ne_preside_pas", composition=aged(elsa=1950),
        matters={"p1": {"executif"}}),
    row("élection : une affaire commune à tous, connue à la nature du point", "L5212-16",
        (*SIX, put(), CollegeSet(item="p1", members=("denis", "elsa")), elect(votes=2)),
        "?interet_commun", "?interet_commun", "?interet_commun", matters={"p1": {"commun"}}),
    row("élection : deux candidats, chacun sur deux listes", "L2121-21",
        (*SIX, put(), elect(method=Method.HIGHEST_AVERAGE, candidates=(), seats=2,
            lists=(List(key="x", candidates=("bruno", "elsa")),
                List(key="y", candidates=("elsa", "bruno"))),
            rounds=(Round(votes={"x": 4, "y": 2}, voters=6),))),
        "!candidat_sur_deux_listes", "!candidat_sur_deux_listes"),
    row("élection : le même nom deux fois candidat", "L2121-21",
        (*SIX, put(), elect(candidates=(Candidate(key="bruno"),) * 2)), "!candidat_en_double",
        "!candidat_en_double"),
    row("élection : le même nom deux fois sur une liste", "L2121-21",
        (*SIX, put(), elect(method=Method.HIGHEST_AVERAGE, candidates=(), seats=2,
            lists=(List(key="x", candidates=("bruno", "bruno")),),
            rounds=(Round(votes={"x": 4}, voters=4),))), "!candidat_en_double",
        "!candidat_en_double"),
    row("élection : le même scrutateur deux fois", "L2121-21",
        (*SIX, put(), elect(tellers=("elsa", "elsa"))), "!scrutateur_en_double",
        "!scrutateur_en_double"),
    row("scrutin : le siège d’un suppléant qui s’est retiré vote", "L2131-11",
        (*SEATED, put(), recused("gaelle"), vote(choices={"claire": Choice.AGAINST})),
        "!sans_voix", "!sans_voix"),
    row("comptes : le siège d’un suppléant qui s’en est retiré vote", "L2121-14",
        (*SEATED, put(), recused("gaelle", Ground.ACCOUNTS),
            vote(choices={"claire": Choice.AGAINST})), "!sans_voix", "!sans_voix"),
    row("scrutin : un inconnu vote sur un point qui ne concerne que deux délégués", "L5212-16",
        (*SIX, put(), CollegeSet(item="p1", members=("denis", "elsa")),
            vote(choices={"zoe": Choice.FOR})), "!sans_voix", "!sans_voix"),
    row("scrutin : un suppléant sans siège, sur un point qui ne le concerne pas", "L5212-16",
        (*chaired(*TITULARS, "gaelle"), put(), CollegeSet(item="p1", members=("denis", "elsa")),
            vote(choices={"gaelle": Choice.FOR})), "!sans_voix", "!sans_voix"),
    row("suppléants : la titulaire revenue, son suppléant est nommé", "L5212-7",
        (*chaired("bruno", "denis", "elsa", "farid", "gaelle", by="bruno", clerk="denis"),
            SeatTaken(substitute="gaelle", titular="alice"), come("alice"),
            ChairTaken(member="alice"), put(), vote(choices={"gaelle": Choice.FOR})),
        "!sans_voix", "!sans_voix", regime=but(substitutes="collectivite")),
    row("suppléants : attendu pour un siège, et jamais venu", "L5212-7",
        (*FOUR, SeatTaken(substitute="gaelle", titular="claire")), "", "", "?suppleant_absent"),
    row("pouvoirs : le porteur n’est jamais venu", "L2121-20",
        (*FOUR, proxy("elsa", "farid")), "?porteur_absent", "?porteur_absent",
        "?pouvoir_sans_effet"),
    row("scrutin : secret, un partage que nulle voix ne tranche", "L2121-20",
        (*SIX, put(), vote(mode=Mode.SECRET, reason="statuts",
            counts={Choice.FOR: 3, Choice.AGAINST: 3})), "", "", "?partage"),
    row("scrutin : secret, une voix contre une, et les autres blanches", "L2121-20",
        (*SIX, put(), vote(mode=Mode.SECRET, reason="statuts",
            counts={Choice.FOR: 1, Choice.AGAINST: 1, Choice.BLANK: 4})), "", "", "?partage"),
    row("levée : un point de l’ordre du jour dont rien n’est dit", "L2121-15",
        (*SIX, put(), vote(), put("p2"), elect("p2"), Closed()), "?points_sans_suite",
        "?points_sans_suite"),
    row("à distance : un avis rendu sans scrutin public", "L5211-11-1",
        (*FAR, put(), FateNoted(item="p1", fate=Fate.FAVOURABLE)), "!distance_scrutin_public",
        "?distance_scrutin_public", "?distance_scrutin_public"),

    # Trouvé par un second juriste, le 27 novembre 2026
    row("à la carte : les statuts changés par les seuls délégués concernés", "L5212-16",
        (*SIX, put(), CollegeSet(item="p1", members=("denis", "elsa")),
            vote(majority=statutes_majority(SMF))), "?interet_commun", "?interet_commun",
        "?interet_commun", regime=SMF),
    row("à la carte : le budget décidé par l’avis des seuls délégués concernés", "L5212-16",
        (*SIX, put(), CollegeSet(item="p1", members=("denis", "elsa")),
            FateNoted(item="p1", fate=Fate.FAVOURABLE)), "?interet_commun", "?interet_commun",
        "?interet_commun", matters={"p1": {"commun"}}),
    row("à la carte : une affaire commune, dont une part des délégués prend acte", "L5212-16",
        (*SIX, put(), CollegeSet(item="p1", members=("denis", "elsa")),
            FateNoted(item="p1", fate=Fate.TOOK_NOTE)), "?interet_commun", "?interet_commun",
        "?interet_commun", matters={"p1": {"commun", "acte"}}),
    row("à distance : le seul qui l’est s’est retiré, un vote à main levée", "L5211-11-1",
        (*FAR, put(), recused("denis"), vote()), "!distance_scrutin_public",
        "?distance_scrutin_public", "?distance_scrutin_public"),
    row("à distance : le seul qui l’est n’est pas concerné, un vote à main levée", "L5211-11-1",
        (*FAR, put(), CollegeSet(item="p1", members=("bruno", "claire")), vote()),
        "!distance_scrutin_public", "?distance_scrutin_public", "?distance_scrutin_public"),
    row("à distance : le seul qui l’est s’est retiré, le secret demandé", "L5211-11-1",
        (*FAR, put(), recused("denis"),
            BallotRequested(item="p1", mode=Mode.SECRET, members=("alice", "bruno"))),
        "?secret_a_distance", "?secret_a_distance", "?secret_a_distance"),
    row("à distance : le seul qui l’est s’est retiré, le secret demandé est tenu", "L5211-11-1",
        (*FAR, put(), recused("denis"),
            BallotRequested(item="p1", mode=Mode.SECRET, members=("alice", "bruno")),
            secret(for_=4)), "!distance_scrutin_public", "?distance_scrutin_public",
        "?distance_scrutin_public"),
    row("à distance : le seul qui l’est s’est retiré, une élection au secret", "L5211-11-1",
        (*FAR, put(), recused("denis"), elect()), "!distance_scrutin_public",
        "?distance_scrutin_public", "?distance_scrutin_public"),
    row("à distance : prendre acte sans scrutin public", "L5211-11-1",
        (*FAR, put(), FateNoted(item="p1", fate=Fate.TOOK_NOTE)), "!distance_scrutin_public",
        "?distance_scrutin_public", "?distance_scrutin_public", matters={"p1": {"acte"}}),
    row("exécutif : élu par un avis favorable", "L2122-7",
        (*SIX, put(), FateNoted(item="p1", fate=Fate.FAVOURABLE)), "!election_sans_candidats",
        "?election_sans_candidats", "?election_sans_candidats", matters={"p1": {"executif"}}),
    row("nomination : par un avis favorable", "L2121-21",
        (*SIX, put(), FateNoted(item="p1", fate=Fate.FAVOURABLE)), "!nomination_sans_secret",
        "?nomination_sans_secret", "?nomination_sans_secret", matters={"p1": {"nomination"}}),
    row("nomination : dont l’assemblée prend acte", "L2121-21",
        (*SIX, put(), FateNoted(item="p1", fate=Fate.TOOK_NOTE)), "!nomination_sans_secret",
        "?nomination_sans_secret", "?nomination_sans_secret",
        matters={"p1": {"nomination", "acte"}}),
    row("moment : rejeter, puis rendre un avis favorable", "L2121-20",
        (*SIX, put(), vote(default=Choice.AGAINST), FateNoted(item="p1", fate=Fate.FAVOURABLE)),
        "!decisions_contraires", "?decisions_contraires", "?decisions_contraires"),
    row("moment : rejeter, puis prendre acte", "L2121-20",
        (*SIX, put(), vote(default=Choice.AGAINST), FateNoted(item="p1", fate=Fate.TOOK_NOTE)),
        "!decisions_contraires", "?decisions_contraires", "?decisions_contraires",
        matters={"p1": {"acte"}}),
    row("moment : un avis favorable, puis un avis défavorable", "L2121-20",
        (*SIX, put(), FateNoted(item="p1", fate=Fate.FAVOURABLE),
            FateNoted(item="p1", fate=Fate.UNFAVOURABLE)), "!decisions_contraires",
        "?decisions_contraires", "?decisions_contraires"),
    row("moment : un avis favorable, puis un vote qui rejette", "L2121-20",
        (*SIX, put(), FateNoted(item="p1", fate=Fate.FAVOURABLE), vote(default=Choice.AGAINST)),
        "!decisions_contraires", "?decisions_contraires", "?decisions_contraires"),
    row("moment : reporter un point sur lequel un avis est rendu", "L2121-10",
        (*SIX, put(), FateNoted(item="p1", fate=Fate.FAVOURABLE),
            FateNoted(item="p1", fate=Fate.POSTPONED)), "?retire_apres_vote",
        "?retire_apres_vote", "?retire_apres_vote"),
    row("scrutin : le secret demandé, l’assemblée prend acte", "L2121-21",
        (*SIX, put(), BallotRequested(item="p1", mode=Mode.SECRET, members=("elsa", "farid")),
            FateNoted(item="p1", fate=Fate.TOOK_NOTE)), "!secret_demande", "?secret_demande",
        "?secret_demande", matters={"p1": {"acte"}}),
    row("comptes : l’assemblée en prend acte", "L1612-12",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS), chosen("bruno"),
            FateNoted(item="p1", fate=Fate.TOOK_NOTE)), "!comptes_sans_vote",
        "?comptes_sans_vote", "?comptes_sans_vote", matters={"p1": {"comptes", "acte"}}),
    row("comptes : qui les préside est élu par plus de voix qu’il n’y en a", "L2121-14",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS),
            ChairTaken(member="bruno", item="p1", elected=True, votes_for=7)), "!trop_de_voix",
        "!trop_de_voix", matters={"p1": {"comptes"}}),
    row("comptes : qui les préside est élu par moins que zéro voix", "L2121-14",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS),
            ChairTaken(member="bruno", item="p1", elected=True, votes_for=-1)), "!trop_de_voix",
        "!trop_de_voix", matters={"p1": {"comptes"}}),
    row("comptes : deux présidents dans l’année, la présidente préside", "L2121-14",
        (*SIX, put(), recused("bruno", Ground.ACCOUNTS), vote(majority=ACCOUNTS)),
        "!comptes_presides", "?comptes_presides", "?comptes_presides",
        matters={"p1": {"comptes"}}, kept_by=(("p1", "alice"), ("p1", "bruno"))),
    row("comptes : deux présidents dans l’année, le premier vote", "L2121-14",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS), chosen("denis"),
            vote(majority=ACCOUNTS)), "!comptes_votes", "?comptes_votes", "?comptes_votes",
        matters={"p1": {"comptes"}}, kept_by=(("p1", "bruno"), ("p1", "alice"))),
    row("comptes : deux présidents dans l’année, le second vote", "L2121-14",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS), chosen("denis"),
            vote(majority=ACCOUNTS)), "!comptes_votes", "?comptes_votes", "?comptes_votes",
        matters={"p1": {"comptes"}}, kept_by=(("p1", "alice"), ("p1", "bruno"))),
    row("comptes : deux présidents dans l’année, les deux votent", "L2121-14",
        (*SIX, put(), chosen("denis"), vote(majority=ACCOUNTS)), "!comptes_votes",
        "?comptes_votes", "?comptes_votes", matters={"p1": {"comptes"}},
        kept_by=(("p1", "bruno"), ("p1", "alice"))),
    row("secrétariat : une voix consultative", "L2121-15",
        (*chaired(*TITULARS, "hugo", clerk="hugo"),), "!secretaire_sans_voix",
        "?secretaire_sans_voix", "?secretaire_sans_voix"),
    row("secrétariat : une voix consultative, les statuts n’en disant rien", "statuts",
        (*chaired(*TITULARS, "hugo", clerk="hugo"),), "?secretaire_sans_voix",
        "?secretaire_sans_voix", "?secretaire_sans_voix", regime=SMO),
    row("secrétariat : un suppléant qui écoute", "L2121-15",
        (*chaired(*TITULARS, "gaelle", clerk="gaelle"),), "?secretaire_sans_siege",
        "?secretaire_sans_siege", "?secretaire_sans_siege"),
    row("secrétariat : qui a démissionné", "L2121-15",
        (*SIX, Vacated(member="elsa"), ClerksNamed(clerks=("elsa",))),
        "?secretaire_hors_fonction", "?secretaire_hors_fonction", "?secretaire_hors_fonction"),
    row("secrétariat : qui le tient part pour de bon", "L2121-15",
        (*SIX, Left(member="bruno", definitive=True)), "?secretaire_a_remplacer",
        "?secretaire_a_remplacer", "?secretaire_a_remplacer"),
    row("secrétariat : le mandat de qui le tient prend fin", "L2121-15",
        (*SIX, Vacated(member="bruno")), "?secretaire_a_remplacer",
        "?secretaire_a_remplacer", "?secretaire_a_remplacer"),
    row("secrétariat : la séance levée quand il est parti", "L2121-15",
        (*SIX, out("bruno"), Closed()), "?levee_sans_secretaire", "?levee_sans_secretaire",
        "?levee_sans_secretaire"),
    row("présidence : la présidente part pour de bon", "L2121-14",
        (*SIX, Left(member="alice", definitive=True)), "?presidence_a_prendre",
        "?presidence_a_prendre", "?presidence_a_prendre"),
    row("présidence : la séance levée quand la présidente est partie", "L2121-14",
        (*FOUR, put(), out("alice"), Closed(for_want_of_quorum=True)), "?levee_sans_president",
        "?levee_sans_president", "?levee_sans_president"),
    row("mandats : le décès d’un membre dont la voix a compté", "L2121-20",
        (*SIX, put(), vote(), Vacated(member="denis", ending=Ending.DIED)), "?deces_apres_vote",
        "?deces_apres_vote", "?deces_apres_vote"),
    row("mandats : le décès d’un membre représenté, que l’on apprend ensuite", "L2121-20",
        (*chaired(*TITULARS[:5]), proxy("elsa", "claire"), put(), vote(),
            Vacated(member="elsa", ending=Ending.DIED)), "?deces_apres_vote",
        "?deces_apres_vote", "?deces_apres_vote"),
    row("mandats : la voix d’un défunt, nommée dans un vote d’après", "L2121-20",
        (*SIX, put(), Vacated(member="denis", ending=Ending.DIED), public("alice", "denis")),
        "!sans_voix", "!sans_voix"),
    row("à distance : sa voix, quand la visioconférence n’est pas admise", "statuts",
        (*there("alice", "bruno", "claire", "farid"), come("denis", remote=True), *SIX[-2:], put(),
            public("alice", "bruno", "claire", "farid", "denis")), "", "?voix_a_distance",
        "?voix_a_distance", regime=but(remote_allowed=False)),
    row("à distance : deux voix, quand la visioconférence n’est pas admise", "statuts",
        (*there("alice", "bruno", "claire"), come("denis", remote=True),
            come("elsa", remote=True), *SIX[-2:], put(), vote()), "", "?voix_a_distance",
        "?voix_a_distance", regime=but(remote_allowed=False)),
    row("secrétariat : deux voix consultatives", "L2121-15",
        (*SIX, ClerksNamed(clerks=("hugo", "zoe"))), "!secretaire_sans_voix",
        "?secretaire_sans_voix", "?secretaire_sans_voix",
        composition=and_zoe(Capacity.CONSULTATIVE)),
    row("secrétariat : deux membres dont le mandat a pris fin", "L2121-15",
        (*SIX, Vacated(member="denis"), Vacated(member="elsa"),
            ClerksNamed(clerks=("denis", "elsa"))), "?secretaire_hors_fonction",
        "?secretaire_hors_fonction", "?secretaire_hors_fonction"),
    row("secrétariat : deux suppléants sans siège", "L2121-15",
        (*there("gaelle", "zoe"), *SIX, ClerksNamed(clerks=("gaelle", "zoe"))),
        "?secretaire_sans_siege", "?secretaire_sans_siege", "?secretaire_sans_siege",
        composition=and_zoe(Capacity.SUBSTITUTE)),
    row("comptes : l’assemblée en donne un avis favorable", "L1612-12",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS), chosen("bruno"),
            FateNoted(item="p1", fate=Fate.FAVOURABLE)), "!comptes_sans_vote",
        "?comptes_sans_vote", "?comptes_sans_vote", matters={"p1": {"comptes"}}),
    row("comptes : qui les préside est élu par aucune voix", "L2121-14",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS), replace(chosen("bruno"), votes_for=0)),
        "!trop_de_voix", "!trop_de_voix", matters={"p1": {"comptes"}}),
    row("exécutif : le président élu quand deux sièges sont vacants", "L2122-8",
        (*there("alice", "bruno", "claire", "denis"), *SIX[-2:], put(),
            elect(**{**PRESIDENT, "secrecy": Secrecy.IMPOSED,
                "rounds": (Round(votes={"alice": 4}, voters=4),)})),
        "?assemblee_incomplete", "?assemblee_incomplete", "?assemblee_incomplete",
        matters={"p1": {"executif"}}, composition=without(aged(alice=1950), "elsa", "farid")),
    row("comptes : qui les préside est élu après leur débat", "L2121-14",
        (*SIX, put(), replace(chosen("bruno"), at=at("17:50"))), "?comptes_debattus_avant",
        "?comptes_debattus_avant", "?comptes_debattus_avant", matters={"p1": {"comptes"}}),
    row("exécutif : le président élu quand un siège est vacant", "L2122-8",
        (*SIX[:5], *SIX[-2:], put(), president("bruno", blank=0)), "?assemblee_incomplete",
        "?assemblee_incomplete", "?assemblee_incomplete", matters={"p1": {"executif"}},
        composition=without(aged(alice=1950), "elsa")),
)
# fmt: on


@asked("live")
def test_it_is_told_at_the_time(row):
    *before, last = said(row, retrospective=False)[0]
    assert [mark for found in before for mark in marks(found) if mark.startswith("!")] == []
    assert row.live in marks(last)


@asked("after", "live")
def test_it_is_told_when_the_sitting_is_typed_afterwards(row):
    """Or then only: what is asked of the moment is not asked of a paper."""
    told = marks(said(row, retrospective=True)[0][-1])
    assert row.after in told if row.after else not {row.live, f"?{row.live[1:]}"} & {*told}


@asked("review")
def test_the_review_tells_it(row):
    answers, judged = said(row, retrospective=True)
    assert [mark for found in answers for mark in marks(found) if mark.startswith("!")] == []
    assert row.review in marks(review.of(judged))


def test_whoever_withdrew_and_presides_is_told_once():
    """Art. L2121-14: the accounts are left, the chair is not."""
    alone = row("", "", (*SIX, put(), recused("alice", Ground.ACCOUNTS),
        vote(majority=ACCOUNTS)), "", "", matters={"p1": {"comptes"}})  # fmt: skip
    assert marks(said(alone, retrospective=False)[0][-1]) == ["!president_retire"]


def test_nobody_presides_and_it_is_told_once():
    """Art. L2122-8: nothing is said of the age of whoever is not there."""
    away = row("", "", (*SIX, put(), out("alice"), president("bruno")), "", "",
        matters={"p1": {"executif"}})  # fmt: skip
    assert marks(said(away, retrospective=False)[0][-1]) == [
        "!president_absent",
        "!trop_de_votants",
    ]


@pytest.mark.parametrize("retrospective", [False, True], ids=["en séance", "après coup"])
@pytest.mark.parametrize("story", [
    pytest.param((Left(member="bruno", definitive=True), ClerksNamed(clerks=("elsa",))),
        id="un autre tient le secrétariat"),
    pytest.param((ClerksNamed(clerks=("elsa",)), Left(member="alice", definitive=True),
        ChairTaken(member="bruno")), id="un autre préside"),
    pytest.param((ClerksNamed(clerks=("elsa",)), Vacated(member="alice"),
        ChairTaken(member="bruno")), id="la présidente a démissionné, un autre préside"),
    pytest.param((out("alice"), come("alice")), id="la présidente sort et revient"),
    pytest.param((Left(member="bruno", definitive=True), come("bruno")),
        id="le secrétaire part pour de bon, et revient"),
])  # fmt: skip
def test_whoever_took_the_place_is_asked_for_no_more(story, retrospective):
    """Art. L2121-14 and L2121-15: neither by the review, nor when the sitting closes."""
    told = row("", "", (*SIX, put(), vote(), *story, Closed()), "", "")
    answers, judged = said(told, retrospective=retrospective)
    assert marks(answers[-1]) == ["?points_sans_suite"]
    assert {*marks(review.of(judged))} <= {"?retour_apres_depart_definitif"}


def test_who_kept_the_minutes_in_turn_sign_them():
    """Art. L2121-15: who was named at the opening, and who was after him."""
    after = (*SIX, put(), Left(member="bruno", definitive=True), ClerksNamed(clerks=("elsa",)))
    assert said(row("", "", after, "", ""), retrospective=False)[1].story.clerks == (
        "bruno",
        "elsa",
    )
    assert said(row("", "", SIX, "", ""), retrospective=False)[1].story.clerks == ("bruno",)


def test_accounts_that_nobody_presides_ask_for_somebody_and_no_more():
    """Art. L2121-14: who was elected to preside those of before does not preside these."""
    first = (put(), recused("alice", Ground.ACCOUNTS), chosen("bruno"), vote(majority=ACCOUNTS))
    second = (put("p2"), recused("alice", Ground.ACCOUNTS, "p2"), vote("p2", majority=ACCOUNTS))
    alone = row("", "", (*SIX[:6], Opened(at=at("17:30")), SIX[-1], *first, *second), "", "",
        matters={"p1": {"comptes"}, "p2": {"comptes"}})  # fmt: skip
    assert marks(said(alone, retrospective=False)[0][-1]) == ["!sans_president"]


def test_the_accounts_are_those_of_the_president_of_before():
    """Art. L2121-14: whom the agenda says, else the president when the sitting began."""
    begun = judgement.judge((), composition=COMITE, agenda=AGENDA, regime=RULES).story.at_end
    now = replace(begun, elected_president="bruno")
    assert guard.keepers(Docket(), "p1", begun) == guard.keepers(Docket(), "p1", now) == ("alice",)
    assert guard.keepers(Docket(kept_by=(("p1", "elsa"),)), "p1", now) == ("elsa",)
    nobody = replace(now, composition=NOBODY_IN_OFFICE)
    assert guard.keepers(Docket(), "p1", nobody) == ()  # who is elected that day kept none
    two = Docket(kept_by=(("p1", "bruno"), ("p2", "elsa"), ("p1", ""), ("p1", "alice")))
    assert guard.keepers(two, "p1", now) == ("bruno", "alice")
    away = replace(now, room=frozenset({"alice"}), recused={"alice": Ground.ACCOUNTS})
    assert guard.withdrawing(two, "p1", away) == ()
    assert guard.withdrawing(two, "p1", replace(away, recused={})) == ("alice",)
    represented = replace(
        away, room=frozenset({"elsa"}), recused={}, proxies={"alice": proxy("alice", "elsa")}
    )
    assert guard.withdrawing(two, "p1", represented) == ("alice",)
    assert guard.keepers(Docket(kept_by=(("p1", "zoe"),)), "p1", now) == ()


@pytest.mark.parametrize(("ground", "code"), [
    ("urgence : deux à décider, aucune ne l’est", "urgence_non_decidee"),
    ("élection : deux candidats, chacun sur deux listes", "candidat_sur_deux_listes"),
    ("exécutif : deux qui ne sont pas titulaires, candidats et battus", "candidat_etranger"),
    ("pouvoirs : ceux que quatre absents ont donnés à deux porteurs", "porteur_charge"),
    ("pouvoirs : un suppléant arrive, qui remplacerait l’un ou l’autre", "suppleant_disponible"),
    ("comptes : deux présidents dans l’année, les deux votent", "comptes_votes"),
    ("à distance : deux voix, quand la visioconférence n’est pas admise", "voix_a_distance"),
    ("secrétariat : deux voix consultatives", "secretaire_sans_voix"),
    ("secrétariat : deux membres dont le mandat a pris fin", "secretaire_hors_fonction"),
    ("secrétariat : deux suppléants sans siège", "secretaire_sans_siege"),
])  # fmt: skip
def test_two_of_a_kind_are_told_apart(ground, code):
    again = next(each for each in ROWS if each.ground == ground)
    assert [found.code for found in said(again, retrospective=False)[0][-1]].count(code) == 2


def test_a_missing_quorum_has_a_short_form():
    """Where there is little room: the console; and the way out is for whoever still sits."""
    short = row("", "", (*THREE, put(), vote()), "", "")
    (found,) = said(short, retrospective=False)[0][-1]
    assert found.short == "Le quorum n’est pas atteint à ce point"
    lost = row("", "", (*FOUR, put(), out("denis"), vote()), "", "")
    (found,) = said(lost, retrospective=False)[0][-1]
    assert found.short == "Le quorum n’est plus atteint" and found.remedy
    (found,) = said(lost, retrospective=True)[0][-1]
    assert not found.remedy


def test_a_question_on_an_election_cites_what_governs_it():
    """Art. L2122-7 for the executive, L2121-21 for any nomination."""
    for matter, article in (("executif", "L2122-7"), ("nomination", "L2121-21")):
        put_aside = row("", "", (*SIX, put(), vote(question="Bruno B.")), "", "",
            matters={"p1": {matter}})  # fmt: skip
        (found,) = said(put_aside, retrospective=False)[0][-1]
        assert f"art. {article} " in found.article


def test_a_round_told_after_another_keeps_its_own_voters():
    """Art. L2121-21: six at the first round, five at the second, and one election."""
    first = Round(votes={"bruno": 3, "farid": 3}, voters=6)
    second = Round(votes={"bruno": 4, "farid": 1}, voters=5)
    both = tuple(Candidate(key=key) for key in ("bruno", "farid"))
    told = row("", "", (*SIX, put(), elect(candidates=both, rounds=(first,)), out("elsa"),
        elect(candidates=both, rounds=(first, second))), "", "")  # fmt: skip
    answers, _ = said(told, retrospective=True)
    assert [marks(found) for found in answers[-3:]] == [["?siege_non_pourvu"], [], []]


def test_the_review_asks_nothing_of_the_field_and_repeats_no_information():
    """Each line with its item, as a warning; what waits for a decision is told apart."""
    told = row("", "", (*SIX, put(), vote(), vote(), Closed(), ClerksNamed(clerks=("alice",))),
        "", "")  # fmt: skip
    found = review.of(said(told, retrospective=True)[1])
    assert marks(found) == ["?deja_vote", "?apres_levee", "?president_secretaire"]
    assert not any(each.field for each in found)
    assert [each.message.partition(" ")[0] for each in found] == ["Point", "À", "Alice"]


def test_a_second_call_lifts_the_quorum_of_the_sitting_and_of_what_it_resumes():
    """Art. L2121-17."""
    again = Docket(reconvened=frozenset({"p1"}))
    assert again.dispenses() and again.dispenses("p1") and not again.dispenses("p2")
    assert not Docket().dispenses() and not Docket().dispenses("p1")


WORDS = Path(__file__).with_name("objections.txt")


def objections() -> str:
    """All that is told of all the rows, each sentence once, with its field, article and remedy;
    and what the review alone sees."""
    told = set()
    for each in ROWS:
        for retrospective in (False, True):
            answers, judged = said(each, retrospective=retrospective)
            for found in (f for answer in answers for f in answer):
                told.add(f"{marks([found])[0]} [{found.field}] {found}")
        lines = tuple(finding.message for _, finding in judged.findings)
        for found in review.of(judged):
            if not found.message.endswith(lines):
                told.add(f"{marks([found])[0]} [relecture] {found}")
    return "\n".join(sorted(told)) + "\n"


def test_what_is_told_is_told_in_these_words():
    """A member reads them: a sentence, its article or its remedy changes on purpose only. To
    write the file anew: `python -m tests.law.test_annulment`."""
    assert objections().splitlines() == WORDS.read_text().splitlines()


MASCULINE = re.compile(  # after a name, « Elsa E. »
    r"\b[A-Z]\. .*(est|être|ni|n’est pas|fois|et) "
    r"(absent|excusé|noté|présent|représenté|suppléant|élu|âgé)\b"
)


def test_what_is_said_of_a_woman_agrees_with_her():
    told = set()
    for each in ROWS:
        facts = each.facts | {"composition": women(each.facts.get("composition", COMITE))}
        for retrospective in (False, True):
            answers, judged = said(replace(each, facts=facts), retrospective=retrospective)
            told |= {str(finding) for found in answers for finding in found}
            told |= {str(finding) for finding in review.of(judged)}
    assert [each for each in sorted(told) if MASCULINE.search(each.partition(" (art.")[0])] == []
    assert any("n’est ni présente ni représentée" in each for each in told)


# What binds an open syndicate besides its statutes (art. L5721-2, L5721-2-1, L5721-4).
BINDS_ALL = ("statuts", "L5721-2", "L1111-6", "L3132-5", "L1612-12", "rép. min.", "CE,")


def test_an_open_syndicate_is_told_its_statutes_not_the_code():
    """CE, 18 October 2018, n° 421197: the code says nothing of its sittings."""
    rules = replace(SMO, remote_allowed=True)
    wrong = set()
    for each in ROWS:
        facts = {key: it for key, it in each.facts.items() if key == "urgent"}
        if not callable(each.story) and not {"regime", "composition"} & each.facts.keys():
            for retrospective in (False, True):
                answers, judged = said(
                    replace(each, facts={**facts, "regime": rules}), retrospective=retrospective
                )
                found = [f for line in answers for f in line] + [*review.of(judged)]
                wrong |= {f.code for f in found if f.article and not any(
                    source in f.article for source in BINDS_ALL
                )}  # fmt: skip
    assert wrong == set()


def test_the_table_is_read_by_a_jurist():
    assert len(ROWS) >= 60
    assert len({each.ground for each in ROWS}) == len(ROWS)
    assert all(each.live or each.after or each.review for each in ROWS)
    for each in ROWS:
        assert all(
            fact <= {*MATTERS, "hors_premiere_convocation"}
            for fact in each.facts.get("matters", {}).values()
        )


# --- And what is regular is let through -------------------------------------------------------

# fmt: off
REGULAR = (
    row("statuts : les deux tiers des voix et des membres", "L5721-2-1",
        (*SIX, put(), vote(choices={"farid": Choice.AGAINST}, majority=statutes_majority(SMO))),
        "", "", regime=SMO, composition=heavy(alice=3, bruno=3, claire=3)),
    row("statuts : les deux tiers des voix, que les statuts comptent", "statuts",
        (*SIX, put(), vote(choices=dict.fromkeys(("denis", "elsa", "farid"), Choice.AGAINST),
            majority=statutes_majority(IN_VOTES))), "", "", regime=IN_VOTES,
        composition=heavy(alice=3, bruno=3, claire=3)),
    row("l’unanimité, que des statuts demandent", "statuts",
        (*SIX, put(), vote(majority=Majority(fraction=Fraction(1), article="statuts"))), "", ""),
    row("comptes d’avant : le nouveau président préside et vote", "L2121-14",
        (*SIX, put(), vote(majority=ACCOUNTS)), "", "", matters={"p1": {"comptes"}},
        kept_by=(("p1", ""),)),
    row("un représentant à l’extérieur sort aussi de l’effectif : trois sur cinq", "L1111-6",
        (*FOUR, put(), recused("denis", Ground.OUTSIDE_BODY), vote()), "", ""),
    row("les sièges vacants sont hors de l’effectif : trois sur cinq", "L2121-17",
        (*THREE, put(), vote()), "", "",
        composition=without(COMITE, "elsa")),
    row("le suppléant qui siège fait le quorum", "L5212-7",
        (*there("alice", "bruno", "denis", "gaelle"),
            SeatTaken(substitute="gaelle", titular="claire"), *SIX[-2:], put(), vote()), "", ""),
    row("à distance, présent, au scrutin public", "L5211-11-1",
        (*FAR, put(), public(*PRESENT_FAR)), "", ""),
    row("le quorum manque, un membre arrive, le point est rappelé", "L2121-17",
        (*THREE, put(), come("denis"), put(), vote()), "", "", "?quorum_ouverture"),
    row("le quorum manque à la reprise, un membre arrive, le point est rappelé", "L2121-17",
        (*FOUR, put(), out("denis"), Suspended(), come("denis"), Resumed(), put(), vote()),
        "", ""),
    row("un membre parti se fait remplacer, le point passé est rappelé et voté", "L2121-17",
        (*SIX, put(), put("p2"), out("elsa"), put(), vote()), "", ""),
    row("seconde convocation : un point de la première, à deux", "L2121-17",
        (*chaired("alice", "bruno"), put(), vote()), "", "", second_call=True),
    row("comptes : la présidente sort, un autre préside", "L2121-14",
        (*SIX, put(), out("alice"), chosen("bruno"),
            vote(majority=ACCOUNTS)), "", ""),
    row("comptes : la présidente se retire, revient et préside le point suivant", "L2121-14",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS), chosen("bruno"),
            vote(majority=ACCOUNTS), put("p2"), vote("p2")), "", ""),
    row("un quatrième usage du pouvoir d’un malade", "L2121-20",
        (*FOUR, proxy("elsa", "bruno", nth=4, illness=True), put(), vote()), "", ""),
    row("un second pouvoir quand l’auteur du premier est là, révoqué", "L2121-20",
        (*WOKEN[:-3], ProxyRevoked(giver="elsa"), proxy("farid", "bruno"), WOKEN[-2], put(),
            vote()), "", ""),
    row("deux pouvoirs au même porteur, les statuts en admettant deux", "statuts",
        (*WOKEN, vote()), "", "", regime=replace(SMO, proxies_per_holder=2)),
    row("le tiers demande le secret, le secret est tenu", "L2121-21",
        (*SIX, put(), BallotRequested(item="p1", mode=Mode.SECRET, members=("elsa", "farid")),
            secret()), "", ""),
    row("le quart demande le public, le public est tenu", "L2121-21",
        (*SIX, put(), BallotRequested(item="p1", mode=Mode.PUBLIC, members=("elsa", "farid")),
            public(*TITULARS)), "", ""),
    row("un amendement, puis le texte", "L2121-20",
        (*SIX, put(), vote(question="amendement"), vote()), "", ""),
    row("un candidat vote pour lui-même", "L2121-21", (*SIX, put(), elect(votes=6)), "", ""),
    row("le président élu au secret, au troisième tour", "L2122-7",
        (*SIX, put(), elect(**PRESIDENT, secrecy=Secrecy.IMPOSED, rounds=(
            Round(votes={"alice": 3, "bruno": 3}, voters=6),) * 2 + (
            Round(votes={"alice": 3, "bruno": 2}, blank=1, voters=6),))), "", "",
        composition=aged(alice=1950), matters={"p1": {"executif"}}),
    row("deux aînés du même jour, l’un d’eux préside l’élection du président", "L2122-8",
        (*SIX, put(), president("bruno")), "", "", composition=aged(alice=1950, bruno=1950),
        matters={"p1": {"executif"}}),
    row("un vice-président élu sous une autre que l’aînée", "L2122-8",
        (*SIX, put(), elect(votes=5, title="1er vice-président", secrecy=Secrecy.IMPOSED)), "", "",
        composition=aged(elsa=1950), matters={"p1": {"executif"}}),
    row("l’aînée du comité est absente à l’élection du président", "L2122-8",
        (*chaired("alice", "bruno", "claire", "denis", "farid"), put(),
            president("bruno", blank=0)), "", "", composition=aged(alice=1955, elsa=1950),
        matters={"p1": {"executif"}}),
    row("une voix consultative est l’aînée à l’élection du président", "L2122-8",
        (*chaired(*TITULARS, "hugo"), put(), president("bruno")), "", "",
        composition=aged(alice=1955, hugo=1950), matters={"p1": {"executif"}}),
    row("qui a quitté ses fonctions en séance est l’aînée à l’élection du président", "L2122-8",
        (*SIX, Vacated(member="elsa"), put(), president("bruno", blank=0)), "", "",
        composition=aged(alice=1955, elsa=1950), matters={"p1": {"executif"}}),
    row("des totaux qui disent toutes les voix, et des noms", "L2121-20",
        (*SIX, put(), vote(choices={"elsa": Choice.AGAINST},
            counts={Choice.FOR: 4, Choice.ABSTAIN: 1})), "", ""),
    row("six voix contre, sur six", "L2121-20",
        (*SIX, put(), vote(counts={Choice.AGAINST: 6})), "", ""),
    row("nul ne vote contre, et c’est dit", "L2121-20",
        (*SIX, put(), vote(counts={Choice.AGAINST: 0})), "", ""),
    row("comptes : une question, à la majorité ordinaire, avant leur vote", "L2121-20",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS), chosen("bruno"),
            vote(question="suspendre la lecture"), vote(majority=ACCOUNTS)), "", "",
        matters={"p1": {"comptes"}}),
    row("une nomination votée pour ou contre, au scrutin secret", "L2121-21",
        (*SIX, put(), secret()), "", "", matters={"p1": {"nomination"}}),
    row("une question sur une nomination, au scrutin secret", "L2121-21",
        (*SIX, put(), secret(question="Bruno B. à la CAO")), "", "",
        matters={"p1": {"nomination"}}),
    row("à distance, une élection le secret levé", "L2121-21",
        (*FAR, put(), elect(secrecy=Secrecy.WAIVED, opposed=0)), "", ""),
    row("à distance, une candidature unique prend effet sans vote", "L2121-21",
        (*FAR, put(), elect(method=Method.UNOPPOSED, rounds=())), "", ""),
    row("une élection par les seuls délégués concernés", "L5212-16",
        (*SIX, put(), CollegeSet(item="p1", members=("denis", "elsa")), elect(votes=2)), "", ""),
    row("une liste de vice-présidents, que les règles admettent", "L2122-7-2",
        (*SIX, put(), elect(title="vice-président", method=Method.MAJORITY_LIST, seats=2,
            secrecy=Secrecy.IMPOSED, candidates=(),
            lists=(List(key="a", candidates=("bruno", "denis")),),
            rounds=(Round(votes={"a": 6}, voters=6),))), "", "", matters={"p1": {"executif"}},
        regime=but(executive_by_list=True)),
    row("l’urgence, que les statuts ne font pas voter", "statuts",
        (*SIX, put("p2"), vote("p2")), "", "", urgent={"p1"}, regime=but(urgency_vote=False)),
    row("un partage que tranche la voix de la présidente", "L2121-20",
        (*SIX, put(), vote(choices=dict.fromkeys(("alice", "bruno", "elsa"), Choice.AGAINST))),
        "", ""),
    row("tous s’abstiennent", "L2121-20",
        (*SIX, put(), vote(default=Choice.ABSTAIN)), "", ""),
    row("les statuts disent qui préside l’élection du président", "statuts",
        (*SIX, put(), president("bruno")), "", "", regime=SMO, matters={"p1": {"executif"}}),
    row("le président élu en séance préside, et vote un point qui ne le concerne pas", "L5212-16",
        (*SIX, ClerksNamed(clerks=("claire",)), put(), president("bruno"),
            ChairTaken(member="bruno"), put("p2"),
            CollegeSet(item="p2", members=("denis", "elsa")),
            public("bruno", "denis", "elsa", item="p2")), "", "",
        composition=aged(alice=1950), matters={"p1": {"executif"}}),
    row("le président d’une commission, au secret imposé, n’est pas celui de l’assemblée",
        "L2122-17", (*SIX, put(), elect(title="président de la commission d’appel d’offres",
            secrecy=Secrecy.IMPOSED), put("p2"), vote("p2")), "", ""),
    row("mandats : la séance apprend le décès d’un membre qui n’a pas voté", "L2121-20",
        (*SIX[:5], *SIX[-2:], put(), vote(), Vacated(member="elsa", ending=Ending.DIED), put("p2"),
            vote("p2")), "", ""),
    row("pouvoirs : daté, remis avant l’ouverture d’une séance dont on ne sait l’heure", "L2121-20",
        (proxy("elsa", "bruno", written_on=date(2026, 6, 1)), *SIX[:5],
            replace(SIX[-2], at=None), SIX[-1], put(), vote()), "", "", "?sans_ouverture"),
    row("qui préside est élu par une seule voix", "L2121-14",
        (*SIX, put(), replace(chosen("bruno"), votes_for=1)), "", ""),
    row("qui préside est élu par toutes les voix, pour un point qui en concerne deux", "L2121-14",
        (*SIX, put(), CollegeSet(item="p1", members=("denis", "elsa")),
            replace(chosen("bruno"), votes_for=6)), "", "", regime=SMO),
    row("qui préside est élu vingt minutes après l’appel, hors des comptes", "L2121-14",
        (*SIX, put(), replace(chosen("bruno"), at=at("17:52"))), "", ""),
    row("secrétariat : une suppléante nommée avant l’ouverture, avant qu’elle ne siège", "L5212-7",
        (*there("alice", "bruno", "denis", "elsa", "gaelle"), ClerksNamed(clerks=("gaelle",)),
            SeatTaken(substitute="gaelle", titular="claire"), SIX[-2], put(), vote()), "", ""),
    row("l’assemblée prend acte d’un rapport, sans vote", "L2121-20",
        (*SIX, put(), FateNoted(item="p1", fate=Fate.TOOK_NOTE)), "", "",
        matters={"p1": {"acte"}}),
    row("à distance, le scrutin public est demandé, et tenu", "L5211-11-1",
        (*FAR, put(), BallotRequested(item="p1", mode=Mode.PUBLIC, members=("alice", "bruno")),
            public(*PRESENT_FAR)), "", ""),
    row("secrétariat : qui le tient préside un point, non la séance", "L2121-15",
        (*SIX, put(), out("alice"), ChairTaken(member="bruno", item="p1"), vote()), "", ""),
    row("secrétariat : qui ne le tient plus prend la présidence", "L2121-15",
        (*SIX, ClerksNamed(clerks=("claire",)), out("alice"), ChairTaken(member="bruno")), "", ""),
    row("secrétariat : l’un des deux part pour de bon, l’autre le tient", "L2121-15",
        (*SIX[:-1], ClerksNamed(clerks=("bruno", "elsa")), put(), vote(),
            Left(member="bruno", definitive=True), put("p2"), vote("p2")), "", ""),
    row("secrétariat : sorti un moment, pendant qu’une autre part pour de bon", "L2121-15",
        (*SIX, put(), out("bruno"), Left(member="elsa", definitive=True), come("bruno"), vote()),
        "", ""),
    row("le président d’un autre organisme, au scrutin secret sans plus", "L2121-21",
        (*SIX, put(), elect(title="président")), "", ""),
    row("statuts : le président élu quand un siège est vacant", "L5721-2",
        (*SIX[:5], *SIX[-2:], put(), president("bruno", blank=0)), "", "",
        matters={"p1": {"executif"}}, regime=SMO, composition=without(aged(alice=1950), "elsa")),
    row("une matière exclue à distance, en un seul lieu", "L5211-11-1",
        (*SIX, put(), vote()), "", "", matters={"p1": {"exclu_a_distance"}}),
    row("à distance, les règles n’excluent rien", "L5211-11-1",
        (*FAR, put(), public(*PRESENT_FAR)), "", "", matters={"p1": {"exclu_a_distance"}},
        regime=but(remote_forbidden_matters="")),
    row("à distance : peut-être exclu, de règles qui n’excluent rien", "L5211-11-1",
        (*FAR, put(), public(*PRESENT_FAR)), "", "",
        matters={"p1": {"exclu_a_distance_peut_etre"}}, regime=but(remote_forbidden_matters="")),
    row("à distance : peut-être exclu, quand tous sont dans la salle", "L5211-11-1",
        (*SIX, put(), vote()), "", "", matters={"p1": {"exclu_a_distance_peut_etre"}}),
    row("comptes : l’assemblée en fait présider le vote par le second vice-président", "L2121-14",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS), chosen("denis"),
            vote(majority=ACCOUNTS)), "", "", matters={"p1": {"comptes"}}),
    row("comptes : un pouvoir qui n’est pas du président", "L2121-14",
        (*chaired("alice", "bruno", "claire", "denis", "farid"), proxy("elsa", "claire"), put(),
            recused("alice", Ground.ACCOUNTS), chosen("bruno"),
            vote(majority=ACCOUNTS)), "", "", matters={"p1": {"comptes"}}),
    row("comptes : le suppléant dans le siège de la présidente", "L2121-14",
        (*there("bruno", "claire", "denis", "gaelle"),
            SeatTaken(substitute="gaelle", titular="alice"), Opened(chair="bruno", at=at("17:30")),
            ClerksNamed(clerks=("claire",)), ChairTaken(member="bruno", elected=True), put(),
            vote(majority=ACCOUNTS)), "", "", matters={"p1": {"comptes"}},
        regime=but(substitutes="collectivite")),
    row("pouvoirs : les règles ignorent le suppléant qui arrive", "rép. min. n° 49337",
        (*chaired("alice", "bruno", "denis", "elsa"), proxy("claire", "bruno"), come("gaelle"),
            put(), vote()), "", "", regime=but(substitute_first="ignorer")),
    row("pouvoirs : le suppléant qui siège pour une autre n’en remplace pas l’auteur",
        "rép. min. n° 49337",
        (*chaired("bruno", "denis", "elsa", "farid", "gaelle", by="bruno", clerk="denis"),
            SeatTaken(substitute="gaelle", titular="claire"), proxy("alice", "bruno"), put(),
            vote()), "", "", regime=but(substitutes="collectivite")),
    row("pouvoirs : le suppléant n’est pas venu", "rép. min. n° 49337",
        (*chaired("alice", "bruno", "denis", "elsa"), proxy("claire", "bruno"), put(), vote()),
        "", ""),
    row("seconde convocation : un membre sort avant le vote", "L2121-17",
        (*chaired("alice", "bruno", "claire", "denis"), put(), out("denis"), vote()), "", "",
        second_call=True),
    row("reporter sans quorum ce qui ferait un acte", "L2121-17",
        (*THREE, put(), FateNoted(item="p1", fate=Fate.POSTPONED)), "", "",
        "?quorum_ouverture", matters={"p1": {"acte"}}),
    row("le nombre des vice-présidents, voté sur un point à part", "L5211-10",
        (*SIX, put("p2"), vote("p2", question="trois vice-présidents")), "", "",
        matters={"p1": {"executif"}}),
    row("une information s’entend sans quorum, et sans urgence admise", "L2121-17",
        (*THREE, put("p2"), FateNoted(item="p2", fate=Fate.TOOK_NOTE)), "", "",
        "?quorum_ouverture", urgent={"p1"}),
    row("l’urgence admise pour un point, l’autre est reporté", "L2121-12",
        (*SIX, put(), vote(), put("p2"), vote("p2"), put("p3"),
            FateNoted(item="p3", fate=Fate.POSTPONED)), "", "", urgent={"p1"}),
    row("deux élections à deux sièges différents sur un point", "L2121-21",
        (*SIX, put(), elect(title="titulaire"), elect(title="suppléant")), "", ""),
    row("l’urgence admise, la séance continue", "L2121-12",
        (*SIX, put(), vote(), put("p2"), vote("p2")), "", "", urgent={"p1"}),
    row("l’urgence refusée, le point est reporté", "L2121-12",
        (*SIX, *REFUSED, FateNoted(item="p2", fate=Fate.POSTPONED)), "", "", urgent={"p1"}),
    row("à distance, l’assemblée vote au scrutin public puis prend acte", "L5211-11-1",
        (*FAR, put(), public(*PRESENT_FAR), FateNoted(item="p1", fate=Fate.TOOK_NOTE)), "", "",
        matters={"p1": {"acte"}}),
    row("une voix consultative à distance, les membres à main levée", "L5211-11-1",
        (*there(*TITULARS), come("hugo", remote=True), *SIX[-2:], put(), vote()), "", ""),
    row("les comptes votés, l’assemblée en prend acte", "L1612-12",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS), chosen("bruno"), vote(majority=ACCOUNTS),
            FateNoted(item="p1", fate=Fate.TOOK_NOTE)), "", "",
        matters={"p1": {"comptes", "acte"}}),
    row("l’élection tenue, l’assemblée en prend acte", "L2121-21",
        (*SIX, put(), elect(), FateNoted(item="p1", fate=Fate.TOOK_NOTE)), "", "",
        matters={"p1": {"nomination", "acte"}}),
    row("adopter, puis prendre acte", "L2121-20",
        (*SIX, put(), vote(), FateNoted(item="p1", fate=Fate.TOOK_NOTE)), "", "",
        matters={"p1": {"acte"}}),
    row("adopter à main levée, un avis favorable étant noté", "L2121-20",
        (*SIX, put(), vote(), FateNoted(item="p1", fate=Fate.FAVOURABLE)), "", ""),
    row("comptes : élu pour les présider par toutes les voix, la présidente retirée", "L2121-14",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS),
            ChairTaken(member="bruno", item="p1", elected=True, votes_for=6),
            vote(majority=ACCOUNTS)), "", "", matters={"p1": {"comptes"}}),
    row("comptes de deux présidents, qui sortent l’un et l’autre", "L2121-14",
        (*SIX, put(), recused("alice", Ground.ACCOUNTS), recused("bruno", Ground.ACCOUNTS),
            chosen("denis"), vote(majority=ACCOUNTS)), "", "", matters={"p1": {"comptes"}},
        kept_by=(("p1", "bruno"), ("p1", "alice"))),
    row("secrétariat : un suppléant qui siège", "L2121-15",
        (*there("alice", "bruno", "denis", "elsa", "gaelle"),
            SeatTaken(substitute="gaelle", titular="claire"), SIX[-2],
            ClerksNamed(clerks=("gaelle",)), put(), vote()), "", ""),
    row("un vice-président élu quand un siège est vacant", "L2122-8",
        (*SIX[:5], *SIX[-2:], put(), elect(title="1er vice-président", secrecy=Secrecy.IMPOSED)),
        "", "", composition=without(COMITE, "elsa"), matters={"p1": {"executif"}}),
    row("un point ajouté, les statuts l’admettant", "statuts",
        (*SIX, put("p3"), vote("p3")), "", "", matters={"p3": {"ajoute"}},
        regime=replace(SMO, items_added_in_sitting=True)),
    row("le huis clos demandé par cinq, décidé à la majorité", "L5211-11",
        (*SIX, DoorsClosed(requesters=5, votes_for=4)), "", ""),
    row("l’intéressé reste dans la salle sans prendre part", "L2131-11",
        (*SIX, put(), recused("elsa"), vote()), "", ""),
    row("un amendement voté, l’intéressée se retire du texte", "L2131-11",
        (*SIX, put(), vote(question="amendement", choices={"elsa": Choice.AGAINST}),
            recused("elsa"), vote()), "", ""),
    row("un amendement voté, la présidente sort, un autre préside le texte", "L2122-17",
        (*SIX, put(), vote(question="amendement"), out("alice"),
            ChairTaken(member="bruno", item="p1"), vote()), "", ""),
    row("un second pouvoir à qui avait donné le sien et siège", "L2121-20",
        (*chaired("alice", "bruno", "claire", "denis", "farid"), proxy("elsa", "bruno"),
            come("elsa"), out("bruno"), proxy("bruno", "elsa"), put(), vote()), "", ""),
    row("un pouvoir écrit après minuit, la séance continuant", "L2121-20",
        (*SIX, put(), vote(), Suspended(at=at("23:50")), Resumed(at=at("00:20") + timedelta(1)),
            out("elsa"), proxy("elsa", "bruno", written_on=date(2026, 6, 11)), put("p2"),
            vote("p2")), "", ""),
    row("le président élu sous l’aînée préside l’élection du vice-président", "L2122-8",
        (*SIX, put(), ChairTaken(member="elsa", item="p1"), president("bruno"),
            ChairTaken(member="bruno", item="p1"), vice_president("denis")), "", "",
        composition=aged(elsa=1940), matters={"p1": {"executif"}}),
)
# fmt: on


@pytest.mark.parametrize("retrospective", [False, True], ids=["en séance", "après coup"])
@pytest.mark.parametrize("row", REGULAR, ids=lambda row: row.ground)
def test_what_is_regular_meets_no_objection(row, retrospective):
    answers, judged = said(row, retrospective=retrospective)
    assert [mark for found in answers for mark in marks(found)] == []
    assert {*marks(review.of(judged))} <= {"?sans_levee", "?huis_clos_ouvert", row.review}


def test_a_point_called_again_after_another_has_its_own_withdrawals():
    """Art. L2131-11: the first vote keeps its voters, the second one has others."""
    again = row("rappel", "L2131-11", (*SIX, put(), vote(), put("p2"), vote("p2"), put(),
        recused("elsa"), vote()), "", "")  # fmt: skip
    answers, judged = said(again, retrospective=False)
    assert [mark for found in answers for mark in marks(found)] == ["?point_deja_vote"]
    states = judged.story.at_ballot
    assert [len(states[seq].voices) for seq in sorted(states)] == [6, 6, 5]


TIED = Round(votes={"bruno": 3, "elsa": 3}, voters=6)
BOTH = {"candidates": (Candidate(key="bruno"), Candidate(key="elsa"))}


@pytest.mark.parametrize("retrospective", [False, True], ids=["en séance", "après coup"])
@pytest.mark.parametrize(("story", "voters", "chairs"), [
    pytest.param((vote(question="amendement"), recused("elsa"), vote()), [6, 5],
        ["alice", "alice"], id="un amendement, un retrait, le texte"),
    pytest.param((elect(**BOTH, rounds=(TIED,)), recused("claire"), elect(**BOTH, rounds=(TIED,
        Round(votes={"bruno": 5}, voters=5)))), [6, 5], ["alice", "alice"],
        id="un tour, un retrait, un autre tour"),
    pytest.param((vote(question="amendement"), out("alice"), ChairTaken(member="bruno", item="p1"),
        vote()), [6, 5], ["alice", "bruno"], id="un amendement, un autre préside, le texte"),
    pytest.param((ChairTaken(member="elsa", item="p1"), president("bruno"),
        ChairTaken(member="bruno"), vice_president("denis")), [6, 6], ["elsa", "bruno"],
        id="un président élu, qui préside la suite"),
])  # fmt: skip
def test_what_comes_between_two_votes_changes_nothing_of_the_first(
    story, voters, chairs, retrospective
):
    """Art. L2131-11 and L2122-8: who takes part in a vote, and who presides it, is who did then."""
    _, judged = said(row("", "", (*SIX, put(), *story), "", ""), retrospective=retrospective)
    states = [judged.story.at_ballot[seq] for seq in sorted(judged.story.at_ballot)]
    assert [len(state.voices) for state in states] == voters
    assert [state.presiding for state in states] == chairs


@pytest.mark.parametrize("retrospective", [False, True], ids=["en séance", "après coup"])
@pytest.mark.parametrize(("last", "answer"), [
    pytest.param({"bruno": 5}, "", id="l’autre est élu"),
    pytest.param({"bruno": 5, "elsa": 0}, "", id="le papier la note à zéro voix"),
    pytest.param({"bruno": 4, "elsa": 1}, "candidat_etranger", id="elle a encore une voix"),
])  # fmt: skip
@pytest.mark.parametrize("before", [(TIED,), (TIED, TIED)], ids=["au deuxième", "au troisième"])
def test_a_candidate_who_left_his_seat_between_two_rounds_had_his_votes(
    before, last, answer, retrospective
):
    """Art. L2122-7: the votes of the rounds before were regularly cast."""
    office = {"title": "président", "secrecy": Secrecy.IMPOSED, **BOTH}
    rounds = (*before, Round(votes=last, voters=5))
    story = (*SIX, put(), elect(**office, rounds=before), Vacated(member="elsa"),
        elect(**office, rounds=rounds))  # fmt: skip
    told = row("", "", story, "", "", composition=aged(alice=1940), matters={"p1": {"executif"}})
    answers, _ = said(told, retrospective=retrospective)
    assert [mark[1:] for mark in marks(answers[-1])] == answer.split()


def test_who_withdraws_after_an_amendment_is_out_of_the_quorum_of_the_text():
    """Art. L2131-11: whoever is concerned is not counted present, whenever he says so."""
    answers, _ = said(row("", "", (*FOUR, put(), vote(question="amendement"), recused("denis"),
        vote()), "", ""), retrospective=False)  # fmt: skip
    assert [mark for found in answers for mark in marks(found)] == ["!quorum"]


def test_a_withdrawal_after_an_amendment_may_be_taken_back_until_the_text_is_voted():
    before = (*SIX, put(), vote(question="amendement"), recused("elsa"))
    for told, answer in ((before, []), ((*before, vote()), ["!apres_le_vote"])):
        answers, _ = said(row("", "", (*told, Voided(target=11)), "", ""), retrospective=False)
        assert marks(answers[-1]) == answer


# --- Before the sitting -----------------------------------------------------------------------

HELD = date(2026, 6, 10)  # a Wednesday


@pytest.mark.parametrize(("sent", "rules", "circumstances", "answer"), [
    pytest.param(date(2026, 6, 4), EPCI, {}, "", id="cinq jours francs"),
    pytest.param(date(2026, 6, 5), EPCI, {}, "!delai_trop_court", id="quatre jours francs"),
    pytest.param(date(2026, 6, 6), regime.PRESETS["commune_moins_3500"], {}, "",
        id="trois jours francs, petite commune"),
    pytest.param(date(2026, 6, 7), regime.PRESETS["commune_moins_3500"], {},
        "!delai_trop_court", id="deux jours francs, petite commune"),
    pytest.param(HELD, EPCI, {}, "!envoi_trop_tardif", id="le jour même"),
    pytest.param(HELD + timedelta(1), EPCI, {}, "!envoi_trop_tardif", id="après la séance"),
    pytest.param(None, EPCI, {}, "!convocation_non_envoyee", id="jamais partie"),
    pytest.param(date(2026, 6, 8), EPCI, {"urgent": True}, "?vote_sur_l_urgence",
        id="en urgence, un jour franc : l’urgence se vote"),
    pytest.param(date(2026, 6, 9), EPCI, {"urgent": True}, "!delai_trop_court",
        id="en urgence, la veille"),
    pytest.param(date(2026, 6, 6), EPCI, {"failed_on": date(2026, 6, 5)}, "",
        id="seconde convocation, trois jours francs"),
    pytest.param(date(2026, 6, 7), EPCI, {"failed_on": date(2026, 6, 5)}, "!delai_trop_court",
        id="seconde convocation, deux jours francs"),
    pytest.param(date(2026, 6, 8), EPCI, {"failed_on": date(2026, 6, 5), "urgent": True},
        "?vote_sur_l_urgence ?seconde_convocation_abregee",
        id="seconde convocation abrégée : le quorum est exigé"),
    pytest.param(date(2026, 6, 4), EPCI, {"failed_on": date(2026, 6, 3),
        "first_was_regular": False}, "?premiere_irreguliere",
        id="seconde convocation après une première irrégulière : le quorum est exigé"),
    pytest.param(date(2026, 6, 6), EPCI, {"failed_on": date(2026, 6, 5),
        "first_was_regular": False}, "!delai_trop_court ?premiere_irreguliere",
        id="seconde convocation après une première irrégulière : le délai entier"),
    pytest.param(date(2026, 6, 4), EPCI, {"failed_on": date(2026, 6, 5)},
        "!seconde_convocation_prematuree", id="seconde convocation partie avant la première"),
])  # fmt: skip
def test_a_convocation_too_late_is_void(sent, rules, circumstances, answer):
    """Art. L2121-11, L2121-12, L2121-7 and L2121-17; CE, 16 June 1997, n° 142691."""
    notice = deadlines.assess_notice(sent, HELD, rules, **circumstances)
    assert marks(notice.findings) == answer.split()
    assert notice.lifts_quorum is (answer == "" and "failed_on" in circumstances)


def test_one_member_convened_too_late_is_enough():
    """Art. L2121-10: each by the day his own convocation left."""
    sent = {"bruno": date(2026, 6, 4), "elsa": date(2026, 6, 5)}
    notices = {key: deadlines.assess_notice(day, HELD, EPCI) for key, day in sent.items()}
    assert {key: marks(each.findings) for key, each in notices.items()} == {
        "bruno": [],
        "elsa": ["!delai_trop_court"],
    }


# fmt: off
ILLEGAL = (
    # key, value, article; of a closed syndicate, for which the law decides
    ("notice_clear_days", 0, "L2121-12"),
    ("notice_clear_days", 4, "L2121-12"),
    ("reconvene_clear_days", 2, "L2121-17"),
    ("urgency_vote", False, "L2121-12"),
    ("note_required", False, "L2121-12"),
    ("quorum_fraction", "1/3", "L2121-17"),
    ("quorum_strict", False, "L2121-17"),
    ("quorum_counts_proxies", True, "L2121-17"),
    ("quorum_basis", "voix", "L2121-17"),
    ("proxies_per_holder", 5, "L2121-20"),
    ("proxy_sittings", 4, "L2121-20"),
    ("proxies_allowed", False, "L2121-20"),
    ("weighted_votes", True, "L5721-2"),
    ("majority_fraction", "2/3", "L2121-20"),
    ("majority_base", "presents", "L2121-20"),
    ("casting_vote", False, "L2121-20"),
    ("public_ballot_fraction", "1/2", "L2121-21"),
    ("secret_ballot_fraction", "1/2", "L2121-21"),
    ("items_added_in_sitting", True, "L2121-10"),
    ("closed_doors_requesters", 8, "L5211-11"),
    ("closed_doors_requesters", 1, "L5211-11"),
    ("convocation_channel", "papier", "L2121-10"),
    ("executive_by_list", True, "L2122-7"),
    ("request_fraction", "1/2", "L2121-9"),
    ("request_days", 90, "L2121-9"),
    ("remote_forbidden_matters", " ", "L5211-11-1"),
    ("remote_in_person_per_semester", 0, "L5211-11-1"),
    ("sittings_public", False, "L2121-18"),
    ("share_with_councillors", False, "L5211-40-2"),
    ("list_days", 90, "L2121-25"),
    ("minutes_days", 90, "L2121-15"),
)
# fmt: on


@pytest.mark.parametrize(("key", "value", "article"), ILLEGAL)
def test_rules_of_a_closed_syndicate_cannot_depart_from_the_law(key, value, article):
    """Art. L5211-1 and L5711-1: only an open syndicate lives by its statutes."""
    rules = regime.from_values({**regime.to_values(SMF), key: value})
    (finding,) = regime.unlawful(rules, "smf")
    assert finding.field == key
    assert article in finding.article


@pytest.mark.parametrize(("key", "value", "article"), ILLEGAL)
def test_the_statutes_of_an_open_syndicate_may(key, value, article):
    """Art. L5721-2: its statutes decide."""
    read = regime.from_values({**regime.to_values(SMO), key: value})
    assert regime.article_of(read, key) == "statuts"
    assert regime.unlawful(read, "smo") == ()


@pytest.mark.parametrize(("key", "value"), [
    ("notice_clear_days", 6), ("reconvene_clear_days", 4), ("urgent_clear_days", 2),
    ("list_days", 5), ("minutes_days", 5), ("acts_online_months", 12), ("remote_allowed", False),
    ("substitutes", "aucun"), ("substitute_first", "bloquer"), ("request_fraction", "1/4"),
    ("proxy_deadline_hours", 24), ("oral_questions_clear_days", 3), ("oral_questions_minutes", 30),
])  # fmt: skip
def test_a_closed_syndicate_may_be_stricter_with_itself(key, value):
    """What the law leaves to internal rules, or fixes as a minimum ("au moins")."""
    rules = regime.from_values({**regime.to_values(SMF), key: value})
    assert regime.unlawful(rules, "smf") == ()


def test_a_closed_syndicate_that_never_sits_at_a_distance_names_no_matters():
    rules = replace(SMF, remote_allowed=False, remote_forbidden_matters="")
    assert regime.unlawful(replace(rules, remote_in_person_per_semester=0), "smf") == ()


@pytest.mark.parametrize("key", ["sittings_public", "share_with_councillors"])
def test_what_binds_the_assembly_does_not_bind_its_bureau(key):
    """Art. L2121-18 and L5211-40-2 speak of the assembly; a bureau may meet in private."""
    rules = replace(SMF, **{key: False})
    assert regime.unlawful(rules, "smf", of_assembly=False) == ()
    assert regime.unlawful(replace(rules, derogation="loi n° 2021-1465"), "smf") == ()


@pytest.mark.parametrize(("form", "key", "value", "refused"), [
    pytest.param("commune_moins_3500", "request_fraction", "1/2", False,
        id="moins de 1 000 habitants : la majorité demande une séance (L2121-9)"),
    pytest.param("commune", "request_fraction", "1/2", True,
        id="3 500 habitants : le tiers (L2121-9)"),
    pytest.param("commune_moins_3500", "acts_publicity", "affichage", False,
        id="moins de 3 500 habitants : l’affichage se choisit (L2131-1)"),
    pytest.param("commune", "acts_publicity", "affichage", True,
        id="3 500 habitants : les actes se publient en ligne (L2131-1)"),
    pytest.param("commune", "remote_allowed", True, True,
        id="un conseil municipal ne se tient pas à distance (L2121-7)"),
    pytest.param("commune_moins_3500", "remote_allowed", True, True,
        id="ni dans une commune de moins de 3 500 habitants (L2121-7)"),
    pytest.param("smf", "acts_publicity", "affichage", False,
        id="syndicat mixte fermé : l’affichage se choisit (L2131-1)"),
])  # fmt: skip
def test_what_the_law_of_a_form_fixes_by_its_inhabitants(form, key, value, refused):
    rules = regime.from_values({**regime.to_values(regime.PRESETS[form]), key: value})
    found = [each.field for each in regime.unlawful(rules, form)]
    assert (key in found) is refused
    assert refused or not found


def test_no_statutes_choose_where_acts_are_published():
    """Art. L5721-4: an open syndicate publishes online."""
    rules = regime.from_values({**regime.to_values(SMO), "acts_publicity": "affichage"})
    assert [each.field for each in regime.unlawful(rules, "smo")] == ["acts_publicity"]


if __name__ == "__main__":
    WORDS.write_text(objections())
