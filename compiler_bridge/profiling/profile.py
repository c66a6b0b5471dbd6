"""Profiles a model: the firmware that is proven, with the lines that its instructions come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from fitgraph.compiler_bridge.arena_regions import placed_in, rooms_of
from fitgraph.compiler_bridge.build import (
    SMALL_STACK_BYTES,
    Firmware,
    compile_for_class,
    link_objects,
)
from fitgraph.compiler_bridge.elf import read_firmware
from fitgraph.compiler_bridge.emit import emit, prefix_for
from fitgraph.compiler_bridge.emulators.choose import emulator_for
from fitgraph.compiler_bridge.emulators.cores import CORES
from fitgraph.compiler_bridge.emulators.protocol import Emulator
from fitgraph.compiler_bridge.emulators.reference_boards import ample_board
from fitgraph.compiler_bridge.errors import ArenaRegionsError, EmulationError, ToolchainError
from fitgraph.compiler_bridge.generate import lower
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.io_bytes import sample_inputs
from fitgraph.compiler_bridge.layout import layout_of
from fitgraph.compiler_bridge.memory_plan import MemoryPlan
from fitgraph.compiler_bridge.plan import plan_memory
from fitgraph.compiler_bridge.plan_rooms import plan_over
from fitgraph.compiler_bridge.profiling.line_map import LineMap, line_map
from fitgraph.compiler_bridge.profiling.qemu_steps import count_steps_in_qemu
from fitgraph.compiler_bridge.profiling.records import (
    FunctionFigures,
    Profile,
    StepFigures,
)
from fitgraph.compiler_bridge.profiling.savings import (
    arena_savings,
    instruction_savings,
    live_by_step,
)
from fitgraph.compiler_bridge.profiling.step_counts import StepCounts, count_steps
from fitgraph.compiler_bridge.profiling.timeline import lives_of
from fitgraph.compiler_bridge.program import Array, Blocks, Field, Program
from fitgraph.compiler_bridge.prove import Progress
from fitgraph.compiler_bridge.static_stack.code import Code, read_code
from fitgraph.compiler_bridge.toolchain.choose import toolchain_for
from fitgraph.matcher.placement import Placement, best_attempt, capacity_bytes
from fitgraph.registry.board import Board
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.operator_runs import operator_runs

_STAGES = ("generate C", "compile and link", "emulate", "look for savings")


def profile(
    graph: ModelGraph,
    isa_class: str,
    board: Board | None = None,
    *,
    progress: Progress = lambda _stage, _done, _total: None,
) -> Profile:
    """Instructions and bytes by step, the life of each tensor, and what could be saved.

    Args:
        board: to link for; None for one of the class with ample memory.

    Raises:
        UnsupportedOperatorError: the model cannot be compiled.
        EmulationError: no emulator here has the core, or tells its steps apart.
        RegionOverflowError: the firmware does not fit the board.
    """
    _emulator(isa_class)  # before anything is compiled
    target = board or ample_board(isa_class)
    progress(_STAGES[0], 0, len(_STAGES))
    program = lower(graph)
    plan, placement = _plan(program, target)
    generated = emit(program, plan, prefix_for(graph.name))
    progress(_STAGES[1], 1, len(_STAGES))
    firmware = _firmware(generated, target, placement)
    lines = line_map(firmware.elf, generated)
    progress(_STAGES[2], 2, len(_STAGES))
    counts = _counts(firmware, target, generated, lines)
    progress(_STAGES[3], 3, len(_STAGES))
    found = _profile(graph, target, program, plan, firmware, lines, counts)
    progress("done", len(_STAGES), len(_STAGES))
    return found


def _emulator(isa_class: str) -> Emulator:
    found = emulator_for(isa_class)
    if found is None:
        raise EmulationError(
            f"no emulator here runs {isa_class} code",
            hint="QEMU emulates Helium; install qemu-system-arm",
        )
    return found


def _counts(
    firmware: Firmware, board: Board, generated: GeneratedCode, lines: LineMap
) -> StepCounts:
    isa_class, inputs = board.needed_isa_class(), sample_inputs(generated)
    if isa_class in CORES:
        return count_steps(firmware.elf, board, generated, lines, inputs)
    return count_steps_in_qemu(generated, isa_class, inputs)


def _plan(program: Program, board: Board) -> tuple[MemoryPlan, Placement]:
    """The plan, over several regions of the board where none takes the arena but these do."""
    plan, place = plan_memory(program), best_attempt(board)
    if plan.arena_bytes <= capacity_bytes(place.arena):
        return plan, place
    for rooms in rooms_of(board, SMALL_STACK_BYTES):
        try:
            spread = plan_over(program, rooms)
        except ArenaRegionsError:
            continue
        found = placed_in(place, board, spread.parts, SMALL_STACK_BYTES)
        if found is not None:
            return spread, found
    return plan, place


def _firmware(generated: GeneratedCode, board: Board, placement: Placement) -> Firmware:
    """With line tables; its code is held to that of the firmware without."""
    toolchain = toolchain_for(board.needed_isa_class())
    made = [
        link_objects(
            compile_for_class(
                generated, board.needed_isa_class(), toolchain, line_tables=line_tables
            ),
            board,
            toolchain,
            line_tables=line_tables,
            placement=placement,
        )
        for line_tables in (False, True)
    ]
    plain, lined = (read_firmware(firmware.elf).segments for firmware in made)
    if plain != lined:
        raise ToolchainError("the compiler gives other code where it tells the lines, too")
    return made[1]


def _profile(
    graph: ModelGraph,
    board: Board,
    program: Program,
    plan: MemoryPlan,
    firmware: Firmware,
    lines: LineMap,
    counts: StepCounts,
) -> Profile:
    steps = tuple(_steps(graph, program, lines, counts))
    functions = tuple(_functions(read_code(firmware.elf), lines, counts))
    instructions = sum(counts.by_step.values())
    sizes = firmware.sizes
    lives = lives_of(program, plan)
    peak = max(range(len(steps)), key=lambda index: steps[index].live_bytes, default=0)
    return Profile(
        model=graph.name,
        isa_class=board.needed_isa_class(),
        board=board.board_id,
        toolchain=firmware.toolchain,
        emulator=_emulator(board.needed_isa_class()).identity,
        instructions=instructions,
        other_instructions=counts.by_step.get(None, 0),
        code_bytes=sizes.code_bytes,
        other_code_bytes=sizes.code_bytes
        - sum(one.code_bytes for one in steps)
        - sum(one.code_bytes for one in functions),
        weights_bytes=sizes.weights_bytes,
        other_weights_bytes=sizes.weights_bytes - sum(one.weights_bytes for one in steps),
        arena_bytes=plan.arena_bytes,
        lower_bound_bytes=plan.lower_bound_bytes,
        peak_step=peak,
        peak_tensors=tuple(one.name for one in lives if one.first_step <= peak <= one.last_step),
        steps=steps,
        functions=functions,
        parts=plan.parts,
        tensors=lives,
        savings=(
            *instruction_savings(steps, instructions),
            *arena_savings(program, plan.arena_bytes),
        ),
    )


def _steps(
    graph: ModelGraph, program: Program, lines: LineMap, counts: StepCounts
) -> Iterator[StepFigures]:
    macs = _macs(graph, program, counts)
    code_bytes = _own_code(lines)
    weights = _weights(program)
    live = live_by_step(layout_of(program), len(program.steps))
    for index, step in enumerate(program.steps):
        yield StepFigures(
            index=index,
            operator=step.label,
            kernel=step.kernel,
            instructions=counts.by_step.get(index, 0),
            macs=macs[index],
            code_bytes=code_bytes[index],
            weights_bytes=weights[index],
            live_bytes=live[index],
        )


def _macs(graph: ModelGraph, program: Program, counts: StepCounts) -> list[int | None]:
    """MACs of each step: an operator's go to that of its steps that does most."""
    by_label = {run.label: run.macs for run in operator_runs(graph)}
    found: list[int | None] = [0] * len(program.steps)
    for label, macs in by_label.items():
        own = [index for index, step in enumerate(program.steps) if step.label == label]
        if own:
            found[max(own, key=lambda index: counts.by_step.get(index, 0))] = macs
    return found


def _own_code(lines: LineMap) -> Counter[int | None]:
    """Bytes of the entry function by step."""
    found: Counter[int | None] = Counter()
    ends = [*lines.places[1:], lines.end]
    for start, end, step in zip(lines.places, ends, lines.steps, strict=True):
        found[step] += end - start
    return found


def _weights(program: Program) -> list[int]:
    """Bytes of each step's constants that no earlier step has."""
    seen: set[tuple[str, bytes]] = set()
    found = []
    for step in program.steps:
        n_bytes = 0
        operands = (one for one in step.inputs if not isinstance(one, int))
        for array in (*_arrays(step.fields), *operands):
            key = (array.dtype.name, array.tobytes())
            if key not in seen:
                seen.add(key)
                n_bytes += array.nbytes
        found.append(n_bytes)
    return found


def _arrays(fields: Mapping[str, Field]) -> Iterator[Array]:
    for value in fields.values():
        if isinstance(value, Blocks):
            yield value.flat
        elif isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, Mapping):
            yield from _arrays(value)


def _functions(code: Code, lines: LineMap, counts: StepCounts) -> Iterator[FunctionFigures]:
    """All functions but the model's entry, those that run most first.

    A function may go by several names; the counts have one of them.
    """
    by_address = {code.addresses[name]: counted for name, counted in counts.by_function.items()}
    shown = []
    for address, function in code.functions.items():
        if not lines.holds(address):
            instructions, steps = by_address.get(address, (0, ()))
            n_bytes = function.end_address - address
            shown.append(FunctionFigures(function.name, instructions, n_bytes, steps))
    yield from sorted(shown, key=lambda one: (-one.instructions, -one.code_bytes, one.name))
