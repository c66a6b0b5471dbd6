"""Which constants of a graph are parameters, and how many bytes constants take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fitgraph.registry.model_graph import DType, ModelGraph, Operator, Tensor

_FLOATS = frozenset({DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16, DType.FLOAT64})
# ONNX knows no quantized types: these are weights and biases unless an input says otherwise.
_ONNX_NUMBERS = _FLOATS | {DType.INT4, DType.INT8, DType.UINT8, DType.INT16, DType.UINT16}

# Inputs that hold scales, zero points, bounds or shapes rather than learned numbers.
# Source: ONNX operator schemas; ONNX Runtime, ContribOperators.md.
_ONNX_SETTINGS: Mapping[str, frozenset[int]] = {
    "Clip": frozenset({1, 2}),
    "ConvInteger": frozenset({2, 3}),
    "DequantizeLinear": frozenset({1, 2}),
    "MatMulInteger": frozenset({2, 3}),
    "Pad": frozenset({1, 2, 3}),
    "QGemm": frozenset({1, 2, 4, 5, 7, 8}),
    "QLinearAdd": frozenset({1, 2, 4, 5, 6, 7}),
    "QLinearAveragePool": frozenset({1, 2, 3, 4}),
    "QLinearConv": frozenset({1, 2, 4, 5, 6, 7}),
    "QLinearGlobalAveragePool": frozenset({1, 2, 3, 4}),
    "QLinearLeakyRelu": frozenset({1, 2, 3, 4}),
    "QLinearMatMul": frozenset({1, 2, 4, 5, 6, 7}),
    "QLinearMul": frozenset({1, 2, 4, 5, 6, 7}),
    "QLinearReduceMean": frozenset({1, 2, 3, 4}),
    "QLinearSigmoid": frozenset({1, 2, 3, 4}),
    "QLinearSoftmax": frozenset({1, 2, 3, 4}),
    "QuantizeLinear": frozenset({1, 2}),
    "Resize": frozenset({1, 2, 3}),
}
# Where int32 is a bias; elsewhere it is an index or a shape.
_ONNX_BIASES: Mapping[str, int] = {"DequantizeLinear": 0, "QGemm": 6, "QLinearConv": 8}


def parameter_indices(graph: ModelGraph) -> tuple[int, ...]:
    """Tensors whose elements are the model's parameters: weights, biases, learned tables.

    TFLite: the constants that an operator reads and that are of a float type or quantized;
    shapes, axes and paddings are neither. ONNX: the constants of a float or small integer type,
    and int32 biases, that an operator reads at an input which is not a setting (a scale, a zero
    point, a bound). A tensor that several operators share is one.
    """
    found: set[int] = set()
    for operator in graph.operators:
        for position, index in enumerate(operator.inputs):
            if index is not None and graph.tensor(index).is_constant:
                tensor = graph.tensor(index)
                if _is_parameter(operator, position, tensor):
                    found.add(index)
    return tuple(sorted(found))


def _is_parameter(operator: Operator, position: int, tensor: Tensor) -> bool:
    if operator.domain == "tflite":
        return tensor.dtype in _FLOATS or tensor.quantization is not None
    op_type = operator.op_type
    if op_type == "QLinearConcat":
        return position >= 2 and position % 3 == 2 and tensor.dtype in _ONNX_NUMBERS
    if position in _ONNX_SETTINGS.get(op_type, ()):
        return False
    is_bias = tensor.dtype is DType.INT32 and _ONNX_BIASES.get(op_type) == position
    return is_bias or tensor.dtype in _ONNX_NUMBERS


# Lists of numbers that operators of ai.onnx.ml have learned, as attributes: thresholds and weights.
# Source: ONNX operator schemas.
_LEARNED: Mapping[str, Sequence[str]] = {
    "Imputer": ("imputed_value_floats",),
    "LinearClassifier": ("coefficients", "intercepts"),
    "LinearRegressor": ("coefficients", "intercepts"),
    "SVMClassifier": ("coefficients", "prob_a", "prob_b", "rho", "support_vectors"),
    "SVMRegressor": ("coefficients", "rho", "support_vectors"),
    "Scaler": ("offset", "scale"),
    "TreeEnsembleClassifier": ("base_values", "class_weights"),
    "TreeEnsembleRegressor": ("base_values", "target_weights"),
}
_ML = "ai.onnx.ml"


def attribute_parameters(operator: Operator) -> int:
    """Numbers that an operator of ai.onnx.ml has learned: its lists, and a threshold each."""
    if operator.domain != _ML:
        return 0
    learned = _LEARNED.get(operator.op_type, ())
    modes = operator.attributes.get("nodes_modes", ())
    conditions = sum(mode != "LEAF" for mode in modes)
    return int(conditions + sum(len(operator.attributes.get(name, ())) for name in learned))


def stored_bytes(tensor: Tensor) -> int:
    """Bytes that a constant takes, int4 packed, sparse ones whole; 0 for other values."""
    if tensor.data is None:
        return 0
    if tensor.dtype is DType.INT4:
        return (tensor.data.size + 1) // 2
    if tensor.data.dtype.hasobject:
        return sum(len(str(text).encode()) for text in tensor.data.reshape(-1))
    return int(tensor.data.nbytes)
