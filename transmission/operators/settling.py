"""What an operator answers, written into the sending: by nobody, as the trail tells it."""

from datetime import datetime

from transmission.actions import keeping
from transmission.models import Transmission

_State = Transmission.State


def name(sending: Transmission, remote: str) -> None:
    """The operator has it, under this name. Told again, it says the same."""
    with keeping.held(sending):
        if sending.remote_id != remote:
            sending.settle(remote_id=remote)
            told = f"{sending.identifier} est le numéro {remote} chez l’opérateur"
            keeping.told(told, sending, by=None)


def refuse(sending: Transmission, words: str, *, at: datetime) -> None:
    """The operator, or the prefecture by it, does not take it."""
    with keeping.held(sending):
        if sending.state in Transmission.UNDER_WAY:
            left = {} if sending.sent_at else {"sent_at": at}
            sending.settle(state=_State.REFUSED, detail=words[:1000], settled_at=at, **left)
            keeping.told(f"refus de {sending.identifier}\u00a0: {words[:200]}", sending, by=None)


def cancelled(sending: Transmission, *, at: datetime) -> None:
    """The prefecture has it no more."""
    with keeping.held(sending):
        if not sending.is_over:
            sending.settle(state=_State.CANCELLED, settled_at=at)
            keeping.told(f"annulation de {sending.identifier} faite", sending, by=None)
