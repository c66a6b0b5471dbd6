"""What blocks a rollout: ``python what_blocks.py STORE FLEET.yaml``.

Lists the devices that cannot get a model, most first, with the reason and what would help; then the
models without which most groups would have nothing to run, by the graph of what fits what.
"""

import sys
from pathlib import Path

from fitgraph.matcher.fleet.compatibility import compatibility_graph
from fitgraph.matcher.fleet.fleet_file import load_fleet
from fitgraph.matcher.fleet.options import choices_of
from fitgraph.matcher.fleet.plan import plan
from fitgraph.registry.catalogue import open_registry


def main(store: Path, fleet_file: Path) -> None:
    """Print what stands in the way."""
    fleet = load_fleet(fleet_file)
    with open_registry(store, read_only=True) as registry:
        found = plan(registry.store, fleet)
        graph = compatibility_graph(choices_of(registry.store, fleet))
    for left in sorted(found.exclusions, key=lambda one: -one.n_devices):
        print(f"{left.n_devices:,} devices of {left.group} lack {left.demand}: {left.reason}")
        print(f"  would help: {left.would_help}")
    for kind, name in graph:
        if kind == "model":
            only = [group for group in graph[kind, name] if len(graph[group]) == 1]
            print(f"{name} is the only choice of {len(only)} groups")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
