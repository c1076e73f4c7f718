"""What a public service tells of itself: how accessible it is, who publishes it, where to write.

Names come from the organisations and from the settings. What nobody filled in the public does not
read as a hole: the page says what is true without it, and tells the administration alone which
setting says it. The level of accessibility is never better than "non conforme"
without an audit: `settings` refuses to start otherwise.
"""

from datetime import date
from pathlib import PurePath

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from law import french
from members import retention
from members.models import Organisation

# When the accessibility of these pages was last tried, and the statement written anew.
STATED_ON = date(2026, 11, 28)


# Of each page, what it says of the settings, by the variable that says it.
_ASKED = {
    "legal": {"publisher": "ABOUT_PUBLISHER", "host": "ABOUT_HOST"},
    "contact": {"email": "ABOUT_EMAIL", "phone": "ABOUT_PHONE"},
    "personal_data": {"dpo": "ABOUT_DPO"},
    "scheme": {"scheme": "ACCESSIBILITY_SCHEME"},
}


@require_safe
def page(request: HttpRequest, template: str) -> HttpResponse:
    """One of these pages, for everybody."""
    context = {
        "organisations": Organisation.objects.real(),
        "about": settings.ABOUT,
        "stated_on": STATED_ON,
        "kinds": retention.kinds(),
        "wanting": _wanting(PurePath(template).stem),
    }
    return render(request, template, context)


def _wanting(name: str) -> list[str]:
    """What this page lacks, each with what fills it in."""
    lacks = [
        f"le réglage {variable}"
        for key, variable in _ASKED.get(name, {}).items()
        if not settings.ABOUT[key]
    ]
    if name in ("legal", "contact"):
        for each in Organisation.objects.real():
            lacks += [
                f"{what} {french.contract('de', str(each))} (administration, organisations)"
                for what, told in (("le siège", each.address), ("le SIREN", each.known_siren))
                if not told and (name == "legal" or what == "le siège")
            ]
    return lacks
