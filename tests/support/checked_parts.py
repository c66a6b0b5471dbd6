"""What the manuals say of the parts that were checked one by one, written down once more.

Each part: core, ISA class, cores, clock in hertz, and regions as name, kind, address and bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_KIB: Final = 1 << 10
_MIB: Final = 1 << 20
Row = tuple[str, str, int | None, int]


@dataclass(frozen=True, slots=True)
class Checked:
    """One part as its manual has it."""

    core: str
    isa_class: str | None
    cores: int
    clock_hz: int
    regions: tuple[Row, ...]


def _flash(name: str, base: int | None, size: int) -> Row:
    return name, "flash", base, size


def _sram(name: str, base: int | None, size: int) -> Row:
    return name, "sram", base, size


def _samd51(flash_kib: int, ram_kib: int) -> Checked:
    """DS60001507, "Configuration Summary": 256/128, 512/192 and 1024/256 KiB."""
    regions = (_flash("Flash", 0, flash_kib * _KIB), _sram("HSRAM", 0x20000000, ram_kib * _KIB))
    return Checked("Cortex-M4F", "armv7e-m+fp", 1, 120_000_000, regions)


_L4S5: Final = Checked(
    "Cortex-M4F", "armv7e-m+fp", 1, 120_000_000,
    (_flash("Flash memory", 0x08000000, 2 * _MIB),
     _sram("SRAM1+SRAM2+SRAM3", 0x20000000, 640 * _KIB)),
)  # fmt: skip

CHECKED_PARTS: Final = {
    "nrf52840": Checked(
        "Cortex-M4F", "armv7e-m+fp", 1, 64_000_000,
        (_flash("Flash", 0, _MIB), _sram("RAM", 0x20000000, 256 * _KIB)),
    ),
    "nrf5340-app": Checked(
        "Cortex-M33F", "armv8-m.main+dsp+fp", 2, 128_000_000,
        (_flash("Flash", 0, _MIB), _sram("RAM", 0x20000000, 512 * _KIB)),
    ),
    "nrf5340-net": Checked(
        "Cortex-M33 (no DSP, no FPU)", "armv8-m.main", 2, 64_000_000,
        (_flash("Flash", 0x01000000, 256 * _KIB), _sram("RAM", 0x21000000, 64 * _KIB)),
    ),
    "stm32f746ng": Checked(
        "Cortex-M7 (single precision)", "armv7e-m+fpv5", 1, 216_000_000,
        (_flash("Flash memory", 0x08000000, _MIB),
         ("DTCM-RAM", "dtcm", 0x20000000, 64 * _KIB),
         _sram("SRAM1+SRAM2", 0x20010000, 256 * _KIB),
         ("ITCM-RAM", "itcm", 0, 16 * _KIB)),
    ),
    **{f"stm32l4s5{package}i": _L4S5 for package in "aqvz"},
    "stm32h743zi": Checked(
        "Cortex-M7 (double precision)", "armv7e-m+fp.dp", 1, 480_000_000,
        (_flash("Flash memory", 0x08000000, 2 * _MIB),
         _sram("AXI SRAM", 0x24000000, 512 * _KIB),
         ("DTCM", "dtcm", 0x20000000, 128 * _KIB),
         _sram("SRAM1+SRAM2+SRAM3 (D2)", 0x30000000, 288 * _KIB),
         _sram("SRAM4 (D3)", 0x38000000, 64 * _KIB),
         ("ITCM", "itcm", 0, 64 * _KIB)),
    ),
    "stm32u585ai": Checked(
        "Cortex-M33F", "armv8-m.main+dsp+fp", 1, 160_000_000,
        (_flash("Flash memory", 0x08000000, 2 * _MIB),
         _sram("SRAM1+SRAM2+SRAM3", 0x20000000, 768 * _KIB),
         _sram("SRAM4", 0x28000000, 16 * _KIB)),
    ),
    "rp2040": Checked(
        "Cortex-M0+", "armv6-m", 2, 133_000_000,
        (_sram("SRAM0-SRAM3", 0x20000000, 256 * _KIB),
         _sram("SRAM4", 0x20040000, 4 * _KIB),
         _sram("SRAM5", 0x20041000, 4 * _KIB)),
    ),
    "rp2350": Checked(
        "Cortex-M33F", "armv8-m.main+dsp+fp", 2, 150_000_000,
        (_sram("SRAM0-SRAM7", 0x20000000, 512 * _KIB),
         _sram("SRAM8", 0x20080000, 4 * _KIB),
         _sram("SRAM9", 0x20081000, 4 * _KIB)),
    ),
    "esp32-s3": Checked(
        "Xtensa LX7", "xtensa-lx7", 2, 240_000_000,
        (_sram("Internal SRAM 1", 0x3FC88000, 332 * _KIB),
         _sram("Internal SRAM 1 (start-up)", 0x3FCDB000, 84 * _KIB),
         _sram("Internal SRAM 2 (Block 9)", 0x3FCF0000, 32 * _KIB),
         _sram("Internal SRAM 2 (Block 10)", 0x3FCF8000, 32 * _KIB),
         ("Internal SRAM 0", "itcm", 0x40370000, 32 * _KIB)),
    ),
    **{f"atsamd51{package}18a": _samd51(256, 128) for package in "gj"},
    **{f"atsamd51{package}19a": _samd51(512, 192) for package in "gjnp"},
    **{f"atsamd51{package}20a": _samd51(1024, 256) for package in "jnp"},
    "max78000": Checked(
        "Cortex-M4F", "armv7e-m+fp", 2, 100_000_000,
        (_flash("Flash", 0x10000000, 512 * _KIB),
         _sram("sysram0-sysram3", 0x20000000, 128 * _KIB)),
    ),
    "apollo4": Checked(
        "Cortex-M4F", "armv7e-m+fp", 1, 192_000_000,
        (_flash("MRAM", 0, 2 * _MIB),
         ("TCM", "dtcm", 0x10000000, 384 * _KIB),
         _sram("Shared SRAM", 0x10060000, _MIB)),
    ),
    "gap8": Checked(
        "RV32IMC+Xpulp", None, 9, 175_000_000,
        (_sram("L2", 0x1C000000, 512 * _KIB),
         ("FC TCDM", "dtcm", 0x1B000000, 16 * _KIB),
         _sram("Cluster L1", 0x10000000, 64 * _KIB)),
    ),
    "k210": Checked(
        "RV64GC", "rv64gc", 2, 400_000_000,
        (_sram("General-purpose SRAM", 0x80000000, 6 * _MIB),
         _sram("AI SRAM", 0x80600000, 2 * _MIB)),
    ),
    "atmega328p": Checked(
        "AVR8", "avr", 1, 20_000_000,
        (_flash("Flash", 0, 32 * _KIB), _sram("Internal SRAM", 0x00800100, 2 * _KIB)),
    ),
    "mimxrt1062": Checked(
        "Cortex-M7 (double precision)", "armv7e-m+fp.dp", 1, 600_000_000,
        (_sram("OCRAM", 0x20200000, 768 * _KIB),
         ("DTCM", "dtcm", 0x20000000, 128 * _KIB),
         ("ITCM", "itcm", 0, 128 * _KIB)),
    ),
    "same70q21b": Checked(
        "Cortex-M7 (double precision)", "armv7e-m+fp.dp", 1, 300_000_000,
        (_flash("Flash", 0x00400000, 2 * _MIB), _sram("SRAM", 0x20400000, 384 * _KIB)),
    ),
    "samg55j19": Checked(
        "Cortex-M4F", "armv7e-m+fp", 1, 120_000_000,
        (_flash("Flash", 0x00400000, 512 * _KIB), _sram("SRAM1", 0x20000000, 160 * _KIB)),
    ),
    "newport-cortex-m0plus": Checked(
        "Cortex-M0+", "armv6-m", 1, 6_140_000,
        (_sram("SRAM", None, 8 * _KIB), _flash("Flash", None, 16 * _KIB)),
    ),
    "newport-edmpv1": Checked(
        "eDMPv1", None, 1, 6_140_000,
        (_sram("SRAM", None, 4 * _KIB), _flash("Flash", None, 16 * _KIB)),
    ),
}  # fmt: skip

#: Where the list of devices counts otherwise than the manual, and why.
DIFFERENCES: Final = {
    ("apollo4", "sram_bytes"): "1.8 MiB, rounded, with 384 KiB for the display that are left out",
    ("esp32-s3", "sram_bytes"): "512 KiB with the 32 KiB of SRAM0, which is for instructions",
    ("stm32u585ai", "sram_bytes"): "SRAM1 to SRAM3, without the 16 KiB of SRAM4",
    ("mimxrt1062", "ram"): "mbed gives 256 KiB of FlexRAM to DTCM; the fuses give 128",
}
