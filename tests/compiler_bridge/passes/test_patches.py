"""The first layers in patches: the same outputs from a smaller arena, for more instructions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fitgraph.compiler_bridge.emit import emit
from fitgraph.compiler_bridge.emulators.reference_boards import ample_board
from fitgraph.compiler_bridge.errors import ArenaBudgetError
from fitgraph.compiler_bridge.generate import generate, lower
from fitgraph.compiler_bridge.host_build import run_on_host
from fitgraph.compiler_bridge.passes.arena_budget import Patched, SmallestArena, meet_budget
from fitgraph.compiler_bridge.passes.patches import cuts, extra_macs, in_patches, leading_chain
from fitgraph.compiler_bridge.plan import check_plan, plan_memory
from fitgraph.compiler_bridge.program import Program, Step
from fitgraph.compiler_bridge.prove import prove
from fitgraph.registry.read_model import read_model
from fitgraph.registry.tflite_reader import read_tflite
from tests.support.exactness import assert_same_bits, input_sets, subject
from tests.support.tflite_chains import random_chain

# Of the shared data: arena bytes as planned, a budget, and the MACs that meeting it may cost.
BUDGETS = {
    "808cfdfc_person_detect": (36_896, 28_800, 20_000),
    "aeea4368_kws_ref_model": (10_048, 9_600, 620_000),
}


def outputs_of(program: Program, inputs: list[np.ndarray]) -> tuple[np.ndarray, ...]:
    code = emit(program, plan_memory(program), "net")
    return run_on_host(code, [inputs], sanitize=("address", "undefined"))[0]


def check_a_random_cut(data: st.DataObject, seed: int) -> None:
    """Whatever strides, paddings, dilations and pools there are, and wherever it is cut."""
    network = random_chain(seed, dead_share=0.0)
    program = lower(read_tflite(network.content(), "chain"))
    chain = leading_chain(program)
    found = list(cuts(chain))
    assume(found)
    patched = in_patches(program, chain, data.draw(st.sampled_from(found)))
    inputs = list(network.inputs.values())
    for ours, whole in zip(outputs_of(patched, inputs), outputs_of(program, inputs), strict=True):
        np.testing.assert_array_equal(ours, whole)


@given(st.data(), st.integers(0, 10_000))
@settings(max_examples=4, deadline=None)
def test_a_random_network_computes_the_same_in_patches(data: st.DataObject, seed: int) -> None:
    """A C compiler's time each."""
    check_a_random_cut(data, seed)


@pytest.mark.slow
@given(st.data(), st.integers(0, 10**9))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_many_random_networks_compute_the_same_in_patches(data: st.DataObject, seed: int) -> None:
    """The same at length."""
    check_a_random_cut(data, seed)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_all_rows_of_the_last_layer_are_written_once(seed: int) -> None:
    program = lower(read_tflite(random_chain(seed, dead_share=0.0).content(), "chain"))
    chain = leading_chain(program)
    for cut in list(cuts(chain))[::3]:
        last = chain[cut.n_layers - 1]
        patched = in_patches(program, chain, cut)
        parts = [step for step in patched.steps if step.outputs == (last.target,)]
        at = 0
        for step in parts:
            assert step.output_offset_bytes == at
            at += rows_written(step.fields, last.out_rows, last.out_row_bytes, last.step.fields)
        assert at == last.out_rows * last.out_row_bytes
        check_plan(patched, plan_memory(patched))


def rows_written(
    part: Mapping[str, Any], n_rows: int, row_bytes: int, whole: Mapping[str, Any]
) -> int:
    """Bytes of the rows that a part makes, told by the fields that count them."""
    if "out_h" in part:
        return int(part["out_h"]) * row_bytes
    counted = "batch" if "batch" in part else "n"
    return int(part[counted]) * n_rows // int(whole[counted]) * row_bytes


@pytest.mark.parametrize("name", BUDGETS)
def test_a_real_network_meets_a_budget_and_computes_the_same(shared_data: Path, name: str) -> None:
    (path,) = (shared_data / "models").glob(f"*{name}.tflite")
    whole_bytes, budget, most_macs = BUDGETS[name]
    model = subject(path)
    assert model.generated.arena_bytes == whole_bytes
    patched = generate(model.graph, arena_budget_bytes=budget)
    assert patched.arena_bytes <= budget
    assert 0 < patched.extra_macs <= most_macs
    assert len(patched.in_patches) >= 2
    sets = input_sets(model.graph, n_random=2)
    assert_same_bits(run_on_host(patched, sets), run_on_host(model.generated, sets))


def test_a_visual_wake_words_network_is_proven_in_patches(shared_data: Path) -> None:
    """In the emulator: a third less memory, in hardly more instructions."""
    (path,) = (shared_data / "models").glob("*808cfdfc_person_detect.tflite")
    graph, board = read_model(path), ample_board("armv7e-m+fp")
    proven = prove(graph, path.read_bytes(), board, n_random=1, arena_budget_bytes=24_000)
    assert proven.proof.worst_difference == 0
    assert proven.footprint.arena_bytes <= 24_000 < 0.66 * generate(graph).arena_bytes


def test_a_budget_that_is_met_anyway_changes_nothing() -> None:
    graph = read_tflite(random_chain(3, dead_share=0.0).content(), "chain")
    plain = generate(graph)
    assert generate(graph, arena_budget_bytes=plain.arena_bytes).files == plain.files


def test_a_budget_out_of_reach_is_refused_with_the_smallest_arena(shared_data: Path) -> None:
    (path,) = (shared_data / "models").glob("*808cfdfc_person_detect.tflite")
    graph = read_model(path)
    with pytest.raises(ArenaBudgetError, match=r"keep within 9,000 bytes; the smallest .* 21,504"):
        generate(graph, arena_budget_bytes=9_000)
    assert generate(graph, arena_budget_bytes=21_504).arena_bytes == 21_504


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_the_smallest_arena_can_be_had(seed: int) -> None:
    program = lower(read_tflite(random_chain(seed, dead_share=0.0).content(), "chain"))
    smallest = meet_budget(program, 1)
    assert isinstance(smallest, SmallestArena)
    again = meet_budget(program, smallest.arena_bytes)
    assert isinstance(again, Patched)
    assert again.arena_bytes == smallest.arena_bytes == plan_memory(again.program).arena_bytes


def test_an_arena_that_was_reached_is_reached_by_the_same_patches(shared_data: Path) -> None:
    """So that a proof tells by its arena how the firmware is to be built again."""
    (path,) = (shared_data / "models").glob("*808cfdfc_person_detect.tflite")
    program = lower(read_model(path))
    for budget in (22_000, 25_000, 30_000):
        first = meet_budget(program, budget)
        assert isinstance(first, Patched)
        again = meet_budget(program, first.arena_bytes)
        assert isinstance(again, Patched)
        assert again.cut == first.cut


def test_rows_that_are_computed_twice_are_counted(shared_data: Path) -> None:
    """Against what the steps of the patched program say of themselves."""
    (path,) = (shared_data / "models").glob("*808cfdfc_person_detect.tflite")
    program = lower(read_model(path))
    chain = leading_chain(program)
    for cut in list(cuts(chain))[::9]:
        whole, patched = (
            sum(macs(step) for step in one.steps)
            for one in (program, in_patches(program, chain, cut))
        )
        assert patched - whole == extra_macs(chain, cut)


def macs(step: Step) -> int:
    fields: Mapping[str, Any] = step.fields
    if step.kernel == "fully_connected_s8":
        return int(fields["batch"] * fields["in_n"] * fields["rows"]["out_n"])
    sizes = ["out_h", "out_w", "out_c", "kernel_h", "kernel_w"]
    sizes += ["group_c"] if step.kernel == "conv2d_s8" else []
    sums = ("conv2d_s8", "depthwise_s8")
    return math.prod(fields[name] for name in sizes) if step.kernel in sums else 0


def test_a_network_with_a_batch_is_left_whole() -> None:
    program = lower(read_tflite(random_chain(3, dead_share=0.0).content(), "chain"))
    steps = tuple(
        replace(step, fields={**step.fields, "batch": 2}) if "in_h" in step.fields else step
        for step in program.steps
    )
    assert not any(
        one.step.kernel == "conv2d_s8" for one in leading_chain(replace(program, steps=steps))
    )
