"""A board: its core and its real memory regions."""

from __future__ import annotations

from dataclasses import dataclass

from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.errors import InvalidBoardError
from fitgraph.registry.memory_region import MemoryRegion, RegionKind

__all__ = ["Board", "McuLink", "MemoryRegion", "RegionKind"]


@dataclass(frozen=True, slots=True)
class McuLink:
    """Which microcontroller of the catalogue a board carries.

    Attributes:
        mcu_id: of the ``Mcu``.
        is_exact: False where the part was told from less than its full name.
        reason: why it is a guess; an empty string where it is not.
    """

    mcu_id: str
    is_exact: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """A board type.

    Attributes:
        board_id: slug, unique, last part of its IRI: ``arduino-nano-33-ble-sense``.
        vendor: an empty string where it is not known.
        mcu: part as the datasheet spells it: ``nRF52840``; as the source does, if that is vague.
        cpu_core: ``Cortex-M4F``; an empty string where it is not known.
        isa_class: a key of ``ISA_CLASSES``; None where it cannot be told.
        clock_hz: of the core; None where it is not known.
        sensors: kinds on the board: ``accelerometer``, ``gyroscope``, ``microphone``, ``camera``...
        radios: ``bluetooth``, ``wifi``, ``802.15.4``, ...
        sources: where the facts come from (document titles with sections, or URLs).
        mcu_link: None where no known microcontroller is meant.
        sensor_parts: sensors by the name of their part: ``lsm6dsl``.
        isa_status: how ``isa_class`` is known.
        other_names: what other projects call the same board: ``rpi-pico``.
    """

    board_id: str
    name: str
    vendor: str
    mcu: str
    cpu_core: str
    isa_class: str | None
    clock_hz: int | None
    regions: tuple[MemoryRegion, ...]
    sensors: tuple[str, ...] = ()
    radios: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    mcu_link: McuLink | None = None
    claims: tuple[Claim, ...] = ()
    sensor_parts: tuple[str, ...] = ()
    isa_status: ClaimStatus = ClaimStatus.SOURCED
    other_names: tuple[str, ...] = ()

    def regions_of(self, *kinds: RegionKind) -> tuple[MemoryRegion, ...]:
        """Regions of the given kinds, most free bytes first, ties by name."""
        chosen = [region for region in self.regions if region.kind in kinds]
        return tuple(sorted(chosen, key=lambda region: (-region.free_bytes, region.name)))

    def needed_isa_class(self) -> str:
        """The ISA class, for who cannot do without.

        Raises:
            InvalidBoardError: it is not known.
        """
        if self.isa_class is None:
            raise InvalidBoardError(
                f"the ISA class of {self.board_id!r} is not known",
                hint="add the board from a file that says its isa_class; see docs/boards.md",
            )
        return self.isa_class
