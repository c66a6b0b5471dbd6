"""Importers: what each format gives, what is left out, and what is refused."""

from __future__ import annotations

import json
import random
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.catalogue_imported import Result
from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers.devicetree_numbers import evaluated
from fitgraph.registry.importers.front_door import import_files
from fitgraph.registry.importers.imported import Imported
from fitgraph.registry.memory_region import MemoryRegion, RegionKind
from fitgraph.registry.thing_board import model_text

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


def test_a_zephyr_target_without_a_devicetree_of_its_own_takes_the_boards(tmp_path: Path) -> None:
    """Its overlay is read after it; sums are numbers, and a PSRAM is told by its name."""
    (tmp_path / "acme_evk_acm9_qspi.yaml").write_text(
        "identifier: acme_evk@B/acm9/qspi\narch: arm\nshape: round\n", encoding="utf-8"
    )
    (tmp_path / "acme_evk.dts").write_text(
        """/ { chosen { zephyr,sram = &ram; zephyr,flash = &rom; zephyr,code-partition = &code; };
              ram: memory@20000000 { compatible = "mmio-sram"; reg = <0x20000000 DT_SIZE_K(64)>; };
              psram0: psram@3c000000 { compatible = "mmio-sram"; reg = <0x3c000000 0x1000>; };
              rom: flash@10000000 { compatible = "soc-nv-flash"; reg = <0x10000000 0x100000>;
                  partitions { code: partition@100 {
                      reg = <0x100 (DT_SIZE_M(1) - 0x100)>; }; }; }; };""",
        encoding="utf-8",
    )
    (tmp_path / "acme_evk_acm9_qspi.overlay").write_text(
        "&ram { reg = <0x20000000 (2 * (DT_SIZE_K(64) | 0) / 4 << 1)>; };", encoding="utf-8"
    )
    found = import_files([tmp_path])
    (board,) = found.boards
    assert {r.name: (r.kind, r.size_bytes, r.reserve_bytes) for r in board.regions} == {
        "ram": (RegionKind.SRAM, 65536, 0),
        "psram0": (RegionKind.PSRAM, 4096, 0),
        "rom": (RegionKind.FLASH, 1 << 20, 0x100),
    }
    assert "keys that are not known were passed over: shape" in _messages(found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("( 1 + 2 * 3 )", 7), ("( 10 - 4 - 3 )", 3), ("DT_SIZE_K ( 2 + 2 )", 4096),
        ("( MACRO + 1 )", None), ("( 1 << 99 )", None), ("( 1 / 0 )", None), ("( 1 - 2 )", None),
        ("( " * 40 + "1" + " )" * 40, None), ("()", None), (" + ".join(["1"] * 5000), None),
    ],
)  # fmt: skip
def test_sums_of_a_devicetree_are_those_of_c(text: str, value: int | None) -> None:
    assert evaluated(text.split()) == value


def test_includes_outside_the_given_folders_are_not_read() -> None:
    found = import_files([GOOD / "zephyr" / "boards"])
    assert "acme/acm52.dtsi lies outside" in _messages(found)
    assert found.boards[0].regions == ()


def pump(board: str, number: int = 7) -> dict[str, object]:
    """The Thing Description of a device."""
    return {
        "@context": "https://www.w3.org/2022/wot/td/v1.1",
        "id": f"urn:example:pump-{number}",
        "title": f"Pump {number}",
        "securityDefinitions": {"none": {"scheme": "nosec"}},
        "security": "none",
        "links": [{"rel": "type", "href": f"https://w3id.org/fitgraph/id/board/{board}"}],
    }


def test_things_become_boards_and_devices_of_boards_in_one_import(tmp_path: Path) -> None:
    """A device may be of a board that comes with it; one of an unknown board is refused alone."""
    (board,) = import_files([GOOD / "acme_one.json"]).boards
    folder = tmp_path / "things"
    folder.mkdir()
    (folder / "one.tm.jsonld").write_text(model_text(board), encoding="utf-8")
    for number, name in ((1, "acme-one"), (2, "acme-one"), (3, "acme-two")):
        text = json.dumps(pump(name, number))
        (folder / f"pump-{number}.td.jsonld").write_text(text, encoding="utf-8")
    (folder / "lamp.json").write_text(
        json.dumps({**pump("x"), "id": "urn:x", "links": []}), encoding="utf-8"
    )
    found = import_files([folder])
    assert {(f.source, f.boards, f.devices) for f in found.files if not f.reason} == {
        ("one.tm.jsonld", 1, 0), ("pump-1.td.jsonld", 0, 1), ("pump-2.td.jsonld", 0, 1),
        ("pump-3.td.jsonld", 0, 1),
    }  # fmt: skip
    assert [f.reason for f in found.files if f.reason] == [
        "describes no board and no device of one; `fitgraph thing add` takes it"
    ]
    with open_registry(tmp_path / "store") as registry:
        outcomes = registry.import_devices(found.boards, found.mcus, found.devices)
        assert {(one.name, one.result) for one in outcomes} == {
            ("acme-one", Result.ADDED), ("urn:example:pump-1", Result.ADDED),
            ("urn:example:pump-2", Result.ADDED), ("urn:example:pump-3", Result.REFUSED),
        }  # fmt: skip
        kept = registry.get_board("acme-one")
        assert set(kept.regions) == set(board.regions)
        assert replace(kept, regions=board.regions) == board
        assert len(registry.list_things(board="acme-one")) == 2
        again = registry.import_devices(found.boards, found.mcus, found.devices)
        assert [one.result for one in again].count(Result.UNCHANGED) == 3


def test_a_pack_is_read_as_it_is_delivered(tmp_path: Path) -> None:
    """A ZIP archive: its description is read, nothing is unpacked, and other members are not."""
    path = tmp_path / "Acme.pack"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(GOOD / "Acme.pdsc", "Acme.pdsc")
        archive.writestr("../../escaped.pdsc", "no")
        archive.writestr("Documents/Other.pdsc", "no")
    taken, direct = import_files([path]), import_files([GOOD / "Acme.pdsc"])
    assert [mcu.part for mcu in taken.mcus] == [mcu.part for mcu in direct.mcus]
    assert sorted(tmp_path.iterdir()) == [path]


def archive_of(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / "bad.pack"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


END = struct.Struct("<4s4H2LH")
NOISE = random.Random(20261121).randbytes(1000)
BAD_PACKS: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "no archive": (lambda _: b"PK nothing", "no ZIP archive"),
    "no description": (lambda f: archive_of(f, {"a.txt": b""}).read_bytes(), "0 descriptions"),
    "two": (lambda f: archive_of(f, {"a.pdsc": b"", "b.pdsc": b""}).read_bytes(), "2 descriptions"),
    "bomb": (
        lambda f: archive_of(f, {"a.pdsc": b" " * ((64 << 20) + 1)}).read_bytes(),
        "a.pdsc has more than 67,108,864 bytes",
    ),
    "large directory": (
        lambda _: END.pack(b"PK\x05\x06", 0, 0, 1, 1, 1 << 30, 0, 0), "1,073,741,824 bytes",
    ),
    "damaged": (
        lambda f: archive_of(f, {"a.pdsc": NOISE}).read_bytes().replace(NOISE[500:520], b"x" * 20),
        "not a pack that can be read",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_PACKS)
def test_a_bad_pack_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    make, reason = BAD_PACKS[name]
    content = make(tmp_path)
    path = tmp_path / "bad.pack"
    path.write_bytes(content)
    with pytest.raises(InvalidImportError, match=reason) as refused:
        import_files([path])
    assert "\n" not in refused.value.message


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
