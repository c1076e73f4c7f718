"""The page from which a sitting, or one act, is deposited in an electronic archive."""

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from archive.forms import ArchiveServiceForm
from archive.keeping import depositing
from archive.models import ArchiveService
from law.findings import Refused
from law.secrecy import Ground
from meetings.access import get_occasion
from meetings.models import Meeting
from meetings.views.shared import say_refusals
from members.access import CLERKS, edits, organisation_of, posted, reads, role_required
from members.models import Organisation
from trail.models import Act
from trail.recording import note

# A sitting before that has papers to come: it is deposited again then.
_OVER = (Meeting.Stage.ISSUED,)


def _service(organisation: Organisation) -> ArchiveService:
    """What was agreed with the archive, or what is proposed until then."""
    found = ArchiveService.objects.filter(organisation=organisation).first()
    siren = organisation.known_siren
    return found or ArchiveService(organisation=organisation, sender=siren, producer=siren)


def _occasion(request: HttpRequest, pk: int) -> Meeting:
    """A sitting, or an act that somebody took alone: of a draft there is nothing to keep."""
    meeting = get_occasion(request, pk, to="write")
    if meeting.is_alone and not meeting.ledger:
        raise Http404
    return meeting


@edits
@role_required(*CLERKS)
def archive_service(request: HttpRequest) -> HttpResponse:
    """What was agreed with the archive: its identifiers and its codes, once for every deposit."""
    organisation = organisation_of(request)
    form = ArchiveServiceForm(posted(request), instance=_service(organisation))
    if form.is_valid():
        with transaction.atomic():
            row = form.save()
            told = f"service d’archives\u00a0: {row.agency}, SEDA {row.version}"
            note(Act.RULES, told, by=request.user, organisation=organisation)
        messages.success(request, "Le service d’archives est enregistré.")
        return redirect("archive:archive_service")
    status = 422 if form.is_bound else 200
    return render(request, "archive/archive_service.html", {"form": form}, status=status)


@reads
def deposit(request: HttpRequest, pk: int) -> HttpResponse:
    """What would be deposited, and when each file is free."""
    meeting = _occasion(request, pk)
    service = _service(meeting.organisation)
    context = {
        "meeting": meeting,
        "deposit": depositing.Deposit(meeting=meeting),
        "service": service,
        "is_known": service.pk is not None,
        "is_unfinished": not meeting.is_alone and meeting.stage not in _OVER,
        "grounds": sorted(service.codes),
        "acts": ()
        if meeting.is_alone
        else meeting.deliberations.select_related("item").order_by("rank"),
    }
    return render(request, "archive/deposit.html", context)


def _grounds(request: HttpRequest, service: ArchiveService) -> dict[str, Ground]:
    """Which secret each reason was said to be, among those that the archive has a code for."""
    known = {str(ground.value): ground for ground in service.codes}
    asked = ((name, request.GET.get(f"delai-{name}", "")) for name in depositing.REASONS)
    return {name: known[years] for name, years in asked if years in known}


@reads
def deposit_pack(request: HttpRequest, pk: int) -> HttpResponse:
    """The pack of a sitting or of one of its acts (`?acte=`), with its manifest."""
    meeting = _occasion(request, pk)
    rows = meeting.deliberations.select_related("item", "act_sheet")
    service = _service(meeting.organisation)
    wanted = depositing.chosen(
        meeting, rows, request.GET.get("acte", ""), _grounds(request, service)
    )
    if wanted is None:
        raise Http404
    if service.pk is None:
        messages.error(request, "Dites d’abord ce qui est convenu avec le service d’archives.")
        return redirect("archive:deposit", pk)
    try:
        packed = depositing.pack(wanted, service, at=timezone.now())
    except Refused as refused:
        say_refusals(request, refused.findings)
        return redirect("archive:deposit", pk)
    act = f"-{wanted.act.safe_label}" if wanted.act else ""
    name = f"versement-{meeting.body.slug}-{meeting.held_on.isoformat()}{act}.zip"
    return FileResponse(packed, as_attachment=True, filename=name, content_type="application/zip")
