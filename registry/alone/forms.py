"""What the pages of acts taken alone ask."""

import re
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any

from crispy_forms.layout import HTML, Layout
from django import forms

from law import french
from law.delegations import Kind
from law.findings import Finding
from meetings.actions import texts
from meetings.forms import FindingsMixin
from meetings.models import Meeting
from meetings.prepare_forms import Lines
from members import front
from members.forms import DayField, Tagless
from members.models import Body, Mandate
from registry.alone import reading
from registry.alone.actions import Told
from registry.models import Delegation, Deliberation, LoneAct

# What asks for a delegation, and where to note one.
_NONE = {
    Kind.DECISION: "— choisissez la matière déléguée",
    Kind.ORDER: "— pouvoir propre de la présidence",
}

# Who takes it, when, by what; then what its paper says.
_HEAD = Layout(
    "title",
    HTML('<div class="row"><div class="col-md-4">'),
    "held_on",
    HTML('</div><div class="col-md-8">'),
    "author",
    HTML("</div></div>"),
    "stands_in",
    HTML('<div class="row"><div class="col-md-6">'),
    "nature",
    HTML('</div><div class="col-md-6">'),
    "power",
    HTML("</div></div>"),
    "amount",
    "concerns",
    HTML("<h2>Le texte</h2>"),
)
_WORDS = Layout("visas", "recitals", "articles", "version")

_LATEST = 200  # of the deliberations that may delegate


class _Author(forms.ModelChoiceField):
    def label_from_instance(self, mandate: Mandate) -> str:
        return f"{mandate.person}, {mandate.office_title}"


class _Amount(forms.DecimalField):
    """An amount as one writes it: « 18 400,50 », with or without the euro."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Decimal | None:
        told = re.sub(r"[\s€]", "", str(value or "")).replace(",", ".")
        return super().to_python(told)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return french.euros(value).removesuffix(f"{french.NBSP}€")
        return value


class ActForm(FindingsMixin, forms.Form):
    """An act that somebody takes alone; once it is taken, its words alone."""

    field_names = {"delegation": "power", "subject": "power"}

    title = forms.CharField(label="Objet", max_length=500, widget=forms.Textarea(attrs={"rows": 1}))
    held_on = DayField(label="Date", help_text="Le jour où l’acte est signé.")
    author = _Author(label="Pris par", queryset=None, empty_label=None)
    stands_in = forms.BooleanField(
        label="À la place de la présidence, empêchée",
        required=False,
        help_text="Absente, suspendue, révoquée, décédée ou autrement empêchée\u00a0: qui la suit "
        "dans l’ordre prend alors ses pouvoirs.",
    )
    nature = forms.ChoiceField(label="Nature")
    power = forms.ChoiceField(label="Par délégation", required=False)
    amount = _Amount(
        label="Montant hors taxes, en euros",
        max_digits=14,
        decimal_places=2,
        min_value=0,
        required=False,
        help_text="S’il y en a un\u00a0: il se compare au plafond de la matière déléguée.",
    )
    concerns = forms.CharField(
        label="À notifier à",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "Prénom et nom"}),
        help_text="D’un acte individuel seulement. L’acte ne porte pas ce nom de lui-même, et rien "
        "ne le publie\u00a0; le certificat de notification le dit.",
    )
    visas = Lines(rows=4, label="Visas", help_text="Un par ligne, sans «\u00a0Vu\u00a0».")
    recitals = Lines(
        rows=3, label="Considérants", help_text="Un par ligne, sans «\u00a0Considérant\u00a0»."
    )
    articles = Lines(
        rows=6,
        label="Articles",
        help_text="Un par ligne, sans son numéro. Après un article qui finit par deux-points, les "
        "lignes qui commencent par un tiret en font partie.",
    )
    version = forms.CharField(widget=forms.HiddenInput, required=False, max_length=120)

    # Once taken, its ledger tells these.
    SETTLED = ("held_on", "author", "stands_in", "nature", "power", "amount", "concerns")

    def __init__(
        self,
        *args: Any,
        assembly: Body,
        kind: Kind,
        today: date,
        meeting: Meeting | None = None,
        **kwargs: Any,
    ) -> None:
        self.meeting = meeting
        initial = {"held_on": today} if meeting is None else _initial(meeting)
        super().__init__(*args, initial=initial | kwargs.pop("initial", {}), **kwargs)
        on = self._day(today)
        standing = (reading.standing_delegations(assembly, kind, on=day) for day in {today, on})
        self.delegations = {str(each.pk): each for each in chain.from_iterable(standing)}
        alone: LoneAct | None = meeting.alone if meeting else None
        if alone and alone.delegation:
            self.delegations.setdefault(str(alone.delegation_id), alone.delegation)
        able = [each.pk for each in reading.officers(assembly, today)]
        able += [each.pk for each in reading.officers(assembly, on) if each.pk not in able]
        if meeting is None and able:
            self.initial.setdefault("author", able[0])
        found = Mandate.objects.filter(pk__in=[*able, *([alone.author_id] if alone else [])])
        self.fields["author"].queryset = found.order_by("office", "office_rank").select_related(
            "person", "body__organisation"
        )
        self.fields["nature"].choices = [
            (nature.value, LoneAct.Nature(nature.value).label) for nature in kind.natures
        ]
        self.fields["power"].choices = [
            ("", _NONE[kind]),
            *(
                (
                    f"{each.source} – {each.mandate.person}",
                    [(f"{key}-{rank}", matter) for rank, matter in enumerate(each.matters)],
                )
                for key, each in self.delegations.items()
            ),
        ]
        if kind is Kind.DECISION:  # a draft is kept without it, and is not established
            self.fields[
                "power"
            ].help_text = "Nécessaire pour établir la décision\u00a0; le projet s’enregistre sans."
        self.helper = Tagless(self)
        self.helper.layout = Layout(_HEAD, _WORDS)
        if meeting is not None and meeting.ledger:
            self.helper.layout = Layout("title", _WORDS)
            for name in self.SETTLED:
                del self.fields[name]

    def _day(self, today: date) -> date:
        """The day that the act bears, as it is typed: who signed it by hand may have no power
        left."""
        typed = self["held_on"].value()
        try:
            return min(self.fields["held_on"].to_python(typed) or today, today)
        except forms.ValidationError:
            return today

    def clean(self) -> dict[str, Any]:
        """Each line is read in its order, as the line of an agenda is."""
        typed: dict[str, Any] = super().clean() or {}
        for name in ("title", "visas", "recitals", "articles"):
            try:
                front.check_lines(str(typed.get(name, "")))
            except forms.ValidationError as fault:
                self.add_error(name, fault)
        return typed

    def told(self) -> Told:
        """What was typed; of an act that is taken, what it was for the rest."""
        typed = self.cleaned_data
        words = {name: typed[name] for name in ("title", "visas", "recitals", "articles")}
        if self.meeting is not None and self.meeting.ledger:
            alone: LoneAct = self.meeting.alone
            return Told(
                author=alone.author, nature=alone.nature, held_on=self.meeting.held_on, **words
            )
        key, _, rank = typed["power"].partition("-")
        delegation = self.delegations.get(key)
        return Told(
            author=typed["author"],
            held_on=typed["held_on"],
            nature=typed["nature"],
            delegation=delegation,
            subject=delegation.matters[int(rank)] if delegation else "",
            stands_in=typed["stands_in"],
            amount=typed["amount"],
            concerns=typed["concerns"],
            **words,
        )


def _initial(meeting: Meeting) -> dict[str, Any]:
    item = meeting.agenda[reading.ITEM].item
    item.meeting = meeting
    parts = texts.brief_parts(texts.brief_of(item))
    alone: LoneAct = meeting.alone
    power = ""
    if alone.delegation and alone.subject in alone.delegation.matters:
        power = f"{alone.delegation_id}-{alone.delegation.matters.index(alone.subject)}"
    return {
        "title": item.title,
        "held_on": meeting.held_on,
        "author": alone.author_id,
        "nature": alone.nature,
        "stands_in": alone.stands_in,
        "power": power,
        "amount": alone.amount,
        "concerns": alone.concerns,
        "version": texts.brief_base(parts),
        **{name: parts[name] for name in ("visas", "recitals", "articles")},
    }


class DelegationForm(FindingsMixin, forms.ModelForm):
    """A delegation by which somebody decides alone."""

    granted_on = DayField(
        label="Donnée le", required=False, help_text="Le jour de cet acte, s’il n’est pas d’ici."
    )
    enforceable_on = DayField(
        label="Exécutoire depuis le",
        required=False,
        help_text="S’il n’est pas d’ici\u00a0: publié et reçu par la préfecture. Avant, elle ne "
        "donne aucun pouvoir\u00a0; d’un acte d’ici, ce jour est connu.",
    )

    verified = forms.BooleanField(
        label="J’ai vérifié\u00a0: cette délégation est bien celle-là",
        required=False,
        widget=forms.HiddenInput,
    )

    class Meta:
        model = Delegation
        fields = (
            *("kind", "mandate", "deliberation", "source", "granted_on", "enforceable_on"),
            "subjects",
        )
        widgets = {"subjects": forms.Textarea(attrs={"rows": 6, "lang": "fr"})}

    def __init__(self, *args: Any, body: Body, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.body = body
        self.fields["mandate"] = _Author(
            label="Donnée à", queryset=reading.officers(body, on), empty_label=None
        )
        latest = Deliberation.objects.filter(body=body).order_by("-pk").values("pk")[:_LATEST]
        self.fields["deliberation"].queryset = (
            Deliberation.objects.filter(pk__in=latest).select_related("item").order_by("-pk")
        )
        self.fields["deliberation"].empty_label = "— pas dans cette application"
        self.helper = Tagless(self)

    def take(self, findings: tuple[Finding, ...]) -> None:
        """What deserves a look is answered by a box, which shows then."""
        super().take(findings)
        if any(each.field == "verified" for each in findings):
            self.fields["verified"].widget = forms.CheckboxInput()

    def clean(self) -> dict[str, Any]:
        """A deliberation says its own day."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if typed.get("deliberation"):
            typed["granted_on"] = typed["deliberation"].meeting.held_on
        elif not typed.get("granted_on") and not {"granted_on", "deliberation"} & set(self.errors):
            self.add_error("granted_on", "Dites de quel jour est cet acte.")
        return typed


class SettleDelegationForm(forms.Form):
    """Since when a delegation binds, and when it ended; why that is said again."""

    enforceable_on = DayField(label="Exécutoire depuis le", required=False)
    ended_on = DayField(label="A pris fin le", required=False)
    has_no_end = forms.BooleanField(required=False)
    reason = forms.CharField(label="Pourquoi", max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """It ended that day, or did not."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if typed.get("has_no_end") and typed.get("ended_on"):
            self.add_error("ended_on", "Donnez le jour de sa fin, ou dites qu’elle n’a pas fini.")
        return typed
