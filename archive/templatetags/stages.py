"""The line of the stages of a sitting, on each of its pages, whichever room they are of."""

from django import template
from django.utils import timezone

from archive.desk import alone, calls, papers
from archive.desk import stages as desk
from documents.models import IssuedDocument
from meetings import access
from meetings.models import Meeting

register = template.Library()


@register.simple_tag(takes_context=True)
def stages(context: template.Context, meeting: Meeting) -> desk.SittingLine | alone.ActLine | None:
    """Where this sitting is today, or this act that somebody takes alone, for whoever keeps it;
    `None` for others, who only read it."""
    if not access.can_write(context["request"].user, meeting):
        return None
    if meeting.is_alone:
        return alone.of(meeting)
    return desk.of(meeting, on=timezone.localdate())


@register.simple_tag(takes_context=True)
def paper_stages(
    context: template.Context, document: IssuedDocument
) -> papers.PaperLine | alone.ActLine | None:
    """Where this paper is, for whoever keeps its sitting; of an act taken alone, that act."""
    if not access.can_write(context["request"].user, document.meeting):
        return None
    if not hasattr(document, "line"):  # asked by the button, then by the line itself
        is_alone = document.meeting.is_alone
        document.line = alone.of(document.meeting) if is_alone else papers.line_of(document)
    return document.line


@register.inclusion_tag("archive/_recall_signers.html")
def recall_signers(line: desk.SittingLine) -> dict[str, object]:
    """A button that reminds those of whom a signature is awaited, when a mail may reach one."""
    signers = line.next.signers if line.next else ()
    found = calls.recalls(signers, at=timezone.now()).values() if signers else ()
    return {
        "meeting": line.meeting,
        "may": any(each.may for each in found),
        "told_at": max((each.told_at for each in found if each.told_at), default=None),
        "stayed": any(each.stayed for each in found),
    }
