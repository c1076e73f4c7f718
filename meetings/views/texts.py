"""What was said of an item, saved as one types, at two if need be."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from meetings import access, versions
from meetings.actions import texts
from meetings.forms import DebateForm
from meetings.models import AgendaItem
from meetings.views import decisions, shared
from members.access import edits, posts


@posts
def save_text(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Saved as one types. 409 with the address of the conflict page when somebody else wrote."""
    found = access.get_item(request, pk, key, to="write")
    form = DebateForm(request.POST)
    wants_json = shared.wants_json(request)
    if not form.is_valid():
        errors = " ".join(str(e) for errors in form.errors.values() for e in errors)
        if wants_json:
            return JsonResponse({"error": errors}, status=422)
        context = decisions.item_context(found, debate=form)
        return render(request, "meetings/item.html", context, status=422)
    try:
        saved = texts.save_text(found, **form.cleaned_data, by=request.user)
    except texts.Conflict as conflict:
        request.session[_conflict_key(found)] = conflict.text
        request.session[_came_from_key(found)] = request.POST.get("came_from", "")
        url = reverse("meetings:conflict", args=[pk, key])
        return JsonResponse({"conflict": url}, status=409) if wants_json else redirect(url)
    if wants_json:
        return shared.saved(saved.text_version)
    return redirect("meetings:item", pk, key)


def _conflict_key(item: AgendaItem) -> str:
    return f"conflit-{item.pk}"


def _came_from_key(item: AgendaItem) -> str:
    return f"conflit-{item.pk}-depuis"


def _written_on(request: HttpRequest, item: AgendaItem) -> str:
    """The page of ours on which the text was being written: the item’s, or another that has it."""
    path = request.session.get(_came_from_key(item), "")
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_ours else reverse("meetings:item", args=[item.meeting_id, item.key])


@edits
def conflict(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Two people wrote the same text: both are shown, the editor keeps what she wants of each."""
    found = access.get_item(request, pk, key, to="write")
    ours = request.session.get(_conflict_key(found))
    written_on = _written_on(request, found)
    if ours is None:
        return redirect(written_on)
    form = DebateForm(request.POST or {"text": ours, "version": found.text_version})
    if request.method == "POST" and form.is_valid():
        try:
            texts.save_text(found, **form.cleaned_data, by=request.user)
        except texts.Conflict as again:
            request.session[_conflict_key(found)] = again.text
            messages.warning(request, "Le texte vient encore de changer.")
            return redirect("meetings:conflict", pk, key)
        del request.session[_conflict_key(found)]
        messages.success(request, "Le texte est enregistré.")
        return redirect(written_on)
    latest = found.revisions.select_related("saved_by").first()
    context = {
        "meeting": found.meeting,
        "item": found,
        "versions": versions.side_by_side(found.text, ours),
        "latest": latest,
        "form": form,
        "written_on": written_on,
    }
    return render(request, "meetings/conflict.html", context)
