"""What goes along an axis: TopK, CumSum and GatherElements; and Expand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.movement import Layout, broadcast_strides, copy, dense
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_movement import MOVED, rebind
from fitgraph.compiler_bridge.lower.onnx_views import (
    Constant,
    Numbers,
    QuantizedConstant,
    View,
    identity,
)
from fitgraph.compiler_bridge.lower.onnx_whole import NUMBERS, cast, whole_view
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Operator


def lower_top_k(operator: Operator, context: OnnxContext) -> None:
    """The largest or smallest values in order, and their places."""
    attributes = operator.attributes
    source = context.logical(context.float_view(operator, 0))
    if not attributes.get("sorted", 1):
        raise context.refusal(operator, "it leaves the order of its values open")
    axis = context.axis(operator, int(attributes.get("axis", -1)), len(source.shape))
    k = int(attributes.get("k", 0)) or int(context.scalar(operator, 1, "count"))
    if not 0 < k <= source.shape[axis]:
        raise context.refusal(operator, f"it takes {k} of {source.shape[axis]} values")
    fields = _along(source.shape, axis) | {"sign": 1 if attributes.get("largest", 1) else -1}
    shape = (*source.shape[:axis], k, *source.shape[axis + 1 :])
    builder, order = context.builder, identity(len(shape))
    values, places = (
        builder.value(f"{builder.label} {what}", shape, dtype)
        for what, dtype in (("values", DType.FLOAT32), ("places", DType.INT64))
    )
    operands = (source.operand,)
    builder.step("top_k_f32", {**fields, "k": k}, operands, values, also=(places,))
    context.bind(operator, View(values, shape, order))
    if len(operator.outputs) > 1:
        context.bind(operator, Numbers(View(places, shape, order), DType.INT64), 1)


def lower_cumulative(operator: Operator, context: OnnxContext) -> None:
    """Sums of all that stands before, in order."""
    source = context.logical(context.float_view(operator, 0))
    axis = int(context.scalar(operator, 1, "axis"))
    fields = _along(source.shape, context.axis(operator, axis, len(source.shape)))
    for name in ("exclusive", "reverse"):
        fields[name] = int(bool(operator.attributes.get(name, 0)))
    value = context.new_value(operator, source.shape, DType.FLOAT32)
    context.builder.step("cumulate_f32", fields, (source.operand,), value)
    context.bind(operator, replace(source, operand=value))


def lower_gather_elements(operator: Operator, context: OnnxContext) -> None:
    """Of each line along an axis, elements by computed or constant places."""
    entry = context.entry(operator, 0)
    is_whole = isinstance(entry, Numbers) or (
        isinstance(entry, Constant) and entry.array.dtype.kind in "ib"
    )
    view = whole_view(operator, context, 0) if is_whole else context.float_view(operator, 0)
    source, places = context.logical(view), whole_view(operator, context, 1)
    if context.builder.dtype_of(places.operand) is not DType.INT32:
        places = cast(context, places, DType.INT32)
    rank = len(source.shape)
    axis = context.axis(operator, int(operator.attributes.get("axis", 0)), rank)
    others = [a for a in range(rank) if a != axis]
    if len(places.shape) != rank or any(places.shape[a] != source.shape[a] for a in others):
        shapes = f"{list(places.shape)} of {list(source.shape)}"
        raise context.refusal(operator, f"it takes {shapes}")
    order = (*others, axis)
    source, places = context.in_order(source, order), context.in_order(places, order)
    dtype = context.builder.dtype_of(source.operand)
    fields: dict[str, Field] = {
        "outer": math.prod(source.shape[a] for a in others),
        "in_n": source.shape[axis],
        "out_n": places.shape[axis],
        "run": ITEM_BYTES[dtype],
        "index_step": places.shape[axis],
    }
    value = context.new_value(operator, places.memory_shape, dtype)
    operands = (source.operand, places.operand)
    context.builder.step("gather", fields, operands, value)
    found = View(value, places.shape, order)
    context.bind(operator, Numbers(found, dtype) if is_whole else found)


def lower_expand(operator: Operator, context: OnnxContext) -> None:
    """Broadcast to a constant shape, integers of any kind as they are."""
    entry = context.entry(operator, 0)
    if isinstance(entry, Constant | QuantizedConstant):
        raise context.refusal(operator, "its shape is computed")
    view = context.logical(context.view(operator, 0))
    wanted = context.integers(operator, 1, "shape")
    shape = tuple(np.broadcast_shapes(view.shape, tuple(wanted)))
    dtype = context.builder.dtype_of(view.operand)
    value = context.new_value(operator, shape, dtype)
    source = Layout(broadcast_strides(view.shape, shape))
    copy(context.builder, view.operand, source, value, dense(shape), shape)
    order = identity(len(shape))
    rebind(operator, context, replace(view, operand=value, shape=shape, order=order))


def lower_distances(operator: Operator, context: OnnxContext) -> None:
    """com.microsoft's CDist: from each row of one matrix to each of the other."""
    a, b = (context.logical(context.float_view(operator, i)) for i in (0, 1))
    metric = str(operator.attributes.get("metric", "sqeuclidean"))
    if metric not in _METRICS or a.shape[1:] != b.shape[1:] or len(a.shape) != 2:
        shapes = f"{list(a.shape)} and {list(b.shape)}"
        raise context.refusal(operator, f"its distance is {metric}, between {shapes}")
    context.bind(operator, distances(context, a, b, is_squared=_METRICS[metric]))


_METRICS = {"euclidean": 0, "sqeuclidean": 1}


def distances(context: OnnxContext, a: View, b: View, *, is_squared: int) -> View:
    """A matrix of how far rows of two matrices lie apart."""
    shape = (a.shape[0], b.shape[0])
    fields: dict[str, Field] = {
        "a_rows": shape[0],
        "b_rows": shape[1],
        "n": a.shape[1],
        "is_squared": is_squared,
    }
    value = context.builder.value(f"{context.builder.label} distances", shape, DType.FLOAT32)
    context.builder.step("pair_distances_f32", fields, (a.operand, b.operand), value)
    return View(value, shape, identity(2))


def _along(shape: tuple[int, ...], axis: int) -> dict[str, Field]:
    outer, inner = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
    return {"outer": outer, "n": shape[axis], "inner": inner}


TABLE: LoweringTable = {
    "CDist": lowering(lower_distances, DType.FLOAT32, max_version=1),
    "CumSum": lowering(lower_cumulative, DType.FLOAT32, max_version=14),
    "Expand": lowering(lower_expand, *MOVED, max_version=13),
    "GatherElements": lowering(
        lower_gather_elements, DType.FLOAT32, *NUMBERS, DType.BOOL, max_version=13
    ),
    "TopK": lowering(lower_top_k, DType.FLOAT32, max_version=24),
}
