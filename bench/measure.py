"""Measures one database, or one set of minutes, in a process of its own; answers in JSON.

python -m bench.measure database [PART…]      everything or these parts, on a database made for it
python -m bench.measure minutes PK FILE       the minutes of a sitting; their HTML to FILE
python -m bench.measure memory PK             the same once, for the peak of memory
python -m bench.measure bare-memory FILE      WeasyPrint alone on that HTML
python -m bench.measure register PK YEAR DIR  the register of a body; the files are in DIR
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402 Django is set up first
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from archive.desk import filed  # noqa: E402
from bench import archive, convening, public, syndicat  # noqa: E402
from bench.drawing import draw, drawn_again, drawn_anew  # noqa: E402
from convening import tokens  # noqa: E402
from convening.actions import answering, inviting  # noqa: E402
from convening.models import Answer, Convocation  # noqa: E402
from documents import compile, render  # noqa: E402
from meetings.actions import decisions  # noqa: E402
from meetings.models import Meeting  # noqa: E402

SIZES = ((60, 40), (150, 200))  # members, items
HISTORY = 100  # sittings
UNFINISHED = 1000


def say(text: str) -> None:
    print(f"{connection.vendor} : {text}…", file=sys.stderr, flush=True)


def timed(act: Callable[[], Any], *, times: int) -> float:
    """Median seconds, after one run that warms everything up."""
    act()
    runs = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        runs.append(time.perf_counter() - began)
    return median(runs)


def queries(act: Callable[[], Any]) -> int:
    """How many queries, the bounds of transactions left out."""
    with CaptureQueriesContext(connection) as captured:
        act()
    bounds = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
    return sum(not query["sql"].startswith(bounds) for query in captured)


# --- One set of minutes -----------------------------------------------------------------------


def minutes(pk: str, file: str) -> dict[str, Any]:
    """The whole way from the tables to the PDF, beside WeasyPrint alone on the same HTML.

    The two take turns, so that whatever else the machine does falls on both.
    """
    meeting = Meeting.objects.get(pk=pk)
    html = render.render_html(compile.compile_minutes(meeting))
    Path(file).write_text(html)
    compiling, total, bare, again, pages = [], [], [], [], 0
    draw(html)
    while len(total) < (5 if pages < 50 else 1):
        began = time.perf_counter()
        draw(html)
        drawn = time.perf_counter()
        document = compile.compile_minutes(meeting)
        compiled = time.perf_counter()
        pdf = drawn_anew(document)
        bare.append(drawn - began)
        compiling.append(compiled - drawn)
        total.append((done := time.perf_counter()) - drawn)
        drawn_again(document)
        again.append(time.perf_counter() - done)
        pages = render.page_count(pdf)
    return {
        "pages": pages,
        "queries": queries(lambda: compile.compile_minutes(meeting)),
        "compiling": median(compiling),
        "total": median(total),
        "bare": median(bare),
        "again": median(again),
    }


def peak() -> int:
    """The most memory this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def memory(pk: str) -> int:
    drawn_anew(compile.compile_minutes(Meeting.objects.get(pk=pk)))
    return peak()


def bare_memory(file: str) -> int:
    draw(Path(file).read_text())
    return peak()


# --- One database -----------------------------------------------------------------------------


def database(*parts: str) -> dict[str, Any]:
    """These parts, or all of them, by name; and how the database is called."""
    connection.creation.create_test_db(verbosity=0)
    try:
        wanted = parts or tuple(PARTS)
        version = ".".join(map(str, connection.get_database_version()))
        name = {"name": f"{connection.display_name} {version}"}
        return name | {part: measure() for part, measure in PARTS.items() if part in wanted}
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def opened() -> list[dict[str, Any]]:
    """The pages that are opened most, and the recording of a vote."""
    long = [long_sitting(*size) for size in SIZES]
    return [
        *(vote for _, votes in long for vote in votes),
        *pages([sitting for sitting, _ in long]),
        *(each for size in SIZES for each in answered(*size)),
    ]


def awaited() -> list[dict[str, Any]]:
    """What awaits the secretariat of a thousand sittings that nobody finished: once they are filed,
    after something was written of one, and all of them read anew."""
    say(f"{UNFINISHED} séances inachevées")
    home = syndicat.found("Syndicat qui n’achève rien", members=9)
    syndicat.past(home, range(1000, 1000 + UNFINISHED), decides=True)
    last = Meeting.objects.filter(body=home.body).latest("held_on")
    client = Client(headers={"host": "localhost"})
    client.force_login(home.secretariat)
    size, found = f"{UNFINISHED} séances inachevées", []

    def get(path: str) -> None:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    def get_changed() -> None:
        filed.stamp([last.pk])
        get(reverse("archive:to_do"))

    began = time.perf_counter()
    get(reverse("archive:to_do"))
    anew = time.perf_counter() - began
    for what, path in (("à faire", reverse("archive:to_do")), ("accueil", reverse("home"))):
        count, seconds = (
            queries(lambda path=path: get(path)),
            timed(lambda path=path: get(path), times=9),
        )
        found.append(page(what, size, count, 15, seconds, within=0.06))
    changed = timed(get_changed, times=9)
    found.append(
        page("à faire, une séance vient de changer", size, queries(get_changed), 40, changed)
    )
    found.append(page("à faire, tout à relire", size, 0, 0, anew))
    return found


def mails() -> list[dict[str, Any]]:
    say("convoquer trois cents personnes")
    return list(convening.measures())


def published() -> list[dict[str, Any]]:
    say("transmettre et publier quarante actes")
    return list(public.measures())


def papers() -> list[dict[str, Any]]:
    meeting, _ = long_sitting(*SIZES[0])
    say("chaque papier d’une séance")
    return archive.printed(meeting)


def signatures() -> list[dict[str, Any]]:
    meeting, _ = long_sitting(*SIZES[0])
    say("signer et vérifier")
    return list(archive.signed(meeting))


def search() -> list[dict[str, Any]]:
    say("chercher parmi dix mille délibérations")
    return archive.searched()


def register() -> dict[str, Any] | None:
    """The volume of a year: on SQLite only, for it is all layout and files."""
    if connection.vendor != "sqlite":
        return None
    say("relier quatre cents délibérations")
    body, again = archive.issued_year()
    media = str(settings.MEDIA_ROOT)
    return {"again": again} | apart("register", str(body), "2025", media)


def bound(pk: str, year: str, media: str) -> dict[str, Any]:
    settings.MEDIA_ROOT = Path(media)
    found = archive.bound(int(pk), int(year))
    return found | {"memory": peak()}


def page(
    what: str, size: str, queries: int, allowed: int, seconds: float, *, within: float | None = None
) -> dict[str, Any]:
    return {
        "within": within,
        "what": what,
        "size": size,
        "queries": queries,
        "allowed": allowed,
        "seconds": seconds,
    }


@cache
def long_sitting(members: int, items: int) -> tuple[Meeting, list[dict[str, Any]]]:
    """A sitting with a named vote on every item; and what recording the first and last took."""
    say(f"séance de {members} membres et {items} points")
    home = syndicat.found(f"Syndicat {members}", members=members)
    meeting = syndicat.prepare(home, on=date(2026, 9, 15), length=items)
    syndicat.assemble(meeting, by=home.secretariat)
    *others, last = meeting.agenda.keys

    def record() -> None:
        ballot = syndicat.named_vote(meeting, last)
        decisions.hold_ballot(meeting, ballot=ballot, by=home.secretariat)

    @transaction.atomic
    def rehearse() -> None:
        record()
        transaction.set_rollback(True)
        meeting.forget()

    votes = []
    for rank in (1, items):
        if rank > 1:
            syndicat.vote(meeting, others, by=home.secretariat)
        size = f"{members} membres, vote n° {rank}"
        count, seconds = queries(rehearse), timed(rehearse, times=5)
        votes.append(page("enregistrer un vote nominal", size, count, 20, seconds))
    record()
    syndicat.close(meeting, by=home.secretariat)
    return meeting, votes


def printed(meeting: Meeting) -> dict[str, Any]:
    members, items = len(meeting.basis.composition.titulars), len(meeting.agenda.keys)
    size = f"{members} × {items}"
    say(f"procès-verbal {size}")
    with tempfile.NamedTemporaryFile(suffix=".html") as file:
        return {
            "size": size,
            **apart("minutes", str(meeting.pk), file.name),
            "memory": apart("memory", str(meeting.pk)),
            "bare_memory": apart("bare-memory", file.name),
        }


def apart(*arguments: str) -> Any:
    """The answer of this module run again, on the database of this process."""
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor != "sqlite":
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    done = subprocess.run(
        [sys.executable, "-m", "bench.measure", *arguments],
        env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def pages(long: list[Meeting]) -> list[dict[str, Any]]:
    """What a secretary opens most, with one history and with ten times as much."""
    bureau = syndicat.found("Syndicat aux longues archives", members=9)
    found = []

    def get(what: str, size: str, path: str, by: Any, *, allowed: int) -> None:
        client = Client(headers={"host": "localhost"})
        client.force_login(by)

        def ask() -> None:
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)

        seconds = timed(ask, times=9)
        # Counted once it was opened: that is noted, of a session or of a link, the first time.
        found.append(page(what, size, queries(ask), allowed, seconds))

    for times in (1, 10):
        say(f"{times} × {HISTORY} séances")
        known = HISTORY if times > 1 else 0
        syndicat.past(bureau, range(known, HISTORY * times))
        for meeting in long:
            members, items = len(meeting.basis.composition.titulars), len(meeting.agenda.keys)
            if times > 1:
                syndicat.age(meeting.body, terms=times - 1)
            by, history = meeting.created_by, f"histoire × {times}"
            for what, view in (
                ("page d’une séance", "meetings:detail"),
                ("ordre du jour", "meetings:agenda"),
                ("feuille de présence", "meetings:attendance"),
            ):
                path = reverse(view, args=[meeting.pk])
                get(what, f"{items} points, {history}", path, by, allowed=12)
            path = reverse("members:composition", args=[meeting.body.pk])
            get("composition", f"{members} membres, {history}", path, by, allowed=8)
        path, by = reverse("meetings:list"), bureau.secretariat
        get("liste des séances", f"{HISTORY * times} séances", path, by, allowed=8)
    return found


def answered(members: int, items: int) -> list[dict[str, Any]]:
    """The personal link of a delegate and the board, of a sitting that is to be held."""
    say(f"réponses de {members} membres")
    now = timezone.now()
    home = syndicat.found(f"Syndicat qui répond {members}", members=members)
    by, on = home.secretariat, now.date() + timedelta(days=10)
    meeting = syndicat.prepare(home, on=on, length=items)
    agenda = [
        {"number": node.number, "title": node.item.title, "depth": node.depth}
        for node in meeting.agenda.nodes
    ]
    Convocation.objects.create(
        meeting=meeting, stage=Convocation.Stage.SENT, letter={"agenda": agenda}
    )
    seats = list(home.body.mandates.order_by("pk"))
    for rank, mandate in enumerate(seats[: members // 2]):
        away = rank % 4 == 0
        holder = seats[-1 - rank] if away else None
        answering.answer(
            meeting,
            mandate=mandate,
            word=Answer.Word.EXCUSED if away else Answer.Word.COMING,
            holder=holder,
            via=Answer.Via.LINK,
            at=now,
        )
    found = []
    clients = {True: Client(headers={"host": "localhost"}), False: Client()}
    clients[True].force_login(by)

    def get(what: str, path: str, *, signed_in: bool, allowed: int) -> None:
        client = clients[signed_in]

        def ask() -> None:
            answer = client.get(path, headers={"host": "localhost"})
            assert answer.status_code == 200, (path, answer.status_code)

        size = f"{members} membres, {items} points"
        seconds = timed(ask, times=9)
        # Counted once it was opened: that is noted, of a session or of a link, the first time.
        found.append(page(what, size, queries(ask), allowed, seconds))

    for what, mandate in (("qui vient", seats[1]), ("qui ne vient pas", seats[0])):
        path = tokens.path_of(inviting.make_invitation(meeting, mandate, at=now)[1])
        get(f"lien personnel de {what}", path, signed_in=False, allowed=9)
    for what, view in (("tableau des réponses", "board"), ("appel d’après les réponses", "roll")):
        path = reverse(f"convening:{view}", args=[meeting.pk])
        get(what, path, signed_in=True, allowed=20)
    return found


PARTS: dict[str, Callable[[], Any]] = {
    "minutes": lambda: [printed(long_sitting(*size)[0]) for size in SIZES],
    "pages": opened,
    "awaited": awaited,
    "mails": mails,
    "papers": papers,
    "signatures": signatures,
    "search": search,
    "public": published,
    "register": register,
}

if __name__ == "__main__":
    modes = {
        "database": database,
        "minutes": minutes,
        "memory": memory,
        "bare-memory": bare_memory,
        "register": bound,
    }
    mode, *arguments = sys.argv[1:]
    print(json.dumps(modes[mode](*arguments)))
