"""Weights of dense layers and convolutions rounded to 4 or 2 bits before a model is quantized.

Each output channel has the scale that keeps its weights nearest (least squared difference, of some
scales tried): with few bits it pays to cut off the largest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper
from onnxruntime.quantization import QuantType

Array = npt.NDArray[np.float32]
# By output channel: the choices of onnxruntime's quantizer.
Override = list[dict[str, Any]]

_LAYERS = ("Conv", "Gemm", "MatMul")
# Of the scale at which the largest magnitude is the least integer.
_SHARES = np.linspace(0.3, 1.2, 37)
_SMALLEST_SCALE = 1e-12  # of a channel of zeros


def round_weights(proto: onnx.ModelProto, bits: int, *, per_channel: bool) -> dict[str, Override]:
    """Rounds the weights in place and says how each is to be quantized, by its name.

    Weights that several operators share, or that a depthwise convolution reads, are left alone:
    the latter are few, and each counts.

    Args:
        bits: 4 or 2, in which integers from -2^(bits - 1) on fit.
    """
    constants = {tensor.name: tensor for tensor in proto.graph.initializer}
    overrides: dict[str, Override] = {}
    for name, axis in _layer_weights(proto, constants):
        weights = np.asarray(numpy_helper.to_array(constants[name]), np.float32)
        rows = np.moveaxis(weights, axis, 0).reshape(weights.shape[axis], -1)
        scales = _scales(rows if per_channel else rows.reshape(1, -1), bits)
        rounded = scales[:, np.newaxis] * _integers(rows, scales, bits)
        moved = rounded.reshape(weights.shape[axis], *np.delete(weights.shape, axis))
        new = np.ascontiguousarray(np.moveaxis(moved, 0, axis), np.float32)
        constants[name].CopyFrom(numpy_helper.from_array(new, name))
        overrides[name] = _override(scales, axis if per_channel else None)
    return overrides


def _layer_weights(
    proto: onnx.ModelProto, constants: Mapping[str, onnx.TensorProto]
) -> Iterator[tuple[str, int]]:
    """Names of weights that one layer reads, with the axis of its outputs."""
    readers = Counter(name for node in proto.graph.node for name in node.input)
    for node in proto.graph.node:
        if node.op_type not in _LAYERS or readers[node.input[1]] > 1:
            continue
        weights = constants.get(node.input[1])
        if weights is not None and not _is_special(node, list(weights.dims)):
            by_row = node.op_type == "Conv" or _number(node, "transB", 0)
            yield node.input[1], 0 if by_row else 1


def _is_special(node: onnx.NodeProto, shape: list[int]) -> bool:
    """Whether the weights are depthwise, or many matrices."""
    if node.op_type == "Conv":
        return _number(node, "group", 1) > 1 and shape[1] == 1
    return len(shape) != 2


def _number(node: onnx.NodeProto, name: str, default: int) -> int:
    return next((one.i for one in node.attribute if one.name == name), default)


def _integers(rows: Array, scales: Array, bits: int) -> Array:
    half = 2 ** (bits - 1)
    integers: Array = np.clip(np.rint(rows / scales[:, np.newaxis]), -half, half - 1)
    return integers


def _scales(rows: Array, bits: int) -> Array:
    """One for each row."""
    half = 2 ** (bits - 1)
    whole = np.maximum(np.abs(rows).max(axis=1) / half, _SMALLEST_SCALE)
    # The last is right for weights that have so few values already, the greatest among them.
    shares = (*_SHARES, half / (half - 1))
    tried = np.stack([np.asarray(share * whole, np.float32) for share in shares])
    differences = [
        np.square(scales[:, np.newaxis] * _integers(rows, scales, bits) - rows).sum(axis=1)
        for scales in tried
    ]
    best: Array = tried[np.argmin(differences, axis=0), np.arange(len(rows))]
    return best


def _override(scales: Array, axis: int | None) -> Override:
    place = {} if axis is None else {"axis": axis}
    zero = np.array(0, np.int8)
    return [
        {"quant_type": QuantType.QInt4, "scale": scale, "zero_point": zero, **place}
        for scale in scales
    ]
