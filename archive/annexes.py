"""The annexes of an act: which files joined to its item go online with it, and which file in the
place of one that holds what the law protects. Nothing goes there that nobody chose.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.files.base import ContentFile, File
from django.db.models import Max

from archive import legible
from archive.models import AnnexChoice, Publication, PublishedAnnex
from documents.models import IssuedDocument
from law import findings
from meetings import attachments
from meetings import public as protection
from meetings.actions import ledger
from meetings.models import Attachment
from members import cells, files
from members.models import User
from trail.models import Act
from trail.recording import note


@dataclass(frozen=True, slots=True, kw_only=True)
class Annex:
    """A file joined to the item of an act, and what was chosen of it (`None`: nothing yet)."""

    attachment: Attachment
    choice: AnnexChoice | None


def of(document: IssuedDocument) -> Sequence[Annex]:
    """The files joined to the item of this extract, in their order; none of another paper."""
    if document.kind != IssuedDocument.Kind.EXTRACT:
        return ()
    rows = Attachment.objects.filter(
        item__meeting=document.meeting_id, item__key=document.subject
    ).select_related("item", "annex_choice")
    return [Annex(attachment=row, choice=getattr(row, "annex_choice", None)) for row in rows]


def undecided(documents: Iterable[IssuedDocument]) -> int:
    """How many files joined to these acts of one sitting nobody chose to put online or not: they
    do not go there."""
    extracts = [each for each in documents if each.kind == IssuedDocument.Kind.EXTRACT]
    if not extracts:
        return 0
    joined = Attachment.objects.filter(
        item__meeting=extracts[0].meeting_id, item__key__in=[each.subject for each in extracts]
    )
    return joined.filter(annex_choice=None).count()


def left_out(publication: Publication) -> list[Annex]:
    """Those chosen for the public that are not online with this act, which is: chosen since."""
    there = set(publication.annexes.values_list("sha256", flat=True))
    return [
        annex
        for annex in of(publication.document)
        if annex.choice
        and annex.choice.is_public
        and (annex.choice.sha256 or annex.attachment.sha256) not in there
    ]


def choose(
    attachment: Attachment,
    *,
    is_public: bool,
    file: File | None = None,
    by: User | None,
    at: datetime,
) -> AnnexChoice:
    """Say whether a file goes online with its act, and with which `file` in its place. What is
    online already stays as it is. Raises `Refused` for a file that may not be kept.

    Not to be called inside a transaction, which would wait for the check.
    """
    checked = attachments.check(file, file.name or "") if file is not None else None
    with files.all_or_nothing():
        meeting = ledger.lock(attachment.item.meeting)
        choice = AnnexChoice.objects.filter(attachment=attachment).first() or AnnexChoice(
            attachment=attachment
        )
        choice.is_public, choice.decided_by, choice.decided_at = is_public, by, at
        choice.file, choice.filename, choice.sha256 = "", "", ""
        if file is not None and checked is not None:
            choice.filename, choice.sha256 = checked.filename, checked.sha256
            choice.file.save("", file, save=False)
        choice.save()
        what = "publiée" if is_public else "non publiée"
        if checked is not None:
            what = "remplacée pour le public"
        note(
            Act.PUBLICATION,
            f"pièce jointe n° {attachment.pk} {what} : {meeting}",
            by=by,
            organisation=meeting.organisation,
        )
        return choice


def publish(publication: Publication) -> None:
    """Put the chosen annexes online with their act, in the transaction that does it. Raises
    `Refused` for a file that says what is masked, on its pages or in what it says of itself."""
    document = publication.document
    chosen = [each for each in of(document) if each.choice and each.choice.is_public]
    _put_online(publication, chosen, first=1)


def add(publication: Publication, *, on: date) -> int:
    """Put beside an act that is online what was chosen since, in the transaction that does it: the
    act stays, each says since when it is there. How many; raises `Refused` as `publish` does."""
    late = left_out(publication)
    last = publication.annexes.aggregate(last=Max("rank"))["last"] or 0
    _put_online(publication, late, first=last + 1, since=on)
    return len(late)


def _put_online(
    publication: Publication, chosen: Iterable[Annex], *, first: int, since: date | None = None
) -> None:
    document = publication.document
    for rank, annex in enumerate(chosen, start=first):
        choice, attachment = annex.choice, annex.attachment
        is_replaced = bool(choice and choice.file)
        kept = choice if choice and is_replaced else attachment
        content = files.content(kept.file, kept.sha256)
        findings.refuse(_still_said(document, attachment, content))
        extension = kept.filename.rpartition(".")[2].lower()
        row = PublishedAnnex(
            publication=publication,
            rank=rank,
            title=protection.words(document.meeting, attachment.title)[:200],
            added_on=since,
            sha256=kept.sha256,
            is_replaced=is_replaced,
        )
        name = f"{kept.sha256[:12]}-{rank}.{extension}"
        row.file.save(name, ContentFile(content), save=False)
        row.save()


def _still_said(
    document: IssuedDocument, attachment: Attachment, content: bytes
) -> Iterator[findings.Finding]:
    """What is masked of its item and is in the file all the same; or that the file does not read,
    which nobody may then say."""
    masks = protection.Masks(document.meeting)
    nets = masks.of(document.subject), masks.kept_from(document.subject)
    passages = {passage for net in nets for passage in net.passages}
    if not passages:
        return
    try:
        with attachments.on_disk(ContentFile(content)) as path:
            if not legible.says(path, passages):
                return
    except cells.Excessive:
        why = "ne se lit pas, et des passages sont masqués"
    else:
        why = "dit encore un passage masqué, dans ses pages ou dans ses propriétés (auteur, titre)"
    yield findings.Finding(
        code="piece_encore_lisible",
        message=f"La pièce jointe n° {attachment.position + 1} {why}\u00a0: rien n’est publié.",
        remedy="Mettez à sa place un fichier qui ne le dit pas, propriétés comprises, ou ne la "
        "publiez pas.",
    )
