"""More functions of one value: on int8 a table of 256 results, on float32 a kernel of their own.

ABS, CEIL, COS, ELU, EXP, FLOOR, GELU, HARD_SWISH, LOG, NEG, ROUND, RSQRT, SIN, SQRT, SQUARE,
LOGICAL_NOT.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from fitgraph.compiler_bridge.lower import fixed_point as q
from fitgraph.compiler_bridge.lower.inverse_root import inverse_root
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_tables import gelu, gelu_by_tanh
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator, Quantization

# Kernel and its alpha.
_FLOAT: Mapping[str, tuple[str, float]] = {
    "ABS": ("absolute_f32", 0.0),
    "CEIL": ("floor_f32", 1.0),
    "COS": ("cos_each_f32", 0.0),
    "ELU": ("elu_f32", 1.0),
    "EXP": ("exp_each_f32", 0.0),
    "FLOOR": ("floor_f32", 0.0),
    "LOG": ("log_each_f32", 0.0),
    "NEG": ("negate_f32", 0.0),
    "ROUND": ("round_each_f32", 0.0),
    "RSQRT": ("rsqrt_each_f32", 0.0),
    "SIGN": ("sign_f32", 0.0),
    "SIN": ("sin_each_f32", 0.0),
    "SQRT": ("sqrt_each_f32", 0.0),
    "SQUARE": ("square_f32", 0.0),
}
SPARE_BITS = 20  # by which TFLite shifts an inverse root up while it rescales it


def lower_float(operator: Operator, context: TfliteContext) -> None:
    """One call over all elements."""
    kernel, alpha = _FLOAT[operator.op_type]
    _emit(operator, context, kernel, {"alpha": alpha, "beta": 0.0})


def lower_gelu(operator: Operator, context: TfliteContext) -> None:
    """By the error function, or nearly so by tanh."""
    approximate = bool(operator.attributes.get("approximate", False))
    if context.tensor(operator, 0).dtype is DType.FLOAT32:
        kernel = "gelu_tanh_f32" if approximate else "gelu_f32"
        _emit(operator, context, kernel, {"alpha": 0.0, "beta": 0.0})
        return
    source = context.quantization(operator, context.tensor(operator, 0))
    output = context.quantization(operator, context.output(operator))
    function = _gelu(source, output, approximate=approximate)
    results = [max(-128, min(127, function(x))) for x in range(-128, 128)]
    _emit(operator, context, "lookup_s8", {"table": np.array(results, np.int8)})


def lower_table(operator: Operator, context: TfliteContext) -> None:
    """One lookup over all elements."""
    source = context.quantization(operator, context.tensor(operator, 0))
    output = context.quantization(operator, context.output(operator))
    function = _TABLES[operator.op_type](source, output)
    results = [max(-128, min(127, function(x))) for x in range(-128, 128)]
    _emit(operator, context, "lookup_s8", {"table": np.array(results, np.int8)})


def lower_not(operator: Operator, context: TfliteContext) -> None:
    """A byte is 0 or another number."""
    table = (np.arange(-128, 128) == 0).astype(np.int8)
    _emit(operator, context, "lookup_s8", {"table": table})


def lower_absolute_int16(operator: Operator, context: TfliteContext) -> None:
    """Rescaled if the scales differ."""
    source = context.symmetric(operator, context.tensor(operator, 0))
    output = context.symmetric(operator, context.output(operator))
    multiplier, shift = _rescaling(source, output)
    _emit(operator, context, "absolute_s16", {"multiplier": multiplier, "shift": shift})


def lower_inverse_root_int16(operator: Operator, context: TfliteContext) -> None:
    """The root has bits to spare, which are shifted out with the scale."""
    source = context.symmetric(operator, context.tensor(operator, 0))
    output = context.symmetric(operator, context.output(operator))
    scale = 1.0 / (math.sqrt(source.scale) * output.scale)
    multiplier, shift = q.quantize_multiplier(scale)
    _emit(operator, context, "rsqrt_s16", {"multiplier": multiplier, "shift": shift - SPARE_BITS})


def lower_relu_int16(operator: Operator, context: TfliteContext) -> None:
    """RELU rescales; RELU6 clamps at six of the input."""
    source = context.symmetric(operator, context.tensor(operator, 0))
    output = context.symmetric(operator, context.output(operator))
    multiplier, shift, high = 1 << 30, 1, 2**15 - 1
    if operator.op_type == "RELU":
        multiplier, shift = _rescaling(source, output)
    else:
        six = float(np.float32(6.0) / np.float32(source.scale))
        high = min(high, q.round_half_away(six))
    fields = {"multiplier": multiplier, "shift": shift, "low": 0, "high": high}
    _emit(operator, context, "relu_fixed_s16", fields)


def _emit(
    operator: Operator, context: TfliteContext, kernel: str, fields: Mapping[str, Field]
) -> None:
    source = context.tensor(operator, 0)
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, source.static_shape)
    operands = (context.operand(operator, 0),)
    value = context.new_output(operator)
    context.builder.step(
        kernel, {**fields, "n": source.n_elements}, operands, value, clearance_bytes=0
    )


def _rescaling(source: Quantization, output: Quantization) -> tuple[int, int]:
    """The multiplier; 1 as 2**30 * 2, which changes nothing."""
    return q.quantize_multiplier(source.scale / output.scale)


IntFunction = Callable[[int], int]


def _absolute(source: Quantization, output: Quantization) -> IntFunction:
    multiplier, shift = _rescaling(source, output)
    return lambda x: q.multiply(abs(x - source.zero_point), multiplier, shift) + output.zero_point


def _inverse_root(source: Quantization, output: Quantization) -> IntFunction:
    scale = 1.0 / (math.sqrt(source.scale) * output.scale)
    multiplier, shift = q.quantize_multiplier(scale)

    def y(x: int) -> int:
        value = x - source.zero_point
        if value <= 0:  # TFLM refuses less than 0
            return 127
        root, root_shift = inverse_root(value)
        data = q.multiply(1, root, root_shift + SPARE_BITS)
        return q.multiply(data, multiplier, shift - SPARE_BITS) + output.zero_point

    return y


def _elu(source: Quantization, output: Quantization) -> IntFunction:
    """In float32 but for the exponential."""
    inverse = np.float32(1) / np.float32(output.scale)

    def y(x: int) -> int:
        real = np.float32(source.scale) * np.float32(x - source.zero_point)
        result = np.float32(math.expm1(float(real))) if real < 0 else real
        return q.round_half_away(float(np.float32(result * inverse))) + output.zero_point

    return y


def _gelu(source: Quantization, output: Quantization, *, approximate: bool) -> IntFunction:
    """In float32 (``LUTPopulate`` of TFLite)."""
    inverse = np.float32(1) / np.float32(output.scale)
    function = gelu_by_tanh if approximate else gelu

    def y(x: int) -> int:
        real = float(np.float32(source.scale) * np.float32(x - source.zero_point))
        return q.round_half_away(float(np.float32(function(real)) * inverse)) + output.zero_point

    return y


def _hard_swish(source: Quantization, output: Quantization) -> IntFunction:
    """With 16-bit multipliers; x * relu6(x + 3) / 6 as x * (1 + clamp(x / 3)) / 2."""
    fine = np.float32(1 / 128) * np.float32(source.scale)
    factor, exponent = _short_multiplier(float(np.float32(fine / np.float32(output.scale))))
    share = np.float32(3) / np.float32(32768)
    gate_factor, gate_exponent = _short_multiplier(float(np.float32(fine / share)))
    if exponent > 0:
        raise OverflowError(f"a scale of {output.scale:g} is too fine for its output")

    def y(x: int) -> int:
        value = (x - source.zero_point) * 128
        gate = value
        if gate_exponent > 0:
            gate = _saturate16(gate << (gate_exponent - 1))
        gate = _doubling_high_mul16(gate, gate_factor)
        if gate_exponent > 0:
            gate = _saturate16(gate << 1)
        if gate_exponent < 0:
            gate = q.rounding_shift_right(gate, -gate_exponent)
        gate = (gate + (1 << 15)) >> 1
        product = gate * _doubling_high_mul16(value, factor)
        halved = abs(product) >> 15
        result = q.rounding_shift_right(-halved if product < 0 else halved, -exponent)
        return result + output.zero_point

    return y


def _short_multiplier(real: float) -> tuple[int, int]:
    """A multiplier of 15 bits and its exponent."""
    multiplier, exponent = q.quantize_multiplier(real)
    return min((multiplier + (1 << 15)) >> 16, 2**15 - 1), exponent


def _saturate16(x: int) -> int:
    return max(-(2**15), min(2**15 - 1, x))


def _doubling_high_mul16(a: int, b: int) -> int:
    """Round a * b / 2**15, halves upwards."""
    return _saturate16((a * b + (1 << 14)) >> 15)


_TABLES: Mapping[str, Callable[[Quantization, Quantization], IntFunction]] = {
    "ABS": _absolute,
    "ELU": _elu,
    "HARD_SWISH": _hard_swish,
    "RSQRT": _inverse_root,
}
_NEWEST = {"HARD_SWISH": 1, "RSQRT": 2, "ABS": 5, "EXP": 2, "LOG": 2, "SQRT": 1, "SIGN": 2}

TABLE: LoweringTable = {
    **{
        name: lowering(lower_float, DType.FLOAT32, max_version=_NEWEST.get(name, 1))
        for name in _FLOAT
    },
    "GELU": lowering(lower_gelu, DType.FLOAT32, DType.INT8, max_version=2),
}
INT8_TABLE: LoweringTable = {
    name: lowering(lower_table, DType.INT8, max_version=_NEWEST.get(name, 1)) for name in _TABLES
} | {"LOGICAL_NOT": lowering(lower_not, DType.BOOL, max_version=1)}
INT16_TABLE: LoweringTable = {
    "ABS": lowering(lower_absolute_int16, DType.INT16, max_version=5),
    "RSQRT": lowering(lower_inverse_root_int16, DType.INT16, max_version=3),
    "RELU": lowering(lower_relu_int16, DType.INT16, max_version=2),
    "RELU6": lowering(lower_relu_int16, DType.INT16, max_version=2),
}
