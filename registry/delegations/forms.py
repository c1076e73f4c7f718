"""What the page of delegations asks."""

from typing import Any

from django import forms

from meetings.forms import FindingsMixin
from members.forms import DayField, Tagless
from members.models import Body
from registry.models import Ruling


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
