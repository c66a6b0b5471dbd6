"""Operators that move or repeat values by constant rules.

BATCH_TO_SPACE_ND, SPACE_TO_BATCH_ND, BROADCAST_TO, TILE, MIRROR_PAD, REVERSE_V2,
REVERSE_SEQUENCE, FILL, ZEROS_LIKE.
"""

from __future__ import annotations

import math

import numpy as np

from fitgraph.compiler_bridge.lower.movement import Layout, copy, dense, dense_strides
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_movement import MOVED, fill
from fitgraph.compiler_bridge.program import Array, Field, Operand
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Operator

LONGEST = np.iinfo(np.int16).max  # tables of places hold 16 bits
WITH_BOOL = (*MOVED, DType.BOOL)


def lower_space_to_batch(operator: Operator, context: TfliteContext) -> None:
    """Pixels of blocks become images: padded, then one strided copy for each image.

    TFLM pads with zero bytes, whatever the zero point.
    """
    source = context.tensor(operator, 0)
    shape, block, pads = _spatial(operator, context, "paddings")
    padded = [size + sum(pair) for size, pair in zip(shape[1:-1], pads, strict=True)]
    if any(size % b for size, b in zip(padded, block, strict=True)):
        raise context.refusal(operator, f"{padded} pixels are no blocks of {block}")
    low = [size // b for size, b in zip(padded, block, strict=True)]
    context.expect_shape(operator, (shape[0] * math.prod(block), *low, shape[-1]))
    operand = context.operand(operator, 0)
    if any(map(any, pads)):
        full = (shape[0], *padded, shape[-1])
        value = context.builder.value(f"{source.name} padded", full, source.dtype)
        fill(context, value, np.zeros((), source.dtype.value))
        strides = dense_strides(full)
        offset = sum(pair[0] * step for pair, step in zip(pads, strides[1:-1], strict=True))
        copy(context.builder, operand, dense(shape), value, Layout(strides, offset), shape)
        operand = value
    target = context.new_output(operator)
    _between_blocks(context, operand, target, (shape[0], *low, shape[-1]), block, to_batch=True)


def lower_batch_to_space(operator: Operator, context: TfliteContext) -> None:
    """Images become pixels of blocks: one strided copy for each image, then the crop."""
    source = context.tensor(operator, 0)
    shape, block, crops = _spatial(operator, context, "crops")
    n, rest = divmod(shape[0], math.prod(block))
    if rest:
        raise context.refusal(operator, f"{shape[0]} images are no blocks of {block}")
    wide = [size * b for size, b in zip(shape[1:-1], block, strict=True)]
    kept = [size - sum(pair) for size, pair in zip(wide, crops, strict=True)]
    context.expect_shape(operator, (n, *kept, shape[-1]))
    operand, full = context.operand(operator, 0), (n, *wide, shape[-1])
    is_cropped = any(map(any, crops))
    if is_cropped:
        target = context.builder.value(f"{source.name} uncropped", full, source.dtype)
    else:
        target = context.new_output(operator)
    _between_blocks(context, operand, target, (n, *shape[1:]), block, to_batch=False)
    if is_cropped:
        strides = dense_strides(full)
        offset = sum(pair[0] * step for pair, step in zip(crops, strides[1:-1], strict=True))
        sizes = context.output(operator).static_shape
        layout = Layout(strides, offset)
        copy(context.builder, target, layout, context.new_output(operator), dense(sizes), sizes)


def _spatial(
    operator: Operator, context: TfliteContext, what: str
) -> tuple[tuple[int, ...], list[int], list[tuple[int, int]]]:
    """Shape of the input, the block's sides, and what is added or cut off at each end."""
    shape = context.tensor(operator, 0).static_shape
    context.expect_one_dtype(operator, 0)
    block = context.integers(operator, 1, "block")
    ends = context.integers(operator, 2, what)
    n = len(shape) - 2
    if n not in (1, 2) or len(block) != n or len(ends) != 2 * n or min(block) < 1 or min(ends) < 0:
        raise context.refusal(operator, f"its block is {block} and its {what} {ends} on {shape}")
    return shape, block, list(zip(ends[::2], ends[1::2], strict=True))


def _between_blocks(
    context: TfliteContext,
    source: Operand,
    target: int,
    low: tuple[int, ...],
    block: list[int],
    *,
    to_batch: bool,
) -> None:
    """Exchanges pixels within blocks for images; ``low`` is the shape of an image of the batch."""
    n, *sides, channels = low
    axes = [size for pair in zip(sides, block, strict=True) for size in pair]
    wide = dense_strides((n, *axes, channels))
    narrow = dense_strides((*block, n, *sides, channels))
    rank = len(block)
    # Axes of the copy: position in the block, position of the block, channels.
    sizes = (*block, *sides, channels)
    wide_steps = (*wide[2::2][:rank], *wide[1::2][:rank], wide[-1])
    narrow_steps = (*narrow[:rank], *narrow[rank + 1 :])
    for image in range(n):
        layouts = (Layout(wide_steps, image * wide[0]), Layout(narrow_steps, image * narrow[rank]))
        first, second = layouts if to_batch else layouts[::-1]
        copy(context.builder, source, first, target, second, sizes)


def lower_repeat(operator: Operator, context: TfliteContext) -> None:
    """BROADCAST_TO and TILE: steps of 0 along what is repeated."""
    shape = context.tensor(operator, 0).static_shape
    named = context.integers(operator, 1, "shape" if operator.op_type != "TILE" else "multiples")
    context.expect_one_dtype(operator, 0)
    if operator.op_type == "TILE":
        times = named
        if len(times) != len(shape) or min(times, default=1) < 1:
            raise context.refusal(operator, f"it repeats {list(shape)} {times} times")
    else:
        shape = (1,) * (len(named) - len(shape)) + shape
        if len(shape) != len(named) or any(
            size not in (1, to) for size, to in zip(shape, named, strict=True)
        ):
            raise context.refusal(operator, f"{list(shape)} does not broadcast to {named}")
        times = [to // size for size, to in zip(shape, named, strict=True)]
    _repeat(operator, context, context.operand(operator, 0), shape, times)


def _repeat(
    operator: Operator,
    context: TfliteContext,
    operand: Operand,
    shape: tuple[int, ...],
    times: list[int],
) -> None:
    context.expect_shape(operator, [size * n for size, n in zip(shape, times, strict=True)])
    if not isinstance(operand, int):
        context.alias_output(operator, np.tile(operand.reshape(shape), times))
        return
    target = context.new_output(operator)
    sizes = [part for pair in zip(times, shape, strict=True) for part in pair]
    steps = [part for step in dense_strides(shape) for part in (0, step)]
    copy(context.builder, operand, Layout(tuple(steps)), target, dense(sizes), sizes)


def lower_mirror_pad(operator: Operator, context: TfliteContext) -> None:
    """Slices chosen anew along each axis that is padded."""
    source = context.tensor(operator, 0)
    shape = list(source.static_shape)
    numbers = context.integers(operator, 1, "paddings")
    edge = 1 if operator.attributes.get("mode", "REFLECT") == "REFLECT" else 0
    pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
    if len(numbers) != 2 * len(shape) or any(
        not 0 <= max(pair) <= size - edge or min(pair) < 0
        for pair, size in zip(pairs, shape, strict=True)
    ):
        raise context.refusal(operator, f"its paddings are {numbers} on {shape}")
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, [s + sum(pair) for s, pair in zip(shape, pairs, strict=True)])
    operand: Operand = context.operand(operator, 0)
    padded = [axis for axis, pair in enumerate(pairs) if any(pair)]
    for axis in padded:
        index = np.pad(np.arange(shape[axis]), pairs[axis], mode="reflect" if edge else "symmetric")
        is_last = axis == padded[-1]
        operand = _taken(operator, context, operand, shape, axis, index, is_last=is_last)
        shape[axis] = len(index)
    if not padded:
        context.alias_output(operator, operand)


def _taken(
    operator: Operator,
    context: TfliteContext,
    operand: Operand,
    shape: list[int],
    axis: int,
    index: Array,
    *,
    is_last: bool,
) -> int:
    """The slices of that index; of the last axis they are the output."""
    if max(len(index), shape[axis]) > LONGEST:
        raise context.refusal(operator, f"it chooses {len(index)} of {shape[axis]} slices")
    dtype = context.output(operator).dtype
    sizes = (*shape[:axis], len(index), *shape[axis + 1 :])
    if is_last:
        value = context.new_output(operator)
    else:
        value = context.builder.value(f"{context.builder.label} part", sizes, dtype)
    fields: dict[str, Field] = {
        "index": index.astype(np.int16),
        "outer": math.prod(shape[:axis]),
        "in_n": shape[axis],
        "out_n": len(index),
        "run": math.prod(shape[axis + 1 :]) * ITEM_BYTES[dtype],
    }
    context.builder.step("take", fields, (operand,), value)
    return value


def lower_reverse(operator: Operator, context: TfliteContext) -> None:
    """One copy that goes backwards along the named axes."""
    shape = context.tensor(operator, 0).static_shape
    named = context.integers(operator, 1, "axes")
    axes = {context.axis(operator, axis, len(shape)) for axis in named}
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, shape)
    strides = dense_strides(shape)
    offset = sum((shape[axis] - 1) * strides[axis] for axis in axes)
    steps = tuple(-step if axis in axes else step for axis, step in enumerate(strides))
    source, target = context.operand(operator, 0), context.new_output(operator)
    copy(context.builder, source, Layout(steps, offset), target, dense(shape), shape)


def lower_fill(operator: Operator, context: TfliteContext) -> None:
    """One value, over and over."""
    shape = context.integers(operator, 0, "shape")
    context.expect_shape(operator, shape)
    context.expect_one_dtype(operator, 1)
    if context.tensor(operator, 1).n_elements != 1:
        raise context.refusal(operator, "its value is not one number")
    _repeat(operator, context, context.operand(operator, 1), (1,) * len(shape), shape)


def lower_zeros(operator: Operator, context: TfliteContext) -> None:
    """Zero bytes in the shape of the input."""
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, context.tensor(operator, 0).static_shape)
    zero = np.zeros((), context.output(operator).dtype.value)
    fill(context, context.new_output(operator), zero)


def lower_reverse_sequence(operator: Operator, context: TfliteContext) -> None:
    """Along one axis as far as the lengths say, which another counts."""
    source, lengths = context.tensor(operator, 0), context.tensor(operator, 1)
    shape = source.static_shape
    sequence, batch = (
        context.axis(operator, int(operator.attributes.get(name, 0)), len(shape))
        for name in ("seq_dim", "batch_dim")
    )
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, shape)
    counts = context.operand(operator, 1)
    if not isinstance(counts, int):  # a constant, of int64 in files of TensorFlow 1
        counts = np.clip(counts, 0, shape[sequence]).astype(np.int32)
    elif lengths.dtype is not DType.INT32:
        raise context.refusal(operator, f"its lengths are {lengths.dtype}")
    if sequence == batch or lengths.static_shape != (shape[batch],):
        raise context.refusal(operator, f"it has {list(lengths.shape)} lengths")
    first, second = sorted((sequence, batch))
    fields: dict[str, Field] = {
        "outer": math.prod(shape[:first]),
        "first": shape[first],
        "middle": math.prod(shape[first + 1 : second]),
        "second": shape[second],
        "run": math.prod(shape[second + 1 :]) * ITEM_BYTES[source.dtype],
        "by_batch": int(batch < sequence),
    }
    inputs = (context.operand(operator, 0), counts)
    context.builder.step("reverse_sequence", fields, inputs, context.new_output(operator))


TABLE: LoweringTable = {
    "SPACE_TO_BATCH_ND": lowering(lower_space_to_batch, *MOVED, max_version=4),
    "BATCH_TO_SPACE_ND": lowering(lower_batch_to_space, *MOVED, max_version=4),
    "BROADCAST_TO": lowering(lower_repeat, *WITH_BOOL, max_version=3),
    "TILE": lowering(lower_repeat, *WITH_BOOL, max_version=3),
    "REVERSE_SEQUENCE": lowering(
        lower_reverse_sequence,
        *(DType.FLOAT32, DType.INT16, DType.INT32, DType.UINT8),
        max_version=1,
    ),
    "MIRROR_PAD": lowering(lower_mirror_pad, *MOVED, max_version=3),
    "REVERSE_V2": lowering(lower_reverse, *WITH_BOOL, max_version=3),
    "FILL": lowering(lower_fill, *WITH_BOOL, max_version=4),
    "ZEROS_LIKE": lowering(lower_zeros, *WITH_BOOL, max_version=2),
}
