"""LayerNormalization, InstanceNormalization and GroupNormalization on float32."""

from __future__ import annotations

import math

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_views import View, identity
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field, Operand
from fitgraph.registry.model_graph import DType, Operator

SCALES_BY_CHANNEL_SINCE = 21  # of GroupNormalization; before, there was one scale a group


def lower_layer_normalization(operator: Operator, context: OnnxContext) -> None:
    """Over the axes from ``axis`` on; each value has a scale of its own."""
    view = context.logical(context.float_view(operator, 0))
    axis = context.axis(operator, int(operator.attributes.get("axis", -1)), len(view.shape))
    _refuse_statistics(operator, context)
    n = math.prod(view.shape[axis:])
    scale = _parameter(operator, context, 1, n, view.shape[axis:])
    shift: Operand = np.zeros(n, np.float32)
    if context.has_input(operator, 2):
        shift = _parameter(operator, context, 2, n, view.shape[axis:])
    fields: dict[str, Field] = {
        "groups": math.prod(view.shape[:axis]),
        "n": n,
        "run": 1,
        "group_step": 0,
        "period": n,
    }
    _step(operator, context, view, fields, scale, shift)


def _refuse_statistics(operator: Operator, context: OnnxContext) -> None:
    """Mean and deviation are outputs for training only."""
    for index in operator.outputs[1:]:
        if context.consumers[index] or index in context.outputs:
            raise context.refusal(operator, "its mean or deviation is used")


def lower_instance_normalization(operator: Operator, context: OnnxContext) -> None:
    """Over the pixels of each channel."""
    view = _channels(operator, context)
    channels = view.shape[1]
    n = math.prod(view.shape[2:])
    scale, shift = (_parameter(operator, context, i, channels, (channels,)) for i in (1, 2))
    fields: dict[str, Field] = {
        "groups": view.shape[0] * channels,
        "n": n,
        "run": n,
        "group_step": 1,
        "period": channels,
    }
    _step(operator, context, view, fields, scale, shift)


def lower_group_normalization(operator: Operator, context: OnnxContext) -> None:
    """Over the pixels of several channels."""
    view = _channels(operator, context)
    channels, groups = view.shape[1], int(operator.attributes.get("num_groups", 0))
    if operator.version < SCALES_BY_CHANNEL_SINCE:
        raise context.refusal(operator, f"it is of opset {operator.version}")
    if groups < 1 or channels % groups:
        raise context.refusal(operator, f"{channels} channels in {groups} groups")
    pixels = math.prod(view.shape[2:])
    scale, shift = (_parameter(operator, context, i, channels, (channels,)) for i in (1, 2))
    fields: dict[str, Field] = {
        "groups": view.shape[0] * groups,
        "n": pixels * channels // groups,
        "run": pixels,
        "group_step": channels // groups,
        "period": channels,
    }
    _step(operator, context, view, fields, scale, shift)


def _channels(operator: Operator, context: OnnxContext) -> View:
    view = context.logical(context.float_view(operator, 0))
    if len(view.shape) < 2:
        raise context.refusal(operator, f"its input has {len(view.shape)} axes")
    return view


def _parameter(
    operator: Operator, context: OnnxContext, position: int, n: int, shape: tuple[int, ...]
) -> Operand:
    """Scale or shift, constant or computed, as many as it must be."""
    view = context.logical(context.float_view(operator, position))
    if math.prod(view.shape) != n or np.broadcast_shapes(view.shape, shape) != shape:
        raise context.refusal(
            operator, f"its input {position} has shape {list(view.shape)}, not {list(shape)}"
        )
    operand = view.operand
    return operand if isinstance(operand, int) else _row(operand)


def _row(array: Array) -> Array:
    return np.ascontiguousarray(array.reshape(-1))


def _step(
    operator: Operator,
    context: OnnxContext,
    view: View,
    fields: dict[str, Field],
    scale: Operand,
    shift: Operand,
) -> None:
    fields["epsilon"] = float(operator.attributes.get("epsilon", 1e-5))
    value = context.new_value(operator, view.shape, DType.FLOAT32)
    operands = (view.operand, scale, shift)
    context.builder.step("normalize_f32", fields, operands, value, clearance_bytes=0)
    context.bind(operator, View(value, view.shape, identity(len(view.shape))))


TABLE: LoweringTable = {
    "LayerNormalization": lowering(lower_layer_normalization, DType.FLOAT32, max_version=17),
    "InstanceNormalization": lowering(lower_instance_normalization, DType.FLOAT32, max_version=22),
    "GroupNormalization": lowering(lower_group_normalization, DType.FLOAT32, max_version=21),
}
