"""Where the values of a program lie in the arena."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """Where values lie.

    Attributes:
        offsets: value index to offset in bytes; values that no step uses are absent.
        arena_bytes: a multiple of 16.
        lower_bound_bytes: no plan with this operator order can need less. The largest sum of live
            values at any step, with each output as far over its input as its kernel allows, or
            more where the exact planner has shown that more is needed.
        apart_bytes: the same with no value over another: what a planner without overlaps needs
            at least.
    """

    offsets: Mapping[int, int]
    arena_bytes: int
    lower_bound_bytes: int
    apart_bytes: int
