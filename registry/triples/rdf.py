"""Triples of the store as an rdflib graph, for SHACL and for reading by people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fitgraph.ontology.namespaces import XSD
from fitgraph.registry.errors import RegistryError
from fitgraph.registry.triples.terms import Term

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Identifier

_STRING: Final = f"{XSD}string"


def to_rdflib(triples: Iterable[Triple]) -> rdflib.Graph:
    """The same triples as an rdflib graph."""
    from rdflib import Graph  # noqa: PLC0415 - 0.4 s that reading the store does not need

    graph = Graph()
    for triple in triples:
        graph.add((_term(triple.subject), _term(triple.predicate), _term(triple.object)))
    return graph


def _term(term: Term) -> Identifier:
    import rdflib  # noqa: PLC0415

    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term.value)
    if isinstance(term, Literal):
        if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        if term.datatype.value == _STRING:  # rdflib tells "x" from "x"^^xsd:string
            return rdflib.Literal(term.value)
        return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value))
    raise RegistryError(f"{term} has no form in RDF 1.1")
