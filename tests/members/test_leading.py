"""Of all the processes that serve a base one attends to each duty; it dies, another takes over."""

import signal
from datetime import UTC, datetime, timedelta

import pytest

from members import leading
from members.models import Lead
from tests import processes

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
IDLE = timedelta(seconds=20)


def leads(*, at: datetime = AT) -> bool:
    return leading.leads("ancrages", at=at, idle=IDLE)


@pytest.mark.django_db
@pytest.mark.database
def test_one_leads_as_long_as_it_looks_and_another_once_it_looks_no_more(monkeypatch):
    assert leads() and leads()
    row = Lead.objects.get()
    monkeypatch.setattr(leading, "myself", lambda: "autre-hote 7")
    assert not leads() and not leads(at=row.until - IDLE)
    later = row.until + timedelta(seconds=1)
    assert leads(at=later)
    monkeypatch.undo()
    assert not leads(at=later)


@pytest.mark.django_db
def test_whoever_leads_writes_nothing_while_its_time_is_long_enough(django_assert_num_queries):
    assert leads()
    with django_assert_num_queries(1):
        assert leads(at=AT + IDLE)
    assert leads(at=AT + leading.SPAN)
    assert Lead.objects.get().until == AT + leading.SPAN + IDLE + leading.SPAN


HOLD = """
import time
from django.utils import timezone
from datetime import timedelta
from members import leading
leading.leads("ancrages", at=timezone.now(), idle=timedelta(hours=1))
time.sleep(600)
"""


@pytest.mark.proof
@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_leader_that_is_killed_on_this_machine_is_replaced_at_once():
    other = processes.start("-c", HOLD)
    while not Lead.objects.exists():
        pass
    now = Lead.objects.get().until - timedelta(hours=1)
    assert not leads(at=now)
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert leads(at=now)
