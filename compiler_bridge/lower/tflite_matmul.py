"""BATCH_MATMUL of two matrices that may both be computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.lower.fixed_point import quantize_multiplier
from fitgraph.compiler_bridge.lower.movement import (
    broadcast_strides,
    dense_strides,
    merged_axes,
)
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_hybrid import (
    LARGEST_SUM,
    as_int8,
    hybrid_scales,
    is_asymmetric,
    is_hybrid,
)
from fitgraph.compiler_bridge.lower.tflite_int16 import wide_requantization
from fitgraph.compiler_bridge.lower.tflite_requantize import tensor_scale
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

FLOAT32_MAX = float(np.finfo(np.float32).max)
_NOTHING: Array = np.zeros(1, np.float32)
_MOST_TERMS = 2**31 // (255 * 255)
# Separate axes of batches that the kernels walk.
_BATCH_AXES = {DType.FLOAT32: 2, DType.INT8: 3, DType.INT16: 3}


def lower_batch_matmul(operator: Operator, context: TfliteContext) -> None:
    """Either operand may be read as if transposed; batches broadcast."""
    if is_hybrid(operator, context):
        _lower_hybrid(operator, context)
        return
    context.expect_one_dtype(operator, 0, 1)
    dtype = context.output(operator).dtype
    fields = _geometry(operator, context)
    operands = (context.operand(operator, 0), context.operand(operator, 1))
    if dtype is DType.FLOAT32:
        fields |= {"has_c": 0, "c_row": 0, "c_column": 0, "alpha": 1.0, "beta": 0.0}
        fields |= {"low": -FLOAT32_MAX, "high": FLOAT32_MAX}
        inputs = (*operands, _NOTHING)
        context.builder.step("matmul_f32", fields, inputs, context.new_output(operator))
        return
    if dtype is DType.INT16:
        fields["scaling"] = _wide_scaling(operator, context)
        context.builder.step("matmul_s16", fields, operands, context.new_output(operator))
        return
    fields |= _scaling(operator, context)
    context.builder.step("matmul_fixed_s8", fields, operands, context.new_output(operator))


def _lower_hybrid(operator: Operator, context: TfliteContext) -> None:
    """float32 rows, each with a range of its own, by constant int8 columns."""
    context.expect_one_dtype(operator, 0)
    weights = context.constant(operator, 1, "second matrix")
    fields = _geometry(operator, context)
    if operator.attributes.get("adj_x", False):
        raise context.refusal(operator, "it transposes its float32 matrix")
    inner, columns = fields["inner"], fields["columns"]
    if not isinstance(inner, int) or not isinstance(columns, int) or inner > LARGEST_SUM:
        raise context.refusal(operator, "its accumulators could overflow 32 bits")
    scales = hybrid_scales(operator, context, columns)
    rows = context.tensor(operator, 0).n_elements // inner
    values, ranges = as_int8(operator, context, rows, asymmetric=is_asymmetric(operator))
    fields |= {"scales": scales, "step": int(scales.size > 1)}
    value = context.new_output(operator)
    context.builder.step("matmul_hybrid_f32", fields, (values, ranges, weights), value)


def _geometry(operator: Operator, context: TfliteContext) -> dict[str, Field]:
    a, b = (context.tensor(operator, i).static_shape for i in (0, 1))
    if min(len(a), len(b)) < 2:
        raise context.refusal(operator, f"{list(a)} and {list(b)} are no matrices")
    a_steps, b_steps = dense_strides(a)[-2:], dense_strides(b)[-2:]
    left, right = a[-2:], b[-2:]
    if operator.attributes.get("adj_x", False):
        left, a_steps = left[::-1], a_steps[::-1]
    if operator.attributes.get("adj_y", False):
        right, b_steps = right[::-1], b_steps[::-1]
    if left[1] != right[0]:
        raise context.refusal(operator, f"{list(left)} meets {list(right)}")
    try:
        batch = np.broadcast_shapes(a[:-2], b[:-2])
    except ValueError as error:
        raise context.refusal(operator, f"{list(a)} meets {list(b)}") from error
    context.expect_shape(operator, (*batch, left[0], right[1]))
    return {
        **_batches(operator, context, (a, b), batch),
        "rows": left[0],
        "columns": right[1],
        "inner": left[1],
        "a_row": a_steps[0],
        "a_inner": a_steps[1],
        "b_inner": b_steps[0],
        "b_column": b_steps[1],
    }


def _batches(
    operator: Operator,
    context: TfliteContext,
    shapes: tuple[tuple[int, ...], tuple[int, ...]],
    batch: tuple[int, ...],
) -> dict[str, Field]:
    sizes = [shape[-2] * shape[-1] for shape in shapes]
    steps = [
        tuple(step * size for step in broadcast_strides(shape[:-2], batch))
        for shape, size in zip(shapes, sizes, strict=True)
    ]
    merged, (a_left, b_left) = merged_axes(batch, *steps)
    n = _BATCH_AXES[context.output(operator).dtype]
    if len(merged) > n:
        raise context.refusal(operator, f"its matrices lie along {len(merged)} axes")
    missing = n - len(merged)
    return {
        "batch": (1,) * missing + merged,
        "a_batch": (0,) * missing + a_left,
        "b_batch": (0,) * missing + b_left,
    }


def _scaling(operator: Operator, context: TfliteContext) -> dict[str, Field]:
    a, b = (context.quantization(operator, context.tensor(operator, i)) for i in (0, 1))
    out = context.quantization(operator, context.output(operator))
    inner = context.tensor(operator, 0).static_shape[-1]
    if inner > _MOST_TERMS:
        raise context.refusal(operator, "its accumulators could overflow 32 bits")
    product = float(np.float32(a.scale) * np.float32(b.scale))
    multiplier, shift = quantize_multiplier(product / out.scale)
    return {
        "a_offset": -a.zero_point,
        "b_offset": -b.zero_point,
        "out_zero_point": out.zero_point,
        "multiplier": multiplier,
        "shift": shift,
    }


def _wide_scaling(operator: Operator, context: TfliteContext) -> Mapping[str, Any]:
    a, b = (context.symmetric(operator, context.tensor(operator, i)) for i in (0, 1))
    out = context.symmetric(operator, context.output(operator))
    return wide_requantization(context, operator, tensor_scale(a, b, out), out)


TABLE: LoweringTable = {
    "BATCH_MATMUL": lowering(
        lower_batch_matmul, DType.FLOAT32, DType.INT8, DType.INT16, max_version=4
    ),
}
