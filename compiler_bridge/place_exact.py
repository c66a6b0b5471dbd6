"""Places blocks in the smallest arena there is, with OR-tools' CP-SAT solver.

One worker, a fixed seed and a limit in the solver's own deterministic time make the same
problem end with the same offsets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fitgraph.compiler_bridge.layout import (
    ALIGNMENT_BYTES,
    Layout,
    aligned,
    meeting,
    n_meeting_pairs,
)

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

    from fitgraph.compiler_bridge.lifetimes import Block

# Pairs that meet, above which the solver would take longer than a build.
MAX_PAIRS = 3_000
# Some seconds on a machine of 2020 (OR-tools, sat_parameters.proto, max_deterministic_time).
DETERMINISTIC_LIMIT = 2.0


@dataclass(frozen=True, slots=True)
class ExactPlacement:
    """Where blocks lie, in bytes, and an arena below which the solver has shown nothing to lie."""

    offsets: Mapping[int, int]
    lower_bound_bytes: int


def place_exactly(layout: Layout, first: Mapping[int, int], arena_multiple: int) -> ExactPlacement:
    """An arena that is no larger than that of ``first``.

    Args:
        first: offsets of a plan to start from, which comes back if nothing better is found.
        arena_multiple: bytes; an arena is as good as another with the same multiple.
    """
    from ortools.sat.python import cp_model  # noqa: PLC0415 - most programs need none of it

    if n_meeting_pairs(layout.blocks.values()) > MAX_PAIRS:
        return ExactPlacement(first, layout.lower_bound())
    units = {key: _units(block.n_bytes) for key, block in layout.blocks.items()}
    height = _units(layout.top(first))
    model = cp_model.CpModel()
    starts = {
        key: model.new_int_var(0, max(0, height - size), f"start {key}")
        for key, size in units.items()
    }
    keep_alignment(model, layout.blocks, starts)
    step = arena_multiple // ALIGNMENT_BYTES
    lowest = -(-layout.lower_bound() // arena_multiple)
    n_steps = model.new_int_var(min(lowest, -(-height // step)), -(-height // step), "arena")
    for key, size in units.items():
        model.add(starts[key] + size <= n_steps * step)
        model.add_hint(starts[key], first[key] // ALIGNMENT_BYTES)
    for a, b in meeting_pairs(layout):
        a_below = model.new_bool_var(f"{a} below {b}")
        model.add(starts[a] + _units(layout.reach(a, b)) <= starts[b]).only_enforce_if(a_below)
        model.add(starts[b] + _units(layout.reach(b, a)) <= starts[a]).only_enforce_if(~a_below)
    model.minimize(n_steps)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = DETERMINISTIC_LIMIT
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return ExactPlacement(first, layout.lower_bound())
    found = {key: solver.value(start) * ALIGNMENT_BYTES for key, start in starts.items()}
    return ExactPlacement(
        offsets=found if layout.top(found) < layout.top(first) else first,
        lower_bound_bytes=_lower_bound(layout, solver.best_objective_bound, arena_multiple),
    )


def _lower_bound(layout: Layout, steps: float, arena_multiple: int) -> int:
    """The sum of what is live, unless the solver has shown that an arena must be larger still."""
    live = layout.lower_bound()
    shown = round(steps) * arena_multiple
    return shown if shown >= live + arena_multiple else live


def meeting_pairs(layout: Layout) -> Iterator[tuple[int, int]]:
    """Pairs of blocks that meet, each once."""
    for key, others in meeting(layout.blocks).items():
        yield from ((key, other) for other in others if key < other)


def keep_alignment(
    model: cp_model.CpModel, blocks: Mapping[int, Block], starts: Mapping[int, cp_model.IntVar]
) -> None:
    """Lets blocks that want more than a unit's alignment start at multiples of it.

    Args:
        starts: of each block, in units of ``ALIGNMENT_BYTES``.
    """
    for key, block in blocks.items():
        if block.alignment_bytes > ALIGNMENT_BYTES:
            model.add_modulo_equality(0, starts[key], block.alignment_bytes // ALIGNMENT_BYTES)


def _units(n_bytes: int) -> int:
    return aligned(n_bytes) // ALIGNMENT_BYTES
