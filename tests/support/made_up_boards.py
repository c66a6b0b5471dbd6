"""Boards made up for a test."""

from __future__ import annotations

from fitgraph.registry.board import Board, MemoryRegion, RegionKind

KIB = 1024


def flash(size_bytes: int, base_address: int = 0x0800_0000, reserve_bytes: int = 0) -> MemoryRegion:
    return MemoryRegion("FLASH", RegionKind.FLASH, base_address, size_bytes, reserve_bytes)


def sram(
    size_bytes: int,
    base_address: int = 0x2000_0000,
    reserve_bytes: int = 0,
    name: str = "SRAM1",
) -> MemoryRegion:
    return MemoryRegion(name, RegionKind.SRAM, base_address, size_bytes, reserve_bytes)


def board(isa_class: str, *regions: MemoryRegion) -> Board:
    return Board(
        board_id="made-up",
        name="Made-up board",
        vendor="nobody",
        mcu="MU1",
        cpu_core="any",
        isa_class=isa_class,
        clock_hz=1_000_000,
        regions=regions or (flash(64 * KIB), sram(16 * KIB)),
    )
