"""Links without an account: the screen of the room, the tablets of the delegates."""

import secrets
from datetime import datetime

from django.db.models import BooleanField
from django.utils import timezone

from law import french
from law.findings import refusal
from live import access
from live.actions import held
from live.models import Equipment, Screen, Tablet
from meetings import journal
from meetings.models import Meeting
from members import links
from members.models import Mandate, User
from trail.models import Act
from trail.recording import note


@held.holds
def equip(meeting: Meeting, equipment: Equipment, *, by: User) -> None:
    """Switch on what helps in this sitting, and off the rest."""
    made = Equipment.objects.filter(meeting=meeting).first()
    if made is not None and equipment.pk is None:  # by who pressed at the same moment
        equipment.pk, equipment._state.adding = made.pk, False
    equipment.save()
    switches = [field for field in Equipment._meta.fields if isinstance(field, BooleanField)]
    on = [str(field.verbose_name) for field in switches if getattr(equipment, field.name)]
    words = f"Écran de salle et tablettes\u00a0: {french.join(on) or 'aucun'}"
    journal.note(meeting, "equipped", words, by=by)


def make_screen(meeting: Meeting, *, by: User) -> tuple[Screen, str]:
    """A secret link for the screen of the room; its raw token is answered once and not kept."""
    raw = links.new()
    screen = Screen.objects.create(meeting=meeting, token_hash=links.hash_of(raw), made_by=by)
    _tell(meeting, Act.SENT, "lien d’un écran de salle créé", by=by)
    return screen, raw


def _tell(meeting: Meeting, act: Act, words: str, *, by: User | None) -> None:
    """In the trail: a link lets in whoever holds it."""
    if not meeting.organisation.is_played:
        note(act, f"{words}, {meeting}", by=by, organisation=meeting.organisation)


@held.holds
def revoke_screen(screen: Screen, *, by: User) -> None:
    """The link opens nothing any more, from the next refresh of whoever has it open."""
    if Screen.objects.filter(pk=screen.pk, revoked_at=None).update(revoked_at=timezone.now()):
        journal.note(screen.meeting, "screen-revoked", "Lien d’un écran de salle révoqué", by=by)


@held.holds
def make_tablet(meeting: Meeting, *, mandate: Mandate, by: User) -> tuple[Tablet, str]:
    """A personal link for one delegate; the one he had before opens nothing any more."""
    Tablet.objects.filter(meeting=meeting, mandate=mandate, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    words = f"Lien de tablette créé\u00a0: {mandate.person}"
    journal.note(meeting, "tablet-made", words, by=by)
    _tell(meeting, Act.SENT, f"lien de tablette créé\u00a0: {mandate.person}", by=by)
    return _tablet(meeting, mandate)


def _tablet(meeting: Meeting, mandate: Mandate) -> tuple[Tablet, str]:
    raw = links.new()
    made = Tablet.objects.create(meeting=meeting, mandate=mandate, token_hash=links.hash_of(raw))
    return made, raw


@held.holds
def make_tablets(meeting: Meeting, *, by: User) -> list[tuple[Tablet, str]]:
    """A link for each member who has none, in the order of the roll, to print on one sheet."""
    served = set(
        Tablet.objects.filter(meeting=meeting, revoked_at=None).values_list("mandate", flat=True)
    )
    wanted = [
        member.mandate
        for member in meeting.basis.composition.members
        if member.mandate is not None and member.mandate not in served
    ]
    mandates = Mandate.objects.select_related("person").in_bulk(wanted)
    made = [_tablet(meeting, mandates[pk]) for pk in wanted if pk in mandates]
    if made:
        links_made = french.count(len(made), "lien de tablette créé", "liens de tablette créés")
        journal.note(meeting, "tablets-made", french.capitalise(links_made), by=by)
        whose = french.join([str(each.mandate.person) for each, _ in made])
        _tell(meeting, Act.SENT, f"{links_made}\u00a0: {whose}", by=by)
    return made


@held.holds
def revoke_tablet(tablet: Tablet, *, by: User) -> None:
    """The link, and the device that opened it, are let in no more."""
    if Tablet.objects.filter(pk=tablet.pk, revoked_at=None).update(revoked_at=timezone.now()):
        words = f"Lien de tablette révoqué\u00a0: {tablet.mandate.person}"
        journal.note(tablet.meeting, "tablet-revoked", words, by=by)


def open_tablet(raw: str, *, device: str, at: datetime) -> Tablet:
    """Open a personal link on this device, for good: another device is refused.

    `device` is the raw value of its cookie; the same device may open the link again. A device is
    one delegate's: the link it opened before is used up, and opens nothing any more.
    """
    with held.hold(access.find_tablet(raw, at=at).meeting):
        tablet = access.find_tablet(raw, at=at)  # as it is now that nobody else writes
        mark = links.hash_of(device)
        if tablet.opened_at is None:
            Tablet.objects.filter(meeting=tablet.meeting_id, device_hash=mark).update(
                device_hash=""
            )
            tablet.opened_at, tablet.device_hash = timezone.now(), mark
            tablet.save(update_fields=["opened_at", "device_hash"])
            words = f"tablette ouverte par son lien\u00a0: {tablet.mandate.person}"
            _tell(tablet.meeting, Act.SIGNED_IN, words, by=None)
        elif not secrets.compare_digest(tablet.device_hash, mark):
            raise refusal(
                "lien_deja_ouvert",
                "Ce lien a déjà été ouvert sur un autre appareil, "
                "ou un autre lien l’a remplacé sur celui-ci.",
                remedy="Demandez un nouveau lien au secrétariat : l’ancien cessera de servir.",
            )
    return tablet
