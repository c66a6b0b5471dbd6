"""Dense and convolutional layers of 8-bit integers: weights, and the bias in accumulator units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeGuard

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_views import Constant, Entry, QuantizedConstant, View
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import Operator

# Products of two 8-bit differences; that many of them fit 32 bits with a bias as large again.
MOST_OFFSET_TERMS = 2**14
# An int32 bias whose scale is this close (relative) to that of the accumulators is theirs.
BIAS_SCALE_TOLERANCE = 2.0**-20


@dataclass(frozen=True, slots=True, eq=False)
class Int8Layer:
    """Weights of an int8 layer: out_c x (in_c / groups) x spatial.

    Attributes:
        weights: int8; without zero point where the differences fit eight bits.
        zero_point: of the weights, where the differences do not fit.
    """

    weights: Array
    scales: Array
    bias: Array
    zero_point: int = 0


def is_by_row(weights: Entry) -> TypeGuard[QuantizedConstant]:
    """Whether they are 8-bit integers with one scale, or one for each slice along axis 0."""
    if not isinstance(weights, QuantizedConstant) or weights.integers.dtype != np.int8:
        return False
    return weights.is_per_tensor or weights.axis == 0


def int8_layer(
    operator: Operator,
    context: OnnxContext,
    filters: QuantizedConstant,
    bias: Constant | QuantizedConstant | None,
    source: View,
) -> Int8Layer:
    """Weights centred on zero, output channels first, and the bias in accumulator units."""
    centred = filters.centred
    if centred.size == 0:
        raise context.refusal(operator, "it has no weights")
    n = centred.shape[0]
    integers = _bias_integers(operator, context, bias, source, filters.scales, n)
    if centred.min() >= -128 and centred.max() <= 127:
        return Int8Layer(centred.astype(np.int8), filters.scales, integers)
    if filters.zero_points.size != 1:
        raise context.refusal(operator, "its weights less their zero points exceed int8")
    return Int8Layer(filters.integers, filters.scales, integers, int(filters.zero_points[0]))


def _bias_integers(
    operator: Operator,
    context: OnnxContext,
    bias: Constant | QuantizedConstant | None,
    source: View,
    scales: Array,
    n: int,
) -> Array:
    """Integers at the accumulator's scale: as stored where they have it, else rounded to it."""
    if bias is None:
        return np.zeros(n, np.int64)
    given = bias.array if isinstance(bias, Constant) else bias.integers
    if (given.size != 1 and given.shape[-1:] != (given.size,)) or given.size not in (1, n):
        raise context.refusal(operator, f"its bias has shape {list(given.shape)} for {n} outputs")
    accumulator_scales = np.float32(source.scale or 0.0) * scales
    if isinstance(bias, Constant) and bias.array.dtype == np.int32:
        return np.broadcast_to(bias.array.reshape(-1), n).astype(np.int64)
    if isinstance(bias, QuantizedConstant) and _has_scale(bias, accumulator_scales):
        return np.broadcast_to(bias.integers.reshape(-1), n).astype(np.int64)
    real = bias.array if isinstance(bias, Constant) else bias.dequantized
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        rounded = np.rint(real.reshape(-1).astype(np.float32) / accumulator_scales)
    if not np.abs(rounded).max(initial=0) <= np.iinfo(np.int32).max:
        raise context.refusal(operator, "its bias does not fit 32 bits at the accumulator's scale")
    return np.broadcast_to(rounded, n).astype(np.int64)


def _has_scale(bias: QuantizedConstant, scales: Array) -> bool:
    """Whether the bias is int32, without zero point, at the accumulators' scales."""
    if bias.integers.dtype != np.int32 or bias.zero_points.any():
        return False
    ratio = bias.scales.astype(np.float64) / scales.astype(np.float64)
    return bool((np.abs(ratio - 1.0) <= BIAS_SCALE_TOLERANCE).all())


def offset_fields(
    operator: Operator, context: OnnxContext, source: View, layer: Int8Layer
) -> dict[str, Field]:
    """Fields of a layer whose weights keep their zero point."""
    n_terms = layer.weights[0].size
    if n_terms > MOST_OFFSET_TERMS or np.abs(layer.bias).max(initial=0) >= 2**30:
        raise context.refusal(operator, "its accumulators could overflow 32 bits")
    return {
        "bias": layer.bias.astype(np.int32),
        "offset": -source.zero_point,
        "weight_offset": -layer.zero_point,
    }
