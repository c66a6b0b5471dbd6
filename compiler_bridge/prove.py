"""From a model and a board to a firmware that was linked, run and compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fitgraph.compiler_bridge.build import (
    Firmware,
    build_for_class,
    footprint_of,
    link_for_board,
    run_firmware,
)
from fitgraph.compiler_bridge.compare import compare, require_equal
from fitgraph.compiler_bridge.emulators.choose import emulator_for
from fitgraph.compiler_bridge.emulators.protocol import EmulationResult, Emulator
from fitgraph.compiler_bridge.errors import EmulationError, ProofError
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.io_bytes import input_stream, sample_inputs
from fitgraph.compiler_bridge.program import Array
from fitgraph.compiler_bridge.proof_record import Shown, proof_record
from fitgraph.compiler_bridge.reference.choose import reference_for
from fitgraph.compiler_bridge.runtime import RUNTIME_NAME
from fitgraph.compiler_bridge.toolchain.choose import toolchain_for
from fitgraph.compiler_bridge.toolchain.protocol import Toolchain
from fitgraph.matcher.placement import Placement, best_attempt, place, place_apart
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.model_graph import DType, ModelGraph
from fitgraph.registry.proof import Proof

DEFAULT_RANDOM_INPUTS = 16

# Stage, steps done, steps in all.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class ProvenBuild:
    """A firmware with its evidence.

    Attributes:
        footprint: measured on the board's ISA class; good for every board of it.
        input_kind: ``given`` or ``random``.
        input_bytes: of all given inputs, set after set; None where they were random.
    """

    generated: GeneratedCode
    firmware: Firmware
    footprint: Footprint
    run: EmulationResult
    proof: Proof
    input_kind: str
    input_bytes: bytes | None


def prove(  # noqa: PLR0913 - each is a choice of its own, most with a default
    graph: ModelGraph,
    model_bytes: bytes,
    board: Board,
    inputs: Sequence[Sequence[Array]] = (),
    *,
    toolchain: Toolchain | None = None,
    n_random: int = DEFAULT_RANDOM_INPUTS,
    arena_budget_bytes: int | None = None,
    weights_region: str = "",
    progress: Progress = lambda _stage, _done, _total: None,
) -> ProvenBuild:
    """Generates, compiles, links into the board's regions, runs and compares every output.

    Args:
        model_bytes: the file that ``graph`` was read from.
        inputs: sets of input arrays; random ones are made where none are given.
        arena_budget_bytes: see ``generate``.
        weights_region: flash region of the board that takes the weights apart from the rest; none
            does where it is empty.

    Raises:
        ArenaBudgetError: nothing keeps the arena within the budget.
        UnsupportedOperatorError: the model cannot be compiled.
        RegionOverflowError: the firmware does not fit the board.
        ToolchainError: nothing compiles for the board's core.
        EmulationError: no emulator has the core, or the firmware faulted.
        ProofError: an output differs from the reference.
    """
    stages = ("generate C", "compile and measure", "link", "run the reference", "emulate")

    def begin(stage: int) -> None:
        progress(stages[stage], stage, len(stages))

    begin(0)
    generated = generate(graph, arena_budget_bytes=arena_budget_bytes)
    chosen = toolchain or toolchain_for(board.needed_isa_class())
    emulator = _emulator(board)
    begin(1)
    build = build_for_class(generated, board.needed_isa_class(), chosen)
    footprint = footprint_of(build, graph.sha256, RUNTIME_NAME)
    begin(2)
    placement = _placement(footprint, board, weights_region)
    firmware = link_for_board(
        generated, board, placement, footprint.stack_bytes, chosen, objects=build.objects
    )
    sets = list(inputs) or [sample_inputs(generated, seed) for seed in range(n_random)]
    reference = reference_for(graph, model_bytes)
    begin(3)
    expected = reference.run_many(sets, keep_state=generated.is_stateful)
    begin(4)
    run = run_firmware(generated, firmware, board, emulator, sets, toolchain=chosen)
    comparison = compare(run.outputs, expected, exact=computes_in_integers(graph))
    require_equal(comparison, reference.name)
    _require_stack(run, footprint)
    progress("done", len(stages), len(stages))
    kind = "given" if inputs else "random"
    shown = Shown(
        model_sha256=graph.sha256,
        generated=generated,
        board=board,
        firmware=firmware,
        toolchain=chosen,
        emulator=emulator,
        reference=reference.name,
        run=run,
        comparison=comparison,
        sets=sets,
        kind=kind,
    )
    proof = proof_record(shown)
    inputs_bytes = input_stream(generated, sets) if inputs else None
    return ProvenBuild(generated, firmware, footprint, run, proof, kind, inputs_bytes)


def _emulator(board: Board) -> Emulator:
    emulator = emulator_for(board.needed_isa_class())
    if emulator is None:
        raise EmulationError(
            f"no emulator here runs {board.needed_isa_class()} code for {board.name}",
            hint="install qemu-system-arm for Helium cores; Xtensa and AVR are not emulated",
        )
    return emulator


def _placement(footprint: Footprint, board: Board, weights_region: str) -> Placement:
    """Where the footprint fits; else where the linker says by how much it does not.

    Raises:
        MatchError: the board has no such region for weights.
    """
    apart = place_apart(footprint, board, weights_region) if weights_region else None
    return apart or place(footprint, board) or best_attempt(board)


def computes_in_integers(graph: ModelGraph) -> bool:
    """Whether every output is integers, or integers with a scale."""
    return graph.format == "tflite" and not any(
        tensor.dtype is DType.FLOAT32 and tensor.is_constant for tensor in graph.tensors
    )


def _require_stack(run: EmulationResult, footprint: Footprint) -> None:
    if run.stack_high_water_bytes > footprint.stack_bytes:
        raise ProofError(
            f"the firmware used {run.stack_high_water_bytes} bytes of stack where "
            f"{footprint.stack_bytes} are reserved",
            hint="this is a defect of the compiler; please report it with the model file",
        )
