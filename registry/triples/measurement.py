"""A measurement as triples, in the graph of its IRI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Triple

from fitgraph.registry.footprint import Evidence
from fitgraph.registry.iris import key_of, measurement_iri, model_iri, runtime_iri
from fitgraph.registry.measurement import Measurement
from fitgraph.registry.triples.reading import Facts, refusing_damage
from fitgraph.registry.triples.writing import describe, individual, iri


def iri_of(measurement: Measurement) -> str:
    """IRI of a measurement, by all but what it showed."""
    return measurement_iri(
        measurement.model_sha256, measurement.runtime, measurement.machine, measurement.toolchain
    )


def measurement_to_triples(measurement: Measurement) -> Iterator[Triple]:
    """All triples of a measurement."""
    yield from describe(
        iri_of(measurement),
        "Measurement",
        model=iri(model_iri(measurement.model_sha256)),
        runtime=iri(runtime_iri(measurement.runtime)),
        machine=measurement.machine,
        toolchain=measurement.toolchain,
        evidence=individual(Evidence.MEASURED),
        arena_bytes=measurement.arena_bytes,
        refusal=measurement.refusal or None,
    )


@refusing_damage
def measurement_from_triples(triples: Iterable[Triple]) -> Measurement:
    """The measurement that the triples of its graph describe.

    Raises:
        RegistryError: they lack something that a measurement has.
    """
    facts = Facts(triples)
    subject = facts.only("Measurement")
    return Measurement(
        model_sha256=key_of(facts.text(subject, "model")),
        runtime=key_of(facts.text(subject, "runtime")),
        machine=facts.text(subject, "machine"),
        toolchain=facts.text(subject, "toolchain"),
        arena_bytes=facts.optional_integer(subject, "arenaBytes"),
        refusal=str(facts.value(subject, "refusal") or ""),
    )
