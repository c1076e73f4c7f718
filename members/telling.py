"""What the trail is told of accounts, roles and rules, whichever page or command changes them."""

from django.apps import apps
from django.db.models import Model, signals
from simple_history.signals import post_create_historical_record

from law import french
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
# What decides how an organisation works; who sits where has its own history and its own pages.
_RULES = ("organisation", "body", "rulebook", "paperstyle")
_DONE = {"+": "création", "-": "suppression"}


def watch() -> None:
    """Listen to what is saved."""
    user, role = apps.get_model("members.User"), apps.get_model("members.Role")
    signals.pre_save.connect(_before_account, sender=user, dispatch_uid="trail")
    signals.post_save.connect(_account, sender=user, dispatch_uid="trail")
    signals.post_delete.connect(_account_gone, sender=user, dispatch_uid="trail")
    signals.post_save.connect(_role, sender=role, dispatch_uid="trail")
    signals.post_delete.connect(_role_gone, sender=role, dispatch_uid="trail")
    post_create_historical_record.connect(_rules, dispatch_uid="trail")


def _before_account(sender, instance, update_fields=None, **kwargs) -> None:
    """Remember what is about to change; a sign-in writes its hour alone, and asks nothing."""
    instance._changing = ()
    watched = _OF_AN_ACCOUNT.keys() & set(update_fields or _OF_AN_ACCOUNT)
    if instance.pk and watched:
        before = sender.objects.filter(pk=instance.pk).values(*watched).first() or {}
        instance._changing = tuple(
            words
            for name, words in _OF_AN_ACCOUNT.items()
            if name in before and before[name] != getattr(instance, name)
        )


def _account(sender, instance, created, **kwargs) -> None:
    if created:
        note(Act.ACCOUNT, f"compte ouvert : {instance.email}")
    elif instance._changing:
        note(Act.ACCOUNT, f"{instance.email} : {french.join(instance._changing)}")


def _account_gone(sender, instance, **kwargs) -> None:
    note(Act.ACCOUNT, f"compte supprimé : {instance.email}")


def _role(sender, instance, **kwargs) -> None:
    _told_of_role(instance, "donné")


def _role_gone(sender, instance, **kwargs) -> None:
    _told_of_role(instance, "retiré")


def _told_of_role(role: Model, done: str) -> None:
    what = f"rôle « {role.get_kind_display()} » {done} : {role.user.email}"
    note(Act.ROLE, what, organisation=role.organisation)


def _rules(sender, instance, history_instance, **kwargs) -> None:
    name = instance._meta.model_name
    if instance._meta.app_label != "members" or name not in _RULES:
        if name == "person":
            _link(instance, history_instance)
        return
    # By its body: a rule book written in this request may hold its first day as a text still.
    what = f"{instance._meta.verbose_name} « {getattr(instance, 'body', instance)} »"
    done = _DONE.get(history_instance.history_type) or french.join(
        _changed(instance, history_instance)
    )
    if done:
        owner = instance if name == "organisation" else _organisation_of(instance)
        note(Act.RULES, f"{what} : {done}", organisation=owner)


def _link(person: Model, line: Model) -> None:
    """An account that speaks for a person, or does so no more."""
    before = line.prev_record if line.history_type == "~" else None
    if person.user_id == (before.user_id if before else None):
        return
    said = f"relié au compte {person.user.email}" if person.user_id else "relié à aucun compte"
    note(Act.ACCOUNT, f"{person} : {said}", organisation=person.organisation)


def _changed(instance: Model, line: Model) -> list[str]:
    before = line.prev_record
    return [
        str(field.verbose_name)
        for field in instance._meta.concrete_fields
        if before is not None
        and hasattr(before, field.attname)
        and getattr(before, field.attname) != getattr(instance, field.attname)
    ]


def _organisation_of(instance: Model) -> Model:
    return getattr(instance, "body", instance).organisation
