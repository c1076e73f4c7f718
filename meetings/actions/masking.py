"""What of a sitting the public does not read: passages masked, or left where they are."""

from datetime import datetime

from django.db import transaction

from law import findings, french, masking
from law.personal import LABELS, Kind
from law.regime import cited
from meetings.actions import ledger
from meetings.models import AgendaItem, Meeting, Passage
from members.models import User
from trail.models import Act
from trail.recording import note

PRIVACY = "art. L312-1-2 du code des relations entre le public et l’administration"
LONGEST = int(Passage._meta.get_field("text").max_length or 0)


@transaction.atomic
def decide(
    meeting: Meeting,
    text: str,
    *,
    is_masked: bool,
    item: AgendaItem | None = None,
    kind: str = "",
    by: User | None,
    at: datetime,
) -> Passage:
    """Mask a passage in every public edition of a sitting, in those of one `item` alone if it is
    said; or leave it where it is, even if it was masked. The same again changes nothing.

    What is online already stays as it is. Raises `Refused` for words too short, too long, or that
    are the name of who sits there: presence, votes and signatures of the elected are public.
    """
    ledger.lock(meeting)
    told = masking.told(text)
    if is_masked:
        _refuse_unmaskable(meeting, told, item)
    row = _known(meeting, told, item)
    if row is not None and row.is_masked == is_masked:
        return row
    if row is None:
        row = Passage(meeting=meeting, item=item, text=told[:LONGEST], kind=kind)
    row.is_masked, row.decided_by, row.decided_at = is_masked, by, at
    row.save()
    ledger.touch(meeting)  # the public page of a sitting still followed leaves it out at once
    _tell(row, by=by)
    return row


def _known(meeting: Meeting, told: str, item: AgendaItem | None) -> Passage | None:
    """What was decided of these words before, however they are written."""
    rows = meeting.passages.filter(item=item)
    wanted = masking.folded(told)
    return next((row for row in rows if masking.folded(row.text) == wanted), None)


def _refuse_unmaskable(meeting: Meeting, told: str, item: AgendaItem | None) -> None:
    if masking.is_too_short(told):
        raise findings.refusal(
            "passage_trop_court",
            "Deux lettres ou chiffres au moins\u00a0: moins serait masqué partout.",
            remedy="Recopiez le passage entier.",
            field="text",
        )
    if len(told) > LONGEST:
        raise findings.refusal(
            "passage_trop_long",
            f"Un passage tient en {LONGEST} caractères.",
            remedy="Masquez-le en plusieurs fois, ou marquez-le dans le texte des débats.",
            field="text",
        )
    mask = masking.Mask([told])
    members = meeting.basis.composition.members
    named = next((each for each in members if mask.finds(each.titled)), None)
    if item is None and named is not None:
        raise findings.refusal(
            "nom_d_elu",
            f"«\u00a0{told}\u00a0» est dans le nom {french.elide('de', named.name)}, qui siège"
            "\u00a0: présences, votes et signature sont publics.",
            article=cited(meeting.regime, "art. L2121-15 du CGCT"),
            remedy="Masquez-le dans un seul point, si c’est d’une affaire privée qu’il s’agit.",
            field="text",
        )


def _tell(row: Passage, *, by: User | None) -> None:
    """In the trail, never with the words themselves."""
    what = LABELS[Kind(row.kind)] if row.kind else "mots choisis"
    where = f"point n° {row.item_id}" if row.item_id else "toute la séance"
    done = "masqué" if row.is_masked else "laissé"
    note(
        Act.PUBLICATION,
        f"passage {done} ({what}, {where}) : {row.meeting}",
        by=by,
        organisation=row.meeting.organisation,
    )
