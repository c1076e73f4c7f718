"""What lies on the disk is the application's own: neither group nor others read it.

The settings set a umask, so that whatever is written is 0600 and 0700; `check` tells of what was
written before, or by other hands.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core import checks

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def created(path: Path) -> IO[bytes]:
    """A new file that nobody else reads, whatever the umask; what was there is replaced."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def exposed() -> Iterator[Path]:
    """The places that hold secrets and that others could read."""
    data = Path(settings.DATA_DIR)
    if data.stat().st_mode & _OTHERS:  # closed, it closes all that it holds
        yield data
    yield from (
        path
        for path in (*data.glob("*.sqlite3*"), data / "secret_key", Path(settings.MEDIA_ROOT))
        if path.exists() and path.stat().st_mode & _OTHERS
    )
    signing = Path(settings.SIGNING_DIR)
    carrying = Path(settings.TRANSMISSION_SECRETS)
    yield from (
        path
        for path in (*signing.glob("*.p12"), *carrying.glob("*/*"))
        if path.stat().st_mode & _OTHERS
    )


def check_places(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """A warning for each place that is open to others, with the line that closes it."""
    return [
        checks.Warning(
            f"{path} est lisible par d’autres comptes de cette machine.",
            hint=f"chmod -R go= {path}",
            id="somme_gov.W002",
        )
        for path in exposed()
    ]
