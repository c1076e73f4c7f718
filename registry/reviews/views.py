"""The review of a draft: whom the secretary asks, and the page that a reader opens by his link."""

from collections.abc import Callable, Sequence
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from accounts import proof
from convening import outbox
from documents import actions as documents
from documents import compile, papers
from documents import render as ink
from law import french
from law.findings import Finding, Refused
from meetings.access import get_meeting
from meetings.models import Meeting
from members import downloads, links
from members.access import edits, posted, posts
from registry import drafts
from registry.models import Review
from registry.reviews import actions, reading
from registry.reviews.forms import ReadersForm, RemarkForm, SettleForm
from trail.models import Act
from trail.recording import note

# --- Asking for a review ----------------------------------------------------------------------


def _reviews_page(
    request: HttpRequest, meeting: Meeting, form: ReadersForm, *, status: int = 200, **extra
) -> HttpResponse:
    draft = compile.compile_minutes(meeting)
    context = {
        "meeting": meeting,
        "form": form,
        "is_issued": _is_issued(meeting, draft),
        "reviews": reading.consulted(meeting, drafts.digest(draft), at=timezone.now()),
        "is_kept": outbox.is_kept(),
        "remarks": meeting.remarks.select_related("item", "settled_by"),
    }
    return render(request, "registry/reviews.html", context | extra, status=status)


@edits
@proof.required("faire ces liens, qui répondent pour qui les reçoit")
def reviews(request: HttpRequest, pk: int) -> HttpResponse:
    """Who reads the draft; a link that no mail takes is shown once, on the page that answers."""
    meeting = get_meeting(request, pk, to="write")
    form = ReadersForm(
        posted(request),
        meeting=meeting,
        initial={"persons": [str(p.pk) for p, _ in reading.proposed(meeting) if p.email]},
    )
    site = (settings.SITE_URL or request.build_absolute_uri("/")).rstrip("/")
    told = {"by": request.user, "at": timezone.now(), "site": site}
    asked: list[actions.Asked] = []
    if not form.does(lambda: asked.extend(actions.ask(meeting, readers=form.readers, **told))):
        return _reviews_page(request, meeting, form, status=422 if form.is_bound else 200)
    links_made = [(each, f"{site}{each.path}") for each in asked]
    if asked:
        shown = {True: "", False: " (montré)"}  # a link that no mail takes: whoever asked reads it
        whose = french.join([f"{each.review.person}{shown[each.is_mailed]}" for each in asked])
        told_of = f"liens de relecture faits\u00a0: {whose}, {meeting}"
        note(Act.SENT, told_of, by=request.user, organisation=meeting.organisation)
    return _reviews_page(request, meeting, ReadersForm(meeting=meeting), links=links_made)


@posts
def withdraw(request: HttpRequest, pk: int, review: int) -> HttpResponse:
    """Close the link of a reader."""
    meeting = get_meeting(request, pk, to="write")
    found = get_object_or_404(meeting.reviews.select_related("person"), pk=review)
    actions.withdraw(found, by=request.user, at=timezone.now())
    messages.success(
        request, f"Le lien {french.contract('de', str(found.person))} n’ouvre plus rien."
    )
    return redirect("registry:reviews", pk)


@posts
def settle(request: HttpRequest, pk: int, remark: int) -> HttpResponse:
    """Answer a remark, which is settled by it."""
    meeting = get_meeting(request, pk, to="write")
    found = get_object_or_404(meeting.remarks.select_related("item"), pk=remark)
    form = SettleForm(request.POST)
    if not form.does(
        lambda: actions.settle(
            found, answer=form.cleaned_data["answer"], by=request.user, at=timezone.now()
        )
    ):
        context = {"meeting": meeting, "remark": found, "settle_form": form}
        return render(request, "registry/review_settle.html", context, status=422)
    messages.success(request, "Remarque réglée : son auteur lit votre réponse par son lien.")
    place = f"#texte-{found.item.key}" if found.item else ""
    return redirect(f"{reverse('registry:write', args=[pk])}{place}")


# --- Reading by the link ----------------------------------------------------------------------


def by_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a page by the token of its address, without an account.

    The secret is in the address and in no cookie, so no other site can make a browser send it:
    there is nothing for a CSRF token to protect, and none could be checked, since a page that
    tells nobody where it was read (`no-referrer`) posts its forms with `Origin: null`.
    """

    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        review = reading.find(token, at=timezone.now())
        if review is None:
            response = render(request, "registry/review_gone.html", status=404)
        else:
            request.served = review.meeting.organisation
            response = view(request, review, token)
        return links.discreet(response)

    return opened


def _review_page(
    request: HttpRequest,
    review: Review,
    token: str,
    *,
    form: RemarkForm | None = None,
    findings: Sequence[Finding] = (),
    status: int = 200,
) -> HttpResponse:
    meeting = review.meeting
    draft = compile.compile_minutes(meeting)
    seen = drafts.digest(draft)
    own = reading.by_item(reading.remarks_of(review))
    context = {
        "review": review,
        "meeting": meeting,
        "token": token,
        "digest": seen,
        "has_moved_on": bool(review.verdict) and review.content_sha256 != seen,
        "is_issued": _is_issued(meeting, draft),
        "nodes": reading.texts(meeting, own),
        "whole_remarks": own.get("", ()),
        "form": form or RemarkForm(meeting=meeting, initial={"item": request.GET.get("point", "")}),
        "findings": findings,
    } | drafts.sheet(draft).context(str(request.csp_nonce))
    return render(request, "registry/review.html", context, status=status)


def _is_issued(meeting: Meeting, draft: papers.MinutesDocument) -> bool:
    """Whether the minutes are issued as they stand: nothing is left to review."""
    current = documents.current_minutes(meeting)
    return current is not None and not documents.has_changed(current, draft)


@links.kept_in(Review)
@by_link
@require_GET
def review(request: HttpRequest, review: Review, token: str) -> HttpResponse:
    """The draft, what its reader said of it so far, and where he says it. To look is no answer."""
    return _review_page(request, review, token)


@by_link
@require_GET
def review_pdf(request: HttpRequest, review: Review, token: str) -> HttpResponse:
    """The draft as a PDF, "projet" across its pages."""
    draft = compile.compile_minutes(review.meeting)
    try:
        pdf = ink.render_pdf(draft)
    except Refused as refusal:
        return _review_page(request, review, token, findings=refusal.findings, status=422)
    return downloads.file(pdf, f"{draft.file_name}-projet.pdf", shown=True)


@by_link
@require_POST
def review_remark(request: HttpRequest, review: Review, token: str) -> HttpResponse:
    """Keep a remark of the reader."""
    meeting = review.meeting
    if _is_issued(meeting, compile.compile_minutes(meeting)):
        return redirect("registry:review", token)
    form = RemarkForm(request.POST, meeting=meeting)
    if not form.does(
        lambda: actions.remark(
            by=review,
            **form.cleaned_data,
            seen=request.POST.get("seen", ""),
            at=timezone.now(),
        )
    ):
        return _review_page(request, review, token, form=form, status=422)
    messages.success(request, "Remarque gardée : le secrétariat la lit.")
    return redirect("registry:review", token)


@by_link
@require_POST
def review_verdict(request: HttpRequest, review: Review, token: str) -> HttpResponse:
    """Keep that the reader finds good the draft he was shown."""
    meeting = review.meeting
    if _is_issued(meeting, compile.compile_minutes(meeting)):
        return redirect("registry:review", token)
    try:
        actions.agree(by=review, seen=request.POST.get("seen", ""), at=timezone.now())
    except Refused as refusal:
        return _review_page(request, review, token, findings=refusal.findings, status=422)
    messages.success(
        request, "Votre avis est gardé. Vous pouvez en changer jusqu’à l’établissement."
    )
    return redirect("registry:review", token)
