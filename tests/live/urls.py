"""Who may open what in `live`: the lines of `tests/test_access.py` for this room."""

from uuid import UUID

from tests.cast import Cast
from tests.meetings.urls import sitting
from tests.test_access import SECRETARIAT, Line


def an_act(cast: Cast) -> dict:
    return sitting(cast) | {"key": UUID(int=1)}


def keeps(name: str, kwargs=sitting, **extra) -> Line:
    """Whoever keeps the sitting, and nobody else."""
    return Line(
        name=f"live:{name}", kwargs=kwargs, of_an_object=True, allowed=(SECRETARIAT,), **extra
    )


TABLE = [
    keeps("console"),
    keeps("state"),
    keeps("act", method="post", success=(422,)),
    keeps("act_done", an_act),
]
