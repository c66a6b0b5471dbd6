"""Layers of 8-bit data whose zero point is known only when running, and what follows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import FLOAT32_MAX, OnnxContext
from fitgraph.compiler_bridge.lower.onnx_views import Order, View, identity
from fitgraph.compiler_bridge.program import Array, Field, Operand
from fitgraph.registry.model_graph import DType, Operator

_INT8 = np.iinfo(np.int8)
# Of products of two 8-bit differences, so many fit 32 bits.
MOST_TERMS = 2**31 // 255**2


@dataclass(frozen=True, slots=True, eq=False)
class DynamicLayer:
    """A convolution, or a dense layer as one of one pixel.

    Attributes:
        data: int8 in the order of axes that the kernel reads.
        zero_point: of the data, one int8 in memory or a constant.
        weights: int8, out_c x height x width x in_c.
        weight_zero_points: int8, one for each filter, where weights less them leave 8 bits.
        geometry: fields of the window.
        shape: of the output, in the file's order of axes.
        order: of the output's axes in memory.
        channel_axis: the output's axis of the filters.
    """

    data: View
    zero_point: Operand
    weights: Array
    weight_zero_points: Array | None
    geometry: Mapping[str, Field]
    shape: tuple[int, ...]
    order: Order
    channel_axis: int

    @property
    def n_filters(self) -> int:
        return int(self.weights.shape[0])

    @property
    def fields(self) -> dict[str, Field]:
        """The kernels' layer."""
        totals = self.weights.reshape(self.n_filters, -1).sum(axis=1, dtype=np.int32)
        zeros = self.weight_zero_points
        return {
            "weights": np.ascontiguousarray(self.weights),
            "totals": totals,
            "weight_zero_points": "NULL" if zeros is None else zeros,
            **self.geometry,
        }


def centred(
    operator: Operator, context: OnnxContext, weights: Array, zero_points: Array
) -> tuple[Array, Array | None]:
    """Weights, filters first, without their zero points; or with those that leave 8 bits.

    Args:
        weights: int8 or uint8.
        zero_points: int64, one or one for each filter.
    """
    n = weights.shape[0]
    if weights.size == 0 or weights[0].size > MOST_TERMS:
        raise context.refusal(operator, f"it sums up {weights.size} weights, which 32 bits are for")
    column = (-1,) + (1,) * (weights.ndim - 1)
    difference = weights.astype(np.int64) - zero_points.reshape(column)
    if difference.min() >= _INT8.min and difference.max() <= _INT8.max:
        return difference.astype(np.int8), None
    shift = 128 if weights.dtype == np.uint8 else 0
    shifted = np.broadcast_to(zero_points - shift, n).astype(np.int8)
    return (weights.astype(np.int64) - shift).astype(np.int8), shifted


def emit_sums(operator: Operator, context: OnnxContext, layer: DynamicLayer) -> View:
    """The int32 sums."""
    value = _output(operator, context, layer, DType.INT32)
    operands = (layer.data.operand, layer.zero_point)
    context.builder.step("conv2d_dynamic_s32", {"layer": layer.fields}, operands, value)
    return View(value, layer.shape, layer.order)


def emit_reals(operator: Operator, context: OnnxContext, layer: DynamicLayer, tail: Tail) -> View:
    """The sums times a scale, and a bias."""
    fields: dict[str, Field] = {
        "layer": layer.fields,
        "bias": tail.bias,
        "scale_step": int(tail.scale_size > 1),
        "low": tail.low,
        "high": tail.high,
    }
    value = _output(operator, context, layer, DType.FLOAT32)
    operands = (layer.data.operand, layer.zero_point, tail.scale)
    context.builder.step("conv2d_dynamic_s8_f32", fields, operands, value)
    return View(value, layer.shape, layer.order)


def _output(operator: Operator, context: OnnxContext, layer: DynamicLayer, dtype: DType) -> int:
    return context.new_value(operator, tuple(layer.shape[axis] for axis in layer.order), dtype)


@dataclass(frozen=True, slots=True, eq=False)
class Tail:
    """What becomes of a layer's sums: ``(sum * scale + bias)``, clipped.

    Attributes:
        scale: float32 in memory or a constant.
        scale_size: how many they are, 1 or one for each filter.
        bias: one for each filter.
        last: the operator whose output comes out.
        fused: positions of the operators that are done by this.
    """

    scale: Operand
    scale_size: int
    bias: Array
    last: Operator
    fused: tuple[int, ...] = ()
    low: float = -FLOAT32_MAX
    high: float = FLOAT32_MAX


def following_tail(operator: Operator, context: OnnxContext, layer: DynamicLayer) -> Tail | None:
    """The Cast, the Mul with scales, the Add of a bias and the Relu that follow alone."""
    cast = context.only_consumer(operator.outputs[0])
    if cast is None or cast[1].op_type != "Cast" or _dtype(context, cast[1]) is not DType.FLOAT32:
        return None
    product = context.only_consumer(cast[1].outputs[0])
    if product is None or product[1].op_type != "Mul":
        return None
    scale = _by_filter(context, layer, product[1])
    if scale is None:
        return None
    bias = np.zeros(layer.n_filters, np.float32)
    tail = Tail(scale.operand, _size(scale), bias, product[1], (cast[0], product[0]))
    return _with_clip(context, _with_bias(context, layer, tail))


def _with_bias(context: OnnxContext, layer: DynamicLayer, tail: Tail) -> Tail:
    follower = context.only_consumer(tail.last.outputs[0])
    if follower is None or follower[1].op_type != "Add":
        return tail
    bias = _by_filter(context, layer, follower[1])
    if bias is None or isinstance(bias.operand, int):
        return tail
    row = np.broadcast_to(bias.operand.reshape(-1), layer.n_filters)
    return replace(tail, bias=row.copy(), last=follower[1], fused=(*tail.fused, follower[0]))


def _with_clip(context: OnnxContext, tail: Tail) -> Tail:
    clip = context.following_clip(tail.last.outputs[0])
    if clip is None:
        return tail
    position, last, low, high = clip
    return replace(tail, low=low, high=high, last=last, fused=(*tail.fused, position))


def _by_filter(context: OnnxContext, layer: DynamicLayer, operator: Operator) -> View | None:
    """The operator's second operand, if it is there already, and one or one for each filter."""
    index = operator.inputs[1] if len(operator.inputs) == 2 else None
    if index is None or not (index in context.entries or context.is_constant(operator, 1)):
        return None
    if context.output_shape(operator) != layer.shape or _dtype(context, operator) is DType.INT32:
        return None
    view = context.logical(context.float_view(operator, 1))
    rank = len(layer.shape)
    wanted = [1] * rank
    wanted[layer.channel_axis] = layer.n_filters
    padded = (1,) * (rank - len(view.shape)) + view.shape
    return view if padded in (tuple(wanted), (1,) * rank) else None


def _size(view: View) -> int:
    return int(np.prod(view.shape, dtype=np.int64))


def _dtype(context: OnnxContext, operator: Operator) -> DType:
    return context.graph.tensors[operator.outputs[0]].dtype


def as_operand(array: Array) -> View:
    """A constant in logical order."""
    return View(np.ascontiguousarray(array), array.shape, identity(array.ndim))
