"""What the secretariat types to convene, move, cancel, call again, and to follow what was sent."""

from datetime import date

from django import forms

from convening.dispatch.timing import YEARS
from convening.models import Convocation, Recipient
from meetings.forms import DateInput, FindingsMixin, Tagless, TimeInput
from meetings.models import Meeting

_LONG = {"rows": 4}


class DraftForm(FindingsMixin, forms.ModelForm):
    """What a draft says besides the agenda; each kind of dispatch has its own words."""

    class Meta:
        model = Convocation
        fields = ["message", "reason", "urgent_reason", "requested_on", "requested_by"]
        widgets = {
            "message": forms.Textarea(attrs=_LONG),
            "reason": forms.Textarea(attrs=_LONG),
            "urgent_reason": forms.Textarea(attrs={"rows": 3}),
            "requested_by": forms.Textarea(attrs={"rows": 3}),
            "requested_on": DateInput(),
        }
        help_texts = {
            "message": "Il s’imprime dans la convocation et précède l’ordre du jour des courriels.",
            "requested_by": "Un nom par ligne ; vide dans le cas ordinaire (art. L2121-9 du CGCT).",
        }

    MAX_LENGTH = 5000

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)
        if self.instance.kind != Convocation.Kind.SUMMONS:
            del self.fields["requested_on"], self.fields["requested_by"]
        if self.instance.kind == Convocation.Kind.SUMMONS:
            del self.fields["reason"]
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.max_length = self.MAX_LENGTH
                field.validators.append(forms.fields.validators.MaxLengthValidator(self.MAX_LENGTH))

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("requested_by") and not cleaned.get("requested_on"):
            if "requested_on" not in self.errors:
                self.add_error("requested_on", "Dites quand la demande est arrivée.")
        return cleaned


class PlausibleDateMixin:
    """A day of our century, or of the neighbouring ones."""

    def clean_held_on(self) -> date:
        on: date = self.cleaned_data["held_on"]
        if on.year not in YEARS:
            raise forms.ValidationError("L’année de la séance ne peut pas être celle-là.")
        return on


class MoveForm(PlausibleDateMixin, FindingsMixin, forms.Form):
    """Another day, another hour, another place; and why."""

    held_on = forms.DateField(label="Date", widget=DateInput())
    starts_at = forms.TimeField(label="Heure", widget=TimeInput())
    place = forms.CharField(
        label="Lieu", max_length=200, help_text="Comme il s’écrit : « dans ses locaux »."
    )
    reason = forms.CharField(
        label="Motif", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, meeting: Meeting, **kwargs):
        kwargs.setdefault("initial", {})
        kwargs["initial"] = {
            "held_on": meeting.held_on,
            "starts_at": meeting.starts_at,
            "place": meeting.place,
        } | kwargs["initial"]
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)


class CancelForm(FindingsMixin, forms.Form):
    """Why a sitting is called off; told to everybody who was convened."""

    reason = forms.CharField(
        label="Motif", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)


class SecondCallForm(PlausibleDateMixin, FindingsMixin, forms.Form):
    """When and where the assembly meets again, without a quorum."""

    held_on = forms.DateField(label="Date", widget=DateInput())
    starts_at = forms.TimeField(label="Heure", widget=TimeInput())
    place = forms.CharField(label="Lieu", max_length=200)

    def __init__(self, *args, meeting: Meeting, earliest: date, **kwargs):
        super().__init__(
            *args,
            initial={
                "held_on": earliest,
                "starts_at": meeting.starts_at,
                "place": meeting.place,
            },
            **kwargs,
        )
        self.helper = Tagless(self)


class ResendForm(FindingsMixin, forms.Form):
    """Send again, to the same address or to another."""

    email = forms.EmailField(label="Adresse électronique")
    keep = forms.BooleanField(
        label="noter cette adresse sur la fiche de la personne", required=False
    )

    def __init__(self, *args, recipient: Recipient, **kwargs):
        super().__init__(*args, initial={"email": recipient.email, "keep": True}, **kwargs)
        self.helper = Tagless(self)
        if recipient.mandate_id is None:
            del self.fields["keep"]


class BounceForm(FindingsMixin, forms.Form):
    """What the mail that came back says."""

    reason = forms.CharField(
        label="Ce que dit le retour",
        max_length=300,
        required=False,
        help_text="« Boîte pleine », « adresse inconnue »…",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)


class HandOverForm(FindingsMixin, forms.Form):
    """The day on which paper letters were posted or handed over."""

    on = forms.DateField(label="Remises le", widget=DateInput())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)
