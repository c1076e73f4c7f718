"""The pages of what is signed in a parapheur: sent, followed, taken back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import proof
from documents.access import get_issued
from law import french
from law.findings import Refused
from meetings.access import get_meeting
from meetings.views.shared import say_refusals
from members import downloads, files
from members.access import posts, reads
from registry.signatures import reading
from transmission.access import get_folder, to_write
from transmission.operators import carrying, choosing, signing


@posts
@proof.required("envoyer ce document au parapheur")
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a document signed in the parapheur by all whom it waits for."""
    document = to_write(request, get_issued(request, pk))
    try:
        folder = signing.send(document, by=request.user, at=timezone.now())
    except Refused as refused:
        say_refusals(request, refused.findings)
    else:
        carrying.DUTY.wake()
        messages.success(request, f"Le document part pour {folder.service} dans un instant.")
    return redirect("registry:signatures", pk)


@posts
@proof.required("envoyer ces documents au parapheur")
def send_all(request: HttpRequest, pk: int) -> HttpResponse:
    """The same of each paper of a sitting that waits for somebody and is nowhere yet."""
    meeting = get_meeting(request, pk, to="write")
    waiting, sent = signing.sendable(meeting), 0
    for document in waiting:
        try:
            signing.send(document, by=request.user, at=timezone.now())
        except Refused as refused:
            messages.error(request, f"{document}\u00a0:")
            say_refusals(request, refused.findings)
        else:
            sent += 1
    if sent:
        carrying.DUTY.wake()
        leaves = french.agree("parti", plural=sent > 1)
        messages.success(request, f"{french.count(sent, 'document')} {leaves} pour le parapheur.")
    elif not waiting:
        messages.info(request, "Aucun document n’attend d’être envoyé au parapheur.")
    return redirect("registry:acts", pk)


@reads
def folder(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a document is that was sent to the parapheur, hour by hour."""
    row = get_folder(request, pk)
    document = row.document
    labels = {place.name: place.label for place in reading.places(document)}
    context = {
        "folder": row,
        "document": document,
        "meeting": document.meeting,
        "expected": [labels.get(name, name) for name in row.places],
        "errand": getattr(row, "errand", None),
        "may_withdraw": row.state in (row.State.TO_SEND, row.State.AWAY),
        "is_waiting": row.state == row.State.BACK,
    }
    return render(request, "transmission/folder.html", context)


@posts
@proof.required("retirer ce document du parapheur")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a document that was sent."""
    row = get_folder(request, pk)
    reason = " ".join(request.POST.get("reason", "").replace("\0", "").split())[:300]
    try:
        signing.withdraw(row, reason=reason, by=request.user, at=timezone.now())
    except Refused as refused:
        say_refusals(request, refused.findings)
    else:
        carrying.DUTY.wake()
        messages.success(request, "Ce qui en reviendra ne comptera pas.")
    return redirect("transmission:folder", pk)


@posts
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the parapheur now: what stopped it was mended."""
    row = get_folder(request, pk)
    if (errand := getattr(row, "errand", None)) is None:
        raise Http404
    choosing.again(errand, by=request.user, at=timezone.now())
    carrying.DUTY.wake()
    messages.info(request, "Le parapheur est redemandé dans un instant.")
    return redirect("transmission:folder", pk)


@reads
def returned(request: HttpRequest, pk: int) -> HttpResponse:
    """The file that came back, as it came."""
    row = get_folder(request, pk)
    if not row.file:
        raise Http404
    content = files.content(row.file, row.file_sha256)
    response = downloads.file(content, f"revenu-{row.document.file_name}")
    response["Cache-Control"] = "private, no-cache"
    return response
