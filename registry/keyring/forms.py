"""What the pages of the keys ask."""

from typing import Any

from django import forms
from django.utils import timezone

from meetings.forms import FindingsMixin
from members.forms import DayField, Tagless
from members.models import Organisation, Person
from registry.models import SigningKey
from registry.signatures import certificates
from registry.signatures.certificates import Certificate

_REASON = SigningKey._meta.get_field("reason").max_length


def _reason(example: str) -> forms.CharField:
    return forms.CharField(
        label="Motif",
        max_length=_REASON,
        help_text=example,
        error_messages={"required": "Dites pourquoi, en une phrase."},
    )


class HolderField(forms.TypedChoiceField):
    """A person of the organisation who has an account or, where the server holds the key, its
    seal: `None`. Nobody by default."""

    SEAL = "cachet"

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label="Titulaire",
            help_text="Une personne qui a un compte\u00a0: elle seule signera avec cette clé.",
            error_messages={"required": "Dites à qui est cette clé."},
            **options,
        )

    def within(self, organisation: Organisation, *, seals: bool = True) -> None:
        """Offer the persons of this organisation, and its seal."""
        persons = organisation.persons.filter(user__isnull=False)
        known = {str(person.pk): person for person in persons}
        self.choices = [
            ("", "— choisir —"),
            *([(self.SEAL, "le cachet de l’organisation")] if seals else []),
            *((key, str(person)) for key, person in known.items()),
        ]
        self.coerce = known.get


class BindForm(FindingsMixin, forms.Form):
    """To whom a certificate belongs, and why; with the second look when the names differ."""

    person = HolderField()
    reason = _reason(
        "«\u00a0Certificat remis à la présidente le 3 mars, vu sa pièce d’identité.\u00a0»"
    )
    is_name_confirmed = forms.BooleanField(
        label="J’ai comparé les deux noms\u00a0: ce certificat est bien celui du titulaire",
        required=False,
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)
        self.fields["person"].within(organisation)
        self.organisation = organisation

    def hold(self, key: SigningKey) -> None:
        """The holder is known: only the reason, and the second look, are asked."""
        del self.fields["person"]

    def show_names(self, certificate: Certificate, person: Person | None, *, asks: bool) -> bool:
        """Whether the names differ once a holder is chosen (`asks`): the second look is asked for
        then, and only then."""
        differ = asks and not certificate.bears_the_name_of(self.organisation, person)
        if not differ:
            del self.fields["is_name_confirmed"]
        return differ


class CertificateForm(FindingsMixin, forms.Form):
    """The certificate of a card, without its key."""

    file = forms.FileField(
        label="Certificat",
        help_text="Le certificat seul, sans sa clé\u00a0: .cer, .crt ou .pem.",
        widget=forms.FileInput(attrs={"accept": ".cer,.crt,.pem"}),
        error_messages={"required": "Choisissez le fichier du certificat."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = Tagless(self)

    def clean_file(self) -> bytes:
        """Its bytes; a certificate is short."""
        file = self.cleaned_data["file"]
        if file.size > certificates.MAX_BYTES:
            raise forms.ValidationError("Ce fichier est trop lourd pour être un certificat.")
        return file.read()


class CertificateOfForm(CertificateForm):
    """The same, handed in by the administration for somebody."""

    person = HolderField()
    field_order = ["person", "file"]

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].within(organisation, seals=False)


class DemonstrationForm(FindingsMixin, forms.Form):
    """For whom a key of the demonstration is made."""

    person = HolderField()

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        # The page has another field of that name: each label has its own.
        super().__init__(*args, auto_id="id_demonstration_%s", **kwargs)
        self.helper = Tagless(self)
        self.fields["person"].within(organisation)


class RevokeForm(FindingsMixin, forms.Form):
    """From which day on a key signs no more, and why."""

    from_day = DayField(
        label="À partir du",
        help_text="Ce qui a été signé avant ce jour reste signé.",
        error_messages={"required": "Donnez le jour à partir duquel la clé ne signe plus."},
    )
    reason = _reason("«\u00a0Carte perdue\u00a0», «\u00a0fin de mandat\u00a0».")

    def __init__(self, *args: Any, key: SigningKey, **kwargs: Any) -> None:
        super().__init__(*args, initial={"from_day": timezone.localdate()}, **kwargs)
        self.helper = Tagless(self)
        if key.bound_at is None:  # nothing was signed with it
            del self.fields["from_day"]

    def clean(self) -> dict[str, Any]:
        """A certificate that no act bound is set aside today."""
        return {"from_day": timezone.localdate()} | super().clean()
