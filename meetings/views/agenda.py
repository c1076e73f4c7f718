"""The agenda, and the items it is made of."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from law.findings import Refused
from meetings import access, briefs, reading
from meetings.actions import carrying, decisions, items, preparing
from meetings.forms import ItemForm, QuickItemForm
from meetings.models import AgendaItem, Meeting
from meetings.prepare_forms import CopyAgendaForm
from meetings.views import shared
from members.access import edits, posts


def _agenda_context(meeting: Meeting, **extra) -> dict:
    lines = list(reading.lines(meeting))
    return {
        "meeting": meeting,
        "tab": "agenda",
        "lines": list(zip(lines, briefs.of(meeting), strict=True)),
        "proposals": briefs.proposals(meeting),
        "earlier": briefs.earlier_agendas(meeting),
        "en_bloc": sum(line.awaits_a_vote for line in lines) if meeting.was_opened else 0,
        "quick": QuickItemForm(meeting=meeting),
        "others": _to_examine(meeting),
        "kept_for_one_place": meeting.kept_for_one_place,
        "may_write": True,
    } | extra


def _to_examine(meeting: Meeting) -> list[Meeting]:
    """Coming sittings of the other bodies, whose agenda this one may examine."""
    return list(
        Meeting.objects.filter(
            body__organisation=meeting.organisation, held_on__gte=meeting.held_on
        )
        .exclude(body=meeting.body)
        .select_related("body")
        .order_by("held_on")[:5]
    )


@edits
def agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """The agenda as a tree; a line at its foot adds the next item."""
    meeting = access.get_meeting(request, pk, to="write")
    form = QuickItemForm(shared.posted(request), meeting=meeting)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            items.add_item(
                meeting, title=data["title"], kind=data["kind"], **form.place(), by=request.user
            )
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            return _agenda_answer(request, meeting, just_added=True, after=data)
    if form.is_bound:
        return _agenda_answer(request, meeting, status=422, quick=form)
    return render(request, "meetings/agenda.html", _agenda_context(meeting))


def _agenda_answer(
    request: HttpRequest, meeting: Meeting, *, status: int = 200, after: dict | None = None, **extra
) -> HttpResponse:
    if not request.htmx and status == 200:
        return redirect("meetings:agenda", meeting.pk)
    if after is not None:
        # The next item is likely to be of the same nature, in the same section.
        kind, parent = after["kind"], after.get("parent", "")
        if kind == AgendaItem.Kind.SECTION:
            kind = AgendaItem.Kind.DELIBERATION
            parent = meeting.items.latest("pk").key
        elif kind == AgendaItem.Kind.MISCELLANEOUS:
            kind = AgendaItem.Kind.DELIBERATION
        extra["quick"] = QuickItemForm(meeting=meeting, initial={"kind": kind, "parent": parent})
        extra["told"] = f"Point ajouté : « {after['title']} »."
    template = "meetings/_agenda.html" if request.htmx else "meetings/agenda.html"
    return render(request, template, _agenda_context(meeting, **extra), status=status)


@posts
def examine(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring in the items of another body's coming sitting, texts included."""
    meeting = access.get_meeting(request, pk, to="write")
    other = next((m for m in _to_examine(meeting) if str(m.pk) == request.POST.get("other")), None)
    if other is None:
        raise Http404
    title = request.POST.get("title") or f"Examen de l’ordre du jour du {other.body.name}"
    try:
        added = items.examine_agenda(
            meeting, other=other, section_title=title[:500], by=request.user
        )
    except Refused as refusal:
        return _agenda_answer(request, meeting, status=409, findings=refusal.findings)
    count = "1 point repris" if len(added) == 1 else f"{len(added)} points repris"
    messages.success(request, f"{count} de la séance du {other.held_on:%d/%m/%Y}.")
    return redirect("meetings:agenda", meeting.pk)


@posts
def adopt_all(request: HttpRequest, pk: int) -> HttpResponse:
    """En bloc: every item that awaits a vote is adopted at once, or none if one objects."""
    meeting = access.get_meeting(request, pk, to="write")
    awaiting = [line.node.item.key for line in reading.lines(meeting) if line.awaits_a_vote]
    try:
        decisions.hold_ballots(
            meeting,
            ballots=[reading.plain_ballot(meeting, key) for key in awaiting],
            by=request.user,
        )
    except Refused as refusal:
        return _agenda_answer(request, meeting, status=409, findings=refusal.findings)
    count = "1 point adopté" if len(awaiting) == 1 else f"{len(awaiting)} points adoptés"
    messages.success(request, f"{count} en bloc." if awaiting else "Aucun point n’attend de vote.")
    return redirect("meetings:agenda", meeting.pk)


@edits
def edit_item(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The title and nature of an item."""
    found = access.get_item(request, pk, key, to="write")
    form = ItemForm(shared.posted(request), instance=found, meeting=found.meeting)
    if request.method == "POST" and form.is_valid():
        also = form.cleaned_data["also_approves"]
        columns = [name for name in form.Meta.fields if name != "also_approves"]
        preparing.change(found, fields=columns, also_approves=also, by=request.user)
        return redirect(found)
    context = {"meeting": found.meeting, "tab": "agenda", "item": found, "form": form}
    return render(request, "meetings/edit_item.html", context, status=422 if form.is_bound else 200)


@posts
def set_kind(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Give an item the nature that its title suggests, in one touch."""
    found = access.get_item(request, pk, key, to="write")
    if found.likely_kind is not None:
        found.kind, words = found.likely_kind
        preparing.change(found, fields=["kind"], by=request.user)
        messages.success(request, f"« {found.title} » : {words}.")
    return redirect(f"{reverse('meetings:agenda', args=[pk])}#point-{key}")


@posts
def move_item(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Put an item elsewhere in the tree: by drag, by key, or by a button (`move`)."""
    found = access.get_item(request, pk, key, to="write")
    meeting = found.meeting
    if "move" in request.POST:
        node, position = meeting.agenda.destination(key, request.POST["move"]) or (None, None)
        parent = node.item if node else None
    else:
        parent_key = request.POST.get("parent", "")
        if parent_key and parent_key not in meeting.agenda:
            raise Http404
        parent = meeting.agenda[parent_key].item if parent_key else None
        given = request.POST.get("position", "")
        position = int(given) if given.isascii() and given.isdecimal() else len(meeting.agenda)
    if position is None:
        messages.info(request, f"« {found.title} » ne peut pas aller plus loin dans ce sens.")
    else:
        try:
            items.move_item(found, parent=parent, position=position, by=request.user)
        except Refused as refusal:
            return _agenda_answer(request, meeting, status=409, findings=refusal.findings)
    if request.htmx:
        return _agenda_answer(request, meeting)
    return redirect(f"{reverse('meetings:agenda', args=[pk])}#point-{key}")


@posts
def remove_item(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Take an item out, unless the ledger speaks of it."""
    found = access.get_item(request, pk, key, to="write")
    try:
        items.remove_item(found, by=request.user)
    except Refused as refusal:
        return _agenda_answer(request, found.meeting, status=409, findings=refusal.findings)
    messages.success(request, f"Le point « {found.title} » est retiré de l’ordre du jour.")
    return redirect("meetings:agenda", found.meeting.pk)


@posts
def take_proposals(request: HttpRequest, pk: int) -> HttpResponse:
    """Add what is offered: one of the proposals, or all of them."""
    meeting = access.get_meeting(request, pk, to="write")
    wanted = request.POST.get("what", "")
    chosen = [each for each in briefs.proposals(meeting) if wanted in (each.key, "tout")]
    if not chosen:
        messages.info(request, "Ce point est déjà à l’ordre du jour, ou n’est plus proposé.")
        return redirect("meetings:agenda", pk)
    try:
        carrying.take_proposals(meeting, proposals=chosen, by=request.user)
    except Refused as refusal:
        shared.say_refusals(request, refusal.findings)
    else:
        count = "1 point ajouté" if len(chosen) == 1 else f"{len(chosen)} points ajoutés"
        messages.success(request, f"{count}.")
    return redirect("meetings:agenda", pk)


@posts
def copy_agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up the agenda of an earlier sitting of the body."""
    meeting = access.get_meeting(request, pk, to="write")
    earlier = briefs.earlier_agendas(meeting)
    form = CopyAgendaForm(request.POST, earlier=earlier)
    if not form.is_valid():
        raise Http404
    source = next(each for each in earlier if str(each.pk) == form.cleaned_data["source"])
    added = carrying.copy_agenda(
        meeting, source=source, with_briefs=form.cleaned_data["with_briefs"], by=request.user
    )
    if added:
        count = "1 point repris" if len(added) == 1 else f"{len(added)} points repris"
        messages.success(request, f"{count} de la séance du {source.held_on:%d/%m/%Y}.")
    else:
        messages.info(request, "Tout ce que cette séance avait est déjà à l’ordre du jour.")
    return redirect("meetings:agenda", pk)
