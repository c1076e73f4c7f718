"""What machines are given, as it was read in the files that are online."""

from typing import Self

from django.db import models

from archive.models import Publication
from documents import papers
from members.models import Organisation, done_by


class ReadingQuerySet(models.QuerySet):
    """Readings, by what the public may be given of them."""

    def open(self) -> Self:
        """Those of what is online, in force, and of no assembly that somebody plays."""
        online = Publication.objects.lasting().online().in_force()
        return self.filter(publication__in=online.order_by())

    def standing(self) -> Self:
        """Those that bear what is an act still."""
        return self.filter(stands=True)


class Reading(models.Model):
    """What one published file says, read in the data that the file itself carries (`lecture`).

    The file of a publication whose passages were masked was laid out without them, and so were its
    data: what is not in the public edition cannot be here. `content` is that JSON, "" of a file
    that carries none; `number`, `object` and `votes` are what a line of a table needs of it,
    `agenda` what a list of items needs. `stands` says whether an extract bears an act still, as
    judged when its sitting bore the number `stamp`; `is_withdrawn`, whether a later act withdrew
    it; `changed_at`, when something of it was last found otherwise, for whoever keeps a copy.
    It proves nothing, and is read again at will (`by`: by which reader).
    """

    publication = models.OneToOneField(
        Publication,
        models.CASCADE,
        primary_key=True,
        related_name="open_data",
        verbose_name="publication",
    )
    number = models.CharField("numéro", max_length=60, blank=True)
    object = models.CharField("objet", max_length=1000, blank=True)
    votes = models.JSONField("décompte", null=True, blank=True)
    stands = models.BooleanField("acte en vigueur", default=True)
    is_withdrawn = models.BooleanField("retiré par un autre", default=False, db_default=False)
    stamp = models.PositiveBigIntegerField("lue sous le numéro de la séance", default=0)
    changed_at = models.DateTimeField("trouvée autre le", null=True, blank=True)
    by = models.PositiveSmallIntegerField("lue par", default=0)
    # Last: a row is told by its small columns without reading these.
    agenda = models.JSONField("points", default=list)
    content = models.TextField("contenu", blank=True)

    objects = ReadingQuerySet.as_manager()

    class Meta:
        verbose_name = "lecture d’un fichier publié"
        verbose_name_plural = "lectures des fichiers publiés"

    def __str__(self) -> str:
        return f"Données de {self.publication}"

    @property
    def paper(self) -> papers.Paper | None:
        """The paper as the public reads it; `None` when its file carries no data."""
        return papers.from_json(self.content) if self.content else None


class ApiKeyQuerySet(models.QuerySet):
    """Keys, by whether they open anything."""

    def living(self) -> Self:
        """Those that nobody revoked."""
        return self.filter(revoked_at=None)


class ApiKey(models.Model):
    """What the software of an organisation reads it with (`clé d’API`): its hash, never itself."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="api_keys", verbose_name="organisation"
    )
    name = models.CharField("logiciel", max_length=100)
    start = models.CharField("début", max_length=12)
    token_hash = models.CharField("empreinte", max_length=64, unique=True)
    made_by = done_by("faite par")
    made_at = models.DateTimeField("faite le")
    used_at = models.DateTimeField("a servi le", null=True)
    revoked_by = done_by("révoquée par")
    revoked_at = models.DateTimeField("révoquée le", null=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = "clé d’API"
        verbose_name_plural = "clés d’API"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"
