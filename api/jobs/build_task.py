"""A build as a task: what ``fitgraph build`` does between reading the store and writing to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from fitgraph.api.compiler import OWN_RUNTIME
from fitgraph.api.jobs.task import Artifact, KeepError, Tell
from fitgraph.api.streaming import Rows

if TYPE_CHECKING:
    from fitgraph.api.build_data import BuildData
    from fitgraph.compiler_bridge.prove import ProvenBuild
    from fitgraph.compiler_bridge.recipes.evaluate import Metric
    from fitgraph.registry.board import Board
    from fitgraph.registry.catalogue import Registry
    from fitgraph.registry.footprint import Footprint
    from fitgraph.registry.measurement import Measurement
    from fitgraph.registry.model_graph import ModelGraph
    from fitgraph.registry.proof import Proof


@dataclass(frozen=True, slots=True)
class BuildTask:
    """A model, a board, and how to build.

    Attributes:
        model_format: ``onnx`` or ``tflite``.
        is_stored: whether the board is in the graph, so that a proof is one of it.
        options: of another runtime's back end.
        arena_in: RAM regions that the arena is to lie in, the fastest first.
        package: kind of package; None for the firmware with its sources.
        inputs: bytes of an .npz file, or None.
        test: likewise, with samples ``x`` and labels ``y``.
    """

    model_name: str
    model: bytes
    model_format: str
    board: Board
    is_stored: bool
    runtime: str = OWN_RUNTIME
    options: Mapping[str, str] = field(default_factory=dict)
    package: str | None = None
    streaming: int | None = None
    streaming_axis: int | None = None
    inputs: bytes | None = None
    test: bytes | None = None
    metric: str = "accuracy"
    samples: int | None = None
    arena_budget: int | None = None
    pack_weights: bool = False
    weights_in: str = ""
    arena_in: tuple[str, ...] = ()

    def run(self, folder: Path, tell: Tell) -> Built:
        """See ``Task``."""
        from fitgraph.api.model_files import kept_graph

        graph = kept_graph(self.model, self.model_format, self.model_name)
        if self.runtime != OWN_RUNTIME:
            return self._by_back_end(graph, tell)
        rows = None if self.streaming is None else Rows(self.streaming, self.streaming_axis)
        if rows is not None:
            rows.check(graph)
        data = self._data(graph, folder)
        proven = self._proven(graph, data, tell)
        return Built(
            top=_top(graph),
            files=self._files(proven, rows, graph),
            footprints=tuple(proven.footprints),
            proof=proven.proof if self.is_stored else None,
            firmware=proven.firmware.elf,
            inputs=proven.input_bytes,
            told=_told(proven, data.quality(proven.run.outputs, self.metric)),
        )

    def _by_back_end(self, graph: ModelGraph, tell: Tell) -> Built:
        from fitgraph.compiler_bridge.back_ends.manifest import with_manifest
        from fitgraph.compiler_bridge.back_ends.protocol import Request
        from fitgraph.compiler_bridge.back_ends.registered import load_back_end

        back_end = load_back_end(self.runtime)
        request = Request(
            graph, self.model, self.board.needed_isa_class(), self.options, progress=tell
        )
        delivered = back_end.build(request)
        return Built(
            top=_top(graph),
            files=with_manifest(back_end.runtime, request, delivered),
            footprints=delivered.footprints,
            measurements=delivered.measurements,
            told={"facts": dict(delivered.facts)},
        )

    def _data(self, graph: ModelGraph, folder: Path) -> BuildData:
        from fitgraph.api.build_data import build_data

        inputs = _file(folder / "inputs.npz", self.inputs)
        test = _file(folder / "test.npz", self.test)
        return build_data(graph, inputs, test, self.metric, self.samples)

    def _proven(self, graph: ModelGraph, data: BuildData, tell: Tell) -> ProvenBuild:
        """The proven build. Where it does not fit, its footprint is kept all the same."""
        from fitgraph.api.measuring import measure
        from fitgraph.compiler_bridge.errors import DoesNotLinkError
        from fitgraph.compiler_bridge.prove import prove

        try:
            return prove(
                graph,
                self.model,
                self.board,
                data.sets,
                arena_budget_bytes=self.arena_budget,
                weights_region=self.weights_in,
                arena_regions=self.arena_in,
                pack_weights=self.pack_weights,
                progress=tell,
            )
        except DoesNotLinkError as error:
            found, _ = measure(graph, [self.board.needed_isa_class()], lambda *_, **__: None)
            raise KeepError(error, Built(_top(graph), {}, tuple(found))) from error

    def _files(
        self, proven: ProvenBuild, rows: Rows | None, graph: ModelGraph
    ) -> Mapping[str, bytes]:
        from fitgraph.compiler_bridge.artifacts import artifact_files
        from fitgraph.compiler_bridge.packages.kinds import package_files
        from fitgraph.compiler_bridge.packages.proven import proven_content

        if self.package is None:
            return artifact_files(proven, self.board)
        content = proven_content(proven, self.board, graph.name)
        return package_files(self.package, content if rows is None else rows.added_to(content))


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made.

    Attributes:
        top: the folder in the zip file that all files lie in.
        proof: for the graph; None where there is none, or it is of no board in the graph.
        told: besides, of what was built.
    """

    kinds: ClassVar[tuple[str, ...]] = ("footprint", "proof")

    top: str
    files: Mapping[str, bytes]
    footprints: tuple[Footprint, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    proof: Proof | None = None
    firmware: bytes | None = None
    inputs: bytes | None = None
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def artifact(self) -> Artifact | None:
        """The zip file; the same build gives the same bytes."""
        from fitgraph.compiler_bridge.deliver import zip_bytes

        return Artifact(f"{self.top}.zip", zip_bytes(self.top, self.files)) if self.files else None

    def keep(self, registry: Registry) -> Mapping[str, Any]:
        """See ``Made``."""
        from fitgraph.registry.iris import key_of

        if self.measurements:
            registry.add_measurements(self.measurements)
        kept = [key_of(registry.add_footprint(one).iri) for one in self.footprints]
        proof = ""
        if self.proof is not None:
            proof = key_of(registry.add_proof(self.proof, self.firmware, self.inputs).iri)
        return {**self.told, "footprints": kept, "proof": proof}


def _told(proven: ProvenBuild, quality: Metric | None) -> dict[str, Any]:
    generated = proven.generated
    return {
        "inputs": proven.input_kind,
        "in_patches": list(generated.in_patches),
        "extra_macs": generated.extra_macs,
        "quality": quality
        and {"name": str(quality.name), "value": quality.value, "n_samples": quality.n_samples},
    }


def _top(graph: ModelGraph) -> str:
    from fitgraph.compiler_bridge.emit import prefix_for

    return prefix_for(graph.name)


def _file(path: Path, content: bytes | None) -> Path | None:
    if content is None:
        return None
    path.write_bytes(content)
    return path
