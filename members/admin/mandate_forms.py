"""How a mandate is written, on its own card or on that of its person."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.models import ModelChoiceIterator
from django.http import HttpRequest
from django.utils import timezone

from law import french
from members import seats
from members.forms import DayField
from members.models import Body, Community, Constituency, Mandate


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
        return value, f"{label}, {seats_to_fill(left)}" if left else label


def seats_to_fill(number: int) -> str:
    """« 2 sièges à pourvoir »."""
    return french.count(number, "siège à pourvoir", "sièges à pourvoir")


def day_asked(request: HttpRequest) -> date:
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
            on = {"on": day_asked(request)}
            offered = type("CollegesThen", (CollegesWithTheirSeats,), on)
            field.iterator = CollegesByBody if is_there else offered
            field.queryset = field.queryset.select_related("body")
        return field

    def formfield_for_dbfield(self, db_field, request: HttpRequest, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "constituency" and field is not None:
            field.empty_label = "Aucun"
        return field


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
