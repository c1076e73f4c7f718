"""What is asked of a follow-up: what, by whom, by when; then what came of it."""

from typing import Any

from django import forms

from meetings.forms import FindingsMixin
from members.forms import DayField, Tagless
from registry.models import FollowUp


class FollowUpForm(FindingsMixin, forms.ModelForm):
    """What is to be carried out of an item."""

    due_on = DayField(label="Au plus tard le", required=False)

    class Meta:
        model = FollowUp
        fields = ("what", "who", "due_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)


class SettleForm(FindingsMixin, forms.Form):
    """What came of it."""

    outcome = forms.ChoiceField(label="C’est", choices=FollowUp.Outcome)
    settled_on = DayField(label="Le")
    reason = forms.CharField(
        label="Précision",
        max_length=500,
        required=False,
        help_text="Obligatoire quand on abandonne.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)
