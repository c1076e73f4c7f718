"""Where a person is: model by model, the columns that lead to her, to her account, to her address.

One table. A column that leads to somebody and is not here fails `tests/archive/test_personal.py`
until somebody says where it is given, or in `NOWHERE` why it is not. What an account did (`noté
par`, `établi par`) needs no line: every other column that leads to an account is read so.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from members.models import Person, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One table: the lookups from a row to a person, to an account, to an address that is hers; of
    which kind it is (`members.retention`); which of its files are hers."""

    label: str
    kind: str
    person: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def model(self) -> type[models.Model]:
        """Its table."""
        return apps.get_model(self.label)

    @property
    def columns(self) -> frozenset[str]:
        """The columns by which it knows somebody."""
        return frozenset(
            road.partition("__")[0] for road in (*self.person, *self.account, *self.address)
        )


def _place(label: str, kind: str, **roads: str) -> Place:
    return Place(
        label=label, kind=kind, **{name: tuple(said.split()) for name, said in roads.items()}
    )


_SEAT = "mandate__person"
PLACES = (
    _place("members.Person", "coordonnees", person="pk"),
    _place("members.HistoricalPerson", "anciennes", person="id"),
    _place("members.Mandate", "mandats", person="person replaces__person"),
    _place("members.HistoricalMandate", "mandats", person="person replaces__person"),
    _place("members.User", "comptes", account="pk"),
    _place("members.Role", "comptes", account="user"),
    _place("members.Community", "collectivites", address="contact copies_to"),
    _place("accounts.Session", "sessions", account="account"),
    _place("accounts.Factor", "comptes", account="account"),
    _place("accounts.RecoveryCode", "comptes", account="account"),
    _place("accounts.ExternalIdentity", "comptes", account="account"),
    _place("accounts.IdentityChange", "comptes", account="account", address="email"),
    _place("accounts.LinkRequest", "demandes", person="person", account="account"),
    _place("accounts.Letter", "lettres", address="to"),
    _place("admin.LogEntry", "demandes", account="user"),
    _place("convening.Recipient", "dossiers", person=_SEAT, address="email"),
    _place("convening.Invitation", "liens", person=_SEAT, address="email"),
    _place(
        "convening.Answer",
        "dossiers",
        person=f"{_SEAT} substitute__person holder__person",
        files="proxy_form",
    ),
    _place("convening.Question", "dossiers", person=_SEAT),
    _place("convening.Notice", "liens", person=_SEAT, address="email"),
    _place("convening.OutboxMail", "boite", address="recipient"),
    _place("convening.CalendarFeed", "coordonnees", person="person"),
    _place("live.Tablet", "liens", person=_SEAT),
    _place("meetings.Vote", "actes", person=_SEAT),
    _place("registry.Delegation", "actes", person=_SEAT),
    _place("registry.LoneAct", "actes", person="author__person"),
    _place("registry.SigningKey", "actes", person="person", account="account"),
    _place("registry.Deposit", "actes", person="person"),
    _place("registry.Decline", "actes", person="person"),
    _place("registry.SignatureStep", "actes", person="person", files="scan"),
    _place("registry.Review", "dossiers", person="person"),
    _place("archive.SigningCall", "coordonnees", person="person"),
    _place("archive.TaskFeed", "comptes", account="user"),
    _place("archive.Alert", "alertes", address="email"),
)

# What leads to somebody and is given nowhere, because…
NOWHERE = {
    "members.Organisation.ctes_email": "l’adresse de la préfecture",
    "members.HistoricalOrganisation.ctes_email": "l’adresse de la préfecture",
    "members.HistoricalCommunity.contact": "l’adresse d’une mairie, avant sa correction",
    "meetings.Undo.by": "un geste, dit parmi ceux du compte",
}
# Columns that open a door or tell nothing of anybody: never given.
SECRETS = frozenset(
    {"password", "data", "token_hash", "holder_hash", "code_hash", "device_hash", "nonce", "seed"}
    | {"session_key", "session_data", "stamp", "sort_name", "id", "taken_by", "lease_until", "seal"}
)


def leads_to_somebody(field: models.Field) -> bool:
    """Whether this column says who a row is about: a person, a seat, an address; or an account, but
    for the one that did it."""
    if isinstance(field, models.EmailField):
        return True
    if not isinstance(field, models.ForeignKey):
        return False
    to = field.related_model._meta.label
    did = field.remote_field.on_delete in (models.PROTECT, models.SET_NULL)
    return to in ("members.Person", "members.Mandate") or (to == "members.User" and not did)


def deeds() -> Iterator[tuple[type[models.Model], models.ForeignKey]]:
    """Each column that tells which account did something."""
    given = {place.model: place.columns for place in PLACES}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            is_account = isinstance(field, models.ForeignKey) and field.related_model is User
            is_hers = field.name == "user" and issubclass(
                getattr(model, "instance_type", model), Person
            )
            if is_account and not is_hers and field.name not in given.get(model, ()):
                yield model, field
