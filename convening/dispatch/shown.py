"""What a page showed of what is about to leave: it leaves as it was shown, or is shown again.

A form carries a mark of each part that its page told. Whoever changes one meanwhile, in another
window, has the act refused, and the page says which.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b

from convening.dispatch import addressees
from convening.dispatch.addressees import Addressee
from convening.models import Convocation
from law import findings
from law.findings import Finding
from meetings.models import Attachment, Brief

CODE = "montre_autrement"

# What a dispatch tells, and how a page names it.
_DAY, _HOUR, _PLACE = "la date", "l’heure", "le lieu"
_AGENDA, _GOING = "l’ordre du jour", "les destinataires"
_WORDS, _FILES = "les mots de la convocation", "les notes et les pièces"


def _mark(value: object) -> str:
    return blake2b(repr(value).encode(), digest_size=6).hexdigest()


def _of_whom(going: Iterable[Addressee]) -> list[tuple[str, ...]]:
    return [(each.why, each.name, each.channel, each.email, each.postal_address) for each in going]


def _marks(draft: Convocation, going: Sequence[Addressee]) -> dict[str, str]:
    """What both pages tell, by its name."""
    meeting = draft.meeting
    told = draft if draft.kind == Convocation.Kind.MOVED else meeting
    return _marked(
        {
            _DAY: told.held_on,
            _HOUR: told.starts_at,
            _PLACE: told.place,
            _AGENDA: [(node.number, node.depth, node.item.title) for node in meeting.agenda.nodes],
            _GOING: _of_whom(going),
        }
    )


def _dossier_marks(draft: Convocation) -> dict[str, str]:
    """What only the page that gives the dossier to read tells: on the other, words are typed."""
    briefs = Brief.objects.filter(item__meeting=draft.meeting).order_by("item")
    files = Attachment.objects.filter(item__meeting=draft.meeting).order_by("item", "position")
    return _marked(
        {
            _WORDS: (draft.message, draft.reason, draft.urgent_reason),
            _FILES: (
                list(briefs.values_list("item", "note", "visas", "recitals", "articles")),
                list(files.values_list("item", "title", "sha256")),
            ),
        }
    )


def _marked(parts: Mapping[str, object]) -> dict[str, str]:
    return {name: _mark((name, value)) for name, value in parts.items()}


def seen(draft: Convocation, going: Sequence[Addressee], *, dossier: bool = False) -> str:
    """What the page carries, with what it gives to read of the `dossier`."""
    marks = _marks(draft, going) | (_dossier_marks(draft) if dossier else {})
    return " ".join(marks.values())


def objections(draft: Convocation, carried: str) -> Iterator[Finding]:
    """That the page which carried this showed something else."""
    marks, known = _marks(draft, addressees.of(draft.meeting)), carried.split()
    if len(known) > len(marks):
        marks |= _dossier_marks(draft)
    if changed := [name for name, mark in marks.items() if mark not in known]:
        yield _changed(", ".join(changed))


def seen_of(going: Iterable[Addressee]) -> str:
    """The same, of a page that shows nobody but these."""
    return _mark(_of_whom(going))


def same(going: Sequence[Addressee], carried: str) -> None:
    """Refuse others than those whom the page showed."""
    if seen_of(going) != carried:
        findings.refuse([_changed(_GOING)])


def _changed(what: str) -> Finding:
    return Finding(
        code=CODE,
        message=f"Depuis que cette page s’est affichée, ceci a changé\u00a0: {what}.",
        remedy="Rien n’est parti. Relisez, puis confirmez.",
    )
