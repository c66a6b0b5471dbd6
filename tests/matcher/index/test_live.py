"""The index follows what is written, and an SPARQL update that may change anything."""

from __future__ import annotations

from pathlib import Path

from fitgraph.matcher import index_of
from fitgraph.matcher.index.live import LiveIndex
from fitgraph.matcher.verdict import Verdict
from fitgraph.registry.iris import board_iri, footprint_iri
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.triples.board import board_to_triples
from fitgraph.registry.triples.footprint import footprint_to_triples
from tests.support.made_up_graph import ISA, VISION, board, fill, footprint


def test_the_index_follows_every_kind_of_write(tmp_path: Path) -> None:
    with EmbeddedStore.open(tmp_path / "graph") as store:
        fill(store)
        live = LiveIndex(store)
        assert live.index.count()[Verdict.FITS] == 4
        larger = board("larger", ISA, 1024, 256)
        live.write({board_iri("larger"): board_to_triples(larger)})
        assert live.index.count()[Verdict.FITS] == 7
        smaller = footprint(VISION, 10, 10, "armv6-m")
        live.write_many([(footprint_iri(smaller), footprint_to_triples(smaller))])
        assert live.index.count()[Verdict.FITS] == 8
        live.write({}, [board_iri("larger")])
        assert live.index.count()[Verdict.FITS] == 5
        live.update(f"DROP GRAPH <{board_iri('large')}>")
        assert live.index.digest == index_of(store).digest
        assert len(live.index.boards) == 1
