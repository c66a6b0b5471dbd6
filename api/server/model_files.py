"""The file of a model as it was handed in, and the picture of its memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from fitgraph.api.access import Right
from fitgraph.api.memory_timeline import memory_timeline_svg
from fitgraph.api.server.answers import media
from fitgraph.api.server.conditions import etag, is_known
from fitgraph.api.server.guard import needs
from fitgraph.api.server.state import server_of
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.iris import key_of

router = APIRouter(tags=["models"], dependencies=[Depends(needs(Right.READ))])

_MEDIA: Final = "application/octet-stream"
_SVG: Final = "image/svg+xml"


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


@router.get("/models/{key}/timeline.svg", operation_id="get_model_timeline",
            response_class=Response, responses=media(_SVG))  # fmt: skip
async def model_timeline(request: Request, key: str) -> Response:
    """Get the picture of which value lies in which bytes of the arena at which step."""
    matching = server_of(request).matching
    needs = await matching.model(key)
    timeline = replace(await matching.looks.timeline(needs.sha256), model=needs.name)
    content = memory_timeline_svg(timeline).encode()
    headers = {"ETag": etag(content), "Content-Security-Policy": "default-src 'none'"}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=_SVG, headers=headers)
