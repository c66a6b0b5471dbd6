"""Conv and QLinearConv, in one and two dimensions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_batch_norm import fold_into
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
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
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator


@dataclass(frozen=True, slots=True, eq=False)
class _Int8Layer:
    """Weights of an int8 layer: out_c x (in_c / groups) x spatial, without zero point."""

    weights: Array
    scales: Array
    bias: Array


def lower_conv(operator: Operator, context: OnnxContext) -> None:
    """int8 where data and weights are dequantized and the output is quantized, else float32."""
    source = context.quantized_view(operator, 0)
    filters = context.entry(operator, 1)
    if source is None or not isinstance(filters, QuantizedConstant):
        _lower_float(operator, context)
        return
    target = context.quantizer(operator)
    if target is None:
        raise context.refusal(operator, "its input is quantized but its output is not")
    layer = int8_layer(operator, context, filters, _bias_entry(operator, context, 2), source)
    view = _emit_int8(operator, context, source, layer, target.scale)
    context.bind_quantized(target, view)


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
    scale = context.checked_scale(operator, context.scalar(operator, position + 1, "scale"))
    zero = 0
    if context.has_input(operator, position + 2):
        zero = int(context.scalar(operator, position + 2, "zero point"))
    shift = 128 if entry.unsigned else 0
    view = entry.view
    return View(view.operand, view.shape, view.order, scale, zero - shift)


def qlinear_constant(
    operator: Operator, context: OnnxContext, position: int, axis: int
) -> QuantizedConstant:
    """A constant 8-bit input followed by its scales and zero points."""
    entry = context.entry(operator, position)
    if not isinstance(entry, Constant):
        raise context.refusal(operator, f"its input {position} is not a constant")
    scales = context.constant(operator, position + 1, "scale").reshape(-1)
    zeros = np.zeros(1, np.int64)
    if context.has_input(operator, position + 2):
        zeros = context.constant(operator, position + 2, "zero point").reshape(-1)
    return quantized_constant(entry.array, scales, zeros, axis)


def quantized_constant(
    integers: Array, scales: Array, zeros: Array, axis: int
) -> QuantizedConstant:
    """Integers with scales; uint8 is turned into int8."""
    shift = 128 if integers.dtype == np.uint8 else 0
    if shift:
        integers = (integers.astype(np.int16) - shift).astype(np.int8)
    wide = zeros.astype(np.int64) - shift
    return QuantizedConstant(integers, scales.astype(np.float32), wide, axis)


def _bias_entry(
    operator: Operator, context: OnnxContext, position: int
) -> Constant | QuantizedConstant | None:
    if not context.has_input(operator, position):
        return None
    entry = context.entry(operator, position)
    if not isinstance(entry, Constant | QuantizedConstant):
        raise context.refusal(operator, "its bias is not a constant")
    return entry


def int8_layer(
    operator: Operator,
    context: OnnxContext,
    filters: QuantizedConstant,
    bias: Constant | QuantizedConstant | None,
    source: View,
) -> _Int8Layer:
    """Weights centred on zero, output channels first, and the bias in accumulator units."""
    centred = filters.centred
    if centred.size and (centred.min() < -128 or centred.max() > 127):
        raise context.refusal(operator, "its weights less their zero point exceed int8")
    n = centred.shape[0]
    if filters.scales.size not in (1, n):
        raise context.refusal(operator, f"it has {filters.scales.size} weight scales for {n} rows")
    scales = filters.scales
    integers = _bias_integers(operator, context, bias, source, scales, n)
    return _Int8Layer(centred.astype(np.int8), scales, integers)


# An int32 bias whose scale is this close (relative) to that of the accumulators is theirs.
BIAS_SCALE_TOLERANCE = 2.0**-20


def _bias_integers(
    operator: Operator,
    context: OnnxContext,
    bias: Constant | QuantizedConstant | None,
    source: View,
    scales: Array,
    n: int,
) -> Array:
    """Integers at the accumulator's scale: as stored where they have it, else rounded to it."""
    if bias is None:
        return np.zeros(n, np.int64)
    accumulator_scales = np.float32(source.scale or 0.0) * scales
    if isinstance(bias, Constant) and bias.array.dtype == np.int32:
        return np.broadcast_to(bias.array.reshape(-1), n).astype(np.int64)
    if isinstance(bias, QuantizedConstant) and _has_scale(bias, accumulator_scales):
        return np.broadcast_to(bias.integers.reshape(-1), n).astype(np.int64)
    real = bias.array if isinstance(bias, Constant) else bias.dequantized
    rounded = np.rint(real.reshape(-1).astype(np.float32) / accumulator_scales)
    if not np.abs(rounded).max(initial=0) <= np.iinfo(np.int32).max:
        raise context.refusal(operator, "its bias does not fit 32 bits at the accumulator's scale")
    return np.broadcast_to(rounded, n).astype(np.int64)


def _has_scale(bias: QuantizedConstant, scales: Array) -> bool:
    """Whether the bias is int32, without zero point, at the accumulators' scales."""
    if bias.integers.dtype != np.int32 or bias.zero_points.any():
        return False
    ratio = bias.scales.astype(np.float64) / scales.astype(np.float64)
    return bool((np.abs(ratio - 1.0) <= BIAS_SCALE_TOLERANCE).all())


def _emit_int8(
    operator: Operator, context: OnnxContext, source: View, layer: _Int8Layer, out: OutputScale
) -> View:
    """Adds the kernel call and returns the integers, channels last."""
    rows, columns = window_axes(operator, context, layer.weights.shape[2:], source.shape)
    source = context.in_order(source, channels_last(len(source.shape)))
    fields = _common_fields(operator, context, source, layer.weights.shape, rows, columns)
    try:
        folded = fold_zero_point(
            layer.weights,
            layer.bias,
            source.zero_point,
            padded=rows.is_padded or columns.is_padded,
        )
    except OverflowError as error:
        raise context.refusal(operator, "its accumulators could overflow 32 bits") from error
    multipliers = layer_multipliers(source.scale or 0.0, layer.scales, out.scale)
    fields |= {
        "bias": folded.bias,
        "offset": folded.offset,
        "requant": requantization(multipliers, out),
    }
    kernel, weights = "conv2d_s8", spatial_last(layer.weights)
    if layer.weights.shape[1] == 1 and fields["groups"] == fields["in_c"] != 1:
        kernel = "depthwise_s8"
        weights = weights[..., 0].transpose(1, 2, 0)
        fields["multiplier"] = fields["out_c"] // fields.pop("groups")  # type: ignore[operator]
    fields["weights"] = np.ascontiguousarray(weights)
    return _step(operator, context, kernel, fields, source, DType.INT8)


def _lower_float(operator: Operator, context: OnnxContext) -> None:
    source = context.float_view(operator, 0)
    weights = context.constant(operator, 1, "weights")
    if weights.dtype != np.float32:
        raise context.refusal(operator, f"its weights are {weights.dtype}")
    rows, columns = window_axes(operator, context, weights.shape[2:], source.shape)
    source = context.in_order(source, channels_last(len(source.shape)))
    bias = np.zeros(weights.shape[0], np.float32)
    if context.has_input(operator, 2):
        bias = context.constant(operator, 2, "bias").astype(np.float32)
    fields = _common_fields(operator, context, source, weights.shape, rows, columns)
    weights, bias, last = fold_into(operator, context, weights, bias)
    low, high, last = context.fuse_clip(last)
    fields |= {
        "weights": np.ascontiguousarray(spatial_last(weights)),
        "bias": np.ascontiguousarray(bias),
        "low": low,
        "high": high,
    }
    context.bind(last, _step(operator, context, "conv2d_f32", fields, source, DType.FLOAT32))


def spatial_last(weights: Array) -> Array:
    """out_c x in_c x spatial to out_c x height x width x in_c."""
    if weights.ndim == 3:
        weights = weights[:, :, np.newaxis, :]
    return weights.transpose(0, 2, 3, 1)


def _common_fields(
    operator: Operator,
    context: OnnxContext,
    source: View,
    weights_shape: tuple[int, ...],
    rows: Axis,
    columns: Axis,
) -> dict[str, Field]:
    groups = int(operator.attributes.get("group", 1))
    batch, in_c = source.shape[:2]
    out_c = weights_shape[0]
    if groups < 1 or weights_shape[1] * groups != in_c or out_c % groups:
        raise context.refusal(
            operator, f"{in_c} channels in {groups} groups do not fit weights {weights_shape}"
        )
    return {
        "batch": batch,
        "in_c": in_c,
        "out_c": out_c,
        "groups": groups,
        **geometry(rows, columns),
        **dilations(rows, columns),
    }


def _step(
    operator: Operator,
    context: OnnxContext,
    kernel: str,
    fields: dict[str, Field],
    source: View,
    dtype: DType,
) -> View:
    shape = context.output_shape(operator)
    order = channels_last(len(shape))
    value = context.new_value(operator, tuple(shape[axis] for axis in order), dtype)
    context.builder.step(kernel, fields, (source.operand,), value)
    return View(value, shape, order)


TABLE: LoweringTable = {
    "Conv": lowering(lower_conv, DType.FLOAT32, max_version=22),
    "QLinearConv": lowering(lower_qlinear_conv, DType.INT8, DType.UINT8, max_version=10),
}
