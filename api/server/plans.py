"""Plans of fleets over HTTP: which model goes on which devices, and who is left out and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import TypeAdapter

from fitgraph.api.access import Right
from fitgraph.api.plan_jobs import PlanFleet, Planned
from fitgraph.api.schemas import PageDocument
from fitgraph.api.server.answers import body, of_status
from fitgraph.api.server.bodies import read_body, require_media_type
from fitgraph.api.server.conditions import etag, is_known
from fitgraph.api.server.faults import RequestError
from fitgraph.api.server.folders import PlanSummary
from fitgraph.api.server.guard import needs
from fitgraph.api.server.listing import page_of, plain_fields
from fitgraph.api.server.negotiation import best
from fitgraph.api.server.resources import JSON, RDF
from fitgraph.api.server.state import Server, server_of
from fitgraph.matcher.fleet.fleet_file import MAX_FILE_BYTES, parse_fleet
from fitgraph.matcher.fleet.plan_graph import (
    fleet_iri,
    fleet_to_triples,
    plan_iri,
    plan_to_triples,
)
from fitgraph.matcher.fleet.records import Fleet, Plan
from fitgraph.registry.answer_text import graph_text
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.door import check

router = APIRouter(tags=["plans"], dependencies=[Depends(needs(Right.READ))])

_TAKEN: Final = ("application/yaml", "text/yaml", "application/x-yaml", JSON)
_OPERATE: Final = [Depends(needs(Right.OPERATE))]
#: Seconds beside the solver's: to read the graph and to decide every pair.
_READING_S: Final = 60.0
_PLAN: Final = TypeAdapter(Plan)


@router.post("/plans", operation_id="add_plan", dependencies=_OPERATE, status_code=201,
             response_model=None, openapi_extra=body(*_TAKEN),
             responses={201: {"model": Plan}})  # fmt: skip
async def add_plan(request: Request) -> Response:
    """Plan a fleet, within the time that the solver gets; the plan is kept with its fleet.

    What is not met is no error: `coverage` and `exclusions` say what is short and why.
    """
    server = server_of(request)
    require_media_type(request, _TAKEN)
    content = await read_body(request, MAX_FILE_BYTES, server.settings.body_timeout_s)
    try:
        fleet = await server.graph.read(lambda _: parse_fleet(content.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise RequestError("the body is not UTF-8", hint="send UTF-8") from error
    made_at = datetime.now(UTC)
    found = await planned(server, fleet)
    await server.graph.write(lambda registry: keep(server, registry, fleet, found, made_at),
                             "plan", "fleet")  # fmt: skip
    headers = {"Location": f"/plans/{plan_iri(found.plan).rpartition('/')[2]}"}
    return Response(_document(found.plan, made_at.isoformat()), 201, headers, JSON)


@router.get("/plans", operation_id="list_plans",
            responses={200: {"model": PageDocument[PlanSummary]}}, response_model=None)  # fmt: skip
async def list_plans(request: Request) -> Response:
    """List the plans by the names of their fleets."""
    server = server_of(request)
    found = await server.graph.kept("/plans", lambda _: server.plans.summaries(), "plan")
    arguments = request.query_params.multi_items()
    page = page_of(found, arguments, plain_fields(PlanSummary), lambda one: one.fleet)
    items = TypeAdapter(tuple[PlanSummary, ...]).dump_python(page.records, mode="json")
    following = None
    if page.cursor:
        following = f"/plans?{request.url.include_query_params(cursor=page.cursor).query}"
    said = {"items": items, "total": page.total, "next": following}
    return Response(json.dumps(said, ensure_ascii=False).encode(), media_type=JSON)


@router.get("/plans/{fleet:path}", operation_id="get_plan", response_model=None,
            responses={200: {"model": Plan, "content": {one: {} for one in RDF}}})  # fmt: skip
async def get_plan(request: Request, fleet: str) -> Response:
    """Get the plan for a fleet."""
    server = server_of(request)
    chosen = best(request.headers.get("accept"), (JSON, *RDF))
    plan, made_at = await server.graph.read(lambda _: server.plans.get(fleet))
    headers = {"Vary": "Accept", "ETag": etag(_document(plan, made_at), chosen)}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if chosen == JSON:
        return Response(_document(plan, made_at), headers=headers, media_type=JSON)

    def look(registry: Registry) -> bytes:
        return graph_text(registry.store.graph(plan_iri(plan)), RDF[chosen])

    return Response(await server.graph.read(look), headers={**headers, "Content-Type": chosen})


@router.delete("/plans/{fleet:path}", operation_id="remove_plan", dependencies=_OPERATE,
               status_code=204, response_class=Response,
               responses=of_status(204, "Removed."))  # fmt: skip
async def remove_plan(request: Request, fleet: str) -> Response:
    """Forget the plan for a fleet, and the fleet."""
    server = server_of(request)
    plan, _ = await server.graph.read(lambda _: server.plans.get(fleet))

    def forget(registry: Registry) -> None:
        registry.store.write({plan_iri(plan): (), fleet_iri(plan.fleet): ()})
        server.plans.remove(plan.fleet)

    await server.graph.write(forget, "plan", "fleet")
    return Response(status_code=204)


async def planned(server: Server, fleet: Fleet) -> Planned:
    """The plan for a fleet, under the server's policies.

    Raises:
        DeadlineError: it takes much longer than the solver may.
        FitgraphError: a board or a model is not there, or nothing was found in time.
    """
    limit_s = server.settings.plan_timeout_s
    async with server.snapshots.latest() as where:
        job = PlanFleet(
            where, server.graph.registry.blobs.url, fleet, server.policies.rules(), limit_s
        )
        found = await server.matching.looks.workers.do(job, limit_s + _READING_S)
    assert isinstance(found, Planned)
    return found


def keep(
    server: Server, registry: Registry, fleet: Fleet, found: Planned, made_at: datetime
) -> None:
    """Writes both graphs, when the shapes let them, and the document."""
    plan = found.plan
    of_fleet = tuple(fleet_to_triples(fleet))
    of_plan = tuple(plan_to_triples(plan, made_at, found.grounds))
    check("fleet", of_fleet)
    check("plan", of_plan)
    registry.store.write({fleet_iri(fleet.name): of_fleet, plan_iri(plan): of_plan})
    server.plans.put(plan, made_at.isoformat())


def _document(plan: Plan, made_at: str) -> bytes:
    said = {"made_at": made_at, **_PLAN.dump_python(plan, mode="json")}
    return json.dumps(said, ensure_ascii=False).encode()
