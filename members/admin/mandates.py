"""Mandates, and the act that ends several."""

from datetime import date
from functools import partial

from django.contrib import admin
from django.db.models import Case, DateField, F, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join

from law import french
from members import actions as verbs
from members import days, seats, succession
from members.admin.filters import ByFoldedName, InOfficeFilter, only_related
from members.admin.mandate_forms import LAST_DAY, MandateFields, SeatForm, day_asked, seats_to_fill
from members.admin.past import ScopedAdmin
from members.admin.selection import act_on_selection
from members.asked import row_number
from members.forms import EndMandatesForm
from members.models import Body, Constituency, Mandate


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
        return seats.communities(college, day_asked(request)) if college else None

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

    # A mark that `accounts.sites` reads on the view.
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
        words = seats_to_fill(left) if left else "plus aucun siège à pourvoir"
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
