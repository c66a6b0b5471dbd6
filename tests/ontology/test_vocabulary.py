"""The vocabulary is complete, canonical and consistent with the files that use it."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, SKOS
from rdflib.term import BNode, Node

from fitgraph.ontology.canonical import canonical, main
from fitgraph.ontology.errors import OntologyError
from fitgraph.ontology.files import FOLDER, MODULES, SHAPES_FOLDER
from fitgraph.ontology.namespaces import FG, ONTOLOGY, XSD

SCHEMA = Namespace("https://schema.org/")
QUDT = Namespace("http://qudt.org/schema/qudt/")
UNIT = Namespace("http://qudt.org/vocab/unit/")

TURTLE = sorted(FOLDER.rglob("*.ttl"))
FILLERS = frozenset(["a", "an", "and", "for", "in", "is", "of", "or", "that", "the", "this", "to"])
PROPERTIES = (OWL.ObjectProperty, OWL.DatatypeProperty)


@pytest.fixture(scope="module")
def vocabulary() -> Graph:
    graph = Graph()
    for module in MODULES:
        graph.parse(module)
    return graph


def own_terms(graph: Graph) -> list[URIRef]:
    return sorted(
        {term for term in graph.subjects() if isinstance(term, URIRef) and term.startswith(FG)}
    )


def words(text: Node | None) -> set[str]:
    """Words with a meaning, in lower case."""
    return set(re.findall(r"[a-z0-9-]+", str(text).lower())) - FILLERS


@pytest.mark.parametrize("path", TURTLE, ids=lambda path: path.stem)
def test_turtle_is_canonical(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert canonical(text) == text, f"run: python -m fitgraph.ontology.canonical {path}"


@pytest.mark.parametrize("path", TURTLE, ids=lambda path: path.stem)
def test_the_canonical_form_says_the_same(path: Path) -> None:
    graph = Graph().parse(path)
    shuffled = graph.serialize(format="ntriples")
    assert isomorphic(Graph().parse(data=canonical(shuffled), format="turtle"), graph)


def test_a_file_is_rewritten_canonically_in_place(tmp_path: Path) -> None:
    path = tmp_path / "some.ttl"
    path.write_text('@prefix x: <http://example.org/> . x:b x:p "2" . x:a x:p "1" .')
    main([str(path)])
    assert path.read_text().index("x:a") < path.read_text().index("x:b")
    assert canonical(path.read_text()) == path.read_text()


def test_what_is_not_turtle_is_refused_in_one_sentence() -> None:
    with pytest.raises(OntologyError, match="not Turtle"):
        canonical("this is not Turtle")


def test_every_term_has_a_label_a_definition_a_source_and_a_module(vocabulary: Graph) -> None:
    needed = (RDFS.label, SKOS.definition, DCTERMS.source, RDFS.isDefinedBy)
    lacking = [
        (term, wanted)
        for term in own_terms(vocabulary)
        for wanted in needed
        if vocabulary.value(term, wanted) is None
    ]
    assert lacking == []


def test_labels_and_definitions_are_said_once_in_english(vocabulary: Graph) -> None:
    for term in own_terms(vocabulary):
        for said in (RDFS.label, SKOS.definition):
            (text,) = vocabulary.objects(term, said)
            assert getattr(text, "language", None) == "en", term


def test_every_definition_is_a_sentence(vocabulary: Graph) -> None:
    for definition in vocabulary.objects(None, SKOS.definition):
        assert re.match(r"[A-Z0-9].*[.]$", str(definition)), definition


def test_every_definition_says_more_than_its_label(vocabulary: Graph) -> None:
    """Who knows the label alone must learn something: two words at least that it does not have."""
    for term in own_terms(vocabulary):
        label = words(vocabulary.value(term, RDFS.label))
        assert len(words(vocabulary.value(term, SKOS.definition)) - label) >= 2, term


def test_no_two_terms_have_the_same_definition(vocabulary: Graph) -> None:
    said = [str(text) for text in vocabulary.objects(None, SKOS.definition)]
    assert sorted(said) == sorted(set(said))


def test_every_source_is_the_address_of_a_document(vocabulary: Graph) -> None:
    for term, source in vocabulary.subject_objects(DCTERMS.source):
        assert isinstance(source, URIRef), term
        assert re.fullmatch(r"https://[a-z0-9.-]+\.[a-z]+/\S*", str(source)), (term, source)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_module_is_an_ontology_with_a_version(path: Path) -> None:
    graph = Graph().parse(path)
    (module,) = graph.subjects(RDF.type, OWL.Ontology)
    version = graph.value(module, OWL.versionInfo)
    assert str(graph.value(module, OWL.versionIRI)) == f"{module}/{version}"
    for term in own_terms(graph):
        assert set(graph.objects(term, RDFS.isDefinedBy)) == {module}, term


def test_the_whole_imports_every_module(vocabulary: Graph) -> None:
    modules = set(vocabulary.subjects(RDF.type, OWL.Ontology)) - {URIRef(ONTOLOGY)}
    assert set(vocabulary.objects(URIRef(ONTOLOGY), OWL.imports)) == modules
    assert len(modules) == len(MODULES) - 1


def test_every_term_is_a_class_a_property_or_an_individual(vocabulary: Graph) -> None:
    kinds = {OWL.Class, OWL.NamedIndividual, *PROPERTIES}
    for term in own_terms(vocabulary):
        assert len(set(vocabulary.objects(term, RDF.type)) & kinds) == 1, term


def test_classes_begin_with_a_capital_and_properties_do_not(vocabulary: Graph) -> None:
    for term in own_terms(vocabulary):
        is_class = (term, RDF.type, OWL.Class) in vocabulary
        assert term.removeprefix(FG)[0].isupper() == is_class, term


def test_what_is_counted_in_bytes_says_so_and_is_an_integer(vocabulary: Graph) -> None:
    named = {term for term in own_terms(vocabulary) if term.endswith("Bytes")}
    in_bytes = set(vocabulary.subjects(QUDT.hasUnit, UNIT.BYTE))
    assert named == in_bytes
    assert {vocabulary.value(term, RDFS.range) for term in named} == {URIRef(f"{XSD}integer")}


def test_a_property_has_at_most_one_unit(vocabulary: Graph) -> None:
    with_unit = list(vocabulary.subjects(QUDT.hasUnit))
    assert len(with_unit) == len(set(with_unit))


def test_modules_relate_terms_of_ours_only(vocabulary: Graph) -> None:
    """What a term has to do with other vocabularies stands in an alignment, to load or to leave."""
    for relation in (RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass, RDFS.seeAlso):
        for _, broader in vocabulary.subject_objects(relation):
            assert str(broader).startswith(FG), broader
    for relation in (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.relatedMatch):
        assert not list(vocabulary.subject_objects(relation))


@pytest.mark.parametrize(
    ("strict", "loose"), [(RDFS.domain, SCHEMA.domainIncludes), (RDFS.range, SCHEMA.rangeIncludes)]
)
def test_every_property_says_what_it_is_of_and_what_its_values_are(
    vocabulary: Graph, strict: URIRef, loose: URIRef
) -> None:
    """By ``rdfs:domain`` where there is one class: several would mean all of them at once."""
    for term in chain.from_iterable(vocabulary.subjects(RDF.type, kind) for kind in PROPERTIES):
        said, included = set(vocabulary.objects(term, strict)), set(vocabulary.objects(term, loose))
        assert len(said) == (0 if included else 1), (term, said, included)


def test_members_of_a_list_are_in_one_scheme(vocabulary: Graph) -> None:
    schemes = set(vocabulary.subjects(RDF.type, SKOS.ConceptScheme))
    for term in vocabulary.subjects(RDF.type, OWL.NamedIndividual):
        if term not in schemes:
            assert len(set(vocabulary.objects(term, SKOS.inScheme)) & schemes) == 1, term


def test_a_scheme_holds_all_individuals_of_one_class_and_no_others(vocabulary: Graph) -> None:
    for scheme in vocabulary.subjects(RDF.type, SKOS.ConceptScheme):
        members = set(vocabulary.subjects(SKOS.inScheme, scheme))
        kinds = {kind for m in members for kind in vocabulary.objects(m, RDF.type)}
        (kind,) = kinds - {OWL.NamedIndividual}
        assert members == set(vocabulary.subjects(RDF.type, kind)), scheme


def test_the_vocabulary_describes_nobody_elses_terms(vocabulary: Graph) -> None:
    foreign = {s for s in vocabulary.subjects() if not str(s).startswith(ONTOLOGY)}
    assert foreign == set()


def test_the_vocabulary_has_no_blank_nodes(vocabulary: Graph) -> None:
    nodes: set[Node] = {node for triple in vocabulary for node in triple}
    assert not [node for node in nodes if isinstance(node, BNode)]


def test_terms_that_are_referred_to_exist(vocabulary: Graph) -> None:
    used = {
        node
        for triple in vocabulary
        for node in triple
        if isinstance(node, URIRef) and node.startswith(FG)
    }
    assert used <= set(own_terms(vocabulary)) | {URIRef(FG)}


@pytest.mark.parametrize("path", sorted(SHAPES_FOLDER.glob("*.ttl")), ids=lambda path: path.stem)
def test_shapes_use_terms_of_the_vocabulary_only(path: Path, vocabulary: Graph) -> None:
    used = {
        node
        for node in chain.from_iterable(Graph().parse(path))
        if isinstance(node, URIRef) and node.startswith(FG)
    }
    assert used <= set(own_terms(vocabulary))
