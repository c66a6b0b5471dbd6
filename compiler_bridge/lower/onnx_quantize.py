"""QuantizeLinear, DequantizeLinear and Cast."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_conv import qlinear_view, quantized_constant
from fitgraph.compiler_bridge.lower.onnx_int16 import DTYPES as WIDE
from fitgraph.compiler_bridge.lower.onnx_int16 import dequantize_wide, quantize_wide
from fitgraph.compiler_bridge.lower.onnx_unary import lookup
from fitgraph.compiler_bridge.lower.onnx_views import Constant, Integers, View, Wide
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator

# What DequantizeLinear takes (ONNX, opset 21) and a microcontroller's weights and biases are.
QUANTIZED_CONSTANTS = (np.int8, np.uint8, np.int16, np.uint16, np.int32)


def lower_quantize_linear(operator: Operator, context: OnnxContext) -> None:
    """Nothing where the integers have that scale already, a table where they have another."""
    if context.graph.tensors[operator.outputs[0]].dtype in WIDE:
        quantize_wide(operator, context)
        return
    out = context.output_scale(operator, 1, 2)
    if out is None:
        raise context.refusal(operator, "it is not per-tensor int8 or uint8")
    unsigned = context.is_unsigned(operator)
    entry = context.entry(operator, 0)
    if isinstance(entry, View) and entry.is_quantized:
        if (entry.scale, entry.zero_point) == (out.scale, out.zero_point):
            view = replace(entry, scale=None, zero_point=0, unsigned=False)
        else:
            view = lookup(context, entry, lambda x: x, out)
        context.bind(operator, Integers(view, unsigned))
        return
    source = context.float_view(operator, 0)
    fields: dict[str, Field] = {
        "scale": out.scale,
        "zero_point": out.zero_point,
        "n": int(np.prod(source.shape)),
        "low": out.low,
        "high": out.high,
    }
    value = context.new_value(operator, source.memory_shape, DType.INT8)
    context.builder.step("quantize_half_even", fields, (source.operand,), value, clearance_bytes=0)
    context.bind(operator, Integers(replace(source, operand=value), unsigned))


def lower_dequantize_linear(operator: Operator, context: OnnxContext) -> None:
    """Nothing: the integers go on with their scale."""
    entry = context.entry(operator, 0)
    if operator.attributes.get("block_size", 0):
        raise context.refusal(operator, "it is quantized in blocks")
    if isinstance(entry, Constant):
        if entry.array.dtype not in QUANTIZED_CONSTANTS:
            raise context.refusal(operator, f"its constant is {entry.array.dtype}")
        axis, rank = int(operator.attributes.get("axis", 1)), entry.array.ndim
        if context.constant(operator, 1, "scale").size > 1:
            axis = context.axis(operator, axis, rank)
        context.bind(operator, quantized_constant(operator, context, entry.array, 1, axis))
        return
    if isinstance(entry, Wide):
        dequantize_wide(operator, context, entry)
        return
    context.bind(operator, qlinear_view(operator, context, 0))


def lower_cast(operator: Operator, context: OnnxContext) -> None:
    """8-bit integers as reals: integers of scale 1."""
    entry = context.entry(operator, 0)
    dtype = context.graph.tensors[operator.outputs[0]].dtype
    if dtype is not DType.FLOAT32:
        raise context.refusal(operator, f"{dtype} come from another type")
    if isinstance(entry, Integers):
        zero_point = -128 if entry.unsigned else 0
        view = replace(entry.view, scale=1.0, zero_point=zero_point, unsigned=entry.unsigned)
        context.bind(operator, view)
    elif isinstance(entry, Constant):
        context.bind(operator, Constant(entry.array.astype(np.float32)))
    else:
        context.bind(operator, entry)


TABLE: LoweringTable = {
    "Cast": lowering(lower_cast, DType.FLOAT32, max_version=25),
    "QuantizeLinear": lowering(
        lower_quantize_linear, DType.INT8, DType.UINT8, *WIDE, max_version=25
    ),
    "DequantizeLinear": lowering(lower_dequantize_linear, DType.FLOAT32, *WIDE, max_version=25),
}
