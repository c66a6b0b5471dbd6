"""Operators that choose among values, or convert them.

GATHER, GATHER_ND, EMBEDDING_LOOKUP, SELECT, SELECT_V2, CAST.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fitgraph.compiler_bridge.lower.movement import (
    broadcast_strides,
    dense_strides,
    left_padded,
    merged_axes,
)
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_movement import RESHAPED
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Operator

LONGEST = np.iinfo(np.int16).max  # tables of places hold 16 bits
# What the kernel cast calls the types.
_CODES = {
    DType.INT8: 1,
    DType.INT16: 2,
    DType.INT32: 4,
    DType.UINT32: 4,
    DType.FLOAT32: 5,
    DType.BOOL: 6,
    DType.UINT8: 7,
}


def lower_gather(operator: Operator, context: TfliteContext) -> None:
    """Slices along an axis; places that are known become a table."""
    rank = len(context.tensor(operator, 0).static_shape)
    axis = context.axis(operator, int(operator.attributes.get("axis", 0)), rank)
    n_batch = int(operator.attributes.get("batch_dims", 0))
    _gather(operator, context, (0, 1), axis, n_batch)


def lower_embedding(operator: Operator, context: TfliteContext) -> None:
    """Rows of a table; those of a table of int8 may become float32."""
    table, output = context.tensor(operator, 1), context.output(operator)
    if table.dtype is not DType.INT8 or output.dtype is not DType.FLOAT32:
        _gather(operator, context, (1, 0), 0, 0)
        return
    scale = context.symmetric(operator, table).scale
    rows = (*context.tensor(operator, 0).static_shape, *table.static_shape[1:])
    context.expect_shape(operator, rows)
    quantized = context.builder.value(f"{table.name} rows", rows, DType.INT8)
    _gather(operator, context, (1, 0), 0, 0, quantized)
    fields = {"scale": scale, "zero_point": 0, "n": output.n_elements}
    context.builder.step("dequantize_s8", fields, (quantized,), context.new_output(operator))


def _gather(
    operator: Operator,
    context: TfliteContext,
    positions: tuple[int, int],
    axis: int,
    n_batch: int,
    into: int | None = None,
) -> None:
    """Data and places stand at these positions.

    Args:
        into: a value for what is found, if that is not yet the output.
    """
    data, places = (context.tensor(operator, position) for position in positions)
    shape, index_shape = data.static_shape, places.static_shape
    if into is None:
        context.expect_one_dtype(operator, positions[0])
    if places.dtype is not DType.INT32 or not 0 <= n_batch <= min(axis, len(index_shape)):
        raise context.refusal(operator, f"its places are {places.dtype}, {n_batch} axes alike")
    if shape[:n_batch] != index_shape[:n_batch]:
        raise context.refusal(operator, f"{list(index_shape)} places in {list(shape)}")
    context.expect_shape(operator, (*shape[:axis], *index_shape[n_batch:], *shape[axis + 1 :]))
    index = context.operand(operator, positions[1])
    n = math.prod(index_shape[n_batch:])
    run = math.prod(shape[axis + 1 :]) * ITEM_BYTES[data.dtype]
    fields: dict[str, Field] = {"in_n": shape[axis], "out_n": n, "run": run}
    source = context.operand(operator, positions[0])
    if not isinstance(index, int):
        _expect_within(operator, context, index, shape[axis])
    if isinstance(index, int) or n_batch or max(n, shape[axis]) > LONGEST:
        inner = math.prod(shape[n_batch:axis])
        if n_batch and inner != 1:
            raise context.refusal(operator, "it has axes between those alike and its own")
        fields |= {"outer": math.prod(shape[:axis]), "index_step": n if n_batch else 0}
        value = context.new_output(operator) if into is None else into
        context.builder.step("gather", fields, (source, index), value)
        return
    table = index.reshape(-1).astype(np.int16)
    fields |= {"index": table, "outer": math.prod(shape[:axis])}
    value = context.new_output(operator) if into is None else into
    context.builder.step("take", fields, (source,), value)


def _expect_within(operator: Operator, context: TfliteContext, index: Array, size: int) -> None:
    if index.size and not 0 <= index.min() <= index.max() < size:
        raise context.refusal(operator, f"its places do not lie within {size}")


def lower_gather_nd(operator: Operator, context: TfliteContext) -> None:
    """Slices by constant places along the first axes."""
    data = context.tensor(operator, 0)
    shape = data.static_shape
    index = context.constant(operator, 1, "list of places")
    context.expect_one_dtype(operator, 0)
    if index.ndim < 1 or not 1 <= index.shape[-1] <= len(shape) or index.dtype != np.int32:
        raise context.refusal(operator, f"its places are {index.dtype} {list(index.shape)}")
    depth = index.shape[-1]
    for axis in range(depth):
        _expect_within(operator, context, index[..., axis], shape[axis])
    context.expect_shape(operator, (*index.shape[:-1], *shape[depth:]))
    rows = math.prod(shape[:depth])
    flat = (index.astype(np.int64) @ np.array(dense_strides(shape[:depth]), np.int64)).reshape(-1)
    if max(rows, flat.size) > LONGEST:
        raise context.refusal(operator, f"it chooses {flat.size} of {rows} slices")
    fields: dict[str, Field] = {
        "index": flat.astype(np.int16),
        "outer": 1,
        "in_n": rows,
        "out_n": flat.size,
        "run": math.prod(shape[depth:]) * ITEM_BYTES[data.dtype],
    }
    inputs = (context.operand(operator, 0),)
    context.builder.step("take", fields, inputs, context.new_output(operator))


def lower_select(operator: Operator, context: TfliteContext) -> None:
    """One of two values by a truth; SELECT may have one truth a row."""
    shapes = [context.tensor(operator, i).static_shape for i in range(3)]
    context.expect_one_dtype(operator, 1, 2)
    if context.tensor(operator, 0).dtype is not DType.BOOL:
        raise context.refusal(operator, "its condition is no truth")
    if operator.op_type == "SELECT" and len(shapes[0]) == 1 < len(shapes[1]):
        shapes[0] = (*shapes[0], *[1] * (len(shapes[1]) - 1))
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError as error:
        raise context.refusal(operator, f"its operands have shapes {shapes}") from error
    context.expect_shape(operator, shape)
    fields = _select_loops(context.builder.label, shapes, shape)
    fields["bytes"] = ITEM_BYTES[context.output(operator).dtype]
    a, b, c = (context.operand(operator, i) for i in range(3))
    context.builder.step("select", fields, (a, b, c), context.new_output(operator))


def _select_loops(
    what: str, shapes: Sequence[tuple[int, ...]], shape: tuple[int, ...]
) -> dict[str, Field]:
    strides = [broadcast_strides(one, shape) for one in shapes]
    sizes, steps = merged_axes(shape, *strides)
    fields: dict[str, Field] = {"size": left_padded(sizes, 1, what)}
    for name, step in zip(("condition", "a", "b"), steps, strict=True):
        fields[f"{name}_step"] = left_padded(step, 0, what)
    return fields


def lower_cast(operator: Operator, context: TfliteContext) -> None:
    """A constant is converted when compiling."""
    source, output = context.tensor(operator, 0), context.output(operator)
    context.expect_shape(operator, source.static_shape)
    is_wide = DType.UINT32 in (source.dtype, output.dtype)
    if source.dtype not in _CODES or (is_wide and _CODES[source.dtype] != _CODES[output.dtype]):
        raise context.refusal(operator, f"it goes from {source.dtype} to {output.dtype}")
    operand = context.operand(operator, 0)
    if source.dtype is output.dtype:
        context.alias_output(operator, operand)
        return
    fields: dict[str, Field] = {
        "from": _CODES[source.dtype],
        "to": _CODES[output.dtype],
        "n": source.n_elements,
    }
    context.builder.step("cast", fields, (operand,), context.new_output(operator))


TABLE: LoweringTable = {
    "GATHER": lowering(lower_gather, *RESHAPED, max_version=4),
    "GATHER_ND": lowering(lower_gather_nd, *RESHAPED, max_version=4),
    "EMBEDDING_LOOKUP": lowering(lower_embedding, DType.FLOAT32, DType.INT8, max_version=4),
    "SELECT": lowering(lower_select, *RESHAPED, max_version=3),
    "SELECT_V2": lowering(lower_select, *RESHAPED, max_version=1),
    "CAST": lowering(lower_cast, *_CODES, max_version=6),
}
