"""From which step to which each value of a program is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from fitgraph.compiler_bridge.program import Program, Value
from fitgraph.compiler_bridge.regions import carried, loops, uses
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
    """First and last step of each value; inputs live from the start, outputs to the end.

    What a loop keeps from round to round lives through all of it.
    """
    touched = touches(program)
    for span in loops(program):
        for value in carried(program, span, touched):
            touched[value] = sorted((*touched[value], span.first, span.end - 1))
    return {
        index: Block(
            program.values[index].n_bytes, min(steps), max(steps), _alignment(program.values[index])
        )
        for index, steps in touched.items()
    }


def touches(program: Program) -> dict[int, list[int]]:
    """Positions of the steps that use a value, with one before or behind all where it lives there.

    In order for all but inputs, outputs and states.
    """
    last = len(program.steps)
    touched = uses(program)
    for io in program.inputs:
        touched.setdefault(io.value, []).append(-1)
    for io in program.outputs:
        touched.setdefault(io.value, []).append(last)
    for index, one in enumerate(program.values):
        if one.is_state:
            touched.setdefault(index, []).extend((-1, last))
    return touched


def kept_by_loops(program: Program) -> dict[int, frozenset[int]]:
    """Positions of the last steps of loops, each with the values that live on to the next round."""
    found: dict[int, frozenset[int]] = {}
    touched = touches(program) if program.regions else {}
    for span in loops(program):
        last = span.end - 1
        found[last] = found.get(last, frozenset()) | carried(program, span, touched)
    return found


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
