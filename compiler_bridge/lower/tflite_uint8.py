"""Legacy 8-bit unsigned layers: int8 with the zero point minus 128, the sign bit flipped.

A graph with such layers is lowered as a signed one; only model inputs and outputs are flipped.
What LiteRT computes differently on unsigned values has a lowering of its own here: weights with a
zero point, averages that round halves upwards, tables made in float32.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fitgraph.compiler_bridge.lower import (
    tflite_along,
    tflite_functions,
    tflite_pairs,
    tflite_reduce,
    tflite_softmax,
    tflite_unary,
)
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_binary import lower_binary
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_conv import constant_bias
from fitgraph.compiler_bridge.lower.tflite_grouped import grouped_conv
from fitgraph.compiler_bridge.lower.tflite_pool import lower_max_pool, lower_pool
from fitgraph.compiler_bridge.lower.tflite_requantize import requantization, tensor_scale
from fitgraph.compiler_bridge.lower.tflite_unary import lower_unary
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, ModelGraph, Operator, Quantization, Tensor

FLIP = 128
# Products of two 8-bit differences; that many of them fit 32 bits with a bias as large again.
MOST_TERMS = 2**14


def as_signed(graph: ModelGraph) -> ModelGraph:
    """The graph with each quantized uint8 tensor as int8, if any of its layers computes on them."""
    computes = any(
        operator.op_type in TABLE and _is_unsigned(part, operator)
        for part in (graph, *graph.subgraphs)
        for operator in part.operators
    )
    return _all_signed(graph) if computes else graph


def _all_signed(graph: ModelGraph) -> ModelGraph:
    return replace(
        graph,
        tensors=tuple(map(_signed, graph.tensors)),
        subgraphs=tuple(map(_all_signed, graph.subgraphs)),
    )


def _is_unsigned(graph: ModelGraph, operator: Operator) -> bool:
    return any(graph.tensors[index].dtype is DType.UINT8 for index in operator.outputs)


def _signed(tensor: Tensor) -> Tensor:
    q = tensor.quantization
    if tensor.dtype is not DType.UINT8 or q is None:
        return tensor
    zero_points = tuple(zero_point - FLIP for zero_point in q.zero_points)
    data = None
    if tensor.data is not None:
        data = (tensor.data ^ np.uint8(FLIP)).view(np.int8)
    return replace(
        tensor, dtype=DType.INT8, data=data, quantization=replace(q, zero_points=zero_points)
    )


def lower_layer(operator: Operator, context: TfliteContext) -> None:
    """CONV_2D and DEPTHWISE_CONV_2D."""
    conv = grouped_conv(operator, context)
    _emit(operator, context, conv.weights, conv.fields)


def lower_fully_connected(operator: Operator, context: TfliteContext) -> None:
    """A convolution of one pixel."""
    weights = context.constant(operator, 1, "weights")
    source = context.tensor(operator, 0)
    if weights.ndim != 2 or operator.attributes.get("weights_format", "DEFAULT") != "DEFAULT":
        raise context.refusal(operator, "its weights are not a plain matrix")
    context.expect_one_dtype(operator, 0)
    out_n, in_n = weights.shape
    if in_n == 0 or source.n_elements % in_n:
        raise context.refusal(
            operator, f"{source.n_elements} inputs do not fill rows of {in_n} weights"
        )
    batch = source.n_elements // in_n
    context.expect_elements(operator, batch * out_n)
    ones = ("in_h", "in_w", "out_h", "out_w", "kernel_h", "kernel_w", "stride_h", "stride_w")
    fields: dict[str, Field] = dict.fromkeys((*ones, "groups", "dilation_h", "dilation_w"), 1)
    fields |= {"batch": batch, "in_c": in_n, "out_c": out_n, "pad_h": 0, "pad_w": 0}
    _emit(operator, context, weights.reshape(out_n, 1, 1, in_n), fields)


def _emit(
    operator: Operator, context: TfliteContext, weights: Array, fields: dict[str, Field]
) -> None:
    source = context.quantization(operator, context.tensor(operator, 0))
    output = context.quantization(operator, context.output(operator))
    filters = context.quantization(operator, context.tensor(operator, 1))
    if weights.dtype != np.int8:
        raise context.refusal(operator, f"its weights are {weights.dtype}")
    bias = constant_bias(operator, context, len(weights), np.int32)
    if weights[0].size > MOST_TERMS or np.abs(bias.astype(np.int64)).max() >= 2**30:
        raise context.refusal(operator, "its accumulators could overflow 32 bits")
    fields |= {
        "weights": weights,
        "bias": bias,
        "requant": requantization(context, operator, tensor_scale(source, filters, output), output),
        "offset": -source.zero_point,
        "weight_offset": -filters.zero_point,
    }
    inputs = (context.operand(operator, 0),)
    context.builder.step("conv2d_u8", fields, inputs, context.new_output(operator))


def lower_average_pool(operator: Operator, context: TfliteContext) -> None:
    """Halves go upwards, since unsigned sums are never negative."""
    lower_pool(operator, context, "average_half_up_s8", average=1)


def lower_softmax(operator: Operator, context: TfliteContext) -> None:
    """Along the last axis, by float32 exponentials."""
    source = context.tensor(operator, 0)
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, source.static_shape)
    if not source.shape:
        raise context.refusal(operator, "its input is a scalar")
    output = context.quantization(operator, context.output(operator))
    if output != Quantization((1 / 256,), (-FLIP,)):
        raise context.refusal(operator, "its output scale is not 1/256 from 0")
    scale = context.quantization(operator, source).scale
    beta = np.float32(operator.attributes.get("beta", 1.0))
    step = -np.float32(scale) * beta
    fields: dict[str, Field] = {
        "exp": np.exp(step * np.arange(256, dtype=np.float32), dtype=np.float32),
        "rows": source.n_elements // source.static_shape[-1],
        "columns": source.static_shape[-1],
        "scale": output.scale,
    }
    inputs = (context.operand(operator, 0),)
    value = context.new_output(operator)
    context.builder.step("softmax_litert_s8", fields, inputs, value, clearance_bytes=0)


def lower_table(operator: Operator, context: TfliteContext) -> None:
    """LOGISTIC and TANH: each of 256 results in float32, rounded to the output's scale."""
    source = context.quantization(operator, context.tensor(operator, 0))
    output = context.quantization(operator, context.output(operator))
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, context.tensor(operator, 0).static_shape)
    steps = np.arange(-128, 128) - source.zero_point
    x = steps.astype(np.float32) * np.float32(source.scale)
    with np.errstate(over="ignore"):
        one = np.float32(1)
        y = one / (one + np.exp(-x)) if operator.op_type == "LOGISTIC" else np.tanh(x)
    scaled = y * (one / np.float32(output.scale))
    rounded = np.trunc(scaled + np.copysign(np.float32(0.5), scaled)) + output.zero_point
    table = np.clip(rounded, -128, 127).astype(np.int8)
    fields: dict[str, Field] = {"table": table, "n": context.tensor(operator, 0).n_elements}
    inputs = (context.operand(operator, 0),)
    value = context.new_output(operator)
    context.builder.step("lookup_s8", fields, inputs, value, clearance_bytes=0)


def lower_relu6(operator: Operator, context: TfliteContext) -> None:
    """LiteRT rescales it, which the table of int8 does not."""
    tensors = context.tensor(operator, 0), context.output(operator)
    source, output = (context.quantization(operator, tensor) for tensor in tensors)
    if source != output:
        raise context.refusal(operator, "its output is scaled differently from its input")
    lower_unary(operator, context)


# What LiteRT computes on unsigned values as TFLM does on signed ones.
_AS_SIGNED = (
    (tflite_functions.INT8_TABLE, ("HARD_SWISH",)),
    (tflite_functions.TABLE, ("GELU",)),
    (tflite_unary.TABLE, ("LEAKY_RELU", "RELU_N1_TO_1", "RELU_0_TO_1")),
    (tflite_pairs.INTEGERS, ("MAXIMUM", "MINIMUM")),
    (tflite_pairs.QUANTIZED, ("PRELU",)),
    (tflite_softmax.TABLE, ("LOG_SOFTMAX",)),
    (tflite_reduce.TABLE, ("MEAN", "REDUCE_MAX")),
    (tflite_along.TABLE, ("REDUCE_MIN",)),
)

TABLE: LoweringTable = {
    **{
        name: replace(table[name], dtypes=frozenset({DType.UINT8}))
        for table, names in _AS_SIGNED
        for name in names
    },
    "RELU6": lowering(lower_relu6, DType.UINT8, max_version=2),
    "CONV_2D": lowering(lower_layer, DType.UINT8, max_version=5),
    "DEPTHWISE_CONV_2D": lowering(lower_layer, DType.UINT8, max_version=6),
    "FULLY_CONNECTED": lowering(lower_fully_connected, DType.UINT8, max_version=12),
    "AVERAGE_POOL_2D": lowering(lower_average_pool, DType.UINT8, max_version=2),
    "MAX_POOL_2D": lowering(lower_max_pool, DType.UINT8, max_version=2),
    "SOFTMAX": lowering(lower_softmax, DType.UINT8, max_version=3),
    "LOGISTIC": lowering(lower_table, DType.UINT8, max_version=2),
    "TANH": lowering(lower_table, DType.UINT8, max_version=2),
    "ADD": lowering(lower_binary, DType.UINT8, max_version=2),
    "SUB": lowering(lower_binary, DType.UINT8, max_version=2),
    "MUL": lowering(lower_binary, DType.UINT8, max_version=2),
    "RELU": lowering(lower_unary, DType.UINT8, max_version=2),
}
