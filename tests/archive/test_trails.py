"""The trail is let go of at its age alone, by the application alone."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive.keeping import anchors, heads, trails
from members import witness
from tests.archive.test_facts import in_the_back
from trail import chain
from trail.models import Act, Entry, Trimming

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.proof]

NOW = timezone.now()


def days_ago(count: int) -> Any:
    return NOW - timedelta(days=count)


@pytest.fixture
def trail(settings, tmp_path) -> None:
    """A line and its head on each of these days, in anchors."""
    settings.ANCHOR_FILE = tmp_path / "ailleurs.jsonl"
    for day in (400, 390, 200, 20, 2):
        Entry.objects.create(act=Act.ROLE, what="…", at=days_ago(day))
        trails.note_head(at=days_ago(day))
    anchors.anchor(at=NOW)


def told() -> list[str]:
    found = [f"{where} : {what}" for where, what in heads.faults()]
    return [each.replace("\u00a0", " ") for each in (*found, *chain.faults())]


def test_of_what_has_the_age_nothing_is_told(trail):
    assert told() == []
    out = io.StringIO()
    call_command("trim_trail", stdout=out)
    assert "Lignes retirées : 2." in out.getvalue().replace("\u00a0", " ")
    assert told() == []
    anchors.anchor(at=timezone.now())
    call_command("trim_trail", stdout=out)  # nothing more has it
    assert Trimming.objects.count() == 1 and told() == []


def test_nobody_lets_go_of_it_sooner(trail):
    with pytest.raises(CommandError, match="TRAIL_DAYS"):
        call_command("trim_trail", "--jours", "30", stdout=io.StringIO())
    assert Entry.objects.count() == 5


def let_go(*, position: int, before: Any, at: Any = NOW) -> Trimming:
    """As somebody who empties the trail writes it."""
    last = Entry.objects.get(position=position)
    return Trimming.objects.create(
        at=at, before=before, position=position, digest=last.digest, count=position
    )


# Up to which line, what it says was its age, whether who writes it has the key, what is told.
EMPTIED = {
    "sans constat": (5, 365, False, "l’application n’a pas fait cette purge"),
    "d’un âge que les têtes démentent": (5, 365, True, "qui n’avaient pas l’âge"),
    "d’un jour": (5, 1, True, "elle a retiré ce qui n’avait pas l’âge (1 jours)"),
    "dont une tête est plus jeune": (3, 365, True, "qui n’avaient pas l’âge"),
    "sans constat, de ce qui a l’âge": (2, 365, False, "l’application n’a pas fait cette purge"),
}


@pytest.mark.parametrize(
    ("position", "age", "has_key", "said"), EMPTIED.values(), ids=EMPTIED.keys()
)
def test_a_trail_emptied_by_somebody_is_told(trail, position, age, has_key, said):
    with in_the_back(Entry) as cursor:
        made = let_go(position=position, before=days_ago(age))
        cursor.execute("DELETE FROM trail_entry WHERE position <= %s", [position])
        if has_key:
            witness.add(trails.TRIMMING, made.pk, trails.said_of(made), at=NOW)
        assert list(chain.faults()) == []  # by itself it sees nothing
        assert said in "\n".join(told())


def test_a_trimming_written_again_is_told(trail):
    call_command("trim_trail", stdout=io.StringIO())
    assert told() == []
    with in_the_back(Trimming):
        fourth = Entry.objects.get(position=4)
        Trimming.objects.update(position=4, digest=fourth.digest)
        assert "elle n’est plus ce qui a été écrit" in "\n".join(told())


def test_a_head_that_is_gone_is_told(trail):
    with in_the_back(Entry) as cursor:
        cursor.execute("DELETE FROM trail_entry WHERE position = 3")
        assert "sa ligne de rang 3" in "\n".join(told())
