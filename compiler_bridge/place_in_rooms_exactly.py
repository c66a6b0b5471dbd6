"""Places blocks in several rooms with OR-tools' CP-SAT solver: the fewest bytes, then the fastest.

First the sum of what the rooms need is made as small as it can be, which tells a lower bound, too.
Then, in no more bytes, the traffic in slower rooms. Both by one worker, with a fixed seed and a
limit in the solver's own deterministic time, so that the same problem ends with the same offsets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fitgraph.compiler_bridge.layout import ALIGNMENT_BYTES, Layout, aligned, n_meeting_pairs
from fitgraph.compiler_bridge.place_exact import (
    DETERMINISTIC_LIMIT,
    MAX_PAIRS,
    keep_alignment,
    meeting_pairs,
)
from fitgraph.compiler_bridge.rooms import Rooms

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

_FOUND = ("OPTIMAL", "FEASIBLE")


@dataclass(frozen=True, slots=True)
class RoomsPlacement:
    """What was found.

    Attributes:
        offsets: of the rooms side by side; None where nothing was found.
        lower_bound_bytes: that all rooms together have been shown to need; 0 where nothing was.
        is_impossible: whether it was shown that the rooms do not hold the blocks.
    """

    offsets: Mapping[int, int] | None
    lower_bound_bytes: int = 0
    is_impossible: bool = False


@dataclass(frozen=True, slots=True)
class _Problem:
    model: cp_model.CpModel
    starts: Mapping[int, cp_model.IntVar]
    is_in: Mapping[tuple[int, int], cp_model.IntVar]
    n_steps: tuple[cp_model.IntVar, ...]


def place_in_rooms_exactly(
    layout: Layout,
    rooms: Rooms,
    heat: Mapping[int, int],
    first: Mapping[int, int] | None,
    room_multiple: int,
) -> RoomsPlacement:
    """Offsets that need no more bytes than ``first``, and no more traffic in slower rooms.

    Args:
        heat: traffic of each block.
        first: a plan to start from, which comes back if nothing better is found.
        room_multiple: bytes; a room that takes fewer of them is as good as another.
    """
    if n_meeting_pairs(layout.blocks.values()) > MAX_PAIRS:
        return RoomsPlacement(first)
    problem = _problem(layout, rooms, room_multiple)
    total = sum(problem.n_steps)
    if first is not None:
        _hint(problem, rooms, first)
    problem.model.add(total >= -(-layout.lower_bound() // room_multiple))
    problem.model.minimize(total)
    solver, status = _solve(problem)
    if status == "INFEASIBLE":
        return RoomsPlacement(None, is_impossible=True)
    if status not in _FOUND:
        return RoomsPlacement(first)
    bound = round(solver.best_objective_bound) * room_multiple
    smallest = _offsets(problem, solver)
    problem.model.add(total <= round(solver.objective_value))
    _hint(problem, rooms, smallest)
    problem.model.minimize(
        sum(room * heat[key] * literal for (key, room), literal in problem.is_in.items())
    )
    solver, status = _solve(problem)
    return RoomsPlacement(_offsets(problem, solver) if status in _FOUND else smallest, bound)


def _problem(layout: Layout, rooms: Rooms, room_multiple: int) -> _Problem:
    from ortools.sat.python import cp_model  # noqa: PLC0415 - most programs need none of it

    model = cp_model.CpModel()
    step = room_multiple // ALIGNMENT_BYTES
    begins = [start // ALIGNMENT_BYTES for start in rooms.starts]
    n_steps = tuple(
        model.new_int_var(0, room.capacity_bytes // room_multiple, f"room {number}")
        for number, room in enumerate(rooms.all)
    )
    starts, is_in = {}, {}
    for key, block in layout.blocks.items():
        size = aligned(block.n_bytes) // ALIGNMENT_BYTES
        starts[key] = model.new_int_var(0, max(0, begins[-1] - size), f"start {key}")
        for number in range(len(rooms.all)):
            literal = model.new_bool_var(f"{key} in {number}")
            model.add(starts[key] >= begins[number]).only_enforce_if(literal)
            end = begins[number] + n_steps[number] * step
            model.add(starts[key] + size <= end).only_enforce_if(literal)
            is_in[key, number] = literal
        model.add_exactly_one(is_in[key, number] for number in range(len(rooms.all)))
    keep_alignment(model, layout.blocks, starts)
    for a, b in meeting_pairs(layout):
        a_below = model.new_bool_var(f"{a} below {b}")
        for below, above, is_so in ((a, b, a_below), (b, a, ~a_below)):
            reach = aligned(layout.reach(below, above)) // ALIGNMENT_BYTES
            model.add(starts[below] + reach <= starts[above]).only_enforce_if(is_so)
    return _Problem(model, starts, is_in, n_steps)


def _hint(problem: _Problem, rooms: Rooms, offsets: Mapping[int, int]) -> None:
    problem.model.clear_hints()  # type: ignore[no-untyped-call]
    for key, start in problem.starts.items():
        problem.model.add_hint(start, offsets[key] // ALIGNMENT_BYTES)
    for (key, room), literal in problem.is_in.items():
        problem.model.add_hint(literal, rooms.of(offsets[key]) == room)


def _solve(problem: _Problem) -> tuple[cp_model.CpSolver, str]:
    from ortools.sat.python import cp_model  # noqa: PLC0415 - see above

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = DETERMINISTIC_LIMIT
    return solver, solver.status_name(solver.solve(problem.model))


def _offsets(problem: _Problem, solver: cp_model.CpSolver) -> dict[int, int]:
    return {key: solver.value(start) * ALIGNMENT_BYTES for key, start in problem.starts.items()}
