"""Convolution and matrix product, once for exact integers and once for ordered float32."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fitgraph.compiler_bridge.reference.windows import geometry_of, windows

if TYPE_CHECKING:
    from collections.abc import Callable

    from fitgraph.compiler_bridge.reference.node import Array, Node

    Products = Callable[[Array, Array], Array]


def convolve(node: Node, x: Array, w: Array, products: Products) -> Array:
    """Grouped convolution without bias; padding adds nothing.

    Args:
        node: for the attributes.
        x: shape (batch, channels, *spatial); integers less their zero point, or float32.
        w: shape (filters, channels / group, *kernel).
        products: `sums.exact_products` or `sums.ordered_products`; the summed index runs over
            channel, then kernel rows, then kernel columns.

    Returns:
        Shape (batch, filters, *out).
    """
    group = node.integer("group", 1)
    filters, depth, *kernel = w.shape
    if x.shape[1] != depth * group:
        raise node.unsupported(f"{x.shape[1]} channels are not {group} groups of {depth}")
    geometry = geometry_of(node, x.shape[2:], tuple(kernel))
    view = windows(x, geometry, 0)
    n_spatial = len(kernel)
    batch, taps, places = x.shape[0], depth * int(np.prod(kernel)), int(np.prod(geometry.out))
    # (batch, channels, *out, *kernel) -> (batch, group, channel and tap, place)
    taps_first = np.moveaxis(view, range(2, 2 + n_spatial), range(-n_spatial, 0))
    columns = taps_first.reshape(batch, group, taps, places)
    rows = w.reshape(group, filters // group, taps)
    return products(rows, columns).reshape(batch, filters, *geometry.out)


def gemm_operands(node: Node, a: Array, b: Array) -> tuple[Array, Array]:
    """Gemm's two matrices, transposed as its attributes say."""
    left = a.T if node.integer("transA", 0) else a
    right = b.T if node.integer("transB", 0) else b
    return left, right


def multiply(left: Array, right: Array, products: Products) -> Array:
    """ONNX MatMul (numpy's): 1-D operands gain a dimension, and lose it again."""
    row, column = left.ndim == 1, right.ndim == 1
    result = products(left[None, :] if row else left, right[:, None] if column else right)
    if row:
        result = result[..., 0, :]
    return result[..., 0] if column else result
