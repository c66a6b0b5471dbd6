"""What the list of devices says wrongly of whole families, set right before it is used.

Each entry names the data sheet that speaks against the list. What it sets counts as derived, so
no fit rests on it; memory that belongs to another core or another chip is taken out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

Row = Mapping[str, str]

#: Stands among the sources of a microcontroller that a correction speaks of.
FAMILY: Final = "family-data-sheet"

_NO_MEMORY: Final = {
    "sram_bytes": "", "sram_regions": "", "flash_bytes": "", "flash_regions": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Correction:
    """What holds for all parts whose key matches.

    Attributes:
        keys: of the parts, a regular expression for their start.
        source: document and what it says.
        core: name, floating-point unit and whether it has the DSP extension; None to leave it.
        facts: other columns of the list.
        is_shared: whether firmware of another core holds some of the memory.
        ram_base: where the RAM lies, in place of what the list says; it is in doubt then.
    """

    keys: str
    source: str
    core: tuple[str, str, bool] | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    is_shared: bool = False
    ram_base: int | None = None


_M0_PLUS: Final = ("Cortex-M0+", "none", False)
_M3: Final = ("Cortex-M3", "none", False)
_M4: Final = ("Cortex-M4", "none", True)
_M4F: Final = ("Cortex-M4", "sp", True)
_M33F: Final = ("Cortex-M33", "sp", True)

CORRECTIONS: Final = (
    Correction(
        "ATSAM4C",
        "SAM4C, SAM4CM and SAM4CP data sheets: firmware starts on core 0, a Cortex-M4 without FPU; "
        "the list has the SRAM of core 1 at 0x20100000",
        _M4,
        {"n_cores": "2", **_NO_MEMORY},
    ),
    Correction(
        "STM32MP15",
        "STM32MP157 data sheet DS12504: the microcontroller core is a Cortex-M4F of 209 MHz",
        _M4F,
        {"clock_hz": "209000000", "clock_src": "derived"},
    ),
    Correction("GD32E50", "GD32E50x data sheets: Cortex-M33 with FPU", _M33F),
    Correction("EFM32TG11", "EFM32 Tiny Gecko 11 data sheet: Cortex-M0+", _M0_PLUS),
    Correction(r"EFM32TG\d{3}F", "EFM32 Tiny Gecko data sheets: Cortex-M3", _M3),
    Correction("EFM32JG", "EFM32 Jade Gecko data sheets: Cortex-M3", _M3),
    Correction(
        "PSE84", "PSoC Edge E84 data sheet: firmware starts on the Cortex-M33", _M33F,
        {"n_cores": "2"},
    ),
    Correction(
        "CC(13[15]4|2674)", "CC13x4 and CC26x4 data sheets: Cortex-M33 with FPU and DSP", _M33F
    ),
    Correction("AT32F4(15|21|25)", "AT32F415, AT32F421 and AT32F425 data sheets: no FPU", _M4),
    Correction("GD32F3[13]0", "GD32F310 and GD32F330 data sheets name no FPU", _M4),
    Correction("MKE1[468]F", "Kinetis KE1xF data sheets: Cortex-M4 with FPU", _M4F),
    Correction("MKV(3[01]|4[246])F", "Kinetis KV3x and KV4x data sheets: Cortex-M4 with FPU", _M4F),
    Correction(
        "MKV5[68]F", "Kinetis KV5x data sheets: Cortex-M7 with single-precision FPU",
        ("Cortex-M7", "sp", True),
    ),
    Correction(
        "LM4F", "Stellaris LM4F data sheets, memory model: SRAM at 0x20000000, not 0x10000000",
        ram_base=0x2000_0000,
    ),
    Correction(
        "M45[123]|M48[1-7]|NUC4[47]2|NUC505", "NuMicro data sheets: Cortex-M4 with FPU", _M4F
    ),
    Correction("M235", "NuMicro M2351 data sheets: Cortex-M23", ("Cortex-M23", "none", False)),
    Correction("GD32F3[135]0", "GD32F3x0 data sheets: one core", facts={"n_cores": "1"}),
    Correction("TLE984", "TLE984x data sheets: Cortex-M0", ("Cortex-M0", "none", False)),
    Correction(
        "MIMXRT5", "i.MX RT500 data sheet: Cortex-M33 of at most 200 MHz",
        facts={"clock_hz": "200000000", "clock_src": "derived"},
    ),
    Correction(
        "MIMXRT6", "i.MX RT600 data sheet: Cortex-M33 of at most 300 MHz",
        facts={"clock_hz": "300000000", "clock_src": "derived"},
    ),
    Correction(
        "LPC54(60[5-8]|61[68])", "LPC546xx data sheet: 180 MHz; 220 MHz for the LPC54628 alone",
        facts={"clock_hz": "180000000", "clock_src": "derived"},
    ),
    Correction(
        "MT2523", "MT2523 data sheet: the 4 MiB at address 0 are PSRAM beside the chip",
        facts={"sram_bytes": "131072", "sram_regions": '[["TCM", 67141632, 131072]]'},
    ),
    Correction("STM32H7[45][57]", "data sheets: Cortex-M7 and Cortex-M4", facts={"n_cores": "2"}),
    Correction(
        "LPC43", "LPC43xx data sheets: Cortex-M4 and at least one Cortex-M0", facts={"n_cores": "2"}
    ),
    Correction("MIMXRT11[67]", "i.MX RT1160 and RT1170 data sheets: Cortex-M7 and Cortex-M4",
               facts={"n_cores": "2"}),
    Correction("MIMXRT118", "i.MX RT1180 data sheet: Cortex-M7 and Cortex-M33",
               facts={"n_cores": "2"}),
    Correction("LPC55S69|MCXN", "data sheets: two Cortex-M33", facts={"n_cores": "2"}),
    Correction(
        "STM32WB(1|3|5)",
        "STM32WB data sheets: Cortex-M4 and Cortex-M0+; the latter's firmware takes the end of "
        "the flash and a part of SRAM2",
        facts={"n_cores": "2"},
        is_shared=True,
    ),
    Correction(
        "CY(8C6|[BS]06)",
        "PSoC 6 manuals: Cortex-M4 and Cortex-M0+; the latter starts first, with firmware of its "
        "own at the beginning of flash and SRAM, and calls of the ROM take the end of SRAM",
        facts={"n_cores": "2"},
        is_shared=True,
    ),
    Correction(
        "RTL8195AM", "RTL8195AM data sheet: the list has ROM and SDRAM among the RAM",
        facts=_NO_MEMORY,
    ),
    Correction(
        "R7S72", "RZ/A1 manual: the flash at 0x18000000 is outside the chip",
        facts={"flash_bytes": "", "flash_regions": ""},
    ),
    Correction("LPC54(102|114)", "LPC5410x and LPC5411x data sheets: Cortex-M4 and Cortex-M0+",
               facts={"n_cores": "2"}),
    Correction("K32W0[234]2", "K32W0x data sheet: Cortex-M4 and Cortex-M0+",
               facts={"n_cores": "2"}),
)  # fmt: skip


def corrected(row: Row) -> Row:
    """The row as the data sheets of its family have it."""
    for one in corrections_of(row["mcu_key"]):
        facts = {**one.facts, **_core(one), **_rebased(one, row)}
        row = {**row, **facts, "source": _with_family(row["source"])}
    return row


def corrections_of(key: str) -> Iterable[Correction]:
    """What speaks of the part."""
    return (one for one in CORRECTIONS if re.match(one.keys, key))


def _core(one: Correction) -> dict[str, str]:
    if one.core is None:
        return {}
    name, fpu, dsp = one.core
    has_dsp = "true" if dsp else "false"
    return {"cpu_core": name, "fpu": fpu, "dsp": has_dsp, "core_src": "derived"}


def _rebased(one: Correction, row: Row) -> dict[str, str]:
    """The one RAM region at its address."""
    if one.ram_base is None:
        return {}
    regions = [[name, one.ram_base, size] for name, _, size in json.loads(row["sram_regions"])]
    return {"sram_regions": json.dumps(regions)}


def _with_family(sources: str) -> str:
    return sources if FAMILY in sources.split("+") else f"{sources}+{FAMILY}"


def is_shared(key: str) -> bool:
    """Whether firmware of another core holds some of the part's memory, or it was moved."""
    return any(one.is_shared or one.ram_base is not None for one in corrections_of(key))
