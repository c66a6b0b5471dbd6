"""From generated code to a footprint and to a firmware."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

import pytest

from fitgraph.compiler_bridge.build import (
    ClassBuild,
    Firmware,
    build_for_class,
    footprint_of,
    link_for_board,
)
from fitgraph.compiler_bridge.emulators.unicorn_emulator import UnicornEmulator
from fitgraph.compiler_bridge.errors import DoesNotLinkError
from fitgraph.compiler_bridge.static_stack.bound import StackBound
from fitgraph.compiler_bridge.toolchain.protocol import DEFAULT_OPTIMISATION
from fitgraph.matcher.placement import best_attempt, need, place
from fitgraph.registry.board import Board
from fitgraph.registry.footprint import Evidence, Footprint
from tests.support.hand_written_code import ARENA_BYTES, layer_code, layer_inputs, layer_reference
from tests.support.made_up_boards import KIB, board, flash, sram
from tests.support.tools import require_tool

COMMON_CLASSES = ("armv6-m", "armv7e-m+fp", "armv7e-m+fp.dp", "armv8-m.main+dsp+fp", "rv32imc")
SHA256 = "ab" * 32


@cache
def build(isa_class: str) -> ClassBuild:
    return build_for_class(layer_code(), isa_class)


def footprint(isa_class: str) -> Footprint:
    return footprint_of(build(isa_class), SHA256, "fitgraph-c")


@pytest.mark.parametrize("isa_class", COMMON_CLASSES)
def test_a_footprint_is_measured_by_a_link_and_a_run(isa_class: str) -> None:
    ours = footprint(isa_class)
    assert ours.evidence is Evidence.MEASURED
    assert ours.isa_class == isa_class
    assert ours.arena_bytes == ARENA_BYTES
    assert ours.static_bytes == 32
    assert ours.weights_bytes == 2 * KIB
    assert ours.weights_bytes + ours.code_bytes == ours.flash_bytes
    assert ours.toolchain.startswith(f"fitgraph {version('fitgraph')}, zig ")
    assert ours.toolchain.endswith(DEFAULT_OPTIMISATION)
    assert "unicorn" in ours.source
    for n_bytes in (ours.flash_bytes, ours.stack_bytes, ours.static_bytes, ours.arena_bytes):
        assert n_bytes % 16 == 0


@pytest.mark.parametrize("isa_class", COMMON_CLASSES)
def test_a_board_with_exactly_the_footprint_links_and_runs(isa_class: str) -> None:
    needed = need(footprint(isa_class))
    exact = board(isa_class, flash(needed.flash_bytes), sram(needed.together_bytes))
    firmware = link(isa_class, exact)
    assert [use.free_bytes for use in firmware.regions] == [0, 0]
    inputs = layer_inputs(2)
    result = UnicornEmulator().run(firmware.elf, exact, layer_code(), inputs)
    for (values,), (output, _) in zip(inputs, result.outputs, strict=True):
        assert output.tolist() == layer_reference(values).tolist()
    assert result.stack_high_water_bytes <= footprint(isa_class).stack_bytes


@pytest.mark.parametrize("isa_class", COMMON_CLASSES)
def test_a_board_with_one_byte_less_of_either_does_not_link(isa_class: str) -> None:
    needed = need(footprint(isa_class))
    for less_flash, less_ram in ((1, 0), (0, 1)):
        small = board(
            isa_class,
            flash(needed.flash_bytes - less_flash),
            sram(needed.together_bytes - less_ram),
        )
        assert place(footprint(isa_class), small) is None
        with pytest.raises(DoesNotLinkError, match="by 1 byte of"):
            link(isa_class, small)


def link(isa_class: str, ours: Board) -> Firmware:
    return link_for_board(
        layer_code(),
        ours,
        best_attempt(ours),
        footprint(isa_class).stack_bytes,
        objects=build(isa_class).objects,
    )


def test_objects_of_the_class_spare_compiling_and_change_nothing() -> None:
    ours = board("armv6-m")
    with_objects = link("armv6-m", ours)
    without = link_for_board(
        layer_code(), ours, best_attempt(ours), footprint("armv6-m").stack_bytes
    )
    assert with_objects.elf == without.elf


def test_helium_code_is_measured_in_qemu() -> None:
    require_tool("qemu-system-arm")
    ours = footprint_of(build("armv8.1-m.main+mve"), SHA256, "fitgraph-c")
    assert ours.evidence is Evidence.MEASURED
    assert "qemu-system-arm" in ours.source


def test_without_an_emulator_the_stack_is_bounded_but_the_footprint_is_an_estimate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    unseen = build_for_class(layer_code(), "armv8.1-m.main+mve")
    assert unseen.run is None
    ours = footprint_of(unseen, SHA256, "fitgraph-c")
    assert ours.evidence is Evidence.ESTIMATE
    assert isinstance(unseen.stack, StackBound)
    assert ours.stack_bytes >= unseen.stack.thread_bytes + 104
    assert ours.source.endswith("not run")
    assert ours.arena_bytes == ARENA_BYTES
    assert ours.source.endswith("not run")


def test_another_optimisation_is_written_into_the_footprint() -> None:
    fast = build_for_class(layer_code(), "armv7e-m+fp", optimisation="-O2")
    ours = footprint_of(fast, SHA256, "fitgraph-c")
    assert ours.toolchain.endswith(" -O2")
    assert ours.code_bytes != footprint("armv7e-m+fp").code_bytes
