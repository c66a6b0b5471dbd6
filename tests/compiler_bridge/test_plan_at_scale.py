"""Memory plans of programs with very many steps, and with constants among the operands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.compiler_bridge.emit import emit
from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.layout import n_meeting_pairs
from fitgraph.compiler_bridge.lifetimes import Block
from fitgraph.compiler_bridge.passes.reorder import reordered
from fitgraph.compiler_bridge.place_greedy import place_by_time
from fitgraph.compiler_bridge.plan import MemoryPlan, check_plan, plan_memory
from fitgraph.compiler_bridge.program import Program, ProgramIo, Step, Value
from fitgraph.registry.model_graph import DType

N_STEPS = 100_000


def program(steps: list[Step], outputs: list[int]) -> Program:
    values = tuple(Value(f"v{i}", (16 + i % 7,), DType.INT8) for i in range(len(steps) + 1))
    ios = [ProgramIo(f"io{i}", i, values[i].shape, DType.INT8) for i in (0, *outputs)]
    return Program("many", "0" * 64, "fixed", values, tuple(steps), (ios[0],), tuple(ios[1:]))


def step(inputs: tuple[int, ...], output: int) -> Step:
    return Step("x", {}, inputs, (output,), f"step {output}")


@pytest.mark.timeout(60)
def test_a_chain_of_a_hundred_thousand_steps_is_planned_at_its_lower_bound() -> None:
    steps = [step((i,), i + 1) for i in range(N_STEPS)]
    plan = plan_memory(program(steps, [N_STEPS]))
    assert plan.arena_bytes < plan.lower_bound_bytes + 32


@pytest.mark.timeout(60)
def test_a_hundred_thousand_outputs_are_planned_in_bounded_time() -> None:
    steps = [step((0,), i + 1) for i in range(N_STEPS)]
    plan = plan_memory(program(steps, list(range(1, N_STEPS + 1))))
    assert plan.lower_bound_bytes <= plan.arena_bytes < 1.2 * plan.lower_bound_bytes


@pytest.mark.timeout(60)
def test_dozens_of_inputs_are_planned_in_bounded_time() -> None:
    """They all live at once, and each output may begin in one of them."""
    n = 60
    values = tuple(Value(f"v{i}", (100 + 37 * i % 1000,), DType.INT8) for i in range(2 * n))
    steps = [
        Step("x", {}, (i, (7 * i + 1) % n), (n + i,), f"step {i}", clearance_bytes=40)
        for i in range(n)
    ]
    ios = [ProgramIo(value.name, i, value.shape, value.dtype) for i, value in enumerate(values)]
    wide = Program("wide", "0" * 64, "fixed", values, tuple(steps), (*ios[:n],), (ios[-1],))
    plan = plan_memory(wide)
    assert plan.lower_bound_bytes <= plan.arena_bytes < 1.1 * plan.lower_bound_bytes


@pytest.mark.timeout(60)
def test_a_network_of_twenty_thousand_operators_is_written_in_bounded_time() -> None:
    """A step reads what was written long before, too."""
    steps = [step((i, max(0, i - 40)), i + 1) for i in range(20_000)]
    made = reordered(program(steps, [20_000]))
    plan = plan_memory(made)
    assert plan.arena_bytes < 1.1 * plan.lower_bound_bytes
    assert len(emit(made_of_copies(made), plan, "many").files) == 2


def made_of_copies(made: Program) -> Program:
    """Its steps call a kernel that there is."""
    steps = tuple(replace(one, kernel="fill", fields={"n": 1}) for one in made.steps)
    return replace(made, steps=steps)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 30), st.integers(0, 9)), max_size=30))
def test_pairs_that_meet_are_counted_without_looking_at_each(
    lives: list[tuple[int, int, int]],
) -> None:
    blocks = [Block(size, first, first + length) for size, first, length in lives]
    pairs = [(a, b) for i, a in enumerate(blocks) for b in blocks[:i] if a.meets(b)]
    assert n_meeting_pairs(blocks) == len(pairs)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 30), st.integers(0, 9)), max_size=30))
def test_placing_step_by_step_keeps_blocks_that_meet_apart(
    lives: list[tuple[int, int, int]],
) -> None:
    blocks = {
        i: Block(4 * size, first, first + length) for i, (size, first, length) in enumerate(lives)
    }
    offsets = place_by_time(blocks)
    for i, a in blocks.items():
        for j, b in blocks.items():
            if i < j and a.meets(b):
                apart = offsets[i] + a.n_bytes <= offsets[j] or offsets[j] + b.n_bytes <= offsets[i]
                assert apart


def test_an_output_never_takes_the_place_of_a_second_operand() -> None:
    # the first operand is a constant, so there is nothing to write over
    constant = np.zeros(16, np.int8)
    values = (Value("x", (16,), DType.INT8), Value("y", (16,), DType.INT8))
    subtract = Step("x", {}, (constant, 0), (1,), "SUB #0", clearance_bytes=0)
    ios = [ProgramIo(v.name, i, v.shape, v.dtype) for i, v in enumerate(values)]
    made = Program("sub", "0" * 64, "fixed", values, (subtract,), (ios[0],), (ios[1],))
    plan = plan_memory(made)
    assert plan.offsets[0] != plan.offsets[1]


def test_the_check_finds_a_value_that_is_read_before_it_is_written() -> None:
    made = program([step((2,), 1), step((0,), 2)], [1])
    with pytest.raises(BridgeError, match="before anything writes it"):
        check_plan(made, plan_memory_unchecked(made))


def plan_memory_unchecked(made: Program) -> MemoryPlan:
    offsets = {i: 32 * i for i in range(len(made.values))}
    return MemoryPlan(offsets, 32 * len(made.values), 0, 0)
