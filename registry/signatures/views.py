"""The pages on which a document is signed."""

from dataclasses import replace
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import proof
from convening import outbox
from documents.access import get_issued
from documents.models import IssuedDocument
from law import french
from law.findings import Finding, Refused, Severity, refusal
from meetings import attachments
from meetings.access import can_write
from members import downloads, files
from members.access import posts, reads
from registry.access import get_deposit, may_confirm
from registry.models import Deposit
from registry.signatures import actions, keys, letters, reading
from registry.signatures.forms import DeclineForm, SheetForm, SignedFileForm


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
    moved = reading.unsignable(document) if any(not place.is_signed for place in places) else None
    by_hand: tuple[Finding, ...] = ()
    if any(not place.is_signed for place in places):
        found = actions.faults_of_author(document, at=timezone.now())
        by_hand = tuple(replace(each, severity=Severity.WARNING) for each in found)
    if moved is not None or by_hand:
        mine, findings = None, findings or ((moved,) if moved else by_hand)
    choice = keys.Choice()
    if mine and mine.person and not mine.is_signed and is_prepared:
        organisation = document.meeting.organisation
        choice = keys.of_person(mine.person, organisation, by=request.user, at=timezone.now())
        findings = findings or choice.faults
    may_keep = can_write(request.user, document.meeting)
    if may_keep and moved is None and status == 200:
        findings = (*findings, *reading.undecided(document, tells_who=True))
    pending = document.deposits.filter(settled_at=None).select_related("person", "deposited_by")
    deposits = {each.place: each for each in pending}
    told = reading.standings(document)
    unsigned = [each for each in places if not each.is_signed]
    awaited = [each.who for each in unsigned if each.name not in deposits and each.decline is None]
    is_away = document.folders.under_way().exists()
    return render(
        request,
        "registry/signatures.html",
        {
            "document": document,
            "meeting": document.meeting,
            "places": [
                (
                    place,
                    deposits.get(place.name),
                    told.get(place.name),
                    _sheet_form(place.name, forms),
                )
                for place in places
            ],
            "told_of_seal": told.get(actions.SEAL_PLACE),
            "is_away": is_away,
            "waits": is_away or any(not each.is_by_hand for each in deposits.values()),
            "seal": document.signatures.filter(place=actions.SEAL_PLACE).first(),
            "mine": mine,
            "may_keep": may_keep,
            "awaited": french.join(awaited),
            # Her reason is told to who signs beside her: what she finds false, they would sign.
            "declined": [
                (each.decline, each == mine, letters.reaches(each.decline.person))
                for each in unsigned
                if each.decline and document.is_current
            ],
            "refusing": reading.refusing(reading.declines(document)),
            "mended_at": reading.mended_at(document),
            "awaited_count": len(awaited),
            "is_signed": is_prepared and not unsigned,
            "is_to_hand": bool(mine) and not may_keep and reading.is_to_hand(document),
            "asked": letters.asked_to_hand(document) if mine and not is_prepared else None,
            "may_go_elsewhere": any(each.person for each in unsigned)
            and not any(each.decline for each in unsigned),
            "is_prepared": is_prepared,
            "is_bare": not may_keep and bool(mine) and bool(reading.undecided(document)),
            "is_moved": moved is not None,
            "is_by_hand": bool(by_hand),
            "has_second": actions.has_second(document, request.user)
            if may_keep and is_prepared and unsigned
            else True,
            "due_on": reading.due_on(document),
            "today": timezone.localdate(),
            "digest": reading.current_file(document)[1] if is_prepared else "",
            "key": choice.key if choice.is_ready else None,
            "handed": deposits.get(mine.name) if mine else None,
            "signed_form": forms.get("signed_form") or SignedFileForm(),
            "decline_form": forms.get("decline_form") or DeclineForm(),
            "findings": findings,
        },
        status=status,
    )


def _sheet_form(place: str, forms: dict) -> SheetForm:
    """The form of this place, that was just refused there or an empty one: each has its own ids."""
    refused = forms.get("sheet_form")
    named = f"id_{place}_%s"
    return refused if refused and refused.auto_id == named else SheetForm(auto_id=named)


def _site(request: HttpRequest) -> str:
    """What the addresses in a mail begin with, unless the settings name it."""
    return request.build_absolute_uri("/")


def _place_of(document: IssuedDocument, name: str) -> reading.Place:
    """A place of signature of this document, or 404."""
    for place in reading.places(document):
        if place.name == name:
            return place
    raise Http404


def _unaware(request: HttpRequest, document: IssuedDocument) -> tuple[Finding, ...]:
    """Who else refuses to sign it, where the page from which she signs did not say so yet."""
    told = request.POST.getlist("despite")
    others = [
        each
        for each in reading.declines(document)
        if each.person.user_id != request.user.pk and str(each.pk) not in told
    ]
    return (reading.refused_meanwhile(document, others),) if others else ()


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
    if unaware := _unaware(request, document):
        return _signatures_page(request, document, findings=unaware, status=422)
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
    if unaware := _unaware(request, document):
        return _signatures_page(request, document, findings=unaware, signed_form=form, status=422)
    if form.does(
        lambda: actions.accept_signed(
            document,
            place=place,
            content=form.cleaned_data["file"].read(),
            by=request.user,
            at=timezone.now(),
            site=_site(request),
        )
    ):
        if isinstance(form.done, Deposit):
            messages.info(
                request,
                "Votre signature est déposée. Aucun acte ne vous rattache ce certificat\u00a0: "
                "elle comptera une fois confirmée par le secrétariat.",
            )
        else:
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
    form = SheetForm(request.POST, request.FILES, auto_id=f"id_{place}_%s")
    if form.does(
        lambda: actions.deposit_handwritten(
            document,
            place=place,
            scan=_looked_at(form.cleaned_data["scan"]),
            by=request.user,
            at=timezone.now(),
            site=_site(request),
        )
    ):
        messages.info(request, "La feuille est déposée\u00a0: une autre personne la confirme.")
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


@posts
def decline(request: HttpRequest, pk: int, place: str) -> HttpResponse:
    """Say that one does not sign, and why."""
    document = get_issued(request, pk)
    _place_of(document, place)
    form = DeclineForm(request.POST)
    findings: tuple[Finding, ...] = ()
    if form.is_valid():
        try:
            declined = actions.decline(
                document,
                place=place,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=timezone.now(),
                site=_site(request),
            )
        except Refused as refusal:
            findings = refusal.findings
        else:
            if letters.told_of(declined):
                messages.success(request, "Le secrétariat est prévenu de ce qui ne va pas.")
            else:
                messages.warning(
                    request,
                    "C’est noté\u00a0: le secrétariat le lit dans «\u00a0À faire\u00a0». "
                    "Aucun courriel ne l’en prévient.",
                )
            return redirect("registry:signatures", pk)
    return _signatures_page(request, document, findings=findings, decline_form=form, status=422)


@posts
def ask_to_hand(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the secretariat for what one is to sign, and was not handed."""
    document = get_issued(request, pk)
    signers = {each.person.user_id for each in reading.places(document) if each.person}
    if request.user.pk in signers and reading.is_to_hand(document):
        letters.ask_to_hand(document, by=request.user, at=timezone.now(), site=_site(request))
        if outbox.is_kept():
            messages.warning(request, "Aucun courriel ne part\u00a0: dites-le au secrétariat.")
        else:
            messages.success(request, "C’est demandé au secrétariat.")
    return redirect("registry:signatures", pk)


@posts
def ask_again(request: HttpRequest, pk: int, place: str) -> HttpResponse:
    """Have a document wait again for who did not sign it: she takes that back, or is asked."""
    document = get_issued(request, pk)
    wanted = _place_of(document, place)
    # Whom the ledger names there may be another since.
    asked = wanted.decline.person if wanted.decline else wanted.person
    is_hers = asked is not None and asked.user_id == request.user.pk
    if not (is_hers or can_write(request.user, document.meeting)):
        raise PermissionDenied
    if wanted.decline is None:
        messages.info(
            request, "Aucun refus de signer n’attend à cette place\u00a0: rien n’a changé."
        )
    else:
        actions.end_decline(wanted.decline, by=request.user, at=timezone.now(), site=_site(request))
        told = french.nbsp(f"Sa signature est redemandée à {asked}.")
        if not is_hers and letters.reaches(wanted.decline.person):
            messages.success(request, told)
        elif not is_hers:
            messages.warning(request, f"{told} Aucun courriel ne part\u00a0: dites-le-lui.")
    return redirect("registry:signatures", pk)


@reads
def current(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of a document, wherever one asks for it: with the signatures it bears so far.
    `?voir` shows it in the browser."""
    document = get_issued(request, pk)
    content, _ = reading.current_file(document)
    return _attached(content, reading.signed_name(document), shown="voir" in request.GET)


@reads
def sheet(request: HttpRequest, pk: int, place: str) -> HttpResponse:
    """The sheet that somebody signed by hand, as it was scanned."""
    document = get_issued(request, pk)
    step = _place_of(document, place).step
    if step is None or not step.scan:
        raise PermissionDenied
    content = files.content(step.scan, step.deposit.sha256 if step.deposit else "")
    return _attached(content, step.scan.name.rpartition("/")[2])


# --- A second look ----------------------------------------------------------------------------


def _deposit_page(
    request: HttpRequest, deposit: Deposit, findings: tuple[Finding, ...] = (), *, status: int = 200
) -> HttpResponse:
    place = _place_of(deposit.document, deposit.place)
    is_hand = deposit.is_by_hand
    not_second = next(actions.faults_of_second(deposit, request.user), None)
    extension = str(deposit.file.name).rpartition(".")[2]
    context = {
        "deposit": deposit,
        "document": deposit.document,
        "place": place,
        "is_hand": is_hand,
        "printed": deposit.document.paper.verification if is_hand else None,
        "own_keys": () if is_hand else keys.in_use(deposit.person),
        "is_image": is_hand and extension != "pdf",
        "may_confirm": deposit.settled_at is None
        and may_confirm(request.user, deposit)
        and not_second is None,
        "not_second": not_second,
        "findings": findings,
    }
    return render(request, "registry/deposit.html", context, status=status)


@reads
def deposit(request: HttpRequest, pk: int, deposit: int) -> HttpResponse:
    """A signature that was handed in, as a second person looks at it."""
    return _deposit_page(request, get_deposit(request, pk, deposit))


@reads
def deposit_file(request: HttpRequest, pk: int, deposit: int) -> HttpResponse:
    """What was handed in: shown in the browser when it is a sheet signed by hand."""
    row = get_deposit(request, pk, deposit)
    name = str(row.file.name).rpartition("/")[2]
    content = files.content(row.file, row.sha256)
    return _attached(content, name, shown=row.is_by_hand)


@posts
@proof.required("confirmer cette signature")
def confirm(request: HttpRequest, pk: int, deposit: int) -> HttpResponse:
    """Recognise a signature that was handed in."""
    row = get_deposit(request, pk, deposit, to="confirm")
    try:
        actions.confirm(row, by=request.user, at=timezone.now(), site=_site(request))
    except Refused as refusal:
        return _deposit_page(request, row, refusal.findings, status=422)
    messages.success(request, "La signature est confirmée\u00a0: elle compte désormais.")
    return redirect("registry:signatures", pk)


@posts
def set_aside(request: HttpRequest, pk: int, deposit: int) -> HttpResponse:
    """Say that a signature that was handed in does not count."""
    row = get_deposit(request, pk, deposit)
    reason = request.POST.get("reason", "")[:300]
    try:
        actions.set_aside(row, reason=reason, by=request.user, at=timezone.now())
    except Refused as refusal:
        return _deposit_page(request, row, refusal.findings, status=422)
    messages.success(request, "Le dépôt est écarté.")
    return redirect("registry:signatures", pk)


def _attached(content: bytes, name: str, *, shown: bool = False) -> HttpResponse:
    response = downloads.file(content, name, shown=shown)
    response["Cache-Control"] = "private, no-cache"
    return response
