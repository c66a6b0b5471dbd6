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
BYTE_BOUNDS: dict[str, Field] = {"low": -128, "high": 127}
MAXIMUM, AVERAGE_INSIDE, AVERAGE_ALL = range(3)  # values of fg_pool_f32_t.average


def lower_max_pool(operator: Operator, context: OnnxContext) -> None:
    """Integers pass through: the largest integer is the largest real."""
    entry = context.entry(operator, 0)
    source = context.view(operator, 0)
    window = _window(operator, context, source)
    if context.builder.dtype_of(source.operand) is DType.FLOAT32:
        context.bind(operator, _float_pool(operator, context, source, window, MAXIMUM))
        return
    source = context.in_order(source, channels_last(len(source.shape)))
    fields = {**_pool_fields(source, window), **dilations(*window)} | BYTE_BOUNDS
    view = _step(operator, context, "max_pool_s8", fields, source, DType.INT8)
    view = replace(view, scale=source.scale, zero_point=source.zero_point, unsigned=source.unsigned)
    result = Integers(view, entry.unsigned) if isinstance(entry, Integers) else view
    context.bind(operator, result)


def lower_average_pool(operator: Operator, context: OnnxContext) -> None:
    """Integers with one rescaling where the output is quantized, else float32."""
    window = _window(operator, context, context.view(operator, 0))
    counts_padding = _counts_padding(operator, context, window)
    source = context.quantized_view(operator, 0)
    target = context.quantizer(operator) if source is not None else None
    if source is not None and target is not None:
        view = _average_int8(
            operator, context, source, window, target.scale, counts_padding=counts_padding
        )
        context.bind_quantized(target, view)
        return
    mode = AVERAGE_ALL if counts_padding else AVERAGE_INSIDE
    dense = context.float_view(operator, 0)
    context.bind(operator, _float_pool(operator, context, dense, window, mode))


def lower_mean(operator: Operator, context: OnnxContext) -> None:
    """ReduceMean and GlobalAveragePool."""
    source = context.view(operator, 0)
    axes, shape = reduced(operator, context, source)
    target = context.quantizer(operator) if source.is_quantized else None
    if not axes:
        context.bind(operator, source)
    elif target is not None:
        view = _mean(operator, context, source, axes, target.scale)
        context.bind_quantized(target, _with_shape(view, shape))
    else:
        dense = context.float_view(operator, 0)
        context.bind(operator, _with_shape(_mean(operator, context, dense, axes), shape))


def reduced(
    operator: Operator, context: OnnxContext, source: View
) -> tuple[list[int], tuple[int, ...]]:
    """Axes that are reduced, in order, and the shape that is left."""
    rank = len(source.shape)
    if operator.op_type.removeprefix("QLinear").startswith("Global"):
        axes, keeps = list(range(2, rank)), True
    else:
        keeps = bool(operator.attributes.get("keepdims", 1))
        given = [int(axis) for axis in operator.attributes.get("axes", ())]
        if context.has_input(operator, 1):
            given = context.integers(operator, 1, "axes")
        axes = sorted(context.axes(operator, given, rank))
        if not axes and not operator.attributes.get("noop_with_empty_axes", 0):
            axes = list(range(rank))
    sizes = [1 if axis in axes else size for axis, size in enumerate(source.shape)]
    shape = tuple(size for axis, size in enumerate(sizes) if keeps or axis not in axes)
    return axes, shape


def _mean(
    operator: Operator,
    context: OnnxContext,
    source: View,
    axes: list[int],
    out: OutputScale | None = None,
) -> View:
    """One window over the reduced axes, which are brought together behind the first kept one.

    Args:
        out: scale of the output; None for float32.
    """
    kept = [axis for axis in range(len(source.shape)) if axis not in axes]
    memory = [axis for axis in source.order if axis in axes]
    source = context.in_order(source, (*kept[:1], *memory, *kept[1:]))
    n = math.prod(source.shape[axis] for axis in axes)
    first = source.shape[kept[0]] if kept else 1
    channels = math.prod(source.shape) // (first * n)
    flat = replace(source, shape=(first, channels, n, 1), order=(0, 2, 3, 1))
    window = (Axis(n, 1, n, 1, 1, 0), Axis(1, 1, 1, 1, 1, 0))
    if out is None:
        return _float_pool(operator, context, flat, window, AVERAGE_INSIDE)
    return _average_int8(operator, context, flat, window, out, counts_padding=False)


def _with_shape(view: View, shape: tuple[int, ...]) -> View:
    """The reduced tensor: its kept axes lie in logical order."""
    return replace(view, shape=shape, order=identity(len(shape)))


def lower_qlinear_average_pool(operator: Operator, context: OnnxContext) -> None:
    """All scales are inputs."""
    source = qlinear_view(operator, context, 0)
    if operator.attributes.get("channels_last", 0):
        raise context.refusal(operator, "its data is channels last")
    out = context.output_scale(operator, 3, 4)
    if out is None:
        raise context.refusal(operator, "its output scale is not one number")
    if operator.op_type == "QLinearGlobalAveragePool":
        axes, shape = reduced(operator, context, source)
        view = _with_shape(_mean(operator, context, source, axes, out), shape)
    else:
        window = _window(operator, context, source)
        counts = _counts_padding(operator, context, window)
        view = _average_int8(operator, context, source, window, out, counts_padding=counts)
    context.bind(operator, Integers(view, context.is_unsigned(operator)))


def _window(operator: Operator, context: OnnxContext, source: View) -> Window:
    kernel = operator.attributes.get("kernel_shape", ())
    rows, columns, _ = window_axes(operator, context, kernel, source.shape)
    if rows.has_empty_window or columns.has_empty_window:
        raise context.refusal(operator, "a window lies wholly in its padding")
    return rows, columns


def _counts_padding(operator: Operator, context: OnnxContext, window: Window) -> bool:
    counts = int(operator.attributes.get("count_include_pad", 0)) == 1
    if any(axis.dilation != 1 for axis in window):
        raise context.refusal(operator, "it is dilated")
    if counts and any(axis.is_rounded_up for axis in window):
        raise context.refusal(operator, "it counts padding in ceil mode")
    return counts


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
    most = min(rows.kernel, rows.size) * min(columns.kernel, columns.size)
    counts = np.arange(1, most + 1) if padded else np.array([whole])
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
) -> View:
    source = context.in_order(source, channels_last(len(source.shape)))
    bounds = {"average": mode, "low": -FLOAT32_MAX, "high": FLOAT32_MAX}
    fields = {**_pool_fields(source, window), **dilations(*window), **bounds}
    return _step(operator, context, "pool_f32", fields, source, DType.FLOAT32)


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
    "GlobalAveragePool": lowering(lower_mean, DType.FLOAT32, max_version=22),
    "ReduceMean": lowering(lower_mean, DType.FLOAT32, max_version=18),
    "QLinearAveragePool": lowering(
        lower_qlinear_average_pool, DType.INT8, DType.UINT8, max_version=1
    ),
    "QLinearGlobalAveragePool": lowering(
        lower_qlinear_average_pool, DType.INT8, DType.UINT8, max_version=1
    ),
}
