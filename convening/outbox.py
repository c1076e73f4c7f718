"""Where mails go when there is no mail server: kept, and readable at /boite-d-envoi/.

Attachments are taken out of the source and kept once: ninety convocations with the same dossier
are ninety pages of text and one file. The secret of a link that opens an account is not kept:
whoever reads this box would choose the password of another (`manage.py password_link` writes one).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from email import message_from_bytes, message_from_string, policy
from email.message import EmailMessage as Mime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Max, QuerySet

from convening.models import OutboxMail
from members import links
from members.models import Organisation, User
from trail.models import Act
from trail.recording import note

CALENDARS = {"text/calendar", "application/ics"}  # whose event bears the link too
_LARGE = 20_000  # bytes; what is smaller stays where it is


class OutboxBackend(BaseEmailBackend):
    """Keeps each mail as a row, in the transaction of whoever sends it."""

    def send_messages(self, email_messages: list[EmailMessage]) -> int:
        for message in email_messages:
            keep(message)
        return len(email_messages)


def draw(message: EmailMessage) -> None:
    """Prepare what `keep` writes, before a transaction holds the base: it takes the longest."""
    source = getattr(message, "source", None) or message.message().as_bytes()
    mime = message_from_bytes(source, policy=policy.SMTP)
    contents: dict[str, bytes] = {}
    attachments = list(_take_out(mime, contents))
    _hide_links(mime, but="convening")  # what any other opens is for nobody else, ever
    mails = [
        OutboxMail(
            organisation_id=getattr(message, "organisation_pk", None),
            recipient=recipient,
            subject=str(mime["Subject"] or "")[:250],
            source=mime.as_string(),
            attachments=attachments,
        )
        for recipient in message.recipients()
    ]
    message.drawn = mails, contents


def keep(message: EmailMessage) -> list[OutboxMail]:
    """The mail, once for each address it goes to."""
    if not hasattr(message, "drawn"):
        draw(message)
    mails, contents = message.drawn
    for sha256, content in contents.items():
        _store(sha256, content)
    return OutboxMail.objects.bulk_create(mails)


def _take_out(mime: Mime, contents: dict[str, bytes]) -> Iterator[dict[str, Any]]:
    """Describe each attachment, whose content is given apart; a large one leaves a line in its
    place."""
    for part in mime.iter_attachments() if mime.is_multipart() else ():
        content = part.get_payload(decode=True) or b""
        sha256 = hashlib.sha256(content).hexdigest()
        yield {
            "name": part.get_filename() or "sans nom",
            "type": part.get_content_type(),
            "size": len(content),
            "sha256": sha256,
        }
        contents[sha256] = content
        if len(content) > _LARGE:
            del part["Content-Transfer-Encoding"]
            part["Content-Transfer-Encoding"] = "7bit"
            part.set_payload(f"[{len(content)} octets gardés à part, SHA-256 {sha256}]\r\n")


def _hide_links(mime: Mime, *, but: str = "") -> bool:
    """Write "…" for the secrets of our addresses, but for those that this room answers, however the
    text is coded; whether there was any."""
    found = False
    for name, value in mime.items():
        if (told := links.hidden(value, but=but)) != value:
            mime.replace_header(name, told)
            found = True
    for part in mime.walk():
        kind = part.get_content_type()
        if kind not in CALENDARS and (
            part.get_content_maintype() != "text" or part.is_attachment()
        ):
            continue
        text = part.get_content()
        text = text.decode() if isinstance(text, bytes) else text
        if kind in CALENDARS:
            text = re.sub(r"\r?\n[ \t]", "", text)  # its lines are folded, addresses too
        if (told := links.hidden(text, but=but)) != text:
            name = part.get_filename()
            part.set_content(told, subtype=part.get_content_subtype(), cte="8bit", filename=name)
            found = True
    return found


def by_subject(kept: QuerySet[OutboxMail]) -> QuerySet[OutboxMail, str]:
    """The subjects of these mails, that of the last kept first: what one act sent to a hundred is
    one thing to look at."""
    subjects = kept.order_by().values("subject").annotate(last=Max("pk")).order_by("-last")
    return subjects.values_list("subject", flat=True)


def heaps(
    kept: QuerySet[OutboxMail], subjects: Iterable[str]
) -> list[tuple[str, list[OutboxMail]]]:
    """The mails of each of these subjects, in order, without their text; one query."""
    found: dict[str, list[OutboxMail]] = {subject: [] for subject in subjects}
    for mail in kept.filter(subject__in=found).defer("source"):
        found[mail.subject].append(mail)
    return list(found.items())


def without_links(mail: OutboxMail) -> str | None:
    """The source of a mail without its personal links; `None` when it bears none."""
    mime = parsed(mail)
    return mime.as_string() if _hide_links(mime) else None


def is_kept() -> bool:
    """Whether mails stay here instead of leaving."""
    return f"{OutboxBackend.__module__}.{OutboxBackend.__qualname__}" == settings.EMAIL_BACKEND


def path_of(sha256: str) -> Path:
    """Where an attachment is kept."""
    return Path(settings.DATA_DIR) / "boite-d-envoi" / sha256


def _store(sha256: str, content: bytes) -> None:
    path = path_of(sha256)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(content)


def parsed(mail: OutboxMail) -> Mime:
    """The mail as its parts."""
    return message_from_string(mail.source, policy=policy.SMTP)


def words(mail: OutboxMail, kind: str) -> str:
    """The "plain" or "html" version of a mail, "" when it has none."""
    part = parsed(mail).get_body(preferencelist=(kind,))
    return part.get_content() if part is not None else ""


@transaction.atomic
def empty(organisation: Organisation, *, by: User | None, before: datetime | None = None) -> int:
    """Forget the mails of this organisation, those kept `before` then if that is said, and the
    files that none needs any more."""
    mails = OutboxMail.objects.filter(organisation=organisation)
    count, _ = (mails.filter(kept_at__lt=before) if before else mails).delete()
    words = f"courriels gardés, effacés de la boîte d’envoi\u00a0: {count}"
    note(Act.REMOVED, words, by=by, organisation=organisation)
    kept = {
        each["sha256"]
        for attachments in OutboxMail.objects.values_list("attachments", flat=True)
        for each in attachments
    }
    for path in path_of("").glob("*"):
        if path.name not in kept:
            path.unlink(missing_ok=True)
    return count
