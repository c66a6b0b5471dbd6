"""From which step to which each value of a program is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from fitgraph.compiler_bridge.program import Program, Value
from fitgraph.registry.model_graph import ITEM_BYTES

WORD_BYTES = 4


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes that are needed from one step to another, both included.

    Attributes:
        alignment_bytes: that they start at a multiple of; words take float32 access, and word loads
            of int8 kernels.
    """

    n_bytes: int
    first_step: int
    last_step: int
    alignment_bytes: int = WORD_BYTES

    def meets(self, other: Block) -> bool:
        """Whether both are needed at some step."""
        return self.first_step <= other.last_step and other.first_step <= self.last_step


def lifetimes(program: Program) -> dict[int, Block]:
    """First and last step of each value; inputs live from the start, outputs to the end."""
    last = len(program.steps)
    touched: dict[int, list[int]] = {}
    for position, step in enumerate(program.steps):
        for value in (*step.value_inputs, *step.outputs, *step.scratch):
            touched.setdefault(value, []).append(position)
    for io in program.inputs:
        touched.setdefault(io.value, []).append(-1)
    for io in program.outputs:
        touched.setdefault(io.value, []).append(last)
    for index, one in enumerate(program.values):
        if one.is_state:
            touched.setdefault(index, []).extend((-1, last))
    return {
        index: Block(
            program.values[index].n_bytes, min(steps), max(steps), _alignment(program.values[index])
        )
        for index, steps in touched.items()
    }


def _alignment(value: Value) -> int:
    """What a pointer to the value's elements must be a multiple of in C."""
    return max(WORD_BYTES, ITEM_BYTES[value.dtype])


def live_bytes(lives: Mapping[int, Block]) -> list[tuple[int, int]]:
    """Steps at which the sum of live bytes changes, in order, each with the sum from there on."""
    changes: dict[int, int] = {}
    for life in lives.values():
        changes[life.first_step] = changes.get(life.first_step, 0) + life.n_bytes
        changes[life.last_step + 1] = changes.get(life.last_step + 1, 0) - life.n_bytes
    steps = sorted(changes)
    return list(zip(steps, accumulate(changes[step] for step in steps), strict=True))
