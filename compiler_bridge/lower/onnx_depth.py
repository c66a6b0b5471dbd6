"""DepthToSpace and SpaceToDepth: strided copies, with channels last in memory."""

from __future__ import annotations

from dataclasses import replace

from fitgraph.compiler_bridge.lower.movement import Layout, copy, dense_strides
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_movement import rebind
from fitgraph.compiler_bridge.lower.onnx_views import View, channels_last
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.registry.model_graph import DType, Operator

_RANK = 4


def lower_depth_to_space(operator: Operator, context: OnnxContext) -> None:
    """Blocks of channels become blocks of pixels."""
    block, view = _operands(operator, context)
    batch, deep, height, width = view.shape
    channels = deep // block**2
    if channels * block**2 != deep:
        raise context.refusal(operator, f"{deep} channels are no blocks of {block} x {block}")
    columns_first = str(operator.attributes.get("mode", "DCR")) == "DCR"
    row, column, channel = (
        (block * channels, channels, 1) if columns_first else (block, 1, block**2)
    )
    shape = (batch, channels, height * block, width * block)
    value = _value(operator, context, view, shape)
    _, line, pixel, _ = dense_strides((batch, *shape[2:], channels))
    sizes = (batch * height, width, block, channels)
    for y in range(block):
        source = Layout((width * deep, deep, column, channel), y * row)
        target = Layout((block * line, block * pixel, pixel, 1), y * line)
        copy(context.builder, view.operand, source, value, target, sizes)
    rebind(operator, context, replace(view, operand=value, shape=shape))


def lower_space_to_depth(operator: Operator, context: OnnxContext) -> None:
    """Blocks of pixels become blocks of channels."""
    block, view = _operands(operator, context)
    batch, channels, height, width = view.shape
    if height % block or width % block:
        raise context.refusal(operator, f"{height} x {width} are no blocks of {block} x {block}")
    shape = (batch, channels * block**2, height // block, width // block)
    value = _value(operator, context, view, shape)
    line, deep = width * channels, shape[1]
    sizes = (batch * shape[2], shape[3], block, channels)
    for y in range(block):
        source = Layout((block * line, block * channels, channels, 1), y * line)
        target = Layout((shape[3] * deep, deep, channels, 1), y * block * channels)
        copy(context.builder, view.operand, source, value, target, sizes)
    rebind(operator, context, replace(view, operand=value, shape=shape))


def _operands(operator: Operator, context: OnnxContext) -> tuple[int, View]:
    """Side of a block, and the data with channels last in memory."""
    block = int(operator.attributes.get("blocksize", 0))
    view = context.view(operator, 0)
    if block < 1 or len(view.shape) != _RANK:
        raise context.refusal(operator, f"blocks of {block} in {len(view.shape)} axes")
    return block, context.in_order(view, channels_last(_RANK))


def _value(operator: Operator, context: OnnxContext, view: View, shape: tuple[int, ...]) -> int:
    sizes = tuple(shape[axis] for axis in view.order)
    return context.new_value(operator, sizes, context.builder.dtype_of(view.operand))


_DTYPES = (DType.FLOAT32, DType.INT8, DType.UINT8)
TABLE: LoweringTable = {
    "DepthToSpace": lowering(lower_depth_to_space, *_DTYPES, max_version=13),
    "SpaceToDepth": lowering(lower_space_to_depth, *_DTYPES, max_version=13),
}
