"""A year of a body, or any other period: its sittings side by side, and who came to them, as their
ledgers tell it. Nothing here was typed, nothing is stored."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import QuerySet

from law import attendance, french
from law.assembly import Capacity, Composition, Member
from law.attendance import Mark
from law.quorum import Quorum
from meetings.agenda import BULLET
from meetings.models import Meeting
from members.models import Body, Mandate


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One sitting: the quorum of its roll call, the points at which it was missing (`lost`), and
    how many points were discussed."""

    meeting: Meeting
    quorum: Quorum
    lost: tuple[str, ...]
    items: int

    @property
    def is_second_call(self) -> bool:
        """Whether it follows a sitting without a quorum."""
        return self.meeting.second_call_of_id is not None


@dataclass(frozen=True, kw_only=True)
class Account:
    """The sittings of the period, the oldest first, and who came. `unnamed` are those of papers
    that do not say who was there, `unfinished` those that are not closed, `cancelled` those
    that were called off: none of them is counted."""

    body: Body
    begins: date
    ends: date
    columns: tuple[Column, ...]
    year: attendance.Year
    unnamed: tuple[Meeting, ...]
    unfinished: tuple[Meeting, ...]
    cancelled: tuple[Meeting, ...] = ()

    @cached_property
    def without_quorum(self) -> tuple[Column, ...]:
        """The sittings that had none at the roll call."""
        return tuple(each for each in self.columns if not each.quorum.reached)

    @cached_property
    def second_calls(self) -> tuple[Column, ...]:
        """Those that were called a second time, where no quorum is asked for."""
        return tuple(each for each in self.columns if each.quorum.second_call)


def account(body: Body, sittings: QuerySet[Meeting], *, begins: date, ends: date) -> Account:
    """Who came to these sittings of the body, first and last days included: seven queries,
    whatever their number, and three for each second call."""
    told = list(
        sittings.filter(body=body, held_on__range=(begins, ends))
        .exclude(stage=Meeting.Stage.PREPARED)
        .order_by("held_on", "starts_at")
        .select_related("body__organisation", "second_call_of__body__organisation")
        .prefetch_related("events", "items")
    )
    apart = (Meeting.Stage.OPEN, Meeting.Stage.CANCELLED)
    closed = [each for each in told if each.stage not in apart]
    named = [each for each in closed if not each.stated_presence]
    persons = _Persons(body)
    held = [
        attendance.Held(
            story=meeting.sitting,
            items=frozenset(
                node.item.key for node in meeting.agenda.nodes if not node.item.is_section
            ),
            who=persons.of(meeting),
            place=persons.communities_of(meeting),
        )
        for meeting in named
    ]
    return Account(
        body=body,
        begins=begins,
        ends=ends,
        columns=tuple(map(_column, named, held)),
        year=attendance.over(held),
        unnamed=tuple(each for each in closed if each.stated_presence),
        unfinished=tuple(each for each in told if each.stage == Meeting.Stage.OPEN),
        cancelled=tuple(each for each in told if each.stage == Meeting.Stage.CANCELLED),
    )


def _column(meeting: Meeting, held: attendance.Held) -> Column:
    story, discussed = meeting.sitting, attendance.discussed(held)
    return Column(
        meeting=meeting,
        quorum=meeting.quorum_of(story.at_opening),
        lost=tuple(
            _numbered(meeting, key)
            for key in discussed
            if not meeting.quorum_of(story.at_item[key]).reached
        ),
        items=len(discussed),
    )


def _numbered(meeting: Meeting, key: str) -> str:
    node = meeting.agenda[key]
    return node.item.title if node.number in ("", BULLET) else f"point {node.number}"


class _Persons:
    """Whose mandate a member of a frozen composition held: a sitting that was imported knows his
    name only."""

    def __init__(self, body: Body) -> None:
        rows = list(body.mandates.select_related("person", "community"))
        self.communities = {row.pk: row.community.name for row in rows if row.community}
        self.by_mandate = {row.pk: str(row.person_id) for row in rows}
        self.by_name = {(r.person.first_name, r.person.last_name): str(r.person_id) for r in rows}

    def of(self, meeting: Meeting) -> Mapping[str, str]:
        """The person of each key of that sitting; a name, for who never had a mandate here."""
        return {
            member.key: self.by_mandate.get(member.mandate or 0)
            or self.by_name.get((member.first_name, member.last_name))
            or member.name
            for member in meeting.basis.composition.members
        }

    def communities_of(self, meeting: Meeting) -> Mapping[str, str]:
        """The community of each key of that sitting, by its name of today."""
        return {
            member.key: self.communities[member.mandate]
            for member in meeting.basis.composition.members
            if member.mandate in self.communities
        }


# --- Periods ----------------------------------------------------------------------------------


def years(sittings: QuerySet[Meeting], body: Body) -> list[int]:
    """The years in which the body held one of these, the latest first."""
    held = sittings.filter(body=body).exclude(
        stage__in=(Meeting.Stage.PREPARED, Meeting.Stage.CANCELLED)
    )
    return [day.year for day in held.order_by().dates("held_on", "year", "DESC")]


def renewed_on(body: Body, *, on: date) -> date | None:
    """The day on which most of those who sit began: that of the last renewal, as mandates tell."""
    begun: Iterable[date] = (
        body.mandates.in_office(on)
        .filter(capacity=Mandate.Capacity.TITULAR)
        .order_by("start_on")
        .values_list("start_on", flat=True)
    )
    found = Counter(begun).most_common(1)
    return found[0][0] if found else None


# --- As tables --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many: "41 sur 43", "9 sur 12 (75 %)". To the nearest, but what is not whole, or
    not nil, is never told so."""

    part: int
    whole: int
    in_percent: bool = False

    def __str__(self) -> str:
        if not self.whole:
            return "–"
        percent = f" ({self._percent}\u00a0%)" if self.in_percent else ""
        return f"{self.part} sur {self.whole}{percent}"

    @property
    def _percent(self) -> int:
        if self.part in (0, self.whole):
            return 100 if self.part else 0
        return min(max((200 * self.part + self.whole) // (2 * self.whole), 1), 99)


Count = int | str | Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table: what it belongs to, what it is about, its cells in order."""

    group: str
    name: str
    cells: tuple[Count, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as the page, the paper and the workbook give it. `of` heads the column of names,
    `heads` the others; `note` says what is counted there."""

    key: str
    title: str
    of: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""


def tables(found: Account) -> tuple[Table, ...]:
    """What was counted: by community, by seat, then substitutes and consultative voices apart, and
    the quorum of each sitting. A table without a row is left out."""
    made = (_communities(found), _seats(found), _substitutes(found), _consultative(found))
    return tuple(each for each in (*made, _quorums(found)) if each.rows)


_SEATS = (Mark.PRESENT, Mark.REPLACED, Mark.REPRESENTED, Mark.EXCUSED, Mark.ABSENT)
_HEADS = ("Présences", "Suppléances", "Pouvoirs", "Excuses", "Absences")


def _communities(found: Account) -> Table:
    return Table(
        key="collectivites",
        title="Par collectivité",
        of="Collectivité",
        heads=("Sièges à tenir", *_HEADS, "Sièges tenus"),
        rows=tuple(
            Row(
                group="",
                name=group.name or "Sans collectivité",
                cells=(
                    group.due,
                    *(group.counts[mark] for mark in _SEATS),
                    Share(group.seat_held, group.due, in_percent=True),
                ),
            )
            for group in found.year.groups
            if group.due
        ),
        note="Un siège est à tenir à chaque séance où son titulaire est en exercice. Il est tenu "
        "quand le titulaire vient ou qu’un suppléant y siège\u00a0; un pouvoir vote, et "
        "ne le tient pas.",
    )


def _seats(found: Account) -> Table:
    return Table(
        key="delegues",
        title="Par siège",
        of=french.capitalise(french.singular(found.body.member_noun)),
        heads=("Séances", *_HEADS, "Siège tenu", "Points suivis"),
        rows=tuple(
            Row(
                group=group.name,
                name=line.member.titled,
                cells=(
                    line.due,
                    *(line.counts[mark] for mark in _SEATS),
                    Share(line.seat_held, line.due, in_percent=True),
                    Share(*line.attended),
                ),
            )
            for group in found.year.groups
            for line in group.titulars
            if line.due
        ),
        note="Les séances sont celles de son mandat\u00a0; les points suivis, de ceux qui ont été "
        "discutés aux séances où il est venu. Un déport n’est pas une absence.",
    )


def _substitutes(found: Account) -> Table:
    rows = tuple(
        Row(
            group=group.name,
            name=line.member.titled,
            cells=(line.came, line.counts[Mark.LISTENED], Share(*line.attended)),
        )
        for group in found.year.groups
        for line in group.lines
        if line.member.capacity is Capacity.SUBSTITUTE
    )
    return Table(
        key="suppleants",
        title="Suppléants",
        of="Suppléant",
        heads=("A siégé", "A assisté sans siéger", "Points suivis"),
        rows=rows,
        note="Un suppléant n’est attendu que s’il remplace\u00a0: ailleurs, rien ne se compte.",
    )


def _consultative(found: Account) -> Table:
    marks = (Mark.PRESENT, Mark.EXCUSED, Mark.ABSENT)
    return Table(
        key="consultatifs",
        title="Voix consultatives",
        of="Membre",
        heads=("Séances", "Présences", "Excuses", "Absences", "Points suivis"),
        rows=tuple(
            Row(
                group=line.member.community,
                name=line.member.titled,
                cells=(line.due, *(line.counts[m] for m in marks), Share(*line.attended)),
            )
            for line in found.year.consultative
            if line.due
        ),
        note="Comptées à part\u00a0: elles n’entrent dans aucun quorum.",
    )


def _quorums(found: Account) -> Table:
    return Table(
        key="seances",
        title="Le quorum de chaque séance",
        of="Séance",
        heads=("Présents à l’appel", "Quorum requis", "Quorum", "Points discutés"),
        rows=tuple(
            Row(
                group="",
                name=f"{french.long_date(each.meeting.held_on)}"
                f"{' (seconde convocation)' if each.is_second_call else ''}",
                cells=(
                    each.quorum.present,
                    "–" if each.quorum.second_call else each.quorum.required,
                    _verdict(each),
                    each.items,
                ),
            )
            for each in found.columns
        ),
    )


def _verdict(column: Column) -> str:
    if not column.quorum.reached:
        return "pas atteint"
    # What a second call adds to the first requires it.
    told, lost = (
        ("non requis", "mais manquant") if column.quorum.second_call else ("atteint", "puis perdu")
    )
    return f"{told}, {lost}\u00a0: {french.join(column.lost)}" if column.lost else told


# --- Sitting by sitting -----------------------------------------------------------------------

_LETTERS = {
    "P": "présent",
    "S": "son suppléant a siégé",
    "R": "représenté par pouvoir",
    "E": "excusé",
    "A": "absent",
    "p": "venu sans siéger",
    "·": "suppléant non appelé",
    "–": "sans mandat",
}
_KEY = "\u00a0; ".join(f"{letter}\u00a0: {words}" for letter, words in _LETTERS.items())


def grids(found: Account, *, columns: int) -> Iterator[Table]:
    """Each person at each sitting, in letters; so many sittings a table at most."""
    told = rows(found)
    for first in range(0, len(found.columns), columns):
        some = slice(first, first + columns)
        yield Table(
            key=f"detail-{first}",
            title="Séance par séance",
            of="Nom",
            heads=tuple(
                f"{french.short_day(each.meeting.held_on)}{' (2e)' if each.is_second_call else ''}"
                for each in found.columns[some]
            ),
            rows=tuple(
                Row(
                    group=each.group,
                    name=each.member.name,
                    cells=tuple(letter for letter, _ in each.cells[some]),
                )
                for each in told
            ),
            note=_KEY,
        )


def in_words(cell: attendance.Cell, member: Member, story: Composition) -> str:
    """What became of this member at one sitting: "présente à 2 points sur 3"."""

    def by(word: str) -> str:
        other = story.someone(cell.by)
        return f"{member.agreed(word)} par {other.titled}{some}"

    some = f" à {french.count(cell.told, 'point')} sur {cell.items}" if cell.is_partial else ""

    match cell.mark:
        case Mark.PRESENT:
            told = member.agreed("présent")
            if member.capacity is Capacity.SUBSTITUTE:
                told += f" à la place {french.contract('de', story.someone(cell.by).titled)}"
            return told + some
        case Mark.REPLACED:
            return by("suppléé")
        case Mark.REPRESENTED:
            return by("représenté")
        case Mark.EXCUSED:
            return member.agreed("excusé")
        case Mark.ABSENT:
            return member.agreed("absent")
        case Mark.LISTENED:
            return "a assisté sans siéger"
        case Mark.UNCALLED:
            return member.agreed("non appelé")
    return "sans mandat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A person over the sittings: the letter and the words of each."""

    group: str
    member: Member
    cells: tuple[tuple[str, str], ...]


def rows(found: Account) -> tuple[Told, ...]:
    """What the picture of the year shows, as rows to be read."""
    sitting_for = [(group.name, line) for group in found.year.groups for line in group.lines]
    apart = [("Voix consultatives", line) for line in found.year.consultative]
    return tuple(
        Told(
            group=name or "Sans collectivité",
            member=line.member,
            cells=tuple(
                (
                    cell.mark.letter,
                    french.nbsp(in_words(cell, line.member, column.meeting.basis.composition)),
                )
                for cell, column in zip(line.cells, found.columns, strict=True)
            ),
        )
        for name, line in (*sitting_for, *apart)
    )
