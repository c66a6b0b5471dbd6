"""Pages of builds: what to build, how it goes, and what was proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, quote

from fastapi import Depends, Query, Request, Response
from pydantic import ValidationError

from fitgraph.api.access import Right
from fitgraph.api.compiler import OWN_RUNTIME
from fitgraph.api.jobs.record import Kind
from fitgraph.api.pictures.memory_map import memory_map_svg
from fitgraph.api.pictures.placed import uses_of
from fitgraph.api.schemas import BuildOrder
from fitgraph.api.server import orders
from fitgraph.api.server.bodies import read_body, require_media_type
from fitgraph.api.server.faults import RequestError
from fitgraph.api.server.guard import needs
from fitgraph.api.server.jobs import find
from fitgraph.api.server.state import Server, server_of
from fitgraph.api.web.job_view import view_of
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.errors import NotFoundError
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.iris import proof_iri
from fitgraph.registry.proof import Proof

router = page_router()

Named = Annotated[str, Query(max_length=500)]
Who = Annotated[str, Depends(needs(Right.BUILD))]
_FORM: Final = "application/x-www-form-urlencoded"
_SHOWN: Final = 100
_MOST_BOARDS: Final = 400
#: Those that cannot fit are not offered.
_COULD: Final = (Verdict.FITS, Verdict.LIKELY, Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Shown:
    """A proof with what it needs to be understood.

    Attributes:
        svg: the board's memory with the firmware in it.
        sections: without those of no bytes.
    """

    key: str
    proof: Proof
    footprint: Footprint | None
    svg: str
    sections: tuple[tuple[str, int], ...]


@router.get("/builds")
async def list_page(request: Request) -> Response:
    """All builds, the latest first."""
    jobs = [one for one in server_of(request).foreman.journal.jobs() if one.kind is Kind.BUILD]
    shown = [view_of(job) for job in reversed(jobs[-_SHOWN:])]
    return page(request, "builds", title="Builds", builds=shown, total=len(jobs))


@router.get("/builds/new")
async def form_page(request: Request, model: Named = "", board: Named = "") -> Response:
    """What to build: first the model, then a board on which it could run."""
    server = server_of(request)
    names = await server.graph.kept("names of models", _names, "model")
    offered: dict[str, list[str]] = {}
    regions: tuple[str, ...] = ()
    if model:
        _, pairs = await server.matching.pairs(model, None, OWN_RUNTIME)
        could = [one for one in pairs if one.verdict in _COULD][:_MOST_BOARDS]
        offered = {
            str(verdict): sorted(one.board for one in could if one.verdict is verdict)
            for verdict in _COULD
        }
        if board:
            chosen = await server.graph.read(lambda registry: registry.get_board(board))
            regions = tuple(one.name for one in chosen.regions if one.kind == "flash")
    return page(
        request,
        "build_form",
        title=f"Build {model}" if model else "Build",
        model=model,
        board=board,
        models=names,
        offered={name: boards for name, boards in offered.items() if boards},
        regions=regions,
        is_local=not server.knows_callers,
    )


@router.post("/builds")
async def order(request: Request, who: Who) -> Response:
    """Queues what the form says, and leads to its page."""
    server = server_of(request)
    require_media_type(request, (_FORM,))
    content = await read_body(request, server.settings.body_bytes, server.settings.body_timeout_s)
    said = {name: value.strip() for name, value in parse_qsl(content.decode("utf-8", "replace"))}
    try:
        wanted = BuildOrder.model_validate({name: one for name, one in said.items() if one})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise RequestError(
            f"{'.'.join(map(str, first['loc']))[:200]}: {first['msg']}", hint="go back to the form"
        ) from error
    job, task = await server.graph.read(lambda registry: orders.build(registry, wanted, who))
    await server.foreman.submit(job, task)
    return _to(f"/builds/{job.id}")


@router.post("/builds/{job_id}/cancel")
async def cancel(request: Request, job_id: str, who: Who) -> Response:  # noqa: ARG001 - must be known
    """Ends a build, and leads back to its page."""
    server = server_of(request)
    find(server, job_id, (Kind.BUILD,))
    await server.foreman.cancel(job_id)
    return _to(f"/builds/{job_id}")


@router.get("/builds/{job_id}")
async def build_page(request: Request, job_id: str) -> Response:
    """How a build goes, then what was proven."""
    server = server_of(request)
    job = find(server, job_id, (Kind.BUILD,))
    events = await server.graph.read(lambda _: server.foreman.journal.events(job_id))
    shown = await _shown(server, job.proof, job.result or {}) if job.proof else None
    return page(
        request,
        "build",
        title=f"{job.model} on {job.board}",
        view=view_of(job, events),
        seen=len(events),
        shown=shown,
        result=job.result or {},
    )


async def _shown(server: Server, key: str, result: Mapping[str, Any]) -> Shown | None:
    """The proof of a build; None where it was removed since."""

    def look(registry: Registry) -> Shown | None:
        try:
            proof = registry.get_proof(key)
            board = registry.get_board(proof.board_id)
            kept = result.get("footprints") or ()
            footprint = registry.get_footprint(kept[0]) if kept else None
        except NotFoundError:
            return None
        uses = uses_of(footprint, board) if footprint else ()
        sections = tuple((one.name, one.n_bytes) for one in proof.sections if one.n_bytes)
        return Shown(proof_iri(proof), proof, footprint, memory_map_svg(board, uses), sections)

    return await server.graph.read(look)


def _names(registry: Registry) -> tuple[str, ...]:
    return tuple(one.name for one in registry.list_models())


def _to(address: str) -> Response:
    return Response(status_code=303, headers={"Location": quote(address)})
