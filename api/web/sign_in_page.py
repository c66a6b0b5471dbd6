"""Signing in and out in a browser, which cannot send a bearer token by itself."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from fitgraph.api.server.bodies import read_body, require_media_type
from fitgraph.api.server.faults import RequestError, UnauthorizedError
from fitgraph.api.server.guard import known_caller
from fitgraph.api.server.sessions import require_keepable, require_own_page, sign_in, sign_out
from fitgraph.api.server.state import server_of
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import PageRoute

#: Also who may not read signs in.
router = APIRouter(route_class=PageRoute, include_in_schema=False)

_FORM: Final = "application/x-www-form-urlencoded"
_SCHEME: Final = "Bearer "


@router.get("/sign-in")
async def sign_in_page(request: Request) -> Response:
    """Who is signed in, or a form to sign in with."""
    return _shown(request, _local(request.query_params.get("next", "")))


@router.post("/sign-in")
async def signed_in(request: Request) -> Response:
    """Keeps a token that is valid in the browser, and goes where it was needed."""
    said = await _form(request)
    secret = said.get("token", "").strip().removeprefix(_SCHEME).strip()
    following = _local(said.get("next", ""))
    try:
        require_keepable(secret)
        await known_caller(server_of(request), secret)
    except (UnauthorizedError, RequestError) as error:
        if error.status >= 500:
            raise
        return _shown(request, following, error, status=error.status)
    response = Response(status_code=303, headers={"Location": following})
    sign_in(request, response, secret)
    return response


@router.post("/sign-out")
async def signed_out(request: Request) -> Response:
    """Forgets the token."""
    await _form(request)
    response = Response(status_code=303, headers={"Location": "/"})
    sign_out(response)
    return response


def _shown(
    request: Request, following: str, error: RequestError | None = None, *, status: int = 200
) -> Response:
    return page(
        request, "sign_in", title="Sign in", status=status, error=error, following=following,
        issuer=server_of(request).settings.oidc_issuer, caller=request.state.caller,
    )  # fmt: skip


async def _form(request: Request) -> dict[str, str]:
    """What a form of ours says."""
    require_own_page(request)
    require_media_type(request, (_FORM,))
    settings = server_of(request).settings
    content = await read_body(request, settings.body_bytes, settings.body_timeout_s)
    return dict(parse_qsl(content.decode("utf-8", "replace")))


def _local(said: str) -> str:
    """An address of this server; the first page where it is another."""
    is_here = said.startswith("/") and said[1:2] not in {"/", "\\"} and said.isprintable()
    return said if is_here and said.isascii() else "/"
