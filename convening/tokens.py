"""Secret links: the personal link of a delegate, the link of a dossier.

A token is drawn from a random `nonce` (`members.links.drawn`), so that the sender can write the
same link again in a mail that leaves a second time.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from convening.models import Invitation, Recipient
from meetings.models import Meeting
from members import links
from members.models import Mandate

_INVITATION = "convening.invitation"
_DOSSIER = "convening.dossier"

# After the sitting the page still says what became of the answer, then the link dies.
AFTERWARDS = timedelta(days=30)


# --- The personal link ------------------------------------------------------------------------


@transaction.atomic
def make_invitation(meeting: Meeting, mandate: Mandate, *, at: datetime) -> tuple[Invitation, str]:
    """A new personal link and its token; the one before opens nothing any more."""
    Invitation.objects.filter(meeting=meeting, mandate=mandate, revoked_at=None).update(
        revoked_at=at
    )
    nonce = links.new()
    raw = links.drawn(_INVITATION, nonce)
    invitation = Invitation.objects.create(
        meeting=meeting,
        mandate=mandate,
        nonce=nonce,
        token_hash=links.hash_of(raw),
        made_at=at,
        expires_at=expiry(meeting),
    )
    return invitation, raw


@transaction.atomic
def invitation_of(meeting: Meeting, mandate: Mandate, *, at: datetime) -> tuple[Invitation, str]:
    """The living link of this mandate, made when there is none.

    It is made again too when the secret key of the site has changed since: the old token cannot
    be drawn any more.
    """
    living = Invitation.objects.filter(
        meeting=meeting, mandate=mandate, revoked_at=None, expires_at__gt=at
    ).first()
    if living is not None:
        raw = links.drawn(_INVITATION, living.nonce)
        if constant_time_compare(links.hash_of(raw), living.token_hash):
            return living, raw
    return make_invitation(meeting, mandate, at=at)


def invite(meeting: Meeting, mandates: Iterable[Mandate], *, at: datetime) -> None:
    """A living link for each of these mandates: whoever has one keeps it. Two queries."""
    living = set(meeting.invitations.filter(revoked_at=None).values_list("mandate_id", flat=True))
    rows = []
    for mandate in mandates:
        if mandate.pk in living:
            continue
        nonce = links.new()
        rows.append(
            Invitation(
                meeting=meeting,
                mandate=mandate,
                nonce=nonce,
                token_hash=links.hash_of(links.drawn(_INVITATION, nonce)),
                made_at=at,
                expires_at=expiry(meeting),
            )
        )
    Invitation.objects.bulk_create(rows)


def find(raw: str, at: datetime) -> Invitation | None:
    """The invitation that this token opens now; `None` when revoked, expired or never made."""
    rows = Invitation.objects.select_related(
        "meeting__body__organisation", "mandate__person", "mandate__community"
    )
    return links.find(rows, raw, revoked_at=None, expires_at__gt=at)


def expiry(meeting: Meeting) -> datetime:
    """When the links of a sitting stop opening anything."""
    return timezone.make_aware(meeting.scheduled_for) + AFTERWARDS


def extend(meeting: Meeting) -> None:
    """A sitting that was moved takes its living links along."""
    meeting.invitations.filter(revoked_at=None).update(expires_at=expiry(meeting))


def path_of(raw: str) -> str:
    """The path of the answer page, to put after the address of the site."""
    return reverse("convening:invitation", args=[raw])


# --- The link of a dossier --------------------------------------------------------------------


def give_dossier(recipient: Recipient) -> None:
    """Let this recipient download what was sent; written with the row, not saved here."""
    recipient.nonce = links.new()
    recipient.token_hash = links.hash_of(links.drawn(_DOSSIER, recipient.nonce))


def dossier_of(recipient: Recipient) -> str:
    """The token of the dossier of a recipient."""
    return links.drawn(_DOSSIER, recipient.nonce)


def dossier_path(recipient: Recipient) -> str:
    """The path that downloads the dossier, to put after the address of the site."""
    return reverse("convening:sent_dossier", args=[dossier_of(recipient)])


def find_dossier(raw: str, at: datetime) -> Recipient | None:
    """The recipient whose dossier this token opens now."""
    rows = Recipient.objects.select_related("convocation__meeting__body__organisation")
    recipient = links.find(rows, raw)
    if recipient is None or at >= expiry(recipient.convocation.meeting):
        return None
    return recipient
