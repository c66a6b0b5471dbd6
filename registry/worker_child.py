"""The process that does jobs for a server, until its standard input ends.

Standard input carries pickled jobs and standard output what comes of them, each behind its length
in eight bytes. What comes of a job may be an error of ours.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
from typing import IO, Final

from fitgraph.ontology.errors import FitgraphError
from fitgraph.registry.answer_child import limit_memory
from fitgraph.registry.work import Desk, Job, JobError

LENGTH: Final = struct.Struct(">Q")


def main() -> int:
    """Do jobs; the one argument is how many bytes of memory they may take."""
    # Native code may print; only results go to standard output.
    results = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit_memory(int(sys.argv[1]))
    desk = Desk()
    while (job := _next(sys.stdin.buffer)) is not None:
        try:
            done: object = job.run(desk)
        except FitgraphError as error:
            done = error
        except MemoryError:
            return 1
        except Exception as error:  # noqa: BLE001 - whatever it is, the server must hear of it
            done = JobError(f"this failed: {type(error).__name__}")
        content = pickle.dumps(done)
        results.write(LENGTH.pack(len(content)) + content)
        results.flush()
    return 0


def _next(stream: IO[bytes]) -> Job | None:
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    job: Job = pickle.loads(stream.read(LENGTH.unpack(head)[0]))  # noqa: S301 - our own parent's
    return job


if __name__ == "__main__":
    sys.exit(main())
