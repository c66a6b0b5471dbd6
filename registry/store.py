"""The graph store: named graphs that are replaced or deleted whole, and queries over all of them.

``Store`` is what the rest of fitgraph knows. ``EmbeddedStore`` keeps it in a folder with
pyoxigraph. A query sees the union of all named graphs; a triple that stands in two graphs is
seen twice, so a fact is kept in one graph only.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import pyoxigraph
from pyoxigraph import (
    Literal,
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Triple,
    Variable,
)

from fitgraph.ontology.errors import OntologyError
from fitgraph.registry.errors import (
    InvalidRecordError,
    NotFoundError,
    RegistryError,
    StorageError,
)
from fitgraph.registry.iris import Iri
from fitgraph.registry.store_lock import StoreLock, busy_error
from fitgraph.registry.triples.terms import Term

Row = Mapping[str, Term]


class Store(Protocol):
    """Named graphs and SPARQL 1.1 over them."""

    def query(self, sparql: str, bindings: Mapping[str, Term] | None = None) -> tuple[Row, ...]:
        """Rows of a SELECT query over the union of all graphs.

        Args:
            sparql: the query; a variable that is bound must be projected (also by subqueries).
            bindings: variable names, without ``?``, to values.

        Returns:
            One mapping a row; an unbound variable is absent from it.
        """
        ...

    def ask(self, sparql: str, bindings: Mapping[str, Term] | None = None) -> bool:
        """The answer of an ASK query over the union of all graphs."""
        ...

    def graph(self, iri: str) -> frozenset[Triple]:
        """All triples of a named graph; none if there is no such graph."""
        ...

    def graphs(self) -> tuple[str, ...]:
        """IRIs of all named graphs, sorted."""
        ...

    def has_graph(self, iri: str) -> bool:
        """Whether there is a named graph of this IRI."""
        ...

    def write(
        self,
        replacements: Mapping[Iri, Iterable[Triple]],
        deletions: Iterable[Iri] = (),
    ) -> None:
        """Replaces and deletes named graphs: all of it, or none of it."""
        ...

    def close(self) -> None:
        """Lets go of the store."""
        ...


class EmbeddedStore:
    """A store in a folder on this machine."""

    def __init__(self, path: Path, lock: StoreLock, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._lock = lock
        self._writing = threading.Lock()
        self._closed = False
        self._store: pyoxigraph.Store | None = _open_files(path, read_only=read_only)

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
        if read_only and not (path / "CURRENT").exists():
            raise NotFoundError(
                f"there is no store at {path}",
                hint="add a model or a board first, or name another store with --store",
            )
        if not read_only:
            _make_folder(path)
        lock = StoreLock.acquire(path, shared=read_only, patience_s=patience_s)
        try:
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

    def graph(self, iri: str) -> frozenset[Triple]:
        quads = self._opened().quads_for_pattern(None, None, None, NamedNode(iri))
        return frozenset(quad.triple for quad in quads)

    def graphs(self) -> tuple[str, ...]:
        """IRIs of all named graphs, sorted."""
        return tuple(sorted(graph.value for graph in self._opened().named_graphs()))

    def has_graph(self, iri: str) -> bool:
        return self._opened().contains_named_graph(NamedNode(iri))

    def replace_graph(self, iri: Iri, triples: Iterable[Triple]) -> None:
        """Puts the triples in place of what the named graph holds."""
        self.write({iri: triples})

    def delete_graph(self, iri: Iri) -> None:
        """Deletes a named graph; one that is not there stays so."""
        self.write({}, (iri,))

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
        if self.read_only:
            raise StorageError(
                f"the store at {self.path} was opened for reading only", hint="open it for writing"
            )
        update = _update_text(replacements, deletions)
        with self._writing:
            try:
                self._opened().update(update)
            except OSError as error:
                # RocksDB refuses every later write too, room or not, until it is opened anew.
                self._store = None
                raise _storage_error(self.path, error) from error

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
            raise _storage_error(folder, error) from error

    def close(self) -> None:
        self._closed = True
        self._store = None
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _opened(self) -> pyoxigraph.Store:
        """The open store, opened anew after a write that failed."""
        if self._closed:
            raise StorageError(f"the store at {self.path} was closed", hint="open it again")
        if self._store is None:
            self._store = _open_files(self.path, read_only=self.read_only)
        return self._store

    def _run(
        self, sparql: str, bindings: Mapping[str, Term] | None
    ) -> QuerySolutions | QueryBoolean | QueryTriples:
        substitutions = {Variable(name): term for name, term in (bindings or {}).items()}
        try:
            return self._opened().query(
                sparql, use_default_graph_as_union=True, substitutions=substitutions
            )
        except (SyntaxError, RuntimeError, ValueError) as error:
            raise OntologyError(
                f"the query cannot be run: {error}",
                hint="bound variables must be projected by SELECT",
            ) from error
        except OSError as error:
            raise _storage_error(self.path, error) from error


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"the store's folder {path} cannot be made: {error.strerror}",
            hint="name a folder that can be written with --store or FITGRAPH_STORE",
        ) from error


def _open_files(path: Path, *, read_only: bool) -> pyoxigraph.Store:
    try:
        if read_only:
            return pyoxigraph.Store.read_only(str(path))
        store = pyoxigraph.Store(path)
    except OSError as error:
        raise _storage_error(path, error) from error
    _delete_old_logs(path)
    return store


def _delete_old_logs(path: Path) -> None:
    """Deletes what RocksDB logged in earlier openings: 136 kB each, of which it keeps 1,000."""
    for log in path.glob("LOG.old.*"):
        with suppress(OSError):
            log.unlink()


def _storage_error(path: Path, error: OSError) -> RegistryError:
    """RocksDB's errors come as ``OSError`` with its own text and no number."""
    reason = str(error).removeprefix("IO error: ")
    if "LOCK" in reason and "lock" in reason:
        return busy_error(path)
    if "No space left" in reason or "File too large" in reason:
        return StorageError(
            f"the disk is full; the store at {path} stays as it was: {reason}",
            hint="free some disk space and run it again",
        )
    return StorageError(
        f"the store at {path} cannot be used: {reason}",
        hint="check the folder's permissions; a folder that is not a store must be empty",
    )


def _update_text(replacements: Mapping[Iri, Iterable[Triple]], deletions: Iterable[Iri]) -> str:
    """One update of several operations; terms are written by pyoxigraph, which escapes them."""
    operations = [f"DROP SILENT GRAPH {_graph_name(i)}" for i in (*deletions, *replacements)]
    for iri, triples in replacements.items():
        body = "\n".join(f"{_without_blank_nodes(triple)} ." for triple in triples)
        operations.append(f"INSERT DATA {{ GRAPH {_graph_name(iri)} {{\n{body}\n}} }}")
    return " ;\n".join(operations)


def _graph_name(iri: Iri) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise InvalidRecordError(f"{iri!r} is not an IRI: {error}") from error


def _without_blank_nodes(triple: Triple) -> Triple:
    """The triple itself; a blank node would come back as another one each time."""
    if isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode | Literal):
        return triple
    raise InvalidRecordError(
        f"a graph would hold a blank node: {triple}", hint="give it an IRI of its resource"
    )
