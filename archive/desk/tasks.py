"""What is to be done of a sitting: the stages that it goes through, each deed of them, and a task,
which is one deed, of one sitting, by one person, before one day.

A deed says here, and nowhere else, of which stage it is, by which words it is told, on which page
of its sitting it is done and what a button calls it. Whoever asks what a task is asks its deed,
never its words.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum, unique
from typing import Any

from django.urls import reverse

from law import french
from meetings.models import Meeting


class Stage(StrEnum):
    """What a sitting goes through, in order; the value is what one does then."""

    PREPARE = "préparer"
    CONVENE = "convoquer"
    HOLD = "tenir"
    WRITE = "rédiger"
    ADOPT = "faire arrêter"
    SIGN = "signer"
    TRANSMIT = "transmettre"  # only where acts leave from here
    PUBLISH = "publier"

    @property
    def rank(self) -> int:
        """Where it stands among them."""
        return _STAGES.index(self)


_STAGES = list(Stage)

# What a button offers of what somebody else does then.
LOOKS = {
    Stage.WRITE: "Voir les relectures",
    Stage.ADOPT: "Voir le procès-verbal",
    Stage.SIGN: "Voir les signatures",
    Stage.TRANSMIT: "Voir la transmission",
}


@unique
class Deed(Enum):
    """Something that is done of a sitting: at which stage, in which words (« {} »: of what), on
    which page of it ("" where its task says), by the button that is called so."""

    VOTE_BUDGET = Stage.PREPARE, "Mettre {} à l’ordre du jour", "meetings:agenda"
    ACCOUNT = Stage.PREPARE, "Rendre compte de {}", "registry:account"
    COMPLETE_ACCOUNT = Stage.PREPARE, "Compléter {}", "registry:account"

    CONVENE = Stage.CONVENE, "Convoquer la séance", "convening:prepare", "Convoquer"
    CONVENE_NEWCOMERS = (
        Stage.CONVENE,
        "Convoquer {} depuis l’envoi",
        "convening:prepare",
        "Convoquer",
    )
    HAND_OVER = Stage.CONVENE, "Remettre {}", "convening:prepare", "Remettre"
    HAND_TO_THE_REST = Stage.CONVENE, "Remettre à {}", "convening:prepare", "Remettre"
    HAND_CHANGE = Stage.CONVENE, "Remettre {}", "", "Remettre"
    RECTIFY = (
        Stage.CONVENE,
        "Rectifier la convocation, l’ordre du jour a changé",
        "convening:prepare",
        "Rectifier",
    )
    MOVE = Stage.CONVENE, "Changer la date de la séance", "", "Changer la date"
    ANNOUNCE_MOVE = (
        Stage.CONVENE,
        "Annoncer {}",
        "convening:prepare",
        "Annoncer",
    )
    TELL_HANDED = Stage.CONVENE, "Dire quand la convocation a été remise", "convening:prepare"
    ASK_IF_ARRIVED = Stage.CONVENE, "Demander si {}"
    SEND_AGAIN = Stage.CONVENE, "Renvoyer {}, non remise"
    HAND_OTHERWISE = Stage.CONVENE, "Remettre autrement {}"
    HAVE_LEAVE = Stage.CONVENE, "Faire partir {}, que le serveur ne prend pas"
    ANSWER = Stage.CONVENE, "Répondre à {}"
    CHANGE_AGENDA = Stage.CONVENE, "Changer l’ordre du jour, ou répondre"
    MAIL_AGAIN = Stage.CONVENE, "Reprendre {}"

    FINISH = Stage.HOLD, "Terminer la saisie de la séance", "meetings:detail"
    RESUME = Stage.HOLD, "Reprendre la séance", "live:console"
    UPDATE_MANDATES = Stage.HOLD, "Mettre les mandats à jour", "archive:mandates"

    ESTABLISH_ACTS = (
        Stage.WRITE,
        "Établir la liste des délibérations et les extraits",
        "registry:acts",
        "Établir",
    )
    WRITE_ARTICLES = (
        Stage.WRITE,
        "Écrire le dispositif de {}",
        "registry:acts",
        "Écrire le dispositif",
    )
    ESTABLISH_AGAIN = Stage.WRITE, "Établir de nouveau {}", "registry:acts", "Établir"
    READ = Stage.WRITE, "Relire le projet de procès-verbal", "registry:reviews"
    SETTLE = (
        Stage.WRITE,
        "Régler {} sur le projet de procès-verbal",
        "registry:reviews",
        "Rédiger",
    )
    ESTABLISH = Stage.WRITE, "Rédiger et établir le procès-verbal", "registry:write", "Rédiger"
    MEND_ACTS = (
        Stage.WRITE,
        "Mettre à jour {} en ligne, que la séance contredit",
        "registry:acts",
        "Établir",
    )
    MEND_MINUTES = (
        Stage.WRITE,
        "Mettre à jour {} en ligne, que la séance contredit",
        "registry:write",
        "Rédiger",
    )

    ADOPT = Stage.ADOPT, "Faire arrêter le procès-verbal par la séance suivante"
    NOTE_ADOPTION = (
        Stage.ADOPT,
        "Constater l’adoption du procès-verbal",
        "registry:acts",
        "Constater l’adoption",
    )

    HAVE_SIGNED = Stage.SIGN, "Faire signer {}", "registry:acts", "Faire signer"
    CHANGE_SIGNERS = (
        Stage.SIGN,
        "Établir une version\u00a0: le registre nomme d’autres signataires pour {}",
        "registry:acts",
        "Faire signer",
    )
    CONFIRM = Stage.SIGN, "Confirmer la signature déposée {}", "", "Faire signer"
    ANSWER_SIGNER = (
        Stage.SIGN,
        "Corriger ou redemander à signer\u00a0: {}",
        "",
        "Lui répondre",
    )
    UNBLOCK_SIGNING = Stage.SIGN, "{}", "", "Faire signer"
    SIGN = Stage.SIGN, "Signer {}", "registry:acts"

    TRANSMIT = (
        Stage.TRANSMIT,
        "Transmettre {} à la préfecture",
        "transmission:sitting",
        "Ouvrir la transmission",
    )
    CORRECT = (
        Stage.TRANSMIT,
        "Corriger et renvoyer l’acte {}, refusé",
        "",
        "Ouvrir la transmission",
    )
    READ_LETTER = Stage.TRANSMIT, "Lire la préfecture\u00a0: {}", "", "Ouvrir la transmission"
    UNBLOCK_SENDING = Stage.TRANSMIT, "{}", "", "Ouvrir la transmission"
    ACKNOWLEDGE = Stage.TRANSMIT, "Accuser réception {}", "transmission:sitting"

    PUBLISH = Stage.PUBLISH, "Publier {}", "archive:publish_sitting", "Publier"
    NOTIFY = Stage.PUBLISH, "Notifier {}", "", "Notifier"
    REPLACE = (
        Stage.PUBLISH,
        "Remplacer {} en ligne, où se lisent des mots masqués",
        "archive:public_reading",
        "Publier",
    )
    GIVE_BACK = Stage.PUBLISH, "Rendre au public {}", "archive:publish_sitting", "Publier"
    CERTIFY = (
        Stage.PUBLISH,
        "Établir le certificat de publication de {}",
        "archive:publish_sitting",
        "Publier",
    )
    POST = Stage.PUBLISH, "Afficher au siège la liste des délibérations, et le noter", "", "Publier"
    TAKE_OFF = Stage.PUBLISH, "Faire retirer {}", "", "Publier"
    CARRY_OUT = Stage.PUBLISH, "{}", "", "Publier"  # as it was decided

    def __init__(self, stage: Stage, words: str, page: str = "", verb: str = "") -> None:
        self.stage, self.words, self.page, self.verb = stage, words, page, verb

    def told(self, of: str = "") -> str:
        """Its words, of this."""
        return self.words.format(of)

    def task(self, meeting: Meeting, of: str = "", **values: Any) -> "Task":
        """That this is to be done of this sitting, on its page unless another is given."""
        if "url" not in values:
            values["url"] = reverse(self.page, args=[meeting.pk])
        return Task(deed=self, meeting=meeting, of=of, **values)


SECRETARIAT = "le secrétariat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to do: which deed, of what (« la liste et 2 délibérations »), about which sitting,
    where, before when (art. given); by the secretariat unless it `awaits` somebody else (the
    number of the person, when it is one that a mail reaches), since when and how (« demandé »)."""

    deed: Deed
    meeting: Meeting
    of: str = ""
    awaits: str = ""
    url: str
    due_on: date | None = None
    article: str = ""
    of_minutes: bool = False  # rather than of the list and the extracts
    since: date | None = None
    how: str = "demandé"  # that day
    person: int | None = None
    until_next: bool = False  # its last day is that of the next sitting
    next_on: date | None = None  # that sitting's, where its last day is that of its convocation
    minutes_days: int | None = None  # of minutes to adopt: when they are due, once a vote did
    why: str = ""  # one does it: « non exécutoires », of acts to be transmitted
    days_in_wait: int = 0  # past the days in which the law has a contract transmitted
    moved_at: str = ""  # of a convocation: where its sitting is moved, once it is too late for it
    too_late_on: date | None = None  # after which day: its last, that of the urgency it invokes
    asked: str = ""  # who asked the secretariat for it, and when

    @property
    def stage(self) -> Stage:
        """That of its deed."""
        return self.deed.stage

    @property
    def what(self) -> str:
        """It in words: « Faire signer la liste et 2 délibérations »."""
        return self.deed.told(self.of)

    @property
    def is_ours(self) -> bool:
        """Whether the secretariat does it."""
        return not self.awaits

    @property
    def whose(self) -> str:
        """Who does it, in words."""
        return self.awaits or SECRETARIAT

    @property
    def is_review(self) -> bool:
        """Whether somebody is asked to read a draft."""
        return self.deed is Deed.READ

    @property
    def in_wait(self) -> str:
        """Why one does it, and for how long that lasts once it is too long: « non exécutoires
        depuis 54 jours »; "" of what needs no reason."""
        if not self.days_in_wait:
            return self.why
        return french.nbsp(f"{self.why} depuis {french.count(self.days_in_wait, 'jour')}")

    @property
    def in_wait_long(self) -> bool:
        """Whether its acts wait for too long."""
        return self.days_in_wait > 0

    def is_late(self, on: date) -> bool:
        """Whether its date was before this day, or its acts wait for too long: no date says it."""
        return self.in_wait_long or (self.due_on is not None and self.due_on < on)
