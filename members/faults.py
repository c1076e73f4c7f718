"""What Django's validation objects to, as findings."""

from django.core.exceptions import ValidationError

from law.findings import Finding


def of_validation(error: ValidationError, *, code: str = "saisie") -> list[Finding]:
    """Every objection of `full_clean`, under its column; one about several columns has no field."""
    return [
        Finding(code=code, message=message, field=name if name != "__all__" else "")
        for name, messages in error.message_dict.items()
        for message in messages
    ]
