"""The child's side of `child.py`: one request from standard input, one answer."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Results = dict[str, Array]


class Session(Protocol):
    """A model in an interpreter."""

    def reset(self) -> None:
        """Forgets the state that inferences left."""

    def outputs(self, inputs: dict[int, Array]) -> Iterator[Array]:
        """Outputs of one inference, the first ones at least, for inputs by their place."""


class Opens(Protocol):
    """Puts a model file into an interpreter."""

    def __call__(self, model: bytes) -> Session: ...


def answer_request(opens: Opens) -> int:
    """Runs the inferences that are asked for; an error becomes the answer."""
    n_outputs, keeps_state = int(sys.argv[1]), sys.argv[2] == "keep"
    # An interpreter may print from C; only the answer goes to standard output.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    request = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    try:
        results = _run(opens, request, n_outputs, keeps_state=keeps_state)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        results = {"error": np.asarray(str(error))}
    buffer = io.BytesIO()
    np.savez(buffer, **results)  # type: ignore[arg-type]
    with answer:
        answer.write(buffer.getvalue())
    return 0


def _run(opens: Opens, request: Any, n_outputs: int, *, keeps_state: bool) -> Results:  # noqa: ANN401
    session = opens(request["model"].tobytes())
    results: Results = {}
    for set_index, inputs in sorted(_input_sets(request).items()):
        if set_index > 0 and not keeps_state:
            session.reset()
        outputs = session.outputs(inputs)
        results |= {f"{set_index}/{i}": np.array(next(outputs)) for i in range(n_outputs)}
    return results


def _input_sets(request: Any) -> dict[int, dict[int, Array]]:  # noqa: ANN401
    """Arrays by set and input."""
    sets: dict[int, dict[int, Array]] = {}
    for key in request.files:
        if key != "model":
            set_index, index = key.split("/")
            sets.setdefault(int(set_index), {})[int(index)] = request[key]
    return sets
