"""Who makes up the assemblies: organisations, communities, bodies, persons, mandates, roles."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Self

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator, RegexValidator
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Concat, Lower, Replace
from django.urls import reverse
from simple_history.models import HistoricalRecords

from law import french, labels, regime, sirens, style
from law.addresses import lowered
from law.findings import Refused
from law.french import folded as folded  # ours, by which names are told the same
from members import addresses, showing
from members.days import DayColumn, eve
from members.witness import Witness as Witness  # its table is ours
from members.witness import Witnessed, WitnessedQuerySet


class UserManager(BaseUserManager):
    """Accounts are known by their e-mail address."""

    use_in_migrations = True

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """As `lowered` writes it, and no more than that."""
        return lowered(email or "")

    def by_address(self, address: str) -> "User | None":
        """The account that has this very address, in capitals or not; nothing that looks like it
        is. What is mailed to it goes to `user.email`, never to what somebody typed."""
        return self.filter(email=address).first()

    def _create(self, email: str, password: str | None, **extra) -> "User":
        addresses.validate(email)
        user = self.model(email=email, **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email: str, password: str | None = None, **extra) -> "User":
        """A new account; without a password nobody enters by it. Raises `ValidationError` when no
        account may have this address."""
        return self._create(email, password, **extra)

    def create_superuser(self, email: str, password: str | None = None, **extra) -> "User":
        """An account that holds every role everywhere."""
        return self._create(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractUser):
    """An account. What it may do is said by its `Role`s, one organisation at a time."""

    username = None
    email = addresses.AddressField("adresse électronique", unique=True)
    created_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="ouvert par",
        help_text="Vide : par une commande, ou avant que l’on le retienne.",
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    objects = UserManager()

    class Meta:
        verbose_name = "compte"
        verbose_name_plural = "comptes"
        ordering = ["email"]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def stands_apart_from(self, other: "User") -> bool:
        """Whether these are two people as far as is known: two accounts, neither of which opened
        the other, be it through those it had opened. What asks for a second person asks this."""
        return {self, other}.isdisjoint(self.openers_shared_with(other))

    def openers_shared_with(self, other: "User") -> set["User"]:
        """The accounts from which both come: one of the two, or whoever opened both."""
        return {*self.line()} & {*other.line()}

    def line(self) -> list["User"]:
        """This account, whoever opened it, whoever opened that one, to the first."""
        line = [self]
        while (opener := line[-1].created_by) is not None and opener not in line:
            line.append(opener)
        return line


def done_by(words: str | None = "par", *, null: bool = True, **options) -> models.ForeignKey:
    """The account that did what a row tells; it stays as long as the row does."""
    return models.ForeignKey(
        User, models.PROTECT, verbose_name=words, null=null, related_name="+", **options
    )


class LegalForm(models.TextChoices):
    """What the organisation is in law, by which its rules are proposed (`law.regime.PRESETS`)."""

    OPEN = "smo", "syndicat mixte ouvert"
    CLOSED = "smf", "syndicat mixte fermé"
    EPCI = "epci", "EPCI"
    COMMUNE = "commune", "commune"


class OrganisationQuerySet(WitnessedQuerySet):
    """Those that exist, and those that are played."""

    def real(self) -> Self:
        """Without those that are played: nothing of them is anybody's business."""
        return self.exclude(slug=Organisation.REHEARSAL).filter(is_fleeting=False)

    def open_to(self, user: "User") -> Self:
        """All those that a superuser runs: not what others play to learn."""
        return self.filter(models.Q(is_fleeting=False) | models.Q(roles__user=user)).distinct()


class Organisation(Witnessed):
    """A legal person that holds assemblies. Everything else hangs from one organisation.

    One that `is_fleeting` is played by one account, to learn: nothing of it is of legal weight, so
    that nothing of it is witnessed, and all of it may be removed.
    """

    REHEARSAL = "repetition"  # the slug of the fictitious one

    name = models.CharField("nom", max_length=200)
    slug = models.SlugField("identifiant", unique=True)
    designation = models.CharField(
        "désignation dans les actes",
        max_length=250,
        help_text="Avec son article : « le syndicat mixte Somme Numérique ».",
    )
    legal_form = models.CharField("forme juridique", max_length=10, choices=LegalForm)
    siren = models.CharField("SIREN", max_length=9, blank=True)
    siret = models.CharField(
        "SIRET du siège",
        max_length=14,
        blank=True,
        help_text="Quatorze chiffres, dont le SIREN. La préfecture et les données ouvertes "
        "connaissent l’organisation par lui.",
    )
    department = models.CharField(
        "département de la préfecture",
        max_length=3,
        blank=True,
        help_text="Trois caractères\u00a0: 080, 02A, 974.",
    )
    arrondissement = models.CharField(
        "arrondissement",
        max_length=1,
        blank=True,
        validators=[RegexValidator(r"^[0-9]$", "L’arrondissement est un chiffre.")],
        help_text="Un chiffre, que dit la préfecture\u00a0: de qui l’acte relève.",
    )
    ctes_nature = models.CharField(
        "nature de la collectivité pour @CTES",
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{2}$", "Ce code compte deux chiffres.")],
        help_text="Deux chiffres, que disent la convention avec la préfecture ou l’opérateur de "
        "télétransmission (31\u00a0: commune).",
    )
    ctes_email = addresses.MailField(
        "adresse où répond la préfecture",
        blank=True,
        help_text="Elle est écrite dans chaque envoi.",
    )
    address = models.TextField("siège", blank=True)
    logo = models.FileField(
        "logo",
        upload_to="logos/",
        blank=True,
        validators=[FileExtensionValidator(["png", "jpg", "jpeg"])],
    )
    public_colour = models.CharField(
        "couleur des pages publiques",
        max_length=7,
        blank=True,
        help_text="Celle des liens et des boutons, de jour\u00a0: «\u00a0#1f3f5b\u00a0». Trop "
        "claire, elle est refusée. Le logo paraît aussi en tête de ces pages.",
    )
    public_hosts = models.TextField(
        "sites qui montrent les derniers actes",
        blank=True,
        help_text="Un par ligne, «\u00a0https://www.commune.fr\u00a0»\u00a0: eux seuls peuvent "
        "mettre dans leurs pages le cadre des derniers actes.",
    )
    is_fleeting = models.BooleanField("éphémère", default=False, editable=False)
    history = HistoricalRecords(bases=[Witnessed])

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "organisation"
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def spoken(self) -> str:
        """Its name in the middle of a sentence: « le syndicat mixte du Lac », which a bare
        « Syndicat mixte du Lac » is not, « Somme Numérique » where the name is a proper one."""
        article, _, noun = self.designation.partition(" ")
        is_common = article in ("le", "la") and noun.casefold() == self.name.casefold()
        return self.designation if is_common and noun != self.name else self.name

    @property
    def known_siren(self) -> str:
        """Its SIREN, with which its SIRET begins where only that one was written."""
        return self.siren or self.siret[:9]

    def clean(self) -> None:
        wrong = {}
        if self.siren and (fault := sirens.fault_of_siren(self.siren)):
            wrong["siren"] = fault
        if self.siret and (fault := sirens.fault_of_siret(self.siret, self.siren)):
            wrong["siret"] = fault
        if self.department:
            try:
                self.department = sirens.department(self.department)
            except ValueError as error:
                wrong["department"] = str(error)
        self.public_colour = self.public_colour.strip().lower()
        if self.public_colour and (fault := showing.fault_of_colour(self.public_colour)):
            wrong["public_colour"] = fault
        if fault := showing.fault_of_hosts(self.public_hosts):
            wrong["public_hosts"] = fault
        if wrong:
            raise ValidationError(wrong)

    @property
    def is_played(self) -> bool:
        """Whether it does not exist: rehearsed, or played to learn."""
        return self.is_fleeting or self.slug == Organisation.REHEARSAL

    @property
    def is_alone(self) -> bool:
        """Whether this installation serves it alone: what somebody plays, or rehearses, is nobody
        from whom anything is kept."""
        return not Organisation.objects.real().exclude(pk=self.pk).exists()

    @property
    def titles(self) -> tuple[str, str]:
        """What whoever heads its bodies and replaces him is called, in the masculine."""
        if self.legal_form == LegalForm.COMMUNE:
            return "maire", "adjoint"
        return "président", "vice-président"


class Role(Witnessed):
    """What an account may do in one organisation."""

    class Kind(models.TextChoices):
        SECRETARIAT = "secretariat", "secrétariat"
        DELEGATE = "delegue", "délégué·e"
        ADMINISTRATION = "administration", "administration"
        AUDIT = "controle", "contrôle"

    # What whoever has it may do: said wherever one gives it.
    OPENS = {
        Kind.SECRETARIAT: "prépare et tient les séances, lit et écrit tous les papiers",
        Kind.DELEGATE: "lit les séances des instances où la personne siège, et y répond",
        Kind.ADMINISTRATION: "change les règles, les mandats, les comptes et les rôles",
        Kind.AUDIT: "lit le journal, qui dit qui a fait quoi",
    }

    user = models.ForeignKey(User, models.CASCADE, related_name="roles", verbose_name="compte")
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="roles", verbose_name="organisation"
    )
    kind = models.CharField("rôle", max_length=20, choices=Kind)

    LATER = frozenset({"user", "organisation", "kind"})
    is_erasable = True

    class Meta:
        verbose_name = "rôle"
        ordering = ["organisation_id", "kind", "user_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "kind"],
                name="one_role_of_a_kind",
                violation_error_message="Ce compte a déjà ce rôle dans cette organisation.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} : {self.get_kind_display()} ({self.organisation})"


class CommunityQuerySet(WitnessedQuerySet):
    """Communities, by the days on which they existed."""

    def lasting(self, on: date) -> Self:
        """Communities not gone by this day; some may be yet to come."""
        return self.exclude(dissolved_on__lte=on)

    def existing(self, on: date) -> Self:
        """Communities that existed on this day."""
        return self.lasting(on).filter(Q(founded_on=None) | Q(founded_on__lte=on))


class Community(Witnessed):
    """A `collectivité membre` of the organisation, with its dates and its successor."""

    class Kind(models.TextChoices):
        COMMUNE = "commune", "commune"
        CC = "cc", "communauté de communes"
        CA = "ca", "communauté d’agglomération"
        CU = "cu", "communauté urbaine"
        METROPOLE = "metropole", "métropole"
        DEPARTEMENT = "departement", "département"
        REGION = "region", "région"
        SYNDICAT = "syndicat", "syndicat"
        OTHER = "autre", "autre personne morale"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="communities", verbose_name="organisation"
    )
    name = models.CharField("nom", max_length=200)
    kind = models.CharField("nature", max_length=20, choices=Kind)
    siren = models.CharField("SIREN", max_length=9, blank=True)
    is_associated = models.BooleanField(
        "membre associé", default=False, help_text="Ses représentants ont voix consultative."
    )
    founded_on = DayColumn("membre depuis le", null=True, blank=True)
    dissolved_on = DayColumn(
        "n’existe plus depuis le",
        null=True,
        blank=True,
        help_text="Premier jour où la collectivité n’est plus membre (fusion, retrait…).",
    )
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="collectivité qui lui succède",
    )
    contact = addresses.MailField(
        "adresse de la collectivité",
        blank=True,
        help_text="De sa mairie ou de son secrétariat\u00a0: elle reçoit les présences de ses "
        "délégués.",
    )
    copies_to = addresses.MailsField(
        "adresses de ses élus",
        blank=True,
        help_text="Une adresse électronique par ligne : les élus de la collectivité qui ne "
        "siègent pas reçoivent copie des convocations (art. L5211-40-2 du CGCT).",
    )
    history = HistoricalRecords(bases=[Witnessed])

    LETS_GO = frozenset({"contact", "copies_to"})

    objects = CommunityQuerySet.as_manager()

    class Meta:
        verbose_name = "collectivité membre"
        verbose_name_plural = "collectivités membres"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name", "founded_on"],
                name="community_named_once",
                violation_error_message="Cette collectivité est déjà enregistrée.",
            ),
            # SQLite cannot call two empty dates equal: the undated one has its own constraint.
            models.UniqueConstraint(
                fields=["organisation", "name"],
                condition=Q(founded_on=None),
                name="undated_community_named_once",
                violation_error_message="Cette collectivité est déjà enregistrée.",
            ),
            models.CheckConstraint(
                condition=Q(dissolved_on__gt=F("founded_on")),
                name="community_ends_after_it_begins",
                violation_error_message="La fin doit suivre le début.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.siren and (fault := sirens.fault_of_siren(self.siren)):
            raise ValidationError({"siren": fault})
        if self.successor_id and self.successor_id == self.pk:
            raise ValidationError({"successor": "Une collectivité ne se succède pas à elle-même."})
        if self.successor_id and not self.dissolved_on:
            raise ValidationError(
                {"dissolved_on": "Indiquez la date à laquelle la collectivité cesse d’exister."}
            )


class BodyQuerySet(WitnessedQuerySet):
    """Bodies, by whether anybody sits there."""

    def sitting(self) -> Self:
        """Those that meet: not the registers of what is decided alone."""
        return self.filter(assembly=None)


class Body(Witnessed):
    """An `instance` of the organisation: its Comité, its Bureau, a commission; or the register of
    what whoever heads its `assembly` decides alone, which never meets.

    Words that papers need (article, gender, what its members are called) are data, since no
    two syndicats write them alike.
    """

    class Kind(models.TextChoices):
        COMITE = "comite", "comité"
        BUREAU = "bureau", "bureau"
        COMMISSION = "commission", "commission"
        COUNCIL = "conseil", "conseil"
        DECISIONS = "decisions", "registre des décisions"
        ORDERS = "arretes", "registre des arrêtés"

    # What an authority decides alone is kept in a register, and nobody sits in it.
    ALONE = frozenset({Kind.DECISIONS, Kind.ORDERS})

    class Gender(models.TextChoices):
        MASCULINE = "m", "masculin"
        FEMININE = "f", "féminin"

    class Layout(models.TextChoices):
        SHORT = "synthetique", "procès-verbal synthétique"
        FULL = "complet", "procès-verbal complet"

    class Numbering(models.TextChoices):
        ROMAN_BULLETS = "romain-puces", "sections I, II ; points à puces"
        ROMAN_CONTINUOUS = "romain-continu", "sections I, II ; points 1, 2, 3 sans interruption"
        DECIMAL = "decimal", "1, 1.1, 1.2, 2…"
        CONTINUOUS = "continu", "1, 2, 3… sans compter les sections"
        NONE = "aucun", "sans numéros"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="bodies", verbose_name="organisation"
    )
    name = models.CharField("nom", max_length=100, help_text="« Bureau », « Comité syndical ».")
    slug = models.SlugField("identifiant")
    kind = models.CharField("nature", max_length=20, choices=Kind)
    designation = models.CharField(
        "désignation dans les actes", max_length=150, help_text="Avec son article : « le Bureau »."
    )
    gender = models.CharField(
        "genre", max_length=1, choices=Gender, default=Gender.MASCULINE, help_text="Pour l’accord."
    )
    member_noun = models.CharField(
        "ses membres sont des", max_length=40, default="délégués", help_text="Au masculin pluriel."
    )
    position = models.PositiveSmallIntegerField("rang", default=0)
    layout = models.CharField(
        "modèle de procès-verbal", max_length=20, choices=Layout, default=Layout.FULL
    )
    numbering = models.CharField(
        "numérotation de l’ordre du jour",
        max_length=20,
        choices=Numbering,
        default=Numbering.CONTINUOUS,
    )
    usual_place = models.CharField(
        "lieu habituel",
        max_length=200,
        blank=True,
        help_text="Comme il s’écrit dans le procès-verbal : « dans ses locaux ».",
    )
    usual_time = models.TimeField("heure habituelle", null=True, blank=True)
    deliberation_format = models.CharField(
        "numéro des délibérations",
        max_length=60,
        default=labels.DEFAULT,
        help_text="Repères : {annee}, {mois}, {jour}, {rang} dans la séance, {numero} dans "
        "l’année ; « :03 » en fixe les chiffres.",
    )
    is_active = models.BooleanField("se réunit encore", default=True)
    assembly = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="registers",
        verbose_name="assemblée dont la présidence décide seule",
    )
    history = HistoricalRecords(bases=[Witnessed])

    objects = BodyQuerySet.as_manager()

    class Meta:
        verbose_name = "instance"
        ordering = ["organisation_id", "position", "name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(assembly=None) & ~Q(kind__in=("decisions", "arretes"))
                | Q(assembly__isnull=False, kind__in=("decisions", "arretes")),
                name="register_has_its_assembly",
            ),
            models.UniqueConstraint(fields=["assembly", "kind"], name="one_register_of_a_kind"),
            models.UniqueConstraint(
                fields=["organisation", "slug"],
                name="body_slug_once",
                violation_error_message="Une autre instance porte déjà cet identifiant.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("members:composition", args=[self.pk])

    def clean(self) -> None:
        if found := labels.faults(self.deliberation_format):
            raise ValidationError({"deliberation_format": [str(each) for each in found]})

    @property
    def composer(self) -> "Body":
        """The body whose mandates and rules are its own: itself, or the assembly whose presidency
        decides alone."""
        return self.assembly or self

    @property
    def is_assembly(self) -> bool:
        """A bureau or a commission is not (art. L5211-10, L2121-22)."""
        return self.kind in (self.Kind.COMITE, self.Kind.COUNCIL)

    @property
    def represents_members(self) -> bool:
        """Whether whoever sits there sits for a member of the organisation: its assembly, unless it
        is that of a commune, whose councillors sit for nobody but themselves."""
        return self.is_assembly and self.organisation.legal_form != LegalForm.COMMUNE

    def rule_book(self, on: date) -> "RuleBook | None":
        """The rule book in force on this day, `None` when none has been written."""
        return (
            self.rule_books.filter(Q(valid_from=None) | Q(valid_from__lte=on))
            .order_by(F("valid_from").desc(nulls_last=True))
            .first()
        )


MAX_LETTERHEAD = 3  # lines


class PaperStyle(Witnessed):
    """How the papers of a body look and speak, wherever it does not go by the house's own way.

    Whatever is empty is as for everybody. What was issued holds all of it as value, so that a
    change here is for the papers to come.
    """

    class Accent(models.TextChoices):
        NAVY = "bleu", "bleu nuit"
        GREEN = "vert", "vert sapin"
        BURGUNDY = "bordeaux", "bordeaux"
        BROWN = "brun", "brun"
        SLATE = "ardoise", "ardoise"
        BLACK = "noir", "noir"

    class RollBy(models.TextChoices):
        COLLEGE = "college", "par collège"
        STANDING = "presence", "par présence : titulaires, suppléants, excusés, absents"

    body = models.OneToOneField(
        Body, models.CASCADE, related_name="paper_style", verbose_name="instance"
    )
    letterhead = models.TextField(
        "lignes d’en-tête",
        max_length=300,
        blank=True,
        help_text="Sous le nom de l’organisation, trois lignes au plus : « Direction générale ».",
    )
    logo = models.FileField(
        "logo",
        upload_to="logos/",
        blank=True,
        validators=[FileExtensionValidator(["png", "jpg", "jpeg"])],
    )
    footer = models.CharField(
        "pied de page",
        max_length=120,
        blank=True,
        help_text="Une ligne au bas de chaque page, au-dessus de son numéro.",
    )
    accent = models.CharField(
        "couleur des titres", max_length=10, choices=Accent, default=Accent.NAVY
    )
    opening = models.CharField("ouverture", max_length=600, blank=True)
    closing = models.CharField("levée", max_length=400, blank=True)
    conform = models.CharField("certification de l’extrait", max_length=300, blank=True)
    notice = models.CharField("fin de la liste des délibérations", max_length=300, blank=True)
    salutation = models.CharField("appel de la convocation", max_length=120, blank=True)
    courtesy = models.CharField("politesse de la convocation", max_length=300, blank=True)
    minutes_parts = models.JSONField("parties du procès-verbal complet", default=list, blank=True)
    extract_parts = models.JSONField("parties de l’extrait", default=list, blank=True)
    tells_articles = models.BooleanField(
        "le procès-verbal donne le dispositif des délibérations adoptées", default=True
    )
    roll_by = models.CharField(
        "présences du procès-verbal", max_length=10, choices=RollBy, default=RollBy.COLLEGE
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    history = HistoricalRecords(bases=[Witnessed])

    class Meta:
        verbose_name = "style des papiers"
        verbose_name_plural = "styles des papiers"
        ordering = ["body_id"]

    def __str__(self) -> str:
        return f"Papiers : {self.body}"

    def clean(self) -> None:
        found = [
            each for name in style.FORMULAS for each in style.faults(name, getattr(self, name))
        ]
        faults: dict[str, list[str]] = {}
        for each in found:
            faults.setdefault(each.field, []).append(str(each))
        for name, paper in (("minutes_parts", "minutes"), ("extract_parts", "extract")):
            if (keys := getattr(self, name)) and (wrong := style.part_faults(paper, keys)):
                faults[name] = [str(each) for each in wrong]
        if len(self.letterhead.splitlines()) > MAX_LETTERHEAD:
            faults["letterhead"] = ["Trois lignes au plus sous le nom de l’organisation."]
        if faults:
            raise ValidationError(faults)


class RuleBook(Witnessed):
    """The rules of a body from a date on; every threshold is data (art. L5721-2: statutes).

    `values` holds the whole regime as it was written that day, not only what departs from the
    preset: a preset that changes in a later release must not change an old sitting.
    """

    body = models.ForeignKey(
        Body, models.PROTECT, related_name="rule_books", verbose_name="instance"
    )
    valid_from = DayColumn(
        "en vigueur depuis le", null=True, blank=True, help_text="Vide : depuis toujours."
    )
    preset = models.CharField("modèle", max_length=20, choices=regime.PRESET_LABELS)
    values = models.JSONField("règles")
    source = models.CharField(
        "source", max_length=250, blank=True, help_text="« statuts du 12 mars 2014, art. 9 »."
    )
    history = HistoricalRecords(bases=[Witnessed])

    class Meta:
        verbose_name = "règlement"
        ordering = ["body_id", F("valid_from").desc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "valid_from"],
                name="one_rule_book_per_day",
                violation_error_message="Un règlement commence déjà ce jour-là.",
            ),
            models.UniqueConstraint(
                fields=["body"],
                condition=Q(valid_from=None),
                name="one_rule_book_since_ever",
                violation_error_message="Un règlement vaut déjà depuis toujours.",
            ),
        ]

    def __str__(self) -> str:
        day = self.valid_from
        since = f"depuis le {french.long_date(day)}" if day else "d’origine"
        return f"{self.body} : {self.get_preset_display()} ({since})"

    @property
    def ended_on(self) -> date | None:
        """Its last day, the eve of the next one of its body; `None` of the last of them."""
        later = self.body.rule_books.filter(valid_from__gt=self.valid_from or date.min)
        following = later.order_by("valid_from").values_list("valid_from", flat=True).first()
        return eve(following) if following else None

    @property
    def usual(self) -> regime.Regime:
        """What its model gives such a body."""
        return regime.usual(self.preset, of_assembly=self.is_of_assembly)

    @property
    def regime(self) -> regime.Regime:
        """The rules as a value, of the legal form of their model. Raises `Refused` if what is
        stored makes no sense."""
        rules = regime.from_values(self.values)
        return replace(rules, form=self.preset) if self.preset in regime.PRESETS else rules

    def clean(self) -> None:
        # Not bound to the field `values`: forms show one field a rule instead.
        try:
            rules = regime.from_values(self.values or {})
        except Refused as refusal:
            raise ValidationError([str(f) for f in refusal.findings]) from refusal
        if self.preset not in regime.PRESETS:
            return
        if found := regime.unlawful(rules, self.preset, of_assembly=self.is_of_assembly):
            raise ValidationError([str(each) for each in found])
        legal_form = self.body.organisation.legal_form if self.body_id else LegalForm.OPEN
        is_open = regime.PRESETS[self.preset].by_statutes
        if is_open and legal_form != LegalForm.OPEN and not self._has_a_successor:
            label = LegalForm(legal_form).label
            raise ValidationError(
                {
                    "preset": "Ce modèle laisse tout aux statuts, et n’est que d’un syndicat mixte "
                    f"ouvert ; l’organisation est dite « {label} » (art. L5721-2 du CGCT). "
                    f"Choisissez le modèle « {label} » et dites ce que deviennent vos "
                    "règles : celles que la loi fixe autrement sont dites une à une. Si elle "
                    "fut ouverte, ajoutez plutôt un règlement depuis le jour où elle ne l’est plus."
                }
            )

    @property
    def is_of_assembly(self) -> bool:
        """Whether its body is the assembly, as far as is known."""
        return not self.body_id or self.body.is_assembly

    @property
    def _has_a_successor(self) -> bool:
        """Whether other rules followed: the legal form is that of today, and they are of then."""
        later = self.body.rule_books.exclude(pk=self.pk).exclude(valid_from=None)
        if self.valid_from:
            later = later.filter(valid_from__gt=self.valid_from)
        return later.exists()


class Constituency(Witnessed):
    """A `collège` of a body: who elects or names some of its seats."""

    body = models.ForeignKey(
        Body, models.PROTECT, related_name="constituencies", verbose_name="instance"
    )
    name = models.CharField("nom", max_length=200)
    position = models.PositiveSmallIntegerField("rang", default=0)
    seats = models.PositiveSmallIntegerField("sièges", default=0)
    seats_since = DayColumn(
        "sièges depuis le",
        null=True,
        blank=True,
        help_text="Vide : depuis toujours. Une séance d’avant ne dit aucun siège vacant.",
    )
    history = HistoricalRecords(bases=[Witnessed])

    class Meta:
        verbose_name = "collège"
        ordering = ["body_id", "position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "name"],
                name="constituency_named_once",
                violation_error_message="Ce collège existe déjà dans cette instance.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def seats_on(self, day: date) -> int:
        """The seats that the statutes gave it on that day, 0 where their number is not known."""
        return self.seats if self.seats_since is None or self.seats_since <= day else 0


_ARTICLES = "de la|de l’|de l'|du|des|de|d’|d'|la|le|les|l’|l'".split("|")
_FOLDS = {"-": " ", "’": "’ ", "'": "' "} | {c: folded(c) for c in "àâäçéèêëîïôöùûüÀÂÇÉÈÊËÎÏÔÙÛÜ"}


def filed(name: str) -> Func:
    """A column as a directory files it, computed by the database: `folded`, and what stands between
    a kind and a name left out. « CC de Haute Picardie » comes before « CC Terre de Picardie »."""
    told = spelled(name)
    for article in _ARTICLES:
        told = Replace(told, Value(f" {article} "), Value(" "))
    return told


def spelled(name: str) -> Func:
    """A column as a list of names has it, computed by the database: no accent, no capital."""
    told: Func = Concat(Value(" "), Lower(name))
    for written, read in _FOLDS.items():
        told = Replace(told, Value(written), Value(read))
    return told


class FoldedNameField(models.CharField):
    """Written with the row, so that every database puts Évrard before Faure."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        names = (model_instance.last_name, model_instance.first_name)
        value = " / ".join(folded(name) for name in names)[: self.max_length]
        setattr(model_instance, self.attname, value)
        return value


class Person(Witnessed):
    """An elected person (`élu·e`) or anyone who may hold a mandate."""

    class Civility(models.TextChoices):
        MR = "M.", "Monsieur"
        MRS = "Mme", "Madame"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="persons", verbose_name="organisation"
    )
    civility = models.CharField("civilité", max_length=4, choices=Civility)
    first_name = models.CharField("prénom", max_length=100, blank=True)
    last_name = models.CharField("nom", max_length=200)
    sort_name = FoldedNameField("nom de classement", max_length=310, editable=False, db_index=True)
    email = addresses.MailField("adresse électronique", blank=True)
    phone = models.CharField("téléphone", max_length=30, blank=True)
    address = models.TextField("adresse postale", blank=True)
    wants_paper = models.BooleanField(
        "veut ses convocations sur papier",
        default=False,
        help_text="Le dossier est alors imprimé et envoyé à l’adresse postale (art. L2121-10).",
    )
    born_on = DayColumn(
        "date de naissance",
        null=True,
        blank=True,
        help_text="Départage les candidats à égalité (art. L2122-7 du CGCT).",
    )
    user = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="persons",
        verbose_name="compte",
    )
    history = HistoricalRecords(bases=[Witnessed])

    LETS_GO = frozenset({"email", "phone", "address", "born_on"})

    class Meta:
        verbose_name = "personne"
        ordering = ["sort_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user"],
                condition=Q(user__isnull=False),
                name="one_person_per_account",
                violation_error_message="Ce compte est déjà celui d’une autre personne.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name.upper()}".strip()

    @property
    def greeting(self) -> str:
        """How a letter to this person begins."""
        return {"M.": "Monsieur,", "Mme": "Madame,"}.get(self.civility, "Madame, Monsieur,")


class MandateQuerySet(WitnessedQuerySet):
    """Mandates, by the days on which they run and in the order of a roll."""

    def in_office(self, on: date) -> Self:
        """Mandates running on this day, its first and last days included."""
        return self.filter(Q(end_on=None) | Q(end_on__gte=on), start_on__lte=on)

    def in_roll_order(self) -> Self:
        """By constituency, then order of call, then office, then name: the order of a roll."""
        return self.order_by(
            F("constituency__position").asc(nulls_last=True),
            "constituency__name",
            "position",
            Case(
                When(office=Mandate.Office.CHAIR, then=0),
                When(office=Mandate.Office.VICE_CHAIR, then=1),
                default=2,
            ),
            F("office_rank").asc(nulls_last=True),
            "person__sort_name",
            "pk",
        )


class Mandate(Witnessed):
    """A person sits in a body, in a capacity, for a constituency, between two dates.

    A change of office or of weight ends a mandate and begins another. The same person never
    holds two running mandates in one body: the database refuses it.
    """

    class Capacity(models.TextChoices):
        TITULAR = "titulaire", "titulaire"
        SUBSTITUTE = "suppleant", "suppléant·e"
        CONSULTATIVE = "consultatif", "voix consultative"

    class Office(models.TextChoices):
        CHAIR = "president", "président·e"
        VICE_CHAIR = "vice-president", "vice-président·e"
        MEMBER = "membre", "membre"

    class EndReason(models.TextChoices):
        TERM = "terme", "fin du mandat"
        RESIGNATION = "demission", "démission"
        DEATH = "deces", "décès"
        MERGER = "fusion", "fusion de la collectivité"
        REPLACED = "remplacement", "remplacement par sa collectivité"
        OFFICE = "fonction", "changement de fonction"
        OTHER = "autre", "autre cause"

    body = models.ForeignKey(Body, models.PROTECT, related_name="mandates", verbose_name="instance")
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="mandates", verbose_name="personne"
    )
    capacity = models.CharField(
        "qualité", max_length=20, choices=Capacity, default=Capacity.TITULAR
    )
    constituency = models.ForeignKey(
        Constituency,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="mandates",
        verbose_name="collège",
    )
    community = models.ForeignKey(
        Community,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="mandates",
        verbose_name="collectivité représentée",
    )
    replaces = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="substitutes",
        verbose_name="suppléant·e de",
        help_text="Vide : supplée tout titulaire de la même collectivité, ou du collège.",
    )
    office = models.CharField("fonction", max_length=20, choices=Office, default=Office.MEMBER)
    office_rank = models.PositiveSmallIntegerField(
        "rang", null=True, blank=True, help_text="1 pour la 1re vice-présidence."
    )
    position = models.PositiveSmallIntegerField(
        "ordre d’appel", default=0, help_text="0 : ordre alphabétique dans le collège."
    )
    weight = models.PositiveSmallIntegerField("voix", default=1)
    start_on = DayColumn("depuis le")
    end_on = DayColumn("jusqu’au (inclus)", null=True, blank=True)
    end_reason = models.CharField("motif de fin", max_length=20, choices=EndReason, blank=True)
    history = HistoricalRecords(bases=[Witnessed])

    objects = MandateQuerySet.as_manager()
    leaves: "Sequence[Mandate]" = ()  # what this person holds there, which ends for this to begin

    class Meta:
        verbose_name = "mandat"
        ordering = ["body_id", "person__sort_name", "person_id", "start_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_on__gte=F("start_on")),
                name="mandate_ends_after_it_begins",
                violation_error_message="La fin du mandat ne peut précéder son début.",
            ),
            models.CheckConstraint(
                condition=Q(end_on=None, end_reason="")
                | (Q(end_on__isnull=False) & ~Q(end_reason="")),
                name="ended_mandate_says_why",
                violation_error_message="Un mandat qui prend fin a une date et un motif.",
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=1),
                name="mandate_weighs_something",
                violation_error_message="Un mandat porte au moins une voix.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.agreed_capacity}, {self.body})"

    @staticmethod
    def opening(held_on: date | F, *, today: date, path: str = "") -> Q:
        """The mandates that open the sittings of that day: none opens what comes after it; one that
        still runs opens what came before it, one that ended only what was held meanwhile."""
        endless = Q(**{f"{path}end_on": None})
        reaches = endless | Q(**{f"{path}end_on__gte": held_on})
        runs = endless | Q(**{f"{path}end_on__gte": today})
        return reaches & (runs | Q(**{f"{path}start_on__lte": held_on}))

    def opens(self, held_on: date) -> bool:
        """Whether a link given to this mandate opens what is or was held that day: its person sits
        there then, by this mandate or another, and her account, if any, is not closed."""
        if self.person.user_id is not None and not self.person.user.is_active:
            return False
        if self.start_on <= held_on and (self.end_on is None or held_on <= self.end_on):
            return True
        others = Mandate.objects.filter(person=self.person_id, body=self.body_id)
        return others.in_office(held_on).exists()

    def clean(self) -> None:
        """Say kindly what the database would refuse, and what only a reader of it would notice."""
        others = Mandate.objects.none()
        if self.body_id and self.person_id:
            others = Mandate.objects.filter(
                Q(person=self.person_id) | Q(office=self.Office.CHAIR), body=self.body_id
            ).select_related("person")
            others = others.exclude(pk__in=[each.pk for each in self.leaves])
        if faults := self.faults(others):
            raise ValidationError(faults)

    @property
    def agreed_capacity(self) -> str:
        """In what capacity, agreed with whoever sits: "suppléante"."""
        if self.capacity != self.Capacity.SUBSTITUTE:
            return self.get_capacity_display()
        return french.agree("suppléant", feminine=self.person.civility == Person.Civility.MRS)

    @property
    def office_title(self) -> str:
        """« présidente », « 1er vice-président »; "" for a plain member."""
        feminine = self.person.civility == Person.Civility.MRS
        chair, deputy = self.body.organisation.titles
        if self.office == self.Office.CHAIR:
            return french.agree(chair, feminine=feminine)
        if self.office == self.Office.VICE_CHAIR:
            rank = french.ordinal(self.office_rank, feminine=feminine) if self.office_rank else ""
            return f"{rank} {french.agree(deputy, feminine=feminine)}".strip()
        return ""

    @property
    def sits_for_nobody(self) -> bool:
        """Whether it is a titular's in an assembly of members, and names neither community nor
        college. Old files may say so; nobody writes one by hand."""
        is_titular = self.capacity == self.Capacity.TITULAR and self.body.represents_members
        return is_titular and not (self.community_id or self.constituency_id)

    @property
    def period(self) -> str:
        """« du 1er février 2017 au 3 avril 2018 », « depuis le 1er février 2017 »."""
        if self.end_on:
            return f"du {french.long_date(self.start_on)} au {french.long_date(self.end_on)}"
        return f"depuis le {french.long_date(self.start_on)}"

    def runs_until(self, day: date) -> bool:
        """Whether it has not ended before this day."""
        return self.end_on is None or self.end_on >= day

    def shares_a_day_with(self, other: "Mandate") -> bool:
        """Whether both run on some day, first and last days included."""
        return (self.end_on is None or other.start_on <= self.end_on) and (
            other.end_on is None or self.start_on <= other.end_on
        )

    def faults(self, others: Iterable["Mandate"]) -> dict[str, list[str]]:
        """What is wrong with this mandate, by field, beside the other mandates of the body.

        Of `others` only the same person's and the présidents' matter; this row among them is
        left out.
        """
        faults: dict[str, list[str]] = {}

        def fault(field: str, message: str) -> None:
            faults.setdefault(field, []).append(message)

        body = self.body if self.body_id else None
        # A person or a titular that an import is about to create has no number yet.
        person = self.person if self.person_id or Mandate.person.is_cached(self) else None
        community = self.community if self.community_id else None
        replaced = self.replaces if self.replaces_id or Mandate.replaces.is_cached(self) else None
        capacity, office = self.capacity, self.office

        if body and person and person.organisation_id != body.organisation_id:
            fault("person", "Cette personne relève d’une autre organisation.")
        if body and self.constituency_id and self.constituency.body_id != body.pk:
            fault("constituency", f"Ce collège n’est pas un collège de l’instance « {body} ».")
        if body and community and community.organisation_id != body.organisation_id:
            fault("community", "Cette collectivité n’est pas membre de l’organisation.")
        if community and community.is_associated and capacity != self.Capacity.CONSULTATIVE:
            fault(
                "capacity",
                f"{community} est membre associé : ses représentants ont voix consultative.",
            )
        if community and community.dissolved_on and self.start_on:
            if self.start_on >= community.dissolved_on:
                fault(
                    "start_on",
                    f"{community} n’est plus membre depuis le "
                    f"{french.long_date(community.dissolved_on)}.",
                )
        if replaced and capacity != self.Capacity.SUBSTITUTE:
            fault("replaces", "Seul un suppléant supplée un titulaire.")
        elif replaced and replaced.person == person:
            fault("replaces", "On ne se supplée pas soi-même.")
        elif replaced and (
            replaced.body_id != self.body_id or replaced.capacity != self.Capacity.TITULAR
        ):
            fault("replaces", "Le suppléant supplée un titulaire de la même instance.")
        if office != self.Office.MEMBER and capacity != self.Capacity.TITULAR:
            fault("office", "Seul un titulaire est président ou vice-président.")
        if self.office_rank is not None and office != self.Office.VICE_CHAIR:
            fault("office_rank", "Seule une vice-présidence a un rang.")
        if self.weight is not None and self.weight < 1:
            fault("weight", "Un mandat porte au moins une voix.")
        if self.end_on and not self.end_reason:
            fault("end_reason", "Dites pourquoi le mandat prend fin.")
        if self.end_reason and not self.end_on:
            fault("end_on", "Donnez le dernier jour du mandat.")
        if self.end_on and self.start_on and self.end_on < self.start_on:
            fault("end_on", "La fin du mandat ne peut précéder son début.")
        elif person and self.start_on:
            for other in others:
                if other is self or (self.pk and other.pk == self.pk):
                    continue
                if not self.shares_a_day_with(other):
                    continue
                if other.person == person:
                    fault(
                        "start_on",
                        f"{person} a déjà un mandat dans cette instance : "
                        f"{other.get_capacity_display()} {other.period}.",
                    )
                elif office == other.office == self.Office.CHAIR:
                    fault("office", f"{other.person} préside déjà cette instance {other.period}.")
        return faults


class Service(models.Model):
    """Which machine serves this base: the only row has its mark (`members.serving`)."""

    ONLY = 1  # the number of that row

    mark = models.CharField("marque de la machine", max_length=50)

    class Meta:
        verbose_name = "service de la base"
        verbose_name_plural = "service de la base"

    def __str__(self) -> str:
        return "service de la base"


class Lead(models.Model):
    """Who leads a duty of the server among all that serve this base, and until when; of one that is
    done at night, when it was last (`members.leading`)."""

    duty = models.CharField("service", max_length=60, unique=True)
    holder = models.CharField("processus", max_length=150, blank=True)
    until = models.DateTimeField("jusqu’à")
    done_at = models.DateTimeField("fait le", null=True, blank=True)

    class Meta:
        verbose_name = "tour de service"
        verbose_name_plural = "tours de service"

    def __str__(self) -> str:
        return self.duty


class Leftover(models.Model):
    """A file of an act that failed while nothing could be deleted: the night takes it away
    (`members.files.sweep`)."""

    name = models.CharField("nom", max_length=300)
    noted_at = models.DateTimeField("noté le", auto_now_add=True)

    class Meta:
        verbose_name = "fichier à effacer"
        verbose_name_plural = "fichiers à effacer"

    def __str__(self) -> str:
        return self.name


class Cached(models.Model):
    """A line of the cache that several hosts share (`settings.SERVICE_MARK`); Django alone reads
    and writes it."""

    cache_key = models.CharField("clé", max_length=255, primary_key=True)
    value = models.TextField("valeur")
    expires = models.DateTimeField("jusqu’à", db_index=True)

    class Meta:
        verbose_name = "ligne du cache"
        verbose_name_plural = "lignes du cache"

    def __str__(self) -> str:
        return self.cache_key
