"""Personal links and links of dossiers, as they are made."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from convening import tokens
from convening.models import Invitation, Recipient
from law.addresses import lowered
from meetings.models import Meeting
from members import links
from members.models import Mandate


@transaction.atomic
def make_invitation(
    meeting: Meeting, mandate: Mandate, *, at: datetime, email: str | None = None
) -> tuple[Invitation, str]:
    """A new personal link and its token, for this address, that of the file unless it is said, ""
    on paper; those before, at whatever address, open nothing any more, nor do the links of the
    dossier that left beside them."""
    revoke(Invitation.objects.filter(meeting=meeting, mandate=mandate), at=at)
    received = Recipient.objects.filter(convocation__meeting=meeting, mandate=mandate).exclude(
        state__in=(Recipient.State.QUEUED, Recipient.State.HANDING)
    )
    received.update(nonce="", token_hash="")
    invitation, raw = _drawn(meeting, mandate, email=_address(mandate, email), at=at)
    invitation.save()
    return invitation, raw


def revoke(invitations: QuerySet[Invitation], *, at: datetime) -> None:
    """These links open nothing any more."""
    invitations.filter(revoked_at=None).update(revoked_at=at)


def _address(mandate: Mandate, email: str | None) -> str:
    return lowered(mandate.person.email if email is None else email)


def _drawn(
    meeting: Meeting, mandate: Mandate, *, email: str, at: datetime
) -> tuple[Invitation, str]:
    nonce = links.new()
    raw = links.drawn(tokens.INVITATION, nonce)
    invitation = Invitation(
        meeting=meeting,
        mandate=mandate,
        email=email,
        nonce=nonce,
        token_hash=links.hash_of(raw),
        made_at=at,
        expires_at=tokens.expiry(meeting),
    )
    return invitation, raw


def invitation_of(
    meeting: Meeting, mandate: Mandate, *, at: datetime, email: str | None = None
) -> tuple[Invitation, str]:
    """The living link of this mandate at this address (as for `make_invitation`), made when there
    is none; those of other addresses stay: the person may hold one, to say otherwise.

    It is made again too when the secret key of the site has changed since, and the former is no
    more believed: the old token cannot be drawn.
    """
    address = _address(mandate, email)
    mine = Invitation.objects.filter(
        meeting=meeting, mandate=mandate, email=address, revoked_at=None
    )
    if found := _living(mine, at=at):  # as ever: a hundred mails hold the base for none of theirs
        return found
    with transaction.atomic():
        if found := _living(mine, at=at):
            return found
        revoke(mine, at=at)
        invitation, raw = _drawn(meeting, mandate, email=address, at=at)
        invitation.save()
    return invitation, raw


def _living(mine: QuerySet[Invitation], *, at: datetime) -> tuple[Invitation, str] | None:
    living = mine.filter(expires_at__gt=at).first()
    if living is None:
        return None
    raw = links.drawn(tokens.INVITATION, living.nonce, kept=living.token_hash)
    matches = constant_time_compare(links.hash_of(raw), living.token_hash)
    return (living, raw) if matches else None


def invite(meeting: Meeting, going: Iterable[tuple[Mandate, str]], *, at: datetime) -> None:
    """A living link for each of these mandates at its address, "" on paper: whoever has one keeps
    it. Two queries."""
    living = set(meeting.invitations.filter(revoked_at=None).values_list("mandate_id", "email"))
    Invitation.objects.bulk_create(
        _drawn(meeting, mandate, email=lowered(email), at=at)[0]
        for mandate, email in going
        if (mandate.pk, lowered(email)) not in living
    )
