"""The process that asks TFLM's interpreter for the smallest arena that a model runs in.

Standard input is the model. Standard output is one line of JSON: ``arena_bytes``, or the ``error``
of an interpreter that refuses the model however large the arena is.

``arena_used_bytes`` of the interpreter is not that arena: planning needs more for a moment.
"""

from __future__ import annotations

import json
import os
import sys

from tflite_micro.python.tflite_micro import runtime

#: The interpreter aligns what it allocates to so many bytes (TFLM, ``MicroArenaBufferAlignment``).
STEP_BYTES = 16
ENOUGH_BYTES = (1 << 20, 16 << 20, 256 << 20)


def main() -> int:
    """Answer one request."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # The interpreter prints from C; only the answer goes to standard output.
    model = sys.stdin.buffer.read()
    result: dict[str, int | str]
    try:
        result = {"arena_bytes": smallest_arena(model)}
    except (RuntimeError, ValueError) as error:
        result = {"error": str(error)}
    with answer:
        json.dump(result, answer)
    return 0


def smallest_arena(model: bytes) -> int:
    """The smallest multiple of ``STEP_BYTES`` in which an inference succeeds.

    Raises:
        RuntimeError: the interpreter refuses the model.
    """
    too_small, enough = 0, _enough(model) // STEP_BYTES
    while enough - too_small > 1:
        middle = (too_small + enough) // 2
        if _runs(model, middle * STEP_BYTES):
            enough = middle
        else:
            too_small = middle
    return enough * STEP_BYTES


def _enough(model: bytes) -> int:
    for arena_bytes in ENOUGH_BYTES[:-1]:
        if _runs(model, arena_bytes):
            return arena_bytes
    runtime.Interpreter.from_bytes(model, arena_size=ENOUGH_BYTES[-1]).invoke()
    return ENOUGH_BYTES[-1]


def _runs(model: bytes, arena_bytes: int) -> bool:
    """Whether an inference succeeds; in a process of its own, which a small arena may crash."""
    child = os.fork()
    if child == 0:
        os._exit(_try(model, arena_bytes))
    return os.waitpid(child, 0)[1] == 0


def _try(model: bytes, arena_bytes: int) -> int:
    try:
        runtime.Interpreter.from_bytes(model, arena_size=arena_bytes).invoke()
    except RuntimeError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
