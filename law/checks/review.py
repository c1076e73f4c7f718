"""What deserves a look in a whole story before its minutes are signed."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from law import french, quorum, sitting, voting
from law.checks.judgement import Judgement
from law.checks.people import CLERKS
from law.findings import Finding, Severity
from law.regime import Regime, article_of, cited
from law.sitting import Sitting


def of(judged: Judgement, titles: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    """What deserves a look before the minutes are signed: what was said of each line when it was
    told, and what only the whole story shows; all of it warnings.

    `titles` joins the key of an item to what it prints; without it, the key is told.
    """
    story, rules, titles = judged.story, judged.regime, titles or {}
    found = (
        *_review_mentions(story),
        *_review_opening(judged),
        *_review_absentees(story, rules),
        *_review_lines(judged, titles),
        *_review_ties(story, rules, titles),
    )
    return tuple(replace(each, article=cited(rules, each.article)) for each in found)


def _look(code: str, message: str, article: str = "") -> Finding:
    return Finding(code=code, message=message, article=article, severity=Severity.WARNING)


def _name(story: Sitting, key: str) -> str:
    return story.composition.someone(key).name


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
    if end.closed_at is None:
        yield _look("sans_levee", "L’heure de levée n’est pas notée.", CLERKS)
    if end.suspended:
        yield _look("sans_reprise", "La séance est suspendue et n’a pas repris.")
    if end.doors_closed:
        yield _look("huis_clos_ouvert", "Le huis clos n’a pas été levé.")


def _review_opening(judged: Judgement) -> Iterator[Finding]:
    opening = quorum.of(
        judged.story.at_opening, judged.regime, second_call=judged.docket.dispenses()
    )
    if not opening.reached:
        yield _look(
            "quorum_ouverture",
            f"Le quorum n’est pas atteint à l’ouverture. {opening}.",
            opening.article,
        )


def _review_lines(judged: Judgement, titles: Mapping[str, str]) -> Iterator[Finding]:
    """What is said of the standing lines, each with its item."""
    items = {event.seq: sitting.anchor(event) for event in judged.story.events}
    for seq, finding in judged.findings:
        if finding.code == "points_sans_suite":
            continue  # an information may remain so; what awaits a decision is told apart
        item = items.get(seq)
        where = f"Point « {titles.get(item, item)} » : " if item else ""
        yield replace(
            finding, message=f"{where}{finding.message}", severity=Severity.WARNING, field=""
        )


def _review_absentees(story: Sitting, regime: Regime) -> Iterator[Finding]:
    """Proxies and substitutes that served nobody."""
    came = {event.member for event in story.of_kind(sitting.Arrived)}
    article = article_of(regime, "proxies_allowed", "proxies_per_holder")
    for proxy in story.of_kind(sitting.ProxyGiven):
        if proxy.holder and proxy.holder not in came:
            yield _look(
                "pouvoir_sans_effet",
                f"Le pouvoir {french.contract('de', _name(story, proxy.giver))} est resté "
                f"sans effet : "
                f"{_name(story, proxy.holder)} n’a pas siégé.",
                article,
            )
    for seat in story.of_kind(sitting.SeatTaken):
        if seat.substitute not in came:
            yield _look(
                "suppleant_absent",
                f"{_name(story, seat.substitute)} devait siéger pour "
                f"{_name(story, seat.titular)} et n’a pas siégé.",
            )


def _review_ties(story: Sitting, regime: Regime, titles: Mapping[str, str]) -> Iterator[Finding]:
    for event in story.of_kind(sitting.BallotHeld):
        ballot = event.ballot
        outcome = voting.of(ballot, story.at_ballot[event.seq], regime)
        tally = outcome.tally
        if tally.for_ == tally.against > 0 and not outcome.casting_vote_of:
            item = titles.get(ballot.item, ballot.item)
            yield _look("partage", f"Point « {item} » : {outcome.because}")
