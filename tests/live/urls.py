"""Who may open what in `live`: the lines of `tests/test_access.py` for this room."""

from uuid import UUID

from tests.cast import Cast
from tests.live.conftest import Room
from tests.live.states import a_sitting
from tests.meetings.urls import sitting
from tests.test_access import DELEGATE, SECRETARIAT, Line


def an_act(cast: Cast) -> dict:
    return sitting(cast) | {"key": UUID(int=1)}


def keeps(name: str, kwargs=sitting, **extra) -> Line:
    """Whoever keeps the sitting, and nobody else."""
    return Line(
        name=f"live:{name}", kwargs=kwargs, of_an_object=True, allowed=(SECRETARIAT,), **extra
    )


def today(cast: Cast) -> dict:
    """A sitting of today with every equipment."""
    return {"pk": a_sitting(cast).pk}


def a_screen(cast: Cast) -> dict:
    room = Room(a_sitting(cast))
    return {"pk": room.meeting.pk, "token": room.make_screen()[1]}


def screen_row(cast: Cast) -> dict:
    room = Room(a_sitting(cast))
    return {"pk": room.meeting.pk, "screen_pk": room.make_screen()[0].pk}


def a_link(cast: Cast) -> dict:
    return {"token": Room(a_sitting(cast)).make_tablet(mandate=cast.seat(cast.denis))[1]}


def tablet_row(cast: Cast) -> dict:
    room = Room(a_sitting(cast))
    tablet, _ = room.make_tablet(mandate=cast.seat(cast.denis))
    return {"pk": room.meeting.pk, "tablet_pk": tablet.pk}


def one_mandate(cast: Cast) -> dict:
    return today(cast) | {"mandate_pk": cast.seat(cast.denis).pk}


def follows(name: str, kwargs=today, **extra) -> Line:
    """Whoever holds the address, signed in or not."""
    return Line(name=f"live:{name}", kwargs=kwargs, public=True, **extra)


def sits(name: str, **extra) -> Line:
    """A delegate of the body, from his account."""
    return Line(name=f"live:{name}", kwargs=today, of_an_object=True, allowed=(DELEGATE,), **extra)


TABLE = [
    keeps("console"),
    keeps("state"),
    keeps("act", method="post", success=(422,)),
    keeps("act_done", an_act),
    follows("screen", a_screen),
    follows("screen_state", a_screen),
    follows("public"),
    follows("public_state"),
    follows("open_tablet", a_link),
    follows("open_tablet", a_link, method="post", success=(302,)),
    sits("tablet"),
    sits("tablet_state"),
    sits("check_in", method="post", success=(302,)),
    sits("cast", method="post", success=(409,)),
    sits("drop", method="post", success=(409,)),
    keeps("equipment", today),
    keeps("equipment", today, method="post", success=(302,)),
    keeps("make_screen", today, method="post"),
    keeps("revoke_screen", screen_row, method="post", success=(302,)),
    keeps("make_tablets", today, method="post"),
    keeps("make_tablet", one_mandate, method="post"),
    keeps("revoke_tablet", tablet_row, method="post", success=(302,)),
]
