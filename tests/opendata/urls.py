"""Who may open what in `opendata`: everybody, everything."""

from opendata.api import keys
from tests.archive.urls import a_code, published, slug
from tests.cast import Cast
from tests.held import AT
from tests.test_access import ADMINISTRATION, Line


def a_year(cast: Cast) -> dict:
    published(cast)
    return slug(cast) | {"year": 2026}


def a_list(cast: Cast) -> dict:
    published(cast)
    return slug(cast) | {"name": "meetings"}


def an_object(cast: Cast) -> dict:
    made = published(cast)
    return slug(cast) | {"kind": "meeting", "key": str(made.document.meeting_id)}


def a_key(cast: Cast) -> dict:
    made, _ = keys.make(cast.organisation, name="GED", by=cast.administration, at=AT)
    return {"pk": made.pk}


# Nobody is known there by who he is, but by the key that he shows.
KEYED = {"public": True, "success": (401,)}
TABLE: list[Line] = [
    Line(name="opendata:api_keys", allowed=(ADMINISTRATION,)),
    Line(name="opendata:api_keys", method="post", allowed=(ADMINISTRATION,), success=(422,)),
    Line(
        name="opendata:revoke_api_key",
        method="post",
        kwargs=a_key,
        allowed=(ADMINISTRATION,),
        of_an_object=True,
        success=(302,),
    ),
    Line(name="opendata:api", public=True),
    Line(
        name="opendata:api_unknown", kwargs=lambda cast: {"rest": "x"}, public=True, success=(404,)
    ),
    *(Line(name=f"opendata:api_{name}", **KEYED) for name in ("organisation", "sittings", "acts")),
    *(
        Line(name=f"opendata:api_{name}", kwargs=lambda cast: {"pk": 1}, **KEYED)
        for name in ("sitting", "act", "file")
    ),
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
