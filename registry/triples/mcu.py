"""A microcontroller as triples, in the graph of its IRI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pyoxigraph import Triple

from fitgraph.registry.iris import isa_iri, key_of, mcu_iri
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.memory_region import in_order
from fitgraph.registry.triples.claim import (
    canonical_claims,
    claim_nodes,
    claims_from,
    claims_to_triples,
)
from fitgraph.registry.triples.memory_region import (
    region_nodes,
    regions_from,
    regions_to_triples,
    status_from,
)
from fitgraph.registry.triples.reading import Facts, refusing_damage
from fitgraph.registry.triples.terms import RDFS_LABEL
from fitgraph.registry.triples.writing import describe, individual, iri


def canonical_mcu(mcu: Mcu) -> Mcu:
    """The microcontroller as the graph gives it back: what has no order of its own is sorted."""
    return replace(
        mcu,
        regions=in_order(mcu.regions),
        claims=canonical_claims(mcu.claims),
        sources=tuple(sorted(set(mcu.sources))),
        sensor_kinds=tuple(sorted(set(mcu.sensor_kinds))),
    )


def mcu_to_triples(mcu: Mcu) -> Iterator[Triple]:
    """All triples of a microcontroller."""
    subject = mcu_iri(mcu.mcu_id)
    yield from describe(
        subject,
        "Mcu",
        name=mcu.mcu_id,
        label=mcu.part,
        part=mcu.part,
        vendor=mcu.vendor or None,
        cpu_core=mcu.cpu_core or None,
        isa_class=iri(isa_iri(mcu.isa_class)) if mcu.isa_class else None,
        isa_class_status=individual(mcu.isa_status) if mcu.isa_class else None,
        core_count=mcu.n_cores,
        clock_hz=mcu.clock_hz,
        npu=mcu.npu or None,
        paired_sensor=mcu.sensor_kinds,
        source=mcu.sources,
        has_memory_region=region_nodes(subject, mcu.regions),
        has_claim=claim_nodes(subject, mcu.claims),
    )
    yield from regions_to_triples(subject, mcu.regions)
    yield from claims_to_triples(subject, mcu.claims)


@refusing_damage
def mcu_from_triples(triples: Iterable[Triple]) -> Mcu:
    """The microcontroller that the triples of its graph describe.

    Raises:
        RegistryError: they lack something that a microcontroller has.
    """
    facts = Facts(triples)
    subject = facts.only("Mcu")
    isa_class = facts.value(subject, "isaClass")
    return Mcu(
        mcu_id=facts.text(subject, "name"),
        part=facts.text(subject, RDFS_LABEL.value),
        vendor=str(facts.value(subject, "vendor") or ""),
        cpu_core=str(facts.value(subject, "cpuCore") or ""),
        isa_class=None if isa_class is None else key_of(str(isa_class)),
        n_cores=facts.optional_integer(subject, "coreCount"),
        clock_hz=facts.optional_integer(subject, "clockHz"),
        regions=regions_from(facts, subject),
        npu=str(facts.value(subject, "npu") or ""),
        claims=claims_from(facts, subject),
        sources=facts.texts(subject, "source"),
        sensor_kinds=facts.texts(subject, "pairedSensor"),
        isa_status=status_from(facts, subject, "isaClassStatus"),
    )
