"""What the page of a deliberation asks."""

from django import forms

from law.findings import Finding
from law.regime import cited
from law.undoing import Ground, Way
from meetings.forms import FindingsMixin
from registry.acts import reading
from registry.models import Deliberation, DeliberationLink


class LinkForm(FindingsMixin, forms.Form):
    """What a deliberation does to an earlier one."""

    kind = forms.ChoiceField(label="Cette délibération", choices=DeliberationLink.Kind)
    target = forms.ModelChoiceField(
        label="La délibération visée",
        queryset=Deliberation.objects.none(),
        required=False,
        empty_label="— qui n’est pas ici —",
    )
    target_text = forms.CharField(
        label="Ou l’acte visé, s’il n’est pas ici",
        max_length=200,
        required=False,
        help_text="« délibération n° 12 du 3 mai 1998 ».",
    )

    passage = forms.CharField(label="Ce que son texte en dit", max_length=200, required=False)
    ground = forms.ChoiceField(
        label="Ce qui permet de le défaire", required=False, widget=forms.HiddenInput
    )

    illegality = forms.CharField(
        label="En quoi l’acte visé est illégal",
        max_length=300,
        required=False,
        widget=forms.HiddenInput,
    )

    verified = forms.BooleanField(
        label="Vérifié\u00a0: il a le pouvoir de le défaire, et le décide",
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args, deliberation: Deliberation, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        earlier = Deliberation.objects.filter(
            body__organisation=deliberation.body.organisation_id,
            meeting__held_on__lte=deliberation.meeting.held_on,
        ).exclude(meeting=deliberation.meeting_id, number__gte=deliberation.number)
        by = cited(deliberation.meeting.regime, "art. L242-1 et L243-3 du CRPA")
        self.fields["kind"].help_text = (
            "Retirer efface depuis l’origine\u00a0: un acte illégal, dans les quatre mois "
            f"({by}). Abroger vaut pour l’avenir\u00a0; d’un acte qui crée des droits, sous "
            "les mêmes conditions. Rectifier corrige une erreur de plume depuis l’origine, sans "
            "rien changer de ce qui fut voté."
        )
        if deliberation.meeting.is_alone:
            assembly = deliberation.body.assembly_id
            earlier = earlier.filter(body__assembly=assembly)
            self.fields["kind"].label = "Cet acte"
            self.fields["target"].label = "La décision ou l’arrêté visé"
            self.fields["target_text"].help_text = "«\u00a0arrêté n° 12 du 3 mai 1998\u00a0»."
        self.fields["target"].queryset = Deliberation.objects.filter(
            pk__in=earlier.values("pk")[:500]
        ).select_related("item")
        if not reading.is_worded(deliberation):
            self.fields["passage"].widget = forms.HiddenInput()
        else:
            said = "Il est signé\u00a0: «\u00a0article 2, …\u00a0». Le journal le garde."
            self.fields["passage"].help_text = said
        way = str(self["kind"].value() or "")
        lets = [each for each in Ground if way in list(Way) and each.lets(Way(way))]
        self.fields["ground"].choices = [
            ("", "— choisissez"),
            *((each.value, each.words) for each in lets),
        ]
        if self["ground"].value():
            self._ask()
        if self["illegality"].value():
            self.fields["illegality"].widget = forms.TextInput()
        if self["verified"].value():
            self.fields["verified"].widget = forms.CheckboxInput()

    def take(self, findings: tuple[Finding, ...]) -> None:
        """What withdraws says how the other is illegal; past four months, or of what may create
        rights, the case is asked; of an act of another power, a box: each field shows once it is
        asked."""
        super().take(findings)
        if any(each.field == "ground" for each in findings):
            self._ask()
        if any(each.field == "illegality" or each.code == "droits_crees" for each in findings):
            self.fields["illegality"].widget = forms.TextInput()
        if any(each.field == "verified" for each in findings):
            self.fields["verified"].widget = forms.CheckboxInput()

    def _ask(self) -> None:
        field = self.fields["ground"]
        field.widget = forms.Select(choices=field.choices)
