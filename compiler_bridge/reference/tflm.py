"""TFLite models by TensorFlow Lite for Microcontrollers' own interpreter, in a child process."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Sequence

import numpy as np

from fitgraph.compiler_bridge.errors import EmulationError
from fitgraph.compiler_bridge.reference.inputs import checked_inputs
from fitgraph.compiler_bridge.reference.node import Array
from fitgraph.registry.model_graph import ModelGraph

TIMEOUT_SECONDS = 120.0
_CHILD = "fitgraph.compiler_bridge.reference.tflm_child"
_HINT = "TensorFlow Lite for Microcontrollers cannot run this model; it has no reference."


def run_tflm(model_bytes: bytes, graph: ModelGraph, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Outputs of one inference from the initial state; see `run_tflm_many`."""
    return run_tflm_many(model_bytes, graph, [inputs])[0]


def run_tflm_many(
    model_bytes: bytes,
    graph: ModelGraph,
    input_sets: Sequence[Sequence[Array]],
    *,
    keep_state: bool = False,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> list[tuple[Array, ...]]:
    """Run several inferences in one process.

    Args:
        model_bytes: the TFLite file.
        graph: what was read from it.
        input_sets: for each inference one array per input of the graph.
        keep_state: leave variables as the inference before left them (a stream), instead of
            resetting them before each inference.
        timeout_seconds: for all inferences together.

    Returns:
        For each inference one array per output of the graph, of its type and shape.

    Raises:
        BridgeError: an input does not suit the graph.
        EmulationError: the interpreter refused the model, crashed or took too long.
    """
    sets = [checked_inputs(graph, inputs) for inputs in input_sets]
    if not sets:
        return []
    state = "keep" if keep_state else "reset"
    answer = _ask(
        graph, _request(model_bytes, sets), [str(len(graph.outputs)), state], timeout_seconds
    )
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
    graph: ModelGraph, request: bytes, arguments: list[str], timeout_seconds: float
) -> dict[str, Array]:
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", _CHILD, *arguments],
            input=request,
            capture_output=True,
            timeout=timeout_seconds,
            check=False,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise EmulationError(
            f"The TFLM interpreter took more than {timeout_seconds:g} s on {graph.name!r}.",
            hint="Run fewer inputs at once, or allow more time.",
        ) from error
    if child.returncode != 0 or not child.stdout:
        raise EmulationError(
            f"The TFLM interpreter's process ended with code {child.returncode} "
            f"on {graph.name!r}{_last_words(child.stderr)}.",
            hint=_HINT,
        )
    with np.load(io.BytesIO(child.stdout), allow_pickle=False) as archive:
        answer = {key: archive[key] for key in archive.files}
    if "error" in answer:
        raise EmulationError(
            f"The TFLM interpreter refused {graph.name!r}: "
            f"{answer['error']}{_last_words(child.stderr)}.",
            hint=_HINT,
        )
    return answer


def _last_words(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    return f" ({'; '.join(lines[-2:])})" if lines else ""
