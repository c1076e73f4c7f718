from django import forms


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
