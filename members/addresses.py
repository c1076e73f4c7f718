"""Electronic addresses: which may be written down (`validate`, for every column and every form),
how those of accounts are kept (`law.addresses`), and whether a mail reaches any.
"""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models

from law.addresses import lowered


def validate(address: str) -> None:
    """Whether mails and links may go to this address. Raises `ValidationError`: no address, or one
    whose signs look like those of another; to which no mail can be written either."""
    validate_email(address)
    strange = next((sign for sign in address if not sign.isascii()), "")
    if strange:
        raise ValidationError(
            f"Cette adresse contient «\u00a0{strange}\u00a0», qui n’est pas une lettre simple (a à "
            "z)\u00a0: elle pourrait passer pour celle d’un autre. Écrivez-la sans accent\u00a0; "
            "un domaine accentué se donne sous sa forme «\u00a0xn--…\u00a0».",
            code="look_alike",
        )


def validate_each(lines: str) -> None:
    """The same of several, apart by spaces or lines."""
    for address in lines.split():
        try:
            validate(address)
        except ValidationError as error:
            told = " ".join(error.messages)
            raise ValidationError(f"«\u00a0{address[:80]}\u00a0»\u00a0: {told}") from error


def mails_stay() -> bool:
    """Whether mails stay here for want of a server (`convening.outbox`)."""
    return settings.EMAIL_BACKEND.endswith(".OutboxBackend")


class AddressField(models.EmailField):
    """An address kept and looked up as `lowered` writes it."""

    def to_python(self, value: object) -> str | None:
        value = super().to_python(value)
        return value if value is None else lowered(value)

    def get_prep_value(self, value: object) -> str | None:
        return self.to_python(super().get_prep_value(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        value = self.to_python(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value


class _Judged(models.Field):
    """Judged by `validate`; for the database, the column of Django that it is."""

    def deconstruct(self) -> tuple:
        name, _, args, kwargs = super().deconstruct()
        column = next(kind for kind in type(self).__mro__ if kind.__module__ == _OF_DJANGO)
        return name, f"django.db.models.{column.__name__}", args, kwargs


_OF_DJANGO = models.EmailField.__module__


class MailField(_Judged, models.EmailField):
    """One address to which mails go."""

    default_validators = [validate]


class MailsField(_Judged, models.TextField):
    """Several, one a line."""

    default_validators = [validate_each]


class MailInput(forms.EmailField):
    """One address, typed in a form that is no model’s."""

    default_validators = [validate]
