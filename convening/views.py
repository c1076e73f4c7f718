"""The pages of the secretariat: convene, follow what was sent, change it, read the mails kept."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from convening import access, mails, outbox, proofs, sending, tokens
from convening.actions import changing, dispatching, drafting, following
from convening.dispatch import addressees, checklist, journey, sent, timing
from convening.forms import (
    BounceForm,
    CancelForm,
    DraftForm,
    HandOverForm,
    MoveForm,
    ResendForm,
    SecondCallForm,
)
from convening.models import Convocation, Posted, Recipient
from documents import papers, printing
from law import deadlines
from law.findings import Finding, Refused, Severity
from meetings.access import can_write, get_meeting
from meetings.models import Meeting
from members import downloads, links
from members.access import CLERKS, has_role, organisation_of, role_required
from members.models import Role
from members.sheets import files as spreadsheets

LEDGER_SIZE = 100
OUTBOX_SIZE = 50


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
        "topics": [(topic, doors.get(topic.door)) for topic in topics],
        "calendar": timing.calendar(draft, at=at)
        if draft.kind != Convocation.Kind.CANCELLED
        else None,
        "objections": [each for each in found if each not in listed],
        "refusals": _refusals(found),
        "changed": sent.changed_lines(meeting),
        "removed": sent.removed_lines(meeting),
        "going": going,
        "going_by_mail": by_mail,
        "has_preview": by_mail and not timing.is_absurd(draft),
        "on_paper": len(going) - by_mail,
        "form": form or DraftForm(instance=draft),
        "other_acts": sent.last_sent(meeting) is not None,
    }


def _doors(meeting: Meeting) -> dict[str, tuple[str, str]]:
    """Where each line of the checklist is mended."""
    return {
        "agenda": (reverse("meetings:agenda", args=[meeting.pk]), "Ordre du jour"),
        "sitting": (reverse("meetings:edit", args=[meeting.pk]), "Modifier la séance"),
        "composition": (meeting.body.get_absolute_url(), "Composition"),
        "communities": (reverse("members:bodies"), "Collectivités"),
    }


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """What is missing, until when, to whom, in which words; or, once sent, what was sent."""
    meeting = get_meeting(request, pk, to="read" if request.method == "GET" else "write")
    if not has_role(request.user, meeting.organisation, *CLERKS):
        return redirect(meeting)
    draft = _draft(meeting)
    if draft is None or not can_write(request.user, meeting) or _is_over(meeting):
        return _sent(request, meeting)
    at = timezone.now()
    form = DraftForm(request.POST if request.method == "POST" else None, instance=draft)
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
                return redirect("convening:send", meeting.pk)
            messages.success(request, "La convocation est enregistrée, elle n’est pas partie.")
            return redirect("convening:prepare", meeting.pk)
    status = 422 if form.is_bound else 200
    context = _draft_context(draft, at=at, form=form)
    return render(request, "convening/prepare.html", context, status=status)


def _is_over(meeting: Meeting) -> bool:
    return bool(meeting.ledger) or meeting.stage == Meeting.Stage.CANCELLED


def _sent(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """Every dispatch of this sitting, the last first, and what may still be done."""
    told = meeting.convocations.exclude(stage=Convocation.Stage.DRAFT).select_related(
        "dispatched_by"
    )
    rows = [(each, journey.progress(each)) for each in told.order_by("-number")]
    may_write = can_write(request.user, meeting)
    has_changed = bool(rows) and not _is_over(meeting) and may_write
    context = {
        "meeting": meeting,
        "tab": "convocation",
        "rows": rows,
        "may_write": may_write,
        "is_over": _is_over(meeting),
        "may_call_again": may_write and timing.lacked_quorum(meeting),
        "changed": sent.changed_lines(meeting) if has_changed else (),
        "removed": sent.removed_lines(meeting) if has_changed else (),
        "late_items": [
            (meeting.agenda[key].item, found)
            for key, found in timing.notices_of_items(meeting).items()
        ],
    }
    return render(request, "convening/sent.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send; first the day, the notice and the counts, then the act, which is not taken back."""
    meeting = get_meeting(request, pk, to="write")
    draft, at = _draft(meeting), timezone.now()
    if draft is None or _is_over(meeting):
        return redirect("convening:prepare", meeting.pk)
    found: tuple[Finding, ...] = ()
    if request.method == "POST" and request.POST.get("confirmed"):
        try:
            if draft.pk is None:
                draft = drafting.prepare(meeting, by=request.user)
            dispatching.dispatch(draft, by=request.user, at=at, site=_site(request))
        except Refused as refusal:
            found = refusal.findings
        else:
            return redirect("convening:ledger", draft.pk)
    context = _draft_context(draft, at=at)
    context["refusals"] = _refusals(found) or context["refusals"]
    if not context["refusals"]:
        try:
            summons, _ = dispatching.preview(draft, at=at, site=_site(request))
            context["bound"] = dispatching.bind(meeting, summons)
        except Refused as refusal:
            context["refusals"] = list(refusal.findings)
    context["warnings"] = [
        each
        for each in (found or checklist.objections(draft, at=at))
        if each.severity is Severity.WARNING
    ]
    status = 409 if request.method == "POST" and context["refusals"] else 200
    return render(request, "convening/send.html", context, status=status)


@never_cache
@login_required
@require_GET
def draft_dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """The dossier as it would leave now."""
    meeting = get_meeting(request, pk, to="write")
    draft = _draft(meeting)
    if draft is None or timing.is_absurd(draft):
        raise Http404
    try:
        summons, _ = dispatching.preview(draft, at=timezone.now(), site=_site(request))
        bound = dispatching.bind(meeting, summons)
    except Refused as refusal:
        for finding in refusal.findings:
            messages.error(request, str(finding))
        return redirect("convening:prepare", meeting.pk)
    return _pdf(bound.pdf, f"{bound.file_name}-projet.pdf")


@never_cache
@xframe_options_sameorigin
@login_required
@require_GET
def draft_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail as its first recipient would read it, for the frame of the preview."""
    meeting = get_meeting(request, pk, to="write")
    draft = _draft(meeting)
    if draft is None or timing.is_absurd(draft):
        raise Http404
    site = _site(request)
    _, recipient = dispatching.preview(draft, at=timezone.now(), site=site)
    if recipient is None:
        raise Http404
    link = "" if draft.kind == Convocation.Kind.CANCELLED else f"{site}/invitation/…/"
    page = mails.context_of(recipient, link=link)
    return _framed(request, mails.html_of("convening/mail/convocation.html", page))


def _framed(request: HttpRequest, html: str) -> HttpResponse:
    """The HTML of a mail in a frame of ours: its style is let in, its links open the whole page."""
    nonce = str(request.csp_nonce)
    html = html.replace("<style>", f'<base target="_top"><style nonce="{nonce}">', 1)
    return HttpResponse(html)


@login_required
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up what was about to be sent."""
    meeting = get_meeting(request, pk, to="write")
    draft = meeting.convocations.filter(stage=Convocation.Stage.DRAFT).first()
    if draft is not None:
        try:
            drafting.drop(draft, by=request.user)
        except Refused as refusal:
            for finding in refusal.findings:
                messages.error(request, str(finding))
        else:
            messages.success(request, "Rien n’a été envoyé.")
    return redirect("convening:prepare", meeting.pk)


# --- Later changes ----------------------------------------------------------------------------


@login_required
@require_POST
def rectify(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a rectifying convocation: what was added or changed since the last."""
    meeting = get_meeting(request, pk, to="write")
    try:
        changing.rectify(meeting, by=request.user)
    except Refused as refusal:
        for finding in refusal.findings:
            messages.error(request, str(finding))
    return redirect("convening:prepare", meeting.pk)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Another day, hour or place for a sitting that was convened."""
    meeting = get_meeting(request, pk, to="write")
    form = MoveForm(request.POST if request.method == "POST" else None, meeting=meeting)
    if request.method == "POST" and form.is_valid():
        try:
            changing.move_meeting(meeting, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            return redirect("convening:prepare", meeting.pk)
    context = {"meeting": meeting, "form": form, "tab": "convocation", "may_write": True}
    return render(request, "convening/move.html", context, status=422 if form.is_bound else 200)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a sitting off, and tell everybody who was convened."""
    meeting = get_meeting(request, pk, to="write")
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            told = changing.cancel_meeting(
                meeting,
                **form.cleaned_data,
                by=request.user,
                at=timezone.now(),
                site=_site(request),
            )
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            messages.success(request, "La séance est annulée.")
            return redirect("convening:ledger", told.pk) if told else redirect(meeting)
    context = {
        "meeting": meeting,
        "form": form,
        "tab": "convocation",
        "may_write": True,
        "told": sent.last_sent(meeting),
        "count": len(addressees.of(meeting)),
    }
    return render(request, "convening/cancel.html", context, status=422 if form.is_bound else 200)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def second_call(request: HttpRequest, pk: int) -> HttpResponse:
    """A new sitting on the same items, after the quorum was missing."""
    meeting = get_meeting(request, pk, to="write")
    earliest = deadlines.earliest_sitting(timezone.now(), meeting.regime.reconvene_clear_days)
    form = SecondCallForm(
        request.POST if request.method == "POST" else None, meeting=meeting, earliest=earliest
    )
    if request.method == "POST" and form.is_valid():
        try:
            again = changing.second_call(meeting, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            messages.success(request, "La seconde séance est préparée, il reste à la convoquer.")
            return redirect("convening:prepare", again.pk)
    context = {
        "meeting": meeting,
        "form": form,
        "earliest": earliest,
        "tab": "convocation",
        "may_write": True,
    }
    status = 422 if form.is_bound else 200
    return render(request, "convening/second_call.html", context, status=status)


# --- The ledger of what was sent --------------------------------------------------------------


def _ledger_context(request: HttpRequest, convocation: Convocation) -> dict[str, Any]:
    chosen = request.GET.get("etat", "")
    if chosen not in journey.FILTERS:
        chosen = ""
    page = Paginator(journey.filtered(convocation, chosen), LEDGER_SIZE).get_page(
        request.GET.get("page")
    )
    return {
        "convocation": convocation,
        "meeting": convocation.meeting,
        "tab": "convocation",
        "progress": journey.progress(convocation),
        "page_obj": page,
        "journeys": journey.journeys(convocation, list(page)),
        "filters": journey.FILTERS,
        "chosen": chosen,
        "may_write": can_write(request.user, convocation.meeting),
        "is_kept": _is_kept(),
    }


def _is_kept() -> bool:
    """Whether mails stay here, in the outbox of the demonstration."""
    return settings.EMAIL_BACKEND == "convening.outbox.OutboxBackend"


@never_cache
@login_required
@require_GET
def ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """Each recipient of a dispatch and his journey, the reply of the server kept."""
    convocation = access.get_convocation(request, pk)
    context = _ledger_context(request, convocation)
    context["hand_over"] = HandOverForm(initial={"on": timezone.localdate()})
    return render(request, "convening/ledger.html", context)


@never_cache
@login_required
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The bar, asked for again until everything left."""
    convocation = access.get_convocation(request, pk)
    found = journey.progress(convocation)
    context = {"convocation": convocation, "progress": found}
    response = render(request, "convening/_progress.html", context)
    if found.is_over:
        # The rows below changed too: the whole page is drawn again, once.
        response["HX-Refresh"] = "true"
    else:
        sending.wake()  # on a server that was started again, nobody may have looked yet
    return response


@login_required
@require_GET
def ledger_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The ledger for a spreadsheet: every row, the filter left aside."""
    convocation = access.get_convocation(request, pk)
    rows = list(journey.filtered(convocation, ""))
    content = spreadsheets.to_csv(journey.table(journey.journeys(convocation, rows)))
    name = convocation.file_name.removesuffix(".pdf")
    return downloads.file(content, f"{name}-destinataires.csv")


@login_required
@require_GET
def dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """The dossier, as it was sent."""
    convocation = access.get_convocation(request, pk)
    if not convocation.dossier:
        raise Http404
    with convocation.dossier.open("rb") as file:
        return _pdf(file.read(), convocation.file_name)


@login_required
@require_GET
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """What proves the dispatch, as known now."""
    convocation = access.get_convocation(request, pk)
    return _printed(request, convocation, proofs.certificate(convocation, at=timezone.now()))


@login_required
@require_GET
def letters(request: HttpRequest, pk: int) -> HttpResponse:
    """The letters to print, or the labels of their envelopes."""
    convocation = access.get_convocation(request, pk, to="write")
    rows = proofs.on_paper(convocation)
    if not rows:
        raise Http404
    if request.resolver_match.url_name == "labels":
        return _printed(request, convocation, proofs.labels(convocation, rows))
    return _printed(request, convocation, proofs.letters(convocation, rows, at=timezone.now()))


def _printed(request: HttpRequest, convocation: Convocation, paper: papers.Paper) -> HttpResponse:
    back = reverse("convening:ledger", args=[convocation.pk])
    response = printing.answer(request, paper, back=back)
    response["Cache-Control"] = "private, no-cache"
    return response


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = downloads.file(content, name, shown=True)
    response["Cache-Control"] = "private, no-cache"
    return response


@login_required
@require_POST
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper letters were posted, all of them or those that were ticked."""
    convocation = access.get_convocation(request, pk, to="write")
    form = HandOverForm(request.POST)
    printed = convocation.recipients.filter(state=Posted.State.PRINTED, resent_as=None)
    if "recipient" in request.POST:
        chosen = [pk for pk in request.POST.getlist("recipient") if pk.isdecimal() and len(pk) < 18]
        printed = convocation.recipients.filter(pk__in=chosen)
    if form.is_valid():
        try:
            count = following.hand_over(
                list(printed), on=form.cleaned_data["on"], by=request.user, at=timezone.now()
            )
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            told = "1 lettre remise" if count == 1 else f"{count} lettres remises"
            messages.success(request, f"{told} : c’est noté.")
            return redirect("convening:ledger", convocation.pk)
    context = _ledger_context(request, convocation) | {"hand_over": form}
    return render(request, "convening/ledger.html", context, status=422)


# --- One recipient ----------------------------------------------------------------------------


def _recipient_context(recipient: Recipient, **extra: Any) -> dict[str, Any]:
    convocation = recipient.convocation
    rows = journey.chain(recipient)
    last = rows[-1]
    return {
        "convocation": convocation,
        "meeting": convocation.meeting,
        "tab": "convocation",
        "recipient": last,
        "journeys": journey.journeys(convocation, rows),
        "resend": ResendForm(recipient=last),
        "bounce": BounceForm(),
        "may_write": True,
    } | extra


@never_cache
@login_required
@require_GET
def recipient(request: HttpRequest, pk: int) -> HttpResponse:
    """The journey of one recipient: each time it was sent, and what may be done now."""
    found = access.get_recipient(request, pk)
    may_write = can_write(request.user, found.convocation.meeting)
    context = _recipient_context(found, may_write=may_write)
    return render(request, "convening/recipient.html", context)


@login_required
@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Send again to this person, at a corrected address if need be."""
    found = access.get_recipient(request, pk, to="write")
    form = ResendForm(request.POST, recipient=found)
    if form.is_valid():
        try:
            again = following.resend(found, **form.cleaned_data, by=request.user, at=timezone.now())
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            messages.success(request, f"La convocation repart vers {again.email}.")
            return redirect("convening:recipient", again.pk)
    context = _recipient_context(found, resend=form)
    return render(request, "convening/recipient.html", context, status=422)


@login_required
@require_POST
def bounce(request: HttpRequest, pk: int) -> HttpResponse:
    """The mail came back: noted by hand, since it comes back to a mailbox and not to us."""
    found = access.get_recipient(request, pk, to="write")
    form = BounceForm(request.POST)
    if form.is_valid():
        try:
            following.note_bounce(found, **form.cleaned_data, by=request.user, at=timezone.now())
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            messages.success(request, "Le retour est noté. Corrigez l’adresse, puis renvoyez.")
            return redirect("convening:recipient", found.pk)
    context = _recipient_context(found, bounce=form)
    return render(request, "convening/recipient.html", context, status=422)


@login_required
@require_POST
def print_instead(request: HttpRequest, pk: int) -> HttpResponse:
    """A letter, where mail does not arrive."""
    found = access.get_recipient(request, pk, to="write")
    try:
        letter = following.print_instead(found, by=request.user, at=timezone.now())
    except Refused as refusal:
        for finding in refusal.findings:
            messages.error(request, str(finding))
        return redirect("convening:recipient", found.pk)
    messages.success(request, "Une lettre est à imprimer.")
    return redirect("convening:recipient", letter.pk)


# --- What a recipient downloads ---------------------------------------------------------------


@require_GET
def sent_dossier(request: HttpRequest, token: str) -> HttpResponse:
    """The dossier and its files, by the link of a mail; without an account."""
    at = timezone.now()
    found = tokens.find_dossier(token, at)
    if found is None:
        return links.discreet(render(request, "convening/dossier_gone.html", status=404))
    if found.opened_at is None:
        # A filter of a mail server may be the one who follows the link: this proves no reading.
        Recipient.objects.filter(pk=found.pk, opened_at=None).update(opened_at=at)
    context = {"recipient": found, "convocation": found.convocation, "token": token}
    return links.discreet(render(request, "convening/dossier.html", context))


@require_GET
def sent_file(request: HttpRequest, token: str, rank: int) -> HttpResponse:
    """The dossier (0), or one of the files that go beside it."""
    found = tokens.find_dossier(token, timezone.now())
    if found is None:
        return links.discreet(render(request, "convening/dossier_gone.html", status=404))
    convocation = found.convocation
    files = convocation.letter.get("files", [])
    if rank == 0 and convocation.dossier:
        with convocation.dossier.open("rb") as file:
            return links.discreet(_pdf(file.read(), convocation.file_name))
    if not 1 <= rank <= len(files):
        raise Http404
    file = files[rank - 1]
    response = FileResponse(
        default_storage.open(file["path"]),
        as_attachment=True,
        filename=file["name"],
        content_type=file["type"],
    )
    return links.discreet(response)


# --- The mails kept ---------------------------------------------------------------------------


@role_required(*CLERKS)
@require_GET
def outbox_list(request: HttpRequest) -> HttpResponse:
    """The mails that stayed here for want of a mail server, the latest first."""
    kept = access.outbox_of(request).defer("source")
    if asked := request.GET.get("q", "").strip()[:200]:
        kept = kept.filter(recipient__icontains=asked) | kept.filter(subject__icontains=asked)
    page = Paginator(kept, OUTBOX_SIZE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "asked": asked,
        "is_kept": _is_kept(),
        "may_empty": has_role(request.user, organisation_of(request), Role.Kind.SECRETARIAT),
    }
    return render(request, "convening/outbox.html", context)


@role_required(Role.Kind.SECRETARIAT)
@require_POST
def outbox_empty(request: HttpRequest) -> HttpResponse:
    """Forget the mails kept."""
    if request.POST.get("confirmed"):
        outbox.empty(organisation_of(request))
        messages.success(request, "La boîte d’envoi est vide.")
    return redirect("convening:outbox")


@login_required
@require_GET
def outbox_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail: as it is read, as text, its attachments and its source."""
    mail = access.get_mail(request, pk)
    mime = outbox.parsed(mail)
    context = {
        "mail": mail,
        "headers": [(name, value) for name, value in mime.items()],
        "text": outbox.words(mail, "plain"),
        "has_html": bool(outbox.words(mail, "html")),
    }
    return render(request, "convening/outbox_mail.html", context)


@xframe_options_sameorigin
@login_required
@require_GET
def outbox_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML of a mail, for the frame of its page."""
    html = outbox.words(access.get_mail(request, pk), "html")
    if not html:
        raise Http404
    return _framed(request, html)


@login_required
@require_GET
def outbox_source(request: HttpRequest, pk: int) -> HttpResponse:
    """The source of a mail, as plain text."""
    mail = access.get_mail(request, pk)
    return HttpResponse(mail.source, content_type="text/plain; charset=utf-8")


@login_required
@require_GET
def outbox_file(request: HttpRequest, pk: int, sha256: str) -> HttpResponse:
    """An attachment of a mail kept."""
    mail = access.get_mail(request, pk)
    each = next((each for each in mail.attachments if each["sha256"] == sha256), None)
    if each is None or not outbox.path_of(sha256).exists():
        raise Http404
    return FileResponse(
        outbox.path_of(sha256).open("rb"),
        as_attachment=True,
        filename=each["name"],
        content_type=each["type"],
    )
