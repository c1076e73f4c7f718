"""What deserves a look in a whole story before its minutes are signed."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from law import french, quorum, sitting, voting
from law.checks.people import CLERKS, CONFLICT
from law.findings import Finding, Severity
from law.regime import Regime, article_of
from law.sitting import Ground, Sitting


def of(
    story: Sitting,
    regime: Regime,
    *,
    second_call: bool = False,
    titles: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """What deserves a look before the minutes are signed: warnings over the whole story.

    `titles` joins the key of an item to what it prints; without it, the key is told.
    """
    titles = titles or {}
    return (
        *_review_mentions(story),
        *_review_quorum(story, regime, second_call, titles),
        *_review_absentees(story, regime),
        *_review_ballots(story, regime, titles),
    )


def _look(code: str, message: str, article: str = "", remedy: str = "") -> Finding:
    return Finding(
        code=code, message=message, article=article, remedy=remedy, severity=Severity.WARNING
    )


def _name(story: Sitting, key: str) -> str:
    return story.composition[key].name if key in story.composition else f"« {key} »"


def _review_mentions(story: Sitting) -> Iterator[Finding]:
    """What minutes must say: hours, chair, clerks; and what was begun and not ended."""
    end = story.at_end
    if end.opened_at is None:
        yield _look("sans_ouverture", "L’heure d’ouverture n’est pas notée.", CLERKS)
    if not end.chair:
        yield _look("sans_president", "Qui préside la séance n’est pas noté.", CLERKS)
    if not end.clerks:
        yield _look(
            "sans_secretaire",
            "Aucun secrétaire de séance n’est désigné : il signe le procès-verbal.",
            CLERKS,
        )
    elif end.chair in end.clerks:
        yield _look(
            "president_secretaire",
            f"{_name(story, end.chair)} préside et tient le secrétariat.",
            CLERKS,
        )
    if end.closed_at is None:
        yield _look("sans_levee", "L’heure de levée n’est pas notée.", CLERKS)
    if end.suspended:
        yield _look("sans_reprise", "La séance est suspendue et n’a pas repris.")
    if end.doors_closed:
        yield _look("huis_clos_ouvert", "Le huis clos n’a pas été levé.")


def _review_quorum(
    story: Sitting, regime: Regime, second_call: bool, titles: Mapping[str, str]
) -> Iterator[Finding]:
    opening = quorum.of(story.at_opening, regime, second_call=second_call)
    if not opening.reached:
        yield _look(
            "quorum_ouverture",
            f"Le quorum n’est pas atteint à l’ouverture. {opening}.",
            opening.article,
        )
    voted = {event.ballot.item for event in story.of_kind(sitting.BallotHeld)}
    for item, state in story.at_item.items():
        now = quorum.of(state, regime, second_call=second_call)
        if item in voted and not now.reached:
            yield _look(
                "quorum",
                f"Point « {titles.get(item, item)} » voté sans quorum. {now}.",
                now.article,
            )


def beyond_first_call(
    story: Sitting, regime: Regime, *, titles: Mapping[str, str], first: Collection[str]
) -> tuple[Finding, ...]:
    """Points of a second call voted without a quorum, that the first sitting did not hold.

    The dispensation is only for the questions of the first agenda (art. L2121-17). Two agendas
    are compared by their `titles`, spaces and capitals aside, so this is a doubt, not a refusal.
    """
    known = {_bare(title) for title in first}
    decided = {
        sitting.anchor(event): event
        for event in story.events
        if isinstance(event, sitting.BallotHeld | sitting.ElectionHeld)
    }
    found = []
    for item, state in story.at_item.items():
        title = titles.get(item, item)
        if item not in decided or _bare(title) in known:
            continue
        ordinary = quorum.of(state, regime)
        if not ordinary.reached:
            found.append(
                _look(
                    "hors_premier_ordre_du_jour",
                    f"Le point « {title} » n’était pas à l’ordre du jour de la première séance : "
                    f"la dispense de quorum ne lui profite pas. {ordinary}.",
                    article_of(regime, "reconvene_clear_days"),
                    "Reportez-le, ou vérifiez que c’est le même point sous un autre intitulé.",
                )
            )
    return tuple(found)


def _bare(title: str) -> str:
    return " ".join(title.casefold().split())


def _review_absentees(story: Sitting, regime: Regime) -> Iterator[Finding]:
    """Proxies and substitutes that served nobody; proxies beyond what one holder may carry."""
    came = {event.member for event in story.of_kind(sitting.Arrived)}
    article = article_of(regime, "proxies_allowed", "proxies_per_holder")
    for proxy in story.of_kind(sitting.ProxyGiven):
        if proxy.holder not in came:
            yield _look(
                "pouvoir_sans_effet",
                f"Le pouvoir de {_name(story, proxy.giver)} est resté sans effet : "
                f"{_name(story, proxy.holder)} n’est pas venu.",
                article,
            )
    for seat in story.of_kind(sitting.SeatTaken):
        if seat.substitute not in came:
            yield _look(
                "suppleant_absent",
                f"{_name(story, seat.substitute)} devait siéger pour "
                f"{_name(story, seat.titular)} et n’est pas venu.",
            )
    overloaded: dict[str, int] = {}
    for state in story.at_item.values():
        for holder, carried in Counter(state.living_proxies.values()).items():
            if carried > regime.proxies_per_holder:
                overloaded[holder] = max(carried, overloaded.get(holder, 0))
    for holder, carried in overloaded.items():
        yield _look(
            "porteur_charge",
            f"{_name(story, holder)} porte {french.count(carried, 'pouvoir')} au même point ; un "
            f"membre en porte au plus {regime.proxies_per_holder}.",
            article,
        )


def _review_ballots(story: Sitting, regime: Regime, titles: Mapping[str, str]) -> Iterator[Finding]:
    for event in story.of_kind(sitting.BallotHeld):
        state, ballot = story.at_ballot[event.seq], event.ballot
        item = titles.get(ballot.item, ballot.item)
        chair = state.presiding
        if chair and chair in state.recused:
            yield _look(
                "president_retire",
                f"{_name(story, chair)} s’est retiré du point « {item} » et le préside.",
                "art. L2121-14 du CGCT" if state.recused[chair] is Ground.ACCOUNTS else CONFLICT,
                "Notez qui a pris la présidence pour ce point.",
            )
        elif chair and chair not in state.room:
            yield _look(
                "president_absent",
                f"{_name(story, chair)} n’est pas dans la salle au vote du point « {item} ».",
                remedy="Notez qui a pris la présidence.",
            )
        outcome = voting.of(ballot, state, regime)
        tally = outcome.tally
        if tally.for_ == tally.against > 0 and not outcome.casting_vote_of:
            yield _look("partage", f"Point « {item} » : {outcome.because}")
