"""The page of where a model or a proof comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import Request, Response

from fitgraph.api.lineage import Lineage, lineage_of_model, lineage_of_proof, lineage_svg
from fitgraph.api.server.state import server_of
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.registry.catalogue import Registry

router = page_router()

#: Of resources that a lineage tells of.
KINDS: Final = ("model", "variant", "footprint", "proof")


@router.get("/models/{key}/lineage")
async def model_lineage(request: Request, key: str) -> Response:
    """What a model was made from, and what was made and shown of it."""
    return await _lineage(request, key, lineage_of_model)


@router.get("/proofs/{key}/lineage")
async def proof_lineage(request: Request, key: str) -> Response:
    """What a proof rests on."""
    return await _lineage(request, key, lineage_of_proof)


async def _lineage(
    request: Request, key: str, find: Callable[[Registry, str], Lineage]
) -> Response:
    path = request.url.path
    found = await server_of(request).graph.kept(path, lambda registry: find(registry, key), *KINDS)
    return page(
        request,
        "lineage",
        title=found.title,
        found=found,
        picture=lineage_svg(found),
        back=path.removesuffix("/lineage"),
        names={step.key: f"{step.kind} {step.title}" for step in found.steps},
    )
