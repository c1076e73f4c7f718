"""What has reached its age goes at night, without the cron of any host."""

import pytest
from django.utils import timezone

from archive.keeping import nightly

pytestmark = pytest.mark.django_db


def at(day: int, hour: int):
    return timezone.make_aware(timezone.datetime(2026, 12, day, hour))


def test_each_is_done_once_a_night_and_the_journal_once_a_month():
    every = [*nightly.COMMANDS, nightly.SWEEP]
    daily = [name for name in every if name != "trim_trail"]
    assert nightly.attend(at=at(1, 2)) == []  # the server has this base since a moment
    assert nightly.attend(at=at(1, 4)) == every
    assert nightly.attend(at=at(1, 23)) == nightly.attend(at=at(2, 2)) == []
    assert nightly.attend(at=at(2, 3)) == daily
    assert nightly.attend(at=at(9, 12)) == daily  # after a week of silence


def test_what_fails_keeps_the_others_from_nothing(monkeypatch, settings):
    nightly.attend(at=at(2, 2))
    monkeypatch.setattr(nightly, "COMMANDS", ("inconnue", "clearsessions"))
    nightly.attend(at=at(2, 2))
    assert nightly.attend(at=at(3, 4)) == ["clearsessions", nightly.SWEEP]
