"""Boards that do not exist, with memory for any model: a class is measured on them."""

from __future__ import annotations

import re

from fitgraph.registry.board import Board, MemoryRegion, RegionKind

MIB = 1024 * 1024

# Branches of Thumb-2 reach 16 MiB; code lies before the weights, so it never needs more.
_FLASH = MemoryRegion("FLASH", RegionKind.FLASH, 0x0800_0000, 128 * MIB)
_SRAM = MemoryRegion("SRAM", RegionKind.SRAM, 0x2000_0000, 128 * MIB)


def ample_board(isa_class: str) -> Board:
    """128 MiB of flash and as much SRAM, where most Cortex-M have theirs."""
    return Board(
        board_id="reference-" + re.sub("[^a-z0-9]+", "-", isa_class),
        name=f"Reference board for {isa_class}",
        vendor="fitgraph",
        mcu=isa_class,
        cpu_core=isa_class,
        isa_class=isa_class,
        clock_hz=1_000_000,
        regions=(_FLASH, _SRAM),
    )
