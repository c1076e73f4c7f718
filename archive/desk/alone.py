"""Where each act that somebody takes alone is, from its draft to the public page."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from archive.desk.sheets import answering, dated
from archive.desk.tasks import LOOKS, Deed, Task
from archive.models import Posting, Publication
from archive.online import standing as legal
from documents.models import IssuedDocument
from law import delegations, french
from law.acts import Nature
from law.delegations import Kind
from law.findings import Finding
from law.regime import cited
from meetings.models import Meeting
from members.models import Body, Organisation, Person, User
from registry.alone import reading
from registry.models import Delegation, Deliberation, LoneAct
from registry.signatures import reading as signatures
from transmission import reading as prefecture
from transmission.models import ActSheet, Transmission


class Wait(StrEnum):
    """What an act waits for, in order, as the address of a list asks for it."""

    DRAFT = "projet"
    SIGN = "signer"
    TRANSMIT = "transmettre"
    PUBLISH = "publier"
    NOTIFY = "notifier"
    DONE = "fait"


# How a list says it. Done is not valid: the last is how it was made known, and its page says what
# it is worth.
STATES = {
    Wait.DRAFT: "projet",
    Wait.SIGN: "à signer",
    Wait.TRANSMIT: "à transmettre",
    Wait.PUBLISH: "à publier",
    Wait.NOTIFY: "à notifier",
    Wait.DONE: "publié ou notifié",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperStep:
    """One stage of an act: where it is done, what is said of it, whether it is done; what a press
    does of it (`verb`), where its name does not say it."""

    label: str
    icon: str
    said: str
    url: str
    is_done: bool
    verb: str = ""
    state: Wait | None = None  # in which an act is until this is done

    @property
    def gesture(self) -> str:
        """What a button that leads there is called."""
        return self.verb or self.label


@dataclass(frozen=True, kw_only=True)
class ActLine:
    """An act with what became of it: its number once it is taken, its paper in force."""

    meeting: Meeting
    deliberation: Deliberation | None
    document: IssuedDocument | None
    steps: tuple[PaperStep, ...]
    state: Wait

    @property
    def title(self) -> str:
        """What it is about."""
        return next((item.title for item in self.meeting.items.all()), "")

    @property
    def kind(self) -> Kind:
        """A decision or an order."""
        return Kind(self.meeting.body.kind)

    @property
    def name(self) -> str:
        """ "Décision n° D2026-004"; "Projet d’arrêté" before it is taken."""
        noun = self.kind.noun
        if self.deliberation is None:
            return f"Projet {french.contract('de', noun)}"
        return french.nbsp(f"{french.capitalise(noun)} n° {self.deliberation.label}")

    @property
    def itself(self) -> str:
        """ "la décision n° D2026-004", "l’arrêté n° A2026-001"."""
        number = self.deliberation.label if self.deliberation else ""
        head = "la " if self.kind.is_feminine else "l’"
        return french.nbsp(f"{head}{self.kind.noun} n° {number}")

    @property
    def told(self) -> str:
        """What it waits for: of what goes to the prefecture, how far it is; how it was made known
        once nothing is left to do."""
        if self.state is Wait.TRANSMIT and self.next is not None:
            return self.next.said
        return self.steps[-1].said if self.state is Wait.DONE else STATES[self.state]

    @property
    def next(self) -> PaperStep | None:
        """The first thing to do; `None` once everything is done."""
        return next((step for step in self.steps if not step.is_done), None)


def lines(found: QuerySet[Meeting]) -> list[ActLine]:
    """These acts, each with what became of it: a flat number of queries."""
    papers = IssuedDocument.objects.current().prefetch_related(
        *("signatures", "declines", "publications", "transmissions"),
        Prefetch("postings", _notified()),
    )
    rows = found.prefetch_related(
        Prefetch("documents", papers.defer("content"), to_attr="in_force"),
        Prefetch("deliberations", Deliberation.objects.select_related("act_sheet")),
    )
    return [_line(each) for each in rows]


def doubted(found: Iterable[ActLine]) -> frozenset[int]:
    """The sittings of those among these that were taken by a delegation which its deliberation
    contradicts: one query, and those of `contradictions` where there is a delegation."""
    by_row = defaultdict(set)
    for each in found:
        if each.deliberation is not None and each.meeting.alone.delegation_id is not None:
            by_row[each.meeting.alone.delegation_id].add(each.meeting.pk)
    rows = Delegation.objects.filter(pk__in=by_row, ended_on=None) if by_row else ()
    return frozenset().union(*(by_row[pk] for pk in legal.contradictions(rows)))


def _notified() -> QuerySet[Posting]:
    return Posting.objects.standing().filter(manner=Posting.Manner.NOTIFIED)


def of(meeting: Meeting) -> ActLine:
    """That of one act."""
    (found,) = lines(Meeting.every.filter(pk=meeting.pk).select_related("body__organisation"))
    return found


def _line(meeting: Meeting) -> ActLine:
    document: IssuedDocument | None = next(iter(meeting.in_force), None)
    deliberation = next(iter(meeting.deliberations.all()), None)
    steps = tuple(_steps(meeting, document, deliberation))
    return ActLine(
        meeting=meeting,
        deliberation=deliberation,
        document=document,
        steps=steps,
        state=next((step.state for step in steps if step.state and not step.is_done), Wait.DONE),
    )


def _steps(
    meeting: Meeting, document: IssuedDocument | None, deliberation: Deliberation | None
) -> Iterator[PaperStep]:
    kind = Kind(meeting.body.kind)
    its = french.agree("établi", feminine=kind.is_feminine)
    yield PaperStep(
        state=Wait.DRAFT,
        label="Rédiger",
        icon="pen",
        said=its if document else "à établir",
        url=reverse("archive:edit_act", args=[meeting.pk]),
        is_done=document is not None,
    )
    is_signed = document is not None and signatures.is_signed(document)
    yield PaperStep(
        state=Wait.SIGN,
        label="Signer",
        icon="seal",
        said=french.agree("signé", feminine=kind.is_feminine) if is_signed else "à signer",
        url=reverse("registry:signatures", args=[document.pk]) if document else "",
        is_done=is_signed,
        verb=to_have_signed(document) if document else "",
    )
    if prefecture.transmits(meeting.organisation):
        yield transmitted(document, deliberation, feminine=kind.is_feminine)
    yield _made_known(meeting, document, deliberation)


def to_have_signed(document: IssuedDocument) -> str:
    """What is done to have a paper signed whose signatures were fetched."""
    return "Suivre les signatures" if document.signatures.all() else "Faire signer"


def transmitted(
    document: IssuedDocument | None, deliberation: Deliberation | None, *, feminine: bool
) -> PaperStep:
    """How far an act is before the prefecture, as a stage of it."""
    sheet = getattr(deliberation, "act_sheet", None)
    sent = list(document.transmissions.all()) if document else []
    if sheet is not None and not sheet.is_transmissible:
        said, is_done = f"non {french.agree('soumis', feminine=feminine)}", True
    elif any(each.state in Transmission.THERE for each in sent):
        said, is_done = f"{french.agree('reçu', feminine=feminine)} en préfecture", True
    else:
        under_way = next((each for each in sent if each.state in Transmission.UNDER_WAY), None)
        said, is_done = _way_of(under_way) if under_way else "à transmettre", False
    return PaperStep(
        state=Wait.TRANSMIT,
        label="Transmettre",
        icon="right",
        said=said,
        url=reverse("transmission:act", args=[deliberation.pk]) if deliberation else "",
        is_done=is_done,
    )


def _way_of(sending: Transmission) -> str:
    if sending.state == Transmission.State.SENT:
        return "en attente de la préfecture"
    return "préparé, à déposer" if sending.is_by_hand else "part par l’opérateur"


def _made_known(
    meeting: Meeting, document: IssuedDocument | None, deliberation: Deliberation | None
) -> PaperStep:
    url = reverse("archive:publication", args=[document.pk]) if document else ""
    sheet: ActSheet | None = getattr(deliberation, "act_sheet", None)
    is_published = delegations.is_published(Nature(meeting.alone.nature))
    if (not sheet.is_notified) if sheet is not None else is_published:
        is_online = document is not None and any(
            each.withdrawn_at is None for each in document.publications.all()
        )
        said = "en ligne" if is_online else "à publier"
        return PaperStep(
            state=Wait.PUBLISH,
            label="Publier",
            icon="upload",
            said=said,
            url=url,
            is_done=is_online,
        )
    is_notified = document is not None and bool(document.postings.all())
    its = french.agree("notifié", feminine=Kind(meeting.body.kind).is_feminine)
    said = its if is_notified else "à notifier"
    return PaperStep(
        state=Wait.NOTIFY,
        label="Notifier",
        icon="person",
        said=said,
        url=url,
        is_done=is_notified,
    )


# --- À faire ------------------------------------------------------------------------------------


def tasks(bodies: Iterable[Body]) -> Iterator[Task]:
    """What awaits somebody of the acts that these registers hold: to be signed, on the day that
    each bears; then to be sent, made known. Nobody waits for a draft."""
    registers = [body.pk for body in bodies if body.assembly_id]
    if not registers:
        return
    found = Meeting.every.filter(kind=Meeting.Kind.ACT, body__in=registers)
    taken = found.exclude(deliberations=None).exclude(_over())
    for line in lines(taken.select_related("body__organisation", "alone").order_by("held_on")):
        if line.document is not None:
            yield from _tasks(line, line.document)
    for alone, finding in reading.all_outlived({body.assembly_id for body in bodies} - {None}):
        is_feminine = Kind(alone.meeting.body.kind).is_feminine
        when = "elle a été prise" if is_feminine else "il a été pris"
        yield Deed.TAKE_OFF.task(
            alone.meeting,
            f"{of(alone.meeting).itself}, sans délégation quand {when}",
            url=alone.meeting.get_absolute_url(),
            article=finding.article,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActNext:
    """What comes next of an act that is taken: the task, what a press does of it, whether whoever
    reads does it."""

    task: Task
    verb: str
    is_hers: bool


def next_of(line: ActLine, user: User, *, may_write: bool) -> ActNext | None:
    """That which comes first; `None` of a draft, which its page leads, and of what is over. What
    the secretariat does is hers who `may_write` it."""
    task = next(_tasks(line, line.document), None) if line.document is not None else None
    if task is None:
        return None
    signs = task.person is not None and Person.objects.filter(pk=task.person, user=user).exists()
    verb = task.deed.verb or LOOKS[task.stage]
    return ActNext(
        task=task,
        verb="Lire et signer" if signs else verb,
        is_hers=signs or (may_write and task.is_ours),
    )


def contradicted(alone: LoneAct) -> Finding | None:
    """That the delegation of an act that was taken is said to bind sooner than what is known here
    of the deliberation that gives it; a draft is not taken by it."""
    row = reading.used(alone) if alone.meeting.ledger else None
    return legal.contradictions([row]).get(row.pk) if row is not None else None


def to_sign(person: Person) -> Iterator[ActLine]:
    """The acts that this person has taken and is to sign, once they are prepared."""
    hers = Meeting.every.filter(kind=Meeting.Kind.ACT, body__assembly__mandates__person=person)
    for each in signatures.awaited_among(IssuedDocument.objects.filter(meeting__in=hers)):
        if each.person == person:
            yield of(each.document.meeting)


def _over() -> Q:
    """Those of which nothing is to be done: made known as they have to be, and received where the
    organisation transmits."""
    received = Transmission.objects.received().values("document__meeting")
    exempt = ActSheet.objects.kept_back().values("deliberation__meeting")
    online = Publication.objects.online().values("document__meeting")
    is_notified = Q(pk__in=_notified().values("document__meeting"))
    filed = Q(deliberations__act_sheet__is_individual=True) | Q(
        deliberations__act_sheet__nature=ActSheet.Nature.INDIVIDUAL
    )
    taken = Q(deliberations__act_sheet=None, alone__nature=Nature.INDIVIDUAL.value)
    is_individual = filed | taken
    is_known = is_notified | ~is_individual & Q(pk__in=online)
    is_sent = Q(pk__in=received) | Q(pk__in=exempt) | Q(body__organisation__ctes_nature="")
    return is_known & is_sent


def _tasks(line: ActLine, document: IssuedDocument) -> Iterator[Task]:
    meeting, document.meeting = line.meeting, line.meeting
    left = {step.state: step for step in line.steps if not step.is_done}
    if (signing := left.get(Wait.SIGN)) is not None:
        yield _signing(line, document, signing)
        return
    if (sending := left.get(Wait.TRANSMIT)) is not None:
        states = [each.state for each in document.transmissions.all()]
        if Transmission.State.REFUSED not in states[-1:]:  # told of by itself
            is_under_way = any(state in Transmission.UNDER_WAY for state in states)
            sheet = getattr(line.deliberation, "act_sheet", None)
            nature = (sheet and sheet.nature) or meeting.alone.nature
            at = max(step.signed_at for step in document.signatures.all())
            by = {"url": sending.url, "article": cited(meeting.regime, "art. L2131-1 du CGCT")}
            if is_under_way:
                whom = french.contract("de", line.itself)
                yield Deed.ACKNOWLEDGE.task(meeting, whom, awaits="la préfecture", **by)
            else:
                due = dated([prefecture.due(meeting, nature, at)])
                yield Deed.TRANSMIT.task(meeting, line.itself, **by | due)
    for state, deed in ((Wait.NOTIFY, Deed.NOTIFY), (Wait.PUBLISH, Deed.PUBLISH)):
        if (step := left.get(state)) is not None:
            yield deed.task(
                meeting,
                line.itself,
                url=step.url,
                article=cited(meeting.regime, "art. L2131-1 du CGCT"),
            )


def _signing(line: ActLine, document: IssuedDocument, step: PaperStep) -> Task:
    """By its author, once its place is prepared; an act bears the day on which it is signed."""
    given = document.signatures.all()
    place = next(iter(signatures.missing(document)), None) if given else None
    if place and place.decline:
        return answering(document, place.decline, due_on=line.meeting.held_on)
    return (Deed.SIGN if place else Deed.HAVE_SIGNED).task(
        line.meeting,
        line.itself,
        awaits=place.who if place else "",
        url=step.url,
        due_on=line.meeting.held_on,  # the day that it bears: no article says by when
        since=timezone.localdate(min(each.signed_at for each in given)) if place else None,
        person=place.person.pk if place and place.person else None,
    )


def counted(organisation: Organisation) -> list[int]:
    """The years that have any, the latest first."""
    days = reading.acts_of(organisation).order_by().dates("held_on", "year", order="DESC")
    return [day.year for day in days]
