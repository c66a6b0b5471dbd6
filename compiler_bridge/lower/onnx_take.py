"""Slices along an axis chosen by a table: Gather, and what Pad and Resize have of it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.bilinear import blend_fields
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_views import Constant, Integers, View, identity
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Operator

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
    """With constant indices; quantized data stay integers."""
    entry = context.entry(operator, 0)
    if isinstance(entry, Constant):
        raise context.refusal(operator, "its indices are computed")
    view = context.view(operator, 0)
    axis = context.axis(operator, int(operator.attributes.get("axis", 0)), len(view.shape))
    given = context.constant(operator, 1, "list of indices")
    size = view.shape[axis]
    if given.dtype.kind not in "iu" or not ((given >= -size) & (given < size)).all():
        raise context.refusal(operator, f"its indices do not lie within {size}")
    chosen = taken(operator, context, view, axis, np.where(given < 0, given + size, given).ravel())
    shape = (*view.shape[:axis], *given.shape, *view.shape[axis + 1 :])
    found = chosen.reshaped(shape)
    context.bind(
        operator, Integers(found, entry.unsigned) if isinstance(entry, Integers) else found
    )


TABLE: LoweringTable = {
    "Gather": lowering(lower_gather, DType.FLOAT32, DType.INT8, DType.UINT8, max_version=13),
}
