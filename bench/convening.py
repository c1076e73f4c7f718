"""Convening three hundred people: the dossier laid out once, then a mail for each.

No SMTP: what is measured is what we do ourselves, the tables included. Mails are handed to a
backend that forgets them, since three hundred dossiers of five megabytes would not fit in memory.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from random import Random
from typing import Any

from django.core.files.base import ContentFile
from django.test import override_settings
from django.utils import timezone

from bench import syndicat
from convening import sending
from convening.actions import dispatching, drafting
from convening.models import Convocation, Posted
from meetings.actions import joining
from meetings.models import Brief, Meeting
from members.models import Person

PEOPLE = 300
ITEMS = 20
DOSSIER = 5 * 1024 * 1024  # bytes


def measures() -> Iterator[dict[str, Any]]:
    """The dispatch, then one mail: three figures."""
    meeting, by = _sitting()
    draft = drafting.prepare(meeting, by=by)
    at = timezone.now()
    began = time.perf_counter()
    summons, _ = dispatching.preview(draft, at=at, site="https://seances.example")
    dispatching.bind(draft, summons, at=at)
    bound = time.perf_counter() - began
    began = time.perf_counter()
    dispatching.dispatch(draft, by=by, at=at, site="https://seances.example")
    sent = time.perf_counter() - began
    yield _line("composer le dossier, une fois", f"{draft.pages} pages, {_mo(draft)}", bound, 20)
    yield _line("convoquer, dossier composé", f"{PEOPLE} personnes", sent, 5)
    with (
        override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"),
        sending.Sender() as sender,
    ):
        began = time.perf_counter()
        count = sender.run()
        taken = time.perf_counter() - began
    assert count == PEOPLE == draft.recipients.filter(state=Posted.State.SENT).count()
    yield _line("un courriel, dossier joint", f"{PEOPLE} courriels", taken / count, 0.1)


def _line(what: str, size: str, seconds: float, allowed: float) -> dict[str, Any]:
    return {"what": what, "size": size, "seconds": seconds, "allowed": allowed}


def _mo(convocation: Convocation) -> str:
    return f"{convocation.size / 1024 / 1024:.1f}\u00a0Mo".replace(".", ",")


def _sitting() -> tuple[Meeting, Any]:
    home = syndicat.found("Syndicat qui convoque", members=PEOPLE)
    for rank, person in enumerate(Person.objects.filter(organisation=home.body.organisation)):
        person.email = f"delegue{rank}@convocation.example"
        person.save()
    on = timezone.localdate() + timedelta(days=20)
    meeting = syndicat.prepare(home, on=on, length=ITEMS)
    Brief.objects.bulk_create(
        Brief(item=item, note=syndicat.TEXT) for item in meeting.items.exclude(kind="section")
    )
    item = meeting.items.exclude(kind="section").first()
    joining.add_attachment(
        item, file=ContentFile(_heavy()), filename="rapport.pdf", by=home.secretariat
    )
    meeting.forget()
    return meeting, home.secretariat


def _heavy() -> bytes:
    """Forty pages, a picture on each that no compression makes smaller: a scanned report."""
    import pikepdf

    chance, pages, width = Random(1), 40, 200  # noqa: S311 not a secret
    height = DOSSIER // pages // width // 3
    out = BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            page = pdf.add_blank_page(page_size=(595, 842))
            picture = pdf.make_stream(
                chance.randbytes(width * height * 3),
                Type=pikepdf.Name.XObject,
                Subtype=pikepdf.Name.Image,
                Width=width,
                Height=height,
                ColorSpace=pikepdf.Name.DeviceRGB,
                BitsPerComponent=8,
            )
            page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=picture))
            page.obj.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Scan Do Q")
        pdf.save(out, compress_streams=False)
    return out.getvalue()
