"""A list of the administration, the card of each of its rows and the rows of a card."""

import json

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.forms.formsets import all_valid
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from simple_history.admin import SimpleHistoryAdmin

from law import french
from members import access, constraints, proving
from members.admin.deleting import Deleting
from members.admin.filters import only_related
from members.admin.scope import UNCHOSEN, Scoping
from members.asked import row_number
from members.seen import seen
from members.sites import ACT

LONGEST_SEARCH = 200  # characters


class ScopedModelAdmin(Deleting, Scoping, admin.ModelAdmin):
    """A list and a form of the administration, for a model without history."""

    article = "un"  # of what a row is called
    looked_for = "Nom"  # what one types to find a row
    adds_at = ""  # where a row is added from its list, when it is not on a card
    # Acts that have a page, which says what they will do; the others are done as soon as asked.
    told_first = frozenset({"delete_selected"})
    object_history_template = "admin/no_history.html"
    list_per_page = 25
    show_facets = admin.ShowFacets.NEVER  # numbers in the filters, which nobody asked for

    def get_list_display(self, request: HttpRequest) -> list:
        return self._unless_single(request, super().get_list_display(request))

    def get_list_filter(self, request: HttpRequest) -> list:
        return self._unless_single(request, super().get_list_filter(request))

    def _unless_single(self, request: HttpRequest, names) -> list:
        """Without the organisation, where there is only one."""
        if len(access.organisations_of(request.user)) > 1:
            return list(names)
        left_out = ("organisation", only_related("organisation"))
        return [name for name in names if name not in left_out]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """What the filters of the list ask and nothing else. Django lets an address ask anything of
        any column: a password was read letter by letter, and an expression held the server."""
        for each in self.get_list_filter(request):
            name = getattr(each, "parameter_name", each[0] if isinstance(each, tuple) else each)
            if lookup in {name, f"{name}__exact", f"{name}__id__exact", f"{name}__isnull"}:
                return True
        return False

    # Django's own titles do not agree with French words (« Modification de instance »).

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        title = french.capitalise(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title} | (extra_context or {}))

    @property
    def noun(self) -> str:
        """« une instance »."""
        return f"{self.article} {self.opts.verbose_name}"

    def add_view(self, request: HttpRequest, form_url="", extra_context=None) -> HttpResponse:
        context = {
            "title": f"Ajouter {self.noun}",
            "another": f"Enregistrer et en ajouter {self.article} autre",
            "show_save_and_continue": False,
        }
        return super().add_view(request, form_url, context | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id, form_url="", extra_context=None
    ) -> HttpResponse:
        context = {
            "title": french.capitalise(self.opts.verbose_name),
            "has_history": isinstance(self, SimpleHistoryAdmin),
            "show_save_and_add_another": False,
            "show_save_and_continue": False,  # one act a page
        }
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def get_object(self, request: HttpRequest, object_id, from_field=None):
        """Whoever sends a card holds its row until what she sends is written, or refused."""
        if request.method == "POST" and transaction.get_connection().in_atomic_block:
            held = self.model._base_manager.select_for_update()
            held.filter(pk=row_number(str(object_id))).values_list("pk").first()
        return super().get_object(request, object_id, from_field)

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs):
        """A card bears what it showed: what another wrote meanwhile is not undone unread."""
        kwargs["form"] = seen(kwargs.get("form", self.form))
        return super().get_form(request, obj, change=change, **kwargs)

    def render_change_form(self, request: HttpRequest, context: dict, **kwargs) -> HttpResponse:
        """What is wrong is said once, at the top, and leads to its fields (`_faults.html`)."""
        context["faults"] = len(context["errors"])
        context["errors"] = ()
        return super().render_change_form(request, context, **kwargs)

    # See `save_form`, `response_action`, and `accounts.sites`.
    for view in (add_view, change_view, changelist_view):
        view.demands_proof = True  # type: ignore[attr-defined]
    del view

    def _create_formsets(self, request: HttpRequest, obj, change: bool) -> tuple:
        found = super()._create_formsets(request, obj, change)
        request.rows_sent = found[0]  # type: ignore[attr-defined]  # judged with the card
        return found

    def save_form(self, request: HttpRequest, form, change: bool):
        """The form holds together, nothing is written yet: whoever sends it proves who she is,
        unless its rows are to be corrected first, in which case nothing will be written."""
        if all_valid(getattr(request, "rows_sent", ())):  # none where a state is returned to
            proving.demand("enregistrer cette fiche")
        return super().save_form(request, form, change)

    def get_action_choices(self, request: HttpRequest, default_choices=None) -> list:
        return super().get_action_choices(request, [("", UNCHOSEN[True])])

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str):
        """Each word is a condition, and a database takes only so many: nobody types more."""
        return super().get_search_results(request, queryset, search_term[:LONGEST_SEARCH])

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        """What the address proposes; a row that no number names is none."""
        said = super().get_changeform_initial_data(request)
        rows = {field.name for field in self.opts.fields if field.is_relation}
        return {
            name: value
            for name, value in said.items()
            if name not in rows or row_number(value) is not None
        }

    def response_action(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """What is done as soon as it is asked is proved first; what has a page, once read. What
        cannot be the number of a row selects none."""
        request.POST = request.POST.copy()
        selected = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        rows = [each for each in selected if row_number(each) is not None]
        request.POST.setlist(helpers.ACTION_CHECKBOX_NAME, rows)
        if set(filter(None, request.POST.getlist("action"))) - self.told_first:
            proving.demand(ACT)
        return super().response_action(request, queryset)

    # Django's own words call every row an « objet », which agrees with nothing.

    def _say(self, request: HttpRequest, words: str) -> None:
        request.done = words  # type: ignore[attr-defined]  # read below, by this request

    def message_user(self, request, message, level=messages.INFO, *args, **kwargs) -> None:
        if level == messages.SUCCESS:
            message = getattr(request, "done", message)
        super().message_user(request, message, level, *args, **kwargs)

    def _linked(self, obj) -> str:
        card = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])
        return format_html('<a href="{}">{}</a>', card, obj)

    def response_add(self, request: HttpRequest, obj, post_url_continue=None) -> HttpResponse:
        self._say(request, self.told_once_added(obj))
        return super().response_add(request, obj, post_url_continue)

    def told_once_added(self, obj) -> str:
        """What the next page says of a row that was added."""
        return format_html("C’est ajouté\u00a0: {}.", self._linked(obj))

    def response_change(self, request: HttpRequest, obj) -> HttpResponse:
        self._say(request, format_html("C’est enregistré\u00a0: {}.", self._linked(obj)))
        return super().response_change(request, obj)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id) -> HttpResponse:
        self._say(request, f"C’est supprimé\u00a0: {obj_display}.")
        return super().response_delete(request, obj_display, obj_id)

    def get_inline_formsets(self, request: HttpRequest, *args, **kwargs) -> list:
        found = super().get_inline_formsets(request, *args, **kwargs)
        for rows in found:
            words = json.loads(rows.inline_formset_data())
            card = self.admin_site._registry[rows.opts.model]
            rows.told = rows.opts.told(rows.formset.instance) if rows.formset.instance.pk else ""
            words["options"] |= {"addText": f"Ajouter {card.noun}", "deleteText": "Enlever"}
            rows.inline_formset_data = json.dumps(words)
        return found

    def changeform_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """Say it on the form when the database refuses what the form had let through.

        It happens when two people save at the same moment. Read again, the form sees the row of
        the other and says so beside the field.
        """
        try:
            return super().changeform_view(request, *args, **kwargs)
        except IntegrityError:
            try:
                return super().changeform_view(request, *args, **kwargs)
            except IntegrityError as error:
                refusal = constraints.message_for(error) or "La base de données le refuse."
                self.message_user(request, f"{refusal} Rien n’a été écrit.", messages.ERROR)
                return redirect(request.get_full_path())


class ScopedInline(Scoping, admin.TabularInline):
    """Rows of a parent that is itself in scope; what they point to is scoped as well."""

    extra = 0
    hint = ""  # what one is to know to fill them in

    def told(self, obj) -> str:
        """What the line says of rows that are folded on the card of this one."""
        return ""

    def allows(self, request: HttpRequest, obj=None) -> bool:
        return self.runs_something(request)  # `obj` is the parent, already judged

    def get_formset(self, request: HttpRequest, obj=None, **kwargs):
        """Each row bears what it showed, as a card does."""
        kwargs["form"] = seen(kwargs.get("form", self.form))
        return super().get_formset(request, obj, **kwargs)

    def formfield_for_dbfield(self, db_field, request: HttpRequest, **kwargs):
        """Named to who does not see the head of its column."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            field.widget.attrs.setdefault("aria-label", french.capitalise(str(field.label)))
        return field
