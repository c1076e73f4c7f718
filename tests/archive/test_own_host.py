"""The public pages of one organisation under a name of its own: those, and nothing else."""

import pytest
from django.core.checks import Error
from django.test import Client
from django.urls import NoReverseMatch, reverse

from archive.online import hosts
from tests.archive.test_publications import publish
from tests.test_access import TABLE

pytestmark = pytest.mark.django_db

SITE, OURS, THEIRS = "https://seances.example", "actes.brume.example", "actes.rive.example"


@pytest.fixture(autouse=True)
def named(settings, cast):
    settings.SITE_URL = SITE
    settings.PUBLIC_HOSTS = {OURS: cast.organisation.slug, THEIRS: "rive-droite"}
    settings.ALLOWED_HOSTS = ["testserver", OURS, THEIRS]


def ask(host: str, path: str, method: str = "get"):
    answer = getattr(Client(), method)(path, headers={"host": host})
    assert not answer.cookies, path
    return answer


def test_it_shows_what_is_published_there_and_names_the_lasting_address(cast, minutes):
    document = publish(minutes, cast.secretariat)
    listed = reverse("archive:public_organisation", args=[cast.organisation.slug])
    for beginning in ("/", "/actes/"):
        assert ask(OURS, beginning).headers["Location"] == listed
    code = reverse("archive:public_file", args=[document.code])
    for path in (listed, document.get_absolute_url(), code):
        answer = ask(OURS, path)
        assert answer.status_code == 200, path
        assert answer["Link"] == f'<{SITE}{path}>; rel="canonical"'
    assert "Link" not in ask("testserver", listed)


def test_the_name_of_one_never_shows_what_another_publishes(cast, minutes):
    document = publish(minutes, cast.secretariat)
    listed = reverse("archive:public_organisation", args=[cast.organisation.slug])
    feed = reverse("archive:public_feed", args=[cast.organisation.slug])
    for path in (listed, feed, document.get_absolute_url(), f"/v/{document.code}/"):
        answer = ask(THEIRS, path)
        assert (answer.status_code, answer["Location"]) == (302, f"{SITE}{path}")


def test_whatever_else_is_asked_there_is_asked_of_the_site(cast):
    """Every page of the house, those that anybody reads included: no door, no session."""
    own = hosts.NAMED | hosts.CODED | hosts.OF_EACH | {"archive:public"}
    asked = 0
    for name in {line.name for line in TABLE} - own:
        try:
            path = reverse(name)
        except NoReverseMatch:
            continue
        if path != "/":
            assert ask(OURS, path)["Location"] == f"{SITE}{path}"
            assert ask(OURS, path, "post").status_code == 404
            asked += 1
    assert asked > 30
    assert ask(OURS, "/nulle-part").headers["Location"] == f"{SITE}/nulle-part"


def test_a_name_without_a_site_to_send_on_to_is_refused(settings):
    assert hosts.check_hosts() == []
    for site in ("", f"https://{OURS}/"):
        settings.SITE_URL = site
        (found,) = hosts.check_hosts()
        assert isinstance(found, Error) and "SITE_URL" in found.msg
