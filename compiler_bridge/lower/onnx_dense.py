"""Gemm, MatMul and QLinearMatMul, which are dense layers where their weights are constant."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_conv import qlinear_constant, qlinear_view
from fitgraph.compiler_bridge.lower.onnx_int8_layer import (
    Int8Layer,
    int8_layer,
    is_by_row,
    offset_fields,
)
from fitgraph.compiler_bridge.lower.onnx_int16 import lower_wide_dense, wide_source
from fitgraph.compiler_bridge.lower.onnx_matmul import (
    lower_computed_gemm,
    lower_computed_mat_mul,
)
from fitgraph.compiler_bridge.lower.onnx_matmul_s8 import (
    emit_integer_mat_mul,
    lower_integer_mat_mul,
)
from fitgraph.compiler_bridge.lower.onnx_requantize import layer_multipliers, requantization
from fitgraph.compiler_bridge.lower.onnx_views import (
    Constant,
    Entry,
    Integers,
    OutputScale,
    QuantizedConstant,
    View,
    identity,
)
from fitgraph.compiler_bridge.lower.onnx_windows import ONE_PIXEL
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.weights import fold_zero_point
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator


def lower_gemm(operator: Operator, context: OnnxContext) -> None:
    """Alpha * A * B + beta * C, a dense layer with constant B and C."""
    if _is_computed_gemm(operator, context):
        lower_computed_gemm(operator, context)
        return
    a = operator.attributes
    transposed = bool(a.get("transB", 0))
    alpha, beta = float(a.get("alpha", 1.0)), float(a.get("beta", 1.0))
    wide = wide_source(operator, context)
    source, weights = context.quantized_view(operator, 0) or wide, context.entry(operator, 1)
    rows: Entry = weights
    if isinstance(weights, QuantizedConstant) and not transposed:
        rows = rows_first(operator, context, weights)
    if source is not None and is_by_row(rows):
        if alpha <= 0 or not math.isfinite(alpha) or not math.isfinite(beta):
            raise context.refusal(operator, f"quantized with alpha {alpha} and beta {beta}")
        scaled = replace(source, scale=float(np.float32(alpha) * np.float32(source.scale or 0.0)))
        integer_bias = _times(_constant_bias(operator, context), np.float32(beta))
        lower = _lower_int8 if wide is None else lower_wide_dense
        lower(operator, context, scaled, rows, integer_bias)
        return
    matrix = context.constant(operator, 1, "weights")
    _refuse_other_than_matrix(operator, context, matrix)
    matrix = matrix if transposed else matrix.T
    bias = np.zeros(matrix.shape[0], np.float32)
    if context.has_input(operator, 2):
        given = context.constant(operator, 2, "bias").astype(np.float32) * np.float32(beta)
        bias = _one_row(operator, context, given, matrix.shape[0])
    _lower_float(operator, context, matrix * np.float32(alpha), bias)


def lower_mat_mul(operator: Operator, context: OnnxContext) -> None:
    """Data times a constant matrix is a dense layer; leading axes are a batch."""
    if _is_computed_mat_mul(operator, context):
        lower_computed_mat_mul(operator, context)
        return
    wide = wide_source(operator, context)
    source, weights = context.quantized_view(operator, 0) or wide, context.entry(operator, 1)
    if source is not None and isinstance(weights, QuantizedConstant) and weights.integers.ndim == 2:
        rows = rows_first(operator, context, weights)
        if is_by_row(rows):
            lower = _lower_int8 if wide is None else lower_wide_dense
            lower(operator, context, source, rows, None)
            return
    a, b = (context.quantized_operand(operator, i) for i in (0, 1))
    if a is not None and b is not None:
        lower_integer_mat_mul(operator, context, a, b)
        return
    if not context.is_constant(operator, 1):
        lower_computed_mat_mul(operator, context)
        return
    matrix = context.constant(operator, 1, "second operand")
    _refuse_other_than_matrix(operator, context, matrix)
    _lower_float(operator, context, matrix.T, np.zeros(matrix.shape[1], np.float32))


def _is_computed_gemm(operator: Operator, context: OnnxContext) -> bool:
    """Whether it is no dense layer, and on float32 (integers have dense layers only)."""
    if any(context.quantized_view(operator, i) is not None for i in (0, 1)):
        return False
    if wide_source(operator, context) is not None and _is_known(operator, context):
        return False
    if operator.attributes.get("transA", 0) or context.is_constant(operator, 0):
        return True
    if any(not context.is_constant(operator, i) for i in range(1, len(operator.inputs))):
        return True
    if not context.has_input(operator, 2):
        return False
    shape = context.constant(operator, 2, "bias").shape
    return len(shape) == 2 and shape[0] != 1


def _is_known(operator: Operator, context: OnnxContext) -> bool:
    """Whether weights have 8 bits, the bias is constant, and data are not transposed."""
    weights, a = context.entry(operator, 1), operator.attributes
    has_weights = isinstance(weights, QuantizedConstant) and weights.integers.dtype == np.int8
    fixed = all(context.is_constant(operator, i) for i in range(2, len(operator.inputs)))
    return has_weights and fixed and not a.get("transA", 0)


def _is_computed_mat_mul(operator: Operator, context: OnnxContext) -> bool:
    """Whether it is no dense layer, and on float32."""
    if any(context.quantized_view(operator, i) is not None for i in (0, 1)):
        return False
    if context.is_constant(operator, 0) or not context.is_constant(operator, 1):
        return True
    return context.constant(operator, 1, "second operand").ndim != 2


def lower_qlinear_mat_mul(operator: Operator, context: OnnxContext) -> None:
    """All scales are inputs."""
    source = qlinear_view(operator, context, 0)
    out = context.output_scale(operator, 6, 7)
    if out is None:
        raise context.refusal(operator, "its output scale is not one number")
    if not context.is_constant(operator, 3):
        right = qlinear_view(operator, context, 3)
        view = emit_integer_mat_mul(operator, context, source, right, out)
        context.bind(operator, Integers(view, context.is_unsigned(operator)))
        return
    weights = rows_first(operator, context, qlinear_constant(operator, context, 3, axis=-1))
    view = emit_int8(operator, context, source, weights, None, out)
    context.bind(operator, Integers(view, context.is_unsigned(operator)))


def rows_first(
    operator: Operator, context: OnnxContext, weights: QuantizedConstant
) -> QuantizedConstant:
    """In x out to out x in."""
    _refuse_other_than_matrix(operator, context, weights.integers)
    return replace(weights, integers=weights.integers.T, axis=1 - weights.axis % 2)


def _refuse_other_than_matrix(operator: Operator, context: OnnxContext, weights: Array) -> None:
    if weights.ndim != 2:
        raise context.refusal(operator, f"its weights have {weights.ndim} axes, not two")


def _times(
    bias: Constant | QuantizedConstant | None, beta: np.float32
) -> Constant | QuantizedConstant | None:
    if bias is None or beta == 1:
        return bias
    real = bias.dequantized if isinstance(bias, QuantizedConstant) else bias.array
    return Constant(real.astype(np.float32) * beta)


def _constant_bias(operator: Operator, context: OnnxContext) -> Constant | QuantizedConstant | None:
    if not context.has_input(operator, 2):
        return None
    entry = context.entry(operator, 2)
    if not isinstance(entry, Constant | QuantizedConstant):
        raise context.refusal(operator, "its bias is not a constant")
    return entry


def _one_row(operator: Operator, context: OnnxContext, bias: Array, n: int) -> Array:
    if bias.size not in (1, n) or (bias.size != 1 and bias.shape[-1:] != (bias.size,)):
        raise context.refusal(operator, f"its bias has shape {list(bias.shape)} for {n} outputs")
    return np.ascontiguousarray(np.broadcast_to(bias.reshape(-1), n), np.float32)


def _lower_int8(
    operator: Operator,
    context: OnnxContext,
    source: View,
    weights: QuantizedConstant,
    bias: Constant | QuantizedConstant | None,
) -> None:
    target = context.quantizer(operator)
    if target is not None:
        view = emit_int8(operator, context, source, weights, bias, target.scale)
        context.bind_quantized(target, view)
        return
    emit_real(operator, context, source, weights, bias)


def emit_real(
    operator: Operator,
    context: OnnxContext,
    source: View,
    weights: QuantizedConstant,
    bias: Constant | QuantizedConstant | None,
) -> None:
    """An integer layer, weights out x in, whose accumulators become float32."""
    layer = int8_layer(operator, context, weights, bias, source)
    if layer.zero_point:
        raise context.refusal(operator, "its weights less their zero point exceed int8")
    fields, operand, shape = _int8_fields(operator, context, source, layer)
    fields["scale"] = np.float32(source.scale or 0.0) * weights.scales
    fields["step"] = 0 if weights.scales.size == 1 else 1
    value = context.new_value(operator, shape, DType.FLOAT32)
    context.builder.step("fully_connected_s8_f32", fields, (operand,), value)
    context.bind(operator, View(value, shape, identity(len(shape))))


def emit_int8(
    operator: Operator,
    context: OnnxContext,
    source: View,
    weights: QuantizedConstant,
    bias: Constant | QuantizedConstant | None,
    out: OutputScale,
) -> View:
    """An integer layer, weights out x in, that gives integers of the output's scale."""
    _refuse_other_than_matrix(operator, context, weights.integers)
    layer = int8_layer(operator, context, weights, bias, source)
    fields_of = _offset_fields if layer.zero_point else _int8_fields
    fields, operand, shape = fields_of(operator, context, source, layer)
    multipliers = layer_multipliers(source.scale or 0.0, weights.scales, out.scale)
    fields["requant"] = requantization(multipliers, out)
    value = context.new_value(operator, shape, DType.INT8)
    kernel = "conv2d_u8" if layer.zero_point else "fully_connected_s8"
    context.builder.step(kernel, fields, (operand,), value)
    return View(value, shape, identity(len(shape)))


_Parts = tuple[dict[str, Field], int | Array, tuple[int, ...]]


def _int8_fields(
    operator: Operator, context: OnnxContext, source: View, layer: Int8Layer
) -> _Parts:
    """Fields without the output's scale, the data operand and the output's shape."""
    source = context.logical(source)
    try:
        folded = fold_zero_point(layer.weights, layer.bias, source.zero_point, padded=False)
    except OverflowError as error:
        raise context.refusal(operator, "its accumulators could overflow 32 bits") from error
    fields = _matrix_fields(operator, context, layer.weights, source.shape)
    fields["bias"] = folded.bias
    return fields, source.operand, (*source.shape[:-1], layer.weights.shape[0])


def _offset_fields(
    operator: Operator, context: OnnxContext, source: View, layer: Int8Layer
) -> _Parts:
    """The same of a layer whose weights keep their zero point: a convolution of one pixel."""
    source = context.logical(source)
    matrix = _matrix_fields(operator, context, layer.weights, source.shape)
    out_n, in_n = layer.weights.shape
    fields: dict[str, Field] = dict.fromkeys(ONE_PIXEL, 1)
    fields |= {"batch": matrix["batch"], "in_c": in_n, "out_c": out_n, "pad_h": 0, "pad_w": 0}
    fields |= offset_fields(operator, context, source, layer)
    fields["weights"] = np.ascontiguousarray(layer.weights.reshape(out_n, 1, 1, in_n))
    return fields, source.operand, (*source.shape[:-1], out_n)


def _matrix_fields(
    operator: Operator, context: OnnxContext, rows: Array, shape: tuple[int, ...]
) -> dict[str, Field]:
    out_n, in_n = rows.shape
    if shape[-1:] != (in_n,):
        raise context.refusal(operator, f"data {list(shape)} meets {in_n} weights in each row")
    batch = math.prod(shape[:-1])
    weights = np.ascontiguousarray(rows)
    return {"weights": weights, "batch": batch, "in_n": in_n, "out_n": out_n}


def _lower_float(operator: Operator, context: OnnxContext, rows: Array, bias: Array) -> None:
    if rows.dtype != np.float32:
        raise context.refusal(operator, f"its weights are {rows.dtype}")
    source = context.logical(context.float_view(operator, 0))
    if not isinstance(source.operand, int):
        raise context.refusal(operator, "its data is a constant")
    fields = _matrix_fields(operator, context, rows, source.shape)
    low, high, last = context.fuse_clip(operator)
    fields |= {"bias": bias, "low": low, "high": high}
    shape = (*source.shape[:-1], rows.shape[0])
    value = context.new_value(operator, shape, DType.FLOAT32)
    context.builder.step("fully_connected_f32", fields, (source.operand,), value)
    context.bind(last, View(value, shape, identity(len(shape))))


TABLE: LoweringTable = {
    "Gemm": lowering(lower_gemm, DType.FLOAT32, max_version=13),
    "MatMul": lowering(lower_mat_mul, DType.FLOAT32, max_version=13),
    "QLinearMatMul": lowering(lower_qlinear_mat_mul, DType.INT8, DType.UINT8, max_version=21),
}
