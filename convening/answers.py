"""What the members said of their coming: verbs that write it down, readings that use it.

An answer is a new row each time; the last one of a person counts. A titular who cannot come may
send a substitute, who then answers for himself, or give a proxy. What is lawful is asked of
`law.proxies`, never decided here. Whoever is concerned by the answer of somebody else is told by
mail. At the opening the answers become the proposed roll.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from django.core.files import File
from django.db import transaction
from django.utils import timezone

from convening import notices, tokens
from convening.models import Answer, Notice, Question
from law import assembly, findings, french, proxies, sitting
from law.findings import Finding, Refused
from law.regime import article_of
from meetings.actions import ledger
from meetings.models import Meeting
from members.models import Mandate, User

# A link that was passed on must not flood the secretariat, nor those whom an answer mails.
QUESTIONS_PER_PERSON = 20  # for one sitting
CHANGES_A_DAY = 20


# --- What was said ----------------------------------------------------------------------------


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
class Line:
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
        return self.member.capacity is assembly.Capacity.TITULAR

    @property
    def is_substitute(self) -> bool:
        return self.member.capacity is assembly.Capacity.SUBSTITUTE

    @property
    def has_answered(self) -> bool:
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

    # As the law reads them

    @cached_property
    def prevented(self) -> frozenset[str]:
        """Who said he would not come."""
        return frozenset(k for k, a in self.said.items() if a.word == Answer.Word.EXCUSED)

    @cached_property
    def remote(self) -> frozenset[str]:
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
    def lines(self) -> Mapping[str, Line]:
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
            found[key] = Line(
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


def forecast(meeting: Meeting) -> proxies.Plan:
    """The solver's plan for this sitting: proposals, and the quorum they would make."""
    return standing(meeting).plan


# --- In words ---------------------------------------------------------------------------------


def to_himself(said: Answers, key: str) -> str:
    """What is recorded of somebody, said to him; "" while there is nothing to say."""
    line = said.lines[key]
    by = notices.named(line.by)
    match line.position:
        case Position.REPLACED if line.is_settled:
            told = f"vous ne venez pas : {by} siège à votre place"
        case Position.REPLACED:
            told = (
                f"vous ne venez pas : {by} est invité à siéger à votre place, sans réponse encore"
            )
            told = told.replace("invité", _agreed("invité", line.by))
        case Position.REPRESENTED if line.is_settled:
            told = f"vous ne venez pas : {by} porte votre pouvoir"
        case Position.REPRESENTED:
            told = (
                f"vous ne venez pas, et {by} ne pourra pas porter votre pouvoir : choisissez encore"
            )
        case Position.EXCUSED:
            told = "vous ne venez pas"
        case Position.SEATED:
            told = f"vous venez et siégez à la place de {notices.named(line.stands_for)}"
        case Position.REMOTE:
            told = "vous participez à distance"
        case Position.COMING if line.is_substitute and line.member.replaces in said.coming:
            titular = notices.named(said.composition[line.member.replaces])
            told = f"{titular} vient : vous pouvez assister à la séance, sans voter"
        case Position.COMING if line.is_substitute:
            told = "vous êtes disponible : vous siégerez si un titulaire vous le demande"
        case Position.COMING:
            told = "vous venez"
        case Position.ASKED:
            told = f"{notices.named(line.stands_for)} vous demande de siéger à sa place"
        case _ if line.is_substitute and line.member.replaces in said.coming:
            titular = notices.named(said.composition[line.member.replaces])
            told = f"{titular} vient : rien ne vous est demandé"
        case _ if line.is_substitute:
            told = "siégeriez-vous à la place d’un titulaire empêché ?"
        case _:
            return ""
    return french.nbsp(french.sentence(told))


def of_him(line: Line) -> str:
    """The same in a few words, for the board: « excusée », « remplacé par Mme X (à confirmer) »."""
    by = notices.named(line.by)
    pending = "" if line.is_settled else " (à confirmer)"
    match line.position:
        case Position.COMING | Position.REMOTE if line.is_substitute:
            told = "disponible"
        case Position.COMING:
            told = "vient"
        case Position.REMOTE:
            told = "à distance"
        case Position.SEATED:
            told = f"siège pour {notices.named(line.stands_for)}"
        case Position.REPLACED:
            told = f"{_agreed('remplacé', line.member)} par {by}{pending}"
        case Position.REPRESENTED if line.is_settled:
            told = f"pouvoir à {by}"
        case Position.REPRESENTED:
            told = f"pouvoir à {by}, sans effet"
        case Position.EXCUSED:
            told = _agreed("excusé", line.member)
        case Position.ASKED:
            told = f"{_agreed('sollicité', line.member)} par {notices.named(line.stands_for)}"
        case _:
            told = "" if line.is_substitute else "sans réponse"
    return french.nbsp(told)


def _agreed(word: str, member: assembly.Member | None) -> str:
    return french.agree(word, feminine=member is not None and member.civility == "Mme")


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


def _refuse_if_over(meeting: Meeting, at: datetime) -> None:
    if finding := closing(meeting, at):
        raise Refused([finding])


# --- Verbs ------------------------------------------------------------------------------------


@transaction.atomic
def answer(
    meeting: Meeting,
    *,
    mandate: Mandate,
    word: str,
    via: str,
    at: datetime,
    substitute: Mandate | None = None,
    holder: Mandate | None = None,
    proxy_form: File | None = None,
    by: User | None = None,
) -> Answer:
    """Write down what somebody says of his coming, and tell whom it concerns.

    Saying the same again changes nothing and mails nobody. Raises `Refused` when the sitting has
    begun or when the law does not allow what is asked.
    """
    ledger.lock(meeting)
    meeting.refresh_from_db(fields=["stage", "held_on", "starts_at"])
    _refuse_if_over(meeting, at)
    before = standing(meeting)
    key = before.key_of(mandate)
    findings.refuse(
        _objections(before, key, word=word, substitute=substitute, holder=holder, at=at)
    )
    known = before.said.get(key)
    if known is not None and proxy_form is None and _says(known, word, substitute, holder):
        return known
    if via != Answer.Via.SECRETARIAT:
        _refuse_a_flood(before.of(key), at)
    told = Answer(
        meeting=meeting,
        mandate_id=before.composition[key].mandate,
        word=word,
        substitute=substitute,
        holder=holder,
        via=via,
        noted_by=by if via == Answer.Via.SECRETARIAT else None,
        answered_at=at,
    )
    if proxy_form is not None:
        told.proxy_form.save(_stored_name(proxy_form), proxy_form, save=False)
    told.save()
    _forget_reminders(meeting, mandate)
    ledger.touch(meeting)
    _tell(before, standing(meeting), told, at=at)
    return told


def lapse(meeting: Meeting, *, at: datetime) -> int:
    """The sitting is held on another day: everybody is asked again. How many answers lapse."""
    return meeting.answers.current().update(lapsed_at=at)


def _refuse_a_flood(told: list[Answer], at: datetime) -> None:
    if sum(1 for answer in told if at - answer.answered_at < timedelta(days=1)) >= CHANGES_A_DAY:
        raise Refused(
            [
                Finding(
                    code="changements_trop_nombreux",
                    message=f"Cette réponse a déjà changé {CHANGES_A_DAY} fois en un jour.",
                    remedy="Appelez le secrétariat.",
                )
            ]
        )


def _stored_name(file: File) -> str:
    """A name that says nothing of its sender, with the ending its content deserved."""
    return f"{secrets.token_hex(16)}{Path(file.name or '').suffix}"


def _says(known: Answer, word: str, substitute: Mandate | None, holder: Mandate | None) -> bool:
    return (known.word, known.substitute_id, known.holder_id) == (
        word,
        substitute.pk if substitute else None,
        holder.pk if holder else None,
    )


def _objections(
    answers: Answers,
    key: str,
    *,
    word: str,
    substitute: Mandate | None,
    holder: Mandate | None,
    at: datetime,
) -> Iterator[Finding]:
    meeting, regime = answers.meeting, answers.meeting.regime
    if not key:
        yield Finding(
            code="hors_composition",
            message="Cette personne ne siège pas dans l’instance au jour de la séance.",
        )
        return
    if word not in Answer.Word.values:
        yield Finding(code="reponse_inconnue", message="Cette réponse n’existe pas.", field="word")
    if word == Answer.Word.REMOTE and not regime.remote_allowed:
        yield Finding(
            code="distance_exclue",
            message="Les règles de cette instance n’admettent pas la présence à distance.",
            article=article_of(regime, "remote_allowed"),
            field="word",
        )
    if substitute is None and holder is None:
        return
    if word != Answer.Word.EXCUSED:
        yield Finding(
            code="present_et_remplace",
            message="Qui vient ne se fait ni remplacer ni représenter.",
            field="word",
        )
    elif substitute is not None and holder is not None:
        yield Finding(
            code="suppleant_et_pouvoir",
            message="Choisissez un suppléant ou un pouvoir, non les deux.",
            field="holder",
        )
    elif answers.composition[key].capacity is not assembly.Capacity.TITULAR:
        yield Finding(
            code="non_titulaire",
            message="Seul un titulaire se fait remplacer ou donne pouvoir.",
            article=article_of(regime, "proxies_allowed"),
            field="substitute" if substitute else "holder",
        )
    elif substitute is not None:
        yield from _objections_to_substitute(answers, key, substitute)
    elif holder is not None:
        if regime.proxy_deadline_hours and at > timezone.make_aware(
            meeting.scheduled_for - timedelta(hours=regime.proxy_deadline_hours)
        ):
            hours = french.count(regime.proxy_deadline_hours, "heure")
            yield Finding(
                code="pouvoir_tardif",
                message=f"Les pouvoirs se déposent {hours} avant la séance au plus tard.",
                article="règlement intérieur",
                field="holder",
            )
        yield from _objections_to_holder(answers, key, holder)


def _objections_to_substitute(answers: Answers, key: str, substitute: Mandate) -> Iterator[Finding]:
    chosen = answers.key_of(substitute)
    if chosen in {p.by for p in answers.options(key) if p.is_substitution}:
        return
    other = answers.asked.get(chosen) or answers.seats.get(chosen)
    if chosen in answers.prevented:
        why = f"{substitute.person} a dit ne pas venir."
    elif other and other != key:
        why = f"{substitute.person} siège déjà à la place de {answers.composition[other].name}."
    else:
        why = f"{substitute.person} ne peut pas siéger à cette place."
    yield Finding(
        code="suppleant_impossible",
        message=why,
        article=article_of(answers.meeting.regime, "substitutes"),
        remedy="Choisissez une autre personne.",
        field="substitute",
    )


def _objections_to_holder(answers: Answers, key: str, holder: Mandate) -> Iterator[Finding]:
    chosen = answers.key_of(holder)
    options = answers.options(key)
    if chosen in {p.by for p in options if not p.is_substitution}:
        return
    regime = answers.meeting.regime
    wanted = sitting.ProxyGiven(giver=key, holder=chosen)
    found = proxies.objections(
        [*(proxy for proxy in answers.given if proxy.giver != key), wanted],
        answers.composition,
        regime,
        prevented=answers.prevented | {key},
        seats={**answers.asked, **answers.seats},
    )
    why = [finding for finding in found if finding.field == key]
    if why:
        yield Finding(
            code=why[0].code,
            message=why[0].message,
            article=why[0].article,
            remedy="Choisissez un autre collègue.",
            field="holder",
        )
    elif any(option.is_substitution for option in options):
        yield Finding(
            code="suppleant_disponible",
            message="Un suppléant peut siéger à votre place : il passe avant un pouvoir.",
            article=article_of(regime, "substitute_first"),
            remedy="Choisissez le suppléant.",
            field="holder",
        )
    else:
        yield Finding(
            code="porteur_impossible",
            message=f"{holder.person} ne peut pas porter ce pouvoir.",
            article=article_of(regime, "proxies_allowed"),
            remedy="Choisissez un autre collègue.",
            field="holder",
        )


@transaction.atomic
def suggest(meeting: Meeting, *, absent: str, chosen: str, by: User, at: datetime) -> None:
    """Write to somebody who does not come who could sit for him or carry his proxy; once.

    He decides: a proxy is the free choice of its giver. Raises `Refused` when that is no longer
    lawful, or when he has no address.
    """
    ledger.lock(meeting)
    _refuse_if_over(meeting, at)
    said = standing(meeting)
    proposal = next(
        (
            option
            for option in (said.options(absent) if absent in said.composition else ())
            if option.by == chosen
        ),
        None,
    )
    if proposal is None:
        raise Refused(
            [
                Finding(
                    code="proposition_depassee",
                    message="Cette proposition ne tient plus : quelqu’un a répondu entre-temps.",
                )
            ]
        )
    member, other = said.composition[absent], said.composition[chosen]
    if not said.people[absent].person.email:
        raise Refused(
            [
                Finding(
                    code="sans_adresse",
                    message=f"{notices.named(member)} n’a pas d’adresse électronique.",
                    remedy="Appelez-le, puis notez sa réponse.",
                )
            ]
        )
    name = notices.named(other)
    text = f"Vous avez dit ne pas venir. {name} peut porter votre pouvoir et voter en votre nom."
    if proposal.is_substitution:
        text = f"Vous avez dit ne pas venir. {name} peut siéger à votre place."
    notices.write(
        meeting,
        to=said.people[absent],
        reason=notices.proposing(meeting, member, other),
        about="qui peut tenir votre place",
        text=f"{text} Si cela vous convient, dites-le par votre lien personnel.",
        by=by,
        at=at,
    )


@transaction.atomic
def renew_link(meeting: Meeting, *, mandate: Mandate, by: User, at: datetime) -> bool:
    """Make the personal link again: the one before opens nothing any more.

    The new one leaves by mail; `False` when there is no address to send it to.
    """
    ledger.lock(meeting)
    _refuse_if_over(meeting, at)
    invitation, _ = tokens.make_invitation(meeting, mandate, at=at)
    if not mandate.person.email:
        return False
    notices.write(
        meeting,
        to=mandate,
        reason=f"lien-{invitation.pk}",
        about="votre nouveau lien personnel",
        text="Voici un nouveau lien pour répondre. Celui que vous aviez n’ouvre plus rien.",
        by=by,
        at=at,
    )
    return True


def _forget_reminders(meeting: Meeting, mandate: Mandate) -> None:
    """A reminder that waits in the queue is taken out: the answer it asks for has come."""
    Notice.objects.filter(
        meeting=meeting,
        mandate__person=mandate.person_id,
        once__startswith=notices.REMINDER,
        state=Notice.State.QUEUED,
    ).delete()


@transaction.atomic
def ask(meeting: Meeting, *, mandate: Mandate, text: str, at: datetime) -> Question:
    """A question to the secretariat. The same question put twice in a row is one."""
    ledger.lock(meeting)
    meeting.refresh_from_db(fields=["stage", "held_on"])
    _refuse_if_over(meeting, at)
    text = text.strip()
    limit = Question._meta.get_field("text").max_length
    asked = list(meeting.questions.filter(mandate__person=mandate.person_id))
    if not text:
        raise Refused([Finding(code="question_vide", message="Écrivez la question.", field="text")])
    if len(text) > limit:
        raise Refused(
            [
                Finding(
                    code="question_longue",
                    message=f"La question compte {len(text)} signes, {limit} au plus.",
                    field="text",
                )
            ]
        )
    if asked and asked[-1].text == text and not asked[-1].reply:
        return asked[-1]
    if len(asked) >= QUESTIONS_PER_PERSON:
        raise Refused(
            [
                Finding(
                    code="questions_trop_nombreuses",
                    message=f"Vous avez déjà posé {QUESTIONS_PER_PERSON} questions.",
                    remedy="Appelez le secrétariat.",
                    field="text",
                )
            ]
        )
    question = Question.objects.create(meeting=meeting, mandate=mandate, text=text, asked_at=at)
    ledger.touch(meeting)
    return question


@transaction.atomic
def reply(question: Question, *, text: str, by: User, at: datetime) -> Question:
    """Answer a question; the delegate gets it by mail and on his page. May be corrected."""
    question = Question.objects.select_for_update(of=("self",)).get(pk=question.pk)
    text = text.strip()
    if not text:
        raise Refused([Finding(code="reponse_vide", message="Écrivez la réponse.", field="text")])
    if text == question.reply:
        return question
    question.reply, question.replied_at = text, at
    question.save(update_fields=["reply", "replied_at"])
    ledger.touch(question.meeting)
    notices.write(
        question.meeting,
        to=question.mandate,
        reason=f"question-{question.pk}-{at:%Y%m%d%H%M%S%f}",
        about="réponse à votre question",
        text=f"Vous demandiez :\n\n{question.text}\n\nLe secrétariat vous répond :\n\n{text}",
        by=by,
        at=at,
    )
    return question


# --- Whom it concerns -------------------------------------------------------------------------


def _tell(before: Answers, after: Answers, told: Answer, *, at: datetime) -> None:
    """Mail whoever is concerned by what changed, each for one reason at most."""
    meeting, key = after.meeting, after.key_of(told.mandate)
    who = notices.named(after.composition[key])

    def write(to: str, reason: str, about: str, text: str) -> None:
        if to and to != key:
            notices.write(
                meeting,
                to=after.people[to],
                reason=f"{reason}-{told.pk}-{after.composition[to].mandate}",
                about=about,
                text=text,
                at=at,
            )

    had, has = _stand_in(before, key), _stand_in(after, key)
    if had and had != has:
        again = "vient finalement" if key in after.coming else "s’est organisé autrement"
        if after.composition[key].civility == "Mme":
            again = again.replace("organisé", "organisée")
        write(
            had,
            "remplacement-retire",
            f"vous ne remplacez plus {who}",
            f"{who} {again} : vous n’avez plus à siéger à sa place.",
        )
    if has and has != had:
        write(
            has,
            "remplacement",
            f"siéger à la place de {who}",
            f"{who} ne pourra pas venir et vous demande de siéger à sa place. "
            "Dites, par votre lien personnel, si vous venez.",
        )
    held, holds = _holder(before, key), _holder(after, key)
    if held and held != holds:
        write(
            held,
            "pouvoir-retire",
            f"vous ne portez plus le pouvoir de {who}",
            f"{who} retire le pouvoir qui vous était donné.",
        )
    if holds and holds != held:
        write(
            holds,
            "pouvoir",
            f"{who} vous donne pouvoir",
            f"{who} ne pourra pas venir et vous donne pouvoir de voter en son nom. "
            "Si vous ne pouvez pas venir vous-même, dites-le par votre lien personnel : ce "
            "pouvoir serait sans effet.",
        )
    for titular, substitute in _declined(before, after, key):
        name = notices.named(after.composition[substitute])
        write(
            titular,
            "suppleant-empeche",
            f"{name} ne peut pas vous remplacer",
            f"{name} ne pourra pas siéger à votre place. Votre lien personnel dit qui d’autre "
            "le peut, ou à qui donner pouvoir.",
        )
    for giver in after.faults.keys() - before.faults.keys():
        name = notices.named(after.composition[_holder(after, giver)])
        write(
            giver,
            "pouvoir-sans-effet",
            "votre pouvoir est sans effet",
            f"{name}, à qui vous avez donné pouvoir, ne pourra pas le porter. "
            "Votre lien personnel dit à qui d’autre le donner.",
        )


def _stand_in(answers: Answers, key: str) -> str:
    """Who was sent in his place, whether or not he agreed."""
    said = answers.said.get(key)
    return answers.key_of(said.substitute) if said else ""


def _holder(answers: Answers, key: str) -> str:
    said = answers.said.get(key)
    return answers.key_of(said.holder) if said else ""


def _declined(before: Answers, after: Answers, key: str) -> Iterator[tuple[str, str]]:
    """The titular who sent this person, when this person now says no."""
    if key in after.prevented and key not in before.prevented:
        for titular in after.said:
            if _stand_in(after, titular) == key:
                yield titular, key


# --- The proposed roll ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RollRow:
    """What the roll proposes for one person; the secretary changes it with one key.

    `standing` is present, distance, excuse or absent; `stand_in` may sit for him, `holder` may
    vote for him. `has_form` says that the signed proxy was received.
    """

    member: assembly.Member
    standing: str
    stand_in: assembly.Member | None = None
    holder: assembly.Member | None = None
    has_form: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """Who is to be told present, remote or excused; who sits for whom; who votes for whom."""

    standings: Mapping[str, str]
    seats: Mapping[str, str]  # substitute → titular
    proxies: Mapping[str, str]  # giver → holder


def proposed_rows(answers: Answers) -> dict[str, RollRow]:
    """The roll as the answers foresee it; what was already pointed at the door comes first."""
    pointed = _pointed(answers.meeting)
    stand_ins = {titular: substitute for substitute, titular in answers.seats.items()}
    rows = {}
    for member in answers.composition.members:
        key, said = member.key, answers.said.get(member.key)
        standing = pointed.get(key, "")
        if not standing and said is not None:
            words = {Answer.Word.EXCUSED: "excuse", Answer.Word.REMOTE: "distance"}
            standing = words.get(Answer.Word(said.word), "present")
        stand_in = stand_ins.get(key, "")
        holder = "" if stand_in or key in answers.faults else _holder(answers, key)
        rows[key] = RollRow(
            member=member,
            standing=standing or "absent",
            stand_in=answers.composition[stand_in] if stand_in else None,
            holder=answers.composition[holder] if holder else None,
            has_form=bool(said and said.proxy_form),
            note="sans réponse" if not standing and answers.lines[key].is_expected else "",
        )
    return rows


def proposed_roll(answers: Answers) -> Roll:
    """The same as values, ready to be told."""
    rows = proposed_rows(answers)
    return Roll(
        standings={key: row.standing for key, row in rows.items()},
        seats={row.stand_in.key: key for key, row in rows.items() if row.stand_in},
        proxies={key: row.holder.key for key, row in rows.items() if row.holder},
    )


def _pointed(meeting: Meeting) -> dict[str, str]:
    """Member → what the ledger already says of him before the opening."""
    state = meeting.sitting.at_end
    found = dict.fromkeys(state.excused, "excuse")
    found |= {key: "distance" if key in state.remote else "present" for key in state.room}
    return found


@transaction.atomic
def roll_from_answers(
    meeting: Meeting, *, by: User, at: datetime, roll: Roll | None = None
) -> tuple[Finding, ...]:
    """Tell the roll in one act: as the answers foresee it, or as the secretary corrected it.

    What the ledger already says so is left alone, what it says otherwise is voided. A seat or a
    proxy that the roll makes pointless (the titular is there, nobody to carry it) is left out.
    Returns the warnings of the law; raises `Refused` once the sitting is open.
    """
    ledger.lock(meeting)
    meeting.refresh_from_db(fields=["stage", "held_on"])
    if meeting.stage != Meeting.Stage.PREPARED:
        _refuse_if_over(meeting, at)
    wanted = _sensible(meeting, roll or proposed_roll(standing(meeting)))
    story = list(_story(meeting, wanted))
    return ledger.record(meeting, *story, by=by) if story else ()


def _sensible(meeting: Meeting, roll: Roll) -> Roll:
    standings = {**_pointed(meeting), **roll.standings}
    there = {key for key, standing in standings.items() if standing in ("present", "distance")}
    seats: dict[str, str] = {}
    for substitute, titular in roll.seats.items():
        if substitute in there and titular not in there and titular not in seats.values():
            seats[substitute] = titular
    carried = {
        giver: holder
        for giver, holder in roll.proxies.items()
        if giver not in there and giver not in seats.values() and holder in there
    }
    return Roll(standings=roll.standings, seats=seats, proxies=carried)


def _story(meeting: Meeting, roll: Roll) -> Iterator[sitting.Event]:
    """What must be told for the ledger to say this roll."""
    told = sitting.standing_events(meeting.ledger)
    pointed = _pointed(meeting)
    state = meeting.sitting.at_end

    def void(wanted: Callable[[sitting.Event], bool]) -> Iterator[sitting.Event]:
        for event in told:
            if wanted(event):
                yield sitting.Voided(target=event.seq, reason="remplacé")

    moves = sitting.Arrived | sitting.Left | sitting.Excused
    for key, standing in roll.standings.items():
        if pointed.get(key, "absent") == standing:
            continue
        yield from void(lambda e, key=key: isinstance(e, moves) and e.member == key)
        if standing == "excuse":
            yield sitting.Excused(member=key)
        elif standing != "absent":
            yield sitting.Arrived(member=key, remote=standing == "distance")
    kept = {s: t for s, t in state.seats.items() if roll.seats.get(s) == t}
    yield from void(lambda e: isinstance(e, sitting.SeatTaken) and e.substitute not in kept)
    for substitute, titular in roll.seats.items():
        if substitute not in kept:
            yield sitting.SeatTaken(substitute=substitute, titular=titular)
    held = {g: p.holder for g, p in state.proxies.items() if roll.proxies.get(g) == p.holder}
    yield from void(lambda e: isinstance(e, sitting.ProxyGiven) and e.giver not in held)
    for giver, holder in roll.proxies.items():
        if giver not in held:
            yield sitting.ProxyGiven(giver=giver, holder=holder)
