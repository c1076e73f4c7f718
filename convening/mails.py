"""Mails: what they say, and the bytes that leave.

A mail is written anew each time it leaves and is the same each time: what it says was frozen when
the convocation was dispatched (`Convocation.letter`), its identifier and its link never change.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.errors import MessageDefect, MessageError
from email.headerregistry import Address
from email.message import EmailMessage as Mime
from email.utils import format_datetime
from functools import lru_cache

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.encoding import punycode
from django.utils.html import escape, format_html
from django.utils.safestring import mark_safe

from accounts import letters
from accounts.models import Letter
from convening import calendar, tokens
from convening.actions import inviting
from convening.models import Convocation, Notice, Posted, Recipient
from law import french
from meetings.models import Meeting
from members import files, links
from members.models import Mandate, Person

# Nothing but ASCII on the wire: every server takes it.
_WIRE = policy.SMTP.clone(cte_type="7bit")


def address_of(email: str) -> str:
    """An address as SMTP takes it: the name of its domain in ASCII."""
    local, _, domain = email.rpartition("@")
    return f"{local}@{punycode(domain)}"


class Unwritable(Exception):
    """No mail can be written to this address, today or later."""


def _on_the_wire(email: str) -> str:
    """`address_of`, or `Unwritable`: every sign of it is plain, or no server takes it."""
    try:
        return Address(addr_spec=address_of(email)).addr_spec.encode("ascii").decode()
    except (MessageError, MessageDefect, ValueError, IndexError) as error:
        raise Unwritable(
            f"aucun courriel ne s’écrit à «\u00a0{email}\u00a0»\u00a0: ce n’est pas une adresse, "
            "ou un de ses signes n’est pas une lettre simple (a à z)"
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail ready to leave."""

    sender: str
    recipient: str
    message_id: str
    source: bytes
    organisation_pk: int | None = None
    said: EmailMessage | None = None  # what it was written from, where Django wrote it


def write(row: Posted | Letter, *, at: datetime) -> Mail | None:
    """The mail of this row, the same each time. `at` only matters to a link that must be made, and
    to a letter that may have nothing to say any more: `None`."""
    if isinstance(row, Letter):
        return _of_letter(row, at=at)
    if isinstance(row, Recipient):
        return _of_recipient(row, at=at)
    if isinstance(row, Notice):
        return _of_notice(row, at=at)
    raise TypeError(type(row))


def _of_letter(row: Letter, *, at: datetime) -> Mail | None:
    if not row.message_id:  # queued by a version of before
        row.message_id = letters.new_message_id()
        row.save(update_fields=["message_id"])
    message = letters.written(row, at=at)
    if message is None:
        return None
    (to,) = message.to
    return Mail(
        sender=letters.sender(),
        recipient=_on_the_wire(to),
        message_id=row.message_id,
        source=message.message().as_bytes(linesep="\r\n"),
        said=message,
    )


def _of_recipient(row: Recipient, *, at: datetime) -> Mail:
    letter = row.convocation.letter
    page = context_of(row, link=_link_of(row, at=at))
    method, ics = calendar.invitation(row, sender=letters.sender(), url=page["link"])
    is_attached = letter["attached"] and bool(row.convocation.dossier)
    head = _head(
        row,
        name=row.name,
        organisation=letter["organisation"],
        subject=page["subject"],
        reply_to=letter["reply_to"],
    )
    _fill(head, "convening/mail/convocation.html", page)
    head.add_alternative(ics.decode(), subtype="calendar", params={"method": method})
    head.add_attachment(ics, maintype="application", subtype="ics", filename="seance.ics")
    _name_boundaries(head, row.message_id)
    source = head.as_bytes()
    if is_attached:
        parts = _parts_of(row.convocation.pk, row.convocation.sha256)
        source = _with_parts(source, head.get_boundary(), parts)
    return _mail(row, source, organisation_pk=letter["organisation_pk"])


def context_of(row: Recipient, *, link: str) -> dict:
    """Everything that the templates of a convocation say to this recipient."""
    convocation, letter = row.convocation, row.convocation.letter
    kinds, whys = Convocation.Kind, Recipient.Why
    person = row.mandate.person if row.mandate else None
    return letter | {
        "convocation": convocation,
        "recipient": row,
        "subject": _subject(row),
        "greeting": person.greeting if person else "Madame, Monsieur,",
        "link": link,
        "dossier_link": letter["site"] + tokens.dossier_path(row) if convocation.dossier else "",
        "is_attached": letter["attached"] and bool(convocation.dossier),
        "is_copy": row.why == whys.COPY,
        "is_substitute": row.why == whys.SUBSTITUTE,
        "is_consultative": row.why == whys.CONSULTATIVE,
        "capacity": row.capacity,
        "of_whom": _replaced(row.mandate),
        "invited": french.agree("convié", feminine=_is_feminine(person)),
        "answers": _answers(row, person),
        "is_cancelled": convocation.kind == kinds.CANCELLED,
        "is_moved": convocation.kind == kinds.MOVED,
        "when": when(convocation),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """What the secretariat sends from its own mailbox where there is no server: to these
    addresses one message that bears nobody's link, since everybody reads it."""

    addresses: tuple[str, ...]
    subject: str = ""
    text: str = ""
    files: tuple[str, ...] = ()  # titles of what is joined beside the dossier

    @property
    def pasted(self) -> str:
        """The addresses as mail programs take them."""
        return "; ".join(self.addresses)


def by_hand(rows: Sequence[Recipient]) -> ByHand:
    """The one message for these recipients, by mail; a member before a copy, whose subject says
    that it is for information."""
    going = [row for row in rows if row.email and row.channel == Recipient.Channel.MAIL]
    if not going:
        return ByHand(addresses=())
    first = min(going, key=lambda row: row.why == Recipient.Why.COPY)
    convocation, letter = first.convocation, first.convocation.letter
    whys, present = Recipient.Why, {row.why for row in going}
    is_off = convocation.kind == Convocation.Kind.CANCELLED
    page = context_of(first, link="") | {
        "greeting": "Madame, Monsieur,",
        "is_copy": present == {whys.COPY},
        "is_substitute": False,
        "is_consultative": False,
        "is_attached": bool(convocation.dossier),
        "answers": _answers(first, None),
        "to_all": True,
        "has_substitutes": whys.SUBSTITUTE in present,
        "has_copies": whys.COPY in present and present != {whys.COPY},
        "desk": ""
        if is_off
        else letter["site"] + reverse("convening:sitting", args=[convocation.meeting_id]),
    }
    return ByHand(
        addresses=tuple(dict.fromkeys(row.email for row in going)),
        subject=page["subject"],
        text=_text_of("convening/mail/convocation.txt", page),
        files=tuple(each["title"] for each in letter.get("files", ())),
    )


def merged(rows: Iterable[Recipient], *, at: datetime) -> Iterator[list[str]]:
    """The lines of a mail merge, its header first: who, where, what for, his own link."""
    yield ["Civilité", "Nom", "Adresse", "À quel titre", "Objet", "Lien personnel", "Dossier"]
    for row in rows:
        letter, person = row.convocation.letter, row.mandate.person if row.mandate else None
        dossier = letter["site"] + tokens.dossier_path(row) if row.convocation.dossier else ""
        civility, link = person.civility if person else "", _link_of(row, at=at)
        yield [
            civility,
            row.name,
            row.email,
            row.capacity.partition(" (")[0],
            _subject(row),
            link,
            dossier,
        ]


def _is_feminine(person: Person | None) -> bool:
    return person is not None and person.civility == "Mme"


def _replaced(mandate: Mandate | None) -> str:
    """ "de Mme Alice ARNAUD", whose seat a named substitute takes."""
    if mandate is None or mandate.replaces is None:
        return ""
    person = mandate.replaces.person
    return french.contract("de", f"{person.civility} {person}".strip())


def _answers(row: Recipient, person: Person | None) -> str:
    """What this recipient may answer: only a member in his seat sends somebody instead."""
    feminine, letter = _is_feminine(person), row.convocation.letter
    told = [french.agree("présent", feminine=feminine)]
    told += ["à distance"] if letter.get("remote") else []
    told.append(french.agree("excusé", feminine=feminine))
    if row.why == Recipient.Why.MEMBER:
        told += ["suppléant"] if letter.get("substitutes", True) else []
        told += ["pouvoir"] if letter.get("proxies", True) else []
    return french.join(told, "ou")


def when(convocation: Convocation) -> str:
    """« mardi 8 décembre 2026 à 18 h »."""
    day = french.long_date(convocation.held_on, weekday=True)
    return french.nbsp(f"{day} à {french.clock(convocation.starts_at)}")


def _subject(row: Recipient) -> str:
    convocation, letter = row.convocation, row.convocation.letter
    day = french.long_date(convocation.held_on, weekday=True)
    about = f"{letter['body']} du {day}"
    if convocation.kind != Convocation.Kind.CANCELLED:
        about += f" à {french.clock(convocation.starts_at)}"
    heading = {
        Convocation.Kind.SUMMONS: "Convocation",
        Convocation.Kind.RECTIFYING: "Convocation rectificative",
        Convocation.Kind.MOVED: "Séance déplacée",
        Convocation.Kind.CANCELLED: "Séance annulée",
    }[Convocation.Kind(convocation.kind)]
    if convocation.kind == Convocation.Kind.SUMMONS:
        if letter["is_urgent"]:
            heading = "Convocation en urgence"
        elif letter["second_call_of"]:
            heading = "Seconde convocation"
    if row.why == Recipient.Why.COPY:
        heading = f"Pour information – {heading[0].lower()}{heading[1:]}"
    return french.nbsp(f"{heading} : {about}")


def _link_of(row: Recipient, *, at: datetime) -> str:
    """The personal link of who has one."""
    if row.mandate is None or not row.has_link:
        return ""
    _, raw = inviting.invitation_of(row.convocation.meeting, row.mandate, email=row.email, at=at)
    return row.convocation.letter["site"] + tokens.path_of(raw)


def _of_notice(row: Notice, *, at: datetime) -> Mail:
    organisation = row.meeting.body.organisation
    link = _address_in(row, at=at)
    reply_to = _answered_at(row.meeting) if row.is_reminder else ""
    head = _head(
        row,
        name=row.name or str(row.mandate.person),
        organisation=str(organisation),
        subject=row.subject,
        reply_to=reply_to,
    )
    ends = f"List-Unsubscribe: <mailto:{reply_to}?subject=Ne%20plus%20me%20relancer>\r\n"
    ends = ends if reply_to else ""
    if row.page and getattr(resolve(reverse(row.page, args=["-"])).func, "unsubscribes", False):
        ends = f"List-Unsubscribe: <{link}>\r\n"
        ends += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    # Escaped first: whatever somebody typed stays text; only our link is one.
    anchor = format_html('<a href="{}">{}</a>', link, link)
    page = {
        "subject": row.subject,
        "text": row.body.replace("{lien}", link),
        "paragraphs": [
            mark_safe(escape(part).replace("{lien}", anchor).replace("\n", "<br>"))  # noqa: S308
            for part in row.body.split("\n\n")
        ],
    }
    _fill(head, "convening/mail/notice.html", page)
    _name_boundaries(head, row.message_id)
    # Written by hand: the library encodes a long address, which no mail program reads back.
    return _mail(row, ends.encode() + head.as_bytes(), organisation_pk=organisation.pk)


def _address_in(row: Notice, *, at: datetime) -> str:
    """What `{lien}` becomes; "" for a mail that leads nowhere."""
    site = row.site or site_of(row.meeting)
    if row.mandate is not None:
        _, raw = inviting.invitation_of(row.meeting, row.mandate, email=row.email, at=at)
        return site + tokens.path_of(raw)
    return site + reverse(row.page, args=[links.again(row.page, row.seed)]) if row.page else ""


def _answered_at(meeting: Meeting) -> str:
    """Where whoever is reminded writes to be reminded no more: whom his convocation answers to."""
    told = meeting.convocations.exclude(letter={}).order_by("-number").first()
    return address_of(told.letter["reply_to"]) if told and told.letter["reply_to"] else ""


def site_of(meeting: Meeting) -> str:
    """The address of the site as its mails write it, without a final slash.

    `SITE_URL` when it is set; otherwise the address under which the secretariat dispatched.
    """
    if settings.SITE_URL:
        return settings.SITE_URL.rstrip("/")
    told = meeting.convocations.exclude(letter={}).order_by("-number").first()
    return told.letter["site"] if told else ""


def _head(
    row: Posted,
    *,
    name: str,
    organisation: str,
    subject: str,
    reply_to: str = "",
) -> Mime:
    mail = Mime(policy=_WIRE)
    mail["From"] = _address(organisation, address_of(letters.sender()))
    mail["To"] = _address(name, _on_the_wire(row.email))
    if reply_to:
        mail["Reply-To"] = _address("", address_of(reply_to))
    mail["Subject"] = subject
    mail["Date"] = format_datetime(timezone.localtime(row.queued_at).replace(microsecond=0))
    mail["Message-ID"] = row.message_id
    mail["Content-Language"] = "fr"
    mail["Auto-Submitted"] = "auto-generated"
    return mail


def _address(name: str, wire: str) -> Address:
    # A line break in a name would begin another header: the library refuses it, we fold it.
    return Address(display_name=" ".join(name.split()), addr_spec=wire)


def html_of(template: str, page: dict) -> str:
    """A mail as it is read: its style is in the page, mail programs fetch nothing."""
    style = render_to_string("convening/mail/mail.css")
    style = mark_safe(f"<style>{style}</style>")  # noqa: S308 - our own sheet
    html = render_to_string(template, page | {"style": style})
    return re.sub(r"\n(?:[ \t]*\n)+", "\n", html)


def _text_of(template: str, page: dict) -> str:
    return re.sub(r"\n{3,}", "\n\n", render_to_string(template, page)).strip() + "\n"


def _fill(mail: Mime, template: str, page: dict) -> None:
    mail.set_content(_text_of(f"{template.removesuffix('.html')}.txt", page))
    mail.add_alternative(html_of(template, page), subtype="html")


def _name_boundaries(mail: Mime, message_id: str) -> None:
    """Boundaries drawn from the identifier: the same mail is the same bytes."""
    digest = hashlib.sha256(message_id.encode()).hexdigest()[:32]
    parts = [part for part in mail.walk() if part.is_multipart()]
    for rank, part in enumerate(parts):
        part.set_boundary(f"=_{rank}_{digest}")


@lru_cache(maxsize=2)
def _parts_of(convocation_pk: int, sha256: str) -> tuple[bytes, ...]:
    """What is attached, as parts of a mail: encoded once, not once for each recipient."""
    convocation = Convocation.objects.select_related("meeting__body").get(
        pk=convocation_pk, sha256=sha256
    )
    dossier = files.content(convocation.dossier, convocation.sha256)
    parts = [_part(dossier, "application/pdf", convocation.file_name)]
    for each in convocation.letter["files"]:
        sha256 = each.get("sha256", "")
        with files.opened_at(each["path"], sha256, told=each["title"]) as file:
            parts.append(_part(file.read(), each["type"], each["name"]))
    return tuple(parts)


def _part(content: bytes, media_type: str, name: str) -> bytes:
    head = Mime(policy=_WIRE)
    head["Content-Type"] = media_type
    head["Content-Transfer-Encoding"] = "base64"
    head.add_header("Content-Disposition", "attachment", filename=name)
    return head.as_bytes() + base64.encodebytes(content).replace(b"\n", b"\r\n").rstrip()


def _with_parts(source: bytes, boundary: str, parts: Iterable[bytes]) -> bytes:
    """The mail with more parts at its end."""
    closing = f"\r\n--{boundary}--\r\n".encode()
    body, found, _ = source.rpartition(closing)
    if not found:
        raise ValueError("multipart sans fin")
    opening = f"\r\n--{boundary}\r\n".encode()
    return b"".join((body, *(opening + part for part in parts), closing))


def _mail(row: Posted, source: bytes, *, organisation_pk: int) -> Mail:
    return Mail(
        sender=letters.sender(),
        recipient=_on_the_wire(row.email),
        message_id=row.message_id,
        source=source,
        organisation_pk=organisation_pk,
    )
