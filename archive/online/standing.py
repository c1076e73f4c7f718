"""The legal state of an act: since when it binds and by which rule, until when it is contested.

It is computed from what was put online, posted or notified, and from what the prefecture
acknowledged (`law.acts`): nobody types it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from django.db.models import Max, QuerySet
from django.utils import timezone

from archive.models import Posting, Publication
from documents.models import IssuedDocument
from law import acts as law
from law import deadlines, delegations, french
from law.acts import Deadline, Force
from law.delegations import Kind
from law.findings import Finding
from meetings.models import Meeting
from registry.acts import reading as register
from registry.alone import reading as lone
from registry.models import Delegation, Deliberation, DeliberationLink, LoneAct
from registry.signatures import reading as signatures
from transmission import reading as prefecture
from transmission.models import ActSheet

_TRANSMISSION, _EXEMPT = "Transmission", "n’y est pas soumis"
RESERVE = "sous réserve de sa délégation"
_STATE, _DELEGATION, _ONLINE = "État", "Délégation", "Mise en ligne"
NOTED = "noté à la main"  # of a day that somebody read on a stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an act stands before the law: what made it known and received, since when it binds
    (`force`), the last day of an appeal and of the prefect's own (`déféré`), each with its article;
    why it is not sent (`exempt`), that its author had no delegation left (`powerless`), by which
    later act it was repealed or replaced (`ended`: "abrogée par 2026-14") and what others did to it
    (`since_else`).
    """

    force: Force
    published_on: date | None = None
    taken_off_on: date | None = None  # before its time was over, and not there since
    posted_on: date | None = None
    urgent_on: date | None = None
    notified_on: date | None = None
    received_on: date | None = None
    is_receipt_noted: bool = False  # by hand: no file of the prefecture says that day
    appeal: Deadline | None = None
    is_appeal_unknown: bool = False  # what made it known did not last: who says that it ran?
    is_individual: bool = False  # notified to whom it is about
    # Of an election, held from its proclamation: in which delay it is contested, and its article.
    electoral: tuple[str, str] | None = None
    # Since when what was put online with it later is there: nobody knows whether it is of the act.
    completed_on: date | None = None
    control: Deadline | None = None
    exempt: str = ""
    powerless: Finding | None = None
    ended: str = ""
    ended_on: date | None = None  # the day on which that act bound
    since_else: tuple[str, ...] = ()
    coming: tuple[str, ...] = ()  # the numbers of those that would undo it, and bind nobody yet

    @property
    def binds(self) -> bool:
        """Whether it binds now, as far as it does by itself: see `ended`."""
        return self.force.since is not None

    @property
    def is_in_force(self) -> bool:
        """Whether anybody may be told, without a reserve, that it is in force."""
        is_reserved = self.force.unsigned or self.powerless
        return self.binds and not self.ended and not is_reserved

    @property
    def said(self) -> str:
        """Its state in one sentence: ended, it binds no more; without the power to take it, that it
        binds is said under that reserve."""
        if not self.binds:
            return str(self.force)
        since = french.long_date(self.force.since) if self.force.since else ""
        binds = f"xécutoire depuis le {since} ({self.force.article})"
        unsigned = f"{french.capitalise(self.force.unsigned)}. " if self.force.unsigned else ""
        if self.ended:
            return f"{unsigned}{french.capitalise(self.ended)}{self._until_then(binds)}."
        if self.powerless is not None:
            return f"{unsigned}E{binds}, {RESERVE}."
        return str(self.force)

    def _until_then(self, binds: str) -> str:
        """From when the act that ended it binds, and what it was worth until then."""
        if self.ended_on is None or self.force.since is None:
            return f"\u00a0; jusque-là e{binds}"
        end = f", exécutoire depuis le {french.long_date(self.ended_on)}"
        if self.ended_on <= self.force.since:
            return f"{end}\u00a0: sans un jour d’application"
        return f"{end}\u00a0; jusque-là e{binds}"

    @property
    def but_signatures(self) -> str:
        """The same where a page says once which signatures are missing."""
        return str(replace(self.force, unsigned=""))

    @property
    def facts_beside(self) -> tuple[tuple[str, str], ...]:
        """The same beside a page that says first its state and what its delegation lacks."""
        return tuple(each for each in self.facts if each[0] not in (_STATE, _DELEGATION))

    @property
    def facts_but_online(self) -> tuple[tuple[str, str], ...]:
        """The same under the page that tells by whom and when it was put online."""
        return tuple(each for each in self.facts if each[0] != _ONLINE)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What is printed of it, each under its label."""
        days = (
            ("Réception par la préfecture", self.received_on),
            (_ONLINE, self.published_on),
            ("Affichage", self.posted_on),
            ("Affichage en urgence", self.urgent_on),
            ("Notification", self.notified_on),
        )
        told = [(label, f"le {french.long_date(on)}") for label, on in days if on]
        if self.taken_off_on:
            told.append(("Retrait des pages publiques", self.taken_off))
        if self.is_receipt_noted:
            told[0] = (told[0][0], f"{told[0][1]}, {NOTED}")
        if self.exempt:
            told.append((_TRANSMISSION, f"{_EXEMPT}\u00a0: {self.exempt}"))
        told.append((_STATE, self.said))
        if self.powerless is not None:
            told.append((_DELEGATION, self.powerless.message))
        if self.appeal is not None:
            told.append(("Recours", f"{self.appeal}{self.completed}"))
        elif self.electoral is not None:
            told.append(("Recours", f"celui d’une élection ({self.electoral[1]})"))
        elif self.is_appeal_unknown:
            told.append(("Recours", f"fin du délai non connue ({law.APPEAL})"))
        elif self.is_wish:
            told.append(("Recours", f"aucun, que celui du préfet ({law.WISH})"))
        if self.since_else and not self.force.gone:
            told.append(("Depuis", french.join(self.since_else)))
        if self.control is not None:
            told.append(("Déféré", str(self.control)))
        return tuple(told)

    @property
    def taken_off(self) -> str:
        """Since when nobody reads it online: "le 28 novembre 2026, avant son terme"."""
        on = french.long_date(self.taken_off_on) if self.taken_off_on else ""
        return f"le {on}, avant la fin de sa durée de publication"

    @property
    def is_wish(self) -> bool:
        """Whether it decides nothing."""
        return self.force.rule is law.Rule.WISH

    @property
    def is_election(self) -> bool:
        """Whether it is contested in a delay of its own."""
        return self.electoral is not None

    @property
    def completed(self) -> str:
        """Under which reserve a delay is told, after it: what came online later may be of the act,
        known whole since then only; "" of none."""
        if self.completed_on is None:
            return ""
        on = french.long_date(self.completed_on)
        return (
            f"\u00a0; si la pièce ajoutée le {on} fait corps avec l’acte, le délai part de ce jour"
        )

    @property
    def stamp(self) -> tuple[str, ...]:
        """The same in lines, as a copy bears it at its head, where a reason has no room."""
        told = ((each, _EXEMPT if each == _TRANSMISSION else text) for each, text in self.facts)
        return tuple(f"{label}\u00a0: {text}" for label, text in told)


def of(document: IssuedDocument) -> Standing | None:
    """The state of the act that this extract bears; `None` of what is no act."""
    return of_sitting(document.meeting, [document]).get(document.pk)


def of_sitting(
    meeting: Meeting, documents: Iterable[IssuedDocument], *, is_weighed: bool = True
) -> Mapping[int, Standing]:
    """By document, the state of each act of one sitting: a flat number of queries, and some for
    each that a later one reaches. The act is the deliberation: what made any version of its extract
    known, or received, did it of the act, as long as they enact the same. Whether its author had
    the power is asked unless it is not to be weighed (`is_weighed`): what it reaches may be what
    gave it to him."""
    extracts = [each for each in documents if each.kind == IssuedDocument.Kind.EXTRACT]
    first = register.same_since(meeting, extracts)
    told: dict[int, Standing] = {}
    for since in sorted({first.get(each.pk, 1) for each in extracts}):
        among = [each for each in extracts if first.get(each.pk, 1) == since]
        told |= _of_versions(meeting, among, since=since, is_weighed=is_weighed)
    return told


def _of_versions(
    meeting: Meeting, extracts: Sequence[IssuedDocument], *, since: int, is_weighed: bool
) -> Mapping[int, Standing]:
    """The same of extracts that enact what those since this version do."""
    deliberations = (
        meeting.deliberations.filter(item__key__in={each.subject for each in extracts})
        .select_related("item", "act_sheet")
        .prefetch_related("linked_from__source__meeting", "linked_from__source__item")
    )
    by_key = {each.item.key: each for each in deliberations}
    published, taken_off, completed = _online(meeting, since)
    posted = _first_posted(meeting, since)
    heard = prefecture.heard(meeting, since=since)
    # What undoes it and does not bind yet undoes nothing, a withdrawal no more than the rest.
    lacking = _unsigned(meeting, extracts)
    coming = frozenset[int]().union(*(pending(act) for act in by_key.values()))
    withdrawn = {key for key, act in by_key.items() if register.withdrawn_by(act, but=coming)}
    gone = {each.pk for each in register.fallen(meeting, extracts)}
    gone |= {each.pk for each in extracts if each.subject in withdrawn}
    return {
        document.pk: _judged(
            meeting,
            by_key.get(document.subject),
            coming=coming,
            unsigned_by=lacking.get(document.pk, ()),
            heard=heard.get(document.subject),
            published_on=published.get(document.subject),
            taken_off_on=taken_off.get(document.subject),
            completed_on=completed.get(document.subject),
            posted_on=posted.get((document.subject, Posting.Manner.POSTED)),
            urgent_on=posted.get((document.subject, Posting.Manner.URGENT)),
            notified_on=posted.get((document.subject, Posting.Manner.NOTIFIED)),
            is_gone=document.pk in gone,
            is_weighed=is_weighed and meeting.is_alone,
        )
        for document in extracts
    }


def _unsigned(
    meeting: Meeting, extracts: Sequence[IssuedDocument]
) -> Mapping[int, tuple[str, ...]]:
    """By document, who has still to sign it, where somebody has."""
    among = IssuedDocument.objects.filter(pk__in=[each.pk for each in extracts])
    waiting = list(signatures.unsigned(among).prefetch_related("signatures"))
    for each in waiting:
        each.meeting = meeting
    return {each.pk: signatures.lacking(each) for each in waiting}


def pending(act: Deliberation) -> frozenset[int]:
    """The acts that say what they do to this one, and that nobody is bound by yet, or any more:
    not public, not received where they have to be, withdrawn themselves, or decided before it, as
    some were said to reach one of the same day."""
    return frozenset(
        link.source_id
        for link in act.linked_from.all()
        if link.undone_at is None
        and (link.source.place < act.place or not is_executory(link.source))
    )


def withdrawn(links: QuerySet[DeliberationLink]) -> frozenset[tuple[int, str]]:
    """The acts that these links withdraw, by one that is an act still and binds: the sitting and
    the key of the item of each. One query where there is none."""
    return frozenset(act for act, binds in _withdrawals(links) if binds)


def awaiting_withdrawal(meetings: Collection[int]) -> frozenset[int]:
    """Of these sittings, those of which an act is withdrawn by one that does not bind yet."""
    links = DeliberationLink.objects.filter(target__meeting__in=meetings)
    return frozenset(meeting for (meeting, _), binds in _withdrawals(links) if not binds)


def _withdrawals(
    links: QuerySet[DeliberationLink],
) -> Iterator[tuple[tuple[int, str], bool]]:
    found = links.filter(kind=DeliberationLink.Kind.WITHDRAWS, undone_at=None, target__isnull=False)
    for each in found.select_related("source__meeting__body__organisation", "target__item"):
        if each.stands:
            act = (each.target.meeting_id, each.target.item.key)
            yield act, each.source_id not in pending(each.target)


def withdrawn_among(
    meeting: Meeting, issued: Iterable[IssuedDocument]
) -> tuple[IssuedDocument, ...]:
    """The same of these papers of a sitting."""
    extracts = [each for each in issued if each.kind == IssuedDocument.Kind.EXTRACT]
    if not extracts:
        return ()
    found = withdrawn(DeliberationLink.objects.filter(target__meeting=meeting))
    return tuple(each for each in extracts if (meeting.pk, each.subject) in found)


def gone(meeting: Meeting, issued: Sequence[IssuedDocument]) -> frozenset[IssuedDocument]:
    """Of these papers of a sitting, the extracts of what binds nobody: no act any more, or one that
    another, which binds, withdrew. Neither is sent nor put online."""
    return frozenset(register.fallen(meeting, issued)) | set(withdrawn_among(meeting, issued))


def is_executory(act: Deliberation) -> bool:
    """Whether it binds."""
    return executory_since(act) is not None


def executory_since(act: Deliberation) -> date | None:
    """Since when it binds, if it does: signed or not, a vote made a deliberation. A later act may
    have withdrawn it, which is asked of that one in turn: only an earlier act is reached, so that
    this ends."""
    papers = act.meeting.documents.filter(kind=IssuedDocument.Kind.EXTRACT, subject=act.item.key)
    told = of_sitting(act.meeting, papers.defer("content"), is_weighed=False).values()
    # One that is rectified binds as it was until it is known as it is.
    return min((each.force.since for each in told if each.force.since), default=None)


def _ended_on(act: Deliberation, coming: frozenset[int]) -> date | None:
    """The day on which the first of those that repeal or replace it, which binds, did."""
    for link in act.linked_from.all():
        if link.stands and link.kind in register.ENDS and link.source_id not in coming:
            return executory_since(link.source)
    return None


def contradictions(rows: Iterable[Delegation]) -> Mapping[int, Finding]:
    """By their numbers, the delegations that were noted as binding sooner than what is known here
    of the deliberations that give them."""
    by_row = {row.pk: row for row in rows if row.enforceable_on is not None}
    told = (
        (pk, replace(by_row[pk].as_value, known=source), meeting)
        for pk, source, meeting in _sources(by_row.values())
    )
    found = {pk: delegations.contradicted(value, meeting.regime) for pk, value, meeting in told}
    return {pk: finding for pk, finding in found.items() if finding is not None}


def sources(rows: Iterable[Delegation]) -> Mapping[int, delegations.Source]:
    """By the number of a delegation, what is known here of the deliberation that gives it: a flat
    number of queries for each sitting that gave some, and some for each that a later act reaches.
    Where the organisation does not transmit from here, nothing is known of what the prefecture
    had: the day that somebody noted is then all there is."""
    return {pk: source for pk, source, _ in _sources(rows)}


def _sources(
    rows: Iterable[Delegation],
) -> Iterator[tuple[int, delegations.Source, Meeting]]:
    by_act: dict[int, list[Delegation]] = defaultdict(list)
    for row in rows:
        if row.deliberation_id is not None:
            by_act[row.deliberation_id].append(row)
    if not by_act:
        return
    acts = (
        Deliberation.objects.filter(pk__in=by_act)
        .order_by("meeting_id", "rank")
        .select_related("meeting__body__organisation", "item")
        .prefetch_related("linked_from__source__meeting", "linked_from__source__item")
    )
    for _, given in groupby(acts, key=lambda act: act.meeting_id):
        of_one = {act.item.key: act for act in given}
        meeting = next(iter(of_one.values())).meeting
        extracts = meeting.documents.filter(kind=IssuedDocument.Kind.EXTRACT)
        papers = list(extracts.filter(subject__in=of_one).defer("content").order_by("version"))
        states, versions = of_sitting(meeting, papers), defaultdict[str, list[Standing]](list)
        for paper in papers:
            versions[paper.subject].append(states[paper.pk])
        transmits = prefecture.transmits(meeting.organisation)
        for key, act in of_one.items():
            source = _source(act, versions[key], transmits=transmits)
            yield from ((row.pk, source, meeting) for row in by_act[act.pk])


def _source(
    act: Deliberation, versions: Sequence[Standing], *, transmits: bool
) -> delegations.Source:
    # One that is rectified gives what it gave until it is known as it is.
    since = min((each.force.since for each in versions if each.force.since), default=None)
    lacks: tuple[str, ...] = ()
    if since is None and transmits:
        lacks = versions[-1].force.lacks if versions else ("version établie",)
    undone, undone_on = _undone(act)
    return delegations.Source(since=since, lacks=lacks, undone=undone, undone_on=undone_on)


def _undone(act: Deliberation) -> tuple[str, date | None]:
    """What undoes it and binds, in French, and from which day; of what is withdrawn, which never
    was, its own."""
    coming = pending(act)
    if told := register.done_to(act, but=coming, only={DeliberationLink.Kind.WITHDRAWS}):
        return told[0], act.meeting.held_on
    ends = [
        (since, link.source_id)
        for link in act.linked_from.all()
        if link.kind in register.ENDS
        and link.source_id not in coming
        and link.stands
        and (since := executory_since(link.source))
    ]
    if not ends:
        return "", None
    since, by = min(ends)
    others = {link.source_id for link in act.linked_from.all()} - {by}
    return register.done_to(act, but=others, only=register.ENDS)[0], since


def _by_delegation(alone: LoneAct) -> Finding | None:
    """What keeps one from saying without a reserve that an act taken by delegation binds: it was
    over, or is said to bind sooner than its deliberation did."""
    found = lone.outlived(alone)
    if found is None and (row := lone.used(alone)) is not None:
        found = contradictions([row]).get(row.pk)
    return found


def _online(
    meeting: Meeting, since: int
) -> tuple[Mapping[str, date], Mapping[str, date], Mapping[str, date]]:
    """By the key of its item, the day an act was first online: taken off since, it was known; the
    day it was taken off before its time was over, of those that are not there since; and that of
    the last file put there with it later."""
    rows = Publication.objects.filter(
        document__meeting=meeting,
        document__kind=IssuedDocument.Kind.EXTRACT,
        document__version__gte=since,
    ).order_by("-published_at")
    first: dict[str, date] = {}
    completed: dict[str, date] = {}
    times: dict[str, list[tuple[date, date | None]]] = {}
    told = rows.annotate(added_on=Max("annexes__added_on")).values_list(
        "document__subject", "published_at", "withdrawn_at", "added_on"
    )
    for subject, at, gone, added_on in told:
        first[subject] = timezone.localdate(at)
        if added_on:
            completed[subject] = max(added_on, completed.get(subject, added_on))
        times.setdefault(subject, []).append((first[subject], gone and timezone.localdate(gone)))
    gone_on = {
        subject: (told[0][0], max(gone for _, gone in told if gone))
        for subject, told in times.items()
        if all(gone for _, gone in told)
    }
    taken_off = {
        subject: gone
        for subject, (latest, gone) in gone_on.items()
        if gone < deadlines.online_until(latest, meeting.regime)
    }
    return first, taken_off, completed


def _first_posted(meeting: Meeting, since: int) -> Mapping[tuple[str, str], date]:
    """The same of its posting and its notification, each way."""
    rows = Posting.objects.standing().filter(
        document__meeting=meeting,
        document__kind=IssuedDocument.Kind.EXTRACT,
        document__version__gte=since,
    )
    told = rows.order_by("-on").values_list("document__subject", "manner", "on")
    return {(subject, manner): on for subject, manner, on in told}


def _judged(
    meeting: Meeting,
    deliberation: Deliberation | None,
    *,
    unsigned_by: tuple[str, ...],
    heard: prefecture.Heard | None,
    published_on: date | None,
    taken_off_on: date | None,
    completed_on: date | None,
    posted_on: date | None,
    urgent_on: date | None,
    notified_on: date | None,
    is_gone: bool,
    is_weighed: bool,
    coming: frozenset[int],
) -> Standing:
    regime = meeting.regime
    since = register.done_to(deliberation, but=coming) if deliberation else ()
    ends = register.done_to(deliberation, but=coming, only=register.ENDS) if deliberation else ()
    ended = next(iter(ends), "")
    sheet: ActSheet | None = getattr(deliberation, "act_sheet", None)
    is_individual = deliberation is not None and prefecture.is_individual(deliberation)
    known_on = law.known_on(
        regime,
        decided_on=meeting.held_on,
        is_individual=is_individual,
        published_on=published_on,
        posted_on=posted_on,
        notified_on=notified_on,
    )
    received_on = heard.on if heard else None
    # An election is contested in a delay of its own, not within two months.
    is_election = deliberation is not None and deliberation.item.is_electoral
    is_decided = not (meeting.is_alone and unsigned_by)
    # A wish is contested by nobody but the prefect.
    is_wish = deliberation is not None and law.is_wish(
        deliberation.item.title, sheet.matter if sheet else ""
    )
    is_contested = is_decided and not is_gone and not is_election and not is_wish
    is_doubtful = taken_off_on is not None and known_on == published_on and not is_individual
    is_told = known_on is not None and is_contested
    return Standing(
        force=law.force(
            regime,
            is_individual=is_individual,
            known_on=known_on,
            received_on=received_on,
            urgent_on=urgent_on,
            is_transmissible=sheet is None or sheet.is_transmissible,
            unsigned_by=unsigned_by,
            is_decided_by_signing=meeting.is_alone,
            is_gone=is_gone,
            is_wish=is_wish,
            is_feminine=meeting.body.kind != Kind.ORDER,
            withdrawn_by=register.withdrawn_by(deliberation, but=coming) if deliberation else "",
        ),
        published_on=published_on,
        taken_off_on=taken_off_on if not is_individual else None,
        posted_on=posted_on,
        urgent_on=urgent_on,
        notified_on=notified_on,
        received_on=received_on,
        is_receipt_noted=heard is not None and heard.is_noted,
        appeal=law.appeal(regime, known_on) if known_on and is_told and not is_doubtful else None,
        is_individual=is_individual,
        electoral=(law.electoral_appeal(regime), law.electoral(regime))
        if is_election and is_decided and not is_gone
        else None,
        completed_on=completed_on if completed_on and is_told and not is_individual else None,
        is_appeal_unknown=is_told and is_doubtful,
        control=prefecture.control_of(deliberation, heard)
        if deliberation and not is_gone
        else None,
        exempt=sheet.exempt if sheet and not sheet.is_transmissible else "",
        powerless=_by_delegation(meeting.alone) if is_weighed and not is_gone else None,
        ended=ended,
        ended_on=_ended_on(deliberation, coming) if deliberation and ended else None,
        since_else=tuple(each for each in since if each != ended),
        coming=tuple(
            link.source.label
            for link in (deliberation.linked_from.all() if deliberation else ())
            if link.stands and link.source_id in coming
        ),
    )
