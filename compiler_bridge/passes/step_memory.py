"""What each step of a program adds to live memory, and takes off it, wherever it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fitgraph.compiler_bridge.layout import overlap_bytes
from fitgraph.compiler_bridge.program import Program, Step

# Steps done, as the bits of a number.
Done = int


@dataclass(frozen=True, slots=True)
class Use:
    """Who needs a value.

    Attributes:
        users: the steps that read or write it.
        writers: those that write it.
        from_start: whether it lives before the first step: an input or a state.
        to_end: whether it lives after the last one: an output or a state.
    """

    n_bytes: int
    users: Done
    writers: Done
    from_start: bool
    to_end: bool


@dataclass(frozen=True, slots=True)
class StepMemory:
    """The values that a step touches.

    Attributes:
        overlap: source and target that may share bytes if the one ends and the other begins
            here, and how many.
    """

    touched: tuple[int, ...]
    written: tuple[int, ...]
    overlap: tuple[int, int, int] | None


class ProgramMemory:
    """Live bytes of a program whose steps run in any order that is allowed."""

    def __init__(self, program: Program) -> None:
        self.uses = _uses(program)
        self.steps = tuple(_step_memory(program, step) for step in program.steps)
        self.at_start = sum(use.n_bytes for use in self.uses.values() if use.from_start)
        unread = (use for use in self.uses.values() if not use.users and not use.to_end)
        self.after_start = self.at_start - sum(use.n_bytes for use in unread)

    def taking(self, done: Done, live: int, step: int) -> tuple[int, int]:
        """Live bytes during a step, with an output over an input where it may be, and after it."""
        memory, after = self.steps[step], done | 1 << step
        born = (value for value in memory.written if self._begins(value, done))
        during = live + sum(self.uses[value].n_bytes for value in born)
        ending = sum(self.uses[v].n_bytes for v in memory.touched if self._ends(v, after))
        return during - self._saved(memory, done, after), during - ending

    def least(self) -> int:
        """Bytes that some step takes in every order."""
        kept = sum(use.n_bytes for use in self.uses.values() if use.from_start and use.to_end)
        return max((kept + self._alone(memory) for memory in self.steps), default=0)

    def _alone(self, memory: StepMemory) -> int:
        values = [v for v in memory.touched if not self._is_kept(v)]
        saved = memory.overlap[2] if memory.overlap else 0
        return sum(self.uses[value].n_bytes for value in values) - saved

    def _is_kept(self, value: int) -> bool:
        return self.uses[value].from_start and self.uses[value].to_end

    def _begins(self, value: int, done: Done) -> bool:
        use = self.uses[value]
        return not use.from_start and not use.writers & done

    def _ends(self, value: int, after: Done) -> bool:
        use = self.uses[value]
        return not use.to_end and not use.users & ~after

    def _saved(self, memory: StepMemory, done: Done, after: Done) -> int:
        if memory.overlap is None:
            return 0
        source, target, n_bytes = memory.overlap
        return n_bytes if self._ends(source, after) and self._begins(target, done) else 0


def _uses(program: Program) -> Mapping[int, Use]:
    users: dict[int, int] = {}
    writers: dict[int, int] = {}
    for place, step in enumerate(program.steps):
        for value in (*step.outputs, *step.scratch):
            writers[value] = writers.get(value, 0) | 1 << place
        for value in (*step.value_inputs, *step.outputs, *step.scratch):
            users[value] = users.get(value, 0) | 1 << place
    states = {index for index, value in enumerate(program.values) if value.is_state}
    inputs = {io.value for io in program.inputs} | states
    outputs = {io.value for io in program.outputs} | states
    return {
        index: Use(
            program.values[index].n_bytes,
            users.get(index, 0),
            writers.get(index, 0),
            index in inputs,
            index in outputs,
        )
        for index in sorted(users.keys() | inputs | outputs)
    }


def _step_memory(program: Program, step: Step) -> StepMemory:
    written = _once((*step.outputs, *step.scratch))
    touched = _once((*step.value_inputs, *written))
    return StepMemory(touched, written, _overlap(program, step))


def _overlap(program: Program, step: Step) -> tuple[int, int, int] | None:
    source = step.overwritable
    if source is None or step.clearance_bytes is None or program.values[source].is_state:
        return None
    (target,) = step.outputs
    lower, upper = (program.values[value].n_bytes for value in (target, source))
    return source, target, overlap_bytes(lower, upper, min(lower, step.clearance_bytes))


def _once(values: Sequence[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(values))
