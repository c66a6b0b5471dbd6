"""The memories of a device in a CMSIS-Pack, as regions that a program may lie in.

Packs list memory that shows at two addresses twice, and do not always say so. So of several
RAM regions only the largest is taken as sourced: the others may be views of it. Of several flash
regions the one that the device starts from is taken: others are windows for external flash of any
size, or hold no programs. Windows that look like RAM are left out or doubted: a graphics unit's is
16 MiB wide, and would be the largest of all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.importers import numbers
from fitgraph.registry.importers.regions import distinct, ram_kind
from fitgraph.registry.memory_region import MemoryRegion, RegionKind

_FLASH_KINDS: Final = frozenset({RegionKind.FLASH})
_TRUE: Final = frozenset({"1", "true"})
#: RAM that is a window: a graphics unit's view, or a controller's for memory beside the chip.
_WINDOW: Final = re.compile(
    r"gfxmmu|(?<![a-z])(?:fmc|fsmc|semc|ebi|ext(?:ernal)?)(?![a-z])"
    r"|(?:octo|octal|quad|flex|hyper|[qoxh])_?spi",
    re.IGNORECASE,
)
#: Where memory beside the chip is (Armv7-M Architecture Reference Manual, B3.1, external RAM).
_EXTERNAL_RAM: Final = 0x6000_0000
#: No microcontroller has a larger RAM of its own (RZ/A1H hardware manual, section 1.1).
_LARGEST_RAM_BYTES: Final = 10 << 20


def pack_regions(
    memories: Mapping[str, Mapping[str, str]], processor: str
) -> tuple[tuple[MemoryRegion, ...], list[str]]:
    """Regions of one processor, and what was left out of the list, in words.

    Args:
        memories: attributes by key, the most specific first.
        processor: ``Pname`` of the one that firmware starts on; empty for the only one.

    Raises:
        InvalidImportError: a start or size does not read.
    """
    left_out: list[str] = []
    found: list[MemoryRegion] = []
    for attributes in memories.values():
        region = _region(attributes)
        reason = _reason_against(attributes, region, processor)
        if reason:
            left_out.append(f"{region.name} at {region.base_address:#x} left out: {reason}")
        else:
            found.append(region)
    kept, overlapping = distinct(_with_one_flash(found, memories, left_out))
    left_out += [
        f"{region.name} at {region.base_address:#x} left out: it overlaps another"
        for region in overlapping
    ]
    return with_doubted_views(kept), left_out


def _with_one_flash(
    regions: list[MemoryRegion], memories: Mapping[str, Mapping[str, str]], left_out: list[str]
) -> Iterator[MemoryRegion]:
    """The regions with the flash that the device starts from, or the first one listed, alone."""
    starts = {
        numbers.size_bytes(attributes["start"], "start")
        for attributes in memories.values()
        if attributes.get("startup", "") in _TRUE
    }
    flashes = [region for region in regions if region.kind is RegionKind.FLASH]
    taken = next((r for r in flashes if r.base_address in starts), next(iter(flashes), None))
    for region in regions:
        if region.kind is not RegionKind.FLASH or region is taken:
            yield region
        else:
            where = f"{region.name} at {region.base_address:#x}"
            left_out.append(f"{where} left out: the device does not start from it")


def with_doubted_views(regions: tuple[MemoryRegion, ...]) -> tuple[MemoryRegion, ...]:
    """The regions, with all RAM but the largest unchecked: it may be a view of the largest.

    Memory beside the chip, and what is too large to be on it, is unchecked, too.
    """
    rams = [region for region in regions if _may_be_on_chip(region)]
    largest = max(rams, key=lambda region: region.size_bytes, default=None)
    return tuple(
        region
        if region is largest or region.kind in _FLASH_KINDS
        else replace(region, status=ClaimStatus.UNCHECKED)
        for region in regions
    )


def _may_be_on_chip(region: MemoryRegion) -> bool:
    return (
        region.kind not in {*_FLASH_KINDS, RegionKind.PSRAM}
        and region.size_bytes <= _LARGEST_RAM_BYTES
    )


def _region(attributes: Mapping[str, str]) -> MemoryRegion:
    name = attributes.get("name") or attributes.get("id") or ""
    if not name:
        raise InvalidImportError("a memory has neither name nor id", hint="correct the pack")
    missing = [key for key in ("start", "size") if key not in attributes]
    if missing:
        raise InvalidImportError(f"memory '{name}' lacks {missing[0]}", hint="correct the pack")
    start = numbers.size_bytes(attributes["start"], f"memory '{name}' start")
    ram = RegionKind.PSRAM if start >= _EXTERNAL_RAM else ram_kind(name)
    return MemoryRegion(
        name=name,
        kind=ram if _is_ram(attributes) else RegionKind.FLASH,
        base_address=start,
        size_bytes=numbers.size_bytes(attributes["size"], f"memory '{name}' size"),
    )


def _is_ram(attributes: Mapping[str, str]) -> bool:
    # The id is the older form: IRAM1, IROM1; a flash may be writable for its programmer's sake.
    kind = attributes.get("id", "").upper()
    if kind.startswith(("IRAM", "IROM", "RAM", "ROM")):
        return "RAM" in kind
    if "flash" in attributes.get("name", "").lower():
        return False
    return "w" in attributes.get("access", "")


def _reason_against(
    attributes: Mapping[str, str], region: MemoryRegion, processor: str
) -> str | None:
    return next(_reasons(attributes, region, processor), None)


def _reasons(attributes: Mapping[str, str], region: MemoryRegion, processor: str) -> Iterator[str]:
    if attributes.get("alias"):
        yield f"it shows {attributes['alias']}"
    if attributes.get("external", "") in _TRUE:
        yield "it is external"
    if attributes.get("Pname", processor) != processor:
        yield f"it belongs to {attributes['Pname']}"
    if region.kind is not RegionKind.FLASH and _WINDOW.search(region.name):
        yield "it is a window, not memory"
    if region.size_bytes == 0:
        yield "its size is 0"
    if region.kind is RegionKind.FLASH and not _is_for_programs(attributes):
        yield "programs are not put there"


def _is_for_programs(attributes: Mapping[str, str]) -> bool:
    """Whether a linker puts programs there by default; a boot ROM has neither mark."""
    marks = (attributes.get("default", ""), attributes.get("startup", ""))
    return any(mark in _TRUE for mark in marks)
