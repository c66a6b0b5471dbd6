"""Pad."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.movement import Layout, copy, dense, dense_strides
from fitgraph.compiler_bridge.lower.onnx_concat import rescaled_view
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_movement import rebind
from fitgraph.compiler_bridge.lower.onnx_take import taken
from fitgraph.compiler_bridge.lower.onnx_views import Integers, View
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator


def lower_pad(operator: Operator, context: OnnxContext) -> None:
    """Fill, then copy the inside. A real zero is the zero point of quantized data."""
    view = context.view(operator, 0)
    rank = len(view.shape)
    before, after = _paddings(operator, context, rank)
    if min((*before, *after), default=0) < 0:
        raise context.refusal(operator, "it has negative pads")
    if str(operator.attributes.get("mode", "constant")) != "constant":
        _lower_repeating(operator, context, before, after)
        return
    real = _pad_value(operator, context)
    entry = context.entry(operator, 0)
    if isinstance(entry, Integers):
        element = np.array(int(real) - (128 if entry.unsigned else 0), np.int8)
        rebind(operator, context, _pad(operator, context, view, before, after, element))
        return
    target = None
    if view.is_quantized and real != 0.0:
        target = context.quantizer(operator)
        view = (
            context.dequantized(view)
            if target is None
            else rescaled_view(context, view, target.scale)
        )
    element = np.array(real, np.float32)
    if target is not None:
        element = target.scale.quantize(element)
    elif view.is_quantized:
        element = np.array(view.zero_point, np.int8)
    padded = _pad(operator, context, view, before, after, element)
    if target is not None:
        context.bind_quantized(target, padded)
    else:
        kept = replace(padded, scale=view.scale, zero_point=view.zero_point)
        context.bind(operator, replace(kept, unsigned=view.unsigned))


def _lower_repeating(
    operator: Operator, context: OnnxContext, before: list[int], after: list[int]
) -> None:
    """Modes edge and reflect: slices along each padded axis are repeated."""
    mode = str(operator.attributes["mode"])
    view = context.view(operator, 0)
    for axis, (front, back) in enumerate(zip(before, after, strict=True)):
        size = view.shape[axis]
        if not front and not back:
            continue
        if mode == "reflect" and max(front, back) < size:
            index = np.pad(np.arange(size), (front, back), mode="reflect")
        elif mode == "edge":
            index = np.pad(np.arange(size), (front, back), mode="edge")
        else:
            raise context.refusal(operator, f"its mode is {mode} with {front} + {back} on {size}")
        view = taken(operator, context, view, axis, index)
    rebind(operator, context, view)


def _paddings(operator: Operator, context: OnnxContext, rank: int) -> tuple[list[int], list[int]]:
    """Elements before and after each axis (attribute before opset 11, inputs since)."""
    given = operator.attributes.get("pads", operator.attributes.get("paddings"))
    pads = context.integers(operator, 1, "pads") if given is None else [int(pad) for pad in given]
    axes = list(range(rank))
    if context.has_input(operator, 3):
        axes = context.axes(operator, context.integers(operator, 3, "axes"), rank)
    if len(pads) != 2 * len(axes):
        raise context.refusal(operator, f"it has {len(pads)} pads for {len(axes)} axes")
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
    operator: Operator,
    context: OnnxContext,
    view: View,
    before: list[int],
    after: list[int],
    element: Array,
) -> View:
    shape = tuple(map(sum, zip(before, view.shape, after, strict=True)))
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


TABLE: LoweringTable = {
    "Pad": lowering(lower_pad, DType.FLOAT32, DType.INT8, DType.UINT8, max_version=25),
}
