"""The server is killed with SIGKILL while it prepares the sendings of a sitting, again and again,
and while two prepare the same: each act has one sending, whole, and none is made twice."""

import signal
import time
from collections import Counter

import pytest
from django.utils import timezone

from meetings.models import Meeting
from members import files
from tests.live.threads import at_once
from tests.processes import Process, start
from tests.transmission import made, samples
from transmission import reading
from transmission.actions import receiving, sending
from transmission.ctes import envelope
from transmission.models import Exchange, Transmission

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof, pytest.mark.database]

ACTS, KILLS = 12, 5
PREPARE = """
import django
django.setup()
from django.utils import timezone
from meetings.models import Meeting
from members.models import User
from transmission.actions import sending
by = User.objects.get(email="{email}")
for meeting in Meeting.objects.filter(deliberations__isnull=False).distinct():
    batch = sending.prepare_sitting(meeting, by=by, at=timezone.now())
    codes = {{each.code for each in batch.refused}}
    assert codes <= {{"envoi_en_cours"}}, batch.refused
"""


@pytest.fixture
def meeting(cast, sitting, settings, tmp_path):
    """A dozen acts, whose sheets are confirmed."""
    settings.DATA_DIR = tmp_path  # the other process keeps its files there too
    found = sitting(*(f"Tarif n° {rank}" for rank in range(1, ACTS + 1)))
    for deliberation in found.deliberations.all():
        made.confirm(deliberation, cast)
    return found


def a_server(cast) -> Process:
    return start("-c", PREPARE.format(email=cast.secretariat.email))


def check_whole() -> None:
    """Each sending has its archive, whole and valid; no act has two."""
    kept = Exchange.objects.select_related("transmission")
    assert Counter(kept.values_list("transmission", flat=True)) == Counter(
        Transmission.objects.values_list("pk", flat=True)
    )
    names = [each.name for each in kept]
    assert len(names) == len(set(names))
    for each in kept:
        packed = dict(envelope.opened(files.content(each.file, each.sha256)))
        message = packed[f"{each.transmission.identifier}-1-1_0.xml"]
        assert samples.faults(message) == []
    sheets = Transmission.objects.values_list("sheet", flat=True)
    assert len(sheets) == len(set(sheets))


def test_killed_while_it_prepares_it_goes_on(cast, meeting):
    stopped = set()
    for rank in range(KILLS):
        before = Transmission.objects.count()
        process = a_server(cast)
        until = time.monotonic() + 60
        while Transmission.objects.count() == before < ACTS and not process.is_over:
            assert time.monotonic() < until, "rien ne se prépare"
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL if rank < KILLS - 1 else 0)
        process.wait()
        check_whole()
        stopped.add(Transmission.objects.count())
    assert Transmission.objects.count() == ACTS
    assert len(stopped) > 1, "il n’a jamais été tué au milieu"
    # What a dead server left is told to be erasable, and nothing else is wrong.
    today = timezone.localdate()
    given = [("ar.xml", made.answer(each, on=today)) for each in Transmission.objects.all()]
    receiving.take(cast.organisation, given, by=cast.secretariat, at=timezone.now())
    assert all(row.is_settled for row in reading.rows(meeting))


def test_two_that_prepare_the_same_make_it_once(cast, meeting):
    """Two screens press at the same moment: who comes second finds it done."""

    def press(pk: int) -> int:
        own = Meeting.objects.get(pk=pk)
        return len(sending.prepare_sitting(own, by=cast.secretariat, at=made.AT).done)

    assert sum(at_once(press, [meeting.pk, meeting.pk])) == ACTS
    check_whole()
    assert Transmission.objects.count() == ACTS
