"""Data of 16 bits between DequantizeLinear and QuantizeLinear: layers with 8-bit weights.

Everything else is computed on reals.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_int8_layer import Int8Layer, int8_layer
from fitgraph.compiler_bridge.lower.onnx_requantize import layer_multipliers
from fitgraph.compiler_bridge.lower.onnx_views import (
    Constant,
    Integers,
    Order,
    QuantizedConstant,
    View,
    Wide,
    identity,
)
from fitgraph.compiler_bridge.lower.onnx_windows import ONE_PIXEL
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator

BITS = 16
DTYPES = (DType.INT16, DType.UINT16)
#: Of ai.onnx, whose QuantizeLinear gives 8 bits before.
_SINCE = 21
_HALF = 1 << (BITS - 1)
_INT32 = np.iinfo(np.int32)


def wide_source(operator: Operator, context: OnnxContext) -> View | None:
    """The first input as 16-bit integers with their scale, if that is how it is held."""
    entry = context.entry(operator, 0)
    if not isinstance(entry, Wide) or entry.scale is None:
        return None
    return replace(entry.view, scale=entry.scale, zero_point=entry.zero_point)


def quantize_wide(operator: Operator, context: OnnxContext) -> None:
    """QuantizeLinear to 16 bits; nothing where the integers have that scale already."""
    if operator.domain == "ai.onnx" and operator.version < _SINCE:
        why = f"version {operator.version} gives 8 bits, and 16 only since version {_SINCE}"
        raise context.refusal(operator, why)
    out = context.output_scale(operator, 1, 2, BITS)
    if out is None:
        raise context.refusal(operator, "it is not per tensor")
    unsigned, entry = context.is_unsigned(operator), context.entry(operator, 0)
    if isinstance(entry, Wide) and (entry.scale, entry.zero_point) == (out.scale, out.zero_point):
        context.bind(operator, Wide(entry.view, unsigned))
        return
    source = context.float_view(operator, 0)
    fields: dict[str, Field] = {
        "scale": out.scale,
        "zero_point": out.zero_point,
        "n": math.prod(source.shape),
        "low": out.low,
        "high": out.high,
    }
    value = context.new_value(operator, source.memory_shape, DType.INT16)
    operands = (source.operand,)
    builder = context.builder
    builder.step("quantize_half_even_s16", fields, operands, value, clearance_bytes=0)
    context.bind(operator, Wide(replace(source, operand=value), unsigned))


def dequantize_wide(operator: Operator, context: OnnxContext, entry: Wide) -> None:
    """DequantizeLinear: the integers go on with their scale."""
    if entry.scale is not None:
        raise context.refusal(operator, "its input is real")
    scales = context.checked_scales(operator, context.constant(operator, 1, "scale"))
    if scales.size != 1:
        raise context.refusal(operator, f"its input has {scales.size} scales")
    dtype = np.dtype("uint16" if entry.unsigned else "int16")
    zero = int(context.zero_points(operator, 2, dtype, 1)[0]) - (_HALF if entry.unsigned else 0)
    context.bind(operator, replace(entry, scale=float(scales[0]), zero_point=zero))


def lower_wide_dense(
    operator: Operator,
    context: OnnxContext,
    source: View,
    weights: QuantizedConstant,
    bias: Constant | QuantizedConstant | None,
) -> None:
    """A layer with weights out x in, as a convolution of one pixel."""
    layer = int8_layer(operator, context, weights, bias, source)
    out_n, in_n = layer.weights.shape
    if source.shape[-1:] != (in_n,):
        raise context.refusal(
            operator, f"data {list(source.shape)} meets {in_n} weights in each row"
        )
    fields: dict[str, Field] = dict.fromkeys(ONE_PIXEL, 1)
    fields |= {"batch": math.prod(source.shape[:-1]), "in_c": in_n, "out_c": out_n}
    fields |= {"pad_h": 0, "pad_w": 0, "weights": np.ascontiguousarray(layer.weights)}
    shape = (*source.shape[:-1], out_n)
    order = identity(len(shape))
    emit_wide(operator, context, fields, layer, context.logical(source), shape, order)


def emit_wide(
    operator: Operator,
    context: OnnxContext,
    fields: dict[str, Field],
    layer: Int8Layer,
    source: View,
    shape: tuple[int, ...],
    order: Order,
    *,
    padded: bool = False,
) -> None:
    """The kernel call; integers come out where a QuantizeLinear to 16 bits alone reads it.

    Args:
        fields: of the window, and the weights.
        source: as the kernel reads it.
        shape: of the output, whose axes lie in memory in that ``order``.
        padded: whether a window reaches beyond the data; else the zero point goes into the bias.
    """
    fields |= _offset(layer, source.zero_point, padded=padded)
    target = context.quantizer(operator, BITS)
    sizes = tuple(shape[axis] for axis in order)
    if target is None:
        fields |= _scale(np.float32(source.scale or 0.0) * layer.scales)
        value = context.new_value(operator, sizes, DType.FLOAT32)
        context.builder.step("conv2d_s16_f32", {"layer": fields}, (source.operand,), value)
        context.bind(operator, View(value, shape, order))
        return
    out = target.scale
    fields |= _scale(layer_multipliers(source.scale or 0.0, layer.scales, out.scale))
    ends = {"zero_point": out.zero_point, "low": out.low, "high": out.high}
    value = context.new_value(operator, sizes, DType.INT16)
    whole: dict[str, Field] = {"layer": fields, **ends}
    context.builder.step("conv2d_half_even_s16", whole, (source.operand,), value)
    context.done |= set(target.fused)
    context.bind(target.quantizer, Wide(View(value, shape, order), target.unsigned))


def _scale(scales: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> dict[str, Field]:
    row = np.atleast_1d(scales).astype(np.float32)
    return {"scale": row, "step": int(row.size > 1)}


def _offset(layer: Int8Layer, zero_point: int, *, padded: bool) -> dict[str, Field]:
    totals = layer.weights.reshape(layer.weights.shape[0], -1).sum(axis=1, dtype=np.int64)
    zero: dict[str, Field] = {"weight_offset": -layer.zero_point}
    folded = layer.bias - zero_point * (totals - layer.zero_point * layer.weights[0].size)
    if padded or folded.min() < _INT32.min or folded.max() > _INT32.max:
        return {"bias": layer.bias.astype(np.int32), "offset": -zero_point, **zero}
    return {"bias": folded.astype(np.int32), "offset": 0, **zero}


def held(operator: Operator, context: OnnxContext) -> View:
    """The first input as it lies in memory, for operators that move values unchanged."""
    entry = context.entry(operator, 0)
    return entry.view if isinstance(entry, Wide | Integers) else context.view(operator, 0)
