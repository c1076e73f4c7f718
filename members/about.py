"""What a public service tells of itself: how accessible it is, who publishes it, where to write.

Names come from the organisations and from the settings; what nobody filled in is said to be
missing, and which setting says it. The level of accessibility is never better than "non conforme"
without an audit: `settings` refuses to start otherwise.
"""

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members.models import Organisation

# When the accessibility of these pages was last tried, and the statement written anew.
STATED_ON = date(2026, 11, 27)


@require_safe
def page(request: HttpRequest, template: str) -> HttpResponse:
    """One of these pages, for everybody."""
    context = {
        "organisations": Organisation.objects.real(),
        "about": settings.ABOUT,
        "stated_on": STATED_ON,
    }
    return render(request, template, context)
