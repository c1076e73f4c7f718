"""Ballots and elections: who may vote, on what, how, and with which quorum."""

from collections.abc import Iterable

from law import elections, french, quorum, sitting, voting
from law.assembly import Capacity
from law.ballots import Ballot, Mode
from law.checks.items import asking_for, partial_article
from law.checks.people import CONFLICT
from law.checks.reader import Reader, judges
from law.findings import Severity
from law.regime import article_of
from law.sitting import Event, Ground, Sitting, State


@judges(sitting.BallotHeld)
def ballot(reader: Reader, event: sitting.BallotHeld, state: State) -> None:
    """A question is voted once, by those who may vote, as it was asked for (art. L2121-20,
    L2121-21)."""
    ballot = event.ballot
    reader.is_item(ballot.item, "item")
    reader.must_go_on(state)
    if (ballot.item, ballot.question) in reader.asked:
        what = f"« {ballot.question} »" if ballot.question else "ce point"
        reader.note(
            "deja_vote",
            f"Un scrutin a déjà été enregistré sur {what}.",
            field="question",
            remedy="Annulez-le pour le corriger, ou précisez quelle autre question a été "
            "mise aux voix.",
        )
    reader.asked.add((ballot.item, ballot.question))
    _urgency(reader, ballot.item)
    _presidency(reader, state)
    if not ballot.question:
        if ballot.item in reader.urgent:
            reader.admitted[ballot.item] = voting.of(ballot, state, reader.regime).adopted
        reader.settled.add(ballot.item)
        if ballot.item in reader.withdrawn:
            reader.warn(
                "vote_apres_retrait",
                "Ce point est noté comme retiré ou reporté, et pourtant voté.",
                field="item",
            )
    if not 0 < ballot.majority.fraction <= 1:
        reader.note(
            "majorite_invalide",
            "La majorité est une fraction plus grande que 0 et qui ne dépasse pas 1.",
            field="majority",
        )
    _choices(reader, ballot, state)
    _counts(reader, ballot, state)
    _mode(reader, ballot, state)
    if ballot.majority.unless_against:
        _common_interest(reader, state, "Les comptes intéressent")
    if ballot.mode is not Mode.PUBLIC and any(v.caster in state.remote for v in state.voices):
        reader.note(
            "distance_scrutin_public",
            "Quand des membres siègent à distance, on ne vote qu’au scrutin public.",
            field="mode",
            article=article_of(reader.regime, "remote_allowed"),
            severity=reader.soft,
        )


@judges(sitting.ElectionHeld)
def election(reader: Reader, event: sitting.ElectionHeld, state: State) -> None:
    """The figures of an election add up, and no vote is missing from it (art. L2121-21)."""
    election = event.election
    reader.is_item(election.item, "item")
    reader.must_go_on(state)
    reader.settled.add(election.item)
    reader.asked.add((election.item, ""))
    _urgency(reader, election.item)
    _presidency(reader, state)
    voices = sum(voice.weight for voice in state.voices)
    for finding in elections.objections(election, voices=voices, composition=reader.composition):
        reader.note(
            finding.code,
            finding.message,
            field=finding.field,
            subject=finding.message,  # the same objection may be made of two rounds
            article=finding.article,
            remedy=finding.remedy,
            severity=finding.severity,
        )
    if election.secrecy is elections.Secrecy.IMPOSED:
        _common_interest(reader, state, "L’élection de l’exécutif intéresse")
    for teller in election.tellers:
        reader.is_member(teller, "tellers")


def _urgency(reader: Reader, item: str) -> None:
    """Called at short notice, the assembly first admits the urgency (art. L2121-12)."""
    if item in reader.urgent or not reader.regime.urgency_vote:
        return
    for urgency in (key for key in reader.agenda if key in reader.urgent):
        article = article_of(reader.regime, "urgency_vote")
        if urgency not in reader.admitted:
            reader.note(
                "urgence_non_decidee",
                "L’assemblée n’a pas encore décidé de l’urgence : rien d’autre ne se vote avant.",
                field="item",
                subject=urgency,
                article=article,
                remedy=f"Votez d’abord « {reader.titles.get(urgency, urgency)} ».",
                severity=reader.soft,
            )
        elif not reader.admitted[urgency]:
            reader.note(
                "urgence_refusee",
                "L’assemblée n’a pas admis l’urgence : aucun autre point ne se vote à cette "
                "séance.",
                field="item",
                subject=urgency,
                article=article,
                remedy="Notez ce point reporté : il reviendra à une séance convoquée dans le "
                "délai ordinaire.",
                severity=reader.soft,
            )


def _presidency(reader: Reader, state: State) -> None:
    """Whoever presides a vote is there, and did not withdraw from it; the review of a past
    sitting says it."""
    chair = state.presiding
    if reader.retrospective or not chair:
        return
    who = reader.name(chair)
    if chair in state.recused:
        ground = state.recused[chair]
        reader.note(
            "president_retire",
            f"{who} s’est retiré de ce point et ne peut pas en présider le vote.",
            article="art. L2121-14 du CGCT" if ground is Ground.ACCOUNTS else CONFLICT,
            remedy="Notez d’abord qui prend la présidence pour ce point.",
        )
    elif chair not in state.room:
        reader.note(
            "president_absent",
            f"{who}, qui préside, n’est pas dans la salle.",
            article="art. L2121-14 du CGCT",
            remedy="Notez d’abord qui prend la présidence.",
        )


def _mode(reader: Reader, ballot: Ballot, state: State) -> None:
    """A request that enough members made decides how the item is voted (art. L2121-21)."""
    imposed = voting.imposed_mode(state, reader.regime)
    if imposed is None or ballot.mode is imposed:
        return
    # An amendment may have been voted before the request, and an election by law is secret.
    certain = not ballot.question and ballot.mode is not Mode.SECRET
    asking, present = len(voting.asked_for(imposed, state)), len(state.sitting)
    reader.note(
        f"{imposed.value}_demande",
        f"{asking_for(asking)} le scrutin {imposed.value} sur ce point, sur {present} "
        "présents : il est de droit.",
        field="mode",
        article=article_of(
            reader.regime,
            "secret_ballot_fraction" if imposed is Mode.SECRET else "public_ballot_fraction",
        ),
        remedy=f"Votez au scrutin {imposed.value}, ou annulez la demande.",
        severity=Severity.REFUSAL if certain else Severity.WARNING,
    )


def _common_interest(reader: Reader, state: State, what: str) -> None:
    """Chair, bureau, budget, accounts: everybody votes, whatever the item concerns."""
    if state.college is not None:
        reader.warn(
            "interet_commun",
            f"{what} tous les membres : tous les délégués prennent part au vote.",
            field="item",
            article=partial_article(reader),
            remedy="Annulez l’indication des seuls délégués concernés.",
        )


def _choices(reader: Reader, ballot: Ballot, state: State) -> None:
    """Whoever is named must have a vote; a secret ballot names nobody."""
    if ballot.mode is Mode.SECRET and ballot.choices:
        reader.note(
            "secret_nominatif",
            "Un scrutin secret ne nomme personne : n’en saisissez que les totaux.",
            field="choices",
            article="art. L2121-21 du CGCT",
        )
        return
    seats = {voice.seat for voice in state.voices}
    for key in ballot.choices:
        if key not in seats:
            reader.note(
                "sans_voix",
                _why_no_voice(reader, key, state),
                field="choices",
                subject=key,
            )
    if ballot.mode is Mode.PUBLIC and (silent := seats - ballot.choices.keys()):
        names = ", ".join(sorted(reader.name(key) for key in silent))
        reader.warn(
            "public_incomplet",
            f"Vote non indiqué, compté comme ne prenant pas part : {names}.",
            field="choices",
            article="art. L2121-21 du CGCT",
        )


def _why_no_voice(reader: Reader, key: str, state: State) -> str:
    who = reader.name(key)
    if key not in reader.composition:
        return f"{who} ne fait pas partie de la composition de l’assemblée."
    member = reader.composition[key]
    if not member.deliberates:
        return f"{who} n’a que voix consultative et ne vote pas."
    if key in state.recused or state.occupants.get(key) in state.recused:
        return f"{who} s’est retiré de ce point et ne vote pas."
    if not state.concerns(key) and member.capacity is Capacity.TITULAR:
        return f"{who} n’est pas au nombre des délégués concernés par ce point."
    if member.capacity is Capacity.SUBSTITUTE:
        titular = state.seats.get(key)
        if titular is not None and state.occupants.get(titular) == key:
            return f"{who} vote pour le siège de {reader.name(titular)} : nommez ce siège."
        return f"{who} est suppléant et n’occupe aucun siège à ce point."
    proxy = state.proxies.get(key)
    if proxy is not None:
        return (
            f"{who} est absent à ce point, et {reader.name(proxy.holder)}, qui porte son "
            "pouvoir, ne vote pas."
        )
    return f"{who} n’est ni présent ni représenté à ce point."


def _counts(reader: Reader, ballot: Ballot, state: State) -> None:
    if any(number < 0 for number in ballot.counts.values()):
        reader.note("voix_negatives", "Un nombre de voix n’est jamais négatif.", field="counts")
        return
    available = {voice.seat: voice.weight for voice in state.voices}
    total = sum(available.values())
    if not total:
        reader.note(
            "personne_ne_vote",
            "Personne ne peut voter à ce point.",
            remedy="Enregistrez d’abord les présents.",
        )
        return
    counted = sum(ballot.counts.values())
    if ballot.mode is Mode.PUBLIC and counted:
        reader.note(
            "public_anonyme",
            "Un scrutin public nomme tous les votants : il n’a pas de voix sans nom.",
            field="counts",
            article="art. L2121-21 du CGCT",
        )
    elif ballot.mode is Mode.SECRET:
        if not counted:
            reader.note("secret_sans_resultat", "Saisissez le résultat du scrutin.", field="counts")
        _fits(reader, counted, total)
    elif ballot.mode is Mode.ORDINARY:
        apart = sum(
            weight
            for seat, weight in available.items()
            if ballot.choices.get(seat, ballot.default) is not ballot.default
        )
        usual = ballot.counts.get(ballot.default, 0)
        _fits(reader, apart + counted - usual, total)
        if usual and apart + counted != total:
            reader.note(
                "compte_faux",
                f"{apart + counted} voix sont saisies ; {total} peuvent être exprimées à ce point.",
                field="counts",
                remedy="Ne saisissez que les exceptions, ou vérifiez les présents.",
            )


def _fits(reader: Reader, counted: int, total: int) -> None:
    if counted > total:
        reader.note(
            "trop_de_voix",
            f"{counted} voix sont saisies ; {total} au plus peuvent être exprimées à ce point.",
            field="counts",
            remedy="Vérifiez les présents, les pouvoirs et les retraits à ce point.",
        )


def quorums(reader: Reader, story: Sitting, events: Iterable[Event], second_call: bool) -> None:
    """No deliberation without a quorum when its item was put before the assembly."""
    missing = "Le quorum n’est pas atteint à ce point"
    for event in events:
        if not isinstance(event, sitting.BallotHeld | sitting.ElectionHeld):
            continue
        item = sitting.anchor(event)
        if item is None or item not in story.at_item:
            continue
        reader.seq = event.seq
        legal = quorum.of(story.at_item[item], reader.regime, second_call=second_call)
        if not legal.reached:
            reader.note(
                "quorum",
                f"{missing}. {legal}.",
                short=missing,
                article=legal.article,
                remedy=_without_quorum(reader),
                severity=reader.soft,
            )
            continue
        at_vote = story.at_ballot[event.seq]
        if at_vote is story.at_item[item]:
            continue  # nobody moved meanwhile
        now = quorum.of(at_vote, reader.regime, second_call=second_call)
        if not now.reached:
            reader.warn(
                "quorum_perdu",
                f"Le quorum, atteint à l’ouverture du point, ne l’est plus au vote. {now}.",
                article=now.article,
            )


def _without_quorum(reader: Reader) -> str:
    """What is lawful when nothing can be voted."""
    if reader.retrospective:
        return "Renvoyez ce point à une seconde convocation, sans condition de quorum."
    delay = reader.regime.reconvene_clear_days
    days = french.count(delay, "jour franc")
    return (
        "Restent possibles : débattre sans voter, attendre des arrivées, suspendre la séance, "
        "reporter ou retirer ce point, lever la séance faute de quorum. Une seconde "
        f"convocation, à {days} au moins, le fera voter sans condition de quorum."
    )
