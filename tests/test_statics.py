"""The files of the look as they are served: every name leads somewhere, and little is sent."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpResponseNotFound
from django.template import engines
from django.test import RequestFactory, override_settings
from django.urls import reverse
from whitenoise.middleware import WhiteNoiseMiddleware

from somme_gov import settings as served
from tests.collected import collected

HOUSE = Path(settings.BASE_DIR)
# Bytes: all that a first visit reads but the fonts (Bootstrap and htmx are 38 000), then a page.
FIRST, NEXT = 61_000, 8_000
FONT = re.compile(r"\.ttf$")


@pytest.fixture
def served_files():
    """The folder that a server serves. A template that was read has the names of its icons."""
    root = collected()
    with override_settings(STATIC_ROOT=root, STORAGES=served.STORAGES):
        forget_templates()
        yield root
    forget_templates()


def forget_templates() -> None:
    for loader in engines["django"].engine.template_loaders:
        loader.reset()


def named_in_templates() -> set[str]:
    tags = (re.findall(r"{% static '([^']+)' %}", f.read_text()) for f in HOUSE.rglob("*.html"))
    return {name for found in tags for name in found}


def read_with(root: Path, name: str) -> set[str]:
    """A file and all that it imports, or names."""
    found, waiting = set(), [name]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        if name.endswith((".js", ".css")):
            text = (root / name).read_text()
            named = re.findall(r'(?:from|import) "(\.[^"]+)";|url\(["\']?([^"\')]+)', text)
            for each in filter(None, map("".join, named)):
                if not each.startswith(("data:", "#")):
                    path = (root / name).parent / each
                    waiting.append(path.resolve().relative_to(root.resolve()).as_posix())
    return found


@pytest.mark.proof
def test_every_file_of_a_page_is_there_under_a_name_of_its_own(served_files):
    names = named_in_templates()
    assert len(names) > 30
    for name in names:
        for read in read_with(served_files, staticfiles_storage.stored_name(name)):
            assert re.search(r"\.[0-9a-f]{12}\.\w+$", read), read
            assert (served_files / read).exists(), read


@pytest.mark.proof
@pytest.mark.django_db
def test_pages_of_others_find_theirs(served_files, cast, client_of):
    """What Django’s administration and htmx name by themselves was collected too."""
    client, found = client_of(cast.administration), set()
    for name in (
        "home",
        "admin:index",
        "admin:members_mandate_add",
        "admin:members_body_changelist",
    ):
        page = client.get(reverse(name)).text
        found |= set(re.findall(r'(?:src|href)="/static/([^"#?]+)', page))
    others = {each.partition("/")[0] for each in found if "/vendor/" in each or "htmx" in each}
    assert others == {"admin", "django_htmx"}
    assert {each for each in found if not (served_files / each).exists()} == set()


@pytest.mark.proof
@pytest.mark.django_db  # what is closed may close a connection
def test_a_browser_keeps_each_for_ever_and_receives_it_small(served_files):
    with override_settings(WHITENOISE_AUTOREFRESH=False, WHITENOISE_USE_FINDERS=False):
        served = WhiteNoiseMiddleware(lambda request: HttpResponseNotFound())
    for name in named_in_templates():
        if name.endswith((".css", ".js")):
            path = f"/static/{staticfiles_storage.stored_name(name)}"
            answer = served(RequestFactory().get(path, headers={"accept-encoding": "br"}))
            assert "immutable" in answer.headers["Cache-Control"], path
            assert answer.headers["Content-Encoding"] == "br", path
            answer.close()


@pytest.mark.proof
@pytest.mark.django_db
def test_a_first_visit_reads_little_and_the_next_hardly_anything(served_files, cast, client_of):
    page = client_of(cast.secretariat).get(reverse("home"), headers={"accept-encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    whole = client_of(cast.secretariat).get(reverse("home")).text
    names = set(re.findall(r'(?:src|href)="/static/([^"#]+)', whole))
    read = {each for name in names for each in read_with(served_files, name)}
    sent = sum(
        min(f.stat().st_size for f in served_files.glob(f"{name}*"))
        for name in read
        if not FONT.search(name)
    )
    assert len(page.content) <= NEXT
    assert sent + len(page.content) <= FIRST


@pytest.mark.django_db
def test_words_are_sent_small_and_files_as_they_are(cast, client_of):
    client = client_of(cast.secretariat)
    asked = {"accept-encoding": "gzip, br"}
    assert client.get(reverse("home"), headers=asked).headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get(reverse("home")).headers
    sheet = client.get(reverse("members:template", args=[cast.comite.pk, "xlsx"]), headers=asked)
    assert sheet.status_code == 200
    assert "Content-Encoding" not in sheet.headers


# --- Each page is served with the sheets of what it shows --------------------------------------

PAGES = HOUSE / "templates"
TAG = re.compile(r'inclusion_tag\("([^"]+)".*?\)\ndef (\w+)')
SHADOW = re.compile(r"<template\b.*?</template>", re.DOTALL)


def classes(sheet: str) -> set[str]:
    """What a sheet styles."""
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    selectors = re.findall(r"([^{}]+)\{", sheet)
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", " ".join(selectors)))


def shown(name: str, drawn_by: dict[str, str]) -> dict[str, str]:
    """By name, the text of the templates that a page is made of; those of the house alone."""
    found, waiting = {}, [name]
    while waiting:
        name = waiting.pop()
        if name in found or not (PAGES / name).exists():
            continue
        found[name] = text = SHADOW.sub("", (PAGES / name).read_text())
        waiting += re.findall(r'{% (?:extends|include) "([^"]+)"', text)
        waiting += [drawn_by[tag] for tag in re.findall(r"{% (\w+)", text) if tag in drawn_by]
    return found


def worn(text: str) -> set[str]:
    """The classes of a template."""
    words = " ".join(re.findall(r'class="([^"]*)"', text))
    return set(re.sub(r"{%.*?%}|\S*{{.*?}}\S*", " ", words).split())


def unstyled(name: str, styles: dict[str, set[str]], drawn_by: dict[str, str]) -> set[str]:
    """The classes of a page that no sheet it is served with styles, while another one does."""
    texts = shown(name, drawn_by)
    linked = {sheet for text in texts.values() for sheet in re.findall(r"css/([\w-]+\.css)", text)}
    known = set().union(*styles.values())
    served = set().union(*(styles.get(sheet, set()) for sheet in linked))
    return {word for text in texts.values() for word in worn(text)} & known - served


def test_no_page_forgets_the_sheet_of_what_it_shows():
    """« narrow-form », of prepare.css, was as wide as the screen on four pages."""
    sheets = (HOUSE / "static/css").glob("*.css")
    bootstrap = classes(Path(finders.find("bootstrap/css/bootstrap.min.css")).read_text())
    styles = {sheet.name: classes(sheet.read_text()) - bootstrap for sheet in sheets}
    tags = (file.read_text() for file in HOUSE.glob("*/templatetags/*.py"))
    drawn_by = {tag: name for text in tags for name, tag in TAG.findall(text)}
    assert drawn_by["first_things"] == "archive/_first_tasks.html"
    names = [path.relative_to(PAGES).as_posix() for path in PAGES.rglob("[!_]*.html")]
    pages = [name for name in names if "_shell.html" in shown(name, drawn_by)]
    assert len(pages) > 100
    forgotten = {name: unstyled(name, styles, drawn_by) for name in pages}
    assert {name: words for name, words in forgotten.items() if words} == {}
    # One that forgets: its sheet is taken from it.
    styles["roll.css"] = set()
    styles["elsewhere.css"] = {"roll"}
    assert "roll" in unstyled("meetings/attendance.html", styles, drawn_by)


def test_a_class_of_a_screen_is_styled_or_read():
    """Twenty-four names styled nothing, and nothing looked for them."""
    sheets = [
        *(HOUSE / "static/css").glob("*.css"),
        *map(Path, map(finders.find, ("bootstrap/css/bootstrap.min.css", "admin/css/base.css"))),
    ]
    known = set().union(*(classes(sheet.read_text("utf-8")) for sheet in sheets))
    scripts = " ".join(file.read_text("utf-8") for file in (HOUSE / "static/js").rglob("*.js"))
    read = set(re.findall(r"[\w-]+", scripts))
    idle = {}
    for path in PAGES.rglob("*.html"):
        if not {"papers", "admin"} & set(path.parts):  # other programs read those
            text = re.sub(r"{%.*?%}|{{.*?}}", "{{}}", path.read_text("utf-8"))
            idle |= dict.fromkeys(worn(text) - known - read, path.name)
    assert idle == {}


def test_a_choice_that_nobody_made_is_not_drawn_as_made():
    """A radio is `:indeterminate` while none of its group is chosen: only a box is drawn so."""
    for sheet in sorted((HOUSE / "static" / "css").glob("*.css")):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.S).replace(
            '[type="checkbox"]:indeterminate', ""
        )
        assert ":indeterminate" not in text, sheet.name
