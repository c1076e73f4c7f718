"""The ledger is added to, never changed; its chain tells when it was."""

import re

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from law import ballots, sitting
from meetings import reading
from meetings.actions import decisions
from meetings.models import LedgerIsAppendOnly
from tests.held import whole
from tests.words import text

pytestmark = pytest.mark.database


def test_a_line_is_neither_changed_nor_deleted_and_carries_the_hash_of_the_one_before(held):
    line = held.events.first()
    for spoil in (
        line.save,
        line.delete,
        lambda: held.events.update(kind="autre"),
        lambda: held.events.all().delete(),
    ):
        with pytest.raises(LedgerIsAppendOnly):
            spoil()
    lines = list(held.events.all())
    chain = ["", *(line.sha256 for line in lines[:-1])]
    assert [line.previous_hash for line in lines] == chain


@pytest.mark.parametrize(
    "written",
    [
        "UPDATE meetings_sittingevent SET kind = 'autre'",
        # Though its organisation is called one that is played: the witness knows the line.
        "UPDATE members_organisation SET is_fleeting = true; DELETE FROM meetings_sittingevent",
    ],
)
def test_postgresql_refuses_it_too(held, written):
    if connection.vendor != "postgresql":
        pytest.skip("le déclencheur est celui de PostgreSQL")
    with (
        pytest.raises(DatabaseError, match="ledger_is_append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(written)


def test_a_correction_shows_what_would_change_then_voids_once(held, by, secretary):
    decisions.hold_ballot(held, ballot=ballots.Ballot(item="p1"), by=by)
    arrival = next(e for e in held.ledger if getattr(e, "member", "") == "farid-faure")
    changes = reading.changes(held, sitting.Voided(target=arrival.seq))
    assert [change.node.item.key for change in changes if change.node] == ["p1"]
    root = f"/seances/{held.pk}/registre/"
    assert "Budget primitif" in secretary.get(f"{root}{arrival.seq}/annuler/").text
    assert secretary.get(root).text.count("Présence") >= 6
    url = f"{root}{held.events.get(kind='clerks_named').seq}/annuler/"
    assert secretary.post(url, {"reason": "autre secrétaire"}).status_code == 302
    held.forget()
    assert held.sitting.at_end.clerks == ()
    assert secretary.post(url, {"reason": "deux fois"}).status_code == 409


def test_of_a_closed_sitting_no_line_is_offered_that_would_be_refused(cast, client_of):
    """One that what came after leans on says what holds it; each of the others may be cancelled."""
    meeting = whole(cast)
    secretary = client_of(cast.secretariat)
    root = f"/seances/{meeting.pk}/registre/"
    for page in (root, f"/seances/{meeting.pk}/presences/?corriger=1"):
        shown = text(secretary.get(page))
        links = re.findall(rf'href="{root}(\d+)/annuler/[^"]*">(.*?)<span', shown)
        told = {int(seq): "Ce qui la retient" in words for seq, words in links}
        assert set(told.values()) == {True, False}
        for seq, is_held in told.items():
            url = f"{root}{seq}/annuler/"
            offered = secretary.get(url).text
            assert ('name="reason"' in offered) is not is_held
            assert ("s’annule pas seule" in offered) is is_held
            with transaction.atomic():
                assert secretary.post(url).status_code == (409 if is_held else 302)
                transaction.set_rollback(True)
