"""Acts carried by an operator that is a service of the tests: the hand goes when a test says so."""

from collections import Counter
from datetime import datetime, timedelta

from tests.transmission import made
from tests.transmission.pastell import Pastell as PastellServer
from transmission.models import Errand, Exchange, Transmission
from transmission.operators import carrying

State, Kind, Wants = Transmission.State, Exchange.Kind, Errand.Wants


class Clock:
    """An hour that goes on when a test says so."""

    def __init__(self) -> None:
        self.now = made.LATER

    def __call__(self) -> datetime:
        return self.now

    def later(self, **how: int) -> None:
        self.now += timedelta(**how)


def kind_of(service) -> str:
    return "pastell" if isinstance(service, PastellServer) else "s2low"


def answer_rightly(service) -> None:
    """Have Pastell give the receipt of the act it has."""
    if isinstance(service, PastellServer):
        sent = Transmission.objects.filter(state__in=(State.PREPARED, State.SENT)).first()
        if sent is not None:
            service.receipt = made.answer(sent)


def carry(clock: Clock, service, *, most: int = 60) -> None:
    """Go, wait, go again, until nothing is left to be done by itself."""
    for _ in range(most):
        answer_rightly(service)
        carrying.Carrier(clock).run()
        if not Errand.objects.filter(is_done=False).exclude(wants=Wants.CHOICE).exists():
            return
        due = carrying.next_due(clock.now)
        clock.now = max(clock.now, due or clock.now) + timedelta(seconds=1)


def left(service, number: str) -> int:
    """How many times it left."""
    if isinstance(service, PastellServer):
        return len(service.sent(number))
    return len(service.acts(number))


def kept(sending: Transmission) -> Counter:
    return Counter(sending.exchanges.values_list("kind", flat=True))


WHOLE = Counter({Kind.PACK: 1, Kind.RECEIPT: 1, Kind.STAMPED: 1, Kind.SLIP: 1})


def is_whole(sending: Transmission, service) -> bool:
    sending.refresh_from_db()
    told = (sending.state, left(service, sending.number), kept(sending))
    lines = [*map(str, sending.errand.calls.all()), sending.errand.trouble]
    assert told == (State.RECEIVED, 1, WHOLE), (told, lines)
    return True


def taken_by_another(s2low, sending: Transmission, **told: str) -> None:
    words = {"subject": "Un autre acte", "decision_date": "2026-06-09", "nature_code": "1"} | told
    s2low._new("1", sending.number, [4], told={"number": sending.number, **words})
