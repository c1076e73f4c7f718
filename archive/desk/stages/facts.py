"""What is known of a sitting on one day, before anybody asks what is done of it next."""

from collections.abc import Iterator
from datetime import date, datetime, time
from operator import attrgetter

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from archive.desk import piles, waiting
from archive.desk.stages.step import Belated, Lack
from archive.desk.tasks import Deed, Stage, Task
from archive.online import publications, standing
from convening.dispatch import checklist, sent
from documents.models import IssuedDocument
from law import deadlines
from law.findings import Finding
from law.french import NBSP
from meetings import mandates, reading
from meetings.models import AgendaItem, Meeting
from registry.signatures import reading as signatures
from transmission import reading as prefecture
from transmission.models import Transmission


class Facts:
    """A sitting as it is on one day."""

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
        """What was decided by delegation and this sitting is to be told, until it opens, while no
        item of its agenda tells it (art. L5211-10: it is rendered there)."""
        may_be = self.meeting.held_on >= self.on
        return waiting.to_account(self.meeting, on=self.on) if may_be else None

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

    @cached_property
    def doubts(self) -> tuple[Finding, ...]:
        """That nobody was convened, as far as is known here, from the morning of its day until its
        minutes are issued; of one that was typed after its day little is known. Until it is over,
        what earlier sittings changed of the mandates it is composed of."""
        return (*self._late_mandates(), *self._unconvened())

    def _late_mandates(self) -> Iterator[Finding]:
        meeting = self.meeting
        is_under_way = meeting.stage == Meeting.Stage.OPEN
        if is_under_way or (self.may_be_held and meeting.held_on == self.on):
            if late := mandates.before(meeting, on=self.on):
                yield mandates.warning(late)

    def _unconvened(self) -> tuple[Finding, ...]:
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

    @cached_property
    def is_to_transmit(self) -> bool:
        """Whether its acts leave for the prefecture from here; of one that adopted none, or whose
        acts are all exempt, nothing does."""
        is_bare = self.minutes is not None and not self.acts
        if is_bare or not prefecture.transmits(self.meeting.organisation):
            return False
        return not (self.acts and prefecture.is_exempt(self.meeting, len(self.acts)))

    @cached_property
    def unheard(self) -> list[IssuedDocument]:
        """Its acts that the prefecture is to have and has not, signed or not."""
        if not self.acts or not self.is_to_transmit:
            return []
        papers = IssuedDocument.objects.current().filter(meeting=self.meeting)
        found = list(prefecture.unheard(papers).defer("content"))
        gone = standing.gone(self.meeting, found)
        return [each for each in found if each not in gone]

    @cached_property
    def unsent(self) -> list[IssuedDocument]:
        """Those of them that are to leave, when one is not signed yet, which keeps nobody from
        sending it; once all are, a task says it."""
        if all(map(signatures.is_signed, self.acts)):
            return []
        kept = (None, Transmission.State.PREPARED)
        return [each for each in self.unheard if each.state in kept]

    @property
    def acts(self) -> list[IssuedDocument]:
        """Its extracts in force."""
        found = getattr(self.meeting, "papers_in_force", ())
        return [each for each in found if each.kind == IssuedDocument.Kind.EXTRACT]

    def _at(self, page: str) -> str:
        return reverse(page, args=[self.meeting.pk])


_HELD = (Meeting.Stage.PREPARED, Meeting.Stage.OPEN)


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
        yield Lack(what=what, url=f"{brief(item)}#titre-note")


def brief(item: AgendaItem) -> str:
    """The page of what explains an item."""
    return reverse("meetings:brief", args=[item.meeting_id, item.key])
