"""What the demonstration gives to machines: real sentences, real votes, and each standard."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from lxml import etree

from archive.models import Publication
from documents.models import IssuedDocument
from tests.opendata import test_akn, test_oparl, test_scdl

pytestmark = [pytest.mark.proof, pytest.mark.django_db]
SLUG = "somme-numerique"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def test_its_acts_its_sittings_and_its_minutes_are_as_the_standards_want_them(loaded):
    anybody = Client()
    table = anybody.get(reverse("opendata:scdl", args=[SLUG, 2026]))
    lines = test_scdl.lines_of(table)
    assert len(lines) >= 5 and [test_scdl.faults(line) for line in lines] == [[] for _ in lines]
    assert any(line["PREF_DATE"] for line in lines) and any(line["VOTE_REEL"] for line in lines)
    found = []
    for name in test_oparl.LISTS:
        url = reverse("opendata:oparl_list", args=[SLUG, name])
        while url:
            page = json.loads(anybody.get(url).content)
            found += test_oparl.objects(page["data"])
            url = page["links"].get("next")
    assert len(found) > 200
    minutes = Publication.objects.filter(document__kind=IssuedDocument.Kind.MINUTES)
    papers = [
        anybody.get(reverse("opendata:akomantoso", args=[each.code])).content for each in minutes
    ]
    assert len(papers) >= 3 and all(etree.fromstring(paper) is not None for paper in papers)
    if not test_oparl.STANDARDS.exists():
        return
    for each in found:
        kind = test_oparl.described(each["type"].removeprefix(test_oparl.VERSION))
        assert [fault.message for fault in kind.iter_errors(each)] == [], each
    assert [test_akn.faults(paper) for paper in papers] == [[] for _ in papers]
