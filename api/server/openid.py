"""Access tokens of OpenID Connect: signed by an issuer, with claims that give a role.

Sources: RFC 9068 (access tokens as JWT), RFC 8725 (what goes wrong with JWTs).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt

from fitgraph.api.access import Role
from fitgraph.api.server.faults import UnauthorizedError
from fitgraph.api.server.issuer_keys import IssuerKeys, Jwk
from fitgraph.api.server.settings import Settings, SettingsError

#: Only with a private key can one sign by these, so a public key never makes a token.
_ALGORITHMS: Final = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "EdDSA": "OKP",
}
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/at+jwt"})
#: Clocks differ by so much.
_LEEWAY_S: Final = 30
_MAX_LENGTH: Final = 16 << 10
#: OpenID Connect Core, section 2: no subject is longer.
_MAX_SUBJECT: Final = 255


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a token is about.

    Attributes:
        subject: the issuer's name of who asks.
        roles: that its claims give; none if they name no role of this server.
    """

    issuer: str
    subject: str
    roles: frozenset[Role]


class OpenId:
    """Verifies tokens of the issuer that is configured."""

    def __init__(self, settings: Settings) -> None:
        """A verifier for the issuer of the settings.

        Raises:
            SettingsError: the audience is missing, or a role is none.
        """
        if not settings.oidc_audience:
            raise SettingsError(
                "the setting 'oidc_issuer' needs 'oidc_audience'",
                hint="the name of this server at the issuer, which its tokens are made for",
            )
        self._issuer = settings.oidc_issuer
        self._audience = settings.oidc_audience
        self._claim = settings.oidc_role_claim
        self._roles = _mapping(settings.oidc_roles)
        self._keys = IssuerKeys(settings.oidc_issuer)

    async def identity(self, token: str) -> Identity:
        """Whom a token is about.

        Raises:
            UnauthorizedError: it is forged, expired, for somebody else, or otherwise not valid.
            IssuerUnreachableError: nobody knows, as the issuer's keys cannot be had.
        """
        if len(token) > _MAX_LENGTH:
            raise invalid_token("it is too long")
        algorithm, key_id = _header(token)
        key = await self._keys.get(key_id)
        if key is None:
            raise invalid_token("the issuer has no such key")
        claims = self._claims(token, key, algorithm)
        subject = claims["sub"]
        if not (0 < len(subject) <= _MAX_SUBJECT and subject.isprintable()):
            raise invalid_token("its subject is no name")
        return Identity(self._issuer, subject, self._roles_of(claims))

    def _claims(self, token: str, key: Jwk, algorithm: str) -> Mapping[str, Any]:
        if key.get("kty") != _ALGORITHMS[algorithm] or key.get("alg", algorithm) != algorithm:
            raise invalid_token("the key is for another algorithm")
        try:
            found: Mapping[str, Any] = jwt.decode(
                token,
                jwt.PyJWK(dict(key), algorithm),
                algorithms=[algorithm],
                issuer=self._issuer,
                audience=self._audience,
                leeway=_LEEWAY_S,
                options={
                    "require": ["exp", "iss", "aud", "sub"],
                    "enforce_minimum_key_length": True,
                },
            )
        except jwt.PyJWTError as error:
            raise invalid_token(str(error)) from error
        return found

    def _roles_of(self, claims: Mapping[str, Any]) -> frozenset[Role]:
        said = _claim(claims, self._claim)
        names = said if isinstance(said, list) else str(said or "").split()
        return frozenset(
            self._roles[name] for name in names if isinstance(name, str) and name in self._roles
        )


def invalid_token(why: str) -> UnauthorizedError:
    """The refusal of a token (RFC 6750, section 3.1)."""
    return UnauthorizedError(
        f"the token is not valid: {why}",
        hint="get a new one where this one is from",
        headers={"WWW-Authenticate": 'Bearer realm="fitgraph", error="invalid_token"'},
    )


def _header(token: str) -> tuple[str, str]:
    """Algorithm and id of the key."""
    try:
        said = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError) as error:
        raise invalid_token("it is no JSON Web Token") from error
    algorithm, key_id = said.get("alg"), said.get("kid")
    if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS:
        raise invalid_token("its algorithm is not taken")
    if not isinstance(key_id, str):
        raise invalid_token("it does not name a key")
    if "crit" in said or str(said.get("typ", "JWT")).lower() not in _TYPES:
        raise invalid_token("it is of another kind")
    return algorithm, key_id


def _claim(claims: Mapping[str, Any], name: str) -> object:
    """A claim by its name, which may be a path such as ``realm_access.roles``."""
    if name in claims:
        return claims[name]
    found: object = claims
    for step in name.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _mapping(said: tuple[str, ...]) -> dict[str, Role]:
    """Roles by what the issuer calls them: our own names, if nothing is said."""
    pairs = [one.rpartition("=") for one in said]
    try:
        found = {theirs: Role(ours) for theirs, _, ours in pairs}
    except ValueError as error:
        raise SettingsError(
            f"the setting 'oidc_roles' cannot be {', '.join(said)!r:.200}",
            hint=f"such as staff=reader; the roles are {', '.join(Role)}",
        ) from error
    if "" in found:
        raise SettingsError(
            "the setting 'oidc_roles' has a role without a name", hint="staff=reader"
        )
    return found or {str(role): role for role in Role}
