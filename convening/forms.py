"""What the secretariat types to convene, move, cancel, call again, and to follow what was sent."""

from collections.abc import Iterable
from datetime import date

from django import forms
from django.utils import timezone

from convening.dispatch.timing import YEARS
from convening.models import Convocation, Recipient
from law import deadlines
from law.regime import article_of
from meetings.forms import FindingsMixin
from meetings.models import Meeting
from members import addresses
from members.forms import DateInput, DayField, Tagless, TimeInput

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
            "requested_on": DateInput(),
        }
        help_texts = {
            "message": "Il s’imprime dans la convocation et précède l’ordre du jour des courriels.",
        }

    MAX_LENGTH = 5000

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)
        if self.instance.kind != Convocation.Kind.SUMMONS:
            del self.fields["requested_on"], self.fields["requested_by"]
        else:
            del self.fields["reason"]
            self._offer_askers()
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.max_length = self.MAX_LENGTH
                field.validators.append(forms.fields.validators.MaxLengthValidator(self.MAX_LENGTH))

    def _offer_askers(self) -> None:
        """The members in office, and the prefect: who may ask for a sitting."""
        meeting = self.instance.meeting
        regime, titulars = meeting.regime, meeting.basis.composition.titulars
        needed = deadlines.requesters(len(titulars), regime)
        asked = self.instance.requested_by.splitlines()
        people = [Convocation.PREFECT, *(member.name for member in titulars), *asked]
        self.fields["requested_by"] = forms.MultipleChoiceField(
            label="À la demande de",
            required=False,
            choices=[(name, name) for name in dict.fromkeys(people)],
            widget=forms.CheckboxSelectMultiple(),
            help_text=f"Il faut {needed} des {len(titulars)} membres en exercice, ou le "
            f"représentant de l’État ({article_of(regime, 'request_fraction')}).",
        )
        self.initial["requested_by"] = asked

    def clean_requested_by(self) -> str:
        return "\n".join(self.cleaned_data["requested_by"])

    def clean_requested_on(self) -> date | None:
        on: date | None = self.cleaned_data["requested_on"]
        if on and on > timezone.localdate():
            raise forms.ValidationError("Ce jour n’est pas encore venu.")
        return on

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("requested_on") and not cleaned.get("requested_by"):
            if "requested_by" not in self.errors:
                self.add_error("requested_by", "Dites qui l’a demandée.")
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

    held_on = DayField(label="Date")
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

    held_on = DayField(label="Date")
    starts_at = forms.TimeField(label="Heure", widget=TimeInput())
    place = forms.CharField(label="Lieu", max_length=200)

    def __init__(self, *args, meeting: Meeting, earliest: date, **kwargs):
        announced = meeting.announced_second_call()
        super().__init__(
            *args,
            initial={
                "held_on": max(announced, earliest) if announced else earliest,
                "starts_at": meeting.starts_at,
                "place": meeting.place,
            },
            **kwargs,
        )
        self.helper = Tagless(self)


class ResendForm(FindingsMixin, forms.Form):
    """Send again, to the same address or to another."""

    email = addresses.MailInput(label="Adresse électronique")
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
    """The day on which letters were posted, mails that stayed here sent otherwise, or one of which
    nobody knew arrived."""

    on = DayField(label="Remises le")

    def __init__(
        self,
        *args,
        label: str = "",
        rows: Iterable[Recipient] = (),
        seen: str | None = None,
        **kwargs,
    ):
        """`seen`: of whom the page spoke, where it is not the request that says of whom."""
        super().__init__(*args, **kwargs)
        self.rows, self._seen = list(rows), seen
        self.fields["on"].label = label or self.fields["on"].label
        self.helper = Tagless(self)

    @property
    def seen(self) -> str:
        """Of whom this form speaks, for its page to carry."""
        return " ".join(sorted((str(row.pk) for row in self.rows), key=int))

    def clean(self) -> dict:
        """Of those whom the page showed, and of nobody else."""
        if self._seen is not None and self._seen != self.seen:
            known = set(self._seen.split())
            what = [f"s’y ajoute {row.name}" for row in self.rows if str(row.pk) not in known]
            if known - {str(row.pk) for row in self.rows}:
                what.append("ce qui fut noté entre-temps n’y est plus")
            told = f"La liste a changé depuis que cette page l’a montrée\u00a0: {', '.join(what)}."
            self.add_error(None, f"{told} Rien n’est noté. Relisez-la, puis confirmez.")
        return super().clean()

    @property
    def handed(self) -> list[Recipient]:
        """To whom, of a form that holds."""
        return self.rows


class CorrectForm(HandOverForm):
    """What was noted of a hand-over is wrong: its day, or that there was one."""

    DAY, NONE = "jour", "non"
    what = forms.ChoiceField(
        label="Ce qui s’est passé",
        choices=((DAY, "Remise un autre jour"), (NONE, "Pas remise\u00a0: notée par erreur")),
        widget=forms.RadioSelect(),
        error_messages={"required": "Dites ce qu’il faut corriger."},
    )
    on = DayField(label="Quel jour", required=False)

    field_order = ("what", "on")

    def clean(self) -> dict:
        """Another day is told."""
        cleaned = super().clean()
        if cleaned.get("what") == self.DAY and not cleaned.get("on") and "on" not in self.errors:
            self.add_error("on", "Donnez le jour de la remise.")
        return cleaned


class ReachedForm(HandOverForm):
    """The same of everything that stayed here: whoever notes it says who was not reached."""

    ALL, BUT = "tous", "sauf"
    reached = forms.ChoiceField(
        label="Qui l’a reçue\u00a0?",
        choices=((ALL, "Tout le monde"), (BUT, "Tout le monde, sauf…")),
        widget=forms.RadioSelect(),
        error_messages={"required": "Dites qui l’a reçue\u00a0: rien ne le prouve d’ici."},
    )
    missed = forms.MultipleChoiceField(
        label="Pas encore remise à", required=False, widget=forms.CheckboxSelectMultiple()
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if len(self.rows) < 2:
            del self.fields["reached"], self.fields["missed"]
            self.fields["on"].label = "Remise le"
        else:
            self.fields["missed"].choices = [(str(row.pk), row.name) for row in self.rows]

    def clean(self) -> dict:
        """With « sauf », somebody, and not everybody."""
        cleaned = super().clean()
        if cleaned.get("reached") == self.BUT and "missed" not in self.errors:
            if not cleaned["missed"]:
                self.add_error("missed", "Cochez à qui elle n’est pas encore remise.")
            elif len(cleaned["missed"]) == len(self.rows):
                self.add_error("missed", "Alors rien n’est remis\u00a0: il n’y a rien à noter.")
        return cleaned

    @property
    def handed(self) -> list[Recipient]:
        """All but the missed."""
        is_but = self.cleaned_data.get("reached") == self.BUT
        missed = self.cleaned_data["missed"] if is_but else ()
        return [row for row in self.rows if str(row.pk) not in missed]


class PeriodForm(forms.Form):
    """The first and the last day of a period, of whose sittings one asks."""

    du = DayField(label="Du", widget=DateInput(attrs={"class": "form-control"}))
    au = DayField(label="Au", widget=DateInput(attrs={"class": "form-control"}))

    def clean(self) -> dict:
        """In that order."""
        begins, ends = self.cleaned_data.get("du"), self.cleaned_data.get("au")
        if begins and ends and ends < begins:
            self.add_error("au", "Le dernier jour précède le premier.")
        return self.cleaned_data
