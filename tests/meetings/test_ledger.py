"""The ledger is added to, never changed; its chain tells when it was."""

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from law import sitting
from meetings import reading
from meetings.actions import decisions
from meetings.models import LedgerIsAppendOnly, SittingEvent


def test_a_line_is_neither_changed_nor_deleted(held):
    line = held.events.first()
    line.kind = "autre"
    with pytest.raises(LedgerIsAppendOnly):
        line.save()
    with pytest.raises(LedgerIsAppendOnly):
        line.delete()
    with pytest.raises(LedgerIsAppendOnly):
        held.events.update(kind="autre")
    with pytest.raises(LedgerIsAppendOnly):
        held.events.all().delete()


def test_postgresql_refuses_it_too(held):
    if connection.vendor != "postgresql":
        pytest.skip("le déclencheur est celui de PostgreSQL")
    with (
        pytest.raises(DatabaseError, match="ledger_is_append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE meetings_sittingevent SET kind = 'autre'")


def test_each_line_carries_the_hash_of_the_one_before(held):
    lines = list(held.events.all())
    assert lines[0].previous_hash == ""
    assert [line.previous_hash for line in lines[1:]] == [line.sha256 for line in lines[:-1]]


def test_the_page_of_a_correction_shows_what_would_change(held, by, secretary):
    from law import ballots

    decisions.hold_ballot(held, ballot=ballots.Ballot(item="p1"), by=by)
    arrival = next(
        e for e in held.ledger if isinstance(e, sitting.Arrived) and e.member == "farid-faure"
    )
    changes = reading.changes(held, sitting.Voided(target=arrival.seq))
    assert [change.node.item.key for change in changes if change.node] == ["p1"]
    page = secretary.get(f"/seances/{held.pk}/registre/{arrival.seq}/annuler/")
    assert "Budget primitif" in page.text


def test_voiding_by_the_screen(held, secretary):
    seq = held.events.filter(kind="clerks_named").get().seq
    url = f"/seances/{held.pk}/registre/{seq}/annuler/"
    assert secretary.post(url, {"reason": "autre secrétaire"}).status_code == 302
    held.forget()
    assert held.sitting.at_end.clerks == ()
    assert secretary.post(url, {"reason": "deux fois"}).status_code == 409


def test_the_ledger_page_shows_every_line(held, secretary):
    page = secretary.get(f"/seances/{held.pk}/registre/")
    assert page.status_code == 200
    assert page.text.count("Présence") >= 6
    assert SittingEvent.objects.filter(meeting=held).count() >= 9
