"""A footprint as triples, in the graph of its IRI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import Triple

from fitgraph.registry.footprint import Evidence, Footprint
from fitgraph.registry.iris import footprint_iri, isa_iri, key_of, model_iri, runtime_iri
from fitgraph.registry.triples.reading import Facts, local_name, refusing_damage
from fitgraph.registry.triples.writing import describe, individual, iri


def footprint_to_triples(footprint: Footprint) -> Iterator[Triple]:
    """All triples of a footprint."""
    yield from describe(
        footprint_iri(footprint),
        "Footprint",
        model=iri(model_iri(footprint.model_sha256)),
        runtime=iri(runtime_iri(footprint.runtime)),
        isa_class=iri(isa_iri(footprint.isa_class)),
        toolchain=footprint.toolchain,
        arena_bytes=footprint.arena_bytes,
        static_bytes=footprint.static_bytes,
        stack_bytes=footprint.stack_bytes,
        flash_bytes=footprint.flash_bytes,
        code_bytes=footprint.code_bytes,
        weights_bytes=footprint.weights_bytes,
        evidence=individual(footprint.evidence),
        source=footprint.source or None,
        arena_evidence=individual(footprint.arena_evidence) if footprint.arena_evidence else None,
        arena_parts=" ".join(map(str, footprint.arena_parts)) or None,
        arena_bound_bytes=footprint.arena_bound_bytes,
    )


@refusing_damage
def footprint_from_triples(triples: Iterable[Triple]) -> Footprint:
    """The footprint that the triples of its graph describe.

    Raises:
        RegistryError: they lack something that a footprint has.
    """
    facts = Facts(triples)
    subject = facts.only("Footprint")
    arena_evidence = facts.value(subject, "arenaEvidence")
    return Footprint(
        model_sha256=key_of(facts.text(subject, "model")),
        runtime=key_of(facts.text(subject, "runtime")),
        isa_class=key_of(facts.text(subject, "isaClass")),
        toolchain=facts.text(subject, "toolchain"),
        arena_bytes=facts.integer(subject, "arenaBytes"),
        static_bytes=facts.integer(subject, "staticBytes"),
        stack_bytes=facts.integer(subject, "stackBytes"),
        flash_bytes=facts.integer(subject, "flashBytes"),
        code_bytes=facts.integer(subject, "codeBytes"),
        weights_bytes=facts.integer(subject, "weightsBytes"),
        evidence=Evidence(local_name(facts.text(subject, "evidence"))),
        source=str(facts.value(subject, "source") or ""),
        arena_evidence=Evidence(local_name(str(arena_evidence))) if arena_evidence else None,
        arena_parts=parts_from(facts.value(subject, "arenaParts")),
        arena_bound_bytes=facts.optional_integer(subject, "arenaBoundBytes"),
    )


def parts_from(text: object) -> tuple[int, ...]:
    """The parts of an arena; none where there is no text.

    Raises:
        ValueError: it is no list of numbers.
    """
    return tuple(map(int, str(text or "").split()))
