"""What the matcher reads out of the graph."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fitgraph.matcher.columns import instruction_counts
from fitgraph.registry.iris import proof_iri
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.triples.proof import proof_to_triples
from tests.support.small_registry import PROOF


@pytest.mark.parametrize(("budget", "n_counted"), [(None, 1), (24_000, 0)])
def test_instructions_of_a_build_in_patches_do_not_count(
    budget: int | None, n_counted: int, tmp_path: Path
) -> None:
    """Patches take more instructions: by them no deadline is too short for the model."""
    proof = replace(PROOF, arena_budget_bytes=budget)
    store = EmbeddedStore.open(tmp_path / "store")
    store.write({proof_iri(proof): proof_to_triples(proof)})
    assert len(instruction_counts(store, proof.runtime)) == n_counted
    store.close()
