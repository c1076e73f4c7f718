"""Forms of the members pages: asking for a day, giving a file."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from PIL import Image, ImageFile

from law import french, labels
from law.findings import Refused
from members import days
from members.models import Community, Mandate, Organisation, Person
from members.sheets.columns import COLUMNS

MOST_POINTS = 16_000_000  # of a logo


class Tagless(FormHelper):
    """Crispy draws the fields; the template keeps the form tag and its one button."""

    form_tag = False
    disable_csrf = True


class PastedList(forms.Form):
    """Lines to write: a list that is pasted, or a file; `text` is one of them, cleaned."""

    liste = forms.CharField(required=False, strip=False)
    fichier = forms.FileField(required=False, error_messages={"empty": "Ce fichier est vide."})
    helper = Tagless()

    def text_of(self, given: UploadedFile) -> str:
        """The file as one would have pasted it. Raises `Refused`."""
        raise NotImplementedError

    def clean_fichier(self) -> str:
        """Its text, whatever wrote it."""
        given = self.cleaned_data["fichier"]
        try:
            return self.text_of(given) if given else ""
        except Refused as refused:
            raise ValidationError(str(refused), code="table") from None

    def clean(self) -> dict:
        """One of them."""
        text, file = self.cleaned_data.get("liste", ""), self.cleaned_data.get("fichier", "")
        if not self.errors and bool(text.strip()) == bool(file):
            words = "Collez une liste, ou donnez un fichier." if not file else "L’un ou l’autre."
            self.add_error("liste", ValidationError(words, code="one"))
        self.cleaned_data["text"] = file or text
        return self.cleaned_data


class DateInput(forms.DateInput):
    """A day, written « 16/11/2016 » whatever the language of the browser, whose own picker follows
    it; « 16112016 » too, for the keyboard of a telephone has digits alone; « mercredi 16 novembre
    2016 » too, as papers print it."""

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs=_AS_TYPED | {"placeholder": "jj/mm/aaaa"} | (attrs or {}))
        self.format = "%d/%m/%Y"

    def value_from_datadict(self, data, files, name) -> str | None:
        typed = super().value_from_datadict(data, files, name)
        if day := french.day_told(typed or ""):
            return f"{day:%d/%m/%Y}"
        return _DIGITS.sub(r"\1/\2/\3", typed.strip()) if typed else typed


class TimeInput(forms.TimeInput):
    """An hour: « 17:30 », « 17 h 30 » as papers print it, or « 1730 »."""

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs=_AS_TYPED | {"placeholder": "hh:mm"} | (attrs or {}))
        self.format = "%H:%M"

    def value_from_datadict(self, data, files, name) -> str | None:
        typed = super().value_from_datadict(data, files, name)
        found = _HOUR.fullmatch(typed.strip()) if typed else None
        return f"{found[1]}:{found[2] or '00'}" if found else typed


_AS_TYPED: dict[str, object] = {"inputmode": "numeric", "autocomplete": "off"}
_DIGITS = re.compile(r"^(\d{2})(\d{2})(\d{4})$")
_HOUR = re.compile(r"(\d{1,2})\s*(?:[hH:]\s*)?(\d{2})?")


class DayField(forms.DateField):
    """A day, as it is typed or as an address tells it."""

    widget = DateInput
    input_formats = ["%Y-%m-%d", "%d/%m/%Y"]
    default_error_messages = {"required": "À remplir."}

    def to_python(self, value) -> date | None:
        try:
            day = super().to_python(value)
        except ValidationError as error:
            raise ValidationError(days.no_such_day(), code="invalid") from error
        if day:
            days.check(day)
        return day


class OnDayForm(forms.Form):
    """« le » : the day one asks about."""

    le = DayField(label="Composition au", required=False)


class BirthsForm(forms.Form):
    """When those who sit were born: one field a person, named by his number."""

    helper = Tagless()

    def __init__(self, *args, persons: Iterable[Person], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.persons = {f"ne-{person.pk}": person for person in persons}
        for name, person in self.persons.items():
            label = f"{person.civility} {person}"
            self.fields[name] = DayField(label=label, required=False, initial=person.born_on)

    def clean(self) -> dict:
        """Nobody is to be born yet."""
        for name, day in list(super().clean().items()):
            if day and day >= timezone.localdate():
                self.add_error(name, "Cette date n’est pas une naissance : elle est à venir.")
        return self.cleaned_data

    @property
    def changed(self) -> dict[Person, date | None]:
        """The persons whose date is another now."""
        return {self.persons[name]: self.cleaned_data[name] for name in self.changed_data}


class SwitchForm(forms.Form):
    """The organisation to look at next."""

    organisation = forms.ModelChoiceField(Organisation.objects.all())


class DigitsField(forms.CharField):
    """A number of digits alone, without the spaces by which people read it: « 200 054 781 »."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs | {"max_length": 20})

    def to_python(self, value: Any) -> str:
        return "".join(super().to_python(value).split())


class OrganisationForm(forms.ModelForm):
    """An organisation; its logo is known by its content, not by its name."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial["siren"] = self.initial.get("siren") or self.instance.known_siren

    def clean_logo(self) -> Any:
        """Refuse what no paper could print."""
        logo = self.cleaned_data.get("logo")
        if isinstance(logo, UploadedFile) and (fault := fault_of_logo(logo)):
            raise ValidationError(fault)
        return logo


# How the number of a deliberation is most often written, and what is said of it.
NUMBERS = {
    "{annee}-{mois}-{jour}/{rang:02}": "date et rang dans la séance",
    "{annee}{mois}{jour}-{rang:02}": "date et rang dans la séance",
    "{annee}-{numero:03}": "numéro dans l’année",
    "{numero}/{annee}": "numéro dans l’année",
}


class BodyCardForm(forms.ModelForm):
    """A body on the pages of the administration: the number of its acts is chosen by an example;
    who needs another writes its pattern."""

    number_shape = forms.ChoiceField(label="Numéro des délibérations", required=False)

    class Meta:
        labels = {"deliberation_format": "Autre écriture du numéro"}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["number_shape"].choices = [
            *(
                (shape, f"{labels.label(shape, held_on=today, rank=1, number=12)}, {told}")
                for shape, told in NUMBERS.items()
                if "{numero" in shape or not self.instance.assembly_id
            ),
            ("", "autre"),
        ]
        written = self.instance.deliberation_format
        self.initial["number_shape"] = written if written in NUMBERS else ""
        self.fields["number_shape"].widget.attrs["required"] = True  # it always says something

    def clean(self) -> dict:
        cleaned = super().clean()
        if shape := cleaned.get("number_shape"):
            cleaned["deliberation_format"] = shape
            self.errors.pop("deliberation_format", None)
        return cleaned


def fault_of_logo(logo: UploadedFile) -> str:
    """Why no paper could print this, "" when each can: a PNG or JPEG, not immense, that reads to
    its last point."""
    # WeasyPrint, once imported, has every reader of the process make up what a file lacks.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(logo, formats=["PNG", "JPEG"]) as picture:
            if picture.width * picture.height > MOST_POINTS:
                return "Cette image a trop de points\u00a0: réduisez ses dimensions."
            picture.verify()  # its pieces, which loads no point
        logo.seek(0)
        with Image.open(logo) as picture:
            picture.load()
    except Exception:  # whatever a broken or hostile file makes the reader raise
        return (
            "Ce fichier n’est pas une image PNG ou JPEG qui se lise\u00a0: enregistrez le logo "
            "sous l’une de ces formes."
        )
    logo.seek(0)
    return ""


# --- Verbs on mandates and communities ------------------------------------------------------


# A merger and an office are acts of their own.
END_REASONS = [
    (value, label)
    for value, label in Mandate.EndReason.choices
    if value not in (Mandate.EndReason.MERGER, Mandate.EndReason.OFFICE)
]


class EndMandatesForm(forms.Form):
    """When and why mandates end."""

    on = DayField(label="Dernier jour du mandat")
    reason = forms.ChoiceField(
        label="Motif",
        choices=[("", "À choisir"), *END_REASONS],
        error_messages={"required": "À choisir."},
    )


class MergerForm(forms.Form):
    """What becomes of a community that disappears."""

    on = DayField(
        label="N’existe plus depuis le",
        help_text="Premier jour où la collectivité n’existe plus ; les mandats de ses "
        "représentants prennent fin la veille.",
    )
    successor = forms.ModelChoiceField(
        Community.objects.none(),
        label="Collectivité qui lui succède",
        error_messages={"required": "À choisir."},
    )


# --- Files ----------------------------------------------------------------------------------


class MendingForm(forms.Form):
    """Cells of a sheet written anew, and lines left out, where a few lines alone are at fault.

    `asked` tells which cells, by their line and their column, with what stands in each."""

    _CELL = re.compile(r"cellule-(\d{1,6})-([a-z_]{1,30})")

    def __init__(self, *args, asked: Mapping[tuple[int, str], str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for (number, key), text in asked.items():
            self.fields[f"cellule-{number}-{key}"] = forms.CharField(
                label=COLUMNS[key].header, required=False, max_length=500, initial=text
            )
        for number in {number: "" for number, _ in asked}:
            self.fields[f"sans-{number}"] = forms.BooleanField(
                label="Laisser cette ligne de côté", required=False
            )

    @classmethod
    def cells(cls, names: Iterable[str]) -> set[tuple[int, str]]:
        """The cells that these fields would write."""
        found = (cls._CELL.fullmatch(name) for name in names)
        return {(int(each[1]), each[2]) for each in found if each}

    @property
    def told(self) -> dict[tuple[int, str], str]:
        """What was typed. Call after `is_valid`."""
        return {cell: self.cleaned_data[f"cellule-{cell[0]}-{cell[1]}"] for cell in self._cells}

    @property
    def left_out(self) -> set[int]:
        """The lines left out. Call after `is_valid`."""
        return {number for number, _ in self._cells if self.cleaned_data[f"sans-{number}"]}

    @property
    def _cells(self) -> set[tuple[int, str]]:
        return self.cells(self.fields)


class UploadForm(forms.Form):
    """A sheet of mandates, CSV or XLSX."""

    file = forms.FileField(
        label="Fichier",
        help_text="CSV ou XLSX, 10 Mo au plus. La première ligne porte le nom des colonnes.",
        error_messages={
            "empty": "Ce fichier est vide.",
            "required": "Choisissez un fichier.",
        },
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    helper = Tagless()
