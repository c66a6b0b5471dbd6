"""SVDF."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower.fixed_point import quantize_multiplier
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import (
    INT8_AND_FLOAT,
    TfliteContext,
    float_bounds,
)
from fitgraph.compiler_bridge.lower.tflite_conv import constant_bias
from fitgraph.compiler_bridge.lower.tflite_hybrid import (
    LARGEST_SUM,
    as_int8,
    is_asymmetric,
    is_hybrid,
    refuse_least,
)
from fitgraph.compiler_bridge.lower.tflite_variable import variable
from fitgraph.compiler_bridge.lower.weights import fold_zero_point
from fitgraph.compiler_bridge.program import Array, Field, Operand
from fitgraph.registry.model_graph import DType, Operator

FEATURES, TIMES, BIAS, STATE = 1, 2, 3, 4  # inputs


def lower_svdf(operator: Operator, context: TfliteContext) -> None:
    """One step over all filters; their memory is a state."""
    features = context.constant(operator, FEATURES, "feature weights")
    times = context.constant(operator, TIMES, "time weights")
    source = context.tensor(operator, 0)
    context.expect_one_dtype(operator, 0)
    is_float = source.dtype is DType.FLOAT32
    hybrid = is_hybrid(operator, context)
    fields = _sizes(operator, context, features, times)
    state = variable(operator, context, STATE, DType.FLOAT32 if is_float else DType.INT16)
    wanted = fields["batch"], times.size
    if context.tensor(operator, STATE).static_shape != wanted:
        raise context.refusal(operator, f"its state has not the shape {list(wanted)}")
    inputs: tuple[Operand, ...] = (context.operand(operator, 0),)
    if hybrid:
        fields |= _hybrid_fields(operator, context, features, times)
        batch = context.tensor(operator, 0).static_shape[0]
        inputs = as_int8(operator, context, batch, asymmetric=is_asymmetric(operator))
    else:
        more = _float_fields if is_float else _int8_fields
        fields |= more(operator, context, features, times)
    value = context.new_output(operator)
    kernel = "svdf_hybrid_f32" if hybrid else "svdf_f32" if is_float else "svdf_s8"
    context.builder.step(kernel, fields, inputs, value, also=(state,))


def _sizes(
    operator: Operator, context: TfliteContext, features: Array, times: Array
) -> dict[str, Field]:
    shape = context.tensor(operator, 0).static_shape
    rank = context.positive(operator, "rank")
    if len(shape) != 2 or features.ndim != 2 or times.ndim != 2 or not features.size:
        raise context.refusal(operator, "its input and weights are no matrices")
    n_filters, n_inputs = features.shape
    if n_inputs != shape[1] or times.shape[0] != n_filters or n_filters % rank or not times.size:
        raise context.refusal(
            operator, f"its weights {features.shape} and {times.shape} do not suit {list(shape)}"
        )
    context.expect_shape(operator, (shape[0], n_filters // rank))
    sizes = {"batch": shape[0], "inputs": n_inputs, "units": n_filters // rank}
    return {**sizes, "rank": rank, "memory": times.shape[1]}


def _float_fields(
    operator: Operator, context: TfliteContext, features: Array, times: Array
) -> dict[str, Field]:
    if {features.dtype.name, times.dtype.name} != {"float32"}:
        raise context.refusal(operator, f"its weights are {features.dtype}, its input float32")
    low, high = float_bounds(context, operator)
    n_units = context.output(operator).static_shape[1]
    return {
        "feature_weights": np.ascontiguousarray(features),
        "time_weights": np.ascontiguousarray(times),
        "bias": constant_bias(operator, context, n_units, np.float32, BIAS),
        "low": low,
        "high": high,
    }


def _hybrid_fields(
    operator: Operator, context: TfliteContext, features: Array, times: Array
) -> dict[str, Field]:
    if times.dtype != np.int8:
        raise context.refusal(operator, f"its weights are {features.dtype} and {times.dtype}")
    if features.shape[1] > LARGEST_SUM:
        raise context.refusal(operator, "its accumulators could overflow 32 bits")
    refuse_least(operator, context, features)
    low, high = float_bounds(context, operator)
    n_units = context.output(operator).static_shape[1]
    feature, time = (
        context.symmetric(operator, context.tensor(operator, i)) for i in (FEATURES, TIMES)
    )
    return {
        "feature_weights": np.ascontiguousarray(features),
        "sums": features.sum(axis=1, dtype=np.int32),
        "time_weights": np.ascontiguousarray(times),
        "bias": constant_bias(operator, context, n_units, np.float32, BIAS),
        "feature_scale": feature.scale,
        "time_scale": time.scale,
        "low": low,
        "high": high,
    }


def _int8_fields(
    operator: Operator, context: TfliteContext, features: Array, times: Array
) -> dict[str, Field]:
    """Effective scales are quotients of float32 numbers. No activation is applied (TFLM)."""
    if features.dtype != np.int8 or times.dtype != np.int16:
        raise context.refusal(operator, f"its weights are {features.dtype} and {times.dtype}")
    source, feature, time, state, out = (
        context.quantization(operator, tensor)
        for tensor in (
            *(context.tensor(operator, i) for i in (0, FEATURES, TIMES, STATE)),
            context.output(operator),
        )
    )
    if feature.zero_point or time.zero_point:
        raise context.refusal(operator, "its weights have a zero point")
    one = np.float32(source.scale) * np.float32(feature.scale) / np.float32(state.scale)
    two = np.float32(state.scale) * np.float32(time.scale) / np.float32(out.scale)
    zeros = np.zeros(len(features), np.int32)
    folded = fold_zero_point(features, zeros, source.zero_point, padded=False)
    feature_multiplier, feature_shift = quantize_multiplier(float(one))
    out_multiplier, out_shift = quantize_multiplier(float(two))
    n_units = context.output(operator).static_shape[1]
    return {
        "feature_weights": np.ascontiguousarray(features),
        "feature_bias": folded.bias,
        "time_weights": np.ascontiguousarray(times),
        "bias": constant_bias(operator, context, n_units, np.int32, BIAS),
        "feature_multiplier": feature_multiplier,
        "feature_shift": feature_shift,
        "state_zero_point": state.zero_point,
        "out_multiplier": out_multiplier,
        "out_shift": out_shift,
        "out_zero_point": out.zero_point,
    }


TABLE: LoweringTable = {
    "SVDF": lowering(lower_svdf, *INT8_AND_FLOAT, max_version=4),
}
