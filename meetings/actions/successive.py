"""How many sittings in a row a written proxy has served, read in the ledgers of the body."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from law import french, sitting
from law.findings import Finding, Severity
from law.regime import article_of
from meetings.models import Meeting, SittingEvent

_HELD = (Meeting.Stage.OPEN, Meeting.Stage.CLOSED, Meeting.Stage.ISSUED)


def counted(meeting: Meeting, events: Iterable[sitting.Event]) -> list[sitting.Event]:
    """These events, each proxy with its rank among consecutive sittings: nobody counts by hand.

    A document is known by its giver, its holder and its date: without one, nothing says that it
    is the same. A rank that is told, as an exchange file does, is never lowered.
    """
    return [
        replace(event, nth=max(event.nth, _rank(_served(meeting, event, surely=True))))
        if isinstance(event, sitting.ProxyGiven) and event.written_on and event.nth > 0
        else event
        for event in events
    ]


def _rank(served: Sequence[tuple[Meeting, sitting.ProxyGiven]]) -> int:
    """One more than the sittings found, or than the rank told at the last of them."""
    return 1 + max([len(served), *(event.nth for _, event in served[:1])])


def doubts(meeting: Meeting, events: Iterable[sitting.Event]) -> Iterator[Finding]:
    """The proxies that may be a document used up, of which no date says that it is another."""
    limit = meeting.regime.proxy_sittings
    for event in events:
        if not isinstance(event, sitting.ProxyGiven) or event.illness or event.nth > limit:
            continue
        if not event.holder:
            continue  # nothing says that the same member carried it
        served = _served(meeting, event, surely=False)
        if len(served) < limit:
            continue
        giver, holder = (meeting.basis.composition[key].name for key in (event.giver, event.holder))
        since = french.long_date(served[-1][0].held_on)
        yield Finding(
            code="pouvoir_a_renouveler",
            message=f"{giver} a donné pouvoir à {holder} à chaque séance depuis celle du {since}.",
            article=article_of(meeting.regime, "proxy_sittings"),
            remedy="Le même écrit vaut pour "
            f"{french.count(limit, 'séance consécutive', 'séances consécutives')} : vérifiez que "
            "celui-ci est nouveau, et notez le jour où il a été écrit.",
            field="written_on",
            severity=Severity.WARNING,
        )


def unwritten(meeting: Meeting, events: Iterable[sitting.Event]) -> Iterator[Finding]:
    """The proxies dated after the day of a sitting that is not opened yet, whose opening would be
    refused for them; once it is opened, its own hours judge them."""
    if meeting.sitting.at_end.opened_at is not None:
        return
    for event in events:
        if not isinstance(event, sitting.ProxyGiven) or event.at or not event.written_on:
            continue
        if event.written_on > meeting.held_on:
            name = meeting.basis.composition.someone(event.giver).name
            yield Finding(
                code="pouvoir_posterieur",
                message=f"Le pouvoir {french.contract('de', name)} serait écrit le "
                f"{french.long_date(event.written_on)}, après la séance du "
                f"{french.long_date(meeting.held_on)}.",
                article=article_of(meeting.regime, "proxies_allowed", "proxies_per_holder"),
                remedy="Vérifiez sa date, ou celle de la séance\u00a0; écrit "
                "après elle, il ne sert pas.",
                field="written_on",
            )


def _served(
    meeting: Meeting, proxy: sitting.ProxyGiven, *, surely: bool
) -> list[tuple[Meeting, sitting.ProxyGiven]]:
    """The sittings just before this one, the latest first, in which this document served, or
    may have, and the line that says it; no more of them than use a document up."""
    earlier = Meeting.objects.before(meeting).filter(stage__in=_HELD)
    given = SittingEvent.objects.filter(
        kind="proxy_given", payload__giver=proxy.giver, payload__holder=proxy.holder
    )
    if not given.filter(meeting__in=earlier.order_by().values("pk")).exists():
        return []
    found: list[tuple[Meeting, sitting.ProxyGiven]] = []
    limit = meeting.regime.proxy_sittings
    for before in earlier.select_related("body__organisation")[:limit]:
        same = next(
            (
                event
                for event in sitting.standing_events(before.ledger)
                if isinstance(event, sitting.ProxyGiven)
                and (event.giver, event.holder) == (proxy.giver, proxy.holder)
                and _is_same(event, proxy, before, surely=surely)
            ),
            None,
        )
        if same is None:
            break
        found.append((before, same))
        proxy = replace(proxy, written_on=proxy.written_on or same.written_on)
    return found


def _is_same(
    then: sitting.ProxyGiven, now: sitting.ProxyGiven, before: Meeting, *, surely: bool
) -> bool:
    """Whether both are one document: of one date; or, for all one knows, when a date is missing
    and the other does not follow that sitting."""
    if then.written_on and now.written_on:
        return then.written_on == now.written_on
    return not surely and (now.written_on is None or now.written_on <= before.held_on)
