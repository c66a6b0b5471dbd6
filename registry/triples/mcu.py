"""A microcontroller as triples, in the graph of its IRI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Triple

from fitgraph.registry.iris import mcu_iri
from fitgraph.registry.mcu import Mcu
from fitgraph.registry.triples.device import device_facts, device_to_triples
from fitgraph.registry.triples.reading import Facts, refusing_damage
from fitgraph.registry.triples.terms import RDFS_LABEL
from fitgraph.registry.triples.writing import describe


def mcu_to_triples(mcu: Mcu) -> Iterator[Triple]:
    """All triples of a microcontroller."""
    subject = mcu_iri(mcu.mcu_id)
    yield from describe(
        subject,
        "Mcu",
        name=mcu.mcu_id,
        label=mcu.part,
        part=mcu.part,
        core_count=mcu.n_cores,
        npu=mcu.npu or None,
        paired_sensor=mcu.sensor_kinds,
    )
    yield from device_to_triples(subject, mcu)


@refusing_damage
def mcu_from_triples(triples: Iterable[Triple]) -> Mcu:
    """The microcontroller that the triples of its graph describe.

    Raises:
        RegistryError: they lack something that a microcontroller has.
    """
    facts = Facts(triples)
    subject = facts.only("Mcu")
    return Mcu(
        mcu_id=facts.text(subject, "name"),
        part=facts.text(subject, RDFS_LABEL.value),
        n_cores=facts.optional_integer(subject, "coreCount"),
        npu=str(facts.value(subject, "npu") or ""),
        sensor_kinds=facts.texts(subject, "pairedSensor"),
        **device_facts(facts, subject),
    )
