"""A sitting under load: the real server, screens, delegates who vote, one secretary.

python -m bench.live                   answers in JSON; DATABASE_URL as for the application
python -m bench.live --storm 50x40     this storm alone: so many screens, so many delegates
python -m bench.live --keys            the keys that an item takes, without any server

Server and clients share this machine, so the clients' own work is in the figures. The database
and the files are made for the occasion and thrown away.
"""

import argparse
import asyncio
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import django
from yarl import URL

STORMS = (200, 150), (1000, 300)  # screens, delegates
VOTE_WITHIN = 10.0  # seconds in which everybody votes
PATIENCE = 15.0  # seconds granted to a machine that is late, at each step
SECONDS_OF_RATE = 1.0
CONNECTIONS = 8
LISTENS = "application/x-ndjson"
_ANSWERED = re.compile(rb'class=."wall-answers."><b>(\d+)</b>')
ITEMS, EXCEPTIONS = 40, "can"  # against, abstains, does not take part


# --- A machine for the occasion ---------------------------------------------------------------


@contextmanager
def machine() -> Iterator[tuple[str, int]]:
    """A database, files and a server; gives the address of the server and its process."""
    with tempfile.TemporaryDirectory(prefix="bench_live_") as directory:
        os.environ.update(
            DATA_DIR=directory,
            SECRET_KEY="worth nothing to anybody",
            DJANGO_SETTINGS_MODULE="bench.settings",
            DEBUG="0",
            HTTPS="0",
        )
        with database():
            django.setup()
            from django.core.management import call_command

            (Path(directory) / "static").mkdir()
            call_command("migrate", verbosity=0)
            with server() as found:
                yield found


@contextmanager
def database() -> Iterator[None]:
    """SQLite lies with the files; on PostgreSQL, a database beside the one that is named."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield
        return
    import psycopg2
    from psycopg2 import sql

    name = f"bench_live_{os.getpid()}"
    parts = urlsplit(url)
    admin = psycopg2.connect(url)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    os.environ["DATABASE_URL"] = parts._replace(path=f"/{name}").geturl()
    try:
        yield
    finally:
        from django.db import connection

        connection.close()
        with admin.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.close()


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """The server that `make run` starts, and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--config", "somme_gov/server.py"),
            *("--bind", f"127.0.0.1:{port}", "somme_gov.asgi"),
        ]
    )
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(10)


def worked(process: int) -> float:
    """The seconds of CPU of the workers of a server, until now."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == process:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


# --- What one refresh costs -------------------------------------------------------------------


def rate(base: str, path: str, mark: str = "") -> float:
    """Requests a second, over connections kept open, each asked again as soon as answered."""
    parts = urlsplit(base)
    condition = f"If-None-Match: {mark}\r\n" if mark else ""
    request = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n{condition}\r\n".encode()
    counts = [0] * CONNECTIONS
    end = time.perf_counter() + SECONDS_OF_RATE

    def ask(rank: int) -> None:
        while time.perf_counter() < end:
            with socket.create_connection((parts.hostname, parts.port)) as link:
                while time.perf_counter() < end:
                    link.sendall(request)
                    answer = link.recv(65536)
                    if not answer:
                        break
                    counts[rank] += 1

    threads = [threading.Thread(target=ask, args=[rank]) for rank in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS_OF_RATE


def refresh(base: str, path: str) -> dict[str, float]:
    """A refresh that finds nothing new, beside an empty view of the same server.

    The two take turns, so that whatever else the machine does falls on both.
    """
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": urlsplit(base).netloc})
    mark = client.get(path)["ETag"]
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path, headers={"if-none-match": mark})
    pairs = [(rate(base, "/vide/"), rate(base, path, mark)) for _ in range(5)]
    empty, unchanged = (median(each) for each in zip(*pairs, strict=True))
    return {
        "queries": len(captured),
        "status": answer.status_code,
        "empty": empty,
        "unchanged": unchanged,
        "ratio": median(each / alone for alone, each in pairs),
    }


# --- What a vote costs the typist -------------------------------------------------------------


def keys() -> dict[str, float]:
    """Keys an item: three exceptions, then the one that proclaims and goes on.

    Counted from the names as the console takes them; the browser tests press them
    (tests/browser/test_live_keystrokes.py).
    """
    from live.board.names import fold
    from tests.browser.test_live_keystrokes import NAMES

    names = [fold(name) for name in NAMES]
    chance = random.Random(18)  # noqa: S311 the same names each time
    drawn = [
        pair
        for _ in range(ITEMS)
        for pair in zip(EXCEPTIONS, chance.sample(names, len(EXCEPTIONS)), strict=True)
    ]
    letters = [_letters(name, action, names) + 1 for action, name in drawn]
    digits = [
        min(typed, _with_a_digit(name, names) + 1)
        for (_, name), typed in zip(drawn, letters, strict=True)
    ]
    return {"letters": sum(letters) / ITEMS + 1, "digits": sum(digits) / ITEMS + 1}


def _letters(name: str, action: str, names: list[str]) -> int:
    """The fewest letters that tell her from the others, the action not continuing her name."""
    others = [other for other in names if other != name]
    return next(
        (
            count
            for count in range(1, len(name))
            if not any(other.startswith(name[:count]) for other in others) and name[count] != action
        ),
        len(name),
    )


def _with_a_digit(name: str, names: list[str]) -> int:
    """The fewest letters that leave at most nine names, and the digit beside hers."""
    return next(
        count + 1
        for count in range(1, len(name) + 1)
        if sum(other.startswith(name[:count]) for other in names) < 10
    )


# --- The sitting ------------------------------------------------------------------------------


class Screens:
    """The screens of the room: when each one first said how many had answered."""

    def __init__(self, url: str, count: int) -> None:
        self.url = url
        self.seen: list[list[tuple[float, int]]] = [[] for _ in range(count)]
        self.errors = 0

    async def follow(self, session: aiohttp.ClientSession, rank: int, until: asyncio.Event) -> None:
        """Listen, and ask again when the answer ends."""
        await asyncio.sleep(2 * rank / len(self.seen))
        while not until.is_set():
            try:
                async with session.get(
                    self.url, headers={"Accept": LISTENS}, read_bufsize=2**20
                ) as answer:
                    if answer.status != 200:
                        self.errors += 1
                    async for line in answer.content:
                        if answered := _ANSWERED.search(line):
                            self.seen[rank].append((time.perf_counter(), int(answered[1])))
                        if until.is_set():
                            return
            except aiohttp.ClientError:
                self.errors += 1
            await asyncio.sleep(1.0)

    def all_show(self, answered: int) -> bool:
        return all(seen and seen[-1][1] >= answered for seen in self.seen)

    def last_to_show(self, answered: int, sent: float) -> float:
        """Seconds from a vote to the last screen that counts it."""
        return max(
            next((at for at, shown in seen if shown >= answered), float("inf")) - sent
            for seen in self.seen
        )


class Console:
    """The secretary: each act with a key of its own, and how long the server took."""

    def __init__(self, base: str, meeting: int, session_key: str) -> None:
        self.base, self.meeting = base, meeting
        self.taken: list[float] = []
        jar = aiohttp.CookieJar(unsafe=True)
        jar.update_cookies({"sessionid": session_key, "csrftoken": "x" * 32}, URL(base))
        self.session = aiohttp.ClientSession(cookie_jar=jar)

    async def act(self, verb: str, **data: str) -> dict[str, Any]:
        """Ask for an act, and again under the same key when the connection was dropped."""
        url = f"{self.base}/seances/{self.meeting}/direct/actes/"
        asked = {"key": str(uuid.uuid4()), "verb": verb, **data}
        headers = {"X-CSRFToken": "x" * 32, "Referer": url}
        began = time.perf_counter()
        for _ in range(3):
            try:
                async with self.session.post(url, data=asked, headers=headers) as answer:
                    told = await answer.json()
                break
            except aiohttp.ClientConnectionError:
                continue
        self.taken.append(time.perf_counter() - began)
        assert told["ok"], told["message"]
        return told


async def storm(
    base: str, process: int, stage: Any, chair: str, clerk: str, session_key: str, *, screens: int
) -> tuple[list[Any], Screens, Console, float]:
    """Open the sitting and let everybody vote while the screens listen; the part of a core that the
    server took meanwhile."""
    from asgiref.sync import sync_to_async

    from live.models import Poll
    from live.rehearsal import attend_all
    from meetings.models import Meeting

    meeting = stage.meeting.pk
    wall = Screens(f"{base}/seances/{meeting}/ecran/{stage.screen}/etat/", screens)
    everybody = len(stage.tablets)
    console = Console(base, meeting, session_key)
    until = asyncio.Event()
    connector = aiohttp.TCPConnector(limit=0)
    async with console.session, aiohttp.ClientSession(connector=connector) as session:
        following = [
            asyncio.create_task(wall.follow(session, rank, until)) for rank in range(screens)
        ]
        attending = asyncio.create_task(
            attend_all(base, stage, until=until, patience=VOTE_WITHIN - 3)
        )

        @sync_to_async
        def present() -> int:
            return len(Meeting.objects.get(pk=meeting).sitting.at_end.room)

        @sync_to_async
        def open_poll() -> str:
            return str(Poll.objects.get(meeting=meeting, ended_at=None).pk)

        @sync_to_async
        def received(poll: str) -> int:
            return len(Poll.objects.get(pk=poll).votes)

        end = time.perf_counter() + 8 * PATIENCE  # nothing is measured yet
        while await present() < everybody and time.perf_counter() < end:
            await asyncio.sleep(0.25)
        await console.act("open_meeting", chair=chair, clerks=clerk)
        await console.act("open_item", item="p1")
        await console.act("open_poll", items="p1", mode="ordinaire", on_tablets="on")
        poll, began, before = await open_poll(), time.perf_counter(), worked(process)
        # Meanwhile the secretary notes again what the chair says aloud.
        while time.perf_counter() < began + VOTE_WITHIN:
            await console.act("choose", poll=poll, seat=chair, choice="pour")
            await asyncio.sleep(0.3)
        cpu = (worked(process) - before) / (time.perf_counter() - began)
        while await received(poll) < everybody and time.perf_counter() < began + PATIENCE:
            await asyncio.sleep(0.25)
        end = time.perf_counter() + PATIENCE
        while not wall.all_show(everybody) and time.perf_counter() < end:
            await asyncio.sleep(0.1)
        await console.act("proclaim", poll=poll, complete="on")
        until.set()
        await asyncio.gather(*following)
        delegates = await attending
    return delegates, wall, console, cpu


def against_ledger(meeting: int, chair: str, delegates: list[Any]) -> tuple[int, int, int]:
    """Votes that were received and are not in the ledger, those in it of which nobody was told,
    and those refused."""
    from law.ballots import Choice
    from live.models import Poll
    from meetings.models import Meeting

    story = Meeting.objects.get(pk=meeting).sitting
    told: dict[tuple[str, str], str] = {}
    refused = 0
    for delegate in delegates:
        for vote in delegate.told:
            refused += not vote.ok
            if vote.ok:
                told[vote.poll, vote.seat] = vote.choice
    lost = doubled = 0
    for poll in Poll.objects.filter(meeting=meeting):
        (ballot,) = story.ballots(poll.items[0])
        heard = {
            seat: choice
            for (pk, seat), choice in told.items()
            if pk == str(poll.pk) and seat != chair
        }
        # A show of hands is kept by its exceptions; whoever was late is for, as all who are silent.
        lost += sum(
            ballot.choices.get(seat, Choice.FOR) != choice for seat, choice in heard.items()
        )
        doubled += sum(
            seat not in heard and seat != chair and choice != Choice.FOR
            for seat, choice in ballot.choices.items()
        )
    return lost, doubled, refused


def compared(
    meeting: int, chair: str, delegates: list[Any], screens: Screens, console: Console
) -> dict[str, Any]:
    """The ledger beside what the clients were told, and the times."""
    lost, doubled, refused = against_ledger(meeting, chair, delegates)
    votes = [vote for delegate in delegates for vote in delegate.told if vote.ok]
    first = {vote.seat: vote for vote in sorted(votes, key=lambda each: -each.stamp)}
    counted = sorted(first.values(), key=lambda each: each.stamp)
    shown = [screens.last_to_show(rank, vote.sent) for rank, vote in enumerate(counted, 1)]
    return {
        "votes": len(votes),
        "lost": lost,
        "doubled": doubled,
        "refused": refused,
        "errors": screens.errors + sum(len(delegate.errors) for delegate in delegates),
        "acts": len(console.taken),
        "act_p50": median(console.taken),
        "act_p95": quantiles(console.taken, n=20)[-1],
        "shown_p50": median(shown),
        "shown_p95": quantiles(shown, n=20)[-1],
        "shown_last": max(shown),
    }


def _one(base: str, process: int, by: Any, session_key: str, screens: int, delegates: int) -> dict:
    from live import reading, rehearsal

    stage = rehearsal.prepare(delegates=delegates, by=by, at=reading.wall_clock())
    print(f"{screens} écrans, {delegates} délégués…", file=sys.stderr, flush=True)
    costs = refresh(base, f"/seances/{stage.meeting.pk}/ecran/{stage.screen}/etat/")
    chair, clerk = (each.key for each in stage.meeting.basis.composition.titulars[:2])
    told, wall, console, cpu = asyncio.run(
        storm(base, process, stage, chair, clerk, session_key, screens=screens)
    )
    found = compared(stage.meeting.pk, chair, told, wall, console)
    return {"screens": screens, "delegates": delegates, "cpu": cpu, "refresh": costs, **found}


def _size(told: str) -> tuple[int, int]:
    screens, delegates = told.split("x")
    return int(screens), int(delegates)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.live")
    parser.add_argument("--storm", action="append", type=_size, metavar="ECRANSxDELEGUES")
    parser.add_argument("--keys", action="store_true", help="les touches d’un point seules")
    asked = parser.parse_args()
    if asked.keys:
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        django.setup()
        print(json.dumps(keys()))
        return
    with machine() as (base, process):
        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.db import connection

        from accounts.sessions import SessionStore
        from members.models import User

        by = User.objects.create_user("secretariat@bench.example", "un mot de passe de mesure")
        session = SessionStore()
        session[SESSION_KEY] = str(by.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = by.get_session_auth_hash()
        session.save()
        storms = asked.storm or STORMS
        found = [_one(base, process, by, session.session_key, *each) for each in storms]
        connection.close()
        print(json.dumps({"refresh": found[0]["refresh"], "storms": found}))


if __name__ == "__main__":
    main()
