"""Who is told, by mail, that an act waits for a person: the secretariat, once of each reason."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from convening import mails, notices, sending
from law import french
from meetings.models import Meeting
from registry.models import Folder
from transmission.connectors.parcels import Kind, Letter
from transmission.models import Errand, Transmission

_LETTERS = {
    Kind.LETTER: "un courrier",
    Kind.PIECES_WANTED: "une demande de pièces complémentaires",
    Kind.OBSERVATIONS: "une lettre d’observations",
    Kind.REFERRAL: "un déféré au tribunal administratif",
}


def of_errand(errand: Errand, *, at: datetime) -> None:
    """Something stops this act on its way."""
    what = errand.get_wants_display()
    detail = f"Ce que dit l’opérateur\u00a0: {errand.trouble}." if errand.trouble else ""
    _tell(
        errand.meeting,
        f"arret-{errand.wants}-{errand.pk}",
        f"{errand.what} attend quelqu’un",
        f"{errand.what}, confié à {errand.operator.get_kind_display()}, "
        f"attend\u00a0: {what}.\n\n{detail}".strip(),
        at=at,
    )


def of_folder(folder: Folder, *, at: datetime) -> None:
    """A paper came back from the parapheur without the signatures that it waits for."""
    _tell(
        folder.document.meeting,
        f"parapheur-{folder.pk}",
        f"«\u00a0{folder.document}\u00a0» est {folder.get_state_display()}",
        f"«\u00a0{folder.document}\u00a0», confié à {folder.service}, est "
        f"{folder.get_state_display()}. Motif\u00a0:\n\n{folder.reason}\n\n"
        "Ses signatures restent attendues\u00a0: renvoyez-le, ou faites-le signer autrement.",
        at=at,
    )


def of_refusal(refused: Transmission, *, at: datetime) -> None:
    """The operator, or the prefecture, did not take this act."""
    _tell(
        refused.document.meeting,
        f"refus-{refused.pk}",
        f"L’acte {refused.identifier} est refusé",
        f"L’acte {refused.identifier} n’est pas reçu par la préfecture. Ce qui est "
        f"répondu\u00a0:\n\n{refused.detail}\n\nIl n’est pas exécutoire. Corrigez ce qui est dit, "
        "puis préparez un nouvel envoi.",
        at=at,
    )


def of_letter(errand: Errand, letter: Letter, *, at: datetime) -> None:
    """The prefecture wrote about this act."""
    what = _LETTERS[letter.kind]
    _tell(
        errand.meeting,
        f"courrier-{errand.pk}-{letter.remote}"[:80],
        f"La préfecture a écrit au sujet de l’acte {errand.transmission.identifier}",
        f"La préfecture a envoyé {what} au sujet de l’acte {errand.transmission.identifier}. "
        "Ce message est gardé ici\u00a0; rien n’y est répondu sans vous, et des délais courent "
        "peut-être.",
        at=at,
    )


def _tell(meeting: Meeting, reason: str, subject: str, body: str, *, at: datetime) -> None:
    where = f"{mails.site_of(meeting)}{reverse('archive:to_do')}"
    body = f"{body}\n\nCe qui vous attend\u00a0:\n{where}"
    notices.tell_secretariat(meeting, reason=reason, subject=subject, body=body, by=None, at=at)
    transaction.on_commit(sending.wake)


def words(errand: Errand) -> str:
    """What a person is to do of it, as « À faire » says it."""
    wants = Errand.Wants(errand.wants)
    if errand.folder is not None:
        what = {
            Errand.Wants.CONFIRMATION: "Relancer au parapheur",
            Errand.Wants.REMOVAL: "Retirer du parapheur",
            Errand.Wants.HELP: "Débloquer au parapheur",
        }[wants]
        return french.nbsp(f"{what} «\u00a0{errand.folder.document}\u00a0»")
    what = {
        Errand.Wants.CHOICE: "Dire si l’opérateur a déjà",
        Errand.Wants.CONFIRMATION: "Confirmer chez l’opérateur",
        Errand.Wants.HELP: "Débloquer l’envoi de",
    }[wants]
    return french.nbsp(f"{what} l’acte {errand.transmission.number}")
