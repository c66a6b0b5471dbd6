"""Times a fleet plan: ``python -m benchmarks.planning``.

100,000 devices in 500 groups, 50 demands and 500 variants, on the graph of the device catalogue and
1,000 models; every group has a reserve of its own.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.machine import describe_machine
from benchmarks.scale_graph import N_MODELS, fill_at_scale
from fitgraph.api.output import progress
from fitgraph.matcher.demand import Reserves
from fitgraph.matcher.fleet.plan import plan
from fitgraph.matcher.fleet.records import DeviceGroup, Fleet, FleetDemand
from fitgraph.matcher.index.index import Index, index_of
from fitgraph.registry.catalogue import Registry, open_registry

N_DEVICES: Final = 100_000
N_GROUPS: Final = 500
N_DEMANDS: Final = 50
N_VARIANTS: Final = 500
#: What a plan may take.
TARGET_S: Final = 20.0
_REGIONS: Final = ("", "north", "south", "east", "west")


@dataclass(frozen=True, slots=True)
class Report:
    """All figures; ``gap`` is a share of the cost, 0 where the plan is proven best."""

    machine: dict[str, str]
    devices: int
    groups: int
    demands: int
    variants: int
    seconds: float
    gap: float
    wanted: int
    reached: int
    assignments: int
    exclusions: int


def main() -> int:
    """Measure and print; ends with 1 where a plan takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, help="a registry that was filled before")
    arguments = parser.parse_args()
    with (
        progress("making the graph") as step,
        tempfile.TemporaryDirectory() as made,
        open_registry(arguments.store or Path(made)) as registry,
    ):
        if arguments.store is None:
            fill_at_scale(registry, N_MODELS)
        fleet = made_up_fleet(index_of(registry.store))
        step("planning")
        report = measure(registry, fleet)
    print(json.dumps(asdict(report), indent=2))
    return 0 if report.seconds <= TARGET_S else 1


def measure(registry: Registry, fleet: Fleet) -> Report:
    """One plan, the reading of the graph included."""
    begin = time.perf_counter()
    found = plan(registry.store, fleet, limit_s=10)
    seconds = time.perf_counter() - begin
    return Report(
        machine=dict(describe_machine()),
        devices=sum(group.count for group in fleet.groups),
        groups=len(fleet.groups),
        demands=len(fleet.demands),
        variants=len({name for demand in fleet.demands for name in demand.models}),
        seconds=round(seconds, 2),
        gap=round(found.gap, 6),
        wanted=sum(one.wanted for one in found.coverage),
        reached=sum(one.reached for one in found.coverage),
        assignments=len(found.assignments),
        exclusions=len(found.exclusions),
    )


def made_up_fleet(index: Index, seed: int = 0) -> Fleet:
    """Groups of boards with an ISA class that models were built for; ten models a demand."""
    draw = random.Random(seed)
    built = sorted({one.isa_class for one in index.facts.footprints.values()})
    boards = [one for one in index.boards if one.isa_class in built and one.regions]
    groups = tuple(
        DeviceGroup(
            name=f"group {number}",
            board=board.board_id,
            count=N_DEVICES // N_GROUPS,
            region=draw.choice(_REGIONS[1:]),
            reserves=Reserves(
                by_region={
                    region.name: min(draw.choice((0, 4096, 16384)), region.size_bytes // 4)
                    for region in board.regions
                }
            ),
        )
        for number in range(N_GROUPS)
        for board in [draw.choice(boards)]
    )
    models = draw.sample([one.name for one in index.models], N_VARIANTS)
    each = N_VARIANTS // N_DEMANDS
    demands = tuple(
        FleetDemand(
            name=f"demand {number}",
            task="made up",
            models=tuple(models[number * each : (number + 1) * each]),
            where=draw.choice(_REGIONS),
            share=draw.choice((0.1, 0.25, 0.5, 1.0)),
        )
        for number in range(N_DEMANDS)
    )
    return Fleet("scale", groups, demands)


if __name__ == "__main__":
    sys.exit(main())
