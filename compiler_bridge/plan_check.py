"""An independent look at a memory plan: nobody's bytes are taken while they are needed.

Several arenas are looked at as one, in which they lie side by side and no value lies in two.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate, pairwise

from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.lifetimes import lifetimes
from fitgraph.compiler_bridge.memory_plan import MemoryPlan
from fitgraph.compiler_bridge.program import Program, Step
from fitgraph.compiler_bridge.straight_line import straightened
from fitgraph.registry.model_graph import ITEM_BYTES


def check_plan(program: Program, plan: MemoryPlan) -> None:
    """Simulates the steps and looks that nobody's bytes are taken while still needed.

    Written against the steps, not against the planner's blocks. Of loops two rounds are simulated,
    of branches both.

    Raises:
        BridgeError: naming the two values and the step.
    """
    if program.regions:
        program, origins = straightened(program)
        offsets = {
            index: plan.offsets[origin]
            for index, origin in enumerate(origins)
            if origin in plan.offsets
        }
        plan = replace(plan, offsets=offsets)
    lives = lifetimes(program)
    dying: dict[int, list[int]] = {}
    for value, life in lives.items():
        dying.setdefault(life.last_step, []).append(value)
    _check_parts(plan)
    arena = _Arena(program, plan)
    for value, life in lives.items():
        if life.first_step < 0:
            arena.add(value, "before the first step")
    for value in dying.get(-1, ()):  # an input that no step reads
        arena.remove(value)
    for position, step in enumerate(program.steps):
        when = f"in {step.label}"
        arena.need(step.value_inputs, when)
        ending = set(dying.get(position, ()))
        overwritten = step.overwritable
        if overwritten in ending and arena.is_clear_of(overwritten, step):
            arena.remove(overwritten)
        for value in (*step.outputs, *step.scratch):
            arena.add(value, when)
        for value in ending:
            arena.remove(value)


def _check_parts(plan: MemoryPlan) -> None:
    """Looks that the parts are the arena, and each can start where the one before ends."""
    sizes = [part.n_bytes for part in plan.parts]
    if sizes and (sum(sizes) != plan.arena_bytes or any(size % 16 for size in sizes)):
        raise BridgeError(f"parts of {sizes} bytes are no arena of {plan.arena_bytes}")


class _Arena:
    """Which bytes are taken, by whom."""

    def __init__(self, program: Program, plan: MemoryPlan) -> None:
        self._program = program
        self._plan = plan
        self._ranges: list[tuple[int, int, int]] = []  # start, end, value; sorted, apart
        self._present: set[int] = set()
        self._borders = tuple(accumulate(part.n_bytes for part in plan.parts))

    def add(self, value: int | None, when: str) -> None:
        """Takes the value's bytes."""
        if value is None or value in self._present:
            return
        taken = self._range(value)
        if taken[0] % max(4, ITEM_BYTES[self._program.values[value].dtype]):
            name = self._program.values[value].name
            raise BridgeError(f"memory plan lays {name!r} at {taken[0]}, where C cannot read it")
        at = bisect_left(self._ranges, taken)
        around = [*self._ranges[max(at - 1, 0) : at], taken, *self._ranges[at : at + 1]]
        for first, second in pairwise(around):
            if second[0] < first[1]:
                names = (self._program.values[entry[2]].name for entry in (first, second))
                raise BridgeError(f"memory plan lays {next(names)!r} over {next(names)!r} {when}")
        if taken[0] < 0 or taken[1] > self._plan.arena_bytes:
            raise BridgeError(f"memory plan leaves the arena {when}")
        if any(taken[0] < border < taken[1] for border in self._borders):
            name = self._program.values[value].name
            raise BridgeError(f"memory plan lays {name!r} across two arenas {when}")
        self._ranges.insert(at, taken)
        self._present.add(value)

    def remove(self, value: int | None) -> None:
        """Frees the value's bytes."""
        if value is None or value not in self._present:
            return
        del self._ranges[bisect_left(self._ranges, self._range(value))]
        self._present.remove(value)

    def is_clear_of(self, overwritten: int, step: Step) -> bool:
        """Whether the step's output starts far enough below the input that it may reach into."""
        starts = {self._plan.offsets[value] + (step.clearance_bytes or 0) for value in step.outputs}
        return max(starts) <= self._plan.offsets[overwritten]

    def need(self, values: Iterable[int], when: str) -> None:
        """Looks that the values are there."""
        for value in values:
            if value not in self._present:
                name = self._program.values[value].name
                raise BridgeError(f"{name!r} is read {when} before anything writes it")

    def _range(self, value: int) -> tuple[int, int, int]:
        start = self._plan.offsets[value]
        return start, start + self._program.values[value].n_bytes, value
