"""What the page of a deliberation asks."""

from django import forms

from law.regime import cited
from meetings.forms import FindingsMixin
from registry.models import Deliberation, DeliberationLink


class LinkForm(FindingsMixin, forms.Form):
    """What a deliberation does to an earlier one."""

    kind = forms.ChoiceField(label="Cette délibération", choices=DeliberationLink.Kind)
    target = forms.ModelChoiceField(
        label="la délibération",
        queryset=Deliberation.objects.none(),
        required=False,
        empty_label="— qui n’est pas ici —",
    )
    target_text = forms.CharField(
        label="ou l’acte, en clair",
        max_length=200,
        required=False,
        help_text="« délibération n° 12 du 3 mai 1998 ».",
    )

    def __init__(self, *args, deliberation: Deliberation, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        earlier = Deliberation.objects.filter(
            body__organisation=deliberation.body.organisation_id,
            meeting__held_on__lte=deliberation.meeting.held_on,
        ).exclude(meeting=deliberation.meeting_id, number__gte=deliberation.number)
        if deliberation.meeting.is_alone:
            assembly = deliberation.body.assembly_id
            earlier = earlier.filter(body__assembly=assembly)
            self.fields["kind"].label = "Cet acte"
            by = cited(deliberation.meeting.regime, "art. L242-1 et L243-3 du CRPA")
            self.fields["kind"].help_text = (
                "Retirer efface depuis l’origine\u00a0: un acte illégal, dans les quatre mois "
                f"({by}). Abroger vaut pour l’avenir."
            )
            self.fields["target"].label = "la décision ou l’arrêté"
            self.fields["target_text"].help_text = "«\u00a0arrêté n° 12 du 3 mai 1998\u00a0»."
        self.fields["target"].queryset = Deliberation.objects.filter(
            pk__in=earlier.values("pk")[:500]
        ).select_related("item")
