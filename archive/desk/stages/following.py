"""The one thing to do next of a sitting, before its day, on it, and once it is over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.functional import cached_property

from archive.desk import waiting
from archive.desk.stages.facts import Facts
from archive.desk.tasks import LOOKS, Deed, Stage, Task
from convening.dispatch import sent, timing
from law import french
from law.french import NBSP
from meetings import reading
from meetings.models import Meeting


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


class Following(Facts):
    """The same, with what is done of it next (`next`), `None` once all is."""

    @cached_property
    def next(self) -> Next | None:
        """What the secretariat does now; what it waits for when nothing is in its hands."""
        if self.meeting.stage == Meeting.Stage.CANCELLED:
            found = self._doing(self.tasks[0]) if self.tasks else None
        elif self.is_to_come:
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
        why = "la séance n’est pas convoquée"
        if self.is_unhanded:
            why = sent.not_handed(sent.what_is_handed(meeting))
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
    def _first(self) -> list[Task]:
        """What it waits for once it is over, what comes next before anything else."""
        # When the convocation was handed over is missing from the minutes, and holds nothing up.
        tasks = [task for task in self.tasks if task.stage is not Stage.CONVENE]
        # A signer who waits for an answer comes first, as in « À faire ».
        asked = {task.of_minutes for task in tasks if task.is_ours and task.asked}
        return sorted(tasks, key=lambda task: (not task.is_ours, task.of_minutes not in asked))

    def _after(self) -> Next | None:
        if not self._first:
            return None
        task = self._first[0]
        is_declined = task.deed is Deed.ANSWER_SIGNER
        if not is_declined and (owed := waiting.unsigned(task, self.tasks)):
            return self._signing(task, owed)
        found = self._doing(task)
        if task.deed is Deed.WRITE_ARTICLES:
            found = replace(found, then=_SIGNED_ANEW)
        if task.stage is Stage.SIGN and task.in_wait_long and self.unsent:
            without = ("Transmettre sans attendre", self._at("transmission:sitting"))
            found = replace(found, also=(without,))
        if not found.verb:
            found = replace(found, also=((LOOKS[task.stage], task.url),))
        if timing.lacked_quorum(self.meeting) and not self.meeting.second_calls.exists():
            again = ("Seconde convocation…", self._at("convening:second_call"))
            found = replace(found, also=(*found.also, again))
        return found

    @property
    def wording(self) -> Next | None:
        """Of the page where its acts are given their articles, what one does there: that, whatever
        else of this sitting comes first."""
        tasks = (each for each in self._first if each.deed is Deed.WRITE_ARTICLES)
        task = next(tasks, None)
        if task is None:
            return self.next
        found = self._doing(task)
        return replace(found, before=french.nbsp(found.before))

    def _doing(self, task: Task) -> Next:
        """That this is done of it now."""
        dated = task if task.due_on or task.in_wait_long else self._published(task)
        return Next(
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

    def _published(self, task: Task) -> Task:
        """Of what is to be signed, that it is published, which has a day; itself, failing that."""
        if task.stage is not Stage.SIGN:
            return task
        wanted = (Stage.PUBLISH, task.of_minutes)
        found = (each for each in self.tasks if (each.stage, each.of_minutes) == wanted)
        return next((each for each in found if each.due_on), task)

    def _signing(self, task: Task, owed: Sequence[Task]) -> Next:
        """What is not signed is not put online first: the signers are reminded."""
        also = [(LOOKS[Stage.SIGN], owed[0].url)]
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
        """When what follows is possible; nothing of what was put online before it was signed, nor
        of what somebody does not sign."""
        if task.deed is Deed.ANSWER_SIGNER:
            return ""
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


_WHEN_CLOSED = "On établira le procès-verbal quand la séance sera levée."


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
