"""Bodies and their colleges."""

from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import escape

from law import french, regime
from members import rules
from members.admin.cards import ScopedInline
from members.admin.filters import only_related
from members.admin.past import ScopedAdmin
from members.admin.rule_books import RuleBookInline
from members.forms import BodyCardForm
from members.models import Body, Constituency, Mandate, RuleBook


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
        titulars = body.titulars or 0  # type: ignore[attr-defined]  # asked by the list’s query
        seats = body.seats  # type: ignore[attr-defined]  # the same
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

    def save_formset(self, request: HttpRequest, form, formset, change: bool) -> None:
        """A number of seats that changes on no day is that of every sitting before too."""
        super().save_formset(request, form, formset, change)
        if formset.model is not Constituency:
            return
        for row, changed in formset.changed_objects:
            if "seats" in changed and "seats_since" not in changed and row.seats:
                since = f"depuis le {french.long_date(row.seats_since)}" if row.seats_since else ""
                self.message_user(
                    request,
                    f"{row}\u00a0: {french.count(row.seats, 'siège')} "
                    f"{since or 'à toute date, avant aujourd’hui aussi'}. Si leur nombre "
                    "change à partir d’un jour, dites-le\u00a0: «\u00a0Sièges depuis le\u00a0».",
                    messages.WARNING,
                )

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
