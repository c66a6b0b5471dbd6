"""Operators of two operands beyond sums and products of quantized values.

Comparisons, MAXIMUM, MINIMUM, SQUARED_DIFFERENCE, PRELU, DIV, FLOOR_DIV, FLOOR_MOD, LOGICAL_AND,
LOGICAL_OR, and arithmetic of int32.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fitgraph.compiler_bridge.lower.fixed_point import quantize_multiplier
from fitgraph.compiler_bridge.lower.movement import broadcast_loops
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import (
    ACTIVATION_BOUNDS,
    TfliteContext,
    activation,
    int8_bounds,
)
from fitgraph.compiler_bridge.program import Field
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Operator

# Operations of the kernels binary_integer, compare_f32 and compare_fixed.
NUMBERS = {
    "ADD": 0,
    "SUB": 1,
    "MUL": 2,
    "DIV": 3,
    "MAXIMUM": 4,
    "MINIMUM": 5,
    "SQUARED_DIFFERENCE": 6,
    "FLOOR_DIV": 7,
    "FLOOR_MOD": 8,
}
_TRUTHS = {
    "LOGICAL_AND": 9,
    "LOGICAL_OR": 10,
    "EQUAL": 11,
    "NOT_EQUAL": 12,
    "GREATER": 13,
    "GREATER_EQUAL": 14,
    "LESS": 15,
    "LESS_EQUAL": 16,
}
# Operations of the kernel pairs_f32.
_REALS = {"SQUARED_DIFFERENCE": 0, "FLOOR_DIV": 1, "FLOOR_MOD": 2}
INT32 = np.iinfo(np.int32)
FLOAT32_MAX = float(np.finfo(np.float32).max)
COMPARISONS = tuple(name for name, operation in _TRUTHS.items() if operation >= _TRUTHS["EQUAL"])
COMPARED = (DType.FLOAT32, DType.INT8, DType.INT16, DType.INT32, DType.BOOL)


def lower_integers(operator: Operator, context: TfliteContext) -> None:
    """Whole numbers as they are; a fused activation is a bound of them."""
    dtype = context.output(operator).dtype
    low, high = (
        _number_bounds(operator, context) if dtype is DType.INT32 else (INT32.min, INT32.max)
    )
    if dtype is not DType.INT32:
        _expect_one_scale(operator, context)
    size = ITEM_BYTES[dtype]
    fields = {"operation": NUMBERS[operator.op_type], "in_bytes": size, "out_bytes": size}
    _emit(operator, context, "binary_integer", {**fields, "low": low, "high": high})


def _number_bounds(operator: Operator, context: TfliteContext) -> tuple[int, int]:
    name = activation(operator.attributes)
    if name not in ACTIVATION_BOUNDS:
        raise context.refusal(operator, f"its fused activation {name} is not supported")
    low, high = ACTIVATION_BOUNDS[name]
    return INT32.min if low is None else int(low), INT32.max if high is None else int(high)


def _expect_one_scale(operator: Operator, context: TfliteContext) -> None:
    """TFLite compares the integers, so they must mean the same."""
    tensors = [context.tensor(operator, 0), context.tensor(operator, 1), context.output(operator)]
    if len({tensor.quantization for tensor in tensors}) != 1:
        raise context.refusal(operator, "its operands and output are scaled differently")


def lower_reals(operator: Operator, context: TfliteContext) -> None:
    """In float32."""
    _emit(operator, context, "pairs_f32", {"operation": _REALS[operator.op_type]})


def lower_truth(operator: Operator, context: TfliteContext) -> None:
    """0 or 1 in a byte."""
    dtype = context.tensor(operator, 0).dtype
    if dtype not in COMPARED or context.output(operator).dtype is not DType.BOOL:
        raise context.refusal(operator, f"it goes from {dtype} to {context.output(operator).dtype}")
    operation = _TRUTHS[operator.op_type]
    if dtype is DType.FLOAT32:
        _emit(operator, context, "compare_f32", {"operation": operation})
    elif dtype in (DType.INT8, DType.INT16):
        _emit(operator, context, "compare_fixed", _compared(operator, context, operation))
    else:
        fields = {"in_bytes": ITEM_BYTES[dtype], "out_bytes": 1, "low": 0, "high": 0}
        _emit(operator, context, "binary_integer", {"operation": operation, **fields})


def _compared(operator: Operator, context: TfliteContext, operation: int) -> dict[str, Field]:
    fields: dict[str, Field] = {
        "operation": operation,
        "bytes": ITEM_BYTES[context.tensor(operator, 0).dtype],
    }
    for name, position in (("a", 0), ("b", 1)):
        q = context.quantization(operator, context.tensor(operator, position))
        if q.scale >= 1:
            raise context.refusal(operator, f"TFLite compares no values of scale {q.scale:g}")
        multiplier, shift = quantize_multiplier(q.scale)
        fields |= {
            f"{name}_offset": -q.zero_point,
            f"{name}_multiplier": multiplier,
            f"{name}_shift": shift,
        }
    return fields


def lower_squared_difference(operator: Operator, context: TfliteContext) -> None:
    """On int8 with 7 spare bits, on int16 without."""
    a, b = (context.quantization(operator, context.tensor(operator, i)) for i in (0, 1))
    out = context.quantization(operator, context.output(operator))
    dtype = context.output(operator).dtype
    if dtype is DType.INT16 and any((a.zero_point, b.zero_point, out.zero_point)):
        raise context.refusal(operator, "its int16 values have a zero point")
    spare = 1 << (7 if dtype is DType.INT8 else 0)
    twice_max = 2 * max(a.scale, b.scale)
    limits = np.iinfo(dtype.value)
    fields: dict[str, Field] = {
        "bytes": ITEM_BYTES[dtype],
        "spare": spare,
        "out_zero_point": out.zero_point,
        "low": limits.min,
        "high": limits.max,
    }
    scales = {"a": a.scale / twice_max, "b": b.scale / twice_max}
    scales["out"] = twice_max * twice_max / float(np.float32(spare * spare) * np.float32(out.scale))
    for name, scale in scales.items():
        multiplier, shift = quantize_multiplier(scale)
        fields |= {f"{name}_multiplier": multiplier, f"{name}_shift": shift}
    fields |= {"a_offset": -a.zero_point, "b_offset": -b.zero_point}
    _emit(operator, context, "squared_difference_fixed", fields)


def lower_prelu(operator: Operator, context: TfliteContext) -> None:
    """One multiplier for values above zero, one for those below."""
    a, b = (context.quantization(operator, context.tensor(operator, i)) for i in (0, 1))
    out = context.quantization(operator, context.output(operator))
    multiplier, shift = quantize_multiplier(a.scale / out.scale)
    negative, negative_shift = quantize_multiplier(a.scale * b.scale / out.scale)
    fields: dict[str, Field] = {
        "a_offset": -a.zero_point,
        "b_offset": -b.zero_point,
        "out_zero_point": out.zero_point,
        "multiplier": multiplier,
        "shift": shift,
        "negative_multiplier": negative,
        "negative_shift": negative_shift,
    }
    _emit(operator, context, "prelu_fixed_s8", fields)


def lower_divide(operator: Operator, context: TfliteContext) -> None:
    """By the reciprocal of the divisor."""
    a, b = (context.quantization(operator, context.tensor(operator, i)) for i in (0, 1))
    out = context.quantization(operator, context.output(operator))
    low, high = int8_bounds(context, operator, out)
    multiplier, shift = quantize_multiplier(a.scale / (b.scale * out.scale))
    fields: dict[str, Field] = {
        "a_offset": -a.zero_point,
        "b_offset": -b.zero_point,
        "out_zero_point": out.zero_point,
        "multiplier": multiplier,
        "shift": shift,
        "low": low,
        "high": high,
    }
    _emit(operator, context, "divide_fixed_s8", fields)


def _emit(
    operator: Operator, context: TfliteContext, kernel: str, fields: Mapping[str, Field]
) -> None:
    """Both operands broadcast; either may be constant."""
    a, b = context.tensor(operator, 0), context.tensor(operator, 1)
    if a.dtype is not b.dtype:
        raise context.refusal(operator, f"its operands are {a.dtype} and {b.dtype}")
    try:
        shape = np.broadcast_shapes(a.static_shape, b.static_shape)
    except ValueError as error:
        shapes = f"{list(a.static_shape)} and {list(b.static_shape)}"
        raise context.refusal(operator, f"its operands have shapes {shapes}") from error
    context.expect_shape(operator, shape)
    loops = broadcast_loops(context.builder.label, a.static_shape, b.static_shape, shape)
    operands = (context.operand(operator, 0), context.operand(operator, 1))
    value = context.new_output(operator)
    context.builder.step(kernel, {"loops": loops, **fields}, operands, value)


_VERSIONS = {"ADD": 2, "SUB": 2, "MUL": 2, "DIV": 2, "MAXIMUM": 4, "MINIMUM": 4}
_VERSIONS |= {"EQUAL": 3, "NOT_EQUAL": 3}

INTEGERS: LoweringTable = {
    **{
        name: lowering(lower_integers, DType.INT32, max_version=_VERSIONS.get(name, 2))
        for name in ("ADD", "SUB", "MUL", "DIV", "SQUARED_DIFFERENCE", "FLOOR_DIV", "FLOOR_MOD")
    },
    **{
        name: lowering(lower_integers, DType.INT8, DType.INT16, DType.INT32, max_version=4)
        for name in ("MAXIMUM", "MINIMUM")
    },
}
QUANTIZED: LoweringTable = {
    "SQUARED_DIFFERENCE": lowering(
        lower_squared_difference, DType.INT8, DType.INT16, max_version=3
    ),
    "PRELU": lowering(lower_prelu, DType.INT8, max_version=1),
    "DIV": lowering(lower_divide, DType.INT8, max_version=2),
}
TABLE: LoweringTable = {
    **{name: lowering(lower_reals, DType.FLOAT32, max_version=3) for name in _REALS},
    **{
        name: lowering(lower_truth, DType.BOOL, max_version=_VERSIONS.get(name, 2))
        for name in _TRUTHS
    },
}
