"""Gives every value of a program its place in the arena.

Values that are alive at the same step must not overlap. The planner places the largest values
first, each at the lowest offset that is free for its whole life, tries a few such orders and
keeps the smallest arena. An independent check looks at the result.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heappop, heappush

from fitgraph.compiler_bridge.lifetimes import Block, lifetimes, lower_bound
from fitgraph.compiler_bridge.memory_plan import MemoryPlan
from fitgraph.compiler_bridge.plan_check import check_plan
from fitgraph.compiler_bridge.program import Program, Step

__all__ = ["MemoryPlan", "check_plan", "plan_memory"]

ALIGNMENT_BYTES = 4  # words: float32 access, and word loads of int8 kernels
ARENA_MULTIPLE_BYTES = 16


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
    source = step.overwritable
    if source is None:
        return None
    target = step.outputs[0]
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
# Pairs of blocks that meet, above which placing by size takes too long (about 10 s). The largest
# of the reference models has 40,000.
MAX_PAIRS = 2_000_000


def place(blocks: Mapping[int, Block]) -> dict[int, int]:
    """Offsets of the smallest arena that any of the orders gives."""
    if n_meeting_pairs(blocks.values()) > MAX_PAIRS:
        return _place_by_time(blocks)
    meeting = _meeting(blocks)
    attempts = [
        _place_in_order([key for key, _ in sorted(blocks.items(), key=order)], blocks, meeting)
        for order in _ORDERS
    ]
    return min(attempts, key=lambda offsets: _top(blocks, offsets))


def n_meeting_pairs(blocks: Iterable[Block]) -> int:
    """How many pairs of blocks are needed at the same step."""
    lives = list(blocks)
    firsts, lasts = sorted(b.first_step for b in lives), sorted(b.last_step for b in lives)
    # A pair does not meet when one block ends before the other begins.
    apart = sum(bisect_left(lasts, first) for first in firsts)
    return len(lives) * (len(lives) - 1) // 2 - apart


def _meeting(blocks: Mapping[int, Block]) -> dict[int, list[int]]:
    """For each block the others that it meets."""
    meeting: dict[int, list[int]] = {key: [] for key in blocks}
    alive: list[int] = []
    for key, block in sorted(blocks.items(), key=lambda item: (item[1].first_step, item[0])):
        alive = [other for other in alive if blocks[other].last_step >= block.first_step]
        for other in alive:
            meeting[key].append(other)
            meeting[other].append(key)
        alive.append(key)
    return meeting


def _top(blocks: Mapping[int, Block], offsets: Mapping[int, int]) -> int:
    return max((offsets[key] + block.n_bytes for key, block in blocks.items()), default=0)


def _place_in_order(
    keys: Sequence[int], blocks: Mapping[int, Block], meeting: Mapping[int, Sequence[int]]
) -> dict[int, int]:
    """Each block at the lowest offset where it meets no block placed before."""
    offsets: dict[int, int] = {}
    for key in keys:
        taken = sorted(
            (offsets[other], offsets[other] + blocks[other].n_bytes)
            for other in meeting[key]
            if other in offsets
        )
        offset = 0
        for start, end in taken:
            if offset + blocks[key].n_bytes <= start:
                break
            offset = max(offset, _round_up(end, ALIGNMENT_BYTES))
        offsets[key] = offset
    return offsets


def _place_by_time(blocks: Mapping[int, Block]) -> dict[int, int]:
    """As an allocator would, step by step: a freed place of the same size, else a new one."""
    offsets: dict[int, int] = {}
    free: dict[int, list[int]] = {}
    ends: list[tuple[int, int]] = []
    top = 0
    for key, block in sorted(blocks.items(), key=lambda item: (item[1].first_step, item[0])):
        while ends and ends[0][0] < block.first_step:
            dead = heappop(ends)[1]
            free.setdefault(blocks[dead].n_bytes, []).append(offsets[dead])
        places = free.get(block.n_bytes)
        if places:
            offsets[key] = places.pop()
        else:
            offsets[key] = top
            top += _round_up(block.n_bytes, ALIGNMENT_BYTES)
        heappush(ends, (block.last_step, key))
    return offsets


def _round_up(n: int, multiple: int) -> int:
    return -(-n // multiple) * multiple
