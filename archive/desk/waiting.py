"""What awaits whom, in some bodies or of one sitting: the sheet of each sitting (`filed`), and what
only others can say of it: which adopts its minutes, which follows it, what it is to be told."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from archive.desk import alone, filed, sheets
from archive.desk.sheets import Sheet
from archive.desk.tasks import SECRETARIAT, Deed, Stage, Task
from archive.models import Publication, PublicationQuerySet
from archive.online import clock, lingering, publications
from convening.dispatch import addressees, sent
from convening.models import Notice, Question
from documents.models import IssuedDocument
from law import deadlines, french
from law.regime import PRESETS, accounted_by, article_of
from meetings import mandates
from meetings.agenda import BULLET
from meetings.models import AgendaItem, Meeting, SittingEvent
from meetings.reading import last_day_to_convene
from members.models import Body
from registry.acts import reading as acts
from registry.delegations import reading as delegations
from registry.follow_ups import reading as follow_ups
from registry.models import FollowUp
from transmission import reading as prefecture
from transmission.models import ActSheet, Errand, Exchange, Transmission
from transmission.operators import telling


def tasks(bodies: QuerySet[Body], *, on: date) -> list[Task]:
    """What awaits somebody in these bodies, the most urgent first; a flat number of queries, but
    for the sittings of which something was written since their sheets were filed.

    Those held before the law asked for any of this are left in peace.
    """
    here = list(bodies.select_related("organisation"))
    found = filed.read(here, on=on)
    around = _Around.of([body.pk for body in here], found, on=on)
    told = _asked([around.settled(task) for _, sheet in found for task in sheet.tasks], on=on)
    told += _to_account(here, on=on)
    told += alone.tasks(here)
    told += _mandates_behind(here, on=on)
    told += _budgets(here, on=on)
    told += _seldom(here, on=on)
    told.sort(
        key=lambda task: (
            task.due_on or date.max,
            task.meeting.held_on,
            task.stage.rank,
            task.what,
        )
    )
    return told


def tasks_of(meeting: Meeting, *, on: date) -> list[Task]:
    """What awaits somebody of this sitting, in the order in which one thing leads to the next: its
    list and extracts, which the law wants within the week, then its minutes.

    Of one held before the law asked for any of this, its minutes alone.
    """
    match meeting.stage:
        case Meeting.Stage.CANCELLED:
            return list(_unheard(meeting)) if meeting.held_on >= on else []
        case Meeting.Stage.PREPARED if meeting.held_on > on and not meeting.ledger:
            reach = sent.reach(meeting)
            own = Meeting.objects.filter(pk=meeting.pk)
            if reach and (draft := sent.moves_in_hand(own).first()):
                return [sheets.announcing_move(draft)]
            if not meeting.is_convened or (reach and reach.is_none):
                told = _rectifying(meeting, on=on) if reach else ()
                return [sheets.convening(meeting), *told]
            count, behind = len(addressees.newcomers(meeting)), reach.left_behind if reach else 0
            return [
                *([sheets.convening_newcomers(meeting, count)] if count else []),
                *([sheets.handing_over(meeting, behind)] if behind else []),
                *(_rectifying(meeting, on=on) if reach else ()),
                *(_unheard(meeting) if reach else ()),
            ]
        case Meeting.Stage.PREPARED | Meeting.Stage.OPEN:
            is_awaited = meeting.held_on == on and not meeting.was_opened
            asked = [sheets.convening(meeting)] if is_awaited and not meeting.is_convened else []
            return [sheets.unfinished(meeting), *asked, *_unhanded(meeting)]
    prefetch_related_objects([meeting], *sheets.read_with(on))
    found = [*sheets.of_one(meeting), *_unhanded(meeting)]
    if any(task.until_next for task in found):
        around = _Around.of_one(meeting, found, on=on)
        found = [around.settled(task) for task in found]
    found = _asked(found, on=on)
    if meeting.held_on < deadlines.PUBLICITY_SINCE:
        # That the next sitting adopts them is of this law: theirs set no day.
        return [
            replace(task, due_on=None)
            for task in found
            if task.of_minutes and not meeting.papers_in_force
        ]
    if meeting.papers_in_force:
        papers = IssuedDocument.objects.filter(meeting=meeting)
        found += sheets.to_publish(papers)
        found += sheets.to_publish_again(papers)
        found += sheets.to_mend(publications.contradicted(papers))
        found += sheets.to_replace(lingering.of(meeting))
        found += _stopped_on_their_way(_stopped(papers))
        if prefecture.transmits(meeting.organisation):
            found += sheets.to_transmit(papers)
            found += _refused_by_the_prefecture(_refused(papers))
            found += _written_by_the_prefecture(_letters(papers, on=on))
    found.sort(key=lambda task: (task.of_minutes, task.stage.rank))
    return found


def _asked(found: list[Task], *, on: date) -> list[Task]:
    """The same, each operative text with who asked for it last, and when; no query of none."""
    wanting = [task.meeting.pk for task in found if task.deed is Deed.WRITE_ARTICLES]
    if not wanting:
        return found
    mails = Notice.objects.filter(meeting__in=wanting, once__startswith=f"{acts.ARTICLES}-")
    asked = {each.meeting_id: each for each in mails.select_related("written_by").order_by("pk")}

    def told(each: Notice) -> str:
        day = french.short_day(timezone.localdate(each.queued_at), year=on.year)
        return f"demandé par {each.written_by} le {day}"

    return [
        replace(task, asked=told(asked[task.meeting.pk]))
        if task.deed is Deed.WRITE_ARTICLES and task.meeting.pk in asked
        else task
        for task in found
    ]


def _unheard(meeting: Meeting) -> Iterator[Task]:
    """To hand over what changed since it was convened."""
    for convocation, count in sent.unheard(Meeting.objects.filter(pk=meeting.pk)):
        yield sheets.handing_change(convocation, count)


def _rectifying(meeting: Meeting, *, on: date) -> Iterator[Task]:
    """That its agenda changed since it was sent, as its sheet says: it is dear to compare."""
    for sheet in filed.of([meeting.pk], on=on):
        for task in sheet.tasks:
            if task.deed is Deed.RECTIFY:
                yield replace(task, meeting=meeting)


def next_days(meetings: Collection[Meeting], *, approving: bool) -> dict[int, date]:
    """By sitting (its number), the day of the next one of its body, or of the next that may adopt
    its minutes (`approving`); no query of none."""
    if not meetings:
        return {}
    bodies = {each.body_id for each in meetings}
    days = _days(bodies, after=min(each.held_on for each in meetings), approving=approving)
    found = {}
    for each in meetings:
        later = [day for day in days.get(each.body_id, ()) if day > each.held_on]
        if later:
            found[each.pk] = later[0]
    return found


def to_account(meeting: Meeting, *, on: date) -> Task | None:
    """What was decided by delegation and this sitting to come, the next of its assembly, is to be
    told, which no item of its agenda tells."""
    if meeting.body.kind not in delegations.ASSEMBLIES or not meeting.is_planned:
        return None
    found = _to_account([meeting.body], on=on)
    return next((task for task in found if task.meeting.pk == meeting.pk), None)


def _unhanded(meeting: Meeting) -> Iterator[Task]:
    """To say when its convocation was handed over, until its minutes are issued."""
    if meeting.stage != Meeting.Stage.ISSUED and sent.is_unhanded(meeting):
        yield sheets.convening(meeting)


def unsigned(task: Task, among: Iterable[Task]) -> list[Task]:
    """The signatures that others owe, among these tasks, to what this one publishes, or is of."""
    if not (task.stage is Stage.SIGN or task.deed is Deed.PUBLISH):
        return []
    of = (Stage.SIGN, task.meeting, task.of_minutes)
    return [
        each
        for each in among
        if (each.stage, each.meeting, each.of_minutes) == of and not each.is_ours
    ]


def to_have_signed(owed: Iterable[Task]) -> str:
    """« Faire signer la liste et 2 délibérations »: what is done of it before it is put online."""
    return Deed.HAVE_SIGNED.told(max((task.of for task in owed), key=len))


@dataclass(frozen=True, slots=True)
class _Around:
    """What other sittings say of one: by body, their days, and by such a day the last one to send
    its convocation, while that may still be; by sitting, the first whose vote adopted its minutes
    (its day and its number), while nobody noted it."""

    days: Mapping[int, list[date]]
    sendings: Mapping[tuple[int, date], date]
    adopted: Mapping[int, tuple[date, int]]

    @classmethod
    def of(
        cls, bodies: Iterable[int], found: Iterable[tuple[Meeting, Sheet]], *, on: date
    ) -> "_Around":
        """Around the sheets of all the sittings of these bodies; one query at most."""
        open_ended = [m.held_on for m, sheet in found for task in sheet.tasks if task.until_next]
        adopted: dict[int, tuple[date, int]] = {}
        for meeting, sheet in found:
            for earlier in sheet.adopts:
                later = (meeting.held_on, meeting.pk)
                adopted[earlier] = min(later, adopted.get(earlier, later))
        sendings = {
            (meeting.body_id, meeting.held_on): task.due_on
            for meeting, sheet in found
            for task in sheet.tasks
            if task.moved_at and task.due_on and task.due_on >= on
        }
        days = _days(bodies, after=min(open_ended), approving=True) if open_ended else {}
        return cls(days, sendings, adopted)

    @classmethod
    def of_one(cls, meeting: Meeting, found: Collection[Task], *, on: date) -> "_Around":
        """Around one sitting that waits for this."""
        adopted: dict[int, tuple[date, int]] = {}
        if any(task.minutes_days is not None for task in found):
            items = AgendaItem.objects.filter(Q(approves=meeting) | Q(also_approves=meeting))
            later = Meeting.objects.filter(pk__in=sheets.adopting(items.distinct()))
            for first in later.order_by("held_on", "pk").values_list("held_on", "pk")[:1]:
                adopted[meeting.pk] = first
        days = _days([meeting.body_id], after=meeting.held_on, approving=True)
        sendings = {}
        if days and any(task.stage is Stage.WRITE for task in found):
            later = Meeting.objects.filter(body=meeting.body_id, held_on=days[meeting.body_id][0])
            following = later.filter(stage=Meeting.Stage.PREPARED, held_on__gt=on)
            for each in following.select_related("body__organisation", "second_call_of")[:1]:
                last = last_day_to_convene(each)
                if last >= on and (not each.is_convened or sent.is_unhanded(each)):
                    sendings[each.body_id, each.held_on] = last
        return cls(days, sendings, adopted)

    def settled(self, task: Task) -> Task:
        """The same, with what the other sittings say of it."""
        if not task.until_next:
            return task
        meeting = task.meeting
        if task.minutes_days is not None and (later := self.adopted.get(meeting.pk)):
            held_on, pk = later
            return replace(
                task,
                deed=Deed.NOTE_ADOPTION,
                awaits="",
                url=reverse("registry:acts", args=[pk]),
                due_on=held_on + timedelta(days=task.minutes_days),
                since=None,
            )
        days = self.days.get(meeting.body_id, ())
        rank = bisect_right(days, meeting.held_on)
        if rank == len(days):
            return task
        # What the next sitting approves is read with its convocation; failing that, on its day.
        last = day = days[rank]
        if task.stage is Stage.WRITE and (sending := self.sendings.get((meeting.body_id, day))):
            last, task = sending, replace(task, next_on=day)
        # A link of review may open for longer than its reading is of use.
        return replace(task, due_on=min(task.due_on or last, last))


def _days(bodies: Iterable[int], *, after: date, approving: bool) -> Mapping[int, list[date]]:
    """By body, the days of its sittings after that one; one without quorum, called again, adopts
    nothing. Those that may adopt minutes only, where `approving`."""
    rows = (
        Meeting.objects.filter(body__in=bodies, held_on__gt=after, second_calls=None)
        .exclude(stage=Meeting.Stage.CANCELLED)
        .order_by("held_on")
    )
    if approving:
        rows = rows.adopting()
    found: dict[int, list[date]] = defaultdict(list)
    for body, held_on in rows.values_list("body", "held_on"):
        found[body].append(held_on)
    return found


def _mandates_behind(bodies: Collection[Body], *, on: date) -> Iterator[Task]:
    """What sittings changed of the mandates, which do not say it: before the next one is held."""
    found = {each.meeting.pk: each.meeting for each in mandates.of_bodies(bodies, on=on)}
    days = next_days(found.values(), approving=False) if found else {}
    for pk, meeting in found.items():
        yield Deed.UPDATE_MANDATES.task(meeting, due_on=days.get(pk))


_BEFORE, _AFTER = timedelta(days=45), timedelta(days=30)  # of the last day to vote a budget


def _budgets(bodies: Iterable[Body], *, on: date) -> Iterator[Task]:
    """The budget and the accounts that an assembly which meets here has not on any agenda, as their
    last day comes near, and just after it. Outside of these days, no query."""
    terms = [
        (assembly, term)
        for assembly in bodies
        if assembly.is_assembly
        for regime in [PRESETS[assembly.organisation.legal_form]]
        for term in (
            deadlines.budget_term(on.year, regime),
            deadlines.accounts_term(on.year - 1, regime),
        )
        if term.on - _BEFORE <= on <= term.on + _AFTER
    ]
    if not terms:
        return
    standing = Meeting.objects.filter(body__in={assembly.pk for assembly, _ in terms})
    standing = standing.exclude(stage=Meeting.Stage.CANCELLED).order_by("held_on", "starts_at")
    since = on - timedelta(days=365)
    met: dict[int, list[Meeting]] = defaultdict(list)
    for meeting in standing.filter(held_on__gte=since).select_related("body__organisation"):
        met[meeting.body_id].append(meeting)
    kinds = (AgendaItem.Kind.BUDGET, AgendaItem.Kind.ACCOUNTS)
    items = AgendaItem.objects.filter(meeting__in=[each for rows in met.values() for each in rows])
    known = {
        (item.meeting.body_id, term.of_accounts, term.year)
        for item in items.filter(kind__in=kinds).select_related("meeting")
        if (term := _term_of(item)) is not None
    }
    for assembly, term in terms:
        rows = met[assembly.pk]
        # Who met here only since these days began may have voted it elsewhere.
        is_new = not any(each.held_on < term.on - _BEFORE for each in rows)
        if is_new or (assembly.pk, term.of_accounts, term.year) in known:
            continue
        coming = next((each for each in rows if each.held_on >= on and not each.ledger), None)
        place = {} if coming else {"url": reverse("meetings:create")}
        yield Deed.VOTE_BUDGET.task(
            coming or rows[-1], term.vote, due_on=term.on, article=term.article, **place
        )


def _term_of(item: AgendaItem) -> deadlines.BudgetTerm | None:
    return deadlines.term_of(
        item.title,
        item.meeting.held_on,
        PRESETS["smo"],  # its year alone is asked
        of_accounts=item.kind == AgendaItem.Kind.ACCOUNTS,
    )


def _to_account(bodies: Iterable[Body], *, on: date) -> Iterator[Task]:
    """What was decided by delegation, to be told to the next sitting of each assembly; due since
    the first one that it held without being told of what was decided before."""
    assemblies = {body.pk: body for body in bodies if body.kind in delegations.ASSEMBLIES}
    if not assemblies:
        return
    coming: dict[int, Meeting] = {}
    told = SittingEvent.objects.filter(meeting=OuterRef("pk"))
    rows = delegations.coming_sittings(assemblies, on=on).annotate(is_begun=Exists(told))
    begun = set()
    for each in rows:
        if coming.setdefault(each.body_id, each) is each and each.is_begun:
            begun.add(each.body_id)
    until = max((each.held_on for each in coming.values()), default=on)
    untold = delegations.untold_days(assemblies, on=max(until, on))
    given = delegations.telling(coming.values()) if any(untold.values()) else {}
    held = _days_held(pk for pk, days in untold.items() if days)
    for pk, assembly in assemblies.items():
        meeting = coming.get(pk)
        last = meeting.held_on if meeting else on
        days = [day for day in untold.get(pk, ()) if day <= last]
        if not days:
            continue
        missed = next((each for each in held.get(pk, ()) if each[0] > min(days)), None)
        if missed is None and (meeting is None or pk in begun):
            continue
        if meeting is None:
            meeting = Meeting.objects.get(pk=held[pk][-1][1])
        meeting.body = assembly
        count = french.count(len(days), "décision prise", "décisions prises")
        book, form = assembly.rule_book(last), assembly.organisation.legal_form
        item = given.get(meeting.pk)
        deed = Deed.COMPLETE_ACCOUNT if item else Deed.ACCOUNT
        yield deed.task(
            meeting,
            _to_complete(meeting, item, count, len(days)) if item else f"{count} par délégation",
            url=reverse("registry:account", args=[meeting.pk])
            if pk in coming
            else reverse("registry:delegations", args=[pk]),
            due_on=missed[0] if missed else meeting.held_on,
            article=accounted_by(book.regime if book else PRESETS[form]),
        )


def _to_complete(meeting: Meeting, item: AgendaItem, count: str, many: int) -> str:
    """Of an account that is on the agenda, and does not say all: « le point 5 : … »."""
    number = meeting.agenda[item.key].number
    place = "compte rendu" if number in ("", BULLET) else f"point {number}"
    verb = "n’y est pas" if many == 1 else "n’y sont pas"
    return f"le {place}{french.NBSP}: {count} par délégation {verb}"


def _days_held(assemblies: Iterable[int]) -> Mapping[int, list[tuple[date, int]]]:
    """By assembly, the days of the sittings that it held, and their numbers; no query of none."""
    found: dict[int, list[tuple[date, int]]] = defaultdict(list)
    if wanted := list(assemblies):
        rows = delegations.held_sittings(*wanted).order_by("held_on", "starts_at", "pk")
        for body, held_on, pk in rows.values_list("body", "held_on", "pk"):
            found[body].append((held_on, pk))
    return found


def _seldom(bodies: Sequence[Body], *, on: date) -> Iterator[Task]:
    """What seldom awaits anybody: one query tells which of it there is, and only that is read."""
    if not bodies:
        return
    asked, values, duties = _written(tuple(body.pk for body in bodies), on)
    with connection.cursor() as cursor:
        cursor.execute(asked, values)
        found = cursor.fetchall()
    for row in found:
        for is_any, (rows, told) in zip(row, duties, strict=True):
            if is_any:
                yield from told(rows.all())  # read now: the rows that were read before are not kept


_Duty = tuple[QuerySet[Any], Callable[[QuerySet[Any]], Iterator[Task]]]


@lru_cache(maxsize=64)
def _written(bodies: tuple[int, ...], on: date) -> tuple[str, tuple[Any, ...], tuple[_Duty, ...]]:
    """The query that tells which of it there is in these bodies on this day, with its values; and
    the rows of each, to be read. Written once for the day, for nothing that it says was read in the
    database: Django takes ten milliseconds to write it, and the database two to answer."""
    published = Publication.objects.lasting().filter(document__meeting__body__in=bodies)
    papers = IssuedDocument.objects.filter(meeting__body__in=bodies)
    duties: tuple[_Duty, ...] = (
        (clock.lost(published), partial(_to_render, on=on)),
        (clock.over(published, on=on), partial(_to_certify, on=on)),
        (clock.unposted(bodies), _to_post),
        (FollowUp.objects.pending().filter(item__meeting__body__in=bodies), _to_carry_out),
        (_stopped(papers), _stopped_on_their_way),
        (_refused(papers), _refused_by_the_prefecture),
        (_letters(papers, on=on), _written_by_the_prefecture),
        (Notice.objects.stuck().filter(meeting__body__in=bodies), _to_mail_again),
        (_unanswered(bodies, on=on), _to_answer),
    )
    asked = Body.objects.filter(pk=bodies[0]).order_by()
    asked = asked.values_list(*(Exists(rows) for rows, _ in duties))
    return (*asked.query.sql_with_params(), duties)


def _unanswered(bodies: Collection[int], *, on: date) -> QuerySet[Question]:
    """What was asked about the sittings to come, and nobody replied to."""
    coming = Meeting.objects.filter(body__in=bodies, held_on__gte=on, stage=Meeting.Stage.PREPARED)
    return Question.objects.filter(meeting__in=coming, reply="")


def _to_answer(asked: QuerySet[Question]) -> Iterator[Task]:
    """To reply; to change the agenda, where who presides asks for it."""
    rows = asked.select_related("meeting__body__organisation", "mandate__person")
    questions: dict[Meeting, list[Question]] = defaultdict(list)
    for row in rows.order_by("meeting__held_on", "pk"):
        questions[row.meeting].append(row)
    for meeting, found in questions.items():
        where = f"{reverse('convening:board', args=[meeting.pk])}#questions"
        for each in found:
            if each.is_of_agenda:
                text = french.sentence(Truncator(each.text).chars(200))
                told = f"{each.mandate.person} le demande\u00a0: {text}"
                yield Deed.CHANGE_AGENDA.task(
                    meeting, asked=told, url=where, due_on=meeting.held_on
                )
        if plain := sum(not each.is_of_agenda for each in found):
            count = french.count(plain, "question")
            yield Deed.ANSWER.task(meeting, count, url=where, due_on=meeting.held_on)


def _to_mail_again(stuck: QuerySet[Notice]) -> Iterator[Task]:
    """Mails about a sitting, other than its convocation, that a server did not take, or gave back;
    told of the last sitting that they are of."""
    rows = list(stuck.select_related("meeting__body__organisation").order_by("meeting__held_on"))
    if rows:
        count = french.count(len(rows), "courriel qui n’est pas arrivé", _MAILS)
        yield Deed.MAIL_AGAIN.task(rows[-1].meeting, count, url=reverse("convening:stuck"))


_MAILS = "courriels qui ne sont pas arrivés"


# What the legal clock asks for.


def _to_render(lost: QuerySet[Publication], *, on: date) -> Iterator[Task]:
    """The addresses that give what is online no more."""
    for meeting, rows in _by_sitting(lost.select_related(_SITTING)):
        told = "un document en ligne, que son adresse ne donne plus"
        if len(rows) > 1:
            told = f"{_papers(len(rows))} en ligne, que leur adresse ne donne plus"
        yield Deed.GIVE_BACK.task(meeting, told, due_on=on, article=_online_by(meeting))


def _to_certify(over: PublicationQuerySet, *, on: date) -> Iterator[Task]:
    """The certificates of what stayed online for its time."""
    for meeting, rows in _by_sitting(clock.certifiable(over, on=on)):
        yield Deed.CERTIFY.task(meeting, _papers(len(rows)), article=_online_by(meeting))


def _to_post(lists: QuerySet[IssuedDocument]) -> Iterator[Task]:
    """The lists to be posted, where the body has that kept here."""
    for issued in lists.select_related("meeting__body__organisation").defer("content"):
        regime = issued.meeting.regime
        if regime.list_posted_here:
            yield Deed.POST.task(
                issued.meeting,
                url=reverse("archive:publication", args=[issued.pk]),
                due_on=deadlines.list_due(issued.meeting.held_on, regime),
                article=article_of(regime, "list_days"),
            )


def _by_sitting(rows: Iterable[Publication]) -> Iterator[tuple[Meeting, list[Publication]]]:
    found: dict[int, list[Publication]] = defaultdict(list)
    for row in rows:
        found[row.document.meeting_id].append(row)
    for together in found.values():
        yield together[0].document.meeting, together


def _papers(count: int) -> str:
    return french.count(count, "document")


def _online_by(meeting: Meeting) -> str:
    return article_of(meeting.regime, "acts_online_months")


def _to_carry_out(pending: QuerySet[FollowUp]) -> Iterator[Task]:
    """What was decided and somebody is still to do."""
    rows = list(pending.select_related("item__meeting__body__organisation"))
    bearers = follow_ups.bearers(rows)
    for row in rows:
        yield Deed.CARRY_OUT.task(
            row.item.meeting,
            row.what,
            awaits="" if row.who == SECRETARIAT else row.who,  # as somebody typed it
            url=reverse("registry:follow_up", args=[row.pk]),
            due_on=row.due_on,
            since=timezone.localdate(row.made_at),
            how="noté",
            person=bearers.get(row.pk),
        )


# What is asked, refused or written elsewhere: where it is signed, at the prefecture.


def _stopped(documents: QuerySet[IssuedDocument]) -> QuerySet[Errand]:
    """What somebody is awaited for at the operator who carries it, or where it is signed."""
    of_acts = Q(transmission__document__in=documents)
    rows = Errand.objects.awaited().filter(of_acts | Q(folder__document__in=documents))
    return rows.filter(is_done=False)


def _stopped_on_their_way(errands: QuerySet[Errand]) -> Iterator[Task]:
    for errand in errands.select_related(
        f"transmission__{_SITTING}", "transmission__sheet", f"folder__{_SITTING}"
    ):
        act = errand.transmission
        deed = Deed.UNBLOCK_SENDING if act else Deed.UNBLOCK_SIGNING
        yield deed.task(
            errand.meeting,
            telling.words(errand),
            url=reverse("transmission:act", args=[act.sheet.deliberation_id])
            if act
            else reverse("transmission:folder", args=[errand.folder_id]),
        )


def _refused(documents: QuerySet[IssuedDocument]) -> QuerySet[Transmission]:
    """The acts that the prefecture, or the operator, did not take, and that nobody sent since."""
    again = Transmission.objects.filter(sheet=OuterRef("sheet"), pk__gt=OuterRef("pk"))
    return Transmission.objects.filter(
        ~Exists(again), state=Transmission.State.REFUSED, document__in=documents
    )


def _refused_by_the_prefecture(rows: QuerySet[Transmission]) -> Iterator[Task]:
    """To send them again, but for those that the law lets one keep back."""
    rows = rows.exclude(sheet__in=ActSheet.objects.kept_back())
    signed = rows.annotate(signed_at=prefecture.signed_at("document"))
    for refused in signed.select_related(_SITTING, "sheet"):
        due = prefecture.due(refused.document.meeting, refused.sheet.nature, refused.signed_at)
        yield Deed.CORRECT.task(
            refused.document.meeting,
            refused.number,
            url=reverse("transmission:act", args=[refused.sheet.deliberation_id]),
            **sheets.dated([due]),
        )


def _letters(documents: QuerySet[IssuedDocument], *, on: date) -> QuerySet[Exchange]:
    """What the prefecture wrote of late about an act, and was not answered."""
    answers = Exchange.objects.filter(
        transmission=OuterRef("transmission"),
        pk__gt=OuterRef("pk"),
        kind__in=(Exchange.Kind.REPLY, Exchange.Kind.REFUSAL),
    )
    return Exchange.objects.filter(
        ~Exists(answers),
        kind__in=Exchange.LETTERS,
        at__date__gte=on - _READ_WITHIN,
        transmission__document__in=documents,
    )


def _written_by_the_prefecture(letters: QuerySet[Exchange]) -> Iterator[Task]:
    for letter in letters.select_related(f"transmission__{_SITTING}", "transmission__sheet"):
        sending = letter.transmission
        yield Deed.READ_LETTER.task(
            sending.document.meeting,
            f"{letter.get_kind_display()}, acte {sending.number}",
            url=reverse("transmission:act", args=[sending.sheet.deliberation_id]),
            since=timezone.localdate(letter.at),
            how="reçu",
        )


# What is not answered by then no longer is: the delays it made run have run.
_READ_WITHIN = timedelta(days=62)
_SITTING = "document__meeting__body__organisation"
