"""FULLY_CONNECTED."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import (
    INT8_AND_FLOAT,
    TfliteContext,
    float_bounds,
)
from fitgraph.compiler_bridge.lower.tflite_conv import (
    constant_bias,
    folded_bias,
    refuse_odd_scales,
)
from fitgraph.compiler_bridge.lower.tflite_hybrid import is_hybrid, lower_hybrid
from fitgraph.compiler_bridge.lower.tflite_requantize import (
    channel_scales,
    requantization,
    tensor_scale,
)
from fitgraph.compiler_bridge.lower.windows import Axis
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator


def lower_fully_connected(operator: Operator, context: TfliteContext) -> None:
    """Weights are out x in; leading input dimensions are a batch."""
    weights = context.constant(operator, 1, "weights")
    source = context.tensor(operator, 0)
    if weights.ndim != 2 or operator.attributes.get("weights_format", "DEFAULT") != "DEFAULT":
        raise context.refusal(operator, "its weights are not a plain matrix")
    out_n, in_n = weights.shape
    context.expect_one_dtype(operator, 0)
    if in_n == 0 or source.n_elements % in_n:
        raise context.refusal(
            operator, f"{source.n_elements} inputs do not fill rows of {in_n} weights"
        )
    batch = source.n_elements // in_n
    context.expect_elements(operator, batch * out_n)
    if is_hybrid(operator, context):
        bias = constant_bias(operator, context, out_n, np.float32)
        pixel = (Axis(1, 1, 1, 1, 1, 0), Axis(1, 1, 1, 1, 1, 0))
        as_filter = weights.reshape(out_n, 1, 1, in_n)
        lower_hybrid(operator, context, as_filter, bias, pixel, batch)
        return
    fields: dict[str, Field] = {"batch": batch, "in_n": in_n, "out_n": out_n}
    if source.dtype is DType.FLOAT32:
        if weights.dtype != np.float32:
            raise context.refusal(operator, f"its weights are {weights.dtype}, its input float32")
        low, high = float_bounds(context, operator)
        fields |= {
            "weights": np.ascontiguousarray(weights),
            "bias": constant_bias(operator, context, out_n, np.float32),
            "low": low,
            "high": high,
        }
    else:
        fields |= _int8_fields(operator, context, weights)
    kernel = "fully_connected_f32" if source.dtype is DType.FLOAT32 else "fully_connected_s8"
    inputs = (context.operand(operator, 0),)
    context.builder.step(kernel, fields, inputs, context.new_output(operator))


def _int8_fields(operator: Operator, context: TfliteContext, weights: Array) -> dict[str, Field]:
    source = context.quantization(operator, context.tensor(operator, 0))
    output = context.quantization(operator, context.output(operator))
    filters = context.tensor(operator, 1).quantization
    if weights.dtype != np.int8 or filters is None or any(filters.zero_points):
        raise context.refusal(operator, "its weights are not symmetric int8")
    refuse_odd_scales(operator, context, filters, weights.shape[0])
    per_tensor = len(filters.scales) == 1
    scales = (tensor_scale if per_tensor else channel_scales)(source, filters, output)
    return {
        "weights": np.ascontiguousarray(weights),
        "bias": folded_bias(operator, context, weights, source.zero_point).bias,
        "requant": requantization(context, operator, scales, output),
    }


TABLE: LoweringTable = {
    "FULLY_CONNECTED": lowering(lower_fully_connected, *INT8_AND_FLOAT, max_version=12),
}
