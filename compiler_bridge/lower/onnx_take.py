"""Slices along an axis by their places: Gather, and what Pad and Resize have of it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.bilinear import blend_fields
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_views import (
    Constant,
    Integers,
    Numbers,
    QuantizedConstant,
    View,
    described,
    identity,
)
from fitgraph.compiler_bridge.lower.onnx_whole import NUMBERS, cast, whole_view
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Operator

TAKEN = (DType.FLOAT32, DType.INT8, DType.UINT8, *NUMBERS, DType.BOOL)
LONGEST = np.iinfo(np.int16).max  # tables hold 16 bits


def taken(operator: Operator, context: OnnxContext, view: View, axis: int, index: Array) -> View:
    """The view in logical order with its slices along an axis chosen anew."""
    view, fields = _along(operator, context, view, axis, len(index))
    dtype = context.builder.dtype_of(view.operand)
    item = ITEM_BYTES[dtype]
    run = fields["run"]
    fields |= {"index": index.astype(np.int16), "run": run * item if isinstance(run, int) else 0}
    return _emit(context, "take", fields, view, axis, dtype)


def blended(
    operator: Operator, context: OnnxContext, view: View, axis: int, positions: Array
) -> View:
    """The float32 view with slices along an axis interpolated between its own."""
    view, fields = _along(operator, context, view, axis, len(positions))
    tables = blend_fields("at", positions, view.shape[axis])
    fields |= {name.removeprefix("at_"): table for name, table in tables.items()}
    return _emit(context, "blend_f32", fields, view, axis, DType.FLOAT32)


def _along(
    operator: Operator, context: OnnxContext, view: View, axis: int, n: int
) -> tuple[View, dict[str, Field]]:
    view = context.logical(view)
    if max(n, view.shape[axis]) > LONGEST:
        raise context.refusal(operator, f"it chooses {n} of {view.shape[axis]} slices")
    outer, run = math.prod(view.shape[:axis]), math.prod(view.shape[axis + 1 :])
    return view, {"outer": outer, "in_n": view.shape[axis], "out_n": n, "run": run}


def _emit(
    context: OnnxContext, kernel: str, fields: dict[str, Field], view: View, axis: int, dtype: DType
) -> View:
    n = fields["out_n"]
    shape = (*view.shape[:axis], n if isinstance(n, int) else 0, *view.shape[axis + 1 :])
    value = context.builder.value(f"{context.builder.label} part", shape, dtype)
    context.builder.step(kernel, fields, (view.operand,), value)
    return replace(view, operand=value, shape=shape, order=identity(len(shape)))


def lower_gather(operator: Operator, context: OnnxContext) -> None:
    """By constant or computed indices; quantized data stay integers."""
    rank = len(described(context.entry(operator, 0))[0])
    axis = context.axis(operator, int(operator.attributes.get("axis", 0)), rank)
    _gathered(operator, context, axis, None)


def lower_extractor(operator: Operator, context: OnnxContext) -> None:
    """ArrayFeatureExtractor: columns by their places, of one row where there is one axis."""
    shape = described(context.entry(operator, 0))[0]
    _gathered(operator, context, max(len(shape) - 1, 0), (1,) if len(shape) == 1 else ())


def _gathered(
    operator: Operator, context: OnnxContext, axis: int, in_front: tuple[int, ...] | None
) -> None:
    """The output; a row of indices with axes in front of it, or without (None) as they are."""
    entry, places = context.entry(operator, 0), context.entry(operator, 1)
    given = described(places)[0]
    source = _source(operator, context)
    kept = given if in_front is None else (math.prod(given),)
    shape = (*(in_front or ()), *source.shape[:axis], *kept, *source.shape[axis + 1 :])
    if isinstance(places, Constant):
        index = _constant_places(operator, context, source.shape[axis])
        found = taken(operator, context, source, axis, index).reshaped(shape)
    else:
        found = _by_computed(operator, context, source, axis).reshaped(shape)
    if isinstance(entry, Integers | Numbers):
        context.bind(operator, replace(entry, view=found))
    elif context.builder.dtype_of(source.operand) is DType.INT8 and source.scale is None:
        context.bind(operator, Integers(found, context.is_unsigned(operator)))
    elif context.graph.tensors[operator.outputs[0]].dtype in NUMBERS:
        context.bind(operator, Numbers(found, context.graph.tensors[operator.outputs[0]].dtype))
    else:
        context.bind(operator, found)


def _source(operator: Operator, context: OnnxContext) -> View:
    """What slices are taken from, as it lies in memory or as a constant."""
    entry = context.entry(operator, 0)
    if isinstance(entry, Constant) and entry.array.dtype in _BYTES:
        signed = entry.array.view(np.int8) ^ np.int8(_BYTES[entry.array.dtype])
        return View(signed, signed.shape, identity(signed.ndim))
    if isinstance(entry, Constant) and entry.array.dtype.kind in "ib":
        return whole_view(operator, context, 0)
    if isinstance(entry, QuantizedConstant) and entry.as_view is not None:
        return entry.as_view
    if isinstance(entry, Constant | QuantizedConstant):
        return context.float_view(operator, 0)
    return context.view(operator, 0)


# What turns constants of 8 bits into those that are held, uint8 less 128.
_BYTES = {np.dtype(np.int8): 0, np.dtype(np.uint8): -128}


def _constant_places(operator: Operator, context: OnnxContext, size: int) -> Array:
    given = context.constant(operator, 1, "list of indices")
    if given.dtype.kind not in "iu" or not ((given >= -size) & (given < size)).all():
        raise context.refusal(operator, f"its indices do not lie within {size}")
    return np.where(given < 0, given + size, given).ravel()


def _by_computed(operator: Operator, context: OnnxContext, source: View, axis: int) -> View:
    """Places beyond the ends, which ONNX forbids, are taken for the nearest."""
    places = whole_view(operator, context, 1)
    if context.builder.dtype_of(places.operand) is not DType.INT32:
        places = cast(context, places, DType.INT32)
    view = context.logical(source)
    dtype = context.builder.dtype_of(view.operand)
    n = math.prod(places.shape)
    outer, run = math.prod(view.shape[:axis]), math.prod(view.shape[axis + 1 :])
    fields: dict[str, Field] = {
        "outer": outer,
        "in_n": view.shape[axis],
        "out_n": n,
        "run": run * ITEM_BYTES[dtype],
        "index_step": 0,
    }
    value = context.new_value(operator, (outer * n * run,), dtype)
    context.builder.step("gather", fields, (view.operand, places.operand), value)
    return replace(view, operand=value)


TABLE: LoweringTable = {
    "Gather": lowering(lower_gather, *TAKEN, max_version=13),
}
CLASSICAL_TABLE: LoweringTable = {
    "ArrayFeatureExtractor": lowering(lower_extractor, *TAKEN, max_version=1),
}
