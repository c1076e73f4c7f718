"""Rule books: from which day each is in force, and one field a rule."""

from dataclasses import replace
from datetime import date

from django.contrib import admin, messages
from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from simple_history.models import ModelDelta

from law import french, regime
from law.findings import Refused
from members import days, rules
from members.admin.cards import ScopedInline
from members.admin.filters import only_related
from members.admin.past import InWords, ScopedAdmin
from members.asked import row_number
from members.models import Body, RuleBook


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
        following = book.following  # type: ignore[attr-defined]  # asked by the list’s query
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


def _of_the_past(book: RuleBook) -> str:
    """What a rule book that is in force already would change, and where to change a rule from a day
    on; "" of one that waits for its day."""
    if book.valid_from and book.valid_from > timezone.localdate():
        return ""
    since = french.long_date(book.valid_from) if book.valid_from else ""
    told = f"depuis le {since}" if since else "depuis l’origine"
    if ended_on := book.ended_on:
        told += f", et jusqu’au {french.long_date(ended_on)}"
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
        """The model, then its rules in folded chapters, each of which says what it holds."""
        head = ["body", "valid_from", "preset", "source"]
        if obj is None:
            description = (
                "Les règles en vigueur ce jour-là sont reprises si le modèle est le leur, sinon "
                "celles du modèle\u00a0; vous les corrigerez ensuite."
            )
            return [(None, {"fields": head, "description": description})]
        told = rules.said_by_chapter(obj)
        return [
            ("Le modèle", {"fields": [*head, "own_rules"], "description": _of_the_past(obj)}),
            *(
                (
                    title,
                    {
                        "fields": [key for key in keys if key not in rules.OF_THE_MODEL],
                        "classes": ["collapse"],  # open by itself when something in it is wrong
                        "description": told.get(title, ""),
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

    # A mark that `accounts.sites` reads on the view.
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
