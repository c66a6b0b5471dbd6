"""Pow: products, roots and reciprocals, or any power of any number."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.movement import broadcast_loops
from fitgraph.compiler_bridge.lower.onnx_context import FLOAT32_MAX, OnnxContext
from fitgraph.compiler_bridge.lower.onnx_views import Constant, View, identity
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator

_MULTIPLY = 2  # of the kernel for two operands
# Exponents that are so many factors.
_WHOLE = {1.0: 1, 2.0: 2, 3.0: 3, 4.0: 4}


def lower_pow(operator: Operator, context: OnnxContext) -> None:
    """Products and roots where the exponent is one small constant; else a function of both."""
    view = context.float_view(operator, 0)
    exponent = _exponent(operator, context, view.shape)
    if exponent is None:
        _lower_power(operator, context, view)
        return
    found = view
    if abs(exponent) == 0.5:
        found = _each("sqrt_each_f32", operator, context, view)
    for _ in range(_WHOLE.get(abs(exponent), 1) - 1):
        found = _product(operator, context, found, view)
    if exponent < 0:
        found = _each("reciprocal_f32", operator, context, found)
    context.bind(operator, found)


def _exponent(operator: Operator, context: OnnxContext, shape: tuple[int, ...]) -> float | None:
    """The one exponent, where it is so many factors or a root."""
    if not context.is_constant(operator, 1):
        return None
    exponents = context.constant(operator, 1, "exponent")
    found = np.unique(exponents.astype(np.float64))
    if found.size != 1 or np.broadcast_shapes(exponents.shape, shape) != shape:
        return None
    exponent = float(found[0])
    return exponent if abs(exponent) in {0.5, *_WHOLE} else None


def _lower_power(operator: Operator, context: OnnxContext, base: View) -> None:
    if isinstance(context.entry(operator, 1), Constant):
        reals = context.constant(operator, 1, "exponent").astype(np.float32)
        exponent = View(reals, reals.shape, identity(reals.ndim))
    else:
        exponent = context.logical(context.float_view(operator, 1))
    base = context.logical(base)
    shape = tuple(np.broadcast_shapes(base.shape, exponent.shape))
    loops = broadcast_loops(context.builder.label, base.shape, exponent.shape, shape)
    value = context.new_value(operator, shape, DType.FLOAT32)
    operands = (base.operand, exponent.operand)
    context.builder.step("power_f32", {"loops": loops}, operands, value)
    context.bind(operator, View(value, shape, identity(len(shape))))


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
