"""What the page of delegations asks."""

from typing import Any

from django import forms

from meetings.forms import FindingsMixin
from members.forms import DayField, Tagless
from members.models import Body
from registry.models import Ruling


class KnownForm(forms.Form):
    """When the assembly was told of what it knows already."""

    told_on = DayField(label="À la séance du")


class RulingForm(FindingsMixin, forms.ModelForm):
    """A decision that the president took by delegation."""

    decided_on = DayField(label="Date")

    class Meta:
        model = Ruling
        fields = ("number", "decided_on", "object")

    def __init__(self, *args: Any, body: Body, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.body = body
        self.helper = Tagless(self)
