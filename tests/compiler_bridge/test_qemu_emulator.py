"""QEMU as an emulator: it runs what unicorn lacks, and counts alike."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt
import pytest

from fitgraph.compiler_bridge.build import compile_for_class, link_for_board
from fitgraph.compiler_bridge.emulators.choose import emulator_for
from fitgraph.compiler_bridge.emulators.protocol import EmulationResult
from fitgraph.compiler_bridge.emulators.qemu_emulator import QemuEmulator
from fitgraph.compiler_bridge.emulators.qemu_machines import MACHINES
from fitgraph.compiler_bridge.emulators.unicorn_emulator import UnicornEmulator
from fitgraph.compiler_bridge.errors import EmulationError
from fitgraph.compiler_bridge.generated import GeneratedCode
from fitgraph.compiler_bridge.toolchain.choose import toolchain_for
from fitgraph.compiler_bridge.toolchain.protocol import Toolchain
from fitgraph.matcher.placement import best_attempt
from fitgraph.registry.board import Board
from tests.support.exactness import assert_same_bits
from tests.support.hand_written_code import (
    layer_code,
    layer_inputs,
    misbehaving_code,
)
from tests.support.hand_written_runs import COMMON_CLASSES, ZEROS, check_layer, run
from tests.support.made_up_boards import board

HARNESS = {"main", "fitgraph_wait"}


@pytest.fixture
def qemu_without_plugins(
    qemu_system_arm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """QEMU as some systems build it."""
    without = tmp_path / qemu_system_arm.name
    without.write_text(
        f'#!/bin/sh\ncase "$*" in *-plugin*) exit 1;; esac\nexec {qemu_system_arm} "$@"\n'
    )
    without.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)


@pytest.mark.usefixtures("qemu_system_arm")
@pytest.mark.parametrize(
    "isa_class", ["armv6-m", "armv7e-m+fp", "armv7e-m+fp.dp", "armv8-m.main+dsp+fp"]
)
def test_qemu_and_unicorn_agree_to_the_instruction(isa_class: str) -> None:
    """Function by function; both leave room for nothing but what calls the model."""
    code, inputs, qemu = layer_code(), layer_inputs(3), QemuEmulator(timeout_s=60)
    result = run_in_qemu(qemu, code, qemu.reference_board(isa_class), inputs)
    check_layer(result, inputs)
    counted = run(code, board(isa_class), inputs).instructions_by_symbol
    of_the_model = {name: count for name, count in counted.items() if name not in HARNESS}
    assert result.instructions_by_symbol == of_the_model
    assert result.instructions_per_inference == sum(of_the_model.values())
    assert 0 < result.stack_high_water_bytes < 1024


@pytest.mark.parametrize(
    ("isa_class", "instructions_per_tick"), [("armv7e-m+fp", 40), ("armv8.1-m.main+mve", 31.25)]
)
def test_a_timer_counts_where_qemu_takes_no_plugin(
    isa_class: str, instructions_per_tick: float, request: pytest.FixtureRequest
) -> None:
    """As coarsely as it ticks, and without telling functions apart."""
    request.getfixturevalue("qemu_system_arm")
    inputs, qemu = layer_inputs(2), QemuEmulator(timeout_s=60)
    machine = qemu.reference_board(isa_class)
    exact = run_in_qemu(qemu, layer_code(), machine, inputs)
    request.getfixturevalue("qemu_without_plugins")
    coarse = run_in_qemu(qemu, layer_code(), machine, inputs)
    assert coarse.instructions_by_symbol == {}
    assert coarse.instructions_per_inference == pytest.approx(
        exact.instructions_per_inference, abs=2 * instructions_per_tick
    )
    assert_same_bits(coarse.outputs, exact.outputs)


@pytest.mark.usefixtures("qemu_system_arm")
def test_qemu_runs_helium_code() -> None:
    isa_class, inputs = "armv8.1-m.main+mve", layer_inputs(2)
    qemu = emulator_for(isa_class)
    assert isinstance(qemu, QemuEmulator)
    check_layer(run_in_qemu(qemu, layer_code(), qemu.reference_board(isa_class), inputs), inputs)


def run_in_qemu(
    qemu: QemuEmulator,
    code: GeneratedCode,
    machine: Board,
    inputs: Sequence[Sequence[npt.NDArray[Any]]],
    toolchain: Toolchain | None = None,
) -> EmulationResult:
    toolchain = toolchain or toolchain_for(machine.needed_isa_class())
    objects = compile_for_class(code, machine.needed_isa_class(), toolchain, harness=qemu.harness)
    placement = best_attempt(machine)
    firmware = link_for_board(code, machine, placement, 1024, toolchain, objects=objects)
    return qemu.run(firmware.elf, machine, code, inputs)


@pytest.mark.usefixtures("qemu_system_arm", "arm_none_eabi_gcc")
@pytest.mark.parametrize("kind", ["zig", "gcc"])
@pytest.mark.parametrize("isa_class", [*COMMON_CLASSES[:-1], "armv8.1-m.main+mve"])
def test_qemu_counts_the_first_inference_like_the_second(isa_class: str, kind: str) -> None:
    qemu, toolchain = QemuEmulator(timeout_s=60), toolchain_for(isa_class, kind)
    machine = qemu.reference_board(isa_class)
    first, second = (
        run_in_qemu(qemu, layer_code(), machine, layer_inputs(n), toolchain) for n in (1, 2)
    )
    # Division takes another path for other inputs.
    assert first.instructions_per_inference == pytest.approx(
        second.instructions_per_inference, abs=1000
    )


@pytest.mark.slow
@pytest.mark.usefixtures("qemu_without_plugins")
def test_qemu_counts_on_when_its_24_bit_timer_wraps() -> None:
    n_rounds = 700_000_000
    loop = '__asm__ volatile("1: subs %0, %0, #1\\n bne 1b" : "+r"(n) : : "cc");'
    code = misbehaving_code(f"uint32_t n = {n_rounds}u; {loop}")
    qemu = QemuEmulator(timeout_s=300)
    machine = qemu.reference_board("armv7e-m+fp")
    seen = run_in_qemu(qemu, code, machine, ZEROS).instructions_per_inference
    assert 2 * n_rounds > 2 * 2**24 * 40
    assert seen == pytest.approx(2 * n_rounds, abs=200)


@pytest.mark.usefixtures("qemu_system_arm")
def test_instructions_that_a_condition_skips_count_as_in_qemu() -> None:
    skipped = '__asm__ volatile("cmp sp, #0\\n ittt eq\\n nopeq\\n nopeq\\n nopeq" : : : "cc");'
    code = misbehaving_code(f"for (int32_t i = 0; i < 1000; i++) {{ {skipped} }}")
    qemu = QemuEmulator(timeout_s=60)
    counted = run(code, board("armv7e-m+fp"), ZEROS).instructions_per_inference
    machine = qemu.reference_board("armv7e-m+fp")
    seen = run_in_qemu(qemu, code, machine, ZEROS).instructions_per_inference
    assert counted == pytest.approx(seen, abs=80)
    assert counted > 6000


@pytest.mark.usefixtures("qemu_system_arm")
def test_a_fault_in_qemu_is_an_error() -> None:
    qemu = QemuEmulator(timeout_s=60)
    code = misbehaving_code("*(volatile int32_t *)0x90000000 = 1;")
    machine = qemu.reference_board("armv7e-m+fp")
    with pytest.raises(EmulationError, match="failed on mps2-an386"):
        run_in_qemu(qemu, code, machine, ZEROS)
    loop = misbehaving_code("while (arena[0] == 0) {}")
    with pytest.raises(EmulationError, match="did not finish within 1 s in QEMU"):
        run_in_qemu(QemuEmulator(timeout_s=1), loop, machine, ZEROS)


def test_qemu_refuses_a_board_that_is_none_of_its_machines() -> None:
    with pytest.raises(EmulationError, match="Made-up board"):
        QemuEmulator().run(b"", board("armv7e-m+fp"), layer_code(), ZEROS)
    with pytest.raises(EmulationError, match="no QEMU machine"):
        QemuEmulator().reference_board("rv32imc")


def test_an_absent_qemu_is_told_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    qemu = QemuEmulator()
    assert emulator_for("armv8.1-m.main+mve") is None
    with pytest.raises(EmulationError, match="not installed") as caught:
        qemu.run(b"", qemu.reference_board("armv7-m"), layer_code(), ZEROS)
    assert "qemu-system-arm" in caught.value.hint


def test_the_default_emulator_is_unicorn_and_every_class_of_qemu_has_a_machine() -> None:
    assert isinstance(emulator_for("armv7e-m+fp"), UnicornEmulator)
    assert emulator_for("xtensa-lx6") is None
    for isa_class in MACHINES:
        machine = QemuEmulator().reference_board(isa_class)
        assert machine.isa_class == isa_class
