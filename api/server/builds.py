"""Orders over HTTP: builds, variants, verifications; each is answered with a job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from pydantic import TypeAdapter, ValidationError

from fitgraph.api.access import Right
from fitgraph.api.jobs.delivered import delivered_proof
from fitgraph.api.jobs.record import Kind
from fitgraph.api.schemas import BuildOrder, JobDocument, OrderDocument, VariantOrder
from fitgraph.api.server import orders
from fitgraph.api.server.answers import media
from fitgraph.api.server.bodies import read_body, require_media_type
from fitgraph.api.server.conditions import is_known
from fitgraph.api.server.faults import RequestError
from fitgraph.api.server.guard import needs
from fitgraph.api.server.jobs import answer, find
from fitgraph.api.server.state import Server, server_of
from fitgraph.registry.errors import NotFoundError

router = APIRouter()

Who = Annotated[str, Depends(needs(Right.BUILD))]
_JSON: Final = "application/json"
_LD: Final = "application/ld+json"
_ZIP: Final = "application/zip"
_READ: Final = [Depends(needs(Right.READ))]
_TAKEN: Final[dict[int | str, dict[str, Any]]] = {
    202: {"model": JobDocument, "description": "Queued; Location leads to its state."}
}
Order = TypeVar("Order", bound=OrderDocument)


def _body(order: type[OrderDocument]) -> dict[str, Any]:
    content = {_JSON: {"schema": order.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}


@router.post("/builds", operation_id="add_build", tags=["builds"], status_code=202,
             response_model=None, openapi_extra=_body(BuildOrder), responses=_TAKEN)  # fmt: skip
async def add_build(request: Request, who: Who) -> Response:
    """Build a model for a board: generate, compile, link, emulate, compare; in the background."""
    order = await _order(request, BuildOrder)
    return await _queued(request, lambda registry: orders.build(registry, order, who))


@router.post("/variants", operation_id="add_variant", tags=["variants"], status_code=202,
             response_model=None, openapi_extra=_body(VariantOrder), responses=_TAKEN)  # fmt: skip
async def add_variant(request: Request, who: Who) -> Response:
    """Make a variant of a model by a recipe, or measure one that was made elsewhere."""
    order = await _order(request, VariantOrder)
    return await _queued(request, lambda registry: orders.variant(registry, order, who))


@router.post("/proofs/{key}/verify", operation_id="verify_proof", tags=["proofs"], status_code=202,
             response_model=None, responses=_TAKEN)  # fmt: skip
async def verify(request: Request, key: str, who: Who) -> Response:
    """Do a proof again, and hold each of its lines to what comes out."""
    return await _queued(request, lambda registry: orders.verification(registry, key, who))


@router.get("/builds/{job_id}/artifact", operation_id="get_artifact", tags=["builds"],
            response_class=Response, dependencies=_READ, responses=media(_ZIP))  # fmt: skip
async def artifact(request: Request, job_id: str) -> Response:
    """Get what was built, a zip file; its digest is its entity tag."""
    server = server_of(request)
    job = find(server, job_id, (Kind.BUILD,))
    if not job.artifact_sha256:
        raise _nothing_yet(job_id, job.state)
    tag = f'"{job.artifact_sha256}"'
    if is_known(request, tag):
        return Response(status_code=304, headers={"ETag": tag})
    content = await server.graph.read(
        lambda _: server.foreman.journal.artifact(job.id).read_bytes()
    )
    name = (job.result or {}).get("artifact", {}).get("name", "artifact.zip")
    headers = {"ETag": tag, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, media_type=_ZIP)


@router.get("/builds/{job_id}/proof", operation_id="get_build_proof", tags=["builds"],
            response_class=Response, dependencies=_READ, responses=media(_LD))  # fmt: skip
async def proof(request: Request, job_id: str) -> Response:
    """Get the proof of what was built, with its footprint and its board."""
    server = server_of(request)
    job = find(server, job_id, (Kind.BUILD,))
    if not job.artifact_sha256:
        raise _nothing_yet(job_id, job.state)
    content = await server.graph.read(
        lambda _: delivered_proof(server.foreman.journal.artifact(job.id))
    )
    if content is None:
        raise NotFoundError("there is no proof: the build ran on no board", hint="see its result")
    return Response(content, media_type=_LD)


async def _order(request: Request, kind: type[Order]) -> Order:
    settings = server_of(request).settings
    require_media_type(request, (_JSON,))
    content = await read_body(request, settings.data_bytes, settings.body_timeout_s)
    try:
        return TypeAdapter(kind).validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or "the body"
        raise RequestError(
            f"{place[:200]}: {first['msg']}", hint="/openapi.json says what is taken"
        ) from error


async def _queued(request: Request, ordered: Callable[[Any], orders.Ordered]) -> Response:
    server: Server = server_of(request)
    job, task = await server.graph.read(ordered)
    return answer(request, await server.foreman.submit(job, task), 202)


def _nothing_yet(job_id: str, state: str) -> NotFoundError:
    return NotFoundError(
        f"build {job_id} has delivered nothing: it is {state}", hint="its state tells more"
    )
