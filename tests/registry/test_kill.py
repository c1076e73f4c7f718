"""The process that signs is killed with SIGKILL, again and again: no document is half signed."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from archive import integrity
from registry import actions, keys, reading, signing
from registry.models import SignatureStep
from tests.held import AT
from tests.processes import environment

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS, KILLS = 12, 4
SIGN = """
import django; django.setup()
from django.utils import timezone
from meetings.models import Meeting
from members.models import User
from registry import actions, reading
meeting, user = Meeting.objects.get(pk={meeting}), User.objects.get(pk={user})
batch = actions.sign_batch(reading.to_sign(meeting, user), by=user, at=timezone.now())
assert not batch.refused, batch.refused
"""


def start(meeting, user) -> subprocess.Popen:
    code = SIGN.format(meeting=meeting.pk, user=user.pk)
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, cwd=ROOT, env=environment(SIGNING_DEVELOPMENT="1"))  # noqa: S603


def signed() -> int:
    return SignatureStep.objects.filter(role=SignatureStep.Role.PRESIDENT).count()


def test_a_batch_killed_again_and_again_signs_each_document_once(cast, hold, accounts):
    titles = tuple(f"Point {n}" for n in range(DOCUMENTS - 1))  # and the list
    meeting = hold(date(2026, 6, 9), adopted=titles)
    issued = actions.issue_acts(meeting, by=cast.secretariat, at=AT)
    actions.prepare_batch(issued, by=cast.secretariat, at=AT)
    chance, kills = random.Random(20261126), 0  # noqa: S311 not a secret
    while kills < KILLS and signed() < DOCUMENTS - KILLS:
        before, worker = signed(), start(meeting, accounts[0])
        deadline = time.monotonic() + 60
        while signed() < before + 1 and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.1)
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        kills += 1
        for document in issued:  # each file is whole, with every signature that its rows tell
            reports = signing.read(reading.current_file(document)[0], keys.trust())
            steps = document.signatures.exclude(place="").order_by("order")
            assert [report.field for report in reports] == [step.place for step in steps]
            assert all(report.is_sound for report in reports)
    assert kills
    assert start(meeting, accounts[0]).wait(timeout=120) == 0
    assert signed() == DOCUMENTS
    # A kill between the file and its row leaves the file alone: it is told, and nothing else is.
    assert all("peut être effacé" in fault.what for fault in integrity.faults())
