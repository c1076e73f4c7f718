"""The templates as they are read: an icon is written where it is named.

A page names hundreds of icons, and to include their template for each took a quarter of the time
of a long agenda; to ask each time under which name their file is served, a sixth of what was left.
"""

import re

from django.conf import settings
from django.template import Origin
from django.template.loaders import filesystem
from django.templatetags.static import static

_FILE = re.compile(r"{% static '([^']+)' %}")  # its name is settled when the process starts
_NAMED = re.compile(r'{% include "_icon\.html" with name="([\w-]+)" %}')


class Loader(filesystem.Loader):
    """Those of the house; `_icon.html` says what an icon is."""

    def get_contents(self, origin: Origin) -> str:
        """The template with its icons."""
        return self.drawn(super().get_contents(origin))

    def drawn(self, template: str) -> str:
        """What a template says, each icon whose name is written in it drawn there."""
        if not _NAMED.search(template):
            return template
        icon = (settings.BASE_DIR / "templates" / "_icon.html").read_text()
        drawn = _FILE.sub(lambda file: static(file[1]), icon.removeprefix("{% load static %}"))
        return _NAMED.sub(lambda named: drawn.replace("{{ name }}", named[1]), template)
