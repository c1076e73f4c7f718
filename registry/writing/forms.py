"""What the pages of writing and reviewing ask."""

from django import forms

from meetings.forms import FindingsMixin, Tagless
from registry.models import Phrase


class PhraseForm(FindingsMixin, forms.ModelForm):
    """A phrase of a body."""

    class Meta:
        model = Phrase
        fields = ["title", "text"]
        help_texts = {
            "title": "Ce que montre la liste, en deux ou trois mots.",
            "text": "Inséré tel quel au curseur. Une ligne vide sépare deux paragraphes.",
        }
        widgets = {
            "title": forms.TextInput(attrs={"autocomplete": "off"}),
            "text": forms.Textarea(attrs={"rows": 4, "lang": "fr", "spellcheck": "true"}),
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)
