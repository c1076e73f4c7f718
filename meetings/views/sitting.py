"""A sitting: created, edited, removed, at a glance, and all that was prepared of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from law.deadlines import Notice
from law.findings import Finding, Refused
from meetings import access, briefs, reading
from meetings.actions import preparing
from meetings.forms import MeetingForm
from meetings.models import Meeting
from meetings.views import shared
from members.access import edits, organisation_of, posted, reads, role_required
from members.models import Role


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
        initial = {"body": chosen, "starts_at": chosen.usual_time, "place": chosen.usual_place}
    form = MeetingForm(posted(request), organisation=organisation, initial=initial)
    if form.does(lambda: preparing.create_meeting(**form.cleaned_data, by=request.user)):
        # One that was held is typed, its roll first; one that comes is prepared.
        today = timezone.localdate()
        is_past = form.done.held_on < today
        shared.warn(request, reading.doubts_of_its_day(form.done, on=today))
        messages.success(request, "La séance est créée.")
        return redirect(f"meetings:{'attendance' if is_past else 'agenda'}", form.done.pk)
    status = 422 if form.is_bound else 200
    context = {"form": form, "bodies": bodies, "chosen": chosen}
    return render(request, "meetings/create.html", context, status=status)


@edits
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Date, hour, place, convocation."""
    meeting = access.get_meeting(request, pk, to="write")
    form = MeetingForm(posted(request), instance=meeting, organisation=meeting.organisation)
    if request.method == "POST" and form.is_valid():
        preparing.change(meeting, fields=form.Meta.fields, by=request.user)
        messages.success(request, "La séance est modifiée.")
        if "held_on" in form.changed_data:
            shared.warn(request, reading.doubts_of_its_day(meeting, on=timezone.localdate()))
        return redirect(meeting)
    context = {"form": form, "meeting": meeting}
    return render(request, "meetings/edit.html", context, status=422 if form.is_bound else 200)


@edits
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


def _doubts(meeting: Meeting, notice: Notice | None) -> tuple[Finding, ...]:
    """Of the convocation that left, or of the day of a sitting that is to be convened."""
    if notice is not None:
        return reading.doubts(notice)
    return tuple(reading.doubts_of_its_day(meeting, on=timezone.localdate()))


@reads
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The sitting at a glance, for whoever may read it; what remains to be done, for its keeper."""
    meeting = access.get_meeting(request, pk, to="know")
    state = meeting.sitting.at_end
    lines = list(reading.lines(meeting))
    may_write = access.can_write(request.user, meeting)
    notice = reading.notice_given(meeting)
    return render(
        request,
        "meetings/detail.html",
        {
            "meeting": meeting,
            "may_write": may_write,
            "may_read_files": access.may_read_files(request.user, meeting),
            "quorum": reading.quorum_at_opening(meeting),
            "later": reading.since_opening(meeting),
            "notice": notice,
            "doubts": _doubts(meeting, notice) if may_write else (),
            "lines": lines,
            "state": state,
            "chair": briefs.name_of(meeting, state.chair),
            "clerks": [briefs.name_of(meeting, key) for key in state.clerks],
            "today": timezone.localdate(),
        },
    )


@reads
def dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """The agenda with its notes, drafts and attachments, to be read on a phone or on paper."""
    meeting = access.get_meeting(request, pk, to="know")
    may_read = access.may_read_files(request.user, meeting)
    files = briefs.of(meeting) if may_read else ()
    return render(
        request,
        "meetings/dossier.html",
        {
            "meeting": meeting,
            "files": files,
            "nodes": list(meeting.agenda.nodes),
            "may_read": may_read,
            "may_write": access.can_write(request.user, meeting),
            "is_released": briefs.is_released(meeting, on=timezone.localdate()),
            "count": sum(len(file.attachments) for file in files),
        },
    )
