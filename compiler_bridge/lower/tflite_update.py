"""DYNAMIC_UPDATE_SLICE: a block put into an array at a place that may be computed."""

from __future__ import annotations

from fitgraph.compiler_bridge.lower.movement import copy, dense, dense_strides
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Operator

DATA, BLOCK, STARTS = 0, 1, 2  # inputs
MOST_AXES = 6


def lower_update_slice(operator: Operator, context: TfliteContext) -> None:
    """The array is copied, and the block over it."""
    shape, block = (context.tensor(operator, i).static_shape for i in (DATA, BLOCK))
    context.expect_one_dtype(operator, DATA, BLOCK)
    context.expect_shape(operator, shape)
    starts = context.tensor(operator, STARTS)
    fits = len(block) == len(shape) and all(b <= s for b, s in zip(block, shape, strict=True))
    if not fits or not 0 < len(shape) <= MOST_AXES or starts.static_shape != (len(shape),):
        raise context.refusal(operator, f"it puts {list(block)} into {list(shape)}")
    if starts.dtype is not DType.INT32:
        raise context.refusal(operator, f"its starts are {starts.dtype}")
    source, places = context.operand(operator, DATA), context.operand(operator, STARTS)
    piece = context.operand(operator, BLOCK)
    value = context.new_output(operator)
    copy(context.builder, source, dense(shape), value, dense(shape), shape)
    fields = _geometry(shape, block, ITEM_BYTES[context.output(operator).dtype])
    context.builder.step("update_slice", fields, (piece, places), value)


def _geometry(shape: tuple[int, ...], block: tuple[int, ...], item: int) -> dict[str, Field]:
    missing = MOST_AXES - len(shape)
    steps = [step * item for step in dense_strides(shape)]
    most = [whole - part for whole, part in zip(shape, block, strict=True)]
    sizes = (*block[:-1], block[-1] * item)
    return {
        "size": (1,) * missing + tuple(sizes),
        "most": (0,) * missing + tuple(most),
        "step": (0,) * missing + tuple(steps),
        "rank": len(shape),
    }


TABLE: LoweringTable = {
    "DYNAMIC_UPDATE_SLICE": lowering(
        lower_update_slice,
        *(DType.FLOAT32, DType.INT8, DType.INT16, DType.INT32, DType.UINT8, DType.BOOL),
        max_version=4,
    ),
}
