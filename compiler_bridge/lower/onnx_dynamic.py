"""Layers whose data are brought to 8 bits by their range when running (quantize_dynamic)."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower.movement import broadcast_loops
from fitgraph.compiler_bridge.lower.onnx_binary import OPERATIONS
from fitgraph.compiler_bridge.lower.onnx_context import FLOAT32_MAX, OnnxContext
from fitgraph.compiler_bridge.lower.onnx_conv import layer_geometry, spatial_last
from fitgraph.compiler_bridge.lower.onnx_dynamic_layer import (
    MOST_TERMS,
    DynamicLayer,
    Tail,
    centred,
    emit_reals,
    emit_sums,
    following_tail,
)
from fitgraph.compiler_bridge.lower.onnx_matmul import matrices
from fitgraph.compiler_bridge.lower.onnx_views import (
    Constant,
    Integers,
    Numbers,
    View,
    channels_last,
    identity,
)
from fitgraph.compiler_bridge.lower.onnx_windows import ONE_PIXEL
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field, Operand
from fitgraph.registry.model_graph import DType, Operator

_BYTES = (np.dtype(np.int8), np.dtype(np.uint8))


def lower_dynamic_quantize(operator: Operator, context: OnnxContext) -> None:
    """Integers, their scale and their zero point."""
    source = context.float_view(operator, 0)
    view, scale, zero = quantized_by_range(context, source)
    context.bind(operator, Integers(view, unsigned=True))
    for position, entry in ((1, scale), (2, Integers(zero, unsigned=True))):
        if position < len(operator.outputs):
            context.bind(operator, entry, position)


def quantized_by_range(context: OnnxContext, source: View) -> tuple[View, View, View]:
    """A step: the integers (uint8 held as int8), their scale and their zero point."""
    builder = context.builder
    value = builder.value(f"{builder.label} integers", source.memory_shape, DType.INT8)
    scale = builder.value(f"{builder.label} scale", (), DType.FLOAT32)
    zero = builder.value(f"{builder.label} zero point", (), DType.INT8)
    fields: dict[str, Field] = {"n": math.prod(source.shape)}
    builder.step("quantize_dynamic", fields, (source.operand,), value, also=(scale, zero))
    return replace(source, operand=value), View(scale, (), ()), View(zero, (), ())


def lower_mat_mul_integer(operator: Operator, context: OnnxContext) -> None:
    """A dense layer where the second operand is a constant matrix."""
    data, zero = _data(operator, context, 0), _zero_point(operator, context, 0, 2)
    weights = context.entry(operator, 1)
    if isinstance(weights, Constant) and weights.array.ndim == 2:
        zeros = _weight_zeros(operator, context)
        layer = _dense_layer(operator, context, data, zero, weights.array, zeros)
        _emit(operator, context, layer)
        return
    other, other_zero = _data(operator, context, 1), _zero_point(operator, context, 1, 3)
    data, other = context.logical(data), context.logical(other)
    product, shape = matrices(operator, context, data.shape, other.shape)
    if data.shape[-1] > MOST_TERMS:
        raise context.refusal(operator, "its sums could overflow 32 bits")
    known: dict[str, Field] = {"a_zero_point": 0, "b_zero_point": 0}
    value = context.new_value(operator, shape, DType.INT32)
    operands = (data.operand, zero, other.operand, other_zero)
    fields = {"matrices": product | known}
    context.builder.step("matmul_dynamic_s32", fields, operands, value)
    context.bind(operator, Numbers(View(value, shape, identity(len(shape))), DType.INT32))


def lower_conv_integer(operator: Operator, context: OnnxContext) -> None:
    """Weights are constant."""
    weights = _constant(operator, context)
    data, zero = _data(operator, context, 0), _zero_point(operator, context, 0, 2)
    rows, zeros = centred(operator, context, weights, _weight_zeros(operator, context))
    fields, _, _, shape = layer_geometry(operator, context, data, rows.shape)
    order = channels_last(len(shape))
    layer = DynamicLayer(
        data=context.in_order(data, order),
        zero_point=zero,
        weights=spatial_last(rows),
        weight_zero_points=zeros,
        geometry=fields,
        shape=shape,
        order=order,
        channel_axis=1,
    )
    _emit(operator, context, layer)


def _emit(operator: Operator, context: OnnxContext, layer: DynamicLayer) -> None:
    """Reals where a product with scales follows, else the sums."""
    tail = following_tail(operator, context, layer)
    if tail is None:
        context.bind(operator, Numbers(emit_sums(operator, context, layer), DType.INT32))
        return
    view = emit_reals(operator, context, layer, tail)
    context.done |= set(tail.fused)
    context.bind(tail.last, view)


def _dense_layer(
    operator: Operator,
    context: OnnxContext,
    data: View,
    zero: Operand,
    matrix: Array,
    zero_points: Array,
) -> DynamicLayer:
    rows, zeros = centred(operator, context, matrix.T, zero_points)
    out_n, in_n = rows.shape
    if data.shape[-1:] != (in_n,):
        raise context.refusal(operator, f"data {list(data.shape)} meets {in_n} weights in each row")
    geometry: dict[str, Field] = dict.fromkeys(ONE_PIXEL, 1)
    geometry |= {"batch": math.prod(data.shape[:-1]), "in_c": in_n, "out_c": out_n}
    shape = (*data.shape[:-1], out_n)
    return DynamicLayer(
        data=context.logical(data),
        zero_point=zero,
        weights=rows.reshape(out_n, 1, 1, in_n),
        weight_zero_points=zeros,
        geometry=geometry | {"pad_h": 0, "pad_w": 0},
        shape=shape,
        order=identity(len(shape)),
        channel_axis=len(shape) - 1,
    )


def lower_mat_mul_to_float(operator: Operator, context: OnnxContext) -> None:
    """MatMulIntegerToFloat: the scales of both operands and a bias are inputs."""
    data, zero = _data(operator, context, 0), _zero_point(operator, context, 0, 4)
    _scaled_dense(operator, context, data, zero, _scale(operator, context, 2), (3, 5, 6))


def lower_dynamic_mat_mul(operator: Operator, context: OnnxContext) -> None:
    """DynamicQuantizeMatMul: the same with data that are quantized by their range."""
    view, scale, zero = quantized_by_range(context, context.float_view(operator, 0))
    _scaled_dense(operator, context, view, zero.operand, scale, (2, 3, 4))


def _scale(operator: Operator, context: OnnxContext, position: int) -> View:
    view = context.logical(context.float_view(operator, position))
    if math.prod(view.shape) != 1:
        raise context.refusal(operator, f"its data have {math.prod(view.shape)} scales")
    return view


def _scaled_dense(
    operator: Operator,
    context: OnnxContext,
    data: View,
    zero: Operand,
    scale: View,
    rest: tuple[int, int, int],
) -> None:
    """The inputs ``rest`` are the weights' scale and zero point, and the bias."""
    scales = context.checked_scales(operator, context.constant(operator, rest[0], "scale"))
    matrix = _constant(operator, context)
    if matrix.ndim != 2:
        raise context.refusal(operator, f"its weights have {matrix.ndim} axes, not two")
    n = matrix.shape[1]
    zeros = context.zero_points(operator, rest[1], matrix.dtype, n)
    layer = _dense_layer(operator, context, data, zero, matrix, zeros)
    if scales.size not in (1, n):
        raise context.refusal(operator, f"it has {scales.size} scales for {n} outputs")
    bias = np.zeros(n, np.float32)
    if context.has_input(operator, rest[2]):
        bias = context.constant(operator, rest[2], "bias").astype(np.float32).reshape(-1)
    if bias.shape != (n,):
        raise context.refusal(operator, f"its bias has shape {list(bias.shape)} for {n} outputs")
    tail = Tail(_product(context, scale, scales), scales.size, bias, operator)
    context.bind(operator, emit_reals(operator, context, layer, tail))


def _product(context: OnnxContext, scale: View, scales: Array) -> Operand:
    """The scales of the sums."""
    if not isinstance(scale.operand, int):
        return np.asarray(scale.operand.reshape(-1)[0] * scales, np.float32)
    value = context.builder.value(f"{context.builder.label} scales", scales.shape, DType.FLOAT32)
    loops = broadcast_loops(context.builder.label, (1,), scales.shape, scales.shape)
    fields: dict[str, Field] = {"loops": loops, "operation": OPERATIONS["Mul"]}
    fields |= {"low": -FLOAT32_MAX, "high": FLOAT32_MAX}
    context.builder.step("binary_f32", fields, (scale.operand, scales), value)
    return value


def _data(operator: Operator, context: OnnxContext, position: int) -> View:
    """8-bit integers in memory or constant, uint8 as int8."""
    entry = context.entry(operator, position)
    if isinstance(entry, Integers):
        return entry.view
    if isinstance(entry, Constant) and entry.array.dtype in _BYTES:
        return View(_signed(entry.array), entry.array.shape, identity(entry.array.ndim))
    raise context.refusal(operator, f"its input {position} is not an 8-bit tensor")


def _signed(array: Array) -> Array:
    return array if array.dtype == np.int8 else (array ^ np.uint8(0x80)).view(np.int8)


def _zero_point(operator: Operator, context: OnnxContext, data: int, position: int) -> Operand:
    """One int8; that of uint8 data is 128 less."""
    index = operator.inputs[data]
    dtype = np.dtype("int8" if index is None else context.graph.tensors[index].dtype.value)
    if not context.has_input(operator, position):
        return _signed(np.zeros(1, dtype))
    view = context.logical(_data(operator, context, position))
    if math.prod(view.shape) != 1:
        raise context.refusal(operator, f"its input {position} has shape {list(view.shape)}")
    return view.operand


def _constant(operator: Operator, context: OnnxContext) -> Array:
    weights = context.constant(operator, 1, "weights")
    if weights.dtype not in _BYTES:
        raise context.refusal(operator, f"its weights are {weights.dtype}")
    return weights


def _weight_zeros(operator: Operator, context: OnnxContext) -> Array:
    """The zero points at input 3, int64."""
    dtype = _constant(operator, context).dtype
    n = _constant(operator, context).shape[-1 if operator.op_type == "MatMulInteger" else 0]
    return context.zero_points(operator, 3, dtype, n)


TABLE: LoweringTable = {
    "DynamicQuantizeLinear": lowering(lower_dynamic_quantize, DType.UINT8, max_version=11),
    "MatMulInteger": lowering(lower_mat_mul_integer, DType.INT32, max_version=10),
    "ConvInteger": lowering(lower_conv_integer, DType.INT32, max_version=10),
    "MatMulIntegerToFloat": lowering(lower_mat_mul_to_float, DType.FLOAT32, max_version=1),
    "DynamicQuantizeMatMul": lowering(lower_dynamic_mat_mul, DType.FLOAT32, max_version=1),
}
