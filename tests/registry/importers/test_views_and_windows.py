"""Maps that list more than memory for programs: each memory once, where the core has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers.front_door import import_files
from fitgraph.registry.importers.imported import Imported
from fitgraph.registry.importers.regions import MAX_REGIONS
from fitgraph.registry.importers.words import sensor_kinds
from fitgraph.registry.memory_region import RegionKind

TARGET = """\
name: ACM
variants:
  - name: ACM1
    cores: [{{name: main, type: {core}, core_access_options: !Arm {{ap: !v2 [0x4000]}}}}]
    memory_map:
{memories}
"""
PACK = """\
<package><vendor>Acme</vendor><devices><family Dfamily="ACM" Dvendor="Acme:1">
<processor Dcore="Cortex-M55" Dfpu="DP_FPU" Ddsp="DSP" Dmve="FP_MVE" Dclock="800000000"/>
<device Dname="ACM55">{memories}</device>
</family></devices></package>
"""


def target(tmp_path: Path, core: str, *memories: str) -> Imported:
    """What is imported of a probe-rs target with this memory map."""
    lines = "\n".join(f"      - {memory}" for memory in memories)
    file = tmp_path / "target.yaml"
    file.write_text(TARGET.format(core=core, memories=lines), encoding="utf-8")
    return import_files([file])


def pack(tmp_path: Path, *memories: str) -> Imported:
    """What is imported of a pack whose one device has these memories."""
    file = tmp_path / "Acme.pdsc"
    file.write_text(PACK.format(memories="".join(memories)), encoding="utf-8")
    return import_files([file])


def spans(found: Imported) -> dict[str, tuple[int | None, int]]:
    (mcu,) = found.mcus
    return {region.name: (region.base_address, region.size_bytes) for region in mcu.regions}


def notes(found: Imported) -> str:
    return "\n".join(note.message for note in found.notes)


def test_ram_is_taken_where_data_is_even_if_that_is_called_the_view(tmp_path: Path) -> None:
    """As nRF52 targets have it: the code bus first, and the address of the data sheet as alias."""
    found = target(
        tmp_path,
        "armv7em",
        "!Ram {range: {start: 0x800000, end: 0x840000}, cores: [main]}",
        "!Ram {range: {start: 0x20000000, end: 0x20040000}, is_alias: true, cores: [main]}",
    )
    assert spans(found) == {"RAM": (0x20000000, 0x40000)}
    assert "memory 1 (Ram) left out: it shows other memory" in notes(found)


def test_a_view_of_another_size_is_left_out(tmp_path: Path) -> None:
    found = target(
        tmp_path,
        "armv7em",
        "!Ram {range: {start: 0x10000000, end: 0x10010000}}",
        "!Ram {range: {start: 0x20000000, end: 0x20040000}, is_alias: true}",
    )
    assert spans(found) == {"RAM": (0x10000000, 0x10000)}


def test_flash_that_the_core_does_not_start_from_holds_no_program(tmp_path: Path) -> None:
    """A second bank goes on where the first ends; a page for settings lies elsewhere."""
    found = target(
        tmp_path,
        "armv7em",
        "!Nvm {name: BANK_2, range: {start: 0x8100000, end: 0x8200000}}",
        "!Nvm {name: BANK_1, range: {start: 0x8000000, end: 0x8100000}, access: {boot: true}}",
        "!Nvm {range: {start: 0x10001000, end: 0x10002000}}",
    )
    assert spans(found) == {"BANK_2": (0x8100000, 0x100000), "BANK_1": (0x8000000, 0x100000)}
    assert "memory 3 (Nvm) left out: the core does not start from it" in notes(found)


def test_data_memory_of_an_avr_is_no_flash(tmp_path: Path) -> None:
    found = target(
        tmp_path,
        "avr",
        "!Nvm {name: Flash, range: {start: 0x0, end: 0x4000}}",
        "!Nvm {name: EEPROM, range: {start: 0x801400, end: 0x801500}}",
        "!Ram {name: SRAM, range: {start: 0x803C00, end: 0x804000}}",
    )
    (mcu,) = found.mcus
    assert (mcu.cpu_core, mcu.isa_class) == ("AVR8", "avr")
    assert set(spans(found)) == {"Flash", "SRAM"}
    assert "memory 2 (Nvm) left out: programs are not put there" in notes(found)


def test_ram_at_the_addresses_of_two_buses_counts_once(tmp_path: Path) -> None:
    found = target(
        tmp_path,
        "xtensa",
        "!Ram {name: SRAM1 Data bus, range: {start: 0x3fc88000, end: 0x3fcf0000}}",
        "!Ram {name: SRAM1 Instruction bus, range: {start: 0x40378000, end: 0x403e0000}}",
    )
    assert spans(found) == {"SRAM1 Data bus": (0x3FC88000, 0x68000)}
    assert "the data bus shows it, too" in notes(found)


def test_memory_of_both_security_states_counts_once(tmp_path: Path) -> None:
    """Where it is listed first; memory of another size is another."""
    found = target(
        tmp_path,
        "armv8m",
        "!Ram {name: SRAM_S, range: {start: 0x30000000, end: 0x30040000}}",
        "!Ram {name: SRAM_NS, range: {start: 0x20000000, end: 0x20040000}}",
        "!Ram {name: SRAM2, range: {start: 0x20040000, end: 0x20050000}}",
    )
    assert spans(found) == {"SRAM_S": (0x30000000, 0x40000), "SRAM2": (0x20040000, 0x10000)}


def test_older_files_say_otherwise_where_a_core_starts(tmp_path: Path) -> None:
    found = target(
        tmp_path,
        "riscv",
        "!Nvm {range: {start: 0x0, end: 0x1000000}, is_boot_memory: true}",
        "!Nvm {range: {start: 0x42000000, end: 0x42800000}, is_boot_memory: false}",
        "!Ram {name: DLM, range: {start: 0x20000000, end: 0x20008000}, is_boot_memory: false}",
    )
    (mcu,) = found.mcus
    assert [(r.base_address, r.kind) for r in mcu.regions] == [
        (0, RegionKind.FLASH),
        (0x20000000, RegionKind.DTCM),
    ]


def test_a_map_of_absurd_length_is_refused(tmp_path: Path) -> None:
    memory = "!Ram {range: {start: 0x0, end: 0x40}}"
    with pytest.raises(InvalidImportError, match="more than 1,000 memory regions"):
        target(tmp_path, "armv7em", *[memory] * (MAX_REGIONS + 1))


def test_a_window_of_a_graphics_unit_is_no_ram(tmp_path: Path) -> None:
    """It is the largest by far, and would be believed."""
    found = pack(
        tmp_path,
        '<memory name="AXISRAM1" access="rwx" start="0x24064000" size="0x9C000" default="1"/>',
        '<memory name="GFXMMU_SLV" access="rwx" start="0x25000000" size="0x1000000" default="1"/>',
        '<memory name="XSPI1" access="rwx" start="0x2F000000" size="0x1000000" default="1"/>',
    )
    (mcu,) = found.mcus
    assert [(r.name, r.status) for r in mcu.regions] == [("AXISRAM1", ClaimStatus.SOURCED)]
    assert notes(found).count("it is a window, not memory") == 2


def test_ram_beside_the_chip_is_told_by_its_address_and_never_believed(tmp_path: Path) -> None:
    found = pack(
        tmp_path,
        '<memory name="SRAM" access="rwx" start="0x20000000" size="0x8000" default="1"/>',
        '<memory name="BoardRAM" access="rwx" start="0x60000000" size="0x100000" default="1"/>',
        '<memory name="HugeRAM" access="rwx" start="0x30000000" size="0x2000000" default="1"/>',
    )
    (mcu,) = found.mcus
    assert {r.name: (r.kind, r.status) for r in mcu.regions} == {
        "SRAM": (RegionKind.SRAM, ClaimStatus.SOURCED),
        "BoardRAM": (RegionKind.PSRAM, ClaimStatus.UNCHECKED),
        "HugeRAM": (RegionKind.SRAM, ClaimStatus.UNCHECKED),
    }


def zephyr(folder: Path, identifier: str, devicetree: str, board_yml: str = "") -> Imported:
    """What is imported of a Zephyr board."""
    (folder / "acme.yaml").write_text(f"identifier: {identifier}\narch: riscv\n", encoding="utf-8")
    (folder / "acme.dts").write_text(devicetree, encoding="utf-8")
    if board_yml:
        (folder / "board.yml").write_text(board_yml, encoding="utf-8")
    return import_files([folder])


@pytest.mark.parametrize(
    ("said", "isa_class"),
    [
        ('riscv,isa = "rv32imac_zicsr_zifencei";', "rv32imac"),
        ('riscv,isa-base = "rv32i"; riscv,isa-extensions = "i", "c", "m", "a";', "rv32imac"),
        ('riscv,isa-base = "rv32i"; riscv,isa-extensions = "i", "m", "c";', "rv32imc"),
        ('riscv,isa-base = "rv32e"; riscv,isa-extensions = "e", "c";', "rv32ec"),
        ('riscv,isa-base = "rv32i"; riscv,isa-extensions = "i", "m", "b", "c";', None),
    ],
)  # fmt: skip
def test_a_risc_v_core_is_told_by_either_property(
    tmp_path: Path, said: str, isa_class: str | None
) -> None:
    cpu = f'/ {{ cpus {{ cpu@0 {{ compatible = "acme,core", "riscv"; {said} }}; }}; }};'
    found = zephyr(tmp_path, "acme", cpu)
    assert found.boards[0].isa_class == isa_class
    assert ("is no ISA class" in notes(found)) is (isa_class is None)


@pytest.mark.parametrize(
    ("identifier", "board_yml", "mcu"),
    [
        ("acme", "board: {name: acme, socs: [{name: acm9, variants: [{name: x}]}]}\n", "acm9"),
        ("acme@B", "boards: [{name: b}, {name: acme, socs: [{name: a}]}]\n", "a"),
        ("acme/acm7", "board:\n  name: acme\n  socs: [{name: acm7}, {name: acm8}]\n", "acm7"),
        ("acme", "board:\n  name: acme\n  socs: [{name: acm7}, {name: acm8}]\n", "acme"),
        ("acme", "board: [not, what, it, was]\n", "acme"),
        ("acme", "board: &a [*a]\n", "acme"),
    ],
)  # fmt: skip
def test_the_part_of_a_zephyr_board_is_in_its_board_yml(
    tmp_path: Path, identifier: str, board_yml: str, mcu: str
) -> None:
    """Where the target does not name it, and there is but one."""
    assert zephyr(tmp_path, identifier, "/ { };", board_yml).boards[0].mcu == mcu


def test_sensors_on_a_bus_of_an_include_that_is_not_there_are_found(tmp_path: Path) -> None:
    """Where the board switches the bus on."""
    found = zephyr(
        tmp_path,
        "acme",
        """#include <not/there.dtsi>
        &i2c1 { status = "okay"; imu@6b { compatible = "st,lsm6dsl"; reg = <0x6b>; }; };
        &i2c2 { hts221@5f { compatible = "st,hts221"; reg = <0x5f>; }; };
        &i2c3 { status = "disabled"; bme@77 { compatible = "bosch,bme280"; reg = <0x77>; }; };""",
    )
    assert found.boards[0].sensors == ("accelerometer", "gyroscope")


def test_memory_beside_the_chip_that_may_be_flash_is_no_ram(tmp_path: Path) -> None:
    """As a NOR flash is listed, so that code in it may be called."""
    found = zephyr(
        tmp_path,
        "acme",
        """/ { sram0: memory@20000000 { compatible = "mmio-sram"; reg = <0x20000000 0x1000>; };
             octo_nor: memory@70000000 { compatible = "zephyr,memory-region";
                 reg = <0x70000000 DT_SIZE_M(64)>; };
             sdram1: memory@c0000000 { compatible = "zephyr,memory-region";
                 reg = <0xc0000000 DT_SIZE_M(8)>; }; };""",
    )
    (board,) = found.boards
    assert {r.name: r.kind for r in board.regions} == {
        "sram0": RegionKind.SRAM,
        "sdram1": RegionKind.PSRAM,
    }
    assert "memory@70000000 left out: memory beside the chip that may be flash" in notes(found)


def test_a_radio_that_is_supported_is_one_of_the_board(tmp_path: Path) -> None:
    """Where the devicetree of the chip is not at hand."""
    (tmp_path / "acme.yaml").write_text(
        "identifier: acme\narch: arm\nsupported: [adc, ble, 'netif:openthread']\n", encoding="utf-8"
    )
    assert import_files([tmp_path]).boards[0].radios == ("bluetooth",)


@pytest.mark.parametrize(
    ("build", "core", "isa_class", "status"),
    [
        ({"mcu": "esp32c3"}, "RV32IMC", "rv32imc", ClaimStatus.DERIVED),
        ({"mcu": "esp32s3"}, "Xtensa LX7", "xtensa-lx7", ClaimStatus.DERIVED),
        ({"mcu": "esp32"}, "Xtensa LX6", "xtensa-lx6", ClaimStatus.DERIVED),
        ({"mcu": "atmega328p"}, "AVR8", "avr", ClaimStatus.DERIVED),
        ({"mcu": "fe310", "march": "rv32imac"}, "RV32IMAC", "rv32imac", ClaimStatus.SOURCED),
        ({"mcu": "acm", "march": "rv64imafdc"}, "RV64IMAFDC", None, ClaimStatus.SOURCED),
        ({"mcu": "acm", "cpu": "cortex-m0plus"}, "Cortex-M0+", "armv6-m", ClaimStatus.SOURCED),
        ({"mcu": "msp430g2553"}, "", None, ClaimStatus.DERIVED),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_core_is_told_by_the_file_or_by_the_parts_name(
    tmp_path: Path,
    build: dict[str, str],
    core: str,
    isa_class: str | None,
    status: ClaimStatus,
) -> None:
    """What the name tells is derived: it shows no fit."""
    file = tmp_path / "acme.json"
    said = {"build": build, "name": "Acme", "upload": {"maximum_size": 4096}, "fuses": {}}
    file.write_text(json.dumps(said), encoding="utf-8")
    found = import_files([file])
    (board,) = found.boards
    assert (board.cpu_core, board.isa_class, board.isa_status) == (core, isa_class, status)
    assert "not known" not in notes(found)


@pytest.mark.parametrize(
    ("part", "kinds"),
    [
        ("lsm6dsl", {"accelerometer", "gyroscope"}),
        ("lsm6dso32", {"accelerometer", "gyroscope"}),
        ("icm20948", {"accelerometer", "gyroscope", "magnetometer"}),
        ("hdc2080", {"humidity", "temperature"}),
        ("veml6046x00", {"colour", "light"}),
        ("tmpfs", set()),
    ],
)
def test_a_part_is_told_by_its_family(part: str, kinds: set[str]) -> None:
    assert set(sensor_kinds(part)) == kinds
