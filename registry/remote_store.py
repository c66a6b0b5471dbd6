"""A store that a SPARQL 1.1 server keeps: what ``EmbeddedStore`` does, over the protocol.

A write is one update request of several operations, which servers apply whole or not at all
(SPARQL 1.1 Update, section 3: requests should be atomic). Bound variables are replaced by
their values (``bound_query``), for the protocol knows none.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Final, Self

from pyoxigraph import (
    BlankNode,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from fitgraph.ontology.errors import OntologyError
from fitgraph.registry.bound_query import bind
from fitgraph.registry.endpoint import Endpoint
from fitgraph.registry.errors import StorageError
from fitgraph.registry.iris import Iri
from fitgraph.registry.sparql_client import RESULTS, TRIPLES, SparqlClient
from fitgraph.registry.store_base import Dataset, Row, StoreBase
from fitgraph.registry.triples.terms import Term, python_value
from fitgraph.registry.update_text import (
    emptying_text,
    graph_name,
    insertion_text,
    update_text,
)

# An update of this size is kept in memory until it is sent, a larger one in a file.
_SPOOL_BYTES: Final = 8 << 20

#: Whether there are named graphs, and whether the default graph shows what is in them.
_UNION: Final = """
SELECT (EXISTS { GRAPH ?graph { ?subject ?property ?value } } AS ?is_filled)
  (EXISTS { GRAPH ?graph { ?subject ?property ?value } ?subject ?property ?value } AS ?is_union)
WHERE {}
"""

#: Graphs that one query reads: some 10,000 triples, which take half a second and 4 MB.
_GRAPHS_A_QUERY: Final = 200

_QUAD: Final = ("graph", "subject", "property", "value")
_GRAPHS: Final = """
SELECT ?graph ?subject ?property ?value
WHERE { VALUES ?graph { $values } GRAPH ?graph { ?subject ?property ?value } }
"""


class RemoteStore(StoreBase):
    """The store of a SPARQL server."""

    def __init__(self, endpoint: Endpoint, *, read_only: bool = False) -> None:
        self.endpoint = endpoint
        self.read_only = read_only
        self._client = SparqlClient(endpoint)

    @classmethod
    def open(cls, endpoint: Endpoint, *, read_only: bool = False) -> Self:
        """Opens the store and makes sure that queries see all named graphs.

        Raises:
            StorageError: the server cannot be reached, refuses us, or keeps its graphs apart.
        """
        store = cls(endpoint, read_only=read_only)
        try:
            store.require_union()
        except BaseException:
            store.close()
            raise
        return store

    def require_union(self) -> None:
        """Makes sure that the server's default graph is the union of the named ones.

        Raises:
            StorageError: it is not.
        """
        (found,) = self.query(_UNION)
        if python_value(found["is_filled"]) and not python_value(found["is_union"]):
            raise StorageError(
                f"queries to {self.endpoint} do not see the named graphs",
                hint="make the default graph their union: oxigraph serve --union-default-graph, or "
                "?union-default-graph=true after its address; "
                "?default-graph-uri=urn:x-arq:UnionGraph for Fuseki",
            )

    def query(self, sparql: str, bindings: Mapping[str, Term] | None = None) -> tuple[Row, ...]:
        """See ``Store.query``.

        Raises:
            OntologyError: not a SELECT query, or a bound variable is not projected.
            StorageError: the server does not answer as it should.
        """
        found = self._results(sparql, bindings)
        if not isinstance(found, QuerySolutions):
            raise OntologyError("the query is not a SELECT query", hint="use ask for ASK")
        names = [variable.value for variable in found.variables]
        try:
            rows = [zip(names, solution, strict=True) for solution in found]
        except SyntaxError as error:  # an answer that breaks off shows it at its last row
            raise self._not_understood(error) from error
        return tuple({name: term for name, term in row if term is not None} for row in rows)

    def ask(self, sparql: str, bindings: Mapping[str, Term] | None = None) -> bool:
        """See ``Store.ask``.

        Raises:
            OntologyError: not an ASK query.
            StorageError: the server does not answer as it should.
        """
        found = self._results(sparql, bindings)
        if not isinstance(found, QueryBoolean):
            raise OntologyError("the query is not an ASK query", hint="use query for SELECT")
        return bool(found)

    def construct(
        self, sparql: str, bindings: Mapping[str, Term] | None = None
    ) -> frozenset[Triple]:
        """See ``Store.construct``.

        Raises:
            OntologyError: not a CONSTRUCT or DESCRIBE query.
            StorageError: the server does not answer as it should.
        """
        content = self._client.query(bind(sparql, bindings or {}), TRIPLES)
        try:
            return frozenset(quad.triple for quad in parse(content, RdfFormat.N_TRIPLES))
        except SyntaxError as error:
            raise self._not_understood(error) from error

    def answer(
        self, sparql: str, dataset: Dataset | None = None, base_iri: str | None = None
    ) -> QuerySolutions | QueryBoolean | Iterator[Triple]:
        """What a query of any form gives.

        Args:
            sparql: the query.
            dataset: the graphs that it is about, in place of those that it names itself.
            base_iri: that relative references are resolved against; else the server chooses.

        Raises:
            OntologyError: the server says that it is no query.
            StorageError: the server does not answer as it should.
        """
        about = dataset or Dataset()
        parameters = [("default-graph-uri", iri) for iri in about.default_graphs]
        parameters += [("named-graph-uri", iri) for iri in about.named_graphs]
        sparql = _with_base(sparql, base_iri)
        form, content = self._client.answer(sparql, (RESULTS, TRIPLES), parameters)
        if form == TRIPLES:
            return (quad.triple for quad in parse(content, RdfFormat.N_TRIPLES))
        return self._parsed(content)

    def update(self, sparql: str, base_iri: str | None = None) -> None:
        """Sends a SPARQL update, whatever it does: no shape looks at it.

        Raises:
            StorageError: the server does not do it, or the store was opened for reading.
        """
        self._refuse_reader()
        body = _with_base(sparql, base_iri).encode()
        self._send(None, (body,), len(body))

    def graph(self, iri: str) -> frozenset[Triple]:
        """All triples of a named graph; none if there is no such graph."""
        name = graph_name(iri)
        return self.construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {name} {{ ?s ?p ?o }} }}")

    def read_graphs(self, iris: Iterable[Iri]) -> dict[Iri, frozenset[Triple]]:
        """See ``Store.read_graphs``: one request for many."""
        found: dict[Iri, set[Triple]] = {iri: set() for iri in iris}
        names = list(found)
        for start in range(0, len(names), _GRAPHS_A_QUERY):
            values = " ".join(str(graph_name(n)) for n in names[start : start + _GRAPHS_A_QUERY])
            for row in self.query(_GRAPHS.replace("$values", values)):
                graph, subject, name, value = (row[column] for column in _QUAD)
                assert isinstance(graph, NamedNode)
                assert isinstance(subject, NamedNode | BlankNode)
                assert isinstance(name, NamedNode)
                found[Iri(graph.value)].add(Triple(subject, name, value))
        return {iri: frozenset(triples) for iri, triples in found.items()}

    def graphs(self) -> tuple[str, ...]:
        """IRIs of all named graphs, sorted."""
        rows = self.query("SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } }")
        terms = (row["graph"] for row in rows)
        return tuple(sorted(term.value for term in terms if isinstance(term, NamedNode)))

    def has_graph(self, iri: str) -> bool:
        """Whether there is a named graph of this IRI."""
        return self.ask(f"ASK {{ GRAPH {graph_name(iri)} {{ ?s ?p ?o }} }}")

    def write(
        self,
        replacements: Mapping[Iri, Iterable[Triple]],
        deletions: Iterable[Iri] = (),
    ) -> None:
        """See ``Store.write``: one update request.

        Raises:
            StorageError: the server does not do it, or the store was opened for reading.
            InvalidRecordError: a graph's name is no IRI, or a triple has a blank node.
        """
        self._refuse_reader()
        deletions = tuple(deletions)
        body = update_text(replacements, deletions).encode()
        self._send((*replacements, *deletions), (body,), len(body))

    def write_many(self, graphs: Iterable[tuple[Iri, Iterable[Triple]]]) -> None:
        """See ``Store.write_many``: one update request, which waits in a file if it is large.

        Raises:
            StorageError: the server does not do it, or the store was opened for reading.
            InvalidRecordError: a graph's name is no IRI, or a triple has a blank node.
        """
        self._refuse_reader()
        written: set[Iri] = set()
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as insertions:
            for iri, triples in graphs:
                if iri in written:  # the later one counts
                    insertions.write(f" ;\nCLEAR SILENT GRAPH {graph_name(iri)}".encode())
                insertions.write(f" ;\n{insertion_text(iri, triples)}".encode())
                written.add(iri)
            if not written:
                return
            start, length = emptying_text(written).encode(), insertions.tell()
            insertions.seek(0)
            rest = iter(partial(insertions.read, _SPOOL_BYTES), b"")
            self._send(written, chain([start], rest), len(start) + length)

    def close(self) -> None:
        """Lets go of the store."""
        self._client.close()

    def _send(self, graphs: Collection[Iri] | None, body: Iterable[bytes], length: int) -> None:
        """Sends an update of these graphs; one that fails may have been done all the same."""
        try:
            self._client.update(body, length)
        finally:
            self._tell(graphs)

    def _results(
        self, sparql: str, bindings: Mapping[str, Term] | None
    ) -> QuerySolutions | QueryBoolean:
        return self._parsed(self._client.query(bind(sparql, bindings or {}), RESULTS))

    def _parsed(self, content: bytes) -> QuerySolutions | QueryBoolean:
        try:
            return parse_query_results(content, QueryResultsFormat.JSON)
        except (SyntaxError, ValueError) as error:
            raise self._not_understood(error) from error

    @property
    def _shown(self) -> str:
        return str(self.endpoint)

    def _not_understood(self, error: Exception) -> StorageError:
        return StorageError(
            f"the answer of {self.endpoint} cannot be read: {error}",
            hint="look whether something between here and the server changes or cuts answers",
        )


def _with_base(sparql: str, base_iri: str | None) -> str:
    """A base that the text says itself comes later, and counts."""
    return sparql if base_iri is None else f"BASE {graph_name(base_iri)} {sparql}"
