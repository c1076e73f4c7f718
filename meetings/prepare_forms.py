"""What the secretariat types before a sitting: the file of an item, habits of a body."""

from django import forms
from django.core.validators import RegexValidator

from meetings.actions import texts
from meetings.forms import FindingsMixin, Tagless
from meetings.models import AgendaItem, Attachment, Meeting, RecurringItem
from meetings.widgets import DebateEditor

MAX_NOTE = 1_000_000
MAX_LENGTH = 100_000
MAX_LINES = 500


class _Lines(forms.CharField):
    """One entry a line."""

    def __init__(self, *, rows: int, **kwargs):
        widget = forms.Textarea(attrs={"rows": rows, "lang": "fr", "spellcheck": "true"})
        super().__init__(required=False, max_length=MAX_LENGTH, widget=widget, **kwargs)

    def clean(self, value: str | None) -> str:
        text: str = super().clean(value)
        if len(text.splitlines()) > MAX_LINES:
            raise forms.ValidationError(f"Au plus {MAX_LINES} lignes.")
        return text


class BriefForm(FindingsMixin, forms.Form):
    """The file of an item; `version` is the `texts.brief_base` of what the page showed."""

    rapporteur = forms.ChoiceField(label="Rapporteur", required=False)
    note = forms.CharField(
        label="Note de synthèse",
        required=False,
        max_length=MAX_NOTE,
        widget=DebateEditor(attrs={"aria-label": "Note de synthèse"}),
    )
    visas = _Lines(
        rows=4, label="Visas", help_text="Un par ligne, sans « Vu » : « les statuts du syndicat »."
    )
    recitals = _Lines(
        rows=4,
        label="Considérants",
        help_text="Un par ligne, sans « Considérant » : « que la cotisation est de 1 000 € ».",
    )
    articles = _Lines(
        rows=6,
        label="Dispositif",
        help_text="Un article par ligne, sans son numéro. Après un article qui finit par "
        "deux-points, les lignes qui commencent par un tiret en font partie.",
    )
    version = forms.CharField(
        widget=forms.HiddenInput,
        validators=[RegexValidator(r"^[0-9a-f-]{1,120}\Z", "Rechargez la page.")],
    )

    def __init__(self, *args, meeting: Meeting, current: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)
        members = meeting.basis.composition
        told = sorted(members.members, key=lambda each: (each.last_name, each.first_name))
        people = [(member.key, member.name) for member in told if member.deliberates]
        if current and current not in dict(people):
            name = members[current].name if current in members else current
            people.append((current, f"{name} (n’est plus membre)"))
        self.fields["rapporteur"].choices = [("", "—"), *people]

    def parts(self) -> dict[str, str]:
        """What `texts.save_brief` keeps. Call after `is_valid`."""
        return {name: self.cleaned_data[name] for name in (*texts.BRIEF_FIELDS, "rapporteur")}


class AttachmentTitleForm(forms.ModelForm):
    """The title under which a file is read."""

    class Meta:
        model = Attachment
        fields = ["title"]


class RecurringForm(FindingsMixin, forms.ModelForm):
    """What a body discusses at each sitting, or now and then."""

    # Their link to another sitting makes these; nobody writes them beforehand.
    LINKED = frozenset(
        {AgendaItem.Kind.APPROVAL, AgendaItem.Kind.EXAMINATION, AgendaItem.Kind.URGENCY}
    )

    class Meta:
        model = RecurringItem
        fields = ["title", "kind", "is_automatic"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)
        self.fields["kind"].choices = [
            (value, label) for value, label in AgendaItem.Kind.choices if value not in self.LINKED
        ]


class CopyAgendaForm(forms.Form):
    """Which earlier sitting lends its agenda, and how much of it."""

    source = forms.ChoiceField(label="Séance")
    with_briefs = forms.BooleanField(
        label="avec les rapporteurs, les notes et les projets de délibération", required=False
    )

    def __init__(self, *args, earlier: list[Meeting], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [(str(each.pk), str(each)) for each in earlier]
