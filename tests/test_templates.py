"""Icons written where they are named: the page is the one that includes their
template. Dates as the house prints them."""

import re

from django.conf import settings
from django.template import Context, Template, engines
from django.template.loader import get_template
from django.templatetags.static import static

from somme_gov.templates import Loader


def test_an_icon_is_drawn_where_it_is_named():
    page = (
        '<p>{% include "_icon.html" with name="grip" %}{% include "_icon.html" with name=x %}</p>'
    )
    engine = engines["django"].engine
    (loader,) = [each for each in engine.template_loaders[0].loaders if isinstance(each, Loader)]
    for path in ("meetings/_point.html", "base.html", "_icon.html"):
        (origin, *_) = loader.get_template_sources(path)
        assert 'include "_icon.html" with name="' not in loader.get_contents(origin)
        assert get_template(path).origin.name == str(settings.BASE_DIR / "templates" / path)
    written = loader.drawn(page)
    assert static("img/icons.svg") in written and "{% static" not in written
    assert written.count("<svg") == written.count("include") == 1
    told = Context({"x": "check"})
    assert Template(written).render(told) == Template(page).render(told)


def test_a_date_is_written_by_the_filters_of_the_house():
    """`date:"j F Y"` says « 1 octobre »."""
    folder = settings.BASE_DIR / "templates"
    found = [
        each for each in folder.rglob("*.html") if re.search(r'date:"[^"]*j', each.read_text())
    ]
    assert found == []
