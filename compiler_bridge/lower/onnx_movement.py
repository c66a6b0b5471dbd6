"""Operators that move values unchanged, on floats, on integers and on integers with a scale.

Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout, Transpose, Slice.
"""

from __future__ import annotations

import math
from dataclasses import replace

from fitgraph.compiler_bridge.lower.movement import copy, dense
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_int16 import held
from fitgraph.compiler_bridge.lower.onnx_views import (
    Constant,
    Entry,
    Integers,
    Numbers,
    QuantizedConstant,
    View,
    Wide,
    described,
)
from fitgraph.compiler_bridge.lower.sliced import sliced
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.registry.model_graph import DType, Operator

MOVED = (DType.FLOAT32, DType.INT8, DType.UINT8, DType.INT64, DType.INT32, DType.BOOL)
_HELD = (*MOVED, DType.INT16, DType.UINT16)


def rebind(operator: Operator, context: OnnxContext, view: View) -> None:
    """The output is the view, an integer tensor if the first input was one."""
    entry = context.entry(operator, 0)
    wrapped: Entry = view
    if isinstance(entry, Integers | Numbers):
        wrapped = replace(entry, view=view)
    if isinstance(entry, Wide) and context.builder.dtype_of(view.operand) is DType.INT16:
        wrapped = replace(entry, view=view)
    context.bind(operator, wrapped)


def lower_reshape(operator: Operator, context: OnnxContext) -> None:
    """The same bytes in logical order under another shape."""
    entry = context.entry(operator, 0)
    shape = context.output_shape(operator)
    if math.prod(described(entry)[0]) != math.prod(shape):
        raise context.refusal(operator, f"{list(described(entry)[0])} does not fill {list(shape)}")
    if isinstance(entry, QuantizedConstant):
        if entry.is_per_tensor:
            context.bind(operator, replace(entry, integers=entry.integers.reshape(shape)))
        else:
            context.bind(operator, Constant(entry.dequantized.reshape(shape)))
        return
    if isinstance(entry, Constant):
        context.bind(operator, Constant(entry.array.reshape(shape)))
        return
    view = context.logical(held(operator, context))
    rebind(operator, context, view.reshaped(shape))


def lower_identity(operator: Operator, context: OnnxContext) -> None:
    """Nothing."""
    context.bind(operator, context.entry(operator, 0))


def lower_transpose(operator: Operator, context: OnnxContext) -> None:
    """Only the names of the axes change; whoever needs an order in memory asks for it."""
    entry = context.entry(operator, 0)
    rank = len(described(entry)[0])
    permutation = tuple(operator.attributes.get("perm", tuple(reversed(range(rank)))))
    if sorted(permutation) != list(range(rank)):
        raise context.refusal(operator, f"{list(permutation)} is no order of {rank} axes")
    if isinstance(entry, Constant):
        context.bind(operator, Constant(entry.array.transpose(permutation)))
        return
    if isinstance(entry, QuantizedConstant):
        axis = entry.axis if entry.is_per_tensor else permutation.index(entry.axis)
        integers = entry.integers.transpose(permutation)
        context.bind(operator, replace(entry, integers=integers, axis=axis))
        return
    view = held(operator, context)
    new_name = {old: new for new, old in enumerate(permutation)}
    shape = tuple(view.shape[axis] for axis in permutation)
    order = tuple(new_name[axis] for axis in view.order)
    rebind(operator, context, replace(view, shape=shape, order=order))


def lower_slice(operator: Operator, context: OnnxContext) -> None:
    """Numpy's slicing; attributes before opset 10, inputs since."""
    view = held(operator, context)
    rank = len(view.shape)
    slices = [slice(None)] * rank
    for axis, start, stop, step in _slice_arguments(operator, context, rank):
        if step == 0:
            raise context.refusal(operator, "its step is 0")
        # numpy reads a stop of -1 as the last element; far below zero it means "before the first"
        reaches_front = step < 0 and stop < -view.shape[axis]
        slices[axis] = slice(start, None if reaches_front else stop, step)
    layout, sizes = sliced(view.memory_shape, tuple(slices[axis] for axis in view.order))
    value = context.new_value(operator, sizes, context.builder.dtype_of(view.operand))
    copy(context.builder, view.operand, layout, value, dense(sizes), sizes)
    shape = tuple(sizes[view.order.index(axis)] for axis in range(rank))
    rebind(operator, context, replace(view, operand=value, shape=shape))


def _slice_arguments(
    operator: Operator, context: OnnxContext, rank: int
) -> list[tuple[int, int, int, int]]:
    """Axis, start, stop and step of each sliced axis."""
    a = operator.attributes
    if "starts" in a:
        starts, stops = list(a["starts"]), list(a.get("ends", ()))
        axes = list(a.get("axes", range(len(starts))))
        steps = [1] * len(starts)
    else:
        starts = context.integers(operator, 1, "starts")
        stops = context.integers(operator, 2, "ends")
        axes, steps = list(range(len(starts))), [1] * len(starts)
        if context.has_input(operator, 3):
            axes = context.integers(operator, 3, "axes")
        if context.has_input(operator, 4):
            steps = context.integers(operator, 4, "steps")
    if len({len(starts), len(stops), len(axes), len(steps)}) != 1:
        raise context.refusal(operator, "its starts, ends, axes and steps are not equally many")
    names = context.axes(operator, axes, rank)
    return list(zip(names, starts, stops, steps, strict=True))


TABLE: LoweringTable = {
    "Reshape": lowering(lower_reshape, *_HELD, max_version=25),
    "Flatten": lowering(lower_reshape, *_HELD, max_version=25),
    "Squeeze": lowering(lower_reshape, *_HELD, max_version=25),
    "Unsqueeze": lowering(lower_reshape, *_HELD, max_version=25),
    "Identity": lowering(lower_identity, *_HELD, max_version=25),
    "Dropout": lowering(lower_identity, *_HELD, max_version=22),
    "Transpose": lowering(lower_transpose, *_HELD, max_version=25),
    "Slice": lowering(lower_slice, *_HELD, max_version=13),
}
