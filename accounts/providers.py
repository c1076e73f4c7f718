"""Providers of identity (OpenID Connect), as the environment names them. Nothing here but text.

`OIDC_PROVIDERS` lists their names; each has a block of variables `OIDC_<NAME>_…`, in capitals. What
each variable means is in docs/exploitation.md, « S’identifier ailleurs ».
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from law.addresses import lowered

ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "end_session_endpoint",
)
# Signatures that a provider alone can make: a secret that we share would let us make them too.
ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,48}")
_HERE = {"127.0.0.1", "localhost", "::1"}
_YES, _NO = {"1", "true", "on", "yes", "oui"}, {"", "0", "false", "off", "no", "non"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who says, elsewhere, that somebody is who she is."""

    name: str  # in addresses, and in what is kept: never changed once somebody entered by it
    label: str  # on the button
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: str = "openid email"
    algorithm: str = "RS256"
    domains: tuple[str, ...] = ()  # those of the addresses that it may link; empty: any
    organisations: tuple[str, ...] = ()  # slugs of those whose accounts it opens; empty: any
    is_trusted: bool = False  # each address that it gives is verified, though it does not say so
    acr: tuple[str, ...] = ()  # levels without which nobody enters; empty: any
    mfa: tuple[str, ...] = ()  # levels that count as a second factor
    signs_userinfo: bool = True
    extra: tuple[tuple[str, str], ...] = ()  # parameters added to each question
    again: tuple[tuple[str, str], ...] = (("prompt", "login"), ("max_age", "0"))
    endpoints: Mapping[str, str] = field(default_factory=dict, hash=False)

    def vouches_for(self, email: str) -> bool:
        """Whether it may speak of this address at all."""
        return not self.domains or domain_of(email) in self.domains


def domain_of(email: str) -> str:
    """What follows the @, in small letters."""
    return lowered(email.rpartition("@")[2])


def of_address(known: Mapping[str, Provider], email: str) -> Provider | None:
    """The provider to which the domain of this address belongs, if any."""
    domain = domain_of(email)
    return next((each for each in known.values() if domain in each.domains), None)


def of_organisation(known: Mapping[str, Provider], slug: str) -> list[Provider]:
    """Those offered to whoever comes for this organisation: its own, and those of everybody; all of
    them to whoever does not say."""
    return [
        each
        for each in known.values()
        if not slug or not each.organisations or slug in each.organisations
    ]


def read(names: Iterable[str], environ: Mapping[str, str]) -> dict[str, Provider]:
    """The providers of the environment, in the order in which they are named. Raises `ValueError`
    with a French sentence that names the variable at fault."""
    return {name: _read(name, environ) for name in dict.fromkeys(n.strip().lower() for n in names)}


def _read(name: str, environ: Mapping[str, str]) -> Provider:
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"OIDC_PROVIDERS\u00a0: «\u00a0{name}\u00a0» n’est pas un nom (lettres, chiffres, -)."
        )
    prefix = f"OIDC_{name.replace('-', '_').upper()}_"

    def text(key: str, default: str = "") -> str:
        return environ.get(prefix + key, "").strip() or default

    def many(key: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in text(key).split(",") if part.strip())

    def flag(key: str, *, default: bool) -> bool:
        said = environ.get(prefix + key, "1" if default else "0").strip().lower()
        if said not in _YES | _NO:
            raise ValueError(f"{prefix}{key}\u00a0: 1 ou 0.")
        return said in _YES

    def needed(key: str) -> str:
        if not text(key):
            raise ValueError(f"{prefix}{key} manque.")
        return text(key)

    def address(key: str, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
            raise ValueError(f"{prefix}{key}\u00a0: une adresse en https.")
        return value

    algorithm = text("ALGORITHM", "RS256")
    if algorithm not in ALGORITHMS:
        raise ValueError(f"{prefix}ALGORITHM\u00a0: un de {', '.join(ALGORITHMS)}.")
    scopes = text("SCOPES", "openid email")
    if "openid" not in scopes.split():
        raise ValueError(f"{prefix}SCOPES\u00a0: «\u00a0openid\u00a0» doit y être.")
    again = text("REAUTHENTICATION", "prompt=login&max_age=0")
    return Provider(
        name=name,
        label=text("LABEL", name),
        issuer=address("ISSUER", needed("ISSUER")),
        client_id=needed("CLIENT_ID"),
        client_secret=needed("CLIENT_SECRET"),
        scopes=scopes,
        algorithm=algorithm,
        domains=tuple(lowered(domain.lstrip("@")) for domain in many("DOMAINS")),
        organisations=many("ORGANISATIONS"),
        is_trusted=flag("TRUSTED", default=False),
        acr=many("ACR"),
        mfa=many("MFA"),
        signs_userinfo=flag("SIGNED_USERINFO", default=True),
        extra=tuple(parse_qsl(text("EXTRA"))),
        again=tuple(parse_qsl(again)),
        endpoints={
            key: address(key.upper(), text(key.upper())) for key in ENDPOINTS if text(key.upper())
        },
    )
