"""TRANSPOSE_CONV, and MediaPipe's Convolution2DTransposeBias, which is the same."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import (
    INT8_AND_FLOAT,
    TfliteContext,
    float_bounds,
)
from fitgraph.compiler_bridge.lower.tflite_conv import constant_bias, refuse_odd_scales
from fitgraph.compiler_bridge.lower.tflite_int16 import layer_quantization, wide_fields
from fitgraph.compiler_bridge.lower.tflite_requantize import channel_scales, requantization
from fitgraph.compiler_bridge.lower.weights import fold_zero_point
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

DATA, WEIGHTS, BIAS = 2, 1, 3  # inputs; the first is the output's shape, which the file tells too

MEDIAPIPE = "CUSTOM:Convolution2DTransposeBias"
_OPTIONS = struct.Struct("<3i")  # of MediaPipe's: padding, stride along the width, the height
_PADDINGS = {1: "SAME", 2: "VALID"}


def lower_mediapipe(operator: Operator, context: TfliteContext) -> None:
    """Data stand first, and nobody tells the output's shape beforehand.

    Source: google-ai-edge/mediapipe, mediapipe/util/tflite/operations/transpose_conv_bias.cc.
    """
    options = operator.attributes.get("custom_options", b"")
    if len(options) < _OPTIONS.size or len(operator.inputs) != 3:
        raise context.refusal(operator, "its options are cut off, or its bias is")
    padding, stride_w, stride_h = _OPTIONS.unpack_from(options)
    data, weights, bias = operator.inputs
    attributes = {"stride_w": stride_w, "stride_h": stride_h, "padding": _PADDINGS.get(padding)}
    plain = replace(operator, inputs=(None, weights, data, bias), attributes=attributes)
    _expect_size(plain, context)
    lower_transpose_conv(plain, context)


def _expect_size(operator: Operator, context: TfliteContext) -> None:
    """The output ends with the last filter, or, padded the same, where its padding begins."""
    shapes = [context.tensor(operator, position).static_shape for position in (DATA, WEIGHTS)]
    if any(len(shape) != 4 for shape in shapes):
        raise context.refusal(operator, "its input and filter must have four dimensions")
    (batch, *sizes, _), (out_c, *kernels, _) = shapes
    strides = [context.positive(operator, name) for name in ("stride_h", "stride_w")]
    out = []
    for size, kernel, stride in zip(sizes, kernels, strides, strict=True):
        is_same = operator.attributes["padding"] == "SAME"
        cut = max(0, kernel - (size - 1) % stride - 1) if is_same else 0
        out.append(stride * (size - 1) + kernel - cut)
    context.expect_shape(operator, (batch, *out, out_c))


def lower_transpose_conv(operator: Operator, context: TfliteContext) -> None:
    """Filters are out_c x height x width x in_c."""
    weights = context.constant(operator, WEIGHTS, "filter")
    source, out = context.tensor(operator, DATA), context.output(operator)
    if weights.ndim != 4 or len(source.shape) != 4 or len(out.shape) != 4:
        raise context.refusal(operator, "its input, filter and output must have four dimensions")
    context.expect_one_dtype(operator, DATA)
    fields = _geometry(operator, context, weights)
    if source.dtype is DType.FLOAT32:
        kernel = "transpose_conv_f32"
        fields |= _float_fields(operator, context, weights)
    elif source.dtype is DType.INT16:
        kernel = "transpose_conv_s16"
        data, filters, output = layer_quantization(operator, context, DATA, WEIGHTS)
        refuse_odd_scales(operator, context, filters, weights.shape[0], WEIGHTS)
        scales = channel_scales(data, filters, output)
        fields |= wide_fields(operator, context, weights, scales, output, BIAS)
    else:
        kernel = "transpose_conv_s8"
        fields |= _int8_fields(operator, context, weights)
    inputs = (context.operand(operator, DATA),)
    context.builder.step(kernel, fields, inputs, context.new_output(operator))


def _geometry(operator: Operator, context: TfliteContext, weights: Array) -> dict[str, Field]:
    batch, in_h, in_w, in_c = context.tensor(operator, DATA).static_shape
    out_c, kernel_h, kernel_w, depth = weights.shape
    _, out_h, out_w, _ = context.output(operator).static_shape
    context.expect_shape(operator, (batch, out_h, out_w, out_c))
    if weights.size == 0 or depth != in_c:
        raise context.refusal(operator, f"its filter reads {depth} channels of {in_c}")
    stride_h = context.positive(operator, "stride_h")
    stride_w = context.positive(operator, "stride_w")
    return {
        "batch": batch,
        "in_h": in_h,
        "in_w": in_w,
        "in_c": in_c,
        "out_h": out_h,
        "out_w": out_w,
        "out_c": out_c,
        "kernel_h": kernel_h,
        "kernel_w": kernel_w,
        "stride_h": stride_h,
        "stride_w": stride_w,
        "pad_h": _pad(operator, context, out_h, kernel_h, stride_h),
        "pad_w": _pad(operator, context, out_w, kernel_w, stride_w),
    }


def _pad(operator: Operator, context: TfliteContext, size: int, kernel: int, stride: int) -> int:
    """Padding in front, that of the convolution from the output back to the input."""
    padding = operator.attributes.get("padding")
    if padding == "VALID":
        return 0
    if padding != "SAME":
        raise context.refusal(operator, f"its padding is {padding}")
    return max((-(-size // stride) - 1) * stride + kernel - size, 0) // 2


def _float_fields(operator: Operator, context: TfliteContext, weights: Array) -> dict[str, Field]:
    if weights.dtype != np.float32:
        raise context.refusal(operator, f"its filter is {weights.dtype}, its input float32")
    low, high = float_bounds(context, operator)
    bias = constant_bias(operator, context, weights.shape[0], np.float32, BIAS)
    return {"weights": np.ascontiguousarray(weights), "bias": bias, "low": low, "high": high}


def _int8_fields(operator: Operator, context: TfliteContext, weights: Array) -> dict[str, Field]:
    source = context.quantization(operator, context.tensor(operator, DATA))
    output = context.quantization(operator, context.output(operator))
    filters = context.tensor(operator, WEIGHTS).quantization
    if weights.dtype != np.int8 or filters is None or any(filters.zero_points):
        raise context.refusal(operator, "its filter is not symmetric int8")
    refuse_odd_scales(operator, context, filters, weights.shape[0], WEIGHTS)
    bias = constant_bias(operator, context, weights.shape[0], np.int32, BIAS)
    try:
        # Every output sees some of the taps only, so the zero point cannot go into the bias.
        folded = fold_zero_point(weights, bias, source.zero_point, padded=True)
    except OverflowError as error:
        raise context.refusal(operator, "its accumulators could overflow 32 bits") from error
    scales = channel_scales(source, filters, output)
    return {
        "weights": np.ascontiguousarray(weights),
        "bias": folded.bias,
        "requant": requantization(context, operator, scales, output),
        "offset": folded.offset,
    }


TABLE: LoweringTable = {
    "TRANSPOSE_CONV": lowering(lower_transpose_conv, *INT8_AND_FLOAT, DType.INT16, max_version=4),
    MEDIAPIPE: lowering(lower_mediapipe, DType.FLOAT32, max_version=1),
}
