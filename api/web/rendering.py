"""Templates become responses."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fitgraph.api.server.conditions import etag, is_known
from fitgraph.api.server.state import server_of
from fitgraph.api.web import words
from fitgraph.api.web.addresses import local
from fitgraph.api.web.navigation import NAVIGATION
from fitgraph.api.web.static_files import static_address
from fitgraph.registry.errors import StorageError

#: Nothing is fetched from elsewhere, and nothing in a page is a script or a style but our files.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
    "Vary": "Accept, Cookie",
}


def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters |= words.FILTERS
    found.filters["local"] = local
    found.globals |= {"static": static_address, "navigation": NAVIGATION}
    return found


_TEMPLATES: Final = _environment()


def page(
    request: Request, template: str, *, title: str, status: int = 200, **values: Any
) -> Response:
    """The page that a template makes of some values.

    Args:
        request: that it answers; a client that has the page already is told so.
        template: its name without ``.html.j2``.
        title: of the page, which is its heading too.
        status: of the response.
        values: what the template names.
    """
    text = _TEMPLATES.get_template(f"{template}.html.j2").render(
        title=title,
        path=request.url.path,
        query=request.query_params,
        who=getattr(request.state, "who", ""),
        knows_callers=_knows_callers(request),
        **values,
    )
    content = text.encode("utf-8", "replace")
    headers = _HEADERS | {"ETag": etag(content, "text/html")}
    if status == 200 and is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, status, headers, "text/html; charset=utf-8")


def _knows_callers(request: Request) -> bool:
    """Whether there is anybody to sign in as; a page of what went wrong is to be shown anyway."""
    try:
        return server_of(request).knows_callers
    except StorageError:
        return True
