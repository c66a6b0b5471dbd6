"""A query of any form is answered, cut where it gives too much, and stopped when it is time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.ontology.errors import OntologyError
from fitgraph.registry.answer import Kind, QueryStoppedError, ask
from fitgraph.registry.endpoint import Place, endpoint
from fitgraph.registry.errors import NotFoundError, StorageError
from fitgraph.registry.iris import Iri
from fitgraph.registry.store import EmbeddedStore
from tests.support.oxigraph_server import oxigraph_server

A, B = Iri("https://example.org/a"), Iri("https://example.org/b")
P = NamedNode("https://example.org/p")
#: Of 300 triples, 7 * 10^14 rows.
ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " . ".join(f"?s{i} ?p{i} ?o{i}" for i in range(6)) + " }"


def triples(iri: str, count: int) -> list[Triple]:
    return [Triple(NamedNode(iri), P, Literal(number)) for number in range(count)]


@pytest.fixture(scope="module", params=["folder", "server"])
def where(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """A store of 300 triples in two graphs, in a folder and on a server."""
    folder = tmp_path_factory.mktemp("answers")
    with EmbeddedStore.open(folder / "graph") as store:
        store.write({A: triples(A, 200), B: triples(B, 100)})
    if request.param == "folder":
        yield folder
        return
    with oxigraph_server(folder / "graph") as server:
        yield endpoint(server.url, {})


def test_each_form_of_query_has_its_kind_of_answer(where: Place) -> None:
    rows = ask(where, f"SELECT ?s ?x ?o {{ ?s ?p ?o FILTER(?o = 7 && ?s = <{A}>) }}")
    assert (rows.kind, rows.variables) == (Kind.ROWS, ("s", "x", "o"))
    assert rows.rows == ((NamedNode(A), None, Literal(7)),)
    assert ask(where, "ASK { ?s ?p 199 }").truth
    assert not ask(where, "ASK { ?s ?p 200 }").truth
    assert set(ask(where, f"DESCRIBE <{B}>").triples) == set(triples(B, 100))
    assert len(ask(where, "CONSTRUCT { ?s a ?p } WHERE { ?s ?p ?o }").triples) == 2


def test_an_answer_is_cut_where_it_was_to_end_and_says_so(where: Place) -> None:
    cut = ask(where, "SELECT * { ?s ?p ?o }", max_results=299)
    assert (len(cut.rows), cut.is_cut) == (299, True)
    whole = ask(where, "SELECT * { ?s ?p ?o }", max_results=300)
    assert (len(whole.rows), whole.is_cut) == (300, False)


def test_a_query_that_names_its_graph_sees_that_graph_alone(where: Place) -> None:
    if not isinstance(where, Path):
        pytest.skip("what a server does with FROM is its own")
    for query in (
        "SELECT * FROM <$b> { ?s ?p ?o }",
        "SELECT * FROM NAMED <$b> { GRAPH ?g { ?s ?p ?o } }",
        "SELECT * { GRAPH <$b> { ?s ?p ?o } }",
    ):
        assert len(ask(where, query.replace("$b", B)).rows) == 100


def test_a_query_that_does_not_end_is_stopped_and_lets_go_of_the_store(where: Place) -> None:
    start = time.monotonic()
    with pytest.raises(QueryStoppedError, match=r"stopped after 1\.5 seconds") as caught:
        ask(where, ENDLESS, timeout_s=1.5)
    assert time.monotonic() - start < 60
    assert caught.value.exit_code == 3
    if isinstance(where, Path):
        EmbeddedStore.open(where / "graph").close()


def test_a_mistake_is_told_with_its_line_and_column(where: Place) -> None:
    with pytest.raises(OntologyError, match=r"2:6|line 2, column 6"):
        ask(where, "SELECT *\n{ ! }")
    with pytest.raises(OntologyError, match="is an update"):
        ask(where, "DROP ALL")
    with pytest.raises(OntologyError, match="asks another server"):
        ask(where, "ASK { SERVICE <http://127.0.0.1:1/> {} }")


def test_a_server_that_is_allowed_and_does_not_answer_is_told(tmp_path: Path) -> None:
    EmbeddedStore.open(tmp_path / "graph").close()
    query = "SELECT * { SERVICE <http://localhost:1/> { ?s ?p ?o } }"
    with pytest.raises(StorageError, match="broke off"):
        ask(tmp_path, query, allowed_hosts=["localhost:1"])


def test_a_store_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no store"):
        ask(tmp_path, "ASK {}")
