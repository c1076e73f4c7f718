"""Whether this machine serves its base, or only holds a copy of one that another serves.

A base and the machine that serves it have the same mark: a row, and a file of `DATA_DIR` that no
backup takes, or `SERVICE_MARK` where several machines serve it together. One that was restored, or
copied with the tools of the database, finds another mark where it arrives, or none. It sends,
publishes and anchors nothing until somebody says that this machine serves it now
(`manage.py take_over`): whoever tries a backup convenes nobody twice.
"""

import os
from pathlib import Path

from django.conf import settings

from law.findings import Finding, Refused
from members import links, private
from members.models import Service

COMMAND = "manage.py take_over"
HELD = Finding(
    code="base_restauree",
    message="Cette base a été restaurée ou copiée ici\u00a0: rien n’en part, rien ne s’y publie ni "
    "ne s’y ancre, tant que personne n’a dit que cette machine remplace l’autre.",
    remedy=f"Si l’autre machine ne sert plus, l’exploitant lance «\u00a0{COMMAND}\u00a0».",
)


def _place() -> Path:
    return Path(settings.DATA_DIR) / "machine"


def _own() -> str:
    """The mark of this machine; "" before it has one."""
    if settings.SERVICE_MARK:
        return str(settings.SERVICE_MARK)
    try:
        return _place().read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def is_held() -> bool:
    """Whether this base came from elsewhere, and nobody said since that it is served here. One
    that never was served is held by nothing."""
    mark = Service.objects.values_list("mark", flat=True).first()
    return mark is not None and mark != _own()


def refuse_held() -> None:
    """Raises `Refused` for a base that is held."""
    if is_held():
        raise Refused([HELD])


def hold() -> None:
    """This base came from elsewhere: nothing leaves it."""
    Service.objects.update_or_create(pk=Service.ONLY, defaults={"mark": links.new()})


def claim() -> None:
    """A base that was never served is served here from now on; what is held stays so."""
    if not Service.objects.exists():
        Service.objects.get_or_create(pk=Service.ONLY, defaults={"mark": _marked()})


def serve() -> None:
    """This machine serves this base from now on, wherever it comes from."""
    Service.objects.update_or_create(pk=Service.ONLY, defaults={"mark": _marked()})


def _marked() -> str:
    """The mark of this machine, made if it has none: who comes second takes that of the first."""
    if not _own():
        written = _place().with_name(f"machine-{links.new()}")
        with private.created(written) as file:
            file.write(links.new().encode())
        try:
            os.link(written, _place())
        except FileExistsError:
            pass
        finally:
            written.unlink()
    return _own()
