"""All records of a kind, which follow what is written through a store.

Reading thousands of boards takes seconds, and one of them a millisecond. So what was written is
noted, and read when somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from pyoxigraph import Triple

from fitgraph.registry.catalogue import Registry
from fitgraph.registry.iris import Iri

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source(Generic[T]):
    """Where records come from, of which each is told by a graph of its own and by nothing else.

    Attributes:
        start: of the IRIs of those graphs.
        all: reads every record.
        parse: one record from its graph.
        iri: of the graph of a record.
    """

    start: str
    all: Callable[[Registry], tuple[T, ...]]
    parse: Callable[[frozenset[Triple]], T]
    iri: Callable[[T], Iri]


class LiveRecords(Generic[T]):
    """Any number of threads may look and write.

    Args:
        registry: whose store nobody writes to but through that object.
        source: of the records.
    """

    def __init__(self, registry: Registry, source: Source[T]) -> None:
        self._registry = registry
        self._source = source
        self._changed: set[Iri] = set()
        self._is_stale = True
        self._noting, self._looking = Lock(), Lock()
        self._known: dict[Iri, T] = {}
        registry.store.listen(self._note)

    def now(self) -> tuple[T, ...]:
        """The records as of now, by the IRIs of their graphs."""
        with self._looking:
            with self._noting:
                changed, is_stale = self._changed, self._is_stale
                self._changed, self._is_stale = set(), False
            try:
                if is_stale:
                    found = self._source.all(self._registry)
                    self._known = {self._source.iri(one): one for one in found}
                elif changed:
                    self._read(changed)
            except BaseException:
                self._note(None)
                raise
            return tuple(self._known[iri] for iri in sorted(self._known))

    def _read(self, changed: Collection[Iri]) -> None:
        graphs = self._registry.store.read_graphs(changed)
        found = {iri: self._source.parse(graphs[iri]) for iri in changed if graphs.get(iri)}
        kept = {iri: one for iri, one in self._known.items() if iri not in changed}
        self._known = kept | found

    def _note(self, graphs: Collection[str] | None) -> None:
        """Remembers what was written; None stands for anything."""
        with self._noting:
            self._is_stale |= graphs is None
            start = self._source.start
            self._changed |= {Iri(iri) for iri in graphs or () if iri.startswith(start)}
