"""The board of a sitting before it is held: who comes, what quorum that makes, whom to call.

Reads the answers, decides nothing: the law foresees and proposes, this puts it in columns.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from convening import answers, notices, words
from convening.answers import Answers, Position, Respondent
from convening.models import Notice, Question, Recipient
from law import assembly, french
from law.findings import Finding
from law.proxies import Forecast, Outlook, Proposal
from meetings.models import Meeting
from members.models import Mandate

_COMES = (Position.COMING, Position.REMOTE, Position.SEATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the board: what it says, and the convocation that did not reach the person."""

    line: Respondent
    mandate: int
    told: str
    instead_of: str  # « de Mme Claire CARON », of a substitute by name
    undelivered: Recipient | None

    @property
    def word(self) -> str:
        """What he said, "" for nothing."""
        return self.line.answer.word if self.line.answer else ""

    @property
    def is_told(self) -> bool:
        """Whether the words say more than the keys beside them."""
        plain = (Position.WAITING, Position.COMING, Position.REMOTE, Position.EXCUSED)
        return bool(self.told) and (
            self.line.position not in plain
            or (self.line.is_substitute and self.line.position is not Position.EXCUSED)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One constituency; `seats` counts its members in office, `occupied` the seats that will be,
    `vacancies` those that nobody fills."""

    name: str
    rows: tuple[Row, ...]
    seats: int
    occupied: int
    vacancies: int = 0

    @property
    def community(self) -> str:
        """The one that all of them sit for: said once, above their names; "" when they are of
        several."""
        names = {row.line.member.community for row in self.rows}
        return names.pop() if len(names) == 1 else ""


FIRST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Somebody worth a telephone call, and why."""

    member: assembly.Member
    mandate: Mandate
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A proposal of the solver; `sent_at` when the person was already written to."""

    proposal: Proposal
    absent: assembly.Member
    by: assembly.Member
    has_address: bool
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything the secretariat looks at before a sitting."""

    columns: tuple[Column, ...]
    forecast: Forecast
    answered: int
    expected: int
    calls: tuple[Call, ...]
    offers: tuple[Offer, ...]
    faults: tuple[Finding, ...]
    questions: tuple[Question, ...]

    @property
    def substitutes(self) -> int:
        """How many sit only in the place of another."""
        return sum(row.line.is_substitute for column in self.columns for row in column.rows)

    @property
    def first_calls(self) -> tuple[Call, ...]:
        """As many as one makes in a morning, of those who have a number or a reason of their own:
        a roll in its order says whom to call to nobody."""
        return self.to_call[:FIRST]

    @property
    def to_call(self) -> tuple[Call, ...]:
        """The calls that can be made, or that say why."""
        return tuple(each for each in self.calls if each.why or each.mandate.person.phone)

    @property
    def shows_calls(self) -> bool:
        """Whether there is somebody to call first, or to say that nobody needs to be."""
        return not self.calls or bool(self.answered and self.to_call)

    @property
    def names_silent(self) -> bool:
        """Whether « sans réponse » is said of each: once half have answered, it tells them apart;
        before, the count of each college says it once."""
        return 2 * self.answered >= self.expected

    @property
    def unreachable(self) -> tuple[str, ...]:
        """Those of the first calls whose number nobody gave."""
        return tuple(each.member.name for each in self.first_calls if not each.mandate.person.phone)

    @property
    def waiting(self) -> tuple[Question, ...]:
        """Questions that nobody has replied to."""
        return tuple(question for question in self.questions if not question.reply)


def of(meeting: Meeting) -> Overview:
    """Everything the board shows: the same number of queries, whoever answered."""
    said = answers.standing(meeting)
    members = [line for line in said.lines.values() if not line.is_substitute]
    questions = meeting.questions.select_related("mandate__person").order_by("pk")
    return Overview(
        columns=tuple(_columns(said)),
        forecast=said.forecast,
        answered=sum(1 for line in members if line.has_answered),
        expected=len(members),
        calls=tuple(_calls(said)),
        offers=tuple(_offers(said)),
        faults=said.plan.findings,
        questions=tuple(sorted(questions, key=lambda q: bool(q.reply))),
    )


# --- Columns ----------------------------------------------------------------------------------


def _columns(said: Answers) -> Iterator[Column]:
    undelivered = _undelivered(said.meeting)
    columns: dict[str, list[Row]] = {c.name: [] for c in said.composition.constituencies}
    created = {c.name: c.seats for c in said.composition.constituencies}
    for line in said.lines.values():
        name = said.composition.heading_of(line.member)
        columns.setdefault(name, []).append(_row(said, line, undelivered))
    for name, rows in columns.items():
        if rows:
            titulars = [row.line for row in rows if row.line.is_titular]
            yield Column(
                name=name,
                rows=tuple(_in_order(rows)),
                seats=len(titulars) or len(rows),
                occupied=sum(1 for line in titulars or [r.line for r in rows] if _is_there(line)),
                vacancies=max(0, created.get(name, 0) - len(titulars)),
            )


def _is_there(line: Respondent) -> bool:
    return line.position in _COMES or (line.position is Position.REPLACED and line.is_settled)


def _in_order(rows: Iterable[Row]) -> list[Row]:
    """Whoever stands in for somebody by name right after him, the other substitutes last."""
    rows = list(rows)
    ranks = {row.line.member.key: rank for rank, row in enumerate(rows)}

    def place(row: Row) -> tuple[int, bool]:
        if not row.line.is_substitute:
            return ranks[row.line.member.key], False
        return ranks.get(row.line.member.replaces, len(rows)), True

    return sorted(rows, key=place)


def _row(said: Answers, line: Respondent, undelivered: Mapping[int, Recipient]) -> Row:
    mandate = line.member.mandate or 0
    titular = said.composition.by_key.get(line.member.replaces)
    return Row(
        line=line,
        mandate=mandate,
        told=words.of_him(line),
        instead_of=french.contract("de", notices.named(titular)) if titular else "",
        undelivered=undelivered.get(mandate),
    )


def _undelivered(meeting: Meeting) -> dict[int, Recipient]:
    """Mandate → what was sent to it last and came back, was refused, or may not have arrived."""
    lost = (Recipient.State.REFUSED, Recipient.State.BOUNCED, Recipient.State.DOUBTFUL)
    rows = Recipient.objects.filter(
        convocation__meeting=meeting, mandate__isnull=False, resent_as=None
    )
    last = {row.mandate_id: row for row in rows.order_by("pk")}
    return {mandate: row for mandate, row in last.items() if row.state in lost}


# --- Whom to call -----------------------------------------------------------------------------


def _calls(said: Answers) -> Iterator[Call]:
    """Who may not have answered himself; then whose word would change the quorum, the substitutes
    first; nobody once it is certain.

    Those who have not answered come before those who have said no: it is them one can still win.
    """
    lines = said.lines
    for line in lines.values():
        if line.answer is not None and line.answer.doubt:
            yield _call(said, line, f"à confirmer : {line.answer.doubt}")
    if said.forecast.outlook is Outlook.CERTAIN:
        return
    for line in lines.values():
        if line.position is Position.ASKED:
            yield _call(said, line, f"siégerait pour {notices.named(line.stands_for)}")
    for proposal in said.plan.proposals:
        by = lines[proposal.by]
        if proposal.is_substitution and by.position is Position.WAITING:
            yield _call(
                said, by, f"peut siéger pour {notices.named(said.composition[proposal.absent])}"
            )
    waiting = [x for x in lines.values() if x.is_titular and x.position is Position.WAITING]
    for line in sorted(waiting, key=lambda x: -x.member.weight):
        voices = french.count(line.member.weight, "voix") if line.member.weight > 1 else ""
        yield _call(said, line, voices)
    if said.forecast.outlook is Outlook.MISSING:
        for line in lines.values():
            if line.is_titular and line.position in (Position.EXCUSED, Position.REPRESENTED):
                yield _call(said, line, "a dit non, personne ne siège à sa place")


def _call(said: Answers, line: Respondent, why: str) -> Call:
    return Call(member=line.member, mandate=said.people[line.member.key], why=french.nbsp(why))


# --- What the solver proposes -----------------------------------------------------------------


def _offers(said: Answers) -> Iterator[Offer]:
    sent = _sent(said.meeting)
    for proposal in said.plan.proposals:
        absent, by = said.composition[proposal.absent], said.composition[proposal.by]
        yield Offer(
            proposal=proposal,
            absent=absent,
            by=by,
            has_address=bool(said.people[absent.key].person.email),
            sent_at=sent.get(notices.proposing(said.meeting, absent, by)),
        )


def _sent(meeting: Meeting) -> Mapping[str, datetime]:
    rows = Notice.objects.filter(meeting=meeting, once__startswith=notices.PROPOSAL)
    return dict(rows.values_list("once", "not_before"))
