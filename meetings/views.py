"""The pages of a sitting: fetch, form, verb, answer."""

from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from law import assembly, ballots, codec, quorum, sitting, voting, wording
from law.findings import Finding, Refused
from meetings import access, briefs, composition, reading
from meetings.actions import attendance, conduct, decisions, items, ledger, preparing, texts
from meetings.forms import (
    BallotForm,
    ConductForm,
    DebateForm,
    ElectionForm,
    FateForm,
    ItemForm,
    MeetingFilter,
    MeetingForm,
    MovementForm,
    QuickItemForm,
)
from meetings.models import AgendaItem, Meeting
from members.access import CLERKS, bodies_read_by, has_role, organisation_of, role_required
from members.models import Role

PAGE_SIZE = 25


def _warn(request: HttpRequest, findings: Iterable[Finding]) -> None:
    for finding in findings:
        messages.warning(request, str(finding))


def _posted(request: HttpRequest):
    """What was posted, an empty form included; `None` when the page is only asked for."""
    return request.POST if request.method == "POST" else None


# --- Lists ------------------------------------------------------------------------------------


@role_required(*Role.Kind.values)
def home(request: HttpRequest) -> HttpResponse:
    """What is coming, what was held, and what still awaits somebody."""
    today = timezone.localdate()
    meetings = access.meetings_read_by(request)
    return render(
        request,
        "meetings/home.html",
        {
            "upcoming": meetings.upcoming(today).order_by("held_on", "starts_at")[:6],
            "recent": meetings.filter(held_on__lt=today)[:6],
            "unfinished": meetings.filter(held_on__lt=today)
            .exclude(stage=Meeting.Stage.ISSUED)
            .order_by("held_on")[:6],
            "may_write": has_role(request.user, organisation_of(request), Role.Kind.SECRETARIAT),
        },
    )


@role_required(*Role.Kind.values)
def meeting_list(request: HttpRequest) -> HttpResponse:
    """Every sitting one may read, filtered by body, year and stage."""
    organisation = organisation_of(request)
    meetings = access.meetings_read_by(request)
    years = [day.year for day in meetings.dates("held_on", "year", order="DESC")]
    form = MeetingFilter(
        request.GET or None, bodies=bodies_read_by(request.user, organisation), years=years
    )
    page = Paginator(form.apply(meetings) if form.is_bound else meetings, PAGE_SIZE)
    return render(
        request,
        "meetings/list.html",
        {
            "form": form,
            "page_obj": page.get_page(request.GET.get("page")),
            "may_write": has_role(request.user, organisation, Role.Kind.SECRETARIAT),
        },
    )


# --- Preparing --------------------------------------------------------------------------------


@role_required(Role.Kind.SECRETARIAT)
def create(request: HttpRequest) -> HttpResponse:
    """A new sitting, filled in from the habits of its body."""
    organisation = organisation_of(request)
    bodies = list(organisation.bodies.filter(is_active=True))
    chosen = next((b for b in bodies if str(b.pk) == request.GET.get("instance")), None)
    if chosen is None and len(bodies) == 1:
        chosen = bodies[0]
    initial = {}
    if chosen is not None:
        initial = {
            "body": chosen,
            "starts_at": chosen.usual_time,
            "place": chosen.usual_place,
        }
    form = MeetingForm(_posted(request), organisation=organisation, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = preparing.create_meeting(**form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            return redirect("meetings:attendance", meeting.pk)
    status = 422 if form.is_bound else 200
    context = {"form": form, "bodies": bodies, "chosen": chosen}
    return render(request, "meetings/create.html", context, status=status)


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Date, hour, place, convocation."""
    meeting = access.get_meeting(request, pk, to="write")
    form = MeetingForm(_posted(request), instance=meeting, organisation=meeting.organisation)
    if request.method == "POST" and form.is_valid():
        preparing.change(meeting, fields=form.Meta.fields, by=request.user)
        messages.success(request, "La séance est modifiée.")
        return redirect(meeting)
    context = {"form": form, "meeting": meeting}
    return render(request, "meetings/edit.html", context, status=422 if form.is_bound else 200)


@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """A sitting prepared by mistake may go; one whose ledger is begun may not."""
    meeting = access.get_meeting(request, pk, to="write")
    if request.method == "POST":
        try:
            preparing.delete_meeting(meeting, by=request.user)
        except Refused as refusal:
            context = {"meeting": meeting, "findings": refusal.findings}
            return render(request, "meetings/delete.html", context, status=409)
        messages.success(request, "La séance est supprimée.")
        return redirect("meetings:list")
    return render(request, "meetings/delete.html", {"meeting": meeting})


@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The sitting at a glance, for whoever may read it; what remains to be done, for its keeper."""
    meeting = access.get_meeting(request, pk)
    state = meeting.sitting.at_end
    lines = list(reading.lines(meeting))
    may_write = access.can_write(request.user, meeting)
    notice = reading.notice(meeting)
    return render(
        request,
        "meetings/detail.html",
        {
            "meeting": meeting,
            "tab": "detail",
            "may_write": may_write,
            "may_read_files": access.may_read_files(request.user, meeting),
            "columns": reading.roll(meeting),
            "quorum": reading.quorum_at_opening(meeting),
            "notice": notice,
            "doubts": reading.doubts(notice) if notice and may_write else (),
            "lines": lines,
            "state": state,
            "chair": _named(meeting, state.chair),
            "clerks": [_named(meeting, key) for key in state.clerks],
            "remaining": [
                (what, reverse(f"meetings:{page}", args=[meeting.pk]))
                for what, page in (reading.remaining(meeting, lines) if may_write else ())
            ],
        },
    )


def _named(meeting: Meeting, key: str) -> str:
    members = meeting.basis.composition
    return members[key].name if key in members else ""


# --- Attendance -------------------------------------------------------------------------------


def _attendance_context(meeting: Meeting, **extra) -> dict:
    state = meeting.sitting.at_end
    live = meeting.ledger and isinstance(meeting.ledger[0], sitting.Composed)
    today = composition.of(meeting.body, meeting.held_on) if live else None
    return {
        "meeting": meeting,
        "tab": "attendance",
        "columns": reading.roll(meeting),
        "quorum": reading.quorum_at_opening(meeting),
        "state": state,
        "conduct": ConductForm(meeting=meeting),
        "movements": reading.movements(meeting),
        "movement_kinds": MovementForm.KINDS,
        "is_recomposed": today is not None and _is_other(today, meeting.basis),
        "may_write": True,
    } | extra


def _is_other(today: sitting.Composed, basis: sitting.Composed) -> bool:
    return (today.composition, today.regime) != (basis.composition, basis.regime)


# Pages that are written in are never taken back from a cache: "back" would show what the sitting
# was before, and the next key would save over it.
@never_cache
@login_required
def show_attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """The roll by constituency, the quorum that explains itself, who chairs, what moves."""
    meeting = access.get_meeting(request, pk, to="write")
    return render(request, "meetings/attendance.html", _attendance_context(meeting))


def _attendance_answer(
    request: HttpRequest, meeting: Meeting, *, status: int = 200, **extra
) -> HttpResponse:
    """The changed part of the page for htmx, the page itself otherwise."""
    if request.htmx:
        context = _attendance_context(meeting, **extra)
        return render(request, "meetings/_attendance.html", context, status=status)
    if status == 200:
        return redirect("meetings:attendance", meeting.pk)
    context = _attendance_context(meeting, **extra)
    return render(request, "meetings/attendance.html", context, status=status)


@require_POST
@login_required
def point_roll(request: HttpRequest, pk: int) -> HttpResponse:
    """One click: this person (or everybody at once) was present, excused or absent."""
    meeting = access.get_meeting(request, pk, to="write")
    standing = request.POST.get("standing", "")
    members = meeting.basis.composition
    if request.POST.get("member") == "tous":
        chosen = [
            row.member.key
            for column in reading.roll(meeting)
            for row in column.rows
            if row.pointed == "absent" and row.member.capacity is assembly.Capacity.TITULAR
        ]
    else:
        chosen = [request.POST.get("member", "")]
    if standing not in {"present", "excuse", "absent"} or any(k not in members for k in chosen):
        finding = Finding(
            code="appel", message="Cette personne ou cet état n’est pas dans la composition."
        )
        return _attendance_answer(request, meeting, status=422, findings=(finding,))
    try:
        attendance.set_roll(meeting, standings=dict.fromkeys(chosen, standing), by=request.user)
    except Refused as refusal:
        return _attendance_answer(request, meeting, status=409, findings=refusal.findings)
    return _attendance_answer(request, meeting)


@require_POST
@login_required
def save_conduct(request: HttpRequest, pk: int) -> HttpResponse:
    """Chair, clerks, opening and closing."""
    meeting = access.get_meeting(request, pk, to="write")
    form = ConductForm(request.POST, meeting=meeting)
    if form.is_valid():
        try:
            findings = conduct.set_conduct(meeting, **form.values(), by=request.user)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            _warn(request, findings)
            messages.success(request, "La conduite de la séance est enregistrée.")
            return redirect("meetings:attendance", meeting.pk)
    context = _attendance_context(meeting, conduct=form)
    return render(request, "meetings/attendance.html", context, status=422)


@login_required
def movement(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Tell one movement: arrival, departure, proxy, withdrawal, suspension, huis clos…"""
    meeting = access.get_meeting(request, pk, to="write")
    if kind not in MovementForm.KINDS:
        raise Http404
    form = MovementForm(_posted(request), meeting=meeting, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            findings = _tell(meeting, form, by=request.user)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            _warn(request, findings)
            messages.success(request, "C’est noté au registre.")
            return redirect("meetings:attendance", meeting.pk)
    context = {
        "meeting": meeting,
        "tab": "attendance",
        "form": form,
        "kind": kind,
        "kinds": MovementForm.KINDS,
        "may_write": True,
    }
    status = 422 if form.is_bound else 200
    return render(request, "meetings/movement.html", context, status=status)


def _tell(meeting: Meeting, form: MovementForm, *, by) -> tuple[Finding, ...]:
    event = form.event()
    if isinstance(event, sitting.Arrived):
        return attendance.arrive(meeting, event, by=by)
    return ledger.record(meeting, event, by=by)


@login_required
def hours(request: HttpRequest, pk: int, member: str) -> HttpResponse:
    """Shortcut from a name of the roll to the arrival or departure of that person."""
    meeting = access.get_meeting(request, pk, to="write")
    if member not in meeting.basis.composition:
        raise Http404
    row = next(
        row for column in reading.roll(meeting) for row in column.rows if row.member.key == member
    )
    kind = request.GET.get("mouvement", "left" if row.pointed == "present" else "arrived")
    if kind not in {"arrived", "left"}:
        raise Http404
    form = MovementForm(meeting=meeting, kind=kind, initial={"member": member})
    context = {
        "meeting": meeting,
        "tab": "attendance",
        "form": form,
        "kind": kind,
        "kinds": MovementForm.KINDS,
        "may_write": True,
    }
    return render(request, "meetings/movement.html", context)


@require_POST
@login_required
def recompose(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up the composition as the mandates tell it today, after one was corrected."""
    meeting = access.get_meeting(request, pk, to="write")
    try:
        _warn(request, attendance.recompose(meeting, by=request.user))
    except Refused as refusal:
        return _attendance_answer(request, meeting, status=409, findings=refusal.findings)
    messages.success(request, "La composition de la séance est à jour.")
    return redirect("meetings:attendance", meeting.pk)


@login_required
def why(request: HttpRequest, pk: int, key: str = "") -> HttpResponse:
    """« Pourquoi ? »: the count of the quorum, the rules in force and the lines of the ledger."""
    meeting = access.get_meeting(request, pk)
    if key and key not in meeting.agenda:
        raise Http404
    node = meeting.agenda[key] if key else None
    state = reading.state_at(meeting, node.item) if node else meeting.sitting.at_opening
    answer = quorum.of(state, meeting.regime, second_call=meeting.second_call_of_id is not None)
    voices = {voice.seat: voice for voice in state.voices}
    people = [
        {
            "member": member,
            "standing": reading.standing(member, state),
            "voice": voices.get(member.key),
        }
        for member in state.composition.titulars
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
        "people": people,
        "voices": len(voices),
        "used": used,
        "may_write": access.can_write(request.user, meeting),
    }
    return render(request, "meetings/why.html", context)


@login_required
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
            (composition[voice.seat], composition[voice.caster], voice)
            for voice in grounds.state.voices
        ],
        "withdrawn": [composition[key] for key in grounds.state.recused if key in composition],
        "used": [(event, wording.title(event), telling.line(event)) for event in grounds.used],
        "may_write": access.can_write(request.user, meeting),
    }
    return render(request, "meetings/why_decision.html", context)


# --- Agenda -----------------------------------------------------------------------------------


def _agenda_context(meeting: Meeting, **extra) -> dict:
    lines = list(reading.lines(meeting))
    return {
        "meeting": meeting,
        "tab": "agenda",
        "lines": list(zip(lines, briefs.of(meeting), strict=True)),
        "proposals": briefs.proposals(meeting),
        "earlier": briefs.earlier_agendas(meeting),
        "en_bloc": sum(line.awaits_a_vote for line in lines) if meeting.sitting.at_end.room else 0,
        "quick": QuickItemForm(meeting=meeting),
        "others": _to_examine(meeting),
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


@never_cache
@login_required
def agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """The agenda as a tree; a line at its foot adds the next item."""
    meeting = access.get_meeting(request, pk, to="write")
    form = QuickItemForm(_posted(request), meeting=meeting)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            items.add_item(
                meeting, title=data["title"], kind=data["kind"], **form.place(), by=request.user
            )
        except Refused as refusal:
            for finding in refusal.findings:
                form.add_error(
                    finding.field if finding.field in form.fields else None, str(finding)
                )
        else:
            return _agenda_answer(request, meeting, just_added=True, after=data)
    status = 422 if form.is_bound else 200
    extra = {"quick": form} if form.is_bound else {}
    return render(request, "meetings/agenda.html", _agenda_context(meeting, **extra), status=status)


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
    template = "meetings/_agenda.html" if request.htmx else "meetings/agenda.html"
    return render(request, template, _agenda_context(meeting, **extra), status=status)


@require_POST
@login_required
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


@require_POST
@login_required
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


def _item_context(item: AgendaItem, **extra) -> dict:
    meeting = item.meeting
    node = meeting.agenda[item.key]
    nodes = list(meeting.agenda.nodes)
    index = nodes.index(node)
    state = reading.state_at(meeting, item)
    fate = meeting.sitting.fate(item.key)
    mode = voting.imposed_mode(state, meeting.regime) or ballots.Mode.ORDINARY
    return {
        "meeting": meeting,
        "tab": "agenda",
        "item": item,
        "node": node,
        "previous": nodes[index - 1] if index else None,
        "next": nodes[index + 1] if index + 1 < len(nodes) else None,
        "rank": index + 1,
        "total": len(nodes),
        "state": state,
        "quorum": reading.quorum_at(meeting, item),
        "decisions": reading.decisions(meeting, item),
        "fate_sentence": reading.fate_sentence(meeting, item),
        "debate": DebateForm(initial={"text": item.text, "version": item.text_version}),
        "ballot": BallotForm(
            state=state, item=item.key, regime=meeting.regime, initial={"mode": mode}
        ),
        "election": ElectionForm(state=state, item=item.key),
        "fate": FateForm(
            initial={"fate": fate.fate if fate else "", "note": fate.note if fate else ""}
        ),
        "rapporteur": _named(meeting, item.rapporteur),
        "may_write": True,
    } | extra


@never_cache
@login_required
def item(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One item: what was said, what was voted, what became of it."""
    found = access.get_item(request, pk, key, to="write")
    return render(request, "meetings/item.html", _item_context(found))


@login_required
def edit_item(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The title and nature of an item."""
    found = access.get_item(request, pk, key, to="write")
    form = ItemForm(_posted(request), instance=found, meeting=found.meeting)
    if request.method == "POST" and form.is_valid():
        preparing.change(found, fields=form.Meta.fields, by=request.user)
        return redirect(found)
    context = {"meeting": found.meeting, "tab": "agenda", "item": found, "form": form}
    return render(request, "meetings/edit_item.html", context, status=422 if form.is_bound else 200)


@require_POST
@login_required
def move_item(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Put an item elsewhere in the tree: by drag, by key, or by a button (`move`)."""
    found = access.get_item(request, pk, key, to="write")
    meeting = found.meeting
    if "move" in request.POST:
        return _move_one_step(request, found, request.POST["move"])
    parent_key = request.POST.get("parent", "")
    if parent_key and parent_key not in meeting.agenda:
        raise Http404
    parent = meeting.agenda[parent_key].item if parent_key else None
    try:
        position = int(request.POST.get("position", ""))
    except ValueError:
        position = len(meeting.agenda)
    try:
        items.move_item(found, parent=parent, position=position, by=request.user)
    except Refused as refusal:
        return _agenda_answer(request, meeting, status=409, findings=refusal.findings)
    return _agenda_answer(request, meeting)


def _move_one_step(request: HttpRequest, item: AgendaItem, move: str) -> HttpResponse:
    """A button pressed where JavaScript does not run."""
    meeting = item.meeting
    place = meeting.agenda.destination(item.key, move)
    if place is None:
        messages.info(request, f"« {item.title} » ne peut pas aller plus loin dans ce sens.")
    else:
        parent, position = place
        try:
            items.move_item(
                item, parent=parent.item if parent else None, position=position, by=request.user
            )
        except Refused as refusal:
            return _agenda_answer(request, meeting, status=409, findings=refusal.findings)
    back = reverse("meetings:agenda", args=[meeting.pk])
    return redirect(f"{back}#point-{item.key}")


@require_POST
@login_required
def remove_item(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Take an item out, unless the ledger speaks of it."""
    found = access.get_item(request, pk, key, to="write")
    try:
        items.remove_item(found, by=request.user)
    except Refused as refusal:
        return _agenda_answer(request, found.meeting, status=409, findings=refusal.findings)
    messages.success(request, f"Le point « {found.title} » est retiré de l’ordre du jour.")
    return redirect("meetings:agenda", found.meeting.pk)


# --- What was said ----------------------------------------------------------------------------


@require_POST
@login_required
def save_text(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Saved as one types. 409 with the address of the conflict page when somebody else wrote."""
    found = access.get_item(request, pk, key, to="write")
    form = DebateForm(request.POST)
    wants_json = "application/json" in request.headers.get("Accept", "")
    if not form.is_valid():
        errors = " ".join(str(e) for errors in form.errors.values() for e in errors)
        if wants_json:
            return JsonResponse({"error": errors}, status=422)
        return render(request, "meetings/item.html", _item_context(found, debate=form), status=422)
    try:
        saved = texts.save_text(found, **form.cleaned_data, by=request.user)
    except texts.Conflict as conflict:
        request.session[_conflict_key(found)] = conflict.text
        request.session[_came_from_key(found)] = request.POST.get("came_from", "")
        url = reverse("meetings:conflict", args=[pk, key])
        return JsonResponse({"conflict": url}, status=409) if wants_json else redirect(url)
    if wants_json:
        at = timezone.localtime()
        return JsonResponse({"version": saved.text_version, "saved_at": f"{at:%H:%M}"})
    return redirect(found)


def _conflict_key(item: AgendaItem) -> str:
    return f"conflit-{item.pk}"


def _came_from_key(item: AgendaItem) -> str:
    return f"conflit-{item.pk}-depuis"


def _written_on(request: HttpRequest, item: AgendaItem) -> str:
    """The page of ours on which the text was being written: the item’s, or another that has it."""
    path = request.session.get(_came_from_key(item), "")
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else item.get_absolute_url()


@never_cache
@login_required
def conflict(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Two people wrote the same text: both are shown, the editor keeps what she wants of each."""
    found = access.get_item(request, pk, key, to="write")
    ours = request.session.get(_conflict_key(found))
    written_on = _written_on(request, found)
    if ours is None:
        return redirect(written_on)
    form = DebateForm(request.POST or {"text": ours, "version": found.text_version})
    if request.method == "POST" and form.is_valid():
        try:
            texts.save_text(found, **form.cleaned_data, by=request.user)
        except texts.Conflict as again:
            request.session[_conflict_key(found)] = again.text
            messages.warning(request, "Le texte vient encore de changer.")
            return redirect("meetings:conflict", pk, key)
        del request.session[_conflict_key(found)]
        messages.success(request, "Le texte est enregistré.")
        return redirect(written_on)
    latest = found.revisions.select_related("saved_by").first()
    context = {
        "meeting": found.meeting,
        "tab": "agenda",
        "item": found,
        "theirs": found.text,
        "ours": ours,
        "latest": latest,
        "form": form,
        "written_on": written_on,
    }
    return render(request, "meetings/conflict.html", context)


# --- Decisions --------------------------------------------------------------------------------


def _decision_answer(
    request: HttpRequest, item: AgendaItem, *, status: int = 200, **extra
) -> HttpResponse:
    if status == 200:
        came_from_agenda = request.POST.get("from") == "agenda"
        return redirect("meetings:agenda", item.meeting.pk) if came_from_agenda else redirect(item)
    return render(request, "meetings/item.html", _item_context(item, **extra), status=status)


@require_POST
@login_required
def adopt(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One click: everybody who may vote votes for."""
    found = access.get_item(request, pk, key, to="write")
    try:
        findings = decisions.hold_ballot(
            found.meeting,
            ballot=reading.plain_ballot(found.meeting, found.key),
            by=request.user,
        )
    except Refused as refusal:
        return _decision_answer(request, found, status=409, findings=refusal.findings)
    _warn(request, findings)
    return _decision_answer(request, found)


def _ballot_form(request: HttpRequest, item: AgendaItem) -> BallotForm:
    return BallotForm(
        request.POST,
        state=reading.state_at(item.meeting, item),
        item=item.key,
        regime=item.meeting.regime,
    )


@require_POST
@login_required
def hold_ballot(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Record a vote by its exceptions, by names or by counts."""
    found = access.get_item(request, pk, key, to="write")
    form = _ballot_form(request, found)
    if form.is_valid():
        try:
            findings = decisions.hold_ballot(found.meeting, ballot=form.ballot(), by=request.user)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            _warn(request, findings)
            return _decision_answer(request, found)
    return _decision_answer(request, found, status=422, ballot=form)


@require_POST
@login_required
def preview_ballot(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """The sentence these votes would print, as they are being entered; nothing is recorded."""
    found = access.get_item(request, pk, key, to="write")
    form = _ballot_form(request, found)
    context = {"form": form}
    if form.is_valid():
        context["outcome"], context["sentence"] = reading.decide(
            found.meeting, found, form.ballot(), form.state
        )
    return render(request, "meetings/_ballot_preview.html", context)


@require_POST
@login_required
def hold_election(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Record an election, its rounds, its lists or its sole candidature."""
    found = access.get_item(request, pk, key, to="write")
    state = reading.state_at(found.meeting, found)
    form = ElectionForm(request.POST, state=state, item=found.key)
    if form.is_valid():
        try:
            findings = decisions.hold_election(
                found.meeting, election=form.election(), by=request.user
            )
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            _warn(request, findings)
            return _decision_answer(request, found)
    return _decision_answer(request, found, status=422, election=form)


@require_POST
@login_required
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
        _warn(request, findings)
        return _decision_answer(request, found)
    return _decision_answer(request, found, status=422, fate=form)


# --- The ledger -------------------------------------------------------------------------------


@login_required
def show_ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """Every line ever told, voided ones struck through, the latest first; or else (`liste=gestes`)
    what the secretariat did to prepare the sitting, which no line tells."""
    meeting = access.get_meeting(request, pk)
    if not has_role(request.user, meeting.organisation, *CLERKS):
        raise PermissionDenied
    may_write = access.can_write(request.user, meeting)
    if request.GET.get("liste") == "gestes":
        page = Paginator(meeting.deeds.select_related("by"), 100).get_page(request.GET.get("page"))
        context = {"meeting": meeting, "tab": "ledger", "may_write": may_write, "page_obj": page}
        return render(request, "meetings/deeds.html", context)
    page = Paginator(meeting.events.select_related("recorded_by").order_by("-seq"), 100).get_page(
        request.GET.get("page")
    )
    standing = {event.seq for event in sitting.standing_events(meeting.ledger)}
    telling, lines = reading.telling(meeting), []
    for row in page:
        event = codec.load(row.kind, row.seq, row.payload)
        lines.append(
            {
                "row": row,
                "event": event,
                "title": wording.title(event),
                "summary": telling.line(event),
                "stands": row.seq in standing or isinstance(event, sitting.Voided),
                "may_void": row.seq in standing and not isinstance(event, sitting.Composed),
            }
        )
    context = {
        "meeting": meeting,
        "tab": "ledger",
        "lines": lines,
        "page_obj": page,
        "may_write": may_write,
    }
    return render(request, "meetings/ledger.html", context)


@login_required
def void(request: HttpRequest, pk: int, seq: int) -> HttpResponse:
    """Cancel a line: first what would change, then the reason, then the act."""
    meeting = access.get_meeting(request, pk, to="write")
    event = next((e for e in meeting.ledger if e.seq == seq), None)
    if event is None or isinstance(event, sitting.Composed):
        raise Http404
    context = {
        "meeting": meeting,
        "tab": "ledger",
        "event": event,
        "title": wording.title(event),
        "summary": reading.telling(meeting).line(event),
        "changes": reading.changes(meeting, sitting.Voided(target=seq)),
        "may_write": True,
    }
    if request.method == "POST":
        try:
            findings = ledger.void(
                meeting, seq=seq, reason=request.POST.get("reason", "")[:300], by=request.user
            )
        except Refused as refusal:
            context["findings"] = refusal.findings
            return render(request, "meetings/void.html", context, status=409)
        _warn(request, findings)
        messages.success(request, "La ligne est annulée ; le registre garde les deux.")
        back = request.POST.get("next", "")
        safe = {
            "attendance": "meetings:attendance",
            "agenda": "meetings:agenda",
        }.get(back, "meetings:ledger")
        return redirect(safe, meeting.pk)
    context["next"] = request.GET.get("next", "")
    return render(request, "meetings/void.html", context)
