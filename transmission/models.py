"""What the prefecture is told of each act, and what it answered: sheets, sendings, messages.

A message that left or came is kept as it was, byte for byte, and never changes. A sending goes
from state to state, each with its hour; what the prefecture took back is sent anew by another one.
"""

from pathlib import PurePosixPath
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from documents.models import IssuedDocument
from law import acts
from members.models import Organisation, done_by
from members.witness import Witnessed
from registry.models import Deliberation, FinalModel, FinalQuerySet, SettledModel


def _classification_path(row: "Classification", filename: str) -> str:
    return f"transmissions/{row.organisation.slug}/classifications/{filename}"


def _exchange_path(row: "Exchange", filename: str) -> str:
    organisation = row.transmission.document.meeting.organisation
    number = f"{row.transmission.identifier}-{row.transmission_id}"
    return f"transmissions/{organisation.slug}/{number}/{PurePosixPath(filename).name}"


class ClassificationQuerySet(FinalQuerySet):
    """Classifications, by their day."""

    def in_force(self, organisation: Organisation) -> "Classification | None":
        """The latest that this organisation was given."""
        return self.filter(organisation=organisation).order_by("-dated_on", "-pk").first()


class Classification(FinalModel):
    """The matters by which a prefecture files acts, and the kinds of files it takes, as its own
    file says them (`classification`). Each is kept whole; the latest is the one in force."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="classifications", verbose_name="organisation"
    )
    dated_on = models.DateField("datée du")
    file = models.FileField("fichier de la préfecture", upload_to=_classification_path)
    sha256 = models.CharField("empreinte", max_length=64)
    imported_by = done_by("importée par")
    imported_at = models.DateTimeField("importée le", default=timezone.now)

    objects = ClassificationQuerySet.as_manager()

    class Meta:
        verbose_name = "classification"
        ordering = ["-dated_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "sha256"], name="classification_imported_once"
            )
        ]

    def __str__(self) -> str:
        return f"classification du {self.dated_on:%d/%m/%Y}"


class ActSheet(Witnessed):
    """What the prefecture reads of an act before the act itself (`fiche de l’acte`).

    `matter` is text: 7.10 is not 7.1. `annexes` are the files that go with it, in their order:
    the number of each attachment and its kind. `exempt` says why the act is not sent at all, ""
    when it is. The sheet is what the secretariat confirmed; until then it is proposed.
    """

    class Nature(models.TextChoices):
        DELIBERATION = acts.Nature.DELIBERATION.value, acts.Nature.DELIBERATION.label
        RULE = acts.Nature.RULE.value, acts.Nature.RULE.label
        INDIVIDUAL = acts.Nature.INDIVIDUAL.value, acts.Nature.INDIVIDUAL.label
        CONTRACT = acts.Nature.CONTRACT.value, acts.Nature.CONTRACT.label
        BUDGET = acts.Nature.BUDGET.value, acts.Nature.BUDGET.label
        OTHER = acts.Nature.OTHER.value, acts.Nature.OTHER.label

    deliberation = models.OneToOneField(
        Deliberation, models.PROTECT, related_name="act_sheet", verbose_name="acte"
    )
    nature = models.CharField("nature", max_length=1, choices=Nature, default=Nature.DELIBERATION)
    matter = models.CharField("matière", max_length=15, blank=True)
    object = models.CharField("objet", max_length=acts.OBJECT_MAX)
    typology = models.CharField("type du document", max_length=5)
    author = models.CharField("auteur", max_length=200, blank=True)
    capacity = models.CharField("qualité de l’auteur", max_length=200, blank=True)
    annexes = models.JSONField("annexes", default=list, blank=True)
    exempt = models.CharField("motif de non-transmission", max_length=300, blank=True)
    confirmed_by = done_by("confirmée par")
    confirmed_at = models.DateTimeField("confirmée le", default=timezone.now)

    LATER = frozenset(
        {
            *("nature", "matter", "object", "typology", "author", "capacity", "annexes", "exempt"),
            *("confirmed_by", "confirmed_at"),
        }
    )

    class Meta:
        verbose_name = "fiche d’un acte"
        verbose_name_plural = "fiches d’actes"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.deliberation.label} {self.object}"

    @property
    def is_transmissible(self) -> bool:
        """Whether the law wants it sent, as far as its secretariat says."""
        return not self.exempt


class TransmissionQuerySet(FinalQuerySet):
    """Sendings, by what became of them."""

    def living(self) -> Self:
        """Those that the prefecture has, or may have."""
        return self.exclude(state__in=Transmission.OVER)

    def received(self) -> Self:
        """Those that it acknowledged, and has still."""
        return self.filter(state__in=Transmission.THERE)


class Transmission(SettledModel):
    """One sending of one act (`transmission`): of which version, under which number, by which way,
    and how far it is.

    `identifier` is what @CTES calls the act. `remote_id` is what the operator calls the sending,
    kept before anything else is asked of it. `replaces` is the one that it takes the place of.
    """

    class State(models.TextChoices):
        PREPARED = "preparee", "préparée"
        SENT = "envoyee", "envoyée"
        RECEIVED = "recue", "reçue par la préfecture"
        REFUSED = "refusee", "refusée"
        CANCELLING = "annulation", "annulation demandée"
        CANCELLED = "annulee", "annulée"
        REPLACED = "remplacee", "remplacée"
        ABANDONED = "abandonnee", "abandonnée avant d’être envoyée"

    OVER = (State.REFUSED, State.CANCELLED, State.REPLACED, State.ABANDONED)
    UNDER_WAY = (State.PREPARED, State.SENT)
    THERE = (State.RECEIVED, State.CANCELLING)

    sheet = models.ForeignKey(
        ActSheet, models.PROTECT, related_name="transmissions", verbose_name="fiche"
    )
    document = models.ForeignKey(
        IssuedDocument, models.PROTECT, related_name="transmissions", verbose_name="document"
    )
    number = models.CharField("numéro pour @CTES", max_length=15)
    identifier = models.CharField("identifiant de l’acte", max_length=50, db_index=True)
    connector = models.CharField("voie", max_length=20)
    remote_id = models.CharField("numéro chez l’opérateur", max_length=100, blank=True)
    replaces = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name="remplace",
    )
    state = models.CharField("état", max_length=20, choices=State, default=State.PREPARED)
    prepared_by = done_by("préparée par")
    prepared_at = models.DateTimeField("préparée le", default=timezone.now)
    sent_at = models.DateTimeField("envoyée le", null=True, blank=True)
    received_on = models.DateField("reçue par la préfecture le", null=True, blank=True)
    settled_at = models.DateTimeField("dernière réponse le", null=True, blank=True)
    detail = models.CharField("ce qui est répondu", max_length=1000, blank=True)

    LATER = frozenset({"remote_id", "state", "sent_at", "received_on", "settled_at", "detail"})
    told_by = ("identifier",)
    is_never_played = True

    objects = TransmissionQuerySet.as_manager()

    class Meta:
        verbose_name = "transmission"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sheet"],
                condition=Q(state__in=("preparee", "envoyee")),
                name="one_transmission_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"transmission de {self.identifier}"

    @property
    def is_over(self) -> bool:
        """Whether the prefecture has it no more, or never had it."""
        return self.state in self.OVER

    @property
    def is_received(self) -> bool:
        """Whether the prefecture acknowledged it, and has it still."""
        return self.state in self.THERE


class Exchange(FinalModel):
    """A message about one sending, out or in, as it left or came (`échange`): its bytes, its hour,
    the day it tells of and what it says."""

    class Kind(models.TextChoices):
        PACK = "envoi", "envoi de l’acte"
        RECEIPT = "accuse", "accusé de réception"
        ANOMALY = "anomalie", "anomalie"
        CANCELLATION = "annulation", "demande d’annulation"
        CANCELLED = "annulee", "accusé de l’annulation"
        LETTER = "courrier", "courrier de la préfecture"
        PIECES = "pieces", "demande de pièces complémentaires"
        OBSERVATIONS = "observations", "lettre d’observations"
        DEFERRAL = "defere", "déféré au tribunal administratif"
        REPLY = "reponse", "réponse à la préfecture"
        REFUSAL = "refus", "refus de répondre à la préfecture"
        REPLY_RECEIPT = "accuse_reponse", "accusé de la réponse"
        STAMPED = "tampon", "acte tamponné"
        SLIP = "bordereau", "bordereau"
        JOINED = "joint", "pièce jointe à un message"

    # What wants an answer of the authority, or begins a trial.
    LETTERS = (Kind.LETTER, Kind.PIECES, Kind.OBSERVATIONS, Kind.DEFERRAL)

    transmission = models.ForeignKey(
        Transmission, models.PROTECT, related_name="exchanges", verbose_name="transmission"
    )
    kind = models.CharField("nature", max_length=20, choices=Kind)
    is_outgoing = models.BooleanField("parti d’ici", default=False)
    name = models.CharField("nom du fichier", max_length=200)
    file = models.FileField("fichier", upload_to=_exchange_path, max_length=300)
    sha256 = models.CharField("empreinte", max_length=64)
    dated_on = models.DateField("daté du", null=True, blank=True)
    words = models.CharField("ce qu’il dit", max_length=2000, blank=True)
    at = models.DateTimeField("le", default=timezone.now)
    by = done_by()

    told_by = ("name",)
    is_never_played = True

    class Meta:
        verbose_name = "échange avec la préfecture"
        verbose_name_plural = "échanges avec la préfecture"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["transmission", "sha256"], name="exchange_kept_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.transmission.identifier}"
