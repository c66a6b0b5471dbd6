"""RESIZE_NEAREST_NEIGHBOR, RESIZE_BILINEAR, DEPTH_TO_SPACE and SPACE_TO_DEPTH."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower.bilinear import blend_fields
from fitgraph.compiler_bridge.lower.movement import Layout, copy, dense, dense_strides
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Operator

MOVED = (DType.INT8, DType.FLOAT32, DType.UINT8, DType.INT16, DType.INT32)
LARGEST_SIDE = np.iinfo(np.int16).max


def lower_resize_nearest(operator: Operator, context: TfliteContext) -> None:
    """Source rows and columns are tables."""
    batch, in_h, in_w, channels, out_h, out_w = _sizes(operator, context)
    item = ITEM_BYTES[context.tensor(operator, 0).dtype]
    fields: dict[str, Field] = {
        "row": _nearest(in_h, out_h, operator),
        "column": _nearest(in_w, out_w, operator),
        "batch": batch,
        "in_h": in_h,
        "in_w": in_w,
        "channels": channels * item,
        "out_h": out_h,
        "out_w": out_w,
    }
    inputs = (context.operand(operator, 0),)
    context.builder.step("resize_nearest_s8", fields, inputs, context.new_output(operator))


def lower_resize_bilinear(operator: Operator, context: TfliteContext) -> None:
    """Each output is a blend of four inputs, whose places and shares are tables."""
    batch, in_h, in_w, channels, out_h, out_w = _sizes(operator, context)
    kernel, blend = "resize_bilinear_f32", _blend
    if context.output(operator).dtype is DType.INT8:
        kernel, blend = "resize_bilinear_s8", _blend_in_integers
    elif context.output(operator).dtype is DType.INT16:
        kernel, blend = "resize_bilinear_s16", _blend_in_integers
    fields: dict[str, Field] = {
        **blend("row", in_h, out_h, operator),
        **blend("column", in_w, out_w, operator),
        "batch": batch,
        "in_h": in_h,
        "in_w": in_w,
        "channels": channels,
        "out_h": out_h,
        "out_w": out_w,
    }
    inputs = (context.operand(operator, 0),)
    context.builder.step(kernel, fields, inputs, context.new_output(operator))


def _sizes(operator: Operator, context: TfliteContext) -> tuple[int, int, int, int, int, int]:
    """Batch, height, width and channels of the input, height and width of the output."""
    source, out = context.tensor(operator, 0), context.output(operator)
    if len(source.shape) != 4 or len(out.shape) != 4:
        raise context.refusal(operator, "its input and output must have four dimensions")
    batch, in_h, in_w, channels = source.static_shape
    out_h, out_w = out.static_shape[1:3]
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, (batch, out_h, out_w, channels))
    if context.integers(operator, 1, "size") != [out_h, out_w]:
        raise context.refusal(operator, "its size is not that of its output")
    if max(in_h, in_w, out_h, out_w) > LARGEST_SIDE:
        raise context.refusal(operator, f"it goes from {in_h} x {in_w} to {out_h} x {out_w}")
    return batch, in_h, in_w, channels, out_h, out_w


def _step(size: int, out: int, operator: Operator) -> np.float32:
    """Distance between outputs, in inputs; float32 as TFLite computes it."""
    align = bool(operator.attributes.get("align_corners", False)) and out > 1
    gaps = (size - 1, out - 1) if align else (size, out)
    return np.float32(gaps[0]) / np.float32(gaps[1])


def _nearest(size: int, out: int, operator: Operator) -> Array:
    """Index of the source element for each output element."""
    align = bool(operator.attributes.get("align_corners", False))
    half = bool(operator.attributes.get("half_pixel_centers", False))
    offset = np.float32(0.5 if half else 0.0)
    position = (np.arange(out, dtype=np.float32) + offset) * _step(size, out, operator)
    index = np.floor(position + np.float32(0.5)) if align else np.floor(position)
    table: Array = np.clip(index, 0, size - 1).astype(np.int16)
    return table


def _blend(axis: str, size: int, out: int, operator: Operator) -> dict[str, Field]:
    return blend_fields(axis, _positions(size, out, operator), size)


def _blend_in_integers(axis: str, size: int, out: int, operator: Operator) -> dict[str, Field]:
    """In 1024ths of an element, as TFLite's integer kernel has them."""
    align = bool(operator.attributes.get("align_corners", False)) and out > 1
    gaps, steps = (size - 1, out - 1) if align else (size, out)
    step = (1024 * gaps + steps // 2) // steps
    position = np.arange(out, dtype=np.int64) * step
    if operator.attributes.get("half_pixel_centers", False):
        position += step // 2 - 512
    first = np.maximum(np.trunc(position / 1024), 0).astype(np.int64)
    last = np.minimum(np.trunc((position + 1023) / 1024).astype(np.int64), size - 1)
    if first.max() >= size:
        raise OverflowError(f"{size} elements do not reach over {out}")
    return {
        f"{axis}_first": first.astype(np.int16),
        f"{axis}_last": last.astype(np.int16),
        f"{axis}_share": (position - 1024 * first).astype(np.int16),
    }


def _positions(size: int, out: int, operator: Operator) -> Array:
    """Where between the inputs each output lies, float32."""
    half = np.float32(0.5 if operator.attributes.get("half_pixel_centers", False) else 0.0)
    index = np.arange(out, dtype=np.float32)
    return np.asarray((index + half) * _step(size, out, operator) - half, np.float32)


def lower_depth_to_space(operator: Operator, context: TfliteContext) -> None:
    """Blocks of channels become blocks of pixels: one strided copy."""
    batch, height, width, channels, block = _blocks(operator, context)
    if channels % (block * block):
        raise context.refusal(operator, f"{channels} channels are no blocks of {block} x {block}")
    run = channels // block
    context.expect_shape(operator, (batch, height * block, width * block, run // block))
    deep = (batch * height, width, block, run)
    _rearrange(operator, context, deep)


def lower_space_to_depth(operator: Operator, context: TfliteContext) -> None:
    """Blocks of pixels become blocks of channels: one strided copy."""
    batch, height, width, channels, block = _blocks(operator, context)
    if height % block or width % block:
        raise context.refusal(operator, f"{height} x {width} pixels are no blocks of {block}")
    context.expect_shape(
        operator, (batch, height // block, width // block, channels * block * block)
    )
    wide = (batch * height // block, block, width // block, channels * block)
    _rearrange(operator, context, wide)


def _blocks(operator: Operator, context: TfliteContext) -> tuple[int, int, int, int, int]:
    """The input's shape and the block's side."""
    shape = context.tensor(operator, 0).static_shape
    if len(shape) != 4:
        raise context.refusal(operator, f"its input has {len(shape)} dimensions, not four")
    context.expect_one_dtype(operator, 0)
    return (*shape, context.positive(operator, "block_size"))


def _rearrange(operator: Operator, context: TfliteContext, sizes: tuple[int, ...]) -> None:
    """Exchanges the two axes in the middle of four."""
    strides = dense_strides(sizes)
    layout = Layout(tuple(strides[axis] for axis in (0, 2, 1, 3)))
    swapped = tuple(sizes[axis] for axis in (0, 2, 1, 3))
    source, target = context.operand(operator, 0), context.new_output(operator)
    copy(context.builder, source, layout, target, dense(swapped), swapped)


TABLE: LoweringTable = {
    "RESIZE_NEAREST_NEIGHBOR": lowering(lower_resize_nearest, *MOVED, max_version=4),
    "RESIZE_BILINEAR": lowering(
        lower_resize_bilinear, DType.FLOAT32, DType.INT8, DType.INT16, max_version=4
    ),
    "DEPTH_TO_SPACE": lowering(lower_depth_to_space, *MOVED, max_version=2),
    "SPACE_TO_DEPTH": lowering(lower_space_to_depth, *MOVED, max_version=2),
}
