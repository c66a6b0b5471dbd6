"""Whether a client would rather have a page than data: a browser says so, a program does not."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

from fitgraph.api.server.faults import NotAcceptableError
from fitgraph.api.server.negotiation import best

HTML: Final = "text/html"
#: Forms of data; a page comes only where it is liked better than any of them.
_DATA: Final = (
    "application/json",
    "text/turtle",
    "application/ld+json",
    "application/n-triples",
    "text/csv",
    "application/problem+json",
    "application/td+json",
    "application/sparql-results+json",
)


def prefers_page(scope: Scope) -> bool:
    """Whether a request is one of a browser, by its ``Accept``."""
    try:
        return best(Headers(scope=scope).get("accept"), (*_DATA, HTML)) == HTML
    except NotAcceptableError:
        return False
