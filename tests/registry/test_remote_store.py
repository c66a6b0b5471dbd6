"""A store on a SPARQL server does what a store in a folder does."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.ontology.files import COMPETENCY_FOLDER, QUERIES_FOLDER
from fitgraph.registry.catalogue import open_registry
from fitgraph.registry.endpoint import endpoint
from fitgraph.registry.errors import InvalidRecordError, StorageError
from fitgraph.registry.iris import Iri
from fitgraph.registry.remote_store import RemoteStore
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.store_base import Row, Store
from fitgraph.registry.triples.terms import Term
from tests.support.oxigraph_server import OxigraphServer, oxigraph_server
from tests.support.small_registry import fill

REPOSITORY = Path(__file__).resolve().parents[2]
QUERIES = sorted(
    path
    for folder in (QUERIES_FOLDER, COMPETENCY_FOLDER, REPOSITORY / "matcher" / "queries")
    for path in folder.glob("*.rq")
)
P = NamedNode("https://example.org/p")
A, B = Iri("https://example.org/a"), Iri("https://example.org/b")

WRITE = """
import sys
from fitgraph.registry.endpoint import endpoint
from fitgraph.registry.remote_store import RemoteStore
from tests.registry.test_remote_store import graph, triples
with RemoteStore.open(endpoint(sys.argv[1], {})) as store:
    for number in range(40):
        store.write({graph(f"{sys.argv[2]}-{number}"): triples(50)})
"""


def graph(name: str) -> Iri:
    return Iri(f"https://example.org/{name}")


def triples(count: int, value: str = "x") -> list[Triple]:
    return [Triple(NamedNode(A), P, Literal(f"{value} {number}")) for number in range(count)]


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """The same graphs in a folder and on a server."""
    folder = tmp_path_factory.mktemp("twins")
    with open_registry(folder / "here") as registry:
        fill(registry)
    shutil.copytree(folder / "here" / "graph", folder / "there")
    with (
        oxigraph_server(folder / "there") as server,
        EmbeddedStore.open(folder / "here" / "graph", read_only=True) as here,
        RemoteStore.open(endpoint(server.url, {}), read_only=True) as there,
    ):
        yield here, there


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OxigraphServer]:
    with oxigraph_server(tmp_path / "server") as server:
        yield server


@pytest.fixture
def store(server: OxigraphServer) -> Iterator[RemoteStore]:
    with RemoteStore.open(endpoint(server.url, {})) as store:
        yield store


def bound_names(query: str) -> list[str]:
    """The variables that a query's header says it binds."""
    header = "\n".join(line for line in query.splitlines() if line.startswith("#"))
    found = re.search(r"Binds:(.*?)(Returns|$)", header, re.DOTALL)
    return re.findall(r"\?(\w+)", found.group(1)) if found else []


def counted(rows: tuple[Row, ...]) -> Counter[frozenset[tuple[str, Term]]]:
    return Counter(frozenset(row.items()) for row in rows)


def some_bindings(store: Store, query: str) -> Iterator[Mapping[str, Term]]:
    """No values at all, those of some rows for all variables, and one that nothing has."""
    yield {}
    names = bound_names(query)
    rows = store.query(query)
    for row in (*rows[:2], *rows[-1:]):
        yield {name: row[name] for name in names if name in row}
        if names and names[0] in row:
            yield {names[0]: row[names[0]]}
    for name in names:
        yield {name: NamedNode("https://example.org/nothing")}
        if not re.search(rf"\?\w+ \?{name} \?\w+ \.", query):  # a predicate is no literal
            yield {name: Literal(4096)}


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_every_query_of_ours_gives_the_same_rows(twins: tuple[Store, Store], path: Path) -> None:
    here, there = twins
    query = path.read_text(encoding="utf-8")
    if re.search(r"^ASK", query, re.MULTILINE):
        (name,) = bound_names(query)
        for term in (Literal("0" * 64), Literal('it\'s "x"')):
            assert here.ask(query, {name: term}) == there.ask(query, {name: term})
        return
    if re.search(r"^CONSTRUCT", query, re.MULTILINE):
        (name,) = bound_names(query)
        for row in here.query("SELECT DISTINCT ?resource { ?resource ?p ?o } LIMIT 5"):
            known = {name: row["resource"]}
            assert here.construct(query, known) == there.construct(query, known) != frozenset()
        return
    for bindings in some_bindings(here, query):
        assert counted(there.query(query, bindings)) == counted(here.query(query, bindings))


def test_graphs_are_listed_and_read_alike(twins: tuple[Store, Store]) -> None:
    here, there = twins
    assert there.graphs() == here.graphs()
    for iri in here.graphs():
        assert there.graph(iri) == here.graph(iri)
        assert there.has_graph(iri)
    assert not there.has_graph("https://example.org/nothing")
    assert there.graph("https://example.org/nothing") == frozenset()


def test_many_graphs_are_read_and_counted_alike(twins: tuple[Store, Store]) -> None:
    here, there = twins
    iris = [*map(Iri, here.graphs()), Iri("https://example.org/nothing")]
    assert there.read_graphs(iris) == here.read_graphs(iris)
    assert there.count_triples(iris) == here.count_triples(iris)
    assert there.count_triples(iris) == {iri: len(here.graph(iri)) for iri in iris[:-1]}


def test_triples_are_constructed_alike(twins: tuple[Store, Store]) -> None:
    here, there = twins
    query = "CONSTRUCT { ?s a ?class } WHERE { ?s a ?class }"
    assert there.construct(query) == here.construct(query)
    assert len(here.construct(query)) > 100


def test_graphs_are_replaced_and_deleted_in_one_write(store: RemoteStore) -> None:
    store.write({A: triples(3), B: triples(2)})
    store.write({A: triples(1, "y"), graph("c"): triples(1)}, [B])
    assert store.graphs() == (A, graph("c"))
    assert store.graph(A) == frozenset(triples(1, "y"))


def test_many_graphs_are_written_in_one_request(store: RemoteStore) -> None:
    store.write_many((graph(str(number)), triples(200)) for number in range(300))
    assert len(store.graphs()) == 300
    store.write_many(())
    assert store.graph(graph("299")) == frozenset(triples(200))


def test_of_a_graph_that_comes_twice_the_later_one_stays(store: RemoteStore) -> None:
    store.write({A: triples(5, "old"), B: triples(2)})
    store.write_many([(A, triples(3)), (B, ()), (A, triples(1, "last"))])
    assert store.graph(A) == frozenset(triples(1, "last"))
    assert store.graphs() == (A,)


def test_more_graphs_than_one_query_reads_are_all_read(store: RemoteStore) -> None:
    graphs = {graph(str(number)): frozenset(triples(2)) for number in range(450)}
    store.write_many(graphs.items())
    assert store.read_graphs(graphs) == graphs


def test_a_graph_that_cannot_be_written_leaves_the_others_unwritten(store: RemoteStore) -> None:
    with pytest.raises(InvalidRecordError, match="is not an IRI"):
        store.write_many([(A, triples(1)), (Iri("no iri"), triples(1))])
    with pytest.raises(InvalidRecordError, match="is not an IRI"):
        store.write({A: triples(1), Iri("no iri"): triples(1)})
    assert store.graphs() == ()


def test_two_clients_write_at_once_and_nothing_is_lost(server: OxigraphServer) -> None:
    command = [sys.executable, "-c", WRITE, server.url]
    writers = [subprocess.Popen([*command, name], cwd=REPOSITORY) for name in ("one", "two")]
    assert [writer.wait() for writer in writers] == [0, 0]
    with RemoteStore.open(endpoint(server.url, {})) as store:
        expected = {graph(f"{name}-{n}") for name in ("one", "two") for n in range(40)}
        assert set(store.graphs()) == expected
        assert all(store.graph(iri) == frozenset(triples(50)) for iri in expected)


@pytest.mark.parametrize("delay_s", [0.0, 0.15, 0.4])
def test_a_server_killed_in_a_write_holds_all_of_it_or_nothing(
    server: OxigraphServer, store: RemoteStore, delay_s: float
) -> None:
    graphs = {graph(str(number)): triples(100) for number in range(400)}
    killer = threading.Timer(delay_s, server.kill)
    killer.start()
    with suppress(StorageError):
        store.write(graphs)
    killer.join()
    server.start()
    with RemoteStore.open(endpoint(server.url, {})) as again:
        assert set(again.graphs()) in (set(), set(graphs))
        again.write(graphs)
        assert set(again.graphs()) == set(graphs)
