"""Hands the matcher somebody who tells time and energy by the model files of the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fitgraph.api.compiler import OWN_RUNTIME
from fitgraph.api.model_files import stored_graph
from fitgraph.ontology.errors import FitgraphError

if TYPE_CHECKING:
    from fitgraph.matcher.facts import ModelNeeds
    from fitgraph.matcher.latency.work import Work
    from fitgraph.matcher.timing import Timing
    from fitgraph.registry.catalogue import Registry
    from fitgraph.registry.model_graph import ModelGraph


class CountedWork:
    """Counts the work of models in their files, each once; or takes what the graph says."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._counted: dict[tuple[str, bool], Work | None] = {}

    def __call__(self, model: ModelNeeds, runtime: str) -> Work | None:
        """See ``WorkOf``; fitgraph-c leaves out dead channels."""
        key = model.sha256, runtime == OWN_RUNTIME
        if key not in self._counted:
            self._counted[key] = self._work(model, is_own=key[1])
        return self._counted[key]

    def _work(self, model: ModelNeeds, *, is_own: bool) -> Work | None:
        from fitgraph.matcher.latency.work import Work, work_of

        try:
            graph = stored_graph(self._registry, model.sha256)
        except FitgraphError:
            # Known by its description alone.
            return None if model.macs is None else Work(other=model.macs)
        return work_of(graph, live_macs_of(graph) if is_own else None)


def timing_for(registry: Registry) -> Timing:
    """Tells intervals by published results."""
    from fitgraph.matcher.latency.timing import CalibratedTiming

    return CalibratedTiming(CountedWork(registry))


def live_macs_of(graph: ModelGraph) -> dict[str, int] | None:
    """Multiply-accumulates that are left without dead channels; None where nothing tells."""
    from fitgraph.compiler_bridge.passes.live_macs import live_macs

    try:
        return live_macs(graph)
    except FitgraphError:
        return None
