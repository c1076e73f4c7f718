"""Convening a sitting: what was sent to whom, by which road, with what proof, and what they said.

A convocation is frozen when it leaves. Each recipient has one row that tells its whole journey;
the answer of a delegate is a new row each time, the last one counts.
"""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from meetings.models import Meeting
from members.models import Community, Mandate, Organisation, Person


def _dossier_path(convocation: "Convocation", filename: str) -> str:
    """Where the dossier of a convocation lies, under MEDIA_ROOT."""
    return f"convocations/{convocation.meeting_id}/{filename}"


def _proxy_path(answer: "Answer", filename: str) -> str:
    """Where a signed proxy form lies, under MEDIA_ROOT."""
    return f"pouvoirs/{answer.meeting_id}/{filename}"


class Convocation(models.Model):
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
        Meeting, models.PROTECT, related_name="convocations", verbose_name="séance"
    )
    number = models.PositiveSmallIntegerField("rang", default=1)
    kind = models.CharField("nature", max_length=20, choices=Kind, default=Kind.SUMMONS)
    stage = models.CharField(
        "état", max_length=20, choices=Stage, default=Stage.DRAFT, editable=False
    )
    urgent_reason = models.TextField(
        "motif de l’urgence",
        blank=True,
        help_text="Vide : délai ordinaire. L’assemblée se prononce sur l’urgence à l’ouverture.",
    )
    requested_on = models.DateField("séance demandée le", null=True, blank=True)
    requested_by = models.TextField(
        "à la demande de", blank=True, help_text="Les membres qui demandent la séance."
    )
    message = models.TextField("message d’accompagnement", blank=True)
    # Frozen at dispatch.
    paper = models.JSONField("contenu", default=dict, editable=False)
    dossier = models.FileField("dossier", upload_to=_dossier_path, blank=True, editable=False)
    sha256 = models.CharField("empreinte du dossier", max_length=64, blank=True, editable=False)
    size = models.PositiveIntegerField("octets", default=0, editable=False)
    calendar_sequence = models.PositiveSmallIntegerField(default=0, editable=False)
    sent_on = models.DateField("date d’envoi", null=True, blank=True, editable=False)
    dispatched_at = models.DateTimeField("lancée le", null=True, blank=True, editable=False)
    finished_at = models.DateTimeField("terminée le", null=True, blank=True, editable=False)
    dispatched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        verbose_name="envoyée par",
    )

    class Meta:
        verbose_name = "convocation"
        ordering = ["meeting", "number"]
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


class RecipientQuerySet(models.QuerySet):
    def waiting(self, at: datetime) -> Self:
        """What the sender may take now: queued, or left by a sender that died."""
        return self.filter(
            Q(state=Recipient.State.QUEUED, not_before__lte=at)
            | Q(state=Recipient.State.HANDING, lease_until__lt=at)
        )


class Recipient(models.Model):
    """One person, or one community, to whom one convocation goes; its journey and its proof."""

    class Channel(models.TextChoices):
        MAIL = "courriel", "courriel"
        PAPER = "papier", "papier"

    class Why(models.TextChoices):
        MEMBER = "membre", "membre de l’assemblée"
        SUBSTITUTE = "suppleant", "suppléant"
        CONSULTATIVE = "consultatif", "voix consultative"
        COPY = "copie", "copie aux élus de la collectivité (art. L5211-40-2 du CGCT)"

    class State(models.TextChoices):
        QUEUED = "attente", "en attente"
        HANDING = "remise", "remise en cours"
        SENT = "remis", "remis au serveur"
        PRINTED = "imprime", "à remettre sur papier"
        REFUSED = "refuse", "refusé par le serveur"
        BOUNCED = "revenu", "revenu non distribué"

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
    email = models.EmailField("adresse électronique", blank=True)
    postal_address = models.TextField("adresse postale", blank=True)
    state = models.CharField("état", max_length=20, choices=State, default=State.QUEUED)
    message_id = models.CharField("identifiant du message", max_length=200, unique=True)
    not_before = models.DateTimeField("pas avant", default=timezone.now)
    lease_until = models.DateTimeField("pris jusqu’à", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    reply = models.TextField("réponse du serveur", blank=True)
    sent_at = models.DateTimeField("remis le", null=True, blank=True)
    bounced_at = models.DateTimeField("revenu le", null=True, blank=True)
    opened_at = models.DateTimeField("lien ouvert le", null=True, blank=True)

    objects = RecipientQuerySet.as_manager()

    class Meta:
        verbose_name = "destinataire"
        ordering = ["convocation", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["convocation", "mandate"],
                condition=Q(mandate__isnull=False),
                name="one_convocation_per_mandate",
            ),
            models.UniqueConstraint(
                fields=["convocation", "community", "email"],
                condition=Q(community__isnull=False),
                name="one_copy_per_address",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Invitation(models.Model):
    """The personal link of one mandate for one sitting: it opens the answer page, nothing else.

    Only the hash of the token is kept. A link that goes out again replaces the one before.
    """

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="invitations", verbose_name="séance"
    )
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, related_name="invitations", verbose_name="mandat"
    )
    token_hash = models.CharField("empreinte du lien", max_length=64, unique=True)
    made_at = models.DateTimeField("créé le", default=timezone.now)
    expires_at = models.DateTimeField("valable jusqu’au")
    first_opened_at = models.DateTimeField("ouvert le", null=True, blank=True)
    revoked_at = models.DateTimeField("révoqué le", null=True, blank=True)

    class Meta:
        verbose_name = "lien personnel"
        verbose_name_plural = "liens personnels"
        ordering = ["meeting", "mandate", "pk"]

    def __str__(self) -> str:
        return f"{self.mandate.person} : {self.meeting}"


class Answer(models.Model):
    """What somebody said of his coming; the last one of a mandate counts, all are kept.

    A titular who does not come may send a `substitute` or give a proxy to `holder`. A substitute
    answers in turn with an answer of his own.
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
    via = models.CharField("comment", max_length=20, choices=Via)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="noté par",
    )
    answered_at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "réponse"
        ordering = ["meeting", "mandate", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(substitute=None, holder=None)
                | (Q(word="excuse") & (Q(substitute=None) | Q(holder=None))),
                name="one_answer_to_an_absence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mandate.person} : {self.get_word_display()}"


class Question(models.Model):
    """A question of a delegate to the secretariat about a sitting, and its answer."""

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="questions", verbose_name="séance"
    )
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, related_name="questions", verbose_name="mandat"
    )
    text = models.TextField("question", max_length=4000)
    asked_at = models.DateTimeField("posée le", default=timezone.now)
    reply = models.TextField("réponse", blank=True)
    replied_at = models.DateTimeField("répondue le", null=True, blank=True)

    class Meta:
        verbose_name = "question"
        ordering = ["meeting", "pk"]

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
        ordering = ["meeting", "due_at"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "due_at"], name="one_reminder_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"Relance : {self.meeting}"


class Notice(models.Model):
    """A mail about a sitting that is no convocation: reminder, word to a substitute, reply.

    `once` names its reason ("relance-12-34"): the same reason is never mailed twice.
    """

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="notices", verbose_name="séance"
    )
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, related_name="notices", verbose_name="mandat"
    )
    once = models.CharField("motif", max_length=100, unique=True)
    email = models.EmailField("adresse électronique")
    subject = models.CharField("objet", max_length=250)
    body = models.TextField("texte")
    state = models.CharField(
        "état",
        max_length=20,
        choices=Recipient.State,
        default=Recipient.State.QUEUED,
    )
    message_id = models.CharField("identifiant du message", max_length=200, unique=True)
    not_before = models.DateTimeField("pas avant", default=timezone.now)
    lease_until = models.DateTimeField("pris jusqu’à", null=True, blank=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    reply = models.TextField("réponse du serveur", blank=True)
    sent_at = models.DateTimeField("remis le", null=True, blank=True)

    objects = RecipientQuerySet.as_manager()

    class Meta:
        verbose_name = "message"
        ordering = ["meeting", "pk"]

    def __str__(self) -> str:
        return self.subject


class OutboxMail(models.Model):
    """A mail that the demonstration kept instead of sending it (`boîte d’envoi`)."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, related_name="+", verbose_name="organisation"
    )
    recipient = models.CharField("destinataire", max_length=320)
    subject = models.CharField("objet", max_length=250)
    source = models.TextField("message")
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
