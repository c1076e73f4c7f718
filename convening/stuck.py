"""Mails that a server did not take, for good or not yet: who sees them, and what is done of each.

Convocations have their own pages (`convening.dispatch.journey`); these are all the others.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Letter
from convening import sending
from convening.models import Notice, Recipient
from meetings.models import Meeting
from members.access import organisations_run_by
from members.models import Organisation, User
from trail.models import Act
from trail.recording import note


def letters(user: User) -> QuerySet[Letter]:
    """Those to the accounts of the organisations that this one runs; all, of whoever runs the
    site: a reader without account, an address that nobody has yet is of no organisation."""
    rows = Letter.objects.stuck().order_by("queued_at", "pk")
    if user.is_superuser:
        return rows
    accounts = User.objects.filter(roles__organisation__in=organisations_run_by(user))
    return rows.filter(to__in=accounts.values("email"))


def notices(organisation: Organisation) -> QuerySet[Notice]:
    """Those about the sittings of this organisation."""
    rows = Notice.objects.stuck().filter(meeting__body__organisation=organisation)
    return rows.select_related("meeting__body__organisation", "mandate__person").order_by("pk")


def kept(organisation: Organisation | None = None, *, on: date) -> QuerySet[Recipient]:
    """The convocations to a sitting to come that stayed here for want of a mail server, and that
    nobody says he handed over; of all, of one organisation."""
    rows = Recipient.objects.in_earnest().filter(
        state=Recipient.State.KEPT,
        resent_as=None,
        convocation__meeting__stage=Meeting.Stage.PREPARED,
        convocation__meeting__held_on__gte=on,
    )
    if organisation is not None:
        rows = rows.filter(convocation__meeting__body__organisation=organisation)
    return rows.order_by("convocation__meeting__held_on", "pk")


@transaction.atomic
def send_again(row: Letter | Notice, *, by: User, organisation: Organisation, at: datetime) -> None:
    """Have it leave now, as if for the first time."""
    row.state, row.not_before, row.attempts, row.reply = type(row).State.QUEUED, at, 0, ""
    row.save(update_fields=["state", "not_before", "attempts", "reply"])
    _tell("renvoyé", row, by=by, organisation=organisation)
    transaction.on_commit(sending.wake)


@transaction.atomic
def give_up(row: Letter | Notice, *, by: User, organisation: Organisation) -> None:
    """Have it leave no more."""
    _tell("abandonné", row, by=by, organisation=organisation)
    if isinstance(row, Letter):
        row.delete()
    else:
        row.state = Notice.State.KEPT
        row.save(update_fields=["state"])


def _tell(what: str, row: Letter | Notice, *, by: User, organisation: Organisation) -> None:
    about = row.get_kind_display() if isinstance(row, Letter) else row.subject
    to = row.to if isinstance(row, Letter) else row.email
    words = f"courriel non remis, {what}\u00a0: {about}, à {to}"
    note(Act.SENT, words[:500], by=by, organisation=organisation)
