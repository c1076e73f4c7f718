"""An organisation that one account plays to learn, and that goes as it came, whole.

Nothing of it is witnessed (`members.witness.lasting`), hence nothing of it is anchored, and nobody
may say that something was erased. That is also what guards this: what the witness ever knew is
never removed, whatever the row says of itself.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q, QuerySet

from members import files, witness
from members.models import Organisation, Role, User
from members.witness import Witness


class IsOfWeight(Exception):
    """Somebody wants to remove what others lean on."""


def players() -> QuerySet[User]:
    """Who may play: whoever keeps the sittings of an organisation that is not played so."""
    keeps = Q(roles__kind=Role.Kind.SECRETARIAT, roles__organisation__is_fleeting=False)
    return User.objects.filter(keeps | Q(is_superuser=True), is_active=True)


def played_by(user: User) -> QuerySet[Organisation]:
    """What this account plays."""
    return Organisation.objects.filter(is_fleeting=True, roles__user=user)


def leave(user: User) -> None:
    """Remove whatever this account plays."""
    for organisation in played_by(user):
        remove(organisation, by=user)


@transaction.atomic
def remove(organisation: Organisation, *, by: User | None) -> None:
    """Whatever hangs from this organisation, and itself; the files too, once that is certain.

    For `by`, who plays in it, or for nobody, once it is forgotten. Raises `IsOfWeight` where
    anything of it was ever witnessed, or leans on what is real: then nothing is removed. The
    constraints of the database ask at the end of the transaction.
    """
    is_others = by is not None and not by.roles.filter(organisation=organisation).exists()
    if not organisation.is_fleeting or is_others:
        raise IsOfWeight(str(organisation))
    found = {model: rows for model in apps.get_models() if (rows := _of(organisation, model))}
    for model, rows in found.items():
        known = Witness.objects.filter(table=model._meta.label_lower, row__in=rows)
        leaning = witness.lasting(model, model._base_manager.filter(pk__in=rows))
        if known.exists() or leaning.exists():
            raise IsOfWeight(f"{model._meta.label} {rows}")
    names = [name for model, rows in found.items() for name in _files(model, rows)]
    # From the top of the house down: a line of the ledger goes while its sitting says whose it is.
    for model, rows in reversed(found.items()):
        gone = model._base_manager.filter(pk__in=rows)
        gone._raw_delete(gone.db)  # its parents and its children go too: nobody is asked
    transaction.on_commit(lambda: files.forget(names))


def _of(organisation: Organisation, model: type[models.Model]) -> list[int]:
    road = witness.road_to_organisation(model, "id")
    if not road or model._meta.proxy or not model._meta.managed:
        return []
    rows = model._base_manager.filter(**{road: organisation.pk})
    return list(rows.values_list("pk", flat=True))


def _files(model: type[models.Model], rows: list[int]) -> Iterator[str]:
    """What these rows keep on the disk: their files, and those that a list of theirs names."""
    here = model._base_manager.filter(pk__in=rows)
    for field in model._meta.concrete_fields:
        values = here.values_list(field.name, flat=True)
        if isinstance(field, models.FileField):
            yield from filter(None, values)
        elif isinstance(field, models.JSONField):
            lists = (value for value in values if isinstance(value, list))
            told = (each for value in lists for each in value if isinstance(each, dict))
            yield from (each["path"] for each in told if "path" in each)
