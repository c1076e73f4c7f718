"""What the members said of their coming, in the values the law works on.

A titular who cannot come may send a substitute, who then answers for himself, or give a proxy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from django.utils import timezone

from convening.models import Answer
from law import assembly, findings, proxies, sitting
from law.findings import Finding
from meetings.models import Meeting
from members.models import Mandate


class Position(StrEnum):
    """Where somebody stands before the sitting, as the board prints it."""

    WAITING = "attente"  # has not answered
    ASKED = "sollicite"  # a substitute whom a titular sends, and who has not answered
    COMING = "vient"
    REMOTE = "distance"
    SEATED = "siege"  # a substitute who comes and takes a seat
    REPLACED = "supplee"
    REPRESENTED = "represente"
    EXCUSED = "excuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Respondent:
    """One person and what he said.

    `by` sits for him or holds his proxy; `is_settled` says whether that stands (the substitute
    agreed, the proxy can be used). `stands_for` is the titular whose seat a substitute takes or
    is asked to take; `carries` those whose usable proxies the person holds.
    """

    member: assembly.Member
    answer: Answer | None
    position: Position
    by: assembly.Member | None = None
    is_settled: bool = True
    stands_for: assembly.Member | None = None
    carries: tuple[assembly.Member, ...] = ()

    @property
    def is_titular(self) -> bool:
        """Whether he has a seat of his own."""
        return self.member.capacity is assembly.Capacity.TITULAR

    @property
    def is_substitute(self) -> bool:
        """Whether he sits only in the place of another."""
        return self.member.capacity is assembly.Capacity.SUBSTITUTE

    @property
    def has_answered(self) -> bool:
        """Whether he said anything that still counts."""
        return self.answer is not None

    @property
    def is_expected(self) -> bool:
        """Whether he is still to answer: a substitute only when somebody sends him."""
        if self.position is Position.ASKED:
            return True
        return self.position is Position.WAITING and not self.is_substitute


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Everything said of one sitting so far, in the values the law works on.

    `rows` are all the answers ever given, the oldest first; those that lapsed do not count.
    """

    meeting: Meeting
    rows: tuple[Answer, ...]

    # Whose words

    @property
    def composition(self) -> assembly.Composition:
        """Who sits, and in what capacity, at the date of the sitting."""
        return self.meeting.basis.composition

    @cached_property
    def people(self) -> Mapping[str, Mandate]:
        """Key → mandate with its person: one query, for those who ask for it."""
        keys = self._by_mandate
        mandates = Mandate.objects.filter(pk__in=keys).select_related("person", "community")
        return {keys[mandate.pk]: mandate for mandate in mandates}

    @cached_property
    def _by_mandate(self) -> Mapping[int, str]:
        return {m.mandate: m.key for m in self.composition.members if m.mandate}

    @cached_property
    def _by_person(self) -> Mapping[int, str]:
        return {mandate.person_id: key for key, mandate in self.people.items()}

    def key_of(self, mandate: Mandate | None) -> str:
        """The key of whoever holds this mandate, "" when he is not in the composition.

        A change of office gives him another mandate: he is the same man.
        """
        if mandate is None:
            return ""
        return self._by_mandate.get(mandate.pk) or self._by_person.get(mandate.person_id, "")

    def presides(self, mandate: Mandate) -> bool:
        """Whether who holds this mandate heads the body on the day of the sitting, by this one or
        another; the same as `members.access.presides` says of an account."""
        key = self.key_of(mandate)
        return bool(key) and self.composition[key].is_president

    @cached_property
    def said(self) -> Mapping[str, Answer]:
        """Key → the answer that counts, the last."""
        standing = (answer for answer in self.rows if answer.lapsed_at is None)
        found = {self.key_of(answer.mandate): answer for answer in standing}
        found.pop("", None)
        return found

    def of(self, key: str) -> list[Answer]:
        """Everything this person ever said, the latest first."""
        return [answer for answer in reversed(self.rows) if self.key_of(answer.mandate) == key]

    def stand_in_of(self, key: str) -> str:
        """Who was sent in his place, whether or not he agreed; "" for nobody."""
        return self.key_of(self.said[key].substitute) if key in self.said else ""

    def holder_of(self, key: str) -> str:
        """Who was given his proxy, whether or not he can use it; "" for nobody."""
        return self.key_of(self.said[key].holder) if key in self.said else ""

    # As the law reads them

    @cached_property
    def prevented(self) -> frozenset[str]:
        """Who said he would not come."""
        return frozenset(k for k, a in self.said.items() if a.word == Answer.Word.EXCUSED)

    @cached_property
    def remote(self) -> frozenset[str]:
        """Who said he would take part from afar."""
        return frozenset(k for k, a in self.said.items() if a.word == Answer.Word.REMOTE)

    @cached_property
    def coming(self) -> frozenset[str]:
        """Who said he would come, remotely or not."""
        return frozenset(self.said) - self.prevented

    @cached_property
    def asked(self) -> Mapping[str, str]:
        """Substitute → titular who sends him; the first to have asked keeps him.

        One who declined is left out: his titular has nobody any more.
        """
        found: dict[str, str] = {}
        for key, answer in self._in_order:
            substitute = self.key_of(answer.substitute)
            if substitute and substitute not in self.prevented:
                found.setdefault(substitute, key)
        return found

    @cached_property
    def seats(self) -> Mapping[str, str]:
        """Substitute → titular, where both agree.

        A substitute attached by name who says he comes sits for his titular without being sent.
        """
        agreed = {s: titular for s, titular in self.asked.items() if s in self.coming}
        for member in self.composition.members:
            titular = member.replaces
            if (
                member.capacity is assembly.Capacity.SUBSTITUTE
                and self.meeting.regime.substitutes != "aucun"
                and member.key in self.coming - agreed.keys() - self.asked.keys()
                and titular in self.prevented - set(agreed.values()) - set(self.asked.values())
                and self.said[titular].holder_id is None
            ):
                agreed[member.key] = titular
        return agreed

    @cached_property
    def given(self) -> tuple[sitting.ProxyGiven, ...]:
        """The proxies, in the order they were received."""
        return tuple(
            sitting.ProxyGiven(
                giver=key,
                holder=holder,
                written_on=timezone.localdate(answer.answered_at),
            )
            for key, answer in self._in_order
            if (holder := self.key_of(answer.holder))
        )

    @cached_property
    def faults(self) -> Mapping[str, Finding]:
        """Giver → why his proxy cannot be used."""
        found = proxies.objections(
            self.given,
            self.composition,
            self.meeting.regime,
            prevented=self.prevented,
            seats={**self.asked, **self.seats},
        )
        return {finding.field: finding for finding in found}

    @property
    def _in_order(self) -> list[tuple[str, Answer]]:
        return sorted(self.said.items(), key=lambda pair: pair[1].pk)

    # Questions

    def options(self, key: str) -> tuple[proxies.Proposal, ...]:
        """Every lawful way for this titular not to leave his seat empty, the best first."""
        return proxies.options(
            key,
            self.composition,
            self.meeting.regime,
            prevented=self.prevented,
            coming=self.coming,
            given=self.given,
            seats={**self.asked, **self.seats},
        )

    @cached_property
    def forecast(self) -> proxies.Forecast:
        """The quorum as it can be foreseen; who comes remotely counts if the rules say so."""
        regime = self.meeting.regime
        uncounted = frozenset() if regime.quorum_counts_remote else self.remote
        return proxies.forecast(
            self.composition,
            regime,
            prevented=self.prevented | uncounted,
            coming=self.coming - uncounted,
            given=self.given,
            seats=self.seats,
        )

    @cached_property
    def plan(self) -> proxies.Plan:
        """The solver's answer to the absences for which nothing was said."""
        return proxies.propose(
            self.composition,
            self.meeting.regime,
            prevented=self.prevented,
            coming=self.coming,
            given=self.given,
            seats={**self.asked, **self.seats},
        )

    @cached_property
    def lines(self) -> Mapping[str, Respondent]:
        """Everybody, in the order of the composition."""
        sits_for = {titular: substitute for substitute, titular in self.asked.items()}
        sits_for |= {titular: substitute for substitute, titular in self.seats.items()}
        held_by = {proxy.giver: proxy.holder for proxy in self.given}
        carried: dict[str, list[assembly.Member]] = {}
        for giver, holder in held_by.items():
            if giver not in self.faults:
                carried.setdefault(holder, []).append(self.composition[giver])
        found = {}
        for member in self.composition.members:
            key = member.key
            by = sits_for.get(key) or held_by.get(key) or ""
            titular = self.seats.get(key) or self.asked.get(key) or ""
            found[key] = Respondent(
                member=member,
                answer=self.said.get(key),
                position=self._position(key, sits_for, held_by),
                by=self.composition[by] if by else None,
                is_settled=by in self.seats if key in sits_for else key not in self.faults,
                stands_for=self.composition[titular] if titular else None,
                carries=tuple(carried.get(key, ())),
            )
        return found

    def _position(
        self, key: str, sits_for: Mapping[str, str], held_by: Mapping[str, str]
    ) -> Position:
        if key in self.seats:
            return Position.SEATED
        if key in self.remote:
            return Position.REMOTE
        if key in self.coming:
            return Position.COMING
        if key in self.prevented:
            if key in sits_for:
                return Position.REPLACED
            return Position.REPRESENTED if key in held_by else Position.EXCUSED
        return Position.ASKED if key in self.asked else Position.WAITING


def standing(meeting: Meeting) -> Answers:
    """The answers as they stand: one query."""
    rows = meeting.answers.select_related(
        "mandate", "substitute__person", "holder__person", "noted_by"
    )
    return Answers(meeting=meeting, rows=tuple(rows.order_by("pk")))


# --- Until when -------------------------------------------------------------------------------


def closing(meeting: Meeting, at: datetime) -> Finding | None:
    """Why nobody answers any more; `None` while one may."""
    told = {
        Meeting.Stage.CANCELLED: ("seance_annulee", "Cette séance est annulée."),
        Meeting.Stage.OPEN: (
            "seance_ouverte",
            "La séance est ouverte : les réponses sont closes.",
        ),
        Meeting.Stage.CLOSED: ("seance_tenue", "Cette séance s’est tenue."),
        Meeting.Stage.ISSUED: ("seance_tenue", "Cette séance s’est tenue."),
    }
    stage = Meeting.Stage(meeting.stage)
    if stage in told:
        code, message = told[stage]
    elif timezone.localdate(at) > meeting.held_on:
        code, message = "seance_passee", "Le jour de cette séance est passé."
    else:
        return None
    return Finding(code=code, message=message, remedy="Adressez-vous au secrétariat.")


def refuse_if_over(meeting: Meeting, at: datetime) -> None:
    """Raise `Refused` once nobody answers any more, see `closing`."""
    if finding := closing(meeting, at):
        raise findings.Refused([finding])
