"""A dispatch made row by row, without laying out its dossier: for the tests of who may see what."""

import json
from datetime import timedelta
from hashlib import sha256

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts import letters
from accounts.models import Letter
from convening import tokens
from convening.models import Convocation, Notice, OutboxMail, Posted, Recipient
from documents import compile, papers
from meetings.models import Meeting
from tests.cast import Cast, change
from tests.convening import desk

PDF = b"%PDF-1.7\n"


def soon(cast: Cast) -> Meeting:
    """A sitting in ten days: the real clock runs here."""
    desk.give_addresses(cast)
    return desk.prepared(cast, held_on=timezone.localdate() + timedelta(days=10))


def dispatched(cast: Cast) -> Convocation:
    """A convocation handed to everybody but Farid, who gets a letter."""
    meeting, now = soon(cast), timezone.now()
    change(meeting, sent_on=timezone.localdate())
    summons = compile.compile_summons(meeting, sent_on=timezone.localdate())
    where = {name: getattr(meeting, name) for name in ("held_on", "starts_at", "place", "sent_on")}
    convocation = Convocation(
        meeting=meeting,
        stage=Convocation.Stage.SENT,
        **where,
        letter={
            "site": "http://testserver",
            "organisation": "Val de Brume",
            "body": "Comité syndical",
            "files": [
                {"title": "Tableau", "name": "tableau.xlsx", "path": "pieces/tableau", "size": 4}
                | {"type": "application/octet-stream", "sha256": sha256(b"xlsx").hexdigest()}
            ],
            "attached": True,
            "notice": "",
            "is_urgent": False,
            "second_call_of": "",
        },
        paper=json.loads(papers.to_json(summons)),
        sha256=sha256(PDF).hexdigest(),
        size=len(PDF),
        pages=1,
        dispatched_at=now,
        finished_at=now,
        dispatched_by=cast.secretariat,
    )
    convocation.dossier.save("dossier.pdf", ContentFile(PDF), save=False)
    convocation.save()
    for seat in map(cast.seat, (cast.alice, cast.bruno, cast.farid)):
        person = seat.person
        on_paper = person == cast.farid
        row = Recipient(
            convocation=convocation,
            why=Recipient.Why.MEMBER,
            mandate=seat,
            name=f"{person.civility} {person}",
            channel="papier" if on_paper else "courriel",
            email=person.email,
            postal_address=person.address,
            state=Posted.State.PRINTED if on_paper else Posted.State.SENT,
            message_id=f"<{person.pk}@brume.example>",
            reply="" if on_paper else "250 OK",
            sent_at=None if on_paper else now,
        )
        tokens.give_dossier(row)
        row.save()
    return convocation


def recipient(cast: Cast) -> Recipient:
    return dispatched(cast).recipients.first()


def lacking_quorum(cast: Cast) -> Meeting:
    """A sitting held yesterday, closed for want of quorum."""
    meeting = desk.prepared(cast, held_on=timezone.localdate() - timedelta(days=1))
    return desk.opened_and_closed(meeting, by=cast.secretariat, for_want_of_quorum=True)


REFUSED = {"state": "refuse", "reply": "550 no such user"}


def stuck_letter(cast: Cast) -> Letter:
    """A mail to an account that the server took never."""
    letter = letters.queue(Letter.Kind.INVITATION, cast.delegate.email, request=None)
    change(letter, **REFUSED)
    return letter


def stuck_notice(cast: Cast, of: Meeting | None = None) -> Notice:
    """A reminder that the server took never."""
    meeting = of or soon(cast)
    told = {"subject": "Votre réponse", "body": "Venez-vous ?", "message_id": "<relance@x>"}
    seat = {"mandate": cast.seat(cast.claire), "email": "claire@brume.example"}
    return Notice.objects.create(meeting=meeting, once="relance-1-1", **told, **seat, **REFUSED)


def kept_mail(cast: Cast) -> OutboxMail:
    """A mail that the demonstration kept."""
    told = {"organisation": cast.organisation, "recipient": "alice@brume.example"}
    head = "Subject: Convocation\r\nContent-Type: text/html\r\n\r\n"
    file = {"name": "x.pdf", "type": "application/pdf", "size": 1, "sha256": "c" * 64}
    body = {"source": f"{head}<style></style><p>Bonjour", "attachments": [file]}
    return OutboxMail.objects.create(subject="Convocation", **told, **body)
