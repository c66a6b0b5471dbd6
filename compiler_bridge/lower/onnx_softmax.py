"""Softmax and QLinearSoftmax."""

from __future__ import annotations

import math

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_conv import qlinear_view
from fitgraph.compiler_bridge.lower.onnx_views import Integers, OutputScale, View
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

ONE_AXIS_SINCE = 13  # before, Softmax flattens all axes from `axis` on


def lower_softmax(operator: Operator, context: OnnxContext) -> None:
    """Of integers by a table of exponentials, else of float32."""
    source = context.quantized_view(operator, 0)
    if source is None:
        source = context.float_view(operator, 0)
        rows, columns, view = _rows(operator, context, source, operator.version)
        fields: dict[str, Field] = {"rows": rows, "columns": columns, "beta": 1.0}
        value = context.new_value(operator, view.memory_shape, DType.FLOAT32)
        context.builder.step("softmax_f32", fields, (view.operand,), value, clearance_bytes=0)
        context.bind(operator, View(value, view.shape, view.order))
        return
    target = context.quantizer(operator)
    if target is not None:
        result = _emit_int8(operator, context, source, operator.version, target.scale)
        context.bind_quantized(target, result)
        return
    rows, columns, view = _rows(operator, context, source, operator.version)
    fields = {"exp": exp_table(source), "rows": rows, "columns": columns}
    value = context.new_value(operator, view.memory_shape, DType.FLOAT32)
    context.builder.step("softmax_s8_f32", fields, (view.operand,), value)
    context.bind(operator, View(value, view.shape, view.order))


def lower_log_softmax(operator: Operator, context: OnnxContext) -> None:
    """On float32."""
    source = context.float_view(operator, 0)
    rows, columns, view = _rows(operator, context, source, operator.version)
    fields: dict[str, Field] = {"rows": rows, "columns": columns}
    value = context.new_value(operator, view.memory_shape, DType.FLOAT32)
    context.builder.step("log_softmax_f32", fields, (view.operand,), value, clearance_bytes=0)
    context.bind(operator, View(value, view.shape, view.order))


def lower_qlinear_softmax(operator: Operator, context: OnnxContext) -> None:
    """All scales are inputs; ``opset`` says which Softmax is meant."""
    source = qlinear_view(operator, context, 0)
    out = context.output_scale(operator, 3, 4)
    if out is None:
        raise context.refusal(operator, "its output scale is not one number")
    version = int(operator.attributes.get("opset", ONE_AXIS_SINCE))
    view = _emit_int8(operator, context, source, version, out)
    context.bind(operator, Integers(view, context.is_unsigned(operator)))


def _emit_int8(
    operator: Operator, context: OnnxContext, source: View, version: int, out: OutputScale
) -> View:
    rows, columns, view = _rows(operator, context, source, version)
    fields: dict[str, Field] = {
        "exp": exp_table(source),
        "rows": rows,
        "columns": columns,
        "scale": out.scale,
        "zero_point": out.zero_point,
        "low": out.low,
        "high": out.high,
    }
    value = context.new_value(operator, view.memory_shape, DType.INT8)
    context.builder.step("softmax_float_s8", fields, (view.operand,), value)
    return View(value, view.shape, view.order)


def exp_table(source: View) -> Array:
    """float32(exp(-scale * d)) for d = 0 ... 255."""
    distance = np.arange(256, dtype=np.float64)
    return np.exp(-float(np.float32(source.scale or 0.0)) * distance).astype(np.float32)


def _rows(
    operator: Operator, context: OnnxContext, source: View, version: int
) -> tuple[int, int, View]:
    """Rows, columns, and the view with the softmax axis last in memory."""
    rank = len(source.shape)
    if version < ONE_AXIS_SINCE:
        axis = context.axis(operator, int(operator.attributes.get("axis", 1)), rank)
        view = context.logical(source)
        columns = math.prod(view.shape[axis:])
        return math.prod(view.shape[:axis]), columns, view
    axis = context.axis(operator, int(operator.attributes.get("axis", -1)), rank)
    order = (*(a for a in source.order if a != axis), axis)
    view = context.in_order(source, order)
    columns = view.shape[axis]
    return math.prod(view.shape) // columns, columns, view


TABLE: LoweringTable = {
    "Softmax": lowering(lower_softmax, DType.FLOAT32, max_version=13),
    "LogSoftmax": lowering(lower_log_softmax, DType.FLOAT32, max_version=13),
    "QLinearSoftmax": lowering(lower_qlinear_softmax, DType.INT8, DType.UINT8, max_version=1),
}
