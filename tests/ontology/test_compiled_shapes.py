"""Compiled shapes find what pySHACL finds, and refuse what they would not check."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from fitgraph.ontology.namespaces import FG, RDF, XSD
from fitgraph.ontology.shacl import UnsupportedShapeError, compile_shapes
from fitgraph.ontology.shacl_values import shown
from fitgraph.ontology.subgraph import Subgraph, Term
from fitgraph.ontology.validate import KINDS, shape_triples
from fitgraph.ontology.violation import Violation
from tests.support.pyshacl_oracle import pyshacl_violations

FILES = sorted((Path(__file__).parent / "shapes").glob("*/*.ttl"))
GOOD = [path for path in FILES if path.parent.name == "good"]

SHAPES_PROLOGUE = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX : <https://example.org/>
"""


def triples_of(path: Path) -> frozenset[Triple]:
    return frozenset(quad.triple for quad in parse(path=path, format=RdfFormat.TURTLE))


def kind_of(path: Path) -> str:
    return path.stem.split("-", maxsplit=1)[0]


def found(triples: frozenset[Triple], kind: str) -> set[Violation]:
    return set(compile_shapes(shape_triples(kind)).violations(Subgraph(triples)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_gets_the_violations_that_pyshacl_finds(path: Path) -> None:
    triples = triples_of(path)
    assert found(triples, kind_of(path)) == pyshacl_violations(triples, kind_of(path))


VALUES: st.SearchStrategy[Term] = st.one_of(
    st.integers(-2, 2**33).map(Literal),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda x: Literal(float(x))),
    st.booleans().map(Literal),
    st.sampled_from(["", "x", "x y", "a" * 65, "[1,2]", "int8", "9f" * 32]).map(Literal),
    st.sampled_from(["float", "sram", "flash", "guessedPart", "exactPart", "measured"]).map(
        lambda name: NamedNode(FG + name)
    ),
    st.sampled_from(["isa/armv6-m", "model/" + "9f" * 32, "model/9f", "mcu/x"]).map(
        lambda name: NamedNode("https://w3id.org/fitgraph/id/" + name)
    ),
    st.just(Literal("x", language="en")),
    st.just(Literal("many", datatype=NamedNode(f"{XSD}integer"))),
    st.just(Literal("2026-11-21T09:30:00Z", datatype=NamedNode(f"{XSD}dateTime"))),
    st.just(Literal("1.5", datatype=NamedNode(f"{XSD}decimal"))),
)


@st.composite
def changed_resources(draw: st.DrawFn) -> tuple[str, frozenset[Triple]]:
    """A good file with some triples left out, given another value, or given a second one."""
    path = draw(st.sampled_from(GOOD))
    triples = sorted(triples_of(path), key=str)
    picked = draw(st.lists(st.sampled_from(triples), min_size=1, max_size=4, unique_by=str))
    result = set(triples)
    for triple in picked:
        change = draw(st.sampled_from(["leave out", "put in place", "add"]))
        if change != "add":
            result.discard(triple)
        if change != "leave out":
            taken = draw(st.one_of(VALUES, st.sampled_from([t.object for t in triples])))
            result.add(Triple(triple.subject, triple.predicate, taken))
    return kind_of(path), frozenset(result)


@given(changed_resources())
@settings(max_examples=250, deadline=None)
def test_changed_resources_get_the_violations_that_pyshacl_finds(
    resource: tuple[str, frozenset[Triple]],
) -> None:
    kind, triples = resource
    mine = found(triples, kind)
    try:
        theirs = pyshacl_violations(triples, kind)
    except TypeError:  # pySHACL breaks off where sh:lessThanOrEquals meets a text and a number
        assert mine
        return
    # A number and what is none cannot be compared, which breaks the rule; pySHACL orders them.
    incomparable = {v for v in mine - theirs if v.path in paths_that_compare(kind)}
    assert mine - incomparable == theirs
    assert bool(mine) == bool(theirs)


def paths_that_compare(kind: str) -> set[str]:
    graph = Subgraph(shape_triples(kind))
    compare = NamedNode("http://www.w3.org/ns/shacl#lessThanOrEquals")
    path = NamedNode("http://www.w3.org/ns/shacl#path")
    return {shown(graph.value(shape, path)) for shape in graph.subjects(compare)}


@pytest.mark.parametrize("kind", KINDS)
def test_many_resources_at_once_get_the_violations_of_each(kind: str) -> None:
    files = [triples_of(path) for path in FILES if kind_of(path) == kind]
    renamed = [_renamed(triples, f"-{number}") for number, triples in enumerate(files)]
    together = found(frozenset().union(*renamed), kind)
    assert together == set().union(*(found(triples, kind) for triples in renamed))


def _renamed(triples: frozenset[Triple], suffix: str) -> frozenset[Triple]:
    """The same resource under another IRI, so that several stand in one graph."""
    own = {triple.subject for triple in triples}

    def name(term: Term) -> Term:
        return (
            NamedNode(term.value + suffix) if term in own and isinstance(term, NamedNode) else term
        )

    return frozenset(Triple(name(t.subject), t.predicate, name(t.object)) for t in triples)  # type: ignore[arg-type]


def test_a_name_that_ends_with_a_line_feed_is_no_slug() -> None:
    """``$`` is the end of the text in XPath, which SHACL refers to; Python allows a line feed."""
    path = next(path for path in GOOD if path.stem == "board")
    name = NamedNode(f"{FG}name")
    triples = frozenset(
        Triple(t.subject, t.predicate, Literal(t.object.value + "\n"))
        if t.predicate == name and isinstance(t.object, Literal)
        else t
        for t in triples_of(path)
    )
    assert [violation.path for violation in found(triples, "board")] == [name.value]


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (":s sh:targetClass :C ; sh:closed true ; sh:message 'm' .", "sh:closed"),
        (":s sh:targetClass :C ; sh:sparql [ sh:select 'SELECT' ] ; sh:message 'm' .", "sh:sparql"),
        (":s sh:targetNode :c ; sh:message 'm' .", "no target"),
        (":s sh:targetClass :C ; sh:nodeKind sh:IRI .", "no sh:message"),
        (":s sh:targetClass :C ; sh:nodeKind sh:IRI ; sh:message 'm', 'n' .", "two values"),
        (":s sh:targetClass :C ; sh:nodeKind sh:Iri ; sh:message 'm' .", "sh:nodeKind"),
        (":s sh:targetClass :C ; sh:not :s ; sh:message 'm' .", "refers to itself"),
        (":s sh:targetClass :C ; sh:property [ sh:path [ sh:inversePath :p ] ] .", "paths"),
        (":s sh:targetClass :C ; sh:property [ sh:path (:p :q) ] .", "paths"),
        (":s sh:targetClass :C ; sh:pattern '(' ; sh:message 'm' .", "sh:pattern"),
        (":s sh:targetClass :C ; sh:pattern 'x' ; sh:flags 'x' ; sh:message 'm' .", "sh:flags"),
        (":s sh:targetClass :C ; sh:datatype xsd:duration ; sh:message 'm' .", "sh:datatype"),
        (":s sh:targetClass :C ; sh:minCount 'one' ; sh:message 'm' .", "sh:minCount"),
        (":s sh:targetClass :C ; sh:qualifiedMinCount 1 ; sh:message 'm' .", "without"),
        (":s sh:targetClass :C ; sh:severity sh:Info ; sh:message 'm' .", "sh:severity"),
        (":s sh:targetClass :C ; sh:deactivated true .", "sh:deactivated"),
    ],
)
def test_a_shape_that_would_not_be_checked_is_refused(shape: str, reason: str) -> None:
    with pytest.raises(UnsupportedShapeError, match="cannot be checked") as caught:
        compile_shapes(quad.triple for quad in parse(SHAPES_PROLOGUE + shape, RdfFormat.TURTLE))
    assert reason in caught.value.message


def test_an_individual_of_a_subclass_is_an_individual_of_the_class() -> None:
    data = f"""
        PREFIX : <https://example.org/>
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        :D rdfs:subClassOf :C . :C rdfs:subClassOf :D . :E rdfs:subClassOf :D .
        :e <{RDF}type> :E .
    """
    shapes = compile_shapes(
        quad.triple
        for quad in parse(
            SHAPES_PROLOGUE + ":s sh:targetClass :C ; sh:property :r . "
            ":r sh:path :p ; sh:minCount 1 ; sh:message 'm' .",
            RdfFormat.TURTLE,
        )
    )
    graph = Subgraph(quad.triple for quad in parse(data, RdfFormat.TURTLE))
    assert [violation.message for violation in shapes.violations(graph)] == ["m"]
