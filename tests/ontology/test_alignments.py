"""Alignments: each in a file of its own, between terms that both sides have, and sound."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Namespace, URIRef
from rdflib.namespace import DCTERMS, SKOS

from fitgraph.ontology.files import ALIGNMENTS, MODULES
from fitgraph.ontology.namespaces import FG, ONTOLOGY
from tests.support.vocabularies import (
    CLOSED,
    LOOKED_UP,
    NAMESPACES,
    is_declared,
    is_listed,
    namespace_of,
)

QUDT = Namespace("http://qudt.org/schema/qudt/")
OPERATORS = "https://w3id.org/fitgraph/id/operator/"
PROPERTIES = {OWL.ObjectProperty, OWL.DatatypeProperty}

#: What an alignment may say, and the kinds of our terms that it may say it of.
RELATIONS: dict[URIRef, set[URIRef]] = {
    RDFS.subClassOf: {OWL.Class},
    RDFS.subPropertyOf: PROPERTIES,
    RDFS.range: PROPERTIES,
    RDFS.seeAlso: {OWL.Class, *PROPERTIES},
    QUDT.hasQuantityKind: PROPERTIES,
    SKOS.closeMatch: {OWL.Class, OWL.NamedIndividual, *PROPERTIES},
    SKOS.exactMatch: {OWL.NamedIndividual},
    SKOS.broadMatch: {OWL.NamedIndividual},
}


@pytest.fixture(scope="module")
def vocabulary() -> Graph:
    graph = Graph()
    for module in MODULES:
        graph.parse(module)
    return graph


def mappings(path: Path) -> list[tuple[URIRef, URIRef, URIRef]]:
    """All that an alignment says of anything but itself."""
    found = []
    for subject, relation, other in Graph().parse(path):
        assert isinstance(subject, URIRef)
        assert isinstance(relation, URIRef)
        if str(subject) != f"{ONTOLOGY}/alignments/{path.stem}":
            assert isinstance(other, URIRef), "an alignment says nothing but relations"
            found.append((subject, relation, other))
    return found


def test_every_vocabulary_that_is_aligned_with_has_a_file() -> None:
    assert {path.stem for path in ALIGNMENTS} == set(NAMESPACES)


@pytest.mark.parametrize("path", ALIGNMENTS, ids=lambda path: path.stem)
def test_an_alignment_is_an_ontology_that_imports_ours_and_names_the_other(path: Path) -> None:
    graph, iri = Graph().parse(path), URIRef(f"{ONTOLOGY}/alignments/{path.stem}")
    assert list(graph.subjects(RDF.type, OWL.Ontology)) == [iri]
    assert list(graph.objects(iri, OWL.imports)) == [URIRef(ONTOLOGY)]
    for about in (DCTERMS.references, DCTERMS.source):
        named = list(graph.objects(iri, about))
        assert named, f"{about} is missing: the specification, and what terms were looked up in"
        assert all(re.match(r"https?://[\w.-]+/", str(one)) for one in named)
    assert str(graph.value(iri, OWL.versionIRI)) == f"{iri}/{graph.value(iri, OWL.versionInfo)}"


@pytest.mark.parametrize("path", ALIGNMENTS, ids=lambda path: path.stem)
def test_an_alignment_relates_our_terms_to_those_of_others(path: Path, vocabulary: Graph) -> None:
    """Nothing is said about terms of others, and no relation is said of a wrong kind of term."""
    for subject, relation, other in mappings(path):
        assert not other.startswith(FG), other
        if subject.startswith(OPERATORS):
            assert relation == SKOS.closeMatch
        else:
            kinds = set(vocabulary.objects(subject, RDF.type))
            assert kinds & RELATIONS[relation], (subject, relation)


@pytest.mark.parametrize("path", ALIGNMENTS, ids=lambda path: path.stem)
def test_an_alignment_uses_terms_of_the_vocabularies_that_it_is_named_after(path: Path) -> None:
    """A file that is loaded for one vocabulary brings in no other but those that it extends."""
    namespaces = {namespace_of(other) for _, _, other in mappings(path)}
    assert namespaces <= NAMESPACES[path.stem]


def test_a_term_that_a_vocabulary_lacks_would_be_found() -> None:
    assert not any(is_listed(f"{namespace}noSuchTerm") for namespace in {*CLOSED, *LOOKED_UP})


@pytest.mark.parametrize("path", ALIGNMENTS, ids=lambda path: path.stem)
def test_terms_of_closed_vocabularies_exist(path: Path) -> None:
    others = {other for _, _, other in mappings(path)}
    known = {other for other in others if namespace_of(other) in {*CLOSED, *LOOKED_UP}}
    assert {other for other in known if not is_listed(other)} == set()
    assert {other for other in others if not namespace_of(other)} == set()


@pytest.mark.parametrize("path", ALIGNMENTS, ids=lambda path: path.stem)
def test_terms_exist_in_the_vocabularies_own_files(path: Path, shared_data: Path) -> None:
    others = {other for _, _, other in mappings(path)}
    filed = {other for other in others if namespace_of(other) not in {*CLOSED, *LOOKED_UP}}
    assert {other for other in filed if not is_declared(other, shared_data)} == set()


def test_every_figure_with_a_unit_is_a_quantity_of_a_kind(vocabulary: Graph) -> None:
    (path,) = [path for path in ALIGNMENTS if path.stem == "qudt"]
    with_kind = {subject for subject, _, _ in mappings(path)}
    assert with_kind == set(vocabulary.subjects(QUDT.hasUnit))


def test_both_namespaces_of_the_paper_are_mapped_alike() -> None:
    (path,) = [path for path in ALIGNMENTS if path.stem == "nnet"]
    new = "https://w3id.org/tinyml-schema/neural-network-schema#"
    old = "http://tinyml-schema.org/networkschema#"
    said = {start: set() for start in (new, old)}  # type: dict[str, set[tuple[str, str, str]]]
    for subject, relation, other in mappings(path):
        start = new if other.startswith(new) else old
        said[start].add((subject, relation, other.removeprefix(start)))
    assert said[new] == said[old]
    assert said[new]
