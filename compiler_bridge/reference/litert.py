"""TFLite models by LiteRT's interpreter, for what TFLM's has no kernels for.

Those are 8-bit unsigned layers, float layers with 8-bit weights, weights in half precision and
sparse weights. LiteRT runs with its reference kernels and without delegates: XNNPACK rounds
differently, and that is not defined anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from fitgraph.compiler_bridge.reference.child import TIMEOUT_SECONDS, Interpreter, run_in_child
from fitgraph.compiler_bridge.reference.node import Array
from fitgraph.registry.model_graph import DType, ModelGraph, Operator

LITERT = Interpreter(
    module="fitgraph.compiler_bridge.reference.litert_child",
    name="LiteRT",
    hint="LiteRT cannot run this model; it has no reference.",
)
# TFLM's kernels take 8-bit unsigned values where they only convert or move them.
_TFLM_TAKES_UINT8 = frozenset(
    {"QUANTIZE", "DEQUANTIZE", "RESHAPE", "SQUEEZE", "EXPAND_DIMS", "CAST", "GATHER"}
)
_WEIGHTED = frozenset({"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"})


def run_litert_many(
    model_bytes: bytes,
    graph: ModelGraph,
    input_sets: Sequence[Sequence[Array]],
    *,
    keep_state: bool = False,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> list[tuple[Array, ...]]:
    """As `run_tflm_many`, by LiteRT."""
    return run_in_child(
        LITERT,
        model_bytes,
        graph,
        input_sets,
        keep_state=keep_state,
        timeout_seconds=timeout_seconds,
    )


def needs_litert(graph: ModelGraph) -> bool:
    """Whether TFLM lacks a kernel that LiteRT has for one of the graph's operators."""
    return any(_is_beyond_tflm(graph, operator) for operator in graph.operators)


def _is_beyond_tflm(graph: ModelGraph, operator: Operator) -> bool:
    read = [graph.tensors[index].dtype for index in operator.inputs if index is not None]
    written = [graph.tensors[index].dtype for index in operator.outputs]
    if DType.FLOAT16 in (*read, *written):
        return True
    if DType.UINT8 in written and operator.op_type not in _TFLM_TAKES_UINT8:
        return True
    return operator.op_type in _WEIGHTED and read[:2] == [DType.FLOAT32, DType.INT8]
