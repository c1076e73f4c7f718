"""What was issued: papers that are never edited nor erased, only superseded."""

from typing import Self, cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.text import capfirst

from documents import papers
from law import french
from meetings.models import Meeting
from members.models import Body, done_by
from members.witness import Witnessed, WitnessedQuerySet

# Read aloud, typed by hand: no letter that looks like a digit, nor like another letter.
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTWXYZ"
CODE_LENGTH = 8


def draw_code() -> str:
    """A code to print on a paper before it exists: nobody can guess those of others."""
    choice = import_string(settings.CODE_SOURCE)
    return "".join(choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


class IssuedIsFinal(Exception):
    """Somebody tried to change or delete an issued document."""


_FINAL = "Un document établi ne se modifie pas et ne s’efface pas : établissez-en une version."


class IssuedDocumentQuerySet(WitnessedQuerySet):
    """Issued documents, which no query changes or deletes."""

    def current(self) -> Self:
        """The versions that nothing has superseded."""
        return self.filter(superseded_by=None)

    def minutes(self) -> Self:
        """The minutes alone."""
        return self.filter(kind=IssuedDocument.Kind.MINUTES)

    def update(self, **kwargs):
        """Raises `IssuedIsFinal`."""
        raise IssuedIsFinal(_FINAL)

    def bulk_update(self, objs, fields, batch_size=None):
        """Raises `IssuedIsFinal`."""
        raise IssuedIsFinal(_FINAL)

    def delete(self):
        """Raises `IssuedIsFinal`."""
        raise IssuedIsFinal(_FINAL)


# What an extract bears, by the kind of its body where nobody sits; and its file.
_ALONE = {
    Body.Kind.DECISIONS: ("décision", "decision"),
    Body.Kind.ORDERS: ("arrêté", "arrete"),
}
_DELIBERATED = ("délibération", "deliberation")


def _pdf_path(document: "IssuedDocument", filename: str) -> str:
    organisation = document.meeting.body.organisation.slug
    return f"documents/{organisation}/{document.meeting.held_on.year}/{filename}"


class IssuedDocument(Witnessed):
    """A paper as it was issued (`établi`), for ever.

    `content` is the canonical JSON of the paper and `sha256` its hash; the PDF was made from it
    and from nothing else. A correction is a new version that `supersedes` the one before, which
    stays readable and points to its successor.

    `subject` is the key of the item that the paper is about, "" for the whole sitting; `title`
    how an extract is called; `signatories` how many people it says are to sign it.
    """

    class Kind(models.TextChoices):
        MINUTES = papers.MinutesDocument.kind, papers.MinutesDocument.label()
        EXTRACT = papers.DeliberationExtract.kind, papers.DeliberationExtract.label()
        LIST = papers.DeliberationList.kind, papers.DeliberationList.label()

    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="documents", verbose_name="séance"
    )
    kind = models.CharField("nature", max_length=20, choices=Kind, default=Kind.MINUTES)
    subject = models.CharField("point", max_length=40, blank=True, editable=False)
    title = models.CharField("intitulé", max_length=300, blank=True, editable=False)
    version = models.PositiveSmallIntegerField("version", default=1)
    schema = models.PositiveSmallIntegerField("version du format")
    content = models.TextField("contenu")
    sha256 = models.CharField("empreinte du contenu", max_length=64)
    pdf = models.FileField("PDF", upload_to=_pdf_path, max_length=250)
    pdf_sha256 = models.CharField("empreinte du PDF", max_length=64)
    pages = models.PositiveSmallIntegerField("pages")
    signatories = models.PositiveSmallIntegerField("signataires", editable=False)
    # Null, and not empty, so that it can be unique: papers older than the codes have none.
    code = models.CharField(  # noqa: DJ001
        "code de vérification", max_length=CODE_LENGTH, unique=True, null=True, editable=False
    )
    reason = models.CharField("motif de la correction", max_length=300, blank=True)
    supersedes = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
        verbose_name="remplace",
    )
    issued_by = done_by("établi par")
    issued_at = models.DateTimeField("établi le", default=timezone.now)

    told_by = ("code", "version")

    objects = IssuedDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "document établi"
        verbose_name_plural = "documents établis"
        ordering = ["-meeting__held_on", "meeting_id", "-kind", "title", "-version", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "kind", "subject", "version"], name="one_document_per_version"
            ),
            models.CheckConstraint(
                condition=Q(version=1, supersedes=None, reason="")
                | (Q(version__gt=1, supersedes__isnull=False) & ~Q(reason="")),
                name="correction_supersedes_and_says_why",
            ),
        ]

    def __str__(self) -> str:
        version = f" (version {self.version})" if self.version > 1 else ""
        told = self.title or f"{self._what} du {french.long_date(self.meeting.held_on)}"
        return f"{told}{version}"

    @property
    def is_feminine(self) -> bool:
        """Whether what is said of it agrees so: a list, a deliberation."""
        if self.kind == self.Kind.EXTRACT:
            return self.meeting.body.kind != Body.Kind.ORDERS
        return self.kind != self.Kind.MINUTES

    def save(self, *args, **kwargs) -> None:
        """Write a new document; raises `IssuedIsFinal` for one that exists."""
        if not self._state.adding:
            raise IssuedIsFinal(_FINAL)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Its own page."""
        return reverse("documents:detail", args=[self.pk])

    def delete(self, *args, **kwargs):
        """Raises `IssuedIsFinal`."""
        raise IssuedIsFinal(_FINAL)

    @property
    def heading(self) -> str:
        """What it is: "Procès-verbal du Comité syndical du 9 juin 2026", "Délibération
        n° 2026-04 : Tarifs"."""
        whose = french.contract("de", self.meeting.body.designation)
        return self.title or f"{self._what} {whose} du {french.long_date(self.meeting.held_on)}"

    @property
    def own_heading(self) -> str:
        """The same where its sitting is said above it: "Procès-verbal", "Délibération n° …"."""
        return self.title or self._what

    @property
    def _what(self) -> str:
        return capfirst(self.get_kind_display())

    @property
    def act_noun(self) -> str:
        """What an extract bears: "délibération", "décision", "arrêté"."""
        return _ALONE.get(Body.Kind(self.meeting.body.kind), _DELIBERATED)[0]

    @property
    def is_minutes(self) -> bool:
        """Whether it is a `procès-verbal`."""
        return self.kind == self.Kind.MINUTES

    @property
    def paper(self) -> papers.Issuable:
        """The paper itself, whatever the version of the format it was written in."""
        return cast("papers.Issuable", papers.from_json(self.content, papers.KINDS[self.kind]))

    @property
    def file_name(self) -> str:
        """What the PDF is called when downloaded: "pv-bureau-2016-11-16-v2.pdf", a deliberation
        by its number: "deliberation-2026-04-comite-2026-06-09.pdf"."""
        _, _, told = self.title.partition(f"{french.NBSP}:")[0].partition("°")
        number = papers.in_file_name(told) if self.subject else ""
        parts = [
            self._file_noun,
            number,
            self.meeting.body.slug,
            self.meeting.held_on.isoformat(),
            "" if number else self.subject,
            f"v{self.version}" if self.version > 1 else "",
        ]
        return f"{'-'.join(filter(None, parts))}.pdf"

    @property
    def _file_noun(self) -> str:
        if self.kind != self.Kind.EXTRACT:
            return str(self.kind)
        return _ALONE.get(Body.Kind(self.meeting.body.kind), _DELIBERATED)[1]

    @property
    def is_current(self) -> bool:
        """Whether nothing has superseded it."""
        return not hasattr(self, "superseded_by")
