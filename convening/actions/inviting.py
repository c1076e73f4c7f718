"""Personal links and links of dossiers, as they are made."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.crypto import constant_time_compare

from convening import tokens
from convening.models import Invitation
from meetings.models import Meeting
from members import links
from members.models import Mandate


@transaction.atomic
def make_invitation(meeting: Meeting, mandate: Mandate, *, at: datetime) -> tuple[Invitation, str]:
    """A new personal link and its token; the one before opens nothing any more."""
    Invitation.objects.filter(meeting=meeting, mandate=mandate, revoked_at=None).update(
        revoked_at=at
    )
    invitation, raw = _drawn(meeting, mandate, at=at)
    invitation.save()
    return invitation, raw


def _drawn(meeting: Meeting, mandate: Mandate, *, at: datetime) -> tuple[Invitation, str]:
    nonce = links.new()
    raw = links.drawn(tokens.INVITATION, nonce)
    invitation = Invitation(
        meeting=meeting,
        mandate=mandate,
        nonce=nonce,
        token_hash=links.hash_of(raw),
        made_at=at,
        expires_at=tokens.expiry(meeting),
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
        raw = links.drawn(tokens.INVITATION, living.nonce)
        if constant_time_compare(links.hash_of(raw), living.token_hash):
            return living, raw
    return make_invitation(meeting, mandate, at=at)


def invite(meeting: Meeting, mandates: Iterable[Mandate], *, at: datetime) -> None:
    """A living link for each of these mandates: whoever has one keeps it. Two queries."""
    living = set(meeting.invitations.filter(revoked_at=None).values_list("mandate_id", flat=True))
    Invitation.objects.bulk_create(
        _drawn(meeting, mandate, at=at)[0] for mandate in mandates if mandate.pk not in living
    )
