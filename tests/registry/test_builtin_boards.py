"""The boards that fitgraph brings: sane by themselves and in agreement with other sources."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from fitgraph.registry.board import Board, MemoryRegion, RegionKind
from fitgraph.registry.board_file import builtin_board, builtin_boards, load_board
from fitgraph.registry.errors import NotFoundError
from fitgraph.registry.isa import ISA_CLASSES
from tests.support.regions import span_of

FOLDER = Path(__file__).parents[2] / "registry" / "boards"
BOARDS = {board.board_id: board for board in builtin_boards()}

DATA = {RegionKind.SRAM, RegionKind.DTCM, RegionKind.CCM}
ON_CHIP_RAM = DATA | {RegionKind.ITCM}

SENSORS = {
    "accelerometer",
    "camera",
    "colour",
    "gas",
    "gesture",
    "gyroscope",
    "hall",
    "humidity",
    "light",
    "magnetometer",
    "microphone",
    "pressure",
    "proximity",
    "temperature",
}
RADIOS = {
    "802.15.4",
    "bluetooth",
    "gnss",
    "lora",
    "lte-m",
    "nb-iot",
    "nfc",
    "sub-ghz",
    "wifi",
}

# A board, what it is in the list of devices (where the spelling differs) and what is not in it.
LISTED_AS = {
    "ATSAMD21G18A": "ATSAMD21G18",
    "ATSAMD51J19A": "ATSAMD51J19",
    "ATSAMD51J20A": "ATSAMD51J20",
    "MIMXRT1062DVJ6": "MIMXRT1062DVL6B",
    "MIMXRT1062DVL6": "MIMXRT1062DVL6B",
    "MIMXRT1062DVL6A": "MIMXRT1062DVL6B",
    "MKL25Z128VLK4": "MKL25Z128XXX4",
    "R7FA4M1AB3CFM": "R7FA4M1AB",
    "nRF51822": "NRF51822AA",
    "nRF52832": "NRF52832AA",
    "nRF52833": "NRF52833AA",
    "nRF52840": "NRF52840AA",
    "nRF5340": "NRF5340AA",
    "nRF9160": "NRF9160AA",
}
NOT_LISTED = {"AE722F80F55D5", "AN547", "ATSAML10E16A"}

# The ISA class of a core in the list of devices, by core and FPU.
ISA_OF_CORE = {
    ("AVR8", "none"): "avr",
    ("Cortex-M0", "none"): "armv6-m",
    ("Cortex-M0+", "none"): "armv6-m",
    ("Cortex-M3", "none"): "armv7-m",
    ("Cortex-M33", "sp"): "armv8-m.main+dsp+fp",
    ("Cortex-M4", "none"): "armv7e-m",
    ("Cortex-M4", "sp"): "armv7e-m+fp",
    ("Cortex-M7", "dp"): "armv7e-m+fp.dp",
    ("Cortex-M7", "sp"): "armv7e-m+fpv5",
    ("RV32IMAC", "none"): "rv32imac",
    ("RV32IMAFC", "sp"): "rv32imafc",
    ("RV32IMC", "none"): "rv32imc",
    ("Xtensa-LX6", "sp"): "xtensa-lx6",
    ("Xtensa-LX7", "sp"): "xtensa-lx7",
}

# Where we differ on purpose: board, fact, what the list says, what we say. The reasons are in the
# table of docs/boards.md.
DIFFERENCES = {
    ("adafruit-edgebadge", "sram_bytes", "204800", "196608"),
    ("adafruit-feather-m4-express", "sram_bytes", "204800", "196608"),
    ("adafruit-pybadge", "sram_bytes", "204800", "196608"),
    ("arduino-uno-r3", "clock_hz", "20000000", "16000000"),
    ("b-l475e-iot01a", "sram_bytes", "98304", "131072"),
    ("b-u585i-iot02a", "sram_bytes", "786432", "802816"),
    ("b-u585i-iot02a", "address", "", "SRAM4"),
    ("ch32v203c8t6-evt-r0", "flash_bytes", "229376", "65536"),
    ("ch32v307v-evt-r1", "flash_bytes", "491520", "262144"),
    ("mimxrt1060-evk", "address", "", "OCRAM"),
    ("nrf5340-dk-network", "address", "", "Flash"),
    ("nrf5340-dk-network", "address", "", "RAM"),
    ("nrf5340-dk-network", "clock_hz", "128000000", "64000000"),
    ("nrf5340-dk-network", "flash_bytes", "1048576", "262144"),
    ("nrf5340-dk-network", "isa_class", "armv8-m.main+dsp+fp", "armv8-m.main"),
    ("nrf5340-dk-network", "sram_bytes", "524288", "65536"),
    ("nucleo-g474re", "sram_bytes", "98304", "131072"),
    ("nucleo-h563zi", "sram_bytes", "1049231360", "655360"),
    ("nucleo-l476rg", "sram_bytes", "98304", "131072"),
    ("nucleo-u575zi-q", "address", "", "SRAM4"),
    ("nucleo-u575zi-q", "sram_bytes", "786432", "802816"),
    ("raspberry-pi-pico-2", "address", "", "SRAM0-SRAM7"),
    ("raspberry-pi-pico-2", "address", "", "SRAM8"),
    ("raspberry-pi-pico-2", "address", "", "SRAM9"),
    ("raspberry-pi-pico-2-riscv", "address", "", "SRAM0-SRAM7"),
    ("raspberry-pi-pico-2-riscv", "address", "", "SRAM8"),
    ("raspberry-pi-pico-2-riscv", "address", "", "SRAM9"),
    ("raspberry-pi-pico-2-riscv", "isa_class", "armv8-m.main+dsp+fp", "rv32imac"),
    ("sipeed-longan-nano", "sram_bytes", "98304", "32768"),
    ("sparkfun-thing-plus-samd51", "sram_bytes", "270336", "262144"),
    ("teensy-4-0", "address", "", "OCRAM"),
    ("teensy-4-1", "address", "", "OCRAM"),
    ("xg24-dk2601b", "clock_hz", "38400000", "78000000"),
}


def test_there_are_at_least_forty_boards_of_five_vendors_and_every_isa_class_but_one() -> None:
    assert len(BOARDS) >= 40
    assert len({board.vendor for board in BOARDS.values()}) >= 5
    # No board is known whose Cortex-M33 has the DSP extension and no FPU.
    missing = set(ISA_CLASSES) - {board.isa_class for board in BOARDS.values()}
    catalogue_only = {"rv32ec", "rv32imafdc", "rv64gc", "xtensa-l106"}
    assert missing == {"armv8-m.main+dsp"} | catalogue_only


def test_ids_are_unique_and_name_the_files() -> None:
    ids = Counter(board.board_id for board in builtin_boards())
    assert set(ids.values()) == {1}
    assert {path.name for path in FOLDER.iterdir()} == {f"{board_id}.yaml" for board_id in ids}


def test_names_are_unique() -> None:
    assert len({board.name for board in BOARDS.values()}) == len(BOARDS)


def test_a_board_is_found_by_its_id_and_read_once() -> None:
    board = builtin_board("arduino-nano-33-ble-sense")
    assert board.mcu == "nRF52840"
    assert builtin_boards() is builtin_boards()


def test_a_misspelt_id_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFoundError) as caught:
        builtin_board("nucleo-l4r5z")
    assert caught.value.hint == "did you mean 'nucleo-l4r5zi'?"


@pytest.mark.parametrize("board_id", BOARDS)
def test_a_file_on_disk_gives_the_board_that_is_built_in(board_id: str) -> None:
    assert load_board(FOLDER / f"{board_id}.yaml") == BOARDS[board_id]


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_a_core_is_one_of_its_isa_class(board: Board) -> None:
    assert board.cpu_core in ISA_CLASSES[board.needed_isa_class()].cores


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_sensors_and_radios_use_the_documented_words_once_each(
    board: Board, repository: Path
) -> None:
    assert set(board.sensors) <= SENSORS
    assert set(board.radios) <= RADIOS
    assert len(set(board.sensors)) == len(board.sensors)
    text = (repository / "docs" / "boards.md").read_text(encoding="utf-8")
    assert all(f"`{word}`" in text for word in (*board.sensors, *board.radios))


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_no_two_regions_share_an_address(board: Board) -> None:
    spans = sorted((span_of(region) for region in board.regions), key=lambda span: span.start)
    assert all(first.stop <= second.start for first, second in pairwise(spans))


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_regions_lie_where_the_architecture_puts_memory(board: Board) -> None:
    for region in board.regions:
        span = span_of(region)
        assert any(
            low <= span.start and span.stop <= high
            for low, high in address_ranges(board.needed_isa_class(), region.kind)
        ), f"{region.name} at {span.start:#x}"


def address_ranges(isa_class: str, kind: RegionKind) -> tuple[tuple[int, int], ...]:
    """Where memory of a kind may lie on cores of a class."""
    if isa_class == "avr":  # data addresses carry avr-gcc's offset
        return ((0x800100, 0x801000),) if kind in DATA else ((0, 0x40000),)
    if isa_class.startswith("arm"):
        # Armv6-M, Armv7-M and Armv8-M: Code below 0x20000000, SRAM below 0x40000000, then
        # peripherals, then external RAM from 0x60000000 to 0xe0000000.
        external = (0x60000000, 0xE0000000)
        if kind is RegionKind.PSRAM:
            return (external,)
        return ((0, 0x40000000),) if kind in ON_CHIP_RAM else ((0, 0x20000000), external)
    # Espressif's data bus is below 0x40000000, its instruction bus above; the other RISC-V parts
    # follow the map of their Cortex-M relatives.
    return ((0x20000000, 0x50000000),) if kind in ON_CHIP_RAM else ((0x08000000, 0x50000000),)


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_tightly_coupled_memory_is_what_its_kind_says(board: Board) -> None:
    for region in board.regions:
        if board.needed_isa_class().startswith("arm"):
            assert region.kind is not RegionKind.ITCM or region.base_address == 0
            assert region.kind is not RegionKind.DTCM or region.base_address == 0x20000000
            assert region.kind is not RegionKind.CCM or region.base_address == 0x10000000


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_a_board_leaves_room_for_code_and_data(board: Board) -> None:
    assert max(region.free_bytes for region in board.regions if region.kind in DATA) >= 2048
    assert board.regions_of(RegionKind.FLASH)[0].free_bytes >= 16384


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_a_board_names_at_least_two_sources(board: Board) -> None:
    assert len(board.sources) >= 2
    assert all(len(source) > 10 for source in board.sources)


def test_boards_agree_with_the_list_of_devices_but_for_the_documented_differences(
    shared_data: Path,
) -> None:
    found = {
        (board.board_id, *difference)
        for board in BOARDS.values()
        if board.mcu not in NOT_LISTED
        for difference in differences(board, device(shared_data, board.mcu))
    }
    assert found == DIFFERENCES


def test_parts_said_to_be_absent_are_absent(shared_data: Path) -> None:
    assert not NOT_LISTED & set(devices(shared_data))


def test_every_difference_has_its_row_in_the_documentation(repository: Path) -> None:
    text = (repository / "docs" / "boards.md").read_text(encoding="utf-8")
    rows = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    assert {board_id for board_id, *_ in DIFFERENCES} <= set(re.findall(r"`([^`]+)`", rows))


@cache
def devices(shared_data: Path) -> dict[str, dict[str, str]]:
    """The list's microcontrollers by key."""
    with (shared_data / "devices.csv").open(encoding="utf-8", newline="") as file:
        return {row["mcu_key"]: row for row in csv.DictReader(file) if row["kind"] == "mcu"}


def device(shared_data: Path, mcu: str) -> dict[str, str]:
    key = LISTED_AS.get(mcu, re.sub(r"[^A-Z0-9]", "", mcu.upper()))
    return devices(shared_data)[key]


def differences(board: Board, row: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Facts on which a board and a row differ: the fact, theirs, ours."""
    theirs_isa = ISA_OF_CORE[row["cpu_core"], row["fpu"]]
    ours_isa = board.needed_isa_class()
    if theirs_isa != ours_isa:
        yield "isa_class", theirs_isa, ours_isa
    if row["clock_hz"] not in ("", str(board.clock_hz)):
        yield "clock_hz", row["clock_hz"], str(board.clock_hz)
    # Some of the list's sources count instruction memory.
    sizes = [total(board, DATA), total(board, ON_CHIP_RAM)]
    if row["sram_bytes"] and int(row["sram_bytes"]) not in sizes:
        yield "sram_bytes", row["sram_bytes"], str(sizes[0])
    flash = total(board, {RegionKind.FLASH})
    if row["flash_bytes"] not in ("", str(flash)):
        yield "flash_bytes", row["flash_bytes"], str(flash)
    yield from (("address", "", region.name) for region in unlisted(board, row))


def total(board: Board, kinds: set[RegionKind]) -> int:
    return sum(region.size_bytes for region in board.regions if region.kind in kinds)


def unlisted(board: Board, row: dict[str, str]) -> Iterable[MemoryRegion]:
    """Regions with an address that no region of theirs has, where they give addresses."""
    for column, kinds in (("sram_regions", DATA), ("flash_regions", {RegionKind.FLASH})):
        listed = json.loads(row[column] or "[]")
        spans = [(base, base + size) for _, base, size in listed if base is not None]
        for region in board.regions:
            if spans and region.kind in kinds and not covered(region, spans):
                yield region


def covered(region: MemoryRegion, spans: list[tuple[int, int]]) -> bool:
    """Whether contiguous spans hold the whole region."""
    address, end = span_of(region).start, span_of(region).stop
    for low, high in sorted(spans):
        if low <= address < high:
            address = high
    return address >= end
