"""The process that runs the TFLM interpreter, which may print, crash or abort it.

`Interpreter.module` says how it is asked.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
from tflite_micro.python.tflite_micro import runtime

# The largest arena among published microcontroller networks is under 1 MiB; activations of a
# float model that one is made from stay under the last size.
ARENA_BYTES = (16 << 20, 64 << 20, 256 << 20)

InputSets = dict[int, dict[int, npt.NDArray[Any]]]


def main() -> int:
    """Answer one request."""
    n_outputs, keeps_state = int(sys.argv[1]), sys.argv[2] == "keep"
    # The interpreter prints from C; only the answer goes to standard output.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    request = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    try:
        results = _run(request, n_outputs, keeps_state=keeps_state)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        results = {"error": np.asarray(str(error))}
    buffer = io.BytesIO()
    np.savez(buffer, **results)  # type: ignore[arg-type]
    with answer:
        answer.write(buffer.getvalue())
    return 0


def _run(request: Any, n_outputs: int, *, keeps_state: bool) -> dict[str, npt.NDArray[Any]]:  # noqa: ANN401
    interpreter = _interpreter(request["model"].tobytes())
    results = {}
    for set_index, inputs in sorted(input_sets(request).items()):
        if set_index > 0 and not keeps_state:
            interpreter.reset()
        for index, value in inputs.items():
            interpreter.set_input(value, index)
        interpreter.invoke()
        for index in range(n_outputs):
            results[f"{set_index}/{index}"] = np.array(interpreter.get_output(index))
    return results


def input_sets(request: Any) -> InputSets:  # noqa: ANN401
    """Arrays by set and input."""
    sets: InputSets = {}
    for key in request.files:
        if key != "model":
            set_index, index = key.split("/")
            sets.setdefault(int(set_index), {})[int(index)] = request[key]
    return sets


def _interpreter(model: bytes) -> Any:  # noqa: ANN401
    for arena_bytes in ARENA_BYTES[:-1]:
        try:
            return runtime.Interpreter.from_bytes(model, arena_size=arena_bytes)
        except RuntimeError:
            continue
    return runtime.Interpreter.from_bytes(model, arena_size=ARENA_BYTES[-1])


if __name__ == "__main__":
    sys.exit(main())
