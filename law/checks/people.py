"""Who comes and goes, who sits in whose seat, who speaks for whom, who holds a role."""

from dataclasses import replace

from law import french, sitting
from law.assembly import Capacity
from law.checks.reader import Reader, judges
from law.findings import Severity
from law.regime import Regime, article_of
from law.sitting import Event, State

# Of whoever follows from a distance a body that does not sit so.
LISTENED = (
    "Qui n’a fait qu’écouter ne se note pas présent ; si un texte l’admettait ce jour-là, datez "
    "dans les règles de l’instance celle qui le dit."
)
CONFLICT = "art. L2131-11 du CGCT"
CLERKS = "art. L2121-15 du CGCT"
CHAIR = "art. L2121-14 du CGCT"


@judges(sitting.Composed)
def composition(reader: Reader, event: sitting.Composed, state: State) -> None:
    """Somebody is in office, one key and one vote at least to each; a college is not overfull."""
    members, where = event.composition.members, "composition"
    keys = [member.key for member in members]
    if len(set(keys)) < len(keys):
        reader.note(
            "composition_doublon",
            "Deux membres de la composition portent la même clé.",
            field=where,
        )
    if not event.composition.titulars:
        reader.note(
            "composition_vide",
            "L’assemblée n’a aucun membre en exercice.",
            remedy="Saisissez les mandats en cours à la date de la séance.",
            field=where,
        )
    for member in members:
        if member.weight < 1:
            reader.note(
                "voix_invalides",
                f"{member.name} doit porter au moins une voix.",
                field=where,
                subject=member.key,
            )
        elif member.weight > 1 and not event.regime.weighted_votes:
            reader.warn(
                "voix_ponderees",
                f"{member.name} porte {member.weight} voix, or les règles de l’instance "
                "ne prévoient pas de voix pondérées.",
                article=article_of(event.regime, "weighted_votes"),
                field=where,
                subject=member.key,
            )
    for constituency in event.composition.constituencies:
        filled = sum(1 for m in event.composition.titulars if m.constituency == constituency.name)
        if filled > constituency.seats:
            reader.warn(
                "college_trop_plein",
                f"« {constituency.name} » compte {filled} membres pour "
                f"{constituency.seats} sièges.",
                field=where,
                subject=constituency.name,
            )


@judges(sitting.Arrived)
def arrival(reader: Reader, event: sitting.Arrived, state: State) -> None:
    """Nobody comes in twice; from a distance only where it is allowed (art. L5211-11-1)."""
    if not reader.is_member(event.member, "member"):
        return
    who = reader.name(event.member)
    if event.member in state.room:
        reader.note(
            "deja_present",
            f"{who} est déjà dans la salle à ce moment.",
            field="member",
            subject=event.member,
            remedy="Enregistrez d’abord son départ, ou annulez sa première arrivée.",
        )
    elif event.member in state.excused and event.at is None and event.before is None:
        reader.warn(
            "excuse_et_present",
            _present_and_excused(reader, event.member),
            field="member",
            subject=event.member,
            remedy="Annulez l’un des deux.",
        )
    elif event.member in reader.gone_for_good:
        reader.warn(
            "retour_apres_depart_definitif",
            f"{who} revient après un départ noté définitif.",
            field="member",
            subject=event.member,
        )
    if event.remote and not reader.regime.remote_allowed:
        reader.note(
            "distance_non_admise",
            f"{who} ne peut pas siéger à distance : la visioconférence n’est pas admise.",
            field="remote",
            article=article_of(reader.regime, "remote_allowed"),
            remedy=LISTENED,
            severity=reader.soft,
        )
    _agree_with_clock(reader, event, event.member, "Son arrivée", "son départ")


def _present_and_excused(reader: Reader, key: str) -> str:
    noted, present, excused = (reader.agreed(key, each) for each in ("noté", "présent", "excusé"))
    return f"{reader.name(key)} est {noted} à la fois {present} et {excused}."


@judges(sitting.Left)
def departure(reader: Reader, event: sitting.Left, state: State) -> None:
    """Whoever goes out was there."""
    if not reader.is_member(event.member, "member"):
        return
    if event.member not in state.room:
        reader.note(
            "depart_d_un_absent",
            f"{reader.name(event.member)} n’est pas dans la salle à ce moment.",
            field="member",
            subject=event.member,
            remedy="Enregistrez d’abord son arrivée.",
        )
    if event.definitive:
        reader.gone_for_good.add(event.member)
        _is_to_be_replaced(reader, event.member, state, "part pour de bon")
    _agree_with_clock(reader, event, event.member, "Son départ", "son arrivée")
    for holder, givers in overloaded(sitting.apply(state, event), reader.regime).items():
        reader.warn(
            "porteur_charge",
            f"{reader.name(holder)} porterait {french.count(len(givers), 'pouvoir')} au prochain "
            f"vote ({', '.join(map(reader.name, givers))}).",
            field="member",
            subject=holder,
            article=article_of(reader.regime, "proxies_allowed", "proxies_per_holder"),
            remedy=f"Un membre en porte {reader.regime.proxies_per_holder} au plus : notez lequel "
            "est révoqué avant de voter.",
        )


def overloaded(state: State, regime: Regime) -> dict[str, tuple[str, ...]]:
    """Who would vote now with more proxies than one member may carry, and whose (art. L2121-20)."""
    carried: dict[str, tuple[str, ...]] = {}
    for giver, holder in state.living_proxies.items():
        if not holder:
            continue  # nobody knows how many a holder without a name carries
        carried[holder] = (*carried.get(holder, ()), giver)
    return {who: seats for who, seats in carried.items() if len(seats) > regime.proxies_per_holder}


@judges(sitting.Installed)
def installation(reader: Reader, event: sitting.Installed, state: State) -> None:
    """A member of the composition takes office once."""
    if reader.is_member(event.member, "member") and event.member not in state.vacant:
        reader.note(
            "deja_en_fonction",
            f"{reader.name(event.member)} est déjà en fonction à ce moment.",
            field="member",
            remedy="Rien n’est à noter.",
        )


@judges(sitting.Vacated)
def vacancy(reader: Reader, event: sitting.Vacated, state: State) -> None:
    """Only a member in office leaves his seat vacant; the sitting keeps somebody to preside it."""
    if not reader.is_member(event.member, "member"):
        return
    who = reader.name(event.member)
    if event.member in state.vacant:
        reader.note(
            "hors_fonction",
            f"{who} n’est pas en fonction à ce moment.",
            field="member",
            remedy="Notez d’abord son installation.",
        )
        return
    _is_to_be_replaced(reader, event.member, state, "son mandat prend fin")
    if event.ending is sitting.Ending.DIED and event.member in reader.counted:
        reader.warn(
            "deces_apres_vote",
            f"La séance apprend le décès {french.contract('de', who)}, dont la voix a compté à un "
            "vote d’avant.",
            field="member",
            article="art. L2121-20 du CGCT",
            remedy="Si ce décès précède le vote, notez-le avant ce point : ni sa voix, ni un "
            "pouvoir donné ou reçu n’y comptent.",
        )


def _is_to_be_replaced(reader: Reader, key: str, state: State, what: str) -> None:
    """Whoever presides the sitting, or alone keeps its minutes, and is there no more is replaced
    (art. L2121-14, L2121-15)."""
    if not state.is_open:
        return
    who = reader.name(key)
    if key == state.chair:
        reader.warn(
            "presidence_a_prendre",
            f"{who} préside la séance, et {what}.",
            field="member",
            subject=key,
            article=CHAIR,
            remedy="Notez qui prend la présidence.",
        )
    if key in state.clerks and not (state.room - {key}).intersection(state.clerks):
        reader.warn(
            "secretaire_a_remplacer",
            f"{who} tient le secrétariat de la séance, et {what}.",
            field="member",
            subject=key,
            article=CLERKS,
            remedy="Notez qui est nommé à sa suite : l’un et l’autre signent le procès-verbal.",
        )


def _agree_with_clock(reader: Reader, event: Event, member: str, what: str, previous: str) -> None:
    """The clock must agree with the order that the items give."""
    if event.at is None:
        return
    last = reader.moved_at.get(member)
    if last is not None and sitting.is_before(event.at, last):
        reader.note(
            "heure_incoherente",
            f"{reader.name(member)} : {what.lower()} à {french.clock(event.at)} précéderait "
            f"{previous}, noté à {french.clock(last)}.",
            field="at",
            subject=member,
            remedy="Corrigez l’une des deux heures, ou le point devant lequel il est noté.",
        )
    reader.moved_at[member] = event.at


@judges(sitting.Excused)
def excuse(reader: Reader, event: sitting.Excused, state: State) -> None:
    """Nobody is both excused and there."""
    if reader.is_member(event.member, "member") and event.member in state.room:
        reader.warn(
            "excuse_et_present",
            _present_and_excused(reader, event.member),
            field="member",
            subject=event.member,
            remedy="Annulez l’un des deux.",
        )


@judges(sitting.SeatTaken)
def seat(reader: Reader, event: sitting.SeatTaken, state: State) -> None:
    """A substitute sits for one absent titular, as the statutes let him (art. L5212-7)."""
    known = reader.is_member(event.substitute, "substitute")
    if not reader.is_member(event.titular, "titular") or not known:
        return
    substitute = reader.composition[event.substitute]
    titular = reader.composition[event.titular]
    article = article_of(reader.regime, "substitutes")
    if reader.regime.substitutes == "aucun":
        reader.note(
            "sans_suppleants",
            "Les règles de l’instance ne prévoient pas de suppléants.",
            field="substitute",
            article=article,
        )
    if substitute.capacity is not Capacity.SUBSTITUTE:
        reader.note(
            "pas_suppleant",
            f"{substitute.name} n’est pas {substitute.agreed('suppléant')}.",
            field="substitute",
            article=article,
        )
    elif titular.capacity is not Capacity.TITULAR:
        reader.note(
            "pas_titulaire",
            f"{titular.name} n’est pas titulaire : il n’y a pas de siège à occuper.",
            field="titular",
            article=article,
        )
    elif not may_replace(reader, event.substitute, event.titular):
        reader.note(
            "siege_d_un_autre",
            f"{substitute.name} n’est pas {substitute.agreed('suppléant')} "
            f"{french.contract('de', titular.name)}.",
            field="titular",
            article=article,
            remedy="Selon les statuts, un suppléant remplace son titulaire, ou un titulaire "
            "de la même collectivité.",
        )
    held = state.seats.get(event.substitute)
    if held is not None:
        reader.note(
            "deux_sieges",
            f"{substitute.name} occupe déjà le siège {french.contract('de', reader.name(held))}.",
            field="substitute",
            remedy="Un suppléant n’occupe qu’un siège : faites-lui d’abord rendre celui-ci.",
        )
    others = [s for s, t in state.seats.items() if t == titular.key and s != substitute.key]
    if others:
        reader.note(
            "siege_deja_occupe",
            f"Le siège {french.contract('de', titular.name)} est déjà occupé par "
            f"{reader.name(others[0])}.",
            field="titular",
        )
    if titular.key in state.room:
        reader.warn(
            "titulaire_present",
            f"{titular.name} est dans la salle : {substitute.name} écoute et ne vote pas.",
            field="titular",
        )


def may_replace(reader: Reader, substitute: str, titular: str) -> bool:
    """Whether the statutes let this substitute sit for this titular."""
    stand_in, seat = reader.composition[substitute], reader.composition[titular]
    if seat.capacity is not Capacity.TITULAR:
        return False
    if reader.regime.substitutes == "nommes":
        return stand_in.replaces == titular
    if reader.regime.substitutes == "collectivite":
        # A community left unsaid cannot be held against anybody.
        return "" in (stand_in.community, seat.community) or (stand_in.community == seat.community)
    return False


@judges(sitting.SeatReturned)
def seat_returned(reader: Reader, event: sitting.SeatReturned, state: State) -> None:
    """Only a seat that was taken is given back."""
    if reader.is_member(event.substitute, "substitute"):
        if event.substitute not in state.seats:
            reader.note(
                "sans_siege",
                f"{reader.name(event.substitute)} n’occupe aucun siège à ce moment.",
                field="substitute",
                remedy="Il n’y a rien à rendre.",
            )


@judges(sitting.ProxyGiven)
def proxy(reader: Reader, event: sitting.ProxyGiven, state: State) -> None:
    """One proxy for each holder, to a member with a vote (art. L2121-20), and never crossed while
    both are away: that of a holder who is there sleeps."""
    known = reader.is_member(event.giver, "giver")
    if (event.holder and not reader.is_member(event.holder, "holder")) or not known:
        return
    article = article_of(reader.regime, "proxies_allowed", "proxies_per_holder")
    giver, holder = reader.name(event.giver), reader.name(event.holder)
    if not reader.regime.proxies_allowed:
        reader.note(
            "pouvoirs_non_admis",
            "Les règles de l’instance n’admettent pas les pouvoirs.",
            field="giver",
            article=article,
        )
    if not event.holder:
        _giver(reader, event, state, article)
        reader.note(
            "pouvoir_sans_porteur",
            f"Le pouvoir {french.contract('de', giver)} n’a pas de porteur nommé.",
            field="holder",
            article=article,
            remedy="Nommez qui le porte. D’un papier repris qui ne le dit pas, ce pouvoir vote "
            "tant que son auteur n’est pas là, et rien ne vérifie qui en porte combien.",
            severity=reader.soft,
        )
        return
    if event.giver == event.holder:
        reader.note(
            "pouvoir_a_soi_meme",
            f"{giver} ne peut pas se donner pouvoir.",
            field="holder",
            article=article,
        )
        return
    _giver(reader, event, state, article)
    if not reader.composition[event.holder].deliberates:
        reader.note(
            "porteur_sans_voix",
            f"{holder} n’a que voix consultative et ne peut pas porter de pouvoir.",
            field="holder",
            article=article,
        )
    given = state.proxies.get(event.holder)
    sits = event.holder in state.occupants.values()
    if given is not None and given.holder == event.giver and not sits:
        reader.note(
            "pouvoirs_croises",
            f"{holder} a donné pouvoir à {giver}, et chacun porterait celui de l’autre.",
            field="holder",
            article=article,
            remedy="L’un des deux doit choisir un autre porteur.",
        )
    elif given is not None and not sits:
        reader.warn(
            "porteur_represente",
            f"{holder} a donné pouvoir à {reader.name(given.holder)} : le pouvoir "
            f"{french.contract('de', giver)} ne sert à rien pendant cette absence.",
            field="holder",
            article=article,
        )
    carried = [
        other
        for other, proxy in state.proxies.items()
        if proxy.holder == event.holder and other != event.giver and other not in state.occupants
    ]
    most = reader.regime.proxies_per_holder
    if len(carried) >= most:
        reader.note(
            "porteur_charge",
            f"{holder} porte déjà le pouvoir "
            f"{french.contract('de', ', '.join(map(reader.name, carried)))}.",
            field="holder",
            article=article,
            remedy=f"Un membre porte au plus {french.count(most, 'pouvoir')}.",
        )
    holds_a_seat = reader.composition[event.holder].capacity is not Capacity.SUBSTITUTE
    if event.holder in state.room - state.attending and not holds_a_seat:
        reader.warn(
            "porteur_sans_siege",
            f"{holder} n’occupe aucun siège : jusque-là, le pouvoir "
            f"{french.contract('de', giver)} est sans effet.",
            field="holder",
            article=article,
            remedy="Notez quel siège est occupé, ou nommez un autre porteur.",
        )
    elif state.is_open and event.holder not in state.room:
        reader.warn(
            "porteur_absent",
            f"{holder} n’est pas dans la salle : le pouvoir est sans effet pendant cette absence.",
            field="holder",
            article=article,
        )


def _giver(reader: Reader, event: sitting.ProxyGiven, state: State, article: str) -> None:
    member = reader.composition[event.giver]
    if member.capacity is Capacity.CONSULTATIVE:
        reader.note(
            "mandant_sans_voix",
            f"{member.name} n’a que voix consultative, et pas de vote à confier.",
            field="giver",
            article=article,
        )
    elif member.capacity is Capacity.SUBSTITUTE:
        reader.note(
            "mandant_suppleant",
            f"{member.name} est {member.agreed('suppléant')} : seul un titulaire donne pouvoir.",
            field="giver",
            article=article,
        )
    if event.written_on and reader.latest and event.written_on > reader.latest.date():
        reader.note(
            "pouvoir_posterieur",
            f"À ce moment de la séance, le pouvoir {french.contract('de', member.name)}, daté du "
            f"{french.long_date(event.written_on)}, n’était pas encore écrit.",
            field="written_on",
            article=article,
            remedy="Vérifiez sa date, ou notez l’heure à laquelle il a été donné ; écrit après la "
            "séance, il ne sert pas.",
        )
    before = state.proxies.get(event.giver)
    if before is not None:
        reader.note(
            "pouvoir_deja_donne",
            f"{member.name} a déjà donné pouvoir à {reader.name(before.holder)}.",
            field="giver",
            article=article,
            remedy="Enregistrez d’abord la révocation de ce pouvoir, ou annulez-le.",
        )
    if event.nth < 1:
        reader.note(
            "rang_invalide",
            "Le rang de la séance pour ce pouvoir commence à 1.",
            field="nth",
        )
    elif event.nth > reader.regime.proxy_sittings and not event.illness:
        rank = french.ordinal(event.nth, feminine=True)
        reader.note(
            "pouvoir_perime",
            f"Ce pouvoir servirait à une {rank} séance consécutive ; il "
            f"vaut pour {reader.regime.proxy_sittings} au plus.",
            field="nth",
            article=article_of(reader.regime, "proxy_sittings"),
            remedy="Un nouvel écrit est nécessaire, sauf maladie dûment constatée.",
        )
    available = [
        key
        for key in state.room - state.attending
        if key in reader.composition
        and reader.composition[key].capacity is Capacity.SUBSTITUTE
        and may_replace(reader, key, event.giver)
    ]
    occupant = state.occupants.get(event.giver, event.giver)
    if occupant != event.giver:
        reader.warn(
            "suppleant_siege",
            f"{reader.name(occupant)} siège pour {member.name}\u00a0: ce pouvoir est sans effet "
            "tant que son siège est occupé.",
            field="giver",
            article=article_of(reader.regime, "substitute_first"),
        )
    elif available and reader.regime.substitute_first != "ignorer":
        strict = reader.regime.substitute_first == "bloquer"
        reader.note(
            "suppleant_disponible",
            f"{reader.name(min(available))} est là et pourrait siéger pour {member.name}.",
            field="giver",
            article=article_of(reader.regime, "substitute_first"),
            remedy="Le suppléant passe avant le pouvoir.",
            severity=Severity.REFUSAL if strict else Severity.WARNING,
        )


@judges(sitting.ProxyRevoked)
def revocation(reader: Reader, event: sitting.ProxyRevoked, state: State) -> None:
    """Only a proxy that was given is taken back; it may always be (art. L2121-20)."""
    if reader.is_member(event.giver, "giver") and event.giver not in state.proxies:
        reader.note(
            "sans_pouvoir",
            f"{reader.name(event.giver)} n’a pas donné de pouvoir à ce moment.",
            field="giver",
        )


@judges(sitting.Recused)
def recusal(reader: Reader, event: sitting.Recused, state: State) -> None:
    """A member withdraws from an item once, and was there to do it (art. L2131-11)."""
    reader.is_item(event.item, "item")
    if not reader.is_member(event.member, "member"):
        return
    if state.item == event.item and event.member in state.recused:
        reader.note(
            "deja_retire",
            f"{reader.name(event.member)} ne prend déjà plus part à ce point.",
            field="member",
            subject=event.member,
        )
    if event.member not in state.room:
        reader.warn(
            "retrait_d_un_absent",
            f"{reader.name(event.member)} n’est pas dans la salle à ce point.",
            field="member",
            subject=event.member,
            article=CONFLICT,
        )


@judges(sitting.ChairTaken)
def chair(reader: Reader, event: sitting.ChairTaken, state: State) -> None:
    """Whoever takes the chair is there and may chair (art. L2121-14)."""
    if event.item:
        reader.is_item(event.item, "item")
    if not reader.is_member(event.member, "member"):
        return
    may_chair(reader, event.member, "member")
    if event.member not in state.room:
        reader.note(
            "preside_absent",
            f"{reader.name(event.member)} n’est pas dans la salle à ce moment.",
            field="member",
            article=CHAIR,
            remedy="Enregistrez d’abord son arrivée, ou choisissez qui préside parmi les "
            "membres présents.",
            severity=reader.soft,
        )
    if not event.item and event.member in state.clerks:
        reader.warn(
            "president_secretaire",
            f"{reader.name(event.member)} prend la présidence et tient le secrétariat.",
            field="member",
            subject=event.member,
            article=CLERKS,
            remedy="Nommez qui tient le secrétariat à sa suite : l’un et l’autre signent le "
            "procès-verbal.",
        )
    _elected_in_time(reader, event)
    # Whoever withdraws from the item may have voted on who presides it.
    total = sum(voice.weight for voice in replace(state, college=None, recused={}).voices)
    if event.votes_for is not None and not 1 <= event.votes_for <= total:
        reader.note(
            "trop_de_voix",
            f"{event.votes_for} voix sont saisies ; il en faut une pour élire, et {total} au plus "
            "peuvent être exprimées.",
            field="votes_for",
            article=CHAIR,
            remedy="Vérifiez les présents et les pouvoirs.",
        )


def _elected_in_time(reader: Reader, event: sitting.ChairTaken) -> None:
    """Whoever presides the accounts is elected when they are debated, not when they are voted
    (art. L2121-14)."""
    called = reader.called_at.get(event.item)
    if event.item not in reader.docket.accounts or not sitting.comes_late(event, called):
        return
    at, before = (french.clock(hour) for hour in (event.at, called) if hour)
    reader.warn(
        "comptes_debattus_avant",
        f"{reader.name(event.member)} n’est {reader.agreed(event.member, 'élu')} qu’à {at} pour "
        f"présider les comptes, appelés à {before} : l’assemblée élit qui préside leur débat, et "
        "non leur seul vote.",
        field="at",
        article=CHAIR,
        remedy="Si le débat a commencé sous une autre présidence, qu’il reprenne sous celle-ci "
        "avant le vote ; sinon, corrigez l’une des deux heures.",
    )


def may_chair(reader: Reader, key: str, field: str) -> None:
    """No consultative member chairs; a substitute stands in for a member, not for a president."""
    capacity = reader.composition[key].capacity
    if capacity is Capacity.CONSULTATIVE:
        reader.note(
            "preside_sans_voix",
            f"{reader.name(key)} n’a que voix consultative et ne peut pas présider.",
            field=field,
            article=CHAIR,
        )
    elif capacity is Capacity.SUBSTITUTE:
        reader.warn(
            "preside_suppleant",
            f"{reader.name(key)} est {reader.agreed(key, 'suppléant')} : un suppléant remplace un "
            "délégué, non un président.",
            field=field,
        )


@judges(sitting.ClerksNamed)
def clerks(reader: Reader, event: sitting.ClerksNamed, state: State) -> None:
    """One secretary or several, each once, among the members (art. L2121-15)."""
    if not event.clerks:
        reader.note(
            "sans_secretaire",
            "Désignez au moins un secrétaire de séance.",
            field="clerks",
            article=CLERKS,
        )
    if len(set(event.clerks)) < len(event.clerks):
        reader.note(
            "secretaire_en_double",
            "La même personne est désignée deux fois secrétaire.",
            field="clerks",
        )
    for key in event.clerks:
        if key not in reader.composition:
            reader.note(
                "secretaire_etranger",
                f"{reader.name(key)} n’est pas membre de l’assemblée : le secrétaire est nommé "
                "parmi ses membres.",
                field="clerks",
                subject=key,
                article=CLERKS,
                remedy="Si les statuts l’admettent, inscrivez cette personne à la composition avec "
                "voix consultative."
                if reader.regime.by_statutes
                else "Un agent peut l’assister comme auxiliaire, sans prendre part aux débats.",
            )
        elif not reader.composition[key].deliberates:
            reader.note(
                "secretaire_sans_voix",
                f"{reader.name(key)} n’a que voix consultative : le secrétaire est nommé parmi les "
                "membres de l’assemblée.",
                field="clerks",
                subject=key,
                article=CLERKS,
                remedy="Désignez un membre qui délibère ; un autre peut l’assister comme "
                "auxiliaire.",
                severity=Severity.WARNING if reader.regime.by_statutes else reader.soft,
            )
        elif key in state.vacant:
            reader.warn(
                "secretaire_hors_fonction",
                f"{reader.name(key)}, secrétaire de séance, n’est pas en fonction.",
                field="clerks",
                subject=key,
                article=CLERKS,
                remedy="Désignez un membre en fonction, ou notez d’abord son installation.",
            )
        elif key == state.presiding:
            reader.warn(
                "president_secretaire",
                f"{reader.name(key)} préside et tient le secrétariat.",
                field="clerks",
                subject=key,
                article=CLERKS,
                remedy="Désignez un autre membre.",
            )
        elif state.is_open and key not in state.room:
            reader.warn(
                "secretaire_absent",
                f"{reader.name(key)}, secrétaire de séance, n’est pas dans la salle.",
                field="clerks",
                subject=key,
                article=CLERKS,
            )
        elif state.is_open and key not in state.attending:
            reader.warn(
                "secretaire_sans_siege",
                f"{reader.name(key)} est {reader.agreed(key, 'suppléant')} et n’occupe aucun "
                "siège : le secrétaire est nommé parmi ceux qui siègent.",
                field="clerks",
                subject=key,
                article=CLERKS,
                remedy="Notez le siège occupé, ou désignez un autre membre.",
            )
