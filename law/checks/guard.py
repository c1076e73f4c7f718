"""What every vote is judged by, whatever its form: a ballot, an election, an opinion, closed doors.

What is judged is the state in which it is held, not what was true when a line was told: a proxy
that slept, a chair that changed, a substitute who came. `quorums` looks at the legal moment.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from law import french, quorum, sentences, sitting, voting
from law.ballots import Mode
from law.checks.people import CONFLICT, LISTENED, may_replace, overloaded
from law.checks.reader import Reader
from law.docket import Docket
from law.elections import NOMINATION
from law.findings import Severity
from law.regime import STATUTES, article_of
from law.sitting import Event, Ground, Sitting, State

ACCOUNTS = "art. L2121-14 du CGCT"
EXECUTIVE = "art. L2122-7 du CGCT"
MAJORITY = "art. L2121-20 du CGCT"
PARTIAL = "art. L5212-16 du CGCT"
# What is mended by telling who kept the accounts.
KEPT_BY_WHOM = frozenset({"comptes_presides", "comptes_votes", "comptes_de_qui"})


def act(reader: Reader, item: str, state: State, *, by_accounts: bool = False) -> None:
    """What every vote on an item is judged by, at the moment when it is held; its quorum is
    looked at by `quorums`."""
    reader.is_item(item, "item")
    moment(reader, state)
    reader.counted.update(voice.seat for voice in state.voices)
    _put(reader, item)
    _urgency(reader, item)
    _agenda(reader, item, state)
    if by_accounts or item in reader.docket.common:
        common_interest(reader, state, "Cette affaire intéresse")
    known = reader.docket.accounts
    if item in known or (by_accounts and not known):
        _accounts(reader, item, state)
    elif by_accounts:
        reader.note(
            "majorite_des_comptes",
            "Cette majorité, adopté sauf majorité contre, ne vaut que pour le vote des comptes.",
            field="majority",
            article="art. L1612-12 du CGCT",
            remedy="Choisissez la majorité ordinaire, ou donnez à ce point la nature « vote des "
            "comptes ».",
            severity=reader.soft,
        )


def moment(reader: Reader, state: State) -> None:
    """What any decision is judged by, on an item or not: the sitting goes on, somebody who may
    presides it, nobody carries too much."""
    reader.must_go_on(state)
    _presidency(reader, state)
    _proxies(reader, state)
    _from_afar(reader, state)


def as_asked(reader: Reader, mode: Mode, state: State, *, is_certain: bool = True) -> None:
    """A request that enough members made decides how the item is voted (art. L2121-21). An
    amendment may have been voted before the request; a nomination by law is secret."""
    imposed = voting.imposed_mode(state, reader.regime)
    if imposed is None or mode is imposed:
        return
    asking, present = voting.asked_for(imposed, state)
    is_secret = imposed is Mode.SECRET
    if reader.retrospective:
        remedy = ""
    elif is_secret and state.is_remote:
        remedy = "Reportez ce point à une séance en un seul lieu."
    else:
        remedy = f"Votez au scrutin {imposed.value}, ou annulez la demande."
    certain = is_certain and mode is not Mode.SECRET
    reader.note(
        f"{imposed.value}_demande",
        f"{french.count(asking, 'membre')} {'demandent' if asking > 1 else 'demande'} le scrutin "
        f"{imposed.value} sur ce point, sur {present} présents : il est de droit.",
        field="mode",
        article=article_of(
            reader.regime, "secret_ballot_fraction" if is_secret else "public_ballot_fraction"
        ),
        remedy=remedy,
        severity=reader.soft if certain else Severity.WARNING,
    )


def named(reader: Reader, item: str, mode: Mode, field: str) -> None:
    """Somebody is named by a secret ballot, unless the assembly waives it (art. L2121-21), the
    president and the bureau between candidates, always in secret (art. L2122-7): by no vote for or
    against, and by no opinion."""
    if item in reader.docket.executive:
        reader.of_code(
            "election_sans_candidats",
            "Le président et le bureau s’élisent entre des candidats, par tours : on n’y vote pas "
            "pour ou contre.",
            field=field,
            article=EXECUTIVE,
            remedy="Tenez l’élection, au scrutin secret.",
        )
    if mode is Mode.SECRET:
        return
    if item in reader.docket.executive:
        secret(reader, field)
    elif item in reader.docket.nominations:
        reader.of_code(
            "nomination_sans_secret",
            "Une nomination se vote au scrutin secret, sauf si l’assemblée y renonce à "
            "l’unanimité.",
            field=field,
            article=NOMINATION,
            remedy="Tenez l’élection, au scrutin secret ou le secret étant levé.",
        )


def secret(reader: Reader, field: str) -> None:
    """Nobody waives the secrecy of the election of the executive (art. L2122-7)."""
    reader.of_code(
        "secret_impose",
        "L’élection du président et du bureau est secrète : le secret ne peut pas être levé.",
        field=field,
        article=EXECUTIVE,
        remedy="Tenez l’élection au scrutin secret.",
    )


def agrees(reader: Reader, adopted: bool, *others: bool | None, field: str) -> None:
    """What the assembly decides of an item is decided once: nothing is both adopted and rejected,
    by a vote, by an opinion, or by taking note of it (art. L2121-20)."""
    if (not adopted) in others:
        before, now = ("contre", "pour") if adopted else ("pour", "contre")
        reader.note(
            "decisions_contraires",
            f"L’assemblée s’est déjà prononcée {before} ce point ; elle le ferait ici {now}.",
            field=field,
            article=MAJORITY,
            remedy="Annulez celle des deux décisions qui n’est pas la bonne.",
            severity=reader.soft,
        )


def common_interest(reader: Reader, state: State, what: str) -> None:
    """Chair, bureau, budget, accounts, statutes: everybody votes, whatever the item concerns."""
    if state.college is not None:
        reader.warn(
            "interet_commun",
            f"{what} tous les membres : tous les délégués prennent part au vote.",
            field="item",
            article=partial_article(reader),
            remedy="Annulez l’indication des seuls délégués concernés.",
        )


def partial_article(reader: Reader) -> str:
    """What makes part of the members vote alone: the code, or the statutes."""
    return STATUTES if reader.regime.by_statutes else PARTIAL


def _put(reader: Reader, item: str) -> None:
    """In a sitting being held, an item is put before the assembly before it is decided."""
    if not reader.retrospective and reader.is_timed and item not in reader.put:
        reader.note(
            "point_non_ouvert",
            "Ce point n’a pas été mis en discussion.",
            field="item",
            article="art. L2121-17 du CGCT",
            remedy="Appelez-le d’abord : c’est à ce moment que le quorum se vérifie.",
        )


def _urgency(reader: Reader, item: str) -> None:
    """Called at short notice, the assembly first admits the urgency (art. L2121-12)."""
    if item in reader.docket.urgent or not reader.regime.urgency_vote:
        return
    for urgency in (key for key in reader.agenda if key in reader.docket.urgent):
        article = article_of(reader.regime, "urgency_vote")
        if urgency not in reader.adopted:
            reader.note(
                "urgence_non_decidee",
                "L’assemblée n’a pas encore décidé de l’urgence : rien d’autre ne se vote avant.",
                field="item",
                subject=urgency,
                article=article,
                remedy=f"Votez d’abord « {reader.titles.get(urgency, urgency)} ». {_IN_PART}",
                severity=reader.soft,
            )
        elif not reader.adopted[urgency]:
            reader.note(
                "urgence_refusee",
                "L’assemblée n’a pas admis l’urgence : aucun autre point ne se vote à cette "
                "séance.",
                field="item",
                article=article,
                remedy="Notez ce point reporté : il reviendra à une séance convoquée dans le "
                f"délai ordinaire. {_IN_PART}",
                severity=reader.soft,
            )


_IN_PART = (
    "Si l’urgence ne vaut que de certains points, l’assemblée l’admet, et les autres se notent "
    "« reportés »."
)


def _agenda(reader: Reader, item: str, state: State) -> None:
    """Nothing is decided that the convocation did not announce (art. L2121-10), nor at a
    distance what the law keeps for one place (art. L5211-11-1)."""
    docket = reader.docket
    if item in docket.added and not reader.regime.items_added_in_sitting:
        reader.note(
            "point_ajoute",
            "Ce point a été ajouté après la convocation : l’assemblée ne peut pas en délibérer, "
            "même d’accord.",
            field="item",
            article=article_of(reader.regime, "items_added_in_sitting"),
            remedy="Reportez-le à une séance dont la convocation l’annoncera.",
            severity=reader.soft,
        )
    if item in docket.miscellaneous:
        reader.warn(
            "divers_vote",
            "On ne délibère ni en «\u00a0questions diverses\u00a0», ni sur une question "
            "orale\u00a0: n’y viennent que des informations et des questions mineures.",
            field="item",
            article="art. L2121-10 du CGCT",
            remedy="Inscrivez un point à l’ordre du jour d’une prochaine séance.",
        )
    matters = reader.regime.remote_forbidden_matters
    if item in docket.in_person and matters and state.remote:
        reader.note(
            "exclu_a_distance",
            "Cette décision ne se prend pas quand des membres siègent à distance.",
            field="item",
            article=article_of(reader.regime, "remote_forbidden_matters"),
            remedy="Reportez-la à une séance en un seul lieu.",
            severity=reader.soft,
        )
    elif item in docket.perhaps_in_person and matters and state.remote:
        reader.warn(
            "exclu_a_distance_peut_etre",
            "Des membres siègent à distance, et certaines décisions ne se prennent alors "
            f"pas : {matters}.",
            field="item",
            article=article_of(reader.regime, "remote_forbidden_matters"),
            remedy="Si celle-ci en est, reportez-la à une séance en un seul lieu.",
        )


def _presidency(reader: Reader, state: State) -> None:
    """Whoever presides a vote is there, and did not withdraw from it."""
    chair = state.presiding
    if not state.is_open:
        return  # it is told that nothing is opened
    if not chair:
        reader.note(
            "sans_president",
            "Personne ne préside ce vote.",
            article=ACCOUNTS,
            remedy="Notez d’abord qui préside.",
            severity=reader.soft,
        )
        return
    who = reader.name(chair)
    if chair in state.vacant:
        reader.note(
            "president_hors_fonction",
            f"{who} préside et n’est pas en fonction.",
            article=ACCOUNTS,
            remedy="Notez qui prend la présidence.",
            severity=reader.soft,
        )
    if chair in state.recused:
        ground = state.recused[chair]
        reader.note(
            "president_retire",
            f"{who} ne prend pas part à ce point et ne peut pas en présider le vote.",
            article=ACCOUNTS if ground is Ground.ACCOUNTS else CONFLICT,
            remedy="Notez d’abord qui prend la présidence pour ce point.",
            severity=reader.soft,
        )
    elif chair not in state.room:
        reader.note(
            "president_absent",
            f"{who}, qui préside, n’est pas dans la salle.",
            article=ACCOUNTS,
            remedy="Notez d’abord qui prend la présidence.",
            severity=reader.soft,
        )
    elif (due := state.usual_chair) and due != chair and state.item not in reader.docket.chosen:
        reader.warn(
            "presidence_hors_rang",
            f"{who} préside alors {french.elide('que', reader.name(due))} est là : à défaut du "
            "président, les vice-présidents président dans l’ordre de leur nomination.",
            article="art. L2122-17 du CGCT",
            remedy="Notez qui prend la présidence, ou pourquoi un autre la tient.",
        )


def keepers(docket: Docket, item: str, state: State) -> tuple[str, ...]:
    """Keys of those who kept the accounts of this item: whom the agenda says; else who was
    president when the sitting began, and not his successor of that day; none of nobody here."""
    usual = tuple(filter(None, [state.president_before]))
    told = docket.keepers.get(item, usual)
    return tuple(key for key in told if key in state.composition)


def nobody_told(docket: Docket, item: str, state: State) -> bool:
    """Whether nothing tells who kept these accounts: neither the agenda, nor who presided when
    the sitting began."""
    return item not in docket.keepers and not state.president_before


def unelected(docket: Docket, item: str, state: State) -> bool:
    """Whether somebody presides these accounts whom nothing says elected for it: the president
    who kept none of them needs no election, a vice-president does (art. L2121-14)."""
    by_right = (*keepers(docket, item, state), state.president, state.elected_chair)
    return bool(state.presiding) and state.presiding not in by_right


def withdrawing(docket: Docket, item: str, state: State) -> tuple[str, ...]:
    """Those of them who have still to withdraw: there, or represented."""
    return tuple(
        key
        for key in keepers(docket, item, state)
        if key not in state.recused and (key in state.room or key in state.living_proxies)
    )


def _accounts(reader: Reader, item: str, state: State) -> None:
    """Whoever kept the accounts, the president unless it is said otherwise, presides no vote on
    them and takes no part in it, by proxy either, even when he is in office no more; he may hear
    the debate (art. L2121-14)."""
    kept_by, chair = keepers(reader.docket, item, state), state.presiding
    if nobody_told(reader.docket, item, state):
        reader.warn(
            "comptes_de_qui",
            "Rien ne dit qui a tenu ces comptes\u00a0: la présidence était vacante à l’ouverture.",
            article=ACCOUNTS,
            remedy=f"{_SAID_AT_THE_ITEM}\u00a0: il n’en préside pas le vote et n’y prend pas part.",
        )
    if chair in kept_by and chair not in state.recused:
        reader.of_code(
            "comptes_presides",
            f"{reader.name(chair)} a tenu les comptes et ne peut pas en présider le vote.",
            article=ACCOUNTS,
            remedy=f"L’assemblée élit qui préside ce point : notez-le. {_BY_ANOTHER}",
        )
    elif unelected(reader.docket, item, state):
        reader.warn(
            "comptes_presidence_non_elue",
            f"Rien ne dit que l’assemblée a élu {reader.name(chair)} pour présider le "
            "vote des comptes.",
            article=ACCOUNTS,
            remedy="Notez cette élection, avec ses voix si elles ont été comptées.",
        )
    casting = {voice.caster for voice in state.voices}
    carried = {voice.seat for voice in state.voices if voice.by_proxy}
    for each in kept_by:
        if each not in casting | carried:
            continue
        reader.of_code(
            "comptes_votes",
            f"{reader.name(each)} se retire au moment du vote des comptes : ni sa voix, ni un "
            "pouvoir donné ou reçu ne comptent.",
            subject=each,
            article=ACCOUNTS,
            remedy=f"Notez son retrait de ce point, au motif du vote des comptes. {_BY_ANOTHER}",
        )


_SAID_AT_THE_ITEM = "Dites qui en modifiant le point («\u00a0Comptes tenus par\u00a0»)"
_BY_ANOTHER = f"Un autre les a tenus cette année-là\u00a0? {_SAID_AT_THE_ITEM}."


def _proxies(reader: Reader, state: State) -> None:
    """What held when a proxy was told may hold no more when it serves: another one woke beside
    it, a substitute came."""
    rules = reader.regime
    for holder, givers in overloaded(state, rules).items():
        reader.note(
            "porteur_charge",
            f"{reader.name(holder)} porterait {french.count(len(givers), 'pouvoir')} à ce vote "
            f"({', '.join(map(reader.name, givers))}).",
            subject=holder,
            article=article_of(rules, "proxies_allowed", "proxies_per_holder"),
            remedy=f"Un membre en porte {rules.proxies_per_holder} au plus : notez lequel est "
            "révoqué.",
            severity=reader.soft,
        )
    _unnamed_holders(reader, state)
    if rules.substitute_first == "ignorer":
        return
    listening = sorted(state.room & state.composition.substitutes - state.attending)
    for giver in state.living_proxies:
        stand_in = next((key for key in listening if may_replace(reader, key, giver)), None)
        if stand_in is not None:
            reader.note(
                "suppleant_disponible",
                f"{reader.name(stand_in)} est là et pourrait siéger pour {reader.name(giver)}.",
                subject=giver,
                article=article_of(rules, "substitute_first"),
                remedy="Le suppléant passe avant le pouvoir.",
                severity=reader.soft if rules.substitute_first == "bloquer" else Severity.WARNING,
            )


def _unnamed_holders(reader: Reader, state: State) -> None:
    """Proxies whose holder an old paper does not name are carried by somebody who takes part, and
    by no more than there are (art. L2121-20)."""
    most = reader.regime.proxies_per_holder
    named = Counter(holder for holder in state.living_proxies.values() if holder)
    unnamed = len(state.living_proxies) - named.total()
    free = sum(max(most - named[key], 0) for key in state.sitting)
    if unnamed > free:
        told = french.count(unnamed, "pouvoir")
        more = {0: "pas un", 1: "qu’un"}.get(free, f"que {free}")
        reader.note(
            "porteurs_manquants",
            f"{told} sans porteur nommé {'voteraient' if unnamed > 1 else 'voterait'} à ce point, "
            f"et ceux qui y prennent part n’en portent {more} de plus.",
            article=article_of(reader.regime, "proxies_allowed", "proxies_per_holder"),
            remedy="Vérifiez qui est présent, qui porte ces pouvoirs, et lesquels ne valent pas.",
            severity=reader.soft,
        )


def _from_afar(reader: Reader, state: State) -> None:
    """Nobody votes from a distance where the body does not sit so (art. L5211-11-1)."""
    if reader.regime.remote_allowed:
        return
    for voice in state.voices:
        if voice.caster in state.remote:
            reader.note(
                "voix_a_distance",
                f"{reader.name(voice.caster)} siège à distance, ce qui n’est pas admis : la voix "
                f"{french.contract('de', reader.name(voice.seat))} ne peut pas compter à ce vote.",
                subject=voice.seat,
                article=article_of(reader.regime, "remote_allowed"),
                remedy=LISTENED,
                severity=reader.soft,
            )


def distance(reader: Reader, state: State, field: str) -> None:
    """While a member sits at a distance, were it without a vote on this item, the assembly only
    votes in a public ballot (art. L5211-11-1)."""
    if state.is_remote:
        reader.note(
            "distance_scrutin_public",
            "Quand des membres siègent à distance, on ne vote qu’au scrutin public.",
            field=field,
            article=article_of(reader.regime, "remote_allowed"),
            severity=reader.soft,
        )


def quorums(reader: Reader, story: Sitting, events: Iterable[Event]) -> None:
    """No deliberation without a quorum when its item was put before the assembly, or when the
    sitting was resumed on it."""
    for event in events:
        item = sitting.own_item(event)
        if item is None or not decides(reader, event, item):
            continue
        reader.seq = event.seq
        then, at_vote = story.put_before[event.seq], story.at_ballot[event.seq]
        dispensed = reader.docket.dispenses(item)
        legal = quorum.of(then, reader.regime, second_call=dispensed)
        if not legal.reached:
            beyond = reader.docket.reconvened is not None
            missing = _BEYOND if beyond else _MISSING
            reader.note(
                "hors_premier_ordre_du_jour" if beyond else "quorum",
                f"{missing}. {legal}.",
                short=missing,
                article=legal.article,
                remedy=_without_quorum(reader, then),
                severity=reader.soft,
            )
        elif at_vote is not then:
            now = quorum.of(at_vote, reader.regime, second_call=dispensed)
            if not now.reached:
                when = sentences.verified(story.verified_by[event.seq])
                reader.warn(
                    "quorum_perdu",
                    f"Le quorum, atteint {when}, avec {legal.present} sur {legal.in_office}, ne "
                    f"l’est plus au vote. {now}.",
                    short="Le quorum n’est plus atteint",
                    article=now.article,
                    remedy="" if reader.retrospective else _LOST,
                )


def decides(reader: Reader, event: Event, item: str) -> bool:
    """A vote, an opinion; and to take note, unless it is of what is only heard."""
    if isinstance(event, sitting.FateNoted):
        takes_note = event.fate is sitting.Fate.TOOK_NOTE and item in reader.docket.acts
        return takes_note or event.fate in sitting.OPINIONS
    return isinstance(event, sitting.BallotHeld | sitting.ElectionHeld)


_LOST = (
    "Le vote d’un point déjà en discussion tient (rép. min. n° 10690, JO AN, 14 mars 1994) ; plus "
    "sûr : attendre un retour, suspendre la séance, ou reporter le point."
)
_MISSING = "Le quorum n’est pas atteint à ce point"
_BEYOND = (
    "Ce point n’était pas à l’ordre du jour de la première séance : la dispense de quorum ne lui "
    "profite pas"
)


def _without_quorum(reader: Reader, state: State) -> str:
    """What is lawful when nothing can be voted. A sitting whose item lacks its quorum by
    withdrawals alone goes on with the others (CE, 19 January 1983, Chauré)."""
    if reader.retrospective:
        return "Renvoyez ce point à une seconde convocation, sans condition de quorum."
    delay = reader.regime.reconvene_clear_days
    days = french.count(delay, "jour franc")
    others = quorum.of(replace(state, recused={}, college=None), reader.regime).reached
    ends = (
        "le retirer, ou le reporter et passer au suivant"
        if others
        else "le reporter ou le retirer, lever la séance faute de quorum"
    )
    return (
        "Restent possibles : débattre sans voter, attendre des arrivées puis appeler de "
        f"nouveau ce point, suspendre la séance, {ends}. Une seconde convocation, à {days} au "
        "moins, le fera voter sans condition de quorum."
    )
