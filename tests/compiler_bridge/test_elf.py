"""What is read off a linked firmware."""

from __future__ import annotations

import pytest

from fitgraph.compiler_bridge.build import link_for_board
from fitgraph.compiler_bridge.elf import firmware_sizes, read_firmware, region_uses
from fitgraph.compiler_bridge.errors import ToolchainError
from fitgraph.compiler_bridge.firmware.linker_script import linker_script
from fitgraph.compiler_bridge.firmware.sources import firmware_sources
from fitgraph.compiler_bridge.toolchain.choose import toolchain_for
from fitgraph.compiler_bridge.toolchain.zig import ZigToolchain
from fitgraph.matcher.placement import best_attempt
from fitgraph.registry.board import Board
from tests.support.hand_written_code import ARENA_BYTES, N_INPUTS, N_OUTPUTS, layer_code
from tests.support.made_up_boards import KIB, board, flash, sram
from tests.support.tools import require_tool


def link(ours: Board, kind: str = "zig") -> bytes:
    toolchain = toolchain_for(ours.needed_isa_class(), kind)
    return link_for_board(layer_code(), ours, best_attempt(ours), 1000, toolchain).elf


@pytest.mark.parametrize("kind", ["zig", "gcc"])
def test_sizes_are_told_by_what_they_are_for(kind: str) -> None:
    if kind == "gcc":
        require_tool("arm-none-eabi-gcc")
    image = read_firmware(link(board("armv7e-m+fp"), kind))
    sizes = firmware_sizes(image)
    assert sizes.weights_bytes == N_INPUTS * N_OUTPUTS
    assert sizes.arena_bytes == ARENA_BYTES
    assert sizes.stack_bytes == 1008
    assert sizes.static_bytes == 32  # four bytes each of .data and .bss
    assert sizes.code_bytes + sizes.weights_bytes == sizes.flash_bytes
    assert sizes.flash_bytes % 16 == 0
    assert 500 < sizes.code_bytes < 3000


def test_flash_is_all_that_is_programmed_and_no_more() -> None:
    image = read_firmware(link(board("armv6-m")))
    programmed = sum(len(segment.content) for segment in image.segments)
    flash_bytes = firmware_sizes(image).flash_bytes
    assert 0 <= flash_bytes - programmed < 64  # gaps between sections
    assert min(segment.load_address for segment in image.segments) == 0x0800_0000
    data = image.sections[".data"]
    assert data.address >= 0x2000_0000
    assert max(s.end_address for s in image.segments) == 0x0800_0000 + flash_bytes


def test_region_use_counts_from_the_first_usable_address() -> None:
    ours = board(
        "armv6-m",
        flash(64 * KIB, reserve_bytes=4 * KIB),
        sram(16 * KIB),
        sram(2 * KIB, 0x1000_0000, name="B"),
    )
    image = read_firmware(link(ours))
    sizes = firmware_sizes(image)
    uses = {use.region: use for use in region_uses(image, ours.regions)}
    assert uses["FLASH"].used_bytes == sizes.flash_bytes
    assert uses["FLASH"].free_bytes == 60 * KIB - sizes.flash_bytes
    assert uses["SRAM1"].used_bytes == ARENA_BYTES
    assert uses["B"].used_bytes == sizes.stack_bytes + sizes.static_bytes


@pytest.mark.parametrize("content", [b"", b"not an ELF", b"\x7fELF" + bytes(4), b"\x7fELF" * 100])
def test_bytes_that_are_no_firmware_are_refused(content: bytes) -> None:
    with pytest.raises(ToolchainError, match="firmware"):
        read_firmware(content)


def test_a_truncated_firmware_is_refused() -> None:
    elf = link(board("armv6-m"))
    with pytest.raises(ToolchainError):
        read_firmware(elf[: len(elf) // 2])


def test_a_missing_symbol_is_named() -> None:
    image = read_firmware(link(board("armv6-m")))
    with pytest.raises(ToolchainError, match="'no_such_symbol'"):
        image.symbol("no_such_symbol")


def test_a_section_that_the_script_does_not_place_is_refused() -> None:
    extra = '__attribute__((section("elsewhere"))) const volatile int32_t stray = 5;\n'
    sources = firmware_sources(layer_code(extra), "armv6-m")
    sources["hand.c"] = sources["hand.c"].replace("n_calls++;", "n_calls += stray;")
    sources["hand.h"] += "extern const volatile int32_t stray;\n"
    ours = board("armv6-m")
    toolchain = ZigToolchain()
    script = linker_script(ours, best_attempt(ours), 1024)
    elf = toolchain.link(toolchain.compile(sources, "armv6-m"), script)
    with pytest.raises(ToolchainError, match="elsewhere"):
        read_firmware(elf)
