"""What the next thing to do of a sitting still lacks, and where each of it is given."""

from collections.abc import Iterator

from django.urls import reverse

from archive.desk.stages.facts import brief
from archive.desk.stages.following import Following
from archive.desk.stages.step import Lack
from archive.desk.tasks import Deed, Stage
from convening.dispatch import addressees
from convening.models import Recipient
from documents import compile
from law import french
from law.french import NBSP
from meetings import reading
from meetings.models import Meeting
from registry.acts import reading as register
from registry.writing import checklist as writing


def of(line: Following) -> tuple[Lack, ...]:
    """What the next thing to do lacks, each with the place where it is given."""
    if line.next is None:
        return ()
    return (*_of_the_next(line), *_unaccounted(line), *_untold(line), *_unhanded(line))


def _untold(line: Following) -> Iterator[Lack]:
    """What the members do not know of the agenda, beside what comes first."""
    for task in line.tasks if line.is_to_come else ():
        if task.deed is Deed.RECTIFY and line.next.deed is not Deed.RECTIFY:
            yield Lack(what="la rectification, l’ordre du jour a changé", url=task.url)


def _unaccounted(line: Following) -> Iterator[Lack]:
    """The account of what was decided by delegation, for the agenda of a sitting to come."""
    if line.account:
        is_left = line.next.stage is Stage.HOLD
        told = "Mettre à l’ordre du jour" if is_left else "à l’ordre du jour,"
        told = f"{told} le compte rendu de {line.account.of}"
        if line.completes_account:
            told = line.account.what if is_left else "le reste du compte rendu des délégations"
        # Once nothing else is missing it is what comes first: the agenda leaves with the rest. One
        # that is fixed already leaves as it is: the rest is a point « bis », that is announced.
        may_be = line.next.stage is Stage.CONVENE and not line.next.is_late
        is_first = may_be and not line.meeting.is_convened
        if may_be and line.meeting.is_convened and not line.completes_account:
            told += f", qui sera un point «{NBSP}bis{NBSP}», à annoncer"
        verb = "Compléter l’ordre du jour" if is_first else ""
        yield Lack(what=told, url=line.account.url, verb=verb)


def _unhanded(line: Following) -> Iterator[Lack]:
    """When its convocation was handed over, of a sitting whose day has come."""
    if line.next.stage in (Stage.HOLD, Stage.WRITE) and not line.is_to_come and line.is_unhanded:
        url = reverse("convening:prepare", args=[line.meeting.pk])
        is_held = line.next.stage is Stage.HOLD
        asked = "Dire quand" if is_held else "le jour où"
        yield Lack(what=f"{asked} la convocation a été remise", url=url)


def _of_the_next(line: Following) -> tuple[Lack, ...]:
    meeting = line.meeting
    match line.next.stage:
        case Stage.PREPARE:
            return line.unprepared
        case Stage.CONVENE:
            return tuple(_unaddressed(meeting))
        case Stage.HOLD if not (line.is_to_come or line.is_under_way):
            found = reading.remaining(meeting, list(reading.lines(meeting)))
            return tuple(
                Lack(what=what, url=f"{reverse(page, args=[meeting.pk])}#{place}")
                for what, page, place in found
            )
        case Stage.WRITE:
            return tuple(_unwritten(meeting) if line.next.of_minutes else _without_text(meeting))
        case Stage.ADOPT if not line.next.verb:
            return tuple(_unadopted(line))
        case Stage.SIGN | Stage.PUBLISH if line.next.deed is not Deed.ANSWER_SIGNER:
            return tuple({each.what: each for each in _unsigned(line)}.values())
    return ()


def _unaddressed(meeting: Meeting) -> Iterator[Lack]:
    """Whoever sits there, and their addresses."""
    going = addressees.of(meeting)
    members = [each for each in going if each.why == Recipient.Why.MEMBER]
    composition = meeting.body.get_absolute_url()
    if not members:
        yield Lack(what="des membres en fonction ce jour-là", url=composition)
    for each in members:
        if each.is_unreachable:
            yield Lack(what=f"l’adresse {french.contract('de', each.name)}", url=composition)


def _unwritten(meeting: Meeting) -> Iterator[Lack]:
    """Of the twelve mentions, those without which minutes are not issued (art. L2121-15)."""
    draft = compile.compile_minutes(meeting)
    page = reverse("registry:write", args=[meeting.pk])
    for element in writing.check(meeting, draft).elements:
        if element.state == "manque":
            place = element.leads[0].url if element.leads else ""
            url = f"{page}{place}" if place.startswith("#") else place or page
            yield Lack(
                what=f"{element.label} ({element.said[0].lower()}{element.said[1:]})", url=url
            )


def _without_text(meeting: Meeting) -> Iterator[Lack]:
    for each in register.without_text(meeting):
        what = f"le dispositif de «{NBSP}{each.item.title}{NBSP}»"
        url = f"{brief(each.item)}?proposer=1#titre-projet"
        yield Lack(what=what, url=url, verb=Deed.WRITE_ARTICLES.verb, is_it=True)


def _unsigned(line: Following) -> Iterator[Lack]:
    """Whose signatures the papers to be signed or published now wait for."""
    for task in line.tasks:
        is_named = line.next.of_both or task.of_minutes == line.next.of_minutes
        if task.stage is not Stage.SIGN or not is_named:
            continue
        if not task.is_ours:
            yield Lack(what=f"la signature {french.contract('de', task.whose)}", url=task.url)
        elif line.next.stage is Stage.PUBLISH:
            yield Lack(what="les signatures, encore à préparer ou à confirmer", url=task.url)


def _unadopted(line: Following) -> Iterator[Lack]:
    """A sitting to come that has these minutes on its agenda."""
    meeting = line.meeting
    later = Meeting.objects.filter(body=meeting.body_id, held_on__gt=meeting.held_on)
    following = later.upcoming(line.on).adopting().exclude(stage=Meeting.Stage.CANCELLED)
    following = following.order_by("held_on")
    planned = following.first()
    if planned is None:
        url = f"{reverse('meetings:create')}?instance={meeting.body_id}"
        yield Lack(what="la séance suivante, qui l’arrêtera", url=url)
    elif not any(item.meeting_id in {each.pk for each in following} for item in meeting.approvals):
        day = french.long_date(planned.held_on)
        yield Lack(
            what=f"le point qui l’approuve, à l’ordre du jour de la séance du {day}",
            url=f"{reverse('meetings:agenda', args=[planned.pk])}#id_title",
        )
