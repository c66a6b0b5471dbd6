"""Operators along an axis or over a window that ``tflite_reduce`` has not.

ARG_MAX, ARG_MIN, CUMSUM, L2_NORMALIZATION, L2_POOL_2D, and of integers MEAN, SUM, REDUCE_MAX,
REDUCE_MIN, REDUCE_ALL, REDUCE_ANY.
"""

from __future__ import annotations

import math

import numpy as np

from fitgraph.compiler_bridge.lower.fixed_point import INT32_MAX, quantize_multiplier
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext, float_bounds
from fitgraph.compiler_bridge.lower.tflite_pool import pool_fields
from fitgraph.compiler_bridge.lower.tflite_reduce import block_of, shared_multiplier
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Operator, Quantization

_OPERATIONS = {"REDUCE_MAX": 0, "REDUCE_ANY": 0, "REDUCE_MIN": 1, "REDUCE_ALL": 1}
_SUM = 2
_SPARE_BITS = 20  # of sums up to an element
_REAL = 5  # what the kernel arg_extreme calls float32


def lower_sum(operator: Operator, context: TfliteContext) -> None:
    """SUM and MEAN: rescaled sums of integers."""
    source = context.quantization(operator, context.tensor(operator, 0))
    output = context.quantization(operator, context.output(operator))
    limits = np.iinfo(context.output(operator).dtype.value)
    block = block_of(operator, context)
    if block.n * (limits.max - limits.min) > INT32_MAX:
        raise context.refusal(operator, f"its sum of {block.n} elements could overflow 32 bits")
    if operator.op_type == "MEAN":
        multiplier, shift = shared_multiplier(source, output, block.n)
    else:
        multiplier, shift = quantize_multiplier(source.scale / output.scale)
    _emit(operator, context, _SUM, (source.zero_point, multiplier, shift, output.zero_point))


def lower_extreme(operator: Operator, context: TfliteContext) -> None:
    """Largest or smallest; the scale must not change. Of truths, whether one is, or all are."""
    source, output = context.tensor(operator, 0), context.output(operator)
    if source.dtype is not DType.BOOL and source.quantization != output.quantization:
        raise context.refusal(operator, "its output is scaled differently from its input")
    _emit(operator, context, _OPERATIONS[operator.op_type], (0, 0, 0, 0))


def _emit(
    operator: Operator, context: TfliteContext, operation: int, scaling: tuple[int, int, int, int]
) -> None:
    block, dtype = block_of(operator, context), context.output(operator).dtype
    limits = np.iinfo("int8" if dtype is DType.BOOL else dtype.value)
    names = ("in_zero_point", "multiplier", "shift", "out_zero_point")
    fields: dict[str, Field] = {
        "operation": operation,
        "bytes": ITEM_BYTES[dtype],
        "outer": block.outer,
        "n": block.n,
        "inner": block.inner,
        **dict(zip(names, scaling, strict=True)),
        "low": limits.min,
        "high": limits.max,
    }
    context.builder.step("reduce_integer", fields, (block.operand,), context.new_output(operator))


def lower_arg(operator: Operator, context: TfliteContext) -> None:
    """The first place of the largest or smallest along an axis."""
    source = context.tensor(operator, 0)
    shape = source.static_shape
    (named,) = context.integers(operator, 1, "axis") or (0,)
    axis = context.axis(operator, named, len(shape))
    context.expect_shape(operator, shape[:axis] + shape[axis + 1 :])
    if source.dtype not in (DType.FLOAT32, DType.INT8, DType.INT32):
        raise context.refusal(operator, f"it goes from {source.dtype}")
    fields: dict[str, Field] = {
        "sign": 1 if operator.op_type == "ARG_MAX" else -1,
        "type": _REAL if source.dtype is DType.FLOAT32 else ITEM_BYTES[source.dtype],
        "out_bytes": ITEM_BYTES[context.output(operator).dtype],
        "outer": math.prod(shape[:axis]),
        "n": shape[axis],
        "inner": math.prod(shape[axis + 1 :]),
    }
    inputs = (context.operand(operator, 0),)
    context.builder.step("arg_extreme", fields, inputs, context.new_output(operator))


def lower_cumulate(operator: Operator, context: TfliteContext) -> None:
    """Sums up to each element."""
    shape = context.tensor(operator, 0).static_shape
    (named,) = context.integers(operator, 1, "axis") or (0,)
    axis = context.axis(operator, named, len(shape))
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, shape)
    fields: dict[str, Field] = {
        "outer": math.prod(shape[:axis]),
        "n": shape[axis],
        "inner": math.prod(shape[axis + 1 :]),
        "exclusive": int(bool(operator.attributes.get("exclusive", False))),
        "reverse": int(bool(operator.attributes.get("reverse", False))),
    }
    kernel = "cumulate_f32"
    if context.output(operator).dtype is DType.INT8:
        kernel = "cumulate_fixed_s8"
        fields |= _cumulation(operator, context, shape[axis])
    inputs = (context.operand(operator, 0),)
    context.builder.step(kernel, fields, inputs, context.new_output(operator))


def _cumulation(operator: Operator, context: TfliteContext, n: int) -> dict[str, Field]:
    """Sums are in steps of half a value's, with spare bits."""
    source = context.quantization(operator, context.tensor(operator, 0))
    output = context.quantization(operator, context.output(operator))
    if (n + 1) * 255 << (_SPARE_BITS - 1) > INT32_MAX:
        raise context.refusal(operator, f"its sums of {n} elements could overflow 32 bits")
    real = 2 * source.scale / (output.scale * 2**_SPARE_BITS)
    if real >= 1:
        raise context.refusal(operator, "its output is scaled too finely")
    multiplier, shift = quantize_multiplier(real)
    return {
        "in_zero_point": source.zero_point,
        "out_zero_point": output.zero_point,
        "multiplier": multiplier,
        "shift": shift,
    }


def lower_l2_normalization(operator: Operator, context: TfliteContext) -> None:
    """Along the last axis; int8 gives steps of 1/128."""
    source = context.tensor(operator, 0)
    shape = source.static_shape
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, shape)
    if not shape or operator.attributes.get("fused_activation_function", "NONE") != "NONE":
        raise context.refusal(operator, "it has no axis, or an activation")
    n = shape[-1]
    fields: dict[str, Field] = {"rows": source.n_elements // n, "n": n}
    kernel = "l2_normalize_f32"
    if source.dtype is DType.INT8:
        kernel = "l2_normalize_s8"
        if context.quantization(operator, context.output(operator)) != Quantization(
            (1 / 128,), (0,)
        ):
            raise context.refusal(operator, "its output scale is not 1/128 from 0")
        if n * 255 * 255 > INT32_MAX:
            raise context.refusal(operator, f"its sum of {n} squares could overflow 32 bits")
        fields["zero_point"] = context.quantization(operator, source).zero_point
    inputs = (context.operand(operator, 0),)
    context.builder.step(kernel, fields, inputs, context.new_output(operator))


def lower_l2_pool(operator: Operator, context: TfliteContext) -> None:
    """The root of the mean square over a window."""
    fields, _ = pool_fields(operator, context)
    low, high = float_bounds(context, operator)
    fields |= {"low": low, "high": high}
    inputs = (context.operand(operator, 0),)
    context.builder.step("l2_pool_f32", fields, inputs, context.new_output(operator))


TABLE: LoweringTable = {
    "MEAN": lowering(lower_sum, DType.INT16, max_version=3),
    "SUM": lowering(lower_sum, DType.INT8, DType.INT16, max_version=3),
    "REDUCE_MAX": lowering(lower_extreme, DType.INT16, DType.INT32, max_version=3),
    "REDUCE_MIN": lowering(lower_extreme, DType.INT8, DType.INT16, DType.INT32, max_version=3),
    "REDUCE_ALL": lowering(lower_extreme, DType.BOOL, max_version=1),
    "REDUCE_ANY": lowering(lower_extreme, DType.BOOL, max_version=2),
    "ARG_MAX": lowering(lower_arg, DType.INT32, max_version=3),
    "ARG_MIN": lowering(lower_arg, DType.INT32, max_version=3),
    "CUMSUM": lowering(lower_cumulate, DType.FLOAT32, DType.INT8, max_version=1),
    "L2_NORMALIZATION": lowering(lower_l2_normalization, DType.FLOAT32, DType.INT8, max_version=2),
    "L2_POOL_2D": lowering(lower_l2_pool, DType.FLOAT32, max_version=1),
}
