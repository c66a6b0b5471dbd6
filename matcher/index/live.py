"""An index that follows what is written through a store."""

from __future__ import annotations

from collections.abc import Collection
from threading import Lock

from fitgraph.matcher import columns
from fitgraph.matcher.index.facts import is_told_by
from fitgraph.matcher.index.index import Index, index_of
from fitgraph.matcher.match import DEFAULT_RUNTIME
from fitgraph.registry.store_base import Store


class LiveIndex:
    """The next look at the index reads the graphs that were changed since the last one.

    Any number of threads may look and write.

    Args:
        store: that nobody writes to but through this object.
        runtime: that the index is of.
        beside: an index of the same store under another runtime, whose models and boards are
            taken over; None to read them.

    Raises:
        NotFoundError: there is no such runtime.
    """

    def __init__(
        self, store: Store, runtime: str = DEFAULT_RUNTIME, beside: LiveIndex | None = None
    ) -> None:
        columns.runtime(store, runtime)
        self.store = store
        self._changed: set[str] = set()
        self._is_stale = False
        self._noting, self._looking = Lock(), Lock()
        store.listen(self._note)  # before anything is read, so that nothing is missed
        self._index = (
            index_of(store, runtime) if beside is None else beside.index.under(store, runtime)
        )

    @property
    def index(self) -> Index:
        """As of now."""
        with self._looking:
            with self._noting:
                changed, is_stale = self._changed, self._is_stale
                self._changed, self._is_stale = set(), False
            if is_stale:
                self._index = index_of(self.store, self._index.facts.runtime.name)
            elif changed:
                self._index = self._index.refreshed(self.store, changed)
            return self._index

    def _note(self, graphs: Collection[str] | None) -> None:
        """Remembers what was written; None stands for anything."""
        with self._noting:
            self._is_stale |= graphs is None
            self._changed |= {iri for iri in graphs or () if is_told_by(iri)}
