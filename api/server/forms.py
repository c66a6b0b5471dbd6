"""``form=turtle`` in an address stands for the header ``Accept``, which a link cannot send."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.types import ASGIApp, Receive, Scope, Send

FORMS: Final = {
    "json": "application/json",
    "jsonld": "application/ld+json",
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "csv": "text/csv",
    "html": "text/html",
}
_ARGUMENT: Final = b"form="


class Forms:
    """Takes the argument ``form`` out of addresses, and asks for what it says."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _ARGUMENT in scope["query_string"]:
            scope = _asking(scope)
        await self._app(scope, receive, send)


def _asking(scope: Scope) -> Scope:
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    wanted = [FORMS[value] for name, value in pairs if name == "form" and value in FORMS]
    if not wanted:
        return scope
    rest = urlencode([pair for pair in pairs if pair[0] != "form"])
    headers = [pair for pair in scope["headers"] if pair[0] != b"accept"]
    accept = (b"accept", wanted[0].encode())
    return {**scope, "query_string": rest.encode(), "headers": [*headers, accept]}
