"""The process that reads one untrusted model file within limits and writes the graph it found.

Started by ``read_model_safely`` with the path, seconds of CPU time and bytes of address space.
Standard output carries a pickle: a ``ModelGraph``, or an error's message and hint.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import sys

from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.model_graph import ModelGraph
from fitgraph.registry.read_model import read_model


def main() -> int:
    """Read the file that the arguments name."""
    path, cpu_seconds, memory_bytes = sys.argv[1:4]
    # Native code may print; only the answer goes to standard output.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit(int(cpu_seconds), int(memory_bytes))
    result = _read(path, int(memory_bytes))
    with answer:
        pickle.dump(result, answer, protocol=pickle.HIGHEST_PROTOCOL)
    return 0


def _limit(cpu_seconds: int, memory_bytes: int) -> None:
    limits = (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, memory_bytes),
    )
    for what, most in limits:
        # A stricter limit from outside stays; macOS refuses some of these.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def _read(path: str, memory_bytes: int) -> ModelGraph | tuple[str, str]:
    try:
        return read_model(path)
    except FitgraphError as error:
        return error.message, error.hint
    except MemoryError:
        return (
            f"{path}: reading it takes more than {memory_bytes} bytes of memory",
            "The file is damaged or made to do harm; get it again from its source.",
        )


if __name__ == "__main__":
    sys.exit(main())
