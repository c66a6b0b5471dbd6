"""Follows channels of zeros through a float ONNX graph, to the weights that read them.

What reads nothing but zeros may be zero itself. Where the reader's weights are, the compiler sees
that nothing depends on the channel, and leaves it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

Array = npt.NDArray[Any]

# Operators that turn zeros into zeros, channel by channel (axis 1).
_KEEPING: Final = frozenset(
    {"Relu", "LeakyRelu", "HardSwish", "Tanh", "MaxPool", "AveragePool", "GlobalAveragePool",
     "GlobalMaxPool", "Dropout", "Identity"}
)  # fmt: skip


def spread_zeros(model: onnx.ModelProto, pruned: Mapping[str, Array]) -> None:
    """Zeroes the weights that read pruned channels alone, layer after layer, in place.

    Args:
        pruned: name of a layer's weights to the channels that it no longer makes.
    """
    shapes = _shapes(model)
    constants = {one.name: one for one in model.graph.initializer}
    zeros: dict[str, Array] = {}
    for node in model.graph.node:
        known = zeros.get(node.input[0]) if node.input else None
        if known is not None and node.op_type in ("Conv", "Gemm", "MatMul"):
            _silence(node, constants, known)
        made = _after(node, constants, known, pruned, shapes)
        if made is not None and made.any():
            zeros[node.output[0]] = made


def zero_out(constant: onnx.TensorProto, axis: int, channels: Array) -> None:
    """Zeroes slices along an axis."""
    values = numpy_helper.to_array(constant).copy()
    np.moveaxis(values, axis, 0)[channels] = 0
    constant.CopyFrom(numpy_helper.from_array(values, constant.name))


def is_depthwise(node: onnx.NodeProto, constants: Mapping[str, onnx.TensorProto]) -> bool:
    """Whether each channel of a convolution sees the one of its number alone."""
    groups = next((one.i for one in node.attribute if one.name == "group"), 1)
    weights = constants.get(node.input[1])
    return groups > 1 and weights is not None and weights.dims[0] == groups


def output_axis(node: onnx.NodeProto) -> int | None:
    """The axis of a layer's weights that runs along its output channels; None for no such layer."""
    attributes = {one.name: one for one in node.attribute}
    if node.op_type == "Conv":
        is_grouped = "group" in attributes and attributes["group"].i != 1
        return None if is_grouped else 0
    if node.op_type == "Gemm":
        return 0 if "transB" in attributes and attributes["transB"].i else 1
    return 1 if node.op_type == "MatMul" else None


def _silence(node: onnx.NodeProto, constants: Mapping[str, onnx.TensorProto], known: Array) -> None:
    """Weights for channels of zeros become zeros."""
    weights = constants.get(node.input[1])
    if weights is None:
        return
    if is_depthwise(node, constants):
        zero_out(weights, 0, known)
        if len(node.input) > 2 and node.input[2] in constants:
            zero_out(constants[node.input[2]], 0, known)
        return
    axis = output_axis(node)
    if axis is not None and weights.dims[1 - axis] == len(known):
        zero_out(weights, 1 - axis, known)


def _after(
    node: onnx.NodeProto,
    constants: Mapping[str, onnx.TensorProto],
    known: Array | None,
    pruned: Mapping[str, Array],
    shapes: Mapping[str, tuple[int, ...]],
) -> Array | None:
    """Which channels of a node's output are zeros; None where that is not told."""
    if len(node.input) > 1 and node.input[1] in pruned:
        return pruned[node.input[1]]
    if known is None:
        return None
    if node.op_type in _KEEPING or (node.op_type == "Conv" and is_depthwise(node, constants)):
        return known
    if node.op_type == "BatchNormalization":
        for name in node.input[1:4]:
            if name in constants:
                zero_out(constants[name], 0, known)
        return known
    if node.op_type in ("Flatten", "Reshape"):
        taken, given = shapes.get(node.input[0], ()), shapes.get(node.output[0], ())
        if len(taken) > 1 and given == (taken[0], int(np.prod(taken[1:]))):
            return np.repeat(known, int(np.prod(taken[2:])))
    return None


def _shapes(model: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    """Shapes that are known in full."""
    inferred = onnx.shape_inference.infer_shapes(model)
    found = {}
    for value in (*inferred.graph.value_info, *inferred.graph.input, *inferred.graph.output):
        dims = value.type.tensor_type.shape.dim
        if all(dim.HasField("dim_value") for dim in dims):
            found[value.name] = tuple(dim.dim_value for dim in dims)
    return found
