"""Words of convening that templates cannot agree by themselves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django import template
from django.urls import reverse
from django.utils import timezone

from convening import answers, notices, outbox, words
from convening.access import reads_answers
from convening.dispatch import addressees, sent
from convening.models import Answer
from law import assembly, french
from meetings import models, reading
from meetings.access import can_write
from meetings.reading import last_day_to_convene
from members.models import Body

register = template.Library()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """How many answered the convocation of a sitting to come, and the page where one follows it."""

    told: str
    url: str


@register.simple_tag
def replies(meeting: models.Meeting) -> Replies | None:
    """« 14 réponses sur 24 »; `None` of a sitting under way, that was convened from elsewhere, or
    whose convocation is still to reach somebody: « À faire » names that."""
    if meeting.stage != models.Meeting.Stage.PREPARED or meeting.sent_on is None:
        return None
    reach = sent.reach(meeting)
    if not meeting.is_convened or (reach and (reach.is_none or reach.left_behind)):
        return None
    lines = [line for line in answers.standing(meeting).lines.values() if not line.is_substitute]
    told = french.count(sum(1 for line in lines if line.has_answered), "réponse")
    board = reverse("convening:board", args=[meeting.pk])
    return Replies(told=french.nbsp(f"{told} sur {len(lines)}"), url=board)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What was answered so far of a sitting to come: counted, then of each member in office once
    somebody did."""

    told: str
    people: Sequence[tuple[assembly.Member, str]]


@register.simple_tag
def answered(meeting: models.Meeting) -> Answered:
    """« 12 présents annoncés, 14 réponses sur 60 »: nobody is absent before the roll."""
    said = answers.standing(meeting)
    lines = [line for line in said.lines.values() if not line.is_substitute]
    count = sum(1 for line in lines if line.has_answered)
    told = "personne n’a encore répondu"
    if count:
        now = said.forecast.now
        one, many = "présent annoncé", "présents annoncés"
        if now.basis == "voix":
            one, many = "voix annoncée", "voix annoncées"
        coming = french.count(now.present, one, many)
        told = f"{coming}, {french.count(count, 'réponse')} sur {len(lines)}"
    titulars = [line for line in lines if line.is_titular] if count else []
    return Answered(
        told=french.nbsp(told), people=[(line.member, words.of_him(line)) for line in titulars]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What the answers say of the roll that is being called: `told` of whom is not pointed yet and
    does not merely come, by key; `words` of the button that points the others, "" when there are
    none, and whom it leaves out."""

    told: Mapping[str, str]
    words: str
    away: str


@register.simple_tag
def foreseen(meeting: models.Meeting, columns: Iterable[reading.Column]) -> Foreseen:
    """Nobody is pointed by the whole who answered that he does not come; once the sitting is open,
    the answers are closed."""
    waited = reading.unpointed(columns)
    if meeting.stage != models.Meeting.Stage.PREPARED or not waited:
        return Foreseen(told={}, words=words.everybody_but(0) if waited else "", away="")
    said = answers.standing(meeting)
    away = [key for key in waited if key in said.prevented]
    state = meeting.sitting.at_end
    lines = (said.lines[key] for key in said.said if key not in state.room | state.excused)
    return Foreseen(
        told={each.member.key: words.of_him(each) for each in lines if _is_news(each)},
        words=words.everybody_but(len(away)) if len(away) < len(waited) else "",
        away=" ".join(away),
    )


def _is_news(line: answers.Respondent) -> bool:
    """Whether it says more than that he comes, which the roll expects of everybody."""
    return line.position is not answers.Position.COMING


@register.filter
def of_whom(told: Mapping[str, str], key: str) -> str:
    """What is told of this one, "" for nothing."""
    return told.get(key, "")


@register.simple_tag(takes_context=True)
def who_comes(context: template.Context, meeting: models.Meeting) -> Replies | None:
    """The same to who presides over a sitting that was convened, and the page that names them; its
    secretariat follows the answers among the stages."""
    user = context["request"].user
    is_coming = meeting.stage == models.Meeting.Stage.PREPARED and meeting.is_convened
    if not is_coming or can_write(user, meeting) or not reads_answers(user, meeting):
        return None
    board = reverse("convening:board", args=[meeting.pk])
    return Replies(told=french.capitalise(answered(meeting).told), url=board)


@register.simple_tag
def mails_stay() -> bool:
    """Whether nobody is told of anything by mail: there is no server."""
    return outbox.is_kept()


@register.simple_tag
def awaits_newcomers(body: Body) -> list[tuple[models.Meeting, date, str]]:
    """The sittings to come of a body that was convened without who came in since: the last day to
    convene them, and the page where that is done."""
    coming = models.Meeting.objects.filter(body=body).select_related("body__organisation")
    return [
        (meeting, last_day_to_convene(meeting), reverse("convening:prepare", args=[meeting.pk]))
        for meeting, _ in addressees.with_newcomers(coming, on=timezone.localdate())
    ]


@register.filter
def is_unhanded(meeting: models.Meeting) -> bool:
    """Whether its convocation was established here, and nothing of it handed over."""
    return sent.is_unhanded(meeting)


@register.filter
def what_is_handed(meeting: models.Meeting) -> str:
    """What convenes its members now: « la convocation », « la nouvelle date »."""
    return sent.what_is_handed(meeting)


@register.filter
def not_handed(what: str) -> str:
    """« convocation non remise », of what nobody was handed."""
    return sent.not_handed(what)


@register.simple_tag
def moved_from(meeting: models.Meeting) -> date | None:
    """The day that its members were convened to first, of a sitting that was moved."""
    return sent.moved_from([meeting]).get(meeting.pk) if meeting.sent_on else None


@register.simple_tag
def convened_after(body: Body, on: date) -> list[tuple[models.Meeting, date]]:
    """The sittings to come of a body after this day whose convocation left from here, and the last
    day on which whoever comes in may be convened in time."""
    later = models.Meeting.objects.filter(body=body, sent_on__isnull=False, held_on__gt=on)
    coming = later.upcoming(timezone.localdate()).order_by("held_on")
    found = coming.filter(stage=models.Meeting.Stage.PREPARED).select_related("body__organisation")
    return [(meeting, last_day_to_convene(meeting)) for meeting in found]


@register.filter
def weekday_date(on: date) -> str:
    """« Mardi 9 juin 2026 »."""
    return french.nbsp(french.sentence(french.long_date(on, weekday=True)).removesuffix("."))


@register.filter
def since(answer: Answer, to: str = "") -> str:
    """« Noté le 3 juin 2026 à 10 h 02, par le lien personnel. »; to="vous": « par votre lien »."""
    at = timezone.localtime(answer.answered_at)
    how = answer.get_via_display().removeprefix("noté ")
    if to:
        how = how.replace("le lien", "votre lien").replace("son espace", "votre espace")
    return french.nbsp(f"Noté le {french.long_date(at.date())} à {french.clock(at)}, {how}.")


@register.filter
def of_each(members: Sequence[assembly.Member]) -> str:
    """« de Mme Alice ARNAUD et de M. Denis DUVAL »."""
    names = (french.contract("de", notices.named(member)) for member in members)
    return french.nbsp(french.join(names))


@register.filter
def dialled(phone: str) -> str:
    """A number as a telephone takes it: "+33322000001"; nothing that is not a number."""
    return "".join(each for each in phone if each.isdigit() or each == "+")


@register.filter
def counted(number: int, noun: str) -> str:
    """« 0 réponse », « 12 réponses »: the plural of French begins at two."""
    return french.nbsp(french.count(number, noun))


@register.filter
def weight(size: int) -> str:
    """« 42 ko », where `filesizeformat` says « 41,6 Kio »."""
    return french.nbsp(models.weight(size))
