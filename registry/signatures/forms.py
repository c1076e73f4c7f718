"""What a signer hands in."""

from django import forms

from meetings.forms import FindingsMixin


class SignedFileForm(FindingsMixin, forms.Form):
    """The file that the signer signed on his own machine."""

    file = forms.FileField(
        label="Fichier signé",
        help_text="Le PDF que votre logiciel de signature a rendu, sans autre changement.",
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
        error_messages={"required": "Choisissez le fichier signé."},
    )


class SheetForm(FindingsMixin, forms.Form):
    """The scan of a sheet signed by hand."""

    scan = forms.FileField(
        label="Feuille signée, numérisée",
        help_text="PDF, JPEG ou PNG.",
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
        error_messages={"required": "Choisissez la feuille numérisée."},
    )


class DeclineForm(FindingsMixin, forms.Form):
    """Why somebody does not sign."""

    reason = forms.CharField(
        label="Ce qui ne va pas",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Dites pourquoi, en une phrase."},
    )
