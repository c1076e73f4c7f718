"""The pages of the register: what a sitting decided, and the signatures of its minutes."""

from dataclasses import replace
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from documents.forms import IssueForm
from documents.models import IssuedDocument
from law import deadlines, french
from law.findings import Finding, Refused
from law.french import NBSP
from meetings import attachments
from meetings.access import can_write, get_meeting
from meetings.models import Meeting
from members import downloads
from registry import access, actions, keys, reading
from registry.forms import LinkForm, SheetForm, SignedFileForm

# --- What a sitting decided -------------------------------------------------------------------


def _acts_page(
    request: HttpRequest,
    meeting: Meeting,
    findings: tuple[Finding, ...] = (),
    *,
    form: IssueForm | None = None,
    status: int = 200,
) -> HttpResponse:
    may_write = can_write(request.user, meeting)
    numbered = {
        deliberation.item_id: deliberation
        for deliberation in meeting.deliberations.prefetch_related(
            "links__target", "linked_from__source"
        )
    }
    issued = reading.in_force(meeting)
    extracts = {each.subject: each for each in issued if each.kind == IssuedDocument.Kind.EXTRACT}
    acts = [each for each in issued if not each.is_minutes]
    on = timezone.localdate()
    return render(
        request,
        "registry/acts.html",
        {
            "meeting": meeting,
            "may_write": may_write,
            "rows": [
                (
                    each,
                    deliberation,
                    reading.links_of(deliberation) if deliberation else (),
                    extracts.get(each.item.key),
                )
                for each in reading.decided(meeting)
                for deliberation in [numbered.get(each.item.pk)]
            ],
            "awaiting": reading.awaiting_number(meeting),
            "listed": next((each for each in acts if each.kind == IssuedDocument.Kind.LIST), None),
            "to_issue": reading.to_issue(meeting, issued, on=on) if may_write else None,
            "to_prepare": [each for each in acts if not each.signatures.all()],
            "to_sign": reading.to_sign(meeting, request.user, issued),
            "approvals": tuple(reading.approvals(meeting)),
            "list_due": deadlines.list_due(meeting.held_on, meeting.regime),
            "findings": findings,
            "form": form or IssueForm(),
            "tab": "acts",
        },
        status=status,
    )


@require_GET
@login_required
def acts(request: HttpRequest, pk: int) -> HttpResponse:
    """The deliberations of a sitting, their numbers, and the minutes it adopted."""
    return _acts_page(request, get_meeting(request, pk))


@require_POST
@login_required
def issue_acts(request: HttpRequest, pk: int) -> HttpResponse:
    """Number, then freeze the extracts and the list."""
    meeting = get_meeting(request, pk, to="write")
    form = IssueForm(request.POST)
    if not form.is_valid():
        return _acts_page(request, meeting, form=form, status=422)
    before = {each.pk for each in reading.in_force(meeting)}
    try:
        issued = actions.issue_acts(
            meeting, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"]
        )
    except Refused as refusal:
        others = []
        for finding in refusal.findings:
            if finding.field in form.fields:
                form.add_error(finding.field, str(finding))
            else:
                others.append(finding)
        return _acts_page(request, meeting, tuple(others), form=form, status=422)
    new = [each for each in issued if each.pk not in before]
    if new:
        told = french.agree("établi", plural=len(new) > 1)
        messages.success(request, f"{french.count(len(new), 'document')} {told}.")
    else:
        messages.info(request, "Rien n’a changé : tout était déjà établi.")
    return redirect("registry:acts", pk)


@require_POST
@login_required
def prepare_acts(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the places of the signatures on each extract and on the list."""
    meeting = get_meeting(request, pk, to="write")
    waiting = [
        each
        for each in reading.in_force(meeting)
        if not each.is_minutes and not each.signatures.all()
    ]
    batch = actions.prepare_batch(waiting, by=request.user, at=timezone.now())
    if batch.refused:
        return _acts_page(request, meeting, _told(batch), status=422)
    count = len(batch.done)
    if count:
        told = french.agree("prêt", plural=count > 1)
        messages.success(request, f"{french.count(count, 'document')} {told} à signer.")
    else:
        messages.info(request, "Tout était déjà prêt à signer.")
    return redirect("registry:acts", pk)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def sign_acts(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign everything of a sitting that awaits the account, once each hash was shown."""
    meeting = get_meeting(request, pk)
    waiting = reading.to_sign(meeting, request.user)
    findings: tuple[Finding, ...] = ()
    if request.method == "POST":
        shown = [
            replace(each, digest=seen)
            for each in waiting
            if (seen := request.POST.get(f"seen-{each.document.pk}"))
        ]
        batch = actions.sign_batch(shown, by=request.user, at=timezone.now())
        if batch.done:
            told = french.agree("signé", plural=len(batch.done) > 1)
            messages.success(request, f"{french.count(len(batch.done), 'document')} {told}.")
        if not batch.refused:
            return redirect("registry:acts", pk)
        findings, waiting = _told(batch), reading.to_sign(meeting, request.user)
    person = next((each.person for each in waiting), None)
    context = {
        "meeting": meeting,
        "waiting": waiting,
        "is_held": person is not None and keys.is_held(person),
        "findings": findings,
        "may_write": can_write(request.user, meeting),
        "tab": "acts",
    }
    return render(request, "registry/sign_acts.html", context, status=422 if findings else 200)


def _told(batch: actions.Batch) -> tuple[Finding, ...]:
    """Why some documents of a batch were refused, each reason after the document."""
    return tuple(
        replace(finding, message=f"{document}{NBSP}: {finding.message}")
        for document, refusal in batch.refused
        for finding in refusal.findings
    )


@require_POST
@login_required
def number(request: HttpRequest, pk: int) -> HttpResponse:
    """Give their numbers to the acts of the sitting."""
    meeting = get_meeting(request, pk, to="write")
    try:
        given = actions.number(meeting, by=request.user, at=timezone.now())
    except Refused as refusal:
        return _acts_page(request, meeting, refusal.findings, status=422)
    if given:
        messages.success(request, f"De {given[0].label} à {given[-1].label}.")
    else:
        messages.info(request, "Tout était déjà numéroté.")
    return redirect("registry:acts", pk)


@require_POST
@login_required
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Note which minutes the votes of this sitting adopted."""
    meeting = get_meeting(request, pk, to="write")
    try:
        noted = actions.record_adoptions(meeting, by=request.user, at=timezone.now())
    except Refused as refusal:
        return _acts_page(request, meeting, refusal.findings, status=422)
    for adoption in noted:
        messages.success(request, f"{adoption.document} : arrêté par cette séance.")
    if not noted:
        messages.info(request, "Rien de nouveau : aucun procès-verbal n’attendait ce vote.")
    return redirect("registry:acts", pk)


@require_http_methods(["GET", "POST"])
@login_required
def link(request: HttpRequest, pk: int, deliberation: int) -> HttpResponse:
    """Say what a deliberation does to an earlier one."""
    meeting = get_meeting(request, pk, to="write")
    source = access.get_deliberation(request, deliberation, meeting=meeting.pk)
    posted = request.POST if request.method == "POST" else None
    form = LinkForm(posted, deliberation=source)
    if form.is_bound and form.is_valid():
        try:
            actions.link(source, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            return redirect("registry:acts", pk)
    status = 422 if form.is_bound else 200
    context = {"meeting": meeting, "deliberation": source, "form": form, "tab": "acts"}
    return render(request, "registry/link.html", context, status=status)


# --- Signatures -------------------------------------------------------------------------------


def _signatures_page(
    request: HttpRequest,
    document,
    *,
    findings: tuple[Finding, ...] = (),
    status: int = 200,
    **forms,
) -> HttpResponse:
    places = reading.places(document)
    mine = next(
        (
            place
            for place in places
            if place.person is not None and place.person.user_id == request.user.pk
        ),
        None,
    )
    is_prepared = document.signatures.exists()
    return render(
        request,
        "registry/signatures.html",
        {
            "document": document,
            "meeting": document.meeting,
            "places": places,
            "seal": document.signatures.filter(place=actions.SEAL_PLACE).first(),
            "mine": mine,
            "may_keep": access.may_keep(request, document),
            "is_prepared": is_prepared,
            "digest": reading.current_file(document)[1] if is_prepared else "",
            "is_held": bool(mine and mine.person and keys.is_held(mine.person)),
            "signed_form": forms.get("signed_form") or SignedFileForm(),
            "sheet_form": forms.get("sheet_form") or SheetForm(),
            "findings": findings,
        },
        status=status,
    )


@require_GET
@never_cache
@login_required
def signatures(request: HttpRequest, pk: int) -> HttpResponse:
    """Who signs this document, who has, and how."""
    return _signatures_page(request, access.get_document(request, pk))


@require_POST
@login_required
def prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the places of the signatures."""
    document = access.get_document(request, pk)
    if not access.may_keep(request, document):
        raise PermissionDenied
    try:
        actions.prepare_signing(document, by=request.user, at=timezone.now())
    except Refused as refusal:
        return _signatures_page(request, document, findings=refusal.findings, status=422)
    return redirect("registry:signatures", pk)


@require_POST
@login_required
def sign(request: HttpRequest, pk: int, place: str) -> HttpResponse:
    """Sign with the certificate held by the server."""
    document = access.get_document(request, pk)
    access.place_of(request, document, place)
    try:
        actions.sign_on_server(
            document,
            place=place,
            seen=request.POST.get("seen", ""),
            by=request.user,
            at=timezone.now(),
        )
    except Refused as refusal:
        return _signatures_page(request, document, findings=refusal.findings, status=422)
    messages.success(request, "Votre signature est posée.")
    return redirect("registry:signatures", pk)


@require_POST
@login_required
def upload_signed(request: HttpRequest, pk: int, place: str) -> HttpResponse:
    """Take the file signed on the signer's own machine."""
    document = access.get_document(request, pk)
    access.place_of(request, document, place)
    form = SignedFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.accept_signed(
                document,
                place=place,
                content=form.cleaned_data["file"].read(),
                by=request.user,
                at=timezone.now(),
            )
        except Refused as refusal:
            form.take(refusal.findings)
        else:
            messages.success(request, "Votre signature est reconnue et gardée.")
            return redirect("registry:signatures", pk)
    return _signatures_page(request, document, signed_form=form, status=422)


@require_POST
@login_required
def upload_sheet(request: HttpRequest, pk: int, place: str) -> HttpResponse:
    """Keep the sheet that somebody signed by hand."""
    document = access.get_document(request, pk)
    if not access.may_keep(request, document):
        raise PermissionDenied
    access.place_of(request, document, place)
    form = SheetForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["scan"]
        try:
            checked = attachments.check(file, file.name)
            if checked.media_type not in ("application/pdf", "image/jpeg", "image/png"):
                form.add_error("scan", "Une feuille numérisée est un PDF, un JPEG ou un PNG.")
            else:
                suffix = checked.filename.rpartition(".")[2]
                file.seek(0)
                actions.record_handwritten(
                    document,
                    place=place,
                    scan=ContentFile(file.read(), f"feuille-{uuid4().hex}.{suffix}"),
                    by=request.user,
                    at=timezone.now(),
                )
                messages.success(request, "La feuille signée est gardée.")
                return redirect("registry:signatures", pk)
        except Refused as refusal:
            form.take(refusal.findings)
    return _signatures_page(request, document, sheet_form=form, status=422)


@require_GET
@login_required
def current(request: HttpRequest, pk: int) -> HttpResponse:
    """The file with the signatures it bears so far: to sign, or to keep."""
    document = access.get_document(request, pk)
    content, _ = reading.current_file(document)
    name = document.file_name.removesuffix(".pdf")
    signed = document.signatures.exclude(place="").count()
    return _attached(content, f"{name}-signe.pdf" if signed else f"{name}-a-signer.pdf")


@require_GET
@login_required
def sheet(request: HttpRequest, pk: int, place: str) -> HttpResponse:
    """The sheet that somebody signed by hand, as it was scanned."""
    document = access.get_document(request, pk)
    step = access.place_of(request, document, place).step
    if step is None or not step.scan:
        raise PermissionDenied
    with step.scan.open("rb") as file:
        return _attached(file.read(), step.scan.name.rpartition("/")[2])


def _attached(content: bytes, name: str) -> HttpResponse:
    response = downloads.file(content, name)
    response["Cache-Control"] = "private, no-cache"
    return response
