"""What is said of an act before it goes: the classification it is filed by, its sheet."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from law import acts, exemptions, findings, french
from law.findings import Finding, Refused, Severity, refusal
from meetings import journal
from meetings.actions import ledger
from members import files
from members.models import Organisation, User
from registry.models import Deliberation
from trail.models import Act
from trail.recording import note
from transmission import reading
from transmission.ctes import classification
from transmission.models import ActSheet, Classification, Transmission

# --- The classification ------------------------------------------------------------------------


def import_classification(
    organisation: Organisation, content: bytes, *, name: str, by: User | None, at: datetime
) -> Classification:
    """Keep the file by which the prefecture files acts; in force until a later one comes.

    Handed in again, it is the one that is kept. Raises `Refused` for what is none, for one that is
    older than the one in force, for that of another department.
    """
    found = classification.read(content, name=name)
    _refuse_elsewhere(organisation, name)
    digest = hashlib.sha256(content).hexdigest()
    with files.all_or_nothing():
        Organisation.objects.select_for_update().get(pk=organisation.pk)
        if same := Classification.objects.filter(organisation=organisation, sha256=digest).first():
            return same
        current = Classification.objects.in_force(organisation)
        if current is not None and found.on < current.dated_on:
            raise refusal(
                "classification_ancienne",
                f"Cette classification est du {french.long_date(found.on)}\u00a0: celle du "
                f"{french.long_date(current.dated_on)} est déjà là.",
                remedy="Demandez à la préfecture, par l’opérateur, celle d’aujourd’hui.",
                field="file",
            )
        row = Classification(
            organisation=organisation,
            dated_on=found.on,
            sha256=digest,
            imported_by=by,
            imported_at=at,
        )
        row.file.save(f"{found.on:%Y%m%d}-{digest[:12]}.xml", ContentFile(content), save=False)
        row.save()
        note(
            Act.TRANSMISSION,
            f"classification du {french.long_date(found.on)} importée",
            by=by,
            organisation=organisation,
        )
    return row


def _refuse_elsewhere(organisation: Organisation, name: str) -> None:
    """Only the name of the file says of whom it is: `080-200000017----7-2_1.xml`."""
    department, siren = name[:3], name[4:13]
    if not (name[3:4] == "-" and siren.isdigit() and len(siren) == 9):
        return
    who = reading.sender(organisation)
    if who.department and who.siren and (department, siren) != (who.department, who.siren):
        raise refusal(
            "classification_d_ailleurs",
            f"Ce fichier est celui d’une autre collectivité ({department}, SIREN {siren}).",
            remedy=f"Demandez celui de cette organisation ({who.department}, SIREN {who.siren}).",
            field="file",
        )


# --- The sheet of an act -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the secretariat says of an act. `annexes` gives by attachment its kind."""

    nature: str
    matter: str
    object: str
    typology: str
    is_individual: bool = False
    annexes: dict[int, str] = field(default_factory=dict)
    author: str = ""
    capacity: str = ""
    exempt: str = ""
    verified: bool = False  # whether somebody answers for a case that the act may belie


class Unfit(Refused):
    """A sheet of many that the prefecture would not take: that of this act."""

    def __init__(self, deliberation: Deliberation, findings: Iterable[Finding]) -> None:
        self.deliberation = deliberation
        super().__init__(findings)


@transaction.atomic
def confirm_all(
    told: Mapping[Deliberation, Told], *, by: User | None, at: datetime
) -> tuple[ActSheet, ...]:
    """Keep the sheets of several acts: all of them, or none. Raises `Unfit`."""
    kept = []
    for deliberation, said in told.items():
        try:
            kept.append(confirm(deliberation, said, by=by, at=at))
        except Refused as why:
            raise Unfit(deliberation, why.findings) from why
    return tuple(kept)


@transaction.atomic
def confirm(deliberation: Deliberation, told: Told, *, by: User | None, at: datetime) -> ActSheet:
    """Keep what the prefecture will read of an act. Raises `Refused` for what it would not take,
    and while a sending is under way: it bears the sheet as it was."""
    ledger.lock(deliberation.meeting)
    sheet = ActSheet.objects.filter(deliberation=deliberation).first()
    if sheet is not None and sheet.transmissions.filter(state__in=Transmission.UNDER_WAY).exists():
        raise refusal(
            "envoi_en_cours",
            f"{deliberation.label}\u00a0: un envoi attend la réponse de la préfecture.",
            remedy="Déposez sa réponse, ou abandonnez l’envoi, puis corrigez la fiche.",
        )
    values = {
        "nature": told.nature,
        "is_individual": told.is_individual,
        "matter": told.matter,
        "object": " ".join(told.object.split()),
        "typology": told.typology,
        "annexes": [
            {"attachment": each.pk, "typology": told.annexes[each.pk]}
            for each in deliberation.item.attachments.all()
            if told.annexes.get(each.pk)
        ],
        "author": told.author,
        "capacity": told.capacity,
        "exempt": " ".join(told.exempt.split())[:300],
    }
    if sheet is None:
        sheet = ActSheet(deliberation=deliberation)
    if sheet.pk and all(getattr(sheet, name) == value for name, value in values.items()):
        return sheet
    was, judged = (sheet.exempt, _judged(sheet)) if sheet.pk else ("", {})
    for name, value in values.items():
        setattr(sheet, name, value)
    asked: tuple[Finding, ...] = ()
    if sheet.exempt:
        now, regime = _judged(sheet), deliberation.meeting.regime
        findings.refuse(exemptions.objections(**now, regime=regime))
        if now != judged:  # answered for once, as long as it is kept back in the same way
            asked = exemptions.doubts(**now, regime=regime, object=sheet.object)
        if not told.verified:
            findings.refuse(
                replace(each, severity=Severity.REFUSAL, field="verified") for each in asked
            )
    else:
        findings.refuse(
            [
                *acts.objections(
                    nature=sheet.nature,
                    matter=sheet.matter,
                    object=sheet.object,
                    decided_on=deliberation.meeting.held_on,
                    on=max(timezone.localdate(at), deliberation.meeting.held_on),
                ),
                *reading.unfiled(sheet, reading.in_force(deliberation.body.organisation)),
            ]
        )
    sheet.confirmed_by, sheet.confirmed_at = by, at
    sheet.save()
    if was != sheet.exempt or asked:  # it changes since when the act binds
        words = f"{deliberation.label}\u00a0: {_dispensed(was, sheet.exempt)}"
        if asked:
            words += f". Vérifié\u00a0: {' '.join(each.message for each in asked)}"
        note(Act.TRANSMISSION, words, by=by, organisation=deliberation.body.organisation)
        journal.note(deliberation.meeting, "exemption-told", words, by=by)
    return sheet


def _judged(sheet: ActSheet) -> dict[str, str]:
    """What of a sheet says whether its act may be kept back."""
    return {"nature": sheet.nature, "matter": sheet.matter, "reason": sheet.exempt}


def _dispensed(was: str, now: str) -> str:
    before = f" (jusque-là dispensé\u00a0: {was})" if was and was != now else ""
    return f"dispensé de transmission\u00a0: {now}{before}" if now else f"à transmettre{before}"
