"""The process that does one job: its group's leader, and gone as soon as its parent is.

The arguments are a folder to work in, seconds of CPU time, and bytes of address space and of a
file. Standard input carries a pickled task behind its length in eight bytes, and stays open as long
as the parent lives. Standard output carries what happens, one pickle after another: stages as
tuples, in the end what was made or a ``Failure``.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import struct
import sys
import threading
from pathlib import Path
from typing import IO, Final

from fitgraph.api.jobs.task import Failure, KeepError, Made, Task
from fitgraph.ontology.errors import FitgraphError

LENGTH: Final = struct.Struct(">Q")


def main() -> int:
    """Do the job."""
    folder = Path(sys.argv[1])
    # Native code may print; only pickles go to standard output.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit(*map(int, sys.argv[2:5]))
    stdin = sys.stdin.buffer
    (length,) = LENGTH.unpack(stdin.read(LENGTH.size))
    content = stdin.read(length)
    threading.Thread(target=_end_with_parent, args=(stdin,), daemon=True).start()
    _send(answer, _done(content, folder, answer))
    answer.close()
    # The thread still reads; nothing is left to clean up.
    os._exit(0)


def _done(content: bytes, folder: Path, answer: IO[bytes]) -> Made | Failure:
    try:
        task: Task = pickle.loads(content)  # noqa: S301 - our own parent's
        return task.run(folder, lambda stage, done, total: _send(answer, (str(stage), done, total)))
    except KeepError as error:
        return _failure(error.reason, folder, error.made)
    except FitgraphError as error:
        return _failure(error, folder)
    except MemoryError:
        return Failure(
            "too-much-memory",
            "the job was stopped: it takes more memory than it may",
            "build a smaller model, or let the setting job_memory_bytes be larger",
        )


def _failure(error: FitgraphError, folder: Path, made: Made | None = None) -> Failure:
    """The error, in whose words nobody is told where we work."""
    message, hint = (text.replace(f"{folder}/", "") for text in (error.message, error.hint))
    return Failure(error.code, message, hint, made)


def _send(answer: IO[bytes], what: object) -> None:
    pickle.dump(what, answer, protocol=pickle.HIGHEST_PROTOCOL)
    answer.flush()


def _end_with_parent(stdin: IO[bytes]) -> None:
    """Kills the group, compilers too, when the parent is gone."""
    while stdin.read(1):
        pass
    os.killpg(0, signal.SIGKILL)


def _limit(cpu_s: int, memory_bytes: int, file_bytes: int) -> None:
    limits = (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, file_bytes),
    )
    for what, most in limits:
        # A stricter limit from outside stays; macOS refuses some of these.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


if __name__ == "__main__":
    sys.exit(main())
