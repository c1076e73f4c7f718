"""What the secretariat types for the prefecture: the sheet of an act, files, who sends."""

import re
from collections.abc import Iterator, Mapping

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from law import acts, french
from law.acts import Nature
from law.exemptions import Case
from law.findings import Finding
from meetings.forms import FindingsMixin
from members.forms import DateInput, DayField, DigitsField, Tagless
from members.models import Organisation
from transmission.actions.sheets import Told
from transmission.ctes.classification import Classification
from transmission.reading import Row

_CODE = re.compile(r"\s*([0-9.]+)")
_STAYS = "ne part pas"


class SheetForm(FindingsMixin, forms.Form):
    """The sheet of one act, as it is or as it is proposed. `matter` is « 7.10 Divers »: what is
    before the first space is the code."""

    matter = forms.CharField(
        label="Matière",
        max_length=250,
        error_messages={
            "required": "Choisissez la matière de l’acte\u00a0: la préfecture classe par elle."
        },
        widget=forms.TextInput(
            attrs={"list": "matieres", "autocomplete": "off", "placeholder": "7.10, ou un mot"}
        ),
    )
    object = forms.CharField(
        label="Objet",
        max_length=acts.OBJECT_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": "Dites l’objet de l’acte.",
            "max_length": "La préfecture lit %(limit_value)d caractères, celui-ci en a "
            "%(show_value)d\u00a0: dites-le plus court, l’acte lui-même ne change pas.",
        },
    )
    nature = forms.ChoiceField(
        label="Nature",
        choices=[(each.value, f"{each.letters} – {each.label}") for each in Nature],
    )
    is_individual = forms.BooleanField(
        label="Décision individuelle",
        required=False,
        help_text="Elle nomme, aide ou engage une personne désignée\u00a0: elle ne s’applique "
        "qu’une fois notifiée à celle-ci. Un arrêté individuel l’est toujours.",
    )
    typology = forms.ChoiceField(label="Type du document")
    author = forms.CharField(label="Auteur", max_length=200, required=False)
    capacity = forms.CharField(label="Sa qualité", max_length=200, required=False)
    case = forms.ChoiceField(
        label="Le transmettre",
        choices=[
            ("", "Oui"),
            ("Non, il en est dispensé", [(each.value, each.words) for each in Case]),
        ],
        required=False,
        help_text="Les cas de la loi (art. L2131-2 et L3131-2 du CGCT). Un acte réglementaire ou "
        "budgétaire est toujours transmis, sauf tarif de voirie, taux de promotion, affiliation au "
        "centre de gestion et police de la circulation.",
    )
    verified = forms.BooleanField(
        label="J’ai vérifié\u00a0: cet acte est bien de ceux qui ne se transmettent pas",
        required=False,
        widget=forms.HiddenInput,
    )
    exempt = forms.CharField(
        label="Autre cas\u00a0: pourquoi il n’est pas transmis", max_length=300, required=False
    )

    def __init__(self, data, *, row: Row, prefix: str | None = None) -> None:
        sheet = row.sheet
        names = ("object", "nature", "is_individual", "typology", "author", "capacity", "exempt")
        initial = {name: getattr(sheet, name) for name in names}
        initial |= {"matter": row.matter} if sheet.matter else {}
        if sheet.exempt:
            case = Case.of(sheet.exempt)
            initial |= {"case": case, "exempt": sheet.exempt if case is Case.OTHER else ""}
        super().__init__(data, prefix=prefix, initial=initial)
        self.row = row
        # Wanted of every act that goes: what is dispensed with may go without.
        self.fields["matter"].required = not self["case"].value()
        kinds = [*_kinds(row.known)]
        self.fields["typology"].choices = kinds
        for annex in row.annexes:
            if annex.is_taken:
                self.fields[_field(annex.attachment.pk)] = forms.ChoiceField(
                    label=annex.attachment.title,
                    choices=[("", _STAYS), *kinds],
                    required=False,
                    initial=annex.typology,
                )

    def take(self, findings: tuple[Finding, ...]) -> None:
        """A case that the act may belie is answered for by a box, which shows then."""
        super().take(findings)
        if any(each.field == "verified" for each in findings):
            self.fields["verified"].widget = forms.CheckboxInput()

    @property
    def annexes(self) -> Iterator[forms.BoundField]:
        """The fields of its files."""
        return (self[name] for name in self.fields if name.startswith("annexe_"))

    @property
    def left_out(self) -> list[str]:
        """The files of its item that @CTES does not take."""
        return [each.attachment.title for each in self.row.annexes if not each.is_taken]

    def clean_matter(self) -> str:
        """Its code alone; what is written of no code is looked for among the names."""
        said, known = self.cleaned_data["matter"], self.row.known
        if found := _CODE.match(said):
            return found[1].strip(".")
        if said and known:
            named = [
                each.code
                for each in known.by_code.values()
                if each.label.casefold() == said.strip().casefold()
            ]
            if len(named) == 1:
                return named[0]
            raise forms.ValidationError(
                "Choisissez la matière dans la liste, ou donnez son numéro."
            )
        return ""

    def clean(self) -> dict:
        """With another nature, kinds of document that nobody touched are those of that nature."""
        cleaned = super().clean()
        case, said = cleaned.get("case"), cleaned.get("exempt")
        if case == Case.OTHER and not said:
            self.add_error("exempt", "Dites pourquoi cet acte n’est pas transmis.")
        elif case != Case.OTHER and said:
            self.add_error("case", "Ces mots sont ceux d’un autre cas\u00a0: choisissez-le.")
        nature = cleaned.get("nature")
        if nature and nature != self.row.sheet.nature:
            kinds, usual = _of_nature(self.row.known, Nature(nature)), Nature(nature).typology
            for name in ("typology", *(name for name in self.fields if name.startswith("annexe_"))):
                typed = cleaned.get(name)
                is_touched = typed != self.get_initial_for_field(self.fields[name], name)
                if typed and typed not in kinds and not is_touched and usual in kinds:
                    cleaned[name] = usual
        return cleaned

    def _exempt(self) -> str:
        case = self.cleaned_data["case"]
        if not case:
            return ""
        regime = self.row.deliberation.meeting.regime
        return Case(case).reason(regime) or self.cleaned_data["exempt"]

    def told(self) -> Told:
        """What was typed, once it is valid."""
        values = self.cleaned_data
        return Told(
            nature=values["nature"],
            is_individual=values["is_individual"],
            matter=values["matter"],
            object=values["object"],
            typology=values["typology"],
            author=values["author"],
            capacity=values["capacity"],
            exempt=self._exempt(),
            verified=values["verified"],
            annexes={
                annex.attachment.pk: values.get(_field(annex.attachment.pk), "")
                for annex in self.row.annexes
            },
        )


def _field(attachment: int) -> str:
    return f"annexe_{attachment}"


def _kinds(known: Classification | None) -> Iterator[tuple[str, list[tuple[str, str]] | str]]:
    """The kinds of documents, under each nature; the usual ones without a classification."""
    for nature in Nature:
        kinds = _of_nature(known, nature)
        yield nature.label.capitalize(), [(code, f"{code} {name}") for code, name in kinds.items()]


def _of_nature(known: Classification | None, nature: Nature) -> Mapping[str, str]:
    kinds = known.kinds(nature.value) if known else {}
    return kinds or {nature.typology: nature.label}


class _Files(forms.FileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """Several files at once."""

    def clean(self, data, initial=None) -> list[UploadedFile]:
        """All of them, none of which is empty."""
        given = data if isinstance(data, list | tuple) and data else [data or None]
        return [super(_FilesField, self).clean(each, initial) for each in given]


_NO_FILE = {"required": "Choisissez un fichier.", "empty": "Ce fichier est vide."}


class DepositForm(FindingsMixin, forms.Form):
    """The day on which prepared sendings were handed to the operator; `act`, of one alone, the
    number of its deliberation."""

    on = DayField(label="Je l’ai déposé le", widget=DateInput())
    act = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)
        self.fields["on"].initial = timezone.localdate

    def said(self, noted: int) -> str:
        """What is told once so many are noted."""
        said = french.count(noted, "envoi noté comme déposé", "envois notés comme déposés")
        return f"{said}\u00a0: l’accusé de la préfecture se dépose ici."

    def doubt(self) -> str:
        """Any day may be that of a deposit."""
        return ""


class ReceiptForm(FindingsMixin, forms.Form):
    """The day that the prefecture stamped on the paper; `act` as above."""

    on = DayField(
        label="Reçu en préfecture le",
        widget=DateInput(),
        help_text="Le jour du cachet, non celui de l’envoi.",
        error_messages={"required": "Dites le jour que porte le cachet."},
    )
    act = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, auto_id="recu_%s", **kwargs)  # beside the form of the answers
        self.helper = Tagless(self)

    def said(self, noted: int) -> str:
        """As above."""
        return f"{french.count(noted, 'reçu noté', 'reçus notés')} à la main, à votre nom."

    def doubt(self) -> str:
        """That nobody stamps a paper on the day that was told."""
        found = acts.doubt_of_stamp(self.cleaned_data["on"])
        return str(found) if found else ""


class AnswersForm(FindingsMixin, forms.Form):
    """What the prefecture answered, as the operator gave it."""

    field_names = {"": "files"}

    act = forms.IntegerField(required=False, widget=forms.HiddenInput)
    files = _FilesField(
        label="Réponses de la préfecture",
        help_text="Accusés, anomalies, courriers (.xml), ou l’archive qui les porte (.tar.gz), "
        "tels que l’opérateur les rend.",
        widget=_Files(attrs={"accept": ".xml,.gz,application/gzip,text/xml"}),
        error_messages=_NO_FILE,
    )


class ReplyForm(FindingsMixin, forms.Form):
    """What answers a letter of the prefecture."""

    field_names = {"": "files"}

    files = _FilesField(
        label="Réponse, en PDF",
        widget=_Files(attrs={"accept": "application/pdf"}),
        error_messages=_NO_FILE,
    )
    is_refusal = forms.BooleanField(
        label="C’est un refus motivé de répondre, ou de donner les pièces", required=False
    )


class ClassificationForm(FindingsMixin, forms.Form):
    """The file by which the prefecture files acts."""

    field_names = {"": "file"}

    file = forms.FileField(
        label="Classification de la préfecture",
        help_text="Le fichier RetourClassification (.xml) que l’opérateur de télétransmission "
        "télécharge.",
        widget=forms.FileInput(attrs={"accept": ".xml,text/xml,application/xml"}),
        error_messages=_NO_FILE,
    )


class IdentityForm(forms.ModelForm):
    """By what the prefecture knows the organisation."""

    siret = DigitsField(label="SIRET du siège")
    helper = Tagless()

    class Meta:
        model = Organisation
        fields = ["siret", "department", "arrondissement", "ctes_nature", "ctes_email"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["siret"].help_text = Organisation._meta.get_field("siret").help_text
        for field in self.fields.values():
            field.required = True
            field.label = field.label[:1].upper() + field.label[1:]

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("siret") and not self.instance.siren:
            self.instance.siren = cleaned["siret"][:9]
        return cleaned
