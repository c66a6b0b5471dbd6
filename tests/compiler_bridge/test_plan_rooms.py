"""An arena over several regions: nobody's bytes are taken, and none of a tiny one are wasted."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fitgraph.compiler_bridge.emit import emit
from fitgraph.compiler_bridge.errors import ArenaRegionsError, BridgeError
from fitgraph.compiler_bridge.generate import lower
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.lifetimes import Block, lifetimes
from fitgraph.compiler_bridge.memory_plan import MemoryPlan, part_at
from fitgraph.compiler_bridge.plan import check_plan, plan_memory
from fitgraph.compiler_bridge.plan_rooms import plan_over
from fitgraph.compiler_bridge.program import Program
from fitgraph.compiler_bridge.rooms import Room
from fitgraph.registry.model_graph import DType, ModelGraph
from fitgraph.registry.read_model import read_model
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.random_programs import programs
from tests.support.tflite_chains import random_chain

SIZES = st.lists(st.integers(0, 40).map(lambda n: 16 * n), min_size=1, max_size=3)


def rooms_of(sizes: list[int]) -> list[Room]:
    return [Room(f"R{number}", size) for number, size in enumerate(sizes)]


def planned(program: Program, sizes: list[int]) -> MemoryPlan | None:
    try:
        return plan_over(program, rooms_of(sizes))
    except ArenaRegionsError:
        return None


@given(programs(dtypes=(DType.INT8, DType.INT64)), SIZES)
@settings(max_examples=60, deadline=None)
def test_each_value_lies_in_one_room_and_no_two_live_ones_overlap(
    program: Program, sizes: list[int]
) -> None:
    plan = planned(program, sizes)
    if plan is None:
        return
    check_plan(program, plan)
    taken = {part.room: part.n_bytes for part in plan.parts}
    assert all(n_bytes <= sizes[int(room[1:])] for room, n_bytes in taken.items())
    assert plan.arena_bytes == sum(taken.values()) >= plan.lower_bound_bytes
    assert plan.whole_bound_bytes <= plan.arena_bytes
    for index, block in lifetimes(program).items():
        part, offset = part_at(plan.parts, plan.offsets[index])
        assert offset + block.n_bytes <= plan.parts[part].n_bytes


@given(programs(4, 150, overlays=False), st.lists(st.sampled_from([0, 64, 128, 160, 256]),
       min_size=1, max_size=2))  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_a_tiny_program_takes_as_few_bytes_as_there_are_ways_tried_by_hand(
    program: Program, sizes: list[int]
) -> None:
    """Every choice of rooms, and in each every order of laying blocks as low as they go."""
    plan = planned(program, sizes)
    least = fewest_bytes(list(lifetimes(program).values()), sizes)
    whole = plan_memory(program).arena_bytes
    if whole <= sizes[0]:
        assert plan is not None
        assert plan.arena_bytes == whole
    else:
        assert (None if plan is None else plan.arena_bytes) == least


def fewest_bytes(blocks: list[Block], sizes: list[int]) -> int | None:
    found = []
    for choice in product(range(len(sizes)), repeat=len(blocks)):
        tops = [
            lowest_top(
                [block for block, room in zip(blocks, choice, strict=True) if room == number]
            )
            for number in range(len(sizes))
        ]
        if all(top <= size for top, size in zip(tops, sizes, strict=True)):
            found.append(sum(-(-top // 16) * 16 for top in tops))
    return min(found, default=None)


def lowest_top(blocks: list[Block]) -> int:
    return min((top_of(order) for order in permutations(blocks)), default=0)


def top_of(order: tuple[Block, ...]) -> int:
    placed: list[tuple[int, Block]] = []
    for block in order:
        ends = sorted({0, *(-(-(at + other.n_bytes) // 4) * 4 for at, other in placed)})
        placed.append(
            next(
                (at, block)
                for at in ends
                if all(
                    not block.meets(other)
                    or at >= there + other.n_bytes
                    or there >= at + block.n_bytes
                    for there, other in placed
                )
            )
        )
    return max((at + block.n_bytes for at, block in placed), default=0)


@given(programs(), st.integers(0, 20))
@settings(max_examples=30, deadline=None)
def test_what_one_room_holds_lies_in_it_as_without_rooms(program: Program, more: int) -> None:
    whole = plan_memory(program)
    plan = plan_over(program, rooms_of([whole.arena_bytes + 16 * more, 4096]))
    assert plan.offsets == whole.offsets
    assert [part.room for part in plan.parts] == ["R0"]


def test_a_room_that_cannot_hold_its_largest_value_is_refused_at_once() -> None:
    program = lower(read_tflite_chain(3))
    with pytest.raises(ArenaRegionsError, match=r"cannot be laid into .* R0 16 B") as caught:
        plan_over(program, rooms_of([16]))
    assert caught.value.is_impossible
    with pytest.raises(ArenaRegionsError, match="leave: nothing"):
        plan_over(program, rooms_of([0, 0]))


def split_plan(program: Program) -> MemoryPlan:
    """The first plan over two rooms that are each too small for all."""
    whole = plan_memory(program).arena_bytes
    for share in (0.55, 0.65, 0.75, 0.85, 0.95):
        plan = planned(program, [int(whole * share)] * 2)
        if plan is not None and len(plan.parts) == 2:
            return plan
    pytest.skip("no two halves hold it")


def read_tflite_chain(seed: int) -> ModelGraph:
    return read_tflite(random_chain(seed, dead_share=0.0).content(), "chain")


def test_the_check_finds_a_value_across_two_arenas() -> None:
    program = lower(read_tflite_chain(3))
    plan = split_plan(program)
    first, second = plan.parts
    moved = (
        replace(first, n_bytes=first.n_bytes - 16),
        replace(second, n_bytes=second.n_bytes + 16),
    )
    with pytest.raises(BridgeError, match="across two arenas"):
        check_plan(program, replace(plan, parts=moved))
    with pytest.raises(BridgeError, match="no arena of"):
        check_plan(program, replace(plan, parts=(first,)))


@pytest.mark.parametrize("name", ["ccb47716_image_classification", "0689abe1_okay_nabu"])
def test_a_network_in_two_arenas_computes_the_same(shared_data: Path, name: str) -> None:
    """Under sanitizers, with all warnings; one of the networks keeps a state."""
    (path,) = (shared_data / "models").glob(f"*{name}*")
    program = lower(read_model(path))
    whole, split = (
        emit(program, plan, "net") for plan in (plan_memory(program), split_plan(program))
    )
    assert "net_arena_1" in split.files["net.h"]
    assert "net_arena_1" not in whole.files["net.h"]
    random = np.random.default_rng(0)
    sets = [
        [random.integers(-128, 127, tensor.shape).astype(tensor.dtype.value)
         for tensor in whole.inputs]
        for _ in range(3)
    ]  # fmt: skip
    expected = run_on_host(whole, sets)
    for ours, theirs in zip(
        run_on_host(split, sets, sanitize=("address", "undefined")), expected, strict=True
    ):
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one, other)
