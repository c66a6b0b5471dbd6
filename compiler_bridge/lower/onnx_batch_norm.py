"""BatchNormalization: into the convolution before it, or a multiplication and an addition."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower.movement import broadcast_loops
from fitgraph.compiler_bridge.lower.onnx_context import FLOAT32_MAX, OnnxContext
from fitgraph.compiler_bridge.lower.onnx_views import View
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

ADD, MULTIPLY = 0, 2  # operations of the kernel binary_f32


def affine(operator: Operator, context: OnnxContext) -> tuple[Array, Array]:
    """Factor and summand of each channel, float64.

    ONNX: y = (x - mean) / sqrt(variance + epsilon) * scale + B.
    """
    scale, shift, mean, variance = (
        context.constant(operator, i, what).astype(np.float64)
        for i, what in enumerate(("scale", "B", "mean", "variance"), start=1)
    )
    if len({values.shape for values in (scale, shift, mean, variance)}) != 1 or scale.ndim != 1:
        raise context.refusal(operator, "its parameters are not equally many")
    factor = scale / np.sqrt(variance + float(operator.attributes.get("epsilon", 1e-5)))
    return factor, shift - mean * factor


def fold_into(
    operator: Operator, context: OnnxContext, weights: Array, bias: Array
) -> tuple[Array, Array, Operator]:
    """Weights and bias with the BatchNormalization that alone reads the operator's output.

    Returns:
        float32 weights (output channels first) and bias, and the operator that is now the last.
    """
    follower = context.only_consumer(operator.outputs[0])
    if follower is None or follower[1].op_type != "BatchNormalization":
        return weights, bias, operator
    position, norm = follower
    context.done.add(position)
    factor, summand = affine(norm, context)
    if factor.shape != bias.shape:
        raise context.refusal(norm, f"it has {factor.size} channels, its input {bias.size}")
    shape = (-1,) + (1,) * (weights.ndim - 1)
    scaled = weights.astype(np.float64) * factor.reshape(shape)
    moved = bias.astype(np.float64) * factor + summand
    return scaled.astype(np.float32), moved.astype(np.float32), norm


def lower_batch_normalization(operator: Operator, context: OnnxContext) -> None:
    """On float32 data, channel by channel."""
    source = context.float_view(operator, 0)
    factor, summand = affine(operator, context)
    if source.shape[1:2] != factor.shape:
        raise context.refusal(operator, f"it has {factor.size} channels, its input {source.shape}")
    product = _by_channel(operator, context, source, MULTIPLY, factor)
    context.bind(operator, _by_channel(operator, context, product, ADD, summand))


def _by_channel(
    operator: Operator, context: OnnxContext, source: View, operation: int, values: Array
) -> View:
    shape = tuple(size if axis == 1 else 1 for axis, size in enumerate(source.shape))
    constant = values.astype(np.float32).reshape(shape).transpose(source.order)
    sizes = source.memory_shape
    fields: dict[str, Field] = {
        "loops": broadcast_loops(context.builder.label, sizes, constant.shape, sizes),
        "operation": operation,
        "low": -FLOAT32_MAX,
        "high": FLOAT32_MAX,
    }
    value = context.new_value(operator, sizes, DType.FLOAT32)
    operands = (source.operand, np.ascontiguousarray(constant))
    context.builder.step("binary_f32", fields, operands, value, clearance_bytes=0)
    return View(value, source.shape, source.order)


TABLE: LoweringTable = {
    "BatchNormalization": lowering(lower_batch_normalization, DType.FLOAT32, max_version=15),
}
