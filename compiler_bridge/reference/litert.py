"""TFLite models by LiteRT's interpreter, for what TFLM's has no kernels for.

Those are 8-bit unsigned layers, float layers with 8-bit weights, weights in half precision, sparse
weights, and some operators and dtypes. LiteRT runs with its reference kernels, without delegates:
XNNPACK rounds differently, and that is not defined anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fitgraph.compiler_bridge.reference.child import TIMEOUT_SECONDS, Interpreter, run_in_child
from fitgraph.compiler_bridge.reference.node import Array
from fitgraph.registry.model_graph import DType, ModelGraph, Operator
from fitgraph.registry.tflite_calls import parts_of, run_by

LITERT = Interpreter(
    module="fitgraph.compiler_bridge.reference.litert_child",
    name="LiteRT",
    hint="LiteRT cannot run this model; it has no reference.",
)
# TFLM's kernels take 8-bit unsigned values where they only convert or move them.
_TFLM_TAKES_UINT8 = frozenset(
    {"QUANTIZE", "DEQUANTIZE", "RESHAPE", "SQUEEZE", "EXPAND_DIMS", "CAST", "GATHER"}
)
_WIDER = frozenset({DType.INT16, DType.INT32})
# Dtypes of the first input on which LiteRT has the operator and TFLM has not.
_TFLM_LACKS: Mapping[str, frozenset[DType]] = {
    **dict.fromkeys(("TILE", "SELECT", "REDUCE_ANY"), frozenset(DType)),
    "CUSTOM:Convolution2DTransposeBias": frozenset(DType),
    **dict.fromkeys(("GELU", "RELU_N1_TO_1", "RELU_0_TO_1"), frozenset(DType)),
    **dict.fromkeys(("NEG", "EXP", "LOG"), frozenset({DType.INT8, DType.INT16, DType.INT32})),
    **dict.fromkeys(("SIGN", "POW", "REVERSE_SEQUENCE"), frozenset(DType)),
    **dict.fromkeys(("ABS", "ADD_N"), frozenset({DType.INT32})),
    **dict.fromkeys(("TRANSPOSE", "UNPACK", "DYNAMIC_UPDATE_SLICE"), frozenset({DType.BOOL})),
    "RESIZE_BILINEAR": frozenset({DType.INT16}),
    **dict.fromkeys(("GATHER", "GATHER_ND"), _WIDER | {DType.BOOL}),
    **dict.fromkeys(("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND", "MIRROR_PAD"), _WIDER),
    **dict.fromkeys(("REDUCE_MAX", "REDUCE_MIN"), _WIDER),
    **dict.fromkeys(("ARG_MAX", "ARG_MIN"), frozenset({DType.INT32})),
    **dict.fromkeys(("FLOOR_DIV", "FLOOR_MOD"), frozenset({DType.INT8, DType.INT16, DType.INT32})),
    **dict.fromkeys(
        ("EQUAL", "NOT_EQUAL", "GREATER_EQUAL", "LESS", "LESS_EQUAL"), frozenset({DType.INT16})
    ),
}
# TFLM's kernels of these stop there.
_UP_TO_4_AXES = frozenset({"STRIDED_SLICE"})
_WEIGHTED = frozenset(
    {
        "BATCH_MATMUL",
        "CONV_2D",
        "DEPTHWISE_CONV_2D",
        "FULLY_CONNECTED",
        "SVDF",
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
    }
)


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
    """Whether TFLM lacks a kernel that LiteRT has for one of the operators, or works amiss."""
    parts = parts_of(graph)
    return any(
        _is_beyond_tflm(parts[index], operator) or _slices_by_data(parts[index], operator)
        for index in (0, *run_by(graph))
        for operator in parts[index].operators
    )


def _slices_by_data(graph: ModelGraph, operator: Operator) -> bool:
    """Whether a slice's size is computed: TFLM gives no tensor another size when it runs."""
    size = operator.inputs[2:3] if operator.op_type == "SLICE" else ()
    return any(index is not None and graph.tensors[index].data is None for index in size)


def _is_beyond_tflm(graph: ModelGraph, operator: Operator) -> bool:
    read = [graph.tensors[index].dtype for index in operator.inputs if index is not None]
    written = [graph.tensors[index].dtype for index in operator.outputs]
    if DType.FLOAT16 in (*read, *written):
        return True
    if operator.op_type in _UP_TO_4_AXES and _rank(graph, operator) > 4:
        return True
    if set(read[:1]) & _TFLM_LACKS.get(operator.op_type, frozenset()):
        return True
    if DType.UINT8 in written and operator.op_type not in _TFLM_TAKES_UINT8:
        return True
    if operator.op_type == "UNIDIRECTIONAL_SEQUENCE_LSTM" and _is_whole_lstm(operator):
        return True
    return operator.op_type in _WEIGHTED and read[:2] == [DType.FLOAT32, DType.INT8]


def _rank(graph: ModelGraph, operator: Operator) -> int:
    indices = (*operator.inputs, *operator.outputs)
    return max((len(graph.tensors[i].shape) for i in indices if i is not None), default=0)


def _is_whole_lstm(operator: Operator) -> bool:
    """Whether it has peepholes, a projection or normalized gates, or no input gate."""
    extras = (*operator.inputs[9:12], *operator.inputs[16:18], *operator.inputs[20:24])
    return operator.inputs[1:2] == (None,) or any(index is not None for index in extras)
