"""The worker is killed with SIGKILL, again and again: nobody is forgotten, nobody written twice.

Three things are asserted, and they are not the same:

- the *worker* is killed at random: each of a hundred recipients gets exactly one mail. This is
  strict: the postman, a process of its own, survives the worker and finishes what it holds.
- the whole service is asked to stop, the postman too, within a mail: one mail each again.
- everything is killed at once, the postman too, as a power cut does: nobody gets two, and nobody is
  forgotten: whether the mail in hand arrived is asked of a person. No program can do better: the
  reply of the server is on its way (docs/decisions/0046).
"""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from convening import sending
from convening.models import Posted, Recipient
from tests import processes
from tests.convening import desk
from tests.convening.post_office import PostOffice, Running

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("own_directory"),
    pytest.mark.proof,
    pytest.mark.database,
]

CROWD = 94  # with the six of the cast who have a mailbox: a hundred
KILLS = 5  # on each database, at other moments: ten
ELSEWHERE = int(connection.vendor == "postgresql")


def start(office: PostOffice) -> processes.Process:
    post = {"EMAIL_URL": f"smtp://127.0.0.1:{office.port}"}
    return processes.start("manage.py", "send_mails", DEFAULT_FROM_EMAIL="s@b.example", **post)


def postmen(worker: processes.Process) -> list[int]:
    """The processes that this worker started."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")
    with contextlib.suppress(FileNotFoundError):
        return [int(pid) for pid in children.read_text().split()]
    return []


def waiting() -> int:
    return Recipient.objects.unsettled().count()


def kill_at_random(office: PostOffice, *, also_the_postman: bool, seed: int) -> int:
    """Start the worker and kill it, at a moment drawn at random after it has sent some mails, until
    it was killed so many times; then let one finish. How many kills fell while it was at work."""
    chance, kills = random.Random(seed), 0  # noqa: S311 not a secret
    while kills < KILLS and waiting():
        before, worker = len(office.mails), start(office)
        # Kills are spread over the whole sending, and fall within a mail as often as between two.
        wanted = before + chance.randint(
            1, 2 * len(range(before, CROWD)) // (KILLS - kills + 1) + 1
        )
        deadline = time.monotonic() + 60
        while len(office.mails) < wanted and waiting() and time.monotonic() < deadline:
            time.sleep(0.01)  # the database is asked too: leave it to the worker
        time.sleep(chance.random() * 0.02)
        victims = [*(postmen(worker) if also_the_postman else ()), worker.pid]
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        worker.wait()
        kills += 1
    worker = start(office)
    deadline = time.monotonic() + 240
    while waiting() and time.monotonic() < deadline:
        time.sleep(0.05)
    worker.terminate()
    assert worker.wait(timeout=60) == 0  # asked politely, it finishes and leaves
    return kills


@pytest.fixture
def crowd(cast):
    desk.crowd(cast, CROWD)
    convocation = desk.convened(cast)
    assert convocation.recipients.filter(channel="courriel").count() == CROWD + 6
    return convocation


def test_a_crowd_is_written_to_by_a_worker_killed_again_and_again(crowd):
    with Running(PostOffice()) as office:
        kills = kill_at_random(office, also_the_postman=False, seed=20261125 + ELSEWHERE)
    assert kills == KILLS
    assert waiting() == 0
    assert Counter(office.counts.values()) == {1: CROWD + 6}
    assert len(set(office.identifiers)) == CROWD + 6
    rows = Recipient.objects.filter(channel="courriel")
    assert {row.state for row in rows} == {Posted.State.SENT}
    assert not rows.filter(is_uncertain=True).exists()
    assert not rows.exclude(reply__startswith="250 2.0.0 OK").exists()  # every reply was kept
    assert not list(sending.journals().glob("*.journal"))


def test_everything_killed_at_once_nobody_is_forgotten_nor_written_twice(crowd):
    with Running(PostOffice()) as office:
        kills = kill_at_random(office, also_the_postman=True, seed=20261126 + ELSEWHERE)
    assert kills == KILLS
    assert waiting() == 0
    assert set(office.counts.values()) == {1}
    rows = {row.email: row.state for row in Recipient.objects.filter(channel="courriel")}
    doubtful = {email for email, state in rows.items() if state == Posted.State.DOUBTFUL}
    assert set(rows) - set(office.counts) <= doubtful
    assert {rows[email] for email in set(rows) - doubtful} == {Posted.State.SENT}
    assert len(doubtful) <= KILLS


def test_a_service_that_is_stopped_whole_with_a_mail_in_its_hand_writes_once_to_each(
    cast, settings
):
    """As systemd stops one: SIGTERM to every process, the postman with a mail in its hand."""
    desk.convened(cast)
    office = PostOffice(sleep_before_reply=0.3)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with Running(office):
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        for wanted in (1, 3):
            worker = start(office)
            deadline = time.monotonic() + 30
            while len(office.mails) < wanted and time.monotonic() < deadline:
                time.sleep(0.005)
            for pid in (*postmen(worker), worker.pid):
                os.kill(pid, signal.SIGTERM)
            assert worker.wait(timeout=60) == 0
        office.sleep_before_reply = 0
        with sending.Sender() as sender:
            sender.run()
    assert Counter(office.counts.values()) == {1: 6}
    rows = Recipient.objects.filter(channel="courriel")
    assert {row.state for row in rows} == {Posted.State.SENT}
