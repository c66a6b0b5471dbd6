"""Lets those pass who may: by bearer token, or on this machine as long as there is no token.

Without tokens, whoever can open a connection from this machine may do everything, as with the
command. A page in a browser can do so too, so requests that another origin sends, or that name a
host which is not this machine (DNS rebinding), may only read.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import Request

from fitgraph.api.access import RIGHTS, Right, Token
from fitgraph.api.server.faults import ForbiddenError, UnauthorizedError
from fitgraph.api.server.state import Server, server_of

_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
ANYBODY: Final = "anybody"


def needs(*rights: Right) -> Callable[[Request], Coroutine[Any, Any, str]]:
    """A dependency that lets those pass who have one of some rights, and tells their name."""

    async def check(request: Request) -> str:
        return require(request, *rights)

    return check


def require(request: Request, *rights: Right) -> str:
    """The name of who asks, who has one of these rights.

    Raises:
        UnauthorizedError: a token is needed, or the one shown is not valid.
        ForbiddenError: the token's role may not, or nobody may.
    """
    server = server_of(request)
    token = _token(request, server)
    if token is not None:
        request.state.who = token.name  # for the log
        if RIGHTS[token.role].isdisjoint(rights):
            raise ForbiddenError(
                f"a token with the role {token.role} may not {' or '.join(rights)}",
                hint="ask with the token of another role",
            )
        return token.name
    if _is_open(request, server, rights):
        return ANYBODY
    if not server.tokens.tokens() and Right.READ not in rights:
        raise ForbiddenError(
            "nobody may write here: the request is not of this machine, and there are no tokens",
            hint="make a token with `fitgraph token create`, and send it as a bearer token",
        )
    raise UnauthorizedError(
        "this needs a token",
        hint="send it as Authorization: Bearer ...",
        headers={"WWW-Authenticate": 'Bearer realm="fitgraph"'},
    )


def _token(request: Request, server: Server) -> Token | None:
    said = request.headers.get("authorization")
    if said is None:
        return None
    scheme, _, secret = said.partition(" ")
    found = server.tokens.find(secret.strip(), datetime.now(UTC))
    if scheme.lower() != "bearer" or found is None:
        raise UnauthorizedError(
            "the token is not valid",
            hint="it was revoked, has expired, or is no token of this server",
            headers={"WWW-Authenticate": 'Bearer realm="fitgraph", error="invalid_token"'},
        )
    return found


def _is_open(request: Request, server: Server, rights: tuple[Right, ...]) -> bool:
    if Right.READ in rights and server.settings.reading == "open":
        return True
    return (
        server.settings.is_local
        and server.settings.reading == "open"
        and not server.tokens.tokens()
        and _is_of_this_machine(request)
    )


def _is_of_this_machine(request: Request) -> bool:
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    try:
        is_here = urlsplit(f"//{host}").hostname in _THIS_MACHINE
        return is_here and (origin is None or urlsplit(origin).netloc == host)
    except ValueError:
        return False
