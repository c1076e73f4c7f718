"""The form of an item: what its nature asks is shown, and whatever says something already."""

import os

import pytest
from playwright.sync_api import expect

from meetings.actions import items
from meetings.models import AgendaItem
from tests.held import JUNE, prepare

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_form_of_an_item_shows_what_its_nature_asks(page_of, cast):
    page = page_of(cast.secretariat)
    meeting = prepare(cast, held_on=JUNE)
    item = items.add_item(meeting, title="Subventions", by=cast.secretariat)
    AgendaItem.objects.filter(pk=item.pk).update(voted_lines="A | B\nx | y")
    page.goto(f"/seances/{meeting.pk}/points/{item.key}/modifier/")
    accounts = page.get_by_label("Comptes tenus par")
    minutes = page.get_by_label("Procès-verbal de la séance")
    lines = page.get_by_label("Tableau voté")
    received = page.get_by_label("Question reçue le")
    expect(lines).to_be_visible()
    for kind, shown in (
        ("comptes", accounts),
        ("approbation", minutes),
        ("question", received),
        ("deliberation", None),
    ):
        page.get_by_label("Nature").select_option(kind)
        for field in (accounts, minutes, received):
            if field is shown:
                expect(field).to_be_visible()
            else:
                expect(field).to_be_hidden()
    page.get_by_label("Nature").select_option("divers")
    expect(lines).to_be_visible()  # it says something
    lines.fill("")
    expect(lines).to_be_hidden()
    for name in filter(None, [os.environ.get("LOOK")]):
        for kind in ("deliberation", "approbation", "question", "comptes"):
            page.get_by_label("Nature").select_option(kind)
            for width in (1440, 390):
                page.set_viewport_size({"width": width, "height": 900})
                page.screenshot(path=f"{name}-{kind}-{width}.png", full_page=True)
