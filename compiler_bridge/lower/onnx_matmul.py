"""Products of two matrices that are both computed, or of another form than a dense layer."""

from __future__ import annotations

import math

import numpy as np

from fitgraph.compiler_bridge.lower.movement import dense_strides, left_padded, merged_axes
from fitgraph.compiler_bridge.lower.onnx_context import OnnxContext
from fitgraph.compiler_bridge.lower.onnx_views import View, identity
from fitgraph.compiler_bridge.program import Field, Operand
from fitgraph.registry.model_graph import DType, Operator

Shape = tuple[int, ...]
NOTHING = np.zeros(1, np.float32)  # stands for C where there is none
BATCH_AXES = 2


def lower_computed_mat_mul(operator: Operator, context: OnnxContext) -> None:
    """Matrices in the last two axes; the axes before are broadcast. One axis is a vector."""
    a, b = (context.logical(context.float_view(operator, i)) for i in (0, 1))
    product, shape = matrices(operator, context, a.shape, b.shape)
    fields: dict[str, Field] = {
        **product,
        "has_c": 0,
        "c_row": 0,
        "c_column": 0,
        "alpha": 1.0,
        "beta": 0.0,
    }
    _step(operator, context, fields, (a.operand, b.operand, NOTHING), shape)


def matrices(
    operator: Operator, context: OnnxContext, a: Shape, b: Shape
) -> tuple[dict[str, Field], Shape]:
    """Fields of a product by MatMul's rules, of dense operands, and the product's shape."""
    if not a or not b:
        raise context.refusal(operator, "an operand is a scalar")
    left = a if len(a) > 1 else (1, *a)
    right = b if len(b) > 1 else (*b, 1)
    if left[-1] != right[-2]:
        raise context.refusal(operator, f"{list(a)} meets {list(b)}")
    try:
        batch = np.broadcast_shapes(left[:-2], right[:-2])
    except ValueError as error:
        raise context.refusal(operator, f"{list(a)} meets {list(b)}") from error
    rows = () if len(a) == 1 else left[-2:-1]
    columns = () if len(b) == 1 else right[-1:]
    fields: dict[str, Field] = {
        **_batch_fields(context, batch, left, right),
        "rows": left[-2],
        "columns": right[-1],
        "inner": left[-1],
        "a_row": left[-1],
        "a_inner": 1,
        "b_inner": right[-1],
        "b_column": 1,
    }
    return fields, (*batch, *rows, *columns)


def _batch_fields(
    context: OnnxContext, batch: Shape, left: Shape, right: Shape
) -> dict[str, Field]:
    """Two loops over all matrices."""
    a_steps, b_steps = (_batch_strides(shape, len(batch)) for shape in (left, right))
    sizes, (a_left, b_left) = merged_axes(batch, a_steps, b_steps)
    what = context.builder.label
    fields = {
        "batch": left_padded(sizes, 1, what),
        "a_batch": left_padded(a_left, 0, what),
        "b_batch": left_padded(b_left, 0, what),
    }
    if any(len(sizes) > BATCH_AXES for _ in fields):
        raise ValueError(f"matrices lie along {len(sizes)} axes")
    return {name: values[-BATCH_AXES:] for name, values in fields.items()}


def _batch_strides(shape: Shape, rank: int) -> Shape:
    padded = (1,) * (rank - len(shape) + 2) + shape
    steps = dense_strides(padded)[:-2]
    return tuple(0 if n == 1 else step for n, step in zip(padded[:-2], steps, strict=True))


def lower_computed_gemm(operator: Operator, context: OnnxContext) -> None:
    """Alpha * A * B + beta * C; A and B may be transposed, C is broadcast."""
    attributes = operator.attributes
    a, b = (context.logical(context.float_view(operator, i)) for i in (0, 1))
    if len(a.shape) != 2 or len(b.shape) != 2:
        raise context.refusal(operator, "its operands are no matrices")
    a_strides, b_strides = dense_strides(a.shape), dense_strides(b.shape)
    left, right = a.shape, b.shape
    if attributes.get("transA", 0):
        left, a_strides = left[::-1], a_strides[::-1]
    if attributes.get("transB", 0):
        right, b_strides = right[::-1], b_strides[::-1]
    if left[1] != right[0]:
        raise context.refusal(operator, f"{list(left)} meets {list(right)}")
    shape = (left[0], right[1])
    c_operand, c_fields = _summand(operator, context, shape)
    fields: dict[str, Field] = {
        "batch": (1, 1),
        "a_batch": (0, 0),
        "b_batch": (0, 0),
        "rows": shape[0],
        "columns": shape[1],
        "inner": left[1],
        "a_row": a_strides[0],
        "a_inner": a_strides[1],
        "b_inner": b_strides[0],
        "b_column": b_strides[1],
        **c_fields,
        "alpha": _real(operator, context, "alpha"),
        "beta": _real(operator, context, "beta"),
    }
    _step(operator, context, fields, (a.operand, b.operand, c_operand), shape)


def _real(operator: Operator, context: OnnxContext, name: str) -> float:
    value = float(operator.attributes.get(name, 1.0))
    if not math.isfinite(value):
        raise context.refusal(operator, f"its {name} is {value}")
    return value


def _summand(
    operator: Operator, context: OnnxContext, shape: Shape
) -> tuple[Operand, dict[str, Field]]:
    if not context.has_input(operator, 2):
        return NOTHING, {"has_c": 0, "c_row": 0, "c_column": 0}
    c = context.logical(context.float_view(operator, 2))
    padded = (1,) * (2 - len(c.shape)) + c.shape
    if len(padded) != 2 or any(n not in (1, m) for n, m in zip(padded, shape, strict=True)):
        raise context.refusal(operator, f"its C has shape {list(c.shape)} for {list(shape)}")
    row, column = (
        0 if n == 1 else step for n, step in zip(padded, dense_strides(padded), strict=True)
    )
    return c.operand, {"has_c": 1, "c_row": row, "c_column": column}


def _step(
    operator: Operator,
    context: OnnxContext,
    fields: dict[str, Field],
    operands: tuple[Operand, Operand, Operand],
    shape: Shape,
) -> None:
    low, high, last = context.fuse_clip(operator)
    fields |= {"low": low, "high": high}
    value = context.new_value(operator, shape, DType.FLOAT32)
    contiguous = tuple(
        one if isinstance(one, int) else np.ascontiguousarray(one) for one in operands
    )
    context.builder.step("matmul_f32", fields, contiguous, value)
    context.bind(last, View(value, shape, identity(len(shape))))
