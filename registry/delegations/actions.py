"""Noting what the president decided by delegation, and giving the assembly account of it."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from law import findings, french
from law.regime import accounted_by
from meetings import journal, richtext
from meetings.actions import carrying, items, ledger, texts, undoing
from meetings.models import AgendaItem, Meeting
from members import faults
from members.models import Body, User
from registry.delegations import reading
from registry.models import Accounted, Deliberation, Ruling
from trail import recording as trail
from trail.models import Act


@transaction.atomic
def note_ruling(ruling: Ruling, *, by: User) -> Ruling:
    """Enter a decision of the president in the list of those to be told. Raises `Refused` for a
    number that another has."""
    Body.objects.select_for_update().get(pk=ruling.body_id)  # one at a time, each sees the others
    ruling.recorded_by = by
    faults.check(ruling)
    ruling.save()
    return ruling


@transaction.atomic
def drop_ruling(ruling: Ruling, *, by: User) -> None:
    """Take one out that was entered by mistake. Raises `Refused` once an account tells it."""
    if Accounted.objects.filter(ruling=ruling).exists():
        raise findings.refusal(
            "decision_dite",
            f"L’assemblée a su la décision {ruling.number}, ou va la savoir.",
            remedy="Retirez d’abord de l’ordre du jour le point qui en rend compte.",
        )
    journal.note(ruling.body, "ruling-dropped", f"Décision {ruling} retirée", by=by)
    on = french.long_date(ruling.decided_on)
    trail.note(
        Act.REMOVED,
        f"décision du président retirée : {ruling}, du {on}, {ruling.body}",
        by=by,
        organisation=ruling.body.organisation,
    )
    ruling.delete()


def give(meeting: Meeting, *, keys: Collection[str], by: User, at: datetime) -> AgendaItem:
    """Put on the agenda of this sitting the account of these decisions, as an item whose text and
    note tell them, that which tells others already if any; what it tells is not told again, unless
    the item is taken out.

    Raises `Refused` when the sitting is over, and when nothing of it is left to be told.
    """
    if (telling := reading.telling([meeting]).get(meeting.pk)) is not None:
        return _complete(telling, keys=keys, by=by, at=at)
    with undoing.kept(meeting, by=by) as act:
        _refuse_over(meeting)
        decisions = _chosen(meeting.body, keys, on=meeting.held_on)
        text = reading.composed(meeting, decisions)
        item = items.add_item(
            meeting,
            title=reading.TITLE,
            kind=AgendaItem.Kind.INFORMATION,
            text=text,
            after=carrying.last_before_closing(meeting.agenda),
            by=by,
        )
        brief = texts.brief_of(item)
        parts = texts.brief_parts(brief)
        texts.save_brief(item, parts=parts | {"note": text}, base=texts.brief_base(parts), by=by)
        _keep(meeting.body, decisions, item=item, by=by, at=at)
        count = french.count(len(decisions), "décision prise", "décisions prises")
        act.words = f"Compte rendu de {count} par délégation mis à l’ordre du jour"
    return item


@transaction.atomic
def _complete(item: AgendaItem, *, keys: Collection[str], by: User, at: datetime) -> AgendaItem:
    """Have an item tell these decisions too: in its one table, below it where somebody wrote in
    its text."""
    meeting = ledger.lock(item.meeting)
    _refuse_over(meeting)
    decisions = _chosen(meeting.body, keys, on=meeting.held_on)
    told = reading.of_item(item)
    before = richtext.clean(reading.composed(meeting, told))
    whole = sorted((*told, *decisions), key=lambda each: (each.on, each.key))
    after, below = reading.composed(meeting, whole), reading.composed(meeting, decisions)
    item.meeting = meeting
    text = after if item.text == before else item.text + below
    texts.save_text(item, text=text, version=item.text_version, by=by)
    parts = texts.brief_parts(texts.brief_of(item))
    note = after if parts["note"] == before else parts["note"] + below
    texts.save_brief(item, parts=parts | {"note": note}, base=texts.brief_base(parts), by=by)
    _keep(meeting.body, decisions, item=item, by=by, at=at)
    return item


def _refuse_over(meeting: Meeting) -> None:
    if meeting.stage not in (Meeting.Stage.PREPARED, Meeting.Stage.OPEN):
        raise findings.refusal(
            "seance_passee",
            "Cette séance est passée\u00a0: on n’y ajoute plus de point.",
            remedy="Rendez compte à la séance suivante.",
        )


@transaction.atomic
def told_elsewhere(
    meeting: Meeting, *, keys: Collection[str], told_on: date, by: User, at: datetime
) -> Sequence[reading.Decision]:
    """Note that the assembly knows these decisions already, by its sitting of that day: they are
    not offered again. Raises `Refused` for a day on which it could not be told: before a decision,
    to come, without a sitting (before its first one here, nobody knows). What nobody signed is none
    of them.
    """
    ledger.lock(meeting)
    decisions = _chosen(meeting.body, keys, on=meeting.held_on)
    findings.refuse(_untellable(meeting, decisions, told_on, today=timezone.localdate(at)))
    _keep(meeting.body, decisions, item=None, by=by, at=at)
    numbers = french.join([each.number for each in decisions])
    when = french.long_date(told_on)
    words = f"Décisions déjà sues, à la séance du {when}\u00a0: {numbers}"
    journal.note(meeting, "account-known", words, by=by)
    return decisions


def _untellable(
    meeting: Meeting, decisions: Sequence[reading.Decision], told_on: date, *, today: date
) -> Iterator[findings.Finding]:
    article, when = accounted_by(meeting.regime), french.long_date(told_on)
    held = reading.held_sittings(meeting.body)
    first = held.order_by("held_on").first()
    if told_on > today or (
        first is not None and told_on >= first.held_on and not held.filter(held_on=told_on).exists()
    ):
        yield findings.Finding(
            code="sans_seance",
            message=f"L’assemblée n’a pas tenu de séance le {when}.",
            article=article,
            remedy="Dites le jour de la séance où il en a été rendu compte.",
        )
    for each in decisions:
        if told_on < each.on:
            yield findings.Finding(
                code="pas_encore_prise",
                message=f"Le {when}, la décision {each.number}, du {french.long_date(each.on)}, "
                "n’était pas prise.",
                article=article,
                remedy="Dites une séance d’après, ou ne la cochez pas.",
            )


@transaction.atomic
def untell(line: Accounted, *, by: User) -> None:
    """Have a decision that was said to be known offered again. Raises `Refused` for one that an
    item tells: it goes with its item."""
    if line.item_id is not None:
        raise findings.refusal(
            "dite_par_un_point",
            "Un point d’une séance rend compte de cette décision.",
            remedy="Retirez ce point de l’ordre du jour.",
        )
    journal.note(line.body, "account-untold", f"{line}\u00a0: de nouveau à dire", by=by)
    line.delete()


def _chosen(body: Body, keys: Collection[str], *, on: date) -> list[reading.Decision]:
    found = [each for each in reading.untold(body, on=on) if each.key in keys]
    if not found:
        raise findings.refusal(
            "rien_a_dire",
            "Aucune décision n’est choisie, ou toutes sont déjà dites.",
            remedy="Cochez celles dont il faut rendre compte.",
        )
    return found


def _keep(
    body: Body,
    decisions: Sequence[reading.Decision],
    *,
    item: AgendaItem | None,
    by: User,
    at: datetime,
) -> None:
    """One row each, in place of that of a sitting that was called off."""
    for each in decisions:
        name = "deliberation" if isinstance(each.row, Deliberation) else "ruling"
        Accounted.objects.filter(**{name: each.row}).delete()
        Accounted.objects.create(**{name: each.row}, body=body, item=item, noted_by=by, noted_at=at)
