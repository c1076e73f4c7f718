"""The page that tells people what machines are given; tables, catalogue, minutes, sitemaps."""

from collections.abc import Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from django.conf import settings
from django.db.models import Max
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from archive.online import publications
from documents import papers
from documents.models import IssuedDocument
from members.models import Organisation
from opendata import akn, oparl, readings, scdl, table
from opendata import catalogue as catalogues
from opendata.models import Reading
from opendata.serving import json, kept, written
from opendata.site import Site, stamped

FIRST_YEAR, LAST_YEAR = 1900, 2200


def _organisation(slug: str) -> Organisation:
    organisation = Organisation.objects.real().filter(slug=slug).first()
    if organisation is None:
        raise Http404
    return organisation


def _changed(organisation: Organisation) -> datetime | None:
    """When something was last put online, or withdrawn."""
    told = oparl.published(organisation).aggregate(
        online=Max("published_at"), withdrawn=Max("withdrawn_at")
    )
    return max(filter(None, told.values()), default=None)


@kept
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """What there is, under which licence, what is left out and why."""
    organisation = _organisation(slug)
    readings.bring_up_to_date()
    is_minutes = {"publication__document__kind": IssuedDocument.Kind.MINUTES}
    minutes = (
        Reading.objects.open()
        .filter(**is_minutes, publication__document__meeting__body__organisation=organisation)
        .exclude(content="")
        .select_related("publication__document__meeting__body")
        .defer("content", "publication__document__content")
        .order_by("-publication__document__meeting__held_on", "publication")
    )
    context = {
        "organisation": organisation,
        "years": table.years(organisation),
        "minutes": minutes[:MINUTES_SHOWN],
        "licence": settings.OPEN_DATA_LICENCE,
        "licence_name": settings.OPEN_DATA_LICENCE_NAME,
        "version": scdl.VERSION,
        "site": Site.of(request).root,
    }
    text = render_to_string("opendata/page.html", {"request": request, **context})
    return HttpResponse(text)


MINUTES_SHOWN = 20


@kept
def deliberations(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    """The deliberations of a year (SCDL)."""
    organisation = _organisation(slug)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    site = Site.of(request)
    readings.bring_up_to_date()

    def lines() -> Iterator[str]:
        return scdl.lines(table.rows(organisation, year, site))

    name = f"deliberations-{slug}-{year}.csv"
    path = written(f"scdl-{organisation.pk}-{year}", (site, _tag(request)), lines)
    response = FileResponse(path.open("rb"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _tag(request: HttpRequest) -> str:
    tag: str = request.open_data_tag  # type: ignore[attr-defined]
    return tag


@kept
def catalogue(request: HttpRequest, slug: str) -> HttpResponse:
    """What data.gouv.fr harvests (DCAT)."""
    organisation = _organisation(slug)
    years = [each.year for each in table.years(organisation)]
    told = catalogues.of(organisation, Site.of(request), years, _changed(organisation))
    return json(told, media_type="application/ld+json")


@kept
def akomantoso(request: HttpRequest, code: str) -> HttpResponse:
    """Minutes that are online, as Akoma Ntoso."""
    publication = publications.find(code)
    if publication is None or publication.withdrawn_at is not None:
        raise Http404
    reading = Reading.objects.filter(publication=publication).first()
    paper = reading.paper if reading else None
    if not isinstance(paper, papers.MinutesDocument):
        raise Http404
    meeting = publication.document.meeting
    place = akn.Place(
        organisation=meeting.organisation.slug,
        body=meeting.body.slug,
        body_name=meeting.body.name,
        code=publication.code,
        published_on=timezone.localdate(publication.published_at),
    )
    return HttpResponse(akn.document(paper, place), content_type=akn.MEDIA_TYPE)


# --- For search engines ---------------------------------------------------------------------------

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST = 50_000  # the most that a sitemap may hold


@kept
def sitemaps(request: HttpRequest) -> HttpResponse:
    """The sitemap of each organisation."""
    site = Site.of(request)
    found = Organisation.objects.real().order_by("pk")
    return _xml(
        "sitemapindex",
        (f"<sitemap>{_loc(site.to('opendata:sitemap', each.slug))}</sitemap>" for each in found),
    )


@kept
def sitemap(request: HttpRequest, slug: str) -> HttpResponse:
    """The public pages of an organisation, the latest acts first."""
    organisation, site = _organisation(slug), Site.of(request)
    online = publications.online(organisation).order_by("-published_at", "-pk")
    pages = ("archive:public_organisation", "opendata:page")

    def entries() -> Iterator[str]:
        for name in pages:
            yield f"<url>{_loc(site.to(name, slug))}</url>"
        for code, moment in online.values_list("code", "published_at")[: MOST - len(pages)]:
            at = site.root + reverse("archive:public_document", args=[code])
            yield f"<url>{_loc(at)}<lastmod>{stamped(moment)}</lastmod></url>"

    return _xml("urlset", entries())


def _loc(url: str) -> str:
    return f"<loc>{escape(url)}</loc>"


def _xml(root: str, entries: Iterator[str]) -> HttpResponse:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_SITEMAP}">\n'
    text += "\n".join(entries) + f"\n</{root}>\n"
    return HttpResponse(text, content_type="application/xml; charset=utf-8")
