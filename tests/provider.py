"""A provider of identity (OpenID Connect) in the tests, as ProConnect is: instant, and spoiled at
will.

It refuses what ProConnect refuses: a state or a nonce of less than 32 characters, an address of
return that was not registered, a code that has served. `lies` holds what a test wants it to do
wrong.
"""

import hmac
import json
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from accounts.providers import Provider

CLIENT, SECRET = "somme-gov", "un secret de client"


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class FakeProvider:
    """`with FakeProvider() as fake:` serves; `fake.provider()` is how the house knows it."""

    keys: tuple[rsa.RSAPrivateKey, ...] = ()

    def __init__(self) -> None:
        if not FakeProvider.keys:  # one pair is enough for all tests
            FakeProvider.keys = (_key(), _key())
        self.right, self.wrong = FakeProvider.keys
        self.person = {"sub": "sub-1", "email": "x@brume.example", "email_verified": True}
        self.acr = "eidas1"
        self.lies: dict = {}
        self.registered = "/retour/"  # how each address of return must end
        self.asked: list[dict] = []  # every question, as it came
        self.left: list[dict] = []  # every session ended
        self.sent = 0  # bytes of what it answered
        self.codes: dict[str, dict] = {}
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake.answer(self, dict(parse_qsl(urlsplit(self.path).query)))

            def do_POST(self) -> None:
                size = int(self.headers["content-length"])
                fake.answer(self, dict(parse_qsl(self.rfile.read(size).decode())))

            def log_message(self, *args) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> "FakeProvider":
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *args) -> None:
        self.server.shutdown()
        self.server.server_close()

    def provider(self, **extra) -> Provider:
        return replace(
            Provider(
                name="brume",
                label="Brume Connect",
                issuer=self.issuer,
                client_id=CLIENT,
                client_secret=SECRET,
            ),
            **extra,
        )

    # --- What it serves -----------------------------------------------------------------------

    def answer(self, handler: BaseHTTPRequestHandler, sent: dict) -> None:
        name = urlsplit(handler.path).path.strip("/").rpartition("/")[2].replace("-", "_")
        bearer = handler.headers.get("authorization", "").removeprefix("Bearer ")
        status, kind, body = getattr(self, f"on_{name}")(sent, bearer)
        headers = {"Content-Type": kind}
        if status == 302:
            headers["Location"], body = body, ""
        pieces: Iterable[bytes] = [(body if isinstance(body, str) else json.dumps(body)).encode()]
        spoil = self.lies.get("instead", {}).get(name)
        if spoil and "/ailleurs/" not in handler.path:
            status, more, pieces = spoil(self, *pieces)
            headers |= more
        handler.send_response(status)
        for header in headers.items():
            handler.send_header(*header)
        handler.end_headers()
        with suppress(OSError):  # its reader has heard enough
            for piece in pieces:
                self.sent += handler.wfile.write(piece)

    def on_openid_configuration(self, sent: dict, bearer: str):
        named = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "userinfo_endpoint": "userinfo",
            "jwks_uri": "jwks",
            "end_session_endpoint": "session/end",
        }
        said = {name: f"{self.issuer}/{path}" for name, path in named.items()}
        said["issuer"] = self.lies.get("discovered", self.issuer)
        return 200, "application/json", said

    def on_jwks(self, sent: dict, bearer: str):
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self.right.public_key(), as_dict=True)
        return 200, "application/json", {"keys": [key | {"kid": "k1", "use": "sig"}]}

    def on_authorize(self, sent: dict, bearer: str):
        self.asked.append(sent)
        short = min(len(sent.get("state", "")), len(sent.get("nonce", ""))) < 32
        if short or not sent["redirect_uri"].endswith(self.registered):
            return 400, "text/plain", "Y000400"
        told = {"state": sent["state"]}
        if "declined" in self.lies:
            told["error"] = "access_denied"
        else:
            told["code"] = f"code-{len(self.asked)}"
            self.codes[told["code"]] = sent
        return 302, "text/plain", f"{sent['redirect_uri']}?{urlencode(told)}"

    def on_token(self, sent: dict, bearer: str):
        asked = self.codes.pop(sent["code"], None)
        good = {"client_id": CLIENT, "client_secret": SECRET, "grant_type": "authorization_code"}
        if asked is None or not good.items() <= sent.items():
            return 400, "application/json", {"error": "invalid_grant"}
        if "silent" in self.lies:
            return 503, "text/plain", ""
        claims = self.signed_part() | {
            "sub": self.person["sub"],
            "nonce": asked["nonce"],
            "acr": self.acr,
            "auth_time": int(time.time()),
        }
        claims |= self.lies.get("id_token", {})
        claims = {name: value for name, value in claims.items() if value is not None}
        return (
            200,
            "application/json",
            {"access_token": "access", "token_type": "Bearer", "id_token": self.sign(claims, "id")},
        )

    def on_userinfo(self, sent: dict, bearer: str):
        assert bearer == "access"
        claims = self.signed_part() | self.person | self.lies.get("userinfo", {})
        if "unsigned" in self.lies:
            return 200, "application/json", claims
        return 200, "application/jwt", self.sign(claims, "userinfo")

    def on_end(self, sent: dict, bearer: str):
        self.left.append(sent)
        return 302, "text/plain", f"{sent['post_logout_redirect_uri']}?state={sent['state']}"

    def signed_part(self) -> dict:
        now = int(time.time())
        return {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60}

    def sign(self, claims: dict, what: str) -> str:
        spoiled = self.lies.get("signed", {}).get(what)
        if spoiled == "none":
            return jwt.encode(claims, None, algorithm="none", headers={"kid": "k1"})
        if spoiled == "secret":  # with what client and provider share
            return jwt.encode(claims, SECRET * 2, algorithm="HS256", headers={"kid": "k1"})
        if spoiled == "public":  # with what everybody reads
            whole = jwt.encode(claims, SECRET * 2, algorithm="HS256", headers={"kid": "k1"})
            text, _, _ = whole.rpartition(".")
            made = hmac.digest(self.published(), text.encode(), "sha256")
            return f"{text}.{jwt.utils.base64url_encode(made).decode()}"
        key = self.wrong if spoiled == "key" else self.right
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k1"})

    def published(self) -> bytes:
        """Its public key, as everybody has it."""
        kind = serialization.PublicFormat.SubjectPublicKeyInfo
        return self.right.public_key().public_bytes(serialization.Encoding.PEM, kind)
