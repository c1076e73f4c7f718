"""The sentences that the secretary of a body writes often, in the order she wants them."""

from django.db import transaction

from meetings import journal
from meetings.richtext import printable
from members import faults, ranks
from members.models import Body, User
from registry.models import Phrase


@transaction.atomic
def keep(phrase: Phrase, *, by: User) -> Phrase:
    """Keep a phrase of a body, new or changed; a new one comes last."""
    _lock(phrase)
    is_new = phrase._state.adding
    if is_new:
        phrase.position = ranks.after_all(phrase.body.phrases.all())
    phrase.title = " ".join(printable(phrase.title).split())
    phrase.text = printable(phrase.text).replace("\r\n", "\n").strip()
    faults.check(phrase)
    phrase.save()
    verb, done = ("phrase-added", "ajoutée") if is_new else ("phrase-changed", "changée")
    _note(phrase, verb, done, by=by)
    return phrase


@transaction.atomic
def move(phrase: Phrase, *, by_rank: int, by: User) -> bool:
    """Put a phrase so many ranks lower (higher when negative); whether it moved."""
    _lock(phrase)
    has_moved = ranks.move(phrase, among=phrase.body.phrases.all(), by_rank=by_rank)
    if has_moved:
        _note(phrase, "phrase-moved", "déplacée", by=by)
    return has_moved


@transaction.atomic
def drop(phrase: Phrase, *, by: User) -> None:
    """Forget a phrase; the texts in which it was written keep it."""
    _note(phrase, "phrase-removed", "retirée", by=by)
    phrase.delete()


def _lock(phrase: Phrase) -> None:
    Body.objects.select_for_update(of=("self",)).get(pk=phrase.body_id)


def _note(phrase: Phrase, verb: str, done: str, *, by: User) -> None:
    journal.note(phrase.body, verb, f"Phrase « {phrase.title} » {done}", by=by)
