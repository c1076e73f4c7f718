"""Around a draft: readers asked by link, what they remark, and what became of it.

A reader opens the draft by a secret link of which only the hash is kept. What he says is kept
with the hash of what he read; he may say something else until the minutes are issued.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from convening import notices, outbox, sending
from convening.models import Notice
from law import findings, french
from law.findings import Finding
from meetings.actions import ledger
from meetings.models import AgendaItem, Meeting
from meetings.richtext import printable
from members import links
from members.models import Person, User
from registry.models import Remark, Review
from registry.reviews import reading

VALID_FOR = timedelta(days=30)
MAX_REMARKS = 200  # of one reader on one draft: more is a machine


# --- Asking -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A reader just asked: the only moment at which his link is known, and whether a mail takes
    it to him."""

    review: Review
    raw: str
    is_mailed: bool

    @property
    def path(self) -> str:
        """Where his link leads, from the root of the site."""
        return reverse(reading.PAGE, args=[self.raw])


@transaction.atomic
def ask(
    meeting: Meeting,
    *,
    readers: Sequence[tuple[Person, str]],
    by: User,
    at: datetime,
    site: str = "",
) -> tuple[Asked, ...]:
    """Make a personal link for each reader (a person and his capacity), and mail it where a server
    takes mails.

    The link that somebody had before opens nothing any more, so a reminder carries a new one.
    `site` is what addresses begin with, unless the settings name one. Raises `Refused` when
    nobody is asked, or for somebody of another organisation.
    """
    ledger.lock(meeting)
    if not readers:
        raise findings.refusal(
            "sans_relecteur",
            "Personne n’est choisi.",
            remedy="Cochez au moins un relecteur.",
            field="persons",
        )
    if any(person.organisation_id != meeting.body.organisation_id for person, _ in readers):
        raise findings.refusal("autre_organisation", "Cette personne n’est pas d’ici.")
    before = meeting.reviews.filter(person__in=[person for person, _ in readers], revoked_at=None)
    waited_for = set(before.filter(answered_at=None).values_list("person", flat=True))
    _keep_from_leaving(before)
    before.update(revoked_at=at, revoked_by=by)
    asked = []
    for person, capacity in dict(readers).items():
        seed = links.new()
        raw = links.drawn(reading.PAGE, seed)
        review = Review.objects.create(
            meeting=meeting,
            person=person,
            capacity=capacity[:60],
            token_hash=links.hash_of(raw),
            asked_by=by,
            asked_at=at,
            expires_at=at + VALID_FOR,
        )
        subject, body = _letter(review, is_reminder=person.pk in waited_for)
        # A mail kept here would take it to nobody: whoever asks gives it himself.
        is_mailed = not outbox.is_kept() and notices.queue(
            meeting,
            to=person,
            reason=reading.mailing(review),
            subject=subject,
            body=body,
            by=by,
            at=at,
            page=reading.PAGE,
            seed=seed,
            site=site,
        )
        asked.append(Asked(review=review, raw=raw, is_mailed=is_mailed))
    transaction.on_commit(sending.wake)
    return tuple(asked)


def _letter(review: Review, *, is_reminder: bool) -> tuple[str, str]:
    """Subject and text of the mail that takes his link to a reader."""
    meeting = review.meeting
    day = french.long_date(meeting.held_on)
    until = french.long_date(timezone.localdate(review.expires_at))
    is_woman = review.person.civility == Person.Civility.MRS
    invited = french.agree("invité", feminine=is_woman)
    still = "Nous attendons encore votre avis. " if is_reminder else ""
    body = "\n\n".join(
        (
            review.person.greeting,
            f"{still}Le procès-verbal de la séance du {day} ({meeting.body}) est rédigé. "
            f"Avant qu’il soit établi, {invited} à le relire comme {review.capacity}, "
            "vous pouvez faire des remarques point par point et dire s’il est bon à établir.",
            f"Votre lien personnel, valable jusqu’au {until} :",
            "{lien}",
            *(["Il remplace celui que vous aviez, qui n’ouvre plus rien."] if still else []),
            f"Le secrétariat\n{meeting.body.organisation}",
        )
    )
    reminder = "Rappel : relecture" if is_reminder else "Relecture"
    return f"{reminder} du procès-verbal, {meeting.body} du {day}", body


def _keep_from_leaving(reviews: Iterable[Review]) -> None:
    """Take their mails out of the queue: their links are about to open nothing any more."""
    reasons = [reading.mailing(review) for review in reviews]
    Notice.objects.filter(once__in=reasons, state=Notice.State.QUEUED).delete()


@transaction.atomic
def withdraw(review: Review, *, by: User, at: datetime) -> Review:
    """Close a link: it opens nothing any more; what its reader said stays."""
    review = Review.objects.select_for_update(of=("self",)).get(pk=review.pk)
    if review.revoked_at is None:
        _keep_from_leaving([review])
        review.revoked_at, review.revoked_by = at, by
        review.save(update_fields=["revoked_at", "revoked_by"])
    return review


# --- Answering --------------------------------------------------------------------------------


@transaction.atomic
def remark(*, by: Review, item: AgendaItem | None, text: str, seen: str, at: datetime) -> Remark:
    """Keep what a reader remarks, on one item or on the whole; it is his verdict on what he was
    shown (`seen`, the hash of the draft). Said twice, it is kept once."""
    ledger.lock(by.meeting)
    text = printable(text).strip()
    own = reading.remarks_of(by)
    objections = [] if _DIGEST.fullmatch(seen) else [_UNKNOWN_DRAFT]
    if not text:
        objections.append(
            Finding(code="remarque_vide", message="Écrivez votre remarque.", field="text")
        )
    if item is not None and item.meeting_id != by.meeting_id:
        objections.append(
            Finding(code="autre_seance", message="Ce point n’est pas de cette séance.")
        )
    if own.count() >= MAX_REMARKS:
        objections.append(
            Finding(
                code="trop_de_remarques",
                message="Vous avez fait beaucoup de remarques : voyez-en plutôt le secrétariat.",
            )
        )
    findings.refuse(objections)
    known = own.filter(item=item, text=text, settled_at=None).first()
    if known is not None:
        return known
    _answer(by, Review.Verdict.REMARKS, seen=seen, at=at)
    return Remark.objects.create(
        meeting=by.meeting,
        item=item,
        review=by,
        text=text,
        made_by=f"{by.person}, {by.capacity}",
        made_at=at,
    )


@transaction.atomic
def agree(*, by: Review, seen: str, at: datetime) -> Review:
    """Keep that a reader finds the draft good, with the hash of what he was shown (`seen`)."""
    ledger.lock(by.meeting)
    findings.refuse([] if _DIGEST.fullmatch(seen) else [_UNKNOWN_DRAFT])
    return _answer(by, Review.Verdict.AGREED, seen=seen, at=at)


_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNKNOWN_DRAFT = Finding(
    code="projet_inconnu",
    message="On ne sait pas quel texte vous avez lu.",
    remedy="Rechargez la page, puis recommencez.",
)


def _answer(review: Review, verdict: str, *, seen: str, at: datetime) -> Review:
    review.verdict, review.answered_at, review.content_sha256 = verdict, at, seen
    review.save(update_fields=["verdict", "answered_at", "content_sha256"])
    return review


@transaction.atomic
def settle(remark: Remark, *, answer: str, by: User, at: datetime) -> Remark:
    """Say what became of a remark; the reader sees it. A remark settled stays as it is."""
    remark = Remark.objects.select_for_update(of=("self",)).get(pk=remark.pk)
    if remark.settled_at is not None:
        return remark
    answer = printable(answer).strip()
    if not answer:
        raise findings.refusal(
            "sans_suite",
            "Dites en un mot ce que devient cette remarque.",
            field="answer",
        )
    remark.answer, remark.settled_at, remark.settled_by = answer, at, by
    remark.save(update_fields=["answer", "settled_at", "settled_by"])
    return remark
