"""Who sits, and with which rights, day by day: a successor, an address, a role.

The pages are those of `members`; what writes is here, behind a second proof.
"""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts import actions, deciding, elsewhere, inviting, letters, proof
from law.findings import Refused
from members import access, addresses, succession
from members import succession_views as pages
from members.access import posts
from members.models import Person, Role


@posts
@proof.required("changer qui siège")
def succeed(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what the preview showed, if it would still do exactly that; then invite the successor."""
    mandate = access.get_mandate(request, pk)
    if (there := succession.taker_of(mandate)) is not None:
        messages.error(request, succession.taken(there))
        return redirect("members:mandate", pk=pk)
    form = pages.SuccessionForm(request.POST, mandate=mandate)
    if not form.is_valid():
        return pages.page(request, mandate, form)
    asked, ended_on = form.asked(), mandate.end_on
    try:
        succession.succeed(asked, by=request.user, seen=request.POST.get("empreinte", "-"))
    except Refused as refused:
        fresh = access.get_mandate(request, pk)
        if fresh.end_on != ended_on:  # another was quicker: this form asks something else now
            messages.error(request, str(refused))
            return redirect("members:mandate", pk=pk)
        form.mandate = fresh
        return pages.preview(request, fresh, form, findings=refused.findings)
    except IntegrityError:
        messages.error(request, "Quelqu’un vient d’écrire un de ces mandats. Rien n’est changé.")
        return redirect("members:mandate", pk=pk)
    messages.success(request, "C’est fait. Cette page le défait tant que rien ne s’appuie dessus.")
    _invite(request, asked.successor)
    return redirect("members:mandate", pk=pk)


def _invite(request: HttpRequest, person: Person | None) -> None:
    """Open her account and ask that it be linked, where that is for whoever acts to do; say what
    came of it. A fault of the invitation takes nothing back of who sits."""
    if person is None or not person.email or person.user_id:
        return
    organisation = person.organisation
    if not access.has_role(request.user, organisation, Role.Kind.ADMINISTRATION):
        messages.info(request, "L’administration enverra l’invitation.")
        return
    text = f"{person} ; {person.email} ; {Role.Kind.DELEGATE.label}"
    lines = inviting.plan(text, organisation, user=request.user)
    unseen = {line.email for line in lines if line.is_elsewhere}
    faults = [fault for line in lines for fault in line.faults]
    if not elsewhere.may_tell(request, unseen, organisation=organisation) or faults:
        messages.warning(request, f"L’invitation n’est pas partie\u00a0: {', '.join(faults)}.")
        return
    options = {"by": request.user, "request": request, "at": timezone.now()}
    try:
        actions.invite(organisation, lines, **options)
    except (IntegrityError, Refused):
        messages.warning(
            request,
            "L’invitation n’est pas partie\u00a0: cette adresse vient de recevoir un compte.",
        )
        return
    _say_invited(request, person.email)


def _say_invited(request: HttpRequest, email: str) -> None:
    level = letters.level(messages.SUCCESS)
    messages.add_message(request, level, letters.announced("L’invitation", email, by_hand=True))


@posts
@proof.required("défaire cet acte")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the mandates be as before."""
    mandate = access.get_mandate(request, pk)
    try:
        succession.undo(mandate, by=request.user)
        messages.success(
            request,
            f"C’est défait\u00a0: {mandate.person} siège comme avant. La fiche de qui venait à sa "
            f"suite demeure, et son compte s’il en a un.",
        )
    except Refused as refused:
        messages.error(request, str(refused))
    except IntegrityError:
        messages.error(request, "Un autre mandat occupe désormais ces dates. Rien n’est changé.")
    return redirect("members:mandate", pk=pk)


# --- An address, a role -------------------------------------------------------------------------


class ReachForm(forms.Form):
    """The first address of somebody who had none."""

    email = addresses.MailInput(
        max_length=254, error_messages={"invalid": "Cette adresse ne se lit pas."}
    )


@posts
@proof.required("donner cette adresse")
def reach(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an address to whoever has none: links go there. Another is changed elsewhere, told."""
    person = access.get_mandate(request, pk).person
    form = ReachForm(request.POST)
    if form.is_valid():
        try:
            person = actions.give_address(person, form.cleaned_data["email"], by=request.user)
            messages.success(request, f"{person} est joignable à {person.email}.")
        except Refused as refused:
            messages.error(request, str(refused))
    else:
        messages.error(request, " ".join(form.errors["email"]))
    return redirect("members:mandate", pk=pk)


@posts
@proof.required("renvoyer cette invitation")
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail again what somebody who was invited waits for."""
    mandate = access.get_mandate(request, pk)
    organisation = mandate.body.organisation
    if not access.has_role(request.user, organisation, Role.Kind.ADMINISTRATION):
        raise PermissionDenied
    options = {"by": request.user, "request": request, "at": timezone.now()}
    try:
        account = actions.invite_again(mandate.person, **options)
        _say_invited(request, account.email)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("members:mandate", pk=pk)


class RoleForm(forms.Form):
    """A role to give, or to withdraw."""

    kind = forms.ChoiceField(choices=Role.Kind)
    what = forms.ChoiceField(choices=[("donner", ""), ("retirer", "")])


@posts
@proof.required("changer un rôle")
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what giving or withdrawing a role would change; confirmed, do it."""
    mandate = access.get_mandate(request, pk)
    organisation, account = mandate.body.organisation, mandate.person.user
    if not access.has_role(request.user, organisation, Role.Kind.ADMINISTRATION):
        raise PermissionDenied
    if not request.POST.get("kind", "x"):
        messages.error(request, "Choisissez le rôle à lui donner.")
        return redirect(f"{reverse('members:mandate', args=[pk])}#compte")
    form = RoleForm(request.POST)
    if account is None or not form.is_valid():
        raise Http404
    kind, is_given = form.cleaned_data["kind"], form.cleaned_data["what"] == "donner"
    guarded = not is_given and deciding.role_obstacle(account, kind, by=request.user)
    if "confirmer" not in request.POST and not guarded:
        context = {
            "mandate": mandate,
            "body": mandate.body,
            "kind": kind,
            "label": Role.Kind(kind).label,
            "what": form.cleaned_data["what"],
            "opens": Role.OPENS[Role.Kind(kind)],
        }
        return render(request, "accounts/role.html", context)
    try:
        actions.change_role(account, organisation, kind, is_given=is_given, by=request.user)
        done = "donné" if is_given else "retiré\u00a0; ses sessions sont fermées"
        back = "retirez-le" if is_given else "redonnez-le"
        label = Role.Kind(kind).label
        messages.success(
            request, f"Rôle «\u00a0{label}\u00a0» {done}. Pour revenir\u00a0: {back}, ici."
        )
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("members:mandate", pk=pk)
