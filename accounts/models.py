"""What is kept of who enters: sessions, factors, tries, mails to accounts, changes asked."""

from datetime import datetime

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from members.models import Person, User, done_by


class Tries(models.Model):
    """How often somebody failed at a door of late. The key is a hash: no address is kept."""

    key = models.CharField("porte et visiteur", max_length=64, primary_key=True)
    count = models.PositiveIntegerField("essais", default=0)
    until = models.DateTimeField("oubliés le", db_index=True)

    class Meta:
        verbose_name = "essais"
        verbose_name_plural = "essais"

    def __str__(self) -> str:
        return f"{self.count} essais"


class Session(AbstractBaseSession):
    """One browser in which an account is signed in; deleting the row signs it out at once."""

    session_key = models.CharField("empreinte du cookie", max_length=64, primary_key=True)
    account = models.ForeignKey(
        User, models.CASCADE, null=True, related_name="sessions", verbose_name="compte"
    )
    device = models.CharField("appareil", max_length=300, blank=True)
    network = models.GenericIPAddressField("réseau", null=True)
    entered_at = models.DateTimeField("ouverte le", default=timezone.now)
    seen_at = models.DateTimeField("vue le", default=timezone.now)

    objects = BaseSessionManager()

    class Meta:
        verbose_name = "session"
        ordering = ["-seen_at", "-pk"]


class Factor(models.Model):
    """What proves an account beside its password. A row removed is kept: who removed it, when."""

    class Kind(models.TextChoices):
        TOTP = "totp", "application de codes"
        PASSKEY = "passkey", "clé d’accès"

    account = models.ForeignKey(User, models.CASCADE, related_name="factors", verbose_name="compte")
    kind = models.CharField("genre", max_length=10, choices=Kind)
    name = models.CharField("nom", max_length=60)
    # TOTP: the secret (encrypted), the last step used. Passkey: the credential, its public key.
    data = models.JSONField("ce qui le vérifie")
    made_at = models.DateTimeField("ajouté le", default=timezone.now)
    used_at = models.DateTimeField("servi le", null=True)
    removed_at = models.DateTimeField("retiré le", null=True)
    removed_by = done_by("retiré par")

    class Meta:
        verbose_name = "second facteur"
        verbose_name_plural = "seconds facteurs"
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(kind="totp", removed_at=None),
                name="one_code_application",
            )
        ]

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """A code on paper that stands for a lost factor, once; only its hash is kept."""

    account = models.ForeignKey(
        User, models.CASCADE, related_name="recovery_codes", verbose_name="compte"
    )
    code_hash = models.CharField("empreinte", max_length=64)
    used_at = models.DateTimeField("servi le", null=True)

    class Meta:
        verbose_name = "code de secours"
        verbose_name_plural = "codes de secours"

    def __str__(self) -> str:
        return f"{self.account} : code de secours"


class ExternalIdentity(models.Model):
    """Who an account is at a provider of identity; by this alone it enters from there again."""

    account = models.ForeignKey(
        User, models.CASCADE, related_name="identities", verbose_name="compte"
    )
    provider = models.CharField("fournisseur d’identité", max_length=50)
    # What the provider calls her, for ever; an address may pass to somebody else.
    subject = models.CharField("identifiant chez lui", max_length=255)
    linked_at = models.DateTimeField("rattachée le", default=timezone.now)
    used_at = models.DateTimeField("a servi le", null=True)

    class Meta:
        verbose_name = "identité"
        ordering = ["linked_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="one_account_a_subject"),
            models.UniqueConstraint(fields=["account", "provider"], name="one_subject_an_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account} : {self.provider}"


class LetterQuerySet(models.QuerySet["Letter"]):
    """Letters by where they are on their way, asked as convocations are (`convening.sending`)."""

    def waiting(self, at: datetime) -> "LetterQuerySet":
        """What the sender may take now."""
        return self.filter(state=Letter.State.QUEUED, not_before__lte=at)

    def in_earnest(self) -> "LetterQuerySet":
        """All of them: none is of a sitting that is played."""
        return self.all()

    def unsettled(self) -> "LetterQuerySet":
        """What is still to be handed to the server, now or later."""
        return self.filter(state__in=(Letter.State.QUEUED, Letter.State.HANDING))

    def stuck(self) -> "LetterQuerySet":
        """What a server did not take, for good or not yet, or gave back."""
        put_off = Q(state=Letter.State.QUEUED) & ~Q(reply="")
        return self.filter(put_off | Q(state__in=(Letter.State.REFUSED, Letter.State.BOUNCED)))


class Letter(models.Model):
    """A mail to an account, or to a reader, that waits for the hand that sends mails; gone once it
    left or, where returns are read, some days later. No secret is in it: the link is drawn when it
    leaves."""

    class State(models.TextChoices):
        QUEUED = "attente", "en attente"
        HANDING = "remise", "remise en cours"
        SENT = "remis", "remis au serveur"
        REFUSED = "refuse", "refusé par le serveur"
        BOUNCED = "revenu", "revenu non distribué"

    class Kind(models.TextChoices):
        RESET = "reset", "mot de passe oublié"
        INVITATION = "invitation", "compte ouvert"
        ADDRESS = "address", "nouvelle adresse à confirmer"
        ADDRESS_ASKED = "address_asked", "changement d’adresse demandé"
        ADDRESS_CHANGED = "address_changed", "adresse changée"
        FACTORS_ASKED = "factors_asked", "retrait des seconds facteurs demandé"
        FACTORS_REMOVED = "factors_removed", "seconds facteurs retirés"
        CHANGE_ASKED = "change_asked", "accord demandé à l’administration"
        LINK_ASKED = "link_asked", "rattachement demandé"
        CLOSING_ASKED = "closing_asked", "fermeture du compte demandée"
        WITHDRAWN = "withdrawn", "droit retiré"
        UNLINKED = "unlinked", "rattachement retiré"
        LINKED = "linked", "personne rattachée à un compte"
        READDRESSED = "readdressed", "adresse de convocation changée"
        GUESSED = "guessed", "seconds facteurs essayés"
        PROVED = "proved", "preuve du compte changée"
        KEY = "key", "clé de signature changée"
        ALERT_ASKED = "alert_asked", "abonnement d’un lecteur à confirmer"
        ALERT = "alert", "actes publiés, à un lecteur"

    kind = models.CharField("genre", max_length=20, choices=Kind)
    to = models.EmailField("destinataire")
    data = models.JSONField("ce qu’il dit", default=dict)
    site = models.CharField("adresse du site", max_length=200)
    not_before = models.DateTimeField("pas avant", default=timezone.now, db_index=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    # What the database gives to a version of before, which writes none of it.
    state = models.CharField(
        "état", max_length=20, choices=State, default=State.QUEUED, db_default=State.QUEUED
    )
    message_id = models.CharField("identifiant du message", max_length=200, db_default="")
    queued_at = models.DateTimeField("préparé le", default=timezone.now, db_default=Now())
    taken_by = models.CharField("pris par", max_length=100, blank=True, default="", db_default="")
    lease_until = models.DateTimeField("pris jusqu’à", null=True, blank=True)
    reply = models.TextField("réponse du serveur", blank=True, default="", db_default="")

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = "courriel de compte"
        verbose_name_plural = "courriels de compte"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} : {self.to}"


class IdentityChangeQuerySet(models.QuerySet):
    """Changes asked, by what became of them."""

    def open(self) -> "IdentityChangeQuerySet":
        """Those that nobody carried out nor refused; some of them may be over."""
        return self.filter(done_at=None, refused_at=None)

    def imposed(self) -> "IdentityChangeQuerySet":
        """Those carried out though the holder of the account neither asked nor agreed to them. A
        closed account is nobody else's."""
        holder = Q(asked_by=F("account")) | Q(agreed_by=F("account"), agreed_by__isnull=False)
        rows = self.exclude(kind=IdentityChange.Kind.CLOSING)
        return rows.filter(~holder, done_at__isnull=False)


class IdentityChange(models.Model):
    """What somebody asks of the identity of an account: another address, that its second factors
    be removed, or that who runs or audits the organisation be put out. The account stays as it is
    until this is carried out.

    One that the holder did not ask waits for her agreement, for that of another administrator, or
    for `accounts.deciding.WAIT`. It dies with the password that the account had, and with the
    right of who asked.
    """

    class Kind(models.TextChoices):
        ADDRESS = "address", "changement d’adresse"
        FACTORS = "factors", "retrait des seconds facteurs"
        CLOSING = "closing", "fermeture du compte"

    account = models.ForeignKey(
        User, models.CASCADE, related_name="identity_changes", verbose_name="compte"
    )
    kind = models.CharField("genre", max_length=10, choices=Kind, default=Kind.ADDRESS)
    email = models.EmailField("nouvelle adresse", blank=True)
    nonce = models.CharField("graine des liens", max_length=64)
    token_hash = models.CharField("empreinte du lien", max_length=64, db_index=True)
    holder_hash = models.CharField(
        "empreinte du lien du titulaire", max_length=64, blank=True, db_index=True
    )
    stamp = models.CharField("empreinte du mot de passe d’alors", max_length=64, blank=True)
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    asked_by = done_by("demandé par", null=False)
    agreed_at = models.DateTimeField("accordé le", null=True)
    agreed_by = done_by("accordé par")
    done_at = models.DateTimeField("fait le", null=True)
    # Kept, so that what was refused is not asked again and again (`accounts.deciding.AGAIN`).
    refused_at = models.DateTimeField("refusé le", null=True)
    refused_by = done_by("refusé par")

    objects = IdentityChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "changement d’identité"
        verbose_name_plural = "changements d’identité"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=Q(done_at=None, refused_at=None),
                name="one_change_asked_at_a_time",
                violation_error_message="Un tel changement de ce compte attend déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} : {self.told}"

    @property
    def told(self) -> str:
        """What it does, for a sentence."""
        if self.kind == self.Kind.ADDRESS:
            return f"l’adresse {self.email} au lieu de {self.account.email}"
        if self.kind == self.Kind.CLOSING:
            return f"la fermeture du compte de {self.account.email}"
        return f"le retrait des seconds facteurs de {self.account.email}"

    @property
    def is_own(self) -> bool:
        """Whether the holder of the account asks it."""
        return self.asked_by_id == self.account_id


class LinkRequest(models.Model):
    """A person to be linked to an account, asked by one and decided by another."""

    person = models.ForeignKey(
        Person, models.CASCADE, related_name="link_requests", verbose_name="personne"
    )
    account = models.ForeignKey(
        User, models.CASCADE, related_name="link_requests", verbose_name="compte"
    )
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    asked_by = done_by("demandé par", null=False)
    decided_at = models.DateTimeField("décidé le", null=True)
    decided_by = done_by("décidé par")
    is_granted = models.BooleanField("accordé", default=False)

    class Meta:
        verbose_name = "rattachement"
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(decided_at=None),
                name="one_link_asked_at_a_time",
                violation_error_message="Un rattachement de cette personne attend déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} : {self.account}"
