"""Who reads a draft: who should, who was asked, what each said and whether his mail left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from convening.models import Notice
from law import french
from meetings.agenda import Node
from meetings.models import Meeting
from members import links
from members.models import Person
from registry.models import Remark, Review, SignatureStep
from registry.signatures import reading as signatures

PAGE = "registry:review"  # what the link of a reader opens


def proposed(meeting: Meeting) -> tuple[tuple[Person, str], ...]:
    """Who should read first, each with his capacity: those who will sign the minutes (art.
    L2121-15), the secretaries of the sitting before whoever presided."""
    wanted: dict[Person, str] = {}
    signers = signatures.signers(meeting).minutes
    for signer in sorted(signers, key=lambda each: each.role == SignatureStep.Role.PRESIDENT):
        if signer.person is not None:
            is_chair = signer.role == SignatureStep.Role.PRESIDENT
            title = "président de séance" if is_chair else "secrétaire de séance"
            word = french.agree(title, feminine=signer.person.civility == Person.Civility.MRS)
            wanted.setdefault(signer.person, word)
    return tuple(wanted.items())


def find(raw: str, *, at: datetime) -> Review | None:
    """The review that this token opens now; `None` when withdrawn, expired or never made."""
    rows = Review.objects.select_related("meeting__body__organisation", "person__user")
    found = links.find(rows, raw, revoked_at=None, expires_at__gt=at)
    reader = found.person.user if found and found.person else None
    return None if reader is not None and not reader.is_active else found


def mailing(review: Review) -> str:
    """The reason of the mail that takes his link to a reader: it leaves once."""
    return f"relecture-{review.pk}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consulted:
    """A reader who was asked: whether his link still opens, whether what he said is of this very
    text, and the mail that took him the link."""

    review: Review
    is_living: bool
    is_of_this_text: bool
    mail: Notice | None


def consulted(meeting: Meeting, digest: str, *, at: datetime) -> tuple[Consulted, ...]:
    """Who was asked and what each said of the draft of this hash: two queries.

    A link that was replaced or withdrawn before anything was said is left out.
    """
    reviews = [
        review
        for review in meeting.reviews.select_related("person", "asked_by")
        if review.revoked_at is None or review.verdict
    ]
    mails = Notice.objects.filter(once__in=map(mailing, reviews)).in_bulk(field_name="once")
    return tuple(
        Consulted(
            review=review,
            is_living=review.revoked_at is None and review.expires_at > at,
            is_of_this_text=review.content_sha256 == digest,
            mail=mails.get(mailing(review)),
        )
        for review in reviews
    )


def by_item(remarks: QuerySet[Remark]) -> dict[str, list[Remark]]:
    """These remarks by key of item; "" holds those on the whole. One query."""
    found: dict[str, list[Remark]] = {}
    for remark in remarks.select_related("item"):
        found.setdefault(remark.item.key if remark.item else "", []).append(remark)
    return found


def texts(
    meeting: Meeting, remarks: dict[str, list[Remark]]
) -> list[tuple[Node, Sequence[Remark]]]:
    """The items of which minutes tell what was said, each with the remarks beside it."""
    return [
        (node, remarks.get(node.item.key, ()))
        for node in meeting.agenda.nodes
        if node.item.text or not node.item.is_section
    ]


def remarks_of(review: Review) -> QuerySet[Remark]:
    """What this reader remarked on the draft, by this link or by one that it replaced."""
    return Remark.objects.filter(meeting=review.meeting_id, review__person=review.person_id)
