"""What a stage of a sitting is: how far it is, in a word, its day or its last one; and what is
missing."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from archive.desk.tasks import Stage
from convening.dispatch import sent
from law import french
from law.french import NBSP


class StepState(StrEnum):
    """How far a stage is, in the word that is shown of it."""

    DONE = "fait"
    CURRENT = "en cours"
    OPEN = "à faire"
    LACKING = "à compléter"  # the agenda of a sitting that did not open: it does not say all
    COMING = "à venir"
    PARTLY = "en partie"  # some of its papers are online, and others are not
    UNHANDED = "établie, non remise"  # the convocation, of which nothing left
    LEAVING = "envoi en cours"  # the same, whose mails are on their way
    SHORT = "remise en partie"  # the same, which did not reach every member
    UNTOLD = "non noté"  # the sitting went on, and nobody told it here
    VOID = "sans objet"


@dataclass(frozen=True, slots=True, kw_only=True)
class SittingStep:
    """A stage of one sitting: its page, how far it is, its day or the last one (art. given), whose
    year is said when it is not that of the sitting."""

    stage: Stage
    state: StepState
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
    is_declined: bool = False  # somebody who was does not
    but: str = ""  # of what is done in part, what is not
    in_wait: str = ""  # « non exécutoires », for too long: late, though no date says it

    @property
    def label(self) -> str:
        """« Faire arrêter »."""
        return french.capitalise(self.stage)

    @property
    def said(self) -> str:
        """« en cours, d’ici au 2 déc. », « en retard depuis le 24 nov. »."""
        if self.state is StepState.UNHANDED:
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
            to = "envoi en cours," if self.state is StepState.LEAVING else "remise à"
            many = french.count(self.reach.of, "membre")
            return french.nbsp(f"{to} {self.reach.handed} sur {many}")
        state = StepState.COMING if self.is_awaited else self._so_far
        said = f"{state}, le {self._short(self.on)}" if self.on else str(state)
        return f"{said} au lieu du {self._short(self.missed_on)}" if self.missed_on else said

    @property
    def told(self) -> str:
        """The same, which a narrow line breaks at a comma or between two days alone."""
        parts = (each.replace(" ", NBSP) for each in self.said.split(", "))
        return ", ".join(parts).replace(f"{NBSP}au{NBSP}lieu", f" au{NBSP}lieu")

    @property
    def _so_far(self) -> str:
        if self.is_declined:
            return "refusé"
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
    StepState.DONE: "check",
    StepState.CURRENT: "right",
    StepState.OPEN: "pen",
    StepState.LACKING: "pen",
    StepState.COMING: "clock",
    StepState.PARTLY: "link",
    StepState.UNHANDED: "warning",
    StepState.LEAVING: "clock",
    StepState.SHORT: "warning",
    StepState.UNTOLD: "more",
    StepState.VOID: "close",
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
