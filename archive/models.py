"""What the search reads, what was published, and who follows what awaits him in his diary."""

import hashlib
import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from documents.models import CODE_LENGTH, IssuedDocument
from law import french
from law.acts import Handing
from law.secrecy import Ground
from meetings.models import AgendaItem, Attachment, Meeting
from members.days import DayColumn
from members.models import Body, Organisation, Person, done_by
from members.witness import Witnessed
from registry.models import Final, FinalModel, FinalQuerySet, SettledModel


class Entry(models.Model):
    """An item of issued minutes, or an extract before there are any, as the search finds it.

    `stems` are the roots of its words, without accents: the same on every database. Rows go with
    the document they were read from, and are made again when a version supersedes it.
    """

    document = models.ForeignKey(
        IssuedDocument, models.CASCADE, related_name="entries", verbose_name="document"
    )
    item = models.ForeignKey(
        AgendaItem,
        models.CASCADE,
        null=True,
        related_name="entries",
        verbose_name="point",
    )
    body = models.ForeignKey(Body, models.CASCADE, related_name="entries", verbose_name="instance")
    held_on = DayColumn("séance du", db_index=True)
    title = models.CharField("intitulé", max_length=600)
    text = models.TextField("texte")
    stems = models.TextField("racines")

    class Meta:
        verbose_name = "entrée de recherche"
        verbose_name_plural = "entrées de recherche"
        ordering = ["-held_on", "pk"]

    def __str__(self) -> str:
        return self.title


_FINAL = "Une publication ne se modifie pas et ne s’efface pas : elle se retire, avec un motif."


class PublicationQuerySet(FinalQuerySet):
    """Publications, of which nothing is rewritten in bulk."""

    def lasting(self) -> Self:
        """Without those that hang from what somebody plays: the application made none."""
        return self.filter(document__meeting__in=Meeting.every.lasting())

    def online(self) -> Self:
        """What the public may read: published and not withdrawn."""
        return self.filter(withdrawn_at=None)

    def in_force(self) -> Self:
        """Those that no later version, itself online, has replaced."""
        later = self.model._base_manager.filter(
            withdrawn_at=None,
            first_version=models.OuterRef("first_version"),
            document__version__gt=models.OuterRef("document__version"),
        )
        return self.filter(~models.Exists(later))


def _public_path(publication: "Publication", filename: str) -> str:
    """Where a published file lies, under MEDIA_ROOT."""
    meeting = publication.document.meeting
    return f"publications/{meeting.body.organisation.slug}/{meeting.held_on.year}/{filename}"


def _proof_path(given: "Given", filename: str) -> str:
    """Where a proof lies, under MEDIA_ROOT."""
    meeting = given.meeting
    return f"preuves/{meeting.body.organisation.slug}/{meeting.held_on.year}/{filename}"


class Publication(Witnessed):
    """A document put online: the very bytes the public downloads, and since when (`publication`).

    `code` is its address for ever. `author` is what is shown with it: first name, surname,
    capacity (art. R2131-1). `stems` are the roots of the words of its title; what the public looks
    in is its `PublicText`. Only its withdrawal, with a reason, is written later; `hides_object`
    then says that its page no longer tells what it was about.
    """

    document = models.ForeignKey(
        IssuedDocument, models.PROTECT, related_name="publications", verbose_name="document"
    )
    first_version = models.ForeignKey(
        IssuedDocument, models.PROTECT, related_name="+", verbose_name="première version"
    )
    code = models.CharField("code public", max_length=CODE_LENGTH, db_index=True)
    file = models.FileField("fichier publié", upload_to=_public_path, max_length=250)
    sha256 = models.CharField("empreinte", max_length=64)
    is_redacted = models.BooleanField("des passages sont masqués", default=False)
    title = models.CharField("intitulé", max_length=300)
    stems = models.TextField("racines de l’intitulé", default="", blank=True)
    author = models.CharField("auteur", max_length=600)
    published_at = models.DateTimeField("mis en ligne le", default=timezone.now)
    published_by = done_by()
    withdrawn_at = models.DateTimeField("retiré le", null=True, blank=True)
    withdrawn_by = done_by("retiré par", blank=True)
    reason = models.CharField("motif du retrait", max_length=300, blank=True)
    hides_object = models.BooleanField("objet tu", default=False, db_default=False)

    told_by = ("code",)
    is_never_played = True

    objects = PublicationQuerySet.as_manager()

    LATER = frozenset({"withdrawn_at", "withdrawn_by", "reason", "hides_object"})  # its withdrawal

    class Meta:
        verbose_name = "publication"
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document"], condition=Q(withdrawn_at=None), name="published_once"
            ),
            models.UniqueConstraint(
                fields=["code"], condition=Q(withdrawn_at=None), name="one_publication_per_code"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(reason="")),
                name="withdrawal_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args, update_fields=None, **kwargs) -> None:
        is_withdrawal = update_fields is not None and self.LATER.issuperset(update_fields)
        if not (self._state.adding or is_withdrawal):
            raise Final(_FINAL)
        super().save(*args, update_fields=update_fields, **kwargs)

    @property
    def size(self) -> int:
        """Bytes of the file, 0 when it is gone."""
        try:
            return int(self.file.size)
        except OSError:
            return 0

    def get_absolute_url(self) -> str:
        return reverse("archive:public_document", args=[self.code])

    def delete(self, *args, **kwargs):
        raise Final(_FINAL)


class PublicText(models.Model):
    """What one published file says of an item, as everybody finds it (`texte public`): read in the
    data that the file carries, which was laid out without what the law protects.

    It goes when the publication is withdrawn, proves nothing, and is read again at will.
    """

    publication = models.ForeignKey(
        Publication, models.CASCADE, related_name="public_texts", verbose_name="publication"
    )
    text = models.TextField("texte")
    stems = models.TextField("racines")

    class Meta:
        verbose_name = "texte public"
        verbose_name_plural = "textes publics"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Texte de {self.publication}"


def _stand_in_path(choice: "AnnexChoice", filename: str) -> str:
    """Where the file that stands in for an attachment lies, under MEDIA_ROOT."""
    return f"pieces/{choice.attachment.item.meeting_id}/public/{secrets.token_hex(20)}"


class AnnexChoice(Witnessed):
    """Whether a file joined to an item goes online with its act (`choix d’annexe`): as it is, or
    with a `file` in its place, from which the secretariat took what the law protects."""

    attachment = models.OneToOneField(
        Attachment, models.CASCADE, related_name="annex_choice", verbose_name="pièce jointe"
    )
    is_public = models.BooleanField("publiée")
    file = models.FileField("fichier pour le public", upload_to=_stand_in_path, blank=True)
    filename = models.CharField("nom du fichier", max_length=200, blank=True)
    sha256 = models.CharField("empreinte", max_length=64, blank=True)
    decided_by = done_by()
    decided_at = models.DateTimeField("le", default=timezone.now)

    LATER = frozenset({"is_public", "file", "filename", "sha256", "decided_by", "decided_at"})
    is_erasable = True  # with its attachment

    class Meta:
        verbose_name = "choix d’une annexe"
        verbose_name_plural = "choix d’annexes"

    def __str__(self) -> str:
        return f"{self.attachment}, {'publiée' if self.is_public else 'non publiée'}"


def _annex_path(annex: "PublishedAnnex", filename: str) -> str:
    """Where a published annex lies, under MEDIA_ROOT."""
    return f"{_public_path(annex.publication, 'annexes')}/{filename}"


class PublishedAnnex(FinalModel):
    """A file put online with an act (`annexe publiée`), under its `rank`: the very bytes."""

    publication = models.ForeignKey(
        Publication, models.PROTECT, related_name="annexes", verbose_name="publication"
    )
    rank = models.PositiveSmallIntegerField("rang")
    title = models.CharField("intitulé", max_length=200)
    file = models.FileField("fichier publié", upload_to=_annex_path, max_length=250)
    sha256 = models.CharField("empreinte", max_length=64)
    is_replaced = models.BooleanField("remplace la pièce entière", default=False)
    added_on = DayColumn("ajoutée le", null=True, help_text="Vide\u00a0: avec l’acte.")

    told_by = ("rank",)
    is_never_played = True

    class Meta:
        verbose_name = "annexe publiée"
        verbose_name_plural = "annexes publiées"
        ordering = ["publication_id", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "rank"], name="one_annex_per_rank")
        ]

    def __str__(self) -> str:
        return f"annexe {self.rank}, {self.title}"

    @property
    def download_name(self) -> str:
        """How it is called when downloaded: never as somebody called it."""
        return f"annexe-{self.rank}.{self.file.name.rpartition('.')[2]}"

    def get_absolute_url(self) -> str:
        return reverse("archive:public_annex", args=[self.publication.code, self.rank])


class PublicationRequest(SettledModel):
    """Where two are asked for: that somebody wants these papers of a sitting online (`demande de
    mise en ligne`), which somebody else reads again and does. `says` is the hash of what the public
    would have read then: what changed since is asked for again."""

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="publication_requests", verbose_name="séance"
    )
    documents = models.JSONField("documents", default=list)
    says = models.CharField("empreinte de ce qui serait lu", max_length=64)
    asked_by = done_by("demandée par")
    asked_at = models.DateTimeField("demandée le", default=timezone.now)
    ended_at = models.DateTimeField("close le", null=True, blank=True)
    ended_by = done_by("close par", blank=True)

    LATER = frozenset({"ended_at", "ended_by"})
    is_never_played = True

    class Meta:
        verbose_name = "demande de mise en ligne"
        verbose_name_plural = "demandes de mise en ligne"
        ordering = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return f"demande de mise en ligne, {self.meeting}"


class Reading(FinalModel):
    """The public address of a publication, read back as anybody reads it (`relevé`): its bytes are
    those that were put there, or what came instead."""

    class Found(models.TextChoices):
        SAME = "conforme", "conforme"
        OTHER = "autre", "un autre fichier"
        ABSENT = "absent", "absent"
        SILENT = "muet", "pas de réponse"

    publication = models.ForeignKey(
        Publication, models.PROTECT, related_name="readings", verbose_name="publication"
    )
    at = models.DateTimeField("relevé le", default=timezone.now, db_index=True)
    found = models.CharField("ce qui est lu", max_length=10, choices=Found)
    detail = models.CharField("précision", max_length=200, blank=True)
    # What the site was called that day; "" of what was read before this was kept.
    address = models.CharField("adresse lue", max_length=300, blank=True)

    is_never_played = True

    class Meta:
        verbose_name = "relevé d’une adresse publique"
        verbose_name_plural = "relevés des adresses publiques"
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["publication", "at"], name="readings_of_a_publication")]

    def __str__(self) -> str:
        return f"relevé du {timezone.localtime(self.at):%d/%m/%Y à %H:%M}"


class PostingQuerySet(FinalQuerySet):
    """What was posted or handed over."""

    def standing(self) -> Self:
        """Those that nobody took back."""
        return self.filter(undone_at=None)


class Posting(SettledModel):
    """A paper made known otherwise than online, as somebody tells it (`affichage`): posted at the
    seat, posted in urgency, notified to whom it is about. `who` did it, from the day `on`; `until`
    when it was posted, told later; `way`, how it was handed over."""

    class Manner(models.TextChoices):
        POSTED = "affiche", "affiché au siège"
        URGENT = "urgence", "affiché en urgence"
        NOTIFIED = "notifie", "notifié"

    document = models.ForeignKey(
        IssuedDocument, models.PROTECT, related_name="postings", verbose_name="document"
    )
    manner = models.CharField("comment", max_length=10, choices=Manner, default=Manner.POSTED)
    on = DayColumn("le")
    who = models.CharField("par qui", max_length=200)
    way = models.CharField(
        "comment remis",
        max_length=15,
        blank=True,
        choices=[(each.value, each.words) for each in Handing],
    )
    until = DayColumn("ôté le", null=True, blank=True)
    noted_by = done_by("noté par")
    noted_at = models.DateTimeField("noté le", default=timezone.now)
    undone_at = models.DateTimeField("annulé le", null=True, blank=True)
    undone_by = done_by("annulé par", blank=True)

    LATER = frozenset({"until", "undone_at", "undone_by"})
    told_by = ("on",)
    is_never_played = True

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = "affichage"
        ordering = ["on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "manner"],
                condition=Q(undone_at=None),
                name="posted_once_each_way",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("on")), name="posted_before_it_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}, {self.get_manner_display()} le {self.on:%d/%m/%Y}"

    @property
    def is_notified(self) -> bool:
        """Whether it was handed to whom it is about, and posted nowhere."""
        return self.manner == self.Manner.NOTIFIED

    @property
    def noun(self) -> str:
        """ "affichage", "notification"."""
        return "notification" if self.is_notified else "affichage"


def _arrival_path(arrival: "Arrival", filename: str) -> str:
    return f"arrivees/{arrival.organisation.slug}/{filename}"


def _certificate_path(certificate: "Certificate", filename: str) -> str:
    """Where a certificate lies, under MEDIA_ROOT."""
    meeting = certificate.document.meeting
    return f"certificats/{meeting.body.organisation.slug}/{meeting.held_on.year}/{filename}"


class Certificate(FinalModel):
    """What certifies that a paper was online for its time, or posted (`certificat`): the paper as
    its JSON, and the file, sealed by the organisation where it has a seal."""

    document = models.ForeignKey(
        IssuedDocument, models.PROTECT, related_name="certificates", verbose_name="document"
    )
    publication = models.OneToOneField(
        Publication,
        models.PROTECT,
        null=True,
        related_name="certificate",
        verbose_name="publication",
    )
    posting = models.OneToOneField(
        Posting, models.PROTECT, null=True, related_name="certificate", verbose_name="affichage"
    )
    content = models.TextField("contenu")
    file = models.FileField("fichier", upload_to=_certificate_path, max_length=250)
    sha256 = models.CharField("empreinte", max_length=64, db_index=True)
    is_sealed = models.BooleanField("cacheté", default=False)
    issued_by = done_by("établi par")
    issued_at = models.DateTimeField("établi le", default=timezone.now)

    is_never_played = True

    class Meta:
        verbose_name = "certificat"
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(publication=None, posting__isnull=False)
                | Q(publication__isnull=False, posting=None),
                name="certificate_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"certificat {french.contract('de', self.proves)}, {self.document}"

    @property
    def proves(self) -> str:
        """ "publication", "affichage", "notification"."""
        return self.posting.noun if self.posting else "publication"


class Given(FinalModel):
    """A file that was put together for somebody, a ZIP or the volume of a register: by the hash of
    its bytes, and by nothing else, the verification page knows it again (`remise`). A volume is of
    the year of its `meeting`.

    A proof is kept (`file`) and handed again as long as it would say the same (`said`).
    """

    class Kind(models.TextChoices):
        PAPERS = "documents", "documents d’une séance"
        WHOLE = "dossier", "dossier complet d’une séance"
        PROOF = "preuve", "fichier de preuve"
        PUBLIC_PROOF = "preuve_publique", "fichier de preuve public"
        VOLUME = "volume", "volume du registre"

    kind = models.CharField("nature", max_length=20, choices=Kind)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="+", verbose_name="séance")
    document = models.ForeignKey(
        IssuedDocument, models.PROTECT, null=True, related_name="proofs", verbose_name="document"
    )
    said = models.CharField("empreinte de ce qui est prouvé", max_length=64, blank=True)
    file = models.FileField("fichier", upload_to=_proof_path, max_length=250, blank=True)
    sha256 = models.CharField("empreinte", max_length=64, db_index=True)
    at = models.DateTimeField("remis le", default=timezone.now)
    by = done_by("remis à")

    class Meta:
        verbose_name = "remise"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        if self.kind == self.Kind.VOLUME:
            year, body = self.meeting.held_on.year, self.meeting.body
            return f"registre des délibérations, {body}, {year}"
        if self.kind == self.Kind.PUBLIC_PROOF and self.document is not None:
            # Who has it may know the public edition alone, whose title hides what it must.
            title = self.document.publications.order_by("pk").last()
            return f"{self.get_kind_display()}, {title}"
        return f"{self.get_kind_display()}, {self.document or self.meeting}"

    def content(self) -> bytes | None:
        """The bytes that were handed over; `None` when no file, or another, is kept of them."""
        try:
            with self.file.open("rb") as file:
                content = file.read()
        except (OSError, ValueError):
            return None
        return content if hashlib.sha256(content).hexdigest() == self.sha256 else None


class TaskFeed(models.Model):
    """The secret address at which somebody's diary follows what awaits the secretariat."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="task_feeds", verbose_name="compte"
    )
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="task_feeds", verbose_name="organisation"
    )
    token_hash = models.CharField("empreinte de l’adresse", max_length=64, unique=True)
    made_at = models.DateTimeField("créé le", default=timezone.now)

    class Meta:
        verbose_name = "abonnement aux échéances"
        verbose_name_plural = "abonnements aux échéances"
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="one_task_feed_each")
        ]

    def __str__(self) -> str:
        return f"Échéances : {self.user}"


class SigningCall(models.Model):
    """How far one person was told by mail of what awaits her: to sign (`appel à signer`), and to
    carry out.

    `told` are the documents of the last mail, `told_follow_ups` what it said to carry out, `rank`
    how many left. The link of each mail, drawn from `seed`, stops its reminders and nothing else;
    only its hash is kept.
    """

    person = models.OneToOneField(
        Person, models.CASCADE, related_name="signing_call", verbose_name="personne"
    )
    seed = models.CharField(max_length=64, editable=False)
    token_hash = models.CharField("empreinte du lien", max_length=64, unique=True)
    rank = models.PositiveIntegerField("courriels", default=0)
    told = models.JSONField("documents annoncés", default=list)
    told_follow_ups = models.JSONField("suites annoncées", default=list)
    mailed_at = models.DateTimeField("dernier courriel le", null=True, blank=True)
    stopped_at = models.DateTimeField("rappels arrêtés le", null=True, blank=True)

    class Meta:
        verbose_name = "appel à signer"
        verbose_name_plural = "appels à signer"

    def __str__(self) -> str:
        return f"À signer\u00a0: {self.person}"


class Alert(models.Model):
    """What a reader without account wants to be told of by mail (`alerte`): what an organisation
    publishes, of these bodies and these matters, or of all where none is chosen.

    It holds an address and nothing else of him. `told_until` is up to when what went online was
    told; his link, drawn from `seed`, confirms, changes and erases: only its hash is kept.
    """

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="alerts", verbose_name="organisation"
    )
    email = models.EmailField("adresse")
    bodies = models.ManyToManyField(Body, related_name="+", blank=True, verbose_name="instances")
    matters = models.JSONField("matières", default=list, blank=True)
    site = models.CharField("adresse du site", max_length=200, blank=True)
    seed = models.CharField(max_length=64, editable=False)
    token_hash = models.CharField("empreinte du lien", max_length=64, unique=True)
    asked_at = models.DateTimeField("demandée le", default=timezone.now)
    confirmed_at = models.DateTimeField("confirmée le", null=True, blank=True)
    told_until = models.DateTimeField("publié avant le", null=True, blank=True)
    mailed_at = models.DateTimeField("dernier courriel le", null=True, blank=True)

    class Meta:
        verbose_name = "alerte"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "email"], name="one_alert_each")
        ]

    def __str__(self) -> str:
        return f"Alerte\u00a0: {self.organisation}"


class FiledSheet(models.Model):
    """What one sitting waits for, as last read (`fiche d’attente`): see `archive.desk.filed`.

    `stamp` is drawn again by whatever is written of the sitting; what is filed (`says`) was read
    under the stamp `of`, under the number `seen` of the ledgers that it reads, by the code
    `by`, and is true from the day `on` to the day `until`. It is made anew at will, and proves
    nothing.
    """

    meeting = models.OneToOneField(
        Meeting, models.CASCADE, primary_key=True, related_name="filed", verbose_name="séance"
    )
    stamp = models.CharField("marque", max_length=32)
    of = models.CharField("lue sous la marque", max_length=32, blank=True)
    seen = models.BigIntegerField("lue sous le numéro de la séance", null=True, blank=True)
    by = models.CharField("lue par", max_length=16, blank=True)
    on = DayColumn("lue le", null=True, blank=True)
    until = DayColumn("vraie jusqu’au", null=True, blank=True)
    says = models.JSONField("ce qu’elle dit", default=dict)
    is_silent = models.BooleanField("ne dit rien", default=False)

    class Meta:
        verbose_name = "fiche d’attente"
        verbose_name_plural = "fiches d’attente"

    def __str__(self) -> str:
        return f"Ce qu’attend {self.meeting}"


class Anchor(models.Model):
    """The root of every line of the witness at one moment, told outside (`ancrage`).

    The tree holds the lines of `members.Witness` whose `batch` is this number or an earlier one,
    by batch then number; `size` is how many. `heads` are those of its full sub-trees, from which
    the next anchor goes on. `token` is the time stamp of the root (RFC 3161, base64), "" until an
    authority gives one, with `trouble` why; `written_at` when the line of it was added to the file
    that somebody else holds. Nothing else of it is ever written again.
    """

    number = models.PositiveIntegerField("numéro", unique=True)
    at = models.DateTimeField("le", default=timezone.now)
    size = models.PositiveBigIntegerField("constats")
    root = models.CharField("racine", max_length=64)
    previous_root = models.CharField("racine précédente", max_length=64, blank=True)
    heads = models.JSONField("têtes", default=list)
    token = models.TextField("horodatage", blank=True)
    trouble = models.CharField("ce qui manque", max_length=300, blank=True)
    tried_at = models.DateTimeField("essayé le", null=True, blank=True)
    written_at = models.DateTimeField("écrit le", null=True, blank=True)

    class Meta:
        verbose_name = "ancrage"
        ordering = ["number"]

    def __str__(self) -> str:
        return f"ancrage n° {self.number} du {timezone.localtime(self.at):%d/%m/%Y à %H:%M}"


class Safeguard(models.Model):
    """A backup that the server made of itself, or an exercise of restoring one: what became of it.

    It tells of this machine: no backup takes it.
    """

    class Kind(models.TextChoices):
        BACKUP = "sauvegarde", "sauvegarde"
        DRILL = "exercice", "exercice de restauration"

    kind = models.CharField("nature", max_length=12, choices=Kind)
    begun_at = models.DateTimeField("commencé le")
    ended_at = models.DateTimeField("fini le", null=True, blank=True)
    name = models.CharField("fichier", max_length=100)
    size = models.BigIntegerField("octets", default=0)
    added = models.BigIntegerField("octets ajoutés", default=0)
    files = models.PositiveIntegerField("fichiers", default=0)
    trouble = models.TextField("ce qui n’a pas été", blank=True)

    class Meta:
        verbose_name = "sauvegarde"
        verbose_name_plural = "sauvegardes"
        ordering = ["begun_at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"

    @property
    def is_good(self) -> bool:
        """Whether it went to its end, and nothing was wrong."""
        return self.ended_at is not None and not self.trouble


class ArchiveService(models.Model):
    """What was agreed with the electronic archive where an organisation deposits (`service
    d’archives`): its identifiers, and its codes for what the law and the archivist decide."""

    class Version(models.TextChoices):
        V21 = "2.1", "SEDA 2.1"
        V22 = "2.2", "SEDA 2.2"
        V23 = "2.3", "SEDA 2.3"

    class Algorithm(models.TextChoices):
        SHA512 = "SHA-512", "SHA-512 (VITAM)"
        SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256", "SHA-256 (as@lae)"

    organisation = models.OneToOneField(
        Organisation, models.PROTECT, related_name="archive_service", verbose_name="organisation"
    )
    agency = models.CharField("service d’archives", max_length=100, help_text="Son identifiant.")
    sender = models.CharField(
        "service versant", max_length=100, help_text="Le vôtre\u00a0: le SIREN, le plus souvent."
    )
    producer = models.CharField("service producteur", max_length=100)
    agreement = models.CharField("contrat d’entrée", max_length=100, blank=True)
    profile = models.CharField("profil d’archivage", max_length=100, blank=True)
    free = models.CharField(
        "code de ce qui est communicable aussitôt", max_length=60, default="AR038"
    )
    private = models.CharField(
        "code du délai de la vie privée",
        max_length=60,
        help_text="50\u00a0ans, art. L213-2 du Code du patrimoine\u00a0: celui de sa table.",
    )
    business = models.CharField("code du délai de 25 ans", max_length=60, blank=True)
    justice = models.CharField("code du délai de 75 ans", max_length=60, blank=True)
    minors = models.CharField("code du délai de 100 ans", max_length=60, blank=True)
    retention = models.CharField(
        "code de la règle de sort", max_length=60, help_text="Celle de la conservation définitive."
    )
    version = models.CharField("version", max_length=5, choices=Version, default=Version.V22)
    algorithm = models.CharField(
        "empreintes", max_length=60, choices=Algorithm, default=Algorithm.SHA512
    )

    class Meta:
        verbose_name = "service d’archives"
        verbose_name_plural = "services d’archives"

    def __str__(self) -> str:
        return f"{self.agency} ({self.organisation})"

    @property
    def codes(self) -> dict[Ground, str]:
        """Its code of each delay that it has one for."""
        told = {
            Ground.PRIVATE: self.private,
            Ground.BUSINESS: self.business,
            Ground.JUSTICE: self.justice,
            Ground.MINORS: self.minors,
        }
        return {ground: code for ground, code in told.items() if code}


class Arrival(FinalModel):
    """An organisation that came from another installation, by its export (`arrivée`): what proved
    it there is kept.

    `file` holds, gzipped, each line that the witness had on its rows, in the tree of the anchors of
    the installation from which it came (`archive.keeping.moving.evidence`). The numbers that its
    rows had there are `shift` less.
    """

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="arrivals", verbose_name="organisation"
    )
    origin = models.CharField("venue de", max_length=250, blank=True)
    left_at = models.DateTimeField("partie le")
    at = models.DateTimeField("arrivée le")
    shift = models.BigIntegerField("numéros élevés de", default=0)
    rows = models.PositiveIntegerField("lignes", default=0)
    lines = models.PositiveIntegerField("constats", default=0)
    stamped_at = models.DateTimeField("ancrée là-bas jusqu’au", null=True)
    file = models.FileField("constats d’alors", upload_to=_arrival_path, max_length=250)
    sha256 = models.CharField("empreinte", max_length=64)

    class Meta:
        verbose_name = "arrivée"
        verbose_name_plural = "arrivées"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"arrivée de {self.organisation}"
