"""Whether triples use the vocabulary as it is declared: which terms, of what, with what values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rdflib import OWL, RDF, RDFS, XSD, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from fitgraph.ontology.namespaces import FG

SCHEMA = Namespace("https://schema.org/")


def classes_above(graph: Graph, kinds: Iterable[Node]) -> set[Node]:
    """The classes and whatever they are kinds of."""
    found = (above for kind in kinds for above in graph.transitive_objects(kind, RDFS.subClassOf))
    return {above for above in found if above is not None}


def undeclared_terms(vocabulary: Graph, graph: Graph) -> set[Node]:
    """Terms in the vocabulary's namespace that it does not have."""
    used: set[Node] = {n for t in graph for n in t if isinstance(n, URIRef) and n.startswith(FG)}
    return used - set(vocabulary.subjects())


def misplaced_properties(vocabulary: Graph, graph: Graph) -> set[tuple[Node, ...]]:
    """Properties with the classes of what has them, where none is one that they are of."""
    found = {
        (predicate, frozenset(graph.objects(subject, RDF.type)))
        for subject, predicate, _ in _uses(graph)
    }
    return {
        (predicate, *sorted(kinds, key=str))
        for predicate, kinds in found
        if not classes_above(vocabulary, kinds)
        & _said(vocabulary, predicate, RDFS.domain, SCHEMA.domainIncludes)
    }


def values_out_of_range(vocabulary: Graph, graph: Graph) -> set[tuple[Node, Node]]:
    """Properties with values that are of no class or datatype that they may have.

    A value of which nothing is said is out of range, unless it may be anything.
    """
    declared, known = _with_owl(vocabulary), vocabulary + graph
    examples = {(predicate, _kinds_of(known, value)): value for _, predicate, value in _uses(graph)}
    return {
        (predicate, value)
        for (predicate, kinds), value in examples.items()
        if not classes_above(declared, kinds)
        & _said(vocabulary, predicate, RDFS.range, SCHEMA.rangeIncludes)
    }


def _kinds_of(known: Graph, value: Node) -> frozenset[Node]:
    if isinstance(value, Literal):
        return frozenset({value.datatype or XSD.string, RDFS.Literal})
    return frozenset({RDFS.Resource, *known.objects(value, RDF.type)})


def _with_owl(vocabulary: Graph) -> Graph:
    """The vocabulary, with what OWL says of its own kinds of properties."""
    more = Graph()
    for kind in (OWL.DatatypeProperty, OWL.ObjectProperty):
        more.add((kind, RDFS.subClassOf, RDF.Property))
    return vocabulary + more


def _uses(graph: Graph) -> Iterator[tuple[Node, URIRef, Node]]:
    for subject, predicate, value in graph:
        if str(predicate).startswith(FG):
            yield subject, URIRef(str(predicate)), value


def _said(vocabulary: Graph, term: URIRef, *about: URIRef) -> set[Node]:
    return {value for one in about for value in vocabulary.objects(term, one)}
