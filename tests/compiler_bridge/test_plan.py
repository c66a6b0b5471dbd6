"""The memory planner, held to its own independent check and to the lower bound."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from fitgraph.compiler_bridge.errors import BridgeError
from fitgraph.compiler_bridge.layout import Layout, layout_of
from fitgraph.compiler_bridge.lifetimes import Block
from fitgraph.compiler_bridge.place_exact import place_exactly
from fitgraph.compiler_bridge.place_greedy import place_by_time, place_greedily
from fitgraph.compiler_bridge.plan import check_plan, plan_memory
from fitgraph.compiler_bridge.program import Program, ProgramIo, Step, Value
from fitgraph.registry.model_graph import DType
from tests.support.random_programs import programs


def chain(sizes: list[int], *, clearance_bytes: int | None = None) -> Program:
    """Each step reads one value and writes the next."""
    values = tuple(Value(f"v{i}", (size,), DType.INT8) for i, size in enumerate(sizes))
    steps = tuple(
        Step("lookup_s8", {}, (i,), (i + 1,), f"step {i}", clearance_bytes)
        for i in range(len(sizes) - 1)
    )
    ends = [ProgramIo(values[i].name, i, values[i].shape, DType.INT8) for i in (0, len(sizes) - 1)]
    return Program("chain", "0" * 64, "fixed", values, steps, (ends[0],), (ends[1],))


@given(programs())
def test_no_two_live_values_overlap(program: Program) -> None:
    check_plan(program, plan_memory(program))


@given(programs(dtypes=(DType.INT8, DType.INT64)))
@settings(deadline=None)
def test_values_of_eight_bytes_lie_where_c_can_read_them(program: Program) -> None:
    """In plans that were made exactly, quickly, and step by step."""
    check_plan(program, plan_memory(program))
    layout = layout_of(program)
    by_time = place_by_time(layout.blocks)
    for offsets in (by_time, place_greedily(layout), place_exactly(layout, by_time, 16).offsets):
        assert not [
            key for key, block in layout.blocks.items() if offsets[key] % block.alignment_bytes
        ]


def test_the_check_finds_a_value_that_c_cannot_read() -> None:
    program = chain([64, 320])
    wide = replace(program.values[1], dtype=DType.INT64, shape=(40,))
    program = replace(program, values=(program.values[0], wide))
    good = plan_memory(program)
    check_plan(program, good)
    far = replace(good, arena_bytes=800, offsets={0: 0, 1: 100})
    with pytest.raises(BridgeError, match="'v1' at 100, where C cannot read it"):
        check_plan(program, far)


@given(programs())
def test_without_overlays_no_plan_is_below_the_lower_bound(program: Program) -> None:
    plain = replace(program, steps=tuple(replace(s, clearance_bytes=None) for s in program.steps))
    plan = plan_memory(plain)
    assert plan.arena_bytes >= plan.lower_bound_bytes
    assert plan.arena_bytes % 16 == 0


def test_a_chain_needs_its_two_largest_neighbours() -> None:
    plan = plan_memory(chain([64, 320, 160, 32]))
    assert plan.arena_bytes == plan.lower_bound_bytes == 480


@given(programs())
def test_no_plan_is_below_the_lower_bound(program: Program) -> None:
    plan = plan_memory(program)
    assert plan.lower_bound_bytes <= plan.arena_bytes
    assert layout_of(program).lower_bound() <= min(plan.lower_bound_bytes, plan.apart_bytes)


@given(programs())
@settings(max_examples=30)
def test_the_exact_plan_is_never_larger_than_the_quick_one(program: Program) -> None:
    layout = layout_of(program)
    quick = place_greedily(layout)
    assert layout.top(place_exactly(layout, quick, 16).offsets) <= layout.top(quick)


def test_an_output_reaches_into_its_input_by_all_that_the_kernel_allows() -> None:
    plan = plan_memory(chain([320, 320], clearance_bytes=40))
    assert plan.offsets[0] == plan.offsets[1] + 40
    assert plan.arena_bytes == 368
    assert plan.lower_bound_bytes == 360
    assert plan.apart_bytes == 640


def test_the_check_finds_an_output_that_reaches_too_far_into_its_input() -> None:
    program = chain([320, 320], clearance_bytes=40)
    good = plan_memory(program)
    with pytest.raises(BridgeError, match="over"):
        check_plan(program, replace(good, offsets={**good.offsets, 1: good.offsets[1] + 4}))


def test_an_exact_plan_meets_the_bound_where_the_quick_one_does_not() -> None:
    """Three blocks that a quick planner stacks in the wrong order."""
    sizes = [4, 8, 4, 8, 8, 12, 4, 4, 12]
    lives = [(0, 2), (1, 3), (2, 5), (4, 6), (5, 8), (3, 4), (6, 9), (7, 9), (7, 8)]
    blocks = {i: Block(n, *life) for i, (n, life) in enumerate(zip(sizes, lives, strict=True))}
    layout = Layout(blocks, {})
    found = place_exactly(layout, place_by_time(blocks), 4).offsets
    assert layout.top(found) == layout.lower_bound()


def test_the_bound_is_what_the_solver_has_shown() -> None:
    """Each output must start below its input, until there is no room below."""
    plan = plan_memory(chain([320, 320, 320, 320], clearance_bytes=64))
    assert plan.lower_bound_bytes == plan.arena_bytes > 320 + 64


def test_an_output_may_take_the_place_of_an_input_that_dies() -> None:
    plan = plan_memory(chain([64, 64, 64], clearance_bytes=0))
    assert plan.arena_bytes == 64
    assert len(set(plan.offsets.values())) == 1


def test_the_check_finds_an_overlap() -> None:
    program = chain([64, 320, 160, 32])
    good = plan_memory(program)
    bad = replace(good, offsets={**good.offsets, 1: good.offsets[2]})
    with pytest.raises(BridgeError, match="over"):
        check_plan(program, bad)


def test_the_check_finds_a_value_outside_the_arena() -> None:
    program = chain([64, 320])
    good = plan_memory(program)
    with pytest.raises(BridgeError, match="leaves the arena"):
        check_plan(program, replace(good, arena_bytes=320))


def test_state_stays_where_it_is_for_the_whole_run() -> None:
    program = chain([64, 320, 160, 32])
    state = Value("state", (100,), DType.INT8, is_state=True)
    with_state = replace(program, values=(*program.values, state))
    plan = plan_memory(with_state)
    assert plan.lower_bound_bytes == 580
    check_plan(with_state, plan)
