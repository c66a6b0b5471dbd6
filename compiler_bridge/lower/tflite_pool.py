"""AVERAGE_POOL_2D, MAX_POOL_2D and MEAN."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from fitgraph.compiler_bridge.lower.fixed_point import quantize_multiplier
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import (
    INT8_AND_FLOAT,
    TfliteContext,
    float_bounds,
    int8_bounds,
)
from fitgraph.compiler_bridge.lower.windows import Axis, dilations, geometry, same_or_valid
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator

FLOAT32_MAX = float(np.finfo(np.float32).max)


def lower_average_pool(operator: Operator, context: TfliteContext) -> None:
    """The scale must not change; TFLite does not rescale averages."""
    _lower_pool(operator, context, "average_divide_s8", average=1)


def lower_max_pool(operator: Operator, context: TfliteContext) -> None:
    """The scale must not change."""
    _lower_pool(operator, context, "max_pool_s8", average=0)


def _lower_pool(operator: Operator, context: TfliteContext, kernel: str, average: int) -> None:
    source, output = context.tensor(operator, 0), context.output(operator)
    batch, in_h, in_w, channels = source.static_shape
    _, out_h, out_w, _ = output.static_shape
    a = operator.attributes
    rows = same_or_valid(a["padding"], in_h, out_h, a["filter_height"], a["stride_h"])
    columns = same_or_valid(a["padding"], in_w, out_w, a["filter_width"], a["stride_w"])
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
    """Mean over neighbouring axes: a window over all of them."""
    source = context.tensor(operator, 0)
    outer, reduced, inner = _three_parts(operator, context)
    rows = Axis(reduced, 1, reduced, 1, 1, 0)
    columns = Axis(1, 1, 1, 1, 1, 0)
    fields: dict[str, Field] = {"batch": outer, "channels": inner, **geometry(rows, columns)}
    if source.dtype is DType.FLOAT32:
        kernel = "pool_f32"
        fields |= {"average": 1, "low": -FLOAT32_MAX, "high": FLOAT32_MAX}
        fields |= dilations(rows, columns)
    else:
        kernel = "average_requant_s8"
        fields |= _mean_fields(operator, context, reduced)
    inputs = (context.operand(operator, 0),)
    context.builder.step(kernel, fields, inputs, context.new_output(operator))


def _three_parts(operator: Operator, context: TfliteContext) -> tuple[int, int, int]:
    """Elements before, along and after the reduced axes."""
    shape = context.tensor(operator, 0).static_shape
    axes = {int(a) % len(shape) for a in context.constant(operator, 1, "axes").reshape(-1)}
    runs = [
        (is_reduced, int(np.prod([shape[axis] for axis in run])))
        for is_reduced, run in groupby(range(len(shape)), key=lambda axis: axis in axes)
    ]
    if not runs[0][0]:
        runs = [*runs] if runs else [(False, 1)]
    else:
        runs = [(False, 1), *runs]
    if len(runs) == 2:
        runs.append((False, 1))
    if [is_reduced for is_reduced, _ in runs] != [False, True, False]:
        raise context.refusal(operator, f"it reduces separate axes {sorted(axes)} of {shape}")
    return runs[0][1], runs[1][1], runs[2][1]


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
