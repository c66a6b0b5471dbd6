"""Products of two matrices of 8-bit integers that are not a dense layer."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_matmul import matrices
from fitgraph.compiler_bridge.lower.onnx_requantize import layer_multipliers, requantization
from fitgraph.compiler_bridge.lower.onnx_views import OutputScale, View, identity
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator

# The largest product of two integers less their zero points.
_LARGEST = 255 * 255


def lower_integer_mat_mul(operator: Operator, context: OnnxContext, a: View, b: View) -> None:
    """Operands with a scale each; integers come out where one QuantizeLinear reads them."""
    target = context.quantizer(operator)
    if target is not None:
        view = emit_integer_mat_mul(operator, context, a, b, target.scale)
        context.bind_quantized(target, view)
        return
    scale = float(np.float32(a.scale or 0.0) * np.float32(b.scale or 0.0))
    view = _emit(operator, context, a, b, "matmul_s8_f32", {"scale": scale}, DType.FLOAT32)
    context.bind(operator, view)


def emit_integer_mat_mul(
    operator: Operator, context: OnnxContext, a: View, b: View, out: OutputScale
) -> View:
    """The product as integers of the output's scale."""
    multiplier = layer_multipliers(a.scale or 0.0, np.array([b.scale or 0.0]), out.scale)
    fields: dict[str, Field] = {"requant": requantization(multiplier, out)}
    return _emit(operator, context, a, b, "matmul_s8", fields, DType.INT8)


def _emit(
    operator: Operator,
    context: OnnxContext,
    a: View,
    b: View,
    kernel: str,
    fields: dict[str, Field],
    dtype: DType,
) -> View:
    a, b = context.logical(a), context.logical(b)
    product, shape = matrices(operator, context, a.shape, b.shape)
    if a.shape[-1] * _LARGEST > np.iinfo(np.int32).max:
        raise context.refusal(operator, "its sums could overflow 32 bits")
    zero_points: dict[str, Field] = {"a_zero_point": a.zero_point, "b_zero_point": b.zero_point}
    value = context.new_value(operator, shape, dtype)
    operands = (a.operand, b.operand)
    context.builder.step(kernel, fields | {"matrices": product | zero_points}, operands, value)
    return View(value, shape, identity(len(shape)))
