"""POW with an exponent that is known: products, roots and reciprocals."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower.movement import broadcast_loops
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_pairs import FLOAT32_MAX, INT32, NUMBERS
from fitgraph.compiler_bridge.program import Field, Operand
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Operator

ROOT = 0.5
MOST_FACTORS = 4


def lower_power(operator: Operator, context: TfliteContext) -> None:
    """1 to 4 factors; of reals a root, too, and one over any of these."""
    base = context.tensor(operator, 0)
    is_real = base.dtype is DType.FLOAT32
    context.expect_one_dtype(operator, 0, 1)
    context.expect_shape(operator, base.static_shape)
    exponent = _exponent(operator, context)
    factors = 1 if abs(exponent) == ROOT and is_real else abs(exponent)
    if factors not in range(1, MOST_FACTORS + 1) or (exponent < 0 and not is_real):
        raise context.refusal(operator, f"its exponent is {exponent:g} on {base.dtype}")
    first = found = context.operand(operator, 0)
    if abs(exponent) == ROOT:
        found = _each(operator, context, "sqrt_each_f32", found)
    for _ in range(int(factors) - 1):
        found = _product(operator, context, found, first)
    if exponent < 0:
        found = _each(operator, context, "reciprocal_f32", found)
    context.alias_output(operator, found)


def _exponent(operator: Operator, context: TfliteContext) -> float:
    exponents = context.constant(operator, 1, "exponent")
    found = np.unique(exponents)
    if found.size != 1:
        raise context.refusal(operator, f"it has {found.size} different exponents")
    return float(found[0])


def _product(operator: Operator, context: TfliteContext, a: Operand, b: Operand) -> int:
    output = context.output(operator)
    shape, dtype = output.static_shape, output.dtype
    fields: dict[str, Field] = {
        "loops": broadcast_loops(context.builder.label, shape, shape, shape),
        "operation": NUMBERS["MUL"],
    }
    value = context.builder.value(f"{context.builder.label} product", shape, dtype)
    if dtype is DType.FLOAT32:
        fields |= {"low": -FLOAT32_MAX, "high": FLOAT32_MAX}
        context.builder.step("binary_f32", fields, (a, b), value, clearance_bytes=0)
    else:
        size = ITEM_BYTES[dtype]
        fields |= {"in_bytes": size, "out_bytes": size, "low": INT32.min, "high": INT32.max}
        context.builder.step("binary_integer", fields, (a, b), value)
    return value


def _each(operator: Operator, context: TfliteContext, kernel: str, operand: Operand) -> int:
    output = context.output(operator)
    fields: dict[str, Field] = {"alpha": 0.0, "beta": 0.0, "n": output.n_elements}
    value = context.builder.value(
        f"{context.builder.label} {kernel}", output.static_shape, output.dtype
    )
    context.builder.step(kernel, fields, (operand,), value, clearance_bytes=0)
    return value


TABLE: LoweringTable = {
    "POW": lowering(lower_power, DType.FLOAT32, DType.INT32, max_version=1),
}
