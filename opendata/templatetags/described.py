"""What a search engine reads of a public page, beside what people read there."""

import json
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from archive.models import Publication
from documents.models import IssuedDocument
from opendata.site import Site, stamped

register = template.Library()
# Whatever a title holds, it ends no element.
_HARMLESS = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


@register.simple_tag(takes_context=True)
def described(context: dict[str, Any], publication: Publication) -> SafeString:
    """A published document in the words of schema.org, as data that no browser runs."""
    told = _described(publication, Site.of(context["request"]))
    if (state := context.get("state")) is not None:
        # As the page says: what lacks a signature binds under a reserve, if it does.
        if state.force.unsigned:
            told["creativeWorkStatus"] = capfirst(state.force.unsigned)
        if state.is_in_force or not state.binds or state.ended:
            force = f"{'' if state.is_in_force else 'Not'}InForce"
            told["legislationLegalForce"] = f"https://schema.org/{force}"
        if state.binds and not state.force.unsigned and not state.powerless:
            told["legislationDateOfApplicability"] = state.force.since.isoformat()
    text = json.dumps(told, ensure_ascii=False).translate(_HARMLESS)
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(text),  # noqa: S308 made harmless
    )


def _described(publication: Publication, site: Site) -> dict[str, Any]:
    document, meeting = publication.document, publication.document.meeting
    organisation = meeting.organisation
    author = {
        "@type": "GovernmentOrganization",
        "name": organisation.name,
        "url": site.to("archive:public_organisation", organisation.slug),
    }
    told = {
        "@context": "https://schema.org",
        "@type": "DigitalDocument",
        "@id": site.to("archive:public_document", publication.code),
        "name": publication.title,
        "datePublished": stamped(publication.published_at),
        "inLanguage": "fr",
        "isAccessibleForFree": True,
        "license": settings.OPEN_DATA_LICENCE,
        "publisher": author,
        "encoding": {
            "@type": "MediaObject",
            "contentUrl": site.to("archive:public_file", publication.code),
            "encodingFormat": "application/pdf",
            "sha256": publication.sha256,
        },
    }
    if document.kind == IssuedDocument.Kind.EXTRACT:
        told |= {
            "@type": "Legislation",
            "legislationType": document.act_noun,
            "legislationDate": meeting.held_on.isoformat(),
            "legislationPassedBy": author,
        }
        reading = getattr(publication, "open_data", None)
        if reading is not None and reading.number:
            told["legislationIdentifier"] = reading.number
    return told
