"""OWL 2 RL over the vocabulary, its alignments and what the registry writes.

A reasoner must find no contradiction, and must not take a thing for what it is not: a domain that
is too narrow would make a board of whatever has the property.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import owlrl
import pytest
from rdflib import OWL, RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from fitgraph.ontology.files import ALIGNMENTS, MODULES
from fitgraph.ontology.namespaces import FG, ONTOLOGY, OPERATORS
from fitgraph.ontology.terms import read_graph
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.triples.rdf import to_rdflib
from tests.support.small_registry import fill

fg = Namespace(FG)
SCHEMA = Namespace("https://schema.org/")

#: How owlrl says that it found a contradiction.
ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")

#: owlrl takes a double for ill-formed whose value Python takes for false.
ZERO = (
    "Lexical value of the literal '0.0' does not match its datatype "
    "(http://www.w3.org/2001/XMLSchema#double)"
)


@pytest.fixture(scope="module")
def vocabulary() -> Graph:
    return read_graph(MODULES)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """What the registry writes of models, boards, a runtime, a variant, a footprint, a proof."""
    graph = Graph()
    with open_registry(tmp_path_factory.mktemp("sample")) as registry:
        fill(registry)
        for iri in registry.store.graphs():
            if not iri.startswith((ONTOLOGY, OPERATORS)):
                graph += to_rdflib(registry.store.graph(iri))
    return graph


@pytest.fixture(scope="module")
def closed(sample: Graph) -> Graph:
    return closure(read_graph((*MODULES, *ALIGNMENTS)) + sample)


def closure(graph: Graph) -> Graph:
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return graph


def contradictions(graph: Graph) -> list[str]:
    nothings = (f"{thing} is nothing" for thing in graph.subjects(RDF.type, OWL.Nothing))
    errors = {str(message) for message in graph.objects(None, ERROR)} - {ZERO}
    return [*sorted(errors), *nothings]


def classes_above(graph: Graph, kinds: set[Node]) -> set[Node]:
    found = (above for kind in kinds for above in graph.transitive_objects(kind, RDFS.subClassOf))
    return {above for above in found if above is not None}


def test_the_vocabulary_alone_is_without_contradiction() -> None:
    assert contradictions(closure(read_graph(MODULES))) == []


@pytest.mark.parametrize("path", ALIGNMENTS, ids=lambda path: path.stem)
def test_the_vocabulary_with_one_alignment_is_without_contradiction(path: Path) -> None:
    assert contradictions(closure(read_graph((*MODULES, path)))) == []


def test_everything_together_is_without_contradiction(closed: Graph) -> None:
    assert contradictions(closed) == []


def test_a_contradiction_would_be_found(sample: Graph) -> None:
    """Were no variant a model, the variant of the sample would tell."""
    graph = read_graph(MODULES) + sample
    graph.add((fg.Variant, OWL.disjointWith, fg.Model))
    assert contradictions(closure(graph)) != []


def test_inference_types_nothing_wrongly(vocabulary: Graph, sample: Graph, closed: Graph) -> None:
    """Whatever a reasoner finds a thing to be, the registry says so, or a superclass follows."""
    for thing in set(sample.subjects(RDF.type)):
        said = classes_above(vocabulary, set(sample.objects(thing, RDF.type)))
        found = {kind for kind in closed.objects(thing, RDF.type) if str(kind).startswith(FG)}
        assert found <= said, thing


def test_alignments_type_what_they_are_meant_to(closed: Graph) -> None:
    prov, tm = Namespace("http://www.w3.org/ns/prov#"), Namespace("https://www.w3.org/2019/wot/tm#")
    board = next(closed.subjects(RDF.type, fg.Board))
    build = next(closed.subjects(RDF.type, fg.Build))
    assert (board, RDF.type, tm.ThingModel) in closed
    assert (build, RDF.type, prov.Activity) in closed
    assert (board, RDF.type, prov.Activity) not in closed


def test_the_registry_writes_declared_terms_only(vocabulary: Graph, sample: Graph) -> None:
    used = {n for t in sample for n in t if isinstance(n, URIRef) and n.startswith(FG)}
    assert used <= set(vocabulary.subjects())


def uses(graph: Graph) -> Iterator[tuple[Node, URIRef, Node]]:
    for subject, predicate, value in graph:
        if str(predicate).startswith(FG):
            yield subject, URIRef(str(predicate)), value


def test_the_registry_uses_properties_on_the_classes_that_they_are_of(
    vocabulary: Graph, sample: Graph
) -> None:
    wrong = set()
    for subject, predicate, _ in uses(sample):
        kinds = classes_above(vocabulary, set(sample.objects(subject, RDF.type)))
        allowed = set(vocabulary.objects(predicate, RDFS.domain)) | set(
            vocabulary.objects(predicate, SCHEMA.domainIncludes)
        )
        if not kinds & allowed:
            wrong.add((predicate, *sample.objects(subject, RDF.type)))
    assert wrong == set()


def test_the_registry_writes_values_of_the_ranges_that_are_declared(
    vocabulary: Graph, sample: Graph
) -> None:
    wrong, known = set(), vocabulary + sample
    for _, predicate, value in uses(sample):
        allowed = set(vocabulary.objects(predicate, RDFS.range)) | set(
            vocabulary.objects(predicate, SCHEMA.rangeIncludes)
        )
        if isinstance(value, Literal):
            datatype = value.datatype or URIRef("http://www.w3.org/2001/XMLSchema#string")
            kinds: set[Node] = {datatype, RDFS.Literal}
        else:
            kinds = classes_above(vocabulary, set(known.objects(value, RDF.type)))
        if kinds and not kinds & allowed:
            wrong.add((predicate, value))
    assert wrong == set()
