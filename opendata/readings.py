"""Reading what is online in the files that are online, once, and keeping it right.

A published PDF carries the JSON of its paper. What the law protects was left out of both when the
public edition was laid out, so that whoever reads here can give away nothing that the file does
not: there is no second rule of what may be told.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from archive.models import Publication, PublishedAnnex
from archive.online import standing
from archive.online import told as online
from documents import papers
from documents.models import IssuedDocument
from law.french import NBSP
from meetings import acts
from members.models import Organisation
from opendata.models import Reading
from registry.models import DeliberationLink, SignatureStep

READER = 1  # raised when something else is read in the same files
_AT_ONCE = 50


# --- What a file says -----------------------------------------------------------------------------


def votes_of(paper: papers.DeliberationExtract) -> list[int] | None:
    """Who might vote, voting, for, against, abstaining, as the SCDL counts them; `None` when it
    cannot tell this decision.

    Who might vote are the members in office, but for those who withdrew or whom the item does not
    concern. The voting are the votes cast, proxies included and those who take no part left out:
    the sum of the three others. An election, several votes of one item, what the assembly takes
    note of, a vote that nobody counted, blank or null papers, and votes that are weighed (people
    and voices are not one count) have no columns there.
    """
    votes = [step for step in paper.decisions if step.kind == "vote"]
    if len(votes) != 1 or len(paper.decisions) != 1 or votes[0].lines:
        return None
    count = votes[0].count
    told = {each.label: each.value for each in paper.figures}
    in_office = told.get("membres en exercice")
    if count is None or in_office is None or "voix" in told or count.blank or count.null:
        return None
    shares = [count.for_, count.against, count.abstentions]
    voting = sum(shares)
    entitled = in_office if count.entitled is None else count.entitled
    return [entitled, voting, *shares] if 0 < voting <= entitled else None


def agenda_of(paper: papers.Paper) -> list[dict[str, Any]]:
    """The items that a paper tells, in their order, each with what was decided of it."""
    if isinstance(paper, papers.MinutesDocument):
        return [
            _item(each.key, each.number, each.title, each.after)
            for each in paper.all_items
            if not each.is_section
        ]
    if isinstance(paper, papers.DeliberationExtract):
        return [_item(paper.key, "", paper.object, paper.decisions)]
    return []


def _item(key: str, number: str, title: str, steps: Iterable[papers.Step]) -> dict[str, Any]:
    decided = [step for step in steps if step.is_decision]
    return {
        "key": key,
        "number": "" if number == papers.BULLET else number,
        "name": title,
        "text": " ".join(words for step in decided for words in (step.text, *step.more)),
        "votes": [_vote(step) for step in decided if step.kind == "vote"],
    }


def _vote(step: papers.Step) -> dict[str, Any]:
    """A vote, as it was counted: `None` for figures that nobody counted."""
    told: dict[str, Any] = {"text": step.text, "verdict": "", "mode": ""}
    if count := step.count:
        told |= {"verdict": count.verdict, "mode": count.mode}
        figures = {
            "for": count.for_,
            "against": count.against,
            "abstention": count.abstentions,
            "notVoting": count.not_voting,
            "blank": count.blank,
            "null": count.null,
        }
        if any(figures.values()):
            told["count"] = figures
    if step.groups:
        told["voters"] = [
            {"choice": group.label, "names": list(group.names)} for group in step.groups
        ]
    if step.lines:
        told["questions"] = [
            {
                "question": line.question,
                "result": line.result,
                "for": line.for_,
                "against": line.against,
                "abstention": line.abstentions,
            }
            for line in step.lines
        ]
    return told


def _told(publication: Publication) -> dict[str, Any]:
    """What a reading says of this publication."""
    content = online.read(publication)
    said: dict[str, Any] = {"content": content, "number": "", "object": publication.title}
    said |= {"votes": None, "agenda": [], "by": READER}
    paper = papers.from_json(content) if content else None
    if paper is not None:
        said["agenda"] = agenda_of(paper)
    if isinstance(paper, papers.DeliberationExtract):
        said["number"] = paper.number.rpartition("°")[2].strip(f" {NBSP}")[:60]
        said["object"], said["votes"] = paper.object, votes_of(paper)
    return said


# --- Kept right -----------------------------------------------------------------------------------


def hear(instance: Publication, *, created: bool, raw: bool, **kwargs: Any) -> None:
    """What goes online is read at once (`post_save`); what a backup brings back came with its
    readings."""
    if created and not raw:
        _read(instance)


def hear_annex(instance: PublishedAnnex, *, created: bool, raw: bool, **kwargs: Any) -> None:
    """What is put beside an act that was online changes what is told of it (`post_save`)."""
    if created and not raw and instance.added_on is not None:
        _changed(Q(publication=instance.publication_id))


def hear_signature(instance: SignatureStep, *, raw: bool, **kwargs: Any) -> None:
    """Whoever signs an act that is online changes what is told of it (`post_save`)."""
    if not raw and instance.role in SignatureStep.BY_PEOPLE:
        _changed(Q(publication__document=instance.document_id))


def _changed(which: Q) -> None:
    found = Reading.objects.filter(which, publication__withdrawn_at=None)
    found.update(changed_at=timezone.now())


def catch_up(plan: Sequence[tuple[Any, bool]] = (), **kwargs: Any) -> None:
    """Read what an older version put online (`post_migrate`)."""
    if not plan or any(is_backwards for _, is_backwards in plan):
        return
    unread = Publication.objects.lasting().filter(
        Q(open_data=None) | ~Q(open_data__by=READER), withdrawn_at=None
    )
    wanted = unread.select_related("document__meeting").order_by("document__meeting", "pk")
    for publication in wanted.defer("document__content").iterator(chunk_size=_AT_ONCE):
        _read(publication)


def bring_up_to_date() -> None:
    """Judge again what bears an act still, where its sitting changed since: one query otherwise."""
    changed = (
        Reading.objects.filter(publication__withdrawn_at=None)
        .exclude(stamp=F("publication__document__meeting__stamp"))
        .select_related("publication__document__meeting__body__organisation")
        .defer("content", "publication__document__content")
        .order_by("publication__document__meeting_id", "pk")
    )
    for _, found in groupby(changed, key=lambda each: each.publication.document.meeting_id):
        _judge(list(found))


def follow(organisation: Organisation) -> None:
    """Keep of each act that is online whether a later one withdrew it, and when that was found.
    What makes the later one bind, or stops it, is written in several rooms: it is asked here."""
    gone = withdrawn(organisation)
    extracts = Reading.objects.filter(
        publication__withdrawn_at=None,
        publication__document__kind=IssuedDocument.Kind.EXTRACT,
        publication__document__meeting__body__organisation=organisation,
    )
    suspected = extracts.filter(
        Q(is_withdrawn=True) | Q(publication__document__meeting__in={key for key, _ in gone})
    )
    for pk, *act, was in suspected.values_list(
        "pk",
        "publication__document__meeting",
        "publication__document__subject",
        "is_withdrawn",
    ):
        if (is_gone := tuple(act) in gone) is not was:
            Reading.objects.filter(pk=pk).update(is_withdrawn=is_gone, changed_at=timezone.now())


def withdrawn(organisation: Organisation) -> frozenset[tuple[int, str]]:
    """The acts that a later one, which is one still and binds, withdrew: sitting and item."""
    links = DeliberationLink.objects.filter(target__body__organisation=organisation)
    return standing.withdrawn(links)


def _read(publication: Publication) -> None:
    _judge([Reading(publication=publication, **_told(publication))])


def _judge(readings: Sequence[Reading]) -> None:
    """Whether what these papers of one sitting bear is an act still; what is found is kept."""
    meeting = readings[0].publication.document.meeting
    # What another deliberation withdraws is asked of its links: see `withdrawn`.
    decided = {each.item.key for each in acts.decided(meeting) if each.is_act}
    for reading in readings:
        document = reading.publication.document
        is_act = document.kind == IssuedDocument.Kind.EXTRACT
        stands = not is_act or document.subject in decided
        if stands != reading.stands:
            reading.changed_at = timezone.now()
        reading.stands, reading.stamp = stands, meeting.stamp
        reading.save()
