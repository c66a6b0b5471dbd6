"""What goes wrong with a store: one sentence with a hint, and everything stays as it was."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from fitgraph.ontology.errors import OntologyError
from fitgraph.registry.bulk_write import TRANSACTION_TRIPLES
from fitgraph.registry.errors import (
    InvalidRecordError,
    NotFoundError,
    StorageError,
    StoreBusyError,
)
from fitgraph.registry.iris import Iri
from fitgraph.registry.store import EmbeddedStore
from tests.support.full_disk import fill_up, make_read_only, small_disk

A, B = Iri("https://example.org/a"), Iri("https://example.org/b")
P = NamedNode("https://example.org/p")

HOLD = """
import sys
from pathlib import Path
from fitgraph.registry.store import EmbeddedStore
store = EmbeddedStore.open(Path(sys.argv[1]), read_only=sys.argv[2] == "reader")
print("open", flush=True)
sys.stdin.read()
"""


def triples(iri: Iri, count: int) -> list[Triple]:
    return [Triple(NamedNode(iri), P, Literal(f"{i}-{'x' * 60}")) for i in range(count)]


def rewrite(store: EmbeddedStore, times: int) -> None:
    for _ in range(times):
        store.write({B: triples(B, 900)})


@contextmanager
def held_by_another_process(path: Path, role: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), role],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        try:
            yield holder
        finally:
            holder.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with one graph."""
    path = tmp_path / "graph"
    with EmbeddedStore.open(path) as store:
        store.replace_graph(A, triples(A, 1))
    return path


def test_a_second_writer_is_told_who_has_the_store(path: Path) -> None:
    with (
        held_by_another_process(path, "writer") as holder,
        pytest.raises(StoreBusyError, match=f"open in process {holder.pid}") as caught,
    ):
        EmbeddedStore.open(path)
    assert caught.value.hint
    assert caught.value.exit_code == 3


def test_a_reader_is_refused_beside_a_writer(path: Path) -> None:
    with held_by_another_process(path, "writer"), pytest.raises(StoreBusyError):
        EmbeddedStore.open(path, read_only=True)


def test_a_writer_is_refused_beside_a_reader(path: Path) -> None:
    with (
        held_by_another_process(path, "reader"),
        pytest.raises(StoreBusyError, match="open in another process"),
    ):
        EmbeddedStore.open(path)


def test_a_reader_is_let_in_beside_a_reader(path: Path) -> None:
    with held_by_another_process(path, "reader"), EmbeddedStore.open(path, read_only=True) as store:
        assert store.has_graph(A)


def test_a_second_opening_in_one_process_is_refused(path: Path) -> None:
    with EmbeddedStore.open(path), pytest.raises(StoreBusyError, match="this same process"):
        EmbeddedStore.open(path)


def test_a_store_that_another_program_has_open_is_busy(path: Path) -> None:
    """An oxigraph server knows nothing of our lock, but RocksDB has one too."""
    foreign = pyoxigraph.Store(path)
    with pytest.raises(StoreBusyError):
        EmbeddedStore.open(path)
    del foreign


def test_a_killed_writer_leaves_no_lock_behind(path: Path) -> None:
    with held_by_another_process(path, "writer") as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        EmbeddedStore.open(path).close()


def test_a_forked_child_does_not_keep_the_store(path: Path) -> None:
    store = EmbeddedStore.open(path)
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
    child.start()
    try:
        store.close()
        EmbeddedStore.open(path).close()
    finally:
        child.kill()


def test_patience_waits_until_the_store_is_free(path: Path) -> None:
    first = EmbeddedStore.open(path)
    threading.Timer(0.2, first.close).start()
    with EmbeddedStore.open(path, patience_s=30) as store:
        assert store.has_graph(A)


def test_patience_ends(path: Path) -> None:
    started = time.monotonic()
    with EmbeddedStore.open(path), pytest.raises(StoreBusyError):
        EmbeddedStore.open(path, patience_s=0.1)
    assert time.monotonic() - started >= 0.1


def test_a_store_to_be_read_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no store"):
        EmbeddedStore.open(tmp_path / "nowhere" / "graph", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_store_opened_for_reading_is_not_written(path: Path) -> None:
    with EmbeddedStore.open(path, read_only=True) as store:
        with pytest.raises(StorageError, match="for reading only"):
            store.delete_graph(A)
        assert store.has_graph(A)


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "graph").write_text("not a folder")
    with pytest.raises(StorageError) as caught:
        EmbeddedStore.open(tmp_path / "graph")
    assert "graph" in caught.value.message
    assert caught.value.hint


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError, match="cannot be made"):
        EmbeddedStore.open(tmp_path / "file" / "graph")


def test_a_store_on_a_disk_that_is_not_to_be_written_is_read_but_not_written(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk", 4 << 20) as disk:
        with EmbeddedStore.open(disk / "graph") as store:
            store.replace_graph(A, triples(A, 1))
        make_read_only(disk)
        with pytest.raises(StorageError, match="Read-only"):
            EmbeddedStore.open(disk / "graph")
        with EmbeddedStore.open(disk / "graph", read_only=True) as store:
            assert store.has_graph(A)


def test_a_damaged_store_is_refused_in_one_sentence(path: Path) -> None:
    (path / "CURRENT").write_text("MANIFEST-999999\n")
    with pytest.raises(StorageError) as caught:
        EmbeddedStore.open(path)
    assert str(path) in caught.value.message


def test_a_write_that_fails_changes_nothing(path: Path) -> None:
    with EmbeddedStore.open(path) as store:
        bad = Iri("https://example.org/not an iri")
        with pytest.raises(InvalidRecordError, match="is not an IRI"):
            store.write({A: triples(A, 5), bad: triples(B, 1)})
        assert store.graph(A) == frozenset(triples(A, 1))
        assert not store.has_graph(B)


def test_a_disk_that_fills_up_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4 << 20) as disk:
        with EmbeddedStore.open(disk / "graph") as store:
            store.replace_graph(A, triples(A, 1))
            filler = fill_up(disk, leave_bytes=8192)
            with pytest.raises(StorageError, match="disk is full") as caught:
                store.write({A: triples(A, 900), B: triples(B, 900)})
            assert caught.value.hint
            filler.unlink()
            assert store.graph(A) == frozenset(triples(A, 1))
            assert not store.has_graph(B)
            store.replace_graph(B, triples(B, 2))
        with EmbeddedStore.open(disk / "graph", read_only=True) as store:
            assert store.graphs() == (A, B)


@pytest.mark.parametrize("n_triples", [900, TRANSACTION_TRIPLES + 1])
def test_a_store_that_stays_open_reads_on_a_full_disk_and_writes_when_there_is_room(
    tmp_path: Path, n_triples: int
) -> None:
    """RocksDB refuses all that follows a write that failed, so the store is opened anew."""
    with small_disk(tmp_path / "disk", 64 << 20) as disk, EmbeddedStore.open(
        disk / "graph"
    ) as store:  # fmt: skip
        store.replace_graph(A, triples(A, 1))
        filler = fill_up(disk)
        for _ in range(2):
            with pytest.raises(StorageError, match="disk is full"):
                store.write_many([(B, triples(B, n_triples))])
            assert store.graph(A) == frozenset(triples(A, 1))
            assert store.graphs() == (A,)
        filler.unlink()
        store.write_many([(B, triples(B, n_triples))])
        assert len(store.graph(B)) == n_triples
        store.replace_graph(A, triples(A, 2))
        assert store.graph(A) == frozenset(triples(A, 2))


def test_a_snapshot_that_finds_no_room_does_not_keep_the_store_from_being_written(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk", 16 << 20) as disk, EmbeddedStore.open(
        disk / "graph"
    ) as store:  # fmt: skip
        store.replace_graph(A, triples(A, 1))
        filler = fill_up(disk)
        with pytest.raises(StorageError, match="disk is full"):
            store.backup(disk / "snapshot")
        filler.unlink()
        store.replace_graph(B, triples(B, 1))
        store.backup(disk / "another")
        assert store.graphs() == (A, B)


def test_a_store_whose_cache_is_emptied_on_a_full_disk_is_read_and_writes_when_there_is_room(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "disk", 16 << 20) as disk, EmbeddedStore.open(
        disk / "graph"
    ) as store:  # fmt: skip
        store.replace_graph(A, triples(A, 1))
        filler = fill_up(disk)
        with pytest.raises(StorageError, match="disk is full"):
            store.empty_cache()
        assert store.graph(A) == frozenset(triples(A, 1))
        filler.unlink()
        store.replace_graph(B, triples(B, 1))
        assert store.graphs() == (A, B)


def test_a_store_is_not_made_on_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1 << 20) as disk:
        fill_up(disk)
        with pytest.raises(StorageError):
            EmbeddedStore.open(disk / "graph")


def test_a_file_that_may_not_grow_leaves_the_store_as_it_was(path: Path) -> None:
    """The same without root: the limit on file size stops RocksDB's log."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with EmbeddedStore.open(path) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
        try:
            with pytest.raises(StorageError, match="disk is full"):
                rewrite(store, 20)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert store.graph(A) == frozenset(triples(A, 1))
        assert len(store.graph(B)) in {0, 900}
        store.replace_graph(A, triples(A, 2))
        assert store.graph(A) == frozenset(triples(A, 2))


def test_a_snapshot_goes_nowhere_that_is_taken(path: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with EmbeddedStore.open(path) as store, pytest.raises(StorageError, match="taken"):
        store.backup(tmp_path / "taken")


def test_a_query_that_is_not_sparql_is_refused(path: Path) -> None:
    with EmbeddedStore.open(path) as store:
        with pytest.raises(OntologyError, match="cannot be run"):
            store.query("SELECT WHERE")
        with pytest.raises(OntologyError, match="not a SELECT"):
            store.query("ASK { ?s ?p ?o }")
        with pytest.raises(OntologyError, match="not an ASK"):
            store.ask("SELECT ?s WHERE { ?s ?p ?o }")


def test_a_bound_variable_that_is_not_projected_is_refused(path: Path) -> None:
    with EmbeddedStore.open(path) as store, pytest.raises(OntologyError, match="not projected"):
        store.query("SELECT ?s WHERE { ?s ?p ?o }", {"o": Literal(1)})


def test_blank_nodes_are_not_kept(path: Path) -> None:
    with EmbeddedStore.open(path) as store, pytest.raises(InvalidRecordError, match="blank"):
        store.replace_graph(B, [Triple(BlankNode("x"), P, Literal(1))])
