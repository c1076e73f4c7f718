"""A server killed with -9 in mid-vote and started again: what was confirmed is there, once.

The server is the one of `make run`, gunicorn and its settings, on the database of the test.
"""

import re

import pytest

from live.models import Poll
from meetings.models import Meeting
from tests.browser.conftest import Window
from tests.browser.live import Console
from tests.held import prepare
from tests.processes import Server


@pytest.fixture
def meeting(transactional_db, cast, own_directory) -> Meeting:
    return prepare(cast, "Budget", "Subventions", "Convention")


def held(meeting: Meeting) -> list[dict[str, str]]:
    """What the ledger holds of votes, as another process reads it."""
    return [
        event.payload["ballot"]["choices"] for event in meeting.events.filter(kind="ballot_held")
    ]


def proclaim(console: Console, server: Server) -> None:
    """Until the act leaves: a machine that stalls six seconds loses the link, and nothing does."""
    told = console.page.locator("#told")
    for _ in range(5):
        console.key("Enter")
        told.filter(has_text=re.compile("Non confirmé|Hors ligne")).wait_for()
        if server.process.poll() is not None:
            break
        console.page.locator(".live-link").wait_for(state="hidden")
    assert "Non confirmé" in told.inner_text()


def test_nothing_confirmed_is_lost_when_the_server_is_killed(
    meeting, server, browser, browser_context_args, complaints
):
    window = Window(browser, browser_context_args | {"base_url": server.url})
    window.heard, page = complaints, window.page
    window.sign_in(meeting.created_by, server.url)
    console = Console(page, meeting.pk).open()
    console.begin()
    console.type("besc").told("BESSON")

    server.kill()
    page.locator(".live-link:visible", has_text="Hors ligne").wait_for()
    console.type("duvn").told("rien n’est envoyé")
    assert Poll.objects.get().votes == {"bruno-besson": "contre"}

    server.start()
    page.locator(".live-link").wait_for(state="hidden")
    assert console.choice("bruno-besson") == "contre"
    assert page.locator("#command").input_value() == "duv"
    console.type("n").told("ne prend pas part")

    # Killed while an act is on its way: it was done or not, and the console says which.
    page.route("**/direct/actes/", lambda route: (server.kill(), route.continue_()))
    proclaim(console, server)
    page.unroute("**/direct/actes/")
    server.start()
    page.locator("#told", has_text="Pas reçu").wait_for()
    assert held(meeting) == []
    console.key("Enter").voting(still=False)
    assert held(meeting) == [{"bruno-besson": "contre", "denis-duval": "ne_prend_pas_part"}]
    window.context.close()
    complaints.clear()  # chromium tells every request that found no server
