"""The addresses of accounts: which may have one, how it is kept (`law.addresses`), and whether a
mail reaches any.
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models

from law.addresses import lowered


def validate(address: str) -> None:
    """Whether an account may be opened at this address. Raises `ValidationError`: no address, or
    one whose signs look like those of another."""
    validate_email(address)
    strange = next((sign for sign in address if not sign.isascii()), "")
    if strange:
        raise ValidationError(
            f"Cette adresse contient «\u00a0{strange}\u00a0», qui n’est pas une lettre simple (a à "
            "z)\u00a0: elle pourrait passer pour celle d’un autre. Écrivez-la sans accent\u00a0; "
            "un domaine accentué se donne sous sa forme «\u00a0xn--…\u00a0».",
            code="look_alike",
        )


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
