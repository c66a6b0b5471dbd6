"""How deep the stack can get is told from the code, and is never less than what a run shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from fitgraph.compiler_bridge.build import build_for_class, footprint_of, link_for_board
from fitgraph.compiler_bridge.emulators.cores import CORES
from fitgraph.compiler_bridge.emulators.reference_boards import ample_board
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.runtime import RUNTIME_NAME
from fitgraph.compiler_bridge.stack import exception_frame_bytes
from fitgraph.compiler_bridge.static_stack import bound, code
from fitgraph.compiler_bridge.static_stack.bound import (
    StackBound,
    UnknownStack,
    frames,
    stack_bound,
)
from fitgraph.compiler_bridge.toolchain.gcc import GccToolchain
from fitgraph.compiler_bridge.toolchain.targets import TARGETS
from fitgraph.compiler_bridge.toolchain.zig import ZigToolchain
from fitgraph.matcher.placement import best_attempt
from fitgraph.registry.footprint import Evidence
from tests.support.exactness import subject
from tests.support.golden_models import MODELS, GoldenModel
from tests.support.hand_written_code import PREAMBLE, layer_code
from tests.support.tools import require_tool

# One of each way to deal with a stack: Thumb, Thumb-2 with an FPU, RISC-V.
KINDS = ("armv6-m", "armv7e-m+fp", "rv32imc")
# Floating point, in software where there is no unit for it; integers.
FEW = [model for model in MODELS if model.name in {"activity", "kws_ref_model"}]
AMPLE = 16 * 1024


def with_invoke(invoke: str) -> GeneratedCode:
    """The hand-written model with other C."""
    source = f"{PREAMBLE}void hand_reset(void) {{}}\n{invoke}"
    return replace(layer_code(), files={**layer_code().files, "hand.c": source})


def elf_of(invoke: str, isa_class: str) -> bytes:
    """A firmware whose model is some C."""
    generated = with_invoke(invoke)
    board = ample_board(isa_class)
    toolchain = ZigToolchain()
    return link_for_board(generated, board, best_attempt(board), AMPLE, toolchain).elf


def reason_of(invoke: str, isa_class: str) -> str:
    found = stack_bound(elf_of(invoke, isa_class), isa_class)
    assert isinstance(found, UnknownStack)
    return found.reason


def held(model: GoldenModel, isa_class: str) -> tuple[int, int]:
    """Bytes seen in a run and bytes of the bound."""
    if not model.path.is_file():
        pytest.skip(f"there is no {model.path}")
    built = build_for_class(subject(model.path).generated, isa_class, ZigToolchain())
    assert isinstance(built.stack, StackBound)
    assert built.run is not None
    return built.run.stack_high_water_bytes, built.stack.thread_bytes


@pytest.mark.many
@pytest.mark.parametrize("isa_class", CORES)
@pytest.mark.parametrize("model", FEW, ids=lambda model: model.name)
def test_no_run_takes_more_than_the_bound(model: GoldenModel, isa_class: str) -> None:
    seen_bytes, bound_bytes = held(model, isa_class)
    assert 0 < seen_bytes <= bound_bytes <= seen_bytes + 256


@pytest.mark.many
@pytest.mark.slow
@pytest.mark.parametrize("isa_class", CORES)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_no_run_of_any_model_takes_more_than_the_bound(model: GoldenModel, isa_class: str) -> None:
    """Slow: every model on every class that unicorn runs."""
    seen_bytes, bound_bytes = held(model, isa_class)
    assert 0 < seen_bytes <= bound_bytes <= seen_bytes + 256


@pytest.mark.parametrize("isa_class", TARGETS)
def test_the_code_shows_the_frames_that_the_compiler_reports(isa_class: str) -> None:
    """Two sources, one answer: what the code pushes and what clang says."""
    generated = subject(FEW[0].path).generated
    built = build_for_class(generated, isa_class, ZigToolchain())
    elf = built.firmware.elf
    reported = {
        function.name: function.reported_frame_bytes
        for function in code.read_code(elf).functions.values()
        if function.reported_frame_bytes is not None
    }
    assert len(reported) > 5
    shown = _frames_without_reports(elf, isa_class)
    setup = {"Reset_Handler"} if isa_class.startswith("rv32") else set()
    assert {name: shown[name] for name in reported if name not in setup} == {
        name: n_bytes for name, n_bytes in reported.items() if name not in setup
    }


def _frames_without_reports(elf: bytes, isa_class: str) -> Mapping[str, int | str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code, "_reported", lambda _file: ())
        return frames(elf, isa_class)


@pytest.mark.parametrize("isa_class", KINDS)
def test_the_bound_is_the_sum_along_the_deepest_chain_of_calls(isa_class: str) -> None:
    shallow = elf_of("void hand_invoke(void) { hand_arena[0]++; }", isa_class)
    deep = elf_of(
        "static __attribute__((noinline)) void leaf(volatile uint8_t *at) {\n"
        "  volatile uint8_t local[200]; for (int i = 0; i < 200; i++) { local[i] = *at; }\n"
        "  *at = local[7];\n}\n"
        "void hand_invoke(void) { volatile uint8_t local[100]; local[3] = 1;\n"
        "  leaf(local); leaf(local); hand_arena[0] = local[9]; }",
        isa_class,
    )
    ours, other = stack_bound(deep, isa_class), stack_bound(shallow, isa_class)
    assert isinstance(ours, StackBound)
    assert isinstance(other, StackBound)
    names = [name for name, _ in ours.path]
    assert names[-2:] == ["hand_invoke", "leaf"]
    assert ours.thread_bytes == sum(n_bytes for _, n_bytes in ours.path)
    assert 300 <= ours.thread_bytes - other.thread_bytes < 400


@pytest.mark.parametrize("isa_class", KINDS)
def test_a_function_that_calls_itself_has_no_bound(isa_class: str) -> None:
    reason = reason_of(
        "static __attribute__((noinline)) int again(volatile uint8_t *at, int n) {\n"
        "  volatile uint8_t local[8]; local[0] = *at;\n"
        "  return (n == 0) ? 0 : (again(local, n - 1) * 3 + local[0]);\n}\n"
        "void hand_invoke(void) { hand_arena[0] = (uint8_t)again(hand_arena, hand_arena[1]); }",
        isa_class,
    )
    assert reason == "again calls again: no end"


@pytest.mark.parametrize("isa_class", KINDS)
def test_a_call_by_a_pointer_has_no_bound(isa_class: str) -> None:
    reason = reason_of(
        "typedef void (*call_t)(void);\n"
        "static call_t volatile table[2];\n"
        "void hand_invoke(void) { table[hand_arena[0] & 1](); hand_arena[1]++; }",
        isa_class,
    )
    assert "hand_invoke goes at 0x" in reason
    assert "to an address that is not in the code" in reason


@pytest.mark.parametrize("isa_class", KINDS)
def test_a_frame_whose_size_depends_on_data_has_no_bound(isa_class: str) -> None:
    reason = reason_of(
        "static __attribute__((noinline)) int fill(volatile uint8_t *at) { return at[0]; }\n"
        "void hand_invoke(void) { volatile uint8_t local[hand_arena[0] + 1]; local[0] = 1;\n"
        "  hand_arena[1] = (uint8_t)(fill(local) + local[hand_arena[0]]); }",
        isa_class,
    )
    assert "hand_invoke sets the stack pointer at 0x" in reason


@pytest.mark.parametrize("isa_class", KINDS)
def test_a_footprint_reserves_the_bound_and_one_exception(isa_class: str) -> None:
    built = build_for_class(layer_code(), isa_class, ZigToolchain())
    footprint = footprint_of(built, "ab" * 32, RUNTIME_NAME)
    assert isinstance(built.stack, StackBound)
    least_bytes = built.stack.thread_bytes + exception_frame_bytes(isa_class)
    assert least_bytes <= footprint.stack_bytes <= least_bytes + 16 + 8
    assert footprint.evidence is Evidence.MEASURED


def test_a_footprint_without_a_bound_is_an_estimate_that_says_so() -> None:
    """So that no verdict is `fits` where the stack might not be enough."""
    invoke = (
        "typedef void (*call_t)(void);\n"
        "static void leaf(void) { hand_arena[1]++; }\n"
        "void hand_invoke(void) { static call_t volatile call; call = leaf; call(); }"
    )
    built = build_for_class(with_invoke(invoke), "armv7e-m+fp", ZigToolchain())
    footprint = footprint_of(built, "ab" * 32, RUNTIME_NAME)
    assert footprint.evidence is Evidence.ESTIMATE
    assert "stack unbounded: hand_invoke goes at" in footprint.source
    assert built.run is not None
    assert footprint.stack_bytes > built.run.stack_high_water_bytes + 104


@pytest.mark.parametrize("isa_class", ["armv7-m", "armv7e-m+fp", "armv8-m.main+dsp"])
def test_code_of_another_compiler_is_bounded_too(isa_class: str) -> None:
    """GCC reports nothing in the firmware; its libgcc is hand-written assembly."""
    require_tool("arm-none-eabi-gcc")
    generated = subject(FEW[0].path).generated
    built = build_for_class(generated, isa_class, GccToolchain())
    assert built.run is not None
    assert isinstance(built.stack, StackBound), built.stack
    assert built.run.stack_high_water_bytes <= built.stack.thread_bytes


def test_the_bound_of_a_helium_core_is_told_without_running_it() -> None:
    generated = subject(FEW[0].path).generated
    isa_class = "armv8.1-m.main+mve"
    board = ample_board(isa_class)
    firmware = link_for_board(generated, board, best_attempt(board), AMPLE, ZigToolchain())
    found = bound.stack_bound(firmware.elf, isa_class)
    assert isinstance(found, StackBound)
    assert 0 < found.thread_bytes <= 512


def test_a_table_of_places_that_the_code_does_not_show_has_no_bound() -> None:
    """Division in libgcc for Armv6-M jumps by a table that lies elsewhere."""
    require_tool("arm-none-eabi-gcc")
    generated = subject(FEW[0].path).generated
    built = build_for_class(generated, "armv6-m", GccToolchain())
    assert isinstance(built.stack, UnknownStack)
    assert footprint_of(built, "ab" * 32, RUNTIME_NAME).evidence is Evidence.ESTIMATE
