"""Queries and trials of updates, as jobs for a worker."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, Quad, Triple

from fitgraph.ontology.errors import OntologyError
from fitgraph.registry.answer import Answer, Head, Kind, TooManyResultsError
from fitgraph.registry.answer_child import results
from fitgraph.registry.answer_text import GraphForm, ResultForm, graph_text, results_text
from fitgraph.registry.endpoint import Place
from fitgraph.registry.errors import InvalidRecordError
from fitgraph.registry.query_guard import check_query
from fitgraph.registry.query_tokens import TOKEN
from fitgraph.registry.store_base import Dataset
from fitgraph.registry.update_guard import check_update
from fitgraph.registry.work import Desk

#: Only an update with one of these can write a blank node.
_MAKES_BLANK_NODES: Final = re.compile(r"\[|_:|\(|bnode", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Written:
    """An answer in its final form.

    Attributes:
        content: None where what the query gives was asked for in no form that it has.
    """

    kind: Kind
    content: bytes | None


@dataclass(frozen=True, slots=True)
class QueryJob:
    """Ask a query that somebody hands us.

    Attributes:
        where: a snapshot, or a server.
        max_results: rows or triples; more are an error, for nobody could tell that some lack.
        results: form of rows and truth; None if the client takes none.
        graph: form of triples, likewise.
        dataset: None for all graphs, or those that the query names.
    """

    where: Place
    sparql: str
    max_results: int
    results: ResultForm | None = ResultForm.JSON
    graph: GraphForm | None = GraphForm.TURTLE
    dataset: Dataset | None = None
    allowed_hosts: tuple[str, ...] = ()
    base_iri: str | None = None

    def run(self, desk: Desk) -> Written:
        check_query(self.sparql, self.allowed_hosts, self.base_iri)
        store = desk.store(self.where)
        found = results(store.answer(self.sparql, self.dataset, self.base_iri))
        head = next(found)
        assert isinstance(head, Head)
        some = list(islice(found, self.max_results + 1))
        if len(some) > self.max_results:
            raise TooManyResultsError(
                f"the query gives more than {self.max_results:,} results",
                hint="ask for less with LIMIT, and for the next part with OFFSET and ORDER BY",
            )
        return Written(head.kind, self._text(head, some))

    def _text(self, head: Head, some: list[object]) -> bytes | None:
        if head.kind is Kind.TRIPLES:
            triples = frozenset(one for one in some if isinstance(one, Triple))
            return None if self.graph is None else graph_text(triples, self.graph)
        if self.results is None:
            return None
        names = _as_mentioned(head.variables, self.sparql)
        places = [head.variables.index(name) for name in names]
        rows = tuple(tuple(one[at] for at in places) for one in some if isinstance(one, tuple))
        return results_text(Answer(head.kind, names, rows, truth=some == [True]), self.results)


@dataclass(frozen=True, slots=True)
class UpdateTrial:
    """Run an update on a copy of the store that is thrown away, to see what it does.

    Attributes:
        copy: a folder with a store in it, that may be written.
    """

    copy: Path
    sparql: str
    base_iri: str | None = None

    def run(self, desk: Desk) -> None:
        """Does it.

        Raises:
            OntologyError: it is none, asks another server, or cannot be run.
            InvalidRecordError: it leaves what no store of ours has.
        """
        desk.clear()
        check_update(self.sparql, self.base_iri)
        store = pyoxigraph.Store(self.copy)
        try:
            store.update(self.sparql, base_iri=self.base_iri)
        except (RuntimeError, ValueError, OSError) as error:
            raise OntologyError(f"the update cannot be run: {error}") from error
        if any(store.quads_for_pattern(None, None, None, DefaultGraph())):
            raise InvalidRecordError(
                "the update writes into the default graph, where nothing is kept",
                hint="name a graph: INSERT DATA { GRAPH <...> { ... } }",
            )
        if _MAKES_BLANK_NODES.search(self.sparql) and any(map(_has_blank_node, store)):
            raise InvalidRecordError(
                "the update writes blank nodes, which nobody could name afterwards",
                hint="give everything an IRI",
            )


def _has_blank_node(quad: Quad) -> bool:
    return isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode)


def _as_mentioned(names: tuple[str, ...], sparql: str) -> tuple[str, ...]:
    """Columns of ``SELECT *`` in the order in which the query first mentions them."""
    tokens = [found for found in TOKEN.finditer(sparql) if not found.group().isspace()]
    words = [found.group().upper() for found in tokens]
    start = words.index("SELECT") + 1 if "SELECT" in words else len(words)
    if "*" not in words[start : start + 2]:
        return names
    mentioned = [found.group()[1:] for found in tokens if found.lastgroup == "variable"]
    return tuple(sorted(names, key=lambda name: mentioned.index(name) if name in mentioned else 0))
