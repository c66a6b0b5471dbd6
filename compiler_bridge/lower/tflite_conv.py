"""CONV_2D and DEPTHWISE_CONV_2D."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import (
    INT8_AND_FLOAT,
    TfliteContext,
    float_bounds,
)
from fitgraph.compiler_bridge.lower.tflite_hybrid import (
    is_hybrid,
    lower_hybrid,
    lower_hybrid_depthwise,
)
from fitgraph.compiler_bridge.lower.tflite_requantize import channel_scales, requantization
from fitgraph.compiler_bridge.lower.tflite_windows import window_axis
from fitgraph.compiler_bridge.lower.weights import FoldedBias, fold_zero_point
from fitgraph.compiler_bridge.lower.windows import Axis, dilations, geometry
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator, Quantization


def lower_conv_2d(operator: Operator, context: TfliteContext) -> None:
    """Filters are out_c x height x width x (in_c / groups)."""
    weights = filter_weights(operator, context)
    out_c, kernel_h, kernel_w, group_c = weights.shape
    in_c = context.tensor(operator, 0).static_shape[3]
    if group_c == 0 or in_c % group_c or out_c % (in_c // group_c):
        raise context.refusal(operator, f"{in_c} input channels do not split into {group_c}")
    rows, columns = filter_axes(operator, context, kernel_h, kernel_w, out_c)
    if is_hybrid(operator, context) and group_c == in_c:
        bias = constant_bias(operator, context, out_c, np.float32)
        batch = context.tensor(operator, 0).static_shape[0]
        lower_hybrid(operator, context, weights, bias, (rows, columns), batch)
        return
    channels: dict[str, Field] = {"in_c": in_c, "out_c": out_c, "groups": in_c // group_c}
    _emit(operator, context, "conv2d", weights, weights, (rows, columns), channels)


def lower_depthwise_conv_2d(operator: Operator, context: TfliteContext) -> None:
    """Filters are 1 x height x width x out_c. With one input channel it is a convolution."""
    weights = filter_weights(operator, context)
    one, kernel_h, kernel_w, out_c = weights.shape
    in_c = context.tensor(operator, 0).static_shape[3]
    if one != 1 or in_c == 0 or out_c % in_c:
        raise context.refusal(operator, f"{out_c} filters do not belong to {in_c} channels")
    multiplier = context.positive(operator, "depth_multiplier")
    if multiplier * in_c != out_c:
        raise context.refusal(
            operator, f"its depth multiplier is {multiplier} for {in_c} channels, {out_c} filters"
        )
    axes = filter_axes(operator, context, kernel_h, kernel_w, out_c)
    if is_hybrid(operator, context):
        bias = constant_bias(operator, context, out_c, np.float32)
        lower_hybrid_depthwise(operator, context, weights, bias, axes, multiplier)
        return
    by_channel = weights.transpose(3, 1, 2, 0)
    if context.tensor(operator, 0).dtype is DType.FLOAT32 or in_c == 1:
        channels: dict[str, Field] = {"in_c": in_c, "out_c": out_c, "groups": in_c}
        _emit(operator, context, "conv2d", by_channel, by_channel, axes, channels)
        return
    channels = {"in_c": in_c, "out_c": out_c, "multiplier": out_c // in_c}
    _emit(operator, context, "depthwise", weights, by_channel, axes, channels)


def filter_weights(operator: Operator, context: TfliteContext) -> Array:
    """The constant filter, four-dimensional and not empty."""
    weights = context.constant(operator, 1, "filter")
    if weights.ndim != 4 or len(context.tensor(operator, 0).shape) != 4:
        raise context.refusal(operator, "its input and filter must have four dimensions")
    if weights.size == 0:
        raise context.refusal(operator, "its filter is empty")
    context.expect_one_dtype(operator, 0)
    return weights


def filter_axes(
    operator: Operator, context: TfliteContext, height: int, width: int, out_c: int
) -> tuple[Axis, Axis]:
    """Windows over rows and columns; the output has the shape that they give."""
    batch, in_h, in_w, _ = context.tensor(operator, 0).static_shape
    dilation_h = context.positive(operator, "dilation_h_factor", 1)
    dilation_w = context.positive(operator, "dilation_w_factor", 1)
    rows = window_axis(operator, context, "h", in_h, height, dilation_h)
    columns = window_axis(operator, context, "w", in_w, width, dilation_w)
    context.expect_shape(operator, (batch, rows.out, columns.out, out_c))
    return rows, columns


def _emit(
    operator: Operator,
    context: TfliteContext,
    kernel: str,
    weights: Array,
    by_channel: Array,
    axes: tuple[Axis, Axis],
    channels: dict[str, Field],
) -> None:
    """Adds the kernel call; ``by_channel`` are the weights with output channels first."""
    source = context.tensor(operator, 0)
    fields: dict[str, Field] = {"batch": source.static_shape[0]}
    fields |= geometry(*axes) | dilations(*axes) | channels
    if source.dtype is DType.FLOAT32:
        if weights.dtype != np.float32:
            raise context.refusal(operator, f"its filter is {weights.dtype}, its input float32")
        low, high = float_bounds(context, operator)
        fields |= {
            "weights": np.ascontiguousarray(weights),
            "bias": constant_bias(operator, context, by_channel.shape[0], np.float32),
            "by_tap": 0,
            "low": low,
            "high": high,
        }
        suffix = "f32"
    else:
        fields |= _int8_fields(operator, context, weights, by_channel, axes)
        suffix = "s8"
    inputs = (context.operand(operator, 0),)
    context.builder.step(f"{kernel}_{suffix}", fields, inputs, context.new_output(operator))


def _int8_fields(
    operator: Operator,
    context: TfliteContext,
    weights: Array,
    by_channel: Array,
    axes: tuple[Axis, Axis],
) -> dict[str, Field]:
    source = context.quantization(operator, context.tensor(operator, 0))
    output = context.quantization(operator, context.output(operator))
    filters = context.tensor(operator, 1).quantization
    if weights.dtype != np.int8 or filters is None or any(filters.zero_points):
        raise context.refusal(operator, "its filter is not symmetric int8")
    refuse_odd_scales(operator, context, filters, by_channel.shape[0])
    folded = folded_bias(operator, context, by_channel, source.zero_point, axes)
    return {
        "weights": np.ascontiguousarray(weights),
        "bias": folded.bias,
        "requant": requantization(
            context, operator, channel_scales(source, filters, output), output
        ),
        "offset": folded.offset,
    }


def refuse_odd_scales(
    operator: Operator,
    context: TfliteContext,
    filters: Quantization,
    n: int,
    position: int = 1,
) -> None:
    """Refuses scales of weights that are neither one nor one for each of ``n`` outputs."""
    if len(filters.scales) not in (1, n) or min(filters.scales) < 0:
        raise context.refusal(operator, f"it has {len(filters.scales)} scales for {n} outputs")
    shape = context.tensor(operator, position).static_shape
    if len(filters.scales) > 1 and shape[filters.axis or 0] != n:
        raise context.refusal(operator, f"its scales run along axis {filters.axis} of {shape}")


def folded_bias(
    operator: Operator,
    context: TfliteContext,
    by_channel: Array,
    zero_point: int,
    axes: tuple[Axis, ...] = (),
) -> FoldedBias:
    """The layer's bias with the input's zero point in it where that is exact."""
    bias = constant_bias(operator, context, by_channel.shape[0], np.int32)
    padded = any(axis.is_padded for axis in axes)
    try:
        return fold_zero_point(by_channel, bias, zero_point, padded=padded)
    except OverflowError as error:
        raise context.refusal(operator, "its accumulators could overflow 32 bits") from error


def constant_bias(
    operator: Operator,
    context: TfliteContext,
    n: int,
    dtype: type[np.generic],
    position: int = 2,
) -> Array:
    """The layer's bias, zeros where it has none."""
    if not context.has_input(operator, position):
        return np.zeros(n, dtype)
    bias = context.constant(operator, position, "bias")
    if bias.size != n or bias.dtype != dtype:
        raise context.refusal(
            operator, f"its bias is {bias.size} x {bias.dtype}, not {n} x {np.dtype(dtype).name}"
        )
    return np.ascontiguousarray(bias.reshape(-1))


TABLE: LoweringTable = {
    "CONV_2D": lowering(lower_conv_2d, *INT8_AND_FLOAT, max_version=6),
    "DEPTHWISE_CONV_2D": lowering(lower_depthwise_conv_2d, *INT8_AND_FLOAT, max_version=6),
}
