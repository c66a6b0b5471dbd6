"""What fitgraph knows of a graph store, wherever it is, and what all stores share.

A query sees the union of all named graphs; a triple that stands in two graphs is seen twice, so a
fact is kept in one graph only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Protocol, Self

from pyoxigraph import Triple

from fitgraph.registry.errors import StorageError
from fitgraph.registry.iris import Iri
from fitgraph.registry.triples.terms import Term, python_value
from fitgraph.registry.update_text import graph_name

Row = Mapping[str, Term]
#: Is told which graphs were written or deleted, after it happened; None where it may be any.
Listener = Callable[[Collection[str] | None], None]


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs that a query is about (SPARQL 1.1 Protocol, section 2.1.4).

    Attributes:
        default_graphs: IRIs of those whose union is the default graph.
        named_graphs: IRIs of those that ``GRAPH`` finds.
    """

    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


class Store(Protocol):
    """Named graphs and SPARQL 1.1 over them."""

    def query(self, sparql: str, bindings: Mapping[str, Term] | None = None) -> tuple[Row, ...]:
        """Rows of a SELECT query over the union of all graphs.

        Args:
            sparql: the query; a variable that is bound must be projected (also by subqueries).
            bindings: variable names, without ``?``, to values.

        Returns:
            One mapping a row; an unbound variable is absent from it.
        """
        ...

    def ask(self, sparql: str, bindings: Mapping[str, Term] | None = None) -> bool:
        """The answer of an ASK query over the union of all graphs."""
        ...

    def construct(
        self, sparql: str, bindings: Mapping[str, Term] | None = None
    ) -> frozenset[Triple]:
        """Triples of a CONSTRUCT or DESCRIBE query over the union of all graphs."""
        ...

    def graph(self, iri: str) -> frozenset[Triple]:
        """All triples of a named graph; none if there is no such graph."""
        ...

    def graphs(self) -> tuple[str, ...]:
        """IRIs of all named graphs, sorted."""
        ...

    def has_graph(self, iri: str) -> bool:
        """Whether there is a named graph of this IRI."""
        ...

    def read_graphs(self, iris: Iterable[Iri]) -> Mapping[Iri, frozenset[Triple]]:
        """All triples of several named graphs; none for what is not there."""
        ...

    def count_triples(self, iris: Iterable[Iri]) -> Mapping[Iri, int]:
        """How many triples each of some named graphs has; nothing of those that have none."""
        ...

    def write(
        self,
        replacements: Mapping[Iri, Iterable[Triple]],
        deletions: Iterable[Iri] = (),
    ) -> None:
        """Replaces and deletes named graphs: all of it, or none of it."""
        ...

    def write_many(self, graphs: Iterable[tuple[Iri, Iterable[Triple]]]) -> None:
        """Replaces any number of named graphs: all of them, or none.

        The graphs are taken one by one. They may come from a generator that looks into the store,
        which shows what was there before; if it raises an error, nothing is written.
        """
        ...

    def update(self, sparql: str, base_iri: str | None = None) -> None:
        """Runs a SPARQL update, whatever it does: all of it, or nothing."""
        ...

    def listen(self, listener: Listener) -> None:
        """Tells somebody of everything that is written through this object from now on."""
        ...

    def close(self) -> None:
        """Lets go of the store."""
        ...


_COUNTS: Final = """
SELECT ?graph (COUNT(*) AS ?triples)
WHERE { VALUES ?graph { $graphs } GRAPH ?graph { ?subject ?property ?value } }
GROUP BY ?graph
"""


class StoreBase(ABC):
    """One graph at a time, closing at the end of a block, and the refusal to write for a reader."""

    read_only: bool
    _listeners: tuple[Listener, ...] = ()

    def listen(self, listener: Listener) -> None:
        """See ``Store.listen``; the one who writes tells it, before going on."""
        self._listeners = (*self._listeners, listener)

    def _tell(self, graphs: Collection[str] | None) -> None:
        for listener in self._listeners:
            listener(graphs)

    @abstractmethod
    def write(
        self,
        replacements: Mapping[Iri, Iterable[Triple]],
        deletions: Iterable[Iri] = (),
    ) -> None:
        """See ``Store.write``."""

    @abstractmethod
    def query(self, sparql: str, bindings: Mapping[str, Term] | None = None) -> tuple[Row, ...]:
        """See ``Store.query``."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of the store."""

    @property
    @abstractmethod
    def _shown(self) -> str:
        """Where the store is, for messages."""

    def count_triples(self, iris: Iterable[Iri]) -> dict[Iri, int]:
        """See ``Store.count_triples``."""
        names = " ".join(str(graph_name(iri)) for iri in iris)
        rows = self.query(_COUNTS.replace("$graphs", names))
        return {Iri(str(python_value(r["graph"]))): int(python_value(r["triples"])) for r in rows}

    def replace_graph(self, iri: Iri, triples: Iterable[Triple]) -> None:
        """Puts the triples in place of what the named graph holds."""
        self.write({iri: triples})

    def delete_graph(self, iri: Iri) -> None:
        """Deletes a named graph; one that is not there stays so."""
        self.write({}, (iri,))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _refuse_reader(self) -> None:
        if self.read_only:
            raise StorageError(
                f"the store at {self._shown} was opened for reading only",
                hint="open it for writing",
            )
