"""Days that people type: a slip of the keyboard is no day, and what is counted from one stays in
the calendar."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.functional import lazy

FIRST, LAST = date(1800, 1, 1), date(2200, 12, 31)
ONE_DAY = timedelta(days=1)


def check(day: date) -> None:
    """Raises `ValidationError` for a day on which nobody ever sat, nor will."""
    if not FIRST <= day <= LAST:
        raise ValidationError(f"Écrivez une date de {FIRST.year} à {LAST.year}.", code="far")


def eve(day: date) -> date:
    """The day before; of the first there is, which an old row may bear, itself."""
    return day - ONE_DAY if day > date.min else day


def no_such_day() -> str:
    """What is said of a day that does not exist, with that of today as one writes it."""
    today = timezone.localdate()
    return f"Cette date n’existe pas. Écrivez-la ainsi\u00a0: {today:%d/%m/%Y}."


class DayColumn(models.DateField):
    """A column of such days; to the database and its migrations, a date like any other."""

    default_validators = [check]

    def formfield(self, **kwargs) -> forms.Field:
        """A field that says how a day is written, wherever one is typed."""
        told = {"error_messages": {"invalid": lazy(no_such_day, str)()}}
        return super().formfield(**told | kwargs)

    def deconstruct(self) -> tuple:
        """As Django's own: what is checked of a day is no part of its column."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateField", args, kwargs
