"""Where a sitting is, from its agenda to what everybody reads of it: the line of its stages, the
one thing to do next, and what that still lacks.

`waiting` says what awaits whom, with the legal dates; this puts it in the order of a sitting's
life. What a stage is stands in `step`, what is known of the sitting in `facts`, what is done next
in `following`, what that wants in `lacking`. The pages of the rooms below ask for it by
`{% stages %}`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from operator import attrgetter

from django.urls import reverse
from django.utils.functional import cached_property

from archive.desk import piles
from archive.desk.stages import lacking
from archive.desk.stages.following import Following
from archive.desk.stages.step import Lack, SittingStep, StepState
from archive.desk.tasks import Deed, Stage, Task
from archive.models import Publication
from law import deadlines, french
from meetings.models import Meeting
from registry.signatures import reading as signatures


class SittingLine(Following):
    """The stages of a sitting on one day, and the next thing to do; `None` once all is done."""

    @cached_property
    def steps(self) -> tuple[SittingStep, ...]:
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
        done = (StepState.DONE, StepState.PARTLY)
        return tuple(
            SittingStep(
                stage=stage,
                state=state,
                year=meeting.held_on.year,
                url=urls[stage],
                on=belated[stage].on
                if stage in belated and state in done
                else days.get(stage)
                if state not in (StepState.VOID, StepState.UNHANDED)
                else None,
                reach=self.reach if state in (StepState.LEAVING, StepState.SHORT) else None,
                missed_on=belated[stage].due_on if stage in belated and state in done else None,
                is_to_ask=stage is Stage.SIGN
                and state is StepState.CURRENT
                and self.next is not None
                and self.next.deed is Deed.HAVE_SIGNED,
                is_declined=stage is Stage.SIGN
                and state is not StepState.DONE
                and self.is_declined,
                but=self._but(stage, state),
                is_awaited=stage is Stage.HOLD and self.is_to_come and state is not StepState.VOID,
                **due.get(stage, {}) if state is not StepState.DONE else {},
            )
            for stage, state in self._states().items()
            if stage is not Stage.TRANSMIT or self.is_to_transmit
        )

    @property
    def is_declined(self) -> bool:
        """Whether somebody does not sign one of its papers, and waits for an answer."""
        return any(task.deed is Deed.ANSWER_SIGNER for task in self.tasks)

    @property
    def current(self) -> SittingStep | None:
        """The step under way."""
        return next((step for step in self.steps if step.state is StepState.CURRENT), None)

    @property
    def untold(self) -> str:
        """The stages that nobody noted here, in words; "" when all were."""
        return french.join(step.stage for step in self.steps if step.state is StepState.UNTOLD)

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

    def _states(self) -> Mapping[Stage, StepState]:
        if self.meeting.stage == Meeting.Stage.CANCELLED:
            now = {self.next.stage: StepState.CURRENT} if self.next else {}
            return dict.fromkeys(Stage, StepState.VOID) | now
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
                states[stage] = StepState.CURRENT
            elif stage is Stage.CONVENE and self.is_unhanded:
                states[stage] = StepState.UNHANDED
            elif stage is Stage.CONVENE and self.reach and self.reach.handed < self.reach.of:
                states[stage] = StepState.LEAVING if self.reach.is_leaving else StepState.SHORT
            elif stage is Stage.PREPARE and self.account:
                states[stage] = StepState.LACKING
            elif stage in done:
                states[stage] = StepState.DONE
            elif stage in waited:
                states[stage] = StepState.OPEN
            elif self.next is None or (stage in before and not self.is_to_come):
                states[stage] = StepState.UNTOLD
            elif stage is Stage.PUBLISH and self._is_partly_online:
                states[stage] = StepState.PARTLY
            else:
                states[stage] = StepState.COMING
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

    def _but(self, stage: Stage, state: StepState) -> str:
        """Of a stage that is in this state, what is left of what was done."""
        if stage is Stage.WRITE and self.minutes and stage not in self._due:
            # « en cours » stood before « Faire arrêter : fait ».
            left = (_LEFT[task.deed] for task in self.tasks if task.deed in _LEFT)
            return next(left, "")
        if state is StepState.LACKING and self.meeting.is_convened:
            return "le compte rendu"
        return "le procès-verbal" if state is StepState.PARTLY and self._lacks_minutes else ""

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
        if is_asked and self.acts and Stage.TRANSMIT not in awaited:
            # One that is not signed leaves as well: no task says that it did not arrive.
            if all(map(signatures.is_signed, self.acts)) or not self.unheard:
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

    @cached_property
    def lacking(self) -> tuple[Lack, ...]:
        """What the next thing to do still lacks, each with the place where it is given."""
        return tuple(replace(each, what=french.nbsp(each.what)) for each in lacking.of(self))

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


# What is left of papers that are all written.
_LEFT = {
    Deed.WRITE_ARTICLES: "le dispositif",
    Deed.ESTABLISH_AGAIN: "la mise à jour",
    Deed.MEND_ACTS: "la mise à jour",
    Deed.MEND_MINUTES: "la mise à jour",
}


def of(meeting: Meeting, *, on: date) -> SittingLine:
    """Where this sitting is on this day; read once for a page, whoever asks."""
    found = meeting.known.get("stages")
    if found is None or found.on != on:
        found = meeting.known["stages"] = SittingLine(meeting, on=on)
    return found
