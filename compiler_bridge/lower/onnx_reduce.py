"""ReduceMax, ReduceMin, ReduceSum, sums of functions, and GlobalMaxPool on float32."""

from __future__ import annotations

import math
from dataclasses import replace

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_pool import reduced
from fitgraph.compiler_bridge.lower.onnx_views import View, identity
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator

# Operations of the kernel reduce_f32.
OPERATIONS = {
    "ReduceMax": 0,
    "GlobalMaxPool": 0,
    "ReduceMin": 1,
    "ReduceSum": 3,
    "ReduceL1": 3,
    "ReduceL2": 3,
    "ReduceSumSquare": 3,
    "ReduceLogSum": 3,
}
# What is done to each value before, and to the sum.
_BEFORE = {"ReduceL1": "absolute_f32", "ReduceL2": "square_f32", "ReduceSumSquare": "square_f32"}
_BY_ROWS = {"ReduceLogSumExp": "log_sum_exp_f32", "ReduceProd": "reduce_product_f32"}
_AFTER = {"ReduceL2": "sqrt_each_f32", "ReduceLogSum": "log_each_f32"}


def lower_reduce(operator: Operator, context: OnnxContext) -> None:
    """The reduced axes are brought to the end."""
    source = context.float_view(operator, 0)
    axes, shape = reduced(operator, context, source)
    if operator.op_type in _BEFORE:
        source = _each(context, source, _BEFORE[operator.op_type])
    if operator.op_type in _BY_ROWS:
        source = _by_rows(operator, context, source, axes, shape)
    elif axes:
        source = _sums(operator, context, source, axes, shape)
    if operator.op_type in _AFTER:
        source = _each(context, source, _AFTER[operator.op_type])
    context.bind(operator, source)


def _each(context: OnnxContext, view: View, kernel: str) -> View:
    """A function of each value."""
    label = f"{context.builder.label} part"
    value = context.builder.value(label, view.memory_shape, DType.FLOAT32)
    fields: dict[str, Field] = {"alpha": 0.0, "beta": 0.0, "n": math.prod(view.shape)}
    context.builder.step(kernel, fields, (view.operand,), value, clearance_bytes=0)
    return replace(view, operand=value)


def _sums(
    operator: Operator,
    context: OnnxContext,
    source: View,
    axes: list[int],
    shape: tuple[int, ...],
) -> View:
    kept = [axis for axis in range(len(source.shape)) if axis not in axes]
    operand = context.in_order(source, (*kept, *axes)).operand
    n = math.prod(source.shape[axis] for axis in axes)
    fields: dict[str, Field] = {
        "operation": OPERATIONS[operator.op_type],
        "outer": math.prod(shape),
        "n": n,
        "inner": 1,
    }
    value = context.new_value(operator, shape, DType.FLOAT32)
    context.builder.step("reduce_f32", fields, (operand,), value)
    return View(value, shape, identity(len(shape)))


def _by_rows(
    operator: Operator, context: OnnxContext, source: View, axes: list[int], shape: tuple[int, ...]
) -> View:
    """Each row of what is brought to the end, by a kernel of its own."""
    kept = [axis for axis in range(len(source.shape)) if axis not in axes]
    operand = context.in_order(source, (*kept, *axes)).operand
    n = math.prod(source.shape[axis] for axis in axes)
    value = context.new_value(operator, shape, DType.FLOAT32)
    fields: dict[str, Field] = {"rows": math.prod(shape), "n": n}
    context.builder.step(_BY_ROWS[operator.op_type], fields, (operand,), value)
    return View(value, shape, identity(len(shape)))


TABLE: LoweringTable = {
    name: lowering(lower_reduce, DType.FLOAT32, max_version=22) for name in (*OPERATIONS, *_BY_ROWS)
}
