"""The items: their order, their discussion, whom they concern, how they will be voted."""

from dataclasses import replace

from law import ballots, french, quorum, sitting, voting
from law.assembly import Capacity
from law.ballots import Mode
from law.checks import guard
from law.checks.reader import Reader, judges
from law.regime import article_of
from law.sitting import State


@judges(sitting.OrderSet)
def order(reader: Reader, event: sitting.OrderSet, state: State) -> None:
    """The items of the agenda, each once."""
    for key in event.items:
        reader.is_item(key, "items")
    if len(set(event.items)) < len(event.items):
        reader.note("point_en_double", "Un point figure deux fois dans cet ordre.", field="items")


@judges(sitting.ItemOpened)
def item(reader: Reader, event: sitting.ItemOpened, state: State) -> None:
    """An item is put to discussion; that is when its quorum is looked at (art. L2121-17).

    It may be called again when something happened since: members arrived, the sitting was
    resumed, another item was heard.
    """
    reader.is_item(event.item, "item")
    previous = reader.previous
    if isinstance(previous, sitting.ItemOpened) and previous.item == event.item:
        reader.note(
            "point_deja_ouvert",
            "Ce point est déjà en discussion, et rien n’est arrivé depuis.",
            field="item",
            remedy="Votez-le, ou notez ce qu’il devient.",
        )
    elif reader.has_voted(event.item):
        reader.warn(
            "point_deja_vote",
            "Ce point a déjà été voté : un nouveau vote prendra la place du premier.",
            field="item",
        )
        reader.asked = {each for each in reader.asked if each[0] != event.item}
        reader.rounds = {w: each for w, each in reader.rounds.items() if w[0] != event.item}
    reader.put.add(event.item)
    if event.at is not None:
        reader.called_at.setdefault(event.item, event.at)
    reader.must_go_on(state)


# Of an item that was both voted and put off: the papers would say the one and the other.
GONE = (
    "Annulez ce qui n’a pas eu lieu, ou appelez ce point de nouveau s’il a été repris ; d’ici là, "
    "il ne fait pas une délibération."
)


def who_is_there(state: State) -> tuple[object, ...]:
    """What decides who may vote, whatever the item."""
    return state.room, state.remote, state.vacant, dict(state.seats), dict(state.proxies)


@judges(sitting.FateNoted)
def fate(reader: Reader, event: sitting.FateNoted, state: State) -> None:
    """What becomes of an item agrees with whether it was voted."""
    if guard.decides(reader, event, event.item):
        guard.act(reader, event.item, state)
        _without_a_ballot(reader, event, state)
    else:
        reader.is_item(event.item, "item")
        if not reader.retrospective:
            reader.must_go_on(state)
    reader.settled.add(event.item)
    gone = (sitting.Fate.WITHDRAWN, sitting.Fate.ADJOURNED, sitting.Fate.POSTPONED)
    if event.fate in gone:
        reader.withdrawn.add(event.item)
        if (event.item, "") in reader.asked or event.item in reader.opinions:
            reader.warn(
                "retire_apres_vote",
                "Ce point a été voté, puis noté comme retiré ou reporté.",
                field="fate",
                remedy=GONE,
            )
    else:
        reader.withdrawn.discard(event.item)


def _without_a_ballot(reader: Reader, event: sitting.FateNoted, state: State) -> None:
    """An opinion, and to take note of what makes an act, are a show of hands: what a ballot was
    held for was decided by it, as it was asked for, and the other way never."""
    item = event.item
    adopted = event.fate is not sitting.Fate.UNFAVOURABLE
    others = reader.adopted.get(item), reader.opinions.get(item)
    guard.agrees(reader, adopted, *others, field="fate")
    reader.opinions[item] = adopted
    if reader.was_put_to_vote(item):
        return
    guard.as_asked(reader, Mode.ORDINARY, state)
    guard.distance(reader, state, "fate")
    guard.named(reader, item, Mode.ORDINARY, "fate")
    if item in reader.docket.accounts:
        reader.note(
            "comptes_sans_vote",
            "L’assemblée arrête les comptes par un vote : en prendre acte, ou donner un avis, ne "
            "les approuve pas.",
            field="fate",
            article="art. L1612-12 du CGCT",
            remedy="Mettez-les aux voix.",
            severity=reader.soft,
        )


@judges(sitting.CollegeSet)
def college(reader: Reader, event: sitting.CollegeSet, state: State) -> None:
    """The seats of titulars, each once, told once (art. L5212-16)."""
    reader.is_item(event.item, "item")
    article = guard.partial_article(reader)
    if not event.members:
        reader.note(
            "college_vide",
            "Aucun siège n’est concerné par ce point.",
            field="members",
            article=article,
            remedy="Choisissez les collectivités ou les collèges concernés.",
        )
    if len(set(event.members)) < len(event.members):
        reader.note("college_en_double", "Un siège est nommé deux fois.", field="members")
    for key in event.members:
        if reader.is_member(key, "members"):
            member = reader.composition[key]
            if member.capacity is not Capacity.TITULAR:
                reader.note(
                    "pas_titulaire",
                    f"{member.name} n’est pas titulaire : il n’y a pas de siège à compter.",
                    field="members",
                    subject=key,
                    article=article,
                )
    if state.item == event.item and state.college is not None:
        reader.note(
            "college_deja_fixe",
            "Qui est concerné par ce point est déjà enregistré.",
            field="members",
            remedy="Annulez la première indication avant d’en enregistrer une autre.",
        )


@judges(sitting.BallotRequested)
def request(reader: Reader, event: sitting.BallotRequested, state: State) -> None:
    """Enough of the members present ask for it, or it changes nothing (art. L2121-21)."""
    reader.is_item(event.item, "item")
    if event.mode is Mode.ORDINARY:
        reader.note(
            "demande_sans_objet",
            "Le scrutin ordinaire ne se demande pas : c’est celui de droit commun.",
            field="mode",
        )
        return
    public = event.mode is Mode.PUBLIC
    article = article_of(
        reader.regime, "public_ballot_fraction" if public else "secret_ballot_fraction"
    )
    if not event.members:
        reader.note(
            "sans_demandeur",
            "Indiquez qui demande ce scrutin.",
            field="members",
            article=article,
        )
        return
    if len(set(event.members)) < len(event.members):
        reader.note("demandeur_en_double", "Un membre est nommé deux fois.", field="members")
    before = (
        state.requests.get(event.mode, frozenset()) if state.item == event.item else frozenset()
    )
    if before and voting.is_imposed(event.mode, state, reader.regime):
        reader.note(
            "deja_demande",
            f"Le scrutin {event.mode.value} est déjà demandé sur ce point.",
            field="mode",
            remedy="Annulez la première demande pour en corriger les auteurs.",
        )
    for key in event.members:
        if reader.is_member(key, "members") and key not in state.sitting:
            reader.warn(
                "demandeur_absent",
                f"{reader.name(key)} n’est pas au nombre des membres présents à ce point : sa "
                "demande ne compte pas.",
                field="members",
                subject=key,
                article=article,
            )
    asking = len(state.sitting.intersection(before.union(event.members)))
    present = len(state.sitting)
    needed = ballots.requesters(event.mode, present, reader.regime)
    if asking < needed:
        reader.warn(
            "demandeurs_insuffisants",
            f"{asking_for(asking)} le scrutin {event.mode.value}, sur {present} présents : "
            f"il en fallait {needed}.",
            field="members",
            article=article,
            remedy="La demande est sans effet.",
        )
    elif event.mode is Mode.SECRET and state.is_remote:
        reader.warn(
            "secret_a_distance",
            "Quand des membres siègent à distance, un point dont le scrutin secret est demandé "
            "ne se vote pas.",
            field="mode",
            article=article_of(reader.regime, "remote_allowed"),
            remedy="Reportez ce point à une séance en un seul lieu.",
        )


@judges(sitting.DoorsClosed)
def closed_doors(reader: Reader, event: sitting.DoorsClosed, state: State) -> None:
    """Asked for by enough members or the chair, voted by a majority of the members."""
    if state.doors_closed:
        reader.note("deja_huis_clos", "L’assemblée siège déjà à huis clos.")
    if event.votes_for is None:
        reader.must_go_on(state)
        reader.warn(
            "huis_clos_sans_vote",
            "Le huis clos est dit sans le vote qui le décide.",
            field="votes_for",
            article=article_of(reader.regime, "closed_doors_requesters"),
            remedy="Notez combien de voix l’ont voulu.",
        )
    else:
        guard.moment(reader, state)
        guard.distance(reader, state, "votes_for")
        now = quorum.of(state, reader.regime, second_call=reader.docket.dispenses())
        if not now.reached:
            reader.note(
                "quorum",
                f"Le quorum n’est pas atteint au huis clos. {now}.",
                article=now.article,
                severity=reader.soft,
            )
    article = article_of(reader.regime, "closed_doors_requesters")
    present = len(state.attending)
    if not 0 <= event.requesters <= present:
        reader.note(
            "demandeurs_impossibles",
            f"{event.requesters} membres ne peuvent pas demander le huis clos : {present} sont "
            "présents.",
            field="requesters",
        )
    elif 0 < event.requesters < reader.regime.closed_doors_requesters:
        reader.note(
            "huis_clos_peu_demande",
            f"{asking_for(event.requesters)} le huis clos : il en fallait "
            f"{reader.regime.closed_doors_requesters}, ou que le président le demande.",
            field="requesters",
            article=article,
            remedy="La séance reste publique.",
            severity=reader.soft,
        )
    if event.votes_for is None:
        return
    voices = replace(state, college=None).voices
    own = sum(voice.weight for voice in voices if not voice.by_proxy)
    total = sum(voice.weight for voice in voices)
    needed = voting.closed_doors_majority(state)
    if not 0 <= event.votes_for <= total:
        reader.note(
            "trop_de_voix",
            f"{event.votes_for} voix sont saisies ; {total} au plus peuvent être exprimées.",
            field="votes_for",
            article=article_of(reader.regime, "closed_doors_requesters"),
            remedy="Vérifiez les présents et les pouvoirs.",
        )
    elif event.votes_for < needed:
        is_weighted = state.composition.is_weighted
        there = french.count(own, "voix présente" if is_weighted else "présent")
        spoken = french.agree("représenté", feminine=is_weighted, plural=total - own > 1)
        reader.note(
            "huis_clos_refuse",
            f"Le huis clos n’est pas décidé : {event.votes_for} voix pour, de {there} et "
            f"{total - own} {spoken} ; il en faut {needed}.",
            field="votes_for",
            article=article,
            remedy="Les abstentions comptent dans la base. La séance reste publique.",
            severity=reader.soft,
        )


@judges(sitting.DoorsKeptOpen)
def kept_open(reader: Reader, event: sitting.DoorsKeptOpen, state: State) -> None:
    """It was not decided: fewer votes than the majority of the members (art. L5211-11)."""
    reader.must_go_on(state)
    article = article_of(reader.regime, "closed_doors_requesters")
    present = len(state.attending)
    if not 0 <= event.requesters <= present:
        reader.note(
            "demandeurs_impossibles",
            f"{event.requesters} membres ne peuvent pas demander le huis clos : {present} sont "
            "présents.",
            field="requesters",
        )
    needed = voting.closed_doors_majority(state)
    if event.votes_for is not None and event.votes_for >= needed:
        reader.note(
            "huis_clos_decide",
            f"{event.votes_for} voix pour suffisent : il en fallait {needed}, le huis clos est "
            "décidé.",
            field="votes_for",
            article=article,
            remedy="Notez le huis clos, ou corrigez ce nombre.",
            severity=reader.soft,
        )


@judges(sitting.DoorsOpened)
def opened_doors(reader: Reader, event: sitting.DoorsOpened, state: State) -> None:
    """The doors that open were closed."""
    if not state.doors_closed:
        reader.note("pas_huis_clos", "L’assemblée ne siège pas à huis clos à ce moment.")


def asking_for(number: int) -> str:
    """The subject and the verb: "1 membre demande", "5 membres demandent"."""
    return f"{french.count(number, 'membre')} {'demandent' if number > 1 else 'demande'}"
