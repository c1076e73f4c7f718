"""Two real sittings held live by keyboard: their minutes equal those entered after the fact.

The clock of the server is set at each step; what is compared is the whole paper, field by field.
"""

import copy
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from documents import compile
from law import codec, sitting
from law.ballots import Choice
from meetings import sitting_file
from meetings.models import Meeting
from members.models import Role
from tests import cast as make
from tests import seed
from tests.browser.live import Console
from tests.browser.test_seed_sitting import Hands, write_point
from tests.meetings import cases

PARIS = ZoneInfo("Europe/Paris")
MOVES = (sitting.Left, sitting.Arrived, sitting.ProxyGiven)
LETTERS = {Choice.AGAINST: "c", Choice.ABSTAIN: "a", Choice.NOT_VOTING: "n"}
GROUNDS = {sitting.Ground.OUTSIDE_BODY: "o", sitting.Ground.OTHER: "s"}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock of the server; it goes on by itself between two settings."""
    with time_machine.travel(datetime(2011, 12, 16, 17, 30, tzinfo=PARIS)) as travel:
        yield travel


def differences(one, other) -> list[str]:
    """The fields of two papers that are not the same."""
    return [
        f"{field.name} : {getattr(one, field.name)!r} / {getattr(other, field.name)!r}"
        for field in fields(one)
        if getattr(one, field.name) != getattr(other, field.name)
    ]


class Evening:
    """The case with an hour for each thing: what a clerk would have noted in the margin."""

    def __init__(self, case: cases.Case):
        self.case, self.opened_at = case, datetime.combine(case.held_on, time(18))
        (self.order,) = (e.items for e in case.events if isinstance(e, sitting.OrderSet))
        self.moves, self.moved_at, self.called_at = {}, {}, {}
        for rank, item in enumerate(self.order, 1):
            told = (event for event in case.events if isinstance(event, MOVES))
            self.moves[item] = [event for event in told if event.before == item]
            self.moved_at[item] = self.opened_at + timedelta(minutes=2 * rank)
            self.called_at[item] = self.moved_at[item] + timedelta(minutes=1)

    def afterwards(self) -> list[sitting.Event]:
        """The ledger as one types it from the paper and its margin."""
        told: list[sitting.Event] = []
        for event in self.case.events:
            if isinstance(event, MOVES) and event.before:
                event = replace(event, at=self.moved_at[event.before])
            elif isinstance(event, sitting.Opened):
                event = replace(event, at=self.opened_at)
            told.append(event)
        return told

    def ballot(self, item: str):
        held = (event.ballot for event in self.case.events if isinstance(event, sitting.BallotHeld))
        return next((ballot for ballot in held if ballot.item == item), None)

    def withdrawn(self, item: str) -> list[sitting.Recused]:
        told = (event for event in self.case.events if isinstance(event, sitting.Recused))
        return [event for event in told if event.item == item]


def brought(case: cases.Case, events: list[sitting.Event], slug: str) -> Meeting:
    document = copy.deepcopy(case.document)
    document["organisation"]["slug"] = slug
    document["ledger"] = [document["ledger"][0]] + [
        {"kind": kind, **payload} for kind, payload in map(codec.dump, events)
    ]
    return sitting_file.import_(sitting_file.read(sitting_file.dump(document))).meeting


def set_clock(clock: time_machine.Traveller, moment: datetime) -> None:
    clock.move_to(moment.replace(tzinfo=PARIS))


def hold(console: Console, evening: Evening, clock: time_machine.Traveller) -> None:
    """The evening by keyboard: who comes and goes, what is called, how it is voted."""
    roll = [event for event in evening.case.events if getattr(event, "before", "") is None]
    for event in roll:
        moves(console, event)
    (opening,) = (event for event in roll if isinstance(event, sitting.Opened))
    set_clock(clock, evening.opened_at)
    console.key("Enter")
    console.page.locator("#open-chair").select_option(opening.chair)
    console.key("Enter")
    # The case names no clerk: the console asks whether that is meant.
    console.sure()

    numbers = {item["key"]: item.get("n", "") for item in evening.case.items}
    titles = {item["key"]: item["title"] for item in evening.case.items}
    for item in evening.order:
        if evening.moves[item]:
            set_clock(clock, evening.moved_at[item])
            for event in evening.moves[item]:
                moves(console, event)
        set_clock(clock, evening.called_at[item])
        if console.moment["next"] == item:
            console.key("PageDown")
        else:
            console.type(" o").write(numbers[item] or titles[item][:12]).key("Enter")
        console.on_item(item)
        for event in evening.withdrawn(item):
            console.does(event.member, "r").type(GROUNDS[event.ground])
            console.page.locator(f"#p-{event.member}.is-deport").wait_for()
        ballot = evening.ballot(item)
        if ballot is None:
            continue
        for choice, number in ballot.counts.items():
            console.type(f"{number}{LETTERS[choice]}")
        if not ballot.counts:
            console.key("Enter").voting()
        console.key("Enter").until(lambda m, key=item: m["poll"] is None and key in m["decided"])
    composition = Meeting.objects.get(pk=console.pk).basis.composition
    assert len(composition.titulars) == 61
    closing = next(event for event in evening.case.events if isinstance(event, sitting.Closed))
    set_clock(clock, closing.at)
    console.type(" l").key("Enter").until(lambda m: m["stage"] == "levee")


def moves(console: Console, event: sitting.Event) -> None:
    match event:
        case sitting.Left(member=key, definitive=definitive):
            console.does(key, "q" if definitive else "d").gone(key)
        case sitting.Arrived(member=key):
            console.does(key, "p").in_room(key)
        case sitting.ProxyGiven(giver=giver, holder=holder):
            console.does(giver, "v")
            last = console.page.locator(f"#p-{holder}").get_attribute("data-last")
            console.type(last).key("Enter").told("donne pouvoir")
            noted = console.page.locator(f"#p-{giver} .person-note", has_text="pouvoir")
            noted.wait_for(state="attached")  # long names leave it no room


def test_case_18_held_live_prints_as_entered_afterwards(transactional_db, page_of, clock, capsys):
    evening = Evening(cases.read("18"))
    later = brought(evening.case, evening.afterwards(), "plus-tard")
    live = brought(evening.case, [], "en-direct")
    secretary = make.make_account("secretariat@conseil.example")
    make.make_role(secretary, live.body.organisation, Role.Kind.SECRETARIAT)
    console = Console(page_of(secretary), live.pk).open()
    hold(console, evening, clock)
    with capsys.disabled():
        print(f"\nCas 18 en direct : {console.count} touches")  # noqa: T201 the figure is the result

    told_live, told_later = compile.compile_minutes(live), compile.compile_minutes(later)
    # Afterwards the clerk says in one line the order that, live, the calls themselves tell.
    (order,) = told_later.opening_steps
    assert order.text.startswith("Les points sont examinés dans l’ordre suivant")
    assert differences(told_live, replace(told_later, opening_steps=())) == []


def test_the_seed_held_live_prints_as_entered_afterwards(transactional_db, page_of, clock, capsys):
    bureau, by = seed.make_bureau("plus-tard")
    later = seed.convene(bureau, by)
    seed.enter(later, by)
    bureau, by = seed.make_bureau("en-direct")
    live = seed.convene(bureau, by)
    set_clock(clock, datetime.combine(seed.HELD_ON, time(17, 28)))  # before she signs in
    page = page_of(by)
    console = Console(page, live.pk).open()
    for member in live.basis.composition.titulars:
        is_excused = member.key in seed.EXCUSED
        console.does(member.key, "e" if is_excused else "p")
        page.locator(f"#p-{member.key}.is-{'excuse' if is_excused else 'present'}").wait_for()
    set_clock(clock, datetime.combine(seed.HELD_ON, time(17, 30)))
    console.key("Enter")
    page.locator("#open-clerk").select_option("philippe-cocq")
    console.key("Enter").until(lambda m: m["stage"] == "ouverte")
    console.key("Enter").until(lambda m: m["mayOpen"])
    console.key("Enter").voting()
    for rank, point in enumerate(seed.POINTS, start=1):
        set_clock(clock, datetime.combine(seed.HELD_ON, time(17, 30 + 5 * rank)))
        before = console.moment["item"]
        console.key("PageDown").until(lambda m, item=before: m["item"] != item)
        page.locator(f'.notes[action*="/{console.moment["item"]}/"] .is-ready').wait_for()
        console.type(" n")
        page.locator(".notes .debate-page:focus").wait_for()
        write_point(Hands(page), point)
        page.locator("[data-autosave-state=saved]").wait_for()
        page.keyboard.press("Escape")
    set_clock(clock, datetime.combine(seed.HELD_ON, time(18, 30)))
    console.type(" l").key("Enter").until(lambda m: m["stage"] == "levee")
    with capsys.disabled():
        print(f"\nLa semence en direct : {console.count} touches")  # noqa: T201 the figure is the result

    assert differences(compile.compile_minutes(live), compile.compile_minutes(later)) == []
