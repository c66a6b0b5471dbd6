"""The server's figures, for Prometheus to fetch."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from fitgraph.api.access import Right
from fitgraph.api.server.answers import media
from fitgraph.api.server.guard import needs
from fitgraph.api.server.state import server_of

router = APIRouter(tags=["operations"], dependencies=[Depends(needs(Right.READ))])


@router.get(
    "/metrics",
    operation_id="metrics",
    response_class=Response,
    responses=media("text/plain"),
)
async def metrics(request: Request) -> Response:
    """Get the server's figures for Prometheus."""
    server = server_of(request)
    content = server.metrics.text(
        waiting=server.workers.n_waiting,
        streams=server.events.n_readers,
        jobs=server.foreman.journal.n_waiting(),
        revision=server.graph.revision,
    )
    return Response(content, headers={"Content-Type": CONTENT_TYPE_LATEST})
