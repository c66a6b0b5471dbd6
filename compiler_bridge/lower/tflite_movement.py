"""Operators that move values unchanged.

RESHAPE, SQUEEZE, EXPAND_DIMS, TRANSPOSE, CONCATENATION, PAD, PADV2, STRIDED_SLICE, SLICE, SPLIT,
SPLIT_V, PACK, UNPACK, RESIZE_NEAREST_NEIGHBOR.
"""

from __future__ import annotations

import math

import numpy as np

from fitgraph.compiler_bridge.lower.movement import Layout, copy, dense, dense_strides, is_identity
from fitgraph.compiler_bridge.lower.sliced import sliced
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.program import Array
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Operator

MOVED = (DType.INT8, DType.FLOAT32, DType.UINT8, DType.INT16, DType.INT32)


def lower_reshape(operator: Operator, context: TfliteContext) -> None:
    """The same bytes under another shape."""
    context.alias_output(operator, context.operand(operator, 0))


def lower_transpose(operator: Operator, context: TfliteContext) -> None:
    """One strided copy, or nothing where only axes of size one move."""
    source = context.operand(operator, 0)
    permutation = [int(axis) for axis in context.constant(operator, 1, "permutation").reshape(-1)]
    strides = dense_strides(context.tensor(operator, 0).static_shape)
    layout = Layout(tuple(strides[axis] for axis in permutation))
    shape = context.output(operator).static_shape
    if is_identity(shape, layout, dense(shape)):
        context.alias_output(operator, source)
        return
    copy(context.builder, source, layout, context.new_output(operator), dense(shape), shape)


def lower_concatenation(operator: Operator, context: TfliteContext) -> None:
    """One copy for each input."""
    if operator.attributes.get("fused_activation_function", "NONE") != "NONE":
        raise context.refusal(operator, "it has a fused activation")
    shape = context.output(operator).static_shape
    axis = int(operator.attributes["axis"]) % len(shape)
    _refuse_rescaling(operator, context)
    target = context.new_output(operator)
    at = 0
    for position in range(len(operator.inputs)):
        source = context.operand(operator, position)
        sizes = context.tensor(operator, position).static_shape
        place = Layout(dense_strides(shape), at * dense_strides(shape)[axis])
        copy(context.builder, source, dense(sizes), target, place, sizes)
        at += sizes[axis]


def _refuse_rescaling(operator: Operator, context: TfliteContext) -> None:
    """TFLite's int8 concatenation copies; a file that would need rescaling is refused."""
    out = context.output(operator)
    if out.dtype is not DType.INT8:
        return
    for position in range(len(operator.inputs)):
        if context.tensor(operator, position).quantization != out.quantization:
            raise context.refusal(operator, f"input {position} is scaled differently")


def lower_pad(operator: Operator, context: TfliteContext) -> None:
    """Fill, then copy the inside. int8 is padded with its zero point unless a value is given."""
    source_tensor, out = context.tensor(operator, 0), context.output(operator)
    paddings = context.constant(operator, 1, "paddings").reshape(-1, 2)
    if (paddings < 0).any():
        raise context.refusal(operator, "it has negative paddings")
    source = context.operand(operator, 0)
    sizes, shape = source_tensor.static_shape, out.static_shape
    value = _pad_value(operator, context)
    target = context.new_output(operator)
    fill(context, target, value)
    strides = dense_strides(shape)
    offset = sum(int(before) * step for (before, _), step in zip(paddings, strides, strict=True))
    copy(context.builder, source, dense(sizes), target, Layout(strides, offset), sizes)


def _pad_value(operator: Operator, context: TfliteContext) -> Array:
    out = context.output(operator)
    if context.has_input(operator, 2):
        return context.constant(operator, 2, "pad value").reshape(())
    zero = 0
    if out.dtype is DType.INT8:
        zero = context.quantization(operator, out).zero_point
    return np.array(zero, out.dtype.value)


def fill(context: TfliteContext, target: int, value: Array) -> None:
    """Sets every element of a value in memory."""
    element = list(value.tobytes())
    padded = tuple(element + [0] * (4 - len(element)))
    n = context.builder.values[target].n_elements
    fields = {"element": padded, "element_bytes": len(element), "n": n}
    context.builder.step("fill", fields, (), target)


def lower_strided_slice(operator: Operator, context: TfliteContext) -> None:
    """Begin, end and strides must be constant; numpy's slicing has the same meaning."""
    a = operator.attributes
    begin, end, strides = (
        [int(x) for x in context.constant(operator, position, what).reshape(-1)]
        for position, what in ((1, "begin"), (2, "end"), (3, "strides"))
    )
    if a.get("ellipsis_mask", 0) or a.get("new_axis_mask", 0):
        raise context.refusal(operator, "it uses an ellipsis or a new axis")
    slices = []
    for axis, (first, last, step) in enumerate(zip(begin, end, strides, strict=True)):
        if a.get("shrink_axis_mask", 0) >> axis & 1:
            index = first % context.tensor(operator, 0).static_shape[axis]
            slices.append(slice(index, index + 1, 1))
            continue
        start = None if a.get("begin_mask", 0) >> axis & 1 else first
        stop = None if a.get("end_mask", 0) >> axis & 1 else last
        slices.append(slice(start, stop, step))
    _take(operator, context, 0, tuple(slices))


def lower_slice(operator: Operator, context: TfliteContext) -> None:
    """A block from ``begin`` of size ``size`` (-1: the rest)."""
    begin = context.constant(operator, 1, "begin").reshape(-1)
    size = context.constant(operator, 2, "size").reshape(-1)
    slices = tuple(
        slice(int(b), None if s == -1 else int(b + s)) for b, s in zip(begin, size, strict=True)
    )
    _take(operator, context, 0, slices)


def _take(
    operator: Operator,
    context: TfliteContext,
    position: int,
    slices: tuple[slice, ...],
    output: int = 0,
) -> None:
    """Writes ``input[slices]`` to one of the operator's outputs."""
    source = context.operand(operator, position)
    shape = context.tensor(operator, position).static_shape
    out_shape = context.output(operator, output).static_shape
    layout, sizes = sliced(shape, slices)
    if math.prod(sizes) != math.prod(out_shape):
        raise context.refusal(operator, f"it yields shape {sizes} where the file says {out_shape}")
    if not isinstance(source, int):
        context.alias_output(operator, np.ascontiguousarray(source[slices]), output)
    elif is_identity(sizes, layout, dense(shape)) and sizes == shape:
        context.alias_output(operator, source, output)
    else:
        target = context.new_output(operator, output)
        copy(context.builder, source, layout, target, dense(sizes), sizes)


def lower_split(operator: Operator, context: TfliteContext) -> None:
    """Equal parts along an axis (SPLIT: axis first)."""
    axis = int(context.constant(operator, 0, "axis").reshape(-1)[0])
    _split(operator, context, position=1, axis=axis)


def lower_split_v(operator: Operator, context: TfliteContext) -> None:
    """Parts of given sizes along an axis."""
    axis = int(context.constant(operator, 2, "axis").reshape(-1)[0])
    _split(operator, context, position=0, axis=axis)


def _split(operator: Operator, context: TfliteContext, position: int, axis: int) -> None:
    axis %= len(context.tensor(operator, position).shape)
    at = 0
    for index in range(len(operator.outputs)):
        shape = context.output(operator, index).static_shape
        slices = (slice(None),) * axis + (slice(at, at + shape[axis]),)
        _take(operator, context, position, slices, index)
        at += shape[axis]


def lower_pack(operator: Operator, context: TfliteContext) -> None:
    """Inputs side by side along a new axis."""
    operands = [context.operand(operator, i) for i in range(len(operator.inputs))]
    shape = context.output(operator).static_shape
    axis = int(operator.attributes.get("axis", 0)) % len(shape)
    if not any(isinstance(operand, int) for operand in operands):
        arrays = [np.asarray(operand) for operand in operands]
        context.alias_output(operator, np.stack(arrays, axis))
        return
    target = context.new_output(operator)
    strides = dense_strides(shape)
    without = strides[:axis] + strides[axis + 1 :]
    sizes = shape[:axis] + shape[axis + 1 :]
    for index, operand in enumerate(operands):
        place = Layout(without, index * strides[axis])
        copy(context.builder, operand, dense(sizes), target, place, sizes)


def lower_unpack(operator: Operator, context: TfliteContext) -> None:
    """The slices along an axis, one an output."""
    axis = int(operator.attributes.get("axis", 0)) % len(context.tensor(operator, 0).shape)
    for index in range(len(operator.outputs)):
        slices = (slice(None),) * axis + (slice(index, index + 1),)
        _take(operator, context, 0, slices, index)


def lower_shape(operator: Operator, context: TfliteContext) -> None:
    """A constant, since every shape is known."""
    shape = context.tensor(operator, 0).static_shape
    dtype = context.output(operator).dtype.value
    context.alias_output(operator, np.array(shape, dtype))


def lower_resize_nearest(operator: Operator, context: TfliteContext) -> None:
    """Source rows and columns are tables."""
    source, out = context.tensor(operator, 0), context.output(operator)
    batch, in_h, in_w, channels = source.static_shape
    _, out_h, out_w, _ = out.static_shape
    item = ITEM_BYTES[source.dtype]
    fields = {
        "row": _nearest(in_h, out_h, operator),
        "column": _nearest(in_w, out_w, operator),
        "batch": batch,
        "in_h": in_h,
        "in_w": in_w,
        "channels": channels * item,
        "out_h": out_h,
        "out_w": out_w,
    }
    inputs = (context.operand(operator, 0),)
    context.builder.step("resize_nearest_s8", fields, inputs, context.new_output(operator))


def _nearest(size: int, out: int, operator: Operator) -> Array:
    """Index of the source element for each output element, in float32 as TFLite computes it."""
    align = bool(operator.attributes.get("align_corners", False)) and out > 1
    half = bool(operator.attributes.get("half_pixel_centers", False))
    scale = (
        np.float32(size - 1) / np.float32(out - 1)
        if align
        else (np.float32(size) / np.float32(out))
    )
    offset = np.float32(0.5 if half else 0.0)
    position = (np.arange(out, dtype=np.float32) + offset) * scale
    index = np.floor(position + np.float32(0.5)) if align else np.floor(position)
    return np.clip(index, 0, size - 1).astype(np.int16)


TABLE: LoweringTable = {
    "RESHAPE": lowering(lower_reshape, *MOVED, max_version=1),
    "SQUEEZE": lowering(lower_reshape, *MOVED, max_version=2),
    "EXPAND_DIMS": lowering(lower_reshape, *MOVED, max_version=1),
    "TRANSPOSE": lowering(lower_transpose, *MOVED, max_version=4),
    "CONCATENATION": lowering(lower_concatenation, *MOVED, max_version=3),
    "PAD": lowering(lower_pad, *MOVED, max_version=4),
    "PADV2": lowering(lower_pad, *MOVED, max_version=4),
    "STRIDED_SLICE": lowering(lower_strided_slice, *MOVED, max_version=8),
    "SLICE": lowering(lower_slice, *MOVED, max_version=5),
    "SPLIT": lowering(lower_split, *MOVED, max_version=4),
    "SPLIT_V": lowering(lower_split_v, *MOVED, max_version=2),
    "PACK": lowering(lower_pack, *MOVED, max_version=3),
    "UNPACK": lowering(lower_unpack, *MOVED, max_version=4),
    "SHAPE": lowering(lower_shape, *MOVED, max_version=1),
    "RESIZE_NEAREST_NEIGHBOR": lowering(lower_resize_nearest, *MOVED, max_version=4),
}
