"""What goes out: the acts of one evening packed for the prefecture, put online with their annexes,
read by a stranger; their year as a table and as a page of a list."""

import time
from collections.abc import Callable, Iterator
from datetime import date
from hashlib import sha256
from statistics import median, quantiles
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from archive import actions as publishing
from archive import annexes
from archive.models import Publication
from bench import archive, syndicat
from demo import prefecture
from documents.models import IssuedDocument
from meetings.models import Attachment, Meeting
from members.models import Organisation
from transmission.actions import sending

ACTS = 40
ANNEX = b"%PDF-1.4 une annexe de deux cents kilo-octets" * 4_500
TIMES = 60
PAGE_WITHIN = 50  # milliseconds, ninety-five times in a hundred


def measures() -> Iterator[dict[str, Any]]:
    """Each of them: seconds, the ninety-five in a hundred, queries and bytes where it answers."""
    home = syndicat.found("Syndicat qui publie", members=9)
    organisation = home.body.organisation
    known = {"siret": "20000001600010", "department": "080", "arrondissement": "2"}
    known |= {"ctes_nature": "42", "ctes_email": "actes@publie.example.fr"}
    Organisation.objects.filter(pk=organisation.pk).update(**known)
    by, now = home.secretariat, timezone.now()
    prefecture.classify(Organisation.objects.get(pk=organisation.pk), by=by)
    pk = archive.issued(home, on=date(2026, 3, 10), items=ACTS).pk
    meeting = Meeting.objects.get(pk=pk)
    _join(meeting, home)
    prefecture.confirm(meeting, by=by, at=now)
    size = f"{ACTS} actes, une annexe de 200 ko chacun"

    def prepare() -> None:
        batch = sending.prepare_sitting(meeting, by=by, at=now)
        assert len(batch.done) == ACTS, batch.refused[:1]

    def publish() -> None:
        assert len(publishing.publish_acts(meeting, by=by, at=now)) == ACTS + 1

    yield _line("préparer les envois @CTES", size, *_once(prepare))
    yield _line("mettre en ligne, tout ou rien", size, *_once(publish))
    slug, anybody = organisation.slug, Client(headers={"host": "localhost"})
    act = Publication.objects.filter(document__kind=IssuedDocument.Kind.EXTRACT).latest("pk")
    for what, path, within in (
        ("la page d’un acte", act.get_absolute_url(), PAGE_WITHIN),
        ("la liste des actes", reverse("archive:public_organisation", args=[slug]), PAGE_WITHIN),
        ("le tableau SCDL d’une année", reverse("opendata:scdl", args=[slug, 2026]), 0),
        ("une page de la liste OParl", reverse("opendata:oparl_list", args=[slug, "papers"]), 0),
    ):
        told = _read(what, f"{ACTS + 1} documents en ligne", anybody, path)
        yield told | {"within": within}


def _join(meeting: Meeting, home: syndicat.Syndicat) -> None:
    """A file to each item, chosen for the public."""
    for item in meeting.items.all():
        content = ANNEX + item.key.encode()
        row = Attachment.objects.create(
            item=item,
            title="Annexe",
            filename="annexe.pdf",
            media_type="application/pdf",
            file=ContentFile(content, "annexe.pdf"),
            sha256=sha256(content).hexdigest(),
            size=len(content),
        )
        annexes.choose(row, is_public=True, by=home.secretariat, at=timezone.now())


def _once(act: Callable[[], None]) -> tuple[float, None]:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began, None


def _read(what: str, size: str, anybody: Client, path: str) -> dict[str, Any]:
    """What a stranger is given, asked again and again: no cache of his holds it."""

    def ask() -> bytes:
        answer = anybody.get(path)
        assert answer.status_code == 200, path
        return answer.getvalue()

    weight, taken = len(ask()), []
    with CaptureQueriesContext(connection) as captured:
        ask()
    for _ in range(TIMES):
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    told = _line(what, size, median(taken), quantiles(taken, n=20)[-1])
    return told | {"queries": len(captured), "bytes": weight}


def _line(what: str, size: str, seconds: float, p95: float | None) -> dict[str, Any]:
    return {"what": what, "size": size, "seconds": seconds, "p95": p95, "queries": 0, "bytes": 0}
