"""The pages on which a document is signed."""

from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import proof
from documents.access import get_issued
from documents.models import IssuedDocument
from law.findings import Finding, Refused, refusal
from meetings import attachments
from meetings.access import can_write
from members import downloads
from members.access import posts, reads
from registry.signatures import actions, keys, reading
from registry.signatures.forms import SheetForm, SignedFileForm


def _signatures_page(
    request: HttpRequest,
    document: IssuedDocument,
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
            "may_keep": can_write(request.user, document.meeting),
            "is_prepared": is_prepared,
            "digest": reading.current_file(document)[1] if is_prepared else "",
            "is_held": bool(mine and mine.person and keys.is_held(mine.person)),
            "signed_form": forms.get("signed_form") or SignedFileForm(),
            "sheet_form": forms.get("sheet_form") or SheetForm(),
            "findings": findings,
        },
        status=status,
    )


def _place_of(document: IssuedDocument, name: str) -> reading.Place:
    """A place of signature of this document, or 404."""
    for place in reading.places(document):
        if place.name == name:
            return place
    raise Http404


@reads
def signatures(request: HttpRequest, pk: int) -> HttpResponse:
    """Who signs this document, who has, and how."""
    return _signatures_page(request, get_issued(request, pk))


@posts
@proof.required("préparer ces signatures")
def prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the places of the signatures."""
    document = get_issued(request, pk)
    if not can_write(request.user, document.meeting):
        raise PermissionDenied
    try:
        actions.prepare_signing(document, by=request.user, at=timezone.now())
    except Refused as refusal:
        return _signatures_page(request, document, findings=refusal.findings, status=422)
    return redirect("registry:signatures", pk)


@posts
@proof.required("signer ce document")
def sign(request: HttpRequest, pk: int, place: str) -> HttpResponse:
    """Sign with the certificate held by the server."""
    document = get_issued(request, pk)
    _place_of(document, place)
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


@posts
@proof.required("déposer ce document signé")
def upload_signed(request: HttpRequest, pk: int, place: str) -> HttpResponse:
    """Take the file signed on the signer's own machine."""
    document = get_issued(request, pk)
    _place_of(document, place)
    form = SignedFileForm(request.POST, request.FILES)
    if form.does(
        lambda: actions.accept_signed(
            document,
            place=place,
            content=form.cleaned_data["file"].read(),
            by=request.user,
            at=timezone.now(),
        )
    ):
        messages.success(request, "Votre signature est reconnue et gardée.")
        return redirect("registry:signatures", pk)
    return _signatures_page(request, document, signed_form=form, status=422)


@posts
@proof.required("garder cette feuille signée")
def upload_sheet(request: HttpRequest, pk: int, place: str) -> HttpResponse:
    """Keep the sheet that somebody signed by hand."""
    document = get_issued(request, pk)
    if not can_write(request.user, document.meeting):
        raise PermissionDenied
    _place_of(document, place)
    form = SheetForm(request.POST, request.FILES)
    if form.does(
        lambda: actions.record_handwritten(
            document,
            place=place,
            scan=_looked_at(form.cleaned_data["scan"]),
            by=request.user,
            at=timezone.now(),
        )
    ):
        messages.success(request, "La feuille signée est gardée.")
        return redirect("registry:signatures", pk)
    return _signatures_page(request, document, sheet_form=form, status=422)


def _looked_at(file: UploadedFile) -> ContentFile:
    """A scan under a name of ours, once its content was looked at. Raises `Refused`."""
    checked = attachments.check(file, file.name)
    if checked.media_type not in ("application/pdf", "image/jpeg", "image/png"):
        raise refusal(
            "feuille_illisible",
            "Une feuille numérisée est un PDF, un JPEG ou un PNG.",
            field="scan",
        )
    file.seek(0)
    suffix = checked.filename.rpartition(".")[2]
    return ContentFile(file.read(), f"feuille-{uuid4().hex}.{suffix}")


@reads
def current(request: HttpRequest, pk: int) -> HttpResponse:
    """The file with the signatures it bears so far: to sign, or to keep."""
    document = get_issued(request, pk)
    content, _ = reading.current_file(document)
    name = document.file_name.removesuffix(".pdf")
    signed = document.signatures.exclude(place="").count()
    return _attached(content, f"{name}-signe.pdf" if signed else f"{name}-a-signer.pdf")


@reads
def sheet(request: HttpRequest, pk: int, place: str) -> HttpResponse:
    """The sheet that somebody signed by hand, as it was scanned."""
    document = get_issued(request, pk)
    step = _place_of(document, place).step
    if step is None or not step.scan:
        raise PermissionDenied
    with step.scan.open("rb") as file:
        return _attached(file.read(), step.scan.name.rpartition("/")[2])


def _attached(content: bytes, name: str) -> HttpResponse:
    response = downloads.file(content, name)
    response["Cache-Control"] = "private, no-cache"
    return response
