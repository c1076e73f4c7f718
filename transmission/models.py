"""What the prefecture is told of each act, and what it answered: sheets, sendings, messages.

A message that left or came is kept as it was, byte for byte, and never changes. A sending goes
from state to state, each with its hour; what the prefecture took back is sent anew by another one.
"""

from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from documents.models import IssuedDocument
from law import acts, exemptions
from meetings.models import Meeting
from members.days import DayColumn
from members.models import Organisation, done_by
from members.witness import Witnessed, WitnessedQuerySet
from registry.models import Deliberation, FinalModel, FinalQuerySet, Folder, SettledModel
from transmission.ctes import markup


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
    dated_on = DayColumn("datée du")
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


class ActSheetQuerySet(WitnessedQuerySet):
    """Sheets, by what the law makes of what they say."""

    def kept_back(self) -> Self:
        """Those of acts that are not sent, and that the law lets one keep back: one query more, in
        which it judges each way of saying it once."""
        said = self.exclude(exempt="")
        names = "nature", "matter", "exempt"
        for told in said.order_by().values_list(*names).distinct():
            nature, matter, reason = told
            if exemptions.is_sent(nature=nature, matter=matter, reason=reason):
                said = said.exclude(**dict(zip(names, told, strict=True)))
        return said


class ActSheet(Witnessed):
    """What the prefecture reads of an act before the act itself (`fiche de l’acte`).

    `matter` is text: 7.10 is not 7.1. A decision about somebody in particular (`is_individual`)
    binds once it is notified, and an assembly may take one. `annexes` are the files that go with
    it, in their order: the number of each attachment and its kind. `exempt` says why the act is
    not sent at all, "" when it is. The sheet is what the secretariat confirmed; until then it is
    proposed.
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
    is_individual = models.BooleanField("décision individuelle", default=False)
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
            *("nature", "is_individual", "matter", "object", "typology", "annexes", "exempt"),
            *("author", "capacity", "confirmed_by", "confirmed_at"),
        }
    )

    objects = ActSheetQuerySet.as_manager()

    class Meta:
        verbose_name = "fiche d’un acte"
        verbose_name_plural = "fiches d’actes"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.deliberation.label} {self.object}"

    @property
    def is_notified(self) -> bool:
        """Whether whom it is about has to be told of it before it binds (art. L2131-1, II)."""
        return self.is_individual or self.nature == self.Nature.INDIVIDUAL

    @property
    def is_transmissible(self) -> bool:
        """Whether the law wants it sent: as far as its secretariat says, and whatever it says of
        what is always sent."""
        return exemptions.is_sent(nature=self.nature, matter=self.matter, reason=self.exempt)


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
    `noted_by` read the day of its receipt on a stamped paper: no file of the prefecture says it.
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
    received_on = DayColumn("reçue par la préfecture le", null=True, blank=True)
    noted_by = done_by("reçu noté à la main par", blank=True)
    settled_at = models.DateTimeField("dernière réponse le", null=True, blank=True)
    detail = models.CharField("ce qui est répondu", max_length=1000, blank=True)

    LATER = frozenset(
        {"remote_id", "state", "sent_at", "received_on", "noted_by", "settled_at", "detail"}
    )
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
    def is_by_hand(self) -> bool:
        """Whether people carry it, and no operator."""
        return self.connector not in Operator.CARRYING

    @property
    def may_have_left(self) -> bool:
        """Whether an operator was asked to take it, and may have it without our knowing."""
        return Errand.objects.filter(transmission=self).exclude(begun_at=None).exists()

    @property
    def is_noted(self) -> bool:
        """Whether its receipt is the word of somebody here, which a file of the prefecture may yet
        confirm or belie."""
        return self.state == self.State.RECEIVED and self.noted_by_id is not None

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
    dated_on = DayColumn("daté du", null=True, blank=True)
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


# --- Operators ---------------------------------------------------------------------------------


class Operator(models.Model):
    """An account of the organisation with a service that carries its acts to the prefecture
    (`opérateur`), or its papers to those who sign them (`parapheur`).

    Nothing here is secret: `secret`, `certificate` and `authorities` are names under which whoever
    runs the server put them (transmission/operators/safe.py). `strays` are messages of the
    prefecture about acts that did not leave from here.
    """

    class Kind(models.TextChoices):
        S2LOW = "s2low", "S²LOW"
        PASTELL = "pastell", "Pastell"
        IPARAPHEUR = "iparapheur", "i-Parapheur"

    CARRYING = (Kind.S2LOW, Kind.PASTELL)
    SIGNING = (Kind.IPARAPHEUR,)

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="operators", verbose_name="organisation"
    )
    kind = models.CharField("service", max_length=20, choices=Kind)
    address = models.CharField("adresse", max_length=250, help_text="Commence par https://.")
    account = models.CharField(
        "compte",
        max_length=100,
        blank=True,
        help_text="Vide\u00a0: le certificat suffit, ou le secret est un jeton.",
    )
    entity = models.CharField(
        "entité", max_length=60, blank=True, help_text="Son numéro là-bas (id_e, ou tenant)."
    )
    desk = models.CharField(
        "bureau",
        max_length=60,
        blank=True,
        help_text="Le numéro de celui d’où partent les dossiers.",
    )
    type = models.CharField("type", max_length=100, blank=True, help_text="Son nom là-bas.")
    subtype = models.CharField(
        "sous-type",
        max_length=100,
        blank=True,
        help_text="C’est lui qui dit le circuit\u00a0: qui signe, dans quel ordre.",
    )
    secret = models.CharField("nom du secret", max_length=60, blank=True)
    certificate = models.CharField("nom du certificat", max_length=60, blank=True)
    authorities = models.CharField(
        "nom des autorités",
        max_length=60,
        blank=True,
        help_text="Vide\u00a0: celles que cette machine connaît.",
    )
    is_utf8 = models.BooleanField(
        "ce S²LOW prend l’UTF-8",
        default=False,
        help_text="Sinon l’objet part en Latin-1, «\u00a0œ\u00a0» écrit «\u00a0oe\u00a0».",
    )
    is_active = models.BooleanField("en service", default=True)
    asked_at = models.DateTimeField("courrier demandé le", null=True, editable=False)
    trouble = models.CharField("ce qui n’allait pas", max_length=1000, blank=True, editable=False)
    strays = models.JSONField("messages sur d’autres actes", default=list, editable=False)

    class Meta:
        verbose_name = "opérateur"
        ordering = ["organisation_id", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind"],
                name="one_operator_of_a_kind",
                violation_error_message="Cette organisation a déjà un compte chez ce service.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.organisation})"


class ErrandQuerySet(models.QuerySet):
    """Errands, by whether somebody may go."""

    def waiting(self, at: datetime) -> Self:
        """What may be taken now: what is due, or was left by a hand of which nothing is known."""
        return self.filter(
            Q(lease_until=None, not_before__lte=at) | Q(lease_until__lt=at), is_done=False
        ).exclude(wants=Errand.Wants.CHOICE)

    def awaited(self) -> Self:
        """Those that somebody is asked about."""
        return self.exclude(wants="")


class Errand(models.Model):
    """What remains to be done at its operator of a sending, or of a folder that is to be signed:
    when, by whom, what stops it.

    The sending and the folder say how far the paper is; this says how far the conversation is.
    `begun_at` is written before the question that may have it leave: from then on, nothing is sent
    that was not looked for first.
    """

    class Wants(models.TextChoices):
        NOTHING = "", "rien"
        CHOICE = "choix", "dire si c’est le même acte"
        CONFIRMATION = "confirmation", "le confirmer chez l’opérateur"
        REMOVAL = "retrait", "le retirer chez l’opérateur"
        HELP = "aide", "voir ce qui l’arrête"

    transmission = models.OneToOneField(
        Transmission, models.PROTECT, null=True, related_name="errand", verbose_name="transmission"
    )
    folder = models.OneToOneField(
        Folder, models.PROTECT, null=True, related_name="errand", verbose_name="dossier"
    )
    operator = models.ForeignKey(
        Operator, models.PROTECT, related_name="errands", verbose_name="opérateur"
    )
    not_before = models.DateTimeField("pas avant", default=timezone.now)
    lease_until = models.DateTimeField("pris jusqu’à", null=True)
    taken_by = models.CharField("pris par", max_length=100, blank=True)
    begun_at = models.DateTimeField("commencé le", null=True)
    is_cancelling = models.BooleanField("annulation demandée là-bas", default=False)
    rounds = models.PositiveIntegerField("passages", default=0)
    failures = models.PositiveIntegerField("échecs de suite", default=0)
    said = models.CharField("son état chez l’opérateur", max_length=100, blank=True)
    trouble = models.CharField("ce qui l’arrête", max_length=1000, blank=True)
    wants = models.CharField("attend", max_length=20, choices=Wants, blank=True)
    found = models.JSONField("trouvés sous ce numéro", default=list)
    letters = models.JSONField("courriers pris", default=list)
    is_done = models.BooleanField("finie", default=False)

    objects = ErrandQuerySet.as_manager()

    class Meta:
        verbose_name = "suite d’un envoi"
        verbose_name_plural = "suites d’envois"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(transmission=None, folder__isnull=False)
                | Q(transmission__isnull=False, folder=None),
                name="errand_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.transmission or self.folder} par {self.operator}"

    @property
    def meeting(self) -> Meeting:
        """That whose paper it is."""
        return (self.transmission or self.folder).document.meeting

    def told(self, asked: str, answered: str, *, at: datetime) -> None:
        """Add a line of what was asked; the same answer again lengthens the last."""
        answered = answered[:300]
        last = self.calls.order_by("pk").last()
        if last is not None and (last.asked, last.answered) == (asked, answered):
            Call.objects.filter(pk=last.pk).update(last_at=at, times=F("times") + 1)
            return
        Call.objects.create(errand=self, at=at, last_at=at, asked=asked, answered=answered)

    @property
    def what(self) -> str:
        """Of what it is, as a sentence begins."""
        if self.transmission is not None:
            return f"L’acte {self.transmission.identifier}"
        return f"«\u00a0{self.folder.document}\u00a0»"

    @property
    def traces(self) -> list[tuple[str, date | None, str]]:
        """What the operator has under its number: its own number, its day, its words."""
        return [
            (each["remote"], markup.day(each["decided_on"]), each["subject"]) for each in self.found
        ]


class Call(models.Model):
    """What an operator was asked about a sending or a folder, and answered: the same answer again
    is the same line, from its first hour to its last."""

    errand = models.ForeignKey(Errand, models.PROTECT, related_name="calls", verbose_name="suite")
    at = models.DateTimeField("le")
    last_at = models.DateTimeField("et jusqu’au")
    times = models.PositiveIntegerField("fois", default=1)
    asked = models.CharField("demande", max_length=40)
    answered = models.CharField("réponse", max_length=300)

    class Meta:
        verbose_name = "question à un opérateur"
        verbose_name_plural = "questions à un opérateur"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.asked}\u00a0: {self.answered}"
