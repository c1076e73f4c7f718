"""How `FILES_URL` or `BACKUP_DIR` names an object store: the settings of `members.objects.Objects`,
pure."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

_SCHEMES = {"s3": "https", "s3+http": "http"}
_SAID = "%s\u00a0: %s. Écrivez s3://CLÉ:SECRET@magasin.example.org/godet?region=fr-par"


def read(url: str, *, of: str = "FILES_URL") -> dict[str, Any]:
    """What this setting says. Raises `ValueError`, in words, for what names no bucket."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(_SAID % (of, "cette adresse ne se lit pas")) from None
    bucket, _, folder = parts.path.strip("/").partition("/")
    more = dict(parse_qsl(parts.query))
    if parts.scheme not in _SCHEMES:
        raise ValueError(_SAID % (of, "elle commence par s3:// (ou s3+http://, en clair)"))
    if not parts.hostname or not bucket:
        raise ValueError(_SAID % (of, "elle nomme un hôte et un godet"))
    if bool(parts.username) != bool(parts.password):
        raise ValueError(_SAID % (of, "une clé va avec son secret"))
    if unknown := more.keys() - {"region", "style"}:
        raise ValueError(_SAID % (of, f"«\u00a0{min(unknown)}\u00a0» n’y a pas de sens"))
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return {
        "endpoint_url": f"{_SCHEMES[parts.scheme]}://{host}" + (f":{port}" if port else ""),
        "access_key": unquote(parts.username or "") or None,
        "secret_key": unquote(parts.password or "") or None,
        "bucket_name": bucket,
        "location": folder,
        "region_name": more.get("region", "us-east-1"),
        "style": more.get("style", "path"),
    }


def hold_each_other(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether what is put in one of these is found in the other."""
    (here, first), (there, second) = (
        ((each["endpoint_url"], each["bucket_name"]), f"{each['location']}/".lstrip("/"))
        for each in (one, other)
    )
    return here == there and (first.startswith(second) or second.startswith(first))
