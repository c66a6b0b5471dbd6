"""Operators on reals that sum: layers, pools, normalization, softmax; float32 in index order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fitgraph.compiler_bridge.reference.linear import convolve, gemm_operands, multiply
from fitgraph.compiler_bridge.reference.node import Array, Node
from fitgraph.compiler_bridge.reference.sums import (
    exact_products,
    ordered_products,
    ordered_sum,
)
from fitgraph.compiler_bridge.reference.windows import counts, geometry_of, windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from fitgraph.compiler_bridge.reference.node import Kernel


def conv(node: Node) -> Array:
    """Products first, the bias last."""
    x, w = node.value(0), node.value(1)
    result = convolve(node, x, w, ordered_products)
    bias = node.optional(2)
    return result if bias is None else result + bias.reshape(-1, *[1] * (x.ndim - 2))


def matmul(node: Node) -> Array:
    """Float32 in index order; integers exactly."""
    a, b = node.value(0), node.value(1)
    if np.issubdtype(a.dtype, np.integer):
        return multiply(a, b, exact_products).astype(a.dtype)
    return multiply(a, b, ordered_products)


def gemm(node: Node) -> Array:
    """Scales the product by alpha and C by beta."""
    left, right = gemm_operands(node, node.value(0), node.value(1))
    result = ordered_products(left, right) * node.real("alpha", 1.0)
    c = node.optional(2)
    return result if c is None else result + node.real("beta", 1.0) * c


def batch_normalization(node: Node) -> Array:
    """(x - mean) / sqrt(var + epsilon) * scale + bias, in this order."""
    x = node.value(0)
    shape = (-1, *[1] * (x.ndim - 2))
    scale, bias, mean, var = (node.value(i).reshape(shape) for i in range(1, 5))
    deviation = np.sqrt(var + node.real("epsilon", 1e-5))
    return np.asarray((x - mean) / deviation * scale + bias)


def max_pool(node: Node) -> Array:
    """Padding is never the largest."""
    if len(node.operator.outputs) > 1:
        raise node.unsupported("its output Indices is used")
    x = node.value(0)
    geometry = geometry_of(node, x.shape[2:], node.integers("kernel_shape"))
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    largest: Array = windows(x, geometry, lowest).max(axis=tuple(range(2 - x.ndim, 0)))
    return largest


def average_pool(node: Node) -> Array:
    """Ordered sum of the window, divided by the count."""
    x = node.value(0)
    geometry = geometry_of(node, x.shape[2:], node.integers("kernel_shape"))
    view = windows(x, geometry, 0)
    totals = ordered_sum(view.reshape(*view.shape[: x.ndim], -1))
    include_pad = node.integer("count_include_pad", 0) == 1
    count = counts(x.shape[2:], geometry, include_pad=include_pad)
    return np.asarray(totals / np.maximum(count, 1).astype(np.float32))


def global_average_pool(node: Node) -> Array:
    """Ordered sum of each channel, divided by the count."""
    x = node.value(0)
    return mean_over(x, tuple(range(2, x.ndim)), keepdims=True)


def global_max_pool(node: Node) -> Array:
    """The largest of each channel."""
    x = node.value(0)
    largest: Array = x.max(axis=tuple(range(2, x.ndim)), keepdims=True)
    return largest


def mean_over(x: Array, axes: tuple[int, ...], *, keepdims: bool) -> Array:
    """Ordered sum over ``axes`` (the last runs fastest), divided by the count."""
    count = np.float32(np.prod([x.shape[axis] for axis in axes], dtype=np.int64))
    return sum_over(x, axes, keepdims=keepdims) / count


def sum_over(x: Array, axes: tuple[int, ...], *, keepdims: bool) -> Array:
    """Ordered sum over ``axes``, the last running fastest."""
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    moved = np.transpose(x, (*kept, *sorted(axes)))
    totals = ordered_sum(moved.reshape(*[x.shape[axis] for axis in kept], -1))
    return np.expand_dims(totals, tuple(sorted(axes))) if keepdims else totals


def reduction_axes(node: Node) -> tuple[int, ...]:
    """Axes are an attribute in older opsets, an input in newer; none means all, or nothing."""
    axes = node.integers_from(1, "axes")
    if not axes:
        nothing = node.integer("noop_with_empty_axes", 0) == 1
        return () if nothing else tuple(range(node.rank))
    return tuple(sorted(axis % node.rank for axis in axes))


def reduction(function: Callable[..., Array]) -> Kernel:
    """ReduceMean and its like."""

    def kernel(node: Node) -> Array:
        axes, keepdims = reduction_axes(node), node.integer("keepdims", 1) == 1
        return node.value(0) if not axes else function(node.value(0), axes, keepdims=keepdims)

    return kernel


def arg_max(node: Node) -> Array:
    """The first of several largest."""
    if node.integer("select_last_index", 0) == 1:
        raise node.unsupported("select_last_index")
    x, axis = node.value(0), node.axis(0)
    found = np.argmax(x, axis=axis)
    keepdims = node.integer("keepdims", 1) == 1
    return np.expand_dims(found, axis) if keepdims else np.asarray(found)


def over_softmax_axis(
    node: Node, x: Array, version: int, function: Callable[[Array], Array]
) -> Array:
    """Apply ``function`` to the softmax axis, moved last.

    From opset 13 on that is one axis; before, all axes from ``axis`` on, as one.
    """
    if version < 13:
        axis = node.integer("axis", 1) % max(x.ndim, 1)
        rows = x.reshape(int(np.prod(x.shape[:axis], dtype=np.int64)), -1)
        return function(rows).reshape(x.shape)
    axis = node.integer("axis", -1)
    return np.moveaxis(function(np.moveaxis(x, axis, -1)), -1, axis)


def softmax_last(x: Array) -> Array:
    """float32(exp64(x - max)) over its ordered sum."""
    differences = (x - x.max(axis=-1, keepdims=True)).astype(np.float64)
    exponentials = np.exp(differences).astype(np.float32)
    return np.asarray(exponentials / ordered_sum(exponentials)[..., None])


def softmax(node: Node) -> Array:
    """Softmax of reals."""
    return over_softmax_axis(node, node.value(0), node.version, softmax_last)


KERNELS: dict[str, Kernel] = {
    "Conv": conv,
    "MatMul": matmul,
    "Gemm": gemm,
    "BatchNormalization": batch_normalization,
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "GlobalAveragePool": global_average_pool,
    "GlobalMaxPool": global_max_pool,
    "ReduceMean": reduction(mean_over),
    "ReduceSum": reduction(sum_over),
    "ReduceMax": reduction(lambda x, axes, keepdims: np.asarray(x.max(axes, keepdims=keepdims))),
    "ReduceMin": reduction(lambda x, axes, keepdims: np.asarray(x.min(axes, keepdims=keepdims))),
    "ArgMax": arg_max,
    "Softmax": softmax,
}
