"""Conv and QLinearConv, in one and two dimensions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_batch_norm import fold_into
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_int8_layer import (
    Int8Layer,
    int8_layer,
    is_by_row,
    offset_fields,
)
from fitgraph.compiler_bridge.lower.onnx_int16 import emit_wide, wide_source
from fitgraph.compiler_bridge.lower.onnx_requantize import layer_multipliers, requantization
from fitgraph.compiler_bridge.lower.onnx_views import (
    Constant,
    Integers,
    OutputScale,
    QuantizedConstant,
    View,
    channels_last,
)
from fitgraph.compiler_bridge.lower.onnx_windows import window_axes
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.weights import fold_zero_point
from fitgraph.compiler_bridge.lower.windows import Axis, dilations, geometry
from fitgraph.compiler_bridge.program import Array, Field, Operand
from fitgraph.registry.model_graph import DType, Operator


def lower_conv(operator: Operator, context: OnnxContext) -> None:
    """Integers where data and weights are dequantized, else float32."""
    source = context.quantized_view(operator, 0)
    filters = context.entry(operator, 1)
    wide = wide_source(operator, context)
    if wide is not None and is_by_row(filters) and _has_known_bias(operator, context):
        _lower_wide(operator, context, wide, filters)
        return
    if source is None or not is_by_row(filters):
        _lower_float(operator, context)
        return
    layer = int8_layer(operator, context, filters, _bias_entry(operator, context, 2), source)
    target = context.quantizer(operator)
    if target is not None:
        view = _emit_int8(operator, context, source, layer, target.scale)
        context.bind_quantized(target, view)
        return
    if layer.zero_point:
        _lower_float(operator, context)
        return
    fields, source, shape = _int8_fields(operator, context, source, layer)
    fields |= {
        "scale": np.float32(source.scale or 0.0) * layer.scales,
        "step": 0 if layer.scales.size == 1 else 1,
        "weights": np.ascontiguousarray(spatial_last(layer.weights)),
    }
    view = _step(operator, context, "conv2d_s8_f32", fields, source, shape, DType.FLOAT32)
    context.bind(operator, view)


def _has_known_bias(operator: Operator, context: OnnxContext) -> bool:
    return not context.has_input(operator, 2) or context.is_constant(operator, 2)


def _lower_wide(
    operator: Operator, context: OnnxContext, source: View, filters: QuantizedConstant
) -> None:
    """Data of 16 bits."""
    bias = _bias_entry(operator, context, 2)
    layer = int8_layer(operator, context, filters, bias, source)
    fields, rows, columns, shape = layer_geometry(operator, context, source, layer.weights.shape)
    fields["weights"] = np.ascontiguousarray(spatial_last(layer.weights))
    order, padded = channels_last(len(shape)), rows.is_padded or columns.is_padded
    read = context.in_order(source, order)
    emit_wide(operator, context, fields, layer, read, shape, order, padded=padded)


def lower_qlinear_conv(operator: Operator, context: OnnxContext) -> None:
    """All scales are inputs."""
    source = qlinear_view(operator, context, 0)
    filters = qlinear_constant(operator, context, 3, axis=0)
    bias = _bias_entry(operator, context, 8)
    out = context.output_scale(operator, 6, 7)
    if out is None:
        raise context.refusal(operator, "its output scale is not one number")
    layer = int8_layer(operator, context, filters, bias, source)
    view = _emit_int8(operator, context, source, layer, out)
    context.bind(operator, Integers(view, context.is_unsigned(operator)))


def qlinear_view(operator: Operator, context: OnnxContext, position: int) -> View:
    """An integer input followed by its scale and zero point, as a view."""
    entry = context.entry(operator, position)
    if not isinstance(entry, Integers):
        raise context.refusal(operator, f"its input {position} is not an 8-bit tensor")
    scales = context.constant(operator, position + 1, "scale")
    scale = float(context.checked_scales(operator, scales)[0])
    if scales.size != 1:
        raise context.refusal(operator, f"its input {position} has {scales.size} scales")
    dtype = np.dtype("uint8" if entry.unsigned else "int8")
    zero = int(context.zero_points(operator, position + 2, dtype, 1)[0])
    shift = 128 if entry.unsigned else 0
    return replace(entry.view, scale=scale, zero_point=zero - shift, unsigned=entry.unsigned)


def qlinear_constant(
    operator: Operator, context: OnnxContext, position: int, axis: int
) -> QuantizedConstant:
    """A constant 8-bit input followed by its scales and zero points."""
    entry = context.entry(operator, position)
    if not isinstance(entry, Constant):
        raise context.refusal(operator, f"its input {position} is not a constant")
    if entry.array.dtype not in (np.int8, np.uint8):
        raise context.refusal(operator, f"its input {position} is {entry.array.dtype}")
    return quantized_constant(operator, context, entry.array, position + 1, axis)


def quantized_constant(
    operator: Operator, context: OnnxContext, integers: Array, position: int, axis: int
) -> QuantizedConstant:
    """Integers with the scales and zero points at two inputs; uint8 is turned into int8."""
    scales = context.checked_scales(operator, context.constant(operator, position, "scale"))
    zeros = context.zero_points(operator, position + 1, integers.dtype, scales.size)
    if scales.size > 1 and (not integers.ndim or integers.shape[axis] != scales.size):
        raise context.refusal(
            operator, f"it has {scales.size} scales for shape {list(integers.shape)}, axis {axis}"
        )
    shift = 128 if integers.dtype == np.uint8 else 0
    if shift:
        integers = (integers.astype(np.int16) - shift).astype(np.int8)
    return QuantizedConstant(integers, scales, zeros - shift, axis, unsigned=shift > 0)


def _bias_entry(
    operator: Operator, context: OnnxContext, position: int
) -> Constant | QuantizedConstant | None:
    if not context.has_input(operator, position):
        return None
    entry = context.entry(operator, position)
    if not isinstance(entry, Constant | QuantizedConstant):
        raise context.refusal(operator, "its bias is not a constant")
    return entry


def _emit_int8(
    operator: Operator, context: OnnxContext, source: View, layer: Int8Layer, out: OutputScale
) -> View:
    """Adds the kernel call and returns the integers, channels last."""
    multipliers = layer_multipliers(source.scale or 0.0, layer.scales, out.scale)
    requant = requantization(multipliers, out)
    if layer.zero_point:
        fields, _, _, shape = layer_geometry(operator, context, source, layer.weights.shape)
        source = context.in_order(source, channels_last(len(source.shape)))
        fields |= offset_fields(operator, context, source, layer)
        fields |= {"requant": requant, "weights": spatial_last(layer.weights)}
        return _step(operator, context, "conv2d_u8", fields, source, shape, DType.INT8)
    fields, source, shape = _int8_fields(operator, context, source, layer)
    fields["requant"] = requant
    kernel, weights = "conv2d_s8", spatial_last(layer.weights)
    if layer.weights.shape[1] == 1 and fields["groups"] == fields["in_c"] != 1:
        kernel = "depthwise_s8"
        weights = weights[..., 0].transpose(1, 2, 0)
        fields["multiplier"] = layer.weights.shape[0] // source.shape[1]
        del fields["groups"]
    fields["weights"] = np.ascontiguousarray(weights)
    return _step(operator, context, kernel, fields, source, shape, DType.INT8)


def _int8_fields(
    operator: Operator, context: OnnxContext, source: View, layer: Int8Layer
) -> tuple[dict[str, Field], View, tuple[int, ...]]:
    """Fields without weights and output scale, the source as it is read, the output's shape."""
    fields, rows, columns, shape = layer_geometry(operator, context, source, layer.weights.shape)
    try:
        folded = fold_zero_point(
            layer.weights,
            layer.bias,
            source.zero_point,
            padded=rows.is_padded or columns.is_padded,
        )
    except OverflowError as error:
        raise context.refusal(operator, "its accumulators could overflow 32 bits") from error
    fields |= {"bias": folded.bias, "offset": folded.offset}
    return fields, context.in_order(source, channels_last(len(source.shape))), shape


def _lower_float(operator: Operator, context: OnnxContext) -> None:
    source = context.float_view(operator, 0)
    if not all(context.is_constant(operator, i) for i in range(1, len(operator.inputs))):
        _lower_computed(operator, context, source)
        return
    weights = context.constant(operator, 1, "weights")
    if weights.dtype != np.float32:
        raise context.refusal(operator, f"its weights are {weights.dtype}")
    fields, _, _, shape = layer_geometry(operator, context, source, weights.shape)
    source = context.in_order(source, channels_last(len(source.shape)))
    bias = np.zeros(weights.shape[0], np.float32)
    if context.has_input(operator, 2):
        bias = context.constant(operator, 2, "bias").astype(np.float32)
        if bias.shape != weights.shape[:1]:
            raise context.refusal(operator, f"its bias has shape {list(bias.shape)}")
    weights, bias, last = fold_into(operator, context, weights, bias)
    low, high, last = context.fuse_clip(last)
    fields |= {
        "weights": np.ascontiguousarray(spatial_last(weights)),
        "bias": np.ascontiguousarray(bias),
        "by_tap": 1,
        "low": low,
        "high": high,
    }
    view = _step(operator, context, "conv2d_f32", fields, source, shape, DType.FLOAT32)
    context.bind(last, view)


def _lower_computed(operator: Operator, context: OnnxContext, source: View) -> None:
    """Weights, or the bias, are computed or are inputs of the model."""
    weights = context.float_view(operator, 1)
    fields, _, _, shape = layer_geometry(operator, context, source, weights.shape)
    order = channels_last(len(source.shape))
    operands = [context.in_order(view, order).operand for view in (source, weights)]
    bias: Operand = np.zeros(weights.shape[0], np.float32)
    if context.has_input(operator, 2):
        given = context.logical(context.float_view(operator, 2))
        if given.shape != weights.shape[:1]:
            raise context.refusal(operator, f"its bias has shape {list(given.shape)}")
        bias = given.operand
    low, high, last = context.fuse_clip(operator)
    ends = {"by_tap": 1, "low": low, "high": high}
    layer = fields | {"weights": "NULL", "bias": "NULL", **ends}
    value = context.new_value(operator, tuple(shape[axis] for axis in order), DType.FLOAT32)
    inputs = (operands[0], operands[1], bias)
    context.builder.step("conv2d_computed_f32", {"layer": layer}, inputs, value)
    context.bind(last, View(value, shape, order))


def spatial_last(weights: Array) -> Array:
    """out_c x in_c x spatial to out_c x height x width x in_c."""
    if weights.ndim == 3:
        weights = weights[:, :, np.newaxis, :]
    return weights.transpose(0, 2, 3, 1)


def layer_geometry(
    operator: Operator, context: OnnxContext, source: View, weights_shape: tuple[int, ...]
) -> tuple[dict[str, Field], Axis, Axis, tuple[int, ...]]:
    """Fields that all convolutions share, the window's axes and the output's shape."""
    rows, columns, spatial = window_axes(operator, context, weights_shape[2:], source.shape)
    groups = int(operator.attributes.get("group", 1))
    batch, in_c = source.shape[:2]
    out_c = weights_shape[0]
    if groups < 1 or weights_shape[1] * groups != in_c or out_c % groups:
        raise context.refusal(
            operator, f"{in_c} channels in {groups} groups do not fit weights {weights_shape}"
        )
    fields: dict[str, Field] = {
        "batch": batch,
        "in_c": in_c,
        "out_c": out_c,
        "groups": groups,
        **geometry(rows, columns),
        **dilations(rows, columns),
    }
    return fields, rows, columns, (batch, out_c, *spatial)


def _step(
    operator: Operator,
    context: OnnxContext,
    kernel: str,
    fields: dict[str, Field],
    source: View,
    shape: tuple[int, ...],
    dtype: DType,
) -> View:
    order = channels_last(len(shape))
    value = context.new_value(operator, tuple(shape[axis] for axis in order), dtype)
    context.builder.step(kernel, fields, (source.operand,), value)
    return View(value, shape, order)


TABLE: LoweringTable = {
    "Conv": lowering(lower_conv, DType.FLOAT32, max_version=22),
    "QLinearConv": lowering(lower_qlinear_conv, DType.INT8, DType.UINT8, max_version=10),
}
