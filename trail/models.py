"""The trail: who did what, when, from where, on what. Added to, never changed.

A row keeps words and numbers, no relation: it must outlive what it speaks of, and be told by every
room. It is written in the transaction of the act that it tells; what is undone was never told.
"""

import re
from datetime import datetime

from django.db import models
from django.utils import timezone

from trail import devices

_DIGEST = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{56}\b")


class Act(models.TextChoices):
    """What was done, as an auditor would look for it."""

    SIGNED_IN = "connexion", "connexion"
    SIGN_IN_REFUSED = "connexion_refusee", "connexion refusée"
    SIGNED_OUT = "deconnexion", "déconnexion"
    FACTOR = "facteur", "mot de passe, second facteur, sessions"
    ACCOUNT = "compte", "compte"
    ROLE = "role", "rôle"
    RULES = "regles", "règles et réglages"
    SEATS = "composition", "personnes, mandats, adresses"
    KEY = "cle", "clé de signature"
    DOWNLOAD = "telechargement", "téléchargement"
    CREATED = "creation", "séance créée"
    REMOVED = "suppression", "suppression"
    ISSUED = "etabli", "papier établi"
    SENT = "envoi", "envoi"
    SIGNATURE = "signature", "signature"
    PUBLICATION = "publication", "publication"
    TRANSMISSION = "transmission", "transmission à la préfecture"
    ASSISTANCE = "assistance", "accès d’assistance"
    KEEPING = "conservation", "sauvegarde, restauration, purge"


class IsAppendOnly(Exception):
    """Somebody wanted to change or remove a line of the trail."""


class EntryQuerySet(models.QuerySet):
    """Lines, which many at once change no more than one by one."""

    def update(self, **kwargs):
        raise IsAppendOnly("Le journal ne se modifie pas.")

    def delete(self):
        raise IsAppendOnly("Le journal ne s’efface pas ; « trim_trail » retire ce qui a l’âge.")


class Entry(models.Model):
    """One line.

    `position` and `digest` are given a moment later, in the order in which lines are found
    (`trail.chain`): a line that waits for its place has neither, so that no act waits for another.
    """

    at = models.DateTimeField("moment", default=timezone.now, db_index=True)
    act = models.CharField("acte", max_length=20, choices=Act)
    account = models.BigIntegerField("compte n°", null=True, db_index=True)
    who = models.CharField("qui", max_length=254, blank=True)
    organisation = models.BigIntegerField("organisation n°", null=True)
    origin = models.CharField("adresse du réseau", max_length=45, blank=True)
    what = models.CharField("quoi", max_length=500)
    position = models.BigIntegerField("rang", null=True, unique=True, editable=False)
    digest = models.CharField("empreinte", max_length=64, blank=True, editable=False)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "ligne du journal"
        verbose_name_plural = "journal"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["organisation", "-at"], name="trail_of_an_organisation")]

    def __str__(self) -> str:
        return f"{self.get_act_display()} : {self.what}"

    def save(self, *args, **kwargs) -> None:
        if not self._state.adding:
            raise IsAppendOnly("Le journal ne se modifie pas.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise IsAppendOnly("Le journal ne s’efface pas ; « trim_trail » retire ce qui a l’âge.")

    @property
    def brief(self) -> str:
        """What was done, as a page shows it: a browser by its name, a digest by its beginning; the
        file has it whole."""
        if self.act in (Act.SIGNED_IN, Act.SIGNED_OUT):
            return devices.named(self.what)
        return _DIGEST.sub(r"\1…", self.what)

    def told(self) -> tuple[int | str | None, ...]:
        """What its digest covers."""
        return (
            self.position,
            self.at.isoformat() if isinstance(self.at, datetime) else self.at,
            self.act,
            self.account,
            self.who,
            self.organisation,
            self.origin,
            self.what,
        )


class Trimming(models.Model):
    """Up to which line the trail was let go, at its age: the chain goes on from `digest`. What
    went was older than `before`."""

    at = models.DateTimeField("moment", default=timezone.now)
    before = models.DateTimeField("lignes d’avant le")
    position = models.BigIntegerField("dernier rang retiré")
    digest = models.CharField("empreinte de ce rang", max_length=64)
    count = models.PositiveIntegerField("lignes retirées")

    class Meta:
        verbose_name = "purge du journal"
        verbose_name_plural = "purges du journal"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.count} lignes retirées"
