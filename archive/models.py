"""What the search reads: one row an item of the minutes in force, made from them."""

from django.db import models

from documents.models import IssuedDocument
from meetings.models import AgendaItem
from members.models import Body


class Entry(models.Model):
    """An item of issued minutes, as the search finds it.

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
    held_on = models.DateField("séance du", db_index=True)
    title = models.CharField("intitulé", max_length=600)
    text = models.TextField("texte")
    stems = models.TextField("racines")

    class Meta:
        verbose_name = "entrée de recherche"
        verbose_name_plural = "entrées de recherche"
        ordering = ["-held_on", "pk"]

    def __str__(self) -> str:
        return self.title
