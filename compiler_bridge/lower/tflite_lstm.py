"""UNIDIRECTIONAL_SEQUENCE_LSTM as TFLM has it: without projection, peepholes or normalization."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fitgraph.compiler_bridge.lower.fixed_point import quantize_multiplier
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import INT8_AND_FLOAT, TfliteContext, activation
from fitgraph.compiler_bridge.lower.tflite_int16 import wide_bias, wide_multipliers
from fitgraph.compiler_bridge.lower.tflite_lstm_whole import (
    BIASES,
    CELL,
    HIDDEN,
    RECURRENT,
    WEIGHTS,
    is_whole,
    lower_whole,
    lstm_sequence,
)
from fitgraph.compiler_bridge.lower.tflite_requantize import tensor_scale
from fitgraph.compiler_bridge.lower.tflite_sigmoid16 import sigmoid_table
from fitgraph.compiler_bridge.lower.tflite_variable import variable
from fitgraph.compiler_bridge.lower.weights import fold_zero_point
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator, Quantization

GATE_SCALE = 2.0**-12  # of the sums of which the gates' functions are taken
Q15 = 2.0**-15  # scale of the gates
TABLE_EXPONENT = -12  # of the cell's scale, at which the table is read without a shift


def lower_lstm(operator: Operator, context: TfliteContext) -> None:
    """One step over the whole sequence; hidden state and cell are states."""
    if activation(operator.attributes) != "TANH":
        raise context.refusal(operator, f"its activation is {activation(operator.attributes)}")
    context.expect_one_dtype(operator, 0, HIDDEN)
    if context.tensor(operator, 0).dtype is DType.FLOAT32:
        hybrid = context.tensor(operator, WEIGHTS[1]).dtype is DType.INT8
        if hybrid or is_whole(operator, context):
            lower_whole(operator, context, hybrid=hybrid)
            return
    elif is_whole(operator, context):
        raise context.refusal(
            operator, "it has peepholes, a projection, normalized gates or no input gate"
        )
    sequence = _sequence(operator, context)
    fields: dict[str, Field] = {"sequence": sequence}
    data = context.operand(operator, 0)
    if context.tensor(operator, 0).dtype is DType.FLOAT32:
        states = _states(operator, context, DType.FLOAT32, DType.FLOAT32)
        w, r, bias = (
            _joined(operator, context, positions, np.dtype(np.float32))
            for positions in (WEIGHTS, RECURRENT, BIASES)
        )
        clip = float(np.float32(operator.attributes.get("cell_clip", 0.0)))
        fields |= {"has_two_biases": 0, "clip": clip}
        inputs = (data, w, r, bias)
        context.builder.step("lstm_f32", fields, inputs, context.new_output(operator), also=states)
        return
    dtype = context.tensor(operator, 0).dtype
    states = _states(operator, context, dtype, DType.INT16)
    fields |= (_int16_fields if dtype is DType.INT16 else _int8_fields)(operator, context)
    kernel = "lstm_s16" if dtype is DType.INT16 else "lstm_s8"
    context.builder.step(kernel, fields, (data,), context.new_output(operator), also=states)


def _sequence(operator: Operator, context: TfliteContext) -> dict[str, int]:
    sequence = lstm_sequence(operator, context)
    n_inputs, n_units = sequence["inputs"], sequence["units"]
    if context.tensor(operator, CELL).static_shape != (sequence["batch"], n_units):
        raise context.refusal(operator, "its cell has another shape than its state")
    for positions, wanted in (
        (WEIGHTS, (n_units, n_inputs)),
        (RECURRENT, (n_units, n_units)),
        (BIASES, (n_units,)),
    ):
        shapes = {context.tensor(operator, position).static_shape for position in positions}
        if shapes != {wanted}:
            raise context.refusal(operator, f"its weights have shapes {sorted(shapes)}")
    return sequence


def _states(
    operator: Operator, context: TfliteContext, hidden: DType, cell: DType
) -> tuple[int, int]:
    return (
        variable(operator, context, HIDDEN, hidden),
        variable(operator, context, CELL, cell),
    )


def _joined(
    operator: Operator,
    context: TfliteContext,
    positions: Sequence[int],
    dtype: np.dtype[np.generic],
) -> Array:
    """The four gates' constants, one after the other."""
    parts = [context.constant(operator, position, "weights") for position in positions]
    if any(part.dtype != dtype for part in parts):
        raise context.refusal(operator, f"its weights are {parts[0].dtype}, not {dtype}")
    return np.ascontiguousarray(np.stack(parts))


def _int8_fields(operator: Operator, context: TfliteContext) -> dict[str, Field]:
    source = context.quantization(operator, context.tensor(operator, 0))
    hidden = context.quantization(operator, context.tensor(operator, HIDDEN))
    w, w_bias, w_scaling = _gates(operator, context, WEIGHTS, source, BIASES)
    r, r_bias, r_scaling = _gates(operator, context, RECURRENT, hidden, ())
    return {
        "rules": _rules(operator, context, hidden),
        "w": w,
        "r": r,
        "w_bias": w_bias,
        "r_bias": r_bias,
        "w_multiplier": w_scaling[0],
        "w_shift": w_scaling[1],
        "r_multiplier": r_scaling[0],
        "r_shift": r_scaling[1],
    }


def _int16_fields(operator: Operator, context: TfliteContext) -> dict[str, Field]:
    source = context.symmetric(operator, context.tensor(operator, 0))
    hidden = context.symmetric(operator, context.tensor(operator, HIDDEN))
    n_units = context.tensor(operator, HIDDEN).static_shape[1]
    w_scaling = wide_multipliers(context, operator, _scales(operator, context, WEIGHTS, source))
    r_scaling = wide_multipliers(context, operator, _scales(operator, context, RECURRENT, hidden))
    biases = [wide_bias(operator, context, n_units, position) for position in BIASES]
    return {
        "rules": _rules(operator, context, hidden),
        "w": _joined(operator, context, WEIGHTS, np.dtype(np.int8)),
        "r": _joined(operator, context, RECURRENT, np.dtype(np.int8)),
        "w_bias": np.concatenate(biases),
        "w_multiplier": w_scaling[0],
        "w_shift": w_scaling[1],
        "r_multiplier": r_scaling[0],
        "r_shift": r_scaling[1],
    }


def _rules(operator: Operator, context: TfliteContext, hidden: Quantization) -> dict[str, Field]:
    """The ``fg_lstm_rules``."""
    cell = context.symmetric(operator, context.tensor(operator, CELL))
    exponent = round(math.log2(cell.scale))
    if 2.0**exponent != cell.scale or not TABLE_EXPONENT - 16 < exponent <= -9:
        raise context.refusal(operator, f"its cell's scale is {cell.scale}")
    if context.quantization(operator, context.output(operator)) != hidden:
        raise context.refusal(operator, "its output is scaled differently from its hidden state")
    clip = float(np.float32(operator.attributes.get("cell_clip", 0.0)))
    shift = exponent - TABLE_EXPONENT
    return {
        "sigmoid": sigmoid_table(),
        **_scaling("forget", Q15 * cell.scale / cell.scale),
        **_scaling("input", Q15 * Q15 / cell.scale),
        **_scaling("output", Q15 * Q15 / hidden.scale),
        "cell_multiplier": 3 << max(shift, 0),
        "cell_shift": max(-shift, 0),
        "clip": int(min(clip / cell.scale, 32767.0)) if clip > 0 else 0,
        "hidden_zero_point": hidden.zero_point,
    }


def _scaling(name: str, real: float) -> dict[str, Field]:
    multiplier, shift = quantize_multiplier(real)
    return {f"{name}_multiplier": multiplier, f"{name}_shift": shift}


def _gates(
    operator: Operator,
    context: TfliteContext,
    positions: Sequence[int],
    data: Quantization,
    biases: Sequence[int],
) -> tuple[Array, Array, tuple[tuple[int, ...], tuple[int, ...]]]:
    """Weights, biases with the data's zero point in them, and scaling to the gates' sums."""
    weights = _joined(operator, context, positions, np.dtype(np.int8))
    rows = weights.reshape(-1, weights.shape[-1])
    given = np.zeros(len(rows), np.int32)
    if biases:
        given = _joined(operator, context, biases, np.dtype(np.int32)).reshape(-1)
    folded = fold_zero_point(rows, given, data.zero_point, padded=False)
    pairs = [quantize_multiplier(scale) for scale in _scales(operator, context, positions, data)]
    multipliers, shifts = zip(*pairs, strict=True)
    return weights, folded.bias, (multipliers, shifts)


def _scales(
    operator: Operator, context: TfliteContext, positions: Sequence[int], data: Quantization
) -> list[float]:
    """By which the products of data with each gate's weights become the gate's sums."""
    to = Quantization((GATE_SCALE,), (0,))
    filters = (context.symmetric(operator, context.tensor(operator, i)) for i in positions)
    return [tensor_scale(data, one, to)[0] for one in filters]


TABLE: LoweringTable = {
    "UNIDIRECTIONAL_SEQUENCE_LSTM": lowering(
        lower_lstm, *INT8_AND_FLOAT, DType.INT16, max_version=4
    ),
}
