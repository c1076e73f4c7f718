"""What a dispatch says: its paper, and the words of its mails."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings

from convening import calendar, mails
from convening.models import Convocation
from documents import compile, papers
from law import deadlines
from meetings.agenda import BULLET


def summons_of(
    convocation: Convocation, *, on: date, before: papers.SummonsDocument | None = None
) -> papers.SummonsDocument:
    """The paper of this dispatch, as the sitting stands now."""
    return compile.compile_summons(
        convocation.meeting,
        kind=convocation.kind,
        number=convocation.number,
        sent_on=on,
        urgent_reason=convocation.urgent_reason,
        requested_by=convocation.requested_by,
        requested_on=convocation.requested_on,
        message=_told(convocation),
        before=before,
    )


def _told(convocation: Convocation) -> str:
    """The reason first, then the message."""
    reason = convocation.reason.strip()
    told = f"Motif\N{NO-BREAK SPACE}: {reason}" if reason else ""
    return "\n\n".join(filter(None, (told, convocation.message.strip())))


def words(
    convocation: Convocation,
    summons: papers.SummonsDocument,
    *,
    notice: deadlines.Notice,
    files: Sequence[dict[str, Any]],
    before: Convocation | None,
    site: str,
) -> dict[str, Any]:
    """What the mails of this dispatch say, whenever they leave."""
    meeting = convocation.meeting
    organisation = meeting.body.organisation
    first, signatory = meeting.second_call_of, summons.signatory
    changed = [line.key for line in summons.lines if line.mark]
    weight = convocation.size + sum(each["size"] for each in files)
    return {
        "site": (settings.SITE_URL or site).rstrip("/"),
        "uid": calendar.uid(meeting.pk, organisation.slug),
        "organisation": organisation.name,
        "organisation_pk": organisation.pk,
        "body": meeting.body.name,
        "invitation": summons.invitation,
        "place": summons.place_of_sitting,
        "signatory": [signatory.name, signatory.office] if signatory else [],
        "agenda": [
            {
                "key": node.item.key,
                "number": "" if node.number == BULLET else node.number,
                "title": node.item.title,
                "depth": node.depth,
                "is_section": node.item.is_section,
                "is_new": node.item.key in changed,
            }
            for node in meeting.agenda.nodes
        ],
        "changed": changed,
        "changes": list(summons.changes),
        "grounds": list(summons.grounds),
        "message": convocation.message.strip(),
        "reason": convocation.reason.strip(),
        "is_urgent": notice.urgent,
        "notice": str(notice),
        "second_call_of": first.held_on.isoformat() if first else "",
        "before": mails.when(before) if before else "",
        "remote": meeting.may_be_remote,
        "substitutes": meeting.regime.substitutes != "aucun",
        "proxies": meeting.regime.proxies_allowed,
        "files": list(files),
        "attached": weight <= settings.MAIL_ATTACHED_MAX_BYTES,
        "reply_to": convocation.dispatched_by.email if convocation.dispatched_by else "",
    }
