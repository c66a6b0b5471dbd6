"""TFLite models by TensorFlow Lite for Microcontrollers' own interpreter, in a child process."""

from __future__ import annotations

from collections.abc import Sequence

from fitgraph.compiler_bridge.reference.child import TIMEOUT_SECONDS, Interpreter, run_in_child
from fitgraph.compiler_bridge.reference.node import Array
from fitgraph.registry.model_graph import ModelGraph

TFLM = Interpreter(
    module="fitgraph.compiler_bridge.reference.tflm_child",
    name="TFLM",
    hint="TensorFlow Lite for Microcontrollers cannot run this model; it has no reference.",
)


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
    return run_in_child(
        TFLM,
        model_bytes,
        graph,
        input_sets,
        keep_state=keep_state,
        timeout_seconds=timeout_seconds,
    )
