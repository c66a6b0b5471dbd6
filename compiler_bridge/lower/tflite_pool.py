"""AVERAGE_POOL_2D, MAX_POOL_2D and MEAN."""

from __future__ import annotations

import math

import numpy as np

from fitgraph.compiler_bridge.lower.fixed_point import INT32_MAX, quantize_multiplier
from fitgraph.compiler_bridge.lower.movement import Layout, copy, dense, dense_strides
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import (
    INT8_AND_FLOAT,
    TfliteContext,
    float_bounds,
    int8_bounds,
)
from fitgraph.compiler_bridge.lower.tflite_windows import window_axis
from fitgraph.compiler_bridge.lower.windows import Axis, dilations, geometry
from fitgraph.compiler_bridge.program import Field, Operand
from fitgraph.registry.model_graph import DType, Operator

BYTE_SPAN = 256  # most that an 8-bit value can lie from its zero point
FLOAT32_MAX = float(np.finfo(np.float32).max)


def lower_average_pool(operator: Operator, context: TfliteContext) -> None:
    """The scale must not change; TFLite does not rescale averages."""
    lower_pool(operator, context, "average_divide_s8", average=1)


def lower_max_pool(operator: Operator, context: TfliteContext) -> None:
    """The scale must not change."""
    lower_pool(operator, context, "max_pool_s8", average=0)


def lower_pool(operator: Operator, context: TfliteContext, kernel: str, average: int) -> None:
    """A window over rows and columns, by the kernel that is named unless data are float32."""
    source, output = context.tensor(operator, 0), context.output(operator)
    if len(source.shape) != 4:
        raise context.refusal(operator, f"its input has {len(source.shape)} dimensions, not four")
    context.expect_one_dtype(operator, 0)
    batch, in_h, in_w, channels = source.static_shape
    height = context.positive(operator, "filter_height")
    width = context.positive(operator, "filter_width")
    rows = window_axis(operator, context, "h", in_h, height)
    columns = window_axis(operator, context, "w", in_w, width)
    context.expect_shape(operator, (batch, rows.out, columns.out, channels))
    fields: dict[str, Field] = {"batch": batch, "channels": channels, **geometry(rows, columns)}
    if source.dtype is DType.FLOAT32:
        kernel = "pool_f32"
        low, high = float_bounds(context, operator)
        fields |= {"average": average, "low": low, "high": high, **dilations(rows, columns)}
    else:
        quantization = context.quantization(operator, output)
        if quantization != context.quantization(operator, source):
            raise context.refusal(operator, "its output is scaled differently from its input")
        low8, high8 = int8_bounds(context, operator, quantization)
        fields |= {"low": low8, "high": high8}
        fields |= dilations(rows, columns) if average == 0 else {}
    inputs = (context.operand(operator, 0),)
    context.builder.step(kernel, fields, inputs, context.new_output(operator))


def lower_mean(operator: Operator, context: TfliteContext) -> None:
    """Mean over neighbouring axes: a window over all of them. Others are brought together."""
    source = context.tensor(operator, 0)
    shape = source.static_shape
    named = context.integers(operator, 1, "axes")
    axes = {context.axis(operator, axis, len(shape)) for axis in named}
    kept = [axis for axis in range(len(shape)) if axis not in axes]
    n = math.prod(shape[axis] for axis in axes)
    context.expect_one_dtype(operator, 0)
    context.expect_elements(operator, math.prod(shape[axis] for axis in kept))
    if n * BYTE_SPAN > INT32_MAX:
        raise context.refusal(operator, f"its sum of {n} elements could overflow 32 bits")
    outer, operand = _neighbours(operator, context, kept, sorted(axes))
    rows = Axis(n, 1, n, 1, 1, 0)
    columns = Axis(1, 1, 1, 1, 1, 0)
    channels = source.n_elements // (outer * n)
    fields: dict[str, Field] = {"batch": outer, "channels": channels, **geometry(rows, columns)}
    if source.dtype is DType.FLOAT32:
        kernel = "pool_f32"
        fields |= {"average": 1, "low": -FLOAT32_MAX, "high": FLOAT32_MAX}
        fields |= dilations(rows, columns)
    else:
        kernel = "average_requant_s8"
        fields |= _mean_fields(operator, context, n)
    context.builder.step(kernel, fields, (operand,), context.new_output(operator))


def _neighbours(
    operator: Operator, context: TfliteContext, kept: list[int], axes: list[int]
) -> tuple[int, Operand]:
    """Elements before the reduced axes, and the input with those side by side."""
    source = context.tensor(operator, 0)
    shape, operand = source.static_shape, context.operand(operator, 0)
    # An axis of size 1 is anybody's neighbour.
    long_axes = [axis for axis in axes if shape[axis] != 1]
    first, last = (long_axes[0], long_axes[-1]) if long_axes else (0, -1)
    if all(shape[axis] == 1 for axis in kept if first < axis < last):
        return math.prod(shape[:first]), operand
    order = [*axes, *kept]
    strides = dense_strides(shape)
    sizes = tuple(shape[axis] for axis in order)
    value = context.builder.value(f"{source.name} reordered", sizes, source.dtype)
    layout = Layout(tuple(strides[axis] for axis in order))
    copy(context.builder, operand, layout, value, dense(sizes), sizes)
    return 1, value


def _mean_fields(operator: Operator, context: TfliteContext, n: int) -> dict[str, Field]:
    """TFLite folds the division by ``n`` into the multiplier (``QuantizedMeanOrSum``)."""
    source = context.quantization(operator, context.tensor(operator, 0))
    output = context.quantization(operator, context.output(operator))
    multiplier, shift = quantize_multiplier(source.scale / output.scale)
    extra = min(n.bit_length() - 1, 32, 31 + shift)
    return {
        "requant": {
            "multiplier": np.array([(multiplier << extra) // n], np.int32),
            "shift": np.array([shift - extra], np.int8),
            "step": 0,
            "zero_point": output.zero_point,
            "low": -128,
            "high": 127,
        },
        "in_zero_point": source.zero_point,
    }


TABLE: LoweringTable = {
    "AVERAGE_POOL_2D": lowering(lower_average_pool, *INT8_AND_FLOAT, max_version=2),
    "MAX_POOL_2D": lowering(lower_max_pool, *INT8_AND_FLOAT, max_version=2),
    "MEAN": lowering(lower_mean, *INT8_AND_FLOAT, max_version=2),
}
