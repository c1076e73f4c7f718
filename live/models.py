"""A sitting while it is held: the vote being taken, the screens that follow it, what was asked.

Nothing here is the truth about the sitting: that is the ledger (`meetings.SittingEvent`). A poll
lives here while hands are raised; proclaiming it writes one `BallotHeld` an item and closes it.
"""

from collections.abc import Mapping
from functools import cached_property

from django.db import models
from django.db.models import Q
from django.utils import timezone

from law import ballots
from law.findings import Finding
from meetings.models import Meeting
from members.models import Mandate, done_by


class Equipment(models.Model):
    """What helps the secretary in a sitting; everything is optional and off by default."""

    meeting = models.OneToOneField(
        Meeting, models.CASCADE, related_name="equipment", verbose_name="séance"
    )
    tablets = models.BooleanField("les délégués suivent et votent sur leur tablette", default=False)
    check_in = models.BooleanField("les délégués pointent eux-mêmes leur arrivée", default=False)
    secret_on_tablets = models.BooleanField(
        "les scrutins secrets peuvent se tenir sur les tablettes", default=False
    )
    public_page = models.BooleanField(
        "le public suit la séance sur une page ouverte", default=False
    )

    class Meta:
        verbose_name = "équipement de séance"
        verbose_name_plural = "équipements de séance"

    def __str__(self) -> str:
        return f"Équipement : {self.meeting}"


class Press(models.Model):
    """A button pressed on a screen, under the key that the screen drew for it.

    Written in the transaction of what it did: the same key asked again gets the same `reply` and
    changes nothing.
    """

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="presses", verbose_name="séance"
    )
    key = models.UUIDField("clé")
    verb = models.CharField("action", max_length=40)
    asked = models.CharField(
        "empreinte de la demande",
        max_length=64,
        help_text="La même clé pour autre chose est refusée, non répondue à tort.",
    )
    made_by = done_by()
    made_at = models.DateTimeField("le", default=timezone.now)
    reply = models.JSONField("réponse", default=dict)

    class Meta:
        verbose_name = "action"
        ordering = ["meeting_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "key"], name="press_once_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} ({self.key})"


class Poll(models.Model):
    """A vote being taken (`scrutin ouvert`): opened, filled, then proclaimed or given up.

    Whoever could vote when it was opened can until it ends: no movement is recorded meanwhile,
    and `voices` keeps who that is, so that a vote is received without replaying the sitting.
    `items` holds one key, or several when they are voted en bloc.

    `votes` and `urn` are emptied when it ends: the ledger then holds all that is kept of them.
    The papers of a secret poll are counted as they fall, under a seal (`live.urns`): there is no
    row, hence no order, a paper, and who reads the table, a backup or the journal of the database
    sees the same noise before and after each. See docs/decisions/0007.
    """

    findings: tuple[Finding, ...] = ()  # what the law remarked when it was opened; not a column

    class Ending(models.TextChoices):
        PROCLAIMED = "proclame", "proclamé"
        GIVEN_UP = "abandonne", "abandonné"

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="polls", verbose_name="séance"
    )
    items = models.JSONField("points")
    question = models.CharField("question", max_length=300, blank=True)
    reason = models.CharField("motif du scrutin secret", max_length=300, blank=True)
    mode = models.CharField(
        "mode de scrutin", max_length=20, choices=[(m.value, m.value) for m in ballots.Mode]
    )
    voices = models.JSONField("qui peut voter", default=list)
    majority = models.CharField(
        "majorité", max_length=300, default="ordinaire", help_text="Clé de `majorities.of`."
    )
    on_tablets = models.BooleanField("sur les tablettes", default=False)
    votes = models.JSONField(
        "votes reçus",
        default=dict,
        blank=True,
        help_text="Siège → vote, de ce qui n’est pas secret ; le dernier mot compte.",
    )
    following = models.JSONField(
        "sièges qui suivent leur porteur",
        default=list,
        blank=True,
        help_text="Réglés avec le porteur de leur pouvoir, non à part.",
    )
    urn = models.CharField("décompte scellé", max_length=200, blank=True)
    opened_by = done_by("ouvert par", null=False)
    opened_at = models.DateTimeField("ouvert le", default=timezone.now)
    ended_at = models.DateTimeField("terminé le", null=True, blank=True)
    ending = models.CharField("issue", max_length=20, choices=Ending, blank=True)
    seqs = models.JSONField("lignes du registre", default=list, blank=True)

    class Meta:
        verbose_name = "scrutin en cours"
        verbose_name_plural = "scrutins en cours"
        ordering = ["meeting_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(ended_at=None), name="one_open_poll_per_sitting"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ending="") | (Q(ended_at__isnull=False) & ~Q(ending="")),
                name="poll_ends_once_and_says_how",
            ),
        ]

    def __str__(self) -> str:
        return self.question or ", ".join(self.items)

    @property
    def is_open(self) -> bool:
        """Whether votes are still received."""
        return self.ended_at is None

    @property
    def is_secret(self) -> bool:
        """Whether nobody may know who voted what."""
        return self.mode == ballots.Mode.SECRET

    @property
    def awaits_each(self) -> bool:
        """Whether every seat is to answer for itself: a roll call, or any vote on the tablets."""
        return self.on_tablets or self.mode == ballots.Mode.PUBLIC

    @cached_property
    def voters(self) -> Mapping[str, ballots.Voice]:
        """Seat → who votes for it, in the order of the roll."""
        return {voice["seat"]: ballots.Voice(**voice) for voice in self.voices}

    @cached_property
    def used(self) -> frozenset[str]:
        """The seats whose paper is in the urn, as read once."""
        rights = self.rights.filter(is_used=True).order_by()
        return frozenset(rights.values_list("seat", flat=True))

    def seats_of(self, member: str) -> tuple[str, ...]:
        """The seats this member votes for: the one he sits in first, then his proxies'."""
        held = [voice for voice in self.voters.values() if voice.caster == member]
        return tuple(voice.seat for voice in sorted(held, key=lambda voice: voice.by_proxy))


class VotingRight(models.Model):
    """The right of one seat to put one paper in the urn of a secret poll; used once.

    Says who voted (`émargement`), never what: no time, no order, nothing that joins it to the urn.
    """

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="rights", verbose_name="scrutin")
    seat = models.CharField("siège", max_length=60)
    is_used = models.BooleanField("a voté", default=False)

    class Meta:
        verbose_name = "droit de vote"
        verbose_name_plural = "droits de vote"
        ordering = ["poll_id", "seat"]
        constraints = [
            models.UniqueConstraint(fields=["poll", "seat"], name="one_right_per_seat"),
        ]

    def __str__(self) -> str:
        return self.seat


class Screen(models.Model):
    """A secret link that opens the room screen (`écran de salle`) without an account."""

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="screens", verbose_name="séance"
    )
    token_hash = models.CharField("empreinte du lien", max_length=64, unique=True)
    made_by = done_by("créé par", null=False)
    made_at = models.DateTimeField("créé le", default=timezone.now)
    revoked_at = models.DateTimeField("révoqué le", null=True, blank=True)

    class Meta:
        verbose_name = "écran de salle"
        verbose_name_plural = "écrans de salle"
        ordering = ["meeting_id", "pk"]

    def __str__(self) -> str:
        return f"Écran : {self.meeting}"


class Tablet(models.Model):
    """The personal link of a delegate for one sitting; it opens once, on one device."""

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="live_tablets", verbose_name="séance"
    )
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, related_name="live_tablets", verbose_name="mandat"
    )
    token_hash = models.CharField("empreinte du lien", max_length=64, unique=True)
    made_at = models.DateTimeField("créé le", default=timezone.now)
    opened_at = models.DateTimeField("ouvert le", null=True, blank=True)
    device_hash = models.CharField("empreinte de l’appareil", max_length=64, blank=True)
    revoked_at = models.DateTimeField("révoqué le", null=True, blank=True)

    class Meta:
        verbose_name = "tablette"
        ordering = ["meeting_id", "mandate__person__sort_name", "mandate_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "mandate"],
                condition=Q(revoked_at=None),
                name="one_living_link_per_delegate",
            ),
            models.UniqueConstraint(
                fields=["meeting", "device_hash"],
                condition=Q(revoked_at=None) & ~Q(device_hash=""),
                name="one_delegate_per_device",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mandate.person}"
