"""What a server costs to start, and a page to fetch: on the static files of production."""

import gzip
import json
import os
import re
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from urllib.request import Request, urlopen

import django

from bench.live import server, worked

_FILES = re.compile(r'(?:href|src)="([^"]*/static/[^"#]+|/favicon[^"]*)')
_IMPORTS = re.compile(r'(?:from|import)\s*"([^"]+\.js)"|url\(["\']?([^"\')]+\.(?:woff2?|ttf))')
CODINGS = "br, gzip"


def fetched(url: str, cookie: str = "") -> tuple[bytes, int]:
    """What a browser reads at this address, and the bytes that came."""
    request = Request(url, headers={"Accept-Encoding": CODINGS, "Cookie": cookie})
    with urlopen(request, timeout=30) as answer:
        came = answer.read()
        match answer.headers.get("Content-Encoding", ""):
            case "br":
                import brotli

                return brotli.decompress(came), len(came)
            case "gzip":
                return gzip.decompress(came), len(came)
    return came, len(came)


def weighed(base: str, path: str, cookie: str) -> dict[str, Any]:
    """A page and the files that it asks for, with what they import in turn, on a first visit; and
    the page alone, all that comes on the next one: files are kept under their hash."""
    page, own = fetched(urljoin(base, path), cookie)
    waiting = [urljoin(base, found) for found in _FILES.findall(page.decode())]
    known: dict[str, int] = {}
    while waiting:
        url = waiting.pop().partition("#")[0]
        if url in known or not url.startswith(base):
            continue
        content, known[url] = fetched(url)
        if url.endswith((".js", ".css")):
            text = content.decode(errors="replace")
            waiting += [urljoin(url, next(filter(None, each))) for each in _IMPORTS.findall(text)]
    fonts = sum(size for url, size in known.items() if url.endswith((".woff2", ".ttf")))
    return {
        "first": own + sum(known.values()) - fonts,
        "fonts": fonts,
        "next": own,
        "files": len(known),
    }


def workers(process: int) -> list[int]:
    """The processes that serve, of a server."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == process:
                found.append(int(stat.parent.name))
    return found


def resident(process: int) -> int:
    """The memory that a process holds, in MiB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def measures() -> dict[str, Any]:
    """All of it, on a database of its own."""
    with tempfile.TemporaryDirectory(prefix="bench_service_") as directory:
        os.environ.pop("DATABASE_URL", None)
        os.environ.update(
            DATA_DIR=directory,
            SECRET_KEY="worth nothing to anybody",
            DJANGO_SETTINGS_MODULE="somme_gov.settings",
            DEBUG="0",
            HTTPS="0",
        )
        django.setup()
        from datetime import date

        from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
        from django.core.management import call_command

        from accounts.sessions import SessionStore
        from bench import syndicat

        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        home = syndicat.found("Syndicat", members=60)
        syndicat.prepare(home, on=date(2026, 12, 15), length=40)
        session = SessionStore()
        session[SESSION_KEY] = str(home.secretariat.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = home.secretariat.get_session_auth_hash()
        session.save()
        cookie = f"sessionid={session.session_key}"
        with server() as (base, process):
            time.sleep(4)
            started = worked(process)
            idle = max(map(resident, workers(process)))
            weight = weighed(base, "/", cookie)
            for _ in range(20):
                fetched(urljoin(base, "/"), cookie)
            return {
                "start": started,
                "idle": idle,
                "serving": max(map(resident, workers(process))),
                **weight,
            }


if __name__ == "__main__":
    json.dump(measures(), sys.stdout)
