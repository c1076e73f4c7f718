"""Who may open what in `archive`: the lines of `tests/test_access.py` for this room."""

from tests.registry.urls import a_closed_sitting
from tests.test_access import SECRETARIAT, Line

TABLE: list[Line] = [
    Line(name="archive:keep", kwargs=a_closed_sitting, of_an_object=True),
    Line(
        name="archive:keep_whole",
        kwargs=a_closed_sitting,
        of_an_object=True,
        allowed=(SECRETARIAT,),
    ),
    Line(name="archive:search"),
    Line(name="archive:verify", public=True),
    Line(name="archive:verify", method="post", public=True, success=(422,)),
]
