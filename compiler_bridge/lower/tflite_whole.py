"""Operators on whole numbers as they stand, whatever their scale: LiteRT has no other meaning.

NEG, ABS and SIGN of int32, FLOOR_DIV and FLOOR_MOD of int8 and int16, BROADCAST_ARGS, and ADD_N,
which is of scaled and of real numbers, too.
"""

from __future__ import annotations

import numpy as np

from fitgraph.compiler_bridge.lower.fixed_point import quantize_multiplier
from fitgraph.compiler_bridge.lower.movement import broadcast_loops
from fitgraph.compiler_bridge.lower.support import LoweringTable, lowering
from fitgraph.compiler_bridge.lower.tflite_context import TfliteContext
from fitgraph.compiler_bridge.lower.tflite_pairs import FLOAT32_MAX, INT32, NUMBERS
from fitgraph.compiler_bridge.program import Field, Operand
from fitgraph.registry.model_graph import ITEM_BYTES, DType, Operator

SPARE_BITS = 20  # of the terms of an int8 sum
_SCALAR: tuple[int, ...] = ()


def _number(
    context: TfliteContext,
    operation: str,
    operands: tuple[Operand, Operand],
    shapes: tuple[tuple[int, ...], tuple[int, ...]],
    value: int,
    bounds: tuple[int, int] = (INT32.min, INT32.max),
) -> None:
    """One operation over all pairs of elements."""
    written = context.builder.values[value]
    size = ITEM_BYTES[written.dtype]
    fields: dict[str, Field] = {
        "loops": broadcast_loops(context.builder.label, *shapes, written.shape),
        "operation": NUMBERS[operation],
        "in_bytes": size,
        "out_bytes": size,
        "low": bounds[0],
        "high": bounds[1],
    }
    context.builder.step("binary_integer", fields, operands, value)


def lower_of_one(operator: Operator, context: TfliteContext) -> None:
    """Of one operand: 0 - x, the larger of x and that, or x within -1 and 1."""
    source = context.tensor(operator, 0)
    shape, operand = source.static_shape, context.operand(operator, 0)
    context.expect_one_dtype(operator, 0)
    context.expect_shape(operator, shape)
    if operator.op_type == "SIGN":
        value = context.new_output(operator)
        _number(context, "MAXIMUM", (operand, operand), (shape, shape), value, (-1, 1))
        return
    zero = np.zeros(_SCALAR, source.dtype.value)
    if operator.op_type == "NEG":
        _number(context, "SUB", (zero, operand), (_SCALAR, shape), context.new_output(operator))
        return
    negative = context.builder.value(f"{source.name} negated", shape, source.dtype)
    _number(context, "SUB", (zero, operand), (_SCALAR, shape), negative)
    value = context.new_output(operator)
    _number(context, "MAXIMUM", (operand, negative), (shape, shape), value)


def lower_of_two(operator: Operator, context: TfliteContext) -> None:
    """Of two operands that are broadcast."""
    context.expect_one_dtype(operator, 0, 1)
    shapes = context.tensor(operator, 0).static_shape, context.tensor(operator, 1).static_shape
    try:
        context.expect_shape(operator, np.broadcast_shapes(*shapes))
    except ValueError as error:
        raise context.refusal(operator, f"its operands have shapes {shapes}") from error
    operands = context.operand(operator, 0), context.operand(operator, 1)
    _number(context, operator.op_type, operands, shapes, context.new_output(operator))


def lower_broadcast_args(operator: Operator, context: TfliteContext) -> None:
    """Two shapes become the one that both are broadcast to: of two sizes the one that is not 1."""
    context.expect_one_dtype(operator, 0, 1)
    shapes = context.tensor(operator, 0).static_shape, context.tensor(operator, 1).static_shape
    operands = context.operand(operator, 0), context.operand(operator, 1)
    if any(len(shape) != 1 for shape in shapes):
        raise context.refusal(operator, f"its shapes are given as {shapes}")
    if not any(isinstance(operand, int) for operand in operands):
        lists = [[int(n) for n in np.asarray(operand)] for operand in operands]
        try:
            together = np.broadcast_shapes(*lists)
        except ValueError as error:
            raise context.refusal(operator, f"{lists} cannot be broadcast") from error
        context.alias_output(operator, np.array(together, context.output(operator).dtype.value))
        return
    if shapes[0] != shapes[1]:
        raise context.refusal(operator, "its shapes are computed and differ in rank")
    context.expect_shape(operator, shapes[0])
    _number(context, "MAXIMUM", operands, shapes, context.new_output(operator))


def lower_add_many(operator: Operator, context: TfliteContext) -> None:
    """ADD_N: one operand after the other."""
    n = len(operator.inputs)
    context.expect_one_dtype(operator, *range(n))
    shape, dtype = context.output(operator).static_shape, context.output(operator).dtype
    if n < 2 or any(context.tensor(operator, i).static_shape != shape for i in range(n)):
        raise context.refusal(operator, "its operands are one alone, or of several shapes")
    if dtype is DType.INT8:
        _add_bytes(operator, context, n)
        return
    total = context.operand(operator, 0)
    for i in range(1, n):
        value = context.builder.value(f"{context.builder.label} sum", shape, dtype)
        operands = (total, context.operand(operator, i))
        if dtype is DType.FLOAT32:
            _add_reals(context, operands, value)
        else:
            _number(context, "ADD", operands, (shape, shape), value)
        total = value
    context.alias_output(operator, total)


def _add_reals(context: TfliteContext, operands: tuple[Operand, Operand], value: int) -> None:
    shape = context.builder.values[value].shape
    loops = broadcast_loops(context.builder.label, shape, shape, shape)
    fields: dict[str, Field] = {"loops": loops, "operation": NUMBERS["ADD"]}
    fields |= {"low": -FLOAT32_MAX, "high": FLOAT32_MAX}
    context.builder.step("binary_f32", fields, operands, value, clearance_bytes=0)


def _add_bytes(operator: Operator, context: TfliteContext, n: int) -> None:
    """Halves of all terms with spare bits are added up in int32, and that is rescaled once.

    TFLM's sum begins with the zero point taken off once more; so does this.
    """
    given = [context.quantization(operator, context.tensor(operator, i)) for i in range(n)]
    output = context.output(operator)
    shape, to = output.static_shape, context.quantization(operator, output)
    if len(set(given)) != 1 or n > 2 ** (31 - SPARE_BITS - 8):
        raise context.refusal(operator, "its operands are scaled differently, or too many")
    halved = quantize_multiplier(0.5)
    back = quantize_multiplier(2 * given[0].scale / (2**SPARE_BITS * to.scale))
    zero_point = given[0].zero_point
    total: Operand | None = None
    for i in range(n):
        term = context.builder.value(f"{context.builder.label} term", shape, DType.INT32)
        widened: dict[str, Field] = {"in_bytes": 1, "out_bytes": 4, "in_zero_point": zero_point}
        widened |= {"multiplier": halved[0], "shift": halved[1] + SPARE_BITS}
        start = -zero_point << (SPARE_BITS - 1) if total is None else 0
        widened |= {"out_zero_point": start, "n": output.n_elements}
        context.builder.step("requantize_values", widened, (context.operand(operator, i),), term)
        if total is None:
            total = term
            continue
        added = context.builder.value(f"{context.builder.label} sum", shape, DType.INT32)
        _number(context, "ADD", (total, term), (shape, shape), added)
        total = added
    narrowed: dict[str, Field] = {"in_bytes": 4, "out_bytes": 1, "in_zero_point": 0}
    narrowed |= {"multiplier": back[0], "shift": back[1], "out_zero_point": to.zero_point}
    narrowed["n"] = output.n_elements
    if total is not None:
        value = context.new_output(operator)
        context.builder.step("requantize_values", narrowed, (total,), value)


_BYTES = (DType.INT8, DType.INT16)
TABLE: LoweringTable = {
    "NEG": lowering(lower_of_one, *_BYTES, DType.INT32, max_version=1),
    "ABS": lowering(lower_of_one, DType.INT32, max_version=5),
    "SIGN": lowering(lower_of_one, DType.INT32, max_version=2),
    "FLOOR_DIV": lowering(lower_of_two, *_BYTES, max_version=3),
    "FLOOR_MOD": lowering(lower_of_two, *_BYTES, max_version=3),
    "BROADCAST_ARGS": lowering(lower_broadcast_args, DType.INT32, max_version=1),
    "ADD_N": lowering(lower_add_many, DType.FLOAT32, DType.INT8, DType.INT32, max_version=1),
}
