"""Acts on several rows of a list."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from law.findings import Refused
from members import proving
from members.admin.cards import ScopedModelAdmin
from members.admin.deleting import counted
from members.admin.scope import FrenchDate


def act_on_selection(
    model_admin: ScopedModelAdmin,
    request: HttpRequest,
    rows: QuerySet,
    *,
    action: str,
    title: str,
    button: str,
    told: str,
    act: Callable[..., object],
    done: str | Callable[..., str] = "",
    form: forms.Form | None = None,
) -> HttpResponse | None:
    """Say what the act does and ask what it needs; then whose it is, and do it to what is selected:
    `act` refuses it whole, or itself says what it left. `done` is for an act that says nothing
    itself, told from what was asked where that matters."""
    form = form or forms.Form(request.POST if "confirmed" in request.POST else None)
    for field in form.fields.values():
        if isinstance(field, forms.DateField):  # with its calendar, as on a card
            field.widget.attrs["class"] = "vDateField"
    if "confirmed" in request.POST and form.is_valid():
        proving.demand(f"{title[0].lower()}{title[1:]}")
        try:
            act(rows, **form.cleaned_data, by=request.user)
        except Refused as refusal:
            for finding in refusal.findings:
                form.add_error(
                    finding.field if finding.field in form.fields else None, str(finding)
                )
        else:
            if done:
                words = done(**form.cleaned_data) if callable(done) else done
                model_admin.message_user(request, words, messages.SUCCESS)
            return None
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "button": button,
        "told": told,
        "counted": counted(model_admin.opts, len(rows)),
        "opts": model_admin.opts,
        "rows": rows,
        "form": form,
        "media": form.media + FrenchDate().media,
        "faults": sum(map(len, form.errors.values())),
        "action": action,
        "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/act_on_selection.html", context)
