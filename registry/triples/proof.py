"""A proof as triples, in the graph of its IRI, with the build and the firmware it is about.

The build is a ``prov:Activity``: it used the model and the board, and generated the firmware.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pyoxigraph import NamedNode, Triple

from fitgraph.registry.iris import (
    board_iri,
    isa_iri,
    key_of,
    model_iri,
    part_iri,
    proof_iri,
    runtime_iri,
)
from fitgraph.registry.proof import Proof, RegionUse
from fitgraph.registry.triples.memory_region import region_iri
from fitgraph.registry.triples.reading import Facts, refusing_damage
from fitgraph.registry.triples.terms import date_time, prov
from fitgraph.registry.triples.writing import describe, iri


def canonical_proof(proof: Proof) -> Proof:
    """The proof as the graph gives it back: regions by name, the time in UTC."""
    return replace(
        proof,
        regions=tuple(sorted(proof.regions, key=_name)),
        worst_difference=float(proof.worst_difference),
        created_at=date_time(proof.created_at).value,
    )


def proof_to_triples(proof: Proof) -> Iterator[Triple]:
    """All triples of a proof.

    Raises:
        InvalidRecordError: ``created_at`` is not an ISO 8601 time with a zone.
    """
    subject = proof_iri(proof)
    firmware, build = f"{subject}#firmware", f"{subject}#build"
    board = board_iri(proof.board_id)
    uses = [(part_iri(subject, "region", use.region), use) for use in proof.regions]
    yield from describe(
        subject,
        "Proof",
        model=iri(model_iri(proof.model_sha256)),
        board=iri(board),
        runtime=iri(runtime_iri(proof.runtime)),
        isa_class=iri(isa_iri(proof.isa_class)),
        firmware=iri(firmware),
        emulator=proof.emulator,
        reference=proof.reference,
        input_sets=proof.n_inputs,
        outputs_compared=proof.n_outputs_compared,
        worst_difference=float(proof.worst_difference),
        instructions_per_inference=proof.instructions_per_inference,
        stack_high_water_bytes=proof.stack_high_water_bytes,
        has_region_use=tuple(iri(part) for part, _ in uses),
    )
    yield Triple(NamedNode(subject), prov("generatedAtTime"), date_time(proof.created_at))
    yield from describe(firmware, "Firmware", sha256=proof.firmware_sha256)
    yield from describe(build, "Build", toolchain=proof.toolchain)
    yield Triple(NamedNode(build), prov("used"), NamedNode(model_iri(proof.model_sha256)))
    yield Triple(NamedNode(build), prov("used"), NamedNode(board))
    yield Triple(NamedNode(firmware), prov("wasGeneratedBy"), NamedNode(build))
    for part, use in uses:
        yield from _use_to_triples(part, board, use)


@refusing_damage
def proof_from_triples(triples: Iterable[Triple]) -> Proof:
    """The proof that the triples of its graph describe.

    Raises:
        RegistryError: they lack something that a proof has.
    """
    facts = Facts(triples)
    subject = facts.only("Proof")
    uses = [_use_from(facts, part) for part in facts.texts(subject, "hasRegionUse")]
    return Proof(
        model_sha256=key_of(facts.text(subject, "model")),
        board_id=key_of(facts.text(subject, "board")),
        runtime=key_of(facts.text(subject, "runtime")),
        isa_class=key_of(facts.text(subject, "isaClass")),
        toolchain=facts.text(facts.only("Build"), "toolchain"),
        firmware_sha256=facts.text(facts.text(subject, "firmware"), "sha256"),
        emulator=facts.text(subject, "emulator"),
        reference=facts.text(subject, "reference"),
        n_inputs=facts.integer(subject, "inputSets"),
        n_outputs_compared=facts.integer(subject, "outputsCompared"),
        worst_difference=facts.number(subject, "worstDifference"),
        instructions_per_inference=facts.integer(subject, "instructionsPerInference"),
        stack_high_water_bytes=facts.integer(subject, "stackHighWaterBytes"),
        regions=tuple(sorted(uses, key=_name)),
        created_at=facts.text(subject, prov("generatedAtTime").value),
    )


def _use_to_triples(subject: str, board: str, use: RegionUse) -> Iterator[Triple]:
    yield from describe(
        subject,
        "RegionUse",
        region_name=use.region,
        memory_region=iri(region_iri(board, use.region)),
        used_bytes=use.used_bytes,
        free_bytes=use.free_bytes,
    )


def _use_from(facts: Facts, subject: str) -> RegionUse:
    return RegionUse(
        region=facts.text(subject, "regionName"),
        used_bytes=facts.integer(subject, "usedBytes"),
        free_bytes=facts.integer(subject, "freeBytes"),
    )


def _name(use: RegionUse) -> str:
    return use.region
