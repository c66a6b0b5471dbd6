"""From a model file to firmware that was run and compared, by stage.

The same steps as ``fitgraph.compiler_bridge.prove``, taken one by one for the clock, for a board
with ample memory and with one inference.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.models import model_file
from benchmarks.records import Build, ModelFile, Refusal
from fitgraph.compiler_bridge.build import (
    ClassBuild,
    compile_for_class,
    footprint_of,
    link_for_board,
    run_firmware,
)
from fitgraph.compiler_bridge.compare import Comparison, compare, require_equal
from fitgraph.compiler_bridge.emulators.choose import emulator_for
from fitgraph.compiler_bridge.emulators.reference_boards import ample_board
from fitgraph.compiler_bridge.errors import EmulationError
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.io_bytes import sample_inputs
from fitgraph.compiler_bridge.program import Array
from fitgraph.compiler_bridge.recipes.quantize import quantize_int8
from fitgraph.compiler_bridge.reference.choose import reference_for
from fitgraph.compiler_bridge.runtime import RUNTIME_NAME
from fitgraph.compiler_bridge.toolchain.choose import toolchain_for
from fitgraph.compiler_bridge.toolchain.protocol import DEFAULT_OPTIMISATION
from fitgraph.matcher.placement import best_attempt
from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.facts import model_facts
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.read_model import read_model

# Far more than generated code, which never recurses, takes.
_AMPLE_STACK_BYTES = 64 * 1024


@dataclass(slots=True)
class Clock:
    """Seconds by stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times what is done inside."""
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 4)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What all ISA classes share of one model."""

    model: ModelFile
    graph: ModelGraph
    generated: GeneratedCode
    macs: int | None
    inputs: list[tuple[Array, ...]]
    expected: list[tuple[Array, ...]]
    reference: str
    clock: Clock


def quantized(model: ModelFile, folder: Path) -> ModelFile:
    """The int8 variant of one of our networks, in a folder.

    Raises:
        FitgraphError: see ``quantize_int8``.
    """
    name = f"{model.name}_int8"
    path = folder / f"{name}.onnx"
    with np.load(model.path.with_name("calibration.npz")) as calibration:
        quantize_int8(model.path, dict(calibration), path)
    return model_file(path, name)


def measure_builds(
    model: ModelFile, classes: Sequence[str], optimisation: str = DEFAULT_OPTIMISATION
) -> list[Build | Refusal]:
    """Builds a model for some ISA classes; what fails for one stops no other."""
    try:
        prepared = _prepare(model)
    except FitgraphError as error:
        return [Refusal(model.name, "all", error.message)]
    found: list[Build | Refusal] = []
    for isa_class in classes:
        try:
            found.append(_build(prepared, isa_class, optimisation))
        except FitgraphError as error:
            found.append(Refusal(model.name, isa_class, error.message))
    return found


def _prepare(model: ModelFile) -> Prepared:
    clock = Clock()
    with clock.stage("read"):
        graph = read_model(model.path)
    with clock.stage("generate"):
        generated = generate(graph)
    inputs = [sample_inputs(generated)]
    reference = reference_for(graph, model.path.read_bytes())
    with clock.stage("reference"):
        expected = reference.run_many(inputs, keep_state=generated.is_stateful)
    macs = model_facts(graph).macs
    return Prepared(model, graph, generated, macs, inputs, expected, reference.name, clock)


def _build(prepared: Prepared, isa_class: str, optimisation: str) -> Build:
    emulator = emulator_for(isa_class)
    if emulator is None:
        raise EmulationError(f"no emulator here runs {isa_class} code")
    toolchain, board = toolchain_for(isa_class), ample_board(isa_class)
    generated, place = prepared.generated, best_attempt(board)
    clock = Clock(dict(prepared.clock.seconds))
    with clock.stage("compile"):
        objects = compile_for_class(generated, isa_class, toolchain, optimisation=optimisation)
    with clock.stage("link"):
        firmware = link_for_board(
            generated, board, place, _AMPLE_STACK_BYTES, toolchain, objects=objects
        )
    with clock.stage("emulate"):
        run = run_firmware(
            generated, firmware, board, emulator, prepared.inputs, toolchain=toolchain
        )
    comparison = compare(run.outputs, prepared.expected, exact=False)
    require_equal(comparison, prepared.reference)
    build = ClassBuild(generated, isa_class, objects, firmware, run, emulator.identity)
    return _record(prepared, build, run.instructions_per_inference, comparison, clock.seconds)


def _record(
    prepared: Prepared,
    build: ClassBuild,
    instructions: int,
    comparison: Comparison,
    seconds: Mapping[str, float],
) -> Build:
    footprint = footprint_of(build, prepared.graph.sha256, RUNTIME_NAME)
    lower_bound_bytes = prepared.generated.lower_bound_bytes
    return Build(
        model=prepared.model.name,
        sha256=prepared.model.sha256,
        isa_class=build.isa_class,
        optimisation=build.objects.optimisation,
        macs=prepared.macs,
        instructions=instructions,
        instructions_per_mac=round(instructions / prepared.macs, 3) if prepared.macs else None,
        code_bytes=footprint.code_bytes,
        weights_bytes=footprint.weights_bytes,
        flash_bytes=footprint.flash_bytes,
        arena_bytes=footprint.arena_bytes,
        lower_bound_bytes=lower_bound_bytes,
        gap_bytes=footprint.arena_bytes - lower_bound_bytes,
        stack_bytes=footprint.stack_bytes,
        worst_difference=comparison.worst_difference,
        read_s=seconds["read"],
        generate_s=seconds["generate"],
        compile_s=seconds["compile"],
        link_s=seconds["link"],
        reference_s=seconds["reference"],
        emulate_s=seconds["emulate"],
        total_s=round(sum(seconds.values()), 4),
    )
