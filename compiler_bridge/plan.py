"""Gives every value of a program its place in the arena.

First quickly, then, where that misses the lower bound, exactly. An independent check looks at
the result.
"""

from __future__ import annotations

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
    offsets = place_greedily(layout)
    if _arena_bytes(layout.top(offsets)) > _arena_bytes(layout.lower_bound()):
        offsets = dict(place_exactly(layout, offsets, ARENA_MULTIPLE_BYTES))
    plan = MemoryPlan(
        offsets=offsets,
        arena_bytes=_arena_bytes(layout.top(offsets)),
        lower_bound_bytes=layout.lower_bound(),
        apart_bytes=_apart_bytes(layout),
    )
    check_plan(program, plan)
    return plan


def _arena_bytes(n_bytes: int) -> int:
    return -(-n_bytes // ARENA_MULTIPLE_BYTES) * ARENA_MULTIPLE_BYTES


def _apart_bytes(layout: Layout) -> int:
    return max((n_bytes for _, n_bytes in live_bytes(layout.blocks)), default=0)
