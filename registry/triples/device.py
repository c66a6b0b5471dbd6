"""What the graph says of boards and microcontrollers alike: core, clock, memory, claims."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from pyoxigraph import Triple

from fitgraph.registry.board import Board
from fitgraph.registry.claim import Claim, ClaimStatus
from fitgraph.registry.iris import isa_iri, key_of
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.memory_region import MemoryRegion
from fitgraph.registry.triples.claim import claim_nodes, claims_from, claims_to_triples
from fitgraph.registry.triples.memory_region import (
    region_nodes,
    regions_from,
    regions_to_triples,
    status_from,
)
from fitgraph.registry.triples.reading import Facts
from fitgraph.registry.triples.writing import individual, iri, properties


class DeviceFacts(TypedDict):
    """The fields that both records have."""

    vendor: str
    cpu_core: str
    isa_class: str | None
    isa_status: ClaimStatus
    clock_hz: int | None
    regions: tuple[MemoryRegion, ...]
    claims: tuple[Claim, ...]
    sources: tuple[str, ...]


def device_to_triples(subject: str, device: Board | Mcu) -> Iterator[Triple]:
    """Triples of those fields, with all of the regions and claims."""
    yield from properties(
        subject,
        {
            "vendor": device.vendor or None,
            "cpu_core": device.cpu_core or None,
            "isa_class": iri(isa_iri(device.isa_class)) if device.isa_class else None,
            "isa_class_status": individual(device.isa_status) if device.isa_class else None,
            "clock_hz": device.clock_hz,
            "source": device.sources,
            "has_memory_region": region_nodes(subject, device.regions),
            "has_claim": claim_nodes(subject, device.claims),
        },
    )
    yield from regions_to_triples(subject, device.regions)
    yield from claims_to_triples(subject, device.claims)


def device_facts(facts: Facts, subject: str) -> DeviceFacts:
    """Those fields, as the triples have them."""
    isa_class = facts.value(subject, "isaClass")
    return {
        "vendor": str(facts.value(subject, "vendor") or ""),
        "cpu_core": str(facts.value(subject, "cpuCore") or ""),
        "isa_class": None if isa_class is None else key_of(str(isa_class)),
        "isa_status": status_from(facts, subject, "isaClassStatus"),
        "clock_hz": facts.optional_integer(subject, "clockHz"),
        "regions": regions_from(facts, subject),
        "claims": claims_from(facts, subject),
        "sources": facts.texts(subject, "source"),
    }
