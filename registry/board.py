"""A board: its core and its real memory regions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RegionKind(StrEnum):
    """What a memory region is good for."""

    SRAM = "sram"
    FLASH = "flash"
    ITCM = "itcm"
    DTCM = "dtcm"
    CCM = "ccm"
    PSRAM = "psram"


@dataclass(frozen=True, slots=True)
class MemoryRegion:
    """A contiguous range of addresses.

    Attributes:
        name: as the datasheet or reference manual spells it.
        base_address: where the core sees it.
        size_bytes: all of it, before any reserve.
        reserve_bytes: what a bootloader, radio stack or the like takes at its start.
        reserve_reason: why, or an empty string.
    """

    name: str
    kind: RegionKind
    base_address: int
    size_bytes: int
    reserve_bytes: int = 0
    reserve_reason: str = ""

    @property
    def end_address(self) -> int:
        """First address after the region."""
        return self.base_address + self.size_bytes

    @property
    def free_bytes(self) -> int:
        return self.size_bytes - self.reserve_bytes


@dataclass(frozen=True, slots=True)
class Board:
    """A board type.

    Attributes:
        board_id: slug, unique, last part of its IRI: ``arduino-nano-33-ble-sense``.
        mcu: part as the datasheet spells it: ``nRF52840``.
        cpu_core: ``Cortex-M4F``.
        isa_class: a key of ``ISA_CLASSES``.
        sensors: kinds on the board: ``accelerometer``, ``gyroscope``, ``microphone``, ``camera``...
        radios: ``bluetooth``, ``wifi``, ``802.15.4``, ...
        sources: where the facts come from (document titles with sections, or URLs).
    """

    board_id: str
    name: str
    vendor: str
    mcu: str
    cpu_core: str
    isa_class: str
    clock_hz: int
    regions: tuple[MemoryRegion, ...]
    sensors: tuple[str, ...] = ()
    radios: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def regions_of(self, *kinds: RegionKind) -> tuple[MemoryRegion, ...]:
        """Regions of the given kinds, most free bytes first, ties by name."""
        chosen = [region for region in self.regions if region.kind in kinds]
        return tuple(sorted(chosen, key=lambda region: (-region.free_bytes, region.name)))
