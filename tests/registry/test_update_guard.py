"""Which updates are let in, and about which graphs they then are."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fitgraph.ontology.errors import OntologyError
from fitgraph.registry.update_guard import check_update, with_dataset


@pytest.mark.parametrize(
    "update",
    [
        "",
        "# LOAD <http://a/b>",
        "INSERT DATA { GRAPH <urn:g> { <urn:load> <urn:service> 'LOAD <x>; SERVICE <y>' } }",
        "PREFIX load: <urn:load> DELETE WHERE { GRAPH ?g { load:service ?p ?o } }",
        "BASE <urn:a> DROP SILENT GRAPH <b> ; CLEAR ALL",
        "DELETE { ?s ?p ?o } INSERT { ?s ?p ?load } WHERE { GRAPH ?service { ?s ?p ?o, ?load } }",
    ],
)
def test_an_update_that_stays_here_is_let_in(update: str) -> None:
    check_update(update)


@pytest.mark.parametrize(
    "update",
    [
        "LOAD <http://a/b>",
        "load silent <http://a/b> INTO GRAPH <urn:g>",
        "CLEAR ALL ; LOAD <http://a/b>",
        "INSERT { GRAPH <urn:g> { ?s ?p ?o } } WHERE { SERVICE <http://a/b> { ?s ?p ?o } }",
        "INSERT { GRAPH <urn:g> { ?s ?p ?o } } WHERE { BIND(trueservice AS ?x) }",
        "INSERT { GRAPH <urn:g> { ?s <urn:p> 1 } } WHERE { FILTER(true)SERVICE ?a {?s ?p ?o} }",
        "CLEAR EVERYTHING",
        "SELECT * { ?s ?p ?o }",
    ],
)
def test_an_update_that_asks_elsewhere_or_is_none_is_refused(update: str) -> None:
    with pytest.raises(OntologyError):
        check_update(update)


def test_a_syntax_error_is_told_with_its_place() -> None:
    with pytest.raises(OntologyError, match="line 3, column 14"):
        check_update("CLEAR ALL ;\n\nCLEAR EVERYTHING")


def test_graphs_of_the_request_go_into_every_operation_that_looks() -> None:
    text = "DELETE WHERE { ?a ?b ?c } ; INSERT { ?s ?p 'WHERE' } # WHERE\n WHERE { ?s ?p ?o }"
    assert with_dataset(text, ("urn:d",), ("urn:n",)) == (
        "DELETE WHERE { ?a ?b ?c } ; INSERT { ?s ?p 'WHERE' } # WHERE\n "
        "USING <urn:d> USING NAMED <urn:n> WHERE { ?s ?p ?o }"
    )


@pytest.mark.parametrize("word", ["WITH <urn:a>", "using <urn:a>"])
def test_graphs_that_are_named_twice_are_refused(word: str) -> None:
    before, after = (word, "") if word.startswith("W") else ("", word)
    with pytest.raises(OntologyError, match="twice"):
        with_dataset(f"{before} INSERT {{ ?s ?p 1 }} {after} WHERE {{ ?s ?p ?o }}", ("urn:d",), ())


@given(st.text())
def test_any_text_is_let_in_or_refused_and_never_run(text: str) -> None:
    with suppress(OntologyError):
        check_update(text)
