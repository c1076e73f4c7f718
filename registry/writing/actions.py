"""The sentences that the secretary of a body writes often, in the order she wants them."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from law import findings
from law.findings import Finding
from meetings.richtext import printable
from members.models import Body, User
from registry.models import Phrase


@transaction.atomic
def keep(phrase: Phrase, *, by: User) -> Phrase:
    """Keep a phrase of a body, new or changed; a new one comes last."""
    Body.objects.select_for_update(of=("self",)).get(pk=phrase.body_id)
    if phrase._state.adding:
        last = phrase.body.phrases.aggregate(last=Max("position"))["last"]
        phrase.position = 0 if last is None else last + 1
    phrase.title = " ".join(printable(phrase.title).split())
    phrase.text = printable(phrase.text).replace("\r\n", "\n").strip()
    try:
        phrase.full_clean()
    except ValidationError as error:
        raise findings.Refused(
            [
                Finding(code="phrase_incorrecte", message=message, field=field)
                for field, messages in error.message_dict.items()
                for message in messages
            ]
        ) from error
    phrase.save()
    return phrase


@transaction.atomic
def move(phrase: Phrase, *, by_rank: int, by: User) -> bool:
    """Put a phrase so many ranks lower (higher when negative); whether it moved."""
    Body.objects.select_for_update(of=("self",)).get(pk=phrase.body_id)
    rows = list(phrase.body.phrases.all())
    here = next((rank for rank, row in enumerate(rows) if row.pk == phrase.pk), None)
    if here is None:
        return False
    there = max(0, min(here + by_rank, len(rows) - 1))
    if here == there:
        return False
    rows.insert(there, rows.pop(here))
    for rank, row in enumerate(rows):
        row.position = rank
    Phrase.objects.bulk_update(rows, ["position"])
    return True


@transaction.atomic
def drop(phrase: Phrase, *, by: User) -> None:
    """Forget a phrase; the texts in which it was written keep it."""
    phrase.delete()
