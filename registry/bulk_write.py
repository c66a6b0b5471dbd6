"""Many graphs into a store that nobody else sees, in portions that memory holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import Quad, Triple

from fitgraph.registry.iris import Iri
from fitgraph.registry.update_text import graph_name, quads

#: Up to so many triples are one transaction, at 1.5 kB of memory each; more go into a copy.
TRANSACTION_TRIPLES: Final = 50_000


def write_batches(path: Path, graphs: Iterable[tuple[Iri, Iterable[Triple]]]) -> None:
    """Replaces graphs of a store that nobody else sees; it is closed afterwards.

    Raises:
        OSError: the disk is full.
        InvalidRecordError: a graph's name is no IRI, or a triple has a blank node.
    """
    store = pyoxigraph.Store(path)
    for batch in _batches(graphs):
        for iri in batch:
            store.remove_graph(graph_name(iri))
        store.bulk_extend(quad for found in batch.values() for quad in found)
    store.flush()
    # Merges what each batch left: questions take half the time of one that is not.
    store.optimize()


def _batches(
    graphs: Iterable[tuple[Iri, Iterable[Triple]]],
) -> Iterator[dict[Iri, list[Quad]]]:
    """Graphs in portions of about as many triples as one transaction has."""
    batch: dict[Iri, list[Quad]] = {}
    room = TRANSACTION_TRIPLES
    for iri, triples in graphs:
        batch[iri] = quads(iri, triples)
        room -= len(batch[iri])
        if room < 0:
            yield batch
            batch, room = {}, TRANSACTION_TRIPLES
    yield batch
