"""Access tokens of OpenID Connect: who is let in by them, and which are refused."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from fitgraph.api.access import Role, TokenFile
from fitgraph.api.server.issuer_keys import is_trustworthy
from fitgraph.api.server.openid import OpenId
from fitgraph.api.server.settings import Settings, SettingsError
from tests.support.issuer import AUDIENCE, Issuer, running_issuer
from tests.support.lamps import description
from tests.support.running_server import running_server

_TD = "application/td+json"
_LAMP = json.dumps(description("urn:lamp"))


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as issuer:
        issuer.keys["curve"] = ec.generate_private_key(ec.SECP256R1())
        issuer.keys["edwards"] = ed25519.Ed25519PrivateKey.generate()
        issuer.keys["short"] = rsa.generate_private_key(65537, 1024)  # noqa: S505 - refused
        issuer.extra.append(
            {"kty": "oct", "kid": "secret", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtMTIz"}
        )
        yield issuer


@contextmanager
def _server(folder: Path, issuer: Issuer, **settings: Any) -> Iterator[httpx.Client]:
    with running_server(
        folder / "store", oidc_issuer=issuer.address, oidc_audience=AUDIENCE, **settings
    ) as client:
        yield client


@pytest.fixture(scope="module")
def client(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with _server(tmp_path_factory.mktemp("openid"), issuer) as client:
        yield client


def _write(client: httpx.Client, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": _TD}
    return client.put("/things/urn:lamp", content=_LAMP, headers=headers)


def _signed_with_the_public_key(issuer: Issuer) -> str:
    """What a library that is not strict takes: the public key as the secret of HS256."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    unsigned = f"{part({'alg': 'HS256', 'kid': 'first'})}.{part(issuer.claims())}"
    return f"{unsigned}.{_hmac(issuer.pem(), unsigned)}"


def _hmac(secret: bytes, text: str) -> str:
    import hashlib  # noqa: PLC0415 - of this one forgery
    import hmac  # noqa: PLC0415

    found = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(found).decode().rstrip("=")


def _tampered(issuer: Issuer) -> str:
    head, _, signature = issuer.token().split(".")
    said = json.dumps(issuer.claims(roles=["admin"])).encode()
    return f"{head}.{base64.urlsafe_b64encode(said).decode().rstrip('=')}.{signature}"


_BAD: dict[str, Callable[[Issuer], str]] = {
    "alg none": lambda i: jwt.encode(i.claims(), "", "none", headers={"kid": "first"}),
    "HS256 with the public key": _signed_with_the_public_key,
    "HS256 with a secret among the keys": lambda i: jwt.encode(
        i.claims(), "secret-secret-secret-123" * 2, "HS256", headers={"kid": "secret"}
    ),
    "RS256 with the id of a secret": lambda i: i.token(headers={"kid": "secret"}),
    "changed claims": _tampered,
    "the key of somebody else": lambda i: jwt.encode(
        i.claims(), rsa.generate_private_key(65537, 2048), "RS256", headers={"kid": "first"}
    ),
    "an algorithm of another key": lambda i: i.token("curve", "ES256", {"kid": "first"}),
    "a key that is too short": lambda i: i.token("short"),
    "expired": lambda i: i.token(exp=int(time.time()) - 120),
    "not yet valid": lambda i: i.token(nbf=int(time.time()) + 600),
    "issued in the future": lambda i: i.token(iat=int(time.time()) + 600),
    "without an end": lambda i: i.token(exp=None),
    "an end that is no number": lambda i: i.token(exp="never"),
    "of another issuer": lambda i: i.token(iss="https://example.com"),
    "for another audience": lambda i: i.token(aud="another-server"),
    "for no audience": lambda i: i.token(aud=None),
    "without a subject": lambda i: i.token(sub=None),
    "a subject that is no name": lambda i: i.token(sub="a\nb"),
    "an unknown key": lambda i: i.token(headers={"kid": "unknown"}),
    "no key named": lambda i: jwt.encode(i.claims(), i.keys["first"], "RS256"),
    "a critical extension": lambda i: i.token(headers={"crit": ["exp"], "exp": 1}),
    "an id token's logout kin": lambda i: i.token(headers={"typ": "logout+jwt"}),
    "a huge one": lambda i: i.token(padding="x" * 20_000),
    "no JSON": lambda _: "a.b.c",
    "empty parts": lambda _: "..",
    "a deep header": lambda _: base64.urlsafe_b64encode(b"[" * 9000).decode() + ".e30.e30",
}  # fmt: skip


@pytest.mark.parametrize("name", _BAD)
def test_a_token_that_is_not_good_is_refused(
    client: httpx.Client, issuer: Issuer, name: str
) -> None:
    """401 with the error of RFC 6750, as a problem, and nothing changes; not even reading works."""
    token = _BAD[name](issuer)
    for response in (
        _write(client, token),
        client.get("/things", headers={"Authorization": f"Bearer {token}"}),
    ):
        assert response.status_code == 401
        assert response.headers["content-type"] == "application/problem+json"
        assert 'error="invalid_token"' in response.headers["www-authenticate"]
        assert response.json()["code"] == "unauthorized"
    assert client.get("/things").json() == []


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [("first", "RS256"), ("first", "PS384"), ("curve", "ES256"), ("edwards", "EdDSA")],
)
def test_a_good_token_lets_in_whom_its_role_lets(
    client: httpx.Client, issuer: Issuer, key: str, algorithm: str
) -> None:
    assert _write(client, issuer.token(key, algorithm)).status_code in {201, 204}
    headers = {"Authorization": f"Bearer {issuer.token(key, algorithm)}"}
    assert client.delete("/things/urn:lamp", headers=headers).status_code == 204


@pytest.mark.parametrize("roles", [["reader"], [], "reader", None, {"curator": True}, [["admin"]]])
def test_a_role_that_may_not_is_forbidden(
    client: httpx.Client, issuer: Issuer, roles: object
) -> None:
    """Reading is open to all, whatever their token says."""
    token = issuer.token(roles=roles)
    refused = _write(client, token)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    read = client.get("/things", headers={"Authorization": f"Bearer {token}"})
    assert read.status_code == 200


def test_who_shows_nothing_may_not_write_where_callers_are_known(client: httpx.Client) -> None:
    """Not even from this machine."""
    response = client.put("/things/urn:lamp", content=_LAMP, headers={"Content-Type": _TD})
    assert response.status_code == 401
    assert "error" not in response.headers["www-authenticate"]


def test_roles_may_have_other_names_at_the_issuer(issuer: Issuer, tmp_path: Path) -> None:
    """They are found in a claim within another one, and none of ours counts any more."""
    settings = {"oidc_role_claim": "realm.roles", "oidc_roles": ("staff=reader", "owners=curator")}
    with _server(tmp_path, issuer, reading="closed", **settings) as client:
        assert _write(client, issuer.token(realm={"roles": ["owners"]})).status_code == 201
        assert _write(client, issuer.token(realm={"roles": ["staff"]})).status_code == 403
        assert _write(client, issuer.token(realm={"roles": ["admin"]})).status_code == 403
        assert _write(client, issuer.token(roles=["curator"])).status_code == 403
        nobody = {"Authorization": f"Bearer {issuer.token(realm={'roles': ['admin']})}"}
        assert client.get("/things", headers=nobody).status_code == 403


def test_unknown_keys_make_the_issuer_be_asked_once(tmp_path: Path) -> None:
    with running_issuer() as issuer, _server(tmp_path, issuer) as client:
        for number in range(20):
            assert _write(client, issuer.token(headers={"kid": f"no-{number}"})).status_code == 401
        assert _write(client, issuer.token()).status_code == 201
        assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]


@pytest.mark.parametrize(
    "damage", ["down", "other issuer", "keys elsewhere", "no keys", "no discovery"]
)
def test_an_issuer_that_cannot_be_asked_is_said_for_its_tokens_alone(
    damage: str, tmp_path: Path
) -> None:
    with running_issuer() as issuer, _server(tmp_path, issuer) as client:
        if damage == "down":
            issuer.status = 500
        damaged: dict[str, dict[str, Any]] = {
            "other issuer": {"issuer": "https://example.com"},
            "keys elsewhere": {"jwks_uri": "http://192.0.2.1/keys"},
            "no keys": {"jwks_uri": f"{issuer.address}/.well-known/openid-configuration"},
            "no discovery": {"issuer": None},
        }
        issuer.discovery = damaged.get(damage, {})
        response = _write(client, issuer.token())
        assert (response.status_code, response.json()["code"]) == (503, "issuer-unreachable")
        assert response.headers["retry-after"]
        assert client.get("/things").json() == []
        own = TokenFile(tmp_path / "store" / "tokens.json").create("own", Role.CURATOR)
        assert _write(client, own).status_code == 201


def test_keys_that_are_known_count_while_the_issuer_is_away(tmp_path: Path) -> None:
    with running_issuer() as issuer, _server(tmp_path, issuer) as client:
        assert _write(client, issuer.token()).status_code == 201
        issuer.status = 500
        assert _write(client, issuer.token()).status_code == 204


@pytest.mark.parametrize(
    "address",
    ["http://example.com", "ftp://localhost", "https://", "http://[", "localhost", "http://10.0.0.1"],
)  # fmt: skip
def test_an_issuer_without_https_is_refused(address: str) -> None:
    assert not is_trustworthy(address)
    with pytest.raises(SettingsError, match="oidc_issuer"):
        OpenId(Settings(oidc_issuer=address, oidc_audience="a"))
    assert is_trustworthy("https://example.com")
    assert is_trustworthy("http://[::1]:8080")


def test_settings_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(SettingsError, match="oidc_audience"):
        OpenId(Settings(oidc_issuer="https://example.com"))
    for roles in (("staff=king",), ("reader",), ("=reader",)):
        with pytest.raises(SettingsError, match="oidc_roles"):
            OpenId(Settings(oidc_issuer="https://example.com", oidc_audience="a", oidc_roles=roles))


def test_a_browser_signs_in_with_an_access_token(issuer: Issuer, tmp_path: Path) -> None:
    """Until it expires, or where the issuer never made it."""
    with _server(tmp_path, issuer, reading="closed") as client:
        client.headers.update({"Accept": "text/html", "Origin": str(client.base_url).rstrip("/")})
        forged = client.post("/sign-in", data={"token": _tampered(issuer)})
        assert (forged.status_code, client.get("/").status_code) == (401, 401)
        done = client.post("/sign-in", data={"token": issuer.token()})
        assert done.status_code == 303
        assert issuer.claims()["sub"] in client.get("/").text
