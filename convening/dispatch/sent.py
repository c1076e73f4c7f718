"""What was sent last of a sitting, and what changed since."""

from datetime import date

from django.utils import timezone

from convening.models import Convocation, Posted, Recipient
from documents import compile, papers
from meetings.models import Meeting

_UNHANDED = {Posted.State.KEPT, Posted.State.PRINTED, Posted.State.REFUSED}
_HANDED = {Posted.State.SENT, Posted.State.BOUNCED, Posted.State.DELIVERED, Posted.State.ELSEWHERE}


def last_sent(meeting: Meeting) -> Convocation | None:
    """What was dispatched last for this sitting, whatever it was."""
    return meeting.convocations.exclude(stage=Convocation.Stage.DRAFT).order_by("-number").first()


def is_unhanded(meeting: Meeting) -> bool:
    """Whether its convocation was established here and nothing of it was handed over, nor is about
    to be: mails kept for want of a server, letters still to be posted; one query at most."""
    if meeting.sent_on is None:
        return False
    rows = Recipient.objects.filter(convocation__meeting=meeting).order_by()
    states = set(rows.values_list("state", flat=True).distinct())
    return bool(states) and states <= _UNHANDED


def left_on(meeting: Meeting) -> date | None:
    """The day on which its convocation left: the first on which something of it was handed over,
    that of the dispatch while it is on its way, the one told when it left from elsewhere. `None`
    while nothing left; one query at most."""
    if meeting.sent_on is None or meeting.convened_on is None:
        return meeting.convened_on
    sent = Recipient.objects.filter(
        convocation__meeting=meeting, convocation__sent_on=meeting.convened_on
    )
    rows = list(sent.order_by().values_list("state", "sent_at"))
    handed = [at for state, at in rows if state in _HANDED and at is not None]
    if handed:
        return timezone.localdate(min(handed))
    if rows and {state for state, _ in rows} <= _UNHANDED:
        return None
    return meeting.convened_on


def last_paper(meeting: Meeting) -> papers.SummonsDocument | None:
    """The convocation as it was last sent, `None` before the first."""
    told = last_sent(meeting)
    return told.summons if told else None


def changed_lines(meeting: Meeting) -> tuple[papers.AgendaLine, ...]:
    """What the last convocation did not announce, or not as it stands now; each says which."""
    before = last_paper(meeting)
    if before is None:
        return ()
    now = compile.compile_summons(
        meeting, kind=Convocation.Kind.RECTIFYING, sent_on=before.sent_on, before=before
    )
    return tuple(line for line in now.lines if line.mark)


def removed_lines(meeting: Meeting) -> tuple[papers.AgendaLine, ...]:
    """What the last convocation announced and the agenda holds no more."""
    before = last_paper(meeting)
    return tuple(line for line in before.lines if line.key not in meeting.agenda) if before else ()
