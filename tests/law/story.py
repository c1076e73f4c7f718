"""The cast of the law tests: the comité of Val de Brume as plain values, and how to tell a story.

Six titulars, one substitute, one consultative member, always the same people as in
`tests.cast`:

    Collège des intercommunalités (4 seats)   Collège du Département (2 seats)
      alice  Brume Agglo   présidente           denis   2e vice-président
      bruno  CC des Étangs 1er vice-président   elsa
      claire Brume Agglo
      farid  CC des Étangs                    hugo: voix consultative
      gaelle Brume Agglo, suppléante de claire
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from law import sitting
from law.assembly import Capacity, Composition, Constituency, Member
from law.checks import judgement
from law.docket import Docket
from law.findings import Finding, Severity
from law.regime import PRESETS, Regime
from law.sitting import Arrived, ClerksNamed, Event, Opened

EPCI, SMO, SMF = PRESETS["epci"], PRESETS["smo"], PRESETS["smf"]
RULES = replace(EPCI, substitutes="nommes")
AGENDA = ("p1", "p2", "p3")


def member(key: str, community: str = "", **extra) -> Member:
    defaults = {"civility": "", "first_name": key.title(), "last_name": key[0].upper() + "."}
    return Member(key=key, community=community, **{**defaults, **extra})


COMITE = Composition(
    constituencies=(
        Constituency(name="Collège des intercommunalités", seats=4),
        Constituency(name="Collège du Département", seats=2),
    ),
    members=(
        member("alice", "Brume Agglo", office="president"),
        member("bruno", "CC des Étangs", office="vice-president", office_rank=1),
        member("claire", "Brume Agglo"),
        member("farid", "CC des Étangs"),
        member("denis", "Département", office="vice-president", office_rank=2),
        member("elsa", "Département"),
        member("gaelle", "Brume Agglo", capacity=Capacity.SUBSTITUTE, replaces="claire"),
        member("hugo", capacity=Capacity.CONSULTATIVE),
    ),
)
TITULARS = tuple(m.key for m in COMITE.titulars)


def at(clock: str) -> datetime:
    """The hour on the evening of the sitting: at("18:36")."""
    hour, minute = clock.split(":")
    return datetime(2026, 6, 10, int(hour), int(minute))


def told(*events: Event) -> tuple[Event, ...]:
    """Events in the order of telling, numbered from 1."""
    return tuple(replace(event, seq=rank) for rank, event in enumerate(events, start=1))


def there(*keys: str) -> tuple[Event, ...]:
    """The attendance table: these people are there from the beginning."""
    return tuple(Arrived(member=key) for key in keys)


def opening(*keys: str, chair: str = "alice") -> tuple[Event, ...]:
    """The usual beginning: these people are there, the chair opens at 17:30."""
    return (*there(*keys), Opened(chair=chair, at=at("17:30")), ClerksNamed(clerks=("bruno",)))


def replay(*events: Event, agenda: Sequence[str] = AGENDA) -> sitting.Sitting:
    return sitting.replay(COMITE, told(*events), agenda)


def judged(
    events,
    *,
    composition=COMITE,
    agenda=AGENDA,
    regime=RULES,
    second_call=False,
    retrospective=False,
    **special,
):
    """These events judged; `special` are the items of the docket, by kind."""
    if second_call:
        special["reconvened"] = agenda
    docket = Docket(**{kind: frozenset(items) for kind, items in special.items()})
    return judgement.judge(
        events,
        composition=composition,
        agenda=agenda,
        regime=regime,
        docket=docket,
        retrospective=retrospective,
    )


def check(new, *, events, titles=None, **options):
    """What the law answers when these events are told together after `events`."""
    return judged(events, **options).after(new, titles=titles)[0]


def objections(
    new: Event, *events: Event, regime: Regime = RULES, **options
) -> tuple[Finding, ...]:
    """What the law answers when `new` is told after `events`."""
    return check([new], events=told(*events), regime=regime, **options)


def refusals(new: Event, *events: Event, **options) -> list[tuple[str, str]]:
    """The (code, field) of what forbids `new`."""
    return [
        (finding.code, finding.field)
        for finding in objections(new, *events, **options)
        if finding.severity is Severity.REFUSAL
    ]


def warnings(new: Event, *events: Event, **options) -> list[str]:
    """The codes of what is lawful and deserves a look."""
    return [
        finding.code
        for finding in objections(new, *events, **options)
        if finding.severity is Severity.WARNING
    ]
