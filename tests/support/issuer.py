"""A real OpenID Connect issuer on this machine: discovery, keys, and tokens that it signs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

AUDIENCE = "fitgraph-test"
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class Issuer:
    """Keys of an issuer, and what is asked of it.

    Attributes:
        asked: paths of the requests that came.
        status: that it answers with.
    """

    def __init__(self) -> None:
        self.address = ""
        self.keys: dict[str, Private] = {"first": rsa.generate_private_key(65537, 2048)}
        self.extra: list[dict[str, Any]] = []
        self.discovery: dict[str, Any] = {}
        self.asked: list[str] = []
        self.status = 200

    def answer(self, path: str) -> object:
        """The document at a path."""
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.address,
                "jwks_uri": f"{self.address}/keys",
                **self.discovery,
            }
        return {"keys": [*(self.jwk(key_id) for key_id in self.keys), *self.extra]}

    def jwk(self, key_id: str) -> dict[str, Any]:
        """The public key of this id."""
        return {**_public(self.keys[key_id]), "kid": key_id, "use": "sig"}

    def pem(self, key_id: str = "first") -> bytes:
        """The public key of this id as text, which anybody may know."""
        public = self.keys[key_id].public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Claims of a good token; None takes one away."""
        now = int(time.time())
        said = {
            "iss": self.address, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 300,
            "roles": ["curator"], **changes,
        }  # fmt: skip
        return {name: value for name, value in said.items() if value is not None}

    def token(
        self,
        key_id: str = "first",
        algorithm: str = "RS256",
        headers: dict[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """A token that is signed with a key of this issuer."""
        return jwt.encode(
            self.claims(**changes),
            self.keys[key_id],
            algorithm,
            headers={"kid": key_id, "typ": "at+jwt", **(headers or {})},
        )


def _public(key: Private) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        return dict(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True))
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return dict(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True))
    return dict(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True))


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """An issuer that answers within the block."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            content = json.dumps(issuer.answer(self.path)).encode()
            self.send_response(issuer.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever).start()
        try:
            yield issuer
        finally:
            server.shutdown()
