"""Layers of float32 data with int8 weights, as LiteRT computes them.

Data are brought to int8 when running, each batch by a range of its own: around 0, or from its least
to its largest value where the operator says so or where a filter has several scales.
"""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext, float_bounds
from fitgraph.compiler_bridge.lower.windows import Axis, dilations, geometry
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

LARGEST_SUM = 2**31 // (127 * 256)  # taps of which a sum fits 32 bits
LEAST = np.iinfo(np.int8).min


def is_hybrid(operator: Operator, context: TfliteContext) -> bool:
    """Whether data are float32 and weights int8."""
    return (
        context.tensor(operator, 0).dtype is DType.FLOAT32
        and context.tensor(operator, 1).dtype is DType.INT8
    )


def as_int8(
    operator: Operator, context: TfliteContext, rows: int, *, asymmetric: bool, position: int = 0
) -> tuple[int, int]:
    """Adds the step that brings an input's rows to int8; gives the values and the rows' ranges."""
    label, shape = context.builder.label, context.tensor(operator, position).static_shape
    values = context.builder.value(f"{label} as int8", shape, DType.INT8)
    ranges = context.builder.value(f"{label} ranges", (rows, 2), DType.INT32)
    kernel = "rows_asymmetric_s8" if asymmetric else "rows_symmetric_s8"
    n = context.tensor(operator, position).n_elements // rows
    fields: dict[str, Field] = {"rows": rows, "n": n}
    inputs = (context.operand(operator, position),)
    context.builder.step(kernel, fields, inputs, values, also=(ranges,))
    return values, ranges


def is_asymmetric(operator: Operator) -> bool:
    """Whether the operator wants ranges from least to largest."""
    return bool(operator.attributes.get("asymmetric_quantize_inputs", False))


def hybrid_scales(operator: Operator, context: TfliteContext, n: int, position: int = 1) -> Array:
    """Scales of int8 weights without zero points: one, or one for each of ``n`` outputs."""
    q = context.tensor(operator, position).quantization
    if q is None or any(q.zero_points) or len(q.scales) not in (1, n) or min(q.scales) < 0:
        raise context.refusal(operator, "its weights are not symmetric int8")
    scales = np.array(sorted(set(q.scales)) if len(set(q.scales)) == 1 else q.scales, np.float32)
    if scales.size > 1 and context.tensor(operator, position).static_shape[q.axis or 0] != n:
        raise context.refusal(operator, f"its scales run along axis {q.axis}")
    return scales


def refuse_least(operator: Operator, context: TfliteContext, weights: Array) -> None:
    """LiteRT's products of rows and vectors take weights from -127 on."""
    if int(weights.min()) == LEAST:
        raise context.refusal(operator, "its weights hold -128, which LiteRT's kernels saturate")


def lower_hybrid(
    operator: Operator,
    context: TfliteContext,
    weights: Array,
    bias: Array,
    axes: tuple[Axis, Axis],
    batch: int,
) -> None:
    """CONV_2D and FULLY_CONNECTED.

    Args:
        weights: int8, out_c x kernel_h x kernel_w x in_c.
    """
    refuse_least(operator, context, weights)
    out_c, _, _, in_c = weights.shape
    scales = hybrid_scales(operator, context, out_c)
    by_channel = operator.op_type == "CONV_2D" and scales.size > 1
    asymmetric = by_channel or is_asymmetric(operator)
    sums = np.zeros(1, np.int32)
    if asymmetric:
        sums = weights.sum(axis=3, dtype=np.int32).reshape(-1)
    values, ranges = as_int8(operator, context, batch, asymmetric=asymmetric)
    fields: dict[str, Field] = {
        "weights": np.ascontiguousarray(weights),
        "sums": sums,
        "sum_step": int(asymmetric),
        "by_filter": int(by_channel),
        "in_c": in_c,
        "out_c": out_c,
        **_layer(operator, context, weights[0].size, scales, bias, axes, batch),
    }
    value = context.new_output(operator)
    context.builder.step("conv2d_hybrid_f32", fields, (values, ranges), value)


def lower_hybrid_depthwise(
    operator: Operator,
    context: TfliteContext,
    weights: Array,
    bias: Array,
    axes: tuple[Axis, Axis],
    multiplier: int,
) -> None:
    """DEPTHWISE_CONV_2D, whose data always have ranges from least to largest.

    Args:
        weights: int8, 1 x kernel_h x kernel_w x out_c.
    """
    out_c = weights.shape[3]
    scales = hybrid_scales(operator, context, out_c)
    q = context.tensor(operator, 1).quantization
    if q is None or len(q.scales) != out_c:
        raise context.refusal(operator, "its filters share a scale, which LiteRT refuses")
    batch = context.tensor(operator, 0).static_shape[0]
    values, ranges = as_int8(operator, context, batch, asymmetric=True)
    fields: dict[str, Field] = {
        "weights": np.ascontiguousarray(weights),
        "in_c": out_c // multiplier,
        "out_c": out_c,
        "multiplier": multiplier,
        **_layer(operator, context, weights[..., 0].size, scales, bias, axes, batch),
    }
    value = context.new_output(operator)
    context.builder.step("depthwise_hybrid_f32", fields, (values, ranges), value)


def _layer(
    operator: Operator,
    context: TfliteContext,
    n_terms: int,
    scales: Array,
    bias: Array,
    axes: tuple[Axis, Axis],
    batch: int,
) -> dict[str, Field]:
    if n_terms > LARGEST_SUM:
        raise context.refusal(operator, "its accumulators could overflow 32 bits")
    low, high = float_bounds(context, operator)
    return {
        "scales": scales,
        "step": int(scales.size > 1),
        "bias": bias,
        "batch": batch,
        **geometry(*axes),
        **dilations(*axes),
        "low": low,
        "high": high,
    }
