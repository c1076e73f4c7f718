"""Pages of what is held on people: on one, on oneself; what may be erased; the register."""

from tempfile import SpooledTemporaryFile

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import proof
from archive.forms import LetGoForm
from archive.personal import held
from archive.personal import letting_go as going
from archive.personal import register as processing
from law import french
from law.findings import Refused
from members import access
from members.access import posts, reads, role_required
from members.models import Person, Role
from trail.models import Act
from trail.recording import note

_IN_MEMORY = 1024 * 1024
_administration = role_required(Role.Kind.ADMINISTRATION)


def _person(request: HttpRequest, pk: int) -> Person:
    """The person, for the administration of its organisation."""
    found = Person.objects.select_related("organisation", "user").filter(pk=pk).first()
    if found is None:
        raise Http404
    access.choose(request, found.organisation)
    if not access.has_role(request.user, found.organisation, Role.Kind.ADMINISTRATION):
        raise PermissionDenied
    return found


@reads
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """What is held on one person: how much of what, how long, and what may be done of it."""
    found = _person(request, pk)
    subject = held.of_person(found, by=request.user)
    context = {
        "person": found,
        "counts": held.counts(subject),
        "kept_back": subject.kept_back,
        "obstacle": going.obstacle(found, at=timezone.now()),
    }
    return render(request, "archive/person_data.html", context)


@posts
@proof.required("prendre ce qui est tenu sur cette personne")
def person_file(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """All that is held on one person, for whoever answers her."""
    found = _person(request, pk)
    what = f"données tenues sur une personne, fiche n° {found.pk}, remises à l’administration"
    note(Act.DOWNLOAD, what, organisation=found.organisation)
    return _file(held.of_person(found, by=request.user))


@posts
@proof.required("prendre ce qui est tenu sur vous")
def my_file(request: HttpRequest) -> HttpResponse | FileResponse:
    """All that is held on whoever asks."""
    note(Act.DOWNLOAD, "données tenues sur soi", organisation=access.organisation_of(request))
    return _file(held.of_account(request.user))


def _file(subject: held.Subject) -> FileResponse:
    out = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 the answer closes it
    held.write(subject, out, at=timezone.now())
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=subject.file_name)


# --- What may go --------------------------------------------------------------------------------


@reads
@_administration
def letting_go(request: HttpRequest) -> HttpResponse:
    """What has no more reason to be held: who, why, since when."""
    return _preview(request, LetGoForm())


def _preview(request: HttpRequest, form: LetGoForm, *, status: int = 200) -> HttpResponse:
    organisation = access.organisation_of(request)
    found = going.piles(organisation, by=request.user, at=timezone.now())
    context = {
        "piles": found,
        "seen": going.stamp(found),
        "form": form,
        "chosen": form.data.getlist("kinds") if form.is_bound else None,
        "nothing": [pile.kind for pile in found if not (pile.going or pile.held)],
        "eliminations": going.eliminations(organisation),
        "is_empty": not any(pile.going for pile in found),
    }
    return render(request, "archive/letting_go.html", context, status=status)


@posts
@_administration
@proof.required("effacer ces données pour toujours")
def let_go(request: HttpRequest) -> HttpResponse:
    """Erase what the page showed, under the visa that was written."""
    form = LetGoForm(request.POST)
    if form.is_valid():
        try:
            count = going.let_go(
                access.organisation_of(request),
                **form.cleaned_data,
                by=request.user,
                at=timezone.now(),
            )
        except Refused as refusal:
            for finding in refusal.findings:
                form.add_error(finding.field or None, str(finding))
        else:
            told = french.count(count, "ligne effacée", "lignes effacées")
            messages.success(request, f"C’est fait\u00a0: {told}. Le journal le dit, sous le visa.")
            return redirect("archive:letting_go")
    return _preview(request, form, status=422)


# --- The register -------------------------------------------------------------------------------


@reads
@_administration
def register(request: HttpRequest) -> HttpResponse:
    """The register of processing, to be read and printed."""
    organisation = access.organisation_of(request)
    context = {
        "purposes": processing.purposes(),
        "helpers": list(processing.helpers(organisation)),
        "safeguards": list(processing.safeguards()),
        "about": settings.ABOUT,
    }
    return render(request, "archive/processing.html", context)
