"""Cards that keep the history of their row: who changed what, when and why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.db.models import DateField
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from simple_history.admin import SimpleHistoryAdmin
from simple_history.manager import SIMPLE_HISTORY_REVERSE_ATTR_NAME
from simple_history.models import DeletedObject, ModelChange, ModelChangeValue
from simple_history.template_utils import HistoricalRecordContextHelper, ObjDiffDisplay

from law import french
from members import files
from members.admin.cards import ScopedModelAdmin
from members.asked import row_number
from members.templatetags.french import clock, moment


class Shortened(ObjDiffDisplay):
    """Both readings of a long text, cut where they agree."""

    def shortened_str(self, prefix: str, num_skipped_chars: int, suffix: str) -> str:
        return f"{prefix}…{suffix}"


class InWords(HistoricalRecordContextHelper):
    """What became of a row, each field under the name its form gives it, each value as one says
    it: a day, a choice, nothing."""

    def __init__(self, *args, labels: dict[str, str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.labels = labels

    def format_delta_change(self, change: ModelChange) -> ModelChange:
        found = super().format_delta_change(change)
        return replace(found, field=self.labels.get(change.field, found.field))

    def prepare_delta_change_value(self, change: ModelChange, value: ModelChangeValue) -> object:
        field = self.model._meta.get_field(change.field)
        told = super().prepare_delta_change_value(change, value)
        if told in (None, "", []):
            return "aucun" if isinstance(field, DateField) else "rien"
        if isinstance(told, bool):
            return "oui" if told else "non"
        if isinstance(told, DeletedObject):
            return "supprimé depuis"
        if choices := dict(field.flatchoices):
            return choices.get(told, told)
        if isinstance(told, datetime):
            return moment(timezone.localtime(told))
        if isinstance(told, date):
            return french.nbsp(french.long_date(told))
        return clock(told) if isinstance(told, time) else told

    def get_obj_diff_display(self) -> ObjDiffDisplay:
        return Shortened(max_length=self.max_displayed_delta_change_chars)


class ScopedAdmin(ScopedModelAdmin, SimpleHistoryAdmin):
    """The same with the history of each row: who changed what, when and why."""

    labels: dict[str, str] = {}  # what the form calls a field, where the model says otherwise
    in_words: type[InWords] = InWords

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs):
        if self.labels:
            kwargs["labels"] = self.labels
        return super().get_form(request, obj, change=change, **kwargs)

    def get_historical_record_context_helper(self, request, historical_record) -> InWords:
        return self.in_words(self.model, historical_record, labels=self.labels)

    object_history_template = "admin/card_history.html"
    object_history_list_template = "admin/history_list.html"
    object_history_form_template = "admin/card_state.html"

    def changeform_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        with files.all_or_nothing():  # a logo goes with the row that was refused
            return super().changeform_view(request, *args, **kwargs)

    def history_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return self._or_not_found(super().history_view, request, *args, **kwargs)

    @transaction.atomic
    def history_form_view(self, request: HttpRequest, object_id, *args, **kwargs) -> HttpResponse:
        if request.method == "POST":  # held until what is sent is written, or refused
            held = self.model._base_manager.select_for_update()
            held.filter(pk=row_number(str(object_id))).values_list("pk").first()
        return self._or_not_found(super().history_form_view, request, object_id, *args, **kwargs)

    def render_history_view(self, request: HttpRequest, template, context, **kwargs):
        """Of which day the state is; what is wrong is said once, as on a card."""
        if then := getattr(context.get("original"), SIMPLE_HISTORY_REVERSE_ATTR_NAME, None):
            context["then"] = timezone.localtime(then.history_date)
        context |= {"faults": len(context.get("errors", ())), "errors": ()}
        return super().render_history_view(request, template, context, **kwargs)

    # What the proof is asked for, read by `accounts.sites`.
    history_form_view.act = "rétablir cet état"  # type: ignore[attr-defined]

    def history_view_title(self, request: HttpRequest, obj) -> str:
        return f"Historique : {obj}"

    def history_form_view_title(self, request: HttpRequest, obj) -> str:
        return f"Revenir à cet état : {obj}"

    def _or_not_found(self, view: Callable, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """404 for what is not the account's, a number that is none, a row that lost its parent."""
        try:
            return view(request, *args, **kwargs)
        except (PermissionDenied, ObjectDoesNotExist, ValueError) as error:
            raise Http404 from error
