"""Gives every value of a program its place in the arena.

First quickly, then, where that misses the lower bound, exactly. An independent check looks at
the result.
"""

from __future__ import annotations

from collections.abc import Mapping

from fitgraph.compiler_bridge.layout import Layout, layout_of
from fitgraph.compiler_bridge.lifetimes import live_bytes
from fitgraph.compiler_bridge.memory_plan import MemoryPlan
from fitgraph.compiler_bridge.place_exact import place_exactly
from fitgraph.compiler_bridge.place_greedy import place_greedily
from fitgraph.compiler_bridge.plan_check import check_plan
from fitgraph.compiler_bridge.program import Program

__all__ = ["MemoryPlan", "check_plan", "plan_memory"]

ARENA_MULTIPLE_BYTES = 16


def plan_memory(program: Program) -> MemoryPlan:
    """Places all values.

    Raises:
        BridgeError: the plan contradicts itself (a defect of the planner).
    """
    layout = layout_of(program)
    offsets: Mapping[int, int] = place_greedily(layout)
    lower_bound_bytes = layout.lower_bound()
    if arena_multiple(layout.top(offsets)) > arena_multiple(lower_bound_bytes):
        placed = place_exactly(layout, offsets, ARENA_MULTIPLE_BYTES)
        offsets, lower_bound_bytes = placed.offsets, placed.lower_bound_bytes
    plan = MemoryPlan(
        offsets=dict(offsets),
        arena_bytes=arena_multiple(layout.top(offsets)),
        lower_bound_bytes=lower_bound_bytes,
        apart_bytes=apart_bytes(layout),
        whole_bound_bytes=lower_bound_bytes,
    )
    check_plan(program, plan)
    return plan


def arena_multiple(n_bytes: int) -> int:
    """So many bytes as a whole arena, or part of one, has."""
    return -(-n_bytes // ARENA_MULTIPLE_BYTES) * ARENA_MULTIPLE_BYTES


def apart_bytes(layout: Layout) -> int:
    """The largest sum of live values, none over another."""
    return max((n_bytes for _, n_bytes in live_bytes(layout.blocks)), default=0)
