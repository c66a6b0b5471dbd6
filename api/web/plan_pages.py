"""Pages of plans: what goes on which devices in which order, and who is left out and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import parse_qsl, quote

from fastapi import Depends, Request, Response

from fitgraph.api.access import Right
from fitgraph.api.server.bodies import read_body, require_media_type
from fitgraph.api.server.guard import needs
from fitgraph.api.server.plans import keep, planned
from fitgraph.api.server.state import server_of
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.matcher.fleet.draw import draw_plan
from fitgraph.matcher.fleet.fleet_file import parse_fleet
from fitgraph.matcher.fleet.records import Assignment, Plan
from fitgraph.ontology.errors import FitgraphError

router = page_router()

Who = Annotated[str, Depends(needs(Right.OPERATE))]
_FORM: Final = "application/x-www-form-urlencoded"
_MOST_ROWS: Final = 300
_EXAMPLE: Final = """fleet: hall 1
groups:
  - {name: benches, board: nrf52840-dk, count: 400, region: north}
demands:
  - name: watch machines
    task: anomaly detection
    models: [MODEL]
    share: 0.9
waves: [0.01, 0.1, 1.0]
"""


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A wave.

    Attributes:
        share: of all devices that a plan reaches, in percent.
        groups: names.
    """

    number: int
    is_canary: bool
    n_devices: int
    share: float
    groups: tuple[str, ...]


@router.get("/plans")
async def list_page(request: Request) -> Response:
    """All plans, and a place for a fleet file."""
    server = server_of(request)
    found = await server.graph.kept("/plans", lambda _: server.plans.summaries(), "plan")
    plans = sorted(found, key=lambda one: one.made_at, reverse=True)
    return _list(request, plans, "", None)


@router.post("/plans")
async def add(request: Request, who: Who) -> Response:  # noqa: ARG001 - must be known
    """Plans what the form says, and leads to the plan; else shows the form with what is wrong."""
    server = server_of(request)
    require_media_type(request, (_FORM,))
    content = await read_body(request, server.settings.body_bytes, server.settings.body_timeout_s)
    text = dict(parse_qsl(content.decode("utf-8", "replace"))).get("fleet", "")
    try:
        fleet = await server.graph.read(lambda _: parse_fleet(text))
        found = await planned(server, fleet)
    except FitgraphError as error:
        return _list(request, [], text, error)
    made_at = datetime.now(UTC)
    await server.graph.write(
        lambda registry: keep(server, registry, fleet, found, made_at), "plan", "fleet"
    )
    return Response(status_code=303, headers={"Location": f"/plans/{quote(fleet.name, safe='')}"})


@router.get("/plans/{fleet:path}")
async def plan_page(request: Request, fleet: str) -> Response:
    """The plan for a fleet."""
    server = server_of(request)
    plan, made_at = await server.graph.read(lambda _: server.plans.get(fleet))
    return page(
        request,
        "plan",
        title=f"Plan for {plan.fleet}",
        plan=plan,
        made_at=made_at,
        svg=draw_plan(plan),
        groups=_by_group(plan),
        waves=_waves(plan),
        is_met=all(one.reached >= one.wanted for one in plan.coverage),
        most=_MOST_ROWS,
    )


def _list(request: Request, plans: object, text: str, problem: FitgraphError | None) -> Response:
    server = server_of(request)
    return page(
        request,
        "plans",
        title="Plans",
        status=400 if problem else 200,
        plans=plans,
        text=text or _EXAMPLE,
        problem=problem,
        is_local=not server.knows_callers,
    )


def _by_group(plan: Plan) -> list[tuple[str, str, list[Assignment]]]:
    """Assignments by group, with its board."""
    found: dict[str, list[Assignment]] = {}
    for one in plan.assignments[:_MOST_ROWS]:
        found.setdefault(one.group, []).append(one)
    return [(name, some[0].board, some) for name, some in found.items()]


def _waves(plan: Plan) -> list[WaveRow]:
    total = sum(one.n_devices for one in plan.waves) or 1
    return [
        WaveRow(
            one.number,
            one.is_canary,
            one.n_devices,
            100 * one.n_devices / total,
            tuple(sorted({part.group for part in one.parts})),
        )
        for one in plan.waves
    ]
