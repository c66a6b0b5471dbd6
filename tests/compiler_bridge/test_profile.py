"""A profile adds up: every instruction and byte of the firmware is said once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from fitgraph.compiler_bridge.build import build_for_class, footprint_of
from fitgraph.compiler_bridge.errors import EmulationError
from fitgraph.compiler_bridge.lifetimes import lifetimes
from fitgraph.compiler_bridge.profiling.profile import profile
from fitgraph.compiler_bridge.profiling.records import Profile, StepFigures
from fitgraph.compiler_bridge.profiling.savings import arena_savings, instruction_savings
from fitgraph.compiler_bridge.program import Program, ProgramIo, Step, Value
from fitgraph.compiler_bridge.runtime import RUNTIME_NAME
from fitgraph.registry.board_file import builtin_board
from fitgraph.registry.facts import model_facts
from fitgraph.registry.model_graph import DType
from tests.support.exactness import subject
from tests.support.example_models import float_example
from tests.support.golden_models import MODELS, GoldenModel
from tests.support.wake_words import wake_words

FILES = {"activity": float_example("activity"), "alexa": wake_words()[0]}


@cache
def profiled(path: Path, isa_class: str) -> Profile:
    return profile(subject(path).graph, isa_class)


@pytest.mark.many
@pytest.mark.parametrize("isa_class", ["armv6-m", "armv7e-m+fp", "rv32imc"])
@pytest.mark.parametrize("name", FILES)
def test_steps_and_the_rest_add_up_to_the_firmware_that_is_measured(
    name: str, isa_class: str
) -> None:
    found = profiled(FILES[name], isa_class)
    model = subject(FILES[name])
    built = build_for_class(model.generated, isa_class)
    footprint = footprint_of(built, model.graph.sha256, RUNTIME_NAME)
    assert built.run is not None
    assert found.instructions == built.run.instructions_per_inference
    steps = sum(step.instructions for step in found.steps)
    assert steps + found.other_instructions == found.instructions
    assert found.other_instructions < 40  # the call, and what frames it
    assert found.code_bytes == footprint.code_bytes
    code = sum(one.code_bytes for one in found.steps)
    code += sum(one.code_bytes for one in found.functions)
    assert code + found.other_code_bytes == found.code_bytes
    assert found.other_code_bytes >= 0
    assert found.weights_bytes == footprint.weights_bytes
    weights = sum(step.weights_bytes for step in found.steps)
    assert weights + found.other_weights_bytes == found.weights_bytes
    assert found.arena_bytes == footprint.arena_bytes


def test_macs_are_those_of_the_registry() -> None:
    found = profiled(FILES["activity"], "armv7e-m+fp")
    macs = model_facts(subject(FILES["activity"]).graph).macs
    assert sum(step.macs or 0 for step in found.steps) == macs
    busiest = max(found.steps, key=lambda step: step.macs or 0)
    assert busiest.instructions_per_mac is not None
    assert 1 < busiest.instructions_per_mac < 40


def test_what_a_step_calls_is_told_with_the_steps_that_call_it() -> None:
    """Arithmetic without an FPU runs in functions that are not the step's own."""
    found = profiled(FILES["activity"], "armv6-m")
    called = {one.name: one for one in found.functions if one.instructions}
    multiplication = called["__aeabi_fmul"]
    steps = {step.index for step in found.steps}
    assert multiplication.steps
    assert set(multiplication.steps) <= steps
    assert multiplication.instructions > 10_000


def test_tensors_are_the_plans_and_the_peak_is_where_most_are_live() -> None:
    found = profiled(FILES["alexa"], "armv7e-m+fp")
    assert {one.role for one in found.tensors} == {"", "input", "output", "state"}
    assert max(one.offset_bytes + one.n_bytes for one in found.tensors) <= found.arena_bytes
    peak = found.steps[found.peak_step]
    assert peak.live_bytes == max(step.live_bytes for step in found.steps)
    live = [one for one in found.tensors if one.first_step <= peak.index <= one.last_step]
    assert sum(one.n_bytes for one in live) == peak.live_bytes
    assert {one.name for one in live} == set(found.peak_tensors)
    assert found.lower_bound_bytes <= found.arena_bytes


def test_a_board_is_profiled_in_its_own_regions() -> None:
    board = builtin_board("bbc-microbit-v2")
    found = profile(subject(FILES["activity"]).graph, board.needed_isa_class(), board)
    assert found.board == board.board_id
    assert found.instructions == profiled(FILES["activity"], "armv7e-m+fp").instructions


@pytest.mark.usefixtures("qemu_system_arm")
@pytest.mark.parametrize("name", FILES)
def test_a_helium_profile_adds_up_to_the_firmware_that_is_measured(name: str) -> None:
    """QEMU runs other firmware than is profiled: the same model behind another harness."""
    isa_class = "armv8.1-m.main+mve"
    found, model = profiled(FILES[name], isa_class), subject(FILES[name])
    built = build_for_class(model.generated, isa_class)
    assert built.run is not None
    assert found.instructions == built.run.instructions_per_inference
    steps = sum(step.instructions for step in found.steps)
    assert steps + found.other_instructions == found.instructions
    assert found.other_instructions < 40  # what frames the calls
    assert all(step.instructions for step in found.steps)
    footprint = footprint_of(built, model.graph.sha256, RUNTIME_NAME)
    assert found.code_bytes == footprint.code_bytes
    called = sum(one.instructions for one in found.functions)
    assert called < found.instructions
    assert found.emulator.startswith("qemu-system-arm")


def test_a_core_that_no_emulator_here_has_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EmulationError, match="no emulator here runs") as caught:
        profile(subject(FILES["activity"]).graph, "armv8.1-m.main+mve")
    assert "qemu-system-arm" in caught.value.hint


def step(index: int, kernel: str, instructions: int, macs: int | None) -> StepFigures:
    return StepFigures(index, f"OP #{index}", kernel, instructions, macs, 0, 0, 0)


def test_the_saving_is_what_the_best_step_of_the_kernel_would_spare() -> None:
    steps = [
        step(0, "conv", 9_000, 1_000),
        step(1, "conv", 4_000, 2_000),
        step(2, "dense", 500, 1_000),
        step(3, "softmax", 2_000, 0),
    ]
    found = instruction_savings(steps, 15_500)
    assert [(one.step, one.amount) for one in found] == [(0, 7_000), (3, 2_000)]
    assert "9.00 instructions a MAC, OP #1 (conv) 2.00" in found[0].reason
    assert found[0].share == pytest.approx(7_000 / 15_500)


def test_nothing_is_saved_where_all_steps_are_alike() -> None:
    steps = [step(0, "conv", 2_000, 1_000), step(1, "conv", 4_000, 2_000)]
    assert instruction_savings(steps, 6_000) == ()


def program(clearance_bytes: int | None) -> Program:
    """Input a, b from a, c from b: both steps could be done in place."""
    values = tuple(Value(name, (256,), DType.INT8) for name in "abc")
    steps = tuple(
        Step("k", {}, (index,), (index + 1,), f"OP #{index}", clearance_bytes) for index in (0, 1)
    )
    ends = [ProgramIo(name, value, (256,), DType.INT8) for name, value in (("a", 0), ("c", 2))]
    return Program("p", "0" * 64, "fixed", values, steps, (ends[0],), (ends[1],))


def test_an_arena_is_smaller_where_the_peaks_output_could_lie_over_its_input() -> None:
    """Here two steps are at the peak, so that one of them in place spares nothing."""
    assert lifetimes(program(None))[1].n_bytes == 256
    assert arena_savings(program(None), 512) == ()
    one_peak = program(None)
    first = Step("k", {}, (0,), (1,), "OP #0", 0)
    mixed = Program(
        "p", "0" * 64, "fixed", one_peak.values, (first, one_peak.steps[1]), one_peak.inputs,
        one_peak.outputs,
    )  # fmt: skip
    (found,) = arena_savings(mixed, 512)
    assert (found.step, found.amount, found.share) == (1, 256, 0.5)
    assert found.reason.startswith("c written over b by OP #1")


@pytest.mark.many
@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_models_profile_adds_up(model: GoldenModel) -> None:
    """Slow: all models on one class."""
    path = model.path
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    found = profile(subject(path).graph, "armv7e-m+fp")
    steps = sum(one.instructions for one in found.steps)
    assert steps + found.other_instructions == found.instructions
    assert found.other_instructions < 40  # the call, and what frames it
