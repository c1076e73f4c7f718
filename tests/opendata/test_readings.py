"""What is kept for machines is what the published files say: read once, kept right, made again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from archive import actions as publishing
from archive.models import Publication
from archive.online import told
from documents import papers
from documents.models import IssuedDocument
from meetings.actions import ledger
from opendata import readings
from opendata.models import Reading
from tests.cast import change
from tests.costs import queries
from tests.held import content_of
from tests.opendata.conftest import LATER

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PLAN = [(None, False)]


def rows() -> list[dict]:
    return list(Reading.objects.order_by("pk").values())


def test_each_file_is_read_as_it_goes_online_and_says_what_it_carries(online):
    assert Reading.objects.count() == len(online)
    for each in Reading.objects.select_related("publication"):
        content = content_of(each.publication.file)
        assert each.content == told.carried(content)
        assert papers.to_json(each.paper) == each.content
    names = [[item["name"] for item in each.agenda] for each in Reading.objects.order_by("pk")]
    assert names[1:] == [["Budget"], ["Convention"], ["Tarifs"], []]
    assert {"Budget", "Vœu"} <= set(names[0])


def test_what_an_older_version_put_online_is_read_by_the_next_one(online):
    before = rows()
    first, second, *_ = Reading.objects.order_by("pk")
    first.delete()
    change(second, by=0, object="autre chose", content="")
    readings.catch_up([])  # nothing was migrated
    assert Reading.objects.count() == len(before) - 1
    readings.catch_up(PLAN)
    assert rows() == before
    assert queries(lambda: readings.catch_up(PLAN)) == 1


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"PK\x03\x04", b"\x00" * 1000])
def test_what_is_no_file_of_ours_carries_nothing(content):
    assert told.carried(content) == ""


def test_a_file_that_is_gone_or_changed_is_told_by_its_title_alone(online, caplog):
    budget = online[1]
    with budget.file.open("ab") as file:
        file.write(b"autre chose")
    Reading.objects.filter(pk=budget.pk).update(by=0)
    readings.catch_up(PLAN)
    reading = Reading.objects.get(pk=budget.pk)
    assert (reading.content, reading.agenda, reading.votes) == ("", [], None)
    assert reading.object == budget.title and budget.code in caplog.text


def test_an_act_is_judged_again_only_when_its_sitting_changed(online, cast, sat):
    def standing():
        found = Reading.objects.filter(stands=True).order_by("pk")
        return [each.publication.title.rpartition(" : ")[2] for each in found]

    assert queries(readings.bring_up_to_date) == 1
    whole = standing()
    fresh = type(sat).objects.get(pk=sat.pk)
    convention = online[2].document.subject
    (event,) = [
        event
        for event in fresh.ledger
        if getattr(getattr(event, "ballot", None), "item", "") == convention
    ]
    ledger.void(fresh, seq=event.seq, reason="mal compté", by=cast.secretariat)
    readings.bring_up_to_date()
    assert set(whole) - set(standing()) == {each.rpartition(" : ")[2] for each in [online[2].title]}
    (fallen,) = Reading.objects.filter(stands=False)
    assert timezone.now() - fallen.changed_at < timedelta(minutes=5)
    with CaptureQueriesContext(connection) as captured:
        readings.bring_up_to_date()
    assert len(captured) == 1


def test_what_is_withdrawn_or_replaced_is_open_no_more(online, cast):
    assert Reading.objects.open().count() == len(online)
    publishing.withdraw(online[1], reason="une adresse", by=cast.secretariat, at=LATER)
    assert Reading.objects.open().count() == len(online) - 1
    kinds = Publication.objects.filter(withdrawn_at=None).values_list("document__kind", flat=True)
    assert IssuedDocument.Kind.EXTRACT in set(kinds)
