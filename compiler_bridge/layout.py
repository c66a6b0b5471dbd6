"""The placing problem that a program sets: blocks, which of them meet, which may overlap how.

Two blocks that are needed at the same step lie apart, with one exception: an output may reach
into an input that dies in the same step, if it starts far enough below it that the kernel has
read every byte before it is written. How far is the step's ``clearance_bytes``, a promise of the
kernel; 0 allows both to lie in the same place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fitgraph.compiler_bridge.lifetimes import (
    WORD_BYTES,
    Block,
    kept_by_loops,
    lifetimes,
    live_bytes,
)
from fitgraph.compiler_bridge.program import Program

# Of offsets and sizes as planners count them; a block may want to start at a multiple of more.
ALIGNMENT_BYTES = WORD_BYTES


@dataclass(frozen=True, slots=True)
class Layout:
    """Blocks to be placed.

    Attributes:
        blocks: by the index of the value.
        clearances: (output, input) to the bytes by which the output must start below the input
            where both overlap; absent where they must not.
    """

    blocks: Mapping[int, Block]
    clearances: Mapping[tuple[int, int], int]

    def reach(self, lower: int, upper: int) -> int:
        """Bytes from the start of ``lower`` below which ``upper`` must not start."""
        whole = self.blocks[lower].n_bytes
        return min(whole, self.clearances.get((lower, upper), whole))

    def top(self, offsets: Mapping[int, int]) -> int:
        """Bytes of an arena with the blocks at these offsets."""
        return max((offsets[key] + block.n_bytes for key, block in self.blocks.items()), default=0)

    def lower_bound(self) -> int:
        """Largest sum of live bytes over the steps, overlaps allowed; no plan needs less."""
        saved = {
            self.blocks[upper].last_step: self._overlap_bytes(lower, upper)
            for lower, upper in self.clearances
        }
        live = live_bytes(self.blocks)
        return max((n_bytes - saved.get(step, 0) for step, n_bytes in live), default=0)

    def _overlap_bytes(self, lower: int, upper: int) -> int:
        n_lower, n_upper = self.blocks[lower].n_bytes, self.blocks[upper].n_bytes
        return overlap_bytes(n_lower, n_upper, self.reach(lower, upper))


def overlap_bytes(n_lower: int, n_upper: int, reach: int) -> int:
    """Most bytes that an output and the input that it reaches into can have in common."""
    return n_lower + n_upper - max(n_lower, reach + n_upper)


def layout_of(program: Program) -> Layout:
    """The placing problem of a program."""
    blocks = lifetimes(program)
    clearances, kept = {}, kept_by_loops(program)
    for position, step in enumerate(program.steps):
        source = step.overwritable
        if source is None or step.clearance_bytes is None or program.values[source].is_state:
            continue
        (target,) = step.outputs
        ends = blocks[source].last_step == position
        if source in kept.get(position, ()):
            continue
        if ends and blocks[target].first_step == position:
            clearances[target, source] = step.clearance_bytes
    return Layout(blocks, clearances)


def n_meeting_pairs(blocks: Iterable[Block]) -> int:
    """How many pairs of blocks are needed at the same step."""
    lives = list(blocks)
    firsts, lasts = sorted(b.first_step for b in lives), sorted(b.last_step for b in lives)
    # A pair does not meet when one block ends before the other begins.
    apart = sum(bisect_left(lasts, first) for first in firsts)
    return len(lives) * (len(lives) - 1) // 2 - apart


def meeting(blocks: Mapping[int, Block]) -> dict[int, list[int]]:
    """For each block the others that it meets."""
    found: dict[int, list[int]] = {key: [] for key in blocks}
    alive: list[int] = []
    for key, block in sorted(blocks.items(), key=lambda item: (item[1].first_step, item[0])):
        alive = [other for other in alive if blocks[other].last_step >= block.first_step]
        for other in alive:
            found[key].append(other)
            found[other].append(key)
        alive.append(key)
    return found


def aligned(offset: int, alignment_bytes: int = ALIGNMENT_BYTES) -> int:
    """The next offset at which a block of that alignment may start."""
    return -(-offset // alignment_bytes) * alignment_bytes
