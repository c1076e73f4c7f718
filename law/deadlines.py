"""Time limits: clear days of notice, second call, publications, when an act binds.

A clear day (`jour franc`) is a whole calendar day: neither the day of dispatch nor the day of
the sitting counts, Saturdays, Sundays and holidays do, and the period is not extended when it
contains or ends on one (art. 642 of the code of civil procedure does not apply; CE 13 October
1993). Days are those of Paris, whatever the hour: a message sent at 0 h 03 was sent that day.
"""

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from law import french, holidays
from law.findings import Finding, Severity
from law.regime import Regime, article_of, budgetary

# Lists within the week, minutes adopted, signed and published: the law asks since that day
# (ordonnance n° 2021-1310 du 7 octobre 2021, art. 40).
PUBLICITY_SINCE = date(2022, 7, 1)
SHORTENED_SECOND_CALL = "CE, 16 juin 1997, n° 142691"
FIELD = "convened_on"


def day_of(moment: date | datetime) -> date:
    """The day of a moment in Paris; a naive moment is already the clock of Paris."""
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is not None:
        moment = moment.astimezone(ZoneInfo("Europe/Paris"))
    return moment.date()


# --- Clear days -----------------------------------------------------------------------------


def clear_days_between(sent: date | datetime, sitting: date | datetime) -> int:
    """Whole days strictly between two days; negative when the sitting is not after dispatch."""
    return (day_of(sitting) - day_of(sent)).days - 1


def earliest_sitting(sent: date | datetime, clear_days: int) -> date:
    """The first day on which a sitting may be held after this dispatch."""
    return day_of(sent) + timedelta(days=clear_days + 1)


def latest_dispatch(sitting: date | datetime, clear_days: int) -> date:
    """The last day on which a convocation may leave for this sitting."""
    return day_of(sitting) - timedelta(days=clear_days + 1)


# --- Notice ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One line of the count: a day, what it is, whether it counts, the holiday it is."""

    on: date
    label: str
    counted: bool
    holiday: str = ""

    def __str__(self) -> str:
        name = f" ({self.holiday})" if self.holiday else ""
        return french.sentence(f"{french.long_date(self.on, weekday=True)}{name} : {self.label}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A convocation measured against its sitting, day by day.

    `required` is the notice that applies to it, `ordinary` what it would be without urgency.
    `urgent` says that it stands on urgency, not merely that urgency was invoked. `findings` says
    what is wrong or deserves a look.
    """

    sent: date | None
    sitting: date
    required: int
    ordinary: int
    urgent: bool = False
    second_call: bool = False
    urgency_vote: bool = False
    days: tuple[Day, ...] = ()
    article: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def clear_days(self) -> int:
        """Clear days given; 0 when nothing was sent in time to give any."""
        return max(0, clear_days_between(self.sent, self.sitting)) if self.sent else 0

    @property
    def latest_dispatch(self) -> date:
        """The last day to send for this sitting."""
        return latest_dispatch(self.sitting, self.required)

    @property
    def earliest_sitting(self) -> date | None:
        """The first day a sitting sent that day may be held; `None` while nothing was sent."""
        return earliest_sitting(self.sent, self.required) if self.sent else None

    @property
    def regular(self) -> bool:
        """Nothing forbids holding the sitting on this convocation; warnings may remain."""
        return all(finding.severity is not Severity.REFUSAL for finding in self.findings)

    @property
    def needs_urgency_vote(self) -> bool:
        """Whether the sitting must open with a vote on the urgency (art. L2121-12)."""
        return self.urgent and self.urgency_vote

    @property
    def lifts_quorum(self) -> bool:
        """Whether this convocation dispenses with the quorum (art. L2121-17)."""
        return self.second_call and self.regular

    def __str__(self) -> str:
        if self.sent is None:
            return "Convocation non envoyée."
        return french.sentence(
            f"convocation envoyée le {french.long_date(self.sent)} pour le "
            f"{french.long_date(self.sitting)} : {french.count(self.clear_days, 'jour franc')}, "
            f"{french.count(self.required, 'demandé')}"
        )


def assess_notice(
    sent: date | datetime | None,
    sitting: date | datetime,
    regime: Regime,
    *,
    urgent: bool = False,
    failed_on: date | None = None,
    first_was_regular: bool = True,
) -> Notice:
    """Measure one convocation, as sent to one member, against the notice the rules give him.

    `urgent`: the chair invokes urgency. `failed_on`: day of the sitting that lacked its quorum,
    of which this one is the second call. `first_was_regular`: that one was convened in time.

    A second call shortened by urgency is a new convocation: the quorum is due again (CE 1997). So
    is one that follows an irregular convocation (art. L2121-17).
    """
    sent_on = None if sent is None else day_of(sent)
    held_on = day_of(sitting)
    given = None if sent_on is None else clear_days_between(sent_on, held_on)
    demoted = (
        failed_on is not None
        and urgent
        and given is not None
        and given < regime.reconvene_clear_days
    )
    second_call = failed_on is not None and first_was_regular and not demoted
    ordinary = regime.reconvene_clear_days if second_call else regime.notice_clear_days
    shortened = urgent and not second_call and given is not None and given < ordinary
    key = "reconvene_clear_days" if second_call else "notice_clear_days"
    notice = Notice(
        sent=sent_on,
        sitting=held_on,
        required=min(regime.urgent_clear_days, ordinary) if shortened else ordinary,
        ordinary=ordinary,
        urgent=shortened,
        second_call=second_call,
        urgency_vote=regime.urgency_vote,
        days=_day_by_day(sent_on, held_on, alsace_moselle=regime.alsace_moselle),
        article=article_of(regime, "urgent_clear_days" if shortened else key),
    )
    findings = [
        *_timing(notice, regime),
        *_second_call(notice, regime, failed_on, first_was_regular=first_was_regular),
    ]
    if not findings:
        findings = [*_holidays(notice)]
    return replace(notice, findings=tuple(findings))


def oral_questions_due(held_on: date, regime: Regime) -> date | None:
    """The last day on which an oral question is handed in for a sitting, `None` where the rules
    of the body do not say (art. L2121-19)."""
    days = regime.oral_questions_clear_days
    return latest_dispatch(held_on, days) if days else None


def announced_second_call(on: date, first: date, regime: Regime) -> tuple[Finding, ...]:
    """What forbids to announce, with the convocation of a `first` sitting, the day `on` which it
    would be called again if its quorum were missing: the second convocation leaves that very day
    at the earliest, and has its own notice (art. L2121-17)."""
    earliest = earliest_sitting(first, regime.reconvene_clear_days)
    if on >= earliest:
        return ()
    days = french.count(regime.reconvene_clear_days, "jour franc")
    return (
        Finding(
            code="seconde_seance_trop_tot",
            message=f"La seconde séance annoncée pour le {french.long_date(on)} ne laisse pas "
            f"{days} après celle du {french.long_date(first)} : sa convocation ne peut partir "
            "avant que le quorum ait manqué.",
            article=article_of(regime, "reconvene_clear_days"),
            remedy=f"Annoncez-la pour le {french.long_date(earliest)} au plus tôt.",
            field="second_call_on",
        ),
    )


_LONGEST = 100  # days of a notice that anybody counts one by one, holidays in hand


def _day_by_day(sent: date | None, sitting: date, *, alsace_moselle: bool) -> tuple[Day, ...]:
    """None of a notice so long that no holiday matters: it may be a century, by a slip."""
    if sent is None or not 0 <= (sitting - sent).days <= _LONGEST:
        return ()
    days = []
    for offset in range((sitting - sent).days + 1):
        on = sent + timedelta(days=offset)
        if on == sitting:
            label = "jour de la séance, non compté"
        elif on == sent:
            label = "jour de l’envoi, non compté"
        else:
            label = f"{french.ordinal(offset)} jour franc"
        days.append(
            Day(
                on=on,
                label=label,
                counted=sent < on < sitting,
                holiday=holidays.name_of(on, alsace_moselle=alsace_moselle),
            )
        )
    return tuple(days)


def _timing(notice: Notice, regime: Regime) -> Iterator[Finding]:
    """Whether the convocation left in time."""
    latest = f"au plus tard le {french.long_date(notice.latest_dispatch)}"
    if notice.sent is None:
        yield Finding(
            code="convocation_non_envoyee",
            message="La convocation n’est pas partie.",
            article=notice.article,
            remedy=f"Elle doit être envoyée {latest}.",
            field=FIELD,
        )
    elif notice.sent >= notice.sitting:
        when = "après" if notice.sent > notice.sitting else "le jour de"
        yield Finding(
            code="envoi_trop_tardif",
            message=f"Partie {when} la séance, la convocation l’est trop tard.",
            article=notice.article,
            remedy=f"Elle devait être envoyée {latest}.",
            field=FIELD,
        )
    elif notice.clear_days < notice.required:
        remedy = "La séance ne peut se tenir avant le "
        remedy += french.long_date(earliest_sitting(notice.sent, notice.required))
        if not notice.second_call and regime.urgent_clear_days <= notice.clear_days:
            remedy += ", sauf urgence"
        yield Finding(
            code="delai_trop_court",
            message=(
                f"{french.count(notice.clear_days, 'jour franc')} entre l’envoi et la séance, "
                f"il en faut {notice.required}."
            ),
            article=notice.article,
            remedy=f"{remedy}.",
            field=FIELD,
        )
    elif notice.needs_urgency_vote:
        yield Finding(
            code="vote_sur_l_urgence",
            message="Convocation en urgence : l’assemblée doit se prononcer sur l’urgence.",
            article=article_of(regime, "urgency_vote"),
            remedy=(
                "Le président en rend compte dès l’ouverture ; la discussion peut être renvoyée "
                "à une séance ultérieure."
            ),
            field=FIELD,
            severity=Severity.WARNING,
        )


def _second_call(
    notice: Notice, regime: Regime, failed_on: date | None, *, first_was_regular: bool
) -> Iterator[Finding]:
    if failed_on is None:
        return
    if notice.sent is not None and notice.sent < failed_on:
        yield Finding(
            code="seconde_convocation_prematuree",
            message="Une seconde convocation ne peut partir avant la séance où le quorum a manqué.",
            article=notice.article,
            remedy=f"Cette séance s’est tenue le {french.long_date(failed_on)}.",
            field=FIELD,
        )
    if not first_was_regular:
        yield Finding(
            code="premiere_irreguliere",
            message=f"La séance du {french.long_date(failed_on)} n’avait pas été convoquée dans "
            "le délai : ce n’est pas une seconde convocation, et le quorum est de nouveau exigé.",
            article=article_of(regime, "reconvene_clear_days"),
            remedy="Convoquez comme pour une première séance.",
            field=FIELD,
            severity=Severity.WARNING,
        )
    elif not notice.second_call:
        yield Finding(
            code="seconde_convocation_abregee",
            message="Abrégée par l’urgence, ce n’est plus une seconde convocation : le quorum "
            "est de nouveau exigé.",
            article=SHORTENED_SECOND_CALL,
            field=FIELD,
            severity=Severity.WARNING,
        )


def _holidays(notice: Notice) -> Iterator[Finding]:
    """A notice that holds only because holidays count: lawful, yet resting on commentary."""
    off = [day for day in notice.days if day.counted and day.holiday]
    if off and notice.clear_days - len(off) < notice.required:
        named = french.join(f"le {french.day(day.on)} ({day.holiday})" for day in off)
        yield Finding(
            code="jour_ferie_necessaire",
            message=f"Le délai n’est atteint qu’en comptant {named}.",
            article="CE, 13 octobre 1993",
            remedy="C’est régulier ; un envoi plus tôt lève toute discussion.",
            field=FIELD,
            severity=Severity.WARNING,
        )


# --- After the request, after the sitting ---------------------------------------------------


def add_months(on: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    years, month = divmod(on.month - 1 + months, 12)
    last = calendar.monthrange(on.year + years, month + 1)[1]
    return date(on.year + years, month + 1, min(on.day, last))


DEBATE_WEEKS = 10  # under M57 (art. L5217-10-4); two months elsewhere (art. L2312-1)
_DEBATE = {
    "commune": "art. L2312-1 du CGCT",
    "smo": "art. L2312-1 et L5722-1 du CGCT",
}
_IF_ONE_OF_THEM = "Il est dû dès qu’une commune membre a 3 500 habitants. "


def asks_budget_debate(regime: Regime) -> bool:
    """Whether the orientations of a budget may have to be debated: not in a small commune."""
    return regime.form != "commune_moins_3500"


def budget_debate(
    voted_on: date, debated_on: Iterable[date], regime: Regime
) -> tuple[Finding, ...]:
    """That no debate on the orientations of a budget was held before the sitting that votes it, in
    the wider of its two terms (art. L2312-1). Whether a member commune has the inhabitants that
    make it due is not known: it is asked."""
    since = voted_on - timedelta(weeks=DEBATE_WEEKS)
    if not asks_budget_debate(regime) or any(since <= on < voted_on for on in debated_on):
        return ()
    due = "" if regime.form == "commune" else _IF_ONE_OF_THEM
    return (
        Finding(
            code="orientation_budgetaire",
            message="Le budget se vote, et aucun débat d’orientation budgétaire n’est noté à une "
            f"séance tenue depuis le {french.long_date(since)} : il se tient dans les deux mois "
            "qui précèdent ce vote, dix semaines en M57.",
            article=_DEBATE.get(regime.form, "art. L2312-1 et L5211-36 du CGCT"),
            remedy=f"{due}Tenez-le d’abord, à une autre séance, sur un rapport joint à sa "
            "convocation.",
            severity=Severity.WARNING,
        ),
    )


# The years in which the assemblies of the communes are elected anew, and those of the départements.
_COMMUNES_EVERY, _COMMUNES_IN, _DEPARTMENTS_IN = 6, 2026, frozenset({2028})
_YEAR = re.compile(r"\b(20\d\d)\b")
# A budget that only corrects another one is not the budget of its year.
CORRECTS = re.compile(r"\bsupplémentaire|\bmodifi|\brectifi", re.IGNORECASE)
_OF_NEXT_YEAR = 10  # from this month on, who votes a budget without saying its year votes the next


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetTerm:
    """The last day to vote the budget of a year, or to approve its accounts."""

    of_accounts: bool
    year: int
    on: date
    article: str

    @property
    def what(self) -> str:
        """ "le budget 2026", "les comptes 2025"."""
        return f"{'les comptes' if self.of_accounts else 'le budget'} {self.year}"

    @property
    def vote(self) -> str:
        """ "le vote du budget 2026", "le vote des comptes 2025"."""
        return f"le vote {'des comptes' if self.of_accounts else 'du budget'} {self.year}"


def budget_term(year: int, regime: Regime) -> BudgetTerm:
    """Of the budget of a year (art. L1612-2): 15 April, 30 where assemblies are elected anew."""
    is_renewed = (year - _COMMUNES_IN) % _COMMUNES_EVERY == 0
    if regime.form == "smo":
        is_renewed |= year in _DEPARTMENTS_IN
    return BudgetTerm(
        of_accounts=False,
        year=year,
        on=date(year, 4, 30 if is_renewed else 15),
        article=budgetary(regime, "L1612-2"),
    )


def accounts_term(year: int, regime: Regime) -> BudgetTerm:
    """Of the accounts of a year: 30 June of the next one (art. L1612-12)."""
    return BudgetTerm(
        of_accounts=True,
        year=year,
        on=date(year + 1, 6, 30),
        article=budgetary(regime, "L1612-12"),
    )


def term_of(title: str, voted_on: date, regime: Regime, *, of_accounts: bool) -> BudgetTerm | None:
    """That of what an item of this title votes that day; `None` of a budget that corrects another.
    The year that it does not say is the usual one."""
    if not of_accounts and CORRECTS.search(title):
        return None
    told = _YEAR.search(title)
    if of_accounts:
        return accounts_term(int(told[1]) if told else voted_on.year - 1, regime)
    usual = voted_on.year + (voted_on.month >= _OF_NEXT_YEAR)
    return budget_term(int(told[1]) if told else usual, regime)


def late_budget(term: BudgetTerm, voted_on: date) -> Finding | None:
    """That a sitting votes a budget, or accounts, past their last day."""
    if voted_on <= term.on:
        return None
    verb = "s’approuvent" if term.of_accounts else "se vote"
    return Finding(
        code="comptes_hors_delai" if term.of_accounts else "budget_hors_delai",
        message=f"{french.capitalise(term.what)} {verb} au plus tard le "
        f"{french.long_date(term.on)}\u00a0: cette séance est du {french.long_date(voted_on)}.",
        article=term.article,
        remedy="Faites-les approuver sans attendre, et transmettez-les\u00a0: le préfet peut avoir "
        "saisi la chambre régionale des comptes."
        if term.of_accounts
        else "Voyez avec la préfecture\u00a0: une fois la chambre régionale des comptes saisie, "
        "l’assemblée ne le vote plus (art. L1612-9). Ce jour est plus tard si ce qu’il fallait "
        "pour l’établir n’a pas été communiqué à temps.",
        severity=Severity.WARNING,
    )


def requested_sitting_due(requested_on: date, regime: Regime) -> date:
    """The last day to hold a sitting that members or the prefect asked for (art. L2121-9)."""
    return requested_on + timedelta(days=regime.request_days)


def requesters(in_office: int, regime: Regime) -> int:
    """How many of the members in office must ask for a sitting (art. L2121-9), rounded up."""
    return -int(-(in_office * regime.request_fraction) // 1)


def list_due(held_on: date, regime: Regime) -> date:
    """The last day to publish the list of the deliberations examined (art. L2121-25)."""
    return held_on + timedelta(days=regime.list_days)


def minutes_due(adopted_on: date, regime: Regime) -> date:
    """The last day to publish minutes, from the sitting that *adopted* them (art. L2121-15)."""
    return adopted_on + timedelta(days=regime.minutes_days)


def councillors_copy_due(on: date) -> date:
    """The last day to send the list of deliberations, or adopted minutes, to the councillors of
    the member communities (art. L5211-40-2): one month."""
    return add_months(on, 1)


def transmission_due(signed_on: date) -> date:
    """The last day to transmit a contract or an individual decision to the prefect."""
    return signed_on + timedelta(days=15)


def is_scarcely_read(*, unread: int, days: int) -> bool:
    """Whether, of so many days online, most have nothing that was read back: what certifies them
    says so in its very title, and somebody says that he knows."""
    return 2 * unread > days


def online_until(published_on: date, regime: Regime) -> date:
    """The first day on which an act may leave the website (art. R2131-1)."""
    return add_months(published_on, regime.acts_online_months)


def enforceable_on(
    published_on: date | None, received_on: date | None, *, transmissible: bool = True
) -> date | None:
    """The day an act binds: published and, when it must be, received by the prefect
    (art. L2131-1); `None` while one of the two is missing."""
    steps = [published_on, received_on] if transmissible else [published_on]
    done = [step for step in steps if step is not None]
    return max(done) if len(done) == len(steps) else None
