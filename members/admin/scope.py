"""What an administrator may reach, said once for lists, cards, the rows of a card, filters,
autocompletion and history: the rows of the organisations he runs; a superuser reaches all."""

from django import forms
from django.contrib.admin.widgets import AdminDateWidget, RelatedFieldWidgetWrapper
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import BLANK_CHOICE_DASH, DateField, QuerySet, TimeField
from django.http import HttpRequest

from members import access, front
from members.forms import DigitsField
from members.models import Body, Organisation


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
