"""QGemm of com.microsoft: a dense layer whose scales are inputs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_conv import qlinear_constant, qlinear_view
from fitgraph.compiler_bridge.lower.onnx_dense import emit_int8, emit_real, rows_first
from fitgraph.compiler_bridge.lower.onnx_views import Constant, Integers
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.registry.model_graph import DType, Operator

_BIAS = 6
_OUT_SCALE = 7


def lower_q_gemm(operator: Operator, context: OnnxContext) -> None:
    """Alpha * A * B + C; integers come out, or reals where the output has no scale."""
    alpha = float(operator.attributes.get("alpha", 1.0))
    if alpha <= 0 or not math.isfinite(alpha):
        raise context.refusal(operator, f"its alpha is {alpha}")
    if operator.attributes.get("transA", 0):
        raise context.refusal(operator, "its data is transposed")
    source = qlinear_view(operator, context, 0)
    source = replace(source, scale=float(np.float32(alpha) * np.float32(source.scale or 0.0)))
    transposed = bool(operator.attributes.get("transB", 0))
    weights = qlinear_constant(operator, context, 3, axis=0 if transposed else -1)
    if not transposed:
        weights = rows_first(operator, context, weights)
    bias = _bias(operator, context)
    if not context.has_input(operator, _OUT_SCALE):
        emit_real(operator, context, source, weights, bias)
        return
    out = context.output_scale(operator, _OUT_SCALE, _OUT_SCALE + 1)
    if out is None:
        raise context.refusal(operator, "its output scale is not one number")
    view = emit_int8(operator, context, source, weights, bias, out)
    context.bind(operator, Integers(view, context.is_unsigned(operator)))


def _bias(operator: Operator, context: OnnxContext) -> Constant | None:
    if not context.has_input(operator, _BIAS):
        return None
    bias = context.constant(operator, _BIAS, "bias")
    if bias.dtype != np.int32:
        raise context.refusal(operator, f"its bias is {bias.dtype}, not int32")
    return Constant(bias)


TABLE: LoweringTable = {
    "QGemm": lowering(lower_q_gemm, DType.INT8, DType.UINT8, DType.FLOAT32, max_version=1),
}
