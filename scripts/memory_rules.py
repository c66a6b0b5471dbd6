"""Rules that clean the memory maps of devices: each memory once, and nothing beside the chip.

Whatever a rule has to change is no longer sure: its status cannot give ``fits``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

#: Kind, name, base address and size in bytes.
Region = tuple[str, str, int | None, int]
_Found = tuple[str, int | None, int]

_AUX = re.compile(
    r"bkp|backup|usb|flex_?ram$|lpram|mbox|mailbox|npu|venc|ppca|retention|fmc_|octospi|sdram|"
    r"psram|flexspi|scoderam|ssys|ecc",
    re.IGNORECASE,
)
_NO_PROGRAM = re.compile(
    r"rom$|rom_|dflash|flex_?nvm|eeprom|otp|uicr|flexspi|seflash|neflash", re.IGNORECASE
)
_ALIAS = re.compile(r"alias|secure|via m33 code|_s$|^sflash$", re.IGNORECASE)
_KINDS = (
    ("itcm", re.compile(r"itcm|_itc$|^ilm|^tcma$", re.IGNORECASE)),
    ("dtcm", re.compile(r"dtcm|_dtc$|^dlm|^tcmb$", re.IGNORECASE)),
    ("ccm", re.compile(r"^ccm", re.IGNORECASE)),
)
# Kinetis and others: an access must not cross this address (K64P144M120SF5RM, "SRAM"): below it
# lies another bus (Arm v7-M ARM, B3.1). Cores with one bus have no such border.
_HALVES_MEET: Final = 0x2000_0000
_ONE_BUS: Final = frozenset({"Cortex-M0", "Cortex-M0+", "Cortex-M1", "Cortex-M23"})
_WITH_TCM: Final = frozenset({"Cortex-M7", "Cortex-M55", "Cortex-M85"})
# More than any microcontroller has on its chip in one piece: what is larger lies beside it.
_LARGEST_RAM: Final = 16 << 20
_LARGEST_FLASH: Final = 8 << 20
# The security alias differs in bit 28 (Armv8-M, "IDAU"; STM32 flash: 0x08000000 and 0x0C000000).
_SECURE_ALIAS: Final = 1 << 28
_STM32_FLASHES: Final = frozenset({0x0800_0000, 0x0C00_0000})
# FlexNVM, which a program may have given to an EEPROM (Kinetis manuals, "Flash Memory Module").
_FLEX_NVM: Final = 0x1000_0000

# How the fuses leave the RAM that TCM and OCRAM share: ITCM, DTCM, OCRAM in KiB. From the
# reference manuals of i.MX RT, "FlexRAM", and the OCRAM banks that are none of it.
_FUSED: Final = (
    (re.compile("MIMXRT101"), (32, 32, 64)),
    (re.compile("MIMXRT102"), (64, 64, 128)),
    (re.compile("MIMXRT10[45]"), (128, 128, 256)),
    (re.compile("MIMXRT106"), (128, 128, 768)),
    (re.compile("MIMXRT11[67]"), (256, 256, 512)),
)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is left of a memory map.

    Attributes:
        regions: on the chip, by address, none twice.
        total_bytes: of RAM for data or of flash; as the source has it where it lists no regions.
        is_sure: whether the source's own figures agree, and no rule had to choose.
    """

    regions: tuple[Region, ...]
    total_bytes: int
    is_sure: bool


def clean_ram(listed: Iterable[list[object]], total: int, core: str, key: str) -> Memory:
    """Regions for data: each once, contiguous ones joined.

    What a DMA, a radio or a backup domain has for itself is left out, so are external memories
    and second addresses of the same memory.

    Args:
        listed: name, base address and bytes.
        total: bytes that the source counts; 0 where it does not say.
        core: what tells tightly coupled memory from other.
        key: of the part, in capitals.
    """
    found = _unique(listed)
    names = {name for name, _, _ in found}
    inside = [
        (_ram_kind(name, base, core), name, base, size)
        for name, base, size in found
        if not _AUX.search(name) and size < _LARGEST_RAM and not _is_second(name, names)
    ]
    once = _without_aliases(inside, core)
    apart, is_apart = _apart(once)
    kept = [_fused(region, key) for region in apart]
    is_sure = (
        is_apart
        and kept == inside
        and not any(_ALIAS.search(name) for name in names)
        and (core in _WITH_TCM or not _crosses_security(kept))
        and (core in _WITH_TCM or all(base != 0 for _, _, base, _ in kept))
        and _agrees(total, found, kept)
    )
    regions = _joined([part for region in kept for part in _split(region, core)])
    return Memory(tuple(regions), _total(0 if found else total, kept), is_sure)


def clean_flash(listed: Iterable[list[object]], total: int, part: str, key: str) -> Memory:
    """Regions for programs: each once, contiguous ones joined, without flash for data.

    Args:
        listed: as of ``clean_ram``.
        total: as there.
        part: whose name may tell the size.
        key: as there.
    """
    found = _unique(listed)
    names = {name for name, _, _ in found}
    inside: list[Region] = [
        ("flash", name, base, size)
        for name, base, size in found
        if not _NO_PROGRAM.search(name) and size < _LARGEST_FLASH and not _is_second(name, names)
    ]
    once = _without_aliases(inside, core=None)
    apart, is_apart = _apart(_without_flex_nvm(once, key))
    kept, coded = _for_programs(_joined(apart)), coded_flash_bytes(part)
    # `USR` counts flash that the core only reaches after it is copied (CH32V30x manual, "Flash").
    is_sure = (
        is_apart
        and once == inside
        and not any(_ALIAS.search(name) for name in names)
        and "USR" not in names
        and not _crosses_security(kept)
    )
    if coded and sum(size for *_, size in kept) > coded:
        kept, is_sure = _cut(kept, coded), False
    return Memory(tuple(kept), _total(0 if found else total, kept), is_sure)


_STM_FLASH: Final = {
    "4": 16, "6": 32, "8": 64, "B": 128, "Z": 192, "C": 256, "D": 384, "E": 512, "F": 768,
    "G": 1024, "H": 1536, "I": 2048, "J": 4096,
}  # fmt: skip
_CODED = (
    # The letter after the package's, in every STM32 data sheet, "Ordering information".
    (re.compile(r"STM32(?!MP|WB1|N)[A-Z]{1,2}[0-9A-Z]{3}[A-Z]([4-9A-J])"), _STM_FLASH),
    (re.compile(r"STM32WB1.[A-Z](C)"), {"C": 320}),
    (re.compile(r"(?:EFM|EFR|EZR)32[A-Z0-9]*F(\d+)"), None),
    (re.compile(r"XMC\d+-.*[xX]0*(\d+)$"), None),
)


def coded_flash_bytes(part: str) -> int | None:
    """The flash that a part's name stands for; None where the name does not tell."""
    for pattern, sizes in _CODED:
        found = pattern.match(part.upper().replace("X0", "x0"))
        if found:
            text = found[1]
            kib = sizes.get(text) if sizes is not None else int(text)
            return None if kib is None else kib << 10
    return None


def _unique(listed: Iterable[list[object]]) -> list[_Found]:
    rows = {(str(n), b if isinstance(b, int) else None, int(str(s))) for n, b, s in listed}
    return sorted(rows, key=lambda row: (row[1] is None, row[1] or 0, row[0], row[2]))


def _is_second(name: str, names: set[str]) -> bool:
    """Whether this is another address of a memory that is listed, too."""
    if _ALIAS.search(name):
        return True
    stem = name.removesuffix("_ICODE")
    return stem != name and bool({stem, f"{stem}_DCODE"} & names)


def _ram_kind(name: str, base: int | None, core: str) -> str:
    if base == 0 and core in _WITH_TCM:
        return "itcm"
    return next((kind for kind, pattern in _KINDS if pattern.search(name)), "sram")


def _without_aliases(regions: list[Region], core: str | None) -> list[Region]:
    """Regions without those that show a memory for the second time; no core means flash."""
    kept: list[Region] = []
    for region in regions:
        if not any(_shows_again(other, region, core) for other in kept):
            kept = [one for one in kept if core is None or not _is_code_view(one, region)]
            kept.append(region)
    return kept


def _shows_again(first: Region, second: Region, core: str | None) -> bool:
    """Whether two regions are the two security views of one memory."""
    (_, _, base, size), (_, _, other, other_size) = first, second
    if base is None or other is None or size != other_size:
        return False
    if core is None and {base, other} == _STM32_FLASHES:
        return True
    # Cores with TCM have it at 0x20000000, and other memory at 0x30000000 (RM0455, memory map).
    return core not in _WITH_TCM and other - base == _SECURE_ALIAS and not base & _SECURE_ALIAS


def _is_code_view(first: Region, second: Region) -> bool:
    """Whether ``first`` is RAM at 0x20000000 as the code bus sees it: same size, other address."""
    (kind, _, base, size), (other_kind, _, other, other_size) = first, second
    return (
        kind == other_kind == "sram"
        and other == _HALVES_MEET
        and size == other_size
        and base is not None
        and base + size < _HALVES_MEET
    )


def _crosses_security(regions: list[Region]) -> bool:
    """Whether one part of a memory shows at its secure and the next at its other address."""
    bases = {base for _, _, base, _ in regions if base is not None}
    return any(
        (base + size) | _SECURE_ALIAS in bases - {base + size}
        for _, _, base, size in regions
        if base is not None
    )


def _without_flex_nvm(regions: list[Region], key: str) -> list[Region]:
    """Kinetis KV5x has its program flash where others have FlexNVM, and none at 0."""
    if not re.match(r"MK|K\d|S32K", key) or all(base != 0 for _, _, base, _ in regions):
        return regions
    return [region for region in regions if region[2] != _FLEX_NVM]


def _fused(region: Region, key: str) -> Region:
    """No more of a shared RAM than the fuses give to this use of it."""
    kind, name, base, size = region
    sizes = next((sizes for pattern, sizes in _FUSED if pattern.match(key)), None)
    if sizes is None:
        return region
    itcm, dtcm, ocram = sizes
    limits = {"itcm": itcm, "dtcm": dtcm, "sram": dtcm if base == _HALVES_MEET else ocram}
    return kind, name, base, min(size, limits.get(kind, ocram) << 10)


def _apart(regions: list[Region]) -> tuple[list[Region], bool]:
    """Regions that do not overlap, the first and smaller one kept; and whether all were kept."""
    kept: list[Region] = []
    for region in regions:
        base, size = region[2], region[3]
        if base is not None and base + size > 1 << 32:
            continue
        last = kept[-1] if kept else None
        if base is None or last is None or last[2] is None or last[2] + last[3] <= base:
            kept.append(region)
    return kept, len(kept) == len(regions)


def _agrees(total: int, found: list[_Found], kept: list[Region]) -> bool:
    """Whether a source's total is the sum of what it lists, with or without what lies aside."""
    sums = {
        sum(size for kind, name, _, size in kept if kind not in without)
        for without in ((), ("itcm",), ("ccm",), ("itcm", "ccm"))
    }
    # The list of STM32 leaves out of its total what it names after the code bus.
    sums.add(sum(size for _, name, _, size in kept if not name.endswith("_ICODE")))
    aside = sum(size for _, _, size in found) - sum(size for *_, size in kept)
    return not total or bool({total, total - aside} & sums)


def _total(total: int, kept: Iterable[Region]) -> int:
    """What the source counts for data, without what is not on the chip or counted twice."""
    return sum(size for kind, _, _, size in kept if kind != "itcm") or total


def _split(region: Region, core: str) -> list[Region]:
    """A region in two where its halves lie on two buses."""
    kind, name, base, size = region
    if core in _ONE_BUS or base is None or not base < _HALVES_MEET < base + size:
        return [region]
    below = _HALVES_MEET - base
    return [(kind, f"{name}_L", base, below), (kind, f"{name}_U", _HALVES_MEET, size - below)]


def _for_programs(regions: list[Region]) -> list[Region]:
    """Without pieces at most half as large as the largest: flash for data, loaders and options."""
    largest = max((size for *_, size in regions), default=0)
    return [region for region in regions if region[3] * 2 > largest]


def _cut(regions: list[Region], limit: int) -> list[Region]:
    """No more bytes than the limit, from the first region on."""
    out: list[Region] = []
    for kind, name, base, size in regions:
        left = limit - sum(one[3] for one in out)
        if left > 0:
            out.append((kind, name, base, min(size, left)))
    return out


def _joined(regions: list[Region]) -> list[Region]:
    """Contiguous regions of a kind as one; names stay unique."""
    out: list[Region] = []
    for region in regions:
        if out and _meet(out[-1], region):
            kind, name, base, size = out[-1]
            out[-1] = (kind, _together(name, region[1]), base, size + region[3])
        else:
            out.append(region)
    seen: dict[str, int] = {}
    unique: list[Region] = []
    for kind, name, base, size in out:
        seen[name] = seen.get(name, 0) + 1
        unique.append((kind, name if seen[name] == 1 else f"{name} {seen[name]}", base, size))
    return unique


def _meet(first: Region, second: Region) -> bool:
    base = first[2]
    return (
        base is not None
        and base + first[3] == second[2]
        and first[0] == second[0]
        and second[2] != _HALVES_MEET
    )


def _together(first: str, second: str) -> str:
    if first.startswith("BANK_"):
        return "BANK_1" if second.startswith("BANK_1") else "BANK_1+BANK_2"
    head = first.split("-", maxsplit=1)[0]
    return f"{head}-{second}"
