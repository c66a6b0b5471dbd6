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
        lower_bound_bytes: largest sum of live values at any step, without values laid over each
            other; no plan that keeps the operator order and copies can need less.
    """

    offsets: Mapping[int, int]
    arena_bytes: int
    lower_bound_bytes: int
