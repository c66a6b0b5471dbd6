"""Add, Sub, Mul, Div, Max, Min, Sum, Mean, PRelu, QLinearAdd and QLinearMul."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fitgraph.compiler_bridge.lower.movement import broadcast_loops
from fitgraph.compiler_bridge.lower.onnx_context import FLOAT32_MAX, OnnxContext
from fitgraph.compiler_bridge.lower.onnx_conv import qlinear_constant, qlinear_view
from fitgraph.compiler_bridge.lower.onnx_views import (
    Constant,
    Integers,
    Order,
    OutputScale,
    View,
    identity,
)
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

OPERATIONS = {
    "Add": 0,
    "Sum": 0,
    "Mean": 0,
    "Sub": 1,
    "Mul": 2,
    "Div": 3,
    "QLinearAdd": 0,
    "QLinearMul": 2,
    "Max": 4,
    "Min": 5,
    "PRelu": 6,
}
_OF_MANY = ("Max", "Min", "Sum", "Mean")
ON_INTEGERS = ("Add", "Sub", "Mul")  # where int8 operands need not become float32


def lower_binary(operator: Operator, context: OnnxContext) -> None:
    """int8 where both operands are dequantized and the output is quantized, else float32."""
    if len(operator.inputs) != 2:
        lower_many(operator, context)
        return
    a, b = (context.quantized_operand(operator, i) for i in (0, 1))
    target = context.quantizer(operator) if operator.op_type in ON_INTEGERS else None
    if a is not None and b is not None and target is not None:
        view = _emit_int8(operator, context, a, b, target.scale)
        context.bind_quantized(target, view)
        return
    _lower_float(operator, context)


def lower_many(operator: Operator, context: OnnxContext) -> None:
    """Max, Min, Sum and Mean of any number of operands, from the first to the last."""
    if operator.op_type not in _OF_MANY or not operator.inputs:
        raise context.refusal(operator, f"it has {len(operator.inputs)} operands")
    views = [context.float_view(operator, i) for i in range(len(operator.inputs))]
    result = views[0]
    for view in views[1:]:
        result = _real(operator, context, OPERATIONS[operator.op_type], result, view)
    if operator.op_type == "Mean" and len(views) > 1:
        share = np.array(len(views), np.float32)
        result = _real(operator, context, OPERATIONS["Div"], result, View(share, (), ()))
    context.bind(operator, result)


def _real(operator: Operator, context: OnnxContext, operation: int, a: View, b: View) -> View:
    fields: dict[str, Field] = {"operation": operation, "low": -FLOAT32_MAX, "high": FLOAT32_MAX}
    return _emit(operator, context, "binary_f32", fields, a, b, DType.FLOAT32)


def lower_qlinear_binary(operator: Operator, context: OnnxContext) -> None:
    """All scales are inputs."""
    a, b = (_qlinear_operand(operator, context, i) for i in (0, 3))
    out = context.output_scale(operator, 6, 7)
    if out is None:
        raise context.refusal(operator, "its output scale is not one number")
    view = _emit_int8(operator, context, a, b, out)
    context.bind(operator, Integers(view, context.is_unsigned(operator)))


def _qlinear_operand(operator: Operator, context: OnnxContext, position: int) -> View:
    if not isinstance(context.entry(operator, position), Constant):
        return qlinear_view(operator, context, position)
    view = qlinear_constant(operator, context, position, axis=0).as_view
    if view is None:
        raise context.refusal(operator, f"its input {position} has several scales")
    return view


def _emit_int8(
    operator: Operator, context: OnnxContext, a: View, b: View, out: OutputScale
) -> View:
    fields: dict[str, Field] = {
        "a_scale": a.scale or 0.0,
        "b_scale": b.scale or 0.0,
        "out_scale": out.scale,
        "a_zero_point": a.zero_point,
        "b_zero_point": b.zero_point,
        "out_zero_point": out.zero_point,
        "operation": OPERATIONS[operator.op_type],
        "low": out.low,
        "high": out.high,
    }
    return _emit(operator, context, "binary_float_s8", fields, a, b, DType.INT8)


def _lower_float(operator: Operator, context: OnnxContext) -> None:
    a, b = context.float_view(operator, 0), context.float_view(operator, 1)
    low, high, last = context.fuse_clip(operator)
    fields: dict[str, Field] = {
        "operation": OPERATIONS[operator.op_type],
        "low": low,
        "high": high,
    }
    view = _emit(operator, context, "binary_f32", fields, a, b, DType.FLOAT32)
    context.bind(last, view)


def _emit(
    operator: Operator,
    context: OnnxContext,
    kernel: str,
    fields: dict[str, Field],
    a: View,
    b: View,
    dtype: DType,
) -> View:
    """Both operands in one order of axes, broadcast."""
    try:
        shape = np.broadcast_shapes(a.shape, b.shape)
    except ValueError as error:
        shapes = f"{list(a.shape)} and {list(b.shape)}"
        raise context.refusal(operator, f"its operands have shapes {shapes}") from error
    order = _common_order(a, b, shape)
    (a_operand, a_shape), (b_operand, b_shape) = (
        _aligned(context, view, order, len(shape)) for view in (a, b)
    )
    sizes = tuple(shape[axis] for axis in order)
    label = context.builder.label
    fields = {"loops": broadcast_loops(label, a_shape, b_shape, sizes), **fields}
    value = context.new_value(operator, sizes, dtype)
    operands = (a_operand, b_operand)
    context.builder.step(
        kernel, fields, operands, value, clearance_bytes=0 if a_shape == sizes else None
    )
    return View(value, shape, order)


def _common_order(a: View, b: View, shape: tuple[int, ...]) -> Order:
    """The order of a full-sized operand in memory, or the logical one."""
    for view in (a, b):
        if isinstance(view.operand, int) and len(view.shape) == len(shape):
            return view.order
    return identity(len(shape))


def _aligned(
    context: OnnxContext, view: View, order: Order, rank: int
) -> tuple[int | Array, tuple[int, ...]]:
    """The operand and its memory shape in that order, with leading axes of size 1."""
    missing = rank - len(view.shape)
    shape = (1,) * missing + view.shape
    if not isinstance(view.operand, int):
        array = view.operand.reshape(shape).transpose(order)
        return np.ascontiguousarray(array), array.shape
    if missing:
        view = context.logical(view)
        lifted = View(view.operand, shape, identity(rank), view.scale, view.zero_point)
    else:
        lifted = view
    ordered = context.in_order(lifted, order)
    return ordered.operand, ordered.memory_shape


def _entry(lower: Callable[[Operator, OnnxContext], None], version: int) -> LoweringTable:
    return {name: lowering(lower, DType.FLOAT32, max_version=version) for name in _FLOAT_NAMES}


_FLOAT_NAMES = ("Add", "Sub", "Mul", "Div")

TABLE: LoweringTable = {
    **_entry(lower_binary, 14),
    "Max": lowering(lower_binary, DType.FLOAT32, max_version=13),
    "Min": lowering(lower_binary, DType.FLOAT32, max_version=13),
    "Sum": lowering(lower_many, DType.FLOAT32, max_version=13),
    "Mean": lowering(lower_many, DType.FLOAT32, max_version=13),
    "PRelu": lowering(lower_binary, DType.FLOAT32, max_version=16),
    "QLinearAdd": lowering(lower_qlinear_binary, DType.INT8, DType.UINT8, max_version=1),
    "QLinearMul": lowering(lower_qlinear_binary, DType.INT8, DType.UINT8, max_version=1),
}
