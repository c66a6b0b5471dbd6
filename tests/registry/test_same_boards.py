"""Lines of the list of facts that are one board become one, and two boards never do."""

from __future__ import annotations

from pathlib import Path

import pytest

from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.device_catalogue import catalogue_board, catalogue_boards, find_boards
from scripts.same_boards import one_board_each

Row = dict[str, str]
CHIPS: dict[str, Row] = {
    "RP2040": {"vendor": "Raspberry Pi", "sram_bytes": "270336", "flash_bytes": ""},
    "ESP32S3": {"vendor": "Espressif", "sram_bytes": "524288", "flash_bytes": ""},
}


def row(board_id: str, name: str, vendor: str, source: str, **more: str) -> Row:
    """A line of the list."""
    columns = {"mcu_key": "RP2040", "board_sram_claim": "", "board_flash_claim": ""}
    said = {"board_id": board_id, "board_name": name, "vendor": vendor, "source": source}
    return {**columns, **said, **more}


def merged(*rows: Row) -> dict[str, str]:
    groups: dict[str, list[Row]] = {}
    for one in rows:
        groups.setdefault(one["board_id"], []).append(one)
    return one_board_each(groups, CHIPS)


FIRST = row("acme-feather-rp2040", "Acme Feather RP2040", "Acme Industries", "circuitpython")


@pytest.mark.parametrize(
    "other",
    [
        row("acme-feather", "Feather RP2040", "Acme", "platformio:raspberrypi"),
        row("feather-rp2040", "acme-feather-rp2040", "Raspberry Pi", "nuttx"),
        row("acmefeather", "Acme Feather RP2040", "Acme", "mbed-ce", board_flash_claim="8388608"),
    ],
    ids=lambda one: one["source"],
)
def test_one_board_under_two_names_is_one(other: Row) -> None:
    """The longest name stays."""
    assert merged(FIRST, other) == {other["board_id"]: "acme-feather-rp2040"}
    assert merged(other, FIRST) == {other["board_id"]: "acme-feather-rp2040"}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(row("acme-feather", "Feather RP2040", "Acme", "circuitpython"), id="source"),
        pytest.param(row("feather-rp2040", "Feather RP2040", "Bcme", "nuttx"), id="maker"),
        pytest.param(row("feather", "Feather RP2040", "Other/Unknown", "zephyr-4"), id="nobody"),
        pytest.param(row("acme-feather-v2", "Feather RP2040", "Acme", "nuttx"), id="version"),
        pytest.param(row("acme-feather", "Feather RP2040 CAN", "Acme", "nuttx"), id="name"),
        pytest.param(
            row("acme-feather", "Feather RP2040", "Acme", "nuttx", mcu_key="ESP32S3"), id="part"
        ),
        pytest.param(row("acme-feather", "Feather RP2040", "Acme", "nuttx", mcu_key=""), id="none"),
    ],
)
def test_two_boards_stay_two(other: Row) -> None:
    assert merged(FIRST, other) == {}


def test_boards_of_one_name_with_other_memory_stay_apart() -> None:
    small = {**FIRST, "board_flash_claim": "4194304"}
    large = row("acme-feather", "Feather RP2040", "Acme", "nuttx", board_flash_claim="16777216")
    assert merged(small, large) == {}


def test_a_board_that_is_said_to_have_less_than_its_part_stays_apart() -> None:
    """A configuration of somebody's system would take memory from the board."""
    other = row("acme-feather", "Feather RP2040", "Acme", "nuttx", board_sram_claim="65535")
    assert merged(FIRST, other) == {}


def test_what_is_the_same_as_one_of_two_that_differ_joins_neither_wrongly() -> None:
    """A third is one board with all of a cluster, or stays apart."""
    again = row("acmefeather", "Acme Feather RP2040", "Acme", "nuttx")
    clash = row("acme-feather", "Feather RP2040", "Acme", "nuttx")
    assert merged(FIRST, again, clash) == {"acme-feather": "acme-feather-rp2040"}


def test_a_board_of_the_catalogue_is_found_by_its_other_names() -> None:
    board = catalogue_board("xiao-esp32c3")
    assert board is not None
    assert (board.board_id, board.other_names) == ("seeed-xiao-esp32c3", ("xiao-esp32c3",))
    assert board in find_boards("xiao-esp32c3")


def test_no_name_means_two_boards_of_the_catalogue() -> None:
    boards = tuple(catalogue_boards())
    names = [name for board in boards for name in (board.board_id, *board.other_names)]
    assert len(set(names)) == len(names)
    assert len(boards) >= 3000
    assert sum(len(board.other_names) for board in boards) >= 30


def test_a_board_that_is_added_by_an_other_name_is_that_board(tmp_path: Path) -> None:
    with open_registry(tmp_path) as registry:
        assert registry.add_from_catalogue("board", "xiao-esp32c3").is_new
        assert registry.get_board("xiao-esp32c3").board_id == "seeed-xiao-esp32c3"
