"""What all operations of the registry share: its store, its blobs, and removal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.ontology.query_files import load_query
from fitgraph.registry.blobs import Blobs, digest
from fitgraph.registry.iris import Iri
from fitgraph.registry.resources import Resources
from fitgraph.registry.store_base import Store
from fitgraph.registry.triples.terms import fg, literal


class CatalogueBase:
    """A graph store, and the blobs that it speaks of."""

    def __init__(self, store: Store, blobs: Blobs) -> None:
        self.store = store
        self.blobs = blobs
        self._resources = Resources(store)

    def resolve(self, kind: str, reference: str) -> Iri:
        """IRI of the resource that a name, an IRI or the start of a digest means.

        Args:
            kind: ``model``, ``mcu``, ``board``, ``runtime``, ``footprint``, ``proof``, ``variant``.
            reference: a digest may be shortened to four digits or more.

        Raises:
            NotFoundError: none is meant, or several are; the hint offers the nearest names.
        """
        return self._resources.resolve(kind, reference)

    def about(self, iri: str) -> frozenset[Triple]:
        """What is said of a resource: by its graph, or where it has none, by all graphs."""
        try:
            resource = NamedNode(iri)
        except ValueError:  # no IRI at all, so nothing is said of it
            return frozenset()
        question = load_query("facts-of-a-resource")
        return self.store.graph(iri) or self.store.construct(question, {"resource": resource})

    def _remove(self, iri: Iri) -> tuple[Iri, ...]:
        """Removes a resource and what speaks of it, in one write, then blobs without use."""
        removed = (iri, *self._resources.referring(iri))
        digests = self._digests(removed)
        self.store.write({}, removed)
        for sha256 in digests:
            self.blobs.delete(sha256, self._is_in_use)
        return removed

    @contextmanager
    def _fresh_blob(self, content: bytes | Path) -> Iterator[None]:
        """Stores a blob, which goes again if what follows fails and it is new."""
        was_there = self.blobs.has(digest(content))
        sha256 = self.blobs.put(content)
        try:
            yield
        except BaseException:
            if not was_there:
                self.blobs.delete(sha256, lambda _: False)
            raise

    def _digests(self, iris: tuple[Iri, ...]) -> set[str]:
        """Digests of files that the graphs of these resources speak of."""
        digests = fg("sha256")
        return {
            str(triple.object.value)
            for graph in self._resources.triples(iris)
            for triple in graph
            if triple.predicate == digests and isinstance(triple.object, Literal)
        }

    def _is_in_use(self, sha256: str) -> bool:
        return self.store.ask(load_query("digest-in-use"), {"sha256": literal(sha256)})
