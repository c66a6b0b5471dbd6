"""What integers go through: linear layers, averages and softmax of quantized tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fitgraph.compiler_bridge.reference.affine import (
    Affine,
    Quantized,
    along,
    dequantize,
    requantize,
    wrap_int32,
)
from fitgraph.compiler_bridge.reference.linear import convolve, gemm_operands, multiply
from fitgraph.compiler_bridge.reference.sums import exact_products, ordered_sum
from fitgraph.compiler_bridge.reference.windows import counts, geometry_of, windows

if TYPE_CHECKING:
    from fitgraph.compiler_bridge.reference.node import Array, Floats, Integers, Node

# A bias whose scale is within 8 float32 steps of input scale x weight scale was quantized with
# it; exporters form the product in float32 or in float64.
BIAS_SCALE_TOLERANCE = 2.0**-20


@dataclass(frozen=True, slots=True, eq=False)
class Accumulated:
    """An accumulator: real = scale * sums.

    Attributes:
        sums: int32, or int64 of data of 16 bits.
        scale: float32, broadcasts against ``sums``.
        item_bytes: of an integer of the data.
    """

    sums: Array
    scale: Floats
    item_bytes: int = 1

    def to_real(self) -> Floats:
        """float32(acc) * scale."""
        return self.sums.astype(np.float32) * self.scale

    def to_integers(self, affine: Affine) -> Array:
        """saturate(rne(float32(acc) * float32(scale / sy)) + zy)."""
        return requantize(self.sums, self.scale / affine.scale, affine)


def conv(node: Node, x: Quantized, w: Quantized, bias: Quantized | Floats | None) -> Accumulated:
    """Integer convolution; ``w`` is quantized per tensor or per filter (axis 0)."""
    sums = convolve(node, x.centred(), w.centred(), exact_products)
    scale = along(x.affine.scale * w.affine.scale, _channels(w, 1), sums.ndim)
    if bias is not None:
        sums = sums + along(bias_integers(bias, scale.reshape(-1)), 1, sums.ndim)
    return _accumulated(sums, scale, x)


def matmul(a: Quantized, b: Quantized) -> Accumulated:
    """Integer matrix product; ``b`` is quantized per tensor or per column (last axis)."""
    sums = multiply(a.centred(), b.centred(), exact_products)
    scale = along(a.affine.scale * b.affine.scale, _channels(b, sums.ndim - 1), sums.ndim)
    return _accumulated(sums, scale, a)


def gemm(node: Node, a: Quantized, b: Quantized, bias: Quantized | Floats | None) -> Accumulated:
    """Integer Gemm; ``b`` is quantized per tensor or per output feature."""
    left, right = gemm_operands(node, a.centred(), b.centred())
    sums = exact_products(left, right)
    step = node.real("alpha", 1.0) * a.affine.scale
    scale = along(step * b.affine.scale, _channels(b, 1), 2)
    if bias is not None:
        beta = node.real("beta", 1.0)
        if beta != 1:
            bias = (dequantize(bias) if isinstance(bias, Quantized) else bias) * beta
        sums = sums + bias_integers(bias, scale)
    return _accumulated(sums, scale, a)


def _accumulated(sums: Integers, scale: Floats, data: Quantized) -> Accumulated:
    """In 32 bits, or in 64 where data have 16."""
    item_bytes = data.values.dtype.itemsize
    return Accumulated(wrap_int32(sums) if item_bytes == 1 else sums, scale, item_bytes)


def _channels(w: Quantized, axis: int) -> int | None:
    return None if w.affine.is_per_tensor else axis


def bias_integers(bias: Quantized | Floats, scale: Floats) -> Integers:
    """The bias in steps of ``scale``.

    Integers that were quantized with this very scale are taken as they are; any other bias is
    rne(b / scale) of its real value, saturated to int32.
    """
    if isinstance(bias, Quantized):
        if _has_scale(bias, scale):
            return bias.values.astype(np.int64)
        bias = dequantize(bias)
    steps = np.rint(bias.astype(np.float32) / scale).astype(np.float64)
    limits = np.iinfo(np.int32)
    clamped: Integers = np.clip(steps, limits.min, limits.max).astype(np.int64)
    return clamped


def _has_scale(bias: Quantized, scale: Floats) -> bool:
    if bias.values.dtype != np.int32 or np.any(bias.affine.zero_point != 0):
        return False
    expected = scale.reshape(-1).astype(np.float64)
    difference = np.abs(bias.affine.scale.astype(np.float64) - expected)
    return bool(np.all(difference <= BIAS_SCALE_TOLERANCE * expected))


def average_pool(node: Node, x: Quantized, y: Affine, kernel: tuple[int, ...]) -> Array:
    """Integer average over windows of ``kernel``."""
    spatial = x.values.shape[2:]
    geometry = geometry_of(node, spatial, kernel)
    axes = tuple(range(-len(kernel), 0))
    sums = windows(x.centred(), geometry, 0).sum(axis=axes, dtype=np.int64)
    include_pad = node.integer("count_include_pad", 0) == 1
    return _average(sums, counts(spatial, geometry, include_pad=include_pad), x, y)


def average_over(x: Quantized, y: Affine, axes: tuple[int, ...], *, keepdims: bool) -> Array:
    """Integer average over whole axes."""
    sums = x.centred().sum(axis=axes, keepdims=keepdims, dtype=np.int64)
    count = int(np.prod([x.values.shape[axis] for axis in axes], dtype=np.int64))
    return _average(sums, np.asarray(count), x, y)


def _average(sums: Integers, count: Integers, x: Quantized, y: Affine) -> Array:
    # A window that lies wholly in the padding sums to 0 whatever it is divided by.
    multiplier = x.affine.scale / (y.scale * np.maximum(count, 1).astype(np.float32))
    return requantize(wrap_int32(sums), multiplier, y)


def softmax(x: Quantized) -> Floats:
    """Softmax over the last axis, by the distance of each integer from the largest."""
    integers = x.values.astype(np.int64)
    distance = integers.max(axis=-1, keepdims=True) - integers
    exponentials = np.exp(-float(x.affine.scale) * distance).astype(np.float32)
    probabilities: Floats = exponentials / ordered_sum(exponentials)[..., None]
    return probabilities
