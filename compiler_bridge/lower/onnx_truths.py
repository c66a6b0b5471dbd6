"""Comparisons, logic, Where, ArgMax and ArgMin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.movement import broadcast_loops
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_views import Constant, Numbers, View, identity
from fitgraph.compiler_bridge.lower.onnx_whole import select
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Field, Operand
from fitgraph.registry.model_graph import DType, Operator

# Operations of the kernels compare_f32 and binary_integer.
_COMPARISONS = {"Equal": 11, "Greater": 13, "GreaterOrEqual": 14, "Less": 15, "LessOrEqual": 16}
_LOGIC = {"And": 9, "Or": 10, "Xor": 12}
_EQUAL = 11
_REAL = 5  # what the kernel arg_extreme calls float32
_FALSE = View(np.zeros((), np.uint8), (), ())


def lower_comparison(operator: Operator, context: OnnxContext) -> None:
    """Of float32 values; truths come out."""
    a, b = (context.float_view(operator, i) for i in (0, 1))
    fields: dict[str, Field] = {"operation": _COMPARISONS[operator.op_type]}
    _emit_truths(operator, context, "compare_f32", fields, a, b)


def lower_is_none(operator: Operator, context: OnnxContext) -> None:
    """IsNaN: what is no number is not equal to itself."""
    view = context.float_view(operator, 0)
    fields: dict[str, Field] = {"operation": _COMPARISONS["Equal"]}
    _emit_truths(operator, context, "compare_f32", fields, view, view)
    same = context.entries[operator.outputs[0]]
    if isinstance(same, Numbers):
        _emit_logic(operator, context, _EQUAL, same.view, _FALSE)


def lower_logic(operator: Operator, context: OnnxContext) -> None:
    """Of two truths."""
    a, b = (_truths(operator, context, i) for i in (0, 1))
    _emit_logic(operator, context, _LOGIC[operator.op_type], a, b)


def lower_not(operator: Operator, context: OnnxContext) -> None:
    """Equal to false."""
    _emit_logic(operator, context, _EQUAL, _truths(operator, context, 0), _FALSE)


def lower_where(operator: Operator, context: OnnxContext) -> None:
    """One of two float32 values by a truth."""
    condition = _truths(operator, context, 0)
    a, b = (context.float_view(operator, i) for i in (1, 2))
    views = [context.logical(view) for view in (condition, a, b)]
    views = [replace(view, operand=_dense(view)) for view in views]
    value, shape = select(operator, context, views, DType.FLOAT32)
    context.bind(operator, View(value, shape, identity(len(shape))))


def lower_arg_extreme(operator: Operator, context: OnnxContext) -> None:
    """The place of the largest or smallest value along an axis, the first of equals.

    Integers with a scale are in the order of their reals.
    """
    attributes = operator.attributes
    if attributes.get("select_last_index", 0):
        raise context.refusal(operator, "it wants the last of equal values")
    if isinstance(context.entry(operator, 0), Numbers):
        raise context.refusal(operator, "it compares truths or places")
    view = context.logical(context.view(operator, 0))
    is_real = context.builder.dtype_of(view.operand) is DType.FLOAT32
    rank = len(view.shape)
    axis = context.axis(operator, int(attributes.get("axis", 0)), rank)
    keeps = bool(attributes.get("keepdims", 1))
    kept = (*view.shape[:axis], *([1] if keeps else []), *view.shape[axis + 1 :])
    fields: dict[str, Field] = {
        "sign": 1 if operator.op_type == "ArgMax" else -1,
        "type": _REAL if is_real else 1,
        "out_bytes": 8,
        "outer": math.prod(view.shape[:axis]),
        "n": view.shape[axis],
        "inner": math.prod(view.shape[axis + 1 :]),
    }
    value = context.new_value(operator, kept, DType.INT64)
    context.builder.step("arg_extreme", fields, (_dense(view),), value)
    context.bind(operator, Numbers(View(value, kept, identity(len(kept))), DType.INT64))


def _truths(operator: Operator, context: OnnxContext, position: int) -> View:
    """Truths in memory, or a constant of them."""
    entry = context.entry(operator, position)
    if isinstance(entry, Numbers) and entry.dtype is DType.BOOL:
        return entry.view
    if isinstance(entry, Constant) and entry.array.dtype == np.bool_:
        array = entry.array.view(np.uint8)
        return View(array, array.shape, identity(array.ndim))
    raise context.refusal(operator, f"its input {position} is no truth")


def _emit_logic(operator: Operator, context: OnnxContext, operation: int, a: View, b: View) -> None:
    fields: dict[str, Field] = {
        "operation": operation,
        "in_bytes": 1,
        "out_bytes": 1,
        "low": 0,
        "high": 0,
    }
    _emit_truths(operator, context, "binary_integer", fields, a, b)


def _emit_truths(
    operator: Operator,
    context: OnnxContext,
    kernel: str,
    fields: dict[str, Field],
    a: View,
    b: View,
) -> None:
    a, b = context.logical(a), context.logical(b)
    shape = _broadcast(operator, context, [a.shape, b.shape])
    loops = broadcast_loops(context.builder.label, a.shape, b.shape, shape)
    value = context.new_value(operator, shape, DType.BOOL)
    context.builder.step(kernel, {"loops": loops, **fields}, (_dense(a), _dense(b)), value)
    context.bind(operator, Numbers(View(value, shape, identity(len(shape))), DType.BOOL))


def _broadcast(
    operator: Operator, context: OnnxContext, shapes: Sequence[tuple[int, ...]]
) -> tuple[int, ...]:
    try:
        return tuple(np.broadcast_shapes(*shapes))
    except ValueError as error:
        text = ", ".join(str(list(shape)) for shape in shapes)
        raise context.refusal(operator, f"its operands have shapes {text}") from error


def _dense(view: View) -> Operand:
    operand = view.operand
    return operand if isinstance(operand, int) else np.ascontiguousarray(operand)


TABLE: LoweringTable = {
    **{name: lowering(lower_comparison, DType.BOOL, max_version=19) for name in _COMPARISONS},
    **{name: lowering(lower_logic, DType.BOOL, max_version=7) for name in _LOGIC},
    "IsNaN": lowering(lower_is_none, DType.BOOL, max_version=20),
    "Not": lowering(lower_not, DType.BOOL, max_version=1),
    "Where": lowering(lower_where, DType.FLOAT32, max_version=16),
    "ArgMax": lowering(lower_arg_extreme, DType.INT64, max_version=13),
    "ArgMin": lowering(lower_arg_extreme, DType.INT64, max_version=13),
}
