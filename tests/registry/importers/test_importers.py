"""Importers: what each format gives, what is left out, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.catalogue_imported import Result
from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers.front_door import import_files
from fitgraph.registry.importers.imported import Imported
from fitgraph.registry.memory_region import MemoryRegion, RegionKind

GOOD = Path(__file__).parent / "good"
BAD = Path(__file__).parent / "bad"

#: What is said of each bad file.
COMPLAINTS = {
    "alias.yaml": "an alias (*) on line 2",
    "backwards.yaml": "memory 1 ends at 0x7000000, where it starts or before",
    "cut-off.json": "not JSON",
    "cut-off.pdsc": "not XML",
    "entity-bomb.pdsc": "the file has a document type",
    "no-number.json": "upload.maximum_size '1e3' has the unit 'e3'",
    "no-size.pdsc": "memory 'Flash' lacks size",
    "unit.json": "build.f_cpu '72 MHz' has the unit 'MHz'",
    "unit.pdsc": "memory 'Flash' size '256 KB' has the unit 'KB'",
    "unit.yaml": "memory 2 end '20 KB' has the unit 'KB'",
    "zephyr-circle.yaml": "zephyr-circle.dts includes itself",
    "zephyr-open.yaml": "the node 'a' has no end",
    "zephyr-unit.yaml": "ram '64 KB' has the unit 'KB'",
}


def _messages(found: Imported) -> str:
    return "\n".join(note.message for note in found.notes)


def test_a_platformio_board_gives_totals_without_addresses() -> None:
    (board,) = import_files([GOOD / "acme_one.json"]).boards
    assert (board.board_id, board.isa_class, board.clock_hz) == ("acme-one", "armv7-m", 72_000_000)
    assert board.radios == ("bluetooth",)
    assert [(r.kind, r.base_address, r.size_bytes) for r in board.regions] == [
        (RegionKind.FLASH, None, 65536),
        (RegionKind.SRAM, None, 20480),
    ]
    assert {claim.property_name: claim.value for claim in board.claims} == {
        "flashBytes": 65536,
        "sramBytes": 20480,
    }


def test_a_probe_rs_target_gives_unchecked_regions_each_once() -> None:
    found = import_files([GOOD / "acme_targets.yaml"])
    (mcu,) = found.mcus
    assert (mcu.part, mcu.isa_class) == ("ACM32F103C8", "armv7-m")
    assert mcu.regions == (
        MemoryRegion("IROM1", RegionKind.FLASH, 0x8000000, 65536, status=ClaimStatus.UNCHECKED),
        MemoryRegion("RAM", RegionKind.SRAM, 0x20000000, 20480, status=ClaimStatus.UNCHECKED),
    )
    messages = _messages(found)
    assert "overlaps" in messages
    assert "belongs to other" in messages
    assert "(Generic)" in messages


def test_a_pack_hands_down_and_leaves_out_views_windows_and_boot_roms() -> None:
    found = import_files([GOOD / "Acme.pdsc"])
    device, variant = found.mcus
    assert (device.vendor, device.isa_class, device.clock_hz) == ("Acme", "armv7e-m+fp", 120000000)
    assert {r.name: (r.size_bytes, r.status) for r in device.regions} == {
        "Flash": (0x40000, ClaimStatus.SOURCED),
        "IRAM1": (0x8000, ClaimStatus.SOURCED),
        "SRAM2": (0x2000, ClaimStatus.UNCHECKED),
    }
    assert {r.name: r.size_bytes for r in variant.regions}["IRAM1"] == 0x4000
    (board,) = found.boards
    assert board.mcu_link is not None
    assert (board.board_id, board.mcu_link.mcu_id) == ("acme-eval", "acm4a")
    messages = _messages(found)
    for word in ("XIP at", "BootROM at", "it shows IRAM1", "'ACM9'"):
        assert word in messages


def test_a_zephyr_board_has_its_memory_core_sensors_and_partitions() -> None:
    found = import_files([GOOD / "zephyr"])
    (board,) = found.boards
    assert (board.board_id, board.mcu) == ("acme-sense-acm52", "acm52")
    assert (board.isa_class, board.clock_hz) == ("armv7e-m+fp", 64_000_000)
    assert board.sensors == ("accelerometer", "gyroscope")
    spans = {r.name: (r.base_address, r.size_bytes, r.reserve_bytes) for r in board.regions}
    assert spans == {
        "sram0": (0x20000000, 262144, 0),
        "flash0": (0x8000000, 0xF8000, 0x10000),
        "flash0 behind code_partition": (0x80F8000, 0x8000, 0x8000),
    }
    assert "not-there.dtsi lies outside" in _messages(found)


def test_includes_outside_the_given_folders_are_not_read() -> None:
    found = import_files([GOOD / "zephyr" / "boards"])
    assert "acme/acm52.dtsi lies outside" in _messages(found)
    assert found.boards[0].regions == ()


def test_every_bad_file_has_its_complaint() -> None:
    assert {path.name for path in BAD.iterdir() if path.suffix != ".dts"} == set(COMPLAINTS)


@pytest.mark.parametrize("name", COMPLAINTS)
def test_a_bad_file_that_is_named_is_refused_with_the_reason(name: str) -> None:
    with pytest.raises(InvalidImportError) as caught:
        import_files([BAD / name])
    assert caught.value.message.startswith(f"{name}: ")
    assert COMPLAINTS[name] in caught.value.message
    assert caught.value.message.isprintable()
    assert caught.value.hint


def test_bad_files_in_a_folder_are_left_out_with_the_reason() -> None:
    found = import_files([BAD])
    assert {note.source for note in found.notes} == set(COMPLAINTS)
    assert not found.boards


def test_importing_twice_changes_nothing_and_a_conflict_stays(tmp_path: Path) -> None:
    found = import_files([GOOD, GOOD / "zephyr"])
    with open_registry(tmp_path / "store") as registry:
        first = registry.import_devices(found.boards, found.mcus, dry_run=True)
        assert registry.list_boards() == ()
        assert registry.import_devices(found.boards, found.mcus) == first
        assert {one.result for one in first} == {Result.ADDED}
        again = registry.import_devices(found.boards, found.mcus)
        assert {one.result for one in again} == {Result.UNCHANGED}
        other = import_files([GOOD / "zephyr" / "boards"])
        (conflict,) = registry.import_devices(other.boards, ())
        assert conflict.result is Result.CONFLICT
        assert registry.get_board("acme-sense-acm52").regions
        (replaced,) = registry.import_devices(other.boards, (), replace=True)
        assert replaced.result is Result.REPLACED
