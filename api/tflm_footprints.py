"""Footprints under TFLM, whose interpreter tells the arena on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.errors import InvalidRecordError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fitgraph.registry.footprint import Footprint
    from fitgraph.registry.measurement import Measurement
    from fitgraph.registry.model_graph import ModelGraph
    from fitgraph.registry.runtime import Runtime


def check_is_told_here(runtime: Runtime) -> None:
    """Refuses a runtime whose footprints nothing here can tell.

    Raises:
        InvalidRecordError: it is none of those.
    """
    from fitgraph.compiler_bridge.tflm.arena_bound import RUNTIMES

    if runtime.name not in RUNTIMES:
        raise InvalidRecordError(
            f"what a model takes under {runtime.name} cannot be measured here",
            hint=f"it can under fitgraph-c, {' and '.join(RUNTIMES)}",
        )


def measured_arena(graph: ModelGraph, content: bytes, known: Iterable[Measurement]) -> Measurement:
    """The arena that the interpreter needs here: of the graph, or measured now.

    Args:
        known: what was measured before, of whatever model.

    Raises:
        InvalidRecordError: the model is no TFLite file.
        EmulationError: the interpreter crashed or took too long.
    """
    from fitgraph.compiler_bridge.reference.tflm_arena import machine, measure_arena, toolchain

    if graph.format != "tflite":
        raise InvalidRecordError(
            f"TFLM runs TFLite files, and {graph.name!r} is {graph.format.upper()}",
            hint="`fitgraph footprint` without --runtime measures it under fitgraph-c",
        )
    here = (graph.sha256, machine(), toolchain())
    for one in known:
        if (one.model_sha256, one.machine, one.toolchain) == here:
            return one
    return measure_arena(content, graph.sha256)


def tflm_footprints(
    graph: ModelGraph, measured: Measurement, runtime: Runtime, classes: Iterable[str]
) -> tuple[list[Footprint], list[FitgraphError]]:
    """Footprints by ISA class that the runtime is built for, and what went wrong."""
    from fitgraph.compiler_bridge.tflm.footprints import footprint_of

    found: list[Footprint] = []
    errors: list[FitgraphError] = []
    for name in sorted(set(classes) & set(runtime.isa_classes)):
        try:
            found.append(footprint_of(graph, measured, runtime.name, name))
        except FitgraphError as error:
            errors.append(error)
    # What hinders one class mostly hinders all: said once.
    return found, list({error.message: error for error in errors}.values())
