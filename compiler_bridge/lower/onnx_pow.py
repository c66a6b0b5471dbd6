"""Pow with an exponent that is known: products, roots and reciprocals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.movement import broadcast_loops
from fitgraph.compiler_bridge.lower.onnx_context import FLOAT32_MAX, OnnxContext
from fitgraph.compiler_bridge.lower.onnx_views import View
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator

_MULTIPLY = 2  # of the kernel for two operands
# Exponents that are so many factors.
_WHOLE = {1.0: 1, 2.0: 2, 3.0: 3, 4.0: 4}


def lower_pow(operator: Operator, context: OnnxContext) -> None:
    """The exponent is one constant: 1 to 4 or 0.5, or minus one of them."""
    view = context.float_view(operator, 0)
    exponent = _exponent(operator, context, view.shape)
    found = view
    if abs(exponent) == 0.5:
        found = _each("sqrt_each_f32", operator, context, view)
    for _ in range(_WHOLE.get(abs(exponent), 1) - 1):
        found = _product(operator, context, found, view)
    if exponent < 0:
        found = _each("reciprocal_f32", operator, context, found)
    context.bind(operator, found)


def _exponent(operator: Operator, context: OnnxContext, shape: tuple[int, ...]) -> float:
    exponents = context.constant(operator, 1, "exponent")
    found = np.unique(exponents.astype(np.float64))
    if found.size != 1:
        raise context.refusal(operator, f"it has {found.size} different exponents")
    if np.broadcast_shapes(exponents.shape, shape) != shape:
        raise context.refusal(operator, "its exponent has more axes than its base")
    exponent = float(found[0])
    if abs(exponent) not in {0.5, *_WHOLE}:
        raise context.refusal(operator, f"its exponent is {exponent}, not 0.5 or 1 to 4")
    return exponent


def _product(operator: Operator, context: OnnxContext, a: View, b: View) -> View:
    sizes = a.memory_shape
    fields: dict[str, Field] = {
        "loops": broadcast_loops(context.builder.label, sizes, sizes, sizes),
        "operation": _MULTIPLY,
        "low": -FLOAT32_MAX,
        "high": FLOAT32_MAX,
    }
    value = context.new_value(operator, sizes, DType.FLOAT32)
    operands = (a.operand, b.operand)
    context.builder.step("binary_f32", fields, operands, value, clearance_bytes=0)
    return replace(a, operand=value)


def _each(kernel: str, operator: Operator, context: OnnxContext, view: View) -> View:
    fields: dict[str, Field] = {"alpha": 0.0, "beta": 0.0, "n": math.prod(view.shape)}
    value = context.new_value(operator, view.memory_shape, DType.FLOAT32)
    context.builder.step(kernel, fields, (view.operand,), value, clearance_bytes=0)
    return replace(view, operand=value)


TABLE: LoweringTable = {"Pow": lowering(lower_pow, DType.FLOAT32, max_version=15)}
