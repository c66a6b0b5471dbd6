"""Programs of branches, and what their steps compute told by symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from fitgraph.compiler_bridge.program import Program, ProgramIo, Step, Value
from fitgraph.registry.model_graph import DType


@st.composite
def branching_programs(draw: st.DrawFn, most_steps: int = 9) -> Program:
    """Steps that read any earlier values; some write into part of a value, some into a state."""
    n = draw(st.integers(1, most_steps))
    sizes = draw(st.lists(st.integers(1, 400), min_size=n + 2, max_size=n + 2))
    values = [Value(f"v{i}", (size,), DType.INT8) for i, size in enumerate(sizes)]
    state = len(values) - 1
    has_state = draw(st.booleans())
    values[state] = replace(values[state], is_state=has_state)
    steps, known = [], [0, state] if has_state else [0]
    for i in range(1, n + 1):
        inputs = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
        again = [v for v in known if v and v not in inputs]
        output = draw(st.sampled_from([i, i, i, *again]))
        clearance = draw(st.one_of(st.none(), st.integers(0, 400)))
        steps.append(Step("x", {}, tuple(inputs), (output,), f"step {i}", clearance))
        if output not in known:
            known.append(output)
    last = draw(st.sampled_from([value for value in known if value not in (0, state)] or [0]))
    ios = [ProgramIo(values[i].name, i, values[i].shape, DType.INT8) for i in (0, last)]
    program = Program("branches", "0" * 64, "fixed", tuple(values), tuple(steps), (), ())
    return replace(program, inputs=(ios[0],), outputs=(ios[1],) if last else ())


def symbols(program: Program) -> dict[int, object]:
    """What outputs and states hold in the end, as the expression that computed it.

    A step's expression holds what it found in each value that it reads, and in those that it
    writes, since it may leave a part of them as it was.
    """
    held: dict[int, object] = {io.value: f"input {io.value}" for io in program.inputs}
    for step in program.steps:
        found = tuple(held.get(value) for value in (*step.value_inputs, *step.outputs))
        for value in step.outputs:
            held[value] = (step.label, found)
    kept = {io.value for io in program.outputs}
    kept |= {index for index, value in enumerate(program.values) if value.is_state}
    return {value: held.get(value) for value in kept}


def found_by_step(program: Program) -> dict[str, object]:
    """What each step finds in the values that it touches, in the same way."""
    held: dict[int, object] = {io.value: f"input {io.value}" for io in program.inputs}
    by_step: dict[str, object] = {}
    for step in program.steps:
        found = tuple(held.get(value) for value in (*step.value_inputs, *step.outputs))
        by_step[step.label] = found
        held |= dict.fromkeys(step.outputs, (step.label, found))
    return by_step


def in_order(program: Program, order: Sequence[int]) -> Program:
    """The program with its steps in another order."""
    return replace(program, steps=tuple(program.steps[place] for place in order))
