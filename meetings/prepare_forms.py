"""What the secretariat types before a sitting: the file of an item, habits of a body."""

from collections.abc import Sequence

from django import forms
from django.core.validators import RegexValidator

from law.findings import Finding
from meetings.actions import several, texts
from meetings.forms import FindingsMixin, Tagless
from meetings.models import AgendaItem, Attachment, Meeting, RecurringItem
from meetings.widgets import DebateEditor
from members.models import User

MAX_NOTE = 1_000_000
MAX_LENGTH = 100_000
MAX_LINES = 500


class Lines(forms.CharField):
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
    visas = Lines(
        rows=4, label="Visas", help_text="Un par ligne, sans « Vu » : « les statuts du syndicat »."
    )
    recitals = Lines(
        rows=4,
        label="Considérants",
        help_text="Un par ligne, sans « Considérant » : « que la cotisation est de 1 000 € ».",
    )
    articles = Lines(
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
        people = [(each.key, each.name) for each in members.by_name if each.deliberates]
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


class CommonForm(FindingsMixin, forms.Form):
    """A note, files, for several items at once; the files are in the request."""

    points = forms.MultipleChoiceField(widget=forms.MultipleHiddenInput)
    note = forms.CharField(
        label="Note de synthèse",
        required=False,
        max_length=MAX_NOTE,
        widget=DebateEditor(attrs={"aria-label": "Note de synthèse"}),
    )

    def __init__(self, *args, meeting: Meeting, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["points"].choices = [(n.item.key, n.item.title) for n in meeting.agenda.nodes]


class CopyAgendaForm(forms.Form):
    """Which earlier sitting lends its agenda, how much of it, and whether one chose (`choix`)."""

    source = forms.ChoiceField(label="Séance")
    with_briefs = forms.BooleanField(
        label="avec les rapporteurs, les notes et les projets de délibération", required=False
    )
    choix = forms.BooleanField(required=False)

    def __init__(self, *args, earlier: list[Meeting], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [(str(each.pk), str(each)) for each in earlier]

    def keys(self) -> frozenset[str] | None:
        """The items that were chosen; `None`: all of them. Call after `is_valid`."""
        return frozenset(self.data.getlist("points")) if self.cleaned_data["choix"] else None


class SeveralForm(forms.Form):
    """What is done to the items that are ticked: one act, or what each of the lists gives."""

    ACTS = ("donner", "dupliquer", "dossier", "retirer")

    points = forms.MultipleChoiceField(
        error_messages={
            "required": "Cochez d’abord au moins un point.",
            "invalid_choice": "Un de ces points n’est plus à l’ordre du jour : cochez de nouveau.",
        }
    )
    act = forms.ChoiceField(choices=[(act, act) for act in ACTS])
    kind = forms.ChoiceField(label="Nature", required=False)
    effect = forms.ChoiceField(label="Portée", required=False)
    rapporteur = forms.ChoiceField(label="Rapporteur", required=False)
    place = forms.ChoiceField(label="Place", required=False)

    def __init__(self, *args, meeting: Meeting, **kwargs):
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        nodes = list(meeting.agenda.nodes)
        titles = meeting.agenda.titles
        told = meeting.basis.composition.by_name
        self.fields["points"].choices = [(node.item.key, node.item.title) for node in nodes]
        self.fields["kind"].choices = [("", "—"), *AgendaItem.Kind.choices]
        self.fields["effect"].choices = [
            ("", "—"),
            ("-", "selon la nature"),
            *AgendaItem.Effect.choices,
        ]
        self.fields["rapporteur"].choices = [
            ("", "—"),
            ("-", "personne"),
            *((member.key, member.name) for member in told if member.deliberates),
        ]
        self.fields["place"].choices = [
            ("", "—"),
            ("tete", "en tête"),
            *(
                (f"sous-{n.item.key}", f"sous {titles[n.item.key]}")
                for n in nodes
                if n.item.is_section
            ),
            *((f"apres-{node.item.key}", f"après {titles[node.item.key]}") for node in nodes),
        ]

    def clean(self) -> dict:
        cleaned = super().clean()
        given = [cleaned.get(field.name) for field in self.given]
        if cleaned.get("act") == "donner" and not any(given) and not self.errors:
            self.add_error(None, "Choisissez une nature, une portée, un rapporteur ou une place.")
        return cleaned

    @property
    def given(self) -> list[forms.BoundField]:
        """The lists of what may be given."""
        return [self[name] for name in ("kind", "effect", "rapporteur", "place")]

    def objections(self) -> list[Finding]:
        """What is wrong, as findings."""
        return [
            Finding(code="saisie", message=message)
            for messages in self.errors.values()
            for message in messages
        ]

    def give(self, chosen: Sequence[AgendaItem], *, by: User) -> None:
        """Give them what was chosen. Call after `is_valid`; raises `Refused`."""
        told = self.cleaned_data
        columns = ("kind", "effect", "rapporteur")
        given = {name: told[name].removeprefix("-") for name in columns if told[name]}
        if given:
            several.give(self.meeting, chosen, given=given, by=by)
        if told["place"]:
            how, _, key = told["place"].partition("-")
            target = self.meeting.agenda[key].item if key else None
            where = {"sous": "under", "apres": "after"}.get(how)
            several.move(self.meeting, chosen, by=by, **({where: target} if where else {}))
