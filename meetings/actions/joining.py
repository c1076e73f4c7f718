"""Files joined to an item."""

from collections.abc import Collection, Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from law import findings
from law.findings import Finding
from meetings import attachments, journal, richtext
from meetings.actions import ledger
from meetings.models import AgendaItem, Attachment, Meeting, Undo
from members import faults, files, ranks
from members.models import User

MAX_ATTACHMENTS = 50  # joined to one item


def add_attachment(
    item: AgendaItem, *, file: File, filename: str, by: User | None, title: str = ""
) -> tuple[Attachment, tuple[Finding, ...]]:
    """Join a file to an item, once its content was checked. Returns what deserves a look.

    Not to be called inside a transaction, which would wait for the check.
    """
    checked = attachments.check(file, filename)
    return add_checked(item, file=file, checked=checked, by=by, title=title)


def add_checked(
    item: AgendaItem,
    *,
    file: File,
    checked: attachments.Checked,
    by: User | None,
    title: str = "",
) -> tuple[Attachment, tuple[Finding, ...]]:
    """Join a file whose content was checked. Should anything fail, no file is left behind."""
    attachment = Attachment(
        item=item,
        title=(title.strip() or attachments.title_of(checked.filename))[:200],
        filename=checked.filename,
        media_type=checked.media_type,
        size=checked.size,
        pages=checked.pages,
        sha256=checked.sha256,
        added_by=by,
    )
    with files.all_or_nothing():
        attachment.file.save("", file, save=False)
        return attachment, (*checked.notes, *join(attachment))


def join(attachment: Attachment) -> tuple[Finding, ...]:
    """Write the row of a file that is kept already. Returns what deserves a look: the other items
    of the sitting that have it. Refused when this one has it, or has too many."""
    meeting = ledger.lock(attachment.item.meeting)
    name = attachment.filename
    if not AgendaItem.objects.filter(pk=attachment.item_id).exists():
        raise findings.refusal("point_retire", f"Le point de « {name} » vient d’être retiré.")
    known = list(
        Attachment.objects.filter(item__meeting=meeting).select_related("item").order_by("position")
    )
    here = [each for each in known if each.item_id == attachment.item_id]
    twins = [each for each in known if each.sha256 == attachment.sha256]
    for twin in twins:
        if twin.item_id == attachment.item_id:
            raise findings.refusal(
                "piece_deja_jointe",
                f"« {name} » est déjà jointe à ce point : « {twin.title} ».",
                field="files",
            )
    if len(here) >= MAX_ATTACHMENTS:
        raise findings.refusal(
            "trop_de_pieces",
            f"Un point a au plus {MAX_ATTACHMENTS} pièces jointes.",
            remedy="Réunissez-en plusieurs dans un PDF.",
            field="files",
        )
    attachment.position = here[-1].position + 1 if here else 0
    attachment.save()
    ledger.touch(meeting)
    return tuple(
        Finding(
            code="piece_en_double",
            message=f"« {name} » est aussi jointe au point « {twin.item.title} ».",
            severity=findings.Severity.WARNING,
        )
        for twin in twins
    )


@transaction.atomic
def rename_attachment(attachment: Attachment, *, title: str, by: User | None) -> None:
    """Give a file the title under which it is read."""
    meeting = ledger.lock(attachment.item.meeting)
    attachment.refresh_from_db(fields=["title"])  # or it was taken away
    before = attachment.title
    attachment.title = richtext.printable(title).strip()
    try:
        attachment.clean_fields(exclude=["file"])
    except ValidationError as error:
        raise findings.Refused(faults.of_validation(error)) from error
    attachment.save(update_fields=["title"])
    words = f"Pièce « {before} » renommée « {attachment.title} »"
    journal.note(meeting, "file-renamed", words, by=by)
    ledger.touch(meeting)


@transaction.atomic
def move_attachment(attachment: Attachment, *, by_rank: int, by: User | None) -> bool:
    """Put a file so many ranks lower (higher when negative); whether it moved."""
    meeting = ledger.lock(attachment.item.meeting)
    if not ranks.move(attachment, among=attachment.item.attachments.all(), by_rank=by_rank):
        return False
    journal.note(meeting, "file-moved", f"Pièce « {attachment.title} » déplacée", by=by)
    ledger.touch(meeting)
    return True


@transaction.atomic
def remove_attachment(attachment: Attachment, *, by: User | None) -> None:
    """Take a file away for good; refused once it went out with a convocation."""
    meeting = ledger.lock(attachment.item.meeting)
    files = Attachment.objects.filter(pk=attachment.pk)
    refuse_if_sent(meeting, files)
    discard(files)
    words = f"Pièce « {attachment.title} » retirée de « {attachment.item.title} »"
    journal.note(meeting, "file-removed", words, by=by)
    ledger.touch(meeting)


def was_sent(attachment: Attachment, *, sent_on: date | None) -> bool:
    """Whether a file was there when the sitting was last convened: the proof leans on it."""
    return sent_on is not None and timezone.localtime(attachment.added_at).date() <= sent_on


def last_sent_on(meeting: Meeting) -> date | None:
    """The day of the last convocation of this sitting, whatever it changed."""
    return max(filter(None, (meeting.convened_on, meeting.sent_on)), default=None)


def refuse_if_sent(meeting: Meeting, files: Iterable[Attachment]) -> None:
    """Refuse to take away a file that went out with the last convocation."""
    meeting.refresh_from_db(fields=["convened_on", "sent_on"])
    sent_on = last_sent_on(meeting)
    sent = [each for each in files if was_sent(each, sent_on=sent_on)]
    if sent:
        raise findings.Refused(
            Finding(
                code="piece_envoyee",
                message=f"« {each.title} » est partie avec la convocation.",
                remedy="Elle ne se retire plus : joignez la version corrigée à côté.",
            )
            for each in sent
        )


def discard(files: QuerySet[Attachment]) -> None:
    """Delete these rows, and their files once that is certain."""
    names = set(files.values_list("file", flat=True))
    files.delete()
    forget_files(names)


def forget_files(names: Collection[str]) -> None:
    """Delete these files once the transaction is through, those left that something still needs:
    another item that has it too, an act that may be taken back.
    """

    def forget() -> None:
        needed = set(Attachment.objects.filter(file__in=names).values_list("file", flat=True))
        needed.update(*Undo.objects.exclude(files=[]).values_list("files", flat=True))
        files.forget(set(names) - needed)

    if names:
        transaction.on_commit(forget)
