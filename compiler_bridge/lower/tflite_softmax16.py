"""SOFTMAX with int16 results: of int16 by tables of points, of int8 in fixed point."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from fitgraph.compiler_bridge.lower import fixed_point as q
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_softmax import int8_fields
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

POINTS = 512  # of a table, and one more at its end
EXP_REACH = 10.0  # e**-10 counts as nothing
DIFFERENCES = 65535.0  # steps in which differences up to the reach are counted
OUTPUT_TOLERANCE = 1e-3  # TFLite's, relative
# Sums of exponentials in Q0.15, each below one, must fit 32 bits.
MOST_COLUMNS = 2**16 - 1
# Scale and zero point that TFLite asks of the output, by the input's dtype.
OUTPUTS = {DType.INT8: (1 / 65536, -32768), DType.INT16: (1 / 32768, 0)}


def lower_softmax(operator: Operator, context: TfliteContext) -> None:
    """Along the last axis."""
    source, output = context.tensor(operator, 0), context.output(operator)
    context.expect_shape(operator, source.static_shape)
    if not source.shape or source.dtype not in OUTPUTS:
        raise context.refusal(operator, f"its input is {source.dtype} {list(source.shape)}")
    wanted = OUTPUTS[source.dtype]
    given = context.quantization(operator, output)
    if abs(given.scale / wanted[0] - 1) > OUTPUT_TOLERANCE or given.zero_point != wanted[1]:
        raise context.refusal(operator, f"its output scale is not {wanted[0]} from {wanted[1]}")
    columns = source.static_shape[-1]
    if columns > MOST_COLUMNS:
        raise context.refusal(operator, f"its sums of {columns} values overflow")
    fields: dict[str, Field] = {"rows": source.n_elements // columns, "columns": columns}
    inputs = (context.operand(operator, 0),)
    if source.dtype is DType.INT8:
        fields |= int8_fields(operator, context)
        context.builder.step("softmax_fixed_s8_s16", fields, inputs, context.new_output(operator))
        return
    fields |= _int16_fields(operator, context)
    value = context.new_output(operator)
    context.builder.step("softmax_s16", fields, inputs, value, clearance_bytes=0)


def _int16_fields(operator: Operator, context: TfliteContext) -> dict[str, Field]:
    scale = context.quantization(operator, context.tensor(operator, 0)).scale
    beta = float(np.float32(operator.attributes.get("beta", 1.0)))
    real = scale * beta / (EXP_REACH / DIFFERENCES)
    if not 0 < real < math.inf:
        raise context.refusal(operator, f"its beta is {beta} with scale {scale}")
    multiplier, shift = q.quantize_multiplier(real)
    if shift > 15:
        raise context.refusal(operator, f"its differences overflow at scale {scale}")
    one = np.float32(1)
    return {
        "exp": points(np.exp, -EXP_REACH, 0.0),
        "reciprocal": points(lambda x: one / (one + x), 0.0, 1.0),
        "multiplier": multiplier,
        "shift": shift,
    }


def points(
    function: Callable[[Array], Array],
    low: float,
    high: float,
    one: np.float32 = np.float32(2**15),  # noqa: B008 - it never changes
) -> Array:
    """A function at 513 points, as TFLite tabulates it.

    Each point is moved by half of what the line to the next one misses in its middle.

    Args:
        one: steps of the result that make one; those of Q0.15, where it lies in [-1, 1].
    """
    step = np.float32((high - low) / POINTS)
    x = np.float32(low) + np.arange(POINTS, dtype=np.float32) * step
    after = np.float32(low) + np.arange(1, POINTS + 1, dtype=np.float32) * step
    value = _rounded(function(x) * one)
    middle = _rounded((function(after) * one + value) / np.float32(2))
    missed = middle - _rounded(function(x + step / np.float32(2)) * one)
    moved = value - _rounded(missed / np.float32(2))
    last = _rounded(function(np.array([high], np.float32)) * one)
    table = np.concatenate([moved, last])
    return np.asarray(np.clip(table, -(2**15), 2**15 - 1), np.int16)


def _rounded(x: Array) -> Array:
    """Halves away from zero."""
    return np.asarray(np.copysign(np.floor(np.abs(x) + np.float32(0.5)), x), np.float32)


TABLE: LoweringTable = {
    "SOFTMAX": lowering(lower_softmax, DType.INT16, max_version=3),
}
