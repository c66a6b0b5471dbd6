"""The index follows what is written, and an SPARQL update that may change anything."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fitgraph.matcher import index_of
from fitgraph.matcher.index.live import LiveIndex
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.errors import NotFoundError
from fitgraph.registry.iris import board_iri, footprint_iri, runtime_iri
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.triples.board import board_to_triples
from fitgraph.registry.triples.footprint import footprint_to_triples
from fitgraph.registry.triples.runtime import runtime_to_triples
from tests.support.made_up_graph import ISA, RUNTIME, VISION, board, fill, footprint


def test_the_index_follows_every_kind_of_write(tmp_path: Path) -> None:
    with EmbeddedStore.open(tmp_path / "graph") as store:
        fill(store)
        live = LiveIndex(store)
        assert live.index.count()[Verdict.FITS] == 4
        larger = board("larger", ISA, 1024, 256)
        store.write({board_iri("larger"): board_to_triples(larger)})
        assert live.index.count()[Verdict.FITS] == 7
        smaller = footprint(VISION, 10, 10, "armv6-m")
        store.write_many([(footprint_iri(smaller), footprint_to_triples(smaller))])
        assert live.index.count()[Verdict.FITS] == 8
        store.write({}, [board_iri("larger")])
        assert live.index.count()[Verdict.FITS] == 5
        store.update(f"DROP GRAPH <{board_iri('large')}>")
        assert live.index.digest == index_of(store).digest
        assert len(live.index.boards) == 1


def test_an_index_beside_another_is_as_if_made_alone(tmp_path: Path) -> None:
    """It takes over models and boards, and follows on its own."""
    with EmbeddedStore.open(tmp_path / "graph") as store:
        fill(store)
        other = replace(RUNTIME, name="other", label="Other")
        store.write({runtime_iri("other"): runtime_to_triples(other)})
        first = LiveIndex(store)
        second = LiveIndex(store, "other", first)
        assert second.index.digest == index_of(store, "other").digest
        store.write({board_iri("larger"): board_to_triples(board("larger", ISA, 1024, 256))})
        assert second.index.digest == index_of(store, "other").digest
        assert second.index.count() == index_of(store, "other").count()
        with pytest.raises(NotFoundError):
            LiveIndex(store, "none", first)
