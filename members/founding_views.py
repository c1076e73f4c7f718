"""The first steps, each on its page: the organisation, its members, its bodies, their accounts.

Each is left and taken up again when one likes; `archive.desk` shows which are done. None of these
pages is of the first day only: members join, and bodies are made, later too. What they write gives
a voice: `accounts` has the addresses of those that write, and a second proof.
"""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from law import french
from law.findings import Refused
from members import access, founding, rules
from members.access import edits, posted, role_required
from members.actions import save
from members.founding_forms import AddressesForm, BodyForm, CommunitiesForm, FoundingForm
from members.models import Community, Role

STEPS = "archive:first_steps"  # the page that shows them all
_administers = role_required(Role.Kind.ADMINISTRATION)


def organisation(request: HttpRequest) -> HttpResponse:
    """Found the first organisation, by a superuser; or correct what one's own is."""
    current = access.organisation_of(request)
    if current is None and not request.user.is_superuser:
        return render(request, "members/no_role.html", status=403)
    if current and not access.has_role(request.user, current, Role.Kind.ADMINISTRATION):
        raise PermissionDenied
    was = current and current.legal_form
    form = FoundingForm(posted(request), instance=current)
    if form.is_valid():
        if current is None:
            founding.found(form.instance, by=request.user)
            messages.success(request, f"C’est enregistré\u00a0: {form.instance}. La suite est ici.")
        else:
            founding.correct(form.instance, by=request.user)
            messages.success(request, "L’organisation est enregistrée.")
            _tell_of_models(request, form.instance, was)
        return redirect(STEPS)
    context = {"form": form, "is_new": current is None}
    status = 422 if form.is_bound else 200
    return render(request, "members/organisation.html", context, status=status)


def _tell_of_models(request: HttpRequest, organisation, was: str) -> None:
    """Another legal form changes no rule that is written: each body is asked about its own."""
    if was == organisation.legal_form:
        return
    apart = [
        body.name
        for body in organisation.bodies.all()
        if (book := body.rule_book(timezone.localdate())) and book.preset != organisation.legal_form
    ]
    if apart:
        messages.warning(
            request,
            f"Le modèle de règlement n’est plus celui de la forme juridique\u00a0: "
            f"{french.join(apart)}. Changez-le à la page du règlement de chaque instance, qui "
            f"demande ce que deviennent ses règles.",
        )


@edits
@_administers
def communities(request: HttpRequest) -> HttpResponse:
    """Who its members are, and a list of others, seen line by line; nothing is written."""
    form = CommunitiesForm(posted(request), request.FILES or None)
    lines = _lines(request, form) if request.method == "POST" else None
    return _communities_page(request, form, lines)


def confirm_communities(request: HttpRequest) -> HttpResponse:
    """Write the list that was seen, all of it or nothing."""
    current = access.organisation_of(request)
    form = CommunitiesForm(request.POST)
    lines = _lines(request, form)
    if lines and not any(line.faults for line in lines):
        try:
            written = founding.join(current, lines, by=request.user)
        except IntegrityError:
            form.add_error("liste", "Une de ces collectivités vient d’être enregistrée.")
            return _communities_page(request, form, None)
        messages.success(request, f"{french.count(written, 'collectivité enregistrée')}.")
        for doubt in rules.doubts_on_the_form(current):
            messages.warning(request, str(doubt))
        return redirect(STEPS)
    return _communities_page(request, form, lines)


def _lines(request: HttpRequest, form: CommunitiesForm) -> list[founding.CommunityLine] | None:
    """What a list would do, line by line; `None`, told beside its field, when it is no list."""
    if not form.is_valid():
        return None
    text, usual = form.cleaned_data["text"], form.cleaned_data["nature"]
    try:
        return founding.communities(text, access.organisation_of(request), usual=usual)
    except Refused as refused:
        form.add_error("liste", str(refused))
        return None


def _communities_page(
    request: HttpRequest, form: CommunitiesForm, lines: list[founding.CommunityLine] | None
) -> HttpResponse:
    current = access.organisation_of(request)
    faulty = sum(bool(each.faults) for each in lines or ())
    status = 422 if form.is_bound and (faulty or not lines) else 200
    if lines:
        cleaned = form.cleaned_data
        form = CommunitiesForm(initial={"liste": cleaned["text"], "nature": cleaned["nature"]})
    context = {
        "form": form,
        "lines": lines,
        "faulty": faulty,
        "kinds": ", ".join(Community.Kind.labels)
        if any(not each.community.kind for each in lines or ())
        else "",
        "members": current.communities.lasting(timezone.localdate()),
        "doubts": rules.doubts_on_the_form(current),
    }
    return render(request, "members/communities.html", context, status=status)


def community(request: HttpRequest, pk: int) -> HttpResponse:
    """Where one member is written to, by whoever writes to it."""
    found = access.get_community(request, pk)
    form = AddressesForm(posted(request), instance=found)
    if form.is_valid():
        save(form.instance, by=request.user, why="adresses")
        messages.success(request, f"{found}\u00a0: les adresses sont enregistrées.")
        return redirect("accounts:community", pk)
    status = 422 if form.is_bound else 200
    context = {"community": access.get_community(request, pk), "form": form}
    return render(request, "members/community.html", context, status=status)


def new_body(request: HttpRequest) -> HttpResponse:
    """Make a body, with its colleges, its seats and the model of its rules."""
    current = access.organisation_of(request)
    form = BodyForm(posted(request), organisation=current)
    if form.is_valid():
        cleaned = form.cleaned_data
        form.instance.name = cleaned["name"]
        try:
            founding.make_body(
                form.instance, cleaned["colleges"], preset=cleaned["preset"], by=request.user
            )
        except Refused as refused:  # somebody made it meanwhile
            form.add_error("name", str(refused))
        else:
            messages.success(
                request, f"Instance enregistrée, avec son règlement\u00a0: {form.instance}."
            )
            return redirect(STEPS)
    context = {"form": form, "bodies": current.bodies.sitting()}
    status = 422 if form.is_bound else 200
    return render(request, "members/new_body.html", context, status=status)
