"""Secret links: the personal link of a delegate, the link of a dossier.

A token is drawn from a random `nonce` (`members.links.drawn`), so that the sender can write the
same link again in a mail that leaves a second time.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from convening.models import Invitation, Recipient
from meetings.models import Meeting
from members import links

INVITATION = "convening.invitation"
DOSSIER = "convening.dossier"
# After the sitting the page still says what became of the answer, then the link dies.
AFTERWARDS = timedelta(days=30)

# --- The personal link ------------------------------------------------------------------------


def find(raw: str, at: datetime) -> Invitation | None:
    """The invitation that this token opens now; `None` when revoked, expired, never made, or
    when the account of who had it was closed."""
    rows = Invitation.objects.select_related(
        "meeting__body__organisation", "mandate__person__user", "mandate__community"
    )
    found = links.find(rows, raw, revoked_at=None, expires_at__gt=at)
    account = found.mandate.person.user if found else None
    return None if account is not None and not account.is_active else found


def expiry(meeting: Meeting) -> datetime:
    """When the links of a sitting stop opening anything."""
    return timezone.make_aware(meeting.scheduled_for) + AFTERWARDS


def path_of(raw: str) -> str:
    """The path of the answer page, to put after the address of the site."""
    return reverse("convening:invitation", args=[raw])


# --- The link of a dossier --------------------------------------------------------------------


def give_dossier(recipient: Recipient) -> None:
    """Let this recipient download what was sent; written with the row, not saved here."""
    recipient.nonce = links.new()
    recipient.token_hash = links.hash_of(links.drawn(DOSSIER, recipient.nonce))


def dossier_of(recipient: Recipient) -> str:
    """The token of the dossier of a recipient."""
    return links.drawn(DOSSIER, recipient.nonce, kept=recipient.token_hash)


def dossier_path(recipient: Recipient) -> str:
    """The path that downloads the dossier, to put after the address of the site."""
    return reverse("convening:sent_dossier", args=[dossier_of(recipient)])


def note_opened(rows: QuerySet[Recipient], *, at: datetime) -> None:
    """Keep when a dossier was first followed to: a filter of a mail server may be the one who
    follows, this proves no reading."""
    rows.filter(opened_at=None).update(opened_at=at)


def find_dossier(raw: str, at: datetime) -> Recipient | None:
    """The recipient whose dossier this token opens now; `None` once he sits there no more."""
    rows = Recipient.objects.select_related(
        "convocation__meeting__body__organisation", "mandate__person__user"
    )
    recipient = links.find(rows, raw)
    if recipient is None or at >= expiry(recipient.convocation.meeting):
        return None
    held_on = recipient.convocation.meeting.held_on
    if recipient.mandate is not None and not recipient.mandate.opens(held_on):
        return None
    return recipient
