"""Persons, with their mandates."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from members.admin.cards import ScopedInline
from members.admin.filters import ByFoldedName, InOfficeFilter, only_related
from members.admin.mandate_forms import LAST_DAY, MandateFields, MandateForm, NewMandatesFormSet
from members.admin.past import ScopedAdmin
from members.models import Mandate, Person


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
