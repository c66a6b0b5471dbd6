"""LOGISTIC and TANH on int16: a table of the logistic function with straight lines between."""

from __future__ import annotations

import math

import numpy as np

from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

ENTRIES_PER_UNIT = 24  # of the table
STEPS_PER_UNIT = 3 * 4096  # of the values that are looked up
POWER_OF_TWO_TOLERANCE = 1e-3  # TFLite's, on the base-2 logarithm
LOGISTIC, TANH = range(2)  # operations of the kernel sigmoid_s16
# Exponents of an input scale which TFLite's functions read as it stands, without a multiplier.
AS_IT_STANDS = {"LOGISTIC": (-12,), "TANH": (-12, -11)}


def sigmoid_table() -> Array:
    """The logistic function of i / 24 in Q0.16.

    Each entry is raised by half of what the line to the next one misses in its middle, and the
    last one is where the function saturates. The result is TFLite's table, which a comparison with
    its interpreter over all inputs shows.
    """
    i = np.arange(256)
    missed = _logistic(i + 0.5) - (_logistic(i) + _logistic(i + 1)) / 2
    rounded = np.floor(_logistic(i) + missed / 2 + 0.5)
    rounded[-1] = 2**16 - 1
    return rounded.astype(np.uint16)


def _logistic(i: Array) -> Array:
    return np.asarray(2**16 / (1 + np.exp(-i / ENTRIES_PER_UNIT)))


def lower_sigmoid(operator: Operator, context: TfliteContext) -> None:
    """Both operators, of an input without zero point."""
    source = context.tensor(operator, 0)
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, source.static_shape)
    scale = context.symmetric(operator, source).scale
    output = context.symmetric(operator, context.output(operator)).scale
    if abs(math.log2(output) + 15) >= POWER_OF_TWO_TOLERANCE:
        raise context.refusal(operator, f"its output scale is {output}, not 1/32768")
    multiplier, shift = input_multiplier(operator.op_type, scale)
    if not 0 < multiplier < 2**15:
        raise context.refusal(operator, f"its input scale is {scale}")
    fields: dict[str, Field] = {
        "table": sigmoid_table(),
        "operation": TANH if operator.op_type == "TANH" else LOGISTIC,
        "multiplier": multiplier,
        "shift": shift,
        "n": source.n_elements,
    }
    value = context.new_output(operator)
    inputs = (context.operand(operator, 0),)
    context.builder.step("sigmoid_s16", fields, inputs, value, clearance_bytes=0)


def input_multiplier(op_type: str, scale: float) -> tuple[int, int]:
    """Multiplier and right shift that bring the input to the table's steps."""
    exponent = round(math.log2(scale))
    is_power = abs(math.log2(scale) - exponent) < POWER_OF_TWO_TOLERANCE
    if is_power and exponent in AS_IT_STANDS[op_type]:
        return 3 << (exponent + 12), 0
    real, shift = scale * STEPS_PER_UNIT, 0
    while real <= 32767.0 / 2.0 and shift <= 30:
        real, shift = real * 2.0, shift + 1
    return int(real), shift


TABLE: LoweringTable = {
    "LOGISTIC": lowering(lower_sigmoid, DType.INT16, max_version=3),
    "TANH": lowering(lower_sigmoid, DType.INT16, max_version=3),
}
