"""The process that runs the TFLM interpreter, which may print, crash or abort it.

`Interpreter.module` says how it is asked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from tflite_micro.python.tflite_micro import runtime

from fitgraph.compiler_bridge.reference.answering import Array, answer_request

# The largest arena among published microcontroller networks is under 1 MiB; activations of a
# float model that one is made from stay under the last size.
ARENA_BYTES = (16 << 20, 64 << 20, 256 << 20)


class TflmSession:
    """A model in TFLM."""

    def __init__(self, model: bytes) -> None:
        self._interpreter = _interpreter(model)

    def reset(self) -> None:
        """See ``Session.reset``."""
        self._interpreter.reset()

    def outputs(self, inputs: dict[int, Array]) -> Iterator[Array]:
        """See ``Session.outputs``."""
        for index, value in inputs.items():
            self._interpreter.set_input(value, index)
        self._interpreter.invoke()
        index = 0
        while True:
            yield self._interpreter.get_output(index)
            index += 1


def _interpreter(model: bytes) -> Any:  # noqa: ANN401 - it is shipped without types
    for arena_bytes in ARENA_BYTES[:-1]:
        try:
            return runtime.Interpreter.from_bytes(model, arena_size=arena_bytes)
        except RuntimeError:
            continue
    return runtime.Interpreter.from_bytes(model, arena_size=ARENA_BYTES[-1])


if __name__ == "__main__":
    sys.exit(answer_request(TflmSession))
