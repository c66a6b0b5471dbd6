"""Functions of one value: for int8 a table of 256 results, for float32 a call.

RELU, RELU6, RELU_N1_TO_1, RELU_0_TO_1, LEAKY_RELU, LOGISTIC, TANH, HARD_SWISH.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from fitgraph.compiler_bridge.lower import fixed_point as q
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import (
    ACTIVATION_BOUNDS,
    INT8_AND_FLOAT,
    TfliteContext,
)
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator, Quantization

LARGEST_INPUT_SHIFT = 62  # TFLite shifts a 64-bit one by it
INPUT_INTEGER_BITS = 4  # logistic and tanh read their input as Q4.27
FLOAT32_MAX = float(np.finfo(np.float32).max)
FIXED_ZERO_POINTS = {"LOGISTIC": -128, "TANH": 0}
CLIP, SIGMOID, TANH, LEAKY_RELU, HARD_SWISH = range(5)  # operations of the kernel unary_f32


def lower_unary(operator: Operator, context: TfliteContext) -> None:
    """One table or one call."""
    source = context.tensor(operator, 0)
    inputs = (context.operand(operator, 0),)
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, source.static_shape)
    if source.dtype is DType.INT16:
        fields = {**_leaky_relu_int16_fields(operator, context), "n": source.n_elements}
        kernel = "leaky_relu_fixed_s16"
    elif source.dtype is DType.FLOAT32:
        fields = {**_float_fields(operator), "n": source.n_elements}
        kernel = "unary_f32"
    else:
        fields = {"table": int8_table(operator, context), "n": source.n_elements}
        kernel = "lookup_s8"
    value = context.new_output(operator)
    context.builder.step(kernel, fields, inputs, value, clearance_bytes=0)


def _float_fields(operator: Operator) -> dict[str, Field]:
    bounds = {**ACTIVATION_BOUNDS, **_CLIPS}
    if operator.op_type in bounds:
        low, high = bounds[operator.op_type]
        return {
            "operation": CLIP,
            "low": -FLOAT32_MAX if low is None else low,
            "high": FLOAT32_MAX if high is None else high,
        }
    operation = _FLOAT_FUNCTIONS[operator.op_type]
    slope = float(np.float32(operator.attributes.get("alpha", 0.0)))
    return {"operation": operation, "low": slope, "high": 0.0}


def int8_table(operator: Operator, context: TfliteContext) -> np.ndarray:
    """The operator's int8 output for each int8 input, -128 first."""
    source = context.quantization(operator, context.tensor(operator, 0))
    output = context.quantization(operator, context.output(operator))
    zero_point = FIXED_ZERO_POINTS.get(operator.op_type, output.zero_point)
    if output.zero_point != zero_point:
        raise context.refusal(operator, f"its output's zero point is not {zero_point}")
    function = _INT8_FUNCTIONS[operator.op_type](operator, source, output)
    return np.array([max(-128, min(127, function(x))) for x in range(-128, 128)], np.int8)


IntFunction = Callable[[int], int]


def _relu(operator: Operator, source: Quantization, output: Quantization) -> IntFunction:
    """RELU rescales; the bounds are those of the output."""
    multiplier, shift = q.quantize_multiplier(source.scale / output.scale)

    def relu(x: int) -> int:
        y = q.multiply(x - source.zero_point, multiplier, shift) + output.zero_point
        return max(y, output.zero_point)

    return relu


def _clipped(operator: Operator, source: Quantization, output: Quantization) -> IntFunction:
    """RELU_N1_TO_1 and RELU_0_TO_1 rescale between bounds of the output."""
    multiplier, shift = q.quantize_multiplier(source.scale / output.scale)
    low, high = (
        output.zero_point + q.round_half_away(float(np.float32(bound) / np.float32(output.scale)))
        for bound in _CLIPS[operator.op_type]
    )

    def clipped(x: int) -> int:
        y = q.multiply(x - source.zero_point, multiplier, shift) + output.zero_point
        return max(low, min(high, y))

    return clipped


def _relu6(operator: Operator, source: Quantization, output: Quantization) -> IntFunction:
    """RELU6 clamps at the input's zero and six and copies (TFLite does not rescale here)."""
    six = source.zero_point + q.round_half_away(float(np.float32(6.0) / np.float32(source.scale)))
    return lambda x: max(source.zero_point, min(six, x))


def _logistic(operator: Operator, source: Quantization, output: Quantization) -> IntFunction:
    """Output scale 1/256, zero point -128, whatever the file says (it must say so)."""
    return _sigmoid_like(source, q.logistic, output_bits=8, zero_point=-128)


def _tanh(operator: Operator, source: Quantization, output: Quantization) -> IntFunction:
    """Output scale 1/128, zero point 0."""
    return _sigmoid_like(source, q.tanh, output_bits=7, zero_point=0)


def _sigmoid_like(
    source: Quantization, function: Callable[[int], int], output_bits: int, zero_point: int
) -> IntFunction:
    real = source.scale * 2 ** (31 - INPUT_INTEGER_BITS)
    fraction, shift = math.frexp(real)
    multiplier = q.round_half_away(fraction * 2**31)
    if not 0 <= shift <= LARGEST_INPUT_SHIFT:
        raise OverflowError(f"an input scale of {source.scale:g} does not fit its fixed point")
    radius = q.input_radius(INPUT_INTEGER_BITS, shift)
    full = 1 << output_bits

    def y(x: int) -> int:
        centred = x - source.zero_point
        if centred <= -radius:
            return -128
        if centred >= radius:
            return 127
        raw = function(q.multiply(centred, multiplier, shift))
        return min(q.rounding_shift_right(raw, 31 - output_bits), full) + zero_point

    return y


def _leaky_relu_int16_fields(operator: Operator, context: TfliteContext) -> dict[str, Field]:
    source = context.quantization(operator, context.tensor(operator, 0))
    output = context.quantization(operator, context.output(operator))
    positive, negative, sign = _slopes(operator, source, output)
    return {
        "in_zero_point": source.zero_point,
        "out_zero_point": output.zero_point,
        "multiplier": positive[0],
        "shift": positive[1],
        "negative_multiplier": negative[0],
        "negative_shift": negative[1],
        "negative_sign": sign,
    }


def _slopes(
    operator: Operator, source: Quantization, output: Quantization
) -> tuple[tuple[int, int], tuple[int, int], int]:
    """Multipliers above and below zero, and the sign of the second."""
    alpha = float(np.float32(operator.attributes.get("alpha", 0.0)))
    positive = q.quantize_multiplier(source.scale / output.scale)
    negative = q.quantize_multiplier(abs(source.scale * alpha / output.scale))
    return positive, negative, -1 if alpha < 0 else 1


def _leaky_relu(operator: Operator, source: Quantization, output: Quantization) -> IntFunction:
    positive, negative, sign = _slopes(operator, source, output)

    def leaky(x: int) -> int:
        centred = x - source.zero_point
        if centred >= 0:
            return q.multiply(centred, *positive) + output.zero_point
        return sign * q.multiply(centred, *negative) + output.zero_point

    return leaky


_CLIPS = {"RELU_N1_TO_1": (-1.0, 1.0), "RELU_0_TO_1": (0.0, 1.0)}
_FLOAT_FUNCTIONS = {
    "LOGISTIC": SIGMOID,
    "TANH": TANH,
    "LEAKY_RELU": LEAKY_RELU,
    "HARD_SWISH": HARD_SWISH,
}
_INT8_FUNCTIONS: dict[str, Callable[[Operator, Quantization, Quantization], IntFunction]] = {
    "RELU": _relu,
    "RELU6": _relu6,
    **dict.fromkeys(_CLIPS, _clipped),
    "LOGISTIC": _logistic,
    "TANH": _tanh,
    "LEAKY_RELU": _leaky_relu,
}

TABLE: LoweringTable = {
    "RELU": lowering(lower_unary, *INT8_AND_FLOAT, max_version=2),
    "RELU6": lowering(lower_unary, *INT8_AND_FLOAT, max_version=2),
    **{name: lowering(lower_unary, *INT8_AND_FLOAT, max_version=1) for name in _CLIPS},
    "LOGISTIC": lowering(lower_unary, *INT8_AND_FLOAT, max_version=2),
    "TANH": lowering(lower_unary, *INT8_AND_FLOAT, max_version=2),
    "LEAKY_RELU": lowering(lower_unary, *INT8_AND_FLOAT, DType.INT16, max_version=2),
    "HARD_SWISH": lowering(lower_unary, DType.FLOAT32, max_version=1),
}
