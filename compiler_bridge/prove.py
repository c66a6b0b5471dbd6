"""From a model and a board to a firmware that was linked, run and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from fitgraph.compiler_bridge.build import Firmware, link_for_board, run_firmware
from fitgraph.compiler_bridge.cmsis_nn.checkout import Checkout
from fitgraph.compiler_bridge.compare import compare, require_equal
from fitgraph.compiler_bridge.emulators.choose import emulator_for
from fitgraph.compiler_bridge.emulators.protocol import EmulationResult, Emulator
from fitgraph.compiler_bridge.errors import EmulationError, ProofError
from fitgraph.compiler_bridge.fitting import Wanted, fitted
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.io_bytes import input_stream, sample_inputs
from fitgraph.compiler_bridge.program import Array
from fitgraph.compiler_bridge.proof_record import Shown, proof_record
from fitgraph.compiler_bridge.reference.choose import reference_for
from fitgraph.compiler_bridge.toolchain.choose import toolchain_for
from fitgraph.compiler_bridge.toolchain.protocol import Toolchain
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Footprint
from fitgraph.registry.model_graph import DType, ModelGraph
from fitgraph.registry.proof import Proof

DEFAULT_RANDOM_INPUTS = 16

# What takes values elsewhere and leaves them as they are.
_MOVING = frozenset({"EXPAND_DIMS", "PACK", "RESHAPE", "SPLIT", "SQUEEZE", "TRANSPOSE", "UNPACK"})

# Stage, steps done, steps in all.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class ProvenBuild:
    """A firmware with its evidence.

    Attributes:
        footprint: measured on the board's ISA class; good for every board of it.
        input_kind: ``given`` or ``random``.
        input_bytes: of all given inputs, set after set; None where they were random.
        whole: the footprint with the arena in one region, where it does not lie in one.
    """

    generated: GeneratedCode
    firmware: Firmware
    footprint: Footprint
    run: EmulationResult
    proof: Proof
    input_kind: str
    input_bytes: bytes | None
    whole: Footprint | None = None

    @property
    def footprints(self) -> tuple[Footprint, ...]:
        """Of the model, for the graph.

        What a build takes in patches, with weights packed on demand, or with somebody else's
        library is none: a build without that takes other memory.
        """
        code = self.generated
        if code.in_patches or code.packed_weights or code.library:
            return ()
        return (self.footprint,) if self.whole is None else (self.whole, self.footprint)


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
    arena_regions: Sequence[str] = (),
    pack_weights: bool = False,
    cmsis_nn: Checkout | None = None,
    progress: Progress = lambda _stage, _done, _total: None,
) -> ProvenBuild:
    """Generates, compiles, links into the board's regions, runs and compares every output.

    Args:
        model_bytes: the file that ``graph`` was read from.
        inputs: sets of input arrays; random ones are made where none are given.
        arena_budget_bytes: see ``generate``.
        weights_region: flash region of the board that takes the weights apart from the rest; none
            does where it is empty.
        arena_regions: RAM regions of the board that the arena is to lie in, the fastest first;
            without them it lies in one, or in several where that is what fits.
        pack_weights: see ``generate``.
        cmsis_nn: a checkout of CMSIS-NN, called where it computes the same.

    Raises:
        ArenaRegionsError: those regions do not hold the arena.
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
    chosen = toolchain or toolchain_for(board.needed_isa_class())
    emulator = _emulator(board)
    regions = tuple(arena_regions)
    wanted = Wanted(arena_budget_bytes, weights_region, regions, pack_weights, cmsis_nn)
    fit = fitted(graph, board, wanted, chosen, lambda: begin(1))
    generated, footprint = fit.generated, fit.footprint
    begin(2)
    firmware = link_for_board(
        generated, board, fit.placement, footprint.stack_bytes, chosen, objects=fit.build.objects
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
        model_name=graph.name,
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
        arena_regions=wanted.arena_regions,
    )
    proof = proof_record(shown)
    inputs_bytes = input_stream(generated, sets) if inputs else None
    return ProvenBuild(generated, firmware, footprint, run, proof, kind, inputs_bytes, fit.whole)


def _emulator(board: Board) -> Emulator:
    emulator = emulator_for(board.needed_isa_class())
    if emulator is None:
        raise EmulationError(
            f"no emulator here runs {board.needed_isa_class()} code for {board.name}",
            hint="install qemu-system-arm for Helium cores; Xtensa and AVR are not emulated",
        )
    return emulator


def computes_in_integers(graph: ModelGraph) -> bool:
    """Whether every output is integers, or integers with a scale: none is computed from floats."""
    return graph.format == "tflite" and not any(
        _has_float(graph, one.inputs) and _has_float(graph, one.outputs)
        for one in graph.operators
        if one.op_type not in _MOVING
    )


def _has_float(graph: ModelGraph, tensors: Iterable[int | None]) -> bool:
    return any(graph.tensor(one).dtype is DType.FLOAT32 for one in tensors if one is not None)


def _require_stack(run: EmulationResult, footprint: Footprint) -> None:
    if run.stack_high_water_bytes > footprint.stack_bytes:
        raise ProofError(
            f"the firmware used {run.stack_high_water_bytes} bytes of stack where "
            f"{footprint.stack_bytes} are reserved",
            hint="this is a defect of the compiler; please report it with the model file",
        )
