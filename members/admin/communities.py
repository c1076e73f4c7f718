"""Member communities, and their mergers."""

from collections.abc import Iterator

from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html

from law import french
from members import actions as verbs
from members import days
from members.admin.filters import EitherFilter, only_related
from members.admin.past import ScopedAdmin
from members.admin.selection import act_on_selection
from members.forms import MergerForm
from members.models import Community, Mandate, filed


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
        seated = community.seated  # type: ignore[attr-defined]  # asked by the list’s query
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
