"""The page that tells people what machines are given; tables, catalogue, minutes, sitemaps."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from django.conf import settings
from django.core.cache import cache
from django.db.models import Max
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import content_disposition_header

from archive.online import publications
from documents import papers
from documents.models import IssuedDocument
from law import sirens
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
        "is_known": not sirens.fault_of_siret(organisation.siret),
        "years": _years(request, organisation),
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
    file = written(f"scdl-{organisation.pk}-{year}", (site, _state(request)), lines)
    response = FileResponse(file, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _years(request: HttpRequest, organisation: Organisation) -> tuple[table.Year, ...]:
    """Counted once for the same state of things."""
    told: tuple[table.Year, ...] = cache.get_or_set(
        f"opendata.years.{organisation.pk}.{_state(request)}", lambda: table.years(organisation)
    )
    return told


def _state(request: HttpRequest) -> str:
    """What stands for the state of things that this answer is of: see `kept`."""
    mark: str = request.state_of_things  # type: ignore[attr-defined]
    return mark


@kept
def catalogue(request: HttpRequest, slug: str) -> HttpResponse:
    """What data.gouv.fr harvests (DCAT)."""
    organisation = _organisation(slug)
    years = [each.year for each in _years(request, organisation)]
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
_XML = "application/xml; charset=utf-8"
MOST = 50_000  # the most that a sitemap may hold


@kept
def sitemaps(request: HttpRequest) -> HttpResponse:
    """The sitemap of each organisation."""
    site = Site.of(request)
    found = Organisation.objects.real().order_by("pk")
    places = (
        f"<sitemap>{_loc(site.to('opendata:sitemap', each.slug))}</sitemap>" for each in found
    )
    return HttpResponse("".join(_listed("sitemapindex", places)), content_type=_XML)


@kept
def sitemap(request: HttpRequest, slug: str) -> HttpResponse:
    """The public pages of an organisation, the latest acts first."""
    organisation, site = _organisation(slug), Site.of(request)
    pages = ("archive:public_organisation", "archive:public_sittings", "opendata:page")

    def places() -> Iterator[str]:
        for name in pages:
            yield f"<url>{_loc(site.to(name, slug))}</url>"
        online = publications.online(organisation).order_by("-published_at", "-pk")
        for code, moment in online.values_list("code", "published_at")[: MOST - len(pages)]:
            at = _loc(site.to("archive:public_document", code))
            yield f"<url>{at}<lastmod>{stamped(moment)}</lastmod></url>"

    file = written(
        f"sitemap-{organisation.pk}", (site, _state(request)), lambda: _listed("urlset", places())
    )
    return FileResponse(file, content_type=_XML)


def _loc(url: str) -> str:
    return f"<loc>{escape(url)}</loc>"


def _listed(root: str, places: Iterable[str]) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_SITEMAP}">\n'
    yield from (f"{each}\n" for each in places)
    yield f"</{root}>\n"
