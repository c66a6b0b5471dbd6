"""ReduceMax, ReduceMin, ReduceSum and GlobalMaxPool on float32."""

from __future__ import annotations

import math

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_pool import reduced
from fitgraph.compiler_bridge.lower.onnx_views import View, identity
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator

# Operations of the kernel reduce_f32.
OPERATIONS = {"ReduceMax": 0, "GlobalMaxPool": 0, "ReduceMin": 1, "ReduceSum": 3}


def lower_reduce(operator: Operator, context: OnnxContext) -> None:
    """The reduced axes are brought to the end."""
    source = context.float_view(operator, 0)
    axes, shape = reduced(operator, context, source)
    if not axes:
        context.bind(operator, source)
        return
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
    context.bind(operator, View(value, shape, identity(len(shape))))


TABLE: LoweringTable = {
    name: lowering(lower_reduce, DType.FLOAT32, max_version=22) for name in OPERATIONS
}
