"""Where a command writes a file that holds everything of somebody, and who will read it."""

import os
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError


def add_readers(parser: ArgumentParser) -> None:
    """`--to`, as often as there are readers."""
    parser.add_argument(
        "--to",
        action="append",
        metavar="CLÉ",
        help="clé publique d’age («\u00a0age1…\u00a0») de qui pourra le lire\u00a0; "
        "BACKUP_RECIPIENT sinon",
    )


def readers(to: list[str] | None) -> list[str]:
    """The public keys to which it is closed: none, and whoever has the file reads it."""
    return settings.BACKUP_RECIPIENT if to is None else to


def refuse_where_nothing_is_written(path: Path) -> None:
    """A name that is taken, or a folder that the account of the service does not enter."""
    if os.path.exists(path):  # `Path.exists` fails where one may not look
        raise CommandError(f"{path} existe déjà\u00a0: choisissez un autre nom.")
    if not os.path.isdir(path.absolute().parent):
        raise CommandError(
            f"Le dossier {path.absolute().parent} n’existe pas, ou le compte du service n’y "
            "entre pas\u00a0: écrivez dans BACKUP_DIR."
        )
