"""The public keys of an OpenID Connect issuer, fetched seldom and kept for a while."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3

from fitgraph.api.server.faults import OverloadedError
from fitgraph.api.server.logs import LOGGER
from fitgraph.api.server.settings import SettingsError

#: Keys are asked for again after so long, which is how long a key that was taken back still counts.
_FRESH_S: Final = 600.0
#: While the issuer cannot be reached, its keys are believed for so long.
_STALE_S: Final = 3600.0
#: A token with an unknown key makes nobody ask more often than this.
_PAUSE_S: Final = 60.0
#: After an attempt that failed.
_RETRY_S: Final = 5.0
_TIMEOUT: Final = urllib3.Timeout(connect=3.0, read=5.0)
_MAX_BYTES: Final = 1 << 20
_DISCOVERY: Final = "/.well-known/openid-configuration"
Jwk = Mapping[str, Any]


class IssuerUnreachableError(OverloadedError):
    """The issuer's keys cannot be had, so nobody knows whether a token is good."""

    code = "issuer-unreachable"


class IssuerKeys:
    """Keys by their ids, from the issuer's discovery document and its JWKS."""

    def __init__(self, issuer: str) -> None:
        """Keys of an issuer, of which nothing is fetched yet.

        Raises:
            SettingsError: the issuer is no address that can be trusted.
        """
        if not is_trustworthy(issuer):
            raise SettingsError(
                f"the setting 'oidc_issuer' cannot be {issuer!r:.200}",
                hint="an https address, or http on this machine",
            )
        self._issuer = issuer
        self._keys: dict[str, Jwk] = {}
        self._fetched_at = -_STALE_S
        self._ask_after = 0.0
        self._asking = asyncio.Lock()

    async def get(self, key_id: str) -> Jwk | None:
        """The key of this id; None if the issuer has none.

        Raises:
            IssuerUnreachableError: keys are needed and cannot be fetched.
        """
        if self._is_wanted(key_id):
            async with self._asking:
                if self._is_wanted(key_id):  # somebody else may have asked meanwhile
                    await self._ask()
        if time.monotonic() - self._fetched_at > _STALE_S:
            raise IssuerUnreachableError(
                "the issuer of the token cannot be reached, so the token cannot be checked",
                hint="try again later; tokens of this server itself are not affected",
                headers={"Retry-After": f"{_RETRY_S:.0f}"},
            )
        return self._keys.get(key_id)

    def _is_wanted(self, key_id: str) -> bool:
        now = time.monotonic()
        is_old = now - self._fetched_at > _FRESH_S
        return (is_old or key_id not in self._keys) and now >= self._ask_after

    async def _ask(self) -> None:
        try:
            self._keys = await asyncio.to_thread(_fetched, self._issuer)
        except (urllib3.exceptions.HTTPError, ValueError, KeyError, TypeError) as error:
            self._ask_after = time.monotonic() + _RETRY_S
            LOGGER.warning("issuer failed", extra={"fields": {"reason": str(error)[:500]}})
        else:
            self._fetched_at = time.monotonic()
            self._ask_after = self._fetched_at + _PAUSE_S


def is_trustworthy(address: str) -> bool:
    """Whether what comes from an address comes from who it names: by https, or this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host)))


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _fetched(issuer: str) -> dict[str, Jwk]:
    """The keys for signatures that an issuer has now."""
    with urllib3.PoolManager(timeout=_TIMEOUT, retries=False) as pool:
        said = _json(pool, issuer.rstrip("/") + _DISCOVERY)
        if said["issuer"] != issuer:
            raise ValueError(f"the issuer calls itself {said['issuer']!r:.200}")
        if not is_trustworthy(place := said["jwks_uri"]):
            raise ValueError(f"its keys are at {place!r:.200}")
        keys = _json(pool, place)["keys"]
    return {key["kid"]: key for key in keys if "kid" in key and key.get("use", "sig") == "sig"}


def _json(pool: urllib3.PoolManager, address: str) -> Any:  # noqa: ANN401 - whatever is said
    response = pool.request("GET", address, preload_content=False, redirect=False)
    try:
        content = response.read(_MAX_BYTES + 1, decode_content=True)
    finally:
        response.close()
    if response.status != 200 or len(content) > _MAX_BYTES:
        raise ValueError(f"{address} answers with {response.status} and {len(content)} bytes")
    return json.loads(content)
