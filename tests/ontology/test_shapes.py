"""Every good file passes the shapes of its kind, and every bad one fails for its stated reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse
from rdflib import OWL, RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.namespace import SH

from fitgraph.ontology.errors import OntologyError
from fitgraph.ontology.files import MODULES, OPERATOR_SCHEMES, SHAPES_FOLDER
from fitgraph.ontology.namespaces import FG, SHAPES
from fitgraph.ontology.validate import KINDS, shape_triples, validate
from fitgraph.registry.isa import ISA_CLASSES
from fitgraph.registry.triples.isa_class import isa_class_to_triples
from tests.support.pyshacl_oracle import shapes

FOLDER = Path(__file__).parent / "shapes"
GOOD = sorted((FOLDER / "good").glob("*.ttl"))
BAD = sorted((FOLDER / "bad").glob("*.ttl"))

#: Classes without a shape, for two reasons: nobody writes individuals of a fixed list, which the
#: vocabulary has whole; and what a build delivers is written as one of the subclasses.
FIXED_LISTS = {
    "ClaimStatus",
    "Constraint",
    "DType",
    "Evidence",
    "McuLinkKind",
    "RadioKind",
    "RegionKind",
    "RemedyKind",
    "SensorKind",
    "Verdict",
}
WRITTEN_AS_A_SUBCLASS = {"Artifact"}


def triples_of(path: Path) -> frozenset[Triple]:
    return frozenset(quad.triple for quad in parse(path=path, format=RdfFormat.TURTLE))


def kind_of(path: Path) -> str:
    return path.stem.split("-")[0]


def expectation(path: Path) -> tuple[str, str]:
    """Local name of the path, and part of the message, from the file's first line."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    name, _, message = first.removeprefix("# Violates: ").partition(" | ")
    return name.strip(), message.strip()


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_file_has_no_violation(path: Path) -> None:
    assert validate(triples_of(path), kind_of(path)) == ()


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_caught_for_its_stated_reason(path: Path) -> None:
    name, message = expectation(path)
    violations = validate(triples_of(path), kind_of(path))
    found = [
        violation
        for violation in violations
        if message in violation.message and violation.path.endswith(name)
    ]
    assert found, f"wanted {name!r} and {message!r}, got {[str(v) for v in violations]}"


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_of_a_shape_is_broken_by_a_bad_file_that_names_it(kind: str) -> None:
    """Shapes of parts serve several kinds: a file of one of them is enough."""
    named = {(name, text) for name, text in map(expectation, BAD)}
    rules = set(shapes(kind).subjects(RDF.type, SH.PropertyShape))
    unbroken = [
        message
        for rule in rules
        for message, path in [
            (shapes(kind).value(rule, SH.message), shapes(kind).value(rule, SH.path))
        ]
        if not any(str(path).endswith(name) and text in str(message) for name, text in named)
    ]
    assert unbroken == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_good_and_several_bad_files(kind: str) -> None:
    assert [path for path in GOOD if kind_of(path) == kind]
    assert len([path for path in BAD if kind_of(path) == kind]) >= 2


def test_every_shape_file_belongs_to_a_kind() -> None:
    used = {triple.subject for kind in KINDS for triple in shape_triples(kind)}
    for path in SHAPES_FOLDER.glob("*.ttl"):
        named = {t.subject for t in triples_of(path) if isinstance(t.subject, NamedNode)}
        assert named, path
        assert named <= used, path


@pytest.mark.parametrize("kind", KINDS)
def test_every_rule_has_a_message(kind: str) -> None:
    graph = shapes(kind)
    rules = set(graph.subjects(RDF.type, SH.PropertyShape))
    assert rules
    assert {rule for rule in rules if graph.value(rule, SH.message) is None} == set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_shape_is_used_by_a_node_shape(kind: str) -> None:
    graph = shapes(kind)
    named = set(graph.subjects(RDF.type, SH.PropertyShape))
    assert named == {rule for rule in graph.objects(None, SH.property) if isinstance(rule, URIRef)}


def test_rules_list_exactly_the_individuals_that_the_vocabulary_has() -> None:
    known = vocabulary()
    fg, fgsh = Namespace(FG), Namespace(SHAPES)
    for kind, rule, individuals in (
        ("board", "MemoryRegion-regionKind", fg.RegionKind),
        ("footprint", "Footprint-evidence", fg.Evidence),
        ("runtime", "Runtime-footprintFrom", fg.Evidence),
        ("model", "OperatorUse-dtype", fg.DType),
        ("runtime", "OperatorSupport-dtype", fg.DType),
        ("match", "Match-verdict", fg.Verdict),
        ("match", "Match-evidence", fg.Evidence),
        ("match", "ConstraintResult-constraint", fg.Constraint),
        ("match", "ConstraintResult-evidence", fg.Evidence),
        ("match", "Remedy-remedyKind", fg.RemedyKind),
    ):
        members = shapes(kind).value(fgsh[rule], SH["in"])
        assert members is not None
        listed = set(Collection(shapes(kind), members))
        assert listed == set(known.subjects(RDF.type, individuals)), rule
    pattern = str(shapes("model").value(fgsh["Tensor-dtype"], SH.pattern))
    listed = {fg[name] for name in pattern.partition("(")[2].rstrip(")$").split("|")}
    assert listed == set(known.subjects(RDF.type, fg.DType))


def vocabulary() -> Graph:
    graph = Graph()
    for module in MODULES:
        graph.parse(module)
    return graph


def test_every_class_has_a_shape_or_a_reason_to_have_none() -> None:
    """What anybody writes into a graph can be held against a rule."""
    classes = {str(c).removeprefix(FG) for c in vocabulary().subjects(RDF.type, OWL.Class)}
    targets = {
        str(target).removeprefix(FG)
        for kind in KINDS
        for target in shapes(kind).objects(None, SH.targetClass)
    }
    assert classes - targets == FIXED_LISTS | WRITTEN_AS_A_SUBCLASS
    assert targets <= classes


def test_a_class_of_a_fixed_list_has_its_individuals_in_the_vocabulary() -> None:
    graph = vocabulary()
    fg = Namespace(FG)
    for name in FIXED_LISTS:
        assert len(list(graph.subjects(RDF.type, fg[name]))) > 1, name


def test_every_isa_class_satisfies_its_shape() -> None:
    triples = [triple for isa in ISA_CLASSES.values() for triple in isa_class_to_triples(isa)]
    assert validate(triples, "isa") == ()


@pytest.mark.parametrize("path", OPERATOR_SCHEMES, ids=lambda path: path.stem)
def test_every_operator_of_a_scheme_and_its_set_satisfy_their_shapes(path: Path) -> None:
    assert validate(triples_of(path), "operator") == ()


def test_a_graph_without_a_resource_of_the_kind_does_not_pass() -> None:
    (violation,) = validate((), "board")
    assert "is of class" in violation.message


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(OntologyError) as caught:
        validate((), "toaster")
    assert "board" in caught.value.hint


def test_a_violation_reads_as_one_line() -> None:
    (violation,) = validate(triples_of(FOLDER / "bad" / "board-with-a-clock-of-zero.ttl"), "board")
    assert str(violation) == (
        "example-board: clockHz is '0': The clock of a board is a positive number of hertz."
    )
