"""The pages of the secretariat that convene: prepare, look, send, change."""

from dataclasses import replace
from datetime import datetime
from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin

from convening import mails, outbox, outbox_views, sent_views
from convening.actions import changing, dispatching, drafting
from convening.dispatch import addressees, checklist, journey, sent, shown, timing
from convening.forms import CancelForm, DraftForm, MoveForm, SecondCallForm
from convening.models import Convocation, Recipient
from law import deadlines, french
from law.findings import Finding, Refused, Severity
from meetings.access import can_write, get_meeting
from meetings.models import Meeting
from meetings.views.shared import say_refusals
from members.access import CLERKS, edits, has_role, posted, posts, reads


def _site(request: HttpRequest) -> str:
    """The address that the links of mails begin with."""
    return request.build_absolute_uri("/").rstrip("/")


def _draft(meeting: Meeting) -> Convocation | None:
    """What is about to be sent; a first convocation needs no draft to be looked at."""
    found = meeting.convocations.filter(stage=Convocation.Stage.DRAFT).first()
    if found is None and not meeting.convocations.exists():
        found = Convocation(meeting=meeting)
    if found is not None:
        found.meeting = meeting
    return found


def _refusals(found: tuple[Finding, ...]) -> list[Finding]:
    return [each for each in found if each.severity is Severity.REFUSAL]


# --- Before it is sent ------------------------------------------------------------------------


def _draft_context(draft: Convocation, *, at: datetime, form: DraftForm | None = None) -> dict:
    meeting = draft.meeting
    found = checklist.objections(draft, at=at)
    is_first = draft.kind == Convocation.Kind.SUMMONS
    topics, doors = checklist.topics(meeting) if is_first else (), _doors(meeting)
    listed = {finding for topic in topics for finding in topic.findings}
    going = addressees.of(meeting)
    by_mail = sum(each.channel == Recipient.Channel.MAIL for each in going)
    return {
        "meeting": meeting,
        "tab": "convocation",
        "may_write": True,
        "draft": draft,
        # What stops it or is to be looked at comes first, what is done after.
        "topics": [
            (topic, _door(topic, doors))
            for topic in sorted(topics, key=lambda topic: not topic.findings)
        ],
        "first_lack": next((topic for topic in topics if topic.state == "refus"), None),
        "advised": sum(topic.state == "avertissement" for topic in topics),
        "settled": sum(topic.state == "fait" for topic in topics),
        "calendar": timing.days(draft, at=at) if draft.kind != Convocation.Kind.CANCELLED else None,
        "found": found,
        "objections": [each for each in found if each not in listed],
        "refusals": _refusals(found),
        "changed": sent.changed_lines(meeting),
        "removed": sent.removed_lines(meeting),
        "going": going,
        "seen": shown.seen(draft, going),
        "going_by_mail": by_mail,
        "has_preview": by_mail and not timing.is_absurd(draft),
        "on_paper": len(going) - by_mail,
        "is_kept": outbox.is_kept(),
        "leaves": by_mail and not outbox.is_kept(),
        "whom": addressees.counted(going),
        "groups": [
            (addressees.counted(people), people)
            for people in (list(each) for _, each in groupby(going, key=lambda each: each.why))
        ],
        "today": deadlines.day_of(at),
        "form": form or DraftForm(instance=draft),
        "other_acts": sent.last_sent(meeting) is not None,
    }


def _door(topic: checklist.Topic, doors: dict[str, tuple[str, str]]) -> tuple[str, str] | None:
    """Where this line is mended: in the first of the files that lack something."""
    if topic.changed_by is not None:
        url = reverse("archive:mandates", args=[topic.changed_by.pk])
        return url, "Mettre les mandats à jour"
    if topic.item is None:
        return doors.get(topic.door)
    url = reverse("meetings:brief", args=[topic.item.meeting_id, topic.item.key])
    return url, "Premier dossier à compléter"


def _doors(meeting: Meeting) -> dict[str, tuple[str, str]]:
    """Where each line of the checklist is mended."""
    return {
        "agenda": (reverse("meetings:agenda", args=[meeting.pk]), "Aller à l’ordre du jour"),
        "sitting": (reverse("meetings:edit", args=[meeting.pk]), "Modifier la séance"),
        "composition": (meeting.body.get_absolute_url(), "Aller à la composition"),
        "communities": (reverse("members:bodies"), "Aller aux collectivités"),
    }


@edits
def prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """What is missing, until when, to whom, in which words; or, once sent, what was sent."""
    meeting = get_meeting(request, pk, to="know" if request.method == "GET" else "write")
    if not has_role(request.user, meeting.organisation, *CLERKS):
        return redirect(meeting)
    draft = _draft(meeting)
    if draft is None or not can_write(request.user, meeting) or not meeting.is_planned:
        return _sent(request, meeting)
    if draft.pk is None and meeting.convened_on and "envoyer" not in request.GET:
        context = {"meeting": meeting, "tab": "convocation"}
        if request.method == "GET":
            return render(request, "convening/elsewhere.html", context)
    at = timezone.now()
    form = DraftForm(posted(request), instance=draft)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            if draft.pk is None:
                draft = drafting.prepare(meeting, by=request.user)
            drafting.edit(draft, by=request.user, **values)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            if "send" in request.POST:
                is_agreed = request.POST.get("confirmed")
                return send(request, pk) if is_agreed else redirect("convening:send", meeting.pk)
            messages.success(request, "La convocation est enregistrée, elle n’est pas partie.")
            return redirect("convening:prepare", meeting.pk)
    status = 422 if form.is_bound else 200
    context = _draft_context(draft, at=at, form=form)
    return render(request, "convening/prepare.html", context, status=status)


def _sent(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Every dispatch of this sitting, the last first, and what may still be done."""
    told = meeting.convocations.exclude(stage=Convocation.Stage.DRAFT).select_related(
        "dispatched_by"
    )
    rows = [(each, journey.progress(each)) for each in told.order_by("-number")]
    may_write = can_write(request.user, meeting)
    has_changed = bool(rows) and meeting.is_planned and may_write
    newcomers = addressees.newcomers(meeting) if has_changed else ()
    asked = {
        "may_call_again": may_write and timing.lacked_quorum(meeting),
        "newcomers": newcomers,
        "changed": sent.changed_lines(meeting) if has_changed else (),
        "removed": sent.removed_lines(meeting) if has_changed else (),
        "late_items": [
            (meeting.agenda[key].item, found)
            for key, found in timing.notices_of_items(meeting).items()
        ],
    }
    if len(rows) == 1 and not any(asked.values()):
        return sent_views.show(request, rows[0][0])
    context = asked | {
        "meeting": meeting,
        "tab": "convocation",
        "rows": rows,
        "may_write": may_write,
        "seen": shown.seen_of(newcomers),
    }
    return render(request, "convening/sent.html", context)


@posts
def newcomers(request: HttpRequest, pk: int) -> HttpResponse:
    """Convene whoever came in since the dispatch."""
    meeting = get_meeting(request, pk, to="write")
    asked = {"by": request.user, "at": timezone.now(), "seen": request.POST.get("seen", "")}
    try:
        going = dispatching.convene_newcomers(meeting, **asked)
    except Refused as refusal:
        say_refusals(request, refusal.findings)
        return redirect("convening:prepare", meeting.pk)
    for each in going:
        road = "la lettre est à remettre" if each.channel == Recipient.Channel.PAPER else each.email
        messages.success(request, french.nbsp(f"Convocation préparée\u00a0: {each.name}, {road}."))
    return redirect("convening:prepare", meeting.pk)


@edits
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send; first the day, the notice and the counts, then the act, which is not taken back."""
    meeting = get_meeting(request, pk, to="write")
    draft, at = _draft(meeting), timezone.now()
    if draft is None or not meeting.is_planned:
        return redirect("convening:prepare", meeting.pk)
    found: tuple[Finding, ...] = ()
    if request.method == "POST" and request.POST.get("confirmed"):
        try:
            if draft.pk is None:
                draft = drafting.prepare(meeting, by=request.user)
            dispatching.dispatch(
                draft,
                by=request.user,
                at=at,
                site=_site(request),
                seen=request.POST.get("seen", ""),
            )
        except Refused as refusal:
            found = refusal.findings
        else:
            return redirect("convening:ledger", draft.pk)
    context = _draft_context(draft, at=at)
    # What changed meanwhile is told, and asked again as it is now.
    context["changes"] = [
        replace(each, severity=Severity.WARNING) for each in found if each.code == shown.CODE
    ]
    found = tuple(each for each in found if each.code != shown.CODE)
    context["seen"] = shown.seen(draft, context["going"], dossier=True)
    context["refusals"] = _refusals(found) or context["refusals"]
    if not context["refusals"]:
        try:
            summons, _ = dispatching.preview(draft, at=at, site=_site(request))
            context["bound"] = dispatching.bind(draft, summons, at=at)
        except Refused as refusal:
            context["refusals"] = list(refusal.findings)
    context["warnings"] = [
        each for each in (found or context["found"]) if each.severity is Severity.WARNING
    ]
    is_refused = context["refusals"] or context["changes"]
    status = 409 if request.method == "POST" and is_refused else 200
    return render(request, "convening/send.html", context, status=status)


@reads
def draft_dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """The dossier as it would leave now."""
    meeting = get_meeting(request, pk, to="write")
    draft = _draft(meeting)
    if draft is None or timing.is_absurd(draft):
        raise Http404
    try:
        at = timezone.now()
        summons, _ = dispatching.preview(draft, at=at, site=_site(request))
        bound = dispatching.bind(draft, summons, at=at)
    except Refused as refusal:
        say_refusals(request, refusal.findings)
        return redirect("convening:prepare", meeting.pk)
    return sent_views.as_pdf(bound.pdf, f"{bound.file_name}-projet.pdf")


@reads
@xframe_options_sameorigin
def draft_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail as its first recipient would read it, for the frame of the preview; where there is
    no server, the one message that is sent to all."""
    meeting = get_meeting(request, pk, to="write")
    draft = _draft(meeting)
    if draft is None or timing.is_absurd(draft):
        raise Http404
    site = _site(request)
    _, going = dispatching.preview(draft, at=timezone.now(), site=site)
    if not going:
        raise Http404
    if outbox.is_kept():
        page = {"text": mails.by_hand(going).text, "subject": "Message à tous"}
        return outbox_views.framed(request, mails.html_of("convening/mail/to_all.html", page))
    link = "" if draft.kind == Convocation.Kind.CANCELLED else f"{site}/invitation/…/"
    page = mails.context_of(going[0], link=link)
    return outbox_views.framed(request, mails.html_of("convening/mail/convocation.html", page))


@posts
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up what was about to be sent."""
    meeting = get_meeting(request, pk, to="write")
    draft = meeting.convocations.filter(stage=Convocation.Stage.DRAFT).first()
    if draft is not None:
        try:
            drafting.drop(draft, by=request.user)
        except Refused as refusal:
            say_refusals(request, refusal.findings)
        else:
            messages.success(request, "Rien n’a été envoyé.")
    return redirect("convening:prepare", meeting.pk)


# --- Later changes ----------------------------------------------------------------------------


@posts
def rectify(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a rectifying convocation: what was added or changed since the last."""
    meeting = get_meeting(request, pk, to="write")
    try:
        drafting.prepare(meeting, by=request.user, kind=Convocation.Kind.RECTIFYING)
    except Refused as refusal:
        say_refusals(request, refusal.findings)
    return redirect("convening:prepare", meeting.pk)


@edits
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Another day, hour or place for a sitting that was convened."""
    meeting = get_meeting(request, pk, to="write")
    if request.method == "GET" and not meeting.is_planned:
        return redirect("convening:prepare", meeting.pk)
    if request.method == "GET" and sent.last_sent(meeting) is None:  # nobody is to be told
        return redirect(f"{reverse('meetings:edit', args=[meeting.pk])}#id_held_on")
    form = MoveForm(posted(request), meeting=meeting)
    if form.does(lambda: changing.move_meeting(meeting, **form.cleaned_data, by=request.user)):
        return redirect("convening:prepare", meeting.pk)
    context = {"meeting": meeting, "form": form, "tab": "convocation"}
    return render(request, "convening/move.html", context, status=422 if form.is_bound else 200)


@edits
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a sitting off, and tell everybody who was convened."""
    meeting = get_meeting(request, pk, to="write")
    if request.method == "GET" and not meeting.is_planned:
        return redirect("convening:prepare", meeting.pk)
    form = CancelForm(posted(request))
    if form.does(
        lambda: changing.cancel_meeting(
            meeting,
            **form.cleaned_data,
            by=request.user,
            at=timezone.now(),
            site=_site(request),
        )
    ):
        messages.success(request, "La séance est annulée.")
        return redirect("convening:ledger", form.done.pk) if form.done else redirect(meeting)
    context = {
        "meeting": meeting,
        "form": form,
        "tab": "convocation",
        "told": sent.last_sent(meeting),
        "count": len(addressees.of_whom_it_is_off(meeting)),
    }
    return render(request, "convening/cancel.html", context, status=422 if form.is_bound else 200)


@edits
def second_call(request: HttpRequest, pk: int) -> HttpResponse:
    """A new sitting on the same items, after the quorum was missing."""
    meeting = get_meeting(request, pk, to="write")
    earliest = deadlines.earliest_sitting(timezone.now(), meeting.regime.reconvene_clear_days)
    form = SecondCallForm(posted(request), meeting=meeting, earliest=earliest)
    if form.does(lambda: changing.second_call(meeting, **form.cleaned_data, by=request.user)):
        messages.success(request, "La seconde séance est préparée, il reste à la convoquer.")
        return redirect("convening:prepare", form.done.pk)
    context = {
        "meeting": meeting,
        "form": form,
        "earliest": earliest,
        "tab": "convocation",
    }
    status = 422 if form.is_bound else 200
    return render(request, "convening/second_call.html", context, status=status)
