"""A query that somebody hands us reads the graph, and reaches no other server."""

from __future__ import annotations

from contextlib import suppress

import pytest
from pyoxigraph import Store

from fitgraph.ontology.errors import OntologyError
from fitgraph.registry.query_guard import check_query
from fitgraph.registry.query_tokens import names_graphs
from tests.support.rude_server import Answer, rude_server

HARMLESS = (
    "SELECT * { ?s ?p 'SERVICE <http://host/> {}' } # SERVICE <http://host/> { }",
    "PREFIX service: <https://example.org/service#> SELECT ?service { ?service a service:Service }",
    'SELECT * { ?s ?p """ SERVICE <http://host/> {} """@en-service }',
    "SELECT * { GRAPH <https://example.org/service> { ?s <https://example.org/service#p> ?o } }",
    r"PREFIX e: <a:> SELECT * { ?s e:a\#service ?o }",
)
#: Each is a query to the engine, and some hide their order from a look at words.
ORDERS = (
    "ASK { SERVICE <$url> { ?s ?p ?o } }",
    "ask{service silent<$url>{}}",
    "ASK { OPTIONAL { SELECT * { SERVICE <$url> { ?s ?p ?o } } } }",
    "ASK { VALUES ?x { <$url> } SERVICE ?x { ?s ?p ?o } }",
    "BASE <$url> ASK { SERVICE <> { ?s ?p ?o } }",
    "PREFIX : <$url> ASK { SERVICE:x {} }",
    "PREFIX e: <a:> ASK { BIND (e:.1 AS ?x) SERVICE <$url> {} }",
    r"PREFIX e: <a:> ASK { VALUES ?x { e:a\# } SERVICE <$url> {} }",
    "ASK { VALUES ?x { 1 } FILTER(?x<2)SERVICE#>\n<$url> {} }",
    "ASK { VALUES ?x { 'a' } FILTER(?x<'>') SERVICE <$url> { ?s ?p 'x' } }",
    "ASK { VALUES ?x { true } FILTER(?x) SERVICE <$url> {} } # '''",
    "# comment\rASK { SERVICE <$url> {} }",
    "ASK { VALUES ?x { <a:b> } FILTER NOT EXISTS { SERVICE <$url> { ?x ?x ?x } } }",
)


@pytest.mark.parametrize("query", HARMLESS)
def test_the_word_service_in_strings_comments_and_names_is_let_pass(query: str) -> None:
    check_query(query)


@pytest.mark.parametrize("query", ORDERS)
def test_no_other_server_hears_of_a_query_that_passed(query: str) -> None:
    with rude_server(Answer()) as server:
        text = query.replace("$url", server.url)
        with suppress(OntologyError):
            check_query(text)
            Store().query(text)
        assert server.requests == []


@pytest.mark.parametrize("query", ORDERS[:4])
def test_a_query_to_another_server_is_refused_with_its_host(query: str) -> None:
    with pytest.raises(OntologyError, match="asks another server") as caught:
        check_query(query.replace("$url", "https://host.example:8443/sparql"))
    assert "--allow-service" in caught.value.hint


def test_a_query_to_a_server_that_is_allowed_passes_and_no_other_does() -> None:
    allowed = "SELECT * { SERVICE SILENT <https://host.example/sparql> { ?s ?p ?o } }"
    check_query(allowed, ["HOST.example"])
    with pytest.raises(OntologyError, match=r"other\.example"):
        check_query(
            allowed.replace("?s ?p ?o", "SERVICE <https://other.example/> {}"), ["host.example"]
        )


@pytest.mark.parametrize(
    "address",
    ["https://host.example@evil/", "https://host.example.evil/", "ftp://host.example/"],
)  # fmt: skip
def test_an_address_that_only_looks_like_an_allowed_host_is_refused(address: str) -> None:
    with pytest.raises(OntologyError, match="asks another server"):
        check_query(f"ASK {{ SERVICE <{address}> {{}} }}", ["host.example"])


def test_an_order_that_is_spelled_with_escapes_is_refused() -> None:
    with pytest.raises(OntologyError, match="asks another server"):
        check_query(r"ASK { \u0053ERVICE <https://host/> {} }")


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <a:b> <a:b> 1 }",
        "PREFIX a: <a:> # SELECT\nDELETE WHERE { ?s ?p ?o }",
        "clear all",
    ],
)
def test_an_update_is_refused_as_one(update: str) -> None:
    with pytest.raises(OntologyError, match="is an update"):
        check_query(update)


def test_a_mistake_beside_the_word_service_is_told_with_its_place() -> None:
    with pytest.raises(OntologyError, match="line 2, column"):
        check_query("SELECT ?service {\n!")


def test_a_query_that_names_its_graphs_is_told_from_one_that_only_says_from() -> None:
    assert names_graphs("SELECT * FROM <a:b> { ?s ?p ?o }")
    assert names_graphs("ASK from named<a:b> {}")
    assert not names_graphs("SELECT ?from { ?from <a:from> 'FROM' } # FROM")
