"""Ballots and elections: who may vote, on what, how, and with which quorum."""

from collections.abc import Iterable

from law import ballots, elections, french, sitting, voting
from law.assembly import Capacity
from law.ballots import Ballot, Mode
from law.checks import guard
from law.checks.items import GONE
from law.checks.people import CONFLICT
from law.checks.reader import Reader, judges
from law.elections import NOMINATION
from law.findings import Severity
from law.regime import article_of
from law.sitting import State


@judges(sitting.BallotHeld)
def ballot(reader: Reader, event: sitting.BallotHeld, state: State) -> None:
    """A question is voted once, by those who may vote, as it was asked for (art. L2121-20,
    L2121-21)."""
    ballot = event.ballot
    guard.act(reader, ballot.item, state, by_accounts=ballot.majority.unless_against)
    if (ballot.item, ballot.question) in reader.asked:
        what = f"« {ballot.question} »" if ballot.question else "ce point"
        reader.note(
            "deja_vote",
            f"Un scrutin a déjà été enregistré sur {what}.",
            field="question",
            article=guard.MAJORITY,
            remedy="Annulez-le pour le corriger, ou précisez quelle autre question a été "
            "mise aux voix.",
        )
    reader.asked.add((ballot.item, ballot.question))
    reader.settled.add(ballot.item)
    if not ballot.question:
        guard.named(reader, ballot.item, ballot.mode, "mode")
        adopted = voting.of(ballot, state, reader.regime).adopted
        guard.agrees(reader, adopted, reader.opinions.get(ballot.item), field="item")
        reader.adopted[ballot.item] = adopted
        if ballot.item in reader.withdrawn:
            _gone(reader)
    elif _names(reader, ballot.item):
        _asked_beside(reader, ballot)
    if not 0 < ballot.majority.fraction <= 1:
        reader.note(
            "majorite_invalide",
            "La majorité est une fraction plus grande que 0 et qui ne dépasse pas 1.",
            field="majority",
        )
    elif not ballot.majority.article:
        reader.note(
            "majorite_sans_texte",
            "Aucun texte ne fonde cette majorité.",
            field="majority",
            article=guard.MAJORITY,
            remedy="Choisissez la majorité ordinaire, ou citez l’article ou la clause des statuts.",
            severity=reader.soft,
        )
    if ballot.is_counted:
        _choices(reader, ballot, state)
        _counts(reader, ballot, state)
    else:
        _uncounted(reader, ballot)
    _mode(reader, ballot, state)
    if ballot.majority == ballots.statutes_majority(reader.regime):
        guard.common_interest(reader, state, "La modification des statuts intéresse")
        _in_heads(reader, ballot, state)
    if ballot.item in reader.docket.accounts and not ballot.question:
        _at_their_majority(reader, ballot)
    if ballot.mode is not Mode.PUBLIC:
        guard.distance(reader, state, "mode")


def _in_heads(reader: Reader, ballot: Ballot, state: State) -> None:
    """Two thirds « of the members » (art. L5721-2-1) are not those of their votes where some have
    more than others: which is meant is asked, unless both decide the same, or the rules say that
    the statutes count votes."""
    rules = reader.regime
    by_members = rules.statutes_majority_base == ballots.Base.COMPOSING
    if not (by_members and state.composition.is_weighted and ballot.is_counted):
        return
    members = len(state.in_office)
    needed = -int(-members * rules.statutes_majority_fraction // 1)
    heads = ballots.heads_for(ballot, state.voices)
    adopted = voting.of(ballot, state, rules).adopted
    if heads is not None and adopted is (heads >= needed):
        return
    won = "acquise" if adopted else "refusée"
    told = "le nombre de membres pour n’est pas connu" if heads is None else f"{heads} sont pour"
    reader.warn(
        "statuts_tetes_ou_voix",
        f"La modification des statuts est {won} en voix ; la loi demande {needed} des {members} "
        f"membres, et {told}.",
        field="majority",
        article=article_of(rules, "statutes_majority_fraction", "statutes_majority_base"),
        remedy="Si les statuts comptent les voix, dites-le dans les règles de l’instance (« les "
        "voix des membres composant l’assemblée ») et citez-les\u00a0; sinon, ce "
        "sont les membres qui décident, et un scrutin public les nomme.",
    )


@judges(sitting.ElectionHeld)
def election(reader: Reader, event: sitting.ElectionHeld, state: State) -> None:
    """The figures of an election add up, and no vote is missing from it (art. L2121-21)."""
    election = event.election
    guard.act(reader, election.item, state)
    # The rounds told before had their own voters.
    which = election.item, election.key, election.title
    before = reader.rounds.get(which)
    begun = len(before.rounds) if before and election.continues(before) else 0
    if (before and not begun) or (election.item, "") in reader.asked:
        what = "Cette élection" if before else "Un vote"
        reader.note(
            "deja_vote",
            f"{what} a déjà été enregistré{'e' if before else ''} sur ce point.",
            field="title",
            article=NOMINATION,
            remedy="Annulez-le pour le corriger, ou précisez l’autre fonction à pourvoir.",
        )
    reader.rounds[which] = election
    reader.settled.add(election.item)
    if election.item in reader.withdrawn:
        _gone(reader)
    _secrecy(reader, election, state)
    imposed = election.secrecy is elections.Secrecy.IMPOSED
    gives_office = imposed and elections.office_of(election) != ""
    is_waived = election.secrecy is elections.Secrecy.WAIVED
    guard.as_asked(reader, Mode.ORDINARY if is_waived else Mode.SECRET, state)
    if election.item in reader.docket.executive:
        _executive(reader, election)
    elif gives_office:
        reader.warn(
            "executif_hors_nature",
            f"Ce point n’a pas la nature « élection du président ou du bureau », et qui y est élu "
            f"« {election.title} » prendrait cette fonction dans l’assemblée même.",
            field="secrecy",
            article=guard.EXECUTIVE,
            remedy="Donnez-lui cette nature ; ou, s’il élit dans une commission ou un autre "
            "organisme, dites-le dans le titre, ou « au scrutin secret » sans plus.",
        )
    if election.item in reader.docket.tenders:
        title = reader.titles.get(election.item, election.title)
        for fault in elections.faults_of_tenders(election, reader.regime.form, title=title):
            reader.warn(
                fault.code,
                fault.message,
                field=fault.field,
                article=fault.article,
                remedy=fault.remedy,
            )
    if imposed or election.item in reader.docket.executive:
        _under_the_eldest(reader, election, state)
        _complete(reader, election)
    if election.rounds and election.secrecy is not elections.Secrecy.WAIVED:
        guard.distance(reader, state, "secrecy")
    voices = sum(voice.weight for voice in state.voices)
    for finding in elections.objections(
        election, voices=voices, composition=reader.composition, begun=begun
    ):
        reader.note(
            finding.code,
            finding.message,
            field=finding.field,
            subject=finding.message,  # the same objection may be made of two rounds
            article=finding.article,
            remedy=finding.remedy,
            severity=finding.severity,
        )
    if gives_office:
        guard.common_interest(reader, state, "L’élection de l’exécutif intéresse")
    for teller in election.tellers:
        reader.is_member(teller, "tellers")


def _at_their_majority(reader: Reader, ballot: Ballot) -> None:
    if not ballot.majority.unless_against:
        reader.warn(
            "comptes_majorite_ordinaire",
            "Les comptes sont adoptés tant qu’une majorité ne s’y oppose pas : à égalité, ils le "
            "sont.",
            field="majority",
            article="art. L1612-12 du CGCT",
            remedy="Choisissez la majorité des comptes.",
        )


def _gone(reader: Reader) -> None:
    reader.warn(
        "vote_apres_retrait",
        "Ce point est noté comme retiré ou reporté, et pourtant voté.",
        field="item",
        remedy=GONE,
    )


def _executive(reader: Reader, election: elections.Election) -> None:
    """The president, then each vice-president, is elected by a ballot of his own; the list is for
    the communes (art. L2122-7, L2122-7-2; CE, 23 April 2009, n° 319812)."""
    if reader.regime.executive_by_list or not (election.is_by_list or election.seats > 1):
        return
    reader.note(
        "executif_un_par_un",
        "Le président et chaque vice-président s’élisent l’un après l’autre, au scrutin "
        "uninominal.",
        field="method",
        article=article_of(reader.regime, "executive_by_list"),
        remedy="Tenez une élection pour chaque siège.",
        severity=reader.soft,
    )


def _under_the_eldest(reader: Reader, election: elections.Election, state: State) -> None:
    """The eldest member who is there presides the election of the president (art. L2122-8, to
    which L5211-2 sends back); the statutes say it for an open syndicate."""
    if reader.regime.by_statutes or elections.office_of(election) != "president":
        return
    chair, article = state.presiding, "art. L2122-8 du CGCT"
    if chair not in state.room:
        return  # it is told that nobody presides, or somebody who is not there
    who, age = reader.name(chair), reader.composition.someone(chair).born_on
    there = [member for member in state.in_office if member.key in state.room]
    ages = {member.key: member.born_on for member in there if member.born_on}
    eldest = reader.composition[min(ages, key=ages.__getitem__)] if ages else None
    if eldest and age and ages[eldest.key] < age:
        reader.warn(
            "aine_ne_preside_pas",
            f"{who} préside l’élection du président, et {eldest.name} est plus âgé"
            f"{'e' if eldest.is_feminine else ''} : le plus âgé des membres présents la préside.",
            article=article,
            remedy=f"Notez {french.elide('que', eldest.name)} prend la présidence pour ce point.",
        )
    elif age is None or len(ages) < len(there):
        reader.warn(
            "age_inconnu",
            "Le plus âgé des membres présents préside l’élection du président, et rien ne dit ici "
            f"que c’est {who}.",
            article=article,
            remedy="Vérifiez-le, ou donnez les dates qui manquent (la composition de l’instance, "
            "« Dates de naissance »), puis « Reprendre la composition actuelle » à la page des "
            "présences ; si c’est un autre membre, notez qu’il prend la présidence pour ce point.",
        )


def _complete(reader: Reader, election: elections.Election) -> None:
    """An assembly is completed before it is convened to elect its president; what falls vacant
    since does not stop it (art. L2122-8, to which L5211-2 sends back)."""
    vacancies = reader.composition.vacancies
    if reader.regime.by_statutes or elections.office_of(election) != "president" or not vacancies:
        return
    seats = french.count(vacancies, "siège vacant", "sièges vacants")
    reader.warn(
        "assemblee_incomplete",
        f"{seats} : l’assemblée se complète avant d’élire son président.",
        article="art. L2122-8 du CGCT",
        remedy="Vérifiez que la vacance est née depuis la convocation, ou qui représente de "
        "droit la collectivité dont un siège n’est pas pourvu.",
    )


def _asked_beside(reader: Reader, ballot: Ballot) -> None:
    """A question on an item that names somebody may be another one, such as how many
    vice-presidents there are; it elects nobody (art. L2121-21, L2122-7)."""
    is_executive = ballot.item in reader.docket.executive
    if ballot.mode is Mode.SECRET and not is_executive:
        return
    reader.warn(
        "question_sur_une_election",
        "Cette question se vote sur un point qui élit ou désigne quelqu’un : personne ne peut "
        "l’être par ce vote.",
        field="question",
        article=guard.EXECUTIVE if is_executive else NOMINATION,
        remedy="Si elle nomme quelqu’un, tenez l’élection au scrutin secret ; sinon, rien n’est à "
        "changer.",
    )


def _secrecy(reader: Reader, election: elections.Election, state: State) -> None:
    """Secrecy is waived by everybody's vote, and never for the executive, whose members are
    chosen in the assembly."""
    is_executive = election.item in reader.docket.executive
    if is_executive and election.method is elections.Method.UNOPPOSED:
        guard.secret(reader, "method")
    if election.secrecy is elections.Secrecy.WAIVED:
        if is_executive:
            guard.secret(reader, "secrecy")
        elif election.opposed is None:
            reader.warn(
                "levee_sans_vote",
                "La levée du secret est dite sans le vote unanime qui la décide.",
                field="opposed",
                article=NOMINATION,
                remedy="Notez combien ne l’ont pas voulue : personne, si elle est unanime.",
            )
        elif election.opposed:
            reader.of_code(
                "secret_non_leve",
                "Le secret n’est levé qu’à l’unanimité.",
                field="opposed",
                article=NOMINATION,
                remedy="Tenez l’élection au scrutin secret.",
            )
    if not is_executive:
        return
    named = {key for each in election.lists for key in each.candidates}
    named.update(each.key for each in election.candidates)
    rounds = () if election.is_by_list else election.rounds
    last = _had_votes(rounds[-1:])
    # Whoever had votes in an earlier round may have left his seat since.
    ever = _had_votes(rounds)
    titulars = {member.key for member in reader.composition.titulars}
    in_office = {member.key for member in state.in_office}
    for key in sorted(named | ever):
        if key not in (titulars if key in ever - last else in_office):
            reader.note(
                "candidat_etranger",
                f"{reader.name(key)} n’est pas membre titulaire de l’assemblée et ne peut pas y "
                f"être {reader.agreed(key, 'élu')}.",
                field="candidates",
                subject=key,
                article=guard.EXECUTIVE,
                remedy="Vérifiez le nom, ou la nature de ce point.",
                severity=reader.soft,
            )


def _had_votes(rounds: Iterable[elections.Round]) -> set[str]:
    return {key for each in rounds for key, votes in each.votes.items() if votes}


def _mode(reader: Reader, ballot: Ballot, state: State) -> None:
    """A secret ballot is asked for by enough members; nobody else imposes it (art. L2121-21; CE,
    5 July 2018, n° 412721). A reason that is given is told, and does not make it lawful."""
    imposed = voting.imposed_mode(state, reader.regime)
    if ballot.mode is Mode.SECRET and imposed is None and not _names(reader, ballot.item):
        present = len(state.sitting)
        needed = ballots.requesters(Mode.SECRET, present, reader.regime)
        reader.note(
            "secret_sans_demande",
            f"Le scrutin secret se tient à la demande de {needed} des {present} membres présents"
            + (
                f" ; il est tenu pour un autre motif : « {ballot.reason.strip()} »."
                if ballot.reason.strip()
                else ", et personne ne l’a demandé en nombre suffisant."
            ),
            field="reason",
            article=article_of(reader.regime, "secret_ballot_fraction"),
            remedy="Vérifiez que ce texte le veut, ou notez qui le demande."
            if ballot.reason.strip()
            else "Notez qui le demande, ou la clause des statuts qui le veut.",
            severity=Severity.WARNING if ballot.reason.strip() else reader.soft,
        )
    guard.as_asked(reader, ballot.mode, state, is_certain=not ballot.question)


def _names(reader: Reader, item: str) -> bool:
    return item in reader.docket.nominations or item in reader.docket.executive


def _choices(reader: Reader, ballot: Ballot, state: State) -> None:
    """Whoever is named must have a vote; a secret ballot names nobody."""
    if ballot.mode is Mode.SECRET and ballot.choices:
        reader.note(
            "secret_nominatif",
            "Un scrutin secret ne nomme personne : n’en saisissez que les totaux.",
            field="choices",
            article=NOMINATION,
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
                article=_why_no_voice_article(reader, key, state),
                remedy="Corrigez ce nom, ou qui est présent et représenté à ce moment.",
            )
    if ballot.mode is Mode.PUBLIC and (silent := seats - ballot.choices.keys()):
        names = ", ".join(each.name for each in reader.composition.by_name if each.key in silent)
        reader.warn(
            "public_incomplet",
            f"Vote non indiqué, compté comme ne prenant pas part : {names}.",
            field="choices",
            article=NOMINATION,
        )


def _uncounted(reader: Reader, ballot: Ballot) -> None:
    """A result told without its figures: only of a past show of hands, and it has none."""
    if ballot.choices or ballot.counts or ballot.mode is not Mode.ORDINARY:
        reader.note(
            "sans_decompte_chiffre",
            "Un vote dont les voix n’ont pas été comptées n’a ni chiffres, ni noms, et se tient à "
            "main levée.",
            field="is_counted",
            remedy="Donnez toutes les voix, ou le seul résultat.",
        )
    elif not reader.retrospective:
        reader.note(
            "sans_decompte",
            "En séance, les voix se comptent.",
            field="is_counted",
            remedy="Notez qui vote contre ou s’abstient.",
        )
    elif ballots.is_special(ballot.majority):
        reader.warn(
            "majorite_sans_decompte",
            f"La {ballot.majority.named} se prouve par un décompte, et celui-ci manque.",
            field="is_counted",
            article=ballot.majority.article,
            remedy="Donnez les voix, si quelqu’un les a comptées.",
        )


def _why_no_voice(reader: Reader, key: str, state: State) -> str:
    who = reader.name(key)
    if key not in reader.composition:
        return f"{who} ne fait pas partie de la composition de l’assemblée."
    member = reader.composition[key]
    if not member.deliberates:
        return f"{who} n’a que voix consultative et ne vote pas."
    if key in state.recused or state.occupants.get(key) in state.recused:
        return f"{who} ne prend pas part à ce point et ne vote pas."
    if not state.concerns(key) and member.capacity is Capacity.TITULAR:
        return f"{who} n’est pas au nombre des délégués concernés par ce point."
    if member.capacity is Capacity.SUBSTITUTE:
        titular = state.seats.get(key, "")
        if state.occupants.get(titular) == key:
            seat = french.contract("de", reader.name(titular))
            return f"{who} vote pour le siège {seat} : nommez ce siège."
        return f"{who} est {member.agreed('suppléant')} et n’occupe aucun siège à ce point."
    proxy = state.proxies.get(key)
    if proxy is not None:
        return (
            f"{who} est {member.agreed('absent')} à ce point, et {reader.name(proxy.holder)}, qui "
            "porte son pouvoir, ne vote pas."
        )
    if key in state.vacant:
        return f"{who} n’est pas ou plus en fonction à ce point et ne vote pas."
    present, represented = member.agreed("présent"), member.agreed("représenté")
    return f"{who} n’est ni {present} ni {represented} à ce point."


def _why_no_voice_article(reader: Reader, key: str, state: State) -> str:
    if key in state.recused or state.occupants.get(key) in state.recused:
        ground = state.recused.get(key) or state.recused[state.occupants[key]]
        return guard.ACCOUNTS if ground is sitting.Ground.ACCOUNTS else CONFLICT
    if key in reader.composition and not state.concerns(key):
        return guard.partial_article(reader)
    return guard.MAJORITY


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
            article=guard.MAJORITY,
            remedy="Enregistrez d’abord les présents.",
        )
        return
    counted = sum(ballot.counts.values())
    if ballot.mode is Mode.PUBLIC and counted:
        reader.note(
            "public_anonyme",
            "Un scrutin public nomme tous les votants : il n’a pas de voix sans nom.",
            field="counts",
            article=NOMINATION,
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
            article=guard.MAJORITY,
            remedy="Vérifiez les présents, les pouvoirs et les retraits à ce point.",
        )
