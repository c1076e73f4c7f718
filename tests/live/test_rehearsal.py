"""A rehearsal: a fictitious sitting whose delegates come in and vote by themselves."""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from time import sleep

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from live import reading, rehearsal
from live.models import Poll
from meetings.models import Meeting
from tests.live.conftest import Room

AT = datetime(2026, 11, 25, 18, 0)
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("delegates", [3, 40, 150])
def test_the_assembly_is_fictitious_each_with_a_name_of_his_own_and_serves_again(cast, delegates):
    first = rehearsal.prepare(delegates=delegates, by=cast.secretariat, at=AT)
    again = rehearsal.prepare(delegates=delegates, by=cast.secretariat, at=AT.replace(hour=19))
    composition = again.meeting.basis.composition
    assert first.meeting.body == again.meeting.body
    assert "fictive" in str(first.meeting.organisation)
    assert len(composition.titulars) == len(again.tablets) == delegates
    assert len({member.name for member in composition.members}) == delegates


def test_the_public_sees_nothing_of_it(cast, client):
    rehearsal.prepare(delegates=3, by=cast.secretariat, at=AT)
    page = client.get("/actes/")
    assert str(cast.organisation) in page.text
    assert "fictive" not in page.text and rehearsal.SLUG not in page.text
    for path in ("", "flux.atom"):
        assert client.get(f"/actes/{rehearsal.SLUG}/{path}").status_code == 404


def test_the_command_says_where_to_look(cast):
    out = io.StringIO()
    call_command("rehearsal", "--sans-delegues", "--delegues=5", stdout=out)
    meeting = Meeting.objects.get(body__organisation__slug=rehearsal.SLUG)
    assert f"/seances/{meeting.pk}/direct/" in out.getvalue()
    assert "/ecran/" in out.getvalue()


def test_a_rehearsal_that_cannot_be_held_says_why(cast):
    for asked, said in (
        ("--delegues=2", "3 délégués au moins"),
        ("--compte=x@y.z", "Aucun compte du secrétariat"),
    ):
        with pytest.raises(CommandError, match=said):
            call_command("rehearsal", "--sans-delegues", asked)


@pytest.mark.database
@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_delegates_come_in_and_vote_and_the_ledger_has_what_they_were_told(cast, live_server):
    prepared = rehearsal.prepare(delegates=6, by=cast.secretariat, at=reading.wall_clock())
    meeting = prepared.meeting

    async def sitting() -> list[rehearsal.Delegate]:
        until = asyncio.Event()
        delegates = asyncio.create_task(
            rehearsal.attend_all(live_server.url, prepared, until=until, patience=0.2)
        )
        await asyncio.to_thread(preside)
        until.set()
        return await delegates

    def preside() -> None:
        try:
            room = Room(Meeting.objects.get(pk=meeting.pk))
            _until(lambda: len(_present(room.meeting)) == 6)
            room.open_meeting(chair=prepared.meeting.basis.composition.titulars[0].key)
            room.open_item(item="p1")
            poll = room.ask("public", items=["p1"], on_tablets=True)
            _until(lambda: len(Poll.objects.get(pk=poll.pk).votes) == 6)
            room.proclaim()
        finally:
            connection.close()

    # A browser of another test may have left an event loop running in this thread.
    with ThreadPoolExecutor(max_workers=1) as pool:
        delegates = pool.submit(asyncio.run, sitting()).result()
    assert [delegate.errors for delegate in delegates] == [[]] * 6
    last = {told.seat: told.choice for d in delegates for told in d.told if told.ok}
    meeting.forget()
    (ballot,) = meeting.sitting.ballots("p1")
    assert {seat: choice.value for seat, choice in ballot.choices.items()} == last
    assert len(last) == 6


def _present(meeting):
    meeting.forget()
    return meeting.sitting.at_end.room


def _until(is_so) -> None:
    for _ in range(300):
        if is_so():
            return
        sleep(0.1)
    raise AssertionError("les délégués n’ont pas répondu")
