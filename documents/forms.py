"""What the pages of documents ask."""

from django import forms

from members.models import Body


class IssueForm(forms.Form):
    """Why a new version is needed; nothing is asked for the first."""

    reason = forms.CharField(
        label="Ce que cette version corrige",
        max_length=300,
        required=False,
        strip=True,
        help_text="Imprimé à la fin du procès-verbal.",
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )


class DocumentFilter(forms.Form):
    """Which documents to show: of a body, of a year."""

    instance = forms.ModelChoiceField(
        label="Instance", queryset=Body.objects.none(), required=False, empty_label="Toutes"
    )
    annee = forms.TypedChoiceField(label="Année", coerce=int, empty_value=None, required=False)

    def __init__(self, data, *, bodies, years) -> None:
        super().__init__(data)
        self.fields["instance"].queryset = bodies
        self.fields["annee"].choices = [("", "Toutes"), *((year, str(year)) for year in years)]
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"
