"""What is signed in a parapheur, for the pages of the rooms below."""

from django import template

from documents.models import IssuedDocument
from meetings.models import Meeting
from transmission.models import Operator
from transmission.operators import signing

register = template.Library()


@register.simple_tag
def parapheur_of(document: IssuedDocument) -> Operator | None:
    """Where this document may be signed elsewhere, if anywhere."""
    return signing.parapheur_of(document.meeting)


@register.simple_tag
def for_parapheur(meeting: Meeting) -> int:
    """How many papers of this sitting may go there now; 0 where there is no parapheur."""
    return len(signing.sendable(meeting)) if signing.parapheur_of(meeting) else 0
