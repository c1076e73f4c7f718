"""What a person decides: by whom acts leave, and of one on its way what the machine does not."""

from datetime import datetime

from django.db import transaction

from law.findings import Refused, refusal
from members.models import User
from trail.models import Act
from trail.recording import note
from transmission.actions import keeping
from transmission.models import Errand, Operator, Transmission
from transmission.operators import settling


@transaction.atomic
def same(errand: Errand, remote: str, *, by: User, at: datetime) -> None:
    """What the operator has under our number is our act: it is followed. Raises `Refused` for what
    was not asked."""
    errand = _asked(errand)
    if remote not in [each["remote"] for each in errand.found]:
        raise _not_asked()
    settling.name(errand.transmission, remote)
    told = f"{errand.transmission.identifier}\u00a0: le {remote} de l’opérateur est cet acte"
    keeping.told(told, errand.transmission, by=by)
    _free(errand, at=at)


@transaction.atomic
def other(errand: Errand, *, by: User, at: datetime) -> None:
    """What the operator has under our number is another act: this sending is given up, another will
    have another number. Raises `Refused` for what was not asked."""
    errand = _asked(errand)
    sending = errand.transmission
    told = f"le numéro {sending.number} est celui d’un autre acte chez l’opérateur"
    settling.refuse(sending, told, at=at)
    keeping.told(f"{sending.identifier}\u00a0: {told}", sending, by=by)
    Errand.objects.filter(pk=errand.pk).update(is_done=True, wants="")


@transaction.atomic
def again(errand: Errand, *, by: User, at: datetime) -> None:
    """Go there now: what stopped it was mended."""
    rows = Errand.objects.filter(pk=errand.pk, is_done=False).exclude(wants=Errand.Wants.CHOICE)
    if rows.update(not_before=at, failures=0):
        told = f"{errand.what}\u00a0: redemandé à l’opérateur"
        note(Act.TRANSMISSION, told, by=by, organisation=errand.meeting.organisation)


@transaction.atomic
def give(operator: Operator, *, by: User) -> None:
    """Have the acts of an organisation leave by this account, or no more."""
    operator.save()
    state = "en service" if operator.is_active else "hors service"
    told = f"opérateur {operator.get_kind_display()}\u00a0: {operator.address}, {state}"
    note(Act.TRANSMISSION, told, by=by, organisation=operator.organisation)


def _asked(errand: Errand) -> Errand:
    rows = Errand.objects.select_for_update(of=("self",)).select_related("transmission")
    errand = rows.get(pk=errand.pk)
    if errand.wants != Errand.Wants.CHOICE:
        raise _not_asked()
    if errand.transmission.state != Transmission.State.PREPARED:
        raise _not_asked()
    return errand


def _not_asked() -> Refused:
    return refusal(
        "deja_tranche",
        "Cette question n’est plus posée\u00a0: quelqu’un y a répondu.",
        remedy="Rouvrez la page de l’acte.",
    )


def _free(errand: Errand, *, at: datetime) -> None:
    Errand.objects.filter(pk=errand.pk).update(wants="", found=[], trouble="", not_before=at)
