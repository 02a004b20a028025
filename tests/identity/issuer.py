"""A local OpenID Connect issuer that signs tokens, changes its keys, fails or sends invalid responses."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

AUDIENCE = "lectern"


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class LocalIssuer:
    """`fetches` counts requests for the key set; `down` makes it respond with 503."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.jwks_url = f"{self.url}/keys"
        self.keys: dict[str, Any] = {"first": rsa_key(), "curve": ec.generate_private_key(ec.SECP256R1())}
        self.fetches, self.down = 0, False
        self.document: dict[str, Any] | None = None

    def jwks(self) -> dict[str, Any]:
        return {"keys": [{**_public(key), "kid": kid, "use": "sig"} for kid, key in self.keys.items()]}

    def answer(self, path: str) -> tuple[int, Any]:
        if self.down:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, self.document or {"issuer": self.url, "jwks_uri": self.jwks_url}
        if path == "/keys":
            self.fetches += 1
            return 200, self.jwks()
        return 404, {}

    def claims(self, **changes: Any) -> dict[str, Any]:
        base = {"iss": self.url, "aud": AUDIENCE, "sub": "subject-1", "iat": int(time.time()), "exp": int(time.time()) + 600}
        base |= {"email": "grace@example.org", "email_verified": True, "name": "Grace Brewster Hopper", "auth_time": int(time.time())}
        return {name: value for name, value in {**base, **changes}.items() if value is not None}

    def token(self, kid: str | None = "first", key: Any = None, algorithm: str = "RS256", **claims: Any) -> str:
        """Return a token signed with the key `kid`, or with `key` under its id; a claim that is None is left out."""
        signing = key if key is not None else self.keys[kid or "first"]
        headers = {"kid": kid} if kid is not None else {}
        return jwt.encode(self.claims(**claims), signing, algorithm=algorithm, headers=headers)


def _public(key: Any) -> dict[str, Any]:
    jwk = RSAAlgorithm.to_jwk(key.public_key()) if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm.to_jwk(key.public_key())
    return dict(json.loads(jwk))


@contextmanager
def running() -> Iterator[LocalIssuer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = issuer.answer(self.path)
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Write no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = LocalIssuer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
