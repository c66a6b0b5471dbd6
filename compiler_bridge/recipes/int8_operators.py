"""Which operators are quantized, and which of a graph's operators are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import onnx

# The ONNX operators that the C generator computes in int8, Relu and Clip as saturation.
INT8_OPERATORS = (
    "Add",
    "AveragePool",
    "Clip",
    "Concat",
    "Conv",
    "Flatten",
    "Gemm",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "MatMul",
    "MaxPool",
    "Mul",
    "Pad",
    "ReduceMean",
    "Relu",
    "Reshape",
    "Sigmoid",
    "Slice",
    "Softmax",
    "Squeeze",
    "Tanh",
    "Transpose",
    "Unsqueeze",
)

_QDQ = frozenset({"QuantizeLinear", "DequantizeLinear"})


def has_quantizable_operator(proto: onnx.ModelProto) -> bool:
    """Whether some operator that int8 can do reads or writes float32 tensors."""
    floats = _float_tensors(proto)
    return any(
        node.op_type in INT8_OPERATORS and floats.intersection((*node.input, *node.output))
        for node in proto.graph.node
    )


def count_operators(
    proto: onnx.ModelProto,
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Count by op type the operators between QDQ pairs, and those still in float.

    An operator is int8 when it is one of ``INT8_OPERATORS``, every float tensor that it reads
    comes from a DequantizeLinear and every one that it writes goes to QuantizeLinear only.
    Operators on integers (shapes) and the QuantizeLinear and DequantizeLinear themselves are not
    counted.
    """
    floats = _float_tensors(proto)
    dequantized = _outputs_of(proto, "DequantizeLinear")
    requantized = _read_only_by(proto, "QuantizeLinear")
    int8: Counter[str] = Counter()
    still_float: Counter[str] = Counter()
    for node in proto.graph.node:
        # The bounds of a Clip are float constants that the C generator quantizes.
        inputs = node.input[:1] if node.op_type == "Clip" else node.input
        read, written = floats.intersection(inputs), floats.intersection(node.output)
        if node.op_type in _QDQ or not (read or written):
            continue
        between = read <= dequantized and written <= requantized
        is_int8 = between and node.op_type in INT8_OPERATORS
        (int8 if is_int8 else still_float)[node.op_type] += 1
    return dict(sorted(int8.items())), dict(sorted(still_float.items()))


def clips_away_zero(proto: onnx.ModelProto) -> bool:
    """Whether some Clip allows no zero.

    The quantizer lets a Clip vanish into the saturation of its output's range, which always holds
    zero; such a Clip must stay.
    """
    constants = {tensor.name: tensor for tensor in proto.graph.initializer}
    return any(
        node.op_type == "Clip" and not _allows_zero(node, constants) for node in proto.graph.node
    )


def _allows_zero(node: onnx.NodeProto, constants: Mapping[str, onnx.TensorProto]) -> bool:
    bounds = [name for name in node.input[1:] if name]
    if any(name not in constants for name in bounds):
        return False
    lower, upper = (
        onnx.numpy_helper.to_array(constants[name]).item() if name else default
        for name, default in zip([*node.input[1:], "", ""][:2], (-np.inf, np.inf), strict=True)
    )
    return bool(lower <= 0 <= upper)


def _float_tensors(proto: onnx.ModelProto) -> frozenset[str]:
    graph = onnx.shape_inference.infer_shapes(proto).graph
    values = (*graph.input, *graph.output, *graph.value_info)
    is_float = onnx.TensorProto.FLOAT
    return frozenset(
        value.name for value in values if value.type.tensor_type.elem_type == is_float
    ) | frozenset(tensor.name for tensor in graph.initializer if tensor.data_type == is_float)


def _outputs_of(proto: onnx.ModelProto, op_type: str) -> frozenset[str]:
    return frozenset(
        name for node in proto.graph.node if node.op_type == op_type for name in node.output
    )


def _read_only_by(proto: onnx.ModelProto, op_type: str) -> frozenset[str]:
    readers: dict[str, set[str]] = {value.name: {"graph output"} for value in proto.graph.output}
    for node in proto.graph.node:
        for name in node.input:
            readers.setdefault(name, set()).add(node.op_type)
    return frozenset(name for name, types in readers.items() if types == {op_type})
