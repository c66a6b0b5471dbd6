"""Whether the server lives, and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter, Request

from fitgraph.api.schemas import HealthDocument
from fitgraph.api.server.faults import OverloadedError
from fitgraph.api.server.state import server_of

router = APIRouter(prefix="/health", tags=["operations"])


@router.get("/live", operation_id="health_live")
async def live() -> HealthDocument:
    """Say that the process answers."""
    return HealthDocument(status="ok")


@router.get("/ready", operation_id="health_ready")
async def ready(request: Request) -> HealthDocument:
    """Say that the store answers and the server is not about to end, else 503 or 507."""
    if server_of(request).ending.is_set():
        raise OverloadedError("the server is about to end", hint="ask another one")
    await server_of(request).graph.read(lambda registry: registry.store.ask("ASK {}"))
    return HealthDocument(status="ok")
