"""How an organisation shows itself in public: its colour, its logo, its acts in a frame."""

import base64

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from members import showing
from tests.archive.test_publications import publish
from tests.cast import change

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def at(cast, name: str) -> str:
    return reverse(f"archive:{name}", args=[cast.organisation.slug])


@pytest.mark.parametrize(("colour", "fault"), [
    pytest.param("#1f3f5b", "", id="un bleu foncé"),
    pytest.param("#a23a25", "", id="une brique"),
    pytest.param("#ffcc00", "trop claire", id="un jaune"),
    pytest.param("#7a7a7a", "trop claire", id="un gris qui ne suffit que sur du blanc"),
    pytest.param("rouge", "s’écrit", id="un mot"),
    pytest.param("#fff;}", "s’écrit", id="ce qui finirait la règle"),
])  # fmt: skip
def test_a_colour_is_read_by_all(colour, fault):
    found = showing.fault_of_colour(colour)
    assert (fault in found) if fault else not found


def test_contrast_is_that_of_the_standard():
    assert showing.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert showing.contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@pytest.mark.parametrize(("text", "is_right"), [
    ("", True), ("https://www.commune.fr", True), ("https://a.fr/\nhttps://b.fr:8443\n", True),
    ("http://a.fr", False), ("https://*.fr", False), ("https://a.fr/page", False), ("*", False),
    ("https://a.fr; script-src *", False), ("https://a.fr https://b.fr", False), ("a.fr", False),
    ("\n".join(f"https://a{rank}.fr" for rank in range(21)), False),
])  # fmt: skip
def test_sites_are_named_one_by_one(text, is_right):
    assert (not showing.fault_of_hosts(text)) is is_right


@pytest.mark.django_db
def test_the_organisation_refuses_both_beside_their_field(cast):
    organisation = cast.organisation
    organisation.public_colour, organisation.public_hosts = "#FFCC00", "*"
    with pytest.raises(ValidationError) as refused:
        organisation.full_clean()
    assert {"public_colour", "public_hosts"} <= set(refused.value.message_dict)


@pytest.mark.django_db
def test_its_colour_and_its_logo_are_on_its_pages(minutes, cast):
    publish(minutes, cast.secretariat)
    page = Client().get(at(cast, "public_organisation"))
    assert "couleurs.css" not in page.text and "brand-logo" not in page.text
    cast.organisation.logo.save("logo.png", ContentFile(PNG))
    change(cast.organisation, public_colour="#1f3f5b")
    known = {"If-None-Match": page["ETag"]}
    again = Client().get(at(cast, "public_organisation"), headers=known)
    assert again.status_code == 200 and not again.cookies
    assert at(cast, "public_colours") in again.text and at(cast, "public_logo") in again.text
    style = Client().get(at(cast, "public_colours"))
    assert style["Content-Type"].startswith("text/css") and "light-dark(#1f3f5b," in style.text
    logo = Client().get(at(cast, "public_logo"))
    assert (logo["Content-Type"], logo.content) == ("image/png", PNG)


@pytest.mark.django_db
def test_only_the_sites_that_are_named_frame_its_latest_acts(cast):
    url = at(cast, "public_embed")
    page = Client().get(url)
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    change(cast.organisation, public_hosts="https://www.brume.fr\nhttps://agglo.fr")
    page = Client().get(url)
    allowed = "frame-ancestors 'self' https://www.brume.fr https://agglo.fr"
    assert allowed in page["Content-Security-Policy"] and "X-Frame-Options" not in page
    assert not page.cookies
    # The cache that asks again is told the same policy.
    held = Client().get(url, headers={"If-None-Match": page["ETag"]})
    assert held.status_code == 304 and allowed in held["Content-Security-Policy"]
    # No other page may be framed elsewhere.
    for other in ("public_organisation", "ask_alert"):
        answer = Client().get(at(cast, other))
        assert "brume.fr" not in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
