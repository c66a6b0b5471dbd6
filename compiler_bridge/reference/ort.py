"""Float ONNX models by onnxruntime, on one thread and, unless asked, as the file is written."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime as ort

from fitgraph.compiler_bridge.errors import EmulationError
from fitgraph.compiler_bridge.onnx_names import are_distinct, without_equal_names
from fitgraph.compiler_bridge.reference.inputs import checked_inputs
from fitgraph.compiler_bridge.reference.node import Array
from fitgraph.compiler_bridge.reference.unsigned_weights import (
    has_signed_weights,
    with_unsigned_weights,
)
from fitgraph.registry.model_graph import ModelGraph

_LEVELS = {
    "disabled": ort.GraphOptimizationLevel.ORT_DISABLE_ALL,
    "basic": ort.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    "extended": ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    "all": ort.GraphOptimizationLevel.ORT_ENABLE_ALL,
}
OPTIMIZATION_LEVELS = tuple(_LEVELS)
_QUIET = 4  # onnxruntime's severity "fatal": its errors reach us as exceptions


def run_onnxruntime_many(
    model_bytes: bytes,
    graph: ModelGraph,
    input_sets: Sequence[Sequence[Array]],
    *,
    optimization: str = "disabled",
) -> list[tuple[Array, ...]]:
    """Run several inferences in one session.

    Args:
        model_bytes: the ONNX file, without external data.
        graph: what was read from it.
        input_sets: for each inference one array per input of the graph.
        optimization: one of `OPTIMIZATION_LEVELS`.

    Returns:
        For each inference one array per output of the graph.

    Raises:
        BridgeError: an input does not suit the graph.
        EmulationError: onnxruntime refused the model or failed in it.
    """
    sets = [checked_inputs(graph, inputs) for inputs in input_sets]
    names = [graph.tensor(index).name for index in graph.inputs]
    try:
        session = ort.InferenceSession(
            _runnable(model_bytes, graph),
            _options(optimization),
            providers=["CPUExecutionProvider"],
        )
        results = [session.run(None, dict(zip(names, values, strict=True))) for values in sets]
    # onnxruntime's exceptions are classes made in C++ that share no base but Exception.
    except Exception as error:
        raise EmulationError(
            f"onnxruntime {ort.__version__} cannot run {graph.name!r}: {error}",
            hint="Check the model with onnx.checker; an operator may be unknown to onnxruntime.",
        ) from error
    return [tuple(_array(value) for value in result) for result in results]


def _array(value: object) -> Array:
    """Maps of labels to numbers (ZipMap), one a row, become rows of the numbers."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return np.array([list(row.values()) for row in value], np.float32)
    return np.asarray(value)


def _runnable(model_bytes: bytes, graph: ModelGraph) -> bytes:
    """The model file, said so that onnxruntime does not stumble and multiplies exactly."""
    has_distinct = are_distinct(operator.name for operator in graph.operators)
    if has_distinct and not has_signed_weights(graph):
        return model_bytes
    proto = onnx.load_model_from_string(model_bytes)
    if not has_distinct:
        proto = without_equal_names(proto)
    return bytes(with_unsigned_weights(proto).SerializeToString())


def _options(optimization: str) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _QUIET
    options.graph_optimization_level = _LEVELS[optimization]
    return options
