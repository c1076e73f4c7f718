"""From what was decided to acts that stand: numbers, adoption, review and signatures.

Everything here is added and never changed: a number is given once, an adoption is the vote of a
later sitting, a signature is a new file that begins with the bytes of the one before.
"""

from datetime import date, datetime, time
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property

from documents.models import IssuedDocument
from law import delegations, french
from law.acts import Nature
from meetings import acts
from meetings.models import AgendaItem, Meeting
from members.days import DayColumn
from members.models import Body, Mandate, Organisation, Person, done_by
from members.witness import Witnessed, WitnessedQuerySet


class Final(Exception):
    """Somebody tried to change or delete what the register holds."""


def _refuse(*args, **kwargs):
    raise Final("Ce que porte le registre ne se modifie pas et ne s’efface pas.")


class FinalQuerySet(WitnessedQuerySet):
    """Rows that are added, and neither changed nor erased: `Final` is raised."""

    update = bulk_update = delete = _refuse


class FinalModel(Witnessed):
    """A row that is added, and neither changed nor erased: `Final` is raised."""

    objects = FinalQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs) -> None:
        """Add the row; `Final` when it is there already."""
        if not self._state.adding:
            _refuse()
        super().save(*args, **kwargs)

    delete = _refuse


class SettledModel(FinalModel):
    """A row that a later act completes, in its `LATER` columns and no other."""

    class Meta:
        abstract = True

    def settle(self, **values) -> None:
        """Write what the later act says; `Final` for any other column."""
        if not values.keys() <= self.LATER:
            _refuse()
        for name, value in values.items():
            setattr(self, name, value)
        Witnessed.save(self, update_fields=list(values))


class Deliberation(FinalModel):
    """A decision with its number: what an item became once voted (`délibération`).

    `number` counts in the body and the year, `rank` in the sitting (art. R2121-9); both are given
    once, under a lock, and never again. `label` prints them as the body writes them, `safe_label`
    as @CTES takes it (letters, digits, underscore).
    """

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="deliberations", verbose_name="séance"
    )
    item = models.OneToOneField(
        AgendaItem, models.PROTECT, related_name="deliberation", verbose_name="point"
    )
    body = models.ForeignKey(
        Body, models.PROTECT, related_name="deliberations", verbose_name="instance"
    )
    year = models.PositiveSmallIntegerField("année")
    number = models.PositiveIntegerField("numéro dans l’année")
    rank = models.PositiveSmallIntegerField("numéro d’ordre dans la séance")
    label = models.CharField("numéro imprimé", max_length=60)
    safe_label = models.CharField("numéro pour @CTES", max_length=15)
    numbered_by = done_by()
    numbered_at = models.DateTimeField("numérotée le", default=timezone.now)

    told_by = ("label",)

    class Meta:
        verbose_name = "délibération"
        ordering = ["-year", "-number", "body_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "year", "number"], name="deliberation_number_once"
            ),
            models.UniqueConstraint(fields=["meeting", "rank"], name="deliberation_rank_once"),
            models.UniqueConstraint(
                fields=["body", "safe_label"], name="deliberation_safe_label_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.item.title}"

    @property
    def place(self) -> tuple[date, time, int, int]:
        """Where it comes among all that was decided: of one day, by the hour, then as it was noted.
        No two are in one place, so that nothing undoes what undoes it."""
        return (self.meeting.held_on, self.meeting.starts_at, self.meeting_id, self.number)

    @property
    def dated(self) -> str:
        """Its number and its day, as another act cites it: "A2026-004 du 28 novembre 2026"."""
        return f"{self.label} du {french.long_date(self.meeting.held_on)}"

    @cached_property
    def stands(self) -> bool:
        """Whether the ledger of its sitting says it an act still: its vote may have been annulled,
        its item put off."""
        found = (each for each in acts.decided(self.meeting) if each.item.pk == self.item_id)
        return any(each.is_act for each in found)


class Delegation(Witnessed):
    """What an assembly, or whoever heads it, gave somebody to decide alone (`délégation`): for
    decisions or for orders, by which act in words (`source`, with its article), of which day, from
    which day it binds, in which subjects (one a line). It ends with the mandate of its holder, or
    before (`ended_on`)."""

    class Kind(models.TextChoices):
        DECISION = delegations.Kind.DECISION.value, "décisions, au nom de l’assemblée"
        ORDER = delegations.Kind.ORDER.value, "arrêtés, au nom de la présidence"

    body = models.ForeignKey(
        Body, models.PROTECT, related_name="delegations", verbose_name="assemblée"
    )
    kind = models.CharField("pour prendre des", max_length=10, choices=Kind, default=Kind.DECISION)
    mandate = models.ForeignKey(
        Mandate, models.PROTECT, related_name="delegations", verbose_name="donnée à"
    )
    deliberation = models.ForeignKey(
        Deliberation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="delegations",
        verbose_name="par la délibération",
    )
    source = models.CharField(
        "par quel acte",
        max_length=200,
        blank=True,
        help_text="S’il n’est pas dans cette application, comme un visa le cite, avec son "
        "article\u00a0: «\u00a0la délibération n° 12 du 3 avril 2026 portant délégation\u00a0».",
    )
    granted_on = DayColumn("donnée le", help_text="Le jour de cet acte.")
    enforceable_on = DayColumn(
        "exécutoire depuis le",
        null=True,
        blank=True,
        help_text="Publié et reçu par la préfecture\u00a0: avant, elle ne donne aucun pouvoir.",
    )
    subjects = models.TextField(
        "matières", max_length=8000, help_text="Une par ligne, dans les mots de l’acte."
    )
    ended_on = DayColumn("a pris fin le", null=True, blank=True)
    recorded_by = done_by("notée par")
    recorded_at = models.DateTimeField("notée le", default=timezone.now)

    LATER = frozenset({"enforceable_on", "ended_on"})
    told_by = ("source",)
    as_known: delegations.Delegation  # where a list reads it (`registry.alone.reading`)

    class Meta:
        verbose_name = "délégation"
        ordering = ["-granted_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("granted_on")),
                name="delegation_ends_after_it_begins",
                violation_error_message="Une délégation ne finit pas avant d’être donnée.",
            ),
            models.CheckConstraint(
                condition=Q(enforceable_on=None) | Q(enforceable_on__gte=F("granted_on")),
                name="delegation_binds_after_it_is_given",
                violation_error_message="Un acte n’est pas exécutoire avant le jour où il est "
                "pris.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} ({self.mandate.person})"

    @property
    def matters(self) -> tuple[str, ...]:
        """Its subjects, one by one."""
        return tuple(filter(None, (" ".join(each.split()) for each in self.subjects.splitlines())))

    @property
    def ceilings(self) -> list[tuple[str, delegations.Ceiling | None]]:
        """Each of its subjects, and the most that its words let one spend, where they say it."""
        return [(each, delegations.ceiling(each)) for each in self.matters]

    @property
    def as_value(self) -> delegations.Delegation:
        """As it was noted."""
        return delegations.Delegation(
            source=self.source,
            granted_on=self.granted_on,
            enforceable_on=self.enforceable_on,
            subjects=self.matters,
            ended_on=self.ended_on,
            mandate_ended_on=self.mandate.end_on,
        )


class LoneAct(Witnessed):
    """What is prepared of an act that somebody takes alone, besides its words: who takes it
    (`stands_in`: in the place of a presidency that is prevented), by which delegation and in which
    of its subjects, of which nature and amount, and whom an individual one is about. Once it is
    taken, its ledger tells it."""

    class Nature(models.TextChoices):
        RULE = Nature.RULE.value, "réglementaire"
        INDIVIDUAL = Nature.INDIVIDUAL.value, "individuel"
        CONTRACT = Nature.CONTRACT.value, "contrat, convention, avenant"
        OTHER = Nature.OTHER.value, "ni réglementaire, ni individuel"

    meeting = models.OneToOneField(
        Meeting, models.CASCADE, related_name="alone", verbose_name="acte"
    )
    author = models.ForeignKey(
        Mandate, models.PROTECT, related_name="lone_acts", verbose_name="pris par"
    )
    nature = models.CharField("nature", max_length=1, choices=Nature)
    delegation = models.ForeignKey(
        Delegation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lone_acts",
        verbose_name="par la délégation",
    )
    subject = models.CharField("matière déléguée", max_length=500, blank=True)
    stands_in = models.BooleanField("la présidence est empêchée", default=False)
    amount = models.DecimalField(
        "montant hors taxes", max_digits=14, decimal_places=2, null=True, blank=True
    )
    concerns = models.CharField("à notifier à", max_length=200, blank=True)

    LATER = frozenset(
        {"author", "nature", "delegation", "subject", "stands_in", "amount", "concerns"}
    )
    is_erasable = True  # as long as it is not taken, with its row

    class Meta:
        verbose_name = "acte pris seul"
        verbose_name_plural = "actes pris seuls"
        ordering = ["meeting_id"]

    def __str__(self) -> str:
        return f"{self.meeting}"


class Ruling(Witnessed):
    """A decision that the president took by delegation of the assembly (`décision du président`),
    as the register of these decisions bears it: it was taken outside of any sitting."""

    body = models.ForeignKey(
        Body, models.PROTECT, related_name="rulings", verbose_name="assemblée qui délègue"
    )
    number = models.CharField("numéro", max_length=40)
    decided_on = DayColumn("date")
    object = models.CharField("objet", max_length=500)
    recorded_by = done_by("notée par")
    recorded_at = models.DateTimeField("notée le", default=timezone.now)

    told_by = ("number",)
    is_erasable = True  # as long as no account tells it

    class Meta:
        verbose_name = "décision du président"
        verbose_name_plural = "décisions du président"
        ordering = ["-decided_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "number"],
                name="ruling_number_once",
                violation_error_message="Une décision porte déjà ce numéro.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.object}"


class Accounted(Witnessed):
    """A decision taken by delegation of which the assembly was told: by an `item` of one of its
    sittings, or elsewhere, where `item` is empty. Told once, it is not told again."""

    body = models.ForeignKey(
        Body, models.PROTECT, related_name="accounted", verbose_name="assemblée à qui l’on rend"
    )
    item = models.ForeignKey(
        AgendaItem,
        models.CASCADE,
        null=True,
        related_name="accounted",
        verbose_name="point qui en rend compte",
    )
    deliberation = models.OneToOneField(
        Deliberation,
        models.PROTECT,
        null=True,
        related_name="accounted",
        verbose_name="décision d’une instance",
    )
    ruling = models.OneToOneField(
        Ruling,
        models.PROTECT,
        null=True,
        related_name="accounted",
        verbose_name="décision du président",
    )
    noted_by = done_by("noté par")
    noted_at = models.DateTimeField("noté le", default=timezone.now)

    is_erasable = True  # with its item, which goes from the agenda as long as nothing is told of it

    class Meta:
        verbose_name = "décision dont il est rendu compte"
        verbose_name_plural = "décisions dont il est rendu compte"
        ordering = ["item_id", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(deliberation=None, ruling__isnull=False)
                | Q(deliberation__isnull=False, ruling=None),
                name="one_decision_accounted",
            )
        ]

    def __str__(self) -> str:
        return str(self.deliberation or self.ruling)

    @property
    def number(self) -> str:
        """That of the decision."""
        return self.ruling.number if self.ruling else self.deliberation.label

    @property
    def object(self) -> str:
        """What it is about."""
        return self.ruling.object if self.ruling else self.deliberation.item.title


class FollowUpQuerySet(WitnessedQuerySet):
    """What is to be carried out, by where it is."""

    def pending(self) -> Self:
        """Neither done nor given up, the most urgent first."""
        return self.filter(outcome="").order_by(F("due_on").asc(nulls_last=True), "pk")


class FollowUp(Witnessed):
    """Something to be carried out of what a sitting decided, or promised in a debate (`suite à
    donner`): what, by whom in words, before when, and what came of it."""

    class Outcome(models.TextChoices):
        DONE = "fait", "fait"
        DROPPED = "abandonne", "abandonné"

    item = models.ForeignKey(
        AgendaItem, models.PROTECT, related_name="follow_ups", verbose_name="point"
    )
    what = models.CharField("ce qui est à faire", max_length=500)
    who = models.CharField(
        "par qui", max_length=200, help_text="Une personne ou un service, en clair."
    )
    due_on = DayColumn("au plus tard le", null=True, blank=True)
    outcome = models.CharField("issue", max_length=20, choices=Outcome, blank=True)
    settled_on = DayColumn("le", null=True, blank=True)
    reason = models.CharField("précision", max_length=500, blank=True)
    made_by = done_by("notée par")
    made_at = models.DateTimeField("notée le", default=timezone.now)
    settled_by = done_by("close par", blank=True)

    LATER = frozenset({"what", "who", "due_on", "outcome", "settled_on", "reason", "settled_by"})
    is_erasable = True  # noted by mistake; the deeds of its body tell it

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = "suite à donner"
        verbose_name_plural = "suites à donner"
        ordering = ["item_id", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", settled_on=None)
                | (~Q(outcome="") & Q(settled_on__isnull=False)),
                name="settled_follow_up_has_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="abandonne") | ~Q(reason=""),
                name="dropped_follow_up_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.what

    def is_late(self, on: date) -> bool:
        """Whether it was to be done before this day, and is not settled."""
        return not self.outcome and self.due_on is not None and self.due_on < on


class DeliberationLink(SettledModel):
    """What a deliberation does to an earlier one, unless it was said by mistake (`undone_at`)."""

    LATER = frozenset({"undone_at", "undone_by"})

    class Kind(models.TextChoices):
        MODIFIES = "modifie", "modifie"
        REPEALS = "abroge", "abroge"
        REPLACES = "remplace", "remplace"
        WITHDRAWS = "retire", "retire"
        RECTIFIES = "rectifie", "rectifie une erreur matérielle de"

    source = models.ForeignKey(
        Deliberation, models.PROTECT, related_name="links", verbose_name="délibération"
    )
    kind = models.CharField("effet", max_length=20, choices=Kind)
    target = models.ForeignKey(
        Deliberation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="linked_from",
        verbose_name="délibération visée",
    )
    target_text = models.CharField(
        "délibération visée, en clair",
        max_length=200,
        blank=True,
        help_text="Pour un acte qui n’est pas dans cette application.",
    )
    linked_by = done_by()
    linked_at = models.DateTimeField("le", default=timezone.now)
    undone_at = models.DateTimeField("retiré le", null=True, blank=True)
    undone_by = done_by("retiré par", blank=True)

    class Meta:
        verbose_name = "lien entre délibérations"
        verbose_name_plural = "liens entre délibérations"
        ordering = ["source_id", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(target__isnull=False, target_text="")
                | (Q(target=None) & ~Q(target_text="")),
                name="link_names_one_target",
            )
        ]

    def __str__(self) -> str:
        return f"{self.source.label} {self.said}"

    @property
    def said(self) -> str:
        """ "retire 2026-14", of the deliberation that does so."""
        return f"{self.kind} {self.target.label if self.target else self.target_text}"

    @property
    def stands(self) -> bool:
        """Whether nobody took it back, and the deliberation that says so is an act still."""
        return self.undone_at is None and self.source.stands


class Adoption(FinalModel):
    """The vote of a later sitting by which minutes are adopted (`arrêtées`, art. L2121-15).

    It is noted once; it `stands` as long as the ledger of that sitting says the item adopted.
    """

    document = models.OneToOneField(
        IssuedDocument, models.PROTECT, related_name="adoption", verbose_name="procès-verbal"
    )
    item = models.ForeignKey(
        AgendaItem, models.PROTECT, related_name="adoptions", verbose_name="point"
    )
    seq = models.PositiveIntegerField("ligne du registre de la séance")
    adopted_on = DayColumn("arrêté le")
    noted_by = done_by()
    noted_at = models.DateTimeField("noté le", default=timezone.now)

    class Meta:
        verbose_name = "adoption d’un procès-verbal"
        verbose_name_plural = "adoptions de procès-verbaux"
        ordering = ["-adopted_on", "pk"]

    def __str__(self) -> str:
        return f"{self.document}"

    @cached_property
    def stands(self) -> bool:
        """Whether the vote that it tells of was not annulled since, or was taken again alike."""
        votes = (each for each in acts.decided(self.item.meeting) if each.item.pk == self.item_id)
        return any(each.is_adopted for each in votes)


def adoption_of(document: IssuedDocument) -> Adoption | None:
    """The vote that adopts these minutes, while it stands."""
    found: Adoption | None = getattr(document, "adoption", None)
    return found if found is not None and found.stands else None


def signature_folder(document: int) -> str:
    """Where the signed files of a document lie, under MEDIA_ROOT."""
    return f"signatures/{document}"


def _signed_path(step: "SignatureStep", filename: str) -> str:
    return f"{signature_folder(step.document_id)}/{filename}"


class SigningKeyQuerySet(FinalQuerySet):
    """Keys, by what became of them."""

    def bound(self) -> "SigningKeyQuerySet":
        """Those that an act gave to somebody, revoked since or not; no organisation that is played
        has any."""
        return self.filter(bound_at__isnull=False, organisation__is_fleeting=False)

    def offered(self) -> "SigningKeyQuerySet":
        """Certificates handed in, which no act has bound nor set aside."""
        return self.filter(bound_at=None, revoked_at=None)

    def seals_in_use(self) -> "SigningKeyQuerySet":
        """The seals of organisations that nobody revoked, and with which the server does sign:
        whose fingerprint is public."""
        shown = SigningKey.Held.DEMONSTRATION if settings.SIGNING_DEVELOPMENT else None
        sealing = self.bound().filter(held__in=[SigningKey.Held.SERVER, shown])
        return sealing.filter(person=None, revoked_at=None).select_related("organisation")


class SigningKey(SettledModel):
    """A certificate bound to whoever signs with it: a person or, with no person, the organisation
    (its seal). An act of the administration binds it, another may revoke it from a day on. A seal
    is proposed by one person (`offered_by`) and bound by a second.

    What tells it is the SHA-256 of the certificate, never an address nor a name. `account` is the
    account of the person when the key was bound: no other may use it.
    """

    class Held(models.TextChoices):
        SERVER = "serveur", "tenue par le serveur"
        OWN = "poste", "chez son titulaire (carte ou clé USB)"
        DEMONSTRATION = "demonstration", "de démonstration, sans valeur juridique"

    is_never_played = True

    LATER = frozenset(
        {"account", "reason", "is_name_confirmed", "bound_by", "bound_at"}
        | {"revoked_from", "revoked_reason", "revoked_by", "revoked_at"}
    )
    # Those with which the server itself can sign.
    ON_SERVER = (Held.SERVER, Held.DEMONSTRATION)

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="signing_keys", verbose_name="organisation"
    )
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="signing_keys",
        verbose_name="titulaire",
        help_text="Vide\u00a0: le cachet de l’organisation.",
    )
    account = done_by("compte", blank=True)
    held = models.CharField("où elle est", max_length=20, choices=Held)
    fingerprint = models.CharField("empreinte du certificat", max_length=64, db_index=True)
    name = models.CharField("nom inscrit", max_length=250)
    subject = models.CharField("au nom de", max_length=500)
    issuer = models.CharField("délivré par", max_length=500)
    serial = models.CharField("numéro", max_length=64)
    valid_from = models.DateTimeField("valable depuis le")
    valid_until = models.DateTimeField("valable jusqu’au")
    certificate = models.TextField("certificat")
    offered_by = done_by("proposée par", blank=True)
    offered_at = models.DateTimeField("proposée le", null=True, blank=True)
    reason = models.CharField("motif du rattachement", max_length=300, blank=True)
    is_name_confirmed = models.BooleanField("nom différent, confirmé", default=False)
    bound_by = done_by("rattachée par", blank=True)
    bound_at = models.DateTimeField("rattachée le", null=True, blank=True)
    revoked_from = DayColumn("révoquée à partir du", null=True, blank=True)
    revoked_reason = models.CharField("motif de la révocation", max_length=300, blank=True)
    revoked_by = done_by("révoquée par", blank=True)
    revoked_at = models.DateTimeField("révocation notée le", null=True, blank=True)

    objects = SigningKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "clé de signature"
        verbose_name_plural = "clés de signature"
        ordering = ["organisation_id", "-bound_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=Q(bound_at__isnull=False, revoked_at=None),
                name="one_holder_per_key",
            ),
            models.CheckConstraint(
                condition=Q(bound_at__isnull=False) | Q(offered_at__isnull=False),
                name="key_bound_or_offered",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_from=None, revoked_reason="")
                | (Q(revoked_at__isnull=False, revoked_from__isnull=False) & ~Q(revoked_reason="")),
                name="revoked_key_says_when_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} ({self.fingerprint[:12]})"

    @property
    def holder(self) -> str:
        """For whom it signs, in words."""
        return str(self.person) if self.person else f"Cachet – {self.organisation}"

    @property
    def is_seal_of_one(self) -> bool:
        """Whether one person alone made it the seal, as it was possible before."""
        is_alone = self.offered_by_id in (None, self.bound_by_id)
        return self.person_id is None and self.held == self.Held.SERVER and is_alone

    @property
    def is_of_demonstration(self) -> bool:
        """Whether what it signs is worth nothing outside."""
        return self.held == self.Held.DEMONSTRATION

    def is_revoked(self, on: date) -> bool:
        """Whether it signs no more on that day."""
        return self.revoked_from is not None and on >= self.revoked_from

    def was_bound(self, at: datetime) -> bool:
        """Whether it was this holder’s at that moment, and not revoked."""
        return (
            self.bound_at is not None
            and self.bound_at <= at
            and not self.is_revoked(timezone.localdate(at))
        )


def _deposit_path(deposit: "Deposit", filename: str) -> str:
    return f"depots/{deposit.document_id}/{filename}"


class Deposit(SettledModel):
    """A signature made elsewhere and handed in (`dépôt`): with a certificate that no act binds to
    the signer, or by hand. It counts once a second person has looked at it.
    """

    LATER = frozenset({"is_accepted", "settled_by", "settled_at", "settled_reason"})

    class Manner(models.TextChoices):
        OWN = "poste", "signée sur le poste, avec un certificat non rattaché"
        PARAPHEUR = "parapheur", "signée au parapheur, avec un certificat non rattaché"
        HAND = "main", "signée à la main, feuille numérisée"

    document = models.ForeignKey(
        IssuedDocument, models.PROTECT, related_name="deposits", verbose_name="document"
    )
    place = models.CharField("place de signature", max_length=40)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="deposits", verbose_name="signataire"
    )
    manner = models.CharField("comment", max_length=20, choices=Manner)
    file = models.FileField("fichier déposé", upload_to=_deposit_path, max_length=250)
    sha256 = models.CharField("empreinte", max_length=64)
    certificate = models.JSONField("certificat", default=dict)
    deposited_by = done_by("déposée par", null=False)
    deposited_at = models.DateTimeField("déposée le", default=timezone.now)
    is_accepted = models.BooleanField("reconnue", null=True, blank=True)
    settled_by = done_by("examinée par", blank=True)
    settled_at = models.DateTimeField("examinée le", null=True, blank=True)
    settled_reason = models.CharField("motif", max_length=300, blank=True)

    class Meta:
        verbose_name = "signature déposée"
        verbose_name_plural = "signatures déposées"
        ordering = ["document_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "place"],
                condition=Q(settled_at=None),
                name="one_pending_deposit_per_place",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, is_accepted=None)
                | Q(settled_at__isnull=False, is_accepted__isnull=False),
                name="settled_deposit_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}, {self.person or self.place}"

    @property
    def is_by_hand(self) -> bool:
        """Whether it is a sheet of paper: the file that is signed next stays what it was."""
        return self.manner == self.Manner.HAND

    @property
    def field(self) -> str:
        """The field of the file that bears it: a parapheur may make one of its own."""
        return self.certificate.get("field") or self.place


class Decline(SettledModel):
    """That somebody does not sign what awaits her, and why (`refus de signer`). It stands until she
    takes it back, or what she signed is handed in, or she is asked again; a new version of the
    paper is another paper.
    """

    LATER = frozenset({"ended_at", "ended_by"})

    document = models.ForeignKey(
        IssuedDocument, models.PROTECT, related_name="declines", verbose_name="document"
    )
    place = models.CharField("place de signature", max_length=40)
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="declines", verbose_name="signataire"
    )
    reason = models.CharField("ce qui ne va pas", max_length=500)
    declined_by = done_by("dit par", null=False)
    declined_at = models.DateTimeField("dit le", default=timezone.now)
    ended_at = models.DateTimeField("levé le", null=True, blank=True)
    ended_by = done_by("levé par", blank=True)

    class Meta:
        verbose_name = "refus de signer"
        verbose_name_plural = "refus de signer"
        ordering = ["document_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "place"],
                condition=Q(ended_at=None),
                name="one_standing_decline_per_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}, {self.person}"


def _returned_path(folder: "Folder", filename: str) -> str:
    return f"parapheurs/{folder.document_id}/{filename}"


class FolderQuerySet(FinalQuerySet):
    """Folders, by what became of them."""

    def under_way(self) -> Self:
        """Those that are there, or may be, and those that came back and are being taken."""
        return self.filter(state__in=Folder.UNDER_WAY)


class Folder(SettledModel):
    """A document that is signed elsewhere (`dossier de parapheur`): with which bytes, at which
    places, by whom it was sent, and what became of it.

    `reference` is what it is called there, and no other; `remote_id` what the parapheur calls it,
    kept before anything else is asked. `file` is what came back, kept before it is looked at. As
    long as one is under way, nobody signs the document in another way: each signature is added to
    the bytes of the one before.
    """

    class State(models.TextChoices):
        TO_SEND = "a_envoyer", "à envoyer"
        AWAY = "au_parapheur", "au parapheur"
        BACK = "revenu", "revenu, signatures en cours de reprise"
        TAKEN = "repris", "revenu, signatures reprises"
        REFUSED = "refuse", "refusé au parapheur"
        UNFIT = "non_recevable", "revenu, non recevable"
        WITHDRAWN = "retire", "retiré"

    UNDER_WAY = (State.TO_SEND, State.AWAY, State.BACK)
    LATER = frozenset(
        {
            *("state", "remote_id", "left_at", "file", "file_sha256", "back_at"),
            *("settled_at", "settled_by", "reason"),
        }
    )

    document = models.ForeignKey(
        IssuedDocument, models.PROTECT, related_name="folders", verbose_name="document"
    )
    service = models.CharField("parapheur", max_length=60)
    reference = models.CharField("référence", max_length=40, unique=True)
    places = models.JSONField("signatures attendues", default=list)
    sha256 = models.CharField("empreinte de ce qui part", max_length=64)
    sent_by = done_by("confié par", null=False)
    sent_at = models.DateTimeField("confié le", default=timezone.now)
    state = models.CharField("état", max_length=20, choices=State, default=State.TO_SEND)
    remote_id = models.CharField("numéro au parapheur", max_length=100, blank=True)
    left_at = models.DateTimeField("parti le", null=True, blank=True)
    file = models.FileField("fichier revenu", upload_to=_returned_path, max_length=250, blank=True)
    file_sha256 = models.CharField("empreinte du fichier revenu", max_length=64, blank=True)
    back_at = models.DateTimeField("revenu le", null=True, blank=True)
    settled_at = models.DateTimeField("clos le", null=True, blank=True)
    settled_by = done_by("retiré par", blank=True)
    reason = models.CharField("motif", max_length=1000, blank=True)

    told_by = ("reference",)
    is_never_played = True

    objects = FolderQuerySet.as_manager()

    class Meta:
        verbose_name = "dossier de parapheur"
        verbose_name_plural = "dossiers de parapheur"
        ordering = ["document_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(state__in=("a_envoyer", "au_parapheur", "revenu")),
                name="one_folder_under_way",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("a_envoyer", "au_parapheur", "revenu"), settled_at=None)
                | ~Q(state__in=("a_envoyer", "au_parapheur", "revenu"))
                & Q(settled_at__isnull=False),
                name="settled_folder_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}, {self.reference}"

    @property
    def is_under_way(self) -> bool:
        """Whether the document is signed elsewhere, and in no other way."""
        return self.state in self.UNDER_WAY


class SignatureStep(FinalModel):
    """One step of signing an issued document; its file begins with the bytes of the one before.

    Step 1 makes the places, the seal certifies when there is one, then the president and the
    secretaries of the sitting sign. A handwritten signature is a step too: `scan` is the signed
    sheet, and `file` stays what it was.
    """

    class Role(models.TextChoices):
        PLACES = "preparation", "places de signature préparées"
        SEAL = "cachet", "cachet de la collectivité"
        PRESIDENT = "president", "qui présidait"
        CLERK = "secretaire", "secrétaire de séance"

    class Manner(models.TextChoices):
        SERVER = "serveur", "certificat tenu par le serveur"
        OWN = "poste", "certificat du signataire, sur son poste"
        PARAPHEUR = "parapheur", "certificat du signataire, au parapheur"
        HAND = "main", "à la main, sur la feuille de signature"

    # What was signed out of sight: the file that came back is compared with the one that left.
    MADE_ELSEWHERE = (Manner.OWN, Manner.PARAPHEUR)

    # What people sign, where preparing and sealing are the work of the server.
    BY_PEOPLE = (Role.PRESIDENT, Role.CLERK)

    document = models.ForeignKey(
        IssuedDocument, models.PROTECT, related_name="signatures", verbose_name="document"
    )
    order = models.PositiveSmallIntegerField("rang")
    role = models.CharField("qualité", max_length=20, choices=Role)
    manner = models.CharField("comment", max_length=20, choices=Manner)
    place = models.CharField("place de signature", max_length=40, blank=True)
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="signatures",
        verbose_name="signataire",
    )
    signer = models.CharField("nom du signataire", max_length=250)
    file = models.FileField("fichier signé", upload_to=_signed_path, max_length=250)
    sha256 = models.CharField("empreinte", max_length=64)
    scan = models.FileField("feuille signée", upload_to=_signed_path, max_length=250, blank=True)
    certificate = models.JSONField("certificat", default=dict)
    key = models.ForeignKey(
        SigningKey,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="steps",
        verbose_name="clé",
        help_text="Vide\u00a0: aucune clé n’était rattachée.",
    )
    deposit = models.OneToOneField(
        Deposit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="step",
        verbose_name="signature déposée, confirmée",
    )
    level = models.CharField("niveau", max_length=20, blank=True)
    is_development = models.BooleanField("signature de démonstration", default=False)
    signed_at = models.DateTimeField("signé le", default=timezone.now)
    recorded_by = done_by()

    class Meta:
        verbose_name = "signature"
        ordering = ["document_id", "order"]
        constraints = [
            models.UniqueConstraint(fields=["document", "order"], name="one_signature_per_rank"),
            models.UniqueConstraint(
                fields=["document", "place"],
                condition=~Q(place=""),
                name="one_signature_per_place",
            ),
        ]

    def __str__(self) -> str:
        is_author = self.role == self.Role.PRESIDENT and self.document.meeting.is_alone
        role = "auteur de l’acte" if is_author else self.get_role_display()
        return f"{role} : {self.signer}"

    @property
    def field(self) -> str:
        """The field of the file that bears it: a parapheur may make one of its own."""
        return self.certificate.get("field") or self.place


class Review(Witnessed):
    """A draft shown to somebody before it is issued (`relecture`), by a personal link."""

    class Verdict(models.TextChoices):
        AGREED = "bon", "bon à établir"
        REMARKS = "remarques", "des remarques"

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="reviews", verbose_name="séance"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="reviews", verbose_name="relecteur"
    )
    capacity = models.CharField("en qualité de", max_length=60)
    token_hash = models.CharField("empreinte du lien", max_length=64, unique=True)
    asked_by = done_by("demandée par", null=False)
    asked_at = models.DateTimeField("demandée le", default=timezone.now)
    expires_at = models.DateTimeField("valable jusqu’au")
    revoked_at = models.DateTimeField("révoquée le", null=True, blank=True)
    revoked_by = done_by("révoquée par", blank=True)
    verdict = models.CharField("avis", max_length=20, choices=Verdict, blank=True)
    answered_at = models.DateTimeField("rendue le", null=True, blank=True)
    content_sha256 = models.CharField("empreinte du projet relu", max_length=64, blank=True)

    LATER = frozenset({"revoked_at", "revoked_by", "verdict", "answered_at", "content_sha256"})

    class Meta:
        verbose_name = "relecture"
        ordering = ["meeting_id", "pk"]

    def __str__(self) -> str:
        return f"{self.person} : {self.meeting}"


class Remark(Witnessed):
    """What somebody remarks on a draft, on one item or on the whole; settled by the secretary."""

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="remarks", verbose_name="séance"
    )
    item = models.ForeignKey(
        AgendaItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="remarks",
        verbose_name="point",
    )
    review = models.ForeignKey(
        Review,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="remarks",
        verbose_name="relecture",
    )
    text = models.TextField("remarque", max_length=4000)
    made_by = models.CharField("de", max_length=250)
    made_at = models.DateTimeField("le", default=timezone.now)
    settled_at = models.DateTimeField("réglée le", null=True, blank=True)
    settled_by = done_by("réglée par", blank=True)
    answer = models.TextField("suite donnée", max_length=2000, blank=True)

    LATER = frozenset({"settled_at", "settled_by", "answer"})

    class Meta:
        verbose_name = "remarque"
        ordering = ["meeting_id", "pk"]

    def __str__(self) -> str:
        return self.text[:60]


class Phrase(models.Model):
    """A sentence the secretary writes often (`bibliothèque de phrases`)."""

    body = models.ForeignKey(Body, models.CASCADE, related_name="phrases", verbose_name="instance")
    title = models.CharField("titre", max_length=120)
    text = models.TextField("texte", max_length=4000)
    position = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "phrase"
        ordering = ["body_id", "position", "title", "pk"]

    def __str__(self) -> str:
        return self.title
