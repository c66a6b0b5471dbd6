"""Functions of one value: Relu, Clip, LeakyRelu, Sigmoid, Tanh, HardSwish, and QLinear forms.

On int8 they are tables of 256 results.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_conv import qlinear_view
from fitgraph.compiler_bridge.lower.onnx_views import Integers, OutputScale, View
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

CLIP, SIGMOID, TANH, LEAKY_RELU, HARD_SWISH = range(5)  # operations of the kernel unary_f32
FUNCTIONS = {"Sigmoid": SIGMOID, "Tanh": TANH, "HardSwish": HARD_SWISH}
QLINEAR = {"QLinearSigmoid": "Sigmoid", "QLinearLeakyRelu": "LeakyRelu"}


def lower_unary(operator: Operator, context: OnnxContext) -> None:
    """A table between DequantizeLinear and QuantizeLinear, else a call on float32."""
    source = context.quantized_view(operator, 0)
    target = context.quantizer(operator) if source is not None else None
    if source is not None and target is not None:
        function = _function(operator, context, operator.op_type)
        view = lookup(context, source, function, target.scale)
        context.bind_quantized(target, view)
        return
    dense = context.float_view(operator, 0)
    fields = {**_float_fields(operator, context), "n": int(np.prod(dense.shape))}
    value = context.new_value(operator, dense.memory_shape, DType.FLOAT32)
    context.builder.step("unary_f32", fields, (dense.operand,), value, clearance_bytes=0)
    context.bind(operator, replace(dense, operand=value))


def lower_qlinear_unary(operator: Operator, context: OnnxContext) -> None:
    """All scales are inputs."""
    source = qlinear_view(operator, context, 0)
    out = context.output_scale(operator, 3, 4)
    if out is None:
        raise context.refusal(operator, "its output scale is not one number")
    function = _function(operator, context, QLINEAR[operator.op_type])
    view = lookup(context, source, function, out)
    context.bind(operator, Integers(view, context.is_unsigned(operator)))


def lookup(
    context: OnnxContext, source: View, function: Callable[[Array], Array], out: OutputScale
) -> View:
    """A step that maps each int8 value through a function of float32 reals."""
    integers = np.arange(-128, 128, dtype=np.int32)
    with np.errstate(over="ignore", invalid="ignore"):  # infinity saturates
        reals = (integers - source.zero_point).astype(np.float32) * np.float32(source.scale or 0)
        table = out.quantize(function(reals))
    if not isinstance(source.operand, int):
        known = table[source.operand.astype(np.int32) + 128]
        return replace(source, operand=known, scale=None, zero_point=0, unsigned=False)
    shape = source.memory_shape
    value = context.builder.value(f"{context.builder.label} output", shape, DType.INT8)
    fields: dict[str, Field] = {"table": table, "n": int(np.prod(shape))}
    context.builder.step("lookup_s8", fields, (source.operand,), value, clearance_bytes=0)
    return replace(source, operand=value, scale=None, zero_point=0, unsigned=False)


def _function(operator: Operator, context: OnnxContext, op_type: str) -> Callable[[Array], Array]:
    """The operator on float32 reals; sigmoid and tanh are computed in float64 and rounded."""
    if op_type == "Sigmoid":
        return lambda x: (1.0 / (1.0 + np.exp(-x.astype(np.float64)))).astype(np.float32)
    if op_type == "Tanh":
        return lambda x: np.tanh(x.astype(np.float64)).astype(np.float32)
    if op_type == "HardSwish":
        return lambda x: (x * np.clip(x.astype(np.float64) / 6 + 0.5, 0, 1)).astype(np.float32)
    if op_type == "LeakyRelu":
        slope = np.float32(operator.attributes.get("alpha", 0.01))
        return lambda x: np.where(x < 0, x * slope, x).astype(np.float32)
    low, high = _bounds(operator, context)
    return lambda x: np.clip(x, np.float32(low), np.float32(high))


def _float_fields(operator: Operator, context: OnnxContext) -> dict[str, Field]:
    if operator.op_type == "LeakyRelu":
        slope = float(np.float32(operator.attributes.get("alpha", 0.01)))
        return {"operation": LEAKY_RELU, "low": slope, "high": 0.0}
    if operator.op_type in FUNCTIONS:
        operation = FUNCTIONS[operator.op_type]
        return {"operation": operation, "low": 0.0, "high": 0.0}
    low, high = _bounds(operator, context)
    return {"operation": CLIP, "low": low, "high": high}


def _bounds(operator: Operator, context: OnnxContext) -> tuple[float, float]:
    bounds = context.clip_bounds(operator)
    if bounds is None:
        raise context.refusal(operator, "its bounds are not constant")
    return bounds


TABLE: LoweringTable = {
    "Relu": lowering(lower_unary, DType.FLOAT32, max_version=14),
    "Clip": lowering(lower_unary, DType.FLOAT32, max_version=13),
    "LeakyRelu": lowering(lower_unary, DType.FLOAT32, max_version=16),
    "Sigmoid": lowering(lower_unary, DType.FLOAT32, max_version=13),
    "Tanh": lowering(lower_unary, DType.FLOAT32, max_version=13),
    "HardSwish": lowering(lower_unary, DType.FLOAT32, max_version=22),
    "QLinearSigmoid": lowering(lower_qlinear_unary, DType.INT8, DType.UINT8, max_version=1),
    "QLinearLeakyRelu": lowering(lower_qlinear_unary, DType.INT8, DType.UINT8, max_version=1),
}
