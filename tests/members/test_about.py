"""What a public service tells of itself, and what it says when nobody filled it in."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.urls import reverse

from members.models import Organisation
from tests.cast import change

PAGES = ("accessibility", "scheme", "legal", "personal_data", "contact", "site_map")
FILLED = {
    "publisher": "Mme Alice Arnaud, présidente",
    "host": "Hébergeur de la Somme",
    "email": "acces@somme.example",
    "phone": "03 22 00 00 00",
    "dpo": "dpo@somme.example",
    "level": "partiellement conforme",
    "audit": "12 mai 2027, par un tiers, 78 %",
    "scheme": "https://somme.example/schema",
}


def page(client, name: str) -> str:
    return client.get(reverse(f"members:{name}")).text


@pytest.mark.django_db
def test_the_door_bears_the_name_of_whom_this_site_serves_alone(client, cast):
    doors = [reverse(name) for name in ("accounts:login", "archive:verify")]
    assert all("<title>" in client.get(door).text for door in doors)
    assert all("somme_gov</title>" in client.get(door).text for door in doors)  # two live here
    Organisation.objects.exclude(pk=cast.organisation.pk).update(is_fleeting=True)
    for door in doors:
        text = client.get(door).text
        assert f"{cast.organisation.name}</title>" in text
        assert f'<span class="brand-name">{cast.organisation.name}</span>' in text


@pytest.mark.django_db
def test_what_nobody_filled_in_is_no_hole_to_the_public_and_is_told_to_the_administration(
    client, cast, client_of
):
    assert "non conforme" in page(client, "accessibility")
    assert "aucun audit" in page(client, "accessibility")
    change(cast.organisation, address="")
    lacking = {
        "legal": ("ABOUT_PUBLISHER", "ABOUT_HOST", "le siège"),
        "contact": ("ABOUT_EMAIL", "ABOUT_PHONE", "le siège"),
        "personal_data": ("ABOUT_DPO",),
        "scheme": ("ACCESSIBILITY_SCHEME",),
    }
    administration, secretariat = map(client_of, (cast.administration, cast.secretariat))
    for name, told in lacking.items():
        for reader in (client, secretariat):
            shown = page(reader, name)
            assert [each for each in (*told, "enseigné") if each in shown] == []
        assert [each for each in told if each not in page(administration, name)] == []
    assert "Qui représente légalement" in page(client, "legal")
    assert cast.organisation.name in page(client, "legal")


@pytest.mark.django_db
def test_what_was_filled_in_is_shown(client, cast, settings):
    settings.ABOUT = FILLED
    shown = "".join(page(client, name) for name in PAGES)
    assert [each for each in FILLED.values() if each not in shown] == []
    assert "ABOUT_" not in shown and "aucun audit" not in shown
    # Whoever writes of his own data writes to somebody: the page where one writes names him too.
    settings.ABOUT = dict.fromkeys(FILLED, "") | {"dpo": FILLED["dpo"]}
    assert FILLED["dpo"] in page(client, "contact")


@pytest.mark.django_db
def test_every_foot_leads_there_the_public_pages_too(client, cast):
    for path in ("/connexion/", "/actes/", reverse("guides:index")):
        foot = client.get(path).text.split("<footer")[1]
        for name in set(PAGES) - {"scheme"}:
            assert f'href="{reverse(f"members:{name}")}"' in foot, (path, name)
        assert "non conforme" in foot


@pytest.mark.parametrize("level", ["excellent", "totalement conforme"])
def test_no_better_level_without_an_audit(level):
    told = subprocess.run(
        [sys.executable, "-c", "import somme_gov.settings"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"ACCESSIBILITY_LEVEL": level, "SECRET_KEY": "x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "ACCESSIBILITY_LEVEL" in told.stderr
