"""How an import of a folder takes the place of the one before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyoxigraph import Triple

from fitgraph.registry.import_record import ImportRecord, digest_of, read_records, record_iri
from fitgraph.registry.iris import BASE, Iri
from fitgraph.registry.resources import Batch, Resources

_MEASUREMENTS = f"{BASE}measurement/"


class Replacement:
    """What an earlier import of the same folder brought, and what becomes of it.

    What somebody changed since is his: it neither gives way nor goes.
    """

    def __init__(self, resources: Resources, origin: str) -> None:
        records = read_records(resources.store)
        earlier = records.pop(record_iri(origin), None)
        self._resources = resources
        self._origin = origin
        self._brought = {} if earlier is None else earlier.brought
        self._of_others = {iri for record in records.values() for iri in record.brought}

    def batches(self, batch: Batch) -> tuple[Batch, ...]:
        """The batch in two: what replaces what the earlier import brought, and the rest."""
        ours = {iri: triples for iri, triples in batch.graphs.items() if self._is_ours(iri)}
        rest = {iri: triples for iri, triples in batch.graphs.items() if iri not in ours}
        return (
            Batch(batch.kind, ours, replace=True, operators=batch.operators),
            Batch(batch.kind, rest, batch.replace, batch.operators),
        )

    def gone(self, coming: Iterable[Iri]) -> tuple[Iri, ...]:
        """Graphs to remove: brought before, not coming now, and not spoken of by what stays."""
        missing = set(self._brought) - set(coming) - self._of_others
        leaving = {iri for iri in missing if self._is_ours(iri)}
        while staying := {iri for iri in leaving if self._holders(iri) - leaving}:
            leaving -= staying
        measurements = {
            graph
            for iri in leaving
            for graph in self._resources.referring(iri)
            if graph.startswith(_MEASUREMENTS)
        }
        return tuple(sorted(leaving | measurements))

    def record(self, coming: Mapping[Iri, Iterable[Triple]]) -> ImportRecord:
        """What the import brings; what was there before and is somebody else's is not among it."""
        store = self._resources.store
        ours = {*self._brought, *self._of_others}
        return ImportRecord(
            self._origin,
            {
                iri: digest_of(triples)
                for iri, triples in coming.items()
                if iri in ours or not store.has_graph(iri)
            },
        )

    def _is_ours(self, iri: Iri) -> bool:
        """Whether a graph is still as the earlier import left it."""
        known = self._brought.get(iri)
        return known is not None and digest_of(self._resources.store.graph(iri)) == known

    def _holders(self, iri: Iri) -> set[Iri]:
        """Graphs that speak of a resource, but for what was measured of it."""
        found = self._resources.referring(iri)
        return {graph for graph in found if not graph.startswith(_MEASUREMENTS)}
