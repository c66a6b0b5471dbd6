"""The graph that policies are held against: models, boards, and what is known of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from fitgraph.matcher.query_files import query_text
from fitgraph.ontology.namespaces import FG, RDF

if TYPE_CHECKING:  # see ``policies``
    from rdflib import Graph, URIRef

    from fitgraph.registry.store_base import Store

#: What is part of a resource, or stands behind it.
_PARTS: Final = frozenset({f"{FG}hasMemoryRegion", f"{FG}hasOperatorUse", f"{FG}hasMcu"})


@dataclass(frozen=True, slots=True)
class Pair:
    """IRIs of what is matched."""

    model: str
    board: str
    runtime: str


def pair_nodes(store: Store, pairs: Sequence[Pair]) -> tuple[Graph, dict[Pair, tuple[URIRef, ...]]]:
    """The graph, and for each pair the nodes that a rule may speak of."""
    from rdflib import Graph, URIRef  # noqa: PLC0415 - see ``policies``

    graph = Graph()
    nodes: dict[Pair, tuple[URIRef, ...]] = {}
    for number, pair in enumerate(pairs):
        match = URIRef(f"urn:fitgraph:match:{number}")
        graph.add((match, URIRef(f"{RDF}type"), URIRef(f"{FG}Match")))
        for name, iri in (("model", pair.model), ("board", pair.board), ("runtime", pair.runtime)):
            graph.add((match, URIRef(f"{FG}{name}"), URIRef(iri)))
        nodes[pair] = (match, URIRef(pair.model), URIRef(pair.board), URIRef(pair.runtime))
    described = {iri for pair in pairs for iri in (pair.model, pair.board, pair.runtime)}
    text = "".join(line for iri in sorted(described) for line in _lines(store, iri, set()))
    return graph.parse(data=text, format="nt"), nodes


def _lines(store: Store, iri: str, seen: set[str]) -> Iterator[str]:
    """N-Triples of all that is said of a resource and of its parts."""
    seen.add(iri)
    subject = NamedNode(iri)
    for row in store.query(query_text("facts_of"), {"subject": subject}):
        predicate, value = row["predicate"], row["object"]
        yield f"{subject} {predicate} {value} .\n"
        if not isinstance(value, NamedNode) or not isinstance(predicate, NamedNode):
            continue
        if predicate.value in _PARTS and value.value not in seen:
            yield from _lines(store, value.value, seen)
