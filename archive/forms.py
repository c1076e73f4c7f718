from collections.abc import Iterable, Sequence

from crispy_forms.layout import HTML, Layout
from django import forms
from django.db.models import QuerySet
from django.urls import reverse

from archive.desk import alone
from archive.models import ArchiveService, Posting, PublicationQuerySet
from archive.online import finding
from documents.models import IssuedDocument
from law import nomenclature
from law.acts import Handing
from law.delegations import Kind
from law.findings import Finding
from meetings.forms import FindingsMixin
from meetings.models import Meeting
from members import addresses, retention
from members.forms import DayField, Tagless
from members.retention import Ends
from transmission import reading as prefecture


class VerifyForm(forms.Form):
    """The file somebody wants to know about."""

    file = forms.FileField(
        label="Fichier PDF, ou ZIP d’une séance",
        help_text="Tel qu’il a été téléchargé ou reçu : ni imprimé, ni réenregistré. Il n’est pas "
        "conservé.",
        widget=forms.FileInput(attrs={"accept": "application/pdf,application/zip"}),
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Ce fichier est vide.",
        },
    )


class WithdrawForm(FindingsMixin, forms.Form):
    """Why a document leaves the public pages."""

    reason = forms.CharField(
        label="Motif du retrait",
        help_text="Il est gardé, et le public ne le lit pas.",
        max_length=300,
        error_messages={
            "required": "Dites en une phrase pourquoi ce document est retiré.",
            "max_length": "Le motif tient en 300 caractères.",
        },
    )
    hides_object = forms.BooleanField(label="Taire aussi son objet", required=False)

    def __init__(self, *args, object: str, looks_personal: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        asked = self.fields["hides_object"]
        asked.initial = looks_personal
        asked.help_text = (
            f"La page qui reste dit encore «\u00a0{object}\u00a0». À cocher s’il nomme une "
            "personne, ou dit d’elle ce que la loi protège."
        )
        if not object:
            del self.fields["hides_object"]


class EarlyWithdrawForm(WithdrawForm):
    """The same before its time: who does it says that he knows what it costs."""

    knows = forms.BooleanField(
        label="Je retire ce document avant la fin de son temps en ligne",
        error_messages={"required": "Cochez la case pour le retirer quand même."},
    )


class PostingForm(FindingsMixin, forms.Form):
    """That a document was posted at the seat, or notified."""

    manner = forms.ChoiceField(label="Comment", choices=Posting.Manner)
    on = DayField(
        label="Le",
        error_messages={"required": "Dites quel jour.", "invalid": "Cette date n’existe pas."},
    )
    who = forms.CharField(
        label="Par qui",
        help_text="«\u00a0Mme Anne Roux, secrétaire\u00a0».",
        max_length=200,
        error_messages={
            "required": "Dites qui l’a fait.",
            "max_length": "Une ligne suffit\u00a0: 200 caractères.",
        },
    )

    way = forms.ChoiceField(
        label="Remis comment",
        choices=[("", "— s’il a été notifié"), *((each.value, each.words) for each in Handing)],
        required=False,
        help_text="D’une lettre recommandée, le jour est celui où elle est reçue.",
    )
    verified = forms.BooleanField(
        label="Cet acte individuel a bien été affiché",
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args, document, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if document.kind != IssuedDocument.Kind.EXTRACT:
            self.fields["manner"].choices = Posting.Manner.choices[:1]
            del self.fields["way"], self.fields["verified"]
        elif prefecture.is_notified(document.meeting):
            self.fields["manner"].initial = Posting.Manner.NOTIFIED
            self.fields["way"].choices = [("", "— dites-le"), *self.fields["way"].choices[1:]]

    def take(self, findings: tuple[Finding, ...]) -> None:
        """What deserves a look is answered by a box, which shows then."""
        super().take(findings)
        if any(each.field == "verified" for each in findings):
            self.fields["verified"].widget = forms.CheckboxInput()

    def told(self) -> dict:
        """What was typed, as the verb asks it."""
        said = dict(self.cleaned_data)
        knowing = said.pop("verified", False)
        return said | {"knowing": knowing}


class TakeDownForm(FindingsMixin, forms.Form):
    """Until when a document was posted."""

    until = DayField(
        label="Ôté le",
        error_messages={"required": "Dites quel jour.", "invalid": "Cette date n’existe pas."},
    )


class MaskForm(FindingsMixin, forms.Form):
    """Words that the public does not read, as somebody copies them from a paper."""

    text = forms.CharField(
        label="Passage à masquer",
        help_text="Recopié du papier\u00a0: il disparaît partout où il se lit, en capitales ou "
        "non, avec ou sans accents.",
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Recopiez le passage à masquer.",
            "max_length": "Un passage tient en 300 caractères.",
        },
    )
    item = forms.ModelChoiceField(
        label="Où",
        queryset=None,
        to_field_name="key",
        required=False,
        empty_label="Dans toute la séance",
    )

    def __init__(self, *args, meeting, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["item"].queryset = meeting.items.exclude(kind="section")


class _Narrowed(forms.Form):
    """Words, a body, a year: what nothing is asked of is left open."""

    q = forms.CharField(
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    instance = forms.ModelChoiceField(
        label="Instance", queryset=None, required=False, empty_label="Toutes"
    )
    annee = forms.TypedChoiceField(label="Année", required=False, coerce=int, empty_value=None)

    words = ""  # how they are called

    def __init__(self, *args, bodies, years, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].label = self.words
        self.fields["instance"].queryset = bodies
        self.fields["annee"].choices = [("", "Toutes"), *((year, year) for year in years)]
        for field in self.fields.values():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"


class SearchForm(_Narrowed):
    """Words, and where to look for them; what they may mean comes while they are typed."""

    words = "Mots ou numéro"

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs |= {
            "data-suggests": "",
            "aria-controls": "propositions",
            "hx-get": reverse("archive:suggest"),
            "hx-trigger": "input changed delay:200ms",
            "hx-target": "#propositions",
            "hx-swap": "outerHTML",
            "hx-sync": "this:replace",
        }


class ActsFilter(forms.Form):
    """Which of the acts that somebody takes alone to show: of a year, of a kind, in a state."""

    annee = forms.TypedChoiceField(label="Année", required=False, coerce=int, empty_value=None)
    nature = forms.ChoiceField(
        label="Nature",
        required=False,
        choices=[("", "Toutes"), ("decisions", "Décisions"), ("arretes", "Arrêtés")],
    )
    etat = forms.ChoiceField(
        label="État", required=False, choices=[("", "Tous"), *alone.STATES.items()]
    )

    def __init__(self, *args, years: Sequence[int], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.years = years
        self.fields["annee"].choices = [(year, year) for year in years]
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"
        if years:
            self.initial["annee"] = years[0]

    def apply(self, found: QuerySet[Meeting]) -> QuerySet[Meeting]:
        """Those among `found` of the year and of the kind; of the latest year, when none is said
        or it means nothing."""
        chosen = self._chosen
        year = chosen.get("annee") or next(iter(self.years), None)
        if year is not None:
            found = found.filter(held_on__year=year)
        if kind := chosen.get("nature"):
            found = found.filter(body__kind=kind)
        return found

    def waiting(self, lines: Iterable[alone.ActLine]) -> list[alone.ActLine]:
        """Those among these that are in the state asked for."""
        state = self._chosen.get("etat")
        return [each for each in lines if not state or each.state == state]

    @property
    def _chosen(self) -> dict:
        if not self.is_bound:
            return {}
        self.full_clean()
        return self.cleaned_data


class PublicFilter(_Narrowed):
    """Which published acts to show. What an address shortened by hand does not mean is told beside
    its field, and left out."""

    words = "Mots du texte ou numéro"
    nature = forms.ChoiceField(label="Nature", required=False)
    matiere = forms.ChoiceField(label="Matière", required=False)

    def __init__(self, *args, kinds, matters, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instance"].to_field_name = "slug"
        self.fields["nature"].choices = [("", "Toutes"), *kinds]
        self.fields["matiere"].choices = [
            ("", "Toutes"),
            *(each for each in nomenclature.FIRST_LEVEL.items() if each[0] in matters),
        ]
        for name, choices in (("nature", kinds), ("matiere", matters)):
            if len(choices) < 2:
                del self.fields[name]

    @property
    def sought(self) -> str:
        """The words that are looked for, "" of none; once it was applied."""
        return self.cleaned_data.get("q", "") if self.is_bound else ""

    def apply(self, found: PublicationQuerySet) -> PublicationQuerySet:
        """Those among `found` that answer every choice that means something."""
        if not self.is_bound:
            return found
        self.full_clean()
        chosen = self.cleaned_data  # without what means nothing
        if words := chosen.get("q"):
            found = finding.among(found, words)
        if body := chosen.get("instance"):
            found = found.filter(document__meeting__body=body)
        if year := chosen.get("annee"):
            found = found.filter(document__meeting__held_on__year=year)
        if kind := chosen.get("nature"):
            alone = "document__meeting__body__kind"
            found = (
                found.filter(**{alone: kind})
                if kind in list(Kind)
                else found.filter(document__kind=kind).exclude(**{f"{alone}__in": list(Kind)})
            )
        if matter := chosen.get("matiere"):
            found = finding.of_matter(found, matter)
        return found


class ChoicesForm(forms.Form):
    """Of what a reader is told: of all, where he ticks nothing."""

    instances = forms.ModelMultipleChoiceField(
        label="Instances",
        queryset=None,
        required=False,
        to_field_name="slug",
        widget=forms.CheckboxSelectMultiple,
        help_text="Toutes, si rien n’est coché.",
    )
    matieres = forms.MultipleChoiceField(
        label="Matières",
        choices=list(nomenclature.FIRST_LEVEL.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Toutes, si rien n’est coché. Si vous en cochez, seules les délibérations de ces "
        "matières vous sont envoyées, sans les procès-verbaux ni les listes.",
    )

    def __init__(self, *args, organisation, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instances"].queryset = organisation.bodies.all()
        if not organisation.bodies.all()[1:]:
            del self.fields["instances"]

    def clean(self) -> dict:
        return {"instances": [], **super().clean()}


class AlertForm(ChoicesForm):
    """The same, and where to write."""

    email = addresses.MailInput(
        label="Votre adresse électronique",
        max_length=254,
        help_text="Un courriel vous demandera de confirmer. Un courriel par jour au plus, et "
        "chacun permet de tout effacer.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Écrivez l’adresse où recevoir les actes.",
            "invalid": "Cette adresse n’est pas complète\u00a0: «\u00a0nom@exemple.fr\u00a0».",
        },
    )

    field_order = ("email", "instances", "matieres")

    def clean_email(self) -> str:
        """One of a name: of a bare machine (`a@[127.0.0.1]`), our own server would be told."""
        email: str = self.cleaned_data["email"]
        if email.endswith("]"):
            raise forms.ValidationError(self.fields["email"].error_messages["invalid"])
        return email


def _two_by_two(*names: str) -> Iterable[str | HTML]:
    """Fields in two columns, where the screen has room."""
    yield HTML('<div class="row">')
    for name in names:
        yield HTML('<div class="col-md-6">')
        yield name
        yield HTML("</div>")
    yield HTML("</div>")


class NothingToChangeForm(forms.Form):
    """Why what a sitting changed leaves no mandate to write."""

    MOST = 300  # characters

    why = forms.CharField(
        max_length=MOST, error_messages={"required": "Dites pourquoi rien n’est à changer."}
    )


class ArchiveServiceForm(forms.ModelForm):
    """What was agreed with the electronic archive of the organisation."""

    helper = Tagless()
    helper.layout = Layout(
        HTML("<h2>Les services</h2>"),
        *_two_by_two("agency", "agreement", "sender", "producer", "profile"),
        HTML("<h2>Ses codes</h2>"),
        *_two_by_two("free", "retention", "private", "business", "justice", "minors"),
        HTML("<h2>Son outil</h2>"),
        *_two_by_two("version", "algorithm"),
    )

    class Meta:
        model = ArchiveService
        fields = ("agency", "sender", "producer", "agreement", "profile", "free", "private")
        fields += ("business", "justice", "minors", "retention", "version", "algorithm")
        help_texts = {
            "agency": "L’identifiant sous lequel le service d’archives se nomme lui-même, par "
            "exemple FRAD080.",
            "producer": "Qui a fait les actes\u00a0: vous encore, le plus souvent.",
            "agreement": "Le numéro que le service donne à ce qui est convenu avec vous.",
            "profile": "Le nom de son modèle de versement, s’il en a un.",
            "free": "AR038 dans la table du SEDA\u00a0; votre service peut avoir la sienne.",
            "private": "Cinquante ans, art. L213-2 du Code du patrimoine\u00a0: le code de ce "
            "délai dans la table du service.",
            "business": "Secret des affaires, art. L213-2, I, 1°. Facultatif\u00a0: sans lui, ce "
            "délai ne se choisit pas.",
            "justice": "Affaires portées devant un juge, enquêtes\u00a0: I, 4°. Facultatif.",
            "minors": "Les mêmes, d’une personne mineure\u00a0: I, 5°. Facultatif.",
            "retention": "Celui de la conservation définitive, dans les règles du service.",
            "version": "Celle que le service lit\u00a0: demandez-la lui.",
            "algorithm": "Comment se calcule l’empreinte de chaque fichier\u00a0: son outil en "
            "veut une.",
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}


class LetGoForm(forms.Form):
    """Of which kinds, under which visa, and what the page had shown."""

    kinds = forms.MultipleChoiceField(
        choices=lambda: [(each.key, "") for each in retention.kinds() if each.ends is Ends.WORD],
        error_messages={"required": "Choisissez ce qui s’efface\u00a0: rien ne l’est."},
    )
    visa = forms.CharField(
        label="Visa",
        max_length=200,
        error_messages={
            "required": "Rien ne se détruit sans visa (art. L212-2 du code du patrimoine)."
        },
    )
    seen = forms.CharField(widget=forms.HiddenInput)
