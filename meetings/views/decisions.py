"""An item, its votes and elections; why they came out so."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from law import ballots, sitting, voting, wording
from law.findings import Refused
from meetings import access, acts, briefs, majorities, reading
from meetings.actions import decisions
from meetings.forms import BallotForm, DebateForm, ElectionForm, FateForm
from meetings.models import AgendaItem
from meetings.views import shared
from members.access import posts, reads


def item_context(item: AgendaItem, **extra) -> dict:
    """All that the page of an item shows."""
    meeting = item.meeting
    state = reading.state_at(meeting, item)
    fate = meeting.sitting.fate(item.key)
    mode = voting.imposed_mode(state, meeting.regime) or ballots.Mode.ORDINARY
    unfinished = reading.unfinished(meeting, item.key)
    is_executive = item.kind == AgendaItem.Kind.EXECUTIVE
    return {
        **shared.around(item),
        "state": state,
        "quorum": reading.quorum_at(meeting, item),
        "when_verified": reading.when_verified(meeting, item),
        "at_vote": reading.at_vote(meeting, item),
        "decisions": reading.decisions(meeting, item),
        "unsaid": acts.amended(meeting).get(item.key),
        "fate_sentence": reading.fate_sentence(meeting, item),
        "debate": DebateForm(initial={"text": item.text, "version": item.text_version}),
        "ballot": BallotForm(
            state=state,
            item=item.key,
            regime=meeting.regime,
            initial={
                "mode": mode,
                "majority": "comptes"
                if item.kind == AgendaItem.Kind.ACCOUNTS
                else majorities.ORDINARY,
            },
        ),
        "election": ElectionForm(
            state=state,
            item=item.key,
            is_executive=is_executive,
            initial=reading.as_typed(unfinished, state.composition)
            if unfinished
            else reading.usual_election(item),
        ),
        "fate": FateForm(
            initial={"fate": fate.fate if fate else "", "note": fate.note if fate else ""}
        ),
        "rapporteur": briefs.name_of(meeting, item.rapporteur),
        "is_unfinished": unfinished is not None,
        "is_election": item.kind in AgendaItem.ELECTIONS,
        "may_write": True,
    } | extra


@reads
def item(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One item: what was said, what was voted, what became of it."""
    found = access.get_item(request, pk, key, to="write")
    return render(request, "meetings/item.html", item_context(found))


def _decision_answer(
    request: HttpRequest, item: AgendaItem, *, status: int = 200, **extra
) -> HttpResponse:
    if status == 200:
        came_from_agenda = request.POST.get("from") == "agenda"
        return redirect("meetings:agenda", item.meeting.pk) if came_from_agenda else redirect(item)
    return render(request, "meetings/item.html", item_context(item, **extra), status=status)


@posts
def adopt(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One click: everybody who may vote votes for."""
    found = access.get_item(request, pk, key, to="write")
    try:
        findings = decisions.hold_ballot(
            found.meeting, ballot=reading.plain_ballot(found.meeting, found.key), by=request.user
        )
    except Refused as refusal:
        return _decision_answer(request, found, status=409, findings=refusal.findings)
    shared.warn(request, findings)
    return _decision_answer(request, found)


def _ballot_form(request: HttpRequest, item: AgendaItem) -> BallotForm:
    return BallotForm(
        request.POST,
        state=reading.state_at(item.meeting, item),
        item=item.key,
        regime=item.meeting.regime,
    )


@posts
def hold_ballot(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Record a vote by its exceptions, by names or by counts."""
    found = access.get_item(request, pk, key, to="write")
    form = _ballot_form(request, found)
    if form.does(
        lambda: decisions.hold_ballot(found.meeting, ballot=form.ballot(), by=request.user)
    ):
        shared.warn(request, form.done)
        return _decision_answer(request, found)
    return _decision_answer(request, found, status=422, ballot=form)


@posts
def preview_ballot(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The sentence these votes would print, as they are being entered; nothing is recorded."""
    found = access.get_item(request, pk, key, to="write")
    form = _ballot_form(request, found)
    context = {"form": form}
    if form.is_valid():
        context["outcome"], context["sentence"] = reading.decide(
            found.meeting, reading.subject(found), form.ballot(), form.state
        )
    return render(request, "meetings/_ballot_preview.html", context)


@posts
def hold_election(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Record an election, its rounds, its lists or its sole candidature."""
    found = access.get_item(request, pk, key, to="write")
    state = reading.state_at(found.meeting, found)
    form = ElectionForm(
        request.POST,
        state=state,
        item=found.key,
        is_executive=found.kind == AgendaItem.Kind.EXECUTIVE,
    )
    if form.does(
        lambda: decisions.hold_election(found.meeting, election=form.election(), by=request.user)
    ):
        shared.warn(request, form.done)
        return _decision_answer(request, found)
    return _decision_answer(request, found, status=422, election=form)


@posts
def note_fate(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """What became of an item without a vote."""
    found = access.get_item(request, pk, key, to="write")
    form = FateForm(request.POST)
    if form.is_valid():
        try:
            findings = decisions.note_fate(
                found.meeting, item=found.key, **form.cleaned_data, by=request.user
            )
        except Refused as refusal:
            return _decision_answer(request, found, status=409, findings=refusal.findings)
        shared.warn(request, findings)
        return _decision_answer(request, found)
    return _decision_answer(request, found, status=422, fate=form)


@reads
def why_decision(request: HttpRequest, pk: int, seq: int) -> HttpResponse:
    """« Pourquoi ? » of a ballot or an election: the count, the majority, who could vote."""
    meeting = access.get_meeting(request, pk)
    grounds = reading.grounds(meeting, seq)
    if grounds is None:
        raise Http404
    composition, telling = grounds.state.composition, reading.telling(meeting)
    context = {
        "meeting": meeting,
        "grounds": grounds,
        "voices": [
            (composition[voice.seat], composition.someone(voice.caster), voice)
            for voice in grounds.state.voices
        ],
        "withdrawn": [composition[key] for key in grounds.state.recused if key in composition],
        "used": [(event, wording.title(event), telling.line(event)) for event in grounds.used],
        "may_write": access.can_write(request.user, meeting),
    }
    return render(request, "meetings/why_decision.html", context)


@reads
def why(request: HttpRequest, pk: int, key: str = "") -> HttpResponse:
    """« Pourquoi ? »: the count of the quorum, the rules in force and the lines of the ledger."""
    meeting = access.get_meeting(request, pk)
    if key and key not in meeting.agenda:
        raise Http404
    node = meeting.agenda[key] if key else None
    state = reading.state_at(meeting, node.item) if node else meeting.sitting.at_opening
    answer = meeting.quorum_of(state)
    voices = {voice.seat: voice for voice in state.voices}
    moved = {} if node else reading.until(meeting)  # of an item, its own moment is told
    people = [
        {
            "member": member,
            "standing": reading.standing(member, state) + moved.get(member.key, ""),
            "voice": voices.get(member.key),
        }
        for member in state.composition.titulars
    ]
    # Who came is no more away for having no vote.
    away = [
        each for each in people if each["voice"] is None and each["member"].key not in state.room
    ]
    telling = reading.telling(meeting)
    used = [
        (event, wording.title(event), telling.line(event))
        for event in meeting.sitting.events
        if wording.is_movement(event) or isinstance(event, sitting.Arrived | sitting.Excused)
    ]
    context = {
        "meeting": meeting,
        "node": node,
        "quorum": answer,
        "people": [each for each in people if each not in away],
        "away": away,
        "is_to_come": not meeting.ledger,
        "later": "" if node else reading.since_opening(meeting),
        "voices": len(voices),
        "used": used,
        "may_write": access.can_write(request.user, meeting),
    }
    return render(request, "meetings/why.html", context)
