"""Places blocks in the smallest arena there is, with OR-tools' CP-SAT solver.

One worker, a fixed seed and a limit in the solver's own deterministic time make the same
problem end with the same offsets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
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
    if n_meeting_pairs(layout.blocks.values()) > MAX_PAIRS:
        return ExactPlacement(first, layout.lower_bound())
    height, step = _units(layout.top(first)), arena_multiple // ALIGNMENT_BYTES
    solution = _solved(
        _Problem(
            blocks=tuple(layout.blocks.items()),
            distances=tuple(
                (a, b, _units(layout.reach(a, b)), _units(layout.reach(b, a)))
                for a, b in meeting_pairs(layout)
            ),
            hints=tuple((key, at // ALIGNMENT_BYTES) for key, at in first.items()),
            height=height,
            step=step,
            least_steps=min(-(-layout.lower_bound() // arena_multiple), -(-height // step)),
        )
    )
    if solution is None:
        return ExactPlacement(first, layout.lower_bound())
    starts, least = solution
    found = {key: start * ALIGNMENT_BYTES for key, start in starts}
    return ExactPlacement(
        offsets=found if layout.top(found) < layout.top(first) else first,
        lower_bound_bytes=_lower_bound(layout, least, arena_multiple),
    )


@dataclass(frozen=True, slots=True)
class _Problem:
    """What the solver is asked, in units of ``ALIGNMENT_BYTES``.

    Attributes:
        blocks: by their keys.
        distances: of two blocks that meet, how far the second starts at least above the first, and
            the first above the second, whichever way they lie.
        hints: where blocks start in a plan that is known.
        height: of that plan.
        step: an arena is a multiple of it.
        least_steps: that no arena has fewer of.
    """

    blocks: tuple[tuple[int, Block], ...]
    distances: tuple[tuple[int, int, int, int], ...]
    hints: tuple[tuple[int, int], ...]
    height: int
    step: int
    least_steps: int


@lru_cache(maxsize=4)
def _solved(problem: _Problem) -> tuple[tuple[tuple[int, int], ...], float] | None:
    """Starts of the blocks and a number of steps that no arena is below; None if nothing is found.

    Kept for a while: the order of steps is chosen by what planning gives, and then planned.
    """
    from ortools.sat.python import cp_model  # noqa: PLC0415 - most programs need none of it

    model, hints = cp_model.CpModel(), dict(problem.hints)
    units = {key: _units(block.n_bytes) for key, block in problem.blocks}
    starts = {
        key: model.new_int_var(0, max(0, problem.height - size), f"start {key}")
        for key, size in units.items()
    }
    keep_alignment(model, dict(problem.blocks), starts)
    most_steps = -(-problem.height // problem.step)
    n_steps = model.new_int_var(problem.least_steps, most_steps, "arena")
    for key, size in units.items():
        model.add(starts[key] + size <= n_steps * problem.step)
        model.add_hint(starts[key], hints[key])
    for a, b, above_a, above_b in problem.distances:
        a_below = model.new_bool_var(f"{a} below {b}")
        model.add(starts[a] + above_a <= starts[b]).only_enforce_if(a_below)
        model.add(starts[b] + above_b <= starts[a]).only_enforce_if(~a_below)
    model.minimize(n_steps)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = DETERMINISTIC_LIMIT
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    found = tuple((key, solver.value(start)) for key, start in starts.items())
    return found, solver.best_objective_bound


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
