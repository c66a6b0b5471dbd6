from __future__ import annotations

import csv
from pathlib import Path

from fitgraph.matcher.doubt import doubt_of_core, sure_part
from fitgraph.registry.board_checks import check_board, check_mcu
from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.device_catalogue import (
    catalogue_board,
    catalogue_boards,
    catalogue_mcus,
    find_boards,
)
from scripts.make_catalogue import FOLDER, tables


def test_the_catalogue_has_thousands_of_devices_and_none_contradicts_itself() -> None:
    mcus = [check_mcu(mcu) for mcu in catalogue_mcus()]
    boards = [check_board(board) for board in catalogue_boards()]
    assert len(mcus) >= 7000
    assert len(boards) >= 3000


def test_boards_are_found_by_their_microcontroller() -> None:
    assert any(board.board_id == "feather-m4-can" for board in find_boards("same51j19a"))


def test_the_tables_are_what_the_list_of_facts_gives(shared_data: Path) -> None:
    with (shared_data / "devices.csv").open(encoding="utf-8", newline="") as file:
        made = tables(list(csv.DictReader(file)))
    for name, text in made.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, name


def test_the_tables_take_less_than_a_megabyte_and_a_half() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 1_500_000


def test_a_board_that_goes_by_the_second_core_of_its_part_is_no_surer_than_a_guess() -> None:
    """Code for the Cortex-M7 of an STM32H747 does not run on its Cortex-M4."""
    for second in ("giga-r1-m4", "disco-h747i-cm4", "stm32h747i-disco-m4", "lpcxpresso54114-m0"):
        board = catalogue_board(second)
        assert board is not None
        assert board.mcu_link is not None
        assert "another core" in board.mcu_link.reason
        assert doubt_of_core(board)
        assert not sure_part(board).regions
    for first in ("giga-r1-m7", "adafruit-feather-m4-can", "feather-m4-can"):
        board = catalogue_board(first)
        assert board is not None
        assert not doubt_of_core(board)


def test_memory_that_a_first_core_takes_its_share_of_is_derived() -> None:
    """A PSoC 6 starts on its Cortex-M0+, whose firmware lies before that of the Cortex-M4."""
    board = catalogue_board("cy8ckit-062-ble")
    assert board is not None
    assert {region.status for region in board.regions} == {ClaimStatus.DERIVED}
