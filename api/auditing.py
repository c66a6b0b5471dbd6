"""Gathers what is known of described models, and measures what is not."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fitgraph.api.model_files import stored_graph

if TYPE_CHECKING:
    from fitgraph.api.output import Step
    from fitgraph.compiler_bridge.audit import Evidence
    from fitgraph.registry.catalogue import Registry
    from fitgraph.registry.footprint import Footprint
    from fitgraph.registry.measurement import Measurement
    from fitgraph.registry.model_description import ModelDescription
    from fitgraph.registry.model_graph import ModelGraph


@dataclass(frozen=True, slots=True)
class Material:
    """What an audit rests on.

    Attributes:
        graphs: models by digest.
        contents: bytes of the TFLite models whose arena was not measured with this interpreter.
        arenas: known measurements by digest.
        elsewhere: arenas that others measured, or that were measured on other machines.
        unstored: those of them that the graph does not have yet.
        footprints: measured ones by digest.
    """

    descriptions: tuple[ModelDescription, ...]
    graphs: Mapping[str, ModelGraph]
    contents: Mapping[str, bytes]
    arenas: Mapping[str, Measurement]
    elsewhere: tuple[Measurement, ...]
    unstored: tuple[Measurement, ...]
    footprints: Mapping[str, tuple[Footprint, ...]]

    def evidence(self, fresh: Iterable[Measurement]) -> dict[str, Evidence]:
        """All that was measured, by digest.

        Args:
            fresh: measurements that were made just now.
        """
        from fitgraph.compiler_bridge.audit import Evidence
        from fitgraph.registry.facts import model_facts

        arenas = {**self.arenas, **{one.model_sha256: one for one in fresh}}
        return {
            sha256: Evidence(
                graph,
                model_facts(graph),
                arenas.get(sha256),
                self.footprints[sha256],
                tuple(one for one in self.elsewhere if one.model_sha256 == sha256),
            )
            for sha256, graph in self.graphs.items()
        }


def gather(registry: Registry, step: Step) -> Material:
    """Everything that the graph has of the models that are described."""
    from fitgraph.compiler_bridge.reference.tflm_arena import machine, toolchain
    from fitgraph.registry.known_arenas import known_arenas

    descriptions = registry.list_descriptions()
    digests = sorted({d.model_sha256 for d in descriptions if d.model_sha256 is not None})
    here = (machine(), toolchain())
    stored = registry.list_measurements()
    known = tuple(one for one in known_arenas() if one.model_sha256 in digests)
    arenas = {one.model_sha256: one for one in stored if (one.machine, one.toolchain) == here}
    elsewhere = {one for one in (*stored, *known) if (one.machine, one.toolchain) != here}
    graphs = {}
    for done, sha256 in enumerate(digests, start=1):
        step("reading models", done=done, total=len(digests))
        graphs[sha256] = stored_graph(registry, sha256)
    return Material(
        descriptions=descriptions,
        graphs=graphs,
        contents={
            sha256: registry.model_bytes(sha256)
            for sha256, graph in graphs.items()
            if graph.format == "tflite" and sha256 not in arenas
        },
        arenas=arenas,
        elsewhere=tuple(sorted(elsewhere, key=lambda one: (one.runtime, one.machine))),
        unstored=tuple(one for one in known if one not in stored),
        footprints={sha256: _measured(registry, sha256) for sha256 in digests},
    )


def measure(material: Material, step: Step) -> tuple[Measurement, ...]:
    """Arenas of the models whose arena is not known; one that crashes TFLM is left unknown."""
    from fitgraph.compiler_bridge.errors import EmulationError
    from fitgraph.compiler_bridge.reference.tflm_arena import measure_arena

    def one(item: tuple[str, bytes]) -> Measurement | None:
        sha256, content = item
        try:
            return measure_arena(content, sha256)
        except EmulationError:
            return None

    found: list[Measurement] = []
    total = len(material.contents)
    # Each interpreter is a process of its own, which the thread only waits for.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, measured in enumerate(pool.map(one, material.contents.items()), start=1):
            step("measuring arenas", done=done, total=total)
            found += [measured] if measured is not None else []
    return tuple(found)


def _measured(registry: Registry, sha256: str) -> tuple[Footprint, ...]:
    from fitgraph.registry.footprint import Evidence as Known

    found = registry.list_footprints(model=sha256)
    return tuple(one for one in found if one.evidence is Known.MEASURED)
