"""Forms of the members pages: signing in, asking for a day, giving a file."""

from collections.abc import Iterable
from datetime import date

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth import forms as auth_forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from members import throttle
from members.models import Community, Mandate, Organisation, User


class Tagless(FormHelper):
    """Crispy draws the fields; the template keeps the form tag and its one button."""

    form_tag = False
    disable_csrf = True


class DateInput(forms.DateInput):
    """The browser's own date picker; what it sends and shows is ISO."""

    input_type = "date"

    def __init__(self, **kwargs) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class DayField(forms.DateField):
    """A day, from a date picker or typed « 16/11/2016 »."""

    widget = DateInput
    input_formats = ["%Y-%m-%d", "%d/%m/%Y"]
    default_error_messages = {
        "invalid": "Cette date n’existe pas. Écrivez-la ainsi : 16/11/2016.",
    }

    def to_python(self, value) -> date | None:
        day = super().to_python(value)
        if day and not 1800 <= day.year <= 2200:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class OnDayForm(forms.Form):
    """« le » : the day one asks about."""

    le = DayField(label="Composition au", required=False)


# --- Accounts -------------------------------------------------------------------------------


class SignInForm(auth_forms.AuthenticationForm):
    """E-mail and password; five failures and one waits five minutes.

    The answer never tells whether the account exists.
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

    def clean_username(self) -> str:
        return self.cleaned_data["username"].lower()

    def clean(self) -> dict:
        email = self.cleaned_data.get("username", "")
        if throttle.exceeded("connexion", self.request, email):
            raise ValidationError(self.error_messages["throttled"], code="throttled")
        try:
            cleaned = super().clean()
        except ValidationError:
            throttle.count("connexion", self.request, email)
            raise
        if email and self.user_cache:
            throttle.forget("connexion", self.request, email)
        return cleaned


class ForgottenPasswordForm(auth_forms.PasswordResetForm):
    """Asks for a link by mail; says the same whether or not the account exists."""

    helper = Tagless()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "Adresse électronique"

    def save(self, *, request: HttpRequest, **options) -> None:
        email = self.cleaned_data["email"]
        if not throttle.exceeded("oubli", request, email):
            throttle.count("oubli", request, email)
            super().save(request=request, **options)


class InvitationForm(auth_forms.PasswordResetForm):
    """The first link of a new account, or another when the first was lost."""

    def get_users(self, email: str) -> Iterable[User]:
        """Those without a password too: that is what the link is for."""
        return User.objects.filter(email__iexact=email, is_active=True)

    @classmethod
    def send(cls, user: User, *, request: HttpRequest) -> None:
        """Mail the link, in the name of the organisation of his first role."""
        form = cls({"email": user.email})
        if form.is_valid():
            role = user.roles.select_related("organisation").first()
            organisation = role.organisation.designation if role else "votre organisation"
            form.save(
                request=request,
                use_https=request.is_secure(),
                subject_template_name="registration/invitation_subject.txt",
                email_template_name="registration/invitation_email.txt",
                extra_email_context={"organisation_designation": organisation},
            )


class ChoosePasswordForm(auth_forms.SetPasswordForm):
    """A first password, or a new one in place of one forgotten."""

    helper = Tagless()


class ChangePasswordForm(auth_forms.PasswordChangeForm):
    """A new password, by whoever knows the old one."""

    helper = Tagless()


class SwitchForm(forms.Form):
    """The organisation to look at next."""

    organisation = forms.ModelChoiceField(Organisation.objects.all())


# --- Verbs on mandates and communities ------------------------------------------------------


class EndMandatesForm(forms.Form):
    """When and why mandates end."""

    on = DayField(label="Dernier jour du mandat")
    reason = forms.ChoiceField(label="Motif", choices=Mandate.EndReason)


class MergerForm(forms.Form):
    """What becomes of a community that disappears."""

    on = DayField(
        label="N’existe plus depuis le",
        help_text="Premier jour où la collectivité n’existe plus ; les mandats de ses "
        "représentants prennent fin la veille.",
    )
    successor = forms.ModelChoiceField(
        Community.objects.none(), label="Collectivité qui lui succède"
    )


# --- Files ----------------------------------------------------------------------------------


class UploadForm(forms.Form):
    """A sheet of mandates, CSV or XLSX."""

    file = forms.FileField(
        label="Fichier",
        help_text="CSV ou XLSX, 10 Mo au plus. La première ligne porte le nom des colonnes.",
        error_messages={
            "empty": "Ce fichier est vide.",
            "required": "Choisissez un fichier.",
        },
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    helper = Tagless()
