"""A variant's lineage as triples (PROV-O), in a graph of its own.

The derived model's own graph says what its file says, wherever the file came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Triple

from fitgraph.registry.iris import key_of, model_iri, variant_iri
from fitgraph.registry.triples.reading import Facts, Value, refusing_damage
from fitgraph.registry.triples.terms import RDF_TYPE, fg, prov
from fitgraph.registry.triples.writing import describe, iri
from fitgraph.registry.variant import Variant


def variant_to_triples(variant: Variant) -> Iterator[Triple]:
    """All triples of a variant's lineage: an activity, and what the derived model is."""
    subject = variant_iri(variant.model_sha256)
    activity = NamedNode(subject)
    derived = NamedNode(model_iri(variant.model_sha256))
    source = NamedNode(model_iri(variant.source_sha256))
    yield from describe(
        subject,
        "Compression",
        compressed=iri(derived.value),
        recipe=variant.recipe,
        calibration_sha256=variant.calibration_sha256,
        metric=variant.metric or None,
        accuracy_before=_number(variant.accuracy_before),
        accuracy_after=_number(variant.accuracy_after),
    )
    yield Triple(activity, prov("used"), source)
    yield Triple(derived, RDF_TYPE, fg("Variant"))
    yield Triple(derived, prov("wasDerivedFrom"), source)
    yield Triple(derived, prov("wasGeneratedBy"), activity)


@refusing_damage
def variant_from_triples(triples: Iterable[Triple]) -> Variant:
    """The lineage that the triples of its graph describe.

    Raises:
        RegistryError: they lack something that a variant has.
    """
    facts = Facts(triples)
    subject = facts.only("Compression")
    calibration = facts.value(subject, "calibrationSha256")
    before, after = facts.value(subject, "accuracyBefore"), facts.value(subject, "accuracyAfter")
    return Variant(
        model_sha256=key_of(facts.text(subject, "compressed")),
        source_sha256=key_of(facts.text(subject, prov("used").value)),
        recipe=facts.text(subject, "recipe"),
        calibration_sha256=None if calibration is None else str(calibration),
        metric=str(facts.value(subject, "metric") or ""),
        accuracy_before=_number(before),
        accuracy_after=_number(after),
    )


def _number(value: Value | None) -> float | None:
    """A double, also where somebody measured a whole number."""
    return None if value is None else float(value)
