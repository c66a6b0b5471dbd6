"""Memory regions out of other formats: names of their own, nothing listed twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Final, TypeVar

from fitgraph.registry.errors import InvalidImportError
from fitgraph.registry.memory_region import MemoryRegion, RegionKind

Entry = TypeVar("Entry")

#: The largest map there is has 60.
MAX_REGIONS: Final = 1000
#: Words that datasheets have in the names of memories that are not plain SRAM.
_KINDS: Final = (
    ("itcm", RegionKind.ITCM),
    ("dtcm", RegionKind.DTCM),
    ("ccm", RegionKind.CCM),
    ("psram", RegionKind.PSRAM),
    ("sdram", RegionKind.PSRAM),
)


def ram_kind(name: str) -> RegionKind:
    """The kind of RAM that a name tells: ``DTCMRAM`` is DTCM, ``SRAM1`` is SRAM."""
    lower = name.lower()
    # RISC-V cores call their tightly coupled memories local.
    local = {"ilm": RegionKind.ITCM, "dlm": RegionKind.DTCM}.get(lower)
    return local or next((kind for word, kind in _KINDS if word in lower), RegionKind.SRAM)


def limited(regions: Iterable[Entry]) -> list[Entry]:
    """A memory map that is no longer than any there is: each entry is held against all others.

    Raises:
        InvalidImportError: there are more than ``MAX_REGIONS``.
    """
    found = list(islice(regions, MAX_REGIONS + 1))
    if len(found) > MAX_REGIONS:
        raise InvalidImportError(
            f"more than {MAX_REGIONS:,} memory regions", hint="leave out what holds no program"
        )
    return found


def distinct(
    regions: Iterable[MemoryRegion],
) -> tuple[tuple[MemoryRegion, ...], tuple[MemoryRegion, ...]]:
    """Regions without an overlap, each with a name of its own, and those that were left out.

    What comes first is kept, so that put the most certain first.

    Raises:
        InvalidImportError: there are more than ``MAX_REGIONS``.
    """
    regions = limited(regions)
    kept: list[MemoryRegion] = []
    left_out: list[MemoryRegion] = []
    for region in regions:
        if any(_overlap(region, other) for other in kept):
            left_out.append(region)
        else:
            kept.append(replace(region, name=_own_name(region, kept)))
    return tuple(kept), tuple(left_out)


def _overlap(one: MemoryRegion, other: MemoryRegion) -> bool:
    if one.base_address is None or other.base_address is None:
        return False
    return (
        one.base_address < other.base_address + other.size_bytes
        and other.base_address < one.base_address + one.size_bytes
    )


def _own_name(region: MemoryRegion, others: Iterable[MemoryRegion]) -> str:
    taken = {other.name for other in others}
    if region.name not in taken:
        return region.name
    if region.base_address is not None and f"{region.name} {region.base_address:#x}" not in taken:
        return f"{region.name} {region.base_address:#x}"
    number = 2
    while f"{region.name} {number}" in taken:
        number += 1
    return f"{region.name} {number}"
