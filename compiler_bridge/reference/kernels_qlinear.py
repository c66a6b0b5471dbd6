"""Operators that carry scales and zero points as inputs: ai.onnx's and com.microsoft's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fitgraph.compiler_bridge.reference import kernels_int8
from fitgraph.compiler_bridge.reference.affine import (
    Affine,
    Quantized,
    affine_of,
    dequantize,
    quantize,
)
from fitgraph.compiler_bridge.reference.kernels_elementwise import UNARY
from fitgraph.compiler_bridge.reference.kernels_float import over_softmax_axis
from fitgraph.compiler_bridge.reference.kernels_qdq import dequantize_linear, quantize_linear
from fitgraph.compiler_bridge.reference.node import Array, Node

if TYPE_CHECKING:
    from collections.abc import Callable

    from fitgraph.compiler_bridge.reference.node import Kernel


def _operand(node: Node, position: int, axis: int | None = None) -> Quantized:
    """A tensor, its scale and its zero point at three inputs in a row."""
    values = node.value(position)
    scale, zero_point = node.value(position + 1), node.optional(position + 2)
    affine = affine_of(scale, zero_point, values.dtype, axis)
    if axis is None and scale.size != 1:
        raise node.unsupported(f"input {position} has {scale.size} scales")
    return Quantized(values, affine)


def _target(node: Node, position: int, like: Quantized) -> Affine:
    """Scale and zero point of the output; the type of ``like`` where there is no zero point."""
    scale = node.value(position)
    if scale.size != 1:
        raise node.unsupported(f"its output has {scale.size} scales")
    return affine_of(scale, node.optional(position + 1), like.values.dtype, None)


def _int32_bias(node: Node, position: int, scale: Array) -> Quantized | None:
    """A bias whose integers have the accumulator's scale, as the operator defines it."""
    bias = node.optional(position)
    if bias is None:
        return None
    return Quantized(bias.astype(np.int32), affine_of(scale.reshape(-1), None, np.int32, 0))


def qlinear_conv(node: Node) -> Array:
    """x, sx, zx, w, sw, zw, sy, zy, bias."""
    x, w = _operand(node, 0), _operand(node, 3, axis=0)
    bias = _int32_bias(node, 8, x.affine.scale * w.affine.scale)
    return kernels_int8.conv(node, x, w, bias).to_integers(_target(node, 6, x))


def qlinear_matmul(node: Node) -> Array:
    """a, sa, za, b, sb, zb, sy, zy; sb per tensor or per column."""
    b = node.value(3)
    a, right = _operand(node, 0), _operand(node, 3, axis=b.ndim - 1)
    return kernels_int8.matmul(a, right).to_integers(_target(node, 6, a))


def qgemm(node: Node) -> Array:
    """a, sa, za, b, sb, zb, bias, sy, zy; reals come out where sy is left out."""
    a = _operand(node, 0)
    b = _operand(node, 3, axis=0 if node.integer("transB", 0) else 1)
    scale = node.real("alpha", 1.0) * a.affine.scale * b.affine.scale
    result = kernels_int8.gemm(node, a, b, _int32_bias(node, 6, np.asarray(scale)))
    if node.optional(7) is None:
        return result.to_real()
    return result.to_integers(_target(node, 7, a))


def _channels_first(node: Node, function: Callable[[Quantized], Array]) -> Array:
    x = _operand(node, 0)
    if node.integer("channels_last", 0) == 0:
        return function(x)
    moved = replace(x, values=np.moveaxis(x.values, -1, 1))
    return np.moveaxis(function(moved), 1, -1)


def qlinear_average_pool(node: Node) -> Array:
    """x, sx, zx, sy, zy."""
    target, kernel = _target(node, 3, _operand(node, 0)), node.integers("kernel_shape")
    return _channels_first(node, lambda x: kernels_int8.average_pool(node, x, target, kernel))


def qlinear_global_average_pool(node: Node) -> Array:
    """x, sx, zx, sy, zy."""
    target, axes = _target(node, 3, _operand(node, 0)), tuple(range(2, node.rank))
    return _channels_first(
        node, lambda x: kernels_int8.average_over(x, target, axes, keepdims=True)
    )


def qlinear_softmax(node: Node) -> Array:
    """x, sx, zx, sy, zy; the attribute ``opset`` says which Softmax is meant."""
    x = _operand(node, 0)
    probabilities = over_softmax_axis(
        node,
        x.values,
        node.integer("opset", 13),
        lambda rows: kernels_int8.softmax(Quantized(rows, x.affine)),
    )
    return quantize(probabilities, _target(node, 3, x))


def _binary(function: Callable[[Array, Array], Array]) -> Kernel:
    """a, sa, za, b, sb, zb, sy, zy; computed on reals."""

    def kernel(node: Node) -> Array:
        a, b = _operand(node, 0), _operand(node, 3)
        return quantize(function(dequantize(a), dequantize(b)), _target(node, 6, a))

    return kernel


def _unary(function: Callable[[Array, Node], Array]) -> Kernel:
    """x, sx, zx, sy, zy; computed on reals."""

    def kernel(node: Node) -> Array:
        x = _operand(node, 0)
        return quantize(function(dequantize(x), node), _target(node, 3, x))

    return kernel


def _sigmoid(x: Array, node: Node) -> Array:
    return UNARY["Sigmoid"](x.astype(np.float64), node).astype(np.float32)


def _leaky_relu(x: Array, node: Node) -> Array:
    return np.where(x >= 0, x, node.real("alpha", 0.01) * x)


def qlinear_concat(node: Node) -> Array:
    """sy, zy, then tensor, scale and zero point of each part."""
    parts = [_operand(node, i) for i in range(2, len(node.inputs), 3)]
    target = _target(node, 0, parts[0])
    axis = node.integer("axis", 0)
    return np.concatenate([quantize(dequantize(part), target) for part in parts], axis=axis)


MAIN_DOMAIN: dict[str, Kernel] = {"QLinearConv": qlinear_conv, "QLinearMatMul": qlinear_matmul}

MICROSOFT_DOMAIN: dict[str, Kernel] = {
    "QuantizeLinear": quantize_linear,
    "DequantizeLinear": dequantize_linear,
    "QGemm": qgemm,
    "QLinearConv": qlinear_conv,
    "QLinearAdd": _binary(np.add),
    "QLinearMul": _binary(np.multiply),
    "QLinearConcat": qlinear_concat,
    "QLinearAveragePool": qlinear_average_pool,
    "QLinearGlobalAveragePool": qlinear_global_average_pool,
    "QLinearSigmoid": _unary(_sigmoid),
    "QLinearLeakyRelu": _unary(_leaky_relu),
    "QLinearSoftmax": qlinear_softmax,
}
