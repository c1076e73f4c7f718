"""The pages on which minutes are written, read again and compared."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from documents import actions as documents
from documents import compile
from documents import render as ink
from documents.access import get_issued
from documents.forms import IssueForm
from documents.models import IssuedDocument
from law.findings import Refused
from meetings.access import get_item, get_meeting
from meetings.forms import DebateForm
from meetings.models import AgendaItem, Meeting
from members.access import get_body
from members.models import Body
from registry import review_actions, writing
from registry.models import Phrase, Remark, Review
from registry.writing_forms import PhraseForm, ReadersForm, RemarkForm, SettleForm

# --- Writing ----------------------------------------------------------------------------------


def _sheet_context(request: HttpRequest, draft) -> dict:
    """The sheet and its style, which the policy of the site lets through by its nonce."""
    sheet = writing.sheet(draft)
    style = mark_safe(sheet.style)  # noqa: S308 - the style sheet of our own papers
    return {
        "sheet_style": format_html('<style nonce="{}">{}</style>', request.csp_nonce, style),
        "sheet_html": mark_safe(sheet.html),  # noqa: S308 - the template of the paper escaped it
    }


def _checks_context(meeting: Meeting, draft) -> dict:
    """What is missing, and the button that freezes the minutes."""
    current = documents.current_minutes(meeting)
    elements = writing.checklist(meeting, draft)
    others = writing.objections(meeting, draft)
    return {
        "elements": elements,
        "missing": sum(element.is_missing for element in elements),
        "doubts": sum(element.state == "doute" for element in elements),
        "findings": others,
        "may_issue": writing.may_issue(elements, others),
        "current": current,
        "has_changed": current is None or documents.has_changed(current, draft),
        "next_version": current.version + 1 if current else 1,
        "form": IssueForm(),
    }


def _open_remarks(meeting: Meeting) -> dict[str, list[Remark]]:
    """The remarks that wait for an answer, by key of item; "" holds those on the whole."""
    found: dict[str, list[Remark]] = {}
    for remark in meeting.remarks.filter(settled_at=None).select_related("item"):
        found.setdefault(remark.item.key if remark.item else "", []).append(remark)
    return found


def _read_reviews(meeting: Meeting, digest: str) -> list[dict]:
    """Who was asked, what each said, and whether of the text as it stands."""
    now = timezone.now()
    return [
        {
            "review": review,
            "is_living": review.revoked_at is None and review.expires_at > now,
            "is_of_this_text": review.content_sha256 == digest,
        }
        for review in meeting.reviews.select_related("person")
        if review.revoked_at is None or review.verdict
    ]


def _writing_context(request: HttpRequest, meeting: Meeting, **extra) -> dict:
    draft = compile.compile_minutes(meeting)
    remarks = _open_remarks(meeting)
    return (
        {
            "meeting": meeting,
            "tab": "minutes",
            "nodes": [
                (node, remarks.get(node.item.key, ()))
                for node in meeting.agenda.nodes
                if node.item.text or not node.item.is_section
            ],
            "whole_remarks": remarks.get("", ()),
            "open_remarks": sum(map(len, remarks.values())),
            "phrases": meeting.body.phrases.all(),
            "reviews": _read_reviews(meeting, writing.digest(draft)),
            "settle_form": SettleForm(auto_id=False),
        }
        | _sheet_context(request, draft)
        | _checks_context(meeting, draft)
        | extra
    )


@require_GET
@never_cache
@login_required
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """The minutes as the paper looks: what is computed is fixed, each text is edited in place."""
    meeting = get_meeting(request, pk, to="write")
    return render(request, "registry/writing.html", _writing_context(request, meeting))


@require_GET
@never_cache
@login_required
def passage(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """One text of the sheet: to be read, or with `?ecrire` to be written."""
    item = get_item(request, pk, key, to="write")
    meeting = item.meeting
    context = {"meeting": meeting, "item": item, "phrases": meeting.body.phrases.all()}
    if "ecrire" in request.GET:
        return render(
            request, "registry/_writing_editor.html", context | {"debate": _editor_of(item)}
        )
    remarks = _open_remarks(meeting).get(key, ())
    context |= {"remarks": remarks, "settle_form": SettleForm(auto_id=False), "again": True}
    context |= _checks_context(meeting, compile.compile_minutes(meeting))
    return render(request, "registry/_writing_passage.html", context)


def _editor_of(item: AgendaItem) -> DebateForm:
    """The editor of a text; several are open on one page, so each has names of its own."""
    form = DebateForm(
        initial={"text": item.text, "version": item.text_version}, auto_id=f"{item.key}-%s"
    )
    form.fields["text"].widget.attrs |= {
        "aria-label": f"Ce qui s’est dit : {item.title}",
        "autofocus": True,
    }
    return form


@require_POST
@login_required
def settle(request: HttpRequest, pk: int, remark: int) -> HttpResponse:
    """Answer a remark, which is settled by it."""
    meeting = get_meeting(request, pk, to="write")
    found = get_object_or_404(meeting.remarks.select_related("item"), pk=remark)
    form = SettleForm(request.POST)
    if form.is_valid():
        try:
            review_actions.settle(
                found, answer=form.cleaned_data["answer"], by=request.user, at=timezone.now()
            )
        except Refused as refusal:
            form.take(refusal.findings)
    if form.errors:
        context = {"meeting": meeting, "remark": found, "settle_form": form, "tab": "minutes"}
        return render(request, "registry/review_settle.html", context, status=422)
    messages.success(request, "Remarque réglée : son auteur lit votre réponse par son lien.")
    return redirect("registry:write", pk)


# --- Phrases ----------------------------------------------------------------------------------


def _phrases_page(request: HttpRequest, body: Body, form: PhraseForm) -> HttpResponse:
    context = {"body": body, "tab": "phrases", "phrases": body.phrases.all(), "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "registry/phrases.html", context, status=status)


def _keep(form: PhraseForm, request: HttpRequest) -> bool:
    if not form.is_bound or not form.is_valid():
        return False
    try:
        review_actions.keep_phrase(form.instance, by=request.user)
    except Refused as refusal:
        form.take(refusal.findings)
        return False
    return True


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def phrases(request: HttpRequest, pk: int) -> HttpResponse:
    """The sentences that a body writes often; a form at the foot adds to them."""
    body = get_body(request, pk, to="keep")
    posted = request.POST if request.method == "POST" else None
    form = PhraseForm(posted, instance=Phrase(body=body))
    return (
        redirect("registry:phrases", pk)
        if _keep(form, request)
        else _phrases_page(request, body, form)
    )


def _phrase(request: HttpRequest, pk: int, phrase: int) -> Phrase:
    body = get_body(request, pk, to="keep")
    found = get_object_or_404(Phrase, pk=phrase, body=body)
    found.body = body
    return found


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def edit_phrase(request: HttpRequest, pk: int, phrase: int) -> HttpResponse:
    found = _phrase(request, pk, phrase)
    posted = request.POST if request.method == "POST" else None
    form = PhraseForm(posted, instance=found)
    if _keep(form, request):
        return redirect("registry:phrases", pk)
    context = {"body": found.body, "phrase": found, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "registry/phrases_edit.html", context, status=status)


@require_POST
@login_required
def move_phrase(request: HttpRequest, pk: int, phrase: int) -> HttpResponse:
    """One rank up or down."""
    found = _phrase(request, pk, phrase)
    by_rank = {"up": -1, "down": 1}.get(request.POST.get("move", ""))
    if by_rank is None:
        raise Http404
    if not review_actions.move_phrase(found, by_rank=by_rank, by=request.user):
        messages.info(request, f"« {found.title} » ne peut pas aller plus loin dans ce sens.")
    return redirect("registry:phrases", pk)


@require_POST
@login_required
def drop_phrase(request: HttpRequest, pk: int, phrase: int) -> HttpResponse:
    found = _phrase(request, pk, phrase)
    review_actions.drop_phrase(found, by=request.user)
    messages.success(
        request, f"« {found.title} » est retirée ; les textes qui la citent la gardent."
    )
    return redirect("registry:phrases", pk)


# --- Asking for a review ----------------------------------------------------------------------


def _reviews_page(
    request: HttpRequest, meeting: Meeting, form: ReadersForm, *, status: int = 200, **extra
) -> HttpResponse:
    draft = compile.compile_minutes(meeting)
    context = {
        "meeting": meeting,
        "tab": "minutes",
        "form": form,
        "reviews": _read_reviews(meeting, writing.digest(draft)),
        "remarks": meeting.remarks.select_related("item", "settled_by"),
    }
    return render(request, "registry/reviews.html", context | extra, status=status)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def reviews(request: HttpRequest, pk: int) -> HttpResponse:
    """Who reads the draft; the links just made are shown once, on the page that answers."""
    meeting = get_meeting(request, pk, to="write")
    form = ReadersForm(
        request.POST if request.method == "POST" else None,
        meeting=meeting,
        initial={"persons": [str(p.pk) for p, _ in review_actions.proposed(meeting) if p.email]},
    )
    if not form.is_bound:
        return _reviews_page(request, meeting, form)
    if not form.is_valid():
        return _reviews_page(request, meeting, form, status=422)
    try:
        asked = review_actions.ask(
            meeting, readers=form.readers, by=request.user, at=timezone.now()
        )
    except Refused as refusal:
        form.take(refusal.findings)
        return _reviews_page(request, meeting, form, status=422)
    site = (settings.SITE_URL or request.build_absolute_uri("/")).rstrip("/")
    left_behind = review_actions.send_links(asked, site=site)
    links = [(each.review, f"{site}{each.path}", each not in left_behind) for each in asked]
    return _reviews_page(request, meeting, ReadersForm(meeting=meeting), links=links)


@require_POST
@login_required
def withdraw(request: HttpRequest, pk: int, review: int) -> HttpResponse:
    """Close the link of a reader."""
    meeting = get_meeting(request, pk, to="write")
    found = get_object_or_404(meeting.reviews.select_related("person"), pk=review)
    review_actions.withdraw(found, by=request.user, at=timezone.now())
    messages.success(request, f"Le lien de {found.person} n’ouvre plus rien.")
    return redirect("registry:reviews", pk)


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
        review = review_actions.find(token, at=timezone.now())
        if review is None:
            response = render(request, "registry/review_gone.html", status=404)
        else:
            response = view(request, review, token)
        response["Cache-Control"] = "private, no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return opened


def _review_page(
    request: HttpRequest,
    review: Review,
    token: str,
    *,
    form: RemarkForm | None = None,
    findings=(),
    status: int = 200,
) -> HttpResponse:
    meeting = review.meeting
    draft = compile.compile_minutes(meeting)
    digest = writing.digest(draft)
    current = documents.current_minutes(meeting)
    own: dict[str, list[Remark]] = {}
    for remark in review.remarks.select_related("item"):
        own.setdefault(remark.item.key if remark.item else "", []).append(remark)
    context = {
        "review": review,
        "meeting": meeting,
        "token": token,
        "digest": digest,
        "has_moved_on": bool(review.verdict) and review.content_sha256 != digest,
        "is_issued": current is not None and not documents.has_changed(current, draft),
        "nodes": [
            (node, own.get(node.item.key, ()))
            for node in meeting.agenda.nodes
            if node.item.text or not node.item.is_section
        ],
        "whole_remarks": own.get("", ()),
        "form": form or RemarkForm(meeting=meeting, initial={"item": request.GET.get("point", "")}),
        "findings": findings,
    } | _sheet_context(request, draft)
    return render(request, "registry/review.html", context, status=status)


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
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{draft.file_name}-projet.pdf"'
    return response


def _is_closed(review: Review) -> bool:
    """Whether the minutes are issued as they stand: nothing is left to review."""
    current = documents.current_minutes(review.meeting)
    return current is not None and not documents.has_changed(
        current, compile.compile_minutes(review.meeting)
    )


@by_link
@require_POST
def review_remark(request: HttpRequest, review: Review, token: str) -> HttpResponse:
    """Keep a remark of the reader."""
    form = RemarkForm(request.POST, meeting=review.meeting)
    if not form.is_valid():
        return _review_page(request, review, token, form=form, status=422)
    if _is_closed(review):
        return redirect("registry:review", token)
    key = form.cleaned_data["item"]
    item = review.meeting.agenda[key].item if key else None
    try:
        review_actions.remark(review, item=item, text=form.cleaned_data["text"], at=timezone.now())
    except Refused as refusal:
        form.take(refusal.findings)
        return _review_page(request, review, token, form=form, status=422)
    messages.success(request, "Remarque gardée : le secrétariat la lit.")
    return redirect("registry:review", token)


@by_link
@require_POST
def review_verdict(request: HttpRequest, review: Review, token: str) -> HttpResponse:
    """Keep what the reader says of the draft he was shown."""
    if _is_closed(review):
        return redirect("registry:review", token)
    try:
        review_actions.say(
            review,
            verdict=request.POST.get("verdict", ""),
            seen=request.POST.get("seen", ""),
            at=timezone.now(),
        )
    except Refused as refusal:
        return _review_page(request, review, token, findings=refusal.findings, status=422)
    messages.success(
        request, "Votre avis est gardé. Vous pouvez en changer jusqu’à l’établissement."
    )
    return redirect("registry:review", token)


# --- Comparing --------------------------------------------------------------------------------


@require_GET
@login_required
def compare(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Two versions of the same minutes, the older first whichever was named first."""
    one, two = get_issued(request, pk), get_issued(request, other)
    if one.meeting_id != two.meeting_id or one.kind != two.kind or one == two:
        raise Http404
    if one.kind != IssuedDocument.Kind.MINUTES:
        raise Http404
    old, new = sorted((one, two), key=lambda document: document.version)
    changes = writing.compare(writing.paragraphs(old.paper), writing.paragraphs(new.paper))
    context = {
        "old": old,
        "new": new,
        "meeting": new.meeting,
        "summary": writing.summary(changes),
        "stretches": writing.stretches(changes),
    }
    return render(request, "registry/compare.html", context)
