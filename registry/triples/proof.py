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
from fitgraph.registry.proof import FirmwarePart, Proof, ProofInputs, RegionUse
from fitgraph.registry.triples.memory_region import region_iri
from fitgraph.registry.triples.reading import Facts, refusing_damage
from fitgraph.registry.triples.terms import date_time, fg, prov
from fitgraph.registry.triples.writing import describe, iri


def canonical_proof(proof: Proof) -> Proof:
    """The proof as the graph gives it back: regions and sections by name, the time in UTC."""
    return replace(
        proof,
        regions=tuple(sorted(proof.regions, key=_name)),
        sections=tuple(sorted(proof.sections, key=_part_name)),
        symbols=tuple(sorted(proof.symbols, key=_largest_first)),
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
        stack_bound_bytes=proof.stack_bound_bytes,
        outputs_sha256=proof.outputs_sha256 or None,
        arena_budget_bytes=proof.arena_budget_bytes,
        arena_regions=", ".join(proof.arena_regions) or None,
        packed_weights=proof.packed_weights or None,
        called_library=proof.called_library or None,
        called_library_sha256=proof.called_library_sha256 or None,
        has_region_use=tuple(iri(part) for part, _ in uses),
        ran_on=None if proof.inputs is None else iri(f"{subject}#inputs"),
    )
    yield Triple(NamedNode(subject), prov("generatedAtTime"), date_time(proof.created_at))
    if proof.inputs is not None:
        inputs = proof.inputs
        yield from describe(
            f"{subject}#inputs", "ProofInputs", input_kind=inputs.kind, sha256=inputs.sha256
        )
    yield from describe(firmware, "Firmware", sha256=proof.firmware_sha256)
    yield from _parts_to_triples(subject, firmware, "Section", proof.sections)
    yield from _parts_to_triples(subject, firmware, "Symbol", proof.symbols)
    yield from _build_to_triples(build, proof, board)
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
    build, firmware = facts.only("Build"), facts.text(subject, "firmware")
    sections = _parts_from(facts, firmware, "Section")
    symbols = _parts_from(facts, firmware, "Symbol")
    return Proof(
        model_sha256=key_of(facts.text(subject, "model")),
        board_id=key_of(facts.text(subject, "board")),
        runtime=key_of(facts.text(subject, "runtime")),
        isa_class=key_of(facts.text(subject, "isaClass")),
        toolchain=facts.text(build, "toolchain"),
        firmware_sha256=facts.text(firmware, "sha256"),
        emulator=facts.text(subject, "emulator"),
        reference=facts.text(subject, "reference"),
        n_inputs=facts.integer(subject, "inputSets"),
        n_outputs_compared=facts.integer(subject, "outputsCompared"),
        worst_difference=facts.number(subject, "worstDifference"),
        instructions_per_inference=facts.integer(subject, "instructionsPerInference"),
        stack_high_water_bytes=facts.integer(subject, "stackHighWaterBytes"),
        regions=tuple(sorted(uses, key=_name)),
        created_at=facts.text(subject, prov("generatedAtTime").value),
        stack_bound_bytes=facts.optional_integer(subject, "stackBoundBytes"),
        sources_sha256=str(facts.value(build, "sourcesSha256") or ""),
        toolchain_sha256=str(facts.value(build, "toolchainSha256") or ""),
        inputs=_inputs_from(facts, subject),
        outputs_sha256=str(facts.value(subject, "outputsSha256") or ""),
        sections=tuple(sorted(sections, key=_part_name)),
        symbols=tuple(sorted(symbols, key=_largest_first)),
        arena_budget_bytes=facts.optional_integer(subject, "arenaBudgetBytes"),
        arena_regions=_names_from(facts.value(subject, "arenaRegions")),
        packed_weights=facts.value(subject, "packedWeights") is True,
        called_library=str(facts.value(subject, "calledLibrary") or ""),
        called_library_sha256=str(facts.value(subject, "calledLibrarySha256") or ""),
        model_name=str(facts.value(build, "modelName") or ""),
    )


def _build_to_triples(subject: str, proof: Proof, board: str) -> Iterator[Triple]:
    yield from describe(
        subject,
        "Build",
        toolchain=proof.toolchain,
        model_name=proof.model_name or None,
        sources_sha256=proof.sources_sha256 or None,
        toolchain_sha256=proof.toolchain_sha256 or None,
    )
    yield Triple(NamedNode(subject), prov("used"), NamedNode(model_iri(proof.model_sha256)))
    yield Triple(NamedNode(subject), prov("used"), NamedNode(board))


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


def _names_from(text: object) -> tuple[str, ...]:
    return tuple(str(text).split(", ")) if text else ()


def _name(use: RegionUse) -> str:
    return use.region


def _part_name(part: FirmwarePart) -> str:
    return part.name


def _largest_first(part: FirmwarePart) -> tuple[int, str]:
    return (-part.n_bytes, part.name)


def _parts_to_triples(
    proof: str, firmware: str, kind: str, parts: Iterable[FirmwarePart]
) -> Iterator[Triple]:
    for part in parts:
        subject = part_iri(proof, kind.lower(), part.name)
        yield Triple(NamedNode(firmware), fg(f"has{kind}"), NamedNode(subject))
        yield from describe(
            subject,
            f"Firmware{kind}",
            **{f"{kind.lower()}_name": part.name},
            part_bytes=part.n_bytes,
            symbol_instructions=part.instructions,
        )


def _parts_from(facts: Facts, firmware: str, kind: str) -> list[FirmwarePart]:
    return [
        FirmwarePart(
            name=facts.text(subject, f"{kind.lower()}Name"),
            n_bytes=facts.integer(subject, "partBytes"),
            instructions=facts.optional_integer(subject, "symbolInstructions"),
        )
        for subject in facts.texts(firmware, f"has{kind}")
    ]


def _inputs_from(facts: Facts, proof: str) -> ProofInputs | None:
    subject = facts.value(proof, "ranOn")
    if subject is None:
        return None
    inputs = str(subject)
    return ProofInputs(facts.text(inputs, "inputKind"), facts.text(inputs, "sha256"))
