"""Asks an interpreter in a process of its own, which may print, crash or never end."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fitgraph.compiler_bridge.errors import EmulationError
from fitgraph.compiler_bridge.reference.inputs import checked_inputs
from fitgraph.compiler_bridge.reference.node import Array
from fitgraph.registry.model_graph import ModelGraph

TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A program that answers requests.

    Attributes:
        module: run with the number of outputs and ``keep`` or ``reset``. Its standard input is an
            ``.npz`` of ``model`` and one array ``<set>/<input>`` each; its standard output one of
            ``<set>/<output>``, or of one ``error``.
        name: in error messages.
        hint: what it means that it refuses a model.
    """

    module: str
    name: str
    hint: str


def run_in_child(
    interpreter: Interpreter,
    model_bytes: bytes,
    graph: ModelGraph,
    input_sets: Sequence[Sequence[Array]],
    *,
    keep_state: bool,
    timeout_seconds: float,
) -> list[tuple[Array, ...]]:
    """Outputs of several inferences.

    Raises:
        BridgeError: an input does not suit the graph.
        EmulationError: the interpreter refused the model, crashed or took too long.
    """
    sets = [checked_inputs(graph, inputs) for inputs in input_sets]
    if not sets:
        return []
    arguments = [str(len(graph.outputs)), "keep" if keep_state else "reset"]
    answer = _ask(interpreter, graph, _request(model_bytes, sets), arguments, timeout_seconds)
    return [
        tuple(answer[f"{set_index}/{index}"] for index in range(len(graph.outputs)))
        for set_index in range(len(sets))
    ]


def _request(model_bytes: bytes, sets: Sequence[Sequence[Array]]) -> bytes:
    arrays = {
        f"{set_index}/{index}": np.ascontiguousarray(value).reshape(value.shape)
        for set_index, inputs in enumerate(sets)
        for index, value in enumerate(inputs)
    }
    buffer = io.BytesIO()
    model = np.frombuffer(model_bytes, dtype=np.uint8)
    np.savez(buffer, allow_pickle=False, model=model, **arrays)
    return buffer.getvalue()


def _ask(
    interpreter: Interpreter,
    graph: ModelGraph,
    request: bytes,
    arguments: list[str],
    timeout_seconds: float,
) -> dict[str, Array]:
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", interpreter.module, *arguments],
            input=request,
            capture_output=True,
            timeout=timeout_seconds,
            check=False,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise EmulationError(
            f"The {interpreter.name} interpreter took more than {timeout_seconds:g} s on "
            f"{graph.name!r}.",
            hint="Run fewer inputs at once, or allow more time.",
        ) from error
    if child.returncode != 0 or not child.stdout:
        raise EmulationError(
            f"The {interpreter.name} interpreter's process ended with code {child.returncode} "
            f"on {graph.name!r}{_last_words(child.stderr)}.",
            hint=interpreter.hint,
        )
    with np.load(io.BytesIO(child.stdout), allow_pickle=False) as archive:
        answer = {key: archive[key] for key in archive.files}
    if "error" in answer:
        raise EmulationError(
            f"The {interpreter.name} interpreter refused {graph.name!r}: "
            f"{answer['error']}{_last_words(child.stderr)}.",
            hint=interpreter.hint,
        )
    return answer


def _last_words(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    return f" ({'; '.join(lines[-2:])})" if lines else ""
