"""What the pages of writing and reviewing ask."""

from django import forms

from meetings.forms import FindingsMixin, Tagless
from meetings.models import AgendaItem, Meeting
from members.models import Person
from registry.models import Remark
from registry.reviews import reading


class ReadersForm(FindingsMixin, forms.Form):
    """Whom to ask to read a draft: those who answer for it, or anybody with an address."""

    persons = forms.MultipleChoiceField(
        label="Qui en répond", required=False, widget=forms.CheckboxSelectMultiple
    )
    other = forms.ModelChoiceField(
        label="Une autre personne",
        queryset=Person.objects.none(),
        required=False,
        empty_label="—",
        help_text="Toute personne de l’organisation qui a une adresse électronique.",
    )

    def __init__(self, *args, meeting: Meeting, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.proposed = {
            str(person.pk): (person, word) for person, word in reading.proposed(meeting)
        }
        self.fields["persons"].choices = [
            (key, f"{person}, {word}" + ("" if person.email else " (aucune adresse où lui écrire)"))
            for key, (person, word) in self.proposed.items()
        ]
        if not self.proposed:
            del self.fields["persons"]
        self.helper = Tagless(self)
        self.fields["other"].queryset = (
            Person.objects.filter(organisation=meeting.body.organisation_id)
            .exclude(email="")
            .exclude(pk__in=[person.pk for person, _ in self.proposed.values()])
            .order_by("sort_name", "pk")
        )

    @property
    def readers(self) -> list[tuple[Person, str]]:
        """The persons chosen, each with his capacity."""
        chosen = [self.proposed[key] for key in self.cleaned_data.get("persons", ())]
        if other := self.cleaned_data["other"]:
            chosen.append((other, _as_reader(other)))
        return chosen


def _as_reader(person: Person) -> str:
    return "relectrice" if person.civility == Person.Civility.MRS else "relecteur"


class RemarkForm(FindingsMixin, forms.Form):
    """A remark on a draft."""

    item = forms.ChoiceField(label="Sur", required=False)
    text = forms.CharField(
        label="Votre remarque",
        max_length=Remark._meta.get_field("text").max_length,
        widget=forms.Textarea(attrs={"rows": 5, "lang": "fr", "spellcheck": "true"}),
        error_messages={"required": "Écrivez votre remarque."},
    )

    def __init__(self, *args, meeting: Meeting, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)
        self.fields["item"].choices = [
            ("", "l’ensemble du procès-verbal"),
            *(
                (node.item.key, f"{node.number} {node.item.title}".strip()[:120])
                for node in meeting.agenda.nodes
            ),
        ]
        self.agenda = meeting.agenda

    def clean_item(self) -> AgendaItem | None:
        """The item chosen; `None` for a remark on the whole."""
        key = self.cleaned_data["item"]
        return self.agenda[key].item if key else None


class SettleForm(FindingsMixin, forms.Form):
    """What became of a remark."""

    answer = forms.CharField(
        label="Suite donnée",
        max_length=Remark._meta.get_field("answer").max_length,
        widget=forms.Textarea(attrs={"rows": 2, "lang": "fr", "spellcheck": "true"}),
        error_messages={"required": "Dites en un mot ce que devient cette remarque."},
    )
