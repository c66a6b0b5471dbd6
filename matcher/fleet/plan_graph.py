"""A plan and its fleet as triples, each in the graph of its IRI; the shapes let both pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.matcher.fleet.grounds import Ground
from fitgraph.matcher.fleet.records import (
    Assignment,
    DeviceGroup,
    Exclusion,
    Fleet,
    FleetDemand,
    Plan,
    Wave,
)
from fitgraph.matcher.match_graph import match_to_triples
from fitgraph.ontology.namespaces import XSD
from fitgraph.registry.iris import BASE, Iri, board_iri, model_iri, part_iri, runtime_iri
from fitgraph.registry.triples.terms import date_time, fg, prov
from fitgraph.registry.triples.writing import describe, iri

_DECIMAL: Final = NamedNode(f"{XSD}decimal")
# As in other IRIs of resources; see ``fitgraph.registry.iris``.
_UNESCAPED: Final = "+._-~"
_TAKEN_BY: Final = "said in the fleet file"


def fleet_iri(fleet: str) -> Iri:
    """IRI of the fleet of that name."""
    return Iri(f"{BASE}fleet/{quote(fleet, safe=_UNESCAPED)}")


def plan_iri(plan: Plan) -> Iri:
    """IRI of the plan for a fleet."""
    return Iri(f"{BASE}plan/{quote(plan.fleet, safe=_UNESCAPED)}")


def fleet_to_triples(fleet: Fleet) -> Iterator[Triple]:
    """All triples of a fleet."""
    subject = fleet_iri(fleet.name)
    yield from describe(
        subject,
        "Fleet",
        name=fleet.name,
        has_device_group=tuple(iri(part_iri(subject, "group", one.name)) for one in fleet.groups),
        has_demand=tuple(iri(part_iri(subject, "demand", one.name)) for one in fleet.demands),
    )
    for group in fleet.groups:
        yield from _group(subject, group)
    for demand in fleet.demands:
        yield from _demand(subject, demand)


def plan_to_triples(
    plan: Plan,
    made_at: datetime | None = None,
    grounds: Mapping[tuple[str, str], Ground] | None = None,
) -> Iterator[Triple]:
    """All triples of a plan.

    Args:
        made_at: with a zone; None leaves the time out.
        grounds: matches that decisions rest on, by the names of group and demand; part of the plan.
    """
    grounds = grounds or {}
    rests_on = {key: part_iri(plan_iri(plan), "match", f"{key[0]}/{key[1]}") for key in grounds}
    subject, fleet = plan_iri(plan), fleet_iri(plan.fleet)
    parts = {
        (one.group, one.demand): part_iri(subject, "assignment", f"{one.group}/{one.demand}")
        for one in plan.assignments
    }
    left = [
        (part_iri(subject, "exclusion", f"{one.group}/{one.demand}"), one)
        for one in plan.exclusions
    ]
    waves = [(part_iri(subject, "wave", str(one.number)), one) for one in plan.waves]
    yield from describe(
        subject,
        "Plan",
        name=plan.fleet,
        plan_for=iri(fleet),
        has_assignment=tuple(map(iri, parts.values())),
        has_exclusion=tuple(iri(part) for part, _ in left),
        has_wave=tuple(iri(part) for part, _ in waves),
        optimality_gap=float(plan.gap),
    )
    if made_at is not None:
        yield Triple(iri(subject), prov("generatedAtTime"), date_time(made_at.isoformat()))
    for one in plan.assignments:
        ground = rests_on.get((one.group, one.demand))
        yield from _assignment(parts[one.group, one.demand], fleet, one, ground)
    for part, out in left:
        yield from _exclusion(part, fleet, out, rests_on.get((out.group, out.demand)))
    for key, one_ground in grounds.items():
        yield from match_to_triples(rests_on[key], one_ground.match, one_ground.model_sha256)
    for part, wave in waves:
        deployed = tuple(iri(parts[one.group, one.demand]) for one in wave.parts)
        yield from _wave(part, wave, deployed)


def _assignment(part: str, fleet: str, one: Assignment, ground: str | None) -> Iterator[Triple]:
    proof = one.artifact.proof if one.artifact else None
    yield from describe(
        part,
        "Assignment",
        device_group=iri(part_iri(fleet, "group", one.group)),
        device_count=one.n_devices,
        demand=iri(part_iri(fleet, "demand", one.demand)),
        model=iri(model_iri(one.model_sha256)),
        runtime=iri(runtime_iri(one.runtime)),
        assigned_artifact=None if proof is None else iri(f"{proof}#firmware"),
        proof=None if proof is None else iri(proof),
        rests_on=None if ground is None else iri(ground),
    )


def _exclusion(part: str, fleet: str, one: Exclusion, ground: str | None) -> Iterator[Triple]:
    yield from describe(
        part,
        "Exclusion",
        device_group=iri(part_iri(fleet, "group", one.group)),
        device_count=one.n_devices,
        demand=iri(part_iri(fleet, "demand", one.demand)),
        reason=one.reason,
        rests_on=None if ground is None else iri(ground),
    )


def _wave(part: str, wave: Wave, deployed: tuple[NamedNode, ...]) -> Iterator[Triple]:
    yield from describe(
        part,
        "Wave",
        wave_number=wave.number,
        is_canary=wave.is_canary,
        device_count=wave.n_devices,
        deploys=deployed,
    )


def _group(fleet: str, group: DeviceGroup) -> Iterator[Triple]:
    subject = part_iri(fleet, "group", group.name)
    reserves = {
        part_iri(fleet, "reserve", f"{group.name}/{name}"): (name, n_bytes)
        for name, n_bytes in group.reserves.by_region.items()
        if n_bytes
    }
    yield from describe(
        subject,
        "DeviceGroup",
        name=group.name,
        device_type=iri(board_iri(group.board)),
        device_count=group.count,
        deployment_region=group.region or None,
        link=group.link or None,
        mounted_sensor=tuple(sorted({one.kind for one in group.mounted})),
        has_reserve=tuple(map(iri, reserves)),
    )
    for part, (name, n_bytes) in reserves.items():
        yield from describe(
            part, "Reserve", region_name=name, reserve_bytes=n_bytes, reserve_reason=_TAKEN_BY
        )


def _demand(fleet: str, demand: FleetDemand) -> Iterator[Triple]:
    subject = part_iri(fleet, "demand", demand.name)
    yield from describe(
        subject,
        "Demand",
        name=demand.name,
        task=demand.task,
        deployment_region=demand.where or None,
        device_share=float(demand.share),
        minimum_accuracy=demand.minimum_accuracy,
        metric=demand.metric or ("accuracy" if demand.minimum_accuracy is not None else None),
    )
    limits = {"deadlineMs": demand.asked.deadline_ms, "energyBudgetUj": demand.asked.energy_uj}
    for name, limit in limits.items():
        if limit is not None:
            text = format(Decimal(repr(limit)).normalize(), "f")
            yield Triple(iri(subject), fg(name), Literal(text, datatype=_DECIMAL))
