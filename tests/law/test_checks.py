"""Ce qu'on ne peut pas enregistrer, et ce qui mérite un second regard.

Sources: art. L2121-10, L2121-15, L2121-17, L2121-20, L2121-21, L2131-11 of the CGCT; statuts.
"""

from dataclasses import replace
from fractions import Fraction

import pytest

from law import codec
from law.assembly import Capacity, Composition
from law.ballots import Ballot, Choice, Majority, Mode
from law.checks import judgement, review
from law.elections import Candidate, Election, Round
from law.findings import Severity
from law.sitting import (
    Arrived,
    BallotHeld,
    ChairTaken,
    ClerksNamed,
    Closed,
    Composed,
    DoorsClosed,
    DoorsOpened,
    ElectionHeld,
    Excused,
    Fate,
    FateNoted,
    Ground,
    ItemOpened,
    Left,
    Opened,
    OrderSet,
    ProxyGiven,
    ProxyRevoked,
    Recused,
    Resumed,
    SeatReturned,
    SeatTaken,
    Suspended,
    Voided,
)
from tests.law.story import (
    AGENDA,
    COMITE,
    EPCI,
    RULES,
    SMO,
    TITULARS,
    at,
    check,
    judged,
    member,
    objections,
    opening,
    refusals,
    there,
    told,
    warnings,
)

FOUR = opening("alice", "bruno", "claire", "denis")
PROXY = ProxyGiven(giver="elsa", holder="bruno")
SETTLED = tuple(FateNoted(item=key, fate=Fate.TOOK_NOTE) for key in AGENDA)
SEAT = SeatTaken(substitute="gaelle", titular="claire")
POOL = replace(RULES, substitutes="collectivite")


def vote(item="p1", **ballot):
    return BallotHeld(ballot=Ballot(item=item, **ballot))


# --- In words -------------------------------------------------------------------------------


@pytest.mark.parametrize(("new", "events", "told"), [
    pytest.param(Opened(chair="alice"), FOUR,
        "La séance est déjà ouverte. Annulez la première ouverture avant d’en enregistrer une "
        "autre.", id="ouvrir deux fois"),
    pytest.param(Opened(), (), "", id="ouvrir sans dire qui préside"),
    pytest.param(Closed(), (*FOUR, *SETTLED, Closed()),
        "La séance est déjà levée. Annulez la première levée avant d’en enregistrer une autre.",
        id="lever deux fois"),
    pytest.param(Closed(for_want_of_quorum=True), (),
        "La séance n’a pas été ouverte : elle ne peut pas être levée. Enregistrez d’abord "
        "l’ouverture, son heure et qui préside.", id="lever sans ouvrir"),
    pytest.param(Closed(), (*FOUR, *SETTLED, Suspended()),
        "La séance est suspendue : elle ne peut pas être levée. Enregistrez d’abord la reprise.",
        id="lever une séance suspendue"),
    pytest.param(Closed(at=at("17:00")), (*FOUR, *SETTLED),
        "La levée à 17 h précéderait l’ouverture à 17 h 30.", id="lever avant d’ouvrir"),
    pytest.param(Closed(at=at("17:30")), (*FOUR, *SETTLED), "", id="lever à l’heure d’ouvrir"),
    pytest.param(Closed(), (*FOUR, *SETTLED), "", id="lever sans dire l’heure"),
    pytest.param(Closed(at=at("18:00")),
        (*there("alice"), Opened(chair="alice"), *SETTLED), "",
        id="lever sans savoir l’heure de l’ouverture"),
    pytest.param(Closed(), (*FOUR, SETTLED[0]),
        "2 points restent sans vote ni suite notée : « Tarifs », p3. Une information peut rester "
        "sans suite ; notez les points retirés ou reportés.", id="deux points sans suite"),
    pytest.param(Closed(), (*FOUR, *SETTLED[1:]),
        "1 point reste sans vote ni suite notée : p1. Une information peut rester sans suite ; "
        "notez les points retirés ou reportés.", id="un point sans suite"),
    pytest.param(Closed(for_want_of_quorum=True), opening("alice", "bruno"), "",
        id="lever faute de quorum"),
    pytest.param(Suspended(), (*FOUR, Suspended()), "La séance est déjà suspendue.",
        id="suspendre deux fois"),
    pytest.param(Resumed(), FOUR, "La séance n’est pas suspendue à ce moment.",
        id="reprendre sans suspension"),
    pytest.param(Resumed(at=at("18:00"), before="p2"),
        (*FOUR, Suspended(at=at("18:10"), before="p1")),
        "La reprise à 18 h précéderait la suspension à 18 h 10.", id="reprendre trop tôt"),
    pytest.param(Resumed(at=at("18:10")), (*FOUR, Suspended(at=at("18:10"))), "",
        id="reprendre aussitôt"),
    pytest.param(Resumed(at=at("18:20")), (*FOUR, Suspended()), "",
        id="reprendre, l’heure de la suspension inconnue"),
    pytest.param(Resumed(before="p2"), (*FOUR, Suspended(at=at("18:10"), before="p1")), "",
        id="reprendre sans dire l’heure"),
])  # fmt: skip
def test_what_is_answered_to_how_a_sitting_begins_stops_and_ends(new, events, told):
    answers = objections(new, *events, titles={"p2": "Tarifs"})
    assert " ".join(map(str, answers)).replace("\u00a0", " ") == told


# --- Refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("new", "field"), [
    pytest.param(Opened(chair="zoe"), "chair", id="qui préside"),
    pytest.param(Arrived(member="zoe"), "member", id="qui arrive"),
    pytest.param(Left(member="zoe"), "member", id="qui part"),
    pytest.param(Excused(member="zoe"), "member", id="qui s’excuse"),
    pytest.param(SeatTaken(substitute="zoe", titular="claire"), "substitute", id="suppléant"),
    pytest.param(SeatTaken(substitute="gaelle", titular="zoe"), "titular", id="titulaire"),
    pytest.param(SeatReturned(substitute="zoe"), "substitute", id="qui rend un siège"),
    pytest.param(ProxyGiven(giver="zoe", holder="alice"), "giver", id="mandant"),
    pytest.param(ProxyGiven(giver="elsa", holder="zoe"), "holder", id="porteur"),
    pytest.param(ProxyRevoked(giver="zoe"), "giver", id="qui révoque"),
    pytest.param(Recused(member="zoe", item="p1"), "member", id="qui se retire"),
    pytest.param(ChairTaken(member="zoe"), "member", id="qui prend la présidence"),
])  # fmt: skip
def test_someone_unknown(new, field):
    base = () if isinstance(new, Opened) else FOUR
    assert refusals(new, *base) == [("personne_inconnue", field)]


@pytest.mark.parametrize(("new", "field"), [
    pytest.param(Arrived(member="elsa", before="p9"), "before", id="devant un point"),
    pytest.param(Recused(member="bruno", item="p9"), "item", id="se retirer"),
    pytest.param(ChairTaken(member="bruno", item="p9"), "item", id="présider"),
    pytest.param(ItemOpened(item="p9"), "item", id="mettre en discussion"),
    pytest.param(FateNoted(item="p9", fate=Fate.TOOK_NOTE), "item", id="prendre acte"),
    pytest.param(OrderSet(items=("p1", "p9")), "items", id="changer l’ordre"),
    pytest.param(vote("p9"), "item", id="voter"),
])  # fmt: skip
def test_an_item_that_is_not_on_the_agenda(new, field):
    assert ("point_inconnu", field) in refusals(new, *FOUR)


@pytest.mark.parametrize(("new", "events", "refused"), [
    pytest.param(Opened(chair="alice"), FOUR, [("deja_ouverte", "")], id="ouvrir deux fois"),
    pytest.param(Opened(chair="hugo"), (), [("preside_sans_voix", "chair")],
        id="voix consultative"),
    pytest.param(vote(), there(*TITULARS), [("seance_non_ouverte", "")],
        id="voter avant l’ouverture"),
    pytest.param(Left(member="alice"), there("alice"), [("seance_non_ouverte", "")],
        id="partir avant l’ouverture"),
    pytest.param(Left(member="bruno", at=at("17:10")), FOUR, [("avant_ouverture", "at")],
        id="partir à une heure d’avant l’ouverture"),
    pytest.param(Closed(at=at("20:00")), (), [("seance_non_ouverte", "")], id="lever sans ouvrir"),
    pytest.param(Closed(at=at("17:00")), FOUR, [("levee_avant_ouverture", "at")],
        id="lever avant d’ouvrir"),
    pytest.param(Closed(at=at("20:00")), (*FOUR, Closed(at=at("19:00"))), [("deja_levee", "")],
        id="lever deux fois"),
    pytest.param(Closed(at=at("20:00")), (*FOUR, Suspended()), [("seance_suspendue", "")],
        id="lever une séance suspendue"),
    pytest.param(Arrived(member="elsa", before="p2", at=at("20:10")),
        (*FOUR, Closed(at=at("20:00"))), [("apres_levee", "at")], id="arriver après la levée"),
    pytest.param(Closed(at=at("18:00")), (*FOUR, Arrived(member="elsa", at=at("18:36"))),
        [("consequence_apres_levee", "")], id="lever avant une arrivée déjà enregistrée"),
    pytest.param(vote(), (*FOUR, Suspended()), [("seance_suspendue", "")],
        id="voter séance suspendue"),
    pytest.param(Suspended(), (*FOUR, Suspended()), [("deja_suspendue", "")],
        id="suspendre deux fois"),
    pytest.param(Resumed(), FOUR, [("pas_suspendue", "")], id="reprendre sans suspension"),
    pytest.param(Resumed(at=at("18:00"), before="p2"),
        (*FOUR, Suspended(at=at("18:10"), before="p1")), [("heure_incoherente", "at")],
        id="reprendre avant d’avoir suspendu"),
    pytest.param(DoorsClosed(), (*FOUR, DoorsClosed()), [("deja_huis_clos", "")],
        id="deux huis clos"),
    pytest.param(DoorsOpened(), FOUR, [("pas_huis_clos", "")], id="rouvrir sans huis clos"),
    pytest.param(ItemOpened(item="p1"), (*FOUR, ItemOpened(item="p1")),
        [("point_deja_ouvert", "item")], id="le même point deux fois"),
    pytest.param(OrderSet(items=("p1", "p1")), FOUR, [("point_en_double", "items")],
        id="ordre en double"),
])  # fmt: skip
def test_conduct_of_the_sitting(new, events, refused):
    assert refusals(new, *events) == refused


@pytest.mark.parametrize(("new", "events", "refused"), [
    pytest.param(Arrived(member="bruno"), FOUR, [("deja_present", "member")],
        id="arriver deux fois"),
    pytest.param(Left(member="elsa", before="p2"), FOUR, [("depart_d_un_absent", "member")],
        id="partir sans être venue"),
    pytest.param(Left(member="bruno", before="p3"), (*FOUR, Left(member="bruno", before="p2")),
        [("depart_d_un_absent", "member")], id="partir deux fois"),
    pytest.param(Left(member="elsa", before="p2", at=at("18:20")),
        (*FOUR, Arrived(member="elsa", before="p1", at=at("18:36"))), [("heure_incoherente", "at")],
        id="partir avant d’être arrivée"),
    pytest.param(Arrived(member="bruno", before="p3", at=at("18:00")),
        (*FOUR, Left(member="bruno", before="p2", at=at("18:30"))), [("heure_incoherente", "at")],
        id="revenir avant d’être parti"),
    pytest.param(Left(member="bruno", before="p1"), (*FOUR, Left(member="bruno", before="p3")),
        [("consequence_depart_d_un_absent", "")],
        id="un départ plus tôt contredit le départ déjà noté"),
    pytest.param(Arrived(member="bruno", at=at("19:05")),
        (*FOUR, Left(member="bruno", before="p2", at=at("18:50"))), [],
        id="revenir par l’heure seule"),
    pytest.param(Arrived(member="bruno", at=at("19:05")),
        (*FOUR, ItemOpened(item="p1", at=at("18:00")), ItemOpened(item="p2", at=at("19:10")),
        Left(member="bruno", before="p2", at=at("18:50"))), [],
        id="revenir par l’heure seule, les points ayant la leur"),
    pytest.param(Left(member="bruno", before="p1"),
        (*opening(*TITULARS), vote(choices={"bruno": Choice.AGAINST})),
        [("consequence_sans_voix", "")], id="faire partir quelqu’un qui a voté"),
])  # fmt: skip
def test_movements(new, events, refused):
    assert refusals(new, *events) == refused


@pytest.mark.parametrize(("new", "events", "rules", "refused"), [
    pytest.param(SEAT, FOUR, EPCI, [], id="sa propre suppléante, de la même collectivité"),
    pytest.param(SEAT, FOUR, replace(RULES, substitutes="aucun"),
        [("sans_suppleants", "substitute"), ("siege_d_un_autre", "titular")], id="sans suppléants"),
    pytest.param(SeatTaken(substitute="bruno", titular="elsa"), FOUR, RULES,
        [("pas_suppleant", "substitute")], id="un titulaire n’est pas suppléant"),
    pytest.param(SeatTaken(substitute="gaelle", titular="hugo"), FOUR, RULES,
        [("pas_titulaire", "titular")], id="une voix consultative n’a pas de siège"),
    pytest.param(SeatTaken(substitute="gaelle", titular="elsa"), FOUR, RULES,
        [("siege_d_un_autre", "titular")], id="suppléante d’une autre"),
    pytest.param(SeatTaken(substitute="gaelle", titular="alice"), FOUR[1:], POOL, [],
        id="même collectivité : n’importe quel titulaire"),
    pytest.param(SeatTaken(substitute="gaelle", titular="farid"), FOUR, POOL,
        [("siege_d_un_autre", "titular")], id="une autre collectivité"),
    pytest.param(SeatTaken(substitute="gaelle", titular="alice"), (*FOUR[1:], SEAT), POOL,
        [("deux_sieges", "substitute")], id="deux sièges pour une suppléante"),
    pytest.param(SeatReturned(substitute="gaelle"), FOUR, RULES, [("sans_siege", "substitute")],
        id="rendre un siège qu’on n’a pas"),
])  # fmt: skip
def test_seats(new, events, rules, refused):
    assert refusals(new, *events, regime=rules) == refused


def test_two_substitutes_do_not_share_a_seat():
    second = member("ines", "Brume Agglo", capacity=Capacity.SUBSTITUTE)
    wider = replace(COMITE, members=(*COMITE.members, second))
    new = SeatTaken(substitute="ines", titular="claire")
    options = {"composition": wider, "regime": POOL}
    assert refusals(new, *opening("alice"), SEAT, **options) == [("siege_deja_occupe", "titular")]


@pytest.mark.parametrize(("new", "events", "rules", "refused"), [
    pytest.param(ProxyGiven(giver="elsa", holder="elsa"), FOUR, RULES,
        [("pouvoir_a_soi_meme", "holder")], id="à soi-même"),
    pytest.param(ProxyGiven(giver="bruno", holder="elsa"), (*opening("alice"), PROXY), RULES,
        [("pouvoirs_croises", "holder")], id="l’un à l’autre"),
    pytest.param(ProxyGiven(giver="farid", holder="bruno"), (*FOUR, PROXY), RULES,
        [("porteur_charge", "holder")], id="un second pouvoir au même porteur (L2121-20)"),
    pytest.param(ProxyGiven(giver="farid", holder="bruno"), (*FOUR, PROXY),
        replace(SMO, proxies_per_holder=2), [], id="deux pouvoirs, les statuts l’admettent"),
    pytest.param(ProxyGiven(giver="farid", holder="bruno", before="p2"),
        (*FOUR, PROXY, Arrived(member="elsa", before="p1")), RULES, [],
        id="la première mandante est arrivée : le porteur est libre"),
    pytest.param(ProxyGiven(giver="elsa", holder="claire"), (*FOUR, PROXY), RULES,
        [("pouvoir_deja_donne", "giver")], id="deux pouvoirs du même mandant"),
    pytest.param(ProxyGiven(giver="elsa", holder="claire"),
        (*FOUR, PROXY, ProxyRevoked(giver="elsa")), RULES, [], id="après révocation"),
    pytest.param(ProxyGiven(giver="hugo", holder="bruno"), FOUR, RULES,
        [("mandant_sans_voix", "giver")], id="d’une voix consultative"),
    pytest.param(ProxyGiven(giver="elsa", holder="hugo"), (*FOUR, Arrived(member="hugo")), RULES,
        [("porteur_sans_voix", "holder")], id="à une voix consultative"),
    pytest.param(ProxyGiven(giver="gaelle", holder="bruno"), FOUR, RULES,
        [("mandant_suppleant", "giver")], id="d’une suppléante"),
    pytest.param(PROXY, FOUR, replace(SMO, proxies_allowed=False),
        [("pouvoirs_non_admis", "giver")], id="les statuts ne les admettent pas"),
    pytest.param(replace(PROXY, nth=4), FOUR, RULES, [("pouvoir_perime", "nth")],
        id="une quatrième séance (L2121-20)"),
    pytest.param(replace(PROXY, nth=4, illness=True), FOUR, RULES, [], id="sauf maladie"),
    pytest.param(replace(PROXY, nth=3), FOUR, RULES, [], id="la troisième séance"),
    pytest.param(replace(PROXY, nth=0), FOUR, RULES, [("rang_invalide", "nth")], id="la 0e"),
    pytest.param(ProxyGiven(giver="claire", holder="bruno"),
        (*opening("alice", "bruno"), Arrived(member="gaelle")),
        replace(RULES, substitute_first="bloquer"), [("suppleant_disponible", "giver")],
        id="sa suppléante est là, elle passe avant"),
    pytest.param(ProxyRevoked(giver="elsa"), FOUR, RULES, [("sans_pouvoir", "giver")],
        id="révoquer ce qu’on n’a pas donné"),
])  # fmt: skip
def test_proxies(new, events, rules, refused):
    assert refusals(new, *events, regime=rules) == refused


@pytest.mark.parametrize(("new", "events", "refused"), [
    pytest.param(ClerksNamed(clerks=()), FOUR, [("sans_secretaire", "clerks")], id="personne"),
    pytest.param(ClerksNamed(clerks=("agent",)), FOUR, [("secretaire_etranger", "clerks")],
        id="un agent (L2121-15)"),
    pytest.param(ClerksNamed(clerks=("bruno", "bruno")), FOUR, [("secretaire_en_double", "clerks")],
        id="deux fois la même personne"),
    pytest.param(Recused(member="bruno", item="p1"), (*FOUR, Recused(member="bruno", item="p1")),
        [("deja_retire", "member")], id="se retirer deux fois"),
    pytest.param(Recused(member="bruno", item="p2"), (*FOUR, Recused(member="bruno", item="p1")),
        [], id="se retirer de deux points"),
    pytest.param(ChairTaken(member="hugo", item="p1"), (*FOUR, Arrived(member="hugo")),
        [("preside_sans_voix", "member")], id="présidence d’une voix consultative"),
])  # fmt: skip
def test_roles(new, events, refused):
    assert refusals(new, *events) == refused


# --- Ballots ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("new", "events", "refused"), [
    pytest.param(vote(), FOUR, [], id="tous pour"),
    pytest.param(vote(), (*FOUR, vote()), [("deja_vote", "question")], id="voter deux fois"),
    pytest.param(vote(question="amendement"), (*FOUR, vote()), [],
        id="une autre question du même point"),
    pytest.param(vote(choices={"elsa": Choice.AGAINST}), FOUR, [("sans_voix", "choices")],
        id="le vote d’une absente"),
    pytest.param(vote(choices={"elsa": Choice.AGAINST, "zoe": Choice.FOR}), FOUR,
        [("sans_voix", "choices"), ("sans_voix", "choices")],
        id="deux personnes sans voix : deux objections"),
    pytest.param(vote(choices={"bruno": Choice.AGAINST}),
        (*FOUR, Arrived(member="elsa"), Recused(member="bruno", item="p1")),
        [("sans_voix", "choices")], id="le vote de qui s’est retiré"),
    pytest.param(vote(choices={"hugo": Choice.AGAINST}), (*FOUR, Arrived(member="hugo")),
        [("sans_voix", "choices")], id="le vote d’une voix consultative"),
    pytest.param(vote(choices={"gaelle": Choice.AGAINST}),
        (*opening("alice", "bruno", "denis", "gaelle"), SEAT), [("sans_voix", "choices")],
        id="le vote se dit par le siège, non par la suppléante"),
    pytest.param(vote(choices={"claire": Choice.AGAINST}),
        (*opening("alice", "bruno", "denis", "gaelle"), SEAT), [], id="le siège de la titulaire"),
    pytest.param(vote(choices={"elsa": Choice.AGAINST}), (*FOUR, PROXY), [],
        id="le vote donné par pouvoir"),
    pytest.param(vote(counts={Choice.AGAINST: 5}), FOUR, [("trop_de_voix", "counts")],
        id="cinq contre, quatre votants"),
    pytest.param(vote(choices={"bruno": Choice.ABSTAIN}, counts={Choice.AGAINST: 4}), FOUR,
        [("trop_de_voix", "counts")], id="une abstention nommée et quatre contre"),
    pytest.param(vote(counts={Choice.FOR: 2, Choice.AGAINST: 1}), FOUR, [("compte_faux", "counts")],
        id="deux pour et un contre : il manque une voix"),
    pytest.param(vote(counts={Choice.FOR: 3, Choice.AGAINST: 1}), FOUR, [],
        id="le compte est juste"),
    pytest.param(vote(counts={Choice.ABSTAIN: -1}), FOUR, [("voix_negatives", "counts")],
        id="négatif"),
    pytest.param(
        vote(mode=Mode.SECRET, reason="élu", choices={"bruno": Choice.FOR}, counts={Choice.FOR: 4}),
        FOUR, [("secret_nominatif", "choices")], id="un scrutin secret qui nomme"),
    pytest.param(vote(mode=Mode.SECRET, reason="nomination"), FOUR,
        [("secret_sans_resultat", "counts")], id="un scrutin secret sans résultat"),
    pytest.param(
        vote(mode=Mode.SECRET, reason="statuts", counts={Choice.FOR: 3, Choice.BLANK: 2}), FOUR,
        [("trop_de_voix", "counts")], id="plus de bulletins que de votants"),
    pytest.param(vote(mode=Mode.SECRET, counts={Choice.FOR: 4}), FOUR,
        [("secret_sans_demande", "reason")], id="un scrutin secret que personne ne demande"),
    pytest.param(vote(mode=Mode.PUBLIC, counts={Choice.FOR: 4}), FOUR,
        [("public_anonyme", "counts")], id="un scrutin public sans noms"),
    pytest.param(vote(majority=Majority(fraction=Fraction(3, 2))), FOUR,
        [("majorite_invalide", "majority")], id="une majorité de trois demis"),
])  # fmt: skip
def test_ballots(new, events, refused):
    assert refusals(new, *events) == refused


def test_nobody_to_vote():
    assert ("personne_ne_vote", "") in refusals(vote(), Opened(chair="alice", at=at("17:30")))


def test_without_a_quorum_nothing_is_decided():
    three = opening("alice", "bruno", "claire")
    assert refusals(vote(), *three) == [("quorum", "")]
    assert refusals(vote(), *three, second_call=True) == []
    assert refusals(vote(), *three, retrospective=True) == []
    assert "quorum" in warnings(vote(), *three, retrospective=True)


def test_the_quorum_lost_between_opening_and_vote_is_a_warning():
    """RQE 10690 (1994): the legal moment is when the item is put before the assembly."""
    events = (*FOUR, ItemOpened(item="p1"), Left(member="denis"))
    assert refusals(vote(), *events) == []
    assert "quorum_perdu" in warnings(vote(), *events)


def test_an_election_is_judged_like_a_vote():
    papers = Election(
        item="p1",
        title="président",
        candidates=(Candidate(key="bruno"),),
        rounds=(Round(votes={"bruno": 9}, voters=9),),
        tellers=("zoe",),
    )
    new = ElectionHeld(election=papers)
    assert ("personne_inconnue", "tellers") in refusals(new, *FOUR)
    assert ("quorum", "") in refusals(new, *opening("alice"))
    assert len(refusals(new, *FOUR)) > 1  # nine papers for four voices


# --- Warnings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("new", "events", "warned"), [
    pytest.param(Opened(chair="gaelle"), there("gaelle"), "preside_suppleant", id="préside"),
    pytest.param(Excused(member="bruno"), FOUR, "excuse_et_present", id="présent et excusé"),
    pytest.param(SEAT, FOUR, "titulaire_present", id="la titulaire est là"),
    pytest.param(ProxyGiven(giver="elsa", holder="farid"), FOUR, "porteur_absent",
        id="porteur absent"),
    pytest.param(ProxyGiven(giver="farid", holder="elsa"), (*FOUR, PROXY), "porteur_represente",
        id="porteuse elle-même représentée"),
    pytest.param(ProxyGiven(giver="claire", holder="bruno"),
        (*opening("alice", "bruno"), Arrived(member="gaelle")), "suppleant_disponible",
        id="sa suppléante est là"),
    pytest.param(ProxyGiven(giver="claire", holder="bruno"),
        (*opening("alice", "bruno", "gaelle"), SEAT), "suppleant_siege",
        id="sa suppléante siège déjà"),
    pytest.param(Arrived(member="bruno", before="p3"),
        (*FOUR, Left(member="bruno", before="p2", definitive=True)),
        "retour_apres_depart_definitif", id="retour après un départ définitif"),
    pytest.param(Recused(member="elsa", item="p1"), FOUR, "retrait_d_un_absent",
        id="retrait d’absente"),
    pytest.param(ClerksNamed(clerks=("elsa",)), FOUR, "secretaire_absent", id="secrétaire absente"),
    pytest.param(vote(mode=Mode.PUBLIC, choices={"alice": Choice.FOR}), FOUR, "public_incomplet",
        id="scrutin public où l’on ne nomme pas tout le monde"),
    pytest.param(vote(), (*FOUR, FateNoted(item="p1", fate=Fate.WITHDRAWN)), "vote_apres_retrait",
        id="vote d’un point retiré"),
    pytest.param(FateNoted(item="p1", fate=Fate.POSTPONED), (*FOUR, vote()), "retire_apres_vote",
        id="report d’un point voté"),
    pytest.param(Closed(at=at("20:00")), (*FOUR, vote("p1")), "points_sans_suite",
        id="points sans suite"),
    pytest.param(Arrived(member="elsa", at=at("16:00")), FOUR, "arrivee_avant_ouverture",
        id="arriver avant l’ouverture"),
    pytest.param(Left(member="denis", before="p3", at=at("18:10")),
        (*FOUR, Left(member="bruno", before="p2", at=at("18:40"))), "heures_a_rebours",
        id="des départs à rebours"),
    pytest.param(Left(member="bruno", before="p2", at=at("18:40")),
        (*FOUR, Left(member="denis", before="p3", at=at("18:10"))), "consequence_heures_a_rebours",
        id="des départs à rebours, le premier noté ensuite"),
])  # fmt: skip
def test_lawful_and_unusual(new, events, warned):
    assert refusals(new, *events) == []
    assert warned in warnings(new, *events)


def test_closing_lists_the_items_without_an_outcome():
    events = (*FOUR, vote("p1"), FateNoted(item="p2", fate=Fate.TOOK_NOTE))
    (finding,) = objections(Closed(at=at("20:00")), *events)
    assert finding.message.endswith("p3.")
    gone = Left(member="denis", at=at("19:55"))
    closed = Closed(at=at("20:00"), for_want_of_quorum=True)
    assert objections(closed, *events, gone) == ()


def test_remote_sittings():
    """Art. L5211-11-1: the statutes of an open syndicate must provide for it; public ballots."""
    from_home = Arrived(member="elsa", remote=True)
    assert refusals(from_home, *FOUR, regime=SMO) == [("distance_non_admise", "remote")]
    assert refusals(from_home, *FOUR, regime=EPCI) == []
    assert refusals(vote(), *FOUR, from_home, regime=EPCI) == [("distance_scrutin_public", "mode")]
    past = warnings(vote(), *FOUR, from_home, regime=EPCI, retrospective=True)
    assert "distance_scrutin_public" in past


# --- Any order of telling ---------------------------------------------------------------------

PAPER = (
    vote("p1", choices={"bruno": Choice.ABSTAIN}),
    Left(member="bruno", before="p2", at=at("18:40")),
    Arrived(member="elsa", before="p2", at=at("18:36")),
    Recused(member="denis", item="p3", ground=Ground.PERSONAL),
    ChairTaken(member="claire", item="p3"),
    ProxyGiven(giver="farid", holder="alice"),
    FateNoted(item="p2", fate=Fate.TOOK_NOTE),
    ClerksNamed(clerks=("claire",)),
)


@pytest.mark.parametrize("new", PAPER, ids=lambda event: type(event).__name__)
def test_everything_may_be_told_after_the_closing(new):
    others = [event for event in PAPER if event is not new]
    closed = (*FOUR, Closed(at=at("20:00")), *others)
    assert refusals(new, *closed, retrospective=True) == []


def test_attendance_may_be_told_before_the_opening():
    for new in (
        Arrived(member="alice"),
        Excused(member="elsa"),
        SEAT,
        PROXY,
        ClerksNamed(clerks=("bruno",)),
        OrderSet(items=("p2", "p1")),
        Composed(composition=COMITE, regime=RULES),
    ):
        assert refusals(new) == []


def test_the_order_of_telling_does_not_make_a_fault():
    """The vote is told first, then the arrival that explains it."""
    new = vote(choices={"elsa": Choice.AGAINST})
    arrival = Arrived(member="elsa", before="p1")
    assert refusals(new, *FOUR, arrival) == []
    assert check([new, arrival], events=told(*FOUR)) == ()


# --- Voiding ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("new", "events", "refused"), [
    pytest.param(Voided(target=99), FOUR, [("annulation_sans_objet", "target")],
        id="rien à annuler"),
    pytest.param(Voided(target=7), FOUR, [("annulation_sans_objet", "target")],
        id="s’annuler soi-même"),
    pytest.param(Voided(target=1), (*FOUR, Voided(target=1)), [("deja_annule", "target")],
        id="annuler deux fois"),
    pytest.param(Voided(target=1), FOUR, [], id="une arrivée dont rien ne dépend"),
    pytest.param(Voided(target=2), (*FOUR, Left(member="bruno", before="p2")),
        [("consequence_depart_d_un_absent", "")], id="l’arrivée de qui est parti ensuite"),
    pytest.param(Voided(target=5), (*FOUR, vote()), [("consequence_seance_non_ouverte", "")],
        id="l’ouverture d’une séance où l’on a voté"),
    pytest.param(Voided(target=7), (*FOUR, PROXY, vote(choices={"elsa": Choice.AGAINST})),
        [("consequence_sans_voix", "")], id="le pouvoir par lequel on a voté"),
    pytest.param(Voided(target=1), (Composed(composition=COMITE, regime=RULES),),
        [("composition_annulee", "target")], id="la composition"),
    pytest.param(Voided(target=8), (*FOUR, Arrived(member="elsa"), Voided(target=7)), [],
        id="annuler une annulation"),
    pytest.param(Voided(target=8),
        (*FOUR, Arrived(member="elsa"), Voided(target=7), Arrived(member="elsa")),
        [("consequence_deja_present", "")],
        id="annuler une annulation qui a été suivie d’une nouvelle saisie"),
])  # fmt: skip
def test_voiding(new, events, refused):
    assert refusals(new, *events) == refused


def test_a_correction_is_judged_as_a_whole():
    """The arrival of bruno is moved to item 1, though he is told to leave before item 2."""
    events = told(*FOUR, Left(member="bruno", before="p2"))
    moved = [Voided(target=2), Arrived(member="bruno", before="p1")]
    assert all(each.severity is Severity.WARNING for each in check(moved, events=events))
    excused = [Voided(target=2), Excused(member="bruno")]
    codes = {each.code for each in check(excused, events=events)}
    assert "consequence_depart_d_un_absent" in codes


# --- Composition ------------------------------------------------------------------------------


@pytest.mark.parametrize(("members", "code", "severity"), [
    pytest.param((), "composition_vide", Severity.REFUSAL, id="personne"),
    pytest.param((*COMITE.members, COMITE.members[0]), "composition_doublon", Severity.REFUSAL,
        id="deux fois la même clé"),
    pytest.param((*COMITE.members, member("zoe", weight=0)), "voix_invalides", Severity.REFUSAL,
        id="un membre sans voix"),
    pytest.param((*COMITE.members, member("zoe", weight=3)), "voix_ponderees", Severity.WARNING,
        id="des voix pondérées sans règle"),
    pytest.param(
        (
            *COMITE.members,
            *(member(f"m{rank}", constituency="Collège du Département") for rank in range(3)),
        ), "college_trop_plein", Severity.WARNING, id="trois membres pour deux sièges"),
])  # fmt: skip
def test_composition(members, code, severity):
    composed = Composed(
        composition=Composition(constituencies=COMITE.constituencies, members=members),
        regime=RULES,
    )
    assert (code, severity) in {(each.code, each.severity) for each in objections(composed)}


def test_a_new_composition_must_know_everybody_already_told():
    without = replace(COMITE, members=tuple(m for m in COMITE.members if m.key != "bruno"))
    found = refusals(Composed(composition=without, regime=RULES), *FOUR)
    assert ("consequence_personne_inconnue", "") in found


# --- The whole story --------------------------------------------------------------------------


@pytest.mark.parametrize(("events", "code"), [
    pytest.param(there("alice"), "sans_ouverture", id="pas d’ouverture"),
    pytest.param(there("alice"), "sans_president", id="personne ne préside"),
    pytest.param(there("alice"), "sans_secretaire", id="pas de secrétaire"),
    pytest.param(FOUR, "sans_levee", id="pas de levée"),
    pytest.param((*FOUR, ClerksNamed(clerks=("alice",))), "president_secretaire",
        id="la présidente tient la plume"),
    pytest.param((*FOUR, Suspended()), "sans_reprise", id="suspendue sans reprise"),
    pytest.param((*FOUR, DoorsClosed()), "huis_clos_ouvert", id="huis clos sans fin"),
    pytest.param(opening("alice"), "quorum_ouverture", id="sans quorum"),
    pytest.param((*FOUR, Left(member="denis", before="p2"), vote("p2")), "quorum",
        id="vote sans quorum"),
    pytest.param((*FOUR, ProxyGiven(giver="elsa", holder="farid")), "pouvoir_sans_effet",
        id="le porteur n’est pas venu"),
    pytest.param((*opening("alice"), SEAT), "suppleant_absent", id="la suppléante n’est pas venue"),
    pytest.param(
        (
            *FOUR,
            PROXY,
            Arrived(member="elsa", before="p1"),
            ProxyGiven(giver="farid", holder="bruno", before="p1"),
            Left(member="elsa", before="p2"),
        ), "porteur_charge", id="deux pouvoirs vivants au même point"),
    pytest.param((*FOUR, Recused(member="alice", item="p1", ground=Ground.ACCOUNTS), vote("p1")),
        "president_retire", id="elle préside le vote de ses comptes"),
    pytest.param((*opening(*TITULARS), Left(member="alice", before="p1"), vote("p1")),
        "president_absent", id="qui préside est parti"),
    pytest.param((*FOUR, vote("p1", counts={Choice.AGAINST: 2})), "partage", id="partage"),
])  # fmt: skip
def test_review(events, code):
    found = review.of(judged(told(*events), retrospective=True))
    assert code in {finding.code for finding in found}
    assert all(finding.severity is Severity.WARNING for finding in found)


def test_a_reader_sees_titles_and_not_keys():
    events = (*FOUR, Left(member="denis", before="p2"), vote("p2"))
    titles = {"p2": "2 Budget primitif"}

    def told_of_quorum(**options):
        found = review.of(judged(told(*events), retrospective=True), **options)
        return next(each.message for each in found if each.code == "quorum").replace("\u00a0", " ")

    assert told_of_quorum().startswith("Point « p2 » : Le quorum n’est pas atteint à ce point.")
    assert told_of_quorum(titles=titles).startswith("Point « 2 Budget primitif » : Le quorum")
    (finding,) = objections(Closed(at=at("20:00")), *FOUR, vote("p1"), vote("p3"), titles=titles)
    assert "« 2 Budget primitif »" in finding.message.replace("\u00a0", " ")


def test_nothing_to_review_in_a_sitting_well_kept():
    story = told(*FOUR, vote("p1"), vote("p2"), vote("p3"), Closed(at=at("20:00")))
    assert review.of(judged(story, retrospective=True)) == ()


def test_a_whole_ledger_is_judged_line_by_line():
    events = told(
        Composed(composition=COMITE, regime=RULES), *FOUR, Left(member="elsa"), Voided(target=99)
    )
    found = [(seq, finding.code) for seq, finding in judgement.by_event(events, agenda=AGENDA)]
    assert found == [(8, "depart_d_un_absent"), (9, "annulation_sans_objet")]


# --- Words ------------------------------------------------------------------------------------


def test_objections_speak_french():
    """Sentences, with no-break spaces where French wants them."""
    found = [
        *objections(Arrived(member="zoe", before="p9"), *FOUR),
        *objections(vote("p1", choices={"elsa": Choice.AGAINST}), *FOUR),
        *objections(Left(member="elsa", at=at("17:05")), *FOUR),
        *objections(Closed(at=at("20:00")), *FOUR),
    ]
    assert len(found) >= 5
    for finding in found:
        text = str(finding)
        assert finding.message[0].isupper() or finding.message[0] in "«3"
        assert finding.message.endswith(".")
        for mark in (" :", " ;", " »", "« "):
            assert mark not in text


def test_an_event_needs_no_number():
    """Told without a rank, it is the next line of the ledger."""
    assert codec.dump(Arrived(member="elsa")) == ("arrived", {"member": "elsa"})
    assert refusals(Arrived(member="bruno"), *FOUR) == [("deja_present", "member")]


@pytest.mark.parametrize(("there", "reconvened", "refused"), [
    pytest.param(("alice",), {"p1"}, [], id="le point de la première séance en profite"),
    pytest.param(("alice",), set(), [("hors_premier_ordre_du_jour", "")],
        id="un point nouveau n’en profite pas"),
    pytest.param(TITULARS, set(), [], id="un point nouveau qui a son quorum s’en passe"),
])  # fmt: skip
def test_a_second_call_is_for_the_first_agenda_only(there, reconvened, refused):
    """Art. L2121-17: the dispensation is for the questions of the first agenda."""
    assert refusals(vote(), *opening(*there), reconvened=reconvened) == refused


@pytest.mark.parametrize(("events", "new", "said"), [
    pytest.param(FOUR, Closed(at=at("20:00")), "3 points restent sans vote ni suite notée : p1,",
        id="trois points sans suite"),
    pytest.param((*FOUR, vote("p1"), vote("p2")), Closed(at=at("20:00")),
        "1 point reste sans vote ni suite notée : p3.", id="un seul"),
    pytest.param(FOUR, DoorsClosed(requesters=1), "1 membre demande le huis clos : il en fallait 5",
        id="un seul demandeur"),
    pytest.param(FOUR, DoorsClosed(requesters=2), "2 membres demandent le huis clos",
        id="deux demandeurs"),
    pytest.param((*FOUR, PROXY), ProxyGiven(giver="farid", holder="bruno"),
        "Un membre porte au plus 1 pouvoir.", id="un pouvoir au plus"),
    pytest.param(FOUR, replace(PROXY, nth=4), "servirait à une 4e séance consécutive",
        id="le rang d’un pouvoir"),
    pytest.param(FOUR, Closed(at=at("17:05")),
        "La levée à 17 h 05 précéderait l’ouverture à 17 h 30", id="les heures"),
    pytest.param(opening("alice", "bruno"), vote(), "Une seconde convocation, à 3 jours francs au",
        id="les jours francs"),
])  # fmt: skip
def test_what_is_counted_agrees(events, new, said):
    found = " ".join(str(each) for each in objections(new, *events)).replace("\u00a0", " ")
    assert said in found
