"""Many graphs are written all or not at all, however many they are and whoever is killed."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fitgraph.registry.bulk_write import TRANSACTION_TRIPLES
from fitgraph.registry.errors import InvalidRecordError, StorageError
from fitgraph.registry.iris import Iri
from fitgraph.registry.store import EmbeddedStore

P = NamedNode("https://example.org/p")
OLD = Iri("https://example.org/old")
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
LARGE = TRANSACTION_TRIPLES // 1000 + 2

WRITE = """
import os, signal, sys
from pathlib import Path
from pyoxigraph import Literal, NamedNode, Triple
from fitgraph.registry.store import EmbeddedStore
from tests.registry.test_store_many import graphs, LARGE
path, moment = Path(sys.argv[1]), sys.argv[2]
kill = lambda: os.kill(os.getpid(), signal.SIGKILL)
def stream():
    for number, graph in enumerate(graphs(LARGE)):
        if moment == "writing" and number == LARGE - 1:
            kill()
        yield graph
rename = Path.rename
def killing(self, target):
    if moment == "before" and self.name == "graph":
        kill()
    rename(self, target)
    if moment == "between" and self.name == "graph":
        kill()
    if moment == "after" and self.name == "graph.next":
        kill()
Path.rename = killing
EmbeddedStore.open(path).write_many(stream())
"""


def name(number: int) -> Iri:
    return Iri(f"https://example.org/{number}")


def triples(iri: Iri, count: int = 1000) -> list[Triple]:
    return [Triple(NamedNode(iri), P, Literal(number)) for number in range(count)]


def graphs(count: int) -> Iterator[tuple[Iri, list[Triple]]]:
    return ((name(number), triples(name(number))) for number in range(count))


def size(store: EmbeddedStore) -> int:
    (row,) = store.query(COUNT)
    count = row["n"]
    assert isinstance(count, Literal)
    return int(count.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with one graph that a large write replaces and one that it does not."""
    path = tmp_path / "graph"
    with EmbeddedStore.open(path) as store:
        store.write({OLD: triples(OLD, 3), name(0): triples(OLD, 2)})
    return path


@pytest.mark.parametrize("count", [3, LARGE])
def test_many_graphs_are_replaced_and_the_others_stay(path: Path, count: int) -> None:
    with EmbeddedStore.open(path) as store:
        store.write_many(graphs(count))
        assert size(store) == count * 1000 + 3
        assert store.graph(name(0)) == frozenset(triples(name(0)))
        store.write({OLD: triples(OLD, 1)})
    with EmbeddedStore.open(path, read_only=True) as store:
        assert size(store) == count * 1000 + 1
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["graph", "graph.lock"]


@pytest.mark.parametrize("count", [3, LARGE])
def test_a_graph_that_cannot_be_written_leaves_the_store_as_it_was(path: Path, count: int) -> None:
    def stream() -> Iterator[tuple[Iri, list[Triple]]]:
        yield from graphs(count)
        yield OLD, [Triple(BlankNode(), P, Literal(1))]

    with EmbeddedStore.open(path) as store:
        with pytest.raises(InvalidRecordError, match="blank node"):
            store.write_many(stream())
        assert size(store) == 5
        store.write({OLD: triples(OLD, 4)})
        assert size(store) == 6


@pytest.mark.parametrize("count", [3, LARGE])
def test_what_hands_in_the_graphs_sees_the_store_as_it_was(path: Path, count: int) -> None:
    seen: set[int] = set()
    with EmbeddedStore.open(path) as store:

        def stream() -> Iterator[tuple[Iri, list[Triple]]]:
            for graph in graphs(count):
                seen.add(size(store))
                yield graph

        store.write_many(stream())
    assert seen == {5}


def test_nothing_is_written_where_there_is_nothing(path: Path) -> None:
    with EmbeddedStore.open(path) as store:
        store.write_many(())
        assert size(store) == 5


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("writing", 5), ("before", 5), ("between", LARGE * 1000 + 3), ("after", LARGE * 1000 + 3)],
)
@pytest.mark.parametrize("read_only", [True, False], ids=["reader", "writer"])
def test_a_killed_writer_leaves_the_store_before_or_after_a_large_write(
    path: Path, moment: str, expected: int, *, read_only: bool
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", WRITE, str(path), moment], check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    with EmbeddedStore.open(path, read_only=read_only) as store:
        assert size(store) == expected
    with EmbeddedStore.open(path):
        pass
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["graph", "graph.lock"]


def test_others_read_while_a_large_write_takes_the_stores_place(path: Path) -> None:
    seen: list[int] = []
    done = threading.Event()
    with EmbeddedStore.open(path) as store:

        def read() -> None:
            while not done.is_set():
                seen.append(size(store))

        reader = threading.Thread(target=read)
        reader.start()
        try:
            store.write_many(graphs(LARGE))
        finally:
            done.set()
            reader.join()
    assert set(seen) <= {5, LARGE * 1000 + 3}


def test_a_large_write_on_a_disk_that_is_full_leaves_the_store_as_it_was(path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with EmbeddedStore.open(path) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
        try:
            with pytest.raises(StorageError, match="stays as it was"):
                store.write_many(graphs(LARGE))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, ignored)
        assert size(store) == 5


def test_a_store_opened_for_reading_takes_no_graphs(path: Path) -> None:
    with (
        EmbeddedStore.open(path, read_only=True) as store,
        pytest.raises(StorageError, match="reading only"),
    ):
        store.write_many(graphs(1))
