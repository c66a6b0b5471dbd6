"""Memory plans of programs with very many steps, and with constants among the operands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.layout import n_meeting_pairs
from fitgraph.compiler_bridge.lifetimes import Block
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
