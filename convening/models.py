"""Convening a sitting: what was sent to whom, by which road, with what proof, and what they said.

A convocation is frozen when it leaves. Each recipient has one row that tells its whole journey;
the answer of a delegate is a new row each time, the last one counts.
"""

import json
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from documents import papers
from law import french
from meetings.models import Meeting
from members import witness
from members.days import DayColumn
from members.models import Community, Mandate, Organisation, Person, done_by
from members.witness import Witnessed, WitnessedQuerySet


def _dossier_path(convocation: "Convocation", filename: str) -> str:
    """Where the dossier of a convocation lies, under MEDIA_ROOT."""
    return f"convocations/{convocation.meeting_id}/{filename}"


def _proxy_path(answer: "Answer", filename: str) -> str:
    """Where a signed proxy form lies, under MEDIA_ROOT."""
    return f"pouvoirs/{answer.meeting_id}/{filename}"


class Convocation(Witnessed):
    """One dispatch for a sitting: the convocation itself, or what later changes it."""

    class Kind(models.TextChoices):
        SUMMONS = "convocation", "convocation"
        RECTIFYING = "rectificative", "convocation rectificative"
        MOVED = "report", "changement de date, d’heure ou de lieu"
        CANCELLED = "annulation", "annulation de la séance"

    class Stage(models.TextChoices):
        DRAFT = "brouillon", "à envoyer"
        SENDING = "envoi", "envoi en cours"
        SENT = "envoyee", "envoyée"

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="convocations", verbose_name="séance"
    )
    number = models.PositiveSmallIntegerField("rang", default=1)
    kind = models.CharField("nature", max_length=20, choices=Kind, default=Kind.SUMMONS)
    stage = models.CharField(
        "état", max_length=20, choices=Stage, default=Stage.DRAFT, editable=False
    )
    # Who may ask for a sitting alone (art. L2121-9).
    PREFECT = "le représentant de l’État dans le département"

    urgent_reason = models.TextField(
        "motif de l’urgence",
        blank=True,
        help_text="Vide : délai ordinaire. L’assemblée se prononce sur l’urgence à l’ouverture.",
    )
    requested_on = DayColumn("séance demandée le", null=True, blank=True)
    requested_by = models.TextField(
        "à la demande de", blank=True, help_text="Les membres qui demandent la séance."
    )
    message = models.TextField("message d’accompagnement", blank=True)
    reason = models.TextField(
        "motif",
        blank=True,
        help_text="Pourquoi la séance est déplacée, annulée ou son ordre du jour complété.",
    )
    # When and where, as this dispatch says it; proposed by the draft of a `MOVED`, frozen by all.
    held_on = DayColumn("date annoncée", null=True, blank=True)
    starts_at = models.TimeField("heure annoncée", null=True, blank=True)
    place = models.CharField("lieu annoncé", max_length=200, blank=True)
    # Frozen at dispatch.
    letter = models.JSONField(
        "ce que disent les courriels",
        default=dict,
        editable=False,
        help_text="Un courriel qui part plus tard dit la même chose que le premier.",
    )
    paper = models.JSONField("contenu", default=dict, editable=False)
    dossier = models.FileField("dossier", upload_to=_dossier_path, blank=True, editable=False)
    sha256 = models.CharField("empreinte du dossier", max_length=64, blank=True, editable=False)
    size = models.PositiveIntegerField("octets", default=0, editable=False)
    pages = models.PositiveIntegerField("pages", default=0, editable=False)
    calendar_sequence = models.PositiveSmallIntegerField(default=0, editable=False)
    sent_on = DayColumn("date d’envoi", null=True, blank=True, editable=False)
    dispatched_at = models.DateTimeField("lancée le", null=True, blank=True, editable=False)
    finished_at = models.DateTimeField("terminée le", null=True, blank=True, editable=False)
    dispatched_by = done_by("envoyée par", blank=True, editable=False)

    LATER = frozenset(
        {"stage", "urgent_reason", "requested_on", "requested_by", "message", "reason", "held_on"}
        | {"starts_at", "place", "letter", "paper", "dossier", "sha256", "size", "pages"}
        | {"calendar_sequence", "sent_on", "dispatched_at", "finished_at", "dispatched_by"}
    )
    is_erasable = True  # as long as it is a draft

    class Meta:
        verbose_name = "convocation"
        ordering = ["meeting_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="one_convocation_per_rank"),
            models.UniqueConstraint(
                fields=["meeting"],
                condition=Q(stage="brouillon"),
                name="one_draft_convocation_per_sitting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} n° {self.number}"

    @property
    def summons(self) -> papers.SummonsDocument | None:
        """The convocation as it was sent, `None` for a draft."""
        return papers.from_json(json.dumps(self.paper)) if self.paper else None

    @property
    def called(self) -> str:
        """What whoever hands it over calls it: « la convocation », « la nouvelle date »."""
        if self.kind != self.Kind.MOVED:
            return _CALLED[self.kind]
        before = self.meeting.convocations.filter(number__lt=self.number).order_by("-number")
        day, hour = before.values_list("held_on", "starts_at").first() or (None, None)
        if day != self.held_on:
            return "la nouvelle date"
        return "le nouveau lieu" if hour == self.starts_at else "la nouvelle heure"

    @property
    def titled(self) -> str:
        """The title of its page: « Convocation », « Nouvelle date »."""
        is_moved = self.kind == self.Kind.MOVED
        named = self.called.partition(" ")[2] if is_moved else self.get_kind_display()
        return french.capitalise(named)

    @property
    def file_name(self) -> str:
        """What the dossier is called when it is received: "convocation-bureau-2026-11-17.pdf"."""
        day = (self.held_on or self.meeting.held_on).isoformat()
        rank = f"-{self.number}" if self.number > 1 else ""
        return f"{self.kind}-{self.meeting.body.slug}-{day}{rank}.pdf"


_CALLED = {
    Convocation.Kind.SUMMONS: "la convocation",
    Convocation.Kind.RECTIFYING: "la rectification",
    Convocation.Kind.CANCELLED: "l’annulation",
}


class PostedQuerySet(WitnessedQuerySet):
    """Mails by where they are on their way."""

    def waiting(self, at: datetime) -> Self:
        """What the sender may take now. Nothing leaves a sitting that is played to learn."""
        return self.in_earnest().filter(state=Posted.State.QUEUED, not_before__lte=at)

    def in_earnest(self) -> Self:
        """Without what concerns a sitting that is played to learn."""
        road = witness.road_to_sitting(self.model)
        return self.exclude(**{f"{road}__body__organisation__is_fleeting": True})

    def stuck(self) -> Self:
        """What a server did not take, for good or not yet, or gave back."""
        put_off = Q(state=Posted.State.QUEUED) & ~Q(reply="")
        lost = Q(state__in=(Posted.State.REFUSED, Posted.State.BOUNCED))
        return self.in_earnest().filter(put_off | lost)

    def unsettled(self) -> Self:
        """What is still to be handed to the server, now or later."""
        return self.in_earnest().filter(state__in=(Posted.State.QUEUED, Posted.State.HANDING))


class Posted(Witnessed):
    """Something that leaves by mail once: where it is on its way, and what proves it.

    `message_id` never changes: should the same mail leave twice, whoever receives it can tell.
    A sender takes a row by writing the name of its journal in `taken_by`; see convening/sending.py.
    """

    class State(models.TextChoices):
        QUEUED = "attente", "en attente"
        HANDING = "remise", "remise en cours"
        SENT = "remis", "remis au serveur"
        KEPT = "garde", "gardé ici, non envoyé"
        PRINTED = "imprime", "à remettre sur papier"
        DELIVERED = "depose", "remis sur papier"
        ELSEWHERE = "ailleurs", "remis par une autre voie"
        REFUSED = "refuse", "refusé par le serveur"
        DOUBTFUL = "doute", "peut-être remis"
        BOUNCED = "revenu", "revenu non distribué"

    email = models.EmailField("adresse électronique", blank=True)
    state = models.CharField("état", max_length=20, choices=State, default=State.QUEUED)
    message_id = models.CharField("identifiant du message", max_length=200, unique=True)
    queued_at = models.DateTimeField("préparé le", default=timezone.now, editable=False)
    not_before = models.DateTimeField("pas avant", default=timezone.now)
    lease_until = models.DateTimeField("pris jusqu’à", null=True, blank=True)
    taken_by = models.CharField("pris par", max_length=100, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    reply = models.TextField("réponse du serveur", blank=True)
    sent_at = models.DateTimeField("remis le", null=True, blank=True)
    is_uncertain = models.BooleanField(
        "peut-être remis deux fois",
        default=False,
        help_text="Une coupure est tombée entre l’envoi et la réponse du serveur : le courriel est "
        "reparti sous le même identifiant, pour une convocation parce que quelqu’un l’a voulu.",
    )

    LATER = frozenset({"state", "reply", "sent_at", "is_uncertain"})
    unwitnessed = {
        "not_before": "tient la file d’attente : quand essayer",
        "lease_until": "tient la file d’attente : qui l’a en main",
        "taken_by": "tient la file d’attente : qui l’a en main",
        "attempts": "tient la file d’attente : combien d’essais",
    }

    objects = PostedQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_settled(self) -> bool:
        """Nothing remains to be done by the sender."""
        return self.state not in (self.State.QUEUED, self.State.HANDING)


class Recipient(Posted):
    """One person, or one address of a community, to whom one convocation goes.

    Sent again, to the same address or to a corrected one, it is a row of its own that says which
    row it is a `resend_of`: what was done is kept. `nonce` makes the link of the dossier. What
    somebody says that he handed over is told as `declared_by` him: `sent_at` then has a day and
    means no hour.
    """

    class Channel(models.TextChoices):
        MAIL = "courriel", "courriel"
        PAPER = "papier", "papier"

    class Why(models.TextChoices):
        MEMBER = "membre", "membre de l’assemblée"
        SUBSTITUTE = "suppleant", "suppléant"
        CONSULTATIVE = "consultatif", "voix consultative"
        COPY = "copie", "copie aux élus de la collectivité (art. L5211-40-2 du CGCT)"

    convocation = models.ForeignKey(
        Convocation, models.PROTECT, related_name="recipients", verbose_name="convocation"
    )
    why = models.CharField("à quel titre", max_length=20, choices=Why)
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="mandat"
    )
    community = models.ForeignKey(
        Community,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="collectivité",
    )
    name = models.CharField("nom", max_length=250)
    channel = models.CharField("voie", max_length=20, choices=Channel)
    postal_address = models.TextField("adresse postale", blank=True)
    resend_of = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="resent_as",
        verbose_name="nouvel envoi de",
    )
    nonce = models.CharField(max_length=64, blank=True, editable=False)
    token_hash = models.CharField(
        "empreinte du lien du dossier", max_length=64, blank=True, editable=False
    )
    queued_by = done_by("préparé par", editable=False)
    declared_at = models.DateTimeField("remise déclarée le", null=True, blank=True, editable=False)
    declared_by = done_by("remise déclarée par", blank=True, editable=False)
    bounced_at = models.DateTimeField("revenu le", null=True, blank=True)
    bounce_reason = models.CharField("motif du retour", max_length=300, blank=True)
    opened_at = models.DateTimeField("dossier ouvert le", null=True, blank=True)

    LATER = Posted.LATER | {
        *("nonce", "token_hash", "queued_by", "bounced_at", "bounce_reason", "opened_at"),
        *("declared_at", "declared_by"),
    }

    class Meta:
        verbose_name = "destinataire"
        ordering = ["convocation_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["convocation", "mandate"],
                condition=Q(mandate__isnull=False, resend_of=None),
                name="one_convocation_per_mandate",
            ),
            models.UniqueConstraint(
                fields=["convocation", "community", "email"],
                condition=Q(community__isnull=False, resend_of=None),
                name="one_copy_per_address",
            ),
            models.UniqueConstraint(
                fields=["token_hash"], condition=~Q(token_hash=""), name="one_dossier_link_a_token"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_link(self) -> bool:
        """Whether it bears a personal link: a copy has none, nobody answers what is cancelled."""
        is_off = self.convocation.kind == Convocation.Kind.CANCELLED
        return self.mandate_id is not None and not is_off

    @property
    def is_declared(self) -> bool:
        """Whether its day is somebody's word, which no server proves."""
        return self.state in (self.State.DELIVERED, self.State.ELSEWHERE)

    @property
    def declared(self) -> str:
        """Who declared it and when, in words; "" for what nobody did."""
        if not self.is_declared:
            return ""
        # One noted before its hour was kept has its author alone.
        by = self.declared_by if self.declared_at else self.queued_by
        told = "déclaré" + (f" par {by}" if by else "")
        if self.declared_at is None:
            return told
        at = timezone.localtime(self.declared_at)
        return french.nbsp(f"{told} le {french.long_date(at.date())} à {french.clock(at)}")

    @property
    def capacity(self) -> str:
        """In what capacity it is sent, agreed with whom it is sent to: "suppléante"."""
        told = self.get_why_display()
        is_hers = self.mandate and self.mandate.person.civility == "Mme"
        if self.why == self.Why.SUBSTITUTE:
            told = french.agree(told, feminine=bool(is_hers))
        return told


class Invitation(Witnessed):
    """The personal link of one mandate for one sitting: it opens the answer page, nothing else.

    Each address has a link of its own, so that an answer tells where it came from; `email` is empty
    of one that went on paper. Only the hash of the token is kept: the sender draws it again from
    `nonce` and the secret key of the site (convening/tokens.py). A link made again replaces those
    before, at whatever address.
    """

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="invitations", verbose_name="séance"
    )
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, related_name="invitations", verbose_name="mandat"
    )
    email = models.EmailField("adresse où il est parti", blank=True)
    nonce = models.CharField(max_length=64, editable=False)
    token_hash = models.CharField("empreinte du lien", max_length=64, unique=True)
    made_at = models.DateTimeField("créé le", default=timezone.now)
    expires_at = models.DateTimeField("valable jusqu’au")
    first_opened_at = models.DateTimeField("ouvert le", null=True, blank=True)
    revoked_at = models.DateTimeField("révoqué le", null=True, blank=True)

    LATER = frozenset({"expires_at", "first_opened_at", "revoked_at"})
    is_erasable = True  # with its sitting

    class Meta:
        verbose_name = "lien personnel"
        verbose_name_plural = "liens personnels"
        ordering = ["meeting_id", "mandate__person__sort_name", "mandate_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "mandate", "email"],
                condition=Q(revoked_at=None),
                name="one_living_invitation_per_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mandate.person} : {self.meeting}"


class AnswerQuerySet(WitnessedQuerySet):
    """Answers by whether they still count."""

    def current(self) -> Self:
        """What was said of the sitting on the day it is now to be held, the oldest first."""
        return self.filter(lapsed_at=None).order_by("pk")


class Answer(Witnessed):
    """What somebody said of his coming; the last one of a mandate counts, all are kept.

    A titular who does not come may send a `substitute` or give a proxy to `holder`. A substitute
    answers in turn with an answer of his own. A sitting moved to another day asks everybody again:
    what was said before lapses. `doubt` says of one that came by a link why to ask the person
    whether it is hers: the address it went to was changed by somebody else (convening/doubts.py).
    """

    class Word(models.TextChoices):
        COMING = "present", "présent"
        REMOTE = "distance", "à distance"
        EXCUSED = "excuse", "excusé"

    class Via(models.TextChoices):
        LINK = "lien", "par le lien personnel"
        ACCOUNT = "compte", "depuis son espace"
        SECRETARIAT = "secretariat", "noté par le secrétariat"

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="answers", verbose_name="séance"
    )
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, related_name="answers", verbose_name="mandat"
    )
    word = models.CharField("réponse", max_length=20, choices=Word)
    substitute = models.ForeignKey(
        Mandate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="answers_as_substitute",
        verbose_name="remplacé par",
    )
    holder = models.ForeignKey(
        Mandate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="answers_as_holder",
        verbose_name="pouvoir donné à",
    )
    proxy_form = models.FileField("pouvoir signé", upload_to=_proxy_path, blank=True)
    proxy_sha256 = models.CharField("empreinte du pouvoir signé", max_length=64, blank=True)
    via = models.CharField("comment", max_length=20, choices=Via)
    noted_by = done_by("noté par", blank=True)
    answered_at = models.DateTimeField("le", default=timezone.now)
    lapsed_at = models.DateTimeField("caduque depuis le", null=True, blank=True, editable=False)
    doubt = models.CharField("à confirmer", max_length=300, blank=True, editable=False)

    LATER = frozenset({"lapsed_at"})

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = "réponse"
        ordering = ["meeting_id", "mandate__person__sort_name", "mandate_id", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(substitute=None, holder=None)
                | (Q(word="excuse") & (Q(substitute=None) | Q(holder=None))),
                name="one_answer_to_an_absence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mandate.person} : {self.get_word_display()}"


class Question(Witnessed):
    """A question of a delegate to the secretariat about a sitting, and its answer; of who presides,
    maybe what to change of its agenda."""

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="questions", verbose_name="séance"
    )
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, related_name="questions", verbose_name="mandat"
    )
    text = models.TextField("question", max_length=4000)
    is_of_agenda = models.BooleanField(
        "changement de l’ordre du jour", default=False, db_default=False
    )
    asked_at = models.DateTimeField("posée le", default=timezone.now)
    reply = models.TextField("réponse", blank=True)
    replied_at = models.DateTimeField("répondue le", null=True, blank=True)

    LATER = frozenset({"reply", "replied_at"})

    class Meta:
        verbose_name = "question"
        ordering = ["meeting_id", "pk"]

    def __str__(self) -> str:
        return self.text[:60]


class Reminder(models.Model):
    """A time at which those who have not answered are asked again."""

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="reminders", verbose_name="séance"
    )
    due_at = models.DateTimeField("le")
    done_at = models.DateTimeField("faite le", null=True, blank=True)

    class Meta:
        verbose_name = "relance"
        ordering = ["meeting_id", "due_at"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "due_at"], name="one_reminder_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"Relance : {self.meeting}"


class Notice(Posted):
    """A mail about a sitting that is no convocation: reminder, word to a substitute, reply.

    `once` names its reason ("relance-12-34"): the same reason is never mailed twice. `{lien}` in
    the body becomes an address when the mail leaves, no token is stored: the personal link of the
    mandate, or the `page` (the name of its address) whose token is drawn from `seed`.
    """

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="notices", verbose_name="séance"
    )
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, null=True, related_name="notices", verbose_name="mandat"
    )
    name = models.CharField("destinataire", max_length=250, blank=True)
    page = models.CharField(max_length=60, blank=True)
    seed = models.CharField(max_length=64, blank=True)
    site = models.CharField("adresse du site", max_length=250, blank=True)
    written_by = done_by("écrit par", help_text="Personne quand le site écrit de lui-même.")
    once = models.CharField("motif", max_length=100, unique=True)
    subject = models.CharField("objet", max_length=250)
    body = models.TextField("texte")

    REMINDER = "relance-"  # what the reasons of reminders begin with
    is_erasable = True  # as long as it waits for its hour

    class Meta:
        verbose_name = "message"
        ordering = ["meeting_id", "pk"]

    def __str__(self) -> str:
        return self.subject

    @property
    def is_reminder(self) -> bool:
        """Whether it asks again somebody who has not answered."""
        return self.once.startswith(self.REMINDER)


class OutboxMail(models.Model):
    """A mail that the demonstration kept instead of sending it (`boîte d’envoi`)."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, related_name="+", verbose_name="organisation"
    )
    recipient = models.CharField("destinataire", max_length=320)
    subject = models.CharField("objet", max_length=250)
    source = models.TextField(
        "message",
        help_text="Les pièces jointes n’y sont pas : elles sont gardées à part, une fois.",
    )
    attachments = models.JSONField("pièces jointes", default=list)
    kept_at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "courriel de démonstration"
        verbose_name_plural = "courriels de démonstration"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.subject


class CalendarFeed(models.Model):
    """The secret address at which a person's calendar follows his sittings."""

    person = models.OneToOneField(
        Person, models.CASCADE, related_name="calendar_feed", verbose_name="personne"
    )
    token_hash = models.CharField("empreinte de l’adresse", max_length=64, unique=True)
    made_at = models.DateTimeField("créé le", default=timezone.now)

    class Meta:
        verbose_name = "abonnement au calendrier"
        verbose_name_plural = "abonnements au calendrier"

    def __str__(self) -> str:
        return f"Calendrier : {self.person}"
