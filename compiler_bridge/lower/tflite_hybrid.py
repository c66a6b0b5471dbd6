"""CONV_2D and FULLY_CONNECTED of float32 data with int8 weights, as LiteRT computes them.

Data are brought to int8 when running, each batch by its own range.
"""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext, float_bounds
from fitgraph.compiler_bridge.lower.windows import Axis, dilations, geometry
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

LARGEST_SUM = 2**31 // (127 * 128)  # taps of which a sum fits 32 bits


def is_hybrid(operator: Operator, context: TfliteContext) -> bool:
    """Whether data are float32 and weights int8."""
    return (
        context.tensor(operator, 0).dtype is DType.FLOAT32
        and context.tensor(operator, 1).dtype is DType.INT8
    )


def lower_hybrid(
    operator: Operator,
    context: TfliteContext,
    weights: Array,
    bias: Array,
    axes: tuple[Axis, Axis],
    batch: int,
) -> None:
    """Adds the kernel call.

    Args:
        weights: int8, out_c x kernel_h x kernel_w x in_c.
    """
    if operator.attributes.get("asymmetric_quantize_inputs", False):
        raise context.refusal(operator, "it quantizes its input asymmetrically")
    if int(weights.min()) == np.iinfo(np.int8).min:
        raise context.refusal(operator, "its weights hold -128, which LiteRT's kernels saturate")
    filters = context.symmetric(operator, context.tensor(operator, 1))
    out_c, _, _, in_c = weights.shape
    if weights[0].size > LARGEST_SUM:
        raise context.refusal(operator, "its accumulators could overflow 32 bits")
    low, high = float_bounds(context, operator)
    rows, columns = axes
    fields: dict[str, Field] = {
        "weights": np.ascontiguousarray(weights),
        "bias": bias,
        "scale": filters.scale,
        "batch": batch,
        "in_c": in_c,
        "out_c": out_c,
        **geometry(rows, columns),
        **dilations(rows, columns),
        "low": low,
        "high": high,
    }
    n = rows.size * columns.size * in_c
    work = context.builder.value(f"{context.builder.label} as int8", (n,), DType.INT8)
    inputs = (context.operand(operator, 0),)
    value = context.new_output(operator)
    context.builder.step("conv2d_hybrid_f32", fields, inputs, value, also=(work,))
