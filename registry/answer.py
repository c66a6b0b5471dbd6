"""The answer to a query of any form, asked in a process of its own that ends at a deadline.

A query can keep a store busy for hours or fill the memory, and pyoxigraph has no limit for either.
So a child process asks it, sends one row after the other, and is ended when its time is up or
enough rows are there.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, ClassVar, Final

from pyoxigraph import Triple

from fitgraph.ontology.errors import FitgraphError, OntologyError
from fitgraph.registry.endpoint import Place
from fitgraph.registry.errors import RegistryError
from fitgraph.registry.triples.terms import Term

DEFAULT_TIMEOUT_S: Final = 60.0
DEFAULT_MAX_RESULTS: Final = 10_000
#: Address space of the child; the catalogue's largest query needs a tenth.
MEMORY_BYTES: Final = 2 * 1024**3
_CHILD: Final = "fitgraph.registry.answer_child"


class Kind(StrEnum):
    """What comes of the forms of a query."""

    ROWS = "rows"
    TRUTH = "truth"
    TRIPLES = "triples"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave.

    Attributes:
        variables: of a SELECT query, in its order.
        rows: of a SELECT query; None where a variable has no value.
        truth: of an ASK query.
        triples: of a CONSTRUCT or DESCRIBE query, each once.
        is_cut: whether there is more than was asked for.
    """

    kind: Kind
    variables: tuple[str, ...] = ()
    rows: tuple[tuple[Term | None, ...], ...] = ()
    truth: bool = False
    triples: tuple[Triple, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """What the child sends first."""

    kind: Kind
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What the child is to do: see ``ask``."""

    where: Place
    sparql: str
    allowed_hosts: tuple[str, ...]
    memory_bytes: int


class TooManyResultsError(RegistryError):
    """A query gives more than may be handed over."""

    code: ClassVar[str] = "too-many-results"


class QueryStoppedError(RegistryError):
    """A query took more time or memory than it may."""

    code: ClassVar[str] = "query-stopped"
    exit_code: ClassVar[int] = 3


def ask(
    where: Place,
    sparql: str,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    max_results: int = DEFAULT_MAX_RESULTS,
    allowed_hosts: Iterable[str] = (),
) -> Answer:
    """Asks a query that somebody hands us.

    Args:
        where: a store that is there.
        sparql: SELECT, ASK, CONSTRUCT or DESCRIBE.
        timeout_s: after which the query is ended.
        max_results: rows or triples after which the answer is cut.
        allowed_hosts: of servers that ``SERVICE`` may ask; see ``query_guard``.

    Raises:
        OntologyError: the query is none, is an update, or asks another server.
        QueryStoppedError: it took too long or too much memory.
        StorageError: the store cannot be used.
    """
    question = Question(where, sparql, tuple(allowed_hosts), MEMORY_BYTES)
    with subprocess.Popen(
        [sys.executable, "-P", "-m", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ,
    ) as child:
        deadline = threading.Timer(timeout_s, child.kill)
        deadline.start()
        try:
            return _read(child, question, max_results)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            raise _stopped(child.wait(), timeout_s, is_late=deadline.finished.is_set()) from None
        finally:
            deadline.cancel()
            child.kill()


def _read(child: subprocess.Popen[bytes], question: Question, max_results: int) -> Answer:
    assert child.stdin is not None
    assert child.stdout is not None
    pickle.dump(question, child.stdin)
    child.stdin.close()
    head = _next(child.stdout)
    assert isinstance(head, Head)
    results: list[object] = []
    for result in _results(child.stdout):
        if len(results) == max_results:
            return _answer(head, results, is_cut=True)
        results.append(result)
    return _answer(head, results, is_cut=False)


def _answer(head: Head, results: list[object], *, is_cut: bool) -> Answer:
    if head.kind is Kind.TRUTH:
        return Answer(head.kind, truth=bool(results[0]))
    if head.kind is Kind.TRIPLES:
        triples = tuple(dict.fromkeys(one for one in results if isinstance(one, Triple)))
        return Answer(head.kind, triples=triples, is_cut=is_cut)
    rows = tuple(one for one in results if isinstance(one, tuple))
    return Answer(head.kind, head.variables, rows, is_cut=is_cut)


def _results(stream: IO[bytes]) -> Iterator[object]:
    """What comes after the head, up to None, which ends it."""
    while (one := _next(stream)) is not None:
        yield one


def _next(stream: IO[bytes]) -> object:
    """One thing that the child, our own code, sent.

    Raises:
        FitgraphError: that the child met.
    """
    one = pickle.load(stream)  # noqa: S301
    if isinstance(one, FitgraphError):
        raise one
    return one


def _stopped(code: int, timeout_s: float, *, is_late: bool) -> FitgraphError:
    if is_late:
        return QueryStoppedError(
            f"the query was stopped after {timeout_s:g} seconds",
            hint="ask for less: a LIMIT, fewer joins, OPTIONAL and NOT EXISTS; or allow more time",
        )
    if code < 0:
        return QueryStoppedError(
            f"the query was stopped: it takes more than {MEMORY_BYTES >> 30} GiB of memory",
            hint="ask for less: sort, group and join fewer rows",
        )
    return OntologyError("the query ended without an answer", hint="run it with --debug")
