"""A query with values in the place of variables gives the rows that bound variables give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Variable

from fitgraph.ontology.errors import OntologyError
from fitgraph.registry.bound_query import bind
from fitgraph.registry.triples.terms import Term

A, B, P, Q = (NamedNode(f"https://example.org/{name}") for name in "abpq")
ODD = 'a "quoted" text # with ?x and } and \\ and \n in it'

STORE = pyoxigraph.Store()
for quad in (
    Quad(A, P, Literal(1)),
    Quad(A, P, Literal(2)),
    Quad(B, P, Literal(3)),
    Quad(A, Q, B),
    Quad(B, Q, Literal(ODD)),
):
    STORE.add(quad)

PREFIX = "PREFIX : <https://example.org/>\n"


def rows(sparql: str, bindings: Mapping[str, Term] | None = None) -> Counter[tuple[str, ...]]:
    """Rows with their columns in order of their names."""
    substitutions = {Variable(name): term for name, term in (bindings or {}).items()}
    found = STORE.query(sparql, substitutions=substitutions)
    assert isinstance(found, QuerySolutions)
    names = sorted(variable.value for variable in found.variables)
    return Counter(tuple(str(solution[name]) for name in names) for solution in found)


@pytest.mark.parametrize(
    ("query", "bindings"),
    [
        ("SELECT ?x ?n { ?x :p ?n }", {"x": A}),
        ("SELECT DISTINCT ?x { ?x :p ?n } ORDER BY ?x", {"x": A}),
        ("SELECT ?n ?least { ?x :p ?n FILTER (?n >= ?least) }", {"least": Literal(2)}),
        ("SELECT ?x ?n { ?x :q ?y OPTIONAL { ?x :p ?n FILTER (?n > 1) } }", {"x": B}),
        ("SELECT ?x (COUNT(?n) AS ?count) { ?x :p ?n } GROUP BY ?x", {"x": A}),
        ("SELECT ?x ?m { { SELECT ?x (MAX(?n) AS ?m) { ?x :p ?n } GROUP BY ?x } }", {"x": A}),
        ("SELECT ?x ?y { ?x :p ?n { SELECT ?y { ?x :q ?y } } }", {"x": B}),
        (
            """SELECT ?x ?m { { SELECT ?x (MIN(?l) AS ?m) {
                 { SELECT ?x ?n (MAX(?n) AS ?l) { ?x :p ?n } GROUP BY ?x ?n }
               } GROUP BY ?x } }""",
            {"x": A},
        ),
        ("SELECT ?x ?y { { SELECT * { ?x :q ?y } } }", {"x": A}),
        ("SELECT ?x { ?x :p ?n FILTER NOT EXISTS { ?x :q :b } }", {"x": A}),
        ("SELECT ?x { { ?x :p 3 } UNION { ?x :q :b } }", {"x": A}),
        ("SELECT ?s ?x { ?s :q ?x } # not ?x", {"x": Literal(ODD)}),
        ('SELECT ?s ?x { ?s :q ?x FILTER (STR(?x) != "?x }") }', {"x": Literal(ODD)}),
        ("SELECT ?s ?x { ?s :q ?x FILTER (?x != <https://example.org/?x>) }", {"x": B}),
        ("SELECT ?x (?n + ?x AS ?sum) { ?s :p ?n }", {"x": Literal(40)}),
        ("SELECT $x ?n WHERE { $x :p ?n }", {"x": A}),
        ("SELECT ?x ?xy { ?x :q ?xy }", {"x": A}),
        ("SELECT ?x ?y { { SELECT DISTINCT ?x { ?x :p ?n } } ?x :q ?y }", {"x": B}),
        ("SELECT ?x { GRAPH ?g { ?x :p ?n } }", {"x": A}),
    ],
)
def test_a_value_in_the_place_of_a_variable_gives_the_same_rows(
    query: str, bindings: Mapping[str, Term]
) -> None:
    assert rows(bind(PREFIX + query, bindings)) == rows(PREFIX + query, bindings)


@given(st.text())
def test_no_text_breaks_out_of_its_place(text: str) -> None:
    try:
        value = Literal(text)
    except ValueError:  # a lone surrogate
        return
    query = f"{PREFIX}SELECT ?s ?x {{ ?s :q ?x }}"
    assert rows(bind(query, {"x": value})) == rows(query, {"x": value})


def test_a_query_without_values_stays_as_it_is() -> None:
    assert bind("not even ?sparql {", {}) == "not even ?sparql {"


def test_ask_and_construct_take_values_too() -> None:
    assert STORE.query(bind(f"{PREFIX}ASK {{ ?x :p 3 }}", {"x": B}))
    assert not STORE.query(bind(f"{PREFIX}ASK {{ ?x :p 3 }}", {"x": A}))
    triples = STORE.query(bind(f"{PREFIX}CONSTRUCT {{ ?x :r ?n }} {{ ?x :p ?n }}", {"x": B}))
    assert [str(triple.subject) for triple in triples] == [str(B)]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT ?n { ?x :p ?n }", "not projected"),
        ("SELECT ?x { ?s :p ?n BIND (1 AS ?x) }", "value of its own"),
        ("SELECT ?x ?y { ?x :q ?y MINUS { ?x :p 3 } }", "NOT EXISTS"),
        ("SELECT ?x { VALUES ?x { :a } ?x :p ?n }", "value of its own"),
    ],
)
def test_a_variable_that_cannot_be_replaced_is_refused(query: str, reason: str) -> None:
    with pytest.raises(OntologyError) as caught:
        bind(PREFIX + query, {"x": A})
    assert reason in f"{caught.value} {caught.value.hint}"


def test_a_blank_node_is_no_value() -> None:
    with pytest.raises(OntologyError, match="cannot be bound"):
        bind("SELECT ?x { ?x ?p ?o }", {"x": BlankNode("b")})
