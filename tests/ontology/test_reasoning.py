"""OWL 2 RL over the vocabulary, its alignments and what the registry writes.

A reasoner must find no contradiction, and must not take a thing for what it is not: a domain that
is too narrow would make a board of whatever has the property.
"""

from __future__ import annotations

from pathlib import Path

import owlrl
import pytest
from rdflib import OWL, RDF, Graph, Namespace

from fitgraph.ontology.files import ALIGNMENTS, MODULES
from fitgraph.ontology.namespaces import FG, ONTOLOGY, OPERATORS
from fitgraph.ontology.terms import read_graph
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.triples.rdf import to_rdflib
from tests.support.reasoning import contradictions
from tests.support.small_registry import fill
from tests.support.vocabulary_use import classes_above, misplaced_properties, undeclared_terms

fg = Namespace(FG)


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
    assert undeclared_terms(vocabulary, sample) == set()


def test_the_registry_uses_properties_on_the_classes_that_they_are_of(
    vocabulary: Graph, sample: Graph
) -> None:
    assert misplaced_properties(vocabulary, sample) == set()
