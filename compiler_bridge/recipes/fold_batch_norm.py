"""Fold the batch normalizations that onnxruntime leaves: behind Gemm, and those on their own.

onnxruntime's basic level folds one behind a convolution. Behind Gemm (dense layers with batch
normalization, as in the MLPerf Tiny anomaly detector) it stays, and would be computed in float.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

Array = npt.NDArray[Any]
_DEFAULT_EPSILON = 1e-5  # ONNX operator BatchNormalization


@dataclass(frozen=True, slots=True)
class _Affine:
    """What a batch normalization is at inference: factor * x + offset by channel, shape (c,)."""

    factor: Array
    offset: Array


def fold_batch_norms(proto: onnx.ModelProto) -> onnx.ModelProto:
    """Fold each into the Gemm before it, or else turn it into a depthwise 1x1 convolution.

    One on (n, c) tensors that is not behind a Gemm of its own stays as it is.
    """
    model = onnx.ModelProto()
    model.CopyFrom(proto)
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    for index, node in enumerate(model.graph.node):
        if node.op_type != "BatchNormalization" or len(node.output) != 1:
            continue
        affine = _affine(node, constants)
        if affine is None:
            continue
        gemm = _private_gemm(model.graph, node.input[0], constants)
        if gemm is not None:
            _scale_gemm(model.graph, gemm, affine, constants)
            # Identity keeps names and order; onnxruntime removes it.
            replacement = helper.make_node("Identity", [node.input[0]], node.output, node.name)
            model.graph.node[index].CopyFrom(replacement)
        elif _rank(model, node.input[0]) >= 3:
            rank = _rank(model, node.input[0])
            model.graph.node[index].CopyFrom(_depthwise(model.graph, node, affine, rank))
    return model


def _affine(node: onnx.NodeProto, constants: Mapping[str, onnx.TensorProto]) -> _Affine | None:
    if any(name not in constants for name in node.input[1:]):
        return None
    scale, bias, mean, variance = (
        numpy_helper.to_array(constants[name]).astype(np.float64) for name in node.input[1:]
    )
    epsilon = next((a.f for a in node.attribute if a.name == "epsilon"), _DEFAULT_EPSILON)
    factor = scale / np.sqrt(variance + epsilon)
    return _Affine(factor, bias - mean * factor)


def _private_gemm(
    graph: onnx.GraphProto, name: str, constants: Mapping[str, onnx.TensorProto]
) -> onnx.NodeProto | None:
    """The Gemm with constant weights whose output nobody but this reader uses."""
    n_readers = sum(list(node.input).count(name) for node in graph.node)
    if n_readers != 1 or any(value.name == name for value in graph.output):
        return None
    makers = [node for node in graph.node if name in node.output and node.op_type == "Gemm"]
    return next(
        (node for node in makers if all(part in constants for part in node.input[1:])), None
    )


def _scale_gemm(
    graph: onnx.GraphProto,
    gemm: onnx.NodeProto,
    affine: _Affine,
    constants: Mapping[str, onnx.TensorProto],
) -> None:
    """Rewrite alpha * A x B + beta * C with alpha and beta of 1, scaled and shifted."""
    attributes = {entry.name: helper.get_attribute_value(entry) for entry in gemm.attribute}
    weight = numpy_helper.to_array(constants[gemm.input[1]]).astype(np.float64)
    by_channel = affine.factor[:, None] if attributes.get("transB", 0) else affine.factor
    bias = (
        numpy_helper.to_array(constants[gemm.input[2]]).astype(np.float64)
        if len(gemm.input) > 2
        else np.zeros_like(affine.offset)
    )
    names = [f"{gemm.output[0]}.folded_weight", f"{gemm.output[0]}.folded_bias"]
    folded_weight = weight * by_channel * attributes.pop("alpha", 1.0)
    folded_bias = bias * attributes.pop("beta", 1.0) * affine.factor + affine.offset
    _add_constants(graph, dict(zip(names, (folded_weight, folded_bias), strict=True)))
    gemm.CopyFrom(
        helper.make_node("Gemm", [gemm.input[0], *names], gemm.output, gemm.name, **attributes)
    )


def _depthwise(
    graph: onnx.GraphProto, node: onnx.NodeProto, affine: _Affine, rank: int
) -> onnx.NodeProto:
    n_channels = len(affine.factor)
    names = [f"{node.output[0]}.depthwise_weight", f"{node.output[0]}.depthwise_bias"]
    weight = affine.factor.reshape(n_channels, *[1] * (rank - 1))
    _add_constants(graph, dict(zip(names, (weight, affine.offset), strict=True)))
    return helper.make_node(
        "Conv",
        [node.input[0], *names],
        node.output,
        node.name,
        group=n_channels,
        kernel_shape=[1] * (rank - 2),
    )


def _add_constants(graph: onnx.GraphProto, values: Mapping[str, Array]) -> None:
    graph.initializer.extend(
        numpy_helper.from_array(array.astype(np.float32), name) for name, array in values.items()
    )


def _rank(model: onnx.ModelProto, name: str) -> int:
    for value in (*model.graph.value_info, *model.graph.input):
        if value.name == name:
            return len(value.type.tensor_type.shape.dim)
    return 0
