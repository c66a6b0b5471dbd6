"""A microcontroller: the part that a board carries, and the firmware runs on."""

from __future__ import annotations

from dataclasses import dataclass

from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.memory_region import MemoryRegion


@dataclass(frozen=True, slots=True)
class Mcu:
    """A microcontroller, as far as sources tell.

    Attributes:
        mcu_id: slug, unique, last part of its IRI: ``stm32f746ng``.
        part: as the datasheet spells it: ``STM32F746NG``.
        vendor: an empty string where it is not known.
        cpu_core: of the core that firmware starts on; an empty string where it is not known.
        isa_class: a key of ``ISA_CLASSES``; None where it cannot be told.
        n_cores: of all kinds, None where it is not known.
        clock_hz: the highest of the core; None where it is not known.
        regions: on the chip.
        npu: accelerator for neural networks, or an empty string.
        sensor_kinds: sensors that a source pairs the part with.
        isa_status: how ``isa_class`` is known.
    """

    mcu_id: str
    part: str
    vendor: str
    cpu_core: str
    isa_class: str | None
    n_cores: int | None = None
    clock_hz: int | None = None
    regions: tuple[MemoryRegion, ...] = ()
    npu: str = ""
    claims: tuple[Claim, ...] = ()
    sources: tuple[str, ...] = ()
    sensor_kinds: tuple[str, ...] = ()
    isa_status: ClaimStatus = ClaimStatus.SOURCED
