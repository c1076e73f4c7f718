"""The chain of the trail: what somebody does to it by SQL is told, with the place."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from trail import chain
from trail.models import Act, Entry, IsAppendOnly
from trail.recording import note

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def tell(count: int = 4) -> list[Entry]:
    for number in range(count):
        note(Act.ROLE, f"ligne {number + 1}")
    chain.extend()
    return list(Entry.objects.order_by("position"))


def sql(statement: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_nothing_is_said_of_a_trail_that_nobody_touched():
    assert [line.position for line in tell()] == [1, 2, 3, 4]
    assert list(chain.faults()) == []


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ("UPDATE trail_entry SET what = 'autre' WHERE position = 2", "la ligne de rang 2 "),
        ("UPDATE trail_entry SET who = 'x@y.fr' WHERE position = 3", "la ligne de rang 3 "),
        ("UPDATE trail_entry SET origin = '::1' WHERE position = 1", "la ligne de rang 1 "),
        ("UPDATE trail_entry SET account = 7 WHERE position = 2", "la ligne de rang 2 "),
        ("UPDATE trail_entry SET organisation = 7 WHERE position = 2", "la ligne de rang 2 "),
        ("UPDATE trail_entry SET act = 'cle' WHERE position = 4", "la ligne de rang 4 "),
        ("DELETE FROM trail_entry WHERE position = 2", "1 ligne manque avant le rang 3"),
        ("DELETE FROM trail_entry WHERE position IN (1, 2)", "2 lignes manquent avant le rang 3"),
    ],
)
def test_what_is_edited_by_sql_is_told(edit, told):
    tell()
    sql(edit)
    assert [fault for fault in chain.faults() if told in fault]


def test_a_line_slipped_in_without_a_rank_is_told_once_it_has_waited(db):
    tell()
    Entry.objects.create(act=Act.ROLE, what="glissée", at=timezone.now() - timedelta(days=1))
    assert list(chain.faults()) == ["1 ligne sans rang : glissée après coup ?"]


def test_lines_are_neither_changed_nor_removed_by_the_application():
    line, *_ = tell(1)
    for act in (
        line.save,
        line.delete,
        Entry.objects.delete,
        lambda: Entry.objects.update(what=""),
    ):
        with pytest.raises(IsAppendOnly):
            act()


def test_what_has_the_age_is_let_go_and_the_chain_goes_on():
    long_ago = timezone.now() - timedelta(days=400)
    for number in range(2):
        Entry.objects.create(act=Act.ROLE, what=f"ancienne {number}", at=long_ago)
    note(Act.ROLE, "récente")
    assert chain.trim(before=timezone.now() - timedelta(days=365)).count == 2
    note(Act.ROLE, "après")
    chain.extend()
    assert list(chain.faults()) == []
    assert [line.position for line in Entry.objects.order_by("position")] == [3, 4, 5]
    sql("DELETE FROM trail_entry WHERE position = 3")
    assert list(chain.faults()) != []


def test_nothing_goes_that_is_not_of_an_age():
    tell()
    assert chain.trim(before=timezone.now() - timedelta(days=1)) is None
    assert Entry.objects.count() == 4
