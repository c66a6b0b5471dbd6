"""The graph store in a folder of this machine, which pyoxigraph keeps."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Self

import pyoxigraph
from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Triple,
)

from fitgraph.ontology.errors import OntologyError
from fitgraph.registry import store_files as files
from fitgraph.registry.bound_query import bind
from fitgraph.registry.bulk_write import TRANSACTION_TRIPLES, write_batches
from fitgraph.registry.errors import StorageError
from fitgraph.registry.iris import Iri
from fitgraph.registry.query_guard import syntax_error
from fitgraph.registry.query_tokens import names_graphs
from fitgraph.registry.store_base import Dataset, Row, StoreBase
from fitgraph.registry.store_lock import StoreLock
from fitgraph.registry.triples.terms import Term
from fitgraph.registry.update_text import graph_name, update_text


class EmbeddedStore(StoreBase):
    """A store in a folder on this machine."""

    def __init__(self, path: Path, lock: StoreLock, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._lock = lock
        self._writing = threading.Lock()
        self._opening = threading.Lock()
        self._closed = False
        # After a write that failed RocksDB refuses every later one, room or not; it still reads.
        self._is_stale = False
        self._store: pyoxigraph.Store | None = files.open_files(path, read_only=read_only)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, patience_s: float = 0.0) -> Self:
        """Opens the store at ``path``; one to be written is made if it is not there.

        Args:
            path: folder of the store.
            read_only: any number of readers may have a store open, but none beside a writer.
            patience_s: how long to wait for others to finish.

        Raises:
            StoreBusyError: somebody else has it open.
            StorageError: the disk is full or the folder not to be written.
            NotFoundError: it is to be read and is not there.
        """
        if not read_only:
            files.make_folder(path.parent)
        elif files.needs_recovery(path):
            with StoreLock.acquire(path, shared=False, patience_s=patience_s):
                files.recover(path)
        lock = StoreLock.acquire(path, shared=read_only, patience_s=patience_s)
        try:
            if read_only:
                files.require(path)
            else:
                files.recover(path)
                files.make_folder(path)
            return cls(path, lock, read_only=read_only)
        except BaseException:
            lock.release()
            raise

    def query(self, sparql: str, bindings: Mapping[str, Term] | None = None) -> tuple[Row, ...]:
        """See ``Store.query``.

        Raises:
            OntologyError: not a SELECT query, or a bound variable is not projected.
        """
        solutions = self._run(sparql, bindings)
        if not isinstance(solutions, QuerySolutions):
            raise OntologyError("the query is not a SELECT query", hint="use ask for ASK")
        names = [variable.value for variable in solutions.variables]
        return tuple(
            {name: term for name, term in zip(names, solution, strict=True) if term is not None}
            for solution in solutions
        )

    def ask(self, sparql: str, bindings: Mapping[str, Term] | None = None) -> bool:
        """See ``Store.ask``.

        Raises:
            OntologyError: not an ASK query.
        """
        answer = self._run(sparql, bindings)
        if not isinstance(answer, QueryBoolean):
            raise OntologyError("the query is not an ASK query", hint="use query for SELECT")
        return bool(answer)

    def construct(
        self, sparql: str, bindings: Mapping[str, Term] | None = None
    ) -> frozenset[Triple]:
        """See ``Store.construct``.

        Raises:
            OntologyError: not a CONSTRUCT or DESCRIBE query.
        """
        triples = self._run(sparql, bindings)
        if not isinstance(triples, QueryTriples):
            raise OntologyError(
                "the query is not a CONSTRUCT or DESCRIBE query", hint="use query for SELECT"
            )
        return frozenset(triples)

    def answer(
        self, sparql: str, dataset: Dataset | None = None, base_iri: str | None = None
    ) -> QuerySolutions | QueryBoolean | QueryTriples:
        """What a query of any form gives, one result after the other while the store is open.

        Args:
            sparql: the query.
            dataset: the graphs that it is about, in place of those that it names itself.
            base_iri: that relative references are resolved against.

        Raises:
            OntologyError: it is no query.
        """
        return self._run(sparql, None, dataset, base_iri)

    def update(self, sparql: str, base_iri: str | None = None) -> None:
        """Runs a SPARQL update as one transaction, whatever it does: no shape looks at it.

        Raises:
            OntologyError: it is none, or cannot be run.
            StorageError: the disk is full or the store was opened for reading; nothing changed.
        """
        self._refuse_reader()
        with self._writing:
            try:
                self._writable().update(sparql, base_iri=base_iri)
            except SyntaxError as error:
                raise syntax_error(error) from error
            except (RuntimeError, ValueError) as error:
                raise OntologyError(f"the update cannot be run: {error}") from error
            except OSError as error:
                self._is_stale = True
                raise files.storage_error(self.path, error) from error
        self._tell(None)

    def graph(self, iri: str) -> frozenset[Triple]:
        quads = self._opened().quads_for_pattern(None, None, None, NamedNode(iri))
        return frozenset(quad.triple for quad in quads)

    def graphs(self) -> tuple[str, ...]:
        """IRIs of all named graphs, sorted."""
        return tuple(sorted(graph.value for graph in self._opened().named_graphs()))

    def has_graph(self, iri: str) -> bool:
        return self._opened().contains_named_graph(NamedNode(iri))

    def read_graphs(self, iris: Iterable[Iri]) -> dict[Iri, frozenset[Triple]]:
        """See ``Store.read_graphs``."""
        return {iri: self.graph(iri) for iri in iris}

    def write(
        self,
        replacements: Mapping[Iri, Iterable[Triple]],
        deletions: Iterable[Iri] = (),
    ) -> None:
        """See ``Store.write``: one SPARQL update, which pyoxigraph commits as one transaction.

        Raises:
            StorageError: the disk is full or the store was opened for reading; nothing changed.
            InvalidRecordError: a graph's name is no IRI, or a triple has a blank node.
        """
        self._refuse_reader()
        deletions = tuple(deletions)
        update = update_text(replacements, deletions)
        with self._writing:
            try:
                self._writable().update(update)
            except OSError as error:
                self._is_stale = True
                raise files.storage_error(self.path, error) from error
        self._tell((*replacements, *deletions))

    def write_many(self, graphs: Iterable[tuple[Iri, Iterable[Triple]]]) -> None:
        """See ``Store.write_many``: one transaction, or a copy of the store that takes its place.

        Raises:
            StorageError: the disk is full or the store was opened for reading; nothing changed.
            InvalidRecordError: a graph's name is no IRI, or a triple has a blank node.
        """
        self._refuse_reader()
        rest = iter(graphs)
        first: dict[Iri, frozenset[Triple]] = {}
        n_triples = 0
        for iri, triples in rest:
            first[iri] = frozenset(triples)
            n_triples += len(first[iri])
            if n_triples > TRANSACTION_TRIPLES:
                self._write_copy(chain(first.items(), rest))
                self._tell(None)
                return
        if first:
            self.write(first)

    def flush(self) -> None:
        """Writes out what was written last, which takes memory until then."""
        self._opened().flush()

    def empty_cache(self) -> None:
        """Lets go of the blocks that were read, by opening the files anew: there is no other way.

        Queries of other threads are waited for; those that come meanwhile wait some 50 ms.

        Raises:
            StoreBusyError: a query does not end.
            StorageError: the files cannot be opened.
        """
        with self._writing, self._opening:
            self._store = None
            self._store = files.open_patiently(self.path)

    def backup(self, folder: Path) -> None:
        """Makes a snapshot that readers may open while this store is being written.

        Files are hard links where ``folder`` is on the same file system.

        Raises:
            StorageError: ``folder`` exists or cannot be written.
        """
        if folder.exists():
            raise StorageError(f"{folder} exists already", hint="name a folder that does not exist")
        try:
            self._opened().backup(folder)
        except OSError as error:
            self._is_stale = not self.read_only
            raise files.storage_error(folder, error) from error

    def close(self) -> None:
        self._closed = True
        if self._store is not None and not self.read_only and not self._is_stale:
            files.settle(self.path, self._store)
        self._store = None
        self._lock.release()

    @property
    def _shown(self) -> str:
        return str(self.path)

    def _write_copy(self, graphs: Iterable[tuple[Iri, Iterable[Triple]]]) -> None:
        """Writes into a copy of the store, which then takes its place."""
        copy = files.copy_path(self.path)
        with self._writing:
            try:
                self._writable().backup(copy)
                write_batches(copy, graphs)
                with self._opening:
                    self._store = None
                    files.put_in_place(self.path)
                    self._store = files.open_files(self.path, read_only=False)
            except OSError as error:
                self._is_stale = True
                raise files.storage_error(self.path, error) from error
            finally:
                shutil.rmtree(copy, ignore_errors=True)

    def _opened(self) -> pyoxigraph.Store:
        """The open store; where a full disk keeps it from being opened, it is there for reading."""
        if self._closed:
            raise StorageError(f"the store at {self.path} was closed", hint="open it again")
        store = self._store
        if store is None:  # an empty one is false
            with self._opening:
                store = self._store
                if store is None:
                    store = self._open_anew()
                self._store = store
        return store

    def _writable(self) -> pyoxigraph.Store:
        """The open store, opened anew after a write that failed."""
        if self._is_stale:
            with self._opening:
                self._store = None
                self._store = files.open_patiently(self.path)
                self._is_stale = False
        return self._opened()

    def _open_anew(self) -> pyoxigraph.Store:
        try:
            return files.open_files(self.path, read_only=self.read_only)
        except StorageError:
            if self.read_only:
                raise
            self._is_stale = True
            return files.open_files(self.path, read_only=True)

    def _run(
        self,
        sparql: str,
        bindings: Mapping[str, Term] | None,
        dataset: Dataset | None = None,
        base_iri: str | None = None,
    ) -> QuerySolutions | QueryBoolean | QueryTriples:
        # pyoxigraph plans before it looks at substitutions: with values in the text, it starts
        # from them and a query takes milliseconds in place of seconds.
        text = bind(sparql, bindings or {})
        try:
            if dataset is not None:
                return self._opened().query(
                    text,
                    base_iri=base_iri,
                    default_graph=[*map(graph_name, dataset.default_graphs)],
                    named_graphs=[*map(graph_name, dataset.named_graphs)],
                )
            is_union = not names_graphs(text)
            return self._opened().query(
                text, base_iri=base_iri, use_default_graph_as_union=is_union
            )
        except SyntaxError as error:
            raise syntax_error(error) from error
        except (RuntimeError, ValueError) as error:
            raise OntologyError(
                f"the query cannot be run: {error}",
                hint="bound variables must be projected by SELECT",
            ) from error
        except OSError as error:
            raise files.storage_error(self.path, error) from error
