"""Operators that put elements elsewhere by constant places: one table of where each comes from.

What the operator would do is done to the places themselves when compiling.
"""

from __future__ import annotations

import math

import numpy as np

from fitgraph.compiler_bridge.lower.movement import Layout, copy, dense
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_take import LONGEST
from fitgraph.compiler_bridge.lower.onnx_views import (
    Constant,
    Integers,
    Numbers,
    QuantizedConstant,
    View,
    identity,
)
from fitgraph.compiler_bridge.lower.onnx_whole import NUMBERS, select, whole_view
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.compiler_bridge.reference.kernels_onnx import evaluated
from fitgraph.compiler_bridge.reference.node import Node
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Operator

_UPDATES = 2  # the input of ScatterND and ScatterElements that is put in


def lower_rearranged(operator: Operator, context: OnnxContext) -> None:
    """Tile, GatherND, ScatterND and ScatterElements with constant places."""
    if str(operator.attributes.get("reduction", "none")) != "none":
        raise context.refusal(operator, "it adds to what is there")
    is_scatter = operator.op_type.startswith("Scatter")
    parts = [_part(operator, context, i) for i in ((0, _UPDATES) if is_scatter else (0,))]
    sizes = [math.prod(part.shape) for part in parts]
    if sum(sizes) > LONGEST or math.prod(context.output_shape(operator)) > LONGEST:
        raise context.refusal(operator, f"it moves {sum(sizes)} elements, more than {LONGEST}")
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    places = [
        start + np.arange(size).reshape(part.shape)
        for start, size, part in zip(starts, sizes, parts, strict=True)
    ]
    inputs: list[Array | None] = [places[0], context.constant(operator, 1, "list of places")]
    inputs += places[1:]
    found = evaluated(Node(operator, tuple(inputs)))
    if isinstance(found, tuple):
        raise context.refusal(operator, "it has several outputs")
    _emit(operator, context, parts, found)


def _part(operator: Operator, context: OnnxContext, position: int) -> View:
    """An input in logical order, or a constant."""
    entry = context.entry(operator, position)
    if isinstance(entry, Integers | QuantizedConstant):
        raise context.refusal(operator, f"its input {position} is quantized")
    if isinstance(entry, Numbers) or (
        isinstance(entry, Constant) and entry.array.dtype.kind in "ib"
    ):
        return whole_view(operator, context, position)
    return context.logical(context.float_view(operator, position))


def _emit(operator: Operator, context: OnnxContext, parts: list[View], places: Array) -> None:
    builder = context.builder
    dtype = builder.dtype_of(parts[0].operand)
    operand = parts[0].operand
    n = sum(math.prod(part.shape) for part in parts)
    if len(parts) > 1:
        together = builder.value(f"{builder.label} parts", (n,), dtype)
        at = 0
        for part in parts:
            sizes = (math.prod(part.shape),)
            copy(builder, part.operand, dense(sizes), together, _from(at), sizes)
            at += sizes[0]
        operand = together
    fields: dict[str, Field] = {
        "index": places.reshape(-1).astype(np.int16),
        "outer": 1,
        "in_n": n,
        "out_n": places.size,
        "run": ITEM_BYTES[dtype],
    }
    value = context.new_value(operator, places.shape, dtype)
    builder.step("take", fields, (operand,), value)
    view = View(value, places.shape, identity(places.ndim))
    context.bind(operator, view if dtype is DType.FLOAT32 else Numbers(view, dtype))


def _from(offset: int) -> Layout:
    return Layout((1,), offset)


def lower_triangle(operator: Operator, context: OnnxContext) -> None:
    """Trilu: one side of the diagonal of each matrix, and 0 on the other."""
    source = context.logical(context.float_view(operator, 0))
    k = int(context.scalar(operator, 1, "diagonal")) if context.has_input(operator, 1) else 0
    ones = np.ones(source.shape[-2:], bool)
    is_upper = operator.attributes.get("upper", 1)
    kept = (np.triu(ones, k) if is_upper else np.tril(ones, k)).view(np.uint8)
    zero = View(np.zeros((), np.float32), (), ())
    views = [View(kept, kept.shape, identity(2)), source, zero]
    value, shape = select(operator, context, views, DType.FLOAT32)
    context.bind(operator, View(value, shape, identity(len(shape))))


_ANY = (DType.FLOAT32, *NUMBERS, DType.BOOL)

TABLE: LoweringTable = {
    **{
        name: lowering(lower_rearranged, *_ANY, max_version=18)
        for name in ("GatherND", "ScatterElements", "ScatterND", "Tile")
    },
    "Trilu": lowering(lower_triangle, DType.FLOAT32, max_version=14),
}
