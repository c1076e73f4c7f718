"""What Django's validation objects to, as findings."""

from django.core.exceptions import ValidationError
from django.db.models import Model

from law.findings import Finding, Refused


def check(row: Model) -> None:
    """Refuse what `full_clean` objects to."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise Refused(of_validation(error)) from error


def of_validation(error: ValidationError) -> list[Finding]:
    """Every objection of `full_clean`, under its column; one about several columns has no field."""
    return [
        Finding(code="saisie", message=message, field=name if name != "__all__" else "")
        for name, messages in error.message_dict.items()
        for message in messages
    ]
