"""What the trail is told of accounts, roles, rules, and who sits where, whichever page or command
changes them.

What a row said is read in the table just before it is written: its history may begin late, or lack
a line, and would then tell of changes that never were.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Model, signals
from django.dispatch import Signal

from law import french, regime
from law.addresses import lowered
from trail import context
from trail.models import Act
from trail.recording import note

# Columns of an account whose change is told, and the words for it; never what they hold.
_OF_AN_ACCOUNT = {
    "email": "adresse",
    "first_name": "prénom",
    "last_name": "nom",
    "is_active": "ouverture",
    "is_superuser": "droits de superutilisateur",
    "password": "mot de passe",
}
# What decides how an organisation works, and what gives a vote.
_RULES = ("organisation", "body", "constituency", "rulebook", "paperstyle")
_SEATS = ("community", "person", "mandate")
# Those of which the first and the last state are told whole.
_TOLD_WHOLE = ("constituency", "mandate")
# Private, or long: that it changed is told, never what it says.
_NAME_ONLY = {
    "phone",
    "address",
    "born_on",
    "contact",
    "copies_to",
    "logo",
    "civility",
    "wants_paper",
}
# Follows from the others, or is told on its own.
_LEFT_OUT = {"sort_name", "version", "user", "email"}

# Somebody's address is no longer that to which his links went: `person`, `before`, `road`.
address_changed = Signal()
# An account speaks for somebody from now on: `person`.
account_linked = Signal()
# An account has lost a role: `account`, `organisation`, `kind`; or is closed: neither.
right_withdrawn = Signal()


def watch() -> None:
    """Listen to what is written and erased."""
    for name in ("user", "role", *_RULES, *_SEATS):
        model = apps.get_model("members", name)
        signals.pre_save.connect(_remember, sender=model, dispatch_uid="trail")
        signals.post_save.connect(_written, sender=model, dispatch_uid="trail")
        signals.post_delete.connect(_erased, sender=model, dispatch_uid="trail")


Said = Mapping[str, Any]


def _remember(sender, instance, update_fields=None, raw=False, **kwargs) -> None:
    """What the row says still; a sign-in writes its hour alone, and asks nothing."""
    instance._said_before = {}
    if raw:  # brought back by a backup, with the trail that told of it
        return
    watched = _OF_AN_ACCOUNT if sender._meta.model_name == "user" else _columns(sender)
    asked = [name for name in watched if update_fields is None or name in update_fields]
    if asked and instance.pk and not instance._state.adding:
        rows = sender._base_manager.filter(pk=instance.pk)
        instance._said_before = rows.values(*asked).first() or {}


def _columns(model: type[Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if not field.primary_key]


def _written(sender, instance, created, raw=False, **kwargs) -> None:
    if raw:
        return
    before = {} if created else instance._said_before
    match sender._meta.model_name:
        case "user":
            _tell_of_account(instance, before, created)
        case "role":
            _tell_of_role(instance, before)
        case "person":
            _tell_of_row(instance, before, created)
            _tell_of_link(instance, before, created)
            _tell_of_address(instance, before)
        case _:
            _tell_of_row(instance, before, created)


def _erased(sender, instance, **kwargs) -> None:
    match sender._meta.model_name:
        case "user":
            note(Act.ACCOUNT, f"compte supprimé : {instance.email}")
        case "role":
            _note_role(instance, instance.kind, "retiré")
        case _:
            _note_row(instance, _done("suppression", instance))


# --- Accounts and roles -----------------------------------------------------------------------


def _tell_of_account(account: Model, before: Said, created: bool) -> None:
    if created:
        note(Act.ACCOUNT, f"compte ouvert : {account.email}")
        return
    changed = [
        words
        for name, words in _OF_AN_ACCOUNT.items()
        if name in before and before[name] != getattr(account, name)
    ]
    if before.get("is_active") and not account.is_active:
        right_withdrawn.send(type(account), account=account, organisation=None, kind=None)
    if changed:
        note(Act.ACCOUNT, f"{account.email} : {french.join(changed)}")


def _tell_of_role(role: Model, before: Said) -> None:
    """A role that becomes another, or another's, is one withdrawn and one given."""
    told = {name: getattr(role, f"{name}_id") for name in ("user", "organisation")}
    told["kind"] = role.kind
    if before and all(before[name] == value for name, value in told.items()):
        return
    if before:
        of = {f"{name}_id": before[name] for name in ("user", "organisation")}
        _note_role(type(role)(kind=before["kind"], **of), before["kind"], "retiré")
    _note_role(role, role.kind, "donné")


def _note_role(role: Model, kind: str, done: str) -> None:
    label = dict(type(role).Kind.choices).get(kind, kind)
    what = f"rôle « {label} » {done} : {role.user.email}"
    note(Act.ROLE, what, organisation=role.organisation)
    if done == "retiré":
        where = role.organisation
        right_withdrawn.send(type(role), account=role.user, organisation=where, kind=kind)


# --- Rules, and who sits where ----------------------------------------------------------------


def _tell_of_row(row: Model, before: Said, created: bool) -> None:
    done = _done("création", row) if created else "\u00a0; ".join(_changes(row, before))
    if done:
        _note_row(row, done)


def _note_row(row: Model, done: str) -> None:
    name = row._meta.model_name
    road = _road(row)
    owner = row if name == "organisation" else getattr(row, "body", row).organisation
    what = f"{_named(row)} : {done}{f' ({road})' if road else ''}"
    note(Act.RULES if name in _RULES else Act.SEATS, what, organisation=owner)


def _named(row: Model) -> str:
    match row._meta.model_name:
        case "person":
            return str(row)
        case "mandate":
            return f"mandat {french.elide('de', str(row.person))}, {row.body}"
        case "constituency":
            return f"collège « {row} », {row.body}"
    # By its body: a rule book written in this request may hold its first day as a text still.
    return f"{row._meta.verbose_name} « {getattr(row, 'body', row)} »"


def _done(noun: str, row: Model) -> str:
    if row._meta.model_name not in _TOLD_WHOLE:
        return noun
    whole = (
        f"{field.verbose_name} {_shown(field, value)}"
        for field in _told_fields(row)
        if field.name not in ("body", "person", "name")
        and (value := _value(row, field)) not in (None, "", 0)
    )
    return f"{noun} : {', '.join(whole)}"


def _changes(row: Model, before: Said) -> Iterator[str]:
    for field in _told_fields(row):
        if field.name not in before:
            continue
        was, now = before[field.name], _value(row, field)
        if was == now:
            continue
        if field.name == "values":
            yield from _rules(was, now)
        elif field.name in _NAME_ONLY or isinstance(field, models.TextField):
            yield str(field.verbose_name)
        else:
            yield f"{field.verbose_name} {_shown(field, was)} → {_shown(field, now)}"


def _rules(was: Said, now: Said) -> Iterator[str]:
    for key in now | was:
        if was.get(key) != now.get(key):
            label = regime.RULES[key].label if key in regime.RULES else key
            yield f"{label} {_plain(was.get(key))} → {_plain(now.get(key))}"


def _told_fields(row: Model) -> Iterable[models.Field]:
    fields = row._meta.concrete_fields
    return [f for f in fields if not f.primary_key and f.name not in _LEFT_OUT]


def _value(row: Model, field: models.Field) -> Any:
    """As the table holds it: a form may have left a text, a file is its name."""
    value = getattr(row, field.attname)
    return str(value or "") if isinstance(field, models.FileField) else field.to_python(value)


def _shown(field: models.Field, value: Any) -> str:
    if isinstance(field, models.ForeignKey) and value is not None:
        found = field.related_model._base_manager.filter(pk=value).first()
        return f"« {found} »" if found else f"n° {value}"
    return _plain(next((words for key, words in field.flatchoices if key == value), value))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if value in (None, "", [], ()):
        return "(vide)"
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def _road(row: Model) -> str:
    """By which page or act; "" when nothing says."""
    why = getattr(row, "_change_reason", None)
    return why or ("administration" if context.page().startswith("admin:") else "")


# --- A person, his account, his address -------------------------------------------------------


def _tell_of_link(person: Model, before: Said, created: bool) -> None:
    """An account that speaks for a person, or does so no more."""
    if (None if created else before.get("user", person.user_id)) == person.user_id:
        return
    said = f"relié au compte {person.user.email}" if person.user_id else "relié à aucun compte"
    note(Act.ACCOUNT, f"{person} : {said}", organisation=person.organisation)
    if person.user_id:
        account_linked.send(type(person), person=person)


def _tell_of_address(person: Model, before: Said) -> None:
    """The address to which the links go that answer and give a proxy for him."""
    was = before.get("email", person.email)
    if lowered(was) == lowered(person.email):
        return
    _note_row(person, f"adresse électronique {masked(was)} → {person.email or '(vide)'}")
    address_changed.send(type(person), person=person, before=was, road=_road(person))


def addresses_of(person: Model) -> tuple[str, ...]:
    """Where a person is told of what is done in her name: at her address and at that of her
    account, for one may have been changed for this."""
    account = person.user.email if person.user else ""
    return tuple(dict.fromkeys(filter(None, (lowered(person.email), account))))


def masked(email: str) -> str:
    """« al…@brume.example »: enough for who knows it, for nobody else."""
    local, at, domain = email.rpartition("@")
    return f"{local[:2]}…{at}{domain}" if email else "(vide)"
