"""A service of several hosts, killed or cut off in turn while people work: `make service-proof`.

python -m bench.hosts                  as root; prints what happened and writes bench/SERVICE.md

Two hosts that serve pages and two that send mails and anchor, in network namespaces of their own,
behind nginx (deploy/nginx.conf), on PostgreSQL through pgbouncer and on an S3 server; no folder is
shared. Meanwhile a sitting is held live, a convocation leaves to three hundred people through a
real SMTP server, forty acts are put online, and three people read without a pause. All of it begins
on an earlier version, and is upgraded host by host on the way. Then the ledger, the mailboxes, the
register and `manage.py verify` say whether anything was lost, or done twice.
"""

import asyncio
import contextlib
import io
import os
import pickle
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).parent / "SERVICE.md"
NET, BRIDGE, HERE = "10.77.0.", "sg0", "10.77.0.1"
ADDRESSES = {
    **{"proxy": 2, "web1": 11, "web2": 12, "work1": 21, "work2": 22},
    **{"base": 31, "pool": 32, "store": 41},
}
SITE = f"https://{NET}{ADDRESSES['proxy']}"
PREPARING, PLAYING = 1500, 900  # seconds: more is a failure; a fifth on a machine at rest
CROWD, DELEGATES, SCREENS = 294, 40, 8  # six people of the cast have a mailbox too
SITTINGS, ACTS_OF_EACH = 10, 4
PAUSE = 3  # seconds between two blows, once everybody is served again
_AWAY = frozenset({0, 500, 502, 503, 504})
MISSED: list[float] = []  # when somebody, person or tablet, had no answer


class Version(NamedTuple):
    """The code that a host runs, and what its pages look like."""

    code: Path
    static: Path


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def eventually(holds: Callable[[], bool], *, within: float, what: str) -> None:
    end = time.monotonic() + within
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.1)


# --- Hosts ------------------------------------------------------------------------------------


@dataclass
class Host:
    """A network namespace, and what runs there."""

    name: str
    command: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen | None = None
    code: Path = ROOT

    @property
    def address(self) -> str:
        return f"{NET}{ADDRESSES[self.name]}"

    @property
    def space(self) -> str:
        return f"sg-{self.name}"

    def plug(self) -> None:
        run("ip", "netns", "add", self.space)
        veth = ["type", "veth", "peer", "name", "eth0", "netns", self.space]
        run("ip", "link", "add", f"v-{self.name}", *veth)
        run("ip", "link", "set", f"v-{self.name}", "master", BRIDGE, "up")
        run("ip", "-n", self.space, "addr", "add", f"{self.address}/24", "dev", "eth0")
        for link in ("eth0", "lo"):
            run("ip", "-n", self.space, "link", "set", link, "up")

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.space, *self.command],
            cwd=self.code,
            env=self.environment | {"PYTHONPATH": str(self.code)},
            stdout=subprocess.DEVNULL,
            stderr=LOG,
            start_new_session=True,
        )

    @property
    def answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex((self.address, self.port)) == 0

    @property
    def is_ready(self) -> bool:
        """As whoever upgrades asks before the next host: its port listens long before it serves."""
        asked = urllib.request.Request(
            f"http://{self.address}:{self.port}/sante/pret",
            headers={"Host": f"{NET}{ADDRESSES['proxy']}"},
        )
        with contextlib.suppress(OSError), urllib.request.urlopen(asked, timeout=5) as answer:
            return answer.status == 200
        return False

    def wait(self) -> None:
        if self.port:
            eventually(lambda: self.answers, within=60, what=f"{self.name} ne répond pas")

    def pids(self) -> list[int]:
        return [int(pid) for pid in run("ip", "netns", "pids", self.space).split()]

    def kill(self) -> None:
        """All that runs there, at once and without a word."""
        dead = self.pids()
        for pid in dead:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process:
            self.process.wait()

        def are_gone() -> bool:  # buried too: PostgreSQL fears whoever still has its number
            return not self.pids() and not any(Path(f"/proc/{pid}").exists() for pid in dead)

        eventually(are_gone, within=20, what=f"{self.name} vit encore")

    def stop(self) -> None:
        """As systemd asks."""
        assert self.process
        self.process.terminate()
        self.process.wait(60)

    def install(self, version: Version) -> None:
        """What `bin/install` changes of a host; it serves it once it is started again."""
        self.code = version.code
        static = Path(self.environment["DATA_DIR"]) / "static"
        static.unlink(missing_ok=True)
        static.symlink_to(version.static)

    def cut(self) -> None:
        run("ip", "link", "set", f"v-{self.name}", "down")

    def mend(self) -> None:
        run("ip", "link", "set", f"v-{self.name}", "up")


LOG = open(os.devnull, "w")  # noqa: SIM115 as long as we live


def tidy() -> None:
    """What an earlier run left."""
    for name in ADDRESSES:
        with contextlib.suppress(subprocess.CalledProcessError):
            for pid in run("ip", "netns", "pids", f"sg-{name}").split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            run("ip", "netns", "del", f"sg-{name}")
        with contextlib.suppress(subprocess.CalledProcessError):
            run("ip", "link", "del", f"v-{name}")  # a space goes when its last process has
    with contextlib.suppress(subprocess.CalledProcessError):
        run("ip", "link", "del", BRIDGE)


@contextlib.contextmanager
def network() -> Iterator[dict[str, Host]]:
    tidy()
    try:
        run("ip", "link", "add", BRIDGE, "type", "bridge")
        run("ip", "addr", "add", f"{HERE}/24", "dev", BRIDGE)
        run("ip", "link", "set", BRIDGE, "up")
        hosts = {name: Host(name) for name in ADDRESSES}
        for host in hosts.values():
            host.plug()
        yield hosts
    finally:
        tidy()


def furnish(hosts: dict[str, Host], place: Path, post: int) -> dict[str, str]:
    """What each host runs; the environment of the application on any of them."""
    base, pool, store, proxy = (hosts[name] for name in ("base", "pool", "store", "proxy"))
    plain = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    _base(base, pool, place, plain)
    _proxy(proxy, [hosts["web1"], hosts["web2"]], place, plain)
    store.port, store.environment = 9000, plain
    (place / "objets" / "seances").mkdir(parents=True)
    served = ["--host", store.address, "--port", str(store.port), str(place / "objets")]
    store.command = [sys.executable, "-m", "localbucket", *served]
    told = plain | {
        "SECRET_KEY": "worth nothing to anybody, and as long as a secret key should be",
        "SERVICE_MARK": uuid.uuid4().hex,
        "DATABASE_URL": f"postgres://somme_gov@{pool.address}:{pool.port}/somme_gov"
        "?DISABLE_SERVER_SIDE_CURSORS=True",
        "FILES_URL": f"s3+http://cle:secret@{store.address}:{store.port}/seances",
        "EMAIL_URL": f"smtp://{HERE}:{post}",
        "DEFAULT_FROM_EMAIL": "seances@brume.example",
        "SITE_URL": SITE,
        "ALLOWED_HOSTS": f"{proxy.address}",
        "HTTPS": "1",
        "TRUSTED_PROXIES": "1",
        "SECOND_PROOF_MINUTES": "60",
        "BACKUP_WORKER": "0",
        "LOG_LEVEL": "ERROR",
        "SSL_CERT_FILE": str(place / "site.pem"),
    }
    apart = ("MAIL", "ANCHOR", "CLOCK", "NIGHT", "TRANSMISSION")
    pages = {f"{name}_WORKER": "0" for name in apart}
    for name in ("web1", "web2", "work1", "work2"):
        host, own = hosts[name], place / name
        own.mkdir(mode=0o700)
        host.port = 8000
        host.environment = told | {"DATA_DIR": str(own)} | (pages if "web" in name else {})
        host.command = [
            *(sys.executable, "-m", "gunicorn", "--config", "somme_gov/server.py"),
            *("--bind", f"{host.address}:8000", "--no-control-socket", "somme_gov.asgi"),
        ]
    return told


_HASTY = ("-c", "fsync=off")  # while it is filled


def _made_durable(base: Host) -> None:
    """From now on it keeps what it says it keeps."""
    from django.db import connections

    connections.close_all()
    base.kill()
    base.command = base.command[: -len(_HASTY)]
    base.start()
    base.wait()


def _base(base: Host, pool: Host, place: Path, plain: dict[str, str]) -> None:
    """A PostgreSQL that keeps what it says it keeps, and pgbouncer before it."""
    server = run("bin/with-postgres", "--which").strip()
    home = place / "base"
    home.mkdir()
    shutil.chown(home, "postgres")
    as_owner = ["runuser", "-u", "postgres", "--"]
    made = ["--username=somme_gov", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
    run(*as_owner, f"{server}/initdb", f"--pgdata={home / 'data'}", *made)
    with (home / "data" / "pg_hba.conf").open("a") as told:
        told.write(f"host all all {NET}0/24 trust\n")
    base.port, base.environment = 5432, plain
    settings = {"listen_addresses": base.address, "unix_socket_directories": str(home)}
    settings |= {"autovacuum_naptime": "10s", "max_connections": "60"}
    told = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    base.command = [*as_owner, f"{server}/postgres", "-D", str(home / "data"), *told, *_HASTY]
    pool.port, pool.environment = 6432, plain
    (home / "users").write_text('"somme_gov" ""\n')
    (home / "pool.ini").write_text(
        f"""[databases]
* = host={base.address} port={base.port} user=somme_gov
[pgbouncer]
listen_addr = {pool.address}
listen_port = {pool.port}
unix_socket_dir =
auth_type = trust
auth_file = {home / "users"}
pool_mode = transaction
default_pool_size = 20
server_login_retry = 1
server_connect_timeout = 3
query_wait_timeout = 10
"""
    )
    pool.command = [*as_owner, "/usr/sbin/pgbouncer", "--quiet", str(home / "pool.ini")]


def _proxy(proxy: Host, pages: list[Host], place: Path, plain: dict[str, str]) -> None:
    """nginx as `bin/install` sets it, and one line more."""
    subject = ["-subj", f"/CN={proxy.address}", "-addext", f"subjectAltName=IP:{proxy.address}"]
    files = ["-keyout", str(place / "site.key"), "-out", str(place / "site.pem")]
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject, *files)
    site = (ROOT / "deploy/nginx.conf").read_text()
    site = site.replace("seances.example.org", proxy.address).replace("listen [::]", "# listen ")
    lines = "\n".join(f"    server {host.address}:8000 fail_timeout=2s;" for host in pages)
    site = site.replace("    server 127.0.0.1:8000 fail_timeout=2s;", lines)
    site = site.replace("/etc/ssl/somme_gov/fullchain.pem", str(place / "site.pem"))
    site = site.replace("/etc/ssl/somme_gov/privkey.pem", str(place / "site.key"))
    site = site.replace("/var/log/nginx/somme_gov.log", str(place / "nginx.log"))
    (place / "nginx.conf").write_text(
        f"daemon off; user root; pid {place}/nginx.pid; error_log {place}/nginx.err;\n"
        f"events {{ worker_connections 2000; }}\nhttp {{\n{site}\n}}\n"
    )
    proxy.port, proxy.environment = 443, plain
    proxy.command = ["nginx", "-c", str(place / "nginx.conf")]


# --- People -----------------------------------------------------------------------------------


class Person:
    """Somebody at a browser, who reloads and does it again when a page says so."""

    def __init__(self, key: str) -> None:
        import requests

        self.session = requests.Session()
        self.session.cookies.set("sessionid", key, domain=f"{NET}{ADDRESSES['proxy']}")
        self.session.verify = os.environ["SSL_CERT_FILE"]
        self.asked = self.away = self.signed_out = 0
        self.dressed: set[str] = set()

    def ask(self, path: str, **posted: str) -> Any:
        """The answer, or `None` when there was none: what was away is counted."""
        import requests

        self.asked += 1
        headers = {"Referer": f"{SITE}{path}"}
        try:
            answer = self.session.request(
                "POST" if posted else "GET",
                f"{SITE}{path}",
                data=posted,
                headers=headers,
                timeout=(3, 60),
            )
        except requests.RequestException:
            return self.missed()
        if answer.status_code in _AWAY:
            return self.missed()
        self.signed_out += "/connexion/" in answer.url
        return answer

    def missed(self) -> None:
        self.away += 1
        MISSED.append(time.monotonic())

    def is_dressed(self, page: str) -> bool:
        """Whether what the page looks like is served too; asked once, as a browser does."""
        for name in {*re.findall(r'(?:src|href)="(/static/[^"#]+)', page)} - self.dressed:
            answer = self.ask(name)
            if answer is not None and answer.status_code != 200:
                print(f"  {name}\u00a0: {answer.status_code}", file=sys.stderr, flush=True)
                return False
            self.dressed |= {name} if answer is not None else set()
        return True

    def insists(self, path: str, **posted: str) -> Any:
        """Until the page answers; what is posted is posted anew from the page as it is now."""
        while True:
            answer = self.ask(path)
            found = answer and re.search(r'csrfmiddlewaretoken" value="(\w+)"', answer.text)
            if answer and not posted:
                return answer
            if found and (done := self.ask(path, csrfmiddlewaretoken=found[1], **posted)):
                return done
            time.sleep(1)


class Reader(threading.Thread):
    """Reads a page, again and again, and knows how long it went without."""

    def __init__(self, person: Person, path: str, digest: str = "") -> None:
        super().__init__(daemon=True)
        self.person, self.path, self.digest = person, path, digest
        self.served = [time.monotonic()]
        self.wrong = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.25):
            answer = self.person.ask(self.path)
            if answer is None:
                continue
            if self.digest:
                is_right = sha256(answer.content).hexdigest() == self.digest
            else:
                is_right = answer.status_code == 200 and self.person.is_dressed(answer.text)
            self.wrong += not is_right
            self.served.append(time.monotonic())

    def silence(self, since: float, until: float) -> float:
        """The longest time without an answer that overlaps these moments."""
        moments = [*self.served, time.monotonic()]
        gaps = pairwise(moments)
        return max((b - a for a, b in gaps if b > since and a < until), default=0.0)


# --- Blows ------------------------------------------------------------------------------------


@dataclass
class Blow:
    """What was done to the service, when, and when everybody was served again."""

    what: str
    began: float
    ended: float = 0.0
    is_upgrade: bool = False

    @property
    def missed(self) -> int:
        return sum(self.began <= moment <= self.ended for moment in MISSED)


class Chaos(threading.Thread):
    """Kills and cuts in turn; each is mended before the next."""

    def __init__(
        self, hosts: dict[str, Host], readers: list[Reader], before: Version, after: Version
    ) -> None:
        super().__init__(daemon=True)
        self.hosts, self.readers, self.before, self.after = hosts, readers, before, after
        self.blows: list[Blow] = []
        self.trouble: Exception | None = None

    def run(self) -> None:
        try:
            time.sleep(8)  # people are at work
            for what, strike in self.plan():
                blow = Blow(what, time.monotonic(), is_upgrade="version" in what)
                self.blows.append(blow)
                print(f"  {what}", file=sys.stderr, flush=True)
                strike()
                mended = time.monotonic()
                eventually(
                    lambda mended=mended: all(each.served[-1] > mended for each in self.readers),
                    within=90,
                    what=f"{what}\u00a0: personne n’est servi",
                )
                blow.ended = time.monotonic()
                time.sleep(PAUSE)
        except Exception as error:
            self.trouble = error

    def plan(self) -> Iterator[tuple[str, Callable[[], None]]]:
        def killed(*names: str, down: float = 2.0) -> Callable[[], None]:
            def strike() -> None:
                for name in names:
                    self.hosts[name].kill()
                time.sleep(down)
                for name in names:
                    self.hosts[name].start()
                for name in names:
                    self.hosts[name].wait()

            return strike

        def cut(name: str, down: float = 6.0) -> Callable[[], None]:
            def strike() -> None:
                self.hosts[name].cut()
                time.sleep(down)
                self.hosts[name].mend()

            return strike

        def brought(name: str, version: Version) -> Callable[[], None]:
            def strike() -> None:
                self.hosts[name].stop()
                self.hosts[name].install(version)
                self.hosts[name].start()
                eventually(
                    lambda: self.hosts[name].is_ready, within=90, what=f"{name} n’est pas prêt"
                )

            return strike

        old, new = self.before, self.after

        yield "un hôte de pages tué", killed("web1")
        yield "un hôte de service tué, facteur compris", killed("work1")
        yield "la base tuée", killed("base")
        yield "le magasin tué", killed("store")
        yield "la base mise à la version d’après, celle d’avant servant", lambda: migrated(new)
        yield "un hôte de pages mis à la version d’après", brought("web1", new)
        yield "l’autre hôte de pages tué, encore d’avant", killed("web2")
        yield "un hôte de service mis à la version d’après", brought("work1", new)
        yield "le magasin coupé du réseau, 6 s", cut("store")
        yield "l’hôte de pages remis à la version d’avant", brought("web1", old)
        yield "l’autre hôte de service tué, encore d’avant", killed("work2")
        yield "l’hôte de pages de nouveau à la version d’après", brought("web1", new)
        yield "l’autre hôte de pages mis à la version d’après", brought("web2", new)
        yield "l’autre hôte de service mis à la version d’après", brought("work2", new)
        yield "pgbouncer tué", killed("pool")
        yield "un hôte de pages coupé du réseau, 6 s", cut("web2")
        yield "la base coupée du réseau, 6 s", cut("base")
        yield "un hôte de pages et un de service tués ensemble", killed("web1", "work2")
        yield "un hôte de service coupé du réseau, 6 s", cut("work1")


# --- Two versions -----------------------------------------------------------------------------


def earlier() -> str:
    """The commit that an upgrade comes from: the last release that promises to serve beside its
    next one, or else the newest commit before the last migration."""
    told = re.findall(r"^(\d+)\.(\d+)\.\d+ (\w+)$", (ROOT / "deploy/releases").read_text(), re.M)
    able = [commit for *version, commit in told if tuple(map(int, version)) >= (0, 3)]
    last = ["git", "log", "-1", "--diff-filter=A", "--format=%H^", "--", "*/migrations/*.py"]
    return run("git", "rev-parse", able[-1] if able else run(*last).strip()).strip()


def versions(place: Path) -> tuple[Version, Version]:
    """The one before, as its commit has it, and this one. What the pages of the one before look
    like stays beside, as `collectstatic` leaves it."""
    from tests.collected import collected

    code, static = place / "avant", place / "avant-static"
    code.mkdir()
    packed = subprocess.Popen(["git", "archive", earlier()], cwd=ROOT, stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", str(code)], stdin=packed.stdout, check=True)
    before = Version(code, static)
    ask(before, "from tests.collected import collected; print(collected())")
    (made,) = (code / "var/tests").glob("static-*")
    made.rename(static)
    both = place / "apres-static"
    shutil.copytree(static, both)
    shutil.copytree(collected(), both, dirs_exist_ok=True)
    return before, Version(ROOT, both)


def ask(version: Version, what: str, *arguments: str) -> None:
    """Has this version do something, on the base and the files of the service."""
    told = f"import sys, django; django.setup(); {what}"
    subprocess.run(
        [sys.executable, "-c", told, *arguments],
        cwd=version.code,
        env=os.environ | {"PYTHONPATH": str(version.code)},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def migrated(version: Version) -> None:
    ask(version, "from django.core.management import call_command as call; call('migrate')")


def prepared_by(version: Version, place: Path) -> "Scene":
    """The scene as that version makes it, on a base of its own."""
    migrated(version)
    file = place / "scene"
    ask(
        version,
        "import pickle; from bench.hosts import prepared; "
        "pickle.dump(prepared(), open(sys.argv[1], 'wb'))",
        str(file),
    )
    return pickle.loads(file.read_bytes())  # noqa: S301 we have just written it


# --- The sitting ------------------------------------------------------------------------------


async def held_live(stage: Any, key: str, until: threading.Event) -> dict[str, Any]:
    """Items opened, voted on by everybody, proclaimed, one after the other until it is enough."""
    import aiohttp
    from yarl import URL

    from bench.live import Screens
    from live import rehearsal

    people: list[rehearsal.Delegate] = []

    class Patient(rehearsal.Delegate):
        """Presses again when the tablet says that it was not received."""

        async def attend(self, session: aiohttp.ClientSession, until: asyncio.Event) -> None:
            people.append(self)
            for _ in range(60):
                with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
                    await super().attend(session, until)
                if until.is_set():
                    return
                await asyncio.sleep(1)

        async def _post(
            self, session: aiohttp.ClientSession, where: str, data: dict[str, str]
        ) -> tuple[int, int]:
            for _ in range(90):
                status, stamp = await super()._post(session, where, data)
                if status not in _AWAY:
                    break
                MISSED.append(time.monotonic())
                await asyncio.sleep(0.7)
            return status, stamp

    rehearsal.Delegate = Patient
    meeting, chair = stage.meeting.pk, stage.meeting.basis.composition.titulars[0].key
    clerk = stage.meeting.basis.composition.titulars[1].key
    jar = aiohttp.CookieJar(unsafe=True)
    jar.update_cookies({"sessionid": key, "csrftoken": "x" * 32}, URL(SITE))
    wall = Screens(f"{SITE}/seances/{meeting}/ecran/{stage.screen}/etat/", SCREENS)
    over, acts = asyncio.Event(), 0

    async def act(session: aiohttp.ClientSession, verb: str, **data: str) -> dict[str, Any]:
        """As the console does: the same act under the same key, until it is answered."""
        nonlocal acts
        url = f"{SITE}/seances/{meeting}/direct/actes/"
        asked = {"key": str(uuid.uuid4()), "verb": verb, **data}
        headers = {"X-CSRFToken": "x" * 32, "Referer": url}
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with session.post(url, data=asked, headers=headers) as answer:
                    if answer.status not in _AWAY:
                        told = await answer.json()
                        assert told["ok"], told["message"]
                        acts += 1
                        return told
            MISSED.append(time.monotonic())
            await asyncio.sleep(0.7)

    from live.models import Poll
    from meetings.models import Meeting

    async def asked_of_the_base(question: Callable[[], Any]) -> Any:
        from asgiref.sync import sync_to_async
        from django.db import DatabaseError, connection

        def ask() -> Any:
            try:
                return question()
            except DatabaseError:
                connection.close()
                return None

        return await sync_to_async(ask)()

    async def reached(count: Callable[[], int], wanted: int, within: float) -> None:
        end = time.monotonic() + within
        while (await asked_of_the_base(count) or 0) < wanted and time.monotonic() < end:
            await asyncio.sleep(0.5)

    def present() -> int:
        return len(Meeting.objects.get(pk=meeting).sitting.at_end.room)

    rounds = 0
    async with aiohttp.ClientSession(cookie_jar=jar) as console, aiohttp.ClientSession() as room:
        following = [asyncio.create_task(wall.follow(room, n, over)) for n in range(SCREENS)]
        attending = asyncio.create_task(rehearsal.attend_all(SITE, stage, until=over, patience=3.0))
        await reached(present, len(stage.tablets), 60)
        await act(console, "open_meeting", chair=chair, clerks=clerk)
        while not until.is_set() and rounds < 40:
            rounds += 1
            item = f"p{rounds}"
            await act(console, "open_item", item=item)
            await act(console, "open_poll", items=item, mode="ordinaire", on_tablets="on")
            poll = await asked_of_the_base(lambda: Poll.objects.get(meeting=meeting, ended_at=None))
            while poll is None:
                await asyncio.sleep(0.5)
                poll = await asked_of_the_base(
                    lambda: Poll.objects.get(meeting=meeting, ended_at=None)
                )

            def received(pk: int = poll.pk) -> int:
                return len(Poll.objects.get(pk=pk).votes)

            await reached(received, len(stage.tablets), 45)
            await act(console, "proclaim", poll=str(poll.pk), complete="on")
        over.set()
        await asyncio.sleep(3)  # answers on their way
        for task in (*following, attending):
            task.cancel()
        await asyncio.gather(*following, attending, return_exceptions=True)
    return {"rounds": rounds, "acts": acts, "chair": chair, "people": people}


# --- All of it --------------------------------------------------------------------------------


@dataclass
class Scene:
    """What people will do, prepared before anything is killed."""

    cast: Any
    stage: Any
    convoked: Any
    acts: list[Any]
    paper: Any
    keys: list[str]


def prepared() -> Scene:
    """People, a sitting to hold now, one to convene, acts to put online."""
    from datetime import date

    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.utils import timezone

    from accounts import proof
    from accounts.sessions import SessionStore
    from documents.models import IssuedDocument
    from live import reading, rehearsal
    from tests import held
    from tests.cast import make_cast
    from tests.convening import desk

    cast = make_cast()
    acts = []
    for rank in range(SITTINGS):
        titles = [f"Convention n° {rank + 1}.{each + 1}" for each in range(ACTS_OF_EACH)]
        on = date(2026, 6, 9) + timedelta(days=7 * rank)
        meeting = held.hold(cast, on, adopted=titles, approves=False)
        held.issue_acts(meeting, by=cast.secretariat, at=timezone.now())
        acts.append(meeting)
    desk.crowd(cast, CROWD)
    desk.give_addresses(cast)
    convoked = desk.prepared(cast, held_on=timezone.localdate() + timedelta(days=20))
    now = reading.wall_clock()
    stage = rehearsal.prepare(delegates=DELEGATES, by=cast.secretariat, at=now, length=40)
    keys = []
    for _ in range(6):
        session = SessionStore()
        session[SESSION_KEY] = str(cast.secretariat.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = cast.secretariat.get_session_auth_hash()
        proof.give(session)
        session.save()
        keys.append(session.session_key)
    return Scene(cast, stage, convoked, acts, IssuedDocument.objects.order_by("pk")[0], keys)


def dispatched(person: Person, meeting: Any) -> None:
    """Send the convocation; who is not sure that it left looks before trying again."""
    place = f"/seances/{meeting.pk}/convocation/"
    while True:
        page = person.insists(f"{place}envoyer/")
        found = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.text)
        if not page.url.endswith("/envoyer/") or not found:
            return  # it is sent: nothing is left to send
        told = person.ask(f"{place}envoyer/", csrfmiddlewaretoken=found[1], confirmed="1")
        if told is not None and told.status_code == 200 and "/envoyer/" not in told.url:
            return
        if told is not None and told.status_code == 409:
            raise AssertionError(re.sub(r"<[^>]+>|\s+", " ", told.text)[:3000])
        time.sleep(1)


def put_online(person: Person, meetings: list[Any], pause: float) -> None:
    for meeting in meetings:
        path = f"/seances/{meeting.pk}/publication/"
        person.insists(path, unsigned="on", unread="on")
        time.sleep(pause)


def judged(scene: Scene, live: dict[str, Any], office: Any, people: list[Any]) -> dict[str, Any]:
    """What there is in the end, beside what should be."""
    from django.core.management import CommandError, call_command

    from archive.models import Publication
    from bench.live import against_ledger
    from convening.models import Posted, Recipient
    from members import files

    files.sweep()
    lost, doubled, _ = against_ledger(scene.stage.meeting.pk, live["chair"], people)
    rows = Recipient.objects.filter(convocation__meeting=scene.convoked, channel="courriel")
    states = Counter(rows.values_list("state", flat=True))
    counts = office.counts
    doubts = states.pop(Posted.State.DOUBTFUL, 0)
    without = sum(
        counts[email] == 0
        for email, state in rows.values_list("email", "state")
        if state != Posted.State.DOUBTFUL
    )
    online = Counter(
        Publication.objects.filter(document__meeting__in=scene.acts).values_list(
            "document", flat=True
        )
    )
    wanted = SITTINGS * (ACTS_OF_EACH + 1)
    out, faults = io.StringIO(), io.StringIO()
    with contextlib.suppress(CommandError):
        call_command("verify", stdout=out, stderr=faults)
    told = [line for line in faults.getvalue().splitlines() if line]
    orphans = [line for line in told if "aucun document ne parle" in line]
    return {
        "votes": sum(vote.ok for each in people for vote in each.told),
        "votes_lost": lost,
        "votes_doubled": doubled,
        "mails": len(rows),
        "mails_sent": states.pop(Posted.State.SENT, 0),
        "mails_doubted": doubts,
        "mails_other": sum(states.values()),
        "mails_lost": without,
        "mails_doubled": sum(number > 1 for number in counts.values()),
        "acts": len(online),
        "acts_lost": wanted - len(online),
        "acts_doubled": sum(number > 1 for number in online.values()),
        "orphans": len(orphans),
        "faults": [line for line in told if line not in orphans],
    }


def silence(chaos: Chaos, blow: Blow) -> float:
    return max(each.silence(blow.began, blow.ended) for each in chaos.readers)


def table(
    found: dict[str, Any], live: dict[str, Any], chaos: Chaos, everybody: list[Person]
) -> str:
    asked = sum(each.asked for each in everybody)
    away = sum(each.away for each in everybody)
    out = sum(each.signed_out for each in everybody)
    wrong = sum(each.wrong for each in chaos.readers)
    lines = [
        "| ce qui fut tué, coupé ou mis à jour | le plus long silence pour une personne "
        "| demandes à refaire |",
        "| --- | --- | --- |",
        *(
            f"| {each.what} | {silence(chaos, each):.1f} s | {each.missed} |".replace(".", ",")
            for each in chaos.blows
        ),
        "",
        "| ce qui fut fait pendant ce temps | fait | perdu | deux fois |",
        "| --- | --- | --- | --- |",
        f"| votes reçus, en {live['rounds']} scrutins | {found['votes']} | {found['votes_lost']} "
        f"| {found['votes_doubled']} |",
        f"| convocations par courriel, sur {found['mails']} | {found['mails_sent']}, et "
        f"{found['mails_doubted']} demandées à une personne | "
        f"{found['mails_lost'] + found['mails_other']} | {found['mails_doubled']} |",
        f"| documents mis en ligne | {found['acts']} | {found['acts_lost']} "
        f"| {found['acts_doubled']} |",
        "",
        f"Requêtes de personnes : {asked}, dont {away} sans réponse ou « un instant » (503), "
        f"toutes refaites. Déconnectés : {out}. Pages ou fichiers autres que prévu : "
        f"{wrong}. Fichiers sans ligne, que « verify » nomme : {found['orphans']}. Autres "
        f"anomalies : {len(found['faults'])}. Coups : {len(chaos.blows)}. **Plus long silence : "
        + f"{max(silence(chaos, each) for each in chaos.blows):.1f} s**.".replace(".", ",", 1),
    ]
    return "\n".join(lines)


def main() -> None:
    if os.geteuid() or not shutil.which("ip"):
        sys.exit("Il faut root et iproute2 : chaque hôte a son espace de noms réseau.")
    for tool in ("nginx", "pgbouncer", "openssl", "runuser"):
        os.environ["PATH"] += ":/usr/sbin"
        if not shutil.which(tool):
            sys.exit(f"Il manque {tool} : apt-get install nginx-light pgbouncer openssl")
    from tests.convening.post_office import PostOffice, Running, free_port

    def late(*_: Any) -> None:
        raise TimeoutError("c’est trop long")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(PREPARING)
    began = time.monotonic()
    kept = Path(tempfile.mkdtemp(prefix="service_"))
    kept.chmod(0o755)  # PostgreSQL goes through it
    global LOG
    LOG = (kept / "hosts.log").open("a")
    office = PostOffice(port=free_port(), sleep_before_reply=0.45)
    try:
        with network() as hosts, Running(office, HERE):
            told = furnish(hosts, kept, office.port)
            for name in ("base", "pool", "store"):
                hosts[name].start()
                hosts[name].wait()
            (kept / "ici").mkdir()
            mine = {
                "DATA_DIR": str(kept / "ici"),
                "REQUESTS_CA_BUNDLE": told["SSL_CERT_FILE"],
                "DJANGO_SETTINGS_MODULE": "somme_gov.settings",
                # Beside the service: what is asked here is not to fail with it.
                "DATABASE_URL": f"postgres://somme_gov@{hosts['base'].address}:5432/somme_gov",
            }
            os.environ |= told | mine
            run("runuser", "-u", "postgres", "--", "createdb", "--host", hosts["base"].address,
                "--username=somme_gov", "somme_gov")  # fmt: skip
            import django

            django.setup()
            found, live, chaos, everybody = played(hosts, kept, office, began)
    finally:
        signal.alarm(0)
        if not os.environ.get("KEEP"):
            shutil.rmtree(kept, ignore_errors=True)
    text = table(found, live, chaos, everybody)
    print(text)
    for line in found["faults"]:
        print(f"ANOMALIE : {line}")
    is_green = not any(
        [
            *(found[each] for each in found if each.endswith(("_lost", "_doubled", "_other"))),
            found["faults"],
            sum(each.signed_out for each in everybody),
            sum(each.wrong for each in chaos.readers),
            chaos.trouble,
            [each for each in chaos.blows if each.is_upgrade and each.missed],
        ]
    )
    print(
        f"{time.monotonic() - began:.0f} s, {'vert' if is_green else 'ROUGE'} {chaos.trouble or ''}"
    )
    if is_green:
        written(text, found, chaos, everybody, seconds=time.monotonic() - began)
    sys.exit(not is_green)


def played(
    hosts: dict[str, Host], kept: Path, office: Any, began: float
) -> tuple[dict[str, Any], dict[str, Any], Chaos, list[Person]]:
    from django.urls import reverse

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:4.0f} s  {what}", file=sys.stderr, flush=True)

    before, after = versions(kept)
    say("les deux versions sont prêtes")
    scene = prepared_by(before, kept)
    say("les séances sont prêtes, par celle d’avant")
    for name in ("web1", "web2", "work1", "work2"):
        hosts[name].install(before)
    _made_durable(hosts["base"])
    signal.alarm(PLAYING)
    for name in ("web1", "web2", "work1", "work2", "proxy"):
        hosts[name].start()
    for name in ("web1", "web2", "work1", "work2", "proxy"):
        hosts[name].wait()
    say("les hôtes servent")
    writer, publisher, *others = (Person(key) for key in scene.keys[:-1])
    paper = reverse("registry:current", args=[scene.paper.pk])
    paths = ("/", ""), (paper, scene.paper.pdf_sha256), ("/actes/", "")
    readers = [Reader(each, *what) for each, what in zip(others, paths, strict=True)]
    for each in others:
        each.insists("/")
    chaos = Chaos(hosts, readers, before, after)
    enough = threading.Event()
    failed: list[BaseException] = []

    def apart(work: Callable[[], Any]) -> threading.Thread:
        def guarded() -> None:
            try:
                work()
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=guarded, daemon=True)
        thread.start()
        return thread

    live: dict[str, Any] = {}
    sitting = apart(
        lambda: live.update(asyncio.run(held_live(scene.stage, scene.keys[-1], enough)))
    )
    at_work = [
        apart(lambda: dispatched(writer, scene.convoked)),
        apart(lambda: put_online(publisher, scene.acts, 3)),
    ]
    for reader in readers:
        reader.served[:] = [time.monotonic()]
        reader.start()
    chaos.start()
    while chaos.is_alive() or any(each.is_alive() for each in at_work):
        time.sleep(0.5)
        if failed or chaos.trouble:
            raise failed[0] if failed else chaos.trouble
    say("les coups sont finis")
    enough.set()
    sitting.join(90)
    eventually(lambda: not waiting(), within=150, what="des courriels attendent encore")
    for reader in readers:
        reader.over.set()
        reader.join(60)
    say("tout est parti")
    if failed:
        raise failed[0]
    found = judged(scene, live, office, live["people"])
    say("tout est jugé")
    return found, live, chaos, [writer, publisher, *others]


def waiting() -> int:
    from convening.models import Recipient

    return Recipient.objects.unsettled().filter(channel="courriel").count()


_RUNS = "## Les courses vertes"  # each adds its line


def written(
    text: str, found: dict[str, Any], chaos: Chaos, everybody: list[Person], *, seconds: float
) -> None:
    from django.utils import timezone

    commit = run("git", "rev-parse", "--short", "HEAD").strip()
    _, _, runs = RESULTS.read_text().partition(_RUNS)
    lost, doubled = (
        sum(count for name, count in found.items() if name.endswith(ends))
        for ends in (("_lost", "_other"), "_doubled")
    )
    longest = max(silence(chaos, each) for each in chaos.blows)
    told = (
        f"{timezone.localtime():%d/%m/%Y %H h %M}",
        *(commit, earlier()[:8], f"{os.getloadavg()[2]:.0f}", f"{seconds:.0f} s"),
        *(len(chaos.blows), sum(each.asked for each in everybody)),
        *(sum(each.away for each in everybody), found["mails_doubted"], lost, doubled),
        f"{longest:.1f} s".replace(".", ","),
    )
    runs = f"{runs.rstrip()}\n| {' | '.join(map(str, told))} |"
    RESULTS.write_text(
        f"""# Un service de plusieurs hôtes, tué morceau par morceau, et mis à jour hôte par hôte

Écrit par `make service-proof` le {timezone.localdate():%d/%m/%Y}, en {seconds:.0f} s, sur {commit}
et ce qui le suivait. Deux hôtes de pages et deux de service, chacun dans son espace de noms réseau
et sans dossier commun, derrière nginx (`deploy/nginx.conf`), sur PostgreSQL par pgbouncer et un
serveur S3 ; une séance tenue en direct, trois cents convocations par un vrai serveur SMTP,
quarante actes et dix listes mis en ligne, trois personnes qui lisent sans cesse. La version d’avant
est {earlier()[:8]}, qui a fait la base ; celle d’après la migre. Une demande à refaire est celle,
d’une personne ou d’une tablette, qui n’a reçu ni réponse ni page : aucune n’est admise pendant la
mise à jour.

{text}

{_RUNS}{runs}
"""
    )


if __name__ == "__main__":
    main()
