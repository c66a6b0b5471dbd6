"""The built-in boards beside the device catalogue: the same facts, and no board twice."""

from __future__ import annotations

import pytest

from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.board_file import builtin_boards
from fitgraph.registry.device_catalogue import catalogue_board, catalogue_mcu
from fitgraph.registry.device_tables import board_lines

#: Built-in boards whose part the catalogue does not have.
WITHOUT_PART = {"alif-ensemble-e7-devkit", "arm-mps3-an547", "saml10-xplained-pro"}
#: Regions that the catalogue's part lacks, and why.
ASIDE = {
    ("nucleo-f767zi", "ITCM-RAM"): "the list of STM32 leaves it out",
    ("nucleo-g474re", "SRAM1+SRAM2+CCM SRAM"): "the catalogue has CCM apart, where it follows",
    ("nucleo-u575zi-q", "SRAM4"): "the list of STM32 leaves it out",
}
#: Boards whose part is in the catalogue by its total alone, without a memory map.
BY_TOTAL = {"esp32-c3-devkitm-1", "esp32-c6-devkitc-1", "esp32-devkitc-v4"}
LINKED = [board for board in builtin_boards() if board.mcu_link]


def test_every_built_in_board_links_to_its_part() -> None:
    without = {board.board_id for board in builtin_boards() if board.mcu_link is None}
    assert without == WITHOUT_PART
    assert all(board.mcu_link and board.mcu_link.is_exact for board in LINKED)


@pytest.mark.parametrize("board", LINKED, ids=lambda board: board.board_id)
def test_a_built_in_board_has_the_memory_of_its_part(board: Board) -> None:
    """Two people wrote these down; what lies beside the chip is the board's alone."""
    assert board.mcu_link
    part = catalogue_mcu(board.mcu_link.mcu_id)
    assert part is not None
    outside = [
        region.name
        for region in board.regions
        if _on_chip(board, region)
        and (board.board_id, region.name) not in ASIDE
        and not any(_lies_in(region, other) for other in part.regions)
    ]
    assert outside == []


@pytest.mark.parametrize("board", LINKED, ids=lambda board: board.board_id)
def test_a_built_in_board_has_the_core_of_its_part(board: Board) -> None:
    assert board.mcu_link
    part = catalogue_mcu(board.mcu_link.mcu_id)
    assert part is not None
    is_other_core = board.board_id == "raspberry-pi-pico-2-riscv"
    assert (board.isa_class == part.isa_class) is not is_other_core


def test_no_board_is_both_built_in_and_in_the_catalogue() -> None:
    ours = {name for board in builtin_boards() for name in (board.board_id, *board.other_names)}
    assert not ours & board_lines().keys()
    assert catalogue_board("rpi-pico") is None


def test_no_two_built_in_boards_share_a_name() -> None:
    names = [name for board in builtin_boards() for name in (board.board_id, *board.other_names)]
    assert len(set(names)) == len(names)


def _on_chip(board: Board, region: MemoryRegion) -> bool:
    is_beside = region.kind in (RegionKind.PSRAM, RegionKind.EXTFLASH) or (
        "flash" in region.name.lower() and (board.mcu.startswith(("RP2", "MIMXRT", "ESP32")))
    )
    return not is_beside and board.board_id not in BY_TOTAL


def _lies_in(region: MemoryRegion, other: MemoryRegion) -> bool:
    if (region.kind is RegionKind.FLASH) != (other.kind is RegionKind.FLASH):
        return False
    if None in (region.base_address, region.end_address, other.base_address, other.end_address):
        return False
    return (
        other.base_address <= region.base_address  # type: ignore[operator]
        and region.end_address <= other.end_address  # type: ignore[operator]
    )
