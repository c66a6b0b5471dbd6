"""A proof can be done again, and whatever is changed in it or under it shows in a line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rdflib

from fitgraph.compiler_bridge.artifacts import proof_document
from fitgraph.compiler_bridge.errors import ProofError
from fitgraph.compiler_bridge.prove import ProvenBuild, prove
from fitgraph.compiler_bridge.toolchain.zig import ZigToolchain
from fitgraph.compiler_bridge.verify import Verification, held, verify
from fitgraph.ontology.files import CONTEXT
from fitgraph.ontology.validate import validate
from fitgraph.registry.board_file import builtin_board
from fitgraph.registry.iris import proof_iri
from fitgraph.registry.proof import FirmwarePart, Proof, ProofInputs
from fitgraph.registry.triples.json_ld import from_json_ld
from fitgraph.registry.triples.proof import canonical_proof, proof_from_triples, proof_to_triples
from tests.support.exactness import Subject, subject
from tests.support.example_models import real_inputs

MICROBIT = builtin_board("bbc-microbit-v2")
OTHER_DIGEST = "0" * 64


@pytest.fixture(scope="module")
def digits(int8_example: Callable[[str], Path]) -> Subject:
    """The digits example in int8."""
    return subject(int8_example("digits"))


@pytest.fixture(scope="module")
def proven(digits: Subject) -> ProvenBuild:
    """A proof on inputs that were given."""
    sets = real_inputs("digits", 3)
    return prove(digits.graph, digits.content, MICROBIT, sets, toolchain=ZigToolchain())


def again(model: Subject, proven: ProvenBuild, proof: Proof) -> Verification:
    return verify(
        proof,
        model.graph,
        model.content,
        MICROBIT,
        proven.input_bytes,
        firmware=proven.firmware.elf,
        footprint=proven.footprint,
    )


def test_firmware_behind_a_reserve_is_linked_behind_it_again(digits: Subject) -> None:
    """The profile knows nothing of the reserve; the proof tells it by the room that it had."""
    reserved = tuple(replace(region, reserve_bytes=0x2000) for region in MICROBIT.regions)
    board = replace(MICROBIT, regions=reserved)
    sets = real_inputs("digits", 1)
    there = prove(digits.graph, digits.content, board, sets, toolchain=ZigToolchain())
    found = again(digits, there, there.proof)
    assert found.holds, found.differing


def test_a_proof_that_is_done_again_holds_in_every_line(
    digits: Subject, proven: ProvenBuild
) -> None:
    found = again(digits, proven, proven.proof)
    assert found.holds
    assert found.differing == ()
    names = {line.name for line in found.lines}
    assert {"model", "sources", "firmware", "firmware as kept", "outputs", "region RAM"} <= names
    assert {"section .text", "stack bound", "instructions", "footprint: stack_bytes"} <= names


def test_a_proof_on_random_inputs_needs_none_of_them(digits: Subject) -> None:
    made = prove(digits.graph, digits.content, MICROBIT, n_random=2, toolchain=ZigToolchain())
    assert made.input_bytes is None
    assert verify(made.proof, digits.graph, digits.content, MICROBIT).holds


def test_a_proof_holds_of_a_model_file_of_another_name(
    digits: Subject, proven: ProvenBuild
) -> None:
    renamed = replace(digits.graph, name="renamed after it was built")
    found = verify(
        proven.proof,
        renamed,
        digits.content,
        MICROBIT,
        proven.input_bytes,
        firmware=proven.firmware.elf,
    )
    assert found.holds, found.differing


CHANGES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "instructions": ({"instructions_per_inference": 1}, ["instructions"]),
    "firmware": ({"firmware_sha256": OTHER_DIGEST}, ["firmware as kept", "firmware"]),
    "toolchain": ({"toolchain": "fitgraph 0, zig 0.1 -Os"}, ["toolchain"]),
    "compiler": ({"toolchain_sha256": OTHER_DIGEST}, ["toolchain's digest"]),
    "name": ({"model_name": "other"}, ["model's name"]),
    "no-name": ({"model_name": ""}, ["model's name"]),
    "sources": ({"sources_sha256": OTHER_DIGEST}, ["sources"]),
    "no-sources": ({"sources_sha256": ""}, ["sources"]),
    "difference": ({"worst_difference": 1.0}, ["worst difference"]),
    "outputs": ({"outputs_sha256": OTHER_DIGEST}, ["outputs"]),
    "inputs": ({"inputs": ProofInputs("given", OTHER_DIGEST)}, ["inputs"]),
    "stack": ({"stack_high_water_bytes": 8}, ["stack high-water mark"]),
    "bound": ({"stack_bound_bytes": None}, ["stack bound"]),
    "budget": ({"arena_budget_bytes": 1000}, ["arena budget"]),
    "packed": ({"packed_weights": True}, ["packed weights"]),
    "sections": ({"sections": ()}, ["sections"]),
}


def found_again(proven: ProvenBuild, proof: Proof) -> Verification:
    """A changed proof beside what building the model gives; `verify` does the building, too."""
    return held(proof, proven, firmware=proven.firmware.elf, footprint=proven.footprint)


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_line_is_named_and_no_other(proven: ProvenBuild, change: str) -> None:
    values, names = CHANGES[change]
    found = found_again(proven, replace(proven.proof, **values))
    assert [line.name for line in found.differing] == names
    assert not found.holds


def test_a_changed_symbol_is_named(proven: ProvenBuild) -> None:
    first, *others = proven.proof.symbols
    changed = (replace(first, n_bytes=first.n_bytes + 4), *others, FirmwarePart("extra", 4))
    found = found_again(proven, replace(proven.proof, symbols=changed))
    assert {line.name for line in found.differing} == {f"symbol {first.name}", "symbol extra"}


def test_another_model_is_the_only_line(digits: Subject, proven: ProvenBuild) -> None:
    found = verify(proven.proof, digits.graph, digits.content + b"\0", MICROBIT)
    assert [line.name for line in found.lines] == ["model"]
    assert not found.holds


def test_given_inputs_that_are_not_there_are_asked_for(
    digits: Subject, proven: ProvenBuild
) -> None:
    with pytest.raises(ProofError, match="inputs that the firmware was run on are not there"):
        verify(proven.proof, digits.graph, digits.content, MICROBIT)


def test_a_proof_of_another_runtime_is_refused(digits: Subject, proven: ProvenBuild) -> None:
    with pytest.raises(ProofError, match="not built here"):
        again(digits, proven, replace(proven.proof, runtime="tflm"))


def test_the_document_expands_offline_to_the_proof_and_nothing_is_lost(
    proven: ProvenBuild,
) -> None:
    """With the context that stands in it, and with the vocabulary's own: the same triples."""
    document = proof_document(proven, MICROBIT)
    triples = from_json_ld(json.dumps(document))
    iri = proof_iri(proven.proof)
    own = {t for t in triples if str(t.subject).strip("<>").partition("#")[0] == iri}
    assert own == set(proof_to_triples(proven.proof))
    assert proof_from_triples(own) == canonical_proof(proven.proof)
    assert validate(own, "proof") == ()
    prefixes = {name: document["@context"][name] for name in ("prov", "rdfs")}
    ours = json.loads(CONTEXT.read_text(encoding="utf-8"))["@context"]
    with_ours = {**document, "@context": [ours, prefixes]}
    assert from_json_ld(json.dumps(with_ours)) == triples
    assert len(rdflib.Graph().parse(data=json.dumps(document), format="json-ld")) == len(triples)


def test_the_document_says_all_that_a_proof_has_to(proven: ProvenBuild) -> None:
    proof = proven.proof
    assert {s.name for s in proof.sections} >= {".text", ".weights", ".stack", ".arena"}
    sizes = {section.name: section.n_bytes for section in proof.sections}
    assert sizes[".stack"] == proven.footprint.stack_bytes
    assert sizes[".arena"] == proven.footprint.arena_bytes
    counted = [symbol.instructions or 0 for symbol in proof.symbols]
    assert sum(counted) == proof.instructions_per_inference
    assert list(proof.symbols) == sorted(proof.symbols, key=lambda s: (-s.n_bytes, s.name))
    assert proof.stack_bound_bytes is not None
    assert 0 < proof.stack_high_water_bytes <= proof.stack_bound_bytes
    for digest in (proof.sources_sha256, proof.toolchain_sha256, proof.outputs_sha256):
        assert len(digest) == 64
