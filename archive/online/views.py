"""Putting documents online, and taking them off: the pages of the secretariat."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import proof
from archive import actions
from archive.forms import WithdrawForm
from archive.online import publications
from documents.access import get_issued
from documents.models import IssuedDocument
from law.findings import Finding, Refused
from law.french import count
from law.regime import cited
from meetings.access import can_write, get_meeting
from meetings.models import Meeting
from members.access import edits, posts
from registry.acts import reading as register
from registry.signatures import reading as signatures

# --- The acts of a sitting --------------------------------------------------------------------


def _sitting_page(
    request: HttpRequest, meeting: Meeting, *, findings: tuple[Finding, ...] = (), status: int = 200
) -> HttpResponse:
    today = timezone.localdate()
    waited = publications.acts_to_publish(meeting)
    unsigned = [each for each in waited if not signatures.is_signed(each)]
    issued = publications.in_force(meeting)
    missing = _missing(meeting, issued)
    return render(
        request,
        "archive/publish_sitting.html",
        {
            "meeting": meeting,
            "rows": [
                (
                    document,
                    standing,
                    bool(standing.due_on and standing.due_on < today),
                    missing[document],
                )
                for document in issued
                for standing in [publications.standing(document)]
            ],
            "extracts": sum(each.kind == IssuedDocument.Kind.EXTRACT for each in waited),
            "unsigned": len(unsigned),
            "signers": list(dict.fromkeys(who for each in unsigned for who in missing[each])),
            "has_list": any(each.kind == IssuedDocument.Kind.LIST for each in waited),
            "findings": findings or (tuple(register.without_quorum(meeting)) if waited else ()),
            "tab": "acts",
        },
        status=status,
    )


def _not_asked(meeting: Meeting) -> tuple[Finding, ...]:
    """That papers about to be put online still wait for a signature, and nobody said to go on."""
    waited = publications.acts_to_publish(meeting)
    unsigned = [each for each in waited if not signatures.is_signed(each)]
    if not unsigned:
        return ()
    is_act = any(each.kind == IssuedDocument.Kind.EXTRACT for each in unsigned)
    return (
        Finding(
            code="signatures_manquantes",
            message=f"{count(len(unsigned), 'document attend', 'documents attendent')} encore une "
            "signature\u00a0: rien n’est publié.",
            article=cited(meeting.regime, "art. L2121-23 du CGCT") if is_act else "",
            remedy="Faites-les signer d’abord, ou cochez la case.",
        ),
    )


def _missing(meeting: Meeting, documents: list[IssuedDocument]) -> dict[IssuedDocument, list[str]]:
    """Who has still to sign each of these."""
    known = signatures.signers(meeting) if documents else None
    return {
        document: [
            str(place.person or place.label) for place in signatures.missing(document, known)
        ]
        for document in documents
    }


@edits
@proof.required("mettre ces actes en ligne")
def sitting(request: HttpRequest, pk: int) -> HttpResponse:
    """What of a sitting is online, and the act that puts its list and extracts there at once."""
    meeting = get_meeting(request, pk, to="write")
    if request.method == "GET":
        return _sitting_page(request, meeting)
    findings = () if "unsigned" in request.POST else _not_asked(meeting)
    if findings:
        return _sitting_page(request, meeting, findings=findings, status=422)
    try:
        made = actions.publish_acts(meeting, by=request.user, at=timezone.now())
    except Refused as refusal:
        return _sitting_page(request, meeting, findings=refusal.findings, status=422)
    if made:
        messages.success(request, f"{count(len(made), 'document')} en ligne.")
    else:
        messages.info(request, "Tout était déjà en ligne.")
    return redirect("archive:publish_sitting", pk)


# --- One document -----------------------------------------------------------------------------


def _document(request: HttpRequest, pk: int) -> IssuedDocument:
    """An issued document that the account may put online."""
    document = get_issued(request, pk)
    if not can_write(request.user, document.meeting):
        raise PermissionDenied
    return document


def _publication_page(
    request: HttpRequest,
    document: IssuedDocument,
    *,
    findings: tuple[Finding, ...] = (),
    form: WithdrawForm | None = None,
    status: int = 200,
) -> HttpResponse:
    standing = publications.standing(document)
    is_list = document.kind == IssuedDocument.Kind.LIST
    return render(
        request,
        "archive/publish.html",
        {
            "document": document,
            "meeting": document.meeting,
            "standing": standing,
            "is_late": standing.due_on is not None and standing.due_on < timezone.localdate(),
            "missing": () if is_list else signatures.missing(document),
            "findings": findings,
            "form": form or WithdrawForm(),
        },
        status=status,
    )


@edits
@proof.required("mettre ce document en ligne")
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether this document is online, and the act that puts it there."""
    document = _document(request, pk)
    if request.method == "GET":
        return _publication_page(request, document)
    try:
        actions.publish(document, by=request.user, at=timezone.now())
    except Refused as refusal:
        return _publication_page(request, document, findings=refusal.findings, status=422)
    messages.success(request, "Ce document est en ligne.")
    return redirect("archive:publication", pk)


@posts
@proof.required("retirer ce document des pages publiques")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a document off the public pages."""
    document = _document(request, pk)
    current = document.publications.online().first()
    if current is None:
        raise Http404
    form = WithdrawForm(request.POST)
    if form.does(
        lambda: actions.withdraw(
            current, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
        )
    ):
        messages.success(request, "Ce document n’est plus en ligne.")
        return redirect("archive:publication", pk)
    return _publication_page(request, document, form=form, status=422)
