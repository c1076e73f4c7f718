"""The conversation with a provider of identity: what is asked, what its answer must be to count.

`mozilla-django-oidc` keeps states and nonces and reads tokens; `PyJWT` verifies. Nothing else of
the house imports either. What the library leaves open is closed here: issuer and audience, an
answer for another provider, a userinfo that nobody signed or that speaks of another subject, the
level (acr), the age of a second proof, an answer that never ends or that leads elsewhere.
"""

import json
import logging
import time
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import jwt
import requests
import urllib3
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import get_random_string
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.utils import add_state_and_verifier_and_nonce_to_session

from accounts.providers import ENDPOINTS, Provider
from law.addresses import lowered
from law.findings import Refused, refusal
from members import front

log = logging.getLogger(__name__)
STATES = "oidc_states"  # where the library keeps them in the session
LENGTH = 64  # of a state, of a nonce; ProConnect refuses less than 32
LIFE = 10 * 60  # seconds between a question and its answer
UNEXPECTED = "reponse_inattendue"  # why an answer to nothing that this browser asked is refused
LEEWAY = 60  # seconds by which two clocks may differ
TIMEOUT = 10  # seconds for each answer of the provider
LONGEST = 256 * 1024  # bytes of one
_KEPT = 60 * 60  # seconds for which its discovery is


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a provider said, once verified, and what had been asked."""

    provider: Provider
    subject: str
    email: str
    is_verified: bool
    acr: str
    id_token: str
    following: str  # where one was going: an address of ours, "" for where one works
    proves: int | None  # the account that wants to prove again who she is

    @property
    def by_two(self) -> bool:
        """Whether it asked for two proofs."""
        return self.acr in self.provider.mfa


# --- Where it answers -------------------------------------------------------------------------


def endpoints(provider: Provider) -> dict[str, str]:
    """Its addresses: those that are set, the others by its discovery. Raises `Refused`."""
    needed = {*ENDPOINTS} - {"end_session_endpoint"}
    if needed <= provider.endpoints.keys():
        return dict(provider.endpoints)
    key = f"oidc:{provider.issuer}"
    found = cache.get(key)
    if found is None:
        found = _discovered(provider)
        cache.set(key, found, _KEPT)
    return found | provider.endpoints


def _discovered(provider: Provider) -> dict[str, str]:
    try:
        address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        said = json.loads(_heard("GET", address)[0])
        found = {name: str(said[name]) for name in ENDPOINTS if name in said}
        scheme = urlsplit(provider.issuer).scheme
        if said["issuer"] != provider.issuer or {*ENDPOINTS[:4]} - found.keys():
            raise ValueError("not the discovery of this issuer")
        if any(urlsplit(each).scheme != scheme for each in found.values()):
            raise ValueError("addresses that are not as safe as the issuer")
    except Exception as error:  # whatever an address may answer
        log.warning("découverte de %s : %s", provider.name, type(error).__name__)
        raise _silent(provider) from None
    return found


def _heard(method: str, address: str, **sent) -> tuple[str, str]:
    """What the provider answers there, and of which kind that says it is. Raises
    `RequestException` when that is anything but a short answer, in time, from there."""
    until = time.monotonic() + TIMEOUT
    alone = {"stream": True, "allow_redirects": False}  # our secret goes nowhere else
    with requests.request(method, address, timeout=TIMEOUT, **alone, **sent) as answer:
        if answer.status_code != 200:
            raise requests.HTTPError("refused", response=answer)
        said = b""
        try:
            while piece := answer.raw.read1(LONGEST, decode_content=True):
                said += piece
                if len(said) > LONGEST or time.monotonic() > until:
                    raise requests.Timeout("an answer without end")
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError("cut") from error
        return said.decode(), answer.headers.get("content-type", "").lower()


# --- Asking -----------------------------------------------------------------------------------


def question(
    request: HttpRequest,
    provider: Provider,
    *,
    following: str,
    hint: str = "",
    proves: int | None = None,
) -> str:
    """The address that leads to the provider; what is asked waits in the session. `proves`: the
    account that must prove again who she is, and is asked for her password anew there."""
    state, nonce = get_random_string(LENGTH), get_random_string(LENGTH)
    params = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": _back(request, provider),
        "scope": provider.scopes,
        "state": state,
        "nonce": nonce,
    }
    wanted: dict[str, dict] = {}
    if provider.acr:
        wanted["acr"] = {"essential": True, "values": list(provider.acr)}
    elif provider.mfa:
        wanted["acr"] = {"values": list(provider.mfa)}
    if proves is not None:
        params |= dict(provider.again)
        wanted["auth_time"] = {"essential": True}
    if wanted:
        params["claims"] = json.dumps({"id_token": wanted}, separators=(",", ":"))
    if hint:
        params["login_hint"] = hint
    params |= dict(provider.extra)
    address = endpoints(provider)["authorization_endpoint"]
    add_state_and_verifier_and_nonce_to_session(request, state, params)
    request.session[STATES][state] |= {
        "provider": provider.name,
        "next": following,
        "proves": proves,
    }
    request.session.modified = True
    return f"{address}{'&' if '?' in address else '?'}{urlencode(params)}"


def _back(request: HttpRequest, provider: Provider) -> str:
    return request.build_absolute_uri(reverse("accounts:provider_back", args=[provider.name]))


# --- Its answer -------------------------------------------------------------------------------


class Client(OIDCAuthenticationBackend):
    """The library's client, with the settings of one provider. It signs nobody in."""

    def __init__(self, provider: Provider) -> None:
        self.provider, found = provider, endpoints(provider)
        self._settings = {
            "OIDC_OP_TOKEN_ENDPOINT": found["token_endpoint"],
            "OIDC_OP_USER_ENDPOINT": found["userinfo_endpoint"],
            "OIDC_OP_JWKS_ENDPOINT": found["jwks_uri"],
            "OIDC_RP_CLIENT_ID": provider.client_id,
            "OIDC_RP_CLIENT_SECRET": provider.client_secret,
            "OIDC_RP_SIGN_ALGO": provider.algorithm,
            "OIDC_TIMEOUT": TIMEOUT,
        }
        super().__init__()

    def get_settings(self, attr: str, *default):
        """What the library would read from the settings of the site, of which there is one."""
        return self._settings.get(attr, *default)

    def _verify_jws(self, payload: str, key) -> dict:
        """The claims, if this provider signed them for us; a clock may be a minute wrong."""
        claims = jwt.decode(
            payload,
            key,
            algorithms=[self.provider.algorithm],
            leeway=LEEWAY,
            options={"verify_aud": False, "require": ["sub"]},
        )
        audience = claims.get("aud", self.provider.client_id)
        audience = [audience] if isinstance(audience, str) else audience
        if claims.get("iss", self.provider.issuer) != self.provider.issuer:
            raise jwt.InvalidIssuerError("of another issuer")
        if self.provider.client_id not in audience:
            raise jwt.InvalidAudienceError("for somebody else")
        if len(audience) > 1 and claims.get("azp") != self.provider.client_id:
            raise jwt.InvalidAudienceError("for several, and we are not who asked")
        return claims

    def told_at_entry(self, id_token: str, nonce: str) -> dict:
        """The claims of an identity token, which must say all of what proves it."""
        claims = self.verify_token(id_token, nonce=nonce)
        for name in ("iss", "aud", "exp", "iat", "nonce", "sub"):
            if not claims.get(name):
                raise jwt.MissingRequiredClaimError(name)
        return claims

    def get_token(self, payload: dict) -> dict:
        """What the provider gives for a code."""
        return json.loads(_heard("POST", self.OIDC_OP_TOKEN_ENDPOINT, data=payload)[0])

    def retrieve_matching_jwk(self, token: str) -> jwt.PyJWK:
        """The key that this token names, of those that the provider publishes."""
        known = json.loads(_heard("GET", self.OIDC_OP_JWKS_ENDPOINT)[0])["keys"]
        named = jwt.get_unverified_header(token)
        for key in known:
            if key.get("kid") == named["kid"] and key.get("alg", named["alg"]) == named["alg"]:
                return jwt.PyJWK(key)
        raise jwt.InvalidKeyError("signed with none of its keys")

    def get_userinfo(self, access_token: str, id_token: str, payload: dict) -> dict:
        """What it says of the subject of this identity token, of no other."""
        bearer = {"Authorization": f"Bearer {access_token}"}
        said, kind = _heard("GET", self.OIDC_OP_USER_ENDPOINT, headers=bearer)
        if kind.startswith("application/jwt"):
            claims = self.verify_token(said)
        elif self.provider.signs_userinfo:
            raise jwt.InvalidTokenError("a userinfo that nobody signed")
        else:
            claims = json.loads(said)
        if claims["sub"] != payload["sub"]:
            raise jwt.InvalidTokenError("a userinfo of another subject")
        return claims


def answer(request: HttpRequest, provider: Provider) -> Told:
    """What the provider answered to a question of this session. Raises `Refused`."""
    asked = _asked(request, provider)
    if "error" in request.GET or not request.GET.get("code"):
        raise _declined(provider)
    try:
        client = Client(provider)
        traded = client.get_token(
            {
                "client_id": provider.client_id,
                "client_secret": provider.client_secret,
                "grant_type": "authorization_code",
                "code": request.GET["code"],
                "redirect_uri": _back(request, provider),
            }
        )
        id_token = traded["id_token"]
        claims = client.told_at_entry(id_token, asked["nonce"])
        told = client.get_userinfo(traded["access_token"], id_token, claims)
        verified = told.get("email_verified")
        found = Told(
            provider=provider,
            subject=_words(claims["sub"], 255),
            email=lowered(_words(told.get("email") or "", 254)),
            is_verified=verified is True or (verified is None and provider.is_trusted),
            acr=str(claims.get("acr") or ""),
            id_token=id_token,
            following=asked["next"],
            proves=asked["proves"],
        )
    except Refused:
        raise
    except Exception as error:  # whatever a provider may send, or fail to
        # Neither what it sent nor what it was sent: there are secrets in both.
        why = str(error) if isinstance(error, jwt.PyJWTError) else ""
        log.warning("réponse de %s : %s %s", provider.name, type(error).__name__, why)
        if isinstance(error, requests.RequestException) and not _is_a_refusal(error):
            raise _silent(provider) from None
        raise _invalid(provider) from None
    if provider.acr and found.acr not in provider.acr:
        raise _weak(provider)
    if found.proves is not None and not _is_anew(claims.get("auth_time"), asked["added_on"]):
        raise refusal(
            "preuve_ancienne",
            f"{provider.label} n’a pas redemandé qui vous êtes.",
            remedy="Prouvez-le par votre mot de passe ou par un second facteur.",
        )
    return found


def _words(said: object, longest: int) -> str:
    """This, if it is what a name or an address may be: no database keeps the rest."""
    if not isinstance(said, str) or len(said) > longest:
        raise jwt.InvalidTokenError("a name that is none")
    if front.fault_of(said, is_long=False):
        raise jwt.InvalidTokenError("a name that nobody types")
    return said


def _asked(request: HttpRequest, provider: Provider) -> dict:
    """The question that this answers, which serves once."""
    states = request.session.get(STATES) or {}
    asked = states.pop(request.GET.get("state", ""), None)
    if asked is not None:
        request.session.modified = True
        request.session.save()  # the provider may be slow: no second answer meanwhile
    late = asked is None or not 0 <= time.time() - asked["added_on"] <= LIFE
    elsewhere = request.GET.get("iss", provider.issuer) != provider.issuer
    if late or elsewhere or asked["provider"] != provider.name:
        raise refusal(
            UNEXPECTED,
            "Cette réponse n’est à aucune demande de ce navigateur, ou elle a déjà servi.",
            remedy="Recommencez depuis la page de connexion.",
        )
    return asked


def _is_anew(auth_time: object, asked_on: float) -> bool:
    """Whether she proved who she is after we asked."""
    return isinstance(auth_time, int | float) and auth_time >= asked_on - LEEWAY


def _is_a_refusal(error: requests.RequestException) -> bool:
    return error.response is not None and 400 <= error.response.status_code < 500


# --- Leaving ----------------------------------------------------------------------------------


def farewell(request: HttpRequest, provider: Provider, id_token: str) -> str:
    """The address that also ends the session at the provider; "" when it has none."""
    address = endpoints(provider).get("end_session_endpoint", "")
    if not address:
        return ""
    params = {
        "id_token_hint": id_token,
        "state": get_random_string(LENGTH),
        "post_logout_redirect_uri": request.build_absolute_uri(reverse("accounts:login")),
    }
    return f"{address}{'&' if '?' in address else '?'}{urlencode(params)}"


# --- What goes wrong --------------------------------------------------------------------------


def _silent(provider: Provider) -> Refused:
    return refusal(
        "fournisseur_muet",
        f"{provider.label} ne répond pas, ou pas comme attendu.",
        remedy="Réessayez dans quelques minutes, ou entrez par votre mot de passe.",
    )


def _declined(provider: Provider) -> Refused:
    return refusal(
        "fournisseur_refuse",
        f"{provider.label} ne vous a pas identifié.",
        remedy="Recommencez, ou entrez par votre mot de passe.",
    )


def _invalid(provider: Provider) -> Refused:
    return refusal(
        "reponse_invalide",
        f"La réponse de {provider.label} ne prouve pas qui vous êtes.",
        remedy="Recommencez. Si cela se répète, prévenez qui tient ce service : le journal du "
        "serveur dit ce qui manque.",
    )


def _weak(provider: Provider) -> Refused:
    return refusal(
        "niveau_insuffisant",
        f"{provider.label} vous a identifié à un niveau qui ne suffit pas ici.",
        remedy="Identifiez-vous là-bas par deux preuves, ou entrez par votre mot de passe.",
    )
