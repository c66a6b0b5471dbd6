"""The embedded store: named graphs replaced whole, bound queries, snapshots."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from fitgraph.registry.errors import InvalidRecordError, StorageError
from fitgraph.registry.iris import Iri
from fitgraph.registry.store import EmbeddedStore
from fitgraph.registry.triples.terms import literal, python_value

A, B, C = (Iri(f"https://example.org/{name}") for name in "abc")
P = NamedNode("https://example.org/p")


def triple(subject: str, value: str | float) -> Triple:
    return Triple(NamedNode(subject), P, literal(value))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore.open(tmp_path / "graph") as opened:
        yield opened


def test_a_graph_is_replaced_whole(store: EmbeddedStore) -> None:
    store.replace_graph(A, [triple(A, 1), triple(A, 2)])
    store.replace_graph(A, [triple(A, 3)])
    assert store.graph(A) == {triple(A, 3)}


def test_replacing_one_graph_leaves_the_others(store: EmbeddedStore) -> None:
    store.write({A: [triple(A, 1)], B: [triple(B, 1)]})
    store.replace_graph(A, [triple(A, 2)])
    assert store.graph(B) == {triple(B, 1)}


def test_several_graphs_are_replaced_and_deleted_in_one_write(store: EmbeddedStore) -> None:
    store.write({A: [triple(A, 1)], B: [triple(B, 1)]})
    store.write({A: [triple(A, 2)], C: [triple(C, 1)]}, [B])
    assert store.graphs() == (A, C)
    assert store.graph(A) == {triple(A, 2)}


def test_a_deleted_graph_is_gone(store: EmbeddedStore) -> None:
    store.replace_graph(A, [triple(A, 1)])
    store.delete_graph(A)
    assert not store.has_graph(A)
    assert store.graph(A) == frozenset()


def test_deleting_what_is_not_there_does_nothing(store: EmbeddedStore) -> None:
    store.replace_graph(A, [triple(A, 1)])
    store.delete_graph(B)
    assert store.graphs() == (A,)


def test_a_query_sees_the_union_of_all_graphs(store: EmbeddedStore) -> None:
    store.write({A: [triple(A, 1)], B: [triple(B, 2)]})
    rows = store.query("SELECT ?s ?o WHERE { ?s ?p ?o } ORDER BY ?o")
    assert [row["s"] for row in rows] == [NamedNode(A), NamedNode(B)]


def test_a_bound_variable_takes_its_value(store: EmbeddedStore) -> None:
    store.write({A: [triple(A, 1)], B: [triple(B, 2)]})
    rows = store.query("SELECT ?s ?o WHERE { ?s ?p ?o }", {"s": NamedNode(B)})
    assert rows == ({"s": NamedNode(B), "o": Literal(2)},)


def test_an_unbound_variable_is_absent_from_its_row(store: EmbeddedStore) -> None:
    store.replace_graph(A, [triple(A, 1)])
    query = "SELECT ?s ?other WHERE { ?s ?p ?o OPTIONAL { ?s <urn:other> ?other } }"
    assert store.query(query) == ({"s": NamedNode(A)},)


def test_a_bound_value_is_never_read_as_sparql(store: EmbeddedStore) -> None:
    store.replace_graph(A, [triple(A, "harmless")])
    attack = '" } ; DROP ALL ; SELECT * WHERE { ?s ?p "'
    assert store.query("SELECT ?s ?o WHERE { ?s ?p ?o }", {"o": literal(attack)}) == ()
    assert store.graph(A) == {triple(A, "harmless")}


def test_ask_answers_yes_and_no(store: EmbeddedStore) -> None:
    store.replace_graph(A, [triple(A, 1)])
    query = "ASK { ?s ?p ?o }"
    assert store.ask(query, {"o": Literal(1)})
    assert not store.ask(query, {"o": Literal(2)})


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    """One store for all examples of a property: opening takes longer than writing."""
    with EmbeddedStore.open(tmp_path_factory.mktemp("store") / "graph") as opened:
        yield opened


VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(),
    st.floats(allow_nan=False),
    st.booleans(),
)


@given(value=VALUES)
def test_every_value_comes_back_as_it_was_written(
    shared_store: EmbeddedStore, value: str | float
) -> None:
    shared_store.replace_graph(A, [triple(A, value)])
    (found,) = shared_store.graph(A)
    assert found == triple(A, value)
    assert isinstance(found.object, Literal)
    assert python_value(found.object) == value


@given(
    before=st.dictionaries(st.sampled_from([A, B, C]), st.sets(st.integers(0, 5)), max_size=3),
    replacements=st.dictionaries(
        st.sampled_from([A, B, C]), st.sets(st.integers(0, 5), min_size=1)
    ),
    deletions=st.sets(st.sampled_from([A, B, C])),
)
def test_a_write_does_what_a_dictionary_does(
    shared_store: EmbeddedStore,
    before: dict[Iri, set[int]],
    replacements: dict[Iri, set[int]],
    deletions: set[Iri],
) -> None:
    shared_store.write({iri: [triple(iri, n) for n in ns] for iri, ns in before.items()}, [A, B, C])
    shared_store.write(
        {iri: [triple(iri, n) for n in ns] for iri, ns in replacements.items()}, deletions
    )
    model = {iri: ns for iri, ns in before.items() if iri not in deletions} | replacements
    for iri in (A, B, C):
        assert shared_store.graph(iri) == {triple(iri, n) for n in model.get(iri, ())}


def test_what_was_written_is_there_after_closing(tmp_path: Path) -> None:
    with EmbeddedStore.open(tmp_path / "graph") as store:
        store.replace_graph(A, [triple(A, 1)])
    with EmbeddedStore.open(tmp_path / "graph", read_only=True) as store:
        assert store.graph(A) == {triple(A, 1)}


def test_an_acknowledged_write_survives_a_killed_process(tmp_path: Path) -> None:
    script = f"""
import os, signal
from pathlib import Path
from pyoxigraph import Literal, NamedNode, Triple
from fitgraph.registry.store import EmbeddedStore
store = EmbeddedStore.open(Path({str(tmp_path / "graph")!r}))
store.replace_graph({A!r}, [Triple(NamedNode({A!r}), NamedNode({P.value!r}), Literal(1))])
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    with EmbeddedStore.open(tmp_path / "graph") as store:
        assert store.graph(A) == {triple(A, 1)}


def test_a_snapshot_is_read_while_the_store_is_written(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    store.replace_graph(A, [triple(A, 1)])
    store.backup(tmp_path / "snapshot")
    store.replace_graph(A, [triple(A, 2)])
    with EmbeddedStore.open(tmp_path / "snapshot", read_only=True) as snapshot:
        assert snapshot.graph(A) == {triple(A, 1)}
    assert store.graph(A) == {triple(A, 2)}


def test_a_store_empties_its_cache_while_others_read_and_write(store: EmbeddedStore) -> None:
    """Nobody sees anything of it, and nothing is lost that was not written out."""
    store.replace_graph(A, [triple(A, 0)])
    done = threading.Event()

    def read() -> int:
        n_read = 0
        while not done.is_set():
            assert len(store.query("SELECT ?s { ?s ?p ?o }")) >= 1
            n_read += 1
        return n_read

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(read) for _ in range(3)]
        for value in range(1, 6):
            store.replace_graph(A, [triple(A, value)])
            emptied = pool.submit(store.empty_cache)
            store.replace_graph(B, [triple(B, value)])
            emptied.result()
            assert store.graph(A) | store.graph(B) == {triple(A, value), triple(B, value)}
        done.set()
        assert all(reader.result() for reader in readers)


def test_several_readers_open_a_store_at_once(tmp_path: Path) -> None:
    path = tmp_path / "graph"
    with EmbeddedStore.open(path) as store:
        store.replace_graph(A, [triple(A, 1)])
    with (
        EmbeddedStore.open(path, read_only=True) as one,
        EmbeddedStore.open(path, read_only=True) as other,
    ):
        assert one.graph(A) == other.graph(A) == {triple(A, 1)}


def test_logs_of_earlier_openings_do_not_pile_up(tmp_path: Path) -> None:
    path = tmp_path / "graph"
    for _ in range(4):
        EmbeddedStore.open(path).close()
    assert len(list(path.glob("LOG.old.*"))) <= 1


def test_a_listener_hears_of_everything_that_is_written(tmp_path: Path) -> None:
    """By the names of the graphs; an update may change any."""
    heard: list[object] = []
    with EmbeddedStore.open(tmp_path / "graph") as store:
        store.listen(lambda graphs: heard.append(None if graphs is None else set(graphs)))
        store.write({A: [triple(A, 1)]}, (one for one in [B]))
        store.write_many([(B, [triple(B, 1)]), (C, [triple(C, 1)])])
        with pytest.raises(InvalidRecordError):
            store.write({Iri("no iri"): [triple(A, 1)]})
        store.update(f"DROP GRAPH <{C}>")
        store.query("SELECT ?s { ?s ?p ?o }")
    assert heard == [{A, B}, {B, C}, None]


def test_a_store_that_is_closed_twice_stays_closed(store: EmbeddedStore) -> None:
    store.close()
    store.close()
    with pytest.raises(StorageError, match="was closed"):
        store.graphs()
