from __future__ import annotations

import csv
from pathlib import Path

import pytest

from fitgraph.registry.board_checks import check_board, check_mcu
from fitgraph.registry.device_catalogue import (
    catalogue_boards,
    catalogue_mcu,
    catalogue_mcus,
    find_boards,
)
from fitgraph.registry.reviewed_parts import ReviewedPart, reviewed_parts
from scripts.make_catalogue import FOLDER, tables

EXPECTED = {
    "nrf52840": {(0x0, 1 << 20), (0x20000000, 256 << 10)},
    "nrf5340-net": {(0x01000000, 256 << 10), (0x21000000, 64 << 10)},
    "same70q21b": {(0x400000, 2 << 20), (0x20400000, 384 << 10)},
    "samg55j19": {(0x400000, 512 << 10), (0x20000000, 160 << 10)},
    "newport-cortex-m0plus": {(None, 8 << 10), (None, 16 << 10)},
    "newport-edmpv1": {(None, 4 << 10), (None, 16 << 10)},
}


def test_the_catalogue_has_thousands_of_devices_and_none_contradicts_itself() -> None:
    mcus = [check_mcu(mcu) for mcu in catalogue_mcus()]
    boards = [check_board(board) for board in catalogue_boards()]
    assert len(mcus) >= 7000
    assert len(boards) >= 3000


@pytest.mark.parametrize("mcu_id", EXPECTED)
def test_a_checked_part_has_the_regions_of_its_manual(mcu_id: str) -> None:
    mcu = catalogue_mcu(mcu_id)
    assert mcu is not None
    assert {(r.base_address, r.size_bytes) for r in mcu.regions} == EXPECTED[mcu_id]


@pytest.mark.parametrize("part", reviewed_parts(), ids=lambda part: part.mcu.mcu_id)
def test_banks_fill_their_region(part: ReviewedPart) -> None:
    sizes = {region.name: region.size_bytes for region in part.mcu.regions}
    for name, banks in part.banks.items():
        assert not banks or sum(bank.size_bytes for bank in banks) == sizes[name]


def test_boards_are_found_by_their_microcontroller() -> None:
    assert any(board.board_id == "feather-m4-can" for board in find_boards("same51j19a"))


def test_the_tables_are_what_the_list_of_facts_gives(shared_data: Path) -> None:
    with (shared_data / "devices.csv").open(encoding="utf-8", newline="") as file:
        made = tables(list(csv.DictReader(file)))
    for name, text in made.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, name


def test_the_tables_take_less_than_a_megabyte_and_a_half() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 1_500_000
