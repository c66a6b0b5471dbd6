"""Functions of one quantized value that LiteRT tabulates in float32: EXP, LOG, GELU.

On int8 each of 256 results; on int16 the ends of 512 straight lines.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from fitgraph.compiler_bridge.lower.fixed_point import round_half_away
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_softmax16 import points
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator, Quantization

RealFunction = Callable[[float], float]
_LARGEST = 2.0**31  # what no integer of 32 bits is


def lower_table(operator: Operator, context: TfliteContext) -> None:
    """One lookup over all elements."""
    source, output = context.tensor(operator, 0), context.output(operator)
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, source.static_shape)
    is_byte = source.dtype is DType.INT8
    quantized = context.quantization if is_byte else context.symmetric
    scales = quantized(operator, source), quantized(operator, output)
    function = _function(operator, scales[1], np.iinfo(source.dtype.value).min)
    table = (_bytes if is_byte else _points)(operator, context, function, scales)
    fields: dict[str, Field] = {"table": table, "n": source.n_elements}
    inputs = (context.operand(operator, 0),)
    kernel = "lookup_s8" if is_byte else "lookup_s16"
    context.builder.step(kernel, fields, inputs, context.new_output(operator), clearance_bytes=0)


def _function(operator: Operator, output: Quantization, least: int) -> RealFunction:
    """The function of a float32 value; the logarithm of what has none is the least output."""
    if operator.op_type == "EXP":
        return _exp
    if operator.op_type == "LOG":
        lowest = float(np.float32(least - output.zero_point) * np.float32(output.scale))
        return lambda x: math.log(x) if x > 0 else lowest
    if operator.attributes.get("approximate", False):
        return gelu_by_tanh
    return gelu


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def gelu(x: float) -> float:
    """Share of a normal distribution below a value, times that, in float32."""
    value = np.float32(x)
    share = np.float32(math.erfc(float(value * np.float32(-math.sqrt(0.5)))))
    return float(np.float32(0.5) * value * share)


def gelu_by_tanh(x: float) -> float:
    """Nearly the same."""
    value, one = np.float32(x), np.float32(1)
    inner = value + np.float32(0.044715) * value * value * value
    tanh = np.float32(math.tanh(float(np.float32(math.sqrt(2 / math.pi)) * inner)))
    return float(np.float32(0.5) * value * (one + tanh))


def _bytes(
    operator: Operator,
    context: TfliteContext,
    function: RealFunction,
    scales: tuple[Quantization, Quantization],
) -> Array:
    source, output = scales
    inverse = np.float32(1) / np.float32(output.scale)
    table = np.empty(256, np.int8)
    for index in range(256):
        x = np.float32(source.scale) * np.float32(index - 128 - source.zero_point)
        with np.errstate(over="ignore"):
            y = float(np.float32(function(float(x))) * inverse)
        if not abs(y) < _LARGEST:
            raise context.refusal(operator, f"its results reach {y:g} steps of its output")
        table[index] = max(-128, min(127, round_half_away(y) + output.zero_point))
    return table


def _points(
    operator: Operator,
    context: TfliteContext,
    function: RealFunction,
    scales: tuple[Quantization, Quantization],
) -> Array:
    low, high = (np.float32(scales[0].scale) * np.float32(end) for end in (-(2**15), 2**15 - 1))
    low_y, high_y = (np.float32(scales[1].scale) * np.float32(end) for end in (-(2**15), 2**15 - 1))
    inverse = np.float32(2**16) / np.float32(high_y - low_y)

    def each(x: Array) -> Array:
        with np.errstate(over="ignore"):
            return np.array([function(float(one)) for one in x]).astype(np.float32)

    with np.errstate(over="ignore", invalid="ignore"):
        table = points(each, float(low), float(high), inverse)
    if not np.isfinite(each(np.array([low, high]))).all():
        raise context.refusal(operator, "its results have no end")
    return table


_INTEGERS = (DType.INT8, DType.INT16)
TABLE: LoweringTable = {
    "EXP": lowering(lower_table, *_INTEGERS, max_version=2),
    "LOG": lowering(lower_table, *_INTEGERS, max_version=2),
    "GELU": lowering(lower_table, DType.INT16, max_version=2),
}
