"""Operators that move values unchanged, on floats, on integers and on integers with a scale.

Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout, Transpose, Concat, QLinearConcat, Pad,
Slice.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.movement import Layout, copy, dense, dense_strides
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_conv import qlinear_constant, qlinear_view
from fitgraph.compiler_bridge.lower.onnx_unary import lookup
from fitgraph.compiler_bridge.lower.onnx_views import (
    Constant,
    Entry,
    Integers,
    OutputScale,
    QuantizedConstant,
    View,
    identity,
)
from fitgraph.compiler_bridge.lower.sliced import sliced
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

MOVED = (DType.FLOAT32, DType.INT8, DType.UINT8, DType.INT64, DType.INT32)


def _rebind(operator: Operator, context: OnnxContext, view: View) -> None:
    """The output is the view, an integer tensor if the input was one."""
    entry = context.entry(operator, 0)
    wrapped: Entry = Integers(view, entry.unsigned) if isinstance(entry, Integers) else view
    context.bind(operator, wrapped)


def lower_reshape(operator: Operator, context: OnnxContext) -> None:
    """The same bytes in logical order under another shape."""
    entry = context.entry(operator, 0)
    shape = context.output_shape(operator)
    if isinstance(entry, Constant):
        context.bind(operator, Constant(entry.array.reshape(shape)))
        return
    view = context.logical(context.view(operator, 0))
    _rebind(operator, context, view.reshaped(shape))


def lower_identity(operator: Operator, context: OnnxContext) -> None:
    """Nothing."""
    context.bind(operator, context.entry(operator, 0))


def lower_transpose(operator: Operator, context: OnnxContext) -> None:
    """Only the names of the axes change; whoever needs an order in memory asks for it."""
    entry = context.entry(operator, 0)
    if isinstance(entry, Constant):
        context.bind(operator, Constant(entry.array.transpose(operator.attributes.get("perm"))))
        return
    if isinstance(entry, QuantizedConstant):
        permutation = operator.attributes.get("perm", tuple(reversed(range(entry.integers.ndim))))
        axis = list(permutation).index(entry.axis % entry.integers.ndim)
        integers = entry.integers.transpose(permutation)
        context.bind(operator, replace(entry, integers=integers, axis=axis))
        return
    view = context.view(operator, 0)
    rank = len(view.shape)
    permutation = tuple(operator.attributes.get("perm", tuple(reversed(range(rank)))))
    new_name = {old: new for new, old in enumerate(permutation)}
    shape = tuple(view.shape[axis] for axis in permutation)
    order = tuple(new_name[axis] for axis in view.order)
    _rebind(operator, context, replace(view, shape=shape, order=order))


def lower_concat(operator: Operator, context: OnnxContext) -> None:
    """Integers of one scale stay; of several are rescaled for a quantized output; else float32."""
    views = [context.quantized_view(operator, i) for i in range(len(operator.inputs))]
    quantized = [view for view in views if view is not None]
    target = None
    if len(quantized) == len(views):
        scales = {(view.scale, view.zero_point) for view in quantized}
        if len(scales) == 1:
            joined = _join(operator, context, quantized, DType.INT8)
            first = quantized[0]
            same = replace(joined, scale=first.scale, zero_point=first.zero_point)
            context.bind(operator, same)
            return
        target = context.quantizer(operator)
    if target is not None:
        rescaled = [_rescaled(context, view, target.scale) for view in quantized]
        joined = _join(operator, context, rescaled, DType.INT8)
        context.bind_quantized(target, joined)
        return
    entries = [context.entry(operator, i) for i in range(len(operator.inputs))]
    if all(isinstance(entry, Integers) for entry in entries):
        integers = [context.view(operator, i) for i in range(len(entries))]
        joined = _join(operator, context, integers, DType.INT8)
        context.bind(operator, Integers(joined, context.is_unsigned(operator)))
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
            constant = qlinear_constant(operator, context, position, axis=0).dequantized
            views.append(View(out.quantize(constant), constant.shape, identity(constant.ndim)))
        else:
            views.append(_rescaled(context, qlinear_view(operator, context, position), out))
    joined = _join(operator, context, views, DType.INT8)
    context.bind(operator, Integers(joined, context.is_unsigned(operator)))


def _rescaled(context: OnnxContext, view: View, out: OutputScale) -> View:
    """The integers at another scale, without scale on the view."""
    if (view.scale, view.zero_point) == (out.scale, out.zero_point) and (
        (out.low, out.high) == (-128, 127)
    ):
        return replace(view, scale=None, zero_point=0)
    return lookup(context, view, lambda x: x, out)


def _join(operator: Operator, context: OnnxContext, views: list[View], dtype: DType) -> View:
    shape = context.output_shape(operator)
    axis = int(operator.attributes["axis"]) % len(shape)
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


def lower_pad(operator: Operator, context: OnnxContext) -> None:
    """Fill, then copy the inside. A real zero is the zero point of quantized data."""
    if operator.attributes.get("mode", "constant") != "constant":
        raise context.refusal(operator, f"its mode is {operator.attributes['mode']}")
    view = context.view(operator, 0)
    rank = len(view.shape)
    before, after = _paddings(operator, context, rank)
    if min(*before, *after) < 0:
        raise context.refusal(operator, "it has negative pads")
    real = _pad_value(operator, context)
    target = None
    if view.is_quantized and real != 0.0:
        target = context.quantizer(operator)
        view = (
            context.dequantized(view) if target is None else _rescaled(context, view, target.scale)
        )
    element = np.array(real, np.float32)
    if target is not None:
        element = target.scale.quantize(element)
    elif view.is_quantized:
        element = np.array(view.zero_point, np.int8)
    elif isinstance(context.entry(operator, 0), Integers):
        raise context.refusal(operator, "it pads an integer tensor")
    padded = _pad(operator, context, view, before, element)
    if target is not None:
        context.bind_quantized(target, padded)
    else:
        context.bind(operator, replace(padded, scale=view.scale, zero_point=view.zero_point))


def _paddings(operator: Operator, context: OnnxContext, rank: int) -> tuple[list[int], list[int]]:
    """Elements before and after each axis (attribute before opset 11, inputs since)."""
    pads = operator.attributes.get("pads", operator.attributes.get("paddings"))
    if pads is None:
        pads = context.constant(operator, 1, "pads").reshape(-1)
    pads = [int(pad) for pad in pads]
    axes = list(range(rank))
    if context.has_input(operator, 3):
        axes = [int(a) % rank for a in context.constant(operator, 3, "axes").reshape(-1)]
    before, after = [0] * rank, [0] * rank
    for i, axis in enumerate(axes):
        before[axis], after[axis] = pads[i], pads[i + len(axes)]
    return before, after


def _pad_value(operator: Operator, context: OnnxContext) -> float:
    if context.has_input(operator, 2):
        array = context.constant(operator, 2, "pad value")
        return float(array.reshape(-1)[0]) if array.size else 0.0
    return float(operator.attributes.get("value", 0.0))


def _pad(
    operator: Operator, context: OnnxContext, view: View, before: list[int], element: Array
) -> View:
    shape = context.output_shape(operator)
    sizes = tuple(shape[axis] for axis in view.order)
    dtype = DType(element.dtype.name)
    value = context.new_value(operator, sizes, dtype)
    raw = list(element.tobytes())
    fields: dict[str, Field] = {
        "element": tuple(raw + [0] * (4 - len(raw))),
        "element_bytes": len(raw),
        "n": int(np.prod(sizes)),
    }
    context.builder.step("fill", fields, (), value)
    strides = dense_strides(sizes)
    offset = sum(before[axis] * step for axis, step in zip(view.order, strides, strict=True))
    inside = view.memory_shape
    copy(context.builder, view.operand, dense(inside), value, Layout(strides, offset), inside)
    return View(value, shape, view.order)


def lower_slice(operator: Operator, context: OnnxContext) -> None:
    """numpy's slicing; attributes before opset 10, inputs since."""
    view = context.view(operator, 0)
    rank = len(view.shape)
    slices = [slice(None)] * rank
    for axis, start, stop, step in _slice_arguments(operator, context, rank):
        # numpy reads a stop of -1 as the last element; far below zero it means "before the first"
        reaches_front = step < 0 and stop < -view.shape[axis]
        slices[axis] = slice(start, None if reaches_front else stop, step)
    layout, sizes = sliced(view.memory_shape, tuple(slices[axis] for axis in view.order))
    value = context.new_value(operator, sizes, context.builder.dtype_of(view.operand))
    copy(context.builder, view.operand, layout, value, dense(sizes), sizes)
    shape = tuple(sizes[view.order.index(axis)] for axis in range(rank))
    _rebind(operator, context, replace(view, operand=value, shape=shape))


def _slice_arguments(
    operator: Operator, context: OnnxContext, rank: int
) -> list[tuple[int, int, int, int]]:
    """Axis, start, stop and step of each sliced axis."""
    a = operator.attributes
    if "starts" in a:
        starts, stops = list(a["starts"]), list(a["ends"])
        axes = list(a.get("axes", range(len(starts))))
        steps = [1] * len(starts)
    else:
        starts, stops = (
            [int(x) for x in context.constant(operator, i, what).reshape(-1)]
            for i, what in ((1, "starts"), (2, "ends"))
        )
        axes, steps = list(range(len(starts))), [1] * len(starts)
        if context.has_input(operator, 3):
            axes = [int(x) for x in context.constant(operator, 3, "axes").reshape(-1)]
        if context.has_input(operator, 4):
            steps = [int(x) for x in context.constant(operator, 4, "steps").reshape(-1)]
    names = [axis % rank for axis in axes]
    return list(zip(names, starts, stops, steps, strict=True))


TABLE: LoweringTable = {
    "Reshape": lowering(lower_reshape, *MOVED, max_version=25),
    "Flatten": lowering(lower_reshape, *MOVED, max_version=25),
    "Squeeze": lowering(lower_reshape, *MOVED, max_version=25),
    "Unsqueeze": lowering(lower_reshape, *MOVED, max_version=25),
    "Identity": lowering(lower_identity, *MOVED, max_version=25),
    "Dropout": lowering(lower_identity, *MOVED, max_version=22),
    "Transpose": lowering(lower_transpose, *MOVED, max_version=25),
    "Concat": lowering(lower_concat, DType.FLOAT32, DType.INT8, DType.UINT8, max_version=13),
    "Pad": lowering(lower_pad, DType.FLOAT32, max_version=25),
    "Slice": lowering(lower_slice, DType.FLOAT32, DType.INT8, DType.UINT8, max_version=13),
    "QLinearConcat": lowering(lower_qlinear_concat, DType.INT8, DType.UINT8, max_version=1),
}
