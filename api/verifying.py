"""Proofs of the graph with what is needed to do them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fitgraph.api.proof_files import ProofPackage
    from fitgraph.compiler_bridge.verify import Line
    from fitgraph.registry.board import Board
    from fitgraph.registry.catalogue import Registry
    from fitgraph.registry.proof import Proof


def stored_package(registry: Registry, reference: str) -> ProofPackage:
    """A proof of the graph, with its board and what was kept of firmware and inputs.

    Raises:
        NotFoundError: there is no such proof, or its board is gone.
    """
    from fitgraph.api.proof_files import ProofPackage
    from fitgraph.registry.iris import key_of

    proof = registry.get_proof(reference)
    return ProofPackage(
        key=key_of(registry.resolve("proof", reference)),
        proof=proof,
        board=registry.get_board(proof.board_id),
        firmware=_blob(registry, proof.firmware_sha256),
        inputs=_inputs(registry, proof),
    )


def board_lines(package: ProofPackage, registry: Registry) -> list[Line]:
    """Whether the board that lies beside the proof has the memory of the one that we know."""
    from fitgraph.compiler_bridge.verify import Line
    from fitgraph.registry.errors import NotFoundError

    try:
        known = registry.get_board(package.board.board_id)
    except NotFoundError:
        return []
    return [Line("memory of the board", _memory(package.board), _memory(known))]


def _memory(board: Board) -> str:
    regions = sorted(board.regions, key=lambda region: region.name)
    return ", ".join(
        f"{one.name} {'nowhere' if at is None else hex(at)} {one.size_bytes} B"
        for one in regions
        for at in [one.base_address]
    )


def _inputs(registry: Registry, proof: Proof) -> bytes | None:
    is_given = proof.inputs is not None and proof.inputs.kind == "given"
    return _blob(registry, proof.inputs.sha256) if proof.inputs and is_given else None


def _blob(registry: Registry, sha256: str) -> bytes | None:
    return registry.blobs.get(sha256) if registry.blobs.has(sha256) else None


def package_lines(package: ProofPackage) -> list[Line]:
    """What must be right before anything is done again: the proof's name and files."""
    from fitgraph.compiler_bridge.verify import Line
    from fitgraph.registry.iris import key_of, proof_iri

    damaged = [
        Line(f"file {name}", "as in the manifest", "changed") for name in package.damaged_files
    ]
    return [Line("proof", package.key, key_of(proof_iri(package.proof))), *damaged]
