"""Where a directory is found: its own description (WoT Discovery, section 6.3)."""

from __future__ import annotations

import json
from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from fitgraph.api.access import Right
from fitgraph.api.server.addresses import base_address
from fitgraph.api.server.answers import media
from fitgraph.api.server.directory_description import directory_description
from fitgraph.api.server.guard import needs
from fitgraph.api.server.negotiation import best
from fitgraph.api.server.state import server_of

router = APIRouter(tags=["WoT directory"], dependencies=[Depends(needs(Right.READ))])

_GIVEN: Final = ("application/td+json", "application/json", "application/ld+json")


@router.get(
    "/.well-known/wot",
    operation_id="describe_directory",
    response_class=Response,
    responses=media(*_GIVEN),
)
async def describe(request: Request) -> Response:
    """Get the Thing Description of the directory itself."""
    chosen = best(request.headers.get("accept"), _GIVEN)
    needs_token = server_of(request).knows_callers
    said = directory_description(base_address(request), needs_token=needs_token)
    return Response(json.dumps(said).encode(), headers={"Content-Type": chosen, "Vary": "Accept"})
