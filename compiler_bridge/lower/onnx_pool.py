"""MaxPool, AveragePool, the global pools, ReduceMean and their QLinear forms."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import FLOAT32_MAX, OnnxContext
from fitgraph.compiler_bridge.lower.onnx_conv import qlinear_view
from fitgraph.compiler_bridge.lower.onnx_requantize import requantization
from fitgraph.compiler_bridge.lower.onnx_views import (
    Integers,
    OutputScale,
    View,
    channels_last,
    identity,
)
from fitgraph.compiler_bridge.lower.onnx_windows import window_axes
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.windows import Axis, dilations, geometry
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator

Window = tuple[Axis, Axis]
MAXIMUM, AVERAGE_INSIDE, AVERAGE_ALL = range(3)  # values of fg_pool_f32_t.average


def lower_max_pool(operator: Operator, context: OnnxContext) -> None:
    """Integers pass through: the largest integer is the largest real."""
    entry = context.entry(operator, 0)
    source = context.view(operator, 0)
    kernel = operator.attributes["kernel_shape"]
    window = window_axes(operator, context, kernel, source.shape)
    if context.builder.dtype_of(source.operand) is DType.FLOAT32:
        _float_pool(operator, context, source, window, MAXIMUM)
        return
    source = context.in_order(source, channels_last(len(source.shape)))
    fields = {**_pool_fields(source, window), **dilations(*window), "low": -128, "high": 127}
    view = _step(operator, context, "max_pool_s8", fields, source, DType.INT8)
    view = replace(view, scale=source.scale, zero_point=source.zero_point)
    result = Integers(view, entry.unsigned) if isinstance(entry, Integers) else view
    context.bind(operator, result)


def lower_average_pool(operator: Operator, context: OnnxContext) -> None:
    """int8 in and out with one rescaling, else float32."""
    kernel = operator.attributes["kernel_shape"]
    window = window_axes(operator, context, kernel, context.view(operator, 0).shape)
    _average(operator, context, window, _counts_padding(operator, context, window))


def lower_global_average_pool(operator: Operator, context: OnnxContext) -> None:
    """A window over everything."""
    window = _whole(context.view(operator, 0).shape)
    _average(operator, context, window, counts_padding=False)


def lower_reduce_mean(operator: Operator, context: OnnxContext) -> None:
    """A window over the reduced axes, which must be all the spatial ones or the last ones."""
    source = context.view(operator, 0)
    axes = _reduced_axes(operator, context, len(source.shape))
    kept = [axis for axis in range(len(source.shape)) if axis not in axes]
    memory = [axis for axis in source.order if axis in axes]
    order = (*kept[:1], *memory, *kept[1:])
    rows = Axis(math.prod(source.shape[a] for a in axes), 1, 0, 1, 1, 0)
    rows = replace(rows, kernel=rows.size)
    window = (rows, Axis(1, 1, 1, 1, 1, 0))
    source = context.in_order(source, order) if kept else context.logical(source)
    _average_three(operator, context, source, axes, window)


def _reduced_axes(operator: Operator, context: OnnxContext, rank: int) -> list[int]:
    axes = operator.attributes.get("axes")
    if axes is None and context.has_input(operator, 1):
        axes = tuple(int(axis) for axis in context.constant(operator, 1, "axes").reshape(-1))
    return sorted(axis % rank for axis in axes) if axes else list(range(rank))


def _average_three(
    operator: Operator, context: OnnxContext, source: View, axes: list[int], window: Window
) -> None:
    """Averages a view whose reduced axes lie together after the first one."""
    shape = source.memory_shape
    n = window[0].size
    first = 1 if 0 in axes else shape[0]
    channels = math.prod(shape) // (first * n)
    if first > 1 and channels > 1 and 0 in axes:
        raise context.refusal(operator, f"it reduces axes {axes} of {source.shape}")
    flat = View(
        source.operand, (first, channels, n, 1), (0, 2, 3, 1), source.scale, source.zero_point
    )
    target = context.quantizer(operator) if source.is_quantized else None
    out_shape = context.output_shape(operator)
    if target is not None:
        view = _average_int8(operator, context, flat, window, target.scale, counts_padding=False)
        context.bind_quantized(target, _with_shape(view, out_shape))
        return
    dense = context.dequantized(flat)
    fields = _float_fields(dense, window, AVERAGE_INSIDE)
    view = _step(operator, context, "pool_f32", fields, dense, DType.FLOAT32)
    context.bind(operator, _with_shape(view, out_shape))


def _with_shape(view: View, shape: tuple[int, ...]) -> View:
    """The reduced tensor: its kept axes lie in logical order."""
    return replace(view, shape=shape, order=identity(len(shape)))


def lower_qlinear_average_pool(operator: Operator, context: OnnxContext) -> None:
    """All scales are inputs."""
    source = qlinear_view(operator, context, 0)
    if operator.op_type == "QLinearGlobalAveragePool":
        window, counts = _whole(source.shape), False
    else:
        window = window_axes(operator, context, operator.attributes["kernel_shape"], source.shape)
        counts = _counts_padding(operator, context, window)
    if operator.attributes.get("channels_last", 0):
        raise context.refusal(operator, "its data is channels last")
    out = context.output_scale(operator, 3, 4)
    if out is None:
        raise context.refusal(operator, "its output scale is not one number")
    view = _average_int8(operator, context, source, window, out, counts_padding=counts)
    context.bind(operator, Integers(view, context.is_unsigned(operator)))


def _average(
    operator: Operator, context: OnnxContext, window: Window, counts_padding: bool
) -> None:
    source = context.quantized_view(operator, 0)
    target = context.quantizer(operator) if source is not None else None
    if source is not None and target is not None:
        view = _average_int8(
            operator, context, source, window, target.scale, counts_padding=counts_padding
        )
        context.bind_quantized(target, view)
        return
    mode = AVERAGE_ALL if counts_padding else AVERAGE_INSIDE
    _float_pool(operator, context, context.float_view(operator, 0), window, mode)


def _counts_padding(operator: Operator, context: OnnxContext, window: Window) -> bool:
    counts = bool(operator.attributes.get("count_include_pad", 0))
    if any(axis.dilation != 1 for axis in window):
        raise context.refusal(operator, "it is dilated")
    if counts and operator.attributes.get("ceil_mode", 0):
        raise context.refusal(operator, "it counts padding in ceil mode")
    return counts


def _whole(shape: tuple[int, ...]) -> Window:
    height = math.prod(shape[2:-1])
    width = shape[-1]
    return Axis(height, 1, height, 1, 1, 0), Axis(width, 1, width, 1, 1, 0)


def _average_int8(
    operator: Operator,
    context: OnnxContext,
    source: View,
    window: Window,
    out: OutputScale,
    *,
    counts_padding: bool,
) -> View:
    """float32(source scale / float32(output scale * count)) for each count of elements."""
    rows, columns = window
    whole = rows.kernel * columns.kernel
    padded = (rows.is_padded or columns.is_padded) and not counts_padding
    counts = np.arange(1, whole + 1) if padded else np.array([whole])
    divisor = np.float32(out.scale) * counts.astype(np.float32)
    multipliers = np.float32(source.scale or 0.0) / divisor
    source = context.in_order(source, channels_last(len(source.shape)))
    fields = {
        **_pool_fields(source, window),
        "requant": requantization(multipliers, out),
        "in_zero_point": source.zero_point,
    }
    return _step(operator, context, "average_requant_s8", fields, source, DType.INT8)


def _float_pool(
    operator: Operator, context: OnnxContext, source: View, window: Window, mode: int
) -> None:
    source = context.in_order(source, channels_last(len(source.shape)))
    fields = _float_fields(source, window, mode)
    context.bind(operator, _step(operator, context, "pool_f32", fields, source, DType.FLOAT32))


def _float_fields(source: View, window: Window, mode: int) -> dict[str, Field]:
    bounds = {"average": mode, "low": -FLOAT32_MAX, "high": FLOAT32_MAX}
    return {**_pool_fields(source, window), **dilations(*window), **bounds}


def _pool_fields(source: View, window: Window) -> dict[str, Field]:
    return {"batch": source.shape[0], "channels": source.shape[1], **geometry(*window)}


def _step(
    operator: Operator,
    context: OnnxContext,
    kernel: str,
    fields: dict[str, Field],
    source: View,
    dtype: DType,
) -> View:
    """Adds the kernel call; the output has the source's batch and channels."""
    spatial = (fields["out_h"], fields["out_w"])
    sizes = [int(size) for size in spatial if isinstance(size, int)]
    sizes = sizes[-(len(source.shape) - 2) :]
    shape = (*source.shape[:2], *sizes)
    order = channels_last(len(shape))
    value = context.new_value(operator, tuple(shape[axis] for axis in order), dtype)
    context.builder.step(kernel, fields, (source.operand,), value)
    return View(value, shape, order)


TABLE: LoweringTable = {
    "MaxPool": lowering(lower_max_pool, DType.FLOAT32, DType.INT8, DType.UINT8, max_version=22),
    "AveragePool": lowering(lower_average_pool, DType.FLOAT32, max_version=22),
    "GlobalAveragePool": lowering(lower_global_average_pool, DType.FLOAT32, max_version=22),
    "ReduceMean": lowering(lower_reduce_mean, DType.FLOAT32, max_version=18),
    "QLinearAveragePool": lowering(
        lower_qlinear_average_pool, DType.INT8, DType.UINT8, max_version=1
    ),
    "QLinearGlobalAveragePool": lowering(
        lower_qlinear_average_pool, DType.INT8, DType.UINT8, max_version=1
    ),
}
