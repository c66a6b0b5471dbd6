"""Steps run in the order that needs least memory, and still compute what they computed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings

from fitgraph.compiler_bridge.emit import emit
from fitgraph.compiler_bridge.generate import generate
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.layout import layout_of
from fitgraph.compiler_bridge.lower.builder import ProgramBuilder
from fitgraph.compiler_bridge.lower.specialise import specialise
from fitgraph.compiler_bridge.lower.tflite_graph import lower_tflite
from fitgraph.compiler_bridge.passes import step_order
from fitgraph.compiler_bridge.passes.clearances import with_clearances
from fitgraph.compiler_bridge.passes.dead_channels import drop_dead_channels
from fitgraph.compiler_bridge.passes.reorder import reordered
from fitgraph.compiler_bridge.passes.step_order import MOST_STEPS, best_order
from fitgraph.compiler_bridge.plan import plan_memory
from fitgraph.compiler_bridge.program import Program, ProgramIo, Step, Value
from fitgraph.registry.model_graph import DType, ModelGraph
from tests.support.branching_programs import branching_programs, found_by_step, in_order, symbols
from tests.support.exactness import assert_same_bits, input_sets, subject
from tests.support.wake_words import wake_words

# Of the shared data: arena bytes of the given order, and a bound on those of the order found.
GAINS = {
    "67d996ce_hand_recrop": (1_048_640, 788_000),
    "e803bb4e_blazeface_front_128": (327_680, 232_000),
    "0689abe1_okay_nabu": (7_504, 6_416),
}


def order_given(graph: ModelGraph) -> Program:
    """The program as it goes into the pass."""
    lowered = lower_tflite(graph, ProgramBuilder())
    return with_clearances(specialise(drop_dead_channels(lowered)))


def branches(n: int, wide: int, narrow: int) -> Program:
    """``n`` branches that grow wide and end narrow; all wide parts are computed first."""
    values = [Value("in", (8,), DType.INT8)]
    values += [Value(f"wide {i}", (wide,), DType.INT8) for i in range(n)]
    values += [Value(f"narrow {i}", (narrow,), DType.INT8) for i in range(n)]
    values.append(Value("out", (8,), DType.INT8))
    last = len(values) - 1
    steps = [Step("x", {}, (0,), (1 + i,), f"grow {i}") for i in range(n)]
    steps += [Step("x", {}, (1 + i,), (1 + n + i,), f"shrink {i}") for i in range(n)]
    steps.append(Step("x", {}, tuple(range(1 + n, last)), (last,), "join"))
    ends = [ProgramIo(values[i].name, i, values[i].shape, DType.INT8) for i in (0, last)]
    return Program("b", "0" * 64, "fixed", tuple(values), tuple(steps), (ends[0],), (ends[1],))


def test_branches_are_finished_one_by_one() -> None:
    program = branches(5, wide=1000, narrow=10)
    assert plan_memory(program).arena_bytes > 5000
    assert plan_memory(reordered(program)).arena_bytes < 1100


def test_many_branches_are_finished_one_by_one_too() -> None:
    """More sets of steps than could all be looked at."""
    program = branches(24, wide=1000, narrow=10)
    assert plan_memory(reordered(program)).arena_bytes < 1300


@given(branching_programs())
def test_each_output_and_state_is_computed_from_the_same(program: Program) -> None:
    """Told by an evaluation that knows nothing of how the order was found."""
    order = best_order(program)
    assert order is not None
    assert sorted(order.steps) == list(range(len(program.steps)))
    assert symbols(in_order(program, order.steps)) == symbols(program)
    assert symbols(reordered(program)) == symbols(program)


@given(branching_programs())
def test_no_order_needs_more_than_the_given_one(program: Program) -> None:
    assert plan_memory(reordered(program)).arena_bytes <= plan_memory(program).arena_bytes


@given(branching_programs())
def test_the_peak_of_an_order_is_what_the_planner_takes_for_its_bound(program: Program) -> None:
    order = best_order(program)
    assert order is not None
    assert order.peak_bytes == layout_of(in_order(program, order.steps)).lower_bound()


@given(branching_programs(most_steps=5))
@settings(max_examples=60)
def test_no_other_order_has_a_lower_peak(program: Program) -> None:
    """Looking at each of them in which each step finds the same."""
    meant = found_by_step(program)
    orders = (in_order(program, order) for order in permutations(range(len(program.steps))))
    peaks = [layout_of(one).lower_bound() for one in orders if found_by_step(one) == meant]
    order = best_order(program)
    assert order is not None
    assert order.is_exact
    assert order.peak_bytes == min(peaks)


def test_a_search_that_was_cut_short_does_not_call_itself_exact(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(step_order, "MOST_TRIES", 10)
    order = best_order(branches(12, wide=1000, narrow=10))
    assert order is not None
    assert not order.is_exact


def test_a_program_of_very_many_steps_keeps_its_order() -> None:
    program = branches(MOST_STEPS, wide=10, narrow=1)
    assert best_order(program) is None
    assert reordered(program) is program


def test_steps_that_are_best_as_they_stand_stay() -> None:
    """The very same program comes back."""
    program = reordered(branches(3, wide=100, narrow=1))
    assert reordered(program) is program


@pytest.mark.parametrize("name", GAINS)
def test_a_real_network_needs_less_and_computes_the_same(shared_data: Path, name: str) -> None:
    (path,) = (shared_data / "models").glob(f"*{name}.tflite")
    model = subject(path)
    before = order_given(model.graph)
    after = reordered(before)
    given_bytes, most_bytes = GAINS[name]
    assert plan_memory(before).arena_bytes == given_bytes
    assert plan_memory(after).arena_bytes <= most_bytes
    assert Counter(step.label for step in after.steps) == Counter(s.label for s in before.steps)
    assert after.steps != before.steps
    assert generate(model.graph).arena_bytes == plan_memory(after).arena_bytes


@pytest.mark.many
@pytest.mark.parametrize("path", wake_words(), ids=lambda path: path.stem)
def test_a_streaming_network_remembers_the_same_in_either_order(path: Path) -> None:
    model = subject(path)
    given_order = order_given(model.graph)
    sets = input_sets(model.graph, n_random=6)
    got = [
        run_on_host(emit(program, plan_memory(program), "net"), sets)
        for program in (given_order, reordered(given_order))
    ]
    assert_same_bits(got[1], got[0])


def test_the_scratch_of_a_step_goes_with_it() -> None:
    program = branches(3, wide=100, narrow=1)
    values = (*program.values, Value("scratch", (4000,), DType.INT8))
    first = replace(program.steps[0], scratch=(len(values) - 1,))
    with_scratch = replace(program, values=values, steps=(first, *program.steps[1:]))
    order = best_order(with_scratch)
    assert order is not None
    assert order.peak_bytes == 8 + 4000 + 100
