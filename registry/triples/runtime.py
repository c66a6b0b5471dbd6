"""A runtime as triples, in the graph of its IRI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pyoxigraph import Triple

from fitgraph.registry.footprint import Evidence
from fitgraph.registry.iris import (
    isa_iri,
    key_of,
    operator_iri,
    operator_name,
    operator_set_iri,
    part_iri,
)
from fitgraph.registry.iris import runtime_iri as iri_of
from fitgraph.registry.model_graph import DType
from fitgraph.registry.runtime import FootprintMethod, Maintenance, OperatorSupport, Runtime
from fitgraph.registry.triples.claim import (
    canonical_claims,
    claim_nodes,
    claims_from,
    claims_to_triples,
)
from fitgraph.registry.triples.reading import Facts, local_name, refusing_damage
from fitgraph.registry.triples.terms import RDFS_LABEL
from fitgraph.registry.triples.writing import describe, individual, iri


def canonical_runtime(runtime: Runtime) -> Runtime:
    """The runtime as the graph gives it back: operators, types and classes sorted."""
    operators = [replace(o, dtypes=tuple(sorted(set(o.dtypes)))) for o in runtime.operators]
    return replace(
        runtime,
        operators=tuple(sorted(operators, key=_name)),
        isa_classes=tuple(sorted(set(runtime.isa_classes))),
        unlisted_sets=tuple(sorted(set(runtime.unlisted_sets))),
        claims=canonical_claims(runtime.claims),
    )


def runtime_to_triples(runtime: Runtime) -> Iterator[Triple]:
    """All triples of a runtime; those of its operators are theirs (``operator_to_triples``)."""
    subject = iri_of(runtime.name)
    supports = [(part_iri(subject, "support", o.operator), o) for o in runtime.operators]
    yield from describe(
        subject,
        "Runtime",
        name=runtime.name,
        label=runtime.label,
        runs_on=tuple(iri(isa_iri(isa)) for isa in runtime.isa_classes),
        footprint_from=individual(runtime.footprint_from),
        source=runtime.source,
        license=runtime.licence,
        supports=tuple(iri(part) for part, _ in supports),
        release=runtime.release or None,
        homepage=runtime.homepage or None,
        maintenance=runtime.maintenance,
        footprint_method=runtime.footprint_method,
        fallback=iri(iri_of(runtime.fallback)) if runtime.fallback else None,
        unlisted_set=tuple(iri(operator_set_iri(name)) for name in runtime.unlisted_sets),
        converts_dtypes=runtime.is_converting,
        needs_npu=runtime.npu or None,
        has_claim=claim_nodes(subject, runtime.claims),
    )
    yield from claims_to_triples(subject, runtime.claims)
    for part, support in supports:
        yield from _support_to_triples(part, support)


@refusing_damage
def runtime_from_triples(triples: Iterable[Triple]) -> Runtime:
    """The runtime that the triples of its graph describe.

    Raises:
        RegistryError: they lack something that a runtime has.
    """
    facts = Facts(triples)
    subject = facts.only("Runtime")
    operators = [_support_from(facts, part) for part in facts.texts(subject, "supports")]
    return Runtime(
        name=facts.text(subject, "name"),
        label=facts.text(subject, RDFS_LABEL.value),
        operators=tuple(sorted(operators, key=_name)),
        isa_classes=tuple(sorted(key_of(isa) for isa in facts.texts(subject, "runsOn"))),
        footprint_from=Evidence(local_name(facts.text(subject, "footprintFrom"))),
        source=facts.text(subject, "source"),
        licence=facts.text(subject, "license"),
        release=str(facts.value(subject, "release") or ""),
        homepage=str(facts.value(subject, "homepage") or ""),
        maintenance=Maintenance(str(facts.value(subject, "maintenance") or "unknown")),
        footprint_method=FootprintMethod(str(facts.value(subject, "footprintMethod") or "unknown")),
        fallback=key_of(str(facts.value(subject, "fallback") or "")),
        unlisted_sets=tuple(sorted(key_of(one) for one in facts.texts(subject, "unlistedSet"))),
        is_converting=bool(facts.value(subject, "convertsDtypes")),
        npu=str(facts.value(subject, "needsNpu") or ""),
        claims=claims_from(facts, subject),
    )


def _support_to_triples(subject: str, support: OperatorSupport) -> Iterator[Triple]:
    yield from describe(
        subject,
        "OperatorSupport",
        operator=iri(operator_iri(support.operator)),
        dtype=tuple(individual(dtype) for dtype in support.dtypes),
        min_version=support.min_version,
        max_version=support.max_version,
        refuses_hybrid=support.refuses_hybrid or None,
    )


def _support_from(facts: Facts, subject: str) -> OperatorSupport:
    dtypes = (DType(local_name(dtype)) for dtype in facts.texts(subject, "dtype"))
    return OperatorSupport(
        operator=operator_name(facts.text(subject, "operator")),
        dtypes=tuple(sorted(dtypes)),
        max_version=facts.optional_integer(subject, "maxVersion"),
        min_version=facts.optional_integer(subject, "minVersion"),
        refuses_hybrid=bool(facts.value(subject, "refusesHybrid")),
    )


def _name(support: OperatorSupport) -> str:
    return support.operator
