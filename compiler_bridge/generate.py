"""From a model graph to C sources: lower, plan, emit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from fitgraph.compiler_bridge.c_text import is_c_identifier
from fitgraph.compiler_bridge.chosen_slices import with_choices
from fitgraph.compiler_bridge.cmsis_nn.calls import PREFIX
from fitgraph.compiler_bridge.cmsis_nn.checkout import CmsisNn
from fitgraph.compiler_bridge.emit import emit, prefix_for
from fitgraph.compiler_bridge.errors import (
    ArenaBudgetError,
    ArenaRegionsError,
    BridgeError,
    UnboundedShapeError,
    UnsupportedOperatorError,
)
from fitgraph.compiler_bridge.generated import GeneratedCode, Library
from fitgraph.compiler_bridge.lower.builder import ProgramBuilder
from fitgraph.compiler_bridge.lower.low_bits import BITS, asks_for_low_bits, widths
from fitgraph.compiler_bridge.lower.onnx_graph import lower_onnx
from fitgraph.compiler_bridge.lower.tflite_graph import lower_tflite
from fitgraph.compiler_bridge.memory_plan import MemoryPlan
from fitgraph.compiler_bridge.passes.arena_budget import Patched, meet_budget
from fitgraph.compiler_bridge.passes.pipeline import optimised
from fitgraph.compiler_bridge.plan import plan_memory
from fitgraph.compiler_bridge.plan_rooms import plan_over
from fitgraph.compiler_bridge.program import Program
from fitgraph.compiler_bridge.rooms import Room
from fitgraph.registry.model_graph import MAX_OPERATORS, ModelGraph
from fitgraph.registry.onnx_values import UNKNOWN_SHAPE

# What lowering raises where a file contradicts itself in a way that no check foresaw.
_STRAY_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)


def lower(
    graph: ModelGraph,
    passes: Callable[[Program], Program] = optimised,
    *,
    pack_weights: bool = False,
    cmsis_nn: CmsisNn | None = None,
) -> Program:
    """Kernel calls for a model of either format.

    Args:
        passes: what is done with the program as it was lowered.
        pack_weights: whether weights in int8 that fit fewer bits are kept in these, as they are
            anyway where the model file has weights of 4 bits.
        cmsis_nn: to be called where it computes the same.

    Raises:
        UnboundedShapeError: a dimension is symbolic.
        UnsupportedOperatorError: an operator cannot be compiled.
    """
    _refuse_endless(graph)
    _refuse_symbolic(graph)
    _refuse_without_ends(graph)
    builder = ProgramBuilder()
    lower_operators = lower_tflite if graph.format == "tflite" else lower_onnx
    try:
        program = with_choices(lower_operators(graph, builder), graph)
        wanted = replace(
            program,
            packs_weights=pack_weights or asks_for_low_bits(graph),
            cmsis_nn=None if cmsis_nn is None else cmsis_nn.extension,
        )
        return passes(wanted)
    except _STRAY_ERRORS as error:
        where = builder.label or "its inputs"
        raise UnsupportedOperatorError(
            f"{graph.name} is malformed near {where}: {str(error) or type(error).__name__}",
            hint="check the file with its converter, or `onnx.checker` for ONNX; export it again",
        ) from error


def generate(
    graph: ModelGraph,
    prefix: str = "",
    *,
    arena_budget_bytes: int | None = None,
    rooms: Sequence[Sequence[Room]] = (),
    pack_weights: bool = False,
    cmsis_nn: CmsisNn | None = None,
) -> GeneratedCode:
    """C sources for a model.

    Args:
        prefix: start of every public C name; made from the model's name if empty.
        arena_budget_bytes: that the arena is to keep within, at the cost of instructions.
        rooms: memory that the arena may lie in, the fastest first; of several choices the first
            that holds it counts. One of any size without them.
        pack_weights: see ``lower``.
        cmsis_nn: likewise.

    Raises:
        UnboundedShapeError: a dimension is symbolic.
        UnsupportedOperatorError: an operator cannot be compiled.
        ArenaBudgetError: nothing keeps the arena within the budget.
        ArenaRegionsError: the rooms do not hold the arena.
        BridgeError: the prefix is no C identifier.
    """
    if prefix and not is_c_identifier(prefix):
        raise BridgeError(
            f"the prefix {prefix!r} cannot start a name in C",
            hint="use letters, digits and underscores, and begin with a letter",
        )
    program = lower(graph, pack_weights=pack_weights, cmsis_nn=cmsis_nn)
    name = prefix or prefix_for(graph.name)
    is_packed = (
        pack_weights
        and not asks_for_low_bits(graph)
        and min(widths(program.steps), default=BITS) < BITS
    )
    if arena_budget_bytes is None:
        plain = emit(program, planned(program, rooms), name)
        return replace(plain, packed_weights=is_packed, library=_library(program, plain, cmsis_nn))
    patched = within_budget(program, arena_budget_bytes)
    emitted = emit(patched.program, planned(patched.program, rooms), name)
    return replace(
        emitted,
        in_patches=patched.layers,
        extra_macs=patched.extra_macs,
        packed_weights=is_packed,
        library=_library(patched.program, emitted, cmsis_nn),
    )


def _library(program: Program, code: GeneratedCode, cmsis_nn: CmsisNn | None) -> Library | None:
    """What the code calls of CMSIS-NN; None where it calls nothing."""
    if cmsis_nn is None or not any(one.kernel.startswith(PREFIX) for one in program.steps):
        return None
    return cmsis_nn.checkout.library(code.files.values())


def planned(program: Program, choices: Sequence[Sequence[Room]]) -> MemoryPlan:
    """Where the values lie, in the first of the choices that holds them; see ``generate``.

    Raises:
        ArenaRegionsError: none does.
    """
    if not choices:
        return plan_memory(program)
    *others, last = choices
    for rooms in others:
        try:
            return plan_over(program, rooms)
        except ArenaRegionsError:
            continue
    return plan_over(program, last)


def within_budget(program: Program, budget_bytes: int) -> Patched:
    """The program, in patches where it needs them to meet the budget.

    Raises:
        ArenaBudgetError: nothing does.
    """
    found = meet_budget(program, budget_bytes)
    if isinstance(found, Patched):
        return found
    raise ArenaBudgetError(
        f"the arena of {program.name} cannot keep within {budget_bytes:,} bytes; the smallest "
        f"that was found is {found.arena_bytes:,}",
        smallest_bytes=found.arena_bytes,
        hint=f"ask for {found.arena_bytes} bytes or more, or use a smaller model",
    )


def _refuse_endless(graph: ModelGraph) -> None:
    if len(graph.operators) > MAX_OPERATORS:
        raise UnsupportedOperatorError(
            f"{graph.name} has {len(graph.operators):,} operators; at most {MAX_OPERATORS:,} are "
            "compiled",
            hint="no microcontroller has the flash for so many calls; simplify the model before",
        )


def _refuse_symbolic(graph: ModelGraph) -> None:
    for tensor in graph.tensors:
        symbols = [str(dim) for dim in tensor.shape if isinstance(dim, str)]
        if tensor.shape == UNKNOWN_SHAPE:
            raise UnboundedShapeError(
                f"the shape of tensor {tensor.name!r} of {graph.name} cannot be told",
                hint="the operator that makes it is unknown to ONNX or contradicts its inputs",
            )
        if symbols:
            raise UnboundedShapeError(
                f"tensor {tensor.name!r} of {graph.name} has symbolic dimensions "
                f"{', '.join(symbols)}",
                hint=_how_to_fix(graph, symbols[0]),
            )


def _how_to_fix(graph: ModelGraph, symbol: str) -> str:
    """What to do about a symbolic dimension: only those of inputs can be given a size."""
    if any(symbol in graph.tensors[index].shape for index in graph.inputs):
        return f"give them a size: `fitgraph model add FILE --dimension {symbol}=1`"
    return (
        "the operator that makes it contradicts its inputs, or sizes depend on data; "
        "`onnx.checker.check_model(model, full_check=True)` tells more"
    )


def _refuse_without_ends(graph: ModelGraph) -> None:
    for kind, indices in (("input", graph.inputs), ("output", graph.outputs)):
        if not indices:
            raise UnsupportedOperatorError(
                f"{graph.name} has no {kind}", hint=f"export the model with an {kind}"
            )
