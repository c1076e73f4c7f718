"""Persons, with the account by which each enters."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html

from accounts import actions, deciding, standing
from accounts.admin.linking import AGREEMENT, ask_link
from law import french
from members.admin.persons import PersonAdmin
from members.models import Person, User


@admin.register(Person)
class LinkedPersonAdmin(PersonAdmin):
    """Persons: their address is where links go that vote for them; whoever links one to an account
    asks, and somebody else decides."""

    readonly_fields = ["pending"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return standing.prepared(super().get_queryset(request))

    @admin.display(description="compte", ordering="user")
    def account(self, person: Person) -> str:
        """Whether she enters by one, or was invited to."""
        found = standing.of(person, at=timezone.now())
        if found.stage in (standing.Stage.OPEN, standing.Stage.CLOSED):
            return format_html('<span class="in-a-word">{}</span>', found.told)
        return "" if found.is_none else found.told

    def render_change_form(self, request: HttpRequest, context: dict, obj=None, **kwargs):
        """What is said of her account, and what is offered of it, are one."""
        if obj is not None:
            context["standing"] = standing.of(obj, at=timezone.now())
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Person | None = None) -> list[tuple]:
        """Beside the account that is hers, the one that she was invited to."""
        if obj is None:
            return super().get_fieldsets(request, obj)
        *first, (name, last) = super().get_fieldsets(request, obj)
        found = standing.of(obj, at=timezone.now())
        if found.stage in (standing.Stage.INVITED, standing.Stage.AWAITED):
            return [*first, (name, {"fields": ["pending"]})]
        told = french.capitalise(found.told) if found.again else ""
        return [*first, (name, last | {"description": escape(told)} if told else last)]

    @admin.display(description="compte")
    def pending(self, person: Person) -> str:
        """The account that she was invited to, and what it waits for."""
        found = standing.of(person, at=timezone.now())
        if found.account is None:
            return ""
        card = reverse("admin:members_user_change", args=[found.account.pk])
        words = '<a href="{}">{}</a>, {}. {}'
        return format_html(words, card, found.account.email, found.told, AGREEMENT)

    def save_model(self, request: HttpRequest, obj: Person, form, change: bool) -> None:
        before = User.objects.filter(persons=obj.pk).first() if change else None
        asked, obj.user = obj.user, before
        if asked is None:
            obj.user = None
        super().save_model(request, obj, form, change)
        if change and obj.user is not None and deciding.owns(request.user, obj.user):
            was = form.initial["first_name"], form.initial["last_name"]
            actions.rename(obj.user, obj, was=was, by=request.user)
        if before is not None and asked is None:
            actions.tell_unlinked(obj, before, by=request.user, request=request)
        if obj.user != asked:
            ask_link(self, request, obj, asked)
