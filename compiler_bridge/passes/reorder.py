"""Runs the steps in the order that needs the smallest arena."""

from __future__ import annotations

from dataclasses import replace

from fitgraph.compiler_bridge.passes.step_order import best_order
from fitgraph.compiler_bridge.plan import plan_memory
from fitgraph.compiler_bridge.program import Program


def reordered(program: Program) -> Program:
    """The program with another order of its steps, or as it is where none needs a smaller arena.

    What comes out is the same to the bit: a step still finds in each value what it found there.
    """
    order = best_order(program)
    if order is None or order.steps == tuple(range(len(program.steps))):
        return program
    found = replace(program, steps=tuple(program.steps[place] for place in order.steps))
    is_smaller = plan_memory(found).arena_bytes < plan_memory(program).arena_bytes
    return found if is_smaller else program
