"""Minutes as Akoma Ntoso 3.0: valid, whole, and of the public edition alone."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from lxml import etree

from archive import actions as publishing
from documents import papers
from opendata import akn
from tests.opendata.conftest import LATER, STANDARDS

SCHEMA = STANDARDS / "akomantoso" / "akomantoso30.xsd"
GOLDEN = Path(__file__).parent.parent / "documents" / "golden"
NS = {"a": akn.NAMESPACE}


def faults(content: bytes) -> list[str]:
    """What the schema says of a document."""
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    schema.validate(etree.fromstring(content))
    return [f"{each.line}: {each.message}" for each in schema.error_log]


def asked(publication, status=200) -> bytes:
    response = Client().get(reverse("opendata:akomantoso", args=[publication.code]))
    assert response.status_code == status
    return response.content


@pytest.mark.django_db
@pytest.mark.skipif(not SCHEMA.exists(), reason="the standard is not on this machine")
def test_minutes_are_valid_and_say_votes_names_and_quorum(online, cast):
    content = asked(online[0])
    assert faults(content) == []
    root = etree.fromstring(content)

    def found(path):
        return root.xpath(path, namespaces=NS)

    text = " ".join(found("//a:debateBody//text()"))
    for told in ("Budget", "Le rapporteur présente : Convention.", "suspendue", "est ajourné"):
        assert told in " ".join(text.split()).replace("\u00a0", " "), told
    (quorum,) = found("//a:quorumVerification")
    assert quorum.get("outcome") == "#atteint"
    counts = {
        each.get("refersTo"): each.get("value")
        for each in found("//a:voting[@refersTo='#point-2']/a:count")
    }
    assert counts == {"#pour": "4", "#contre": "1", "#abstention": "1"}
    people = {each.get("eId"): each.get("showAs") for each in found("//a:TLCPerson")}
    against = found("//a:p[starts-with(., 'Contre')]/a:person")
    assert [people[each.get("refersTo")[1:]] for each in against] == [each.text for each in against]
    for each in found("//@refersTo | //@outcome | //@href[starts-with(., '#')]"):
        assert found(f"//*[@eId='{each[1:]}']"), each


@pytest.mark.django_db
def test_what_is_no_minutes_or_is_withdrawn_has_none(online, cast):
    assert asked(online[1], 404) and asked(online[-1], 404)
    publishing.withdraw(online[0], reason="une adresse", by=cast.secretariat, at=LATER)
    assert asked(online[0], 404)
    assert Client().get("/actes/23456789/akomantoso.xml").status_code == 404


PLACE = akn.Place(
    organisation="val-de-brume",
    body="comite",
    body_name="Comité syndical",
    code="23456789",
    published_on=LATER.date(),
)


@pytest.mark.skipif(not SCHEMA.exists(), reason="the standard is not on this machine")
@pytest.mark.parametrize("path", sorted(GOLDEN.glob("pv-*.json")), ids=lambda path: path.stem)
def test_every_kind_of_minutes_is_valid(path):
    paper = papers.from_json(path.read_text(), papers.MinutesDocument)
    content = akn.document(paper, PLACE)
    assert faults(content) == []
    # Whatever the paper says is said there.
    text = " ".join(etree.fromstring(content).itertext())
    said, wanted = words(text), {word for each in paper.statements() for word in words(each.text)}
    assert wanted - said == set()


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))
