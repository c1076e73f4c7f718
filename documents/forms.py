"""What the pages of documents ask."""

from collections.abc import Callable, Iterable

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from documents.models import IssuedDocument
from law.findings import Finding
from members.models import Body


class IssueForm(forms.Form):
    """Why a new version is needed; nothing is asked for the first."""

    reason = forms.CharField(
        label="Ce que cette version corrige",
        max_length=300,
        required=False,
        strip=True,
        help_text="Imprimé à la fin du document.",
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )

    def take(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Put beside the reason what is said of it; the others are returned."""
        others = []
        for finding in findings:
            if finding.field in self.fields:
                self.add_error(finding.field, str(finding))
            else:
                others.append(finding)
        return tuple(others)


# What became of a document, which the rooms above know: value → its name, those that are so.
STATES: dict[str, tuple[str, Callable[[QuerySet], QuerySet]]] = {}


_EXTRACT = Q(kind=IssuedDocument.Kind.EXTRACT)
# What a document is called on its row: value → its name, those that are so.
NATURES = {
    IssuedDocument.Kind.MINUTES.value: ("Procès-verbal", Q(kind=IssuedDocument.Kind.MINUTES)),
    IssuedDocument.Kind.EXTRACT.value: (
        "Délibération",
        _EXTRACT & ~Q(meeting__body__kind__in=[Body.Kind.DECISIONS, Body.Kind.ORDERS]),
    ),
    IssuedDocument.Kind.LIST.value: ("Liste", Q(kind=IssuedDocument.Kind.LIST)),
    "decision": ("Décision", _EXTRACT & Q(meeting__body__kind=Body.Kind.DECISIONS)),
    "arrete": ("Arrêté", _EXTRACT & Q(meeting__body__kind=Body.Kind.ORDERS)),
}


class DocumentFilter(forms.Form):
    """Which documents to show: of a body, of a year, of a kind, in a state."""

    def __init__(
        self, data: QueryDict | None, *, bodies: QuerySet[Body], years: Iterable[int]
    ) -> None:
        super().__init__(data)
        self.fields["instance"] = forms.ModelChoiceField(
            label="Instance", queryset=bodies, required=False, empty_label="Toutes"
        )
        self.fields["annee"] = forms.TypedChoiceField(
            label="Année",
            choices=[("", "Toutes"), *((year, str(year)) for year in years)],
            coerce=int,
            empty_value=None,
            required=False,
        )
        self.fields["nature"] = forms.ChoiceField(
            label="Nature",
            choices=[("", "Toutes"), *((value, label) for value, (label, _) in NATURES.items())],
            required=False,
        )
        self.fields["etat"] = forms.ChoiceField(
            label="État",
            choices=[("", "Tous"), *((value, label) for value, (label, _) in STATES.items())],
            required=False,
        )
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"

    def apply(self, documents: QuerySet[IssuedDocument]) -> QuerySet[IssuedDocument]:
        """Those that answer every choice; all of them when a choice means nothing."""
        if not self.is_valid():
            return documents
        if body := self.cleaned_data["instance"]:
            documents = documents.filter(meeting__body=body)
        if year := self.cleaned_data["annee"]:
            documents = documents.filter(meeting__held_on__year=year)
        if kind := self.cleaned_data["nature"]:
            documents = documents.filter(NATURES[kind][1])
        if state := self.cleaned_data["etat"]:
            _, so = STATES[state]
            documents = documents.filter(pk__in=so(IssuedDocument.objects.all()).values("pk"))
        return documents
