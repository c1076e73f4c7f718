"""The administration of who sits where, one organisation at a time.

An account that is `administration` of an organisation sees, edits and chooses among the rows of
that organisation only; a superuser sees all. `Scoping` says it once for lists, forms, inlines,
filters, autocompletion and history.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial
from itertools import groupby

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.admin.widgets import AdminDateWidget, RelatedFieldWidgetWrapper
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import (
    BLANK_CHOICE_DASH,
    Case,
    Count,
    DateField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TimeField,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.forms.formsets import all_valid
from django.forms.models import ModelChoiceIterator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from simple_history.admin import SimpleHistoryAdmin
from simple_history.models import DeletedObject, ModelChange, ModelChangeValue, ModelDelta
from simple_history.template_utils import HistoricalRecordContextHelper, ObjDiffDisplay

from law import french, regime
from law.findings import Refused
from members import access, constraints, days, files, front, proving, rules, seats, succession
from members import actions as verbs
from members.asked import row_number
from members.forms import (
    BodyCardForm,
    DayField,
    DigitsField,
    EndMandatesForm,
    MergerForm,
    OrganisationForm,
    no_such_day,
)
from members.models import (
    Body,
    Community,
    Constituency,
    Mandate,
    Organisation,
    Person,
    RuleBook,
    filed,
    folded,
)
from members.seen import seen
from members.sites import ACT
from members.templatetags.french import clock, moment

LONGEST_SEARCH = 200  # characters

# --- One organisation at a time -------------------------------------------------------------


def counted(opts, number: int) -> str:
    """« 1 collectivité membre », « 3 collectivités membres »."""
    return french.count(number, str(opts.verbose_name), str(opts.verbose_name_plural))


def by_kind(told: Iterable, *, but: Iterable[str] = ()) -> list[tuple[str, list[str]]]:
    """Rows that Django tells one by one, in nested lists (« Mandat: Farid FAURE »), counted by
    kind: « 2 mandats », and which; `but` of kinds that nobody knows."""
    found: dict[str, list[str]] = {}

    def read(rows: Iterable) -> None:
        for row in rows:
            if not isinstance(row, str):
                read(row)
                continue
            kind, _, name = row.partition(": ")
            if kind.lower() in but:
                continue
            found.setdefault(kind, []).append(type(row)(name))  # a link stays one

    read(told)
    called = {
        french.capitalise(str(model._meta.verbose_name)): model for model in apps.get_models()
    }
    return [(counted(called[kind]._meta, len(names)), names) for kind, names in found.items()]


class FrenchDate(AdminDateWidget):
    """A day, with how it is written."""

    def __init__(self) -> None:
        super().__init__(attrs={"placeholder": "jj/mm/aaaa", "inputmode": "numeric"})


class FrenchTime(forms.TimeInput):
    """An hour, without its seconds; nobody's usual hour is that of now."""

    def __init__(self) -> None:
        super().__init__(attrs={"placeholder": "hh:mm", "class": "form-time"}, format="%H:%M")


UNCHOSEN = {True: "À choisir", False: "–"}  # asked, or not


class Scoping:
    """What an administrator may reach: the rows of the organisations he runs.

    `organisation_path` leads from a row to its organisation.
    """

    organisation_path = "organisation"
    may_add: tuple[str, ...] = ()  # the choices beside which a row may be added
    formfield_overrides = {
        DateField: {"widget": FrenchDate},
        TimeField: {"widget": FrenchTime},
    }

    def runs_something(self, request: HttpRequest) -> bool:
        """Whether the account runs any organisation."""
        return request.user.is_superuser or bool(access.organisations_run_by(request.user))

    def in_scope(self, request: HttpRequest, obj) -> bool:
        """Whether this row belongs to an organisation the account runs."""
        if request.user.is_superuser:
            return True
        try:
            for step in self.organisation_path.split("__"):
                obj = getattr(obj, step)
        except ObjectDoesNotExist:  # an old version of a row whose relations are gone
            return False
        return obj in access.organisations_run_by(request.user)

    def allows(self, request: HttpRequest, obj=None) -> bool:
        """Whether the account may work on this row, on the list when there is none."""
        return self.runs_something(request) and (obj is None or self.in_scope(request, obj))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.runs_something(request)

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.runs_something(request)

    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.allows(request, obj)

    has_change_permission = has_delete_permission = has_view_permission

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        run = [organisation.pk for organisation in access.organisations_run_by(request.user)]
        return rows.filter(**{f"{self.organisation_path}__in": run})

    def get_field_queryset(self, db, db_field, request: HttpRequest) -> QuerySet | None:
        """Foreign keys offer what the account could open in its own list, and nothing else."""
        related = self.admin_site._registry.get(db_field.remote_field.model)
        if isinstance(related, Scoping):
            return related.get_queryset(request)
        return super().get_field_queryset(db, db_field, request)

    def formfield_for_dbfield(self, db_field, request: HttpRequest, **kwargs):
        """Beside a choice, nothing but to add whom one does not find: the rest is on its card. A
        choice that was not made says so, instead of Django's dashes."""
        if db_field.name in ("siren", "siret"):
            kwargs["form_class"] = DigitsField
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            box = field.widget
            box.can_delete_related = box.can_view_related = box.can_change_related = False
            box.can_add_related &= db_field.name in self.may_add
        if field:
            is_chosen = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
            field.error_messages["required"] = "À choisir." if is_chosen else "À remplir."
            if isinstance(field.widget, forms.Textarea):
                field.validators.append(front.check_lines)
        if isinstance(field, forms.DateField):
            field.error_messages["invalid"] = no_such_day()
        if isinstance(field, forms.TimeField):
            field.error_messages["invalid"] = (
                "Cette heure n’existe pas. Écrivez-la ainsi\u00a0: 17:30."
            )
        if isinstance(field, forms.ChoiceField):
            words = UNCHOSEN[field.required]
            if isinstance(field, forms.ModelChoiceField):
                field.empty_label = field.empty_label and words
            elif (choices := list(field.choices))[:1] == BLANK_CHOICE_DASH:
                field.choices = [("", words), *choices[1:]]
        return field

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        """With a single organisation nobody is asked which one."""
        run = access.organisations_run_by(request.user)
        if db_field.remote_field.model is Organisation and len(run) == 1:
            kwargs["initial"] = run[0].pk
            kwargs["widget"] = forms.HiddenInput()
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.remote_field.model is Body and field is not None:  # a register never sits
            field.queryset = field.queryset.filter(assembly=None)
        return field


class PointedToFilter(admin.RelatedOnlyFieldListFilter):
    """What the rows point to; of those that point to nothing, a word that one can press."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.empty_value_display = "non renseigné"


def only_related(name: str) -> tuple:
    """A filter by a relation that offers what the rows point to."""
    return (name, PointedToFilter)


class ScopedModelAdmin(Scoping, admin.ModelAdmin):
    """A list and a form of the administration, for a model without history."""

    article = "un"  # of what a row is called
    looked_for = "Nom"  # what one types to find a row
    instead = ""  # what is most often done rather than delete a row
    unsaid = ("rattachement",)  # what goes with a row and is nothing to who deletes it
    adds_at = ""  # where a row is added from its list, when it is not on a card
    # Acts that have a page, which says what they will do; the others are done as soon as asked.
    told_first = frozenset({"delete_selected"})
    actions = ["delete_selected"]
    delete_confirmation_template = "admin/delete_confirmation.html"
    object_history_template = "admin/no_history.html"
    delete_selected_confirmation_template = delete_confirmation_template
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

    def delete_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return super().delete_view(request, *args, **kwargs)

    delete_view.act = "supprimer"  # type: ignore[attr-defined]

    def _create_formsets(self, request: HttpRequest, obj, change: bool) -> tuple:
        found = super()._create_formsets(request, obj, change)
        request.rows_sent = found[0]  # type: ignore[attr-defined]
        return found

    def save_form(self, request: HttpRequest, form, change: bool):
        """The form holds together, nothing is written yet: whoever sends it proves who she is,
        unless its rows are to be corrected first, in which case nothing will be written."""
        if all_valid(request.rows_sent):  # type: ignore[attr-defined]
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

    @admin.action(description="Supprimer", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, rows: QuerySet) -> HttpResponse | None:
        """Say what would go with them; once that was read, ask whose it is, and delete."""
        if "post" in request.POST:
            proving.demand("supprimer")
        count = counted(self.opts, len(rows))
        self._say(request, f"C’est supprimé\u00a0: {count}.")
        answer = delete_selected(self, request, rows)
        if answer is not None:
            named = self.named(rows[0]) if len(rows) == 1 else count
            told = self._loss(named, answer.context_data, answer.context_data["deletable_objects"])
            answer.context_data |= told | {"selected": [row.pk for row in rows]}
        return answer

    def render_delete_form(self, request: HttpRequest, context: dict) -> HttpResponse:
        _, *others = context["deleted_objects"]
        told = self._loss(self.named(context["object"]), context, others)
        told["loses"] = self.loses(context["object"])
        return super().render_delete_form(request, context | told)

    def named(self, obj) -> str:
        """What the page that deletes it calls it."""
        return str(obj)

    def loses(self, obj) -> str:
        """What who it is about loses with it; "" when nobody does."""
        return ""

    def _loss(self, named: str, context: dict, going: Iterable) -> dict:
        """What a page that deletes says: what would go, or what keeps it there, counted by kind."""
        kinds = by_kind(going, but=self.unsaid)
        verb = "suppriment" if named[0].isdigit() else "supprime"  # « 2 collèges »
        kept = f"{french.capitalise(named)} ne se {verb} pas"
        is_kept = context["protected"] or context["perms_lacking"]
        return {
            "title": kept if is_kept else f"Supprimer {named}\u00a0?",
            "going": kinds,
            "keeping": by_kind(context["protected"]),
            "instead": self.instead,
        }

    # Django's own words call every row an « objet », which agrees with nothing.

    def _say(self, request: HttpRequest, words: str) -> None:
        request.done = words  # type: ignore[attr-defined]

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

    def history_form_view(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return self._or_not_found(super().history_form_view, request, *args, **kwargs)

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


# --- Filters --------------------------------------------------------------------------------


class InOfficeFilter(admin.SimpleListFilter):
    """« en exercice au … »: a day typed in the filter itself."""

    title = "en exercice au"
    parameter_name = "au"
    template = "admin/day_filter.html"

    def __init__(self, request, params, model, model_admin) -> None:
        super().__init__(request, params, model, model_admin)
        self.kept = [
            (name, value)
            for name, values in request.GET.lists()
            for value in values
            if name not in (self.parameter_name, "p")
        ]

    def lookups(self, request, model_admin) -> list[tuple[str, str]]:
        return [("", "")]

    def has_output(self) -> bool:
        return True

    @property
    def day(self) -> date | None:
        """The day asked for, `None` when there is none or it does not exist."""
        try:
            return DayField(required=False).clean(self.value() or "")
        except ValidationError:
            return None

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.day:
            return queryset
        running = Mandate.objects.in_office(self.day)
        if queryset.model is Mandate:
            return queryset.filter(pk__in=running.values("pk"))
        return queryset.filter(pk__in=running.values("person"))

    def choices(self, changelist):
        yield {
            "name": self.parameter_name,
            "day": self.day,
            "typed": self.value() or "",
            "fault": bool(self.value()) and not self.day,
            "kept": self.kept,
            "without": changelist.get_query_string(remove=[self.parameter_name]),
        }


class EitherFilter(admin.SimpleListFilter):
    """Two kinds of rows, each said by its word: those that meet a condition, and the others."""

    words: tuple[str, str]

    def condition(self) -> Q:
        """Which rows the first word tells."""
        raise NotImplementedError

    def lookups(self, request, model_admin) -> list[tuple[str, str]]:
        return list(zip(("oui", "non"), self.words, strict=True))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("oui", "non"):
            return queryset
        return queryset.filter(self.condition() if self.value() == "oui" else ~self.condition())


class StandingFilter(EitherFilter):
    """Members and associates."""

    title, parameter_name, words = "qualité", "associee", ("associée", "membre")

    def condition(self) -> Q:
        return Q(is_associated=True)


class StillThereFilter(EitherFilter):
    """Communities that are there today, and those that others took over from."""

    title, parameter_name = "existence", "existe"
    words = ("existe encore", "n’existe plus")

    def value(self) -> str:
        """Those that are there, unless one asks for others or looks for a name."""
        return super().value() or ("toutes" if self.is_looking else "oui")

    def __init__(self, request, params, model, model_admin) -> None:
        self.is_looking = SEARCH_VAR in request.GET
        super().__init__(request, params, model, model_admin)

    def condition(self) -> Q:
        return ~Q(dissolved_on__lte=timezone.localdate())

    def choices(self, changelist) -> Iterator[dict]:
        for value, words in (("toutes", "toutes"), *self.lookup_choices):
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": words,
            }


# --- Acts on several rows -------------------------------------------------------------------


def act_on_selection(
    model_admin: ScopedAdmin,
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


# --- Models ---------------------------------------------------------------------------------


@admin.register(Organisation)
class OrganisationAdmin(ScopedAdmin):
    """Organisations: only a superuser founds or removes one."""

    form = OrganisationForm
    article = "une"
    looked_for = "Nom, SIREN ou SIRET"
    organisation_path = "pk"
    fieldsets = [
        ("Identité", {"fields": ["name", "designation", "legal_form", "siren", "address"]}),
        (
            "Préfecture",
            {"fields": ["siret", "department", "arrondissement", "ctes_nature", "ctes_email"]},
        ),
        ("Papiers et pages publiques", {"fields": ["logo", "public_colour", "public_hosts"]}),
        ("Son adresse", {"fields": ["slug"], "classes": ["collapse"]}),
    ]
    list_display = ["name", "legal_form", "siren"]
    search_fields = ["name", "siren", "siret"]
    prepopulated_fields = {"slug": ["name"]}

    def get_fieldsets(self, request: HttpRequest, obj: Organisation | None = None) -> list:
        """What the préfecture and the papers know of it is rarely changed: folded, once it is."""
        first, state, papers, rest = self.fieldsets
        if obj is None:
            return [first, state, papers, rest]
        told = {
            state[0]: f"SIRET {obj.siret}" if obj.siret else "sans SIRET",
            papers[0]: "avec un logo" if obj.logo else "sans logo",
        }
        return [
            first,
            *(
                (name, fields | {"classes": ["collapse"], "description": escape(told[name])})
                for name, fields in (state, papers)
            ),
            rest,
        ]

    def in_scope(self, request: HttpRequest, obj: Organisation) -> bool:
        return request.user.is_superuser or obj in access.organisations_run_by(request.user)

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        """Who runs one organisation does not found another."""
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return request.user.is_superuser


@admin.register(Community)
class CommunityAdmin(ScopedAdmin):
    """Member communities, and their mergers."""

    list_display = ["called", "kind", "status", "delegates", "life", "organisation"]
    list_filter = [only_related("organisation"), "kind", StandingFilter, StillThereFilter]
    # Those that are there first, as one looks names up: « de Haute Picardie » before « Terre ».
    ordering = [F("dissolved_on").desc(nulls_first=True), filed("name"), "pk"]
    list_select_related = ["successor", "organisation"]
    search_fields = ["name", "siren"]
    autocomplete_fields = ["successor"]
    fieldsets = [
        ("La collectivité", {"fields": ["organisation", "name", "kind", "siren", "is_associated"]}),
        ("Durée", {"fields": ["founded_on", "dissolved_on", "successor"]}),
        ("Où lui écrire", {"fields": ["contact", "copies_to"]}),
    ]
    actions = ["merge", "delete_selected"]
    told_first = frozenset(actions)
    article = "une"
    labels = {  # its addresses are those of mails
        "contact": "Adresse électronique de la collectivité",
        "copies_to": "Adresses électroniques de ses élus",
    }
    looked_for = "Nom ou SIREN"
    instead = (
        "Une collectivité qui n’existe plus le dit sur sa fiche, avec son dernier jour\u00a0; si "
        "une autre lui succède, c’est une fusion, qui se note depuis la liste."
    )

    def get_fieldsets(self, request: HttpRequest, obj: Community | None = None) -> list:
        """Its days, which a merger writes, are said folded; who arrives is not leaving yet."""
        first, days, mails = self.fieldsets
        if obj is None:
            return [first, (days[0], {"fields": ["founded_on"]}), mails]
        told = f"membre {self.life(obj)}" if obj.founded_on else "membre depuis l’origine"
        if obj.dissolved_on:
            told = self.life(obj)
        return [first, (days[0], days[1] | {"classes": ["collapse"], "description": told}), mails]

    @admin.display(description="nom", ordering=filed("name"))
    def called(self, community: Community) -> str:
        """Its name, which is filed without its articles."""
        return community.name

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With how many sit for each today; one who sits in two bodies is one person."""
        running = Mandate.objects.in_office(timezone.localdate())
        seated = Count("mandates__person", Q(mandates__in=running), distinct=True)
        return super().get_queryset(request).annotate(seated=seated)

    @admin.display(description="qui y siège", ordering="seated")
    def delegates(self, community: Community) -> str:
        """« 18 personnes »."""
        seated = community.seated  # type: ignore[attr-defined]
        return french.count(seated, "personne") if seated else ""

    @admin.display(description="qualité", ordering="is_associated")
    def status(self, community: Community) -> str:
        """A member, or associated with the organisation; of one that is gone, neither."""
        if community.dissolved_on and community.dissolved_on <= timezone.localdate():
            return "n’existe plus"
        return "associée" if community.is_associated else "membre"

    @admin.display(description="durée", ordering="founded_on")
    def life(self, community: Community) -> str:
        """« depuis le 1er janvier 2017 »; of one that is gone, its last day and who took over."""
        if not community.dissolved_on:
            since = community.founded_on
            return f"depuis le {french.long_date(since)}" if since else "d’origine"
        last = french.long_date(days.eve(community.dissolved_on))
        told = f"jusqu’au {last}"
        if community.founded_on:
            told = f"du {french.long_date(community.founded_on)} au {last}"
        if community.successor:
            told += f", puis {community.successor}"
        is_over = community.dissolved_on <= timezone.localdate()
        return format_html('<span class="is-over">{}</span>', told) if is_over else told

    @admin.action(description="Fusion : une autre collectivité lui succède", permissions=["change"])
    def merge(self, request: HttpRequest, rows: QuerySet[Community]) -> HttpResponse | None:
        """Record that another community takes over from those selected."""
        form = MergerForm(request.POST if "confirmed" in request.POST else None)
        form.fields["successor"].queryset = self.get_queryset(request).exclude(pk__in=rows)

        return act_on_selection(
            self,
            request,
            rows,
            action="merge",
            title="Fusion de collectivités",
            button="Enregistrer la fusion",
            told=self._told_of_merger(rows),
            form=form,
            act=verbs.merge,
            done="La fusion est enregistrée ; les mandats de leurs représentants ont pris fin.",
        )

    def _told_of_merger(self, rows: QuerySet[Community]) -> str:
        """What it does to who sits for them today."""
        seats = Mandate.objects.in_office(timezone.localdate()).filter(community__in=rows).count()
        ends = (
            f"{french.count(seats, 'mandat')} en cours {'prend' if seats < 2 else 'prennent'} fin"
        )
        return (
            f"La veille du jour dit, {ends if seats else 'aucun mandat ne prend fin'}\u00a0; la "
            "collectivité qui succède désigne ensuite les siens. Les séances tenues gardent les "
            "noms d’alors."
        )


class ConstituencyInline(ScopedInline):
    """The colleges of a body."""

    model = Constituency
    organisation_path = "body__organisation"
    fields = ["name", "position", "seats", "seats_since"]
    hint = (
        "«\u00a0Sièges depuis le\u00a0» date un changement de leur nombre\u00a0: avant ce jour, "
        "aucun n’est dit vacant."
    )

    def told(self, obj: Body) -> str:
        """« 3 collèges, 62 sièges »."""
        colleges = list(obj.constituencies.all())
        if not colleges:
            return "aucun"
        seats = french.count(sum(each.seats for each in colleges), "siège")
        return f"{french.count(len(colleges), 'collège')}, {seats}"


class InForce:
    """From which day to which a rule book is in force, in a list or beside its body."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the day on which the next one of its body takes its place."""
        begins = Coalesce(OuterRef("valid_from"), Value(date.min))
        later = RuleBook.objects.filter(body=OuterRef("body"), valid_from__gt=begins)
        following = later.order_by("valid_from").values("valid_from")[:1]
        return super().get_queryset(request).annotate(following=Subquery(following))

    # Sorted by the expression, and not by its name: the list comes by body, without an arrow.
    @admin.display(description="durée", ordering=F("valid_from"))
    def since(self, book: RuleBook) -> str:
        """« en vigueur depuis le 1er janvier 2017 »; « d’origine, jusqu’au 31 décembre 2016 », in
        grey once that day is past; of one that waits for its day, « à venir »."""
        told, today = "d’origine", timezone.localdate()
        if book.valid_from:
            day = french.long_date(book.valid_from)
            told = f"depuis le {day}" if book.valid_from <= today else f"à venir, le {day}"
        following = book.following  # type: ignore[attr-defined]
        if following:
            told += f", jusqu’au {french.long_date(days.eve(following))}"
            if following <= today:
                return format_html('<span class="is-over">{}</span>', told)
        if book.valid_from and book.valid_from > today:
            return told
        return format_html('<strong class="is-now">en vigueur</strong> {}', told)


class RuleBookInline(InForce, ScopedInline):
    """A glance at the rule books; they are written on a page of their own."""

    model = RuleBook
    organisation_path = "body__organisation"
    fields = readonly_fields = ["since", "preset", "source", "departures"]
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def told(self, obj: Body) -> str:
        """« syndicat mixte ouvert, en vigueur depuis le 1er janvier 2017 »."""
        book = obj.rule_book(timezone.localdate())
        if book is None:
            return "aucun"
        since = f"depuis le {french.long_date(book.valid_from)}" if book.valid_from else "d’origine"
        return f"{book.get_preset_display()}, {since}"

    @admin.display(description="écarts au modèle")
    def departures(self, book: RuleBook) -> str:
        """The rules that differ from the legal model."""
        try:
            found = rules.departures(book.regime, book.usual)
        except Refused:
            return "ce règlement ne se lit pas : ouvrez-le pour le corriger"
        return ", ".join(regime.RULES[key].label for key in found) or "aucun"


@admin.register(Body)
class BodyAdmin(ScopedAdmin):
    """Bodies, with their colleges and a glance at their rules."""

    form = BodyCardForm
    article = "une"
    adds_at = "accounts:new_body"
    instead = (
        "Une instance qui ne se réunit plus le dit sur sa fiche\u00a0: elle n’est plus proposée, "
        "ce qu’elle a fait reste."
    )
    list_display = ["name", "kind", "filled", "sits", "organisation"]
    list_filter = [only_related("organisation"), "kind", "is_active"]
    list_select_related = ["organisation"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [ConstituencyInline, RuleBookInline]
    fieldsets = [
        (
            "L’instance",
            {"fields": ["organisation", "name", "kind", "usual_place", "usual_time", "is_active"]},
        ),
        (
            "Dans les actes",
            {
                "fields": [
                    *("designation", "gender", "member_noun", "layout", "numbering"),
                    *("number_shape", "deliberation_format"),
                ]
            },
        ),
        (
            "Son adresse, son rang dans les listes",
            {"fields": ["slug", "position"], "classes": ["collapse"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With who sits in each today, and the seats of its colleges."""
        running = Mandate.objects.in_office(timezone.localdate())
        titulars = running.filter(body=OuterRef("pk"), capacity=Mandate.Capacity.TITULAR)
        seats = Constituency.objects.filter(body=OuterRef("pk")).values("body")
        return (
            super()
            .get_queryset(request)
            .annotate(
                titulars=Subquery(titulars.values("body").annotate(n=Count("pk")).values("n")),
                seats=Subquery(seats.annotate(n=Sum("seats")).values("n")),
            )
        )

    def get_fieldsets(self, request: HttpRequest, obj: Body | None = None) -> list:
        """How acts call a body that is there is rarely changed: the chapter says it, folded."""
        body, acts, rest = self.fieldsets
        if obj is None:
            whole = [name for name in body[1]["fields"] if name != "is_active"]
            body = (body[0], {"fields": whole})
        if obj:
            told = f"{obj.designation}, «\u00a0{obj.member_noun}\u00a0»"
            acts = (acts[0], acts[1] | {"classes": ["collapse"], "description": escape(told)})
        return [body, acts, rest]

    def get_inlines(self, request: HttpRequest, obj: Body | None) -> list:
        """A new body has no rules to glance at."""
        return self.inlines if obj else [ConstituencyInline]

    def named(self, obj: Body) -> str:
        return obj.designation

    @admin.display(description="qui y siège")
    def filled(self, body: Body) -> str:
        """« 60 titulaires sur 62 sièges »."""
        titulars = body.titulars or 0  # type: ignore[attr-defined]
        seats = body.seats  # type: ignore[attr-defined]
        if body.assembly_id or not (titulars or seats):
            return ""
        told = french.count(titulars, "titulaire")
        return f"{told} sur {french.count(seats, 'siège')}" if seats else told

    @admin.display(description="état", ordering="is_active")
    def sits(self, body: Body) -> str:
        """Whether it still does; nothing of a register, which never did."""
        if body.assembly_id:
            return ""
        return "se réunit" if body.is_active else "ne se réunit plus"

    def save_related(self, request: HttpRequest, form, formsets, change: bool) -> None:
        """A new body lives by the rules the law proposes until somebody writes others."""
        super().save_related(request, form, formsets, change)
        body = form.instance
        if not change and not body.rule_books.exists():
            preset = rules.preset_proposed_for(body)
            book = RuleBook(body=body, preset=preset)
            book.values = regime.to_values(book.usual)
            book._history_user = request.user
            book.save()
            self.message_user(
                request,
                f"Le modèle « {book.get_preset_display()} » lui sert de règlement ; corrigez-le "
                f"si les statuts disent autre chose.",
                messages.INFO,
            )


def _of_the_past(book: RuleBook) -> str:
    """What a rule book that is in force already would change, and where to change a rule from a day
    on; "" of one that waits for its day."""
    if book.valid_from and book.valid_from > timezone.localdate():
        return ""
    since = french.long_date(book.valid_from) if book.valid_from else ""
    told = f"depuis le {since}" if since else "depuis toujours"
    url = f"{reverse('admin:members_rulebook_add')}?body={book.body_id}"
    return format_html(
        "Ces règles valent {}\u00a0: les corriger les corrige pour tous ces jours-là. Les séances "
        "tenues gardent celles qu’elles ont suivies. Une règle qui change à partir d’un jour "
        'se dit dans un <a href="{}">nouveau règlement</a>.',
        told,
        url,
    )


class RulesInWords(InWords):
    """What became of a rule book, rule by rule."""

    def context_for_delta_changes(self, delta: ModelDelta) -> list[dict]:
        try:
            old, new = (
                regime.from_values(each.values) for each in (delta.old_record, delta.new_record)
            )
        except Refused:  # what nobody can read is shown as it is stored
            return super().context_for_delta_changes(delta)
        told = [each for each in delta.changes if each.field != "values"]
        shown = super().context_for_delta_changes(replace(delta, changes=told))
        for key in rules.departures(new, old):
            words = {"old": rules.in_words(old, key), "new": rules.in_words(new, key)}
            shown.append({"field": regime.RULES[key].label} | words)
        return shown


@admin.register(RuleBook)
class RuleBookAdmin(InForce, ScopedAdmin):
    """Rule books, one field a rule once the model is chosen."""

    organisation_path = "body__organisation"
    looked_for = "Instance ou source"
    in_words = RulesInWords
    instead = (
        "Des règles qui changent s’écrivent dans un règlement de plus, en vigueur depuis leur "
        "jour\u00a0: les séances d’avant gardent les leurs."
    )
    list_display = ["body", "since", "preset", "apart", "source"]
    list_filter = [only_related("body"), "preset"]
    list_select_related = ["body__organisation"]
    search_fields = ["body__name", "source"]

    @admin.display(description="au regard du modèle")
    def apart(self, book: RuleBook) -> str:
        """How many of its rules depart from the legal model."""
        try:
            count = len(rules.departures(book.regime, book.usual))
            return french.count(count, "écart") if count else "aucun écart"
        except Refused:
            return "illisible"

    def get_form(self, request: HttpRequest, obj: RuleBook | None = None, **kwargs):
        kwargs["form"] = rules.form_for(obj) if obj else rules.RuleBookForm
        return super().get_form(request, obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: RuleBook | None = None) -> list:
        """The model, then its rules in folded chapters, each of which says how it departs."""
        head = ["body", "valid_from", "preset", "source"]
        if obj is None:
            description = (
                "Les règles en vigueur ce jour-là sont reprises si le modèle est le leur, sinon "
                "celles du modèle\u00a0; vous les corrigerez ensuite."
            )
            return [(None, {"fields": head, "description": description})]
        told = rules.departures_by_chapter(obj)
        return [
            ("Le modèle", {"fields": [*head, "own_rules"], "description": _of_the_past(obj)}),
            *(
                (
                    title,
                    {
                        "fields": [key for key in keys if key not in rules.OF_THE_MODEL],
                        "classes": ["collapse"],  # open by itself when something in it is wrong
                        "description": escape(told.get(title, "")),
                    },
                )
                for title, keys in rules.keys_by_chapter()
            ),
        ]

    def add_view(self, request: HttpRequest, form_url="", extra_context=None) -> HttpResponse:
        """Of a body that has rules, it is to change them."""
        body = self._body_asked(request, request.GET.get("body", ""))
        if body and body.rule_books.exists():
            whose = french.contract("de", body.designation)
            extra_context = {"title": f"Changer les règles {whose}"} | (extra_context or {})
        onwards = {
            "save": "Continuer\u00a0: choisir les règles",
            "show_save_and_add_another": False,
        }
        extra_context = onwards | (extra_context or {})
        return super().add_view(request, form_url, extra_context)

    add_view.demands_proof = True  # type: ignore[attr-defined]

    def _body_asked(self, request: HttpRequest, said: str) -> Body | None:
        bodies = self.admin_site._registry[Body].get_queryset(request)
        return bodies.filter(pk=row_number(said)).first() if said.isdecimal() else None

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        initial = super().get_changeform_initial_data(request)
        said = str(initial.get("body", ""))
        bodies = self.admin_site._registry[Body].get_queryset(request)
        body = self._body_asked(request, said) if said else bodies.first()
        if body:
            initial.setdefault("preset", rules.preset_proposed_for(body))
        return initial

    def response_add(self, request: HttpRequest, obj: RuleBook, post_url_continue=None):
        """On to the rules themselves; what was in force until then and is not taken up is said."""
        earlier = obj.body.rule_book(days.eve(obj.valid_from)) if obj.valid_from else None
        lost = rules.departures_of(earlier) if earlier and earlier.preset != obj.preset else ""
        if lost:
            words = f"Le modèle change\u00a0: ne sont pas repris {lost}. Dites-les de nouveau."
            self.message_user(request, words, messages.WARNING)
        request.POST = request.POST.copy()
        request.POST["_continue"] = "1"
        return super().response_add(request, obj, post_url_continue)

    def told_once_added(self, obj: RuleBook) -> str:
        """One is on its page already: what is left to do there."""
        return "C’est ajouté. Reste à changer la règle voulue, puis à enregistrer."


@admin.register(Constituency)
class ConstituencyAdmin(ScopedAdmin):
    """Colleges, all bodies together."""

    organisation_path = "body__organisation"
    looked_for = "Nom du collège ou de l’instance"
    instead = "Un collège où des mandats ont siégé se garde\u00a0: mettez ses sièges à 0."
    list_display = ["name", "body", "held"]
    ordering = ["body__position", "body__name", "position", "name"]
    list_filter = [only_related("body")]
    list_select_related = ["body__organisation"]
    search_fields = ["name", "body__name"]

    @admin.display(description="sièges", ordering="seats")
    def held(self, college: Constituency) -> str:
        """« 18 sièges »."""
        return french.count(college.seats, "siège") if college.seats is not None else ""


class CollegesByBody(ModelChoiceIterator):
    """Colleges under the name of their body: what is chosen is the college, and is read whole."""

    def __iter__(self) -> Iterator:
        yield ("", self.field.empty_label)
        for body, colleges in groupby(self.queryset, key=lambda college: college.body):
            yield (str(body), [self.choice(college) for college in colleges])


class CollegesWithTheirSeats(CollegesByBody):
    """The same to whoever gives a seat, who is told how many are to be filled."""

    on: date  # from which the seat is given

    def __iter__(self) -> Iterator:
        self.to_fill = seats.to_fill(list(self.queryset), self.on)
        return super().__iter__()

    def choice(self, college: Constituency) -> tuple:
        value, label = super().choice(college)
        left = self.to_fill[college.pk]
        return value, f"{label}, {_to_fill(left)}" if left else label


def _to_fill(number: int) -> str:
    return french.count(number, "siège à pourvoir", "sièges à pourvoir")


def _day_asked(request: HttpRequest) -> date:
    """From which day a seat is given, as the address says; today when it does not."""
    try:
        return DayField().clean(request.GET.get("start_on", ""))
    except ValidationError:
        return timezone.localdate()


LAST_DAY = {"end_on": "Dernier jour"}  # of a mandate, on every page


class MandateFields:
    """How a mandate is chosen in forms, alone or under a person."""

    organisation_path = "body__organisation"
    may_add = ("person", "community")
    is_added_there = False  # on the card of somebody, where those that are there are only read

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "constituency" and field is not None:
            is_there = "object_id" in request.resolver_match.kwargs and not self.is_added_there
            on = {"on": _day_asked(request)}
            offered = type("CollegesThen", (CollegesWithTheirSeats,), on)
            field.iterator = CollegesByBody if is_there else offered
            field.queryset = field.queryset.select_related("body")
        return field

    def formfield_for_dbfield(self, db_field, request: HttpRequest, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "constituency" and field is not None:
            field.empty_label = "Aucun"
        return field


class ByFoldedName:
    """A list searched by `sort_name`, accents or not."""

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str):
        return super().get_search_results(request, queryset, folded(search_term))


class NewMandatesFormSet(forms.BaseInlineFormSet):
    """Mandates added together under one person may not overlap each other either."""

    def clean(self) -> None:
        super().clean()
        added = [
            form.instance
            for form in self.forms
            if form.has_changed()
            and not form.errors
            and not (self.can_delete and self._should_delete_form(form))
        ]
        for index, mandate in enumerate(added):
            for other in added[:index]:
                if mandate.body_id == other.body_id and mandate.shares_a_day_with(other):
                    raise ValidationError(
                        f"Deux mandats dans « {mandate.body} » se chevauchent : "
                        f"{other.period} et {mandate.period}."
                    )


class MandateForm(forms.ModelForm):
    """A mandate written by hand says for whom its titular sits."""

    def clean(self) -> dict:
        cleaned = super().clean()
        given = {name: cleaned.get(name) for name in ("body", "capacity")}
        self._say_for_whom(cleaned)
        if (
            all(given.values())
            and Mandate(
                **given,
                community=cleaned.get("community"),
                constituency=cleaned.get("constituency"),
            ).sits_for_nobody
        ):
            self.add_error(
                "community",
                "Un titulaire siège pour quelqu’un : donnez sa collectivité, ou son collège.",
            )
        if given["capacity"] != Mandate.Capacity.SUBSTITUTE and "replaces" in cleaned:
            cleaned["replaces"] = None  # asked of a substitute alone
        if why := self._against_its_seat(cleaned):
            self.add_error("constituency", why)
        return cleaned

    def _say_for_whom(self, cleaned: dict) -> None:
        """Of a college whose members all sit for one community, that one; where they sit for
        several, it is asked."""
        college, start = cleaned.get("constituency"), cleaned.get("start_on")
        if not (college and start) or cleaned.get("community") or "community" in self.errors:
            return
        if self.instance.pk and not {"constituency", "community"} & set(self.changed_data):
            return
        known = seats.communities(college, start)
        if known and None not in known and len(known) == 1:
            cleaned["community"] = Community.objects.get(pk=known.pop())
        elif known and None not in known and self._must_say(cleaned):
            why = "Ce collège représente plusieurs collectivités\u00a0: choisissez la sienne."
            self.add_error("community", why)

    def _must_say(self, cleaned: dict) -> bool:
        body, is_titular = cleaned.get("body"), cleaned.get("capacity") == Mandate.Capacity.TITULAR
        return bool(body and body.represents_members and is_titular)

    def _against_its_seat(self, cleaned: dict) -> str:
        """Why its college has no seat for it. Asked only of a mandate that takes one: an excess
        that is there already is no reason to refuse another office."""
        names = ("body", "capacity", "constituency", "start_on", "end_on")
        if not (cleaned.get("body") and cleaned.get("start_on")):
            return ""
        if self.instance.pk and not set(names) & set(self.changed_data):
            return ""
        body = cleaned["body"]
        if transaction.get_connection().in_atomic_block:  # two do not take one seat
            Body.objects.select_for_update().filter(pk=body.pk).values_list("pk").first()
        asked = Mandate(pk=self.instance.pk, **{name: cleaned.get(name) for name in names})
        return seats.against(asked, body.mandates.select_related("person"))


class SeatForm(MandateForm):
    """A substitute who is given a seat is one no more the day before, as when he replaces."""

    def clean(self) -> dict:
        cleaned = super().clean()
        person, body, start = (cleaned.get(name) for name in ("person", "body", "start_on"))
        is_given = cleaned.get("capacity") == Mandate.Capacity.TITULAR and not self.instance.pk
        if is_given and person and body and start:
            held = body.mandates.filter(person=person, end_on=None, start_on__lt=start)
            held = held.exclude(capacity=Mandate.Capacity.TITULAR)
            self.instance.leaves = list(held.select_related("person"))
        return cleaned


class MandateInline(MandateFields, ScopedInline):
    """The mandates of a person: those there are to be read, and room for new ones."""

    model = Mandate
    form = MandateForm
    formset = NewMandatesFormSet
    fields = [
        "body",
        "capacity",
        "constituency",
        "community",
        "office",
        "office_rank",
        "start_on",
        "end_on",
        "end_reason",
    ]
    autocomplete_fields = ["community"]
    ordering = ["-start_on"]
    show_change_link = True
    can_delete = False
    is_added_there = True

    def get_formset(self, request: HttpRequest, obj=None, **kwargs):
        kwargs["labels"] = LAST_DAY
        return super().get_formset(request, obj, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("body", "constituency", "community")


class PersonAdmin(ByFoldedName, ScopedAdmin):
    """Persons, with their mandates; `accounts.admin` registers it, and links accounts."""

    article = "une"
    looked_for = "Nom ou adresse électronique"
    instead = (
        "D’une personne qui ne siège plus, mettez fin au mandat\u00a0; ses coordonnées s’effacent "
        "par « Ce qui peut être effacé »."
    )
    list_display = ["called", "email", "phone", "seats", "account", "organisation"]
    list_filter = [
        InOfficeFilter,
        only_related("organisation"),
        only_related("mandates__body"),
    ]
    list_select_related = ["organisation", "user"]
    search_fields = ["sort_name", "email"]
    autocomplete_fields = ["user"]
    inlines = [MandateInline]
    fieldsets = [
        (
            "Identité",
            {"fields": ["organisation", "civility", "first_name", "last_name", "born_on"]},
        ),
        ("Coordonnées", {"fields": ["email", "phone", "address"]}),
        ("Accès", {"fields": ["user"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Person | None = None) -> list:
        """Her account is most often opened once she is there: folded until then."""
        *first, (name, last) = self.fieldsets
        if obj is None:
            last = last | {"classes": ["collapse"], "description": "s’ouvre ensuite, de sa fiche"}
        return [*first, (name, last)]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("mandates__body")

    @admin.display(description="nom", ordering="sort_name")
    def called(self, person: Person) -> str:
        """First name, last name, filed by the last."""
        return str(person)

    @admin.display(description="compte", ordering="user")
    def account(self, person: Person) -> str:
        """Whether she enters by one."""
        return "" if person.user is None else "ouvert" if person.user.is_active else "fermé"

    @admin.display(description="siège")
    def seats(self, person: Person) -> str:
        """The bodies in which she sits today; of who sits no more, in grey, those of then."""
        mandates, today = person.mandates.all(), timezone.localdate()
        running = [
            each
            for each in mandates
            if each.start_on <= today and (each.end_on is None or each.end_on >= today)
        ]
        if running or not mandates:
            return ", ".join(sorted({each.body.name for each in running}))
        was = ", ".join(sorted({each.body.name for each in mandates}))
        return format_html('<span class="is-over">a siégé\u00a0: {}</span>', was)


def _ended(rows: list[Mandate], *, on: date, **_: object) -> str:
    """What became of mandates that were given their last day: until its evening they run; then
    where the seats that they leave are filled."""
    number, today = len(rows), timezone.localdate()
    count = french.count(number, "mandat")
    when = "ce soir" if on == today else f"le {french.long_date(on)} au soir"
    told = f"{count} {'finira' if number < 2 else 'finiront'} {when}."
    if on < today:
        told = f"{count} {'a' if number < 2 else 'ont'} pris fin le {french.long_date(on)}."
    left: dict[Body, int] = {}
    for mandate in rows:
        if mandate.capacity == Mandate.Capacity.TITULAR:
            left[mandate.body] = left.get(mandate.body, 0) + 1
    links = (
        (
            f"{body.get_absolute_url()}?le={on + days.ONE_DAY:%Y-%m-%d}",
            french.count(seats, "siège"),
            french.contract("de", body.designation),
        )
        for body, seats in left.items()
    )
    return format_html(
        "{}{}", told, format_html_join("", ' <a href="{}">Pourvoir {} {}</a>.', links)
    )


@admin.register(Mandate)
class MandateAdmin(ByFoldedName, MandateFields, ScopedAdmin):
    """Mandates, and the act that ends several."""

    form = SeatForm
    labels = LAST_DAY
    list_display = ["person", "body", "seat", "community", "runs", "after"]
    list_filter = [
        InOfficeFilter,
        only_related("body"),
        "capacity",
        "office",
        only_related("constituency"),
        only_related("community"),
    ]
    search_fields = ["person__sort_name", "person__email"]
    ordering = ["pk"]  # no column bears an arrow: see `get_ordering`
    autocomplete_fields = ["person", "community", "replaces"]
    actions = ["end_mandates", "delete_selected"]
    told_first = frozenset(actions)
    looked_for = "Nom ou adresse électronique"
    instead = (
        "D’une personne qui ne siège plus, mettez fin au mandat\u00a0: ce qu’elle a voté reste. On "
        "ne supprime que ce qui fut noté par erreur."
    )
    fieldsets = [
        ("Le siège", {"fields": ["body", "constituency", "capacity", "replaces"]}),
        ("Qui y siège", {"fields": ["person", "community"]}),
        ("Durée", {"fields": ["start_on", "end_on", "end_reason"]}),
        ("Fonction, voix", {"fields": ["office", "office_rank", "weight", "position"]}),
    ]

    def get_ordering(self, request: HttpRequest) -> list:
        """Those that run first, one about to end among them; then those to come. What is over is
        looked up, not read."""
        today = timezone.localdate()
        over = When(end_on__lt=today, then=F("end_on"))
        is_to_come = Case(When(start_on__gt=today, then=1), default=0)
        return [
            Case(over, output_field=DateField()).desc(nulls_first=True),
            is_to_come.asc(),
            *("body_id", "person__sort_name", "pk"),
        ]

    def get_changelist_instance(self, request: HttpRequest):
        """With those of its rows that end and leave their seat to nobody: two or three queries a
        body that has any."""
        found, today = super().get_changelist_instance(request), timezone.localdate()
        running = [each for each in found.result_list if each.start_on <= today]
        ending = [each for each in running if each.end_on and each.end_on >= today]
        unfilled = set()
        for body in {each.body for each in ending if each.capacity == Mandate.Capacity.TITULAR}:
            titulars = body.mandates.filter(capacity=Mandate.Capacity.TITULAR, end_on__gte=today)
            left = succession.unfilled(titulars.select_related("body"))
            unfilled |= {each.pk for each in left}
        for each in ending:
            each.is_left = each.pk in unfilled
        return found

    def get_fieldsets(self, request: HttpRequest, obj: Mandate | None = None) -> list:
        """Most are members, with one voice: the chapter says it, folded."""
        *first, (name, last) = self.fieldsets
        if obj is None and self._seat_asked(request):  # who takes it is not leaving yet
            first[-1] = (first[-1][0], {"fields": ["start_on"]})
        office = obj.office_title if obj else ""
        told = f"{office or 'membre'}, {french.count(obj.weight if obj else 1, 'voix', 'voix')}"
        return [*first, (name, last | {"classes": ["collapse"], "description": escape(told)})]

    def get_form(self, request: HttpRequest, obj: Mandate | None = None, **kwargs):
        """To whoever fills a vacant seat, what becomes of who held another."""
        if obj is None and self._seat_asked(request):
            told = "Un suppléant ou une voix consultative cesse de l’être la veille."
            kwargs["help_texts"] = {"person": told}
            known = self._communities_asked(request)
            if known is not None and known <= {None}:
                kwargs["help_texts"]["community"] = "Facultatif\u00a0: le collège suffit."
        return super().get_form(request, obj, **kwargs)

    def _communities_asked(self, request: HttpRequest) -> set[int | None] | None:
        """For whom those of the college that the address names sit; `None` when it names none."""
        colleges = self.admin_site._registry[Constituency].get_queryset(request)
        number = row_number(request.GET.get("constituency", ""))
        college = colleges.filter(pk=number).first()
        return seats.communities(college, _day_asked(request)) if college else None

    def get_changeform_initial_data(self, request: HttpRequest) -> dict:
        """A seat of a college that sits for one community is its."""
        said = super().get_changeform_initial_data(request)
        known = self._communities_asked(request)
        if known and len(known) == 1 and None not in known:
            said.setdefault("community", known.pop())
        return said

    def save_model(self, request: HttpRequest, obj: Mandate, form, change: bool) -> None:
        """What he held ends first: nobody holds two mandates in a body on one day."""
        eve, reason = days.eve(obj.start_on), Mandate.EndReason.OFFICE
        if obj.leaves:
            verbs.end_mandates(obj.leaves, on=eve, reason=reason, by=request.user)
        super().save_model(request, obj, form, change)

    def _seat_asked(self, request: HttpRequest) -> bool:
        """Whether one comes from a seat that is vacant, which the address names."""
        return request.GET.get("body", "").isdecimal()

    def add_view(self, request: HttpRequest, form_url="", extra_context=None) -> HttpResponse:
        """Of a seat that is vacant, it is to fill it, and one alone."""
        if self._seat_asked(request):
            filling = {
                "title": "Pourvoir un siège",
                "save": "Pourvoir le siège",
                "show_save_and_add_another": False,
            }
            extra_context = filling | (extra_context or {})
        return super().add_view(request, form_url, extra_context)

    add_view.demands_proof = True  # type: ignore[attr-defined]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what `__str__`, the list and the scope look at (`list_select_related` would not
        serve autocompletion)."""
        rows = super().get_queryset(request)
        return rows.select_related("person", "body__organisation", "constituency", "community")

    def told_once_added(self, obj: Mandate) -> str:
        """And how many seats of its college are still to be filled."""
        told = super().told_once_added(obj)
        for each in obj.leaves:
            last = french.long_date(days.eve(obj.start_on))
            words = (
                f"{each.person} n’est plus {each.agreed_capacity}\u00a0: ce mandat finit le {last}."
            )
            told = format_html("{} {}", told, words)
        if obj.constituency is None or obj.capacity != Mandate.Capacity.TITULAR:
            return told
        college = obj.constituency
        left = seats.to_fill([college], timezone.localdate())[college.pk]
        words = _to_fill(left) if left else "plus aucun siège à pourvoir"
        return format_html("{} {}\u00a0: {}.", told, college, words)

    def named(self, obj: Mandate) -> str:
        whose = french.contract("de", str(obj.person))
        return f"le mandat {whose}, {obj.agreed_capacity}, {obj.body}"

    @admin.display(description="qualité", ordering="capacity")
    def seat(self, mandate: Mandate) -> str:
        """« suppléante », « titulaire, présidente »."""
        return ", ".join(filter(None, (mandate.agreed_capacity, mandate.office_title)))

    @admin.display(description="durée", ordering="start_on")
    def runs(self, mandate: Mandate) -> str:
        """« depuis le 12 mai 2026 », « à partir du » of one to come; in grey once it is over."""
        today = timezone.localdate()
        if mandate.start_on > today:
            told = f"à partir du {french.long_date(mandate.start_on)}"
            if mandate.end_on:
                told += f", jusqu’au {french.long_date(mandate.end_on)}"
            return format_html('<span class="is-next">à venir, {}</span>', told)
        if not mandate.end_on:
            return mandate.period
        kind = "is-over" if mandate.end_on < today else "is-next"
        return format_html('<span class="{}">{}</span>', kind, mandate.period)

    @admin.display(description="suite")
    def after(self, mandate: Mandate) -> str:
        """Where one act ends it and gives the seat to somebody else, or gives a seat left empty."""
        if mandate.end_on and not getattr(mandate, "is_left", False):
            return ""
        return format_html(
            '<a href="{}#suite">{}<span class="visually-hidden"> {}</span></a>',
            reverse("members:mandate", args=[mandate.pk]),
            "Pourvoir" if mandate.end_on else "Remplacer",
            french.elide("de", str(mandate.person)) if mandate.end_on else mandate.person,
        )

    @admin.action(description="Mettre fin au mandat", permissions=["change"])
    def end_mandates(self, request: HttpRequest, rows: QuerySet[Mandate]) -> HttpResponse | None:
        """End the mandates selected."""
        return act_on_selection(
            self,
            request,
            rows,
            action="end_mandates",
            title=f"Mettre fin à {french.count(len(rows), 'mandat')}",
            button="Mettre fin",
            told="Après ce jour, ces personnes ne sont plus convoquées et ne comptent plus au "
            "quorum\u00a0; un siège de titulaire reste vacant jusqu’à ce que quelqu’un y soit "
            "nommé. Les séances tenues gardent leurs noms et leurs votes.",
            form=EndMandatesForm(request.POST if "confirmed" in request.POST else None),
            act=verbs.end_mandates,
            done=partial(_ended, list(rows)),
        )
