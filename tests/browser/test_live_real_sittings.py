"""Two real sittings held live by keyboard: their minutes equal those entered after the fact.

The clock of the server is set at each step; what is compared is the whole paper, field by field.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from documents import compile
from law import codec, sitting
from law.ballots import Choice
from meetings import reading, sitting_file
from meetings.actions import attendance, conduct, decisions, items, preparing, texts
from meetings.models import AgendaItem, Meeting
from members.models import Body, Mandate, Role, User
from tests import cast as make
from tests import seed
from tests.browser.live import Console
from tests.browser.test_seed_sitting import EXCUSED, SEATS, SINCE, Hands, write_point
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


# --- Case 18: sixty-one members, sixty-eight items, twenty-four movements ----------------------


@dataclass
class Evening:
    """The case with an hour for each thing: what a clerk would have noted in the margin."""

    case: cases.Case
    opened_at: datetime
    order: list[str]
    moves: dict[str, list[sitting.Event]]
    moved_at: dict[str, datetime]
    called_at: dict[str, datetime]

    @classmethod
    def of(cls, case: cases.Case) -> "Evening":
        moment = opened_at = datetime.combine(case.held_on, time(18))
        (chosen,) = (event for event in case.events if isinstance(event, sitting.OrderSet))
        moves = {
            item: [e for e in case.events if isinstance(e, MOVES) and e.before == item]
            for item in chosen.items
        }
        moved_at, called_at = {}, {}
        for item in chosen.items:
            if moves[item]:
                moment += timedelta(minutes=1)
                moved_at[item] = moment
            moment += timedelta(minutes=1)
            called_at[item] = moment
        return cls(case, opened_at, list(chosen.items), moves, moved_at, called_at)

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
    composition = Meeting.objects.get(pk=console.pk).basis.composition
    roll = [event for event in evening.case.events if getattr(event, "before", "") is None]
    present = [event.member for event in roll if isinstance(event, sitting.Arrived)]
    for member in present:
        console.does(member, "a").until(lambda m, key=member: key in m["present"])
    for event in roll:
        if isinstance(event, sitting.ProxyGiven):
            gives(console, event)
    (opening,) = (event for event in roll if isinstance(event, sitting.Opened))
    set_clock(clock, evening.opened_at)
    console.key("Enter")
    console.page.locator("#open-chair").select_option(opening.chair)
    console.key("Enter").until(lambda m: m["stage"] == "ouverte")

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
        console.until(lambda m, key=item: m["item"] == key)
        for event in evening.withdrawn(item):
            console.does(event.member, "r").type(GROUNDS[event.ground])
            console.page.locator(f"#p-{event.member}.is-deport").wait_for()
        ballot = evening.ballot(item)
        if ballot is None:
            continue
        for choice, number in ballot.counts.items():
            console.type(f"{number}{LETTERS[choice]}")
        if not ballot.counts:
            console.key("Enter").until(lambda m: m["poll"] is not None)
        console.key("Enter").until(lambda m, key=item: m["poll"] is None and key in m["decided"])
    assert len(composition.titulars) == 61
    closing = next(event for event in evening.case.events if isinstance(event, sitting.Closed))
    set_clock(clock, closing.at)
    console.type(" l").key("Enter").until(lambda m: m["stage"] == "levee")


def gives(console: Console, event: sitting.ProxyGiven) -> None:
    console.does(event.giver, "p")
    holder = console.page.locator(f"#p-{event.holder}").get_attribute("data-last")
    console.type(holder).key("Enter").told("donne pouvoir")
    console.page.locator(f"#p-{event.giver} .person-note", has_text="pouvoir").wait_for()


def moves(console: Console, event: sitting.Event) -> None:
    match event:
        case sitting.Left(member=key, definitive=definitive):
            console.does(key, "q" if definitive else "d")
            console.until(lambda m: key not in m["present"])
        case sitting.Arrived(member=key):
            console.does(key, "a").until(lambda m: key in m["present"])
        case sitting.ProxyGiven():
            gives(console, event)


def test_case_18_held_live_prints_as_entered_afterwards(transactional_db, page_of, clock, capsys):
    evening = Evening.of(cases.read("18"))
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


# --- The seed: the Bureau of 16 November 2016 ---------------------------------------------------

HELD_ON = date(2016, 11, 16)


def bureau_of(slug: str) -> tuple[Meeting, User]:
    """The Bureau of that day, its agenda written, nothing told yet."""
    organisation = make.make_organisation("Somme Numérique", slug=slug)
    bureau = make.make_body(
        organisation,
        "Bureau",
        kind=Body.Kind.BUREAU,
        layout=Body.Layout.SHORT,
        numbering=Body.Numbering.ROMAN_BULLETS,
    )
    make.make_rule_book(bureau)
    for position, (name, people) in enumerate(SEATS.items()):
        college = make.make_constituency(bureau, name, position=position, seats=3)
        for rank, (civility, first, last) in enumerate(people):
            make.make_mandate(
                bureau,
                make.make_person(organisation, first, last, civility),
                constituency=college,
                office=Mandate.Office.CHAIR if last == "Varlet" else Mandate.Office.MEMBER,
                position=rank + 1,
                start_on=SINCE,
            )
    by = make.make_account(f"secretariat@{slug}.example")
    make.make_role(by, organisation, Role.Kind.SECRETARIAT)
    evening = {"starts_at": time(17, 30), "by": by}
    preparing.create_meeting(body=bureau, held_on=date(2016, 7, 4), **evening)
    meeting = preparing.create_meeting(
        body=bureau,
        held_on=HELD_ON,
        convened_on=date(2016, 10, 27),
        place="dans ses locaux",
        **evening,
    )
    section = items.add_item(
        meeting,
        title="EXAMEN DE L’ORDRE DU JOUR DU COMITE SYNDICAL",
        kind=AgendaItem.Kind.SECTION,
        by=by,
    )
    for point in seed.points():
        items.add_item(
            meeting, title=point.title, kind=AgendaItem.Kind.INFORMATION, parent=section, by=by
        )
    return meeting, by


def entered_afterwards(meeting: Meeting, by: User) -> None:
    """As the pages of a sitting enter it: roll, conduct, unanimity, texts."""
    standings = dict.fromkeys(EXCUSED, "excuse")
    for member in meeting.basis.composition.titulars:
        standings.setdefault(member.key, "present")
    attendance.set_roll(meeting, standings=standings, by=by)
    conduct.set_conduct(
        meeting,
        chair="philippe-varlet",
        clerks=["philippe-cocq"],
        opened_at=datetime.combine(HELD_ON, time(17, 30)),
        closed_at=datetime.combine(HELD_ON, time(18, 30)),
        by=by,
    )
    approval, _, *points = [node.item for node in meeting.agenda.nodes]
    decisions.hold_ballot(meeting, ballot=reading.plain_ballot(meeting, approval.key), by=by)
    for item, point in zip(points, seed.points(), strict=True):
        texts.save_text(item, text=as_html(point), version=0, by=by)


def as_html(point: seed.Point) -> str:
    told, is_in_list = [f"<p>{point.lead}</p>"], False
    for kind, text in point.rest:
        if (kind == "li") is not is_in_list:
            told.append("<ul>" if kind == "li" else "</ul>")
        is_in_list = kind == "li"
        told.append(f"<li><p>{text}</p></li>" if is_in_list else f"<p>{text}</p>")
    return "".join([*told, "</ul>" if is_in_list else ""])


def test_the_seed_held_live_prints_as_entered_afterwards(transactional_db, page_of, clock, capsys):
    seed.text()
    later, by_later = bureau_of("plus-tard")
    entered_afterwards(later, by_later)
    live, by = bureau_of("en-direct")
    set_clock(clock, datetime.combine(HELD_ON, time(17, 28)))  # before she signs in
    page = page_of(by)
    console = Console(page, live.pk).open()
    for member in live.basis.composition.titulars:
        is_excused = member.key in EXCUSED
        console.does(member.key, "e" if is_excused else "a")
        page.locator(f"#p-{member.key}.is-{'excuse' if is_excused else 'present'}").wait_for()
    set_clock(clock, datetime.combine(HELD_ON, time(17, 30)))
    console.key("Enter")
    page.locator("#open-clerk").select_option("philippe-cocq")
    console.key("Enter").until(lambda m: m["stage"] == "ouverte")
    console.key("Enter").until(lambda m: m["mayOpen"])
    console.key("Enter").until(lambda m: m["poll"] is not None)
    for rank, point in enumerate(seed.points(), start=1):
        set_clock(clock, datetime.combine(HELD_ON, time(17, 30 + 5 * rank)))
        before = console.moment["item"]
        console.key("PageDown").until(lambda m, item=before: m["item"] != item)
        page.locator(f'.notes[action*="/{console.moment["item"]}/"] .is-ready').wait_for()
        console.type(" n")
        page.locator(".notes .debate-page:focus").wait_for()
        write_point(Hands(page), point)
        page.locator("[data-autosave-state=saved]").wait_for()
        page.keyboard.press("Escape")
    set_clock(clock, datetime.combine(HELD_ON, time(18, 30)))
    console.type(" l").key("Enter").until(lambda m: m["stage"] == "levee")
    with capsys.disabled():
        print(f"\nLa semence en direct : {console.count} touches")  # noqa: T201 the figure is the result

    assert differences(compile.compile_minutes(live), compile.compile_minutes(later)) == []
