"""Pages stand at the addresses of the data that they show, for those who would rather have HTML.

A page has no operation in the OpenAPI document, and knows nothing of the other forms; the routers
of the data know nothing of pages.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from fitgraph.api.access import Right
from fitgraph.api.server.guard import needs
from fitgraph.api.web.preference import prefers_page


class PageRoute(APIRoute):
    """A route that is there only for clients that prefer pages to data."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Leaves every other request to the routes behind it."""
        match, child = super().matches(scope)
        if match is Match.FULL and prefers_page(scope):
            return match, child
        return Match.NONE, {}


def page_router() -> APIRouter:
    """A router for pages, which those see who may read."""
    return APIRouter(
        route_class=PageRoute,
        include_in_schema=False,
        dependencies=[Depends(needs(Right.READ))],
    )
