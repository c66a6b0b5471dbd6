"""The vocabulary's terms as records: what the documentation, the context and releases are made of.

Read with rdflib, in the order of the modules; nothing that runs for users needs it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from rdflib import OWL, RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, SKOS
from rdflib.term import Node

from fitgraph.ontology.files import MODULES
from fitgraph.ontology.namespaces import FG

_SCHEMA: Final = Namespace("https://schema.org/")
_QUDT: Final = Namespace("http://qudt.org/schema/qudt/")


class Kind(StrEnum):
    """What a term is."""

    CLASS = "class"
    OBJECT_PROPERTY = "object property"
    DATATYPE_PROPERTY = "datatype property"
    INDIVIDUAL = "individual"
    SCHEME = "concept scheme"


_KINDS: Final = (
    (OWL.Class, Kind.CLASS),
    (OWL.ObjectProperty, Kind.OBJECT_PROPERTY),
    (OWL.DatatypeProperty, Kind.DATATYPE_PROPERTY),
    (SKOS.ConceptScheme, Kind.SCHEME),
    (OWL.NamedIndividual, Kind.INDIVIDUAL),
)


@dataclass(frozen=True, slots=True)
class Term:
    """One term.

    Attributes:
        name: what follows the ``#``.
        module: last part of the module's IRI; ``core`` for the whole's own.
        domains: IRIs of the classes that have the property.
        ranges: IRIs of the classes or datatypes of its values.
        parents: IRIs of the classes or properties that it is a kind of.
        member_of: IRIs of the classes that an individual is of.
        scheme: IRI of the scheme that an individual is in, or an empty string.
        unit: IRI of the figure's unit, or an empty string.
        deprecated: whether it is not to be used any more.
        replaced_by: IRI of the term to use instead, or an empty string.
        change_note: in which version and why it was deprecated, or an empty string.
    """

    name: str
    kind: Kind
    label: str
    definition: str
    module: str
    sources: tuple[str, ...]
    domains: tuple[str, ...]
    ranges: tuple[str, ...]
    parents: tuple[str, ...]
    member_of: tuple[str, ...]
    scheme: str
    unit: str
    examples: tuple[str, ...]
    deprecated: bool
    replaced_by: str
    change_note: str

    @property
    def iri(self) -> str:
        return FG + self.name


def read_graph(paths: Iterable[Path] = MODULES) -> Graph:
    """Several Turtle files as one graph."""
    graph = Graph()
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


def terms_of(graph: Graph) -> tuple[Term, ...]:
    """All terms that a graph defines, by name."""
    subjects = map(str, graph.subjects(RDFS.isDefinedBy))
    names = {iri.removeprefix(FG) for iri in subjects if iri.startswith(FG)}
    return tuple(_term(graph, name) for name in sorted(names, key=lambda n: (n.lower(), n)))


def _term(graph: Graph, name: str) -> Term:
    iri = URIRef(FG + name)
    types = set(graph.objects(iri, RDF.type))
    module = _one(graph, iri, RDFS.isDefinedBy).removesuffix("/").rpartition("/")[2]
    return Term(
        name=name,
        kind=next(kind for of, kind in _KINDS if of in types),
        label=_one(graph, iri, RDFS.label),
        definition=_one(graph, iri, SKOS.definition),
        module="core" if module == "ontology" else module,
        sources=_all(graph, iri, DCTERMS.source),
        domains=_all(graph, iri, RDFS.domain, _SCHEMA.domainIncludes),
        ranges=_all(graph, iri, RDFS.range, _SCHEMA.rangeIncludes),
        parents=_all(graph, iri, RDFS.subClassOf, RDFS.subPropertyOf),
        member_of=tuple(sorted(str(t) for t in types if str(t).startswith(FG))),
        scheme=_one(graph, iri, SKOS.inScheme),
        unit=_one(graph, iri, _QUDT.hasUnit),
        examples=_all(graph, iri, SKOS.example),
        deprecated=(iri, OWL.deprecated, Literal(True)) in graph,  # noqa: FBT003 - xsd:boolean
        replaced_by=_one(graph, iri, DCTERMS.isReplacedBy),
        change_note=_one(graph, iri, SKOS.changeNote),
    )


def _one(graph: Graph, subject: Node, predicate: Node) -> str:
    value = graph.value(subject, predicate)
    return "" if value is None else str(value)


def _all(graph: Graph, subject: Node, *predicates: Node) -> tuple[str, ...]:
    return tuple(
        sorted(str(o) for predicate in predicates for o in graph.objects(subject, predicate))
    )
