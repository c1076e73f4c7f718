"""The sentences that the secretary of a body writes often, in the order she wants them."""

from django.core.exceptions import ValidationError
from django.db import transaction

from law import findings
from meetings import journal
from meetings.richtext import printable
from members import faults, ranks
from members.models import Body, User
from registry.models import Phrase


@transaction.atomic
def keep(phrase: Phrase, *, by: User) -> Phrase:
    """Keep a phrase of a body, new or changed; a new one comes last."""
    Body.objects.select_for_update(of=("self",)).get(pk=phrase.body_id)
    is_new = phrase._state.adding
    if is_new:
        phrase.position = ranks.after_all(phrase.body.phrases.all())
    phrase.title = " ".join(printable(phrase.title).split())
    phrase.text = printable(phrase.text).replace("\r\n", "\n").strip()
    try:
        phrase.full_clean()
    except ValidationError as error:
        raise findings.Refused(faults.of_validation(error)) from error
    phrase.save()
    verb, done = ("phrase-added", "ajoutée") if is_new else ("phrase-changed", "modifiée")
    journal.note(phrase.body, verb, f"Phrase « {phrase.title} » {done}", by=by)
    return phrase


@transaction.atomic
def move(phrase: Phrase, *, by_rank: int, by: User) -> bool:
    """Put a phrase so many ranks lower (higher when negative); whether it moved."""
    Body.objects.select_for_update(of=("self",)).get(pk=phrase.body_id)
    if not ranks.move(phrase, among=phrase.body.phrases.all(), by_rank=by_rank):
        return False
    journal.note(phrase.body, "phrase-moved", f"Phrase « {phrase.title} » déplacée", by=by)
    return True


@transaction.atomic
def drop(phrase: Phrase, *, by: User) -> None:
    """Forget a phrase; the texts in which it was written keep it."""
    phrase.delete()
    journal.note(phrase.body, "phrase-removed", f"Phrase « {phrase.title} » retirée", by=by)
