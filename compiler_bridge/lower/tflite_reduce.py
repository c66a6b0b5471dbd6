"""MEAN, SUM, REDUCE_MAX and REDUCE_MIN."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fitgraph.compiler_bridge.lower.fixed_point import INT32_MAX, quantize_multiplier
from fitgraph.compiler_bridge.lower.movement import Layout, copy, dense, dense_strides
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import INT8_AND_FLOAT, TfliteContext
from fitgraph.compiler_bridge.lower.windows import Axis, dilations, geometry
from fitgraph.compiler_bridge.program import Field, Operand
from fitgraph.registry.model_graph import DType, Operator, Quantization

BYTE_SPAN = 256  # most that an 8-bit value can lie from its zero point
FLOAT32_MAX = float(np.finfo(np.float32).max)
REDUCTIONS = {"REDUCE_MAX": 0, "REDUCE_MIN": 1, "SUM": 2}  # operations of the kernel reduce_f32


def lower_mean(operator: Operator, context: TfliteContext) -> None:
    """Mean over neighbouring axes: a window over all of them. Others are brought together."""
    block = block_of(operator, context)
    if block.n * BYTE_SPAN > INT32_MAX:
        raise context.refusal(operator, f"its sum of {block.n} elements could overflow 32 bits")
    window = block.window
    fields: dict[str, Field] = {"batch": block.outer, "channels": block.inner, **geometry(*window)}
    if context.tensor(operator, 0).dtype is DType.FLOAT32:
        kernel = "pool_f32"
        fields |= {"average": 1, "low": -FLOAT32_MAX, "high": FLOAT32_MAX, **dilations(*window)}
    else:
        kernel = "average_requant_s8"
        fields |= _mean_fields(operator, context, block.n)
    context.builder.step(kernel, fields, (block.operand,), context.new_output(operator))


def lower_reduce(operator: Operator, context: TfliteContext) -> None:
    """Largest, smallest or sum along axes, in float32."""
    block = block_of(operator, context)
    fields: dict[str, Field] = {
        "operation": REDUCTIONS[operator.op_type],
        "outer": block.outer,
        "n": block.n,
        "inner": block.inner,
    }
    context.builder.step("reduce_f32", fields, (block.operand,), context.new_output(operator))


def lower_reduce_max(operator: Operator, context: TfliteContext) -> None:
    """In int8 a window over all elements; the scale must not change."""
    source, output = context.tensor(operator, 0), context.output(operator)
    if source.dtype is DType.FLOAT32:
        lower_reduce(operator, context)
        return
    if context.quantization(operator, source) != context.quantization(operator, output):
        raise context.refusal(operator, "its output is scaled differently from its input")
    block = block_of(operator, context)
    window = block.window
    fields: dict[str, Field] = {"batch": block.outer, "channels": block.inner, **geometry(*window)}
    fields |= {"low": -128, "high": 127, **dilations(*window)}
    context.builder.step("max_pool_s8", fields, (block.operand,), context.new_output(operator))


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The input as outer x n x inner elements, of which each row of n is reduced."""

    operand: Operand
    outer: int
    n: int
    inner: int

    @property
    def window(self) -> tuple[Axis, Axis]:
        """One window over all that is reduced."""
        return Axis(self.n, 1, self.n, 1, 1, 0), Axis(1, 1, 1, 1, 1, 0)


def block_of(operator: Operator, context: TfliteContext) -> Block:
    """The input with the named axes side by side."""
    source = context.tensor(operator, 0)
    shape = source.static_shape
    named = context.integers(operator, 1, "axes")
    axes = {context.axis(operator, axis, len(shape)) for axis in named}
    kept = [axis for axis in range(len(shape)) if axis not in axes]
    n = math.prod(shape[axis] for axis in axes)
    context.expect_one_dtype(operator, 0)
    context.expect_elements(operator, math.prod(shape[axis] for axis in kept))
    outer, operand = _neighbours(operator, context, kept, sorted(axes))
    return Block(operand, outer, n, source.n_elements // (outer * n))


def _neighbours(
    operator: Operator, context: TfliteContext, kept: list[int], axes: list[int]
) -> tuple[int, Operand]:
    """Elements before the reduced axes, and the input with those side by side."""
    source = context.tensor(operator, 0)
    shape, operand = source.static_shape, context.operand(operator, 0)
    # An axis of size 1 is anybody's neighbour.
    long_axes = [axis for axis in axes if shape[axis] != 1]
    first, last = (long_axes[0], long_axes[-1]) if long_axes else (0, -1)
    if all(shape[axis] == 1 for axis in kept if first < axis < last):
        return math.prod(shape[:first]), operand
    order = [*axes, *kept]
    strides = dense_strides(shape)
    sizes = tuple(shape[axis] for axis in order)
    value = context.builder.value(f"{source.name} reordered", sizes, source.dtype)
    layout = Layout(tuple(strides[axis] for axis in order))
    copy(context.builder, operand, layout, value, dense(sizes), sizes)
    return 1, value


def _mean_fields(operator: Operator, context: TfliteContext, n: int) -> dict[str, Field]:
    source = context.quantization(operator, context.tensor(operator, 0))
    output = context.quantization(operator, context.output(operator))
    multiplier, shift = shared_multiplier(source, output, n)
    return {
        "requant": {
            "multiplier": np.array([multiplier], np.int32),
            "shift": np.array([shift], np.int8),
            "step": 0,
            "zero_point": output.zero_point,
            "low": -128,
            "high": 127,
        },
        "in_zero_point": source.zero_point,
    }


def shared_multiplier(source: Quantization, output: Quantization, n: int) -> tuple[int, int]:
    """TFLite folds the division by ``n`` into the multiplier (``QuantizedMeanOrSum``)."""
    multiplier, shift = quantize_multiplier(source.scale / output.scale)
    extra = min(n.bit_length() - 1, 32, 31 + shift)
    return (multiplier << extra) // n, shift - extra


TABLE: LoweringTable = {
    "MEAN": lowering(lower_mean, *INT8_AND_FLOAT, max_version=2),
    "REDUCE_MAX": lowering(lower_reduce_max, *INT8_AND_FLOAT, max_version=3),
    "REDUCE_MIN": lowering(lower_reduce, DType.FLOAT32, max_version=3),
    "SUM": lowering(lower_reduce, DType.FLOAT32, max_version=2),
}
