"""A model description as triples, in the graph of its IRI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pyoxigraph import NamedNode, Triple

from fitgraph.registry.iris import description_iri, key_of, model_iri
from fitgraph.registry.model_description import ModelDescription
from fitgraph.registry.triples.claim import (
    canonical_claims,
    claim_nodes,
    claims_from,
    claims_to_triples,
)
from fitgraph.registry.triples.reading import Facts, refusing_damage
from fitgraph.registry.triples.terms import prov
from fitgraph.registry.triples.writing import describe, iri


def canonical_description(description: ModelDescription) -> ModelDescription:
    """The description as the graph gives it back: what has no order of its own is sorted."""
    return replace(
        description,
        input_sensors=tuple(sorted(set(description.input_sensors))),
        claims=canonical_claims(description.claims),
        derived_from=tuple(sorted(set(description.derived_from))),
        sources=tuple(sorted(set(description.sources))),
    )


def description_to_triples(description: ModelDescription) -> Iterator[Triple]:
    """All triples of a description and its claims."""
    subject = description_iri(description.description_id)
    sha256 = description.model_sha256
    claims = canonical_claims(description.claims)
    yield from describe(
        subject,
        "ModelDescription",
        name=description.name,
        describes=None if sha256 is None else iri(model_iri(sha256)),
        input_sensor=description.input_sensors,
        summary=description.summary or None,
        input_info=description.input_info or None,
        output_info=description.output_info or None,
        has_claim=claim_nodes(subject, claims),
        source=description.sources,
    )
    for origin in description.derived_from:
        yield Triple(NamedNode(subject), prov("wasDerivedFrom"), NamedNode(origin))
    yield from claims_to_triples(subject, claims)


@refusing_damage
def description_from_triples(triples: Iterable[Triple]) -> ModelDescription:
    """The description that the triples of its graph describe.

    Raises:
        RegistryError: they lack something that a description has.
    """
    facts = Facts(triples)
    subject = facts.only("ModelDescription")
    model = facts.value(subject, "describes")
    return ModelDescription(
        description_id=key_of(subject),
        name=facts.text(subject, "name"),
        model_sha256=None if model is None else key_of(str(model)),
        input_sensors=facts.texts(subject, "inputSensor"),
        summary=str(facts.value(subject, "summary") or ""),
        input_info=str(facts.value(subject, "inputInfo") or ""),
        output_info=str(facts.value(subject, "outputInfo") or ""),
        claims=claims_from(facts, subject),
        derived_from=facts.texts(subject, prov("wasDerivedFrom").value),
        sources=facts.texts(subject, "source"),
    )
