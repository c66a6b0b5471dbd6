"""Random TFLite operators on one or two values that ``tflite_cases`` has not; as there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.support.qdq_graphs import Array
from tests.support.tflite_case import Case, Draw
from tests.support.tflite_float_cases import real, real_input
from tests.support.tflite_graph import Scale
from tests.support.tflite_int16_cases import int16, symmetric

POSITIVE = ("LOG", "SQRT", "RSQRT")
COMPARISONS = ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")


def float_function(case: Case) -> None:
    names = ["ABS", "CEIL", "COS", "ELU", "EXP", "FLOOR", "LOG", "NEG", "ROUND", "RSQRT", "SIN"]
    op_type = case.pick([*names, "SQRT", "SQUARE"])
    shape = case.shape(case.between(1, 4), 6)
    case.label = f"{op_type} {shape}"
    value = real(case, shape)
    if op_type in POSITIVE:
        value = np.abs(value) + np.float32(1e-3)
    x = case.graph.input(value, None)
    case.graph.node(op_type, [x], [case.result(shape, None, "float32")], version=1)


def int8_function(case: Case) -> None:
    op_type = case.pick(["ABS", "ELU", "HARD_SWISH", "RSQRT"])
    scale = case.scale()
    least = scale.zero_point if op_type == "RSQRT" else -128
    value = np.arange(least, 128).astype(np.int8)
    near = scale.scale if op_type != "RSQRT" else 0.02 / np.sqrt(scale.scale)
    to = scale if op_type == "ABS" and case.chance(0.5) else case.scale(near)
    case.label = f"{op_type} {scale} {to}"
    x = case.graph.input(value, scale)
    case.graph.node(op_type, [x], [case.result(value.shape, to)], version=1)


def beyond_tflm_function(case: Case) -> None:
    """What only LiteRT has."""
    op_type = case.pick(["GELU", "GELU", "RELU_N1_TO_1", "RELU_0_TO_1"])
    is_float, approximate = case.chance(0.5), case.chance(0.5)
    case.label = f"{op_type} {is_float} {approximate}"
    options = {0: np.uint8(approximate)} if op_type == "GELU" else None
    kind = "GeluOptions" if op_type == "GELU" else ""
    if is_float:
        shape = case.shape(case.between(1, 4), 6)
        x, y = real_input(case, shape), case.result(shape, None, "float32")
    else:
        scale = case.scale()
        value = np.arange(-128, 128).astype(np.int8)
        x, y = case.graph.input(value, scale), case.result((256,), case.scale(scale.scale))
        case.label += f" {scale}"
    case.graph.node(op_type, [x], [y], kind, options, version=1)


def mediapipe_transpose_conv(case: Case) -> None:
    """MediaPipe's own transposed convolution."""
    height, width, depth, out_c = (case.between(1, 5) for _ in range(4))
    (kernel_h, stride_h), (kernel_w, stride_w) = windows = [
        (case.between(1, 4), case.between(1, 3)) for _ in range(2)
    ]
    is_same = case.chance(0.5)
    out = [
        stride * (size - 1) + kernel - (max(0, kernel - (size - 1) % stride - 1) if is_same else 0)
        for size, kernel, stride in ((height, kernel_h, stride_h), (width, kernel_w, stride_w))
    ]
    case.label = f"Convolution2DTransposeBias {height}x{width} {windows} same {is_same}"
    x = real_input(case, (1, height, width, depth))
    shapes = ((out_c, kernel_h, kernel_w, depth), (out_c,))
    constants = [case.graph.tensor(s, "float32", value=real(case, s)) for s in shapes]
    y = case.result((1, *out, out_c), None, "float32")
    custom = np.array([1 if is_same else 2, stride_w, stride_h], "<i4").tobytes()
    case.graph.node("CUSTOM:Convolution2DTransposeBias", [x, *constants], [y], custom=custom)


def absolute_int16(case: Case) -> None:
    scale = symmetric(case)
    to = scale if case.chance(0.3) else symmetric(case)
    case.label = f"ABS int16 {scale} {to}"
    x = case.graph.input(int16(case, (50,)), scale)
    case.graph.node("ABS", [x], [case.result((50,), to, "int16")], version=2)


def relu_int16(case: Case) -> None:
    _function_int16(case, case.pick(["RELU", "RELU6"]))


def inverse_root_int16(case: Case) -> None:
    _function_int16(case, "RSQRT")


def _function_int16(case: Case, op_type: str) -> None:
    scale = symmetric(case)
    near = 0.02 / np.sqrt(scale.scale) / 256 if op_type == "RSQRT" else scale.scale
    to = scale if op_type == "RELU6" else symmetric(case, float(near))
    case.label = f"{op_type} int16 {scale} {to}"
    value = int16(case, (50,))
    if op_type == "RSQRT":
        value = np.abs(np.maximum(value, np.int16(-32767)))
    x = case.graph.input(value, scale)
    case.graph.node(op_type, [x], [case.result((50,), to, "int16")], version=2)


def two_shapes(case: Case) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Of two operands, one of which may be broadcast, and of the result."""
    shape = case.shape(case.between(1, 4), 5)
    other = shape if case.chance(0.5) else (*[1] * (len(shape) - 1), shape[-1])
    pair = (shape, other) if case.chance(0.5) else (other, shape)
    return (*pair, shape)


def numbers(case: Case, shape: Sequence[int], dtype: str) -> Array:
    """Of a few different values, so that equal ones meet."""
    if dtype == "float32":
        halves: Array = case.random.integers(-4, 5, tuple(shape)).astype(np.float32) / 2
        return halves
    if dtype == "bool":
        return case.random.integers(0, 2, tuple(shape)).astype(np.bool_)
    largest = {"int8": 127, "int16": 300, "int32": 40}[dtype]
    return case.random.integers(-largest, largest + 1, tuple(shape)).astype(dtype)


def comparison(case: Case) -> None:
    op_type = case.pick(COMPARISONS)
    dtype = case.pick(["float32", "int8", "int32"])
    if op_type in ("EQUAL", "NOT_EQUAL"):
        dtype = case.pick(["float32", "int8", "int32", "bool"])
    a, b, shape = two_shapes(case)
    case.label = f"{op_type} {dtype} {a} {b}"
    scale = Scale(0.03, 5) if dtype == "int8" else None
    to = case.pick([scale, Scale(0.02, -9)]) if scale else None
    inputs = [
        case.graph.input(numbers(case, a, dtype), scale),
        case.graph.input(numbers(case, b, dtype), to),
    ]
    case.graph.node(op_type, inputs, [case.result(shape, None, "bool")], version=2)


def logical(case: Case) -> None:
    op_type = case.pick(["LOGICAL_AND", "LOGICAL_OR", "LOGICAL_NOT"])
    a, b, shape = two_shapes(case)
    case.label = f"{op_type} {a} {b}"
    x = case.graph.input(numbers(case, a, "bool"), None)
    if op_type == "LOGICAL_NOT":
        case.graph.node(op_type, [x], [case.result(a, None, "bool")], version=1)
        return
    y = case.graph.input(numbers(case, b, "bool"), None)
    case.graph.node(op_type, [x, y], [case.result(shape, None, "bool")], version=1)


def int32_arithmetic(case: Case) -> None:
    op_type = case.pick(["ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE"])
    a, b, shape = two_shapes(case)
    case.label = f"{op_type} int32 {a} {b}"
    divisor = numbers(case, b, "int32")
    if op_type == "DIV":
        divisor = np.where(divisor == 0, 7, divisor).astype(np.int32)
    inputs = [
        case.graph.input(numbers(case, a, "int32"), None),
        case.graph.input(divisor, None),
    ]
    y = case.result(shape, None, "int32")
    if op_type in ("ADD", "SUB", "MUL", "DIV"):
        options = {0: np.int8(0)}
        case.graph.node(op_type, inputs, [y], f"{op_type.capitalize()}Options", options, version=2)
    else:
        case.graph.node(op_type, inputs, [y], version=2)


def float_pair(case: Case) -> None:
    op_type = case.pick(["SQUARED_DIFFERENCE", "FLOOR_DIV", "FLOOR_MOD"])
    a, b, shape = two_shapes(case)
    case.label = f"{op_type} {a} {b}"
    divisor = real(case, b)
    divisor = np.where(np.abs(divisor) < 0.2, np.float32(0.3), divisor)
    inputs = [case.graph.input(real(case, a), None), case.graph.input(divisor, None)]
    case.graph.node(op_type, inputs, [case.result(shape, None, "float32")], version=1)


def extreme(case: Case) -> None:
    op_type = case.pick(["MAXIMUM", "MINIMUM"])
    dtype = case.pick(["int8", "int16"])
    a, b, shape = two_shapes(case)
    case.label = f"{op_type} {dtype} {a} {b}"
    scale = case.scale() if dtype == "int8" else symmetric(case)
    inputs = [case.graph.input(numbers(case, one, dtype), scale) for one in (a, b)]
    case.graph.node(op_type, inputs, [case.result(shape, scale, dtype)], version=2)


def squared_difference(case: Case) -> None:
    dtype = case.pick(["int8", "int16"])
    a, b, shape = two_shapes(case)
    case.label = f"SQUARED_DIFFERENCE {dtype} {a} {b}"
    scales = [case.scale() if dtype == "int8" else symmetric(case) for _ in range(2)]
    values = [case.int8(one) if dtype == "int8" else int16(case, one) for one in (a, b)]
    inputs = [case.graph.input(v, scale) for v, scale in zip(values, scales, strict=True)]
    near = max(s.scale for s in scales) ** 2 * (300 if dtype == "int8" else 40000)
    to = case.scale(near) if dtype == "int8" else symmetric(case, near)
    case.graph.node("SQUARED_DIFFERENCE", inputs, [case.result(shape, to, dtype)], version=2)


def prelu(case: Case) -> None:
    shape = case.shape(4, 5)
    scale, slope = case.scale(), case.scale(0.005)
    case.label = f"PRELU int8 {shape}"
    alpha_shape = (1, 1, shape[3]) if case.chance(0.7) else shape[1:]
    alpha = case.graph.tensor(alpha_shape, scale=slope, value=case.int8(alpha_shape))
    x = case.source(shape, scale)
    y = case.result(shape, case.scale(scale.scale))
    case.graph.node("PRELU", [x, alpha], [y], version=1)


def divide(case: Case) -> None:
    a, b, shape = two_shapes(case)
    scales = [Scale(case.random.uniform(0.02, 0.06), case.between(-128, 127)) for _ in range(2)]
    case.label = f"DIV int8 {a} {b} {scales}"
    divisor = case.int8(b)
    other = -128 if scales[1].zero_point > 0 else 127
    divisor = np.where(divisor == scales[1].zero_point, np.int8(other), divisor)
    inputs = [case.source(a, scales[0]), case.graph.input(divisor, scales[1])]
    to = Scale(scales[0].scale / scales[1].scale / 300, case.between(-128, 127))
    options = {0: case.activation()}
    case.graph.node("DIV", inputs, [case.result(shape, to)], "DivOptions", options, version=2)


def add_many(case: Case) -> None:
    _add_many(case, case.pick(["float32", "int8"]))


def _add_many(case: Case, dtype: str) -> None:
    shape, n = case.shape(case.between(1, 4), 5), case.between(2, 5)
    case.label = f"ADD_N {dtype} {n} {shape}"
    scale = case.scale() if dtype == "int8" else None
    to = case.scale(scale.scale * n) if scale else None
    values = [_term(case, shape, dtype) for _ in range(n)]
    inputs = [case.graph.input(value, scale) for value in values]
    case.graph.node("ADD_N", inputs, [case.result(shape, to, dtype)], version=1)


def _term(case: Case, shape: Sequence[int], dtype: str) -> Array:
    if dtype == "float32":
        return real(case, shape)
    return case.int8(shape) if dtype == "int8" else numbers(case, shape, dtype)


def broadcast_args(case: Case) -> None:
    together = case.random.integers(1, 5, case.between(1, 4)).astype(np.int32)
    shapes = [np.where(case.random.random(len(together)) < 0.3, 1, together) for _ in range(2)]
    result = np.broadcast_shapes(*(tuple(int(n) for n in shape) for shape in shapes))
    case.label = f"BROADCAST_ARGS {[shape.tolist() for shape in shapes]}"
    inputs = [case.graph.input(shape.astype(np.int32), None) for shape in shapes]
    case.graph.node("BROADCAST_ARGS", inputs, [case.result((len(result),), None, "int32")])


def tabulated(case: Case) -> None:
    """What LiteRT tabulates in float32."""
    op_type, dtype = case.pick(["EXP", "LOG", "GELU"]), case.pick(["int8", "int16"])
    scale = Scale(case.random.uniform(0.005, 0.05), case.between(-128, 127))
    to = {"EXP": 0.05, "LOG": 0.02, "GELU": 0.03}[op_type]
    out = case.scale(to * case.random.uniform(0.5, 2))
    if dtype == "int16":
        scale, out = Scale(scale.scale / 256, 0), Scale(out.scale / 256, 0)
    case.label = f"{op_type} {dtype} {scale} {out}"
    limits = np.iinfo(dtype)
    x = np.linspace(limits.min, limits.max, 256).astype(dtype)
    y = case.result((256,), out, dtype)
    options = {0: np.uint8(case.chance(0.5))} if op_type == "GELU" else None
    kind = "GeluOptions" if options else ""
    case.graph.node(op_type, [case.graph.input(x, scale)], [y], kind, options, version=2)


def whole_numbers(case: Case) -> None:
    """What takes integers as they stand, whatever their scale."""
    op_type = case.pick(["NEG", "NEG", "ABS", "SIGN", "FLOOR_DIV", "FLOOR_MOD", "ADD_N"])
    if op_type == "ADD_N":
        _add_many(case, "int32")
        return
    dtype = case.pick(["int8", "int16", "int32"]) if op_type == "NEG" else "int32"
    dtype = case.pick(["int8", "int16"]) if op_type.startswith("FLOOR") else dtype
    a, b, shape = two_shapes(case)
    case.label = f"{op_type} {dtype} {a} {b}"
    limits = np.iinfo(dtype)
    wide = case.random.integers(limits.min + 1, limits.max, a, endpoint=True).astype(dtype)
    x = case.graph.input(wide if case.chance(0.5) else numbers(case, a, dtype), None)
    if not op_type.startswith("FLOOR"):
        case.graph.node(op_type, [x], [case.result(a, None, dtype)], version=1)
        return
    divisor = numbers(case, b, dtype)
    y = case.graph.input(np.where(divisor == 0, 7, divisor).astype(dtype), None)
    case.graph.node(op_type, [x, y], [case.result(shape, None, dtype)], version=2)


def unsigned_to_real(case: Case) -> None:
    case.label = "DEQUANTIZE uint8"
    scale = Scale(case.random.uniform(0.01, 0.1), case.between(0, 255))
    x = case.graph.input(np.arange(256).astype(np.uint8), scale)
    case.graph.node("DEQUANTIZE", [x], [case.result((256,), None, "float32")], version=2)


WIDER_DRAWS: Sequence[Draw] = (
    float_function,
    int8_function,
    absolute_int16,
    relu_int16,
    inverse_root_int16,
    comparison,
    logical,
    int32_arithmetic,
    float_pair,
    extreme,
    squared_difference,
    prelu,
    divide,
    add_many,
    broadcast_args,
    unsigned_to_real,
)
