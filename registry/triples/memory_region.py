"""A memory region as triples, in the graph of the board or microcontroller that has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Triple

from fitgraph.registry.claim import ClaimStatus
from fitgraph.registry.iris import part_iri
from fitgraph.registry.memory_region import MemoryRegion, RegionKind, in_order
from fitgraph.registry.triples.reading import Facts, local_name
from fitgraph.registry.triples.writing import describe, individual, iri


def region_iri(owner: str, name: str) -> str:
    """IRI of a memory region of a board or microcontroller."""
    return part_iri(owner, "region", name)


def region_nodes(owner: str, regions: Iterable[MemoryRegion]) -> tuple[NamedNode, ...]:
    """What ``fg:hasMemoryRegion`` of the owner points to."""
    return tuple(iri(region_iri(owner, region.name)) for region in regions)


def regions_to_triples(owner: str, regions: Iterable[MemoryRegion]) -> Iterator[Triple]:
    """All triples of the regions themselves."""
    for region in regions:
        yield from describe(
            region_iri(owner, region.name),
            "MemoryRegion",
            region_name=region.name,
            region_kind=individual(region.kind),
            base_address=region.base_address,
            size_bytes=region.size_bytes,
            reserve_bytes=region.reserve_bytes,
            reserve_reason=region.reserve_reason or None,
            claim_status=individual(region.status),
        )


def regions_from(facts: Facts, owner: str) -> tuple[MemoryRegion, ...]:
    """The regions of a board or microcontroller, by address."""
    return in_order(
        tuple(_region_from(facts, part) for part in facts.texts(owner, "hasMemoryRegion"))
    )


def status_from(facts: Facts, subject: str, name: str) -> ClaimStatus:
    """A status; what has none was written by a version that took sourced facts alone."""
    value = facts.value(subject, name)
    return ClaimStatus.SOURCED if value is None else ClaimStatus(local_name(str(value)))


def _region_from(facts: Facts, subject: str) -> MemoryRegion:
    return MemoryRegion(
        name=facts.text(subject, "regionName"),
        kind=RegionKind(local_name(facts.text(subject, "regionKind"))),
        base_address=facts.optional_integer(subject, "baseAddress"),
        size_bytes=facts.integer(subject, "sizeBytes"),
        reserve_bytes=facts.integer(subject, "reserveBytes"),
        reserve_reason=str(facts.value(subject, "reserveReason") or ""),
        status=status_from(facts, subject, "claimStatus"),
    )
