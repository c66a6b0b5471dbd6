"""The text picture of a board's memory."""

from __future__ import annotations

from fitgraph.api.memory_map import memory_map, size_words
from fitgraph.registry.board import Board, MemoryRegion, RegionKind

KIB = 1024
BOARD = Board(
    "nano", "Nano", "Arduino", "nRF52840", "Cortex-M4F", "armv7e-m+fp", 64_000_000,
    (
        MemoryRegion("FLASH", RegionKind.FLASH, 0, 1024 * KIB, 64 * KIB, "bootloader"),
        MemoryRegion("RAM", RegionKind.SRAM, 0x2000_0000, 256 * KIB),
    ),
)  # fmt: skip


def test_the_highest_address_is_on_top_and_every_region_has_its_ends() -> None:
    lines = memory_map(BOARD).splitlines()
    addresses = [line.split()[0] for line in lines if line.startswith("0x")]
    assert addresses == ["0x2003ffff", "0x20000000", "0x000fffff", "0x00000000"]


def test_a_gap_between_regions_shows() -> None:
    assert any(line.strip() == "..." for line in memory_map(BOARD).splitlines())


def test_a_reserve_shows_with_its_reason_and_what_it_leaves() -> None:
    text = memory_map(BOARD)
    assert "reserve 65,536 B: bootloader" in text
    assert "free 983,040 B from 0x00010000" in text


def test_a_larger_region_is_never_drawn_smaller() -> None:
    def height(size: int) -> int:
        region = MemoryRegion("R", RegionKind.SRAM, 0, size)
        board = Board("b", "B", "V", "M", "c", "armv6-m", 1, (region,))
        return len(memory_map(board).splitlines())

    heights = [height(2**power) for power in range(31)]
    assert heights == sorted(heights)


def test_sizes_are_said_in_the_largest_unit_that_is_exact() -> None:
    assert [size_words(n) for n in (0, 1000, 1024, 1536, 2 * KIB * KIB)] == [
        "0 B", "1,000 B", "1 KiB", "1,536 B", "2 MiB",
    ]  # fmt: skip
