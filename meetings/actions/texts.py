"""What several hands write of an item: its debate, its file sent before the sitting."""

import hashlib
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from law import findings
from meetings import drafts, journal, richtext
from meetings.actions import ledger
from meetings.models import AgendaItem, Brief, DebateRevision, Meeting
from members.models import User


class Conflict(Exception):
    """Somebody saved this text since the editor began: `item` holds theirs, `text` is ours."""

    def __init__(self, item: AgendaItem, text: str) -> None:
        super().__init__("Le texte a changé depuis que vous avez commencé à l’écrire.")
        self.item, self.text = item, text


@transaction.atomic
def save_text(item: AgendaItem, *, text: str, version: int, by: User) -> AgendaItem:
    """Keep what was said. `version` is the one the editor started from.

    Saving the same text again changes nothing. Raises `Conflict` if the text moved on.
    """
    # The sitting first, as every other verb: two that lock in another order wait for each other.
    meeting = ledger.lock(item.meeting)
    item = AgendaItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    text = richtext.clean(text)
    if text == item.text:
        return item
    if version != item.text_version:
        raise Conflict(item, text)
    latest = item.revisions.first()
    if was_marked := richtext.SENSITIVE in item.text and richtext.SENSITIVE not in text:
        # What was marked may have been issued: it must be known that it was (`meetings.public`).
        item.revisions.get_or_create(
            version=item.text_version, defaults={"text": item.text, "saved_by": by}
        )
    item.text = text
    item.text_version += 1
    item.save(update_fields=["text", "text_version"])
    ledger.touch(meeting)
    is_same_hand = (
        latest is not None
        and not was_marked
        and latest.saved_by_id == by.pk
        and (timezone.now() - latest.saved_at).total_seconds() < _SAME_SITTING_OF_TYPING
    )
    if latest is not None and is_same_hand:
        latest.version, latest.text = item.text_version, text
        latest.save(update_fields=["version", "text"])
    else:
        DebateRevision.objects.create(item=item, version=item.text_version, text=text, saved_by=by)
    return item


# Texts are saved as one types: saves by the same hand within five minutes of a revision's
# beginning are one revision, otherwise an hour of typing would leave thousands.
_SAME_SITTING_OF_TYPING = 300


BRIEF_FIELDS = ("note", "visas", "recitals", "articles")
_PARTS = {
    field.name: str(field.verbose_name)
    for field in (*Brief._meta.fields, *AgendaItem._meta.fields)
    if field.name in (*BRIEF_FIELDS, "rapporteur")
}


class BriefConflict(Conflict):
    """Somebody saved the same part of this file since the editor began.

    `ours` holds every part as it was sent, and what others wrote in those we left alone;
    `clashing` names those that cannot be reconciled.
    """

    def __init__(self, item: AgendaItem, ours: Mapping[str, str], clashing: Sequence[str]) -> None:
        super().__init__(item, "")
        self.ours, self.clashing = dict(ours), tuple(clashing)


def brief_of(item: AgendaItem) -> Brief:
    """The file of an item; an empty one, not saved, where nobody wrote any."""
    return Brief.objects.filter(item=item).first() or Brief(item=item)


def brief_parts(brief: Brief) -> dict[str, str]:
    """What an editor of this file holds: its four texts and who reports."""
    return {name: getattr(brief, name) for name in BRIEF_FIELDS} | {
        "rapporteur": brief.item.rapporteur
    }


def brief_base(parts: Mapping[str, str]) -> str:
    """A short word for what an editor holds, part by part: it travels with the form, so that two
    people who write different parts of one file never meet.
    """
    return "-".join(_digest(parts[name]) for name in (*BRIEF_FIELDS, "rapporteur"))


def _digest(text: str) -> str:
    return hashlib.blake2s(text.encode(), digest_size=8).hexdigest()


@transaction.atomic
def save_brief(
    item: AgendaItem, *, parts: Mapping[str, str], base: str, by: User | None
) -> tuple[Brief, str]:
    """Keep the file of an item; `base` is the `brief_base` the editor started from.

    Returns the file and the base of what the editor now holds. A part that the editor did not
    touch leaves to others what they wrote in it; one that both wrote raises `BriefConflict`.
    Saving the same again changes nothing.
    """
    meeting = ledger.lock(item.meeting)
    item = AgendaItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    item.meeting = meeting
    brief = brief_of(item)
    brief.item = item
    ours = _tidied(parts)
    theirs = brief_parts(brief)
    bases = dict(zip((*BRIEF_FIELDS, "rapporteur"), base.split("-"), strict=False))
    changed, clashing, merged = {}, [], dict(ours)
    for name, text in ours.items():
        if text == theirs[name]:
            continue
        if _digest(text) == bases.get(name):
            merged[name] = theirs[name]
        elif _digest(theirs[name]) == bases.get(name):
            changed[name] = text
        else:
            clashing.append(name)
    if clashing:
        raise BriefConflict(item, merged, clashing)
    if "rapporteur" in changed:
        _check_rapporteur(meeting, changed["rapporteur"])
        item.rapporteur = changed["rapporteur"]
        item.save(update_fields=["rapporteur"])
    if changed:
        for name in changed.keys() & set(BRIEF_FIELDS):
            setattr(brief, name, changed[name])
        brief.version += 1
        brief.save()
        names = ", ".join(words for name, words in _PARTS.items() if name in changed)
        journal.note(meeting, "file-written", f"Dossier de « {item.title} » : {names}", by=by)
        ledger.touch(meeting)
        meeting.forget()
    return brief, brief_base(ours)


def _tidied(parts: Mapping[str, str]) -> dict[str, str]:
    """The parts of a file as they are stored."""
    plain = {name: drafts.tidy(richtext.printable(parts[name])) for name in BRIEF_FIELDS[1:]}
    return {"note": richtext.clean(parts["note"]), **plain, "rapporteur": parts["rapporteur"]}


def _check_rapporteur(meeting: Meeting, key: str) -> None:
    members = meeting.basis.composition
    if key and not (key in members and members[key].deliberates):
        raise findings.refusal(
            "rapporteur",
            "Le rapporteur se choisit parmi les membres de l’assemblée.",
            field="rapporteur",
        )
