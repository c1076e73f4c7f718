"""Short mails about a sitting that are no convocation: how they are worded, when they are not.

`{lien}` stands for the personal link, drawn by the sender when the mail leaves.
"""

from datetime import datetime

from django.conf import settings

from accounts import letters
from convening.models import Notice
from law import assembly, french
from meetings.models import Meeting
from members.models import Community, Mandate, Person, Role, User

REMINDER = Notice.REMINDER
PROPOSAL = "proposition-"  # and those of the mails that propose a way out
LINK = "{lien}"
SUBJECT_MAX = Notice._meta.get_field("subject").max_length


def proposing(meeting: Meeting, absent: assembly.Member, by: assembly.Member) -> str:
    """The reason of a mail that proposes one person to another: it is written once."""
    return f"{PROPOSAL}{meeting.pk}-{absent.mandate}-{by.mandate}"


def named(member: assembly.Member | None) -> str:
    """« Mme Claire CARON », as one speaks of somebody in a mail."""
    return f"{member.civility} {member.name}".strip() if member else ""


def of_sitting(meeting: Meeting) -> str:
    """« Comité syndical du 9 juin 2026 »."""
    return f"{meeting.body} du {french.long_date(meeting.held_on)}"


def draft(
    meeting: Meeting,
    *,
    to: Mandate,
    reason: str,
    about: str,
    text: str,
    at: datetime,
    by: User | None = None,
) -> Notice | None:
    """The mail, not yet kept; `None` when the person has no address: he is to be called."""
    person = to.person
    if not person.email:
        return None
    subject = " ".join(f"{of_sitting(meeting)} : {about}".split())
    body = "\n\n".join(
        (
            person.greeting,
            text,
            f"{_when_and_where(meeting)}\n\nVotre lien personnel :\n{LINK}",
            f"Le secrétariat\n{meeting.body.organisation}",
        )
    )
    return Notice(
        meeting=meeting,
        mandate=to,
        once=reason,
        name=str(person),
        written_by=by,
        email=person.email,
        subject=french.nbsp(subject)[:SUBJECT_MAX],
        body=french.nbsp(body),
        message_id=letters.new_message_id(),
        not_before=at,
    )


def write(
    meeting: Meeting,
    *,
    to: Mandate,
    reason: str,
    about: str,
    text: str,
    at: datetime,
    by: User | None = None,
) -> None:
    """Queue the mail. The same reason is never mailed twice."""
    notice = draft(meeting, to=to, reason=reason, about=about, text=text, at=at, by=by)
    if notice is not None:
        Notice.objects.bulk_create([notice], ignore_conflicts=True)


def queue(
    meeting: Meeting,
    *,
    to: Person | Community | User,
    reason: str,
    subject: str,
    body: str,
    by: User | None,
    at: datetime,
    email: str = "",
    page: str = "",
    seed: str = "",
    site: str = "",
) -> bool:
    """Queue the mail of another room about a sitting; `False` when the person has no address. A
    community has none of its own, nor is an account written to unless `email` says so.

    It leaves with the transaction of whoever calls, and tries again as a convocation does. The
    same reason is never mailed twice. `{lien}` in the body becomes the address of `page`, which is
    reached by the secret link `links.drawn(page, seed)`: the token itself is stored nowhere. `site`
    is what addresses begin with, unless the settings name one; `email` another address than that
    of the person.
    """
    email = email or (to.email if isinstance(to, Person) else "")
    if not email:
        return False
    notice = Notice(
        meeting=meeting,
        name=str(to),
        page=page,
        seed=seed,
        site=(settings.SITE_URL or site).rstrip("/"),
        written_by=by,
        once=reason,
        email=email,
        subject=french.nbsp(" ".join(subject.split()))[:SUBJECT_MAX],
        body=french.nbsp(body),
        message_id=letters.new_message_id(),
        queued_at=at,
        not_before=at,
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=True)
    return True


def tell_secretariat(
    meeting: Meeting,
    *,
    reason: str,
    subject: str,
    body: str,
    by: User | None,
    at: datetime,
    site: str = "",
) -> None:
    """The same to each account of its secretariat."""
    roles = {"roles__organisation": meeting.organisation, "roles__kind": Role.Kind.SECRETARIAT}
    for user in User.objects.filter(is_active=True, **roles).distinct():
        queue(
            meeting,
            to=user,
            email=user.email,
            reason=f"{reason}-{user.pk}",
            subject=subject,
            body=f"{body}\n\n{meeting.organisation}",
            by=by,
            at=at,
            site=site,
        )


def _when_and_where(meeting: Meeting) -> str:
    day = french.long_date(meeting.held_on, weekday=True)
    told = f"{meeting.body}, {day} à {french.clock(meeting.starts_at)}"
    return f"{told}, {meeting.place}." if meeting.place else f"{told}."
