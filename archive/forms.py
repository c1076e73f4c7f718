from django import forms

from meetings.forms import FindingsMixin


class VerifyForm(forms.Form):
    """The file somebody wants to know about."""

    file = forms.FileField(
        label="Fichier PDF, ou ZIP d’une séance",
        help_text="Tel qu’il a été téléchargé ou reçu : ni imprimé, ni réenregistré. Il n’est pas "
        "conservé.",
        widget=forms.FileInput(attrs={"accept": "application/pdf,application/zip"}),
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Ce fichier est vide.",
        },
    )


class WithdrawForm(FindingsMixin, forms.Form):
    """Why a document leaves the public pages."""

    reason = forms.CharField(
        label="Motif du retrait",
        help_text="Il est gardé ; le public lit seulement que le document a été retiré.",
        max_length=300,
        error_messages={
            "required": "Dites en une phrase pourquoi ce document est retiré.",
            "max_length": "Le motif tient en 300 caractères.",
        },
    )


class SearchForm(forms.Form):
    """Words, and where to look for them."""

    q = forms.CharField(
        label="Mots ou numéro",
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    instance = forms.ModelChoiceField(
        label="Instance", queryset=None, required=False, empty_label="Toutes"
    )
    annee = forms.TypedChoiceField(label="Année", required=False, coerce=int, empty_value=None)

    def __init__(self, *args, bodies, years, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instance"].queryset = bodies
        self.fields["annee"].choices = [("", "Toutes"), *((year, year) for year in years)]
        self.fields["q"].widget.attrs["class"] = "form-control"
        for name in ("instance", "annee"):
            self.fields[name].widget.attrs["class"] = "form-select"
