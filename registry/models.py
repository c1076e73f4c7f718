"""From what was decided to acts that stand: numbers, adoption, review and signatures.

Everything here is added and never changed: a number is given once, an adoption is the vote of a
later sitting, a signature is a new file that begins with the bytes of the one before.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from documents.models import IssuedDocument
from meetings.models import AgendaItem, Meeting
from members.models import Body, Person, done_by


class Final(Exception):
    """Somebody tried to change or delete what the register holds."""


def _refuse(*args, **kwargs):
    raise Final("Ce que porte le registre ne se modifie pas et ne s’efface pas.")


class FinalQuerySet(models.QuerySet):
    """Rows that are added, and neither changed nor erased: `Final` is raised."""

    update = bulk_update = delete = _refuse


class FinalModel(models.Model):
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

    class Meta:
        verbose_name = "délibération"
        ordering = ["-year", "-number"]
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


class DeliberationLink(FinalModel):
    """What a deliberation does to an earlier one."""

    class Kind(models.TextChoices):
        MODIFIES = "modifie", "modifie"
        REPEALS = "abroge", "abroge"
        REPLACES = "remplace", "remplace"
        WITHDRAWS = "retire", "retire"

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

    class Meta:
        verbose_name = "lien entre délibérations"
        verbose_name_plural = "liens entre délibérations"
        ordering = ["source", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(target__isnull=False, target_text="")
                | (Q(target=None) & ~Q(target_text="")),
                name="link_names_one_target",
            )
        ]

    def __str__(self) -> str:
        return f"{self.source.label} {self.get_kind_display()} {self.target or self.target_text}"


class Adoption(FinalModel):
    """The vote of a later sitting by which minutes are adopted (`arrêtées`, art. L2121-15)."""

    document = models.OneToOneField(
        IssuedDocument, models.PROTECT, related_name="adoption", verbose_name="procès-verbal"
    )
    item = models.ForeignKey(
        AgendaItem, models.PROTECT, related_name="adoptions", verbose_name="point"
    )
    seq = models.PositiveIntegerField("ligne du registre de la séance")
    adopted_on = models.DateField("arrêté le")
    noted_by = done_by()
    noted_at = models.DateTimeField("noté le", default=timezone.now)

    class Meta:
        verbose_name = "adoption d’un procès-verbal"
        verbose_name_plural = "adoptions de procès-verbaux"
        ordering = ["-adopted_on", "pk"]

    def __str__(self) -> str:
        return f"{self.document}"


def signature_folder(document: int) -> str:
    """Where the signed files of a document lie, under MEDIA_ROOT."""
    return f"signatures/{document}"


def _signed_path(step: "SignatureStep", filename: str) -> str:
    return f"{signature_folder(step.document_id)}/{filename}"


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
        HAND = "main", "à la main, sur la feuille de signature"

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
    level = models.CharField("niveau", max_length=20, blank=True)
    is_development = models.BooleanField("signature de démonstration", default=False)
    signed_at = models.DateTimeField("signé le", default=timezone.now)
    recorded_by = done_by()

    class Meta:
        verbose_name = "signature"
        ordering = ["document", "order"]
        constraints = [
            models.UniqueConstraint(fields=["document", "order"], name="one_signature_per_rank"),
            models.UniqueConstraint(
                fields=["document", "place"],
                condition=~Q(place=""),
                name="one_signature_per_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} : {self.signer}"


class Review(models.Model):
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

    class Meta:
        verbose_name = "relecture"
        ordering = ["meeting", "pk"]

    def __str__(self) -> str:
        return f"{self.person} : {self.meeting}"


class Remark(models.Model):
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

    class Meta:
        verbose_name = "remarque"
        ordering = ["meeting", "pk"]

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
        ordering = ["body", "position", "title"]

    def __str__(self) -> str:
        return self.title
