"""What a body chooses for its papers, as a form: letterhead, formulas, order of the parts."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from documents import render
from law import style
from law.findings import Refused
from meetings import attachments
from meetings.forms import FindingsMixin, Tagless
from members.forms import fault_of_logo
from members.models import MAX_LETTERHEAD, PaperStyle

MAX_LOGO = 2 * 1024 * 1024  # bytes: it is printed four centimetres wide
_TEXTS = ("letterhead", "footer", *style.FORMULAS)
UP, DOWN = "up", "down"


# --- The order of the parts -------------------------------------------------------------------


class PartsInput(forms.Widget):
    """The parts of a paper one under the other, to be moved by buttons; what is optional has a box.

    `NAME-order` holds every key in its place, `NAME` those that are printed.
    """

    template_name = "documents/_style_parts.html"

    def __init__(self, paper: str) -> None:
        super().__init__()
        self.paper = paper

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """The rows in their order, each with whether it is printed."""
        printed = list(value or style.order(self.paper))
        parts = {part.key: part for part in style.PARTS[self.paper]}
        # What is not printed waits where it would stand in our order.
        keys = [key for key in printed if key in parts]
        for rank, key in enumerate(parts):
            if key not in keys:
                keys.insert(rank, key)
        rows = [{"part": parts[key], "is_printed": key in printed} for key in keys]
        return super().get_context(name, value, attrs) | {"name": name, "rows": rows}

    def value_from_datadict(self, data: QueryDict, files: Any, name: str) -> list[str]:
        """The keys that are printed, in the order that was posted."""
        printed = data.getlist(name)
        return [key for key in data.getlist(f"{name}-order") if key in printed]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """The order is always posted; an empty list of boxes says nothing."""
        return f"{name}-order" not in data


class PartsField(forms.Field):
    """The keys of the parts that are printed, in their order; empty when it is ours."""

    def __init__(self, paper: str, **kwargs: Any) -> None:
        super().__init__(required=False, widget=PartsInput(paper), **kwargs)
        self.paper = paper

    def clean(self, value: list[str]) -> list[str]:
        """The keys; raises `ValidationError` when compulsory parts lack or stand elsewhere."""
        if value and (found := style.part_faults(self.paper, value)):
            raise ValidationError([str(each) for each in found])
        return [] if tuple(value) == style.order(self.paper) else value


def moved(data: QueryDict) -> QueryDict:
    """What was posted, one part moved up or down as its button asks: `move` is "NAME:KEY:up"."""
    name, _, rest = data.get("move", "").partition(":")
    key, _, way = rest.partition(":")
    keys = data.getlist(f"{name}-order")
    if key not in keys or way not in (UP, DOWN):
        return data
    place = keys.index(key)
    other = max(0, min(len(keys) - 1, place + (1 if way == DOWN else -1)))
    keys[place], keys[other] = keys[other], keys[place]
    data = data.copy()
    data.setlist(f"{name}-order", keys)
    return data


# --- The form ---------------------------------------------------------------------------------


def _formula(label: str, name: str, rows: int = 2) -> forms.CharField:
    places = ", ".join(f"{{{place}}}" for place in style.FORMULAS[name].places)
    return forms.CharField(
        label=label,
        required=False,
        max_length=PaperStyle._meta.get_field(name).max_length,
        help_text=f"Repères : {places}." if places else "",
        widget=forms.Textarea(
            attrs={
                "rows": rows,
                "lang": "fr",
                "spellcheck": "true",
                "placeholder": style.FORMULAS[name].ours,
            }
        ),
    )


class StyleForm(FindingsMixin, forms.ModelForm):
    """The style of a body. What is wrong is left out of `instance`, which can be shown meanwhile.

    The logo comes last: whatever stands before a file that is too heavy is kept.
    """

    opening = _formula("Ouverture du procès-verbal et des extraits", "opening", 4)
    closing = _formula("Levée de la séance", "closing")
    conform = _formula("Certification de l’extrait", "conform")
    notice = _formula("Fin de la liste des délibérations", "notice")
    salutation = _formula("Appel de la convocation", "salutation", 1)
    courtesy = _formula("Politesse de la convocation", "courtesy", 3)
    minutes_parts = PartsField("minutes", label="Procès-verbal complet")
    extract_parts = PartsField("extract", label="Extrait de délibération")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    drops_logo = forms.BooleanField(label="Revenir au logo de l’organisation", required=False)

    class Meta:
        model = PaperStyle
        fields = [
            *("letterhead", "footer", "accent", *style.FORMULAS),
            *("tells_articles", "roll_by", "minutes_parts", "extract_parts"),
            *("drops_logo", "logo"),
        ]
        widgets = {
            "letterhead": forms.Textarea(attrs={"rows": MAX_LETTERHEAD, "lang": "fr"}),
            "footer": forms.TextInput(attrs={"autocomplete": "off", "lang": "fr"}),
            "accent": forms.RadioSelect,
            "roll_by": forms.RadioSelect,
            "logo": forms.FileInput(
                attrs={"accept": ".png,.jpg,.jpeg", "data-max": MAX_LOGO, "data-max-words": "2 Mo"}
            ),
        }
        help_texts = {"logo": "PNG ou JPEG, 2 Mo au plus."}
        labels = {"logo": "Logo propre à l’instance"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)
        self.initial.setdefault("version", self.instance.version)
        self.fields["logo"].validators = []  # the content is looked at, not the name
        for name in ("accent", "roll_by"):  # one is always checked: no star beside it
            self.fields[name].required = False
        if not self.instance.logo:
            del self.fields["drops_logo"]

    def _clean_fields(self) -> None:
        super()._clean_fields()
        for name in _TEXTS:
            if text := self.cleaned_data.get(name):
                self._check_text(name, text)

    def _check_text(self, name: str, text: str) -> None:
        for fault in style.faults(name, text) if name in style.FORMULAS else ():
            self.add_error(name, str(fault))
        absent = [each for each in dict.fromkeys(text) if not _prints(each)]
        for character in absent:
            self.add_error(
                name,
                f"Le caractère « {character} » (U+{ord(character):04X}) n’existe pas dans les "
                "polices des papiers : remplacez-le ou retirez-le.",
            )

    def clean_letterhead(self) -> str:
        """Its lines without blanks, three at most."""
        lines = [line.strip() for line in self.cleaned_data["letterhead"].splitlines()]
        kept = [line for line in lines if line]
        if len(kept) > MAX_LETTERHEAD:
            raise ValidationError("Trois lignes au plus sous le nom de l’organisation.")
        return "\n".join(kept)

    def clean_logo(self) -> Any:
        """A picture by its content, under a name of ours."""
        logo = self.cleaned_data.get("logo")
        if isinstance(logo, UploadedFile):
            logo.name = f"papiers-{self.instance.body.slug}.{_picture_kind(logo)}"
        return logo

    def clean(self) -> dict[str, Any]:
        """`logo` False empties the field: the body comes back to the logo of the organisation."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("drops_logo") and not isinstance(cleaned.get("logo"), UploadedFile):
            cleaned["logo"] = False  # what empties a field of files
        return cleaned

    def refuse_upload(self, filename: str) -> None:
        """The logo was too heavy to be read to its end."""
        self.add_error("logo", _too_heavy(filename))


def _prints(character: str) -> bool:
    return ord(character) in render.printable() or character in "\r\n\t"


def _too_heavy(filename: str) -> str:
    return f"« {attachments.safe_name(filename)} » dépasse 2 Mo : réduisez l’image."


def _picture_kind(logo: UploadedFile) -> str:
    """ "png" or "jpg", by its content. Raises `ValidationError` for anything else."""
    if (logo.size or 0) > MAX_LOGO:
        raise ValidationError(_too_heavy(logo.name or ""))
    try:
        checked = attachments.check(logo, logo.name or "")
    except Refused as refusal:
        (finding,) = refusal.findings
        if finding.code != "piece_inconnue":
            raise ValidationError(str(finding)) from refusal
        checked = None
    kinds = {"image/png": "png", "image/jpeg": "jpg"}
    if checked is None or checked.media_type not in kinds:
        raise ValidationError(
            f"« {attachments.safe_name(logo.name or '')} » n’est ni une image PNG ni une image "
            "JPEG : enregistrez le logo sous l’une de ces formes."
        )
    if fault := fault_of_logo(logo):
        raise ValidationError(fault)
    return kinds[checked.media_type]
