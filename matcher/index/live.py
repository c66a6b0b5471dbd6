"""A store whose index follows what is written through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pyoxigraph import Triple

from fitgraph.matcher.index.facts import is_told_by
from fitgraph.matcher.index.index import Index, index_of
from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.registry.iris import Iri
from fitgraph.registry.store_base import Row, Store
from fitgraph.registry.triples.terms import Term


class LiveIndex:
    """Writes go through it, and the next look at the index reads the graphs that they changed.

    Args:
        store: that nobody else writes to meanwhile.
        runtime: that the index is of.
    """

    def __init__(self, store: Store, runtime: str = DEFAULT_RUNTIME) -> None:
        self.store = store
        self._index = index_of(store, runtime)
        self._changed: set[str] = set()
        self._is_stale = False

    @property
    def index(self) -> Index:
        """As of now."""
        if self._is_stale:
            self._index = index_of(self.store, self._index.facts.runtime.name)
        elif self._changed:
            self._index = self._index.refreshed(self.store, self._changed)
        self._changed, self._is_stale = set(), False
        return self._index

    def query(self, sparql: str, bindings: Mapping[str, Term] | None = None) -> tuple[Row, ...]:
        """See ``Store.query``."""
        return self.store.query(sparql, bindings)

    def write(
        self, replacements: Mapping[Iri, Iterable[Triple]], deletions: Iterable[Iri] = ()
    ) -> None:
        """See ``Store.write``."""
        deletions = tuple(deletions)
        self._note((*replacements, *deletions))
        self.store.write(replacements, deletions)

    def write_many(self, graphs: Iterable[tuple[Iri, Iterable[Triple]]]) -> None:
        """See ``Store.write_many``."""
        self.store.write_many(self._noted(graphs))

    def update(self, sparql: str, base_iri: str | None = None) -> None:
        """See ``Store.update``: it may change any graph, so everything is read anew."""
        self._is_stale = True
        self.store.update(sparql, base_iri)

    def _noted(
        self, graphs: Iterable[tuple[Iri, Iterable[Triple]]]
    ) -> Iterator[tuple[Iri, Iterable[Triple]]]:
        for iri, triples in graphs:
            self._note((iri,))
            yield iri, triples

    def _note(self, graphs: Iterable[Iri]) -> None:
        self._changed |= {iri for iri in graphs if is_told_by(iri)}
