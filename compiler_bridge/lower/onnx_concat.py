"""Concat and QLinearConcat."""

from __future__ import annotations

from dataclasses import replace

from fitgraph.compiler_bridge.lower.movement import Layout, copy, dense, dense_strides
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_conv import qlinear_constant, qlinear_view
from fitgraph.compiler_bridge.lower.onnx_unary import lookup
from fitgraph.compiler_bridge.lower.onnx_views import (
    Constant,
    Integers,
    Numbers,
    OutputScale,
    View,
    identity,
)
from fitgraph.compiler_bridge.lower.onnx_whole import NUMBERS, whole_view
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.registry.model_graph import DType, Operator


def lower_concat(operator: Operator, context: OnnxContext) -> None:
    """Integers of one scale stay; of several are rescaled for a quantized output; else float32."""
    views = [context.quantized_operand(operator, i) for i in range(len(operator.inputs))]
    quantized = [view for view in views if view is not None]
    target = None
    if len(quantized) == len(views):
        scales = {(view.scale, view.zero_point, view.unsigned) for view in quantized}
        if len(scales) == 1:
            joined = _join(operator, context, quantized, DType.INT8)
            scale, zero_point, unsigned = scales.pop()
            same = replace(joined, scale=scale, zero_point=zero_point, unsigned=unsigned)
            context.bind(operator, same)
            return
        target = context.quantizer(operator)
    if target is not None:
        rescaled = [rescaled_view(context, view, target.scale) for view in quantized]
        joined = _join(operator, context, rescaled, DType.INT8)
        context.bind_quantized(target, joined)
        return
    entries = [context.entry(operator, i) for i in range(len(operator.inputs))]
    dtype = context.graph.tensors[operator.outputs[0]].dtype
    if dtype in (*NUMBERS, DType.BOOL):
        numbers = [whole_view(operator, context, i) for i in range(len(entries))]
        context.bind(operator, Numbers(_join(operator, context, numbers, dtype), dtype))
        return
    integers = [entry for entry in entries if isinstance(entry, Integers)]
    if integers:
        unsigned = context.is_unsigned(operator)
        if len(integers) < len(entries) or any(e.unsigned is not unsigned for e in integers):
            raise context.refusal(operator, "it joins tensors of different types")
        joined = _join(operator, context, [entry.view for entry in integers], DType.INT8)
        context.bind(operator, Integers(joined, unsigned))
        return
    floats = [context.float_view(operator, i) for i in range(len(entries))]
    context.bind(operator, _join(operator, context, floats, DType.FLOAT32))


def lower_qlinear_concat(operator: Operator, context: OnnxContext) -> None:
    """Output scale first, then data, scale and zero point of each input."""
    out = context.output_scale(operator, 0, 1)
    if out is None:
        raise context.refusal(operator, "its output scale is not one number")
    views = []
    for position in range(2, len(operator.inputs), 3):
        if isinstance(context.entry(operator, position), Constant):
            view = qlinear_constant(operator, context, position, axis=0).as_view
            if view is None:
                raise context.refusal(operator, f"its input {position} has several scales")
        else:
            view = qlinear_view(operator, context, position)
        views.append(rescaled_view(context, view, out))
    joined = _join(operator, context, views, DType.INT8)
    context.bind(operator, Integers(joined, context.is_unsigned(operator)))


def rescaled_view(context: OnnxContext, view: View, out: OutputScale) -> View:
    """The integers at another scale, without scale on the view."""
    if (view.scale, view.zero_point) == (out.scale, out.zero_point) and (
        (out.low, out.high) == (-128, 127)
    ):
        return replace(view, scale=None, zero_point=0, unsigned=False)
    return lookup(context, view, lambda x: x, out)


def _join(operator: Operator, context: OnnxContext, views: list[View], dtype: DType) -> View:
    rank = len(views[0].shape)
    axis = context.axis(operator, int(operator.attributes.get("axis", 1)), rank)
    rest = {view.shape[:axis] + view.shape[axis + 1 :] for view in views}
    if len(rest) != 1 or any(len(view.shape) != rank for view in views):
        raise context.refusal(operator, f"it joins {[list(view.shape) for view in views]}")
    length = sum(view.shape[axis] for view in views)
    shape = (*views[0].shape[:axis], length, *views[0].shape[axis + 1 :])
    order = next((v.order for v in views if isinstance(v.operand, int)), identity(len(shape)))
    sizes = tuple(shape[a] for a in order)
    strides = dense_strides(sizes)
    step = strides[order.index(axis)]
    value = context.new_value(operator, sizes, dtype)
    at = 0
    for view in views:
        source = context.in_order(view, order)
        part = source.memory_shape
        place = Layout(strides, at * step)
        copy(context.builder, source.operand, dense(part), value, place, part)
        at += view.shape[axis]
    return View(value, shape, order)


JOINED = (DType.FLOAT32, DType.INT8, DType.UINT8, *NUMBERS, DType.BOOL)

TABLE: LoweringTable = {
    "Concat": lowering(lower_concat, *JOINED, max_version=13),
    "QLinearConcat": lowering(lower_qlinear_concat, DType.INT8, DType.UINT8, max_version=1),
}
