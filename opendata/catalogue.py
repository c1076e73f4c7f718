"""The catalogue that data.gouv.fr harvests (DCAT, in JSON-LD).

A data set for each organisation and kind of data; the address of a file is its identity, and never
changes: the table of a year is always at the same one.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings

from members.models import Organisation
from opendata import scdl
from opendata.site import Site, stamped

_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_DAILY = "http://publications.europa.eu/resource/authority/frequency/DAILY"
_MEDIA = "https://www.iana.org/assignments/media-types/"
Node = dict[str, Any]


def of(
    organisation: Organisation, site: Site, years: Sequence[int], modified: datetime | None
) -> Node:
    """What this organisation offers; `years` are those of its deliberations."""
    slug = organisation.slug
    at = site.to("opendata:page", slug)
    publisher = {
        "@id": site.to("archive:public_organisation", slug),
        "@type": "foaf:Organization",
        "foaf:name": organisation.name,
    }
    common: Node = {
        "dct:publisher": {"@id": publisher["@id"]},
        "dct:license": {"@id": settings.OPEN_DATA_LICENCE},
        "dct:accrualPeriodicity": {"@id": _DAILY},
        "dcat:landingPage": {"@id": at},
        "dct:language": {"@id": "http://publications.europa.eu/resource/authority/language/FRA"},
    }
    if modified:
        common["dct:modified"] = _moment(modified)
    sets = [
        common
        | {
            "@id": f"{at}#deliberations",
            "@type": "dcat:Dataset",
            "dct:identifier": f"{slug}-deliberations",
            "dct:title": f"Délibérations – {organisation.name}",
            "dct:description": (
                "Les délibérations publiées que rien n’a retirées, une ligne chacune, au format "
                f"SCDL {scdl.VERSION}\u00a0: un fichier par année. La page de chacune dit si elle "
                "est exécutoire, et si elle est signée."
            ),
            "dcat:keyword": ["acte", "deliberation", "scdl"],
            **_period(years),
            "dcat:distribution": [
                _distribution(
                    site.to("opendata:scdl", slug, year),
                    f"deliberations-{slug}-{year}.csv",
                    "csv",
                    "text/csv",
                    conforms=scdl.SCHEMA,
                    modified=modified,
                )
                for year in years
            ],
        },
        common
        | {
            "@id": f"{at}#oparl",
            "@type": "dcat:Dataset",
            "dct:identifier": f"{slug}-oparl",
            "dct:title": f"Séances, points, votes et mandats – {organisation.name}",
            "dct:description": (
                "Les instances, les élus, les séances et leurs délibérations publiées, par une "
                "interface de lecture OParl 1.1."
            ),
            "dcat:keyword": ["seance", "vote", "elus", "oparl"],
            "dcat:distribution": [
                _distribution(
                    site.to("opendata:oparl_body", slug),
                    f"OParl 1.1, {organisation.name}",
                    "json",
                    "application/json",
                    conforms="https://schema.oparl.org/1.1/",
                    modified=modified,
                )
            ],
        },
    ]
    return {
        "@context": _CONTEXT,
        "@graph": [
            {
                "@id": site.to("opendata:catalogue", slug),
                "@type": "dcat:Catalog",
                "dct:title": f"Données ouvertes – {organisation.name}",
                "dct:description": "Ce qui est publié, tel que les machines le lisent.",
                "dct:publisher": {"@id": publisher["@id"]},
                "dct:license": {"@id": settings.OPEN_DATA_LICENCE},
                "foaf:homepage": {"@id": at},
                "dcat:dataset": [{"@id": each["@id"]} for each in sets],
            },
            publisher,
            *sets,
        ],
    }


def _distribution(
    url: str, title: str, form: str, media: str, *, conforms: str, modified: datetime | None
) -> Node:
    told = {
        "@id": url,
        "@type": "dcat:Distribution",
        "dct:title": title,
        "dct:format": form,
        "dcat:mediaType": {"@id": f"{_MEDIA}{media}"},
        "dcat:accessURL": {"@id": url},
        "dct:license": {"@id": settings.OPEN_DATA_LICENCE},
        "dct:conformsTo": {"@id": conforms},
    }
    if form == "csv":
        told["dcat:downloadURL"] = {"@id": url}
    return told | ({"dct:modified": _moment(modified)} if modified else {})


def _moment(moment: datetime) -> Node:
    return {"@type": "xsd:dateTime", "@value": stamped(moment)}


def _period(years: Iterable[int]) -> Node:
    """From the first day of the first of these years to the last of the last."""
    if not (known := sorted(years)):
        return {}
    begins, ends = date(known[0], 1, 1), date(known[-1], 12, 31)
    return {
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@type": "xsd:date", "@value": begins.isoformat()},
            "dcat:endDate": {"@type": "xsd:date", "@value": ends.isoformat()},
        }
    }
