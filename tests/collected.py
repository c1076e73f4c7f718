"""The files of the look: named once for all pages, as a server does; and, for the tests that have
them served, collected once: they are compressed as small as can be, which takes ten seconds."""

import fcntl
import hashlib
import shutil
import tempfile
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.management import call_command
from django.test import override_settings

from somme_gov import settings as served


class Named(StaticFilesStorage):
    """Where each is found: to join an address for each of twenty takes a twentieth of a page."""

    url = cache(StaticFilesStorage.url)


def collected() -> Path:
    """Their folder, kept from one run to the next as long as it would hold the same. One tester
    makes it, the others await it."""
    kept = settings.BASE_DIR / "var" / "tests" / f"static-{_made_of()}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    with (kept.parent / "collecting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            _collect(kept)
    return kept


def _collect(kept: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="collecting-", dir=kept.parent) as place:
        made = Path(place) / "static"
        with override_settings(
            STATIC_ROOT=made, STORAGES=served.STORAGES, WHITENOISE_KEEP_ONLY_HASHED_FILES=True
        ):
            call_command("collectstatic", interactive=False, verbosity=0)
        for older in kept.parent.glob("static-*"):
            shutil.rmtree(older, ignore_errors=True)
        made.rename(kept)


def _made_of() -> str:
    """A fingerprint of every file, and of what collects them."""
    said = hashlib.sha256()
    for name in ("requirements.txt", "somme_gov/settings.py", "somme_gov/statics.py"):
        said.update((settings.BASE_DIR / name).read_bytes())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            said.update(name.encode())
            said.update(Path(storage.path(name)).read_bytes())
    return said.hexdigest()[:16]
