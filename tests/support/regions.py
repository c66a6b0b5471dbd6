"""Memory regions of tests, whose addresses are all known."""

from __future__ import annotations

from fitgraph.registry.memory_region import MemoryRegion


def span_of(region: MemoryRegion) -> range:
    """The region's addresses."""
    assert region.base_address is not None
    return range(region.base_address, region.base_address + region.size_bytes)
