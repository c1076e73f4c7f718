"""How a list is narrowed, and searched."""

from datetime import date

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from members.forms import DayField
from members.models import Mandate, folded


class PointedToFilter(admin.RelatedOnlyFieldListFilter):
    """What the rows point to; of those that point to nothing, a word that one can press."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.empty_value_display = "non renseigné"

    def has_output(self) -> bool:
        """What is asked narrows the list, though no other choice would be left to press: a body
        that nobody sits in has no row, and was shown those of another."""
        return super().has_output() or bool(self.lookup_val or self.lookup_val_isnull)


def only_related(name: str) -> tuple:
    """A filter by a relation that offers what the rows point to."""
    return (name, PointedToFilter)


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
        raise NotImplementedError  # each filter says its own

    def lookups(self, request, model_admin) -> list[tuple[str, str]]:
        return list(zip(("oui", "non"), self.words, strict=True))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in ("oui", "non"):
            return queryset
        return queryset.filter(self.condition() if self.value() == "oui" else ~self.condition())


class ByFoldedName:
    """A list searched by `sort_name`, accents or not."""

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str):
        return super().get_search_results(request, queryset, folded(search_term))
