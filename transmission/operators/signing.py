"""Papers on their way to be signed in a parapheur: each leaves once, is followed, is taken back.

The hand is that of `carrying`, and its steps are on the disk one after the other as there. A paper
is left in the parapheur as a draft, whose name is kept at once; started only then. What may have
been left without our knowing is looked for by its reference. What comes back is kept before it is
looked at, and erased there only once its signatures are taken (docs/decisions/0034).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from documents.models import IssuedDocument
from law.findings import refusal
from meetings.models import Meeting
from members.models import User
from registry.models import Folder
from registry.signatures import elsewhere, reading
from transmission.connectors.asking import Declined, Failed
from transmission.connectors.signing import Stage, Standing, ToSign
from transmission.models import Errand, Operator
from transmission.operators import clients, telling
from transmission.operators.pace import CONVERSATION, MINUTE, ROUNDS, after

_State = Folder.State
_NOTHING = Errand.Wants.NOTHING


def parapheur_of(meeting: Meeting) -> Operator | None:
    """The parapheur in service where the papers of its organisation are signed, if there is one."""
    rows = meeting.organisation.operators.filter(is_active=True)
    return rows.filter(kind__in=Operator.SIGNING).order_by("kind").first()


def sendable(meeting: Meeting) -> list[IssuedDocument]:
    """The papers of a sitting that are prepared, wait for somebody, are nowhere yet, and that
    nobody refuses to sign."""
    papers = [each for each in reading.in_force(meeting) if each.signatures.all()]
    busy = reading.elsewhere(papers) | {document for document, _ in reading.handed(papers)}
    awaited = {each.document.pk for each in reading.awaited(meeting, papers) if not each.declines}
    return [each for each in papers if each.pk in awaited - busy]


@transaction.atomic
def send(document: IssuedDocument, *, by: User, at: datetime) -> Folder:
    """Have a document signed in the parapheur of its organisation. Raises `Refused` as
    `elsewhere.send`, and where there is none."""
    operator = parapheur_of(document.meeting)
    if operator is None:
        raise refusal(
            "sans_parapheur",
            "Aucun parapheur n’est en service dans cette organisation.",
            remedy="L’administration donne son compte (page «\u00a0Opérateurs\u00a0»).",
        )
    folder = elsewhere.send(document, service=operator.get_kind_display(), by=by, at=at)
    Errand.objects.create(folder=folder, operator=operator, not_before=at)
    return folder


@transaction.atomic
def withdraw(folder: Folder, *, reason: str, by: User, at: datetime) -> None:
    """Take back a document that was sent: what comes of it there counts no more. Raises `Refused`
    as `elsewhere.withdraw`."""
    elsewhere.withdraw(folder, reason=reason, by=by, at=at)
    Errand.objects.filter(folder=folder).update(is_done=False, not_before=at, failures=0)


class Step:
    """What is done of one folder now: `take` answers when to come back (`None`: never by itself)
    and what a person is asked for."""

    def __init__(self, errand: Errand, clock: Callable[[], datetime]) -> None:
        self.errand, self.clock = errand, clock
        self.folder = Folder.objects.select_related("document__meeting__body__organisation").get(
            pk=errand.folder_id
        )
        patience = CONVERSATION.total_seconds()
        self.client = clients.parapheur(errand.operator, patience=patience)

    def take(self) -> tuple[timedelta | None, str]:
        if self._is_outdated():
            said = "Une version nouvelle du document l’a remplacé."
            elsewhere.withdraw(self.folder, reason=said, by=None, at=self.clock())
        match self.folder.state:
            case _State.TO_SEND:
                return self._send()
            case _State.AWAY:
                return self._follow()
            case _State.BACK:
                return self._take()
            case _State.UNFIT:  # what is wrong may have to be shown there: nothing is erased
                telling.of_folder(self.folder, at=self.clock())
                return None, _NOTHING
        return self._erase()

    def _is_outdated(self) -> bool:
        is_there = self.folder.state in (_State.TO_SEND, _State.AWAY)
        return is_there and not self.folder.document.is_current

    # --- It leaves ----------------------------------------------------------------------------

    def _send(self) -> tuple[timedelta | None, str]:
        folder = self.folder
        if not elsewhere.begins(folder):
            said = "Ce qui se signe n’est plus ce qui devait partir."
            elsewhere.withdraw(folder, reason=said, by=None, at=self.clock())
            return MINUTE, _NOTHING
        self.errand.begun_at = self.errand.begun_at or self.clock()
        self.errand.save(update_fields=["begun_at"])
        try:
            self._leave()
        except Declined as declined:
            self._told("envoi", f"refusé\u00a0: {declined}")
            # It may refuse to start a second time what it started.
            if not folder.remote_id or self._standing().stage is not Stage.AWAY:
                self._refuse(str(declined))
                return MINUTE, _NOTHING
        except Failed as failed:
            self._told("envoi", str(failed))
            raise
        self._told("envoi", f"parti sous le numéro {folder.remote_id}")
        elsewhere.left(folder, at=self.clock())
        return MINUTE, _NOTHING

    def _leave(self) -> None:
        """A draft, if there is none; started, if it is one."""
        folder = self.folder
        if not folder.remote_id:
            found = self.client.find(folder.reference)
            self._told("recherche", ", ".join(found) or "rien sous cette référence")
            if found:
                elsewhere.name(folder, found[0])
            else:
                self.client.make(self._paper(), keep=lambda name: elsewhere.name(folder, name))
        if self._standing().stage is Stage.DRAFT and elsewhere.begins(folder):
            self.client.start(folder.remote_id)

    def _paper(self) -> ToSign:
        document = self.folder.document
        content, digest = reading.sound_file(document)
        if digest != self.folder.sha256:
            raise refusal("fichier_change", "Ce qui se signe n’est plus ce qui devait partir.")
        return ToSign(
            reference=self.folder.reference,
            title=f"{document}, {document.meeting}",
            name=document.file_name,
            content=content,
        )

    def _refuse(self, words: str) -> None:
        with transaction.atomic():
            elsewhere.refuse(self.folder, words, at=self.clock())
            telling.of_folder(self.folder, at=self.clock())

    # --- It is followed -----------------------------------------------------------------------

    def _standing(self) -> Standing:
        standing = self.client.standing(self.folder.remote_id)
        told = f"{standing.stage.value}{f' ({standing.code})' if standing.code else ''}"
        self._told("état", f"{told} {standing.words}".strip())
        self.errand.said = told[:100]
        self.errand.save(update_fields=["said"])
        return standing

    def _follow(self) -> tuple[timedelta | None, str]:
        standing = self._standing()
        match standing.stage:
            case Stage.SIGNED:
                content = self.client.signed(self.folder.remote_id, self.folder.document.file_name)
                self._told("retour", f"{len(content)} octets")
                elsewhere.bring_back(self.folder, content, at=self.clock())
                return self._take()
            case Stage.REFUSED:
                self._refuse(standing.words)
                return timedelta(), _NOTHING
            case Stage.GONE:
                self._refuse("Le dossier n’est plus au parapheur\u00a0: quelqu’un l’y a effacé.")
                return None, _NOTHING
            case Stage.DRAFT:  # somebody called it back to the desk that it left from
                return after(ROUNDS, self.errand.rounds), Errand.Wants.CONFIRMATION
        return after(ROUNDS, self.errand.rounds), _NOTHING

    # --- It is taken back ---------------------------------------------------------------------

    def _take(self) -> tuple[timedelta | None, str]:
        if not elsewhere.take(self.folder, at=self.clock()):
            self._told("reprise", "une seconde personne doit confirmer la signature")
            return after(ROUNDS, self.errand.rounds), _NOTHING
        self._told("reprise", self.folder.get_state_display())
        return timedelta(), _NOTHING

    def _erase(self) -> tuple[timedelta | None, str]:
        """It is of no use there any more. What goes round still is not erased from here."""
        if not self.folder.remote_id and self.errand.begun_at:
            found = self.client.find(self.folder.reference)
            if found:
                elsewhere.name(self.folder, found[0])
        if not self.folder.remote_id:
            return None, _NOTHING
        is_erased = self.client.erase(self.folder.remote_id)
        self._told("effacement", "fait" if is_erased else "pas tant qu’il est dans le circuit")
        if is_erased:
            return None, _NOTHING
        return after(ROUNDS, self.errand.rounds), Errand.Wants.REMOVAL

    def _told(self, asked: str, answered: str) -> None:
        self.errand.told(asked, answered, at=self.clock())
