"""The secrets of an organisation at its operators: kept by whoever runs the server, never here.

A secret has a name, and is found under the name of its organisation alone: in the environment
(`TRANSMISSION_VAL_DE_BRUME__MOT`) or in a file (`TRANSMISSION_SECRETS/val-de-brume/mot`). It goes
to the machines that `TRANSMISSION_HOSTS` names, and to no other: whoever may write an address on a
page reads by it neither a secret nor what answers inside the network.
"""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from members.models import Organisation
from transmission.connectors.asking import is_here

# No two signs in a row: in a variable, what parts an organisation from a name is in no name.
NAME = re.compile(r"(?!.*[._-]{2})[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_MOST = 64 * 1024


class Missing(Exception):
    """What is not where it should be: in French, with where it should be."""


def secret(organisation: Organisation, name: str) -> str:
    """The secret of this name. Raises `Missing`."""
    path = _place(organisation, name)
    variable = re.sub(r"\W", "_", f"TRANSMISSION_{organisation.slug}__{name}").upper()
    if told := os.environ.get(variable, "").strip():
        return told
    try:
        with path.open(encoding="utf-8") as file:
            told = file.read(_MOST).strip()
    except (OSError, ValueError):
        told = ""
    if not told:
        raise Missing(
            f"Le secret «\u00a0{name}\u00a0» n’est ni dans la variable {variable}, ni dans le "
            f"fichier {path}."
        )
    return told


def file(organisation: Organisation, name: str) -> str:
    """Where the certificate of this name is. Raises `Missing`."""
    path = _place(organisation, name)
    if not path.is_file():
        raise Missing(f"Le fichier {path} n’est pas là, ou ne se lit pas.")
    return str(path)


def _place(organisation: Organisation, name: str) -> Path:
    if not NAME.fullmatch(name):
        raise Missing(f"«\u00a0{name}\u00a0» n’est pas un nom de secret.")
    return Path(settings.TRANSMISSION_SECRETS) / organisation.slug / name


def objection(address: str) -> str:
    """Why no secret may go to this address, in French; "" when it may."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # a bracket that nothing closes, a port of letters
        return "Cette adresse n’en est pas une."
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here(host)):
        return "L’adresse commence par https://."
    if parts.username or parts.password:
        return "L’adresse ne porte ni compte ni mot de passe."
    named = f"{host}:{port}" if port else host
    if named not in settings.TRANSMISSION_HOSTS:
        return (
            f"Ce serveur n’a pas le droit de s’adresser à «\u00a0{named}\u00a0»\u00a0: qui le "
            "tient le permet par TRANSMISSION_HOSTS."
        )
    return ""
