"""IRIs of resources. Each resource has a named graph, and the graph has the resource's IRI."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NewType
from urllib.parse import quote, unquote

from fitgraph.registry.footprint import Footprint
from fitgraph.registry.proof import Proof

Iri = NewType("Iri", str)

BASE: Final = "https://w3id.org/fitgraph/id/"

# Names of regions and the like come again in thousands of resources.
_NAMES_KEPT: Final = 4096


def model_iri(sha256: str) -> Iri:
    """IRI of the model whose file has this digest."""
    return _iri("model", sha256)


def variant_iri(sha256: str) -> Iri:
    """IRI of how the model with this digest was derived from another."""
    return _iri("variant", sha256)


def board_iri(board_id: str) -> Iri:
    """IRI of a board type."""
    return _iri("board", board_id)


def mcu_iri(mcu_id: str) -> Iri:
    """IRI of a microcontroller."""
    return _iri("mcu", mcu_id)


def description_iri(description_id: str) -> Iri:
    """IRI of what somebody wrote of a model."""
    return _iri("description", description_id)


def measurement_iri(model_sha256: str, runtime: str, machine: str, toolchain: str) -> Iri:
    """IRI of what a runtime showed of a model on a machine."""
    return _iri("measurement", _digest([model_sha256, runtime, machine, toolchain]))


def runtime_iri(name: str) -> Iri:
    """IRI of a runtime."""
    return _iri("runtime", name)


def isa_iri(name: str) -> Iri:
    """IRI of an ISA class."""
    return _iri("isa", name)


def operator_set_iri(prefix: str) -> Iri:
    """IRI of an operator set, by the prefix of its qualified names: ``tflite``, ``onnx``."""
    return _iri("operator", prefix)


def operator_iri(qualified_name: str) -> Iri:
    """IRI of an operator: ``tflite:CONV_2D`` becomes ``.../operator/tflite/CONV_2D``."""
    prefix, _, op_type = qualified_name.partition(":")
    return _iri("operator", prefix, op_type)


def footprint_iri(footprint: Footprint) -> Iri:
    """IRI of a footprint.

    Its key is what was built for what with what; a better known footprint of the same key takes
    its place.
    """
    return footprint_key_iri(
        footprint.model_sha256,
        footprint.runtime,
        footprint.isa_class,
        footprint.toolchain,
        footprint.arena_parts,
    )


def footprint_key_iri(
    model_sha256: str, runtime: str, isa_class: str, toolchain: str, parts: Sequence[int] = ()
) -> Iri:
    """IRI of the footprint with this key."""
    key = [model_sha256, runtime, isa_class, toolchain, *map(str, parts)]
    return _iri("footprint", _digest(key))


def proof_iri(proof: Proof) -> Iri:
    """IRI of a proof: a digest of all it says but when.

    Proving the same firmware again shows nothing new, so it makes no new resource.
    """
    regions = [[use.region, use.used_bytes, use.free_bytes] for use in proof.regions]
    facts = [
        proof.model_sha256,
        proof.board_id,
        proof.runtime,
        proof.isa_class,
        proof.toolchain,
        proof.firmware_sha256,
        proof.emulator,
        proof.reference,
        proof.n_inputs,
        proof.n_outputs_compared,
        float(proof.worst_difference),
        proof.instructions_per_inference,
        proof.stack_high_water_bytes,
        sorted(regions),
        proof.stack_bound_bytes,
        proof.sources_sha256,
        proof.toolchain_sha256,
        None if proof.inputs is None else [proof.inputs.kind, proof.inputs.sha256],
        proof.outputs_sha256,
    ]
    return _iri("proof", _digest(facts))


def change_iri(key: str) -> Iri:
    """IRI of a change to the graph."""
    return _iri("change", key)


def agent_iri(name: str, issuer: str = "") -> Iri:
    """IRI of somebody who changes the graph, by the name that an issuer, or we, know them by."""
    return _iri("agent", issuer, name) if issuer else _iri("agent", name)


def part_iri(resource: str, kind: str, name: str) -> Iri:
    """IRI of a part that lives in its resource's graph: ``.../board/x#region-SRAM1``."""
    return Iri(f"{resource}#{kind}-{_escape(name)}")


def key_of(iri: str) -> str:
    """What a resource's IRI ends with: a digest, a board's id, the name of a runtime or class."""
    return unquote(iri.rpartition("/")[2])


def operator_name(iri: str) -> str:
    """Qualified name of the operator with this IRI: ``tflite:CONV_2D``."""
    prefix, op_type = iri.removeprefix(f"{BASE}operator/").split("/")
    return f"{unquote(prefix)}:{unquote(op_type)}"


def _iri(*path: str) -> Iri:
    return Iri(BASE + "/".join(_escape(part) for part in path))


@lru_cache(_NAMES_KEPT)
def _escape(name: str) -> str:
    return quote(name, safe="+._-~")


def _digest(facts: object) -> str:
    text = json.dumps(facts, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
