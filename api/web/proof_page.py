"""The page of a proof: what was shown, where the firmware lies, and what it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response

from fitgraph.api.lineage import lineage_of_proof, lineage_svg
from fitgraph.api.pictures.bars import bars_svg
from fitgraph.api.server.state import server_of
from fitgraph.api.web.lineage_page import KINDS
from fitgraph.api.web.rendering import page
from fitgraph.api.web.routing import page_router
from fitgraph.registry.catalogue import Registry
from fitgraph.registry.iris import proof_iri
from fitgraph.registry.proof import Proof

router = page_router()

_LARGEST: Final = 16


@dataclass(frozen=True, slots=True)
class ProofView:
    """Everything of a proof that its page shows.

    Attributes:
        model: its name.
        lineage: a picture of what it rests on.
        symbols: a picture of the largest symbols, or an empty string.
    """

    proof: Proof
    model: str
    lineage: str
    symbols: str


@router.get("/proofs/{key}")
async def proof_page(request: Request, key: str) -> Response:
    """Get the page of a proof."""
    graph = server_of(request).graph
    view = await graph.kept(f"proof page {key}", lambda registry: view_of(registry, key), *KINDS)
    title = f"{view.model} on {view.proof.board_id}"
    return page(request, "proof", title=title, iri=proof_iri(view.proof), view=view)


def view_of(registry: Registry, key: str) -> ProofView:
    """What is shown of a proof.

    Raises:
        NotFoundError: there is no such proof.
    """
    proof = registry.get_proof(key)
    largest = [(one.name, float(one.n_bytes)) for one in proof.symbols[:_LARGEST]]
    return ProofView(
        proof,
        registry.get_model(proof.model_sha256).names[0],
        lineage_svg(lineage_of_proof(registry, key)),
        bars_svg(largest, "The largest symbols, in bytes") if largest else "",
    )
