"""int16 activations with int8 weights: convolutions, fully connected layers and pools.

Data have no zero point, sums are 64 bits wide, and multipliers have 15 bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.lower.fixed_point import quantize_multiplier
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext, integer_bounds
from fitgraph.compiler_bridge.lower.tflite_conv import refuse_odd_scales
from fitgraph.compiler_bridge.lower.tflite_grouped import grouped_conv
from fitgraph.compiler_bridge.lower.tflite_pool import pool_fields
from fitgraph.compiler_bridge.lower.tflite_requantize import channel_scales, tensor_scale
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator, Quantization

INT32 = np.iinfo(np.int32)
MULTIPLIER_BITS = 15
LARGEST_MULTIPLIER = 0x7FFF0000  # from which on rounding to 15 bits would give 2**15
# TFLite takes shifts from -31 to 7 for granted.
MOST_LEFT_SHIFT = 7


def lower_layer(operator: Operator, context: TfliteContext) -> None:
    """CONV_2D and DEPTHWISE_CONV_2D."""
    conv = grouped_conv(operator, context)
    source, filters, output = layer_quantization(operator, context, 0, 1)
    refuse_odd_scales(operator, context, filters, conv.n_outputs)
    scales = channel_scales(source, filters, output)
    fields = conv.fields | wide_fields(operator, context, conv.weights, scales, output)
    inputs = (context.operand(operator, 0),)
    context.builder.step("conv2d_s16", fields, inputs, context.new_output(operator))


def lower_fully_connected(operator: Operator, context: TfliteContext) -> None:
    """A convolution of one pixel."""
    weights = context.constant(operator, 1, "weights")
    given = context.tensor(operator, 0)
    if weights.ndim != 2 or operator.attributes.get("weights_format", "DEFAULT") != "DEFAULT":
        raise context.refusal(operator, "its weights are not a plain matrix")
    out_n, in_n = weights.shape
    if in_n == 0 or given.n_elements % in_n:
        raise context.refusal(
            operator, f"{given.n_elements} inputs do not fill rows of {in_n} weights"
        )
    batch = given.n_elements // in_n
    context.expect_one_dtype(operator, 0)
    context.expect_elements(operator, batch * out_n)
    source, filters, output = layer_quantization(operator, context, 0, 1)
    refuse_odd_scales(operator, context, filters, out_n)
    per_tensor = len(filters.scales) == 1
    scales = (tensor_scale if per_tensor else channel_scales)(source, filters, output)
    ones = ("in_h", "in_w", "out_h", "out_w", "kernel_h", "kernel_w", "stride_h", "stride_w")
    fields: dict[str, Field] = dict.fromkeys((*ones, "dilation_h", "dilation_w", "groups"), 1)
    fields |= {"batch": batch, "in_c": in_n, "out_c": out_n, "pad_h": 0, "pad_w": 0}
    fields |= wide_fields(operator, context, weights, scales, output)
    inputs = (context.operand(operator, 0),)
    context.builder.step("conv2d_s16", fields, inputs, context.new_output(operator))


def layer_quantization(
    operator: Operator, context: TfliteContext, data: int, weights: int
) -> tuple[Quantization, Quantization, Quantization]:
    """Of data, weights and output, none of which has a zero point."""
    source = context.symmetric(operator, context.tensor(operator, data))
    output = context.symmetric(operator, context.output(operator))
    filters = context.tensor(operator, weights)
    q = filters.quantization
    if filters.dtype is not DType.INT8 or q is None or any(q.zero_points):
        raise context.refusal(operator, "its weights are not symmetric int8")
    return source, q, output


def wide_fields(
    operator: Operator,
    context: TfliteContext,
    weights: Array,
    scales: Iterable[float],
    output: Quantization,
    bias_position: int = 2,
) -> dict[str, Field]:
    """Weights, bias and scaling; output channels come first in the weights."""
    return {
        "weights": np.ascontiguousarray(weights),
        "bias": wide_bias(operator, context, weights.shape[0], bias_position),
        "scaling": wide_requantization(context, operator, scales, output),
    }


def wide_requantization(
    context: TfliteContext, operator: Operator, scales: Iterable[float], output: Quantization
) -> Mapping[str, Any]:
    """The ``fg_requant_wide`` fields for effective scales, one for all channels or one each."""
    multipliers, shifts = wide_multipliers(context, operator, scales)
    low, high = integer_bounds(context, operator, output, np.iinfo(np.int16))
    return {
        "multiplier": np.array(multipliers, np.int16),
        "shift": np.array(shifts, np.int8),
        "step": 0 if len(multipliers) == 1 else 1,
        "low": low,
        "high": high,
    }


def wide_multipliers(
    context: TfliteContext, operator: Operator, scales: Iterable[float]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Multipliers of 15 bits, and by how much to shift to the right."""
    pairs = [quantize_multiplier(scale) for scale in scales]
    if any(shift > MOST_LEFT_SHIFT for _, shift in pairs):
        raise context.refusal(operator, "it scales its sums up by more than 128")
    multipliers = tuple(
        2**MULTIPLIER_BITS - 1
        if multiplier >= LARGEST_MULTIPLIER
        else (multiplier + (1 << 15)) >> 16
        for multiplier, _ in pairs
    )
    return multipliers, tuple(MULTIPLIER_BITS - shift for _, shift in pairs)


def wide_bias(operator: Operator, context: TfliteContext, n: int, position: int) -> Array:
    """int64 in the file; kernels hold 32 bits, which every bias of a real network fits."""
    if not context.has_input(operator, position):
        return np.zeros(n, np.int32)
    bias = context.constant(operator, position, "bias")
    if bias.size != n or bias.dtype != np.int64:
        raise context.refusal(operator, f"its bias is {bias.size} x {bias.dtype}, not {n} x int64")
    if bias.min() < INT32.min or bias.max() > INT32.max:
        raise context.refusal(operator, "its bias does not fit 32 bits")
    return np.ascontiguousarray(bias.reshape(-1), np.int32)


def lower_pool(operator: Operator, context: TfliteContext) -> None:
    """AVERAGE_POOL_2D and MAX_POOL_2D; the scale must not change."""
    fields, _ = pool_fields(operator, context)
    output = context.quantization(operator, context.output(operator))
    if output != context.quantization(operator, context.tensor(operator, 0)):
        raise context.refusal(operator, "its output is scaled differently from its input")
    low, high = integer_bounds(context, operator, output, np.iinfo(np.int16))
    average = 1 if operator.op_type == "AVERAGE_POOL_2D" else 0
    fields |= {"average": average, "low": low, "high": high}
    inputs = (context.operand(operator, 0),)
    context.builder.step("pool_s16", fields, inputs, context.new_output(operator))


TABLE: LoweringTable = {
    "CONV_2D": lowering(lower_layer, DType.INT16, max_version=6),
    "DEPTHWISE_CONV_2D": lowering(lower_layer, DType.INT16, max_version=6),
    "FULLY_CONNECTED": lowering(lower_fully_connected, DType.INT16, max_version=12),
    "AVERAGE_POOL_2D": lowering(lower_pool, DType.INT16, max_version=3),
    "MAX_POOL_2D": lowering(lower_pool, DType.INT16, max_version=3),
}
