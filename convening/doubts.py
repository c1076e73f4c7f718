"""Whether whoever answers by a personal link is who it was made for.

A link goes to an address, and anybody who keeps the files may change it: to his own, to answer and
give a proxy in the name of another. Nothing forbids it, since it is how a wrong address is put
right; so what comes by such a link is taken, and said to be confirmed with the person.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import Model
from django.utils import timezone

from convening.models import Invitation, Recipient
from law import french
from law.addresses import lowered

# An assembly meets at least once a quarter (art. L5211-11): the first sitting after the change,
# and the next, whichever the day.
RECENT = timedelta(days=92)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why an answer is to be confirmed, in words; `before`, the address to which to tell it."""

    words: str
    before: str


def of(invitation: Invitation, *, at: datetime) -> Doubt | None:
    """Why what comes by this link is to be confirmed; `None` when its address was the person’s
    own word, or was hers all along. One that was printed went through somebody's hands."""
    person = invitation.mandate.person
    name, value = ("email", invitation.email) if invitation.email else ("address", person.address)
    rows = list(
        person.history.order_by("history_date", "history_id").select_related("history_user")
    )
    if name == "email" and rows and not _same(rows[-1].email, value):
        left = [later for before, later in pairwise(rows) if _same(before.email, value)]
        if not left:
            return _elsewhere(invitation, "n’est pas")
        # What went there while it was hers stays hers: she says by it that the other is not.
        return _elsewhere(invitation, "n’est plus", since=left[-1].history_date)
    arrivals = (
        row
        for before, row in pairwise(rows)
        if _same(getattr(row, name), value) and not _same(getattr(before, name), value)
    )
    row = max(arrivals, key=lambda row: row.history_id, default=None)
    otherwise = None if invitation.email else _on_paper(invitation)
    if row is None or at - row.history_date > RECENT:
        return otherwise
    if row.history_user_id is not None and row.history_user_id == row.user_id:
        return otherwise
    earlier = [each for each in rows[: rows.index(row)] if getattr(each, name)]
    if not earlier and not _was_convened(invitation, row.history_date):
        return otherwise  # the first address that she ever had
    return Doubt(
        words=_told(
            "adresse changée", row.history_date, row.history_user, row.history_change_reason
        ),
        before=earlier[-1].email if name == "email" and earlier else person.email,
    )


def _same(one: str, other: str) -> bool:
    """Of electronic addresses as they are compared everywhere; of a postal one, the same words."""
    fold = lowered if "@" in one + other else str.lower
    return fold(" ".join(one.split())) == fold(" ".join(other.split()))


def _was_convened(invitation: Invitation, moment: datetime) -> bool:
    sent = Recipient.objects.filter(mandate__person=invitation.mandate.person_id)
    return sent.filter(queued_at__lt=moment).exists()


def _on_paper(invitation: Invitation) -> Doubt | None:
    """By a letter, whose link somebody here had under his eyes; `None` when none was made."""
    letters = Recipient.objects.filter(
        convocation__meeting=invitation.meeting_id,
        mandate=invitation.mandate_id,
        channel=Recipient.Channel.PAPER,
    )
    row = letters.select_related("queued_by", "convocation__dispatched_by").order_by("-pk").first()
    if row is None:
        return None
    by = row.queued_by or row.convocation.dispatched_by
    return Doubt(
        words=_told("par le lien d’une lettre préparée", row.queued_at, by),
        before=invitation.mandate.person.email,
    )


def _elsewhere(
    invitation: Invitation, standing: str, *, since: datetime | None = None
) -> Doubt | None:
    """Sent to an address that was never on the file of the person, or was not any more; `None`
    when nothing went there `since`."""
    sent = Recipient.objects.filter(
        convocation__meeting=invitation.meeting_id,
        mandate=invitation.mandate_id,
    )
    rows = sent.select_related("queued_by").order_by("pk")
    if since is not None:
        rows = rows.filter(queued_at__gt=since)
    row = next((row for row in rows if _same(row.email, invitation.email)), None)
    if since is not None and row is None and invitation.made_at <= since:
        return None
    words = f"lien envoyé à une adresse qui {standing} celle de sa fiche"
    return Doubt(
        words=_told(words, row.queued_at if row else invitation.made_at, row and row.queued_by),
        before=invitation.mandate.person.email,
    )


def _told(what: str, moment: datetime, by: Model | None, road: str | None = "") -> str:
    told = f"{what} le {french.long_date(timezone.localdate(moment))}"
    told += f" par {by}" if by else ""
    return french.nbsp(f"{told} ({road})" if road else told)
