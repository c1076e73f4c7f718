"""The files of the look as they are served: every name leads somewhere, and little is sent."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import override_settings
from django.urls import reverse

from somme_gov import settings as served
from tests.collected import collected

HOUSE = Path(settings.BASE_DIR)
# Bytes: all that a first visit reads but the fonts (Bootstrap and htmx are 38 000), then a page.
FIRST, NEXT = 62_000, 8_000
FONT = re.compile(r"\.ttf$")


@pytest.fixture
def served_files():
    """The folder that a server serves."""
    root = collected()
    with override_settings(STATIC_ROOT=root, STORAGES=served.STORAGES):
        yield root


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
