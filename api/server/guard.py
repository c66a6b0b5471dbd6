"""Lets those pass who may: by bearer token, or on this machine as long as there is no token.

A browser shows the token in a cookie, where somebody has signed in.

Without tokens, whoever can open a connection from this machine may do everything, as with the
command. A page in a browser can do so too, so requests that another origin sends, or that name a
host which is not this machine (DNS rebinding), may only read.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import Request

from fitgraph.api.access import RIGHTS, Right, Role
from fitgraph.api.server.acting import act_for
from fitgraph.api.server.faults import ForbiddenError, RequestError, UnauthorizedError
from fitgraph.api.server.openid import invalid_token
from fitgraph.api.server.sessions import shown_by_browser
from fitgraph.api.server.state import Server, server_of
from fitgraph.registry.change import Cause
from fitgraph.registry.errors import StorageError

_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
ANYBODY: Final = "anybody"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        name: of the token, or the subject of one of OpenID Connect.
        issuer: of OpenID Connect; empty for a token of this server.
    """

    name: str
    roles: frozenset[Role]
    issuer: str = ""

    @property
    def rights(self) -> frozenset[Right]:
        """What the caller may do."""
        return frozenset().union(*(RIGHTS[role] for role in self.roles))


def needs(*rights: Right) -> Callable[[Request], Coroutine[Any, Any, str]]:
    """A dependency that lets those pass who have one of some rights, and tells their name."""

    async def check(request: Request) -> str:
        return require(request, *rights)

    return check


async def identify(request: Request) -> None:
    """Notes who asks, for every request: what is wrong with a token counts where one is needed."""
    server, said = server_of(request), request.headers.get("authorization")
    request.state.caller, request.state.refusal = None, None
    try:
        if said is not None:
            scheme, _, secret = said.partition(" ")
            if scheme.lower() != "bearer":
                raise invalid_token("it is no bearer token")
            request.state.caller = await known_caller(server, secret.strip())
        else:
            request.state.caller = await _signed_in(request, server)
    except (RequestError, StorageError) as error:
        request.state.refusal = error
    if request.state.caller is not None:
        request.state.who = request.state.caller.name  # for the log
    act_for(_cause(request))


def require(request: Request, *rights: Right) -> str:
    """The name of who asks, who has one of these rights.

    Raises:
        UnauthorizedError: a token is needed, or the one shown is not valid.
        ForbiddenError: the token's role may not, or nobody may.
        IssuerUnreachableError: whether the token is valid cannot be known now.
    """
    server = server_of(request)
    if request.state.refusal is not None:
        raise request.state.refusal
    caller = request.state.caller
    if caller is not None:
        if caller.rights.isdisjoint(rights) and not _may_anybody(server, rights):
            raise ForbiddenError(
                f"a token with {_shown(caller.roles)} may not {' or '.join(rights)}",
                hint="ask with the token of another role",
            )
        return str(caller.name)
    if _is_open(request, server, rights):
        return ANYBODY
    if not server.knows_callers and Right.READ not in rights:
        raise ForbiddenError(
            "nobody may write here: the request is not of this machine, and there are no tokens",
            hint="make a token with `fitgraph token create`, and send it as a bearer token",
        )
    raise UnauthorizedError(
        "this needs a token",
        hint="send it as Authorization: Bearer ..., or sign in at /sign-in in a browser",
        headers={"WWW-Authenticate": 'Bearer realm="fitgraph"'},
    )


async def known_caller(server: Server, secret: str) -> Caller:
    """Whose token it is.

    Raises:
        UnauthorizedError: it is not valid.
        IssuerUnreachableError: whether it is cannot be known now.
    """
    # Tokens of this server have no dots, and those of OpenID Connect have two.
    if server.openid is not None and secret.count(".") == 2:
        found = await server.openid.identity(secret)
        return Caller(found.subject, found.roles, found.issuer)
    token = server.tokens.find(secret, datetime.now(UTC))
    if token is None:
        raise invalid_token("it was revoked, has expired, or is no token of this server")
    return Caller(token.name, frozenset({token.role}))


async def _signed_in(request: Request, server: Server) -> Caller | None:
    """Who is signed in; nobody with a token that has ended, who sees what everybody does."""
    secret = shown_by_browser(request)
    if secret is None:
        return None
    request.state.is_signed_in = True
    try:
        return await known_caller(server, secret)
    except UnauthorizedError:
        return None


def _cause(request: Request) -> Cause:
    """What a change is noted with that this request makes."""
    caller: Caller | None = request.state.caller
    return Cause(
        ANYBODY if caller is None else caller.name,
        "" if caller is None else caller.issuer,
        str(getattr(request.scope.get("route"), "operation_id", None) or ""),
        request.state.request_id,
    )


def _shown(roles: frozenset[Role]) -> str:
    if not roles:
        return "no role of this server"
    return f"the role {' and '.join(sorted(roles))}"


def _may_anybody(server: Server, rights: tuple[Right, ...]) -> bool:
    return Right.READ in rights and server.settings.reading == "open"


def _is_open(request: Request, server: Server, rights: tuple[Right, ...]) -> bool:
    if _may_anybody(server, rights):
        return True
    return (
        server.settings.is_local
        and server.settings.reading == "open"
        and not server.knows_callers
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
