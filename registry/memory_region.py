"""Memory regions, as a board or a microcontroller has them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fitgraph.registry.claim import ClaimStatus


class RegionKind(StrEnum):
    """What a memory region is good for."""

    SRAM = "sram"
    FLASH = "flash"
    ITCM = "itcm"
    DTCM = "dtcm"
    CCM = "ccm"
    PSRAM = "psram"
    EXTFLASH = "extflash"


@dataclass(frozen=True, slots=True)
class MemoryRegion:
    """A contiguous range of addresses.

    Attributes:
        name: as the datasheet or reference manual spells it.
        base_address: where the core sees it; None where the size alone is known.
        size_bytes: all of it, before any reserve.
        reserve_bytes: what a bootloader, radio stack or the like takes at its start.
        reserve_reason: why, or an empty string.
        status: how kind, address and size are known.
    """

    name: str
    kind: RegionKind
    base_address: int | None
    size_bytes: int
    reserve_bytes: int = 0
    reserve_reason: str = ""
    status: ClaimStatus = ClaimStatus.SOURCED

    @property
    def end_address(self) -> int | None:
        """First address after the region; None where its address is not known."""
        return None if self.base_address is None else self.base_address + self.size_bytes

    @property
    def free_bytes(self) -> int:
        return self.size_bytes - self.reserve_bytes


def in_order(regions: tuple[MemoryRegion, ...]) -> tuple[MemoryRegion, ...]:
    """By address, then by name; those without an address last."""
    return tuple(sorted(regions, key=_place))


def _place(region: MemoryRegion) -> tuple[bool, int, str]:
    return region.base_address is None, region.base_address or 0, region.name
