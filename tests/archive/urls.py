"""Who may open what in `archive`: the lines of `tests/test_access.py` for this room."""

from tests.test_access import Line

TABLE: list[Line] = [
    Line(name="archive:search"),
    Line(name="archive:verify", public=True),
    Line(name="archive:verify", method="post", public=True, success=(422,)),
]
