"""Forms of the first steps: what an organisation is, who its members are, where they sit."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from law import regime
from law.findings import Refused
from members import founding
from members.forms import DigitsField, PastedList, Tagless, TimeInput
from members.models import Body, Community, Constituency, LegalForm, Organisation
from members.sheets import files

_FORMS = (
    (LegalForm.CLOSED, "Syndicat mixte fermé : des communes et des EPCI, rien d’autre"),
    (LegalForm.OPEN, "Syndicat mixte ouvert : un département, une région ou un autre membre aussi"),
    (LegalForm.EPCI, "EPCI : communauté, métropole, syndicat de communes"),
    (LegalForm.COMMUNE, "Commune"),
)


class FoundingForm(forms.ModelForm):
    """What an organisation is: its legal form first, which decides the rules proposed."""

    legal_form = forms.ChoiceField(
        label="Forme juridique",
        choices=_FORMS,
        widget=forms.RadioSelect,
        help_text="Elle décide du règlement proposé à ses instances (art. L5711-1 et L5721-1 du "
        "CGCT).",
    )
    siren = DigitsField(label="SIREN", required=False)
    helper = Tagless()

    class Meta:
        model = Organisation
        # What the préfecture knows it by is asked on its page, with all that acts need there.
        fields = ["legal_form", "name", "siren", "designation", "address"]
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial["siren"] = self.initial.get("siren") or self.instance.known_siren
        self.fields["designation"].required = False
        self.fields["designation"].help_text = (
            "Avec son article : « le syndicat mixte Somme Numérique ». Vide : proposée d’après le "
            "nom."
        )
        self.fields["siren"].widget.attrs["inputmode"] = "numeric"

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("name") and cleaned.get("legal_form") and not cleaned.get("designation"):
            cleaned["designation"] = founding.designation_of(cleaned["name"], cleaned["legal_form"])
        return cleaned

    def add_error(self, field: str | None, error: ValidationError | str) -> None:
        """The SIRET is asked on another page: what contradicts it is said of the SIREN."""
        told = getattr(error, "error_dict", {})
        if "siret" in told:
            told["siren"] = told.pop("siret")
        super().add_error(field, error)


class CommunitiesForm(PastedList):
    """Members to write: a list that is pasted, or a file; their kind where a line says none."""

    liste = forms.CharField(
        label="Les collectivités membres, une par ligne",
        required=False,
        strip=False,
        max_length=founding.MAX_CHARACTERS,
        help_text="Nom ; nature ; SIREN. Le nom suffit quand il dit la nature : « Communauté de "
        "communes du Val de Brume », « Département de la Lisse ». Des colonnes copiées d’un "
        "tableur conviennent ; « associé » en quatrième, pour un membre à voix consultative.",
        widget=forms.Textarea(
            attrs={"rows": 8, "placeholder": "CC des Étangs ; communauté de communes ; 200000017"}
        ),
    )
    fichier = forms.FileField(
        label="Ou un fichier CSV ou XLSX, aux mêmes colonnes",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages={"empty": "Ce fichier est vide."},
    )
    nature = forms.ChoiceField(
        label="Nature de ce qui n’en dit pas",
        required=False,
        choices=Community.Kind.choices,
        initial=Community.Kind.COMMUNE,
    )

    def clean_nature(self) -> str:
        """A list says of itself what is no commune."""
        return self.cleaned_data["nature"] or Community.Kind.COMMUNE

    def text_of(self, given: UploadedFile) -> str:
        """The columns of the sheet, as they would be pasted."""
        return founding.as_text(files.lines(given))


class AddressesForm(forms.ModelForm):
    """Where a member community is written to."""

    helper = Tagless()

    class Meta:
        model = Community
        fields = ["contact", "copies_to"]
        labels = {
            "contact": "Adresse électronique de la collectivité",
            "copies_to": "Adresses électroniques de ses élus",
        }
        widgets = {"copies_to": forms.Textarea(attrs={"rows": 4})}


class BodyForm(forms.ModelForm):
    """A new body: its kind, its name, its colleges and their seats, the model of its rules."""

    kind = forms.ChoiceField(
        label="Nature",
        choices=[(each.value, each.label) for each in Body.Kind if each not in Body.ALONE],
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label="Nom",
        max_length=100,
        required=False,
        help_text="Vide : « Comité syndical », « Bureau », « Conseil », selon sa nature.",
    )
    colleges = forms.CharField(
        label="Collèges et sièges, un par ligne",
        required=False,
        max_length=founding.MAX_CHARACTERS,
        help_text="Nom ; sièges. Vide quand les statuts ne font pas de collège.",
        widget=forms.Textarea(
            attrs={"rows": 4, "placeholder": "Collège des intercommunalités ; 24"}
        ),
    )
    seats = forms.IntegerField(
        label="Sièges, sans collège",
        required=False,
        min_value=1,
        max_value=9999,
        help_text="Leur nombre, pour que l’on sache ceux qui sont vacants.",
    )
    preset = forms.ChoiceField(label="Modèle de règlement")
    helper = Tagless()
    field_order = ["kind", "name", "colleges", "seats", "preset", "usual_place", "usual_time"]

    class Meta:
        model = Body
        fields = ["kind", "name", "usual_place", "usual_time"]
        widgets = {"usual_time": TimeInput()}

    def __init__(self, *args, organisation: Organisation, **kwargs) -> None:
        super().__init__(*args, instance=Body(organisation=organisation), **kwargs)
        legal_form = organisation.legal_form
        # The open model leaves all to the statutes, and is of an open syndicate alone.
        lawful = {
            LegalForm.OPEN: {"smo"},
            LegalForm.COMMUNE: {"commune", "commune_moins_3500"},
        }.get(LegalForm(legal_form), {"smf", "epci"})
        self.fields["preset"].choices = [
            (key, label) for key, label in regime.PRESET_LABELS if key in lawful
        ]
        self.fields["preset"].initial = legal_form
        self.fields["preset"].help_text = (
            f"Proposé : celui de la forme juridique, « {organisation.get_legal_form_display()} ». "
            "Chaque règle se corrige ensuite, à la page du règlement."
        )

    def clean_colleges(self) -> list:
        """As rows to write."""
        try:
            return founding.colleges(self.cleaned_data["colleges"])
        except Refused as refused:
            raise ValidationError([str(each) for each in refused.findings]) from None

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("kind") and not cleaned.get("name"):
            if cleaned["kind"] == Body.Kind.COMMISSION:
                self.add_error("name", "Dites de quelle commission il s’agit.")
            else:
                cleaned["name"] = founding.USUAL[Body.Kind(cleaned["kind"])][0]
        if cleaned.get("seats") and cleaned.get("colleges"):
            self.add_error("seats", "Chaque collège dit déjà les siens.")
        elif cleaned.get("seats") and cleaned.get("name"):  # all of it is one college
            cleaned["colleges"] = [
                Constituency(name=cleaned["name"], seats=cleaned["seats"], position=1)
            ]
        here = self.instance.organisation.bodies.filter(name__iexact=cleaned.get("name") or "")
        if here.exists():
            self.add_error("name", "Une instance porte déjà ce nom.")
        return cleaned
