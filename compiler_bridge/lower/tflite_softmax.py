"""SOFTMAX and LOG_SOFTMAX."""

from __future__ import annotations

import math

import numpy as np

from fitgraph.compiler_bridge.lower import fixed_point as q
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import INT8_AND_FLOAT, TfliteContext
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator, Quantization

DIFFERENCE_INTEGER_BITS = 5  # TFLite holds x - max as Q5.26
# Its sum has 12 integer bits, each value is at most 1.
MOST_COLUMNS = 2**12 - 1
# Below, the multiplier would not be greater than one, which TFLite demands.
SMALLEST_STEP = 2.0 ** (DIFFERENCE_INTEGER_BITS - 31)
OUTPUT = Quantization((1.0 / 256.0,), (-128,))
LOG_OUTPUT = Quantization((16 / 256,), (127,))


def lower_softmax(operator: Operator, context: TfliteContext) -> None:
    """Along the last axis."""
    source = context.tensor(operator, 0)
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, source.static_shape)
    if not source.shape:
        raise context.refusal(operator, "its input is a scalar")
    columns = source.static_shape[-1]
    fields: dict[str, Field] = {"rows": source.n_elements // columns, "columns": columns}
    if source.dtype is DType.FLOAT32:
        kernel = "softmax_f32"
        fields |= {"beta": _beta(operator)}
    else:
        kernel = "softmax_fixed_s8"
        if context.quantization(operator, context.output(operator)) != OUTPUT:
            raise context.refusal(operator, "its output scale is not 1/256 from -128")
        fields |= int8_fields(operator, context)
    inputs = (context.operand(operator, 0),)
    value = context.new_output(operator)
    context.builder.step(kernel, fields, inputs, value, clearance_bytes=0)


def int8_fields(operator: Operator, context: TfliteContext) -> dict[str, Field]:
    """The table of exponentials of int8 data."""
    source = context.tensor(operator, 0)
    columns = source.static_shape[-1]
    if columns > MOST_COLUMNS:
        raise context.refusal(operator, f"its sums of {columns} values overflow")
    scale, beta = context.quantization(operator, source).scale, _beta(operator)
    if not SMALLEST_STEP < beta * scale < math.inf:
        raise context.refusal(operator, f"its beta is {beta} with scale {scale}")
    table = exp_table(scale, beta)
    return {"exp": table, "last": len(table) - 1}


def _beta(operator: Operator) -> float:
    return float(np.float32(operator.attributes.get("beta", 1.0)))


def lower_log_softmax(operator: Operator, context: TfliteContext) -> None:
    """Along the last axis."""
    source = context.tensor(operator, 0)
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, source.static_shape)
    if not source.shape:
        raise context.refusal(operator, "its input is a scalar")
    columns = source.static_shape[-1]
    fields: dict[str, Field] = {"rows": source.n_elements // columns, "columns": columns}
    kernel = "log_softmax_f32"
    if source.dtype is DType.INT8:
        kernel = "log_softmax_s8"
        if context.quantization(operator, context.output(operator)) != LOG_OUTPUT:
            raise context.refusal(operator, "its output scale is not 1/16 from 127")
        fields |= int8_fields(operator, context)
        fields |= _difference_fields(context.quantization(operator, source).scale)
    inputs = (context.operand(operator, 0),)
    value = context.new_output(operator)
    context.builder.step(kernel, fields, inputs, value, clearance_bytes=0)


def _difference_fields(scale: float) -> dict[str, Field]:
    """What brings differences to Q5.26 and back (``PreprocessLogSoftmaxScalingExp`` of TFLite)."""
    real = min(scale * (1 << (31 - DIFFERENCE_INTEGER_BITS)), (1 << 31) - 1.0)
    multiplier, shift = q.quantize_multiplier(real, largest_shift=31)
    back_multiplier, back_shift = q.quantize_multiplier((1 << (31 - shift)) / multiplier)
    radius = q.input_radius(DIFFERENCE_INTEGER_BITS, shift)
    return {
        "multiplier": multiplier,
        "shift": shift,
        "back_multiplier": back_multiplier,
        "back_shift": back_shift,
        "least": -radius - 1,
    }


def exp_table(scale: float, beta: float) -> Array:
    """e**(-d * beta * scale) as Q0.31 for d = 0, 1, ... as long as TFLite counts it."""
    largest = (1 << 31) - 1.0
    real = min(beta * scale * (1 << (31 - DIFFERENCE_INTEGER_BITS)), largest)
    multiplier, shift = q.quantize_multiplier(real, largest_shift=31)
    furthest = min(q.input_radius(DIFFERENCE_INTEGER_BITS, shift), 255)
    differences = range(math.floor(furthest) + 1)
    return np.array(
        [
            q.exp_of_negative(q.doubling_high_mul(-d << shift, multiplier), DIFFERENCE_INTEGER_BITS)
            for d in differences
        ],
        np.int32,
    )


TABLE: LoweringTable = {
    "SOFTMAX": lowering(lower_softmax, *INT8_AND_FLOAT, max_version=3),
    "LOG_SOFTMAX": lowering(lower_log_softmax, *INT8_AND_FLOAT, max_version=2),
}
