"""No memory of the catalogue is counted twice, and none that lies beside the chip."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from fitgraph.registry.board_checks import DATA_KINDS
from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.device_catalogue import catalogue_boards, catalogue_mcus
from fitgraph.registry.device_tables import mcu_lines, reviewed_by_id
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.memory_region import MemoryRegion, RegionKind
from scripts.device_corrections import CORRECTIONS, Correction, corrected, is_shared
from scripts.memory_rules import clean_flash, clean_ram, coded_flash_bytes

KIB = 1 << 10
SECURE_ALIAS = 1 << 28


def _mcus() -> list[Mcu]:
    """What the tables say; the parts that were checked by hand have tests of their own."""
    return [mcu for mcu in catalogue_mcus() if mcu.mcu_id not in reviewed_by_id()]


def _bytes(regions: tuple[MemoryRegion, ...], *kinds: RegionKind) -> int:
    return sum(region.size_bytes for region in regions if region.kind in kinds)


def test_no_part_has_more_memory_than_its_source_counts() -> None:
    """Regions for data add up to no more than the total of RAM, those for programs of flash."""
    lines = mcu_lines()
    for mcu in _mcus():
        line = lines[mcu.mcu_id]
        assert _bytes(mcu.regions, *DATA_KINDS) <= int(line["sram_bytes"] or 0), mcu.mcu_id
        assert _bytes(mcu.regions, RegionKind.FLASH) <= int(line["flash_bytes"] or 0), mcu.mcu_id


def test_no_board_has_more_memory_than_its_part() -> None:
    parts = {mcu.mcu_id: mcu for mcu in catalogue_mcus()}
    for board in catalogue_boards():
        if board.mcu_link is None:
            continue
        part = parts[board.mcu_link.mcu_id]
        ram = _bytes(part.regions, *DATA_KINDS)
        assert not ram or _bytes(board.regions, *DATA_KINDS) <= ram, board.board_id


def test_no_region_shows_a_memory_for_the_second_time() -> None:
    """Neither its secure view, nor that of the code bus, nor a range within another."""
    for mcu in catalogue_mcus():
        has_tcm = any(r.kind in {RegionKind.ITCM, RegionKind.DTCM} for r in mcu.regions)
        for first, second in combinations(mcu.regions, 2):
            is_flash = RegionKind.FLASH in {first.kind, second.kind}
            if first.size_bytes != second.size_bytes or (is_flash and first.kind != second.kind):
                continue
            bases = {first.base_address, second.base_address} - {None}
            apart = max(bases, default=0) - min(bases, default=0)  # type: ignore[type-var,operator]
            assert has_tcm or apart != SECURE_ALIAS, mcu.mcu_id
            assert bases != {0x0800_0000, 0x0C00_0000}, mcu.mcu_id


def test_no_part_has_a_flash_or_ram_of_external_size() -> None:
    for mcu in catalogue_mcus():
        for region in mcu.regions:
            limit = 8 << 20 if region.kind is RegionKind.FLASH else 16 << 20
            assert region.size_bytes < limit, mcu.mcu_id


def test_what_debuggers_alone_list_gives_no_fit() -> None:
    """Their lists have been found to name TCM as RAM, flash beside the chip, another core's RAM."""
    for mcu in _mcus():
        sources = set(mcu.sources) - {"fitgraph device catalogue", "family-data-sheet"}
        if sources and sources <= {"probe-rs", "pyocd"}:
            assert all(r.status is ClaimStatus.UNCHECKED for r in mcu.regions), mcu.mcu_id


def test_a_part_has_no_more_flash_than_its_name_says() -> None:
    for mcu in _mcus():
        coded = coded_flash_bytes(mcu.part)
        assert coded is None or _bytes(mcu.regions, RegionKind.FLASH) <= coded, mcu.part


@pytest.mark.parametrize(
    ("part", "kib"),
    [("STM32F746NG", 1024), ("STM32H743ZI", 2048), ("STM32L053R8", 64), ("STM32WB15CC", 320),
     ("EFR32MG12P432F1024GL125", 1024), ("EFM32TG11B120F128GM32", 128), ("XMC4500-F100x1024", 1024),
     ("STM32G431C6", 32), ("nRF52840_xxAA", None), ("RP2040", None)],
)  # fmt: skip
def test_names_tell_flash(part: str, kib: int | None) -> None:
    assert coded_flash_bytes(part) == (None if kib is None else kib * KIB)


def test_the_secure_view_of_ram_is_dropped_and_leaves_doubt() -> None:
    listed = [["nsram", 0x20000000, 64 * KIB], ["sram", 0x30000000, 64 * KIB]]
    memory = clean_ram(listed, 128 * KIB, "Cortex-M33", "LPC55S16")
    assert [(base, size) for _, _, base, size in memory.regions] == [(0x20000000, 64 * KIB)]
    assert memory.total_bytes == 64 * KIB
    assert not memory.is_sure


def test_the_secure_view_of_flash_is_dropped() -> None:
    for second in (0x0C000000, 0x18000000):
        listed: list[list[object]] = [
            ["a", 0x08000000, 512 * KIB],
            ["b", second, 512 * KIB],
        ]
        memory = clean_flash(listed, 1024 * KIB, "", "STM32L5")
        assert [base for _, _, base, _ in memory.regions] == [0x08000000]
        assert not memory.is_sure


def test_a_core_with_tcm_has_other_memory_at_the_alias_distance() -> None:
    """DTCM at 0x20000000 and AHB SRAM at 0x30000000 are two memories of the same size."""
    listed = [["dtcm", 0x20000000, 128 * KIB], ["ahb", 0x30000000, 128 * KIB]]
    memory = clean_ram(listed, 256 * KIB, "Cortex-M7", "STM32H7A3ZI")
    assert len(memory.regions) == 2
    assert memory.is_sure


def test_ram_that_the_code_bus_sees_elsewhere_counts_once() -> None:
    listed = [["IRAM2", 0x00400000, 64 * KIB], ["IRAM1", 0x20000000, 64 * KIB]]
    memory = clean_ram(listed, 128 * KIB, "Cortex-M3", "MAX71616")
    assert [name for _, name, _, _ in memory.regions] == ["IRAM1"]
    assert not memory.is_sure


def test_flexram_counts_as_the_fuses_divide_it() -> None:
    """A list gives all of the shared RAM to each of its three uses."""
    listed = [["ITCM", 0, 512 * KIB], ["DTCM", 0x20000000, 512 * KIB],
              ["OCRAM", 0x20200000, 512 * KIB]]  # fmt: skip
    memory = clean_ram(listed, 1536 * KIB, "Cortex-M7", "MIMXRT1052")
    sizes = {kind: size // KIB for kind, _, _, size in memory.regions}
    assert sizes == {"itcm": 128, "dtcm": 128, "sram": 256}
    assert not memory.is_sure


def test_ram_at_zero_of_a_core_with_tcm_is_for_instructions() -> None:
    memory = clean_ram([["ram", 0, 64 * KIB]], 64 * KIB, "Cortex-M7", "STM32H743")
    assert [kind for kind, *_ in memory.regions] == ["itcm"]


def test_ram_on_two_buses_is_two_regions() -> None:
    """Unless the core has but one bus."""
    listed = [["ram", 0x1FFF0000, 256 * KIB]]
    two = clean_ram(listed, 256 * KIB, "Cortex-M4", "MK66F18").regions
    assert [(base, size // KIB) for _, _, base, size in two] == [
        (0x1FFF0000, 64), (0x20000000, 192),
    ]  # fmt: skip
    assert len(clean_ram(listed, 256 * KIB, "Cortex-M0+", "MKL28Z7").regions) == 1


def test_buses_to_memory_beside_the_chip_are_left_out() -> None:
    listed = [["SRAM1", 0x20000000, 256 * KIB], ["FMC_BANK_1", 0x70000000, 262144000],
              ["ram_x", 0x60000000, 32 << 20]]  # fmt: skip
    memory = clean_ram(listed, 295960576, "Cortex-M33", "STM32H563VI")
    assert [name for _, name, _, _ in memory.regions] == ["SRAM1"]
    assert memory.total_bytes == 256 * KIB
    assert not clean_flash([["spifi", 0x14000000, 64 << 20]], 64 << 20, "", "LPC4330").regions


def test_flash_for_data_holds_no_program() -> None:
    """Work flash, option bytes and FlexNVM go; two banks of a size stay."""
    work = clean_flash([["a", 0, 128 * KIB], ["b", 0x200C0000, 32 * KIB]], 0, "", "MB9AF112K")
    flex = clean_flash([["a", 0, 128 * KIB], ["b", 0x10000000, 128 * KIB]], 0, "", "MK10DX128")
    banks = clean_flash(
        [["a", 0x1A000000, 512 * KIB], ["b", 0x1B000000, 512 * KIB]], 0, "", "LPC4357"
    )
    assert [len(memory.regions) for memory in (work, flex, banks)] == [1, 1, 2]


def test_more_flash_than_the_name_says_is_cut_and_in_doubt() -> None:
    memory = clean_flash(
        [["IROM1", 0x08000000, 1 << 20]], 1 << 20, "STM32L485JCYx", "STM32L485JCYX"
    )
    assert [size for *_, size in memory.regions] == [256 * KIB]
    assert not memory.is_sure


def test_a_total_that_the_regions_exceed_leaves_doubt() -> None:
    memory = clean_ram([["a", 0x20000000, 96 * KIB]], 64 * KIB, "Cortex-M4", "X")
    assert not memory.is_sure


@pytest.mark.parametrize("one", CORRECTIONS, ids=lambda one: one.keys)
def test_every_correction_speaks_of_parts_and_names_a_document(one: Correction) -> None:
    matching = [line for line in mcu_lines().values() if re.match(one.keys, line["part"].upper())]
    assert matching
    assert all("fam" in line["sources"].split("+") for line in matching)
    assert "data sheet" in one.source or "manual" in one.source


def test_a_corrected_core_is_derived_and_the_family_is_named() -> None:
    row = {"mcu_key": "STM32MP157AA", "source": "stm32-data", "cpu_core": "Cortex-M7",
           "core_src": "source", "fpu": "dp", "dsp": "true", "clock_hz": "650000000"}  # fmt: skip
    better = corrected(row)
    assert (better["cpu_core"], better["fpu"], better["core_src"]) == ("Cortex-M4", "sp", "derived")
    assert better["clock_hz"] == "209000000"
    assert better["source"] == "stm32-data+family-data-sheet"


def test_memory_that_a_radio_core_takes_is_in_doubt() -> None:
    assert is_shared("STM32WB55RG")
    shared = [mcu for mcu in _mcus() if is_shared(mcu.part.upper())]
    assert len(shared) > 10
    assert not any(r.status is ClaimStatus.SOURCED for mcu in shared for r in mcu.regions)
