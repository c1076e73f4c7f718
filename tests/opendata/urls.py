"""Who may open what in `opendata`: everybody, everything."""

from tests.archive.urls import a_code, published, slug
from tests.cast import Cast
from tests.test_access import Line


def a_year(cast: Cast) -> dict:
    published(cast)
    return slug(cast) | {"year": 2026}


def a_list(cast: Cast) -> dict:
    published(cast)
    return slug(cast) | {"name": "meetings"}


def an_object(cast: Cast) -> dict:
    made = published(cast)
    return slug(cast) | {"kind": "meeting", "key": str(made.document.meeting_id)}


TABLE: list[Line] = [
    Line(name="opendata:page", kwargs=slug, public=True),
    Line(name="opendata:scdl", kwargs=a_year, public=True),
    Line(name="opendata:catalogue", kwargs=slug, public=True),
    Line(name="opendata:sitemap", kwargs=slug, public=True),
    Line(name="opendata:sitemaps", public=True),
    Line(name="opendata:akomantoso", kwargs=a_code, public=True),
    Line(name="opendata:oparl_system", public=True),
    Line(name="opendata:oparl_bodies", public=True),
    Line(name="opendata:oparl_body", kwargs=slug, public=True),
    Line(name="opendata:oparl_list", kwargs=a_list, public=True),
    Line(name="opendata:oparl_object", kwargs=an_object, public=True),
]
