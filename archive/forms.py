from django import forms


class VerifyForm(forms.Form):
    """The file somebody wants to know about."""

    file = forms.FileField(
        label="Fichier PDF",
        help_text="Tel qu’il a été téléchargé ou reçu : ni imprimé, ni réenregistré. Il n’est pas "
        "conservé.",
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
        error_messages={
            "required": "Choisissez un fichier PDF.",
            "empty": "Ce fichier est vide.",
        },
    )
