"""Whole numbers of 32 and 64 bits and truths that are computed: labels, places, counts, masks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.movement import (
    broadcast_loops,
    broadcast_strides,
    left_padded,
    merged_axes,
)
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_pool import reduced
from fitgraph.compiler_bridge.lower.onnx_views import Constant, Integers, Numbers, View, identity
from fitgraph.compiler_bridge.lower.support import Lowering, LoweringTable, lowering
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import ITEM_BYTES, DType, ModelGraph, Operator

NUMBERS = (DType.INT64, DType.INT32)
# Operations of the kernel binary_whole.
_ARITHMETIC = {"Add": 0, "Sub": 1, "Mul": 2, "Div": 3, "Max": 4, "Min": 5, "Mod": 7}
_REST_TOWARDS_ZERO = 8
_REDUCTIONS = {"ReduceMax": 0, "ReduceMin": 1, "ReduceSum": 2, "ReduceProd": 3}  # of reduce_whole
_COMPARISONS = {"Equal": 11, "Greater": 13, "GreaterOrEqual": 14, "Less": 15, "LessOrEqual": 16}


def whole_lowering(graph: ModelGraph, operator: Operator) -> Lowering | None:
    """The entry for an operator whose data are whole numbers; None for any other."""
    entry = TABLE.get(operator.op_type)
    if entry is None or operator.domain != "ai.onnx":
        return None
    position = 1 if operator.op_type == "Where" else 0
    data = operator.inputs[position] if position < len(operator.inputs) else None
    dtypes = [graph.tensor(index).dtype for index in (data, *operator.outputs) if index is not None]
    if operator.op_type != "Cast":
        return entry if dtypes and dtypes[0] in _TAKEN.get(operator.op_type, NUMBERS) else None
    return entry if {*NUMBERS, DType.BOOL} & {*dtypes} else None


# Where truths are taken, too.
_TAKEN = {"Equal": (*NUMBERS, DType.BOOL), "Where": (*NUMBERS, DType.BOOL)}


def whole_view(operator: Operator, context: OnnxContext, position: int) -> View:
    """An input of whole numbers or truths, in logical order."""
    entry = context.entry(operator, position)
    if isinstance(entry, Numbers):
        return context.logical(entry.view)
    if isinstance(entry, Constant) and entry.array.dtype.kind in "ib":
        array = entry.array.view(np.uint8) if entry.array.dtype == np.bool_ else entry.array
        return View(np.ascontiguousarray(array), array.shape, identity(array.ndim))
    raise context.refusal(operator, f"its input {position} is no whole number")


def lower_arithmetic(operator: Operator, context: OnnxContext) -> None:
    """Of two operands, or of many from the first to the last."""
    operation = _ARITHMETIC[operator.op_type]
    if operator.attributes.get("fmod", 0):
        operation = _REST_TOWARDS_ZERO
    views = [whole_view(operator, context, i) for i in range(len(operator.inputs))]
    dtype = context.graph.tensors[operator.outputs[0]].dtype
    found = views[0]
    for view in views[1:]:
        found = _emit(operator, context, operation, found, view, dtype)
    context.bind(operator, Numbers(found, dtype))


def lower_clip(operator: Operator, context: OnnxContext) -> None:
    """Not below one bound, nor above the other."""
    dtype = context.graph.tensors[operator.outputs[0]].dtype
    found = whole_view(operator, context, 0)
    for position, name in ((1, "Max"), (2, "Min")):
        if context.has_input(operator, position):
            bound = whole_view(operator, context, position)
            found = _emit(operator, context, _ARITHMETIC[name], found, bound, dtype)
    context.bind(operator, Numbers(found, dtype))


def lower_comparison(operator: Operator, context: OnnxContext) -> None:
    """Truths come out."""
    a, b = (whole_view(operator, context, i) for i in (0, 1))
    found = _emit(operator, context, _COMPARISONS[operator.op_type], a, b, DType.BOOL)
    context.bind(operator, Numbers(found, DType.BOOL))


def _emit(
    operator: Operator, context: OnnxContext, operation: int, a: View, b: View, dtype: DType
) -> View:
    sizes = {ITEM_BYTES[context.builder.dtype_of(view.operand)] for view in (a, b)}
    if len(sizes) != 1:
        raise context.refusal(operator, "its operands are of different types")
    shape = tuple(np.broadcast_shapes(a.shape, b.shape))
    fields: dict[str, Field] = {
        "loops": broadcast_loops(context.builder.label, a.shape, b.shape, shape),
        "operation": operation,
        "in_bytes": sizes.pop(),
        "out_bytes": ITEM_BYTES[dtype],
    }
    value = context.new_value(operator, shape, dtype)
    context.builder.step("binary_whole", fields, (a.operand, b.operand), value)
    return View(value, shape, identity(len(shape)))


def lower_where(operator: Operator, context: OnnxContext) -> None:
    """One of two numbers by a truth."""
    views = [whole_view(operator, context, i) for i in range(3)]
    dtype = context.graph.tensors[operator.outputs[0]].dtype
    value, shape = select(operator, context, views, dtype)
    context.bind(operator, Numbers(View(value, shape, identity(len(shape))), dtype))


def select(
    operator: Operator, context: OnnxContext, views: list[View], dtype: DType
) -> tuple[int, tuple[int, ...]]:
    """The value that gets one of two by a truth, all three in logical order, and its shape."""
    shape = tuple(np.broadcast_shapes(*(view.shape for view in views)))
    strides = [broadcast_strides(view.shape, shape) for view in views]
    sizes, steps = merged_axes(shape, *strides)
    label = context.builder.label
    fields: dict[str, Field] = {"size": left_padded(sizes, 1, label), "bytes": ITEM_BYTES[dtype]}
    for name, step in zip(("condition", "a", "b"), steps, strict=True):
        fields[f"{name}_step"] = left_padded(step, 0, label)
    value = context.new_value(operator, shape, dtype)
    context.builder.step("select", fields, tuple(view.operand for view in views), value)
    return value, shape


def lower_reduce(operator: Operator, context: OnnxContext) -> None:
    """The reduced axes are brought to the end."""
    source = whole_view(operator, context, 0)
    axes, shape = reduced(operator, context, source)
    dtype = context.graph.tensors[operator.outputs[0]].dtype
    kept = [axis for axis in range(len(source.shape)) if axis not in axes]
    fields: dict[str, Field] = {
        "operation": _REDUCTIONS[operator.op_type],
        "bytes": ITEM_BYTES[dtype],
        "rows": math.prod(shape),
        "n": math.prod(source.shape[axis] for axis in axes),
    }
    value = context.new_value(operator, shape, dtype)
    operand = context.in_order(source, (*kept, *axes)).operand
    context.builder.step("reduce_whole", fields, (operand,), value)
    context.bind(operator, Numbers(View(value, shape, identity(len(shape))), dtype))


def lower_cast(operator: Operator, context: OnnxContext) -> None:
    """Between whole numbers, truths and float32."""
    dtype = context.graph.tensors[operator.outputs[0]].dtype
    entry = context.entry(operator, 0)
    if isinstance(entry, Integers):
        raise context.refusal(operator, f"{dtype} come from integers of 8 bits")
    if isinstance(entry, Numbers):
        if entry.dtype is dtype:
            context.bind(operator, entry)
            return
        view = entry.view
    else:
        view = context.float_view(operator, 0)
    found = cast(context, view, dtype)
    context.bind(operator, found if dtype is DType.FLOAT32 else Numbers(found, dtype))


def cast(context: OnnxContext, view: View, dtype: DType) -> View:
    """The numbers as another type."""
    given = context.builder.dtype_of(view.operand)
    fields: dict[str, Field] = {"n": math.prod(view.shape)}
    if given is not DType.FLOAT32:
        fields["from"] = ITEM_BYTES[given]
    if dtype is not DType.FLOAT32:
        fields["to"] = ITEM_BYTES[dtype]
    kernel = "cast_whole" if len(fields) == 3 else ""
    kernel = kernel or ("whole_of_f32" if given is DType.FLOAT32 else "whole_to_f32")
    label = f"{context.builder.label} as {dtype}"
    value = context.builder.value(label, view.memory_shape, dtype)
    context.builder.step(kernel, fields, (view.operand,), value)
    return replace(view, operand=value)


TABLE: LoweringTable = {
    **{name: lowering(lower_arithmetic, *NUMBERS, max_version=14) for name in _ARITHMETIC},
    **{name: lowering(lower_comparison, DType.BOOL, max_version=19) for name in _COMPARISONS},
    **{name: lowering(lower_reduce, *NUMBERS, max_version=20) for name in _REDUCTIONS},
    "Clip": lowering(lower_clip, *NUMBERS, max_version=13),
    "Where": lowering(lower_where, *NUMBERS, DType.BOOL, max_version=16),
    "Cast": lowering(lower_cast, *NUMBERS, DType.BOOL, DType.FLOAT32, max_version=25),
}
