"""Concept schemes of operators: what the packages have, under the registry's IRIs, well linked."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import onnx.defs
import pyoxigraph
import pytest
import tflite
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import SKOS

from fitgraph.ontology.files import ALIGNMENTS, OPERATOR_LINKS, OPERATOR_SCHEMES
from fitgraph.ontology.namespaces import FG, OPERATORS
from fitgraph.ontology.operator_schemes import texts
from fitgraph.ontology.validate import validate
from fitgraph.registry.iris import operator_iri, operator_set_iri
from fitgraph.registry.triples.operator import operator_to_triples
from fitgraph.registry.triples.rdf import to_rdflib

ROOT = Path(__file__).resolve().parents[2]
ONNX, TFLITE = Namespace(f"{OPERATORS}onnx/"), Namespace(f"{OPERATORS}tflite/")
fg = Namespace(FG)


@pytest.fixture(scope="module")
def schemes() -> Graph:
    graph = Graph()
    for path in OPERATOR_SCHEMES:
        graph.parse(path)
    return graph


@pytest.fixture(scope="module")
def links() -> Graph:
    return Graph().parse(OPERATOR_LINKS)


@pytest.mark.parametrize("path", OPERATOR_SCHEMES, ids=lambda path: path.stem)
def test_the_locked_packages_give_the_same_bytes(path: Path) -> None:
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([\w-]+)==(\S+)", constraints, re.MULTILINE))
    package = path.stem
    if version(package) != locked[package]:
        pytest.skip(f"{package} {version(package)} is installed, {locked[package]} is locked")
    assert texts()[package] == path.read_text(encoding="utf-8"), (
        "run: python -m fitgraph.ontology.operator_schemes"
    )


def test_every_operator_of_the_packages_is_in_a_scheme(schemes: Graph) -> None:
    onnx_names = {f"{s.domain or 'onnx'}:{s.name}" for s in onnx.defs.get_all_schemas()}
    tflite_names = {
        f"tflite:{name}" for name in vars(tflite.BuiltinOperator) if not name.startswith("_")
    }
    wanted = onnx_names | tflite_names
    names = {str(name) for name in schemes.objects(None, fg.name)}
    assert wanted - names == {"tflite:CUSTOM", "tflite:PLACEHOLDER_FOR_GREATER_OP_CODES"}


def test_operators_have_the_iris_and_the_facts_that_the_registry_gives_them(
    schemes: Graph,
) -> None:
    facts = set(schemes)
    for operator in schemes.subjects(RDF.type, fg.Operator):
        name = str(schemes.value(operator, fg.name))
        assert str(operator) == operator_iri(name)
        assert set(to_rdflib(operator_to_triples(name))) <= facts


def test_an_operator_is_a_concept_of_the_scheme_that_is_its_set(schemes: Graph) -> None:
    for operator in schemes.subjects(RDF.type, fg.Operator):
        assert (operator, RDF.type, SKOS.Concept) in schemes
        (scheme,) = schemes.objects(operator, SKOS.inScheme)
        assert (scheme, RDF.type, SKOS.ConceptScheme) in schemes
        prefix = str(schemes.value(operator, fg.name)).partition(":")[0]
        assert str(scheme) == operator_set_iri(prefix)


@pytest.mark.parametrize("path", OPERATOR_SCHEMES, ids=lambda path: path.stem)
def test_schemes_pass_the_shapes_of_operators(path: Path) -> None:
    quads = pyoxigraph.parse(path=path, format=pyoxigraph.RdfFormat.TURTLE)
    assert validate((quad.triple for quad in quads), "operator") == ()


def test_versions_and_codes_are_those_of_the_packages(schemes: Graph) -> None:
    """Spot checks that anybody can look up in the operator sets' own documents."""
    assert set(schemes.objects(ONNX.Relu, fg.sinceVersion)) == {
        Literal(since) for since in (1, 6, 13, 14)
    }
    assert set(schemes.objects(ONNX.Upsample, fg.deprecatedInVersion)) == {Literal(10)}
    assert schemes.value(TFLITE.CONV_2D, fg.builtinCode) == Literal(3)
    assert schemes.value(TFLITE.GELU, fg.builtinCode) == Literal(150)


def test_links_join_operators_of_the_schemes(schemes: Graph, links: Graph) -> None:
    operators = set(schemes.subjects(RDF.type, fg.Operator))
    for one, relation, other in links:
        assert relation in {SKOS.exactMatch, SKOS.closeMatch}
        assert {one, other} <= operators, (one, other)
        assert str(one).startswith(ONNX)
        assert str(other).startswith(TFLITE)


def test_no_pair_is_linked_twice(links: Graph) -> None:
    exact = set(links.subject_objects(SKOS.exactMatch))
    assert exact.isdisjoint(links.subject_objects(SKOS.closeMatch))


def test_an_operator_of_tflite_is_exactly_one_of_onnx_at_most(links: Graph) -> None:
    """``skos:exactMatch`` is transitive: two would make two operators of ONNX the same."""
    others = list(links.objects(None, SKOS.exactMatch))
    assert len(others) == len(set(others))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Conv", "CONV_2D"),  # TFLite may fuse an activation; layouts differ
        ("Add", "ADD"),  # likewise
        ("Softmax", "SOFTMAX"),  # ONNX has an axis, TFLite a beta
        ("Elu", "ELU"),  # ONNX has an alpha
        ("Max", "MAXIMUM"),  # ONNX takes any number of inputs
        ("Reshape", "RESHAPE"),  # a 0 copies a dimension in ONNX
    ],
)
def test_what_differs_by_an_attribute_is_close_and_not_exact(
    links: Graph, one: str, other: str
) -> None:
    assert set(links.predicates(ONNX[one], TFLITE[other])) == {SKOS.closeMatch}


def test_operators_in_alignments_exist(schemes: Graph) -> None:
    aligned = {
        subject
        for path in ALIGNMENTS
        for subject in Graph().parse(path).subjects()
        if isinstance(subject, URIRef) and subject.startswith(OPERATORS)
    }
    assert aligned
    assert aligned <= set(schemes.subjects(RDF.type, fg.Operator))
