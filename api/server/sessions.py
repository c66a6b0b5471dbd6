"""Who is signed in in a browser: a token in a cookie, which scripts and other sites do not get.

A browser sends a cookie by itself, also when a page of somebody else makes it send a request. So
the cookie is for requests of this site alone (``SameSite=Strict``), and what changes something must
say that it comes from a page of this very origin (``Origin``, ``Sec-Fetch-Site``).
The server keeps nothing: who is signed out, or whose token was revoked, is unknown at once.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request, Response

from fitgraph.api.server.faults import ForbiddenError, RequestError

COOKIE: Final = "fitgraph_token"
#: Of RFC 6750, section 2.1, what needs no quotes in a cookie: all that our tokens and JWTs have.
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~-]+")
#: Browsers keep 4,096 bytes of a cookie, its name among them (RFC 6265, section 6.1).
_MOST: Final = 4000
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def shown_by_browser(request: Request) -> str | None:
    """The token that a browser shows with a request; None if nobody is signed in there.

    Raises:
        ForbiddenError: it is to change something, and no page of ours asks for it.
    """
    secret = request.cookies.get(COOKIE)
    if secret and request.method not in _SAFE:
        require_own_page(request)
    return secret or None


def require_own_page(request: Request) -> None:
    """Makes sure that a page of this origin made the browser send a request.

    Raises:
        ForbiddenError: another did, or it is not known which.
    """
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    if request.headers.get("sec-fetch-site", "same-origin") == "same-origin" and host:
        try:
            if urlsplit(origin).netloc == host:
                return
        except ValueError:
            pass
    raise ForbiddenError(
        "a page of another origin asks for this in the name of who is signed in",
        hint="use the pages of this server, or send the token as Authorization: Bearer ...",
    )


def require_keepable(secret: str) -> None:
    """Makes sure that a browser can keep a token.

    Raises:
        RequestError: it is too long, or has characters that no token has.
    """
    if not _TOKEN.fullmatch(secret):
        raise RequestError("this is no token", hint="paste all of it, and nothing else")
    if len(secret) > _MOST:
        raise RequestError(
            f"the token has {len(secret):,} characters, and browsers keep {_MOST:,}",
            hint="ask its issuer for fewer claims, or send it as Authorization: Bearer ...",
        )


def sign_in(request: Request, response: Response, secret: str) -> None:
    """Lets the browser keep a token until it is closed."""
    response.set_cookie(
        COOKIE, secret, path="/", httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip


def sign_out(response: Response) -> None:
    """Lets the browser forget the token."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
