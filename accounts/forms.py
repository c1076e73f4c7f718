"""Forms of the doors: what is typed to prove who one is."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from members import throttle
from members.forms import Tagless


class ProofForm(forms.Form):
    """The password, given again by whoever is signed in."""

    preuve = forms.CharField(
        label="Votre mot de passe",
        strip=False,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "autofocus": True, "maxlength": 500}
        ),
        max_length=500,
    )
    helper = Tagless()
    error_messages = {
        "wrong": "Ce n’est pas le bon mot de passe.",
        "throttled": "Trop d’essais. Attendez cinq minutes.",
    }

    def __init__(self, *args, request: HttpRequest, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_preuve(self) -> str:
        """Right, or counted as a failure."""
        user, given = self.request.user, self.cleaned_data["preuve"]
        if throttle.exceeded("preuve", self.request, user.email):
            raise ValidationError(self.error_messages["throttled"], code="throttled")
        if not user.check_password(given):
            throttle.count("preuve", self.request, user.email)
            raise ValidationError(self.error_messages["wrong"], code="wrong")
        throttle.forget("preuve", self.request, user.email)
        return given
