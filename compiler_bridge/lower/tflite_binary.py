"""ADD, SUB, MUL, DIV, MAXIMUM, MINIMUM and PRELU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fitgraph.compiler_bridge.lower.fixed_point import quantize_multiplier
from fitgraph.compiler_bridge.lower.movement import broadcast_loops
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import (
    INT8_AND_FLOAT,
    TfliteContext,
    float_bounds,
    integer_bounds,
)
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import DType, Operator, Quantization

# Multiplier and shift of 1/2: what the operand of the larger scale is multiplied by.
_HALF = (1 << 30, 0)
# By which TFLite shifts operands up before it rescales them.
SPARE_BITS = {DType.INT8: 20, DType.INT16: 15}
FLOAT_OPERATIONS = {"ADD": 0, "SUB": 1, "MUL": 2, "DIV": 3, "MAXIMUM": 4, "MINIMUM": 5, "PRELU": 6}


def lower_binary(operator: Operator, context: TfliteContext) -> None:
    """Both operands broadcast; either may be constant."""
    a, b = context.operand(operator, 0), context.operand(operator, 1)
    output = context.output(operator)
    a_shape, b_shape = (context.tensor(operator, i).static_shape for i in (0, 1))
    context.expect_one_dtype(operator, 0, 1)
    try:
        shape = np.broadcast_shapes(a_shape, b_shape)
    except ValueError as error:
        shapes = f"{list(a_shape)} and {list(b_shape)}"
        raise context.refusal(operator, f"its operands have shapes {shapes}") from error
    context.expect_shape(operator, shape)
    loops = broadcast_loops(context.builder.label, a_shape, b_shape, output.static_shape)
    fields: dict[str, Field] = {"loops": loops}
    if output.dtype is DType.FLOAT32:
        kernel = "binary_f32"
        low, high = float_bounds(context, operator)
        code = FLOAT_OPERATIONS[operator.op_type]
        fields |= {"operation": code, "low": low, "high": high}
    else:
        kernel = "mul_fixed" if operator.op_type == "MUL" else "add_fixed"
        kernel += "_s16" if output.dtype is DType.INT16 else "_s8"
        fields |= _integer_fields(operator, context)
    narrow = _narrow(fields) if kernel == "add_fixed_s8" else None
    if narrow is not None:
        kernel, fields = "add_narrow_s8", narrow
    same_shape = a_shape == output.static_shape
    value = context.new_output(operator)
    context.builder.step(kernel, fields, (a, b), value, clearance_bytes=0 if same_shape else None)


def _integer_fields(operator: Operator, context: TfliteContext) -> dict[str, Field]:
    a = context.quantization(operator, context.tensor(operator, 0))
    b = context.quantization(operator, context.tensor(operator, 1))
    out = context.quantization(operator, context.output(operator))
    dtype = context.output(operator).dtype
    low, high = integer_bounds(context, operator, out, np.iinfo(dtype.value))
    fields: dict[str, Field] = {
        "a_offset": -a.zero_point,
        "b_offset": -b.zero_point,
        "out_zero_point": out.zero_point,
        "low": low,
        "high": high,
    }
    if operator.op_type == "MUL":
        multiplier, shift = quantize_multiplier(a.scale * b.scale / out.scale)
        return fields | {"out_multiplier": multiplier, "out_shift": shift}
    sign = -1 if operator.op_type == "SUB" else 1
    return fields | {"b_sign": sign, **_sum_fields(a, b, out, SPARE_BITS[dtype])}


def _narrow(fields: Mapping[str, Any]) -> dict[str, Field] | None:
    """The fields of an int8 sum for ``add_narrow_s8.c``; None where it is no such sum."""
    b_is_rescaled = (fields["a_multiplier"], fields["a_shift"]) == _HALF
    x, y = ("a", "b") if b_is_rescaled else ("b", "a")
    if (fields[f"{x}_multiplier"], fields[f"{x}_shift"]) != _HALF or fields["out_shift"] > 0:
        return None
    signs = {"a": 1, "b": fields["b_sign"]}
    scales = {
        name: {"multiplier": fields[f"{source}_multiplier"], "shift": fields[f"{source}_shift"]}
        for name, source in (("rescaled", y), ("out", "out"))
    }
    return {
        "loops": fields["loops"],
        "b_is_rescaled": int(b_is_rescaled),
        "offset": fields[f"{x}_offset"],
        "factor": signs[x] << (SPARE_BITS[DType.INT8] - 1),
        "rescaled_offset": fields[f"{y}_offset"],
        "sign": signs[y],
        **scales,
        **{name: fields[name] for name in ("out_zero_point", "low", "high")},
    }


def _sum_fields(
    a: Quantization, b: Quantization, out: Quantization, spare_bits: int
) -> dict[str, Field]:
    twice_max = 2 * max(a.scale, b.scale)
    a_multiplier, a_shift = quantize_multiplier(a.scale / twice_max)
    b_multiplier, b_shift = quantize_multiplier(b.scale / twice_max)
    out_multiplier, out_shift = quantize_multiplier(twice_max / ((1 << spare_bits) * out.scale))
    return {
        "a_multiplier": a_multiplier,
        "a_shift": a_shift,
        "b_multiplier": b_multiplier,
        "b_shift": b_shift,
        "out_multiplier": out_multiplier,
        "out_shift": out_shift,
    }


SUMMED = (*INT8_AND_FLOAT, DType.INT16)

TABLE: LoweringTable = {
    "ADD": lowering(lower_binary, *SUMMED, max_version=2),
    "MUL": lowering(lower_binary, *SUMMED, max_version=2),
    "SUB": lowering(lower_binary, *SUMMED, max_version=2),
    "DIV": lowering(lower_binary, DType.FLOAT32, max_version=1),
    "MAXIMUM": lowering(lower_binary, DType.FLOAT32, max_version=4),
    "MINIMUM": lowering(lower_binary, DType.FLOAT32, max_version=4),
    "PRELU": lowering(lower_binary, DType.FLOAT32, max_version=1),
}
