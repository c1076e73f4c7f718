"""The pages of the doors."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts import proof
from accounts.forms import ProofForm
from members.access import edits


@edits
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the second proof, then lead where one was going."""
    following = request.GET.get("next") or request.POST.get("next", "")
    form = ProofForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        proof.give(request.session)
        return redirect(proof.inside(request, following))
    context = {"form": form, "next": following, "back": proof.came_from(request)}
    context["minutes"] = settings.SECOND_PROOF_MINUTES
    return render(request, "accounts/proof.html", context, status=422 if form.errors else 200)
