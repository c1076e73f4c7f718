"""Forms of the doors: what is typed to enter, to prove who one is, to change what proves it."""

import json
from datetime import datetime

from django import forms
from django.conf import settings
from django.contrib.auth import forms as auth_forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils import timezone

from accounts import devices, elsewhere, factors, identities, inviting, letters, providers, throttle
from accounts.models import Letter
from law.addresses import lowered
from law.findings import refusal
from members import access, addresses
from members.forms import PastedList, Tagless
from members.models import Person, Role, User
from members.sheets import files
from trail.models import Act
from trail.recording import note

WAIT = "Trop d’essais. Attendez cinq minutes."
TOO_MANY = (
    "Trop de codes faux ont suivi ce mot de passe\u00a0: quelqu’un d’autre le connaît peut-être. "
    "Choisissez-en un autre par «\u00a0Mot de passe oublié\u00a0», puis recommencez."
)


class SignInForm(auth_forms.AuthenticationForm):
    """E-mail and password; five failures and one waits five minutes.

    The answer never tells whether the account exists, nor does its time: a password is hashed once
    in every case.
    """

    username = forms.EmailField(
        label="Adresse électronique",
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    error_messages = {
        "invalid_login": "L’adresse ou le mot de passe n’est pas le bon.",
        "inactive": "L’adresse ou le mot de passe n’est pas le bon.",
        "throttled": "Trop d’essais avec cette adresse. Attendez cinq minutes, ou demandez un "
        "nouveau mot de passe.",
    }

    helper = Tagless()
    provider: providers.Provider | None = None  # the one that the address chose
    address = ""

    def clean_username(self) -> str:
        return lowered(self.cleaned_data["username"])

    def clean(self) -> dict:
        email = self.cleaned_data.get("username", "")
        if not email or not self.cleaned_data.get("password"):
            self._lead_elsewhere(email)
            return self.cleaned_data
        if not throttle.take("connexion", self.request, email):
            raise ValidationError(self.error_messages["throttled"], code="throttled")
        cleaned = super().clean()
        throttle.give_back("connexion", self.request, email)
        return cleaned

    def _lead_elsewhere(self, email: str) -> None:
        """Without a password: to the provider, if any, where addresses of this domain say who they
        are."""
        self.provider = providers.of_address(settings.OIDC_PROVIDERS, email)
        if self.provider is not None:
            self.address = email
            self.errors.pop("password", None)
            words = (
                f"Sans mot de passe\u00a0: une adresse @{providers.domain_of(email)} s’identifie "
                f"avec {self.provider.label}, par le bouton ci-dessus."
            )
            self.add_error("username", ValidationError(words, code="elsewhere"))


class ForgottenPasswordForm(forms.Form):
    """Asks for a link by mail; says the same, in the same time, whether or not the account
    exists."""

    email = forms.EmailField(
        label="Adresse électronique",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    helper = Tagless()

    def save(self, *, request: HttpRequest, **options) -> None:
        """Queue the mail; who has this address, if anybody, is looked up when it leaves."""
        email = self.cleaned_data["email"]
        if throttle.take("oubli", request, email):
            letters.queue(Letter.Kind.RESET, email, request=request)


class ChoosePasswordForm(auth_forms.SetPasswordForm):
    """A first password, or a new one in place of one forgotten."""

    helper = Tagless()


class ChangePasswordForm(auth_forms.PasswordChangeForm):
    """A new password, by whoever knows the old one: counted and told as a second proof is."""

    helper = Tagless()

    def __init__(self, *args, request: HttpRequest, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        """Right, or counted as a failure."""
        who = str(self.user.pk)
        if not throttle.take("preuve", self.request, who):
            raise ValidationError(WAIT, code="throttled")
        at, session = timezone.now(), self.request.session.session_key
        if throttle.take_in_a_row("preuve", session, at=at) is None:
            raise ValidationError(ProofForm.error_messages["closed"], code="closed")
        try:
            given = super().clean_old_password()
        except ValidationError:
            note(Act.FACTOR, "changement de mot de passe refusé", by=self.user)
            raise
        throttle.give_back("preuve", self.request, who)
        throttle.forget("preuve", session)
        return given


MOST_OF_A_KEY = 60_000  # characters of what a browser says of a passkey


class JsonField(forms.JSONField):
    """What a browser says of a passkey."""

    widget = forms.HiddenInput

    def prepare_value(self, value) -> str:
        return ""  # an answer serves once

    def bound_data(self, data, initial) -> str:
        return ""

    def to_python(self, value) -> object:
        """Whatever somebody typed instead."""
        try:
            if value and len(value) <= MOST_OF_A_KEY:
                return super().to_python(value)
        except (RecursionError, ValueError):
            value = "illegible"
        if value:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return None

    def clean(self, value) -> dict | None:
        found = super().clean(value)
        if found is not None and not isinstance(found, dict):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class ProofForm(forms.Form):
    """The password given again by whoever is signed in; or a code, or a passkey."""

    preuve = forms.CharField(
        label="Votre mot de passe",
        strip=False,
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    preuve_cle = JsonField(required=False)
    helper = Tagless()
    error_messages = {
        "wrong": "Ce n’est pas le bon mot de passe.",
        "wrong_code": "Ce n’est ni le bon mot de passe, ni le bon code.",
        "wrong_key": "Cette clé d’accès n’a pas été reconnue. Recommencez.",
        "throttled": WAIT,
        "closed": "Trop de preuves fausses ont été données ici. Déconnectez-vous, puis entrez de "
        "nouveau.",
    }

    def __init__(self, *args, request: HttpRequest, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.factors = list(factors.of(request.user))
        self.providers = identities.providers_of(request.user)
        if self.counts:
            self.fields["preuve"].label = "Votre mot de passe, ou le code de votre application"

    @property
    def counts(self) -> bool:
        """Whether the account has an application that counts."""
        return any(each.kind == each.Kind.TOTP for each in self.factors)

    def passkey_options(self) -> str:
        """What the browser needs to answer with a passkey; "" without any."""
        return _options(factors.begin_asking(self.request, self.request.user))

    def clean(self) -> dict:
        """Right, or counted as a failure."""
        user, given = self.request.user, self.cleaned_data.get("preuve")
        key = self.cleaned_data.get("preuve_cle")
        if not given and not key:
            self.add_error("preuve", ValidationError("Donnez votre mot de passe.", code="required"))
            return self.cleaned_data
        if not throttle.take("preuve", self.request, str(user.pk)):
            self.add_error("preuve", ValidationError(WAIT, code="throttled"))
            return self.cleaned_data
        at, session = timezone.now(), self.request.session.session_key
        # Whoever has a session that is not his guesses no code in it for as long as it lasts.
        if throttle.take_in_a_row("preuve", session, at=at) is None:
            self.add_error("preuve", ValidationError(self.error_messages["closed"], code="closed"))
            return self.cleaned_data
        if key:
            right, why = factors.passkey_is_right(self.request, user, key, at=at), "wrong_key"
        else:
            why = "wrong_code" if self.counts else "wrong"
            right = user.check_password(given) or (
                self.counts and factors.code_is_right(user, given, at=at)
            )
        if right:
            throttle.give_back("preuve", self.request, str(user.pk))
            throttle.forget("preuve", session)
        else:
            note(Act.FACTOR, "seconde preuve refusée", by=user)
            self.add_error("preuve", ValidationError(self.error_messages[why], code=why))
        return self.cleaned_data


def _options(found: dict | None) -> str:
    return json.dumps(found) if found else ""


class SecondStepForm(forms.Form):
    """The second proof of who has given his password: a code, one on paper, or a passkey."""

    code = forms.CharField(
        label="Code de votre application, ou code de secours",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )
    cle = JsonField(required=False)
    helper = Tagless()

    def __init__(self, *args, request: HttpRequest, account: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.account, self.on_paper = request, account, False

    def passkey_options(self) -> str:
        """What the browser needs to answer with a passkey; "" without any."""
        return _options(factors.begin_asking(self.request, self.account))

    def clean(self) -> dict:
        """Right, or counted as a failure."""
        code, key = self.cleaned_data.get("code", ""), self.cleaned_data.get("cle")
        if not code and not key:
            self.add_error("code", ValidationError("Donnez un code.", code="required"))
            return self.cleaned_data
        who, at = str(self.account.pk), timezone.now()
        if not throttle.take("second", self.request, who):
            self.add_error("code", ValidationError(WAIT, code="throttled"))
        elif self._are_too_many(at):
            self.add_error("code", ValidationError(TOO_MANY, code="throttled"))
        elif key:
            if not factors.passkey_is_right(self.request, self.account, key, at=at):
                why = "Cette clé d’accès n’a pas été reconnue. Recommencez."
                self.add_error("code", ValidationError(why, code="wrong"))
        elif not factors.code_is_right(self.account, code, at=at):
            self.on_paper = factors.spend_code(self.account, code, at=at)
            if not self.on_paper:
                why = "Ce code n’est pas le bon, ou il a déjà servi."
                self.add_error("code", ValidationError(why, code="wrong"))
        if self.errors:
            note(Act.SIGN_IN_REFUSED, "second facteur refusé", by=self.account)
        else:
            throttle.give_back("second", self.request, who)
            throttle.forget("second", self._password)
        return self.cleaned_data

    @property
    def _password(self) -> str:
        """The account as it is entered by this password."""
        return devices.by_two(self.account)

    def _are_too_many(self, at: datetime) -> bool:
        """Whether so many codes failed in a row since this password that it is not hers alone; she
        is told of it. From a machine of hers she is let be."""
        if devices.known(self.request, devices.by_two(self.account)):
            return False
        count = throttle.take_in_a_row("second", self._password, at=at)
        if count == throttle.FAILURES:
            letters.queue(Letter.Kind.GUESSED, self.account.email, request=self.request)
        return count is None


class ApplicationForm(forms.Form):
    """The first code of an application that counts."""

    code = forms.CharField(
        label="Le code à six chiffres qu’elle affiche",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    helper = Tagless()


class PasskeyForm(forms.Form):
    """A passkey that the browser made, and what its owner calls it."""

    name = forms.CharField(
        label="Nom de cette clé",
        max_length=60,
        help_text="« Téléphone », « clé de sécurité du bureau »…",
    )
    cle = JsonField()
    helper = Tagless()


class AddressForm(forms.Form):
    """The address by which one wants to sign in from now on."""

    email = forms.EmailField(
        label="Nouvelle adresse",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    helper = Tagless()

    def __init__(self, *args, account: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.account = account

    def clean_email(self) -> str:
        """In small letters. That another account has it is not told: the mail that confirms it
        would simply change nothing."""
        email = lowered(self.cleaned_data["email"])
        addresses.validate(email)
        if email == self.account.email:
            raise ValidationError("C’est déjà l’adresse de votre compte.", code="same")
        return email


class AccountForm(forms.ModelForm):
    """An account on the pages of the administration."""

    request: HttpRequest  # whose page it is

    class Meta:
        labels = {"is_active": "Compte ouvert", "is_superuser": "Superutilisateur"}
        error_messages = {"email": {"unique": "Un compte a déjà cette adresse."}}
        help_texts = {
            "is_active": "Fermé, personne n’y entre plus\u00a0; ce qu’il a fait reste à son nom.",
            "is_superuser": "Tous les rôles, dans toutes les organisations du serveur.",
        }

    def __init__(self, *args, **kwargs) -> None:
        """An account is somebody's: its name is asked, and what is written is not taken away."""
        super().__init__(*args, **kwargs)
        for name in ("first_name", "last_name"):
            if name in self.fields and (not self.instance.pk or getattr(self.instance, name)):
                self.fields[name].required = True

    def clean_email(self) -> str:
        """Of a new account; one that an account of another organisation has is told sparingly."""
        email = lowered(self.cleaned_data["email"])
        if email != self.instance.email:
            addresses.validate(email)
        user = self.request.user
        taken = set() if self.instance.pk else elsewhere.of([email], user)
        if taken:
            here = access.organisation_of(self.request)
            told = elsewhere.may_tell(self.request, taken, organisation=here)
            raise ValidationError(elsewhere.TAKEN if told else WAIT, code="taken")
        return email

    def validate_unique(self) -> None:
        """Of an account that exists, another address is asked, not written: whether somebody has
        it is told to who has it, and answers."""
        if not self.instance.pk:
            super().validate_unique()


class NewAccountForm(AccountForm):
    """An account to open, and who sits by it, if anybody does."""

    person = forms.ModelChoiceField(
        Person.objects.none(),
        label="Personne qui siège",
        required=False,
        help_text="Commencez par elle\u00a0: son nom, son adresse et son rôle suivent. Le "
        "rattachement attend son accord, ou celui d’une autre personne de l’administration.",
    )

    def clean_person(self) -> Person | None:
        """One who has no account yet."""
        person = self.cleaned_data["person"]
        if person and person.user_id:
            raise ValidationError("Cette personne a déjà un compte.", code="taken")
        return person


class InvitationForm(PastedList):
    """People to invite: a list that is pasted, or a file. Its page says what each role may do."""

    roles = [(kind, Role.OPENS[kind]) for kind in Role.Kind]

    liste = forms.CharField(
        label="Liste à coller",
        required=False,
        strip=False,
        max_length=inviting.MAX_CHARACTERS,
        help_text="Une ligne par personne : nom ; adresse ; rôle. Un copier-coller de trois "
        "colonnes d’un tableur convient.",
        widget=forms.Textarea(
            attrs={"rows": 8, "placeholder": "Alice Martin ; alice@exemple.fr ; déléguée"}
        ),
    )
    fichier = forms.FileField(
        label="Ou un fichier CSV",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt"}),
        error_messages={"empty": "Ce fichier est vide."},
    )

    def text_of(self, given: UploadedFile) -> str:
        """What the file holds, within what a list may."""
        if given.size > 4 * inviting.MAX_CHARACTERS:
            raise refusal("fichier_lourd", "Ce fichier est trop lourd pour une liste.")
        return files.decoded(given.read())


class ClosingForm(forms.Form):
    """Accounts to deactivate, of those whose mandates have all ended."""

    compte = forms.ModelMultipleChoiceField(
        User.objects.none(), error_messages={"required": "Cochez au moins un compte."}
    )

    def __init__(self, *args, accounts, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["compte"].queryset = accounts
