"""A process beside the tests, on their database and their files: one that may be killed."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def start(*arguments: str, **more: str) -> subprocess.Popen:
    """Our own Python on these arguments."""
    return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment(**more))  # noqa: S603 our own


def environment(**more: str) -> dict[str, str]:
    """The environment of the application itself, on what the test works with."""
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor != "sqlite":
        url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    own = {
        "DJANGO_SETTINGS_MODULE": "somme_gov.settings",
        "DATABASE_URL": url,
        "DATA_DIR": str(settings.DATA_DIR),
        "SECRET_KEY": settings.SECRET_KEY,
        "LOG_LEVEL": "CRITICAL",
    }
    return os.environ | own | more
