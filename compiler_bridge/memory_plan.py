"""Where the values of a program lie in the arena."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class ArenaPart:
    """One of several arenas that a program works in.

    Attributes:
        room: the memory region that it was planned for.
        n_bytes: a multiple of 16.
    """

    room: str
    n_bytes: int


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Where values lie.

    Attributes:
        offsets: value index to offset in bytes; values that no step uses are absent. Of several
            parts, the second's offsets begin where the first ends, and so on.
        arena_bytes: a multiple of 16; of all parts.
        lower_bound_bytes: no plan with this operator order can need less. The largest sum of live
            values at any step, with each output as far over its input as its kernel allows, or
            more where the exact planner has shown that more is needed.
        apart_bytes: the same with no value over another: what a planner without overlaps needs
            at least.
        parts: of an arena that lies in several regions; empty where it lies in one.
        whole_bound_bytes: that no arena in one region can be below, nor one in several.
    """

    offsets: Mapping[int, int]
    arena_bytes: int
    lower_bound_bytes: int
    apart_bytes: int
    parts: tuple[ArenaPart, ...] = ()
    whole_bound_bytes: int = 0


def part_at(parts: tuple[ArenaPart, ...], offset: int) -> tuple[int, int]:
    """Number of the part that an offset lies in, and the offset from where that part begins."""
    starts = [0, *accumulate(part.n_bytes for part in parts)][: max(1, len(parts))]
    number = max(index for index, start in enumerate(starts) if start <= offset)
    return number, offset - starts[number]
