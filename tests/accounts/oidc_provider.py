"""A small OpenID provider on a real port: discovery, keys, authorisation, tokens, user info.

It signs with RS256, takes each code once, and asks for the client's secret and the PKCE verifier.
What a test changes about it is what an attacker, or a broken provider, would.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "holdfast", "a-secret-of-the-client"
KEY_ID = "2026"


class Provider:
    """Who signs in there next, and what the provider says of them."""

    # One for all tests: a key takes a while to make.
    key: ClassVar[rsa.RSAPrivateKey] = rsa.generate_private_key(65537, 2048)

    def __init__(self, url: str = "") -> None:
        self.url = url
        self.signing_key = self.key
        self.is_down = False
        self.error = ""
        self.discovery: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        """What goes into the token over what is right. None takes a claim out."""
        self.user_info: dict[str, Any] = {}
        self.asked: dict[str, dict[str, str]] = {}
        self.authorisations: list[dict[str, str]] = []

    def sign_in_as(self, subject: str, email: str, *, verified: object = True) -> None:
        self.claims |= {"sub": subject, "email": email, "email_verified": verified}

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
        } | self.discovery

    def keys(self) -> dict[str, Any]:
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}

    def authorise(self, asked: dict[str, str]) -> str:
        """Return where the browser goes back to."""
        self.authorisations.append(asked)
        back = {"state": asked["state"]}
        if self.error:
            back["error"] = self.error
        else:
            back["code"] = secrets.token_urlsafe()
            self.asked[back["code"]] = asked
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, sent: dict[str, str]) -> dict[str, Any] | None:
        """Trade a code, once, for who it was given to."""
        asked = self.asked.pop(sent.get("code", ""), None)
        if asked is None or not self._is_the_client(sent, asked):
            return None
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
        } | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        signed = jwt.encode(claims, self.signing_key, "RS256", headers={"kid": KEY_ID})
        return {"access_token": "at", "token_type": "Bearer", "id_token": signed}

    def _is_the_client(self, sent: dict[str, str], asked: dict[str, str]) -> bool:
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return (
            sent.get("client_id") == CLIENT_ID
            and sent.get("client_secret") == CLIENT_SECRET
            and sent.get("redirect_uri") == asked["redirect_uri"]
            and asked["code_challenge_method"] == "S256"
            and asked["code_challenge"] == challenge
        )


@contextmanager
def running() -> Iterator[Provider]:
    """Serve a provider on a port of its own."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", provider.authorise(asked))
                self.end_headers()
                return
            pages = {
                "/.well-known/openid-configuration": provider.configuration,
                "/keys": provider.keys,
                "/userinfo": lambda: provider.user_info,
            }
            self._answer(pages[parts.path]())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(provider.token(sent))

        def _answer(self, found: dict[str, Any] | None) -> None:
            self.send_response(503 if provider.is_down else 200 if found is not None else 400)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(found or {"error": "invalid_grant"}).encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the test's output is for the desk."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://localhost:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
