"""The process that asks one query and sends what comes of it; started by ``answer.ask``.

Standard input carries a pickled ``Question``; standard output a ``Head``, the results one by one,
and None at the end, or an error in any of these places.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, Triple

from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.answer import Head, Kind, Question
from fitgraph.registry.errors import StorageError
from fitgraph.registry.query_guard import check_query
from fitgraph.registry.store import EmbeddedStore

_PATIENCE_S = 0.5  # another command may be writing its result just now


def main() -> int:
    """Answer the question on standard input."""
    question = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent's
    # Native code may print; only the answer goes to standard output.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit_memory(question.memory_bytes)
    with answer:
        try:
            for one in _sent(question):
                pickle.dump(one, answer)
            pickle.dump(None, answer)
        except FitgraphError as error:
            pickle.dump(error, answer)
    return 0


def _sent(question: Question) -> Iterator[object]:
    check_query(question.sparql, question.allowed_hosts)
    if isinstance(question.where, Path):
        with EmbeddedStore.open(
            question.where / "graph", read_only=True, patience_s=_PATIENCE_S
        ) as store:
            yield from results(store.answer(question.sparql))
        return
    from fitgraph.registry.remote_store import RemoteStore  # noqa: PLC0415

    # The deadline is the parent's.
    with RemoteStore(replace(question.where, timeout_s=3600.0), read_only=True) as remote:
        yield from results(remote.answer(question.sparql))


def results(
    found: QuerySolutions | QueryBoolean | QueryTriples | Iterator[Triple],
) -> Iterator[object]:
    """A head, then rows, triples or the truth, one by one.

    Raises:
        StorageError: the query breaks off.
    """
    try:
        if isinstance(found, QueryBoolean):
            yield Head(Kind.TRUTH)
            yield bool(found)
        elif isinstance(found, QuerySolutions):
            yield Head(Kind.ROWS, tuple(variable.value for variable in found.variables))
            yield from map(tuple, found)
        else:
            yield Head(Kind.TRIPLES)
            yield from found
    except (OSError, RuntimeError, ValueError, SyntaxError) as error:
        raise StorageError(
            f"the query broke off: {' '.join(str(error).split())}",
            hint="where SERVICE asks another server, look whether that answers",
        ) from error


def limit_memory(memory_bytes: int) -> None:
    """Lets this process take no more memory, and leave no core file."""
    limits = ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, memory_bytes))
    for what, most in limits:
        # A stricter limit from outside stays; macOS refuses some of these.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


if __name__ == "__main__":
    sys.exit(main())
