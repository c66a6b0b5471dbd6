"""Plan a factory: ``python plan_factory.py STORE FLEET.yaml``.

Prints which model every group of devices gets and how it is proven, wave after wave, and writes the
plan and its picture beside the store.
"""

import sys
from pathlib import Path

from fitgraph.matcher.fleet.draw import draw_plan
from fitgraph.matcher.fleet.fleet_file import load_fleet
from fitgraph.matcher.fleet.plan import plan
from fitgraph.matcher.fleet.plan_file import plan_to_json
from fitgraph.registry.catalogue import open_registry


def main(store: Path, fleet_file: Path) -> None:
    """Print the plan for a fleet."""
    with open_registry(store, read_only=True) as registry:
        found = plan(registry.store, load_fleet(fleet_file))
    for one in found.assignments:
        shown = one.artifact.sha256[:12] if one.artifact else f"not built yet: {one.build}"
        print(f"{one.group}: {one.n_devices:,} devices get {one.model} ({one.verdict}), {shown}")
    for wave in found.waves:
        kind = "canary" if wave.is_canary else "wave"
        print(f"{kind} {wave.number}: {wave.n_devices:,} devices")
    for demand in found.coverage:
        print(f"{demand.demand}: {demand.reached:,} of {demand.wanted:,} devices")
    print(f"at most {found.gap:.1%} from the best plan")
    (store / "plan.json").write_text(plan_to_json(found), encoding="utf-8")
    (store / "plan.svg").write_text(draw_plan(found), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
