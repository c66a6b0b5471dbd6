"""DynamicQuantizeLSTM: an LSTM of 8-bit weights, whose data are quantized when running."""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_dynamic import quantized_by_range
from fitgraph.compiler_bridge.lower.onnx_dynamic_layer import centred
from fitgraph.compiler_bridge.lower.onnx_recurrent import (
    CELL,
    FUNCTIONS,
    HIDDEN,
    QUANTIZED,
    Sizes,
    bind_named,
    first_state,
    joined,
    layer_sizes,
    refuse_forms,
)
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.program import Array, Field
from fitgraph.registry.model_graph import DType, Operator

BIAS = 3
# Inputs: weights and where their scale stands, behind which is the zero point.
_WEIGHTS = {"w": (1, 8), "r": (2, 10)}


def lower_dynamic_lstm(operator: Operator, context: OnnxContext) -> None:
    """A step for each direction, over the whole sequence."""
    sizes = layer_sizes(operator, context)
    refuse_forms(operator, context, FUNCTIONS["LSTM"])
    source = context.logical(context.float_view(operator, 0))
    data, scale, zero = quantized_by_range(context, source)
    builder = context.builder
    y = builder.value(f"{builder.label} output", sizes.output, DType.FLOAT32)
    states = []
    for index in range(len(sizes.directions)):
        state = [first_state(operator, context, i, sizes, index) for i in (HIDDEN, CELL)]
        work = builder.value(f"{builder.label} work", (sizes.batch * sizes.units,), DType.INT8)
        fields: dict[str, Field] = {"sequence": sizes.sequence(index)}
        for name, (weights, scales) in _WEIGHTS.items():
            rows = _rows(operator, context, weights, scales, index)
            fields |= {f"{name}{part}": value for part, value in rows.items()}
        fields["bias"] = _bias(operator, context, sizes, index)
        operands = (data.operand, scale.operand, zero.operand)
        builder.step("lstm_dynamic_f32", fields, operands, y, also=(*state, work))
        states.append(state)
    bind_named(operator, context, 0, y, sizes.output)
    for position in (0, 1):
        last = joined(context, [state[position] for state in states], sizes)
        bind_named(operator, context, position + 1, last, sizes.state)


def _rows(
    operator: Operator, context: OnnxContext, position: int, scale: int, index: int
) -> dict[str, Field]:
    """Fields of the weights of one direction, which the file holds as columns."""
    columns = context.constant(operator, position, "weights")
    if columns.dtype not in (np.int8, np.uint8):
        raise context.refusal(operator, f"its weights are {columns.dtype}")
    scales = _of_direction(operator, context, context.constant(operator, scale, "scale"), columns)
    row = context.checked_scales(operator, scales[index])
    zeros = np.zeros(1, columns.dtype)
    if context.has_input(operator, scale + 1):
        given = context.constant(operator, scale + 1, "zero point")
        zeros = _of_direction(operator, context, given, columns)[index]
    if zeros.dtype != columns.dtype:
        raise context.refusal(
            operator, f"its zero point is {zeros.dtype}, its data {columns.dtype}"
        )
    weights, zero_points = centred(operator, context, columns[index].T, zeros.astype(np.int64))
    return {
        "": np.ascontiguousarray(weights),
        "_totals": weights.sum(axis=1, dtype=np.int32),
        "_zero_points": "NULL" if zero_points is None else zero_points,
        "_scale": np.ascontiguousarray(row),
        "_step": int(row.size > 1),
    }


def _of_direction(operator: Operator, context: OnnxContext, given: Array, columns: Array) -> Array:
    """A row for each direction: one number, or one for each row of weights."""
    n, n_rows = columns.shape[0], columns.shape[2]
    if given.size not in (n, n * n_rows):
        raise context.refusal(operator, f"it has {given.size} scales for {n} x {n_rows} rows")
    return given.reshape(n, -1)


def _bias(operator: Operator, context: OnnxContext, sizes: Sizes, index: int) -> Array:
    """The sum of both biases."""
    n_rows = 4 * sizes.units
    if not context.has_input(operator, BIAS):
        return np.zeros(n_rows, np.float32)
    bias = context.constant(operator, BIAS, "bias")
    if bias.shape != (len(sizes.directions), 2 * n_rows) or bias.dtype != np.float32:
        raise context.refusal(operator, f"its bias is {bias.dtype} {list(bias.shape)}")
    total: Array = bias[index, :n_rows] + bias[index, n_rows:]
    return total


TABLE: LoweringTable = {QUANTIZED: lowering(lower_dynamic_lstm, DType.FLOAT32, max_version=1)}
