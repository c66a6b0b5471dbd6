"""Gives every value of a program its place in the arena.

Values that are alive at the same step must not overlap. The planner places the largest values
first, each at the lowest offset that is free for its whole life, tries a few such orders and
keeps the smallest arena. An independent check looks at the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.program import Program, Step

ALIGNMENT_BYTES = 4  # words: float32 access, and word loads of int8 kernels
ARENA_MULTIPLE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes that are needed from one step to another, both included."""

    n_bytes: int
    first_step: int
    last_step: int

    def meets(self, other: Block) -> bool:
        """Whether both are needed at some step."""
        return self.first_step <= other.last_step and other.first_step <= self.last_step


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Where values lie.

    Attributes:
        offsets: value index to offset in bytes; values that no step uses are absent.
        arena_bytes: a multiple of 16.
        lower_bound_bytes: largest sum of live values at any step, without values laid over each
            other; no plan that keeps the operator order and copies can need less.
    """

    offsets: Mapping[int, int]
    arena_bytes: int
    lower_bound_bytes: int


def plan_memory(program: Program) -> MemoryPlan:
    """Places all values.

    Raises:
        BridgeError: the plan contradicts itself (a defect of the planner).
    """
    lives = lifetimes(program)
    owner = _overlays(program, lives)
    blocks = _merged(lives, owner)
    placed = place(blocks)
    offsets = {value: placed[owner[value]] for value in lives}
    top = max((placed[key] + block.n_bytes for key, block in blocks.items()), default=0)
    plan = MemoryPlan(offsets, _round_up(top, ARENA_MULTIPLE_BYTES), lower_bound(lives))
    check_plan(program, plan)
    return plan


def lifetimes(program: Program) -> dict[int, Block]:
    """First and last step of each value; inputs live from the start, outputs to the end."""
    last = len(program.steps)
    touched: dict[int, list[int]] = {}
    for position, step in enumerate(program.steps):
        for value in (*step.value_inputs, *step.outputs):
            touched.setdefault(value, []).append(position)
    for io in program.inputs:
        touched.setdefault(io.value, []).append(-1)
    for io in program.outputs:
        touched.setdefault(io.value, []).append(last)
    for index, value in enumerate(program.values):
        if value.is_state:
            touched.setdefault(index, []).extend((-1, last))
    return {
        index: Block(program.values[index].n_bytes, min(steps), max(steps))
        for index, steps in touched.items()
    }


def lower_bound(lives: Mapping[int, Block]) -> int:
    """Largest sum of live bytes over the steps."""
    steps = {life.first_step for life in lives.values()}
    return max(
        (
            sum(b.n_bytes for b in lives.values() if b.first_step <= step <= b.last_step)
            for step in steps
        ),
        default=0,
    )


def _overlays(program: Program, lives: Mapping[int, Block]) -> dict[int, int]:
    """Value to the value whose place it takes: outputs that may be written over their input."""
    owner = {value: value for value in lives}
    for position, step in enumerate(program.steps):
        source = _overwritten(program, lives, position, step)
        if source is not None:
            owner[step.outputs[0]] = owner[source]
    return owner


def _overwritten(
    program: Program, lives: Mapping[int, Block], position: int, step: Step
) -> int | None:
    """The input that dies in this step and whose bytes the output may take."""
    if not step.may_overwrite or not step.value_inputs or step.inputs[0] not in lives:
        return None
    source, target = step.value_inputs[0], step.outputs[0]
    dies = lives[source].last_step == position and lives[target].first_step == position
    fits = lives[target].n_bytes <= lives[source].n_bytes
    return source if dies and fits and not program.values[source].is_state else None


def _merged(lives: Mapping[int, Block], owner: Mapping[int, int]) -> dict[int, Block]:
    """One block for each group of values that share a place."""
    groups: dict[int, list[Block]] = {}
    for value, life in lives.items():
        groups.setdefault(owner[value], []).append(life)
    return {
        key: Block(
            max(life.n_bytes for life in group),
            min(life.first_step for life in group),
            max(life.last_step for life in group),
        )
        for key, group in groups.items()
    }


Order = Callable[[tuple[int, Block]], tuple[int, ...]]

# Orders of placement; size first is the best single one (Pisarchyk & Lee 2020, section 5).
_ORDERS: Sequence[Order] = (
    lambda item: (-item[1].n_bytes, item[1].first_step, item[0]),
    lambda item: (-item[1].n_bytes * (1 + item[1].last_step - item[1].first_step), item[0]),
    lambda item: (item[1].first_step, -item[1].n_bytes, item[0]),
    lambda item: (-item[1].last_step, -item[1].n_bytes, item[0]),
)


def place(blocks: Mapping[int, Block]) -> dict[int, int]:
    """Offsets of the smallest arena that any of the orders gives."""
    attempts = [_place_in_order(sorted(blocks.items(), key=order)) for order in _ORDERS]
    return min(attempts, key=lambda offsets: _top(blocks, offsets))


def _top(blocks: Mapping[int, Block], offsets: Mapping[int, int]) -> int:
    return max((offsets[key] + block.n_bytes for key, block in blocks.items()), default=0)


def _place_in_order(items: Sequence[tuple[int, Block]]) -> dict[int, int]:
    """Each block at the lowest offset where it meets no block placed before."""
    placed: list[tuple[int, int, Block]] = []
    offsets: dict[int, int] = {}
    for key, block in items:
        offset = 0
        for start, end, other in sorted(placed, key=lambda entry: entry[0]):
            if not block.meets(other):
                continue
            if offset + block.n_bytes <= start:
                break
            offset = max(offset, _round_up(end, ALIGNMENT_BYTES))
        offsets[key] = offset
        placed.append((offset, offset + block.n_bytes, block))
    return offsets


def check_plan(program: Program, plan: MemoryPlan) -> None:
    """Simulates the steps and looks that nobody's bytes are taken while still needed.

    Written against the steps, not against the planner's blocks.

    Raises:
        BridgeError: naming the two values and the step.
    """
    needed_until = {value: life.last_step for value, life in lifetimes(program).items()}
    alive = {io.value for io in program.inputs}
    alive |= {index for index, value in enumerate(program.values) if value.is_state}
    _check_apart(program, plan, alive, "before the first step")
    for position, step in enumerate(program.steps):
        kept = {value for value in alive if needed_until[value] > position}
        overwritten = step.value_inputs[:1] if step.may_overwrite else ()
        read = {value for value in step.value_inputs if value not in overwritten}
        busy = kept | read | set(step.outputs)
        _check_apart(program, plan, busy, f"in {step.label}")
        alive = kept | set(step.outputs)


def _check_apart(program: Program, plan: MemoryPlan, values: set[int], when: str) -> None:
    ranges = sorted(
        (plan.offsets[v], plan.offsets[v] + program.values[v].n_bytes, v) for v in values
    )
    for (_, end, first), (start, _, second) in zip(ranges, ranges[1:], strict=False):
        if start < end:
            names = program.values[first].name, program.values[second].name
            raise BridgeError(f"memory plan lays {names[0]!r} over {names[1]!r} {when}")
    if ranges and (ranges[0][0] < 0 or ranges[-1][1] > plan.arena_bytes):
        raise BridgeError(f"memory plan leaves the arena {when}")


def _round_up(n: int, multiple: int) -> int:
    return -(-n // multiple) * multiple
