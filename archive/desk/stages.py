"""Where a sitting is, from its agenda to what everybody reads of it: the line of its stages, the
one thing to do next, and what that still lacks.

`waiting` says what awaits whom, with the legal dates; this puts it in the order of a sitting's
life. The pages of the rooms below ask for it by `{% stages %}`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from operator import attrgetter

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from archive.desk import piles, waiting
from archive.desk.tasks import Deed, Stage, Task
from archive.models import Publication
from archive.online import publications
from convening.dispatch import addressees, checklist, sent, timing
from convening.models import Recipient
from documents import compile
from documents.models import IssuedDocument
from law import deadlines, french
from law.findings import Finding
from law.french import NBSP
from meetings import reading
from meetings.models import AgendaItem, Meeting
from registry.acts import reading as register
from registry.signatures import reading as signatures
from registry.writing import checklist as writing
from transmission import reading as prefecture
from transmission.models import Transmission


class State(StrEnum):
    """How far a stage is, in the word that is shown of it."""

    DONE = "fait"
    CURRENT = "en cours"
    OPEN = "à faire"
    LACKING = "à compléter"  # the agenda of a sitting to come, which does not say all that it must
    COMING = "à venir"
    PARTLY = "en partie"  # some of its papers are online, and others are not
    UNHANDED = "établie, non remise"  # the convocation, of which nothing left
    LEAVING = "envoi en cours"  # the same, whose mails are on their way
    SHORT = "remise en partie"  # the same, which did not reach every member
    UNTOLD = "non noté"  # the sitting went on, and nobody told it here
    VOID = "sans objet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A stage of one sitting: its page, how far it is, its day or the last one (art. given), whose
    year is said when it is not that of the sitting."""

    stage: Stage
    state: State
    year: int
    url: str  # "" while there is nothing to look at
    on: date | None = None
    due_on: date | None = None
    article: str = ""
    is_late: bool = False
    of_list: bool = False  # its last day is that of the list, which is established first
    is_awaited: bool = False  # nothing remains but its day
    missed_on: date | None = None  # its last day, of what was done after it
    reach: sent.Reach | None = None  # of a convocation that did not reach everybody
    is_to_ask: bool = False  # nobody was asked to sign yet
    but: str = ""  # of what is done in part, what is not
    in_wait: str = ""  # « non exécutoires », for too long: late, though no date says it

    @property
    def label(self) -> str:
        """« Faire arrêter »."""
        return french.capitalise(self.stage)

    @property
    def said(self) -> str:
        """« en cours, d’ici au 2 déc. », « en retard depuis le 24 nov. »."""
        if self.state is State.UNHANDED:
            return str(self.state)
        if self.but:
            return f"sauf {self.but}"
        if self.in_wait:
            return self.in_wait
        if self.due_on:
            what = "liste " if self.of_list else ""
            if self.is_late:
                return f"{what}en retard depuis le {self._short(self.due_on)}"
            return f"{self._so_far}, {what}d’ici au {self._short(self.due_on)}"
        if self.reach:
            to = "envoi en cours," if self.state is State.LEAVING else "remise à"
            many = french.count(self.reach.of, "membre")
            return french.nbsp(f"{to} {self.reach.handed} sur {many}")
        state = State.COMING if self.is_awaited else self._so_far
        said = f"{state}, le {self._short(self.on)}" if self.on else str(state)
        return f"{said} au lieu du {self._short(self.missed_on)}" if self.missed_on else said

    @property
    def told(self) -> str:
        """The same, which a narrow line breaks at a comma or between two days alone."""
        parts = (each.replace(" ", NBSP) for each in self.said.split(", "))
        return ", ".join(parts).replace(f"{NBSP}au{NBSP}lieu", f" au{NBSP}lieu")

    @property
    def _so_far(self) -> str:
        return "à demander" if self.is_to_ask else str(self.state)

    def _short(self, day: date) -> str:
        return french.short_day(day, year=self.year)

    @property
    def mark(self) -> str:
        """The name of its state in the style sheet: "done", "current"…"""
        return self.state.name.lower()

    @property
    def icon(self) -> str:
        """The picture beside its name."""
        return "warning" if self.is_late else _ICONS[self.state]


_ICONS = {
    State.DONE: "check",
    State.CURRENT: "right",
    State.OPEN: "pen",
    State.LACKING: "pen",
    State.COMING: "clock",
    State.PARTLY: "link",
    State.UNHANDED: "warning",
    State.LEAVING: "clock",
    State.SHORT: "warning",
    State.UNTOLD: "more",
    State.VOID: "close",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Belated:
    """A duty done after its last day: which, when it was done and when it was due (art. given)."""

    stage: Stage
    what: str
    on: date
    due_on: date
    article: str
    is_of_list: bool = False  # of the deliberations

    @property
    def days_late(self) -> int:
        """How many days after its last day."""
        return (self.on - self.due_on).days

    @property
    def said(self) -> str:
        """« liste des délibérations mise en ligne le 28 novembre 2026, et non le 7… »."""
        days = french.long_date(self.on), french.long_date(self.due_on)
        return french.nbsp("{} le {}, et non le {} au plus tard".format(self.what, *days))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What is missing, in words that follow « Il manque », and the very place where it is given;
    `verb`, where that is done before the next thing can be, or is that thing (`is_it`)."""

    what: str
    url: str = ""
    verb: str = ""
    is_it: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """The one thing to do next: of which stage, which deed where it is one that awaits, before
    when, the words of its button, where it leads, and when what follows it becomes possible.

    `verb` is "" when somebody else is awaited: nothing is offered then but to look (`also`), and
    to remind those of whom a signature is awaited (`signers`, their numbers).
    """

    stage: Stage
    what: str
    deed: Deed | None = None
    verb: str = ""
    url: str = ""
    before: str = ""
    article: str = ""
    is_late: bool = False
    of_minutes: bool = False  # rather than of the list and the extracts
    then: str = ""
    also: tuple[tuple[str, str], ...] = ()
    signers: tuple[int, ...] = ()
    of_both: bool = False  # of the minutes and of the rest
    asks_urgency: bool = False  # a new convocation may still give the reason of one
    asked: str = ""  # who asked the secretariat for it, and when

    @property
    def keeps_its_day(self) -> bool:
        """Whether `also` is what one does who does not move the sitting, for all its delay."""
        return self.deed is Deed.MOVE


class Line:
    """The stages of a sitting on one day, and the next thing to do; `None` once all is done."""

    def __init__(self, meeting: Meeting, *, on: date) -> None:
        self.meeting, self.on = meeting, on
        # They say what they wait for in the words of the first page.
        self.tasks = [piles.waited(each, on=on) for each in waiting.tasks_of(meeting, on=on)]
        self.is_to_come = meeting.held_on > on and not meeting.ledger
        self.is_over = meeting.stage in (Meeting.Stage.CLOSED, Meeting.Stage.ISSUED)

    @property
    def may_be_held(self) -> bool:
        """Whether its day has come, and nobody closed it."""
        return self.meeting.stage in _HELD and not self.is_to_come

    @property
    def is_under_way(self) -> bool:
        """Whether the assembly sits: it is opened, on its day, and not closed."""
        is_today = self.meeting.held_on == self.on
        return is_today and self.may_be_held and bool(reading.under_way(self.meeting))

    @cached_property
    def unprepared(self) -> tuple[Lack, ...]:
        """What keeps a sitting to come from being convened, on its own pages."""
        if not self.is_to_come or self.meeting.is_convened:
            return ()
        return tuple(_unprepared(self.meeting))

    @cached_property
    def account(self) -> Task | None:
        """What was decided by delegation and this sitting to come is to be told, while no item of
        its agenda tells it."""
        return waiting.to_account(self.meeting, on=self.on) if self.is_to_come else None

    @property
    def completes_account(self) -> bool:
        """Whether an item of its agenda gives the account, that does not tell all of it."""
        return self.account is not None and self.account.deed is Deed.COMPLETE_ACCOUNT

    @cached_property
    def reach(self) -> sent.Reach | None:
        """How far its convocation went, `None` of one that left from elsewhere."""
        return sent.reach(self.meeting)

    @property
    def is_unhanded(self) -> bool:
        """Whether it was convened on paper alone: nothing was handed over."""
        return self.reach is not None and self.reach.is_none

    @property
    def doubts(self) -> tuple[Finding, ...]:
        """That nobody was convened, as far as is known here, from the morning of its day until its
        minutes are issued; of one that was typed after its day little is known."""
        meeting = self.meeting
        is_typed_later = timezone.localdate(meeting.created_at) > meeting.held_on
        has_come = meeting.was_opened or (self.may_be_held and meeting.held_on == self.on)
        if is_typed_later or not has_come or meeting.is_convened or self.is_issued:
            return ()
        at = timezone.make_aware(datetime.combine(meeting.held_on, time()))
        return tuple(reading.unconvened(meeting, at))

    @property
    def is_issued(self) -> bool:
        """Whether its minutes are issued: they say what was told of its convocation."""
        return self.meeting.stage == Meeting.Stage.ISSUED

    @property
    def called_off_for(self) -> str:
        """Why a sitting that is called off was."""
        return sent.why_called_off(self.meeting)

    @cached_property
    def minutes(self) -> IssuedDocument | None:
        """The minutes in force."""
        found = getattr(self.meeting, "papers_in_force", ())
        return next((each for each in found if each.is_minutes), None)

    @cached_property
    def belated(self) -> tuple[Belated, ...]:
        """What the law dates and was done too late, first what was due first: « fait » is read as
        « fait à temps »."""
        if self.meeting.stage == Meeting.Stage.CANCELLED:
            return ()
        late = (found for found in self._dated() if found.on > found.due_on)
        return tuple(sorted(late, key=attrgetter("due_on")))

    def _dated(self) -> Iterator[Belated]:
        meeting = self.meeting
        left = sent.left_on(meeting) if self.reach else meeting.convened_on
        if left and (notice := meeting.notice):
            last, why = notice.latest_dispatch, notice.article
            yield Belated(stage=Stage.CONVENE, what="convoquée", on=left, due_on=last, article=why)
        if self.is_to_transmit and self.acts:
            for act, on, last in prefecture.sent_late(meeting):
                told = f"{act.label} transmise"
                why = last.article
                yield Belated(stage=Stage.TRANSMIT, what=told, on=on, due_on=last.on, article=why)
        papers = getattr(meeting, "papers_in_force", ())
        if not papers or meeting.held_on < deadlines.PUBLICITY_SINCE:
            return
        due = {paper: publications.due(paper) for paper in papers}
        over = {paper: (on, why) for paper, (on, why) in due.items() if on and on < self.on}
        online = publications.first_days(meeting) if over else {}
        for paper, (last, why) in over.items():
            if paper.is_minutes and paper.version == 1 and signatures.is_signed(paper):
                days = [timezone.localdate(each.signed_at) for each in paper.signatures.all()]
                told = "procès-verbal signé"
                yield Belated(stage=Stage.SIGN, what=told, on=max(days), due_on=last, article=why)
            if on := online.get(paper.kind):
                yield Belated(
                    stage=Stage.PUBLISH,
                    what="procès-verbal mis en ligne"
                    if paper.is_minutes
                    else "liste des délibérations mise en ligne",
                    on=on,
                    due_on=last,
                    article=why,
                    is_of_list=not paper.is_minutes,
                )

    # The next thing to do

    @cached_property
    def next(self) -> Next | None:
        """What the secretariat does now; what it waits for when nothing is in its hands."""
        if self.meeting.stage == Meeting.Stage.CANCELLED:
            return None
        if self.is_to_come:
            found = self._before_its_day()
        else:
            found = self._after() if self.is_over else self._holding()
        if found is None:
            return None
        words = {name: french.nbsp(getattr(found, name)) for name in ("what", "before", "then")}
        return replace(found, **words)

    def _before_its_day(self) -> Next:
        meeting = self.meeting
        if self.unprepared:
            return Next(
                stage=Stage.PREPARE,
                what="Préparer la séance",
                verb="Compléter",
                url=self.unprepared[0].url,
                then="La convocation sera possible quand rien ne manquera, le procès-verbal quand "
                "la séance sera levée.",
            )
        if meeting.is_convened and all(t.stage is not Stage.CONVENE for t in self.tasks):
            return Next(
                stage=Stage.HOLD,
                what="Suivre les réponses",
                verb="Voir les réponses",
                url=self._at("convening:board"),
                then=_WHEN_CLOSED,
                also=(("Écran de salle et tablettes", self._at("live:equipment")),),
            )
        task = self.tasks[0]
        verb, act, also = task.deed.verb, "Convoquer", []
        change = f"{self._at('meetings:edit')}#id_held_on"
        if meeting.is_convened:
            act, change = task.what, self._at("convening:move")
            also = [] if self.is_unhanded else [("Voir les réponses", self._at("convening:board"))]
            if task.deed in (Deed.HAND_OVER, Deed.HAND_TO_THE_REST):
                task = replace(task, url=self._handing_over)
        notice = meeting.notice_of(None)
        is_late = task.is_late(self.on)
        if is_late and (self.is_unhanded or not meeting.is_convened):
            return self._without_its_notice(task, act, verb, change, also)
        told = f", {_days(notice.required)}" if task.article else ""
        last = french.long_date(task.due_on, weekday=True)
        return Next(
            stage=Stage.CONVENE,
            what=f"{act}{NBSP}: le délai est passé" if is_late else task.what,
            deed=task.deed,
            verb=verb,
            url=task.url,
            before=f"{'il fallait le faire ' if is_late else ''}au plus tard le {last}{told}",
            article=task.article,
            is_late=is_late,
            also=(("Changer la date", change), *also) if is_late else tuple(also),
        )

    @property
    def _handing_over(self) -> str:
        """Where one notes to whom its convocation was handed over."""
        found = sent.last_sent(self.meeting)
        page = reverse("convening:ledger", args=[found.pk]) if found else ""
        return f"{page}#remettre" if page else self._at("convening:prepare")

    def _without_its_notice(
        self, task: Task, act: str, verb: str, change: str, also: Sequence[tuple[str, str]]
    ) -> Next:
        """Its assembly has its notice no more: it is held on another day, unless urgency, which the
        convocation gives the reason of, shortens the notice (art. L2121-11 et L2121-12)."""
        meeting = self.meeting
        urgent = meeting.notice_of(self.on, urgent=True)
        may_be_urgent = urgent.urgent and urgent.regular
        last = french.long_date(urgent.latest_dispatch, weekday=True)
        missed = french.long_date(task.due_on, weekday=True)
        why = "la convocation n’est pas remise"
        why = why if self.is_unhanded else "la séance n’est pas convoquée"
        before = f"{why}{NBSP}: il fallait le faire au plus tard le {missed}, "
        asks_urgency = False
        if may_be_urgent and self.is_unhanded and sent.is_urgent(meeting):
            then = f"L’urgence en est motivée{NBSP}: elle se remet au plus tard le {last}."
            deed, offered = task.deed, (verb, task.url)
            others = [("Changer la date", change), *also]
        else:
            then = (
                "À cette date, la séance n’aurait pas son délai et ce qu’elle décide pourrait être "
                f"annulé{NBSP}: changez la date"
            )
            if may_be_urgent:
                place = "une nouvelle convocation" if self.is_unhanded else "la convocation"
                then += f", ou motivez l’urgence dans {place}, qui part au plus tard le {last}"
            then += f" ({urgent.article})." if may_be_urgent else "."
            is_usual = may_be_urgent and not self.is_unhanded
            asks_urgency = may_be_urgent and self.is_unhanded
            words = f"{verb} en urgence…" if is_usual else f"{verb} quand même…"
            deed, offered = Deed.MOVE, (Deed.MOVE.verb, change)
            others = [(words, task.url)]
            if asks_urgency:
                others.insert(0, ("Motiver l’urgence…", self._at("convening:prepare")))
        return Next(
            stage=Stage.CONVENE,
            what=Deed.MOVE.told() if deed is Deed.MOVE else f"{act}{NBSP}: le délai est passé",
            deed=deed,
            verb=offered[0],
            url=offered[1],
            before=f"{before}{_days(meeting.notice_of(None).required)}",
            article=task.article,
            is_late=True,
            then=then,
            also=tuple(others),
            asks_urgency=asks_urgency,
        )

    def _holding(self) -> Next:
        """From its day on. What is late is typed after the fact."""
        meeting = self.meeting
        live = ("Tenir la séance en direct", self._at("live:console"))
        typed = ("Saisir les présences", self._at("meetings:attendance"))
        if self.is_under_way:
            return Next(
                stage=Stage.HOLD,
                what=reading.under_way(meeting),
                verb=Deed.RESUME.told(),
                url=live[1],
                then=_WHEN_CLOSED,
                also=(typed,),
            )
        offered, other = (live, typed) if meeting.held_on >= self.on else (typed, live)
        return Next(
            stage=Stage.HOLD,
            what=Deed.FINISH.told() if meeting.ledger else "Tenir la séance",
            verb=offered[0],
            url=offered[1],
            then=_WHEN_CLOSED,
            also=(other, ("Écran de salle et tablettes", self._at("live:equipment"))),
        )

    @cached_property
    def lacking(self) -> tuple[Lack, ...]:
        """See `lacks`, which a page asks of it twice."""
        return tuple(replace(each, what=french.nbsp(each.what)) for each in _lacks(self))

    @cached_property
    def others_to_do(self) -> tuple[Task, ...]:
        """Of a sitting that is over, what else the secretariat has to do, as « À faire » names
        it: what `next` says already is left out."""
        if not self.is_over or self.next is None:
            return ()
        shown = [piles.now(task, on=self.on) for task in self._first[:1]]
        # What this lacks is told under it, and what is signed of both is told in one sentence.
        told = {lack.url for lack in self.lacking}
        return tuple(
            task
            for sitting in piles.sort(self.tasks, on=self.on).ours
            for task in sitting.tasks
            if task not in shown
            and task.url not in told
            and not (self.next.of_both and task.deed is Deed.HAVE_SIGNED)
        )

    @cached_property
    def _first(self) -> list[Task]:
        """What it waits for once it is over, what comes next before anything else."""
        # When the convocation was handed over is missing from the minutes, and holds nothing up.
        tasks = [task for task in self.tasks if task.stage is not Stage.CONVENE]
        return sorted(tasks, key=lambda task: not task.is_ours)

    def _after(self) -> Next | None:
        if not self._first:
            return None
        task = self._first[0]
        if owed := waiting.unsigned(task, self.tasks):
            return self._signing(task, owed)
        dated = task if task.due_on or task.in_wait_long else self._published(task)
        found = Next(
            stage=task.stage,
            what=task.what,
            deed=task.deed,
            verb=task.deed.verb if task.is_ours else "",
            url=task.url,
            before=self._before(dated),
            article=dated.article if dated.due_on and not dated.next_on else "",
            is_late=dated.is_late(self.on),
            of_minutes=task.of_minutes,
            then=self._then(task),
            asked=task.asked,
        )
        if task.deed is Deed.WRITE_ARTICLES:
            found = replace(found, then=_SIGNED_ANEW)
        if task.stage is Stage.SIGN and task.in_wait_long and self.unsent:
            without = ("Transmettre sans attendre", self._at("transmission:sitting"))
            found = replace(found, also=(without,))
        if not found.verb:
            found = replace(found, also=((_LOOKS[task.stage], task.url),))
        if timing.lacked_quorum(self.meeting) and not self.meeting.second_calls.exists():
            again = ("Seconde convocation…", self._at("convening:second_call"))
            found = replace(found, also=(*found.also, again))
        return found

    def _published(self, task: Task) -> Task:
        """Of what is to be signed, that it is published, which has a day; itself, failing that."""
        if task.stage is not Stage.SIGN:
            return task
        wanted = (Stage.PUBLISH, task.of_minutes)
        found = (each for each in self.tasks if (each.stage, each.of_minutes) == wanted)
        return next((each for each in found if each.due_on), task)

    def _signing(self, task: Task, owed: Sequence[Task]) -> Next:
        """What is not signed is not put online first: the signers are reminded."""
        also = [(_LOOKS[Stage.SIGN], owed[0].url)]
        if task.stage is Stage.PUBLISH:
            also.append(("Publier sans attendre", task.url))
        dated = task if task.due_on else owed[0]
        # What else they sign of this sitting is named with it.
        beside = [
            each
            for each in self.tasks
            if each.stage is Stage.SIGN
            and each.of_minutes != owed[0].of_minutes
            and not each.is_ours
        ]
        what = waiting.to_have_signed(owed)
        if beside:
            what += f", et {max((each.of for each in beside), key=len)}"
        owed = [*owed, *beside]
        return Next(
            stage=Stage.SIGN,
            what=what,
            of_both=bool(beside),
            url=owed[0].url,
            before=self._before(dated),
            article=dated.article if dated.due_on else "",
            is_late=dated.is_late(self.on),
            of_minutes=task.of_minutes,
            then=self._then(owed[0]),
            also=tuple(also),
            signers=tuple(dict.fromkeys(each.person for each in owed if each.person)),
        )

    def _then(self, task: Task) -> str:
        """When what follows is possible; nothing of what was put online before it was signed."""
        waits = any(
            each.stage is Stage.PUBLISH and each.of_minutes == task.of_minutes
            for each in self.tasks
        )
        if task.stage in (Stage.SIGN, Stage.TRANSMIT) and not waits:
            return ""
        if task.stage is Stage.SIGN and self.is_to_transmit and not task.of_minutes:
            return "On transmettra le fichier signé à la préfecture, puis on le publiera."
        return _THEN.get((task.stage, task.of_minutes), "")

    def _before(self, task: Task) -> str:
        if task.due_on is None:
            return task.in_wait if task.in_wait_long else ""
        last = french.long_date(task.due_on, weekday=True)
        if task.next_on and task.due_on < task.next_on:
            return f"avec la convocation de la séance suivante, au plus tard le {last}"
        what = "publier" if task.stage is Stage.PUBLISH else "le faire"
        if task.due_on < self.on:
            return f"il fallait {what} au plus tard le {last}"
        return f"{'à publier ' if task.stage is Stage.PUBLISH else ''}au plus tard le {last}"

    def _at(self, page: str) -> str:
        return reverse(page, args=[self.meeting.pk])

    # The stages

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All of them, in order."""
        meeting = self.meeting
        due = self._due
        urls = {
            Stage.PREPARE: self._at("meetings:agenda"),
            Stage.CONVENE: self._at("convening:prepare"),
            Stage.HOLD: self._at("meetings:attendance"),
            Stage.WRITE: self._at("documents:preview"),
            Stage.ADOPT: self.minutes.get_absolute_url() if self.minutes else "",
            # Until something is established, its page is that of what is to be.
            Stage.SIGN: self._at("registry:acts") if self.acts or self.minutes else "",
            Stage.TRANSMIT: self._at("transmission:sitting"),
            Stage.PUBLISH: self._at("archive:publish_sitting"),
        }
        days = {Stage.CONVENE: meeting.convened_on, Stage.HOLD: meeting.held_on}
        belated = {found.stage: found for found in sorted(self.belated, key=attrgetter("on"))}
        done = (State.DONE, State.PARTLY)
        return tuple(
            Step(
                stage=stage,
                state=state,
                year=meeting.held_on.year,
                url=urls[stage],
                on=belated[stage].on
                if stage in belated and state in done
                else days.get(stage)
                if state not in (State.VOID, State.UNHANDED)
                else None,
                reach=self.reach if state in (State.LEAVING, State.SHORT) else None,
                missed_on=belated[stage].due_on if stage in belated and state in done else None,
                is_to_ask=stage is Stage.SIGN
                and state is State.CURRENT
                and self.next is not None
                and bool(self.next.verb),
                but=_BUT_MINUTES if state is State.PARTLY and self._lacks_minutes else "",
                is_awaited=stage is Stage.HOLD and self.is_to_come and state is not State.VOID,
                **due.get(stage, {}) if state is not State.DONE else {},
            )
            for stage, state in self._states().items()
            if stage is not Stage.TRANSMIT or self.is_to_transmit
        )

    @cached_property
    def is_to_transmit(self) -> bool:
        """Whether its acts leave for the prefecture from here; of one that adopted none, or whose
        acts are all exempt, nothing does."""
        is_bare = self.minutes is not None and not self.acts
        if is_bare or not prefecture.transmits(self.meeting.organisation):
            return False
        return not (self.acts and prefecture.is_exempt(self.meeting, len(self.acts)))

    @cached_property
    def unsent(self) -> list[IssuedDocument]:
        """Its acts that are to leave for the prefecture, when one is not signed yet, which keeps
        nobody from sending it; once all are, a task says it."""
        if not self.acts or all(map(signatures.is_signed, self.acts)) or not self.is_to_transmit:
            return []
        papers = IssuedDocument.objects.current().filter(meeting=self.meeting)
        found = [
            each
            for each in prefecture.unheard(papers).defer("content")
            if each.state in (None, Transmission.State.PREPARED)
        ]
        fallen = register.fallen(self.meeting, found) if found else ()
        return [each for each in found if each not in fallen]

    @property
    def acts(self) -> list[IssuedDocument]:
        """Its extracts in force."""
        found = getattr(self.meeting, "papers_in_force", ())
        return [each for each in found if each.kind == IssuedDocument.Kind.EXTRACT]

    @property
    def current(self) -> Step | None:
        """The step under way."""
        return next((step for step in self.steps if step.state is State.CURRENT), None)

    @property
    def untold(self) -> str:
        """The stages that nobody noted here, in words; "" when all were."""
        return french.join(step.stage for step in self.steps if step.state is State.UNTOLD)

    @property
    def others(self) -> Iterator[tuple[str, str]]:
        """Its pages that are no stage."""
        yield "Vue d’ensemble", self.meeting.get_absolute_url()
        yield "Modifier la séance", self._at("meetings:edit")
        if self.meeting.is_planned and self.reach:
            yield "Changer la date", self._at("convening:move")
            yield "Annuler la séance", self._at("convening:cancel")
        yield "Dossier à lire", self._at("meetings:dossier")
        yield "Réponses et quorum prévu", self._at("convening:board")
        yield "Délibérations", self._at("registry:acts")
        yield "Transmission à la préfecture", self._at("transmission:sitting")
        yield "Relectures du procès-verbal", self._at("registry:reviews")
        if self.meeting.ledger:
            yield "Calcul du quorum", self._at("meetings:why")
        yield "Registre de la séance", self._at("meetings:ledger")
        yield "Composition de l’instance", self.meeting.body.get_absolute_url()
        yield "Règles de l’instance", reverse("members:rules", args=[self.meeting.body_id])
        yield "Données, en un ZIP", self._at("archive:keep_whole")

    def _states(self) -> Mapping[Stage, State]:
        if self.meeting.stage == Meeting.Stage.CANCELLED:
            return dict.fromkeys(Stage, State.VOID)
        done, waited = set(self._done()), {task.stage for task in self.tasks}
        # An agenda that is empty is to be written, until the sitting is over.
        waited |= {Stage.WRITE} if self.meeting.was_opened else set()
        waited |= set() if self.is_over else {Stage.PREPARE}
        if self.unsent and (self._is_partly_online or Stage.TRANSMIT in self._due):
            waited |= {Stage.TRANSMIT}
        before, current = (Stage.PREPARE, Stage.CONVENE), self.next.stage if self.next else None
        states = {}
        for stage in Stage:
            if stage is current:
                states[stage] = State.CURRENT
            elif stage is Stage.CONVENE and self.is_unhanded:
                states[stage] = State.UNHANDED
            elif stage is Stage.CONVENE and self.reach and self.reach.handed < self.reach.of:
                states[stage] = State.LEAVING if self.reach.is_leaving else State.SHORT
            elif stage is Stage.PREPARE and self.account and not self.meeting.is_convened:
                states[stage] = State.LACKING
            elif stage in done:
                states[stage] = State.DONE
            elif stage in waited:
                states[stage] = State.OPEN
            elif self.next is None or (stage in before and not self.is_to_come):
                states[stage] = State.UNTOLD
            elif stage is Stage.PUBLISH and self._is_partly_online:
                states[stage] = State.PARTLY
            else:
                states[stage] = State.COMING
        return states

    @cached_property
    def _online(self) -> frozenset[int]:
        """Which of its papers in force the public reads."""
        found = getattr(self.meeting, "papers_in_force", ())
        rows = Publication.objects.online().filter(document__in=found)
        return frozenset(rows.values_list("document", flat=True)) if found else frozenset()

    @property
    def _lacks_minutes(self) -> bool:
        """Whether its minutes alone are not online."""
        return self._online == {
            each.pk for each in self.meeting.papers_in_force if not each.is_minutes
        }

    @property
    def _is_partly_online(self) -> bool:
        """Whether the public reads some of its papers, those in force."""
        return bool(self._online)

    def _done(self) -> Iterator[Stage]:
        meeting = self.meeting
        if meeting.agenda and not (self.is_to_come and self.unprepared):
            yield Stage.PREPARE
        if meeting.is_convened:
            yield Stage.CONVENE
        if not self.is_over:
            return
        yield Stage.HOLD
        awaited = {task.stage for task in self.tasks}
        is_asked = meeting.held_on >= deadlines.PUBLICITY_SINCE
        is_signed = bool(self.acts) and all(map(signatures.is_signed, self.acts))
        if is_asked and is_signed and Stage.TRANSMIT not in awaited:
            yield Stage.TRANSMIT
        if self.minutes is None:
            return
        if Stage.WRITE not in awaited:
            yield Stage.WRITE
        if not hasattr(self.minutes, "adoption"):
            return
        yield Stage.ADOPT
        if meeting.held_on < deadlines.PUBLICITY_SINCE:
            if all(map(signatures.is_signed, meeting.papers_in_force)):
                yield Stage.SIGN
            return
        if awaited.isdisjoint({Stage.WRITE, Stage.SIGN}):
            yield Stage.SIGN
        if awaited.isdisjoint({Stage.WRITE, Stage.PUBLISH}):
            yield Stage.PUBLISH

    @cached_property
    def _due(self) -> dict[Stage, dict]:
        """The nearest date of each stage, and its article; that of the list binds from the moment
        the sitting is closed, and the next sitting is the day on which its minutes are adopted."""
        found: dict[Stage, Task] = {}
        unsent = self.unsent
        long = ""
        if unsent and piles.days_in_wait(self.meeting, on=self.on):
            long = f"non exécutoire{'s' if len(unsent) > 1 else ''}"
        for task in self.tasks:
            if task.due_on is None:
                if task.stage is Stage.TRANSMIT and task.in_wait_long:
                    long = task.why
                continue
            stages = [task.stage]
            asked = (Stage.SIGN, task.of_minutes)
            is_to_ask = any((each.stage, each.of_minutes) == asked for each in self.tasks)
            if task.stage is Stage.WRITE:
                stages.append(Stage.ADOPT if task.of_minutes else Stage.PUBLISH)
            if task.stage is Stage.PUBLISH and is_to_ask:
                stages.append(Stage.SIGN)  # what is to be published is to be signed by then
            for stage in stages:
                is_adopting = stage is Stage.ADOPT and task.next_on  # on that day, whenever written
                last = replace(task, due_on=task.next_on) if is_adopting else task
                if stage not in found or last.due_on < found[stage].due_on:
                    found[stage] = last
        dated = {
            stage: {
                "due_on": task.due_on,
                "article": task.article,
                "is_late": task.due_on < self.on,
                "of_list": stage is Stage.WRITE and not task.of_minutes,
            }
            for stage, task in found.items()
        }
        if long:
            # The panel says for how long.
            dated.setdefault(Stage.TRANSMIT, {"in_wait": long, "is_late": True})
        return dated


_BUT_MINUTES = "le procès-verbal"
_HELD = (Meeting.Stage.PREPARED, Meeting.Stage.OPEN)
_WHEN_CLOSED = "On établira le procès-verbal quand la séance sera levée."
_LOOKS = {
    Stage.WRITE: "Voir les relectures",
    Stage.ADOPT: "Voir le procès-verbal",
    Stage.SIGN: "Voir les signatures",
    Stage.TRANSMIT: "Voir la transmission",
}
_SIGNED_ANEW = "Vous établirez ensuite de nouvelles versions, que l’on signera."
_THEN = {
    (Stage.WRITE, False): "On signera ces documents une fois établis, puis on les publiera.",
    (Stage.WRITE, True): "On le signera et on le publiera quand une séance l’aura arrêté.",
    (Stage.SIGN, False): "On publiera le fichier signé.",
    (Stage.SIGN, True): "On publiera le fichier signé.",
    (Stage.TRANSMIT, False): "On publiera ensuite\u00a0: la copie publiée porte l’accusé.",
    (Stage.ADOPT, True): "On le signera et on le publiera quand une séance l’aura arrêté.",
}


def _days(count: int) -> str:
    """« 5 jours francs », on one line."""
    return french.count(count, "jour franc").replace(" ", NBSP)


def of(meeting: Meeting, *, on: date) -> Line:
    """Where this sitting is on this day; read once for a page, whoever asks."""
    found = meeting.known.get("stages")
    if found is None or found.on != on:
        found = meeting.known["stages"] = Line(meeting, on=on)
    return found


# --- What is missing --------------------------------------------------------------------------


def lacks(line: Line) -> tuple[Lack, ...]:
    """What the next thing to do still lacks, each with the place where it is given."""
    return line.lacking


def _lacks(line: Line) -> tuple[Lack, ...]:
    if line.next is None:
        return ()
    return (*_of_the_next(line), *_unaccounted(line), *_untold(line), *_unhanded(line))


def _untold(line: Line) -> Iterator[Lack]:
    """What the members do not know of the agenda, beside what comes first."""
    for task in line.tasks if line.is_to_come else ():
        if task.deed is Deed.RECTIFY and line.next.deed is not Deed.RECTIFY:
            yield Lack(what="la rectification, l’ordre du jour a changé", url=task.url)


def _unaccounted(line: Line) -> Iterator[Lack]:
    """The account of what was decided by delegation, for the agenda of a sitting to come."""
    if line.account:
        is_left = line.next.stage is Stage.HOLD
        told = "Mettre à l’ordre du jour" if is_left else "à l’ordre du jour,"
        told = f"{told} le compte rendu de {line.account.of}"
        if line.completes_account:
            told = line.account.what if is_left else "le reste du compte rendu des délégations"
        # Once nothing else is missing it is what comes first: the agenda leaves with the rest.
        is_first = line.next.stage is Stage.CONVENE and not line.next.is_late
        verb = "Compléter l’ordre du jour" if is_first else ""
        yield Lack(what=told, url=line.account.url, verb=verb)


def _unhanded(line: Line) -> Iterator[Lack]:
    """When its convocation was handed over, of a sitting whose day has come."""
    if line.next.stage in (Stage.HOLD, Stage.WRITE) and not line.is_to_come and line.is_unhanded:
        url = reverse("convening:prepare", args=[line.meeting.pk])
        is_held = line.next.stage is Stage.HOLD
        asked = "Dire quand" if is_held else "le jour où"
        yield Lack(what=f"{asked} la convocation a été remise", url=url)


def _of_the_next(line: Line) -> tuple[Lack, ...]:
    meeting = line.meeting
    match line.next.stage:
        case Stage.PREPARE:
            return line.unprepared
        case Stage.CONVENE:
            return tuple(_unaddressed(meeting))
        case Stage.HOLD if not (line.is_to_come or line.is_under_way):
            found = reading.remaining(meeting, list(reading.lines(meeting)))
            return tuple(
                Lack(what=what, url=f"{reverse(page, args=[meeting.pk])}#{place}")
                for what, page, place in found
            )
        case Stage.WRITE:
            return tuple(_unwritten(meeting) if line.next.of_minutes else _without_text(meeting))
        case Stage.ADOPT if not line.next.verb:
            return tuple(_unadopted(line))
        case Stage.SIGN | Stage.PUBLISH:
            return tuple({each.what: each for each in _unsigned(line)}.values())
    return ()


def _unprepared(meeting: Meeting) -> Iterator[Lack]:
    """An agenda, a place, an hour, and the notes that the law wants of it."""
    form = reverse("meetings:edit", args=[meeting.pk])
    if checklist.is_unwritten(node.item for node in meeting.agenda.nodes):
        url = f"{reverse('meetings:agenda', args=[meeting.pk])}#id_title"
        yield Lack(what="l’ordre du jour", url=url)
    if not meeting.place.strip():
        yield Lack(what="le lieu", url=f"{form}#id_place")
    if meeting.hour is None:
        yield Lack(what="l’heure", url=f"{form}#id_starts_at")
    for item in checklist.without_note(meeting):
        what = f"la note de synthèse de «{NBSP}{item.title}{NBSP}»"
        yield Lack(what=what, url=f"{_brief(item)}#titre-note")


def _brief(item: AgendaItem) -> str:
    return reverse("meetings:brief", args=[item.meeting_id, item.key])


def _unaddressed(meeting: Meeting) -> Iterator[Lack]:
    """Whoever sits there, and their addresses."""
    going = addressees.of(meeting)
    members = [each for each in going if each.why == Recipient.Why.MEMBER]
    composition = meeting.body.get_absolute_url()
    if not members:
        yield Lack(what="des membres en fonction ce jour-là", url=composition)
    for each in members:
        if each.is_unreachable:
            yield Lack(what=f"l’adresse {french.contract('de', each.name)}", url=composition)


def _unwritten(meeting: Meeting) -> Iterator[Lack]:
    """Of the twelve mentions, those without which minutes are not issued (art. L2121-15)."""
    draft = compile.compile_minutes(meeting)
    page = reverse("registry:write", args=[meeting.pk])
    for element in writing.check(meeting, draft).elements:
        if element.state == "manque":
            place = element.leads[0].url if element.leads else ""
            url = f"{page}{place}" if place.startswith("#") else place or page
            yield Lack(
                what=f"{element.label} ({element.said[0].lower()}{element.said[1:]})", url=url
            )


def _without_text(meeting: Meeting) -> Iterator[Lack]:
    for each in register.without_text(meeting):
        what = f"le dispositif de «{NBSP}{each.item.title}{NBSP}»"
        url = f"{_brief(each.item)}?proposer=1#titre-projet"
        yield Lack(what=what, url=url, verb=Deed.WRITE_ARTICLES.verb, is_it=True)


def _unsigned(line: Line) -> Iterator[Lack]:
    """Whose signatures the papers to be signed or published now wait for."""
    for task in line.tasks:
        is_named = line.next.of_both or task.of_minutes == line.next.of_minutes
        if task.stage is not Stage.SIGN or not is_named:
            continue
        if not task.is_ours:
            yield Lack(what=f"la signature {french.contract('de', task.whose)}", url=task.url)
        elif line.next.stage is Stage.PUBLISH:
            yield Lack(what="les signatures, encore à préparer ou à confirmer", url=task.url)


def _unadopted(line: Line) -> Iterator[Lack]:
    """A sitting to come that has these minutes on its agenda."""
    meeting = line.meeting
    later = Meeting.objects.filter(body=meeting.body_id, held_on__gt=meeting.held_on)
    following = later.upcoming(line.on).exclude(stage=Meeting.Stage.CANCELLED).order_by("held_on")
    planned = following.first()
    if planned is None:
        url = f"{reverse('meetings:create')}?instance={meeting.body_id}"
        yield Lack(what="la séance suivante, qui l’arrêtera", url=url)
    elif not any(item.meeting_id in {each.pk for each in following} for item in meeting.approvals):
        day = french.long_date(planned.held_on)
        yield Lack(
            what=f"le point qui l’approuve, à l’ordre du jour de la séance du {day}",
            url=f"{reverse('meetings:agenda', args=[planned.pk])}#id_title",
        )
