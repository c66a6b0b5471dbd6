"""Memory of boards and microcontrollers in lists: flash, and the largest region of RAM.

Regions are never added up: a model's tensors lie in one of them. For flash a list shows the largest
region, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fitgraph.api.web.faceting import Column, Facet, bucket
from fitgraph.api.web.words import size
from fitgraph.registry.memory_region import MemoryRegion, RegionKind

_RAM: Final = frozenset({RegionKind.SRAM, RegionKind.DTCM, RegionKind.CCM})
_FLASH: Final = frozenset({RegionKind.FLASH})
_KIB: Final = 1 << 10
_MIB: Final = 1 << 20
_RAM_BOUNDS: Final = (
    (8 * _KIB, "under 8 KiB"),
    (32 * _KIB, "8 to 32 KiB"),
    (128 * _KIB, "32 to 128 KiB"),
    (512 * _KIB, "128 to 512 KiB"),
    (1 << 62, "512 KiB and more"),
)
_FLASH_BOUNDS: Final = (
    (32 * _KIB, "under 32 KiB"),
    (128 * _KIB, "32 to 128 KiB"),
    (512 * _KIB, "128 to 512 KiB"),
    (2 * _MIB, "512 KiB to 2 MiB"),
    (1 << 62, "2 MiB and more"),
)


def largest_ram(regions: Iterable[MemoryRegion]) -> int | None:
    """Bytes of the largest region that data may lie in, on the chip; None if none is known."""
    return _largest(regions, _RAM)


def largest_flash(regions: Iterable[MemoryRegion]) -> int | None:
    """Bytes of the largest region of flash; None if none is known."""
    return _largest(regions, _FLASH)


def _largest(regions: Iterable[MemoryRegion], kinds: frozenset[RegionKind]) -> int | None:
    return max((region.size_bytes for region in regions if region.kind in kinds), default=None)


def _ram(one: Any) -> int | None:  # noqa: ANN401 - whatever has regions
    return largest_ram(one.regions)


def _flash(one: Any) -> int | None:  # noqa: ANN401 - likewise
    return largest_flash(one.regions)


MEMORY_COLUMNS: Final = (
    Column("flash", "Largest flash", _flash, lambda one: size(_flash(one)), is_number=True),
    Column("ram", "Largest RAM", _ram, lambda one: size(_ram(one)), is_number=True),
)
MEMORY_FACETS: Final = (
    Facet(
        "ram",
        "RAM",
        lambda one: bucket(_ram(one), _RAM_BOUNDS),
        tuple(words for _, words in _RAM_BOUNDS),
    ),
    Facet(
        "flash",
        "Flash",
        lambda one: bucket(_flash(one), _FLASH_BOUNDS),
        tuple(words for _, words in _FLASH_BOUNDS),
    ),
)
