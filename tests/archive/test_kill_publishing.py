"""The server is killed with SIGKILL while it puts a sitting online, then while it certifies that it
was: all of it or nothing, once, and what the dead server left is told."""

import hashlib
import signal
import time
from datetime import date

import pytest
from django.conf import settings

from archive import actions as publishing
from archive.keeping import integrity
from archive.models import Certificate, Publication
from documents.models import IssuedDocument
from tests import held
from tests.archive.test_clock import ONLINE, OVER, read_daily
from tests.held import AT, content_of
from tests.processes import start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof, pytest.mark.database]

ACTS = 4
PUBLISH = """
import django
django.setup()
from datetime import datetime
from archive import actions
from meetings.models import Meeting
actions.publish_acts(Meeting.objects.get(), by=None, at=datetime.fromisoformat("{at}"))
"""
CERTIFY = """
import django
django.setup()
from datetime import datetime
from archive import actions
from archive.models import Publication
for each in Publication.objects.order_by("pk"):
    if each.readings.exists():
        actions.certify(each, by=None, at=datetime.fromisoformat("{at}"))
"""


def kept() -> int:
    return sum(1 for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())


def killed(work: str, *, after: int) -> None:
    """Begun, and killed as soon as it has written so many files more, before its end."""
    before, server = kept(), start("-c", work)
    deadline = time.monotonic() + 60
    while kept() < before + after and not server.is_over and time.monotonic() < deadline:
        time.sleep(0.002)
    server.send_signal(signal.SIGKILL)
    assert server.wait() == -signal.SIGKILL


def check_whole(rows) -> None:
    for row in rows:
        assert hashlib.sha256(content_of(row.file)).hexdigest() == row.sha256


def test_a_sitting_is_online_whole_or_not_at_all_and_is_certified_once(cast, hold):
    meeting = hold(date(2026, 6, 9), adopted=[f"Point {n}" for n in range(ACTS)], approves=False)
    papers = held.issue_acts(meeting, by=cast.secretariat, at=AT)
    publish = PUBLISH.format(at=ONLINE.isoformat())
    for after in (1, len(papers) - 1):
        killed(publish, after=after)
        assert Publication.objects.count() in (0, len(papers))
        check_whole(Publication.objects.all())
    assert start("-c", publish).wait(timeout=120) == 0
    codes = set(Publication.objects.values_list("code", flat=True))
    assert Publication.objects.count() == len(papers) == len(codes)
    assert publishing.publish_acts(meeting, by=None, at=ONLINE) == ()

    extract = Publication.objects.filter(document__kind=IssuedDocument.Kind.EXTRACT).first()
    read_daily(extract, 55)
    certify = CERTIFY.format(at=OVER.isoformat())
    for after in (0, 1):
        killed(certify, after=after)
        assert Certificate.objects.count() <= 1
        check_whole(Certificate.objects.all())
    for _ in range(2):
        assert start("-c", certify).wait(timeout=120) == 0
    (certificate,) = Certificate.objects.all()
    check_whole([certificate])
    # A kill between a file and its row leaves the file alone: it is told, and nothing else is.
    told = [str(fault) for fault in integrity.faults()]
    assert [each for each in told if "il peut être effacé" not in each] == []
