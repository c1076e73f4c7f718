"""The page that tells of it, the catalogue that is harvested, the sitemaps."""

import json
import re
from xml.etree import ElementTree

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from archive import actions as publishing
from archive.models import Publication
from documents.models import IssuedDocument
from opendata import scdl
from tests import held
from tests.cast import change
from tests.costs import queries
from tests.opendata.conftest import LATER
from tests.words import unsaid
from transmission.models import ActSheet

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def text_of(url, status=200) -> str:
    response = Client().get(url)
    assert response.status_code == status and not response.cookies
    assert "public" in response["Cache-Control"]
    return b"".join(response).decode().replace("\u00a0", " ")


def test_the_page_says_what_there_is_what_is_left_out_and_under_which_licence(
    online, cast, settings
):
    settings.OPEN_DATA_LICENCE_NAME = "Licence d’essai"
    url = reverse("opendata:page", args=[cast.organisation.slug])
    text = text_of(url)
    told = ("/donnees/deliberations-2026.csv", "3 délibérations", "Licence d’essai", "huis clos")
    akomantoso = reverse("opendata:akomantoso", args=[online[0].code])
    assert unsaid(text, *told, akomantoso, "http://testserver/oparl/1.1/body/val-de-brume/") == []
    assert url in text_of(reverse("archive:public_organisation", args=[cast.organisation.slug]))
    change(cast.organisation, siret="")
    assert "Le SIRET de l’organisation n’est pas renseigné, ou il est faux" in text_of(url)
    assert "3 délibérations" not in text_of(url)


def test_the_catalogue_names_each_file_once_and_for_ever(online, cast, settings):
    settings.SITE_URL = "https://seances.example.org/"
    url = reverse("opendata:catalogue", args=[cast.organisation.slug])
    response = Client().get(url)
    assert response["Content-Type"] == "application/ld+json"
    told = json.loads(response.content)
    nodes = {each["@id"]: each for each in told["@graph"]}
    catalogue = nodes[f"https://seances.example.org{url}"]
    assert catalogue["@type"] == "dcat:Catalog"
    sets = [nodes[each["@id"]] for each in catalogue["dcat:dataset"]]
    assert [each["dct:identifier"] for each in sets] == [
        "val-de-brume-deliberations",
        "val-de-brume-oparl",
    ]
    for each in sets:
        assert each["dct:title"] and each["dct:publisher"]["@id"] in nodes
        assert each["dct:license"]["@id"] == settings.OPEN_DATA_LICENCE
    (table,) = sets[0]["dcat:distribution"]
    assert table["dct:conformsTo"]["@id"] == scdl.SCHEMA
    assert table["@id"] == (
        "https://seances.example.org/actes/val-de-brume/donnees/deliberations-2026.csv"
    )
    for each in (*sets[0]["dcat:distribution"], *sets[1]["dcat:distribution"]):
        address = each["@id"].removeprefix("https://seances.example.org")
        answer = Client().get(address)
        assert answer.status_code == 200 and b"".join(answer)
    assert sets[0]["dct:temporal"]["dcat:startDate"]["@value"] == "2026-01-01"


def test_an_act_is_described_to_search_engines_and_nothing_ends_the_description(online, cast):
    def told(publication) -> dict:
        text = text_of(publication.get_absolute_url())
        (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
        return json.loads(found)

    act = told(online[1])
    assert (act["@type"], act["legislationIdentifier"]) == ("Legislation", "2026-06-09/01")
    assert act["encoding"]["sha256"] == online[1].sha256
    # Online, and not yet received by the prefecture.
    assert act["legislationLegalForce"] == "https://schema.org/NotInForce"
    sheet = ActSheet.objects.get(deliberation__item__title="Budget")
    change(sheet, exempt="elle n’est pas de celles qui se transmettent")
    act = told(online[1])  # nobody signed it: the page says it under a reserve, and no machine more
    assert "legislationLegalForce" not in act and act["creativeWorkStatus"].startswith("Non signé")
    document = IssuedDocument.objects.get(pk=online[1].document_id)
    held.signatures.prepare_signing(document, by=cast.secretariat, at=held.AT)
    for place in ("president", "secretaire-1"):
        held.sign_by_hand(document, place, cast)
    act = told(online[1])
    assert act["legislationLegalForce"] == "https://schema.org/InForce"
    assert act["legislationDateOfApplicability"] == "2026-07-25"
    assert told(online[0])["@type"] == "DigitalDocument"
    # As another version would: what is published does not change.
    hostile = "</script><script>alert(1)</script> & « \u2028"
    QuerySet(Publication).filter(pk=online[1].pk).update(title=hostile)
    text = text_of(online[1].get_absolute_url())
    assert "<script>alert" not in text and told(online[1])["name"] == hostile


def test_a_catalogue_of_nothing_is_one_still(cast):
    told = json.loads(text_of(reverse("opendata:catalogue", args=[cast.organisation.slug])))
    assert "dct:temporal" not in json.dumps(told)


def test_who_asks_under_another_name_is_told_of_in_one_line(client, settings, caplog):
    """Its fault came with where it was met, and a stranger makes as many as he likes."""
    settings.ALLOWED_HOSTS = ["testserver"]
    assert client.get("/actes/", headers={"host": "autre.example"}).status_code == 400
    (told,) = [each for each in caplog.records if "DisallowedHost" in each.name]
    assert told.exc_info is None and told.exc_text is None
    assert "autre.example" in told.getMessage() and "\n" not in told.getMessage()


def test_the_sitemap_holds_what_is_online_and_robots_lead_to_it(online, cast, settings):
    publishing.withdraw(online[1], reason="une adresse", by=cast.secretariat, at=LATER)
    index = ElementTree.fromstring(text_of("/sitemap.xml"))  # noqa: S314 our own
    places = [each.text for each in index.iter(f"{SITEMAP}loc")]
    slug = cast.organisation.slug
    assert f"http://testserver/actes/{slug}/sitemap.xml" in places
    assert len(places) == 2  # two organisations
    found = ElementTree.fromstring(text_of(f"/actes/{slug}/sitemap.xml"))  # noqa: S314 our own
    pages = [each.text for each in found.iter(f"{SITEMAP}loc")]
    assert f"http://testserver/actes/{slug}/seances/" in pages
    assert len(pages) == 3 + len(online) - 1
    for each in pages:
        assert Client().get(each.removeprefix("http://testserver")).status_code == 200
    robots = Client().get("/robots.txt").content.decode()
    assert unsaid(robots, "Sitemap: http://testserver/sitemap.xml", "Allow: /oparl/") == []
    settings.SITE_URL = "https://brume.example/"
    robots = Client().get("/robots.txt").content.decode()
    assert unsaid(robots, "Sitemap: https://brume.example/sitemap.xml") == []


def test_what_is_asked_twice_is_not_drawn_twice(online, cast):
    slug = cast.organisation.slug
    for name in ("page", "catalogue", "sitemap"):
        url = reverse(f"opendata:{name}", args=[slug])
        first = Client().get(url)
        assert b"".join(first)
        known = {"If-None-Match": first["ETag"]}
        assert queries(lambda: Client().get(url, headers=known)) == 3  # noqa: B023 at once
        assert Client().get(url, headers=known).status_code == 304
        assert queries(lambda: b"".join(Client().get(url))) <= 8  # noqa: B023 at once
    for name in ("page", "catalogue", "sitemap", "oparl_body"):
        url = reverse(f"opendata:{name}", args=["nulle"])
        assert Client().get(url).status_code == 404
