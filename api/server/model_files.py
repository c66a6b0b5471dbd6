"""The file of a model, as it was handed in."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from fitgraph.api.access import Right
from fitgraph.api.server.answers import media
from fitgraph.api.server.conditions import is_known
from fitgraph.api.server.guard import needs
from fitgraph.api.server.state import server_of
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.iris import key_of

router = APIRouter(tags=["models"], dependencies=[Depends(needs(Right.READ))])

_MEDIA: Final = "application/octet-stream"


@router.get("/models/{key}/file", operation_id="get_model_file", response_class=Response,
            responses=media(_MEDIA))  # fmt: skip
async def model_file(request: Request, key: str) -> Response:
    """Get the file of a model; its digest is its entity tag."""
    graph = server_of(request).graph
    tag = f'"{key_of(await graph.read(lambda registry: registry.resolve("model", key)))}"'
    if is_known(request, tag):
        return Response(status_code=304, headers={"ETag": tag})

    def look(registry: Registry) -> bytes:
        return registry.model_bytes(key)

    return Response(await graph.read(look), media_type=_MEDIA, headers={"ETag": tag})
